/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One record, several events: levels, ancestors, decoded containers. */
#include "ingest/test/record_run.h"

#define HEAD(container) \
	"[format]\nname = t\nversion = 1\ncontainer = " container "\n"
#define TIME "[time]\nfrom = /t\nformat = epoch_us\n"
#define KIND "[kind]\nalways = scroll\n[fields]\n"
#define OUT  " kind=scroll time=1970-01-01T00:00:00Z precision=us"

static void
levels_read_their_own_elements_and_those_above(void **state)
{
	(void)state;
	run_expect(
	    HEAD("jsonl") "explode = /r/*/s/*/l\n"
			  "[time]\nfrom = /r/*/s/*/l/*/t\nformat = epoch_us\n"
			  "[kind]\n/r/*/s/*/l/*/k is c = control.click\n"
			  "always = scroll\n[fields]\n"
			  "app = /r/*/a/[k=name]/v/*\nscreen = /r/*/s/*/n\n"
			  "label = /r/*/s/*/l/*/x | @value/y\n"
			  "operator = /o\nelement = @key 1 + \".\" + @key 2 + "
			  "\".\" + @key\n",
	    "{\"o\":\"me\",\"r\":[{\"a\":[{\"k\":\"z\"},{\"k\":\"name\","
	    "\"v\":{\"s\":\"A\"}}],\"s\":[{\"n\":\"s1\",\"l\":[{\"t\":0,"
	    "\"x\":\"1\"},{\"t\":0,\"k\":\"c\",\"y\":\"2\"}]},"
	    "{\"n\":\"s2\",\"l\":[{\"t\":0}]}]},"
	    "{\"s\":[{\"l\":[{\"t\":0,\"x\":\"3\"}]}]}]}\n",
	    "@" OUT " operator=me app=A screen=s1 element=0.0.0 label=1\n"
	    "@ kind=control.click time=1970-01-01T00:00:00Z precision=us "
	    "operator=me app=A screen=s1 element=0.0.1 label=2\n"
	    "@" OUT " operator=me app=A screen=s2 element=0.1.0\n"
	    "@" OUT " operator=me element=1.0.0 label=3\n");
}

static void
only_the_records_that_a_rule_hits_are_split(void **state)
{
	(void)state;
	run_expect(HEAD("jsonl") "explode = /c\nexplode_if = /e is chosen\n"
				 "explode_if = /ok\n" TIME KIND
				 "purpose = @key\nvalue = /c/*\n"
				 "label = /c/a\n",
	    "{\"t\":0,\"e\":\"chosen\",\"ok\":1,\"c\":{\"a\":1,\"b\":2}}\n"
	    "{\"t\":0,\"e\":\"chosen\",\"c\":{\"a\":1,\"b\":2}}\n"
	    "{\"t\":0,\"e\":\"tap\",\"ok\":1,\"c\":{\"a\":3}}\n",
	    "@" OUT " label=1 value=1 purpose=a\n"
	    "@" OUT " label=1 value=2 purpose=b\n"
	    "@" OUT " label=1\n"
	    "@" OUT " label=3\n");
}

static void
a_level_that_is_not_there_leaves_what_stands_above(void **state)
{
	(void)state;
	run_expect(HEAD("jsonl") "explode = /a/*/b\n" TIME KIND
				 "screen = /a/*/n\nlabel = /a/*/b/*/x | "
				 "/a/*/b/*\nelement = @key\n",
	    "{\"t\":0}\n"
	    "{\"t\":0,\"a\":[]}\n"
	    "{\"t\":0,\"a\":{}}\n"
	    "{\"t\":0,\"a\":7}\n"
	    "{\"t\":0,\"a\":[{\"n\":\"1\",\"b\":[\"x\",{\"x\":\"y\"},null]},"
	    "{\"n\":\"2\"},{\"n\":\"3\",\"b\":{\"k\":\"v\"}},null]}\n"
	    "{\"t\":0}\n",
	    "@" OUT "\n@" OUT "\n@" OUT "\n@" OUT "\n"
	    "@" OUT " screen=1 element=0 label=x\n"
	    "@" OUT " screen=1 element=1 label=y\n"
	    "@" OUT " screen=1 element=2\n"
	    "@" OUT " screen=2\n"
	    "@" OUT " screen=3 element=k label=v\n"
	    "@" OUT "\n"
	    "@" OUT "\n");
}

static void
arrays_in_arrays_are_levels(void **state)
{
	(void)state;
	run_expect(HEAD("jsonl") "explode = /m/*/*\n" TIME KIND
				 "label = @value\n"
				 "element = @key 1 + @key 2 + @key 3\n",
	    "{\"t\":0,\"m\":[[[1,\"\\u0041\"],[]],{\"x\":[true]}]}\n",
	    "@" OUT " element=000 label=1\n"
	    "@" OUT " element=001 label=A\n"
	    "@" OUT "\n"
	    "@" OUT " element=1x0 label=true\n");
}

