/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/discover.h"
#include "analysis/test/story.h"

/* ---- crowds ---- */

/* So many people who all do the same, without surfaces; `lines` as in a
 * story, without the actor. */
struct crowd {
	unsigned n;
	const char *lines;
};

enum { CROWDS = 4 };

struct crowd_case {
	const char *name;
	struct crowd crowd[CROWDS];
	const char *ini, *sql, *answer;
};

/* One after the other, a thousand seconds each. */
static void
crowd_read(struct story *s, const struct crowd crowd[CROWDS])
{
	struct buf text = { 0 };
	const char *line, *end;
	unsigned i, k, person = 0;

	for (i = 0; i < CROWDS; i++)
		for (k = 0; k < crowd[i].n; k++, person++)
			for (line = crowd[i].lines; *line != '\0'; line = end) {
				end = strchrnul(line, '\n');
				(void)buf_printf(&text, "u%u %.3f", person,
				    1000. * person + strtod(line, NULL));
				line += strcspn(line, " ");
				(void)buf_add(
				    &text, line, (size_t)(end - line));
				(void)buf_str(&text, " surface= noseq\n");
				end += *end != '\0';
			}
	story_read(s, text.p);
	buf_clear(&text);
}

static void
discover(const char *dir, const char *ini_text, unsigned n_threads)
{
	struct caseini ini = { 0 };
	struct err err = { 0 };
	struct discover_options o = { .case_dir = dir,
		.ini = &ini,
		.n_threads = n_threads,
		.memory_bytes = (size_t)64 << 20 };

	if (caseini_parse(&ini, "case.ini",
		span_of(ini_text != NULL ? ini_text : ""), &err) < 0 ||
	    discover_run(&o, &err) < 0)
		fail_msg("%s", err.msg);
	caseini_clear(&ini);
}

/* What discovery says of the story's events; free() it. */
static char *
told(struct story *s, const size_t *order, unsigned n_threads, const char *ini,
    const char *sql)
{
	char dir[STORY_DIR], *answer;

	story_dir(dir);
	story_write(s, dir, order, 1 << 20);
	discover(dir, ini, n_threads);
	answer = story_ask(dir, sql);
	test_remove(dir);
	return answer;
}

#define ROWS                                               \
	"SELECT verdict, screen, element, act, people, "   \
	"people_granted, people_explained FROM discovery " \
	"WHERE verdict <> 'weak' ORDER BY rank"
#define COUNT(name) "SELECT value FROM discovery_count WHERE name = '" name "'"

#define HOME  "0 view screen=home\n5 click screen=home element=tile\n"
#define END   "300 view screen=home\n"
#define GIVEN " consent decision=given purpose=x method=ui\n"

