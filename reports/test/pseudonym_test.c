/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/pseudonym.h"

#include <fcntl.h>

#include "reports/test/made.h"

static void
a_name_is_the_keyed_hash_of_kind_and_id(void **state)
{
	/* printf 'user\0alice' | openssl dgst -sha256 -hmac KEY, 16 digits */
	struct pseudonym_key k = { .n = 32 };
	char name[PSEUDONYM_BYTES];

	(void)state;
	memcpy(k.key, "a key for tests, of 32 bytes....", 32);
	assert_string_equal(pseudonym(&k, "user", span_of("alice"), name),
	    "u-aeeacf0d5defdaac");
	assert_true(pseudonym_is(name));
	assert_false(pseudonym_is("alice"));
	assert_false(pseudonym_is("u-00"));
}

static void
kinds_and_keys_give_other_names(void **state)
{
	struct pseudonym_key k = { .n = 32 }, l = { .n = 32 };
	char a[PSEUDONYM_BYTES], b[PSEUDONYM_BYTES];

	(void)state;
	memset(k.key, 1, 32);
	memset(l.key, 2, 32);
	pseudonym(&k, "user", span_of("1"), a);
	pseudonym(&k, "nonuser", span_of("1"), b);
	assert_string_not_equal(a + 1, b + 1);
	assert_int_equal(b[0], 'x');
	pseudonym(&l, "user", span_of("1"), b);
	assert_string_not_equal(a, b);
}

static void
the_usual_key_is_made_once_for_its_owner_alone(void **state)
{
	struct pseudonym_key k, again;
	struct err err = { 0 };
	struct made m;
	struct stat st;
	char path[128];

	(void)state;
	made_folder(&m);
	(void)snprintf(path, sizeof path, "%s/config", m.dir);
	assert_int_equal(setenv("XDG_CONFIG_HOME", path, 1), 0);
	assert_int_equal(pseudonym_key_read(&k, NULL, &err), 0);
	assert_int_equal(k.n, 32);
	assert_false(k.is_public);
	(void)snprintf(path, sizeof path, "%s/config/pretick/key", m.dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(pseudonym_key_read(&again, NULL, &err), 0);
	assert_memory_equal(k.key, again.key, 32);
	assert_string_equal(k.id, again.id);
	made_clear(&m);
}

static void
a_key_that_was_named_must_be_there_and_long_enough(void **state)
{
	struct pseudonym_key k;
	struct err err = { 0 };
	struct made m;
	char path[128], want[256];

	(void)state;
	made_folder(&m);
	(void)snprintf(path, sizeof path, "%s/none", m.dir);
	assert_int_equal(pseudonym_key_read(&k, path, &err), -1);
	(void)snprintf(
	    want, sizeof want, "%s: No such file or directory", path);
	assert_string_equal(err.msg, want);
	memset(&err, 0, sizeof err);
	made_write(path, "short");
	assert_int_equal(pseudonym_key_read(&k, path, &err), -1);
	(void)snprintf(
	    want, sizeof want, "%s: a key has at least 16 bytes, not 5", path);
	assert_string_equal(err.msg, want);
	made_clear(&m);
}

static void
a_contact_s_number_has_one_name_however_it_is_written(void **state)
{
	struct pseudonym_key k = { .n = 32 };
	char one[PSEUDONYM_BYTES], two[PSEUDONYM_BYTES];

	(void)state;
	assert_int_equal(phone_home_code(&k.home, span_of("86")), 0);
	(void)pseudonym(&k, "nonuser", span_of("+86 138 0013 8000"), one);
	(void)pseudonym(&k, "nonuser", span_of("138-0013-8000"), two);
	assert_string_equal(one, two);
	/* Of an account nothing is known but its id. */
	(void)pseudonym(&k, "user", span_of("+86 138 0013 8000"), one);
	(void)pseudonym(&k, "user", span_of("138-0013-8000"), two);
	assert_string_not_equal(one, two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_the_keyed_hash_of_kind_and_id),
		cmocka_unit_test(kinds_and_keys_give_other_names),
		cmocka_unit_test(
		    the_usual_key_is_made_once_for_its_owner_alone),
		cmocka_unit_test(
		    a_key_that_was_named_must_be_there_and_long_enough),
		cmocka_unit_test(
		    a_contact_s_number_has_one_name_however_it_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
