/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/stat.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define MATHLIB_STANDALONE
#include <Rmath.h>

#include "ingest/base/err.h"

static double
z_of(double level)
{
	assert(level > 0 && level < 1);
	return qnorm5(0.5 + level / 2, 0, 1, 1, 0);
}

static void
check(struct two_groups g)
{
	assert(g.k_a <= g.n_a && g.k_b <= g.n_b);
}

struct interval
stat_wilson(uint64_t k, uint64_t n, double level)
{
	double z = z_of(level), p, zz, middle, half;
	struct interval iv = { NAN, NAN, NAN };

	assert(k <= n);
	if (n == 0)
		return iv;
	p = (double)k / (double)n;
	zz = z * z / (double)n;
	middle = (p + zz / 2) / (1 + zz);
	half =
	    z * sqrt(p * (1 - p) / (double)n + zz / (double)n / 4) / (1 + zz);
	iv.estimate = p;
	/* At the ends the formula is exact but for rounding. */
	iv.low = k == 0 ? 0 : fmax(0, middle - half);
	iv.high = k == n ? 1 : fmin(1, middle + half);
	return iv;
}

struct interval
stat_difference(struct two_groups g, double level)
{
	struct interval a = stat_wilson(g.k_a, g.n_a, level);
	struct interval b = stat_wilson(g.k_b, g.n_b, level);
	struct interval iv;

	iv.estimate = a.estimate - b.estimate;
	iv.low = iv.estimate - hypot(a.estimate - a.low, b.high - b.estimate);
	iv.high = iv.estimate + hypot(a.high - a.estimate, b.estimate - b.low);
	return iv;
}

static struct interval
log_interval(double ratio, double variance, double level)
{
	struct interval iv = { ratio, NAN, NAN };
	double half = z_of(level) * sqrt(variance);

	if (isfinite(ratio) && ratio > 0 && isfinite(half)) {
		iv.low = exp(log(ratio) - half);
		iv.high = exp(log(ratio) + half);
	}
	if (!isfinite(ratio))
		iv.estimate = NAN;
	return iv;
}

struct interval
stat_risk_ratio(struct two_groups g, double level)
{
	double ka = (double)g.k_a, na = (double)g.n_a;
	double kb = (double)g.k_b, nb = (double)g.n_b;

	check(g);
	return log_interval(
	    ka / na / (kb / nb), 1 / ka - 1 / na + 1 / kb - 1 / nb, level);
}

struct interval
stat_odds_ratio(struct two_groups g, double level)
{
	double a = (double)g.k_a, b = (double)(g.n_a - g.k_a);
	double c = (double)g.k_b, d = (double)(g.n_b - g.k_b);

	check(g);
	return log_interval(
	    a * d / (b * c), 1 / a + 1 / b + 1 / c + 1 / d, level);
}

/*
 * How it works: the hypergeometric probabilities rise to one mode and fall
 * again, so the tables that are not likelier than the one seen are two
 * tails; their ends are found by bisection, and no sum over millions of
 * tables is needed.
 */
double
stat_fisher(struct two_groups g)
{
	double r = (double)(g.k_a + g.k_b);
	double na = (double)g.n_a, nb = (double)g.n_b, limit, p = 0;
	double first = fmax(0, r - nb), last = fmin(r, na), mode, lo, hi, mid;

	check(g);
	if (g.n_a == 0 || g.n_b == 0)
		return NAN;
	limit = dhyper((double)g.k_a, na, nb, r, 0) * (1 + 1e-7);
	mode = floor((r + 1) * (na + 1) / (na + nb + 2));
	mode = fmin(fmax(mode, first), last);
	if (dhyper(mode, na, nb, r, 0) <= limit)
		return 1;
	if (dhyper(first, na, nb, r, 0) <= limit) {
		for (lo = first, hi = mode; hi - lo > 1;) {
			mid = floor((lo + hi) / 2);
			if (dhyper(mid, na, nb, r, 0) <= limit)
				lo = mid;
			else
				hi = mid;
		}
		p += phyper(lo, na, nb, r, 1, 0);
	}
	if (dhyper(last, na, nb, r, 0) <= limit) {
		for (lo = mode, hi = last; hi - lo > 1;) {
			mid = floor((lo + hi) / 2);
			if (dhyper(mid, na, nb, r, 0) <= limit)
				hi = mid;
			else
				lo = mid;
		}
		p += phyper(hi - 1, na, nb, r, 0, 0);
	}
	return fmin(p, 1);
}

