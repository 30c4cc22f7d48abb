/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spread - many durations, for their median.
 *
 * Up to SPREAD_EXACT values are kept as they are; beyond, all of them are
 * counted in classes on a logarithmic scale: exact below 512, then 256
 * classes an octave, so that a quantile is off by less than 0.2 %.  What a
 * spread says does not depend on the order of values or of additions.
 *
 * `struct spread s = { 0 }` is a valid empty one.
 */
#ifndef ANALYSIS_SPREAD_H
#define ANALYSIS_SPREAD_H

#include <stdint.h>

enum { SPREAD_EXACT = 1024 };

struct spread {
	uint64_t n;
	int64_t *value; /* [n_values]: all while n <= SPREAD_EXACT, then what
			   is not counted yet */
	uint32_t n_values, room;
	uint32_t **octave; /* counts by octave and class */
};

/* Negative values count as 0. */
void spread_add(struct spread *s, int64_t value);
/* Add all of `from`, which stays as it is. */
void spread_merge(struct spread *s, const struct spread *from);
/* The value of rank 1 … n (smallest first). */
int64_t spread_rank(struct spread *s, uint64_t rank);
/* The median, the mean of the middle two for even n; n > 0 (asserted). */
double spread_median(struct spread *s);
void spread_clear(struct spread *s);

#endif
