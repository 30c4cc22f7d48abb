/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our reading of JSON held against libsimdjson's. */
#include "fixtures/test.h"
#include "ingest/test/json_compare.h"

static void
same(struct compare *c, const char *text, size_t n)
{
	struct span s = { text, n };

	if (!compare_whole(c, s))
		fail_msg("%s: %.*s", c->why, (int)n, text);
}

static void
texts_of_every_kind_are_read_alike(void **state)
{
	static const char *const texts[] = { "", " ", "{}", "[]", " [ ] ",
		"{ }", "1", "-0", "-0.0", "0", "01", "-", "1.", ".5", "1e",
		"1e+", "1e5", "1E-5", "1e400", "-1e400", "1e-400", "[1,]",
		"[,1]", "{,}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{1:2}",
		"{\"a\"}", "{\"a\",1}", "{\"a\":}", "[1}", "]", "}", "[", "{",
		"{\"a\":{", "[[", "1 2", "[1:2]", "[1 2]", "tru", "truex",
		"nul", "[true,false,null]", "[truefalse]", "[nulls]", "[1a]",
		"[1\"a\"]", "[\"a\"x]", "[1]x", "[--1]", "[+1]", "[1e5x]",
		"[12.5.5]", "\"", "\"a", "\"a\\", "\"\\u12\"", "\"\\x\"",
		"\"\\u00e4\\n\\/\\\\\\\"\\b\\f\\r\\t\\u0000\"", "\"\\ud83d\"",
		"\"\\ud83d\\ude00\"", "\"\\ude00\"", "\"\\ud83dx\"",
		"\"\\ud83d\\u0041\"", "\"\\ud83d\\ud83d\"",
		"\"\\udbff\\udfff\"", "\"\\uD83D\\uDE00\"", "\"a\tb\"",
		"[\"a\x01\"]", "[\"\x7f\"]", "\"\xc3\xa4\"", "\"\xff\"",
		"[\"\xed\xa0\x80\"]", "[\xc3\xa4]", "\xef\xbb\xbf{}",
		"{\"a\\\":1}", "\\\"\"", "{\"a\":\"\\\"}", "[\"a\\\\\"]",
		"{\"a\\u0062\":1,\"\\ud800\":2}", "18446744073709551615",
		"18446744073709551616", "9223372036854775807",
		"9223372036854775808", "-9223372036854775808",
		"-9223372036854775809", "12345678901234567890123",
		"[12345678901234567890123.0]", "12345678", "-123456789",
		"1234567890123456", "12345678901234567", "0e99999999999999999",
		"1e-99999999999999999999", "1e99999999999999999999",
		"0.000000000000000000000000000001", "9007199254740993.0",
		"2.2250738585072011e-308", "5e-324", "2.4703282292062327e-324",
		"1.7976931348623158e308", "1.7976931348623159e308",
		"{\"a\":1}\r", "\t{\"a\" :\r1 } ", "{\"a\" \x0c:1}",
		"[1,2,3,4,5,6,7,[8],{\"x\":[]}]" };
	struct compare c;
	size_t i;

	(void)state;
	compare_open(&c);
	for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
		same(&c, texts[i], strlen(texts[i]));
	same(&c, "1\0", 2);
	same(&c, "[1]\0", 4);
	same(&c, "\"\0\"", 3);
	compare_close(&c);
}

static void
nesting_ends_at_the_same_depth(void **state)
{
	static const char *const open[] = { "[", "{\"a\":" };
	struct buf b = { 0 };
	struct compare c;
	int depth, kind, i;

	(void)state;
	compare_open(&c);
	for (depth = JSON_DEPTH_MAX - 3; depth < JSON_DEPTH_MAX + 3; depth++)
		for (kind = 0; kind < 4; kind++) {
			buf_reset(&b);
			for (i = 0; i < depth; i++)
				(void)buf_str(&b, open[kind % 2]);
			(void)buf_str(&b, kind < 2 ? "1" : "[ ]");
			for (i = 0; i < depth; i++)
				(void)buf_char(&b, kind % 2 == 0 ? ']' : '}');
			same(&c, b.p, b.n);
		}
	compare_close(&c);
	buf_clear(&b);
}

/* ---- random documents ------------------------------------------------------ */

static void
random_string(struct prop *p, struct buf *b)
{
	static const char *const parts[] = { "a", "bc", "def", "ghijklmno", " ",
		"\\n", "\\\"", "\\\\", "\\u00e4", "\\ud83d\\ude00", "\xc3\xa4",
		"\xe5\x90\x8c\xe6\x84\x8f", "\xf0\x9f\x98\x80", "0", ":", ",",
		"{", "]", "0123456789012345678901234567890123456789" };
	size_t n = prop_below(p, 5);

	(void)buf_char(b, '"');
	while (n-- > 0)
		(void)buf_str(
		    b, parts[prop_below(p, sizeof parts / sizeof parts[0])]);
	(void)buf_char(b, '"');
}

