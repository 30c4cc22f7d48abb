/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * person - everything known of the subject whose timeline is being read.
 *
 * The parts of the analysis share this state, each writing its own section:
 *
 *	timeline   the rows of the window, in corrected order
 *	answer.c   which server record answers which act (links of rows)
 *	walk.c     the rows one after the other, screens and edges
 *	flow.c     surfaces, their controls and the open episodes
 *	decision.c an episode's or grant's rows of table decision
 *	consent.c  records of consent; consent_state.c what stands
 *	processing.c  verdict on collection, sharing and outbound contact
 *	lineage.c    what became of each datum, for the join of all people
 *	detector.c   the detectors' answers
 *	person.c   order of the above, begin and end
 *	crowd.c    one such state for each operator of the case
 *
 * Ownership: one struct a thread; memory of a subject lies in its arena and
 * is forgotten with person_end().  Nothing here fails.
 */
#ifndef ANALYSIS_PERSON_H
#define ANALYSIS_PERSON_H

#include "analysis/detector_table.h"
#include "analysis/result.h"
#include "analysis/study.h"
#include "analysis/timeline.h"
#include "ingest/base/utc.h"

enum {
	PERSON_CONTROLS = 64, /* of a surface */
	PERSON_OPEN = 64,     /* episodes open at a time */
	SURFACE_VERSIONS = 8, /* told apart; with more, D26 is undecided */
	PERSON_SURFACES = 4096,
	PERSON_CONSENTS = 4096,
	PERSON_DEVICES = 16,
	PERSON_CATEGORIES = 16, /* whose accesses are counted (D28) */
	PERSON_VERSIONS = 256,
	EPISODE_STEPS = 24,
	WAY_SCREENS = 64, /* told apart on a way to withdrawal */
	WAY_MARKS = 16,
	CONSENT_CLOCKS = 4,
	EPISODE_PURPOSES = 32,
	EPISODE_EXPOSURES = 64,
	EPISODE_OPTIONS = 32
};

/* A click and the change that it made are one gesture within this. */
#define ONE_GESTURE_US (2 * UTC_US_S)

/* ---- a surface and its controls ---- */

/* A control of a surface as this person met it. */
struct control {
	uint32_t element;
	int role;	/* enum event_role; 0: notice, text or screen */
	bool is_notice; /* notice.show */
	bool is_screen; /* screen.view that names the surface */
	/* Over all episodes. */
	int64_t last_us; /* last impression, as written; RESULT_UNKNOWN */
	int64_t last_at_us;
	int last_default;     /* -1, 0, 1 */
	int64_t best_in_view; /* millionths; RESULT_UNKNOWN */
	/* In the open episode. */
	bool in_episode;
	uint32_t impressions;
	int64_t first_us; /* first impression, as written */
	int64_t first_at_us;
	int default_on;	 /* -1, 0, 1 */
	int state;	 /* -1, 0, 1: of a box */
	int64_t toggled; /* times the person changed it */
	int64_t change_at_us;
	int own_state;	  /* -1, 0, 1: as the person left it; all episodes */
	struct stamp own; /* when that was */
	int prev_default; /* -1, 0, 1: in the episode before */
	bool kept;	  /* shown off, as the person left it */
	int turned_on;	  /* by whom, that the person had left off: enum
			     event_changed_by, -1 not said; 0 was not */
	uint64_t look;	  /* of the first impression, without its value */
	uint32_t purposes, notice, notice_version, text, color, background,
	    label, lang;
	int64_t font_micro, in_view_micro, x_micro, y_micro, width_micro,
	    height_micro,
	    screen_height_micro; /* RESULT_UNKNOWN; in_view: the most */
};