struct stat_test
stat_chi2(struct two_groups g, bool yates)
{
	double a = (double)g.k_a, b = (double)(g.n_a - g.k_a);
	double c = (double)g.k_b, d = (double)(g.n_b - g.k_b);
	double n = a + b + c + d, off = fabs(a * d - b * c);
	struct stat_test t = { NAN, NAN };

	check(g);
	if ((a + b) * (c + d) * (a + c) * (b + d) == 0)
		return t;
	if (yates)
		off = fmax(0, off - n / 2);
	t.statistic = n * off / (a + b) * (off / (c + d)) / (a + c) / (b + d);
	t.p = pchisq(t.statistic, 1, 0, 0);
	return t;
}

struct stat_strata
stat_mantel_haenszel(const struct two_groups *stratum, size_t n_strata)
{
	double off = 0, var = 0, ad = 0, bc = 0, corrected;
	struct stat_strata s = { { NAN, NAN }, { NAN, NAN }, NAN };
	size_t i;

	for (i = 0; i < n_strata; i++) {
		struct two_groups g = stratum[i];
		double na = (double)g.n_a, nb = (double)g.n_b, n = na + nb;
		double hits = (double)(g.k_a + g.k_b);

		check(g);
		if (n < 2)
			continue;
		off += (double)g.k_a - na * hits / n;
		var += na * nb / n * (hits / n) * ((n - hits) / (n - 1));
		ad += (double)g.k_a * (double)(g.n_b - g.k_b) / n;
		bc += (double)(g.n_a - g.k_a) * (double)g.k_b / n;
	}
	if (var == 0)
		return s;
	s.plain.statistic = off * off / var;
	s.plain.p = pchisq(s.plain.statistic, 1, 0, 0);
	corrected = fmax(0, fabs(off) - 0.5);
	s.corrected.statistic = corrected * corrected / var;
	s.corrected.p = pchisq(s.corrected.statistic, 1, 0, 0);
	s.odds_ratio = bc > 0 ? ad / bc : NAN;
	return s;
}

/* ---- many tests ---------------------------------------------------------- */

struct ranked {
	double p;
	size_t at;
};

