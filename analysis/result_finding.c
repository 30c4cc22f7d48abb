/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: a part counts each person once a finding, by the gravest
 * answer, keeping only the person in hand.  Who is sure or ambiguous goes to
 * a log.  People who are not users (a phone number of an address book) turn
 * up in many parts: they are logged by id and made one when all parts are
 * in.  At the end the log is written in order of finding and person, in
 * slices that fit into memory, so that the table is only appended to.
 */
#include "analysis/result_private.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/detector_table.h"
#include "analysis/stat.h"
#include "ingest/base/buf.h"

enum { NONUSER_SLICE_BYTES = 64 * 1024 * 1024, AFFECTED_SLICE = 1024 * 1024 };

/* ---- in a part ----------------------------------------------------------- */

static void
hash_affected(
    struct result_part *rp, const uint32_t *key, const struct finding_value *v)
{
	const struct part_subject *s = &rp->subject[v->subject - 1];
	struct digest_affected a = {
		.detector = detector_table[key[FINDING_DETECTOR]].id,
		.surface = names_text(rp->names, key[FINDING_SURFACE]),
		.scope = key[FINDING_SCOPE] == 0
			     ? span_of("")
			     : names_text(rp->names, key[FINDING_SCOPE]),
		.kind = span_of(subject_kind_text[s->kind]),
		.subject = s->id,
		.role = 0,
		.grade = v->answer,
		.has_decision = v->decision != 0,
	};
	const struct decision_key *k;

	if (key[FINDING_SURFACE] != 0)
		a.design = part_text(rp, key[FINDING_DESIGN]);
	if (v->decision != 0) {
		k = &rp->key[v->decision - 1];
		a.shown_us = k->shown_us;
		a.decided_us = k->decided_us;
		a.purpose = names_text(rp->names, k->purpose);
	}
	digest_affected(&rp->row, &a);
	digest_row_end(&rp->row, &rp->hash_affected);
}

/* Count the person in hand. */
static void
end_person(struct result_part *rp, const uint32_t *key, uint32_t finding,
    struct finding_value *v)
{
	struct affected_row row;

	if (v->subject == 0)
		return;
	v->n[v->answer]++;
	if (v->answer == ANSWER_SURE || v->answer == ANSWER_AMBIGUOUS) {
		row.finding = finding;
		row.grade_role = (uint32_t)v->answer * 2;
		row.subject = v->subject - 1;
		row.decision = v->decision;
		memcpy(rowlog_add(&rp->affected, sizeof row), &row, sizeof row);
		hash_affected(rp, key, v);
	}
	v->subject = 0;
}

void
part_end_findings(struct result_part *rp)
{
	struct tally *t = &rp->tally[TALLY_FINDING];
	uint32_t i;

	for (i = 0; i < t->n; i++)
		end_person(rp, tally_key(t, i), i, tally_value(t, i));
}

static struct finding_value *
finding_at(struct result_part *rp, int detector, uint32_t surface,
    uint32_t design, uint32_t scope, uint32_t *index)
{
	struct tally *t = &rp->tally[TALLY_FINDING];
	uint32_t key[4] = { (uint32_t)detector, surface, design, scope };
	struct finding_value *v;

	assert(detector >= 0 && detector < DETECTOR__MAX);
	if (part_design_at(rp, surface, &key[FINDING_DESIGN]) == NULL &&
	    surface != 0)
		key[FINDING_DESIGN] = 0;
	v = tally_at(t, key);
	if (v == NULL) {
		/* More designs than anybody reads: one finding for the rest. */
		key[FINDING_DESIGN] = TALLY_OTHER;
		key[FINDING_SCOPE] = 0;
		(void)part_design_at(rp, surface, &key[FINDING_DESIGN]);
		v = tally_at(t, key);
	}
	*index = tally_index(t, v);
	return v;
}

static void
add_missing(struct finding_value *v, uint32_t code)
{
	uint32_t i;

	if (code == 0)
		return;
	for (i = 0; i < v->n_missing; i++)
		if (v->missing[i] == code)
			return;
	if (v->n_missing < FINDING_MISSING)
		v->missing[v->n_missing++] = code;
}

