/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: episodes are counted by their form (result_form.c), which
 * knows everything that `rate` divides by but the day; forms are summed for
 * each dimension when there are many of them and when the part is done.
 */
#include "analysis/result_private.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/stat.h"
#include "ingest/base/buf.h"
#include "ingest/base/utc.h"

const char *const rate_dimension_text[RATE__MAX] = {
	[RATE_ALL] = "all",
	[RATE_DESIGN] = "design",
	[RATE_VARIANT] = "variant",
	[RATE_VERSION] = "version",
	[RATE_ENTRY] = "entry",
	[RATE_DAY] = "day",
	[RATE_VARIANT_VERSION] = "variant+version",
};

/* utc_days() of 0000-01-01 and 9999-12-31, which is asked a decision. */
enum { DAY_FIRST = -719528, DAY_LAST = 2932896 };

uint32_t
result_day(const struct result *r, int64_t us)
{
	int64_t local, day;

	if (us == RESULT_UNKNOWN || us < INT64_MIN / 2 || us > INT64_MAX / 2)
		return 0;
	local = us + r->zone_min * 60 * UTC_US_S;
	day = local / UTC_US_DAY - (local % UTC_US_DAY < 0);
	/* Years beyond four digits have no name for the day. */
	if (day < DAY_FIRST || day > DAY_LAST)
		return 0;
	return (uint32_t)(day + RATE_DAY_ZERO);
}

static struct rate_value *
rate_at(struct result_part *rp, uint32_t key[RATE_B + 1])
{
	struct tally *t = &rp->tally[TALLY_RATE];
	struct rate_value *v = tally_at(t, key);

	if (v == NULL) {
		key[RATE_A] = TALLY_OTHER;
		key[RATE_B] = 0;
		v = tally_at(t, key);
	}
	return v;
}

static void
add_rate(
    struct rate_value *v, enum decision_outcome outcome, bool blind, uint64_t n)
{
	if (blind)
		v->blind += n;
	if (outcome == OUTCOME_GIVEN)
		v->given += n;
	else if (outcome == OUTCOME_REFUSED)
		v->refused += n;
	else
		v->other += n;
}

void
part_count_day(struct result_part *rp, const struct decision *d)
{
	uint32_t key[RATE_B + 1] = { d->surface, d->purpose, RATE_DAY,
		result_day(rp->r, d->shown_us), 0 };
	const struct result *r = rp->r;
	uint32_t member = d->place.member;

	add_rate(rate_at(rp, key), d->outcome,
	    member < r->n_unlogged &&
		(r->unlogged[member] & UNLOGGED_REFUSED) != 0,
	    1);
}

void
part_count_rates(
    struct result_part *rp, const uint32_t form[FORM__WORDS], uint64_t n)
{
	static const int word[RATE__MAX] = { [RATE_ALL] = -1,
		[RATE_DESIGN] = FORM_DESIGN,
		[RATE_VARIANT] = FORM_VARIANT,
		[RATE_VERSION] = FORM_APP_VERSION,
		[RATE_ENTRY] = FORM_ENTRY,
		[RATE_VARIANT_VERSION] = FORM_VARIANT };
	uint32_t unlogged = form[FORM_STATE] >> FORM_UNLOGGED_SHIFT;
	struct rate_value *v;
	int d;

	for (d = 0; d < RATE__MAX; d++) {
		uint32_t key[RATE_B + 1] = {
			form[FORM_SURFACE], form[FORM_PURPOSE], (uint32_t)d,
			word[d] < 0 ? 0 : form[word[d]],
			d == RATE_VARIANT_VERSION ? form[FORM_APP_VERSION] : 0
		};

		if (d == RATE_DAY)
			continue;
		v = rate_at(rp, key);
		if (form[FORM_IMPRESSIONS] > 1)
			add_rate(v, form[FORM_STATE] & 255,
			    (unlogged & UNLOGGED_REFUSED) != 0, n);
		else
			v->unlogged += n;
	}
}

/* ---- table rate ---------------------------------------------------------- */

