/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON Lines.
 *
 * How it works: a window of whole lines goes to the DOM in one batch.  A
 * batch knows documents, not lines, so each document is held against its
 * line: it must begin where the line's text begins and end where it ends.
 * When one does not, or is no JSON, the lines from there to the end of the
 * window are parsed singly, so that exactly the bad ones are refused.
 */
#include <assert.h>

#include "ingest/record_parser.h"

/* Text, structure and strings of a window stay in the second cache. */
enum { WINDOW_BYTES = 64 * 1024 };

struct line {
	size_t at, end; /* of the line, its end not counted */
	size_t next;	/* where the next line begins */
	size_t text;	/* first character that is no white space */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The first line at or after `at` that is not empty; false at the end. */
static bool
line_next(struct span s, size_t at, size_t end, struct line *l)
{
	const char *nl;

	for (; at < end; at = l->next) {
		nl = memchr(s.p + at, '\n', end - at);
		l->at = l->text = at;
		l->end = nl != NULL ? (size_t)(nl - s.p) : end;
		l->next = nl != NULL ? l->end + 1 : end;
		while (l->text < l->end && is_blank(s.p[l->text]))
			l->text++;
		if (l->text == l->end)
			continue;
		if (s.p[l->end - 1] == '\r')
			l->end--;
		return true;
	}
	return false;
}

static bool
blank_between(struct span s, size_t at, size_t end)
{
	for (; at < end; at++)
		if (!is_blank(s.p[at]))
			return false;
	return true;
}

static void
line_parse(struct record_parser *p, const struct line *l)
{
	struct span text = { p->text.p + l->at, l->end - l->at };
	const char *reason;

	if (text.n > RECORD_MAX_BYTES) {
		record_reject(p, l->at, text.n, "record is too long");
		return;
	}
	if (p->text.p[l->text] != '{') {
		record_reject(p, l->at, text.n, "not a JSON object");
		return;
	}
	if (json_parse(p->reader[DOC_RECORD], p->map->doc[DOC_RECORD].plan,
		text, p->slot, &reason) == JSON_OK)
		record_emit(p, l->at, text.n);
	else
		record_reject(p, l->at, text.n, reason);
}

/* The end of a window that begins at `at`: behind a line end. */
static size_t
window_end(struct span s, size_t at)
{
	const char *nl;

	if (s.n - at <= WINDOW_BYTES)
		return s.n;
	nl = memrchr(s.p + at, '\n', WINDOW_BYTES);
	if (nl == NULL)
		nl = memchr(
		    s.p + at + WINDOW_BYTES, '\n', s.n - at - WINDOW_BYTES);
	return nl != NULL ? (size_t)(nl - s.p) + 1 : s.n;
}

static void
window_parse(struct record_parser *p, size_t at, size_t end)
{
	struct span window = { p->text.p + at, end - at };
	const struct json_plan *plan = p->map->doc[DOC_RECORD].plan;
	size_t begin, stop, from = at;
	enum json_result got;
	struct line l;

	if (window.n <= RECORD_MAX_BYTES) {
		json_batch_open(p->reader[DOC_RECORD], window);
		while (!p->stopped && line_next(p->text, at, end, &l)) {
			got = json_batch_next(p->reader[DOC_RECORD], plan,
			    p->slot, &begin, &stop);
			if (got != JSON_OK || begin + from != l.text ||
			    stop + from > l.end || stop == begin ||
			    p->text.p[l.text] != '{' ||
			    !blank_between(p->text, stop + from, l.end))
				break;
			record_emit(p, l.at, l.end - l.at);
			at = l.next;
		}
	}
	while (!p->stopped && line_next(p->text, at, end, &l)) {
		line_parse(p, &l);
		at = l.next;
	}
}

/* Past a byte order mark, and past the rest of an over-long record. */
size_t
record_text_begin(const struct record_parser *p)
{
	const struct record_state *state = p->piece->state;
	const char *nl;

	if (state->first && p->text.n >= 3 &&
	    memcmp(p->text.p, "\xef\xbb\xbf", 3) == 0)
		return 3;
	if (!state->skip)
		return 0;
	nl = memchr(p->text.p, '\n', p->text.n);
	return nl != NULL ? (size_t)(nl - p->text.p) + 1 : p->text.n;
}

void
record_parse_jsonl(struct record_parser *p)
{
	size_t at = record_text_begin(p), end;

	for (; at < p->text.n && !p->stopped; at = end) {
		end = window_end(p->text, at);
		window_parse(p, at, end);
	}
}
