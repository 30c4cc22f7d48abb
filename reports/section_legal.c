/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "reports/table.h"

static const struct table_column columns[] = {
	{ "title", "Rule", TABLE_TEXT, false },
	{ "item", "Item", TABLE_TEXT, false },
	{ "in_force", "In force", TABLE_TEXT, false },
	{ "detector", "Detector", TABLE_CODE, false },
	{ "where", "Where", TABLE_TEXT, false },
	{ "sure", "Sure", TABLE_PEOPLE, false },
	{ "eligible", "Counted", TABLE_PEOPLE, false },
	{ "first_us", "First act", TABLE_INSTANT, false },
	{ "rule", "", TABLE_CODE, true },
	{ "used_as", "", TABLE_TEXT, true },
	{ "finding_id", "", TABLE_COUNT, true },
};

static const char *
in_force(struct page *page, struct answer *a)
{
	const char *from = answer_text(a, "in_force_from");
	const char *to = answer_text(a, "in_force_to");

	if (from == NULL && to == NULL)
		return T("dates not known");
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
	table_text(t, page_where(page, answer_span(a, "surface"),
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

static void
write_rules(struct page *page, bool is_binding)
{
	struct answer a;
	struct table t;

	table_init(&t, page, is_binding ? "law-binding" : "law-yardsticks",
	    is_binding ? T("Rules in force when the acts were done")
		       : T("Guidance, and rules that came later"),
	    columns, N_OF(columns));
	view_ask(&page->view, &a, VIEW_LEGAL, "");
	while (answer_next(&a))
		if (span_is(answer_span(&a, "used_as"), "binding") ==
		    is_binding)
			add_row(page, &t, &a);
	table_write(&t, TABLE_OPEN,
	    is_binding
		? T("No rule of the packs in use was in force then, or no "
		    "finding bears on one.")
		: T("There is none."));
}

void
section_legal(struct page *page)
{
	page_p(page, "%s",
	    T("Which rule a finding bears on, and whether that rule was in "
	      "force when the first act was done. That a finding bears on a "
	      "rule does not say that the rule was broken: that takes facts "
	      "and judgements which no log holds."));
	html_elem(&page->html, "h3", "%s", T("In force"));
	write_rules(page, true);
	html_elem(&page->html, "h3", "%s", T("Yardsticks"));
	page_p(page, "%s",
	    T("Guidance binds nobody by itself, and a rule that came into "
	      "force later did not apply. They are given so that the case "
	      "can be compared with others."));
	write_rules(page, false);
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
