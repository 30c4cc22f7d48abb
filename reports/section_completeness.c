/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was read and what was not: it stands before every result, since no
 * number after it means more than this section allows.
 */
#include <stdio.h>

#include "reports/chart.h"
#include "reports/table.h"

static void
write_broken(struct page *page)
{
	struct answer a;

	view_ask(&page->view, &a, VIEW_BROKEN, "");
	while (answer_next(&a))
		page_p(page,
		    T("The balance does not hold for %s in %s: %s records "
		      "were read and %s are accounted for. Treat every number "
		      "of this report as unproven until this is explained."),
		    answer_text(&a, "name"), answer_text(&a, "source"),
		    page_int(page, answer_int(&a, "records")),
		    page_int(page, answer_int(&a, "accounted")));
}

/* A sentence for what is not whole, none where there is nothing. */
static void
write_gap(struct page *page, int64_t n, const char *one, const char *many,
    const char *what)
{
	struct html *h = &page->html;

	if (n == 0)
		return;
	html_open(h, "li", NULL);
	html_textf(h, "%s %s", page_count(page, n, one, many), what);
	html_close(h, "li");
	html_line(h);
}

static void
write_gaps(struct page *page, struct answer *a)
{
	struct html *h = &page->html;

	if (answer_int(a, "damage") + answer_int(a, "unreadable") +
		answer_int(a, "sampled") + answer_int(a, "unmapped") ==
	    0)
		return;
	page_p(page, "%s", T("Not read, or not whole:"));
	html_open(h, "ul", NULL);
	html_line(h);
	write_gap(page, answer_int(a, "unreadable"), T("file"), T("files"),
	    T("could not be opened."));
	write_gap(page, answer_int(a, "unmapped"), T("member"), T("members"),
	    T("without a mapping that fits: nothing was taken from there."));
	write_gap(page, answer_int(a, "damage"), T("place"), T("places"),
	    T("with damage that is no record. What came before it was "
	      "kept."));
	write_gap(page, answer_int(a, "sampled"), T("file"), T("files"),
	    T("sampled by their own account. Nothing can be concluded from "
	      "what they lack."));
	html_close(h, "ul");
	html_line(h);
}

static void
write_totals(struct page *page)
{
	struct answer a;

	view_ask(&page->view, &a, VIEW_TOTALS, "");
	if (!answer_next(&a))
		return;
	page_p(page,
	    T("The evidence is %s with %s and %s. Of the records, %s became "
	      "events (%s in all), %s made no sense and were set aside with "
	      "their place, %s were left out by a rule of the case, and %s "
	      "repeat a record that stands elsewhere."),
	    page_count(page, answer_int(&a, "sources"), T("file"), T("files")),
	    page_count(
		page, answer_int(&a, "members"), T("member"), T("members")),
	    page_count(
		page, answer_int(&a, "records"), T("record"), T("records")),
	    page_int(page, answer_int(&a, "mapped")),
	    page_int(page, answer_int(&a, "events")),
	    page_int(page, answer_int(&a, "rejected")),
	    page_int(page, answer_int(&a, "filtered")),
	    page_int(page, answer_int(&a, "duplicate")));
	if (answer_int(&a, "broken") == 0)
		page_p(page, "%s",
		    T("For every member the balance holds: every record "
		      "ended as exactly one of these four."));
	if (answer_int(&a, "fields_absent") + answer_int(&a, "identical") > 0)
		page_p(page,
		    T("Values of an unexpected type count as absent (%s). "
		      "Records equal to another one of the same member were "
		      "kept, since nothing shows that they are copies (%s)."),
		    page_int(page, answer_int(&a, "fields_absent")),
		    page_int(page, answer_int(&a, "identical")));
	write_gaps(page, &a);
	answer_end(&a);
}

