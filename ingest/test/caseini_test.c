/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"

#include "ingest/caseini.h"

static void
a_text_becomes_pairs_in_order(void **state)
{
	static const char text[] = "\xef\xbb\xbf# head\n"
				   "[case]\r\n"
				   "id = A-1\r\n"
				   "  scope=all of it  \n"
				   "\n"
				   "[surface annual bill]\n"
				   "control = zhima_agree=consent_box\n"
				   "control = view=submit # not a comment\n"
				   "[sampled]\n"
				   "a=b.log = 0.5\n";
	static const struct {
		const char *section, *name, *key, *value;
		unsigned line;
	} want[] = {
		{ "case", "", "id", "A-1", 3 },
		{ "case", "", "scope", "all of it", 4 },
		{ "surface", "annual bill", "control",
		    "zhima_agree=consent_box", 7 },
		{ "surface", "annual bill", "control",
		    "view=submit # not a comment", 8 },
		{ "sampled", "", "a=b.log", "0.5", 10 },
	};
	struct caseini ini;
	struct err err = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(
	    caseini_parse(&ini, "case.ini", span_of(text), &err), 0);
	assert_int_equal(ini.n_pairs, 5);
	for (i = 0; i < 5; i++) {
		assert_string_equal(ini.pair[i].section, want[i].section);
		assert_string_equal(ini.pair[i].name, want[i].name);
		assert_string_equal(ini.pair[i].key, want[i].key);
		assert_string_equal(ini.pair[i].value, want[i].value);
		assert_int_equal(ini.pair[i].line, want[i].line);
	}
	assert_string_equal(
	    caseini_get(&ini, "surface", "annual bill", "control"),
	    "view=submit # not a comment");
	assert_null(caseini_get(&ini, "surface", "annual bill", "screen"));
	caseini_clear(&ini);
}

static void
nonsense_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "a = b\n", "x:1: a line before the first [section]" },
		{ "[case]\nid A\n", "x:2: no = in the line" },
		{ "[case]\n= A\n", "x:2: no key before the =" },
		{ "[case\n", "x:1: a section must end with ]" },
		{ "[]\n", "x:1: a section must end with ]" },
		{ "\n[thresholdz]\n", "x:2: unknown section [thresholdz]" },
		{ "[surface]\n",
		    "x:1: the section wants a name: [surface NAME]" },
		{ "[case A]\n", "x:1: the section takes no name: [case]" },
		{ "[home]\nregio = CN\n",
		    "x:2: unknown key regio in [home]; it takes: region "
		    "zone screen lang keep approved calling_code" },
		{ "[home]\nregion = \xff\n", "x:2: not UTF-8 text" },
		{ "[home]\nregion = \xed\xa0\x80\n", "x:2: not UTF-8 text" },
	};
	struct caseini ini;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err err = { 0 };

		assert_int_equal(
		    caseini_parse(&ini, "x", span_of(cases[i].text), &err), -1);
		assert_string_equal(err.msg, cases[i].message);
	}
}

static void
other_sections_pass_where_the_caller_checks(void **state)
{
	struct caseini ini;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(caseini_parse_any(&ini, "x",
			     span_of("[rule cn-1]\ntitle = T\n"), &err),
	    0);
	assert_string_equal(caseini_get(&ini, "rule", "cn-1", "title"), "T");
	caseini_clear(&ini);
}

static void
a_number_is_finite_and_decimal(void **state)
{
	static const char text[] = "[thresholds]\na = 2.5\nb = nan\n"
				   "c = 0x10\nd = 1e999\ne = 1 s\nf =\n";
	static const char *const bad[] = { "b", "c", "d", "e", "f" };
	struct caseini ini;
	struct err err = { 0 };
	double v;
	size_t i;

	(void)state;
	assert_int_equal(caseini_parse(&ini, "x", span_of(text), &err), 0);
	assert_int_equal(
	    caseini_number(&ini, "thresholds", "", "a", 1, &v, &err), 0);
	assert_close(v, 2.5, 0);
	assert_int_equal(
	    caseini_number(&ini, "thresholds", "", "z", 7, &v, &err), 0);
	assert_close(v, 7, 0);
	for (i = 0; i < 5; i++) {
		struct err e = { 0 };

		assert_int_equal(
		    caseini_number(&ini, "thresholds", "", bad[i], 1, &v, &e),
		    -1);
		assert_non_null(strstr(e.msg, "is not a number"));
	}
	caseini_clear(&ini);
}

static void
a_missing_file_is_named(void **state)
{
	struct caseini ini;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(caseini_read(&ini, "/nonexistent/case.ini", &err), -1);
	assert_string_equal(err.msg,
	    "cannot open /nonexistent/case.ini: No such file or directory");
}

static void
any_bytes_are_read_or_refused(void **state)
{
	static const char alphabet[] = "[]=# \n\tab\xe6\x88\x91";
	struct prop p = prop_seeded(7);
	char text[64];
	int i, j;

	(void)state;
	for (i = 0; i < 20000; i++) {
		struct caseini ini;
		struct err err = { 0 };
		struct span s = { text, prop_below(&p, sizeof text) };

		for (j = 0; j < (int)s.n; j++)
			text[j] = alphabet[prop_below(&p, sizeof alphabet - 1)];
		if (caseini_parse_any(&ini, "x", s, &err) < 0)
			assert_int_equal(err.code, ERR_FAILED);
		else
			caseini_clear(&ini);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_becomes_pairs_in_order),
		cmocka_unit_test(nonsense_is_refused_with_its_line),
		cmocka_unit_test(other_sections_pass_where_the_caller_checks),
		cmocka_unit_test(a_number_is_finite_and_decimal),
		cmocka_unit_test(a_missing_file_is_named),
		cmocka_unit_test(any_bytes_are_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
