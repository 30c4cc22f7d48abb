/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_code - the codings that store_build.c writes and store_block.c reads.
 */
#ifndef INGEST_STORE_CODE_H
#define INGEST_STORE_CODE_H

#include <stdint.h>
#include <string.h>

enum coding {
	CODING_CONST = 1,
	CODING_PLANES,
	CODING_SEQ,
	CODING_BYTES,
	CODING_DICT,
	CODING_GROUP,
	CODING_VBYTE
};
enum { PLANES_SPARSE = 1, PLANES_DELTA = 2 };
enum { SEQ_ABSENT = 0, SEQ_SAME, SEQ_NEXT, SEQ_OTHER };
enum { COLUMN_HEAD_BYTES = 12 };

struct column_head {
	uint8_t id, coding;
	uint32_t raw, stored; /* bytes before and after compression */
};

static inline void
column_head_write(const struct column_head *h, uint8_t *to)
{
	memset(to, 0, COLUMN_HEAD_BYTES);
	to[0] = h->id;
	to[1] = h->coding;
	memcpy(to + 4, &h->raw, 4);
	memcpy(to + 8, &h->stored, 4);
}

static inline void
column_head_read(struct column_head *h, const uint8_t *from)
{
	h->id = from[0];
	h->coding = from[1];
	memcpy(&h->raw, from + 4, 4);
	memcpy(&h->stored, from + 8, 4);
}

/* Small numbers of either sign as small numbers without one. */
static inline uint64_t
zigzag(int64_t v)
{
	return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
}

static inline int64_t
unzigzag(uint64_t v)
{
	return (int64_t)((v >> 1) ^ (0 - (v & 1)));
}

#endif
