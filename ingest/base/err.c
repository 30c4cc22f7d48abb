/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/base/err.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A message is one line: what evidence put into it must not break it. */
static void
one_line(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

int
err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	assert(err != NULL && code != ERR_NONE);
	if (err->code != ERR_NONE)
		return -1;
	err->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(err->msg, sizeof err->msg, fmt, ap);
	va_end(ap);
	one_line(err->msg);
	return -1;
}

int
err_prefix(struct err *err, const char *fmt, ...)
{
	char was[sizeof err->msg];
	va_list ap;
	size_t n;

	assert(err != NULL && err->code != ERR_NONE);
	memcpy(was, err->msg, sizeof was);
	va_start(ap, fmt);
	(void)vsnprintf(err->msg, sizeof err->msg, fmt, ap);
	va_end(ap);
	n = strlen(err->msg);
	(void)snprintf(err->msg + n, sizeof err->msg - n, ": %s", was);
	one_line(err->msg);
	return -1;
}

void
err_no_memory(size_t size_bytes)
{
	(void)fprintf(
	    stderr, "pretick: out of memory (%zu bytes wanted)\n", size_bytes);
	abort();
}
