/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Table clock: what was compared, how wrong it was, how uncertain that is. */
#include "analysis/result_private.h"

static const char *const method_text[CLOCK_METHOD__MAX] = {
	[CLOCK_NONE] = "none",
	[CLOCK_REQUEST] = "request",
	[CLOCK_RECEIVED] = "received",
	[CLOCK_BOTH] = "request and received",
};

void
result_clock(struct result_part *rp, const struct clock *c)
{
	struct clock_value *v = &rp->clock[clock_method(c)];

	v->n_samples += c->n_samples;
	spread_add(
	    &v->offset_us, c->offset_us < 0 ? -c->offset_us : c->offset_us);
	spread_add(
	    &v->error_us, c->early_us > c->late_us ? c->early_us : c->late_us);
}

void
clocks_merge(struct clock_value *to, const struct clock_value *from)
{
	int m;

	for (m = 0; m < CLOCK_METHOD__MAX; m++) {
		to[m].n_samples += from[m].n_samples;
		spread_merge(&to[m].offset_us, &from[m].offset_us);
		spread_merge(&to[m].error_us, &from[m].error_us);
	}
}

void
clocks_clear(struct clock_value *v)
{
	int m;

	for (m = 0; m < CLOCK_METHOD__MAX; m++) {
		spread_clear(&v[m].offset_us);
		spread_clear(&v[m].error_us);
	}
}

/* The value that a share of all does not exceed. */
static int64_t
quantile(struct spread *s, unsigned percent)
{
	uint64_t rank =
	    s->n / 100 * percent + (s->n % 100 * percent + 99) / 100;

	return spread_rank(s, rank < 1 ? 1 : rank);
}

void
write_clocks(struct result *r)
{
	sqlite3_stmt *st = casefile_prepare(
	    r->c, "INSERT INTO clock VALUES(?,?,?,?,?,?,?,?,?)");
	int m;

	for (m = 0; m < CLOCK_METHOD__MAX; m++) {
		struct clock_value *v = &r->clock[m];

		if (v->offset_us.n == 0)
			continue;
		(void)casefile_put(r->c, st, "tiiiiiiii", method_text[m],
		    (int64_t)v->offset_us.n, (int64_t)v->n_samples,
		    quantile(&v->offset_us, 50), quantile(&v->offset_us, 95),
		    quantile(&v->offset_us, 100), quantile(&v->error_us, 50),
		    quantile(&v->error_us, 95), quantile(&v->error_us, 100));
	}
	casefile_finalize(st);
}
