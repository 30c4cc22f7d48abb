/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What discovery found (analysis/discover.h), when it was asked to look.
 */
#include "reports/table.h"

static const struct table_column columns[] = {
	{ "screen", "Screen", TABLE_CODE, false },
	{ "element", "Control", TABLE_CODE, false },
	{ "act", "Act", TABLE_TEXT, false },
	{ "label", "Its words", TABLE_TEXT, false },
	{ "people", "People who did it", TABLE_SUM, false },
	{ "people_granted", "Recorded as consenting after it", TABLE_PART,
	    false },
	{ "people_explained", "The same, after an express act", TABLE_PART,
	    false },
	{ "people_rest", "Not recorded", TABLE_PART, false },
	{ "share", "Share", TABLE_SHARE, false },
	{ "lift", "Times as often as at other times", TABLE_REAL, false },
	{ "lift_low", "At least", TABLE_REAL, false },
	{ "p_adjusted", "p, corrected", TABLE_P, false },
	{ "seconds", "Recorded after, median", TABLE_SECONDS, false },
	{ "box", "On the same screen", TABLE_CODE, false },
	{ "box_state", "Its default", TABLE_TEXT, false },
	{ "box_font_px", "Its font, px", TABLE_REAL, false },
	{ "box_text", "Words there", TABLE_TEXT, false },
	{ "verdict", "Verdict", TABLE_TEXT, false },
	{ "shifted_share", "", TABLE_REAL, true },
	{ "share_by_request", "", TABLE_REAL, true },
	{ "pairs", "", TABLE_COUNT, true },
};

static const char *
word(struct page *page, struct span s)
{
	static const char *const words[][2] = {
		{ "click", "click" },
		{ "on", "turning on" },
		{ "off", "turning off" },
		{ "default on", "on" },
		{ "default off", "off" },
		{ "both", "on and off" },
		{ "undeclared", "undeclared" },
		{ "too_few", "too few people to say" },
	};
	size_t i;

	for (i = 0; i < N_OF(words); i++)
		if (span_is(s, words[i][0]))
			return T(words[i][1]);
	return NULL;
}

/* Was there evidence after it looked? */
static bool
is_stale(struct page *page, int64_t run_id)
{
	struct answer a;
	int64_t added = 0;

	view_ask(&page->view, &a, VIEW_LAST_ADDED, "");
	while (answer_next(&a))
		added = answer_int(&a, "run_id");
	return added > run_id;
}

static void
write_table(struct page *page)
{
	struct answer a;
	struct table t;
	size_t i;

	table_init(&t, page, "discovery",
	    T("Acts that a consent follows though nothing declares them"),
	    columns, N_OF(columns));
	view_ask(&page->view, &a, VIEW_DISCOVERY_TABLE, "");
	while (answer_next(&a)) {
		table_row(&t, "");
		for (i = 0; i < N_OF(columns); i++) {
			const char *key = columns[i].key;

			if (strcmp(key, "act") == 0 ||
			    strcmp(key, "box_state") == 0 ||
			    strcmp(key, "verdict") == 0)
				table_text(
				    &t, word(page, answer_span(&a, key)));
			else
				table_answer(&t, &a, key);
		}
	}
	table_suppress(&t);
	table_write(&t, TABLE_OPEN,
	    T("No control was found that enrols people without being "
	      "declared."));
}

void
section_discovery(struct page *page)
{
	struct answer a;
	int64_t run_id = -1;

	view_ask(&page->view, &a, VIEW_LAST_DISCOVER, "");
	while (answer_next(&a))
		run_id = answer_int(&a, "run_id");
	if (run_id < 0) {
		page_p(page, "%s",
		    T("This was not looked for: few consents or none are "
		      "without an act on a declared control. The command "
		      "pretick discover looks for it in any case."));
		return;
	}
	if (is_stale(page, run_id))
		page_p(page, "%s",
		    T("Evidence was added after this was looked for; run "
		      "pretick discover again."));
	page_p(page, "%s",
	    T("Clicks and switches that the servers' records of consent "
	      "follow, though neither the logs nor the case file call them "
	      "consent: more often than for the same people ten minutes, an "
	      "hour and a day before and after, nearer in time than other "
	      "instants of the same session, and without an express act, "
	      "such as a box ticked by hand. They were looked for with what "
	      "was declared at that time."));
	page_p(page, "%s",
	    T("This is association, not cause. The same tap may do something "
	      "else that records a consent; a tick may be in no log; a screen "
	      "before may have asked. Each control wants a look at its "
	      "screen."));
	write_table(page);
}