static void
what_a_decoder_gives_is_split(void **state)
{
	(void)state;
	run_expect(HEAD("jsonl") "explode = /c > json /p\n" TIME KIND
				 "label = @value/id | @value\n"
				 "element = @key\n"
				 "value = /c > json /p/*/on\n"
				 "lang = /c > json /l\n",
	    "{\"t\":0,\"c\":\"{\\\"l\\\":\\\"de\\\",\\\"p\\\":[{\\\"id\\\":"
	    "\\\"a\\\",\\\"on\\\":true},{\\\"id\\\":\\\"b\\\"}]}\"}\n"
	    "{\"t\":0,\"c\":\"{\\\"p\\\":{\\\"x\\\":7}}\"}\n"
	    "{\"t\":0,\"c\":\"{\"}\n",
	    "@" OUT " element=0 label=a value=true lang=de\n"
	    "@" OUT " element=1 label=b lang=de\n"
	    "@" OUT " element=x label=7\n"
	    "@" OUT "\n");
	run_expect(HEAD("csv") "delimiter = ;\nexplode = p > split \",\"\n"
			       "[time]\nfrom = t\nformat = epoch_us\n" KIND
			       "purpose = @value > upper\nindex = @key\n"
			       "actor = u\n",
	    "t;u;p\n0;u1;\" a ,b,,c\"\n0;u2;\n0;u3;x\n",
	    "@" OUT " index=0 actor=u1 purpose=A\n"
	    "@" OUT " index=1 actor=u1 purpose=B\n"
	    "@" OUT " index=2 actor=u1 purpose=C\n"
	    "@" OUT " actor=u2\n"
	    "@" OUT " index=0 actor=u3 purpose=X\n");
	run_expect(HEAD("text") "pattern = /(?<t>\\d+) (?<c>.*)/\n"
				"explode = c > url > json /a/*/b > json\n"
				"[time]\nfrom = t\nformat = epoch_us\n" KIND
				"label = @value/x\nscreen = @value 1/n\n"
				"element = @key\n",
	    "0 {%22a%22:[{%22n%22:1,%22b%22:%22[{\\%22x\\%22:8}]%22}]}\n",
	    "@" OUT " screen=1 element=0 label=8\n");
}

static void
elements_of_xml_are_split_one_or_many(void **state)
{
	(void)state;
	run_expect(HEAD("csv") "explode = x > xml /p/*/q\n"
			       "[time]\nfrom = t\nformat = epoch_us\n" KIND
			       "label = @value/@n | @value\n"
			       "screen = @value 1/@id\n",
	    "t,x\n"
	    "0,<r><p id='1'><q n='a'/><q>b</q></p><p id='2'><q>c</q></p></r>\n"
	    "0,<r><p id='3'><q>d</q></p></r>\n"
	    "0,<r/>\n",
	    "@" OUT " screen=1 label=a\n@" OUT " screen=1 label=b\n"
	    "@" OUT " screen=2 label=c\n@" OUT " screen=3 label=d\n"
	    "@" OUT "\n");
}

static void
consent_strings_are_split_into_purposes(void **state)
{
	(void)state;
	run_expect(HEAD("csv") "explode = tc > tcf /purposesConsent\n"
			       "[time]\nfrom = t\nformat = epoch_us\n" KIND
			       "purpose = @value\nactor = u\n",
	    "t,u,tc\n0,u1,CPTtLAAPTtLAAAKAAAENAAFgALwAAEAAAAAAAOgAgABgAAAA\n"
	    "0,u2,nonsense\n",
	    "@" OUT " actor=u1 purpose=1\n"
	    "@" OUT " actor=u1 purpose=3\n"
	    "@" OUT " actor=u1 purpose=4\n"
	    "@" OUT " actor=u1 purpose=5\n"
	    "@" OUT " actor=u1 purpose=6\n"
	    "@" OUT " actor=u2\n");
}

static void
a_bad_element_is_counted_and_the_others_stand(void **state)
{
	struct map *m = run_map(
	    HEAD("jsonl") "explode = /e\n[time]\nfrom = /e/*/t\n"
			  "format = epoch_us\n" KIND "label = /e/*/x\n");
	static const char input[] =
	    "{\"e\":[{\"t\":0},{\"t\":\"x\"},{\"t\":0,\"x\":1,\"x\":2}]}\n"
	    "{\"e\":[{\"t\":\"x\"},{}]}\n";
	struct run r;

	(void)state;
	run_input(&r, m, RECORD_UTF8, span_of(input), 0);
	assert_string_equal(
	    r.out.p, "0+45" OUT "\n46+20 !time is not understood\n");
	assert_int_equal(r.tally.mapped, 1);
	assert_int_equal(r.tally.rejected, 1);
	assert_int_equal(r.tally.fields_absent, 4);
	run_clear(&r);
	map_free(m);
}

