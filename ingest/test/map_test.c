/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/test/record_run.h"

#define FORMAT "[format]\nname = t\nversion = 1\ncontainer = jsonl\n"
#define TIME   "[time]\nfrom = /t\nformat = epoch_us\n"
#define KIND   "[kind]\nalways = scroll\n"
#define OUT    " kind=scroll time=1970-01-01T00:00:00Z precision=us"

static void
a_wrong_file_is_refused_with_its_line_and_reason(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "m.map:1: empty" },
		{ "\xff\n", "m.map:1: not UTF-8" },
		{ "name = x\n", "m.map:1: a line before the first section" },
		{ "[formats]\n", "m.map:1: unknown section [formats]" },
		{ "[format x]\n", "m.map:1: [format] takes no name" },
		{ "[format]\nname\n", "m.map:2: no \" = \" in this line" },
		{ "[format]\nnam = x\n",
		    "m.map:2: unknown key \"nam\" in [format]" },
		{ "[format]\ncontainer = xls\n",
		    "m.map:2: unknown container \"xls\"" },
		{ FORMAT TIME "[kind]\n/e is x = clock.change\n",
		    "m.map:9: unknown kind \"clock.change\"" },
		{ FORMAT TIME "[kind]\n/e ~ /(/ = scroll\n",
		    "m.map:9: bad pattern at character 2: missing closing "
		    "parenthesis" },
		{ FORMAT TIME KIND "[fields]\nactress = /a\n",
		    "m.map:11: unknown field \"actress\"" },
		{ FORMAT TIME KIND "[fields]\nkind = /a\n",
		    "m.map:11: kind is mapped in its own section" },
		{ FORMAT TIME KIND "[fields]\nactor = /a\nactor = /b\n",
		    "m.map:12: actor is mapped already in line 11; choose "
		    "with |" },
		{ FORMAT TIME KIND "[fields]\nactor = a\n",
		    "m.map:11: \"a\" is no JSON pointer (which begins with "
		    "/)" },
		{ FORMAT TIME KIND "[fields]\nactor = /a > rot13\n",
		    "m.map:11: unknown decoder \"rot13\"" },
		{ FORMAT TIME KIND "[fields]\nactor = /a > values v\n",
		    "m.map:11: [values v] is missing" },
		{ FORMAT TIME KIND "[fields]\nrole = \"boss\"\n",
		    "m.map:11: unknown role \"boss\"" },
		{ FORMAT TIME KIND "[fields notakind]\nactor = /a\n",
		    "m.map:11: [fields notakind]: no kind and no label of a "
		    "rule" },
		{ FORMAT TIME KIND "[values v]\na = 1\na = 2\n",
		    "m.map:12: \"a\" is mapped already in line 11" },
		{ FORMAT TIME KIND "[values]\n",
		    "m.map:10: [values] needs a name" },
		{ FORMAT "[time]\nfrom = /t\nformat = epoch_m\n",
		    "m.map:7: unknown time format \"epoch_m\"" },
		{ FORMAT "[time]\nfrom = /t\nformat = \"%Y %Q\"\n",
		    "m.map:7: time format \"%Y %Q\": unknown letter behind a "
		    "%" },
		{ FORMAT "[time]\nzone = Mars/Olympus\n",
		    "m.map:6: zone \"Mars/Olympus\" is not known here; "
		    "write an offset, +08:00" },
		{ FORMAT "[time]\nzone = ../passwd\n",
		    "m.map:6: zone \"../passwd\" is no offset like +08:00 "
		    "and no name like Asia/Shanghai" },
		{ FORMAT TIME "[emits]\nscroll\n[never]\nscroll\n" KIND,
		    "m.map:13: a kind is both in [emits] and [never]" },
		{ FORMAT KIND, "m.map:6: [time] has no from" },
		{ FORMAT TIME, "m.map:7: [kind] has no rule" },
		{ FORMAT TIME KIND "[sample]\n{\"t\":\"x\"}\n",
		    "m.map:10: sample: record 1: time is not understood" },
		{ FORMAT TIME KIND "[sample]\n{\"t\":0}\n[expect]\n"
				   "actor = u1\n",
		    "m.map:13: sample: actor is \"\", not \"u1\"" },
		{ FORMAT TIME KIND "[expect]\n",
		    "m.map:10: [expect] follows a [sample]" },
		{ "[format]\nname = t\nversion = 1\ncontainer = text\n" KIND
		  "[time]\nfrom = t\nformat = epoch_s\n",
		    "m.map:9: container text needs a pattern" },
		{ "[format]\nname = t\nversion = 1\ncontainer = text\n"
		  "pattern = /(?<a>.*)/\n" KIND
		  "[time]\nfrom = t\nformat = epoch_s\n",
		    "m.map:10: no pattern captures \"t\"" },
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

