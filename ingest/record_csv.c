/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Separated values: where records end, and cells to slots.
 *
 * How it works: a record is read under a *header*: which column each slot
 * is, the delimiter and the line end.  The cutter keeps the header in force
 * and gives it with the piece; the parser begins with that and goes on as
 * the cutter did, by the same functions.  A header comes from the mapping,
 * from the first record, or, where the mapping names what header lines begin
 * with, from every such line; the values of other such lines, directives,
 * are part of it.
 */
#include <assert.h>
#include <stdlib.h>

#include "ingest/record_cut.h"

enum { COLUMN_NONE = -1, COLUMN_TWICE = -2 };

static struct csv_dialect
dialect(const struct map *m, const struct record_header *h)
{
	struct csv_dialect d = { h->delimiter, m->quote, m->comment,
		h->line_end, m->blanks, m->n_more_columns };

	if (m->mark.n > 0) /* comments are looked at before */
		d.comment = '\0';
	return d;
}

static bool
begins_with(struct span s, size_t at, struct span head)
{
	return s.n - at >= head.n && memcmp(s.p + at, head.p, head.n) == 0;
}

/* ---- what stands before the records -------------------------------------- */

static size_t
text_begin(const struct record_state *state, struct span s)
{
	const char *end;

	if (state->first && s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
		return 3;
	if (!state->skip)
		return 0;
	end = memchr(s.p, state->header.line_end, s.n);
	return end != NULL ? (size_t)(end - s.p) + 1 : s.n;
}

/*
 * What ends the lines: a CR when the first line ends in one alone, else LF.
 * '\0': cannot be told yet.
 */
static char
line_end_find(const struct map *m, struct span s, bool at_end)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < s.n && i < RECORD_MAX_BYTES; i++) {
		if (m->quote != '\0' && s.p[i] == m->quote)
			quoted = !quoted;
		if (quoted || (s.p[i] != '\r' && s.p[i] != '\n'))
			continue;
		if (s.p[i] == '\n')
			return '\n';
		if (i + 1 < s.n)
			return s.p[i + 1] == '\n' ? '\n' : '\r';
		break;
	}
	return at_end || i == RECORD_MAX_BYTES ? '\n' : '\0';
}

/* Excel's first line "sep=;": what it names, else '\0'; to behind it. */
static char
sep_line(const struct record_header *h, struct span s, size_t *at)
{
	size_t i = *at;
	bool quoted = i < s.n && s.p[i] == '"';
	char sep;

	i += quoted;
	if (!begins_with(s, i, span_of("sep=")) || s.n - i < 6)
		return '\0';
	sep = s.p[i + 4];
	i += 5;
	if (quoted && s.p[i++] != '"')
		return '\0';
	if (i < s.n && s.p[i] == '\r' && h->line_end == '\n')
		i++;
	if (i == s.n || s.p[i] != h->line_end || sep == '\n' || sep == '\r' ||
	    sep == '"' || (unsigned char)sep >= 0x80)
		return '\0';
	*at = i + 1;
	return sep;
}

/* ---- headers --------------------------------------------------------------- */

static void
columns_set(struct record_header *h, const struct map *m,
    const struct span *name, size_t n)
{
	size_t c;
	int s;

	h->n_columns = n;
	for (s = 0; s < m->n_slots; s++) {
		h->column[s] = COLUMN_NONE;
		if (m->slot[s].doc != DOC_RECORD || m->slot[s].directive != 0)
			continue;
		for (c = 0; c < n; c++)
			if (span_eq(name[c], m->slot[s].path))
				h->column[s] = h->column[s] == COLUMN_NONE
						   ? (int)c
						   : COLUMN_TWICE;
	}
}

/* A line that begins with the mapping's mark names the columns from now on. */
static void
mark_read(struct record_header *h, const struct map *m, struct csv_cells *cells,
    struct span line)
{
	struct csv_dialect d = dialect(m, h);
	struct csv_record r = { 0 };
	size_t at = m->mark.n;

