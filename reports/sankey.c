/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: ways become nodes (a step in a column) and bands (two nodes
 * in neighbouring columns and an outcome).  Columns are laid from left to
 * right; in each, nodes stand in the order of the mean height of what leads
 * to them, which keeps crossings few.  The scale is the same everywhere:
 * the column with the most gaps just fits.
 */
#include "reports/sankey.h"

#include <assert.h>
#include <stdlib.h>

struct sankey_way {
	struct span step[SANKEY_STEPS];
	unsigned n_steps;
	unsigned outcome;
	int64_t n;
};

void
sankey_add(struct sankey *s, struct span steps, unsigned outcome, int64_t n)
{
	size_t more = s->room_ways == 0 ? 32 : 2 * s->room_ways, cut;
	struct span text = arena_span(&s->arena, steps);
	struct sankey_way *w;
	const char *next;

	assert(outcome < SANKEY_OUTCOMES && n >= 0);
	if (s->n_ways == s->room_ways) {
		s->way = arena_grow(&s->arena, s->way, s->room_ways * sizeof *w,
		    more * sizeof *w);
		s->room_ways = more;
	}
	w = &s->way[s->n_ways++];
	memset(w, 0, sizeof *w);
	w->outcome = outcome;
	w->n = n;
	while (text.n > 0 && w->n_steps < SANKEY_STEPS) {
		next = memmem(text.p, text.n, " > ", 3);
		cut = next != NULL ? (size_t)(next - text.p) : text.n;
		w->step[w->n_steps].p = text.p;
		w->step[w->n_steps++].n = cut;
		cut += next != NULL ? 3 : 0;
		text.p += cut;
		text.n -= cut;
	}
}

/* ---- nodes and bands ----------------------------------------------------- */

static int
find_node(struct sankey *s, const struct sankey_node *like)
{
	struct sankey_node *d;
	size_t i;

	assert(like->name.p != NULL);
	for (i = 0; i < s->n_nodes; i++) {
		d = &s->node[i];
		assert(d->name.p != NULL);
		if (d->column == like->column &&
		    d->is_outcome == like->is_outcome &&
		    d->is_passing == like->is_passing &&
		    d->outcome == like->outcome && span_eq(d->name, like->name))
			return (int)i;
	}
	if (s->n_nodes == SANKEY_NODES)
		return -1;
	s->node[s->n_nodes] = *like;
	return (int)s->n_nodes++;
}

static void
add_band(
    struct sankey *s, unsigned from, unsigned to, unsigned outcome, int64_t n)
{
	struct sankey_band *b;
	size_t i;

	for (i = 0; i < s->n_bands; i++) {
		b = &s->band[i];
		if (b->from == from && b->to == to && b->outcome == outcome) {
			b->n += n;
			return;
		}
	}
	if (s->n_bands == SANKEY_BANDS)
		return;
	b = &s->band[s->n_bands++];
	memset(b, 0, sizeof *b);
	b->from = from;
	b->to = to;
	b->outcome = outcome;
	b->n = n;
}

/* What a way is in a column: a step, its outcome or on its way there. */
static int
node_of(struct sankey *s, const struct sankey_way *w, unsigned column)
{
	struct sankey_node like = { .name = { "", 0 }, .column = column };

	if (column + 1 == s->n_columns) {
		like.is_outcome = true;
		like.outcome = w->outcome;
	} else if (column < w->n_steps) {
		like.name = w->step[column];
	} else {
		like.is_passing = true;
		like.outcome = w->outcome;
	}
	return find_node(s, &like);
}

static void
lay_way(struct sankey *s, const struct sankey_way *w)
{
	int at[SANKEY_STEPS + 1];
	unsigned i, last = s->n_columns - 1;

	for (i = 0; i <= last; i++) {
		at[i] = node_of(s, w, i);
		if (at[i] < 0) {
			s->dropped += w->n;
			return;
		}
	}
	for (i = 0; i <= last; i++)
		s->node[at[i]].n += w->n;
	for (i = 0; i < last; i++)
		add_band(
		    s, (unsigned)at[i], (unsigned)at[i + 1], w->outcome, w->n);
	s->total += w->n;
}

/* ---- places -------------------------------------------------------------- */

static int
node_order(const void *va, const void *vb)
{
	const struct sankey_node *a = va, *b = vb;

	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	if (a->is_outcome && a->outcome != b->outcome)
		return a->outcome < b->outcome ? -1 : 1;
	if (a->pull != b->pull && !a->is_outcome)
		return a->pull < b->pull ? -1 : 1;
	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	if (a->is_passing != b->is_passing)
		return a->is_passing ? 1 : -1;
	if (a->outcome != b->outcome)
		return a->outcome < b->outcome ? -1 : 1;
	return span_cmp(a->name, b->name);
}

