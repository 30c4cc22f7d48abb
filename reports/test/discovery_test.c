/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/caseini.h"
#include "reports/discovery.h"
#include "reports/report.h"
#include "reports/test/made.h"

/* A found control: 300 of 400 who pressed, a box beside it. */
#define FOUND(verdict, screen, element, act, label, granted)                  \
	"INSERT INTO discovery(verdict, screen, element, act, label, "        \
	"people, people_granted, people_explained, share, share_low, "        \
	"share_high, shifted_share, lift, low, high, p, p_adjusted, pairs, "  \
	"median_delay_us, share_by_request, box, box_on, box_off, "           \
	"box_font_px, box_text, box_purposes) VALUES ('" verdict "', " screen \
	", " element ", '" act "', " label ", 400, " granted                  \
	", 20, 0.75, 0.7, 0.79, 0.001, 750, 300, 1800, 1e-9, 1e-8, 12, "      \
	"240000, 1, 'agree', 390, 10, 9, 'I agree', 'credit.score');"
#define BEGIN                                                   \
	"INSERT INTO run VALUES (90, 'discover', '0.1.0', '', " \
	"'2018-02-03T09:00:00Z', '2018-02-03T09:00:01Z', NULL);"

/* It ends a line, a section and a string, and commands a terminal. */
#define HOSTILE \
	"'x' || char(10) || '[case]' || char(27) || '[2J<script>\"] = y'"

static struct buf
draft_of(const struct made *m, struct caseini *ini)
{
	struct err err = { 0 };
	struct view v = { 0 };
	struct buf text;
	char path[256];

	(void)snprintf(path, sizeof path, "%s/draft.ini", m->dir);
	if (view_open_any(&v, m->case_dir, &err) < 0 ||
	    discovery_draft(&v, path, &err) < 0)
		fail_msg("%s", err.msg);
	view_close(&v);
	if (caseini_read(ini, path, &err) < 0)
		fail_msg("%s", err.msg);
	text = made_read(path);
	return text;
}

static struct buf
printed(const struct made *m, int64_t *n_found)
{
	struct err err = { 0 };
	struct view v = { 0 };
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/printed", m->dir);
	f = fopen(path, "w");
	assert_non_null(f);
	if (view_open_any(&v, m->case_dir, &err) < 0)
		fail_msg("%s", err.msg);
	discovery_print(&v, f, n_found);
	if (view_error(&v, &err) < 0)
		fail_msg("%s", err.msg);
	view_close(&v);
	assert_int_equal(fclose(f), 0);
	return made_read(path);
}

static struct buf
page_of(const struct made *m, bool is_public)
{
	char out[256], path[512];
	struct report_options o = {
		.case_dir = m->case_dir,
		.out_dir = out,
		.key_file = m->key,
		.lang = "en",
		.is_public = is_public,
	};
	struct err err = { 0 };

	(void)snprintf(
	    out, sizeof out, "%s/%s", m->dir, is_public ? "public" : "out");
	if (report_run(&o, path, sizeof path, &err) < 0)
		fail_msg("%s", err.msg);
	return made_read(path);
}

/* ---- the draft ---- */

static void
the_draft_declares_the_button_and_the_box(void **state)
{
	struct caseini ini = { 0 };
	struct made m;
	struct buf b;

	(void)state;
	made_case(&m);
	made_sql(&m, FOUND("undeclared", "'bill'", "'see_bill'", "click",
			 "'See'", "300"));
	b = draft_of(&m, &ini);
	assert_int_equal(ini.n_pairs, 3);
	assert_string_equal(
	    caseini_get(&ini, "surface", "bill", "screen"), "bill");
	assert_string_equal(ini.pair[1].value, "see_bill=submit");
	assert_string_equal(ini.pair[2].value, "agree=consent_box");
	assert_non_null(strstr(b.p, "# clicked, 300 of 400 people (75.0%"));
	buf_clear(&b);
	caseini_clear(&ini);
	made_clear(&m);
}

static void
the_draft_takes_a_role_from_act_and_words(void **state)
{
	struct caseini ini = { 0 };
	struct made m;
	struct buf b;

	(void)state;
	made_case(&m);
	made_sql(&m,
	    FOUND("undeclared", "NULL", "'a'", "on", "NULL", "300")
		FOUND("undeclared", "'t'", "'b'", "click", "'No thanks'", "200")
		    FOUND("undeclared", "'u'", "'c'", "off", "NULL", "100")
			FOUND("too_few", "'v'", "'d'", "click", "NULL", "9")
			    FOUND("by_hand", "'w'", "'e'", "on", "NULL", "99"));
	b = draft_of(&m, &ini);
	assert_string_equal(
	    caseini_get(&ini, "surface", "a", "control"), "a=consent_box");
	assert_null(caseini_get(&ini, "surface", "a", "screen"));
	assert_non_null(strstr(b.p, "\ncontrol = b=refuse\n"));
	assert_non_null(strstr(b.p, "\n# control = c="));
	assert_non_null(strstr(b.p, "\n# control = d="));
	assert_non_null(strstr(b.p, "\n# control = e=consent_box\n"));
	assert_null(caseini_get(&ini, "surface", "v", "screen"));
	buf_clear(&b);
	caseini_clear(&ini);
	made_clear(&m);
}

