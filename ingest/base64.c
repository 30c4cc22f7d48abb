/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/base64.h"

static int
digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

int64_t
base64_bits(struct span text, char *out)
{
	uint32_t word = 0;
	size_t i, n = 0;
	int rest = 0, d;

	while (text.n > 0 && text.p[text.n - 1] == '=')
		text.n--;
	for (i = 0; i < text.n; i++) {
		d = digit(text.p[i]);
		if (d < 0)
			return -1;
		word = word << 6 | (uint32_t)d;
		rest += 6;
		if (rest >= 8) {
			rest -= 8;
			out[n++] = (char)(word >> rest & 0xff);
		}
	}
	if (rest > 0)
		out[n] = (char)(word << (8 - rest) & 0xff);
	return (int64_t)text.n * 6;
}
