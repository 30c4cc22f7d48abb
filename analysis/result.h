/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * result - what the analysis of partitions adds up to, and its way into
 * case.db.
 *
 * Each partition has a part of its own, filled by one thread without locks;
 * its texts are codes of the part's own names.  Parts are handed over when
 * done; a writer takes them in order of partition, so that ids and digest do
 * not depend on threads.  Rows of a waiting part lie in memory up to a
 * bound, then in an unlinked temporary file.  Tallies (designs, rates,
 * findings, edges, …) are merged and written at the end.
 *
 * Order of calls:
 *	result_new, { result_part_new, result_…, result_part_done }*,
 *	result_finish (writes, computes the digest), result_free
 */
#ifndef ANALYSIS_RESULT_H
#define ANALYSIS_RESULT_H

#include "analysis/clock.h"
#include "analysis/lineage.h"
#include "analysis/names.h"
#include "ingest/casefile.h"
#include "ingest/caseini.h"
#include "ingest/event.h"

enum decision_outcome {
	DECISION_OUTCOME_NONE = 0, /* numbers of table decision_outcome */
	OUTCOME_GIVEN,
	OUTCOME_REFUSED,
	OUTCOME_DISMISSED,
	OUTCOME_LEFT,
	OUTCOME_NOT_ASKED,
	DECISION_OUTCOME__MAX
};

enum answer {		 /* of a detector; the gravest counts */
	ANSWER_NONE = 0, /* not eligible */
	ANSWER_SURE,
	ANSWER_AMBIGUOUS,
	ANSWER_UNDECIDABLE,
	ANSWER_REFUTED,
	ANSWER__MAX
};

#define RESULT_UNKNOWN INT64_MIN /* an unknown instant or number: NULL */

/* One row of decision: a person, an episode (or grant), a purpose. */
struct decision {
	uint64_t flow;	  /* running number in the part; 0: none */
	uint32_t subject; /* of result_subject() */
	uint32_t operator_, surface, purpose, recipient, design, variant,
	    app_version, entry; /* codes of the part's names; design: its
				   version, with surface the key of design */
	int64_t shown_us, decided_us, dwell_us, server_us, last_shown_us;
	int64_t acts, toggled, refusals_before; /* RESULT_UNKNOWN: NULL */
	uint32_t impressions;
	enum decision_outcome outcome;
	int default_on, last_default_on; /* -1 unknown, 0 off, 1 on */
	enum event_decision server_outcome;
	enum event_method method;
	struct place place;
};

/* What one impression of a consent control tells about its design. */
struct exposure {
	uint32_t surface, design, app_version; /* names codes */
	uint32_t subject;
	int64_t us;
	bool is_consent; /* of the consent text; else of another control or
			    text of the surface (accept, body, …) */
	bool opens;	 /* the first of its episode */
	int default_on;	 /* -1 unknown, 0, 1 */
	enum event_role role;
	uint32_t element, text, notice, notice_version, purposes;
	int64_t font_micro, in_view_micro; /* RESULT_UNKNOWN: not said */
	uint32_t color, background;
};

struct result;
struct result_part;

/*
 * `ini` gives time zone and rule packs; may be NULL.  The caller has begun a
 * transaction and commits it; until result_finish() or result_free() the
 * casefile is the result's.  Earlier results are deleted.
 */
struct result *result_new(struct casefile *c, const char *case_dir,
    const struct caseini *ini, struct err *err);
/* What the case declares; must live as long as the result.  Without it no
 * datum is followed across people. */
struct study;
void result_study(struct result *r, const struct study *study);
struct result_part *result_part_new(
    struct result *r, unsigned part, struct names *names);

/*
 * A person of this part: a number for the calls below.  Call it once each,
 * when there is something to say of the person; all calls about a person come
 * before those about the next.  Somebody who is no user (answer_row.nonuser)
 * gets a number whenever met, and nothing else is said of that number; the
 * same ids become one person at the end.
 */
uint32_t result_subject(struct result_part *rp, struct span id, bool is_device);

/* Adds a row and, where something was shown, counts its episode for `rate`;
 * its number for result_answer(). */
uint64_t result_decision(struct result_part *rp, const struct decision *d);
void result_exposure(struct result_part *rp, const struct exposure *x);

/*
 * A detector's answer for a person in (surface, design, scope, operator); the
 * part keeps the gravest a person and finding, with the earliest decision of that
 * answer.  detector: row of detector.def; surface, design 0: not bound;
 * `scope` a code; decision: number of result_decision() + 1, of the person
 * in hand, or 0.
 * `missing`: what undecidable lacks, a code, 0 for the others.
 */
