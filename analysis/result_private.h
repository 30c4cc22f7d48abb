/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * result_private - what the files result_*.c share; nobody else includes it.
 *
 * A part counts under codes of its own names; the writer turns them into
 * codes of the result's names (result_merge.c) in order of partition, so the
 * numbers of rows and names depend on the evidence alone.
 */
#ifndef ANALYSIS_RESULT_PRIVATE_H
#define ANALYSIS_RESULT_PRIVATE_H

#include <pthread.h>

#include "analysis/detector_table.h"
#include "analysis/digest.h"
#include "analysis/feed.h"
#include "analysis/legal.h"
#include "analysis/lineage_table.h"
#include "analysis/result.h"
#include "analysis/rowlog.h"
#include "analysis/spread.h"
#include "analysis/tally.h"

/* Ceilings; what lies beyond is counted as one "…other". */
enum {
	RESULT_ROWS_BYTES = 16 * 1024 * 1024,	/* of a log in memory */
	RESULT_BUDGET_BYTES = 96 * 1024 * 1024, /* of all logs */
	PART_FORMS = 32768,			/* before a part forgets them */
	PART_MET = 256,				/* at hand, see met_slot() */
	RESULT_FORMS = 65536,
	PART_TALLIES = 100 * 1000,
	PART_DESIGNS = 4096,
	PART_FINDINGS = 8192,
	COMPARED_VALUES = 200, /* designs or variants of a surface */
	RESULT_TALLIES = 400 * 1000,
	RESULT_PATH_STEPS = 64, /* in a path; the rest is cut off */
	RESULT_WAITING_PARTS = 3,
	RESULT_RUN_BYTES = 24 * 1024 * 1024, /* of data sorted at a time */
	RESULT_SHARED = 64, /* (recipient, category) whose people are known */
	FINDING_MISSING = 8 /* distinct texts */
};

#define OTHER_TEXT "\xe2\x80\xa6other"

enum subject_kind { SUBJECT_USER = 0, SUBJECT_DEVICE, SUBJECT_NONUSER };
extern const char *const subject_kind_text[];

/* ---- values of the tallies ----------------------------------------------- */

/* (surface, design) in a part, then in the result. */
struct design_value {
	uint32_t number;       /* in a part: row of the result's tally */
	uint32_t last_subject; /* + 1 */
	struct times times;
	uint64_t impressions, people, box_on, box_known;
	int64_t in_view_micro;
	uint64_t n_in_view;
	int64_t font_micro; /* 0: none seen */
	double contrast, accept_contrast;
	uint32_t roles; /* bits 1 << role */
};

/* What is logged of one control in one way: see exposure_key(). */
struct exposure_value {
	uint64_t n, box_on, box_known, n_in_view;
	int64_t in_view_micro;
	struct times times;
};

enum exposure_word {
	EXPOSURE_SURFACE = 0,
	EXPOSURE_DESIGN,
	EXPOSURE_ROLE, /* 2 * role + is_consent */
	EXPOSURE_ELEMENT,
	EXPOSURE_TEXT,
	EXPOSURE_NOTICE,
	EXPOSURE_NOTICE_VERSION,
	EXPOSURE_PURPOSES,
	EXPOSURE_COLOR,
	EXPOSURE_BACKGROUND,
	EXPOSURE_FONT_LOW, /* of font_micro + 1; 0, 0: not said */
	EXPOSURE_FONT_HIGH,
	EXPOSURE__WORDS
};

/* (design, field, a, b): how often a design had it. */
enum design_field {
	FIELD_PURPOSES = 1,
	FIELD_NOTICE,
	FIELD_NOTICE_VERSION,
	FIELD_ELEMENT,
	FIELD_TEXT,
	FIELD_BODY_FONT, /* a, b: low and high word of font_micro */
	FIELD__MAX
};

/* (surface, design, app version): for the cut-over. */
struct version_value {
	uint32_t number, design; /* rows of the result's tallies */
	uint32_t last_subject, last_tail_subject;
	struct times times;
	uint64_t exposures, tail, tail_people;
};

