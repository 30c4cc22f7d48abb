/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes again: D13 (asked again after a refusal), D29
 * (accept and refuse change places), D21 (what was off is on),
 * D15 (nothing but the same prompt, or the end, after a refusal).
 */
#include "analysis/detector.h"

/* ---- D13 ---- */

/* Shown again to somebody who had refused: for the measures beside it. */
static void
tell_again(struct person *p, const struct occasion *o, bool is_dated, bool soon)
{
	struct again a = { .surface = o->surface->name,
		.design = o->surface->ep.design,
		.subject = person_number(p),
		.is_dated = is_dated,
		.is_soon = soon,
		.is_given = occasion_has(o, OUTCOME_GIVEN),
		.is_unasked = o->surface->ep.unasked };
	size_t i;

	for (i = 0; i < o->n_rows; i++)
		if (occasion_counts(p, &o->rows[i]) &&
		    o->rows[i].refusals_before > a.refusals)
			a.refusals = o->rows[i].refusals_before;
	if (a.refusals > 0)
		result_again(p->out, &a);
}

enum answer
detect_D13(struct person *p, const struct occasion *o, struct detail *d)
{
	const struct episode *ep = &o->surface->ep;
	int64_t since, error;
	bool soon;
	size_t i;

	for (i = 0; i < o->n_rows; i++)
		if (occasion_counts(p, &o->rows[i]))
			break;
	if (i == o->n_rows)
		return ANSWER_NONE;
	d->row = i;
	if (o->n_refused == 0 || o->rows[i].impressions == 0)
		/* Refuted unless it is shown again. */
		return occasion_has(o, OUTCOME_REFUSED) ? ANSWER_REFUTED
							: ANSWER_NONE;
	if (o->refused.at_us == STORE_ABSENT ||
	    ep->opened.at_us == STORE_ABSENT) {
		d->missing = "when it was refused, and when shown again";
		tell_again(p, o, false, false);
		return ANSWER_UNDECIDABLE;
	}
	since = us_minus(ep->opened.at_us, o->refused.at_us);
	error = timeline_error(&o->refused, &ep->opened);
	soon = since < study_us(p->study, THRESHOLD_ASK_AGAIN);
	tell_again(p, o, true, soon);
	if (!soon)
		return ANSWER_REFUTED;
	if (o->refused.clock != ep->opened.clock &&
	    (since <= error || us_plus(since, error) >=
				   study_us(p->study, THRESHOLD_ASK_AGAIN))) {
		d->missing = MISSING_ORDER;
		return ANSWER_UNDECIDABLE;
	}
	return ep->unasked ? ANSWER_SURE : ANSWER_AMBIGUOUS;
}

/* ---- D29 ---- */

enum order {
	ORDER_NONE = 0, /* not both shown */
	ORDER_UNKNOWN,
	ORDER_LEFT, /* accept stands left of refuse */
	ORDER_RIGHT,
	ORDER_ABOVE,
	ORDER_BELOW
};

static enum order
order_of(const struct control *accept, const struct control *refuse)
{
	int64_t dx, dy;

	if (accept == NULL || refuse == NULL)
		return ORDER_NONE;
	if (accept->x_micro == RESULT_UNKNOWN ||
	    accept->y_micro == RESULT_UNKNOWN ||
	    refuse->x_micro == RESULT_UNKNOWN ||
	    refuse->y_micro == RESULT_UNKNOWN)
		return ORDER_UNKNOWN;
	dx = us_minus(refuse->x_micro, accept->x_micro);
	dy = us_minus(refuse->y_micro, accept->y_micro);
	if (dx == 0 && dy == 0)
		return ORDER_UNKNOWN;
	if (dx != 0 && (dx > 0 ? dx : -dx) >= (dy > 0 ? dy : -dy))
		return dx > 0 ? ORDER_LEFT : ORDER_RIGHT;
	return dy > 0 ? ORDER_ABOVE : ORDER_BELOW;
}

