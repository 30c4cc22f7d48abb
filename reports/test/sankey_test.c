/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/sankey.h"

#include <string.h>

#include "fixtures/test.h"

static void
every_column_carries_everybody(void **state)
{
	struct sankey s = { 0 };
	int64_t sum[SANKEY_STEPS + 1] = { 0 };
	size_t i;

	(void)state;
	sankey_add(&s, span_of("home > cover > submit"), 0, 70);
	sankey_add(&s, span_of("chat > cover > submit"), 0, 20);
	sankey_add(&s, span_of("chat > cover"), 3, 10);
	sankey_layout(&s);
	assert_int_equal(s.n_columns, 4);
	assert_int_equal(s.total, 100);
	assert_int_equal(s.dropped, 0);
	for (i = 0; i < s.n_nodes; i++)
		sum[s.node[i].column] += s.node[i].n;
	for (i = 0; i < s.n_columns; i++)
		assert_int_equal(sum[i], 100);
	sankey_clear(&s);
}

/* Bands at a node fill its height exactly, on both sides. */
static void
bands_fill_their_boxes_and_stay_inside(void **state)
{
	struct prop p = prop_seeded(5);
	struct sankey s = { 0 };
	double in[SANKEY_NODES] = { 0 }, out[SANKEY_NODES] = { 0 }, tall;
	char steps[64];
	size_t i;
	int turn;

	(void)state;
	for (turn = 0; turn < 30; turn++) {
		(void)snprintf(steps, sizeof steps, "%c > %c > %c",
		    (int)('a' + prop_below(&p, 3)),
		    (int)('a' + prop_below(&p, 4)),
		    (int)('a' + prop_below(&p, 5)));
		steps[prop_below(&p, 2) == 0 ? 1 : strlen(steps)] = '\0';
		sankey_add(&s, span_of(steps),
		    (unsigned)prop_below(&p, SANKEY_OUTCOMES),
		    (int64_t)(1 + prop_below(&p, 1000)));
	}
	sankey_layout(&s);
	for (i = 0; i < s.n_bands; i++) {
		in[s.band[i].to] += s.band[i].height;
		out[s.band[i].from] += s.band[i].height;
	}
	for (i = 0; i < s.n_nodes; i++) {
		tall = s.node[i].y1 - s.node[i].y0;
		assert_true(s.node[i].y0 > -1e-9 && s.node[i].y1 < 1 + 1e-9);
		if (s.node[i].column > 0)
			assert_close(in[i], tall, 1e-9);
		if (s.node[i].column + 1 < s.n_columns)
			assert_close(out[i], tall, 1e-9);
	}
	sankey_clear(&s);
}

static void
no_ways_and_long_ways_are_no_trouble(void **state)
{
	struct sankey s = { 0 };
	char steps[4096] = "x";
	int i;

	(void)state;
	sankey_layout(&s);
	assert_int_equal(s.total, 0);
	sankey_clear(&s);
	for (i = 0; i < 500; i++)
		memcpy(steps + 1 + 4 * i, " > y", 5);
	sankey_add(&s, span_of(steps), 1, 3);
	sankey_layout(&s);
	assert_int_equal(s.n_columns, SANKEY_STEPS + 1);
	sankey_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_column_carries_everybody),
		cmocka_unit_test(bands_fill_their_boxes_and_stay_inside),
		cmocka_unit_test(no_ways_and_long_ways_are_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
