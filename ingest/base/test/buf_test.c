/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"
#include "ingest/base/buf.h"

static void
what_is_added_stands_in_order_and_is_terminated(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(buf_str(&b, "ab"), 0);
	assert_int_equal(buf_char(&b, 'c'), 0);
	assert_int_equal(buf_span(&b, span_of("de")), 0);
	assert_int_equal(buf_printf(&b, "%03d", 7), 0);
	assert_string_equal(b.p, "abcde007");
	assert_int_equal(b.n, 8);
	buf_reset(&b);
	assert_string_equal(b.p, "");
	buf_clear(&b);
	assert_null(b.p);
}

static void
an_empty_buffer_is_an_empty_span_not_an_absent_one(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_non_null(buf_as_span(&b).p);
	assert_int_equal(buf_as_span(&b).n, 0);
}

static void
the_ceiling_refuses_and_adds_nothing(void **state)
{
	struct buf b = { .ceiling_bytes = 10 };

	(void)state;
	assert_int_equal(buf_str(&b, "12345678"), 0);
	assert_int_equal(buf_str(&b, "abc"), -1);
	assert_int_equal(buf_printf(&b, "%s", "abc"), -1);
	assert_int_equal(buf_room(&b, 3), -1);
	assert_string_equal(b.p, "12345678");
	assert_int_equal(buf_str(&b, "ab"), 0);
	assert_int_equal(buf_char(&b, 'x'), -1);
	assert_int_equal(b.n, 10);
	buf_clear(&b);
}

static void
many_small_pieces_make_the_same_bytes_as_one(void **state)
{
	struct prop p = prop_seeded(2);
	struct buf whole = { 0 }, pieces = { 0 };
	char text[5000];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof text; i++)
		text[i] = (char)prop_next(&p);
	assert_int_equal(buf_add(&whole, text, sizeof text), 0);
	for (i = 0; i < sizeof text; i += n) {
		n = (size_t)prop_below(&p, 70);
		if (n > sizeof text - i)
			n = sizeof text - i;
		assert_int_equal(buf_add(&pieces, text + i, n), 0);
	}
	assert_int_equal(pieces.n, whole.n);
	assert_memory_equal(pieces.p, whole.p, whole.n);
	buf_clear(&whole);
	buf_clear(&pieces);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_added_stands_in_order_and_is_terminated),
		cmocka_unit_test(
		    an_empty_buffer_is_an_empty_span_not_an_absent_one),
		cmocka_unit_test(the_ceiling_refuses_and_adds_nothing),
		cmocka_unit_test(many_small_pieces_make_the_same_bytes_as_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
