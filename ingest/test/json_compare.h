/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json_compare - hold our reading of a text against the oracle's: verdict,
 * reason, every value.
 */
#ifndef INGEST_TEST_JSON_COMPARE_H
#define INGEST_TEST_JSON_COMPARE_H

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/base/arena.h"
#include "ingest/base/buf.h"
#include "ingest/json.h"
#include "ingest/test/json_oracle.h"

#define NUMBER "invalid JSON: malformed number"

struct compare {
	struct json_plan *plan; /* of the whole document */
	struct json_reader *reader;
	struct arena arena;
	struct buf ours;
	struct span source; /* what is compared */
	bool beyond;	    /* it has a number that is more than the oracle's */
	const char *why;    /* it differs, NULL: it does not */
};

static inline void
compare_open(struct compare *c)
{
	memset(c, 0, sizeof *c);
	c->plan = json_plan_new();
	assert(json_plan_add(c->plan, span_of(""), 0) == 0);
	c->reader = json_reader_new();
}

static inline void
compare_close(struct compare *c)
{
	json_plan_free(c->plan);
	json_reader_free(c->reader);
	arena_clear(&c->arena);
	buf_clear(&c->ours);
}

static inline void
compare_text(struct compare *c, struct span s)
{
	(void)buf_printf(&c->ours, "s%zu:", s.n);
	(void)buf_span(&c->ours, s);
}

static inline void
compare_scalar(struct compare *c, const struct value *v)
{
	uint64_t bits;

	switch (v->type) {
	case VALUE_NULL:
		(void)buf_char(&c->ours, 'n');
		break;
	case VALUE_BOOL:
		(void)buf_char(&c->ours, v->b ? 't' : 'f');
		break;
	case VALUE_INT:
		(void)buf_printf(&c->ours, "i%" PRId64, v->i);
		break;
	case VALUE_UINT:
		(void)buf_printf(&c->ours, "u%" PRIu64, v->u);
		break;
	case VALUE_DOUBLE:
		memcpy(&bits, &v->d, sizeof bits);
		(void)buf_printf(&c->ours, "d%016" PRIx64, bits);
		break;
	case VALUE_TEXT: /* a number too large stands there without quotes */
		c->beyond |= v->text.p >= c->source.p &&
			     v->text.p < c->source.p + c->source.n &&
			     (v->text.p == c->source.p || v->text.p[-1] != '"');
		compare_text(c, v->text);
		break;
	default:
		(void)buf_char(&c->ours, '?');
	}
}

/* Elements must be what the walk gives. */
static inline void
compare_elements(struct compare *c, const struct value *array, size_t n)
{
	struct value out[4];
	size_t got = json_elements(array, &c->arena, out, 4);

	if (got != (n > 4 ? 5 : n))
		c->why = "number of elements";
	arena_reset(&c->arena);
}

static inline void
compare_dump(struct compare *c, struct value *v)
{
	bool is_array = v->type == VALUE_ARRAY;
	struct json_walk w;
	struct value one, whole = *v;
	struct span key;
	size_t n = 0;

	if (!is_array && v->type != VALUE_OBJECT) {
		compare_scalar(c, v);
		return;
	}
	(void)buf_char(&c->ours, is_array ? '[' : '{');
	json_walk_begin(&w, v);
	while (json_walk_next(&w, c->reader, c->plan, &one, &key) == JSON_OK) {
		if (key.p != NULL)
			compare_text(c, key);
		compare_dump(c, &one);
		n++;
	}
	(void)buf_char(&c->ours, is_array ? ']' : '}');
	if (is_array)
		compare_elements(c, &whole, n);
}

/* Whether a text is the same to both; else c->why tells what is not. */
static inline bool
compare_whole(struct compare *c, struct span text)
{
	const char *theirs_why = NULL, *ours_why = NULL;
	size_t n = 0, end;
	struct value v;
	char *padded = malloc(text.n + JSON_PADDING_BYTES);
	struct span copy = { padded, text.n };
	char *theirs = json_oracle_dump(text.p, text.n, &n, &theirs_why);
	enum json_result got, line;

	assert(padded != NULL);
	memcpy(padded, text.p, text.n);
	memset(padded + text.n, '"', JSON_PADDING_BYTES);
	c->why = NULL;
	c->source = copy;
	c->beyond = false;
	buf_reset(&c->ours);
	got = json_parse(c->reader, c->plan, copy, &v, &ours_why);
	if (got == JSON_OK) {
		compare_dump(c, &v);
		c->beyond |=
		    v.type == VALUE_TEXT && memchr(copy.p, '"', copy.n) == NULL;
	}
	/* the oracle stops at a number that it cannot hold */
	if (got == JSON_OK && theirs == NULL)
		c->why = c->beyond && strcmp(theirs_why, NUMBER) == 0
			     ? NULL
			     : "verdict";
	else if (got != JSON_OK && theirs != NULL)
		c->why = "verdict";
	else if (theirs == NULL && strcmp(theirs_why, ours_why) != 0 &&
		 strcmp(theirs_why, NUMBER) != 0)
		c->why = "reason";
	else if (theirs != NULL &&
		 (c->ours.n != n || memcmp(c->ours.p, theirs, n) != 0))
		c->why = "values";
	json_lines_open(c->reader, copy);
	line = json_lines_parse(c->reader, c->plan, 0, &end, &v, &ours_why);
	if (memchr(text.p, '\n', text.n) == NULL &&
	    (line != got || end != text.n))
		c->why = "verdict of the line";
	if (c->why != NULL)
		fprintf(stderr, "%s: %s, %s, %.*s\n", c->why,
		    theirs_why != NULL ? theirs_why : "good",
		    ours_why != NULL ? ours_why : "good", (int)text.n, text.p);
	free(theirs);
	free(padded);
	return c->why == NULL;
}

#endif
