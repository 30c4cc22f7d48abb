/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * svg - let only drawing through.
 *
 * Parses what gnuplot wrote (expat: it must be well-formed) and writes it
 * anew for use inside a page: known elements with known attributes and plain
 * values, no scripts, styles, links, images or events; ids get a prefix, so
 * that several drawings live in one page; groups without content vanish.
 */
#ifndef REPORTS_SVG_H
#define REPORTS_SVG_H

#include "ingest/base/buf.h"
#include "ingest/base/err.h"

struct svg_text {
	const char *prefix; /* of ids: letters, digits, - */
	const char *title;  /* what it shows, one line */
	const char *desc;   /* the same for those who cannot see it */
};

/* Add the cleaned drawing to `out`.  0, or -1 with `err` "line N: …" when it
 * is not well-formed or nested beyond reason. */
int svg_clean(struct span svg, const struct svg_text *text, struct buf *out,
    struct err *err);

#endif
