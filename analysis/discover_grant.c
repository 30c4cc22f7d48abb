/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a grant is held against the gestures of its session.
 *
 * The grant stands at g, the nearest gesture of an act at t before it.  If
 * the grant had nothing to do with the act, it could stand anywhere in the
 * session; the part of the session that is as near to some such gesture is
 *
 *	u = |{ x in session : x - t' in [-e, d] for a gesture t' }| / |session|
 *
 * with d = g - t (at least 10 ms and the precision of the times) and e the
 * clock error, at most d.  For an act without anything to do with grants u
 * is at most uniform, P(u <= a) <= a, however often it is done; for the act
 * that grants it is small every time.  A session counts as far as
 * early_window around the grant.
 *
 * Example: a session of 60 s with one click at 10 s and the grant at 10.3 s:
 * u = 0.6 / 60 = 0.01 when the clocks may be wrong, strength -2 ln u = 9.
 *
 * Before the window (answer_window) nothing is near: u is 1.  A gesture of
 * the same request is the only one that is near; one of another request has
 * an answer of its own.
 */
#include "analysis/discover_see.h"

#include <math.h>
#include <stdlib.h>

#define LEAST_DELAY_US ((int64_t)10000)

struct beside {
	uint32_t act;
	int64_t d_us;	  /* to the nearest in the window; INT64_MAX none */
	int64_t delay_us; /* the same with its sign */
	bool is_request;
	int64_t covered_us, to_us; /* of the session, so far */
	unsigned strength;
};

struct around {
	const struct row *grant;
	int64_t at_us, error_us;
	uint64_t session;
	int64_t from_us, to_us; /* of the session */
	bool is_told;		/* the user interface recorded it */
	struct beside beside[SEER_BESIDE];
	uint32_t n;
};

/* ---- the session ---- */

static bool
is_in_session(const struct seer *s, const struct around *a, const struct row *r,
    int64_t last_us)
{
	uint64_t session = row_id(r, EV_SESSION);
	int64_t gap = us_minus(r->at_us, last_us);

	if (session != 0 || a->session != 0)
		return session == a->session;
	return (gap < 0 ? -gap : gap) <=
	       study_us(s->p.study, THRESHOLD_SESSION_GAP);
}

static void
see_row(struct seer *s, struct around *a, const struct row *r, int64_t *last)
{
	int d = row_word(r, EV_DECISION);

	if (!is_in_session(s, a, r, *last))
		return;
	*last = r->at_us;
	if (r->at_us < a->from_us)
		a->from_us = r->at_us;
	if (r->at_us > a->to_us)
		a->to_us = r->at_us;
	if (r->kind == KIND_CONSENT && !row_is_implied(r) &&
	    (d == DECISION_GIVEN || d == DECISION_RENEWED) &&
	    us_minus(a->at_us, r->at_us) <=
		study_us(s->p.study, THRESHOLD_ANSWER) &&
	    us_minus(r->at_us, a->at_us) <= a->error_us)
		a->is_told = true;
}

/* The row of the user interface that the grant falls behind; or NULL. */
static const struct row *
behind(const struct seer *s, size_t at)
{
	const struct row *row = s->p.tl->row, *r;
	int64_t early = study_us(s->p.study, THRESHOLD_EARLY);
	size_t i, n = s->p.tl->n_rows;

	for (i = at; i-- > 0 && at - i < SEER_LOOK;) {
		r = &row[i];
		if (r->at_us == STORE_ABSENT ||
		    us_minus(row[at].at_us, r->at_us) > early)
			break;
		if (row_is_ui(r))
			return r;
	}
	for (i = at + 1; i < n && i - at < SEER_LOOK; i++) {
		r = &row[i];
		if (us_minus(r->at_us, row[at].at_us) >
		    study_us(s->p.study, THRESHOLD_CLOCK_ERROR))
			break;
		if (row_is_ui(r))
			return r;
	}
	return NULL;
}

