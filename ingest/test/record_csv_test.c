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

/* ---- what is found in the wild ---------------------------------------------- */

static void
lines_end_as_the_first_one_does(void **state)
{
	(void)state;
	/* an old Mac's */
	run_expect(HEAD TAIL, "t,a,b\r0,u1,x\r\r0,\"u\r2\",y\n\r0,u3,z",
	    "6+6" OUT " actor=u1 label=x\n"
	    "14+10" OUT " actor=u\r2 label=y\n\n"
	    "25+6" OUT " actor=u3 label=z\n");
	/* LF and CRLF mixed; then a CR alone is text */
	run_expect(HEAD TAIL, "t,a,b\n0,u1,x\r\n0,u\r2,y\n0,u3,\"z\"\r\n",
	    "6+6" OUT " actor=u1 label=x\n"
	    "14+7" OUT " actor=u\r2 label=y\n"
	    "22+8" OUT " actor=u3 label=z\n");
	run_expect(HEAD TAIL, "t,a,b\r\n0,u1,x\r\n0,u2,y",
	    "7+6" OUT " actor=u1 label=x\n"
	    "15+6" OUT " actor=u2 label=y\n");
	/* a CR in the quotes of the first line says nothing */
	run_expect(HEAD TAIL, "t,a,b,\"x\ry\"\n0,u1,x,\n",
	    "12+7" OUT " actor=u1 label=x\n");
	run_expect(HEAD "columns = t a b\n" TAIL, "0,u1,x\r0,u2,y\r",
	    "0+6" OUT " actor=u1 label=x\n"
	    "7+6" OUT " actor=u2 label=y\n");
}

static void
a_first_line_of_excel_names_the_delimiter(void **state)
{
	(void)state;
	run_expect(HEAD TAIL, "sep=;\r\nt;a;b\r\n0;u1;x,y\r\n",
	    "@" OUT " actor=u1 label=x,y\n");
	run_expect(HEAD TAIL, "\xef\xbb\xbf\"sep=\t\"\nt\ta\tb\n0\tu1\tx\n",
	    "@" OUT " actor=u1 label=x\n");
	run_expect(
	    HEAD TAIL, "sep=;\rt;a;b\r0;u1;x", "@" OUT " actor=u1 label=x\n");
	/* elsewhere it is a row, and longer it is a header */
	run_expect(HEAD TAIL, "t,a,b\nsep=;\n0,u1,x\n",
	    "@ !invalid CSV: fewer cells than the header\n"
	    "@" OUT " actor=u1 label=x\n");
	run_expect(HEAD TAIL, "sep=ab,t,a,b\nx,0,u1,x\n",
	    "@" OUT " actor=u1 label=x\n");
}

static void
columns_of_later_versions_may_be_missing(void **state)
{
	(void)state;
	run_expect(HEAD "columns = t a\nmore_columns = b c\n" TAIL,
	    "0,u1,x,y\n"
	    "0,u2,x\n"
	    "0,\"u\n3\"\n"
	    "0\n"
	    "0,u5,x,y,z\n",
	    "0+8" OUT " actor=u1 label=x\n"
	    "9+6" OUT " actor=u2 label=x\n"
	    "16+7" OUT " actor=u\n3\n"
	    "24+1 !invalid CSV: fewer cells than the header\n"
	    "26+10 !invalid CSV: more cells than the header\n");
}

static void
rows_of_other_lengths_are_refused_but_for_empty_cells(void **state)
{
	(void)state;
	run_expect(HEAD TAIL,
	    "t,a,b\n0,u1,x,,\n0,u2\n0,u3,x,y\n0,u4,\n,,\n"
	    "0,u5,\"x\ny\",\"\"\n",
	    "@" OUT " actor=u1 label=x\n"
	    "@ !invalid CSV: fewer cells than the header\n"
	    "@ !invalid CSV: more cells than the header\n"
	    "@" OUT " actor=u4\n"
	    "@ !time is absent\n"
	    "@" OUT " actor=u5 label=x\ny\n");
}

static void
names_of_columns_may_be_empty_or_stand_twice(void **state)
{
	(void)state;
	run_expect(HEAD TAIL, "t,,a,x,,b,x\n0,1,u1,2,3,y,4\n",
	    "@" OUT " actor=u1 label=y\n");
	run_expect(HEAD TAIL, "\n\nt,\"a\",b\n0,u1,x\n",
	    "@" OUT " actor=u1 label=x\n");
	run_expect(HEAD TAIL, "t,a,b", "");
	run_expect(HEAD TAIL, "\n", "");
}

