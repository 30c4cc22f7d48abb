/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decoders that take one value out of a text that holds several: a line of
 * separated values, pairs, the extension of CEF, a cookie header; and hex.
 */
#include "ingest/map_decode.h"

static inline struct span
between(const char *p, const char *end)
{
	return (struct span){ p, (size_t)(end - p) };
}

static bool
malformed(struct record_parser *p)
{
	p->odd = true;
	return false;
}

/* ---- csv ------------------------------------------------------------------ */

/* Behind the quote that closes the cell whose text begins at `at`, or NULL. */
static const char *
quoted_end(const char *at, const char *end, bool *doubled)
{
	*doubled = false;
	for (;; at += 2) {
		at = memchr(at, '"', (size_t)(end - at));
		if (at == NULL)
			return NULL;
		if (at + 1 == end || at[1] != '"')
			return at + 1;
		*doubled = true;
	}
}

/* Two quotes inside a quoted cell mean one. */
static struct span
unquoted(struct record_parser *p, struct span raw)
{
	char *out = arena_alloc(&p->scratch, raw.n + 1);
	size_t i, n = 0;

	for (i = 0; i < raw.n; i++) {
		out[n++] = raw.p[i];
		i += raw.p[i] == '"';
	}
	return (struct span){ out, n };
}

bool
decode_csv(struct record_parser *p, const struct map_step *s, struct span *text)
{
	const char *at = text->p, *end = text->p + text->n, *stop;
	char sep = s->arg2.n > 0 ? s->arg2.p[0] : ',';
	struct span cell;
	bool doubled;
	int i;

	for (i = 1;; i++, at = stop + 1) {
		doubled = false;
		if (at < end && *at == '"') {
			stop = quoted_end(at + 1, end, &doubled);
			if (stop == NULL || (stop < end && *stop != sep))
				return malformed(p);
			cell = between(at + 1, stop - 1);
		} else {
			stop = memchr(at, sep, (size_t)(end - at));
			if (stop == NULL)
				stop = end;
			cell = between(at, stop);
		}
		if (i == s->number)
			break;
		if (stop == end)
			return false;
	}
	*text = doubled ? unquoted(p, cell) : cell;
	return true;
}

/* ---- pairs ---------------------------------------------------------------- */

static char
unescaped(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

/* The text without its backslashes. */
static struct span
unbackslashed(struct record_parser *p, struct span raw)
{
	char *out;
	size_t i, n = 0;

	if (memchr(raw.p, '\\', raw.n) == NULL)
		return raw;
	out = arena_alloc(&p->scratch, raw.n + 1);
	for (i = 0; i < raw.n; i++)
		if (raw.p[i] == '\\' && i + 1 < raw.n)
			out[n++] = unescaped(raw.p[++i]);
		else
			out[n++] = raw.p[i];
	return (struct span){ out, n };
}

/* The first c from `at` on that no backslash stands before, or `end`. */
static const char *
bare_find(const char *at, const char *end, char c)
{
	for (; at < end && *at != c; at++)
		if (*at == '\\' && at + 1 < end)
			at++;
	return at;
}

/* A value of pairs. */
struct pair_value {
	struct span text;
	char quote;	 /* '\0': none */
	const char *end; /* behind it */
};

/* Single quotes take all as it is (auditd); double ones know backslashes. */
static struct pair_value
pair_value(const char *at, const char *end, char sep)
{
	struct pair_value v = { { NULL, 0 }, '\0', NULL };
	const char *close = NULL, *behind;

	while (at < end && *at == ' ' && sep != ' ')
		at++;
	if (at < end && *at == '"')
		close = bare_find(at + 1, end, '"');
	else if (at < end && *at == '\'')
		close = memchr(at + 1, '\'', (size_t)(end - at - 1));
	for (behind = close; behind != NULL && behind + 1 < end &&
			     behind[1] == ' ' && sep != ' ';)
		behind++;
	if (close != NULL && close < end &&
	    (behind + 1 == end || behind[1] == sep)) {
		v.quote = *at;
		v.text = between(at + 1, close);
		v.end = behind + 1;
		return v;
	}
	v.end = memchr(at, sep, (size_t)(end - at));
	if (v.end == NULL)
		v.end = end;
	v.text = map_trim(between(at, v.end));
	return v;
}

/* Upper-case digits only, as the audit daemon writes what it will not quote. */
static bool
is_hex(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (hex_digit(s.p[i]) < 0 || (s.p[i] >= 'a' && s.p[i] <= 'f'))
			return false;
	return s.n > 0 && s.n % 2 == 0;
}

bool
decode_kv(struct record_parser *p, const struct map_step *s, struct span *text)
{
	const char *at = text->p, *end = text->p + text->n, *eq, *word_end;
	char sep = s->arg.p[0], assign = s->arg2.p[0];
	struct pair_value v;

	for (; at < end; at = v.end + (v.end < end)) {
		word_end = memchr(at, sep, (size_t)(end - at));
		if (word_end == NULL)
			word_end = end;
		eq = memchr(at, assign, (size_t)(word_end - at));
		if (eq == NULL) {
			v.end = word_end; /* a word alone */
			continue;
		}
		v = pair_value(eq + 1, end, sep);
		if (!span_eq(map_trim(between(at, eq)), s->arg3))
			continue;
		*text = v.text;
		if (v.quote == '"')
			*text = unbackslashed(p, v.text);
		else if (v.quote == '\0' && s->number != 0 && is_hex(v.text))
			return decode_hex(p, text);
		return true;
	}
	return false;
}

/* ---- CEF ------------------------------------------------------------------ */

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-' ||
	       c == '[' || c == ']';
}