struct answer_row {
	int detector;
	uint32_t surface, design, scope, operator_, subject, missing;
	bool nonuser;
	enum answer answer;
	uint64_t decision;
	int64_t us; /* of the act; RESULT_UNKNOWN */
};
void result_answer(struct result_part *rp, const struct answer_row *a);
/*
 * One observation that decides for everybody in a finding: what is
 * undecidable in the finding of `a` counts as refuted at the end.  (D05: somebody refused on
 * this design, so there was a way.)  May come before any answer, from any
 * part.
 */
void result_settle(struct result_part *rp, const struct answer_row *a);

/* from, to: screens; surface 0 is the '' of table edge. */
void result_edge(struct result_part *rp, uint32_t surface, uint32_t from,
    uint32_t to, int64_t us);
/* steps: codes of screens and acts in order. */
void result_path(struct result_part *rp, uint32_t surface,
    enum decision_outcome outcome, const uint32_t *steps, size_t n_steps);

/* A way towards given, refused or withdrawn (D06, D07). */
struct route {
	uint32_t surface, design;
	enum event_decision goal; /* GIVEN, REFUSED, WITHDRAWN */
	bool reached;
	uint32_t acts, screens, options;
	int64_t us; /* from begin to end */
};
void result_route(struct result_part *rp, const struct route *w);

/* Shown to somebody who had refused it before (D13). */
struct again {
	uint32_t surface, design, subject;
	int64_t refusals;	/* before, at least 1 */
	bool is_dated, is_soon; /* within ask_again, where times are known */
	bool is_given, is_unasked;
};
void result_again(struct result_part *rp, const struct again *a);

#define RESULT_NOBODY UINT32_MAX /* a record that names no person */

struct processed {
	uint32_t verdict; /* code: "consented", … see schema.sql */
	enum event_kind kind;
	uint32_t category, purpose, recipient, region, operator_, subject;
	int64_t us;
};
void result_processing(struct result_part *rp, const struct processed *p);

/* A step of the chain from permission to contact, for table lineage; n counts
 * records, and people where the subject is one. */
struct hop {
	enum lineage_hop hop;
	enum lineage_state state;
	uint32_t operator_, category, recipient, purposes; /* a list's code */
	uint32_t subject;
	int64_t us;
};
void result_hop(struct result_part *rp, const struct hop *h);
/* A record that names its datum, in the part's codes: `n` bytes of text. */
void result_datum(
    struct result_part *rp, const struct lineage_row *row, const char *text);
/* The person's data of a category (0: not said) went to a recipient, without
 * saying which data; by `us` at the latest, with the clocks' error. */
void result_shared(struct result_part *rp, uint32_t subject, uint32_t recipient,
    uint32_t category, int64_t us);

/* A record of data that an operator gave to somebody. */
struct egress {
	uint32_t operator_, recipient, category; /* codes */
	bool is_nobody_s; /* it names neither person nor device */
	bool is_against;  /* without, before, after the end of a consent */
	bool is_open;	  /* that is not decidable */
	int64_t us;
};
void result_egress(struct result_part *rp, const struct egress *e);
/*
 * How often an operator met the subject in hand: once a subject and operator,
 * result_met_end() after the last, also when there was none.  `link`: 64 bits
 * of what stands for a person under several accounts, 0 none: who has the
 * same is counted as one in network, operator and shared.
 */
struct met_by {
	uint32_t operator_;
	bool is_device; /* whose person is not known */
	uint64_t records, decisions, grants;
};
void result_met(struct result_part *rp, const struct met_by *m);
void result_met_end(struct result_part *rp, uint64_t link);

/* A tainted consent of a person: when it began and ended (RESULT_UNKNOWN:
 * alive at the end of the evidence), once per person and surface. */
void result_tainted(struct result_part *rp, uint32_t surface, uint32_t subject,
    int64_t from_us, int64_t to_us);
void result_tainted_recipient(struct result_part *rp, uint32_t surface,
    uint32_t recipient, uint32_t subject, int64_t us);

/* The clock of a person's device, when all its rows were read. */
void result_clock(struct result_part *rp, const struct clock *c);

/* Add to a number of table coverage. */
void result_coverage(struct result_part *rp, const char *name, int64_t n);

/* Hand a part over; it is freed by the result.  The names may be cleared
 * after the call returned.  Any thread. */
int result_part_done(struct result_part *rp, struct err *err);

/* Write all tables, `legal` from the rule packs, and the digest. */
int result_finish(struct result *r, char digest[65], struct err *err);
void result_free(struct result *r);

#endif