static const struct crowd_case cases[] = {
	{ "a button that enrols is found, the taps on the way are not",
	    { { 40, HOME "10 view\n20 click element=go label=view\n20.3" GIVEN
			 "40 click element=share\n" END },
		{ 10, HOME "30 click element=share\n" END } },
	    NULL, ROWS, "undeclared|p|go|click|40|40|0" },
	{ "of two taps the one of the same request enrols",
	    { { 40, HOME
		  "20 click element=go request=r\n20.1 click element=next\n"
		  "20.3 consent decision=given method=ui request=r\n" END },
		{ 20, HOME "20 click element=next\n" END } },
	    NULL, ROWS, "undeclared|p|go|click|40|40|0" },
	{ "a gesture of another request has another answer",
	    { { 40, HOME
		"20 click element=go request=a\n"
		"20.3 consent decision=given method=ui request=b\n" END } },
	    NULL, COUNT("beside"), "40" },
	{ "a box that says what it is, ticked by hand, explains the consent",
	    { { 40, HOME "10 imp element=box value=off changed_by=default "
			 "notice=n\n"
			 "15 change element=box value=on changed_by=user\n"
			 "20 click element=go\n20.3" GIVEN END },
		{ 40, HOME "10 imp element=box value=off changed_by=default "
			   "notice=n\n20 click element=go\n" END } },
	    NULL, ROWS, "by_hand|p|box|on|40|40|40" },
	{ "ticked and unticked it explains nothing",
	    { { 40,
		HOME "15 change element=box value=on changed_by=user notice=n\n"
		     "16 change element=box value=off changed_by=user\n"
		     "20 click element=go\n20.3" GIVEN END } },
	    NULL, ROWS, "undeclared|p|go|click|40|40|0" },
	{ "a box turned on by the page explains nothing and is named",
	    { { 40,
		HOME "10 imp element=box value=on changed_by=default notice=n "
		     "font_px=9\n20 click element=go\n20.3" GIVEN END } },
	    NULL,
	    "SELECT verdict, element, box, box_on, box_off, box_font_px, "
	    "box_notice FROM discovery",
	    "undeclared|go|box|40|0|9.0|n" },
	{ "a box without words that decides is the control, not the button",
	    { { 40, HOME "15 change element=box value=on changed_by=user\n"
			 "20 click element=go\n20.3" GIVEN END },
		{ 60, HOME "20 click element=go\n" END } },
	    NULL, ROWS, "by_hand|p|box|on|40|40|40" },
	{ "what is weak hides nothing that comes after it",
	    { { 60, HOME "15 change element=box value=on changed_by=user\n"
			 "20 click element=go\n20.3" GIVEN END },
		{ 60, HOME "20 click element=go\n" END },
		{ 30, HOME "20 click element=sneak\n20.3" GIVEN END } },
	    NULL, ROWS,
	    "undeclared|p|sneak|click|30|30|0;by_hand|p|box|on|60|60|60" },
	{ "a box without words that changes nothing is none",
	    { { 60, HOME "15 change element=remember value=on changed_by=user\n"
			 "20 click element=go\n20.3" GIVEN END },
		{ 40, HOME "20 click element=go\n20.3" GIVEN END } },
	    NULL, ROWS, "undeclared|p|go|click|100|100|0" },
	{ "a tick for an earlier consent does not explain the next",
	    { { 40,
		HOME "15 change element=box value=on changed_by=user notice=n\n"
		     "15.2" GIVEN "120 click element=go\n120.3" GIVEN END } },
	    NULL, ROWS,
	    "undeclared|p|go|click|40|40|0;by_hand|p|box|on|40|40|40" },
	{ "a click on words of agreement is express",
	    { { 40, HOME "20 click element=yes label=I_agree\n20.3" GIVEN END },
		{ 40, HOME END } },
	    NULL, ROWS, "clear|p|yes|click|40|40|40" },
	{ "turning something off that enrols is found",
	    { { 40, HOME "20 change element=private value=off changed_by=user\n"
			 "20.3" GIVEN END } },
	    NULL, ROWS, "undeclared|p|private|off|40|40|0" },
	{ "what lost a line is weak, not undeclared",
	    { { 40, HOME
		  "15 change element=box value=on changed_by=user notice=n\n"
		  "20 click element=go\n20.3" GIVEN END },
		{ 4, HOME "20 click element=go\n20.3" GIVEN END },
		{ 50, HOME "20 click element=go\n" END } },
	    NULL,
	    "SELECT verdict, element FROM discovery WHERE screen = 'p' "
	    "ORDER BY rank",
	    "weak|go;by_hand|box" },
	{ "few people are too few",
	    { { 10, HOME "20 click element=go\n20.3" GIVEN END } }, NULL, ROWS,
	    "too_few|p|go|click|10|10|0" },
	{ "the least number of people is a threshold",
	    { { 10, HOME "20 click element=go\n20.3" GIVEN END } },
	    "[thresholds]\ndiscover_people = 8", ROWS,
	    "undeclared|p|go|click|10|10|0" },
	{ "a declared role stands behind the consent",
	    { { 40, HOME "20 click element=go role=accept\n20.3" GIVEN END } },
	    NULL, "SELECT (" COUNT("declared") "), count(*) FROM discovery",
	    "40|0" },
	{ "a second record of a declared act is not undeclared",
	    { { 40, HOME "20 click element=go role=accept\n20.3" GIVEN
			 "24" GIVEN END } },
	    NULL,
	    "SELECT (" COUNT("declared") "), (" COUNT(
		"beside") "), count(*) "
			  "FROM discovery",
	    "40|40|0" },
	{ "a tap that names no control is told, and not the tap before it",
	    { { 40, HOME "20 click element=\n20.3" GIVEN END } }, NULL, ROWS,
	    "undeclared|p||click|40|40|0" },
	{ "so does a control of case.ini",
	    { { 40, HOME "20 click element=go\n20.3" GIVEN END } },
	    "[surface s]\nscreen = p\ncontrol = go=accept",
	    "SELECT (" COUNT("declared") "), count(*) FROM discovery", "40|0" },
	{ "a necessary purpose is no consent",
	    { { 40, HOME "20 click element=go\n20.3" GIVEN END } },
	    "[necessary]\nx = why",
	    "SELECT (" COUNT("necessary") "), count(*) FROM discovery",
	    "40|0" },
	{ "batches follow no gesture",
	    { { 40, HOME "20 click element=go\n20.3 consent decision=given "
			 "method=batch\n" END } },
	    NULL, "SELECT (" COUNT("unasked") "), count(*) FROM discovery",
	    "40|0" },
	{ "what the interface recorded itself is told",
	    { { 40, HOME "20 click element=go\n20.1 consent trail=ui "
			 "decision=given session=\n20.3" GIVEN END } },
	    NULL, "SELECT (" COUNT("told") ")", "40" },
	{ "what it recorded by default is no choice",
	    { { 40, HOME "20 click element=go\n20.1 consent trail=ui "
			 "changed_by=default decision=given session=\n" END } },
	    NULL, ROWS, "undeclared|p|go|click|40|40|0" },
	{ "one act recorded once a purpose is one consent",
	    { { 40, HOME "20 click element=go\n20.3" GIVEN "20.4" GIVEN END } },
	    NULL, "SELECT (" COUNT("beside") "), (" COUNT("same") ")",
	    "40|40" },
	{ "a consent without a gesture before is silent",
	    { { 40, HOME "200" GIVEN END } }, NULL,
	    "SELECT (" COUNT("silent") "), count(*) FROM discovery", "40|0" },
	{ "every grant is accounted for",
	    { { 20, HOME "20 click element=go\n20.3" GIVEN "20.4" GIVEN END },
		{ 20, "200" GIVEN },
		{ 20,
		    HOME "20 click element=go role=accept\n20.3" GIVEN END } },
	    NULL,
	    "SELECT (" COUNT(
		"grants") ") = sum(value) FROM discovery_count "
			  "WHERE name IN ('unasked', 'necessary', 'declared', 'told', "
			  "'same', 'silent', 'beside', 'beyond')",
	    "1" },
};