static void
random_number(struct prop *p, struct buf *b)
{
	size_t n = 1 + prop_below(p, prop_below(p, 8) == 0 ? 30 : 6);

	if (prop_below(p, 4) == 0)
		(void)buf_char(b, '-');
	(void)buf_printf(b, "%d", (int)prop_below(p, 10));
	if (b->p[b->n - 1] != '0')
		for (; n > 1; n--)
			(void)buf_char(b, (char)('0' + prop_below(p, 10)));
	if (prop_below(p, 3) == 0)
		(void)buf_printf(b, ".%llu",
		    (unsigned long long)(prop_next(p) >> prop_below(p, 64)));
	if (prop_below(p, 5) == 0)
		(void)buf_printf(b, "%c%s%d", prop_below(p, 2) ? 'e' : 'E',
		    prop_below(p, 2) ? "" : "-", (int)prop_below(p, 330));
}

static void
random_space(struct prop *p, struct buf *b)
{
	if (prop_below(p, 6) == 0)
		(void)buf_char(b, " \t\r "[prop_below(p, 4)]);
}

static void
random_value(struct prop *p, struct buf *b, int depth)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t n = prop_below(p, 5), kind = prop_below(p, depth > 4 ? 4 : 7), i;

	random_space(p, b);
	if (kind < 2) {
		random_string(p, b);
	} else if (kind == 2) {
		random_number(p, b);
	} else if (kind == 3) {
		(void)buf_str(b, words[prop_below(p, 3)]);
	} else {
		(void)buf_char(b, kind == 4 ? '[' : '{');
		for (i = 0; i < n; i++) {
			(void)buf_str(b, i > 0 ? "," : "");
			random_space(p, b);
			if (kind != 4) {
				random_string(p, b);
				random_space(p, b);
				(void)buf_char(b, ':');
			}
			random_value(p, b, depth + 1);
		}
		(void)buf_char(b, kind == 4 ? ']' : '}');
	}
	random_space(p, b);
}

static void
random_damage(struct prop *p, struct buf *b)
{
	static const char bytes[] =
	    "\"\\{}[],:0123456789.eE+-tfnul \n\t\x01\x80\xc3\xed\xf4\xff";
	size_t at = prop_below(p, b->n);

	switch (prop_below(p, 4)) {
	case 0:
		b->n = at;
		break;
	case 1:
		memmove(b->p + at, b->p + at + 1, b->n - at - 1);
		b->n--;
		break;
	case 2:
		b->p[at] = bytes[prop_below(p, sizeof bytes - 1)];
		break;
	default:
		(void)buf_char(b, ' ');
		memmove(b->p + at + 1, b->p + at, b->n - at - 1);
		b->p[at] = bytes[prop_below(p, sizeof bytes - 1)];
	}
}

static void
random_documents_are_read_alike(void **state)
{
	struct prop p = prop_seeded(21);
	struct buf b = { 0 };
	struct compare c;
	size_t i, n;

	(void)state;
	compare_open(&c);
	for (i = 0; i < 60000; i++) {
		buf_reset(&b);
		random_value(&p, &b, 0);
		for (n = prop_below(&p, 4); n > 1 && b.n > 0; n--)
			random_damage(&p, &b);
		same(&c, b.p, b.n);
	}
	compare_close(&c);
	buf_clear(&b);
}

/* Strings and documents that go over the windows of the index. */
static void
windows_make_no_difference(void **state)
{
	static const size_t sizes[] = { 1, 30, 500, 5000, 16000, 16383, 16384,
		16385, 40000 };
	struct prop p = prop_seeded(22);
	struct buf b = { 0 };
	struct compare c;
	size_t i, k, n;

	(void)state;
	compare_open(&c);
	for (i = 0; i < 300; i++) {
		buf_reset(&b);
		(void)buf_char(&b, '[');
		for (k = 0; k < 6; k++) {
			(void)buf_char(&b, '"');
			n = sizes[prop_below(&p, 9)] + prop_below(&p, 3);
			for (; n > 0; n--)
				(void)buf_char(&b, 'x');
			if (prop_below(&p, 4) == 0)
				(void)buf_str(&b, "\\n\xc3\xa4");
			(void)buf_str(&b, "\",");
			random_value(&p, &b, 2);
			(void)buf_char(&b, k < 5 ? ',' : ']');
		}
		if (prop_below(&p, 4) == 0)
			random_damage(&p, &b);
		same(&c, b.p, b.n);
	}
	compare_close(&c);
	buf_clear(&b);
}

