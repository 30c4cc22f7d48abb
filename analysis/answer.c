/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which server record answers which act.
 *
 * How it works, for the rows of one window:
 *	1. an act and a record that share a request belong together;
 *	2. an act (accept, refuse, submit) without one takes the nearest free
 *	   record of its surface and purposes, which is not known to answer
 *	   another, within answer_window after it
 *	   and before the next act there, or before it by less than the clock
 *	   error; with it those within a second that name other purposes;
 *	3. a box that the person changed takes one in the same way when no
 *	   such act follows within the window: a switch that acts at once;
 *	4. a grant that is still free, made by gesture or interface, and at
 *	   most early_window before an act without a record, belongs to that
 *	   act too early (D03).
 * Records of batches, imports and migrations answer by request only.
 *
 * Links: row.link of an act is 1 + its first struct reply, row.link of a
 * record is 1 + the act's row.
 */
#include "analysis/person.h"

#include <assert.h>
#include <stdlib.h>

#include "ingest/base/utc.h"

enum { LOOK = 1024 }; /* acts or records looked at for one, at most */

static bool
is_grant(const struct row *r)
{
	int d = row_word(r, EV_DECISION);

	return d == DECISION_GIVEN || d == DECISION_RENEWED;
}

/* Written without a gesture, by what the record says. */
static bool
is_unasked(const struct row *r)
{
	int m = row_word(r, EV_METHOD);

	return row_is_implied(r) || m == METHOD_BATCH ||
	       m == METHOD_MIGRATION || m == METHOD_IMPORT;
}

/* An act that ends an episode: 2; a box that the person changed: 1. */
static int
act_rank(const struct person *p, const struct row *r, uint32_t *surface)
{
	int kind = r->kind, role, by;

	*surface = surface_of(p, r, &role);
	if (kind == KIND_CONTROL_CLICK &&
	    (role == ROLE_ACCEPT || role == ROLE_REFUSE || role == ROLE_SUBMIT))
		return row_word(r, EV_OUTCOME) == OUTCOME_FAILURE ? 0 : 2;
	by = row_word(r, EV_CHANGED_BY);
	if (role == ROLE_CONSENT_BOX &&
	    (by == CHANGED_BY_NONE || by == CHANGED_BY_USER))
		return 1;
	return 0;
}

/* Does the record speak of this surface (or of no named one)? */
static bool
fits(const struct row *rec, uint32_t surface)
{
	uint32_t s = row_name(rec, EV_SURFACE);

	return s == 0 || surface == 0 || s == surface;
}

static void
join(struct person *p, uint32_t act, uint32_t rec, bool is_early, bool is_sure)
{
	struct row *row = p->tl->row;
	struct reply *a;

	assert(row[rec].link == 0);
	if (p->n_answers == p->n_answer_room) {
		p->n_answer_room =
		    p->n_answer_room == 0 ? 64 : 2 * p->n_answer_room;
		p->answer =
		    realloc(p->answer, p->n_answer_room * sizeof p->answer[0]);
		if (p->answer == NULL)
			err_no_memory(p->n_answer_room * sizeof p->answer[0]);
	}
	a = &p->answer[p->n_answers++];
	a->row = rec;
	a->next = 0;
	a->is_early = is_early;
	a->is_sure = is_sure;
	if (row[act].link == 0) {
		row[act].link = (uint32_t)p->n_answers;
	} else {
		struct reply *first = &p->answer[row[act].link - 1];

		p->answer[first->last].next = (uint32_t)p->n_answers;
	}
	p->answer[row[act].link - 1].last = (uint32_t)p->n_answers - 1;
	row[rec].link = act + 1;
}

struct key {
	uint64_t request;
	uint32_t row;
	int rank;
};

static int
key_cmp(const void *va, const void *vb)
{
	const struct key *a = va, *b = vb;

	if (a->request != b->request)
		return a->request < b->request ? -1 : 1;
	if (a->rank != b->rank)
		return b->rank - a->rank;
	return (a->row > b->row) - (a->row < b->row);
}

