/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/report.h"

#include <expat.h>

#include "reports/test/made.h"

static const char *const csv_files[] = { "sources", "balance", "rejects",
	"coverage", "kinds", "facts", "undecidable", "thresholds", "designs",
	"cutover", "routes", "rates", "days", "ways-1", "edges-1", "edges-all",
	"detector-D01", "choices", "processing", "lineage", "tainted",
	"tainted-recipients", "law-binding", "law-guidance", "law-yardsticks",
	"law-names", "law-unverified", "comparisons", "runs" };
enum { N_CSV = sizeof csv_files / sizeof csv_files[0] };

static int
write_report(
    const struct made *m, const char *out, int is_public, struct err *err)
{
	struct report_options o = {
		.case_dir = m->case_dir,
		.out_dir = out,
		.key_file = m->key,
		.lang = "en",
		.is_public = is_public,
	};
	char path[256];

	return report_run(&o, path, sizeof path, err);
}

/* The page of a report into OUT, which must succeed. */
static struct buf
page_of(const struct made *m, const char *out, int is_public)
{
	struct err err = { 0 };
	char path[512];

	if (write_report(m, out, is_public, &err) < 0)
		fail_msg("%s", err.msg);
	(void)snprintf(path, sizeof path, "%s/report.html", out);
	return made_read(path);
}

static const char *
in_dir(const struct made *m, const char *name, char path[256])
{
	(void)snprintf(path, 256, "%s/%s", m->dir, name);
	return path;
}

static void
assert_in_order(const char *at, const char *const *words, size_t n)
{
	size_t i;

	for (i = 0; i < n && at != NULL; i++) {
		at = strstr(at, words[i]);
		if (at == NULL)
			fail_msg("'%s' is missing or too early", words[i]);
	}
}

static void
the_page_is_whole_and_says_what_was_read_before_any_result(void **state)
{
	static const char *const order[] = { "<h1>", "SHA-256 of the file",
		"id=\"completeness\"", "The evidence is 4 files",
		"What cannot be decided", "id=\"findings\"", "id=\"designs\"",
		"id=\"routes\"", "id=\"rates\"", "id=\"flows\"",
		"id=\"detectors\"", "id=\"choices\"", "id=\"processing\"",
		"id=\"lineage\"", "id=\"network\"", "Who gave data to whom",
		"id=\"tainted\"", "id=\"law\"", "id=\"statistics\"",
		"id=\"method\"", "id=\"reproduction\"", "</html>" };
	struct made m;
	struct buf page;
	char out[256];

	(void)state;
	made_case(&m);
	page = page_of(&m, in_dir(&m, "out", out), 0);
	assert_in_order(page.p, order, sizeof order / sizeof order[0]);
	assert_non_null(strstr(page.p, "1,341 of 1,385"));
	assert_non_null(strstr(page.p, "3 January 2018, 21:47:20 (UTC+8)"));
	buf_clear(&page);
	made_clear(&m);
}

/* Law, guidance, yardsticks, names: a reader must not take one for another. */
static void
rules_stand_by_what_they_were_on_the_day(void **state)
{
	static const char *const order[] = { "id=\"law\"", "<h3>Binding",
		"Cybersecurity Law", "from 2017-06-01", "<h3>Guidance",
		"GB/T 35273-2017", "published by then, in force only from",
		"<h3>Retrospective yardsticks", "GDPR",
		"<h3>Names in the literature", "bad defaults",
		"<h3>Of unknown date", "dates not known", "id=\"statistics\"" };
	struct made m;
	struct buf page;
	char out[256];
	const char *at;

	(void)state;
	made_case(&m);
	page = page_of(&m, in_dir(&m, "out", out), 0);
	assert_in_order(page.p, order, sizeof order / sizeof order[0]);
	buf_clear(&page);
	made_sql(&m, "DELETE FROM legal WHERE used_as <> 'taxonomy'");
	page = page_of(&m, in_dir(&m, "bare", out), 0);
	at = strstr(page.p, "No law of the packs in use was in force then");
	assert_non_null(at);
	assert_null(strstr(at, "<h3>Binding"));
	buf_clear(&page);
	made_clear(&m);
}

