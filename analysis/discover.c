/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: as in analysis.c, threads take partitions one after the
 * other; a partition's book is added to the case's when those before it have
 * been, whichever was done first.  Then one judgement over all.
 */
#include "analysis/discover.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "analysis/discover_see.h"
#include "analysis/identity.h"
#include "analysis/stage.h"

#define BIT(f) ((uint64_t)1 << (f))

/* Texts that the analysis reads and discovery does not. */
#define LEFT_OUT                                                      \
	(BIT(EV_ACTION) | BIT(EV_APP_VERSION) | BIT(EV_ENTRY) |       \
	    BIT(EV_LEGAL_BASIS) | BIT(EV_CATEGORY) | BIT(EV_REGION) | \
	    BIT(EV_DESIGN) | BIT(EV_VARIANT) | BIT(EV_COLOR) |        \
	    BIT(EV_BACKGROUND) | BIT(EV_DESTINATION) | BIT(EV_LANG) | \
	    BIT(EV_DATUM) | BIT(EV_RECIPIENT) | BIT(EV_OPERATOR))

struct work {
	const struct discover_options *o;
	const struct study *study;
	const struct identity *identity;
	int64_t span_us[2];
	atomic_uint next_part;
	atomic_bool failed;
	pthread_mutex_t lock; /* of what follows */
	struct err err;
	struct discover_book *part[STORE_PARTS]; /* done, not yet added */
	unsigned n_added;
	struct discover_book book;
};

static int
run_file(struct work *w, unsigned part, enum store_file file,
    struct timeline *tl, struct discover_book *book, struct err *err)
{
	const char *moved = w->identity->dir, *dir = w->o->case_dir;
	struct seer *s = malloc(sizeof *s);
	int rc;

	if (s == NULL)
		err_no_memory(sizeof *s);
	/* Device-only events were all filed anew, if any. */
	if (file == STORE_DEVICE && moved != NULL)
		dir = moved;
	if (file != STORE_KNOWN)
		moved = NULL;
	seer_open(s, w->study, tl->names, book, w->span_us);
	rc = timeline_open(tl, dir, moved, part, file, err);
	if (rc == 0)
		rc = seer_run(s, tl, err);
	timeline_end(tl);
	seer_close(s);
	free(s);
	return rc;
}

/* Add those whose turn it is. */
static void
hand_over(struct work *w, unsigned part, struct discover_book *book)
{
	(void)pthread_mutex_lock(&w->lock);
	w->part[part] = book;
	while (w->n_added < STORE_PARTS && w->part[w->n_added] != NULL) {
		book = w->part[w->n_added];
		discover_book_add(&w->book, book);
		discover_book_clear(book);
		free(book);
		w->part[w->n_added++] = NULL;
	}
	if (w->o->progress != NULL)
		w->o->progress(
		    w->o->progress_arg, "discover", w->n_added, STORE_PARTS, 0);
	(void)pthread_mutex_unlock(&w->lock);
}

static int
run_part(struct work *w, unsigned part, struct timeline *tl, struct err *err)
{
	struct discover_book *book = malloc(sizeof *book);
	struct names names = { 0 };
	int rc;

	if (book == NULL)
		err_no_memory(sizeof *book);
	discover_book_init(book, true);
	tl->study = w->study;
	tl->names = &names;
	tl->leave_out = LEFT_OUT;
	rc = run_file(w, part, STORE_KNOWN, tl, book, err);
	if (rc == 0)
		rc = run_file(w, part, STORE_DEVICE, tl, book, err);
	names_clear(&names);
	hand_over(w, part, book);
	return rc;
}

static void *
worker(void *arg)
{
	struct work *w = arg;
	struct timeline tl = { 0 };
	struct err err = { 0 };
	unsigned part;

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
	}
	timeline_close(&tl);
	return NULL;
}

static int
run_parts(struct work *w, struct err *err)
{
	unsigned i;

	(void)pthread_mutex_init(&w->lock, NULL);
	stage_work(w->o->n_threads, worker, w);
	(void)pthread_mutex_destroy(&w->lock);
	for (i = 0; i < STORE_PARTS; i++) /* after a failure */
		if (w->part[i] != NULL) {
			discover_book_clear(w->part[i]);
			free(w->part[i]);
		}
	if (w->err.code == ERR_NONE)
		return 0;
	*err = w->err;
	return -1;
}

/* ---- the run as a whole ---- */

static int
write_all(struct casefile *c, struct work *w, struct err *err)
{
	struct discover_row *row = calloc(DISCOVER_ROWS, sizeof *row);
	int64_t run_id;
	size_t n;

	if (row == NULL)
		err_no_memory(DISCOVER_ROWS * sizeof *row);
	n = discover_judge(&w->book, w->study, row);
	(void)casefile_begin(c);
	run_id = stage_begin(c, "discover", w->o->options_text);
	discover_write(c, &w->book, row, n);
	stage_end(c, run_id, NULL);
	(void)casefile_commit(c);
	free(row);
	if (casefile_error(c, err) == 0)
		return 0;
	casefile_rollback(c);
	return -1;
}

static void
read_span(struct casefile *c, int64_t span_us[2])
{
	span_us[0] =
	    casefile_int(c, "SELECT min(first_us) FROM member", INT64_MIN);
	span_us[1] =
	    casefile_int(c, "SELECT max(last_us) FROM member", INT64_MAX);
}

int
discover_run(const struct discover_options *o, struct err *err)
{
	struct casefile c = { 0 };
	struct study study = { 0 };
	struct identity identity = { 0 };
	struct work w = { .o = o, .study = &study, .identity = &identity };
	int rc = -1;

	assert(o->n_threads >= 1);
	if (casefile_open(&c, o->case_dir, CASEFILE_WRITE, err) < 0)
		return -1;
	discover_book_init(&w.book, false);
	read_span(&c, w.span_us);
	if (casefile_error(&c, err) == 0 &&
	    stage_settle(&c, o->case_dir, err) == 0 &&
	    study_read_ini(&study, o->ini, err) == 0 &&
	    identity_resolve(&identity, o->case_dir, o->n_threads,
		o->memory_bytes, err) == 0 &&
	    run_parts(&w, err) == 0)
		rc = write_all(&c, &w, err);
	discover_book_clear(&w.book);
	identity_clear(&identity);
	study_clear(&study);
	casefile_close(&c);
	return rc;
}
