/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The writer takes a part: its people and decisions become rows, its counts
 * are added to the result's.  One part after another, in their order.
 */
#include "analysis/result_private.h"

#include <assert.h>
#include <stdlib.h>

uint32_t
result_code(struct result *r, struct result_part *rp, uint32_t code)
{
	if (code == 0 || code == TALLY_OTHER)
		return code;
	assert(code <= rp->names->n);
	if (rp->code[code] == 0)
		rp->code[code] =
		    names_code(&r->names, names_text(rp->names, code));
	return rp->code[code];
}

struct span
result_text(const struct result *r, uint32_t code)
{
	return code == TALLY_OTHER ? span_of(OTHER_TEXT)
				   : names_text(&r->names, code);
}

struct span
result_text_or_empty(const struct result *r, uint32_t code)
{
	return code == 0 ? span_of("") : result_text(r, code);
}

/* ---- tallies ------------------------------------------------------------- */

/* A key in the result's codes; bit i of `codes`: word i is a code. */
static void *
take_at(struct result *r, struct result_part *rp, enum result_tally k,
    uint32_t i, unsigned codes)
{
	const uint32_t *from = tally_key(&rp->tally[k], i);
	uint32_t key[TALLY_MAX_WORDS];
	unsigned w;

	for (w = 0; w < rp->tally[k].key_words; w++)
		key[w] = codes >> w & 1 ? result_code(r, rp, from[w]) : from[w];
	return tally_at(&r->tally[k], key);
}

static void
take_designs(struct result *r, struct result_part *rp)
{
	struct design_value *v, *to;
	uint32_t i;

	for (i = 0; i < rp->tally[TALLY_DESIGN].n; i++) {
		v = tally_value(&rp->tally[TALLY_DESIGN], i);
		to = take_at(r, rp, TALLY_DESIGN, i, 3);
		v->number = tally_index(&r->tally[TALLY_DESIGN], to);
		to->impressions += v->impressions;
		to->people += v->people;
	}
}

static void
take_rates(struct result *r, struct result_part *rp)
{
	const struct tally *t = &rp->tally[TALLY_RATE];
	const struct rate_value *v;
	struct rate_value *to;
	const uint32_t *key;
	uint32_t i, other[RATE_B + 1] = { 0 };
	unsigned codes;

	for (i = 0; i < t->n; i++) {
		key = tally_key(t, i);
		v = tally_value(t, i);
		codes = 1u << RATE_SURFACE | 1u << RATE_PURPOSE;
		if (key[RATE_DIMENSION] != RATE_DAY)
			codes |= 1u << RATE_A | 1u << RATE_B;
		to = take_at(r, rp, TALLY_RATE, i, codes);
		if (to == NULL) {
			other[RATE_SURFACE] =
			    result_code(r, rp, key[RATE_SURFACE]);
			other[RATE_DIMENSION] = key[RATE_DIMENSION];
			other[RATE_A] = TALLY_OTHER;
			to = tally_at(&r->tally[TALLY_RATE], other);
		}
		to->given += v->given;
		to->refused += v->refused;
		to->other += v->other;
		to->unlogged += v->unlogged;
		to->blind += v->blind;
	}
}

static void
take_findings(struct result *r, struct result_part *rp)
{
	struct finding_value *v, *to;
	uint32_t i, j, k, code;

	for (i = 0; i < rp->tally[TALLY_FINDING].n; i++) {
		v = tally_value(&rp->tally[TALLY_FINDING], i);
		to = take_at(r, rp, TALLY_FINDING, i, 0x1e);
		v->number = tally_index(&r->tally[TALLY_FINDING], to);
		for (j = 0; j < ANSWER__MAX; j++)
			to->n[j] += v->n[j];
		times_merge(&to->times, &v->times);
		to->settled = to->settled || v->settled;
		for (j = 0; j < v->n_missing; j++) {
			code = result_code(r, rp, v->missing[j]);
			for (k = 0; k < to->n_missing; k++)
				if (to->missing[k] == code)
					break;
			if (k == to->n_missing && k < FINDING_MISSING)
				to->missing[to->n_missing++] = code;
		}
	}
}

static void
take_edges(struct result *r, struct result_part *rp)
{
	const struct tally *t = &rp->tally[TALLY_EDGE];
	const struct edge_value *v;
	struct edge_value *to;
	uint32_t i, other[3];

	for (i = 0; i < t->n; i++) {
		v = tally_value(t, i);
		to = take_at(r, rp, TALLY_EDGE, i, 7);
		if (to == NULL) {
			other[0] = result_code(r, rp, tally_key(t, i)[0]);
			other[1] = other[2] = TALLY_OTHER;
			to = tally_at(&r->tally[TALLY_EDGE], other);
		}
		spread_merge(&to->us, &v->us);
	}
}

