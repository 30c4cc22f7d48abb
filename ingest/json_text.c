/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Strings with escapes.
 */
#include "ingest/base/hex.h"
#include "ingest/json_int.h"

/* ---- escapes --------------------------------------------------------------- */

/* The four digits at p as a number, or -1. */
static int
hex4(const char *p)
{
	int v = 0, d, i;

	for (i = 0; i < 4; i++) {
		d = hex_digit(p[i]);
		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

/*
 * The character of the "\uXXXX" at p, of two when they are a pair; -1 when
 * it is none.  `*n` is how many bytes it takes.
 */
static int32_t
unicode(const char *p, unsigned *n)
{
	int high, low;

	*n = 6;
	high = hex4(p + 2);
	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high >= 0xdc00 || p[6] != '\\' || p[7] != 'u')
		return -1;
	low = hex4(p + 8);
	if (low < 0xdc00 || low > 0xdfff)
		return -1;
	*n = 12;
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/* What "\c" stands for, or '\0'. */
static char
unescaped(char c)
{
	switch (c) {
	case '"':
	case '\\':
	case '/':
		return c;
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return '\0';
	}
}

/* The next special byte at or after p, where the reader gives up at `end`. */
static const char *
special_next(const char *p, const char *end)
{
#ifdef __SSE2__
	unsigned m;

	for (; p < end; p += 16) {
		m = special16(p);
		if (m != 0)
			return p + __builtin_ctz(m);
	}
	return p;
#else
	while (p < end && !is_special(*p))
		p++;
	return p;
#endif
}

const char *
json_string_read(struct scan *s, const char *p, bool *escaped)
{
	unsigned n;

	*escaped = false;
	for (;;) {
		p = special_next(p, s->end);
		if (p >= s->end)
			return scan_fail(s, JSON_BAD_STRING);
		if (*p == '"')
			return p + 1;
		if (*p != '\\')
			return scan_fail(s, JSON_BAD_CONTROL);
		*escaped = true;
		n = 2;
		if (p[1] == 'u' ? unicode(p, &n) < 0 : unescaped(p[1]) == '\0')
			return scan_fail(s, JSON_BAD_ESCAPE);
		p += n;
	}
}

const char *
json_string_find(struct scan *s, const char *p, bool *escaped)
{
	struct json_index *x = s->index;
	const char *end;

	*escaped = false;
	if (json_index_has(x, p))
		s->i = json_index_find(x, p, s->i);
	if (!json_index_has(x, p) ||
	    (s->i + 1 >= x->n && x->base != p && x->base + x->bytes < s->end)) {
		json_index_fill(x, p, s->end);
		s->i = 0;
	}
	end = string_close(x, s->i, p);
	if (end != NULL) {
		s->i += 2;
		return end + 1;
	}
	end = json_string_read(s, p + 1, escaped);
	if (end != NULL && json_index_has(x, end))
		s->i = json_index_find(x, end, s->i + 1);
	return end;
}

static unsigned
utf8_put(int32_t c, char *to)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

struct span
json_unescape(struct arena *arena, const char *p, const char *end)
{
	/* no escape is shorter than what it stands for */
	char *to = arena_take(arena, (size_t)(end - p));
	struct span out = { to, 0 };
	const char *next;
	unsigned n;

	while (p < end) {
		if (*p != '\\') {
			next = memchr(p, '\\', (size_t)(end - p));
			if (next == NULL)
				next = end;
			memcpy(to, p, (size_t)(next - p));
			to += next - p;
			p = next;
		} else if (p[1] != 'u') {
			*to++ = unescaped(p[1]);
			p += 2;
		} else {
			to += utf8_put(unicode(p, &n), to);
			p += n;
		}
	}
	out.n = (size_t)(to - out.p);
	return out;
}