struct episode {
	bool is_open;
	bool is_frozen; /* design is settled */
	bool is_told;	/* its first exposure was */
	uint32_t design, app_version, variant, entry, operator_, recipient;
	uint32_t screen; /* on which it was opened */
	uint64_t session, device;
	int64_t opened_us, opened_at_us;
	struct stamp opened;
	int64_t last_at_us; /* last event on the surface */
	uint32_t roles;	    /* bits of enum event_role shown before an act */
	uint32_t acts, screens;
	bool settings, failed_refusal, scrolled, policy_opened;
	bool refuse_on_first; /* a refuse control was shown before settings */
	bool refuse_later;    /* one was shown after settings */
	bool unasked; /* it came up in a session, no gesture before it */
	/* Lines are missing between the gesture before it and its opening:
	 * more may have been shown. */
	bool opened_in_gap;
	uint32_t last_screen;
	int64_t last_screen_at_us;
	struct place place; /* of the opening event */
	uint32_t step[EPISODE_STEPS + 1];
	uint32_t n_steps, n_useful_steps;
	uint32_t option[EPISODE_OPTIONS];
	uint32_t n_options;
	struct exposure *exposure; /* [n_exposures], waiting for the design */
	uint32_t n_exposures, exposure_room;
	/* Completeness of the device's log since the first impression. */
	int64_t last_seq; /* STORE_ABSENT: not numbered */
	bool has_gap;
	/* A server's grant while it was open, before any act (D03). */
	struct {
		bool is_there, is_covered;
		struct stamp stamp;
		int decision, method;
		uint32_t purposes, recipient, category, operator_;
	} early;
};

/* Something was the first time: certainly, and perhaps, by the clocks. */
struct first {
	bool is_there;
	struct stamp sure, maybe;
};

struct surface {
	uint32_t name;
	struct control *control; /* [n_controls], room PERSON_CONTROLS */
	uint32_t n_controls, n_control_room;
	struct episode ep;
	int64_t given_acts;    /* of the last given, shown; or UNKNOWN */
	uint32_t given_design; /* of the last given episode */
	int last_act;	       /* decision_outcome of the last act */
	struct stamp acted;    /* when that was */
	/* Of the agreement: every version shown, in any episode. */
	uint32_t version[SURFACE_VERSIONS], n_versions;
	/* A consent control: shown, and in view (or that is not said). */
	struct first shown, seen;
	int64_t tainted_from_us, tainted_to_us; /* RESULT_UNKNOWN */
	bool has_tainted, withdraw_seen;
};

/* How often a purpose (or, unnamed, a surface) was refused. */
struct refusal {
	uint32_t purpose, surface;
	int64_t n;
	struct stamp at; /* of the last; at_us STORE_ABSENT: undated */
};

/* ---- consent over time ---- */

enum consent_state {
	CONSENT_NONE = 0,
	CONSENT_LIVE,
	CONSENT_REFUSED,
	CONSENT_LAPSED, /* expired, invalidated: nobody withdrew it */
	CONSENT_ENDED
};

/* What stands about one combination; 0 matches anything. */
struct consent {
	uint32_t operator_, purpose, category, recipient, surface;
	uint32_t notice,
	    notice_version; /* agreed to: as shown, else recorded */
	bool is_permission;
	enum consent_state state;
	bool is_tainted, was_tainted;
	bool by_server;	    /* a server's record said so */
	bool is_unanswered; /* the server's record of the person's refusal or
			       withdrawal is missing */
	bool is_unsure;	    /* it ended, perhaps before it was given last */
	struct stamp since;
	/* Given last, by each clock; one more clock than fits: n_given is
	 * CONSENT_CLOCKS + 1. */
	struct stamp given[CONSENT_CLOCKS];
	uint32_t n_given;
};

/* ---- what detectors look at ---- */

enum occasion_kind {
	OCCASION_NONE = 0,
	OCCASION_DECISION,   /* an episode ended */
	OCCASION_GRANT,	     /* a server's grant that answers no act */
	OCCASION_PROCESSING, /* access, egress */
	OCCASION_WITHDRAWAL,
	OCCASION_AFTER_REFUSAL, /* what came next: enum after */
	OCCASION_PERMISSION,	/* one that was denied is open again */
	OCCASION_PROMPT,	/* the system asks for a permission */
	OCCASION_LOG,	 /* the person's log of the interface is at its end */
	OCCASION_WAY,	 /* a way to withdrawal ended: p->way */
	OCCASION_POLICY, /* the text agreed to is opened */
	OCCASION__MAX
};

