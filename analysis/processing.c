/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: a record of access, egress or outbound contact is held
 * against what stands at its time.  First what needs no consent (a purpose
 * declared necessary, another legal basis), then the phase of a controlled
 * test, then the entries of consent.c that match it.  Orders across clocks
 * must exceed their error.
 */
#include "analysis/person.h"

#include "analysis/detector.h"

enum { LOOK = 4096 }; /* rows looked ahead, at most */

#define MISSING_RECORDS	 "any record of consent or permission by this operator"
#define MISSING_WHOLE	 "a whole log: a source is a sample of one"
#define MISSING_OPERATOR "the operator of every record of consent"
#define MISSING_TRAIL                                                       \
	"records of consent that the servers' trail has lost: acts with a " \
	"request have no answer in it"

static bool
matches(uint32_t a, uint32_t b)
{
	return a == 0 || b == 0 || a == b;
}

struct asked {
	uint32_t operator_, purpose, category;
	bool is_access;
	struct stamp at;
};

static bool
applies(const struct consent *e, const struct asked *a)
{
	if (!matches(e->operator_, a->operator_) ||
	    !matches(e->category, a->category))
		return false;
	if (e->is_permission)
		return a->is_access;
	return matches(e->purpose, a->purpose);
}

/* Does `over`, which ended, stand above a consent that is alive? */
static bool
stands_above(const struct consent *over, const struct consent *live)
{
	if (over->since.at_us < live->since.at_us)
		return false;
	if (over->is_permission)
		return !live->is_permission && live->category == 0;
	return over->purpose != 0 && live->purpose == 0;
}

static bool
is_any_grant(const struct person *p, const struct row *r)
{
	int kind = r->kind, d = row_word(r, EV_DECISION);
	uint32_t value = row_name(r, EV_VALUE);

	if (kind == KIND_CONTROL_CLICK)
		return row_word(r, EV_ROLE) == ROLE_ACCEPT;
	if (kind == KIND_PERMISSION && d == DECISION_NONE && value != 0)
		return value == p->word[WORD_GRANTED] ||
		       person_value(p, value) == 1;
	return (kind == KIND_CONSENT || kind == KIND_PERMISSION) &&
	       (d == DECISION_GIVEN || d == DECISION_RENEWED);
}

/* Is the order of two that is told by their rows beyond the error? */
static bool
is_ordered(const struct stamp *a, const struct stamp *b)
{
	return timeline_before(a, b) ||
	       (a->clock == b->clock && timeline_error(a, b) == 0);
}

/* The window's last grant of any kind, found once. */
static size_t
last_grant(struct person *p)
{
	size_t i;

	if (p->last_grant == SIZE_MAX) {
		for (i = p->tl->n_rows; i > 0; i--)
			if (is_any_grant(p, &p->tl->row[i - 1]))
				break;
		p->last_grant = i;
	}
	return p->last_grant;
}

static bool
is_grant_of(struct person *p, const struct row *r, const struct asked *a)
{
	struct purposes l = person_purposes(p, row_name(r, EV_PURPOSE));
	bool fits = l.n == 0;
	uint32_t k;

	if (!matches(person_operator(p, r), a->operator_) ||
	    !matches(row_name(r, EV_CATEGORY), a->category))
		return false;
	if (r->kind == KIND_PERMISSION)
		return a->is_access;
	for (k = 0; k < l.n; k++)
		fits |= matches(l.code[k], a->purpose);
	return fits;
}

/* A submit may be one: as the box is. */
static bool
is_submit(const struct row *r)
{
	return r->kind == KIND_CONTROL_CLICK &&
	       row_word(r, EV_ROLE) == ROLE_SUBMIT;
}

/* Will it be given later?  1 yes, -1 something within the clocks' error may
 * have given it before; `near_only`: that alone is asked. */
static int
is_given_later(struct person *p, const struct asked *a, bool near_only)
{
	int64_t until = us_plus(a->at.at_us, timeline_reach(p->tl, &a->at));
	size_t i, end = last_grant(p);
	bool later = near_only, near;
	struct stamp t;

	for (i = p->at + 1; i < p->tl->n_rows; i++) {
		const struct row *r = &p->tl->row[i];

		near = r->at_us <= until;
		if (i >= p->at + LOOK)
			return near ? -1 : later;
		if (!near && (later || i >= end))
			break;
		if ((r->what & ROW_PLAIN) != 0 ||
		    (!is_any_grant(p, r) && !(near && is_submit(r))) ||
		    !is_grant_of(p, r, a))
			continue;
		t = row_stamp(p->tl, r);
		if (near && !is_ordered(&a->at, &t))
			return -1;
		later |= is_any_grant(p, r);
	}
	return later;
}

/* Is it known that the operator's trail has lost anything? */
static bool
is_lossy(const struct person *p, uint32_t operator_)
{
	const struct trail_operator *o =
	    trail_of(&p->study->trail, names_text(p->names, operator_));

	return o != NULL && o->answered < o->asked;
}

