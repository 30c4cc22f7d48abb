/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Contacts with a datum, in order of time, each held against the collectors
 * it may rest on: the one that it names, if it names one of them, else all.
 *
 * Calls of one way (operator, recipient, category, purposes) repeat each
 * other: once all collections lie behind it, a call of that way changes
 * nothing but counts.  So a datum with millions of calls is a stream.
 */
#include "analysis/lineage_join.h"

#include <stdlib.h>

enum { USERS_BYTES = 64 * 1024 * 1024 }; /* of all groups' people */

/* ---- people behind a contact ---- */

/* A person whose datum was contacted, once a group. */
static void
count_user(struct join *j, uint32_t group, uint32_t subject)
{
	struct lineage_value *v =
	    tally_value(&j->r->tally[TALLY_LINEAGE], group);
	struct people *p;
	uint32_t n;
	size_t had;

	if (subject == 0 || v->has_no_users)
		return;
	if (group >= j->n_users) {
		n = 2 * group + 16;
		j->users = realloc(j->users, n * sizeof *j->users);
		if (j->users == NULL)
			err_no_memory(n * sizeof *j->users);
		memset(j->users + j->n_users, 0,
		    (n - j->n_users) * sizeof *j->users);
		j->n_users = n;
	}
	p = &j->users[group];
	if (people_has(p, subject))
		return;
	had = p->n / 8;
	if (p->n == 0 && j->users_bytes > USERS_BYTES) {
		v->has_no_users = true;
		return;
	}
	people_add(p, subject);
	j->users_bytes += p->n / 8 - had;
	v->users++;
}

/* ---- contact ---- */

static struct collector *
find_collector(const struct datum *d, uint32_t subject)
{
	uint32_t low = 0, high = d->n_collectors, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (d->collector[mid].subject < subject)
			low = mid + 1;
		else
			high = mid;
	}
	return low < d->n_collectors && d->collector[low].subject == subject
		   ? &d->collector[low]
		   : NULL;
}

/* Somebody whose phone gave data of people, not the caller's clerk. */
static bool
is_borrower(const struct join *j, uint32_t subject)
{
	return subject != 0 && people_has(&j->r->collecting, subject);
}

static const struct collector *
earliest(struct datum *d)
{
	const struct collector *c;
	uint32_t i;

	for (i = 0; i < d->n_collectors && !d->has_earliest; i++) {
		c = &d->collector[i];
		if (d->earliest == NULL ||
		    (c->has_first &&
			(!d->earliest->has_first ||
			    c->first.at_us < d->earliest->first.at_us)))
			d->earliest = c;
	}
	d->has_earliest = true;
	return d->earliest;
}

static enum lineage_state
state_of(const struct collector *c, const struct lineage_row *call)
{
	if (c == NULL)
		return LINEAGE_NEVER;
	switch (relation_of(c, call)) {
	case RELATION_AFTER:
		return LINEAGE_COLLECTED;
	case RELATION_BEFORE:
		return LINEAGE_EARLIER;
	case RELATION_NONE:
	case RELATION_ORDER:
	case RELATION_UNDATED:
		break;
	}
	return LINEAGE_UNORDERED;
}

/* The first contact after the collection and after the first sharing. */
static void
note_reached(
    struct join *j, struct collector *c, const struct lineage_row *call)
{
	struct lineage_sums *s = &j->r->lineage;

	c->hops |= 1u << LINEAGE_OUTBOUND;
	if (!c->is_reached)
		spread_add(&s->delay_us, us_minus(call->at_us, c->first.at_us));
	c->is_reached = true;
	if (c->has_share && !c->is_share_reached && call->at_us > c->share_us) {
		spread_add(
		    &s->share_delay_us, us_minus(call->at_us, c->share_us));
		c->is_share_reached = true;
	}
}

static void
count_reached(struct join *j, uint32_t subject)
{
	if (subject == 0 || people_has(&j->reached, subject))
		return;
	people_add(&j->reached, subject);
	j->r->lineage.users[LINEAGE_OUTBOUND]++;
}

/* The call names somebody with an address book, in which no record has this
 * number: whose it is from then is not known, only that it is from one. */
static enum answer
take_foreign(struct datum *d, const struct lineage_row *call, enum answer a)
{
	if (a != ANSWER_SURE)
		return a;
	if (d->answer != ANSWER_SURE || result_is_earlier(call->us, d->us))
		d->us = call->us;
	d->answer = ANSWER_SURE;
	return ANSWER_AMBIGUOUS;
}

