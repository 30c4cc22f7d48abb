/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sankey - ways through screens as bands whose width is the number of people.
 *
 * Ways are added step by step; sankey_layout() then gives every step of
 * every column a box and every pair of neighbours with the same outcome a
 * band, all in the unit square (y grows downwards).  A way that ends early
 * runs on to the last column, where the outcomes stand.  Nothing is scaled
 * up: what is thin is rare.
 */
#ifndef REPORTS_SANKEY_H
#define REPORTS_SANKEY_H

#include "ingest/base/arena.h"

enum {
	SANKEY_STEPS = 7,    /* columns before the outcomes; more are cut */
	SANKEY_OUTCOMES = 5, /* 0 … 4, top to bottom */
	SANKEY_NODES = 400,
	SANKEY_BANDS = 2000
};

struct sankey_node {
	struct span name; /* of the step; else empty */
	unsigned column;  /* 0 … n_columns - 1 */
	unsigned outcome; /* of a way passing by, or an outcome's box */
	bool is_outcome;  /* a box of the last column */
	bool is_passing;  /* a way that ended earlier runs on here */
	int64_t n;	  /* people */
	double x0, x1, y0, y1;
	double in_y, out_y; /* used while bands are laid */
	double pull;	    /* mean height of what leads here */
};

struct sankey_band {
	unsigned from, to; /* nodes */
	unsigned outcome;
	int64_t n;
	double y_from, y_to, height;
};

struct sankey {
	struct arena arena;
	struct sankey_node *node; /* [n_nodes], by column, top to bottom */
	size_t n_nodes;
	struct sankey_band *band; /* [n_bands] */
	size_t n_bands;
	unsigned n_columns; /* the outcomes' included */
	int64_t total;
	int64_t dropped;	/* people of ways that found no room */
	struct sankey_way *way; /* [n_ways], as added */
	size_t n_ways, room_ways;
};

/* `steps` are joined by " > "; the text is copied. */
void sankey_add(
    struct sankey *s, struct span steps, unsigned outcome, int64_t n);
void sankey_layout(struct sankey *s);
void sankey_clear(struct sankey *s);

#endif
