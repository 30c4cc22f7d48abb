/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reader that knows what documents were like says the same of the next
 * one as a reader that meets its first.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fixtures/test.h"
#include "ingest/base/buf.h"
#include "ingest/json.h"

enum { LINES = 400, ROUNDS = 150, SLOTS = 8 };

static const char *const wanted[SLOTS] = { "/id", "/n", "/in/x", "/in/deep/y",
	"/list/1", "/odd \"key\"", "/in", "/any/*" };

/* The first `n` of the wanted ones; the last ones want more than names. */
static struct json_plan *
plan_of(size_t n)
{
	struct json_plan *p = json_plan_new();
	size_t i;

	for (i = 0; i < n; i++)
		assert_int_equal(
		    json_plan_add(p, span_of(wanted[i]), (int)i), 0);
	return p;
}

static void
value_add(struct prop *r, struct buf *b)
{
	static const char *const some[] = { "\"\"", "\"abc\"", "\"2018-01-01\"",
		"\"a much longer text than sixteen bytes are\"", "\"\\u540c\"",
		"\"\\\"\"", "\"\xe5\x90\x8c\"", "0", "7", "-12", "123456789012",
		"1.5", "-0.5e3", "true", "false", "null", "[]", "[1,\"a\",{}]",
		"{}", "{\"x\":1,\"deep\":{\"y\":\"z\"}}", " 5 ", "01", "1.",
		"tru", "\"\x01\"", "\"\xff\"", "[1,]", "" };
	size_t good = prop_below(r, 40) == 0 ? 28 : 21;

	(void)buf_printf(b, "%s", some[prop_below(r, good)]);
}

/* A line of one of a few shapes, now and then with something else in it. */
static void
line_add(struct prop *r, struct buf *b)
{
	size_t from = b->n;
	unsigned shape = (unsigned)prop_below(r, 5);
	const char *gap = shape == 4 ? " " : "";

	(void)buf_printf(
	    b, "{\"id\":%s\"u%u\"", gap, (unsigned)prop_below(r, 1000));
	(void)buf_printf(b,
	    ",\"skipped\":\"%.*s\",\"n\":", (int)prop_below(r, 40),
	    "the quick brown fox jumps over the dog");
	if (prop_below(r, 3) == 0)
		value_add(r, b);
	else
		(void)buf_printf(b, "%u", (unsigned)prop_below(r, 100000));
	if (shape > 0) {
		(void)buf_printf(b, ",%s\"in\":{\"x\":", gap);
		value_add(r, b);
		if (shape > 1) {
			(void)buf_printf(b, ",\"deep\":{\"y\":");
			value_add(r, b);
			(void)buf_printf(b, "}");
		}
		(void)buf_printf(b, ",\"z\":3}");
	}
	if (shape == 3) {
		(void)buf_printf(b, ",\"a longer key\\n than most\":");
		value_add(r, b);
		(void)buf_printf(b, ",\"list\":[1,\"b\"],\"odd \\\"key\\\"\":");
		value_add(r, b);
	}
	(void)buf_printf(b, prop_below(r, 30) == 0 ? ",\"id\":1}" : "}");
	if (prop_below(r, 10) == 0)
		b->p[from + prop_below(r, b->n - from)] =
		    "\"\\{}[]:,0 x\n"[prop_below(r, 12)];
	(void)buf_char(b, '\n');
}

static void
same_value(const struct value *a, const struct value *b)
{
	assert_int_equal(a->type, b->type);
	switch (a->type) {
	case VALUE_BOOL:
		assert_int_equal(a->b, b->b);
		break;
	case VALUE_INT:
	case VALUE_UINT:
	case VALUE_DOUBLE:
		assert_true(a->u == b->u);
		break;
	case VALUE_TEXT:
		assert_true(span_eq(a->text, b->text));
		break;
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		assert_ptr_equal(a->ref.p, b->ref.p);
		assert_ptr_equal(a->ref.end, b->ref.end);
		break;
	default:
		break;
	}
}

/* Each line by the reader that goes on, and by a new one; how many good. */
static unsigned
lines_compare(const struct json_plan *p, struct span text)
{
	struct json_reader *known = json_reader_new(), *fresh;
	struct value a[SLOTS], b[SLOTS];
	const char *why_a, *why_b;
	enum json_result got;
	size_t at, end_a, end_b;
	unsigned good = 0;
	int i;

	json_lines_open(known, text);
	for (at = 0; at < text.n; at = end_a + 1) {
		memset(a, 0, sizeof a);
		memset(b, 0, sizeof b);
		why_a = why_b = "";
		got = json_lines_parse(known, p, at, &end_a, a, &why_a);
		fresh = json_reader_new();
		json_lines_open(fresh, text);
		assert_int_equal(
		    json_lines_parse(fresh, p, at, &end_b, b, &why_b), got);
		assert_int_equal(end_a, end_b);
		assert_string_equal(why_a, why_b);
		for (i = 0; got == JSON_OK && i < SLOTS; i++)
			same_value(&a[i], &b[i]);
		good += got == JSON_OK;
		json_reader_free(fresh);
	}
	json_reader_free(known);
	return good;
}

static void
what_was_seen_changes_no_answer(void **state)
{
	struct prop r = prop_seeded(11);
	struct json_plan *p;
	struct buf b = { 0 };
	unsigned good = 0;
	size_t n;
	char *exact;
	int k, i;

	(void)state;
	for (k = 0; k < ROUNDS; k++) {
		buf_reset(&b);
		for (i = 0; i < LINES / (k % 8 + 1); i++)
			line_add(&r, &b);
		/* cut anywhere, and what follows is more of the same */
		n = b.n - prop_below(&r, b.n < 60 ? b.n : 60);
		exact = malloc(n + JSON_PADDING_BYTES);
		assert_non_null(exact);
		memcpy(exact, b.p, n);
		for (i = 0; i < JSON_PADDING_BYTES; i++)
			exact[n + (size_t)i] = k % 3 == 0
						   ? "1234567890\"},"[i % 13]
						   : b.p[(n + (size_t)i) % b.n];
		p = plan_of(k % 2 == 0 ? 6 : SLOTS);
		good += lines_compare(p, (struct span){ exact, n });
		json_plan_free(p);
		free(exact);
	}
	buf_clear(&b);
	assert_true(good > ROUNDS * 20);
}

/* More keys and shapes than are kept. */
static void
what_is_remembered_has_a_bound(void **state)
{
	struct json_plan *p = plan_of(6);
	struct buf b = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 4000; i++)
		(void)buf_printf(&b,
		    "{\"k%d\":1,\"id\":\"a\",\"in\":{\"x\":%d}}\n", i, i % 7);
	(void)buf_room(&b, JSON_PADDING_BYTES);
	assert_int_equal(lines_compare(p, buf_as_span(&b)), 4000);
	buf_clear(&b);
	json_plan_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_seen_changes_no_answer),
		cmocka_unit_test(what_is_remembered_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