struct exposure_row {
	uint32_t version, subject;
	int64_t us;
};

struct rate_value {
	uint64_t given, refused, other; /* of the episodes with impressions */
	uint64_t unlogged; /* others, whose source cannot hold impressions */
	uint64_t blind;	   /* of the former, whose source holds no refusals */
};

/* What the source of an act cannot hold (result_unlogged.c). */
enum { UNLOGGED_SHOWN = 1, UNLOGGED_REFUSED = 2 };

enum rate_word {
	RATE_SURFACE = 0,
	RATE_PURPOSE,
	RATE_DIMENSION,
	RATE_A,
	RATE_B
};
enum rate_dimension {
	RATE_ALL = 0,
	RATE_DESIGN,
	RATE_VARIANT,
	RATE_VERSION,
	RATE_ENTRY,
	RATE_DAY,
	RATE_VARIANT_VERSION,
	RATE__MAX
};
extern const char *const rate_dimension_text[RATE__MAX];
/* A day as a code: 0 unknown. */
enum { RATE_DAY_ZERO = 1 << 30 };

/* What many decisions have in common (result_form.c); counts are words of
 * one more, 0 unknown. */
enum form_word {
	FORM_OPERATOR = 0, /* codes, up to FORM_STATE */
	FORM_SURFACE,
	FORM_PURPOSE,
	FORM_RECIPIENT,
	FORM_DESIGN, /* in the result: 1 + its number */
	FORM_VARIANT,
	FORM_APP_VERSION,
	FORM_ENTRY,
	FORM_STATE, /* outcome, server's, method: a byte each; 2 bits each:
		       1 + default_on, 1 + last_default_on, UNLOGGED_…,
		       which only a part tells apart */
	FORM_ACTS,
	FORM_TOGGLED,
	FORM_REFUSALS,
	FORM_IMPRESSIONS,
	FORM__WORDS
};
enum { FORM_UNLOGGED_SHIFT = 28, FORM_TOLD = (1 << 28) - 1 };
#define FORM_COUNT_MAX (UINT32_MAX - 2) /* more are as many */

struct form_value {
	uint64_t n;			  /* decisions */
	unsigned char hash[DIGEST_BYTES]; /* in a part */
};

/* A decision in a part's log. */
struct decision_row {
	uint64_t flow, offset;
	int64_t shown_us, decided_us, server_us, last_shown_us;
	uint32_t form, subject, member;
	uint32_t is_new; /* its form is the next in the log of forms */
};

/* What names a decision in the digest. */
struct decision_key {
	int64_t shown_us, decided_us;
	uint32_t purpose;
};

enum finding_word {
	FINDING_DETECTOR = 0,
	FINDING_SURFACE,
	FINDING_DESIGN,
	FINDING_SCOPE,
	FINDING_OPERATOR,
	FINDING__WORDS
};

struct finding_value {
	uint32_t number; /* in a part: row of the result's tally */
	/* The person in hand, in a part. */
	uint32_t subject; /* + 1; 0: none yet */
	enum answer answer;
	uint32_t n_missing;
	int64_t us;
	uint64_t decision;	 /* + 1; 0: none */
	struct decision_key key; /* of an answer sure or ambiguous */
	uint64_t n[ANSWER__MAX]; /* people whose gravest answer it is */
	uint32_t missing[FINDING_MISSING];
	struct times times; /* of sure and ambiguous acts */
	bool settled, has_hash;
	unsigned char hash[DIGEST_BYTES]; /* for the digest of `affected` */
};

/* A person behind a finding; `finding` is a row of the tally. */
struct affected_row {
	uint32_t finding;
	uint32_t grade_role; /* grade * 2 + role */
	uint64_t subject;    /* number in the part; subject_id later */
	uint64_t decision;   /* the same + 1; decision_id later; 0 none */
};

/* Followed by the bytes of the id, padded to 8. */
struct nonuser_row {
	uint32_t finding;
	uint32_t answer;
	int64_t us, shown_us, decided_us;
	uint64_t decision; /* as above */
	uint32_t purpose;  /* name of that decision's purpose */
	uint32_t n;
};

