/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crowd - the subjects of a file of a partition, one after another.
 *
 * Where a case has several operators each subject's rows are read apart,
 * operator by operator, with a state each (struct person): what somebody does
 * in one app neither opens nor ends anything in another.  In the results it
 * is one subject.
 *
 * Ownership: one a thread and file; the names and the result are the
 * caller's.  Failure: -1 and `err` when the store cannot be read.
 */
#ifndef ANALYSIS_CROWD_H
#define ANALYSIS_CROWD_H

#include "analysis/person.h"

struct crowd_counts {
	uint64_t subjects, events, decisions, unasked, undated, gaps, missing,
	    ties, no_code, masked;
};

struct crowd {
	struct result_part *out;
	uint64_t n_flows; /* running number in the part: in and out */
	uint64_t n_subjects;
	/* Below: crowd.c only. */
	struct person **person; /* [n] one an operator */
	size_t n;
	uint32_t *at; /* [n_at] 1 + index of person[], by code of a name */
	uint32_t n_at;
	size_t unnamed, other; /* of person[]; n: there is none */
	struct crowd_tally {
		uint64_t records, decisions, grants;
	} * tally;	 /* [n]: of the subject */
	bool *is_met;	 /* [n]: the subject has rows of it */
	bool has_number; /* the subject is one, whichever the operator */
	uint32_t number;
	size_t *first;	 /* [n + 1]: rows of the window */
	struct row *row; /* of the window, operator by operator */
	size_t n_row_room;
};

/* `crowd = { 0 }`, and n_flows, come before. */
void crowd_open(struct crowd *c, const struct study *study, struct names *names,
    struct result_part *out);
int crowd_run(struct crowd *c, struct timeline *tl, struct err *err);
/* Of records that name neither person nor device. */
int crowd_run_nobody(struct crowd *c, struct timeline *tl, struct err *err);
struct crowd_counts crowd_counts(const struct crowd *c);
void crowd_close(struct crowd *c);

#endif