/* The only control of a role that the episode showed; NULL: none, several. */
static const struct control *
only_control(const struct surface *s, int role)
{
	const struct control *found = NULL;
	uint32_t i;

	for (i = 0; i < s->n_controls; i++) {
		if (s->control[i].role != role ||
		    s->control[i].impressions == 0)
			continue;
		if (found != NULL)
			return NULL;
		found = &s->control[i];
	}
	return found;
}

enum answer
detect_D29(struct person *p, const struct occasion *o, struct detail *d)
{
	enum order before = (enum order)p->last_order, now;

	if ((o->surface->ep.roles & 1u << ROLE_REFUSE) == 0)
		return ANSWER_NONE;
	now = order_of(only_control(o->surface, ROLE_ACCEPT),
	    only_control(o->surface, ROLE_REFUSE));
	if (now == ORDER_NONE)
		return ANSWER_NONE;
	p->last_order = (int)now;
	if (before == ORDER_NONE)
		return ANSWER_NONE; /* the first one: nothing to compare */
	if (before == ORDER_UNKNOWN || now == ORDER_UNKNOWN) {
		d->missing = "x and y of accept and refuse";
		return ANSWER_UNDECIDABLE;
	}
	if (before == now)
		return ANSWER_REFUTED;
	/* One beside the other and one below it are no mirror of each other. */
	return (before <= ORDER_RIGHT) == (now <= ORDER_RIGHT)
		   ? ANSWER_SURE
		   : ANSWER_AMBIGUOUS;
}

/* ---- D21 ---- */

static enum answer
turned_by(int by, struct detail *d)
{
	switch (by) {
	case CHANGED_BY_SYSTEM:
	case CHANGED_BY_SERVER:
	case CHANGED_BY_SCRIPT:
		return ANSWER_SURE;
	case CHANGED_BY_DEFAULT: /* the page's, not the stored setting? */
		return ANSWER_AMBIGUOUS;
	case CHANGED_BY_USER:
		return ANSWER_REFUTED;
	default:
		d->missing = "who changed it (changed_by)";
		return ANSWER_UNDECIDABLE;
	}
}

enum answer
detect_D21(struct person *p, const struct occasion *o, struct detail *d)
{
	const struct surface *s = o->surface;
	enum answer best = ANSWER_NONE, a;
	uint32_t i;

	if (o->kind == OCCASION_PERMISSION) {
		d->scope_name = row_name(o->row, EV_CATEGORY);
		if (o->is_unsure) {
			d->missing = MISSING_ORDER;
			return ANSWER_UNDECIDABLE;
		}
		return turned_by(row_word(o->row, EV_CHANGED_BY), d);
	}
	if (!occasion_counts(p, &o->rows[0]) && o->n_rows == 1)
		return ANSWER_NONE;
	for (i = 0; i < s->n_controls; i++) {
		const struct control *c = &s->control[i];

		if (c->role != ROLE_CONSENT_BOX || !c->in_episode)
			continue;
		if (c->turned_on != 0)
			a = turned_by(c->turned_on, d);
		else if (c->kept)
			a = ANSWER_REFUTED;
		else if (c->prev_default == 0 && c->default_on == 1)
			a = ANSWER_AMBIGUOUS; /* another default than before */
		else
			continue;
		if (best == ANSWER_NONE || a < best)
			best = a;
	}
	return best;
}

/* ---- D15 ---- */

enum answer
detect_D15(struct person *p, const struct occasion *o, struct detail *d)
{
	switch (o->after) {
	case AFTER_CONTENT:
		return ANSWER_REFUTED;
	case AFTER_THROWN:
		return ANSWER_SURE;
	case AFTER_ASKED:
		/* A line that is missing may have been the content. */
		return person_has_gap_since(p, p->wall.at_us) ||
			       p->study->has_sampled
			   ? ANSWER_AMBIGUOUS
			   : ANSWER_SURE;
	case AFTER_END:
		d->missing = "who ended the session (changed_by)";
		return ANSWER_UNDECIDABLE;
	case AFTER_NONE:
		break;
	}
	d->missing = "what followed the refusal";
	return ANSWER_UNDECIDABLE;
}
