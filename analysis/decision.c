/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: when an episode ends, its consent controls (design.c) say
 * what was asked (asked.c).  One row a purpose, with state, default and
 * impressions from the control that carries it, and the server's answer from
 * the record that names it.
 */
#include "analysis/asked.h"

#include <assert.h>
#include <stdio.h>

#include "analysis/detector.h"

/* ---- rows ---- */

/* The record that answers for a purpose; NULL none. */
static const struct row *
answer_for(
    struct person *p, const struct row *r, uint32_t purpose, bool *is_early)
{
	const struct reply *w;
	const struct row *rec, *any = NULL;

	for (w = replies_of(p, r); w != NULL; w = reply_next(p, w)) {
		uint32_t list;

		rec = &p->tl->row[w->row];
		list = row_name(rec, EV_PURPOSE);
		*is_early = w->is_early;
		if (purpose != 0 && person_names(p, list, purpose))
			return rec;
		if (any == NULL && (list == 0 || purpose == 0))
			any = rec;
	}
	return any;
}

/* The last impression of the control that carries a purpose, in any episode;
 * failing that, of the surface's most telling control. */
static void
last_shown(struct person *p, const struct surface *s, uint32_t purpose,
    struct decision *d)
{
	int best = 6;
	uint32_t i, pass;
	int64_t at = INT64_MIN;

	d->last_shown_us = RESULT_UNKNOWN;
	d->last_default_on = -1;
	for (i = 0; i < s->n_controls; i++)
		if (s->control[i].last_us != RESULT_UNKNOWN &&
		    design_class(&s->control[i]) < best &&
		    design_class(&s->control[i]) < 3)
			best = design_class(&s->control[i]);
	for (pass = 0; pass < 2 && d->last_shown_us == RESULT_UNKNOWN; pass++)
		for (i = 0; i < s->n_controls; i++) {
			const struct control *c = &s->control[i];

			if (design_class(c) != best ||
			    c->last_us == RESULT_UNKNOWN ||
			    c->last_at_us < at ||
			    (pass == 0 && purpose != 0 &&
				!person_names(p, c->purposes, purpose)))
				continue;
			at = c->last_at_us;
			d->last_shown_us = c->last_us;
			d->last_default_on = c->last_default;
		}
}

/* No box of the purpose was seen, and another one is off. */
enum { STATE_DOUBT = -2 };

/* What the consent controls of a purpose say; true: there is a box. */
static bool
read_controls(
    struct person *p, const struct surface *s, struct decision *d, int *state)
{
	bool has_box = false, any = false;
	uint32_t i, pass;

	*state = -1;
	d->default_on = -1;
	d->toggled = d->shown_us = RESULT_UNKNOWN;
	for (pass = 0; pass < 2 && !any; pass++)
		for (i = 0; i < s->n_controls; i++) {
			const struct control *c = &s->control[i];

			if (!design_is_consent(s, c) ||
			    (pass == 0 && d->purpose != 0 &&
				!person_names(p, c->purposes, d->purpose)))
				continue;
			any = true;
			if (design_class(c) < 3)
				d->impressions += c->impressions;
			if (design_class(c) < 3 && c->impressions > 0 &&
			    (d->shown_us == RESULT_UNKNOWN ||
				c->first_us < d->shown_us))
				d->shown_us = c->first_us;
			if (c->role != ROLE_CONSENT_BOX)
				continue;
			has_box = true;
			d->toggled = d->toggled == RESULT_UNKNOWN
					 ? c->toggled
					 : d->toggled + c->toggled;
			/* The box that belongs to it may not have been seen. */
			if (pass > 0 && d->purpose != 0 &&
			    (s->ep.has_gap || s->ep.opened_in_gap)) {
				if (c->state == 0)
					*state = STATE_DOUBT;
				continue;
			}
			if (c->default_on > d->default_on)
				d->default_on = c->default_on;
			if (c->state > *state)
				*state = c->state;
		}
	return has_box;
}

