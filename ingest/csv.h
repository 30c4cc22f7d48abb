/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * csv - one record of separated values (RFC 4180, and what is found).
 *
 * csv_next() finds where a record ends and what its cells are; whoever cuts
 * a text and whoever reads it go by it, so that they always agree.  A quote
 * opens a cell only at its beginning.  A record that does not come out right
 * (a quoted cell that never ends, text behind a closing quote, several lines
 * whose cells are not as many as the header's) costs its first line only;
 * reading goes on with the second, so that one stray quote does not swallow
 * the records behind it.
 *
 *	1,"a		rejected: the quote ends before the x of line 3
 *	2,b		a record
 *	3,"x"		a record
 *
 * Ownership: cells point into the text or, where a doubled quote became one,
 * into `unquoted`; both live until the next call.
 */
#ifndef INGEST_CSV_H
#define INGEST_CSV_H

#include "ingest/base/buf.h"

enum { CSV_QUOTED_MAX_BYTES = 1024 * 1024 }; /* then it will not end any more */

struct csv_dialect {
	char delimiter;
	char quote, comment; /* '\0': none */
	char line_end;	     /* '\n', a '\r' before it is no text; or '\r' */
	/*
	 * Any number of blanks and tabs is one delimiter, and none at the ends
	 * of a line.  There a quote without a partner in its line is text.
	 */
	bool blanks;
	size_t may_lack; /* cells at the end that not every row has */
};

struct csv_cells {
	struct span *cell; /* [room] */
	size_t room;
	struct buf unquoted;
};

struct csv_record {
	size_t begin;
	size_t end;  /* of its text */
	size_t next; /* where the next one begins */
	size_t n_cells;
	size_t n_filled; /* of them up to the last that is not empty */
	bool is_empty;	 /* nothing but the line end, or a comment */
	const char *reason;
};

enum csv_got {
	CSV_RECORD,
	CSV_MORE, /* it may go on behind the text: only without `at_end` */
	CSV_BAD	  /* from begin to end is no record, and why */
};

/*
 * The record at `begin`, which is less than s.n; its cells go to `c` unless
 * that is NULL.  `expect` is how many they should be, 0: not known.
 */
enum csv_got csv_next(struct csv_cells *c, const struct csv_dialect *d,
    struct span s, size_t begin, bool at_end, size_t expect,
    struct csv_record *r);
void csv_cells_clear(struct csv_cells *c);

#endif
