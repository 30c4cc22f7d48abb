/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any records under any mapping: no crash, the account balances, and a
 * member in small pieces gives what it gives in one.
 *
 * Input: step, encoding (a byte each), a mapping's text, a zero byte, the
 * member.  An empty mapping is the native one.
 */
#include <assert.h>
#include <stdlib.h>

#include "ingest/base/buf.h"
#include "ingest/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static int
take_event(void *arg, const struct event *e)
{
	uint64_t *n_events = arg;

	assert(e->present != 0);
	++*n_events;
	return 0;
}

static void
take_reject(void *arg, uint64_t record, uint64_t offset, uint64_t bytes,
    const char *reason)
{
	(void)arg;
	(void)record;
	(void)offset;
	(void)bytes;
	assert(reason != NULL && *reason != '\0');
}

/* Parse a member whose bytes arrive `step` at a time. */
static struct record_tally
parse(const struct map *map, enum record_encoding encoding, struct span text,
    size_t step)
{
	uint64_t n_events = 0;
	struct record_sink sink = { &n_events, take_event, take_reject, NULL };
	struct record_cutter *cutter = record_cutter_new(map, encoding);
	struct record_parser *parser = record_parser_new();
	struct record_piece piece = { .member = 1, .encoding = encoding };
	struct record_tally t;
	size_t at = 0, seen = 0;

	record_tally_clear(&t);
	while (at < text.n) {
		seen = text.n - seen < step ? text.n : seen + step;
		piece.bytes.p = text.p + at;
		piece.bytes.n = seen - at;
		piece.bytes.n = record_cut(
		    cutter, piece.bytes, seen == text.n, &piece.state);
		assert(piece.bytes.n <= seen - at);
		assert(piece.bytes.n > 0 || seen < text.n);
		if (piece.bytes.n == 0)
			continue;
		piece.offset = at;
		assert(record_parse(parser, map, &piece, &sink, &t) == 0);
		at += piece.bytes.n;
	}
	assert(t.records == t.mapped + t.rejected + t.filtered);
	assert(t.events == n_events);
	record_parser_free(parser);
	record_cutter_free(cutter);
	return t;
}

static const struct map *
mapping(struct map_set *own, struct span text)
{
	struct err err = { 0 };

	if (text.n == 0) {
		assert(map_set_shipped(own, &err) == 0);
		return map_set_find(own, "native");
	}
	own->map = calloc(1, sizeof *own->map);
	assert(own->map != NULL);
	own->map[0] = map_compile("fuzz.map", text, &err);
	own->n_maps = own->map[0] != NULL;
	return own->map[0];
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct record_tally whole, pieces;
	struct map_set own = { 0 };
	struct buf member = { 0 };
	struct record_bid bid;
	const struct map *map;
	enum record_encoding encoding;
	struct span text;
	const char *end;
	size_t step;

	if (n < 3)
		return 0;
	step = (size_t)bytes[0] + 1;
	encoding = (enum record_encoding)(1 + bytes[1] % 4);
	text.p = (const char *)bytes + 2;
	text.n = n - 2;
	end = memchr(text.p, '\0', text.n);
	if (end == NULL)
		return 0;
	(void)buf_add(&member, end + 1, text.n - (size_t)(end + 1 - text.p));
	(void)buf_room(&member, RECORD_PADDING_BYTES);
	text.n = (size_t)(end - text.p);
	map = mapping(&own, text);
	if (map != NULL) {
		text = buf_as_span(&member);
		record_bid(&own, text, true, &bid);
		assert(bid.score >= 0 && bid.score <= 100);
		whole = parse(map, encoding, text, text.n + 1);
		pieces = parse(map, encoding, text, step);
		assert(whole.records == pieces.records);
		assert(whole.mapped == pieces.mapped);
		assert(whole.events == pieces.events);
	}
	map_set_clear(&own);
	buf_clear(&member);
	return 0;
}
