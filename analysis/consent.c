/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records of consent, withdrawal and permission: what each changes of the
 * state (consent_state.c), and whom it is told to.
 */
#include "analysis/person.h"

#include "analysis/detector.h"

static bool
is_unasked(int method)
{
	return method == METHOD_BATCH || method == METHOD_MIGRATION ||
	       method == METHOD_IMPORT;
}

/* The surface of what a withdrawal ends, when it does not say so itself. */
static struct surface *
surface_meant(struct person *p, const struct consent *c)
{
	uint32_t i;

	if (c->surface != 0)
		return surface_find(p, c->surface, true);
	for (i = 0; i < p->n_consents; i++)
		if (p->consent[i].state == CONSENT_LIVE &&
		    consent_is_meant(&p->consent[i], c))
			return surface_find(p, p->consent[i].surface, true);
	return NULL;
}

static void
withdraw(struct person *p, const struct row *r, int decision, uint32_t surface)
{
	struct purposes l = person_purposes(p, row_name(r, EV_PURPOSE));
	struct consent c = { .operator_ = person_operator(p, r),
		.category = row_name(r, EV_CATEGORY),
		.surface = surface,
		.state = decision == DECISION_WITHDRAWN ? CONSENT_ENDED
							: CONSENT_LAPSED,
		.since = row_stamp(p->tl, r) };
	struct occasion o = { .kind = OCCASION_WITHDRAWAL, .row = r };
	struct route w = { .goal = DECISION_WITHDRAWN, .reached = true };
	uint32_t i;

	c.purpose = l.n > 0 ? l.code[0] : 0;
	o.surface = surface_meant(p, &c);
	if (p->way.is_open && way_is_old(p, r))
		way_end(p);
	if (p->way.is_open && decision == DECISION_WITHDRAWN) {
		o.acts = p->way.acts;
		o.sure_acts = way_reach(p, r);
		w.surface = o.surface != NULL ? o.surface->name : 0;
		w.design = o.surface != NULL ? o.surface->given_design : 0;
		w.acts = p->way.acts;
		w.screens = p->way.screens;
		w.options = p->way.options;
		w.us = us_minus(p->way.last_at_us, p->way.from_at_us);
		result_route(p->out, &w);
		way_judge(p, true);
		p->way.is_open = false;
	}
	if (decision == DECISION_WITHDRAWN)
		(void)person_occasion(p, &o, 0);
	if (l.n == 0)
		consent_end(p, &c);
	for (i = 0; i < l.n; i++) {
		c.purpose = l.code[i];
		consent_end(p, &c);
	}
}

/* Has the act a record of its request? */
static bool
is_answered(const struct person *p, const struct row *r)
{
	enum { LOOK = 4096 };
	uint64_t request = row_id(r, EV_REQUEST);
	const struct timeline *tl = p->tl;
	size_t i;

	if (request == 0)
		return true; /* nobody can say */
	for (i = p->at + 1; i < tl->n_rows && i < p->at + LOOK; i++)
		if (tl->row[i].kind == KIND_CONSENT &&
		    row_id(&tl->row[i], EV_REQUEST) == request)
			return true;
	return false;
}

/* A withdrawal that no record confirms: what stood may not stand. */
static void
doubt(struct person *p, const struct row *r, uint32_t surface)
{
	struct purposes l = person_purposes(p, row_name(r, EV_PURPOSE));
	struct consent c = { .operator_ = person_operator(p, r),
		.category = row_name(r, EV_CATEGORY),
		.surface = surface };
	uint32_t i, k;

	for (i = 0; i < p->n_consents; i++) {
		struct consent *e = &p->consent[i];

		c.purpose = l.n > 0 ? l.code[0] : 0;
		for (k = 1; k < l.n && c.purpose != e->purpose; k++)
			c.purpose = l.code[k];
		e->is_unanswered |=
		    e->state == CONSENT_LIVE && consent_is_meant(e, &c);
	}
}

void
consent_withdraw_click(struct person *p, const struct row *r, uint32_t surface)
{
	if (row_word(r, EV_OUTCOME) != OUTCOME_FAILURE && !is_answered(p, r))
		doubt(p, r, surface);
	/* With a server's trail, its record tells whether it came through. */
	if (p->study->has_server || row_word(r, EV_OUTCOME) == OUTCOME_FAILURE)
		return;
	withdraw(p, r, DECISION_WITHDRAWN, surface);
}

static void
refuse(struct person *p, const struct row *r)
{
	struct purposes l = person_purposes(p, row_name(r, EV_PURPOSE));
	struct consent c = { .operator_ = person_operator(p, r),
		.category = row_name(r, EV_CATEGORY),
		.surface = row_name(r, EV_SURFACE),
		.state = CONSENT_REFUSED,
		.by_server = true,
		.since = row_stamp(p->tl, r) };
	uint32_t i;

	if (l.n == 0)
		consent_set(p, &c);
	for (i = 0; i < l.n; i++) {
		c.purpose = l.code[i];
		consent_set(p, &c);
	}
}