bool
processing_is_leaky(const struct person *p, uint32_t operator_)
{
	const struct trail_operator *o =
	    trail_of(&p->study->trail, names_text(p->names, operator_));

	return o != NULL && trail_lost(o) > p->study->threshold[THRESHOLD_LOST];
}

/*
 * May a grant that stood have been lost?  `over`: the refusal or withdrawal
 * that the verdict rests on; NULL: it rests on there being no grant.
 *
 * A consent by an act leaves that act in the log of the interface, where it
 * stands as one even unanswered.  So in a trail that is known to lose records
 * that log must be whole; and for purposes that the operator grants without
 * any act nobody knows.
 */
static bool
may_be_lost(struct person *p, const struct asked *a, const struct consent *over)
{
	const struct trail *t = &p->study->trail;
	struct span operator_ = names_text(p->names, a->operator_);
	bool leaky = processing_is_leaky(p, a->operator_);

	if (over == NULL && p->study->has_strays && !person_has_log(p))
		return true; /* it may lie under a device of nobody's */
	if (!is_lossy(p, a->operator_))
		return false;
	if (p->unanswered_at_us != STORE_ABSENT &&
	    (over == NULL || p->unanswered_at_us >= over->since.at_us))
		return true;
	if (over != NULL && over->is_unanswered)
		return trail_of(t, operator_)->has_refused;
	if ((over == NULL || leaky) &&
	    trail_is_silent(
		t, operator_, names_text(p->names, a->purpose), over != NULL))
		return true;
	if (over != NULL) /* is recorded: needs no log beside it */
		return false;
	if (!person_has_log(p))
		return true; /* nor would the act be seen */
	return leaky && !person_is_covered(p, &a->at, 0, true);
}

static enum verdict
by_over(struct person *p, const struct asked *a, const struct consent *over,
    const char **missing)
{
	if (may_be_lost(p, a, over)) {
		*missing = MISSING_TRAIL;
		return VERDICT_NOT_DECIDABLE;
	}
	switch (over->state) {
	case CONSENT_REFUSED:
		return VERDICT_AFTER_REFUSAL;
	case CONSENT_ENDED:
		return VERDICT_AFTER_WITHDRAWAL;
	default:
		return VERDICT_WITHOUT_CONSENT;
	}
}

static enum verdict
by_state(struct person *p, const struct asked *a, const struct consent **on,
    const char **missing)
{
	const struct consent *live = NULL, *over = NULL, *e;
	bool unsure = false;
	uint32_t i;
	int later;

	for (i = 0; i < p->n_consents; i++) {
		e = &p->consent[i];
		if (!applies(e, a))
			continue;
		if (e->state == CONSENT_LIVE) {
			if (live == NULL ||
			    (live->is_tainted && !e->is_tainted))
				live = e;
			continue;
		}
		unsure |= e->is_unsure;
		if (e->state != CONSENT_NONE &&
		    (over == NULL || e->since.at_us > over->since.at_us))
			over = e;
	}
	*on = live;
	if (live != NULL && live->is_unanswered && is_lossy(p, a->operator_)) {
		*missing = MISSING_TRAIL;
		return VERDICT_NOT_DECIDABLE;
	}
	if (live != NULL && (over == NULL || !stands_above(over, live)))
		return live->is_tainted ? VERDICT_TAINTED : VERDICT_CONSENTED;
	later = is_given_later(p, a, over != NULL);
	if (over != NULL) {
		unsure |=
		    !is_ordered(&over->since, &a->at) || later < 0 ||
		    (live != NULL && consent_may_follow(live, &over->since));
		if (unsure) {
			*missing = MISSING_ORDER;
			return VERDICT_NOT_DECIDABLE;
		}
		return by_over(p, a, over, missing);
	}
	/* The grant may be what was left out, or what does not say whose. */
	if (p->study->has_sampled || p->study->has_unnamed_consent) {
		*missing =
		    p->study->has_sampled ? MISSING_WHOLE : MISSING_OPERATOR;
		return VERDICT_NOT_DECIDABLE;
	}
	if (may_be_lost(p, a, NULL)) {
		*missing = MISSING_TRAIL;
		return VERDICT_NOT_DECIDABLE;
	}
	if (later < 0)
		*missing = MISSING_ORDER;
	return later > 0   ? VERDICT_BEFORE_CONSENT
	       : later < 0 ? VERDICT_NOT_DECIDABLE
			   : VERDICT_WITHOUT_CONSENT;
}

static enum verdict
by_phase(int phase)
{
	switch (phase) {
	case PHASE_BEFORE_CHOICE:
		return VERDICT_BEFORE_CONSENT;
	case PHASE_AFTER_GIVEN:
		return VERDICT_CONSENTED;
	case PHASE_AFTER_REFUSED:
		return VERDICT_AFTER_REFUSAL;
	case PHASE_AFTER_WITHDRAWN:
		return VERDICT_AFTER_WITHDRAWAL;
	default:
		return VERDICT_NONE;
	}
}