static bool
find_session(struct seer *s, struct around *a, size_t at)
{
	const struct row *row = s->p.tl->row, *r = behind(s, at);
	int64_t early = study_us(s->p.study, THRESHOLD_EARLY), last;
	size_t i, n = s->p.tl->n_rows;

	if (r == NULL)
		return false;
	a->session = row_id(r, EV_SESSION);
	a->from_us = a->to_us = a->at_us;
	last = a->at_us;
	for (i = at; i-- > 0 && at - i < SEER_LOOK;) {
		if (row[i].at_us == STORE_ABSENT ||
		    us_minus(a->at_us, row[i].at_us) > early)
			break;
		if (row_is_ui(&row[i]))
			see_row(s, a, &row[i], &last);
	}
	last = a->at_us;
	for (i = at + 1; i < n && i - at < SEER_LOOK; i++) {
		if (us_minus(row[i].at_us, a->at_us) > early)
			break;
		if (row_is_ui(&row[i]))
			see_row(s, a, &row[i], &last);
	}
	return true;
}

/* ---- acts beside the grant ---- */

static struct beside *
beside(struct around *a, uint32_t act, bool make)
{
	struct beside *b;
	uint32_t i;

	for (i = 0; i < a->n; i++)
		if (a->beside[i].act == act)
			return &a->beside[i];
	if (!make || a->n == SEER_BESIDE)
		return NULL;
	b = &a->beside[a->n++];
	memset(b, 0, sizeof *b);
	b->act = act;
	b->d_us = INT64_MAX;
	b->to_us = INT64_MIN;
	return b;
}

static int64_t
least_delay(
    const struct timeline *tl, const struct around *a, const struct row *r)
{
	int64_t d = LEAST_DELAY_US, p = row_stamp(tl, r).precision_us;
	int64_t q = row_stamp(tl, a->grant).precision_us;

	d = p > d ? p : d;
	return q > d ? q : d;
}

static void
see_gesture(struct seer *s, struct around *a, const struct seer_gesture *g)
{
	const struct row *r = &s->p.tl->row[g->row];
	uint64_t own = row_id(r, EV_REQUEST);
	uint64_t request = row_id(a->grant, EV_REQUEST);
	int64_t d = us_minus(a->at_us, g->at_us), least, delay = d;
	bool is_request = request != 0 && own == request, is_near;
	struct beside *b = beside(a, g->act, true);

	if (b == NULL)
		return;
	is_near = d <= study_us(s->p.study, THRESHOLD_ANSWER) &&
		  -d <= (row_is_device_clock(r) ? a->error_us : 0) &&
		  (own == 0 || request == 0);
	if (!is_request && (!is_near || b->is_request))
		return;
	least = least_delay(s->p.tl, a, r);
	d = d < 0 ? -d : d;
	d = d < least ? least : d;
	if (d < b->d_us || (is_request && !b->is_request)) {
		b->d_us = d;
		b->delay_us = delay;
	}
	b->is_request |= is_request;
}

/* Add the part of the session that is as near to this gesture. */
static void
cover(const struct around *a, struct beside *b, int64_t at_us)
{
	int64_t early = b->d_us < a->error_us ? b->d_us : a->error_us;
	int64_t from = us_minus(at_us, early), to = us_plus(at_us, b->d_us);

	from = from < a->from_us ? a->from_us : from;
	from = from < b->to_us ? b->to_us : from;
	to = to > a->to_us ? a->to_us : to;
	if (to > from) {
		b->covered_us += to - from;
		b->to_us = to;
	}
}

static void
weigh(const struct around *a, struct beside *b)
{
	double u;

	if (b->d_us == INT64_MAX)
		return;
	/* At least 1: it was in the window. */
	b->strength = 1;
	if (a->to_us - a->from_us <= 0 || b->covered_us <= 0)
		return;
	u = (double)b->covered_us / (double)(a->to_us - a->from_us);
	u = floor(-2 * log(u < 1 ? u : 1));
	if (u > 1)
		b->strength = u < ITEM_STRENGTH ? (unsigned)u : ITEM_STRENGTH;
}

static int
beside_cmp(const void *va, const void *vb)
{
	const struct beside *a = va, *b = vb;

	if (a->strength != b->strength)
		return a->strength > b->strength ? -1 : 1;
	if (a->d_us != b->d_us)
		return a->d_us < b->d_us ? -1 : 1;
	return (a->act > b->act) - (a->act < b->act);
}

