/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The agreement and what was said of it: D26 (another version recorded than
 * shown).
 */
#include "analysis/detector.h"

/* ---- D26 ---- */

struct shown {
	bool any, same; /* a version was shown; it is the one recorded */
};

/* What this surface showed of the agreement, at any time until now: an
 * impression in an earlier episode counts, too. */
static void
see_versions(const struct surface *s, uint32_t notice, uint32_t version,
    bool in_episode, struct shown *shown)
{
	uint32_t i;

	for (i = 0; i < s->n_controls; i++) {
		const struct control *c = &s->control[i];

		if (c->notice_version == 0 || design_class(c) > 2 ||
		    (in_episode ? c->impressions == 0
				: c->last_us == RESULT_UNKNOWN) ||
		    (c->notice != 0 && notice != 0 && c->notice != notice))
			continue;
		shown->any = true;
		shown->same |= c->notice_version == version;
	}
}

enum answer
detect_D26(struct person *p, const struct occasion *o, struct detail *d)
{
	struct shown shown = { 0 };
	uint32_t version;

	if (!o->has_grant || o->answer == NULL || o->surface == NULL ||
	    !occasion_counts(p, &o->rows[0]) ||
	    (o->kind == OCCASION_DECISION && o->rows[0].impressions == 0))
		return ANSWER_NONE;
	version = row_name(o->answer, EV_NOTICE_VERSION);
	see_versions(o->surface, row_name(o->answer, EV_NOTICE), version,
	    o->kind == OCCASION_DECISION, &shown);
	if (o->kind == OCCASION_GRANT && !shown.any)
		return ANSWER_NONE; /* nothing shown: D02 */
	if (version == 0 || !shown.any) {
		d->missing = version == 0 ? "the version that was recorded"
					  : "the version that was shown";
		return ANSWER_UNDECIDABLE;
	}
	return shown.same ? ANSWER_REFUTED : ANSWER_SURE;
}
