/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/test/story.h"

/* ---- random evidence ---- */

static const char *const screens[] = { "home", "bill", "settings", "p" };
static const char *const words[] = { "on", "off", "x", "" };
static const char *const names[] = { "s", "t", "zhima.share",
	"a\x1f"
	"b" };

static const char *
pick(struct prop *r, const char *const *of, size_t n)
{
	return of[prop_below(r, n)];
}

static void
some_id(struct story *s, struct prop *r, struct event *e, enum event_str f,
    const char *stem, uint64_t n)
{
	uint64_t i = prop_below(r, n + 1);

	if (i < n)
		event_set_str(e, f,
		    span_of(arena_printf(&s->arena, "%s%d", stem, (int)i)));
}

static void
some_word(struct prop *r, struct event *e, enum event_num f, unsigned percent)
{
	if (prop_below(r, 100) < percent)
		event_set_num(e, f,
		    1 + (int64_t)prop_below(r, (uint64_t)event_word_count(f)));
}

/* What is done with data of few people, by few companies. */
static void
random_processing(struct story *s, struct prop *r, struct event *e)
{
	static const int64_t kinds[] = { KIND_DATA_ACCESS, KIND_DATA_EGRESS,
		KIND_CONTACT_OUTBOUND, KIND_IDENTITY_LINK };

	event_set_num(e, EV_KIND, kinds[prop_below(r, 4)]);
	some_id(s, r, e, EV_DATUM, "+86138000", 30);
	some_id(s, r, e, EV_OPERATOR, "o", 3);
	some_id(s, r, e, EV_RECIPIENT, "o", 3);
	if (prop_below(r, 6) == 0)
		e->present &= ~EVENT_BIT_STR(EV_ACTOR);
}

/* Anything at all, most of it absurd: order and threads must not matter. */
static void
random_event(struct story *s, struct prop *r, unsigned n_operators)
{
	struct event *e = &s->event[s->n_events];

	memset(e, 0, sizeof *e);
	event_set_num(
	    e, EV_KIND, 1 + (int64_t)prop_below(r, (uint64_t)KIND__MAX - 1));
	if (prop_below(r, 3) != 0)
		event_set_num(e, EV_KIND,
		    KIND_CONTROL_IMPRESSION + (int64_t)prop_below(r, 5));
	some_word(r, e, EV_TRAIL, 80);
	if (prop_below(r, 50) != 0)
		event_set_num(e, EV_TIME,
		    STORY_BEGIN_US + (int64_t)prop_below(r, 100) * UTC_US_S);
	if (prop_below(r, 5) == 0)
		event_set_num(e, EV_RECEIVED,
		    STORY_BEGIN_US + (int64_t)prop_below(r, 200) * UTC_US_S);
	if (prop_below(r, 2) == 0)
		event_set_num(e, EV_SEQ, (int64_t)prop_below(r, 60));
	some_word(r, e, EV_ROLE, 70);
	some_word(r, e, EV_CHANGED_BY, 40);
	some_word(r, e, EV_DECISION, 60);
	some_word(r, e, EV_METHOD, 30);
	some_word(r, e, EV_OUTCOME, 10);
	some_word(r, e, EV_PHASE, 3);
	some_word(r, e, EV_PRECISION, 10);
	some_word(r, e, EV_TIME_ROLE, 20);
	some_id(s, r, e, EV_ACTOR, "u", 12);
	some_id(s, r, e, EV_DEVICE, "d", 8);
	some_id(s, r, e, EV_SESSION, "s", 9);
	some_id(s, r, e, EV_REQUEST, "r", 20);
	some_id(s, r, e, EV_ELEMENT, "e", 4);
	some_id(s, r, e, EV_DESIGN, "v", 1);
	some_id(s, r, e, EV_APP_VERSION, "1.", 2);
	some_id(s, r, e, EV_CATEGORY, "c", 2);
	some_id(s, r, e, EV_RECIPIENT, "r", 2);
	if (n_operators > 0)
		some_id(s, r, e, EV_OPERATOR, "o", n_operators);
	if (n_operators > 0 && e->num[EV_KIND] == KIND_IDENTITY_LINK)
		some_id(s, r, e, EV_DATUM, "h", 6);
	event_set_str(e, EV_SCREEN, span_of(pick(r, screens, 4)));
	event_set_str(e, EV_VALUE, span_of(pick(r, words, 4)));
	event_set_str(e, EV_SURFACE, span_of(pick(r, names, 2)));
	if (prop_below(r, 2) == 0)
		event_set_str(e, EV_PURPOSE, span_of(pick(r, names + 2, 2)));
	if (prop_below(r, 4) == 0)
		random_processing(s, r, e);
	e->place.member = 1;
	e->place.offset = s->n_events * 10;
	s->n_events++;
}

