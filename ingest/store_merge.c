/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Merging sorted runs of a partition with what the case already holds.
 *
 * How it works: each run is sorted, and so is the file of the generation in
 * force.  A heap of cursors delivers their rows in order; the rows go to one
 * builder, dictionary codes translated through a table that each cursor's
 * block keeps for the builder's block.  Equal events meet here;
 * store_part.c tells what becomes of them.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ingest/store_part.h"

/* What a text may take in an arena beside its bytes. */
enum { TEXT_COST_BYTES = 32 };

struct remap {
	uint32_t *code;	      /* in the builder's block … */
	uint32_t *generation; /* … of this generation */
};

struct cursor {
	const struct block_file *file;
	const uint32_t *list; /* [end] numbers of its blocks; NULL: all */
	size_t block, end;    /* the next to read, one past the last */
	size_t text_bytes;    /* of all dictionaries of the block */
	struct store_block b;
	uint32_t row;
	uint64_t *hash; /* [n_dict] of the filing column, or one */
	uint64_t now_hash;
	int64_t now_us;
	int num[EVENT_N_NUM], n_num; /* columns the block has */
	int word[EVENT_N_NUM], n_word;
	int str[EVENT_N_STR], n_str;
	uint64_t present;
	struct remap remap[EVENT_N_STR];
};

struct merge {
	const struct part_work *work;
	enum store_file file;
	struct cursor *cursor; /* [n_cursors] */
	size_t n_cursors;
	struct cursor **heap; /* [n_heap], least first */
	size_t n_heap;
	struct block_file old, out;
	struct builder *bw; /* the work's */
	struct buf bytes;
	ZSTD_DCtx *zstd;
	/* the row appended last, and the group of events equal to it */
	bool has_last;
	uint64_t last_hash;
	int64_t last_us;
	struct event last;   /* valid while `kept` or in a group */
	bool kept;	     /* last's texts lie in `arena` */
	struct place *place; /* of the group, the appended row's first */
	size_t n_places, places_room;
	struct arena arena;
};

static const enum event_str filing[STORE_FILE__MAX] = {
	[STORE_KNOWN] = EV_ACTOR,
	[STORE_DEVICE] = EV_DEVICE,
	[STORE_NOBODY] = EVENT_N_STR,
};

/* ---- cursors ---- */

static void
cursor_columns(struct cursor *c, enum store_file file)
{
	struct store_block *b = &c->b;
	uint32_t i, n;
	int f;

	c->n_num = c->n_word = c->n_str = 0;
	c->present = 0;
	c->text_bytes = 0;
	for (f = 0; f < EVENT_N_NUM; f++)
		if (b->num[f] != NULL || b->word[f] != NULL) {
			if (b->num[f] != NULL)
				c->num[c->n_num++] = f;
			else
				c->word[c->n_word++] = f;
			c->present |= EVENT_BIT_NUM(f);
		}
	for (f = 0; f < EVENT_N_STR; f++)
		if (b->code[f] != NULL) {
			c->str[c->n_str++] = f;
			c->present |= EVENT_BIT_STR(f);
			n = b->n_dict[f] + 1;
			for (i = 0; i + 1 < n; i++)
				c->text_bytes +=
				    b->dict[f][i].n + TEXT_COST_BYTES;
			c->remap[f].code = arena_alloc(&b->arena, n * 4);
			c->remap[f].generation = arena_alloc(&b->arena, n * 4);
		}
	f = filing[file];
	n = file == STORE_NOBODY ? 0 : b->n_dict[f];
	c->hash = arena_alloc(&b->arena, (n + 1) * sizeof c->hash[0]);
	c->hash[0] = store_hash(span_of(""));
	for (i = 0; i < n; i++)
		c->hash[i + 1] = store_hash(b->dict[f][i]);
}

static inline uint64_t
cursor_hash(const struct cursor *c, enum store_file file, uint32_t row)
{
	return c->hash[file == STORE_NOBODY ? 0 : c->b.code[filing[file]][row]];
}

static void
cursor_now(struct cursor *c, enum store_file file)
{
	c->now_hash = cursor_hash(c, file, c->row);
	c->now_us = store_num(&c->b, EV_TIME, c->row, STORE_ABSENT);
}

