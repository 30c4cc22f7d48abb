/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes again: D13 (asked again after a refusal).
 */
#include "analysis/detector.h"

/* ---- D13 ---- */

enum answer
detect_D13(struct person *p, const struct occasion *o, struct detail *d)
{
	const struct episode *ep = &o->surface->ep;
	int64_t since;
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
	if (o->refused_at_us == STORE_ABSENT ||
	    ep->opened_at_us == STORE_ABSENT) {
		d->missing = "when it was refused, and when shown again";
		return ANSWER_UNDECIDABLE;
	}
	since = us_minus(ep->opened_at_us, o->refused_at_us);
	if (since >= study_us(p->study, THRESHOLD_ASK_AGAIN))
		return ANSWER_REFUTED;
	return ep->unasked ? ANSWER_SURE : ANSWER_AMBIGUOUS;
}
