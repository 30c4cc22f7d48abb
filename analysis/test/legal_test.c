/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rule packs, colours, reading times. */
#include "fixtures/test.h"

#include <string.h>

#include "analysis/color.h"
#include "analysis/legal.h"
#include "analysis/reading.h"

/* ---- rules --------------------------------------------------------------- */

static const struct legal_rule *
rule_named(const struct legal *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->n_rules; i++)
		if (strcmp(l->rule[i].name, name) == 0)
			return &l->rule[i];
	fail_msg("no rule %s", name);
	return NULL;
}

static void
the_shipped_pack_knows_what_was_in_force(void **state)
{
	static const struct {
		const char *rule, *day, *used_as;
	} cases[] = {
		{ "csl-41-consent", "2018-01-03", "binding" },
		{ "csl-41-consent", "2017-06-01", "binding" },
		{ "csl-41-consent", "2017-05-31", "guidance" },
		{ "csl-41-consent", "2016-11-06", "retrospective yardstick" },
		{ "gbt-35273-2017-5.3", "2017-12-28",
		    "retrospective yardstick" },
		{ "gbt-35273-2017-5.3", "2018-01-03", "guidance" },
		{ "gbt-35273-2017-5.3", "2018-05-01", "guidance" },
		{ "gbt-35273-2017-5.3", "2020-10-01",
		    "retrospective yardstick" },
		{ "method-2019-3.4", "2018-01-03", "retrospective yardstick" },
		{ "method-2019-3.4", "2020-01-01", "guidance" },
		{ "method-2019-3.4", NULL, "not verified" },
	};
	struct legal l;
	struct err err = { 0 };
	char name[64];
	size_t i;

	(void)state;
	if (legal_load(&l, NULL, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(l.n_packs, 1);
	assert_string_equal(l.pack[0].id, "china-2018");
	assert_int_equal(strlen(l.pack[0].sha256), 64);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(
		    name, sizeof name, "china-2018:%s", cases[i].rule);
		if (strcmp(legal_used_as(rule_named(&l, name), cases[i].day),
			cases[i].used_as) != 0)
			fail_msg("%s on %s: %s", name, cases[i].day,
			    legal_used_as(rule_named(&l, name), cases[i].day));
	}
	legal_clear(&l);
}

static void
rules_name_detectors_by_whole_words(void **state)
{
	struct legal_rule r = { .detectors = "D01 D20b D3" };

	(void)state;
	assert_true(legal_bears_on(&r, "D01"));
	assert_true(legal_bears_on(&r, "D3"));
	assert_false(legal_bears_on(&r, "D20"));
	assert_false(legal_bears_on(&r, "D0"));
	assert_false(legal_bears_on(&r, "01"));
}

static void
a_rule_without_dates_is_not_verified(void **state)
{
	static const char text[] = "[pack]\nid = p\n[rule a]\ntitle = T\n"
				   "item = 1\ndetectors = D01\n"
				   "status = binding\n[rule b]\ntitle = T\n"
				   "item = 2\ndetectors = D01\n"
				   "status = guidance\npublished = "
				   "2017-12-29\n";
	struct legal l = { 0 };
	struct err err = { 0 };

	(void)state;
	if (legal_add(&l, "p.rules", span_of(text), &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(
	    legal_used_as(rule_named(&l, "p:a"), "2018-01-03"), "not verified");
	assert_string_equal(
	    legal_used_as(rule_named(&l, "p:b"), "2018-01-03"), "guidance");
	assert_string_equal(legal_used_as(rule_named(&l, "p:b"), "2017-01-03"),
	    "retrospective yardstick");
	assert_int_equal(legal_add(&l, "p.rules", span_of(text), &err), -1);
	assert_string_equal(err.msg, "p.rules: a pack p is loaded already");
	legal_clear(&l);
}

static void
a_broken_pack_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "[rule a]\ntitle = T\n", "x: no id in [pack]" },
		{ "[pack]\nid = p\n[law a]\ntitle = T\n",
		    "x:4: unknown section [law a]" },
		{ "[pack]\nid = p\n[rule a]\nin_force_from = 2018-13-01\n",
		    "x:4: 2018-13-01 is not a date (2017-06-01)" },
		{ "[pack]\nid = p\n[rule a]\nstatus = law\n",
		    "x:4: status is binding or guidance, not law" },
		{ "[pack]\nid = p\n[rule a]\nforce = 1\n",
		    "x:4: unknown key force" },
		{ "[pack]\nid = p\n[rule a]\ntitle = T\n",
		    "x: rule p:a lacks title, item or detectors" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct legal l = { 0 };
		struct err err = { 0 };

		assert_int_equal(
		    legal_add(&l, "x", span_of(cases[i].text), &err), -1);
		assert_string_equal(err.msg, cases[i].message);
		legal_clear(&l);
	}
}

static void
case_ini_selects_packs_by_name_or_path(void **state)
{
	struct caseini ini;
	struct legal l;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(caseini_parse(&ini, "case.ini",
			     span_of("[rules]\npack = china-2018\n"), &err),
	    0);
	assert_int_equal(legal_load(&l, &ini, &err), 0);
	assert_int_equal(l.n_packs, 1);
	legal_clear(&l);
	caseini_clear(&ini);
	assert_int_equal(caseini_parse(&ini, "case.ini",
			     span_of("[rules]\npack = mars\n"), &err),
	    0);
	assert_int_equal(legal_load(&l, &ini, &err), -1);
	assert_string_equal(
	    err.msg, "case.ini:2: no rule pack mars (a path needs a slash)");
	legal_clear(&l);
	caseini_clear(&ini);
}

/* ---- colours ------------------------------------------------------------- */

static void
colours_are_read_as_logs_write_them(void **state)
{
	static const struct {
		const char *text;
		struct color c;
	} cases[] = {
		{ "#fff", { 255, 255, 255, 255 } },
		{ "#1a2B3c", { 26, 43, 60, 255 } },
		{ "#1a2b3c80", { 26, 43, 60, 128 } },
		{ "#123f", { 17, 34, 51, 255 } },
		{ "0xFF102030", { 16, 32, 48, 255 } },
		{ "0x102030", { 16, 32, 48, 255 } },
		{ "rgb(1, 2,3)", { 1, 2, 3, 255 } },
		{ "RGBA(1 2 3 / 0.5)", { 1, 2, 3, 128 } },
		{ "Black", { 0, 0, 0, 255 } },
		{ "transparent", { 0, 0, 0, 0 } },
	};
	static const char *const bad[] = { "", "#", "#12", "#12345", "#ggg",
		"rgb(1,2)", "rgb(1,2,300)", "rgb(1,2,3", "rgb(1,2,3,4,5)",
		"rgb(-1,2,3)", "red?", "0x", "rgb()", "rgb(" };
	struct color c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (color_parse(span_of(cases[i].text), &c) < 0)
			fail_msg("%s", cases[i].text);
		assert_memory_equal(&c, &cases[i].c, sizeof c);
	}
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (color_parse(span_of(bad[i]), &c) == 0)
			fail_msg("%s is a colour", bad[i]);
}

