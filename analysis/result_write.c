/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smaller tables, written when all parts are in. */
#include "analysis/result_private.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/detector_table.h"
#include "analysis/stat.h"
#include "ingest/base/buf.h"
#include "ingest/base/utc.h"

/* ---- order --------------------------------------------------------------- */

struct sorting {
	const struct result *r;
	const struct tally *t;
	unsigned n_texts;
};

static int
row_cmp(const void *va, const void *vb, void *arg)
{
	const struct sorting *s = arg;
	const uint32_t *a = tally_key(s->t, *(const uint32_t *)va);
	const uint32_t *b = tally_key(s->t, *(const uint32_t *)vb);
	unsigned w;
	int c;

	for (w = 0; w < s->t->key_words; w++) {
		if (a[w] == b[w])
			continue;
		if (w >= s->n_texts)
			return a[w] < b[w] ? -1 : 1;
		c = span_cmp(result_text(s->r, a[w]), result_text(s->r, b[w]));
		if (c != 0)
			return c;
	}
	return 0;
}

/* Findings go by detector, then by texts. */
static int
finding_cmp(const void *va, const void *vb, void *arg)
{
	const struct sorting *s = arg;
	const uint32_t *a = tally_key(s->t, *(const uint32_t *)va);
	const uint32_t *b = tally_key(s->t, *(const uint32_t *)vb);

	if (a[FINDING_DETECTOR] != b[FINDING_DETECTOR])
		return a[FINDING_DETECTOR] < b[FINDING_DETECTOR] ? -1 : 1;
	return row_cmp(va, vb, arg);
}

uint32_t *
result_sorted(const struct result *r, enum result_tally k, unsigned n_texts)
{
	struct sorting s = { r, &r->tally[k], n_texts };
	uint32_t *order = calloc(s.t->n + 1, sizeof *order), i;

	if (order == NULL)
		err_no_memory(s.t->n * sizeof *order);
	for (i = 0; i < s.t->n; i++)
		order[i] = i;
	if (k == TALLY_FINDING)
		s.n_texts = s.t->key_words; /* the detector is the same then */
	qsort_r(order, s.t->n, sizeof *order,
	    k == TALLY_FINDING ? finding_cmp : row_cmp, &s);
	return order;
}

void
result_bind_times(
    struct result *r, sqlite3_stmt *st, int first, const struct times *t)
{
	if (r->c->err.code != ERR_NONE || !t->known)
		return;
	(void)sqlite3_bind_int64(st, first, t->first_us);
	(void)sqlite3_bind_int64(st, first + 1, t->last_us);
}

/* ---- tables -------------------------------------------------------------- */

void
write_detectors(struct result *r)
{
	sqlite3_stmt *st =
	    casefile_prepare(r->c, "INSERT INTO detector VALUES(?,?,?,?,?,?)");
	int i;

	for (i = 0; i < DETECTOR__MAX; i++) {
		const struct detector_row *d = &detector_table[i];

		(void)casefile_put(r->c, st, "tttttt", d->id, d->title,
		    d->measure, d->unit, d->alternatives, d->sources);
	}
	casefile_finalize(st);
}

void
write_names(struct result *r)
{
	sqlite3_stmt *st =
	    casefile_prepare(r->c, "INSERT INTO name VALUES(?, ?)");
	uint32_t i;

	for (i = 1; i < r->n_used; i++)
		if (r->used[i])
			(void)casefile_put(
			    r->c, st, "is", (int64_t)i, result_text(r, i));
	casefile_finalize(st);
}

void
write_edges(struct result *r)
{
	/* "" and no name at all look alike here, and so may OTHER_TEXT. */
	sqlite3_stmt *st = casefile_prepare(r->c,
	    "INSERT INTO edge VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET n = "
	    "n + excluded.n");
	uint32_t *order = result_sorted(r, TALLY_EDGE, 3), i;

	for (i = 0; i < r->tally[TALLY_EDGE].n; i++) {
		const uint32_t *key =
		    tally_key(&r->tally[TALLY_EDGE], order[i]);
		struct edge_value *v =
		    tally_value(&r->tally[TALLY_EDGE], order[i]);

		(void)casefile_put(r->c, st, "sssii",
		    result_text_or_empty(r, key[0]),
		    result_text_or_empty(r, key[1]),
		    result_text_or_empty(r, key[2]), (int64_t)v->us.n,
		    (int64_t)spread_median(&v->us));
	}
	casefile_finalize(st);
	free(order);
}

