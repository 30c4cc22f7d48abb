/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of subject and decision_row of the part in hand, as SQLite asks for
 * them (feed.h). */
#include "analysis/result_private.h"

#include <assert.h>
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

	if (i == 0)
		sqlite3_result_int64(to, (int64_t)(r->n_subjects + s->rank));
	else if (i == 1)
		sqlite3_result_text64(
		    to, s->id.p, s->id.n, SQLITE_STATIC, SQLITE_UTF8);
	else
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
give_switch(sqlite3_context *to, int v)
{
	if (v >= 0)
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

/* The columns of decision_row in the order of schema.sql. */
static void
decision_column(void *arg, sqlite3_context *to, int i)
{
	struct result *r = arg;
	const struct decision *d = &r->decision;

	switch (i) {
	case 0:
		sqlite3_result_int64(to, (int64_t)(r->n_decisions + r->at));
		break;
	case 1:
		if (d->flow != 0)
			sqlite3_result_int64(
			    to, (int64_t)(r->n_flows + d->flow));
		break;
	case 2:
		sqlite3_result_int64(
		    to, (int64_t)(r->n_subjects +
				  r->part->subject[d->subject].rank));
		break;
	case 3:
		give_name(r, to, d->operator_);
		break;
	case 4:
		give_name(r, to, d->surface);
		break;
	case 5:
		give_name(r, to, d->purpose);
		break;
	case 6:
		give_name(r, to, d->recipient);
		break;
	case 7:
		give_design(r, to);
		break;
	case 8:
		give_name(r, to, d->variant);
		break;
	case 9:
		give_name(r, to, d->app_version);
		break;
	case 10:
		give_name(r, to, d->entry);
		break;
	case 11:
		give_number(to, d->shown_us);
		break;
	case 12:
		give_number(to, d->decided_us);
		break;
	case 13:
		sqlite3_result_int64(to, d->outcome);
		break;
	case 14:
		give_switch(to, d->default_on);
		break;
	case 15:
		give_number(to, d->toggled);
		break;
	case 16:
		give_number(to, d->dwell_us);
		break;
	case 17:
		give_number(to, d->acts);
		break;
	case 18:
		give_number(to, d->refusals_before);
		break;
	case 19:
		if (d->server_outcome != DECISION_NONE)
			sqlite3_result_int64(to, d->server_outcome);
		break;
	case 20:
		give_number(to, d->server_us);
		break;
	case 21:
		if (d->method != METHOD_NONE)
			sqlite3_result_int64(to, d->method);
		break;
	case 22:
		sqlite3_result_int64(to, d->impressions);
		break;
	case 23:
		give_number(to, d->last_shown_us);
		break;
	case 24:
		give_switch(to, d->last_default_on);
		break;
	case 25:
		if (d->place.member != 0)
			sqlite3_result_int64(to, d->place.member);
		break;
	case 26:
		if (d->place.member != 0)
			sqlite3_result_int64(to, (int64_t)d->place.offset);
		break;
	default:
		assert(!"a column that the schema does not have");
	}
}

const struct feed_source decision_source = { 27, decision_next,
	decision_column };
