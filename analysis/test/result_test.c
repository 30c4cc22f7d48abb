/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "analysis/digest.h"
#include "analysis/result.h"
#include "ingest/base/utc.h"

static char dir[] = "/tmp/pretick-result-XXXXXX";
static char db[sizeof dir + 16];

static int
fresh(void **state)
{
	(void)state;
	memcpy(dir, "/tmp/pretick-result-XXXXXX", sizeof dir);
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(db, sizeof db, "%s/case.db", dir);
	return 0;
}

static int
gone(void **state)
{
	(void)state;
	(void)unlink(db);
	return rmdir(dir);
}

/* ---- a small world ------------------------------------------------------- */

/* 2018-01-03T09:00+08:00 */
static const int64_t nine = 1514941200 * (int64_t)1000000;
enum { N_PARTS = 5, PEOPLE = 40 };

static const struct caseini *
shanghai(void)
{
	static struct caseini ini;
	struct err err = { 0 };

	if (ini.n_pairs == 0)
		assert_int_equal(caseini_parse(&ini, "case.ini",
				     span_of("[home]\nzone = +08:00\n"
					     "[thresholds]\nask_again = 24\n"),
				     &err),
		    0);
	return &ini;
}

static struct decision
decision_of(struct names *n, uint32_t subject, unsigned i)
{
	struct decision d = {
		.flow = i + 1,
		.subject = subject,
		.operator_ = names_code(n, span_of("alipay")),
		.surface = names_code(n, span_of("annual_bill")),
		.purpose = names_code(n, span_of("zhima.collect")),
		.recipient = names_code(n, span_of("zhima")),
		.design = names_code(n, span_of(i < PEOPLE / 2 ? "v1" : "v2")),
		.app_version = names_code(n, span_of("10.1")),
		.entry = names_code(n, span_of(i % 2 ? "share" : "menu")),
		.shown_us = nine + i * UTC_US_S,
		.decided_us = nine + i * UTC_US_S + 3000000,
		.dwell_us = 3000000,
		.server_us = nine + i * UTC_US_S + 3100000,
		.last_shown_us = nine + i * UTC_US_S,
		.acts = 1,
		.toggled = 0,
		.refusals_before = RESULT_UNKNOWN,
		.impressions = 1,
		.outcome = i < PEOPLE / 2 || i % 4 == 0 ? OUTCOME_GIVEN
							: OUTCOME_REFUSED,
		.default_on = i < PEOPLE / 2,
		.last_default_on = i < PEOPLE / 2,
		.server_outcome = DECISION_GIVEN,
		.method = METHOD_UI,
		.place = { 1, 0, 100, i * 100 },
	};

	return d;
}

static void
expose(struct result_part *rp, struct names *n, const struct decision *d)
{
	struct exposure x = {
		.surface = d->surface,
		.design = d->design,
		.app_version = d->app_version,
		.subject = d->subject,
		.us = d->shown_us,
		.is_consent = true,
		.opens = true,
		.default_on = d->default_on,
		.role = ROLE_CONSENT_BOX,
		.element = names_code(n, span_of("agree")),
		.text = names_code(n, span_of("I agree")),
		.notice = names_code(n, span_of("zhima-service")),
		.notice_version = names_code(n, span_of("3")),
		.purposes =
		    names_code(n, span_of("zhima.collect\x1fzhima.share")),
		.font_micro = 9000000,
		.in_view_micro = 1000000,
		.color = names_code(n, span_of("#cccccc")),
		.background = names_code(n, span_of("#ffffff")),
	};

	result_exposure(rp, &x);
	x.is_consent = x.opens = false;
	x.role = ROLE_SUBMIT;
	x.element = names_code(n, span_of("view"));
	x.text = names_code(n, span_of("See my bill"));
	x.font_micro = 18000000;
	x.color = names_code(n, span_of("#000000"));
	result_exposure(rp, &x);
}

