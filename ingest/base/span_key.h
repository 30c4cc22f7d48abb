/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * span_key - short words told apart without a look at their bytes.
 *
 * For look-up tables of words that logs repeat.  A key is no checksum: words
 * above 16 bytes may share one, so ask span_key_decides().
 */
#ifndef INGEST_BASE_SPAN_KEY_H
#define INGEST_BASE_SPAN_KEY_H

#include "ingest/base/span.h"

/*
 * A word as two numbers: with its length they are the word when that is at
 * most 16 bytes, which most are, and a fair part of it otherwise.
 */
struct span_key {
	uint64_t a, b;
};

static inline struct span_key
span_key_of(struct span s)
{
	struct span_key k = { 0, 0 };
	uint32_t head, tail;

	if (s.n >= 8) {
		memcpy(&k.a, s.p, 8);
		memcpy(&k.b, s.p + s.n - 8, 8);
	} else if (s.n >= 4) {
		memcpy(&head, s.p, 4);
		memcpy(&tail, s.p + s.n - 4, 4);
		k.a = (uint64_t)tail << 32 | head;
	} else if (s.n > 0) {
		k.a = (unsigned char)s.p[0] |
		      (uint64_t)(unsigned char)s.p[s.n / 2] << 8 |
		      (uint64_t)(unsigned char)s.p[s.n - 1] << 16;
	}
	return k;
}

static inline uint64_t
span_key_hash(struct span_key k, size_t n)
{
	uint64_t h = (k.a ^ n) * 0x9e3779b97f4a7c15u;

	h = (h ^ h >> 32 ^ k.b) * 0xbf58476d1ce4e5b9u;
	return h ^ h >> 29;
}

/* Whether two words of the same length and key are the same. */
static inline bool
span_key_decides(const char *a, const char *b, size_t n)
{
	return n <= 16 || memcmp(a + 8, b + 8, n - 16) == 0;
}

#endif
