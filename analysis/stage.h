/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stage - what the passes over events/ share: the events that case.db names,
 * their threads, and their line in table run.
 *
 * Failure: -1 and `err`, or sticky in the casefile.
 */
#ifndef ANALYSIS_STAGE_H
#define ANALYSIS_STAGE_H

#include "ingest/casefile.h"

/* After a crash: events/ as the case names them. */
int stage_settle(struct casefile *c, const char *case_dir, struct err *err);
/* A line of table run, begun now (SOURCE_DATE_EPOCH); its number. */
int64_t stage_begin(
    struct casefile *c, const char *command, const char *options_text);
/* It is finished; digest may be NULL. */
void stage_end(struct casefile *c, int64_t run_id, const char *digest);

/* Run worker(arg) in up to n_threads threads at once, this one among them,
 * and wait for all. */
void stage_work(unsigned n_threads, void *(*worker)(void *arg), void *arg);

#endif
