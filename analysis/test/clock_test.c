/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "analysis/timeline.h"
#include "fixtures/test.h"

#define S UTC_US_S

/* 1 / a^(1 / (k - 1)) - 1 */
static double
factor(double a, int k)
{
	return pow(a, -1.0 / (k - 1)) - 1;
}

static struct clock
settled(const int64_t *d, int n, int64_t prior_us)
{
	struct clock_samples s = { .first_us = 0, .last_us = 1000 * S };
	struct clock c = { 0 };
	int i;

	for (i = 0; i < n; i++)
		clock_sample(&s, i * (1000 * S / (n + 1)), d[i]);
	clock_settle(&c, &s, prior_us, 5 * S);
	return c;
}

static void
the_factor_is_robson_and_whitlocks(void **state)
{
	int64_t d[8];
	struct clock c;
	int k, i;

	(void)state;
	/* Their k = 2 at 95 %: 19 times the gap. */
	assert_true(fabs(factor(0.05, 2) - 19) < 1e-9);
	for (k = 3; k <= 8; k++) {
		double want = factor(0.0001, k) * 1000 + 100000;

		/* 20 s behind, one millisecond between the least and k-th. */
		for (i = 0; i < k; i++)
			d[i] = 20 * S + i * 1000 / (k - 1);
		c = settled(d, k, 3600 * S);
		assert_int_equal(c.offset_us, 20 * S);
		assert_true((double)c.early_us >= want);
		assert_true((double)c.early_us <= want + 2);
	}
}

static void
few_samples_leave_it_to_the_prior(void **state)
{
	static const int64_t ahead[] = { -100 * S }, right[] = { S / 2 };
	static const int64_t late[] = { 300 * S };
	struct clock c;

	(void)state;
	c = settled(ahead, 1, 600 * S);
	assert_int_equal(c.offset_us, -100 * S);
	assert_int_equal(c.early_us, 600 * S);
	c = settled(right, 1, 600 * S); /* a sample confirms it */
	assert_int_equal(c.offset_us, 0);
	assert_int_equal(c.early_us, 5 * S);
	assert_int_equal(c.late_us, S / 2);
	c = settled(late, 1, 600 * S); /* a late upload, or behind */
	assert_int_equal(c.offset_us, 0);
	assert_int_equal(c.early_us, 600 * S);
	assert_int_equal(c.late_us, 300 * S);
	clock_settle(&c, NULL, 600 * S, 5 * S);
	assert_int_equal(c.early_us, 600 * S);
	assert_int_equal(c.late_us, 600 * S);
}

static void
a_clock_that_was_set_is_as_wrong_as_it_ever_was(void **state)
{
	int64_t d[20];
	struct clock c;
	int i;

	(void)state;
	for (i = 0; i < 20; i++) /* set back by a minute in the middle */
		d[i] = S / 5 + (i < 10 ? 0 : 60 * S);
	c = settled(d, 20, 600 * S);
	assert_true(c.offset_us + c.late_us >= 60 * S);
	assert_true(c.offset_us - c.early_us <= 0);
	for (i = 0; i < 20; i++) /* one upload late: nothing of the kind */
		d[i] = S / 5 + (i == 10 ? 60 * S : 0);
	c = settled(d, 20, 600 * S);
	assert_true(c.late_us <= S);
}

static void
samples_at_the_ends_of_the_scale_do_no_harm(void **state)
{
	static const int64_t d[] = { INT64_MIN + 1, INT64_MAX, 0, -1 };
	struct clock_samples s = { .first_us = INT64_MIN + 1,
		.last_us = INT64_MAX };
	struct clock c = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		clock_sample(&s, d[3 - i], d[i]);
		clock_settle(&c, &s, INT64_MAX, 5 * S);
		assert_true(c.early_us >= 0 && c.late_us >= 0);
	}
}

/* The true offset lies where it is said to, whatever was delayed. */
static void
the_offset_lies_within_its_error(void **state)
{
	enum { RUNS = 20000 };
	struct prop p = prop_seeded(1989);
	unsigned outside = 0;
	int run, i, n;

	(void)state;
	for (run = 0; run < RUNS; run++) {
		int64_t o = (int64_t)prop_below(&p, 1200 * S) - 600 * S, d[40];
		struct clock c;

		n = 1 + (int)prop_below(&p, 40);
		for (i = 0; i < n; i++) {
			d[i] = o + 30000 + (int64_t)prop_below(&p, 2 * S);
			if (prop_below(&p, 5) == 0) /* uploaded later */
				d[i] += (int64_t)prop_below(&p, 30000 * S);
		}
		c = settled(d, n, 605 * S);
		outside +=
		    o < c.offset_us - c.early_us || o > c.offset_us + c.late_us;
	}
	print_message("%u of %d outside\n", outside, RUNS);
	assert_true(outside <= RUNS / 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_factor_is_robson_and_whitlocks),
		cmocka_unit_test(few_samples_leave_it_to_the_prior),
		cmocka_unit_test(
		    a_clock_that_was_set_is_as_wrong_as_it_ever_was),
		cmocka_unit_test(samples_at_the_ends_of_the_scale_do_no_harm),
		cmocka_unit_test(the_offset_lies_within_its_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
