/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is done with data: D09 (without a consent that stood), D10 (of a
 * category that it does not name), D11 (across people), D12 (to somebody it does not name),
 * D27 (abroad), D28 (more often than needed), D32 (what the
 * log itself is worth).
 */
#include "analysis/detector.h"
#include "ingest/base/utc.h"

/* A datum goes from person to person: lineage_join.c answers, when all are
 * known. */
enum answer
detect_D11(struct person *p, const struct occasion *o, struct detail *d)
{
	(void)p;
	(void)o;
	(void)d;
	return ANSWER_NONE;
}

enum answer
detect_D09(struct person *p, const struct occasion *o, struct detail *d)
{
	(void)p;
	if (o->kind_of_processing == KIND_DATA_ACCESS)
		d->scope = "collection";
	else if (o->kind_of_processing == KIND_DATA_EGRESS)
		d->scope = "sharing";
	else
		return ANSWER_NONE;
	switch (o->verdict) {
	case VERDICT_CONSENTED:
		return ANSWER_REFUTED;
	case VERDICT_TAINTED: /* formally there */
		return ANSWER_AMBIGUOUS;
	case VERDICT_BEFORE_CONSENT:
	case VERDICT_WITHOUT_CONSENT:
	case VERDICT_AFTER_REFUSAL:
	case VERDICT_AFTER_WITHDRAWAL:
		return ANSWER_SURE;
	case VERDICT_NOT_DECIDABLE:
		d->missing = o->missing;
		return ANSWER_UNDECIDABLE;
	case VERDICT_NONE:
	case VERDICT_OTHER_BASIS:
	case VERDICT_NECESSARY:
	case VERDICT__MAX:
		break;
	}
	return ANSWER_NONE;
}

/* ---- D10 ---- */

static bool
matches(uint32_t a, uint32_t b)
{
	return a == 0 || b == 0 || a == b;
}

/* What the consents and permissions of a person say of a category. */
struct scope {
	bool any;   /* one stands that could cover it */
	bool open;  /* one of them names no category */
	bool named; /* one names this category */
};

static struct scope
scope_of(const struct person *p, const struct occasion *o, uint32_t category)
{
	uint32_t operator_ = person_operator(p, o->row), i;
	struct scope s = { 0 };

	for (i = 0; i < p->n_consents; i++) {
		const struct consent *c = &p->consent[i];

		if (c->state != CONSENT_LIVE ||
		    !matches(c->operator_, operator_) ||
		    (!c->is_permission && !matches(c->purpose, o->purpose)) ||
		    (c->is_permission &&
			o->kind_of_processing != KIND_DATA_ACCESS))
			continue;
		/* A permission speaks of its own category alone. */
		if (c->is_permission && c->category != category)
			continue;
		s.any = true;
		s.open |= c->category == 0;
		s.named |= c->category == category;
	}
	return s;
}

enum answer
detect_D10(struct person *p, const struct occasion *o, struct detail *d)
{
	uint32_t category = row_name(o->row, EV_CATEGORY);
	struct scope s;

	if ((o->kind_of_processing != KIND_DATA_ACCESS &&
		o->kind_of_processing != KIND_DATA_EGRESS) ||
	    o->verdict == VERDICT_NECESSARY ||
	    o->verdict == VERDICT_OTHER_BASIS)
		return ANSWER_NONE;
	s = scope_of(p, o, category);
	if (!s.any)
		return ANSWER_NONE; /* no consent at all: D09 */
	if (category == 0 || (s.open && !s.named)) {
		d->missing = category == 0
				 ? "the category of the data"
				 : "the categories that the consent names";
		return ANSWER_UNDECIDABLE;
	}
	if (s.named)
		return ANSWER_REFUTED;
	if (o->verdict == VERDICT_NOT_DECIDABLE) {
		d->missing = o->missing;
		return ANSWER_UNDECIDABLE;
	}
	return ANSWER_SURE;
}

/* ---- D12 ---- */

/* In a trail that loses records, what was given or withdrawn in the meantime
 * stands in a whole log of the interface at least. */
static bool
is_unsettled(const struct person *p, const struct occasion *o)
{
	struct stamp at = row_stamp(p->tl, o->row);

	return processing_is_leaky(p, person_operator(p, o->row)) &&
	       !person_is_covered(p, &at, 0, true);
}

