/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * known - which actor a session or a device stands for (identity.c).
 *
 * `struct known k = { .most = N }` is a valid empty one that holds at most N
 * sessions and N actors; what is beyond that is not known.
 */
#ifndef ANALYSIS_KNOWN_H
#define ANALYSIS_KNOWN_H

#include "ingest/base/arena.h"

/* A table from hashes to actors, by open addressing. */
struct map {
	struct map_slot {
		uint64_t key;	/* 0: free */
		uint32_t actor; /* index; UINT32_MAX: contradictory */
	} * slot;
	size_t n, room; /* room: a power of two, more than half of it free */
};

/* What is known of the device (or of sessions) whose rows are passing. */
struct known {
	struct map session, actors; /* actors: hash of the id to its index */
	uint32_t only; /* 1 + the device's only actor; UINT32_MAX several */
	struct span *actor; /* [actors.n] */
	size_t actor_room;
	size_t most; /* links at most */
	struct arena arena;
	struct span device;
};

void known_reset(struct known *k); /* forget, keep the memory */
void known_free(struct known *k);
/* A link; `is_owner`: it speaks of the device itself, not of one session
 * (hash; 0: names none). */
void known_add(
    struct known *k, uint64_t session, struct span actor, bool is_owner);
/* The actor of a session, else of the device; absent: not known. */
struct span known_actor(const struct known *k, uint64_t session);
/* The slot of a key, NULL when it is not there. */
const struct map_slot *map_find(const struct map *m, uint64_t key);

#endif
