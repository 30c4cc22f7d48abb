/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A thread's events before they are sorted.
 *
 * How it works: an event becomes a row at the end of its bucket, that is of
 * the rows whose hash starts with the same nine bits.  When the budget is
 * full all rows go as they are to the spill's file, bucket by bucket, and
 * the memory starts anew: nothing is sorted before store_finish(), when the
 * buckets of all spills come together.  Rows that fit the budget never see a
 * file.  The file has no name, so nothing is left of it, whatever happens.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ingest/store_int.h"
#include "ingest/store_spill.h"

/* At a time in one call; IOV_MAX of Linux is 1024. */
enum { WRITE_PIECES = 1024 };

/* A bucket may leave this much of its newest chunk unused. */
enum { CHUNK_LEAST_BYTES = 1024, CHUNK_MOST_BYTES = 16 * 1024 };

struct store_spill *
store_spill_new(struct store *s, size_t budget_bytes)
{
	struct store_spill *sp = calloc(1, sizeof *sp);
	size_t chunk = CHUNK_LEAST_BYTES;

	if (sp == NULL)
		err_no_memory(sizeof *sp);
	while (chunk < CHUNK_MOST_BYTES &&
	       chunk * STORE_BUCKETS * 8 < budget_bytes)
		chunk *= 2;
	sp->memory.chunk_bytes = chunk;
	sp->store = s;
	sp->budget_bytes = budget_bytes;
	sp->fd = -1;
	store_spill_own(s, sp, budget_bytes);
	row_coder_init(&sp->coder, &s->book);
	return sp;
}

/* ---- the file ---- */

struct writing {
	struct store_spill *sp;
	struct iovec piece[WRITE_PIECES];
	int n;
};

static int
pieces_write(struct writing *w, struct err *err)
{
	struct iovec *v = w->piece;
	struct store_spill *sp = w->sp;
	ssize_t k;

	while (w->n > 0) {
		k = pwritev(sp->fd, v, w->n, (off_t)sp->end_bytes);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return err_set(err, ERR_FAILED, "%s: cannot write: %s",
			    sp->store->dir, strerror(k == 0 ? ENOSPC : errno));
		sp->end_bytes += (uint64_t)k;
		for (; w->n > 0 && (size_t)k >= v->iov_len; w->n--, v++)
			k -= (ssize_t)v->iov_len;
		if (w->n > 0) {
			v->iov_base = (char *)v->iov_base + k;
			v->iov_len -= (size_t)k;
		}
	}
	return 0;
}

/* One file's buckets; where each ends is known before it is written. */
static int
file_write(struct writing *w, struct spill_out *o, int file, struct err *err)
{
	struct rows *rows = w->sp->rows[file];
	struct row_chunk *c;
	uint64_t end = w->sp->end_bytes;
	unsigned b;

	for (b = 0; b < STORE_BUCKETS && rows[b].first == NULL; b++)
		;
	if (b == STORE_BUCKETS)
		return 0;
	o->at[file] = end;
	o->end[file] = calloc(STORE_BUCKETS, sizeof o->end[file][0]);
	if (o->end[file] == NULL)
		err_no_memory(0);
	for (b = 0; b < STORE_BUCKETS; b++) {
		rows_close(&rows[b]);
		for (c = rows[b].first; c != NULL; c = c->next) {
			if (w->n == WRITE_PIECES && pieces_write(w, err) < 0)
				return -1;
			w->piece[w->n++] = (struct iovec){ c->bytes, c->n };
			end += c->n;
		}
		o->end[file][b] = end;
	}
	return pieces_write(w, err);
}

static int
write_out(struct store_spill *sp, struct err *err)
{
	struct writing w = { .sp = sp };
	struct spill_out *o;
	int file;

	if (sp->fd < 0 && (sp->fd = store_temporary(sp->store, err)) < 0)
		return -1;
	if (sp->n_outs == sp->outs_room) {
		sp->outs_room = sp->outs_room * 2 + 8;
		sp->out = realloc(sp->out, sp->outs_room * sizeof sp->out[0]);
		if (sp->out == NULL)
			err_no_memory(sp->outs_room);
	}
	o = &sp->out[sp->n_outs++];
	memset(o, 0, sizeof *o);
	for (file = 0; file < STORE_FILE__MAX; file++)
		if (file_write(&w, o, file, err) < 0)
			return -1;
	row_memory_reset(&sp->memory);
	memset(sp->rows, 0, sizeof sp->rows);
	return 0;
}

/* ---- rows ---- */

int
store_spill_add(struct store_spill *sp, const struct event *e, struct err *err)
{
	struct rows *rows;
	struct span id;
	uint64_t hash;
	size_t n;

	assert(event_has_num(e, EV_KIND));
	n = row_measure(&sp->coder, e, &id);
	hash = store_hash(id);
	rows = &sp->rows[sp->coder.shape->file][store_bucket(hash)];
	if (!rows_have(rows, n)) {
		if (sp->memory.given_bytes > 0 &&
		    sp->memory.given_bytes + sp->memory.chunk_bytes + n >
			sp->budget_bytes &&
		    write_out(sp, err) < 0)
			return -1;
		rows_chunk(&sp->memory, rows, n);
	}
	row_write(&sp->coder, e, hash, (struct row *)rows->p);
	rows->p += n;
	return 0;
}

int
store_spill_finish(struct store_spill *sp, struct err *err)
{
	unsigned b;
	int file, rc = 0;

	row_coder_clear(&sp->coder);
	if (sp->n_outs > 0) { /* sorting needs the memory */
		rc = write_out(sp, err);
		row_memory_clear(&sp->memory);
	}
	for (file = 0; file < STORE_FILE__MAX; file++)
		for (b = 0; b < STORE_BUCKETS; b++)
			rows_close(&sp->rows[file][b]);
	return rc;
}

void
store_spill_free(struct store_spill *sp)
{
	size_t i;
	int file;

	if (sp == NULL)
		return;
	row_coder_clear(&sp->coder);
	row_memory_clear(&sp->memory);
	for (i = 0; i < sp->n_outs; i++)
		for (file = 0; file < STORE_FILE__MAX; file++)
			free(sp->out[i].end[file]);
	free(sp->out);
	if (sp->fd >= 0)
		(void)close(sp->fd);
	free(sp);
}
