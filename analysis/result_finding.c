/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: a part counts each person once a finding, by the gravest
 * answer, keeping only the person in hand.  Who is sure or ambiguous goes to
 * a log (result_affected.c).
 */
#include "analysis/result_private.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/detector_table.h"
#include "analysis/stat.h"
#include "ingest/base/buf.h"

/* ---- in a part ----------------------------------------------------------- */

/* The finding's hash for the digest, made once. */
static const unsigned char *
hash_finding(
    struct result_part *rp, const uint32_t *key, struct finding_value *v)
{
	struct digest_finding f = {
		.detector = span_of(detector_table[key[FINDING_DETECTOR]].id),
		.surface = names_text(rp->names, key[FINDING_SURFACE]),
		.scope = key[FINDING_SCOPE] == 0
			     ? span_of("")
			     : names_text(rp->names, key[FINDING_SCOPE]),
		.operator_ = names_text(rp->names, key[FINDING_OPERATOR]),
	};

	if (v->has_hash)
		return v->hash;
	if (key[FINDING_SURFACE] != 0)
		f.design = part_text(rp, key[FINDING_DESIGN]);
	digest_finding(&rp->row, &f, v->hash);
	v->has_hash = true;
	return v->hash;
}

static void
hash_affected(
    struct result_part *rp, const uint32_t *key, struct finding_value *v)
{
	const struct part_subject *s = &rp->subject[v->subject - 1];
	struct digest_affected a = {
		.finding = hash_finding(rp, key, v),
		.kind = span_of(subject_kind_text[s->kind]),
		.subject = s->id,
		.role = 0,
		.grade = v->answer,
		.has_decision = v->decision != 0,
	};

	if (v->decision != 0) {
		a.shown_us = v->key.shown_us;
		a.decided_us = v->key.decided_us;
		a.purpose = names_text(rp->names, v->key.purpose);
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

/* The row of a finding in the tally, made when new. */
static uint32_t
find_finding(struct result_part *rp, const uint32_t asked[FINDING__WORDS])
{
	struct tally *t = &rp->tally[TALLY_FINDING];
	uint32_t key[FINDING__WORDS];
	struct finding_value *v;

	memcpy(key, asked, sizeof key);
	if (part_design_at(rp, key[FINDING_SURFACE], &key[FINDING_DESIGN]) ==
		NULL &&
	    key[FINDING_SURFACE] != 0)
		key[FINDING_DESIGN] = 0;
	v = tally_at(t, key);
	if (v == NULL) {
		/* More designs than anybody reads: one finding for the rest. */
		key[FINDING_DESIGN] = TALLY_OTHER;
		key[FINDING_SCOPE] = 0;
		(void)part_design_at(
		    rp, key[FINDING_SURFACE], &key[FINDING_DESIGN]);
		v = tally_at(t, key);
	}
	return tally_index(t, v);
}

/* Detectors answer for every decision, for few findings: those asked
 * for last are at hand. */
static struct finding_value *
finding_at(struct result_part *rp, const struct answer_row *a, uint32_t *index)
{
	uint32_t key[] = { (uint32_t)a->detector, a->surface, a->design,
		a->scope, a->operator_ };
	struct found *f;

	assert(a->detector >= 0 && a->detector < DETECTOR__MAX);
	f = &rp->found[met_slot(
	    a->surface, a->design ^ a->operator_, a->scope)];
	if (f->surface != a->surface || f->design != a->design ||
	    f->scope != a->scope || f->operator_ != a->operator_) {
		memset(f, 0, sizeof *f);
		f->surface = a->surface;
		f->design = a->design;
		f->scope = a->scope;
		f->operator_ = a->operator_;
	}
	if (f->row[a->detector] == 0)
		f->row[a->detector] = find_finding(rp, key) + 1;
	*index = f->row[a->detector] - 1;
	return tally_value(&rp->tally[TALLY_FINDING], *index);
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
		const struct decision_key *k = part_key(rp, a->decision - 1);

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
	v = finding_at(rp, a, &index);
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
		   (a->answer == v->answer &&
		       !result_is_earlier(a->us, v->us))) {
		return;
	}
	v->subject = a->subject + 1;
	v->answer = a->answer;
	v->decision = a->decision;
	if (a->decision != 0 &&
	    (a->answer == ANSWER_SURE || a->answer == ANSWER_AMBIGUOUS))
		v->key = *part_key(rp, a->decision - 1);
	v->us = a->us;
}

void
result_settle(struct result_part *rp, const struct answer_row *a)
{
	uint32_t index;

	finding_at(rp, a, &index)->settled = true;
}

/* ---- table finding ------------------------------------------------------- */

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
	(void)casefile_bind(r->c, st, "itsnsiiiiidddnnss",
	    (int64_t)r->finding_id[i], detector_table[key[FINDING_DETECTOR]].id,
	    result_text(r, key[FINDING_SURFACE]),
	    result_text_or_empty(r, key[FINDING_SCOPE]), (int64_t)eligible(v),
	    (int64_t)v->n[ANSWER_SURE], (int64_t)v->n[ANSWER_AMBIGUOUS],
	    (int64_t)v->n[ANSWER_REFUTED], (int64_t)v->n[ANSWER_UNDECIDABLE],
	    iv.estimate, iv.low, iv.high,
	    b->n > 0 ? buf_as_span(b) : (struct span){ NULL, 0 },
	    result_text(r, key[FINDING_OPERATOR]));
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
	    "INSERT INTO finding VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
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
		}
		if (v->n[ANSWER_UNDECIDABLE] == 0)
			v->n_missing = 0; /* graver answers came after */
		if (eligible(v) == 0)
			continue;
		r->finding_id[r->finding_order[i]] = ++id;
		write_finding(r, st, r->finding_order[i], &b);
	}
	casefile_finalize(st);
	buf_clear(&b);
}
