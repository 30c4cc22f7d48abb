/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * D11, the predicate: one contact with a datum against one person's
 * collection of it.
 *
 * How it works: purposes go first, for a contact that serves a purpose of
 * the collection is no drift whenever it was.  Then the order of the two.
 * Then how the one who called came by the datum: another operator than the
 * one that collected it needs a share to it in the log.
 */
#include "analysis/lineage_join.h"

#include <stdlib.h>

void
instant_of(struct instant *t, const struct lineage_row *row)
{
	t->at_us = row->at_us;
	t->us = row->us;
	t->precision_us = row->precision_us;
	t->error_us = row->error_us;
	t->clock = row->clock;
}

/* As timeline_error(), for two records of different people. */
static int64_t
error_between(const struct instant *a, const struct instant *b)
{
	int64_t e = us_plus(a->error_us, b->error_us);
	int64_t p = a->precision_us > b->precision_us ? a->precision_us
						      : b->precision_us;

	/* What no device is named of may be two devices'. */
	return a->clock != b->clock || a->clock == 1 ? us_plus(p, e) : p;
}

enum relation
relation_of(const struct collector *c, const struct lineage_row *call)
{
	struct instant t;
	int64_t gap, error;

	if (!c->has_first || call->at_us == STORE_ABSENT)
		return RELATION_UNDATED;
	instant_of(&t, call);
	gap = us_minus(t.at_us, c->first.at_us);
	error = error_between(&t, &c->first);
	return gap > error    ? RELATION_AFTER
	       : gap < -error ? RELATION_BEFORE
			      : RELATION_ORDER;
}

/* ---- purposes ---- */

const struct list *
join_list(struct join *j, uint32_t code)
{
	struct span text, one;
	struct list *l;
	uint32_t n;
	size_t i, from;

	if (code == TALLY_OTHER)
		code = 0;
	text = result_text(j->r, code);
	if (code >= j->n_lists) {
		n = 2 * code + 64;
		j->list = realloc(j->list, n * sizeof *j->list);
		if (j->list == NULL)
			err_no_memory(n * sizeof *j->list);
		memset(j->list + j->n_lists, 0,
		    (n - j->n_lists) * sizeof *j->list);
		j->n_lists = n;
	}
	l = &j->list[code];
	if (l->is_split)
		return l;
	l->is_split = true;
	l->code = arena_alloc(&j->run, (JOIN_PURPOSES + 1) * sizeof *l->code);
	for (i = from = 0;
	     text.p != NULL && i <= text.n && l->n <= JOIN_PURPOSES; i++) {
		if (i < text.n && text.p[i] != EVENT_LIST_SEP)
			continue;
		one.p = text.p + from;
		one.n = i - from;
		from = i + 1;
		if (one.n > 0)
			l->code[l->n++] = names_code(&j->r->names, one);
	}
	return l;
}

bool
codes_have(const struct codes *in, uint32_t code)
{
	uint32_t i;

	for (i = 0; i < in->n; i++)
		if (in->code[i] == code)
			return true;
	return false;
}

void
codes_add(struct join *j, struct codes *to, uint32_t code, uint32_t most)
{
	uint32_t room;

	if (codes_have(to, code))
		return;
	if (to->n == most) {
		to->is_full = true;
		return;
	}
	if (to->n == to->room) {
		room = to->room == 0 ? 2 : 2 * to->room;
		to->code = arena_grow(&j->arena, to->code,
		    to->room * sizeof *to->code, room * sizeof *to->code);
		to->room = room;
	}
	to->code[to->n++] = code;
}

/* Does the purpose serve what the datum was collected for? */
static bool
is_covered(const struct join *j, const struct collector *c, uint32_t purpose)
{
	size_t i;

	if (codes_have(&c->purposes, purpose))
		return true;
	for (i = 0; i < j->study->n_compatible; i++)
		if (j->compatible[i][1] == purpose &&
		    codes_have(&c->purposes, j->compatible[i][0]))
			return true;
	for (i = 0; i < j->study->n_necessary; i++)
		if (j->necessary[i] == purpose)
			return true;
	return false;
}

/* By the purposes alone: refuted, sure, or ambiguous where one side does not
 * say. */
static enum answer
by_purpose(
    struct join *j, const struct collector *c, const struct lineage_row *call)
{
	const struct list *l = join_list(j, call->purposes);
	bool is_within = true;
	uint32_t i;

	if (l->n == 0)
		return c->purposes.n == 0 ? ANSWER_SURE : ANSWER_AMBIGUOUS;
	for (i = 0; i < l->n; i++)
		is_within &= is_covered(j, c, l->code[i]);
	if (is_within)
		return ANSWER_REFUTED;
	return c->purposes.is_full ? ANSWER_AMBIGUOUS : ANSWER_SURE;
}

