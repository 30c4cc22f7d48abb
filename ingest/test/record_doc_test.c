/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/test/record_run.h"

#include "ingest/json.h"

#define HEAD(records)                                                 \
	"[format]\nname = t\nversion = 1\ncontainer = json\n" records \
	"[time]\nfrom = /t\nformat = epoch_us\n[kind]\n"              \
	"always = scroll\n[fields]\nactor = /a\n"
#define BELOW HEAD("records = /log/entries\n")
#define TOP   HEAD("")

#define OUT " kind=scroll time=1970-01-01T00:00:00Z precision=us"

static void
records_are_found_below_their_path(void **state)
{
	(void)state;
	run_expect(BELOW,
	    " {\"x\":{\"entries\":[1]}, \"n\":-1.5e3,\n\"log\" : {\"v\":\"]\\\"\","
	    "\"entries\":[ {\"t\":0,\"a\":\"u1\"} ,\n"
	    "{\"t\":0,\"a\":\"}],{\\\"\"},{\"t\":0,\"b\":[[{}],{}]}],"
	    "\"z\":[{}]},\"y\":\"}\"}\n",
	    "66+16" OUT " actor=u1\n"
	    "85+20" OUT " actor=}],{\"\n"
	    "106+21" OUT "\n");
}

static void
a_top_level_array_holds_records(void **state)
{
	(void)state;
	run_expect(TOP, "[{\"t\":0,\"a\":\"u1\"},7,{\"t\":0}]\n[]\n[{\"t\":0}]",
	    "@" OUT " actor=u1\n"
	    "@ !not a JSON object\n"
	    "@" OUT "\n"
	    "@" OUT "\n");
}

static void
a_damaged_tail_is_a_reject(void **state)
{
	(void)state;
	run_expect(BELOW,
	    "{\"log\":{\"entries\":[{\"t\":0,\"a\":\"u1\"},{\"t\":0,\"a",
	    "@" OUT " actor=u1\n"
	    "@ !invalid JSON: the record does not end\n");
	run_expect(TOP, "[{\"t\":0}",
	    "@" OUT "\n"
	    "@ !invalid JSON: the document does not end\n");
	run_expect(BELOW, "{\"log\":{\"entries\":[{\"t\":0}]",
	    "@" OUT "\n"
	    "@ !invalid JSON: the document does not end\n");
	run_expect(BELOW, "{\"log\":{\"entrails\":[{\"t\":0}]}}",
	    "@ !not a document with the mapping's records\n");
	run_expect(BELOW, "{\"log\":", "@ !invalid JSON: bad structure\n");
}

static void
a_broken_record_does_not_take_its_neighbours(void **state)
{
	(void)state;
	run_expect(TOP,
	    "[{\"t\":0,\"a\":\"u1\"},{\"t\":0,\"a\":\"u2},{\"t\":0,\"a\":\"u3\"}]",
	    "@" OUT " actor=u1\n"
	    "@ !invalid JSON: bad structure\n"
	    "@" OUT " actor=u3\n");
	run_expect(TOP,
	    "[{\"t\":0,\"a\":[1}},{\"t\":0,\"a\":\"u2\"},{\"t\":0,\"a\":tru},"
	    "{\"t\":0 \"x\"},\n{\"t\":0,\"a\":\"u5\"} {\"t\":0},{\"t\":0}]",
	    "@ !invalid JSON: bad structure\n"
	    "@" OUT " actor=u2\n"
	    "@ !invalid JSON: unknown word\n"
	    "@ !invalid JSON: bad structure\n"
	    "@" OUT " actor=u5\n"
	    "@ !invalid JSON: no comma before the record\n"
	    "@" OUT "\n");
}

static void
pieces_do_not_matter(void **state)
{
	static const char *const parts[] = { "{\"t\":0}", ",", "[", "]", "{",
		"}", "\"", "\\", "{\"t\":0,\"a\":\"u1\"}", ",{\"t\":0}", " ",
		"\n", "x", "{\"log\":{\"entries\":[", "]}}",
		",{\"t\":0,\"a\":1}", "{\"log\":{\"entries\":[{\"t\":0}" };
	struct map *m = run_map(BELOW);
	struct prop p = prop_seeded(5);
	struct buf b = { 0 };
	struct run whole, cut;
	int i, k;

	(void)state;
	for (i = 0; i < 4000; i++) {
		buf_reset(&b);
		(void)buf_str(&b, "{\"log\":{\"entries\":[");
		for (k = (int)prop_below(&p, 30); k >= 0; k--)
			(void)buf_str(&b, parts[prop_below(&p,
					      sizeof parts / sizeof parts[0])]);
		run_input(&whole, m, RECORD_UTF8, buf_as_span(&b), 0);
		run_input(&cut, m, RECORD_UTF8, buf_as_span(&b),
		    1 + prop_below(&p, 20));
		run_same(&whole, &cut, &b);
		run_clear(&whole);
		run_clear(&cut);
	}
	buf_clear(&b);
	map_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_found_below_their_path),
		cmocka_unit_test(a_top_level_array_holds_records),
		cmocka_unit_test(a_damaged_tail_is_a_reject),
		cmocka_unit_test(a_broken_record_does_not_take_its_neighbours),
		cmocka_unit_test(pieces_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
