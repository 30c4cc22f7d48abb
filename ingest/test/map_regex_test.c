/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Patterns that would run for ever: bounded, and told with their line. */
#include "ingest/test/record_run.h"

#define JSONL "[format]\nname = t\nversion = 1\ncontainer = jsonl\n"
#define TIME  "[time]\nfrom = /t\nformat = epoch_us\n"
#define KIND  "[kind]\nalways = scroll\n"
#define OUT   " kind=scroll time=1970-01-01T00:00:00Z precision=us"
#define EVIL  "/^(a+)+$/"
#define MANY  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"
#define OVER(line) \
	"@ !test.map:" #line ": the pattern takes too many steps here\n"

static void
a_rule_that_meets_its_bound_rejects_the_record(void **state)
{
	static const char input[] = "{\"t\":0,\"x\":\"aaa\"}\n"
				    "{\"t\":0,\"x\":\"" MANY "\"}\n"
				    "{\"t\":0,\"x\":\"" MANY "\"}\n"
				    "{\"t\":0,\"x\":\"a!\"}\n";

	(void)state;
	run_expect(JSONL TIME "[kind]\n/x ~ " EVIL " = scroll\n", input,
	    "@" OUT "\n" OVER(9) OVER(
		9) "@ kind=other time=1970-01-01T00:00:00Z precision=us\n");
	run_expect(JSONL TIME "[filter]\n/x ~ " EVIL " = why\n" KIND, input,
	    OVER(9) OVER(9) "@" OUT "\n");
	run_expect(JSONL TIME "[kind]\n/x > regex " EVIL " is a = scroll\n"
			      "always = scroll\n",
	    input, "@" OUT "\n" OVER(9) OVER(9) "@" OUT "\n");
	run_expect(JSONL "[time]\nfrom = /x > regex " EVIL " | /t\n"
			 "format = epoch_us\n" KIND,
	    input, "@ !time is not understood\n" OVER(6) OVER(6) "@" OUT "\n");
}

static void
a_line_whose_pattern_meets_its_bound_is_rejected(void **state)
{
	(void)state;
	run_expect("[format]\nname = t\nversion = 1\ncontainer = text\n"
		   "pattern = /(?<t>\\d) (a+)+$/\npattern = /(?<t>\\d).*/\n"
		   "[time]\nfrom = t\nformat = epoch_us\n" KIND,
	    "0 aaa\n0 " MANY "\n0 b\n", "@" OUT "\n" OVER(5) "@" OUT "\n");
}

static void
a_field_whose_pattern_meets_its_bound_is_absent_and_counted(void **state)
{
	struct map *m = run_map(JSONL "explode = /e\n" TIME KIND "[fields]\n"
				      "label = @value > regex " EVIL
				      "\nscreen = /x > regex /(.)/\n");
	static const char input[] =
	    "{\"t\":0,\"x\":\"s\",\"e\":[\"aa\",\"" MANY "\",\"a\"]}\n";
	struct run r;

	(void)state;
	run_input(&r, m, RECORD_UTF8, span_of(input), 0);
	assert_true(
	    run_fits(r.out.p, "@" OUT " screen=s label=aa\n@" OUT
			      " screen=s\n@" OUT " screen=s label=a\n"));
	assert_int_equal(r.tally.fields_absent, 1);
	run_clear(&r);
	map_free(m);
}

/* What a document depends on is asked before any field is known. */
static void
a_bound_met_for_one_element_is_not_that_of_the_next(void **state)
{
	(void)state;
	run_expect(JSONL "explode = /e\n" TIME "[kind]\n@value ~ " EVIL
			 " = scroll\n",
	    "{\"t\":0,\"e\":[\"aa\",\"" MANY "\",\"a\"]}\n"
	    "{\"t\":0,\"e\":[\"" MANY "\"]}\n",
	    "@" OUT "\n@" OUT "\n" OVER(10));
	run_expect(JSONL "explode = /e/*/j > regex " EVIL " > json\n" TIME KIND,
	    "{\"t\":0,\"e\":[{\"j\":\"" MANY "\"},{\"j\":\"a\"}]}\n",
	    "@" OUT "\n");
}

static void
a_long_text_needs_no_deep_stack(void **state)
{
	struct map *m = run_map(JSONL TIME
	    "[kind]\n/x ~ /^(a|b)*c$/ = scroll\n/x ~ /^.*c$/ = other\n");
	struct buf b = { 0 };
	struct run r;
	int i;

	(void)state;
	(void)buf_str(&b, "{\"t\":0,\"x\":\"");
	for (i = 0; i < 1 << 22; i++)
		(void)buf_char(&b, i % 3 == 0 ? 'a' : 'b');
	(void)buf_str(&b, "c\"}\n");
	run_input(&r, m, RECORD_UTF8, buf_as_span(&b), 0);
	/* found, or told: never a crash, never silence */
	assert_int_equal(r.tally.mapped + r.tally.rejected, 1);
	if (r.tally.rejected == 1)
		assert_non_null(strstr(r.out.p, "test.map:9: the pattern"));
	else
		assert_non_null(strstr(r.out.p, "kind=scroll"));
	run_clear(&r);
	buf_clear(&b);
	map_free(m);
}

static void
patterns_know_characters_and_captures(void **state)
{
	struct err err = { 0 };
	struct buf map = { 0 };
	int i;

	(void)state;
	run_expect(JSONL TIME "[kind]\n/x ~ /^同.$/ = scroll\n"
			      "/x ~ /^É$/i = screen.view\n"
			      "/x ~ /a \\/ = b/ = screen.leave\n",
	    "{\"t\":0,\"x\":\"同意\"}\n{\"t\":0,\"x\":\"é\"}\n"
	    "{\"t\":0,\"x\":\"a / = b\"}\n",
	    "@" OUT "\n"
	    "@ kind=screen.view time=1970-01-01T00:00:00Z precision=us\n"
	    "@ kind=screen.leave time=1970-01-01T00:00:00Z precision=us\n");
	(void)buf_str(&map, JSONL TIME "[kind]\n/x ~ /");
	for (i = 0; i < 64; i++)
		(void)buf_str(&map, "(a)");
	(void)buf_str(&map, "/ = scroll\n");
	assert_null(map_compile("m.map", buf_as_span(&map), &err));
	assert_string_equal(
	    err.msg, "m.map:9: a pattern captures at most 63 times");
	buf_clear(&map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_rule_that_meets_its_bound_rejects_the_record),
		cmocka_unit_test(
		    a_line_whose_pattern_meets_its_bound_is_rejected),
		cmocka_unit_test(
		    a_field_whose_pattern_meets_its_bound_is_absent_and_counted),
		cmocka_unit_test(
		    a_bound_met_for_one_element_is_not_that_of_the_next),
		cmocka_unit_test(a_long_text_needs_no_deep_stack),
		cmocka_unit_test(patterns_know_characters_and_captures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