/* Beside each positive detector: its doubts and its numbers. */
static void
a_detector_stands_with_what_speaks_against_it(void **state)
{
	struct made m;
	struct buf page;
	char out[256];
	const char *at, *end;

	(void)state;
	made_case(&m);
	page = page_of(&m, in_dir(&m, "out", out), 0);
	at = strstr(page.p, "<section class=\"detector\" id=\"D16\"");
	assert_non_null(at);
	end = strstr(at, "</section>");
	assert_non_null(strstr(at, "The same records may also mean:"));
	assert_non_null(strstr(at, "What would refute it:"));
	at = strstr(at, "font_ratio = 0.75 ratio: assumption of this tool");
	assert_true(at != NULL && at < end);
	at = strstr(page.p, "<section class=\"detector\" id=\"D01\"");
	at = strstr(at, "Where it could not be decided, what was missing:");
	assert_true(at != NULL && at < end);
	assert_non_null(strstr(page.p, "Thresholds of this analysis"));
	assert_non_null(strstr(page.p, "24 h"));
	buf_clear(&page);
	page = made_read(in_dir(&m, "out/report/findings.json", out));
	assert_non_null(strstr(
	    page.p, "\"font_ratio\":\"0.75 ratio: assumption of this tool\""));
	assert_non_null(strstr(page.p, "\"refuted_by\":\"a record that the "));
	buf_clear(&page);
	made_clear(&m);
}

static void
the_page_loads_nothing_runs_nothing_and_is_well_formed(void **state)
{
	struct made m;
	struct buf page;
	char out[256];
	XML_Parser x = XML_ParserCreate("UTF-8");
	const char *p;

	(void)state;
	made_case(&m);
	page = page_of(&m, in_dir(&m, "out", out), 0);
	assert_null(strstr(page.p, "<script"));
	assert_null(strstr(page.p, "<link"));
	assert_null(strstr(page.p, "<img"));
	assert_null(strstr(page.p, "@import"));
	assert_null(strstr(page.p, "url("));
	for (p = page.p; (p = strstr(p, "http://")) != NULL; p++)
		assert_memory_equal(p, "http://www.w3.org/2000/svg\"", 27);
	assert_null(strstr(page.p, "https://"));
	if (XML_Parse(x, page.p, (int)page.n, 1) != XML_STATUS_OK)
		fail_msg("line %lu: %s",
		    (unsigned long)XML_GetCurrentLineNumber(x),
		    XML_ErrorString(XML_GetErrorCode(x)));
	XML_ParserFree(x);
	buf_clear(&page);
	made_clear(&m);
}

static void
the_page_never_judges_and_never_names_anybody(void **state)
{
	static const char *const never[] = { "illegal", "unlawful", "intended",
		"did not read", "20880100037", "+8613800000001", "\033" };
	struct made m;
	struct buf page;
	char out[256];
	size_t i;

	(void)state;
	made_case(&m);
	page = page_of(&m, in_dir(&m, "out", out), 0);
	for (i = 0; i < sizeof never / sizeof never[0]; i++)
		if (strcasestr(page.p, never[i]) != NULL)
			fail_msg("the page says '%s'", never[i]);
	assert_non_null(strstr(page.p, "<code>u-"));
	buf_clear(&page);
	made_clear(&m);
}

static void
the_same_case_gives_the_same_bytes(void **state)
{
	struct made m;
	struct buf a, b;
	char one[256], two[256], path[512];
	size_t i;

	(void)state;
	made_case(&m);
	a = page_of(&m, in_dir(&m, "one", one), 0);
	b = page_of(&m, in_dir(&m, "two", two), 0);
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.p, b.p, a.n);
	buf_clear(&a);
	buf_clear(&b);
	for (i = 0; i < N_CSV; i++) {
		(void)snprintf(path, sizeof path, "%s/report/csv/%s.csv", one,
		    csv_files[i]);
		a = made_read(path);
		(void)snprintf(path, sizeof path, "%s/report/csv/%s.csv", two,
		    csv_files[i]);
		b = made_read(path);
		assert_true(
		    a.n > 0 && span_eq(buf_as_span(&a), buf_as_span(&b)));
		buf_clear(&a);
		buf_clear(&b);
	}
	made_clear(&m);
}

