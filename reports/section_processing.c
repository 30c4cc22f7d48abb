/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "reports/chart.h"
#include "reports/table.h"

#define N(columns) (sizeof(columns) / sizeof((columns)[0]))

/* ---- choice against record ----------------------------------------------- */

static const struct table_column choice_columns[] = {
	{ "outcome", "What the person did", TABLE_TEXT, false },
	{ "none", "No record", TABLE_PEOPLE, false },
	{ "given", "Recorded given", TABLE_PEOPLE, false },
	{ "refused", "Recorded refused", TABLE_PEOPLE, false },
	{ "withdrawn", "Recorded withdrawn", TABLE_PEOPLE, false },
	{ "other", "Recorded otherwise", TABLE_PEOPLE, false },
};
enum { N_RECORDS = N(choice_columns) - 1 };

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
	    N(choice_columns));
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

	for (i = 0; i < N(verdicts); i++)
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

/* One bar a verdict: rows of a verdict stand together. */
static void
draw(struct page *page, const struct table *t)
{
	enum { MOST = 12, BAR_PX = 30 };
	struct span was = { NULL, 0 };
	int64_t sum = 0;
	unsigned block, n = 0;
	struct chart c;
	size_t i;

	for (i = 0; i < t->n_rows; i++)
		n += i == 0 || !span_eq(t->row[i].cell[VERDICT].text,
				   t->row[i - 1].cell[VERDICT].text);
	n = n < MOST ? n : MOST;
	chart_init(&c, page, "processing", 900, (int)(n * BAR_PX) + 30);
	for (i = 0, n = 0; i <= t->n_rows && n < MOST; i++) {
		if (i < t->n_rows &&
		    (i == 0 || span_eq(was, t->row[i].cell[VERDICT].text))) {
			was = t->row[i].cell[VERDICT].text;
			if (!t->row[i].is_withheld)
				sum += t->row[i].cell[RECORDS].n;
			continue;
		}
		chart_num(&c, (double)sum);
		chart_num(&c, -(double)n++);
		chart_num(&c, verdict_color(page, was));
		chart_label(&c, was, 34);
		chart_label(&c, span_of(page_int(page, sum)), 0);
		chart_row(&c);
		if (i == t->n_rows)
			break;
		was = t->row[i].cell[VERDICT].text;
		sum = t->row[i].is_withheld ? 0 : t->row[i].cell[RECORDS].n;
	}
	block = chart_block(&c);
	chart_script(&c, "unset border");
	chart_script(&c, "unset tics");
	chart_script(&c, "unset grid");
	chart_script(&c, "set lmargin at screen 0.30");
	chart_script(&c, "set rmargin at screen 0.88");
	chart_script(&c, "set xrange [0:*]");
	chart_script(&c, "set yrange [%g:0.6]", 0.4 - (double)n);
	chart_script(&c,
	    "plot data index %u using (0):2:(0):1:($2-0.33):($2+0.33):3 with "
	    "boxxyerror lc rgb variable, data index %u using (0):2:4 with "
	    "labels right offset -1,0 textcolor rgb '" CHART_INK "', data "
	    "index %u using 1:2:5 with labels left offset 0.8,0 textcolor "
	    "rgb '#4a5058'",
	    block, block, block);
	chart_draw(&c,
	    T("Records of collection and sharing, by the consent or "
	      "permission that stood at the time"),
	    T("One bar for each judgement; the table holds the numbers."));
}

void
section_processing(struct page *page)
{
	struct answer a;
	struct table t;
	size_t i;

	page_p(page, "%s",
	    T("Every record of data being collected or shared is judged "
	      "against the consent and the permission that stood for this "
	      "person and purpose at that moment. Consent is required unless "
	      "the purpose was declared necessary or another basis is "
	      "recorded. A consent under a finding is one that was obtained "
	      "while a detector of consent was sure; it counts as a consent "
	      "in form."));
	table_init(&t, page, "processing", T("Collection and sharing, judged"),
	    columns, N(columns));
	view_ask(&page->view, &a, VIEW_PROCESSING, "");
	while (answer_next(&a)) {
		table_row(&t, "");
		table_text(&t, verdict_words(page, answer_span(&a, "verdict")));
		table_text(&t, kind_words(page, answer_span(&a, "kind")));
		for (i = 2; i < N(columns); i++)
			table_answer(&t, &a, columns[i].key);
	}
	table_suppress(&t);
	if (t.n_rows > 0)
		draw(page, &t);
	table_write(&t, TABLE_OPEN,
	    T("The evidence holds no record of collection or sharing."));
}

/* ---- tainted consents ---------------------------------------------------- */

static const struct table_column tainted_columns[] = {
	{ "surface", "Surface", TABLE_CODE, false },
	{ "day", "Day", TABLE_TEXT, false },
	{ "obtained", "Obtained", TABLE_PEOPLE, false },
	{ "ended", "Ended", TABLE_PEOPLE, false },
	{ "live", "Standing at the end of the day", TABLE_PEOPLE, false },
};

