/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/store.h"
#include "ingest/test/ingest_run.h"

/* Lines of events [from, to) as native records; a third without actor. */
static void
write_lines(const char *path, unsigned from, unsigned to)
{
	FILE *out = fopen(path, "w");
	unsigned i;

	assert_non_null(out);
	for (i = from; i < to; i++) {
		(void)fprintf(out,
		    "{\"time\":\"2018-01-%02uT10:%02u:%02u.%03uZ\",\"kind\":"
		    "\"screen.view\",\"device\":\"d%u\",\"seq\":%u,"
		    "\"screen\":\"s%u\"",
		    1 + i % 9, i / 60 % 60, i % 60, i % 1000, i % 97, i,
		    i % 13);
		if (i % 3 != 0)
			(void)fprintf(out, ",\"actor\":\"u%u\"", i % 97);
		(void)fprintf(out, "}\n");
	}
	assert_int_equal(fclose(out), 0);
}

static void
skipped(void *arg, const char *path, const char *sha256)
{
	(void)arg;
	(void)path;
	assert_int_equal(strlen(sha256), 64);
}

static int
ingest(struct fixture *f, const char *const *source, size_t n, unsigned threads,
    const struct caseini *ini, struct ingest_result *out, struct err *err)
{
	struct ingest_options o = { .case_dir = f->case_dir,
		.source = source,
		.n_sources = n,
		.ini = ini,
		.n_threads = threads,
		.memory_bytes = 64 << 20,
		.skipped = skipped };

	return ingest_run(&o, out, err);
}

static void
the_store_does_not_depend_on_threads_or_on_when_a_source_came(void **state)
{
	struct fixture *f = *state;
	const char *source[] = { f->path[0], f->path[1], f->path[2] };
	struct ingest_result r;
	struct err err = { 0 };
	char first[65], hex[65];

	write_lines(f->path[0], 0, 5000);
	write_lines(f->path[1], 5000, 6000);
	write_lines(f->path[2], 6000, 20000);
	assert_int_equal(ingest(f, source, 3, 1, NULL, &r, &err), 0);
	assert_int_equal(r.records, 20000);
	assert_int_equal(r.mapped, 20000);
	assert_int_equal(store_hash_files(f->case_dir, first, &err), 0);
	test_remove(f->case_dir);
	assert_int_equal(ingest(f, source, 3, 4, NULL, &r, &err), 0);
	assert_int_equal(store_hash_files(f->case_dir, hex, &err), 0);
	assert_string_equal(hex, first);
	test_remove(f->case_dir);
	assert_int_equal(ingest(f, source, 2, 2, NULL, &r, &err), 0);
	assert_int_equal(ingest(f, source + 2, 1, 2, NULL, &r, &err), 0);
	assert_int_equal(store_hash_files(f->case_dir, hex, &err), 0);
	assert_string_equal(hex, first);
}

static void
a_source_that_the_case_has_is_skipped(void **state)
{
	struct fixture *f = *state;
	const char *source[] = { f->path[0], f->path[1] };
	struct ingest_result r;
	struct err err = { 0 };

	write_lines(f->path[0], 0, 100);
	write_lines(f->path[1], 0, 100);
	assert_int_equal(ingest(f, source, 2, 2, NULL, &r, &err), 0);
	assert_int_equal(r.sources, 1);
	assert_int_equal(r.skipped, 1);
	assert_int_equal(ingest(f, source, 1, 2, NULL, &r, &err), 0);
	assert_int_equal(r.sources, 0);
	assert_int_equal(r.skipped, 1);
	assert_int_equal(query(f, "SELECT sum(mapped) FROM source"), 100);
}

static void
what_stands_in_two_sources_is_a_duplicate_of_one(void **state)
{
	struct fixture *f = *state;
	const char *source[] = { f->path[0], f->path[1] };
	struct ingest_result r;
	struct err err = { 0 };

	write_lines(f->path[0], 0, 100);
	write_lines(f->path[1], 50, 250);
	assert_int_equal(ingest(f, source, 1, 2, NULL, &r, &err), 0);
	assert_int_equal(ingest(f, source + 1, 1, 2, NULL, &r, &err), 0);
	assert_int_equal(r.duplicate, 50);
	assert_int_equal(query(f, "SELECT min(holds) FROM balance"), 1);
	assert_int_equal(query(f, "SELECT sum(n) FROM volume"), 250);
	assert_int_equal(query(f, "SELECT sum(duplicate) FROM source"), 50);
}