static void
names_from_the_evidence_reach_neither_gnuplot_nor_a_shell(void **state)
{
	struct made m;
	struct buf page, data;
	char out[256], path[512];

	(void)state;
	made_case(&m);
	in_dir(&m, "out", out);
	(void)snprintf(path, sizeof path,
	    "UPDATE name SET text = '`touch %s/hit`\"; sys"
	    "tem(\"touch "
	    "%s/hit\")\\\n' || char(10) || '<script>' WHERE name_id = 8;",
	    m.dir, m.dir);
	made_sql(&m, path);
	made_sql(&m,
	    "UPDATE path SET steps = replace(steps, 'chat', '`id`\"$(id)%s');"
	    "UPDATE design SET version = '{/Bold `id`}' WHERE design_id = 1;"
	    "UPDATE rate SET value = '@`id`%g' WHERE value = 'share'");
	page = page_of(&m, out, 0);
	assert_null(strstr(page.p, "<script"));
	assert_non_null(strstr(page.p, "‘id‘”$(id)%s"));
	assert_true(access(in_dir(&m, "hit", path), F_OK) < 0);
	(void)snprintf(path, sizeof path, "%s/report/chart/flow-1.gp", out);
	data = made_read(path);
	assert_null(strstr(data.p, "id)"));
	buf_clear(&data);
	(void)snprintf(path, sizeof path, "%s/report/chart/flow-1.dat", out);
	data = made_read(path);
	assert_null(strchr(data.p, '`'));
	buf_clear(&data);
	buf_clear(&page);
	made_clear(&m);
}

static void
an_ingest_that_added_nothing_leaves_the_results_standing(void **state)
{
	struct err err = { 0 };
	struct made m;
	char out[256];

	(void)state;
	made_case(&m);
	made_sql(&m, "INSERT INTO run VALUES (3, 'ingest', '0.1.0', '', "
		     "'2018-02-04T00:00:00Z', '2018-02-04T00:00:00Z', NULL)");
	assert_int_equal(write_report(&m, in_dir(&m, "out", out), 0, &err), 0);
	assert_int_equal(access(out, F_OK), 0);
	made_clear(&m);
}

static void
evidence_that_was_added_later_makes_the_report_refuse(void **state)
{
	struct err err = { 0 };
	struct made m;
	char out[256], want[512];

	(void)state;
	made_case(&m);
	made_sql(&m, "INSERT INTO run VALUES (3, 'ingest', '0.1.0', '', "
		     "'2018-02-04T00:00:00Z', '2018-02-04T00:00:00Z', NULL);"
		     "UPDATE source SET run_id = 3 WHERE source_id = 1");
	assert_int_equal(write_report(&m, in_dir(&m, "out", out), 0, &err), -1);
	(void)snprintf(want, sizeof want,
	    "evidence was added after the last analysis: "
	    "run pretick analyse %s",
	    m.case_dir);
	assert_string_equal(err.msg, want);
	assert_true(access(out, F_OK) < 0);
	made_sql(&m, "DELETE FROM run WHERE command = 'analyse'");
	memset(&err, 0, sizeof err);
	assert_int_equal(write_report(&m, out, 0, &err), -1);
	(void)snprintf(want, sizeof want,
	    "%s has not been analysed: run pretick analyse %s", m.case_dir,
	    m.case_dir);
	assert_string_equal(err.msg, want);
	made_clear(&m);
}

static void
without_gnuplot_it_fails_and_names_the_package(void **state)
{
	struct err err = { 0 };
	struct made m;
	char out[256], path[512];
	const char *was = getenv("PATH");
	char *search = strdup(was != NULL ? was : "/usr/bin:/bin");

	(void)state;
	made_case(&m);
	assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
	assert_int_equal(write_report(&m, in_dir(&m, "out", out), 0, &err), -1);
	assert_int_equal(setenv("PATH", search, 1), 0);
	free(search);
	assert_string_equal(err.msg,
	    "gnuplot is not installed: charts are drawn by it "
	    "(Debian package gnuplot-nox)");
	(void)snprintf(path, sizeof path, "%s/report.new", out);
	assert_true(access(path, F_OK) < 0);
	(void)snprintf(path, sizeof path, "%s/report.html", out);
	assert_true(access(path, F_OK) < 0);
	made_clear(&m);
}

static void
a_folder_with_other_files_is_not_touched(void **state)
{
	struct err err = { 0 };
	struct made m;
	struct buf b;
	char out[256], path[512];

	(void)state;
	made_case(&m);
	assert_int_equal(mkdir(in_dir(&m, "out", out), 0700), 0);
	(void)snprintf(path, sizeof path, "%s/report", out);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof path, "%s/report/thesis.csv", out);
	made_write(path, "years of work");
	assert_int_equal(write_report(&m, out, 0, &err), -1);
	assert_non_null(strstr(err.msg, "was not written by a report"));
	b = made_read(path);
	assert_string_equal(b.p, "years of work");
	buf_clear(&b);
	made_clear(&m);
}