/* Earlier, where an unknown instant is the latest. */
static bool
is_earlier(int64_t a, int64_t b)
{
	if (a == RESULT_UNKNOWN)
		return false;
	return b == RESULT_UNKNOWN || a < b;
}

static void
log_nonuser(
    struct result_part *rp, uint32_t finding, const struct answer_row *a)
{
	struct span id = rp->subject[a->subject].id;
	size_t n = (id.n + 7) & ~(size_t)7;
	struct nonuser_row row = {
		.finding = finding,
		.answer = a->answer,
		.us = a->us,
		.shown_us = RESULT_UNKNOWN,
		.decided_us = RESULT_UNKNOWN,
		.decision = a->decision,
		.n = (uint32_t)id.n,
	};
	char *p;

	assert(id.n < UINT32_MAX / 2);
	if (a->decision != 0) {
		const struct decision_key *k = &rp->key[a->decision - 1];

		row.shown_us = k->shown_us;
		row.decided_us = k->decided_us;
		row.purpose = k->purpose;
	}
	p = rowlog_add(&rp->nonusers, sizeof row + n);
	memcpy(p, &row, sizeof row);
	memset(p + sizeof row, 0, n);
	memcpy(p + sizeof row, id.p, id.n);
}

void
result_answer(struct result_part *rp, const struct answer_row *a)
{
	struct finding_value *v;
	uint32_t index;

	assert(a->subject < rp->n_subjects);
	assert(a->answer < ANSWER__MAX && a->decision <= rp->n_decisions);
	if (a->answer == ANSWER_NONE)
		return;
	v = finding_at(
	    rp, a->detector, a->surface, a->design, a->scope, &index);
	add_missing(v, a->missing);
	if (a->answer == ANSWER_SURE || a->answer == ANSWER_AMBIGUOUS)
		times_add(&v->times, a->us);
	if (a->nonuser) {
		rp->subject[a->subject].kind = SUBJECT_NONUSER;
		log_nonuser(rp, index, a);
		return;
	}
	if (v->subject != a->subject + 1) {
		/* People come one after another in every finding. */
		assert(v->subject <= a->subject);
		end_person(
		    rp, tally_key(&rp->tally[TALLY_FINDING], index), index, v);
	} else if (a->answer > v->answer ||
		   (a->answer == v->answer && !is_earlier(a->us, v->us))) {
		return;
	}
	v->subject = a->subject + 1;
	v->answer = a->answer;
	v->decision = a->decision;
	v->us = a->us;
}

void
result_settle(struct result_part *rp, int detector, uint32_t surface,
    uint32_t design, uint32_t scope)
{
	uint32_t index;

	finding_at(rp, detector, surface, design, scope, &index)->settled =
	    true;
}

/* ---- people who are not users -------------------------------------------- */

struct nonuser {
	const struct nonuser_row *row;
	struct span id;
};

static int
nonuser_cmp(const void *va, const void *vb)
{
	const struct nonuser *a = va, *b = vb;
	int c = span_cmp(a->id, b->id);

	if (c != 0)
		return c;
	if (a->row->finding != b->row->finding)
		return a->row->finding < b->row->finding ? -1 : 1;
	if (a->row->answer != b->row->answer)
		return a->row->answer < b->row->answer ? -1 : 1;
	if (a->row->us != b->row->us)
		return is_earlier(a->row->us, b->row->us) ? -1 : 1;
	return (a->row->decision > b->row->decision) -
	       (a->row->decision < b->row->decision);
}

static uint64_t
id_hash(const char *p, size_t n)
{
	uint64_t h = 0xcbf29ce484222325;

	while (n-- > 0)
		h = (h ^ (unsigned char)*p++) * 0x100000001b3;
	h ^= h >> 32;
	return h * 0x9e3779b97f4a7c15 >> 32;
}

