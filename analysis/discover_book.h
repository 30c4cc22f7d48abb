/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * discover_book - what discovery counts: controls, acts, grants.
 *
 * Each partition fills a book of its own (discover_see.c); books are added
 * to the case's in order of partition (discover_book.c), so that numbers
 * depend on the evidence alone; then discover_judge.c decides.
 *
 * Bounded: so many controls, acts and cases, first come; what is beyond is
 * counted in `beyond`.  Subjects come in order of a hash, so that those who
 * came first are a fair draw.
 *
 * Ownership: a book owns its texts.
 */
#ifndef ANALYSIS_DISCOVER_BOOK_H
#define ANALYSIS_DISCOVER_BOOK_H

#include "analysis/discover.h"
#include "analysis/names.h"
#include "analysis/study.h"
#include "analysis/tally.h"
#include "ingest/casefile.h"

enum {
	DISCOVER_PART_CONTROLS = 1 << 14,
	DISCOVER_CONTROLS = 1 << 16,
	DISCOVER_PART_CASES = 1 << 16,
	DISCOVER_CASES = 1 << 18,
	DISCOVER_PAIRS = 1 << 16,
	DISCOVER_DELAYS = 160, /* classes, 4 an octave of microseconds */
	DISCOVER_TEXT = 300,   /* bytes kept of a text */
	DISCOVER_NAME = 1024   /* bytes; longer is no name of a control */
};

enum discover_act { ACT_CLICK = 0, ACT_ON, ACT_OFF, ACT__MAX };

/* What a control says of itself in any record. */
enum {
	SAYS_PURPOSE = 1,
	SAYS_NOTICE = 2,
	SAYS_AGREE = 4,	 /* words of agreement, by lexicon.def */
	SAYS_REFUSE = 8, /* words of refusal */
};

/* Value of `controls`; key: codes of screen and element. */
struct discover_control {
	uint32_t says, roles; /* bits; roles: of enum event_role, as declared */
	struct span label, text, purposes, notice; /* first seen */
	uint64_t n_on, n_off; /* shown so, not by the person's doing */
	uint64_t n_changed;   /* by the person */
	int64_t font_micro;   /* least; INT64_MAX not said */
};

/* Value of `acts`; key: number of the control, enum discover_act. */
struct discover_doing {
	uint64_t people; /* who did it */
	uint64_t trials; /* windows elsewhere in time, of those people */
	uint64_t hits;	 /* of them with a grant */
	uint32_t *delay; /* [DISCOVER_DELAYS] grants; NULL: none */
};

/*
 * A case: what stood around the grants of one person, equal cases counted
 * together.  Key: CASE_ITEMS words, 0 for none, each an item:
 *
 *	bits 0-17   number of an act (ITEM_HAND: of the control turned on)
 *	bits 18-22  strength: -2 ln u, where u is the part of the session
 *	            that is as near to such an act; 0: not in the window
 *	bits 23-24  number of the grant
 *	bit 25      ITEM_HAND: turned on by the person before
 *	bit 26      ITEM_REQUEST: gesture and grant share a request
 *	bit 27      always, so that no item is 0
 */
enum { CASE_ITEMS = TALLY_MAX_WORDS, CASE_GRANTS = 4, ITEM_STRENGTH = 31 };
#define ITEM_NUMBER(w)	 ((w)&0x3ffff)
#define ITEM_CLASS(w)	 ((w) >> 18 & 31)
#define ITEM_GRANT(w)	 ((w) >> 23 & 3)
#define ITEM_HAND	 (1u << 25)
#define ITEM_REQUEST	 (1u << 26)
#define ITEM_IS_THERE	 (1u << 27)
#define ITEM_OF(n, s)	 ((uint32_t)(n) | (uint32_t)(s) << 18 | ITEM_IS_THERE)
#define ITEM_IN_GRANT(g) ((uint32_t)(g) << 23)

struct discover_case {
	uint64_t people;
	/* Of the judgement: bits of grants. */
	uint8_t left, explained;
};

