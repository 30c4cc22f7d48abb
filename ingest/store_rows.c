/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory for the rows of a spill.
 *
 * How it works: slabs as large as a huge page, which cost one page fault
 * instead of 512, are cut into chunks; each partition fills chunks of its
 * own.  A row never moves: rows that lay in one growing buffer were copied
 * twice on the way to its final size.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "ingest/store_rows.h"

enum {
	SLAB_BYTES = 2 * 1024 * 1024,
	CHUNK_BYTES = 32 * 1024 /* what a partition may leave unused */
};

struct row_block {
	struct row_block *next;
	char *p;
};

static struct row_block *
block_new(size_t align_bytes, size_t size_bytes)
{
	struct row_block *b = malloc(sizeof *b);

	if (b == NULL ||
	    (b->p = aligned_alloc(align_bytes, size_bytes)) == NULL)
		err_no_memory(size_bytes);
	return b;
}

static void
blocks_free(struct row_block *b)
{
	struct row_block *next;

	for (; b != NULL; b = next) {
		next = b->next;
		free(b->p);
		free(b);
	}
}

static void
slab_next(struct row_memory *m)
{
	struct row_block *b = m->spare;

	if (b != NULL) {
		m->spare = b->next;
	} else {
		b = block_new(SLAB_BYTES, SLAB_BYTES);
		(void)madvise(b->p, SLAB_BYTES, MADV_HUGEPAGE); /* a wish */
	}
	b->next = m->slab;
	m->slab = b;
	m->used_bytes = 0;
}

void
rows_chunk(struct row_memory *m, struct rows *rows, size_t need_bytes)
{
	struct row_block *b;
	size_t whole;

	if (need_bytes > CHUNK_BYTES) { /* a chunk for this row alone */
		whole = (need_bytes + 63) & ~(size_t)63;
		b = block_new(64, whole);
		b->next = m->large;
		m->large = b;
		rows->p = b->p;
		rows->end = b->p + whole;
		return;
	}
	if (m->slab == NULL || m->used_bytes == SLAB_BYTES)
		slab_next(m);
	rows->p = m->slab->p + m->used_bytes;
	rows->end = rows->p + CHUNK_BYTES;
	m->used_bytes += CHUNK_BYTES;
}

void
row_memory_reset(struct row_memory *m)
{
	struct row_block *b;

	while ((b = m->slab) != NULL) {
		m->slab = b->next;
		b->next = m->spare;
		m->spare = b;
	}
	blocks_free(m->large);
	m->large = NULL;
}

void
row_memory_clear(struct row_memory *m)
{
	blocks_free(m->slab);
	blocks_free(m->spare);
	blocks_free(m->large);
	memset(m, 0, sizeof *m);
}
