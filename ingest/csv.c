/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/csv.h"

#include <assert.h>
#include <stdlib.h>

#include "ingest/base/err.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static const char bad_quotes[] = "invalid CSV: quotes do not match";

/* ---- cells --------------------------------------------------------------- */

static void
cell_add(struct csv_cells *c, struct csv_record *r, struct span cell)
{
	size_t i = r->n_cells++;

	if (cell.n > 0)
		r->n_filled = r->n_cells;
	if (c == NULL)
		return;
	if (i == c->room) {
		c->room = c->room == 0 ? 64 : c->room * 2;
		c->cell = realloc(c->cell, c->room * sizeof *c->cell);
		if (c->cell == NULL)
			err_no_memory(c->room * sizeof *c->cell);
	}
	c->cell[i] = cell;
}

/* Two quotes inside a quoted cell mean one. */
static struct span
unquoted(struct csv_cells *c, char quote, struct span raw)
{
	const char *from = raw.p, *end = raw.p + raw.n, *q;
	struct span out = raw;

	if (c == NULL || memchr(from, quote, raw.n) == NULL)
		return raw;
	out.p = c->unquoted.p + c->unquoted.n; /* there is room: csv_next() */
	while (from < end) {
		q = memchr(from, quote, (size_t)(end - from));
		q = q != NULL ? q + 1 : end;
		memcpy(c->unquoted.p + c->unquoted.n, from, (size_t)(q - from));
		c->unquoted.n += (size_t)(q - from);
		from = q < end ? q + 1 : end;
	}
	out.n = (size_t)(c->unquoted.p + c->unquoted.n - out.p);
	return out;
}

/* Behind the closing quote of the cell whose text begins at `at`; 0: none. */
static size_t
quoted_end(char quote, struct span s, size_t at)
{
	size_t begin = at;
	const char *q;

	for (;;) {
		q = memchr(s.p + at, quote, s.n - at);
		if (q == NULL)
			return 0;
		at = (size_t)(q - s.p) + 1;
		if (at - begin > CSV_QUOTED_MAX_BYTES)
			return 0;
		if (at == s.n || s.p[at] != quote)
			return at;
		at++;
	}
}

void
csv_cells_clear(struct csv_cells *c)
{
	free(c->cell);
	buf_clear(&c->unquoted);
	memset(c, 0, sizeof *c);
}

/* ---- lines ----------------------------------------------------------------- */

/* The line at r->begin; MORE when its end is not there yet. */
static enum csv_got
line_end(const struct csv_dialect *d, struct span s, bool at_end,
    struct csv_record *r)
{
	const char *p = memchr(s.p + r->begin, d->line_end, s.n - r->begin);

	if (p == NULL && !at_end)
		return CSV_MORE;
	r->end = p != NULL ? (size_t)(p - s.p) : s.n;
	r->next = p != NULL ? r->end + 1 : s.n;
	if (d->line_end == '\n' && r->end > r->begin && s.p[r->end - 1] == '\r')
		r->end--;
	return CSV_RECORD;
}

static enum csv_got
bad(const struct csv_dialect *d, struct span s, bool at_end,
    struct csv_record *r)
{
	r->reason = bad_quotes;
	return line_end(d, s, at_end, r) == CSV_MORE ? CSV_MORE : CSV_BAD;
}

/* The record ends at `at`: at a line end or the end of the text. */
static enum csv_got
record_end(
    const struct csv_dialect *d, struct span s, size_t at, struct csv_record *r)
{
	r->next = at < s.n ? at + 1 : s.n;
	r->end = at;
	if (d->line_end == '\n' && at > r->begin && s.p[at - 1] == '\r')
		r->end--;
	r->is_empty = r->end == r->begin;
	return CSV_RECORD;
}

/* ---- cells between delimiters ------------------------------------------------ */

/* Behind a quoted cell: 1 delimiter, 0 line end or end, -1 anything else,
 * -2 cannot be told yet. */
static int
behind_quote(
    const struct csv_dialect *d, struct span s, size_t *at, bool at_end)
{
	if (*at == s.n)
		return at_end ? 0 : -2;
	if (s.p[*at] == d->delimiter)
		return 1;
	if (s.p[*at] == '\r' && d->line_end == '\n') {
		if (*at + 1 == s.n)
			return at_end ? 0 : -2;
		++*at;
	}
	return s.p[*at] == d->line_end ? 0 : -1;
}

