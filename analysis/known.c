/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/known.h"

#include <stdlib.h>

#include "ingest/base/err.h"
#include "ingest/store.h"

static struct map_slot *
map_slot(const struct map *m, uint64_t key)
{
	size_t at = (size_t)key & (m->room - 1);

	while (m->slot[at].key != 0 && m->slot[at].key != key)
		at = (at + 1) & (m->room - 1);
	return &m->slot[at];
}

const struct map_slot *
map_find(const struct map *m, uint64_t key)
{
	const struct map_slot *s;

	if (m->n == 0 || key == 0)
		return NULL;
	s = map_slot(m, key);
	return s->key != 0 ? s : NULL;
}

/* The slot of a key, new with actor UINT32_MAX - 1; NULL when full. */
static struct map_slot *
map_add(struct map *m, uint64_t key, size_t most)
{
	struct map_slot *old = m->slot, *s;
	size_t was = m->room, i;

	if (2 * (m->n + 1) > m->room) {
		m->room = was == 0 ? 64 : 2 * was;
		m->slot = calloc(m->room, sizeof *m->slot);
		if (m->slot == NULL)
			err_no_memory(m->room * sizeof *m->slot);
		for (i = 0; i < was; i++)
			if (old[i].key != 0)
				*map_slot(m, old[i].key) = old[i];
		free(old);
	}
	s = map_slot(m, key);
	if (s->key != 0)
		return s;
	if (m->n == most)
		return NULL;
	m->n++;
	s->key = key;
	s->actor = UINT32_MAX - 1;
	return s;
}

static void
map_reset(struct map *m)
{
	if (m->n > 0)
		memset(m->slot, 0, m->room * sizeof *m->slot);
	m->n = 0;
}

void
known_reset(struct known *k)
{
	arena_reset(&k->arena);
	map_reset(&k->session);
	map_reset(&k->actors);
	k->only = 0;
	k->device = (struct span){ NULL, 0 };
}

void
known_free(struct known *k)
{
	arena_clear(&k->arena);
	free(k->session.slot);
	free(k->actors.slot);
	free(k->actor);
}

static uint32_t
actor_index(struct known *k, struct span actor)
{
	uint32_t n = (uint32_t)k->actors.n;
	struct map_slot *s = map_add(&k->actors, store_hash(actor), k->most);

	if (s == NULL)
		return UINT32_MAX;
	if (k->actors.n == n)
		return s->actor;
	s->actor = n;
	if (n == k->actor_room) {
		k->actor_room = n == 0 ? 16 : 2 * k->actor_room;
		k->actor = realloc(k->actor, k->actor_room * sizeof *k->actor);
		if (k->actor == NULL)
			err_no_memory(k->actor_room * sizeof *k->actor);
	}
	k->actor[n] = arena_span(&k->arena, actor);
	return n;
}

/* `is_owner`: the link speaks of the device itself, not of one session. */
void
known_add(struct known *k, uint64_t session, struct span actor, bool is_owner)
{
	uint32_t a = actor_index(k, actor);
	struct map_slot *s;

	if (is_owner)
		k->only = a != UINT32_MAX && (k->only == 0 || k->only == a + 1)
			      ? a + 1
			      : UINT32_MAX;
	if (session == 0)
		return;
	s = map_add(&k->session, session, k->most);
	if (s == NULL)
		return;
	if (s->actor == UINT32_MAX - 1)
		s->actor = a;
	else if (s->actor != a)
		s->actor = UINT32_MAX;
}

/* The actor of a session, else of the device; absent: not known. */
struct span
known_actor(const struct known *k, uint64_t session)
{
	const struct map_slot *s = map_find(&k->session, session);
	struct span none = { NULL, 0 };

	if (s != NULL && s->actor < UINT32_MAX - 1)
		return k->actor[s->actor];
	if (k->only == 0 || k->only == UINT32_MAX)
		return none;
	return k->actor[k->only - 1];
}
