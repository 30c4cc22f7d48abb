/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is JSON and what is not (RFC 8259), wherever JSON is read: on a line,
 * in a document, as a document, and inside a string.  The texts are our own,
 * made along the grammar.
 */
#include "ingest/test/record_run.h"

#include "ingest/json.h"

struct text {
	bool good;
	const char *p;
	size_t n; /* 0: up to the end of p */
};

#define GOOD(t)                        \
	{                              \
		true, t, sizeof(t) - 1 \
	}
#define BAD(t)                          \
	{                               \
		false, t, sizeof(t) - 1 \
	}

/* Each stands where a value of a member may: {"v":TEXT}. */
static const struct text values[] = {
	/* words */
	GOOD("true"),
	GOOD("false"),
	GOOD("null"),
	BAD("True"),
	BAD("TRUE"),
	BAD("nul"),
	BAD("nulll"),
	BAD("undefined"),
	BAD("None"),
	BAD("yes"),
	BAD("tru e"),
	BAD("truefalse"),
	/* numbers */
	GOOD("0"),
	GOOD("-0"),
	GOOD("1"),
	GOOD("-1"),
	GOOD("10"),
	GOOD("1234567890"),
	GOOD("0.5"),
	GOOD("-0.5"),
	GOOD("1.0"),
	GOOD("1.5e3"),
	GOOD("1e3"),
	GOOD("1E3"),
	GOOD("1e+3"),
	GOOD("1e-3"),
	GOOD("0e0"),
	GOOD("0.0e-0"),
	GOOD("-0.0"),
	GOOD("1e-400"),
	GOOD("9223372036854775807"),
	GOOD("-9223372036854775808"),
	GOOD("18446744073709551615"),
	GOOD("123456789012345678901.0"),
	BAD("01"),
	BAD("-01"),
	BAD("00"),
	BAD("00.5"),
	BAD("1."),
	BAD(".5"),
	BAD("-.5"),
	BAD("-"),
	BAD("--1"),
	BAD("+1"),
	BAD("+"),
	BAD("1e"),
	BAD("1e+"),
	BAD("1e-"),
	BAD("1E"),
	BAD("e1"),
	BAD("1.e1"),
	BAD("1.5.5"),
	BAD("1e5.5"),
	BAD("1e5e5"),
	BAD("1 000"),
	BAD("1_000"),
	BAD("0x10"),
	BAD("0b1"),
	BAD("0o7"),
	BAD("1f"),
	BAD("1a"),
	BAD("NaN"),
	BAD("-NaN"),
	BAD("nan"),
	BAD("Infinity"),
	BAD("-Infinity"),
	BAD("inf"),
	BAD("1,5"),
	BAD("1-"),
	BAD("1+1"),
	BAD("\xef\xbc\x91"),
	GOOD("18446744073709551616"),
	GOOD("-9223372036854775809"),
	GOOD("1e400"),
	GOOD("-1e400"),
	GOOD("12345678901234567890123456789012345678901234567890"),
	/* strings */
	GOOD("\"\""),
	GOOD("\"a\""),
	GOOD("\" \""),
	GOOD("\"'\""),
	GOOD("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
	GOOD("\"\\u0041\""),
	GOOD("\"\\u00e4\\u00E4\""),
	GOOD("\"\\u0000\""),
	GOOD("\"\\u001f\""),
	GOOD("\"\\ud83d\\ude00\""),
	GOOD("\"\\uD83D\\uDE00\""),
	GOOD("\"\\udbff\\udfff\""),
	GOOD("\"\\ufffe\\uffff\""),
	GOOD("\"\x7f\""),
	GOOD("\"\xc2\x80\""),
	GOOD("\"\xc3\xa4\""),
	GOOD("\"\xe5\x90\x8c\""),
	GOOD("\"\xef\xbf\xbf\""),
	GOOD("\"\xf0\x9f\x98\x80\""),
	GOOD("\"\xf4\x8f\xbf\xbf\""),
	GOOD("\"\xe2\x80\xa8\""),
	GOOD("\"\xef\xbb\xbf\""),
	GOOD("\"//\""),
	GOOD("\"/* */\""),
	GOOD("\"[\""),
	GOOD("\"}\""),
	BAD("'a'"),
	BAD("a"),
	BAD("\"a"),
	BAD("a\""),
	BAD("\""),
	BAD("\"\"\""),
	BAD("\"a\"b"),
	BAD("\"a\" \"b\""),
	BAD("\"\\\""),
	BAD("\"\\a\""),
	BAD("\"\\'\""),
	BAD("\"\\0\""),
	BAD("\"\\x41\""),
	BAD("\"\\U0041\""),
	BAD("\"\\u\""),
	BAD("\"\\u004\""),
	BAD("\"\\u004g\""),
	BAD("\"\\u 041\""),
	BAD("\"\\u+041\""),
	BAD("\"\\ud83d\""),
	BAD("\"\\ude00\""),
	BAD("\"\\ude00\\ud83d\""),
	BAD("\"\\ud83dx\""),
	BAD("\"\\ud83d\\n\""),
	BAD("\"\\ud83d\\u0041\""),
	BAD("\"\\ud83d\\ud83d\""),
	BAD("\"\t\""),
	BAD("\"\r\""),
	BAD("\"\x01\""),
	BAD("\"\x1f\""),
	BAD("\"\0\""),
	BAD("\"\x80\""),
	BAD("\"\xbf\""),
	BAD("\"\xc0\x80\""),
	BAD("\"\xc1\xbf\""),
	BAD("\"\xe0\x80\x80\""),
	BAD("\"\xe0\x9f\xbf\""),
	BAD("\"\xf0\x80\x80\x80\""),
	BAD("\"\xf0\x8f\xbf\xbf\""),
	BAD("\"\xed\xa0\x80\""),
	BAD("\"\xed\xbf\xbf\""),
	BAD("\"\xed\xa0\xbd\xed\xb8\x80\""),
	BAD("\"\xf4\x90\x80\x80\""),
	BAD("\"\xf5\x80\x80\x80\""),
	BAD("\"\xf8\x88\x80\x80\x80\""),
	BAD("\"\xfe\""),
	BAD("\"\xff\""),
	BAD("\"\xc3\""),
	BAD("\"\xe5\x90\""),
	BAD("\"\xf0\x9f\x98\""),
	BAD("\"\xc3\x28\""),
	BAD("\"\xe5\x28\x8c\""),
	/* arrays */
	GOOD("[]"),
	GOOD("[ ]"),
	GOOD("[1]"),
	GOOD("[1,2]"),
	GOOD("[ 1 , 2 ]"),
	GOOD("[[]]"),
	GOOD("[[],[]]"),
	GOOD("[{}]"),
	GOOD("[null,\"\",0]"),
	BAD("["),
	BAD("]"),
	BAD("[1"),
	BAD("[1,"),
	BAD("[1,]"),
	BAD("[,]"),
	BAD("[,1]"),
	BAD("[1,,2]"),
	BAD("[1 2]"),
	BAD("[1;2]"),
	BAD("[1:2]"),
	BAD("[1}"),
	BAD("[[]"),
	BAD("[]]"),
	BAD("[\"a\":1]"),
	BAD("[1]1"),
	BAD("(1)"),
	BAD("[1,/**/2]"),
	BAD("[1//\r]"),
	BAD("[#\r]"),
	BAD("[\x0c]"),
	BAD("[\x0b"
	    "1]"),
	BAD("[\xc2\xa0]"),
	BAD("[\xe2\x80\xa8]"),
	BAD("[\xef\xbb\xbf]"),
	BAD("[\0]"),
	BAD("[*]"),
	/* objects */
	GOOD("{}"),
	GOOD("{ }"),
	GOOD("{\"\":0}"),
	GOOD("{\"a\":1,\"b\":2}"),
	GOOD("{ \"a\" : 1 }"),
	GOOD("{\"a\":{\"a\":{}}}"),
	GOOD("{\"a\":1,\"a\":2}"),
	GOOD("{\"\\u0061\":1}"),
	BAD("{"),
	BAD("}"),
	BAD("{\"a\""),
	BAD("{\"a\":"),
	BAD("{\"a\":1"),
	BAD("{\"a\":1,"),
	BAD("{\"a\":1,}"),
	BAD("{,}"),
	BAD("{\"a\":1,,}"),
	BAD("{\"a\":1 \"b\":2}"),
	BAD("{\"a\" 1}"),
	BAD("{\"a\",1}"),
	BAD("{\"a\"::1}"),
	BAD("{\"a\"=1}"),
	BAD("{\"a\"}"),
	BAD("{a:1}"),
	BAD("{'a':1}"),
	BAD("{1:1}"),
	BAD("{null:1}"),
	BAD("{:1}"),
	BAD("{\"a\":}"),
	BAD("{\"a\":1]"),
	BAD("{\"a\":1}}"),
	BAD("{\"a\":1}{}"),
	BAD("{[]:1}"),
	BAD("{\"a\":1;\"b\":2}"),
	/* nothing, and more than one */
	BAD(""),
	BAD(" "),
	BAD("1 2"),
	BAD("1,2"),
	BAD("//"),
	BAD("/**/1"),
	BAD("1/**/"),
	BAD("1#"),
	BAD("$"),
	BAD("\\"),
	BAD("\\u0031"),
	GOOD(" 1 "),
	GOOD("\t1\r"),
	GOOD("\r\t {} \t"),
};

#define TIME  "[time]\nfrom = /t\nformat = epoch_us\n[kind]\nalways = scroll\n"
#define LABEL "[fields]\nlabel = /ok\n"
#define HEAD  "[format]\nname = x\nversion = 1\ncontainer = "

/* Whether the record that `b` holds was read: exactly one must come out. */
static bool
is_read(const struct map *m, const struct buf *b, const char *label)
{
	struct run whole, cut;
	bool good;

	run_input(&whole, m, RECORD_UTF8, buf_as_span(b), 0);
	run_input(&cut, m, RECORD_UTF8, buf_as_span(b), 1);
	run_same(&whole, &cut, b);
	good = whole.tally.records == 1 && whole.tally.mapped == 1 &&
	       strstr(whole.out.p, label) != NULL;
	run_clear(&whole);
	run_clear(&cut);
	return good;
}

/* The value in an object, between `head` and `tail`. */
static void
object(struct buf *b, const char *head, const struct text *t, const char *tail)
{
	buf_reset(b);
	(void)buf_str(b, head);
	(void)buf_str(b, "{\"t\":0,\"ok\":\"yes\",\"v\":");
	(void)buf_add(b, t->p, t->n);
	(void)buf_str(b, "}");
	(void)buf_str(b, tail);
}

static void
check(
    const struct map *m, const char *where, const char *head, const char *tail)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof values / sizeof values[0]; i++) {
		object(&b, head, &values[i], tail);
		if (is_read(m, &b, "label=yes") != values[i].good)
			fail_msg("%s: %s is taken for %s JSON", where, b.p,
			    values[i].good ? "no" : "");
	}
	buf_clear(&b);
}

