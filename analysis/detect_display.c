/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was shown, and how: D16 (small or faint), D17 (out of view), D18
 * (too short to read), D22 (on a screen for something else).
 */
#include <math.h>

#include "analysis/color.h"
#include "analysis/detector.h"
#include "analysis/reading.h"

/* ---- D16 ---- */

/* Median font of the surface's other texts, in millionths of a pixel. */
static int64_t
body_font(const struct person *p, const struct surface *s)
{
	int64_t font[PERSON_CONTROLS], v;
	uint32_t n = 0, i, k;
	size_t b;

	for (b = 0; b < p->study->n_bodies; b++) {
		struct span value = p->study->body[b].b;

		if (p->rules.body[b][0] != s->name)
			continue;
		/* "16" is a size; anything else names an element. */
		for (v = 0, i = 0; i < value.n && value.p[i] >= '0' &&
				   value.p[i] <= '9' && v < 1000;
		     i++)
			v = 10 * v + (value.p[i] - '0');
		if (i == value.n && v > 0)
			return v * 1000000;
		for (i = 0; i < s->n_controls; i++)
			if (s->control[i].element == p->rules.body[b][1])
				return s->control[i].font_micro;
	}
	for (i = 0; i < s->n_controls; i++) {
		const struct control *c = &s->control[i];

		if (!c->in_episode || c->font_micro <= 0 ||
		    design_is_consent(s, c))
			continue;
		for (k = n++; k > 0 && font[k - 1] > c->font_micro; k--)
			font[k] = font[k - 1];
		font[k] = c->font_micro;
	}
	return n > 0 ? font[(n - 1) / 2] : RESULT_UNKNOWN;
}

static double
contrast_of(const struct person *p, const struct control *c)
{
	return color_contrast_text(names_text(p->names, c->color),
	    names_text(p->names, c->background));
}

/* Contrast and area of the control that agrees; NaN and 0 when not told. */
static void
look_at_accept(const struct person *p, const struct surface *s,
    double *contrast, double *accept_area, double *refuse_area)
{
	uint32_t i;

	for (i = 0; i < s->n_controls; i++) {
		const struct control *c = &s->control[i];
		double area = 0;

		if (!c->in_episode)
			continue;
		if (c->width_micro > 0 && c->height_micro > 0)
			area = (double)c->width_micro *
			       (double)c->height_micro / 1e12;
		if (c->role == ROLE_ACCEPT || c->role == ROLE_SUBMIT) {
			*contrast = contrast_of(p, c);
			*accept_area = area;
		} else if (c->role == ROLE_REFUSE && area > *refuse_area) {
			*refuse_area = area;
		}
	}
}

struct seen_look {
	bool decided; /* something could be compared */
	bool found;
};

static void
compare(const struct person *p, const struct surface *s, struct seen_look *l)
{
	const double *t = p->study->threshold;
	double accept = NAN, accept_area = 0, refuse_area = 0, own;
	int64_t body = body_font(p, s);
	uint32_t i;

	look_at_accept(p, s, &accept, &accept_area, &refuse_area);
	for (i = 0; i < s->n_controls; i++) {
		const struct control *c = &s->control[i];

		if (!design_is_consent(s, c) || c->impressions == 0)
			continue;
		if (c->font_micro > 0 && body > 0) {
			l->decided = true;
			l->found |= (double)c->font_micro / (double)body <=
				    t[THRESHOLD_FONT_RATIO];
		}
		own = contrast_of(p, c);
		if (!isnan(own) && !isnan(accept)) {
			l->decided = true;
			l->found |= own < t[THRESHOLD_CONTRAST] &&
				    accept >= t[THRESHOLD_CONTRAST];
		}
	}
	if (accept_area > 0 && refuse_area > 0) {
		l->decided = true;
		l->found |=
		    accept_area / refuse_area >= t[THRESHOLD_AREA_RATIO];
	}
}

enum answer
detect_D16(struct person *p, const struct occasion *o, struct detail *d)
{
	struct seen_look l = { 0 };

	if (o->rows[0].impressions == 0)
		return ANSWER_NONE;
	compare(p, o->surface, &l);
	if (l.found)
		return ANSWER_SURE;
	if (l.decided)
		return ANSWER_REFUTED;
	d->missing = "font, colours or sizes of the controls";
	return ANSWER_UNDECIDABLE;
}

/* ---- D17 ---- */

