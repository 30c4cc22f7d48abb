/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record_group - text lines that share a key are one record.
 *
 * A log may write one event as several lines, and the lines of several events
 * through each other.  The lines with one key are a *group* as long as no
 * more than GROUP_KEYS_OPEN keys, itself included, have begun since its first
 * line; a later line begins a group of its own.
 *
 * Where a member may be cut must not depend on where anybody cuts it, so
 * *stretches* are defined from its beginning on: one ends before the first
 * line that begins a group while none from before goes on behind that line,
 * which is known when all of those are over; when there is no such place, a
 * stretch ends with the line that makes it GROUP_STRETCH_BYTES long, and all
 * groups end there.  The cutter cuts between stretches only, the parser finds
 * the same ones.
 *
 * Lines without a key, and those that are no record, are groups of one.
 *
 * Ownership: everything points into the text, which must stay.
 */
#ifndef INGEST_RECORD_GROUP_H
#define INGEST_RECORD_GROUP_H

#include "ingest/map_code.h"

enum {
	GROUP_KEYS_OPEN = 64,
	GROUP_STRETCH_BYTES = 1024 * 1024,
};

struct group_line {
	size_t at, end;
	uint32_t next; /* 1 + the group's next line, 0: the last */
};

struct group {
	uint32_t first, last; /* lines */
	uint64_t hash;	      /* of the key */
	bool has_key;
	const char *reason; /* why it is no record, or NULL */
	struct span key[MAP_TOGETHER_MAX];
};

struct record_groups {
	struct group_line *line; /* [n_lines] of the stretch and beyond */
	uint32_t n_lines, lines_room;
	struct group *group; /* [n_groups], in the order of their lines */
	uint32_t n_groups, groups_room;
	uint32_t open[GROUP_KEYS_OPEN]; /* groups, a ring */
	uint32_t n_open, first_open;
	size_t from;	    /* where the stretch begins */
	size_t reach;	    /* begin of the last line of those closed in it */
	uint32_t n_settled; /* groups of stretches that are over */
};

/* Begin with the stretch at `from`. */
void record_groups_begin(struct record_groups *g, size_t from);
/*
 * The next line, `next` is behind its line end.  `key` [n] NULL: it has none.
 * True when one or more stretches are over: the first n_settled groups are
 * complete, and g->from is where the stretch at hand begins.
 */
bool record_groups_add(struct record_groups *g, struct group_line line,
    size_t next, const struct span *key, int n, const char *reason);
/* The settled groups are done with: forget them. */
void record_groups_drop(struct record_groups *g);
void record_groups_clear(struct record_groups *g);

#endif
