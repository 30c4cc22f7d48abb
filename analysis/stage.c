/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/stage.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "ingest/base/utc.h"
#include "ingest/store.h"

int
stage_settle(struct casefile *c, const char *case_dir, struct err *err)
{
	sqlite3_stmt *st = casefile_prepare(
	    c, "SELECT value FROM case_info WHERE key = 'events'");
	int rc = 0;

	if (casefile_step(c, st) > 0)
		rc = store_settle(
		    case_dir, (const char *)sqlite3_column_text(st, 0), err);
	casefile_finalize(st);
	return rc;
}

int64_t
stage_begin(struct casefile *c, const char *command, const char *options_text)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	char now[UTC_TEXT_BYTES];
	sqlite3_stmt *st;
	int64_t us;

	us = (epoch != NULL ? strtoll(epoch, NULL, 10) : (int64_t)time(NULL));
	st = casefile_prepare(c,
	    "INSERT INTO run(command, version, options, started)"
	    " VALUES (?, ?, ?, ?)");
	(void)casefile_put(c, st, "tttt", command, PRETICK_VERSION,
	    options_text != NULL ? options_text : "",
	    utc_format(us * UTC_US_S, now));
	casefile_finalize(st);
	return sqlite3_last_insert_rowid(c->db);
}

void
stage_end(struct casefile *c, int64_t run_id, const char *digest)
{
	sqlite3_stmt *st = casefile_prepare(c,
	    "UPDATE run SET finished = started, digest = ? WHERE run_id = ?");

	(void)casefile_put(c, st, "ti", digest, run_id);
	casefile_finalize(st);
}

void
stage_work(unsigned n_threads, void *(*worker)(void *arg), void *arg)
{
	pthread_t thread[STORE_PARTS];
	unsigned n = 0, i;

	if (n_threads > STORE_PARTS)
		n_threads = STORE_PARTS;
	while (n + 1 < n_threads &&
	       pthread_create(&thread[n], NULL, worker, arg) == 0)
		n++;
	(void)worker(arg);
	for (i = 0; i < n; i++)
		(void)pthread_join(thread[i], NULL);
}