/* 1 case.ini names it for the surface, -1 it names others, 0 none. */
static int
is_disclosed(const struct person *p, uint32_t surface, uint32_t recipient)
{
	int any = 0;
	size_t i;

	for (i = 0; i < p->study->n_recipients; i++) {
		if (p->rules.recipient[i][0] != surface)
			continue;
		if (p->rules.recipient[i][1] == recipient)
			return 1;
		any = -1;
	}
	return any;
}

enum answer
detect_D12(struct person *p, const struct occasion *o, struct detail *d)
{
	uint32_t recipient = row_name(o->row, EV_RECIPIENT);
	const struct consent *on = o->on;
	int disclosed, published;

	if (o->kind_of_processing != KIND_DATA_EGRESS || on == NULL ||
	    (o->verdict != VERDICT_CONSENTED && o->verdict != VERDICT_TAINTED))
		return ANSWER_NONE;
	if (recipient == 0) {
		d->missing = "who received the data (recipient)";
		return ANSWER_UNDECIDABLE;
	}
	d->scope_name = recipient;
	if (on->purpose == 0 && !on->by_server && o->purpose != 0) {
		/* An act whose box and record are both lost: it may have
		 * been about something else. */
		d->missing = "the purpose that was consented to";
		return ANSWER_UNDECIDABLE;
	}
	disclosed = is_disclosed(p, on->surface, recipient);
	published = disclosed_to(p, on, recipient);
	if (disclosed > 0 || published > 0 || on->recipient == recipient)
		return ANSWER_REFUTED;
	if (is_unsettled(p, o)) {
		d->missing = DETAIL_TRAIL;
		return ANSWER_UNDECIDABLE;
	}
	if (disclosed < 0 || published < 0)
		return ANSWER_SURE; /* the whole list is there */
	if (on->recipient == 0) {
		d->missing = "the recipients that the agreement names "
			     "(case.ini, agreement.publish)";
		return ANSWER_UNDECIDABLE;
	}
	/* The consent names one; the agreement may name more. */
	return ANSWER_AMBIGUOUS;
}

/* ---- D27 ---- */

/* CN, cn-11 and cn_hangzhou are one country. */
static bool
is_same_country(struct span a, struct span b)
{
	size_t i;

	for (i = 0;; i++) {
		bool ea = i == a.n || a.p[i] == '-' || a.p[i] == '_';
		bool eb = i == b.n || b.p[i] == '-' || b.p[i] == '_';

		if (ea || eb)
			return ea && eb;
		if ((a.p[i] | 0x20) != (b.p[i] | 0x20))
			return false;
	}
}

static bool
is_approved(const struct study *s, struct span region)
{
	size_t i;

	for (i = 0; i < s->n_approved; i++)
		if (is_same_country(s->approved[i].b, region))
			return true;
	return false;
}

enum answer
detect_D27(struct person *p, const struct occasion *o, struct detail *d)
{
	struct span region = names_text(p->names, row_name(o->row, EV_REGION));
	struct span category =
	    names_text(p->names, row_name(o->row, EV_CATEGORY));
	size_t i;

	if (o->kind_of_processing != KIND_DATA_ACCESS &&
	    o->kind_of_processing != KIND_DATA_EGRESS)
		return ANSWER_NONE;
	if (region.p == NULL || p->study->home_region.p == NULL) {
		d->missing = region.p == NULL ? "where the data went (region)"
					      : "the home region (case.ini)";
		return ANSWER_UNDECIDABLE;
	}
	if (is_same_country(region, p->study->home_region) ||
	    is_approved(p->study, region))
		return ANSWER_REFUTED;
	for (i = 0; i < p->study->n_keeps; i++)
		if (span_eq(p->study->keep[i].b, category))
			return ANSWER_SURE;
	return ANSWER_AMBIGUOUS; /* an approval may lie elsewhere */
}

/* ---- D28 ---- */

/* Accesses of a category, by one clock, in the hour that began with the first of them; 0:
 * more categories than are counted. */
