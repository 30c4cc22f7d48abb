/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report - the third stage: case.db in, one page with charts out.
 *
 * Reads the case, never writes to it.  The page is a table of sections; the
 * same case gives the same bytes (charts: the same data and script).
 */
#ifndef REPORTS_REPORT_H
#define REPORTS_REPORT_H

#include "ingest/base/err.h"

struct report_options {
	const char *case_dir;
	const char *out_dir;  /* where report.html goes; NULL: the case */
	const char *key_file; /* NULL: the default place */
	const char *lang;     /* "en" or "zh" */
	int is_public;	      /* suppress small cells */
	const char *command;  /* the command line, for the reproduction */
};

/* Writes OUT/report.html and OUT/report/; `path` gets the page's path.  Fails
 * when evidence was added after the last analysis. */
int report_run(const struct report_options *o, char *path, size_t path_room,
    struct err *err);

#endif
