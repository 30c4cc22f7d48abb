/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ingest/casefile.h"
#include "ingest/event.h"

static char dir[] = "/tmp/pretick-casefile-XXXXXX";
static char case_dir[sizeof dir + 8], db[sizeof dir + 16];

static int
fresh(void **state)
{
	(void)state;
	memcpy(dir, "/tmp/pretick-casefile-XXXXXX", sizeof dir);
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(case_dir, sizeof case_dir, "%s/case", dir);
	(void)snprintf(db, sizeof db, "%s/case.db", case_dir);
	return 0;
}

static int
gone(void **state)
{
	char journal[sizeof db + 16];

	(void)state;
	(void)snprintf(journal, sizeof journal, "%s-journal", db);
	(void)unlink(journal);
	(void)unlink(db);
	(void)rmdir(case_dir);
	return rmdir(dir);
}

static void
must_open(struct casefile *c, enum casefile_mode mode)
{
	struct err err = { 0 };

	if (casefile_open(c, case_dir, mode, &err) < 0)
		fail_msg("%s", err.msg);
}

static void
a_new_case_is_private_and_complete(void **state)
{
	struct casefile c;
	struct stat st;

	(void)state;
	must_open(&c, CASEFILE_CREATE);
	assert_int_equal(stat(case_dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(db, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(casefile_int(&c, "PRAGMA user_version", -1), 4);
	assert_int_equal(
	    casefile_int(&c, "SELECT count(*) FROM decision", -1), 0);
	assert_int_equal(
	    casefile_int(&c, "SELECT count(*) FROM balance", -1), 0);
	assert_int_equal(casefile_int(&c,
			     "SELECT code FROM word WHERE list = 'decision' "
			     "AND text = 'withdrawn'",
			     -1),
	    DECISION_WITHDRAWN);
	assert_int_equal(
	    casefile_int(
		&c, "SELECT count(*) FROM word WHERE list = 'kind'", -1),
	    KIND__MAX - 1);
	casefile_close(&c);
	must_open(&c, CASEFILE_CREATE); /* a second time changes nothing */
	assert_int_equal(
	    casefile_int(
		&c, "SELECT count(*) FROM word WHERE list = 'kind'", -1),
	    KIND__MAX - 1);
	casefile_close(&c);
}

static void
what_is_no_case_is_named(void **state)
{
	struct casefile c;
	struct err err = { 0 };
	FILE *f;

	(void)state;
	assert_int_equal(casefile_open(&c, case_dir, CASEFILE_READ, &err), -1);
	assert_non_null(strstr(err.msg, "is no case"));
	assert_int_equal(mkdir(case_dir, 0700), 0);
	f = fopen(db, "w");
	assert_non_null(f);
	(void)fputs("this is not a database, and it is long enough to tell "
		    "that from the magic string at its beginning, surely\n",
	    f);
	(void)fclose(f);
	memset(&err, 0, sizeof err);
	assert_int_equal(
	    casefile_open(&c, case_dir, CASEFILE_CREATE, &err), -1);
	assert_non_null(strstr(err.msg, "is damaged"));
}

static void
another_program_s_database_is_left_alone(void **state)
{
	struct casefile c;
	struct err err = { 0 };
	sqlite3 *other;

	(void)state;
	assert_int_equal(mkdir(case_dir, 0700), 0);
	assert_int_equal(sqlite3_open(db, &other), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(other, "CREATE TABLE t(x)", NULL, NULL, NULL),
	    SQLITE_OK);
	(void)sqlite3_close(other);
	assert_int_equal(
	    casefile_open(&c, case_dir, CASEFILE_CREATE, &err), -1);
	assert_non_null(strstr(err.msg, "not the database of a pretick case"));
}

static void
a_newer_format_is_refused(void **state)
{
	struct casefile c;
	struct err err = { 0 };

	(void)state;
	must_open(&c, CASEFILE_CREATE);
	assert_int_equal(casefile_exec(&c, "PRAGMA user_version = 99"), 0);
	casefile_close(&c);
	assert_int_equal(casefile_open(&c, case_dir, CASEFILE_WRITE, &err), -1);
	assert_non_null(strstr(err.msg, "has format 99"));
}

static void
after_a_failure_nothing_more_happens(void **state)
{
	struct casefile c;
	struct err err = { 0 };
	sqlite3_stmt *st;

	(void)state;
	must_open(&c, CASEFILE_CREATE);
	assert_int_equal(casefile_exec(&c, "INSERT INTO nosuch VALUES(1)"), -1);
	st = casefile_prepare(&c, "INSERT INTO case_info VALUES(?, ?)");
	assert_null(st);
	assert_int_equal(casefile_put(&c, st, "tt", "a", "b"), -1);
	assert_int_equal(casefile_step(&c, st), -1);
	assert_int_equal(casefile_int(&c, "SELECT 1", 5), 5);
	casefile_finalize(st);
	assert_int_equal(casefile_error(&c, &err), -1);
	assert_non_null(strstr(err.msg, "nosuch"));
	assert_int_equal(casefile_int(&c, "SELECT 1", 5), 1);
	casefile_close(&c);
}

static void
letters_bind_what_they_say(void **state)
{
	struct span absent = { NULL, 0 }, empty = { "", 0 };
	struct casefile c;
	sqlite3_stmt *st;

	(void)state;
	must_open(&c, CASEFILE_CREATE);
	st = casefile_prepare(&c, "SELECT ?, ?, ?, ?, ?, ?, ?");
	assert_int_equal(casefile_bind(&c, st, "idtsnst", (int64_t)-5, 0.5, "x",
			     absent, empty, (const char *)NULL),
	    0);
	assert_int_equal(casefile_step(&c, st), 1);
	assert_int_equal(sqlite3_column_int64(st, 0), -5);
	assert_close(sqlite3_column_double(st, 1), 0.5, 0);
	assert_string_equal((const char *)sqlite3_column_text(st, 2), "x");
	assert_int_equal(sqlite3_column_type(st, 3), SQLITE_NULL);
	assert_int_equal(sqlite3_column_type(st, 4), SQLITE_NULL);
	assert_int_equal(sqlite3_column_type(st, 5), SQLITE_TEXT);
	assert_int_equal(sqlite3_column_type(st, 6), SQLITE_NULL);
	assert_int_equal(casefile_step(&c, st), 0);
	casefile_finalize(st);
	casefile_close(&c);
}

static void
a_second_writer_is_told(void **state)
{
	struct casefile a, b;
	struct err err = { 0 };

	(void)state;
	must_open(&a, CASEFILE_CREATE);
	must_open(&b, CASEFILE_WRITE);
	(void)sqlite3_busy_timeout(b.db, 1);
	assert_int_equal(casefile_begin(&a), 0);
	assert_int_equal(casefile_begin(&b), -1);
	assert_int_equal(casefile_error(&b, &err), -1);
	assert_non_null(strstr(err.msg, "in use by another process"));
	casefile_close(&b);
	casefile_close(&a);
}

static void
a_killed_stage_leaves_the_case_as_it_was(void **state)
{
	struct casefile c;
	int status;
	pid_t pid;

	(void)state;
	must_open(&c, CASEFILE_CREATE);
	assert_int_equal(
	    casefile_exec(&c, "INSERT INTO name VALUES(1, 'one')"), 0);
	casefile_close(&c);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		must_open(&c, CASEFILE_WRITE);
		(void)casefile_exec(&c, "PRAGMA cache_size = 10");
		(void)casefile_begin(&c);
		(void)casefile_exec(&c,
		    "DELETE FROM name; WITH RECURSIVE n(i) AS (SELECT 1 UNION "
		    "ALL SELECT i + 1 FROM n WHERE i < 50000) INSERT INTO "
		    "name SELECT i, 'text ' || i FROM n");
		(void)raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	must_open(&c, CASEFILE_READ);
	assert_int_equal(casefile_int(&c, "SELECT count(*) FROM name", -1), 1);
	assert_int_equal(casefile_exec(&c, "DELETE FROM name"), -1);
	casefile_close(&c);
}

#define CASE(t) cmocka_unit_test_setup_teardown(t, fresh, gone)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_new_case_is_private_and_complete),
		CASE(what_is_no_case_is_named),
		CASE(another_program_s_database_is_left_alone),
		CASE(a_newer_format_is_refused),
		CASE(after_a_failure_nothing_more_happens),
		CASE(letters_bind_what_they_say),
		CASE(a_second_writer_is_told),
		CASE(a_killed_stage_leaves_the_case_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