static size_t
first_at(const struct seer *s, int64_t us)
{
	size_t lo = 0, hi = s->n_gestures, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (s->gesture[mid].at_us < us)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void
see_gestures(struct seer *s, struct around *a)
{
	uint64_t request = row_id(a->grant, EV_REQUEST);
	const struct seer_gesture *g = s->gesture;
	size_t i, mid = first_at(s, a->at_us), first, last, end;
	struct beside *b;
	uint32_t k;
	bool any = false;

	first = first_at(s, a->from_us);
	end = first_at(s, us_plus(a->to_us, 1));
	first = mid - first < SEER_LOOK ? first : mid - SEER_LOOK;
	last = end - mid < SEER_LOOK ? end : mid + SEER_LOOK;
	for (i = mid; i-- > first;) /* the nearest first */
		if (row_id(&s->p.tl->row[g[i].row], EV_SESSION) == a->session)
			see_gesture(s, a, &g[i]);
	for (i = mid; i < last; i++)
		if (row_id(&s->p.tl->row[g[i].row], EV_SESSION) == a->session)
			see_gesture(s, a, &g[i]);
	for (k = 0; k < a->n; k++)
		any |= a->beside[k].is_request;
	for (i = 0; request != 0 && !any && i < s->n_gestures; i++)
		if (row_id(&s->p.tl->row[g[i].row], EV_REQUEST) == request) {
			see_gesture(s, a, &g[i]);
			any = true;
		}
	for (k = 0; any && k < a->n; k++)
		if (!a->beside[k].is_request)
			a->beside[k].d_us = INT64_MAX;
	for (i = first; i < last; i++) {
		b = beside(a, g[i].act, false);
		if (b != NULL && b->d_us != INT64_MAX &&
		    row_id(&s->p.tl->row[g[i].row], EV_SESSION) == a->session)
			cover(a, b, g[i].at_us);
	}
	for (k = 0; k < a->n; k++)
		weigh(a, &a->beside[k]);
	qsort(a->beside, a->n, sizeof a->beside[0], beside_cmp);
}

/* ---- what is told of it ---- */

static bool
is_equal(const struct seer *s, uint32_t g, uint32_t k)
{
	return s->n_items[g] == s->n_items[k] &&
	       memcmp(s->item[g], s->item[k],
		   s->n_items[g] * sizeof s->item[g][0]) == 0;
}

static void
tell_items(struct seer *s, const struct around *a, const struct seer_open *o)
{
	uint32_t g, k, *item, n = 0;

	for (g = 0; g < CASE_GRANTS && s->n_items[g] != 0; g++)
		;
	if (g == CASE_GRANTS)
		return;
	item = s->item[g];
	for (k = 0; k < o->n_hands; k++)
		item[n++] = ITEM_OF(o->hand[k], 0) | ITEM_HAND;
	for (k = 0; k < a->n; k++)
		item[n++] = ITEM_OF(a->beside[k].act, a->beside[k].strength) |
			    (a->beside[k].is_request ? ITEM_REQUEST : 0);
	s->n_items[g] = n;
	for (k = 0; k < g; k++)
		if (is_equal(s, g, k))
			s->n_items[g] = 0; /* once a person */
}

void
seer_grant(struct seer *s, const struct seer_open *o)
{
	struct around a = { .grant = &s->p.tl->row[o->row] };
	uint32_t k;

	a.at_us = a.grant->at_us;
	a.error_us = study_us(s->p.study, THRESHOLD_CLOCK_ERROR);
	if (!find_session(s, &a, o->row)) {
		s->book->count[COUNT_SILENT]++;
		return;
	}
	if (a.is_told) {
		s->book->count[COUNT_TOLD]++;
		return;
	}
	see_gestures(s, &a);
	for (k = 0; k < a.n && a.beside[k].d_us != INT64_MAX; k++)
		discover_book_delay(
		    s->book, a.beside[k].act, a.beside[k].delay_us);
	s->book->count[k > 0 ? COUNT_BESIDE : COUNT_SILENT]++;
	tell_items(s, &a, o);
}
