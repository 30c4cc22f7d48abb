/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * story - a small timeline as text, analysed whole, answered by SQL.
 *
 * One event a line: ACTOR SECONDS KIND [WORD | FIELD=VALUE]...
 *
 *	u1 0.0 imp role=consent_box value=on changed_by=default
 *
 * Kinds may be short: imp click change view notice leave.  Unless said
 * otherwise an event of the user interface has trail ui, surface s, screen
 * p, device d-ACTOR, session s-ACTOR and the next seq of its device; any
 * other has trail server.  `gap` skips one seq, `noseq` leaves it out,
 * FIELD= alone leaves a default out, ACTOR - is none.  A list is written
 * a+b; SECONDS - is no time.
 */
#ifndef ANALYSIS_TEST_STORY_H
#define ANALYSIS_TEST_STORY_H

#include <fcntl.h>
#include <unistd.h>

#include "analysis/analysis.h"
#include "fixtures/test.h"
#include "ingest/base/buf.h"
#include "ingest/base/utc.h"
#include "ingest/casefile.h"
#include "ingest/store.h"

enum { STORY_EVENTS = 4096, STORY_DEVICES = 64, STORY_DIR = 64 };

#define STORY_BEGIN_US ((int64_t)1514941200 * UTC_US_S) /* 09:00 +08:00 */

struct story {
	struct event event[STORY_EVENTS];
	size_t n_events;
	struct arena arena;
	struct {
		char name[64];
		int64_t seq;
	} device[STORY_DEVICES];
	size_t n_devices;
};

static inline const char *
story_kind(const char *word)
{
	static const char *const shorts[][2] = {
		{ "imp", "control.impression" },
		{ "click", "control.click" },
		{ "change", "control.change" },
		{ "view", "screen.view" },
		{ "notice", "notice.show" },
		{ "leave", "screen.leave" },
		{ "access", "data.access" },
		{ "egress", "data.egress" },
	};
	size_t i;

	for (i = 0; i < sizeof shorts / sizeof shorts[0]; i++)
		if (strcmp(word, shorts[i][0]) == 0)
			return shorts[i][1];
	return word;
}

static inline void
story_set(struct story *s, struct event *e, const char *name, const char *value)
{
	int f = event_field_find(span_of(name));
	char *text;

	if (f < 0)
		fail_msg("no such field: %s", name);
	if (f >= EVENT_N_NUM) {
		f -= EVENT_N_NUM;
		text = arena_str(&s->arena, span_of(value));
		for (char *p = text; *p != '\0'; p++)
			if (*p == '+' && f == EV_PURPOSE)
				*p = EVENT_LIST_SEP;
		e->present &= ~EVENT_BIT_STR(f);
		if (*value != '\0')
			event_set_str(e, (enum event_str)f, span_of(text));
		return;
	}
	e->present &= ~EVENT_BIT_NUM(f);
	if (*value == '\0')
		return;
	switch (event_fields[f].type) {
	case EVENT_TYPE_WORD:
		event_set_num(e, (enum event_num)f,
		    event_word_find((enum event_num)f, span_of(value)));
		if (e->num[f] == 0)
			fail_msg("no such word: %s", value);
		break;
	case EVENT_TYPE_TIME:
		event_set_num(e, (enum event_num)f,
		    STORY_BEGIN_US + (int64_t)(strtod(value, NULL) * 1e6));
		break;
	case EVENT_TYPE_MICRO:
		event_set_num(
		    e, (enum event_num)f, (int64_t)(strtod(value, NULL) * 1e6));
		break;
	default:
		event_set_num(e, (enum event_num)f, strtoll(value, NULL, 10));
	}
}

static inline int64_t
story_seq(struct story *s, struct span device, bool gap)
{
	size_t i;

	for (i = 0; i < s->n_devices; i++)
		if (span_is(device, s->device[i].name))
			break;
	if (i == s->n_devices) {
		assert_true(i < STORY_DEVICES && device.n < 64);
		memcpy(s->device[i].name, device.p, device.n);
		s->n_devices++;
	}
	s->device[i].seq += gap ? 2 : 1;
	return s->device[i].seq;
}

static inline bool
story_is_ui(int64_t kind)
{
	return kind == KIND_SCREEN_VIEW || kind == KIND_SCREEN_LEAVE ||
	       kind == KIND_NOTICE_SHOW || kind == KIND_CONTROL_IMPRESSION ||
	       kind == KIND_CONTROL_CLICK || kind == KIND_CONTROL_CHANGE ||
	       kind == KIND_SCROLL;
}

/* The next word of a line, terminated; NULL at its end. */
static inline char *
story_word(char **at)
{
	char *p = *at + strspn(*at, " \t"), *end = p + strcspn(p, " \t");

	*at = *end != '\0' ? end + 1 : end;
	*end = '\0';
	return p != end ? p : NULL;
}

