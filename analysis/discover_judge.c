/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works, over the cases of all people:
 *	1. Explained is a grant before which the person turned on by hand a
 *	   switch that says what it is (purpose, notice, words of agreement in
 *	   any of its records), or whose nearest gesture is a click on words of
 *	   agreement or on a control that is declared.
 *	2. Of what is left, the act with the most evidence wins the round: the
 *	   sum of -ln u over its people (discover_grant.c), less their number,
 *	   which is what chance would give.
 *	3. A switch turned on by hand that says nothing explains the winner's
 *	   grants if without it they are at most half as frequent: then it is
 *	   the switch that decides, not the button pressed after it.
 *	4. The winner is tested and, unless it is weak, takes its grants, so
 *	   that a step on the way to it, whose evidence rests on the same
 *	   grants, finds none left.
 *
 * p is the greater of two: Fisher's combination of the u (other instants of
 * the same session), and the binomial probability of as many windows with a
 * grant after the act, given all such windows (the same people at other
 * times).  Holm's correction over all pairs of control and act.
 */
#include <math.h>
#include <stdlib.h>

#include "analysis/discover_court.h"
#include "analysis/stat.h"

/* -ln of the least u of several grants, corrected for their number. */
static double
strength(const struct said *s)
{
	double x = s->strength > 1 ? 0.5 * s->strength : 0;

	return fmax(0, x - log((double)s->n_grants));
}

/* ---- the act of a round ---- */

static void
weigh_case(
    struct court *ct, const struct discover_case *c, const uint32_t *item)
{
	unsigned k, j;

	for (k = 0; k < CASE_ITEMS && item[k] != 0; k++) {
		uint32_t act = ITEM_NUMBER(item[k]);
		struct evidence *e = &ct->by[act];
		struct said s;

		if ((item[k] & ITEM_HAND) != 0 || !has_grant(c->left, item[k]))
			continue;
		for (j = 0; j < k; j++) /* once a case */
			if ((item[j] & ITEM_HAND) == 0 &&
			    ITEM_NUMBER(item[j]) == act &&
			    has_grant(c->left, item[j]))
				break;
		if (j < k)
			continue;
		s = said_of(c, item, act);
		e->sum += (double)c->people * strength(&s);
		e->n += c->people;
		e->covered += s.open != 0 ? c->people : 0;
	}
}

/* Before by name: numbers go by who came first. */
static int
act_cmp(const struct discover_book *b, uint32_t x, uint32_t y)
{
	const uint32_t *a = tally_key(&b->acts, x), *c = tally_key(&b->acts, y);
	const uint32_t *i = tally_key(&b->controls, a[0]);
	const uint32_t *k = tally_key(&b->controls, c[0]);
	int d =
	    span_cmp(names_text(&b->names, i[0]), names_text(&b->names, k[0]));

	if (d == 0)
		d = span_cmp(
		    names_text(&b->names, i[1]), names_text(&b->names, k[1]));
	return d != 0 ? d : (a[1] > c[1]) - (a[1] < c[1]);
}

/* The act of the round; UINT32_MAX when none has more than chance. */
static uint32_t
strongest(struct court *ct)
{
	uint32_t i, best = UINT32_MAX;
	double most = 0, excess;

	memset(ct->by, 0, ct->b->acts.n * sizeof ct->by[0]);
	for (i = 0; i < ct->b->cases.n; i++) {
		const struct discover_case *c = tally_value(&ct->b->cases, i);

		if (c->left != 0)
			weigh_case(ct, c, tally_key(&ct->b->cases, i));
	}
	for (i = 0; i < ct->b->acts.n; i++) {
		excess = ct->by[i].sum - (double)ct->by[i].n;
		if (ct->is_tried[i] || ct->by[i].covered == 0 ||
		    excess < most || excess <= 0 ||
		    (best != UINT32_MAX && !(excess > most) &&
			act_cmp(ct->b, i, best) > 0))
			continue;
		most = excess;
		best = i;
	}
	return best;
}

/* ---- its test ---- */

static int64_t
median_delay(const struct discover_doing *d)
{
	uint64_t n = 0, so_far = 0;
	unsigned i;

	if (d->delay == NULL)
		return INT64_MIN;
	for (i = 0; i < DISCOVER_DELAYS; i++)
		n += d->delay[i];
	for (i = 0; i < DISCOVER_DELAYS; i++) {
		so_far += d->delay[i];
		if (2 * so_far >= n)
			break;
	}
	if (i < 8) /* classes of 1 µs at the least */
		return i < 4 ? (int64_t)i : 4;
	/* The middle of the class. */
	return ((int64_t)(2 * (4 + i % 4) + 1) << (i / 4)) >> 3;
}

