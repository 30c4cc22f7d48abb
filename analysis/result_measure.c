/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Named numbers beside a finding: what the design itself was like, and what
 * its ways took.  They follow from the tables design and route; here they
 * stand where a reader of the finding looks for them.
 */
#include "analysis/result_private.h"

#include <math.h>
#include <stdio.h>

#include "analysis/detector_table.h"
#include "analysis/reading.h"

struct measuring {
	struct result *r;
	sqlite3_stmt *st;
	int64_t finding_id;
	uint32_t surface, design; /* codes */
};

/* NaN: there is no such number, and no row. */
static void
put(struct measuring *m, const char *name, double value, const char *unit)
{
	if (!isnan(value))
		(void)casefile_put(
		    m->r->c, m->st, "itdt", m->finding_id, name, value, unit);
}

static struct route_value *
route_of(const struct measuring *m, enum event_decision goal)
{
	uint32_t key[3] = { m->surface, m->design, goal };

	return tally_find(&m->r->tally[TALLY_ROUTE], key);
}

static double
seconds(struct spread *us)
{
	return us->n == 0 ? NAN : spread_median(us) / 1e6;
}

/* What it took to reach a goal, against what giving took. */
static void
measure_routes(
    struct measuring *m, enum event_decision goal, const char *const names[6])
{
	struct route_value *given = route_of(m, DECISION_GIVEN);
	struct route_value *other = route_of(m, goal);
	double a = NAN, b = NAN, ta = NAN, tb = NAN;

	if (given != NULL && given->n > 0) {
		a = spread_median(&given->acts);
		ta = seconds(&given->us);
		put(m, "acts_given", a, "gestures");
		put(m, "seconds_given", ta, "s");
	}
	if (other == NULL)
		return;
	if (other->n > 0) {
		b = spread_median(&other->acts);
		tb = seconds(&other->us);
		put(m, names[0], b, "gestures");
		put(m, names[1], tb, "s");
		put(m, names[2], spread_median(&other->screens), "screens");
		put(m, names[3], spread_median(&other->options), "controls");
	}
	put(m, names[4], (double)other->n, "ways");
	put(m, names[5], (double)other->abandoned, "ways");
	put(m, "acts_ratio", a > 0 ? b / a : NAN, "ratio");
	put(m, "seconds_ratio", ta > 0 ? tb / ta : NAN, "ratio");
}

static void
measure_refusals(struct measuring *m)
{
	const struct tally *t = &m->r->tally[TALLY_RATE];
	uint64_t shown = 0, refused = 0, n;
	uint32_t i;

	/* Purposes of one gesture repeat the episode: the largest counts. */
	for (i = 0; i < t->n; i++) {
		const uint32_t *key = tally_key(t, i);
		const struct rate_value *v = tally_value(t, i);

		if (key[RATE_SURFACE] != m->surface ||
		    key[RATE_DIMENSION] != RATE_DESIGN ||
		    key[RATE_A] != m->design)
			continue;
		n = v->given + v->refused + v->other;
		shown = n > shown ? n : shown;
		refused = v->refused > refused ? v->refused : refused;
	}
	if (shown == 0)
		return;
	put(m, "shown", (double)shown, "episodes");
	put(m, "refused", (double)refused, "episodes");
	/* The rule of three: 95 % upper bound of a share never seen. */
	if (refused == 0)
		put(m, "refused_upper_bound", fmin(1, 3 / (double)shown),
		    "share");
}

static double
column(struct result *r, const char *name, uint32_t design_number)
{
	char sql[128];
	sqlite3_stmt *st;
	double v = NAN;

	(void)snprintf(
	    sql, sizeof sql, "SELECT %s FROM design WHERE design_id = ?", name);
	st = casefile_prepare(r->c, sql);
	if (casefile_bind(r->c, st, "i", (int64_t)design_number + 1) == 0 &&
	    casefile_step(r->c, st) > 0 &&
	    sqlite3_column_type(st, 0) != SQLITE_NULL)
		v = sqlite3_column_double(st, 0);
	casefile_finalize(st);
	return v;
}

static void
measure_looks(struct measuring *m, uint32_t number)
{
	double font = column(m->r, "font_px", number);
	double body = column(m->r, "body_font_px", number);

	put(m, "font_px", font, "px");
	put(m, "body_font_px", body, "px");
	put(m, "font_ratio", body > 0 ? font / body : NAN, "ratio");
	put(m, "contrast", column(m->r, "contrast", number), "ratio");
	put(m, "accept_contrast", column(m->r, "accept_contrast", number),
	    "ratio");
}