/* The text of a value, or absent. */
static struct span
rate_value_text(const struct result *r, const uint32_t *key, struct buf *b)
{
	char day[UTC_TEXT_BYTES];
	struct span a, v;

	buf_reset(b);
	if (key[RATE_A] == TALLY_OTHER)
		return span_of(OTHER_TEXT);
	switch ((enum rate_dimension)key[RATE_DIMENSION]) {
	case RATE_DAY:
		if (key[RATE_A] == 0)
			return (struct span){ NULL, 0 };
		(void)buf_str(
		    b, utc_format_day(
			   ((int64_t)key[RATE_A] - RATE_DAY_ZERO) * UTC_US_DAY,
			   0, day));
		return buf_as_span(b);
	case RATE_VARIANT_VERSION:
		if (key[RATE_A] == 0 && key[RATE_B] == 0)
			return (struct span){ NULL, 0 };
		a = result_text(r, key[RATE_A]);
		v = result_text(r, key[RATE_B]);
		(void)buf_span(b, a.p != NULL ? a : span_of("?"));
		(void)buf_str(b, " / ");
		(void)buf_span(b, v.p != NULL ? v : span_of("?"));
		return buf_as_span(b);
	case RATE_ALL:
	case RATE_DESIGN:
	case RATE_VARIANT:
	case RATE_VERSION:
	case RATE_ENTRY:
	case RATE__MAX:
		break;
	}
	return result_text(r, key[RATE_A]);
}

/* Why some number of the row is not there; absent: all are. */
static struct span
rate_missing(const struct result *r, const struct rate_value *v, struct buf *b)
{
	buf_reset(b);
	if (v->unlogged > 0)
		(void)buf_span(b, buf_as_span(&r->why_not_shown));
	if (v->unlogged > 0 && v->blind > 0)
		(void)buf_str(b, "; ");
	if (v->blind > 0)
		(void)buf_span(b, buf_as_span(&r->why_not_refused));
	return b->n > 0 ? buf_as_span(b) : (struct span){ NULL, 0 };
}

/* The columns of `rate` that may be NULL though they are counts. */
enum { COLUMN_SHOWN = 5, COLUMN_GIVEN, COLUMN_REFUSED, COLUMN_OTHER };

/* A count that nobody made is no 0. */
static void
unbind_unlogged(sqlite3_stmt *st, const struct rate_value *v, uint64_t shown)
{
	bool is_refused = shown == 0 && v->unlogged > 0;

	if (is_refused) {
		(void)sqlite3_bind_null(st, COLUMN_SHOWN);
		(void)sqlite3_bind_null(st, COLUMN_GIVEN);
	}
	if (is_refused || v->blind > 0) {
		(void)sqlite3_bind_null(st, COLUMN_REFUSED);
		(void)sqlite3_bind_null(st, COLUMN_OTHER);
	}
}

void
write_rates(struct result *r)
{
	const struct tally *t = &r->tally[TALLY_RATE];
	uint32_t *order = result_sorted(r, TALLY_RATE, 2), i;
	sqlite3_stmt *st = casefile_prepare(
	    r->c, "INSERT INTO rate VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)");
	struct buf b = { 0 }, why = { 0 };

	assert(utc_days(0, 1, 1) == DAY_FIRST);
	assert(utc_days(9999, 12, 31) == DAY_LAST);
	for (i = 0; i < t->n; i++) {
		const uint32_t *key = tally_key(t, order[i]);
		const struct rate_value *v = tally_value(t, order[i]);
		uint64_t shown = v->given + v->refused + v->other;
		struct interval iv = stat_wilson(v->given, shown, 0.95);

		if (key[RATE_SURFACE] == 0)
			continue; /* a surface without a name has no rate */
		(void)casefile_bind(r->c, st, "sstsiiiidddis",
		    result_text(r, key[RATE_SURFACE]),
		    result_text(r, key[RATE_PURPOSE]),
		    rate_dimension_text[key[RATE_DIMENSION]],
		    rate_value_text(r, key, &b), (int64_t)shown,
		    (int64_t)v->given, (int64_t)v->refused, (int64_t)v->other,
		    iv.estimate, iv.low, iv.high, (int64_t)v->unlogged,
		    rate_missing(r, v, &why));
		unbind_unlogged(st, v, shown);
		(void)casefile_step(r->c, st);
	}
	casefile_finalize(st);
	buf_clear(&b);
	buf_clear(&why);
	free(order);
}

/* ---- table comparison ---------------------------------------------------- */

/* Two values of a dimension side by side, for one purpose. */
struct pair {
	uint32_t surface, purpose, a, b;
	enum rate_dimension dimension;
	struct two_groups g;
	double p, p_adjusted;
	bool names_purpose, is_extra;
};