static void
rate(struct discover_row *r, const struct discover_doing *d)
{
	struct interval share = stat_wilson(
	    r->granted < d->people ? r->granted : d->people, d->people, 0.95);
	struct interval elsewhere = stat_wilson(d->hits, d->trials, 0.95);

	r->share = share.estimate;
	r->share_low = share.low;
	r->share_high = share.high;
	r->shifted_share = elsewhere.estimate;
	r->lift = d->hits > 0 ? share.estimate / elsewhere.estimate : NAN;
	/* Both intervals at their worse ends: no narrower than 95 %. */
	r->lift_low = d->trials > 0 ? share.low / elsewhere.high : NAN;
	r->lift_high = d->hits > 0 ? share.high / elsewhere.low : NAN;
	r->median_delay_us = median_delay(d);
}

/*
 * Holm's correction of row `at` over m tests, of which those of the rounds so
 * far are known: its rank among all may be later, so it is no smaller than
 * that of all.
 */
static double
holm(const struct discover_row *row, size_t at, uint32_t m)
{
	double most = 0;
	size_t i, k, smaller;

	for (i = 0; i <= at; i++) {
		if (row[i].p > row[at].p)
			continue;
		for (k = smaller = 0; k <= at; k++)
			smaller += row[k].p < row[i].p;
		most = fmax(most, (double)(m - smaller) * row[i].p);
	}
	return fmin(1, most);
}

/* People with a grant after the act, and the test of them. */
static void
test(struct court *ct, struct discover_row *r)
{
	const struct discover_doing *d = discover_doing(ct->b, r->act);
	struct evidence e = { 0 };
	double elsewhere = 0;
	uint32_t i;

	for (i = 0; i < ct->b->cases.n; i++) {
		const struct discover_case *c = tally_value(&ct->b->cases, i);
		struct said s = said_of(c, tally_key(&ct->b->cases, i), r->act);

		r->granted += s.open != 0 ? c->people : 0;
		r->by_request += s.is_request ? c->people : 0;
		r->explained += s.open == 0 && s.explained != 0 ? c->people : 0;
		if (!s.is_there)
			continue;
		e.sum += (double)c->people * strength(&s);
		e.n += c->people;
	}
	rate(r, d);
	r->p = stat_fisher_combined(e.sum, e.n);
	if (d->trials > 0)
		elsewhere =
		    stat_binomial_upper(r->granted, r->granted + d->hits,
			(double)d->people / (double)(d->people + d->trials));
	r->p = e.n > 0 ? fmax(r->p, elsewhere) : 1;
	r->p_adjusted = holm(ct->row, ct->n_rows, ct->b->acts.n);
}

static void
take(struct court *ct, uint32_t act)
{
	uint32_t i;

	for (i = 0; i < ct->b->cases.n; i++) {
		struct discover_case *c = tally_value(&ct->b->cases, i);

		if (c->left != 0)
			c->left &= (uint8_t)~said_of(
			    c, tally_key(&ct->b->cases, i), act)
				       .open;
	}
}

static enum discover_verdict
verdict(const struct court *ct, const struct discover_row *r)
{
	const double *t = ct->s->threshold;
	uint64_t all = r->granted + r->explained;

	if (r->granted == 0 || r->share < t[THRESHOLD_DISCOVER_SHARE] ||
	    (double)r->granted < t[THRESHOLD_DISCOVER_PART] * (double)all ||
	    r->lift_low < t[THRESHOLD_DISCOVER_LIFT])
		return DISCOVER_WEAK;
	if ((double)r->granted < t[THRESHOLD_DISCOVER_PEOPLE])
		return DISCOVER_TOO_FEW;
	if (!(r->p_adjusted < t[THRESHOLD_DISCOVER_ALPHA]))
		return DISCOVER_WEAK;
	return discover_act_of(ct->b, r->act) == ACT_ON ? DISCOVER_BY_HAND
							: DISCOVER_UNDECLARED;
}

/* ---- what stood beside it ---- */

static unsigned
box_rank(const struct discover_control *c)
{
	return (c->n_on > 0 ? 4u : 0) | (says_agreement(c) ? 2u : 0) |
	       (c->n_on + c->n_off > 0 ? 1u : 0);
}

