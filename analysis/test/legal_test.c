/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rule packs, colours, reading times. */
#include "fixtures/test.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/color.h"
#include "analysis/detector_table.h"
#include "analysis/legal.h"
#include "analysis/reading.h"
#include "ingest/base/embedded.h"

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
assert_used_as(
    const struct legal *l, const char *rule, const char *day, const char *as)
{
	const char *used_as = legal_used_as(rule_named(l, rule), day);

	if (strcmp(used_as, as) != 0)
		fail_msg("%s on %s: %s", rule, day, used_as);
}

static void
the_shipped_packs_know_what_was_in_force(void **state)
{
	static const struct {
		const char *rule, *day, *used_as;
	} cases[] = {
		{ "china:csl-41-consent", "2018-01-03", "binding" },
		{ "china:csl-41-consent", "2017-06-01", "binding" },
		{ "china:csl-41-consent", "2017-05-31", "guidance" },
		{ "china:csl-41-consent", "2016-11-06",
		    "retrospective yardstick" },
		{ "china:csl-41-consent", "2025-12-31", "binding" },
		{ "china:csl-41-consent", "2026-01-01",
		    "retrospective yardstick" },
		{ "china:csl-2026", "2026-01-01", "binding" },
		{ "china:csl-2026", "2018-01-03", "retrospective yardstick" },
		{ "china:gbt-35273-2017-5.3", "2017-12-28",
		    "retrospective yardstick" },
		{ "china:gbt-35273-2017-5.3", "2018-01-03", "guidance" },
		{ "china:gbt-35273-2017-5.3", "2018-05-01", "guidance" },
		{ "china:gbt-35273-2017-5.3", "2020-10-01",
		    "retrospective yardstick" },
		{ "china:gbt-35273-2020-5.4", "2020-10-01", "guidance" },
		{ "china:method-2019-3.4", "2018-01-03",
		    "retrospective yardstick" },
		{ "china:method-2019-3.4", "2020-01-01", "guidance" },
		{ "china:method-2019-3.4", NULL, "not verified" },
		{ "china:pipl-16", "2021-10-31", "guidance" },
		{ "china:pipl-16", "2021-11-01", "binding" },
		{ "eu:gdpr-07-3", "2018-05-24", "guidance" },
		{ "eu:gdpr-07-3", "2018-05-25", "binding" },
		{ "eu:dsa-25-3-b", "2024-02-16", "guidance" },
		{ "eu:dsa-25-3-b", "2024-02-17", "binding" },
		{ "eu:planet49", "2019-09-30", "retrospective yardstick" },
		{ "eu:cnil-clicks", "2022-01-06", "guidance" },
		{ "california:7004-b", "2023-03-28",
		    "retrospective yardstick" },
		{ "california:7004-b", "2023-03-29", "binding" },
		{ "california:7004-2026", "2026-01-01", "binding" },
		{ "us:ftc-amazon-cancel", "2025-09-25", "guidance" },
		{ "patterns:gray-nagging", "2018-01-03", "taxonomy" },
		{ "patterns:gray-nagging", NULL, "taxonomy" },
	};
	struct legal l;
	struct err err = { 0 };
	size_t i;

	(void)state;
	if (legal_load(&l, NULL, &err) < 0)
		fail_msg("%s", err.msg);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_used_as(
		    &l, cases[i].rule, cases[i].day, cases[i].used_as);
	legal_clear(&l);
}

/* The day the tool was made for: what bound whom on 3 January 2018. */
static void
on_the_day_of_the_annual_bill_one_law_bound_and_no_standard(void **state)
{
	struct legal l;
	struct err err = { 0 };
	size_t i, n_binding = 0;

	(void)state;
	assert_int_equal(legal_load(&l, NULL, &err), 0);
	for (i = 0; i < l.n_rules; i++) {
		const struct legal_rule *r = &l.rule[i];
		const char *as = legal_used_as(r, "2018-01-03");

		if (strcmp(as, "binding") != 0)
			continue;
		if (strncmp(r->name, "china:csl-", 10) != 0 &&
		    strcmp(r->name, "china:consumers-29") != 0 &&
		    strcmp(r->name, "eu:eprivacy-5-3") != 0)
			fail_msg("%s was not in force", r->name);
		n_binding++;
	}
	assert_int_equal(n_binding, 6);
	assert_used_as(&l, "china:gbt-35273-2017-5.3", "2018-01-03",
	    "guidance"); /* published, not in force before 1 May */
	assert_string_equal(
	    rule_named(&l, "china:gbt-35273-2017-5.3")->in_force_from,
	    "2018-05-01");
	legal_clear(&l);
}