/* ---- who ---- */

/* When the person's data of that category were there, whichever they were;
 * INT64_MAX: no record shows it. */
static int64_t
shared_with(const struct join *j, const struct collector *c, uint32_t recipient)
{
	const struct tally *t = &j->r->shared;
	int64_t us = INT64_MAX, one;
	const uint32_t *key;
	uint32_t i;

	for (i = 0; i < t->n && i < RESULT_SHARED && c->subject != 0; i++) {
		key = tally_key(t, i);
		if (key[0] != recipient ||
		    (key[1] != 0 && c->category != 0 && key[1] != c->category))
			continue;
		one = sharers_when(&j->r->sharers[i], c->subject);
		us = one < us ? one : us;
	}
	return us;
}

/* When the datum itself was; NULL: no record shows it. */
static const struct instant *
given_to(const struct collector *c, uint32_t recipient)
{
	uint32_t i;

	for (i = 0; recipient != 0 && i < c->recipients.n; i++)
		if (c->recipients.code[i] == recipient)
			return &c->shared[i];
	return NULL;
}

/* What was shared only later explains no contact. */
static bool
is_before(const struct instant *shared, const struct lineage_row *call)
{
	struct instant t;

	if (shared == NULL || shared->at_us == INT64_MAX)
		return false;
	instant_of(&t, call);
	return us_minus(t.at_us, shared->at_us) > error_between(&t, shared);
}

/* Could the one who called have the datum from this collection? */
static bool
is_linked(const struct join *j, const struct collector *c,
    const struct lineage_row *call)
{
	int64_t by_us = call->clock == 0
			    ? call->at_us
			    : us_minus(call->at_us, call->error_us);

	return call->operator_ == 0 || c->operators.is_full ||
	       codes_have(&c->operators, call->operator_) ||
	       codes_have(&c->operators, 0) ||
	       is_before(given_to(c, call->operator_), call) ||
	       is_before(given_to(c, call->recipient), call) ||
	       by_us > shared_with(j, c, call->operator_);
}

int64_t
judge_next(const struct join *j, const struct collector *c,
    const struct lineage_row *call)
{
	const struct instant *by[2] = { given_to(c, call->operator_),
		given_to(c, call->recipient) };
	int64_t next = INT64_MAX;
	size_t i;

	if (is_linked(j, c, call))
		return next;
	next = shared_with(j, c, call->operator_);
	for (i = 0; i < 2; i++)
		if (by[i] != NULL && by[i]->at_us < next)
			next = by[i]->at_us;
	return next;
}

/* ---- all together ---- */

enum answer
judge_call(struct join *j, const struct collector *c,
    const struct lineage_row *call, bool is_for_owner, unsigned *missing)
{
	enum answer a = by_purpose(j, c, call);

	if (a == ANSWER_REFUTED)
		return a;
	switch (relation_of(c, call)) {
	case RELATION_BEFORE:
		return ANSWER_NONE;
	case RELATION_ORDER:
		*missing |= JOIN_ORDER;
		return ANSWER_UNDECIDABLE;
	case RELATION_UNDATED:
		*missing |= JOIN_TIME;
		return ANSWER_UNDECIDABLE;
	case RELATION_AFTER:
	case RELATION_NONE:
		break;
	}
	if (is_for_owner) { /* called for the own sake, perhaps */
		*missing |= JOIN_WHOM;
		return ANSWER_UNDECIDABLE;
	}
	return is_linked(j, c, call) ? a : ANSWER_AMBIGUOUS;
}

enum answer
judge_collector(
    struct join *j, const struct collector *c, int64_t *us, unsigned *missing)
{
	enum answer a = c->answer;
	bool is_other = false;
	uint32_t i;

	*us = c->us;
	for (i = 0; i < c->uses.n; i++)
		is_other |= !is_covered(j, c, c->uses.code[i]);
	if (is_other && (a == ANSWER_NONE || a > ANSWER_AMBIGUOUS)) {
		*us = c->use_us;
		return ANSWER_AMBIGUOUS;
	}
	/* Nobody called, or only for what it was collected for. */
	if (a == ANSWER_NONE || a == ANSWER_REFUTED) {
		*missing |= j->study->has_sampled     ? JOIN_WHOLE
			    : !j->study->has_outbound ? JOIN_OUTBOUND
						      : 0;
		a = j->study->has_sampled || !j->study->has_outbound
			? ANSWER_UNDECIDABLE
			: ANSWER_REFUTED;
	}
	return a;
}
