/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"
#include "ingest/base/arena.h"

static void
memory_is_zeroed_aligned_and_never_shared(void **state)
{
	struct prop p = prop_seeded(1);
	struct arena a = { 0 };
	unsigned char *was[200];
	size_t n[200], i, k;

	(void)state;
	for (i = 0; i < 200; i++) {
		n[i] = (size_t)prop_below(&p, i % 10 == 0 ? 200000 : 300);
		was[i] = arena_alloc(&a, n[i]);
		assert_int_equal((uintptr_t)was[i] % 16, 0);
		for (k = 0; k < n[i]; k++)
			assert_int_equal(was[i][k], 0);
		memset(was[i], (int)i + 1, n[i]);
	}
	for (i = 0; i < 200; i++)
		for (k = 0; k < n[i]; k++)
			assert_int_equal(was[i][k], (i + 1) & 0xff);
	arena_clear(&a);
	assert_null(a.last);
}

static void
what_is_reset_is_zero_again(void **state)
{
	struct arena a = { 0 };
	char *p = arena_alloc(&a, 64);
	int i;

	(void)state;
	memset(p, 0xff, 64);
	arena_reset(&a);
	assert_int_equal(a.total_bytes, 0);
	p = arena_alloc(&a, 64);
	for (i = 0; i < 64; i++)
		assert_int_equal(p[i], 0);
	arena_clear(&a);
}

static void
growing_keeps_what_was_there_and_zeroes_the_rest(void **state)
{
	struct arena a = { 0 };
	size_t was = 0, want;
	char *p = NULL;
	size_t i;

	(void)state;
	for (want = 1; want < 300000; want = want * 3 + 1) {
		p = arena_grow(&a, p, was, want);
		for (i = 0; i < was; i++)
			assert_int_equal(p[i], 'x');
		for (; i < want; i++)
			assert_int_equal(p[i], 0);
		memset(p, 'x', want);
		was = want;
		if (want % 2 == 0) /* now and then it is not the last one */
			(void)arena_alloc(&a, 8);
	}
	arena_clear(&a);
}

static void
the_last_piece_grows_in_place(void **state)
{
	struct arena a = { 0 };
	char *p = arena_alloc(&a, 32);

	(void)state;
	assert_ptr_equal(arena_grow(&a, p, 32, 4096), p);
	assert_int_equal(a.total_bytes, 4096);
	arena_clear(&a);
}

static void
copies_are_terminated_and_absent_stays_absent(void **state)
{
	struct arena a = { 0 };
	struct span absent = { NULL, 0 }, s = { "abcd", 3 };

	(void)state;
	assert_string_equal(arena_str(&a, s), "abc");
	assert_string_equal(arena_str(&a, absent), "");
	assert_null(arena_span(&a, absent).p);
	assert_true(span_eq(arena_span(&a, s), span_of("abc")));
	assert_string_equal(arena_printf(&a, "%s-%d", "x", 7), "x-7");
	arena_clear(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_never_shared),
		cmocka_unit_test(what_is_reset_is_zero_again),
		cmocka_unit_test(
		    growing_keeps_what_was_there_and_zeroes_the_rest),
		cmocka_unit_test(the_last_piece_grows_in_place),
		cmocka_unit_test(copies_are_terminated_and_absent_stays_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
