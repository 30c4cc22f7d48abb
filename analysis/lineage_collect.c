/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Collection of a datum: rows of one person after another, each person
 * becoming one collector.
 */
#include "analysis/lineage_join.h"

#include <assert.h>

/* ---- the table ---- */

uint32_t
join_touch(
    struct join *j, const struct lineage_row *row, enum lineage_state state)
{
	const uint32_t key[LINEAGE__WORDS] = { row->operator_, row->category,
		row->recipient, row->purposes, row->hop, state };
	struct lineage_value *v = lineage_at(j->r, key);
	struct datum *d = &j->d;
	uint32_t at = tally_index(&j->r->tally[TALLY_LINEAGE], v), room;

	if (v->last_datum == d->number)
		return at;
	v->last_datum = d->number;
	v->data++;
	if (d->n_groups == d->group_room) {
		room = d->group_room == 0 ? 16 : 2 * d->group_room;
		d->group = arena_grow(&j->arena, d->group,
		    d->group_room * sizeof *d->group, room * sizeof *d->group);
		d->group_room = room;
	}
	d->group[d->n_groups++] = at;
	return at;
}

/* ---- collection ---- */

void
join_owner(struct join *j, const struct lineage_row *row)
{
	struct datum *d = &j->d;

	d->is_owned = true;
	if (row->subject == 0 || d->n_owners == JOIN_OWNERS)
		return;
	if (d->n_owners == 0 || d->owner[d->n_owners - 1] != row->subject)
		d->owner[d->n_owners++] = row->subject;
}

bool
join_is_owner(const struct datum *d, uint32_t subject)
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
	assert(d->collector != NULL);
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

/* Rows come by time, those without one first. */
static void
note_share(struct join *j, struct collector *c, const struct lineage_row *row)
{
	uint32_t i;

	codes_add(j, &c->recipients, row->recipient, JOIN_NAMES);
	if (c->shared == NULL) {
		c->shared =
		    arena_alloc(&j->arena, JOIN_NAMES * sizeof *c->shared);
		for (i = 0; i < JOIN_NAMES; i++)
			c->shared[i].at_us = INT64_MAX;
	}
	if (row->at_us == STORE_ABSENT)
		return;
	for (i = 0; i < c->recipients.n; i++)
		if (c->recipients.code[i] == row->recipient &&
		    c->shared[i].at_us == INT64_MAX)
			instant_of(&c->shared[i], row);
	if (!c->has_share)
		c->share_us = row->at_us;
	c->has_share = true;
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
		note_share(j, c, row);
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

/*
 * What the datum was collected for.  What a share says of its purpose is said
 * when the datum is there already: it counts only where nothing else tells of
 * the collection.
 */
static void
add_collected_for(
    struct join *j, struct collector *c, const struct lineage_row *row)
{
	bool is_share = row->hop == LINEAGE_SHARE;

	if (is_share && (c->hops & ~(1u << LINEAGE_SHARE)) != 0)
		return;
	if (!is_share && c->is_by_share) {
		c->purposes.n = 0;
		c->purposes.is_full = false;
		c->last_list = 0;
	}
	c->is_by_share = is_share;
	if (c->last_list != row->purposes + 1)
		add_purposes(j, &c->purposes, row->purposes);
	c->last_list = row->purposes + 1;
}

void
join_collection(struct join *j, const struct lineage_row *row)
{
	struct collector *c;

	(void)join_touch(j, row, LINEAGE_STATE_NONE);
	j->d.hops |= 1u << row->hop;
	if (join_is_owner(&j->d, row->subject))
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
	add_collected_for(j, c, row);
}
