/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lineage_table - what table lineage and the measures of D11 are made of:
 * a part of result_private.h, which is the only one to include it.
 */
#ifndef ANALYSIS_LINEAGE_TABLE_H
#define ANALYSIS_LINEAGE_TABLE_H

#include "analysis/lineage.h"
#include "analysis/spread.h"
#include "analysis/times.h"

enum lineage_word {
	LINEAGE_OPERATOR = 0,
	LINEAGE_CATEGORY,
	LINEAGE_RECIPIENT,
	LINEAGE_PURPOSES,
	LINEAGE_HOP,
	LINEAGE_STATE,
	LINEAGE__WORDS
};

/* A group that was counted last and its row of the tally. */
struct met_hop {
	uint32_t key[LINEAGE__WORDS];
	uint32_t row; /* 1 + row; 0: none yet */
};

struct lineage_value {
	uint64_t n, users, data, nonusers;
	uint64_t last_datum;   /* number of the datum counted last */
	uint32_t last_subject; /* + 1 */
	bool has_no_users;     /* too many groups: they are not counted */
	struct times times;
};

/* Behind a record of sharing that names no datum: whose it was. */
struct shared_row {
	uint32_t subject, recipient, category;
	uint32_t minute; /* since 1970, the end of it; not 0 */
};

/* Since when people's data were somewhere, by the people's number. */
struct sharers {
	uint32_t *minute; /* [n] as in shared_row; 0 never */
	uint32_t n;
};

/* People by their number, a bit each. */
struct people {
	uint64_t *bit; /* [n / 64 + 1] */
	uint32_t n;    /* 1 + the highest that there is room for */
};

/* What a join of all data adds up to (lineage_join.c), for `measure`. */
struct lineage_sums {
	uint32_t finding; /* 1 + row of TALLY_FINDING, of users; 0: none */
	uint64_t users[LINEAGE_HOP__MAX]; /* by hop; of a permission: those
						without one; of outbound:
						whose data were contacted */
	uint64_t data[LINEAGE_HOP__MAX], nonusers[LINEAGE_HOP__MAX];
	uint64_t collected;		    /* people who are no users */
	uint64_t calls[LINEAGE_STATE__MAX]; /* by who was contacted */
	uint64_t contact_days; /* days and contacts with a call at least */
	uint64_t complete; /* collected, shared, contacted: by person, datum */
	unsigned hops;	   /* linked, at most */
	struct spread contacts, delay_us, share_delay_us;
};

#endif
