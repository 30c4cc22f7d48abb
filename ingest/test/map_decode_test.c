/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decoders, one by one: what they make, what is absent, what is counted. */
#include "ingest/json5.h"
#include "ingest/test/record_run.h"

/*
 * What `/x > DECODER` makes of a text: "" absent, "!" absent and counted.
 * The text is written as it stands in JSON.
 */
struct decoded {
	const char *decoder, *text, *want;
};

static void
decode(const struct decoded *c)
{
	char map[512], line[1024], is[256] = "";
	struct map *m;
	struct run r;
	const char *at;

	(void)snprintf(map, sizeof map,
	    "[format]\nname = t\nversion = 1\ncontainer = jsonl\n"
	    "null = \"(null)\"\n"
	    "[time]\nfrom = /t\nformat = epoch_us\n[kind]\nalways = scroll\n"
	    "[fields]\nlabel = /x > %s\n",
	    c->decoder);
	(void)snprintf(line, sizeof line, "{\"t\":0,\"x\":\"%s\"}\n", c->text);
	m = run_map(map);
	run_input(&r, m, RECORD_UTF8, span_of(line), 0);
	at = strstr(r.out.p, " label=");
	if (at != NULL)
		(void)snprintf(
		    is, sizeof is, "%.*s", (int)(strlen(at + 7) - 1), at + 7);
	else if (r.tally.fields_absent > 0)
		(void)snprintf(is, sizeof is, "!");
	if (strcmp(is, c->want) != 0)
		fail_msg("%s of %s is \"%s\", not \"%s\"", c->decoder, c->text,
		    is, c->want);
	run_clear(&r);
	map_free(m);
}

#define DECODE(cases)                                                    \
	do {                                                             \
		size_t i_;                                               \
                                                                         \
		for (i_ = 0; i_ < sizeof(cases) / sizeof *(cases); i_++) \
			decode(&(cases)[i_]);                            \
	} while (0)

static void
cells_are_counted_from_one(void **state)
{
	static const struct decoded cases[] = {
		{ "csv 1", "a,b", "a" },
		{ "csv 2", "a,b", "b" },
		{ "csv 3", "a,b", "" },
		{ "csv 1", "", "" },
		{ "csv 2", "a,", "" },
		{ "csv 2", "a,\\\"x, \\\"\\\"y\\\"\\\"\\\",c", "x, \"y\"" },
		{ "csv 3", "a,\\\"x, y\\\",c", "c" },
		{ "csv 2", "a,b\\\"c", "b\"c" },
		{ "csv 2", "a,\\\"b", "!" },
		{ "csv 2", "a,\\\"b\\\"c,d", "!" },
		{ "csv 2 ;", "a,b;\\u540c", "同" },
		{ "csv 2 \"\\t\"", "a\\tb", "b" },
		{ "csv 8",
		    "AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.cards,"
		    "\\\"select \\\"\\\"a, b\\\"\\\"\\nfrom cards\\\",<none>",
		    "select \"a, b\"\nfrom cards" },
	};

	(void)state;
	DECODE(cases);
}

static void
hexadecimal_digits_become_bytes(void **state)
{
	static const struct decoded cases[] = {
		{ "hex", "616263", "abc" },
		{ "hex", "e5908C", "同" },
		{ "hex", "0x61", "a" },
		{ "hex", "\\\\x6162", "ab" },
		{ "hex", "61626", "!" },
		{ "hex", "6g", "!" },
		{ "hex", "ff", "!" },
		{ "hex", "", "" },
		{ "base64 > hex", "NjE=", "a" },
		{ "base64", "/w==", "!" },
		{ "base64", "*", "!" },
		{ "url", "%ff", "!" },
		{ "url", "%4", "%4" },
	};

	(void)state;
	DECODE(cases);
}

static void
cookies_are_found_by_name(void **state)
{
	static const struct decoded cases[] = {
		{ "cookie b", "a=1; b=2; c=3", "2" },
		{ "cookie b", "b=1; b=2", "1" },
		{ "cookie b", "xb=1;b=%E5%90%8c+x", "同+x" },
		{ "cookie b", "b=\\\"q\\\"", "q" },
		{ "cookie b", "b=x=y", "x=y" },
		{ "cookie b", "B=1; b", "" },
		{ "cookie b", "b=", "" },
		{ "cookie b", "b=%ff", "!" },
		{ "cookie C > json5 /utc", "a=1; C={utc:7%2Cx:'}'}", "7" },
	};

	(void)state;
	DECODE(cases);
}

