/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The order of keys in the documents before.
 */
#include <stdlib.h>

#include "ingest/base/err.h"
#include "ingest/json_int.h"

void
json_habits_clear(struct habits *h)
{
	size_t i;

	for (i = 0; i < h->n_nodes; i++)
		free(h->at[i]);
	free(h->at);
	free(h->mark);
	arena_clear(&h->arena);
	memset(h, 0, sizeof *h);
}

void
json_habits_begin(struct habits *h, const struct json_plan *plan, bool lines)
{
	json_habits_clear(h);
	h->plan = plan;
	h->n_nodes = plan->n_nodes;
	h->lines = lines;
	h->at = calloc(plan->n_nodes, sizeof(struct habit *));
	h->mark = calloc(plan->n_nodes, sizeof *h->mark);
	if (h->at == NULL || h->mark == NULL)
		err_no_memory(plan->n_nodes * sizeof *h->mark);
}

struct habit *
json_habit_new(struct habits *h, int node)
{
	struct habit *m = calloc(1, sizeof *m);

	if (m == NULL)
		err_no_memory(sizeof *m);
	h->at[node] = m;
	return m;
}

static size_t
glue_hash(struct span s)
{
	uint64_t a = 0, b = 0;
	size_t n = s.n < 8 ? s.n : 8;

	memcpy(&a, s.p, n);
	memcpy(&b, s.p + s.n - n, n);
	a = (a ^ s.n) * 0x9e3779b97f4a7c15u;
	a = (a ^ a >> 32 ^ b) * 0xbf58476d1ce4e5b9u;
	return a >> 40 & (SEEN_SLOTS - 1);
}

static void
entry_set(struct habits *h, struct seen *k, struct span glue)
{
	size_t i;

	k->n = (uint32_t)glue.n;
	k->glue = arena_str(&h->arena, glue);
	memcpy(&k->head, glue.p, glue.n < 8 ? glue.n : 8);
	memset(&k->head_mask, 0xff, glue.n < 8 ? glue.n : 8);
	if (glue.n > 8) {
		memcpy(&k->tail, glue.p + 8, glue.n < 16 ? glue.n - 8 : 8);
		memset(&k->tail_mask, 0xff, glue.n < 16 ? glue.n - 8 : 8);
	}
	for (i = 0; i < glue.n; i++)
		k->n_specials += is_special(glue.p[i]);
}

struct seen *
json_habit_entry(struct habits *h, int node, struct span glue, struct span key)
{
	const struct plan_node *n = &h->plan->node[node];
	struct habit *m = h->at[node];
	struct seen *k;
	size_t i = glue_hash(glue);

	for (; m->at[i] != 0; i = (i + 1) & (SEEN_SLOTS - 1)) {
		k = &m->key[m->at[i] - 1];
		if (k->n == glue.n && memcmp(k->glue, glue.p, glue.n) == 0)
			return k;
	}
	/* what is remembered is not checked again */
	if (m->n == SEEN_MAX || glue.n > GLUE_MAX_BYTES ||
	    !json_utf8_is_valid(glue))
		return NULL;
	k = &m->key[m->n];
	entry_set(h, k, glue);
	k->child = json_plan_child(n, key);
	k->slot = -1;
	if (k->child >= 0 && h->plan->node[k->child].is_leaf)
		k->slot = h->plan->node[k->child].slot;
	m->at[i] = (uint8_t)++m->n;
	return k;
}
