/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "reports/table.h"

static const struct table_column columns[] = {
	{ "title", "", TABLE_TEXT, true },
	{ "item", "Item", TABLE_TEXT, false },
	{ "in_force", "", TABLE_TEXT, true },
	{ "detector", "Detector", TABLE_CODE, false },
	{ "where", "Where", TABLE_TEXT, false },
	{ "sure", "Sure", TABLE_PEOPLE, false },
	{ "eligible", "Counted", TABLE_PEOPLE, false },
	{ "first_us", "First act", TABLE_INSTANT, false },
	{ "rule", "", TABLE_CODE, true },
	{ "used_as", "", TABLE_TEXT, true },
	{ "finding_id", "", TABLE_COUNT, true },
};

/* Did the first act come before the rule was in force? */
static bool
is_early(struct page *page, struct answer *a, const char *from)
{
	char day[UTC_TEXT_BYTES];

	if (from == NULL || answer_is_null(a, "first_us"))
		return false;
	(void)utc_format_day(answer_int(a, "first_us"), page->zone_min, day);
	/* Dates of this form sort as texts. */
	return strcmp(day, from) < 0;
}

static const char *
in_force(struct page *page, struct answer *a)
{
	const char *from = answer_text(a, "in_force_from");
	const char *to = answer_text(a, "in_force_to");

	if (span_is(answer_span(a, "used_as"), "taxonomy"))
		return "";
	/* A draft or a decision was published and comes into no force. */
	if (from == NULL && to == NULL)
		return span_is(answer_span(a, "used_as"), "not verified")
			   ? T("dates not known")
			   : "";
	/* What was published and not in force yet must not look in force. */
	if (span_is(answer_span(a, "used_as"), "guidance") &&
	    is_early(page, a, from))
		return arena_printf(&page->arena,
		    T("published by then, in force only from %s"), from);
	if (to == NULL)
		return arena_printf(&page->arena, T("from %s"), from);
	return arena_printf(
	    &page->arena, T("%s to %s"), from != NULL ? from : "?", to);
}

static const struct page_finding *
finding_of(struct page *page, int64_t id)
{
	size_t i;

	for (i = 0; i < page->n_findings; i++)
		if (page->finding[i].id == id)
			return &page->finding[i];
	return NULL;
}

static void
add_row(struct page *page, struct table *t, struct answer *a)
{
	const struct page_finding *f =
	    finding_of(page, answer_int(a, "finding_id"));

	table_row(t, answer_text(a, "rule"));
	table_answer(t, a, "title");
	table_answer(t, a, "item");
	table_text(t, in_force(page, a));
	table_answer(t, a, "detector");
	table_text(t,
	    f != NULL ? page_finding_where(page, f)
		      : page_where(page, answer_span(a, "surface"),
			    answer_span(a, "design"), answer_span(a, "scope")));
	table_answer(t, a, "sure");
	table_answer(t, a, "eligible");
	table_answer(t, a, "first_us");
	table_answer(t, a, "rule");
	table_answer(t, a, "used_as");
	table_answer(t, a, "finding_id");
	if (f == NULL)
		return;
	/* What is hidden there stays hidden here. */
	t->row[t->n_rows - 1].cell[5].is_hidden = f->hides_sure;
	t->row[t->n_rows - 1].cell[6].is_hidden = f->hides_eligible;
}

/* How a rule is used of an act, in the order of the section. */
static const struct use {
	const char *used_as;
	const char *csv;
	const char *title, *what; /* English; translated when written */
} uses[] = {
	{ "binding", "law-binding", "Binding",
	    "Laws that were in force on the day of the first act." },
	{ "guidance", "law-guidance", "Guidance",
	    "What binds nobody by itself: standards, guidelines, reports, and "
	    "what authorities did in other matters, published by the day of "
	    "the first act; and laws that were published but not yet in "
	    "force." },
	{ "retrospective yardstick", "law-yardsticks",
	    "Retrospective yardsticks",
	    "Rules that came after the first act, or had ended before it. "
	    "They did not apply, and are given so that the case can be "
	    "compared with others." },
	{ "taxonomy", "law-names", "Names in the literature",
	    "What authorities and researchers call designs and practices "
	    "like these. A name is no rule, and nothing follows from it." },
	{ "not verified", "law-unverified", "Of unknown date",
	    "Whether these applied is not said: their dates, or that of the "
	    "act, are not known." },
};

/* The text that a list of its items stands under. */
struct heading {
	const char *title, *in_force, *rule;
};