/* A part's people: every one that falls to it. */
static void
fill(struct result_part *rp, unsigned part, struct names *n)
{
	unsigned i;
	char id[32];

	for (i = part; i < PEOPLE; i += N_PARTS) {
		struct decision d;
		struct answer_row a = { 0 };
		uint64_t row;
		uint32_t steps[2], subject, other;

		(void)snprintf(id, sizeof id, "u%u", i);
		subject = result_subject(rp, span_of(id), i == 7);
		d = decision_of(n, subject, i);
		expose(rp, n, &d);
		row = result_decision(rp, &d);
		a.surface = d.surface;
		a.design = d.design;
		a.subject = subject;
		a.answer = i >= PEOPLE / 2 ? ANSWER_REFUTED
			   : i % 5 == 0	   ? ANSWER_AMBIGUOUS
					   : ANSWER_SURE;
		a.decision = row + 1;
		a.us = d.decided_us;
		result_answer(rp, &a);
		/* A weaker answer later changes nothing. */
		a.answer = ANSWER_UNDECIDABLE;
		a.missing = names_code(n, span_of("the server's log"));
		result_answer(rp, &a);
		/* Everybody has the same two numbers in the address book. */
		if (i < 10) {
			(void)snprintf(id, sizeof id, "phone%u", i % 2);
			other = result_subject(rp, span_of(id), false);
			a = (struct answer_row){ .subject = other,
				.nonuser = true,
				.answer = ANSWER_SURE,
				.decision = row + 1,
				.us = nine + i,
				.scope = names_code(n, span_of("sharing")) };
			result_answer(rp, &a);
		}
		steps[0] = names_code(n, span_of("cover"));
		steps[1] = names_code(n, span_of("submit"));
		result_path(rp, d.surface, d.outcome, steps, 2);
		result_edge(rp, 0, names_code(n, span_of("home")), steps[0],
		    (int64_t)i * 1000);
		result_route(
		    rp, &(struct route){ d.surface, d.design, DECISION_GIVEN,
			    i % 10 != 0, 1 + i % 3, 1, 2, 1000000 + i });
		result_processing(
		    rp, &(struct processed){ names_code(n, span_of("tainted")),
			    KIND_DATA_EGRESS, names_code(n, span_of("credit")),
			    d.purpose, d.recipient, 0, d.operator_, subject,
			    d.decided_us });
		result_egress(rp, &(struct egress){ .operator_ = d.operator_,
				      .recipient = d.recipient,
				      .is_against = i % 4 == 0,
				      .us = d.decided_us });
		result_met(rp, &(struct met_by){ d.operator_, false, 9, 1, 1 });
		result_met_end(rp, i % 8 == 0 ? 77 : 0);
		result_tainted(rp, d.surface, subject, d.decided_us,
		    i % 2 ? RESULT_UNKNOWN : d.decided_us + 2 * UTC_US_DAY);
		result_tainted_recipient(
		    rp, d.surface, d.recipient, subject, d.decided_us);
		result_coverage(rp, "people", 1);
	}
}

struct job {
	struct result *r;
	unsigned part;
	/* Other texts first, so that codes differ from part to part. */
	unsigned noise;
};

static void *
run_job(void *arg)
{
	struct job *j = arg;
	struct names names = { 0 };
	struct result_part *rp;
	struct err err = { 0 };
	unsigned i;
	char text[32];

	for (i = 0; i < j->noise; i++) {
		(void)snprintf(text, sizeof text, "noise %u", i);
		(void)names_code(&names, span_of(text));
	}
	rp = result_part_new(j->r, j->part, &names);
	fill(rp, j->part, &names);
	if (result_part_done(rp, &err) < 0)
		fail_msg("%s", err.msg);
	names_clear(&names);
	return NULL;
}

enum way { IN_ORDER, REVERSED, THREADS };

static void
analyse(struct casefile *c, enum way way, char digest[65])
{
	struct err err = { 0 };
	struct job job[N_PARTS];
	pthread_t thread[N_PARTS];
	struct result *r;
	unsigned i;

	assert_int_equal(casefile_begin(c), 0);
	r = result_new(c, dir, shanghai(), &err);
	if (r == NULL)
		fail_msg("%s", err.msg);
	for (i = 0; i < N_PARTS; i++) {
		job[i].r = r;
		job[i].part = way == REVERSED ? N_PARTS - 1 - i : i;
		job[i].noise = i * 3 + (way == THREADS);
		if (way == THREADS)
			assert_int_equal(
			    pthread_create(&thread[i], NULL, run_job, &job[i]),
			    0);
		else
			(void)run_job(&job[i]);
	}
	for (i = 0; way == THREADS && i < N_PARTS; i++)
		(void)pthread_join(thread[i], NULL);
	if (result_finish(r, digest, &err) < 0)
		fail_msg("%s", err.msg);
	result_free(r);
	assert_int_equal(casefile_commit(c), 0);
}

