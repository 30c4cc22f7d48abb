/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record_run - run bytes through a mapping and write down what came out, one
 * line an event ("3+12 kind=consent actor=u1", place first) or a reject
 * ("3+12 !reason").
 */
#ifndef INGEST_TEST_RECORD_RUN_H
#define INGEST_TEST_RECORD_RUN_H

#include <string.h>

#include "fixtures/test.h"
#include "ingest/base/buf.h"
#include "ingest/base/utc.h"
#include "ingest/record.h"

struct run {
	struct record_tally tally;
	struct buf out;
};

static inline void
run_field(struct buf *out, const struct event *e, int f)
{
	char room[UTC_TEXT_BYTES];
	size_t i, n;

	(void)buf_printf(out, " %s=", event_fields[f].name);
	if (f >= EVENT_N_NUM) {
		n = out->n;
		(void)buf_span(out, e->str[f - EVENT_N_NUM]);
		for (i = n; i < out->n; i++)
			if (out->p[i] == EVENT_LIST_SEP)
				out->p[i] = ',';
	} else if (event_fields[f].type == EVENT_TYPE_WORD) {
		(void)buf_str(
		    out, event_word_name((enum event_num)f, e->num[f]));
	} else if (event_fields[f].type == EVENT_TYPE_TIME) {
		(void)buf_str(out, utc_format(e->num[f], room));
	} else {
		(void)buf_printf(out, "%lld", (long long)e->num[f]);
	}
}

static inline int
run_event(void *arg, const struct event *e)
{
	struct buf *out = &((struct run *)arg)->out;
	int f;

	(void)buf_printf(out, "%llu+%u", (unsigned long long)e->place.offset,
	    e->place.bytes);
	if (e->place.part != 0)
		(void)buf_printf(out, ".%u", e->place.part);
	for (f = 0; f < EVENT_N_FIELDS; f++)
		if ((e->present >> f & 1) != 0)
			run_field(out, e, f);
	(void)buf_char(out, '\n');
	return 0;
}

static inline void
run_reject(void *arg, uint64_t record, uint64_t offset, uint64_t bytes,
    const char *reason)
{
	struct buf *out = &((struct run *)arg)->out;

	(void)record;
	(void)buf_printf(out, "%llu+%llu !%s\n", (unsigned long long)offset,
	    (unsigned long long)bytes, reason);
}

/* A copy with exactly the padding that is promised. */
static inline char *
run_padded(struct span s)
{
	char *p = malloc(s.n + RECORD_PADDING_BYTES);

	assert_non_null(p);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	memset(p + s.n, 'x', RECORD_PADDING_BYTES);
	return p;
}

/*
 * Parse `input` in windows of `window` bytes (0: one), grown when the cutter
 * needs more.  The balance of records is checked.
 */
static inline void
run_input(struct run *r, const struct map *m, enum record_encoding encoding,
    struct span input, size_t window)
{
	struct record_cutter *c = record_cutter_new(m, encoding);
	struct record_parser *p = record_parser_new();
	struct record_sink sink = { r, run_event, run_reject, NULL };
	struct record_piece piece = { 0 };
	size_t at = 0, want = window;
	struct span s;
	char *copy;

	memset(r, 0, sizeof *r);
	record_tally_clear(&r->tally);
	(void)buf_str(&r->out, "");
	piece.encoding = encoding;
	while (at < input.n) {
		s.p = input.p + at;
		s.n = want == 0 || want > input.n - at ? input.n - at : want;
		s.n = record_cut(c, s, s.n == input.n - at, &piece.state);
		if (s.n == 0) {
			want += window;
			continue;
		}
		copy = run_padded(s);
		piece.bytes.p = copy;
		piece.bytes.n = s.n;
		piece.offset = at;
		assert_int_equal(
		    record_parse(p, m, &piece, &sink, &r->tally), 0);
		free(copy);
		at += s.n;
		want = window;
	}
	assert_true(r->tally.records ==
		    r->tally.mapped + r->tally.rejected + r->tally.filtered);
	record_parser_free(p);
	record_cutter_free(c);
}

static inline void
run_same(const struct run *a, const struct run *b, const struct buf *input)
{
	if (strcmp(a->out.p, b->out.p) != 0)
		fail_msg(
		    "of\n%s\ncomes\n%sand\n%s", input->p, a->out.p, b->out.p);
}

static inline void
run_clear(struct run *r)
{
	buf_clear(&r->out);
}

static inline struct map *
run_map(const char *text)
{
	struct err err = { 0 };
	struct map *m = map_compile("test.map", span_of(text), &err);

	if (m == NULL)
		fail_msg("%s", err.msg);
	return m;
}

/* Equal line by line; "@" in `want` stands for any place. */
static inline bool
run_fits(const char *is, const char *want)
{
	while (*want == '@') {
		want++;
		is += strcspn(is, " \n");
		while (*is == *want && *is != '\n' && *is != '\0') {
			is++;
			want++;
		}
		if (*is != '\n' || *want != '\n')
			break;
		is++;
		want++;
	}
	return strcmp(is, want) == 0;
}

/* What comes out is `want`, however the input is cut. */
static inline void
run_expect(const char *map, const char *input, const char *want)
{
	static const size_t windows[] = { 0, 1, 2, 3, 7, 16, 61, 4096 };
	struct map *m = run_map(map);
	struct run r;
	size_t i;

	for (i = 0; i < sizeof windows / sizeof windows[0]; i++) {
		run_input(&r, m, RECORD_UTF8, span_of(input), windows[i]);
		if (!run_fits(r.out.p, want))
			fail_msg("windows of %zu give\n%snot\n%s", windows[i],
			    r.out.p, want);
		run_clear(&r);
	}
	map_free(m);
}

#endif
