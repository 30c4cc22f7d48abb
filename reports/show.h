/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * show - one finding, decision, person or flow as text for a terminal.
 *
 * Reads the case, never writes to it.  People are named by their keyed
 * pseudonyms (reports/pseudonym.h); an operand may be either form.  Control
 * characters and bidirectional controls of the evidence are printed escaped.
 */
#ifndef REPORTS_SHOW_H
#define REPORTS_SHOW_H

#include <stdio.h>

#include "ingest/base/err.h"

struct show_options {
	const char *case_dir;
	const char *what;     /* finding, decision, subject, flow */
	const char *id;	      /* a number, a person, or a surface */
	const char *key_file; /* NULL: the default place */
	FILE *out;
};

/* 0, or -1 with `err` (ERR_USAGE when `what` is none of the four, ERR_FAILED
 * when there is no such thing in the case). */
int show_run(const struct show_options *o, struct err *err);

#endif
