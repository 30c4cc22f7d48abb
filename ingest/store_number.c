/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole numbers of a column, from their bytes. */
#include "ingest/store_number.h"

#include "ingest/store.h"
#include "ingest/store_code.h"
#include "ingest/store_vbyte.h"

static void
planes_get(struct raw *r, uint64_t *v, size_t n)
{
	unsigned width, b;
	const uint8_t *p;
	size_t i;

	if (r->p == r->end || *r->p > 8 ||
	    (size_t)(r->end - r->p - 1) < (size_t)*r->p * n) {
		r->bad = true;
		return;
	}
	width = *r->p++;
	p = r->p;
	r->p += width * n;
	if (width == 0) {
		memset(v, 0, n * sizeof v[0]);
		return;
	}
	for (i = 0; i < n; i++)
		v[i] = p[i];
	for (b = 1; b < width; b++)
		for (i = 0; i < n; i++)
			v[i] |= (uint64_t)p[b * n + i] << (8 * b);
}

void
raw_numbers(struct raw *r, int coding, uint64_t *v, size_t n)
{
	if (coding != CODING_VBYTE) {
		planes_get(r, v, n);
		return;
	}
	r->p = vbyte_get(r->p, r->end, v, n);
	r->bad = r->p == NULL;
}

/* Coded numbers as values, `to` may be where they are. */
static void
values(
    int64_t *to, const uint64_t *coded, size_t n, bool is_delta, int64_t unit)
{
	uint64_t x = 0;
	size_t i;

	if (!is_delta) {
		for (i = 0; i < n; i++)
			to[i] = (int64_t)((uint64_t)unzigzag(coded[i]) *
					  (uint64_t)unit);
		return;
	}
	for (i = 0; i < n; i++) {
		x += (uint64_t)unzigzag(coded[i]);
		to[i] = (int64_t)(x * (uint64_t)unit);
	}
}

static inline bool
bit_at(const uint8_t *bits, size_t i)
{
	return (bits[i / 8] >> (i % 8) & 1) != 0;
}

/* Values to the rows that have one; v[n] is another place than `some`. */
static void
spread(int64_t *restrict v, size_t n, const uint8_t *restrict bits,
    const int64_t *restrict some)
{
	size_t i, k = 0;
	int64_t now;
	bool has;

	for (i = 0; i < n; i++) {
		has = bit_at(bits, i);
		now = some[k]; /* k <= i: it is there, whoever's it is */
		v[i] = has ? now : STORE_ABSENT;
		k += has;
	}
}

void
raw_values(struct raw *r, int coding, int64_t *v, size_t n, uint64_t *work)
{
	static const int64_t unit_of[] = { 1, 1000, 1000000 };
	int64_t unit, *some;
	const uint8_t *bits = NULL;
	uint8_t flags;
	size_t m = n, i;

	if (r->end - r->p < 2 || r->p[1] > 2) {
		r->bad = true;
		return;
	}
	flags = r->p[0];
	unit = unit_of[r->p[1]];
	r->p += 2;
	if ((flags & PLANES_SPARSE) != 0) {
		bits = r->p;
		if ((size_t)(r->end - r->p) < (n + 7) / 8) {
			r->bad = true;
			return;
		}
		r->p += (n + 7) / 8;
		for (m = 0, i = 0; i < n; i++)
			m += bit_at(bits, i);
	}
	raw_numbers(r, coding, work, m);
	if (r->bad)
		return;
	some = bits == NULL ? v : (int64_t *)work;
	values(some, work, m, (flags & PLANES_DELTA) != 0, unit);
	if (bits != NULL)
		spread(v, n, bits, some);
}
