/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * span - bytes that somebody else owns.
 *
 * Not terminated, may hold any byte.  { NULL, 0 } is absent, which is not
 * the same as empty ({ "", 0 }).
 */
#ifndef INGEST_BASE_SPAN_H
#define INGEST_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *p; /* NULL: absent */
	size_t n;      /* bytes */
};

static inline struct span
span_of(const char *text)
{
	struct span s = { text, text != NULL ? strlen(text) : 0 };

	return s;
}

static inline bool
span_eq(struct span a, struct span b)
{
	uint64_t x[4];
	uint32_t y[4];

	if (a.n != b.n)
		return false;
	if (a.p == NULL || b.p == NULL)
		return a.p == b.p;
	if (a.n > 16)
		return memcmp(a.p, b.p, a.n) == 0;
	if (a.n >= 8) { /* most texts compared are short: no call */
		memcpy(&x[0], a.p, 8);
		memcpy(&x[1], b.p, 8);
		memcpy(&x[2], a.p + a.n - 8, 8);
		memcpy(&x[3], b.p + b.n - 8, 8);
		return x[0] == x[1] && x[2] == x[3];
	}
	if (a.n >= 4) {
		memcpy(&y[0], a.p, 4);
		memcpy(&y[1], b.p, 4);
		memcpy(&y[2], a.p + a.n - 4, 4);
		memcpy(&y[3], b.p + b.n - 4, 4);
		return y[0] == y[1] && y[2] == y[3];
	}
	return a.n == 0 || (a.p[0] == b.p[0] && a.p[a.n / 2] == b.p[a.n / 2] &&
			       a.p[a.n - 1] == b.p[a.n - 1]);
}

static inline bool
span_is(struct span a, const char *text)
{
	size_t n = strlen(text);

	return a.p != NULL && a.n == n && memcmp(a.p, text, n) == 0;
}

/* Bytewise order; absent sorts before empty, a prefix before the longer. */
static inline int
span_cmp(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c;

	if ((a.p == NULL) != (b.p == NULL))
		return a.p == NULL ? -1 : 1;
	c = a.p == NULL || n == 0 ? 0 : memcmp(a.p, b.p, n);
	if (c != 0)
		return c;
	return (a.n > b.n) - (a.n < b.n);
}

#endif
