/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * timeline - one subject's events after another, each in order of time.
 *
 * Reads a partition's blocks, codes their texts once per block as names of
 * the partition, and gives the rows of one subject at a time in corrected
 * order (clock.h).  Rows are pairs of a block and a number: nothing is
 * copied.  A subject beyond TIMELINE_WINDOW rows comes in windows, one call
 * each; the caller carries its state over.
 *
 * Ownership: rows and the subject's id live until the next call.
 * Failure: -1 and `err` when the store cannot be read.
 */
#ifndef ANALYSIS_TIMELINE_H
#define ANALYSIS_TIMELINE_H

#include "analysis/clock.h"
#include "analysis/names.h"
#include "analysis/study.h"
#include "ingest/store.h"

enum { TIMELINE_WINDOW = 1 << 18, TIMELINE_CLOCKS = 64 };

/* A block with its dictionaries in the partition's terms. */
struct coded {
	struct store_block b;
	uint32_t *name[EVENT_N_STR]; /* [n_dict + 1] by dictionary code */
	uint64_t *id[EVENT_N_STR];   /* the same: 64 bits of an id; 0 absent */
	uint8_t *what;		     /* [b.n]: bits of enum row_what */
	uint32_t number;	     /* 0, 1, … in its source */
	struct arena arena;
	struct coded *next;
};

struct row {
	const struct coded *c;
	uint16_t i;
	uint8_t kind;  /* enum event_kind; 0 absent */
	uint8_t what;  /* bits of enum row_what */
	uint32_t link; /* 1 + row that answers or is answered; 0 none */
	int64_t at_us; /* corrected; STORE_ABSENT: undated, sorts first */
};

_Static_assert(STORE_BLOCK_EVENTS - 1 <= UINT16_MAX, "row.i holds any row");

enum row_what {
	/* Written by the user interface: by trail, else by what only it can
	 * say. */
	ROW_UI = 1,
	/* Timed by the device's clock rather than a server's. */
	ROW_DEVICE_CLOCK = 2,
	/* A decision that may answer an act. */
	ROW_ANSWER = 4,
	/* A click or change of the user interface. */
	ROW_GESTURE = 8,
	/* Not of the session, device, entry, version and variant of the row
	 * before in its block. */
	ROW_FRESH = 16,
	/* Of the user interface and without any say: no role, no surface, no
	 * control or screen that is declared, nothing but a step on the way. */
	ROW_PLAIN = 32
};

static inline uint32_t
row_name(const struct row *r, enum event_str f)
{
	return r->c->name[f] == NULL ? 0 : r->c->name[f][r->c->b.code[f][r->i]];
}

static inline uint64_t
row_id(const struct row *r, enum event_str f)
{
	return r->c->id[f] == NULL ? 0 : r->c->id[f][r->c->b.code[f][r->i]];
}

static inline int64_t
row_num(const struct row *r, enum event_num f, int64_t absent)
{
	return store_num(&r->c->b, f, r->i, absent);
}

/* A word field: 0 when absent. */
static inline int
row_word(const struct row *r, enum event_num f)
{
	return r->c->b.word[f] == NULL ? 0 : r->c->b.word[f][r->i];
}

static inline struct span
row_str(const struct row *r, enum event_str f)
{
	return store_str(&r->c->b, f, r->i);
}

/* a - b, held at the ends: times come from outside. */
static inline int64_t
us_minus(int64_t a, int64_t b)
{
	int64_t d;

	if (!__builtin_sub_overflow(a, b, &d))
		return d;
	return a < b ? INT64_MIN + 1 : INT64_MAX;
}

static inline int64_t
us_plus(int64_t a, int64_t b)
{
	return us_minus(a, b == INT64_MIN ? INT64_MAX : -b);
}

static inline bool
row_is_ui(const struct row *r)
{
	return (r->what & ROW_UI) != 0;
}

static inline bool
row_is_device_clock(const struct row *r)
{
	return (r->what & ROW_DEVICE_CLOCK) != 0;
}

