/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * legal - rule packs: which rule a detector's answer bears on, and when that
 * rule was in force.
 *
 * A pack is a text in the syntax of case.ini; shipped ones are embedded
 * (analysis/rules/NAME.rules), and analysis/rules/README.md tells how one is
 * written.  [rules] pack of case.ini selects packs, by name or by a path with
 * a slash, repeatedly.  Without it the embedded packs of the region that
 * [home] region names serve, and those of no region; without a region, all.
 *
 *	[pack]     id version title region note
 *	[text ID]  title status source published in_force_from in_force_to
 *	[rule ID]  of item detectors, and whatever a text has
 *
 * A text is a law, a standard or a paper; a rule `of` it is an article, item
 * or name in it, and has from it what it does not say itself.  `status`:
 *	binding    a law
 *	guidance   what binds nobody by itself: a standard, a guideline, a
 *	           report, what an authority did in another matter
 *	taxonomy   no rule but a name that researchers or authorities use
 * `detectors` are ids, separated by blanks.  Dates are written 2017-06-01.
 * A date that was not verified is not written: without any the rule is used
 * as "not verified".  `region` are codes separated by blanks: CN, US-CA.
 *
 * Failure: -1 and `err` with file and line.
 */
#ifndef ANALYSIS_LEGAL_H
#define ANALYSIS_LEGAL_H

#include "ingest/base/arena.h"
#include "ingest/base/err.h"
#include "ingest/caseini.h"

enum legal_status {
	LEGAL_NONE = 0,
	LEGAL_BINDING,
	LEGAL_GUIDANCE,
	LEGAL_TAXONOMY,
	LEGAL_STATUS__MAX
};

struct legal_rule {
	const char *name;      /* PACK:ID */
	const char *title;     /* of the law or standard */
	const char *item;      /* article or section, and what it says */
	const char *detectors; /* "D01 D09" */
	const char *source;    /* where this entry comes from */
	const char *published, *in_force_from, *in_force_to; /* or NULL */
	enum legal_status status;
};

struct legal_pack {
	const char *id, *version, *title;
	const char *region; /* "US US-CA"; NULL: of none */
	char sha256[65];    /* of its text */
};

struct legal {
	struct legal_rule *rule; /* [n_rules] in the packs' order */
	size_t n_rules;
	struct legal_pack *pack; /* [n_packs] */
	size_t n_packs;
	struct arena arena; /* owns all of it */
};

/* Load the packs that case.ini asks for; `ini` may be NULL. */
int legal_load(struct legal *l, const struct caseini *ini, struct err *err);
/* Add the pack of a text. */
int legal_add(
    struct legal *l, const char *file, struct span text, struct err *err);
void legal_clear(struct legal *l);

/* Does the rule bear on the detector? */
bool legal_bears_on(const struct legal_rule *rule, const char *detector);

/*
 * How the rule can be used of an act on `day` ("2018-01-03"; NULL: not
 * known):
 *	binding                  a law in force on that day
 *	guidance                 not a law, but in force or published by then;
 *	                         a law that was published but not yet in force
 *	retrospective yardstick  later than the act, or not in force any more
 *	taxonomy                 a name, whatever the day
 *	not verified             its dates, or the day, are not known
 */
const char *legal_used_as(const struct legal_rule *rule, const char *day);

/* "binding" of LEGAL_BINDING. */
const char *legal_status_name(enum legal_status status);

#endif
