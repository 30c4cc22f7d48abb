/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * progress - one line that tells how far a stage has come.
 *
 * Shown on stderr when that is a terminal that can clear a line, else
 * nothing at all.  progress_tell() may be called from any thread and as
 * often as one likes: it draws a few times a second.
 */
#ifndef REPORTS_PROGRESS_H
#define REPORTS_PROGRESS_H

#include <pthread.h>

#include "ingest/base/span.h"

struct progress {
	pthread_mutex_t lock;
	bool on;	  /* stderr is a terminal */
	bool drawn;	  /* a line stands there */
	bool in_bytes;	  /* done and total are bytes; else only their ratio */
	int64_t began_us; /* of what is told now, monotonic */
	int64_t drawn_us; /* when it was drawn last */
	const char *what; /* told last */
};

/* Starts with in_bytes. */
void progress_init(struct progress *p);

/* Fits the stages' callback; arg is the struct progress, `what` a constant.
 * total 0: not known; records: how many so far. */
void progress_tell(void *arg, const char *what, uint64_t done, uint64_t total,
    uint64_t records);

/* Clear the line: before anything else is printed, and at the end. */
void progress_clear(struct progress *p);

/* What a line tells, and its text.  Pure, for the tests. */
struct progress_state {
	const char *what;
	bool in_bytes;
	uint64_t done, total, records;
	int64_t spent_us; /* since what is told began */
};
enum { PROGRESS_LINE_BYTES = 256 };
void progress_line(
    char out[PROGRESS_LINE_BYTES], const struct progress_state *s);

#endif
