/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What accepting, refusing and withdrawing took: a table, and a ladder in
 * which every act is a rung.
 */
#include <math.h>
#include <stdlib.h>

#include "reports/chart.h"
#include "reports/table.h"
#include "reports/text.h"

static const struct table_column columns[] = {
	{ "surface", "Surface", TABLE_CODE, false },
	{ "design", "Design", TABLE_CODE, false },
	{ "goal", "Consent", TABLE_TEXT, false },
	{ "n", "Ways", TABLE_PEOPLE, false },
	{ "acts_min", "Acts, fewest", TABLE_COUNT, false },
	{ "acts_median", "Acts, median", TABLE_REAL, false },
	{ "screens_median", "Screens", TABLE_REAL, false },
	{ "options_median", "Options met", TABLE_REAL, false },
	{ "seconds_median", "Time, median", TABLE_SECONDS, false },
	{ "seconds_low", "Time, from", TABLE_SECONDS, true },
	{ "seconds_high", "Time, to", TABLE_SECONDS, true },
	{ "abandoned", "Given up", TABLE_PEOPLE, false },
	{ "screens_min", "", TABLE_COUNT, true },
};
enum { SURFACE, DESIGN, GOAL, WAYS, FEWEST, ACTS, SCREENS, OPTIONS, SECONDS };

enum { ROW_PX = 30, MOST_ROWS = 24, RUNGS = 12 };

static const char *
goal_color(struct span goal)
{
	return span_is(goal, "given")	  ? CHART_ORANGE
	       : span_is(goal, "refused") ? CHART_BLUE
					  : CHART_GREEN;
}

static bool
is_drawn(const struct table_row *r)
{
	return !r->is_withheld && !r->cell[ACTS].is_null;
}

/* The rungs of a way; from RUNGS on only the first and last. */
static void
add_rungs(struct chart *c, const struct table_row *r, double y)
{
	int i, n = (int)lround(r->cell[ACTS].x);
	double color =
	    (double)strtol(goal_color(r->cell[GOAL].text) + 1, NULL, 16);

	for (i = 1; i <= n; i++) {
		if (i > RUNGS && i < n)
			continue;
		chart_num(c, i < RUNGS ? i : RUNGS);
		chart_num(c, y);
		chart_num(c, color);
		chart_row(c);
	}
	if (n > 0)
		(void)buf_char(&c->data, '\n'); /* a new line */
}

static void
add_labels(
    struct page *page, struct chart *c, const struct table_row *r, double y)
{
	const struct table_cell *cell = r->cell;
	const char *what;

	what = arena_printf(&page->arena, "%s%s%s: %s", cell[SURFACE].text.p,
	    cell[DESIGN].is_null ? "" : ", ",
	    cell[DESIGN].is_null ? "" : cell[DESIGN].text.p,
	    span_is(cell[GOAL].text, "given")	  ? T("consenting")
	    : span_is(cell[GOAL].text, "refused") ? T("refusing")
						  : T("withdrawing"));
	chart_num(c, 0.5);
	chart_num(c, y);
	chart_label(c, span_of(what), 36);
	what = arena_printf(&page->arena, "%s %s, %s, n = %s",
	    page_real(page, cell[ACTS].x),
	    cell[ACTS].x == 1 ? T("act") : T("acts"),
	    cell[SECONDS].is_null ? T("no times")
				  : page_seconds(page, cell[SECONDS].x),
	    page_int(page, cell[WAYS].n));
	chart_label(c, span_of(what), 0);
	chart_num(c, fmin(cell[ACTS].x, RUNGS));
	chart_row(c);
}

static void
draw(struct page *page, const struct table *t)
{
	const struct chart_key keys[] = { { T("to consent"), CHART_ORANGE },
		{ T("to refuse"), CHART_BLUE },
		{ T("to withdraw"), CHART_GREEN } };
	unsigned rungs, labels, n = 0;
	struct chart c;
	size_t i;

	for (i = 0; i < t->n_rows; i++)
		n += is_drawn(&t->row[i]);
	if (n == 0)
		return;
	n = n < MOST_ROWS ? n : MOST_ROWS;
	chart_init(&c, page, "routes", 900, (int)(n * ROW_PX) + 6);
	for (i = 0, n = 0; i < t->n_rows && n < MOST_ROWS; i++)
		if (is_drawn(&t->row[i]))
			add_rungs(&c, &t->row[i], -(double)n++);
	rungs = chart_block(&c);
	for (i = 0, n = 0; i < t->n_rows && n < MOST_ROWS; i++)
		if (is_drawn(&t->row[i]))
			add_labels(page, &c, &t->row[i], -(double)n++);
	labels = chart_block(&c);
	chart_legend(&c, keys, N_OF(keys));
	chart_script(&c, "unset border");
	chart_script(&c, "unset tics");
	chart_script(&c, "unset grid");
	chart_script(&c, "set lmargin at screen 0.36");
	chart_script(&c, "set rmargin at screen 0.99");
	chart_script(&c, "set tmargin 0");
	chart_script(&c, "set bmargin 0");
	chart_script(&c, "set xrange [0.5:%d]", RUNGS + 6);
	chart_script(&c, "set yrange [%g:0.7]", -(double)n + 0.3);
	chart_script(&c,
	    "plot data index %u using 1:2:3 with lines lw 2 lc rgb variable, "
	    "data index %u using 1:2:3 with points pt 7 ps 1.5 lc rgb "
	    "variable, data index %u using 1:2:3 with labels right offset "
	    "-1,0 textcolor rgb '" CHART_INK "', data index %u using "
	    "($5+0.5):2:4 with labels left textcolor rgb '#4a5058'",
	    rungs, rungs, labels, labels);
	chart_draw(&c,
	    T("Every act is a rung: taps, ticks and swipes that counted, as "
	      "a median over the ways that reached the goal"),
	    T("One line of dots for each surface, design and goal; the table "
	      "holds the numbers."));
}

void
section_routes(struct page *page)
{
	struct answer a;
	struct table t;
	size_t i;

	page_p(page, "%s",
	    T("Ways are counted from the first sight of the surface (for "
	      "withdrawal, from the first step towards it) to the state "
	      "that was sought. An act is a tap, a tick or a change; a "
	      "screen is one that was shown on the way; options are the "
	      "different controls met on it. Times are medians with their "
	      "95% interval in the file."));
	table_init(&t, page, "routes", T("Acts, screens, options and time"),
	    columns, N_OF(columns));
	view_ask(&page->view, &a, VIEW_ROUTES, "");
	while (answer_next(&a)) {
		table_row(&t, answer_text(&a, "surface"));
		for (i = 0; i < N_OF(columns); i++)
			table_answer(&t, &a, columns[i].key);
	}
	table_suppress(&t);
	draw(page, &t);
	table_write(&t, TABLE_OPEN,
	    T("No way to any of the three was found in the evidence."));
}