/* Many lines in one text, good and bad, over many windows. */
static void
lines_are_read_as_documents(void **state)
{
	struct prop p = prop_seeded(25);
	struct buf b = { 0 }, one = { 0 };
	struct compare c, single;
	struct value v, w;
	const char *why, *single_why;
	size_t at, end, lines = 0;
	struct span line;

	(void)state;
	compare_open(&c);
	compare_open(&single);
	while (b.n < 2000000) {
		buf_reset(&one);
		random_value(&p, &one, 0);
		while (prop_below(&p, 3) == 0 && one.n > 0)
			random_damage(&p, &one);
		if (memchr(one.p, '\n', one.n) == NULL) {
			(void)buf_span(&b, buf_as_span(&one));
			(void)buf_char(&b, '\n');
		}
	}
	(void)buf_room(&b, JSON_PADDING_BYTES);
	json_lines_open(c.reader, buf_as_span(&b));
	for (at = 0; at < b.n; at = end + 1, lines++) {
		enum json_result got =
		    json_lines_parse(c.reader, c.plan, at, &end, &v, &why);

		assert_true(end < b.n && b.p[end] == '\n');
		line.p = b.p + at;
		line.n = end - at;
		assert_null(memchr(line.p, '\n', line.n));
		assert_int_equal(got, json_parse(single.reader, single.plan,
					  line, &w, &single_why));
		if (got != JSON_OK) {
			assert_string_equal(why, single_why);
			continue;
		}
		buf_reset(&c.ours);
		buf_reset(&single.ours);
		compare_dump(&c, &v);
		compare_dump(&single, &w);
		assert_true(
		    span_eq(buf_as_span(&c.ours), buf_as_span(&single.ours)));
	}
	assert_true(lines > 10000);
	compare_close(&c);
	compare_close(&single);
	buf_clear(&b);
	buf_clear(&one);
}

/* ---- numbers and UTF-8 ------------------------------------------------------- */

static double
double_of(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof d);
	return d;
}

/* Doubles of all sizes, of few digits, and powers of two. */
static double
random_double(struct prop *p)
{
	switch (prop_below(p, 5)) {
	case 0:
		return ldexp(1, (int)prop_below(p, 2098) - 1074);
	case 1:
		return (double)(int64_t)(prop_next(p) >> prop_below(p, 64)) /
		       pow(10, (double)prop_below(p, 12));
	case 2:
		return double_of(prop_next(p) >> (12 + prop_below(p, 52)));
	case 3:
		return (double)(prop_next(p) >> prop_below(p, 64));
	default:
		return double_of(prop_next(p));
	}
}

static void
doubles_are_written_and_read_alike(void **state)
{
	struct prop p = prop_seeded(23);
	char ours[JSON_DOUBLE_BYTES], theirs[400];
	struct compare c;
	size_t i, n, m;
	double d;

	(void)state;
	compare_open(&c);
	for (i = 0; i < 60000; i++) {
		d = random_double(&p);
		if (isnan(d) || isinf(d))
			continue;
		n = json_double_text(d, ours);
		m = json_oracle_double(d, theirs, sizeof theirs - 2);
		if (n != m || memcmp(ours, theirs, n) != 0)
			fail_msg(
			    "%.*s, not %.*s", (int)n, ours, (int)m, theirs);
		same(&c, ours, n);
		n = (size_t)snprintf(
		    theirs, sizeof theirs, "%.*e", (int)prop_below(&p, 40), d);
		same(&c, theirs, n);
	}
	compare_close(&c);
}

/* Characters of all lengths in a row, one byte perhaps wrong. */
static size_t
random_utf8(struct prop *p, char *text, size_t most)
{
	static const char *const parts[] = { "a", "\x7f", "\xc2\x80",
		"\xdf\xbf", "\xe0\xa0\x80", "\xe5\x90\x8c", "\xed\x9f\xbf",
		"\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf" };
	size_t n = 0, part;

	while (n + 4 <= most && prop_below(p, 60) != 0) {
		part = prop_below(p, sizeof parts / sizeof parts[0]);
		memcpy(text + n, parts[part], strlen(parts[part]));
		n += strlen(parts[part]);
	}
	if (n > 0 && prop_below(p, 2) == 0)
		text[prop_below(p, n)] = (char)prop_next(p);
	if (n > 0 && prop_below(p, 4) == 0)
		n--;
	return n;
}

static void
utf8_is_checked_alike(void **state)
{
	static const unsigned char bytes[] = { 'a', 'b', 0x7f, 0x80, 0x8f, 0x90,
		0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec,
		0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff };
	struct prop p = prop_seeded(24);
	char text[128];
	size_t i, k, n, ascii;
	struct span s;

	(void)state;
	for (i = 0; i < 300000; i++) {
		n = prop_below(&p, 6);
		ascii = prop_below(&p, 70);
		memset(text, 'a', sizeof text);
		for (k = ascii; k < ascii + n; k++)
			text[k] = (char)bytes[prop_below(&p, sizeof bytes)];
		s.p = text;
		s.n = ascii + n + prop_below(&p, 2) * prop_below(&p, 50);
		if (json_utf8_is_valid(s) !=
		    (json_oracle_is_utf8(s.p, s.n) != 0))
			fail_msg("case %zu", i);
		s.n = random_utf8(&p, text, sizeof text);
		if (json_utf8_is_valid(s) !=
		    (json_oracle_is_utf8(s.p, s.n) != 0))
			fail_msg("text of case %zu", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_of_every_kind_are_read_alike),
		cmocka_unit_test(nesting_ends_at_the_same_depth),
		cmocka_unit_test(random_documents_are_read_alike),
		cmocka_unit_test(windows_make_no_difference),
		cmocka_unit_test(lines_are_read_as_documents),
		cmocka_unit_test(doubles_are_written_and_read_alike),
		cmocka_unit_test(utf8_is_checked_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
