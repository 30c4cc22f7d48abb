/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a consent came about as one: D01 to D04, D14, D31.  Predicates and
 * limits stand in README.md; here only what the code adds to them.
 */
#include "analysis/detector.h"
#include "ingest/base/utc.h"

/* The gravest of two answers; none yields to any. */
static bool
is_graver(enum answer a, enum answer than)
{
	return a != ANSWER_NONE && (than == ANSWER_NONE || a < than);
}

static bool
is_granted(const struct decision *d)
{
	return d->server_outcome == DECISION_GIVEN ||
	       d->server_outcome == DECISION_RENEWED;
}

static bool
is_unasked(enum event_method m)
{
	return m == METHOD_BATCH || m == METHOD_MIGRATION || m == METHOD_IMPORT;
}

/* ---- D01 ---- */

static bool
has_seen_box(const struct surface *s)
{
	uint32_t i;

	for (i = 0; i < s->n_controls; i++)
		if (s->control[i].role == ROLE_CONSENT_BOX)
			return true;
	return false;
}

static enum answer
carried(
    const struct occasion *o, const struct decision *d, const char **missing)
{
	if (d->outcome != OUTCOME_GIVEN)
		return ANSWER_NONE;
	if (d->impressions == 0) {
		/* The act is there, the impression is not. */
		if (d->toggled > 0 || !is_granted(d) || o->row == NULL ||
		    (row_word(o->row, EV_ROLE) != ROLE_SUBMIT &&
			!has_seen_box(o->surface)))
			return ANSWER_NONE;
		*missing = "the impression of the box";
		return ANSWER_UNDECIDABLE;
	}
	if (d->toggled == RESULT_UNKNOWN)
		return ANSWER_NONE; /* no box on this surface */
	if (d->toggled > 0 || d->default_on == 0)
		return ANSWER_REFUTED;
	if (d->default_on < 0) {
		*missing = "the state of the box when first shown";
		return ANSWER_UNDECIDABLE;
	}
	if (o->surface->ep.has_gap) {
		*missing = "the device's complete log between impression and "
			   "act (seq)";
		return ANSWER_UNDECIDABLE;
	}
	return ANSWER_SURE;
}

enum answer
detect_D01(struct person *p, const struct occasion *o, struct detail *d)
{
	enum answer best = ANSWER_NONE, a;
	const char *missing = NULL;
	size_t i;

	for (i = 0; i < o->n_rows; i++) {
		if (!occasion_counts(p, &o->rows[i]))
			continue;
		a = carried(o, &o->rows[i], &missing);
		if (!is_graver(a, best))
			continue;
		best = a;
		d->row = i;
		d->missing = missing;
	}
	return best;
}

/* ---- D02 ---- */

/* Had the person seen what the grant is about when it was recorded? */
struct seen {
	bool before; /* surely */
	bool maybe;  /* by the clocks */
};

static void
look_first(const struct first *f, const struct stamp *granted, struct seen *to)
{
	if (!f->is_there)
		return;
	to->before |= timeline_before(&f->sure, granted) ||
		      (f->sure.clock == granted->clock &&
			  f->sure.at_us <= granted->at_us);
	to->maybe |= !timeline_before(granted, &f->maybe);
}

static void
seen_before(const struct person *p, const struct occasion *o,
    struct seen *shown, struct seen *seen)
{
	uint32_t i;

	for (i = 0; i < p->n_surfaces; i++) {
		const struct surface *s = p->surface[i];

		/* A grant that names no surface may stem from any. */
		if (o->rows[0].surface != 0 && o->rows[0].surface != s->name)
			continue;
		look_first(&s->shown, &o->granted, shown);
		look_first(&s->seen, &o->granted, seen);
	}
	seen->maybe |= surface_may_be_seen(p, o->rows[0].surface, &o->granted);
}

