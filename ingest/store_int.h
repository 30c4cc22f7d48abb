/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_int - what the files of the event store share.
 *
 * A file of the store is a sequence of blocks, each sorted and following the
 * one before, and an index at the end:
 *
 *	file    "PTEV" u32 version, block*, index, trailer
 *	index   per block: u64 offset, u32 bytes, u32 events, u8 part,
 *	        u8 file, u16 0, u32 crc (of the block), u64 first and last hash
 *	trailer u64 offset of the index, u32 blocks, "PTEV"
 *	block   u32 events, u32 columns, column*
 *	column  u8 id, u8 coding, u16 0, u32 raw bytes, u32 stored bytes, bytes
 *
 * All numbers are little-endian.  Column ids: numbers as in enum event_num,
 * then strings, then the places (COLUMN_MEMBER …), then what stands for
 * several (COLUMN_GROUP).
 */
#ifndef INGEST_STORE_INT_H
#define INGEST_STORE_INT_H

#include <pthread.h>
#include <zstd.h>

#include "ingest/base/buf.h"
#include "ingest/store.h"
#include "ingest/store_row.h"

enum {
	COLUMN_STR = EVENT_N_NUM, /* the first string column */
	COLUMN_MEMBER = EVENT_N_FIELDS,
	COLUMN_OFFSET,
	COLUMN_BYTES,
	COLUMN_PART,
	COLUMN_GROUP, /* behind the dictionaries of its names */
	COLUMN__MAX
};

enum {
	STORE_VERSION = 3, /* 1 had no groups, 2 no vbyte; can be read */
	STORE_BLOCK_TEXT_BYTES = 4 << 20, /* then a block is closed early */
	STORE_MAX_RAW_BYTES = 1 << 30	  /* of a column */
};

/* Where a block lies in its file. */
struct block_index {
	uint64_t offset;
	uint32_t bytes;
	uint32_t n; /* events */
	uint8_t part;
	uint8_t file; /* enum store_file */
	uint32_t crc;
	uint64_t first_hash, last_hash;
};

/* ---- a block under construction (store_build.c) ---- */

struct column_dict {
	struct span *text; /* [n], room for STORE_BLOCK_EVENTS */
	uint32_t n;
	uint32_t *slot; /* [n_slots] codes by hash of the text, 0 free */
	uint32_t n_slots;
};

struct builder {
	uint32_t n;		     /* rows so far */
	uint32_t max_rows;	     /* of a block: STORE_BLOCK_EVENTS */
	size_t max_text_bytes;	     /* then a block is closed early */
	uint64_t touch;		     /* columns in use: bit of event.present */
	uint32_t generation;	     /* of the block, for remap tables */
	int64_t *num[EVENT_N_NUM];   /* [STORE_BLOCK_EVENTS] once in use */
	uint8_t *word[EVENT_N_NUM];  /* the same, for words */
	uint16_t *code[EVENT_N_STR]; /* the same */
	struct column_dict dict[EVENT_N_STR];
	uint32_t last_code[EVENT_N_STR]; /* of the row before that had one */
	uint32_t member[STORE_BLOCK_EVENTS];
	uint64_t offset[STORE_BLOCK_EVENTS];
	uint32_t bytes[STORE_BLOCK_EVENTS];
	uint16_t part[STORE_BLOCK_EVENTS];
	struct arena texts; /* bytes of the dictionaries */
	uint64_t first_hash, last_hash;
	struct group *group; /* [GROUPS] of the block being written */
	ZSTD_CCtx *zstd;
	int level;
	uint8_t *raw; /* work space of the encoder */
	size_t raw_room;
};

/* Level of a builder that does not compress: runs live for minutes only. */
enum { BUILDER_PLAIN = -1000 };
struct builder *builder_new(int zstd_level);
void builder_free(struct builder *bw);
/* Start a row; its fields follow. */
uint32_t builder_row(
    struct builder *bw, uint64_t hash, const struct place *place);
void builder_touch_fresh(struct builder *bw, uint64_t fresh);

static inline void
builder_place(struct builder *bw, uint32_t row, const struct place *place)
{
	bw->member[row] = place->member;
	bw->offset[row] = place->offset;
	bw->bytes[row] = place->bytes;
	bw->part[row] = place->part;
}

/* Columns come into use with the first row of the block that has them. */
static inline void
builder_touch(struct builder *bw, uint64_t present)
{
	if ((present & ~bw->touch) != 0)
		builder_touch_fresh(bw, present & ~bw->touch);
}

/* A new dictionary entry, the text copied; its code. */
uint32_t builder_text(struct builder *bw, int f, struct span text);

/* The code of a text: the entry there is, or a new one. */
uint32_t builder_name(struct builder *bw, int f, struct span text);
/* Append a whole event; its row. */
uint32_t builder_event(
    struct builder *bw, uint64_t hash, const struct event *e);