/* The choice that the open episode of a surface will end with, if any: what
 * is shared in the meantime rests on a grant whose taint depends on it. */
static const struct row *
choice_ahead(const struct person *p, const struct surface *s)
{
	enum { LOOK = 4096 };
	const struct timeline *tl = p->tl;
	size_t i, n;

	for (i = p->at + 1, n = 0; i < tl->n_rows && n < LOOK; i++, n++) {
		const struct row *r = &tl->row[i];
		uint64_t session = row_id(r, EV_SESSION);
		int role;

		if (!row_is_ui(r) || row_id(r, EV_DEVICE) != s->ep.device)
			continue;
		if (session != s->ep.session)
			return NULL;
		if (r->kind != KIND_CONTROL_CLICK ||
		    row_word(r, EV_OUTCOME) == OUTCOME_FAILURE ||
		    surface_of(p, r, &role) != s->name)
			continue;
		if (role == ROLE_ACCEPT || role == ROLE_SUBMIT ||
		    role == ROLE_REFUSE)
			return r;
		if (role == ROLE_CLOSE || role == ROLE_LATER)
			return NULL;
	}
	return NULL;
}

/* The early grant stands from its record on. */
static void
set_early(struct person *p, const struct surface *s, const struct row *r)
{
	struct purposes l = person_purposes(p, row_name(r, EV_PURPOSE));
	const struct row *act = choice_ahead(p, s);
	struct consent c = { .operator_ = person_operator(p, r),
		.category = row_name(r, EV_CATEGORY),
		.recipient = row_name(r, EV_RECIPIENT),
		.notice = row_name(r, EV_NOTICE),
		.notice_version = row_name(r, EV_NOTICE_VERSION),
		.surface = s->name,
		.state = CONSENT_LIVE,
		.by_server = true,
		.since = row_stamp(p->tl, r) };
	struct stamp when = { .at_us = STORE_ABSENT };
	uint32_t i;

	if (act != NULL)
		when = row_stamp(p->tl, act);
	c.is_tainted = act != NULL ? timeline_before(&c.since, &when)
				   : s->ep.early.is_covered;
	if (l.n == 0)
		consent_set(p, &c);
	for (i = 0; i < l.n; i++) {
		c.purpose = l.code[i];
		consent_set(p, &c);
	}
}

/* Nothing was seen of the surface for so long that nobody is before it. */
static bool
is_long_ago(
    const struct person *p, const struct episode *ep, const struct row *r)
{
	return us_minus(r->at_us, ep->last_at_us) >
	       us_plus(
		   study_us(p->study, THRESHOLD_EARLY), p->tl->max_error_us);
}

/* A grant while its surface was open and before any act: it belongs to that
 * episode, too early (D03).  True: taken. */
static bool
take_early(struct person *p, const struct row *r)
{
	uint32_t name = row_name(r, EV_SURFACE), i;
	struct surface *s = name != 0 ? surface_find(p, name, false) : NULL;
	struct episode *ep;
	bool shown = false;

	if (name == 0 && p->n_open == 1)
		s = p->open[0];
	if (s == NULL || !s->ep.is_open || is_unasked(row_word(r, EV_METHOD)) ||
	    row_id(r, EV_REQUEST) != 0 || is_long_ago(p, &s->ep, r))
		return false;
	for (i = 0; i < s->n_controls; i++)
		shown |= s->control[i].impressions > 0 &&
			 design_class(&s->control[i]) < 3;
	if (!shown)
		return false;
	ep = &s->ep;
	if (!ep->early.is_there) {
		ep->early.is_there = true;
		ep->early.stamp = row_stamp(p->tl, r);
		ep->early.is_covered =
		    person_is_covered(p, &ep->early.stamp, ep->device, false);
		ep->early.decision = row_word(r, EV_DECISION);
		ep->early.method = row_word(r, EV_METHOD);
		ep->early.purposes = row_name(r, EV_PURPOSE);
		ep->early.recipient = row_name(r, EV_RECIPIENT);
		ep->early.category = row_name(r, EV_CATEGORY);
		ep->early.operator_ = row_name(r, EV_OPERATOR);
	}
	set_early(p, s, r);
	return true;
}

/* A grant whose act is still to come: clocks, or too early (D03). */
static void
set_ahead(struct person *p, const struct row *r)
{
	struct purposes l = person_purposes(p, row_name(r, EV_PURPOSE));
	struct consent c = { .operator_ = person_operator(p, r),
		.category = row_name(r, EV_CATEGORY),
		.recipient = row_name(r, EV_RECIPIENT),
		.notice = row_name(r, EV_NOTICE),
		.notice_version = row_name(r, EV_NOTICE_VERSION),
		.surface = row_name(r, EV_SURFACE),
		.state = CONSENT_LIVE,
		.by_server = true,
		.since = row_stamp(p->tl, r) };
	int d = row_word(r, EV_DECISION);
	uint32_t i;

	if (d != DECISION_GIVEN && d != DECISION_RENEWED)
		return;
	if (l.n == 0)
		consent_set(p, &c);
	for (i = 0; i < l.n; i++) {
		c.purpose = l.code[i];
		consent_set(p, &c);
	}
}

