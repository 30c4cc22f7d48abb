/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_number - whole numbers of a column of a block, from its raw bytes.
 *
 * The bytes may be damaged: nothing is read beyond their end, and what makes
 * no sense sets `bad`.
 */
#ifndef INGEST_STORE_NUMBER_H
#define INGEST_STORE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A cursor over raw bytes that never passes their end. */
struct raw {
	const uint8_t *p, *end;
	bool bad;
};

/* A number with seven bits a byte. */
static inline uint64_t
raw_varint(struct raw *r)
{
	uint64_t v = 0;
	unsigned shift;

	for (shift = 0; shift < 64 && r->p < r->end; shift += 7) {
		v |= (uint64_t)(*r->p & 0x7f) << shift;
		if ((*r->p++ & 0x80) == 0)
			return v;
	}
	r->bad = true;
	return 0;
}

/* v[n] in CODING_PLANES or CODING_VBYTE, as they were coded. */
void raw_numbers(struct raw *r, int coding, uint64_t *v, size_t n);
/*
 * The values of n rows, STORE_ABSENT for those that have none; `work` has
 * room for STORE_BLOCK_EVENTS, as many as n may be.
 */
void raw_values(
    struct raw *r, int coding, int64_t *v, size_t n, uint64_t *work);

#endif