static void
open_case(struct casefile *c)
{
	struct err err = { 0 };

	if (casefile_open(c, dir, CASEFILE_CREATE, &err) < 0)
		fail_msg("%s", err.msg);
}

/* One row's columns joined by "|", NULL as "-". */
static void
assert_row(struct casefile *c, const char *sql, const char *want)
{
	sqlite3_stmt *st = casefile_prepare(c, sql);
	char got[1024] = "";
	struct err err = { 0 };
	int i;

	if (casefile_error(c, &err) < 0)
		fail_msg("%s", err.msg);
	if (casefile_step(c, st) != 1)
		fail_msg("no row: %s", sql);
	for (i = 0; i < sqlite3_column_count(st); i++) {
		const char *t = (const char *)sqlite3_column_text(st, i);

		(void)snprintf(got + strlen(got), sizeof got - strlen(got),
		    "%s%s", i > 0 ? "|" : "", t != NULL ? t : "-");
	}
	casefile_finalize(st);
	if (strcmp(got, want) != 0)
		fail_msg("%s\ngave   %s\nwanted %s", sql, got, want);
}

/* ---- tests --------------------------------------------------------------- */

static void
parts_become_tables(void **state)
{
	struct casefile c;
	char digest[65];

	(void)state;
	open_case(&c);
	analyse(&c, IN_ORDER, digest);
	assert_row(&c,
	    "SELECT count(*), min(decision_id), max(decision_id), "
	    "count(DISTINCT flow_id) FROM decision",
	    "40|1|40|40");
	assert_row(&c, "SELECT * FROM decision WHERE subject = 'u7'",
	    "18|81|u7|alipay|annual_bill|zhima.collect|zhima|1|-|10.1|share|"
	    "1514941207000000|1514941210000000|given|1|0|3000000|1|-|given|"
	    "1514941210100000|1|1514941207000000|1|-|1|700|ui|device|18");
	assert_row(&c,
	    "SELECT surface, version, first_us, last_us, impressions, people, "
	    "default_on, font_px, body_font_px, round(contrast, 3), "
	    "accept_contrast, in_view, n_purposes, purposes, notice, "
	    "notice_version, roles, options, text FROM design "
	    "WHERE version = 'v1'",
	    "annual_bill|v1|1514941200000000|1514941219000000|20|20|1.0|9.0|"
	    "18.0|1.606|21.0|1.0|2|zhima.collect, zhima.share|zhima-service|3|"
	    "consent_box, submit|2|I agree");
	assert_row(&c,
	    "SELECT shown, given, refused, other, share FROM rate "
	    "WHERE dimension = 'all'",
	    "40|25|15|0|0.625");
	assert_row(&c, "SELECT value, shown FROM rate WHERE dimension = 'day'",
	    "2018-01-03|40");
	assert_row(&c,
	    "SELECT shown, given FROM rate WHERE dimension = "
	    "'entry' AND value = 'share'",
	    "20|10");
	assert_row(&c,
	    "SELECT count(*) FROM rate WHERE value IS NULL AND "
	    "dimension = 'variant'",
	    "1");
	assert_row(&c,
	    "SELECT value FROM rate WHERE dimension = "
	    "'variant+version'",
	    "? / 10.1");
	casefile_close(&c);
}