static void
contrast_is_that_of_wcag(void **state)
{
	struct span white = span_of("#ffffff");

	(void)state;
	assert_close(color_contrast_text(span_of("#000"), white), 21.0, 1e-12);
	assert_close(
	    color_contrast_text(span_of("#767676"), white), 4.542, 1e-4);
	assert_close(
	    color_contrast_text(white, span_of("#777777")), 4.478, 1e-4);
	assert_close(
	    color_contrast_text(span_of("#cccccc"), white), 1.606, 3e-4);
	assert_close(color_contrast_text(white, white), 1, 1e-12);
	assert_true(isnan(color_contrast_text(span_of("#00000080"), white)));
	assert_true(isnan(color_contrast_text(span_of("?"), white)));
}

static void
any_bytes_are_a_colour_or_not(void **state)
{
	static const char alphabet[] = "#0fFxrgba(),. /%1";
	struct prop p = prop_seeded(9);
	char text[20];
	struct color c;
	int i;

	(void)state;
	for (i = 0; i < 50000; i++) {
		struct span s = { text, prop_below(&p, sizeof text) };
		size_t k;

		for (k = 0; k < s.n; k++)
			text[k] = alphabet[prop_below(&p, sizeof alphabet - 1)];
		if (color_parse(s, &c) == 0)
			assert_true(
			    color_luminance(c) >= 0 && color_luminance(c) <= 1);
	}
}

/* ---- reading ------------------------------------------------------------- */

static void
words_and_characters_are_counted(void **state)
{
	static const struct {
		const char *text;
		unsigned words, characters;
	} cases[] = {
		{ "", 0, 0 },
		{ "I agree to the terms.", 5, 0 },
		{ "don't re-enter  twice", 3, 0 },
		{ "我同意《芝麻服务协议》", 0, 9 },
		{ "同意 Sesame 服务", 1, 4 },
		{ "Größe, naïveté — déjà vu", 4, 0 },
		{ "\xff\xff ok \xe6", 1, 0 },
		{ "协议v2", 1, 2 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct reading r = reading_of(span_of(cases[i].text));

		assert_int_equal(r.words, cases[i].words);
		assert_int_equal(r.characters, cases[i].characters);
	}
	assert_int_equal(reading_of((struct span){ NULL, 0 }).words, 0);
}

static void
a_minute_of_text_takes_a_minute(void **state)
{
	char text[255 * 3 + 1];
	struct reading r;
	int i;

	(void)state;
	for (i = 0; i < 255; i++)
		memcpy(text + 3 * i, "我", 3);
	text[255 * 3] = '\0';
	r = reading_of(span_of(text));
	assert_close(r.mean_s, 60, 1e-12);
	assert_close(r.fast_s, 255 * 60 / 500.0, 1e-12);
	for (i = 0; i < 238; i++)
		memcpy(text + 3 * i, "ab ", 3);
	text[238 * 3] = '\0';
	r = reading_of(span_of(text));
	assert_close(r.mean_s, 60, 1e-12);
	assert_close(r.fast_s, 238 * 60 / 300.0, 1e-12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_pack_knows_what_was_in_force),
		cmocka_unit_test(rules_name_detectors_by_whole_words),
		cmocka_unit_test(a_rule_without_dates_is_not_verified),
		cmocka_unit_test(a_broken_pack_is_refused_with_its_line),
		cmocka_unit_test(case_ini_selects_packs_by_name_or_path),
		cmocka_unit_test(colours_are_read_as_logs_write_them),
		cmocka_unit_test(contrast_is_that_of_wcag),
		cmocka_unit_test(any_bytes_are_a_colour_or_not),
		cmocka_unit_test(words_and_characters_are_counted),
		cmocka_unit_test(a_minute_of_text_takes_a_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
