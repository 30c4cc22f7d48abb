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
	struct record_parser *parser;
	struct volume volume;
	struct err err;
	/* the piece being parsed */
	struct member *member;
	uint32_t piece;
};

/* ---- members and rejects ---- */

struct member *
engine_member(struct engine *g, struct input *in, const char *name)
{
	struct member *m;

	(void)pthread_mutex_lock(&g->lock);
	m = arena_alloc(&g->arena, sizeof *m);
	m->id = g->next_member++;
	m->source = (uint32_t)(in - g->input);
	m->order = in->last != NULL ? in->last->order + 1 : 0;
	m->name = arena_str(&g->arena, span_of(name));
	m->tally.first_us = INT64_MAX;
	m->tally.last_us = INT64_MIN;
	m->holds = 1;
	if (in->last != NULL)
		in->last->next = m;
	else
		in->first = m;
	in->last = m;
	(void)pthread_mutex_unlock(&g->lock);
	return m;
}

static uint32_t
reason_number(struct engine *g, const char *reason)
{
	size_t i;

	/* There are few; the newest are the likeliest. */
	for (i = g->n_reasons; i-- > 0;)
		if (strcmp(g->reason[i], reason) == 0)
			return (uint32_t)i;
	if (g->n_reasons == g->reasons_room) {
		g->reasons_room = g->reasons_room * 2 + 16;
		g->reason =
		    realloc(g->reason, g->reasons_room * sizeof g->reason[0]);
		if (g->reason == NULL)
			err_no_memory(g->reasons_room);
	}
	g->reason[g->n_reasons] = arena_str(&g->arena, span_of(reason));
	return (uint32_t)g->n_reasons++;
}

/* With the lock held. */
static void
reject_add(struct engine *g, struct member *m, const struct reject *r,
    const char *reason)
{
	if (m->rejects_listed == REJECTS_LISTED) {
		m->rejects_more++;
		return;
	}
	m->rejects_listed++;
	if (g->n_rejects == g->rejects_room) {
		g->rejects_room = g->rejects_room * 2 + 64;
		g->reject =
		    realloc(g->reject, g->rejects_room * sizeof g->reject[0]);
		if (g->reject == NULL)
			err_no_memory(g->rejects_room);
	}
	g->reject[g->n_rejects] = *r;
	g->reject[g->n_rejects].member = m;
	g->reject[g->n_rejects++].reason = reason_number(g, reason);
}

void
engine_damage(
    struct engine *g, struct member *m, uint64_t offset, const char *reason)
{
	struct reject r = { .piece = UINT32_MAX, .offset = offset };

	(void)pthread_mutex_lock(&g->lock);
	reject_add(g, m, &r, reason);
	(void)pthread_mutex_unlock(&g->lock);
}

/* The decoder found damage; it may not belong to a member that was opened. */
static void
damage(void *arg, const char *name, uint64_t offset, const char *reason)
{
	struct input *in = arg;
	struct member *m = in->member;

	if (m == NULL || (name != NULL && strcmp(m->name, name) != 0)) {
		const char *slash = strrchr(in->file->path, '/');

		m = engine_member(in->engine, in,
		    name != NULL    ? name
		    : slash != NULL ? slash + 1
				    : in->file->path);
		m->holds = 0;
	}
	engine_damage(in->engine, m, offset, reason);
}

/* With the lock held: the last one lets the cutter go. */
static void
member_drop(struct member *m)
{
	assert(m->holds > 0);
	if (--m->holds == 0) {
		record_cutter_free(m->cutter);
		m->cutter = NULL;
	}
}

/* ---- decoding: one worker at a time an input ---- */

static int
input_open(struct input *in, struct err *err)
{
	in->archive = archive_open(in->file->path, NULL, damage, in, err);
	return in->archive == NULL ? -1 : 0;
}

/* Fill the worker's buffer; how many bytes it got, 0 at the end, -1. */
static int64_t
fill(struct worker *w, struct input *in, size_t want)
{
	int64_t got, sum = 0;

	(void)buf_room(&w->bytes, want + RECORD_PADDING_BYTES);
	while ((size_t)sum < want) {
		got = archive_read(in->archive, w->bytes.p + w->bytes.n,
		    want - (size_t)sum, &w->err);
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		w->bytes.n += (size_t)got;
		sum += got;
	}
	in->member->bytes += (uint64_t)sum;
	return sum;
}

static int
member_begin(struct worker *w, struct input *in, const char *name)
{
	struct engine *g = w->engine;
	struct member *m = engine_member(g, in, name);
	struct record_bid bid;
	int64_t got;

	in->member = m;
	buf_reset(&in->carry);
	in->carry_at = 0;
	buf_reset(&w->bytes);
	got = fill(w, in, RECORD_BID_BYTES);
	if (got < 0)
		return -1;
	record_bid(
	    g->maps, buf_as_span(&w->bytes), got < RECORD_BID_BYTES, &bid);
	m->map = bid.map;
	m->encoding = bid.encoding;
	if (m->bytes == 0) {
		engine_damage(g, m, 0, "empty: no records");
	} else if (bid.map == NULL) {
		engine_damage(g, m, 0,
		    "unknown format: no mapping fits the first records");
	} else {
		m->cutter = record_cutter_new(bid.map, bid.encoding);
		(void)buf_add(&in->carry, w->bytes.p, w->bytes.n);
	}
	return 0;
}

static void
member_end(struct engine *g, struct input *in)
{
	(void)pthread_mutex_lock(&g->lock);
	member_drop(in->member);
	(void)pthread_mutex_unlock(&g->lock);
	in->member = NULL;
}

