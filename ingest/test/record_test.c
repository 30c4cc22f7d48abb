/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/test/record_run.h"

#include "ingest/json.h"

#define HEAD                                                       \
	"[format]\nname = t\nversion = 1\ncontainer = jsonl\n"     \
	"[time]\nfrom = /t\nformat = rfc3339\nformat = epoch_us\n" \
	"[kind]\nfrom = /k\n[fields]\n"

#define T   "\"t\":0,\"k\":\"scroll\""
#define OUT " kind=scroll time=1970-01-01T00:00:00Z precision=us"

static void
only_the_malformed_line_is_rejected(void **state)
{
	(void)state;
	run_expect(HEAD "actor = /a\n",
	    "{" T ",\"a\":\"u1\"}\n"
	    "{" T ",\"a\":\"u2\"\n"
	    "\n"
	    "  \r\n"
	    "{" T ",\"a\":\"u3\"}\r\n"
	    "garbage\n"
	    "{" T ",\"a\":\"u4\"} {" T "}\n"
	    "[1]\n"
	    "{" T ",\n\"a\":\"u5\"}\n"
	    "{" T ",\"a\":\"\xff\"}\n"
	    "{" T ",\"a\":\"u6\"}",
	    "0+29" OUT " actor=u1\n"
	    "30+28 !invalid JSON: bad structure\n"
	    "64+29" OUT " actor=u3\n"
	    "95+7 !not a JSON object\n"
	    "103+50 !invalid JSON: bad structure\n"
	    "154+3 !not a JSON object\n"
	    "158+20 !invalid JSON: bad structure\n"
	    "179+9 !not a JSON object\n"
	    "189+28 !invalid UTF-8\n"
	    "218+29" OUT " actor=u6\n");
}

static void
numbers_keep_their_digits(void **state)
{
	(void)state;
	run_expect(HEAD "actor = /a\ncount = /c\nfont_px = /f\n",
	    "{" T ",\"a\":9007199254740993,\"c\":9223372036854775807}\n"
	    "{" T ",\"a\":18446744073709551615,\"c\":1.0,\"f\":9.5}\n"
	    "{" T ",\"a\":13245.0,\"c\":1.5,\"f\":0.0000005}\n"
	    "{" T ",\"a\":-0.1,\"c\":\"-12\",\"f\":\"-0.0000005\"}\n"
	    "{" T ",\"a\":true,\"c\":true,\"f\":1e300}\n"
	    "{" T ",\"a\":null,\"c\":null,\"f\":1e-300}\n"
	    "{" T ",\"a\":[1],\"c\":{},\"f\":\"1e2\"}\n",
	    "0+65" OUT " count=9223372036854775807 "
	    "actor=9007199254740993\n"
	    "66+61" OUT " count=1 font_px=9500000 "
	    "actor=18446744073709551615\n"
	    "128+54" OUT " font_px=1 actor=13245.0\n"
	    "183+56" OUT " count=-12 font_px=-1 actor=-0.1\n"
	    "240+48" OUT " actor=true\n"
	    "289+49" OUT " font_px=0\n"
	    "339+45" OUT " font_px=100000000\n");
	/* no number is too large for an id, none is lost for one unread */
	run_expect(HEAD "actor = /a\ncount = /c\nfont_px = /f\n",
	    "{" T ",\"a\":340282366920938463463374607431768211456}\n"
	    "{" T ",\"a\":1E5,\"c\":1E5,\"x\":[18446744073709551616]}\n"
	    "{" T ",\"a\":10.10,\"c\":9007199254740993.0,\"x\":1e400}\n"
	    "{" T ",\"a\":-1e400,\"c\":1e400,\"f\":1e400}\n",
	    "0+64" OUT " actor=340282366920938463463374607431768211456\n"
	    "65+63" OUT " count=100000 actor=1E5\n"
	    "129+63" OUT " actor=10.10\n"
	    "193+51" OUT " actor=-1e400\n");
}

static void
a_field_of_an_unexpected_type_is_absent_and_counted(void **state)
{
	struct map *m =
	    run_map(HEAD "actor = /a\nrole = /r\nseq = /s\npurpose = /p\n"
			 "device = /d\n");
	struct run r;

	(void)state;
	run_input(&r, m, RECORD_UTF8,
	    span_of("{" T ",\"a\":{},\"r\":\"nonsense\",\"s\":\"x\","
		    "\"p\":{\"x\":1}}\n"
		    "{" T ",\"a\":null,\"d\":\"\"}\n"),
	    0);
	assert_int_equal(r.tally.mapped, 2);
	assert_int_equal(r.tally.fields_absent, 4);
	assert_string_equal(r.out.p, "0+62" OUT "\n63+36" OUT "\n");
	run_clear(&r);
	map_free(m);
}

