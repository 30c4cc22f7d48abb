/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the words of a control say against what it did: D20 (misleading
 * action), D20b (purposes turned on that were off), D19
 * (shaming), D33 (another language).
 */
#include "analysis/detector.h"
#include "analysis/label.h"

static bool
is_granted(const struct decision *d)
{
	return d->server_outcome == DECISION_GIVEN ||
	       d->server_outcome == DECISION_RENEWED;
}

/* ---- D20 ---- */

/* The words of the control that was clicked; 0 when no log tells. */
static uint32_t
words_of_act(const struct surface *s, const struct row *r)
{
	uint32_t label = row_name(r, EV_LABEL), i;
	uint32_t element = row_name(r, EV_ELEMENT);

	if (label != 0)
		return label;
	for (i = 0; i < s->n_controls; i++) {
		const struct control *c = &s->control[i];

		if (c->element == element && element != 0 && c->in_episode &&
		    c->role != ROLE_NONE)
			return c->label != 0 ? c->label : c->text;
	}
	return 0;
}

/* Did the person set a box of the surface by hand? */
static bool
has_touched(const struct occasion *o)
{
	size_t i;

	for (i = 0; i < o->n_rows; i++)
		if (o->rows[i].toggled > 0)
			return true;
	return false;
}

/* The row that the act and the server's record of it are about. */
static const struct decision *
answered(const struct person *p, const struct occasion *o, size_t *at)
{
	size_t i;

	for (i = 0; i < o->n_rows; i++)
		if (occasion_counts(p, &o->rows[i]) &&
		    (o->rows[i].outcome == OUTCOME_GIVEN ||
			o->rows[i].outcome == OUTCOME_REFUSED)) {
			*at = i;
			return &o->rows[i];
		}
	return NULL;
}

/* Is what the surface shows in the log, and no line missing? */
static bool
is_watched(const struct surface *s)
{
	uint32_t i;

	for (i = 0; i < s->n_controls; i++)
		if (s->control[i].in_episode && !s->control[i].is_screen &&
		    s->control[i].impressions > 0)
			return !s->ep.has_gap && !s->ep.opened_in_gap;
	return false;
}

/* Sure, if the record is surely the answer to the act. */
static enum answer
by_answer(const struct occasion *o, struct detail *d)
{
	if (!o->is_unsure)
		return ANSWER_SURE;
	d->missing = MISSING_ORDER;
	return ANSWER_UNDECIDABLE;
}

enum answer
detect_D20(struct person *p, const struct occasion *o, struct detail *d)
{
	const struct decision *row = answered(p, o, &d->row);
	bool has_box, granted, refused;
	uint32_t words;

	if (row == NULL || o->row == NULL || o->row->kind != KIND_CONTROL_CLICK)
		return ANSWER_NONE;
	words = words_of_act(o->surface, o->row);
	granted = is_granted(row) && !o->is_early;
	refused = row->server_outcome == DECISION_REFUSED;
	has_box = row->toggled != RESULT_UNKNOWN;
	switch (label_of(person_label(p, words))) {
	case LABEL_REFUSE: /* says no, recorded as yes */
		if (granted)
			return by_answer(o, d);
		return row->outcome == OUTCOME_GIVEN ? ANSWER_AMBIGUOUS
						     : ANSWER_REFUTED;
	case LABEL_ACCEPT:
	case LABEL_ALL:
		/* Beside a box it says no more than to go on. */
		return refused && !has_box ? by_answer(o, d) : ANSWER_REFUTED;
	case LABEL_UNCLEAR:
		if (row->outcome != OUTCOME_GIVEN || has_touched(o))
			return ANSWER_REFUTED;
		/* A box or notice beside it may say what the label does
		 * not. */
		return granted && !has_box && row->impressions == 0 &&
			       is_watched(o->surface)
			   ? by_answer(o, d)
			   : ANSWER_AMBIGUOUS;
	case LABEL_NONE:
		d->missing = "the words on the control that was clicked";
		return ANSWER_UNDECIDABLE;
	case LABEL_OTHER:
	case LABEL_SHAME:
	case LABEL__MAX:
		break;
	}
	if (row->outcome != OUTCOME_GIVEN || has_touched(o))
		return ANSWER_REFUTED;
	d->missing = "what the words on the control mean (lexicon)";
	return ANSWER_UNDECIDABLE;
}

/* ---- D20b ---- */

/* A box that was off at the act, for this purpose. */
static const struct control *
box_off(struct person *p, const struct surface *s, uint32_t purpose)
{
	uint32_t i;

	for (i = 0; i < s->n_controls; i++) {
		const struct control *c = &s->control[i];

		if (c->role == ROLE_CONSENT_BOX && c->in_episode &&
		    c->state == 0 && person_names(p, c->purposes, purpose))
			return c;
	}
	return NULL;
}