static void
on_a_line(void **state)
{
	struct map *m = run_map(HEAD "jsonl\n" TIME LABEL);

	(void)state;
	check(m, "jsonl", "", "\n");
	map_free(m);
}

static void
in_a_document(void **state)
{
	struct map *m = run_map(HEAD "json\n" TIME LABEL);
	struct map *deep = run_map(HEAD "json\nrecords = /l\n" TIME LABEL);

	(void)state;
	check(m, "json", "[", "]");
	check(deep, "json below a path", "{\"l\":[", "]}");
	map_free(m);
	map_free(deep);
}

static void
as_a_document(void **state)
{
	struct map *m = run_map(HEAD "json\nrecords = document\n" TIME LABEL);

	(void)state;
	check(m, "document", "", "");
	check(m, "document", "\xef\xbb\xbf \r\n", "\n\n");
	map_free(m);
}

/* Escaped into a string; bytes that are no UTF-8 cannot get there. */
static void
inside_a_string(void **state)
{
	struct map *m =
	    run_map(HEAD "jsonl\n" TIME "[fields]\nlabel = /s > json /ok\n");
	struct buf inner = { 0 }, b = { 0 };
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof values / sizeof values[0]; i++) {
		object(&inner, "", &values[i], "");
		if (!json_utf8_is_valid(buf_as_span(&inner)))
			continue;
		buf_reset(&b);
		(void)buf_str(&b, "{\"t\":0,\"s\":\"");
		for (k = 0; k < inner.n; k++) {
			char c = inner.p[k];

			if (c == '"' || c == '\\')
				(void)buf_printf(&b, "\\%c", c);
			else if ((unsigned char)c < 0x20)
				(void)buf_printf(&b, "\\u%04x", (unsigned)c);
			else
				(void)buf_char(&b, c);
		}
		(void)buf_str(&b, "\"}\n");
		if (is_read(m, &b, "label=yes") != values[i].good)
			fail_msg("> json: %s is taken for %s JSON", inner.p,
			    values[i].good ? "no" : "");
	}
	buf_clear(&inner);
	buf_clear(&b);
	map_free(m);
}

