/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/table.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "reports/csv.h"
#include "reports/text.h"

enum { PAGE_ROWS = 400 }; /* more go to the CSV file alone */

void
table_init(struct table *t, struct page *page, const char *name,
    const char *caption, const struct table_column *column, size_t n_columns)
{
	memset(t, 0, sizeof *t);
	t->page = page;
	t->name = name;
	t->caption = caption;
	t->column = column;
	t->n_columns = t->at = n_columns;
}

void
table_row(struct table *t, const char *group)
{
	struct table_row *r;
	size_t room = t->room_rows == 0 ? 16 : 2 * t->room_rows;

	assert(t->at == t->n_columns);
	if (t->n_rows == t->room_rows) {
		t->row = arena_grow(&t->page->arena, t->row,
		    t->room_rows * sizeof *r, room * sizeof *r);
		t->room_rows = room;
	}
	r = &t->row[t->n_rows++];
	memset(r, 0, sizeof *r);
	r->cell =
	    arena_alloc(&t->page->arena, t->n_columns * sizeof r->cell[0]);
	r->group = arena_str(&t->page->arena, span_of(group));
	t->at = 0;
}

static struct table_cell *
next_cell(struct table *t)
{
	assert(t->n_rows > 0 && t->at < t->n_columns);
	return &t->row[t->n_rows - 1].cell[t->at++];
}

void
table_span(struct table *t, struct span text)
{
	struct table_cell *c = next_cell(t);

	c->is_null = text.p == NULL;
	if (!c->is_null)
		c->text = arena_span(&t->page->arena, text);
}

void
table_text(struct table *t, const char *text)
{
	table_span(t, span_of(text));
}

void
table_int(struct table *t, int64_t n)
{
	next_cell(t)->n = n;
}

void
table_real(struct table *t, double x)
{
	struct table_cell *c = next_cell(t);

	c->x = x;
	c->is_null = isnan(x);
}

void
table_share(struct table *t, double share, double low, double high)
{
	struct table_cell *c = next_cell(t);

	c->x = share;
	c->low = low;
	c->high = high;
	c->is_null = isnan(share);
}

void
table_null(struct table *t)
{
	next_cell(t)->is_null = true;
}

void
table_answer(struct table *t, struct answer *a, const char *column)
{
	assert(t->at < t->n_columns);
	if (answer_is_null(a, column)) {
		table_null(t);
		return;
	}
	switch (t->column[t->at].kind) {
	case TABLE_TEXT:
	case TABLE_CODE:
		table_span(t, answer_span(a, column));
		break;
	case TABLE_COUNT:
	case TABLE_PEOPLE:
	case TABLE_SUM:
	case TABLE_PART:
	case TABLE_INSTANT:
		table_int(t, answer_int(a, column));
		break;
	case TABLE_SHARE:
		table_share(t, answer_real(a, column), answer_real(a, "low"),
		    answer_real(a, "high"));
		break;
	case TABLE_SECONDS:
	case TABLE_REAL:
	case TABLE_P:
		table_real(t, answer_real(a, column));
		break;
	case TABLE_NONE:
	case TABLE_KIND__MAX:
		assert(!"a column without kind");
	}
}

/* ---- CSV ----------------------------------------------------------------- */

static bool
is_label(const struct table_column *c)
{
	return c->kind == TABLE_TEXT || c->kind == TABLE_CODE;
}

/* Counts are hidden one by one, what stands for them with the row. */
static bool
is_hidden(const struct table *t, const struct table_row *r, size_t j)
{
	enum table_kind kind = t->column[j].kind;

	if (is_label(&t->column[j]))
		return false;
	if (kind == TABLE_PEOPLE || kind == TABLE_SUM || kind == TABLE_PART)
		return r->cell[j].is_hidden;
	return r->is_withheld;
}

static void
csv_head(const struct table *t, struct csv *csv)
{
	char key[64];
	size_t i;

	for (i = 0; i < t->n_columns; i++) {
		csv_text(csv, span_of(t->column[i].key));
		if (t->column[i].kind != TABLE_SHARE)
			continue;
		(void)snprintf(key, sizeof key, "%s_low", t->column[i].key);
		csv_text(csv, span_of(key));
		(void)snprintf(key, sizeof key, "%s_high", t->column[i].key);
		csv_text(csv, span_of(key));
	}
	csv_line(csv);
}

static void
csv_cell(
    struct csv *csv, const struct table_column *col, const struct table_cell *c)
{
	char stamp[UTC_TEXT_BYTES];

