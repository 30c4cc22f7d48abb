/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of small cells, R1 to R3 of reports/table.h. */
#include "reports/table.h"

#include "fixtures/test.h"

static const struct table_column columns[] = {
	{ "name", "Name", TABLE_TEXT, false },
	{ "shown", "Shown", TABLE_SUM, false },
	{ "given", "Given", TABLE_PART, false },
	{ "refused", "Refused", TABLE_PART, false },
	{ "other", "Other", TABLE_PART, false },
	{ "share", "Share", TABLE_SHARE, false },
};
enum { SHOWN = 1, GIVEN, REFUSED, OTHER, MOST_ROWS = 12 };

static void
fill(struct table *t, struct page *page, int64_t (*rows)[3], size_t n)
{
	size_t i, j;

	table_init(t, page, "t", "T", columns, 6);
	for (i = 0; i < n; i++) {
		table_row(t, "");
		table_text(t, "x");
		table_int(t, rows[i][0] + rows[i][1] + rows[i][2]);
		for (j = 0; j < 3; j++)
			table_int(t, rows[i][j]);
		table_share(t, 0.5, 0.4, 0.6);
	}
	table_suppress(t);
}

static void
a_small_count_is_hidden_with_one_more_but_not_the_first(void **state)
{
	int64_t rows[][3] = { { 1000, 5, 40 }, { 500, 30, 60 },
		{ 700, 80, 20 } };
	struct page page = { .is_public = true };
	struct table t;

	(void)state;
	fill(&t, &page, rows, 3);
	assert_true(t.row[0].cell[REFUSED].is_hidden); /* R1 */
	assert_true(t.row[0].cell[OTHER].is_hidden);   /* R2 */
	assert_true(t.row[1].cell[REFUSED].is_hidden); /* R3 */
	assert_false(t.row[0].cell[GIVEN].is_hidden);
	assert_false(t.row[0].cell[SHOWN].is_hidden);
	assert_false(t.row[0].is_withheld); /* the share stays */
	assert_true(t.row[0].has_hidden);
	arena_clear(&page.arena);
}

static void
the_share_goes_with_its_count(void **state)
{
	int64_t rows[][3] = { { 4, 500, 300 }, { 90, 500, 300 },
		{ 80, 700, 90 } };
	struct page page = { .is_public = true };
	struct table t;

	(void)state;
	fill(&t, &page, rows, 3);
	assert_true(t.row[0].cell[GIVEN].is_hidden);
	assert_true(t.row[0].is_withheld);
	assert_true(t.row[2].is_withheld); /* R3 */
	assert_false(t.row[1].is_withheld);
	arena_clear(&page.arena);
}

static void
large_counts_and_zeros_are_shown(void **state)
{
	int64_t rows[][3] = { { 100, 20, 0 }, { 10, 0, 0 } };
	struct page page = { .is_public = true };
	struct table t;

	(void)state;
	fill(&t, &page, rows, 2);
	assert_int_equal(page.n_suppressed, 0);
	arena_clear(&page.arena);
}

static void
a_restricted_page_hides_nothing(void **state)
{
	int64_t rows[][3] = { { 1, 2, 3 }, { 3, 4, 5 } };
	struct page page = { 0 };
	struct table t;

	(void)state;
	fill(&t, &page, rows, 2);
	assert_false(t.row[0].has_hidden || t.row[1].has_hidden);
	arena_clear(&page.arena);
}

/* A total minus what is shown of a line: it must belong to two cells at
 * least and be no small number. */
static void
assert_safe(size_t hidden, int64_t left, bool all)
{
	if (hidden == 0 || all)
		return;
	assert_true(hidden > 1);
	assert_true(left == 0 || left >= SMALL_CELL);
}

static void
attack_rows(const struct table *t)
{
	const struct table_cell *c;
	size_t i, j, hidden;
	int64_t left;

	for (i = 0; i < t->n_rows; i++) {
		c = t->row[i].cell;
		for (j = GIVEN, hidden = 0, left = c[SHOWN].n; j <= OTHER;
		     j++) {
			assert_true(c[j].is_hidden || c[j].n == 0 ||
				    c[j].n >= SMALL_CELL);
			hidden += c[j].is_hidden;
			left -= c[j].is_hidden ? 0 : c[j].n;
		}
		assert_safe(hidden, left, c[SHOWN].is_hidden);
	}
}

static void
attack_columns(const struct table *t)
{
	size_t i, j, hidden;
	int64_t left;

	for (j = SHOWN; j <= OTHER; j++) {
		for (i = 0, hidden = 0, left = 0; i < t->n_rows; i++) {
			hidden += t->row[i].cell[j].is_hidden;
			left += t->row[i].cell[j].is_hidden
				    ? t->row[i].cell[j].n
				    : 0;
		}
		assert_safe(hidden, left, hidden == t->n_rows);
	}
}

static void
nothing_small_follows_from_a_total(void **state)
{
	struct prop p = prop_seeded(3);
	int64_t rows[MOST_ROWS][3];
	struct page page;
	struct table t;
	size_t i, j, n;
	int turn;

	(void)state;
	for (turn = 0; turn < 3000; turn++) {
		memset(&page, 0, sizeof page);
		page.is_public = true;
		n = 1 + prop_below(&p, MOST_ROWS);
		for (i = 0; i < n; i++)
			for (j = 0; j < 3; j++)
				rows[i][j] = (int64_t)prop_below(
				    &p, prop_below(&p, 3) == 0 ? 12 : 500);
		fill(&t, &page, rows, n);
		attack_rows(&t);
		attack_columns(&t);
		arena_clear(&page.arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_small_count_is_hidden_with_one_more_but_not_the_first),
		cmocka_unit_test(the_share_goes_with_its_count),
		cmocka_unit_test(large_counts_and_zeros_are_shown),
		cmocka_unit_test(a_restricted_page_hides_nothing),
		cmocka_unit_test(nothing_small_follows_from_a_total),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
