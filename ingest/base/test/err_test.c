/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"
#include "ingest/base/err.h"

#include <string.h>

static void
the_first_failure_is_the_one_that_is_told(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(err_set(&err, ERR_FAILED, "disk %d is full", 3), -1);
	assert_int_equal(err_set(&err, ERR_USAGE, "no such option"), -1);
	assert_int_equal(err.code, ERR_FAILED);
	assert_string_equal(err.msg, "disk 3 is full");
}

static void
context_stands_before_the_message(void **state)
{
	struct err err = { 0 };

	(void)state;
	(void)err_set(&err, ERR_FAILED, "frame damaged at byte %d", 40961);
	assert_int_equal(err_prefix(&err, "%s", "log.zst"), -1);
	assert_string_equal(err.msg, "log.zst: frame damaged at byte 40961");
}

static void
a_message_cannot_command_a_terminal(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "a\033[2Jb", "a?[2Jb" },
		{ "two\r\nlines\t", "two??lines?" },
		{ "C1 \xc2\x9b"
		  "31m",
		    "C1 ?31m" },
		{ "bare \x9b", "bare ?" },
		{ "\xe2\x80\xae"
		  "txt.exe",
		    "?txt.exe" },
		{ "\xef\xbb\xbf"
		  "bom",
		    "?bom" },
		{ "cut \xe8\x8a", "cut ??" },
		{ "long \xc0\xaf", "long ??" },
		{ "surrogate \xed\xa0\x80", "surrogate ???" },
		{ "del \x7f", "del ?" },
		{ "\xe8\x8a\x9d\xe9\xba\xbb \xf0\x9f\x98\x80",
		    "\xe8\x8a\x9d\xe9\xba\xbb \xf0\x9f\x98\x80" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err err = { 0 };

		(void)err_set(&err, ERR_FAILED, "%s", cases[i].in);
		assert_string_equal(err.msg, cases[i].out);
	}
}

static void
a_message_that_is_too_long_is_cut_at_a_whole_character(void **state)
{
	char text[3000];
	struct err err = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i + 3 < sizeof text; i += 3)
		memcpy(text + i, "\xe8\x8a\x9d", 3);
	text[i] = '\0';
	(void)err_set(&err, ERR_FAILED, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof err.msg - 1);
	(void)err_prefix(&err, "ab");
	assert_int_equal(strlen(err.msg), sizeof err.msg - 1);
	/* What the ceiling left of a character shows as '?', not as bytes. */
	assert_true(memcmp(err.msg, "ab: \xe8\x8a\x9d", 7) == 0);
	assert_int_equal(err.msg[sizeof err.msg - 2], '?');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_failure_is_the_one_that_is_told),
		cmocka_unit_test(context_stands_before_the_message),
		cmocka_unit_test(a_message_cannot_command_a_terminal),
		cmocka_unit_test(
		    a_message_that_is_too_long_is_cut_at_a_whole_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
