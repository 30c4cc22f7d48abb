/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"

#include "analysis/stat.h"

/* Published or recomputed values have the digits that they were given with;
 * the difference must be below half of the last one. */
#define assert_digits(a, b, half)                                      \
	do {                                                           \
		double x_ = (a), y_ = (b);                             \
		if (!(fabs(x_ - y_) <= (half)))                        \
			fail_msg("%s = %.12g, not %.12g", #a, x_, y_); \
	} while (0)

static void
wilson_gives_the_published_intervals(void **state)
{
	static const struct {
		uint64_t k, n;
		double low, high;
	} cases[] = {
		/* Newcombe 1998 */
		{ 81, 263, 0.255289, 0.36621 },
		{ 15, 148, 0.0623864, 0.160487 },
		{ 0, 20, 0, 0.161125 },
		{ 1, 29, 0.00611321, 0.171755 },
		/* Altpeter 2022 */
		{ 282, 384, 0.688037, 0.77607 },
		{ 16, 28, 0.390708, 0.734915 },
		{ 12, 28, 0.265085, 0.609292 },
		/* Nouwens 2020; Nguyen 2021; Nguyen 2022 */
		{ 80, 680, 0.0955515, 0.144038 },
		{ 24838, 86163, 0.285253, 0.291301 },
		{ 2688, 13082, 0.198636, 0.212483 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct interval iv = stat_wilson(cases[i].k, cases[i].n, 0.95);

		assert_close(iv.low, cases[i].low, 4e-6);
		assert_close(iv.high, cases[i].high, 4e-6);
	}
	assert_true(isnan(stat_wilson(0, 0, 0.95).low));
}

static void
published_shares_are_met(void **state)
{
	(void)state;
	/* Altpeter: what the thesis prints, in per cent */
	assert_digits(stat_wilson(166, 384, .95).estimate, .432, .0005);
	assert_digits(stat_wilson(120, 384, .95).estimate, .3125, 1e-9);
	assert_digits(stat_wilson(41, 384, .95).estimate, .107, .0005);
	assert_digits(stat_wilson(16, 384, .95).estimate, .042, .0005);
	assert_digits(stat_wilson(136, 149, .95).estimate, .9128, .00005);
	assert_digits(stat_wilson(211, 235, .95).estimate, .8979, .00005);
	assert_digits(stat_wilson(347, 384, .95).estimate, .9036, .00005);
	assert_digits(stat_wilson(61700, 185152, .95).estimate, .3332, .00005);
	assert_digits(stat_wilson(297, 384, .95).estimate, .7734, .00005);
	/* Matte: 141 of 1,426; Bauer's table */
	assert_digits(stat_wilson(141, 1426, .95).estimate, .09888, .000005);
	assert_digits(stat_wilson(219, 779, .95).estimate, .281, .0005);
	assert_digits(stat_wilson(270, 714, .95).estimate, .378, .0005);
	assert_close(stat_wilson(24838, 86163, .95).estimate, .288268, 2e-6);
	assert_close(stat_wilson(2688, 13082, .95).estimate, .205473, 3e-6);
}

static void
differences_have_newcombe_s_interval(void **state)
{
	static const struct {
		struct two_groups g;
		double d, low, high;
	} cases[] = {
		{ { 56, 70, 48, 80 }, .2, .0524315, .333873 },
		{ { 270, 714, 219, 779 }, .0970216, .0493281, .144264 },
		{ { 68, 149, 98, 235 }, .0393546, -.0613703, .140141 },
		{ { 12, 149, 4, 235 }, .0635156, .0208679, .119441 },
		{ { 149, 2068, 235, 2320 }, -.0292428, -.0458276, -.0125666 },
		{ { 155, 600, 73, 644 }, .144979, .102142, .187701 },
		{ { 217, 518, 73, 644 }, .305565, .255956, .35391 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct interval iv = stat_difference(cases[i].g, 0.95);

		assert_close(iv.estimate, cases[i].d, 6e-6);
		assert_close(iv.low, cases[i].low, 6e-6);
		assert_close(iv.high, cases[i].high, 6e-6);
	}
	assert_true(
	    isnan(stat_difference((struct two_groups){ 0, 0, 1, 2 }, .95).low));
}

static void
ratios_have_log_intervals(void **state)
{
	struct two_groups bauer = { 270, 714, 219, 779 };
	struct interval iv = stat_risk_ratio(bauer, 0.95);

	(void)state;
	assert_close(iv.estimate, 1.34511, 4e-6);
	assert_close(iv.low, 1.16183, 4e-6);
	assert_close(iv.high, 1.55731, 4e-6);
	iv = stat_odds_ratio(bauer, 0.95);
	assert_close(iv.estimate, 1.55498, 4e-6);
	assert_close(iv.low, 1.2511, 4e-5);
	assert_close(iv.high, 1.93267, 4e-6);
	iv = stat_odds_ratio((struct two_groups){ 68, 149, 98, 235 }, .95);
	assert_close(iv.estimate, 1.1736, 4e-5);
	assert_close(iv.low, .775973, 4e-6);
	assert_close(iv.high, 1.77497, 4e-6);
	iv = stat_odds_ratio((struct two_groups){ 12, 149, 4, 235 }, .95);
	assert_close(iv.estimate, 5.05839, 4e-6);
	assert_close(iv.low, 1.59983, 4e-6);
	assert_close(iv.high, 15.9938, 4e-6);
	/* nothing is added to an empty cell */
	iv = stat_risk_ratio((struct two_groups){ 0, 10, 5, 10 }, .95);
	assert_close(iv.estimate, 0, 0);
	assert_true(isnan(iv.low));
	iv = stat_odds_ratio((struct two_groups){ 5, 10, 0, 10 }, .95);
	assert_true(isnan(iv.estimate) && isnan(iv.low));
}

static void
fisher_gives_the_published_p(void **state)
{
	static const struct {
		struct two_groups g;
		double p;
	} cases[] = {
		{ { 3, 4, 1, 4 }, .485714 },
		{ { 270, 714, 219, 779 }, 7.01729e-05 },
		{ { 68, 149, 98, 235 }, .461029 },
		{ { 12, 149, 4, 235 }, .00336045 },
		{ { 136, 149, 211, 235 }, .723916 },
		{ { 44, 149, 76, 235 }, .574489 },
		{ { 149, 2068, 235, 2320 }, .000609664 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_close(stat_fisher(cases[i].g), cases[i].p, 4e-6);
	assert_true(isnan(stat_fisher((struct two_groups){ 0, 0, 1, 2 })));
}

/* The definition, table by table. */
static double
fisher_by_sum(struct two_groups g)
{
	uint64_t r = g.k_a + g.k_b, x, first, last;
	double seen, p, sum = 0, all;

	first = r > g.n_b ? r - g.n_b : 0;
	last = r < g.n_a ? r : g.n_a;
#define LOGC(n, k)                                           \
	(lgamma((double)(n) + 1) - lgamma((double)(k) + 1) - \
	    lgamma((double)((n) - (k)) + 1))
	all = LOGC(g.n_a + g.n_b, r);
	seen = exp(LOGC(g.n_a, g.k_a) + LOGC(g.n_b, g.k_b) - all);
	for (x = first; x <= last; x++) {
		p = exp(LOGC(g.n_a, x) + LOGC(g.n_b, r - x) - all);
		if (p <= seen * (1 + 1e-7))
			sum += p;
	}
	return sum;
}

static void
fisher_by_tails_equals_the_sum_over_tables(void **state)
{
	struct prop p = prop_seeded(11);
	int i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		struct two_groups g;

		g.n_a = 1 + prop_below(&p, 60);
		g.n_b = 1 + prop_below(&p, 60);
		g.k_a = prop_below(&p, g.n_a + 1);
		g.k_b = prop_below(&p, g.n_b + 1);
		assert_close(stat_fisher(g), fisher_by_sum(g), 1e-6);
	}
	/* and millions take no time */
	assert_true(stat_fisher((struct two_groups){
			3000000, 6000000, 2999000, 6000000 }) > 0.5);
}

static void
chi2_gives_the_published_values(void **state)
{
	struct two_groups bauer = { 270, 714, 219, 779 };

	(void)state;
	assert_close(stat_chi2(bauer, false).statistic, 15.9217, 4e-6);
	assert_close(stat_chi2(bauer, false).p, 6.6017e-05, 1e-5);
	assert_close(stat_chi2(bauer, true).statistic, 15.4843, 4e-6);
	assert_close(stat_chi2(bauer, true).p, 8.31951e-05, 4e-6);
	assert_close(
	    stat_chi2((struct two_groups){ 68, 149, 98, 235 }, false).statistic,
	    .575454, 4e-6);
	assert_close(
	    stat_chi2((struct two_groups){ 12, 149, 4, 235 }, false).statistic,
	    9.21253, 4e-6);
	assert_close(
	    stat_chi2((struct two_groups){ 149, 2068, 235, 2320 }, false)
		.statistic,
	    11.709, 4e-5);
	assert_digits(
	    stat_chi2((struct two_groups){ 149, 2068, 235, 2320 }, false).p,
	    .000622, 5e-7);
	assert_close(stat_chi2((struct two_groups){ 155, 600, 73, 644 }, false)
			 .statistic,
	    43.6155, 4e-6);
	assert_close(stat_chi2((struct two_groups){ 217, 518, 73, 644 }, false)
			 .statistic,
	    143.125, 4e-6);
	assert_true(isnan(
	    stat_chi2((struct two_groups){ 0, 3, 0, 4 }, false).statistic));
}

static void
strata_are_combined_as_r_does(void **state)
{
	/* R's UCBAdmissions: men, then women, admitted of applied */
	static const struct two_groups ucb[] = {
		{ 512, 825, 89, 108 },
		{ 353, 560, 17, 25 },
		{ 120, 325, 202, 593 },
		{ 138, 417, 131, 375 },
		{ 53, 191, 94, 393 },
		{ 22, 373, 24, 341 },
	};
	struct stat_strata s = stat_mantel_haenszel(ucb, 6);

	(void)state;
	assert_close(s.plain.statistic, 1.52461, 4e-6);
	assert_close(s.plain.p, .216924, 4e-6);
	assert_close(s.corrected.statistic, 1.42695, 4e-6);
	assert_close(s.corrected.p, .232263, 4e-6);
	assert_close(s.odds_ratio, .904697, 4e-6);
}

static void
many_tests_are_adjusted_as_published(void **state)
{
	static const double p[15] = { .0344, .0001, .0201, .0004, 1, .0459,
		.0298, .0095, .6528, .3240, .4262, .5719, .0278, .0019, .7590 };
	static const double bh[5] = { .0015, .003, .0095, .035625, .0603 };
	static const double holm[5] = { .0015, .0056, .0247, .114, .2211 };
	static const size_t smallest[5] = { 1, 3, 13, 7, 2 };
	double a[15], with_hole[3] = { .02, NAN, .01 };
	size_t i, n = 0;

	(void)state;
	stat_benjamini_hochberg(p, a, 15);
	for (i = 0; i < 5; i++)
		assert_close(a[smallest[i]], bh[i], 1e-9);
	for (i = 0; i < 15; i++)
		n += a[i] <= 0.05;
	assert_int_equal(n, 4);
	stat_holm(p, a, 15);
	for (i = 0; i < 5; i++)
		assert_close(a[smallest[i]], holm[i], 1e-9);
	for (n = 0, i = 0; i < 15; i++)
		n += a[i] <= 0.05;
	assert_int_equal(n, 3);
	stat_holm(with_hole, with_hole, 3);
	assert_close(with_hole[0], .02, 1e-12);
	assert_true(isnan(with_hole[1]));
	assert_close(with_hole[2], .02, 1e-12);
}

static void
tails_and_combinations_are_exact(void **state)
{
	double sum = -log(0.1) - log(0.2);

	(void)state;
	assert_close(stat_binomial_upper(8, 8, 0.5), 1. / 256, 1e-12);
	assert_close(stat_binomial_upper(0, 8, 0.5), 1, 1e-12);
	assert_close(stat_binomial_upper(2, 3, 1. / 3), 7. / 27, 1e-12);
	assert_close(stat_fisher_combined(sum, 2), .0982405, 1e-6);
	assert_close(stat_fisher_combined(-log(0.03), 1), 0.03, 1e-12);
	assert_true(isnan(stat_fisher_combined(0, 0)));
}

/* Freireich et al. 1963: weeks in remission; negative: censored. */
static const int six_mp[21] = { 6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17,
	-19, -20, 22, 23, -25, -32, -32, -34, -35 };
static const int placebo[21] = { 1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11,
	12, 12, 15, 17, 22, 23 };

static void
lives(const int *weeks, struct stat_life *out)
{
	int i;

	for (i = 0; i < 21; i++) {
		out[i].time = abs(weeks[i]);
		out[i].observed = weeks[i] > 0;
	}
}

static void
survival_is_that_of_freireich(void **state)
{
	static const struct {
		double time, s, error;
	} want[] = { { 6, .8571, .0764 }, { 7, .8067, 0 }, { 10, .7529, 0 },
		{ 13, .6902, 0 }, { 16, .6275, 0 }, { 22, .5378, 0 },
		{ 23, .4482, .1346 } };
	struct stat_life a[21], b[21];
	struct stat_survival out[21];
	struct stat_logrank lr;
	size_t i;

	(void)state;
	lives(six_mp, a);
	lives(placebo, b);
	assert_int_equal(stat_kaplan_meier(a, 21, out), 7);
	for (i = 0; i < 7; i++) {
		assert_close(out[i].time, want[i].time, 0);
		assert_digits(out[i].survival, want[i].s, .00005);
		if (want[i].error > 0)
			assert_digits(out[i].error, want[i].error, .00005);
	}
	assert_int_equal(out[0].at_risk, 21);
	assert_int_equal(out[0].events, 3);
	lr = stat_logrank(a, 21, b, 21);
	assert_close(lr.test.statistic, 16.7929, 4e-6);
	assert_close(lr.observed_a, 9, 0);
	assert_close(lr.expected_a, 19.2505, 4e-6);
}

static void
a_median_lies_between_order_statistics(void **state)
{
	static const double ten[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	struct interval iv = stat_median(ten, 10, 0.95);

	(void)state;
	assert_close(iv.estimate, 5.5, 0);
	assert_close(iv.low, 2, 0);
	assert_close(iv.high, 9, 0);
	iv = stat_median(ten, 5, 0.95);
	assert_close(iv.estimate, 3, 0);
	assert_true(isnan(iv.low) && isnan(iv.high));
	iv = stat_median(ten, 6, 0.95);
	assert_close(iv.low, 1, 0);
	assert_close(iv.high, 6, 0);
	assert_true(isnan(stat_median(ten, 0, .95).estimate));
	assert_int_equal(stat_median_rank(100, 0.95), 40);
}

static void
intervals_hold_the_estimate_and_grow_with_the_level(void **state)
{
	struct prop p = prop_seeded(5);
	int i;

	(void)state;
	for (i = 0; i < 2000; i++) {
		uint64_t n = 1 + prop_below(&p, 1000000);
		uint64_t k = prop_below(&p, n + 1);
		struct interval a = stat_wilson(k, n, 0.9);
		struct interval b = stat_wilson(k, n, 0.99);
		struct interval c = stat_wilson(n - k, n, 0.9);

		assert_true(0 <= b.low && b.low <= a.low);
		assert_true(a.low <= a.estimate && a.estimate <= a.high);
		assert_true(a.high <= b.high && b.high <= 1);
		assert_close(a.low, 1 - c.high, 1e-9);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wilson_gives_the_published_intervals),
		cmocka_unit_test(published_shares_are_met),
		cmocka_unit_test(differences_have_newcombe_s_interval),
		cmocka_unit_test(ratios_have_log_intervals),
		cmocka_unit_test(fisher_gives_the_published_p),
		cmocka_unit_test(fisher_by_tails_equals_the_sum_over_tables),
		cmocka_unit_test(chi2_gives_the_published_values),
		cmocka_unit_test(strata_are_combined_as_r_does),
		cmocka_unit_test(many_tests_are_adjusted_as_published),
		cmocka_unit_test(tails_and_combinations_are_exact),
		cmocka_unit_test(survival_is_that_of_freireich),
		cmocka_unit_test(a_median_lies_between_order_statistics),
		cmocka_unit_test(
		    intervals_hold_the_estimate_and_grow_with_the_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