enum answer
detect_D02(struct person *p, const struct occasion *o, struct detail *d)
{
	struct seen shown = { 0 }, seen = { 0 };
	size_t i;

	if (!o->has_grant)
		return ANSWER_NONE;
	for (i = 0; i < o->n_rows; i++)
		if (occasion_counts(p, &o->rows[i]))
			break;
	if (i == o->n_rows)
		return ANSWER_NONE;
	d->row = i;
	d->scope = o->method == METHOD_NONE
		       ? NULL
		       : event_word_name(EV_METHOD, o->method);
	seen_before(p, o, &shown, &seen);
	if (seen.before)
		return ANSWER_REFUTED;
	if (seen.maybe || (shown.maybe && !shown.before)) {
		d->missing = MISSING_ORDER;
		return ANSWER_UNDECIDABLE;
	}
	if (shown.before)
		return ANSWER_AMBIGUOUS; /* shown, but out of view */
	if (person_is_covered(p, &o->granted, 0, true))
		return ANSWER_SURE;
	/* The record itself says that no gesture stands behind it; but what was
	 * shown may lie under a device of nobody's. */
	if (is_unasked(o->method) && p->study->has_ui &&
	    (person_has_log(p) || !p->study->has_strays) &&
	    !p->study->has_sampled && !person_has_gap(p))
		return ANSWER_SURE;
	d->missing = p->has_ui ? "a complete log of the user interface (seq)"
			       : "the person's log of the user interface";
	return ANSWER_UNDECIDABLE;
}

/* ---- D03 ---- */

enum answer
detect_D03(struct person *p, const struct occasion *o, struct detail *d)
{
	bool choice = o->row != NULL && o->kind == OCCASION_DECISION &&
		      (o->rows[0].outcome == OUTCOME_GIVEN ||
			  o->rows[0].outcome == OUTCOME_REFUSED);
	bool stems;

	if (!o->has_grant || is_unasked(o->method) ||
	    !occasion_counts(p, &o->rows[0]))
		return ANSWER_NONE;
	if (o->kind == OCCASION_GRANT)
		return ANSWER_NONE; /* nothing was open: D02 */
	if (!o->is_early)
		return ANSWER_REFUTED;
	/* It may be the answer to another act, of another phone say. */
	stems = answer_may_stem(p, &o->granted, o->surface->name, o->row,
	    study_us(p->study, THRESHOLD_EARLY));
	if (choice) {
		struct stamp act = row_stamp(p->tl, o->row);

		if (timeline_before(&o->granted, &act) && !stems)
			return ANSWER_SURE;
		d->missing = MISSING_ORDER;
		return ANSWER_UNDECIDABLE;
	}
	if (stems) {
		d->missing = MISSING_ORDER;
		return ANSWER_UNDECIDABLE;
	}
	if (o->is_covered)
		return ANSWER_SURE; /* no choice at all */
	d->missing = "a complete log of the user interface (seq)";
	return ANSWER_UNDECIDABLE;
}

/* ---- D04 ---- */

/* An older grant of the purpose that nothing has ended. */
static bool
has_older_grant(const struct person *p, const struct decision *d)
{
	uint32_t i;

	for (i = 0; i < p->n_consents; i++) {
		const struct consent *c = &p->consent[i];

		if (c->state == CONSENT_LIVE && c->by_server &&
		    !c->is_permission &&
		    (c->purpose != 0 && d->purpose != 0
			    ? c->purpose == d->purpose
			    : c->surface == d->surface))
			return true;
	}
	return false;
}

static enum answer
ignored(const struct person *p, const struct occasion *o,
    const struct decision *d, const char **missing)
{
	if (d->outcome != OUTCOME_REFUSED)
		return ANSWER_NONE;
	if (is_granted(d)) {
		if (!o->is_early && !o->is_unsure)
			return ANSWER_SURE; /* (a) */
		*missing = MISSING_ORDER;
		if (!o->is_early)
			return ANSWER_UNDECIDABLE;
		*missing = "the server's record that ends the older grant";
		return ANSWER_UNDECIDABLE;
	}
	if (d->server_outcome != DECISION_NONE)
		return ANSWER_REFUTED;
	if (has_older_grant(p, d)) { /* (b) */
		*missing = "the server's record that ends the older grant";
		return ANSWER_UNDECIDABLE;
	}
	if (!p->study->has_server) {
		*missing = "any consent record of a server";
		return ANSWER_UNDECIDABLE;
	}
	return ANSWER_REFUTED;
}

