/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table - rows of values that go to the page and to a CSV file alike.
 *
 * A public page withholds small cells here, in one place for every table,
 * its CSV file and the chart drawn from it:
 *
 *	R1  A count of people from 1 to 9 is hidden.
 *	R2  In a row whose parts add up to a sum that is shown, hidden parts
 *	    are two at least and together 10 at least; else more are hidden,
 *	    at last the sum.
 *	R3  The same holds down each column for the rows of a group, which
 *	    may add up to a total known from elsewhere.
 *
 * A share, and every other number of a row, is hidden with the count it
 * stands for: the first part or the sum; in a row without a sum any count.
 *
 * Order of calls:
 *	table_init, { table_row, one call for each column }*, table_suppress
 *	(if a chart reads the rows), table_write
 *
 * Rows live in the page's arena.
 */
#ifndef REPORTS_TABLE_H
#define REPORTS_TABLE_H

#include "reports/page.h"

enum table_kind {
	TABLE_NONE = 0,
	TABLE_TEXT,
	TABLE_CODE,   /* an id or path: fixed width */
	TABLE_COUNT,  /* of things */
	TABLE_PEOPLE, /* of people or their acts: R1 and R3 */
	TABLE_SUM,    /* the same, of the row's parts: R2 */
	TABLE_PART,
	TABLE_SHARE,   /* with its interval */
	TABLE_INSTANT, /* µs; CSV in UTC, page in the case's zone */
	TABLE_SECONDS,
	TABLE_REAL,
	TABLE_P, /* a probability */
	TABLE_KIND__MAX
};

struct table_column {
	const char *key;  /* in the CSV file */
	const char *head; /* on the page; English */
	enum table_kind kind;
	bool is_csv_only;
};

struct table_cell {
	bool is_null;
	bool is_marked; /* the reader should look here */
	bool is_hidden; /* by R1 to R3; may be set before table_suppress() */
	int64_t n;
	double x, low, high; /* low NaN: no interval */
	struct span text;
};

/* Are two cells of a text column the same? */
static inline bool
table_same(const struct table_cell *a, const struct table_cell *b)
{
	if (a->text.p == NULL || b->text.p == NULL)
		return a->text.p == b->text.p;
	return span_eq(a->text, b->text);
}

struct table_row {
	struct table_cell *cell; /* [n_columns] */
	const char *group;	 /* R3; "" for all */
	bool is_total;		 /* set in bold */
	bool has_hidden;	 /* some count is hidden */
	bool is_withheld;	 /* its share and other numbers are, too */
};

struct table {
	struct page *page;
	const char *name;    /* of the CSV file, without folder and ending */
	const char *caption; /* written already in the page's language */
	const struct table_column *column;
	size_t n_columns;
	struct table_row *row; /* [n_rows] */
	size_t n_rows, room_rows;
	size_t at; /* column of the next value */
	bool is_suppressed;
};

void table_init(struct table *t, struct page *page, const char *name,
    const char *caption, const struct table_column *column, size_t n_columns);
/* Begin a row; the one before must be full. */
void table_row(struct table *t, const char *group);
void table_span(struct table *t, struct span text); /* TEXT, CODE */
void table_text(struct table *t, const char *text); /* NULL: absent */
void table_int(struct table *t, int64_t n);	    /* COUNT, PEOPLE, INSTANT */
void table_real(struct table *t, double x); /* SECONDS, REAL, P; NaN absent */
void table_share(struct table *t, double share, double low, double high);
void table_null(struct table *t);
/* A column of the answer by its name, whatever its kind; a share takes the
 * columns low and high with it. */
void table_answer(struct table *t, struct answer *a, const char *column);

/* Mark what a public page withholds (once; table_hide.c). */
void table_suppress(struct table *t);

enum table_how {
	TABLE_OPEN = 0, /* shown */
	TABLE_FOLDED	/* behind a line that opens it */
};
/* Write the page's part and the CSV file; an empty table says `nothing`. */
void table_write(struct table *t, enum table_how how, const char *nothing);

#endif