	while (at < line.n && (line.p[at] == ' ' || line.p[at] == d.delimiter))
		at++;
	if (at < line.n)
		(void)csv_next(cells, &d, line, at, true, 0, &r);
	columns_set(h, m, cells->cell, r.reason == NULL ? r.n_cells : 0);
}

/* "#Date: 2018-01-03": the value of the directive @Date from now on. */
static void
directive_read(struct record_header *h, const struct map *m, struct span line)
{
	struct record_directive *v;
	struct span name, value;
	int i;

	for (i = 0; i < m->n_directives; i++) {
		name = m->directive[i];
		if (line.n <= name.n ||
		    memcmp(line.p + 1, name.p, name.n) != 0 ||
		    (line.n > name.n + 1 && line.p[name.n + 1] != ':' &&
			line.p[name.n + 1] != ' ' &&
			line.p[name.n + 1] != '\t'))
			continue;
		value = line.n > name.n + 1
			    ? map_trim(map_cut(line, name.n + 2, line.n))
			    : map_cut(line, line.n, line.n);
		v = &h->directive[i];
		v->n = 0; /* one that is too long is unknown, not cut */
		if (value.n > DIRECTIVE_BYTES || !json_utf8_is_valid(value))
			continue;
		v->n = (uint8_t)value.n;
		memcpy(v->text, value.p, value.n);
	}
}

/* As csv_next() under a header, which a header line at `at` changes. */
static enum csv_got
next(struct csv_cells *cells, struct record_header *h, const struct map *m,
    struct span s, size_t at, bool at_end, struct csv_record *r)
{
	struct csv_dialect d = dialect(m, h);
	struct span line;
	size_t known;
	bool marked;

	if (m->mark.n == 0)
		return csv_next(cells, &d, s, at, at_end, h->n_columns, r);
	known = m->mark.n < s.n - at ? m->mark.n : s.n - at;
	marked = memcmp(s.p + at, m->mark.p, known) == 0;
	if (marked && known < m->mark.n && !at_end)
		return CSV_MORE;
	marked = marked && known == m->mark.n;
	if (!marked && (m->comment == '\0' || s.p[at] != m->comment))
		return csv_next(cells, &d, s, at, at_end, h->n_columns, r);
	d.comment = s.p[at]; /* a line is a line */
	if (csv_next(NULL, &d, s, at, at_end, 0, r) == CSV_MORE)
		return CSV_MORE;
	line.p = s.p + at;
	line.n = r->end - at;
	if (marked)
		mark_read(h, m, cells, line);
	else
		directive_read(h, m, line);
	return CSV_RECORD;
}

/* The first record that is not empty, from behind a "sep=" line. */
static enum csv_got
header_find(struct csv_cells *cells, struct record_header *h,
    const struct map *m, struct span s, size_t at, bool at_end,
    struct csv_record *r)
{
	struct csv_dialect d;
	enum csv_got got;
	char sep = sep_line(h, s, &at);

	if (sep != '\0')
		h->delimiter = sep;
	d = dialect(m, h);
	for (; at < s.n; at = r->next) {
		got = csv_next(cells, &d, s, at, at_end, 0, r);
		if (got != CSV_RECORD || !r->is_empty)
			return got;
	}
	memset(r, 0, sizeof *r);
	r->begin = r->end = r->next = s.n;
	r->is_empty = true;
	return at_end ? CSV_RECORD : CSV_MORE;
}

/* ---- cutter ---------------------------------------------------------------- */

