/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store - the event store, events/ of a case.
 *
 * Events are filed under actor, else device, in STORE_PARTS partitions by a
 * hash of that id, and lie there sorted by (hash, id, time, event_cmp,
 * place) in blocks of columns, each column compressed with zstd and carrying
 * its own dictionary.  Device-only events have files of their own: whose
 * they are is decided by the analysis (analysis/identity.h), so that a link
 * found later changes nothing here.
 *
 * Writing: every thread has a spill, which keeps its events as rows and
 * writes them out, as they are, whenever its budget is full; store_finish()
 * sorts each partition once, merges it with the one that is there, drops
 * duplicates and replaces the files by rename.  Reading: a partition is a
 * sequence of blocks.
 *
 * Failure: -1 and `err`; the files before the call stand as they were.
 */
#ifndef INGEST_STORE_H
#define INGEST_STORE_H

#include "ingest/base/arena.h"
#include "ingest/base/err.h"
#include "ingest/event.h"

enum {
	STORE_PARTS = 64,
	STORE_BLOCK_EVENTS = 16384 /* at most, in a block */
};

/* Absent number in a column; absent words are 0, as in their enums. */
#define STORE_ABSENT INT64_MIN

/* How an event is filed. */
enum store_file {
	STORE_KNOWN = 0, /* under its actor */
	STORE_DEVICE,	 /* under its device: it carries no actor */
	STORE_NOBODY,	 /* neither: aggregates, configuration, catalogue */
	STORE_FILE__MAX
};

static inline uint64_t
store_mix(uint64_t h)
{
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93;
	return h ^ (h >> 32);
}

/* 64 bits of an id, the same on every little-endian machine; never 0. */
static inline uint64_t
store_hash(struct span id)
{
	uint64_t h = 0x9e3779b97f4a7c15 ^ id.n, w;
	const char *p = id.p;
	size_t n = id.n;

	for (; n >= 8; n -= 8, p += 8) {
		memcpy(&w, p, 8);
		h = store_mix(h ^ w);
	}
	if (n > 0) {
		w = 0;
		memcpy(&w, p, n);
		h ^= w;
	}
	h = store_mix(h);
	return h == 0 ? 1 : h;
}

unsigned store_part(uint64_t hash); /* 0 … STORE_PARTS - 1 */

/*
 * Columns of up to STORE_BLOCK_EVENTS events, in order.  A column that no
 * event of the block has is NULL.  Row i of a string column holds a code: 0
 * absent, else dict[f][code - 1].
 */
struct store_block {
	uint32_t n; /* events */
	enum store_file file;
	const int64_t *num[EVENT_N_NUM];   /* [n], STORE_ABSENT; no words */
	const uint8_t *word[EVENT_N_NUM];  /* [n], 0 absent; words only */
	const uint16_t *code[EVENT_N_STR]; /* [n] */
	const struct span *dict[EVENT_N_STR];
	uint32_t n_dict[EVENT_N_STR];
	const uint32_t *member; /* [n]; the place */
	const uint64_t *offset; /* [n] */
	const uint32_t *bytes;	/* [n] */
	const uint16_t *part;	/* [n]; NULL: all 0 */
	struct arena arena;	/* owns all of the above */
};

/* The value of a string field of row i; { NULL, 0 } when absent. */
static inline struct span
store_str(const struct store_block *b, enum event_str f, uint32_t i)
{
	struct span absent = { NULL, 0 };

	if (b->code[f] == NULL || b->code[f][i] == 0)
		return absent;
	return b->dict[f][b->code[f][i] - 1];
}

/* The value of a number field of row i, or `absent`. */
static inline int64_t
store_num(
    const struct store_block *b, enum event_num f, uint32_t i, int64_t absent)
{
	if (b->word[f] != NULL)
		return b->word[f][i] != 0 ? b->word[f][i] : absent;
	if (b->num[f] == NULL || b->num[f][i] == STORE_ABSENT)
		return absent;
	return b->num[f][i];
}