static void
measure_reading(struct measuring *m, uint32_t number)
{
	sqlite3_stmt *st = casefile_prepare(
	    m->r->c, "SELECT text FROM design WHERE design_id = ?");
	struct reading reading;
	struct span text;

	if (casefile_bind(m->r->c, st, "i", (int64_t)number + 1) == 0 &&
	    casefile_step(m->r->c, st) > 0 &&
	    sqlite3_column_type(st, 0) != SQLITE_NULL) {
		text.p = (const char *)sqlite3_column_text(st, 0);
		text.n = (size_t)sqlite3_column_bytes(st, 0);
		reading = reading_of(text);
		put(m, "words", (double)reading.words, "words");
		put(m, "characters", (double)reading.characters, "characters");
		put(m, "reading_seconds", reading.mean_s, "s");
		put(m, "reading_seconds_fast", reading.fast_s, "s");
	}
	casefile_finalize(st);
}

/* Of the whole surface: consents obtained under a pattern, and those left. */
static void
measure_tainted(struct measuring *m)
{
	const struct tally *t = &m->r->tally[TALLY_TAINTED];
	uint64_t obtained = 0, ended = 0;
	uint32_t i;

	for (i = 0; i < t->n; i++) {
		const struct tainted_value *v = tally_value(t, i);

		if (tally_key(t, i)[0] != m->surface)
			continue;
		obtained += v->obtained;
		ended += v->ended;
	}
	put(m, "tainted_obtained", (double)obtained, "people");
	put(m, "tainted_ended", (double)ended, "people");
	put(m, "tainted_live", (double)obtained - (double)ended, "people");
}

/* Of those who had refused: how many gave in, by how often they had. */
static void
measure_again(struct measuring *m)
{
	static const char *const given[] = { "given_after_refusal",
		"given_after_1_refusal", "given_after_2_refusals",
		"given_after_3_or_more" };
	const struct again_value *v;
	uint32_t key[3] = { m->surface, m->design, 0 };

	_Static_assert(sizeof given / sizeof given[0] == AGAIN_MOST + 1,
	    "a name for each");
	v = tally_find(&m->r->tally[TALLY_AGAIN], key);
	if (v == NULL)
		return;
	put(m, "shown_again", (double)v->shown, "episodes");
	put(m, "shown_again_soon",
	    v->dated > 0 ? (double)v->soon / (double)v->dated : NAN, "share");
	put(m, "worn_down", (double)v->worn_down, "people");
	for (; key[2] <= AGAIN_MOST; key[2]++) {
		v = tally_find(&m->r->tally[TALLY_AGAIN], key);
		if (v != NULL)
			put(m, given[key[2]],
			    (double)v->given / (double)v->shown, "share");
	}
}

static void
measure(struct measuring *m, const char *detector, uint32_t number)
{
	static const char *const refused[6] = { "acts_refused",
		"seconds_refused", "screens_refused", "options_refused",
		"ways_refused", "ways_refused_abandoned" };
	static const char *const withdrawn[6] = { "acts_withdrawn",
		"seconds_withdrawn", "screens_withdrawn", "options_withdrawn",
		"ways_withdrawn", "ways_withdrawn_abandoned" };

	if (strcmp(detector, "D01") == 0)
		put(m, "default_on", column(m->r, "default_on", number),
		    "share");
	else if (strcmp(detector, "D05") == 0)
		measure_refusals(m);
	else if (strcmp(detector, "D06") == 0)
		measure_routes(m, DECISION_REFUSED, refused);
	else if (strcmp(detector, "D07") == 0)
		measure_routes(m, DECISION_WITHDRAWN, withdrawn);
	else if (strcmp(detector, "D13") == 0)
		measure_again(m);
	else if (strcmp(detector, "D14") == 0)
		put(m, "purposes", column(m->r, "n_purposes", number),
		    "purposes");
	else if (strcmp(detector, "D16") == 0)
		measure_looks(m, number);
	else if (strcmp(detector, "D17") == 0)
		put(m, "in_view", column(m->r, "in_view", number), "share");
	else if (strcmp(detector, "D18") == 0)
		measure_reading(m, number);
	else if (strcmp(detector, "D31") == 0)
		measure_tainted(m);
}

void
write_measures(struct result *r)
{
	const struct tally *t = &r->tally[TALLY_FINDING];
	struct measuring m = { .r = r };
	uint32_t i, row;

	m.st = casefile_prepare(r->c, "INSERT INTO measure VALUES(?,?,?,?)");
	for (i = 0; i < t->n && r->c->err.code == ERR_NONE; i++) {
		const struct design_value *d;
		const uint32_t *key;

		row = r->finding_order[i];
		key = tally_key(t, row);
		m.surface = key[FINDING_SURFACE];
		m.design = key[FINDING_DESIGN];
		m.finding_id = r->finding_id[row];
		d = tally_find(&r->tally[TALLY_DESIGN],
		    (uint32_t[2]){ m.surface, m.design });
		if (m.finding_id != 0 && d != NULL)
			measure(&m, detector_table[key[FINDING_DETECTOR]].id,
			    tally_index(&r->tally[TALLY_DESIGN], d));
	}
	casefile_finalize(m.st);
}