static void
there_are_enough_of_them(void **state)
{
	(void)state;
	assert_true(sizeof values / sizeof values[0] > 200);
}

/* ---- depth, documents ------------------------------------------------------- */

static void
depth_has_a_bound(void **state)
{
	struct map *m = run_map(HEAD "jsonl\n" TIME LABEL);
	struct map *doc = run_map(HEAD "json\nrecords = document\n" TIME LABEL);
	struct buf b = { 0 };
	int depth, k;

	(void)state;
	/* the object around is one level, and the innermost is empty */
	for (depth = JSON_DEPTH_MAX - 2; depth < JSON_DEPTH_MAX + 2; depth++) {
		buf_reset(&b);
		(void)buf_str(&b, "{\"t\":0,\"ok\":\"yes\",\"v\":");
		for (k = 0; k < depth; k++)
			(void)buf_char(&b, '[');
		for (k = 0; k < depth; k++)
			(void)buf_char(&b, ']');
		(void)buf_str(&b, "}\n");
		assert_true(
		    is_read(m, &b, "label=yes") == (depth < JSON_DEPTH_MAX));
		assert_true(
		    is_read(doc, &b, "label=yes") == (depth < JSON_DEPTH_MAX));
	}
	/* nothing but brackets, and no end */
	buf_reset(&b);
	for (k = 0; k < 300000; k++)
		(void)buf_char(&b, k % 2 == 0 ? '[' : '{');
	(void)buf_str(&b, "\n");
	assert_false(is_read(m, &b, ""));
	buf_clear(&b);
	map_free(m);
	map_free(doc);
}

