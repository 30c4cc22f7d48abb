/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/test/record_run.h"

#include "ingest/json.h"

#define TAIL                                                             \
	"[time]\nfrom = t\nformat = epoch_us\n[kind]\nalways = scroll\n" \
	"[fields]\nactor = a\nlabel = b\n"
#define HEAD "[format]\nname = t\nversion = 1\ncontainer = csv\n"

#define OUT " kind=scroll time=1970-01-01T00:00:00Z precision=us"

static void
cells_are_read_by_the_names_of_the_header(void **state)
{
	(void)state;
	run_expect(HEAD TAIL,
	    "t,b,x,a\r\n"
	    "0,one,,u1\r\n"
	    "\r\n"
	    "0,\"two, \"\"2\"\"\",,\"u2\"\r\n"
	    "0,\"three\r\nlines\n\",,u3\r\n"
	    "0,not \"quoted\",,u4",
	    "9+9" OUT " actor=u1 label=one\n"
	    "22+20" OUT " actor=u2 label=two, \"2\"\n"
	    "44+21" OUT " actor=u3 label=three\r\nlines\n\n"
	    "67+18" OUT " actor=u4 label=not \"quoted\"\n");
}

static void
one_malformed_record_costs_its_first_line_only(void **state)
{
	(void)state;
	run_expect(HEAD TAIL,
	    "t,a,b\n"
	    "0,u1,\"x\n"
	    "0,u2,y\n"
	    "0,\"u3\",z\n"
	    "0,u4\n"
	    "0,u5,5,5\n"
	    "0,u6,\xff\n"
	    "0,\"u7\"x,7\n"
	    "0,u8,\"8\n"
	    "0,u9,9\n",
	    "@ !invalid CSV: quotes do not match\n"
	    "@" OUT " actor=u2 label=y\n"
	    "@" OUT " actor=u3 label=z\n"
	    "@ !invalid CSV: fewer cells than the header\n"
	    "@ !invalid CSV: more cells than the header\n"
	    "@ !invalid UTF-8\n"
	    "@ !invalid CSV: quotes do not match\n"
	    "@ !invalid CSV: quotes do not match\n"
	    "@" OUT " actor=u9 label=9\n");
}

static void
a_quote_that_swallows_lines_is_seen_by_the_number_of_cells(void **state)
{
	(void)state;
	run_expect(HEAD TAIL,
	    "t,a,b\n"
	    "0,u1,\"x\n"
	    "0,u2,\",y\n"
	    "0,u3,z\n",
	    "@ !invalid CSV: quotes do not match\n"
	    "@ !invalid CSV: quotes do not match\n"
	    "@" OUT " actor=u3 label=z\n");
}

static void
columns_may_be_named_by_the_mapping(void **state)
{
	(void)state;
	run_expect(HEAD "delimiter = tab\nquote = none\ncomment = \"#\"\n"
			"columns = t a b\n" TAIL,
	    "#t\ta\tb\n"
	    "0\tu1\t\"x\n"
	    "0\t\t\n",
	    "@" OUT " actor=u1 label=\"x\n"
	    "@" OUT "\n");
}

static void
a_column_that_stands_twice_is_not_guessed_at(void **state)
{
	(void)state;
	run_expect(HEAD TAIL, "t,a,b,a\n0,u1,x,u2\n",
	    "@ !a column that the mapping reads stands twice\n");
}

static void
a_mark_of_byte_order_is_not_part_of_the_header(void **state)
{
	(void)state;
	run_expect(HEAD TAIL, "\xef\xbb\xbft,a,b\n0,u1,x\n",
	    "@" OUT " actor=u1 label=x\n");
}

/* Of any text, cut anyhow, the same comes out. */
static void
pieces_do_not_matter(void **state)
{
	static const char *const parts[] = { "0", ",", "\"", "\"\"", "\n",
		"\r\n", "\r", "x", "0,u,v\n", "\"0\",\"u\",\"v\"\n", "\xc3" };
	struct map *m = run_map(HEAD TAIL);
	struct prop p = prop_seeded(7);
	struct buf b = { 0 };
	struct run whole, cut;
	int i, k;

	(void)state;
	for (i = 0; i < 4000; i++) {
		buf_reset(&b);
		(void)buf_str(&b, "t,a,b\n");
		for (k = (int)prop_below(&p, 40); k >= 0; k--)
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
		cmocka_unit_test(cells_are_read_by_the_names_of_the_header),
		cmocka_unit_test(
		    one_malformed_record_costs_its_first_line_only),
		cmocka_unit_test(
		    a_quote_that_swallows_lines_is_seen_by_the_number_of_cells),
		cmocka_unit_test(columns_may_be_named_by_the_mapping),
		cmocka_unit_test(a_column_that_stands_twice_is_not_guessed_at),
		cmocka_unit_test(
		    a_mark_of_byte_order_is_not_part_of_the_header),
		cmocka_unit_test(pieces_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
