/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "analysis/detector_table.h"
#include "reports/table.h"

enum { MOST_DESIGNS = 8, MOST_SURFACES = 12, HEAT_LEVELS = 5 };

/* ---- the overview -------------------------------------------------------- */

/* The shade of a share: 0 none, 5 nearly all; the number stands on it. */
static unsigned
heat(double share)
{
	static const double from[HEAT_LEVELS] = { 0, 0.05, 0.25, 0.5, 0.75 };
	unsigned level = 0;

	if (!(share > 0))
		return 0;
	while (level < HEAT_LEVELS && share > from[level])
		level++;
	return level;
}

static void
heat_cell(struct page *page, const struct page_finding *f)
{
	struct html *h = &page->html;
	char cls[24];

	if (f == NULL) {
		html_open(h, "td", "class", "num", NULL);
		html_elem_class(h, "span", "none", "\xc2\xb7");
		html_close(h, "td");
		return;
	}
	(void)snprintf(
	    cls, sizeof cls, "num heat%u", f->is_withheld ? 0 : heat(f->share));
	html_open(h, "td", "class", cls, NULL);
	if (f->is_withheld) {
		html_elem_class(h, "span", "none", "%s", T("withheld"));
	} else if (f->eligible == 0) {
		html_elem_class(h, "span", "none", "%s", T("nobody"));
	} else if (f->undecidable == f->eligible) {
		html_elem_class(h, "span", "none", "%s", T("undecidable"));
	} else {
		html_elem(h, "b", "%s", page_int(page, f->sure));
		html_textf(h, T(" of %s"), page_int(page, f->eligible));
		if (f->ambiguous > 0 && !f->hides_ambiguous)
			html_textf(h, ", ~%s", page_int(page, f->ambiguous));
		if (f->undecidable > 0 && !f->hides_undecidable)
			html_textf(h, ", ?%s", page_int(page, f->undecidable));
	}
	html_close(h, "td");
}

/* Up to `most` different values of surface (of == NULL) or of a surface's
 * designs, in the order of the findings. */
