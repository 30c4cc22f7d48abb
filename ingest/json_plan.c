/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tree of the wanted pointers; its nodes are their steps.
 */
#include <stdlib.h>

#include "ingest/base/err.h"
#include "ingest/json_int.h"

static int
node_new(struct json_plan *p)
{
	struct plan_node *n;

	if (p->n_nodes == p->node_room) {
		p->node_room = p->node_room * 2 + 16;
		n = arena_alloc(&p->arena, p->node_room * sizeof *n);
		if (p->n_nodes > 0)
			memcpy(n, p->node, p->n_nodes * sizeof *n);
		p->node = n;
	}
	n = &p->node[p->n_nodes];
	n->slot = n->any = -1;
	n->is_leaf = true;
	return (int)p->n_nodes++;
}

struct json_plan *
json_plan_new(void)
{
	struct json_plan *p = calloc(1, sizeof *p);

	if (p == NULL)
		err_no_memory(sizeof *p);
	(void)node_new(p);
	return p;
}

void
json_plan_free(struct json_plan *p)
{
	if (p == NULL)
		return;
	arena_clear(&p->arena);
	free(p);
}

int
json_plan_child(const struct plan_node *n, struct span key)
{
	size_t i;

	for (i = 0; i < n->n_steps; i++)
		if (n->step[i].token.n == key.n &&
		    memcmp(n->step[i].token.p, key.p, key.n) == 0)
			return n->step[i].child;
	return -1;
}

/* A token without its "~0" and "~1". */
static bool
unescape(struct arena *arena, struct span raw, struct span *out)
{
	char *to = arena_alloc(arena, raw.n + 1);
	size_t i, n = 0;

	for (i = 0; i < raw.n; i++) {
		if (raw.p[i] == '~') {
			if (++i == raw.n ||
			    (raw.p[i] != '0' && raw.p[i] != '1'))
				return false;
			to[n++] = raw.p[i] == '0' ? '~' : '/';
		} else {
			to[n++] = raw.p[i];
		}
	}
	out->p = to;
	out->n = n;
	return true;
}

static int
index_of(struct span token)
{
	int v = 0;
	size_t i;

	if (token.n == 0 || token.n > 6 || (token.n > 1 && token.p[0] == '0'))
		return -1;
	for (i = 0; i < token.n; i++) {
		if (token.p[i] < '0' || token.p[i] > '9')
			return -1;
		v = v * 10 + (token.p[i] - '0');
	}
	return v;
}

static int
descend_step(struct json_plan *p, int at, struct span token)
{
	struct plan_node *n = &p->node[at];
	struct plan_step s = { token, json_plan_child(n, token), 0 };

	if (s.child >= 0)
		return s.child;
	s.child = node_new(p);
	s.index = index_of(token);
	n = &p->node[at];
	n->step = arena_grow(&p->arena, n->step, n->n_steps * sizeof s,
	    (n->n_steps + 1) * sizeof s);
	n->step[n->n_steps++] = s;
	return s.child;
}

/* "[key=value]" with the "=" at `eq`. */
static int
descend_select(struct json_plan *p, int at, struct span token, const char *eq)
{
	struct plan_node *n = &p->node[at];
	struct plan_select s = { { token.p + 1, (size_t)(eq - token.p) - 1 },
		{ eq + 1, (size_t)(token.p + token.n - eq) - 2 }, 0 };
	size_t i;

	for (i = 0; i < n->n_selects; i++)
		if (span_eq(n->select[i].key, s.key) &&
		    span_eq(n->select[i].value, s.value))
			return n->select[i].child;
	s.child = node_new(p);
	n = &p->node[at];
	n->select = arena_grow(&p->arena, n->select, n->n_selects * sizeof s,
	    (n->n_selects + 1) * sizeof s);
	n->select[n->n_selects++] = s;
	return s.child;
}

/* The child of a node under a token, made when there is none; -1 malformed. */
static int
descend(struct json_plan *p, int at, struct span raw)
{
	struct span token;
	const char *eq;
	int child;

	p->node[at].is_leaf = false;
	if (span_is(raw, "*")) {
		if (p->node[at].any < 0) {
			child = node_new(p);
			p->node[at].any = child;
		}
		return p->node[at].any;
	}
	if (!unescape(&p->arena, raw, &token))
		return -1;
	if (token.n > 4 && token.p[0] == '[' && token.p[token.n - 1] == ']' &&
	    (eq = memchr(token.p, '=', token.n)) != NULL)
		return descend_select(p, at, token, eq);
	return descend_step(p, at, token);
}

/* Where the token at the beginning of `rest` ends. */
static size_t
token_end(struct span rest)
{
	const char *from = rest.p, *close, *slash;

	/* a "/" inside [key=value] does not end the token */
	if (rest.n > 0 && rest.p[0] == '[') {
		close = memchr(rest.p, ']', rest.n);
		if (close != NULL)
			from = close;
	}
	slash = memchr(from, '/', rest.n - (size_t)(from - rest.p));
	return slash != NULL ? (size_t)(slash - rest.p) : rest.n;
}

int
json_plan_add(struct json_plan *p, struct span pointer, int slot)
{
	struct span rest = pointer, token;
	int at = 0;

	while (rest.n > 0) {
		if (rest.p[0] != '/')
			return -1;
		rest.p++;
		rest.n--;
		token.p = rest.p;
		token.n = token_end(rest);
		at = descend(p, at, token);
		if (at < 0)
			return -1;
		rest.p += token.n;
		rest.n -= token.n;
	}
	if (p->node[at].slot >= 0)
		return -1;
	p->node[at].slot = slot;
	p->slot = arena_grow(&p->arena, p->slot, p->n_slots * sizeof slot,
	    (p->n_slots + 1) * sizeof slot);
	p->is_range = p->n_slots == 0 ||
		      (p->is_range && slot == p->slot[p->n_slots - 1] + 1);
	p->slot[p->n_slots++] = slot;
	return 0;
}
