/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * map - mapping files: which record of a source is which event.
 *
 * A mapping is a small declarative text (pretick formats NAME prints one);
 * shipped ones are embedded, `-m FILE` reads others.  It is compiled once
 * and then read by any number of threads.
 *
 * Ownership: a map owns all it needs; free it after the last parser on it.
 */
#ifndef INGEST_MAP_H
#define INGEST_MAP_H

#include "ingest/base/err.h"
#include "ingest/event.h"

struct map;

/*
 * Compile a mapping text.  NULL with `err` "FILE:LINE: reason" when it is
 * wrong.  The text need not outlive the call.
 */
struct map *map_compile(const char *file, struct span text, struct err *err);
void map_free(struct map *m);

const char *map_name(const struct map *m);    /* "sensorsdata" */
const char *map_version(const struct map *m); /* "1" */
const char *map_title(const struct map *m);   /* one line, may be "" */
/* What the source can (never: cannot) emit; bit 1 << kind. */
uint64_t map_emits(const struct map *m);
uint64_t map_never(const struct map *m);
/* In map_never(), beside the kinds: the source tells of no refusals. */
enum { MAP_REFUSAL = 63 };
/* It names what copies of a record share. */
bool map_has_dedup(const struct map *m);

/* A set of mappings that bid for members. */
struct map_set {
	struct map **map; /* [n_maps], owned */
	size_t n_maps;
};

/* The embedded ones, in order of name. */
int map_set_shipped(struct map_set *s, struct err *err);
/* Add one from a file; a name that is there already is an error. */
int map_set_add_file(struct map_set *s, const char *path, struct err *err);
const struct map *map_set_find(const struct map_set *s, const char *name);
void map_set_clear(struct map_set *s);

#endif
