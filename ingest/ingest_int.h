/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ingest_int - what the files of the stage share.
 *
 * An input is a source being read; it has members, one after the other.  A
 * worker steps an input: it decodes whole records into its own buffer while
 * it holds the input, gives the input back and parses what it decoded.  So
 * one large source is decoded and parsed side by side, and many sources are
 * read in parallel, by the same rule.  Where inputs are fewer than workers,
 * some pieces are decoded ahead, so that nobody waits for the decoder.
 */
#ifndef INGEST_INGEST_INT_H
#define INGEST_INGEST_INT_H

#include <pthread.h>

#include "ingest/archive.h"
#include "ingest/base/arena.h"
#include "ingest/base/buf.h"
#include "ingest/casefile.h"
#include "ingest/ingest.h"
#include "ingest/ingest_dedup.h"
#include "ingest/record.h"
#include "ingest/source.h"
#include "ingest/store.h"
#include "ingest/zone.h"

enum {
	PIECE_BYTES = 256 * 1024,
	STOCK_PIECES = 2,		     /* of each worker, decoded ahead */
	STOCK_PIECE_BYTES = 4 * PIECE_BYTES, /* longer ones are not */
	REJECTS_LISTED = 1000 * 1000 /* of one member; more are counted */
};

/* A member as the engine leaves it.  Locked by the engine's lock. */
struct member {
	struct member *next; /* of its source, in order */
	uint32_t id;	     /* provisional, then final */
	uint32_t source;     /* number of the input */
	uint32_t order;	     /* in its source, from 0 */
	const char *name;
	const struct map *map; /* NULL: no mapping fitted */
	enum record_encoding encoding;
	uint64_t bytes;
	struct record_tally tally;
	uint64_t duplicate, identical;
	uint32_t *piece_records; /* [n_pieces] */
	uint32_t n_pieces, pieces_room;
	struct record_cutter *cutter;
	uint32_t holds; /* by the input and by pieces being parsed */
	uint64_t rejects_listed, rejects_more;
};

struct reject {
	const struct member *member;
	uint32_t piece;	 /* UINT32_MAX: no record */
	uint64_t record; /* in the piece, from 0 */
	uint64_t offset, bytes;
	uint32_t reason; /* in engine.reason[] */
};

struct input {
	const struct source_file *file;
	bool skip; /* already in the case */
	bool busy, open, done;
	struct archive *archive;
	struct member *member, *first, *last; /* in hand; all of them */
	struct buf carry;		      /* bytes not yet cut */
	uint64_t carry_at;		      /* offset of the first */
	uint64_t done_bytes;
	char sha256[ARCHIVE_SHA256_HEX]; /* "": could not be read */
	struct engine *engine;
};

/* A piece that was decoded and waits for a worker. */
struct stocked {
	struct buf bytes; /* of the piece; while free: room for one */
	struct record_piece piece;
	struct member *member;
	uint32_t number;
};

/* Events by trail, kind and UTC day. */
enum { VOLUME_UNDATED_DAY = -5000000 }; /* before year 0: no time given */
struct volume_cell {
	int64_t day;
	uint8_t trail, kind;
	int64_t n;
};
struct volume {
	struct volume_cell *cell; /* [room], n 0: free */
	size_t n, room;
};
void volume_add(struct volume *v, const struct event *e, int64_t n);
void volume_merge(struct volume *v, const struct volume *from);
void volume_clear(struct volume *v);

struct engine {
	const struct ingest_options *o;
	const struct map_set *maps;
	struct store *store;
	struct dedup dedup;
	struct input *input; /* [n_inputs] */
	size_t n_inputs, next_input, n_done;
	struct stocked *stock; /* [stock_room], n_stock in use */
	size_t n_stock, stock_room;
	struct zone_local local; /* of times without zone or year */
	int64_t from_us, to_us;	 /* period of case.ini, else the extremes */
	struct span *operators;	 /* [n_operators] wanted; none: all */
	size_t n_operators;
	struct span no_operator_is; /* the case's; unknown: kept */
	uint32_t first_member, next_member;
	size_t spill_bytes;   /* budget of each worker */
	pthread_mutex_t lock; /* of everything that workers share */
	pthread_cond_t changed;
	struct err err;	       /* the first failure */
	struct arena arena;    /* members, names, reasons */
	struct reject *reject; /* [n_rejects] */
	size_t n_rejects, rejects_room;
	const char **reason; /* [n_reasons] */
	size_t n_reasons, reasons_room;
	struct volume volume;
	uint64_t total_bytes, records;
	int64_t told_us; /* progress was told */
};

/* Read all inputs with o->n_threads workers.  0 or -1.  (ingest_engine.c) */
int engine_run(struct engine *g, struct err *err);
void engine_clear(struct engine *g);

/*
 * The next piece of the input, in `bytes`: 1, 0 when the input is done, -1.
 * One worker at a time an input.  (ingest_input.c)
 */
int input_step(struct input *in, struct buf *bytes, struct record_piece *piece,
    struct err *err);
/* A new member of an input, the next in order.  Takes the lock. */
struct member *engine_member(
    struct engine *g, struct input *in, const char *name);
/* A reject that is no record.  Takes the lock. */
void engine_damage(
    struct engine *g, struct member *m, uint64_t offset, const char *reason);
/* One that is, its member and reason not set yet.  With the lock held. */
void engine_reject(struct engine *g, struct member *m, const struct reject *r,
    const char *reason);
/* Let go of a member: the last one frees its cutter.  With the lock held. */
void engine_drop(struct member *m);

/* Write sources, members, rejects, volume.  (ingest_write.c) */
int ingest_write(struct casefile *c, struct engine *g, int64_t run_id,
    struct ingest_result *out);

#endif