struct pairs {
	struct pair *p;
	size_t n, room;
};

static void
pair_add(struct pairs *ps, const struct pair *p)
{
	if (ps->n == ps->room) {
		ps->room = ps->room == 0 ? 32 : ps->room * 2;
		ps->p = realloc(ps->p, ps->room * sizeof *ps->p);
		if (ps->p == NULL)
			err_no_memory(ps->room * sizeof *ps->p);
	}
	ps->p[ps->n++] = *p;
}

static bool
groups_equal(struct two_groups a, struct two_groups b)
{
	return a.k_a == b.k_a && a.n_a == b.n_a && a.k_b == b.k_b &&
	       a.n_b == b.n_b;
}

static bool
pairs_match(const struct pair *a, const struct pair *b)
{
	return a->dimension == b->dimension && a->a == b->a && a->b == b->b;
}

/*
 * One gesture for several purposes gives the same numbers for each: where
 * all purposes of a surface agree, they are compared once, without naming
 * the purpose.  The surface's pairs are those from `first` on.
 */
static void
merge_purposes(struct pairs *ps, size_t first)
{
	size_t i, j, n = first;
	bool agree, seen;

	for (i = first; i < ps->n; i++) {
		agree = true;
		seen = false;
		for (j = first; j < ps->n; j++) {
			if (!pairs_match(&ps->p[i], &ps->p[j]))
				continue;
			agree = agree && groups_equal(ps->p[i].g, ps->p[j].g);
			seen = seen || j < i;
		}
		ps->p[i].is_extra = agree && seen;
		ps->p[i].names_purpose = !agree && ps->p[i].purpose != 0;
	}
	for (i = first; i < ps->n; i++)
		if (!ps->p[i].is_extra)
			ps->p[n++] = ps->p[i];
	ps->n = n;
}

/* The rate rows of one surface, purpose and dimension, in order. */
static void
compare_rows(
    const struct result *r, struct pairs *ps, const uint32_t *row, size_t n)
{
	const struct tally *t = &r->tally[TALLY_RATE];
	size_t i, base;

	for (i = 1; i < n; i++) {
		const uint32_t *ka, *kb = tally_key(t, row[i]);
		const struct rate_value *a, *b = tally_value(t, row[i]);
		struct pair p = { 0 };

		/* Designs follow each other; variants stand beside one. */
		base = kb[RATE_DIMENSION] == RATE_DESIGN ? i - 1 : 0;
		ka = tally_key(t, row[base]);
		a = tally_value(t, row[base]);
		p.surface = kb[RATE_SURFACE];
		p.purpose = kb[RATE_PURPOSE];
		p.dimension = (enum rate_dimension)kb[RATE_DIMENSION];
		p.a = ka[RATE_A];
		p.b = kb[RATE_A];
		p.g = (struct two_groups){ a->given,
			a->given + a->refused + a->other, b->given,
			b->given + b->refused + b->other };
		p.p = stat_fisher(p.g);
		pair_add(ps, &p);
	}
}

struct by_design {
	const struct result *r;
	const struct tally *t;
};

/* Of one dimension: designs by first exposure, the rest by text. */
static int
design_row_cmp(const void *va, const void *vb, void *arg)
{
	const struct by_design *by = arg;
	const uint32_t *a = tally_key(by->t, *(const uint32_t *)va);
	const uint32_t *b = tally_key(by->t, *(const uint32_t *)vb);
	const struct design_value *da, *db;
	uint32_t key_a[2] = { a[RATE_SURFACE], a[RATE_A] };
	uint32_t key_b[2] = { b[RATE_SURFACE], b[RATE_A] };

	if (a[RATE_DIMENSION] == RATE_DESIGN) {
		da = tally_find(&by->r->tally[TALLY_DESIGN], key_a);
		db = tally_find(&by->r->tally[TALLY_DESIGN], key_b);
		if (da != NULL && db != NULL && da->times.known &&
		    db->times.known && da->times.first_us != db->times.first_us)
			return da->times.first_us < db->times.first_us ? -1 : 1;
	}
	return span_cmp(
	    result_text(by->r, a[RATE_A]), result_text(by->r, b[RATE_A]));
}