/* What needs no look at the person's consents. */
static enum verdict
by_record(const struct person *p, const struct row *r, uint32_t purpose)
{
	uint32_t basis = row_name(r, EV_LEGAL_BASIS);

	if (purpose != 0 && person_is_necessary(p, purpose))
		return VERDICT_NECESSARY;
	if (basis != 0 && basis != p->word[WORD_BASIS_CONSENT])
		return VERDICT_OTHER_BASIS;
	return by_phase(row_word(r, EV_PHASE));
}

static enum verdict
judge(struct person *p, const struct row *r, const struct asked *a,
    const struct consent **on, const char **missing)
{
	enum verdict v;

	*on = NULL;
	v = by_record(p, r, a->purpose);
	if (v != VERDICT_NONE)
		return v;
	if (!study_is_consenting(
		p->study, names_text(p->names, a->operator_))) {
		*missing = MISSING_RECORDS;
		return VERDICT_NOT_DECIDABLE;
	}
	if (r->at_us == STORE_ABSENT) {
		*missing = "the time of the record";
		return VERDICT_NOT_DECIDABLE;
	}
	return by_state(p, a, on, missing);
}

static void
describe(const struct person *p, struct processed *done, const struct row *r)
{
	memset(done, 0, sizeof *done);
	done->kind = (enum event_kind)r->kind;
	done->category = row_name(r, EV_CATEGORY);
	done->recipient = row_name(r, EV_RECIPIENT);
	if (done->recipient == 0)
		done->recipient = row_name(r, EV_DESTINATION);
	done->region = row_name(r, EV_REGION);
	done->us = row_num(r, EV_TIME, RESULT_UNKNOWN);
	done->operator_ = p->operator_;
	done->subject = RESULT_NOBODY;
}

/* Is the processing against what the person consented to? */
static bool
is_against(enum verdict v)
{
	return v == VERDICT_BEFORE_CONSENT || v == VERDICT_WITHOUT_CONSENT ||
	       v == VERDICT_AFTER_REFUSAL || v == VERDICT_AFTER_WITHDRAWAL;
}

/* Who gave it to whom: once a record, whatever its purposes. */
static void
tell_egress(
    struct person *p, const struct processed *done, bool against, bool open)
{
	struct egress e = { .operator_ = done->operator_,
		.recipient = done->recipient,
		.category = done->category,
		.is_nobody_s = done->subject == RESULT_NOBODY,
		.is_against = against,
		.is_open = open && !against,
		.us = done->us };

	if (done->kind == KIND_DATA_EGRESS)
		result_egress(p->out, &e);
}

void
processing_nobody(struct person *p, const struct row *r)
{
	struct purposes l = person_purposes(p, row_name(r, EV_PURPOSE));
	bool against = false, open = false;
	int kind = r->kind;
	struct processed done;
	enum verdict v;
	uint32_t i;

	if (kind != KIND_DATA_ACCESS && kind != KIND_DATA_EGRESS &&
	    kind != KIND_CONTACT_OUTBOUND)
		return;
	describe(p, &done, r);
	lineage_see(p, r, false);
	for (i = 0; i < (l.n > 0 ? l.n : 1); i++) {
		done.purpose = l.n > 0 ? l.code[i] : 0;
		v = by_record(p, r, done.purpose);
		if (v == VERDICT_NONE)
			v = VERDICT_NOT_DECIDABLE; /* whose, nobody knows */
		against |= is_against(v);
		open |= v == VERDICT_NOT_DECIDABLE;
		done.verdict = p->verdict_word[v];
		result_processing(p->out, &done);
	}
	tell_egress(p, &done, against, open);
}

void
processing_see(struct person *p, const struct row *r)
{
	int kind = r->kind;
	struct purposes l = person_purposes(p, row_name(r, EV_PURPOSE));
	struct asked a = { .operator_ = person_operator(p, r),
		.category = row_name(r, EV_CATEGORY),
		.is_access = kind == KIND_DATA_ACCESS,
		.at = row_stamp(p->tl, r) };
	struct occasion o = { .kind = OCCASION_PROCESSING,
		.row = r,
		.kind_of_processing = kind };
	bool against = false, open = false;
	struct processed done;
	const struct consent *on;
	uint32_t i;

	describe(p, &done, r);
	done.subject = person_number(p);
	lineage_see(p, r, true);
	for (i = 0; i < (l.n > 0 ? l.n : 1); i++) {
		a.purpose = done.purpose = l.n > 0 ? l.code[i] : 0;
		o.missing = NULL;
		o.verdict = judge(p, r, &a, &on, &o.missing);
		o.purpose = a.purpose;
		o.on = on;
		done.verdict = p->verdict_word[o.verdict];
		result_processing(p->out, &done);
		if (o.verdict == VERDICT_TAINTED && kind == KIND_DATA_EGRESS &&
		    on != NULL)
			result_tainted_recipient(p->out, on->surface,
			    done.recipient, done.subject, done.us);
		against |= is_against(o.verdict);
		open |= o.verdict == VERDICT_NOT_DECIDABLE;
		(void)person_occasion(p, &o, 0);
	}
	tell_egress(p, &done, against, open);
}