static void
run_case(void **state)
{
	const struct crowd_case *c = *state;
	struct story *s = calloc(1, sizeof *s);
	char *answer;

	assert_non_null(s);
	crowd_read(s, c->crowd);
	answer = told(s, NULL, 1, c->ini, c->sql);
	arena_clear(&s->arena);
	free(s);
	if (strcmp(answer, c->answer) != 0)
		fail_msg(
		    "%s\n  is   %s\n  want %s", c->name, answer, c->answer);
	free(answer);
}

/* ---- random logs ---- */

/* Sessions of ten minutes with some taps, and a consent at any instant of
 * the session that has nothing to do with them. */
static void
unrelated(struct story *s, struct prop *r)
{
	static const char *const elements[] = { "a", "b", "c" };
	struct buf text = { 0 };
	unsigned person, k, n;
	double from;

	for (person = 0; person < 40; person++) {
		from = 5000. * person;
		(void)buf_printf(
		    &text, "u%u %.3f view surface=\n", person, from);
		n = 2 + (unsigned)prop_below(r, 6);
		for (k = 0; k < n; k++)
			(void)buf_printf(&text,
			    "u%u %.3f click element=%s surface=\n", person,
			    from + (double)prop_below(r, 600000) / 1000,
			    elements[prop_below(r, 3)]);
		(void)buf_printf(&text,
		    "u%u %.3f consent decision=given method=ui\n", person,
		    from + (double)prop_below(r, 600000) / 1000);
		(void)buf_printf(
		    &text, "u%u %.3f view surface=\n", person, from + 600);
	}
	story_read(s, text.p);
	buf_clear(&text);
}

/* 200 logs at a level of 0.01: two by chance would be no fault; this seed
 * has none. */
static void
nothing_is_found_where_nothing_is(void **state)
{
	struct prop r = prop_seeded(11);
	struct story *s = calloc(1, sizeof *s);
	unsigned i, n_found = 0;
	char *answer;

	(void)state;
	assert_non_null(s);
	for (i = 0; i < 200; i++) {
		memset(s, 0, sizeof *s);
		unrelated(s, &r);
		answer = told(s, NULL, 1, "[thresholds]\ndiscover_people = 1",
		    "SELECT count(*) FROM discovery WHERE verdict = "
		    "'undeclared'");
		n_found += strcmp(answer, "0") != 0;
		free(answer);
		arena_clear(&s->arena);
	}
	free(s);
	assert_int_equal(n_found, 0);
}