static void
sources_are_chosen_joined_and_decoded(void **state)
{
	(void)state;
	run_expect(FORMAT "null = \"-\" none\n" TIME KIND "[fields]\n"
			  "actor = /u | /d + \"/\" + /s | \"nobody\"\n"
			  "action = /url > query ev\n"
			  "screen = /url > host > upper\n"
			  "label = /j > json /x/y > lower | /j > json /z\n"
			  "value = /v > values onoff\n"
			  "purpose = /p > split ;\n"
			  "entry = /url > regex /^(\\w+):/\n"
			  "region = /kv > kv \",\" = region\n"
			  "text = /b > base64\n"
			  "device = /d > unless /u\n"
			  "[values onoff]\ntrue = on\nfalse = off\n"
			  "half way = text\nnothing =\n",
	    "{\"t\":0,\"u\":\"u1\",\"d\":\"u1\",\"v\":true,"
	    "\"url\":\"https://a.b:1/p?x=1&ev=%e5%90%8c+x#ev=no\"}\n"
	    "{\"t\":0,\"u\":\"-\",\"d\":\"d\",\"s\":7,\"v\":\"half way\","
	    "\"p\":\"b; a;;b\",\"j\":\"{\\\"x\\\":{\\\"y\\\":\\\"YY\\\"}}\"}\n"
	    "{\"t\":0,\"d\":\"none\",\"v\":\"nothing\","
	    "\"j\":\"{\\\"z\\\":12}\",\"kv\":\"a=1, region = cn\"}\n"
	    "{\"t\":0,\"b\":\"5ZCM\",\"j\":\"{\",\"v\":7}\n"
	    "{\"t\":0,\"b\":\"_w\",\"j\":\"{}\"}\n",
	    "@" OUT " actor=u1 action=同 x screen=A.B entry=https value=on\n"
	    "@" OUT " actor=d/7 device=d label=yy value=text purpose=a,b\n"
	    "@" OUT " actor=nobody label=12 region=cn\n"
	    "@" OUT " actor=nobody text=同\n"
	    "@" OUT " actor=nobody\n");
}

static void
rules_are_tried_in_order_and_choose_the_fields(void **state)
{
	(void)state;
	run_expect(FORMAT TIME
	    "[filter]\n/e ~ /^debug/ = noise of developers\n"
	    "[kind]\n"
	    "/e ~ /^a.c$/i = screen.view\n"
	    "/e is \"a c\" = control.click\n"
	    "/e is ok = control.click yes\n"
	    "/e = scroll\n"
	    "[fields]\nactor = /u\nlabel = /l\n"
	    "[fields control.click]\nlabel = \"click\"\nscreen = /s\n"
	    "[fields yes]\nrole = \"accept\"\nlabel = \"yes\"\n",
	    "{\"t\":0,\"e\":\"Abc\",\"l\":\"x\"}\n"
	    "{\"t\":0,\"e\":\"debugging\"}\n"
	    "{\"t\":0,\"e\":\"ok\",\"s\":\"s1\"}\n"
	    "{\"t\":0,\"e\":[],\"l\":\"x\"}\n"
	    "{\"t\":0}\n",
	    "@ kind=screen.view time=1970-01-01T00:00:00Z precision=us "
	    "label=x\n"
	    "@ kind=control.click time=1970-01-01T00:00:00Z precision=us "
	    "role=accept screen=s1 label=yes\n"
	    "@" OUT " label=x\n"
	    "@ kind=other time=1970-01-01T00:00:00Z precision=us\n");
}

