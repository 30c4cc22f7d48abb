/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: whose the device-only events are is settled first
 * (identity.h); then threads take partitions one after the other, each
 * giving a part of the result; the result takes the parts in order, so that
 * nothing depends on which thread was first.
 */
#include "analysis/analysis.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/crowd.h"
#include "analysis/identity.h"
#include "analysis/operators.h"
#include "analysis/stage.h"

struct work {
	const struct analysis_options *o;
	const struct study *study;
	const struct identity *identity;
	struct result *result;
	atomic_uint next_part, n_done;
	atomic_bool failed;
	pthread_mutex_t lock; /* of what follows */
	struct err err;
	uint64_t events, subjects, decisions, unasked;
};

static void
cover(struct result_part *rp, const struct crowd_counts *n, bool is_device)
{
	result_coverage(
	    rp, is_device ? "devices" : "people", (int64_t)n->subjects);
	result_coverage(rp, "events", (int64_t)n->events);
	result_coverage(rp, "undated", (int64_t)n->undated);
	result_coverage(rp, "seq_gaps", (int64_t)n->gaps);
	result_coverage(rp, "seq_missing", (int64_t)n->missing);
	result_coverage(rp, "ties", (int64_t)n->ties);
	if (n->no_code > 0)
		result_coverage(rp, "phone_no_code", (int64_t)n->no_code);
	if (n->masked > 0)
		result_coverage(rp, "phone_masked", (int64_t)n->masked);
}

/* The subjects of one file of a partition. */
static int
run_file(struct work *w, unsigned part, enum store_file file,
    struct timeline *tl, struct result_part *rp, uint64_t *flows,
    struct err *err)
{
	const char *moved = w->identity->dir, *dir = w->o->case_dir;
	struct crowd crowd = { 0 };
	struct crowd_counts n;
	int rc;

	/* Device-only events were all filed anew, if any. */
	if (file == STORE_DEVICE && moved != NULL)
		dir = moved;
	if (file != STORE_KNOWN)
		moved = NULL;
	crowd_open(&crowd, w->study, tl->names, rp);
	crowd.n_flows = *flows;
	rc = timeline_open(tl, dir, moved, part, file, err);
	if (rc == 0)
		rc = file != STORE_NOBODY ? crowd_run(&crowd, tl, err)
					  : crowd_run_nobody(&crowd, tl, err);
	n = crowd_counts(&crowd);
	if (rc == 0)
		cover(rp, &n, file == STORE_DEVICE);
	*flows = crowd.n_flows;
	(void)pthread_mutex_lock(&w->lock);
	w->events += n.events;
	w->subjects += n.subjects;
	w->decisions += n.decisions;
	w->unasked += n.unasked;
	(void)pthread_mutex_unlock(&w->lock);
	timeline_end(tl);
	crowd_close(&crowd);
	return rc;
}

static int
run_part(struct work *w, unsigned part, struct timeline *tl, struct err *err)
{
	struct names names = { 0 };
	struct result_part *rp = result_part_new(w->result, part, &names);
	uint64_t flows = 0;
	int rc;

	tl->study = w->study;
	tl->names = &names;
	if (part == 0) {
		result_coverage(rp, "moved", (int64_t)w->identity->moved);
		result_coverage(rp, "stayed", (int64_t)w->identity->stayed);
	}
	rc = run_file(w, part, STORE_KNOWN, tl, rp, &flows, err);
	if (rc == 0)
		rc = run_file(w, part, STORE_DEVICE, tl, rp, &flows, err);
	if (rc == 0)
		rc = run_file(w, part, STORE_NOBODY, tl, rp, &flows, err);
	/* Also after a failure: the result frees its parts. */
	if (result_part_done(rp, err) < 0)
		rc = -1;
	names_clear(&names);
	return rc;
}

static void *
worker(void *arg)
{
	struct work *w = arg;
	struct timeline tl = { 0 };
	struct err err = { 0 };
	unsigned part, done;

	while ((part = atomic_fetch_add(&w->next_part, 1)) < STORE_PARTS &&
	       !atomic_load(&w->failed)) {
		if (run_part(w, part, &tl, &err) < 0) {
			atomic_store(&w->failed, true);
			(void)pthread_mutex_lock(&w->lock);
			if (w->err.code == ERR_NONE)
				w->err = err;
			(void)pthread_mutex_unlock(&w->lock);
			break;
		}
		done = atomic_fetch_add(&w->n_done, 1) + 1;
		if (w->o->progress != NULL) {
			(void)pthread_mutex_lock(&w->lock);
			w->o->progress(w->o->progress_arg, "analyse", done,
			    STORE_PARTS, w->events);
			(void)pthread_mutex_unlock(&w->lock);
		}
	}
	timeline_close(&tl);
	return NULL;
}

static int
run_parts(struct work *w, struct err *err)
{
	(void)pthread_mutex_init(&w->lock, NULL);
	stage_work(w->o->n_threads, worker, w);
	(void)pthread_mutex_destroy(&w->lock);
	if (w->err.code == ERR_NONE)
		return 0;
	*err = w->err;
	return -1;
}

/* ---- the run as a whole ---- */

static int
run_all(struct casefile *c, struct work *w, struct analysis_result *out,
    struct err *err)
{
	int64_t run_id;
	int rc = -1;

	(void)casefile_begin(c);
	run_id = stage_begin(c, "analyse", w->o->options_text);
	if (casefile_error(c, err) < 0)
		goto out;
	w->result = result_new(c, w->o->case_dir, w->o->ini, err);
	if (w->result != NULL)
		result_study(w->result, w->study);
	if (w->result == NULL || run_parts(w, err) < 0 ||
	    result_finish(w->result, out->digest, err) < 0)
		goto out;
	stage_end(c, run_id, out->digest);
	out->findings =
	    (uint64_t)casefile_int(c, "SELECT count(*) FROM finding", 0);
	(void)casefile_commit(c);
	rc = casefile_error(c, err);
out:
	if (w->result != NULL)
		result_free(w->result);
	if (rc < 0)
		casefile_rollback(c);
	return rc;
}

int
analysis_run(const struct analysis_options *o, struct analysis_result *out,
    struct err *err)
{
	struct casefile c = { 0 };
	struct study study = { 0 };
	struct operators operators = { 0 };
	struct identity identity = { 0 };
	struct work w = { .o = o, .study = &study, .identity = &identity };
	int rc = -1;

	assert(o->n_threads >= 1);
	memset(out, 0, sizeof *out);
	if (casefile_open(&c, o->case_dir, CASEFILE_WRITE, err) < 0)
		return -1;
	if (stage_settle(&c, o->case_dir, err) < 0 ||
	    study_read_ini(&study, o->ini, err) < 0 ||
	    study_read_case(&study, &operators, &c, o->case_dir, err) < 0 ||
	    clock_find_prior(&study, o->case_dir, err) < 0 ||
	    operators_read(&operators, &study, o->case_dir, err) < 0 ||
	    identity_resolve(
		&identity, o->case_dir, o->n_threads, o->memory_bytes, err) < 0)
		goto out;
	study.has_strays = identity.stayed > 0;
	rc = run_all(&c, &w, out, err);
	out->events = w.events;
	out->subjects = w.subjects;
	out->decisions = w.decisions;
	out->unasked = w.unasked;
out:
	identity_clear(&identity);
	operators_clear(&operators);
	study_clear(&study);
	casefile_close(&c);
	return rc;
}