static bool
same_text(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* A new text ends the list before it and begins its own. */
static void
write_heading(struct page *page, struct heading *at, struct answer *a)
{
	struct html *h = &page->html;
	const char *title = page_copy(page, answer_span(a, "title"));
	const char *when = in_force(page, a);

	if (same_text(title, at->title) && same_text(when, at->in_force))
		return;
	if (at->title != NULL) {
		html_close(h, "li");
		html_close(h, "ul");
	}
	html_open(h, "h4", NULL);
	html_text(h, title);
	html_elem_class(
	    h, "span", "when", "%s%s", *when != '\0' ? " " : "", when);
	html_close(h, "h4");
	html_line(h);
	html_open(h, "ul", "class", "rules", NULL);
	*at = (struct heading){ title, when, NULL };
}

/* An item with the detectors whose findings bear on it. */
static void
write_item(struct page *page, struct heading *at, struct answer *a,
    const char **detector)
{
	struct html *h = &page->html;
	const char *id = page_copy(page, answer_span(a, "detector"));
	char href[48];

	if (!same_text(answer_text(a, "rule"), at->rule)) {
		if (at->rule != NULL)
			html_close(h, "li");
		html_line(h);
		html_open(h, "li", NULL);
		html_elem_class(h, "div", "item", "%s", answer_text(a, "item"));
		at->rule = page_copy(page, answer_span(a, "rule"));
		*detector = NULL;
	}
	/* One a detector, whatever the number of its findings. */
	if (same_text(id, *detector))
		return;
	html_open(h, "span", "class", "bears", NULL);
	(void)snprintf(href, sizeof href, "#%s", id);
	html_open(h, "a", "class", "id", "href", href, NULL);
	html_text(h, id);
	html_close(h, "a");
	html_textf(
	    h, " %s", T(page_copy(page, answer_span(a, "detector_title"))));
	html_close(h, "span");
	*detector = id;
}

/* Returns how many rows there are. */
static size_t
write_list(struct page *page, const struct use *use)
{
	struct heading at = { 0 };
	const char *detector = NULL;
	struct answer a;
	size_t n = 0;

	view_ask(&page->view, &a, VIEW_LEGAL, "t", use->used_as);
	while (answer_next(&a)) {
		if (n++ == 0) {
			html_elem(&page->html, "h3", "%s",
			    lang_text(page->lang, use->title));
			page_p(page, "%s", lang_text(page->lang, use->what));
		}
		write_heading(page, &at, &a);
		write_item(page, &at, &a, &detector);
	}
	if (n > 0) {
		html_close(&page->html, "li");
		html_close(&page->html, "ul");
		html_line(&page->html);
	}
	return n;
}

static void
write_use(struct page *page, const struct use *use)
{
	struct answer a;
	struct table t;

	if (write_list(page, use) == 0)
		return;
	table_init(&t, page, use->csv,
	    arena_printf(&page->arena, T("%s: finding by finding"),
		lang_text(page->lang, use->title)),
	    columns, N_OF(columns));
	view_ask(&page->view, &a, VIEW_LEGAL, "t", use->used_as);
	while (answer_next(&a))
		add_row(page, &t, &a);
	table_write(&t, TABLE_FOLDED, "");
}

void
section_legal(struct page *page)
{
	struct answer a;
	bool has_binding;
	size_t i;

	page_p(page, "%s",
	    T("Which rule a finding bears on, and whether that rule was in "
	      "force when the first act was done. That a finding bears on a "
	      "rule does not say that the rule was broken: that takes facts "
	      "and judgements which no log holds."));
	view_ask(&page->view, &a, VIEW_LEGAL, "t", "binding");
	has_binding = answer_next(&a);
	answer_end(&a);
	if (!has_binding)
		page_p(page, "%s",
		    T("No law of the packs in use was in force then, or no "
		      "finding bears on one."));
	for (i = 0; i < N_OF(uses); i++)
		write_use(page, &uses[i]);
}

void
section_statistics(struct page *page)
{
	static const struct table_column compared[] = {
		{ "name", "Compared", TABLE_TEXT, false },
		{ "group_a", "First", TABLE_TEXT, false },
		{ "k_a", "Had it", TABLE_PEOPLE, false },
		{ "n_a", "Of", TABLE_PEOPLE, false },
		{ "group_b", "Second", TABLE_TEXT, false },
		{ "k_b", "Had it", TABLE_PEOPLE, false },
		{ "n_b", "Of", TABLE_PEOPLE, false },
		{ "difference", "Difference", TABLE_SHARE, false },
		{ "ratio", "Ratio", TABLE_REAL, false },
		{ "odds_ratio", "Odds ratio", TABLE_REAL, false },
		{ "p", "p", TABLE_P, false },
		{ "p_adjusted", "p, adjusted", TABLE_P, false },
		{ "method", "Method", TABLE_TEXT, true },
	};
	struct answer a;
	struct table t;
	size_t i;

	page_p(page, "%s",
	    T("Intervals hold at 95%. A share has Wilson's interval, a "
	      "difference of shares Newcombe's (his method 10). With many "
	      "people every difference is significant, so the size of a "
	      "difference and its interval come first. A difference between "
	      "designs shows an effect only where chance assigned people to "
	      "them, or where the change came at one moment and nothing else "
	      "changed with it; elsewhere it is an association. p is "
	      "adjusted for the number of comparisons made."));
	table_init(&t, page, "comparisons", T("Groups compared"), compared,
	    N_OF(compared));
	view_ask(&page->view, &a, VIEW_COMPARISONS, "");
	while (answer_next(&a)) {
		table_row(&t, answer_text(&a, "name"));
		for (i = 0; i < N_OF(compared); i++)
			table_answer(&t, &a, compared[i].key);
	}
	table_write(&t, TABLE_OPEN, T("There were no groups to compare."));
}
