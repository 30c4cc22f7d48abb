/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stat - intervals, tests and effect sizes: pure functions.
 *
 * Each states its formula, where it comes from and a published value that
 * the test recomputes.  Distributions are R's own (r-mathlib).  A number
 * that does not exist (a ratio to 0, a share of nobody) is NaN, which the
 * tables keep as NULL.  Levels are 0 < level < 1 (asserted).  Cannot fail.
 *
 * A two-by-two table is two groups with k hits in n each.
 */
#ifndef ANALYSIS_STAT_H
#define ANALYSIS_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct interval {
	double estimate, low, high;
};

struct two_groups {
	uint64_t k_a, n_a, k_b, n_b; /* k <= n (asserted) */
};

struct stat_test {
	double statistic, p;
};

/*
 * Wilson's score interval for a share of `k` in `n`; NaN for n = 0.
 *
 *	(p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n),  p = k/n
 *
 * Wilson 1927; Newcombe, Statistics in Medicine 1998, method 3, whose 81 of
 * 263 gives 0.2553 to 0.3662 at 95 %.
 */
struct interval stat_wilson(uint64_t k, uint64_t n, double level);

/*
 * Difference of two shares, k_a/n_a - k_b/n_b, Newcombe's hybrid of the two
 * Wilson intervals (l_a, u_a), (l_b, u_b) around p_a, p_b:
 *
 *	low  = d - √((p_a - l_a)² + (u_b - p_b)²)
 *	high = d + √((u_a - p_a)² + (p_b - l_b)²)
 *
 * Newcombe, Statistics in Medicine 1998 (differences), method 10, whose
 * 56/70 - 48/80 gives 0.2 with 0.0524 to 0.3339.
 */
struct interval stat_difference(struct two_groups g, double level);

/*
 * Ratio of two shares, and of two odds, with intervals on the log scale:
 *
 *	exp(ln RR ± z √(1/k_a - 1/n_a + 1/k_b - 1/n_b))
 *	exp(ln OR ± z √(1/k_a + 1/(n_a-k_a) + 1/k_b + 1/(n_b-k_b)))
 *
 * No half is added to empty cells: what does not exist is NaN.  Bauer et al.
 * 2021, 270/714 against 219/779: RR 1.34511 (1.16183 to 1.55731), OR 1.55498
 * (1.2511 to 1.93267).
 */
struct interval stat_risk_ratio(struct two_groups g, double level);
struct interval stat_odds_ratio(struct two_groups g, double level);

/*
 * Fisher's exact test, two-sided: the sum of the probabilities of all tables
 * with the same margins that are not likelier than the one seen, with R's
 * tolerance of 1 + 1e-7.  The tea-tasting table 3, 1; 1, 3 gives 0.4857.
 * NaN when a group is empty.
 */
double stat_fisher(struct two_groups g);

/*
 * Pearson's χ² of a two-by-two table, one degree of freedom, with Yates'
 * correction on demand.  Bauer et al. 2021: 15.9217, with Yates 15.4843.
 * NaN when a margin is empty.
 */
struct stat_test stat_chi2(struct two_groups g, bool yates);

/*
 * Cochran, Mantel and Haenszel: is there an association within strata, and
 * the common odds ratio Σ(ad/n) / Σ(bc/n).  R's UCBAdmissions: χ² 1.52461
 * (p 0.216924), with correction 1.42695 (p 0.232263), odds ratio 0.904697.
 */
struct stat_strata {
	struct stat_test plain, corrected;
	double odds_ratio;
};
struct stat_strata stat_mantel_haenszel(
    const struct two_groups *stratum, size_t n_strata);

/*
 * Adjusted p-values, in the order given; `adjusted` may be `p`.  NaN stays
 * NaN and does not count.
 *	Holm: max over smaller ones of (m - i + 1) p_(i), at most 1
 *	Benjamini-Hochberg: min over larger ones of m p_(i) / i, at most 1
 * The 15 p-values of Benjamini and Hochberg 1995 give, smallest first,
 * Holm .0015 .0056 .0247 .114 .2211 and BH .0015 .003 .0095 .035625 .0603.
 */
void stat_holm(const double *p, double *adjusted, size_t n);
void stat_benjamini_hochberg(const double *p, double *adjusted, size_t n);

/*
 * P(X >= k) of a binomial, n draws of probability p: R's pbinom.  Bristol's
 * 8 of 8 at 1/2 give 1/256.  k <= n, 0 <= p <= 1 (asserted).
 */
double stat_binomial_upper(uint64_t k, uint64_t n, double p);

/*
 * Fisher's combination of n independent p-values from the sum of their
 * -ln p: P(χ² with 2n degrees of freedom >= 2 sum).  For two it is
 * t (1 - ln t), t their product (Fisher 1932, in Jost's closed form): 0.1
 * and 0.2 give 0.0982405.  NaN for n = 0; values that are too great, P(p <=
 * a) < a, keep it on the safe side.
 */
double stat_fisher_combined(double sum, uint64_t n);

/*
 * Kaplan and Meier: S(t) = Π (1 - d_i / n_i), with Greenwood's error
 * S √Σ d_i / (n_i (n_i - d_i)).  One point a time with events; `out` has
 * room for n.  Freireich's 6-MP arm: S(6) = 0.8571 (0.0764), S(23) = 0.4482
 * (0.1346).  Returns the number of points.
 */
struct stat_life {
	double time;   /* >= 0 */
	bool observed; /* false: censored at time */
};
struct stat_survival {
	double time, survival, error;
	uint64_t at_risk, events;
};
size_t stat_kaplan_meier(
    const struct stat_life *life, size_t n, struct stat_survival *out);

/*
 * The log-rank test of two groups: χ² of (O_a - E_a)² / V with hypergeometric
 * variance.  Freireich: 16.7929, O 9 and E 19.2505 in the 6-MP arm.
 */
struct stat_logrank {
	struct stat_test test;
	double observed_a, expected_a;
};
struct stat_logrank stat_logrank(const struct stat_life *a, size_t n_a,
    const struct stat_life *b, size_t n_b);

/*
 * Median of sorted values with the interval between two order statistics,
 * x_(r) and x_(n+1-r), r the largest with P(Binomial(n, 1/2) < r) <=
 * (1 - level) / 2; NaN ends where n is too small (under 6 at 95 %), all NaN
 * for n = 0.  Ten values: the second and the ninth, coverage 0.9785.
 */
struct interval stat_median(const double *sorted, size_t n, double level);
/* The r of above, 0 when there is none. */
uint64_t stat_median_rank(uint64_t n, double level);

#endif
