/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * detector - each row of detector.def as a function over one occasion.
 *
 * A detector is asked on the occasions of its mask and answers for the
 * person: sure, ambiguous, not decidable (naming what is missing), refuted,
 * or nothing when the person is not eligible.  It holds no state: what it
 * needs of the past stands in struct person.
 */
#ifndef ANALYSIS_DETECTOR_H
#define ANALYSIS_DETECTOR_H

#include "analysis/detector_table.h"
#include "analysis/person.h"

/* What goes with an answer.  Texts are string constants. */
struct detail {
	const char *missing; /* what undecidable lacks */
	const char *scope;   /* NULL: '', or as scope_name says */
	uint32_t scope_name; /* a code of the evidence's own words */
	size_t row;	     /* of the occasion's rows: the one meant */
	bool settles;	     /* refutes it for everybody undecidable */
	bool nowhere;	     /* bound to no surface and no design */
};

typedef enum answer detector_f(
    struct person *p, const struct occasion *o, struct detail *d);

#define DETECTOR(id, title, measure, unit, alternatives, sources) \
	detector_f detect_##id;
#include "analysis/detector.def"

#define MISSING_ORDER "an order beyond the clocks' error"

/* What several detectors ask of a decision's rows. */
static inline bool
occasion_has(const struct occasion *o, enum decision_outcome outcome)
{
	size_t i;

	for (i = 0; i < o->n_rows; i++)
		if (o->rows[i].outcome == outcome)
			return true;
	return false;
}

/* Consent is about the purpose: unnamed, or not declared necessary. */
static inline bool
occasion_counts(const struct person *p, const struct decision *d)
{
	return d->purpose == 0 || !person_is_necessary(p, d->purpose);
}

/*
 * A submit whose box stands in no record: that it gave consent is the server's
 * word alone, and the person may have left the box off.
 */
static inline bool
occasion_is_by_record(const struct occasion *o)
{
	const struct surface *s = o->surface;
	uint32_t i, boxes = 0;

	if (o->row == NULL || row_word(o->row, EV_ROLE) != ROLE_SUBMIT)
		return false;
	for (i = 0; i < s->n_controls; i++) {
		if (s->control[i].role != ROLE_CONSENT_BOX ||
		    !s->control[i].in_episode)
			continue;
		if (s->control[i].state >= 0)
			return false;
		boxes++;
	}
	return boxes > 0 || o->rows[0].impressions == 0;
}
#define MISSING_BOX "the box that belongs to the act, and its state"

/* The verdict of a human coder or crawler: `action` names the detector. */
void detector_annotation(struct person *p, const struct row *r);

#endif
