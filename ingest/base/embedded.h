/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * embedded - files of the source tree that the binary carries.
 *
 * The Makefile turns them into strings.  The table ends with { NULL, NULL };
 * names are paths from the source root, sorted within each folder.
 */
#ifndef INGEST_BASE_EMBEDDED_H
#define INGEST_BASE_EMBEDDED_H

struct embedded {
	const char *name; /* "ingest/mappings/native.map" */
	const char *text; /* terminated */
};

extern const struct embedded embedded_files[];

#endif