static void
only_a_bad_time_or_kind_rejects_a_record(void **state)
{
	(void)state;
	run_expect(HEAD "actor = /a\n",
	    "{\"t\":\"2018-13-01T00:00:00Z\",\"k\":\"scroll\"}\n"
	    "{\"k\":\"scroll\"}\n"
	    "{\"t\":0}\n"
	    "{\"t\":0,\"k\":\"scrawl\"}\n"
	    "{\"t\":true,\"k\":\"scroll\"}\n"
	    "{\"t\":1e30,\"k\":\"scroll\"}\n",
	    "0+41 !time is not understood\n"
	    "42+14 !time is absent\n"
	    "57+7 !kind is absent or unknown\n"
	    "65+20 !kind is absent or unknown\n"
	    "86+23 !time is not understood\n"
	    "110+23 !time is not understood\n");
}

static void
a_record_of_a_controlled_test_needs_no_time(void **state)
{
	(void)state;
	run_expect(HEAD "phase = /p\n",
	    "{\"k\":\"data.egress\",\"p\":\"before_choice\"}\n",
	    "0+39 kind=data.egress phase=before_choice\n");
}

static void
a_wanted_key_that_stands_twice_is_ambiguous(void **state)
{
	(void)state;
	run_expect(HEAD "actor = /a\nscreen = /s/x\n",
	    "{" T ",\"a\":\"u1\",\"a\":\"u2\"}\n"
	    "{" T ",\"b\":1,\"b\":2}\n"
	    "{" T ",\"s\":{\"x\":\"1\"},\"s\":{}}\n"
	    "{" T ",\"a\":\"u1\"}\n",
	    "0+38 !a key that the mapping reads stands twice\n"
	    "39+32" OUT "\n"
	    "72+41 !a key that the mapping reads stands twice\n"
	    "114+29" OUT " actor=u1\n");
}

/* The ways to a field that do without its expression say what it says. */
static void
short_cuts_agree_with_expressions(void **state)
{
	static const char values[] =
	    "[values r]\nx = accept\ny = later\nz =\n1 = refuse\n"
	    "[values d]\nx = accept\n* = refuse\n"
	    "[values n]\nx = X\nz =\n1 = one\n"
	    "[values s]\nx = X\n* = *\n";
	static const char *const quick =
	    HEAD "seq = /q\nrole = /r > values r\nmethod = /m\n"
		 "screen = /r > values n\nlabel = /r > values s\n";
	static const char *const slow =
	    HEAD "seq = /q | /none\nrole = /r > values r | /none\n"
		 "method = /m | /none\nscreen = /r > values n | /none\n"
		 "label = /r > values s | /none\n";
	static const char *const tails[] = { "", "\"r\":\"x\"", "\"r\":\"y\"",
		"\"r\":\"z\"", "\"r\":\"w\"", "\"r\":\"\"", "\"r\":1",
		"\"r\":true", "\"r\":[]", "\"r\":null", "\"r\":\"-\"",
		"\"m\":\"app\"", "\"m\":\"ui\"", "\"m\":3", "\"q\":7",
		"\"q\":\"7\"", "\"q\":7.5", "\"q\":7.0", "\"q\":-9", "\"q\":{}",
		"\"q\":18446744073709551615" };
	struct buf map[2] = { { 0 } }, in = { 0 };
	struct map *m[2];
	struct run r[2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof tails / sizeof tails[0]; i++)
		(void)buf_printf(
		    &in, "{" T "%s%s}\n", i > 0 ? "," : "", tails[i]);
	for (i = 0; i < 2; i++) {
		(void)buf_printf(
		    &map[i], "%s%s", i == 0 ? quick : slow, values);
		m[i] = run_map(map[i].p);
		run_input(&r[i], m[i], RECORD_UTF8, buf_as_span(&in), 0);
	}
	assert_string_equal(r[0].out.p, r[1].out.p);
	assert_int_equal(r[0].tally.fields_absent, r[1].tally.fields_absent);
	assert_non_null(strstr(r[0].out.p, "role=accept"));
	assert_non_null(strstr(r[0].out.p, "screen=one"));
	assert_true(r[0].tally.fields_absent > 5);
	for (i = 0; i < 2; i++) {
		run_clear(&r[i]);
		map_free(m[i]);
		buf_clear(&map[i]);
	}
	buf_clear(&in);
}

