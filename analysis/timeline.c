/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: a source is a sorted run of blocks; two of them (events
 * filed under their actor, events moved to theirs) are merged subject by
 * subject.  A window's blocks hang in `live` and go to `spare` when the next
 * window begins, so a block's memory is used again.
 */
#include "analysis/timeline.h"

#include <assert.h>
#include <stdlib.h>

#include "analysis/operators.h"

struct timeline_source {
	struct store_reader *reader; /* or */
	const struct event *event;   /* [n_events] in a test */
	size_t n_events, at_event;
	struct coded *cur; /* NULL: at the end */
	uint32_t at;	   /* next row of cur */
	uint32_t n_blocks;
	enum store_file file;
};

enum { TEST_BLOCK_EVENTS = 7 };

/* ---- blocks ---- */

static int
next_block(struct timeline_source *s, struct store_block *b, struct err *err)
{
	size_t n;

	if (s->reader != NULL)
		return store_next(s->reader, b, err);
	n = s->n_events - s->at_event;
	if (n == 0)
		return 0;
	if (s->n_events > 1000 * TEST_BLOCK_EVENTS) {
		if (n > 1000 * TEST_BLOCK_EVENTS)
			n = 1000 * TEST_BLOCK_EVENTS;
	} else if (n > TEST_BLOCK_EVENTS) {
		n = TEST_BLOCK_EVENTS;
	}
	store_block_make(b, s->event + s->at_event, (uint32_t)n, s->file);
	s->at_event += n;
	return 1;
}

/* The source's next block becomes current; the one before stays live. */
static int
load(struct timeline *tl, struct timeline_source *s, struct err *err)
{
	struct coded *c = tl->spare;
	int got;

	if (c != NULL)
		tl->spare = c->next;
	else if ((c = calloc(1, sizeof *c)) == NULL)
		err_no_memory(sizeof *c);
	got = next_block(s, &c->b, err);
	s->cur = NULL;
	if (got <= 0) {
		c->next = tl->spare;
		tl->spare = c;
		return got;
	}
	c->number = s->n_blocks++;
	if (tl->study->operators != NULL)
		operators_qualify(tl->study->operators, &c->b);
	coded_block(c, tl->names, tl->n_declared);
	c->next = tl->live;
	tl->live = c;
	s->cur = c;
	s->at = 0;
	return 1;
}

/* Blocks of the last window that no source stands on are free again. */
static void
recycle(struct timeline *tl)
{
	struct coded *c = tl->live, *next;

	tl->live = NULL;
	for (; c != NULL; c = next) {
		next = c->next;
		if ((tl->source[0] != NULL && tl->source[0]->cur == c) ||
		    (tl->source[1] != NULL && tl->source[1]->cur == c)) {
			c->next = tl->live;
			tl->live = c;
			continue;
		}
		store_block_clear(&c->b);
		arena_reset(&c->arena);
		c->next = tl->spare;
		tl->spare = c;
	}
}

/* ---- subjects ---- */

/* What the source's events are filed under; nobody's under nothing. */
static enum event_str
source_key(const struct timeline_source *s)
{
	return s->file == STORE_DEVICE ? EV_DEVICE : EV_ACTOR;
}

static struct span
source_id(const struct timeline_source *s)
{
	struct span nobody = { NULL, 0 };

	if (s->file == STORE_NOBODY)
		return nobody;
	return store_str(&s->cur->b, source_key(s), s->at);
}

static bool
is_before(struct span a, struct span b)
{
	uint64_t ha = store_hash(a), hb = store_hash(b);

	return ha != hb ? ha < hb : span_cmp(a, b) < 0;
}

/* Rows `from` to `to` of the source's block join the window. */
static void
add_rows(struct timeline *tl, const struct coded *c, uint32_t from, uint32_t to)
{
	const struct store_block *b = &c->b;
	const int64_t *time = b->num[EV_TIME];
	const uint8_t *kind = b->word[EV_KIND];
	int64_t last_us = INT64_MIN;
	bool in_order = tl->in_order;
	unsigned what = 0;
	struct row *r;
	uint32_t i;

	while (tl->n_rows + (to - from) > tl->n_room) {
		tl->n_room = tl->n_room == 0 ? 1024 : 2 * tl->n_room;
		tl->row = realloc(tl->row, tl->n_room * sizeof *tl->row);
		if (tl->row == NULL)
			err_no_memory(tl->n_room * sizeof *tl->row);
	}
	if (tl->n_rows > 0)
		last_us = tl->row[tl->n_rows - 1].at_us;
	tl->has_received |= b->num[EV_RECEIVED] != NULL;
	tl->has_request |= c->id[EV_REQUEST] != NULL;
	r = &tl->row[tl->n_rows];
	for (i = from; i < to; i++, r++) {
		r->c = c;
		r->i = (uint16_t)i;
		r->kind = kind != NULL ? kind[i] : KIND_NONE;
		r->what = c->what[i];
		r->link = 0;
		r->at_us = time != NULL ? time[i] : STORE_ABSENT;
		what |= r->what;
		in_order &= last_us <= r->at_us;
		last_us = r->at_us;
	}
	tl->what |= what;
	tl->in_order = in_order;
	tl->n_rows += to - from;
}

