/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * archive_inflate - deflate data by ISA-L, for gzip and for entries of a zip.
 * Private to archive*.c.
 *
 * ISA-L decodes into a window of its own first, nearly LAYER_ROOM_BYTES long,
 * and drops what is left in it when an error follows: it therefore always
 * gets more room than that, and all that precedes an error is out.  When a
 * match reaches back behind the beginning, its assembler parts have already
 * counted the match: until that can no more happen, so many bytes are held
 * back.
 */
#ifndef INGEST_ARCHIVE_INFLATE_H
#define INGEST_ARCHIVE_INFLATE_H

#include "ingest/archive_layer.h"

#include <isa-l/igzip_lib.h>

struct inflate {
	struct inflate_state z; /* crc_flag: the caller's, see igzip_lib.h */
	size_t n_held;
	uint8_t held[ISAL_DEF_MAX_MATCH]; /* [n_held] */
};

enum inflate_result {
	INFLATE_MORE = 0,
	INFLATE_END,	   /* of the data, and of the sum if there is one */
	INFLATE_WRONG_SUM, /* the same, but the sum is wrong */
	INFLATE_DAMAGED,
	INFLATE_CUT, /* there was no input, and more is needed */
};

/* Begin new data with this crc_flag. */
void inflate_begin(struct inflate *f, uint32_t crc_flag);

/*
 * Decode from the *n bytes at p, none at the end of the input, into `room`
 * (>= LAYER_ROOM_BYTES) bytes; *n becomes how many were used, *made how many
 * came out.
 */
enum inflate_result inflate_some(struct inflate *f, const uint8_t *p, size_t *n,
    uint8_t *into, size_t room, size_t *made);

#endif
