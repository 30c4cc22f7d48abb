/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of values, rules of kinds, fields by kind, words for nothing. */
#include "ingest/test/record_run.h"

#define HEAD "[format]\nname = t\nversion = 1\ncontainer = jsonl\n"
#define TIME "[time]\nfrom = /t\nformat = epoch_us\n"
#define KIND "[kind]\nalways = scroll\n"
#define AT   " time=1970-01-01T00:00:00Z precision=us"
#define OUT  "@ kind=scroll" AT

static void
tables_give_words_nothing_or_are_told(void **state)
{
	static const char table[] = HEAD TIME KIND
	    "[fields]\nlabel = /x > values v\n"
	    "[values v]\na = b\n\"q = \\\"r\\\"\" = \"s t\"\ntwo words = 2 w\n"
	    "同意 = 是\n\"*\" = star\nnone =\nempty = \"\"\n7 = seven\n"
	    "1.5 = half\ntrue = yes\n";
	struct map *m = run_map(table);
	struct run r;

	(void)state;
	run_expect(table,
	    "{\"t\":0,\"x\":\"a\"}\n{\"t\":0,\"x\":\"q = \\\"r\\\"\"}\n"
	    "{\"t\":0,\"x\":\"two words\"}\n{\"t\":0,\"x\":\"\\u540c意\"}\n"
	    "{\"t\":0,\"x\":\"*\"}\n{\"t\":0,\"x\":7}\n{\"t\":0,\"x\":1.5}\n"
	    "{\"t\":0,\"x\":true}\n",
	    OUT " label=b\n" OUT " label=s t\n" OUT " label=2 w\n" OUT
		" label=是\n" OUT " label=star\n" OUT " label=seven\n" OUT
		" label=half\n" OUT " label=yes\n");
	/* meant to be nothing: absent; not foreseen: absent and counted */
	run_input(&r, m, RECORD_UTF8,
	    span_of("{\"t\":0,\"x\":\"none\"}\n{\"t\":0,\"x\":\"empty\"}\n"
		    "{\"t\":0,\"x\":\"\"}\n{\"t\":0,\"x\":null}\n{\"t\":0}\n"),
	    0);
	assert_int_equal(r.tally.fields_absent, 0);
	assert_int_equal(r.tally.events, 5);
	assert_null(strstr(r.out.p, "label"));
	run_clear(&r);
	run_input(&r, m, RECORD_UTF8,
	    span_of("{\"t\":0,\"x\":\"A\"}\n{\"t\":0,\"x\":[\"a\"]}\n"
		    "{\"t\":0,\"x\":\"a \"}\n"),
	    0);
	assert_int_equal(r.tally.fields_absent, 3);
	assert_null(strstr(r.out.p, "label"));
	run_clear(&r);
	map_free(m);
}

static void
a_default_catches_the_rest(void **state)
{
	static const char input[] = "{\"t\":0,\"x\":\"a\"}\n"
				    "{\"t\":0,\"x\":\"z\"}\n"
				    "{\"t\":0,\"x\":\"\"}\n{\"t\":0,\"x\":9}\n";

	(void)state;
	run_expect(HEAD TIME KIND "[fields]\nlabel = /x > values v\n"
				  "[values v]\na = b\n* = rest\n",
	    input,
	    OUT " label=b\n" OUT " label=rest\n" OUT "\n" OUT " label=rest\n");
	run_expect(HEAD TIME KIND "[fields]\nlabel = /x > values v\n"
				  "[values v]\na = b\n* = *\n",
	    input, OUT " label=b\n" OUT " label=z\n" OUT "\n" OUT " label=9\n");
	run_expect(HEAD TIME KIND "[fields]\nlabel = /x > values v\n"
				  "[values v]\na = b\n* =\n",
	    input, OUT " label=b\n" OUT "\n" OUT "\n" OUT "\n");
	run_expect(HEAD TIME KIND "[fields]\ndecision = /x > values v\n"
				  "[values v]\na = given\n* = refused\n",
	    input,
	    OUT " decision=given\n" OUT " decision=refused\n" OUT "\n" OUT
		" decision=refused\n");
	run_expect(HEAD TIME KIND
	    "[fields]\ndecision = /x > values v | /t > values v\n"
	    "[values v]\na =\n0 = withdrawn\n",
	    "{\"t\":0,\"x\":\"a\"}\n", OUT " decision=withdrawn\n");
}

