/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: open addressing with linear probing, at most half full; the
 * slots hold hashes and numbers of rows, so that the rows, which lie in one
 * array, are hardly touched in vain.  Keys come in runs, so the last one is
 * tried first.
 */
#include "analysis/tally.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/base/err.h"

enum { TALLY_FIRST_SLOTS = 64 };

void
tally_init(
    struct tally *t, unsigned key_words, size_t value_bytes, uint32_t limit)
{
	assert(key_words > 0 && key_words <= TALLY_MAX_WORDS);
	memset(t, 0, sizeof *t);
	t->key_words = key_words;
	t->value_bytes = value_bytes;
	t->limit = limit;
	t->value_at = (key_words * sizeof(uint32_t) + 7) & ~(size_t)7;
	t->row_bytes = (t->value_at + value_bytes + 7) & ~(size_t)7;
}

/* Pairs of words are multiplied, each by a number of its own, and both halves
 * of the products added: they do not wait for each other, and keys of small
 * numbers, some of which the evidence can choose, do not meet. */
static uint32_t
key_hash(const struct tally *t, const uint32_t *key)
{
	static const uint64_t by[TALLY_MAX_WORDS / 2] = { 0xa0761d6478bd642f,
		0xe7037ed1a0b428db, 0x8ebc6af09c88c6e3, 0x589965cc75374cc3,
		0x1d8e4e27c47d124f, 0xeb44accab455d165, 0x9fb21c651e98df25,
		0xc2b2ae3d27d4eb4f };
	unsigned i, n = t->key_words;
	unsigned __int128 m;
	uint64_t h = 0, w;

	for (i = 0; i < n; i += 2) {
		w = key[i];
		if (i + 1 < n)
			w |= (uint64_t)key[i + 1] << 32;
		m = (unsigned __int128)(w ^ by[(i / 2 + 3) % 8]) * by[i / 2];
		h += (uint64_t)m ^ (uint64_t)(m >> 64);
	}
	h ^= h >> 32;
	return (uint32_t)(h * 0xbf58476d1ce4e5b9 >> 32);
}

static bool
is_key(const struct tally *t, uint32_t i, const uint32_t *key)
{
	const uint32_t *k = tally_key(t, i);
	unsigned w;

	for (w = 0; w < t->key_words; w++)
		if (k[w] != key[w])
			return false;
	return true;
}

/* The slot that holds the key, or the free one where it belongs. */
static struct tally_slot *
key_slot(const struct tally *t, const uint32_t *key, uint32_t hash)
{
	uint32_t mask = t->n_slots - 1, at = hash & mask;
	struct tally_slot *s = &t->slot[at];

	while (
	    s->row != 0 && (s->hash != hash || !is_key(t, s->row - 1, key))) {
		at = (at + 1) & mask;
		s = &t->slot[at];
	}
	return s;
}

static void
grow_slots(struct tally *t)
{
	struct tally_slot *old = t->slot;
	uint32_t n_old = t->n_slots, i, at;

	t->n_slots = n_old == 0 ? TALLY_FIRST_SLOTS : n_old * 2;
	assert(t->n_slots != 0);
	t->slot = calloc(t->n_slots, sizeof t->slot[0]);
	if (t->slot == NULL)
		err_no_memory(t->n_slots * sizeof t->slot[0]);
	for (i = 0; i < n_old; i++) {
		if (old[i].row == 0)
			continue;
		at = old[i].hash & (t->n_slots - 1);
		while (t->slot[at].row != 0)
			at = (at + 1) & (t->n_slots - 1);
		t->slot[at] = old[i];
	}
	free(old);
}

static bool
is_other(const struct tally *t, const uint32_t *key)
{
	unsigned i;

	for (i = 0; i < t->key_words; i++)
		if (key[i] == TALLY_OTHER)
			return true;
	return false;
}

void *
tally_at(struct tally *t, const uint32_t *key)
{
	struct tally_slot *slot;
	uint32_t hash;

	assert(t->key_words > 0);
	if (t->n > 0 && is_key(t, t->last, key))
		return tally_value(t, t->last);
	if (2 * (t->n + 1) > t->n_slots)
		grow_slots(t);
	hash = key_hash(t, key);
	slot = key_slot(t, key, hash);
	if (slot->row == 0) {
		if (t->limit != 0 && t->n >= t->limit && !is_other(t, key))
			return NULL;
		if (t->n == t->n_room) {
			t->n_room = t->n_room == 0 ? 16 : t->n_room * 2;
			t->row = realloc(t->row, t->n_room * t->row_bytes);
			if (t->row == NULL)
				err_no_memory(t->n_room * t->row_bytes);
		}
		memset(t->row + t->n * t->row_bytes, 0, t->row_bytes);
		memcpy(t->row + t->n * t->row_bytes, key,
		    t->key_words * sizeof *key);
		slot->hash = hash;
		slot->row = ++t->n;
	}
	t->last = slot->row - 1;
	return tally_value(t, t->last);
}

void *
tally_find(const struct tally *t, const uint32_t *key)
{
	const struct tally_slot *slot;

	if (t->n == 0)
		return NULL;
	slot = key_slot(t, key, key_hash(t, key));
	return slot->row == 0 ? NULL : tally_value(t, slot->row - 1);
}

uint32_t
tally_index(const struct tally *t, const void *value)
{
	size_t at = (size_t)((const char *)value - t->row);

	assert(at / t->row_bytes < t->n);
	return (uint32_t)(at / t->row_bytes);
}

void
tally_reset(struct tally *t)
{
	t->n = 0;
	t->last = 0;
	if (t->slot != NULL)
		memset(t->slot, 0, t->n_slots * sizeof t->slot[0]);
}

void
tally_clear(struct tally *t)
{
	free(t->slot);
	free(t->row);
	t->slot = NULL;
	t->row = NULL;
	t->n = t->n_room = t->n_slots = t->last = 0;
}