static void
findings_count_people_once_by_their_gravest_answer(void **state)
{
	struct casefile c;
	char digest[65];

	(void)state;
	open_case(&c);
	analyse(&c, IN_ORDER, digest);
	assert_row(&c,
	    "SELECT detector, surface, design_id, scope, eligible, sure, "
	    "ambiguous, refuted, undecidable, share, first_us, last_us, "
	    "missing FROM finding WHERE design_id = 1",
	    "D01|annual_bill|1||20|16|4|0|0|0.8|1514941203000000|"
	    "1514941222000000|-");
	/* Undecidable is graver than refuted. */
	assert_row(&c,
	    "SELECT sure, ambiguous, refuted, undecidable, missing FROM "
	    "finding WHERE design_id = 2",
	    "0|0|0|20|the server's log");
	assert_row(&c,
	    "SELECT grade, count(*), min(role) FROM affected JOIN "
	    "finding USING(finding_id) WHERE design_id = 1 "
	    "GROUP BY 1 ORDER BY 1 DESC",
	    "sure|16|user");
	assert_row(&c,
	    "SELECT d.subject = a.subject, d.decided_us FROM "
	    "affected a JOIN decision d USING(decision_id) WHERE "
	    "a.subject = 'u3'",
	    "1|1514941206000000");
	/* Two numbers in ten address books are two people. */
	assert_row(&c,
	    "SELECT surface, scope, eligible, sure FROM finding "
	    "WHERE scope = 'sharing'",
	    "-|sharing|2|2");
	assert_row(&c,
	    "SELECT group_concat(subject), min(role), "
	    "min(subject_kind), count(decision_id) FROM (SELECT * "
	    "FROM affected WHERE role = 'nonuser' ORDER BY subject)",
	    "phone0,phone1|nonuser|nonuser|2");
	assert_row(&c,
	    "SELECT d.subject FROM affected a JOIN decision d "
	    "USING(decision_id) WHERE a.subject = 'phone1'",
	    "u1");
	assert_row(&c, "SELECT count(*) FROM subject", "42");
	assert_row(&c,
	    "SELECT rule, used_as FROM legal WHERE rule LIKE '%csl-41-c%'",
	    "china:csl-41-consent|binding");
	assert_row(&c,
	    "SELECT used_as, in_force_from FROM legal WHERE rule LIKE "
	    "'%2017-5.3'",
	    "guidance|2018-05-01");
	assert_row(&c,
	    "SELECT used_as FROM legal WHERE rule LIKE '%method-2019-3.4'",
	    "retrospective yardstick");
	assert_row(&c,
	    "SELECT value FROM case_info "
	    "WHERE key = 'threshold.policy_clicks'",
	    "4 clicks: CN Method 2019 I.3: not more than 4 clicks from the "
	    "main screen");
	assert_row(&c,
	    "SELECT substr(value, 1, 45) FROM case_info "
	    "WHERE key = 'threshold.ask_again'",
	    "24 h: set by the case, in place of 48 h (app ");
	assert_row(&c,
	    "SELECT count(*) FROM legal JOIN finding "
	    "USING(finding_id) WHERE design_id = 2",
	    "0");
	assert_row(&c,
	    "SELECT value FROM measure WHERE name = 'default_on' "
	    "AND finding_id = (SELECT finding_id FROM finding "
	    "WHERE design_id = 1)",
	    "1.0");
	casefile_close(&c);
}

