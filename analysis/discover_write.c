/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "analysis/discover_book.h"

const char *const discover_verdicts[DISCOVER_VERDICT__MAX] = {
	[DISCOVER_NONE] = "",
	[DISCOVER_UNDECLARED] = "undeclared",
	[DISCOVER_TOO_FEW] = "too_few",
	[DISCOVER_WEAK] = "weak",
	[DISCOVER_BY_HAND] = "by_hand",
	[DISCOVER_CLEAR] = "clear",
};

static const char *const acts[ACT__MAX] = { "click", "on", "off" };

/* A number that may not exist, by column. */
static void
put_real(sqlite3_stmt *st, int column, double x)
{
	if (isfinite(x))
		(void)sqlite3_bind_double(st, column, x);
	else
		(void)sqlite3_bind_null(st, column);
}

static void
put_text(sqlite3_stmt *st, int column, struct span s)
{
	if (s.p != NULL)
		(void)sqlite3_bind_text(
		    st, column, s.p, (int)s.n, SQLITE_TRANSIENT);
	else
		(void)sqlite3_bind_null(st, column);
}

/* A list of purposes as the other tables write it. */
static void
put_list(struct discover_book *b, sqlite3_stmt *st, int column, struct span s)
{
	struct arena *arena = &b->arena;
	char *out;
	size_t i, n = 0;

	if (s.p == NULL) {
		(void)sqlite3_bind_null(st, column);
		return;
	}
	out = arena_alloc(arena, 2 * s.n + 1);
	for (i = 0; i < s.n; i++)
		if (s.p[i] != EVENT_LIST_SEP) {
			out[n++] = s.p[i];
		} else {
			out[n++] = ',';
			out[n++] = ' ';
		}
	(void)sqlite3_bind_text(st, column, out, (int)n, SQLITE_TRANSIENT);
}

enum column { /* as in the statement */
	C_RANK = 1,
	C_VERDICT,
	C_SCREEN,
	C_ELEMENT,
	C_ACT,
	C_LABEL,
	C_PEOPLE,
	C_GRANTED,
	C_EXPLAINED,
	C_SHARE,
	C_SHARE_LOW,
	C_SHARE_HIGH,
	C_SHIFTED,
	C_LIFT,
	C_LOW,
	C_HIGH,
	C_P,
	C_P_ADJUSTED,
	C_PAIRS,
	C_DELAY,
	C_BY_REQUEST,
	C_BOX,
	C_BOX_ON,
	C_BOX_OFF,
	C_BOX_FONT,
	C_BOX_TEXT,
	C_BOX_PURPOSES,
	C_BOX_NOTICE
};

static void
put_box(struct discover_book *b, sqlite3_stmt *st, const struct discover_row *r)
{
	const struct discover_control *c;
	uint32_t element;

	if (r->box == 0)
		return; /* NULL, all of it */
	c = discover_control(b, r->box - 1);
	element = tally_key(&b->controls, r->box - 1)[1];
	put_text(st, C_BOX, names_text(&b->names, element));
	(void)sqlite3_bind_int64(st, C_BOX_ON, (int64_t)c->n_on);
	(void)sqlite3_bind_int64(st, C_BOX_OFF, (int64_t)c->n_off);
	if (c->font_micro != INT64_MAX)
		put_real(st, C_BOX_FONT, (double)c->font_micro / 1e6);
	put_text(st, C_BOX_TEXT, c->text.p != NULL ? c->text : c->label);
	put_list(b, st, C_BOX_PURPOSES, c->purposes);
	put_text(st, C_BOX_NOTICE, c->notice);
}

static void
put_row(struct discover_book *b, sqlite3_stmt *st, const struct discover_row *r)
{
	uint32_t number = discover_act_control(b, r->act);
	const struct discover_control *c = discover_control(b, number);
	const uint32_t *key = tally_key(&b->controls, number);

	(void)sqlite3_bind_text(
	    st, C_VERDICT, discover_verdicts[r->verdict], -1, SQLITE_STATIC);
	put_text(st, C_SCREEN, names_text(&b->names, key[0]));
	put_text(st, C_ELEMENT, names_text(&b->names, key[1]));
	(void)sqlite3_bind_text(
	    st, C_ACT, acts[discover_act_of(b, r->act)], -1, SQLITE_STATIC);
	put_text(st, C_LABEL, c->label.p != NULL ? c->label : c->text);
	(void)sqlite3_bind_int64(
	    st, C_PEOPLE, (int64_t)discover_doing(b, r->act)->people);
	(void)sqlite3_bind_int64(st, C_GRANTED, (int64_t)r->granted);
	(void)sqlite3_bind_int64(st, C_EXPLAINED, (int64_t)r->explained);
	put_real(st, C_SHARE, r->share);
	put_real(st, C_SHARE_LOW, r->share_low);
	put_real(st, C_SHARE_HIGH, r->share_high);
	put_real(st, C_SHIFTED, r->shifted_share);
	put_real(st, C_LIFT, r->lift);
	put_real(st, C_LOW, r->lift_low);
	put_real(st, C_HIGH, r->lift_high);
	put_real(st, C_P, r->p);
	put_real(st, C_P_ADJUSTED, r->p_adjusted);
	(void)sqlite3_bind_int64(st, C_PAIRS, (int64_t)b->count[COUNT_PAIRS]);
	if (r->median_delay_us != INT64_MIN)
		(void)sqlite3_bind_int64(st, C_DELAY, r->median_delay_us);
	put_real(st, C_BY_REQUEST,
	    r->granted > 0 ? (double)r->by_request / (double)r->granted : NAN);
	put_box(b, st, r);
}

static void
write_counts(struct casefile *c, const struct discover_book *b)
{
	static const char *const text[COUNT__MAX][2] = {
#define DISCOVER_COUNT(id, name, meaning) { name, meaning },
		DISCOVER_COUNTS(DISCOVER_COUNT)
#undef DISCOVER_COUNT
	};
	sqlite3_stmt *st =
	    casefile_prepare(c, "INSERT INTO discovery_count VALUES (?, ?, ?)");
	size_t i;

	for (i = 0; i < COUNT__MAX; i++)
		(void)casefile_put(
		    c, st, "tit", text[i][0], (int64_t)b->count[i], text[i][1]);
	casefile_finalize(st);
}

void
discover_write(struct casefile *c, struct discover_book *b,
    const struct discover_row *row, size_t n_rows)
{
	sqlite3_stmt *st;
	size_t i;

	(void)casefile_exec(
	    c, "DELETE FROM discovery; DELETE FROM discovery_count");
	st = casefile_prepare(c,
	    "INSERT INTO discovery VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
	    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	for (i = 0; st != NULL && i < n_rows; i++) {
		(void)sqlite3_clear_bindings(st);
		(void)sqlite3_bind_int64(st, C_RANK, (int64_t)i + 1);
		put_row(b, st, &row[i]);
		(void)casefile_step(c, st);
	}
	casefile_finalize(st);
	write_counts(c, b);
}