static uint32_t
count_in_hour(struct person *p, uint32_t category, const struct row *r)
{
	uint64_t clock = row_stamp(p->tl, r).clock;
	int64_t at_us = r->at_us;
	uint32_t i;

	for (i = 0; i < p->n_hours; i++)
		if (p->hour[i].category == category &&
		    p->hour[i].clock == clock)
			break;
	if (i == PERSON_CATEGORIES)
		return 0;
	if (i == p->n_hours ||
	    us_minus(at_us, p->hour[i].from_us) >= 3600 * UTC_US_S) {
		p->n_hours += i == p->n_hours;
		p->hour[i].category = category;
		p->hour[i].clock = clock;
		p->hour[i].from_us = at_us;
		p->hour[i].n = 0;
	}
	return ++p->hour[i].n;
}

/* A row that tells whether the app is open; its own accesses do not. */
static bool
tells_open(const struct row *r, uint64_t device)
{
	return row_is_ui(r) && r->at_us != STORE_ABSENT &&
	       r->kind != KIND_DATA_ACCESS && r->kind != KIND_DATA_EGRESS &&
	       r->kind != KIND_PERMISSION &&
	       (device == 0 || row_id(r, EV_DEVICE) == device);
}

/* Is one after the other, beyond the clocks' error? */
static bool
is_after(
    const struct person *p, const struct row *later, const struct row *earlier)
{
	struct stamp a = row_stamp(p->tl, later), b = row_stamp(p->tl, earlier);

	return timeline_before(&b, &a);
}

/* Between the end of a session of the device and what it logs next. */
static bool
is_behind(const struct person *p, const struct row *access)
{
	enum { LOOK = 4096 };
	const struct timeline *tl = p->tl;
	uint64_t device = row_id(access, EV_DEVICE);
	size_t i, n;

	if (access->at_us == STORE_ABSENT || (device == 0 && p->n_devices > 1))
		return false;
	for (i = p->at, n = 0; i > 0 && n < LOOK; i--, n++)
		if (tells_open(&tl->row[i - 1], device))
			break;
	if (i == 0 || n == LOOK || tl->row[i - 1].kind != KIND_SESSION_END ||
	    !is_after(p, access, &tl->row[i - 1]))
		return false;
	for (i = p->at + 1, n = 0; i < tl->n_rows && n < LOOK; i++, n++)
		if (tells_open(&tl->row[i], device))
			return is_after(p, &tl->row[i], access);
	return true;
}

enum answer
detect_D28(struct person *p, const struct occasion *o, struct detail *d)
{
	uint32_t category = row_name(o->row, EV_CATEGORY), n;
	struct stamp at = row_stamp(p->tl, o->row);
	const struct study_need *need = NULL;
	bool behind;
	size_t i;

	if (o->kind_of_processing != KIND_DATA_ACCESS)
		return ANSWER_NONE;
	for (i = 0; i < p->study->n_needs; i++)
		if (category != 0 && span_eq(p->study->need[i].category,
					 names_text(p->names, category)))
			need = &p->study->need[i];
	if (need == NULL) {
		d->missing = "the need for the data (case.ini [need])";
		return ANSWER_UNDECIDABLE;
	}
	d->scope_name = category;
	behind = need->never_behind && is_behind(p, o->row);
	n = o->row->at_us != STORE_ABSENT ? count_in_hour(p, category, o->row)
					  : 0;
	if (n == 0) {
		d->missing = "when the data were accessed";
		return ANSWER_UNDECIDABLE;
	}
	if (n > need->per_hour ||
	    (behind &&
		person_is_covered(p, &at, row_id(o->row, EV_DEVICE), false)))
		return ANSWER_SURE;
	/* A line that is missing may have opened the app. */
	return behind ? ANSWER_AMBIGUOUS : ANSWER_REFUTED;
}

/* ---- D32 ---- */

enum answer
detect_D32(struct person *p, const struct occasion *o, struct detail *d)
{
	(void)o;
	d->nowhere = true;
	if (person_has_gap(p)) {
		d->missing = "lines that the device's numbers or the sampling "
			     "of the source show to be left out";
		return ANSWER_UNDECIDABLE;
	}
	if (p->n_devices == 0) {
		d->missing = "running numbers of the device's events (seq)";
		return ANSWER_UNDECIDABLE;
	}
	return ANSWER_REFUTED;
}