/* The steps of a path in the result's codes, as one name. */
static uint32_t
take_steps(struct result *r, struct result_part *rp, uint32_t steps)
{
	uint32_t step[RESULT_PATH_STEPS], code;
	struct span s = names_text(&rp->steps, steps);
	size_t i, n = s.n / sizeof step[0];

	if (steps == TALLY_OTHER)
		return TALLY_OTHER;
	for (i = 0; i < n; i++) {
		memcpy(&code, s.p + i * sizeof code, sizeof code);
		step[i] = result_code(r, rp, code);
	}
	s.p = n > 0 ? (const char *)step : "";
	if (r->steps.n >= RESULT_TALLIES && names_find(&r->steps, s) == 0)
		return TALLY_OTHER;
	return names_code(&r->steps, s);
}

static void
take_paths(struct result *r, struct result_part *rp)
{
	const struct tally *t = &rp->tally[TALLY_PATH];
	const uint32_t *from;
	struct path_value *to;
	uint32_t i, key[3];

	for (i = 0; i < t->n; i++) {
		from = tally_key(t, i);
		key[0] = result_code(r, rp, from[0]);
		key[1] = from[1];
		key[2] = from[2] == TALLY_OTHER ? TALLY_OTHER
						: take_steps(r, rp, from[2]);
		to = tally_at(&r->tally[TALLY_PATH], key);
		if (to == NULL) {
			key[2] = TALLY_OTHER;
			to = tally_at(&r->tally[TALLY_PATH], key);
		}
		to->n += ((struct path_value *)tally_value(t, i))->n;
	}
}

static void
take_routes(struct result *r, struct result_part *rp)
{
	const struct tally *t = &rp->tally[TALLY_ROUTE];
	const struct route_value *v;
	struct route_value *to;
	uint32_t i;

	for (i = 0; i < t->n; i++) {
		v = tally_value(t, i);
		to = take_at(r, rp, TALLY_ROUTE, i, 3);
		if (to == NULL)
			continue;
		to->n += v->n;
		to->abandoned += v->abandoned;
		spread_merge(&to->acts, &v->acts);
		spread_merge(&to->screens, &v->screens);
		spread_merge(&to->options, &v->options);
		spread_merge(&to->us, &v->us);
	}
}

static void
take_again(struct result *r, struct result_part *rp)
{
	const struct tally *t = &rp->tally[TALLY_AGAIN];
	const struct again_value *v;
	struct again_value *to;
	uint32_t i;

	for (i = 0; i < t->n; i++) {
		v = tally_value(t, i);
		to = take_at(r, rp, TALLY_AGAIN, i, 3);
		if (to == NULL)
			continue;
		to->shown += v->shown;
		to->given += v->given;
		to->dated += v->dated;
		to->soon += v->soon;
		to->worn_down += v->worn_down;
	}
}

static void
take_processing(struct result *r, struct result_part *rp)
{
	const struct tally *t = &rp->tally[TALLY_PROCESSING];
	const struct processing_value *v;
	struct processing_value *to;
	uint32_t i;

	for (i = 0; i < t->n; i++) {
		v = tally_value(t, i);
		to = take_at(r, rp, TALLY_PROCESSING, i, 0x7d);
		if (to == NULL) {
			const uint32_t *k = tally_key(t, i);
			uint32_t other[7] = { result_code(r, rp, k[0]), k[1],
				TALLY_OTHER, TALLY_OTHER, TALLY_OTHER,
				TALLY_OTHER, TALLY_OTHER };

			to = tally_at(&r->tally[TALLY_PROCESSING], other);
		}
		to->n += v->n;
		to->subjects += v->subjects;
		times_merge(&to->times, &v->times);
	}
}

static void
take_tainted(struct result *r, struct result_part *rp)
{
	const struct tally *t = &rp->tally[TALLY_TAINTED];
	const struct tainted_value *v;
	const struct recipient_value *rv;
	struct recipient_value *rto;
	struct tainted_value *to;
	uint32_t i, other[2];

	for (i = 0; i < t->n; i++) {
		v = tally_value(t, i);
		to = take_at(r, rp, TALLY_TAINTED, i, 1);
		if (to == NULL)
			continue;
		to->obtained += v->obtained;
		to->ended += v->ended;
	}
	t = &rp->tally[TALLY_RECIPIENT];
	for (i = 0; i < t->n; i++) {
		rv = tally_value(t, i);
		rto = take_at(r, rp, TALLY_RECIPIENT, i, 3);
		if (rto == NULL) {
			other[0] = result_code(r, rp, tally_key(t, i)[0]);
			other[1] = TALLY_OTHER;
			rto = tally_at(&r->tally[TALLY_RECIPIENT], other);
		}
		rto->people += rv->people;
		rto->records += rv->records;
		times_merge(&rto->times, &rv->times);
	}
}