/* Count a person in a finding, by the gravest of the sorted answers. */
static void
count_nonuser(struct result *r, const struct nonuser *u, uint64_t subject_id)
{
	struct tally *t = &r->tally[TALLY_FINDING];
	struct finding_value *v = tally_value(t, u->row->finding);
	const uint32_t *key = tally_key(t, u->row->finding);
	struct affected_row row;
	struct digest_affected a = {
		.detector = detector_table[key[FINDING_DETECTOR]].id,
		.surface = result_text(r, key[FINDING_SURFACE]),
		.scope = result_text_or_empty(r, key[FINDING_SCOPE]),
		.kind = span_of(subject_kind_text[SUBJECT_NONUSER]),
		.subject = u->id,
		.role = 1,
		.grade = u->row->answer,
		.has_decision = u->row->decision != 0,
		.shown_us = u->row->shown_us,
		.decided_us = u->row->decided_us,
		.purpose = result_text(r, u->row->purpose),
	};

	v->n[u->row->answer]++;
	if (u->row->answer != ANSWER_SURE && u->row->answer != ANSWER_AMBIGUOUS)
		return;
	if (key[FINDING_SURFACE] != 0)
		a.design = result_text(r, key[FINDING_DESIGN]);
	digest_affected(&r->row, &a);
	digest_row_end(&r->row, &r->hash[DIGEST_AFFECTED]);
	row.finding = u->row->finding;
	row.grade_role = u->row->answer * 2 + 1;
	row.subject = subject_id;
	row.decision = u->row->decision;
	memcpy(rowlog_add(&r->affected, sizeof row), &row, sizeof row);
}

static void
count_nonusers(struct result *r, struct nonuser *u, size_t n)
{
	sqlite3_stmt *st =
	    casefile_prepare(r->c, "INSERT INTO subject VALUES(?, ?, ?)");
	size_t i;

	qsort(u, n, sizeof *u, nonuser_cmp);
	for (i = 0; i < n; i++) {
		if (i == 0 || span_cmp(u[i].id, u[i - 1].id) != 0)
			(void)casefile_put(r->c, st, "ist",
			    (int64_t)++r->n_subjects, u[i].id,
			    subject_kind_text[SUBJECT_NONUSER]);
		else if (u[i].row->finding == u[i - 1].row->finding)
			continue;
		count_nonuser(r, &u[i], r->n_subjects);
	}
	casefile_finalize(st);
}

/* Those whose hash falls to slice k of n. */
static void
merge_slice(struct result *r, uint64_t k, uint64_t n_slices)
{
	const struct nonuser_row *row;
	struct arena arena = { 0 };
	struct rowlog_reader reader;
	struct nonuser_row copy;
	struct nonuser *u = NULL;
	const char *id;
	size_t n = 0, room = 0;

	rowlog_read(&reader, &r->nonusers);
	while ((row = rowlog_take(&reader, sizeof *row)) != NULL) {
		memcpy(&copy, row, sizeof copy);
		id = rowlog_take(&reader, (copy.n + 7) & ~(size_t)7);
		if (copy.n > 0 && id == NULL)
			break;
		if (id_hash(id, copy.n) % n_slices != k)
			continue;
		if (n == room) {
			room = room == 0 ? 256 : room * 2;
			u = realloc(u, room * sizeof *u);
			if (u == NULL)
				err_no_memory(room * sizeof *u);
		}
		u[n].row = memcpy(
		    arena_alloc(&arena, sizeof copy), &copy, sizeof copy);
		u[n].id.p = copy.n > 0
				? arena_str(&arena, (struct span){ id, copy.n })
				: "";
		u[n++].id.n = copy.n;
	}
	rowlog_read_end(&reader);
	if (n > 0)
		count_nonusers(r, u, n);
	free(u);
	arena_clear(&arena);
}

int
merge_nonusers(struct result *r, struct err *err)
{
	uint64_t bytes = rowlog_bytes(&r->nonusers), n, k;

	n = bytes / NONUSER_SLICE_BYTES + 1;
	for (k = 0; k < n && bytes > 0; k++)
		merge_slice(r, k, n);
	return rowlog_error(&r->nonusers, err);
}

