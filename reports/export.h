/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * export - the events of a case for other tools.
 *
 * jsonl: one native record a line (`pretick formats native` describes it),
 * in the order of the store, with the place of the original record in
 * `place`: member_id, member, offset, bytes.  Accounts, devices and data are
 * named by their keyed pseudonyms (reports/pseudonym.h).
 *
 * Reads the case, never writes to it.
 */
#ifndef REPORTS_EXPORT_H
#define REPORTS_EXPORT_H

#include <stdio.h>

#include "ingest/base/err.h"

struct export_options {
	const char *case_dir;
	const char *to;	      /* "jsonl" */
	const char *key_file; /* NULL: the default place */
	FILE *out;
};

int export_run(const struct export_options *o, struct err *err);

#endif
