/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The workers; ingest_int.h tells how they share the work. */
#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "ingest/ingest_int.h"

struct worker {
	struct engine *engine;
	size_t number;
	struct input *input; /* the one it prefers */
	struct buf bytes;    /* the piece in hand */
	struct store_spill *spill;
	struct dedup_keys keys;
	struct record_parser *parser;
	struct volume volume;
	struct err err;
	/* the piece being parsed */
	struct member *member;
	uint32_t piece;
};

/* Is it of an operator that case.ini asks for? */
static bool
is_wanted(const struct engine *g, const struct event *e)
{
	struct span o = event_has_str(e, EV_OPERATOR) ? e->str[EV_OPERATOR]
						      : g->no_operator_is;
	size_t i;

	for (i = 0; i < g->n_operators; i++)
		if (span_eq(g->operators[i], o))
			return true;
	return o.n == 0 || g->n_operators == 0;
}

static int
take_event(void *arg, const struct event *e)
{
	struct worker *w = arg;
	const struct engine *g = w->engine;

	if (event_has_num(e, EV_TIME) &&
	    (e->num[EV_TIME] < g->from_us || e->num[EV_TIME] > g->to_us))
		return RECORD_FILTERED;
	if (g->n_operators > 0 && !is_wanted(g, e))
		return RECORD_FILTERED;
	volume_add(&w->volume, e, 1);
	if (map_has_dedup(w->member->map))
		dedup_event(&w->keys, e);
	return store_spill_add(w->spill, e, &w->err);
}

static int
take_key(void *arg, const struct place *at, struct span key)
{
	struct worker *w = arg;

	return dedup_record(&w->keys, at, key, &w->err);
}

static void
take_reject(void *arg, uint64_t record, uint64_t offset, uint64_t bytes,
    const char *reason)
{
	struct worker *w = arg;
	struct engine *g = w->engine;
	struct reject r = { .piece = w->piece,
		.record = record,
		.offset = offset,
		.bytes = bytes };

	(void)pthread_mutex_lock(&g->lock);
	engine_reject(g, w->member, &r, reason);
	(void)pthread_mutex_unlock(&g->lock);
}

static void
tally_add(struct record_tally *to, const struct record_tally *t)
{
	to->records += t->records;
	to->mapped += t->mapped;
	to->rejected += t->rejected;
	to->filtered += t->filtered;
	to->events += t->events;
	to->fields_absent += t->fields_absent;
	if (t->first_us < to->first_us)
		to->first_us = t->first_us;
	if (t->last_us > to->last_us)
		to->last_us = t->last_us;
}

static int
parse(struct worker *w, const struct record_piece *piece)
{
	struct record_sink sink = { w, take_event, take_reject, take_key };
	struct record_tally t = { .first_us = INT64_MAX, .last_us = INT64_MIN };
	struct member *m = w->member;
	struct engine *g = w->engine;
	int rc;

	rc = record_parse(w->parser, m->map, piece, &sink, &t);
	record_state_done(piece->state);
	(void)pthread_mutex_lock(&g->lock);
	tally_add(&m->tally, &t);
	m->piece_records[w->piece] = (uint32_t)t.records;
	g->records += t.records;
	engine_drop(m);
	(void)pthread_mutex_unlock(&g->lock);
	return rc;
}

/* ---- workers ---- */

/* With the lock held: a number for the piece, and a hold on its member. */
static void
piece_number(struct worker *w, struct member *m)
{
	w->member = m;
	w->piece = m->n_pieces++;
	m->holds++;
	if (m->n_pieces > m->pieces_room) {
		m->pieces_room = m->pieces_room * 2 + 8;
		m->piece_records = realloc(m->piece_records,
		    m->pieces_room * sizeof m->piece_records[0]);
		if (m->piece_records == NULL)
			err_no_memory(m->pieces_room);
	}
	m->piece_records[w->piece] = 0;
}

/*
 * With the lock held: an input that may be stepped, or NULL.  First the one in
 * hand, then a new one, then one that others have in hand but do not decode
 * just now: no more are open than there are workers.
 */