/* n rows on: 1, 0 at the end, -1. */
static int
cursor_next(struct merge *m, struct cursor *c, uint32_t n, struct err *err)
{
	static const struct column_mask all = { UINT64_MAX, UINT64_MAX, true };
	enum event_str f = filing[m->file];
	size_t block;

	c->row += n;
	if (c->row < c->b.n) {
		cursor_now(c, m->file);
		return 1;
	}
	if (c->block == c->end)
		return 0;
	store_block_clear(&c->b);
	c->row = 0;
	block = c->list != NULL ? c->list[c->block] : c->block;
	if (block_file_read(c->file, block, &m->bytes, err) < 0 ||
	    block_decode(&c->b, buf_as_span(&m->bytes), all, m->zstd, err) < 0)
		return -1;
	c->block++;
	if (c->b.member == NULL || c->b.offset == NULL || c->b.bytes == NULL ||
	    (m->file != STORE_NOBODY && c->b.code[f] == NULL))
		return err_set(err, ERR_FAILED,
		    "the event store is damaged: a block lacks a column");
	cursor_columns(c, m->file);
	cursor_now(c, m->file);
	return 1;
}

static int
cursor_cmp(
    const struct merge *m, const struct cursor *a, const struct cursor *b)
{
	struct event x, y;
	int c = 0;

	if (a->now_hash != b->now_hash)
		return a->now_hash < b->now_hash ? -1 : 1;
	if (m->file != STORE_NOBODY)
		c = span_cmp(store_str(&a->b, filing[m->file], a->row),
		    store_str(&b->b, filing[m->file], b->row));
	if (c != 0)
		return c;
	if (a->now_us != b->now_us)
		return a->now_us < b->now_us ? -1 : 1;
	store_event(&a->b, a->row, &x);
	store_event(&b->b, b->row, &y);
	c = event_cmp(&x, &y);
	return c != 0 ? c : place_cmp(&x.place, &y.place);
}

static void
heap_down(struct merge *m, size_t i)
{
	struct cursor *x = m->heap[i];
	size_t child;

	while ((child = 2 * i + 1) < m->n_heap) {
		if (child + 1 < m->n_heap &&
		    cursor_cmp(m, m->heap[child + 1], m->heap[child]) < 0)
			child++;
		if (cursor_cmp(m, x, m->heap[child]) <= 0)
			break;
		m->heap[i] = m->heap[child];
		i = child;
	}
	m->heap[i] = x;
}

/* ---- output ---- */

static int
flush(struct merge *m, struct err *err)
{
	struct block_index index;
	struct buf out = { 0 };
	int f, rc;

	if (m->bw->n == 0)
		return 0;
	if (m->has_last && !m->kept) { /* its texts are about to go */
		builder_last(m->bw, &m->last);
		arena_reset(&m->arena);
		for (f = 0; f < EVENT_N_STR; f++)
			if (event_has_str(&m->last, f))
				m->last.str[f] =
				    arena_span(&m->arena, m->last.str[f]);
		m->kept = true;
	}
	builder_flush(m->bw, &out, &index);
	index.part = (uint8_t)m->work->part;
	index.file = (uint8_t)m->file;
	rc = block_file_add(&m->out, buf_as_span(&out), index, err);
	buf_clear(&out);
	return rc;
}

/* Rows [c->row, + n) of the cursor's block behind the builder's last. */
static void
append_names(
    struct builder *bw, struct cursor *c, int f, uint32_t r, uint32_t n)
{
	const uint16_t *from = c->b.code[f] + c->row;
	struct remap *map = &c->remap[f];
	uint32_t i, code;

	for (i = 0; i < n; i++) {
		code = from[i];
		if (code == 0)
			continue;
		if (map->generation[code] != bw->generation) {
			map->generation[code] = bw->generation;
			map->code[code] =
			    builder_name(bw, f, c->b.dict[f][code - 1]);
		}
		bw->code[f][r + i] = (uint16_t)map->code[code];
	}
}

static void
append_ids(
    struct builder *bw, const struct cursor *c, int f, uint32_t r, uint32_t n)
{
	const uint16_t *from = c->b.code[f] + c->row;
	uint32_t i, before = 0;

	for (i = 0; i < n; i++) {
		if (from[i] == 0)
			continue;
		if (from[i] == before)
			bw->code[f][r + i] = (uint16_t)bw->last_code[f];
		else
			builder_id(bw, f, r + i, c->b.dict[f][from[i] - 1]);
		before = from[i];
	}
}

