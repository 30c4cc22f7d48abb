/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * err - one failure, told once.
 *
 * Functions that can fail because of the world (a file, a disk, a database,
 * an option) return -1 and fill `err`, their last argument; on success it is
 * untouched, so calls chain with ||.  The function that knows the facts
 * writes the message: lower case, one line, no full stop, with its place.
 * Callers may prefix context.  Only main.c prints.  Whatever evidence put into
 * a message, it stays fit for a terminal: controls, line ends, marks of
 * direction and bytes that are no UTF-8 become '?'.
 *
 * Bugs are assertions, which stay on in releases.  Lack of memory is told
 * once and aborts, inside base/; no caller tests for NULL.
 */
#ifndef INGEST_BASE_ERR_H
#define INGEST_BASE_ERR_H

#ifdef NDEBUG
#error "assertions stay on: do not define NDEBUG"
#endif

#include <stdarg.h>
#include <stddef.h>

enum err_code {
	ERR_NONE = 0,
	ERR_FAILED, /* the world refused: exit status 1 */
	ERR_USAGE,  /* the command line makes no sense: exit status 2 */
	ERR__MAX
};

struct err {
	enum err_code code;
	char msg[1024]; /* one line of UTF-8, always terminated */
};

/* Set the message unless one is set already (the first one wins); -1. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "context: " before the message, which is set; returns -1. */
int err_prefix(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Tell that memory ran out and abort.  Never returns. */
_Noreturn void err_no_memory(size_t size_bytes);

/* What an allocation of that size gave; never NULL. */
static inline void *
err_must(void *p, size_t size_bytes)
{
	if (p == NULL)
		err_no_memory(size_bytes);
	return p;
}

#endif