bool
record_cut_csv_begin(struct record_cutter *c, struct span s, bool at_end)
{
	struct record_header *h = &c->state.header;
	struct csv_record r;
	enum csv_got got;

	if (h->line_end == '\0') {
		h->delimiter = c->map->delimiter;
		columns_set(h, c->map, c->map->column, c->map->n_columns);
		h->line_end = line_end_find(c->map, s, at_end);
		if (h->line_end == '\0')
			return false;
	}
	if (!c->state.header_next)
		return true;
	got = header_find(
	    &c->cells, h, c->map, s, text_begin(&c->state, s), at_end, &r);
	if (got == CSV_MORE && s.n <= RECORD_MAX_BYTES)
		return false;
	if (got == CSV_RECORD && !r.is_empty)
		columns_set(h, c->map, c->cells.cell, r.n_cells);
	else /* it names no column */
		columns_set(h, c->map, NULL, 0);
	return true;
}

size_t
record_cut_csv(struct record_cutter *c, struct span s, bool at_end)
{
	size_t at = text_begin(&c->state, s), cut;
	struct record_header *h = &c->state.header;
	struct csv_record r;

	if (at_end)
		return s.n;
	if (c->state.skip && at == s.n && s.n > 0 &&
	    s.p[s.n - 1] != h->line_end)
		return s.n;
	cut = c->state.skip ? at : 0;
	if (c->state.header_next &&
	    header_find(NULL, h, c->map, s, at, false, &r) != CSV_MORE)
		cut = at = r.next;
	while (at < s.n && next(c->map->mark.n > 0 ? &c->cells : NULL, h,
			       c->map, s, at, false, &r) != CSV_MORE)
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

/* Why these cells are no record, or NULL. */
static const char *
row_refuse(const struct record_header *h, size_t may_lack, struct span text,
    const struct csv_record *r)
{
	if (text.n > RECORD_MAX_BYTES)
		return "record is too long";
	if (!json_utf8_is_valid(text))
		return "invalid UTF-8";
	if (h->n_columns == 0)
		return "invalid CSV: no header before the record";
	if (r->n_cells + may_lack < h->n_columns)
		return "invalid CSV: fewer cells than the header";
	if (r->n_filled > h->n_columns)
		return "invalid CSV: more cells than the header";
	return NULL;
}

static bool
slots_fill(struct record_parser *p, size_t n_cells)
{
	const struct record_header *h = &p->header;
	const struct map_slot *slot = p->map->slot;
	int s, c;

	for (s = 0; s < p->map->n_slots; s++, slot++) {
		if (slot->doc != DOC_RECORD)
			continue;
		c = h->column[s];
		if (c == COLUMN_TWICE)
			return false;
		p->slot[s].type = VALUE_TEXT;
		if (slot->directive != 0)
			p->slot[s].text = (struct span){
				h->directive[slot->directive - 1].text,
				h->directive[slot->directive - 1].n
			};
		else if (c >= 0 && (size_t)c < n_cells)
			p->slot[s].text = p->cells.cell[c];
		else
			p->slot[s].type = VALUE_ABSENT;
	}
	return true;
}

static void
row_parse(struct record_parser *p, size_t at, const struct csv_record *r)
{
	struct span text = { p->text.p + at, r->end - at };
	const char *reason =
	    row_refuse(&p->header, p->map->n_more_columns, text, r);

	if (reason == NULL && !slots_fill(p, r->n_cells))
		reason = "a column that the mapping reads stands twice";
	if (reason == NULL)
		record_emit(p, at, text.n);
	else
		record_reject(p, at, text.n, reason);
}

void
record_parse_csv(struct record_parser *p)
{
	const struct record_state *state = p->piece->state;
	size_t at = text_begin(state, p->text);
	struct csv_record r;
	enum csv_got got;

	p->header = state->header;
	if (state->header_next) {
		got = header_find(
		    NULL, &p->header, p->map, p->text, at, true, &r);
		if (got == CSV_BAD)
			record_reject(p, r.begin, r.end - r.begin, r.reason);
		at = r.next;
	}
	for (; at < p->text.n && !p->stopped; at = r.next) {
		got =
		    next(&p->cells, &p->header, p->map, p->text, at, true, &r);
		if (got == CSV_BAD)
			record_reject(p, at, r.end - at, r.reason);
		else if (!r.is_empty)
			row_parse(p, at, &r);
	}
}