static void
the_smaller_tables_are_filled(void **state)
{
	struct casefile c;
	char digest[65];

	(void)state;
	open_case(&c);
	analyse(&c, IN_ORDER, digest);
	assert_row(&c,
	    "SELECT name, n_a, k_a, n_b, k_b, difference, round(low, 4), "
	    "round(high, 4), ratio, p < 1e-4, p = p_adjusted FROM comparison",
	    "annual_bill: given, design v1 against v2|20|20|20|5|0.75|0.4784|"
	    "0.8881|4.0|1|1");
	assert_row(&c, "SELECT * FROM edge", "|home|cover|40|19500");
	assert_row(&c, "SELECT * FROM path WHERE outcome = 'given'",
	    "annual_bill|given|cover > submit|25");
	assert_row(&c,
	    "SELECT surface, design_id, goal, n, acts_min, acts_median, "
	    "screens_min, options_median, seconds_median, seconds_low, "
	    "abandoned FROM route WHERE design_id = 1",
	    "annual_bill|1|given|18|1|2.0|1|2.0|1.00001|1.000005|2");
	assert_row(&c, "SELECT * FROM processing",
	    "tainted|data.egress|credit|zhima.collect|zhima|-|40|40|"
	    "1514941203000000|1514941242000000|alipay");
	assert_row(
	    &c, "SELECT n, against, open, people FROM network", "40|10|0|36");
	assert_row(&c, "SELECT * FROM operator", "alipay|36|0|360|40|40");
	assert_row(&c, "SELECT * FROM shared", "1|36");
	assert_row(&c,
	    "SELECT group_concat(day || ' ' || obtained || ' ' || "
	    "ended || ' ' || live, ', ') FROM tainted",
	    "2018-01-03 40 0 40, 2018-01-04 0 0 40, 2018-01-05 0 20 20");
	assert_row(&c, "SELECT * FROM tainted_recipient",
	    "annual_bill|zhima|40|40|1514941203000000|1514941242000000");
	assert_row(&c, "SELECT * FROM cutover WHERE app_version IS NULL",
	    "annual_bill|-|1|2|1514941219000000|1514941220000000|20|0|0");
	assert_row(&c, "SELECT * FROM cutover WHERE app_version = '10.1'",
	    "annual_bill|10.1|1|2|1514941219000000|1514941220000000|20|0|0");
	assert_row(&c, "SELECT * FROM coverage",
	    "people|40|people with events, known by an account");
	assert_row(&c, "SELECT count(*) > 0 FROM detector", "1");
	casefile_close(&c);
}