static size_t
distinct(struct page *page, const char *of, const char **out, size_t most)
{
	const struct page_finding *f;
	const char *value;
	size_t i, j, n = 0;

	for (i = 0; i < page->n_findings; i++) {
		f = &page->finding[i];
		if (f->surface == NULL)
			continue;
		if (of != NULL && strcmp(f->surface, of) != 0)
			continue;
		value = of == NULL	    ? f->surface
			: f->design != NULL ? f->design
					    : "";
		for (j = 0; j < n && strcmp(out[j], value) != 0; j++)
			;
		if (j == n && n < most)
			out[n++] = value;
	}
	return n;
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static const struct page_finding *
find(struct page *page, const struct page_finding *like, const char *surface,
    const char *design)
{
	const struct page_finding *f;
	size_t i;

	for (i = 0; i < page->n_findings; i++) {
		f = &page->finding[i];
		if (same(f->detector, like->detector) &&
		    same(f->scope, like->scope) && same(f->surface, surface) &&
		    (surface != NULL || same(f->operator_, like->operator_)) &&
		    same(f->design != NULL ? f->design : "", design))
			return f;
	}
	return NULL;
}

/* Is it the first of its detector and scope on the surface? */
static bool
is_first(struct page *page, const struct page_finding *f)
{
	const struct page_finding *e;

	for (e = page->finding; e < f; e++)
		if (same(e->detector, f->detector) &&
		    same(e->scope, f->scope) && same(e->surface, f->surface) &&
		    (f->surface != NULL || same(e->operator_, f->operator_)))
			return false;
	return true;
}

static void
heat_head(struct page *page, const char *surface, const char **design, size_t n)
{
	struct html *h = &page->html;
	size_t i;

	html_open(h, "caption", NULL);
	html_elem_class(
	    h, "b", "no", T("Table %s"), page_int(page, ++page->n_tables));
	html_textf(h, " %s",
	    surface != NULL
		? arena_printf(&page->arena,
		      T("%s: people by detector and design"), surface)
		: T("Not bound to a surface: people by detector"));
	html_close(h, "caption");
	html_open(h, "thead", NULL);
	html_open(h, "tr", NULL);
	html_elem(h, "th", "%s", T("Detector"));
	for (i = 0; i < n; i++)
		html_elem_class(h, "th", "num", "%s",
		    design[i][0] != '\0' ? design[i] : T("no design"));
	html_close(h, "tr");
	html_close(h, "thead");
	html_line(h);
}

static void
heat_row(struct page *page, const struct page_finding *f, const char *surface,
    const char **design, size_t n)
{
	struct html *h = &page->html;
	char href[48];
	size_t i;

	(void)snprintf(href, sizeof href, "#%s", f->detector);
	html_open(h, "tr", NULL);
	html_open(h, "th", "scope", "row", NULL);
	html_open(h, "a", "class", "id", "href", href, NULL);
	html_text(h, f->detector);
	html_close(h, "a");
	html_textf(
	    h, " %s%s%s", f->title, f->scope[0] != '\0' ? ", " : "", f->scope);
	if (surface == NULL && page->n_operators > 1 && f->operator_ != NULL)
		html_textf(h, ", %s", f->operator_);
	html_close(h, "th");
	for (i = 0; i < n; i++)
		heat_cell(page, find(page, f, surface, design[i]));
	html_close(h, "tr");
	html_line(h);
}

static void
write_heat(struct page *page, const char *surface)
{
	const char *design[MOST_DESIGNS] = { "" };
	struct html *h = &page->html;
	size_t i, n = 1, rows = 0;

	if (surface != NULL)
		n = distinct(page, surface, design, MOST_DESIGNS);
	for (i = 0; i < page->n_findings; i++)
		rows += same(page->finding[i].surface, surface);
	if (rows == 0)
		return;
	html_open(h, "div", "class", "table-box", NULL);
	html_open(h, "div", "class", "scroll", "tabindex", "0", "role",
	    "region", "aria-label", T("Detectors and designs"), NULL);
	html_open(h, "table", "class", "heat", NULL);
	heat_head(page, surface, design, n);
	html_open(h, "tbody", NULL);
	for (i = 0; i < page->n_findings; i++)
		if (same(page->finding[i].surface, surface) &&
		    is_first(page, &page->finding[i]))
			heat_row(page, &page->finding[i], surface, design, n);
	html_close(h, "tbody");
	html_close(h, "table");
	html_close(h, "div");
	html_close(h, "div");
	html_line(h);
}

/* ---- one detector -------------------------------------------------------- */

static void
write_counts(struct page *page, size_t from, size_t to, const char *name)
{
	static const struct table_column columns[] = {
		{ "where", "Where", TABLE_TEXT, false },
		{ "eligible", "Counted", TABLE_SUM, false },
		{ "sure", "Sure", TABLE_PART, false },
		{ "ambiguous", "Ambiguous", TABLE_PART, false },
		{ "refuted", "Refuted", TABLE_PART, false },
		{ "undecidable", "Not decidable", TABLE_PART, false },
		{ "share", "Sure, share", TABLE_SHARE, false },
		{ "first", "First", TABLE_INSTANT, false },
		{ "last", "Last", TABLE_INSTANT, false },
		{ "finding", "", TABLE_COUNT, true },
	};
	const struct page_finding *f;
	struct table t;
	size_t i;

	table_init(&t, page, name,
	    arena_printf(&page->arena, "%s: %s", page->finding[from].detector,
		page->finding[from].unit),
	    columns, N_OF(columns));
	for (i = from; i < to; i++) {
		f = &page->finding[i];
		table_row(&t, "");
		table_text(&t, page_finding_where(page, f));
		table_int(&t, f->eligible);
		table_int(&t, f->sure);
		table_int(&t, f->ambiguous);
		table_int(&t, f->refuted);
		table_int(&t, f->undecidable);
		table_share(&t, f->share, f->low, f->high);
		if (f->has_first)
			table_int(&t, f->first_us);
		else
			table_null(&t);
		if (f->has_last)
			table_int(&t, f->last_us);
		else
			table_null(&t);
		table_int(&t, f->id);
	}
	table_write(&t, TABLE_OPEN, "");
}

/* A measure's name without the underscores it may have. */
static const char *
words(struct page *page, struct answer *a)
{
	char *name = arena_str(&page->arena, answer_span(a, "name")), *p;

	for (p = name; *p != '\0'; p++)
		if (*p == '_')
			*p = ' ';
	return name;
}

/* "92.6% of impressions" for a share of them, else number and unit. */
static void
write_measure(struct page *page, double value, const char *unit)
{
	bool is_share = strncmp(unit, "share", 5) == 0;

	html_elem(&page->html, "b", "%s",
	    is_share ? page_share(page, value) : page_real(page, value));
	html_textf(
	    &page->html, " %s", is_share ? unit + 5 + (unit[5] == ' ') : unit);
}

static void
write_measures(struct page *page, const struct page_finding *f)
{
	struct html *h = &page->html;
	struct answer a;
	bool any = false;

	if (f->is_withheld)
		return;
	view_ask(&page->view, &a, VIEW_MEASURES, "i", f->id);
	while (answer_next(&a)) {
		if (page_hides_measure(page, f, answer_real(&a, "value"),
			answer_text(&a, "unit")))
			continue;
		if (!any) {
			html_elem_class(
			    h, "p", "where", "%s", page_finding_where(page, f));
			html_open(h, "dl", "class", "measures", NULL);
		}
		any = true;
		html_open(h, "div", NULL);
		html_elem(h, "dt", "%s", words(page, &a));
		html_open(h, "dd", NULL);
		write_measure(
		    page, answer_real(&a, "value"), answer_text(&a, "unit"));
		html_close(h, "dd");
		html_close(h, "div");
	}
	if (any)
		html_close(h, "dl");
	html_line(h);
}

/* "WHAT text." */
static void
write_note(
    struct page *page, const char *cls, const char *what, const char *text)
{
	struct html *h = &page->html;

	html_open(h, "p", "class", cls, NULL);
	html_elem(h, "b", "%s", what);
	html_textf(h, " %s.", text);
	html_close(h, "p");
	html_line(h);
}

/* Does the text name it, as a word of its own? */
static bool
names(const char *text, const char *word)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
	size_t n = strlen(word);
	const char *p;

	for (p = text; (p = strstr(p, word)) != NULL; p += n)
		if ((p == text || strchr(letters, p[-1]) == NULL) &&
		    (p[n] == '\0' || strchr(letters, p[n]) == NULL))
			return true;
	return false;
}

