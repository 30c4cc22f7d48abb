/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/base/buf.h"
#include "ingest/base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int
buf_room(struct buf *b, size_t n)
{
	size_t want, room;
	char *p;

	assert(n < SIZE_MAX / 4 && b->n < SIZE_MAX / 4);
	if (b->ceiling_bytes != 0 &&
	    (b->n > b->ceiling_bytes || n > b->ceiling_bytes - b->n))
		return -1;
	want = b->n + n + 1;
	if (want <= b->room)
		return 0;
	room = b->room < 64 ? 64 : b->room;
	while (room < want)
		room += room / 2;
	p = realloc(b->p, room);
	if (p == NULL)
		err_no_memory(room);
	b->p = p;
	b->room = room;
	return 0;
}

int
buf_add(struct buf *b, const void *bytes, size_t n)
{
	if (buf_room(b, n) < 0)
		return -1;
	if (n > 0)
		memcpy(b->p + b->n, bytes, n);
	b->n += n;
	b->p[b->n] = '\0';
	return 0;
}

int
buf_str(struct buf *b, const char *text)
{
	return buf_add(b, text, strlen(text));
}

int
buf_span(struct buf *b, struct span s)
{
	return buf_add(b, s.p, s.n);
}

int
buf_char(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	if (buf_room(b, (size_t)n) < 0)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
	return 0;
}

void
buf_reset(struct buf *b)
{
	b->n = 0;
	if (b->p != NULL)
		b->p[0] = '\0';
}

void
buf_clear(struct buf *b)
{
	free(b->p);
	b->p = NULL;
	b->n = 0;
	b->room = 0;
}