static void
take_coverage(struct result *r, struct result_part *rp)
{
	const struct tally *t = &rp->tally[TALLY_COVERAGE];
	struct coverage_value *to;
	uint32_t i, key;

	for (i = 0; i < t->n; i++) {
		key = names_code(
		    &r->coverage, names_text(&rp->coverage, *tally_key(t, i)));
		to = tally_at(&r->tally[TALLY_COVERAGE], &key);
		to->n += ((struct coverage_value *)tally_value(t, i))->n;
	}
}

/* ---- logs ---------------------------------------------------------------- */

static void
take_hashes(struct rowlog *to, struct rowlog *from)
{
	struct rowlog_reader reader;
	const void *p;

	rowlog_read(&reader, from);
	while ((p = rowlog_take(&reader, DIGEST_BYTES)) != NULL)
		memcpy(rowlog_add(to, DIGEST_BYTES), p, DIGEST_BYTES);
	rowlog_read_end(&reader);
}

static void
take_affected(struct result *r, struct result_part *rp)
{
	const struct tally *t = &rp->tally[TALLY_FINDING];
	struct rowlog_reader reader;
	struct affected_row row;
	const void *p;

	rowlog_read(&reader, &rp->affected);
	while ((p = rowlog_take(&reader, sizeof row)) != NULL) {
		memcpy(&row, p, sizeof row);
		row.finding =
		    ((struct finding_value *)tally_value(t, row.finding))
			->number;
		row.subject = r->n_subjects + rp->subject[row.subject].rank;
		if (row.decision != 0)
			row.decision += r->n_decisions;
		memcpy(rowlog_add(&r->affected, sizeof row), &row, sizeof row);
	}
	rowlog_read_end(&reader);
}

static void
take_nonusers(struct result *r, struct result_part *rp)
{
	const struct tally *t = &rp->tally[TALLY_FINDING];
	struct rowlog_reader reader;
	struct nonuser_row row;
	const void *p;
	size_t n;
	char *to;

	rowlog_read(&reader, &rp->nonusers);
	while ((p = rowlog_take(&reader, sizeof row)) != NULL) {
		memcpy(&row, p, sizeof row);
		n = (row.n + 7) & ~(size_t)7;
		p = n > 0 ? rowlog_take(&reader, n) : "";
		if (p == NULL)
			break;
		row.finding =
		    ((struct finding_value *)tally_value(t, row.finding))
			->number;
		row.purpose = result_code(r, rp, row.purpose);
		if (row.decision != 0)
			row.decision += r->n_decisions;
		to = rowlog_add(&r->nonusers, sizeof row + n);
		memcpy(to, &row, sizeof row);
		memcpy(to + sizeof row, p, n);
	}
	rowlog_read_end(&reader);
}

static uint32_t
rank_subjects(struct result_part *rp)
{
	uint32_t i, n = 0;

	for (i = 0; i < rp->n_subjects; i++)
		if (rp->subject[i].kind != SUBJECT_NONUSER)
			rp->subject[i].rank = ++n;
	return n;
}

/* The numbers that SQLite gave are those that other rows go by. */
static bool
is_last_row(const struct result *r, uint64_t number, uint64_t n_rows)
{
	return n_rows == 0 || r->c->err.code != ERR_NONE ||
	       (uint64_t)sqlite3_last_insert_rowid(r->c->db) == number;
}

void
result_take(struct result *r, struct result_part *rp)
{
	uint32_t n_ranked = rank_subjects(rp);

	rp->code = calloc(rp->names->n + 1, sizeof *rp->code);
	if (rp->code == NULL)
		err_no_memory(rp->names->n * sizeof *rp->code);
	r->part = rp;
	take_designs(r, rp);
	r->at = 0;
	(void)feed_run(&r->subject_feed, r->c);
	assert(is_last_row(r, r->n_subjects + n_ranked, n_ranked));
	r->at = 0;
	rowlog_read(&r->reader, &rp->decisions);
	rowlog_read(&r->form_reader, &rp->form_keys);
	(void)feed_run(&r->decision_feed, r->c);
	assert(
	    is_last_row(r, r->n_decisions + rp->n_decisions, rp->n_decisions));
	rowlog_read_end(&r->form_reader);
	rowlog_read_end(&r->reader);
	merge_exposures(r, rp);
	take_rates(r, rp);
	take_findings(r, rp);
	take_edges(r, rp);
	take_paths(r, rp);
	take_routes(r, rp);
	take_again(r, rp);
	take_processing(r, rp);
	take_tainted(r, rp);
	take_network(r, rp);
	take_coverage(r, rp);
	take_lineage(r, rp);
	clocks_merge(r->clock, rp->clock);
	take_affected(r, rp);
	take_nonusers(r, rp);
	take_hashes(&r->hash[DIGEST_DECISION], &rp->hash_decision);
	take_hashes(&r->hash[DIGEST_AFFECTED], &rp->hash_affected);
	r->n_subjects += n_ranked;
	r->n_decisions += rp->n_decisions;
	r->n_flows += rp->max_flow;
	r->part = NULL;
}
