/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The small stores under the result: tally, spread, rowlog. */
#include "fixtures/test.h"

#include <string.h>
#include <unistd.h>

#include "analysis/rowlog.h"
#include "analysis/spread.h"
#include "analysis/tally.h"

static void
keys_are_counted_and_kept_in_order(void **state)
{
	struct tally t;
	uint32_t key[3], i;
	uint64_t *v;

	(void)state;
	tally_init(&t, 3, sizeof *v, 0);
	for (i = 0; i < 30000; i++) {
		key[0] = i % 1000;
		key[1] = 7;
		key[2] = i % 1000 * 1000003u;
		v = tally_at(&t, key);
		assert_int_equal(tally_index(&t, v), i % 1000);
		(*v)++;
	}
	assert_int_equal(t.n, 1000);
	for (i = 0; i < 1000; i++) {
		assert_int_equal(tally_key(&t, i)[0], i);
		assert_int_equal(*(uint64_t *)tally_value(&t, i), 30);
		assert_ptr_equal(
		    tally_find(&t, tally_key(&t, i)), tally_value(&t, i));
	}
	key[0] = 1000;
	assert_null(tally_find(&t, key));
	tally_reset(&t);
	assert_int_equal(t.n, 0);
	assert_null(tally_find(&t, key));
	tally_clear(&t);
}

static void
a_full_tally_takes_only_other(void **state)
{
	struct tally t;
	uint32_t key[2] = { 0, 0 };

	(void)state;
	tally_init(&t, 2, 8, 2);
	assert_non_null(tally_at(&t, key));
	key[0] = 1;
	assert_non_null(tally_at(&t, key));
	key[0] = 2;
	assert_null(tally_at(&t, key));
	key[0] = 1;
	assert_non_null(tally_at(&t, key));
	key[1] = TALLY_OTHER;
	assert_non_null(tally_at(&t, key));
	assert_int_equal(t.n, 3);
	tally_clear(&t);
}

static void
few_values_have_an_exact_median(void **state)
{
	struct spread s = { 0 };

	(void)state;
	spread_add(&s, 1234567);
	assert_close(spread_median(&s), 1234567, 0);
	spread_add(&s, 7);
	assert_close(spread_median(&s), (1234567 + 7) / 2.0, 0);
	spread_add(&s, -5);
	assert_close(spread_median(&s), 7, 0);
	assert_int_equal(spread_rank(&s, 1), 0);
	spread_clear(&s);
}

static int
int64_cmp(const void *va, const void *vb)
{
	const int64_t *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

static void
many_values_have_a_close_one_whatever_the_order(void **state)
{
	enum { N = 20000 };
	static int64_t v[N];
	struct prop p = prop_seeded(3);
	struct spread whole = { 0 }, a = { 0 }, b = { 0 }, c = { 0 };
	uint64_t rank;
	int i;

	(void)state;
	for (i = 0; i < N; i++) {
		v[i] = (int64_t)(prop_next(&p) >> prop_below(&p, 63) >> 1);
		spread_add(&whole, v[i]);
		spread_add(i % 3 == 0 ? &a : i < 500 ? &b : &c, v[i]);
	}
	spread_merge(&b, &c); /* few values and many */
	spread_merge(&b, &a);
	assert_int_equal(b.n, N);
	qsort(v, N, sizeof *v, int64_cmp);
	for (rank = 1; rank <= N; rank += 997) {
		assert_int_equal(
		    spread_rank(&whole, rank), spread_rank(&b, rank));
		assert_close((double)spread_rank(&whole, rank),
		    (double)v[rank - 1], 0.002);
		if (v[rank - 1] < 512)
			assert_int_equal(
			    spread_rank(&whole, rank), v[rank - 1]);
	}
	spread_clear(&whole);
	spread_clear(&a);
	spread_clear(&b);
	spread_clear(&c);
}

static void
a_log_reads_back_what_was_added_spilled_or_not(void **state)
{
	static const size_t limits[] = { 1, 100, 5000, 1 << 20 };
	struct rowlog_reader r;
	struct rowlog l;
	struct err err = { 0 };
	size_t k;
	uint32_t i, n, j;

	(void)state;
	for (k = 0; k < 4; k++) {
		rowlog_init(&l, "/tmp", limits[k]);
		for (i = 0; i < 3000; i++) {
			char *p = rowlog_add(&l, 4 + i % 90);

			memcpy(p, &i, 4);
			memset(p + 4, (int)(i & 0xff), i % 90);
		}
		rowlog_read(&r, &l);
		for (i = 0; i < 3000; i++) {
			const unsigned char *p = rowlog_take(&r, 4);

			assert_non_null(p);
			memcpy(&n, p, 4);
			assert_int_equal(n, i);
			if (i % 90 == 0)
				continue;
			p = rowlog_take(&r, i % 90);
			assert_non_null(p);
			for (j = 0; j < i % 90; j++)
				assert_int_equal(p[j], i & 0xff);
		}
		assert_null(rowlog_take(&r, 4));
		rowlog_read_end(&r);
		assert_int_equal(rowlog_error(&l, &err), 0);
		assert_int_equal(l.fd >= 0, k < 3);
		rowlog_clear(&l);
	}
}

static void
logs_that_share_a_budget_spill_when_it_is_spent(void **state)
{
	struct rowlog_budget budget = { 0, 1024 * 1024 };
	struct rowlog_reader r;
	struct rowlog l[4];
	uint64_t i, sum;
	const uint64_t *p;
	int k;

	(void)state;
	for (k = 0; k < 4; k++) {
		rowlog_init(&l[k], "/tmp", SIZE_MAX / 8);
		l[k].budget = &budget;
	}
	for (i = 0; i < 400000; i++)
		memcpy(rowlog_add(&l[i % 4], sizeof i), &i, sizeof i);
	/* no more than the budget, and what each may always have */
	assert_true(budget.used <= 1024 * 1024 + 4 * 256 * 1024);
	for (k = 0, sum = 0; k < 4; k++) {
		assert_true(l[k].fd >= 0);
		rowlog_read(&r, &l[k]);
		while ((p = rowlog_take(&r, sizeof *p)) != NULL)
			sum += *p;
		rowlog_read_end(&r);
		rowlog_clear(&l[k]);
	}
	assert_true(sum == (uint64_t)400000 * 399999 / 2);
	assert_int_equal(budget.used, 0);
}

static void
a_log_without_a_folder_tells_so(void **state)
{
	struct rowlog l;
	struct err err = { 0 };
	int i;

	(void)state;
	rowlog_init(&l, "/nonexistent", 64);
	for (i = 0; i < 100; i++)
		memset(rowlog_add(&l, 16), 0, 16);
	assert_int_equal(rowlog_error(&l, &err), -1);
	assert_non_null(
	    strstr(err.msg, "cannot create a temporary file in /nonexistent"));
	rowlog_clear(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_counted_and_kept_in_order),
		cmocka_unit_test(a_full_tally_takes_only_other),
		cmocka_unit_test(few_values_have_an_exact_median),
		cmocka_unit_test(
		    many_values_have_a_close_one_whatever_the_order),
		cmocka_unit_test(
		    a_log_reads_back_what_was_added_spilled_or_not),
		cmocka_unit_test(
		    logs_that_share_a_budget_spill_when_it_is_spent),
		cmocka_unit_test(a_log_without_a_folder_tells_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