/* Granted after a refusal, with no accept in between. */
static bool
is_after_refusal(const struct person *p, const struct occasion *o)
{
	const struct surface *s = o->surface;

	return s != NULL && s->last_act == OUTCOME_REFUSED &&
	       occasion_counts(p, &o->rows[0]) &&
	       timeline_before(&s->acted, &o->granted) &&
	       !answer_may_lie(p, &s->acted, &o->granted, s->name);
}

enum answer
detect_D04(struct person *p, const struct occasion *o, struct detail *d)
{
	enum answer best = ANSWER_NONE, a;
	const char *missing = NULL;
	size_t i;

	if (o->kind == OCCASION_GRANT)
		return is_after_refusal(p, o) ? ANSWER_SURE : ANSWER_NONE;
	if (o->has_grant && o->is_early && is_after_refusal(p, o))
		return ANSWER_SURE; /* of an earlier episode */
	for (i = 0; i < o->n_rows; i++) {
		if (!occasion_counts(p, &o->rows[i]))
			continue;
		a = ignored(p, o, &o->rows[i], &missing);
		if (!is_graver(a, best))
			continue;
		best = a;
		d->row = i;
		d->missing = missing;
	}
	return best;
}

/* ---- D14 ---- */

/* Does one control of the surface name several of the purposes given? */
static bool
carries_several(struct person *p, const struct occasion *o)
{
	const struct surface *s = o->surface;
	uint32_t k, n;
	size_t i;

	for (k = 0; k < s->n_controls; k++) {
		if (!s->control[k].in_episode)
			continue;
		for (i = n = 0; i < o->n_rows; i++)
			n += o->rows[i].purpose != 0 &&
			     o->rows[i].outcome == OUTCOME_GIVEN &&
			     occasion_counts(p, &o->rows[i]) &&
			     person_names(
				 p, s->control[k].purposes, o->rows[i].purpose);
		if (n > 1)
			return true;
	}
	return false;
}

enum answer
detect_D14(struct person *p, const struct occasion *o, struct detail *d)
{
	const struct surface *s = o->surface;
	uint32_t n = 0, unnamed = 0, controls = 0, k;
	size_t i;

	for (i = 0; i < o->n_rows; i++) {
		if (o->rows[i].outcome != OUTCOME_GIVEN ||
		    !occasion_counts(p, &o->rows[i]))
			continue;
		if (o->rows[i].purpose == 0)
			unnamed++;
		else
			n++;
	}
	if (n + unnamed == 0)
		return ANSWER_NONE;
	if (n == 0) {
		d->missing = "the purposes of the consent";
		return ANSWER_UNDECIDABLE;
	}
	if (occasion_is_by_record(o)) {
		d->missing = MISSING_BOX;
		return ANSWER_UNDECIDABLE;
	}
	for (k = 0; k < s->n_controls; k++)
		controls += s->control[k].role == ROLE_CONSENT_BOX &&
			    s->control[k].in_episode;
	if (n < 2 || controls >= n)
		return ANSWER_REFUTED;
	/* A finer choice was offered, or the boxes are fewer than purposes. */
	if (controls > 1 || (s->ep.roles & 1u << ROLE_SETTINGS) != 0)
		return ANSWER_AMBIGUOUS;
	if ((s->ep.has_gap || s->ep.opened_in_gap) && !carries_several(p, o)) {
		d->missing = "the device's complete log (seq): other boxes";
		return ANSWER_UNDECIDABLE;
	}
	return ANSWER_SURE;
}

/* ---- D31 ---- */

enum answer
detect_D31(struct person *p, const struct occasion *o, struct detail *d)
{
	bool stands = o->has_grant;
	size_t i;

	for (i = 0; i < o->n_rows; i++)
		stands |= o->rows[i].outcome == OUTCOME_GIVEN;
	if (!stands || !occasion_counts(p, &o->rows[0]))
		return ANSWER_NONE;
	if (o->is_tainting)
		return ANSWER_SURE;
	if (!o->is_doubtful)
		return ANSWER_REFUTED;
	d->missing = "what D01 to D04 lack";
	return ANSWER_UNDECIDABLE;
}