static int
ranked_cmp(const void *va, const void *vb)
{
	const struct ranked *a = va, *b = vb;

	if (a->p != b->p)
		return a->p < b->p ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

/* The p-values that exist, smallest first; *m of them.  Free it. */
static struct ranked *
ranked_new(const double *p, double *adjusted, size_t n, size_t *m)
{
	struct ranked *r = calloc(n + 1, sizeof *r);
	size_t i;

	if (r == NULL)
		err_no_memory((n + 1) * sizeof *r);
	for (*m = 0, i = 0; i < n; i++) {
		if (isnan(p[i])) {
			adjusted[i] = NAN;
			continue;
		}
		r[*m].p = p[i];
		r[(*m)++].at = i;
	}
	qsort(r, *m, sizeof *r, ranked_cmp);
	return r;
}

double
stat_binomial_upper(uint64_t k, uint64_t n, double p)
{
	assert(k <= n && p >= 0 && p <= 1);
	return k == 0 ? 1 : pbinom((double)k - 1, (double)n, p, 0, 0);
}

double
stat_fisher_combined(double sum, uint64_t n)
{
	return n == 0 ? NAN : pchisq(2 * sum, 2 * (double)n, 0, 0);
}

void
stat_holm(const double *p, double *adjusted, size_t n)
{
	size_t m, i;
	struct ranked *r = ranked_new(p, adjusted, n, &m);
	double most = 0;

	for (i = 0; i < m; i++) {
		most = fmax(most, fmin(1, (double)(m - i) * r[i].p));
		adjusted[r[i].at] = most;
	}
	free(r);
}

void
stat_benjamini_hochberg(const double *p, double *adjusted, size_t n)
{
	size_t m, i;
	struct ranked *r = ranked_new(p, adjusted, n, &m);
	double least = 1;

	for (i = m; i > 0; i--) {
		least = fmin(least, (double)m / (double)i * r[i - 1].p);
		adjusted[r[i - 1].at] = least;
	}
	free(r);
}

/* ---- survival ------------------------------------------------------------ */

struct life {
	double time;
	bool observed, is_a;
};

static int
life_cmp(const void *va, const void *vb)
{
	const struct life *a = va, *b = vb;

	return (a->time > b->time) - (a->time < b->time);
}

/* Both groups in one list by time.  Free it. */
static struct life *
lives_new(const struct stat_life *a, size_t n_a, const struct stat_life *b,
    size_t n_b)
{
	struct life *l = calloc(n_a + n_b + 1, sizeof *l);
	size_t i;

	if (l == NULL)
		err_no_memory((n_a + n_b + 1) * sizeof *l);
	for (i = 0; i < n_a + n_b; i++) {
		const struct stat_life *s = i < n_a ? &a[i] : &b[i - n_a];

		assert(s->time >= 0);
		l[i].time = s->time;
		l[i].observed = s->observed;
		l[i].is_a = i < n_a;
	}
	qsort(l, n_a + n_b, sizeof *l, life_cmp);
	return l;
}

size_t
stat_kaplan_meier(
    const struct stat_life *life, size_t n, struct stat_survival *out)
{
	struct life *l = lives_new(life, n, NULL, 0);
	double s = 1, sum = 0, at_risk, events;
	size_t i, j, n_out = 0;

	for (i = 0; i < n; i = j) {
		at_risk = (double)(n - i);
		for (events = 0, j = i; j < n && l[j].time == l[i].time; j++)
			events += l[j].observed;
		if (events == 0)
			continue;
		s *= 1 - events / at_risk;
		/* All gone: S is 0, and its error with it. */
		if (events < at_risk)
			sum += events / (at_risk * (at_risk - events));
		out[n_out].time = l[i].time;
		out[n_out].survival = s;
		out[n_out].error = s * sqrt(sum);
		out[n_out].at_risk = n - i;
		out[n_out++].events = (uint64_t)events;
	}
	free(l);
	return n_out;
}

struct stat_logrank
stat_logrank(const struct stat_life *a, size_t n_a, const struct stat_life *b,
    size_t n_b)
{
	struct life *l = lives_new(a, n_a, b, n_b);
	double risk_a = (double)n_a, risk, events, events_a, gone_a, var = 0;
	struct stat_logrank r = { { NAN, NAN }, 0, 0 };
	size_t n = n_a + n_b, i, j;

	for (i = 0; i < n; i = j) {
		risk = (double)(n - i);
		events = events_a = gone_a = 0;
		for (j = i; j < n && l[j].time == l[i].time; j++) {
			events += l[j].observed;
			events_a += l[j].observed && l[j].is_a;
			gone_a += l[j].is_a;
		}
		r.observed_a += events_a;
		r.expected_a += events * risk_a / risk;
		if (risk > 1)
			var += events * (risk_a / risk) * (1 - risk_a / risk) *
			       (risk - events) / (risk - 1);
		risk_a -= gone_a;
	}
	if (var > 0) {
		r.test.statistic = (r.observed_a - r.expected_a) *
				   (r.observed_a - r.expected_a) / var;
		r.test.p = pchisq(r.test.statistic, 1, 0, 0);
	}
	free(l);
	return r;
}

/* ---- median -------------------------------------------------------------- */

uint64_t
stat_median_rank(uint64_t n, double level)
{
	double r;

	assert(level > 0 && level < 1);
	if (n == 0)
		return 0;
	/* The quantile is the least q with P(X <= q) >= α/2, so that
	 * P(X < q) is below it; where they are equal the next one does. */
	r = qbinom((1 - level) / 2, (double)n, 0.5, 1, 0);
	while (pbinom(r, (double)n, 0.5, 1, 0) <= (1 - level) / 2)
		r += 1;
	return (uint64_t)r;
}

struct interval
stat_median(const double *sorted, size_t n, double level)
{
	struct interval iv = { NAN, NAN, NAN };
	uint64_t r = stat_median_rank(n, level);

	if (n == 0)
		return iv;
	iv.estimate = n % 2 == 1 ? sorted[n / 2]
				 : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
	if (r > 0) {
		iv.low = sorted[r - 1];
		iv.high = sorted[n - r];
	}
	return iv;
}
