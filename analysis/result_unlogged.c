/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What sources cannot hold, as their mappings say ([never]): an act that
 * stands in such a source says nothing about how often nobody acted.
 */
#include <stdio.h>
#include <stdlib.h>

#include "analysis/result_private.h"

/* A notice that is shown serves as an impression where it can be logged. */
#define BY_MEMBER                                                       \
	"SELECT member_id, max(kind = 'control.impression' AND never) " \
	"AND NOT max(kind = 'notice.show' AND NOT never) AS shown, "    \
	"max(kind = 'refusal' AND never) AS refused "                   \
	"FROM emits GROUP BY member_id"

static void
names_load(
    struct result *r, const char *column, const char *what, struct buf *out)
{
	char sql[512];
	sqlite3_stmt *st;
	struct span names;

	(void)snprintf(sql, sizeof sql,
	    "SELECT group_concat(mapping, ', ') FROM (SELECT DISTINCT mapping "
	    "FROM (" BY_MEMBER ") JOIN member USING(member_id) "
	    "WHERE %s ORDER BY 1)",
	    column);
	st = casefile_prepare(r->c, sql);
	if (casefile_step(r->c, st) == 1 &&
	    sqlite3_column_type(st, 0) != SQLITE_NULL) {
		names.p = (const char *)sqlite3_column_text(st, 0);
		names.n = (size_t)sqlite3_column_bytes(st, 0);
		(void)buf_printf(out, "%s are never logged by ", what);
		(void)buf_span(out, names);
	}
	casefile_finalize(st);
}

void
unlogged_load(struct result *r)
{
	sqlite3_stmt *st;
	size_t id;

	r->n_unlogged = (size_t)casefile_int(
	    r->c, "SELECT coalesce(max(member_id), 0) + 1 FROM member", 1);
	r->unlogged = calloc(r->n_unlogged, 1);
	if (r->unlogged == NULL)
		err_no_memory(r->n_unlogged);
	st = casefile_prepare(r->c, BY_MEMBER);
	while (casefile_step(r->c, st) == 1) {
		id = (size_t)sqlite3_column_int64(st, 0);
		if (id >= r->n_unlogged)
			continue;
		if (sqlite3_column_int(st, 1) != 0)
			r->unlogged[id] |= UNLOGGED_SHOWN;
		if (sqlite3_column_int(st, 2) != 0)
			r->unlogged[id] |= UNLOGGED_REFUSED;
	}
	casefile_finalize(st);
	names_load(r, "shown", "impressions", &r->why_not_shown);
	names_load(r, "refused", "refusals", &r->why_not_refused);
}

void
unlogged_clear(struct result *r)
{
	free(r->unlogged);
	buf_clear(&r->why_not_shown);
	buf_clear(&r->why_not_refused);
}