/* A consent that the interface tells and nobody gave or refused: a default,
 * or what a script or the system set.  A default is no act. */
static inline bool
row_is_implied(const struct row *r)
{
	int by = row_word(r, EV_CHANGED_BY);

	return r->kind == KIND_CONSENT && row_word(r, EV_TRAIL) == TRAIL_UI &&
	       by != CHANGED_BY_NONE && by != CHANGED_BY_USER;
}

struct place row_place(const struct row *r);

struct timeline_source;

struct timeline {
	struct row *row; /* [n_rows], in order */
	size_t n_rows;
	bool is_first, is_last; /* window of this subject */
	struct span id;
	bool in_order;			/* rows came in order of their times */
	bool has_received, has_request; /* may: blocks do */
	unsigned what;			/* of any row */
	bool is_device;	      /* filed under its device: person unknown */
	bool only_clocks;     /* of the rows only what tells of clocks */
	int64_t max_error_us; /* no clock is wrong by more than that */

	const struct study *study;
	struct names *names;
	/* Names up to this code may be declared by case.ini; 0: none is. */
	uint32_t n_declared;
	uint64_t leave_out; /* bits of texts that are not read */
	struct clock clock[TIMELINE_CLOCKS];
	size_t n_clocks;
	size_t n_room;
	struct timeline_source *source[2];
	struct coded *live, *spare; /* blocks of this window; to use again */
	char *id_copy;
	size_t id_room;
	struct arena scratch;
};

/* coded.c: columns that the analysis reads. */
uint64_t timeline_nums(bool only_clocks);
uint64_t timeline_strs(bool only_clocks);
/* The same: code the block's texts, and tell what its rows are; names up to
 * `n_declared` may be those of case.ini. */
void coded_block(struct coded *c, struct names *names, uint32_t n_declared);

/* Begin on a partition; `moved_dir` is a second store or NULL.  What case.ini
 * declares has been given its codes (person_open()). */
int timeline_open(struct timeline *tl, const char *case_dir,
    const char *moved_dir, unsigned part, enum store_file file,
    struct err *err);
/* For tests: from events in the store's order instead. */
void timeline_open_events(struct timeline *tl, const struct event *events,
    size_t n, enum store_file file);
/* The next subject or window: 1, 0 at the end, -1. */
int timeline_next(struct timeline *tl, struct err *err);
/* Done with the partition; the memory is kept for the next. */
void timeline_end(struct timeline *tl);
void timeline_close(struct timeline *tl);

/* When something was, and by whose clock. */
struct stamp {
	int64_t at_us;		   /* corrected */
	int64_t us;		   /* as written */
	int64_t precision_us;	   /* 0: exact */
	int64_t early_us, late_us; /* it may have been so much before, after */
	uint64_t clock; /* 0 servers, 1 a device not named, else hash */
};

struct stamp row_stamp(const struct timeline *tl, const struct row *r);
/* What b must be later than a by, for a to have come before b: 0 by one
 * clock, else what a may be later and b earlier; and the coarser precision. */
int64_t timeline_error(const struct stamp *a, const struct stamp *b);
/* Rows that may lie before (or after) an instant by any clock are no farther
 * from it than this. */
int64_t timeline_reach(const struct timeline *tl, const struct stamp *at);
/* Did a come before b, beyond the error?  Never with an undated one. */
bool timeline_before(const struct stamp *a, const struct stamp *b);
/* The clock of a device (its hash); it is made when there is none yet. */
const struct clock *timeline_find_clock(
    const struct timeline *tl, uint64_t device); /* NULL: none yet */
struct clock *timeline_clock(struct timeline *tl, uint64_t device);

/* clock.c: corrected instants for the rows, and their order. */
void clock_align(struct timeline *tl);
/* clock_prior.c: see how wrong the clocks of the case are. */
int clock_find_prior(
    struct study *study, const char *case_dir, struct err *err);
/* How wrong a clock without samples may be. */
int64_t clock_prior_us(const struct study *study);

#endif