static void
words_of_nothing_hold_before_and_behind_decoders(void **state)
{
	static const char map[] = "[format]\nname = t\nversion = 1\n"
				  "container = csv\nnull = \"-\" \\N\n"
				  "null = \"(not set)\" \"N/A\"\n"
				  "[time]\nfrom = t\nformat = epoch_us\n" KIND
				  "[fields]\nlabel = x | y > trim | \"none\"\n"
				  "index = n\npurpose = p > split \";\"\n"
				  "decision = d > values v\n"
				  "[values v]\n1 = given\n* = refused\n";

	(void)state;
	run_expect(map,
	    "t,x,y,n,p,d\n"
	    "0,-,,-,\\N,-\n"
	    "0,\\N,(not set),5,-;a,N/A\n"
	    "0,N/A, - ,05,b;;a,1\n"
	    "0,(not set), y ,-1,a,0\n"
	    "0,n/a,x,,a,\n",
	    OUT " label=none\n" OUT " index=5 label=none purpose=a\n" OUT
		" index=5 decision=given label=none purpose=a,b\n" OUT
		" index=-1 decision=refused label=y purpose=a\n" OUT
		" label=n/a purpose=a\n");
	/* a table may give a word that is null in the source */
	run_expect("[format]\nname = t\nversion = 1\ncontainer = jsonl\n"
		   "null = off\n" TIME KIND "[fields]\n"
		   "value = /x > values v\n[values v]\n0 = off\n",
	    "{\"t\":0,\"x\":0}\n{\"t\":0,\"x\":\"off\"}\n",
	    OUT " value=off\n" OUT "\n");
}

static void
rules_take_quoted_words_and_backquoted_sources(void **state)
{
	static const char map[] =
	    HEAD TIME "[kind]\n"
		      "`/a is b` is \"c = d\" = control.click\n"
		      "`/x ~0 y` ~ /^ = \\/ is$/ = control.change\n"
		      "/v > lower is 同意x = consent\n"
		      "/n is 7 = screen.view\n"
		      "/b is true = screen.leave\n"
		      "/e + \".\" + /v is q.Z = notice.show\n"
		      "/o/0/p = session.start\n"
		      "/o = session.end\n";

	(void)state;
	run_expect(map,
	    "{\"t\":0,\"a is b\":\"c = d\"}\n"
	    "{\"t\":0,\"x ~ y\":\" = / is\"}\n"
	    "{\"t\":0,\"v\":\"同意X\"}\n"
	    "{\"t\":0,\"n\":7}\n{\"t\":0,\"n\":\"7\"}\n{\"t\":0,\"n\":7.0}\n"
	    "{\"t\":0,\"b\":true}\n{\"t\":0,\"b\":false}\n"
	    "{\"t\":0,\"e\":\"q\",\"v\":\"Z\"}\n"
	    "{\"t\":0,\"o\":[{\"p\":null}]}\n{\"t\":0,\"o\":[{\"p\":{}}]}\n"
	    "{\"t\":0,\"o\":null}\n",
	    "@ kind=control.click" AT "\n@ kind=control.change" AT
	    "\n@ kind=consent" AT "\n@ kind=screen.view" AT
	    "\n@ kind=screen.view" AT "\n@ kind=other" AT
	    "\n@ kind=screen.leave" AT "\n@ kind=other" AT
	    "\n@ kind=notice.show" AT "\n@ kind=session.end" AT
	    "\n@ kind=session.start" AT "\n@ kind=other" AT "\n");
}

static void
the_first_rule_counts_and_names_kinds(void **state)
{
	(void)state;
	run_expect(HEAD TIME "[kind]\n/x ~ /^a/ = scroll\n/x is ab = "
			     "screen.view\nfrom = /k\nalways = other\n",
	    "{\"t\":0,\"x\":\"ab\",\"k\":\"consent\"}\n"
	    "{\"t\":0,\"k\":\"consent\"}\n{\"t\":0,\"k\":\"Consent\"}\n",
	    "@ kind=scroll" AT "\n@ kind=consent" AT "\n@ kind=other" AT "\n");
	run_expect(HEAD TIME "[kind]\nfrom = /k\n",
	    "{\"t\":0,\"k\":\"consent\"}\n{\"t\":0,\"k\":\"x\"}\n{\"t\":0}\n",
	    "@ kind=consent" AT "\n@ !kind is absent or unknown\n"
	    "@ !kind is absent or unknown\n");
}