enum verdict {
	VERDICT_NONE = 0,
	VERDICT_CONSENTED,
	VERDICT_TAINTED,
	VERDICT_BEFORE_CONSENT,
	VERDICT_WITHOUT_CONSENT,
	VERDICT_AFTER_REFUSAL,
	VERDICT_AFTER_WITHDRAWAL,
	VERDICT_OTHER_BASIS,
	VERDICT_NECESSARY,
	VERDICT_NOT_DECIDABLE,
	VERDICT__MAX
};

/* What followed a refusal (D15). */
enum after {
	AFTER_NONE = 0, /* nothing in the log */
	AFTER_CONTENT,	/* another screen */
	AFTER_THROWN,	/* the system ended the session */
	AFTER_END,	/* it ended, nobody knows by whom */
	AFTER_ASKED	/* the same was shown, nothing in between */
};

struct occasion {
	enum occasion_kind kind;
	const struct row *row;	  /* the act, record or processing; or NULL */
	const struct row *answer; /* the server's record; or NULL */
	struct surface *surface;  /* NULL: none */
	const struct decision *rows; /* [n_rows] */
	size_t n_rows;
	bool is_early;	  /* the grant was recorded before the choice */
	bool is_unsure;	  /* by the clocks, what is told may be another thing */
	bool is_covered;  /* UI log complete around that record */
	bool has_grant;	  /* a server's grant is part of it */
	bool is_tainting; /* a detector that taints was sure */
	bool is_doubtful; /* one of them could not decide */
	struct stamp granted; /* of the server's grant, where there is one */
	/* Refusals of the same purposes before (D13). */
	int64_t n_refused;
	struct stamp refused; /* the last; at_us STORE_ABSENT: undated */
	enum event_method method;
	enum verdict verdict;
	const char *missing; /* why a verdict is not decidable */
	int kind_of_processing;
	uint32_t purpose;	  /* of the processing; 0 not said */
	const struct consent *on; /* that it rests on; NULL none */
	enum after after;
	uint32_t design;    /* where there are no rows; 0: the surface's last */
	uint32_t acts;	    /* of a withdrawal; to the policy */
	uint32_t sure_acts; /* of a withdrawal: before it, by the clocks */
};

/* Codes of words that the analysis itself writes; see person.c. */
enum word {
	WORD_ON = 0,
	WORD_TRUE,
	WORD_ONE,
	WORD_CHECKED,
	WORD_OFF,
	WORD_FALSE,
	WORD_ZERO,
	WORD_UNCHECKED,
	WORD_GRANTED,
	WORD_DENIED,
	WORD_STEP_ACCEPT,
	WORD_STEP_REFUSE,
	WORD_STEP_SUBMIT,
	WORD_STEP_LATER,
	WORD_STEP_CLOSE,
	WORD_STEP_SETTINGS,
	WORD_STEP_TICK,
	WORD_STEP_UNTICK,
	WORD_STEP_POLICY,
	WORD_STEP_WITHDRAW,
	WORD_STEP_CLICK,
	WORD_STEP_MORE,
	WORD_BASIS_CONSENT,
	WORD_SHARE,
	WORD__MAX
};

/* How far a way was at a gesture or screen. */
struct way_mark {
	struct stamp at;
	uint64_t request;
	uint32_t acts, screens, n_distinct;
};