static void
a_bad_record_is_a_reject_with_its_number_and_place(void **state)
{
	struct fixture *f = *state;
	const char *source[] = { f->path[0] };
	struct ingest_result r;
	struct err err = { 0 };

	write_text(f->path[0], "{\"time\":1,\"kind\":\"other\"}\n"
			       "{\"time\":1,\"kind\":\"oth\n"
			       "\n"
			       "{\"kind\":\"other\"}\n"
			       "{\"time\":2,\"kind\":\"other\"}\n");
	assert_int_equal(ingest(f, source, 1, 2, NULL, &r, &err), 0);
	assert_int_equal(r.records, 4);
	assert_int_equal(r.rejected, 2);
	assert_int_equal(
	    query(f, "SELECT byte_offset FROM reject WHERE record = 2"), 26);
	assert_int_equal(
	    query(f, "SELECT byte_offset FROM reject WHERE record = 3"), 49);
	assert_int_equal(query(f, "SELECT min(holds) FROM balance"), 1);
}

static void
other_operators_are_filtered_an_unknown_one_is_not(void **state)
{
	struct fixture *f = *state;
	const char *source[] = { f->path[0] };
	struct caseini ini = { 0 };
	struct ingest_result r;
	struct err err = { 0 };

	assert_int_equal(
	    caseini_parse(&ini, "case.ini",
		span_of("[ingest]\noperators = shop , b\noperators = bank\n"),
		&err),
	    0);
	write_text(f->path[0],
	    "{\"time\":1,\"kind\":\"scroll\",\"operator\":\"shop\"}\n"
	    "{\"time\":2,\"kind\":\"scroll\",\"operator\":\"bank\"}\n"
	    "{\"time\":3,\"kind\":\"scroll\",\"operator\":\"shopper\"}\n"
	    "{\"time\":4,\"kind\":\"scroll\"}\n");
	assert_int_equal(ingest(f, source, 1, 1, &ini, &r, &err), 0);
	assert_int_equal(r.mapped, 3);
	assert_int_equal(r.filtered, 1);
	caseini_clear(&ini);
	write_text(f->path[0], "{\"time\":5,\"kind\":\"scroll\"}\n");
	assert_int_equal(ingest(f, source, 1, 1, NULL, &r, &err), -1);
	assert_non_null(strstr(err.msg, "ingest.operators differs"));
}

static void
sums_hold_when_a_later_source_makes_an_earlier_record_a_duplicate(void **state)
{
	static const char *const two =
	    "{\"time\":1,\"kind\":\"scroll\",\"actor\":\"u\"}\n"
	    "{\"time\":1,\"kind\":\"scroll\",\"actor\":\"u\"}\n";
	struct fixture *f = *state;
	const char *source[] = { f->path[0], f->path[1] };
	struct ingest_result r;
	struct err err = { 0 };

	write_text(
	    f->path[0], "{\"time\":1,\"kind\":\"scroll\",\"actor\":\"u\"}\n");
	write_text(f->path[1], two);
	assert_int_equal(ingest(f, source, 1, 1, NULL, &r, &err), 0);
	assert_int_equal(ingest(f, source + 1, 1, 1, NULL, &r, &err), 0);
	assert_int_equal(query(f, "SELECT sum(duplicate) FROM member"), 1);
	assert_int_equal(
	    query(f, "SELECT count(*) FROM source s JOIN member m USING "
		     "(source_id) WHERE s.mapped = m.mapped AND "
		     "s.duplicate = m.duplicate"),
	    2);
}

