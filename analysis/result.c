/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The life of a result and its writer: a thread that takes the parts in
 * order of partition while others are still being analysed.  case.db is the
 * writer's from result_new() to result_finish().
 */
#include "analysis/result_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/facts.h"
#include "analysis/study.h"
#include "ingest/base/utc.h"

static const char results_sql[] =
    "DELETE FROM name; DELETE FROM subject; DELETE FROM design;"
    "DELETE FROM decision_row; DELETE FROM decision_form; DELETE FROM rate; DELETE FROM detector;"
    "DELETE FROM finding; DELETE FROM measure; DELETE FROM affected_row;"
    "DELETE FROM legal; DELETE FROM comparison; DELETE FROM edge;"
    "DELETE FROM path; DELETE FROM route; DELETE FROM processing;"
    "DELETE FROM tainted; DELETE FROM tainted_recipient;"
    "DELETE FROM network; DELETE FROM operator; DELETE FROM shared;"
    "DELETE FROM cutover; DELETE FROM coverage; DELETE FROM lineage;"
    "DELETE FROM clock";

/* The clock of the case: case.ini, else what the first ingest wrote. */
static void
find_zone(struct result *r, const struct caseini *ini)
{
	sqlite3_stmt *st;
	const char *text = NULL;

	if (ini != NULL) {
		text = caseini_get(ini, "home", "", "zone");
		if (text == NULL)
			text = caseini_get(ini, "ingest", "", "zone");
	}
	if (text != NULL && study_zone(text, &r->zone_min) == 0)
		return;
	/* 'zone' is what an earlier analysis said, with its own case.ini. */
	st = casefile_prepare(
	    r->c, "SELECT value FROM case_info WHERE key = 'ingest.zone'");
	if (st != NULL && casefile_step(r->c, st) > 0)
		(void)study_zone(
		    (const char *)sqlite3_column_text(st, 0), &r->zone_min);
	casefile_finalize(st);
}

/* ---- writer -------------------------------------------------------------- */

static void
fail(struct result *r, const struct err *err)
{
	(void)pthread_mutex_lock(&r->lock);
	(void)err_set(&r->err, err->code, "%s", err->msg);
	(void)pthread_cond_broadcast(&r->changed);
	(void)pthread_mutex_unlock(&r->lock);
}

/* The part that is next, or NULL when all is done.  Parts that were never
 * made are passed over at the end. */
static struct result_part *
wait_for_part(struct result *r)
{
	struct result_part *rp = NULL;

	(void)pthread_mutex_lock(&r->lock);
	for (;;) {
		if (r->err.code != ERR_NONE)
			break;
		if (r->next < r->n_slots && r->waiting[r->next] != NULL) {
			rp = r->waiting[r->next];
			r->waiting[r->next++] = NULL;
			r->n_waiting--;
			(void)pthread_cond_broadcast(&r->changed);
			break;
		}
		if (!r->finishing) {
			(void)pthread_cond_wait(&r->changed, &r->lock);
			continue;
		}
		if (r->next >= r->n_slots)
			break;
		r->next++;
	}
	(void)pthread_mutex_unlock(&r->lock);
	return rp;
}

static int
part_error(struct result_part *rp, struct err *err)
{
	if (rowlog_error(&rp->decisions, err) < 0 ||
	    rowlog_error(&rp->form_keys, err) < 0 ||
	    rowlog_error(&rp->affected, err) < 0 ||
	    rowlog_error(&rp->exposures, err) < 0 ||
	    rowlog_error(&rp->nonusers, err) < 0 ||
	    rowlog_error(&rp->data, err) < 0 ||
	    rowlog_error(&rp->shares, err) < 0 ||
	    rowlog_error(&rp->linked, err) < 0 ||
	    rowlog_error(&rp->hash_decision, err) < 0 ||
	    rowlog_error(&rp->hash_affected, err) < 0)
		return -1;
	return 0;
}

static void *
writer_main(void *arg)
{
	struct result *r = arg;
	struct result_part *rp;
	struct err err;

	while ((rp = wait_for_part(r)) != NULL) {
		memset(&err, 0, sizeof err);
		result_take(r, rp);
		/* Logs fail when they are read back, too. */
		if (casefile_error(r->c, &err) < 0 || part_error(rp, &err) < 0)
			fail(r, &err);
		part_free(rp);
	}
	return NULL;
}

/* ---- life ---------------------------------------------------------------- */

static void
log_init(struct result *r, struct rowlog *l)
{
	rowlog_init(l, r->case_dir, RESULT_ROWS_BYTES);
	l->budget = &r->budget;
}