static bool
knows_box(const struct surface *s)
{
	uint32_t i;

	for (i = 0; i < s->n_controls; i++)
		if (s->control[i].role == ROLE_CONSENT_BOX)
			return true;
	return false;
}

/* The outcome of a submit for one purpose. */
static enum decision_outcome
submit_outcome(const struct surface *s, const struct row *answer, bool has_box,
    int state, uint32_t impressions)
{
	int d = answer != NULL ? row_word(answer, EV_DECISION) : 0;

	if (has_box && state >= 0)
		return state ? OUTCOME_GIVEN : OUTCOME_REFUSED;
	if (d == DECISION_GIVEN || d == DECISION_RENEWED)
		return state == STATE_DOUBT ? OUTCOME_LEFT : OUTCOME_GIVEN;
	if (d != 0)
		return OUTCOME_REFUSED;
	/* A notice beside it: going on is agreeing.  Where a box belongs and
	 * was not seen, nobody was asked. */
	return impressions > 0 && !has_box && !knows_box(s) ? OUTCOME_GIVEN
							    : OUTCOME_LEFT;
}

static void
read_answer(struct decision *d, const struct row *rec)
{
	d->server_us = RESULT_UNKNOWN;
	if (rec == NULL)
		return;
	d->server_outcome = (enum event_decision)row_word(rec, EV_DECISION);
	d->server_us = row_num(rec, EV_TIME, RESULT_UNKNOWN);
	d->method = (enum event_method)row_word(rec, EV_METHOD);
	if (row_name(rec, EV_RECIPIENT) != 0)
		d->recipient = row_name(rec, EV_RECIPIENT);
	if (row_name(rec, EV_OPERATOR) != 0)
		d->operator_ = row_name(rec, EV_OPERATOR);
}

/* The grant that was recorded before any act. */
static void
read_early(struct decision *d, const struct episode *ep)
{
	d->server_outcome = (enum event_decision)ep->early.decision;
	d->server_us = ep->early.stamp.us;
	d->method = (enum event_method)ep->early.method;
	if (ep->early.recipient != 0)
		d->recipient = ep->early.recipient;
	if (ep->early.operator_ != 0)
		d->operator_ = ep->early.operator_;
}

static void
make_row(struct person *p, const struct surface *s, const struct row *r,
    enum decision_outcome outcome, const struct row *rec, struct decision *d)
{
	const struct episode *ep = &s->ep;
	bool has_box;
	int state;

	d->flow = p->n_flows;
	d->subject = person_number(p);
	d->operator_ = ep->operator_;
	d->surface = s->name;
	d->recipient = ep->recipient;
	d->design = ep->design;
	d->variant = ep->variant;
	d->app_version = ep->app_version;
	d->entry = ep->entry;
	has_box = read_controls(p, s, d, &state);
	d->outcome =
	    outcome != DECISION_OUTCOME_NONE
		? outcome
		: submit_outcome(s, rec, has_box, state, d->impressions);
	d->decided_us = d->dwell_us = RESULT_UNKNOWN;
	if (r != NULL && d->outcome != OUTCOME_LEFT) {
		d->decided_us = row_num(r, EV_TIME, RESULT_UNKNOWN);
		if (d->shown_us != RESULT_UNKNOWN &&
		    d->decided_us != RESULT_UNKNOWN)
			d->dwell_us = us_minus(d->decided_us, d->shown_us);
	}
	d->acts = ep->acts;
	d->refusals_before = refusal_of(p, d->purpose, s->name)->n;
	read_answer(d, rec);
	if (rec == NULL && ep->early.is_there &&
	    (d->purpose == 0 || ep->early.purposes == 0 ||
		person_names(p, ep->early.purposes, d->purpose)))
		read_early(d, ep);
	last_shown(p, s, d->purpose, d);
	d->place = r != NULL ? row_place(r) : ep->place;
}

/* Did the server record it as given? */
static bool
is_granted(const struct decision *d)
{
	return d->server_outcome == DECISION_GIVEN ||
	       d->server_outcome == DECISION_RENEWED;
}

/* ---- the end of an episode ---- */

