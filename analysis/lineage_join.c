/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: the rows come sorted by datum.  Of each, first whose own
 * number it is; then its collection, person by person, each of which becomes
 * one collector; then the contacts in order of time, each held against the
 * collectors it may rest on: the one who made it, if it names one of them,
 * else all.
 *
 *	datum +8613800138000
 *	  collected by u1  2 May, for credit_check; shared with c, 3 May
 *	  collected by u2  9 May, for credit_check
 *	  called by c     10 May, for collection: sure for u1; for u2 it is
 *	                  ambiguous, for no record tells how c came by it
 *
 * Calls of one way (operator, recipient, category, purposes) repeat each
 * other: once all collections lie behind it, a call of that way changes
 * nothing but counts.  So a datum with millions of calls is a stream.  A
 * datum that more than LINEAGE_COLLECTORS people have is a hotline, not a
 * friend: those beyond are not decidable.
 */
#include "analysis/lineage_join.h"

#include <assert.h>
#include <stdlib.h>

enum { USERS_BYTES = 64 * 1024 * 1024 }; /* of all groups' people */

/* ---- the table ---- */

/* The group of a row, counted for this datum; 1 + its number. */
static uint32_t
touch(struct join *j, const struct lineage_row *row, enum lineage_state state)
{
	const uint32_t key[LINEAGE__WORDS] = { row->operator_, row->category,
		row->recipient, row->purposes, row->hop, state };
	struct lineage_value *v = lineage_at(j->r, key);
	struct datum *d = &j->d;
	uint32_t at = tally_index(&j->r->tally[TALLY_LINEAGE], v), room;

	if (v->last_datum == d->number)
		return at + 1;
	v->last_datum = d->number;
	v->data++;
	if (d->n_groups == d->group_room) {
		room = d->group_room == 0 ? 16 : 2 * d->group_room;
		d->group = arena_grow(&j->arena, d->group,
		    d->group_room * sizeof *d->group, room * sizeof *d->group);
		d->group_room = room;
	}
	d->group[d->n_groups++] = at;
	return at + 1;
}

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

/* ---- collection ---- */

static void
add_owner(struct join *j, const struct lineage_row *row)
{
	struct datum *d = &j->d;

	d->is_owned = true;
	if (row->subject == 0 || d->n_owners == JOIN_OWNERS)
		return;
	if (d->n_owners == 0 || d->owner[d->n_owners - 1] != row->subject)
		d->owner[d->n_owners++] = row->subject;
}

static bool
is_owner(const struct datum *d, uint32_t subject)
{
	uint32_t i;

	for (i = 0; i < d->n_owners; i++)
		if (d->owner[i] == subject)
			return true;
	return false;
}

/* The row's collector, made when new; NULL when there are too many. */
static struct collector *
collector_of(struct join *j, const struct lineage_row *row)
{
	struct datum *d = &j->d;
	struct collector *c;
	uint32_t room;

	c = d->n_collectors > 0 ? &d->collector[d->n_collectors - 1] : NULL;
	if (c != NULL && c->subject == row->subject)
		return c;
	if (d->n_collectors == LINEAGE_COLLECTORS)
		return NULL;
	if (d->n_collectors == d->collector_room) {
		room = d->collector_room == 0 ? 4 : 2 * d->collector_room;
		d->collector = arena_grow(&j->arena, d->collector,
		    d->collector_room * sizeof *c, room * sizeof *c);
		d->collector_room = room;
	}
	c = &d->collector[d->n_collectors++];
	memset(c, 0, sizeof *c);
	c->subject = row->subject;
	c->us = c->use_us = RESULT_UNKNOWN;
	return c;
}

/* Access on the server when the datum lay there already is use of it. */
static bool
is_use(const struct collector *c, const struct lineage_row *row)
{
	struct collector held = { .has_first = c->has_upload,
		.first = c->upload };

	return row->is_held && c->has_upload &&
	       relation_of(&held, row) == RELATION_AFTER;
}

