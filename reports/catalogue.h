/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * catalogue - what this build knows: mappings, detectors and rule packs.
 */
#ifndef REPORTS_CATALOGUE_H
#define REPORTS_CATALOGUE_H

#include <stdio.h>

#include "ingest/base/err.h"

struct catalogue_options {
	const char *name; /* NULL: list them; else print this one whole */
	FILE *out;
};

/* The shipped mappings; with a name ("sensorsdata") the mapping's text.
 * 0, or -1 with `err` when there is none of that name. */
int formats_run(const struct catalogue_options *o, struct err *err);

/* The detectors; with an id ("D01") its predicate, sources, other explanations
 * and the rules that name it.  0, or -1 with `err` when there is none of that
 * id. */
int detectors_run(const struct catalogue_options *o, struct err *err);

/* The shipped rule packs; with a name ("china") the pack's text.  0, or -1
 * with `err` when there is none of that name. */
int rules_run(const struct catalogue_options *o, struct err *err);

#endif