static struct input *
input_free(const struct worker *w)
{
	struct engine *g = w->engine;
	size_t i;

	if (w->input != NULL && !w->input->done && !w->input->busy)
		return w->input;
	/* Those that need no decoding were done before the start. */
	while (g->next_input < g->n_inputs && g->input[g->next_input].done)
		g->next_input++;
	if (g->next_input < g->n_inputs)
		return &g->input[g->next_input++];
	for (i = 0; i < g->next_input; i++)
		if (!g->input[i].done && !g->input[i].busy)
			return &g->input[i];
	return NULL;
}

/*
 * With the lock held: swap the piece in hand for the room of another; false
 * where the stock is full, or the piece so long that all of them would take
 * too much memory.
 */
static bool
stock_put(struct worker *w, const struct record_piece *piece)
{
	struct engine *g = w->engine;
	struct stocked *s = &g->stock[g->n_stock];
	struct buf room;

	if (g->n_stock == g->stock_room || w->bytes.room > STOCK_PIECE_BYTES)
		return false;
	g->n_stock++;
	room = s->bytes;
	s->bytes = w->bytes;
	s->piece = *piece;
	s->member = w->member;
	s->number = w->piece;
	w->bytes = room;
	return true;
}

/* With the lock held: take the newest, which lies in the caches. */
static void
stock_take(struct worker *w, struct record_piece *piece)
{
	struct engine *g = w->engine;
	struct stocked *s = &g->stock[--g->n_stock];
	struct buf room;

	if (w->bytes.room > STOCK_PIECE_BYTES)
		buf_clear(&w->bytes);
	room = w->bytes;
	w->bytes = s->bytes;
	*piece = s->piece;
	w->member = s->member;
	w->piece = s->number;
	s->bytes = room;
}

enum work { WORK_NONE, WORK_STEP, WORK_PARSE };

/*
 * What to do next: step an input, w->input, marked busy, until there is a
 * stock of pieces; else parse a piece.
 */
static enum work
work_take(struct worker *w, struct record_piece *piece)
{
	struct engine *g = w->engine;
	enum work work = WORK_NONE;
	struct input *in;

	(void)pthread_mutex_lock(&g->lock);
	while (g->err.code == ERR_NONE) {
		in = g->n_stock < g->stock_room ? input_free(w) : NULL;
		if (in != NULL) {
			in->busy = true;
			w->input = in;
			work = WORK_STEP;
			break;
		}
		if (g->n_stock > 0) {
			stock_take(w, piece);
			work = WORK_PARSE;
			break;
		}
		if (g->n_done == g->n_inputs)
			break;
		(void)pthread_cond_wait(&g->changed, &g->lock);
	}
	(void)pthread_mutex_unlock(&g->lock);
	return work;
}

static void
tell_progress(struct worker *w)
{
	struct engine *g = w->engine;
	const struct ingest_options *o = g->o;
	struct timespec ts;
	uint64_t done = 0;
	int64_t now;
	size_t i;

	if (o->progress == NULL)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
	(void)pthread_mutex_lock(&g->lock);
	if (now - g->told_us > 200000) {
		g->told_us = now;
		for (i = 0; i < g->next_input; i++)
			done += g->input[i].done_bytes;
		o->progress(o->progress_arg, "ingest", done, g->total_bytes,
		    g->records);
	}
	(void)pthread_mutex_unlock(&g->lock);
}

static void
fail(struct worker *w)
{
	struct engine *g = w->engine;

	assert(w->err.code != ERR_NONE);
	(void)pthread_mutex_lock(&g->lock);
	if (g->err.code == ERR_NONE)
		g->err = w->err;
	(void)pthread_cond_broadcast(&g->changed);
	(void)pthread_mutex_unlock(&g->lock);
}

/* Step the input in hand: 1 a piece to parse, 0 none, -1. */
static int
step(struct worker *w, struct record_piece *piece)
{
	struct engine *g = w->engine;
	struct input *in = w->input;
	int got = input_step(in, &w->bytes, piece, &w->err);

	if (got < 0)
		(void)err_prefix(&w->err, "%s", in->file->path);
	(void)pthread_mutex_lock(&g->lock);
	in->busy = false;
	in->done = got <= 0;
	/* For the progress, which others tell. */
	in->done_bytes = in->archive != NULL ? archive_done_bytes(in->archive)
					     : in->file->bytes;
	g->n_done += in->done ? 1 : 0;
	if (got > 0) {
		piece_number(w, in->member);
		/* Where each worker has an input there is nothing to share. */
		if (g->n_inputs - g->n_done < g->o->n_threads &&
		    stock_put(w, piece))
			got = 0;
	}
	(void)pthread_cond_broadcast(&g->changed);
	(void)pthread_mutex_unlock(&g->lock);
	return got;
}

