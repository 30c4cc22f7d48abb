/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: one entry for each combination of operator, purpose,
 * category and surface that anything was said about, with its last state.
 * 0 matches anything, as a record that omits a thing does.  A later entry
 * that names a purpose stands above an earlier one that names none.
 *
 * The recipient is not part of the state: who receives what is not consented
 * to is another question (D12).
 */
#include "analysis/person.h"

#include <assert.h>
#include <stdlib.h>

static bool
matches(uint32_t a, uint32_t b)
{
	return a == 0 || b == 0 || a == b;
}

static struct consent *
entry(struct person *p, const struct consent *c)
{
	struct consent *e;
	uint32_t i;

	for (i = 0; i < p->n_consents; i++) {
		e = &p->consent[i];
		if (e->operator_ == c->operator_ && e->purpose == c->purpose &&
		    e->category == c->category && e->surface == c->surface &&
		    e->is_permission == c->is_permission)
			return e;
	}
	if (p->n_consents == PERSON_CONSENTS)
		return NULL;
	if (p->n_consents == p->n_consent_room) {
		p->n_consent_room =
		    p->n_consent_room == 0 ? 16 : 2 * p->n_consent_room;
		p->consent = realloc(
		    p->consent, p->n_consent_room * sizeof p->consent[0]);
		if (p->consent == NULL)
			err_no_memory(p->n_consent_room * sizeof p->consent[0]);
	}
	e = &p->consent[p->n_consents++];
	*e = *c;
	e->state = CONSENT_NONE;
	e->is_tainted = e->is_unsure = false;
	e->n_given = 0;
	return e;
}

/* ---- taint ---- */

static void
taint_begin(struct person *p, const struct consent *e, int64_t us)
{
	struct surface *s = surface_find(p, e->surface, true);

	if (s == NULL)
		return;
	if (!s->has_tainted || us < s->tainted_from_us)
		s->tainted_from_us = us;
	s->has_tainted = true;
}

static void
taint_finish(struct person *p, struct consent *e, int64_t us)
{
	struct surface *s = surface_find(p, e->surface, true);

	e->is_tainted = false;
	if (s != NULL && us > s->tainted_to_us) /* unknown is the least */
		s->tainted_to_us = us;
}

/* ---- changes ---- */

void
consent_given(struct consent *c, const struct stamp *at)
{
	uint32_t i;

	for (i = 0; i < c->n_given && i < CONSENT_CLOCKS; i++)
		if (c->given[i].clock == at->clock) {
			if (at->at_us > c->given[i].at_us)
				c->given[i] = *at;
			return;
		}
	if (i < CONSENT_CLOCKS)
		c->given[i] = *at;
	c->n_given = i + 1;
}

bool
consent_may_follow(const struct consent *c, const struct stamp *end)
{
	uint32_t i;

	for (i = 0; i < c->n_given && i < CONSENT_CLOCKS; i++)
		if (c->given[i].clock == end->clock
			? c->given[i].at_us > end->at_us
			: !timeline_before(&c->given[i], end))
			return true;
	return c->n_given > CONSENT_CLOCKS;
}

static void
finish(struct person *p, struct consent *e, const struct consent *by)
{
	if (e->is_tainted)
		taint_finish(p, e, by->since.us);
	e->state = by->state;
	e->since = by->since;
	e->is_unanswered = by->is_unanswered;
	/* It may have been given after that, by another clock. */
	e->is_unsure = consent_may_follow(e, &by->since);
}

/* A refusal or withdrawal outlives the note that the consent has lapsed. */
bool
consent_is_person_s(const struct consent *e)
{
	return e->state == CONSENT_REFUSED || e->state == CONSENT_ENDED;
}

/* What a refusal or withdrawal speaks of. */
bool
consent_is_meant(const struct consent *e, const struct consent *c)
{
	if (e->is_permission != c->is_permission ||
	    !matches(e->operator_, c->operator_) ||
	    !matches(e->category, c->category))
		return false;
	if (c->purpose == 0)
		return matches(e->surface, c->surface);
	return e->purpose == c->purpose;
}

void
consent_set(struct person *p, const struct consent *c)
{
	struct consent *e;
	uint32_t i;

	if (c->state != CONSENT_LIVE)
		for (i = 0; i < p->n_consents; i++)
			if (p->consent[i].state == CONSENT_LIVE &&
			    consent_is_meant(&p->consent[i], c))
				finish(p, &p->consent[i], c);
	e = entry(p, c);
	if (e == NULL)
		return;
	if (c->state != CONSENT_LIVE) {
		if (c->state != CONSENT_LAPSED || !consent_is_person_s(e))
			finish(p, e, c);
		return;
	}
	if (e->state == CONSENT_LIVE && e->is_tainted && !c->is_tainted)
		taint_finish(p, e, c->since.us); /* given anew, cleanly */
	if (c->is_tainted)
		taint_begin(p, e, c->since.us);
	if (e->state != CONSENT_LIVE)
		e->since = c->since;
	consent_given(e, &c->since);
	for (i = 0; i < c->n_given && i < CONSENT_CLOCKS; i++)
		consent_given(e, &c->given[i]);
	e->is_unsure = false;
	e->state = CONSENT_LIVE;
	e->is_unanswered = false;
	e->is_tainted = c->is_tainted;
	e->by_server |= c->by_server;
	if (c->recipient != 0)
		e->recipient = c->recipient;
	if (c->notice != 0) {
		e->notice = c->notice;
		e->notice_version = c->notice_version;
	}
}

void
consent_end(struct person *p, const struct consent *c)
{
	assert(c->state != CONSENT_LIVE);
	consent_set(p, c);
}
