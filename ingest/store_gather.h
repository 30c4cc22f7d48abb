/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_gather - rows into the columns of a builder.
 */
#ifndef INGEST_STORE_GATHER_H
#define INGEST_STORE_GATHER_H

#include "ingest/store_int.h"
#include "ingest/store_row.h"

struct gather {
	const struct row_book *book;
	struct builder *bw; /* not owned */
	/* [book->n_names] a name's generation << 32 | code in the block */
	uint64_t *code[EVENT_N_STR];
};

void gather_clear(struct gather *g);
/* Append a row; its member id is the final one. */
void gather_row(struct gather *g, const struct row *row);

#endif