static void
tell_way(struct person *p, struct surface *s, enum decision_outcome outcome,
    const struct row *r)
{
	struct episode *ep = &s->ep;
	uint32_t n = ep->n_steps;
	struct route w = { .surface = s->name,
		.design = ep->design,
		.acts = ep->acts,
		.screens = ep->screens,
		.options = ep->n_options };

	if (outcome != OUTCOME_GIVEN && outcome != OUTCOME_REFUSED &&
	    n > ep->n_useful_steps + 1)
		n = ep->n_useful_steps + 1; /* where the person went next */
	result_path(p->out, s->name, outcome, ep->step, n);
	w.us =
	    us_minus(r != NULL ? r->at_us : ep->last_at_us, ep->opened_at_us);
	if (outcome == OUTCOME_GIVEN || outcome == OUTCOME_REFUSED) {
		w.goal = outcome == OUTCOME_GIVEN ? DECISION_GIVEN
						  : DECISION_REFUSED;
		w.reached = true;
		result_route(p->out, &w);
	}
	if (outcome != OUTCOME_REFUSED &&
	    (ep->settings || ep->failed_refusal)) {
		w.goal = DECISION_REFUSED; /* begun, not reached */
		w.reached = false;
		result_route(p->out, &w);
	}
}

/* The agreement as it was shown, else as it was recorded. */
static void
agreed_to(const struct surface *s, const struct row *rec, struct consent *c)
{
	uint32_t i;

	for (i = 0; i < s->n_controls && c->notice == 0; i++)
		if (design_is_consent(s, &s->control[i])) {
			c->notice = s->control[i].notice;
			c->notice_version = s->control[i].notice_version;
		}
	if (rec == NULL || row_name(rec, EV_NOTICE) == 0)
		return;
	if (c->notice == 0)
		c->notice = row_name(rec, EV_NOTICE);
	if (c->notice_version == 0 && c->notice == row_name(rec, EV_NOTICE))
		c->notice_version = row_name(rec, EV_NOTICE_VERSION);
}

static void
set_consent(struct person *p, const struct surface *s, const struct row *r,
    const struct row *rec, const struct decision *d, const struct occasion *o)
{
	const struct episode *ep = &s->ep;
	bool early = ep->early.is_there;
	struct refusal *f;
	bool granted = is_granted(d);
	struct stamp at;
	struct consent c = { .operator_ = d->operator_,
		.purpose = d->purpose,
		.recipient = d->recipient,
		.surface = s->name,
		.is_tainted = o->is_tainting,
		.by_server = granted };

	if (d->outcome == OUTCOME_REFUSED) {
		c.state = CONSENT_REFUSED;
		c.since = row_stamp(p->tl, r);
		c.is_unanswered = d->server_outcome == DECISION_NONE &&
				  row_id(r, EV_REQUEST) != 0;
		consent_set(p, &c);
		c.is_unanswered = false;
		f = refusal_of(p, d->purpose, s->name);
		f->n++;
		f->at = c.since;
	}
	/* What perhaps is no answer to the act does not undo it. */
	if (d->outcome == OUTCOME_GIVEN
		? d->server_outcome != 0 && !granted && !o->is_unsure
		: !granted)
		return;
	/* The record may be of another act, and the act have another one. */
	if (rec != NULL && row_id(rec, EV_REQUEST) == 0) {
		at = row_stamp(p->tl, rec);
		consent_given(&c, &at);
	}
	if (d->outcome == OUTCOME_GIVEN) {
		at = row_stamp(p->tl, r);
		consent_given(&c, &at);
	}
	/* What the server recorded stands, even against the person's act: who
	 * receives data on its strength is a question of its own. */
	c.state = CONSENT_LIVE;
	c.category =
	    rec != NULL ? row_name(rec, EV_CATEGORY) : ep->early.category;
	agreed_to(s, rec, &c);
	c.since = early				? ep->early.stamp
		  : o->is_early			? o->granted
		  : d->outcome == OUTCOME_GIVEN ? at
						: row_stamp(p->tl, rec);
	consent_set(p, &c);
}

