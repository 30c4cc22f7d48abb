/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_pieces - what a fuzz target of a container does: parse the input as
 * one piece and in small ones, and hold the events and rejects of both
 * against each other, places and reasons included.
 */
#ifndef INGEST_TEST_FUZZ_PIECES_H
#define INGEST_TEST_FUZZ_PIECES_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/base/buf.h"
#include "ingest/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static inline int
fuzz_event(void *arg, const struct event *e)
{
	struct buf *out = arg;
	int f;

	(void)buf_printf(out, "%llu+%u.%u", (unsigned long long)e->place.offset,
	    e->place.bytes, e->place.part);
	for (f = 0; f < EVENT_N_FIELDS; f++) {
		if ((e->present >> f & 1) == 0)
			continue;
		(void)buf_printf(out, " %d=", f);
		if (f < EVENT_N_NUM)
			(void)buf_printf(out, "%lld", (long long)e->num[f]);
		else
			(void)buf_span(out, e->str[f - EVENT_N_NUM]);
	}
	return buf_char(out, '\n');
}

static inline void
fuzz_reject(void *arg, uint64_t record, uint64_t offset, uint64_t bytes,
    const char *reason)
{
	(void)record;
	(void)buf_printf(arg, "%llu+%llu !%s\n", (unsigned long long)offset,
	    (unsigned long long)bytes, reason);
}

static inline void
fuzz_parse(const struct map *m, struct span s, size_t window, struct buf *out)
{
	struct record_cutter *c = record_cutter_new(m, RECORD_UTF8);
	struct record_parser *p = record_parser_new();
	struct record_sink sink = { out, fuzz_event, fuzz_reject, NULL };
	struct record_piece piece = { 0 };
	struct record_tally t;
	size_t at = 0, want = window, n;
	char *copy;

	record_tally_clear(&t);
	piece.encoding = RECORD_UTF8;
	while (at < s.n) {
		n = want > s.n - at ? s.n - at : want;
		piece.bytes.p = s.p + at;
		piece.bytes.n = n;
		n = record_cut(c, piece.bytes, n == s.n - at, &piece.state);
		if (n == 0) {
			want += window;
			continue;
		}
		copy = malloc(n + RECORD_PADDING_BYTES);
		assert(copy != NULL);
		memcpy(copy, s.p + at, n);
		memset(copy + n, '"', RECORD_PADDING_BYTES);
		piece.bytes.p = copy;
		piece.bytes.n = n;
		piece.offset = at;
		assert(record_parse(p, m, &piece, &sink, &t) == 0);
		free(copy);
		at += n;
		want = window;
	}
	assert(t.records == t.mapped + t.rejected + t.filtered);
	record_parser_free(p);
	record_cutter_free(c);
}

/* The first byte is the size of the windows. */
static inline int
fuzz_pieces(const char *map, const uint8_t *bytes, size_t n)
{
	struct buf whole = { 0 }, pieces = { 0 };
	struct err err = { 0 };
	struct map *m;
	struct span s;

	if (n < 2 || n > 65536)
		return 0;
	m = map_compile("fuzz.map", span_of(map), &err);
	assert(m != NULL);
	s.p = (const char *)bytes + 1;
	s.n = n - 1;
	fuzz_parse(m, s, SIZE_MAX, &whole);
	fuzz_parse(m, s, (size_t)bytes[0] + 1, &pieces);
	if (!span_eq(buf_as_span(&whole), buf_as_span(&pieces))) {
		fprintf(stderr, "in one piece:\n%.*sin many:\n%.*s",
		    (int)whole.n, buf_as_span(&whole).p, (int)pieces.n,
		    buf_as_span(&pieces).p);
		abort();
	}
	buf_clear(&whole);
	buf_clear(&pieces);
	map_free(m);
	return 0;
}

#endif