static void
append_places(
    struct builder *bw, const struct cursor *c, uint32_t r, uint32_t n)
{
	memcpy(bw->member + r, c->b.member + c->row, n * sizeof bw->member[0]);
	memcpy(bw->offset + r, c->b.offset + c->row, n * sizeof bw->offset[0]);
	memcpy(bw->bytes + r, c->b.bytes + c->row, n * sizeof bw->bytes[0]);
	if (c->b.part != NULL)
		memcpy(
		    bw->part + r, c->b.part + c->row, n * sizeof bw->part[0]);
	else
		memset(bw->part + r, 0, n * sizeof bw->part[0]);
}

/* Append n rows of the cursor, which fit, column by column. */
static void
append(struct merge *m, struct cursor *c, uint32_t n)
{
	struct builder *bw = m->bw;
	uint32_t r = bw->n, last = c->row + n - 1;
	int i, f;

	builder_touch(bw, c->present);
	for (i = 0; i < c->n_num; i++) {
		f = c->num[i];
		memcpy(bw->num[f] + r, c->b.num[f] + c->row,
		    n * sizeof bw->num[f][0]);
	}
	for (i = 0; i < c->n_word; i++)
		memcpy(bw->word[c->word[i]] + r, c->b.word[c->word[i]] + c->row,
		    n);
	for (i = 0; i < c->n_str; i++) {
		f = c->str[i];
		if (event_fields[COLUMN_STR + f].type == EVENT_TYPE_ID)
			append_ids(bw, c, f, r, n);
		else
			append_names(bw, c, f, r, n);
	}
	append_places(bw, c, r, n);
	if (r == 0)
		bw->first_hash = c->now_hash;
	bw->n += n;
	m->has_last = true;
	m->kept = false;
	m->last_hash = bw->last_hash = cursor_hash(c, m->file, last);
	m->last_us = store_num(&c->b, EV_TIME, last, STORE_ABSENT);
}

/*
 * How many rows from the cursor's on come before all other cursors' and
 * differ in person or instant from the row before them: they can be taken
 * in one go.  At least 1: the heap's first row is next in any case.
 */
static uint32_t
stretch(const struct merge *m, const struct cursor *c)
{
	const struct cursor *other = NULL;
	uint32_t end = c->b.n, row = c->row + 1;
	uint64_t hash = c->now_hash, h;
	int64_t us = c->now_us, t;

	if (m->n_heap > 1)
		other = m->heap[1];
	if (m->n_heap > 2 && cursor_cmp(m, m->heap[2], other) < 0)
		other = m->heap[2];
	/* where blocks end must not depend on how rows come */
	if (m->bw->texts.total_bytes + c->text_bytes > m->bw->max_text_bytes)
		return 1;
	if (end - c->row > m->bw->max_rows - m->bw->n)
		end = c->row + m->bw->max_rows - m->bw->n;
	for (; row < end; row++, hash = h, us = t) {
		h = cursor_hash(c, m->file, row);
		t = store_num(&c->b, EV_TIME, row, STORE_ABSENT);
		if (h == hash && t == us)
			break; /* perhaps equal: looked at one by one */
		if (other == NULL || h < other->now_hash)
			continue;
		/* the same person in both: hash and id must agree */
		if (h > other->now_hash || t >= other->now_us ||
		    (m->file != STORE_NOBODY &&
			!span_eq(store_str(&c->b, filing[m->file], row),
			    store_str(&other->b, filing[m->file], other->row))))
			break;
	}
	return row - c->row;
}

/* ---- duplicates ---- */

/* Is the cursor's row equal to the row appended last? */
static bool
repeats(struct merge *m, const struct cursor *c)
{
	struct event now;

	if (!m->has_last || c->now_hash != m->last_hash ||
	    c->now_us != m->last_us)
		return false;
	store_event(&c->b, c->row, &now);
	if (!m->kept)
		builder_last(m->bw, &m->last);
	if (!store_same(&m->last, &now))
		return false;
	if (m->n_places + 2 > m->places_room) {
		m->places_room = m->places_room * 2 + 16;
		m->place =
		    realloc(m->place, m->places_room * sizeof m->place[0]);
		if (m->place == NULL)
			err_no_memory(m->places_room);
	}
	if (m->n_places == 0)
		m->place[m->n_places++] = m->last.place;
	m->place[m->n_places++] = now.place;
	return true;
}

static void
tell(struct merge *m, const struct place *at, bool identical)
{
	m->work->duplicate(m->work->arg, at, identical, &m->last);
}