static size_t
bare_end(const struct csv_dialect *d, struct span s, size_t at)
{
	char delimiter = d->delimiter, end = d->line_end;
#ifdef __SSE2__
	__m128i x, y = _mm_set1_epi8(delimiter), z = _mm_set1_epi8(end);
	unsigned hits;

	for (; s.n - at >= sizeof x; at += sizeof x) {
		x = _mm_loadu_si128((const __m128i *)(const void *)(s.p + at));
		hits = (unsigned)_mm_movemask_epi8(
		    _mm_or_si128(_mm_cmpeq_epi8(x, y), _mm_cmpeq_epi8(x, z)));
		if (hits != 0)
			return at + (size_t)__builtin_ctz(hits);
	}
#endif

	while (at < s.n && s.p[at] != delimiter && s.p[at] != end)
		at++;
	return at;
}

static struct span
bare_cell(const struct csv_dialect *d, struct span s, size_t at, size_t end)
{
	struct span cell = { s.p + at, end - at };

	if (d->line_end == '\n' && cell.n > 0 &&
	    (end == s.n || s.p[end] == '\n') && cell.p[cell.n - 1] == '\r')
		cell.n--;
	return cell;
}

/* The cell at *at and to behind it: as behind_quote(). */
static int
cell_next(struct csv_cells *c, const struct csv_dialect *d, struct span s,
    size_t *at, bool at_end, struct csv_record *r)
{
	size_t end;

	if (d->quote != '\0' && *at < s.n && s.p[*at] == d->quote) {
		end = quoted_end(d->quote, s, *at + 1);
		if (end == 0)
			return !at_end && s.n - *at <= CSV_QUOTED_MAX_BYTES
				   ? -2
				   : -1;
		cell_add(c, r,
		    unquoted(c, d->quote,
			(struct span){ s.p + *at + 1, end - *at - 2 }));
		*at = end;
		return behind_quote(d, s, at, at_end);
	}
	end = bare_end(d, s, *at);
	if (end == s.n && !at_end)
		return -2;
	cell_add(c, r, bare_cell(d, s, *at, end));
	*at = end;
	return end < s.n && s.p[end] == d->delimiter;
}

static enum csv_got
delimited(struct csv_cells *c, const struct csv_dialect *d, struct span s,
    bool at_end, size_t expect, struct csv_record *r)
{
	size_t at = r->begin;
	int behind;

	for (;; at++) {
		behind = cell_next(c, d, s, &at, at_end, r);
		if (behind == -2)
			return CSV_MORE;
		if (behind == -1)
			return bad(d, s, at_end, r);
		if (behind == 0)
			break;
	}
	if (expect != 0 && r->n_cells != expect &&
	    (r->n_cells + d->may_lack < expect || r->n_filled > expect) &&
	    memchr(s.p + r->begin, d->line_end, at - r->begin) != NULL)
		return bad(d, s, at_end, r);
	return record_end(d, s, at, r);
}

/* ---- cells between blanks ---------------------------------------------------- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static enum csv_got
blank_separated(struct csv_cells *c, const struct csv_dialect *d, struct span s,
    bool at_end, struct csv_record *r)
{
	struct span line = { s.p, 0 };
	size_t at = r->begin, end;

	if (line_end(d, s, at_end, r) == CSV_MORE)
		return CSV_MORE;
	line.n = r->end;
	r->is_empty = true;
	for (;;) {
		while (at < line.n && is_blank(line.p[at]))
			at++;
		if (at == line.n)
			return CSV_RECORD;
		r->is_empty = false;
		end = d->quote != '\0' && line.p[at] == d->quote
			  ? quoted_end(d->quote, line, at + 1)
			  : 0;
		if (end != 0 && (end == line.n || is_blank(line.p[end]))) {
			cell_add(c, r,
			    unquoted(c, d->quote,
				(struct span){
				    line.p + at + 1, end - at - 2 }));
			at = end;
			continue;
		}
		for (end = at; end < line.n && !is_blank(line.p[end]); end++)
			;
		cell_add(c, r, (struct span){ line.p + at, end - at });
		at = end;
	}
}

enum csv_got
csv_next(struct csv_cells *c, const struct csv_dialect *d, struct span s,
    size_t begin, bool at_end, size_t expect, struct csv_record *r)
{
	assert(begin < s.n);
	memset(r, 0, sizeof *r);
	r->begin = begin;
	if (d->comment != '\0' && s.p[begin] == d->comment) {
		r->is_empty = true;
		return line_end(d, s, at_end, r);
	}
	if (c != NULL) {
		buf_reset(&c->unquoted);
		if (c->unquoted.room < s.n - begin) /* once a text */
			(void)buf_room(&c->unquoted, s.n - begin);
	}
	return d->blanks ? blank_separated(c, d, s, at_end, r)
			 : delimited(c, d, s, at_end, expect, r);
}