#define OUT " kind=scroll time=1970-01-01T00:00:00Z precision=us"

static void
documents_may_follow_each_other_anyhow(void **state)
{
	(void)state;
	run_expect(HEAD "json\nrecords = document\n" TIME LABEL,
	    "\xef\xbb\xbf{\n  \"t\" : 0,\n  \"ok\" : \"a\"\n}\n"
	    "{\"t\":0,\"ok\":\"b\"}{\"t\":0,\"ok\":\"c\"}\r\n\r\n"
	    "[{\"t\":0}]\n17\n{\"t\":0,\"ok\":}\n{\"t\":0,\"ok\":\"d\"\n\n}",
	    "3+27" OUT " label=a\n"
	    "31+16" OUT " label=b\n"
	    "47+16" OUT " label=c\n"
	    "67+9 !not a JSON object\n"
	    "77+2 !not a JSON object\n"
	    "80+13 !invalid JSON: bad structure\n"
	    "94+18" OUT " label=d\n");
	run_expect(HEAD "json\nrecords = document\n" TIME LABEL,
	    "{\"t\":0}}\n{\"t\":0,\n \"ok\":[1]\n",
	    "0+7" OUT "\n"
	    "7+1 !invalid JSON: bad structure\n"
	    "9+18 !invalid JSON: bad structure\n");
	run_expect(HEAD "json\nrecords = objects\n" TIME LABEL,
	    "{\n  \"t\" : 0,\n  \"ok\" : \"a\"\n}\n"
	    "[{\"t\":0,\"ok\":\"b\"}, 7,\n{\"t\":0,\"ok\":\"c\"}]\n[]"
	    "{\"t\":0,\"ok\":\"d\"}\n[{\"t\":0,}]\n[[{\"t\":0}]]\n"
	    "{\"t\":0,\"ok\":\"e\"}\n",
	    "0+27" OUT " label=a\n"
	    "29+16" OUT " label=b\n"
	    "47+1 !not a JSON object\n"
	    "50+16" OUT " label=c\n"
	    "70+16" OUT " label=d\n"
	    "88+8 !invalid JSON: bad structure\n"
	    "99+9 !not a JSON object\n"
	    "110+16" OUT " label=e\n");
	/* arrays of records do the same */
	run_expect(HEAD "json\n" TIME LABEL,
	    "[{\"t\":0}]\n[]\n[\n {\"t\":0,\"ok\":\"b\"}\n]",
	    "1+7" OUT "\n"
	    "16+16" OUT " label=b\n");
}