static void
logs_init(struct result *r)
{
	int i;

	r->budget.limit = RESULT_BUDGET_BYTES;
	for (i = 0; i < DIGEST__MAX; i++)
		log_init(r, &r->hash[i]);
	log_init(r, &r->exposures);
	log_init(r, &r->affected);
	log_init(r, &r->nonusers);
	lineage_sort_init(&r->data, r->case_dir, RESULT_RUN_BYTES);
	tally_init(&r->shared, 2, 1, RESULT_SHARED);
	log_init(r, &r->linked);
}

struct result *
result_new(struct casefile *c, const char *case_dir, const struct caseini *ini,
    struct err *err)
{
	struct result *r = calloc(1, sizeof *r);
	size_t n = strlen(case_dir) + 1;
	char *dir = malloc(n);

	if (r == NULL || dir == NULL)
		err_no_memory(sizeof *r);
	r->c = c;
	r->case_dir = memcpy(dir, case_dir, n);
	logs_init(r);
	tallies_init(r->tally, false);
	tally_init(
	    &r->forms, FORM__WORDS, sizeof(struct form_value), RESULT_FORMS);
	tally_init(&r->design_values, 4, sizeof(uint64_t), RESULT_TALLIES);
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_cond_init(&r->changed, NULL);
	find_zone(r, ini);
	if (legal_load(&r->legal, ini, err) < 0) {
		result_free(r);
		return NULL;
	}
	unlogged_load(r);
	facts_write(r->c, ini, &r->legal, r->zone_min);
	(void)casefile_exec(c, results_sql);
	(void)feed_open(&r->subject_feed, c, "subject", &subject_source, r);
	(void)feed_open(
	    &r->decision_feed, c, "decision_row", &decision_source, r);
	r->form_insert =
	    casefile_prepare(c, "INSERT INTO decision_form"
				" VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
	if (casefile_error(c, err) < 0) {
		result_free(r);
		return NULL;
	}
	if (pthread_create(&r->writer, NULL, writer_main, r) != 0) {
		(void)err_set(err, ERR_FAILED, "cannot start a thread");
		result_free(r);
		return NULL;
	}
	r->has_writer = true;
	return r;
}

void
result_study(struct result *r, const struct study *study)
{
	r->study = study;
}

/* The texts are the caller's only until result_part_done() returns. */
static void
own_names(struct result_part *rp)
{
	uint32_t i, code;

	for (i = 1; i <= rp->names->n; i++) {
		code = names_code(&rp->own_names, rp->names->text[i]);
		assert(code == i);
	}
	rp->names = &rp->own_names;
}

static void
add_waiting(struct result *r, struct result_part *rp)
{
	unsigned n;

	if (rp->number >= r->n_slots) {
		n = rp->number + 64;
		r->waiting = realloc(r->waiting, n * sizeof *r->waiting);
		if (r->waiting == NULL)
			err_no_memory(n * sizeof *r->waiting);
		memset(r->waiting + r->n_slots, 0,
		    (n - r->n_slots) * sizeof *r->waiting);
		r->n_slots = n;
	}
	/* Once each, and not after the writer has passed it. */
	assert(rp->number >= r->next && r->waiting[rp->number] == NULL);
	r->waiting[rp->number] = rp;
	r->n_waiting++;
	(void)pthread_cond_broadcast(&r->changed);
}

int
result_part_done(struct result_part *rp, struct err *err)
{
	struct result *r = rp->r;
	int rc = 0;

	part_end_findings(rp);
	part_end_person(rp);
	part_end_forms(rp);
	own_names(rp);
	if (part_error(rp, err) < 0) {
		fail(r, err);
		part_free(rp);
		return -1;
	}
	(void)pthread_mutex_lock(&r->lock);
	/* Many wait because the writer is slow, not for want of a part: then
	 * slow down with it.  The writer never waits for this thread. */
	while (r->err.code == ERR_NONE &&
	       r->n_waiting >= RESULT_WAITING_PARTS && r->next < r->n_slots &&
	       r->waiting[r->next] != NULL)
		(void)pthread_cond_wait(&r->changed, &r->lock);
	if (r->err.code != ERR_NONE) {
		rc = err_set(err, r->err.code, "%s", r->err.msg);
		(void)pthread_mutex_unlock(&r->lock);
		part_free(rp);
		return rc;
	}
	add_waiting(r, rp);
	(void)pthread_mutex_unlock(&r->lock);
	return 0;
}

static void
stop_writer(struct result *r)
{
	if (!r->has_writer)
		return;
	(void)pthread_mutex_lock(&r->lock);
	r->finishing = true;
	(void)pthread_cond_broadcast(&r->changed);
	(void)pthread_mutex_unlock(&r->lock);
	(void)pthread_join(r->writer, NULL);
	r->has_writer = false;
}

static int
log_errors(const struct result *r, struct err *err)
{
	int i;

	for (i = 0; i < DIGEST__MAX; i++)
		if (rowlog_error(&r->hash[i], err) < 0)
			return -1;
	if (rowlog_error(&r->exposures, err) < 0 ||
	    rowlog_error(&r->affected, err) < 0 ||
	    rowlog_error(&r->nonusers, err) < 0 ||
	    rowlog_error(&r->linked, err) < 0)
		return -1;
	return 0;
}

/* The digests of the two large tables, while the tables are written. */
struct summing {
	struct result *r;
	struct digest_sum *sum;
	struct err err;
	pthread_t thread;
};

static void *
sum_large_tables(void *arg)
{
	struct summing *s = arg;

	if (digest_sum_table(&s->r->hash[DIGEST_DECISION],
		&s->sum[DIGEST_DECISION], &s->err) == 0)
		(void)digest_sum_table(&s->r->hash[DIGEST_AFFECTED],
		    &s->sum[DIGEST_AFFECTED], &s->err);
	return NULL;
}

static void
write_tables(struct result *r)
{
	write_names(r);
	write_designs(r);
	write_detectors(r);
	write_findings(r);
	write_measures(r);
	write_legal(r);
	write_affected(r);
	write_rates(r);
	write_comparisons(r);
	write_cutovers(r);
	write_edges(r);
	write_paths(r);
	write_routes(r);
	write_processing(r);
	write_tainted(r);
	write_lineage(r);
	write_coverage(r);
	write_clocks(r);
}

static int
sum_small_tables(struct result *r, struct digest_sum *sum, struct err *err)
{
	int t;

	for (t = 0; t < DIGEST__MAX; t++) {
		if (t == DIGEST_DECISION || t == DIGEST_AFFECTED)
			continue;
		if (digest_table_rows(r->c, t, &r->hash[t]) < 0)
			return casefile_error(r->c, err);
		if (digest_sum_table(&r->hash[t], &sum[t], err) < 0)
			return -1;
	}
	return 0;
}

int
result_finish(struct result *r, char digest[65], struct err *err)
{
	struct digest_sum sum[DIGEST__MAX];
	struct summing s = { .r = r, .sum = sum };
	bool has_thread;
	int rc;

	stop_writer(r);
	if (r->err.code != ERR_NONE)
		return err_set(err, r->err.code, "%s", r->err.msg);
	if (join_lineage(r, err) < 0 || merge_nonusers(r, err) < 0 ||
	    write_network(r, err) < 0)
		return -1;
	has_thread = pthread_create(&s.thread, NULL, sum_large_tables, &s) == 0;
	write_tables(r);
	if (has_thread)
		(void)pthread_join(s.thread, NULL);
	else
		(void)sum_large_tables(&s);
	rc = casefile_error(r->c, err);
	if (rc == 0 && s.err.code != ERR_NONE)
		rc = err_set(err, s.err.code, "%s", s.err.msg);
	if (rc == 0)
		rc = log_errors(r, err);
	if (rc == 0)
		rc = sum_small_tables(r, sum, err);
	if (rc == 0)
		digest_combine(sum, digest);
	return rc;
}

void
result_free(struct result *r)
{
	struct err stopped = { ERR_FAILED, "stopped" };
	unsigned i;
	int k;

	if (r == NULL)
		return;
	if (r->has_writer) {
		fail(r, &stopped);
		stop_writer(r);
	}
	for (i = 0; i < r->n_slots; i++)
		if (r->waiting[i] != NULL)
			part_free(r->waiting[i]);
	free(r->waiting);
	feed_close(&r->subject_feed, r->c);
	feed_close(&r->decision_feed, r->c);
	casefile_finalize(r->form_insert);
	for (k = 0; k < DIGEST__MAX; k++)
		rowlog_clear(&r->hash[k]);
	rowlog_clear(&r->exposures);
	rowlog_clear(&r->affected);
	rowlog_clear(&r->nonusers);
	lineage_clear(r);
	rowlog_clear(&r->linked);
	tallies_clear(r->tally);
	clocks_clear(r->clock);
	tally_clear(&r->design_values);
	tally_clear(&r->forms);
	names_clear(&r->names);
	names_clear(&r->steps);
	names_clear(&r->coverage);
	digest_row_clear(&r->row);
	legal_clear(&r->legal);
	unlogged_clear(r);
	free(r->used);
	free(r->finding_order);
	free(r->finding_id);
	(void)pthread_mutex_destroy(&r->lock);
	(void)pthread_cond_destroy(&r->changed);
	free((char *)r->case_dir);
	free(r);
}
