/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "reports/chart.h"
#include "reports/sankey.h"
#include "reports/table.h"

enum { MOST_SURFACES = 4, MOST_WAYS = 60, CURVE_POINTS = 16 };

static const struct table_column way_columns[] = {
	{ "outcome", "Ended", TABLE_TEXT, false },
	{ "steps", "Way", TABLE_TEXT, false },
	{ "n", "Episodes", TABLE_PEOPLE, false },
};
static const struct table_column edge_columns[] = {
	{ "from", "From", TABLE_CODE, false },
	{ "to", "To", TABLE_CODE, false },
	{ "n", "Times", TABLE_PEOPLE, false },
	{ "median", "Time between, median", TABLE_SECONDS, false },
};

/* The outcomes from top to bottom. */
static const struct {
	const char *code, *words, *color;
} outcomes[] = {
	{ "given", "consented", CHART_ORANGE },
	{ "refused", "refused", CHART_BLUE },
	{ "dismissed", "put off", CHART_SAND },
	{ "left", "left", CHART_GREY },
	{ "", "other", CHART_GREEN },
};

static unsigned
outcome_of(struct span text)
{
	unsigned i;

	for (i = 0; i + 1 < N_OF(outcomes); i++)
		if (span_is(text, outcomes[i].code))
			break;
	return i;
}

/* ---- drawing ------------------------------------------------------------- */

static void
point(struct chart *c, double x, double y)
{
	chart_num(c, x);
	chart_num(c, -y);
	chart_row(c);
}

/* A band between two boxes: two curves with level ends. */
static void
add_band(struct chart *c, const struct sankey *s, const struct sankey_band *b)
{
	double x0 = s->node[b->from].x1, x1 = s->node[b->to].x0, t, ease, x;
	int i;

	for (i = 0; i <= CURVE_POINTS; i++) {
		t = (double)i / CURVE_POINTS;
		ease = t * t * (3 - 2 * t);
		x = x0 + (x1 - x0) * t;
		point(c, x, b->y_from + (b->y_to - b->y_from) * ease);
	}
	for (i = CURVE_POINTS; i >= 0; i--) {
		t = (double)i / CURVE_POINTS;
		ease = t * t * (3 - 2 * t);
		x = x0 + (x1 - x0) * t;
		point(
		    c, x, b->y_from + (b->y_to - b->y_from) * ease + b->height);
	}
	(void)chart_block(c);
}

static void
add_bands(struct chart *c, const struct sankey *s, struct buf *plot)
{
	unsigned first, k;
	size_t i;

	for (k = 0; k < N_OF(outcomes); k++) {
		first = c->n_blocks;
		for (i = 0; i < s->n_bands; i++)
			if (s->band[i].outcome == k)
				add_band(c, s, &s->band[i]);
		if (c->n_blocks > first)
			(void)buf_printf(plot,
			    "for [i=%u:%u] data index i using 1:2 with "
			    "filledcurves closed fill transparent solid 0.55 "
			    "noborder lc rgb '%s', ",
			    first, c->n_blocks - 1, outcomes[k].color);
	}
}

/* The name of a box and, under or beside it, its number. */
static void
add_name(struct page *page, struct chart *c, const struct sankey *s,
    const struct sankey_node *d)
{
	unsigned columns = s->n_columns < 2 ? 60 : 92 / (s->n_columns - 1);
	double middle = -(d->y0 + d->y1) / 2, line = 0.024;
	const char *n = page_int(page, d->n);
	struct span name = d->name;
	bool tall = d->y1 - d->y0 > 4 * line;

	if (d->is_outcome)
		name = span_of(T(outcomes[d->outcome].words));
	if (!tall)
		name = span_of(arena_printf(
		    &page->arena, "%s  %.*s", n, (int)name.n, name.p));
	chart_num(c, d->x1 + 0.008);
	chart_num(c, tall ? middle + line : middle);
	chart_label(c, name, columns < 16 ? 16 : columns);
	chart_row(c);
	if (!tall)
		return;
	chart_num(c, d->x1 + 0.008);
	chart_num(c, middle - line);
	chart_label(c, span_of(n), 0);
	chart_row(c);
}

/* Boxes; a way passing by gets one in its band's colour elsewhere. */
static void
add_boxes(struct page *page, struct chart *c, const struct sankey *s,
    struct buf *plot)
{
	const struct sankey_node *d;
	unsigned boxes, names;
	size_t i;

	for (i = 0; i < s->n_nodes; i++) {
		d = &s->node[i];
		if (d->is_passing)
			continue;
		chart_num(c, d->x0);
		chart_num(c, d->x1);
		chart_num(c, -d->y1 - 0.001);
		chart_num(c, -d->y0 + 0.001);
		chart_row(c);
	}
	boxes = chart_block(c);
	for (i = 0; i < s->n_nodes; i++)
		if (!s->node[i].is_passing)
			add_name(page, c, s, &s->node[i]);
	names = chart_block(c);
	(void)buf_printf(plot,
	    "data index %u using 1:3:1:2:3:4 with boxxyerror lc rgb '" CHART_INK
	    "', data index %u using 1:2:3 with labels left textcolor rgb '" CHART_INK
	    "'",
	    boxes, names);
}