static void
an_array_or_object_is_split_into_events(void **state)
{
	(void)state;
	run_expect("[format]\nname = t\nversion = 1\ncontainer = jsonl\n"
		   "explode = /c\n" TIME
		   "[filter]\n/c/*/on is skip = x\n[kind]\nalways = consent\n"
		   "[fields]\nactor = /u\npurpose = /c/*/id | @key\n"
		   "decision = /c/*/on > values d | /c/* > values d\n"
		   "[values d]\ntrue = given\nfalse = refused\n* =\n",
	    "{\"t\":0,\"u\":\"u1\",\"c\":[{\"id\":\"a\",\"on\":true},"
	    "{\"id\":\"b\",\"on\":false},{\"on\":\"skip\"}]}\n"
	    "{\"t\":0,\"c\":{\"ads\":true,\"maps\":false}}\n"
	    "{\"t\":0,\"u\":\"u3\"}\n"
	    "{\"t\":0,\"u\":\"u4\",\"c\":[{\"on\":\"skip\"}]}\n",
	    "0+79 kind=consent time=1970-01-01T00:00:00Z precision=us "
	    "decision=given actor=u1 purpose=a\n"
	    "0+79.1 kind=consent time=1970-01-01T00:00:00Z precision=us "
	    "decision=refused actor=u1 purpose=b\n"
	    "80+37 kind=consent time=1970-01-01T00:00:00Z precision=us "
	    "decision=given purpose=ads\n"
	    "80+37.1 kind=consent time=1970-01-01T00:00:00Z precision=us "
	    "decision=refused purpose=maps\n"
	    "118+16 kind=consent time=1970-01-01T00:00:00Z precision=us "
	    "actor=u3\n");
}

static void
elements_of_lists_are_found_by_key(void **state)
{
	(void)state;
	run_expect(FORMAT TIME KIND "[fields]\nsession = /u + \".\" + "
				    "/params/[key=ga_session_id]/value/*\n"
				    "screen = /params/[key=screen]/value/*\n"
				    "label = /params/0/key\n",
	    "{\"t\":0,\"u\":\"p\",\"params\":[{\"key\":\"screen\","
	    "\"value\":{\"int_value\":null,\"string_value\":\"home\"}},"
	    "{\"key\":\"ga_session_id\",\"value\":{\"int_value\":\"5\"}},"
	    "{\"key\":\"screen\",\"value\":{\"string_value\":\"2nd\"}}]}\n",
	    "@" OUT " session=p.5 screen=home label=screen\n");
}

static void
zones_come_from_the_record_then_the_mapping(void **state)
{
	(void)state;
	run_expect(FORMAT "[time]\nfrom = /t\nformat = rfc3339\n"
			  "zone = +08:00\nrole = client\nprecision = second\n"
			  "received = /r\nreceived_format = epoch_ms\n" KIND,
	    "{\"t\":\"2018-01-03T09:00:01.5\",\"r\":1514941201000}\n"
	    "{\"t\":\"2018-01-03T01:00:01Z\",\"r\":\"soon\"}\n",
	    "@ kind=scroll time=2018-01-03T01:00:01.500Z "
	    "received=2018-01-03T01:00:01Z precision=second "
	    "time_role=client\n"
	    "@ kind=scroll time=2018-01-03T01:00:01Z zone=0 "
	    "precision=second time_role=client\n");
}