/* The thresholds that its predicate names, as they held in this case. */
static void
write_thresholds(struct page *page, const struct page_finding *f)
{
	const char *text = NULL;
	size_t i;

	for (i = 0; i < page->n_thresholds; i++) {
		const struct page_threshold *t = &page->threshold[i];

		if (!names(f->predicate, t->name))
			continue;
		text = text == NULL ? arena_printf(&page->arena, "%s = %s",
					  t->name, t->value)
				    : arena_printf(&page->arena, "%s; %s = %s",
					  text, t->name, t->value);
	}
	if (text != NULL)
		write_note(page, "source", T("Thresholds:"), text);
}

/* What it could not decide, and for want of what; each reason once. */
static void
write_undecided(struct page *page, size_t from, size_t to)
{
	const char *text = NULL, *missing;
	size_t i, k;

	for (i = from; i < to; i++) {
		missing = page->finding[i].missing;
		if (page->finding[i].undecidable == 0 || missing == NULL)
			continue;
		for (k = from; k < i; k++)
			if (page->finding[k].undecidable > 0 &&
			    same(page->finding[k].missing, missing))
				break;
		if (k < i)
			continue;
		text = text == NULL ? missing
				    : arena_printf(&page->arena, "%s; %s", text,
					  missing);
	}
	if (text != NULL)
		write_note(page, "note-line",
		    T("Where it could not be decided, what was missing:"),
		    text);
}

