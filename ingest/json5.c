/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/json5.h"

#include <stdlib.h>

#include "ingest/base/hex.h"

#define BAD_TEXT   "invalid JSON5: a text does not end"
#define BAD_VALUE  "invalid JSON5: bad structure"
#define BAD_DEPTH  "invalid JSON5: nested too deep"
#define BAD_LENGTH "invalid JSON5: too long"

struct reading {
	const char *p, *end;
	struct buf *out;
	const char *reason;
	int depth;
};

static int
fail(struct reading *r, const char *reason)
{
	if (r->reason == NULL)
		r->reason = reason;
	return -1;
}

static int
put(struct reading *r, const char *bytes, size_t n)
{
	return buf_add(r->out, bytes, n) < 0 ? fail(r, BAD_LENGTH) : 0;
}

static int
put_str(struct reading *r, const char *text)
{
	return put(r, text, strlen(text));
}

/* ---- white space --------------------------------------------------------- */

static bool
starts(const struct reading *r, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(r->end - r->p) >= n && memcmp(r->p, word, n) == 0;
}

static bool
comment_skip(struct reading *r)
{
	const char *close;

	if (starts(r, "//")) {
		while (r->p < r->end && *r->p != '\n' && *r->p != '\r')
			r->p++;
		return true;
	}
	if (!starts(r, "/*"))
		return false;
	close = memmem(r->p + 2, (size_t)(r->end - r->p) - 2, "*/", 2);
	if (close == NULL)
		return false;
	r->p = close + 2;
	return true;
}

/* Blanks of JSON5, also those beyond ASCII, and comments. */
static void
space_skip(struct reading *r)
{
	static const char *const wide[] = { "\xc2\xa0", "\xef\xbb\xbf",
		"\xe2\x80\xa8", "\xe2\x80\xa9" };
	size_t i;

	while (r->p < r->end) {
		if (memchr(" \t\n\v\f\r", *r->p, 6) != NULL) {
			r->p++;
			continue;
		}
		for (i = 0; i < sizeof wide / sizeof wide[0]; i++)
			if (starts(r, wide[i])) {
				r->p += strlen(wide[i]);
				break;
			}
		if (i == sizeof wide / sizeof wide[0] && !comment_skip(r))
			return;
	}
}

/* ---- texts --------------------------------------------------------------- */

static int
put_code(struct reading *r, unsigned code)
{
	static const char digits[] = "0123456789abcdef";
	char u[6] = { '\\', 'u', '0', '0', digits[code >> 4 & 15],
		digits[code & 15] };

	return put(r, u, sizeof u);
}

/* What stands behind a backslash; r->p is at it. */
static int
escape(struct reading *r)
{
	char c, same[2] = { '\\', '\0' };

	if (r->p == r->end)
		return fail(r, BAD_TEXT);
	c = *r->p++;
	switch (c) {
	case '\r': /* the text goes on in the next line */
		r->p += r->p < r->end && *r->p == '\n';
		return 0;
	case '\n':
		return 0;
	case 'v':
		return put_code(r, '\v');
	case '0':
		return put_code(r, 0);
	case 'x':
		if (r->end - r->p < 2 || hex_digit(r->p[0]) < 0 ||
		    hex_digit(r->p[1]) < 0)
			return fail(r, "invalid JSON5: bad escape");
		r->p += 2;
		return put_code(r,
		    (unsigned)(hex_digit(r->p[-2]) * 16 + hex_digit(r->p[-1])));
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
	case 'u':
	case '"':
	case '\\':
		same[1] = c;
		return put(r, same, 2);
	default: /* stands for itself */
		return (unsigned char)c < 0x20 ? put_code(r, (unsigned char)c)
					       : put(r, &c, 1);
	}
}

static int
quoted(struct reading *r)
{
	char quote = *r->p++;
	const char *from;
	int rc = put(r, "\"", 1);

	while (rc == 0) {
		for (from = r->p; r->p < r->end && *r->p != quote &&
				  *r->p != '\\' && *r->p != '"' &&
				  (unsigned char)*r->p >= 0x20;)
			r->p++;
		rc = put(r, from, (size_t)(r->p - from));
		if (rc < 0)
			break;
		if (r->p == r->end || *r->p == '\n' || *r->p == '\r')
			return fail(r, BAD_TEXT);
		if (*r->p == quote) {
			r->p++;
			return put(r, "\"", 1);
		}
		if (*r->p == '"')
			rc = put(r, "\\\"", 2);
		else if (*r->p != '\\')
			rc = put_code(r, (unsigned char)*r->p);
		r->p++;
		if (rc == 0 && r->p[-1] == '\\')
			rc = escape(r);
	}
	return rc;
}

/* ---- words and numbers ---------------------------------------------------- */

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '$' ||
	       (unsigned char)c >= 0x80;
}