/* Declared by case.ini, in the partition's codes. */
struct rules {
	uint32_t n_codes;	 /* codes 1 … n_codes may be declared */
	uint32_t *control;	 /* [n_codes + 1]: 1 + index of study.control */
	uint32_t *control_name;	 /* [n_controls] code of its surface */
	uint32_t *screen;	 /* [n_codes + 1]: code of its surface */
	uint32_t (*purpose)[2];	 /* [n_purposes]: surface, purpose */
	uint32_t (*function)[2]; /* [n_functions]: screen, purpose */
	uint32_t (*recipient)[2]; /* [n_recipients]: surface, recipient */
	uint32_t (*body)[2];	  /* [n_bodies]: surface, element */
	uint32_t (*disclosed)[3]; /* [n_disclosed]: notice, version, recipient,
				     sorted */
	uint32_t *necessary;	  /* [n_necessary] */
	uint32_t operator_, home_screen;
	uint32_t *own_category;	   /* [n_own] */
	uint32_t *people_category; /* [n_people] */
};

/* The purposes of a list's code. */
struct purposes {
	uint32_t n;
	const uint32_t *code; /* [n]; n 0: none */
};

struct reply {
	uint32_t row;  /* the server's record */
	uint32_t next; /* 1 + another answer to the same act; 0 none */
	uint32_t last; /* of the first: the last of them */
	bool is_early;
	bool is_sure; /* by its request, or by the clocks */
};

/* An act that a server may answer. */
struct act {
	uint32_t row, surface;
	int rank; /* 2 ends an episode, 1 a box that the person changed */
};

/* What a detector told last that is no ground for anything. */
struct told {
	uint32_t generation, surface, design, scope, missing;
	enum answer answer;
	bool settles;
};

struct slot32 {
	uint32_t generation, value;
};

struct person {
	/* Of the partition. */
	const struct study *study;
	struct names *names;
	struct result_part *out;
	struct arena run; /* rules, lists of purposes */
	struct rules rules;
	uint32_t word[WORD__MAX];
	uint32_t verdict_word[VERDICT__MAX];
	uint32_t operator_; /* whose records are read; 0: not said */
	uint64_t n_unasked; /* decisions by gesture that no act answers */
	uint64_t n_flows, n_events, n_decisions, n_grants, n_undated, n_gaps,
	    n_missing, n_ties, n_no_code, n_masked; /* counted */
	struct purposes *list; /* [n_lists]; code NULL: not split yet */
	uint32_t n_lists;
	/* The string constants that a detector said last. */
	struct text_code {
		const char *text;
		uint32_t code;
	} said_scope[DETECTOR__MAX], said_missing[DETECTOR__MAX];
	struct told told[DETECTOR__MAX];
	/* Who is asked on which occasion, in this order. */
	uint8_t asked[OCCASION__MAX][DETECTOR__MAX], n_asked[OCCASION__MAX];
	struct {
		uint64_t hash;
		uint32_t code;
	} version[PERSON_VERSIONS]; /* fingerprints met last, by hash */
	uint64_t *name_hash;	    /* [n_name_hashes] by name; 0: not yet */
	uint32_t n_name_hashes;
	uint8_t *label; /* [n_labels] by name: label_bits(); 0: not yet */
	uint32_t n_labels;
	struct slot32 *slot; /* [n_slots], by name: index of surface */
	uint32_t n_slots, generation;

	/* Of the subject. */
	struct timeline *tl;
	struct arena arena;
	bool has_number;
	uint32_t number; /* of result_subject() */
	/* Of identity.link: 64 bits of what stands for the person wherever
	 * it is met; 0 none, and doubtful when there are two. */
	uint64_t link;
	bool is_link_doubtful;
	struct surface **surface; /* [n_surfaces] */
	uint32_t n_surfaces, n_surface_room;
	struct surface *open[PERSON_OPEN];
	uint32_t n_open;
	/* The last act whose outcome only its missing answer could tell;
	 * STORE_ABSENT none. */
	int64_t unanswered_at_us;
	struct refusal *refusal;
	uint32_t n_refusals, n_refusal_room;
	struct consent *consent;
	uint32_t n_consents, n_consent_room;
	bool has_ui, has_server, has_scroll, has_words;
	struct {
		uint64_t device;
		int64_t last_seq;
		struct stamp first; /* of its numbered rows */
		bool has_gap;
	} device[PERSON_DEVICES]; /* [n_devices] that number their events */
	uint32_t n_devices;
	int64_t gap_at_us; /* of the row after the last gap; STORE_ABSENT none,
			      INT64_MAX a sampled source */