static void *
worker_thread(void *arg)
{
	struct worker *w = arg;
	struct record_piece piece;
	enum work work;
	int got = 0;

	while (got >= 0 && (work = work_take(w, &piece)) != WORK_NONE) {
		got = work == WORK_STEP ? step(w, &piece) : 1;
		if (got > 0)
			got = parse(w, &piece);
		tell_progress(w);
	}
	if (got < 0)
		fail(w);
	if (store_spill_finish(w->spill, &w->err) < 0 ||
	    dedup_keys_finish(&w->keys, &w->err) < 0)
		fail(w);
	w->spill = NULL;
	return NULL;
}

/* Files that need no decoding: in the case already, or not readable. */
static void
inputs_prepare(struct engine *g)
{
	struct input *in;
	struct member *m;
	const char *slash;
	size_t i;

	for (i = 0; i < g->n_inputs; i++) {
		in = &g->input[i];
		in->engine = g;
		g->total_bytes += in->skip ? 0 : in->file->bytes;
		if (!in->skip && in->file->reason == NULL)
			continue;
		in->done = true;
		g->n_done++;
		if (in->skip)
			continue;
		slash = strrchr(in->file->path, '/');
		m = engine_member(
		    g, in, slash != NULL ? slash + 1 : in->file->path);
		engine_damage(g, m, 0, in->file->reason);
	}
}

int
engine_run(struct engine *g, struct err *err)
{
	size_t n = g->o->n_threads < 64 ? g->o->n_threads : 64, i, started;
	struct worker *w = calloc(n, sizeof *w);
	pthread_t thread[64];

	if (w == NULL)
		err_no_memory(n);
	inputs_prepare(g);
	g->stock_room = STOCK_PIECES * n;
	g->stock = calloc(g->stock_room, sizeof g->stock[0]);
	if (g->stock == NULL)
		err_no_memory(g->stock_room);
	for (i = 0; i < n; i++) {
		w[i].engine = g;
		w[i].number = i;
		w[i].spill = store_spill_new(g->store, g->spill_bytes);
		w[i].keys.dedup = &g->dedup;
		w[i].parser = record_parser_new();
	}
	for (started = 1; started < n; started++)
		if (pthread_create(&thread[started], NULL, worker_thread,
			&w[started]) != 0)
			break;
	(void)worker_thread(&w[0]);
	for (i = 1; i < started; i++)
		(void)pthread_join(thread[i], NULL);
	for (i = 0; i < n; i++) {
		if (w[i].spill != NULL) /* its thread did not start */
			(void)store_spill_finish(w[i].spill, &w[i].err);
		volume_merge(&g->volume, &w[i].volume);
		volume_clear(&w[i].volume);
		record_parser_free(w[i].parser);
		buf_clear(&w[i].bytes);
	}
	free(w);
	if (g->err.code != ERR_NONE)
		*err = g->err;
	return g->err.code == ERR_NONE ? 0 : -1;
}

void
engine_clear(struct engine *g)
{
	struct member *m;
	size_t i;

	for (i = 0; i < g->n_inputs; i++) {
		for (m = g->input[i].first; m != NULL; m = m->next) {
			record_cutter_free(m->cutter);
			free(m->piece_records);
		}
		archive_close(g->input[i].archive);
		buf_clear(&g->input[i].carry);
	}
	for (i = 0; i < g->stock_room; i++)
		buf_clear(&g->stock[i].bytes);
	free(g->stock);
	free(g->input);
	free(g->reject);
	free(g->reason);
	volume_clear(&g->volume);
	arena_clear(&g->arena);
	(void)pthread_mutex_destroy(&g->lock);
	(void)pthread_cond_destroy(&g->changed);
}
