/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/lineage.h"
#include "ingest/store.h"

enum { ROWS = 5000 };

static struct lineage_row
random_row(struct prop *r, char text[32])
{
	struct lineage_row row = { 0 };

	(void)snprintf(
	    text, 32, "%.*d", (int)prop_below(r, 20), (int)prop_below(r, 40));
	row.n = (uint32_t)strlen(text);
	/* Few hashes: different data may share one. */
	row.hash = store_hash((struct span){ text, row.n }) % 16;
	row.hop = (uint8_t)(LINEAGE_ACCESS + prop_below(r, 5));
	row.subject = (uint32_t)prop_below(r, 4);
	row.at_us =
	    prop_below(r, 5) == 0 ? STORE_ABSENT : (int64_t)prop_below(r, 9);
	row.us = row.at_us;
	row.operator_ = (uint32_t)prop_below(r, 3);
	row.purposes = (uint32_t)prop_below(r, 3);
	return row;
}

/* The rows as they come, one after another. */
static char *
sorted(size_t run_bytes, unsigned seed, bool is_backwards, size_t *n)
{
	struct prop r = prop_seeded(seed);
	struct lineage_row *row = calloc(ROWS, sizeof *row);
	char(*text)[32] = calloc(ROWS, sizeof *text);
	const struct lineage_row *next;
	struct lineage_sort s;
	struct err err = { 0 };
	char *all;
	size_t i;

	if (row == NULL || text == NULL)
		abort();
	for (i = 0; i < ROWS; i++)
		row[i] = random_row(&r, text[i]);
	lineage_sort_init(&s, "/tmp", run_bytes);
	for (i = 0; i < ROWS; i++) {
		size_t at = is_backwards ? ROWS - 1 - i : i;

		lineage_sort_add(&s, &row[at], text[at]);
	}
	all = malloc(ROWS * (sizeof *row + 32));
	assert_non_null(all);
	for (*n = 0; (next = lineage_sort_next(&s)) != NULL;
	     *n += lineage_bytes(next))
		memcpy(all + *n, next, lineage_bytes(next));
	assert_int_equal(lineage_sort_error(&s, &err), 0);
	assert_null(lineage_sort_next(&s));
	lineage_sort_clear(&s);
	free(row);
	free(text);
	return all;
}

static void
neither_memory_nor_the_order_of_coming_change_the_order(void **state)
{
	static const size_t run_bytes[] = { 300, 4000, 100000, 400000 };
	char *one, *other;
	size_t i, n, m;
	unsigned seed;

	(void)state;
	for (seed = 1; seed <= 3; seed++) {
		one = sorted((size_t)1 << 30, seed, false, &n);
		for (i = 0; i < sizeof run_bytes / sizeof run_bytes[0]; i++) {
			other = sorted(run_bytes[i], seed, i % 2 == 0, &m);
			assert_int_equal(n, m);
			assert_memory_equal(one, other, n);
			free(other);
		}
		free(one);
	}
}

static void
own_numbers_come_first_and_contacts_last(void **state)
{
	size_t n, at;
	char *all = sorted(4000, 7, false, &n);
	const struct lineage_row *was = NULL, *row;

	(void)state;
	for (at = 0; at < n; at += lineage_bytes(row), was = row) {
		row = (const void *)(all + at);
		if (was == NULL || was->hash != row->hash ||
		    !span_eq(lineage_text(was), lineage_text(row)))
			continue;
		assert_true(row->hop != LINEAGE_OWN || was->hop == LINEAGE_OWN);
		assert_true(was->hop != LINEAGE_OUTBOUND ||
			    row->hop == LINEAGE_OUTBOUND);
		if (was->hop == LINEAGE_OUTBOUND)
			assert_true(was->at_us <= row->at_us);
	}
	free(all);
}

static void
without_rows_there_is_none(void **state)
{
	struct lineage_sort s;
	struct err err = { 0 };

	(void)state;
	lineage_sort_init(&s, "/tmp", 1000);
	assert_null(lineage_sort_next(&s));
	assert_int_equal(lineage_sort_error(&s, &err), 0);
	lineage_sort_clear(&s);
}

static void
a_folder_that_cannot_be_written_is_named(void **state)
{
	struct lineage_row row = { .hash = 1 };
	struct lineage_sort s;
	struct err err = { 0 };
	int i;

	(void)state;
	lineage_sort_init(&s, "/nowhere/at/all", 1000);
	for (i = 0; i < 100; i++)
		lineage_sort_add(&s, &row, "");
	while (lineage_sort_next(&s) != NULL)
		;
	assert_int_equal(lineage_sort_error(&s, &err), -1);
	assert_non_null(strstr(err.msg, "/nowhere/at/all"));
	lineage_sort_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    neither_memory_nor_the_order_of_coming_change_the_order),
		cmocka_unit_test(own_numbers_come_first_and_contacts_last),
		cmocka_unit_test(without_rows_there_is_none),
		cmocka_unit_test(a_folder_that_cannot_be_written_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
