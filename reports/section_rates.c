/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many consented: a forest of shares by design, variant, version and
 * entry, and the days.  One gesture often serves several purposes, whose
 * rates are then the same; such purposes are drawn once, named together.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "reports/chart.h"
#include "reports/table.h"
#include "reports/text.h"

enum { MOST_GROUPS = 4, MOST_ROWS = 30, ROW_PX = 26, MOST_PURPOSES = 64 };

static const struct table_column columns[] = {
	{ "surface", "Surface", TABLE_CODE, false },
	{ "purpose", "Purpose", TABLE_CODE, false },
	{ "dimension", "By", TABLE_TEXT, false },
	{ "value", "Value", TABLE_TEXT, false },
	{ "shown", "Shown", TABLE_SUM, false },
	{ "given", "Consented", TABLE_PART, false },
	{ "refused", "Refused", TABLE_PART, false },
	{ "other", "Left or put off", TABLE_PART, false },
	{ "share", "Consented, share", TABLE_SHARE, false },
	{ "unlogged", "Known by their act only", TABLE_PEOPLE, false },
	{ "missing", "What was never logged", TABLE_TEXT, false },
};
static const struct table_column day_columns[] = {
	{ "surface", "Surface", TABLE_CODE, false },
	{ "purpose", "Purpose", TABLE_CODE, false },
	{ "value", "Day", TABLE_TEXT, false },
	{ "shown", "Shown", TABLE_SUM, false },
	{ "given", "Consented", TABLE_PART, false },
	{ "refused", "Refused", TABLE_PART, false },
	{ "other", "Left or put off", TABLE_PART, false },
	{ "share", "Consented, share", TABLE_SHARE, false },
	{ "unlogged", "Known by their act only", TABLE_PEOPLE, false },
	{ "missing", "What was never logged", TABLE_TEXT, false },
};
/* The last two columns stand where a rate lacks something. */
enum { MISSING_COLUMNS = 2 };
enum {
	SURFACE,
	PURPOSE,
	DIMENSION,
	VALUE,
	SHOWN,
	GIVEN,
	REFUSED,
	OTHER,
	SHARE
};
enum {
	DAY = DIMENSION,
	DAY_SHOWN,
	DAY_GIVEN,
	DAY_REFUSED,
	DAY_OTHER,
	DAY_SHARE
};

/* Rows first … first + n - 1 of the table: a surface and purpose. */
struct group {
	size_t first, n;
	const char *purposes; /* of all groups that are equal to it */
	bool is_merged;	      /* equal to an earlier one */
};

static bool
same_key(const struct table *t, size_t a, size_t b)
{
	const struct table_cell *x = t->row[a].cell, *y = t->row[b].cell;

	return span_eq(x[SURFACE].text, y[SURFACE].text) &&
	       span_eq(x[PURPOSE].text, y[PURPOSE].text);
}

static bool
same_cell(const struct table_cell *a, const struct table_cell *b)
{
	return a->is_null == b->is_null && a->n == b->n &&
	       span_eq(a->text, b->text);
}

/* Do two purposes of a surface have the same rows? */
static bool
same_rows(const struct table *t, const struct group *a, const struct group *b)
{
	size_t i, j;

	if (a->n != b->n || !span_eq(t->row[a->first].cell[SURFACE].text,
				t->row[b->first].cell[SURFACE].text))
		return false;
	for (i = 0; i < a->n; i++)
		for (j = DIMENSION; j < t->n_columns; j++)
			if (!same_cell(&t->row[a->first + i].cell[j],
				&t->row[b->first + i].cell[j]))
				return false;
	return true;
}

static const char *
purpose_name(struct page *page, const struct table *t, const struct group *g)
{
	struct span p = t->row[g->first].cell[PURPOSE].text;

	return p.p != NULL ? page_copy(page, p) : T("purpose not named");
}

/* Split the rows into groups and merge those that say the same. */
static size_t
find_groups(struct page *page, const struct table *t, struct group **out)
{
	struct group *g =
	    arena_alloc(&page->arena, (t->n_rows + 1) * sizeof *g);
	size_t i, j, n = 0;

	for (i = 0; i < t->n_rows; i++) {
		if (n == 0 || !same_key(t, g[n - 1].first, i)) {
			g[n].first = i;
			g[n].purposes = NULL;
			n++;
		}
		g[n - 1].n++;
	}
	for (i = 0; i < n; i++) {
		g[i].purposes = purpose_name(page, t, &g[i]);
		for (j = 0; j < i && j < MOST_PURPOSES; j++) {
			if (g[j].is_merged || !same_rows(t, &g[j], &g[i]))
				continue;
			g[j].purposes = arena_printf(&page->arena, "%s, %s",
			    g[j].purposes, g[i].purposes);
			g[i].is_merged = true;
			break;
		}
	}
	*out = g;
	return n;
}