static void
what_lies_outside_the_period_is_filtered(void **state)
{
	struct fixture *f = *state;
	const char *source[] = { f->path[0] };
	struct caseini ini = { 0 };
	struct ingest_result r;
	struct err err = { 0 };

	write_lines(f->path[0], 0, 90);
	assert_int_equal(caseini_parse(&ini, "case.ini",
			     span_of("[ingest]\nzone = +08:00\n"
				     "from = 2018-01-03\nto = 2018-01-04\n"),
			     &err),
	    0);
	assert_int_equal(ingest(f, source, 1, 2, &ini, &r, &err), 0);
	assert_int_equal(r.records, 90);
	assert_int_equal(r.mapped, 20);
	assert_int_equal(r.filtered, 70);
	/* a later ingest may not say otherwise */
	assert_int_equal(ingest(f, source, 1, 2, NULL, &r, &err), -1);
	caseini_clear(&ini);
}

/* The period is of the zone's days, in summer and in winter. */
static void
a_zone_may_have_a_name(void **state)
{
	static const char ini_text[] = "[ingest]\nzone = Europe/Berlin\n"
				       "from = 2018-07-01\nto = 2018-12-31\n";
	struct fixture *f = *state;
	const char *source[] = { f->path[0] };
	struct caseini ini = { 0 };
	struct ingest_result r;
	struct err err = { 0 };

	if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0)
		skip();
	write_text(f->path[0],
	    "{\"time\":\"2018-06-30T21:59:59Z\",\"kind\":\"scroll\"}\n"
	    "{\"time\":\"2018-06-30T22:00:00Z\",\"kind\":\"scroll\"}\n"
	    "{\"time\":\"2018-07-01T00:00:00\",\"kind\":\"scroll\"}\n"
	    "{\"time\":\"2018-12-31T23:59:59\",\"kind\":\"scroll\"}\n"
	    "{\"time\":\"2018-12-31T22:59:59Z\",\"kind\":\"scroll\"}\n"
	    "{\"time\":\"2018-12-31T23:00:00Z\",\"kind\":\"scroll\"}\n");
	assert_int_equal(
	    caseini_parse(&ini, "case.ini", span_of(ini_text), &err), 0);
	if (ingest(f, source, 1, 1, &ini, &r, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(r.mapped, 4);
	assert_int_equal(r.filtered, 2);
	caseini_clear(&ini);
}

static void
a_wrong_setting_is_told_with_its_line(void **state)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "zone = Mars/Olympus",
		    "case.ini:2: [ingest] zone = Mars/Olympus: zone "
		    "\"Mars/Olympus\" is not known here; write an offset, "
		    "+08:00" },
		{ "year = 18",
		    "case.ini:2: [ingest] year = 18: a year is 2018, or "
		    "2018-07 when the log begins in July" },
		{ "from = yesterday",
		    "case.ini:2: [ingest] from = yesterday: neither a date "
		    "nor an instant" },
	};
	struct fixture *f = *state;
	const char *source[] = { f->path[0] };
	struct ingest_result r;
	char text[64];
	size_t i;

	write_lines(f->path[0], 0, 9);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct caseini ini = { 0 };
		struct err err = { 0 };

		(void)snprintf(
		    text, sizeof text, "[ingest]\n%s\n", cases[i].line);
		assert_int_equal(
		    caseini_parse(&ini, "case.ini", span_of(text), &err), 0);
		assert_int_equal(ingest(f, source, 1, 1, &ini, &r, &err), -1);
		assert_string_equal(err.msg, cases[i].want);
		caseini_clear(&ini);
	}
}

static void
a_fraction_that_is_none_is_refused(void **state)
{
	static const char *const text[] = { "2", "0", "-1", "half" };
	struct fixture *f = *state;
	const char *source[] = { f->path[0] };
	struct ingest_result r;
	char line[64];
	size_t i;

	write_lines(f->path[0], 0, 9);
	for (i = 0; i < sizeof text / sizeof text[0]; i++) {
		struct caseini ini = { 0 };
		struct err err = { 0 };

		(void)snprintf(
		    line, sizeof line, "[sampled]\n0.jsonl = %s\n", text[i]);
		assert_int_equal(
		    caseini_parse(&ini, "case.ini", span_of(line), &err), 0);
		assert_int_equal(ingest(f, source, 1, 1, &ini, &r, &err), -1);
		assert_non_null(strstr(err.msg, "case.ini:2"));
		caseini_clear(&ini);
	}
}

