/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * legal - rule packs: which rule a detector's answer bears on, and when that
 * rule was in force.
 *
 * A pack is a text in the syntax of case.ini; shipped ones are embedded
 * (analysis/rules/NAME.rules).  [rules] pack of case.ini selects packs, by
 * name or by a path with a slash, repeatedly; without it every embedded pack
 * serves.
 *
 *	[pack]     id version title note
 *	[rule ID]  title item status detectors source
 *	           published in_force_from in_force_to
 *
 * `status` is binding (a law) or guidance (a standard, guideline or method,
 * which binds nobody by itself).  `detectors` are ids, separated by blanks.
 * Dates are written 2017-06-01.  A date that was not verified is not
 * written: the rule then is used as "not verified".
 *
 * Failure: -1 and `err` with file and line.
 */
#ifndef ANALYSIS_LEGAL_H
#define ANALYSIS_LEGAL_H

#include "ingest/base/arena.h"
#include "ingest/base/err.h"
#include "ingest/caseini.h"

struct legal_rule {
	const char *name;      /* PACK:ID */
	const char *title;     /* of the law or standard */
	const char *item;      /* article or section, and what it says */
	const char *detectors; /* "D01 D09" */
	const char *source;    /* where this entry comes from */
	const char *published, *in_force_from, *in_force_to; /* or NULL */
	bool is_binding; /* a law; else guidance */
};

struct legal_pack {
	const char *id, *version, *title;
	char sha256[65]; /* of its text */
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
 *	guidance                 not a law, but in force, or published by then
 *	retrospective yardstick  later than the act, or not in force any more
 *	not verified             its dates, or the day, are not known
 */
const char *legal_used_as(const struct legal_rule *rule, const char *day);

#endif
