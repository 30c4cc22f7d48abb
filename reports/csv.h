/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * csv - a writer of RFC 4180 lines that no spreadsheet runs.
 *
 * Texts are made visible (reports/text.h); one that begins with = + - @ or a
 * blank control gets a ' before it, since spreadsheets take such cells for
 * formulas.  An absent value is an empty cell, an empty text "".
 */
#ifndef REPORTS_CSV_H
#define REPORTS_CSV_H

#include "ingest/base/buf.h"

struct csv {
	struct buf out;
	size_t n_cells; /* of the line */
};

void csv_text(struct csv *c, struct span text);
void csv_int(struct csv *c, int64_t n);
void csv_real(struct csv *c, double x); /* %.12g; not a number: absent */
void csv_null(struct csv *c);
void csv_line(struct csv *c); /* ends the line */
void csv_clear(struct csv *c);

#endif
