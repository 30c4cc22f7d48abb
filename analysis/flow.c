/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: a surface has at most one open episode.  It opens with the
 * first impression, or with a gesture when nothing was shown; it ends with
 * accept, submit, refuse, later, close, with the next session of the same
 * device, a gap where sessions have no name, or a change of design, app
 * version or variant.  What the person does in between is counted for every
 * open episode.
 */
#include "analysis/person.h"

/* ---- steps ---- */

static void
step(const struct person *p, struct episode *ep, uint32_t code)
{
	if (code == 0 || ep->n_steps > EPISODE_STEPS)
		return;
	if (ep->n_steps > 0 && ep->step[ep->n_steps - 1] == code)
		return;
	if (ep->n_steps == EPISODE_STEPS)
		code = p->word[WORD_STEP_MORE];
	ep->step[ep->n_steps++] = code;
}

static void
option(struct episode *ep, uint32_t element)
{
	uint32_t i;

	for (i = 0; i < ep->n_options; i++)
		if (ep->option[i] == element)
			return;
	if (ep->n_options < EPISODE_OPTIONS)
		ep->option[ep->n_options++] = element;
}

/* ---- opening and closing ---- */

static void
open_episode(struct person *p, struct surface *s, const struct row *r)
{
	struct episode *ep = &s->ep;
	struct exposure *kept = ep->exposure;
	uint32_t room = ep->exposure_room;
	uint32_t i;

	if (p->n_open == PERSON_OPEN)
		decision_close(p, p->open[0], OUTCOME_LEFT, NULL);
	for (i = 0; i < s->n_controls; i++)
		surface_forget_episode(&s->control[i]);
	memset(ep, 0, sizeof *ep);
	ep->exposure = kept;
	ep->exposure_room = room;
	ep->is_open = true;
	ep->session = row_id(r, EV_SESSION);
	ep->device = row_id(r, EV_DEVICE);
	ep->screen = ep->last_screen = row_name(r, EV_SCREEN);
	ep->screens = 1;
	ep->opened_us = row_num(r, EV_TIME, RESULT_UNKNOWN);
	ep->opened_at_us = ep->last_at_us = ep->last_screen_at_us = r->at_us;
	ep->opened = row_stamp(p->tl, r);
	ep->design = row_name(r, EV_DESIGN);
	ep->app_version = p->app_version;
	ep->variant = p->variant;
	ep->entry = p->entry;
	ep->unasked = walk_is_unasked(p, r);
	ep->opened_in_gap = person_has_gap_since(
	    p, p->gesture_now ? p->prior_gesture_at_us : p->last_gesture_at_us);
	ep->operator_ = person_operator(p, r);
	ep->recipient = row_name(r, EV_RECIPIENT);
	ep->place = row_place(r);
	ep->last_seq = row_num(r, EV_SEQ, STORE_ABSENT);
	ep->has_gap = person_is_sampled(p, r);
	if (p->last_screen != ep->screen)
		step(p, ep, p->last_screen);
	step(p, ep, ep->screen);
	ep->n_useful_steps = ep->n_steps;
	p->open[p->n_open++] = s;
}

static bool
differs(uint32_t a, uint32_t b)
{
	return a != 0 && b != 0 && a != b;
}

/* Another session or device: the surface was met anew. */
static bool
is_elsewhere(const struct episode *ep, const struct row *r)
{
	uint64_t session = row_id(r, EV_SESSION), device = row_id(r, EV_DEVICE);

	return (session != 0 && ep->session != 0 && session != ep->session) ||
	       (device != 0 && ep->device != 0 && device != ep->device);
}

/* The episode a row belongs to: the open one, unless the version changed. */
static struct episode *
episode_for(struct person *p, struct surface *s, const struct row *r)
{
	struct episode *ep = &s->ep;

	if (ep->is_open &&
	    (is_elsewhere(ep, r) ||
		differs(ep->app_version, row_name(r, EV_APP_VERSION)) ||
		differs(ep->variant, row_name(r, EV_VARIANT)) ||
		differs(ep->design, row_name(r, EV_DESIGN))))
		decision_close(p, s, OUTCOME_LEFT, NULL);
	if (!ep->is_open)
		open_episode(p, s, r);
	if (ep->design == 0 && !ep->is_frozen)
		ep->design = row_name(r, EV_DESIGN);
	if (ep->recipient == 0)
		ep->recipient = row_name(r, EV_RECIPIENT);
	ep->last_at_us = r->at_us;
	return ep;
}