/* Whole exports are one line, a screenshot stands in the first record. */
static void
a_first_record_that_is_long_is_found(void **state)
{
	static const size_t sizes[] = { 300 * 1024, 3 * 1024 * 1024 };
	struct fixture *f = *state;
	const char *source[1];
	struct ingest_result r;
	struct err err = { 0 };
	char *text = calloc(1, sizes[1] + 1);
	FILE *out;
	size_t i;

	assert_non_null(text);
	for (i = 0; i < 2; i++) {
		memset(text, 'x', sizes[i]);
		out = fopen(f->path[i], "w");
		assert_non_null(out);
		(void)fprintf(out,
		    "{\"time\":\"2018-01-03T01:00:00Z\",\"kind\":\"other\","
		    "\"text\":\"%s\"}\n",
		    text);
		assert_int_equal(fclose(out), 0);
		source[0] = f->path[i];
		assert_int_equal(ingest(f, source, 1, 2, NULL, &r, &err), 0);
		assert_int_equal(
		    query(f, "SELECT sum(mapped) FROM member"), i + 1);
	}
	free(text);
}

static void
ingest_mapped(struct fixture *f, const char *text, const char *evidence)
{
	const char *source[] = { f->path[0] }, *map[] = { f->path[1] };
	struct ingest_options o = { .case_dir = f->case_dir,
		.source = source,
		.n_sources = 1,
		.map_file = map,
		.n_map_files = 1,
		.n_threads = 1,
		.memory_bytes = 64 << 20 };
	struct ingest_result r;
	struct err err = { 0 };

	write_text(f->path[0], evidence);
	write_text(f->path[1], text);
	if (ingest_run(&o, &r, &err) < 0)
		fail_msg("%s", err.msg);
}

#define OWN  "[format]\nname = own\nversion = 1\ncontainer = "
#define REST "format = epoch_s\n[kind]\nalways = other\n"

/* Also of a pattern that takes too many steps in all of them. */
static void
one_mapping_that_does_not_fit_says_why(void **state)
{
	struct fixture *f = *state;
	char line[128];

	memset(line, 'a', sizeof line);
	(void)snprintf(line + 100, 3, "b\n");
	ingest_mapped(f,
	    OWN "text\npattern = /(?<t>(a+)+)$/\n[time]\nfrom = t\n" REST,
	    line);
	assert_int_equal(query(f, "SELECT count(*) FROM reject WHERE reason "
				  "LIKE '%1.jsonl:5: %too many steps%'"),
	    1);
}

static void
broken_records_of_the_only_mapping_are_rejects(void **state)
{
	struct fixture *f = *state;

	ingest_mapped(f, OWN "jsonl\n[time]\nfrom = /t\n" REST,
	    "{\"t\":1,}\n{\"t\":01}\n{\"t\":1,\"x\":[}\n");
	assert_int_equal(query(f, "SELECT rejected FROM member"), 3);
	assert_int_equal(
	    query(f, "SELECT count(*) FROM reject WHERE record IS NOT NULL"),
	    3);
}

static void
a_missing_operand_leaves_nothing_behind(void **state)
{
	struct fixture *f = *state;
	const char *source[] = { f->path[0], f->path[1] };
	struct ingest_result r;
	struct err err = { 0 };

	write_lines(f->path[0], 0, 90);
	assert_int_equal(ingest(f, source, 2, 2, NULL, &r, &err), -1);
	assert_non_null(strstr(err.msg, "1.jsonl"));
	assert_int_equal(access(f->case_dir, F_OK), -1);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(the_store_does_not_depend_on_threads_or_on_when_a_source_came),
		T(a_source_that_the_case_has_is_skipped),
		T(what_stands_in_two_sources_is_a_duplicate_of_one),
		T(a_bad_record_is_a_reject_with_its_number_and_place),
		T(what_lies_outside_the_period_is_filtered),
		T(other_operators_are_filtered_an_unknown_one_is_not),
		T(sums_hold_when_a_later_source_makes_an_earlier_record_a_duplicate),
		T(a_zone_may_have_a_name),
		T(a_wrong_setting_is_told_with_its_line),
		T(a_fraction_that_is_none_is_refused),
		T(a_first_record_that_is_long_is_found),
		T(one_mapping_that_does_not_fit_says_why),
		T(broken_records_of_the_only_mapping_are_rejects),
		T(a_missing_operand_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
