/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"
#include "ingest/source.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[256];

/* Run with the temporary folder as the working folder. */
static int
set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	(void)snprintf(dir, sizeof dir, "%s/pretick-test-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	return mkdtemp(dir) == NULL || chdir(dir) < 0 ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return chdir("/") < 0 || rmdir(dir) < 0 ? -1 : 0;
}

static void
put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
a_file_stands_for_itself(void **state)
{
	struct source_list l = { 0 };
	struct err err = { 0 };

	(void)state;
	put("b", "12345");
	put("a", "");
	assert_int_equal(source_list_add(&l, "./b", &err), 0);
	assert_int_equal(source_list_add(&l, "a", &err), 0);
	assert_int_equal(l.n_files, 2);
	assert_string_equal(l.file[0].path, "./b");
	assert_int_equal(l.file[0].bytes, 5);
	assert_null(l.file[0].reason);
	assert_string_equal(l.file[1].path, "a");
	source_list_clear(&l);
	assert_int_equal(l.n_files, 0);
	assert_int_equal(unlink("a") | unlink("b"), 0);
}

static void
a_folder_stands_for_the_files_below_in_bytewise_order(void **state)
{
	static const char *const want[] = { "d/.hidden", "d/a-1", "d/a/x",
		"d/a/\xff", "d/a0", "d/B", "d/b" };
	struct source_list l = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
	    mkdir("d", 0700) | mkdir("d/a", 0700) | mkdir("d/empty", 0700), 0);
	for (size_t i = 0; i < 7; i++)
		put(want[6 - i], "x");
	/* However many slashes the operand ends in. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    source_list_add(&l, i == 0 ? "d" : "d//", &err), 0);
		assert_int_equal(l.n_files, 7);
		for (size_t k = 1; k < 7; k++)
			assert_true(
			    strcmp(l.file[k - 1].path, l.file[k].path) < 0);
		assert_string_equal(l.file[0].path, "d/.hidden");
		assert_string_equal(l.file[1].path, "d/B");
		assert_string_equal(l.file[2].path, "d/a-1");
		assert_string_equal(l.file[3].path, "d/a/x");
		assert_string_equal(l.file[4].path, "d/a/\xff");
		source_list_clear(&l);
	}
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(unlink(want[i]), 0);
	assert_int_equal(rmdir("d/a") | rmdir("d/empty") | rmdir("d"), 0);
}

static void
what_is_no_file_in_a_folder_is_listed_with_the_reason(void **state)
{
	struct source_list l = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(mkdir("d", 0700), 0);
	assert_int_equal(symlink("..", "d/loop"), 0);
	assert_int_equal(symlink("/etc/passwd", "d/link"), 0);
	assert_int_equal(mkfifo("d/pipe", 0600), 0);
	put("d/z", "x");
	assert_int_equal(source_list_add(&l, "d", &err), 0);
	assert_int_equal(l.n_files, 4);
	assert_string_equal(l.file[0].path, "d/link");
	assert_string_equal(l.file[0].reason, "symbolic link not followed");
	assert_string_equal(l.file[1].path, "d/loop");
	assert_string_equal(l.file[1].reason, "symbolic link not followed");
	assert_string_equal(l.file[2].path, "d/pipe");
	assert_string_equal(l.file[2].reason, "pipe not read");
	assert_null(l.file[3].reason);
	source_list_clear(&l);
	assert_int_equal(unlink("d/loop") | unlink("d/link") |
			     unlink("d/pipe") | unlink("d/z") | rmdir("d"),
	    0);
}

static void
what_may_not_be_read_is_listed_with_the_reason(void **state)
{
	struct source_list l = { 0 };
	struct err err = { 0 };

	(void)state;
	if (geteuid() == 0) {
		print_message("root may read everything: not tested\n");
		skip();
	}
	assert_int_equal(mkdir("d", 0700) | mkdir("d/shut", 0700), 0);
	put("d/mute", "x");
	assert_int_equal(chmod("d/mute", 0) | chmod("d/shut", 0), 0);
	assert_int_equal(source_list_add(&l, "d", &err), 0);
	assert_int_equal(l.n_files, 2);
	assert_string_equal(l.file[0].path, "d/mute");
	assert_string_equal(l.file[0].reason, "Permission denied");
	assert_string_equal(l.file[1].path, "d/shut");
	assert_string_equal(l.file[1].reason, "Permission denied");
	assert_int_equal(source_list_add(&l, "d/mute", &err), -1);
	assert_string_equal(err.msg, "d/mute: Permission denied");
	source_list_clear(&l);
	assert_int_equal(unlink("d/mute") | rmdir("d/shut") | rmdir("d"), 0);
}

static void
an_operand_that_cannot_be_read_is_an_error(void **state)
{
	struct source_list l = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(source_list_add(&l, "none", &err), -1);
	assert_string_equal(err.msg, "none: No such file or directory");
	memset(&err, 0, sizeof err);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_int_equal(source_list_add(&l, "pipe", &err), -1);
	assert_string_equal(err.msg, "pipe: neither a file nor a folder");
	memset(&err, 0, sizeof err);
	assert_int_equal(source_list_add(&l, "/dev/null", &err), -1);
	assert_string_equal(err.msg, "/dev/null: neither a file nor a folder");
	memset(&err, 0, sizeof err);
	assert_int_equal(symlink("gone", "link"), 0);
	assert_int_equal(source_list_add(&l, "link", &err), -1);
	assert_string_equal(err.msg, "link: No such file or directory");
	assert_int_equal(l.n_files, 0);
	source_list_clear(&l);
	assert_int_equal(unlink("pipe") | unlink("link"), 0);
}

static void
a_link_named_as_an_operand_is_followed(void **state)
{
	struct source_list l = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(mkdir("d", 0700) | symlink("d", "l"), 0);
	put("d/f", "x");
	assert_int_equal(source_list_add(&l, "l", &err), 0);
	assert_int_equal(source_list_add(&l, "l/f", &err), 0);
	assert_int_equal(l.n_files, 2);
	assert_string_equal(l.file[0].path, "l/f");
	source_list_clear(&l);
	assert_int_equal(unlink("d/f") | unlink("l") | rmdir("d"), 0);
}

static void
folders_too_deep_to_follow_are_listed(void **state)
{
	enum { DEPTH = 300 };
	struct source_list l = { 0 };
	struct err err = { 0 };
	int i;

	(void)state;
	assert_int_equal(mkdir("d", 0700) | chdir("d"), 0);
	for (i = 0; i < DEPTH; i++)
		assert_int_equal(mkdir("a-name-of-some-length", 0700) |
				     chdir("a-name-of-some-length"),
		    0);
	put("f", "x");
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(source_list_add(&l, "d", &err), 0);
	assert_int_equal(l.n_files, 1);
	assert_non_null(strstr(l.file[0].reason, "nested too deeply"));
	/* Longer than PATH_MAX: folders are opened one in the other. */
	assert_true(strlen(l.file[0].path) > 4096);
	source_list_clear(&l);

	assert_int_equal(chdir("d"), 0);
	for (i = 0; i < DEPTH; i++)
		assert_int_equal(chdir("a-name-of-some-length"), 0);
	assert_int_equal(unlink("f"), 0);
	for (i = 0; i < DEPTH; i++)
		assert_int_equal(
		    chdir("..") | rmdir("a-name-of-some-length"), 0);
	assert_int_equal(chdir("..") | rmdir("d"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_stands_for_itself),
		cmocka_unit_test(
		    a_folder_stands_for_the_files_below_in_bytewise_order),
		cmocka_unit_test(
		    what_is_no_file_in_a_folder_is_listed_with_the_reason),
		cmocka_unit_test(
		    what_may_not_be_read_is_listed_with_the_reason),
		cmocka_unit_test(an_operand_that_cannot_be_read_is_an_error),
		cmocka_unit_test(a_link_named_as_an_operand_is_followed),
		cmocka_unit_test(folders_too_deep_to_follow_are_listed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