static void
every_shipped_rule_says_where_it_comes_from(void **state)
{
	struct legal l;
	struct err err = { 0 };
	size_t i, k;

	(void)state;
	assert_int_equal(legal_load(&l, NULL, &err), 0);
	assert_int_equal(l.n_packs, 5);
	for (i = 0; i < l.n_packs; i++) {
		assert_non_null(l.pack[i].version);
		assert_non_null(l.pack[i].title);
		assert_int_equal(strlen(l.pack[i].sha256), 64);
		for (k = 0; k < i; k++)
			assert_string_not_equal(l.pack[i].id, l.pack[k].id);
	}
	for (i = 0; i < l.n_rules; i++) {
		const struct legal_rule *r = &l.rule[i];

		if (r->source == NULL || *r->source == '\0')
			fail_msg("%s has no source", r->name);
		/* A law that nobody can date binds nobody here. */
		if (r->status == LEGAL_BINDING && r->in_force_from == NULL)
			fail_msg("%s: in force from when?", r->name);
		if (r->status == LEGAL_GUIDANCE && r->published == NULL)
			fail_msg("%s: published when?", r->name);
		if (r->status == LEGAL_TAXONOMY &&
		    (r->published != NULL || r->in_force_from != NULL))
			fail_msg("%s is a name and has a date", r->name);
	}
	legal_clear(&l);
}