/* Row i as an event; its spans point into the block. */
void store_event(const struct store_block *b, uint32_t i, struct event *e);

/* Empty a block but keep its memory for the next; give it back. */
void store_block_clear(struct store_block *b);
void store_block_free(struct store_block *b);

/* ---- writing ---- */

struct store; /* the events/ folder being written */
struct store_spill;

/* Open events/ below the case folder, creating it.  NULL with `err`. */
struct store *store_open(const char *case_dir, struct err *err);
/* A thread's spill with its memory budget; store_finish() may use as much. */
struct store_spill *store_spill_new(struct store *s, size_t budget_bytes);
int store_spill_add(
    struct store_spill *sp, const struct event *e, struct err *err);
/*
 * No more will be added; the store owns the spill now.  Call it for every
 * spill, before store_finish().
 */
int store_spill_finish(struct store_spill *sp, struct err *err);

/* Told for every event that turned out to be a duplicate, with its place
 * (`identical`: an equal event that was kept, in the same member). */
typedef void store_duplicate_f(
    void *arg, const struct place *at, bool identical, const struct event *e);

/*
 * Records whose events are duplicates whatever they hold: members and
 * offsets, in a hash table.  `struct store_drops d = { 0 }` has none.
 */
struct store_drops {
	struct store_drop {
		uint64_t offset;
		uint32_t member;
		uint32_t used; /* 0: free */
	} * slot;
	size_t n, n_slots;
	uint32_t least_member;
};
void store_drops_add(struct store_drops *d, const struct place *at);
bool store_drops_have(
    const struct store_drops *d, uint32_t member, uint64_t offset);
void store_drops_clear(struct store_drops *d);
/* store_finish() is to leave these out, of what is stored already as well. */
void store_drop(struct store *s, const struct store_drops *d);

/*
 * Sort what the spills hold into a new generation of partitions, with
 * `n_threads`.  Members
 * from `first_member` on were numbered as they came: `final` [those] holds
 * the ids that they shall have.
 */
int store_finish(struct store *s, unsigned n_threads, uint32_t first_member,
    const uint32_t *final, store_duplicate_f *duplicate, void *arg,
    struct err *err);
/* The name of the generation that store_finish() wrote. */
const char *store_generation(const struct store *s);
/* Make it the one in force and remove the one before. */
int store_commit(struct store *s, struct err *err);
/* After a crash: the generation that case.db names is the one in force. */
int store_settle(const char *case_dir, const char *generation, struct err *err);
/* Remove what was not committed, if anything, and free. */
void store_close(struct store *s);

/* ---- reading ---- */

struct store_reader;

enum store_places {
	STORE_NO_PLACES = 0,
	STORE_PLACES,	     /* with how many bytes lie there */
	STORE_PLACES_POINTS, /* without: 0 */
};

/*
 * Read a partition.  `nums` and `strs` select columns (bit 1 << field); the
 * others come as NULL, places as `places` says.  A partition without
 * events is empty, no error.  NULL with `err`.
 */
struct store_reader *store_read(const char *case_dir, unsigned part,
    enum store_file file, uint64_t nums, uint64_t strs,
    enum store_places places, struct err *err);
/* The next block into `b` (empty or cleared): 1, 0 at the end, -1. */
int store_next(struct store_reader *r, struct store_block *b, struct err *err);
/* Go to the first block that can hold events filed under a hash. */
void store_seek(struct store_reader *r, uint64_t hash);
void store_reader_close(struct store_reader *r);

/* Events in the store, by file; bytes on disk.  0 or -1. */
struct store_totals {
	uint64_t events[STORE_FILE__MAX];
	uint64_t bytes;
};
int store_totals(
    const char *case_dir, struct store_totals *out, struct err *err);

/* SHA-256 over the files of events/ in order, for verify.  0 or -1. */
int store_hash_files(const char *case_dir, char hex[65], struct err *err);

/* ---- tests ---- */

/* A block of n events (sorted by the caller), without a file. */
void store_block_make(struct store_block *b, const struct event *events,
    uint32_t n, enum store_file file);

#endif