static void
keys_may_come_in_any_order(void **state)
{
	(void)state;
	run_expect(HEAD "actor = /a\nscreen = /properties/$screen_name\n",
	    "{" T ",\"a\":\"u1\",\"properties\":{\"$screen_name\":\"s\"}}\n"
	    "{\"properties\":{\"other\":[{}],\"$screen_name\":\"s\"},"
	    "\"a\":\"u2\"," T "}\n"
	    "{\"x\":{\"a\":1},\"\":2," T ",\"a\":\"u3\"}\n",
	    "0+63" OUT " actor=u1 screen=s\n"
	    "64+76" OUT " actor=u2 screen=s\n"
	    "141+46" OUT " actor=u3\n");
}

static void
space_may_come_where_there_was_none(void **state)
{
	(void)state;
	run_expect(HEAD "actor = /a\n",
	    "{" T ",\"a\":\"u1\"}\n"
	    "{" T ",\"a\": \"u2\"}\n"
	    "{" T ",\"a\": 3 }\n"
	    "{" T ",\"a\":\t[] , \"b\":1}\n"
	    "{" T ",\"a\":}\n"
	    "{" T ",\"a\": }\n"
	    "{" T ",\"a\":\"u4\"}\n",
	    "0+29" OUT " actor=u1\n"
	    "30+30" OUT " actor=u2\n"
	    "61+28" OUT " actor=3\n"
	    "90+36" OUT "\n"
	    "127+25 !invalid JSON: bad structure\n"
	    "153+26 !invalid JSON: bad structure\n"
	    "180+29" OUT " actor=u4\n");
}

static void
strings_are_unescaped_and_lists_are_sets(void **state)
{
	(void)state;
	run_expect(HEAD "label = /l\npurpose = /p\n",
	    "{" T ",\"l\":\"\\u540c\\u610f \\\"x\\\"\","
	    "\"p\":[\"b\",\"a\",\"b\",7,null,\"\"]}\n"
	    "{" T ",\"p\":\"one\"}\n"
	    "{" T ",\"p\":[]}\n",
	    "0+73" OUT " label=同意 \"x\" purpose=7,a,b\n"
	    "74+30" OUT " purpose=one\n"
	    "105+27" OUT "\n");
}

static void
times_are_read_in_all_their_units(void **state)
{
	static const struct {
		const char *format, *time, *want;
	} cases[] = {
		{ "epoch_s", "1514941201",
		    "time=2018-01-03T01:00:01Z precision=second" },
		{ "epoch_s", "\"1514941201.120\"",
		    "time=2018-01-03T01:00:01.120Z precision=ms" },
		{ "epoch_s", "1514941201.12",
		    "time=2018-01-03T01:00:01.120Z precision=ms" },
		{ "epoch_ms", "1.514941201E12",
		    "time=2018-01-03T01:00:01Z precision=ms" },
		{ "epoch_ds", "15149412011",
		    "time=2018-01-03T01:00:01.100Z precision=decisecond" },
		{ "epoch_ns", "\"1514941201120456789\"",
		    "time=2018-01-03T01:00:01.120456Z precision=ns" },
		{ "epoch_us", "-1",
		    "time=1969-12-31T23:59:59.999999Z precision=us" },
		{ "rfc3339", "\"2018-01-03T09:00:01+08:00\"",
		    "time=2018-01-03T01:00:01Z zone=480 precision=second" },
		{ "rfc3339", "\"2018-01-03 09:00:01\"",
		    "time=2018-01-03T01:00:01Z precision=second" },
		{ "\"%d/%b/%Y:%H:%M:%S %z\"", "\"03/Jan/2018:09:00:01 +0800\"",
		    "time=2018-01-03T01:00:01Z zone=480 precision=second" },
		{ "\"%Y%m%d\"", "\"20180103\"",
		    "time=2018-01-02T16:00:00Z precision=day" },
		{ "\"%F %T.%f\"", "\"2018-01-03 09:00:01.1\"",
		    "time=2018-01-03T01:00:01.100Z precision=decisecond" },
		{ "\"%m/%d/%y %I:%M %p\"", "\"01/03/18 12:05 AM\"",
		    "time=2018-01-02T16:05:00Z precision=minute" },
	};
	char map[512], line[256], want[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(map, sizeof map,
		    "[format]\nname = t\nversion = 1\ncontainer = jsonl\n"
		    "[time]\nfrom = /t\nformat = %s\nzone = +08:00\n"
		    "[kind]\nalways = scroll\n",
		    cases[i].format);
		(void)snprintf(
		    line, sizeof line, "{\"t\":%s}\n", cases[i].time);
		(void)snprintf(want, sizeof want, "0+%zu kind=scroll %s\n",
		    strlen(line) - 1, cases[i].want);
		run_expect(map, line, want);
	}
}