static void
every_detector_is_named_by_some_rule(void **state)
{
	/* It says something of the evidence, nothing of the operator. */
	static const char *const bears_on_no_rule[] = { "D32" };
	struct legal l;
	struct err err = { 0 };
	size_t i, k;

	(void)state;
	assert_int_equal(legal_load(&l, NULL, &err), 0);
	for (i = 0; i < DETECTOR__MAX; i++) {
		const char *id = detector_table[i].id;
		bool is_named = false;

		for (k = 0; k < l.n_rules && !is_named; k++)
			is_named = legal_bears_on(&l.rule[k], id);
		for (k = 0; k < sizeof bears_on_no_rule / sizeof(char *); k++)
			if (strcmp(bears_on_no_rule[k], id) == 0)
				is_named = !is_named;
		if (!is_named)
			fail_msg("%s", id);
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
	static const char text[] =
	    "[pack]\nid = p\n[rule a]\ntitle = T\nitem = 1\n"
	    "detectors = D01\nstatus = binding\n[rule b]\ntitle = T\n"
	    "item = 2\ndetectors = D01\nstatus = guidance\n"
	    "published = 2017-12-29\n";
	struct legal l = { 0 };
	struct err err = { 0 };

	(void)state;
	if (legal_add(&l, "p.rules", span_of(text), &err) < 0)
		fail_msg("%s", err.msg);
	assert_used_as(&l, "p:a", "2018-01-03", "not verified");
	assert_used_as(&l, "p:b", "2018-01-03", "guidance");
	assert_used_as(&l, "p:b", "2017-01-03", "retrospective yardstick");
	assert_int_equal(legal_add(&l, "p.rules", span_of(text), &err), -1);
	assert_string_equal(err.msg, "p.rules: a pack p is loaded already");
	legal_clear(&l);
}

static void
a_rule_has_from_its_text_what_it_does_not_say(void **state)
{
	static const char pack[] =
	    "[pack]\nid = p\n[rule a]\nof = law\nitem = 1\n"
	    "detectors = D01\n[rule b]\nof = law\nitem = 2\n"
	    "detectors = D02\nsource = S2\nin_force_from = 2019-01-01\n"
	    "[text law]\ntitle = T\nstatus = binding\nsource = S\n"
	    "published = 2017-01-01\nin_force_from = 2018-01-01\n"
	    "in_force_to = 2020-01-01\n";
	struct legal l = { 0 };
	struct err err = { 0 };

	(void)state;
	if (legal_add(&l, "p.rules", span_of(pack), &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(l.n_rules, 2);
	assert_string_equal(l.rule[0].title, "T");
	assert_string_equal(l.rule[0].source, "S");
	assert_string_equal(l.rule[0].in_force_from, "2018-01-01");
	assert_string_equal(l.rule[1].source, "S2");
	assert_string_equal(l.rule[1].published, "2017-01-01");
	assert_string_equal(l.rule[1].in_force_to, "2020-01-01");
	assert_used_as(&l, "p:a", "2018-06-01", "binding");
	assert_used_as(&l, "p:b", "2018-06-01", "guidance");
	legal_clear(&l);
}

static void
a_broken_pack_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "[rule a]\ntitle = T\n", "x: no id in [pack]" },
		{ "[pack]\nid = p\nregoin = CN\n", "x:3: unknown key regoin" },
		{ "[pack]\nid = p\n[law a]\ntitle = T\n",
		    "x:4: unknown section [law a]" },
		{ "[pack]\nid = p\n[rule a]\nin_force_from = 2018-13-01\n",
		    "x:4: 2018-13-01 is not a date (2017-06-01)" },
		{ "[pack]\nid = p\n[rule a]\nstatus = law\n",
		    "x:4: status is binding, guidance or taxonomy, not law" },
		{ "[pack]\nid = p\n[rule a]\nforce = 1\n",
		    "x:4: unknown key force" },
		{ "[pack]\nid = p\n[text a]\nitem = 1\n",
		    "x:4: unknown key item" },
		{ "[pack]\nid = p\n[rule a]\nof = b\n",
		    "x:4: there is no [text b]" },
		{ "[pack]\nid = p\n[rule a]\ntitle = T\nitem = 1\n"
		  "detectors = D01\n",
		    "x: rule p:a lacks title, item, status or detectors" },
		{ "[pack]\nid = p\n[rule a]\ntitle = T\nitem = 1\n"
		  "detectors = D01 D99\nstatus = binding\n",
		    "x: rule p:a names D99, which is no detector (pretick "
		    "detectors lists them)" },
		{ "[pack]\nid = p\n[rule a]\ntitle = T\nitem = 1\n"
		  "detectors = D01\nstatus = binding\n"
		  "in_force_from = 2019-01-01\nin_force_to = 2018-01-01\n",
		    "x: rule p:a is in force until 2018-01-01, but from "
		    "2019-01-01 only" },
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

/* A pack comes from anybody: it loads or is refused, and that is all. */
static void
a_damaged_pack_loads_or_is_refused(void **state)
{
	const struct embedded *e = embedded_files;
	struct prop p = prop_seeded(11);
	char *text;
	size_t n, i, k;

	(void)state;
	while (e->name != NULL && strstr(e->name, "/eu.rules") == NULL)
		e++;
	assert_non_null(e->name);
	n = strlen(e->text);
	text = malloc(n + 1);
	assert_non_null(text);
	for (i = 0; i < 300; i++) {
		struct legal l = { 0 };
		struct err err = { 0 };

		memcpy(text, e->text, n + 1);
		for (k = 0; k <= i % 8; k++)
			text[prop_below(&p, n)] =
			    "[]=\n #-:\xff"[prop_below(&p, 10)];
		if (legal_add(&l, "x",
			(struct span){ text, 1 + prop_below(&p, n) }, &err) < 0)
			assert_true(err.msg[0] != '\0');
		legal_clear(&l);
	}
	free(text);
}

static void
every_detector_says_what_would_refute_it(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < DETECTOR__MAX; i++)
		if (detector_refuted_by(detector_table[i].id) == NULL)
			fail_msg("%s", detector_table[i].id);
	assert_null(detector_refuted_by("D99"));
}

/* The pack that README.md shows: its indented lines from [pack] on. */
static void
the_example_of_the_manual_is_a_pack(void **state)
{
	const char *root = getenv("PRETICK_ROOT");
	struct legal l = { 0 };
	struct err err = { 0 };
	char path[256], line[256], text[4096] = "";
	size_t n = 0;
	FILE *f;

	(void)state;
	(void)snprintf(path, sizeof path, "%s/analysis/rules/README.md",
	    root != NULL ? root : ".");
	f = fopen(path, "r");
	if (f == NULL)
		fail_msg("%s", path);
	while (fgets(line, sizeof line, f) != NULL)
		if ((n > 0 || strcmp(line, "    [pack]\n") == 0) &&
		    strncmp(line, "    ", 4) == 0)
			n += (size_t)snprintf(
			    text + n, sizeof text - n, "%s", line + 4);
	(void)fclose(f);
	if (legal_add(&l, "README.md", span_of(text), &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(l.n_rules, 2);
	assert_used_as(&l, "house:act-7", "2018-05-25", "binding");
	assert_used_as(
	    &l, "house:memo", "2018-05-25", "retrospective yardstick");
	legal_clear(&l);
}

/* The ids of the packs that a case.ini gets, with blanks between them. */
static const char *
packs_of(const char *text, char ids[128])
{
	struct caseini ini;
	struct legal l;
	struct err err = { 0 };
	size_t i, n = 0;

	assert_int_equal(
	    caseini_parse(&ini, "case.ini", span_of(text), &err), 0);
	if (legal_load(&l, &ini, &err) < 0)
		n = (size_t)snprintf(ids, 128, "%s", err.msg);
	else
		ids[0] = '\0';
	for (i = 0; n < 128 && i < l.n_packs; i++)
		n += (size_t)snprintf(
		    ids + n, 128 - n, "%s%s", i > 0 ? " " : "", l.pack[i].id);
	legal_clear(&l);
	caseini_clear(&ini);
	return ids;
}

static void
the_region_of_a_case_selects_packs_unless_it_names_them(void **state)
{
	static const struct {
		const char *ini, *packs;
	} cases[] = {
		{ "[case]\nid = x\n", "california china eu patterns us" },
		{ "[home]\nregion = CN\n", "china patterns" },
		{ "[home]\nregion = cn\n", "china patterns" },
		{ "[home]\nregion = CN-44\n", "china patterns" },
		{ "[home]\nregion = EU\n", "eu patterns" },
		{ "[home]\nregion = DE\n", "eu patterns" },
		{ "[home]\nregion = US\n", "patterns us" },
		{ "[home]\nregion = US-CA\n", "california patterns us" },
		{ "[home]\nregion = US-C\n", "patterns us" },
		{ "[home]\nregion = JP\n", "patterns" },
		{ "[home]\nregion = CN\n[rules]\npack = us\npack = eu\n",
		    "us eu" },
		{ "[rules]\npack = mars\n",
		    "case.ini:2: no rule pack mars (a path needs a slash)" },
	};
	char ids[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(
		    packs_of(cases[i].ini, ids), cases[i].packs);
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
		cmocka_unit_test(the_shipped_packs_know_what_was_in_force),
		cmocka_unit_test(
		    on_the_day_of_the_annual_bill_one_law_bound_and_no_standard),
		cmocka_unit_test(every_shipped_rule_says_where_it_comes_from),
		cmocka_unit_test(every_detector_is_named_by_some_rule),
		cmocka_unit_test(a_damaged_pack_loads_or_is_refused),
		cmocka_unit_test(every_detector_says_what_would_refute_it),
		cmocka_unit_test(rules_name_detectors_by_whole_words),
		cmocka_unit_test(a_rule_without_dates_is_not_verified),
		cmocka_unit_test(a_rule_has_from_its_text_what_it_does_not_say),
		cmocka_unit_test(a_broken_pack_is_refused_with_its_line),
		cmocka_unit_test(the_example_of_the_manual_is_a_pack),
		cmocka_unit_test(
		    the_region_of_a_case_selects_packs_unless_it_names_them),
		cmocka_unit_test(colours_are_read_as_logs_write_them),
		cmocka_unit_test(contrast_is_that_of_wcag),
		cmocka_unit_test(any_bytes_are_a_colour_or_not),
		cmocka_unit_test(words_and_characters_are_counted),
		cmocka_unit_test(a_minute_of_text_takes_a_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
