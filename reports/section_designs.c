/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which design was shown when.  Episodes are counted once in fine bins and
 * added up for two charts: the whole period, and the hours around the first
 * exposure of each later design.
 */
#include <math.h>
#include <stdio.h>

#include "reports/chart.h"
#include "reports/table.h"

enum {
	FINE_S = 300,	   /* the finest bin */
	FINE_MOST = 20000, /* bins over the period */
	WIDE_BINS = 120,   /* bins of a chart */
	MOST_DESIGNS = 6,  /* lines of a chart */
	AROUND_S = 12 * 3600
};

struct exposure_bin {
	double local_s; /* begin, wall clock */
	int64_t n;
};

struct exposure_line {
	const char *surface, *version;
	struct exposure_bin *bin; /* [n] in order of time */
	size_t n, room;
};

struct exposures {
	struct exposure_line *line;
	size_t n, room;
	double first_s, last_s, fine_s;
};

static void
add_bin(struct page *page, struct exposures *x, struct answer *a)
{
	struct exposure_line *l = x->n > 0 ? &x->line[x->n - 1] : NULL;
	size_t more;

	if (l == NULL || !span_is(answer_span(a, "surface"), l->surface) ||
	    !span_is(answer_span(a, "version"), l->version)) {
		if (x->n == x->room) {
			more = x->room == 0 ? 8 : 2 * x->room;
			x->line = arena_grow(&page->arena, x->line,
			    x->room * sizeof *l, more * sizeof *l);
			x->room = more;
		}
		l = &x->line[x->n++];
		l->surface = page_copy(page, answer_span(a, "surface"));
		l->version = page_copy(page, answer_span(a, "version"));
	}
	if (l->n == l->room) {
		more = l->room == 0 ? 64 : 2 * l->room;
		l->bin = arena_grow(&page->arena, l->bin,
		    l->room * sizeof l->bin[0], more * sizeof l->bin[0]);
		l->room = more;
	}
	l->bin[l->n].local_s = (double)answer_int(a, "local_us") / 1e6;
	l->bin[l->n++].n = answer_int(a, "n");
}

static void
load(struct page *page, struct exposures *x)
{
	int64_t zone_us = (int64_t)page->zone_min * 60 * UTC_US_S, span;
	struct answer a;

	view_ask(&page->view, &a, VIEW_EXPOSURE_SPAN, "");
	if (answer_next(&a) && !answer_is_null(&a, "first_us")) {
		x->first_s =
		    (double)(answer_int(&a, "first_us") + zone_us) / 1e6;
		x->last_s = (double)(answer_int(&a, "last_us") + zone_us) / 1e6;
	}
	answer_end(&a);
	span = (int64_t)(x->last_s - x->first_s);
	x->fine_s = FINE_S;
	while (x->fine_s * FINE_MOST < (double)span)
		x->fine_s *= 2;
	view_ask(&page->view, &a, VIEW_EXPOSURES, "ii",
	    (int64_t)(x->fine_s * 1e6), zone_us);
	while (answer_next(&a))
		add_bin(page, x, &a);
}

/* ---- charts -------------------------------------------------------------- */

static double
round_bin(double span_s, double least_s)
{
	static const double steps[] = { 300, 900, 3600, 3 * 3600, 6 * 3600,
		86400, 7 * 86400.0, 30 * 86400.0 };
	size_t i = 0;

	while (i + 1 < N_OF(steps) &&
	       (steps[i] < least_s || span_s / steps[i] > WIDE_BINS))
		i++;
	return steps[i] < least_s ? least_s : steps[i];
}

/* Episodes of a line from `from` to `to` in bins; false: none there. */
static bool
add_line(struct page *page, struct chart *c, const struct exposure_line *l,
    double from, double to, double bin)
{
	double at = -1, begin;
	int64_t sum = 0, total = 0;
	size_t i;

	for (i = 0; i <= l->n; i++) {
		begin = i < l->n ? floor(l->bin[i].local_s / bin) * bin : -2;
		if (sum > 0 && begin != at) {
			chart_num(c, at + bin / 2);
			chart_num(c, page_small(page, sum) ? NAN : (double)sum);
			chart_row(c);
			total += sum;
			sum = 0;
		}
		at = begin;
		if (i < l->n && l->bin[i].local_s >= from &&
		    l->bin[i].local_s < to)
			sum += l->bin[i].n;
	}
	return total > 0;
}