static void
shuffle(struct prop *r, size_t *at, size_t n)
{
	size_t i, k, v;

	for (i = 0; i < n; i++)
		at[i] = i;
	for (i = n; i > 1; i--) {
		k = prop_below(r, i);
		v = at[i - 1];
		at[i - 1] = at[k];
		at[k] = v;
	}
}

static void
digest_of(const struct story *s, const size_t *at, size_t budget_bytes,
    unsigned n_threads, char digest[65])
{
	char dir[STORY_DIR];
	struct analysis_result r;

	story_dir(dir);
	story_write(s, dir, at, budget_bytes);
	story_analyse(dir, NULL, n_threads, &r);
	memcpy(digest, r.digest, 65);
	/* A second analysis of the same case replaces the first. */
	story_analyse(dir, NULL, 1, &r);
	assert_string_equal(r.digest, digest);
	test_remove(dir);
}

static void
neither_order_nor_threads_nor_memory_change_the_digest(void **state)
{
	struct prop r = prop_seeded(20180103);
	struct story *s = calloc(1, sizeof *s);
	size_t *at = calloc(STORY_EVENTS, sizeof *at), n;
	char one[65], other[65];
	int round;

	(void)state;
	assert_true(s != NULL && at != NULL);
	for (round = 0; round < 6; round++) {
		s->n_events = 0;
		for (n = 200 + prop_below(&r, 1500); n > 0; n--)
			random_event(s, &r, (unsigned)round % 3);
		digest_of(s, NULL, 1 << 20, 1, one);
		shuffle(&r, at, s->n_events);
		digest_of(s, at, 1 << 14, 3, other);
		assert_string_equal(one, other);
		arena_reset(&s->arena);
	}
	arena_clear(&s->arena);
	free(s);
	free(at);
}

/* ---- what must not be found ---- */

static void
clean_evidence_gives_no_sure_answer(void **state)
{
	static const char *const clean =
	    "%s %d imp element=b role=consent_box value=off "
	    "changed_by=default purpose=x font_px=16 in_view=1 text=agree\n"
	    "%s %d imp element=go role=submit font_px=16 text=go\n"
	    "%s %d imp element=no role=refuse font_px=16 text=no\n"
	    "%s %d change element=b role=consent_box value=on\n"
	    "%s %d click element=go role=submit request=q-%s\n"
	    "%s %d consent decision=given surface=s purpose=x method=ui "
	    "request=q-%s\n"
	    "%s %d egress purpose=x recipient=r datum=+8613800138000\n"
	    "- 600 contact.outbound purpose=x device= datum=+8613800138000\n"
	    "%s %d click role=withdraw element=out surface= screen=w\n"
	    "%s %d consent decision=withdrawn purpose=x surface=s\n";
	struct story *s = calloc(1, sizeof *s);
	char dir[STORY_DIR], text[4096], who[16];
	struct analysis_result r;
	char *answer;
	int i;

	(void)state;
	assert_non_null(s);
	for (i = 0; i < 40; i++) {
		(void)snprintf(who, sizeof who, "u%d", i);
		(void)snprintf(text, sizeof text, clean, who, 0, who, 0, who, 0,
		    who, 5, who, 20, who, who, 21, who, who, 500, who, 900, who,
		    901);
		story_read(s, text);
	}
	story_dir(dir);
	story_write(s, dir, NULL, 1 << 20);
	story_analyse(dir, NULL, 2, &r);
	answer =
	    story_ask(dir, "SELECT detector, sure FROM finding WHERE sure > 0");
	assert_string_equal(answer, "");
	free(answer);
	answer = story_ask(dir,
	    "SELECT sum(eligible) > 0 FROM finding WHERE detector = 'D01'");
	assert_string_equal(answer, "1");
	free(answer);
	test_remove(dir);
	arena_clear(&s->arena);
	free(s);
}