/* Close what the session of this row, or the gap before it, has ended. */
static void
close_stale(struct person *p, const struct row *r)
{
	int64_t gap = study_us(p->study, THRESHOLD_SESSION_GAP);
	uint64_t session = p->session_now, device = p->device_now;
	uint32_t i;

	for (i = p->n_open; i-- > 0;) {
		struct episode *ep = &p->open[i]->ep;
		bool is_named = session != 0 && ep->session != 0;

		if (is_named && session != ep->session &&
		    (device == ep->device || device == 0 || ep->device == 0))
			decision_close(p, p->open[i], OUTCOME_LEFT, NULL);
		else if (!is_named &&
			 (device == ep->device || device == 0 ||
			     ep->device == 0) &&
			 us_minus(r->at_us, ep->last_at_us) > gap)
			decision_close(p, p->open[i], OUTCOME_LEFT, NULL);
	}
}

/* ---- what is shown ---- */

static void
expose(struct person *p, struct surface *s, const struct control *c,
    const struct row *r, int default_on)
{
	struct episode *ep = &s->ep;
	struct exposure *x;
	uint32_t room;

	if (ep->n_exposures == EPISODE_EXPOSURES)
		design_freeze(p, s);
	if (ep->n_exposures == ep->exposure_room) {
		room = ep->exposure_room == 0 ? 2 : 2 * ep->exposure_room;
		ep->exposure = arena_grow(&p->arena, ep->exposure,
		    ep->exposure_room * sizeof *x, room * sizeof *x);
		ep->exposure_room = room;
	}
	x = &ep->exposure[ep->n_exposures++];
	memset(x, 0, sizeof *x);
	x->surface = s->name;
	x->app_version = ep->app_version;
	x->subject = person_number(p);
	x->us = row_num(r, EV_TIME, RESULT_UNKNOWN);
	x->default_on = default_on;
	x->role = (enum event_role)c->role;
	x->element = c->element;
	x->text = c->text;
	x->notice = c->notice;
	x->notice_version = c->notice_version;
	x->purposes = c->purposes;
	x->font_micro = c->font_micro;
	x->in_view_micro = row_num(r, EV_IN_VIEW, RESULT_UNKNOWN);
	x->color = c->color;
	x->background = c->background;
}

static void
note_version(struct surface *s, uint32_t version)
{
	uint32_t i;

	for (i = 0; i < s->n_versions && i < SURFACE_VERSIONS; i++)
		if (s->version[i] == version)
			return;
	if (version != 0 && s->n_versions < SURFACE_VERSIONS)
		s->version[s->n_versions] = version;
	s->n_versions += version != 0 && s->n_versions <= SURFACE_VERSIONS;
}

/* The first time that a consent control is shown, and is in view. */
static void
note_first(const struct person *p, struct surface *s, const struct row *r)
{
	bool in_view = (double)row_num(r, EV_IN_VIEW, 1000000) >=
		       p->study->threshold[THRESHOLD_IN_VIEW] * 1e6;

	note_version(s, row_name(r, EV_NOTICE_VERSION));
	surface_first(p, &s->shown, r);
	if (in_view)
		surface_first(p, &s->seen, r);
}

static void
see_impression(
    struct person *p, struct surface *s, const struct row *r, int role)
{
	int value = person_value(p, row_name(r, EV_VALUE)), by;
	struct control *c = surface_control(p, s, r, role);
	struct episode *ep;
	int initial = -1;

	if (s->ep.is_open && c->impressions > 0 && c->element != 0 &&
	    surface_is_redesigned(c, r))
		decision_close(p, s, OUTCOME_LEFT, NULL);
	ep = episode_for(p, s, r);
	by = row_word(r, EV_CHANGED_BY);
	if (by != CHANGED_BY_USER && (by != CHANGED_BY_NONE || c->toggled == 0))
		initial = value;
	c->in_episode = true;
	if (design_class(c) < 3)
		note_first(p, s, r);
	if (c->impressions++ == 0) {
		c->first_us = row_num(r, EV_TIME, RESULT_UNKNOWN);
		c->first_at_us = r->at_us;
		c->look = surface_look(p, r, role);
	}
	surface_note(c, r);
	surface_turned(p, c, r, value, by);
	if (c->default_on < 0)
		c->default_on = initial;
	if (value >= 0)
		c->state = value;
	c->last_us = row_num(r, EV_TIME, RESULT_UNKNOWN);
	c->last_at_us = r->at_us;
	c->last_default = initial;
	if (ep->acts == 0 && role != ROLE_NONE)
		ep->roles |= 1u << role;
	if (role == ROLE_REFUSE) {
		ep->refuse_on_first |= !ep->settings;
		ep->refuse_later |= ep->settings;
	}
	if (c->element != 0)
		option(ep, c->element);
	expose(p, s, c, r, initial);
	ep->n_useful_steps = ep->n_steps;
}