static enum decision_outcome
overall(const struct decision *rows, size_t n)
{
	enum decision_outcome o = rows[0].outcome;
	size_t i;

	for (i = 1; i < n; i++)
		if (rows[i].outcome < o) /* given before refused before … */
			o = rows[i].outcome;
	return o;
}

static void
forget_open(struct person *p, struct surface *s)
{
	uint32_t i;

	for (i = 0; i < p->n_open && p->open[i] != s; i++)
		;
	assert(i < p->n_open);
	for (; i + 1 < p->n_open; i++)
		p->open[i] = p->open[i + 1];
	p->n_open--;
	s->ep.is_open = false;
}

/* The server's grant in an episode, for the detectors. */
static void
tell_grant(const struct person *p, struct occasion *o, const struct surface *s,
    bool is_early)
{
	int d = o->answer != NULL ? row_word(o->answer, EV_DECISION) : 0;

	if (s->ep.early.is_there) {
		o->has_grant = o->is_early = true;
		o->is_covered = s->ep.early.is_covered;
		o->granted = s->ep.early.stamp;
		o->method = (enum event_method)s->ep.early.method;
	} else if (d == DECISION_GIVEN || d == DECISION_RENEWED) {
		o->has_grant = true;
		o->is_early = is_early;
		o->granted = row_stamp(p->tl, o->answer);
		o->method = (enum event_method)row_word(o->answer, EV_METHOD);
	}
}

/* Opened by a screen or button alone and left: nobody was asked. */
static bool
is_nothing(const struct surface *s, const struct row *r)
{
	uint32_t i;

	if (r != NULL || s->ep.early.is_there)
		return false;
	for (i = 0; i < s->n_controls; i++)
		if (s->control[i].in_episode &&
		    (design_class(&s->control[i]) < 3))
			return false;
	return true;
}

/* How the person left the boxes, for the next time (D21). */
static void
leave_boxes(const struct person *p, struct surface *s,
    enum decision_outcome outcome, const struct row *r)
{
	int role = row_word(r, EV_ROLE);
	uint32_t i;

	for (i = 0; i < s->n_controls; i++) {
		struct control *c = &s->control[i];

		if (c->role != ROLE_CONSENT_BOX || !c->in_episode)
			continue;
		c->own = row_stamp(p->tl, r);
		if (role == ROLE_ACCEPT || role == ROLE_REFUSE)
			c->own_state = outcome == OUTCOME_GIVEN;
		else if (c->state >= 0)
			c->own_state = c->state;
	}
}

void
decision_close(struct person *p, struct surface *s,
    enum decision_outcome outcome, const struct row *r)
{
	struct decision rows[EPISODE_PURPOSES];
	const struct row *rec[EPISODE_PURPOSES];
	struct occasion o = {
		.kind = OCCASION_DECISION, .row = r, .surface = s, .rows = rows
	};
	const struct reply *w;
	struct asked a;
	uint64_t first = 0, number;
	bool early = false, granted;
	uint32_t i;

