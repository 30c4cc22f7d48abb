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
	uint32_t screen = row_name(r, EV_SCREEN);
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
	see_way_screen(p, screen);
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
	p->way.options = kind == KIND_CONTROL_IMPRESSION;
	p->way.from_at_us = p->way.last_at_us = r->at_us;
	p->way.session = row_id(r, EV_SESSION);
}
