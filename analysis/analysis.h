/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * analysis - the second stage: the event store in, a filled case.db out.
 *
 * Partitions are analysed in parallel, each subject's events as one timeline
 * with bounded state; results are written in an order that depends on the
 * evidence alone, so that every number of threads gives the same case and
 * the same digest.  The results of an earlier analysis are replaced in one
 * transaction.
 *
 * Failure: -1 and `err`, with the case as it was before the call.
 */
#ifndef ANALYSIS_ANALYSIS_H
#define ANALYSIS_ANALYSIS_H

#include "ingest/base/err.h"
#include "ingest/caseini.h"

struct analysis_options {
	const char *case_dir;
	const struct caseini *ini; /* may be NULL */
	const char *options_text;  /* for the table run; may be "" */
	unsigned n_threads;	   /* >= 1 */
	size_t memory_bytes;
	void (*progress)(void *arg, const char *what, uint64_t done,
	    uint64_t total, uint64_t records);
	void *progress_arg;
};

struct analysis_result {
	uint64_t events, subjects, decisions, findings;
	uint64_t unasked; /* of the decisions: consents that servers recorded
			     as of the interface and that answer no act */
	char digest[65];  /* SHA-256, hex */
};

int analysis_run(const struct analysis_options *o, struct analysis_result *out,
    struct err *err);

#endif
