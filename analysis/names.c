/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: open addressing with linear probing, at most half full; the
 * table holds codes, the texts lie in the arena.
 */
#include "analysis/names.h"

#include <assert.h>
#include <stdlib.h>

#include "ingest/base/err.h"

enum { NAMES_FIRST_SLOTS = 256 };

/* FNV-1a with a final mix: names are short. */
static uint32_t
names_hash(struct span s)
{
	uint64_t h = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3;
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15;
	return (uint32_t)(h >> 32);
}

/* The slot that holds the text, or the free one where it belongs. */
static uint32_t *
names_slot(const struct names *names, struct span text)
{
	uint32_t mask = names->n_slots - 1, at = names_hash(text) & mask;

	while (names->slot[at] != 0) {
		if (span_eq(names->text[names->slot[at]], text))
			break;
		at = (at + 1) & mask;
	}
	return &names->slot[at];
}

static void
names_grow(struct names *names)
{
	uint32_t i;

	free(names->slot);
	names->n_slots =
	    names->n_slots == 0 ? NAMES_FIRST_SLOTS : names->n_slots * 2;
	assert(names->n_slots != 0);
	names->slot = calloc(names->n_slots, sizeof names->slot[0]);
	if (names->slot == NULL)
		err_no_memory(names->n_slots * sizeof names->slot[0]);
	for (i = 1; i <= names->n; i++)
		*names_slot(names, names->text[i]) = i;
}

uint32_t
names_code(struct names *names, struct span text)
{
	uint32_t *slot;

	if (text.p == NULL)
		return 0;
	if (2 * (names->n + 1) > names->n_slots)
		names_grow(names);
	slot = names_slot(names, text);
	if (*slot != 0)
		return *slot;
	if (names->n + 2 > names->n_room) {
		names->n_room = names->n_room == 0 ? 128 : 2 * names->n_room;
		names->text =
		    realloc(names->text, names->n_room * sizeof names->text[0]);
		if (names->text == NULL)
			err_no_memory(names->n_room * sizeof names->text[0]);
		names->text[0] = (struct span){ NULL, 0 };
	}
	*slot = ++names->n;
	names->text[names->n] = arena_span(&names->arena, text);
	return names->n;
}

uint32_t
names_find(const struct names *names, struct span text)
{
	if (text.p == NULL || names->n_slots == 0)
		return 0;
	return *names_slot(names, text);
}

void
names_clear(struct names *names)
{
	free(names->text);
	free(names->slot);
	arena_clear(&names->arena);
	memset(names, 0, sizeof *names);
}
