/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/record_group.h"

#include <assert.h>
#include <stdlib.h>

#include "ingest/base/err.h"

void
record_groups_begin(struct record_groups *g, size_t from)
{
	g->n_lines = g->n_groups = g->n_open = g->first_open = 0;
	g->n_settled = 0;
	g->from = from;
	g->reach = 0;
}

void
record_groups_clear(struct record_groups *g)
{
	free(g->line);
	free(g->group);
	memset(g, 0, sizeof *g);
}

static void
room_for_one(struct record_groups *g)
{
	if (g->n_lines == g->lines_room) {
		g->lines_room = g->lines_room * 2 + 256;
		g->line = realloc(g->line, g->lines_room * sizeof *g->line);
		if (g->line == NULL)
			err_no_memory(g->lines_room * sizeof *g->line);
	}
	if (g->n_groups == g->groups_room) {
		g->groups_room = g->groups_room * 2 + 128;
		g->group = realloc(g->group, g->groups_room * sizeof *g->group);
		if (g->group == NULL)
			err_no_memory(g->groups_room * sizeof *g->group);
	}
}

static struct group *
open_group(const struct record_groups *g, uint32_t i)
{
	return &g->group[g->open[(g->first_open + i) % GROUP_KEYS_OPEN]];
}

static struct group *
open_find(const struct record_groups *g, const struct group *like, int n)
{
	struct group *x;
	uint32_t i;
	int k;

	for (i = g->n_open; i-- > 0;) {
		x = open_group(g, i);
		if (x->hash != like->hash)
			continue;
		for (k = 0; k < n && span_eq(x->key[k], like->key[k]); k++)
			;
		if (k == n)
			return x;
	}
	return NULL;
}

static uint64_t
hash_of(const struct span *key, int n)
{
	uint64_t h = 14695981039346656037u;
	size_t i;
	int k;

	for (k = 0; k < n; k++) {
		for (i = 0; i < key[k].n; i++)
			h = (h ^ (unsigned char)key[k].p[i]) * 1099511628211u;
		h = (h ^ 0x100) * 1099511628211u;
	}
	return h;
}

/* All groups before group `n` are over, and `from` begins a stretch. */
static void
settle(struct record_groups *g, uint32_t n, size_t from)
{
	g->n_settled = n;
	g->from = from;
	g->reach = 0;
}

/*
 * One more key is open, the last group's; the oldest of too many is closed.
 * Then it is known whether one that is closed went on behind the beginning of
 * the oldest one that is open.
 */
static bool
open_add(struct record_groups *g)
{
	struct group *oldest;
	size_t last;

	if (g->n_open < GROUP_KEYS_OPEN) {
		g->open[(g->first_open + g->n_open++) % GROUP_KEYS_OPEN] =
		    g->n_groups - 1;
		return false;
	}
	last = g->line[open_group(g, 0)->last].at;
	if (last > g->reach)
		g->reach = last;
	g->open[g->first_open] = g->n_groups - 1;
	g->first_open = (g->first_open + 1) % GROUP_KEYS_OPEN;
	oldest = open_group(g, 0);
	if (g->reach >= g->line[oldest->first].at)
		return false;
	settle(g, (uint32_t)(oldest - g->group), g->line[oldest->first].at);
	return true;
}

bool
record_groups_add(struct record_groups *g, struct group_line line, size_t next,
    const struct span *key, int n, const char *reason)
{
	struct group new = { .has_key = key != NULL, .reason = reason }, *old;
	bool settled = false;

	assert(n <= MAP_TOGETHER_MAX);
	room_for_one(g);
	line.next = 0;
	g->line[g->n_lines] = line;
	new.first = new.last = g->n_lines++;
	if (key != NULL) {
		new.hash = hash_of(key, n);
		memcpy(new.key, key, (size_t)n * sizeof *key);
	}
	old = key != NULL ? open_find(g, &new, n) : NULL;
	if (old != NULL) {
		g->line[old->last].next = new.last + 1;
		old->last = new.last;
	} else {
		g->group[g->n_groups++] = new;
		if (key != NULL)
			settled = open_add(g);
	}
	if (next - g->from < GROUP_STRETCH_BYTES)
		return settled;
	g->n_open = 0;
	settle(g, g->n_groups, next);
	return true;
}

void
record_groups_drop(struct record_groups *g)
{
	uint32_t n = g->n_settled, lines, i;

	lines = n < g->n_groups ? g->group[n].first : g->n_lines;
	for (i = n; i < g->n_groups; i++) {
		g->group[i].first -= lines;
		g->group[i].last -= lines;
		g->group[i - n] = g->group[i];
	}
	for (i = lines; i < g->n_lines; i++) {
		g->line[i - lines] = g->line[i];
		if (g->line[i].next != 0)
			g->line[i - lines].next -= lines;
	}
	for (i = 0; i < g->n_open; i++)
		g->open[(g->first_open + i) % GROUP_KEYS_OPEN] -= n;
	g->n_groups -= n;
	g->n_lines -= lines;
	g->n_settled = 0;
}
