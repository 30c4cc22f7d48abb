/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ways: could one refuse (D05), was it longer than accepting (D06), was
 * withdrawing (D07), was a withdrawal honoured (D08), and did the way on lead
 * through consent (D30), was the way out a maze (D34)?
 */
#include <math.h>

#include "analysis/detector.h"

enum answer
detect_D05(struct person *p, const struct occasion *o, struct detail *d)
{
	const struct episode *ep = &o->surface->ep;
	bool granted = o->has_grant && !o->is_early;

	(void)p;
	if (occasion_has(o, OUTCOME_REFUSED) && !granted) {
		d->settles = true;
		return ANSWER_REFUTED;
	}
	if (o->rows[0].impressions == 0)
		return ANSWER_NONE;
	if (ep->failed_refusal)
		return ANSWER_SURE; /* whatever was shown: it led nowhere */
	if ((ep->roles & 1u << ROLE_REFUSE) != 0 || ep->refuse_on_first) {
		d->settles = true;
		return ANSWER_REFUTED;
	}
	d->missing = o->rows[0].default_on == 0
			 ? "a submit with the box left off"
			 : "a complete list of the surface's controls";
	return ANSWER_UNDECIDABLE;
}

/* The fewest acts that give consent here: a tick for each box that is off,
 * and the button.  0 when a box's first state is not known. */
static uint32_t
least_acts(const struct surface *s)
{
	uint32_t n = 1, i;

	for (i = 0; i < s->n_controls; i++) {
		const struct control *c = &s->control[i];

		if (c->role != ROLE_CONSENT_BOX || !c->in_episode)
			continue;
		if (c->default_on < 0)
			return 0;
		n += c->default_on == 0;
	}
	return n;
}

enum answer
detect_D06(struct person *p, const struct occasion *o, struct detail *d)
{
	const struct surface *s = o->surface;
	bool unticked = false;
	uint32_t least, i;

	(void)p;
	if (!occasion_has(o, OUTCOME_REFUSED) || o->rows[0].impressions == 0)
		return ANSWER_NONE;
	least = least_acts(s);
	if (least == 0) {
		d->missing = "the state of the box when first shown";
		return ANSWER_UNDECIDABLE;
	}
	if (s->ep.acts <= least)
		return ANSWER_REFUTED;
	for (i = 0; i < s->n_controls; i++)
		unticked |= s->control[i].in_episode &&
			    s->control[i].default_on == 1 &&
			    s->control[i].state == 0;
	if (s->ep.has_gap || s->ep.opened_in_gap) {
		d->missing = "the device's complete log (seq): other boxes";
		return ANSWER_UNDECIDABLE;
	}
	if (unticked || (s->ep.refuse_later && !s->ep.refuse_on_first))
		return ANSWER_SURE;
	return ANSWER_AMBIGUOUS; /* the detour may be the person's own */
}

enum answer
detect_D07(struct person *p, const struct occasion *o, struct detail *d)
{
	const struct surface *s = o->surface;

	(void)p;
	if (o->kind == OCCASION_DECISION) {
		if (!occasion_has(o, OUTCOME_GIVEN))
			return ANSWER_NONE;
		d->missing = "a way to withdraw, walked by this person";
		return ANSWER_UNDECIDABLE;
	}
	if (s == NULL)
		return ANSWER_NONE;
	if (o->acts == 0 || s->given_acts == RESULT_UNKNOWN) {
		d->missing = o->acts == 0 ? "the acts of the withdrawal"
					  : "the acts of giving the consent";
		return ANSWER_UNDECIDABLE;
	}
	if ((int64_t)o->sure_acts > s->given_acts)
		return ANSWER_SURE;
	if ((int64_t)o->acts <= s->given_acts)
		return ANSWER_REFUTED;
	d->missing = MISSING_ORDER; /* some acts may have come after it */
	return ANSWER_UNDECIDABLE;
}

enum answer
detect_D08(struct person *p, const struct occasion *o, struct detail *d)
{
	(void)p;
	(void)d;
	if (o->kind == OCCASION_WITHDRAWAL) {
		if (p->study->has_processing)
			return ANSWER_REFUTED; /* unless something follows */
		d->missing = "records of access or sharing";
		return ANSWER_UNDECIDABLE;
	}
	return o->verdict == VERDICT_AFTER_WITHDRAWAL ? ANSWER_SURE
						      : ANSWER_NONE;
}

enum answer
detect_D30(struct person *p, const struct occasion *o, struct detail *d)
{
	bool granted = o->has_grant && !o->is_early;

	if (o->row == NULL || o->row->kind != KIND_CONTROL_CLICK ||
	    row_word(o->row, EV_ROLE) == ROLE_CONSENT_BOX ||
	    !occasion_counts(p, &o->rows[0]))
		return ANSWER_NONE;
	if (occasion_has(o, OUTCOME_REFUSED) &&
	    !occasion_has(o, OUTCOME_GIVEN) && !granted) {
		/* One way past it is enough. */
		d->settles = true;
		return ANSWER_REFUTED;
	}
	if (!occasion_has(o, OUTCOME_GIVEN))
		return ANSWER_NONE;
	if (o->surface->ep.failed_refusal)
		return ANSWER_AMBIGUOUS; /* another way may be there */
	d->missing = "a way on without the consent, walked by anybody";
	return ANSWER_UNDECIDABLE;
}

enum answer
detect_D23(struct person *p, const struct occasion *o, struct detail *d)
{
	uint32_t entry = o->rows[0].entry;

	if (!occasion_has(o, OUTCOME_GIVEN) || !occasion_counts(p, &o->rows[0]))
		return ANSWER_NONE;
	if (entry == 0) {
		d->missing = "how the person came there (entry)";
		return ANSWER_UNDECIDABLE;
	}
	/* Weak: that a link is shared is no pattern by itself. */
	return entry == p->word[WORD_SHARE] ? ANSWER_AMBIGUOUS : ANSWER_REFUTED;
}

/*
 * The least lostness of a way that met `distinct` of `all` screens: of
 * sqrt((N/S - 1)^2 + (R/N - 1)^2) only the first part, for the fewest screens
 * needed, R, nobody declared.  1 of 1 and 3 of 3 are 0, 2 of 5 is 0.6.
 */
static double
least_lostness(uint32_t distinct, uint32_t all)
{
	return all == 0 ? 0 : fabs((double)distinct / all - 1);
}

enum answer
detect_D34(struct person *p, const struct occasion *o, struct detail *d)
{
	(void)o;
	if (p->way.failed)
		return ANSWER_SURE; /* a control that does not work */
	if (p->way.n_distinct == 0) {
		d->missing = "the screens of the way to withdrawal";
		return ANSWER_UNDECIDABLE;
	}
	if (p->way.n_distinct < WAY_SCREENS &&
	    least_lostness(p->way.n_distinct, p->way.screens) >
		p->study->threshold[THRESHOLD_LOSTNESS])
		return p->way.reached &&
			       least_lostness(
				   p->way.sure_distinct, p->way.sure_screens) >
				   p->study->threshold[THRESHOLD_LOSTNESS]
			   ? ANSWER_SURE
			   : ANSWER_AMBIGUOUS;
	/* Given up: whether it led nowhere or was not wanted nobody knows. */
	return p->way.reached ? ANSWER_REFUTED : ANSWER_AMBIGUOUS;
}
