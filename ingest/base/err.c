/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/base/err.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the UTF-8 character at s, its number in `out`; 0: not one. */
static size_t
character(const unsigned char *s, uint32_t *out)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = 1, i;
	uint32_t c = s[0];

	if (c >= 0x80) {
		n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
		if (c < 0xc2 || c > 0xf4)
			return 0;
		c &= 0xff >> (n + 1);
		for (i = 1; i < n; i++) {
			if ((s[i] & 0xc0) != 0x80)
				return 0; /* also at the terminator */
			c = c << 6 | (s[i] & 0x3f);
		}
		if (c < least[n] || c > 0x10ffff || (c >> 11) == 0x1b)
			return 0;
	}
	*out = c;
	return n;
}

/* Controls of C0 and C1, line ends, and what turns the direction round. */
static bool
commands_a_terminal(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

/* A message is one line and fit for a terminal, whatever evidence put into
 * it, and whole characters where the ceiling cut it. */
static void
one_line(char *s)
{
	char *to = s;
	uint32_t c;
	size_t n;

	while (*s != '\0') {
		n = character((const unsigned char *)s, &c);
		if (n == 0 || commands_a_terminal(c)) {
			*to++ = '?';
			s += n == 0 ? 1 : n;
			continue;
		}
		memmove(to, s, n);
		to += n;
		s += n;
	}
	*to = '\0';
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
