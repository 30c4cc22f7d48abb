/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * discover_court - what the two halves of the judgement share: the acts that
 * explain grants (discover_explain.c) and the rounds over what is left
 * (discover_judge.c).
 *
 * Ownership: of discover_judge().  Nothing here fails.
 */
#ifndef ANALYSIS_DISCOVER_COURT_H
#define ANALYSIS_DISCOVER_COURT_H

#include "analysis/discover_book.h"
#include "ingest/event.h"

struct evidence { /* of an act in this round */
	double sum;
	uint64_t n;	  /* people in whose sessions it stood */
	uint64_t covered; /* in whose window */
};

/* What a case says of one act. */
struct said {
	bool is_there, is_request;
	unsigned strength;	 /* the most, of open grants */
	unsigned n_grants;	 /* open ones in whose session it stood */
	uint8_t open, explained; /* grants that it stands before, as bits */
};

struct court {
	struct discover_book *b;
	const struct study *s;
	struct evidence *by; /* [acts] */
	bool *is_tried;	     /* [acts] */
	uint64_t *hand;	     /* [controls] people whose grant one explains */
	uint64_t *clear;     /* [acts] the same */
	struct discover_row *row;
	size_t n_rows;
};

static inline bool
has_grant(uint8_t bits, uint32_t item)
{
	return (bits >> ITEM_GRANT(item) & 1) != 0;
}

static inline bool
says_agreement(const struct discover_control *c)
{
	return (c->says & (SAYS_PURPOSE | SAYS_NOTICE | SAYS_AGREE)) != 0;
}

/* Is it declared as a control that decides? */
static inline bool
is_declared(const struct discover_control *c)
{
	return (c->roles & (1u << ROLE_ACCEPT | 1u << ROLE_REFUSE |
			       1u << ROLE_SUBMIT | 1u << ROLE_CONSENT_BOX)) !=
	       0;
}

/* discover_explain.c */
struct said said_of(
    const struct discover_case *c, const uint32_t *item, uint32_t act);
/* What explains grants by itself, in one case: marks it. */
void explain(struct court *ct, struct discover_case *c, const uint32_t *item);
/* The switches without words that decide what an act grants. */
void explain_winner(struct court *ct, uint32_t act);

#endif