	struct {
		uint32_t category, n; /* accesses since */
		uint64_t clock;
		int64_t from_us;
	} hour[PERSON_CATEGORIES]; /* [n_hours] */
	uint32_t n_hours;
	/* Categories whose permission was told (lineage.c); asked for. */
	struct {
		uint32_t operator_, category;
	} accessed[PERSON_CATEGORIES];	      /* [n_accessed] */
	uint32_t prompted[PERSON_CATEGORIES]; /* [n_prompted] */
	uint32_t n_accessed, n_prompted;

	/* Of the walk along the rows. */
	size_t at;	/* row being read */
	size_t seen_at; /* UI row before; SIZE_MAX none in this window */
	uint64_t session_now, device_now; /* of the UI row being read */
	uint32_t screen_now;		  /* the same */
	uint32_t home_screen; /* first screen of the session, or declared */
	uint32_t home_clicks; /* gestures since it was left; see walk.c */
	bool gesture_now;     /* is it one of the person's? */
	uint32_t last_screen;
	uint64_t last_session;
	int64_t last_screen_at_us;
	uint32_t last_gesture_element;
	int last_gesture_kind;
	int64_t last_gesture_at_us, prior_gesture_at_us; /* and before it */
	uint32_t entry, app_version, variant;		 /* last told */
	uint64_t entry_session;
	int last_order; /* of accept and refuse; see detect_again.c */

	/* A way towards withdrawal (D07). */
	struct {
		bool is_open;
		uint32_t surface, acts, screens, options;
		uint32_t screen[WAY_SCREENS], n_distinct; /* at most */
		uint32_t seen_screen;			  /* last one counted */
		bool failed, reached;
		uint32_t sure_screens, sure_distinct; /* before its end */
		int64_t from_at_us, last_at_us;
		struct stamp from;
		uint64_t session;
		struct way_mark mark[WAY_MARKS]; /* the last of them */
		uint32_t n_marks;
	} way;

	/* After a refusal, until something follows (D15). */
	struct {
		bool is_open;
		struct surface *surface;
		uint32_t design, screen;
		uint64_t session, device;
		int64_t at_us;
	} wall;

	/* Of the window (answer.c). */
	struct reply *answer;
	size_t n_answers, n_answer_room;
	struct act *act; /* [n_acts] for matching */
	size_t n_acts, n_act_room;
	uint32_t *rec; /* rows of records, for matching */
	size_t n_rec_room;
	size_t last_grant; /* 1 + its row, 0 none; SIZE_MAX: not looked */
};

/* Begin and end with a partition. */
void person_open(struct person *p, const struct study *study,
    struct names *names, struct result_part *out);
void person_close(struct person *p);
/* A subject: begin, its rows window by window, finish; crowd.c does. */
void person_begin(struct person *p, struct timeline *tl);
void person_rows(struct person *p, struct timeline *tl);
void person_finish(struct person *p);
/* Records that name neither person nor device: what was accessed or shared
 * is counted, of nobody. */
void person_nobody(struct person *p, struct timeline *tl);