static void
note_collection(
    struct join *j, struct collector *c, const struct lineage_row *row)
{
	bool is_dated = row->at_us != STORE_ABSENT;

	c->hops |= 1u << row->hop;
	if (c->category == 0)
		c->category = row->category;
	codes_add(j, &c->operators, row->operator_, JOIN_NAMES);
	if (is_dated && !c->has_first) {
		instant_of(&c->first, row);
		c->has_first = true;
	}
	if (row->hop == LINEAGE_SHARE) {
		codes_add(j, &c->recipients, row->recipient, JOIN_NAMES);
		if (is_dated && !c->has_share)
			c->share_us = row->at_us;
		c->has_share |= is_dated;
	} else if (row->hop == LINEAGE_UPLOAD && is_dated && !c->has_upload) {
		instant_of(&c->upload, row);
		c->has_upload = true;
	}
}

static void
add_purposes(struct join *j, struct codes *to, uint32_t purposes)
{
	const struct list *l = join_list(j, purposes);
	uint32_t i;

	for (i = 0; i < l->n; i++)
		codes_add(j, to, l->code[i], JOIN_PURPOSES);
}

static void
add_use(struct join *j, struct collector *c, const struct lineage_row *row)
{
	add_purposes(j, &c->uses, row->purposes);
	if (c->use_us == RESULT_UNKNOWN)
		c->use_us = row->us;
}

static void
add_beyond(struct join *j, const struct lineage_row *row)
{
	struct datum *d = &j->d;

	if (row->subject == d->last_beyond)
		return;
	d->last_beyond = row->subject;
	d->has_beyond = true;
	if (row->subject == 0 || !d->is_person)
		return;
	j->contacts[row->subject]++;
	if (j->answer[row->subject] == ANSWER_NONE ||
	    j->answer[row->subject] > ANSWER_UNDECIDABLE)
		j->answer[row->subject] = ANSWER_UNDECIDABLE;
	j->people.missing |= JOIN_FEWER;
}

