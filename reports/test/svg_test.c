/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fixtures/test.h"
#include "reports/svg.h"

static const struct svg_text text = { "c1", "A <title>", "What & why" };

static void
only_drawing_gets_through(void **state)
{
	static const char in[] =
	    "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' "
	    "xmlns:xlink='http://www.w3.org/1999/xlink' width='9' "
	    "viewBox='0 0 9 9' onload='x()'><title>Gnuplot</title>"
	    "<script>alert(1)</script><style>@import 'x'</style>"
	    "<g fill='none'></g><g fill='red' style='x:y' onclick='z()'>"
	    "<path d='M0,0  L1,1 ' stroke='url(#a)'/>"
	    "<a href='http://x'><text>no</text></a>"
	    "<image href='data:x'/><foreignObject><p/></foreignObject>"
	    "<use xlink:href='#p' id='q'/><use xlink:href='http://e/#p'/>"
	    "<text>&lt;b&gt;</text></g></svg>";
	struct buf out = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(svg_clean(span_of(in), &text, &out, &err), 0);
	assert_string_equal(out.p,
	    "<svg viewBox=\"0 0 9 9\" xmlns=\"http://www.w3.org/2000/svg\" "
	    "role=\"img\" aria-labelledby=\"c1-t c1-d\">"
	    "<title id=\"c1-t\">A &lt;title&gt;</title>"
	    "<desc id=\"c1-d\">What &amp; why</desc>"
	    "<g fill=\"red\"><path d=\"M0,0 L1,1\"></path>\n"
	    "<use href=\"#c1-p\" id=\"c1-q\"></use>\n<use></use>\n"
	    "<text>&lt;b&gt;</text>\n</g>\n</svg>\n");
	buf_clear(&out);
}

static void
what_is_not_well_formed_is_refused_with_its_line(void **state)
{
	struct buf out = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
	    svg_clean(span_of("<svg>\n<g></svg>"), &text, &out, &err), -1);
	assert_string_equal(err.msg, "line 2: mismatched tag");
	buf_clear(&out);
}

static void
deep_nesting_is_refused(void **state)
{
	struct buf in = { 0 }, out = { 0 };
	struct err err = { 0 };
	int i;

	(void)state;
	(void)buf_str(&in, "<svg>");
	for (i = 0; i < 1000; i++)
		(void)buf_str(&in, "<g>");
	for (i = 0; i < 1000; i++)
		(void)buf_str(&in, "</g>");
	(void)buf_str(&in, "</svg>");
	assert_int_equal(svg_clean(buf_as_span(&in), &text, &out, &err), -1);
	assert_string_equal(err.msg, "nested too deep");
	buf_clear(&in);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_drawing_gets_through),
		cmocka_unit_test(
		    what_is_not_well_formed_is_refused_with_its_line),
		cmocka_unit_test(deep_nesting_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