/* ---- what the person does ---- */

/* A box takes a state by the person's hand. */
static void
toggle(struct person *p, struct control *c, int state, const struct row *r)
{
	c->in_episode = true;
	if (state == c->state)
		return;
	c->own = row_stamp(p->tl, r);
	c->state = c->own_state = state;
	c->toggled++;
	c->change_at_us = r->at_us;
}

static void
see_box(struct person *p, struct surface *s, const struct row *r, int role)
{
	int value = person_value(p, row_name(r, EV_VALUE));
	int by = row_word(r, EV_CHANGED_BY), kind = r->kind;
	bool by_user = by == CHANGED_BY_NONE || by == CHANGED_BY_USER, fresh;
	const struct row *rec = NULL;
	struct control *c;
	struct episode *ep;

	if (r->link != 0)
		rec = &p->tl->row[p->answer[r->link - 1].row];
	if (rec != NULL && row_word(rec, EV_DECISION) == DECISION_WITHDRAWN &&
	    !s->ep.is_open)
		return; /* a switch that withdraws: consent_record() tells */
	fresh = !s->ep.is_open;
	ep = episode_for(p, s, r);
	c = surface_control(p, s, r, role);
	if (c->purposes == 0)
		c->purposes = row_name(r, EV_PURPOSE);
	if (kind == KIND_CONTROL_CLICK && value < 0) {
		/* The change that this click made was logged before it. */
		if (c->change_at_us != INT64_MIN &&
		    us_minus(r->at_us, c->change_at_us) <= ONE_GESTURE_US)
			return;
		if (c->state < 0)
			return;
		value = !c->state;
	}
	ep->acts += fresh;
	if (value < 0)
		return;
	if (!by_user) {
		surface_turned(p, c, r, value, by);
		c->state = value;
		c->in_episode = true;
		return;
	}
	toggle(p, c, value, r);
	step(p, ep, p->word[value ? WORD_STEP_TICK : WORD_STEP_UNTICK]);
	ep->n_useful_steps = ep->n_steps;
	if (rec != NULL && row_word(rec, EV_DECISION) != DECISION_WITHDRAWN)
		decision_close(
		    p, s, value ? OUTCOME_GIVEN : OUTCOME_REFUSED, r);
}

static enum word
step_word(int role)
{
	switch (role) {
	case ROLE_ACCEPT:
		return WORD_STEP_ACCEPT;
	case ROLE_REFUSE:
		return WORD_STEP_REFUSE;
	case ROLE_SUBMIT:
		return WORD_STEP_SUBMIT;
	case ROLE_LATER:
		return WORD_STEP_LATER;
	case ROLE_CLOSE:
		return WORD_STEP_CLOSE;
	case ROLE_SETTINGS:
		return WORD_STEP_SETTINGS;
	case ROLE_POLICY_LINK:
		return WORD_STEP_POLICY;
	case ROLE_WITHDRAW:
		return WORD_STEP_WITHDRAW;
	default:
		return WORD_STEP_CLICK;
	}
}

static bool
has_box_off(const struct surface *s)
{
	uint32_t i;

	for (i = 0; i < s->n_controls; i++)
		if (s->control[i].role == ROLE_CONSENT_BOX &&
		    s->control[i].in_episode && s->control[i].state == 0)
			return true;
	return false;
}

static void
see_click(struct person *p, struct surface *s, const struct row *r, int role)
{
	bool failed = row_word(r, EV_OUTCOME) == OUTCOME_FAILURE, fresh;
	struct episode *ep;

	fresh = !s->ep.is_open;
	ep = episode_for(p, s, r);
	ep->acts += fresh || ep->acts == 0;
	step(p, ep, p->word[step_word(role)]);
	ep->n_useful_steps = ep->n_steps;
	if (row_name(r, EV_ELEMENT) != 0)
		option(ep, row_name(r, EV_ELEMENT));
	if (failed) {
		ep->failed_refusal |= role == ROLE_REFUSE ||
				      (role == ROLE_SUBMIT && has_box_off(s));
		return;
	}
	switch (role) {
	case ROLE_ACCEPT:
		decision_close(p, s, OUTCOME_GIVEN, r);
		break;
	case ROLE_REFUSE:
		decision_close(p, s, OUTCOME_REFUSED, r);
		break;
	case ROLE_SUBMIT: /* as the boxes are */
		decision_close(p, s, DECISION_OUTCOME_NONE, r);
		break;
	case ROLE_LATER:
	case ROLE_CLOSE:
		decision_close(p, s, OUTCOME_DISMISSED, r);
		break;
	case ROLE_SETTINGS:
		ep->settings = true;
		break;
	case ROLE_POLICY_LINK:
		ep->policy_opened = true;
		break;
	default:
		break;
	}
}