/* Sort nodes and let the bands follow them. */
static void
sort_nodes(struct sankey *s)
{
	unsigned *to = arena_alloc(&s->arena, SANKEY_NODES * sizeof *to);
	size_t i;

	for (i = 0; i < s->n_nodes; i++) /* remember where each was */
		s->node[i].in_y = (double)i;
	qsort(s->node, s->n_nodes, sizeof s->node[0], node_order);
	for (i = 0; i < s->n_nodes; i++)
		to[(size_t)s->node[i].in_y] = (unsigned)i;
	for (i = 0; i < s->n_bands; i++) {
		s->band[i].from = to[s->band[i].from];
		s->band[i].to = to[s->band[i].to];
	}
}

/* People to height: the same for all columns. */
static double
find_scale(const struct sankey *s, double gap)
{
	double scale = 1e300, room;
	unsigned column;
	size_t i, n;

	for (column = 0; column < s->n_columns; column++) {
		for (i = 0, n = 0; i < s->n_nodes; i++)
			n += s->node[i].column == column;
		room = 1 - gap * (double)(n > 0 ? n - 1 : 0);
		if (room / (double)s->total < scale)
			scale = room / (double)s->total;
	}
	return scale;
}

static void
place_column(struct sankey *s, unsigned column, double scale, double gap)
{
	double y = 0, width = 0.012;
	double x =
	    s->n_columns > 1 ? (double)column / (double)(s->n_columns - 1) : 0;
	struct sankey_node *d;
	size_t i;

	for (i = 0; i < s->n_nodes; i++) {
		d = &s->node[i];
		if (d->column != column)
			continue;
		d->x0 = x * (1 - width);
		d->x1 = d->x0 + width;
		d->y0 = y;
		d->y1 = y + (double)d->n * scale;
		y = d->y1 + gap;
	}
}

/* The mean height of what leads to the nodes of a column. */
static void
pull_column(struct sankey *s, unsigned column)
{
	struct sankey_node *from;
	size_t i, j;
	double sum;

	for (j = 0; j < s->n_nodes; j++) {
		if (s->node[j].column != column)
			continue;
		for (i = 0, sum = 0; i < s->n_bands; i++) {
			if (s->band[i].to != j)
				continue;
			from = &s->node[s->band[i].from];
			sum += (from->y0 + from->y1) / 2 * (double)s->band[i].n;
		}
		if (s->node[j].n > 0)
			s->node[j].pull = sum / (double)s->node[j].n;
	}
}

static int
band_by_from(const void *va, const void *vb)
{
	const struct sankey_band *a = va, *b = vb;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	return a->outcome < b->outcome ? -1 : a->outcome > b->outcome;
}

static int
band_by_to(const void *va, const void *vb)
{
	const struct sankey_band *a = va, *b = vb;

	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->outcome < b->outcome ? -1 : a->outcome > b->outcome;
}

static void
place_bands(struct sankey *s, double scale)
{
	struct sankey_band *b;
	size_t i;

	for (i = 0; i < s->n_nodes; i++)
		s->node[i].in_y = s->node[i].out_y = s->node[i].y0;
	qsort(s->band, s->n_bands, sizeof s->band[0], band_by_to);
	for (i = 0; i < s->n_bands; i++) {
		b = &s->band[i];
		b->height = (double)b->n * scale;
		b->y_to = s->node[b->to].in_y;
		s->node[b->to].in_y += b->height;
	}
	qsort(s->band, s->n_bands, sizeof s->band[0], band_by_from);
	for (i = 0; i < s->n_bands; i++) {
		b = &s->band[i];
		b->y_from = s->node[b->from].out_y;
		s->node[b->from].out_y += b->height;
	}
}

void
sankey_layout(struct sankey *s)
{
	const double gap = 0.035;
	double scale;
	unsigned column;
	size_t i;

	s->node = arena_alloc(&s->arena, SANKEY_NODES * sizeof s->node[0]);
	s->band = arena_alloc(&s->arena, SANKEY_BANDS * sizeof s->band[0]);
	s->n_columns = 1;
	for (i = 0; i < s->n_ways; i++)
		if (s->way[i].n_steps + 1 > s->n_columns)
			s->n_columns = s->way[i].n_steps + 1;
	for (i = 0; i < s->n_ways; i++)
		lay_way(s, &s->way[i]);
	if (s->total == 0)
		return;
	scale = find_scale(s, gap);
	for (column = 0; column < s->n_columns; column++) {
		if (column > 0)
			pull_column(s, column);
		sort_nodes(s);
		place_column(s, column, scale, gap);
	}
	place_bands(s, scale);
}

void
sankey_clear(struct sankey *s)
{
	arena_clear(&s->arena);
	memset(s, 0, sizeof *s);
}
