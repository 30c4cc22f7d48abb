/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hex - digits of base 16; written in lower case, read in either.
 */
#ifndef INGEST_BASE_HEX_H
#define INGEST_BASE_HEX_H

#include <stddef.h>

/* The value of a digit, or -1. */
static inline int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* n bytes as 2 n digits and a NUL. */
static inline void
hex_write(char *out, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

#endif
