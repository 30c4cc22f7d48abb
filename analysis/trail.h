/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trail - what the servers' trail is known to have lost.
 *
 * "No consent" rests on a record that is not there.  Whether the trail lost
 * records can be seen where the user interface logged an act with a request:
 * a trail that answers such acts has an answer to each.  Counted for every
 * operator, before the partitions are analysed:
 *
 *	asked	   successful acts (accept, refuse, submit, withdraw) with a
 *		   request, of the roles that the operator answers at all
 *	answered   those whose request stands in a server's consent record
 *	silent	   purposes of grants that answer no request: whether one of
 *		   these was lost, no act can tell; and whether any of them
 *		   followed a refusal or withdrawal of the same person
 *
 * A role counts when at least half of its acts are answered; submit, which
 * may refuse, only where the operator records refusals.  Beyond
 * TRAIL_REQUESTS requests a sample of them by their hash is counted: the same
 * one for any order of the evidence.
 *
 * Ownership: texts lie in the arena that was given.  Nothing here fails.
 */
#ifndef ANALYSIS_TRAIL_H
#define ANALYSIS_TRAIL_H

#include "ingest/base/arena.h"
#include "ingest/store.h"

enum {
	TRAIL_REQUESTS = 1 << 16,
	TRAIL_OPERATORS = 1 << 12,
	TRAIL_SILENT = 1 << 12 /* pairs; with more, any purpose may be */
};

struct trail_operator {
	struct span name; /* absent: records that name none */
	uint64_t asked, answered;
	bool has_refused; /* it records refusals */
	double lost;	  /* see trail_lost() */
};

struct trail {
	struct trail_operator *operator_;
	size_t n_operators;
	struct trail_silent {
		struct span operator_, purpose; /* absent: not said */
		bool after; /* one followed a refusal or withdrawal */
	} * silent;
	size_t n_silent;
	bool too_many; /* operators or pairs: nothing is sure any more */
};

/* While it is being counted. */
struct trail_scan;

struct trail_scan *trail_scan_new(struct trail *t, struct arena *arena);
/* The columns that trail_see() looks at: bits of numbers and of texts. */
uint64_t trail_nums(void);
uint64_t trail_strs(void);
/* Row i of a block, a consent record or a click; `operator_`: whose. */
void trail_see(struct trail_scan *s, const struct store_block *b, uint32_t i,
    struct span operator_);
/* Count, and free the scan. */
void trail_scan_finish(struct trail_scan *s);

/* NULL: it shows neither acts nor records. */
const struct trail_operator *trail_of(
    const struct trail *t, struct span operator_);
/* Share of the asked that is unanswered, 0 to 1, at least: one of thirty says
 * little, so it is the lower end of Wilson's interval (95 %). */
double trail_lost(const struct trail_operator *o);
/* Does the operator record grants of this purpose without an act?  A purpose
 * absent on either side is any.  `after`: to people who had refused it. */
bool trail_is_silent(const struct trail *t, struct span operator_,
    struct span purpose, bool after);

#endif
