/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ways outside an episode: to the policy (D24), and to withdrawal (D07): it begins with the first control that
 * withdraws, or with settings outside an episode, and is given up with the
 * session; consent.c ends it when the withdrawal is recorded.
 */
#include "analysis/person.h"

/* A screen on the way; the same one twice in a row counts once. */
static void
see_way_screen(struct person *p, uint32_t screen)
{
	uint32_t i;

	if (screen == 0 || screen == p->way.seen_screen)
		return;
	p->way.screens += p->way.seen_screen != 0;
	p->way.seen_screen = screen;
	for (i = 0; i < p->way.n_distinct; i++)
		if (p->way.screen[i] == screen)
			return;
	if (p->way.n_distinct < WAY_SCREENS)
		p->way.screen[p->way.n_distinct++] = screen;
}

/* How far the way is at a gesture or screen. */
static void
mark(struct person *p, const struct row *r)
{
	struct way_mark *m = &p->way.mark[p->way.n_marks++ % WAY_MARKS];

	m->at = row_stamp(p->tl, r);
	m->request = row_id(r, EV_REQUEST);
	m->acts = p->way.acts;
	m->screens = p->way.screens;
	m->n_distinct = p->way.n_distinct;
}

/* Was the gesture made before the withdrawal was recorded? */
static bool
is_before(const struct way_mark *m, uint64_t request, const struct stamp *at)
{
	if (request != 0 && m->request == request)
		return true;
	if (m->at.clock == at->clock)
		return m->at.at_us <= at->at_us;
	return timeline_before(&m->at, at);
}

bool
way_is_old(const struct person *p, const struct row *r)
{
	return us_minus(r->at_us, p->way.last_at_us) >
	       us_plus(study_us(p->study, THRESHOLD_SESSION_GAP),
		   p->tl->max_error_us);
}

/* Does a click begin a way that may have led to the withdrawal? */
static bool
may_lead(const struct person *p, const struct row *r, const struct stamp *at)
{
	struct stamp t;
	int role;

	if ((r->what & ROW_PLAIN) != 0 || r->kind != KIND_CONTROL_CLICK)
		return false;
	(void)surface_of(p, r, &role);
	if (role != ROLE_WITHDRAW && role != ROLE_SETTINGS)
		return false;
	t = row_stamp(p->tl, r);
	return t.clock != at->clock && !timeline_before(at, &t) &&
	       !timeline_before(&t, &p->way.from);
}

/* May it have been another way, of another phone or still to come? */
static bool
is_another(const struct person *p, const struct stamp *at)
{
	enum { LOOK = 4096 };
	const struct timeline *tl = p->tl;
	int64_t until = us_plus(at->at_us, timeline_reach(tl, at));
	int64_t from =
	    us_minus(p->way.from.at_us, timeline_reach(tl, &p->way.from));
	size_t i, n;

	for (i = p->at + 1, n = 0; i < tl->n_rows; i++, n++) {
		if (tl->row[i].at_us > until)
			break;
		if (n == LOOK || may_lead(p, &tl->row[i], at))
			return true;
	}
	for (i = p->at, n = 0; i-- > 0; n++) {
		const struct row *r = &tl->row[i];

		if (r->at_us < from)
			break;
		if (n == LOOK)
			return true;
		if (row_stamp(tl, r).clock != p->way.from.clock &&
		    may_lead(p, r, at))
			return true;
	}
	return false;
}

uint32_t
way_reach(struct person *p, const struct row *r)
{
	struct stamp at = row_stamp(p->tl, r);
	uint64_t request = row_id(r, EV_REQUEST);
	uint32_t n = p->way.n_marks, acts = 0, i;
	bool another = is_another(p, &at);

	if (n > WAY_MARKS)
		n = WAY_MARKS;
	p->way.sure_screens = p->way.sure_distinct = 0;
	for (i = 0; i < n; i++) {
		const struct way_mark *m = &p->way.mark[i];

		if (!is_before(m, request, &at) ||
		    (another && (request == 0 || m->request != request)))
			continue;
		if (m->acts > acts)
			acts = m->acts;
		if (m->screens < p->way.sure_screens)
			continue;
		p->way.sure_screens = m->screens;
		p->way.sure_distinct = m->n_distinct;
	}
	return acts;
}

void
way_judge(struct person *p, bool reached)
{
	struct occasion o = { .kind = OCCASION_WAY };

	if (p->way.surface != 0)
		o.surface = surface_find(p, p->way.surface, false);
	p->way.reached = reached;
	(void)person_occasion(p, &o, 0);
}

void
way_end(struct person *p)
{
	struct route w = { .surface = p->way.surface,
		.goal = DECISION_WITHDRAWN,
		.acts = p->way.acts,
		.screens = p->way.screens,
		.options = p->way.options,
		.us = us_minus(p->way.last_at_us, p->way.from_at_us) };

	result_route(p->out, &w);
	way_judge(p, false);
	p->way.is_open = false;
}

void
way_see(struct person *p, const struct row *r, bool is_gesture)
{
	uint64_t session = row_id(r, EV_SESSION);
	uint32_t screen = row_name(r, EV_SCREEN), before;
	int kind = r->kind;

	if ((session != 0 && p->way.session != 0 &&
		session != p->way.session) ||
	    us_minus(r->at_us, p->way.last_at_us) >
		study_us(p->study, THRESHOLD_SESSION_GAP)) {
		way_end(p);
		return;
	}
	p->way.last_at_us = r->at_us;
	p->way.acts += is_gesture;
	before = p->way.screens;
	see_way_screen(p, screen);
	if (is_gesture || p->way.screens != before)
		mark(p, r);
	p->way.failed |= row_word(r, EV_OUTCOME) == OUTCOME_FAILURE;
	p->way.options += kind == KIND_CONTROL_IMPRESSION;
}

/* The policy was opened, or tried to be. */
static void
open_policy(struct person *p, const struct row *r)
{
	struct occasion o = {
		.kind = OCCASION_POLICY, .row = r, .acts = p->home_clicks
	};

	if (row_word(r, EV_OUTCOME) == OUTCOME_FAILURE)
		o.acts = 0; /* nothing was opened */
	(void)person_occasion(p, &o, 0);
}

void
way_begin(struct person *p, const struct row *r, uint32_t surface, int role)
{
	int kind = r->kind;
	bool is_click = kind == KIND_CONTROL_CLICK;

	if (role == ROLE_POLICY_LINK && is_click)
		open_policy(p, r);
	if (p->way.is_open) {
		if (surface != 0 && role == ROLE_WITHDRAW)
			p->way.surface = surface;
		return;
	}
	if (!(role == ROLE_WITHDRAW ||
		(role == ROLE_SETTINGS && is_click && p->n_open == 0)))
		return;
	memset(&p->way, 0, sizeof p->way);
	p->way.is_open = true;
	p->way.surface = surface;
	p->way.acts = is_click;
	p->way.screens = 1;
	p->way.failed = row_word(r, EV_OUTCOME) == OUTCOME_FAILURE;
	see_way_screen(p, row_name(r, EV_SCREEN));
	if (is_click)
		mark(p, r);
	p->way.options = kind == KIND_CONTROL_IMPRESSION;
	p->way.from_at_us = p->way.last_at_us = r->at_us;
	p->way.from = row_stamp(p->tl, r);
	p->way.session = row_id(r, EV_SESSION);
}