/*
 * The next `name=` from `at` on whose name stands behind a blank or at the
 * beginning: the name, and behind its "="; false when there is none.
 */
static bool
cef_name(const char *begin, const char **at, const char *end, struct span *name)
{
	const char *eq, *p;

	for (eq = *at; (eq = bare_find(eq, end, '=')) < end; eq++) {
		for (p = eq; p > *at && is_name(p[-1]); p--)
			;
		if (p == eq || (p > begin && p[-1] != ' '))
			continue;
		*name = between(p, eq);
		*at = eq + 1;
		return true;
	}
	return false;
}

/* CEF:version|vendor|product|version|id|name|severity|extension */
static bool
cef_field(struct record_parser *p, int number, struct span *text)
{
	const char *at = text->p, *end = text->p + text->n, *bar;
	int i;

	for (i = 1;; i++, at = bar + 1) {
		bar = i < 8 ? bare_find(at, end, '|') : end;
		if (i == number)
			break;
		if (bar == end)
			return false;
	}
	*text = between(at, bar);
	if (i < 8)
		*text = unbackslashed(p, *text);
	return true;
}

bool
decode_cef(struct record_parser *p, const struct map_step *s, struct span *text)
{
	const char *begin, *at, *end, *value, *stop;
	struct span name, next;

	if (text->n > 4 && memcmp(text->p, "CEF:", 4) == 0) {
		*text = map_cut(*text, 4, text->n);
		if (!cef_field(p, s->number != 0 ? s->number : 8, text))
			return s->number != 0 ? false : malformed(p);
		if (s->number != 0)
			return true;
	} else if (s->number != 0) {
		return malformed(p);
	}
	begin = at = text->p;
	end = at + text->n;
	if (!cef_name(begin, &at, end, &name))
		return false;
	for (;;) {
		value = at;
		next.p = NULL;
		if (cef_name(begin, &at, end, &next))
			stop = next.p;
		else
			stop = end;
		if (span_eq(name, s->arg)) {
			*text =
			    unbackslashed(p, map_trim(between(value, stop)));
			return true;
		}
		if (next.p == NULL)
			return false;
		name = next;
	}
}

/* ---- cookies, hex --------------------------------------------------------- */

bool
decode_cookie(
    struct record_parser *p, const struct map_step *s, struct span *text)
{
	const char *at = text->p, *end = text->p + text->n, *stop, *eq;
	struct span value;

	for (; at < end; at = stop + (stop < end)) {
		stop = memchr(at, ';', (size_t)(end - at));
		if (stop == NULL)
			stop = end;
		eq = memchr(at, '=', (size_t)(stop - at));
		if (eq == NULL || !span_eq(map_trim(between(at, eq)), s->arg))
			continue;
		value = map_trim(between(eq + 1, stop));
		if (value.n > 1 && value.p[0] == '"' &&
		    value.p[value.n - 1] == '"')
			value = map_cut(value, 1, value.n - 1);
		*text = value;
		return decode_percent(p, text, false);
	}
	return false;
}

bool
decode_hex(struct record_parser *p, struct span *text)
{
	struct span digits = *text;
	char *out;
	int high, low;
	size_t i;

	if (digits.n > 1 && (digits.p[0] == '0' || digits.p[0] == '\\') &&
	    digits.p[1] == 'x')
		digits = map_cut(digits, 2, digits.n);
	if (digits.n % 2 != 0)
		return malformed(p);
	out = arena_alloc(&p->scratch, digits.n / 2 + 1);
	for (i = 0; i < digits.n; i += 2) {
		high = hex_digit(digits.p[i]);
		low = hex_digit(digits.p[i + 1]);
		if (high < 0 || low < 0)
			return malformed(p);
		out[i / 2] = (char)(high * 16 + low);
	}
	*text = (struct span){ out, digits.n / 2 };
	return json_utf8_is_valid(*text) || malformed(p);
}
