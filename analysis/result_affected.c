/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Everybody behind a finding.
 *
 * How it works: people who are not users (a phone number of an address book)
 * turn up in many parts; they are logged by id and made one when all parts
 * are in, in slices by a hash of the id.  Then the log of all people is
 * written in order of finding and person, in slices that fit into memory, so
 * that the table is only appended to.
 */
#include "analysis/result_private.h"

#include <assert.h>
#include <stdlib.h>

#include "analysis/detector_table.h"

enum { NONUSER_SLICE_BYTES = 32 * 1024 * 1024, AFFECTED_SLICE = 1024 * 1024 };

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
		return result_is_earlier(a->row->us, b->row->us) ? -1 : 1;
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
	struct digest_finding f = {
		.detector = span_of(detector_table[key[FINDING_DETECTOR]].id),
		.surface = result_text(r, key[FINDING_SURFACE]),
		.scope = result_text_or_empty(r, key[FINDING_SCOPE]),
		.operator_ = result_text(r, key[FINDING_OPERATOR]),
	};
	struct digest_affected a = {
		.finding = v->hash,
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
		f.design = result_text(r, key[FINDING_DESIGN]);
	if (!v->has_hash)
		digest_finding(&r->row, &f, v->hash);
	v->has_hash = true;
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
	static const struct feed_source source = { 5, affected_next,
		affected_column };
	struct affected_slice s = { .r = r };

	if (at == NULL)
		err_no_memory(n * sizeof *at);
	(void)feed_open(&r->affected_feed, r->c, "affected_row", &source, &s);
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