static void
quotes_count_only_at_the_beginning_of_a_cell(void **state)
{
	(void)state;
	run_expect(HEAD TAIL,
	    "t,a,b\n0,5\" tv,a \"b\"\n0, \"u2\",x\n0,\"\"\"u\"\"3\",\n"
	    "0,\"\",x\n0,u5,\"never ends\n",
	    "@" OUT " actor=5\" tv label=a \"b\"\n"
	    "@" OUT " actor= \"u2\" label=x\n"
	    "@" OUT " actor=\"u\"3\n"
	    "@" OUT " label=x\n"
	    "@ !invalid CSV: quotes do not match\n");
	run_expect(HEAD "quote = \"'\"\n" TAIL,
	    "t,a,b\n0,'u,1','it''s'\n0,\"u2,x\n",
	    "@" OUT " actor=u,1 label=it's\n"
	    "@" OUT " actor=\"u2 label=x\n");
}

static void
comments_begin_a_record_not_a_line(void **state)
{
	(void)state;
	run_expect(HEAD "comment = \"#\"\n" TAIL,
	    "# t,a,b\nt,a,b\n0,u1,\"x\n# y\n\"\n #0,u2,x\n#0,\"u3,x\n"
	    "0,u4,#z\n",
	    "14+13" OUT " actor=u1 label=x\n# y\n\n"
	    "28+8 !time is not understood\n"
	    "46+7" OUT " actor=u4 label=#z\n");
}

static void
a_delimiter_may_be_any_ascii_character(void **state)
{
	(void)state;
	run_expect(HEAD "delimiter = \"\\x01\"\nquote = none\n" TAIL,
	    "t\1a\1b\n0\1u1\1\"x\n", "@" OUT " actor=u1 label=\"x\n");
	run_expect(HEAD "delimiter = \"|\"\n" TAIL, "t|a|b\n0|\"u|1\"|x,y\n",
	    "@" OUT " actor=u|1 label=x,y\n");
	run_expect(HEAD "delimiter = tab\n" TAIL, "t\ta\tb\n0\t\t x \n",
	    "@" OUT " label= x \n");
}

/* Run bytes that may hold zeroes. */
static void
bytes_expect(
    enum record_encoding encoding, const char *p, size_t n, const char *want)
{
	struct map *m = run_map(HEAD TAIL);
	struct span s = { p, n };
	struct run r;
	size_t i;

	for (i = 0; i < 5; i++) {
		run_input(&r, m, encoding, s, i * i * i);
		assert_int_equal(r.out.n, strlen(want));
		assert_memory_equal(r.out.p, want, r.out.n);
		run_clear(&r);
	}
	map_free(m);
}

static void
a_zero_byte_is_kept(void **state)
{
	static const char text[] = "t,a,b\n0,u\0001,x\n0,u2,y\n";
	struct map *m = run_map(HEAD TAIL);
	struct span s = { text, sizeof text - 1 };
	struct run r;

	(void)state;
	run_input(&r, m, RECORD_UTF8, s, 3);
	assert_int_equal(r.tally.mapped, 2);
	assert_non_null(memmem(r.out.p, r.out.n, "actor=u\0001 label=x", 17));
	run_clear(&r);
	map_free(m);
}

static void
other_encodings_are_read_and_places_stay_theirs(void **state)
{
	static const char utf16le[] =
	    "\xff\xfet\0,\0a\0,\0b\0\r\0\n\0000\0,\0\x0c\x54,\0x\0\r\0\n\0"
	    "0\0,\0v\0,\0\"\0x\0\n\0y\0\"\0";
	static const char utf16be[] = "\xfe\xff\0t\0,\0a\0,\0b\0\r\0000\0,"
				      "\x54\x0c\0,\0x\0\r";
	static const char gb18030[] = "t,a,b\n0,\xcd\xac,x\n0,\xff,y\n";

	(void)state;
	bytes_expect(RECORD_UTF16LE, utf16le, sizeof utf16le - 1,
	    "16+10" OUT " actor=\u540c label=x\n"
	    "30+18" OUT " actor=v label=x\ny\n");
	bytes_expect(RECORD_UTF16BE, utf16be, sizeof utf16be - 1,
	    "14+10" OUT " actor=\u540c label=x\n");
	bytes_expect(RECORD_GB18030, gb18030, sizeof gb18030 - 1,
	    "6+6" OUT " actor=\u540c label=x\n"
	    "13+5 !invalid UTF-8\n");
}

