/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "reports/chart.h"
#include "reports/table.h"

/* ---- choice against record ----------------------------------------------- */

static const struct table_column choice_columns[] = {
	{ "outcome", "What the person did", TABLE_TEXT, false },
	{ "none", "No record", TABLE_PEOPLE, false },
	{ "given", "Recorded given", TABLE_PEOPLE, false },
	{ "refused", "Recorded refused", TABLE_PEOPLE, false },
	{ "withdrawn", "Recorded withdrawn", TABLE_PEOPLE, false },
	{ "other", "Recorded otherwise", TABLE_PEOPLE, false },
};
enum { N_RECORDS = N_OF(choice_columns) - 1 };

static const char *
outcome_words(struct page *page, struct span outcome)
{
	if (span_is(outcome, "given"))
		return T("consented");
	if (span_is(outcome, "refused"))
		return T("refused");
	if (span_is(outcome, "dismissed"))
		return T("put it off");
	if (span_is(outcome, "left"))
		return T("left without an act");
	if (span_is(outcome, "not_asked"))
		return T("was not asked");
	return page_copy(page, outcome);
}

static size_t
record_column(struct span server)
{
	size_t i;

	if (server.p == NULL)
		return 0;
	if (span_is(server, "renewed"))
		return 1;
	for (i = 1; i + 1 < N_RECORDS; i++)
		if (span_is(server, choice_columns[i + 1].key))
			return i;
	return N_RECORDS - 1;
}

static void
add_choice(struct table *t, struct page *page, const char *outcome,
    const int64_t n[N_RECORDS])
{
	bool is_against;
	size_t i;

	if (outcome == NULL)
		return;
	table_row(t, "");
	table_text(t, outcome_words(page, span_of(outcome)));
	/* Recorded given, against what the person did. */
	is_against = strcmp(outcome, "given") != 0;
	for (i = 0; i < N_RECORDS; i++) {
		table_int(t, n[i]);
		t->row[t->n_rows - 1].cell[i + 1].is_marked =
		    is_against && i == 1 && n[i] > 0;
	}
}

void
section_choices(struct page *page)
{
	int64_t n[N_RECORDS] = { 0 };
	const char *outcome = NULL;
	struct answer a;
	struct table t;

	page_p(page, "%s",
	    T("One row for what people did, one column for what the server "
	      "recorded of it: the record that answers the act's request, "
	      "else the nearest within a minute after it. Counted are "
	      "decisions, one for each person, episode and purpose. Where "
	      "somebody refused and a consent was recorded, or nobody was "
	      "asked and one was, the two sides contradict each other; these numbers are "
	      "marked."));
	table_init(&t, page, "choices", T("Choice and record"), choice_columns,
	    N_OF(choice_columns));
	view_ask(&page->view, &a, VIEW_CHOICES, "");
	while (answer_next(&a)) {
		if (outcome == NULL ||
		    !span_is(answer_span(&a, "outcome"), outcome)) {
			add_choice(&t, page, outcome, n);
			memset(n, 0, sizeof n);
			outcome = page_copy(page, answer_span(&a, "outcome"));
		}
		n[record_column(answer_span(&a, "server_outcome"))] +=
		    answer_int(&a, "n");
	}
	add_choice(&t, page, outcome, n);
	table_write(&t, TABLE_OPEN, T("There are no decisions."));
}

/* ---- processing ---------------------------------------------------------- */

static const char *
verdict_words(struct page *page, struct span v)
{
	const struct {
		const char *code, *words;
	} verdicts[] = {
		{ "consented", T("on a consent") },
		{ "tainted", T("on a consent under a finding") },
		{ "before_consent", T("before any consent") },
		{ "without_consent", T("without consent") },
		{ "after_refusal", T("after refusal") },
		{ "after_withdrawal", T("after withdrawal") },
		{ "other_basis", T("on another basis") },
		{ "necessary", T("for a necessary purpose") },
		{ "not_decidable", T("not decidable") },
	};
	size_t i;

	for (i = 0; i < N_OF(verdicts); i++)
		if (span_is(v, verdicts[i].code))
			return verdicts[i].words;
	return page_copy(page, v);
}

static const char *
kind_words(struct page *page, struct span kind)
{
	return span_is(kind, "data.egress")   ? T("shared")
	       : span_is(kind, "data.access") ? T("collected")
					      : page_copy(page, kind);
}

