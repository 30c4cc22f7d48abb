/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/table.h"

static void
item(struct page *page, const char *term, const char *text)
{
	struct html *h = &page->html;

	html_elem(h, "dt", "%s", term);
	html_elem(h, "dd", "%s", text);
	html_line(h);
}

static void
write_words(struct page *page)
{
	struct html *h = &page->html;

	html_open(h, "dl", "class", "words", NULL);
	html_line(h);
	item(page, T("Person"),
	    T("An account. A device whose account is unknown counts as a "
	      "person of its own and is named as one."));
	item(page, T("Surface"),
	    T("A screen or part of one that asks for consent, as the case "
	      "names it, as the record names it, or as the roles of its "
	      "controls show."));
	item(page, T("Episode"),
	    T("From the first time a person sees a surface to accepting, "
	      "submitting, refusing, closing it, leaving, or the change of "
	      "its design."));
	item(page, T("Sure"),
	    T("The records show it, and the logs that could show the "
	      "opposite are complete where that matters."));
	item(page, T("Ambiguous"),
	    T("The records fit it and fit something else as well."));
	item(page, T("Refuted"), T("The records show that it was not so."));
	item(page, T("Not decidable"),
	    T("What would be needed to decide is not in the evidence. The "
	      "missing thing is named. It is never counted as an answer."));
	html_close(h, "dl");
	html_line(h);
}

/* As they held in this case, with where each comes from. */
static void
write_thresholds(struct page *page)
{
	static const struct table_column columns[] = {
		{ "name", "Name", TABLE_CODE, false },
		{ "value", "Value", TABLE_TEXT, false },
		{ "source", "Where from", TABLE_TEXT, false },
	};
	const char *value, *at;
	struct table t;
	size_t i;

	html_elem(&page->html, "h3", "%s", T("Thresholds"));
	page_p(page, "%s",
	    T("Where something has to be long, large or often, a number says "
	      "how much. A number that is an assumption of this tool rests on "
	      "no source: look whether a finding holds with another one."));
	table_init(&t, page, "thresholds", T("Thresholds of this analysis"),
	    columns, N_OF(columns));
	for (i = 0; i < page->n_thresholds; i++) {
		value = page->threshold[i].value;
		at = strstr(value, ": ");
		table_row(&t, "");
		table_text(&t, page->threshold[i].name);
		table_span(&t,
		    at == NULL ? span_of(value)
			       : (struct span){ value, (size_t)(at - value) });
		table_text(&t, at == NULL ? NULL : at + 2);
	}
	table_write(&t, TABLE_OPEN,
	    T("The analysis that made this case did not record them."));
}

void
section_method(struct page *page)
{
	page_p(page, "%s",
	    T("The records of every source were read once, each became an "
	      "event or was set aside with its place and the reason, and the "
	      "events of every person were put in order of time. Repeated "
	      "records count once. From a person's events follow episodes, "
	      "from episodes decisions, and from decisions and the servers' "
	      "records the answers of the detectors. Every number leads back "
	      "to the bytes of the records behind it: source, member and "
	      "byte are kept in the case."));
	write_words(page);
	write_thresholds(page);
	html_elem(&page->html, "h3", "%s", T("What this report cannot say"));
	page_p(page, "%s",
	    T("Logs show what an app drew and what hands did. They do not "
	      "show what people saw, understood or wished, nor what those "
	      "who made the design had in mind. A time on a page shorter "
	      "than any reading shows that the text could not have been read "
	      "in full; a longer one shows nothing about reading."));
	page_p(page, "%s",
	    T("The logs come from the party under examination or passed "
	      "through its hands. The hashes prove that this report rests on "
	      "the files listed; they do not prove that these files are all "
	      "there was, or that they were not changed before."));
	page_p(page, "%s",
	    T("People who share a device, one person with several accounts, "
	      "and machines that act like people are not told apart unless "
	      "the records do so."));
	if (page->is_public) {
		html_elem(&page->html, "h3", "%s", T("Small numbers"));
		page_p(page,
		    T("Counts of people from 1 to %d are withheld, with the "
		      "shares and other numbers that stand on them. Where a "
		      "withheld count would follow from others and a total, "
		      "more are withheld until it does not. In this report %s "
		      "counts are withheld. Charts and files hold the same "
		      "numbers as the tables."),
		    SMALL_CELL - 1, page_int(page, page->n_suppressed));
	}
}

static void
write_runs(struct page *page)
{
	static const struct table_column columns[] = {
		{ "run_id", "Run", TABLE_COUNT, false },
		{ "command", "Command", TABLE_CODE, false },
		{ "version", "Version", TABLE_TEXT, false },
		{ "options", "Options that may change results", TABLE_CODE,
		    false },
		{ "started", "Begun", TABLE_TEXT, false },
		{ "finished", "Finished", TABLE_TEXT, false },
		{ "digest", "Digest of the results", TABLE_CODE, false },
	};
	struct answer a;
	struct table t;
	size_t i;

	table_init(&t, page, "runs", T("Every run of the program on this case"),
	    columns, N_OF(columns));
	view_ask(&page->view, &a, VIEW_RUNS, "");
	while (answer_next(&a)) {
		table_row(&t, "");
		for (i = 0; i < N_OF(columns); i++)
			table_answer(&t, &a, columns[i].key);
	}
	table_write(&t, TABLE_OPEN, T("No run is recorded."));
}

void
section_reproduction(struct page *page)
{
	struct html *h = &page->html;

	page_p(page, "%s",
	    T("The same evidence, mappings and options give the same digest, "
	      "whatever the number of threads, the order of the files or the "
	      "way they were packed. Whoever holds the files of the first "
	      "table can check this report:"));
	html_open(h, "pre", NULL);
	html_text(h, "pretick ingest CASE FILE...\n"
		     "pretick analyse CASE\n"
		     "pretick verify CASE FILE...\n"
		     "pretick report CASE");
	if (page->lang == LANG_ZH)
		html_text(h, " --lang zh");
	if (page->is_public)
		html_text(h, " --public");
	html_close(h, "pre");
	html_line(h);
	page_p(page,
	    T("verify computes the hashes of the files, every record balance "
	      "and the digest anew and compares them. The digest of this "
	      "case is %s."),
	    page->digest != NULL ? page->digest : T("not recorded"));
	if (!page->is_public)
		page_p(page,
		    T("People appear as HMAC-SHA-256 of their id under the "
		      "key %s (named by the first digits of its own SHA-256), "
		      "which is not part of the case. With another key they "
		      "bear other names; the numbers stay the same. "
		      "pretick show CASE subject NAME leads from a name to "
		      "the records."),
		    page->key.id);
	write_runs(page);
	page_p(page, "%s",
	    T("Beside this page, report/csv/ holds the numbers of every "
	      "table and chart, report/chart/ the data and script that "
	      "gnuplot drew each chart from, and report/findings.json the "
	      "findings for other programs."));
}