/* Grants of the servers, by what became of them; X(id, name, meaning). */
#define DISCOVER_COUNTS(X)                                                   \
	X(PEOPLE, "people", "people and devices with events")                \
	X(GRANTS, "grants", "consents that servers recorded as given")       \
	X(UNASKED, "unasked", "of them by batch, import or migration")       \
	X(NECESSARY, "necessary", "of them for declared necessary purposes") \
	X(DECLARED, "declared", "of them that answer a declared control")    \
	X(TOLD, "told", "of them that the user interface recorded itself")   \
	X(SAME, "same", "of them that belong to the grant before")           \
	X(SILENT, "silent", "of them without a gesture before in the log")   \
	X(BESIDE, "beside",                                                  \
	    "of them that follow a gesture, and no control "                 \
	    "is declared for it")                                            \
	X(BEYOND, "beyond", "of them left out, more than 64 of a person")    \
	X(LEFT_OUT, "left_out", "people left out, for there were too many")  \
	X(UNNAMED, "unnamed", "clicks and changes that name no control")     \
	X(CHANGES, "changes", "changes of a switch by a person")             \
	X(PAIRS, "pairs", "pairs of control and act that were tried")

enum discover_count {
#define DISCOVER_COUNT(id, name, meaning) COUNT_##id,
	DISCOVER_COUNTS(DISCOVER_COUNT)
#undef DISCOVER_COUNT
	    COUNT__MAX
};

struct discover_book {
	struct names names;    /* of screens and elements */
	struct tally controls; /* struct discover_control */
	struct tally acts;     /* struct discover_doing */
	struct tally cases;    /* struct discover_case */
	/* Key: act, control; people who did it with that turned on. */
	struct tally pairs; /* struct discover_pair */
	uint64_t count[COUNT__MAX];
	struct arena arena;
};

struct discover_pair {
	uint64_t people;
	uint32_t person; /* last counted; of a partition */
};

void discover_book_init(struct discover_book *b, bool is_part);
void discover_book_clear(struct discover_book *b);
/* Numbers; UINT32_MAX when there is no room. */
uint32_t discover_book_control(
    struct discover_book *b, struct span screen, struct span element);
uint32_t discover_book_act(
    struct discover_book *b, uint32_t control, enum discover_act act);
static inline struct discover_control *
discover_control(const struct discover_book *b, uint32_t number)
{
	return tally_value(&b->controls, number);
}
static inline struct discover_doing *
discover_doing(const struct discover_book *b, uint32_t number)
{
	return tally_value(&b->acts, number);
}
static inline uint32_t
discover_act_control(const struct discover_book *b, uint32_t number)
{
	return tally_key(&b->acts, number)[0];
}
static inline enum discover_act
discover_act_of(const struct discover_book *b, uint32_t number)
{
	return (enum discover_act)tally_key(&b->acts, number)[1];
}
/* Keep a text when none is kept; long ones are cut at a character. */
void discover_book_keep(
    struct discover_book *b, struct span *to, struct span text);
/* A grant that came `us` after the act. */
void discover_book_delay(struct discover_book *b, uint32_t act, int64_t us);
void discover_book_add(struct discover_book *to, struct discover_book *from);

/* ---- the judgement ---- */

struct discover_row {
	uint32_t act;
	enum discover_verdict verdict;
	uint64_t granted;    /* people with a grant after it, unexplained */
	uint64_t explained;  /* people with one after it that an act of their
			       own stands behind */
	uint64_t by_request; /* of granted: by a shared request */
	double share, share_low, share_high; /* granted / people */
	double shifted_share;		     /* hits / trials; NaN */
	double lift, lift_low, lift_high;    /* NaN: does not exist */
	double p, p_adjusted;		     /* NaN: not tested */
	int64_t median_delay_us;
	uint32_t box;	/* 1 + a control that stood beside it; 0 none */
	bool box_is_on; /* and was on by default */
};

enum { DISCOVER_ROUNDS = 128, DISCOVER_ROWS = 3 * DISCOVER_ROUNDS };

/* Fills row[DISCOVER_ROWS], best first; their number.  Marks the cases. */
size_t discover_judge(
    struct discover_book *b, const struct study *s, struct discover_row *row);
/* Into tables discovery and discovery_count; a failure sticks in `c`. */
void discover_write(struct casefile *c, struct discover_book *b,
    const struct discover_row *row, size_t n_rows);

#endif
