/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * summary - the findings of a case in a line each, for the end of `run`.
 *
 * A finding is named where somebody is sure or ambiguous; the others are
 * counted, so that nothing found and nothing decidable look different.
 */
#ifndef REPORTS_SUMMARY_H
#define REPORTS_SUMMARY_H

#include <stdio.h>

#include "ingest/base/err.h"

/* Prints to `out`; reads the case only.  0 or -1. */
int summary_findings(FILE *out, const char *case_dir, struct err *err);

#endif