static void
hold_against(struct join *j, struct collector *c,
    const struct lineage_row *call, bool is_for_owner, uint32_t group)
{
	unsigned missing = 0;
	enum answer a = judge_call(j, c, call, is_for_owner, &missing);

	if (call->subject != c->subject && is_borrower(j, call->subject))
		a = take_foreign(&j->d, call, a);
	j->people.missing |= missing;
	j->nonusers.missing |= missing;
	if (relation_of(c, call) == RELATION_AFTER && !is_for_owner) {
		note_reached(j, c, call);
		count_user(j, group, c->subject);
		count_reached(j, c->subject);
	}
	if (a != ANSWER_NONE && (c->answer == ANSWER_NONE || a < c->answer)) {
		c->answer = a;
		c->us = call->us;
	}
}

/* The call's way; NULL when there are too many. */
static struct caller *
caller_of(struct join *j, const struct lineage_row *call)
{
	bool is_foreign = is_borrower(j, call->subject);
	struct datum *d = &j->d;
	struct caller *k;
	uint32_t i;

	for (i = 0; i < d->n_callers; i++) {
		k = &d->caller[i];
		if (k->operator_ == call->operator_ &&
		    k->category == call->category &&
		    k->recipient == call->recipient &&
		    k->purposes == call->purposes &&
		    k->is_foreign == is_foreign)
			return k;
	}
	if (d->n_callers == JOIN_CALLERS)
		return NULL;
	k = &d->caller[d->n_callers++];
	memset(k, 0, sizeof *k);
	k->operator_ = call->operator_;
	k->category = call->category;
	k->recipient = call->recipient;
	k->purposes = call->purposes;
	k->is_foreign = is_foreign;
	k->next_us = INT64_MIN;
	return k;
}

/* Before which instant nothing changes for calls of this way. */
static int64_t
next_change(
    const struct join *j, const struct lineage_row *call, bool is_for_owner)
{
	const struct datum *d = &j->d;
	int64_t next = INT64_MAX, linked;
	const struct collector *c;
	uint32_t i;

	for (i = 0; i < d->n_collectors; i++) {
		c = &d->collector[i];
		if (!c->has_first)
			continue;
		if (relation_of(c, call) != RELATION_AFTER &&
		    c->first.at_us < next)
			next = c->first.at_us;
		/* Nobody is told reached for an owner's sake. */
		if (!is_for_owner && c->has_share && !c->is_share_reached &&
		    c->share_us < next)
			next = c->share_us;
		linked = judge_next(j, c, call);
		next = linked < next ? linked : next;
	}
	return next;
}

static void
hold_against_all(struct join *j, const struct lineage_row *call,
    bool is_for_owner, uint32_t group)
{
	struct caller *k = caller_of(j, call);
	bool is_undated = call->at_us == STORE_ABSENT;
	uint32_t i;

	if (k != NULL &&
	    (is_undated ? k->has_undated : call->at_us < k->next_us))
		return;
	for (i = 0; i < j->d.n_collectors; i++)
		hold_against(j, &j->d.collector[i], call, is_for_owner, group);
	if (k == NULL)
		return;
	k->has_undated |= is_undated;
	if (!is_undated)
		k->next_us = next_change(j, call, is_for_owner);
}

static void
count_call(struct join *j, const struct lineage_row *call,
    enum lineage_state state, uint32_t group)
{
	struct lineage_value *v =
	    tally_value(&j->r->tally[TALLY_LINEAGE], group);
	uint32_t day;

	v->n++;
	times_add(&v->times, call->us);
	j->r->lineage.calls[state]++;
	if (state != LINEAGE_COLLECTED)
		return;
	j->d.hops |= 1u << LINEAGE_OUTBOUND;
	day = result_day(j->r, call->us);
	if (day != j->d.last_day)
		j->r->lineage.contact_days++;
	j->d.last_day = day;
}

void
join_call(struct join *j, const struct lineage_row *call)
{
	struct datum *d = &j->d;
	struct collector *c =
	    call->subject != 0 ? find_collector(d, call->subject) : NULL;
	bool is_self = call->is_self || join_is_owner(d, call->subject);
	bool is_for_owner = d->is_owned && c == NULL;
	enum lineage_state state;
	uint32_t group;

	state = is_self || is_for_owner
		    ? LINEAGE_THEMSELVES
		    : state_of(c != NULL ? c : earliest(d), call);
	if (state == LINEAGE_NEVER && d->has_beyond)
		state = LINEAGE_UNORDERED;
	group = join_touch(j, call, state);
	count_call(j, call, state, group);
	if (is_self)
		count_user(j, group, call->subject);
	else if (c != NULL)
		hold_against(j, c, call, false, group);
	else
		hold_against_all(j, call, is_for_owner, group);
}