static void
add_collection(struct join *j, const struct lineage_row *row)
{
	struct collector *c;

	(void)touch(j, row, LINEAGE_STATE_NONE);
	j->d.hops |= 1u << row->hop;
	if (is_owner(&j->d, row->subject))
		return; /* the own number is no contact */
	c = collector_of(j, row);
	if (c == NULL) {
		add_beyond(j, row);
		return;
	}
	if (is_use(c, row)) {
		add_use(j, c, row);
		return;
	}
	note_collection(j, c, row);
	if (c->last_list != row->purposes + 1)
		add_purposes(j, &c->purposes, row->purposes);
	c->last_list = row->purposes + 1;
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

static void
hold_against(struct join *j, struct collector *c,
    const struct lineage_row *call, bool is_for_owner, uint32_t group)
{
	unsigned missing = 0;
	enum answer a = judge_call(j, c, call, is_for_owner, &missing);

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
caller_of(struct datum *d, const struct lineage_row *call)
{
	struct caller *k;
	uint32_t i;

	for (i = 0; i < d->n_callers; i++) {
		k = &d->caller[i];
		if (k->operator_ == call->operator_ &&
		    k->category == call->category &&
		    k->recipient == call->recipient &&
		    k->purposes == call->purposes)
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
	k->next_us = INT64_MIN;
	return k;
}

/* Before which instant nothing changes for calls of this way. */
static int64_t
next_change(const struct datum *d, const struct lineage_row *call)
{
	int64_t next = INT64_MAX;
	const struct collector *c;
	uint32_t i;

	for (i = 0; i < d->n_collectors; i++) {
		c = &d->collector[i];
		if (!c->has_first)
			continue;
		if (relation_of(c, call) != RELATION_AFTER &&
		    c->first.at_us < next)
			next = c->first.at_us;
		if (c->has_share && !c->is_share_reached && c->share_us < next)
			next = c->share_us;
	}
	return next;
}

static void
hold_against_all(struct join *j, const struct lineage_row *call,
    bool is_for_owner, uint32_t group)
{
	struct caller *k = caller_of(&j->d, call);
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
		k->next_us = next_change(&j->d, call);
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

static void
add_call(struct join *j, const struct lineage_row *call)
{
	struct datum *d = &j->d;
	struct collector *c =
	    call->subject != 0 ? find_collector(d, call->subject) : NULL;
	bool is_self = call->is_self || is_owner(d, call->subject);
	bool is_for_owner = d->is_owned && c == NULL;
	enum lineage_state state;
	uint32_t group;

	state = is_self || is_for_owner
		    ? LINEAGE_THEMSELVES
		    : state_of(c != NULL ? c : earliest(d), call);
	if (state == LINEAGE_NEVER && d->has_beyond)
		state = LINEAGE_UNORDERED;
	group = touch(j, call, state) - 1;
	count_call(j, call, state, group);
	if (is_self)
		count_user(j, group, call->subject);
	else if (c != NULL)
		hold_against(j, c, call, false, group);
	else
		hold_against_all(j, call, is_for_owner, group);
}

/* ---- the end of a datum ---- */

static void
count_answer(struct scope_sum *s, enum answer a, int64_t us)
{
	if (a == ANSWER_SURE || a == ANSWER_AMBIGUOUS)
		times_add(&s->times, us);
}

static void
end_collector(struct join *j, struct collector *c, int64_t *least_us)
{
	struct lineage_sums *s = &j->r->lineage;
	unsigned chain =
	    c->hops & (1u << LINEAGE_ACCESS | 1u << LINEAGE_UPLOAD |
			  1u << LINEAGE_SHARE | 1u << LINEAGE_OUTBOUND);
	unsigned n = (unsigned)__builtin_popcount(chain), missing = 0;
	enum answer a;
	int64_t us;

	a = judge_collector(j, c, &us, &missing);
	s->hops = n > s->hops ? n : s->hops;
	s->complete += (chain >> LINEAGE_SHARE & 1) != 0 &&
		       (chain >> LINEAGE_OUTBOUND & 1) != 0;
	if (j->d.answer == ANSWER_NONE || a < j->d.answer ||
	    (a == j->d.answer && result_is_earlier(us, *least_us))) {
		*least_us = us;
		j->d.answer = a;
	}
	j->people.missing |= missing;
	j->nonusers.missing |= missing;
	if (c->subject == 0)
		return;
	count_answer(&j->people, a, us);
	j->contacts[c->subject]++;
	if (j->answer[c->subject] == ANSWER_NONE ||
	    a < (enum answer)j->answer[c->subject])
		j->answer[c->subject] = (uint8_t)a;
}

/* What merge_nonusers() makes a person of. */
static void
log_nonuser(struct join *j, int64_t us)
{
	size_t n = (j->id.n + 7) & ~(size_t)7;
	struct nonuser_row row = {
		.finding = j->nonusers.finding,
		.answer = j->d.answer,
		.us = us,
		.shown_us = RESULT_UNKNOWN,
		.decided_us = RESULT_UNKNOWN,
		.n = (uint32_t)j->id.n,
	};
	char *p = rowlog_add(&j->r->nonusers, sizeof row + n);

	memcpy(p, &row, sizeof row);
	memset(p + sizeof row, 0, n);
	memcpy(p + sizeof row, j->id.p, j->id.n);
}

static void
end_nonuser(struct join *j, int64_t us)
{
	struct lineage_sums *s = &j->r->lineage;
	int hop;

	s->collected++;
	for (hop = 0; hop < LINEAGE_HOP__MAX; hop++)
		s->nonusers[hop] += j->d.hops >> hop & 1;
	count_answer(&j->nonusers, j->d.answer, us);
	if (j->d.answer == ANSWER_SURE || j->d.answer == ANSWER_AMBIGUOUS)
		log_nonuser(j, us); /* counted when people are merged */
	else
		j->nonusers.n[j->d.answer]++;
}

static void
end_datum(struct join *j)
{
	struct tally *t = &j->r->tally[TALLY_LINEAGE];
	int64_t us = RESULT_UNKNOWN;
	struct datum *d = &j->d;
	struct lineage_value *v;
	uint32_t i;
	int hop;

	if (d->number == 0)
		return;
	for (hop = 0; hop < LINEAGE_HOP__MAX; hop++)
		j->r->lineage.data[hop] += d->hops >> hop & 1;
	for (i = 0; i < d->n_groups; i++) {
		v = tally_value(t, d->group[i]);
		v->nonusers += d->is_person && !d->is_owned;
	}
	if (!d->is_person)
		return;
	for (i = 0; i < d->n_collectors; i++)
		end_collector(j, &d->collector[i], &us);
	if (d->n_collectors > 0 && !d->is_owned)
		end_nonuser(j, us);
}

static void
begin_datum(struct join *j, const struct lineage_row *row)
{
	uint64_t number = j->d.number + 1;

	memset(&j->d, 0, sizeof j->d);
	arena_reset(&j->arena);
	j->d.number = number;
	j->hash = row->hash;
	memcpy(j->text, row + 1, row->n);
	j->id.p = j->text;
	j->id.n = row->n;
}

/* ---- answers ---- */

static void
add_missing(struct join *j, struct scope_sum *s)
{
	static const struct {
		unsigned bit;
		const char *text;
	} texts[] = {
		{ JOIN_TIME, "the time of the record" },
		{ JOIN_ORDER, "an order beyond the clocks' error" },
		{ JOIN_WHOM, "for whose sake a user was contacted" },
		{ JOIN_OUTBOUND, "any record of outbound contact" },
		{ JOIN_WHOLE, "a whole log: a source is a sample of one" },
		{ JOIN_FEWER, "fewer people who have one datum" },
	};
	struct finding_value *v =
	    tally_value(&j->r->tally[TALLY_FINDING], s->finding);
	size_t i;

	for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if ((s->missing & texts[i].bit) != 0 &&
		    v->n_missing < FINDING_MISSING)
			v->missing[v->n_missing++] =
			    names_code(&j->r->names, span_of(texts[i].text));
	v->times = s->times;
}

/* Whoever is sure or ambiguous, as part_end_findings() would tell. */
static void
tell_user(
    struct join *j, sqlite3_stmt *st, struct finding_value *v, uint32_t subject)
{
	struct result *r = j->r;
	struct affected_row row = { .finding = j->people.finding,
		.grade_role = (uint32_t)j->answer[subject] * 2,
		.subject = subject };
	struct digest_affected a = { .finding = v->hash,
		.grade = j->answer[subject] };

	(void)casefile_bind(r->c, st, "i", (int64_t)subject);
	if (casefile_step(r->c, st) <= 0)
		return;
	a.kind.p = (const char *)sqlite3_column_text(st, 0);
	a.kind.n = (size_t)sqlite3_column_bytes(st, 0);
	a.subject.p = (const char *)sqlite3_column_text(st, 1);
	a.subject.n = (size_t)sqlite3_column_bytes(st, 1);
	digest_affected(&r->row, &a);
	digest_row_end(&r->row, &r->hash[DIGEST_AFFECTED]);
	(void)sqlite3_reset(st);
	memcpy(rowlog_add(&r->affected, sizeof row), &row, sizeof row);
}

static void
tell_users(struct join *j)
{
	struct result *r = j->r;
	struct finding_value *v =
	    tally_value(&r->tally[TALLY_FINDING], j->people.finding);
	struct digest_finding f = { .detector = span_of("D11"),
		.scope = span_of("users") };
	sqlite3_stmt *st = casefile_prepare(
	    r->c, "SELECT kind, id FROM subject WHERE subject_id = ?");
	uint32_t i;

	digest_finding(&r->row, &f, v->hash);
	v->has_hash = true;
	for (i = 1; i <= r->n_subjects; i++) {
		v->n[j->answer[i]] += j->answer[i] != ANSWER_NONE;
		if (j->answer[i] == ANSWER_SURE ||
		    j->answer[i] == ANSWER_AMBIGUOUS)
			tell_user(j, st, v, i);
		if (j->contacts[i] > 0)
			spread_add(&r->lineage.contacts, j->contacts[i]);
	}
	casefile_finalize(st);
}

/* ---- all data ---- */

static uint32_t
finding_of(struct result *r, const char *scope)
{
	const uint32_t key[FINDING_SCOPE + 1] = { DETECTOR_D11, 0, 0,
		names_code(&r->names, span_of(scope)) };

	return tally_index(
	    &r->tally[TALLY_FINDING], tally_at(&r->tally[TALLY_FINDING], key));
}

static void
join_open(struct join *j, struct result *r)
{
	const struct study *s = r->study;
	size_t i, n = (size_t)r->n_subjects + 1;

	memset(j, 0, sizeof *j);
	j->r = r;
	j->study = s;
	j->answer = calloc(n, sizeof *j->answer);
	j->contacts = calloc(n, sizeof *j->contacts);
	if (j->answer == NULL || j->contacts == NULL)
		err_no_memory(n * sizeof *j->contacts);
	j->compatible =
	    arena_alloc(&j->run, (s->n_compatible + 1) * sizeof *j->compatible);
	for (i = 0; i < s->n_compatible; i++) {
		j->compatible[i][0] = names_code(&r->names, s->compatible[i].a);
		j->compatible[i][1] = names_code(&r->names, s->compatible[i].b);
	}
	j->necessary =
	    arena_alloc(&j->run, (s->n_necessary + 1) * sizeof *j->necessary);
	for (i = 0; i < s->n_necessary; i++)
		j->necessary[i] = names_code(&r->names, s->necessary[i]);
	j->people.finding = finding_of(r, "users");
	j->nonusers.finding = finding_of(r, "nonusers");
	r->lineage.finding = j->people.finding + 1;
}

static void
join_close(struct join *j)
{
	uint32_t i;

	for (i = 0; i < j->n_users; i++)
		free(j->users[i].bit);
	free(j->users);
	free(j->reached.bit);
	free(j->list);
	free(j->answer);
	free(j->contacts);
	arena_clear(&j->arena);
	arena_clear(&j->run);
}

static void
see_row(struct join *j, const struct lineage_row *row)
{
	if (j->d.number == 0 || row->hash != j->hash ||
	    !span_eq(lineage_text(row), j->id)) {
		end_datum(j);
		begin_datum(j, row);
	}
	j->d.is_person |= row->is_person;
	if (row->hop == LINEAGE_OWN)
		add_owner(j, row);
	else if (row->hop == LINEAGE_OUTBOUND)
		add_call(j, row);
	else
		add_collection(j, row);
}

int
join_lineage(struct result *r, struct err *err)
{
	const struct lineage_row *row = NULL;
	struct finding_value *v;
	struct join j;
	int a;

	if (r->study != NULL)
		row = lineage_sort_next(&r->data);
	if (row == NULL)
		return lineage_sort_error(&r->data, err);
	join_open(&j, r);
	for (; row != NULL; row = lineage_sort_next(&r->data))
		see_row(&j, row);
	end_datum(&j);
	tell_users(&j);
	add_missing(&j, &j.people);
	add_missing(&j, &j.nonusers);
	v = tally_value(&r->tally[TALLY_FINDING], j.nonusers.finding);
	for (a = 0; a < ANSWER__MAX; a++)
		v->n[a] += j.nonusers.n[a];
	join_close(&j);
	return lineage_sort_error(&r->data, err);
}
