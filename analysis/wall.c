/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What follows a refusal (D15): another screen, the same surface once more
 * with nothing in between, or the end of the session.
 */
#include "analysis/detector.h"

void
wall_end(struct person *p, enum after after, const struct row *r)
{
	struct occasion o = { .kind = OCCASION_AFTER_REFUSAL,
		.row = r,
		.surface = p->wall.surface,
		.design = p->wall.design,
		.after = after };

	p->wall.is_open = false;
	(void)person_occasion(p, &o, 0);
}

void
wall_begin(struct person *p, struct surface *s, const struct row *r)
{
	if (p->wall.is_open)
		wall_end(p, AFTER_NONE, NULL);
	p->wall.is_open = true;
	p->wall.surface = s;
	p->wall.design = s->ep.design;
	p->wall.screen = row_name(r, EV_SCREEN);
	p->wall.session = row_id(r, EV_SESSION);
	p->wall.device = row_id(r, EV_DEVICE);
	p->wall.at_us = r->at_us;
}

static bool
is_shown(const struct row *r)
{
	return r->kind == KIND_CONTROL_IMPRESSION ||
	       r->kind == KIND_NOTICE_SHOW || r->kind == KIND_SCREEN_VIEW;
}

void
wall_see(struct person *p, const struct row *r)
{
	uint32_t screen = p->screen_now;
	int role, by;

	if (p->device_now != p->wall.device)
		return;
	if (p->session_now != p->wall.session) {
		wall_end(p, AFTER_END, r);
		return;
	}
	if (r->kind == KIND_SESSION_END) {
		by = row_word(r, EV_CHANGED_BY);
		wall_end(p,
		    by == CHANGED_BY_SYSTEM &&
			    us_minus(r->at_us, p->wall.at_us) <=
				study_us(p->study, THRESHOLD_THROWN_OUT)
			? AFTER_THROWN
			: AFTER_END,
		    r);
	} else if (is_shown(r)) {
		if (surface_of(p, r, &role) == p->wall.surface->name &&
		    (role == ROLE_CONSENT_BOX || role == ROLE_ACCEPT ||
			r->kind == KIND_NOTICE_SHOW))
			wall_end(p, AFTER_ASKED, r);
		else if (screen != 0 && screen != p->wall.screen)
			wall_end(p, AFTER_CONTENT, r);
	}
}