struct edge_value {
	struct spread us;
};

struct path_value {
	uint64_t n;
};

struct route_value {
	uint64_t n, abandoned;
	struct spread acts, screens, options, us;
};

/* By the number of refusals before: 1, 2, … AGAIN_MOST or more; 0: all. */
enum { AGAIN_MOST = 3 };
struct again_value {
	uint64_t shown, given, dated, soon;
	uint64_t worn_down;    /* people, of all: gave in where nobody asked */
	uint32_t last_subject; /* + 1 */
};

struct processing_value {
	uint64_t n, subjects;
	uint32_t last_subject;
	struct times times;
};

struct network_value {
	uint64_t n, against, open, people;
	uint64_t last_met; /* in a part: of the person in hand */
	uint32_t number;   /* in a part: row of the result's tally */
	struct times times;
};

struct operator_value {
	uint64_t people, devices, records, decisions, grants;
	uint32_t number; /* as above */
};

/* A person under several accounts: a row of network or operator is theirs. */
struct linked_row {
	uint64_t link;
	uint32_t tally; /* TALLY_NETWORK or TALLY_OPERATOR */
	uint32_t row;
};

/* People by the number of operators that met them; the last: as many or
 * more. */
enum { SHARED_MAX = 512 };

struct tainted_value {
	uint64_t obtained, ended;
};

struct recipient_value {
	uint64_t people, records;
	uint32_t last_subject;
	struct times times;
};

struct coverage_value {
	int64_t n;
};

/* Of the devices whose clocks were compared in one way. */
struct clock_value {
	uint64_t n_samples;
	struct spread offset_us, error_us; /* the offset without its sign */
};

/* The tallies that a part and the result both have. */
enum result_tally {
	TALLY_DESIGN = 0, /* surface, design */
	TALLY_VERSION,	  /* surface, design, app version */
	TALLY_RATE,	  /* enum rate_word */
	TALLY_FINDING,	  /* enum finding_word */
	TALLY_EDGE,	  /* surface, from, to */
	TALLY_PATH,	  /* surface, outcome, steps */
	TALLY_ROUTE,	  /* surface, design, goal */
	TALLY_AGAIN,	  /* surface, design, refusals before */
	TALLY_PROCESSING, /* verdict, kind, category, purpose, recipient,
			      region, operator */
	TALLY_NETWORK,	  /* operator, recipient, category */
	TALLY_OPERATOR,	  /* operator */
	TALLY_TAINTED,	  /* surface, day */
	TALLY_RECIPIENT,  /* surface, recipient */
	TALLY_COVERAGE,	  /* name */
	TALLY_LINEAGE,	  /* enum lineage_word */
	TALLY__MAX
};

/* ---- a part -------------------------------------------------------------- */

struct part_subject {
	struct span id;
	enum subject_kind kind;
	uint32_t rank; /* among those that get a row of their own */
};

/* What all detectors find on a design lies together: they answer for one
 * decision after another. */
struct found {
	uint32_t surface, design, scope, operator_;
	uint32_t row[DETECTOR__MAX]; /* 1 + row of the tally; 0: not asked */
};

/* Where among PART_MET a key of small numbers is held. */
static inline uint32_t
met_slot(uint32_t a, uint32_t b, uint32_t c)
{
	return (a * 0x9e3779b1 ^ b * 0x85ebca77 ^ c * 0xc2b2ae3d) >> 24;
}

_Static_assert(PART_MET == 256, "met_slot() gives eight bits");

/* A key that was counted last and its row of the tally. */
struct met {
	uint32_t key[3];
	uint32_t row; /* 1 + row; 0: none yet */
};

struct shown {
	uint32_t key[EXPOSURE__WORDS], app_version;
	uint32_t design, version, cell; /* as above; version 0: too many */
};

