/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_sort - rows in the order of the store, through small keys.
 *
 * Add keys, sort them once, then settle them from the first on: what the
 * keys leave open (shared instants, a shared hash) is decided by the rows.
 */
#ifndef INGEST_STORE_SORT_H
#define INGEST_STORE_SORT_H

#include "ingest/store_row.h"

struct key {
	uint64_t hash;
	int64_t time_us;
	const struct row *row;
};

struct keys {
	const struct row_book *book;
	struct key *key;   /* [n] */
	struct key *spare; /* as many, for sorting */
	size_t n, room, spare_room;
};

void keys_clear(struct keys *k);
/* Room for so many more keys. */
void keys_room(struct keys *k, size_t n);
void keys_sort(struct keys *k);
/*
 * The keys from i on that share a hash: complete their order.  Returns their
 * end.  To be called for the first, then for each end.
 */
size_t keys_settle(struct keys *k, size_t i);

/* Rows are read in the order of keys, all over memory: ask for them early. */
enum { KEYS_AHEAD = 16 };
static inline void
keys_prefetch(const struct keys *k, size_t i)
{
	if (i >= k->n)
		return;
	__builtin_prefetch(k->key[i].row);
	__builtin_prefetch((const char *)k->key[i].row + 64);
}

#endif
