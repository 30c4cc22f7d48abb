/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * case - tables of stories with the answers that they must give.
 *
 * A case's name is a sentence; each becomes a test of its own.
 */
#ifndef ANALYSIS_TEST_CASE_H
#define ANALYSIS_TEST_CASE_H

#include "analysis/test/story.h"

/* What a detector answered, one row a finding. */
#define ASK(id)                                                           \
	"SELECT scope, eligible, sure, ambiguous, refuted, undecidable, " \
	"missing FROM finding WHERE detector = '" id "' ORDER BY scope, " \
	"surface, design_id"

struct story_case {
	const char *name;
	const char *story;
	const char *ini; /* NULL: none */
	const char *sql;
	const char *answer;
};

static inline void
story_case_run(void **state)
{
	const struct story_case *c = *state;
	struct story *s = calloc(1, sizeof *s);
	struct analysis_result r;
	char dir[STORY_DIR], *answer;

	assert_non_null(s);
	story_dir(dir);
	story_read(s, c->story);
	story_write(s, dir, NULL, 1 << 20);
	story_analyse(dir, c->ini, 1, &r);
	answer = story_ask(dir, c->sql);
	test_remove(dir);
	arena_clear(&s->arena);
	free(s);
	if (strcmp(answer, c->answer) != 0)
		fail_msg(
		    "%s\n  is   %s\n  want %s", c->name, answer, c->answer);
	free(answer);
}

/* Run a table; the number of failed tests. */
static inline int
story_cases_run(const char *title, const struct story_case *c, size_t n)
{
	struct CMUnitTest *t = calloc(n, sizeof *t);
	int failed;
	size_t i;

	for (i = 0; i < n; i++) {
		t[i].name = c[i].name;
		t[i].test_func = story_case_run;
		t[i].initial_state = (void *)(uintptr_t)&c[i];
	}
	failed = _cmocka_run_group_tests(title, t, n, NULL, NULL);
	free(t);
	return failed;
}

#endif
