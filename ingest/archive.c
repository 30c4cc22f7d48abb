/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: a stack of layers (archive_layer.h) and a loop.  Going to the
 * next member takes off everything above the topmost container, asks that for
 * its next entry, and puts on whatever the entry's first bytes call for, until
 * they call for nothing: that is the member.  A container that is at its end
 * is taken off; when only the file is left, the source is at its end.
 */
#include "ingest/archive.h"
#include "ingest/archive_layer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct archive {
	struct layer_stack stack;
	bool begun;	       /* archive_next() was called */
	bool in_member;	       /* the top layer gives a member */
	const char *name;      /* of it */
	uint64_t member_bytes; /* given of it */
};

static int
failed(struct archive *a, struct err *err)
{
	assert(a->stack.err.code != ERR_NONE);
	return err_set(err, a->stack.err.code, "%s", a->stack.err.msg);
}

static void
set_limits(struct archive_limits *to, const struct archive_limits *from)
{
	if (from != NULL)
		*to = *from;
	if (to->depth == 0)
		to->depth = 8;
	if (to->members == 0)
		to->members = 1000000;
	if (to->ratio == 0)
		to->ratio = 10000;
	if (to->member_bytes == 0)
		to->member_bytes = (uint64_t)1 << 40;
	if (to->zstd_window_log == 0)
		to->zstd_window_log = 27;
	if (to->zstd_window_log < 10)
		to->zstd_window_log = 10;
	if (to->zstd_window_log > 31)
		to->zstd_window_log = 31;
}

struct archive *
archive_open(const char *path, const struct archive_limits *limits,
    archive_damage_f *damage, void *arg, struct err *err)
{
	struct archive *a = calloc(1, sizeof *a);
	const char *slash = strrchr(path, '/');

	assert(damage != NULL);
	if (a == NULL)
		err_no_memory(sizeof *a);
	set_limits(&a->stack.limits, limits);
	a->stack.damage = damage;
	a->stack.damage_arg = arg;
	layer_name(&a->stack.base, slash != NULL ? slash + 1 : path);
	if (layer_file_open(&a->stack, path) < 0) {
		(void)failed(a, err);
		archive_close(a);
		return NULL;
	}
	return a;
}

/* Leave a stream that we know unread; what was peeked at is not given. */
static int
refuse(struct layer *l, const char *reason)
{
	l->out_bytes = 0;
	layer_damage(l, "%s", reason);
	return 1;
}

/* Put on the layer of this kind.  0 or -1; 1: not possible, was told. */
static int
push(struct layer_stack *s, enum layer_kind kind)
{
	int r;

	if (s->depth >= s->limits.depth)
		return refuse(
		    s->top, "archives are nested too deeply: not read");
	switch (kind) {
	case LAYER_GZIP:
		layer_gzip_push(s);
		return 0;
	case LAYER_ZSTD:
		layer_zstd_push(s);
		return 0;
	case LAYER_UNREAD:
		return refuse(s->top,
		    "this kind of archive is not read: unpack it first");
	case LAYER_ZIP:
	case LAYER_7ZIP:
		if (s->top->is_file)
			break;
		r = layer_spool(s->top);
		if (r <= 0)
			return r < 0 ? -1 : 1;
		break;
	default:
		break;
	}
	layer_lib_push(s, kind);
	return 0;
}

/*
 * Open what the top layer begins as, down to a member.  1: the top is a
 * member; 0: look for the next one (a container was opened, or it is
 * unreadable, which was told); -1.
 */
static int
open_inside(struct layer_stack *s)
{
	enum layer_kind kind;
	const uint8_t *p;
	int64_t n;
	int r;

	for (;;) {
		n = layer_peek(s->top, LAYER_PEEK_BYTES, &p);
		if (n < 0)
			return -1;
		if (n == 0 && s->top->damaged)
			return 0;
		kind = layer_kind_of(p, (size_t)n);
		if (kind == LAYER_PLAIN)
			return 1;
		r = push(s, kind);
		if (r != 0)
			return r < 0 ? -1 : 0;
		if (layer_is_container(s->top))
			return 0;
	}
}

