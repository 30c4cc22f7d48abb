/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Table lineage and what it is made of: steps counted along the rows of each
 * person, and rows that name their datum, which go to the sort.
 */
#include "analysis/result_private.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/study.h"
#include "ingest/base/buf.h"
#include "ingest/base/utc.h"

#define MINUTE_US (60 * UTC_US_S)

enum { SHARERS_BYTES = 128 * 1024 * 1024 };

const char *const lineage_hop_text[LINEAGE_HOP__MAX] = {
	[LINEAGE_NONE] = "",
	[LINEAGE_PERMISSION] = "permission",
	[LINEAGE_ACCESS] = "access",
	[LINEAGE_UPLOAD] = "upload",
	[LINEAGE_SHARE] = "share",
	[LINEAGE_OUTBOUND] = "outbound",
	[LINEAGE_OWN] = "own",
};

const char *const lineage_state_text[LINEAGE_STATE__MAX] = {
	[LINEAGE_STATE_NONE] = "",
	[LINEAGE_GRANTED] = "granted",
	[LINEAGE_DENIED] = "denied",
	[LINEAGE_LAPSED] = "lapsed",
	[LINEAGE_ASKED] = "asked",
	[LINEAGE_NEVER_ASKED] = "never_asked",
	[LINEAGE_NOT_LOGGED] = "not_logged",
	[LINEAGE_COLLECTED] = "collected",
	[LINEAGE_THEMSELVES] = "themselves",
	[LINEAGE_EARLIER] = "earlier",
	[LINEAGE_UNORDERED] = "unordered",
	[LINEAGE_NEVER] = "never",
};

/* ---- in a part ----------------------------------------------------------- */

static struct lineage_value *
group_at(struct tally *t, const uint32_t asked[LINEAGE__WORDS])
{
	uint32_t key[LINEAGE__WORDS];
	struct lineage_value *v = tally_at(t, asked);
	int i;

	if (v != NULL)
		return v;
	memcpy(key, asked, sizeof key);
	for (i = LINEAGE_OPERATOR; i <= LINEAGE_PURPOSES; i++)
		key[i] = TALLY_OTHER;
	return tally_at(t, key);
}

/* People at each hop, whatever the group; the join counts those contacted. */
static void
count_hop(struct result_part *rp, const struct hop *h)
{
	if (h->subject == RESULT_NOBODY ||
	    rp->hop_subject[h->hop] == h->subject + 1 ||
	    h->hop == LINEAGE_OUTBOUND || h->state == LINEAGE_GRANTED ||
	    h->state == LINEAGE_NOT_LOGGED)
		return;
	rp->hop_subject[h->hop] = h->subject + 1;
	rp->hop_users[h->hop]++;
}

void
result_hop(struct result_part *rp, const struct hop *h)
{
	const uint32_t key[LINEAGE__WORDS] = { h->operator_, h->category,
		h->recipient, h->purposes, h->hop, h->state };
	struct tally *t = &rp->tally[TALLY_LINEAGE];
	struct met_hop *m = &rp->hop[met_slot(
	    h->category + h->recipient, h->purposes, h->hop * 16 + h->state)];
	struct lineage_value *v;

	if (m->row == 0 || memcmp(m->key, key, sizeof key) != 0) {
		memcpy(m->key, key, sizeof key);
		m->row = tally_index(t, group_at(t, key)) + 1;
	}
	v = tally_value(t, m->row - 1);
	v->n++;
	if (h->subject != RESULT_NOBODY && v->last_subject != h->subject + 1) {
		v->last_subject = h->subject + 1;
		v->users++;
	}
	times_add(&v->times, h->us);
	count_hop(rp, h);
}

void
result_datum(
    struct result_part *rp, const struct lineage_row *row, const char *text)
{
	size_t n = lineage_bytes(row);
	char *p = rowlog_add(&rp->data, n);

	assert(row->n <= LINEAGE_TEXT);
	memcpy(p, row, sizeof *row);
	memset(p + sizeof *row, 0, n - sizeof *row);
	memcpy(p + sizeof *row, text, row->n);
}