void
consent_record(struct person *p, const struct row *r)
{
	int decision = row_word(r, EV_DECISION);

	if (row_word(r, EV_TRAIL) != TRAIL_UI)
		p->has_server = true;
	if (r->link != 0 && decision != DECISION_WITHDRAWN) {
		/* Told with the act that it answers; until then it stands. */
		if (r->link - 1 > p->at)
			set_ahead(p, r);
		return;
	}
	switch (decision) {
	case DECISION_GIVEN:
	case DECISION_RENEWED:
		if (row_word(r, EV_TRAIL) == TRAIL_UI && !row_is_implied(r))
			flow_consent(p, r);
		else if (!take_early(p, r))
			decision_grant(p, r);
		break;
	case DECISION_REFUSED:
		if (row_is_implied(r)) /* it is off; nobody said no */
			withdraw(p, r, DECISION_INVALIDATED,
			    row_name(r, EV_SURFACE));
		else if (row_word(r, EV_TRAIL) == TRAIL_UI)
			flow_consent(p, r);
		else
			refuse(p, r);
		break;
	case DECISION_WITHDRAWN:
		if (row_is_implied(r))
			decision = DECISION_INVALIDATED;
		withdraw(p, r, decision, row_name(r, EV_SURFACE));
		break;
	case DECISION_EXPIRED:
	case DECISION_INVALIDATED:
		withdraw(p, r, decision, row_name(r, EV_SURFACE));
		break;
	default:
		break;
	}
}

/* Was it denied before?  Who opened it is a question then (D21). */
static void
permission_opens(struct person *p, const struct consent *c, const struct row *r)
{
	struct occasion o = { .kind = OCCASION_PERMISSION, .row = r };
	uint32_t i;

	for (i = 0; i < p->n_consents; i++) {
		const struct consent *e = &p->consent[i];

		if (e->is_permission && e->operator_ == c->operator_ &&
		    e->category == c->category && consent_is_person_s(e)) {
			o.is_unsure = e->since.clock != c->since.clock &&
				      !timeline_before(&e->since, &c->since);
			(void)person_occasion(p, &o, 0);
			return;
		}
	}
}

void
consent_permission(struct person *p, const struct row *r)
{
	uint32_t value = row_name(r, EV_VALUE);
	int decision = row_word(r, EV_DECISION), state;
	struct consent c = { .operator_ = person_operator(p, r),
		.category = row_name(r, EV_CATEGORY),
		.is_permission = true,
		.since = row_stamp(p->tl, r) };

	state = person_value(p, value);
	if (decision == DECISION_GIVEN || decision == DECISION_RENEWED)
		state = 1;
	else if (decision != DECISION_NONE && decision != DECISION_REQUESTED)
		state = 0;
	else if (value != 0 && value == p->word[WORD_GRANTED])
		state = 1;
	else if (value != 0 && value == p->word[WORD_DENIED])
		state = 0;
	else if (state < 0 && row_word(r, EV_OUTCOME) != OUTCOME_NONE)
		state = row_word(r, EV_OUTCOME) == OUTCOME_SUCCESS;
	if (state < 0)
		return;
	if (state)
		permission_opens(p, &c, r);
	if (state)
		c.state = CONSENT_LIVE;
	else if (decision == DECISION_WITHDRAWN)
		c.state = CONSENT_ENDED;
	else if (decision == DECISION_EXPIRED ||
		 decision == DECISION_INVALIDATED)
		c.state = CONSENT_LAPSED;
	else
		c.state = CONSENT_REFUSED;
	consent_set(p, &c);
}

void
consent_prompt(struct person *p, const struct row *r)
{
	struct occasion o = { .kind = OCCASION_PROMPT, .row = r };

	lineage_prompt(p, r);
	(void)person_occasion(p, &o, 0);
}

void
consent_finish(struct person *p)
{
	uint32_t i, k;

	for (i = 0; i < p->n_surfaces; i++) {
		struct surface *s = p->surface[i];
		int64_t to = s->tainted_to_us;

		if (!s->has_tainted)
			continue;
		for (k = 0; k < p->n_consents; k++)
			if (p->consent[k].is_tainted &&
			    p->consent[k].surface == s->name)
				to = RESULT_UNKNOWN; /* alive at the end */
		result_tainted(
		    p->out, s->name, person_number(p), s->tainted_from_us, to);
	}
}
