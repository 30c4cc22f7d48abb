/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a bucket's rows back.
 *
 * How it works: a piece is as many whole rows as fit the thread's share of
 * memory, but one at least, from all spills in turn: first their write-outs,
 * then what is still in their memory, which is used where it lies.  Most
 * buckets are one piece.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "ingest/store_part.h"

uint64_t
bucket_bytes(const struct store *s, int file, unsigned bucket)
{
	const struct store_spill *sp;
	const struct row_chunk *c;
	uint64_t sum = 0, at;
	size_t i, k;

	for (i = 0; i < s->n_spills; i++) {
		sp = s->spill[i];
		for (k = 0; k < sp->n_outs; k++)
			sum += spill_out_bytes(&sp->out[k], file, bucket, &at);
		for (c = sp->rows[file][bucket].first; c != NULL; c = c->next)
			sum += c->n;
	}
	return sum;
}

static int
rows_read(struct part_work *w, int fd, uint64_t at, size_t n, struct err *err)
{
	ssize_t k;

	for (; n > 0; n -= (size_t)k, at += (uint64_t)k) {
		k = pread(fd, w->rows + w->n_rows, n, (off_t)at);
		if (k < 0 && errno == EINTR) {
			k = 0;
			continue;
		}
		if (k <= 0)
			return err_set(err, ERR_FAILED,
			    "%s: cannot read the sorted events' file: %s",
			    w->store->dir, strerror(k == 0 ? EIO : errno));
		w->n_rows += (size_t)k;
	}
	return 0;
}

/* Keys of the whole rows in n bytes; how many bytes those are. */
static size_t
rows_add(struct part_work *w, char *p, size_t n)
{
	const struct store *s = w->store;
	struct keys *k = &w->keys;
	struct event e;
	struct row *row;
	size_t at;

	for (at = 0; n - at >= sizeof *row; at += row->size_bytes) {
		row = (struct row *)(p + at);
		assert(row->size_bytes >= sizeof *row);
		if (row->size_bytes > n - at)
			break;
		if (row->member >= s->first_member)
			row->member = s->final[row->member - s->first_member];
		if (store_drops_have(s->drops, row->member, row->offset)) {
			row_event(k->book, row, &e);
			w->duplicate(w->arg, &e.place, false, &e);
			continue;
		}
		if (k->n == k->room)
			keys_room(k, 1);
		k->key[k->n++] = (struct key){ row->hash, row->time_us, row };
	}
	return at;
}

static void
rows_room(struct part_work *w, size_t n)
{
	if (w->room >= n)
		return;
	assert(w->keys.n == 0); /* they point into it */
	free(w->rows);
	w->room = n;
	w->rows = malloc(n);
	if (w->rows == NULL)
		err_no_memory(n);
}

/* Rows of one write-out, from `at` on, as many as there is room for. */
static int
out_add(struct part_work *w, const struct store_spill *sp, uint64_t from,
    uint64_t left, struct piece_at *at, struct err *err)
{
	size_t start = w->n_rows, n, whole;
	const struct row *row;

	n = start < w->piece_bytes ? w->piece_bytes - start : 0;
	if (n > left)
		n = left;
	if (rows_read(w, sp->fd, from, n, err) < 0)
		return -1;
	whole = rows_add(w, w->rows + start, n);
	if (whole == 0 && w->keys.n == 0) { /* one row above all bounds */
		assert(n >= sizeof *row && start == 0);
		row = (const struct row *)w->rows;
		n = row->size_bytes;
		w->n_rows = 0;
		rows_room(w, n);
		if (rows_read(w, sp->fd, from, n, err) < 0)
			return -1;
		whole = rows_add(w, w->rows, n);
	}
	w->n_rows = start + whole;
	at->done += whole;
	return whole == left ? 1 : 0;
}

/* Chunks of the spill's memory; 1 when all of them are done. */
static int
chunks_add(struct part_work *w, struct piece_at *at, size_t *n)
{
	size_t whole;

	for (; at->chunk != NULL; at->chunk = at->chunk->next) {
		if (*n + at->chunk->n > w->piece_bytes && w->keys.n > 0)
			return 0;
		whole = rows_add(w, at->chunk->bytes, at->chunk->n);
		assert(whole == at->chunk->n);
		*n += whole;
	}
	return 1;
}

/* What a spill still has: 1 when it has no more, 0 when the piece is full. */
static int
spill_rows(struct part_work *w, const struct store_spill *sp, unsigned bucket,
    struct piece_at *at, size_t *n, struct err *err)
{
	uint64_t from, bytes;
	size_t before;
	int got;

	for (; at->out < sp->n_outs; at->out++, at->done = 0) {
		bytes = spill_out_bytes(
		    &sp->out[at->out], (int)w->file, bucket, &from);
		if (bytes == 0)
			continue;
		before = w->n_rows;
		got =
		    out_add(w, sp, from + at->done, bytes - at->done, at, err);
		if (got <= 0)
			return got;
		*n += w->n_rows - before;
	}
	if (!at->in_memory) {
		at->in_memory = true;
		at->chunk = sp->rows[w->file][bucket].first;
	}
	return chunks_add(w, at, n);
}

int
piece_next(
    struct part_work *w, unsigned bucket, struct piece_at *at, struct err *err)
{
	size_t n = 0;
	int got;

	w->keys.n = 0;
	w->n_rows = 0;
	rows_room(w, w->piece_bytes);
	while (at->spill < w->store->n_spills) {
		got = spill_rows(
		    w, w->store->spill[at->spill], bucket, at, &n, err);
		if (got < 0)
			return -1;
		if (got == 0 && w->keys.n > 0)
			break;
		if (got == 0) { /* full of rows that are left out */
			w->n_rows = 0;
			n = 0;
			continue;
		}
		at->spill++;
		at->out = 0;
		at->done = 0;
		at->in_memory = false;
	}
	return w->keys.n > 0 ? 1 : 0;
}
