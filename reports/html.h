/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * html - a writer of HTML that escapes everything.
 *
 * Text and attribute values are made visible (reports/text.h) and escaped,
 * so no byte of evidence can become markup.  Only html_raw() writes as is:
 * for constants of this program and for SVG that svg_clean() passed.
 * Elements are closed in the order they were opened; that is asserted.
 *
 * The first failure is kept and the calls after it do nothing; html_finish()
 * tells.
 */
#ifndef REPORTS_HTML_H
#define REPORTS_HTML_H

#include "ingest/base/buf.h"
#include "ingest/base/err.h"

enum { HTML_DEPTH = 32, HTML_CEILING_BYTES = 256 * 1024 * 1024 };

struct html {
	struct buf out;
	struct buf scratch;	      /* for html_textf */
	const char *open[HTML_DEPTH]; /* names of the open elements */
	unsigned depth;
	struct err err; /* sticky */
};

/* Open an element with attributes: name, value, …, NULL.  A pair with the
 * value NULL is left out. */
void html_open(struct html *h, const char *name, ...) __attribute__((sentinel));
/* An element without content: meta, col, br. */
void html_void(struct html *h, const char *name, ...) __attribute__((sentinel));
void html_close(struct html *h, const char *name);

void html_text(struct html *h, const char *text);
void html_span(struct html *h, struct span text);
void html_textf(struct html *h, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* An element with text: <p>…</p>. */
void html_elem(struct html *h, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with a class. */
void html_elem_class(struct html *h, const char *name, const char *cls,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* A newline between elements, for those who read the source. */
void html_line(struct html *h);
/* Trusted bytes, as they are. */
void html_raw(struct html *h, const char *bytes);

/* 0 when all went well and everything was closed, else -1 with `err`. */
int html_finish(struct html *h, struct err *err);
void html_clear(struct html *h);

#endif
