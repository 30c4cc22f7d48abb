/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_spill - a spill from inside, for what files it into partitions.
 *
 * Rows lie in buckets by file and the top bits of the hash, in the order they
 * came: the oldest in the spill's file, a write-out each time the budget was
 * full, the others in memory.
 */
#ifndef INGEST_STORE_SPILL_H
#define INGEST_STORE_SPILL_H

#include "ingest/store_row.h"
#include "ingest/store_rows.h"

enum { STORE_BUCKETS = 512, STORE_PART_BUCKETS = STORE_BUCKETS / STORE_PARTS };

static inline unsigned
store_bucket(uint64_t hash)
{
	_Static_assert(STORE_BUCKETS == 1 << 9, "the top nine bits");
	return (unsigned)(hash >> 55);
}

/* Bytes [end[f][b - 1] or at[f], end[f][b]) of the file are bucket b's. */
struct spill_out {
	uint64_t at[STORE_FILE__MAX];
	uint64_t *end[STORE_FILE__MAX]; /* [STORE_BUCKETS]; NULL: no rows */
};

struct store_spill {
	struct store *store;
	size_t budget_bytes;
	struct row_memory memory;
	struct rows rows[STORE_FILE__MAX][STORE_BUCKETS];
	struct row_coder coder;
	int fd; /* without a name; -1: nothing was written yet */
	uint64_t end_bytes;
	struct spill_out *out; /* [n_outs] */
	size_t n_outs, outs_room;
};

/* Where a write-out has a bucket's rows, and how many bytes. */
static inline uint64_t
spill_out_bytes(
    const struct spill_out *o, int file, unsigned bucket, uint64_t *at)
{
	*at = o->at[file];
	if (o->end[file] == NULL)
		return 0;
	if (bucket > 0)
		*at = o->end[file][bucket - 1];
	return o->end[file][bucket] - *at;
}

void store_spill_free(struct store_spill *sp);

#endif
