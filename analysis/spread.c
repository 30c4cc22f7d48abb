/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/spread.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/base/err.h"

enum { SPREAD_WAITING = 256 };
enum { OCTAVE_BITS = 8, OCTAVE_CLASSES = 1 << OCTAVE_BITS, N_OCTAVES = 56 };

/* Octave 0 holds 0 … 255 and octave 1 256 … 511, one class a value; each
 * further one has classes twice as wide. */
static unsigned
octave_of(int64_t v)
{
	unsigned bits = 64 - (unsigned)__builtin_clzll((uint64_t)v | 1);

	return bits <= OCTAVE_BITS ? 0 : bits - OCTAVE_BITS;
}

static unsigned
class_of(int64_t v, unsigned octave)
{
	if (octave == 0)
		return (unsigned)v;
	return (unsigned)((uint64_t)v >> (octave - 1)) - OCTAVE_CLASSES;
}

/* The middle of a class. */
static int64_t
value_of(unsigned octave, unsigned class)
{
	int64_t low, width;

	if (octave == 0)
		return class;
	width = (int64_t)1 << (octave - 1);
	low = (int64_t)(class + OCTAVE_CLASSES) << (octave - 1);
	return low + (width - 1) / 2;
}

static void *
zeroed(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL)
		err_no_memory(n * size);
	return p;
}

static void
count_add(struct spread *s, int64_t v, uint32_t n)
{
	unsigned o = octave_of(v);
	uint32_t *at;

	assert(o < N_OCTAVES);
	if (s->octave[o] == NULL)
		s->octave[o] = zeroed(OCTAVE_CLASSES, sizeof(uint32_t));
	at = &s->octave[o][class_of(v, o)];
	*at = *at > UINT32_MAX - n ? UINT32_MAX : *at + n;
}

/* Count the values that wait.  They do so by the hundred: the classes of one
 * spread are close together, those of many are not. */
static void
count_waiting(struct spread *s)
{
	uint32_t i;

	if (s->octave == NULL)
		s->octave = zeroed(N_OCTAVES, sizeof *s->octave);
	for (i = 0; i < s->n_values; i++)
		count_add(s, s->value[i], 1);
	s->n_values = 0;
	if (s->room > SPREAD_WAITING) {
		free(s->value);
		s->value = NULL;
		s->room = 0;
	}
}

void
spread_add(struct spread *s, int64_t value)
{
	if (value < 0)
		value = 0;
	if (s->n_values == (s->octave == NULL ? SPREAD_EXACT : SPREAD_WAITING))
		count_waiting(s);
	if (s->n_values == s->room) {
		s->room = s->room == 0 ? 16 : s->room * 4;
		s->value = realloc(s->value, s->room * sizeof *s->value);
		if (s->value == NULL)
			err_no_memory(s->room * sizeof *s->value);
	}
	s->value[s->n_values++] = value;
	s->n++;
}

void
spread_merge(struct spread *s, const struct spread *from)
{
	unsigned o, c;
	uint64_t i;

	for (i = 0; i < from->n_values; i++)
		spread_add(s, from->value[i]);
	if (from->octave == NULL)
		return;
	count_waiting(s);
	for (o = 0; o < N_OCTAVES; o++)
		for (c = 0; from->octave[o] != NULL && c < OCTAVE_CLASSES; c++)
			if (from->octave[o][c] > 0)
				count_add(
				    s, value_of(o, c), from->octave[o][c]);
	s->n += from->n - from->n_values;
}

static int
value_cmp(const void *va, const void *vb)
{
	const int64_t *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

int64_t
spread_rank(struct spread *s, uint64_t rank)
{
	uint64_t below = 0;
	int64_t value = 0;
	unsigned o, c;

	assert(rank >= 1 && rank <= s->n);
	if (s->octave == NULL) {
		qsort(s->value, s->n, sizeof *s->value, value_cmp);
		return s->value[rank - 1];
	}
	count_waiting(s);
	for (o = 0; o < N_OCTAVES; o++)
		for (c = 0; s->octave[o] != NULL && c < OCTAVE_CLASSES; c++) {
			if (s->octave[o][c] == 0)
				continue;
			below += s->octave[o][c];
			value = value_of(o, c);
			if (below >= rank)
				return value;
		}
	return value; /* a class that is full counts no further */
}

double
spread_median(struct spread *s)
{
	assert(s->n > 0);
	if (s->n % 2 == 1)
		return (double)spread_rank(s, s->n / 2 + 1);
	return ((double)spread_rank(s, s->n / 2) +
		   (double)spread_rank(s, s->n / 2 + 1)) /
	       2;
}

void
spread_clear(struct spread *s)
{
	unsigned o;

	free(s->value);
	for (o = 0; s->octave != NULL && o < N_OCTAVES; o++)
		free(s->octave[o]);
	free(s->octave);
	memset(s, 0, sizeof *s);
}
