/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * caseini - case.ini: what a person says about the case.
 *
 * An INI text in UTF-8: `[section]` or `[section NAME]`, one `key = value` a
 * line, split at the first " = " (or "="); repeated keys allowed, in order;
 * `#` comments only at line start.  README.md of ingest/ lists every key.
 * An unknown section or key is an error with its line: a misspelt threshold
 * must not be ignored.  Known sections:
 *
 *   [case]      id authority custodian time_source operator scope period
 *   [ingest]    zone from to operators, fixed by the first ingest
 *   [sampled]   SOURCE = fraction
 *   [exhibits]  FILE = design or notice it shows
 *   [home]      region zone screen lang keep approved calling_code
 *   [surface NAME]    screen control element=role purposes recipients agreement
 *                     body
 *   [necessary]       purpose = why
 *   [function SCREEN] purposes
 *   [need CATEGORY]   per_hour = accesses that the service needs,
 *                     background = yes or no: also while the app is not open
 *   [compatible PURPOSE] purposes that data collected for it may serve
 *   [lineage]   own people: categories
 *   [rules]     pack
 *   [thresholds]      name = number, see analysis/README.md
 */
#ifndef INGEST_CASEINI_H
#define INGEST_CASEINI_H

#include "ingest/base/arena.h"
#include "ingest/base/err.h"

struct caseini_pair {
	const char *section; /* "surface" */
	const char *name;    /* "annual_bill", or "" */
	const char *key;
	const char *value;
	unsigned line; /* 1 is the first */
};

struct caseini {
	struct caseini_pair *pair; /* [n_pairs], in the file's order */
	size_t n_pairs;
	const char *file;   /* as named, for messages */
	struct arena arena; /* owns all of it */
};

/* Read a text; `file` names it in messages "FILE:LINE: reason".  0 or -1. */
int caseini_parse(
    struct caseini *ini, const char *file, struct span text, struct err *err);
int caseini_read(struct caseini *ini, const char *path, struct err *err);
/* The same syntax with sections and keys that the caller checks itself. */
int caseini_parse_any(
    struct caseini *ini, const char *file, struct span text, struct err *err);
/* A whole file of at most 4 MiB; free(*text) afterwards. */
int caseini_slurp(const char *path, char **text, size_t *n, struct err *err);
/* The last line of a key, or NULL. */
const struct caseini_pair *caseini_find(const struct caseini *ini,
    const char *section, const char *name, const char *key);
/* The last value of a key, or NULL.  `name` "" for a plain section. */
const char *caseini_get(const struct caseini *ini, const char *section,
    const char *name, const char *key);
/* The same as a finite number; `otherwise` when not there; -1 on nonsense. */
int caseini_number(const struct caseini *ini, const char *section,
    const char *name, const char *key, double otherwise, double *out,
    struct err *err);
void caseini_clear(struct caseini *ini);

#endif