static void
write_balance(struct page *page)
{
	static const struct table_column columns[] = {
		{ "source", "File", TABLE_CODE, false },
		{ "member", "Member", TABLE_CODE, false },
		{ "mapping", "Read as", TABLE_TEXT, false },
		{ "records", "Records", TABLE_COUNT, false },
		{ "mapped", "Events made", TABLE_COUNT, false },
		{ "rejected", "Rejected", TABLE_COUNT, false },
		{ "filtered", "Left out", TABLE_COUNT, false },
		{ "duplicate", "Repeated", TABLE_COUNT, false },
		{ "first", "First event", TABLE_INSTANT, true },
		{ "last", "Last event", TABLE_INSTANT, true },
		{ "balance", "Balance", TABLE_TEXT, false },
	};
	static const char *const same[] = { "source", "name", "mapping",
		"records", "mapped", "rejected", "filtered", "duplicate",
		"first_us", "last_us" };
	struct answer a;
	struct table t;
	size_t i;

	table_init(&t, page, "balance",
	    T("Every record is accounted for, by member"), columns,
	    N_OF(columns));
	view_ask(&page->view, &a, VIEW_MEMBERS, "");
	while (answer_next(&a)) {
		table_row(&t, "");
		for (i = 0; i < N_OF(same); i++)
			table_answer(&t, &a, same[i]);
		table_text(
		    &t, answer_int(&a, "holds") ? T("holds") : T("broken"));
	}
	table_write(&t, TABLE_OPEN, T("Nothing was read."));
}

static void
write_rejects(struct page *page)
{
	static const struct table_column columns[] = {
		{ "source", "File", TABLE_CODE, false },
		{ "reason", "Reason", TABLE_TEXT, false },
		{ "what", "What", TABLE_TEXT, false },
		{ "n", "Number", TABLE_COUNT, false },
		{ "first_member", "First in", TABLE_CODE, false },
		{ "first_byte", "At byte", TABLE_COUNT, false },
	};
	struct answer a;
	struct table t;

	table_init(&t, page, "rejects", T("What could not be read, and why"),
	    columns, N_OF(columns));
	view_ask(&page->view, &a, VIEW_REJECTS, "");
	while (answer_next(&a)) {
		table_row(&t, "");
		table_answer(&t, &a, "source");
		table_answer(&t, &a, "reason");
		table_text(
		    &t, answer_int(&a, "damage") ? T("damage") : T("record"));
		table_answer(&t, &a, "n");
		table_answer(&t, &a, "member");
		table_answer(&t, &a, "first_offset");
	}
	table_write(
	    &t, TABLE_OPEN, T("Nothing was rejected and nothing is damaged."));
}

/* ---- days ---------------------------------------------------------------- */

static void
draw_days(struct page *page, struct table *t)
{
	double first = page_day_seconds(t->row[0].cell[0].text);
	double last = page_day_seconds(t->row[t->n_rows - 1].cell[0].text);
	struct chart_key keys[] = { { T("records of the interface"),
					CHART_BLUE },
		{ T("records of servers"), CHART_ORANGE } };
	unsigned days;
	struct chart c;
	size_t i;

	chart_init(&c, page, "coverage", 900, 250);
	for (i = 0; i < t->n_rows; i++) {
		chart_num(&c, page_day_seconds(t->row[i].cell[0].text) + 43200);
		chart_num(&c, (double)t->row[i].cell[1].n);
		chart_num(&c, (double)t->row[i].cell[2].n);
		chart_row(&c);
	}
	days = chart_block(&c);
	chart_legend(&c, keys, N_OF(keys));
	chart_time_axis(&c, first - 21600, last + 86400 + 21600);
	chart_script(&c, "set logscale y");
	chart_script(&c, "set yrange [0.7:*]");
	chart_script(&c, "set format y '%%.0s%%c'");
	chart_script(&c, "set boxwidth 30000 absolute");
	chart_script(&c,
	    "plot data index %u using ($1-15000):2 with boxes lc rgb '" CHART_BLUE
	    "', data index %u using ($1+15000):3 with boxes "
	    "lc rgb '" CHART_ORANGE "'",
	    days, days);
	chart_draw(&c,
	    T("Records by day (UTC). The scale is logarithmic; a day without "
	      "a bar has no record."),
	    T("Two bars for each day: records of the interface and records "
	      "of servers. The table that follows holds the numbers."));
}

/* Days on which one side is silent while the other speaks. */
static void
write_silent_days(struct page *page, const struct table *t)
{
	int64_t no_ui = 0, no_server = 0;
	const char *first = NULL;
	size_t i;

	for (i = 0; i < t->n_rows; i++) {
		if (t->row[i].cell[1].n == 0 && t->row[i].cell[2].n > 0) {
			no_ui++;
			if (first == NULL)
				first = t->row[i].cell[0].text.p;
		}
		no_server +=
		    t->row[i].cell[1].n > 0 && t->row[i].cell[2].n == 0;
	}
	if (no_ui > 0)
		page_p(page,
		    T("On %s, servers wrote records and the interface wrote "
		      "none (first on %s). What people saw then is not "
		      "known."),
		    page_count(page, no_ui, T("day"), T("days")),
		    page_day(page, span_of(first)));
	if (no_server > 0)
		page_p(page,
		    T("On %s, the interface wrote records and no server did. "
		      "What was recorded of people's choices then is not "
		      "known."),
		    page_count(page, no_server, T("day"), T("days")));
	if (no_ui + no_server == 0 && t->n_rows > 0)
		page_p(page, "%s",
		    T("Both sides wrote records on every day that either "
		      "did."));
}

