/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/rowlog.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	ROWLOG_FIRST_BYTES = 32 * 1024, /* of pieces: they double up to */
	ROWLOG_PIECE_BYTES = 1024 * 1024,
	ROWLOG_LEAST_SPILL = 128 * 1024, /* less is not worth a call */
	ROWLOG_WINDOW_BYTES = 256 * 1024
};

void
rowlog_init(struct rowlog *l, const char *case_dir, size_t limit_bytes)
{
	memset(l, 0, sizeof *l);
	l->fd = -1;
	l->case_dir = case_dir;
	l->limit = limit_bytes;
}

/* Give the memory back. */
static void
drop_memory(struct rowlog *l)
{
	struct rowlog_piece *piece, *next;

	if (l->budget != NULL)
		(void)atomic_fetch_sub(&l->budget->used, l->room);
	for (piece = l->first; piece != NULL; piece = next) {
		next = piece->next;
		free(piece);
	}
	l->first = l->last = NULL;
	l->n = l->room = 0;
}

/* How large the next piece is, for n bytes at least. */
static size_t
piece_bytes(const struct rowlog *l, size_t n)
{
	size_t room = l->room;

	if (room < ROWLOG_FIRST_BYTES)
		room = ROWLOG_FIRST_BYTES;
	if (room > ROWLOG_PIECE_BYTES)
		room = ROWLOG_PIECE_BYTES;
	return room > n ? room : n;
}

/* Does one more piece fit into what all logs may have? */
static int
has_budget(const struct rowlog *l, size_t n)
{
	return l->budget == NULL || l->n < ROWLOG_LEAST_SPILL ||
	       atomic_load(&l->budget->used) + piece_bytes(l, n) <=
		   l->budget->limit;
}

static void
add_piece(struct rowlog *l, size_t n)
{
	size_t room = piece_bytes(l, n);
	struct rowlog_piece *piece = malloc(sizeof *piece + room);

	if (piece == NULL)
		err_no_memory(room);
	piece->next = NULL;
	piece->n = 0;
	piece->room = room;
	if (l->last != NULL)
		l->last->next = piece;
	else
		l->first = piece;
	l->last = piece;
	l->room += room;
	if (l->budget != NULL)
		(void)atomic_fetch_add(&l->budget->used, room);
}

/* A file without a name; not every file system knows O_TMPFILE. */
static int
open_unlinked(const char *dir)
{
	char path[PATH_MAX];
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	if (snprintf(path, sizeof path, "%s/.spill-XXXXXX", dir) >=
	    (int)sizeof path)
		return -1;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		(void)unlink(path);
	return fd;
}

static int
write_piece(struct rowlog *l, const struct rowlog_piece *piece, uint64_t at)
{
	size_t done = 0;
	ssize_t n;

	while (done < piece->n) {
		n = pwrite(l->fd, piece->p + done, piece->n - done,
		    (off_t)(at + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(&l->err, ERR_FAILED,
			    "cannot write a temporary file in %s: %s",
			    l->case_dir, strerror(n < 0 ? errno : ENOSPC));
		done += (size_t)n;
	}
	return 0;
}

void
rowlog_spill(struct rowlog *l)
{
	const struct rowlog_piece *piece;
	uint64_t at = l->spilled;

	if (l->n == 0 || l->err.code != ERR_NONE)
		return;
	if (l->fd < 0 && (l->fd = open_unlinked(l->case_dir)) < 0) {
		(void)err_set(&l->err, ERR_FAILED,
		    "cannot create a temporary file in %s: %s", l->case_dir,
		    strerror(errno));
		return;
	}
	for (piece = l->first; piece != NULL; piece = piece->next) {
		if (write_piece(l, piece, at) < 0)
			return;
		at += piece->n;
	}
	l->spilled = at;
	drop_memory(l);
}

void *
rowlog_add_piece(struct rowlog *l, size_t n)
{
	void *p;

	assert(n < SIZE_MAX / 4);
	if (l->n > 0 && (l->n + n > l->limit || !has_budget(l, n))) {
		rowlog_spill(l);
		if (l->err.code != ERR_NONE)
			drop_memory(l); /* all is lost: stay within bounds */
	}
	if (l->last == NULL || n > l->last->room - l->last->n)
		add_piece(l, n);
	p = l->last->p + l->last->n;
	l->last->n += n;
	l->n += n;
	return p;
}

uint64_t
rowlog_bytes(const struct rowlog *l)
{
	return l->spilled + l->n;
}

int
rowlog_error(const struct rowlog *l, struct err *err)
{
	if (l->err.code == ERR_NONE)
		return 0;
	return err_set(err, l->err.code, "%s", l->err.msg);
}

void
rowlog_clear(struct rowlog *l)
{
	struct rowlog_budget *budget = l->budget;

	if (l->fd >= 0)
		(void)close(l->fd);
	drop_memory(l);
	rowlog_init(l, l->case_dir, l->limit);
	l->budget = budget;
}

void
rowlog_read(struct rowlog_reader *r, struct rowlog *l)
{
	memset(r, 0, sizeof *r);
	r->l = l;
	r->piece = l->first;
	r->window = ROWLOG_WINDOW_BYTES;
}

void
rowlog_read_at(
    struct rowlog_reader *r, struct rowlog *l, uint64_t at, size_t window_bytes)
{
	assert(l->n == 0 && at <= l->spilled);
	rowlog_read(r, l);
	r->at = at;
	r->window = window_bytes;
}

/* The next n bytes of what is in memory. */
static const void *
take_memory(struct rowlog_reader *r, size_t n)
{
	const void *p;

	while (r->piece != NULL && r->used == r->piece->n) {
		r->piece = r->piece->next;
		r->used = 0;
	}
	if (r->piece == NULL || r->piece->n - r->used < n)
		return NULL;
	p = r->piece->p + r->used;
	r->used += n;
	return p;
}

/* Keep what is not taken yet and read on, until n bytes are there. */
static int
fill_window(struct rowlog_reader *r, size_t n)
{
	struct rowlog *l = r->l;
	size_t want;
	ssize_t got;

	if (r->n > r->used)
		memmove(r->p, r->p + r->used, r->n - r->used);
	r->n -= r->used;
	r->used = 0;
	want = n > r->window ? n : r->window;
	if (want > r->room) {
		r->p = realloc(r->p, want);
		if (r->p == NULL)
			err_no_memory(want);
		r->room = want;
	}
	while (r->n < n) {
		want = r->room - r->n;
		if (want > l->spilled - r->at)
			want = l->spilled - r->at;
		got = pread(l->fd, r->p + r->n, want, (off_t)r->at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_set(&l->err, ERR_FAILED,
			    "cannot read a temporary file in %s: %s",
			    l->case_dir, strerror(got < 0 ? errno : EIO));
		r->n += (size_t)got;
		r->at += (uint64_t)got;
	}
	return 0;
}

const void *
rowlog_take(struct rowlog_reader *r, size_t n)
{
	const void *p;

	if (r->l->err.code != ERR_NONE)
		return NULL;
	if (!r->in_memory && r->used == r->n && r->at == r->l->spilled) {
		r->in_memory = 1; /* rows do not straddle the two */
		r->used = 0;
	}
	if (r->in_memory)
		return take_memory(r, n);
	if (r->n - r->used < n && fill_window(r, n) < 0)
		return NULL;
	p = r->p + r->used;
	r->used += n;
	return p;
}

void
rowlog_read_end(struct rowlog_reader *r)
{
	free(r->p);
	memset(r, 0, sizeof *r);
}
