/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lineage_join - what the files that join all data share (lineage_join.c,
 * _collect.c, _call.c, _judge.c); nobody else includes it.
 *
 * One datum at a time: its collectors (people whose records collected it),
 * then every contact with it, by time.  All state is of that datum, but for
 * one answer and one count a person.
 */
#ifndef ANALYSIS_LINEAGE_JOIN_H
#define ANALYSIS_LINEAGE_JOIN_H

#include "analysis/result_private.h"
#include "analysis/study.h"
#include "analysis/timeline.h"

enum {
	JOIN_PURPOSES = 32, /* of a collector */
	JOIN_NAMES = 8,	    /* operators, recipients of a collector */
	JOIN_OWNERS = 8,    /* people who say that the number is theirs */
	JOIN_CALLERS = 64   /* ways of contact that are told apart */
};

/* What an undecidable answer lacks; bits. */
enum join_missing {
	JOIN_TIME = 1,
	JOIN_ORDER = 2,
	JOIN_WHOM = 4,
	JOIN_OUTBOUND = 8,
	JOIN_WHOLE = 16,
	JOIN_FEWER = 32
};

struct instant {
	int64_t at_us, us, precision_us, error_us;
	uint64_t clock;
};

/* A few codes; `is_full`: there were more. */
struct codes {
	uint32_t *code; /* [n], in the datum's arena */
	uint32_t n, room;
	bool is_full;
};

/* Somebody whose records collected the datum.  0: nobody said who. */
struct collector {
	uint32_t subject, category;
	bool has_first, has_share, has_upload;
	struct instant first, upload; /* the earliest with a time */
	int64_t share_us;	      /* corrected, of the earliest */
	unsigned hops;		      /* bits of enum lineage_hop */
	uint32_t last_list;	      /* of purposes, + 1: seen already */
	bool is_by_share;	      /* only shares told of it so far */
	struct codes purposes, operators, recipients;
	/* [JOIN_NAMES] when each of `recipients` first had it; at_us is
	 * INT64_MAX where no record has a time. */
	struct instant *shared;
	struct codes uses; /* purposes of later access on the server */
	int64_t use_us;
	/* so far */
	enum answer answer;
	int64_t us; /* of the act that it rests on */
	bool is_reached, is_share_reached;
};

/* A way of contact: calls of one are alike but for their time. */
struct caller {
	uint32_t operator_, category, recipient, purposes;
	bool is_foreign;
	bool has_undated; /* a call without a time was held against all */
	bool is_met;	  /* a call with one against those without */
	uint32_t n_done;  /* of datum.first: calls change nothing any more */
	int64_t link_us;  /* but after this they may, by a share */
};

struct datum {
	uint64_t number; /* 1, 2, … */
	bool is_person, is_owned;
	uint32_t owner[JOIN_OWNERS], n_owners;
	struct collector *collector; /* [n_collectors], by subject */
	uint32_t n_collectors, collector_room;
	uint32_t last_beyond; /* subject beyond LINEAGE_COLLECTORS */
	bool has_beyond;
	unsigned hops; /* bits of enum lineage_hop */
	struct caller caller[JOIN_CALLERS];
	uint32_t n_callers;
	/* From the first contact on: [n_collectors] by the earliest time, of
	 * which n_dated have one; [n_shares] by that of the first sharing, of
	 * which n_share_done lie behind a call. */
	struct collector **first, **share;
	uint32_t n_dated, n_shares, n_share_done;
	int64_t error_us; /* of any of them, at most */
	uint32_t last_day;
	uint32_t *group; /* [n_groups] of the table, touched */
	uint32_t n_groups, group_room;
	enum answer answer; /* gravest of all collectors' */
	int64_t us;	    /* of the act that it rests on */
};

struct list {
	bool is_split;
	uint32_t n;
	uint32_t *code; /* [n] */
};

/* What a whole join counts of answers of one scope. */
struct scope_sum {
	uint32_t finding; /* row of TALLY_FINDING */
	uint64_t n[ANSWER__MAX];
	struct times times;
	unsigned missing; /* bits of enum join_missing */
};

struct join {
	struct result *r;
	const struct study *study;
	struct arena arena, run; /* of the datum; of the join */
	char text[LINEAGE_TEXT + 1];
	struct span id; /* the datum */
	uint64_t hash;
	struct datum d;
	struct list *list; /* [n_lists] by code of a list of purposes */
	uint32_t n_lists;
	uint32_t (*compatible)[2]; /* [n_compatible] */
	uint32_t *necessary;	   /* [n_necessary] */
	uint8_t *answer;	   /* [n_subjects + 1] enum answer of users */
	uint32_t *contacts;	   /* [n_subjects + 1] data collected */
	struct people *users;	   /* [n_users] by group: who was affected */
	uint32_t n_users;
	size_t users_bytes;
	struct people reached; /* users whose data were contacted */
	struct scope_sum people, nonusers;
};

/* How a contact stands to the collection. */
enum relation {
	RELATION_NONE = 0,
	RELATION_AFTER,
	RELATION_BEFORE,
	RELATION_ORDER,	 /* within the clocks' error */
	RELATION_UNDATED /* either has no time */
};

/* lineage_collect.c: rows of the datum in hand. */
void join_owner(struct join *j, const struct lineage_row *row);
void join_collection(struct join *j, const struct lineage_row *row);
bool join_is_owner(const struct datum *d, uint32_t subject);
/* The group of a row in the table, counted once a datum. */
uint32_t join_touch(
    struct join *j, const struct lineage_row *row, enum lineage_state state);

/* lineage_call.c: a contact, after all collections. */
void join_call(struct join *j, const struct lineage_row *call);

/* lineage_judge.c */
void instant_of(struct instant *t, const struct lineage_row *row);
enum relation relation_of(
    const struct collector *c, const struct lineage_row *call);
const struct list *join_list(struct join *j, uint32_t code);
void codes_add(struct join *j, struct codes *to, uint32_t code, uint32_t most);
bool codes_have(const struct codes *in, uint32_t code);
/* When a contact of this way, that nothing links to the collection by now,
 * may be linked; INT64_MAX never. */
int64_t judge_next(const struct join *j, const struct collector *c,
    const struct lineage_row *call);
/* A contact held against a collection: NONE is no ground.  `missing` gets
 * bits of enum join_missing. */
enum answer judge_call(struct join *j, const struct collector *c,
    const struct lineage_row *call, bool is_for_owner, unsigned *missing);
/* The collector's answer when all is in. */
enum answer judge_collector(
    struct join *j, const struct collector *c, int64_t *us, unsigned *missing);

#endif
