/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * discover_see - a partition's people into a book of discovery.
 *
 * How a grant is looked at stands at the head of discover_see.c.
 *
 * Ownership: the seer's memory is its own, given back by seer_close().
 */
#ifndef ANALYSIS_DISCOVER_SEE_H
#define ANALYSIS_DISCOVER_SEE_H

#include "analysis/discover_book.h"
#include "analysis/person.h"

enum {
	SEER_HANDS = 4,	   /* switches turned on, at a time */
	SEER_GRANTS = 64,  /* of a person that are looked at */
	SEER_BESIDE = 24,  /* acts told apart around a grant */
	SEER_SHIFTS = 6,   /* windows elsewhere in time */
	SEER_CACHE = 1024, /* controls met last */
	SEER_LOOK = 2048   /* rows looked at on each side of a grant */
};

/* A click or change by the person, of a window of rows. */
struct seer_gesture {
	uint32_t row, act;
	int64_t at_us;
};

struct seer_hand {
	uint32_t control;
	int64_t at_us;
};

/* A grant of the window that no declared control stands behind. */
struct seer_open {
	uint32_t row, n_hands;
	uint32_t hand[SEER_HANDS]; /* controls turned on before it */
};

/* An act as one person did it. */
struct seer_own {
	uint32_t person; /* whose; else it is nobody's yet */
	uint32_t shifts; /* bits with a grant */
	int64_t first_us, last_us;
};

struct seer {
	struct discover_book *book;
	struct person p;    /* for surfaces and answers */
	int64_t span_us[2]; /* of the evidence */

	struct seer_own *own; /* [n_own], by act */
	uint32_t n_own;
	uint32_t *mine; /* [n_mine] acts of this person */
	uint32_t n_mine, mine_room;
	uint32_t person; /* number, from 1 */

	struct seer_gesture *gesture; /* [n_gestures] of the window */
	size_t n_gestures, gesture_room;

	struct seer_hand hand[SEER_HANDS];
	uint32_t n_hands;
	uint64_t hand_session;
	int64_t grant_at_us; /* the one before */
	uint64_t grant_request;

	struct seer_open open[SEER_GRANTS]; /* [n_open] of the window */
	uint32_t n_open;
	uint32_t item[CASE_GRANTS][SEER_BESIDE + SEER_HANDS];
	uint32_t n_items[CASE_GRANTS];
	uint32_t n_grants;

	struct {
		uint32_t screen, element, number;
	} cache[SEER_CACHE];
};

void seer_open(struct seer *s, const struct study *study, struct names *names,
    struct discover_book *book, const int64_t span_us[2]);
int seer_run(struct seer *s, struct timeline *tl, struct err *err);
void seer_close(struct seer *s);

/* discover_grant.c: what stands around a grant. */
void seer_grant(struct seer *s, const struct seer_open *o);

#endif
