/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Contacts with a datum, in order of time, each held against the collectors
 * it may rest on: the one that it names, if it names one of them, else all.
 *
 * Calls of one way (operator, recipient, category, purposes) repeat each
 * other: of the collectors, in order of time, those that lie behind a call of
 * that way are done with.  So a datum with millions of calls is a stream.
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

/* ---- collectors in order of time ---- */

static int64_t
first_us(const struct collector *c)
{
	return c->has_first ? c->first.at_us : INT64_MAX;
}

static int
by_first(const void *va, const void *vb)
{
	const struct collector *a = *(struct collector *const *)va;
	const struct collector *b = *(struct collector *const *)vb;

	if (first_us(a) != first_us(b))
		return first_us(a) < first_us(b) ? -1 : 1;
	return (a->subject > b->subject) - (a->subject < b->subject);
}

static int
by_share(const void *va, const void *vb)
{
	const struct collector *a = *(struct collector *const *)va;
	const struct collector *b = *(struct collector *const *)vb;

	if (a->share_us != b->share_us)
		return a->share_us < b->share_us ? -1 : 1;
	return (a->subject > b->subject) - (a->subject < b->subject);
}

/* Before the first contact: all collections are known by now. */
static void
sort_collectors(struct join *j)
{
	struct datum *d = &j->d;
	struct collector *c;
	uint32_t i;

	if (d->first != NULL || d->n_collectors == 0)
		return;
	d->first = arena_take(&j->arena, d->n_collectors * sizeof *d->first);
	d->share = arena_take(&j->arena, d->n_collectors * sizeof *d->share);
	for (i = 0; i < d->n_collectors; i++) {
		c = &d->collector[i];
		d->first[i] = c;
		d->n_dated += c->has_first;
		if (c->has_share)
			d->share[d->n_shares++] = c;
		if (c->has_first && us_plus(c->first.error_us,
					c->first.precision_us) > d->error_us)
			d->error_us =
			    us_plus(c->first.error_us, c->first.precision_us);
	}
	qsort(d->first, d->n_collectors, sizeof *d->first, by_first);
	qsort(d->share, d->n_shares, sizeof *d->share, by_share);
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

/* The first contact after the collection. */
static void
note_reached(
    struct join *j, struct collector *c, const struct lineage_row *call)
{
	struct lineage_sums *s = &j->r->lineage;

	c->hops |= 1u << LINEAGE_OUTBOUND;
	if (!c->is_reached)
		spread_add(&s->delay_us, us_minus(call->at_us, c->first.at_us));
	c->is_reached = true;
}

/* The first contact after the first sharing. */
static void
reach_after_share(
    struct join *j, struct collector *c, const struct lineage_row *call)
{
	if (!c->has_share || c->is_share_reached || call->at_us <= c->share_us)
		return;
	c->is_share_reached = true;
	spread_add(
	    &j->r->lineage.share_delay_us, us_minus(call->at_us, c->share_us));
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

/* A call that names a collector. */
static void
hold_against_one(struct join *j, struct collector *c,
    const struct lineage_row *call, uint32_t group)
{
	hold_against(j, c, call, false, group);
	if (relation_of(c, call) == RELATION_AFTER)
		reach_after_share(j, c, call);
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
	k->link_us = INT64_MAX;
	return k;
}

/* When a collection that lies behind calls of this way, and that nothing links
 * them to by now, may be linked. */
static void
wait_for_link(const struct join *j, struct caller *k, struct collector *c,
    const struct lineage_row *call)
{
	int64_t us = judge_next(j, c, call);

	if (us < k->link_us)
		k->link_us = us;
}

/*
 * A call that names none of the collectors, in order of time.  Those at the
 * beginning whose collection lies behind a call of this way are done with,
 * but for a share that comes between; those that begin after it, beyond any
 * error, need not be looked at yet.
 */
static void
hold_against_dated(struct join *j, const struct lineage_row *call,
    bool is_for_owner, struct caller *k, uint32_t group)
{
	struct datum *d = &j->d;
	int64_t error =
	    us_plus(d->error_us, us_plus(call->error_us, call->precision_us));
	int64_t until_us = us_plus(call->at_us, error);
	uint32_t i;

	if (call->at_us > k->link_us) { /* all over again */
		k->n_done = 0;
		k->link_us = INT64_MAX;
	}
	for (i = k->n_done;
	     i < d->n_dated && d->first[i]->first.at_us <= until_us; i++) {
		hold_against(j, d->first[i], call, is_for_owner, group);
		if (i != k->n_done ||
		    relation_of(d->first[i], call) != RELATION_AFTER)
			continue;
		k->n_done++;
		wait_for_link(j, k, d->first[i], call);
	}
}

static void
hold_against_all(struct join *j, const struct lineage_row *call,
    bool is_for_owner, uint32_t group)
{
	struct caller rare = { .link_us = INT64_MAX }; /* one of too many */
	struct caller *k = caller_of(j, call);
	struct datum *d = &j->d;
	uint32_t i;

	if (k == NULL)
		k = &rare;
	hold_against_dated(j, call, is_for_owner, k, group);
	for (i = d->n_dated; i < d->n_collectors && !k->is_met; i++)
		hold_against(j, d->first[i], call, is_for_owner, group);
	k->is_met = true;
	for (; !is_for_owner && d->n_share_done < d->n_shares &&
	       d->share[d->n_share_done]->share_us < call->at_us;
	     d->n_share_done++)
		reach_after_share(j, d->share[d->n_share_done], call);
}

/* A call without a time says the same of every collector. */
static void
hold_undated(struct join *j, const struct lineage_row *call, bool is_for_owner,
    uint32_t group)
{
	struct caller *k = caller_of(j, call);
	uint32_t i;

	if (k != NULL && k->has_undated)
		return;
	for (i = 0; i < j->d.n_collectors; i++)
		hold_against(j, &j->d.collector[i], call, is_for_owner, group);
	if (k != NULL)
		k->has_undated = true;
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
	const struct collector *first;
	enum lineage_state state;
	uint32_t group;

	sort_collectors(j);
	first = c != NULL ? c : d->n_collectors > 0 ? d->first[0] : NULL;
	state = is_self || is_for_owner ? LINEAGE_THEMSELVES
					: state_of(first, call);
	if (state == LINEAGE_NEVER && d->has_beyond)
		state = LINEAGE_UNORDERED;
	group = join_touch(j, call, state);
	count_call(j, call, state, group);
	if (is_self)
		count_user(j, group, call->subject);
	else if (c != NULL)
		hold_against_one(j, c, call, group);
	else if (call->at_us == STORE_ABSENT)
		hold_undated(j, call, is_for_owner, group);
	else
		hold_against_all(j, call, is_for_owner, group);
}
