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
	ROWLOG_FIRST_BYTES = 32 * 1024,
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
	if (l->budget != NULL)
		(void)atomic_fetch_sub(&l->budget->used, l->room);
	free(l->p);
	l->p = NULL;
	l->n = l->room = 0;
}

/* Does one more doubling fit into what all logs may have? */
static int
has_budget(const struct rowlog *l)
{
	return l->budget == NULL || l->n < ROWLOG_LEAST_SPILL ||
	       atomic_load(&l->budget->used) + l->room <= l->budget->limit;
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

void
rowlog_spill(struct rowlog *l)
{
	size_t done = 0;
	ssize_t n;

	if (l->n == 0 || l->err.code != ERR_NONE)
		return;
	if (l->fd < 0 && (l->fd = open_unlinked(l->case_dir)) < 0) {
		(void)err_set(&l->err, ERR_FAILED,
		    "cannot create a temporary file in %s: %s", l->case_dir,
		    strerror(errno));
		return;
	}
	while (done < l->n) {
		n = pwrite(l->fd, l->p + done, l->n - done,
		    (off_t)(l->spilled + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			(void)err_set(&l->err, ERR_FAILED,
			    "cannot write a temporary file in %s: %s",
			    l->case_dir, strerror(n < 0 ? errno : ENOSPC));
			return;
		}
		done += (size_t)n;
	}
	l->spilled += l->n;
	drop_memory(l);
}

void *
rowlog_add(struct rowlog *l, size_t n)
{
	size_t was;
	void *p;

	assert(n < SIZE_MAX / 4);
	if (l->n > 0 &&
	    (l->n + n > l->limit || (l->n + n > l->room && !has_budget(l)))) {
		rowlog_spill(l);
		if (l->err.code != ERR_NONE)
			l->n = 0; /* all is lost: stay within bounds */
	}
	if (l->n + n > l->room) {
		was = l->room;
		if (l->room == 0)
			l->room = ROWLOG_FIRST_BYTES;
		while (l->room < l->n + n)
			l->room *= 2;
		l->p = realloc(l->p, l->room);
		if (l->p == NULL)
			err_no_memory(l->room);
		if (l->budget != NULL)
			(void)atomic_fetch_add(&l->budget->used, l->room - was);
	}
	p = l->p + l->n;
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
	want = n > ROWLOG_WINDOW_BYTES ? n : ROWLOG_WINDOW_BYTES;
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
	if (r->in_memory) {
		if (r->l->n - r->used < n || r->l->n == r->used)
			return NULL;
		p = r->l->p + r->used;
		r->used += n;
		return p;
	}
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