/* A way that passes a column by has a band's piece there as well. */
static void
add_passing(struct chart *c, const struct sankey *s, struct buf *plot)
{
	const struct sankey_node *d;
	unsigned k, first;
	size_t i;

	for (k = 0; k < N_OF(outcomes); k++) {
		first = 0;
		for (i = 0; i < s->n_nodes; i++) {
			d = &s->node[i];
			if (!d->is_passing || d->outcome != k)
				continue;
			chart_num(c, d->x0);
			chart_num(c, d->x1);
			chart_num(c, -d->y1);
			chart_num(c, -d->y0);
			chart_row(c);
			first++;
		}
		if (first > 0)
			(void)buf_printf(plot,
			    "data index %u using 1:3:1:2:3:4 with boxxyerror "
			    "fill transparent solid 0.55 noborder lc rgb '%s', ",
			    chart_block(c), outcomes[k].color);
	}
}

static void
draw(struct page *page, const struct table *t, const char *surface, unsigned no)
{
	struct sankey s = { 0 };
	struct buf plot = { 0 };
	struct chart c;
	char name[32];
	size_t i, n = 0;

	for (i = 0; i < t->n_rows && n < MOST_WAYS; i++) {
		if (t->row[i].is_withheld)
			continue;
		sankey_add(&s, t->row[i].cell[1].text,
		    outcome_of(t->row[i].cell[0].text), t->row[i].cell[2].n);
		n++;
	}
	sankey_layout(&s);
	if (s.total > 0) {
		(void)snprintf(name, sizeof name, "flow-%u", no);
		chart_init(&c, page, name, 900, 380);
		chart_script(&c, "unset border");
		chart_script(&c, "unset tics");
		chart_script(&c, "unset grid");
		chart_script(&c, "set margins 0,0,0,0");
		chart_script(&c, "set xrange [-0.005:1.14]");
		chart_script(&c, "set yrange [-1.02:0.02]");
		(void)buf_str(&plot, "plot ");
		add_bands(&c, &s, &plot);
		add_passing(&c, &s, &plot);
		add_boxes(page, &c, &s, &plot);
		(void)buf_char(&plot, '\n');
		(void)buf_span(&c.script, buf_as_span(&plot));
		chart_draw(&c,
		    arena_printf(&page->arena,
			T("%s: the ways of %s episodes, step by step; the "
			  "width of a band is the number of episodes"),
			surface, page_int(page, s.total)),
		    T("Bands from step to step that end in consent, refusal, "
		      "putting it off or leaving."));
	}
	buf_clear(&plot);
	sankey_clear(&s);
}

/* ---- section ------------------------------------------------------------- */

static void
write_ways(struct page *page, const char *surface, unsigned no)
{
	char *name = arena_printf(&page->arena, "ways-%u", no);
	struct answer a;
	struct table t;
	size_t i;

	table_init(&t, page, name,
	    arena_printf(
		&page->arena, T("%s: ways and how they ended"), surface),
	    way_columns, N_OF(way_columns));
	view_ask(&page->view, &a, VIEW_PATHS, "t", surface);
	while (answer_next(&a)) {
		table_row(&t, "");
		for (i = 0; i < N_OF(way_columns); i++)
			table_answer(&t, &a, way_columns[i].key);
	}
	table_suppress(&t);
	draw(page, &t, surface, no);
	table_write(&t, TABLE_FOLDED, T("No way was recorded."));
}

static void
write_edges(struct page *page, const char *surface, const char *name,
    const char *caption)
{
	struct answer a;
	struct table t;

	table_init(&t, page, name, caption, edge_columns, N_OF(edge_columns));
	view_ask(&page->view, &a, VIEW_EDGES, "t", surface);
	while (answer_next(&a)) {
		table_row(&t, "");
		table_answer(&t, &a, "from_screen");
		table_answer(&t, &a, "to_screen");
		table_answer(&t, &a, "n");
		if (answer_is_null(&a, "median_us"))
			table_null(&t);
		else
			table_real(&t, answer_real(&a, "median_us") / 1e6);
	}
	table_write(&t, TABLE_FOLDED, T("No change of screen was recorded."));
}

void
section_flows(struct page *page)
{
	const char *surface[MOST_SURFACES];
	struct answer a;
	unsigned i, n = 0;

	page_p(page, "%s",
	    T("How people came to the surface, what they did there and how "
	      "it ended, as the interface logged it. Steps are screens and "
	      "the controls that were used."));
	view_ask(&page->view, &a, VIEW_SURFACES, "");
	while (n < MOST_SURFACES && answer_next(&a))
		surface[n++] = page_copy(page, answer_span(&a, "surface"));
	answer_end(&a);
	for (i = 0; i < n; i++) {
		html_elem(&page->html, "h3", "%s", surface[i]);
		write_ways(page, surface[i], i + 1);
		write_edges(page, surface[i],
		    arena_printf(&page->arena, "edges-%u", i + 1),
		    arena_printf(&page->arena,
			T("%s: how often one screen followed another"),
			surface[i]));
	}
	if (n == 0)
		page_p(page, "%s",
		    T("The evidence holds no record of the interface around "
		      "a consent surface."));
	write_edges(page, "", "edges-all",
	    T("The whole app: how often one screen followed another in a "
	      "session"));
}
