/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The order of keys in the documents before.
 */
#include <stddef.h>
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
	struct habit *m = aligned_alloc(64, sizeof *m);

	if (m == NULL)
		err_no_memory(sizeof *m);
	memset(m, 0, offsetof(struct habit, key));
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

void
json_seen_want(
    struct seen *k, const struct json_plan *plan, int node, struct span key)
{
	const struct plan_node *n;

	k->kind = SEEN_SKIP;
	k->child = json_plan_child(&plan->node[node], key);
	if (k->child < 0)
		return;
	n = &plan->node[k->child];
	k->slot = n->slot;
	k->kind = n->is_leaf ? SEEN_LEAF : SEEN_VISIT;
}

void
json_seen_glue(struct habits *h, struct seen *k, struct span glue)
{
	size_t i;

	k->n = (uint32_t)glue.n;
	k->glue = arena_str(&h->arena, glue);
	memcpy(k->head, glue.p, glue.n < 16 ? glue.n : 16);
	k->beyond = glue.n < 16 ? 0xffff & ~((1u << glue.n) - 1) : 0;
	for (i = 0; i < glue.n; i++)
		k->n_specials =
		    (uint16_t)(k->n_specials + is_special(glue.p[i]));
}

struct seen *
json_habit_entry(struct habits *h, int node, struct span glue, struct span key)
{
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
	memset(k, 0, sizeof *k);
	json_seen_glue(h, k, glue);
	json_seen_want(k, h->plan, node, key);
	m->at[i] = (uint8_t)++m->n;
	return k;
}
