/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * show_line - lines of `show`: what is put out is made visible first.
 */
#ifndef REPORTS_SHOW_LINE_H
#define REPORTS_SHOW_LINE_H

#include "reports/pseudonym.h"
#include "reports/show.h"
#include "reports/view.h"

struct show {
	const struct show_options *o;
	struct view view;
	struct pseudonym_key key;
};

/* A text, made visible. */
void show_put(struct show *s, struct span text);
/* The first column of a line. */
void show_label(struct show *s, const char *name);
/* A label and a value; absent is "-". */
void show_line_span(struct show *s, const char *name, struct span text);
void show_line_text(struct show *s, const char *name, const char *text);
/* The column of a row, labelled with its name: as text, instant, time. */
void show_line_column(struct show *s, struct answer *a, const char *column);
void show_put_instant(struct show *s, struct answer *a, const char *column);
void show_line_instant(struct show *s, struct answer *a, const char *column);
void show_line_seconds(struct show *s, struct answer *a, const char *column);
/* Source, member and byte of a row that has these columns. */
void show_put_place(struct show *s, struct answer *a);
/* The person's keyed name. */
const char *show_person(struct show *s, const char *kind, struct span id,
    char name[PSEUDONYM_BYTES]);
void show_heading(struct show *s, const char *text);
/* "none" under a heading, when n is 0. */
void show_none(struct show *s, int n);

#endif