static void
fields_of_a_label_go_before_those_of_a_kind(void **state)
{
	(void)state;
	run_expect(HEAD TIME
	    "[kind]\n/e is 2001 = screen.leave\n/e is 2101 = control.click\n"
	    "/e is 2102 = control.click \"long press\"\n/e = other\n"
	    "[fields]\nlabel = /arg1\nelement = \"any\"\nvalue = \"\"\n"
	    "[fields screen.leave]\nscreen = /arg1\nlabel = /none\n"
	    "[fields control.click]\nelement = /arg1\nlabel = /arg2\n"
	    "[fields long press]\nlabel = \"long\"\nrole = \"later\"\n",
	    "{\"t\":0,\"e\":2001,\"arg1\":\"p\"}\n"
	    "{\"t\":0,\"e\":2101,\"arg1\":\"c\",\"arg2\":\"同\"}\n"
	    "{\"t\":0,\"e\":\"2102\",\"arg1\":\"c\"}\n"
	    "{\"t\":0,\"e\":9,\"arg1\":\"c\"}\n",
	    "@ kind=screen.leave" AT " screen=p element=any\n"
	    "@ kind=control.click" AT " element=c label=同\n"
	    "@ kind=control.click" AT " role=later element=c label=long\n"
	    "@ kind=other" AT " element=any label=c\n");
}

static void
what_is_wrong_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ HEAD TIME "[kind]\n/a is = scroll\n",
		    "m.map:9: nothing follows is" },
		{ HEAD TIME "[kind]\n/a ~ = scroll\n",
		    "m.map:9: nothing follows ~" },
		{ HEAD TIME "[kind]\n/a is b c = scroll\n",
		    "m.map:9: is is followed by one word" },
		{ HEAD TIME "[kind]\n/a is \"b = scroll\n",
		    "m.map:9: no \" = \" in this line" },
		{ HEAD TIME "[kind]\n/a ~ b = scroll\n",
		    "m.map:9: a pattern is written /pattern/" },
		{ HEAD TIME "[kind]\n/a ~ /b/x = scroll\n",
		    "m.map:9: unknown flag \"x\" of a pattern" },
		{ HEAD TIME "[kind]\n/a = scroll a b\n",
		    "m.map:9: a rule gives a kind and one label" },
		{ HEAD TIME "[kind]\n/a = scroll consent\n",
		    "m.map:9: a label may not be a kind's name" },
		{ HEAD TIME "[values v]\n* = a\n* = b\n",
		    "m.map:10: * is set twice" },
		{ HEAD TIME "[values v]\na = b\n[values v]\n",
		    "m.map:10: [values v] stands twice" },
		{ HEAD TIME "[kind]\n/a == b = scroll\n",
		    "m.map:9: a rule asks SOURCE is WORD or "
		    "SOURCE ~ /pattern/" },
		{ HEAD TIME KIND "[fields]\nlabel = /a > values v\n"
				 "actor = /u\n",
		    "m.map:11: [values v] is missing" },
		{ HEAD TIME KIND "[fields]\noutcome = /a > values v\n"
				 "[values v]\nok = success\nno = failed\n",
		    "m.map:14: \"failed\" is no outcome, which is success or "
		    "failure" },
		{ HEAD TIME KIND "[fields]\noutcome = /a > values v\n"
				 "[values v]\n* = x\nok = success\n",
		    "m.map:13: \"x\" is no outcome, which is success or "
		    "failure" },
		{ HEAD TIME "[kind]\nfrom = /a > values v\n"
			    "[values v]\nb = scrol\n",
		    "m.map:11: unknown kind \"scrol\"" },
		{ HEAD "null = \"a\n", "m.map:5: a quote does not end" },
		{ HEAD "null = \"\\q\"\n", "m.map:5: unknown escape \\q" },
		{ "[format]\ncontainer = parquet\n",
		    "m.map:2: unknown container \"parquet\"" },
		{ HEAD "[time]\nsent = /x\n",
		    "m.map:6: unknown key \"sent\" in [time]" },
	};
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		memset(&err, 0, sizeof err);
		if (map_compile("m.map", span_of(cases[i].text), &err) != NULL)
			fail_msg("no %s", cases[i].want);
		assert_string_equal(err.msg, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_give_words_nothing_or_are_told),
		cmocka_unit_test(a_default_catches_the_rest),
		cmocka_unit_test(
		    words_of_nothing_hold_before_and_behind_decoders),
		cmocka_unit_test(
		    rules_take_quoted_words_and_backquoted_sources),
		cmocka_unit_test(the_first_rule_counts_and_names_kinds),
		cmocka_unit_test(fields_of_a_label_go_before_those_of_a_kind),
		cmocka_unit_test(what_is_wrong_is_refused_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