static void
the_digest_depends_on_the_evidence_alone(void **state)
{
	struct casefile c;
	char a[65], b[65];
	struct err err = { 0 };

	(void)state;
	open_case(&c);
	analyse(&c, IN_ORDER, a);
	analyse(&c, REVERSED, b);
	assert_string_equal(a, b);
	analyse(&c, THREADS, b);
	assert_string_equal(a, b);
	assert_int_equal(strlen(a), 64);
	/* and comes from case.db alone */
	if (digest_case(&c, dir, b, &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(a, b);
	casefile_close(&c);
}

static void
every_table_counts_in_the_digest(void **state)
{
	static const char *const changes[] = {
		"UPDATE decision_form SET acts = acts + 1 WHERE form_id = 1",
		"UPDATE decision_row SET server_us = server_us + 1 WHERE "
		"decision_id = 5",
		"UPDATE decision_row SET form_id = 2 WHERE form_id = 1",
		"UPDATE subject SET id = 'x' WHERE id = 'u3'",
		"UPDATE name SET text = 'x' WHERE text = 'zhima'",
		"UPDATE design SET font_px = 9.5 WHERE design_id = 1",
		"UPDATE rate SET given = given + 1 WHERE dimension = 'all'",
		"UPDATE finding SET sure = sure + 1 WHERE finding_id = 1",
		"DELETE FROM affected_row WHERE subject_id = 1",
		"UPDATE affected_row SET decision_id = 2 WHERE subject_id = 1",
		"UPDATE legal SET used_as = 'binding'",
		"UPDATE comparison SET p = 0.5",
		"UPDATE edge SET n = n + 1",
		"UPDATE path SET n = n + 1",
		"UPDATE processing SET region = 'CN'",
		"UPDATE finding SET operator = 'x' WHERE finding_id = 1",
		"UPDATE processing SET operator = 'x'",
		"UPDATE network SET people = people + 1",
		"UPDATE operator SET grants = grants + 1",
		"UPDATE shared SET people = people + 1",
	};
	struct casefile c;
	struct err err = { 0 };
	char a[65], b[65];
	size_t i;

	(void)state;
	open_case(&c);
	analyse(&c, IN_ORDER, a);
	for (i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		assert_int_equal(casefile_begin(&c), 0);
		assert_int_equal(casefile_exec(&c, changes[i]), 0);
		if (sqlite3_changes(c.db) == 0)
			fail_msg("no change: %s", changes[i]);
		assert_int_equal(digest_case(&c, dir, b, &err), 0);
		if (strcmp(a, b) == 0)
			fail_msg("same digest: %s", changes[i]);
		casefile_rollback(&c);
	}
	/* Surrogate ids and places do not count. */
	assert_int_equal(
	    casefile_exec(&c, "UPDATE decision_row SET flow_id = 7, member_id "
			      "= 9, byte_offset = 1"),
	    0);
	assert_int_equal(digest_case(&c, dir, b, &err), 0);
	assert_string_equal(a, b);
	casefile_close(&c);
}

static void
what_settles_a_finding_refutes_the_undecidable(void **state)
{
	struct names n = { 0 };
	struct casefile c;
	struct err err = { 0 };
	struct result_part *rp;
	struct result *r;
	struct answer_row a = { .answer = ANSWER_UNDECIDABLE, .us = nine };
	char digest[65];

	(void)state;
	open_case(&c);
	assert_int_equal(casefile_begin(&c), 0);
	r = result_new(&c, dir, NULL, &err);
	assert_non_null(r);
	rp = result_part_new(r, 2, &n);
	result_settle(rp, &(struct answer_row){ 0 });
	/* a finding that nobody answered for is none */
	result_settle(rp,
	    &(struct answer_row){ .surface = names_code(&n, span_of("s")) });
	assert_int_equal(result_part_done(rp, &err), 0);
	rp = result_part_new(r, 3, &n);
	a.missing = names_code(&n, span_of("seq"));
	a.subject = result_subject(rp, span_of("u"), false);
	result_answer(rp, &a);
	assert_int_equal(result_part_done(rp, &err), 0);
	assert_int_equal(result_finish(r, digest, &err), 0);
	result_free(r);
	assert_int_equal(casefile_commit(&c), 0);
	assert_row(&c,
	    "SELECT count(*), max(eligible), max(refuted), "
	    "max(undecidable), max(missing) FROM finding",
	    "1|1|1|0|-");
	names_clear(&n);
	casefile_close(&c);
}

static void
a_case_without_results_has_a_digest_too(void **state)
{
	struct casefile c;
	struct err err = { 0 };
	struct result *r;
	char a[65], b[65];

	(void)state;
	open_case(&c);
	assert_int_equal(casefile_begin(&c), 0);
	r = result_new(&c, dir, NULL, &err);
	assert_non_null(r);
	assert_int_equal(result_finish(r, a, &err), 0);
	result_free(r);
	assert_int_equal(digest_case(&c, dir, b, &err), 0);
	assert_string_equal(a, b);
	/* given up half-way: nothing hangs */
	r = result_new(&c, dir, NULL, &err);
	assert_non_null(r);
	result_free(r);
	casefile_close(&c);
}

static void
hostile_texts_stay_texts(void **state)
{
	static const char *const bad[] = { "", "a\x1f\x1f", "' OR 1", "\xff",
		" > ", "\xe2\x80\xa6other" };
	struct names n = { 0 };
	struct casefile c;
	struct err err = { 0 };
	struct result_part *rp;
	struct result *r;
	char a[65], b[65];
	unsigned i, k;

	(void)state;
	open_case(&c);
	assert_int_equal(casefile_begin(&c), 0);
	r = result_new(&c, dir, NULL, &err);
	assert_non_null(r);
	rp = result_part_new(r, 0, &n);
	for (i = 0; i < 6; i++) {
		uint32_t s = result_subject(rp, span_of(bad[i]), false), code;
		struct decision d = decision_of(&n, s, i);

		code = names_code(&n, span_of(bad[i]));
		d.surface = d.purpose = d.design = code;
		d.shown_us = i == 0 ? INT64_MAX : INT64_MIN + 1;
		expose(rp, &n, &d);
		(void)result_decision(rp, &d);
		for (k = 0; k < 2; k++) {
			result_edge(rp, k ? code : 0, 0, code, 5);
			result_path(rp, k ? code : 0, OUTCOME_LEFT, &code, k);
			result_tainted(
			    rp, k ? code : 0, s, nine, nine + UTC_US_DAY);
			result_tainted_recipient(
			    rp, k ? code : 0, code, s, RESULT_UNKNOWN);
		}
	}
	assert_int_equal(result_part_done(rp, &err), 0);
	if (result_finish(r, a, &err) < 0)
		fail_msg("%s", err.msg);
	result_free(r);
	assert_int_equal(digest_case(&c, dir, b, &err), 0);
	assert_string_equal(a, b);
	names_clear(&n);
	casefile_close(&c);
}

/* Many rows of one person, in one part. */
static int
many_rows(struct result *r, unsigned n_rows, struct err *err)
{
	struct names n = { 0 };
	struct result_part *rp = result_part_new(r, 0, &n);
	uint32_t s = result_subject(rp, span_of("u"), false);
	struct decision d = decision_of(&n, s, 0);
	unsigned i;
	int rc;

	for (i = 0; i < n_rows; i++) {
		d.decided_us++;
		d.acts = i % 100000; /* more forms than a part keeps */
		(void)result_decision(rp, &d);
	}
	rc = result_part_done(rp, err);
	names_clear(&n);
	return rc;
}

static void
rows_beyond_memory_go_through_a_file(void **state)
{
	struct casefile c;
	struct err err = { 0 };
	struct result *r;
	char a[65], b[65];

	(void)state;
	open_case(&c);
	assert_int_equal(casefile_begin(&c), 0);
	r = result_new(&c, dir, NULL, &err);
	assert_non_null(r);
	assert_int_equal(many_rows(r, 400000, &err), 0);
	assert_int_equal(result_finish(r, a, &err), 0);
	result_free(r);
	assert_int_equal(casefile_commit(&c), 0);
	assert_row(&c,
	    "SELECT count(*), max(decision_id), max(decided_us) - "
	    "min(decided_us) FROM decision_row",
	    "400000|400000|399999");
	assert_row(&c,
	    "SELECT count(*), sum(acts), sum(decided_us - shown_us = dwell_us) "
	    "FROM decision",
	    "400000|19999800000|400000");
	assert_int_equal(digest_case(&c, dir, b, &err), 0);
	assert_string_equal(a, b);
	casefile_close(&c);
}

/* The results of before stand when an analysis fails half-way. */
static void
assert_failure_leaves_all(
    struct casefile *c, const char *case_dir, const char *message)
{
	struct err err = { 0 };
	struct result *r;
	char digest[65];

	assert_int_equal(casefile_begin(c), 0);
	r = result_new(c, case_dir, NULL, &err);
	assert_non_null(r);
	/* the writer may tell it now or at the end */
	if (many_rows(r, 400000, &err) == 0)
		assert_int_equal(result_finish(r, digest, &err), -1);
	if (strstr(err.msg, message) == NULL)
		fail_msg("%s", err.msg);
	result_free(r);
	casefile_rollback(c);
	assert_row(c, "SELECT count(*) FROM decision", "40");
}

static void
a_full_disk_leaves_the_case_as_it_was(void **state)
{
	struct casefile c;
	char digest[65], sql[64];

	(void)state;
	open_case(&c);
	analyse(&c, IN_ORDER, digest);
	(void)snprintf(sql, sizeof sql, "PRAGMA max_page_count = %d",
	    (int)casefile_int(&c, "PRAGMA page_count", 0) + 100);
	(void)casefile_int(&c, sql, 0);
	assert_failure_leaves_all(&c, dir, "full");
	casefile_close(&c);
}

static void
a_spill_that_fails_leaves_the_case_as_it_was(void **state)
{
	struct casefile c;
	char digest[65];

	(void)state;
	open_case(&c);
	analyse(&c, IN_ORDER, digest);
	assert_failure_leaves_all(
	    &c, "/nonexistent", "cannot create a temporary file");
	casefile_close(&c);
}

#define CASE(t) cmocka_unit_test_setup_teardown(t, fresh, gone)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(parts_become_tables),
		CASE(findings_count_people_once_by_their_gravest_answer),
		CASE(the_smaller_tables_are_filled),
		CASE(the_digest_depends_on_the_evidence_alone),
		CASE(every_table_counts_in_the_digest),
		CASE(what_settles_a_finding_refutes_the_undecidable),
		CASE(a_case_without_results_has_a_digest_too),
		CASE(hostile_texts_stay_texts),
		CASE(rows_beyond_memory_go_through_a_file),
		CASE(a_full_disk_leaves_the_case_as_it_was),
		CASE(a_spill_that_fails_leaves_the_case_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