	assert(s->ep.is_open);
	design_freeze(p, s);
	if (is_nothing(s, r)) {
		forget_open(p, s);
		return;
	}
	asked_of_episode(p, s, r, &a);
	assert(a.n > 0);
	p->n_flows++;
	for (i = 0; i < a.n; i++) {
		memset(&rows[i], 0, sizeof rows[i]);
		rows[i].purpose = a.purpose[i];
		rec[i] = answer_for(p, r, a.purpose[i], &early);
		make_row(p, s, r, outcome, rec[i], &rows[i]);
		number = result_decision(p->out, &rows[i]);
		if (i == 0)
			first = number;
		if (o.answer == NULL)
			o.answer = rec[i];
		p->n_grants += is_granted(&rows[i]);
	}
	p->n_decisions += a.n;
	o.n_rows = a.n;
	tell_grant(p, &o, s, early);
	for (w = replies_of(p, r); w != NULL; w = reply_next(p, w))
		o.is_unsure |= !w->is_sure;
	refusal_tell(p, &o);
	outcome = overall(rows, a.n);
	tell_way(p, s, outcome, r);
	(void)person_occasion(p, &o, first);
	for (i = 0; i < a.n; i++)
		set_consent(p, s, r, rec[i], &rows[i], &o);
	granted = asked_rest(p, s, r, &a);
	if (outcome == OUTCOME_LEFT && r != NULL && r->link == 0 &&
	    row_id(r, EV_REQUEST) != 0)
		p->unanswered_at_us = r->at_us;
	if (outcome == OUTCOME_LEFT && r != NULL) /* of it nobody knows */
		s->last_act = OUTCOME_LEFT;
	if (outcome == OUTCOME_GIVEN || outcome == OUTCOME_REFUSED) {
		leave_boxes(p, s, outcome, r);
		if (outcome == OUTCOME_REFUSED)
			wall_begin(p, s, r);
		/* Unless the answer says that something was not refused. */
		s->last_act = granted && outcome == OUTCOME_REFUSED
				  ? OUTCOME_LEFT
				  : outcome;
		s->acted = row_stamp(p->tl, r);
	}
	if (outcome == OUTCOME_GIVEN) {
		s->given_acts = rows[0].impressions > 0 ? (int64_t)s->ep.acts
							: RESULT_UNKNOWN;
		s->given_design = s->ep.design;
	}
	forget_open(p, s);
}

/* Would a gesture have to stand behind it? */
static bool
is_by_gesture(const struct row *r)
{
	int m = row_word(r, EV_METHOD);

	return m == METHOD_UI || m == METHOD_NONE;
}

void
decision_grant(struct person *p, const struct row *r)
{
	struct decision rows[EPISODE_PURPOSES];
	uint32_t name = row_name(r, EV_SURFACE), i;
	struct surface *s = surface_find(p, name, name != 0);
	struct occasion o = { .kind = OCCASION_GRANT,
		.row = r,
		.answer = r,
		.surface = s,
		.rows = rows };
	struct asked a;
	struct consent c = { 0 };
	uint64_t first = 0, number;

	asked_of_grant(p, r, &a);
	for (i = 0; i < a.n; i++) {
		struct decision *d = &rows[i];

		memset(d, 0, sizeof *d);
		d->subject = person_number(p);
		d->operator_ = person_operator(p, r);
		d->surface = name;
		d->purpose = a.purpose[i];
		d->variant = row_name(r, EV_VARIANT);
		d->app_version = row_name(r, EV_APP_VERSION);
		d->entry = row_name(r, EV_ENTRY);
		d->outcome = OUTCOME_NOT_ASKED;
		d->shown_us = d->decided_us = d->dwell_us = RESULT_UNKNOWN;
		d->acts = d->toggled = RESULT_UNKNOWN;
		d->default_on = d->last_default_on = -1;
		d->last_shown_us = RESULT_UNKNOWN;
		d->refusals_before = refusal_of(p, d->purpose, name)->n;
		if (s != NULL)
			last_shown(p, s, d->purpose, d);
		read_answer(d, r);
		d->place = row_place(r);
		number = result_decision(p->out, d);
		if (i == 0)
			first = number;
		p->n_grants += is_granted(d);
	}
	p->n_decisions += a.n;
	if (is_by_gesture(r))
		p->n_unasked += a.n;
	o.n_rows = a.n;
	o.has_grant = true;
	o.granted = row_stamp(p->tl, r);
	o.method = (enum event_method)row_word(r, EV_METHOD);
	(void)person_occasion(p, &o, first);
	for (i = 0; i < a.n; i++) {
		c.operator_ = rows[i].operator_;
		c.purpose = rows[i].purpose;
		c.recipient = rows[i].recipient;
		c.category = row_name(r, EV_CATEGORY);
		c.notice = row_name(r, EV_NOTICE);
		c.notice_version = row_name(r, EV_NOTICE_VERSION);
		c.surface = name;
		c.state = CONSENT_LIVE;
		c.is_tainted = o.is_tainting;
		c.by_server = true;
		c.since = o.granted;
		consent_set(p, &c);
	}
}