static void
a_hostile_name_stays_in_a_comment(void **state)
{
	struct caseini ini = { 0 };
	struct made m;
	int64_t n_found;
	struct buf b;

	(void)state;
	made_case(&m);
	made_sql(&m,
	    FOUND("undeclared", HOSTILE, "'a'", "click", HOSTILE, "300") FOUND(
		"undeclared", "'s'", HOSTILE, "click", HOSTILE, "200")
		FOUND("undeclared", "'trailing '", "'b'", "click", "char(8238)",
		    "100") "UPDATE discovery SET box = " HOSTILE
			   ", box_text = " HOSTILE ", box_purposes = " HOSTILE);
	b = draft_of(&m, &ini);
	assert_int_equal(ini.n_pairs, 0);
	assert_null(strchr(b.p, '\033'));
	buf_clear(&b);
	b = printed(&m, &n_found);
	assert_int_equal(n_found, 3);
	assert_null(strchr(b.p, '\033'));
	assert_null(strstr(b.p, "\n[case]"));
	assert_null(strstr(b.p, "\xe2\x80\xae"));
	buf_clear(&b);
	caseini_clear(&ini);
	made_clear(&m);
}

/* ---- the text ---- */

static void
the_text_says_how_sure_it_is_and_what_it_is_not(void **state)
{
	static const char *const says[] = { "click on see_bill, screen bill "
					    "(\"See\")",
		"750 times, at least 300 times as often",
		"after correction for 12 pairs", "240 ms",
		"20 others after an express act",
		"on the same screen agree, on by default in 97.5% of 400",
		"9 px, \"I agree\", for credit.score",
		"association, not cause" };
	struct made m;
	int64_t n_found;
	struct buf b;
	size_t i;

	(void)state;
	made_case(&m);
	b = printed(&m, &n_found);
	assert_int_equal(n_found, 0);
	assert_non_null(strstr(b.p, "no undeclared consent control found\n"));
	buf_clear(&b);
	made_sql(&m, FOUND("undeclared", "'bill'", "'see_bill'", "click",
			 "'See'", "300"));
	b = printed(&m, &n_found);
	for (i = 0; i < sizeof says / sizeof says[0]; i++)
		if (strstr(b.p, says[i]) == NULL)
			fail_msg("%s is missing in\n%s", says[i], b.p);
	buf_clear(&b);
	made_clear(&m);
}

/* ---- the page ---- */

static void
the_page_tells_what_was_found_and_whether_anybody_looked(void **state)
{
	struct made m;
	struct buf b;

	(void)state;
	made_case(&m);
	b = page_of(&m, false);
	assert_non_null(strstr(b.p, "This was not looked for"));
	buf_clear(&b);
	made_sql(&m, BEGIN FOUND("undeclared", HOSTILE, "'see_bill'", "click",
			 HOSTILE, "300"));
	b = page_of(&m, false);
	assert_null(strstr(b.p, "<script"));
	assert_null(strstr(b.p, "run pretick discover again"));
	assert_non_null(strstr(b.p, ">see_bill<"));
	buf_clear(&b);
	made_sql(&m, "UPDATE run SET run_id = 0 WHERE command = 'discover'");
	b = page_of(&m, false);
	assert_non_null(strstr(b.p, "run pretick discover again"));
	buf_clear(&b);
	made_clear(&m);
}

/* 400 - 375 - 20 = 5: too few to be told. */
static void
a_public_page_hides_the_few_who_were_not_recorded(void **state)
{
	char path[256];
	struct made m;
	struct buf b;

	(void)state;
	made_case(&m);
	made_sql(&m, BEGIN FOUND("undeclared", "'bill'", "'see_bill'", "click",
			 "'See'", "375"));
	b = page_of(&m, true);
	buf_clear(&b);
	(void)snprintf(
	    path, sizeof path, "%s/public/report/csv/discovery.csv", m.dir);
	b = made_read(path);
	assert_non_null(strstr(b.p, "\"see_bill\""));
	assert_null(strstr(b.p, ",400,375,20,5,"));
	assert_null(strstr(b.p, ",5,"));
	buf_clear(&b);
	made_clear(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_draft_declares_the_button_and_the_box),
		cmocka_unit_test(the_draft_takes_a_role_from_act_and_words),
		cmocka_unit_test(a_hostile_name_stays_in_a_comment),
		cmocka_unit_test(
		    the_text_says_how_sure_it_is_and_what_it_is_not),
		cmocka_unit_test(
		    the_page_tells_what_was_found_and_whether_anybody_looked),
		cmocka_unit_test(
		    a_public_page_hides_the_few_who_were_not_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
