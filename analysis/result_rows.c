/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of subject and decision_row of the part in hand, as SQLite asks for
 * them (feed.h).  Their numbers are left to SQLite, which then need not look
 * for a row that has the number already; rows come in the order of their
 * numbers, so that it counts as we do (result_take() asserts that). */
#include "analysis/result_private.h"

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

/* The form of the decision in hand: a new one is the next of its log. */
static int
take_form(struct result *r)
{
	uint32_t key[FORM__WORDS];
	const void *p;

	p = rowlog_take(&r->form_reader, sizeof key);
	if (p == NULL)
		return -1;
	memcpy(key, p, sizeof key);
	r->form_id[r->decision.form] = result_form(r, key);
	return 0;
}

static int
decision_next(void *arg)
{
	struct result *r = arg;
	const void *row = rowlog_take(&r->reader, sizeof r->decision);

	if (row == NULL)
		return 0;
	memcpy(&r->decision, row, sizeof r->decision);
	if (r->decision.is_new && take_form(r) < 0)
		return 0; /* the log failed, which its owner sees */
	r->at++;
	return 1;
}

static void
give_number(sqlite3_context *to, int64_t v)
{
	if (v != RESULT_UNKNOWN)
		sqlite3_result_int64(to, v);
}

/* The columns of decision_row in the order of schema.sql. */
static void
decision_column(void *arg, sqlite3_context *to, int i)
{
	const struct result *r = arg;
	const struct decision_row *d = &r->decision;

	switch (i) {
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
		sqlite3_result_int64(to, r->form_id[d->form]);
		break;
	case 4:
		give_number(to, d->shown_us);
		break;
	case 5:
		give_number(to, d->decided_us);
		break;
	case 6:
		give_number(to, d->server_us);
		break;
	case 7:
		give_number(to, d->last_shown_us);
		break;
	case 8:
		if (d->member != 0)
			sqlite3_result_int64(to, d->member);
		break;
	case 9:
		if (d->member != 0)
			sqlite3_result_int64(to, (int64_t)d->offset);
		break;
	default: /* the number: SQLite's */
		break;
	}
}

const struct feed_source decision_source = { 10, decision_next,
	decision_column };