static void
values_of_pairs_may_be_quoted(void **state)
{
	static const struct decoded cases[] = {
		{ "kv \",\" = b", "a=1, b = 2 ,c=3", "2" },
		{ "kv \",\" = b", "a=\\\"b=1,b=2\\\",b=3", "3" },
		{ "kv \",\" = a", "a=\\\"b=1,b=2\\\",b=3", "b=1,b=2" },
		{ "kv \" \" = m", "l=i m=\\\"x \\\\\\\"y\\\\\\\" z\\\" n=1",
		    "x \"y\" z" },
		{ "kv \" \" = m", "m=\\\"open n=1", "\"open" },
		{ "kv \" \" = m", "flag m=1", "1" },
		{ "kv \" \" = m", "m= n=1", "" },
		{ "kv \" \" = acct",
		    "pid=1 msg='op=login acct=\\\"root\\\" res=ok'", "" },
		{ "kv \" \" = msg > kv \" \" = acct",
		    "pid=1 msg='op=login acct=\\\"root\\\" res=ok'", "root" },
		{ "kv \" \" = comm hex", "comm=6C73 x=1", "ls" },
		{ "kv \" \" = comm hex", "comm=\\\"6C73\\\" x=1", "6C73" },
		{ "kv \" \" = comm hex", "comm=6c73", "6c73" },
		{ "kv \" \" = comm hex", "comm=FF", "!" },
		{ "kv \" \" = comm hex", "comm=(null)", "" },
		{ "kv & : k", "a:1&k:v:w&", "v:w" },
	};

	(void)state;
	DECODE(cases);
}

static void
cef_has_a_head_and_an_extension(void **state)
{
#define CEF                                                      \
	"CEF:0|Ven\\\\|dor|prod|1.0|100|a name|10|src=10.0.0.1 " \
	"msg=two words \\\\= one\\\\nline cs1Label=Why cs1=x|y\\\\\\\\z"
	static const struct decoded cases[] = {
		{ "cef 1", CEF, "0" },
		{ "cef 2", CEF, "Ven|dor" },
		{ "cef 6", CEF, "a name" },
		{ "cef 7", CEF, "10" },
		{ "cef src", CEF, "10.0.0.1" },
		{ "cef msg", CEF, "two words = one\nline" },
		{ "cef cs1", CEF, "x|y\\z" },
		{ "cef cs2", CEF, "" },
		{ "cef act", "src=1 act=block it", "block it" },
		{ "cef src", "CEF:0|only|three", "!" },
		{ "cef 3", "no head", "!" },
		{ "cef x", "", "" },
		{ "cef request", "request=id=5 act=x", "id=5" },
		{ "cef act", "request=http://a/?x=1&act=2 act=x", "x" },
	};
#undef CEF
	(void)state;
	DECODE(cases);
}

static void
json5_is_read_as_json(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: refused */
	} cases[] = {
		{ "{}", "{}" },
		{ " {a:1,} // end", "{\"a\":1}" },
		{ "{'a':'b\"c',\"d\":'it\\'s'}",
		    "{\"a\":\"b\\\"c\",\"d\":\"it's\"}" },
		{ "[1,/* two */2,]", "[1,2]" },
		{ "[+1,-.5,5.,.5e3,5.e3,0x1F,-0x1f]",
		    "[1,-0.5,5.0,0.5e3,5.0e3,31,-31]" },
		{ "[NaN,-Infinity,undefined,null,true,false]",
		    "[null,null,null,null,true,false]" },
		{ "{$a_1:1,\xe5\x90\x8c:2,3:4}",
		    "{\"$a_1\":1,\"\xe5\x90\x8c\":2,\"3\":4}" },
		{ "'\\x41\\v\\0\\u540c\\\nb\\q\t'",
		    "\"\\u0041\\u000b\\u0000\\u540cbq\\u0009\"" },
		{ "\xc2\xa0[\xe2\x80\xa8]\xef\xbb\xbf", "[]" },
		{ "'a\\\r\nb'", "\"ab\"" },
		{ "", NULL },
		{ "{", NULL },
		{ "{a}", NULL },
		{ "{a:}", NULL },
		{ "{,}", NULL },
		{ "[,]", NULL },
		{ "[1,,2]", NULL },
		{ "{a:1 b:2}", NULL },
		{ "{a-b:1}", NULL },
		{ "'a", NULL },
		{ "'a\nb'", NULL },
		{ "'\\x4'", NULL },
		{ "[1] 2", NULL },
		{ "/* open", NULL },
		{ "0x", "0x" }, /* left to JSON's reader, which refuses it */
		{ ".", NULL },
		{ "-", NULL },
	};
	const char *reason = NULL;
	struct buf b = { 0 };
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		buf_reset(&b);
		reason = NULL;
		rc = json5_json(span_of(cases[i].text), &b, &reason);
		if ((rc == 0) != (cases[i].want != NULL))
			fail_msg("%s: %d", cases[i].text, rc);
		if (rc < 0)
			assert_non_null(reason);
		else if (!span_eq(buf_as_span(&b), span_of(cases[i].want)))
			fail_msg("%s is %.*s", cases[i].text, (int)b.n, b.p);
	}
	buf_reset(&b);
	for (i = 0; i < 65; i++)
		(void)buf_char(&b, '[');
	struct buf out = { .ceiling_bytes = 8 };
	assert_int_equal(json5_json(buf_as_span(&b), &out, &reason), -1);
	assert_string_equal(reason, "invalid JSON5: too long");
	buf_clear(&out);
	out.ceiling_bytes = 0;
	assert_int_equal(json5_json(buf_as_span(&b), &out, &reason), -1);
	assert_string_equal(reason, "invalid JSON5: nested too deep");
	buf_clear(&out);
	buf_clear(&b);
}