/* The last row as an event; spans point into the builder. */
void builder_last(const struct builder *bw, struct event *e);

/* Time to flush before the next row? */
static inline bool
builder_full(const struct builder *bw)
{
	return bw->n >= bw->max_rows ||
	       bw->texts.total_bytes > bw->max_text_bytes;
}

static inline void
builder_num(struct builder *bw, int f, uint32_t row, int64_t v)
{
	if (event_fields[f].type == EVENT_TYPE_WORD)
		bw->word[f][row] = (uint8_t)v;
	else
		bw->num[f][row] = v;
}

/* An ID: the same as the row before, or a new entry. */
static inline void
builder_id(struct builder *bw, int f, uint32_t row, struct span text)
{
	uint32_t last = bw->last_code[f];

	if (last == 0 || !span_eq(bw->dict[f].text[last - 1], text))
		last = bw->last_code[f] = builder_text(bw, f, text);
	bw->code[f][row] = (uint16_t)last;
}

/* Append the block to `out`, describe it in `index`, and start a new one. */
void builder_flush(
    struct builder *bw, struct buf *out, struct block_index *index);

/* ---- decoding (store_block.c) ---- */

/* Columns to decode. */
struct column_mask {
	uint64_t nums, strs;
	enum store_places places;
};

/* Decode a block's bytes; -1 with `err` when they are not a block. */
int block_decode(struct store_block *b, struct span bytes,
    struct column_mask mask, ZSTD_DCtx *zstd, struct err *err);

static inline int
place_cmp(const struct place *a, const struct place *b)
{
	if (a->member != b->member)
		return a->member < b->member ? -1 : 1;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return (a->part > b->part) - (a->part < b->part);
}

/* ---- a file of blocks (store_file.c) ---- */

struct block_file {
	int fd;
	struct block_index *index; /* [n_blocks], owned */
	size_t n_blocks, room;
	uint64_t end; /* where the next block goes, while writing */
	char *path;   /* owned */
};

int block_file_create(struct block_file *f, const char *path, struct err *err);
int block_file_add(struct block_file *f, struct span bytes,
    struct block_index index, struct err *err);
/* Write index and trailer; the disk has them after store_generation_sync(). */
int block_file_seal(struct block_file *f, struct err *err);
int block_file_open(struct block_file *f, const char *path, struct err *err);
/* Read block i into `bytes` (its content replaced) and check its crc. */
int block_file_read(
    const struct block_file *f, size_t i, struct buf *bytes, struct err *err);
void block_file_close(struct block_file *f);

/* ---- the folder (store.c) ---- */

struct store {
	char *dir;	      /* CASE/events */
	char *current;	      /* name of the generation in force, or NULL */
	char *next;	      /* of the one being written */
	struct row_book book; /* of all spills' rows */
	struct store_spill **spill; /* [n_spills], owned */
	size_t n_spills;
	size_t memory_bytes;	/* budgets of all spills */
	unsigned n_temporaries; /* for their names */
	const uint32_t *final;	/* member ids, see store_finish() */
	uint32_t first_member;
	const struct store_drops *drops; /* to be left out, or NULL */
};

/* Some of them may lie in the generation in force. */
static inline bool
store_drops_old(const struct store *s)
{
	return s->drops != NULL && s->drops->n > 0 &&
	       s->drops->least_member < s->first_member;
}

/* The store owns the spill from now on, and knows its budget. */
void store_spill_own(
    struct store *s, struct store_spill *sp, size_t budget_bytes);

void store_spills_free(struct store *s);
/* Make the folder of the generation being written; wait for the disk to have
 * all that is in it. */
int store_generation_make(struct store *s, struct err *err);
int store_generation_sync(struct store *s, struct err *err);

/* A fresh file in the folder that has no name any more; -1. */
int store_temporary(struct store *s, struct err *err);
/* The same for blocks. */
int store_temporary_blocks(
    struct store *s, struct block_file *f, struct err *err);

const char *store_file_name(
    char *out, size_t room, enum store_file file, unsigned part);

/* ---- equal events (store_part.c) ---- */

/* Numbered by their device: with the same number they are the same event. */
bool store_numbered(const struct event *e);
/* The same event, recorded twice? */
bool store_same(const struct event *a, const struct event *b);
/* Sort the places of equal events that are not numbered; the copies that
 * stay are those from *first on, as many as it returns. */
size_t store_survivors(struct place *place, size_t n, size_t *first);

/* ---- merging (store_merge.c) ---- */

/* Blocks of a file that follow each other in the order of the store. */
struct store_run {
	uint32_t *block; /* [n] */
	size_t n, room;
};

struct store_runs {
	const struct block_file *file;
	struct store_run *run; /* [n] */
	size_t n;
};

#endif