static bool
has_box(const struct surface *s)
{
	uint32_t i;

	for (i = 0; i < s->n_controls; i++)
		if (s->control[i].role == ROLE_CONSENT_BOX &&
		    s->control[i].in_episode && s->control[i].state >= 0)
			return true;
	return false;
}

enum answer
detect_D20b(struct person *p, const struct occasion *o, struct detail *d)
{
	const struct control *c = NULL;
	enum label_class words;
	size_t i;

	if (o->row == NULL || o->row->kind != KIND_CONTROL_CLICK ||
	    !occasion_has(o, OUTCOME_GIVEN) || !has_box(o->surface))
		return ANSWER_NONE;
	for (i = 0; i < o->n_rows && c == NULL; i++) {
		if (o->rows[i].purpose == 0 ||
		    !occasion_counts(p, &o->rows[i]) ||
		    !is_granted(&o->rows[i]) || o->is_early)
			continue;
		d->row = i;
		c = box_off(p, o->surface, o->rows[i].purpose);
	}
	if (c == NULL)
		return ANSWER_REFUTED;
	words = label_of(person_label(p, words_of_act(o->surface, o->row)));
	/* By the person's own hand, or the label never said "all". */
	if (c->toggled > 0 || (words != LABEL_ALL && words != LABEL_NONE))
		return by_answer(o, d);
	return ANSWER_AMBIGUOUS;
}

/* ---- D19 ---- */

enum answer
detect_D19(struct person *p, const struct occasion *o, struct detail *d)
{
	const struct surface *s = o->surface;
	bool shown = false, words = false;
	uint32_t i;

	for (i = 0; i < s->n_controls; i++) {
		const struct control *c = &s->control[i];
		unsigned bits;

		if (c->impressions == 0 ||
		    (c->role != ROLE_REFUSE && c->role != ROLE_LATER &&
			c->role != ROLE_CLOSE))
			continue;
		bits = person_label(p, c->label != 0 ? c->label : c->text);
		if ((bits & 1u << LABEL_SHAME) != 0)
			return ANSWER_AMBIGUOUS; /* until a person says so */
		shown = true;
		words |= (bits & 1u << LABEL_NONE) == 0;
	}
	if (!shown)
		return ANSWER_NONE;
	if (words)
		return ANSWER_REFUTED;
	d->missing = "the words on the control that refuses";
	return ANSWER_UNDECIDABLE;
}

/* ---- D33 ---- */

/* zh-Hans and zh_CN are zh; case does not matter. */
static bool
is_same_lang(struct span a, struct span b)
{
	size_t i;

	for (i = 0; i < a.n && i < b.n; i++) {
		bool ea = a.p[i] == '-' || a.p[i] == '_';
		bool eb = b.p[i] == '-' || b.p[i] == '_';

		if (ea || eb)
			return ea && eb;
		if ((a.p[i] | 0x20) != (b.p[i] | 0x20))
			return false;
	}
	return (i == a.n || a.p[i] == '-' || a.p[i] == '_') &&
	       (i == b.n || b.p[i] == '-' || b.p[i] == '_');
}

/* The language of a text of the surface: of its consent controls, or of
 * the others.  0: not said; UINT32_MAX: several. */
static uint32_t
lang_of(const struct person *p, const struct surface *s, bool consent)
{
	uint32_t found = 0, i;

	for (i = 0; i < s->n_controls; i++) {
		const struct control *c = &s->control[i];

		if (c->impressions == 0 || c->lang == 0 ||
		    design_is_consent(s, c) != consent)
			continue;
		if (found != 0 && !is_same_lang(names_text(p->names, found),
				      names_text(p->names, c->lang)))
			return UINT32_MAX;
		found = c->lang;
	}
	return found;
}

enum answer
detect_D33(struct person *p, const struct occasion *o, struct detail *d)
{
	uint32_t consent, others;
	struct span home = p->study->home_lang, own;

	if (o->rows[0].impressions == 0)
		return ANSWER_NONE;
	consent = lang_of(p, o->surface, true);
	if (consent == 0) {
		d->missing = "the language of the consent text (lang)";
		return ANSWER_UNDECIDABLE;
	}
	if (consent == UINT32_MAX)
		return ANSWER_REFUTED; /* in several: one may be theirs */
	others = lang_of(p, o->surface, false);
	own = names_text(p->names, consent);
	if (others != 0 && others != UINT32_MAX)
		return is_same_lang(own, names_text(p->names, others))
			   ? ANSWER_REFUTED
			   : ANSWER_SURE;
	if (home.p == NULL || others == UINT32_MAX) {
		d->missing = "the language of the page's other texts";
		return ANSWER_UNDECIDABLE;
	}
	return is_same_lang(own, home) ? ANSWER_REFUTED : ANSWER_AMBIGUOUS;
}