static const struct table_column columns[] = {
	{ "verdict", "Judged", TABLE_TEXT, false },
	{ "kind", "Act", TABLE_TEXT, false },
	{ "category", "Data", TABLE_TEXT, false },
	{ "purpose", "Purpose", TABLE_TEXT, false },
	{ "recipient", "Recipient", TABLE_TEXT, false },
	{ "region", "Region", TABLE_TEXT, false },
	{ "n", "Records", TABLE_COUNT, false },
	{ "subjects", "People", TABLE_PEOPLE, false },
	{ "first_us", "First", TABLE_INSTANT, false },
	{ "last_us", "Last", TABLE_INSTANT, false },
	{ "operator", "Operator", TABLE_TEXT, false },
};
enum { VERDICT, RECORDS = 6 };

/* The bar's colour, as a number. */
static double
verdict_color(struct page *page, struct span words)
{
	if (span_is(words, T("not decidable")))
		return 0x8a8f98;
	if (span_is(words, T("on a consent")) ||
	    span_is(words, T("on another basis")) ||
	    span_is(words, T("for a necessary purpose")))
		return 0x7fb2d9;
	return 0xc55a11;
}

static void
add_bar(struct page *page, struct chart *c, const struct table_cell *verdict,
    int64_t n, unsigned row)
{
	chart_num(c, (double)n);
	chart_num(c, -(double)row);
	chart_num(c, verdict_color(page, verdict->text));
	chart_label(c, verdict->text, 34);
	chart_label(c, span_of(page_int(page, n)), 0);
	chart_row(c);
}

static void
plot_bars(struct chart *c, unsigned block, unsigned n)
{
	chart_script(c, "unset border");
	chart_script(c, "unset tics");
	chart_script(c, "unset grid");
	chart_script(c, "set lmargin at screen 0.30");
	chart_script(c, "set rmargin at screen 0.88");
	chart_script(c, "set xrange [0:*]");
	chart_script(c, "set yrange [%g:0.6]", 0.4 - (double)n);
	chart_script(c,
	    "plot data index %u using (0):2:(0):1:($2-0.33):($2+0.33):3 with "
	    "boxxyerror lc rgb variable, data index %u using (0):2:4 with "
	    "labels right offset -1,0 textcolor rgb '" CHART_INK "', data "
	    "index %u using 1:2:5 with labels left offset 0.8,0 textcolor "
	    "rgb '#4a5058'",
	    block, block, block);
}

/* One bar a verdict: rows of a verdict stand together. */
static void
draw(struct page *page, const struct table *t)
{
	enum { BAR_PX = 30 };
	unsigned n = 0;
	size_t i, from;
	int64_t sum;
	struct chart c;

	for (i = 0; i < t->n_rows; i++)
		n += i == 0 || !table_same(&t->row[i].cell[VERDICT],
				   &t->row[i - 1].cell[VERDICT]);
	chart_init(&c, page, "processing", 900, (int)(n * BAR_PX) + 30);
	for (from = 0, n = 0; from < t->n_rows; from = i, n++) {
		for (i = from, sum = 0;
		     i < t->n_rows && table_same(&t->row[i].cell[VERDICT],
					  &t->row[from].cell[VERDICT]);
		     i++)
			sum += t->row[i].is_withheld
				   ? 0
				   : t->row[i].cell[RECORDS].n;
		add_bar(page, &c, &t->row[from].cell[VERDICT], sum, n);
	}
	plot_bars(&c, chart_block(&c), n);
	chart_draw(&c,
	    T("Records of collection and sharing, by the consent or "
	      "permission that stood at the time"),
	    T("One bar for each judgement; the table holds the numbers."));
}

void
section_processing(struct page *page)
{
	/* The last column tells operators apart, where there are several. */
	size_t n = N_OF(columns) - (page->n_operators > 1 ? 0 : 1), i;
	struct answer a;
	struct table t;

	page_p(page, "%s",
	    T("Every record of data being collected or shared is judged "
	      "against the consent and the permission that stood for this "
	      "person and purpose at that moment. Consent is required unless "
	      "the purpose was declared necessary or another basis is "
	      "recorded. A consent under a finding is one that was obtained "
	      "while a detector of consent was sure; it counts as a consent "
	      "in form."));
	table_init(&t, page, "processing", T("Collection and sharing, judged"),
	    columns, n);
	view_ask(&page->view, &a, VIEW_PROCESSING, "");
	while (answer_next(&a)) {
		table_row(&t, "");
		table_text(&t, verdict_words(page, answer_span(&a, "verdict")));
		table_text(&t, kind_words(page, answer_span(&a, "kind")));
		for (i = 2; i < n; i++)
			table_answer(&t, &a, columns[i].key);
	}
	table_suppress(&t);
	if (t.n_rows > 0)
		draw(page, &t);
	table_write(&t, TABLE_OPEN,
	    T("The evidence holds no record of collection or sharing."));
}
