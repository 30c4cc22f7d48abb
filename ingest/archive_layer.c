/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/archive_layer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The ratio is looked at only beyond this: repetitive logs are fine.  A whole
 * source may hold some bombs and other members still be read. */
#define RATIO_FREE_BYTES       ((uint64_t)64 * 1024 * 1024)
#define RATIO_FREE_TOTAL_BYTES (16 * RATIO_FREE_BYTES)

enum { DAMAGE_MAX = 10000 }; /* told of one source */

struct layer *
layer_push(struct layer_stack *s, enum layer_kind kind,
    const struct layer_ops *ops, void *state)
{
	struct layer *l = calloc(1, sizeof *l);

	if (l == NULL)
		err_no_memory(sizeof *l);
	l->buf = malloc(LAYER_BUF_BYTES);
	if (l->buf == NULL)
		err_no_memory(LAYER_BUF_BYTES);
	l->ops = ops;
	l->stack = s;
	l->below = s->top;
	l->kind = kind;
	l->state = state;
	s->top = l;
	if (kind != LAYER_PLAIN)
		s->depth++;
	return l;
}

void
layer_pop(struct layer_stack *s)
{
	struct layer *l = s->top;

	assert(l != NULL);
	if (l->kind != LAYER_PLAIN)
		s->depth--;
	s->top = l->below;
	l->ops->close(l);
	buf_clear(&l->entry);
	free(l->buf);
	free(l);
}

bool
layer_is_container(const struct layer *l)
{
	return l->ops->next != NULL;
}

const char *
layer_owner(const struct layer *l)
{
	for (l = l->below; l != NULL; l = l->below)
		if (layer_is_container(l))
			return l->entry.p;
	return NULL;
}

