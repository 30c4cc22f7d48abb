/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/test/record_run.h"

#include "ingest/record_group.h"

#define HEAD                                                            \
	"[format]\nname = t\nversion = 1\ncontainer = text\n"           \
	"null = \"-\"\npattern = /(?<host>\\w+)?:(?<k>\\w*) (?<y>\\w+)" \
	"(?: (?<a>\\S+))?(?: (?<b>\\S+))?/\n"
#define TAIL                                                                 \
	"[time]\nfrom = \"0\"\nformat = epoch_us\n[kind]\nalways = scroll\n" \
	"[fields]\naction = y\nactor = a\nlabel = X.b\nvalue = *.a\n"
#define MAP HEAD "together = k\nline_type = y\n" TAIL
#define OUT " kind=scroll time=1970-01-01T00:00:00Z precision=us"

static void
lines_with_one_key_are_one_record(void **state)
{
	(void)state;
	run_expect(MAP,
	    ":1 A - b1\n"
	    ":1 X a2 b2\r\n"
	    "\n"
	    ":1 X a3 b3\n"
	    ":2 X\n",
	    "0+33" OUT " actor=a2 action=A label=b2 value=a2 a3\n"
	    "34+4" OUT " action=X\n");
}

static void
lines_of_several_records_may_stand_through_each_other(void **state)
{
	(void)state;
	run_expect(MAP,
	    ":1 A\n:2 A u2\n:1 X u1\nno match\n:2 X u2\n:3 A\n: B x\n: B y\n"
	    ":1 C u4",
	    "0+62" OUT " actor=u1 action=A value=u1 u4\n"
	    "5+32" OUT " actor=u2 action=A value=u2 u2\n"
	    "21+8 !line does not match the pattern\n"
	    "38+4" OUT " action=A\n"
	    "43+5" OUT " actor=x action=B value=x\n"
	    "49+5" OUT " actor=y action=B value=y\n");
}

static void
a_key_may_be_several_captures(void **state)
{
	(void)state;
	run_expect(HEAD "together = host k\n[time]\nfrom = \"0\"\n"
			"format = epoch_us\n[kind]\nalways = scroll\n"
			"[fields]\nvalue = *.y\n",
	    "h:1 A\ng:1 B\n:1 C\nh:1 D\n:h1 E\n",
	    "0+22" OUT " value=A D\n"
	    "6+5" OUT " value=B\n"
	    "12+4" OUT " value=C\n"
	    "23+5" OUT " value=E\n");
}

static void
lines_add(struct buf *b, int from, int to)
{
	for (; from < to; from++)
		(void)buf_printf(b, ":k%d A\n", from);
}

/* The 64th key is still open when the 127th has begun, no longer after. */
static void
a_record_is_over_when_enough_others_have_begun(void **state)
{
	struct map *m = run_map(MAP);
	struct buf b = { 0 };
	struct run r;
	int others;

	(void)state;
	for (others = GROUP_KEYS_OPEN - 1; others <= GROUP_KEYS_OPEN;
	     others++) {
		buf_reset(&b);
		(void)buf_str(&b, ":k A\n");
		lines_add(&b, 0, others);
		(void)buf_str(&b, ":k X\n");
		run_input(&r, m, RECORD_UTF8, buf_as_span(&b), 100);
		assert_int_equal(r.tally.records,
		    others + (others < GROUP_KEYS_OPEN ? 1 : 2));
		run_clear(&r);
	}
	buf_clear(&b);
	map_free(m);
}

/* One key in all lines: a record is as long as a stretch. */
static void
a_stretch_has_an_end(void **state)
{
	static const size_t windows[] = { 0, 65536, 300001 };
	struct map *m = run_map(MAP);
	struct buf b = { 0 };
	struct run r;
	size_t i;

	(void)state;
	for (i = 0; i < 4000; i++)
		(void)buf_printf(&b, ":k A %01000d\n", 0);
	for (i = 0; i < sizeof windows / sizeof windows[0]; i++) {
		run_input(&r, m, RECORD_UTF8, buf_as_span(&b), windows[i]);
		assert_int_equal(r.tally.records, 4);
		assert_int_equal(r.tally.mapped, 4);
		run_clear(&r);
	}
	buf_clear(&b);
	map_free(m);
}

