/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finishing a partition: the rows of all spills sorted and stored.
 *
 * How it works: buckets are parts of the order, so one after the other is
 * sorted and goes into columns, once, and those to the new file.  Only when
 * there is a file of the generation before, or a bucket that is larger than
 * the share of memory, sorted pieces become runs of plain blocks in a file
 * without name, which store_merge() brings together.
 *
 * Example: bucket 8 of partition 1 has two pieces, 9 … 15 have one each: run
 * 0 is the first piece of 8, then those of 9 … 15; run 1 the second of 8.
 *
 * Equal events meet here, or in the merge.  Of a group of events that agree
 * in every field (for events with device and seq: in every field but
 * `received`), with device and seq the first survives alone; without, the
 * copies of the member that holds most of them (of several, the least)
 * survive, the others are duplicates.  So the outcome does not depend on the
 * order of sources.
 *
 * Records that the caller wants left out (store_drop()) never come so far.
 *
 * Example: a line stands twice in a.jsonl and once in b.jsonl: the two of
 * a.jsonl stay ("identical"), that of b.jsonl is a duplicate.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ingest/store_part.h"

enum {
	RUN_LEAST_ROWS = 256, /* of a block, however many runs there are */
	RUN_ROW_BYTES = 256   /* that a row takes in the merge, about */
};

/* ---- equal events ---- */

bool
store_numbered(const struct event *e)
{
	return event_has_str(e, EV_DEVICE) && event_has_num(e, EV_SEQ);
}

bool
store_same(const struct event *a, const struct event *b)
{
	struct event x, y;

	if (!store_numbered(a) || !store_numbered(b))
		return event_cmp(a, b) == 0;
	x = *a;
	y = *b;
	x.present &= ~EVENT_BIT_NUM(EV_RECEIVED);
	y.present &= ~EVENT_BIT_NUM(EV_RECEIVED);
	return event_cmp(&x, &y) == 0;
}

static int
by_place(const void *a, const void *b)
{
	return place_cmp(a, b);
}

size_t
store_survivors(struct place *place, size_t n, size_t *first)
{
	size_t i, j, most = 0;

	qsort(place, n, sizeof place[0], by_place);
	for (i = 0; i < n; i = j) {
		for (j = i + 1; j < n && place[j].member == place[i].member;
		     j++)
			;
		if (j - i > most) {
			most = j - i;
			*first = i;
		}
	}
	return most;
}

/* ---- blocks ---- */

static int
flush(struct part_work *w, struct builder *bw, struct err *err)
{
	struct block_index index;

	if (bw->n == 0)
		return 0;
	buf_reset(&w->bytes);
	builder_flush(bw, &w->bytes, &index);
	index.part = (uint8_t)w->part;
	index.file = (uint8_t)w->file;
	return block_file_add(&w->target, buf_as_span(&w->bytes), index, err);
}

static inline int
row_out(struct part_work *w, struct gather *to, const struct row *row,
    struct err *err)
{
	if (builder_full(to->bw) && flush(w, to->bw, err) < 0)
		return -1;
	gather_row(to, row);
	return 0;
}

/* ---- straight to the store ---- */

static void
place_add(struct part_work *w, const struct place *p)
{
	if (w->n_places == w->places_room) {
		w->places_room = w->places_room * 2 + 16;
		w->place =
		    realloc(w->place, w->places_room * sizeof w->place[0]);
		if (w->place == NULL)
			err_no_memory(w->places_room);
	}
	w->place[w->n_places++] = *p;
}

/* A group of equal events is complete: decide who stays. */
static int
group_out(struct part_work *w, const struct row *head, const struct event *e,
    struct err *err)
{
	struct place *p = w->place;
	size_t first = 0, n = 1, i;
	bool stays;

	if (w->n_places == 1)
		return row_out(w, &w->out, head, err);
	if (!store_numbered(e))
		n = store_survivors(p, w->n_places, &first);
	for (i = 0; i < w->n_places; i++) {
		stays = i >= first && i < first + n;
		if (!stays || i > first)
			w->duplicate(w->arg, &p[i], stays, e);
	}
	for (i = first; i < first + n; i++) {
		if (builder_full(w->out.bw) && flush(w, w->out.bw, err) < 0)
			return -1;
		gather_row(&w->out, head);
		builder_place(w->out.bw, w->out.bw->n - 1, &p[i]);
	}
	return 0;
}

/* Rows [i, end) share person and instant. */
static int
ties_out(struct part_work *w, size_t i, size_t end, struct err *err)
{
	const struct row *head = w->keys.key[i].row;
	struct event first, now;

	row_event(w->keys.book, head, &first);
	w->n_places = 0;
	place_add(w, &first.place);
	for (i++; i < end; i++) {
		row_event(w->keys.book, w->keys.key[i].row, &now);
		if (store_same(&first, &now)) {
			place_add(w, &now.place);
			continue;
		}
		if (group_out(w, head, &first, err) < 0)
			return -1;
		head = w->keys.key[i].row;
		first = now;
		w->n_places = 0;
		place_add(w, &first.place);
	}
	return group_out(w, head, &first, err);
}

static int
keys_out(struct part_work *w, struct err *err)
{
	const struct key *k = w->keys.key;
	size_t i, end, t, e;
	int rc;

	for (i = 0; i < w->keys.n; i = end) {
		end = keys_settle(&w->keys, i);
		for (t = i; t < end; t = e) {
			for (e = t + 1; e < end && k[e].time_us == k[t].time_us;
			     e++)
				;
			rc = e - t > 1 ? ties_out(w, t, e, err)
				       : row_out(w, &w->out, k[t].row, err);
			if (rc < 0)
				return -1;
		}
	}
	return 0;
}