/* To the beginning of the next entry, or of the source.  1, 0, -1. */
static int
next_entry(struct archive *a)
{
	struct layer_stack *s = &a->stack;
	int r;

	if (!a->begun) {
		a->begun = true;
		return 1;
	}
	for (;;) {
		while (s->top != s->file && !layer_is_container(s->top))
			layer_pop(s);
		if (s->top == s->file)
			return 0;
		r = s->stopped ? 0 : s->top->ops->next(s->top);
		if (r != 0)
			return r;
		layer_pop(s);
	}
}

/* Open what the entry is: as open_inside(). */
static int
begin_member(struct archive *a, const char **name)
{
	struct layer_stack *s = &a->stack;
	const char *owner;
	int r;

	/* Of a short member the end is seen here, its damage too: that is told
	 * when the caller reads the end. */
	s->holding = true;
	r = open_inside(s);
	owner =
	    layer_is_container(s->top) ? s->top->entry.p : layer_owner(s->top);
	*name = owner != NULL ? owner : s->base.p;
	layer_tell_held(s, r == 1 ? *name : NULL);
	return r;
}

int
archive_next(struct archive *a, const char **name, struct err *err)
{
	struct layer_stack *s = &a->stack;
	int r;

	layer_tell_held(s, NULL);
	a->in_member = false;
	a->member_bytes = 0;
	do {
		if (s->err.code != ERR_NONE)
			return failed(a, err);
		r = next_entry(a);
		if (r == 0)
			return 0;
		if (r > 0)
			r = begin_member(a, name);
	} while (r == 0);
	if (r < 0)
		return failed(a, err);
	a->in_member = true;
	return 1;
}

/* The member is longer than allowed: cut it, and what could go on for ever
 * below it. */
static void
cut_member(struct archive *a)
{
	struct layer *l = a->stack.top;

	layer_damage(l, "longer than %llu bytes: cut",
	    (unsigned long long)a->stack.limits.member_bytes);
	for (; l != NULL && !l->is_file; l = l->below) {
		l->ended = true;
		if (layer_is_container(l))
			break;
	}
	a->in_member = false;
}

int64_t
archive_read(struct archive *a, void *into, size_t room, struct err *err)
{
	uint64_t max = a->stack.limits.member_bytes;
	int64_t got;

	assert(room > 0);
	if (!a->in_member)
		return a->stack.err.code != ERR_NONE ? failed(a, err) : 0;
	got = layer_read(a->stack.top, into, room);
	if (got < 0)
		return failed(a, err);
	if (got == 0)
		layer_tell_held(&a->stack, NULL);
	if ((uint64_t)got > max - a->member_bytes) {
		got = (int64_t)(max - a->member_bytes);
		a->stack.top->out_bytes = max;
		cut_member(a);
	}
	a->member_bytes += (uint64_t)got;
	return got;
}

uint64_t
archive_done_bytes(const struct archive *a)
{
	return layer_file_done_bytes(a->stack.file);
}

uint64_t
archive_size_bytes(const struct archive *a)
{
	return a->stack.file->size_bytes;
}

int
archive_sha256(struct archive *a, char hex[ARCHIVE_SHA256_HEX], struct err *err)
{
	if (layer_file_sha256(a->stack.file, hex) < 0)
		return failed(a, err);
	return 0;
}

void
archive_close(struct archive *a)
{
	if (a == NULL)
		return;
	while (a->stack.top != NULL)
		layer_pop(&a->stack);
	for (size_t i = 0; i < a->stack.n_held; i++) {
		free(a->stack.held[i].name);
		free(a->stack.held[i].reason);
	}
	free(a->stack.held);
	buf_clear(&a->stack.base);
	free(a);
}

static void
no_damage(void *arg, const char *member, uint64_t offset, const char *reason)
{
	(void)arg;
	(void)member;
	(void)offset;
	(void)reason;
	assert(!"a file that is not decoded has no damage");
}

int
archive_hash_file(
    const char *path, char hex[ARCHIVE_SHA256_HEX], struct err *err)
{
	struct archive *a = archive_open(path, NULL, no_damage, NULL, err);
	int rc = -1;

	if (a != NULL)
		rc = archive_sha256(a, hex, err);
	archive_close(a);
	return rc;
}
