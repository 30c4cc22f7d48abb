/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The agreement and what was said of it: D26 (another version recorded than
 * shown), D25 (a permission asked for without its purpose), D24 (a policy
 * that is hard to reach).
 */
#include "analysis/detector.h"

/* ---- D26 ---- */

enum { LOOK = 4096 }; /* rows looked back or ahead, at most */

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

static bool
was_shown(const struct surface *s, uint32_t version)
{
	uint32_t i;

	for (i = 0; i < s->n_versions && i < SURFACE_VERSIONS; i++)
		if (s->version[i] == version)
			return true;
	return false;
}

/* Is it shown so soon after the grant that the order is not sure? */
static bool
may_be_shown(struct person *p, const struct occasion *o, uint32_t version)
{
	const struct timeline *tl = p->tl;
	int64_t reach = timeline_reach(tl, &o->granted);
	struct stamp t;
	size_t i;
	int role;

	for (i = p->at + 1; i < tl->n_rows && i < p->at + LOOK; i++) {
		const struct row *r = &tl->row[i];

		if (us_minus(r->at_us, o->granted.at_us) > reach)
			break;
		t = row_stamp(tl, r);
		if (row_name(r, EV_NOTICE_VERSION) == version && row_is_ui(r) &&
		    !timeline_before(&o->granted, &t) &&
		    surface_of(p, r, &role) == o->surface->name)
			return true;
	}
	return false;
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
	if (shown.same ||
	    (o->kind == OCCASION_GRANT && was_shown(o->surface, version)))
		return ANSWER_REFUTED;
	if (o->is_unsure ||
	    (o->kind == OCCASION_GRANT && may_be_shown(p, o, version))) {
		d->missing = MISSING_ORDER;
		return ANSWER_UNDECIDABLE;
	}
	/* Without an episode it may have been shown at any time. */
	if (o->kind == OCCASION_GRANT &&
	    (person_misses(p) || o->surface->n_versions > SURFACE_VERSIONS)) {
		d->missing = "a complete log of the user interface (seq)";
		return ANSWER_UNDECIDABLE;
	}
	return ANSWER_SURE;
}

/* ---- D25 ---- */

struct hint {
	bool purpose; /* of this permission, or of any */
	bool words;   /* some words, of which nobody knows what they say */
	/* No line of the prompt's device is missing where such words could
	 * have been: since another screen, or since the log's beginning. */
	bool is_whole;
};

static bool
is_text(const struct row *r)
{
	return r->kind == KIND_NOTICE_SHOW ||
	       r->kind == KIND_CONTROL_IMPRESSION ||
	       r->kind == KIND_SCREEN_VIEW;
}

/* Is a row of the prompt's device the one before those seen so far? */
static bool
is_next_before(struct person *p, const struct row *r, int64_t *seq)
{
	int64_t now = row_num(r, EV_SEQ, STORE_ABSENT);
	bool follows = *seq == STORE_ABSENT || us_minus(*seq, now) == 1;

	*seq = now;
	return follows && !person_is_sampled(p, r);
}

/* What the rows before the prompt showed: on its screen, or just before. */
static void
look_back(struct person *p, const struct row *prompt, struct hint *told)
{
	int64_t near_us = study_us(p->study, THRESHOLD_PURPOSE_NEAR);
	uint32_t screen = row_name(prompt, EV_SCREEN);
	uint64_t device = row_id(prompt, EV_DEVICE);
	uint32_t category = row_name(prompt, EV_CATEGORY), of;
	int64_t seq = row_num(prompt, EV_SEQ, STORE_ABSENT);
	bool left = false, whole = seq != STORE_ABSENT, words;
	size_t i, n;

	for (i = p->at, n = 0; i > 0 && n < LOOK; n++) {
		const struct row *r = &p->tl->row[--i];
		bool near = us_minus(prompt->at_us, r->at_us) <= near_us;

		if (!row_is_ui(r))
			continue;
		if (whole && !left && row_id(r, EV_DEVICE) == device &&
		    row_num(r, EV_SEQ, STORE_ABSENT) != STORE_ABSENT)
			whole = is_next_before(p, r, &seq);
		if (!is_text(r))
			continue;
		words =
		    row_name(r, EV_TEXT) != 0 || row_name(r, EV_NOTICE) != 0;
		p->has_words |= words;
		left |= !near && row_id(r, EV_DEVICE) == device &&
			(screen == 0 || row_name(r, EV_SCREEN) != screen);
		if (left)
			continue; /* another screen, long ago */
		of = row_name(r, EV_CATEGORY);
		if (row_name(r, EV_PURPOSE) != 0 &&
		    (of == 0 || category == 0 || of == category))
			told->purpose = true;
		told->words |=
		    row_name(r, EV_TEXT) != 0 || row_name(r, EV_NOTICE) != 0;
	}
	told->is_whole = whole && (left || (i == 0 && p->tl->is_first));
}

enum answer
detect_D25(struct person *p, const struct occasion *o, struct detail *d)
{
	struct hint told = { 0 };
	struct stamp at;

	d->scope_name = row_name(o->row, EV_CATEGORY);
	told.purpose = row_name(o->row, EV_PURPOSE) != 0;
	told.words = row_name(o->row, EV_TEXT) != 0;
	if (o->row->at_us == STORE_ABSENT) {
		d->missing = "when the permission was asked for";
		return ANSWER_UNDECIDABLE;
	}
	look_back(p, o->row, &told);
	p->has_words |= told.words || told.purpose;
	if (told.purpose)
		return ANSWER_REFUTED;
	if (told.words)
		return ANSWER_AMBIGUOUS;
	/* Nothing was shown: only a log without gap there, of a source that
	 * holds words at all, can say so. */
	at = row_stamp(p->tl, o->row);
	if (p->has_words && row_is_ui(o->row) && told.is_whole &&
	    person_is_covered(p, &at, 0, false))
		return ANSWER_SURE;
	d->missing = p->has_words ? "a complete log of the user interface (seq)"
				  : "the words shown with the prompt";
	return ANSWER_UNDECIDABLE;
}

/* ---- D24 ---- */

enum answer
detect_D24(struct person *p, const struct occasion *o, struct detail *d)
{
	d->nowhere = true;
	if (o->kind == OCCASION_DECISION) {
		if (o->rows[0].impressions == 0)
			return ANSWER_NONE;
		d->missing = "a way to the policy, walked by this person";
		return ANSWER_UNDECIDABLE;
	}
	if (o->acts == 0) {
		d->missing = "the acts that led to the policy";
		return ANSWER_UNDECIDABLE;
	}
	if (o->acts > p->study->threshold[THRESHOLD_POLICY_CLICKS])
		return ANSWER_AMBIGUOUS; /* a shorter way may be there */
	d->settles = true;
	return ANSWER_REFUTED;
}