struct result_part {
	struct result *r;
	unsigned number;
	struct names *names; /* the caller's until done, then own_names */
	struct names own_names;
	uint32_t *code; /* [names->n + 1] the result's, 0 not asked yet */
	struct arena arena;
	struct part_subject *subject;
	uint32_t n_subjects, subject_room;
	uint64_t n_decisions, max_flow;
	struct decision_key *key; /* of the person in hand, from first_key on */
	uint64_t first_key, key_room;
	uint32_t key_subject;
	struct digest_person person; /* the same */
	struct rowlog decisions, form_keys, affected, exposures, nonusers;
	struct rowlog data, shares; /* lineage_row, shared_row */
	struct shared_row last_shared;
	struct met_hop hop[PART_MET];
	uint64_t hop_users[LINEAGE_HOP__MAX];	/* as lineage_sums.users */
	uint32_t hop_subject[LINEAGE_HOP__MAX]; /* + 1, counted last */
	struct rowlog linked;
	struct rowlog hash_decision, hash_affected;
	struct digest_row row;
	struct tally exposure_cells, forms;
	struct found found[PART_MET]; /* findings asked for last, by hash */
	struct met edge[PART_MET], route[PART_MET]; /* the same of these */
	struct shown shown[PART_MET];		    /* and of exposures */
	struct tally tally[TALLY__MAX];
	struct names steps, coverage; /* keys of paths; names of counters */
	/* The rows of network and operator that the person in hand is in. */
	struct linked_row *touched; /* [n_touched] */
	size_t n_touched, touched_room;
	uint64_t n_met; /* people so far */
	uint64_t by_operators[SHARED_MAX + 1];
	struct clock_value clock[CLOCK_METHOD__MAX];
};

/* ---- the result ---------------------------------------------------------- */

struct result {
	struct casefile *c;
	const char *case_dir;
	int zone_min;
	struct legal legal;
	uint8_t *unlogged; /* [n_unlogged] UNLOGGED_… by member_id */
	size_t n_unlogged;
	struct buf why_not_shown, why_not_refused; /* empty: nobody */

	pthread_mutex_t lock; /* of the next five */
	pthread_cond_t changed;
	struct result_part **waiting; /* [n_slots] by number of partition */
	unsigned n_slots, n_waiting, next;
	bool finishing;
	struct err err;
	pthread_t writer;
	bool has_writer;

	/* Below: the writer's, then of whoever finishes. */
	struct rowlog_budget budget;
	struct names names, steps, coverage;
	bool *used; /* [n_used] names that decisions refer to */
	uint32_t n_used;
	struct tally tally[TALLY__MAX];
	struct clock_value clock[CLOCK_METHOD__MAX];
	struct tally design_values;
	uint64_t n_subjects, n_decisions, n_flows;
	struct tally forms;
	uint64_t n_forms; /* that were forgotten */
	sqlite3_stmt *form_insert;
	struct feed subject_feed, decision_feed, affected_feed;
	struct rowlog hash[DIGEST__MAX], exposures, affected, nonusers, linked;
	const struct study *study; /* NULL: none */
	struct lineage_sort data;
	struct tally shared; /* (recipient, category): see sharers */
	struct sharers sharers[RESULT_SHARED];
	size_t sharers_bytes;	  /* of all of them */
	struct people collecting; /* whose records collected people's data */
	struct lineage_sums lineage;
	uint64_t by_operators[SHARED_MAX + 1]; /* people met by so many */
	struct digest_row row;
	/* The part being written. */
	struct result_part *part;
	struct rowlog_reader reader, form_reader;
	struct decision_row decision;
	int64_t form_id[PART_FORMS]; /* of the part's forms so far */
	uint64_t at;		     /* rows of the feed so far */
	/* Findings in their final order. */
	uint32_t *finding_order; /* [n findings] rows of the tally */
	uint32_t *finding_id;	 /* [n findings] by row; 0: no row */
};

/* result_part.c */
void tallies_init(struct tally tally[TALLY__MAX], bool is_part);
void tallies_clear(struct tally tally[TALLY__MAX]);
void part_free(struct result_part *rp);
void part_end_person(struct result_part *rp);
/* What names the decision of a number (of the person in hand). */
const struct decision_key *part_key(
    const struct result_part *rp, uint64_t number);
