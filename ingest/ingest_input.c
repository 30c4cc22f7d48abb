/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An input's bytes as members and pieces; the accounts of a member. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/ingest_int.h"

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

void
engine_reject(struct engine *g, struct member *m, const struct reject *r,
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
	engine_reject(g, m, &r, reason);
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

void
engine_drop(struct member *m)
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

/* Add to the buffer: how many bytes it got, 0 at the end, -1. */
static int64_t
fill(struct input *in, struct buf *bytes, size_t want, struct err *err)
{
	int64_t got, sum = 0;

	(void)buf_room(bytes, want + RECORD_PADDING_BYTES);
	while ((size_t)sum < want) {
		got = archive_read(
		    in->archive, bytes->p + bytes->n, want - (size_t)sum, err);
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		bytes->n += (size_t)got;
		sum += got;
	}
	in->member->bytes += (uint64_t)sum;
	return sum;
}

/* Who gives one mapping means it, and is told why it does not fit. */
static void
stranger_tell(struct engine *g, struct member *m, struct span head, bool whole)
{
	static const char unknown[] =
	    "unknown format: no mapping fits the first records";
	char reason[sizeof unknown + RECORD_WHY_BYTES + 4];
	struct record_told told;
	struct record_bid bid;

	if (g->maps->n_maps == 1) {
		record_bid_told(g->maps, head, whole, &bid, &told);
		(void)snprintf(
		    reason, sizeof reason, "%s (%s)", unknown, told.why);
	}
	engine_damage(g, m, 0, g->maps->n_maps == 1 ? reason : unknown);
}

static int
member_begin(
    struct input *in, const char *name, struct buf *bytes, struct err *err)
{
	struct engine *g = in->engine;
	struct member *m = engine_member(g, in, name);
	struct record_bid bid;
	size_t want = RECORD_BID_BYTES;
	bool whole;
	int64_t got;

	in->member = m;
	buf_reset(&in->carry);
	in->carry_at = 0;
	buf_reset(bytes);
	do {
		got = fill(in, bytes, want - bytes->n, err);
		if (got < 0)
			return -1;
		whole = bytes->n < want;
		record_bid(g->maps, buf_as_span(bytes), whole, &bid);
		want = record_bid_longer(&bid, want);
	} while (want > 0);
	m->map = bid.map;
	m->encoding = bid.encoding;
	if (m->bytes == 0) {
		engine_damage(g, m, 0, "empty: no records");
	} else if (bid.map == NULL) {
		stranger_tell(g, m, buf_as_span(bytes), whole);
	} else {
		m->cutter = record_cutter_new(bid.map, bid.encoding);
		(void)buf_add(&in->carry, bytes->p, bytes->n);
	}
	return 0;
}

static void
member_end(struct input *in)
{
	struct engine *g = in->engine;

	(void)pthread_mutex_lock(&g->lock);
	engine_drop(in->member);
	(void)pthread_mutex_unlock(&g->lock);
	in->member = NULL;
}

/* Bytes of a member that nobody understands: only counted. */
static int
member_skip(struct input *in, struct buf *bytes, struct err *err)
{
	int64_t got;

	do {
		buf_reset(bytes);
		got = fill(in, bytes, PIECE_BYTES, err);
	} while (got > 0);
	member_end(in);
	return got < 0 ? -1 : 0;
}

/* The next whole records of the member: 1 a piece, 0 its end, -1. */
static int
member_step(struct input *in, struct buf *bytes, struct record_piece *piece,
    struct err *err)
{
	struct member *m = in->member;
	size_t cut, want = PIECE_BYTES;
	int64_t got;

	buf_reset(bytes);
	(void)buf_room(bytes, in->carry.n + PIECE_BYTES + RECORD_PADDING_BYTES);
	(void)buf_add(bytes, in->carry.p, in->carry.n);
	for (;;) {
		got = fill(in, bytes, want, err);
		if (got < 0)
			return -1;
		cut = record_cut(m->cutter, buf_as_span(bytes),
		    (size_t)got < want, &piece->state);
		if (cut > 0 || (size_t)got < want)
			break;
		want *= 2; /* a long record */
	}
	assert(cut <= bytes->n);
	buf_reset(&in->carry);
	(void)buf_add(&in->carry, bytes->p + cut, bytes->n - cut);
	piece->bytes = (struct span){ bytes->p, cut };
	piece->offset = in->carry_at;
	piece->member = m->id;
	piece->encoding = m->encoding;
	piece->local = &in->engine->local;
	in->carry_at += cut;
	if (cut == 0) {
		assert(in->carry.n == 0);
		return 0;
	}
	return 1;
}

int
input_step(struct input *in, struct buf *bytes, struct record_piece *piece,
    struct err *err)
{
	const char *name;
	int got;

	if (in->archive == NULL && input_open(in, err) < 0)
		return -1;
	for (;;) {
		if (in->member == NULL) {
			got = archive_next(in->archive, &name, err);
			if (got < 0)
				return -1;
			if (got == 0)
				break;
			if (member_begin(in, name, bytes, err) < 0)
				return -1;
		}
		if (in->member->cutter == NULL) {
			if (member_skip(in, bytes, err) < 0)
				return -1;
			continue;
		}
		got = member_step(in, bytes, piece, err);
		if (got != 0)
			return got;
		member_end(in);
	}
	if (archive_sha256(in->archive, in->sha256, err) < 0)
		return -1;
	archive_close(in->archive);
	in->archive = NULL;
	buf_clear(&in->carry);
	return 0;
}