/* ---- forest -------------------------------------------------------------- */

static const char *
dimension_name(struct page *page, struct span d)
{
	if (span_is(d, "all"))
		return T("all");
	if (span_is(d, "design"))
		return T("design");
	if (span_is(d, "variant"))
		return T("variant");
	if (span_is(d, "version"))
		return T("app version");
	if (span_is(d, "entry"))
		return T("entry");
	return page_copy(page, d);
}

static const char *
row_name(struct page *page, const struct table_cell *cell)
{
	if (span_is(cell[DIMENSION].text, "all"))
		return T("all episodes");
	if (span_is(cell[DIMENSION].text, "variant+version"))
		return cell[VALUE].is_null ? T("not said") : cell[VALUE].text.p;
	return arena_printf(&page->arena, "%s %s",
	    dimension_name(page, cell[DIMENSION].text),
	    cell[VALUE].is_null ? T("not said") : cell[VALUE].text.p);
}

/* A dimension of which the evidence says nothing is not drawn: nor, then,
 * the one that joins it with another. */
static bool
is_drawn(const struct table *t, const struct group *g, size_t row)
{
	const struct table_cell *cell = t->row[row].cell;
	struct span same = cell[DIMENSION].text;
	size_t i;

	if (t->row[row].is_withheld || cell[SHARE].is_null)
		return false;
	if (span_is(same, "all"))
		return true;
	if (span_is(same, "variant+version"))
		same = span_of("variant");
	for (i = g->first; i < g->first + g->n; i++)
		if (span_eq(t->row[i].cell[DIMENSION].text, same) &&
		    !t->row[i].cell[VALUE].is_null)
			return true;
	return false;
}

static void
add_row(
    struct page *page, struct chart *c, const struct table_cell *cell, double y)
{
	const struct table_cell *s = &cell[SHARE];
	struct buf b = { 0 };

	chart_num(c, 100 * s->low);
	chart_num(c, y);
	chart_num(c, 100 * s->high);
	chart_num(c, 100 * s->x);
	chart_label(c, span_of(row_name(page, cell)), 30);
	text_share(&b, s->x);
	(void)buf_printf(&b, T("  (%s of %s)"), page_int(page, cell[GIVEN].n),
	    page_int(page, cell[SHOWN].n));
	chart_label(c, buf_as_span(&b), 0);
	buf_clear(&b);
	chart_num(c, span_is(cell[DIMENSION].text, "all") ? 1.5 : 1.1);
	chart_row(c);
}

static void
plot_forest(struct chart *c, unsigned block, double bottom)
{
	chart_script(c, "set border 1");
	chart_script(c, "unset ytics");
	chart_script(c, "unset grid");
	chart_script(c, "set grid x lt 1 lw 0.6 lc rgb '" CHART_FAINT "' back");
	chart_script(c, "set lmargin at screen 0.25");
	chart_script(c, "set rmargin at screen 0.745");
	chart_script(c, "set xrange [0:100]");
	chart_script(c, "set yrange [%g:0.7]", bottom);
	chart_script(c, "set xtics 0,20,100 format '%%g%%%%'");
	chart_script(c,
	    "plot data index %u using 1:2:($3-$1):(0) with vectors nohead "
	    "lw 2.2 lc rgb '" CHART_SKY "', "
	    "data index %u using 4:2:7 with points pt 7 ps variable lc rgb '" CHART_BLUE
	    "', "
	    "data index %u using (0):2:5 with labels right offset -1.2,0 "
	    "textcolor rgb '" CHART_INK "', "
	    "data index %u using (100):2:6 with labels left offset 1.2,0 "
	    "textcolor rgb '#4a5058'",
	    block, block, block, block);
}

