/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/store_vbyte.h"

#include <string.h>

#include "fixtures/test.h"

enum { N = 500, ROOM = N * 9 + 64 };

static void
sizes_are_those_that_make_it_shortest(void **state)
{
	static const uint64_t v[] = { 0, 255, 256, 70000, 1, 1ull << 39, 7 };
	static const uint8_t want[] = { 1, 2, 3, 5, /* sizes */
		0x90, 0x0c,			    /* 0 0 1 2, 0 3 0 */
		0, 255, 0, 1, 0x70, 0x11, 1, 1, 0, 0, 0, 0, 0x80, 7 };
	struct vbyte_plan plan;
	uint8_t bytes[64];
	uint64_t back[7];
	const uint8_t *end;

	(void)state;
	vbyte_plan(&plan, v, 7);
	assert_int_equal(plan.bytes, 4 * 1 + 2 + 3 + 5);
	end = vbyte_put(bytes, &plan, v, 7);
	assert_int_equal(end - bytes, sizeof want);
	assert_memory_equal(bytes, want, sizeof want);
	assert_ptr_equal(vbyte_get(bytes, end, back, 7), end);
	assert_memory_equal(back, v, sizeof v);
}

static void
numbers_come_back(void **state)
{
	struct prop p = prop_seeded(1);
	static uint64_t v[N], back[N];
	static uint8_t bytes[ROOM];
	struct vbyte_plan plan;
	const uint8_t *end;
	size_t n, i;
	int k;

	(void)state;
	for (k = 0; k < 2000; k++) {
		n = prop_below(&p, N + 1);
		for (i = 0; i < n; i++)
			v[i] = prop_next(&p) >> prop_below(&p, 64);
		vbyte_plan(&plan, v, n);
		end = vbyte_put(bytes, &plan, v, n);
		assert_true(end + VBYTE_SLACK_BYTES <= bytes + ROOM);
		assert_int_equal(
		    end - bytes, VBYTE_HEAD_BYTES + (n + 3) / 4 + plan.bytes);
		assert_ptr_equal(vbyte_get(bytes, end, back, n), end);
		assert_memory_equal(back, v, n * sizeof v[0]);
	}
}

static void
bytes_that_end_early_or_name_no_size_are_refused(void **state)
{
	struct prop p = prop_seeded(2);
	static uint64_t v[N], back[N];
	static uint8_t bytes[ROOM];
	struct vbyte_plan plan;
	uint8_t *cut;
	const uint8_t *end;
	size_t i, n;
	int k;

	(void)state;
	for (i = 0; i < N; i++)
		v[i] = prop_next(&p) >> prop_below(&p, 64);
	vbyte_plan(&plan, v, N);
	end = vbyte_put(bytes, &plan, v, N);
	for (n = 0; n < (size_t)(end - bytes); n++) {
		cut = malloc(n + 1); /* ends where a sanitizer sees it */
		assert_non_null(cut);
		memcpy(cut, bytes, n);
		assert_null(vbyte_get(cut, cut + n, back, N));
		free(cut);
	}
	for (k = 0; k < 256; k++) {
		bytes[2] = (uint8_t)k;
		cut = malloc((size_t)(end - bytes));
		assert_non_null(cut);
		memcpy(cut, bytes, (size_t)(end - bytes));
		if (vbyte_get(cut, cut + (end - bytes), back, N) != NULL)
			assert_in_range(k, 1, 8);
		free(cut);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_those_that_make_it_shortest),
		cmocka_unit_test(numbers_come_back),
		cmocka_unit_test(
		    bytes_that_end_early_or_name_no_size_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