/* The minute at whose end it was over. */
static uint32_t
minute_of(int64_t us)
{
	int64_t minute = us < 0 ? 1 : us / MINUTE_US + 1;

	return minute < UINT32_MAX ? (uint32_t)minute : UINT32_MAX;
}

void
result_shared(struct result_part *rp, uint32_t subject, uint32_t recipient,
    uint32_t category, int64_t us)
{
	struct shared_row *last = &rp->last_shared, row;

	/* A person's rows come by time: the first of them tells. */
	if (last->subject == subject + 1 && last->recipient == recipient &&
	    last->category == category)
		return;
	row = (struct shared_row){ subject + 1, recipient, category,
		minute_of(us) };
	*last = row;
	memcpy(rowlog_add(&rp->shares, sizeof row), &row, sizeof row);
}

/* ---- people by number ---------------------------------------------------- */

void
people_add(struct people *p, uint32_t number)
{
	size_t n, had = p->n / 64;

	if (number >= p->n) {
		n = ((size_t)number / 64 + 1) * 5 / 4 + 16;
		p->bit = realloc(p->bit, n * sizeof *p->bit);
		if (p->bit == NULL)
			err_no_memory(n * sizeof *p->bit);
		memset(p->bit + had, 0, (n - had) * sizeof *p->bit);
		p->n = n > UINT32_MAX / 64 ? UINT32_MAX / 64 * 64
					   : (uint32_t)(n * 64);
	}
	p->bit[number / 64] |= (uint64_t)1 << number % 64;
}

bool
people_has(const struct people *p, uint32_t number)
{
	return number < p->n && (p->bit[number / 64] >> number % 64 & 1) != 0;
}

static void
sharers_add(
    struct result *r, struct sharers *s, uint32_t number, uint32_t minute)
{
	size_t n;

	if (number >= s->n) {
		n = (size_t)number * 5 / 4 + 1024;
		/* What is not kept links nobody: no answer becomes graver. */
		if (n > UINT32_MAX ||
		    r->sharers_bytes + (n - s->n) * sizeof *s->minute >
			SHARERS_BYTES)
			return;
		s->minute = realloc(s->minute, n * sizeof *s->minute);
		if (s->minute == NULL)
			err_no_memory(n * sizeof *s->minute);
		memset(s->minute + s->n, 0, (n - s->n) * sizeof *s->minute);
		r->sharers_bytes += (n - s->n) * sizeof *s->minute;
		s->n = (uint32_t)n;
	}
	if (s->minute[number] == 0 || minute < s->minute[number])
		s->minute[number] = minute;
}

int64_t
sharers_when(const struct sharers *s, uint32_t number)
{
	return number < s->n && s->minute[number] != 0
		   ? s->minute[number] * MINUTE_US
		   : INT64_MAX;
}

/* ---- from a part to the result ------------------------------------------- */

struct lineage_value *
lineage_at(struct result *r, const uint32_t key[LINEAGE__WORDS])
{
	return group_at(&r->tally[TALLY_LINEAGE], key);
}

static void
take_groups(struct result *r, struct result_part *rp)
{
	const struct tally *t = &rp->tally[TALLY_LINEAGE];
	const struct lineage_value *v;
	struct lineage_value *to;
	uint32_t i, w, key[LINEAGE__WORDS];

	for (i = 0; i < t->n; i++) {
		v = tally_value(t, i);
		memcpy(key, tally_key(t, i), sizeof key);
		for (w = 0; w < LINEAGE_HOP; w++)
			key[w] = result_code(r, rp, key[w]);
		to = lineage_at(r, key);
		to->n += v->n;
		to->users += v->users;
		times_merge(&to->times, &v->times);
	}
}

static uint32_t
subject_id(
    const struct result *r, const struct result_part *rp, uint32_t subject)
{
	return (uint32_t)(r->n_subjects + rp->subject[subject].rank);
}