static void
a_public_report_leaves_nothing_of_a_restricted_one(void **state)
{
	struct made m;
	struct buf page;
	char out[256], path[512];
	const char *p;

	(void)state;
	made_case(&m);
	in_dir(&m, "out", out);
	page = page_of(&m, out, 0);
	buf_clear(&page);
	(void)snprintf(
	    path, sizeof path, "%s/report/csv/examples-D01.csv", out);
	assert_int_equal(access(path, F_OK), 0);
	page = page_of(&m, out, 1);
	assert_true(access(path, F_OK) < 0);
	for (p = page.p; (p = strstr(p, "u-")) != NULL; p++)
		assert_true(strspn(p + 2, "0123456789abcdef") < 16);
	assert_non_null(strstr(page.p, "withheld"));
	buf_clear(&page);
	made_clear(&m);
}

static void
a_case_of_one_operator_without_recipients_has_no_network(void **state)
{
	struct casefile c = { 0 };
	struct err err = { 0 };
	struct made m;
	struct buf page;
	char out[256];

	(void)state;
	made_case(&m);
	if (casefile_open(&c, m.case_dir, CASEFILE_WRITE, &err) < 0 ||
	    casefile_exec(&c,
		"DELETE FROM network; DELETE FROM operator WHERE operator = "
		"'zhima'") < 0)
		fail_msg("%s", err.msg);
	casefile_close(&c);
	page = page_of(&m, in_dir(&m, "out", out), 0);
	assert_null(strstr(page.p, "id=\"network\""));
	assert_null(strstr(page.p, "href=\"#network\""));
	buf_clear(&page);
	made_clear(&m);
}

/* Fields of the people's columns in a public file are never 1 to 9. */
static void
assert_no_small_field(const char *path, size_t from, size_t to)
{
	struct buf b = made_read(path);
	char *line, *field, *rest = b.p, *more;
	size_t i;

	(void)strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n")) != NULL && line[0] != '\0') {
		more = strstr(line, "\","); /* the first field may hold , */
		assert_non_null(more);
		more++;
		for (i = 0; (field = strsep(&more, ",")) != NULL; i++)
			if (i >= from && i <= to && field[0] > '0' &&
			    field[0] <= '9' && field[1] == '\0')
				fail_msg("%s: %s", path, line);
	}
	buf_clear(&b);
}

static void
public_files_and_page_agree_on_what_is_withheld(void **state)
{
	struct made m;
	struct buf page, b;
	char out[256], path[512];

	(void)state;
	made_case(&m);
	page = page_of(&m, in_dir(&m, "out", out), 1);
	/* D04 has 12 sure, 4 ambiguous, 648 refuted, 4 undecidable. */
	assert_null(strstr(page.p, "~4"));
	assert_null(strstr(page.p, "In 4 more"));
	buf_clear(&page);
	(void)snprintf(
	    path, sizeof path, "%s/report/csv/detector-D04.csv", out);
	assert_no_small_field(path, 1, 5);
	(void)snprintf(path, sizeof path, "%s/report/csv/rates.csv", out);
	assert_no_small_field(path, 4, 7);
	(void)snprintf(path, sizeof path, "%s/report/csv/days.csv", out);
	assert_no_small_field(path, 3, 6);
	(void)snprintf(path, sizeof path, "%s/report/csv/operators.csv", out);
	assert_no_small_field(path, 0, 1);
	assert_no_small_field(path, 3, 4);
	(void)snprintf(path, sizeof path, "%s/report/csv/shared.csv", out);
	b = made_read(path);
	assert_non_null(strstr(b.p, "2,1214\r\n"));
	assert_null(strstr(b.p, "3,4\r"));
	buf_clear(&b);
	(void)snprintf(path, sizeof path, "%s/report/csv/network.csv", out);
	b = made_read(path);
	assert_null(strstr(b.p, ",8,"));
	assert_null(strstr(b.p, ",7,"));
	buf_clear(&b);
	(void)snprintf(path, sizeof path, "%s/report/csv/choices.csv", out);
	assert_no_small_field(path, 1, 5);
	(void)snprintf(path, sizeof path, "%s/report/csv/undecidable.csv", out);
	assert_no_small_field(path, 3, 4);
	made_clear(&m);
}

