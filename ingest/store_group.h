/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_group - columns of a block that one column can stand for.
 *
 * What kind of event a row is decides which words and names it has, so their
 * columns repeat each other.  The combinations of their values that occur are
 * numbered, and a row holds the number of its own.  A second group holds
 * what is left and changes from row to row together.
 */
#ifndef INGEST_STORE_GROUP_H
#define INGEST_STORE_GROUP_H

#include "ingest/store_int.h"

enum { GROUPS = 2, GROUP_CODES_MAX = 255 };

struct group {
	unsigned n_codes, n_fields;
	uint64_t fields;	       /* the same as bits */
	uint8_t field[EVENT_N_FIELDS]; /* [n_fields] as in event_fields[] */
	uint8_t value[EVENT_N_FIELDS][GROUP_CODES_MAX]; /* [n_fields]
							   [n_codes] */
	uint8_t *code;					/* [n] rows */
	/* not for others */
	uint8_t *next, row[2][STORE_BLOCK_EVENTS]; /* code and next in turn */
	uint8_t narrow[STORE_BLOCK_EVENTS];
	uint8_t table[256 * 256]; /* combination of value and code */
	struct combination {
		uint8_t before, value; /* of the ones joined */
	} made[GROUP_CODES_MAX];
};

/* The columns of the block that go together; n_fields 0: none do. */
void groups_make(struct group g[GROUPS], const struct builder *bw);

#endif