static void
write_days(struct page *page)
{
	static const struct table_column columns[] = {
		{ "day", "Day (UTC)", TABLE_TEXT, false },
		{ "ui", "Interface", TABLE_COUNT, false },
		{ "server", "Servers", TABLE_COUNT, false },
		{ "other", "Side not said", TABLE_COUNT, false },
	};
	struct answer a;
	struct table t;

	html_elem(&page->html, "h3", "%s", T("Which days the records cover"));
	table_init(&t, page, "coverage", T("Records by day and side"), columns,
	    N_OF(columns));
	view_ask(&page->view, &a, VIEW_VOLUME_DAYS, "");
	while (answer_next(&a)) {
		table_row(&t, "");
		table_answer(&t, &a, "day");
		table_answer(&t, &a, "ui");
		table_answer(&t, &a, "server");
		table_answer(&t, &a, "other");
	}
	write_silent_days(page, &t);
	if (t.n_rows > 0)
		draw_days(page, &t);
	table_write(&t, TABLE_FOLDED, T("No record bears a date."));
}

static void
write_kinds(struct page *page)
{
	static const struct table_column columns[] = {
		{ "kind", "Kind", TABLE_CODE, false },
		{ "meaning", "Meaning", TABLE_TEXT, false },
		{ "ui", "Interface", TABLE_COUNT, false },
		{ "server", "Servers", TABLE_COUNT, false },
		{ "other", "Side not said", TABLE_COUNT, false },
		{ "first_day", "From", TABLE_TEXT, false },
		{ "last_day", "To", TABLE_TEXT, false },
	};
	struct answer a;
	struct table t;
	size_t i;

	table_init(&t, page, "kinds", T("Kinds of events in the evidence"),
	    columns, N_OF(columns));
	view_ask(&page->view, &a, VIEW_VOLUME_KINDS, "");
	while (answer_next(&a)) {
		table_row(&t, "");
		for (i = 0; i < N_OF(columns); i++)
			table_answer(&t, &a, columns[i].key);
	}
	table_write(&t, TABLE_FOLDED, T("There are no events."));
}

/* ---- clocks, silence, limits --------------------------------------------- */

static void
write_facts(struct page *page)
{
	static const struct table_column columns[] = {
		{ "meaning", "What", TABLE_TEXT, false },
		{ "value", "Number", TABLE_PEOPLE, false },
		{ "name", "Name", TABLE_CODE, true },
	};
	struct answer a;
	struct table t;

	html_elem(&page->html, "h3", "%s", T("People, devices and clocks"));
	page_p(page, "%s",
	    T("An order of two records is claimed only when it exceeds the "
	      "error of the clocks; records that share a request are ordered "
	      "gesture first. That something never happened is claimed only "
	      "where the log of the device is complete, which is known from "
	      "its running numbers."));
	table_init(&t, page, "facts",
	    T("Facts about the evidence that gate what follows"), columns,
	    N_OF(columns));
	view_ask(&page->view, &a, VIEW_COVERAGE, "");
	while (answer_next(&a)) {
		table_row(&t, answer_text(&a, "name"));
		table_answer(&t, &a, "meaning");
		table_answer(&t, &a, "value");
		table_answer(&t, &a, "name");
	}
	table_write(&t, TABLE_OPEN, T("The analysis recorded none."));
}

