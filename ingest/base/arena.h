/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arena - memory that dies together.
 *
 * Three lifetimes are in use: a run (options, maps, catalogue), a partition
 * (its flows), and scratch (one record or one batch).  Whoever passes the
 * arena chooses the lifetime; nothing in it is freed alone.
 * `struct arena a = { 0 }` is a valid empty one.
 */
#ifndef INGEST_BASE_ARENA_H
#define INGEST_BASE_ARENA_H

#include "ingest/base/span.h"

struct arena_block;

struct arena {
	struct arena_block *last; /* newest block, links to older ones */
	size_t used_bytes;	  /* of the newest block */
	size_t total_bytes;	  /* given out since the last reset */
};

void *arena_alloc(struct arena *arena, size_t size_bytes); /* zeroed,
							      16-aligned,
							      never NULL */
/* The same without the zeroes, for what is written at once. */
void *arena_take(struct arena *arena, size_t size_bytes);
/* Grow what was allocated last in place if possible, else copy. */
void *arena_grow(
    struct arena *arena, void *old, size_t old_bytes, size_t new_bytes);
/* A terminated copy; the span's bytes plus '\0'. */
char *arena_str(struct arena *arena, struct span s);
struct span arena_span(struct arena *arena, struct span s);
char *arena_printf(struct arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void arena_reset(struct arena *arena); /* forget, keep one block */
void arena_clear(struct arena *arena); /* forget, give back */

#endif
