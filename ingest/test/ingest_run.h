/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ingest_run - a folder with sources and a case for tests of the stage.
 */
#ifndef INGEST_TEST_INGEST_RUN_H
#define INGEST_TEST_INGEST_RUN_H

#include <string.h>

#include "fixtures/test.h"
#include "ingest/casefile.h"
#include "ingest/ingest.h"

struct fixture {
	char dir[64], case_dir[128];
	char path[8][160];
};

static inline int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	char dir[] = "/tmp/pretick-ingest-XXXXXX";
	int i;

	assert_non_null(f);
	assert_non_null(mkdtemp(dir));
	(void)snprintf(f->dir, sizeof f->dir, "%s", dir);
	(void)snprintf(f->case_dir, sizeof f->case_dir, "%s/case", dir);
	for (i = 0; i < 8; i++)
		(void)snprintf(
		    f->path[i], sizeof f->path[i], "%s/%d.jsonl", dir, i);
	*state = f;
	return 0;
}

static inline int
tear_down(void **state)
{
	struct fixture *f = *state;

	test_remove(f->dir);
	free(f);
	return 0;
}

static inline void
write_text(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	(void)fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static inline int64_t
query(struct fixture *f, const char *sql)
{
	struct casefile c;
	struct err err = { 0 };
	int64_t v;

	assert_int_equal(
	    casefile_open(&c, f->case_dir, CASEFILE_READ, &err), 0);
	v = casefile_int(&c, sql, -1);
	casefile_close(&c);
	return v;
}

#endif
