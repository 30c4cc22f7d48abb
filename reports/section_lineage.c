/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "reports/chart.h"
#include "reports/table.h"

/* ---- sums of the chain --------------------------------------------------- */

/* Measures beside the finding of users; NaN: there is none. */
struct sums {
	struct {
		const char *name;
		double value;
	} of[32];
	size_t n;
};

static void
load_sums(struct page *page, struct sums *s)
{
	struct answer a;

	s->n = 0;
	view_ask(&page->view, &a, VIEW_LINEAGE_SUMS, "");
	while (answer_next(&a) && s->n < N_OF(s->of)) {
		s->of[s->n].name = page_copy(page, answer_span(&a, "name"));
		s->of[s->n++].value = answer_real(&a, "value");
	}
	answer_end(&a);
}

static double
sum_of(const struct sums *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (strcmp(s->of[i].name, name) == 0)
			return s->of[i].value;
	return NAN;
}

static void
write_delays(struct page *page, const struct sums *s)
{
	double days = sum_of(s, "days_from_collection");
	double shared = sum_of(s, "days_from_share");

	if (isfinite(days))
		page_p(page,
		    T("From the collection of a number to the first contact "
		      "after it, half of them took no longer than %s."),
		    page_seconds(page, days * 86400));
	if (isfinite(shared))
		page_p(page, T("From the sharing to the first contact: %s."),
		    page_seconds(page, shared * 86400));
}

/* The negative control. */
static void
write_control(struct page *page, const struct sums *s)
{
	double share = sum_of(s, "outbound_collected_share");
	double never = sum_of(s, "outbound_never_collected_share");
	double themselves = sum_of(s, "outbound_themselves");

	if (!isfinite(share) || !isfinite(never))
		return;
	page_p(page,
	    T("Of the contacts made, %s went to numbers that had been "
	      "collected before and %s to numbers that were never collected: "
	      "the control. %s went to numbers of people with an account."),
	    page_share(page, share), page_share(page, never),
	    page_int(page, (int64_t)themselves));
}

/* ---- the chart ----------------------------------------------------------- */

static const struct step {
	const char *words, *users, *nonusers; /* names of measures */
} steps[] = {
	{ "without permission", "users_permission", NULL },
	{ "read on the device", "users_access", "nonusers_access" },
	{ "on the operator's server", "users_upload", "nonusers_upload" },
	{ "shared with others", "users_share", "nonusers_share" },
	{ "contacted", "users_outbound", "nonusers_outbound" },
};

static void
add_bar(struct chart *c, struct page *page, double value, double y,
    unsigned color, const char *words)
{
	bool is_known = isfinite(value);

	chart_num(c, is_known ? value : 0);
	chart_num(c, y);
	chart_num(c, color);
	chart_label(c, span_of(words), 34);
	chart_label(c,
	    span_of(is_known ? page_int(page, (int64_t)value)
			     : T("not in this log")),
	    0);
	chart_row(c);
}

/* What a reader who sees no drawing is told. */
static const char *
chain_words(struct page *page, const struct sums *s)
{
	struct buf b = { 0 };
	const char *text;
	double users, others;
	size_t i;

	for (i = 0; i < N_OF(steps); i++) {
		users = sum_of(s, steps[i].users);
		others = steps[i].nonusers != NULL
			     ? sum_of(s, steps[i].nonusers)
			     : NAN;
		if (!isfinite(users))
			continue;
		(void)buf_printf(&b, T("%s: %s people"), T(steps[i].words),
		    page_int(page, (int64_t)users));
		if (isfinite(others))
			(void)buf_printf(&b,
			    T(" and %s people without account"),
			    page_int(page, (int64_t)others));
		(void)buf_str(&b, T(". "));
	}
	text = page_copy(page, buf_as_span(&b));
	buf_clear(&b);
	return text;
}