/* The number of the subject in the results, asked for when first needed. */
uint32_t person_number(struct person *p);
/* The purposes of a list (code of EV_PURPOSE). */
struct purposes person_purposes(struct person *p, uint32_t list);
/* Does a list of purposes name this one? */
bool person_names(struct person *p, uint32_t list, uint32_t purpose);
bool person_is_necessary(const struct person *p, uint32_t purpose);
/* 1 on, 0 off, -1 neither, of a value's code. */
int person_value(const struct person *p, uint32_t value);
/* 64 bits of a name, the same in every partition; 0 for absent. */
uint64_t person_hash(struct person *p, uint32_t name);
/* What a name says as a label: bits of enum label_class. */
unsigned person_label(struct person *p, uint32_t name);
/* An identity.link may say who it is, whatever the account. */
void person_link(struct person *p, const struct row *r);
uint32_t person_operator(const struct person *p, const struct row *r);
/* Is the row of a source that is only a sample? */
bool person_is_sampled(const struct person *p, const struct row *r);
/* Does a number of the devices' events so far show that lines are missing? */
bool person_has_gap(const struct person *p);
/* The same of what came after a row of that (corrected) time. */
static inline bool
person_has_gap_since(const struct person *p, int64_t at_us)
{
	return p->gap_at_us > at_us;
}
/* Is the UI log of a device (0: of any of the person's) complete around an
 * instant near the row being read, beyond the error of its clock?  `whole`:
 * and from the beginning of the log to it. */
bool person_is_covered(const struct person *p, const struct stamp *at,
    uint64_t device, bool whole);
/* Is there a log of the interface of the person, in this window at least? */
static inline bool
person_has_log(const struct person *p)
{
	return p->has_ui || (p->tl->what & ROW_UI) != 0;
}
/* Do numbers show that lines are missing, up to the next event? */
bool person_misses(const struct person *p);
/* Begin with a partition: who is asked when. */
void detector_open(struct person *p);
/* Something happened: ask the detectors.  `first_row`: of result_decision
 * for rows[0].  Returns true when a detector called the consent tainted. */
bool person_occasion(struct person *p, struct occasion *o, uint64_t first_row);

/* answer.c: link acts and server records of the window. */
void answer_link(struct person *p);
/* May another act on the surface (0: any) than `act` have come before a
 * record, by no more than within_us?  One that names its request is not
 * meant. */
bool answer_may_stem(const struct person *p, const struct stamp *record,
    uint32_t surface, const struct row *act, int64_t within_us);
/* May an act of giving there lie between two instants? */
bool answer_may_lie(const struct person *p, const struct stamp *from,
    const struct stamp *to, uint32_t surface);

/* surface.c */
/* The surface and role of a row, 0 when none. */
uint32_t surface_of(const struct person *p, const struct row *r, int *role);
struct surface *surface_find(struct person *p, uint32_t name, bool make);
/* The control of a row on its surface; those beyond PERSON_CONTROLS share the
 * last one. */
struct control *surface_control(
    struct person *p, struct surface *s, const struct row *r, int role);
/* A new episode: what belonged to the last one is forgotten. */
void surface_forget_episode(struct control *c);
/* A hash of what makes a control's look, its value left out. */
uint64_t surface_look(struct person *p, const struct row *r, int role);
void surface_note(struct control *c, const struct row *r);
/* A box has a value that is not of the person's hand (D21). */
void surface_turned(const struct person *p, struct control *c,
    const struct row *r, int value, int by);
/* The consent control is seen: for certain and perhaps the first time. */
void surface_first(
    const struct person *p, struct first *f, const struct row *r);
/* Is the consent control of a surface (0: of any) shown in a row that is
 * still to come and yet may be earlier, by its clock, than the instant? */
bool surface_may_be_seen(
    const struct person *p, uint32_t surface, const struct stamp *at);
/* The same control with other words, purposes or agreement. */
bool surface_is_redesigned(const struct control *c, const struct row *r);

/* way.c: `p->way` */
void way_begin(
    struct person *p, const struct row *r, uint32_t surface, int role);