/* A chain with a datum, whose numbers are `n` at every hop. */
static struct buf
page_of_chain(const struct made *m, int n, int is_public)
{
	char sql[1200], out[256];

	(void)snprintf(sql, sizeof sql,
	    "INSERT INTO detector VALUES ('D11', 't', 'm', 'u', 'a', 's') ON "
	    "CONFLICT DO NOTHING; "
	    "INSERT INTO finding(finding_id, detector, scope, eligible, sure, "
	    "ambiguous, refuted, undecidable) VALUES "
	    "(90, 'D11', 'users', 400, 400, 0, 0, 0); "
	    "INSERT INTO measure VALUES (90, 'users_access', 400, 'people'), "
	    "(90, 'users_outbound', 398, 'people'), "
	    "(90, 'nonusers_access', 700, 'people without account'), "
	    "(90, 'nonusers_outbound', %d, 'people without account'), "
	    "(90, 'days_from_collection', 2, 'd, median'), "
	    "(90, 'outbound_collected_share', 0.75, 'share'), "
	    "(90, 'outbound_never_collected_share', 0.2, 'share'), "
	    "(90, 'outbound_themselves', 50, 'contacts made'); "
	    "INSERT INTO lineage VALUES ('lender', 'contacts', NULL, 'x', "
	    "'access', NULL, 900, 400, 700, 700, 1, 2), (NULL, NULL, "
	    "'collector', 'collection', 'outbound', 'collected', 750, 398, "
	    "%d, %d, 3, 4)",
	    n, n, n);
	made_sql(m, sql);
	return page_of(m, in_dir(m, "out", out), is_public);
}

static void
what_became_of_the_contacts_is_drawn_and_told(void **state)
{
	static const char *const told[] = { "id=\"lineage-chain\"",
		"contacted: 398 people and 612 people without account",
		"half of them took no longer than", "75.0% went to numbers",
		"20.0% to numbers that were never collected",
		">collected before<", ">collector<", "nonusers outbound" };
	struct made m;
	struct buf page;
	size_t i;

	(void)state;
	made_case(&m);
	page = page_of_chain(&m, 612, 0);
	for (i = 0; i < sizeof told / sizeof told[0]; i++)
		if (strstr(page.p, told[i]) == NULL)
			fail_msg("'%s' is missing", told[i]);
	buf_clear(&page);
	made_clear(&m);
}

static void
a_public_page_tells_no_sum_that_gives_few_people_away(void **state)
{
	struct made m;
	struct buf page, json;
	char path[256];

	(void)state;
	made_case(&m);
	page = page_of_chain(&m, 7, 1);
	assert_null(strstr(page.p, "id=\"lineage-chain\""));
	assert_null(strstr(page.p, "nonusers outbound"));
	assert_null(strstr(page.p, "nonusers access"));
	json = made_read(in_dir(&m, "out/report/findings.json", path));
	assert_non_null(strstr(json.p, "\"users_access\":{\"value\":null"));
	assert_non_null(
	    strstr(json.p, "\"days_from_collection\":{\"value\":2"));
	buf_clear(&json);
	buf_clear(&page);
	made_clear(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_page_is_whole_and_says_what_was_read_before_any_result),
		cmocka_unit_test(a_detector_stands_with_what_speaks_against_it),
		cmocka_unit_test(rules_stand_by_what_they_were_on_the_day),
		cmocka_unit_test(
		    the_page_loads_nothing_runs_nothing_and_is_well_formed),
		cmocka_unit_test(the_page_never_judges_and_never_names_anybody),
		cmocka_unit_test(the_same_case_gives_the_same_bytes),
		cmocka_unit_test(
		    names_from_the_evidence_reach_neither_gnuplot_nor_a_shell),
		cmocka_unit_test(
		    an_ingest_that_added_nothing_leaves_the_results_standing),
		cmocka_unit_test(
		    evidence_that_was_added_later_makes_the_report_refuse),
		cmocka_unit_test(
		    without_gnuplot_it_fails_and_names_the_package),
		cmocka_unit_test(a_folder_with_other_files_is_not_touched),
		cmocka_unit_test(
		    a_public_report_leaves_nothing_of_a_restricted_one),
		cmocka_unit_test(
		    a_case_of_one_operator_without_recipients_has_no_network),
		cmocka_unit_test(
		    public_files_and_page_agree_on_what_is_withheld),
		cmocka_unit_test(what_became_of_the_contacts_is_drawn_and_told),
		cmocka_unit_test(
		    a_public_page_tells_no_sum_that_gives_few_people_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
