/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: each record of access, egress or outbound contact is a hop
 * of the chain.  It is counted for table lineage, with the state of the
 * permission when a category is accessed for the first time; where it names
 * its datum, a row goes to the join of all people (lineage_join.c).
 *
 * The datum is brought into one form first, and whether it stands for
 * somebody is told here: it is written as a number abroad or an address of
 * electronic mail, or its category says so ([lineage] people), or somebody
 * was contacted with it.  The name of a file is a datum, too, and nobody.
 */
#include "analysis/person.h"

#include "analysis/lineage.h"

static bool
is_in(const uint32_t *list, size_t n, uint32_t code)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i] == code)
			return code != 0;
	return false;
}

/* ---- hops ---- */

static uint32_t
recipient_of(const struct row *r)
{
	uint32_t name = row_name(r, EV_RECIPIENT);

	return name != 0 ? name : row_name(r, EV_DESTINATION);
}

/* Access on the server shows that the data lie there. */
static bool
is_held(const struct row *r)
{
	return r->kind == KIND_DATA_ACCESS && !row_is_ui(r) &&
	       !row_is_device_clock(r) && row_word(r, EV_TRAIL) == TRAIL_SERVER;
}

static enum lineage_hop
hop_of(const struct person *p, const struct row *r)
{
	uint32_t recipient;

	if (r->kind == KIND_CONTACT_OUTBOUND)
		return LINEAGE_OUTBOUND;
	if (r->kind == KIND_DATA_ACCESS)
		return is_held(r) ? LINEAGE_UPLOAD : LINEAGE_ACCESS;
	recipient = recipient_of(r);
	return recipient == 0 || recipient == person_operator(p, r)
		   ? LINEAGE_UPLOAD
		   : LINEAGE_SHARE;
}

/* ---- permission ---- */

static enum lineage_state
permission_of(const struct person *p, uint32_t operator_, uint32_t category)
{
	const struct consent *c, *last = NULL;
	uint32_t i;

	for (i = 0; i < p->n_consents; i++) {
		c = &p->consent[i];
		if (c->is_permission &&
		    (c->category == 0 || c->category == category) &&
		    (c->operator_ == 0 || operator_ == 0 ||
			c->operator_ == operator_) &&
		    (last == NULL || c->since.at_us >= last->since.at_us))
			last = c;
	}
	if (last == NULL)
		return is_in(p->prompted, p->n_prompted, category)
			   ? LINEAGE_ASKED
		       : p->study->has_permission ? LINEAGE_NEVER_ASKED
						  : LINEAGE_NOT_LOGGED;
	switch (last->state) {
	case CONSENT_LIVE:
		return LINEAGE_GRANTED;
	case CONSENT_LAPSED:
		return LINEAGE_LAPSED;
	case CONSENT_NONE:
	case CONSENT_REFUSED:
	case CONSENT_ENDED:
		break;
	}
	return LINEAGE_DENIED;
}

/* The first access to a category: what had been permitted by then? */
static void
see_permission(struct person *p, const struct hop *from)
{
	struct hop h = { .hop = LINEAGE_PERMISSION,
		.operator_ = from->operator_,
		.category = from->category,
		.subject = from->subject,
		.us = from->us };
	uint32_t i;

	if (h.category == 0)
		return;
	for (i = 0; i < p->n_accessed; i++)
		if (p->accessed[i].operator_ == h.operator_ &&
		    p->accessed[i].category == h.category)
			return;
	if (p->n_accessed == PERSON_CATEGORIES)
		return;
	p->accessed[p->n_accessed].operator_ = h.operator_;
	p->accessed[p->n_accessed++].category = h.category;
	h.state = permission_of(p, h.operator_, h.category);
	result_hop(p->out, &h);
}

void
lineage_prompt(struct person *p, const struct row *r)
{
	uint32_t category = row_name(r, EV_CATEGORY);

	if (category != 0 && p->n_prompted < PERSON_CATEGORIES &&
	    !is_in(p->prompted, p->n_prompted, category))
		p->prompted[p->n_prompted++] = category;
}

/* ---- data ---- */

static bool
is_mail(struct span s)
{
	const char *at = s.n > 0 ? memchr(s.p, '@', s.n) : NULL, *q;

	if (at == NULL || at == s.p)
		return false;
	for (q = s.p; q < s.p + s.n; q++)
		if ((unsigned char)*q <= ' ' || strchr("/:;,<>\"", *q) != NULL)
			return false;
	return memchr(at, '.', (size_t)(s.p + s.n - at)) != NULL;
}

/* What a system writes when it has nothing to say. */
static bool
says_nothing(struct span s)
{
	static const char *const words[] = { "-", "0", "null", "NULL", "nil",
		"none", "None", "unknown", "undefined", "n/a", "N/A" };
	size_t i;

	while (s.n > 0 && *s.p == ' ') {
		s.p++;
		s.n--;
	}
	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (span_is(s, words[i]))
			return true;
	return s.n == 0;
}

/* Does the record name a datum that can be told from all others? */
static bool
has_datum(struct person *p, const struct row *r)
{
	const uint16_t *code = r->c->b.code[EV_DATUM];
	struct span s;

	if (code == NULL || code[r->i] == 0)
		return false;
	s = row_str(r, EV_DATUM);
	if (phone_is_masked(s)) {
		p->n_masked++;
		return false;
	}
	return !says_nothing(s);
}