static void
take_data(struct result *r, struct result_part *rp)
{
	const struct lineage_row *from;
	struct rowlog_reader reader;
	struct lineage_row row;
	const char *text;

	rowlog_read(&reader, &rp->data);
	while ((from = rowlog_take(&reader, sizeof row)) != NULL) {
		memcpy(&row, from, sizeof row);
		text = row.n > 0 ? rowlog_take(&reader,
				       lineage_bytes(&row) - sizeof row)
				 : "";
		if (text == NULL)
			break;
		row.subject = row.subject != RESULT_NOBODY
				  ? subject_id(r, rp, row.subject)
				  : 0;
		row.operator_ = result_code(r, rp, row.operator_);
		row.category = result_code(r, rp, row.category);
		row.recipient = result_code(r, rp, row.recipient);
		row.purposes = result_code(r, rp, row.purposes);
		if (row.subject != 0 && row.is_person &&
		    row.hop <= LINEAGE_SHARE)
			people_add(&r->collecting, row.subject);
		lineage_sort_add(&r->data, &row, text);
	}
	rowlog_read_end(&reader);
}

static void
take_shares(struct result *r, struct result_part *rp)
{
	const struct shared_row *p;
	struct rowlog_reader reader;
	struct shared_row row;
	uint32_t key[2], at;
	void *v;

	rowlog_read(&reader, &rp->shares);
	while ((p = rowlog_take(&reader, sizeof row)) != NULL) {
		memcpy(&row, p, sizeof row);
		key[0] = result_code(r, rp, row.recipient);
		key[1] = result_code(r, rp, row.category);
		v = tally_at(&r->shared, key);
		at = v != NULL ? tally_index(&r->shared, v) : RESULT_SHARED;
		if (at < RESULT_SHARED)
			sharers_add(r, &r->sharers[at],
			    subject_id(r, rp, row.subject - 1), row.minute);
	}
	rowlog_read_end(&reader);
}

void
take_lineage(struct result *r, struct result_part *rp)
{
	int hop;

	for (hop = 0; hop < LINEAGE_HOP__MAX; hop++)
		r->lineage.users[hop] += rp->hop_users[hop];
	take_groups(r, rp);
	take_data(r, rp);
	take_shares(r, rp);
}

/* ---- the table ----------------------------------------------------------- */

/* A list's names joined by ", "; absent when there are none. */
static struct span
joined(const struct result *r, uint32_t code, struct buf *b)
{
	struct span s = result_text(r, code);
	size_t i;

	if (s.p == NULL)
		return s;
	buf_reset(b);
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == EVENT_LIST_SEP)
			(void)buf_str(b, ", ");
		else
			(void)buf_char(b, s.p[i]);
	}
	return buf_as_span(b);
}

static void
write_group(struct result *r, sqlite3_stmt *st, uint32_t i, struct buf *b)
{
	const uint32_t *key = tally_key(&r->tally[TALLY_LINEAGE], i);
	const struct lineage_value *v =
	    tally_value(&r->tally[TALLY_LINEAGE], i);
	const char *state = lineage_state_text[key[LINEAGE_STATE]];

	(void)casefile_bind(r->c, st, "sssstti",
	    result_text(r, key[LINEAGE_OPERATOR]),
	    result_text(r, key[LINEAGE_CATEGORY]),
	    result_text(r, key[LINEAGE_RECIPIENT]),
	    joined(r, key[LINEAGE_PURPOSES], b),
	    lineage_hop_text[key[LINEAGE_HOP]], state[0] != '\0' ? state : NULL,
	    (int64_t)v->n);
	if (r->c->err.code != ERR_NONE)
		return;
	(void)sqlite3_bind_null(st, 8);
	(void)sqlite3_bind_null(st, 11);
	(void)sqlite3_bind_null(st, 12);
	if (!v->has_no_users)
		(void)sqlite3_bind_int64(st, 8, (int64_t)v->users);
	(void)sqlite3_bind_int64(st, 9, (int64_t)v->data);
	(void)sqlite3_bind_int64(st, 10, (int64_t)v->nonusers);
	if (v->times.known) {
		(void)sqlite3_bind_int64(st, 11, v->times.first_us);
		(void)sqlite3_bind_int64(st, 12, v->times.last_us);
	}
	(void)casefile_step(r->c, st);
}

/* ---- numbers of the finding ---------------------------------------------- */

static void
put(struct result *r, sqlite3_stmt *st, const char *name, double value,
    const char *unit)
{
	int64_t finding_id = r->finding_id[r->lineage.finding - 1];

	if (!isnan(value))
		(void)casefile_put(
		    r->c, st, "itdt", finding_id, name, value, unit);
}