static void
decoders_follow_each_other_in_any_order(void **state)
{
	static const struct decoded cases[] = {
		/* {"a":"{\"b\":\"x=1;y=%41\"}"} in base64 in a URL */
		{ "url > base64 > json /a > json /b > kv \";\" = y > url",
		    "eyJhIjoie1wiYlwiOlwieD0xO3k9JTQxXCJ9In0%3D", "A" },
		{ "json /a", "{\\\"a\\\":\\\"(null)\\\"}", "" },
		{ "query q > json5 /k", "/p?q={k:%27v%27}", "v" },
		{ "json", "\\\"just text\\\"", "just text" },
		{ "json /a", "[", "!" },
		{ "json5 /a", "{a:00}", "!" },
		{ "xml /a", "<r><a>x &amp; y</a></r>", "x & y" },
		{ "xml /@id", "<r id='7'/>", "7" },
		{ "url > xml /a/[@k=2]/#text > hex",
		    "%3Cr%3E%3Ca k='1'/%3E%3Ca k='2'%3E6162%3C/a%3E%3C/r%3E",
		    "ab" },
		{ "xml /a", "<r><a>", "!" },
		{ "xml /a", "<!DOCTYPE r [<!ENTITY e 'x'>]><r><a>&e;</a></r>",
		    "!" },
		{ "json /x > xml /a > json /b",
		    "{\\\"x\\\":\\\"<r><a>{'b':1}</a></r>\\\"}", "!" },
		{ "xml /a > json /b", "<r><a>{\\\"b\\\":1}</a></r>", "1" },
		{ "split \";\" > upper", "a;b", "A,B" },
		{ "url > csv 2 > hex", "1%2C6162", "ab" },
		{ "regex /^.(.*).$/ > csv 2", "(a,b)", "b" },
		{ "json /a > url > json5 /b/1 > cookie c",
		    "{\\\"a\\\":\\\"{b:[0,'c=1']}\\\"}", "1" },
	};

	(void)state;
	DECODE(cases);
}

static void
words_of_decoders_are_checked(void **state)
{
	static const struct {
		const char *decoder, *want;
	} cases[] = {
		{ "csv", "decoder csv takes 1 or more words" },
		{ "csv 0", "csv N takes a number from 1 to 4096" },
		{ "csv x", "csv N takes a number from 1 to 4096" },
		{ "csv 5000", "csv N takes a number from 1 to 4096" },
		{ "csv 1 ab", "a separator is one byte" },
		{ "csv 1 , ,", "decoder csv takes 1 or more words" },
		{ "cef 8", "the head of CEF has 7 fields" },
		{ "kv , = a oct", "the last word of kv is hex" },
		{ "kv ,", "decoder kv takes 3 or more words" },
		{ "hex 1", "decoder hex takes 0 words" },
		{ "parent", "unknown decoder \"parent\"" },
		{ "json a", "json is followed by a JSON pointer" },
	};
	char map[256], want[128];
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(map, sizeof map,
		    "[format]\nname = t\nversion = 1\ncontainer = jsonl\n"
		    "[fields]\nlabel = /x > %s\n",
		    cases[i].decoder);
		(void)snprintf(want, sizeof want, "m.map:6: %s", cases[i].want);
		memset(&err, 0, sizeof err);
		assert_null(map_compile("m.map", span_of(map), &err));
		assert_string_equal(err.msg, want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_are_counted_from_one),
		cmocka_unit_test(hexadecimal_digits_become_bytes),
		cmocka_unit_test(cookies_are_found_by_name),
		cmocka_unit_test(values_of_pairs_may_be_quoted),
		cmocka_unit_test(cef_has_a_head_and_an_extension),
		cmocka_unit_test(json5_is_read_as_json),
		cmocka_unit_test(decoders_follow_each_other_in_any_order),
		cmocka_unit_test(words_of_decoders_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
