/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bits - bytes of a consent string as numbers, most significant bit first.
 *
 * A reader never goes past its end: what lies there reads as 0 and `is_short`
 * tells, so that a decoder asks once, when it is done.
 */
#ifndef INGEST_BITS_H
#define INGEST_BITS_H

#include "ingest/base/buf.h"

enum { BITS_STRING_MAX = 64 * 1024 }; /* characters; a longer one is refused */

struct bits {
	const uint8_t *p; /* borrowed */
	size_t n, at;	  /* bits */
	bool is_short;
};

/*
 * Decode base64, either alphabet, padding optional, into `room` and read from
 * there.  A last character that only tops up the bits is fine.  0 or -1.
 */
int bits_open(struct bits *b, struct span base64, struct buf *room);
/* The next n bits, at most 64. */
uint64_t bits_get(struct bits *b, unsigned n);

/* A set of numbers from 1 to 65535; mostly they are few and low. */
struct bits_set {
	unsigned n_words; /* those behind are not filled in and mean 0 */
	uint64_t word[1024];
};
void bits_set_clear(struct bits_set *s);
void bits_set_add(struct bits_set *s, unsigned from, unsigned to);
/* The next n bits, of the numbers 1 to n. */
void bits_set_get(struct bits_set *s, struct bits *b, unsigned n);
/*
 * A list of ranges as GPP codes it: 12 bits of count; each entry a flag, how
 * far it begins behind the number before and, with the flag, how far behind
 * that it ends, both in Fibonacci code.  0, or -1 beyond 65535.
 */
int bits_set_fibonacci(struct bits_set *s, struct bits *b);
static inline bool
bits_set_has(const struct bits_set *s, unsigned i)
{
	return i / 64 < s->n_words && (s->word[i / 64] >> i % 64 & 1) != 0;
}
void bits_set_copy(struct bits_set *to, const struct bits_set *from);
bool bits_set_is_empty(const struct bits_set *s);
unsigned bits_set_count(const struct bits_set *s);
/* A number in digits; cheaper than buf_printf() where there are many. */
void bits_number(struct buf *out, unsigned n);
/* "[1,2,5]" */
void bits_set_json(const struct bits_set *s, struct buf *out);

#endif
