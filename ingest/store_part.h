/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_part - what a thread needs to finish partitions, and the rows of
 * their buckets, read in pieces that fit its share of memory.
 */
#ifndef INGEST_STORE_PART_H
#define INGEST_STORE_PART_H

#include "ingest/store_gather.h"
#include "ingest/store_sort.h"
#include "ingest/store_spill.h"

/* Where the next piece of a bucket starts; `{ 0 }` is the beginning. */
struct piece_at {
	size_t spill, out;	 /* numbers of spill and write-out */
	uint64_t done;		 /* bytes of that write-out's rows */
	struct row_chunk *chunk; /* of the spill, the next */
	bool in_memory;		 /* `chunk` counts */
};

struct part_work {
	struct store *store;
	store_duplicate_f *duplicate;
	void *arg;
	size_t piece_bytes;  /* of rows that are sorted at a time */
	struct keys keys;    /* of the piece */
	char *rows;	     /* those that were read from files */
	size_t n_rows, room; /* bytes */
	struct gather out;   /* to the store */
	struct gather plain; /* to sorted runs; bw NULL: none yet */
	struct buf bytes;
	struct place *place; /* of a group of equal events */
	size_t n_places, places_room;
	/* of the partition in hand */
	enum store_file file;
	unsigned part;
	struct block_file target; /* what finished blocks go to */
};

/* All rows of a bucket, in bytes. */
uint64_t bucket_bytes(const struct store *s, int file, unsigned bucket);
/*
 * Keys of the next piece of a bucket: 1, 0 when there is none, -1.  The one
 * before is gone.
 */
int piece_next(
    struct part_work *w, unsigned bucket, struct piece_at *at, struct err *err);

/*
 * Merge sorted runs with the old file (NULL: there is none) into a new one.
 * (store_merge.c)
 */
int store_merge(struct part_work *w, const struct store_runs *runs,
    const char *old, const char *path, struct err *err);

/* Finish one partition of one file; 0 or -1. */
int store_part_finish(
    struct part_work *w, unsigned part, enum store_file file, struct err *err);
void part_work_clear(struct part_work *w);

#endif
