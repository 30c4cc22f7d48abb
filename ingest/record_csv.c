/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Separated values (RFC 4180).
 *
 * How it works: csv_record() finds the end of one record; the cutter and the
 * parser both go from record to record by it, so they always agree.  A quote
 * opens a cell only at its beginning.  A record that does not come out right
 * (a quoted cell that never ends, text behind a closing quote, several lines
 * whose cells are not as many as the header's) costs its first line only;
 * reading goes on with the second, so that one stray quote does not swallow
 * the records behind it.
 *
 *	1,"a		rejected: the quote ends before the x of line 3
 *	2,b		a record
 *	3,"x"		a record
 */
#include <assert.h>
#include <stdlib.h>

#include "ingest/record_cut.h"

enum { QUOTED_MAX_BYTES = 1024 * 1024 }; /* then it will not end any more */

enum csv_got { CSV_RECORD, CSV_MORE, CSV_BAD };

struct csv_record {
	size_t begin;
	size_t end;  /* of its text */
	size_t next; /* where the next one begins */
	size_t n_cells;
	bool is_empty; /* nothing but the line end, or a comment */
	const char *reason;
};

/* ---- one record --------------------------------------------------------- */

static void
cell_add(struct record_parser *p, size_t i, struct span cell)
{
	if (p == NULL)
		return;
	if (i == p->cell_room) {
		p->cell_room = p->cell_room == 0 ? 64 : p->cell_room * 2;
		p->cell = realloc(p->cell, p->cell_room * sizeof *p->cell);
		if (p->cell == NULL)
			err_no_memory(p->cell_room * sizeof *p->cell);
	}
	p->cell[i] = cell;
}

/* Two quotes inside a quoted cell mean one. */
static struct span
unquoted(struct record_parser *p, char quote, struct span raw)
{
	const char *from = raw.p, *end = raw.p + raw.n, *q;
	struct span out = raw;

	if (p == NULL || memchr(from, quote, raw.n) == NULL)
		return raw;
	out.p = p->cells.p + p->cells.n; /* there is room for the record */
	while (from < end) {
		q = memchr(from, quote, (size_t)(end - from));
		q = q != NULL ? q + 1 : end;
		memcpy(p->cells.p + p->cells.n, from, (size_t)(q - from));
		p->cells.n += (size_t)(q - from);
		from = q < end ? q + 1 : end;
	}
	out.n = (size_t)(p->cells.p + p->cells.n - out.p);
	return out;
}

/* Behind the closing quote of the cell whose text begins at `at`; 0: none. */
static size_t
quoted_end(char quote, struct span s, size_t at, size_t begin)
{
	const char *q;

	for (;;) {
		q = memchr(s.p + at, quote, s.n - at);
		if (q == NULL)
			return 0;
		at = (size_t)(q - s.p) + 1;
		if (at - begin > QUOTED_MAX_BYTES)
			return 0;
		if (at == s.n || s.p[at] != quote)
			return at;
		at++;
	}
}

static enum csv_got
bad(struct span s, size_t begin, bool at_end, const char *reason,
    struct csv_record *r)
{
	const char *nl = memchr(s.p + begin, '\n', s.n - begin);

	if (nl == NULL && !at_end)
		return CSV_MORE;
	r->reason = reason;
	r->next = nl != NULL ? (size_t)(nl - s.p) + 1 : s.n;
	r->end = nl != NULL ? (size_t)(nl - s.p) : s.n;
	if (r->end > begin && s.p[r->end - 1] == '\r')
		r->end--;
	return CSV_BAD;
}

/* The record ends at `at`: at a line end or the end of the text. */
static enum csv_got
record_end(struct span s, size_t begin, size_t at, struct csv_record *r)
{
	r->next = at < s.n ? at + 1 : s.n;
	r->end = at;
	if (at > begin && s.p[at - 1] == '\r')
		r->end--;
	r->is_empty = r->end == begin;
	return CSV_RECORD;
}

/* Behind a quoted cell: 1 delimiter, 0 line end or end, -1 anything else,
 * -2 cannot be told yet. */
static int
behind_quote(const struct map *m, struct span s, size_t *at, bool at_end)
{
	if (*at == s.n)
		return at_end ? 0 : -2;
	if (s.p[*at] == m->delimiter)
		return 1;
	if (s.p[*at] == '\r') {
		if (*at + 1 == s.n)
			return at_end ? 0 : -2;
		++*at;
	}
	return s.p[*at] == '\n' ? 0 : -1;
}

static size_t
bare_end(const struct map *m, struct span s, size_t at)
{
	while (at < s.n && s.p[at] != m->delimiter && s.p[at] != '\n')
		at++;
	return at;
}

static struct span
bare_cell(struct span s, size_t at, size_t end)
{
	struct span cell = { s.p + at, end - at };

	if (cell.n > 0 && (end == s.n || s.p[end] == '\n') &&
	    cell.p[cell.n - 1] == '\r')
		cell.n--;
	return cell;
}

/*
 * The record at `begin`; its cells go to `p` unless that is NULL.  `expect`
 * is the number of cells of the header, 0 when it is not known.
 */
static enum csv_got
csv_record(struct record_parser *p, const struct map *m, struct span s,
    size_t begin, bool at_end, size_t expect, struct csv_record *r)
{
	size_t at = begin, end;
	struct span cell;
	int behind;

	memset(r, 0, sizeof *r);
	r->begin = begin;
	for (;;) {
		if (m->quote != '\0' && at < s.n && s.p[at] == m->quote) {
			end = quoted_end(m->quote, s, at + 1, begin);
			if (end == 0 && !at_end &&
			    s.n - begin <= QUOTED_MAX_BYTES)
				return CSV_MORE;
			if (end == 0)
				return bad(s, begin, at_end,
				    "invalid CSV: quotes do not match", r);
			cell.p = s.p + at + 1;
			cell.n = end - at - 2;
			cell_add(p, r->n_cells++, unquoted(p, m->quote, cell));
			at = end;
			behind = behind_quote(m, s, &at, at_end);
			if (behind == -2)
				return CSV_MORE;
			if (behind == -1)
				return bad(s, begin, at_end,
				    "invalid CSV: quotes do not match", r);
		} else {
			end = bare_end(m, s, at);
			if (end == s.n && !at_end)
				return CSV_MORE;
			cell_add(p, r->n_cells++, bare_cell(s, at, end));
			at = end;
			behind = at < s.n && s.p[at] == m->delimiter;
		}
		if (behind == 0)
			break;
		at++;
	}
	if (expect != 0 && r->n_cells != expect &&
	    memchr(s.p + begin, '\n', at - begin) != NULL)
		return bad(
		    s, begin, at_end, "invalid CSV: quotes do not match", r);
	return record_end(s, begin, at, r);
}

/* As csv_record(), but comments are empty records. */
static enum csv_got
csv_next(struct record_parser *p, const struct map *m, struct span s,
    size_t begin, bool at_end, size_t expect, struct csv_record *r)
{
	const char *nl;

	if (m->comment == '\0' || begin == s.n || s.p[begin] != m->comment)
		return csv_record(p, m, s, begin, at_end, expect, r);
	nl = memchr(s.p + begin, '\n', s.n - begin);
	if (nl == NULL && !at_end)
		return CSV_MORE;
	memset(r, 0, sizeof *r);
	r->is_empty = true;
	r->next = nl != NULL ? (size_t)(nl - s.p) + 1 : s.n;
	return CSV_RECORD;
}

/* ---- cutter ---------------------------------------------------------------- */

static size_t
text_begin(const struct record_state *state, struct span s)
{
	const char *nl;

	if (state->first && s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
		return 3;
	if (!state->skip)
		return 0;
	nl = memchr(s.p, '\n', s.n);
	return nl != NULL ? (size_t)(nl - s.p) + 1 : s.n;
}

static void
columns_set(struct record_state *state, const struct map *m,
    const struct span *name, size_t n)
{
	size_t c;
	int s;

	state->n_columns = n;
	for (s = 0; s < m->n_slots; s++) {
		state->column[s] = -1;
		if (m->slot[s].doc != DOC_RECORD)
			continue;
		for (c = 0; c < n; c++)
			if (span_eq(name[c], m->slot[s].path))
				state->column[s] =
				    state->column[s] == -1 ? (int)c : -2;
	}
}

/* The first record that is not empty. */
static enum csv_got
header_find(struct record_parser *p, const struct map *m, struct span s,
    size_t at, bool at_end, struct csv_record *r)
{
	enum csv_got got;

	for (; at < s.n; at = r->next) {
		if (p != NULL) {
			buf_reset(&p->cells);
			(void)buf_room(&p->cells, s.n - at);
		}
		got = csv_next(p, m, s, at, at_end, 0, r);
		if (got != CSV_RECORD || !r->is_empty)
			return got;
	}
	memset(r, 0, sizeof *r);
	r->begin = r->end = r->next = s.n;
	r->is_empty = true;
	return at_end ? CSV_RECORD : CSV_MORE;
}

bool
record_cut_csv_header(struct record_cutter *c, struct span s, bool at_end)
{
	struct record_parser *p;
	struct csv_record r;
	enum csv_got got;

	if (!c->map->header) {
		columns_set(
		    &c->state, c->map, c->map->column, c->map->n_columns);
		c->state.header_next = false;
		return true;
	}
	p = record_parser_new();
	got = header_find(p, c->map, s, text_begin(&c->state, s), at_end, &r);
	if (got == CSV_RECORD && !r.is_empty)
		columns_set(&c->state, c->map, p->cell, r.n_cells);
	record_parser_free(p);
	if (got == CSV_MORE && s.n <= RECORD_MAX_BYTES)
		return false;
	if (got != CSV_RECORD || r.is_empty) /* it names no column */
		columns_set(&c->state, c->map, NULL, 0);
	return true;
}

size_t
record_cut_csv(struct record_cutter *c, struct span s, bool at_end)
{
	size_t at = text_begin(&c->state, s), cut;
	struct csv_record r;

	if (at_end)
		return s.n;
	if (c->state.skip && at == s.n && s.n > 0 && s.p[s.n - 1] != '\n')
		return s.n;
	cut = c->state.skip ? at : 0;
	if (c->state.header_next &&
	    header_find(NULL, c->map, s, at, false, &r) != CSV_MORE)
		cut = at = r.next;
	while (at < s.n && csv_next(NULL, c->map, s, at, false,
			       c->state.n_columns, &r) != CSV_MORE)
		cut = at = r.next;
	if (cut == 0 && s.n > RECORD_MAX_BYTES) {
		c->state.skip = true;
		c->state.header_next = false;
		return s.n;
	}
	if (cut > 0) {
		c->state.skip = false;
		c->state.header_next = false;
	}
	return cut;
}

/* ---- parser ---------------------------------------------------------------- */

static void
row_parse(struct record_parser *p, size_t at, const struct csv_record *r)
{
	const struct record_state *state = p->piece->state;
	struct span text = { p->text.p + at, r->end - at };
	int s, c;

	if (text.n > RECORD_MAX_BYTES) {
		record_reject(p, at, text.n, "record is too long");
		return;
	}
	if (!json_utf8_is_valid(text)) {
		record_reject(p, at, text.n, "invalid UTF-8");
		return;
	}
	if (r->n_cells != state->n_columns) {
		record_reject(p, at, text.n,
		    r->n_cells < state->n_columns
			? "invalid CSV: fewer cells than the header"
			: "invalid CSV: more cells than the header");
		return;
	}
	for (s = 0; s < p->map->n_slots; s++) {
		if (p->map->slot[s].doc != DOC_RECORD)
			continue;
		c = state->column[s];
		if (c == -2) {
			record_reject(p, at, text.n,
			    "a column that the mapping reads stands twice");
			return;
		}
		p->slot[s].type = c < 0 ? VALUE_ABSENT : VALUE_TEXT;
		if (c >= 0)
			p->slot[s].text = p->cell[c];
	}
	record_emit(p, at, text.n);
}

void
record_parse_csv(struct record_parser *p)
{
	const struct record_state *state = p->piece->state;
	size_t at = text_begin(state, p->text);
	struct csv_record r;
	enum csv_got got;

	buf_reset(&p->cells);
	if (p->text.n > 0)
		(void)buf_room(&p->cells, p->text.n);
	if (state->header_next) {
		got = header_find(NULL, p->map, p->text, at, true, &r);
		if (got == CSV_BAD)
			record_reject(p, r.begin, r.end - r.begin, r.reason);
		at = r.next;
	}
	for (; at < p->text.n && !p->stopped; at = r.next) {
		p->cells.n = 0;
		got = csv_next(
		    p, p->map, p->text, at, true, state->n_columns, &r);
		if (got == CSV_BAD)
			record_reject(p, at, r.end - at, r.reason);
		else if (!r.is_empty)
			row_parse(p, at, &r);
	}
}
