/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decoders as a mapping file names them, and tables of values by name.
 */
#include <assert.h>

#include "ingest/map_code.h"

struct map_table *
map_table_named(struct map_source *src, struct span name)
{
	struct map *m = src->map;
	struct map_table *t;

	for (t = m->tables; t != NULL; t = t->next)
		if (span_eq(t->name, name))
			return t;
	t = arena_alloc(&m->arena, sizeof *t);
	t->name = arena_span(&m->arena, name);
	t->line = src->line;
	t->next = m->tables;
	m->tables = t;
	return t;
}

/* How many words a decoder takes: at least, at most. */
static const struct decoder {
	const char *name;
	enum map_step_kind kind;
	int least, most;
} decoders[] = {
	{ "lower", STEP_LOWER, 0, 0 },
	{ "upper", STEP_UPPER, 0, 0 },
	{ "trim", STEP_TRIM, 0, 0 },
	{ "url", STEP_URL, 0, 0 },
	{ "query", STEP_QUERY, 1, 1 },
	{ "host", STEP_HOST, 0, 0 },
	{ "values", STEP_VALUES, 1, 1 },
	{ "split", STEP_SPLIT, 1, 1 },
	{ "base64", STEP_BASE64, 0, 0 },
	{ "base64url", STEP_BASE64, 0, 0 },
	{ "kv", STEP_KV, 3, 4 },
	{ "csv", STEP_CSV, 1, 2 },
	{ "cef", STEP_CEF, 1, 1 },
	{ "cookie", STEP_COOKIE, 1, 1 },
	{ "hex", STEP_HEX, 0, 0 },
};

static int
separator_check(struct map_source *src, struct span word)
{
	return word.n == 1 ? 0 : map_fail(src, "a separator is one byte");
}

/* A number of up to 6 digits, 0 when it is none. */
static int
whole_number(struct span word)
{
	int n = 0;
	size_t i;

	for (i = 0; i < word.n; i++) {
		if (word.p[i] < '0' || word.p[i] > '9' || i == 6)
			return 0;
		n = n * 10 + (word.p[i] - '0');
	}
	return n;
}

static int
step_args(struct map_source *src, const struct decoder *d, struct span rest,
    struct map_step *s)
{
	struct span flag = { "", 0 }, extra;
	struct span *arg[] = { &s->arg, &s->arg2, &s->arg3, &flag };
	int n = 0, got, most = d->most;

	assert(most <= (int)(sizeof arg / sizeof arg[0]));
	while (n < most && (got = map_word_next(src, &rest, arg[n])) != 0) {
		if (got < 0)
			return -1;
		n++;
	}
	if (n < d->least || map_word_next(src, &rest, &extra) != 0)
		return map_fail(src, "decoder %s takes %d%s words", d->name,
		    d->least, d->most > d->least ? " or more" : "");
	switch (d->kind) {
	case STEP_VALUES:
		s->table = map_table_named(src, s->arg);
		return 0;
	case STEP_SPLIT:
		return separator_check(src, s->arg);
	case STEP_KV:
		s->number = flag.n > 0;
		if (flag.n > 0 && !span_is(flag, "hex"))
			return map_fail(src, "the last word of kv is hex");
		return separator_check(src, s->arg) < 0
			   ? -1
			   : separator_check(src, s->arg2);
	case STEP_CSV:
		s->number = whole_number(s->arg);
		if (s->number < 1 || s->number > MAP_COLUMNS_MAX)
			return map_fail(src,
			    "csv N takes a number from 1 to %d",
			    MAP_COLUMNS_MAX);
		return n < 2 ? 0 : separator_check(src, s->arg2);
	case STEP_CEF:
		s->number = whole_number(s->arg);
		if (s->number > 7)
			return map_fail(src, "the head of CEF has 7 fields");
		return 0;
	default:
		return 0;
	}
}

int
map_step_compile(struct map_source *src, struct span text, struct map_step *s)
{
	struct span rest = text, name;
	size_t i;

	if (map_word_next(src, &rest, &name) <= 0)
		return map_fail(src, "a decoder is missing after >");
	if (span_is(name, "regex")) {
		s->kind = STEP_REGEX;
		s->re = map_regex_compile(src, map_trim(rest), 0);
		return s->re == NULL ? -1 : 0;
	}
	if (span_is(name, "unless")) {
		s->kind = STEP_UNLESS;
		s->slot = map_source_slot(src, map_trim(rest), false);
		return s->slot < 0 ? -1 : 0;
	}
	for (i = 0; i < sizeof decoders / sizeof decoders[0]; i++)
		if (span_is(name, decoders[i].name)) {
			s->kind = decoders[i].kind;
			return step_args(src, &decoders[i], rest, s);
		}
	return map_fail(src, "unknown decoder \"%.*s\"", (int)name.n, name.p);
}

/* Decoders that make a document, of which a JSON pointer takes a part. */
static const char *const forms[] = {
	[FORM_JSON] = "json",
	[FORM_TCF] = "tcf",
	[FORM_GPP] = "gpp",
	[FORM_USP] = "usp",
	[FORM_XML] = "xml",
	[FORM_JSON5] = "json5",
};

const char *
map_form_name(enum map_form form)
{
	return forms[form];
}

int
map_form_of(struct span step, struct span *pointer)
{
	size_t n;
	int i;

	for (i = 0; i < (int)(sizeof forms / sizeof forms[0]); i++) {
		n = strlen(forms[i]);
		if (step.n < n || memcmp(step.p, forms[i], n) != 0 ||
		    (step.n > n && step.p[n] != ' '))
			continue;
		*pointer = map_trim(map_cut(step, n, step.n));
		return i;
	}
	return -1;
}