static void
path_text(const struct result *r, uint32_t steps, struct buf *b)
{
	struct span s = names_text(&r->steps, steps);
	uint32_t code;
	size_t i;

	buf_reset(b);
	if (steps == TALLY_OTHER)
		(void)buf_str(b, OTHER_TEXT);
	for (i = 0; i + sizeof code <= s.n && steps != TALLY_OTHER;
	     i += sizeof code) {
		memcpy(&code, s.p + i, sizeof code);
		if (i > 0)
			(void)buf_str(b, " > ");
		(void)buf_span(b, result_text_or_empty(r, code));
	}
}

static const char *
outcome_text(uint32_t outcome)
{
	static const char *const text[DECISION_OUTCOME__MAX] = {
		[DECISION_OUTCOME_NONE] = "",
		[OUTCOME_GIVEN] = "given",
		[OUTCOME_REFUSED] = "refused",
		[OUTCOME_DISMISSED] = "dismissed",
		[OUTCOME_LEFT] = "left",
		[OUTCOME_NOT_ASKED] = "not_asked",
	};

	assert(outcome < DECISION_OUTCOME__MAX);
	return text[outcome];
}

void
write_paths(struct result *r)
{
	/* Texts with " > " in them may make two paths look alike. */
	sqlite3_stmt *st = casefile_prepare(r->c,
	    "INSERT INTO path VALUES(?,?,?,?) ON CONFLICT DO UPDATE SET n = "
	    "n + excluded.n");
	struct buf b = { 0 };
	uint32_t i;

	for (i = 0; i < r->tally[TALLY_PATH].n; i++) {
		const uint32_t *key = tally_key(&r->tally[TALLY_PATH], i);
		const struct path_value *v =
		    tally_value(&r->tally[TALLY_PATH], i);

		path_text(r, key[2], &b);
		(void)casefile_put(r->c, st, "stsi",
		    result_text_or_empty(r, key[0]), outcome_text(key[1]),
		    buf_as_span(&b), (int64_t)v->n);
	}
	casefile_finalize(st);
	buf_clear(&b);
}

static double
median_or_null(struct spread *s)
{
	return s->n == 0 ? NAN : spread_median(s);
}

static void
write_route(struct result *r, sqlite3_stmt *st, uint32_t i)
{
	const uint32_t *key = tally_key(&r->tally[TALLY_ROUTE], i);
	struct route_value *v = tally_value(&r->tally[TALLY_ROUTE], i);
	struct tally *designs = &r->tally[TALLY_DESIGN];
	const struct design_value *d = tally_find(designs, key);
	uint64_t rank = stat_median_rank(v->us.n, 0.95);
	double low = NAN, high = NAN;

	if (rank > 0) {
		low = (double)spread_rank(&v->us, rank) / 1e6;
		high = (double)spread_rank(&v->us, v->us.n + 1 - rank) / 1e6;
	}
	(void)casefile_bind(r->c, st, "sntindndddddi",
	    result_text_or_empty(r, key[0]),
	    event_word_name(EV_DECISION, key[2]), (int64_t)v->n,
	    median_or_null(&v->acts), median_or_null(&v->screens),
	    median_or_null(&v->options), median_or_null(&v->us) / 1e6, low,
	    high, (int64_t)v->abandoned);
	if (r->c->err.code != ERR_NONE)
		return;
	if (d != NULL)
		(void)sqlite3_bind_int64(
		    st, 2, (int64_t)tally_index(designs, d) + 1);
	if (v->n > 0) {
		(void)sqlite3_bind_int64(st, 5, spread_rank(&v->acts, 1));
		(void)sqlite3_bind_int64(st, 7, spread_rank(&v->screens, 1));
	}
	(void)casefile_step(r->c, st);
}

void
write_routes(struct result *r)
{
	sqlite3_stmt *st = casefile_prepare(
	    r->c, "INSERT INTO route VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)");
	uint32_t *order = result_sorted(r, TALLY_ROUTE, 2), i;

	for (i = 0; i < r->tally[TALLY_ROUTE].n; i++)
		write_route(r, st, order[i]);
	casefile_finalize(st);
	free(order);
}

