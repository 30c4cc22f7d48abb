/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * made - the made case of make_case.sql in a folder of its own.
 */
#ifndef REPORTS_TEST_MADE_H
#define REPORTS_TEST_MADE_H

#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixtures/test.h"
#include "ingest/base/buf.h"
#include "ingest/casefile.h"

struct made {
	char dir[64]; /* removed by made_clear() */
	char key[96]; /* a key file */
	char case_dir[96];
};

static inline void
made_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

/* A file whole; the caller clears the buffer. */
static inline struct buf
made_read(const char *path)
{
	struct buf b = { 0 };
	FILE *f = fopen(path, "rb");
	size_t got;

	if (f == NULL)
		fail_msg("%s is not there", path);
	do {
		(void)buf_room(&b, 65536);
		got = fread(b.p + b.n, 1, 65536, f);
		b.n += got;
	} while (got > 0);
	b.p[b.n] = '\0';
	(void)fclose(f);
	return b;
}

static inline void
made_sql(const struct made *m, const char *sql)
{
	struct casefile c = { 0 };
	struct err err = { 0 };

	if (casefile_open(&c, m->case_dir, CASEFILE_WRITE, &err) < 0 ||
	    casefile_exec(&c, sql) < 0 || casefile_error(&c, &err) < 0)
		fail_msg("%s", err.msg);
	casefile_close(&c);
}

/* An empty folder with a key. */
static inline void
made_folder(struct made *m)
{
	memset(m, 0, sizeof *m);
	(void)snprintf(m->dir, sizeof m->dir, "/tmp/pretick-made-XXXXXX");
	assert_non_null(mkdtemp(m->dir));
	(void)snprintf(m->key, sizeof m->key, "%s/key", m->dir);
	made_write(m->key, "a key for tests, of 32 bytes....");
	(void)snprintf(m->case_dir, sizeof m->case_dir, "%s/case", m->dir);
}

static inline void
made_case(struct made *m)
{
	const char *root = getenv("PRETICK_ROOT");
	struct casefile c = { 0 };
	struct err err = { 0 };
	struct buf sql;
	char path[256];

	made_folder(m);
	(void)snprintf(path, sizeof path, "%s/reports/test/make_case.sql",
	    root != NULL ? root : ".");
	sql = made_read(path);
	if (casefile_open(&c, m->case_dir, CASEFILE_CREATE, &err) < 0 ||
	    casefile_exec(&c, sql.p) < 0 || casefile_error(&c, &err) < 0)
		fail_msg("%s", err.msg);
	casefile_close(&c);
	buf_clear(&sql);
}

static inline int
made_remove(
    const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static inline void
made_clear(struct made *m)
{
	assert_int_equal(nftw(m->dir, made_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

#endif
