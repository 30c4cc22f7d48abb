/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/show.h"

#include "reports/catalogue.h"
#include "reports/test/made.h"
#include "reports/verify.h"

static int
show(const struct made *m, const char *what, const char *id, char **text,
    struct err *err)
{
	struct show_options o = { m->case_dir, what, id, m->key, NULL };
	size_t n = 0;
	int rc;

	o.out = open_memstream(text, &n);
	assert_non_null(o.out);
	rc = show_run(&o, err);
	assert_int_equal(fclose(o.out), 0);
	return rc;
}

static void
a_person_is_found_by_id_and_by_name(void **state)
{
	struct err err = { 0 };
	char *by_id, *by_name, name[64];
	struct made m;

	(void)state;
	made_case(&m);
	assert_int_equal(show(&m, "subject", "20880100037", &by_id, &err), 0);
	assert_int_equal(sscanf(by_id, "person %63s", name), 1);
	assert_int_equal(strncmp(name, "u-", 2), 0);
	assert_null(strstr(by_id, "20880100037"));
	assert_int_equal(show(&m, "subject", name, &by_name, &err), 0);
	assert_string_equal(by_id, by_name);
	free(by_id);
	free(by_name);
	made_clear(&m);
}

static void
nothing_reaches_the_terminal_raw(void **state)
{
	struct err err = { 0 };
	struct made m;
	char *text;

	(void)state;
	made_case(&m);
	made_sql(&m, "UPDATE design SET version = 'v' || char(27) || '[2J'");
	assert_int_equal(show(&m, "finding", "8", &text, &err), 0);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "v␛[2J"));
	assert_non_null(strstr(text, "sure               12\n"));
	free(text);
	made_clear(&m);
}

static void
a_decision_and_a_flow_are_shown(void **state)
{
	struct err err = { 0 };
	struct made m;
	char *text;

	(void)state;
	made_case(&m);
	assert_int_equal(show(&m, "decision", "8", &text, &err), 0);
	assert_non_null(strstr(text, "purpose            zhima.analyse\n"));
	assert_non_null(strstr(
	    text, "evidence/ui-2018-01.ndjson.zst: ui-2018-01.ndjson: byte"));
	free(text);
	assert_int_equal(show(&m, "flow", "annual_bill", &text, &err), 0);
	assert_non_null(
	    strstr(text, "chat > annual_bill_cover, median 800 ms"));
	free(text);
	made_clear(&m);
}

static void
what_is_not_there_is_an_error_with_its_name(void **state)
{
	static const struct {
		const char *what, *id, *say;
		enum err_code code;
	} cases[] = {
		{ "finding", "99", "there is no finding 99", ERR_FAILED },
		{ "finding", "x", "named by its number, not 'x'", ERR_USAGE },
		{ "decision", "999999", "there is no decision", ERR_FAILED },
		{ "subject", "nobody", "no result speaks of", ERR_FAILED },
		{ "flow", "nowhere", "there is no flow", ERR_FAILED },
		{ "colour", "1", "not 'colour'", ERR_USAGE },
	};
	struct made m;
	char *text;
	size_t i;

	(void)state;
	made_case(&m);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err err = { 0 };

		assert_int_equal(
		    show(&m, cases[i].what, cases[i].id, &text, &err), -1);
		assert_non_null(strstr(err.msg, cases[i].say));
		assert_int_equal(err.code, cases[i].code);
		free(text);
	}
	made_clear(&m);
}

static int
verify(const struct made *m, const char *file, char **text, struct err *err)
{
	struct verify_options o = { .case_dir = m->case_dir,
		.source = &file,
		.n_sources = file != NULL };
	size_t n = 0;
	int rc;

	o.out = open_memstream(text, &n);
	assert_non_null(o.out);
	rc = verify_run(&o, err);
	assert_int_equal(fclose(o.out), 0);
	return rc;
}

static void
a_broken_balance_and_a_changed_file_are_told(void **state)
{
	struct err err = { 0 };
	struct made m;
	char *text, path[256];

	(void)state;
	made_case(&m);
	made_sql(&m, "UPDATE member SET mapped = mapped - 1 "
		     "WHERE member_id = 2");
	(void)snprintf(path, sizeof path, "%s/log", m.dir);
	made_write(path, "changed");
	assert_int_equal(verify(&m, path, &text, &err), -1);
	assert_non_null(
	    strstr(text, "FAILED  balance of members: 3 of 4 hold\n"));
	assert_non_null(strstr(text, "ok      rejects of members: 4 of 4"));
	assert_non_null(
	    strstr(text, "FAILED  the case holds no file with this hash: "));
	assert_non_null(strstr(err.msg, "checks failed"));
	free(text);
	made_clear(&m);
}

static void
a_file_is_known_by_its_hash(void **state)
{
	struct err err = { 0 };
	struct made m;
	char *text, path[256];

	(void)state;
	made_case(&m);
	made_sql(&m, "UPDATE source SET sha256 = 'ba7816bf8f01cfea414140de5dae"
		     "2223b00361a396177a9cb410ff61f20015ad' "
		     "WHERE source_id = 1");
	(void)snprintf(path, sizeof path, "%s/log", m.dir);
	made_write(path, "abc");
	(void)verify(&m, path, &text, &err);
	assert_non_null(strstr(text, "ok      ba7816bf"));
	free(text);
	made_clear(&m);
}

static void
mappings_and_detectors_are_listed_and_printed(void **state)
{
	struct catalogue_options o = { NULL, NULL };
	struct err err = { 0 };
	char *text = NULL;
	size_t n = 0;

	(void)state;
	o.out = open_memstream(&text, &n);
	assert_int_equal(formats_run(&o, &err), 0);
	assert_int_equal(detectors_run(&o, &err), 0);
	o.name = "D01";
	assert_int_equal(detectors_run(&o, &err), 0);
	assert_int_equal(fclose(o.out), 0);
	assert_non_null(strstr(text, "native"));
	assert_non_null(strstr(text, "D01   Pre-selected consent\n"));
	assert_non_null(strstr(text, "Answers sure when: "));
	free(text);
	o.out = stdout;
	o.name = "D99";
	assert_int_equal(detectors_run(&o, &err), -1);
	assert_non_null(strstr(err.msg, "no detector is named 'D99'"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_person_is_found_by_id_and_by_name),
		cmocka_unit_test(nothing_reaches_the_terminal_raw),
		cmocka_unit_test(a_decision_and_a_flow_are_shown),
		cmocka_unit_test(what_is_not_there_is_an_error_with_its_name),
		cmocka_unit_test(a_broken_balance_and_a_changed_file_are_told),
		cmocka_unit_test(a_file_is_known_by_its_hash),
		cmocka_unit_test(mappings_and_detectors_are_listed_and_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
