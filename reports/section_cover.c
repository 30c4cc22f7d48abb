/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/table.h"

static void
fact(struct page *page, const char *term, const char *value)
{
	struct html *h = &page->html;

	html_open(h, "div", NULL);
	html_elem(h, "dt", "%s", term);
	html_open(h, "dd", NULL);
	if (value != NULL)
		html_text(h, value);
	else
		html_elem_class(h, "span", "none", "%s", T("not stated"));
	html_close(h, "dd");
	html_close(h, "div");
	html_line(h);
}

static void
code_fact(struct page *page, const char *term, const char *value)
{
	struct html *h = &page->html;

	html_open(h, "div", "class", "wide", NULL);
	html_elem(h, "dt", "%s", term);
	html_open(h, "dd", NULL);
	html_elem(h, "code", "%s", value != NULL ? value : T("none"));
	html_close(h, "dd");
	html_close(h, "div");
	html_line(h);
}

static const char *
period(struct page *page, bool is_utc)
{
	char from[UTC_TEXT_BYTES], to[UTC_TEXT_BYTES];

	if (!page->has_period)
		return NULL;
	if (is_utc)
		return arena_printf(&page->arena, T("%s to %s"),
		    utc_format(page->first_us, from),
		    utc_format(page->last_us, to));
	return arena_printf(&page->arena, T("%s to %s"),
	    page_local(page, page->first_us),
	    page_instant(page, page->last_us));
}

static void
write_facts(struct page *page)
{
	struct html *h = &page->html;
	size_t i;

	html_open(h, "dl", "class", "facts", NULL);
	html_line(h);
	fact(page, T("Case"), page->case_id);
	fact(page, T("Authority"), page->authority);
	fact(page, T("Custodian of the evidence"), page->custodian);
	fact(page, T("Operator"), page->operator_);
	fact(page, T("Period, local time"), period(page, false));
	fact(page, T("Period, UTC"), period(page, true));
	fact(page, T("Source of time"), page->time_source);
	fact(page, T("Status"),
	    page->is_public
		? T("For publication: small counts are withheld, nobody is "
		    "named")
		: T("Restricted: people appear under keyed pseudonyms"));
	fact(page, T("Analysed by"),
	    arena_printf(&page->arena, T("pretick %s, run begun %s"),
		page->tool_version != NULL ? page->tool_version : "?",
		page->analysed != NULL ? page->analysed : "?"));
	code_fact(page, T("Options of the analysis"),
	    page->analyse_options != NULL && page->analyse_options[0] != '\0'
		? page->analyse_options
		: NULL);
	for (i = 0; i < page->n_packs; i++)
		code_fact(page, T("Rule pack"), page->pack[i]);
	code_fact(page, T("Digest of the results (SHA-256)"), page->digest);
	html_close(h, "dl");
	html_line(h);
}

static void
write_sources(struct page *page)
{
	static const struct table_column columns[] = {
		{ "path", "File", TABLE_CODE, false },
		{ "bytes", "Bytes", TABLE_COUNT, false },
		{ "records", "Records", TABLE_COUNT, false },
		{ "sha256", "SHA-256 of the file", TABLE_CODE, false },
	};
	struct answer a;
	struct table t;

	table_init(&t, page, "sources", T("The evidence and its hashes"),
	    columns, sizeof columns / sizeof columns[0]);
	view_ask(&page->view, &a, VIEW_SOURCES, "");
	while (answer_next(&a)) {
		table_row(&t, "");
		table_answer(&t, &a, "path");
		table_answer(&t, &a, "bytes");
		table_answer(&t, &a, "records");
		table_answer(&t, &a, "sha256");
	}
	table_write(&t, TABLE_OPEN, T("The case holds no evidence."));
}

void
section_cover(struct page *page)
{
	struct html *h = &page->html;

	html_open(h, "header", "class", "cover", NULL);
	html_line(h);
	html_elem_class(
	    h, "p", "kicker", "%s", T("Consent forensics: report on logs"));
	html_elem(h, "h1", "%s",
	    page->scope != NULL	    ? page->scope
	    : page->case_id != NULL ? page->case_id
				    : T("Consents and what became of them"));
	html_elem_class(h, "p", "lead", "%s",
	    T("This report counts, from the records of an app and of its "
	      "servers, what people were shown, what they did, what was "
	      "recorded of it and what was then done with their data. It "
	      "states measures and names the rules they bear on. Whether a "
	      "rule was broken is for others to decide."));
	html_line(h);
	write_facts(page);
	write_sources(page);
	html_close(h, "header");
	html_line(h);
}