/* Length of the valid UTF-8 sequence at p, 0: none. */
static size_t
utf8_bytes(const unsigned char *p, size_t n)
{
	size_t need = 0;

	if (p[0] < 0x80)
		need = 1;
	else if (p[0] >= 0xc2 && p[0] < 0xf5)
		need = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (need == 0 || need > n)
		return 0;
	for (size_t i = 1; i < need; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return need;
}

void
layer_name(struct buf *to, const char *raw)
{
	const unsigned char *p = (const unsigned char *)raw;
	size_t n = strlen(raw), used;

	if (n > LAYER_NAME_BYTES)
		n = LAYER_NAME_BYTES;
	for (; n > 0; p += used, n -= used) {
		used = utf8_bytes(p, n);
		if (used > 0)
			(void)buf_add(to, p, used);
		else
			(void)buf_str(to, "\xef\xbf\xbd");
		used = used > 0 ? used : 1;
	}
}

bool
layer_is_cut(const struct layer *l)
{
	for (l = l->below; l != NULL; l = l->below) {
		if (l->damaged)
			return true;
		if (layer_is_container(l))
			break;
	}
	return false;
}

static char *
copy(const char *text)
{
	char *p = strdup(text);

	if (p == NULL)
		err_no_memory(strlen(text) + 1);
	return p;
}

static void
hold(struct layer_stack *s, const char *name, uint64_t offset,
    const char *reason)
{
	struct layer_damaged *d;

	s->held = realloc(s->held, (s->n_held + 1) * sizeof *s->held);
	if (s->held == NULL)
		err_no_memory((s->n_held + 1) * sizeof *s->held);
	d = &s->held[s->n_held++];
	d->name = copy(name);
	d->offset = offset;
	d->reason = copy(reason);
}

void
layer_tell(struct layer_stack *s, const char *name, uint64_t offset,
    const char *reason)
{
	if (s->holding && name != NULL && s->n_damage <= DAMAGE_MAX) {
		hold(s, name, offset, reason);
		return;
	}
	s->n_damage++;
	if (s->n_damage <= DAMAGE_MAX)
		s->damage(s->damage_arg, name, offset, reason);
	else if (s->n_damage == DAMAGE_MAX + 1)
		s->damage(s->damage_arg, NULL, 0, "more damage than is listed");
}

void
layer_tell_held(struct layer_stack *s, const char *except)
{
	size_t kept = 0;

	s->holding = false;
	for (size_t i = 0; i < s->n_held; i++) {
		struct layer_damaged d = s->held[i];

		if (except != NULL && strcmp(d.name, except) == 0) {
			s->held[kept++] = d;
			continue;
		}
		layer_tell(s, d.name, d.offset, d.reason);
		free(d.name);
		free(d.reason);
	}
	s->n_held = kept;
}

static void
tell(struct layer *l, const char *name, uint64_t offset, const char *fmt,
    va_list ap)
{
	char reason[256];

	(void)vsnprintf(reason, sizeof reason, fmt, ap);
	for (char *p = reason; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e)
			*p = '?';
	l->damaged = true;
	layer_tell(l->stack, name, offset, reason);
}

void
layer_damage(struct layer *l, const char *fmt, ...)
{
	const struct layer *above;
	const char *name = layer_owner(l);
	bool inside = false; /* a container that l feeds */
	va_list ap;

	/* A stream that ends early because the one below does was told. */
	if (!layer_is_container(l) && layer_is_cut(l)) {
		l->damaged = true;
		return;
	}
	for (above = l->stack->top; above != l; above = above->below)
		inside = inside || layer_is_container(above);
	if (layer_is_container(l))
		name = l->entry.p;
	else if (name == NULL && !inside)
		name = l->stack->base.p;
	va_start(ap, fmt);
	tell(l, name, l->out_bytes, fmt, ap);
	va_end(ap);
}

void
layer_damage_below(struct layer *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(l, layer_owner(l), l->in_bytes, fmt, ap);
	va_end(ap);
}

static uint64_t
ratio_limit(const struct layer_stack *s, uint64_t encoded, uint64_t at_least)
{
	uint64_t limit;

	if (__builtin_mul_overflow(encoded, s->limits.ratio, &limit))
		return UINT64_MAX;
	return limit > at_least ? limit : at_least;
}

/*
 * Count what was decoded; cut what passes a bound.  Against the size of the
 * file where that is known, so that the cut is at the same byte however the
 * stream is read.
 */
static int64_t
within_bounds(struct layer *l, int64_t got)
{
	struct layer_stack *s = l->stack;
	uint64_t n = (uint64_t)got, limit;

	l->out_bytes += n;
	l->total_bytes += n;
	s->decoded_bytes += n;
	limit = ratio_limit(s,
	    l->below->is_file ? l->below->size_bytes : l->in_bytes,
	    RATIO_FREE_BYTES);
	if (l->out_bytes > limit) {
		n -= l->out_bytes - limit < n ? l->out_bytes - limit : n;
		l->out_bytes -= (uint64_t)got - n;
		l->ended = true;
		layer_damage(l,
		    "decoded bytes exceed %llu times the encoded: stopped",
		    (unsigned long long)s->limits.ratio);
	}
	limit = ratio_limit(s, s->file->size_bytes, RATIO_FREE_TOTAL_BYTES);
	if (s->decoded_bytes > limit && !s->stopped) {
		s->stopped = true;
		l->damaged = true;
		layer_tell(s, NULL, l->out_bytes,
		    "decoded bytes of all archives in it exceed the bound: "
		    "stopped");
	}
	return (int64_t)n;
}

static int64_t
decode(struct layer *l, uint8_t *into, size_t room)
{
	int64_t got;

	assert(room >= LAYER_ROOM_BYTES);
	if (l->stack->err.code != ERR_NONE)
		return -1;
	if (l->ended || l->stack->stopped)
		return 0;
	got = l->ops->decode(l, into, room);
	assert(got >= 0 || l->stack->err.code != ERR_NONE);
	assert(got <= (int64_t)room);
	if (got == 0)
		l->ended = true;
	if (got <= 0 || l->is_file)
		return got;
	return within_bounds(l, got);
}

/* Decode behind what the buffer holds, so much at most. */
static int64_t
fill(struct layer *l, size_t most)
{
	int64_t got;

	if (l->at == l->have)
		l->at = l->have = 0;
	if (LAYER_BUF_BYTES - l->have < LAYER_ROOM_BYTES) {
		memmove(l->buf, l->buf + l->at, l->have - l->at);
		l->have -= l->at;
		l->at = 0;
	}
	if (most > LAYER_BUF_BYTES - l->have)
		most = LAYER_BUF_BYTES - l->have;
	got = decode(l, l->buf + l->have, most);
	if (got > 0)
		l->have += (size_t)got;
	return got;
}

int64_t
layer_read(struct layer *l, void *into, size_t room)
{
	size_t n = l->have - l->at;
	int64_t got;

	if (n == 0) {
		if (room >= LAYER_ROOM_BYTES) {
			l->at = l->have = 0;
			return decode(l, into, room);
		}
		/* Little, so that large reads are soon direct again. */
		got = fill(l, LAYER_ROOM_BYTES);
		if (got <= 0)
			return got;
		n = l->have - l->at;
	}
	if (n > room)
		n = room;
	memcpy(into, l->buf + l->at, n);
	l->at += n;
	return (int64_t)n;
}

int64_t
layer_peek(struct layer *l, size_t want, const uint8_t **p)
{
	int64_t got;

	assert(want <= LAYER_PEEK_BYTES);
	while (l->have - l->at < want) {
		got = fill(l, LAYER_BUF_BYTES);
		if (got < 0)
			return -1;
		if (got == 0)
			break;
	}
	*p = l->buf + l->at;
	return (int64_t)(l->have - l->at);
}

int64_t
layer_below(struct layer *l, const uint8_t **p)
{
	return layer_peek(l->below, 1, p);
}

void
layer_take(struct layer *l, size_t n)
{
	assert(n <= l->below->have - l->below->at);
	l->below->at += n;
	l->in_bytes += n;
}

void
layer_restart(struct layer *l)
{
	assert(layer_is_container(l));
	l->at = l->have = 0;
	l->out_bytes = 0;
	l->ended = false;
	l->damaged = false;
}

static size_t
n_not_zero(const uint8_t *p, size_t n)
{
	size_t i, found = 0;

	for (i = 0; i < n; i++)
		found += p[i] != 0;
	return found;
}

int
layer_drain(struct layer *l)
{
	uint64_t n = 0, alien = 0;
	const uint8_t *p;
	int64_t got;

	while ((got = layer_below(l, &p)) > 0) {
		alien += n_not_zero(p, (size_t)got);
		n += (uint64_t)got;
		layer_take(l, (size_t)got);
	}
	if (got < 0)
		return -1;
	if (alien == 0 || l->stack->stopped)
		return 0;
	(layer_is_container(l) ? layer_damage_below : layer_damage)(l,
	    "%llu bytes behind the end of the %s data are not read",
	    (unsigned long long)n, layer_kind_name(l->kind));
	return 0;
}
