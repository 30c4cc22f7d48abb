/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_rows - memory for the rows of a spill, in buckets.
 *
 * Rows are appended to a bucket and stay where they are until the memory is
 * reset.  `{ 0 }` is a valid empty one of either struct, but for the
 * memory's chunk_bytes.  Out of memory ends the program, as everywhere.
 */
#ifndef INGEST_STORE_ROWS_H
#define INGEST_STORE_ROWS_H

#include "ingest/base/err.h"
#include "ingest/base/span.h"

enum { ROWS_SLAB_BYTES = 2 * 1024 * 1024 };

struct row_block;

struct row_memory {
	size_t chunk_bytes;	 /* a power of two, below a slab */
	struct row_block *slab;	 /* in use, the newest first */
	struct row_block *spare; /* of before the reset */
	struct row_block *large; /* for single rows */
	size_t used_bytes;	 /* of the newest slab */
	size_t given_bytes;	 /* in chunks, since the reset */
};

struct row_chunk {
	struct row_chunk *next;
	size_t n; /* bytes in use; of the newest: see rows_close() */
	char bytes[];
};

/* Where the next row goes, and the end of the room. */
struct rows {
	char *p, *end;
	struct row_chunk *first, *last;
};

/* A fresh chunk with room for so many bytes. */
void rows_chunk(struct row_memory *m, struct rows *rows, size_t need_bytes);

static inline bool
rows_have(const struct rows *rows, size_t need_bytes)
{
	return (size_t)(rows->end - rows->p) >= need_bytes;
}

/* Set the size of the newest chunk: before the chunks are read. */
static inline void
rows_close(struct rows *rows)
{
	if (rows->last != NULL)
		rows->last->n = (size_t)(rows->p - rows->last->bytes);
}

/* Forget all rows, keep the slabs; every struct rows must be zeroed. */
void row_memory_reset(struct row_memory *m);
void row_memory_clear(struct row_memory *m); /* give all back */

#endif