	switch (col->kind) {
	case TABLE_TEXT:
	case TABLE_CODE:
		csv_text(csv, c->text);
		break;
	case TABLE_COUNT:
	case TABLE_PEOPLE:
	case TABLE_SUM:
	case TABLE_PART:
		csv_int(csv, c->n);
		break;
	case TABLE_INSTANT:
		csv_text(csv, span_of(utc_format(c->n, stamp)));
		break;
	case TABLE_SHARE:
		csv_real(csv, c->x);
		csv_real(csv, c->low);
		csv_real(csv, c->high);
		break;
	case TABLE_SECONDS:
	case TABLE_REAL:
	case TABLE_P:
		csv_real(csv, c->x);
		break;
	case TABLE_NONE:
	case TABLE_KIND__MAX:
		assert(!"a column without kind");
	}
}

static void
write_csv(const struct table *t)
{
	struct csv csv = { 0 };
	const struct table_cell *c;
	char name[128];
	size_t i, j, k, wide;
	bool hide;

	csv_head(t, &csv);
	for (i = 0; i < t->n_rows; i++) {
		for (j = 0; j < t->n_columns; j++) {
			c = &t->row[i].cell[j];
			hide = is_hidden(t, &t->row[i], j);
			wide = t->column[j].kind == TABLE_SHARE ? 3 : 1;
			if (!c->is_null && !hide) {
				csv_cell(&csv, &t->column[j], c);
				continue;
			}
			for (k = 0; k < wide; k++) {
				if (hide)
					csv_text(&csv, span_of("withheld"));
				else
					csv_null(&csv);
			}
		}
		csv_line(&csv);
	}
	(void)snprintf(name, sizeof name, "csv/%s.csv", t->name);
	page_file(t->page, name, buf_as_span(&csv.out));
	csv_clear(&csv);
}

/* ---- page ---------------------------------------------------------------- */

static void
html_share(struct html *h, const struct table_cell *c)
{
	struct buf b = { 0 };

	text_share(&b, c->x);
	html_span(h, buf_as_span(&b));
	if (isfinite(c->low) && isfinite(c->high)) {
		buf_reset(&b);
		text_share(&b, c->low);
		(void)buf_str(&b, "\xe2\x80\x93");
		text_share(&b, c->high);
		html_text(h, " ");
		html_open(h, "span", "class", "ci", NULL);
		html_span(h, buf_as_span(&b));
		html_close(h, "span");
	}
	buf_clear(&b);
}

static void
html_number(struct page *page, const struct table_column *col,
    const struct table_cell *c)
{
	struct buf b = { 0 };
	char day[UTC_TEXT_BYTES];

	switch (col->kind) {
	case TABLE_COUNT:
	case TABLE_PEOPLE:
	case TABLE_SUM:
	case TABLE_PART:
		text_int(&b, c->n);
		break;
	case TABLE_INSTANT:
		if (page->lang == LANG_ZH)
			(void)buf_str(
			    &b, utc_format_day(c->n, page->zone_min, day));
		else
			text_date(&b, c->n, page->zone_min);
		html_elem(&page->html, "span", "%s", b.p);
		html_text(&page->html, " ");
		buf_reset(&b);
		text_clock(&b, c->n, page->zone_min);
		html_elem(&page->html, "span", "%s", b.p);
		buf_reset(&b);
		break;
	case TABLE_SECONDS:
		text_duration(&b, c->x);
		break;
	case TABLE_REAL:
		text_real(&b, c->x);
		break;
	case TABLE_P:
		text_p(&b, c->x);
		break;
	case TABLE_TEXT:
	case TABLE_CODE:
	case TABLE_SHARE:
	case TABLE_NONE:
	case TABLE_KIND__MAX:
		assert(!"no number");
	}
	html_span(&page->html, buf_as_span(&b));
	buf_clear(&b);
}

/* A SHA-256 stays on one line; a path may break after its slashes, a long
 * name after any sign. */
static void
html_code(struct html *h, struct span s)
{
	const char *breaks = s.n > 24 ? "/_.:" : "/";
	struct span piece = { s.p, 0 };

	html_open(h, "code", "class", s.n == 64 ? "hash" : NULL, NULL);
	for (; piece.p < s.p + s.n; piece.p += piece.n) {
		piece.n = 1;
		while (piece.p + piece.n < s.p + s.n &&
		       strchr(breaks, piece.p[piece.n - 1]) == NULL)
			piece.n++;
		html_span(h, piece);
		if (piece.p + piece.n < s.p + s.n)
			html_void(h, "wbr", NULL);
	}
	html_close(h, "code");
}

