/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: SQLite with its rollback journal, so a stage that is killed
 * leaves a hot journal, and the next one that opens the case undoes what the
 * dead one wrote.  Nothing here trades that for speed: `synchronous` stays
 * FULL, which costs a few fsync a transaction and nothing a row.
 */
#include "ingest/casefile.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/base/embedded.h"
#include "ingest/event.h"

enum {
	CASEFILE_APPLICATION_ID = 0x70726574, /* as in schema.sql */
	CASEFILE_CACHE_KIB = 32 * 1024,	      /* more gains nothing: rows come
						 in the order of their keys */
	CASEFILE_BUSY_MS = 2000
};

/* ---- statements ---------------------------------------------------------- */

static int
failed(struct casefile *c)
{
	const char *path = sqlite3_db_filename(c->db, "main");
	int code = sqlite3_errcode(c->db);

	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return err_set(&c->err, ERR_FAILED,
		    "%s is in use by another process", path);
	if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
		return err_set(&c->err, ERR_FAILED, "%s is damaged: %s", path,
		    sqlite3_errmsg(c->db));
	return err_set(
	    &c->err, ERR_FAILED, "%s: %s", path, sqlite3_errmsg(c->db));
}

int
casefile_exec(struct casefile *c, const char *sql)
{
	if (c->err.code != ERR_NONE)
		return -1;
	if (sqlite3_exec(c->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return failed(c);
	return 0;
}

sqlite3_stmt *
casefile_prepare(struct casefile *c, const char *sql)
{
	sqlite3_stmt *st = NULL;

	if (c->err.code != ERR_NONE)
		return NULL;
	if (sqlite3_prepare_v2(c->db, sql, -1, &st, NULL) != SQLITE_OK) {
		(void)failed(c);
		return NULL;
	}
	return st;
}

static int
bind_span(sqlite3_stmt *st, int i, struct span s)
{
	if (s.p == NULL)
		return sqlite3_bind_null(st, i);
	return sqlite3_bind_text64(
	    st, i, s.p, s.n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static int
bind_list(struct casefile *c, sqlite3_stmt *st, const char *letters, va_list ap)
{
	int i, rc = SQLITE_OK;

	if (c->err.code != ERR_NONE)
		return -1;
	assert(st != NULL);
	for (i = 1; letters[i - 1] != '\0' && rc == SQLITE_OK; i++) {
		switch (letters[i - 1]) {
		case 'i':
			rc = sqlite3_bind_int64(st, i, va_arg(ap, int64_t));
			break;
		case 'd':
			rc = sqlite3_bind_double(st, i, va_arg(ap, double));
			break;
		case 't':
			rc =
			    bind_span(st, i, span_of(va_arg(ap, const char *)));
			break;
		case 's':
			rc = bind_span(st, i, va_arg(ap, struct span));
			break;
		case 'n':
			rc = sqlite3_bind_null(st, i);
			break;
		default:
			assert(!"unknown letter");
		}
	}
	return rc == SQLITE_OK ? 0 : failed(c);
}

int
casefile_bind(struct casefile *c, sqlite3_stmt *st, const char *letters, ...)
{
	va_list ap;
	int rc;

	va_start(ap, letters);
	rc = bind_list(c, st, letters, ap);
	va_end(ap);
	return rc;
}

int
casefile_step(struct casefile *c, sqlite3_stmt *st)
{
	int rc;

	if (c->err.code != ERR_NONE)
		return -1;
	assert(st != NULL);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		(void)failed(c);
	(void)sqlite3_reset(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

int
casefile_put(struct casefile *c, sqlite3_stmt *st, const char *letters, ...)
{
	va_list ap;
	int rc;

	va_start(ap, letters);
	rc = bind_list(c, st, letters, ap);
	va_end(ap);
	if (rc < 0)
		return -1;
	while ((rc = casefile_step(c, st)) > 0)
		;
	return rc;
}

void
casefile_finalize(sqlite3_stmt *st)
{
	(void)sqlite3_finalize(st);
}

int64_t
casefile_int(struct casefile *c, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *st = casefile_prepare(c, sql);
	int64_t v = otherwise;

	if (st == NULL)
		return otherwise;
	if (casefile_step(c, st) > 0 &&
	    sqlite3_column_type(st, 0) != SQLITE_NULL)
		v = sqlite3_column_int64(st, 0);
	casefile_finalize(st);
	return v;
}

int
casefile_begin(struct casefile *c)
{
	return casefile_exec(c, "BEGIN IMMEDIATE");
}

int
casefile_commit(struct casefile *c)
{
	return casefile_exec(c, "COMMIT");
}

void
casefile_rollback(struct casefile *c)
{
	if (c->db != NULL && !sqlite3_get_autocommit(c->db))
		(void)sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
}

int
casefile_error(struct casefile *c, struct err *err)
{
	if (c->err.code == ERR_NONE)
		return 0;
	(void)err_set(err, c->err.code, "%s", c->err.msg);
	c->err.code = ERR_NONE;
	return -1;
}

/* ---- create -------------------------------------------------------------- */

static const char *
schema_text(void)
{
	const struct embedded *e;

	for (e = embedded_files; e->name != NULL; e++)
		if (strcmp(e->name, "ingest/schema.sql") == 0)
			return e->text;
	assert(!"the schema is not embedded");
	return NULL;
}

static int
write_words(struct casefile *c)
{
	static const struct {
		const char *list, *word, *meaning;
	} words[] = {
#define WORD_KIND(id, name, meaning)	   { "kind", name, meaning },
#define WORD_TRAIL(id, name, meaning)	   { "trail", name, meaning },
#define WORD_PHASE(id, name, meaning)	   { "phase", name, meaning },
#define WORD_PRECISION(id, name, meaning)  { "precision", name, meaning },
#define WORD_TIME_ROLE(id, name, meaning)  { "time_role", name, meaning },
#define WORD_OUTCOME(id, name, meaning)	   { "outcome", name, meaning },
#define WORD_ROLE(id, name, meaning)	   { "role", name, meaning },
#define WORD_CHANGED_BY(id, name, meaning) { "changed_by", name, meaning },
#define WORD_DECISION(id, name, meaning)   { "decision", name, meaning },
#define WORD_METHOD(id, name, meaning)	   { "method", name, meaning },
#include "ingest/event.def"
	};
	sqlite3_stmt *st =
	    casefile_prepare(c, "INSERT INTO word VALUES(?, ?, ?, ?)");
	int64_t code = 0;
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (i == 0 || strcmp(words[i].list, words[i - 1].list) != 0)
			code = 0;
		(void)casefile_put(c, st, "titt", words[i].list, ++code,
		    words[i].word, words[i].meaning);
	}
	casefile_finalize(st);
	return c->err.code == ERR_NONE ? 0 : -1;
}

static int
create_tables(struct casefile *c)
{
	if (casefile_begin(c) < 0 || casefile_exec(c, schema_text()) < 0 ||
	    write_words(c) < 0 || casefile_commit(c) < 0) {
		casefile_rollback(c);
		return -1;
	}
	return 0;
}

/* The folder and an empty file that nobody else can read; SQLite gives its
 * journal the mode of the file. */
static int
create_file(const char *case_dir, const char *path, struct err *err)
{
	int fd;

	if (mkdir(case_dir, 0700) < 0 && errno != EEXIST)
		return err_set(err, ERR_FAILED, "cannot create %s: %s",
		    case_dir, strerror(errno));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, ERR_FAILED, "cannot create %s: %s", path,
		    strerror(errno));
	(void)close(fd);
	return 0;
}

/* ---- open ---------------------------------------------------------------- */

/* Is this a case, and one that this program understands? */
static int
check_identity(struct casefile *c, const char *path)
{
	int64_t app = casefile_int(c, "PRAGMA application_id", 0);
	int64_t version = casefile_int(c, "PRAGMA user_version", 0);

	if (c->err.code != ERR_NONE)
		return -1;
	if (app != CASEFILE_APPLICATION_ID)
		return err_set(&c->err, ERR_FAILED,
		    "%s is not the database of a pretick case", path);
	if (version > CASEFILE_VERSION)
		return err_set(&c->err, ERR_FAILED,
		    "%s has format %lld; this pretick knows formats up to %d",
		    path, (long long)version, CASEFILE_VERSION);
	if (version < CASEFILE_VERSION)
		return err_set(&c->err, ERR_FAILED,
		    "%s has format %lld, too old for this pretick (%d)", path,
		    (long long)version, CASEFILE_VERSION);
	return 0;
}

static int
open_flags(struct casefile *c, const char *path, int flags, struct err *err)
{
	int rc = sqlite3_open_v2(path, &c->db, flags, NULL);

	if (rc == SQLITE_OK)
		return 0;
	(void)err_set(err, ERR_FAILED, "cannot open %s: %s", path,
	    c->db != NULL ? sqlite3_errmsg(c->db) : sqlite3_errstr(rc));
	(void)sqlite3_close(c->db);
	c->db = NULL;
	return -1;
}

/*
 * A read-only handle cannot undo what a killed stage left; a writing one
 * does it at its first read.
 */
static int
recover_journal(const char *path, struct err *err)
{
	struct casefile c = { 0 };

	if (open_flags(&c, path, SQLITE_OPEN_READWRITE, err) < 0)
		return -1;
	(void)casefile_int(&c, "PRAGMA user_version", 0);
	(void)sqlite3_close(c.db);
	return casefile_error(&c, err);
}

static int
settings(struct casefile *c, enum casefile_mode mode)
{
	char sql[256];

	/* The file may be anybody's: no functions or tables of its schema's
	 * choice. */
	(void)sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_extended_result_codes(c->db, 0);
	(void)sqlite3_busy_timeout(c->db, CASEFILE_BUSY_MS);
	(void)snprintf(sql, sizeof sql,
	    "PRAGMA cache_size = -%d; PRAGMA temp_store = MEMORY;"
	    "PRAGMA foreign_keys = OFF; PRAGMA cell_size_check = ON;%s",
	    CASEFILE_CACHE_KIB,
	    mode == CASEFILE_READ ? "" : "PRAGMA synchronous = FULL;");
	return casefile_exec(c, sql);
}

static int
open_checked(struct casefile *c, const char *path, enum casefile_mode mode)
{
	int64_t n_tables;

	if (settings(c, mode) < 0)
		return -1;
	n_tables = casefile_int(c, "SELECT count(*) FROM sqlite_schema", 0);
	if (c->err.code != ERR_NONE)
		return -1;
	/* An empty file: new, or its making was cut short. */
	if (mode == CASEFILE_CREATE && n_tables == 0 &&
	    casefile_int(c, "PRAGMA application_id", 0) == 0 &&
	    create_tables(c) < 0)
		return -1;
	return check_identity(c, path);
}

int
casefile_open(struct casefile *c, const char *case_dir, enum casefile_mode mode,
    struct err *err)
{
	char path[PATH_MAX], journal[PATH_MAX];
	int n;

	memset(c, 0, sizeof *c);
	n = snprintf(journal, sizeof journal, "%s/case.db-journal", case_dir);
	if (n < 0 || (size_t)n >= sizeof journal)
		return err_set(
		    err, ERR_FAILED, "the path of the case is too long");
	(void)snprintf(path, sizeof path, "%s/case.db", case_dir);
	if (mode == CASEFILE_CREATE && create_file(case_dir, path, err) < 0)
		return -1;
	if (mode != CASEFILE_CREATE && access(path, F_OK) < 0)
		return err_set(err, ERR_FAILED, "%s is no case: %s: %s",
		    case_dir, path, strerror(errno));
	if (mode == CASEFILE_READ && access(journal, F_OK) == 0 &&
	    access(path, W_OK) == 0 && recover_journal(path, err) < 0)
		return -1;
	if (open_flags(c, path,
		mode == CASEFILE_READ ? SQLITE_OPEN_READONLY
				      : SQLITE_OPEN_READWRITE,
		err) < 0)
		return -1;
	if (open_checked(c, path, mode) < 0) {
		(void)casefile_error(c, err);
		casefile_close(c);
		return -1;
	}
	return 0;
}

void
casefile_close(struct casefile *c)
{
	if (c->db == NULL)
		return;
	casefile_rollback(c);
	/* v2: a statement that was forgotten must not keep the lock. */
	(void)sqlite3_close_v2(c->db);
	c->db = NULL;
}