/* A run of characters that make names and numbers. */
static struct span
word(struct reading *r)
{
	struct span w = { r->p, 0 };

	while (r->p < r->end &&
	       (is_name(*r->p) || *r->p == '.' || *r->p == '+' || *r->p == '-'))
		r->p++;
	w.n = (size_t)(r->p - w.p);
	return w;
}

static int
hex_number(struct reading *r, struct span w)
{
	uint64_t v = 0;
	size_t i;

	if (w.n < 3 || w.n > 18)
		return fail(r, "invalid JSON5: bad number");
	for (i = 2; i < w.n; i++) {
		if (hex_digit(w.p[i]) < 0)
			return fail(r, "invalid JSON5: bad number");
		v = v << 4 | (uint64_t)hex_digit(w.p[i]);
	}
	return buf_printf(r->out, "%llu", (unsigned long long)v) < 0
		   ? fail(r, BAD_LENGTH)
		   : 0;
}

/* JSON wants digits on both sides of a point; its reader checks the rest. */
static int
number(struct reading *r, struct span w)
{
	const char *point;
	size_t whole;

	if (w.n > 2 && w.p[0] == '0' && (w.p[1] | 0x20) == 'x')
		return hex_number(r, w);
	point = memchr(w.p, '.', w.n);
	if (point == NULL)
		return put(r, w.p, w.n);
	whole = (size_t)(point - w.p);
	if (whole == 0 && w.n == 1)
		return fail(r, "invalid JSON5: bad number");
	if (put(r, w.p, whole) < 0 || (whole == 0 && put(r, "0", 1) < 0) ||
	    put(r, ".", 1) < 0)
		return -1;
	if (whole + 1 == w.n || hex_digit(point[1]) < 0 ||
	    (point[1] | 0x20) == 'e')
		if (put(r, "0", 1) < 0)
			return -1;
	return put(r, point + 1, w.n - whole - 1);
}

static int
scalar(struct reading *r)
{
	static const char *const nothing[] = { "undefined", "NaN", "Infinity" };
	struct span w = word(r);
	bool negative = w.n > 0 && w.p[0] == '-';
	size_t i;

	if (w.n > 0 && (w.p[0] == '+' || w.p[0] == '-')) {
		w.p++;
		w.n--;
	}
	if (w.n == 0)
		return fail(r, BAD_VALUE);
	for (i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
		if (span_is(w, nothing[i]))
			return put_str(r, "null");
	if (negative && put(r, "-", 1) < 0)
		return -1;
	if ((w.p[0] >= '0' && w.p[0] <= '9') || w.p[0] == '.')
		return number(r, w);
	return put(r, w.p, w.n); /* true, false, null, or refused later */
}

/* ---- structure ------------------------------------------------------------ */

static int value(struct reading *r);

static int
member_name(struct reading *r)
{
	const char *from = r->p;

	if (*r->p == '"' || *r->p == '\'')
		return quoted(r);
	while (r->p < r->end && is_name(*r->p))
		r->p++;
	if (r->p == from)
		return fail(r, BAD_VALUE);
	if (put(r, "\"", 1) < 0 || put(r, from, (size_t)(r->p - from)) < 0)
		return -1;
	return put(r, "\"", 1);
}

static int
member(struct reading *r, bool named)
{
	if (!named)
		return value(r);
	if (member_name(r) < 0)
		return -1;
	space_skip(r);
	if (r->p == r->end || *r->p != ':')
		return fail(r, BAD_VALUE);
	r->p++;
	return put(r, ":", 1) < 0 ? -1 : value(r);
}

static int
container(struct reading *r, char open, char close)
{
	bool first = true;

	if (++r->depth > JSON5_DEPTH_MAX)
		return fail(r, BAD_DEPTH);
	r->p++;
	if (put(r, &open, 1) < 0)
		return -1;
	for (;; first = false) {
		space_skip(r);
		if (r->p < r->end && *r->p == close)
			break;
		if (r->p == r->end || (!first && put(r, ",", 1) < 0) ||
		    member(r, close == '}') < 0)
			return fail(r, BAD_VALUE);
		space_skip(r);
		if (r->p < r->end && *r->p == ',')
			r->p++;
		else if (r->p == r->end || *r->p != close)
			return fail(r, BAD_VALUE);
	}
	r->p++;
	r->depth--;
	return put(r, &close, 1);
}

static int
value(struct reading *r)
{
	space_skip(r);
	if (r->p == r->end)
		return fail(r, BAD_VALUE);
	switch (*r->p) {
	case '{':
		return container(r, '{', '}');
	case '[':
		return container(r, '[', ']');
	case '"':
	case '\'':
		return quoted(r);
	default:
		return scalar(r);
	}
}

int
json5_json(struct span text, struct buf *out, const char **reason)
{
	struct reading r = { text.p, text.p + text.n, out, NULL, 0 };
	int rc = value(&r);

	space_skip(&r);
	if (rc == 0 && r.p != r.end)
		rc = fail(&r, BAD_VALUE);
	if (rc < 0)
		*reason = r.reason;
	return rc;
}
