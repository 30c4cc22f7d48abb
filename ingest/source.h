/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * source - the operands of the command line as a list of files.
 *
 * A file stands for itself, a folder for the regular files below it, in
 * bytewise order of their paths; links inside a folder are not followed out
 * of it.  What cannot be read inside a folder is listed with the reason (it
 * becomes a reject); an operand that cannot be read is an error.
 */
#ifndef INGEST_SOURCE_H
#define INGEST_SOURCE_H

#include <stdbool.h>

#include "ingest/base/arena.h"
#include "ingest/base/err.h"

struct source_file {
	const char *path;   /* as given or as found below the operand */
	uint64_t bytes;	    /* size when listed */
	const char *reason; /* NULL: readable; else why not */
};

struct source_list {
	struct source_file *file; /* [n_files] */
	size_t n_files;
	struct arena arena; /* owns the strings and the array */
};

/* Add what an operand stands for.  0, or -1 with `err` and nothing added. */
int source_list_add(
    struct source_list *l, const char *operand, struct err *err);
void source_list_clear(struct source_list *l);
/* A folder of evidence may hold the case itself, which is no evidence. */
bool source_is_inside(const char *dir, const char *path);

#endif