static double
days(struct spread *us)
{
	return us->n == 0 ? NAN : spread_median(us) / (double)UTC_US_DAY;
}

static void
put_calls(struct result *r, sqlite3_stmt *st)
{
	const struct lineage_sums *s = &r->lineage;
	double all = 0, collected = (double)s->calls[LINEAGE_COLLECTED];
	int i;

	for (i = 0; i < LINEAGE_STATE__MAX; i++)
		all += (double)s->calls[i];
	put(r, st, "outbound_collected", collected, "contacts made");
	put(r, st, "outbound_themselves", (double)s->calls[LINEAGE_THEMSELVES],
	    "contacts made");
	put(r, st, "outbound_never_collected", (double)s->calls[LINEAGE_NEVER],
	    "contacts made");
	put(r, st, "outbound_collected_share", all > 0 ? collected / all : NAN,
	    "share of contacts made");
	put(r, st, "outbound_never_collected_share",
	    all > 0 ? (double)s->calls[LINEAGE_NEVER] / all : NAN,
	    "share of contacts made");
	put(r, st, "contacts_made_per_day",
	    s->contact_days > 0 ? collected / (double)s->contact_days : NAN,
	    "a person and day with any");
}

/* By hop: users_permission are those who had not given it.  What no record
 * could tell is no number: neither who had given a permission where none is
 * logged, nor whose data went a step that names none. */
static void
put_people(struct result *r, sqlite3_stmt *st)
{
	const struct lineage_sums *s = &r->lineage;
	char name[32];
	int hop;

	for (hop = LINEAGE_PERMISSION; hop <= LINEAGE_OUTBOUND; hop++) {
		(void)snprintf(
		    name, sizeof name, "users_%s", lineage_hop_text[hop]);
		if (hop != LINEAGE_PERMISSION || r->study->has_permission)
			put(r, st, name, (double)s->users[hop], "people");
		if (hop == LINEAGE_PERMISSION ||
		    (s->data[hop] == 0 && s->users[hop] > 0))
			continue;
		(void)snprintf(
		    name, sizeof name, "nonusers_%s", lineage_hop_text[hop]);
		put(r, st, name, (double)s->nonusers[hop],
		    "people without account");
	}
}

static void
put_measures(struct result *r)
{
	struct lineage_sums *s = &r->lineage;
	sqlite3_stmt *st;

	if (s->finding == 0 || r->finding_id[s->finding - 1] == 0)
		return;
	st = casefile_prepare(r->c, "INSERT INTO measure VALUES(?,?,?,?)");
	put(r, st, "data_of_a_user",
	    s->contacts.n > 0 ? spread_median(&s->contacts) : NAN,
	    "data, median");
	put(r, st, "days_from_collection", days(&s->delay_us), "d, median");
	put(r, st, "days_from_share", days(&s->share_delay_us), "d, median");
	put(r, st, "nonusers_collected", (double)s->collected,
	    "people without account");
	put_people(r, st);
	put(r, st, "hops_linked", s->hops, "of 4 on one datum");
	put(r, st, "chains_complete", (double)s->complete,
	    "data of people, collected, shared and contacted");
	put_calls(r, st);
	casefile_finalize(st);
}

void
write_lineage(struct result *r)
{
	sqlite3_stmt *st = casefile_prepare(
	    r->c, "INSERT INTO lineage VALUES(?,?,?,?,?,?,?,?,?,?,?,?)");
	uint32_t *order = result_sorted(r, TALLY_LINEAGE, LINEAGE_HOP), i;
	struct buf b = { 0 };

	for (i = 0; i < r->tally[TALLY_LINEAGE].n; i++)
		write_group(r, st, order[i], &b);
	casefile_finalize(st);
	free(order);
	buf_clear(&b);
	put_measures(r);
}

void
lineage_clear(struct result *r)
{
	size_t i;

	for (i = 0; i < RESULT_SHARED; i++)
		free(r->sharers[i].minute);
	free(r->collecting.bit);
	tally_clear(&r->shared);
	lineage_sort_clear(&r->data);
	spread_clear(&r->lineage.contacts);
	spread_clear(&r->lineage.delay_us);
	spread_clear(&r->lineage.share_delay_us);
}
