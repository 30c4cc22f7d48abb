/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ingest - the first stage: sources in, sorted events and rejects out.
 *
 * Reads every source once, files its events in events/ and accounts for
 * every record in case.db.  Threads take pieces of members in turn: the one
 * that has decoded a piece parses it while the next one decodes.
 *
 * Failure: -1 and `err`, with the case as it was before the call.
 */
#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include "ingest/base/err.h"
#include "ingest/caseini.h"
#include "ingest/map.h"

struct ingest_options {
	const char *case_dir;
	const char *const *source; /* [n_sources], operands */
	size_t n_sources;
	const char *const *map_file; /* [n_map_files]: only these bid */
	size_t n_map_files;
	const struct caseini *ini; /* may be NULL */
	unsigned n_threads;	   /* >= 1 */
	size_t memory_bytes;
	/* Told now and then; NULL: no progress.  total 0: not known yet. */
	void (*progress)(void *arg, const char *what, uint64_t done,
	    uint64_t total, uint64_t records);
	void *progress_arg;
	/* A source already in the case was skipped; NULL: not told. */
	void (*skipped)(void *arg, const char *path, const char *sha256);
};

struct ingest_result {
	uint64_t sources, skipped, members, records, mapped, rejected, filtered,
	    duplicate, events, damage;
};

int ingest_run(
    const struct ingest_options *o, struct ingest_result *out, struct err *err);

#endif