/* ---- tables finding and affected ----------------------------------------- */

static uint64_t
eligible(const struct finding_value *v)
{
	return v->n[ANSWER_SURE] + v->n[ANSWER_AMBIGUOUS] +
	       v->n[ANSWER_REFUTED] + v->n[ANSWER_UNDECIDABLE];
}

static int
text_cmp(const void *va, const void *vb, void *arg)
{
	const uint32_t *a = va, *b = vb;
	const struct result *r = arg;

	return span_cmp(result_text(r, *a), result_text(r, *b));
}

/* The distinct texts of what is missing, sorted, joined by ", ". */
static void
missing_text(struct result *r, struct finding_value *v, struct buf *b)
{
	uint32_t i;

	qsort_r(v->missing, v->n_missing, sizeof v->missing[0], text_cmp, r);
	buf_reset(b);
	for (i = 0; i < v->n_missing; i++) {
		if (i > 0)
			(void)buf_str(b, ", ");
		(void)buf_span(b, result_text(r, v->missing[i]));
	}
}

static void
write_finding(struct result *r, sqlite3_stmt *st, uint32_t i, struct buf *b)
{
	const uint32_t *key = tally_key(&r->tally[TALLY_FINDING], i);
	struct finding_value *v = tally_value(&r->tally[TALLY_FINDING], i);
	uint32_t design_key[2] = { key[FINDING_SURFACE], key[FINDING_DESIGN] };
	struct tally *designs = &r->tally[TALLY_DESIGN];
	struct design_value *d = tally_find(designs, design_key);
	struct interval iv;

	missing_text(r, v, b);
	iv = stat_wilson(v->n[ANSWER_SURE], eligible(v), 0.95);
	(void)casefile_bind(r->c, st, "itsnsiiiiidddnns",
	    (int64_t)r->finding_id[i], detector_table[key[FINDING_DETECTOR]].id,
	    result_text(r, key[FINDING_SURFACE]),
	    result_text_or_empty(r, key[FINDING_SCOPE]), (int64_t)eligible(v),
	    (int64_t)v->n[ANSWER_SURE], (int64_t)v->n[ANSWER_AMBIGUOUS],
	    (int64_t)v->n[ANSWER_REFUTED], (int64_t)v->n[ANSWER_UNDECIDABLE],
	    iv.estimate, iv.low, iv.high,
	    b->n > 0 ? buf_as_span(b) : (struct span){ NULL, 0 });
	if (r->c->err.code != ERR_NONE)
		return;
	if (d != NULL)
		(void)sqlite3_bind_int64(
		    st, 4, (int64_t)tally_index(designs, d) + 1);
	if (v->times.known) {
		(void)sqlite3_bind_int64(st, 14, v->times.first_us);
		(void)sqlite3_bind_int64(st, 15, v->times.last_us);
	}
	(void)casefile_step(r->c, st);
}

