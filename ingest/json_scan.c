/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/json_scan.h"

#include "ingest/json_int.h"

enum { DEPTH_MAX = 1024 };

bool
json_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

size_t
json_skip_space(struct span s, size_t at)
{
	while (at < s.n && json_is_space(s.p[at]))
		at++;
	return at;
}

/* ---- values ---------------------------------------------------------------- */

/* The first byte at or after `i` that may not stand in a string as it is, or
 * s.n. */
static inline size_t
plain_end(struct span s, size_t i)
{
#ifdef __SSE2__
	unsigned hits;

	for (; s.n - i >= 16; i += 16) {
		hits = special16(s.p + i);
		if (hits != 0)
			return i + (size_t)__builtin_ctz(hits);
	}
#endif
	while (i < s.n && !is_special(s.p[i]))
		i++;
	return i;
}

/* Behind the string that begins at *at; where it is bad, when it is. */
static enum json_scan
scan_string(struct span s, size_t *at)
{
	size_t i;

	for (i = *at + 1; i < s.n; i++) {
		i = plain_end(s, i);
		if (i == s.n)
			break;
		if (s.p[i] == '\\') {
			i++;
		} else if (s.p[i] == '"') {
			*at = i + 1;
			return SCAN_DONE;
		} else if ((unsigned char)s.p[i] < 0x20) {
			*at = i;
			return SCAN_BAD;
		}
	}
	return SCAN_MORE;
}

/* The open brackets; depth 0 is outside. */
struct nest {
	uint64_t is_array[DEPTH_MAX / 64];
	size_t depth;
};

static bool
nest_open(struct nest *n, bool array)
{
	uint64_t bit = (uint64_t)1 << n->depth % 64;

	if (n->depth == DEPTH_MAX)
		return false;
	if (array)
		n->is_array[n->depth / 64] |= bit;
	else
		n->is_array[n->depth / 64] &= ~bit;
	n->depth++;
	return true;
}

static bool
nest_close(struct nest *n, bool array)
{
	n->depth--;
	return (n->is_array[n->depth / 64] >> n->depth % 64 & 1) == array;
}

/* What may stand outside strings: numbers, true, false, null, between. */
static bool
may_stand(char c)
{
	static const bool may[256] = { [' '] = true,
		['\t'] = true,
		['\r'] = true,
		['\n'] = true,
		['0' ... '9'] = true,
		[','] = true,
		[':'] = true,
		['.'] = true,
		['-'] = true,
		['+'] = true,
		['e'] = true,
		['E'] = true,
		['t'] = true,
		['r'] = true,
		['u'] = true,
		['f'] = true,
		['a'] = true,
		['l'] = true,
		['s'] = true,
		['n'] = true };

	return may[(unsigned char)c];
}

/* Whether the string that ends at *at may end there; else where not. */
static bool
ends_well(struct span s, size_t *at)
{
	size_t i = json_skip_space(s, *at);

	if (i == s.n || memchr(",:}]", s.p[i], 4) != NULL)
		return true;
	*at = i;
	return false;
}

/* Behind the object or array that begins at *at; or where it is bad. */
static enum json_scan
scan_container(struct span s, size_t *at)
{
	struct nest nest = { 0 };
	enum json_scan got;
	size_t i;
	bool good;
	char c;

	for (i = *at; i < s.n;) {
		c = s.p[i];
		if (c == '"') {
			got = scan_string(s, &i);
			if (got == SCAN_DONE && !ends_well(s, &i))
				got = SCAN_BAD;
			if (got == SCAN_BAD)
				*at = i;
			if (got != SCAN_DONE)
				return got;
			continue;
		}
		if (c == '{' || c == '[')
			good = nest_open(&nest, c == '[');
		else if (c == '}' || c == ']')
			good = nest_close(&nest, c == ']');
		else
			good = may_stand(c);
		if (!good) {
			*at = i;
			return SCAN_BAD;
		}
		i++;
		if (nest.depth == 0) {
			*at = i;
			return SCAN_DONE;
		}
	}
	return SCAN_MORE;
}

enum json_scan
json_scan_value(struct span s, size_t *at)
{
	size_t i = *at;

	if (s.p[i] == '{' || s.p[i] == '[')
		return scan_container(s, at);
	if (s.p[i] == '"')
		return scan_string(s, at);
	while (i < s.n && !json_is_space(s.p[i]) && s.p[i] != ',' &&
	       s.p[i] != ']' && s.p[i] != '}')
		i++;
	if (i == s.n)
		return SCAN_MORE;
	if (i == *at)
		return SCAN_BAD;
	*at = i;
	return SCAN_DONE;
}

/* ---- the way to the array ---------------------------------------------------- */

/* The member `name` of the object at *at: to its value. */
static enum json_scan
enter_member(struct span s, size_t *at, struct span name)
{
	size_t i = json_skip_space(s, *at + 1), begin;
	enum json_scan got;
	bool found;

	for (;;) {
		if (i == s.n)
			return SCAN_MORE;
		if (s.p[i] != '"')
			return SCAN_BAD; /* "}": it is not there */
		begin = i + 1;
		got = scan_string(s, &i);
		if (got != SCAN_DONE)
			return got;
		found = i - 1 - begin == name.n &&
			memcmp(s.p + begin, name.p, name.n) == 0;
		i = json_skip_space(s, i);
		if (i == s.n)
			return SCAN_MORE;
		if (s.p[i] != ':')
			return SCAN_BAD;
		i = json_skip_space(s, i + 1);
		if (i == s.n)
			return SCAN_MORE;
		if (found) {
			*at = i;
			return SCAN_DONE;
		}
		got = json_scan_value(s, &i);
		if (got != SCAN_DONE)
			return got;
		i = json_skip_space(s, i);
		if (i == s.n)
			return SCAN_MORE;
		if (s.p[i] != ',')
			return SCAN_BAD;
		i = json_skip_space(s, i + 1);
	}
}

/* From the document's beginning into the array of records. */
enum json_scan
json_enter_array(struct span s, size_t *at, struct span path)
{
	struct span name;
	const char *slash;
	enum json_scan got;

	while (path.n > 0) {
		path.p++;
		path.n--;
		slash = memchr(path.p, '/', path.n);
		name.p = path.p;
		name.n = slash != NULL ? (size_t)(slash - path.p) : path.n;
		path.p += name.n;
		path.n -= name.n;
		if (s.p[*at] != '{')
			return SCAN_BAD;
		got = enter_member(s, at, name);
		if (got != SCAN_DONE)
			return got;
	}
	if (s.p[*at] != '[')
		return SCAN_BAD;
	++*at;
	return SCAN_DONE;
}
