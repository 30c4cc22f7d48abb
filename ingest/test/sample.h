/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sample - real samples of others, which lie beside the project.
 */
#ifndef INGEST_TEST_SAMPLE_H
#define INGEST_TEST_SAMPLE_H

#include <stdio.h>
#include <stdlib.h>

#include "ingest/base/buf.h"

/* A file below the samples' folder as all of `b`; false: it is not there. */
static inline bool
sample_read(const char *name, struct buf *b)
{
	const char *root = getenv("PRETICK_SHARED");
	char path[512];
	size_t got;
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/data/%s",
	    root != NULL ? root : "../shared", name);
	buf_reset(b);
	f = fopen(path, "rb");
	if (f == NULL)
		return false;
	do {
		(void)buf_room(b, 65536);
		got = fread(b->p + b->n, 1, 65536, f);
		b->n += got;
	} while (got > 0);
	(void)fclose(f);
	return true;
}

#endif
