/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"
#include "reports/option.h"

enum { WORDS_MAX = 12 };

/* Parse the words of `line`, which single blanks part. */
static int
parse(struct options *o, enum command c, char *line, struct err *err)
{
	char *word[WORDS_MAX];
	int n = 0;

	while (*line != '\0') {
		assert_true(n < WORDS_MAX);
		word[n++] = line;
		line += strcspn(line, " ");
		if (*line != '\0')
			*line++ = '\0';
	}
	return option_parse(o, c, n, word, err);
}

static void
options_stand_in_any_form_and_anywhere(void **state)
{
	static const char *const lines[] = {
		"-j 4 --memory 1G -m a.map case log -m b.map",
		"case -j4 --memory=1G -ma.map log --map=b.map",
		"case log --jobs=4 --map a.map --map b.map --memory 1G",
		"--jobs 4 -m a.map --memory 1G -m b.map -- case log",
	};
	char line[128];
	struct options o;
	struct err err = { 0 };
	size_t i, memory;
	unsigned jobs;

	(void)state;
	for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		(void)snprintf(line, sizeof line, "%s", lines[i]);
		assert_int_equal(parse(&o, COMMAND_INGEST, line, &err), 0);
		assert_int_equal(option_jobs(&o, &jobs, &err), 0);
		assert_int_equal(jobs, 4);
		assert_int_equal(option_memory(&o, &memory, &err), 0);
		assert_true(memory == (size_t)1 << 30);
		assert_int_equal(o.n_maps, 2);
		assert_string_equal(o.map[0], "a.map");
		assert_string_equal(o.map[1], "b.map");
		assert_int_equal(o.n_operands, 2);
		assert_string_equal(o.operand[0], "case");
		assert_string_equal(o.operand[1], "log");
		assert_null(o.value[OPTION_STRICT]);
		option_clear(&o);
	}
}

static void
after_two_hyphens_everything_is_an_operand(void **state)
{
	char line[] = "-- --strict -x -";
	struct options o;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(parse(&o, COMMAND_RUN, line, &err), 0);
	assert_int_equal(o.n_operands, 3);
	assert_string_equal(o.operand[0], "--strict");
	assert_null(o.value[OPTION_STRICT]);
	option_clear(&o);
}