static void
a_record_that_is_too_long_is_one_reject(void **state)
{
	size_t n = RECORD_MAX_BYTES + (size_t)300000;
	struct map *m = run_map(HEAD "actor = /a\n");
	struct buf b = { 0 };
	struct run r;

	(void)state;
	(void)buf_str(&b, "{" T ",\"a\":\"");
	(void)buf_room(&b, n);
	memset(b.p + b.n, 'x', n);
	b.n += n;
	(void)buf_str(&b, "\"}\n{" T ",\"a\":\"u2\"}\n");
	run_input(&r, m, RECORD_UTF8, buf_as_span(&b), 100000);
	assert_int_equal(r.tally.records, 2);
	assert_int_equal(r.tally.rejected, 1);
	assert_non_null(strstr(r.out.p, " !record is too long\n"));
	assert_non_null(strstr(r.out.p, " actor=u2\n"));
	run_clear(&r);
	run_input(&r, m, RECORD_UTF8, buf_as_span(&b), 0);
	assert_int_equal(r.tally.records, 2);
	assert_int_equal(r.tally.rejected, 1);
	run_clear(&r);
	buf_clear(&b);
	map_free(m);
}

static void
a_mark_of_byte_order_is_no_text(void **state)
{
	(void)state;
	run_expect(HEAD "actor = /a\n", "\xef\xbb\xbf{" T ",\"a\":\"u1\"}\n",
	    "3+29" OUT " actor=u1\n");
}

/* What the DOM refuses is refused, whatever stands around it. */
static void
lines_agree_with_the_parser_of_single_documents(void **state)
{
	static const char *const parts[] = { "{", "}", "[", "]", ",", ":", "\"",
		"\\", "\"t\":0", "\"k\":\"scroll\"", "1", "-", "e5", "true",
		"nul", " ", "\n", "\r\n", "\xc3", "\xa9", "\t", "{" T "}",
		"{" T "}\n", "{" T ",\"a\":\"x\"}\n" };
	struct prop p = prop_seeded(11);
	struct map *m = run_map(HEAD "actor = /a\n");
	struct buf b = { 0 };
	struct run batch, single;
	int i, k;

	(void)state;
	for (i = 0; i < 3000; i++) {
		buf_reset(&b);
		for (k = (int)prop_below(&p, 30); k >= 0; k--)
			(void)buf_str(&b, parts[prop_below(&p,
					      sizeof parts / sizeof parts[0])]);
		run_input(&batch, m, RECORD_UTF8, buf_as_span(&b), 0);
		run_input(&single, m, RECORD_UTF8, buf_as_span(&b), 1);
		run_same(&batch, &single, &b);
		run_clear(&batch);
		run_clear(&single);
	}
	buf_clear(&b);
	map_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_malformed_line_is_rejected),
		cmocka_unit_test(numbers_keep_their_digits),
		cmocka_unit_test(
		    a_field_of_an_unexpected_type_is_absent_and_counted),
		cmocka_unit_test(only_a_bad_time_or_kind_rejects_a_record),
		cmocka_unit_test(a_record_of_a_controlled_test_needs_no_time),
		cmocka_unit_test(a_wanted_key_that_stands_twice_is_ambiguous),
		cmocka_unit_test(short_cuts_agree_with_expressions),
		cmocka_unit_test(keys_may_come_in_any_order),
		cmocka_unit_test(space_may_come_where_there_was_none),
		cmocka_unit_test(strings_are_unescaped_and_lists_are_sets),
		cmocka_unit_test(times_are_read_in_all_their_units),
		cmocka_unit_test(a_record_that_is_too_long_is_one_reject),
		cmocka_unit_test(a_mark_of_byte_order_is_no_text),
		cmocka_unit_test(
		    lines_agree_with_the_parser_of_single_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
