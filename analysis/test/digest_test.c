/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"

#include <string.h>

#include "analysis/digest.h"

static void
assert_text(struct digest_row *row, const char *want)
{
	assert_int_equal(row->text.n, strlen(want));
	assert_memory_equal(row->text.p, want, row->text.n);
	buf_reset(&row->text);
}

static void
a_row_is_the_text_of_its_fields(void **state)
{
	struct digest_row row = { 0 };

	(void)state;
	digest_null(&row);
	digest_int(&row, 0);
	digest_int(&row, -12);
	digest_int(&row, INT64_MIN);
	digest_int(&row, INT64_MAX);
	assert_text(&row, "~i0i-12i-9223372036854775808i9223372036854775807");
	digest_real(&row, 0.5);
	digest_real(&row, -0.0);
	digest_real(&row, NAN);
	digest_real(&row, 1.0 / 3);
	digest_real(&row, 1e300);
	assert_text(&row, "r0.5r0~r0.333333333333r1e+300");
	digest_text(&row, span_of(""));
	digest_text(&row, span_of("hello"));
	digest_text(&row, (struct span){ NULL, 0 });
	digest_text(&row, span_of("t5:~i1"));
	assert_text(&row, "t0:t5:hello~t6:t5:~i1");
	digest_row_clear(&row);
}

static void
a_row_of_a_large_table_is_bytes(void **state)
{
	static const char want[] =
	    "01234567890123456789012345678901" /* the finding's hash */
	    "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"
	    "\0\0\0\0\0\0\0\x80\xfe\xff\xff\xff\xff\xff\xff\xff"
	    "\xff\xff\xff\xff\xff\xff\xff\xff" /* no purpose */
	    "\4\0\0\0\0\0\0\0user\0\0\0\0\0\0\0\0";
	struct digest_affected a = {
		.finding = (const unsigned char *)want,
		.role = 1,
		.grade = 2,
		.has_decision = 1,
		.shown_us = INT64_MIN,
		.decided_us = -2,
		.kind = span_of("user"),
		.subject = span_of(""),
	};
	struct digest_row row = { 0 };

	(void)state;
	digest_affected(&row, &a);
	assert_int_equal(row.text.n, sizeof want - 1);
	assert_memory_equal(row.text.p, want, sizeof want - 1);
	digest_row_clear(&row);
}

static void
numbers_are_written_as_printf_does(void **state)
{
	struct digest_row row = { 0 };
	struct prop p = prop_seeded(1);
	char want[64];
	int64_t v;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		v = (int64_t)(prop_next(&p) >> prop_below(&p, 64));
		v = i % 3 == 0 ? -v : v;
		(void)snprintf(want, sizeof want, "i%lld", (long long)v);
		digest_int(&row, v);
		assert_text(&row, want);
	}
	digest_row_clear(&row);
}

static void
combine(const char *const *decisions, size_t n, const char *edge, size_t limit,
    char hex[65])
{
	struct rowlog hashes[DIGEST__MAX];
	struct digest_sum sum[DIGEST__MAX];
	struct digest_row row = { 0 };
	struct err err = { 0 };
	size_t i;

	for (i = 0; i < DIGEST__MAX; i++)
		rowlog_init(&hashes[i], "/tmp", limit);
	for (i = 0; i < n; i++) {
		digest_text(&row, span_of(decisions[i]));
		digest_row_end(&row, &hashes[DIGEST_DECISION]);
	}
	if (edge != NULL) {
		digest_text(&row, span_of(edge));
		digest_row_end(&row, &hashes[DIGEST_EDGE]);
	}
	for (i = 0; i < DIGEST__MAX; i++) {
		assert_int_equal(
		    digest_sum_table(&hashes[i], &sum[i], &err), 0);
		rowlog_clear(&hashes[i]);
	}
	digest_combine(sum, hex);
	digest_row_clear(&row);
}

/* The value was made from the definition in digest.h by another program, in
 * another language. */
static void
the_definition_can_be_followed_by_hand(void **state)
{
	static const char *const rows[] = { "a", "b", "c" };
	char hex[65];

	(void)state;
	combine(rows, 3, NULL, 1 << 20, hex);
	assert_string_equal(hex,
	    "803a828f4f50d6228525aa0da428d1ddb489d28d6731ad36d20b1bf6f3d2c5a2");
}

static void
rows_may_come_in_any_order_and_from_a_file(void **state)
{
	static const char *const ab[] = { "a", "b", "a", "c", "d" };
	static const char *const ba[] = { "d", "a", "c", "b", "a" };
	static const char *const once[] = { "a", "b", "c", "d" };
	char x[65], y[65];

	(void)state;
	combine(ab, 5, "e", 1 << 20, x);
	combine(ba, 5, "e", 1 << 20, y);
	assert_string_equal(x, y);
	combine(ba, 5, "e", 1, y);
	assert_string_equal(x, y);
	combine(once, 4, "e", 1 << 20, y); /* rows count as often as they are */
	assert_string_not_equal(x, y);
	combine(ab, 5, "f", 1 << 20, y);
	assert_string_not_equal(x, y);
	combine(ab, 5, NULL, 1 << 20, y);
	assert_string_not_equal(x, y);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_the_text_of_its_fields),
		cmocka_unit_test(a_row_of_a_large_table_is_bytes),
		cmocka_unit_test(numbers_are_written_as_printf_does),
		cmocka_unit_test(the_definition_can_be_followed_by_hand),
		cmocka_unit_test(rows_may_come_in_any_order_and_from_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
