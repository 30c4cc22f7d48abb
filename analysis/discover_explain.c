/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Steps 1 and 3 of the judgement (discover_judge.c): grants that an express
 * act of the person stands behind.
 */
#include <stdlib.h>

#include "analysis/discover_court.h"
#include "analysis/stat.h"

enum { HANDS_TRIED = 8 };

struct said
said_of(const struct discover_case *c, const uint32_t *item, uint32_t act)
{
	struct said s = { 0 };
	unsigned k;

	for (k = 0; k < CASE_ITEMS && item[k] != 0; k++) {
		uint8_t bit = (uint8_t)(1u << ITEM_GRANT(item[k]));

		if ((item[k] & ITEM_HAND) != 0 || ITEM_NUMBER(item[k]) != act)
			continue;
		if (ITEM_CLASS(item[k]) > 0 && (c->explained & bit) != 0)
			s.explained |= bit;
		if ((c->left & bit) == 0)
			continue;
		s.is_there = true;
		s.n_grants++;
		if (ITEM_CLASS(item[k]) == 0)
			continue;
		s.open |= bit;
		s.is_request |= (item[k] & ITEM_REQUEST) != 0;
		if (ITEM_CLASS(item[k]) > s.strength)
			s.strength = ITEM_CLASS(item[k]);
	}
	return s;
}

/* ---- by themselves ---- */

/* Does the nearest gesture say that it is a choice? */
static bool
is_express(struct court *ct, const struct discover_case *c, uint32_t act)
{
	uint32_t number = discover_act_control(ct->b, act);
	const struct discover_control *control =
	    discover_control(ct->b, number);

	/* One act may be recorded again, or late. */
	if (is_declared(control))
		return true;
	if (discover_act_of(ct->b, act) != ACT_CLICK ||
	    (control->says & (SAYS_AGREE | SAYS_REFUSE)) != SAYS_AGREE)
		return false;
	ct->clear[act] += c->people;
	return true;
}

void
explain(struct court *ct, struct discover_case *c, const uint32_t *item)
{
	uint32_t best[CASE_GRANTS] = { 0 };
	unsigned k, g;

	for (k = 0; k < CASE_ITEMS && item[k] != 0; k++) {
		uint32_t n = ITEM_NUMBER(item[k]);

		g = ITEM_GRANT(item[k]);
		c->left |= (uint8_t)(1u << g);
		if ((item[k] & ITEM_HAND) == 0) {
			if (ITEM_CLASS(item[k]) > ITEM_CLASS(best[g]))
				best[g] = item[k];
		} else if (says_agreement(discover_control(ct->b, n))) {
			ct->hand[n] += c->people;
			c->explained |= (uint8_t)(1u << g);
		}
	}
	for (g = 0; g < CASE_GRANTS; g++)
		if (best[g] != 0 && (c->explained >> g & 1) == 0 &&
		    is_express(ct, c, ITEM_NUMBER(best[g])))
			c->explained |= (uint8_t)(1u << g);
	c->left &= (uint8_t)~c->explained;
}

/* ---- beside an act ---- */

static bool
decides(const struct court *ct, uint32_t act, uint32_t hand, uint64_t with,
    uint64_t without)
{
	uint32_t key[2] = { act, hand };
	const struct discover_pair *pair = tally_find(&ct->b->pairs, key);
	uint64_t n = discover_doing(ct->b, act)->people;
	struct two_groups g;
	struct interval ratio;

	if (discover_act_control(ct->b, act) == hand)
		return true; /* the click and the change it makes */
	g.n_b = pair != NULL && pair->people > with ? pair->people : with;
	g.n_a = n > g.n_b && n - g.n_b > without ? n - g.n_b : without;
	g.k_b = with;
	g.k_a = without;
	if (g.n_a == 0)
		return false;
	if (without == 0) /* rule of three instead of a ratio to 0 */
		return 3 / (double)g.n_a < 0.5 * (double)with / (double)g.n_b;
	ratio = stat_risk_ratio(g, 0.95);
	return ratio.high < 0.5;
}

/* Hands in the cases of an act that no grant of them is explained by. */
static void
hands_of(struct court *ct, uint32_t act, uint64_t *people, uint64_t *covered)
{
	uint32_t i;
	unsigned k;

	memset(people, 0, ct->b->controls.n * sizeof *people);
	*covered = 0;
	for (i = 0; i < ct->b->cases.n; i++) {
		const struct discover_case *c = tally_value(&ct->b->cases, i);
		const uint32_t *item = tally_key(&ct->b->cases, i);
		struct said s = said_of(c, item, act);

		if (s.open == 0)
			continue;
		*covered += c->people;
		for (k = 0; k < CASE_ITEMS && item[k] != 0; k++)
			if ((item[k] & ITEM_HAND) != 0 &&
			    has_grant(s.open, item[k]))
				people[ITEM_NUMBER(item[k])] += c->people;
	}
}

static void
explain_by(struct court *ct, uint32_t act, uint32_t hand)
{
	uint32_t i;
	unsigned k;

	for (i = 0; i < ct->b->cases.n; i++) {
		struct discover_case *c = tally_value(&ct->b->cases, i);
		const uint32_t *item = tally_key(&ct->b->cases, i);
		struct said s = said_of(c, item, act);

		for (k = 0; k < CASE_ITEMS && item[k] != 0; k++) {
			if ((item[k] & ITEM_HAND) == 0 ||
			    ITEM_NUMBER(item[k]) != hand ||
			    !has_grant(s.open, item[k]))
				continue;
			ct->hand[hand] += c->people;
			c->explained |= (uint8_t)(1u << ITEM_GRANT(item[k]));
		}
		c->left &= (uint8_t)~c->explained;
	}
}

void
explain_winner(struct court *ct, uint32_t act)
{
	size_t room = (ct->b->controls.n + 1) * sizeof(uint64_t);
	uint64_t *people = malloc(room), covered;
	uint32_t i, best;
	int turn;

	if (people == NULL)
		err_no_memory(room);
	for (turn = 0; turn < HANDS_TRIED; turn++) {
		hands_of(ct, act, people, &covered);
		for (i = best = 0; i < ct->b->controls.n; i++)
			if (people[i] > people[best])
				best = i;
		if (ct->b->controls.n == 0 || people[best] == 0 ||
		    !decides(
			ct, act, best, people[best], covered - people[best]))
			break;
		explain_by(ct, act, best);
	}
	free(people);
}
