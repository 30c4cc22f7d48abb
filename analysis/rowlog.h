/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rowlog - bytes appended now and read once later, in order.
 *
 * They lie in memory up to a bound, beyond it in an unlinked temporary file
 * of the case folder, which is gone with the process whatever happens.
 *
 * Failure of the file is sticky: rowlog_error() tells before reading.
 */
#ifndef ANALYSIS_ROWLOG_H
#define ANALYSIS_ROWLOG_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest/base/err.h"

/* Memory that many logs of many threads share: beyond `limit` whoever wants
 * more spills what it has. */
struct rowlog_budget {
	atomic_size_t used;
	size_t limit;
};

/* Memory comes in pieces, so that what lies there is never moved. */
struct rowlog_piece {
	struct rowlog_piece *next;
	size_t n, room;
	_Alignas(16) char p[]; /* [room]; n of them are used */
};

struct rowlog {
	struct rowlog_piece *first, *last; /* what is in memory */
	size_t n, room, limit;		   /* bytes there, allocated, at most */
	struct rowlog_budget *budget;	   /* NULL: none but the limit */
	int fd;				   /* -1: nothing spilled yet */
	uint64_t spilled;		   /* bytes in the file */
	const char *case_dir;		   /* the caller's, must live as long */
	struct err err;
};

void rowlog_init(struct rowlog *l, const char *case_dir, size_t limit_bytes);
/* Append; room for `n` bytes at the address given back (valid until the next
 * call). */
void *rowlog_add_piece(struct rowlog *l, size_t n);

static inline void *
rowlog_add(struct rowlog *l, size_t n)
{
	struct rowlog_piece *piece = l->last;
	void *p;

	if (piece == NULL || n > piece->room - piece->n || l->n + n > l->limit)
		return rowlog_add_piece(l, n);
	p = piece->p + piece->n;
	piece->n += n;
	l->n += n;
	return p;
}

/* Move what is in memory to the file. */
void rowlog_spill(struct rowlog *l);
uint64_t rowlog_bytes(const struct rowlog *l);
int rowlog_error(const struct rowlog *l, struct err *err);
void rowlog_clear(struct rowlog *l);

struct rowlog_reader {
	struct rowlog *l;
	uint64_t at;	/* of the next byte of the file */
	char *p;	/* window on the file */
	size_t n, room; /* bytes in it; allocated */
	size_t window;	/* bytes read at a time */
	size_t used;	/* of the window, then of the piece */
	int in_memory;
	const struct rowlog_piece *piece; /* NULL: no more */
};

/* Read from the beginning; nothing may be added meanwhile. */
void rowlog_read(struct rowlog_reader *r, struct rowlog *l);
/* The same from byte `at` of a log that was spilled whole, in windows of that
 * size; the caller knows where to stop. */
void rowlog_read_at(struct rowlog_reader *r, struct rowlog *l, uint64_t at,
    size_t window_bytes);
/* The next n bytes, whole, valid until the next call; NULL at the end (or
 * when the file failed: rowlog_error()).  A row must not be cut by callers:
 * take what was added, or parts of it. */
const void *rowlog_take(struct rowlog_reader *r, size_t n);
void rowlog_read_end(struct rowlog_reader *r);

#endif