/* Bytes of a member that nobody understands: only counted. */
static int
member_skip(struct worker *w, struct input *in)
{
	int64_t got;

	do {
		buf_reset(&w->bytes);
		got = fill(w, in, PIECE_BYTES);
	} while (got > 0);
	member_end(w->engine, in);
	return got < 0 ? -1 : 0;
}

/* The next whole records of the member: 1 a piece, 0 its end, -1. */
static int
member_step(struct worker *w, struct input *in, struct record_piece *piece)
{
	struct member *m = in->member;
	size_t cut, want = PIECE_BYTES;
	int64_t got;

	buf_reset(&w->bytes);
	(void)buf_room(
	    &w->bytes, in->carry.n + PIECE_BYTES + RECORD_PADDING_BYTES);
	(void)buf_add(&w->bytes, in->carry.p, in->carry.n);
	for (;;) {
		got = fill(w, in, want);
		if (got < 0)
			return -1;
		cut = record_cut(m->cutter, buf_as_span(&w->bytes),
		    (size_t)got < want, &piece->state);
		if (cut > 0 || (size_t)got < want)
			break;
		want *= 2; /* a long record */
	}
	assert(cut <= w->bytes.n);
	buf_reset(&in->carry);
	(void)buf_add(&in->carry, w->bytes.p + cut, w->bytes.n - cut);
	piece->bytes = (struct span){ w->bytes.p, cut };
	piece->offset = in->carry_at;
	piece->member = m->id;
	piece->encoding = m->encoding;
	in->carry_at += cut;
	if (cut == 0) {
		assert(in->carry.n == 0);
		return 0;
	}
	return 1;
}

/* To the next piece of the input: 1, 0 when the input is done, -1. */
static int
input_step(struct worker *w, struct input *in, struct record_piece *piece)
{
	const char *name;
	int got;

	if (in->archive == NULL && input_open(in, &w->err) < 0)
		return -1;
	for (;;) {
		if (in->member == NULL) {
			got = archive_next(in->archive, &name, &w->err);
			if (got < 0)
				return -1;
			if (got == 0)
				break;
			if (member_begin(w, in, name) < 0)
				return -1;
		}
		if (in->member->cutter == NULL) {
			if (member_skip(w, in) < 0)
				return -1;
			continue;
		}
		got = member_step(w, in, piece);
		in->done_bytes = archive_done_bytes(in->archive);
		if (got != 0)
			return got;
		member_end(w->engine, in);
	}
	if (archive_sha256(in->archive, in->sha256, &w->err) < 0)
		return -1;
	in->done_bytes = archive_done_bytes(in->archive);
	archive_close(in->archive);
	in->archive = NULL;
	buf_clear(&in->carry);
	return 0;
}

/* ---- parsing ---- */

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
	return store_spill_add(w->spill, e, &w->err);
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
	reject_add(g, w->member, &r, reason);
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
	struct record_sink sink = { w, take_event, take_reject };
	struct record_tally t = { .first_us = INT64_MAX, .last_us = INT64_MIN };
	struct member *m = w->member;
	struct engine *g = w->engine;
	int rc;

	rc = record_parse(w->parser, m->map, piece, g->zone_min, &sink, &t);
	(void)pthread_mutex_lock(&g->lock);
	tally_add(&m->tally, &t);
	m->piece_records[w->piece] = (uint32_t)t.records;
	g->records += t.records;
	member_drop(m);
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
 * An input to step, marked busy; NULL when there is nothing left to decode.
 * First the one in hand, then a new one, then one that others have in hand
 * but do not decode just now: no more are open than there are workers.
 */
static struct input *
input_take(struct worker *w)
{
	struct engine *g = w->engine;
	struct input *in = NULL;
	size_t i;

	(void)pthread_mutex_lock(&g->lock);
	while (g->err.code == ERR_NONE && g->n_done < g->n_inputs) {
		/* Those that need no decoding were done before the start. */
		while (
		    g->next_input < g->n_inputs && g->input[g->next_input].done)
			g->next_input++;
		if (w->input != NULL && !w->input->done && !w->input->busy)
			in = w->input;
		else if (g->next_input < g->n_inputs)
			in = &g->input[g->next_input++];
		for (i = 0; in == NULL && i < g->next_input; i++)
			if (!g->input[i].done && !g->input[i].busy)
				in = &g->input[i];
		if (in != NULL) {
			in->busy = true;
			break;
		}
		(void)pthread_cond_wait(&g->changed, &g->lock);
	}
	(void)pthread_mutex_unlock(&g->lock);
	w->input = in;
	return in;
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

static void *
worker_thread(void *arg)
{
	struct worker *w = arg;
	struct engine *g = w->engine;
	struct record_piece piece;
	struct input *in;
	int got;

	while ((in = input_take(w)) != NULL) {
		got = input_step(w, in, &piece);
		(void)pthread_mutex_lock(&g->lock);
		if (got > 0)
			piece_number(w, in->member);
		in->busy = false;
		in->done = got <= 0;
		g->n_done += in->done ? 1 : 0;
		(void)pthread_cond_broadcast(&g->changed);
		(void)pthread_mutex_unlock(&g->lock);
		if (got < 0 || (got > 0 && parse(w, &piece) < 0)) {
			if (got < 0)
				(void)err_prefix(&w->err, "%s", in->file->path);
			fail(w);
			break;
		}
		tell_progress(w);
	}
	if (store_spill_finish(w->spill, &w->err) < 0)
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
	for (i = 0; i < n; i++) {
		w[i].engine = g;
		w[i].number = i;
		w[i].spill = store_spill_new(g->store, g->spill_bytes);
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
	free(g->input);
	free(g->reject);
	free(g->reason);
	volume_clear(&g->volume);
	arena_clear(&g->arena);
	(void)pthread_mutex_destroy(&g->lock);
	(void)pthread_cond_destroy(&g->changed);
}