static void
what_makes_no_sense_is_refused_with_a_way_on(void **state)
{
	static const struct {
		enum command command;
		const char *line, *message;
	} cases[] = {
		{ COMMAND_INGEST, "case",
		    "ingest: an operand is missing, expected CASE SOURCE...; "
		    "try 'pretick help ingest'" },
		{ COMMAND_ANALYSE, "case more",
		    "analyse: there is one operand too many: 'more'; "
		    "try 'pretick help analyse'" },
		{ COMMAND_RUN, "--frobnicate log",
		    "run: no option '--frobnicate'; try 'pretick help run'" },
		{ COMMAND_RUN, "-x log",
		    "run: no option '-x'; try 'pretick help run'" },
		{ COMMAND_ANALYSE, "-m a.map case",
		    "analyse: no option '-m'; try 'pretick help analyse'" },
		{ COMMAND_RUN, "--strict=1 log",
		    "run: option '--strict' takes no value; "
		    "try 'pretick help run'" },
		{ COMMAND_RUN, "log --memory",
		    "run: option '--memory' needs a value; "
		    "try 'pretick help run'" },
		{ COMMAND_RUN, "log --memory=",
		    "run: the value of '--memory' is empty; "
		    "try 'pretick help run'" },
		{ COMMAND_RUN, "--mem 1G log",
		    "run: no option '--mem'; try 'pretick help run'" },
	};
	char line[128];
	struct options o;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err err = { 0 };

		(void)snprintf(line, sizeof line, "%s", cases[i].line);
		assert_int_equal(parse(&o, cases[i].command, line, &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
		assert_string_equal(err.msg, cases[i].message);
		option_clear(&o);
	}
}

static void
numbers_are_read_whole_or_refused(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes; /* 0: refused */
	} cases[] = {
		{ "268435456", 268435456 },
		{ "65536K", 65536U << 10 },
		{ "512m", 512U << 20 },
		{ "3G", (uint64_t)3 << 30 },
		{ "15M", 0 },
		{ "-1", 0 },
		{ "1e9", 0 },
		{ "1GB", 0 },
		{ "G", 0 },
		{ "99999999999999999999", 0 },
		{ "17179869184G", 0 },
		{ " 1G", 0 },
	};
	static const char *const jobs[] = { "0", "-1", "1025", "2x", "" };
	struct options o = { .command = COMMAND_RUN };
	size_t i, got;
	unsigned n;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err err = { 0 };

		o.value[OPTION_MEMORY] = cases[i].text;
		if (option_memory(&o, &got, &err) < 0) {
			assert_int_equal(cases[i].bytes, 0);
			assert_int_equal(err.code, ERR_USAGE);
		} else {
			assert_true(got == cases[i].bytes);
		}
	}
	for (i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
		struct err err = { 0 };

		o.value[OPTION_JOBS] = jobs[i];
		assert_int_equal(option_jobs(&o, &n, &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
	}
	o.value[OPTION_JOBS] = NULL;
	assert_int_equal(option_jobs(&o, &n, NULL), 0);
	assert_in_range(n, 1, 1024);
}

static void
a_command_is_found_by_its_name_its_alias_or_nearly(void **state)
{
	(void)state;
	assert_int_equal(command_find("analyse"), COMMAND_ANALYSE);
	assert_int_equal(command_find("analyze"), COMMAND_ANALYSE);
	assert_int_equal(command_find("Analyse"), COMMAND__MAX);
	assert_int_equal(command_find(""), COMMAND__MAX);
	assert_string_equal(command_nearest("igest"), "ingest");
	assert_string_equal(command_nearest("reprot"), "report");
	assert_null(command_nearest("frobnicate"));
	assert_null(command_nearest(
	    "a-word-that-is-longer-than-any-name-of-a-command-could-be"));
}

static void
the_command_line_is_kept_as_a_shell_reads_it_back(void **state)
{
	static char w0[] = "--strict", w1[] = "it's a log", w2[] = "",
		    w3[] = "$x";
	char *const word[] = { w0, w1, w2, w3 };
	struct options o;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(option_parse(&o, COMMAND_RUN, 4, word, &err), 0);
	assert_string_equal(
	    o.line, "pretick run --strict 'it'\\''s a log' '' '$x'");
	option_clear(&o);
}

static void
help_wins_over_missing_operands(void **state)
{
	char line[] = "--help";
	struct options o;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(parse(&o, COMMAND_INGEST, line, &err), 0);
	assert_true(o.wants_help);
	option_clear(&o);
}

static void
the_usage_tells_exactly_the_options_of_the_command(void **state)
{
	struct buf text = { 0 };

	(void)state;
	option_usage(&text, COMMAND_ANALYSE);
	assert_non_null(strstr(text.p,
	    "usage: pretick analyse [-c FILE] [-j N] [--memory SIZE] CASE\n"));
	assert_non_null(strstr(text.p, "\n  -j, --jobs N"));
	assert_null(strstr(text.p, "--map"));
	buf_reset(&text);
	option_usage(&text, COMMAND_INGEST);
	assert_non_null(strstr(text.p, " [-m FILE]... "));
	buf_reset(&text);
	option_overview(&text);
	assert_non_null(strstr(text.p, "\n  ingest "));
	buf_clear(&text);
}

static void
no_usage_is_wider_than_a_terminal(void **state)
{
	struct buf text = { 0 };
	const char *line;
	int c;

	(void)state;
	option_overview(&text);
	for (c = 0; c < COMMAND__MAX; c++)
		option_usage(&text, (enum command)c);
	for (line = text.p; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_in_range(strcspn(line, "\n"), 0, 79);
	buf_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_in_any_form_and_anywhere),
		cmocka_unit_test(after_two_hyphens_everything_is_an_operand),
		cmocka_unit_test(what_makes_no_sense_is_refused_with_a_way_on),
		cmocka_unit_test(numbers_are_read_whole_or_refused),
		cmocka_unit_test(
		    a_command_is_found_by_its_name_its_alias_or_nearly),
		cmocka_unit_test(
		    the_command_line_is_kept_as_a_shell_reads_it_back),
		cmocka_unit_test(help_wins_over_missing_operands),
		cmocka_unit_test(
		    the_usage_tells_exactly_the_options_of_the_command),
		cmocka_unit_test(no_usage_is_wider_than_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
