/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * casefile - case.db: create, open, transaction, statements.
 *
 * A long run of statements reads straight down: after the first failure
 * every call does nothing and returns -1 or 0 rows; casefile_error() tells.
 * A stage is one transaction: what is not committed is as if it never was.
 */
#ifndef INGEST_CASEFILE_H
#define INGEST_CASEFILE_H

#include <sqlite3.h>

#include "ingest/base/err.h"
#include "ingest/base/span.h"

enum { CASEFILE_VERSION = 4 };

struct casefile {
	sqlite3 *db;
	struct err err; /* sticky: the first failure */
};

enum casefile_mode {
	CASEFILE_CREATE = 1, /* make the folder and the tables if not there */
	CASEFILE_WRITE,	     /* it must be there */
	CASEFILE_READ	     /* read-only */
};

/*
 * Open DIR/case.db.  -1 with `err` when it is no case, of a newer version,
 * or locked.  New files get mode 0600.
 */
int casefile_open(struct casefile *c, const char *case_dir,
    enum casefile_mode mode, struct err *err);
void casefile_close(struct casefile *c);

int casefile_exec(struct casefile *c, const char *sql); /* any number */
sqlite3_stmt *casefile_prepare(struct casefile *c, const char *sql);
/* Bind by letters: i int64, d double, t const char *, s struct span (text),
 * n nothing (NULL; takes no argument).  A NULL t or absent s binds NULL. */
int casefile_bind(
    struct casefile *c, sqlite3_stmt *st, const char *letters, ...);
/* 1 a row, 0 done, -1 failed; resets after done. */
int casefile_step(struct casefile *c, sqlite3_stmt *st);
/* Bind and run to the end. */
int casefile_put(
    struct casefile *c, sqlite3_stmt *st, const char *letters, ...);
void casefile_finalize(sqlite3_stmt *st); /* NULL is fine */
/* One value of a query, `otherwise` when there is no row. */
int64_t casefile_int(struct casefile *c, const char *sql, int64_t otherwise);

int casefile_begin(struct casefile *c);
int casefile_commit(struct casefile *c);
void casefile_rollback(struct casefile *c);
/* 0, or -1 with the first failure moved into `err`. */
int casefile_error(struct casefile *c, struct err *err);

#endif
