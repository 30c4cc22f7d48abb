/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/base/arena.h"
#include "ingest/base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ARENA_BLOCK_BYTES = 64 * 1024, ARENA_ALIGN = 16 };

struct arena_block {
	struct arena_block *older;
	size_t size_bytes; /* of bytes[] */
	_Alignas(ARENA_ALIGN) char bytes[];
};

static size_t
rounded(size_t n)
{
	assert(n <= SIZE_MAX - ARENA_ALIGN);
	return (n + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
}

static void
free_older(struct arena_block *b)
{
	struct arena_block *older;

	for (; b != NULL; b = older) {
		older = b->older;
		free(b);
	}
}

void *
arena_take(struct arena *arena, size_t size_bytes)
{
	size_t need = rounded(size_bytes == 0 ? 1 : size_bytes), size;
	struct arena_block *b = arena->last;
	void *p;

	if (b == NULL || b->size_bytes - arena->used_bytes < need) {
		/* Too small for the first thing that is wanted: arena_reset()
		 * counts on there being no older block then. */
		if (arena->total_bytes == 0) {
			free_older(b);
			arena->last = NULL;
		}
		size = need > ARENA_BLOCK_BYTES ? need : ARENA_BLOCK_BYTES;
		/* Grow with use: few blocks for large arenas. */
		if (size < arena->total_bytes / 4)
			size = rounded(arena->total_bytes / 4);
		b = malloc(sizeof *b + size);
		if (b == NULL)
			err_no_memory(size);
		b->size_bytes = size;
		b->older = arena->last;
		arena->last = b;
		arena->used_bytes = 0;
	}
	p = b->bytes + arena->used_bytes;
	arena->used_bytes += need;
	arena->total_bytes += need;
	return p;
}

void *
arena_alloc(struct arena *arena, size_t size_bytes)
{
	return memset(arena_take(arena, size_bytes), 0,
	    rounded(size_bytes == 0 ? 1 : size_bytes));
}

void *
arena_grow(struct arena *arena, void *old, size_t old_bytes, size_t new_bytes)
{
	struct arena_block *b = arena->last;
	size_t was = rounded(old_bytes == 0 ? 1 : old_bytes);
	size_t need = rounded(new_bytes == 0 ? 1 : new_bytes);
	char *end, *p;

	if (old == NULL)
		return arena_alloc(arena, new_bytes);
	/* What was only taken has anything in its padding. */
	if (new_bytes > old_bytes)
		memset((char *)old + old_bytes, 0,
		    (need < was ? need : was) - old_bytes);
	if (need <= was)
		return old;
	end = b->bytes + arena->used_bytes;
	if ((char *)old + was == end &&
	    b->size_bytes - arena->used_bytes >= need - was) {
		memset(end, 0, need - was);
		arena->used_bytes += need - was;
		arena->total_bytes += need - was;
		return old;
	}
	p = arena_alloc(arena, new_bytes);
	memcpy(p, old, old_bytes);
	return p;
}

char *
arena_str(struct arena *arena, struct span s)
{
	char *p = arena_take(arena, s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

struct span
arena_span(struct arena *arena, struct span s)
{
	struct span copy = { NULL, 0 };

	if (s.p != NULL) {
		copy.p = arena_str(arena, s);
		copy.n = s.n;
	}
	return copy;
}

char *
arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	p = arena_alloc(arena, (size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void
arena_reset(struct arena *arena)
{
	/* All in the newest block: it is not touched, which is a cache line a
	 * person. */
	if (arena->last != NULL && arena->used_bytes != arena->total_bytes) {
		free_older(arena->last->older);
		arena->last->older = NULL;
	}
	arena->used_bytes = 0;
	arena->total_bytes = 0;
}

void
arena_clear(struct arena *arena)
{
	free_older(arena->last);
	memset(arena, 0, sizeof *arena);
}
