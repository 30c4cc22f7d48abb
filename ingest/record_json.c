/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON Lines: each line for itself, so that exactly the bad ones are refused.
 */
#include <assert.h>

#include "ingest/record_parser.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The line that begins at `at` and is not blank from `text` on: its end. */
static size_t
line_parse(struct record_parser *p, size_t at, size_t text)
{
	const char *reason = "not a JSON object", *nl;
	enum json_result got = JSON_INVALID;
	size_t end, n;

	if (p->text.p[text] == '{') {
		got = json_lines_parse(p->reader[DOC_RECORD],
		    p->map->doc[DOC_RECORD].plan, at, &end, p->slot, &reason);
	} else {
		nl = memchr(p->text.p + at, '\n', p->text.n - at);
		end = nl != NULL ? (size_t)(nl - p->text.p) : p->text.n;
	}
	n = end - at - (p->text.p[end - 1] == '\r');
	if (n > RECORD_MAX_BYTES) {
		got = JSON_INVALID;
		reason = "record is too long";
	}
	if (got == JSON_OK)
		record_emit(p, at, n);
	else
		record_reject(p, at, n, reason);
	return end;
}

/* Past a byte order mark, and past the rest of an over-long record. */
size_t
record_text_begin(const struct record_state *state, struct span s)
{
	const char *nl;

	if (state->first && s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
		return 3;
	if (!state->skip)
		return 0;
	nl = memchr(s.p, '\n', s.n);
	return nl != NULL ? (size_t)(nl - s.p) + 1 : s.n;
}

void
record_parse_jsonl(struct record_parser *p)
{
	size_t at = record_text_begin(p->piece->state, p->text), text;

	json_lines_open(p->reader[DOC_RECORD], p->text);
	while (at < p->text.n && !p->stopped) {
		text = at;
		while (text < p->text.n && is_blank(p->text.p[text]))
			text++;
		if (text < p->text.n && p->text.p[text] != '\n')
			text = line_parse(p, at, text);
		at = text + 1;
	}
}