static void
a_key_that_is_read_must_stand_once(void **state)
{
	(void)state;
	run_expect(HEAD "jsonl\n" TIME LABEL,
	    "{\"t\":0,\"x\":1,\"x\":2}\n"
	    "{\"t\":0,\"ok\":\"a\",\"ok\":\"a\"}\n"
	    "{\"t\":0,\"ok\":\"a\",\"\\u006fk\":\"b\"}\n",
	    "@" OUT "\n"
	    "@ !a key that the mapping reads stands twice\n"
	    "@ !a key that the mapping reads stands twice\n");
}

/* One too long costs the rest, for where it ends nobody knows. */
static void
a_document_has_a_bound(void **state)
{
	struct map *m = run_map(HEAD "json\nrecords = document\n" TIME LABEL);
	struct buf b = { 0 };
	struct run r;
	char want[160];

	(void)state;
	(void)buf_str(&b, "{\"t\":0}\n{\"ok\":\"");
	while (b.n < RECORD_MAX_BYTES + 100000)
		(void)buf_str(&b, "0123456789abcdef");
	(void)buf_str(&b, "\"}\n{\"t\":0}\n");
	(void)snprintf(want, sizeof want,
	    "0+7" OUT "\n8+%d !record is too long\n", RECORD_MAX_BYTES);
	run_input(&r, m, RECORD_UTF8, buf_as_span(&b), 4096 * 1024);
	assert_string_equal(r.out.p, want);
	run_clear(&r);
	run_input(&r, m, RECORD_UTF8, buf_as_span(&b), 0);
	assert_string_equal(r.out.p, want);
	run_clear(&r);
	buf_clear(&b);
	map_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_a_line),
		cmocka_unit_test(in_a_document),
		cmocka_unit_test(as_a_document),
		cmocka_unit_test(inside_a_string),
		cmocka_unit_test(there_are_enough_of_them),
		cmocka_unit_test(depth_has_a_bound),
		cmocka_unit_test(documents_may_follow_each_other_anyhow),
		cmocka_unit_test(a_key_that_is_read_must_stand_once),
		cmocka_unit_test(a_document_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
