/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of subject and decision_row of the part in hand, as SQLite asks for
 * them (feed.h).  Their numbers are left to SQLite, which then need not look
 * for a row that has the number already; rows come in the order of their
 * numbers, so that it counts as we do (result_take() asserts that). */
#include "analysis/result_private.h"

#include <stdlib.h>

/* People of a finding who are not users get their rows at the end. */
static int
subject_next(void *arg)
{
	struct result *r = arg;

	while (r->at < r->part->n_subjects)
		if (r->part->subject[r->at++].kind != SUBJECT_NONUSER)
			return 1;
	return 0;
}

static void
subject_column(void *arg, sqlite3_context *to, int i)
{
	const struct result *r = arg;
	const struct part_subject *s = &r->part->subject[r->at - 1];

	if (i == 1)
		sqlite3_result_text64(
		    to, s->id.p, s->id.n, SQLITE_STATIC, SQLITE_UTF8);
	else if (i == 2)
		sqlite3_result_text(
		    to, subject_kind_text[s->kind], -1, SQLITE_STATIC);
}

const struct feed_source subject_source = { 3, subject_next, subject_column };

static uint32_t
used_name(struct result *r, uint32_t code)
{
	uint32_t name = result_code(r, r->part, code), n;

	if (name >= r->n_used) {
		n = r->n_used == 0 ? 1024 : r->n_used;
		while (n <= name)
			n *= 2;
		r->used = realloc(r->used, n * sizeof *r->used);
		if (r->used == NULL)
			err_no_memory(n * sizeof *r->used);
		memset(
		    r->used + r->n_used, 0, (n - r->n_used) * sizeof *r->used);
		r->n_used = n;
	}
	r->used[name] = true;
	return name;
}

static int
decision_next(void *arg)
{
	struct result *r = arg;
	const void *row = rowlog_take(&r->reader, sizeof r->decision);

	if (row == NULL)
		return 0;
	memcpy(&r->decision, row, sizeof r->decision);
	r->at++;
	return 1;
}

static void
give_name(struct result *r, sqlite3_context *to, uint32_t code)
{
	if (code != 0)
		sqlite3_result_int64(to, used_name(r, code));
}

static void
give_number(sqlite3_context *to, int64_t v)
{
	if (v != RESULT_UNKNOWN)
		sqlite3_result_int64(to, v);
}

static void
give_design(struct result *r, sqlite3_context *to)
{
	uint32_t design = r->decision.design;
	const struct design_value *v =
	    part_design_at(r->part, r->decision.surface, &design);

	if (v != NULL)
		sqlite3_result_int64(to, (int64_t)v->number + 1);
}

/*
 * The columns of decision_row in the order of schema.sql: names, numbers
 * (absent: NULL), what is computed.
 */
enum column_type {
	ID = 1, /* SQLite's */
	FLOW,
	SUBJECT,
	DESIGN,
	NAME,
	NUMBER,
	COUNT,
	WORD,
	SWITCH,
	MEMBER,
	OFFSET
};

#define AT(member) offsetof(struct decision, member)

static const struct {
	enum column_type type;
	size_t at; /* of the member */
} columns[] = {
	{ ID, 0 },
	{ FLOW, 0 },
	{ SUBJECT, 0 },
	{ NAME, AT(operator_) },
	{ NAME, AT(surface) },
	{ NAME, AT(purpose) },
	{ NAME, AT(recipient) },
	{ DESIGN, 0 },
	{ NAME, AT(variant) },
	{ NAME, AT(app_version) },
	{ NAME, AT(entry) },
	{ NUMBER, AT(shown_us) },
	{ NUMBER, AT(decided_us) },
	{ WORD, AT(outcome) },
	{ SWITCH, AT(default_on) },
	{ NUMBER, AT(toggled) },
	{ NUMBER, AT(dwell_us) },
	{ NUMBER, AT(acts) },
	{ NUMBER, AT(refusals_before) },
	{ WORD, AT(server_outcome) },
	{ NUMBER, AT(server_us) },
	{ WORD, AT(method) },
	{ COUNT, AT(impressions) },
	{ NUMBER, AT(last_shown_us) },
	{ SWITCH, AT(last_default_on) },
	{ MEMBER, 0 },
	{ OFFSET, 0 },
};

_Static_assert(sizeof(enum decision_outcome) == sizeof(int) &&
		   sizeof(enum event_decision) == sizeof(int),
    "words are read as int");

static void
decision_column(void *arg, sqlite3_context *to, int i)
{
	struct result *r = arg;
	const struct decision *d = &r->decision;
	const char *p = (const char *)d + columns[i].at;

	switch (columns[i].type) {
	case ID:
		break;
	case FLOW:
		if (d->flow != 0)
			sqlite3_result_int64(
			    to, (int64_t)(r->n_flows + d->flow));
		break;
	case SUBJECT:
		sqlite3_result_int64(
		    to, (int64_t)(r->n_subjects +
				  r->part->subject[d->subject].rank));
		break;
	case DESIGN:
		give_design(r, to);
		break;
	case NAME:
		give_name(r, to, *(const uint32_t *)(const void *)p);
		break;
	case NUMBER:
		give_number(to, *(const int64_t *)(const void *)p);
		break;
	case COUNT:
		sqlite3_result_int64(to, *(const uint32_t *)(const void *)p);
		break;
	case WORD: /* 0 is no word */
		if (*(const int *)(const void *)p != 0)
			sqlite3_result_int64(to, *(const int *)(const void *)p);
		break;
	case SWITCH: /* below 0 is unknown */
		if (*(const int *)(const void *)p >= 0)
			sqlite3_result_int64(to, *(const int *)(const void *)p);
		break;
	case MEMBER:
		if (d->place.member != 0)
			sqlite3_result_int64(to, d->place.member);
		break;
	case OFFSET:
		if (d->place.member != 0)
			sqlite3_result_int64(to, (int64_t)d->place.offset);
		break;
	}
}

const struct feed_source decision_source = { sizeof columns / sizeof columns[0],
	decision_next, decision_column };