static void
html_cell(struct table *t, const struct table_row *r, size_t j)
{
	const struct table_column *col = &t->column[j];
	const struct table_cell *c = &r->cell[j];
	struct html *h = &t->page->html;
	bool head = j == 0 && is_label(col);
	const char *name = head ? "th" : "td";

	html_open(h, name, "scope", head ? "row" : NULL, "class",
	    c->is_marked		 ? "num mark"
	    : is_label(col)		 ? NULL
	    : col->kind == TABLE_INSTANT ? "num when"
					 : "num",
	    NULL);
	if (is_hidden(t, r, j)) {
		html_elem_class(h, "span", "none", "%s",
		    lang_text(t->page->lang, "withheld"));
	} else if (c->is_null) {
		html_elem_class(h, "span", "none", "\xe2\x80\x93");
	} else if (col->kind == TABLE_SHARE) {
		html_share(h, c);
	} else if (col->kind == TABLE_CODE) {
		/* A SHA-256 stays on one line. */
		html_code(h, c->text);
	} else if (col->kind == TABLE_TEXT) {
		html_span(h, c->text);
	} else {
		html_number(t->page, col, c);
	}
	html_close(h, name);
}

static void
html_head(struct table *t)
{
	struct html *h = &t->page->html;
	size_t j;

	html_open(h, "thead", NULL);
	html_open(h, "tr", NULL);
	for (j = 0; j < t->n_columns; j++) {
		if (t->column[j].is_csv_only)
			continue;
		html_open(h, "th", "scope", "col", "class",
		    is_label(&t->column[j]) ? NULL : "num", NULL);
		html_text(h, lang_text(t->page->lang, t->column[j].head));
		html_close(h, "th");
	}
	html_close(h, "tr");
	html_close(h, "thead");
}

static void
html_rows(struct table *t)
{
	struct html *h = &t->page->html;
	size_t i, j;

	html_open(h, "tbody", NULL);
	html_line(h);
	for (i = 0; i < t->n_rows && i < PAGE_ROWS; i++) {
		html_open(h, "tr", "class", t->row[i].is_total ? "total" : NULL,
		    NULL);
		for (j = 0; j < t->n_columns; j++)
			if (!t->column[j].is_csv_only)
				html_cell(t, &t->row[i], j);
		html_close(h, "tr");
		html_line(h);
	}
	html_close(h, "tbody");
}

static void
html_foot(struct table *t)
{
	struct page *page = t->page;
	struct html *h = &page->html;

	html_open(h, "p", "class", "file", NULL);
	if (t->n_rows > PAGE_ROWS)
		html_textf(h, T("The first %s of %s rows; all of them are in "),
		    page_int(page, PAGE_ROWS),
		    page_int(page, (int64_t)t->n_rows));
	else
		html_text(h, T("The same numbers: "));
	html_elem(h, "code", "report/csv/%s.csv", t->name);
	html_close(h, "p");
	html_line(h);
}

static void
html_table(struct table *t, enum table_how how)
{
	struct page *page = t->page;
	struct html *h = &page->html;
	const char *no = page_int(page, ++page->n_tables);

	html_open(h, how == TABLE_FOLDED ? "details" : "div", "class",
	    "table-box", NULL);
	if (how == TABLE_FOLDED) {
		html_open(h, "summary", NULL);
		html_elem_class(h, "b", "no", T("Table %s"), no);
		html_textf(h, " %s", t->caption);
		html_close(h, "summary");
	}
	html_open(h, "div", "class", "scroll", "tabindex", "0", "role",
	    "region", "aria-label", t->caption, NULL);
	html_open(h, "table", NULL);
	if (how == TABLE_OPEN) {
		html_open(h, "caption", NULL);
		html_elem_class(h, "b", "no", T("Table %s"), no);
		html_textf(h, " %s", t->caption);
		html_close(h, "caption");
	}
	html_head(t);
	html_rows(t);
	html_close(h, "table");
	html_close(h, "div");
	html_foot(t);
	html_close(h, how == TABLE_FOLDED ? "details" : "div");
	html_line(h);
}

void
table_write(struct table *t, enum table_how how, const char *nothing)
{
	assert(t->at == t->n_columns);
	table_suppress(t);
	write_csv(t);
	if (t->n_rows == 0)
		html_elem_class(&t->page->html, "p", "nothing", "%s", nothing);
	else
		html_table(t, how);
}