static void
draw(struct page *page, const struct exposures *x, const char *surface,
    const char *name, double from, double to, const char *caption)
{
	double bin = round_bin(to - from, x->fine_s);
	struct chart_key keys[MOST_DESIGNS];
	unsigned lines = 0, i, used;
	struct chart c;
	struct buf plot = { 0 };

	chart_init(&c, page, name, 900, 260);
	chart_script(&c, "set logscale y");
	chart_script(&c, "set yrange [0.7:*]");
	chart_script(&c, "set format y '%%.0s%%c'");
	from = floor(from / bin) * bin; /* whole bins, one at least */
	to = (floor(to / bin) + 1) * bin;
	chart_time_axis(&c, from, to);
	chart_script(&c, "set boxwidth %.0f absolute", bin);
	(void)buf_str(&plot, "plot ");
	for (i = 0; i < x->n && lines < MOST_DESIGNS; i++) {
		if (strcmp(x->line[i].surface, surface) != 0 ||
		    !add_line(page, &c, &x->line[i], from, to, bin))
			continue;
		keys[lines].name = x->line[i].version;
		keys[lines].color = chart_color(lines);
		used = chart_block(&c);
		(void)buf_printf(&plot,
		    "%sdata index %u using 1:2 with boxes fill transparent "
		    "solid 0.6 noborder lc rgb '%s'",
		    lines > 0 ? ", " : "", used, chart_color(lines));
		lines++;
	}
	chart_legend(&c, keys, lines);
	chart_script(&c, "%s", plot.p);
	buf_clear(&plot);
	chart_draw(&c, caption,
	    T("Bars of episodes over time, one colour for each design."));
}

static void
draw_surface(struct page *page, const struct exposures *x, const char *surface,
    unsigned no)
{
	char name[32];

	(void)snprintf(name, sizeof name, "designs-%u", no);
	/* Bins begin before what they hold; the last instant is in, too. */
	draw(page, x, surface, name, floor(x->first_s / x->fine_s) * x->fine_s,
	    x->last_s + 1,
	    arena_printf(&page->arena,
		T("%s: episodes in which each design was shown, local time, "
		  "logarithmic"),
		surface));
}

static void
draw_cutover(
    struct page *page, const struct exposures *x, struct answer *a, unsigned no)
{
	double at =
	    (double)answer_int(a, "first_new_us") / 1e6 + page->zone_min * 60.0;
	char name[32];

	if (x->last_s - x->first_s < 3 * AROUND_S)
		return;
	(void)snprintf(name, sizeof name, "cutover-%u", no);
	draw(page, x, answer_text(a, "surface"), name, at - AROUND_S,
	    at + AROUND_S,
	    arena_printf(&page->arena,
		T("%s: the twelve hours before and after design %s was first "
		  "seen, local time, logarithmic"),
		answer_text(a, "surface"), answer_text(a, "new_design")));
}

/* ---- tables -------------------------------------------------------------- */

static void
write_designs(struct page *page)
{
	static const struct table_column columns[] = {
		{ "surface", "Surface", TABLE_CODE, false },
		{ "version", "Design", TABLE_CODE, false },
		{ "first_us", "First shown", TABLE_INSTANT, false },
		{ "last_us", "Last shown", TABLE_INSTANT, false },
		{ "people", "People", TABLE_PEOPLE, false },
		{ "impressions", "Times shown", TABLE_PEOPLE, false },
		{ "default_on", "On by default", TABLE_REAL, true },
		{ "on", "On by default", TABLE_TEXT, false },
		{ "font_px", "Text, px", TABLE_REAL, false },
		{ "body_font_px", "Other text, px", TABLE_REAL, false },
		{ "contrast", "Contrast", TABLE_REAL, false },
		{ "n_purposes", "Purposes", TABLE_COUNT, false },
		{ "accept_contrast", "", TABLE_REAL, true },
		{ "in_view", "", TABLE_REAL, true },
		{ "options", "", TABLE_COUNT, true },
		{ "purposes", "", TABLE_TEXT, true },
		{ "notice", "", TABLE_TEXT, true },
		{ "notice_version", "", TABLE_TEXT, true },
		{ "roles", "", TABLE_TEXT, true },
		{ "text", "Words of the consent", TABLE_TEXT, false },
	};
	struct answer a;
	struct table t;
	size_t i;

	table_init(&t, page, "designs", T("Designs as they were shown"),
	    columns, N_OF(columns));
	view_ask(&page->view, &a, VIEW_DESIGNS, "");
	while (answer_next(&a)) {
		table_row(&t, answer_text(&a, "surface"));
		for (i = 0; i < N_OF(columns); i++) {
			if (strcmp(columns[i].key, "on") != 0)
				table_answer(&t, &a, columns[i].key);
			else if (answer_is_null(&a, "default_on"))
				table_null(&t);
			else
				table_text(
				    &t, page_share(page,
					    answer_real(&a, "default_on")));
		}
	}
	table_write(
	    &t, TABLE_OPEN, T("No consent surface was found in the evidence."));
}

