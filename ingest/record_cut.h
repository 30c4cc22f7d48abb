/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record_cut - the cutter's inside, shared by the containers.
 */
#ifndef INGEST_RECORD_CUT_H
#define INGEST_RECORD_CUT_H

#include <stdatomic.h>

#include "ingest/record_parser.h"

struct record_cutter_state {
	struct record_state state; /* the first member: handed out */
	struct record_cutter_state *older;
	atomic_uint holds; /* pieces that are not parsed yet */
};

struct record_cutter {
	const struct map *map;
	enum record_encoding encoding;
	struct record_state state;	    /* for the next piece */
	struct record_cutter_state *states; /* handed out, newest first */
	struct encoding_marks marks;
	struct csv_cells cells;	      /* of headers */
	struct record_parser *parser; /* of keys of lines, or NULL */
	struct record_xml going;      /* XML: ahead of the state */
};

/* As record_cut(), of UTF-8. */
/* Before the first piece: line ends, header; false: more bytes are needed. */
bool record_cut_csv_begin(struct record_cutter *c, struct span s, bool at_end);
size_t record_cut_csv(struct record_cutter *c, struct span s, bool at_end);
size_t record_cut_groups(struct record_cutter *c, struct span s, bool at_end);
size_t record_cut_xml(struct record_cutter *c, struct span s, bool at_end);
size_t record_cut_json(struct record_cutter *c, struct span s, bool at_end);

#endif