static void
write_clocks(struct page *page)
{
	static const struct table_column columns[] = {
		{ "method", "Compared by", TABLE_TEXT, false },
		{ "devices", "Devices", TABLE_PEOPLE, false },
		{ "samples", "Comparisons", TABLE_COUNT, true },
		{ "offset_median", "Wrong by, median", TABLE_SECONDS, false },
		{ "offset_max", "Wrong by, at most", TABLE_SECONDS, false },
		{ "error_median", "Known to within, median", TABLE_SECONDS,
		    false },
		{ "error_max", "Known to within, at most", TABLE_SECONDS,
		    false },
	};
	struct answer a;
	struct table t;
	double assumed = -1;
	bool any = false;
	size_t i;

	table_init(&t, page, "clocks",
	    T("Clocks of devices against those of the servers"), columns,
	    N_OF(columns));
	view_ask(&page->view, &a, VIEW_CLOCKS, "");
	while (answer_next(&a)) {
		table_row(&t, "");
		table_text(&t, answer_int(&a, "assumed") != 0
				   ? T("nothing, assumed")
				   : T(answer_text(&a, "method")));
		for (i = 1; i < N_OF(columns); i++)
			table_answer(&t, &a, columns[i].key);
		if (answer_int(&a, "assumed") != 0)
			assumed = answer_real(&a, "error_max");
		else
			any = true;
	}
	if (assumed >= 0)
		page_p(page,
		    any ? T("Some devices could not be compared with a "
			    "server. Their order against servers' records is "
			    "held to be known to within %s, as wrong as all "
			    "but one in a thousand of the others are.")
			: T("No device could be compared with a server. The "
			    "order of their records against servers' is held "
			    "to be known to within %s, which is an "
			    "assumption of this tool."),
		    page_seconds(page, assumed));
	table_write(&t, TABLE_OPEN, T("No record bears the time of a device."));
}

static void
write_never(struct page *page)
{
	struct html *h = &page->html;
	struct answer a;
	bool any = false;

	view_ask(&page->view, &a, VIEW_NEVER, "");
	while (answer_next(&a)) {
		if (!any) {
			page_p(page, "%s",
			    T("Some sources cannot say certain things at "
			      "all. Their silence on them means nothing:"));
			html_open(h, "ul", NULL);
		}
		any = true;
		html_open(h, "li", NULL);
		html_elem(h, "code", "%s", answer_text(&a, "source"));
		html_textf(h, T(" never holds %s"), answer_text(&a, "kinds"));
		html_close(h, "li");
	}
	if (any)
		html_close(h, "ul");
}

/* What a finding of the detector hides must not stand here either. */
static void
hide_missing(struct page *page, struct table *t)
{
	struct table_cell *cell = t->row[t->n_rows - 1].cell;
	const struct page_finding *f;
	size_t i;

	for (i = 0; i < page->n_findings; i++) {
		f = &page->finding[i];
		if (!span_is(cell[0].text, f->detector))
			continue;
		cell[3].is_hidden |= f->hides_undecidable;
		cell[4].is_hidden |= f->hides_eligible;
	}
}

static void
write_missing(struct page *page)
{
	static const struct table_column columns[] = {
		{ "detector", "Detector", TABLE_CODE, false },
		{ "title", "Question", TABLE_TEXT, false },
		{ "missing", "What is missing to decide it", TABLE_TEXT,
		    false },
		{ "undecidable", "Not decidable", TABLE_PEOPLE, false },
		{ "eligible", "Of", TABLE_PEOPLE, false },
	};
	struct answer a;
	struct table t;

	html_elem(&page->html, "h3", "%s", T("What cannot be decided"));
	write_never(page);
	table_init(&t, page, "undecidable",
	    T("Questions that these records leave open"), columns,
	    N_OF(columns));
	view_ask(&page->view, &a, VIEW_MISSING, "");
	while (answer_next(&a)) {
		table_row(&t, answer_text(&a, "detector"));
		table_answer(&t, &a, "detector");
		table_text(&t, T(answer_text(&a, "title")));
		table_text(&t, answer_is_null(&a, "missing")
				   ? NULL
				   : T(answer_text(&a, "missing")));
		table_answer(&t, &a, "undecidable");
		table_answer(&t, &a, "eligible");
		hide_missing(page, &t);
	}
	table_write(&t, TABLE_OPEN,
	    page->n_findings > 0
		? T("Every detector could decide every case put to it.")
		: T("No detector found anybody to ask about."));
	html_elem_class(&page->html, "p", "note", "%s",
	    T("All counts of this report are lower bounds. What the records "
	      "do not show may have happened; that a detector finds nothing "
	      "is no proof that there was nothing."));
}

void
section_completeness(struct page *page)
{
	write_totals(page);
	write_broken(page);
	write_balance(page);
	write_rejects(page);
	write_days(page);
	write_kinds(page);
	write_facts(page);
	write_clocks(page);
	write_missing(page);
}