static double
day_s(struct span day)
{
	int64_t days = 0;

	(void)utc_parse_day(day, &days);
	return (double)days * 86400;
}

static void
draw_tainted(struct page *page, const struct table *t, size_t from, size_t to,
    unsigned no)
{
	struct chart_key keys[] = { { T("standing at the end of the day"),
					CHART_BLUE },
		{ T("obtained"), CHART_ORANGE }, { T("ended"), CHART_GREEN } };
	const struct table_cell *cell;
	unsigned block;
	char name[32];
	struct chart c;
	size_t i;
	bool any = false;

	(void)snprintf(name, sizeof name, "tainted-%u", no);
	chart_init(&c, page, name, 900, 270);
	for (i = from; i < to; i++) {
		if (t->row[i].is_withheld)
			continue;
		cell = t->row[i].cell;
		chart_num(&c, day_s(cell[1].text));
		chart_num(&c, (double)cell[2].n);
		chart_num(&c, -(double)cell[3].n);
		chart_num(&c, (double)cell[4].n);
		chart_row(&c);
		any = true;
	}
	block = chart_block(&c);
	chart_legend(&c, keys, N(keys));
	chart_time_axis(&c, day_s(t->row[from].cell[1].text) - 43200,
	    day_s(t->row[to - 1].cell[1].text) + 129600);
	chart_script(&c, "set boxwidth 50000 absolute");
	chart_script(&c, "set format y '%%.0f'");
	chart_script(&c, "set xzeroaxis lt 1 lw 1 lc rgb '" CHART_GREY "'");
	chart_script(&c,
	    "plot data index %u using ($1+43200):2 with boxes lc rgb '" CHART_ORANGE
	    "', data index %u using ($1+43200):3 with boxes lc "
	    "rgb '" CHART_GREEN "', data index %u using ($1+86400):4 with "
	    "linespoints pt 7 ps 0.4 lw 2 lc rgb '" CHART_BLUE "'",
	    block, block, block);
	if (any)
		chart_draw(&c,
		    arena_printf(&page->arena,
			T("%s: people whose consent was obtained while a "
			  "detector was sure, by day"),
			t->row[from].cell[0].text.p),
		    T("A line of people with such a consent, bars for those "
		      "obtained and those that ended."));
	else
		chart_clear(&c);
}

static void
write_recipients(struct page *page)
{
	static const struct table_column recipients[] = {
		{ "surface", "Surface", TABLE_CODE, false },
		{ "recipient", "Recipient", TABLE_TEXT, false },
		{ "people", "People", TABLE_PEOPLE, false },
		{ "records", "Records", TABLE_COUNT, false },
		{ "first_us", "First", TABLE_INSTANT, false },
		{ "last_us", "Last", TABLE_INSTANT, false },
	};
	struct answer a;
	struct table t;
	size_t i;

	table_init(&t, page, "tainted-recipients",
	    T("Who received data of these people while such a consent stood"),
	    recipients, N(recipients));
	view_ask(&page->view, &a, VIEW_TAINTED_RECIPIENTS, "");
	while (answer_next(&a)) {
		table_row(&t, "");
		for (i = 0; i < N(recipients); i++)
			table_answer(&t, &a, recipients[i].key);
	}
	table_write(&t, TABLE_OPEN,
	    T("No record shows that somebody received such data."));
}

void
section_tainted(struct page *page)
{
	struct answer a;
	struct table t;
	size_t i, from;
	unsigned no = 0;

	page_p(page, "%s",
	    T("A fix of the design does not undo the consents obtained "
	      "before it. Counted are people whose consent was obtained "
	      "while the box was ticked in advance, without a notice, before "
	      "a choice or against it (D01 to D04), from the day it was "
	      "obtained to the day it was withdrawn, ran out or was declared "
	      "void."));
	table_init(&t, page, "tainted", T("Such consents by day"),
	    tainted_columns, N(tainted_columns));
	view_ask(&page->view, &a, VIEW_TAINTED, "");
	while (answer_next(&a)) {
		table_row(&t, answer_text(&a, "surface"));
		for (i = 0; i < N(tainted_columns); i++)
			table_answer(&t, &a, tainted_columns[i].key);
	}
	table_suppress(&t);
	for (i = 1, from = 0; i <= t.n_rows; i++) {
		if (i < t.n_rows &&
		    span_eq(t.row[i].cell[0].text, t.row[from].cell[0].text))
			continue;
		if (no < 4)
			draw_tainted(page, &t, from, i, ++no);
		from = i;
	}
	table_write(&t, TABLE_FOLDED,
	    T("No consent was obtained while such a detector was sure."));
	if (t.n_rows > 0)
		write_recipients(page);
}