enum answer
detect_D17(struct person *p, const struct occasion *o, struct detail *d)
{
	const struct surface *s = o->surface;
	int64_t in_view = RESULT_UNKNOWN;
	bool below = false, placed = false;
	uint32_t i;

	if (!occasion_has(o, OUTCOME_GIVEN) || o->rows[0].impressions == 0)
		return ANSWER_NONE;
	for (i = 0; i < s->n_controls; i++) {
		const struct control *c = &s->control[i];

		if (!design_is_consent(s, c) || c->impressions == 0)
			continue;
		if (c->in_view_micro > in_view)
			in_view = c->in_view_micro;
		if (c->y_micro != RESULT_UNKNOWN &&
		    c->screen_height_micro > 0) {
			below = !placed ? c->y_micro >= c->screen_height_micro
					: below && c->y_micro >=
						       c->screen_height_micro;
			placed = true;
		}
	}
	if ((double)in_view >= p->study->threshold[THRESHOLD_IN_VIEW] * 1e6)
		return ANSWER_REFUTED;
	if (in_view == RESULT_UNKNOWN && !placed) {
		d->missing = "in_view, or y and screen_height";
		return ANSWER_UNDECIDABLE;
	}
	if (in_view > 0 || s->ep.scrolled)
		return ANSWER_AMBIGUOUS; /* partly, or it may have come up */
	if (in_view == RESULT_UNKNOWN && !below)
		return ANSWER_REFUTED;
	if (!p->has_scroll || s->ep.has_gap) {
		d->missing = "a complete log of scrolling";
		return ANSWER_UNDECIDABLE;
	}
	return ANSWER_SURE;
}

/* ---- D18 ---- */

/* The words of an agreement, from the catalogue. */
static struct span
notice_text(const struct person *p, uint32_t notice, uint32_t version)
{
	struct span none = { NULL, 0 }, found = none;
	size_t i;

	for (i = 0; i < p->study->n_notices; i++) {
		const struct study_notice *n = &p->study->notice[i];

		if (!span_eq(n->notice, names_text(p->names, notice)))
			continue;
		if (version == 0 || n->version.p == NULL ||
		    span_eq(n->version, names_text(p->names, version)))
			found = n->text;
	}
	return found;
}

enum answer
detect_D18(struct person *p, const struct occasion *o, struct detail *d)
{
	const struct surface *s = o->surface;
	double fast = 0, mean = 0, dwell;
	bool known = false, whole = true;
	struct reading one;
	struct span text;
	uint32_t i;

	if (!occasion_has(o, OUTCOME_GIVEN) || o->rows[0].impressions == 0)
		return ANSWER_NONE;
	for (i = 0; i < s->n_controls; i++) {
		const struct control *c = &s->control[i];

		if (!design_is_consent(s, c))
			continue;
		text = names_text(p->names, c->text);
		known |= text.p != NULL;
		one = reading_of(text);
		fast += one.fast_s;
		mean += one.mean_s;
		if (c->notice == 0 || c->is_notice)
			continue;
		text = notice_text(p, c->notice, c->notice_version);
		known |= text.p != NULL;
		whole &= text.p != NULL;
		one = reading_of(text);
		fast += one.fast_s;
		mean += one.mean_s;
	}
	if (!known || o->rows[0].dwell_us == RESULT_UNKNOWN) {
		d->missing = "the words shown, or the time they were shown";
		return ANSWER_UNDECIDABLE;
	}
	dwell = (double)o->rows[0].dwell_us / 1e6;
	if (dwell < fast && (s->ep.has_gap || s->ep.opened_in_gap)) {
		d->missing = "the device's complete log (seq): it may have "
			     "been shown earlier";
		return ANSWER_UNDECIDABLE;
	}
	if (dwell < fast)
		return ANSWER_SURE; /* not even at the fast bound */
	if (!whole) {
		d->missing = "the words of the agreement (agreement.publish)";
		return ANSWER_UNDECIDABLE;
	}
	return dwell < mean ? ANSWER_AMBIGUOUS : ANSWER_REFUTED;
}

/* ---- D22 ---- */

enum answer
detect_D22(struct person *p, const struct occasion *o, struct detail *d)
{
	uint32_t screen = o->surface->ep.screen;
	bool declared = false, fits = false, named = false;
	size_t i, k;

	if (!occasion_has(o, OUTCOME_GIVEN))
		return ANSWER_NONE;
	for (i = 0; i < o->n_rows; i++) {
		const struct decision *r = &o->rows[i];

		if (r->outcome != OUTCOME_GIVEN || r->purpose == 0 ||
		    person_is_necessary(p, r->purpose))
			continue;
		named = true;
		for (k = 0; k < p->study->n_functions; k++) {
			if (screen == 0 || p->rules.function[k][0] != screen)
				continue;
			declared = true;
			fits |= p->rules.function[k][1] == r->purpose;
		}
	}
	if (!named || !declared) {
		d->missing = named ? "the function of the screen (case.ini)"
				   : "the purposes of the consent";
		return ANSWER_UNDECIDABLE;
	}
	if (!fits && occasion_is_by_record(o)) {
		d->missing = MISSING_BOX;
		return ANSWER_UNDECIDABLE;
	}
	return fits ? ANSWER_REFUTED : ANSWER_SURE;
}