static void
draw(struct page *page, const struct sums *s)
{
	enum { STEP_PX = 54 };
	const int n_steps = (int)N_OF(steps);
	struct chart_key keys[] = { { T("people with an account"), CHART_BLUE },
		{ T("people without one"), CHART_ORANGE } };
	unsigned block;
	struct chart c;
	double value;
	size_t i;

	chart_init(&c, page, "lineage-chain", 900, n_steps * STEP_PX + 30);
	for (i = 0; i < N_OF(steps); i++) {
		value = sum_of(s, steps[i].users);
		add_bar(&c, page, value, 0.19 - (double)i, 0x0b5394,
		    T(steps[i].words));
		if (steps[i].nonusers == NULL)
			continue;
		value = sum_of(s, steps[i].nonusers);
		add_bar(&c, page, value, -0.19 - (double)i, 0xc55a11, "");
	}
	block = chart_block(&c);
	chart_legend(&c, keys, N_OF(keys));
	chart_script(&c, "unset border");
	chart_script(&c, "unset tics");
	chart_script(&c, "unset grid");
	chart_script(&c, "set lmargin at screen 0.28");
	chart_script(&c, "set rmargin at screen 0.88");
	chart_script(&c, "set xrange [0:*]");
	chart_script(&c, "set yrange [%g:0.6]", 0.4 - n_steps);
	chart_script(&c,
	    "plot data index %u using (0):2:(0):1:($2-0.17):($2+0.17):3 with "
	    "boxxyerror lc rgb variable, data index %u using (0):($2-0.19):4 "
	    "with labels right offset -1,0 textcolor rgb '" CHART_INK "', data "
	    "index %u using 1:2:5 with labels left offset 0.8,0 textcolor "
	    "rgb '#4a5058'",
	    block, block, block);
	chart_draw(&c,
	    T("How many people's data came how far, and how many were "
	      "contacted"),
	    chain_words(page, s));
}

/* ---- the table ----------------------------------------------------------- */

static const struct table_column columns[] = {
	{ "hop", "Step", TABLE_TEXT, false },
	{ "state", "State", TABLE_TEXT, false },
	{ "operator", "Operator", TABLE_TEXT, false },
	{ "category", "Data", TABLE_TEXT, false },
	{ "recipient", "Recipient", TABLE_TEXT, false },
	{ "purpose", "Purpose", TABLE_TEXT, false },
	{ "n", "Records", TABLE_PEOPLE, false },
	{ "users", "People", TABLE_PEOPLE, false },
	{ "data", "Different data", TABLE_PEOPLE, false },
	{ "nonusers", "People without account", TABLE_PEOPLE, false },
	{ "first_us", "First", TABLE_INSTANT, false },
	{ "last_us", "Last", TABLE_INSTANT, false },
};

enum { DATA = 8, NONUSERS };

/* Words of the table, and those of the page. */
struct word {
	const char *code, *words;
};

static const char *
words_of(struct page *page, const struct word *word, size_t n, struct span code)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (span_is(code, word[i].code))
			return word[i].words;
	return page_copy(page, code);
}

static const char *
hop_words(struct page *page, struct span hop)
{
	const struct word hops[] = {
		{ "permission", T("permission") },
		{ "access", T("read on the device") },
		{ "upload", T("on the operator's server") },
		{ "share", T("shared with others") },
		{ "outbound", T("contacted") },
	};

	return words_of(page, hops, N_OF(hops), hop);
}

static const char *
state_words(struct page *page, struct span state)
{
	const struct word states[] = {
		{ "granted", T("granted") },
		{ "denied", T("denied") },
		{ "lapsed", T("run out") },
		{ "asked", T("asked, no answer") },
		{ "never_asked", T("never asked") },
		{ "not_logged", T("not in this log") },
		{ "collected", T("collected before") },
		{ "themselves", T("a user's own number") },
		{ "earlier", T("collected only later") },
		{ "unordered", T("before or after, not known") },
		{ "never", T("never collected") },
	};

	return words_of(page, states, N_OF(states), state);
}

void
section_lineage(struct page *page)
{
	struct sums sums;
	struct answer a;
	struct table t;
	size_t i;

	page_p(page, "%s",
	    T("A record may say which datum it is about: the telephone number "
	      "of a contact, say. Such data are followed across people and "
	      "companies, by the number itself, in one form: from the "
	      "permission to the device, the operator's server, others who "
	      "received it, and those who called. The people whose numbers "
	      "these are need not have an account, and never agreed to "
	      "anything. Records that name no datum are counted as records "
	      "and people only."));
	table_init(&t, page, "lineage", T("From permission to contact"),
	    columns, N_OF(columns));
	view_ask(&page->view, &a, VIEW_LINEAGE, "");
	while (answer_next(&a)) {
		table_row(&t, answer_text(&a, "hop"));
		table_text(&t, hop_words(page, answer_span(&a, "hop")));
		table_text(&t, state_words(page, answer_span(&a, "state")));
		for (i = 2; i < N_OF(columns); i++) {
			if ((i == DATA || i == NONUSERS) &&
			    span_is(answer_span(&a, "hop"), "permission"))
				table_null(&t);
			else
				table_answer(&t, &a, columns[i].key);
		}
	}
	load_sums(page, &sums);
	if (sums.n > 0 && !page->hides_lineage)
		draw(page, &sums);
	if (sums.n > 0) {
		write_delays(page, &sums);
		write_control(page, &sums);
	}
	table_write(&t, TABLE_OPEN,
	    T("The evidence holds no record of data being collected, shared "
	      "or used for contact."));
}
