/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The estimate of clock.h: samples in, offset and errors out. */
#include "analysis/clock.h"

#include <string.h>

#include "analysis/timeline.h"

/* f of clock.h for k samples in thousandths, rounded up:
 * 1000 * (0.0001^(-1 / (k - 1)) - 1). */
static const int64_t spread_milli[CLOCK_LOW + 1] = { 0, 0, 9999000, 99000,
	20545, 9000, 5310, 3642, 2728 };

/* a * milli / 1000, held at the end. */
static int64_t
times_milli(int64_t a, int64_t milli)
{
	int64_t v;

	if (!__builtin_mul_overflow(a, milli, &v))
		return v / 1000;
	return INT64_MAX;
}

void
clock_sample(struct clock_samples *s, int64_t at_us, int64_t d_us)
{
	int64_t width = us_minus(s->last_us, s->first_us) / CLOCK_SPANS + 1;
	int64_t at = us_minus(at_us, s->first_us) / width;
	uint32_t i, k;

	i = at < 0 ? 0 : at >= CLOCK_SPANS ? CLOCK_SPANS - 1 : (uint32_t)at;
	if (s->span[i].n++ == 0 || d_us < s->span[i].least_us)
		s->span[i].least_us = d_us;
	if (s->n_low == CLOCK_LOW && d_us >= s->low[CLOCK_LOW - 1])
		return;
	k = s->n_low < CLOCK_LOW ? s->n_low++ : CLOCK_LOW - 1;
	for (; k > 0 && s->low[k - 1] > d_us; k--)
		s->low[k] = s->low[k - 1];
	s->low[k] = d_us;
}

/* The greatest of the spans' least, with enough samples each. */
static int64_t
greatest_span(const struct clock_samples *s)
{
	int64_t least = INT64_MAX, greatest = s->low[0];
	uint32_t i, n = 0;

	for (i = 0; i < CLOCK_SPANS; i++) {
		if (s->span[i].n == 0)
			continue;
		if (s->span[i].least_us < least)
			least = s->span[i].least_us;
		n += s->span[i].n;
		if (n < CLOCK_SPAN)
			continue;
		if (least > greatest)
			greatest = least;
		least = INT64_MAX;
		n = 0;
	}
	return greatest;
}

static int64_t
at_least(int64_t error_us)
{
	return error_us < CLOCK_LEAST_US ? CLOCK_LEAST_US : error_us;
}

/* The least that o may be. */
static int64_t
least_offset(const struct clock_samples *s, int64_t prior_us,
    int64_t confirmed_us, bool *is_tight)
{
	int64_t d = s->low[0], spread, low, before;

	spread = us_minus(s->low[s->n_low - 1], d);
	spread = s->n_low < 2 ? INT64_MAX
			      : times_milli(spread, spread_milli[s->n_low]);
	low = us_minus(us_minus(d, spread), CLOCK_LEAST_US);
	*is_tight = low > 0;
	if (d >= -confirmed_us && d <= confirmed_us)
		before = us_minus(d < 0 ? d : 0, confirmed_us);
	else
		before = us_minus(d < 0 ? d : 0, prior_us);
	if (low < before)
		low = before;
	/* So small a bound may be mere delay. */
	if (d >= 0 && d <= confirmed_us && low > -CLOCK_LEAST_US)
		low = -CLOCK_LEAST_US;
	return low;
}

void
clock_settle(struct clock *c, const struct clock_samples *s, int64_t prior_us,
    int64_t confirmed_us)
{
	int64_t low, high, d;
	bool is_tight;

	if (s == NULL || s->n_low == 0 || c->is_shared) {
		c->offset_us = 0;
		c->early_us = c->late_us = at_least(prior_us);
		return;
	}
	d = s->low[0];
	low = least_offset(s, prior_us, confirmed_us, &is_tight);
	high = greatest_span(s);
	c->offset_us = 0;
	if (d < 0 || (d > confirmed_us && (is_tight || c->n_requests > 0)))
		c->offset_us = d;
	c->early_us = at_least(us_minus(c->offset_us, low));
	c->late_us = at_least(us_minus(high, c->offset_us));
}