static void
elements_beyond_the_bound_are_counted(void **state)
{
	struct map *m = run_map(
	    HEAD("jsonl") "explode = /e\n" TIME KIND "label = @value\n");
	struct buf b = { 0 };
	struct run r;
	int i;

	(void)state;
	(void)buf_str(&b, "{\"t\":0,\"e\":[0");
	for (i = 1; i < 70000; i++)
		(void)buf_str(&b, ",1");
	(void)buf_str(&b, "]}\n");
	run_input(&r, m, RECORD_UTF8, buf_as_span(&b), 0);
	assert_int_equal(r.tally.mapped, 1);
	assert_int_equal(r.tally.events, 65535);
	assert_int_equal(r.tally.fields_absent, 70000 - 65535);
	run_clear(&r);
	buf_clear(&b);
	map_free(m);
}

/* Each element would decode all of a long text of the record. */
static void
a_record_that_multiplies_work_is_cut_short(void **state)
{
	struct map *m = run_map(
	    HEAD("jsonl") "explode = /e\n" TIME KIND "label = /x > upper\n");
	struct buf b = { 0 };
	struct run r;
	int i;

	(void)state;
	(void)buf_str(&b, "{\"t\":0,\"x\":\"");
	for (i = 0; i < 1 << 20; i++)
		(void)buf_str(&b, "aaaa");
	(void)buf_str(&b, "\",\"e\":[0");
	for (i = 1; i < 5000; i++)
		(void)buf_str(&b, ",1");
	(void)buf_str(&b, "]}\n");
	run_input(&r, m, RECORD_UTF8, buf_as_span(&b), 0);
	assert_int_equal(r.tally.mapped, 1);
	assert_in_range(r.tally.events, 100, 300);
	assert_int_equal(r.tally.events + r.tally.fields_absent, 5000);
	run_clear(&r);
	buf_clear(&b);
	map_free(m);
}

static void
what_cannot_be_split_is_refused(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ HEAD("jsonl") "explode = a\n",
		    "m.map:5: \"a\" is no JSON pointer (which begins with "
		    "/)" },
		{ HEAD("csv") "explode = a\n",
		    "m.map:5: explode needs a list: end it with a pointer or "
		    "with > split" },
		{ HEAD("jsonl") "explode = /a > lower\n",
		    "m.map:5: explode needs a list: end it with a pointer or "
		    "with > split" },
		{ HEAD("jsonl") "explode = \"a,b\" > split \",\"\n",
		    "m.map:5: explode needs a source" },
		{ HEAD("jsonl") "explode = /a\nexplode = /b\n",
		    "m.map:6: explode is set twice" },
		{ HEAD("jsonl") "explode_if = /e\n",
		    "m.map:5: explode_if follows explode" },
		{ HEAD("jsonl") "require = /a\nexplode = /b\n",
		    "m.map:6: explode must come before any source" },
		{ HEAD("jsonl") "explode = /a/*/b/*/c/*/d\n" TIME KIND
				"label = @value 5\n",
		    "m.map:12: explode has 4 levels" },
		{ HEAD("jsonl") "explode = /a/*/b/*/c/*/d/*/e\n",
		    "m.map:5: explode has more than 4 levels" },
		{ HEAD("jsonl") TIME KIND "label = @key\n",
		    "m.map:11: @key needs [format] explode" },
		{ HEAD("jsonl") TIME KIND "label = @value/x\n",
		    "m.map:11: @value needs [format] explode" },
		{ HEAD("jsonl") "explode = /a | /b\n",
		    "m.map:5: explode takes one source, without + and |" },
		{ HEAD("jsonl") "explode = /a\nexplode_if = @value is x\n",
		    "m.map:6: explode_if takes what the record has, not what "
		    "its elements have" },
		{ HEAD("jsonl") "explode = /a~2\n",
		    "m.map:5: malformed JSON pointer \"/a~2\"" },
	};
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		memset(&err, 0, sizeof err);
		assert_null(map_compile("m.map", span_of(cases[i].text), &err));
		assert_string_equal(err.msg, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    levels_read_their_own_elements_and_those_above),
		cmocka_unit_test(only_the_records_that_a_rule_hits_are_split),
		cmocka_unit_test(
		    a_level_that_is_not_there_leaves_what_stands_above),
		cmocka_unit_test(arrays_in_arrays_are_levels),
		cmocka_unit_test(what_a_decoder_gives_is_split),
		cmocka_unit_test(elements_of_xml_are_split_one_or_many),
		cmocka_unit_test(consent_strings_are_split_into_purposes),
		cmocka_unit_test(a_bad_element_is_counted_and_the_others_stand),
		cmocka_unit_test(elements_beyond_the_bound_are_counted),
		cmocka_unit_test(a_record_that_multiplies_work_is_cut_short),
		cmocka_unit_test(what_cannot_be_split_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
