/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record - a member's bytes as records, records as events.
 *
 * Three steps, so that the middle one is sequential and cheap and the last
 * one runs in as many threads as there are:
 *
 *   record_bid()   looks at a member's beginning: which mapping and encoding
 *   record_cut()   finds where whole records end (one call after the other)
 *   record_parse() turns a piece of whole records into events (any thread)
 *
 * Places are bytes of the decoded member as archive_read() gave them, before
 * any change of encoding.
 */
#ifndef INGEST_RECORD_H
#define INGEST_RECORD_H

#include "ingest/map.h"

enum record_encoding {
	RECORD_UTF8 = 1, /* with or without BOM */
	RECORD_UTF16LE,
	RECORD_UTF16BE,
	RECORD_GB18030,
	RECORD_ENCODING__MAX
};
const char *record_encoding_name(enum record_encoding e); /* "UTF-8" */

enum {
	RECORD_BID_BYTES = 256 * 1024, /* of a member, to begin with */
	RECORD_BID_RECORDS = 64,
	RECORD_MAX_BYTES = 16 * 1024 * 1024, /* a longer one is a reject */
	RECORD_BID_BYTES_MOST = RECORD_MAX_BYTES + RECORD_BID_BYTES,
	RECORD_PADDING_BYTES = 64 /* readable behind a piece, any content */
};

struct record_bid {
	const struct map *map; /* NULL: no mapping fits */
	enum record_encoding encoding;
	int score;     /* 0 to 100: share of the first records it understands */
	bool is_short; /* none fits, but a record goes beyond the head */
};

/*
 * Let the mappings bid for a member that begins with `head` (`whole`: and
 * ends with it).  Damaged records are ignored.  The best score wins, then
 * the more specific container, then the name.  Fills `out`; map NULL: none.
 */
void record_bid(const struct map_set *maps, struct span head, bool whole,
    struct record_bid *out);
/* How long a head to bid for instead of one of n bytes; 0: that was enough. */
size_t record_bid_longer(const struct record_bid *b, size_t n);

enum { RECORD_WHY_BYTES = 200 };

/* What a mapping made of a member's first records. */
struct record_told {
	int score;		      /* as in a bid */
	uint64_t records, understood; /* damaged ones are not among them */
	uint64_t n_why;		      /* records for the commonest reason */
	char why[RECORD_WHY_BYTES];   /* why not understood; "": all were */
};

/* record_bid() that tells of every mapping: told[maps->n_maps]. */
void record_bid_told(const struct map_set *maps, struct span head, bool whole,
    struct record_bid *out, struct record_told *told);

/* The cutter of one member; knows the encoding, quotes, nesting, header. */
struct record_cutter;
struct record_cutter *record_cutter_new(
    const struct map *map, enum record_encoding encoding);
void record_cutter_free(struct record_cutter *c);

/*
 * What record_parse() needs to know about the piece before it starts: CSV
 * columns of the header in force, where in a document it is.  Made by the
 * cutter, shared by pieces, released with the cutter: the driver frees that
 * after the last piece of the member was parsed.
 */
struct record_state;
/*
 * The piece of a record_cut() was parsed, its state may go.  From any thread,
 * once a piece.  Who does not say so only keeps the states for longer.
 */
void record_state_done(const struct record_state *state);

struct zone_local;

struct record_piece {
	struct span bytes; /* whole records; RECORD_PADDING_BYTES may be
			      read behind them */
	uint64_t offset;   /* of bytes.p[0] in the member */
	uint32_t member;   /* member_id, for the places */
	const struct record_state *state; /* owned by the cutter */
	enum record_encoding encoding;
	/* zone and year of times that leave them out, of case.ini; or NULL */
	const struct zone_local *local;
};

/*
 * How many of the bytes at `bytes` (which follow what was cut before) make
 * whole records, with the state that the piece needs; 0: more bytes are
 * needed.  At the end of the member (`at_end`) everything is cut, a damaged
 * last record included.  A record beyond RECORD_MAX_BYTES is cut where it
 * is; the parser rejects it and skips to its end.
 */
size_t record_cut(struct record_cutter *c, struct span bytes, bool at_end,
    const struct record_state **state);

enum { RECORD_FILTERED = 1 };

/* Who takes what the parser finds.  The spans live until the call returns. */
struct record_sink {
	void *arg;
	/* Returns 0, RECORD_FILTERED when it leaves the event out, or -1 to
	 * stop (the store failed; err is the sink's). */
	int (*event)(void *arg, const struct event *e);
	/* `record` counts from 0 inside the piece. */
	void (*reject)(void *arg, uint64_t record, uint64_t offset,
	    uint64_t bytes, const char *reason);
	/*
	 * Behind the events of a record whose mapping has `dedup`: what it
	 * shares with its copies, the mapping's name in front.  NULL: nobody
	 * wants to know.  Returns 0, or -1 to stop.
	 */
	int (*key)(void *arg, const struct place *at, struct span key);
};

struct record_tally {
	uint64_t records; /* all records of the piece */
	uint64_t mapped;  /* gave at least one event */
	uint64_t rejected;
	uint64_t filtered; /* by a rule of the mapping */
	uint64_t events;
	uint64_t fields_absent;	   /* values of an unexpected type */
	int64_t first_us, last_us; /* of the events; INT64_MAX/MIN: none */
};

/* No records yet, no first and last instant. */
void record_tally_clear(struct record_tally *t);

/* A parser: one thread's memory for one mapping at a time. */
struct record_parser;
struct record_parser *record_parser_new(void);
void record_parser_free(struct record_parser *p);

/*
 * Parse a piece; adds to `tally`.  0, or -1 when the sink stopped it.
 * records = mapped + rejected + filtered holds afterwards.
 */
int record_parse(struct record_parser *p, const struct map *map,
    const struct record_piece *piece, const struct record_sink *sink,
    struct record_tally *tally);

#endif