struct span part_text(const struct result_part *rp, uint32_t code);
/* The design, made when anything names it; the code becomes TALLY_OTHER when
 * there are too many.  NULL without surface or design. */
struct design_value *part_design_at(
    struct result_part *rp, uint32_t surface, uint32_t *design);
/* result_form.c: the form of a decision, whose number goes to `form`; `is_new`:
 * met for the first time. */
struct form_value *part_form(struct result_part *rp, const struct decision *d,
    uint32_t *form, bool *is_new);
void part_end_forms(struct result_part *rp);
/* The row of decision_form for a form of the part being written. */
int64_t result_form(struct result *r, const uint32_t from[FORM__WORDS]);
/* result_unlogged.c */
void unlogged_load(struct result *r);
void unlogged_clear(struct result *r);
/* result_rate.c: n episodes of a form, but for their days; the day of an
 * episode; the day of an instant on the clock of the case, as a code, 0 when
 * it has none. */
void part_count_rates(
    struct result_part *rp, const uint32_t form[FORM__WORDS], uint64_t n);
void part_count_day(struct result_part *rp, const struct decision *d);
uint32_t result_day(const struct result *r, int64_t us);
/* result_finding.c */
void part_end_findings(struct result_part *rp);

/* result_merge.c */
uint32_t result_code(struct result *r, struct result_part *rp, uint32_t code);
void result_take(struct result *r, struct result_part *rp);
/* result_rows.c */
extern const struct feed_source subject_source, decision_source;

/* result_design.c */
void merge_exposures(struct result *r, struct result_part *rp);
void write_designs(struct result *r);
void write_cutovers(struct result *r);
/* result_rate.c */
void write_rates(struct result *r);
void write_comparisons(struct result *r);
/* result_finding.c */
void write_findings(struct result *r);
/* result_affected.c */
int merge_nonusers(struct result *r, struct err *err);
void write_affected(struct result *r);
/* Earlier, where an unknown instant is the latest. */
static inline bool
result_is_earlier(int64_t a, int64_t b)
{
	return a != RESULT_UNKNOWN && (b == RESULT_UNKNOWN || a < b);
}
/* result_measure.c */
void write_measures(struct result *r);
/* result_write.c */
void write_detectors(struct result *r);
void write_names(struct result *r);
void write_edges(struct result *r);
void write_paths(struct result *r);
void write_routes(struct result *r);
void write_processing(struct result *r);
void write_tainted(struct result *r);
/* result_network.c */
void take_network(struct result *r, struct result_part *rp);
int write_network(struct result *r, struct err *err);
void write_coverage(struct result *r);
/* result_lineage.c */
void take_lineage(struct result *r, struct result_part *rp);
void people_add(struct people *p, uint32_t number);
bool people_has(const struct people *p, uint32_t number);
/* By then the person's data were there, at the latest; INT64_MAX never. */
int64_t sharers_when(const struct sharers *s, uint32_t number);
/* The row of the table for a group, made when new. */
struct lineage_value *lineage_at(
    struct result *r, const uint32_t key[LINEAGE__WORDS]);
void write_lineage(struct result *r);
void lineage_clear(struct result *r);
/* lineage_join.c: follow every datum, count and answer for D11. */
int join_lineage(struct result *r, struct err *err);
/* result_clock.c */
void clocks_merge(struct clock_value *to, const struct clock_value *from);
void clocks_clear(struct clock_value *v);
void write_clocks(struct result *r);
/* result_legal.c */
void write_legal(struct result *r);

/* Bind a first and last instant, where there is one. */
void result_bind_times(
    struct result *r, sqlite3_stmt *st, int first, const struct times *t);
/* The text of a code of the result; OTHER_TEXT for TALLY_OTHER. */
struct span result_text(const struct result *r, uint32_t code);
/* The same, "" for absent. */
struct span result_text_or_empty(const struct result *r, uint32_t code);
/* Rows of a tally, sorted by the texts of `n_texts` leading key words and
 * then by the other words as numbers.  [t->n], free it. */
uint32_t *result_sorted(
    const struct result *r, enum result_tally k, unsigned n_texts);

#endif