void way_see(struct person *p, const struct row *r, bool is_gesture);
void way_end(struct person *p); /* without a withdrawal */
/* A withdrawal is recorded: how many acts surely led to it. */
uint32_t way_reach(struct person *p, const struct row *r);
/* Is the way over for so long that the withdrawal is not its end? */
bool way_is_old(const struct person *p, const struct row *r);
/* Ask what the way was like (D34), while it is open. */
void way_judge(struct person *p, bool reached);
/* A refusal, and the rows that follow it (D15): `p->wall`. */
void wall_begin(struct person *p, struct surface *s, const struct row *r);
void wall_see(struct person *p, const struct row *r);
void wall_end(struct person *p, enum after after, const struct row *r);

/* walk.c: along the rows of the window. */
void walk_rows(struct person *p);
/* It comes up in the middle of a session, and no gesture asked for it. */
bool walk_is_unasked(const struct person *p, const struct row *r);

/* flow.c */
void flow_see(struct person *p, const struct row *r);
/* A consent record of the UI itself, when it answers no act. */
void flow_consent(struct person *p, const struct row *r);
void flow_end(struct person *p); /* the subject has no more events */

/* design.c */
/* What a control is to consent: box 0, notice 1, accept 2; 3 and more are no
 * impression of it. */
int design_class(const struct control *c);
/* Is it of the class that stands for consent in the open episode? */
bool design_is_consent(const struct surface *s, const struct control *c);
/* Settle the open episode's design and tell its exposures. */
void design_freeze(struct person *p, struct surface *s);

/* refusal.c */
/* What was refused of a purpose (0: of the surface); never NULL, until the
 * next call. */
struct refusal *refusal_of(
    struct person *p, uint32_t purpose, uint32_t surface);
/* What of a decision's rows had been refused before. */
void refusal_tell(struct person *p, struct occasion *o);

/* decision.c */
/* The episode of a surface ends with an outcome (NONE: a submit, as the
 * boxes are); r: the act, NULL when left. */
void decision_close(struct person *p, struct surface *s,
    enum decision_outcome outcome, const struct row *r);
/* A server's grant that answers no act. */
void decision_grant(struct person *p, const struct row *r);

/* disclosed.c: the lists in the partition's codes; is a recipient in that of
 * the agreement that was consented to?  1 yes, -1 no, 0 no such list. */
void disclosed_code(struct person *p);
int disclosed_to(
    const struct person *p, const struct consent *on, uint32_t recipient);

/* consent_state.c */
void consent_set(struct person *p, const struct consent *c);
/* It was given then, too. */
void consent_given(struct consent *c, const struct stamp *at);
/* May it have been given after an instant? */
bool consent_may_follow(const struct consent *c, const struct stamp *end);
/* Did the person refuse or withdraw it?  (It may have lapsed, too.) */
bool consent_is_person_s(const struct consent *e);
/* Does a refusal or withdrawal `c` speak of `e`? */
bool consent_is_meant(const struct consent *e, const struct consent *c);
/* Ends what matches: purposes 0 of a surface 0 ends all of the operator. */
void consent_end(struct person *p, const struct consent *c);

/* consent.c */
void consent_record(struct person *p, const struct row *r);
void consent_withdraw_click(
    struct person *p, const struct row *r, uint32_t surface);
void consent_permission(struct person *p, const struct row *r);
/* The system asks for one. */
void consent_prompt(struct person *p, const struct row *r);
void consent_finish(struct person *p);

/* lineage.c: a record of processing, of nobody if has_person is not set */
void lineage_see(struct person *p, const struct row *r, bool has_person);
void lineage_prompt(struct person *p, const struct row *r);
/* An identity.link may name the person's own number. */
void lineage_link(struct person *p, const struct row *r);
/* A new subject: an account may be named by its number. */
void lineage_begin(struct person *p);

/* processing.c */
/* More than a few records of this operator's trail are known to be lost. */
bool processing_is_leaky(const struct person *p, uint32_t operator_);
#define DETAIL_TRAIL                                                        \
	"records of consent that the servers' trail has lost: acts with a " \
	"request have no answer in it"
void processing_see(struct person *p, const struct row *r);
/* The same for a record without a person: no state, no detectors. */
void processing_nobody(struct person *p, const struct row *r);

#endif
