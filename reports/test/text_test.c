/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fixtures/test.h"
#include "reports/csv.h"
#include "reports/html.h"
#include "reports/text.h"

static void
assert_visible(const char *in, size_t n, const char *want)
{
	struct span s = { in, n };
	struct buf b = { 0 };

	text_visible(&b, s);
	assert_string_equal(b.p, want);
	buf_clear(&b);
}

static void
controls_and_directions_are_made_visible(void **state)
{
	(void)state;
	assert_visible("a\033[31mb", 7, "a␛[31mb");
	assert_visible("a\0b\n\x7f", 5, "a␀b␊␡");
	assert_visible("\xe2\x80\xaeok", 5, "⟨U+202E⟩ok");
	assert_visible("\xc2\x9b"
		       "31m",
	    5, "⟨U+009B⟩31m");
	assert_visible("a\xe2\x80\x8b"
		       "b",
	    5, "a⟨U+200B⟩b");
	assert_visible("我同意", 9, "我同意");
}

static void
what_is_no_utf8_becomes_a_replacement(void **state)
{
	(void)state;
	assert_visible("a\xff\xc0\xaf", 4, "a\uFFFD\uFFFD\uFFFD");
	assert_visible("\xe6\x88", 2, "\uFFFD\uFFFD"); /* cut off */
	assert_visible("\xed\xa0\x80", 3, "\uFFFD\uFFFD\uFFFD");
	assert_visible("\xf4\x90\x80\x80", 4,
	    "\uFFFD\uFFFD\uFFFD\uFFFD"); /* beyond U+10FFFF */
}

static void
random_bytes_come_out_visible_and_stay_so(void **state)
{
	struct prop p = prop_seeded(11);
	char in[64];
	struct buf once = { 0 }, twice = { 0 };
	struct span s = { in, 0 };
	int turn;
	size_t i;

	(void)state;
	for (turn = 0; turn < 5000; turn++) {
		s.n = prop_below(&p, sizeof in);
		for (i = 0; i < s.n; i++)
			in[i] = (char)prop_next(&p);
		buf_reset(&once);
		buf_reset(&twice);
		(void)buf_str(&once, "");
		(void)buf_str(&twice, "");
		text_visible(&once, s);
		text_visible(&twice, buf_as_span(&once));
		assert_true(span_eq(buf_as_span(&once), buf_as_span(&twice)));
		for (i = 0; i < once.n; i++)
			assert_true((unsigned char)once.p[i] >= 0x20);
	}
	buf_clear(&once);
	buf_clear(&twice);
}

static void
shares_are_never_rounded_to_all_or_nothing(void **state)
{
	static const struct {
		double share;
		const char *want;
	} cases[] = { { 0, "0%" }, { 1, "100%" }, { 0.926, "92.6%" },
		{ 0.00012, "0.01%" }, { 0.00001, "<0.01%" },
		{ 0.99999, ">99.99%" }, { 0.9974, "99.74%" }, { 0.5, "50.0%" },
		{ 0.0049, "0.49%" }, { -1e-12, "0%" }, { 1 + 1e-12, "100%" },
		{ -0.25, "−25.0%" }, { 0.99996, ">99.99%" },
		{ 0.9996, "99.96%" } };
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		buf_reset(&b);
		text_share(&b, cases[i].share);
		assert_string_equal(b.p, cases[i].want);
	}
	buf_clear(&b);
}

static void
numbers_and_instants_read_the_same_everywhere(void **state)
{
	struct buf b = { 0 };

	(void)state;
	text_int(&b, -1234567);
	(void)buf_char(&b, '|');
	text_int(&b, INT64_MIN);
	(void)buf_char(&b, '|');
	text_int(&b, 999);
	(void)buf_char(&b, '|');
	text_real(&b, 0.643);
	(void)buf_char(&b, '|');
	text_real(&b, 104.9);
	(void)buf_char(&b, '|');
	text_p(&b, 1e-300);
	(void)buf_char(&b, '|');
	text_duration(&b, 59.96);
	(void)buf_char(&b, '|');
	text_duration(&b, 0.84);
	(void)buf_char(&b, '|');
	text_instant(&b, 1514987240000000, 480);
	(void)buf_char(&b, '|');
	text_zone(&b, -210);
	(void)buf_char(&b, '|');
	text_day(&b, span_of("2018-02-02"));
	(void)buf_char(&b, '|');
	text_day(&b, span_of("<b>"));
	assert_string_equal(b.p,
	    "−1,234,567|−9,223,372,036,854,775,808|999|0.643|104.9|<0.001|"
	    "1 min 00 s|840 ms|3 January 2018, 21:47:20|UTC−3:30|"
	    "2 February 2018|<b>");
	buf_clear(&b);
}

static void
nothing_of_the_evidence_becomes_markup(void **state)
{
	struct html h = { 0 };
	struct err err = { 0 };

	(void)state;
	html_open(&h, "p", "title", "\"><script>&'", "class", NULL, NULL);
	html_text(&h, "<script>alert(\"1\")</script> & 'x'");
	html_elem_class(&h, "b", "k", "%s", "</b>\033");
	html_close(&h, "p");
	assert_int_equal(html_finish(&h, &err), 0);
	assert_string_equal(h.out.p,
	    "<p title=\"&quot;&gt;&lt;script&gt;&amp;&#39;\">"
	    "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; "
	    "&#39;x&#39;<b class=\"k\">&lt;/b&gt;␛</b></p>");
	html_clear(&h);
}

static void
no_cell_is_a_formula(void **state)
{
	static const char *const bad[] = { "=1+1", "+1", "-1", "@SUM(A1)",
		"\t=1", "\r=1" };
	struct span absent = { NULL, 0 };
	struct csv c = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		buf_reset(&c.out);
		c.n_cells = 0;
		csv_text(&c, span_of(bad[i]));
		assert_true(strncmp(c.out.p, "\"'", 2) == 0);
	}
	buf_reset(&c.out);
	c.n_cells = 0;
	csv_text(&c, span_of("a \"b\", c"));
	csv_text(&c, absent);
	csv_text(&c, span_of(""));
	csv_int(&c, -5);
	csv_real(&c, 0.5);
	csv_line(&c);
	assert_string_equal(c.out.p, "\"a \"\"b\"\", c\",,\"\",-5,0.5\r\n");
	csv_clear(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(controls_and_directions_are_made_visible),
		cmocka_unit_test(what_is_no_utf8_becomes_a_replacement),
		cmocka_unit_test(random_bytes_come_out_visible_and_stay_so),
		cmocka_unit_test(shares_are_never_rounded_to_all_or_nothing),
		cmocka_unit_test(numbers_and_instants_read_the_same_everywhere),
		cmocka_unit_test(nothing_of_the_evidence_becomes_markup),
		cmocka_unit_test(no_cell_is_a_formula),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