static void
named_zones_are_those_of_the_machine(void **state)
{
	static const struct {
		const char *zone, *local, *utc;
	} cases[] = {
		{ "Asia/Shanghai", "2018-01-03T09:00:01",
		    "2018-01-03T01:00:01Z" },
		{ "Asia/Shanghai", "1989-07-01T09:00:00",
		    "1989-07-01T00:00:00Z" },
		{ "America/New_York", "2018-01-03T09:00:00",
		    "2018-01-03T14:00:00Z" },
		{ "America/New_York", "2018-07-03T09:00:00",
		    "2018-07-03T13:00:00Z" },
		{ "America/New_York", "2050-03-13T03:30:00",
		    "2050-03-13T07:30:00Z" },
		{ "Australia/Sydney", "2060-01-01T12:00:00",
		    "2060-01-01T01:00:00Z" },
		{ "Asia/Kathmandu", "2018-01-03T09:00:00",
		    "2018-01-03T03:15:00Z" },
		{ "Etc/UTC", "2018-01-03T09:00:00", "2018-01-03T09:00:00Z" },
	};
	char map[256], line[64], want[128];
	FILE *f = fopen("/usr/share/zoneinfo/Asia/Shanghai", "rb");
	size_t i;

	(void)state;
	if (f == NULL)
		skip();
	(void)fclose(f);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(map, sizeof map,
		    FORMAT "[time]\nfrom = /t\nformat = rfc3339\n"
			   "zone = %s\n" KIND,
		    cases[i].zone);
		(void)snprintf(
		    line, sizeof line, "{\"t\":\"%s\"}\n", cases[i].local);
		(void)snprintf(want, sizeof want,
		    "@ kind=scroll time=%s precision=second\n", cases[i].utc);
		run_expect(map, line, want);
	}
}

static void
the_shipped_mappings_hold_what_their_samples_say(void **state)
{
	static const char *const names[] = { "access-log", "cloudtrail",
		"cloudtrail-lookup", "ios-app-privacy", "native", "sensorsdata",
		"ui-log" };
	struct map_set set = { 0 };
	struct err err = { 0 };
	size_t i;

	(void)state;
	if (map_set_shipped(&set, &err) < 0)
		fail_msg("%s", err.msg);
	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_non_null(map_set_find(&set, names[i]));
		assert_string_not_equal(
		    map_title(map_set_find(&set, names[i])), "");
	}
	assert_true(map_never(map_set_find(&set, "ui-log")) ==
		    (uint64_t)1 << KIND_CONTROL_IMPRESSION);
	map_set_clear(&set);
}

static void
the_mappings_of_the_reference_work_hold(void **state)
{
	struct map_set set = { 0 };
	struct err err = { 0 };

	(void)state;
	if (map_set_add_file(&set, "fixtures/bench/ui.map", &err) < 0 ||
	    map_set_add_file(&set, "fixtures/bench/audit.map", &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(
	    map_set_add_file(&set, "fixtures/bench/ui.map", &err), -1);
	assert_string_equal(err.msg,
	    "fixtures/bench/ui.map: there is a mapping named bench-ui "
	    "already");
	map_set_clear(&set);
}

/* Indented blocks of the README that begin with [format] are mappings. */
static void
the_examples_of_the_readme_hold(void **state)
{
	FILE *f = fopen("ingest/mappings/README.md", "r");
	struct err err = { 0 };
	struct buf b = { 0 };
	char line[4096];
	struct map *m;
	int n = 0;

	(void)state;
	assert_non_null(f);
	for (;;) {
		bool more = fgets(line, sizeof line, f) != NULL;

		if (more && strncmp(line, "    ", 4) == 0) {
			(void)buf_str(&b, line + 4);
			continue;
		}
		if (b.n > 8 && strncmp(b.p, "[format]", 8) == 0) {
			m = map_compile("README.md", buf_as_span(&b), &err);
			if (m == NULL)
				fail_msg("%s\n%s", err.msg, b.p);
			map_free(m);
			n++;
		}
		buf_reset(&b);
		if (!more)
			break;
	}
	assert_true(n >= 18);
	buf_clear(&b);
	(void)fclose(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_wrong_file_is_refused_with_its_line_and_reason),
		cmocka_unit_test(sources_are_chosen_joined_and_decoded),
		cmocka_unit_test(
		    rules_are_tried_in_order_and_choose_the_fields),
		cmocka_unit_test(an_array_or_object_is_split_into_events),
		cmocka_unit_test(elements_of_lists_are_found_by_key),
		cmocka_unit_test(zones_come_from_the_record_then_the_mapping),
		cmocka_unit_test(named_zones_are_those_of_the_machine),
		cmocka_unit_test(
		    the_shipped_mappings_hold_what_their_samples_say),
		cmocka_unit_test(the_mappings_of_the_reference_work_hold),
		cmocka_unit_test(the_examples_of_the_readme_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