static void
draw_forest(struct page *page, const struct table *t, const struct group *g,
    unsigned no)
{
	const struct table_cell *was = NULL, *cell;
	size_t i, n = 0, drawn = 0;
	double y = 1;
	unsigned block;
	char name[32];
	struct chart c;

	for (i = g->first; i < g->first + g->n; i++)
		n += is_drawn(t, g, i);
	n = n < MOST_ROWS ? n : MOST_ROWS;
	(void)snprintf(name, sizeof name, "rates-%u", no);
	chart_init(&c, page, name, 900, (int)(n * ROW_PX) + 100);
	for (i = g->first; i < g->first + g->n && drawn < n; i++) {
		if (!is_drawn(t, g, i))
			continue;
		cell = t->row[i].cell;
		/* A little air between dimensions. */
		y -= was == NULL ||
			     span_eq(cell[DIMENSION].text, was[DIMENSION].text)
			 ? 1
			 : 1.35;
		add_row(page, &c, cell, y);
		was = cell;
		drawn++;
	}
	block = chart_block(&c);
	plot_forest(&c, block, y - 0.7);
	if (drawn > 0)
		chart_draw(&c,
		    arena_printf(&page->arena,
			T("%s, %s: share of episodes that ended in consent, "
			  "with its 95%% interval"),
			t->row[g->first].cell[SURFACE].text.p, g->purposes),
		    T("A point for each share on a line for its interval."));
	else
		chart_clear(&c);
}

/* ---- days ---------------------------------------------------------------- */

static void
plot_days(struct chart *c, unsigned block, double most)
{
	chart_script(c, "set multiplot");
	chart_script(c, "set lmargin 9");
	chart_script(c, "set rmargin 2");
	chart_script(c, "set size 1,0.56");
	chart_script(c, "set origin 0,0.44");
	chart_script(c, "set yrange [0:*]");
	chart_script(c, "set ytics %g", chart_step(most, 4));
	chart_script(c, "set format y '%%.0f'");
	chart_script(c, "set boxwidth 62000 absolute");
	chart_script(c,
	    "plot data index %u using 1:($2+$3+$4) with boxes lc rgb '" CHART_GREY
	    "', data index %u using 1:($2+$3) with boxes lc rgb '" CHART_BLUE
	    "', data index %u using 1:2 with boxes lc rgb '" CHART_ORANGE "'",
	    block, block, block);
	chart_script(c, "set tmargin 0.6");
	chart_script(c, "set size 1,0.44");
	chart_script(c, "set origin 0,0");
	chart_script(c, "set yrange [0:100]");
	chart_script(c, "set ytics 50");
	chart_script(c, "set format y '%%g%%%%'");
	chart_script(c,
	    "plot data index %u using 1:6:7 with filledcurves lc rgb '#d5e4f1', "
	    "data index %u using 1:5 with linespoints pt 7 ps 0.45 lw 1.4 "
	    "lc rgb '" CHART_BLUE "'",
	    block, block);
	chart_script(c, "unset multiplot");
}

static void
draw_days(struct page *page, const struct table *t, const struct group *g,
    unsigned no)
{
	struct chart_key keys[] = { { T("consented"), CHART_ORANGE },
		{ T("refused"), CHART_BLUE },
		{ T("left or put off"), CHART_GREY } };
	const struct table_cell *cell;
	unsigned block;
	double at, first = 0, last = 0, most = 0;
	char name[32];
	struct chart c;
	size_t i;

	(void)snprintf(name, sizeof name, "days-%u", no);
	chart_init(&c, page, name, 900, 380);
	for (i = g->first; i < g->first + g->n; i++) {
		cell = t->row[i].cell;
		if (t->row[i].has_hidden || cell[DAY].is_null)
			continue;
		at = page_day_seconds(cell[DAY].text) + 43200;
		if (first == 0)
			first = at;
		last = at;
		most = fmax(most, (double)cell[DAY_SHOWN].n);
		chart_num(&c, at);
		chart_num(&c, (double)cell[DAY_GIVEN].n);
		chart_num(&c, (double)cell[DAY_REFUSED].n);
		/* what nobody could log apart is one thing */
		chart_num(
		    &c, (double)(cell[DAY_OTHER].is_null
				     ? cell[DAY_SHOWN].n - cell[DAY_GIVEN].n
				     : cell[DAY_OTHER].n));
		chart_num(&c, 100 * cell[DAY_SHARE].x);
		chart_num(&c, 100 * cell[DAY_SHARE].low);
		chart_num(&c, 100 * cell[DAY_SHARE].high);
		chart_row(&c);
	}
	block = chart_block(&c);
	chart_legend(&c, keys, N_OF(keys));
	chart_time_axis(&c, first - 64800, last + 64800);
	plot_days(&c, block, most);
	if (first > 0)
		chart_draw(&c,
		    arena_printf(&page->arena,
			T("%s, %s: episodes by the day they began and how "
			  "they ended (above); share that ended in consent "
			  "with its 95%% interval (below)"),
			t->row[g->first].cell[SURFACE].text.p, g->purposes),
		    T("Stacked bars for each day above a line of shares."));
	else
		chart_clear(&c);
}