static void
write_sentence(struct page *page, struct answer *a)
{
	int64_t tail = answer_int(a, "tail");
	int64_t people = answer_int(a, "tail_people");

	page_p(page,
	    T("On %s, design %s was first shown on %s; design %s was last "
	      "shown on %s."),
	    answer_text(a, "surface"), answer_text(a, "new_design"),
	    page_instant(page, answer_int(a, "first_new_us")),
	    answer_text(a, "old_design"),
	    page_instant(page, answer_int(a, "last_old_us")));
	if (tail == 0)
		page_p(page, "%s",
		    T("No one was shown the older design after that."));
	else if (!page_small(page, tail) && !page_small(page, people))
		page_p(page,
		    T("After the newer one had appeared, the older was shown "
		      "%s more times, to %s people."),
		    page_int(page, tail), page_int(page, people));
}

static void
write_cutover(struct page *page, const struct exposures *x)
{
	static const struct table_column columns[] = {
		{ "surface", "Surface", TABLE_CODE, false },
		{ "old_design", "Older", TABLE_CODE, false },
		{ "new_design", "Newer", TABLE_CODE, false },
		{ "app_version", "App version", TABLE_TEXT, false },
		{ "last_old_us", "Older last shown", TABLE_INSTANT, false },
		{ "first_new_us", "Newer first shown", TABLE_INSTANT, false },
		{ "old_exposures", "Older shown", TABLE_PEOPLE, false },
		{ "tail", "Of these after the newer appeared", TABLE_PEOPLE,
		    false },
		{ "tail_people", "People", TABLE_PEOPLE, false },
	};
	unsigned drawn = 0;
	struct answer a;
	struct table t;
	size_t i;

	table_init(&t, page, "cutover",
	    T("When one design gave way to the next, by app version"), columns,
	    N_OF(columns));
	view_ask(&page->view, &a, VIEW_CUTOVER, "");
	while (answer_next(&a)) {
		bool all = answer_is_null(&a, "app_version");

		table_row(
		    &t, arena_printf(&page->arena, "%s %s",
			    answer_text(&a, "surface"), all ? "all" : "one"));
		t.row[t.n_rows - 1].is_total = all;
		for (i = 0; i < N_OF(columns); i++) {
			if (all && strcmp(columns[i].key, "app_version") == 0)
				table_text(&t, T("all"));
			else
				table_answer(&t, &a, columns[i].key);
		}
		if (!all || answer_is_null(&a, "first_new_us") ||
		    answer_is_null(&a, "last_old_us") ||
		    answer_is_null(&a, "new_design"))
			continue;
		write_sentence(page, &a);
		if (drawn < 3)
			draw_cutover(page, x, &a, ++drawn);
	}
	table_write(&t, TABLE_OPEN,
	    T("No surface changed its design within the evidence."));
}

void
section_designs(struct page *page)
{
	struct exposures x = { 0 };
	const char *was = "";
	unsigned no = 0;
	size_t i;

	page_p(page, "%s",
	    T("A design is one version of a surface that asks for consent, "
	      "as the source names it or, where it does not, by a "
	      "fingerprint of what was shown (f:\xe2\x80\xa6). An episode "
	      "runs from the first time a person sees the surface to the "
	      "act that ends it."));
	write_designs(page);
	load(page, &x);
	for (i = 0; i < x.n; i++) {
		if (strcmp(x.line[i].surface, was) == 0)
			continue;
		was = x.line[i].surface;
		if (no < 4)
			draw_surface(page, &x, was, ++no);
	}
	html_elem(&page->html, "h3", "%s", T("The change of design"));
	write_cutover(page, &x);
}
