/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/feed.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/base/buf.h"
#include "ingest/base/err.h"

struct feed_table {
	sqlite3_vtab base; /* SQLite's, first */
	struct feed *feed;
};

struct feed_cursor {
	sqlite3_vtab_cursor base;
	struct feed *feed;
	sqlite3_int64 at;
	int is_end;
};

static int
feed_connect(sqlite3 *db, void *arg, int argc, const char *const *argv,
    sqlite3_vtab **out, char **message)
{
	struct feed *f = arg;
	struct feed_table *t;
	struct buf b = { 0 };
	unsigned i;
	int rc;

	(void)argc;
	(void)argv;
	(void)message;
	(void)buf_str(&b, "CREATE TABLE feed(");
	for (i = 0; i < f->source->n_columns; i++)
		(void)buf_printf(&b, "%sc%u", i > 0 ? ", " : "", i);
	(void)buf_str(&b, ")");
	rc = sqlite3_declare_vtab(db, b.p);
	buf_clear(&b);
	if (rc != SQLITE_OK)
		return rc;
	t = calloc(1, sizeof *t);
	if (t == NULL)
		err_no_memory(sizeof *t);
	t->feed = f;
	*out = &t->base;
	return SQLITE_OK;
}

static int
feed_disconnect(sqlite3_vtab *t)
{
	free(t);
	return SQLITE_OK;
}

static int
feed_best_index(sqlite3_vtab *t, sqlite3_index_info *info)
{
	(void)t;
	info->estimatedCost = 1e6;
	return SQLITE_OK;
}

static int
cursor_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
	struct feed_table *t = (struct feed_table *)base;
	struct feed_cursor *c = calloc(1, sizeof *c);

	if (c == NULL)
		err_no_memory(sizeof *c);
	c->feed = t->feed;
	*out = &c->base;
	return SQLITE_OK;
}

static int
cursor_close(sqlite3_vtab_cursor *c)
{
	free(c);
	return SQLITE_OK;
}

static int
cursor_next(sqlite3_vtab_cursor *base)
{
	struct feed_cursor *c = (struct feed_cursor *)base;

	c->at++;
	c->is_end = c->feed->source->next(c->feed->arg) == 0;
	return SQLITE_OK;
}

static int
cursor_filter(sqlite3_vtab_cursor *base, int n, const char *s, int argc,
    sqlite3_value **argv)
{
	(void)n;
	(void)s;
	(void)argc;
	(void)argv;
	return cursor_next(base);
}

static int
cursor_eof(sqlite3_vtab_cursor *base)
{
	return ((struct feed_cursor *)base)->is_end;
}

static int
cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *to, int i)
{
	struct feed *f = ((struct feed_cursor *)base)->feed;

	f->source->column(f->arg, to, i);
	return SQLITE_OK;
}

static int
cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
	*rowid = ((struct feed_cursor *)base)->at;
	return SQLITE_OK;
}

/* Without xCreate it is there without being created. */
static const sqlite3_module feed_module = {
	.xConnect = feed_connect,
	.xBestIndex = feed_best_index,
	.xDisconnect = feed_disconnect,
	.xOpen = cursor_open,
	.xClose = cursor_close,
	.xFilter = cursor_filter,
	.xNext = cursor_next,
	.xEof = cursor_eof,
	.xColumn = cursor_column,
	.xRowid = cursor_rowid,
};

int
feed_open(struct feed *f, struct casefile *c, const char *table,
    const struct feed_source *source, void *arg)
{
	char sql[160];

	f->source = source;
	f->arg = arg;
	f->insert = NULL;
	(void)snprintf(f->name, sizeof f->name, "pretick_feed_%s", table);
	if (c->err.code != ERR_NONE)
		return -1;
	if (sqlite3_create_module_v2(c->db, f->name, &feed_module, f, NULL) !=
	    SQLITE_OK)
		return err_set(
		    &c->err, ERR_FAILED, "%s", sqlite3_errmsg(c->db));
	(void)snprintf(
	    sql, sizeof sql, "INSERT INTO %s SELECT * FROM %s", table, f->name);
	f->insert = casefile_prepare(c, sql);
	return f->insert != NULL ? 0 : -1;
}

int
feed_run(struct feed *f, struct casefile *c)
{
	return casefile_step(c, f->insert);
}

void
feed_close(struct feed *f, struct casefile *c)
{
	casefile_finalize(f->insert);
	f->insert = NULL;
	if (f->source != NULL)
		(void)sqlite3_create_module_v2(
		    c->db, f->name, NULL, NULL, NULL);
	f->source = NULL;
}
