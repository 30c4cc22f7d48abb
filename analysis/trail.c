/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: one table of requests by hash, for the whole evidence, since
 * an act may lie under its device and the record under the account.  When the
 * table is full, the half with the greater hashes is dropped and kept out
 * from then on: what remains depends on the requests alone.
 */
#include "analysis/trail.h"
#include "analysis/stat.h"

#include <stdlib.h>

enum { ROLES = 4, SLOTS = 2 * TRAIL_REQUESTS };

struct slot {
	uint64_t hash; /* 0: free */
	uint16_t operator_;
	uint8_t role; /* 0 to ROLES - 1 */
	bool asked, answered;
};

struct trail_scan {
	struct trail *to;
	struct arena *arena;
	uint64_t limit;	  /* greater hashes are left out */
	uint64_t refuser; /* hash of the person who refused last; 0 none */
	size_t n;
	struct slot slot[SLOTS];
};

struct trail_scan *
trail_scan_new(struct trail *t, struct arena *arena)
{
	struct trail_scan *s = calloc(1, sizeof *s);

	if (s == NULL)
		err_no_memory(sizeof *s);
	s->to = t;
	s->arena = arena;
	s->limit = UINT64_MAX;
	return s;
}

uint64_t
trail_nums(void)
{
	return (uint64_t)1 << EV_KIND | (uint64_t)1 << EV_TRAIL |
	       (uint64_t)1 << EV_ROLE | (uint64_t)1 << EV_OUTCOME |
	       (uint64_t)1 << EV_DECISION | (uint64_t)1 << EV_METHOD;
}

uint64_t
trail_strs(void)
{
	return (uint64_t)1 << EV_OPERATOR | (uint64_t)1 << EV_REQUEST |
	       (uint64_t)1 << EV_PURPOSE | (uint64_t)1 << EV_ACTOR;
}

/* ---- operators and purposes ---- */

const struct trail_operator *
trail_of(const struct trail *t, struct span operator_)
{
	size_t i;

	for (i = 0; i < t->n_operators; i++)
		if (span_eq(t->operator_[i].name, operator_))
			return &t->operator_[i];
	return NULL;
}

/* Its number; TRAIL_OPERATORS when there is no room. */
static unsigned
operator_number(struct trail_scan *s, struct span name)
{
	const struct trail_operator *found = trail_of(s->to, name);
	struct trail *t = s->to;

	if (found != NULL)
		return (unsigned)(found - t->operator_);
	if (t->n_operators == TRAIL_OPERATORS) {
		t->too_many = true;
		return TRAIL_OPERATORS;
	}
	t->operator_ =
	    arena_grow(s->arena, t->operator_, t->n_operators * sizeof *found,
		(t->n_operators + 1) * sizeof *found);
	t->operator_[t->n_operators] =
	    (struct trail_operator){ .name = arena_span(s->arena, name) };
	return (unsigned)t->n_operators++;
}

static void
add_silent(struct trail_scan *s, struct span operator_, struct span purpose,
    bool after)
{
	struct trail *t = s->to;
	size_t i;

	for (i = 0; i < t->n_silent; i++)
		if (span_eq(t->silent[i].operator_, operator_) &&
		    span_eq(t->silent[i].purpose, purpose)) {
			t->silent[i].after |= after;
			return;
		}
	if (t->n_silent == TRAIL_SILENT) {
		t->too_many = true;
		return;
	}
	t->silent =
	    arena_grow(s->arena, t->silent, t->n_silent * sizeof *t->silent,
		(t->n_silent + 1) * sizeof *t->silent);
	t->silent[t->n_silent].operator_ = arena_span(s->arena, operator_);
	t->silent[t->n_silent].after = after;
	t->silent[t->n_silent++].purpose = arena_span(s->arena, purpose);
}

/* One pair for each purpose of a list. */
static void
add_silent_list(
    struct trail_scan *s, struct span operator_, struct span list, bool after)
{
	struct span one = list;
	size_t i;

	if (list.p == NULL) {
		add_silent(s, operator_, list, after);
		return;
	}
	for (i = 0; i <= list.n && !s->to->too_many; i++) {
		if (i < list.n && list.p[i] != EVENT_LIST_SEP)
			continue;
		one.n = (size_t)(list.p + i - one.p);
		add_silent(s, operator_, one, after);
		one.p = list.p + i + 1;
	}
}

/* ---- requests ---- */

static struct slot *
slot_of(struct trail_scan *s, uint64_t hash)
{
	size_t i = hash % SLOTS;

	while (s->slot[i].hash != 0 && s->slot[i].hash != hash)
		i = (i + 1) % SLOTS;
	return &s->slot[i];
}

static void
halve(struct trail_scan *s)
{
	struct slot *old = malloc(sizeof s->slot);
	size_t i;

	if (old == NULL)
		err_no_memory(sizeof s->slot);
	memcpy(old, s->slot, sizeof s->slot);
	memset(s->slot, 0, sizeof s->slot);
	s->limit /= 2;
	s->n = 0;
	for (i = 0; i < SLOTS; i++)
		if (old[i].hash != 0 && old[i].hash <= s->limit) {
			*slot_of(s, old[i].hash) = old[i];
			s->n++;
		}
	free(old);
}