static int
direct(struct part_work *w, const char *path, struct err *err)
{
	unsigned b = w->part * STORE_PART_BUCKETS, i;
	struct piece_at at;
	int got;

	if (block_file_create(&w->target, path, err) < 0)
		return -1;
	for (i = 0; i < STORE_PART_BUCKETS; i++) {
		memset(&at, 0, sizeof at);
		got = piece_next(w, b + i, &at, err);
		if (got < 0)
			return -1;
		if (got == 0)
			continue;
		keys_sort(&w->keys);
		if (keys_out(w, err) < 0)
			return -1;
	}
	if (flush(w, w->out.bw, err) < 0)
		return -1;
	return block_file_seal(&w->target, err);
}

/* ---- through runs ---- */

static void
run_block(struct store_run *run, uint32_t block)
{
	if (run->n == run->room) {
		run->room = run->room * 2 + 8;
		run->block =
		    realloc(run->block, run->room * sizeof run->block[0]);
		if (run->block == NULL)
			err_no_memory(run->room);
	}
	run->block[run->n++] = block;
}

static int
piece_write(struct part_work *w, struct store_run *run, struct err *err)
{
	uint32_t block = (uint32_t)w->target.n_blocks;
	size_t i, j, end;

	keys_sort(&w->keys);
	for (i = 0; i < w->keys.n; i = end) {
		end = keys_settle(&w->keys, i);
		for (j = i; j < end; j++)
			if (row_out(w, &w->plain, w->keys.key[j].row, err) < 0)
				return -1;
	}
	if (flush(w, w->plain.bw, err) < 0)
		return -1;
	for (; block < w->target.n_blocks; block++)
		run_block(run, block);
	return 0;
}

/* The pieces of a bucket, each behind what its run has of other buckets. */
static int
bucket_write(struct part_work *w, unsigned bucket, struct store_runs *runs,
    struct err *err)
{
	struct piece_at at = { 0 };
	size_t i;
	int got;

	for (i = 0; (got = piece_next(w, bucket, &at, err)) > 0; i++) {
		if (i == runs->n) {
			runs->run = realloc(
			    runs->run, (runs->n + 1) * sizeof runs->run[0]);
			if (runs->run == NULL)
				err_no_memory(runs->n);
			memset(&runs->run[runs->n++], 0, sizeof runs->run[0]);
		}
		if (piece_write(w, &runs->run[i], err) < 0)
			return -1;
	}
	return got;
}

/* So few rows a block that a block of each run fits the share. */
static uint32_t
run_rows(const struct part_work *w, uint64_t most_bytes)
{
	uint64_t runs = most_bytes / w->piece_bytes + 2;
	uint64_t rows = w->piece_bytes / RUN_ROW_BYTES / runs;

	if (rows < RUN_LEAST_ROWS)
		return RUN_LEAST_ROWS;
	return rows < STORE_BLOCK_EVENTS ? (uint32_t)rows : STORE_BLOCK_EVENTS;
}

static int
merged(struct part_work *w, const char *old, const char *path,
    uint64_t most_bytes, struct err *err)
{
	unsigned b = w->part * STORE_PART_BUCKETS, i;
	struct store_runs runs = { .file = &w->target };
	size_t k;
	int rc = -1;

	if (store_temporary_blocks(w->store, &w->target, err) < 0)
		goto out;
	if (w->plain.bw == NULL)
		w->plain.bw = builder_new(BUILDER_PLAIN);
	w->plain.bw->max_rows = run_rows(w, most_bytes);
	w->plain.bw->max_text_bytes = w->plain.bw->max_rows * RUN_ROW_BYTES;
	for (i = 0; i < STORE_PART_BUCKETS; i++)
		if (bucket_write(w, b + i, &runs, err) < 0)
			goto out;
	rc = store_merge(w, &runs, old, path, err);
out:
	for (k = 0; k < runs.n; k++)
		free(runs.run[k].block);
	free(runs.run);
	return rc;
}

int
store_part_finish(
    struct part_work *w, unsigned part, enum store_file file, struct err *err)
{
	const struct store *s = w->store;
	char name[32], old[4096], out[4096];
	uint64_t n, most = 0;
	bool has_old;
	unsigned i;
	int rc;

	w->part = part;
	w->file = file;
	(void)store_file_name(name, sizeof name, file, part);
	(void)snprintf(old, sizeof old, "%s/%s/%s", s->dir,
	    s->current != NULL ? s->current : "", name);
	(void)snprintf(out, sizeof out, "%s/%s/%s", s->dir, s->next, name);
	has_old = s->current != NULL && access(old, F_OK) == 0;
	for (i = 0; i < STORE_PART_BUCKETS; i++) {
		n = bucket_bytes(s, (int)file, part * STORE_PART_BUCKETS + i);
		most = n > most ? n : most;
	}
	if (most == 0 && !(has_old && store_drops_old(s))) {
		/* Nothing new here: the old file serves on. */
		if (has_old && link(old, out) < 0)
			return err_set(err, ERR_FAILED, "%s: cannot link", out);
		return 0;
	}
	if (has_old || most > w->piece_bytes)
		rc = merged(w, has_old ? old : NULL, out, most, err);
	else
		rc = direct(w, out, err);
	if (w->target.path != NULL)
		block_file_close(&w->target);
	return rc;
}

void
part_work_clear(struct part_work *w)
{
	keys_clear(&w->keys);
	free(w->rows);
	builder_free(w->out.bw);
	builder_free(w->plain.bw);
	gather_clear(&w->out);
	gather_clear(&w->plain);
	buf_clear(&w->bytes);
	free(w->place);
	memset(w, 0, sizeof *w);
}
