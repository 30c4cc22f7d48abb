/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: cells of people are hidden one by one until no rule asks for
 * more.  R1 begins; R2 looks along rows that have a sum, R3 along the
 * columns of a group.  Both hide the smallest cell that is not 0, the later
 * one of equals, so what is asked first (given, sure) stays longest.
 */
#include "reports/table.h"

static bool
is_people(enum table_kind kind)
{
	return kind == TABLE_PEOPLE || kind == TABLE_SUM || kind == TABLE_PART;
}

static bool
is_small(int64_t n)
{
	return n > 0 && n < SMALL_CELL;
}

/* What is hidden of a line of cells, and the next one to hide. */
struct line {
	size_t n_hidden;
	int64_t sum; /* of the hidden */
	struct table_cell *next;
};

static void
line_add(struct line *l, struct table_cell *c)
{
	if (c->is_null)
		return;
	if (c->is_hidden) {
		l->n_hidden++;
		l->sum += c->n;
		return;
	}
	/* A zero only when nothing else is left. */
	if (l->next == NULL || (c->n > 0 && l->next->n == 0) ||
	    (c->n > 0 && c->n <= l->next->n))
		l->next = c;
}

/* Would a total give what is hidden away?  Then hide one more. */
static bool
line_mend(struct line *l)
{
	if (l->n_hidden == 0 || l->next == NULL ||
	    (l->n_hidden > 1 && !is_small(l->sum)))
		return false;
	l->next->is_hidden = true;
	return true;
}

static bool
mend_row(struct table *t, struct table_row *r)
{
	struct table_cell *sum = NULL;
	struct line l = { 0 };
	size_t j;

	for (j = 0; j < t->n_columns; j++) {
		if (t->column[j].kind == TABLE_SUM)
			sum = &r->cell[j];
		if (t->column[j].kind == TABLE_PART)
			line_add(&l, &r->cell[j]);
	}
	if (sum == NULL || sum->is_hidden)
		return false;
	if (l.n_hidden > 0 && l.next == NULL &&
	    (l.n_hidden == 1 || is_small(l.sum)))
		l.next = sum; /* all parts are hidden already */
	return line_mend(&l);
}

static bool
mend_column(struct table *t, size_t j, const char *group)
{
	struct line l = { 0 };
	size_t i;

	for (i = 0; i < t->n_rows; i++)
		if (strcmp(t->row[i].group, group) == 0)
			line_add(&l, &t->row[i].cell[j]);
	return line_mend(&l);
}

static bool
mend(struct table *t)
{
	bool any = false;
	size_t i, j;

	for (i = 0; i < t->n_rows; i++) {
		any |= mend_row(t, &t->row[i]);
		for (j = 0; j < t->n_columns; j++)
			if (is_people(t->column[j].kind) &&
			    t->row[i].cell[j].is_hidden)
				any |= mend_column(t, j, t->row[i].group);
	}
	return any;
}

/* What follows for the rest of the row. */
static void
settle_row(struct table *t, struct table_row *r)
{
	bool has_sum = false, first = true;
	enum table_kind kind;
	size_t j;

	for (j = 0; j < t->n_columns; j++)
		has_sum |= t->column[j].kind == TABLE_SUM;
	for (j = 0; j < t->n_columns; j++) {
		kind = t->column[j].kind;
		if (!is_people(kind))
			continue;
		if (r->cell[j].is_hidden) {
			r->has_hidden = true;
			t->page->n_suppressed++;
			if (!has_sum || kind == TABLE_SUM ||
			    (kind == TABLE_PART && first))
				r->is_withheld = true;
		}
		if (kind == TABLE_PART)
			first = false;
	}
}

void
table_suppress(struct table *t)
{
	struct table_cell *c;
	size_t i, j;

	if (!t->page->is_public || t->is_suppressed)
		return;
	t->is_suppressed = true;
	for (i = 0; i < t->n_rows; i++) /* R1 */
		for (j = 0; j < t->n_columns; j++) {
			c = &t->row[i].cell[j];
			if (is_people(t->column[j].kind) && !c->is_null &&
			    is_small(c->n))
				c->is_hidden = true;
		}
	while (mend(t)) /* R2, R3 */
		;
	for (i = 0; i < t->n_rows; i++)
		settle_row(t, &t->row[i]);
}