/* ---- header lines -------------------------------------------------------- */

#define MARKED                                                   \
	HEAD "header = \"#Fields:\"\ncomment = \"#\"\n"          \
	     "delimiter = blanks\nnull = \"-\"\n[time]\n"        \
	     "from = date + \"T\" + time | @Date + \"T\" + time" \
	     "\nformat = rfc3339\nzone = UTC\n"                  \
	     "[kind]\nalways = scroll\n"                         \
	     "[fields]\nactor = a\nlabel = b(x)\nvalue = @Software\n"

#define AT " kind=scroll time=2018-01-0"

static void
a_header_line_names_the_columns_from_there_on(void **state)
{
	(void)state;
	run_expect(MARKED,
	    "#Version: 1.0\n"
	    "#Fields: date time a b(x)\n"
	    "2018-01-03 01:00:00 u1 one\n"
	    "# any comment, #Fields: not at its beginning\n"
	    "#Fields: b(x) a date time \r\n"
	    "two u2 2018-01-03 02:00:00\r\n"
	    "#Fields: date time a\n"
	    "2018-01-03 03:00:00 u3\n",
	    "@" AT "3T01:00:00Z precision=second actor=u1 label=one\n"
	    "@" AT "3T02:00:00Z precision=second actor=u2 label=two\n"
	    "@" AT "3T03:00:00Z precision=second actor=u3\n");
}

static void
a_directive_holds_until_the_next_one(void **state)
{
	char text[512];

	(void)state;
	run_expect(MARKED,
	    "#Fields: time a\n"
	    "01:00:00 u1\n"
	    "#Date: 2018-01-03\n"
	    "#Dated: 2018-01-09\n"
	    "#Software:\tIIS 10.0 \n"
	    "02:00:00 u2\n"
	    "#Date: 2018-01-04\n"
	    "#Software\n"
	    "03:00:00 u3",
	    "@ !time is absent\n"
	    "@" AT "3T02:00:00Z precision=second actor=u2 value=IIS 10.0\n"
	    "@" AT "4T03:00:00Z precision=second actor=u3\n");
	/* one that is too long to keep is unknown, the older one is over */
	(void)snprintf(text, sizeof text,
	    "#Fields: date time a\n#Software: x\n#Software: %0200d\n"
	    "2018-01-03 01:00:00 u1\n",
	    0);
	run_expect(
	    MARKED, text, "@" AT "3T01:00:00Z precision=second actor=u1\n");
}

static void
before_a_header_line_nothing_is_a_record(void **state)
{
	(void)state;
	run_expect(MARKED,
	    "2018-01-03 01:00:00 u1\n"
	    "#Fields:\n"
	    "2018-01-03 01:00:00 u1\n"
	    "#Fields: date time a a\n"
	    "2018-01-03 01:00:00 u1 u2\n",
	    "@ !invalid CSV: no header before the record\n"
	    "@ !invalid CSV: no header before the record\n"
	    "@ !a column that the mapping reads stands twice\n");
}

static void
blanks_in_a_row_are_one_delimiter(void **state)
{
	(void)state;
	run_expect(MARKED,
	    "#Fields: date\ttime  a b(x)\n"
	    " 2018-01-03 \t 01:00:00 u1  \"two  words\" \n"
	    "\t\n"
	    "2018-01-03 01:00:00 \"u\"\"2\" \"no\n"
	    "2018-01-03 01:00:00 \"u3\"x y=\"1\"\n"
	    "2018-01-03 01:00:00 u4\n"
	    "2018-01-03 01:00:00 u5 a b\n",
	    "@" AT "3T01:00:00Z precision=second actor=u1 label=two  words\n"
	    "@" AT "3T01:00:00Z precision=second actor=u\"2 label=\"no\n"
	    "@" AT "3T01:00:00Z precision=second actor=\"u3\"x "
	    "label=y=\"1\"\n"
	    "@ !invalid CSV: fewer cells than the header\n"
	    "@ !invalid CSV: more cells than the header\n");
}

/* Zeek writes its header so: the mark, then cells between tabs. */
static void
a_header_line_may_be_cells_between_tabs(void **state)
{
	(void)state;
	run_expect(HEAD "header = \"#fields\"\ncomment = \"#\"\n"
			"delimiter = tab\nquote = none\n" TAIL,
	    "#separator \\x09\n#fields\tt\ta\tb\n0\tu1\tone two\n"
	    "#close\n",
	    "@" OUT " actor=u1 label=one two\n");
}