/* Of any lines, cut anyhow, the same comes out. */
static void
pieces_do_not_matter(void **state)
{
	struct map *m = run_map(MAP);
	struct prop p = prop_seeded(9);
	struct buf b = { 0 };
	struct run whole, cut;
	int i, k, near, far;

	(void)state;
	for (i = 0; i < 400; i++) {
		buf_reset(&b);
		near = 1 + (int)prop_below(&p, 30);
		far = 1 + (int)prop_below(&p, 200);
		for (k = 0; k < 600; k++)
			switch (prop_below(&p, 12)) {
			case 0:
				(void)buf_str(&b, "no\n");
				break;
			case 1:
				(void)buf_str(&b, ": K\n");
				break;
			case 2:
				(void)buf_printf(&b, ":%d X\n",
				    k - (int)prop_below(&p, (unsigned)far));
				break;
			default:
				(void)buf_printf(&b, ":%d A\n",
				    k - (int)prop_below(&p, (unsigned)near));
			}
		run_input(&whole, m, RECORD_UTF8, buf_as_span(&b), 0);
		run_input(&cut, m, RECORD_UTF8, buf_as_span(&b),
		    1 + prop_below(&p, 999));
		run_same(&whole, &cut, &b);
		run_clear(&whole);
		run_clear(&cut);
	}
	buf_clear(&b);
	map_free(m);
}

/* The same where stretches end by their length. */
static void
pieces_do_not_matter_to_long_stretches(void **state)
{
	struct map *m = run_map(MAP);
	struct prop p = prop_seeded(10);
	struct buf b = { 0 };
	struct run whole, cut;
	int i, k;

	(void)state;
	for (i = 0; i < 6; i++) {
		buf_reset(&b);
		for (k = 0; b.n < 5u * GROUP_STRETCH_BYTES; k++)
			(void)buf_printf(&b, ":%d A %0*d\n",
			    k / 100 - (int)prop_below(&p, 70),
			    (int)prop_below(&p, 9000), 0);
		run_input(&whole, m, RECORD_UTF8, buf_as_span(&b), 0);
		run_input(&cut, m, RECORD_UTF8, buf_as_span(&b),
		    100000 + prop_below(&p, 2000000));
		assert_string_equal(whole.out.p, cut.out.p);
		run_clear(&whole);
		run_clear(&cut);
	}
	buf_clear(&b);
	map_free(m);
}

static void
what_cannot_be_together_is_refused(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ HEAD "together = z\nline_type = y\n" TAIL,
		    "no pattern captures \"z\"" },
		{ HEAD "together = k\n" TAIL, "X.b needs [format] line_type" },
		{ HEAD "together = k\nline_type = z\n" TAIL,
		    "no pattern captures \"z\"" },
		{ HEAD "together = k k k k k\n" TAIL,
		    "more than 4 captures together" },
		{ HEAD TAIL, "no pattern captures \"X.b\"" },
		{ "[format]\nname = t\nversion = 1\ncontainer = csv\n"
		  "together = a\n[time]\nfrom = t\nformat = epoch_us\n"
		  "[kind]\nalways = scroll\n",
		    "together needs container text" },
	};
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		memset(&err, 0, sizeof err);
		assert_null(map_compile("t.map", span_of(cases[i].text), &err));
		assert_non_null(strstr(err.msg, cases[i].want));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_with_one_key_are_one_record),
		cmocka_unit_test(
		    lines_of_several_records_may_stand_through_each_other),
		cmocka_unit_test(a_key_may_be_several_captures),
		cmocka_unit_test(
		    a_record_is_over_when_enough_others_have_begun),
		cmocka_unit_test(a_stretch_has_an_end),
		cmocka_unit_test(pieces_do_not_matter),
		cmocka_unit_test(pieces_do_not_matter_to_long_stretches),
		cmocka_unit_test(what_cannot_be_together_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
