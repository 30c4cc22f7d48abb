/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of text, by patterns of common shapes. */
#include <stdio.h>

#include "ingest/draft_int.h"
#include "ingest/record.h"

static const struct shape {
	const char *pattern, *time;
	bool has_rest; /* words and key=value */
} shapes[] = {
	{ "(?<host>\\S+) (?:\\S+ )?(?<user>\\S+) \\[(?<time>[^\\]]+)\\] "
	  "\"(?<method>[A-Z]+) (?<url>\\S+)[^\"]*\" (?<status>\\d{3}) "
	  "(?<size>\\S+).*",
	    "%d/%b/%Y:%H:%M:%S %z", false },
	{ "(?:\\S+ ){0,3}?\\W*(?<time>\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d"
	  "(?:[.,]\\d+)?(?:Z|[+-]\\d\\d:\\d\\d)?)(?:\\W+(?<rest>.*))?",
	    "rfc3339", true },
	{ "\\W*(?<time>\\d{4}.\\d\\d.\\d\\d \\d\\d:\\d\\d:\\d\\d)"
	  "(?:\\W+(?<rest>.*))?",
	    "%Y/%m/%d %H:%M:%S", true },
	{ "\\W*(?<time>\\d{10}(?:\\.\\d+)?)(?:\\W+(?<rest>.*))?", "epoch_s",
	    true },
	{ "\\W*(?<time>\\d{13})(?:\\W+(?<rest>.*))?", "epoch_ms", true },
};

/* Values of the captures, as the pattern's own mapping reads them. */
struct capture {
	struct draft *d;
	const struct shape *shape;
};

/* key=value of words as sources of their own. */
static void
add_pairs(struct draft *d, struct span rest)
{
	struct value v = { .type = VALUE_TEXT };
	char path[DRAFT_PATH_BYTES];
	struct span word;
	const char *eq;
	size_t i, n;
	int got;

	while (rest.n > 0) {
		for (n = 0; n < rest.n && rest.p[n] != ' '; n++)
			;
		word = (struct span){ rest.p, n };
		rest.p += n + (n < rest.n);
		rest.n -= n + (n < rest.n);
		eq = n > 0 ? memchr(word.p, '=', n) : NULL;
		if (eq == NULL || eq == word.p || eq - word.p > 40)
			continue;
		for (i = 0; word.p + i < eq; i++)
			if ((word.p[i] < 'a' || word.p[i] > 'z') &&
			    (word.p[i] < 'A' || word.p[i] > 'Z') &&
			    (word.p[i] < '0' || word.p[i] > '9') &&
			    word.p[i] != '_')
				break;
		if (word.p + i < eq)
			continue;
		got = snprintf(path, sizeof path, "rest > kv \" \" = %.*s",
		    (int)(eq - word.p), word.p);
		v.text =
		    (struct span){ eq + 1, (size_t)(word.p + word.n - eq) - 1 };
		if (v.text.n > 0)
			draft_add(d, (struct span){ path, (size_t)got }, &v);
	}
}

static int
captured(void *arg, const struct event *e)
{
	static const struct {
		const char *name;
		enum event_str field;
	} captures[] = { { "rest", EV_TEXT }, { "time", EV_REGION },
		{ "host", EV_DEVICE }, { "user", EV_ACTOR },
		{ "method", EV_ACTION }, { "url", EV_SCREEN },
		{ "status", EV_LABEL }, { "size", EV_ELEMENT } };
	struct capture *c = arg;
	struct value v = { .type = VALUE_TEXT };
	size_t i;

	c->d->n_records++;
	for (i = 0; i < sizeof captures / sizeof captures[0]; i++) {
		if (!event_has_str(e, captures[i].field))
			continue;
		v.text = e->str[captures[i].field];
		draft_add(c->d, span_of(captures[i].name), &v);
		if (i == 0)
			add_pairs(c->d, v.text);
	}
	return c->d->n_records == DRAFT_RECORDS ? -1 : 0;
}

static void
not_captured(void *arg, uint64_t record, uint64_t offset, uint64_t bytes,
    const char *reason)
{
	(void)arg;
	(void)record;
	(void)offset;
	(void)bytes;
	(void)reason;
}

static const char *
mapping_of(struct draft *d, const struct shape *s)
{
	return arena_printf(&d->arena,
	    "[format]\nname = shape\nversion = 1\ncontainer = text\n"
	    "pattern = /%s/\n[time]\nfrom = time\nformat = \"%s\"\n"
	    "[kind]\nalways = other\n[fields]\n%s",
	    s->pattern, s->time,
	    s->has_rest
		? "text = rest\nregion = time\n"
		: "device = host\nactor = user\naction = method\n"
		  "screen = url\nregion = time\nlabel = status\nelement = size\n");
}

static void
read_shape(struct draft *d, const struct shape *s, struct span text)
{
	struct err err = { 0 };
	struct map *m =
	    map_compile("shape.map", span_of(mapping_of(d, s)), &err);
	struct capture c = { d, s };
	struct record_sink sink = { &c, captured, not_captured, NULL };
	struct record_piece piece = { .encoding = RECORD_UTF8 };
	struct record_parser *p = record_parser_new();
	struct record_cutter *cutter;
	struct record_tally tally;

	if (m != NULL) {
		cutter = record_cutter_new(m, RECORD_UTF8);
		record_tally_clear(&tally);
		piece.bytes = text;
		piece.bytes.n = record_cut(cutter, text, true, &piece.state);
		if (piece.bytes.n > 0)
			(void)record_parse(p, m, &piece, &sink, &tally);
		record_cutter_free(cutter);
	}
	record_parser_free(p);
	map_free(m);
}

bool
draft_lines(struct draft *d, struct span text, bool whole)
{
	struct span rest = text, line;
	const struct shape *best = NULL;
	struct err err = { 0 };
	int share, most = 49;
	size_t i;

	for (i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
		share = draft_try(mapping_of(d, &shapes[i]), text, whole, &err);
		if (share > most) {
			most = share;
			best = &shapes[i];
		}
	}
	if (best == NULL)
		return false;
	d->container = MAP_TEXT;
	d->pattern = best->pattern;
	read_shape(d, best, text);
	while (d->sample.p == NULL && draft_line_next(&rest, &line))
		draft_sample(d, line);
	return d->n_records > 0;
}
