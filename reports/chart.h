/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chart - data and a script for gnuplot, an SVG drawing back.
 *
 * gnuplot is run without a shell, in the folder of the report, with a small
 * environment and without its start-up file.  Its script is made of
 * constants and numbers of this program alone: texts of the evidence go
 * through the data file, as quoted strings in which control characters,
 * quotes, backslashes and backquotes have been replaced, and labels are
 * drawn without markup.  The data and script stay in report/chart/, so that
 * everybody can draw the chart again.
 *
 * Order of calls:
 *	chart_init, chart_script / chart_num / chart_label / …, chart_draw
 *	(writes the figure, frees)
 *
 * In the script `data` is the name of the data file.
 */
#ifndef REPORTS_CHART_H
#define REPORTS_CHART_H

#include "reports/page.h"

/* Colours that stay apart for the colour-blind and in greyscale. */
#define CHART_BLUE   "#0b5394"
#define CHART_ORANGE "#c55a11"
#define CHART_GREEN  "#2e8b6f"
#define CHART_SKY    "#7fb2d9"
#define CHART_SAND   "#e3b56b"
#define CHART_GREY   "#8a8f98"
#define CHART_INK    "#1b1f24"
#define CHART_FAINT  "#dfe3e8"

struct chart {
	struct page *page;
	const char *name; /* letters, digits, - */
	struct buf script;
	struct buf data;
	bool in_row;
	unsigned n_blocks;	     /* ended so far: the index of the next */
	const struct chart_key *key; /* [n_keys], in the page's arena */
	size_t n_keys;
};

void chart_init(struct chart *c, struct page *page, const char *name, int width,
    int height);
/* A line of the script; never with text of the evidence. */
void chart_script(struct chart *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void chart_num(struct chart *c, double x); /* not finite: missing */
/* A text of at most `columns` (wide characters count two), 0: any length. */
void chart_label(struct chart *c, struct span text, unsigned columns);
void chart_row(struct chart *c);       /* end of a row */
unsigned chart_block(struct chart *c); /* end of a block; its index */

/* An x axis of instants (seconds, moved to local time) with few, round
 * ticks, and its grid. */
void chart_time_axis(struct chart *c, double from_s, double to_s);

/* Names of the series, in a line of the page above the drawing. */
struct chart_key {
	const char *name;  /* may be text of the evidence; in an arena */
	const char *color; /* CHART_… */
};
void chart_legend(struct chart *c, const struct chart_key *key, size_t n);

/* A round distance of about `n` ticks up to `most`. */
double chart_step(double most, int n);

/* Write <figure>: the drawing, "Figure N" and the caption. */
void chart_draw(struct chart *c, const char *caption, const char *alt);

/* Free a chart that is not drawn, since it has nothing to show. */
void chart_clear(struct chart *c);

/* The nth of a few line colours, and its dash (gnuplot's number). */
const char *chart_color(unsigned n);

#endif
