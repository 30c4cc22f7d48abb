/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * discover - controls that enrol people though nothing names them as consent.
 *
 * A pass of its own over events/: for every (screen, element, act) how often
 * a server's grant follows the gesture, against the same people at other
 * times and against other instants of the same session.  What it finds goes
 * into table discovery of case.db, replacing what the last call found, and
 * nowhere else: results and digest of an analysis stay as they are.
 *
 * The same for every number of threads and packing of the evidence.
 *
 * Failure: -1 and `err`, with the case as it was before the call.
 */
#ifndef ANALYSIS_DISCOVER_H
#define ANALYSIS_DISCOVER_H

#include "ingest/base/err.h"
#include "ingest/caseini.h"

/* What stands behind the grants that follow an act. */
enum discover_verdict {
	DISCOVER_NONE = 0,
	DISCOVER_UNDECLARED, /* it enrols, and nothing says that it does */
	DISCOVER_TOO_FEW,    /* it may; too few people to say */
	DISCOVER_WEAK,	     /* associated, but below a threshold */
	DISCOVER_BY_HAND,    /* a switch that the person turned on */
	DISCOVER_CLEAR,	     /* a click on words of agreement */
	DISCOVER_VERDICT__MAX
};
extern const char *const discover_verdicts[DISCOVER_VERDICT__MAX];

struct discover_options {
	const char *case_dir;
	const struct caseini *ini; /* may be NULL */
	const char *options_text;  /* for the table run; may be "" */
	unsigned n_threads;	   /* >= 1 */
	size_t memory_bytes;
	void (*progress)(void *arg, const char *what, uint64_t done,
	    uint64_t total, uint64_t records);
	void *progress_arg;
};

int discover_run(const struct discover_options *o, struct err *err);

#endif
