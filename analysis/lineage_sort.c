/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: rows gather in memory; a full memory is sorted and becomes a
 * run.  The runs are merged by a heap of their first rows.  One datum may
 * have any number of rows: nothing here holds more than a run.
 */
#include "analysis/lineage.h"

#include <assert.h>
#include <stdlib.h>

enum {
	FIRST_BYTES = 64 * 1024,
	WRITE_BYTES = 1024 * 1024,	  /* of runs in memory */
	WINDOWS_BYTES = 32 * 1024 * 1024, /* of all runs that are merged */
	WINDOW_MOST = 256 * 1024,
	WINDOW_LEAST = 4 * 1024
};

struct lineage_run {
	struct rowlog_reader reader;
	uint64_t left; /* bytes of the run */
	const struct lineage_row *row;
	char *copy; /* of the row in hand: the window moves */
};

/* ---- order ---- */

static int
cmp(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
cmp_unsigned(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Whose number, then collection, then contact. */
static int
rank(const struct lineage_row *row)
{
	return row->hop == LINEAGE_OWN	      ? 0
	       : row->hop == LINEAGE_OUTBOUND ? 2
					      : 1;
}

/* Rows that differ in nothing that is looked at here are alike. */
static int
cmp_rest(const struct lineage_row *a, const struct lineage_row *b)
{
	int c = cmp(a->hop, b->hop);

	if (c == 0)
		c = cmp_unsigned(a->operator_, b->operator_);
	if (c == 0)
		c = cmp_unsigned(a->recipient, b->recipient);
	if (c == 0)
		c = cmp_unsigned(a->category, b->category);
	if (c == 0)
		c = cmp_unsigned(a->purposes, b->purposes);
	if (c == 0)
		c = cmp_unsigned(a->clock, b->clock);
	if (c == 0)
		c = cmp(a->us, b->us);
	if (c == 0)
		c = cmp(a->precision_us, b->precision_us);
	if (c == 0)
		c = cmp(a->error_us, b->error_us);
	if (c == 0)
		c = cmp(a->is_held, b->is_held);
	if (c == 0)
		c = cmp(a->is_person, b->is_person);
	return c != 0 ? c : cmp(a->is_self, b->is_self);
}

static int
cmp_rows(const struct lineage_row *a, const struct lineage_row *b)
{
	int c = cmp_unsigned(a->hash, b->hash);

	if (c == 0)
		c = span_cmp(lineage_text(a), lineage_text(b));
	if (c == 0)
		c = cmp(rank(a), rank(b));
	if (c == 0 && a->hop != LINEAGE_OUTBOUND)
		c = cmp_unsigned(a->subject, b->subject);
	if (c == 0)
		c = cmp(a->at_us, b->at_us);
	if (c == 0)
		c = cmp_unsigned(a->subject, b->subject);
	return c != 0 ? c : cmp_rest(a, b);
}

static int
cmp_pointers(const void *a, const void *b)
{
	return cmp_rows(*(const struct lineage_row *const *)a,
	    *(const struct lineage_row *const *)b);
}

/* ---- gathering ---- */

void
lineage_sort_init(
    struct lineage_sort *s, const char *case_dir, size_t run_bytes)
{
	memset(s, 0, sizeof *s);
	s->run_bytes = run_bytes;
	rowlog_init(&s->runs, case_dir, WRITE_BYTES);
}

static const struct lineage_row *
row_at(const char *p)
{
	return (const struct lineage_row *)(const void *)p;
}

/* The rows in memory, in order. */
static void
sort_rows(struct lineage_sort *s)
{
	const char *p, *end = s->row + s->n;
	size_t n = 0;

	for (p = s->row; p < end; p += lineage_bytes(row_at(p)))
		n++;
	s->order = malloc((n + 1) * sizeof *s->order);
	if (s->order == NULL)
		err_no_memory(n * sizeof *s->order);
	for (p = s->row, n = 0; p < end; p += lineage_bytes(row_at(p)))
		s->order[n++] = row_at(p);
	qsort(s->order, n, sizeof *s->order, cmp_pointers);
	s->n_order = n;
	s->at = 0;
}

static void
end_run(struct lineage_sort *s)
{
	size_t i, n;

	if (s->n == 0)
		return;
	sort_rows(s);
	s->begin = realloc(s->begin, (s->n_runs + 1) * sizeof *s->begin);
	if (s->begin == NULL)
		err_no_memory(s->n_runs * sizeof *s->begin);
	s->begin[s->n_runs++] = rowlog_bytes(&s->runs);
	for (i = 0; i < s->n_order; i++) {
		n = lineage_bytes(s->order[i]);
		memcpy(rowlog_add(&s->runs, n), s->order[i], n);
	}
	free(s->order);
	s->order = NULL;
	s->n_order = s->n = 0;
}

void
lineage_sort_add(
    struct lineage_sort *s, const struct lineage_row *row, const char *text)
{
	size_t n = lineage_bytes(row);
	char *p;

	assert(!s->is_read && row->n <= LINEAGE_TEXT);
	if (s->n + n > s->run_bytes)
		end_run(s);
	if (s->n + n > s->room) {
		s->room = s->room == 0 ? FIRST_BYTES : 2 * s->room;
		s->row = realloc(s->row, s->room);
		if (s->row == NULL)
			err_no_memory(s->room);
	}
	p = s->row + s->n;
	memcpy(p, row, sizeof *row);
	memset(p + sizeof *row, 0, n - sizeof *row);
	memcpy(p + sizeof *row, text, row->n);
	s->n += n;
}

/* ---- merging ---- */

/* The next row of a run; false at its end. */
static bool
advance(struct lineage_run *run)
{
	const struct lineage_row *row = NULL;
	size_t n;

	if (run->left > 0)
		row = rowlog_take(&run->reader, sizeof *row);
	if (row == NULL)
		return false;
	memcpy(run->copy, row, sizeof *row);
	run->row = row_at(run->copy);
	n = lineage_bytes(run->row) - sizeof *row;
	if (n > 0) {
		row = rowlog_take(&run->reader, n);
		if (row == NULL)
			return false;
		memcpy(run->copy + sizeof *row, row, n);
	}
	run->left -= sizeof *row + n;
	return true;
}

static bool
is_before(const struct lineage_sort *s, size_t a, size_t b)
{
	return cmp_rows(s->run[a].row, s->run[b].row) < 0;
}

/* The heap's top sinks to where it belongs. */
static void
sink(struct lineage_sort *s)
{
	size_t at = 0, kid, run;

	while ((kid = 2 * at + 1) < s->n_heap) {
		if (kid + 1 < s->n_heap &&
		    is_before(s, s->heap[kid + 1], s->heap[kid]))
			kid++;
		if (!is_before(s, s->heap[kid], s->heap[at]))
			return;
		run = s->heap[at];
		s->heap[at] = s->heap[kid];
		s->heap[kid] = run;
		at = kid;
	}
}

static void
rise(struct lineage_sort *s)
{
	size_t at = s->n_heap - 1, up, run;

	for (; at > 0; at = up) {
		up = (at - 1) / 2;
		if (!is_before(s, s->heap[at], s->heap[up]))
			return;
		run = s->heap[at];
		s->heap[at] = s->heap[up];
		s->heap[up] = run;
	}
}

static void
open_runs(struct lineage_sort *s)
{
	size_t i, window = WINDOWS_BYTES / s->n_runs;
	uint64_t end;

	window = window > WINDOW_MOST	 ? WINDOW_MOST
		 : window < WINDOW_LEAST ? WINDOW_LEAST
					 : window;
	s->run = calloc(s->n_runs, sizeof *s->run);
	s->heap = calloc(s->n_runs, sizeof *s->heap);
	if (s->run == NULL || s->heap == NULL)
		err_no_memory(s->n_runs * sizeof *s->run);
	rowlog_spill(&s->runs);
	for (i = 0; i < s->n_runs && s->runs.err.code == ERR_NONE; i++) {
		end = i + 1 < s->n_runs ? s->begin[i + 1]
					: rowlog_bytes(&s->runs);
		s->run[i].left = end - s->begin[i];
		s->run[i].copy =
		    malloc(sizeof(struct lineage_row) + LINEAGE_TEXT + 8);
		if (s->run[i].copy == NULL)
			err_no_memory(LINEAGE_TEXT);
		rowlog_read_at(
		    &s->run[i].reader, &s->runs, s->begin[i], window);
		if (!advance(&s->run[i]))
			continue;
		s->heap[s->n_heap++] = i;
		rise(s);
	}
}

/* With runs, all rows become runs: the memory is needed for the merge. */
static void
begin_reading(struct lineage_sort *s)
{
	s->is_read = true;
	if (s->n_runs == 0) {
		sort_rows(s);
		return;
	}
	end_run(s);
	free(s->row);
	s->row = NULL;
	s->room = 0;
	open_runs(s);
}

const struct lineage_row *
lineage_sort_next(struct lineage_sort *s)
{
	if (!s->is_read) {
		begin_reading(s);
	} else if (s->n_heap > 0) {
		if (!advance(&s->run[s->heap[0]]))
			s->heap[0] = s->heap[--s->n_heap];
		sink(s);
	}
	if (s->n_runs == 0)
		return s->at < s->n_order ? s->order[s->at++] : NULL;
	return s->n_heap > 0 ? s->run[s->heap[0]].row : NULL;
}

int
lineage_sort_error(const struct lineage_sort *s, struct err *err)
{
	return rowlog_error(&s->runs, err);
}

void
lineage_sort_clear(struct lineage_sort *s)
{
	size_t i;

	for (i = 0; s->run != NULL && i < s->n_runs; i++) {
		rowlog_read_end(&s->run[i].reader);
		free(s->run[i].copy);
	}
	rowlog_clear(&s->runs);
	free(s->row);
	free(s->begin);
	free(s->order);
	free(s->run);
	free(s->heap);
	memset(s, 0, sizeof *s);
	s->runs.fd = -1;
}
