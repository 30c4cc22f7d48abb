/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guess - what the mappings make of files that nobody has ingested yet.
 *
 * For every member, those in archives too: what each mapping bids, why it
 * does not bid more, which one wins, and the first events as that one reads
 * them.  Nothing is written.  People bear the names that the file gives them:
 * there is no case yet whose key could hide them, and who has the file has
 * the names.
 */
#ifndef REPORTS_GUESS_H
#define REPORTS_GUESS_H

#include <stddef.h>
#include <stdio.h>

#include "ingest/base/err.h"

struct guess_options {
	const char *const *source; /* [n_sources] files and folders */
	size_t n_sources;
	const char *const *map_file; /* [n_map_files]; none: the shipped ones */
	size_t n_map_files;
	FILE *out;
};

/* 0, or -1 with `err` when a file or mapping cannot be read. */
int guess_run(const struct guess_options *o, struct err *err);

/*
 * Print a first mapping for the file's first member that no mapping reads, or
 * for its first one.  0, or -1 with `err` also when no records are recognised.
 */
int draft_run(const char *path, FILE *out, struct err *err);

#endif