void
write_findings(struct result *r)
{
	struct tally *t = &r->tally[TALLY_FINDING];
	sqlite3_stmt *st = casefile_prepare(r->c,
	    "INSERT INTO finding VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
	uint32_t i, id = 0;
	struct buf b = { 0 };

	r->finding_order = result_sorted(r, TALLY_FINDING, 0);
	r->finding_id = calloc(t->n + 1, sizeof *r->finding_id);
	if (r->finding_id == NULL)
		err_no_memory(t->n * sizeof *r->finding_id);
	for (i = 0; i < t->n; i++) {
		struct finding_value *v = tally_value(t, r->finding_order[i]);

		if (v->settled) {
			v->n[ANSWER_REFUTED] += v->n[ANSWER_UNDECIDABLE];
			v->n[ANSWER_UNDECIDABLE] = 0;
			v->n_missing = 0;
		}
		if (eligible(v) == 0)
			continue;
		r->finding_id[r->finding_order[i]] = ++id;
		write_finding(r, st, r->finding_order[i], &b);
	}
	casefile_finalize(st);
	buf_clear(&b);
}

/* What of the log goes into the table now: findings in [first, last) of the
 * final order, in `row`, each at its place. */
struct affected_slice {
	struct affected_row *row; /* [n] */
	uint64_t n, at;
	struct result *r;
	/* A single finding too large for memory is read from the log. */
	bool is_streamed;
	uint32_t finding;
	struct rowlog_reader reader;
	struct affected_row current;
};

static int
affected_next(void *arg)
{
	struct affected_slice *s = arg;
	const struct affected_row *row;

	if (!s->is_streamed) {
		if (s->at == s->n)
			return 0;
		s->current = s->row[s->at++];
		return 1;
	}
	while ((row = rowlog_take(&s->reader, sizeof *row)) != NULL) {
		memcpy(&s->current, row, sizeof s->current);
		if (s->current.finding == s->finding)
			return 1;
	}
	return 0;
}

static void
affected_column(void *arg, sqlite3_context *to, int i)
{
	const struct affected_slice *s = arg;
	const struct affected_row *a = &s->current;

	switch (i) {
	case 0:
		sqlite3_result_int64(to, s->r->finding_id[a->finding]);
		break;
	case 1:
		sqlite3_result_int64(to, (int64_t)a->subject);
		break;
	case 2:
		sqlite3_result_int64(to, a->grade_role & 1);
		break;
	case 3:
		if (a->decision != 0)
			sqlite3_result_int64(to, (int64_t)a->decision);
		break;
	default:
		sqlite3_result_int64(to, a->grade_role >> 1);
	}
}

static uint64_t
affected_count(const struct result *r, uint32_t finding)
{
	const struct finding_value *v =
	    tally_value(&r->tally[TALLY_FINDING], finding);

	return v->n[ANSWER_SURE] + v->n[ANSWER_AMBIGUOUS];
}

/* Put the rows of findings [first, last) of the final order at their places:
 * `at` begins as the place of each finding's first. */
static void
fill_slice(struct affected_slice *s, uint64_t *at, uint64_t none)
{
	const struct affected_row *row;
	struct rowlog_reader reader;

	rowlog_read(&reader, &s->r->affected);
	while ((row = rowlog_take(&reader, sizeof *row)) != NULL) {
		struct affected_row copy;

		memcpy(&copy, row, sizeof copy);
		if (at[copy.finding] != none)
			s->row[at[copy.finding]++] = copy;
	}
	rowlog_read_end(&reader);
}

void
write_affected(struct result *r)
{
	uint32_t n = r->tally[TALLY_FINDING].n, first, last, i;
	uint64_t *at = calloc(n + 1, sizeof *at);
	struct affected_slice s = { .r = r };

	if (at == NULL)
		err_no_memory(n * sizeof *at);
	(void)feed_open(
	    &r->affected_feed, r->c, "affected_row", &affected_source, &s);
	for (first = 0; first < n && r->c->err.code == ERR_NONE; first = last) {
		for (i = 0; i < n; i++)
			at[i] = UINT64_MAX;
		for (s.n = 0, last = first;
		     last < n &&
		     (last == first ||
			 s.n + affected_count(r, r->finding_order[last]) <=
			     AFFECTED_SLICE);
		     last++) {
			at[r->finding_order[last]] = s.n;
			s.n += affected_count(r, r->finding_order[last]);
		}
		if (s.n == 0)
			continue;
		s.at = 0;
		s.is_streamed = s.n > AFFECTED_SLICE;
		s.finding = r->finding_order[first];
		if (s.is_streamed) {
			rowlog_read(&s.reader, &r->affected);
		} else {
			s.row = malloc(s.n * sizeof *s.row);
			if (s.row == NULL)
				err_no_memory(s.n * sizeof *s.row);
			fill_slice(&s, at, UINT64_MAX);
		}
		(void)feed_run(&r->affected_feed, r->c);
		rowlog_read_end(&s.reader);
		free(s.row);
		s.row = NULL;
	}
	feed_close(&r->affected_feed, r->c);
	free(at);
}

const struct feed_source affected_source = { 5, affected_next,
	affected_column };
