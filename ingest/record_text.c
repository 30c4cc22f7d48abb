/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text lines: the first pattern that matches a whole line gives the values.
 */
#include <assert.h>

#include "ingest/record_parser.h"

static bool
pattern_match(
    struct record_parser *p, const struct map_pattern *pattern, struct span s)
{
	const struct map *m = p->map;
	PCRE2_SIZE *at;
	int n, i, c;

	n = pcre2_match(pattern->re, (PCRE2_SPTR)s.p, s.n, 0,
	    PCRE2_NO_UTF_CHECK, p->match, p->limits);
	if (n < 0)
		return false;
	at = pcre2_get_ovector_pointer(p->match);
	for (i = 0; i < m->n_slots; i++) {
		if (m->slot[i].doc != DOC_RECORD)
			continue;
		p->slot[i].type = VALUE_ABSENT;
		c = pattern->capture[i];
		if (c == 0 || c >= n || at[2 * c] == PCRE2_UNSET ||
		    at[2 * c + 1] < at[2 * c])
			continue;
		p->slot[i].type = VALUE_TEXT;
		p->slot[i].text.p = s.p + at[2 * c];
		p->slot[i].text.n = at[2 * c + 1] - at[2 * c];
	}
	return true;
}

static void
line_parse(struct record_parser *p, size_t at, size_t end)
{
	struct span s = { p->text.p + at, end - at };
	size_t i;

	if (s.n > RECORD_MAX_BYTES) {
		record_reject(p, at, s.n, "record is too long");
		return;
	}
	if (!json_utf8_is_valid(s)) {
		record_reject(p, at, s.n, "invalid UTF-8");
		return;
	}
	for (i = 0; i < p->map->n_patterns; i++)
		if (pattern_match(p, &p->map->pattern[i], s)) {
			record_emit(p, at, s.n);
			return;
		}
	record_reject(p, at, s.n, "line does not match the pattern");
}

void
record_parse_text(struct record_parser *p)
{
	struct span s = p->text;
	size_t at = record_text_begin(p), end, next;
	const char *nl;

	for (; at < s.n && !p->stopped; at = next) {
		nl = memchr(s.p + at, '\n', s.n - at);
		end = nl != NULL ? (size_t)(nl - s.p) : s.n;
		next = nl != NULL ? end + 1 : s.n;
		if (end > at && s.p[end - 1] == '\r')
			end--;
		if (end > at)
			line_parse(p, at, end);
	}
}