/* The rows of the current subject up to `until_us`; how many fitted. */
static int
gather(struct timeline *tl, struct timeline_source *s, int64_t until_us,
    bool *is_cut, struct err *err)
{
	const uint16_t *code; /* NULL: nobody's, one run */
	uint32_t mine, to;
	size_t room;
	int got;

	while (s->cur != NULL && span_eq(source_id(s), tl->id)) {
		const struct store_block *b = &s->cur->b;
		const int64_t *time = b->num[EV_TIME];

		code = s->file != STORE_NOBODY ? b->code[source_key(s)] : NULL;
		mine = code != NULL ? code[s->at] : 0;
		room = TIMELINE_WINDOW - tl->n_rows;
		for (to = s->at; to < b->n && to - s->at < room &&
				 (code == NULL || code[to] == mine) &&
				 (time == NULL || time[to] <= until_us);
		     to++)
			;
		add_rows(tl, s->cur, s->at, to);
		s->at = to;
		if (to < b->n) {
			/* Still this subject's: the window is full. */
			*is_cut |= code == NULL || code[to] == mine;
			return 0;
		}
		got = load(tl, s, err);
		if (got < 0)
			return -1;
	}
	return 0;
}

static void
keep_id(struct timeline *tl, struct span id)
{
	if (id.p == NULL) {
		tl->id = id;
		return;
	}
	if (id.n + 1 > tl->id_room) {
		tl->id_room = 2 * (id.n + 1);
		tl->id_copy = realloc(tl->id_copy, tl->id_room);
		if (tl->id_copy == NULL)
			err_no_memory(tl->id_room);
	}
	if (id.n > 0)
		memcpy(tl->id_copy, id.p, id.n);
	tl->id.p = tl->id_copy;
	tl->id.n = id.n;
}

int
timeline_next(struct timeline *tl, struct err *err)
{
	struct timeline_source *a = tl->source[0], *b = tl->source[1];
	struct timeline_source *first;
	int64_t until_us = INT64_MAX;
	bool is_cut = false;

	recycle(tl);
	tl->n_rows = 0;
	tl->in_order = true;
	tl->has_received = tl->has_request = false;
	tl->what = 0;
	tl->is_first = tl->is_last;
	if (tl->is_first) {
		first = a != NULL && a->cur != NULL ? a : b;
		if (first == NULL || first->cur == NULL)
			return 0;
		if (b != NULL && b->cur != NULL && first != b &&
		    is_before(source_id(b), source_id(first)))
			first = b;
		keep_id(tl, source_id(first));
		tl->n_clocks = 0;
	}
	if (a != NULL && gather(tl, a, until_us, &is_cut, err) < 0)
		return -1;
	if (is_cut && tl->n_rows > 0)
		until_us = tl->row[tl->n_rows - 1].at_us;
	if (b != NULL && tl->n_rows < TIMELINE_WINDOW &&
	    gather(tl, b, until_us, &is_cut, err) < 0)
		return -1;
	if (b != NULL && b->cur != NULL && span_eq(source_id(b), tl->id))
		is_cut = true;
	tl->is_last = !is_cut;
	if (tl->n_rows == 0) /* nothing before until_us: cannot happen twice */
		return timeline_next(tl, err);
	clock_align(tl);
	return 1;
}

/* ---- open and close ---- */

static struct timeline_source *
source_new(struct timeline *tl, int at, enum store_file file)
{
	struct timeline_source *s = calloc(1, sizeof *s);

	if (s == NULL)
		err_no_memory(sizeof *s);
	s->file = file;
	tl->source[at] = s;
	tl->is_last = true;
	tl->is_device = file == STORE_DEVICE;
	tl->n_declared =
	    tl->study->n_controls + tl->study->n_screens > 0 ? tl->names->n : 0;
	return s;
}

int
timeline_open(struct timeline *tl, const char *case_dir, const char *moved_dir,
    unsigned part, enum store_file file, struct err *err)
{
	const char *dir[2] = { case_dir, moved_dir };
	struct timeline_source *s;
	int i;

	for (i = 0; i < 2; i++) {
		if (dir[i] == NULL)
			continue;
		s = source_new(tl, i, file);
		s->reader = store_read(dir[i], part, file,
		    timeline_nums(tl->only_clocks),
		    timeline_strs(tl->only_clocks) & ~tl->leave_out,
		    tl->only_clocks ? STORE_NO_PLACES : STORE_PLACES_POINTS,
		    err);
		if (s->reader == NULL || load(tl, s, err) < 0)
			return -1;
	}
	return 0;
}

void
timeline_open_events(struct timeline *tl, const struct event *events, size_t n,
    enum store_file file)
{
	struct timeline_source *s = source_new(tl, 0, file);
	struct err err = { 0 };

	s->event = events;
	s->n_events = n;
	(void)load(tl, s, &err);
}

void
timeline_end(struct timeline *tl)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (tl->source[i] == NULL)
			continue;
		tl->source[i]->cur = NULL;
		if (tl->source[i]->reader != NULL)
			store_reader_close(tl->source[i]->reader);
		free(tl->source[i]);
		tl->source[i] = NULL;
	}
	recycle(tl);
	tl->n_rows = tl->n_clocks = 0;
}

void
timeline_close(struct timeline *tl)
{
	struct coded *c, *next;

	timeline_end(tl);
	for (c = tl->spare; c != NULL; c = next) {
		next = c->next;
		store_block_free(&c->b);
		arena_clear(&c->arena);
		free(c);
	}
	free(tl->row);
	free(tl->id_copy);
	arena_clear(&tl->scratch);
	memset(tl, 0, sizeof *tl);
}
