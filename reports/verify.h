/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify - does the case still say what its evidence said?
 *
 * Prints one line for each check: "ok", "FAILED" or "open" (not checked),
 * and what was looked at: every record balance, the event store against the
 * number of events that were filed, the digest of the results against the
 * one that the analysis stored, whether evidence was added since, and the
 * SHA-256 of the files given against those of the case.
 */
#ifndef REPORTS_VERIFY_H
#define REPORTS_VERIFY_H

#include <stdio.h>

#include "ingest/base/err.h"

struct verify_options {
	const char *case_dir;
	const char *const *source; /* [n_sources] files or folders */
	size_t n_sources;
	FILE *out;
};

/* 0 when every check holds, else -1 with `err` naming how many failed. */
int verify_run(const struct verify_options *o, struct err *err);

#endif
