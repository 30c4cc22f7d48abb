/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tally - counts under a key of a few codes.
 *
 * A hash table from key_words 32-bit words to value_bytes of zeroed memory,
 * iterated in the order of first use, which depends on the evidence alone.
 * At `limit` keys it takes no new one: the caller counts those under
 * TALLY_OTHER in a word of its choice, which is always let in.
 *
 * Ownership: a value's address holds until the next tally_at().
 */
#ifndef ANALYSIS_TALLY_H
#define ANALYSIS_TALLY_H

#include <stddef.h>
#include <stdint.h>

enum { TALLY_MAX_WORDS = 16 };
#define TALLY_OTHER UINT32_MAX

struct tally_slot {
	uint32_t hash, row; /* 1 + number; 0: free */
};

struct tally {
	unsigned key_words;
	size_t value_bytes;
	uint32_t limit; /* of keys; 0: none */
	uint32_t n;
	/* below: tally.c only */
	uint32_t n_room, n_slots, last;
	struct tally_slot *slot; /* [n_slots] */
	size_t row_bytes, value_at;
	char *row;
};

void tally_init(
    struct tally *t, unsigned key_words, size_t value_bytes, uint32_t limit);
/* The value of a key, made when new; NULL when new and the limit is reached
 * (unless a word is TALLY_OTHER). */
void *tally_at(struct tally *t, const uint32_t *key);
/* The value of a key, or NULL. */
void *tally_find(const struct tally *t, const uint32_t *key);

static inline const uint32_t *
tally_key(const struct tally *t, uint32_t i)
{
	return (const uint32_t *)(const void *)(t->row + i * t->row_bytes);
}

static inline void *
tally_value(const struct tally *t, uint32_t i)
{
	return t->row + i * t->row_bytes + t->value_at;
}

/* The number of a value that tally_at() gave. */
uint32_t tally_index(const struct tally *t, const void *value);
void tally_reset(struct tally *t); /* forget the keys, keep the room */
void tally_clear(struct tally *t);

#endif