void
write_processing(struct result *r)
{
	sqlite3_stmt *st = casefile_prepare(
	    r->c, "INSERT INTO processing VALUES(?,?,?,?,?,?,?,?,?,?,?)");
	uint32_t *order = result_sorted(r, TALLY_PROCESSING, 1), i;

	for (i = 0; i < r->tally[TALLY_PROCESSING].n; i++) {
		const uint32_t *key =
		    tally_key(&r->tally[TALLY_PROCESSING], order[i]);
		const struct processing_value *v =
		    tally_value(&r->tally[TALLY_PROCESSING], order[i]);

		(void)casefile_bind(r->c, st, "stssssiinns",
		    result_text_or_empty(r, key[0]),
		    event_word_name(EV_KIND, key[1]), result_text(r, key[2]),
		    result_text(r, key[3]), result_text(r, key[4]),
		    result_text(r, key[5]), (int64_t)v->n, (int64_t)v->subjects,
		    result_text(r, key[6]));
		result_bind_times(r, st, 9, &v->times);
		(void)casefile_step(r->c, st);
	}
	casefile_finalize(st);
	free(order);
}

/* Days on which nothing changed are written too, up to the last change, so
 * that a chart needs no guessing; not over centuries of hostile times. */
static void
write_tainted_days(struct result *r)
{
	enum { GAP_DAYS = 400 };
	const struct tally *t = &r->tally[TALLY_TAINTED];
	sqlite3_stmt *st = casefile_prepare(r->c,
	    "INSERT INTO tainted VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET "
	    "obtained = obtained + excluded.obtained, ended = ended + "
	    "excluded.ended, live = live + excluded.live");
	uint32_t *order = result_sorted(r, TALLY_TAINTED, 1), i, day;
	char text[UTC_TEXT_BYTES];
	int64_t live = 0;

	for (i = 0; i < t->n; i++) {
		const uint32_t *key = tally_key(t, order[i]);
		const uint32_t *was = i > 0 ? tally_key(t, order[i - 1]) : NULL;
		const struct tainted_value *v = tally_value(t, order[i]);

		if (was == NULL || was[0] != key[0])
			live = 0;
		else if (key[1] - was[1] > GAP_DAYS)
			was = NULL;
		for (day = was != NULL && was[0] == key[0] ? was[1] + 1
							   : key[1];
		     day <= key[1]; day++) {
			bool is_last = day == key[1];

			if (is_last)
				live +=
				    (int64_t)v->obtained - (int64_t)v->ended;
			(void)casefile_put(r->c, st, "stiii",
			    result_text_or_empty(r, key[0]),
			    utc_format_day(
				((int64_t)day - RATE_DAY_ZERO) * UTC_US_DAY, 0,
				text),
			    is_last ? (int64_t)v->obtained : 0,
			    is_last ? (int64_t)v->ended : 0, live);
		}
	}
	casefile_finalize(st);
	free(order);
}

void
write_tainted(struct result *r)
{
	const struct tally *t = &r->tally[TALLY_RECIPIENT];
	sqlite3_stmt *st = casefile_prepare(r->c,
	    "INSERT INTO tainted_recipient VALUES(?,?,?,?,?,?) ON CONFLICT DO "
	    "UPDATE SET people = people + excluded.people, records = records + "
	    "excluded.records");
	uint32_t *order = result_sorted(r, TALLY_RECIPIENT, 2), i;

	write_tainted_days(r);
	for (i = 0; i < t->n; i++) {
		const uint32_t *key = tally_key(t, order[i]);
		const struct recipient_value *v = tally_value(t, order[i]);

		(void)casefile_bind(r->c, st, "ssiinn",
		    result_text_or_empty(r, key[0]),
		    result_text_or_empty(r, key[1]), (int64_t)v->people,
		    (int64_t)v->records);
		result_bind_times(r, st, 5, &v->times);
		(void)casefile_step(r->c, st);
	}
	casefile_finalize(st);
	free(order);
}

static const char *
coverage_meaning(struct span name)
{
	static const struct {
		const char *name, *meaning;
	} known[] = {
#define COVERAGE(name, meaning) { name, meaning },
#include "analysis/coverage.def"
	};
	size_t i;

	for (i = 0; i < sizeof known / sizeof known[0]; i++)
		if (span_is(name, known[i].name))
			return known[i].meaning;
	return "";
}

void
write_coverage(struct result *r)
{
	sqlite3_stmt *st =
	    casefile_prepare(r->c, "INSERT INTO coverage VALUES(?,?,?)");
	uint32_t i;

	for (i = 0; i < r->tally[TALLY_COVERAGE].n; i++) {
		struct span name = names_text(
		    &r->coverage, *tally_key(&r->tally[TALLY_COVERAGE], i));
		const struct coverage_value *v =
		    tally_value(&r->tally[TALLY_COVERAGE], i);

		(void)casefile_put(
		    r->c, st, "sit", name, v->n, coverage_meaning(name));
	}
	casefile_finalize(st);
}