static inline void
story_line(struct story *s, char *line)
{
	struct event *e = &s->event[s->n_events];
	char *actor, *at, *word, *eq, text[128];
	bool gap = false, noseq = false, is_ui;

	actor = story_word(&line);
	if (actor == NULL)
		return;
	at = story_word(&line);
	word = story_word(&line);
	assert_non_null(word);
	assert_true(s->n_events < STORY_EVENTS);
	memset(e, 0, sizeof *e);
	story_set(s, e, "kind", story_kind(word));
	if (strcmp(at, "-") != 0)
		story_set(s, e, "time", at);
	is_ui = story_is_ui(e->num[EV_KIND]);
	story_set(s, e, "trail", is_ui ? "ui" : "server");
	if (strcmp(actor, "-") != 0)
		story_set(s, e, "actor", actor);
	if (is_ui) {
		(void)snprintf(text, sizeof text, "d-%s", actor);
		story_set(s, e, "device", text);
		(void)snprintf(text, sizeof text, "s-%s", actor);
		story_set(s, e, "session", text);
		story_set(s, e, "surface", "s");
		story_set(s, e, "screen", "p");
	}
	while ((word = story_word(&line)) != NULL) {
		eq = strchr(word, '=');
		gap |= strcmp(word, "gap") == 0;
		noseq |= strcmp(word, "noseq") == 0;
		if (eq == NULL)
			continue;
		*eq = '\0';
		story_set(s, e, word, eq + 1);
	}
	if (is_ui && !noseq && event_has_str(e, EV_DEVICE))
		event_set_num(e, EV_SEQ, story_seq(s, e->str[EV_DEVICE], gap));
	e->place.member = 1;
	e->place.offset = s->n_events * 100;
	e->place.bytes = 99;
	s->n_events++;
}

static inline void
story_read(struct story *s, const char *text)
{
	char *copy, *line, *end;

	copy = strdup(text);
	assert_non_null(copy);
	for (line = copy; line != NULL; line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		story_line(s, line);
	}
	free(copy);
}

static inline void
story_duplicate(
    void *arg, const struct place *at, bool identical, const struct event *e)
{
	(void)arg;
	(void)at;
	(void)identical;
	(void)e;
}

/* Write the events in the order of `at` (NULL: as told). */
static inline void
story_write(const struct story *s, const char *dir, const size_t *at,
    size_t budget_bytes)
{
	struct err err = { 0 };
	struct store *st;
	struct store_spill *sp;
	struct casefile c = { 0 };
	sqlite3_stmt *q;
	size_t i;

	if (casefile_open(&c, dir, CASEFILE_CREATE, &err) < 0)
		fail_msg("%s", err.msg);
	st = store_open(dir, &err);
	assert_non_null(st);
	sp = store_spill_new(st, budget_bytes);
	q = casefile_prepare(&c,
	    "INSERT INTO volume VALUES (?, ?, '', 1) ON CONFLICT "
	    "DO UPDATE SET n = n + 1");
	for (i = 0; i < s->n_events; i++) {
		const struct event *e = &s->event[at != NULL ? at[i] : i];

		if (store_spill_add(sp, e, &err) < 0)
			fail_msg("%s", err.msg);
		(void)casefile_put(&c, q, "tt",
		    event_word_name(EV_TRAIL, e->num[EV_TRAIL]),
		    event_word_name(EV_KIND, e->num[EV_KIND]));
	}
	casefile_finalize(q);
	(void)casefile_exec(&c,
	    "INSERT INTO source(source_id, path, bytes, run_id) "
	    "VALUES (1, 'story', 0, 1); "
	    "INSERT INTO member(member_id, source_id, name, bytes) "
	    "VALUES (1, 1, 'story', 0)");
	if (store_spill_finish(sp, &err) < 0 ||
	    store_finish(st, 1, UINT32_MAX, NULL, story_duplicate, NULL, &err) <
		0 ||
	    store_commit(st, &err) < 0 || casefile_error(&c, &err) < 0)
		fail_msg("%s", err.msg);
	store_close(st);
	casefile_close(&c);
}

static inline void
story_sample(const char *dir)
{
	struct casefile c = { 0 };
	struct err err = { 0 };

	if (casefile_open(&c, dir, CASEFILE_WRITE, &err) < 0 ||
	    casefile_exec(&c, "UPDATE source SET sampled = 0.5") < 0)
		fail_msg("the source cannot be marked");
	casefile_close(&c);
}

static inline void
story_analyse(const char *dir, const char *ini_text, unsigned n_threads,
    struct analysis_result *out)
{
	struct caseini ini = { 0 };
	struct err err = { 0 };
	struct analysis_options o = { .case_dir = dir,
		.ini = &ini,
		.options_text = "",
		.n_threads = n_threads,
		.memory_bytes = (size_t)64 << 20 };

	if (ini_text != NULL && strstr(ini_text, "[sampled]") != NULL)
		story_sample(dir); /* else written by the ingest */
	if (caseini_parse(&ini, "case.ini",
		span_of(ini_text != NULL ? ini_text : ""), &err) < 0 ||
	    analysis_run(&o, out, &err) < 0)
		fail_msg("%s", err.msg);
	caseini_clear(&ini);
}

/* Rows as "a|b;c|d"; free() it. */
static inline char *
story_ask(const char *dir, const char *sql)
{
	struct buf answer = { 0 };
	struct casefile c = { 0 };
	struct err err = { 0 };
	sqlite3_stmt *q;
	int i, n = 0;

	if (casefile_open(&c, dir, CASEFILE_READ, &err) < 0)
		fail_msg("%s", err.msg);
	q = casefile_prepare(&c, sql);
	while (casefile_step(&c, q) > 0) {
		if (n++ > 0)
			(void)buf_char(&answer, ';');
		for (i = 0; i < sqlite3_column_count(q); i++) {
			const char *t = (const char *)sqlite3_column_text(q, i);

			if (i > 0)
				(void)buf_char(&answer, '|');
			(void)buf_str(&answer, t != NULL ? t : "-");
		}
	}
	casefile_finalize(q);
	if (casefile_error(&c, &err) < 0)
		fail_msg("%s", err.msg);
	casefile_close(&c);
	(void)buf_str(&answer, "");
	return answer.p;
}

/* A folder of the test's own, in memory where there is such a place: the
 * store makes sure that every file is on the disk. */
static inline void
story_dir(char dir[STORY_DIR])
{
	(void)snprintf(dir, STORY_DIR, "%s/pretick-story-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(dir));
}

#endif