/* Do two rows belong to one surface (and purpose and dimension)? */
static bool
same_group(const struct tally *t, uint32_t a, uint32_t b, bool is_whole)
{
	const uint32_t *ka = tally_key(t, a), *kb = tally_key(t, b);

	return ka[RATE_SURFACE] == kb[RATE_SURFACE] &&
	       (!is_whole || (ka[RATE_PURPOSE] == kb[RATE_PURPOSE] &&
				 ka[RATE_DIMENSION] == kb[RATE_DIMENSION]));
}

static bool
was_shown(const struct rate_value *v)
{
	return v->given + v->refused + v->other > 0;
}

/* All pairs that are compared, in the order of the table. */
static void
find_pairs(struct result *r, struct pairs *ps)
{
	struct by_design by = { r, &r->tally[TALLY_RATE] };
	uint32_t *order = result_sorted(r, TALLY_RATE, 2), *row;
	size_t i, j, k, n, first = 0;

	row = calloc(by.t->n + 1, sizeof *row);
	if (row == NULL)
		err_no_memory(by.t->n * sizeof *row);
	for (i = 0; i < by.t->n; i = j) {
		const uint32_t *key = tally_key(by.t, order[i]);

		if (i > 0 && !same_group(by.t, order[i - 1], order[i], false)) {
			merge_purposes(ps, first);
			first = ps->n;
		}
		for (n = 0, j = i;
		     j < by.t->n && same_group(by.t, order[i], order[j], true);
		     j++) {
			k = tally_key(by.t, order[j])[RATE_A];
			if (k != 0 && k != TALLY_OTHER &&
			    was_shown(tally_value(by.t, order[j])))
				row[n++] = order[j];
		}
		if (key[RATE_SURFACE] == 0 ||
		    (key[RATE_DIMENSION] != RATE_DESIGN &&
			key[RATE_DIMENSION] != RATE_VARIANT))
			continue;
		qsort_r(row, n, sizeof *row, design_row_cmp, &by);
		if (n > COMPARED_VALUES)
			n = COMPARED_VALUES;
		compare_rows(r, ps, row, n);
	}
	merge_purposes(ps, first);
	free(row);
	free(order);
}

static void
adjust(struct pairs *ps)
{
	double *p = calloc(ps->n + 1, sizeof *p);
	size_t i;

	if (p == NULL)
		err_no_memory(ps->n * sizeof *p);
	for (i = 0; i < ps->n; i++)
		p[i] = ps->p[i].p;
	stat_holm(p, p, ps->n);
	for (i = 0; i < ps->n; i++)
		ps->p[i].p_adjusted = p[i];
	free(p);
}

static void
write_pair(
    struct result *r, sqlite3_stmt *st, const struct pair *p, struct buf *name)
{
	const char *what = p->dimension == RATE_DESIGN ? "design" : "variant";
	struct interval d = stat_difference(p->g, 0.95);
	struct interval rr = stat_risk_ratio(p->g, 0.95);
	struct interval odds = stat_odds_ratio(p->g, 0.95);
	struct span a = result_text(r, p->a), b = result_text(r, p->b);

	buf_reset(name);
	(void)buf_span(name, result_text(r, p->surface));
	if (p->names_purpose) {
		(void)buf_str(name, ", ");
		(void)buf_span(name, result_text(r, p->purpose));
	}
	(void)buf_printf(name, ": given, %s ", what);
	(void)buf_span(name, a);
	(void)buf_str(name, " against ");
	(void)buf_span(name, b);
	(void)casefile_put(r->c, st, "sssiiiidddddddt", buf_as_span(name), a, b,
	    (int64_t)p->g.n_a, (int64_t)p->g.k_a, (int64_t)p->g.n_b,
	    (int64_t)p->g.k_b, d.estimate, d.low, d.high, rr.estimate,
	    odds.estimate, p->p, p->p_adjusted,
	    "Newcombe's interval; Fisher's exact test, two-sided; Holm over "
	    "all comparisons of the case");
}

void
write_comparisons(struct result *r)
{
	sqlite3_stmt *st = casefile_prepare(r->c,
	    "INSERT INTO comparison VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
	struct pairs ps = { 0 };
	struct buf name = { 0 };
	size_t i;

	find_pairs(r, &ps);
	adjust(&ps);
	for (i = 0; i < ps.n; i++)
		write_pair(r, st, &ps.p[i], &name);
	casefile_finalize(st);
	buf_clear(&name);
	free(ps.p);
}