static void
an_unrelated_person_changes_nobodys_decision(void **state)
{
	static const char *const mine =
	    "u 0 imp element=b role=consent_box value=on changed_by=default\n"
	    "u 5 click role=submit\n";
	static const char *const other =
	    "v 0 imp element=b role=consent_box value=off changed_by=default\n"
	    "v 2 click role=close\n";
	static const char *const sql =
	    "SELECT outcome, d.impressions, acts, version FROM decision d LEFT "
	    "JOIN design USING (design_id) WHERE subject = 'u'";
	char *answer[2];
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		char dir[STORY_DIR];
		struct story *s = calloc(1, sizeof *s);
		struct analysis_result r;

		assert_non_null(s);
		story_dir(dir);
		if (i == 1)
			story_read(s, other);
		story_read(s, mine);
		story_write(s, dir, NULL, 1 << 20);
		story_analyse(dir, NULL, 1, &r);
		answer[i] = story_ask(dir, sql);
		test_remove(dir);
		arena_clear(&s->arena);
		free(s);
	}
	assert_string_equal(answer[0], answer[1]);
	free(answer[0]);
	free(answer[1]);
}

/* ---- what case.ini gets wrong ---- */

static void
refuses(const char *ini_text, const char *reason)
{
	char dir[STORY_DIR];
	struct story *s = calloc(1, sizeof *s);
	struct caseini ini = { 0 };
	struct err err = { 0 };
	struct analysis_options o = { .case_dir = dir,
		.ini = &ini,
		.n_threads = 1,
		.memory_bytes = 1 << 20 };
	struct analysis_result r;

	assert_non_null(s);
	story_dir(dir);
	story_write(s, dir, NULL, 1 << 20);
	assert_int_equal(
	    caseini_parse(&ini, "case.ini", span_of(ini_text), &err), 0);
	assert_int_equal(analysis_run(&o, &r, &err), -1);
	assert_string_equal(err.msg, reason);
	caseini_clear(&ini);
	test_remove(dir);
	free(s);
}

static void
a_misspelt_threshold_is_named(void **state)
{
	(void)state;
	refuses("[thresholds]\nclok_error = 3\n",
	    "case.ini:2: no such threshold: clok_error");
}

static void
a_zone_that_is_none_is_named(void **state)
{
	(void)state;
	refuses("[home]\nregion = CN\nzone = Mars\n",
	    "case.ini:3: zone = Mars: no offset such as +08:00, no zone");
}

static void
the_day_is_that_of_the_first_ingest_whatever_was_analysed_before(void **state)
{
	static const char *const ini[] = { NULL, "[home]\nzone = -11:00\n",
		NULL };
	static const char *const want[] = { "2018-01-04", "2018-01-03",
		"2018-01-04" };
	char dir[STORY_DIR], path[256], *day;
	struct story *s = calloc(1, sizeof *s);
	struct analysis_result r;
	sqlite3 *db;
	size_t i;

	(void)state;
	assert_non_null(s);
	story_dir(dir);
	/* 2018-01-04T00:00+08:00 */
	story_read(s, "u 54000 imp element=b role=consent_box value=on\n");
	story_write(s, dir, NULL, 1 << 20);
	(void)snprintf(path, sizeof path, "%s/case.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db,
		"INSERT INTO case_info VALUES ('ingest.zone', '+08:00')", NULL,
		NULL, NULL),
	    SQLITE_OK);
	(void)sqlite3_close(db);
	for (i = 0; i < sizeof want / sizeof want[0]; i++) {
		story_analyse(dir, ini[i], 1, &r);
		day = story_ask(
		    dir, "SELECT value FROM rate WHERE dimension = 'day'");
		assert_string_equal(day, want[i]);
		free(day);
	}
	test_remove(dir);
	arena_clear(&s->arena);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    neither_order_nor_threads_nor_memory_change_the_digest),
		cmocka_unit_test(clean_evidence_gives_no_sure_answer),
		cmocka_unit_test(an_unrelated_person_changes_nobodys_decision),
		cmocka_unit_test(a_misspelt_threshold_is_named),
		cmocka_unit_test(a_zone_that_is_none_is_named),
		cmocka_unit_test(
		    the_day_is_that_of_the_first_ingest_whatever_was_analysed_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