/* The datum in one form: the row's hash and length, the bytes at the address
 * given back, which are the datum's or `out`. */
static struct span
describe_datum(struct person *p, struct span datum, struct lineage_row *row,
    char out[PHONE_BYTES])
{
	enum phone_form form = phone_normal(&p->study->phone, datum, out);

	p->n_no_code += form == PHONE_WITHOUT_CODE;
	if (form != PHONE_NONE)
		datum = span_of(out);
	row->hash = store_hash(datum);
	row->is_person |= form == PHONE_ABROAD || is_mail(datum);
	if (datum.n > LINEAGE_TEXT) { /* hash and beginning stand for it */
		datum.n = LINEAGE_TEXT;
		while (datum.n > 0 && (datum.p[datum.n] & 0xc0) == 0x80)
			datum.n--;
	}
	row->n = (uint32_t)datum.n;
	return datum;
}

/* Is the account's own id this number? */
static bool
is_account(const struct person *p, struct span datum)
{
	char out[PHONE_BYTES];

	return p->tl->id.p != NULL && !p->tl->is_device &&
	       span_eq(phone_or_text(&p->study->phone, p->tl->id, out), datum);
}

static void
set_time(const struct person *p, const struct row *r, struct lineage_row *row)
{
	struct stamp t = row_stamp(p->tl, r);

	row->at_us = t.at_us;
	row->us = t.us;
	row->precision_us = t.precision_us;
	row->error_us = t.early_us > t.late_us ? t.early_us : t.late_us;
	row->clock = t.clock;
}

static void
see_datum(struct person *p, const struct row *r, const struct hop *h)
{
	const struct study *s = p->study;
	struct lineage_row row = { .subject = h->subject,
		.operator_ = h->operator_,
		.category = h->category,
		.recipient = h->recipient,
		.purposes = h->purposes,
		.hop = (uint8_t)h->hop,
		.is_held = is_held(r) };
	char out[PHONE_BYTES];
	struct span datum;

	row.is_person =
	    h->hop == LINEAGE_OUTBOUND ||
	    is_in(p->rules.people_category, s->n_people, h->category);
	datum = describe_datum(p, row_str(r, EV_DATUM), &row, out);
	row.is_self = is_account(p, datum);
	if (h->hop != LINEAGE_OUTBOUND &&
	    (row.is_self ||
		is_in(p->rules.own_category, s->n_own, h->category)))
		row.hop = LINEAGE_OWN;
	set_time(p, r, &row);
	result_datum(p->out, &row, datum.p);
}

/* Of an unknown datum: it may have been any. */
static void
see_share(struct person *p, const struct row *r, const struct hop *h)
{
	struct lineage_row row;
	int64_t us;

	set_time(p, r, &row);
	if (row.at_us == STORE_ABSENT)
		return;
	us = us_plus(row.at_us, row.precision_us);
	if (row.clock != 0)
		us = us_plus(us, row.error_us);
	result_shared(p->out, h->subject, h->recipient, h->category, us);
}

void
lineage_see(struct person *p, const struct row *r, bool has_person)
{
	struct hop h = { .hop = hop_of(p, r),
		.operator_ = person_operator(p, r),
		.category = row_name(r, EV_CATEGORY),
		.purposes = row_name(r, EV_PURPOSE),
		.subject = has_person ? person_number(p) : RESULT_NOBODY,
		.us = row_num(r, EV_TIME, RESULT_UNKNOWN) };
	bool is_named;

	if (row_word(r, EV_OUTCOME) == OUTCOME_FAILURE)
		return; /* nothing was read, sent or reached */
	is_named = has_datum(p, r);
	if (h.hop == LINEAGE_SHARE || h.hop == LINEAGE_OUTBOUND)
		h.recipient = recipient_of(r);
	if (has_person && (h.hop == LINEAGE_ACCESS || h.hop == LINEAGE_UPLOAD))
		see_permission(p, &h);
	/* Whether a contact hit collected data, the join will tell. */
	if (!is_named || h.hop != LINEAGE_OUTBOUND)
		result_hop(p->out, &h);
	if (is_named)
		see_datum(p, r, &h);
	else if (has_person && h.hop == LINEAGE_SHARE && p->study->has_outbound)
		see_share(p, r, &h);
}

/* ---- own numbers ---- */

static void
tell_own(struct person *p, struct span datum, uint32_t subject)
{
	struct lineage_row row = { .subject = subject,
		.hop = LINEAGE_OWN,
		.is_person = true,
		.at_us = STORE_ABSENT,
		.us = STORE_ABSENT };
	char out[PHONE_BYTES];

	datum = describe_datum(p, datum, &row, out);
	result_datum(p->out, &row, datum.p);
}

void
lineage_link(struct person *p, const struct row *r)
{
	/* A phone that nobody links to an account is a user's as well. */
	if (p->tl->id.p != NULL && has_datum(p, r))
		tell_own(p, row_str(r, EV_DATUM),
		    p->tl->is_device ? RESULT_NOBODY : person_number(p));
}

/* Many accounts are named by the number; such people are users, whether
 * their records say anything else or not. */
void
lineage_begin(struct person *p)
{
	char out[PHONE_BYTES];

	if (p->study->has_outbound && !p->tl->is_device &&
	    phone_normal(&p->study->phone, p->tl->id, out) != PHONE_NONE)
		tell_own(p, p->tl->id, RESULT_NOBODY);
}
