/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/detector.h"

#include <assert.h>

#define ON(occasion) (1u << OCCASION_##occasion)

static const struct {
	const char *id;
	detector_f *ask;
} detectors[DETECTOR__MAX] = {
#define DETECTOR(id, title, measure, unit, alternatives, sources) \
	{ #id, detect_##id },
#include "analysis/detector.def"
};

/* Who is asked on which occasions, in this order. */
static const struct {
	int detector;
	unsigned occasions;
} asked[] = {
	{ DETECTOR_D01, ON(DECISION) },
	{ DETECTOR_D02, ON(DECISION) | ON(GRANT) },
	{ DETECTOR_D03, ON(DECISION) | ON(GRANT) },
	{ DETECTOR_D04, ON(DECISION) | ON(GRANT) },
	{ DETECTOR_D05, ON(DECISION) },
	{ DETECTOR_D06, ON(DECISION) },
	{ DETECTOR_D07, ON(DECISION) | ON(WITHDRAWAL) },
	{ DETECTOR_D08, ON(WITHDRAWAL) | ON(PROCESSING) },
	{ DETECTOR_D09, ON(PROCESSING) },
	{ DETECTOR_D14, ON(DECISION) },
	{ DETECTOR_D16, ON(DECISION) },
	{ DETECTOR_D17, ON(DECISION) },
	{ DETECTOR_D18, ON(DECISION) },
	{ DETECTOR_D22, ON(DECISION) },
	{ DETECTOR_D13, ON(DECISION) },
	{ DETECTOR_D20, ON(DECISION) },
	{ DETECTOR_D20b, ON(DECISION) },
	{ DETECTOR_D26, ON(DECISION) | ON(GRANT) },
	{ DETECTOR_D25, ON(PROMPT) },
	{ DETECTOR_D24, ON(DECISION) | ON(POLICY) },
	{ DETECTOR_D30, ON(DECISION) },
	{ DETECTOR_D29, ON(DECISION) },
	{ DETECTOR_D21, ON(DECISION) | ON(PERMISSION) },
	{ DETECTOR_D15, ON(AFTER_REFUSAL) },
	{ DETECTOR_D19, ON(DECISION) },
	{ DETECTOR_D33, ON(DECISION) },
	{ DETECTOR_D23, ON(DECISION) },
	{ DETECTOR_D34, ON(WAY) },
	{ DETECTOR_D10, ON(PROCESSING) },
	{ DETECTOR_D12, ON(PROCESSING) },
	{ DETECTOR_D27, ON(PROCESSING) },
	{ DETECTOR_D28, ON(PROCESSING) },
	{ DETECTOR_D32, ON(LOG) },
	{ DETECTOR_D31, ON(DECISION) | ON(GRANT) },
};

/* Does a sure answer of this one taint the consent? */
static bool
taints(int detector)
{
	return detector == DETECTOR_D01 || detector == DETECTOR_D02 ||
	       detector == DETECTOR_D03 || detector == DETECTOR_D04 ||
	       detector == DETECTOR_D20b;
}

/* The code of a string constant. */
static uint32_t
code_of(struct person *p, struct text_code *last, const char *text)
{
	if (text == NULL)
		return 0;
	if (last->text != text) {
		last->text = text;
		last->code = names_code(p->names, span_of(text));
	}
	return last->code;
}

static int64_t
when(const struct occasion *o, const struct detail *d)
{
	const struct decision *r;

	if (o->n_rows > 0) {
		r = &o->rows[d->row];
		if (r->decided_us != RESULT_UNKNOWN)
			return r->decided_us;
		return r->server_us;
	}
	return o->row != NULL ? row_num(o->row, EV_TIME, RESULT_UNKNOWN)
			      : RESULT_UNKNOWN;
}

/* What the answers of all detectors have in common. */
static struct answer_row
answer_begin(struct person *p, const struct occasion *o)
{
	struct answer_row row = { .subject = person_number(p),
		.operator_ = p->operator_ };

	if (o->n_rows > 0) {
		row.surface = o->rows[0].surface;
		row.design = o->rows[0].design;
	} else if (o->surface != NULL) {
		row.surface = o->surface->name;
		row.design =
		    o->design != 0 ? o->design : o->surface->given_design;
	}
	return row;
}

/*
 * People come back, and most of what they meet is refuted or undecidable
 * for the same reason as the last time: of those the result keeps neither
 * time nor decision, so the second is not told.
 */
static bool
is_told(struct person *p, const struct answer_row *row, bool settles)
{
	struct told *t = &p->told[row->detector];

	if (row->answer != ANSWER_REFUTED && row->answer != ANSWER_UNDECIDABLE)
		return false;
	if (t->generation == p->generation && t->surface == row->surface &&
	    t->design == row->design && t->scope == row->scope &&
	    t->missing == row->missing && t->answer == row->answer &&
	    t->settles == settles)
		return true;
	*t = (struct told){ .generation = p->generation,
		.surface = row->surface,
		.design = row->design,
		.scope = row->scope,
		.missing = row->missing,
		.answer = row->answer,
		.settles = settles };
	return false;
}

static void
tell(struct person *p, const struct occasion *o, const struct detail *d,
    struct answer_row row, uint64_t first_row)
{
	if (d->nowhere || (row.detector == DETECTOR_D08 && o->n_rows == 0))
		row.surface = row.design = 0;
	row.scope = d->scope_name != 0
			? d->scope_name
			: code_of(p, &p->said_scope[row.detector], d->scope);
	if (row.answer == ANSWER_UNDECIDABLE)
		row.missing =
		    code_of(p, &p->said_missing[row.detector], d->missing);
	if (is_told(p, &row, d->settles))
		return;
	row.us = when(o, d);
	if (o->n_rows > 0)
		row.decision = first_row + d->row + 1;
	result_answer(p->out, &row);
	if (d->settles)
		result_settle(p->out, &row);
}

void
detector_open(struct person *p)
{
	size_t i;
	int kind;

	for (kind = 0; kind < OCCASION__MAX; kind++)
		for (i = 0; i < sizeof asked / sizeof asked[0]; i++)
			if ((asked[i].occasions & 1u << kind) != 0)
				p->asked[kind][p->n_asked[kind]++] =
				    (uint8_t)asked[i].detector;
}

bool
person_occasion(struct person *p, struct occasion *o, uint64_t first_row)
{
	struct answer_row row = { 0 };
	bool has_answer = false;
	size_t i;

	for (i = 0; i < p->n_asked[o->kind]; i++) {
		int detector = p->asked[o->kind][i];
		struct detail d = { 0 };
		enum answer a;

		a = detectors[detector].ask(p, o, &d);
		if (a == ANSWER_NONE)
			continue;
		if (taints(detector)) {
			o->is_tainting |= a == ANSWER_SURE;
			o->is_doubtful |= a == ANSWER_UNDECIDABLE;
		}
		if (!has_answer)
			row = answer_begin(p, o);
		has_answer = true;
		row.detector = detector;
		row.answer = a;
		tell(p, o, &d, row, first_row);
	}
	return o->is_tainting;
}

void
detector_annotation(struct person *p, const struct row *r)
{
	struct span action = row_str(r, EV_ACTION);
	int value = person_value(p, row_name(r, EV_VALUE)), i;
	struct answer_row row = { .surface = row_name(r, EV_SURFACE),
		.design = row_name(r, EV_DESIGN),
		.operator_ = p->operator_,
		.us = row_num(r, EV_TIME, RESULT_UNKNOWN) };

	for (i = 0; i < DETECTOR__MAX; i++)
		if (span_is(action, detectors[i].id))
			break;
	if (i == DETECTOR__MAX)
		return;
	row.detector = i;
	row.subject = person_number(p);
	row.answer = value == 1	  ? ANSWER_SURE
		     : value == 0 ? ANSWER_REFUTED
				  : ANSWER_UNDECIDABLE;
	if (row.answer == ANSWER_UNDECIDABLE)
		row.missing =
		    code_of(p, &p->said_missing[i], "the coder's verdict");
	result_answer(p->out, &row);
}