/* On the same screen: a box that is on by default, one that says what it is,
 * words of agreement. */
static void
find_box(const struct court *ct, struct discover_row *r)
{
	const struct discover_book *b = ct->b;
	uint32_t control = discover_act_control(b, r->act), i;
	const struct discover_control *best = NULL, *c;
	unsigned most = 1, rank;

	for (i = 0; i < b->controls.n; i++) {
		c = discover_control(b, i);
		rank = box_rank(c);
		if (i == control || rank < 2 || rank < most ||
		    tally_key(&b->controls, i)[0] !=
			tally_key(&b->controls, control)[0])
			continue;
		if (best != NULL && rank == most &&
		    c->n_on + c->n_off <= best->n_on + best->n_off)
			continue;
		best = c;
		most = rank;
		r->box = 1 + i;
		r->box_is_on = c->n_on > 0;
	}
}

/* ---- the judgement ---- */

static void
rounds(struct court *ct)
{
	size_t round;

	for (round = 0; round < DISCOVER_ROUNDS; round++) {
		struct discover_row *r = &ct->row[ct->n_rows];

		memset(r, 0, sizeof *r);
		r->act = strongest(ct);
		if (r->act == UINT32_MAX)
			break;
		explain_winner(ct, r->act);
		test(ct, r);
		r->verdict = verdict(ct, r);
		find_box(ct, r);
		ct->is_tried[r->act] = true;
		if (r->verdict != DISCOVER_WEAK)
			take(ct, r->act);
		ct->n_rows++;
	}
}

static void
add_express(
    struct court *ct, uint32_t act, uint64_t people, enum discover_verdict v)
{
	struct discover_row *r = &ct->row[ct->n_rows];

	if (people == 0 || ct->n_rows == DISCOVER_ROWS)
		return;
	memset(r, 0, sizeof *r);
	r->act = act;
	r->verdict = v;
	r->granted = r->explained = people;
	rate(r, discover_doing(ct->b, act));
	r->p = r->p_adjusted = NAN;
	ct->n_rows++;
}

/* Acts that explained grants. */
static void
express(struct court *ct)
{
	uint32_t i, act;

	for (i = 0; i < ct->b->acts.n; i++) {
		act = i;
		if (discover_act_of(ct->b, act) == ACT_CLICK)
			add_express(ct, act, ct->clear[act], DISCOVER_CLEAR);
		else if (discover_act_of(ct->b, act) == ACT_ON)
			add_express(ct, act,
			    ct->hand[discover_act_control(ct->b, act)],
			    DISCOVER_BY_HAND);
	}
}

static int
row_cmp(const void *va, const void *vb, void *arg)
{
	const struct discover_row *a = va, *b = vb;

	if (a->verdict != b->verdict)
		return a->verdict < b->verdict ? -1 : 1;
	if (a->granted != b->granted)
		return a->granted > b->granted ? -1 : 1;
	return act_cmp(arg, a->act, b->act);
}

size_t
discover_judge(
    struct discover_book *b, const struct study *s, struct discover_row *row)
{
	struct court ct = { .b = b, .s = s, .row = row };
	uint32_t i;

	ct.by = calloc(b->acts.n + 1, sizeof *ct.by);
	ct.is_tried = calloc(b->acts.n + 1, sizeof *ct.is_tried);
	ct.hand = calloc(b->controls.n + 1, sizeof *ct.hand);
	ct.clear = calloc(b->acts.n + 1, sizeof *ct.clear);
	if (ct.by == NULL || ct.is_tried == NULL || ct.hand == NULL ||
	    ct.clear == NULL)
		err_no_memory(b->acts.n * sizeof *ct.by);
	for (i = 0; i < b->cases.n; i++)
		explain(
		    &ct, tally_value(&b->cases, i), tally_key(&b->cases, i));
	b->count[COUNT_PAIRS] = b->acts.n;
	for (i = 0; i < b->acts.n; i++) /* nothing to be discovered there */
		ct.is_tried[i] = is_declared(
		    discover_control(b, discover_act_control(b, i)));
	rounds(&ct);
	express(&ct);
	qsort_r(row, ct.n_rows, sizeof *row, row_cmp, b);
	free(ct.by);
	free(ct.is_tried);
	free(ct.hand);
	free(ct.clear);
	return ct.n_rows;
}