/* What else it may be, what would refute it, what it rests on. */
static void
write_doubts(struct page *page, size_t from, size_t to)
{
	const struct page_finding *f = &page->finding[from];
	const char *refuted_by = detector_refuted_by(f->detector);

	write_note(page, "note-line", T("The same records may also mean:"),
	    f->alternatives);
	if (refuted_by != NULL)
		write_note(page, "note-line", T("What would refute it:"),
		    T(refuted_by));
	write_undecided(page, from, to);
	write_thresholds(page, f);
	write_note(
	    page, "source", T("Where the predicate comes from:"), f->sources);
}

static void
write_detector(struct page *page, size_t from, size_t to)
{
	const struct page_finding *f = &page->finding[from];
	struct html *h = &page->html;
	char name[64];
	size_t i;

	html_open(h, "section", "class", "detector", "id", f->detector, NULL);
	html_open(h, "h3", NULL);
	html_elem_class(h, "span", "id", "%s", f->detector);
	html_textf(h, " %s", f->title);
	html_close(h, "h3");
	html_line(h);
	page_p(page, T("Sure where %s. Counted: %s."), f->measure, f->unit);
	(void)snprintf(name, sizeof name, "detector-%s", f->detector);
	write_counts(page, from, to, name);
	for (i = from; i < to; i++)
		write_measures(page, &page->finding[i]);
	if (!page->is_public)
		exemplars_write(page, from, to);
	write_doubts(page, from, to);
	html_close(h, "section");
	html_line(h);
}

/* Detectors of the table that have something (or nothing) to say. */
static void
write_detectors(struct page *page, bool is_positive)
{
	struct html *h = &page->html;
	size_t i, from, n = 0;
	int64_t hits;

	for (from = 0; from < page->n_findings; from = i) {
		for (i = from, hits = 0;
		     i < page->n_findings && same(page->finding[i].detector,
						 page->finding[from].detector);
		     i++)
			hits +=
			    page->finding[i].sure + page->finding[i].ambiguous;
		if ((hits > 0) != is_positive)
			continue;
		if (is_positive) {
			write_detector(page, from, i);
			continue;
		}
		if (n++ == 0)
			html_open(h, "ul", "class", "plain", NULL);
		html_open(h, "li", "id", page->finding[from].detector, NULL);
		html_elem_class(
		    h, "span", "id", "%s", page->finding[from].detector);
		html_textf(h, T(" %s: sure where %s."),
		    page->finding[from].title, page->finding[from].measure);
		html_close(h, "li");
		html_line(h);
	}
	if (n > 0)
		html_close(h, "ul");
	else if (!is_positive)
		page_p(page, "%s", T("There is none."));
}

void
section_detectors(struct page *page)
{
	const char *surface[MOST_SURFACES];
	size_t i, n;

	page_p(page, "%s",
	    T("A detector asks one question of every person it concerns and "
	      "answers sure, ambiguous, refuted or not decidable. The tables "
	      "give the sure answers and of how many; after ~ stand those "
	      "the records allow without settling them, after ? those that "
	      "cannot be decided. The darker the cell, the larger the sure "
	      "share. Counted are the people whom it concerns; purposes that "
	      "the case declares necessary are left out of all of them."));
	n = distinct(page, NULL, surface, MOST_SURFACES);
	for (i = 0; i < n; i++)
		write_heat(page, surface[i]);
	write_heat(page, NULL);
	write_detectors(page, true);
	html_elem(&page->html, "h3", "%s",
	    T("Asked without a sure or ambiguous answer"));
	write_detectors(page, false);
}
