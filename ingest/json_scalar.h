/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json_scalar - numbers and words where the reader stands; for json*.c.
 */
#ifndef INGEST_JSON_SCALAR_H
#define INGEST_JSON_SCALAR_H

#include "ingest/json_int.h"

static inline bool
is_digit(char c)
{
	return (unsigned char)(c - '0') <= 9;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* How many of the 8 characters of x are digits, from the first one on. */
static inline unsigned
digits_in(uint64_t x)
{
	x ^= 0x3030303030303030u;
	x = (x | (x + 0x0606060606060606u)) & 0xf0f0f0f0f0f0f0f0u;
	return x != 0 ? (unsigned)__builtin_ctzll(x) / 8 : 8;
}

/* The number that the first n (1 to 8) of them are. */
static inline uint64_t
digits_value(uint64_t x, unsigned n)
{
	x = (x ^ 0x3030303030303030u) << (64 - 8 * n);
	x = (x * (1 + (10 << 8))) >> 8 & 0x00ff00ff00ff00ffu;
	x = (x * (1 + (100 << 16))) >> 16 & 0x0000ffff0000ffffu;
	return (x * (1 + (10000ull << 32))) >> 32;
}
#else
static inline unsigned
digits_in(uint64_t x)
{
	(void)x;
	return 0; /* the slow way */
}

static inline uint64_t
digits_value(uint64_t x, unsigned n)
{
	(void)n;
	return x;
}
#endif

/* v NULL: nobody wants it. */
static inline const char *
number(struct scan *s, const char *p, struct value *v)
{
	static const int64_t tens[] = { 1, 10, 100, 1000, 10000, 100000,
		1000000, 10000000 };
	bool negative = *p == '-';
	uint64_t x = load8(p + negative);
	unsigned n = digits_in(x);
	unsigned more = n == 8 ? digits_in(load8(p + negative + 8)) : 0;
	const char *end = p + negative + n + more;
	struct value none;

	if (UNLIKELY(n == 0 || more == 8 || (p[negative] == '0' && n > 1) ||
		     *end == '.' || (*end | 0x20) == 'e'))
		return json_number_slow(s, p, v != NULL ? v : &none);
	if (v != NULL) {
		v->type = VALUE_INT;
		v->i = (int64_t)digits_value(x, n);
		if (more > 0)
			v->i = v->i * tens[more] +
			       (int64_t)digits_value(
				   load8(p + negative + 8), more);
		v->i = negative ? -v->i : v->i;
	}
	return end;
}

static inline const char *
word(struct scan *s, const char *p, const char *text, size_t n)
{
	return memcmp(p, text, n) == 0 ? p + n : scan_fail(s, JSON_BAD_WORD);
}

#endif