static void
what_a_header_line_cannot_be_is_refused(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ HEAD "header = \"\"\n" TAIL,
		    "t.map:5: header is what such lines begin with" },
		{ HEAD "more_columns = b\n",
		    "t.map:5: more_columns follows columns" },
		{ HEAD "header = \"#F\"\ncolumns = t a b\n" TAIL,
		    "t.map:14: header and columns name both the same" },
		{ HEAD "header = \"#F\"\n" TAIL "value = @Date\n",
		    "t.map:14: @Date: directives stand in comments, which "
		    "the mapping has none of" },
		{ HEAD "header = \"#F\"\ncomment = \"#\"\n" TAIL
		       "value = @A\ntext = @B\nscreen = @C\napp = @D\n"
		       "surface = @E\n",
		    "t.map:19: more than 4 directives" },
	};
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		memset(&err, 0, sizeof err);
		assert_null(map_compile("t.map", span_of(cases[i].text), &err));
		assert_string_equal(err.msg, cases[i].want);
	}
}

/* ---- pieces ---------------------------------------------------------------- */

/* Of any text, cut anyhow, the same comes out. */
static void
pieces_compare(
    const char *map, const char *head, const char *const *parts, size_t n_parts)
{
	struct map *m = run_map(map);
	struct prop p = prop_seeded(7);
	struct buf b = { 0 };
	struct run whole, cut;
	int i, k;

	for (i = 0; i < 4000; i++) {
		buf_reset(&b);
		(void)buf_str(&b, head);
		for (k = (int)prop_below(&p, 40); k >= 0; k--)
			(void)buf_str(&b, parts[prop_below(&p, n_parts)]);
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

static void
pieces_do_not_matter(void **state)
{
	static const char *const parts[] = { "0", ",", "\"", "\"\"", "\n",
		"\r\n", "\r", "x", "0,u,v\n", "\"0\",\"u\",\"v\"\n", "\xc3",
		"sep=;", ";" };

	(void)state;
	pieces_compare(
	    HEAD TAIL, "t,a,b\n", parts, sizeof parts / sizeof parts[0]);
	pieces_compare(HEAD TAIL, "", parts, sizeof parts / sizeof parts[0]);
	pieces_compare(
	    HEAD TAIL, "t,a,b\r", parts, sizeof parts / sizeof parts[0]);
}

static void
pieces_do_not_matter_to_header_lines(void **state)
{
	static const char *const parts[] = { "#", "#Fields: time a\n",
		"#Fields: a date time b(x)\n", "#Date: 2018-01-03\n",
		"#Date:", "\n", " ", "\t", "\"", "01:00:00 u\n",
		"u 2018-01-03 01:00:00 x\n", "#Software: s\r\n" };

	(void)state;
	pieces_compare(MARKED, "", parts, sizeof parts / sizeof parts[0]);
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
		cmocka_unit_test(lines_end_as_the_first_one_does),
		cmocka_unit_test(a_first_line_of_excel_names_the_delimiter),
		cmocka_unit_test(columns_of_later_versions_may_be_missing),
		cmocka_unit_test(
		    rows_of_other_lengths_are_refused_but_for_empty_cells),
		cmocka_unit_test(names_of_columns_may_be_empty_or_stand_twice),
		cmocka_unit_test(quotes_count_only_at_the_beginning_of_a_cell),
		cmocka_unit_test(comments_begin_a_record_not_a_line),
		cmocka_unit_test(a_delimiter_may_be_any_ascii_character),
		cmocka_unit_test(a_zero_byte_is_kept),
		cmocka_unit_test(
		    other_encodings_are_read_and_places_stay_theirs),
		cmocka_unit_test(a_header_line_names_the_columns_from_there_on),
		cmocka_unit_test(a_directive_holds_until_the_next_one),
		cmocka_unit_test(before_a_header_line_nothing_is_a_record),
		cmocka_unit_test(blanks_in_a_row_are_one_delimiter),
		cmocka_unit_test(a_header_line_may_be_cells_between_tabs),
		cmocka_unit_test(what_a_header_line_cannot_be_is_refused),
		cmocka_unit_test(pieces_do_not_matter),
		cmocka_unit_test(pieces_do_not_matter_to_header_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
