/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * buf - growing bytes with a stated ceiling.
 *
 * `struct buf b = { 0 }` is a valid empty buffer without a ceiling; set
 * `ceiling_bytes` where the size comes from outside.  The bytes are always
 * followed by a '\0' that does not count, once anything was added.
 */
#ifndef INGEST_BASE_BUF_H
#define INGEST_BASE_BUF_H

#include "ingest/base/span.h"

struct buf {
	char *p;	      /* owned */
	size_t n;	      /* bytes in use */
	size_t room;	      /* bytes allocated */
	size_t ceiling_bytes; /* 0: none */
};

/* 0, or -1 when the ceiling would be passed (nothing is added then). */
int buf_add(struct buf *b, const void *bytes, size_t n);
int buf_str(struct buf *b, const char *text);
int buf_span(struct buf *b, struct span s);
int buf_char(struct buf *b, char c);
int buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Room for n more bytes at b->p + b->n; the caller then adds to b->n. */
int buf_room(struct buf *b, size_t n);
void buf_reset(struct buf *b); /* empty it, keep the room and the ceiling */
void buf_clear(struct buf *b); /* give the room back */

static inline struct span
buf_as_span(const struct buf *b)
{
	struct span s = { b->p != NULL ? b->p : "", b->n };

	return s;
}

#endif
