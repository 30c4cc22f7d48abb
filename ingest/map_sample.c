/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The samples inside a mapping file are run when it is loaded: every record
 * must give an event, and each event what [expect] says of it.
 */
#include <assert.h>
#include <stdio.h>

#include "ingest/map_parse.h"
#include "ingest/record_parser.h"

struct run {
	struct map_source *src;
	const struct map_sample *sample;
	size_t n_events;
	bool failed;
};

static const char *
field_text(
    const struct event *e, int f, char room[UTC_TEXT_BYTES], struct span *out)
{
	if (f >= EVENT_N_NUM) {
		*out = e->str[f - EVENT_N_NUM];
		return NULL;
	}
	switch (event_fields[f].type) {
	case EVENT_TYPE_TIME:
		*out = span_of(utc_format(e->num[f], room));
		break;
	case EVENT_TYPE_WORD:
		*out = span_of(event_word_name(f, e->num[f]));
		break;
	case EVENT_TYPE_MICRO:
		(void)snprintf(
		    room, UTC_TEXT_BYTES, "%.6g", (double)e->num[f] / 1e6);
		*out = span_of(room);
		break;
	default:
		(void)snprintf(
		    room, UTC_TEXT_BYTES, "%lld", (long long)e->num[f]);
		*out = span_of(room);
	}
	return NULL;
}

/* The separator of lists is written as a comma. */
static bool
text_fits(struct span is, struct span want)
{
	size_t i;

	if (is.n != want.n)
		return false;
	for (i = 0; i < is.n; i++)
		if (is.p[i] != want.p[i] &&
		    !(is.p[i] == EVENT_LIST_SEP && want.p[i] == ','))
			return false;
	return true;
}

static int
event_check(void *arg, const struct event *e)
{
	char room[UTC_TEXT_BYTES];
	struct run *r = arg;
	const struct map_expect *x;
	struct span is;

	for (x = r->sample->expect; x != NULL && !r->failed; x = x->next) {
		if (x->event != r->n_events)
			continue;
		is.p = NULL;
		is.n = 0;
		if ((e->present >> x->field & 1) != 0)
			(void)field_text(e, x->field, room, &is);
		if (text_fits(is, x->text))
			continue;
		r->failed = true;
		r->src->line = x->line;
		(void)map_fail(r->src, "sample: %s is \"%.*s\", not \"%.*s\"",
		    event_fields[x->field].name, (int)is.n,
		    is.p != NULL ? is.p : "", (int)x->text.n, x->text.p);
	}
	r->n_events++;
	return 0;
}

static void
reject_check(void *arg, uint64_t record, uint64_t offset, uint64_t bytes,
    const char *reason)
{
	struct run *r = arg;

	(void)offset;
	(void)bytes;
	if (!r->failed)
		(void)map_fail(r->src, "sample: record %llu: %s",
		    (unsigned long long)record + 1, reason);
	r->failed = true;
}

static int
sample_check(struct map_source *src, const struct map_sample *s)
{
	struct run run = { src, s, 0, false };
	struct record_sink sink = { &run, event_check, reject_check, NULL };
	struct record_parser *p;
	struct record_cutter *c;
	struct record_piece piece = { 0 };
	struct record_tally tally;
	struct buf b = { 0 };

	src->line = s->line;
	if (s->text.n == 0)
		return map_fail(src, "[sample] is empty");
	(void)buf_span(&b, s->text);
	(void)buf_char(&b, '\n');
	(void)buf_room(&b, RECORD_PADDING_BYTES);
	memset(b.p + b.n, 0, RECORD_PADDING_BYTES);
	c = record_cutter_new(src->map, RECORD_UTF8);
	p = record_parser_new();
	record_tally_clear(&tally);
	piece.encoding = RECORD_UTF8;
	piece.bytes = buf_as_span(&b);
	piece.bytes.n = record_cut(c, piece.bytes, true, &piece.state);
	(void)record_parse(p, src->map, &piece, &sink, &tally);
	record_parser_free(p);
	record_cutter_free(c);
	buf_clear(&b);
	if (run.failed)
		return -1;
	if (run.n_events < s->n_expects || run.n_events == 0)
		return map_fail(src, "sample: %zu events, %zu are expected",
		    run.n_events, s->n_expects > 0 ? s->n_expects : 1);
	return 0;
}

int
map_check_samples(struct map_source *src)
{
	const struct map_sample *s;

	for (s = src->map->samples; s != NULL; s = s->next)
		if (sample_check(src, s) < 0)
			return -1;
	return 0;
}
