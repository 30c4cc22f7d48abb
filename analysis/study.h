/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * study - what holds for a whole analysis: thresholds, what case.ini
 * declares, and the few facts that need the whole evidence.
 *
 * Filled once before the partitions are analysed, then read by every thread.
 * Texts are spans, for names differ from partition to partition.
 *
 * Failure: -1 and `err` (an unknown threshold, a role that does not exist,
 * a store that cannot be read).
 */
#ifndef ANALYSIS_STUDY_H
#define ANALYSIS_STUDY_H

#include "analysis/phone.h"
#include "analysis/trail.h"
#include "ingest/base/arena.h"
#include "ingest/base/err.h"
#include "ingest/casefile.h"
#include "ingest/caseini.h"
#include "ingest/event.h"

enum threshold {
#define THRESHOLD(id, name, value, unit, source) THRESHOLD_##id,
#include "analysis/threshold.def"
	THRESHOLD__MAX
};

struct threshold_row {
	const char *name, *unit, *source;
	double value; /* default */
};
extern const struct threshold_row threshold_table[THRESHOLD__MAX];

/* A control that case.ini declares. */
struct study_control {
	struct span surface, element;
	enum event_role role;
};

/* A pair of texts: screen and its surface, screen and a purpose, … */
struct study_pair {
	struct span a, b;
};

/* The words of an agreement, from agreement.publish. */
struct study_notice {
	struct span notice, version, text;
};

/* Somebody who, by agreement.publish, receives data. */
struct study_disclosed {
	struct span operator_, notice, version; /* absent: not said */
	struct span recipient;
};

struct operators;

struct study {
	double threshold[THRESHOLD__MAX];
	int64_t threshold_us[THRESHOLD__MAX]; /* of those that are times */
	struct span operator_;	 /* of the case; absent when not told */
	struct span home_lang;	 /* of its users; absent: not declared */
	struct span home_region; /* absent: not declared */
	struct study_pair *keep; /* "keep", category that must stay at home */
	size_t n_keeps;
	struct study_pair *approved; /* "approved", region */
	size_t n_approved;
	struct span home_screen; /* the main screen; absent: each session's
				    first */
	struct study_control *control;
	size_t n_controls;
	struct study_pair *screen; /* screen, surface */
	size_t n_screens;
	struct study_pair *purpose; /* surface, purpose (declared) */
	size_t n_purposes;
	struct study_pair *recipient; /* surface, recipient (disclosed) */
	size_t n_recipients;
	struct study_pair *body; /* surface, element or font size in px */
	size_t n_bodies;
	struct study_pair *function; /* screen, purpose */
	size_t n_functions;
	struct study_need {
		struct span category;
		double per_hour;   /* infinite: not declared */
		bool never_behind; /* none while the app is not open */
	} * need;
	size_t n_needs;
	struct phone_home phone;       /* where numbers are dialled */
	struct study_pair *compatible; /* purpose, another that it allows */
	size_t n_compatible;
	struct study_pair *own; /* "own", category of own numbers */
	size_t n_own;
	struct study_pair *people; /* "people", category of people's data */
	size_t n_people;
	struct span *necessary; /* purposes */
	size_t n_necessary;
	struct study_notice *notice;
	size_t n_notices;
	struct study_disclosed *disclosed;
	size_t n_disclosed;
	bool disclosed_is_cut; /* there are more than are kept */
	/* Operators that show a record of consent or permission anywhere; an
	 * absent span stands for records that name no operator. */
	struct span *consenting;
	size_t n_consenting;
	struct trail trail;
	uint8_t *sampled; /* [n_members], by member_id: of a sampled source */
	size_t n_members;
	/* How wrong a clock that nothing was compared with may be; 0: as the
	 * threshold clock_error says. */
	int64_t clock_prior_us;
	/* Several in the case, and this study is of all or of one of them;
	 * NULL: there is one, or none is named (operators.h). */
	const struct operators *operators;
	struct span only_operator; /* where there is one; absent: not named */
	bool has_unnamed_consent;  /* or permission: no telling whose */
	bool has_sampled;	   /* any of the sources */
	bool has_strays;     /* events of devices whose person is not known */
	bool has_ui;	     /* any record of a user interface in the case */
	bool has_server;     /* any record of a server's consent in the case */
	bool has_processing; /* any of access, egress, outbound contact */
	bool has_outbound;   /* any outbound contact */
	bool has_permission; /* any permission or prompt for one */
	struct arena arena;
};

/* "+08:00", or a name, outside its summer time.  0, or -1 on nonsense. */
int study_zone(const char *text, int *minutes);
/* Thresholds and declarations; `ini` may be NULL. */
int study_read_ini(struct study *s, const struct caseini *ini, struct err *err);
/* Facts from case.db and the store; what depends on the operator is told by
 * operators_read(). */
int study_read_case(struct study *s, struct operators *o, struct casefile *c,
    const char *case_dir, struct err *err);
/* Note the recipients, one or "a, b", of a published agreement. */
void disclosed_add(struct study *s, const struct study_disclosed *d);
/* Does the operator (absent: unnamed) show any consent or permission? */
bool study_is_consenting(const struct study *s, struct span operator_);
/* Microseconds of a threshold in seconds or minutes. */
static inline int64_t
study_us(const struct study *s, enum threshold t)
{
	return s->threshold_us[t];
}
void study_clear(struct study *s);

#endif