/* Anything at all, at any time: nothing breaks, and all is accounted for. */
static void
absurd(struct story *s, struct prop *r)
{
	static const int64_t times[] = { INT64_MIN + 1, INT64_MAX, 0, -1,
		STORY_BEGIN_US };
	static const char *const texts[] = { "a", "b", "on", "off", "I agree",
		"" };
	struct event *e;
	size_t i;
	int f;

	for (i = 0; i < 400; i++) {
		e = &s->event[s->n_events++];
		memset(e, 0, sizeof *e);
		for (f = 0; f < EVENT_N_NUM; f++) {
			if (prop_below(r, 3) == 0)
				continue;
			if (event_fields[f].type == EVENT_TYPE_WORD)
				event_set_num(e, (enum event_num)f,
				    1 + (int64_t)prop_below(
					    r, (uint64_t)event_word_count(
						   (enum event_num)f)));
			else
				event_set_num(e, (enum event_num)f,
				    times[prop_below(r, 5)] / 2 +
					(int64_t)prop_below(r, 1u << 28));
		}
		event_set_num(e, EV_KIND,
		    prop_below(r, 3) == 0
			? KIND_CONSENT
			: KIND_CONTROL_IMPRESSION + (int64_t)prop_below(r, 3));
		for (f = 0; f < EVENT_N_STR; f++)
			if (prop_below(r, 2) == 0)
				event_set_str(e, (enum event_str)f,
				    span_of(texts[prop_below(r, 6)]));
		e->place.member = 1;
		e->place.offset = i;
	}
}

static void
absurd_logs_are_accounted_for(void **state)
{
	struct prop r = prop_seeded(7);
	struct story *s = calloc(1, sizeof *s);
	char *answer;
	int i;

	(void)state;
	assert_non_null(s);
	for (i = 0; i < 40; i++) {
		memset(s, 0, sizeof *s);
		absurd(s, &r);
		answer = told(s, NULL, 2, NULL,
		    "SELECT (" COUNT(
			"grants") ") = sum(value) FROM "
				  "discovery_count WHERE name IN ('unasked', 'necessary', "
				  "'declared', 'told', 'same', 'silent', 'beside', "
				  "'beyond')");
		assert_string_equal(answer, "1");
		free(answer);
	}
	free(s);
}

/* Neither order nor threads show in what is told. */
static void
order_and_threads_do_not_matter(void **state)
{
	static const char all[] =
	    "SELECT rank, verdict, screen, element, act, people, "
	    "people_granted, people_explained, share, lift, p, median_delay_us "
	    "FROM discovery ORDER BY rank";
	struct prop r = prop_seeded(5);
	struct story *s = calloc(1, sizeof *s);
	char *one, *other;
	size_t *order, i, k, t;

	(void)state;
	assert_non_null(s);
	crowd_read(s, cases[0].crowd);
	unrelated(s, &r);
	order = calloc(s->n_events, sizeof *order);
	assert_non_null(order);
	for (i = 0; i < s->n_events; i++)
		order[i] = i;
	for (i = s->n_events; i-- > 1;) {
		k = prop_below(&r, i + 1);
		t = order[i];
		order[i] = order[k];
		order[k] = t;
	}
	one = told(s, NULL, 1, NULL, all);
	other = told(s, order, 3, NULL, all);
	assert_string_equal(one, other);
	free(one);
	free(other);
	free(order);
	arena_clear(&s->arena);
	free(s);
}

/* A second call replaces what the first one found. */
static void
a_second_call_replaces_the_first(void **state)
{
	struct story *s = calloc(1, sizeof *s);
	char dir[STORY_DIR], *answer;

	(void)state;
	assert_non_null(s);
	crowd_read(s, cases[0].crowd);
	story_dir(dir);
	story_write(s, dir, NULL, 1 << 20);
	discover(dir, NULL, 1);
	discover(dir, "[surface s]\nscreen = p\ncontrol = go=accept", 1);
	answer = story_ask(dir,
	    "SELECT count(*), (SELECT count(*) FROM run WHERE command = "
	    "'discover' AND finished IS NOT NULL) FROM discovery");
	test_remove(dir);
	assert_string_equal(answer, "0|2");
	free(answer);
	arena_clear(&s->arena);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_found_where_nothing_is),
		cmocka_unit_test(absurd_logs_are_accounted_for),
		cmocka_unit_test(order_and_threads_do_not_matter),
		cmocka_unit_test(a_second_call_replaces_the_first),
	};
	enum { N = sizeof cases / sizeof cases[0] };
	struct CMUnitTest t[N] = { { 0 } };
	int i, failed;

	for (i = 0; i < N; i++) {
		t[i].name = cases[i].name;
		t[i].test_func = run_case;
		t[i].initial_state = (void *)(uintptr_t)&cases[i];
	}
	failed = cmocka_run_group_tests_name("crowds", t, NULL, NULL);
	return failed +
	       cmocka_run_group_tests_name("discovery", tests, NULL, NULL);
}