/* 1. */
static void
join_requests(struct person *p, const uint32_t *rec, size_t n_recs)
{
	struct row *row = p->tl->row;
	struct key *key;
	size_t i, lo, hi, mid, n = 0;

	key = arena_alloc(&p->arena, (p->n_acts + 1) * sizeof *key);
	for (i = 0; i < p->n_acts; i++) {
		key[n].request = row_id(&row[p->act[i].row], EV_REQUEST);
		key[n].row = p->act[i].row;
		key[n].rank = p->act[i].rank;
		n += key[n].request != 0;
	}
	qsort(key, n, sizeof *key, key_cmp);
	for (i = 0; i < n_recs; i++) {
		uint64_t request = row_id(&row[rec[i]], EV_REQUEST);

		if (request == 0)
			continue;
		for (lo = 0, hi = n; lo < hi;) {
			mid = (lo + hi) / 2;
			if (key[mid].request < request)
				lo = mid + 1;
			else
				hi = mid;
		}
		if (lo < n && key[lo].request == request)
			join(p, key[lo].row, rec[i], false, true);
	}
}

/* First of rec[] at or after an instant. */
static size_t
first_from(const struct row *row, const uint32_t *rec, size_t n, int64_t at_us)
{
	size_t lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (row[rec[mid]].at_us < at_us)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The next act of rank 2 on the surface after act i; INT64_MAX none. */
static int64_t
next_act_us(const struct person *p, size_t i, uint32_t surface, int64_t until)
{
	size_t last = i + LOOK < p->n_acts ? i + LOOK : p->n_acts;

	for (i++; i < last; i++) {
		const struct act *a = &p->act[i];

		if (p->tl->row[a->row].at_us > until)
			break;
		if (a->rank == 2 &&
		    (a->surface == surface || a->surface == 0 || surface == 0))
			return p->tl->row[a->row].at_us;
	}
	return INT64_MAX;
}

static bool
is_free(const struct row *r, uint32_t surface)
{
	return r->link == 0 && !is_unasked(r) && fits(r, surface);
}

/* Another act's request, or none where this act's has an answer by habit. */
static bool
is_anothers(const struct person *p, const struct row *act, const struct row *r)
{
	const struct trail_operator *o;

	if (row_id(act, EV_REQUEST) == 0)
		return false;
	if (row_id(r, EV_REQUEST) != 0)
		return true; /* joined already if it were the same */
	o = trail_of(
	    &p->study->trail, names_text(p->names, person_operator(p, act)));
	return o != NULL && o->answered > 0;
}

/* The first act at or after an instant. */
static size_t
first_act(const struct person *p, int64_t from_us)
{
	const struct row *row = p->tl->row;
	size_t lo = 0, hi = p->n_acts, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (row[p->act[mid].row].at_us < from_us)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Could the act give consent on the surface (0: on any)? */
static bool
may_give(const struct person *p, const struct act *a, uint32_t surface)
{
	const struct row *r = &p->tl->row[a->row];
	int role;

	if (surface != 0 && a->surface != 0 && a->surface != surface)
		return false;
	(void)surface_of(p, r, &role);
	return role != ROLE_REFUSE &&
	       (a->rank == 2 || person_value(p, row_name(r, EV_VALUE)) != 0);
}

bool
answer_may_lie(const struct person *p, const struct stamp *from,
    const struct stamp *to, uint32_t surface)
{
	int64_t until = us_plus(to->at_us, timeline_reach(p->tl, to));
	size_t i, lo;

	lo = first_act(p, us_minus(from->at_us, timeline_reach(p->tl, from)));
	for (i = lo; i < p->n_acts; i++) {
		const struct row *r = &p->tl->row[p->act[i].row];
		struct stamp t;

		if (r->at_us > until)
			return false;
		if (i - lo == LOOK)
			return true;
		t = row_stamp(p->tl, r);
		if ((t.clock == from->clock && t.at_us <= from->at_us) ||
		    timeline_before(&t, from) || timeline_before(to, &t) ||
		    !may_give(p, &p->act[i], surface))
			continue;
		return true;
	}
	return false;
}

/* `nearest`: the acts before this one by its own clock are not meant. */
static bool
may_stem(const struct person *p, const struct stamp *record, uint32_t surface,
    const struct row *act, bool nearest, int64_t within_us)
{
	int64_t reach = timeline_reach(p->tl, record);
	int64_t until = us_plus(record->at_us, reach);
	int64_t from = us_minus(record->at_us, within_us);
	size_t i, lo = first_act(p, us_minus(from, reach));

	for (i = lo; i < p->n_acts; i++) {
		const struct row *r = &p->tl->row[p->act[i].row];
		struct stamp t;

		if (r->at_us > until)
			return false;
		if (i - lo == LOOK)
			return true;
		if (r == act || row_id(r, EV_REQUEST) != 0 ||
		    (surface != 0 && p->act[i].surface != 0 &&
			p->act[i].surface != surface))
			continue;
		t = row_stamp(p->tl, r);
		if (nearest && t.clock == row_stamp(p->tl, act).clock &&
		    (r < act || p->act[i].rank < 2))
			continue;
		if (!timeline_before(record, &t) &&
		    us_plus(t.at_us, t.late_us) >= from)
			return true;
	}
	return false;
}

bool
answer_may_stem(const struct person *p, const struct stamp *record,
    uint32_t surface, const struct row *act, int64_t within_us)
{
	return may_stem(p, record, surface, act, false, within_us);
}

/* Does the record surely answer act i?  It came after it, and no act of
 * another device, or the next one, may be meant. */
static bool
is_sure(const struct person *p, size_t i, const struct row *rec)
{
	const struct act *a = &p->act[i];
	const struct row *act = &p->tl->row[a->row];
	struct stamp at = row_stamp(p->tl, act), t = row_stamp(p->tl, rec);

	if (t.clock == at.clock)
		return true;
	return timeline_before(&at, &t) &&
	       !may_stem(p, &t, a->surface, act, true,
		   study_us(p->study, THRESHOLD_ANSWER));
}

/* 2 and 3, for act i. */
static void
join_nearest(
    struct person *p, size_t i, const uint32_t *rec, size_t n_recs, int rank)
{
	const struct act *a = &p->act[i];
	struct row *row = p->tl->row, *act = &row[a->row];
	int64_t window = study_us(p->study, THRESHOLD_ANSWER), until, d;
	int64_t best_d = INT64_MAX, early;
	size_t k, last, best = 0;
	struct stamp t;

	if (a->rank != rank || act->link != 0 || act->at_us == STORE_ABSENT)
		return;
	until = us_plus(act->at_us, window);
	d = next_act_us(p, i, a->surface, until);
	if (rank == 1 && d != INT64_MAX)
		return;
	if (d != INT64_MAX)
		until = d - 1;
	t = row_stamp(p->tl, act);
	early = t.early_us < window ? t.early_us : window;
	k = first_from(row, rec, n_recs, us_minus(act->at_us, early));
	last = k + LOOK < n_recs ? k + LOOK : n_recs;
	for (; k < last && row[rec[k]].at_us <= until; k++) {
		if (!is_free(&row[rec[k]], a->surface) ||
		    is_anothers(p, act, &row[rec[k]]) ||
		    (row_word(act, EV_ROLE) == ROLE_ACCEPT &&
			row_word(&row[rec[k]], EV_DECISION) ==
			    DECISION_WITHDRAWN))
			continue;
		d = us_minus(row[rec[k]].at_us, act->at_us);
		if (d < 0) /* before it: only if nothing comes after */
			d = window - d;
		if (d < best_d) {
			best_d = d;
			best = k;
		}
	}
	if (best_d == INT64_MAX)
		return;
	join(p, a->row, rec[best], false, is_sure(p, i, &row[rec[best]]));
	for (k = best + 1; k < last; k++) {
		struct row *r = &row[rec[k]], *b = &row[rec[best]];

		if (us_minus(r->at_us, b->at_us) > UTC_US_S || r->at_us > until)
			break;
		if (is_free(r, a->surface) &&
		    row_name(r, EV_PURPOSE) != row_name(b, EV_PURPOSE))
			join(p, a->row, rec[k], false, is_sure(p, i, r));
	}
}

/* 4. */
static void
join_early(struct person *p, uint32_t rec)
{
	struct row *row = p->tl->row, *r = &row[rec], *a;
	uint64_t session = row_id(r, EV_SESSION), own;
	size_t i, lo = 0, hi = p->n_acts, mid;
	int64_t until;

	if (r->link != 0 || !is_grant(r) || is_unasked(r) ||
	    r->at_us == STORE_ABSENT || row_word(r, EV_TRAIL) == TRAIL_UI)
		return;
	until = us_plus(r->at_us, study_us(p->study, THRESHOLD_EARLY));
	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (row[p->act[mid].row].at_us < r->at_us)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (i = lo; i < p->n_acts && i < lo + LOOK; i++) {
		a = &row[p->act[i].row];
		if (a->at_us > until)
			return;
		if (p->act[i].rank != 2 || !fits(r, p->act[i].surface))
			continue;
		own = row_id(a, EV_SESSION);
		if (session != 0 && own != 0 && session != own)
			return;
		if (a->link == 0)
			join(p, p->act[i].row, rec, true, false);
		return;
	}
}

static void
add_row(uint32_t **list, size_t *n, size_t *room, uint32_t row)
{
	if (*n == *room) {
		*room = *room == 0 ? 64 : 2 * *room;
		*list = realloc(*list, *room * sizeof **list);
		if (*list == NULL)
			err_no_memory(*room * sizeof **list);
	}
	(*list)[(*n)++] = row;
}

static void
add_act(struct person *p, uint32_t row)
{
	uint32_t surface = 0;
	int rank = act_rank(p, &p->tl->row[row], &surface);
	struct act *a;

	if (rank == 0)
		return;
	if (p->n_acts == p->n_act_room) {
		p->n_act_room = p->n_act_room == 0 ? 64 : 2 * p->n_act_room;
		p->act = realloc(p->act, p->n_act_room * sizeof *p->act);
		if (p->act == NULL)
			err_no_memory(p->n_act_room * sizeof *p->act);
	}
	a = &p->act[p->n_acts++];
	a->row = row;
	a->surface = surface;
	a->rank = rank;
}

void
answer_link(struct person *p)
{
	struct timeline *tl = p->tl;
	uint32_t *rec;
	size_t n_recs = 0, i;

	p->n_answers = p->n_acts = 0;
	if ((tl->what & ROW_ANSWER) == 0)
		return;
	for (i = 0; i < tl->n_rows; i++) {
		unsigned what = tl->row[i].what;

		if ((what & ROW_ANSWER) != 0)
			add_row(&p->rec, &n_recs, &p->n_rec_room, (uint32_t)i);
		if ((what & (ROW_GESTURE | ROW_PLAIN)) == ROW_GESTURE)
			add_act(p, (uint32_t)i);
	}
	rec = p->rec;
	join_requests(p, rec, n_recs);
	for (i = 0; i < p->n_acts; i++)
		join_nearest(p, i, rec, n_recs, 2);
	for (i = 0; i < p->n_acts; i++)
		join_nearest(p, i, rec, n_recs, 1);
	for (i = 0; i < n_recs; i++)
		join_early(p, rec[i]);
}