/* NULL: not in the sample. */
static struct slot *
request(struct trail_scan *s, struct span id)
{
	uint64_t hash = store_hash(id);
	struct slot *at;

	if (hash > s->limit)
		return NULL;
	at = slot_of(s, hash);
	if (at->hash != 0)
		return at;
	if (s->n == TRAIL_REQUESTS) {
		halve(s);
		return request(s, id); /* as deep as there are bits */
	}
	at->hash = hash;
	s->n++;
	return at;
}

/* ---- rows ---- */

/* The events of a person follow one another. */
static uint64_t
person_at(const struct store_block *b, uint32_t i)
{
	struct span actor = store_str(b, EV_ACTOR, i);

	return actor.p != NULL ? store_hash(actor) : 0;
}

static void
see_record(struct trail_scan *s, const struct store_block *b, uint32_t i,
    struct span operator_)
{
	int64_t decision = store_num(b, EV_DECISION, i, DECISION_NONE);
	int64_t method = store_num(b, EV_METHOD, i, METHOD_NONE);
	struct span id = store_str(b, EV_REQUEST, i);
	unsigned o = operator_number(s, operator_);
	struct slot *at;

	if (decision == DECISION_REFUSED && o < TRAIL_OPERATORS)
		s->to->operator_[o].has_refused = true;
	if (decision == DECISION_REFUSED || decision == DECISION_WITHDRAWN)
		s->refuser = person_at(b, i);
	if ((decision == DECISION_GIVEN || decision == DECISION_RENEWED) &&
	    (id.p == NULL || method == METHOD_BATCH ||
		method == METHOD_MIGRATION || method == METHOD_IMPORT))
		add_silent_list(s, operator_, store_str(b, EV_PURPOSE, i),
		    s->refuser != 0 && s->refuser == person_at(b, i));
	at = id.p != NULL ? request(s, id) : NULL;
	if (at != NULL)
		at->answered = true;
}

static void
see_act(struct trail_scan *s, const struct store_block *b, uint32_t i,
    struct span operator_)
{
	struct span id = store_str(b, EV_REQUEST, i);
	int64_t role = store_num(b, EV_ROLE, i, ROLE_NONE);
	unsigned o;
	struct slot *at;

	if (store_num(b, EV_OUTCOME, i, OUTCOME_NONE) == OUTCOME_FAILURE)
		return;
	if (role == ROLE_REFUSE || role == ROLE_WITHDRAW)
		s->refuser = person_at(b, i);
	if (id.p == NULL || (role != ROLE_ACCEPT && role != ROLE_REFUSE &&
				role != ROLE_SUBMIT && role != ROLE_WITHDRAW))
		return;
	o = operator_number(s, operator_);
	at = o < TRAIL_OPERATORS ? request(s, id) : NULL;
	if (at == NULL)
		return;
	at->asked = true;
	at->operator_ = (uint16_t)o;
	at->role = role == ROLE_ACCEPT	 ? 0
		   : role == ROLE_REFUSE ? 1
		   : role == ROLE_SUBMIT ? 2
					 : 3;
}

void
trail_see(struct trail_scan *s, const struct store_block *b, uint32_t i,
    struct span operator_)
{
	int64_t kind = store_num(b, EV_KIND, i, 0);

	if (kind == KIND_CONTROL_CLICK)
		see_act(s, b, i, operator_);
	else if (kind == KIND_CONSENT &&
		 store_num(b, EV_TRAIL, i, TRAIL_NONE) != TRAIL_UI)
		see_record(s, b, i, operator_);
}

void
trail_scan_finish(struct trail_scan *s)
{
	struct trail *t = s->to;
	struct {
		uint64_t asked, answered;
	} *of = calloc(t->n_operators + 1, ROLES * sizeof *of);
	size_t i, k, at;

	if (of == NULL)
		err_no_memory(ROLES * sizeof *of);
	for (i = 0; i < SLOTS; i++) {
		if (!s->slot[i].asked)
			continue;
		at = (size_t)s->slot[i].operator_ * ROLES + s->slot[i].role;
		of[at].asked++;
		of[at].answered += s->slot[i].answered;
	}
	for (i = 0; i < t->n_operators; i++)
		for (k = 0; k < ROLES; k++) {
			at = i * ROLES + k;
			/* Not answered by habit is no loss. */
			if (2 * of[at].answered < of[at].asked ||
			    (k == 2 && !t->operator_[i].has_refused))
				continue;
			t->operator_[i].asked += of[at].asked;
			t->operator_[i].answered += of[at].answered;
		}
	for (i = 0; i < t->n_operators; i++) {
		struct trail_operator *o = &t->operator_[i];

		if (o->answered < o->asked)
			o->lost =
			    stat_wilson(o->asked - o->answered, o->asked, 0.95)
				.low;
	}
	free(of);
	free(s);
}

/* ---- what is known ---- */

double
trail_lost(const struct trail_operator *o)
{
	return o->lost;
}

bool
trail_is_silent(const struct trail *t, struct span operator_,
    struct span purpose, bool after)
{
	size_t i;

	if (t->too_many)
		return true;
	for (i = 0; i < t->n_silent; i++) {
		const struct trail_silent *s = &t->silent[i];

		if ((s->after || !after) && span_eq(s->operator_, operator_) &&
		    (s->purpose.p == NULL || purpose.p == NULL ||
			span_eq(s->purpose, purpose)))
			return true;
	}
	return false;
}