/* ---- what was never logged ------------------------------------------------- */

static void
write_refused(struct page *page)
{
	struct html *h = &page->html;
	struct answer a;
	bool any = false;

	view_ask(&page->view, &a, VIEW_RATES_MISSING, "");
	while (answer_next(&a)) {
		if (!any) {
			page_p(page, "%s",
			    T("Some rates are refused or lack a part, for "
			      "what they would be a share of was never "
			      "logged. Acts in such a source tell of those "
			      "who acted, not of those who were shown the "
			      "surface and did not."));
			html_open(h, "ul", NULL);
		}
		any = true;
		html_open(h, "li", NULL);
		html_elem(h, "code", "%s", answer_text(&a, "surface"));
		html_text(h, ", ");
		html_text(h, answer_is_null(&a, "purpose")
				 ? T("purpose not named")
				 : answer_text(&a, "purpose"));
		html_textf(h, ": %s",
		    answer_int(&a, "is_refused") != 0 ? T("no rate")
						      : T("not complete"));
		html_textf(h, " (%s)", answer_text(&a, "missing"));
		html_close(h, "li");
	}
	if (any)
		html_close(h, "ul");
}

static bool
has_missing(struct page *page)
{
	struct answer a;
	bool any = false;

	view_ask(&page->view, &a, VIEW_RATES_MISSING, "");
	while (answer_next(&a))
		any = true;
	return any;
}

/* ---- section ------------------------------------------------------------- */

static void
fill(struct page *page, struct table *t, enum view_id question)
{
	struct answer a;
	const char *dimension;
	size_t i;

	view_ask(&page->view, &a, question, "");
	while (answer_next(&a)) {
		dimension = question == VIEW_RATES
				? answer_text(&a, "dimension")
				: "day";
		table_row(t, arena_printf(&page->arena, "%s\x1f%s\x1f%s",
				 answer_text(&a, "surface"),
				 answer_is_null(&a, "purpose")
				     ? ""
				     : answer_text(&a, "purpose"),
				 dimension));
		t->row[t->n_rows - 1].is_total = strcmp(dimension, "all") == 0;
		for (i = 0; i < t->n_columns; i++)
			table_answer(t, &a, t->column[i].key);
	}
	table_suppress(t);
}

void
section_rates(struct page *page)
{
	size_t left_out = has_missing(page) ? 0 : MISSING_COLUMNS, i, n;
	struct table rates, days;
	struct group *group;
	unsigned drawn;

	page_p(page, "%s",
	    T("Of the episodes in which the surface was shown at least once: "
	      "how they ended. Consent is what the person did, not what was "
	      "recorded of it; leaving a ticked box alone and going on "
	      "counts as consenting here, and the detectors say what such a "
	      "consent is worth. Purposes with the same numbers throughout "
	      "are drawn once."));
	write_refused(page);
	table_init(&rates, page, "rates", T("Episodes and how they ended"),
	    columns, N_OF(columns) - left_out);
	fill(page, &rates, VIEW_RATES);
	n = find_groups(page, &rates, &group);
	for (i = 0, drawn = 0; i < n && drawn < MOST_GROUPS; i++)
		if (!group[i].is_merged)
			draw_forest(page, &rates, &group[i], ++drawn);
	table_write(&rates, TABLE_FOLDED, T("No surface was shown."));

	html_elem(&page->html, "h3", "%s", T("Day by day"));
	table_init(&days, page, "days", T("Episodes by day"), day_columns,
	    N_OF(day_columns) - left_out);
	fill(page, &days, VIEW_RATE_DAYS);
	n = find_groups(page, &days, &group);
	for (i = 0, drawn = 0; i < n && drawn < MOST_GROUPS; i++)
		if (!group[i].is_merged)
			draw_days(page, &days, &group[i], ++drawn);
	table_write(&days, TABLE_FOLDED, T("No episode bears a date."));
}