/* Is the row, which comes from the file of before, to be left out? */
static bool
dropped(const struct merge *m, const struct cursor *c)
{
	struct event now;

	if (c->file != &m->old || !store_drops_have(m->work->store->drops,
				      c->b.member[c->row], c->b.offset[c->row]))
		return false;
	store_event(&c->b, c->row, &now);
	m->work->duplicate(m->work->arg, &now.place, false, &now);
	return true;
}

/* The group is complete: decide who stays. */
static int
settle(struct merge *m, struct err *err)
{
	struct place *p = m->place;
	size_t first = 0, n = 1, i;

	if (m->n_places == 0)
		return 0;
	if (!m->kept)
		builder_last(m->bw, &m->last);
	if (!store_numbered(&m->last)) {
		n = store_survivors(p, m->n_places, &first);
		if (m->bw->n > 0) { /* the appended row becomes the first */
			builder_place(m->bw, m->bw->n - 1, &p[first]);
		}
	}
	for (i = 0; i < m->n_places; i++) {
		if (i < first || i >= first + n) {
			tell(m, &p[i], false);
		} else if (i > first) {
			tell(m, &p[i], true);
			if (builder_full(m->bw) && flush(m, err) < 0)
				return -1;
			m->last.place = p[i];
			(void)builder_event(m->bw, m->last_hash, &m->last);
		}
	}
	m->n_places = 0;
	m->has_last = false;
	return 0;
}

/* ---- the merge ---- */

static int
merge_rows(struct merge *m, struct err *err)
{
	struct cursor *c;
	uint32_t n;
	int got;

	while (m->n_heap > 0) {
		c = m->heap[0];
		n = 1;
		if (!dropped(m, c) && !repeats(m, c)) {
			if (settle(m, err) < 0 ||
			    (builder_full(m->bw) && flush(m, err) < 0))
				return -1;
			n = store_drops_old(m->work->store) ? 1 : stretch(m, c);
			append(m, c, n);
		}
		got = cursor_next(m, c, n, err);
		if (got < 0)
			return -1;
		if (got == 0)
			m->heap[0] = m->heap[--m->n_heap];
		if (m->n_heap > 0)
			heap_down(m, 0);
	}
	if (settle(m, err) < 0 || flush(m, err) < 0)
		return -1;
	return 0;
}

static int
merge_open(struct merge *m, const struct store_runs *runs, const char *old,
    const char *path, struct err *err)
{
	size_t i;
	int got;

	if (old != NULL) {
		if (block_file_open(&m->old, old, err) < 0)
			return -1;
		m->cursor[m->n_cursors++] =
		    (struct cursor){ .file = &m->old, .end = m->old.n_blocks };
	}
	for (i = 0; i < runs->n; i++)
		m->cursor[m->n_cursors++] = (struct cursor){ .file = runs->file,
			.list = runs->run[i].block,
			.end = runs->run[i].n };
	if (block_file_create(&m->out, path, err) < 0)
		return -1;
	for (i = 0; i < m->n_cursors; i++) {
		got = cursor_next(m, &m->cursor[i], 0, err);
		if (got < 0)
			return -1;
		if (got > 0)
			m->heap[m->n_heap++] = &m->cursor[i];
	}
	for (i = m->n_heap / 2; i-- > 0;)
		heap_down(m, i);
	return 0;
}

static void
merge_clear(struct merge *m)
{
	size_t i;

	for (i = 0; i < m->n_cursors; i++)
		store_block_free(&m->cursor[i].b);
	free(m->cursor);
	free(m->heap);
	free(m->place);
	buf_clear(&m->bytes);
	arena_clear(&m->arena);
	(void)ZSTD_freeDCtx(m->zstd);
	if (m->old.path != NULL)
		block_file_close(&m->old);
	if (m->out.path != NULL)
		block_file_close(&m->out);
}

int
store_merge(struct part_work *w, const struct store_runs *runs, const char *old,
    const char *path, struct err *err)
{
	struct merge m = { .work = w, .file = w->file, .bw = w->out.bw };
	int rc = -1;

	m.cursor = calloc(runs->n + 1, sizeof m.cursor[0]);
	m.heap = calloc(runs->n + 1, sizeof m.heap[0]);
	m.zstd = ZSTD_createDCtx();
	if (m.cursor == NULL || m.heap == NULL || m.zstd == NULL)
		err_no_memory(runs->n);
	if (merge_open(&m, runs, old, path, err) == 0 &&
	    merge_rows(&m, err) == 0 && block_file_seal(&m.out, err) == 0)
		rc = 0;
	merge_clear(&m);
	return rc;
}
