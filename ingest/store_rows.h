/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_rows - memory for the rows of a spill; nobody else includes it.
 *
 * Rows are appended where a `struct rows` stands and stay there until the
 * memory is reset.  `{ 0 }` is a valid empty one of either struct.  Out of
 * memory ends the program, as everywhere.
 */
#ifndef INGEST_STORE_ROWS_H
#define INGEST_STORE_ROWS_H

#include "ingest/base/err.h"
#include "ingest/base/span.h"

struct row_block;

struct row_memory {
	struct row_block *slab;	 /* in use, the newest first */
	struct row_block *spare; /* of before the reset */
	struct row_block *large; /* for single rows */
	size_t used_bytes;	 /* of the newest slab */
};

/* Where the next row goes, and the end of the room. */
struct rows {
	char *p, *end;
};

/* Room for a row elsewhere; what was left is given up. */
void rows_chunk(struct row_memory *m, struct rows *rows, size_t need_bytes);

static inline char *
rows_room(struct row_memory *m, struct rows *rows, size_t need_bytes)
{
	if ((size_t)(rows->end - rows->p) < need_bytes)
		rows_chunk(m, rows, need_bytes);
	return rows->p;
}

/* Forget all rows, keep the slabs; every struct rows must be zeroed. */
void row_memory_reset(struct row_memory *m);
void row_memory_clear(struct row_memory *m); /* give all back */

#endif
