/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of small cells, R1 and R2 of reports/table.h. */
#include "reports/table.h"

#include "fixtures/test.h"

static const struct table_column columns[] = {
	{ "name", "Name", TABLE_TEXT, false },
	{ "given", "Given", TABLE_PEOPLE, false },
	{ "refused", "Refused", TABLE_PEOPLE, false },
	{ "records", "Records", TABLE_COUNT, false },
};

static void
fill(struct table *t, struct page *page, const int64_t (*rows)[2], size_t n)
{
	size_t i;

	table_init(t, page, "t", "T", columns, 4);
	for (i = 0; i < n; i++) {
		table_row(t, "");
		table_text(t, "x");
		table_int(t, rows[i][0]);
		table_int(t, rows[i][1]);
		table_int(t, 3);
	}
	table_suppress(t);
}

static void
a_row_with_a_small_count_is_withheld_and_never_alone(void **state)
{
	const int64_t rows[][2] = { { 100, 20 }, { 50, 9 }, { 70, 30 },
		{ 0, 0 } };
	struct page page = { .is_public = true };
	struct table t;

	(void)state;
	fill(&t, &page, rows, 4);
	assert_true(t.row[1].is_withheld); /* R1 */
	assert_false(t.row[0].is_withheld);
	assert_true(t.row[2].is_withheld); /* R2: the smallest that helps */
	assert_int_equal(page.n_suppressed, 3); /* the empty row was smallest */
	arena_clear(&page.arena);
}

static void
large_counts_and_counts_of_things_are_shown(void **state)
{
	const int64_t rows[][2] = { { 100, 20 }, { 10, 0 } };
	struct page page = { .is_public = true };
	struct table t;

	(void)state;
	fill(&t, &page, rows, 2);
	assert_false(t.row[0].is_withheld || t.row[1].is_withheld);
	arena_clear(&page.arena);
}

static void
a_restricted_page_withholds_nothing(void **state)
{
	const int64_t rows[][2] = { { 1, 2 }, { 3, 4 } };
	struct page page = { 0 };
	struct table t;

	(void)state;
	fill(&t, &page, rows, 2);
	assert_false(t.row[0].is_withheld || t.row[1].is_withheld);
	arena_clear(&page.arena);
}

/*
 * The attack: total of a column minus what is shown.  What is left belongs
 * to two rows at least and is never 1 to 9.
 */
static void
nothing_small_follows_from_a_total(void **state)
{
	struct prop p = prop_seeded(3);
	int64_t rows[12][2], left;
	struct page page;
	struct table t;
	size_t i, j, n, hidden;
	int turn;

	(void)state;
	for (turn = 0; turn < 3000; turn++) {
		memset(&page, 0, sizeof page);
		page.is_public = true;
		n = 2 + prop_below(&p, 10);
		for (i = 0; i < n; i++)
			for (j = 0; j < 2; j++)
				rows[i][j] = (int64_t)prop_below(
				    &p, prop_below(&p, 3) == 0 ? 12 : 500);
		fill(&t, &page, (const int64_t(*)[2])rows, n);
		for (j = 0; j < 2; j++) {
			left = 0;
			hidden = 0;
			for (i = 0; i < n; i++) {
				if (!t.row[i].is_withheld) {
					assert_false(rows[i][j] > 0 &&
						     rows[i][j] < SMALL_CELL);
					continue;
				}
				left += rows[i][j];
				hidden++;
			}
			assert_true(
			    hidden == 0 || hidden == n ||
			    (hidden > 1 && (left == 0 || left >= SMALL_CELL)));
		}
		arena_clear(&page.arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_row_with_a_small_count_is_withheld_and_never_alone),
		cmocka_unit_test(large_counts_and_counts_of_things_are_shown),
		cmocka_unit_test(a_restricted_page_withholds_nothing),
		cmocka_unit_test(nothing_small_follows_from_a_total),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
