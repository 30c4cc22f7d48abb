/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory for the rows of a spill.
 *
 * How it works: slabs as large as a huge page, which cost one page fault
 * instead of 512, are cut into chunks; each bucket fills chunks of its own.
 * A row never moves: rows that lay in one growing buffer were copied twice on
 * the way to its final size.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "ingest/store_rows.h"

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
		b = block_new(ROWS_SLAB_BYTES, ROWS_SLAB_BYTES);
		(void)madvise(
		    b->p, ROWS_SLAB_BYTES, MADV_HUGEPAGE); /* a wish */
	}
	b->next = m->slab;
	m->slab = b;
	m->used_bytes = 0;
}

void
rows_chunk(struct row_memory *m, struct rows *rows, size_t need_bytes)
{
	size_t whole = m->chunk_bytes;
	struct row_chunk *chunk;
	struct row_block *b;

	rows_close(rows);
	if (need_bytes > whole - sizeof *chunk) { /* for this row alone */
		whole = (sizeof *chunk + need_bytes + 63) & ~(size_t)63;
		b = block_new(64, whole);
		b->next = m->large;
		m->large = b;
		chunk = (struct row_chunk *)b->p;
	} else {
		if (m->slab == NULL || m->used_bytes == ROWS_SLAB_BYTES)
			slab_next(m);
		chunk = (struct row_chunk *)(m->slab->p + m->used_bytes);
		m->used_bytes += whole;
	}
	m->given_bytes += whole;
	chunk->next = NULL;
	chunk->n = 0;
	if (rows->last != NULL)
		rows->last->next = chunk;
	else
		rows->first = chunk;
	rows->last = chunk;
	rows->p = chunk->bytes;
	rows->end = (char *)chunk + whole;
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
	m->given_bytes = 0;
}

void
row_memory_clear(struct row_memory *m)
{
	row_memory_reset(m);
	blocks_free(m->spare);
	m->spare = NULL;
}