/* ---- a row of the UI ---- */

/* Lines that are missing may have held a gesture.  A device that numbers its
 * events shows what is missing; another's log is taken as it is, unless it is
 * a sample. */
static void
see_gap(const struct person *p, struct episode *ep, const struct row *r)
{
	int64_t seq = row_num(r, EV_SEQ, STORE_ABSENT);
	bool now = seq != STORE_ABSENT, before = ep->last_seq != STORE_ABSENT;

	ep->has_gap |= now != before || person_is_sampled(p, r) ||
		       (now && us_minus(seq, ep->last_seq) != 1);
	ep->last_seq = seq;
}

/* What every row means for the episodes that are open. */
static void
pass_by(struct person *p, const struct row *r, bool is_gesture)
{
	uint32_t screen = p->screen_now, i;
	uint64_t device = p->device_now;

	for (i = 0; i < p->n_open; i++) {
		struct surface *s = p->open[i];
		struct episode *ep = &s->ep;

		if (device != 0 && ep->device != 0 && device != ep->device)
			continue;
		ep->acts += is_gesture;
		see_gap(p, ep, r);
		if (screen == 0)
			continue;
		if (screen != ep->last_screen) {
			if (ep->last_screen != 0)
				result_edge(p->out, s->name, ep->last_screen,
				    screen,
				    us_minus(r->at_us, ep->last_screen_at_us));
			ep->screens++;
			step(p, ep, screen);
			ep->last_screen = screen;
		}
		ep->last_screen_at_us = r->at_us;
		if (screen == ep->screen) {
			ep->last_at_us = r->at_us;
			ep->scrolled |= r->kind == KIND_SCROLL;
		}
	}
}

static bool
opens(int role)
{
	return role != ROLE_WITHDRAW && role != ROLE_SETTINGS &&
	       role != ROLE_POLICY_LINK;
}

static void
see_on_surface(struct person *p, const struct row *r, uint32_t name, int role)
{
	int kind = r->kind;
	struct surface *s = surface_find(p, name, true);

	if (s == NULL)
		return;
	switch (kind) {
	case KIND_SCREEN_VIEW:
	case KIND_NOTICE_SHOW:
	case KIND_CONTROL_IMPRESSION:
		s->withdraw_seen |= role == ROLE_WITHDRAW;
		if (opens(role) || s->ep.is_open)
			see_impression(p, s, r, role);
		break;
	case KIND_CONTROL_CHANGE:
		if (role == ROLE_CONSENT_BOX)
			see_box(p, s, r, role);
		break;
	case KIND_CONTROL_CLICK:
		if (role == ROLE_CONSENT_BOX)
			see_box(p, s, r, role);
		else if ((role != ROLE_NONE && opens(role)) || s->ep.is_open)
			see_click(p, s, r, role);
		break;
	case KIND_SCROLL:
		s->ep.scrolled |= s->ep.is_open;
		break;
	default:
		break;
	}
}

void
flow_see(struct person *p, const struct row *r)
{
	uint32_t name;
	int role;

	if (p->n_open > 0) {
		close_stale(p, r);
		pass_by(p, r, p->gesture_now);
	}
	if (p->way.is_open)
		way_see(p, r, p->gesture_now);
	name = surface_of(p, r, &role);
	if (role != ROLE_NONE)
		way_begin(p, r, name, role);
	if (name != 0)
		see_on_surface(p, r, name, role);
	if (role == ROLE_WITHDRAW && r->kind == KIND_CONTROL_CLICK)
		consent_withdraw_click(p, r, name);
}

void
flow_consent(struct person *p, const struct row *r)
{
	int d = row_word(r, EV_DECISION), role;
	uint32_t name = surface_of(p, r, &role);
	struct surface *s;

	if (d != DECISION_GIVEN && d != DECISION_RENEWED &&
	    d != DECISION_REFUSED)
		return;
	s = surface_find(p, name, true);
	if (s == NULL)
		return;
	(void)episode_for(p, s, r);
	s->ep.acts += s->ep.acts == 0;
	decision_close(
	    p, s, d == DECISION_REFUSED ? OUTCOME_REFUSED : OUTCOME_GIVEN, r);
}

void
flow_end(struct person *p)
{
	while (p->n_open > 0)
		decision_close(p, p->open[0], OUTCOME_LEFT, NULL);
	if (p->way.is_open)
		way_end(p);
}
