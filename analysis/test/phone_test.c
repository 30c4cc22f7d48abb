/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"

#include "analysis/phone.h"

static const struct {
	const char *home, *text, *is;
	enum phone_form form;
} cases[] = {
	/* one number in all its clothes */
	{ "CN", "+86 138 0013 8000", "+8613800138000", PHONE_ABROAD },
	{ "CN", "0086-13800138000", "+8613800138000", PHONE_ABROAD },
	{ "CN", "138-0013-8000", "+8613800138000", PHONE_HOME },
	{ "CN", "13800138000", "+8613800138000", PHONE_HOME },
	{ "CN", "8613800138000", "+8613800138000", PHONE_ABROAD },
	{ "CN", "(138) 0013.8000", "+8613800138000", PHONE_HOME },
	{ "CN", "tel:+8613800138000;ext=5", "+8613800138000", PHONE_ABROAD },
	{ "CN",
	    "\xef\xbc\x8b\xef\xbc\x98\xef\xbc\x96 138\xe2\x80\x91"
	    "0013"
	    "\xc2\xa0"
	    "8000",
	    "+8613800138000", PHONE_ABROAD },
	{ "CN", "\xe2\x80\xaa+8613800138000\xe2\x80\xac", "+8613800138000",
	    PHONE_ABROAD },
	{ "CN", "0755-8601 3388", "+8675586013388", PHONE_HOME },
	{ "CN", "+86 0755 8601 3388", "+8675586013388", PHONE_ABROAD },
	{ "CN", "010 6552 9988", "+861065529988", PHONE_HOME },
	/* elsewhere */
	{ "US", "1 (212) 555-0123", "+12125550123", PHONE_HOME },
	{ "US", "(212) 555-0123", "+12125550123", PHONE_HOME },
	{ "US", "011 86 13800138000", "+8613800138000", PHONE_ABROAD },
	{ "GB", "+44 (0)20 7946 0018", "+442079460018", PHONE_ABROAD },
	{ "GB", "020 7946 0018", "+442079460018", PHONE_HOME },
	{ "DE", "030/1234567", "+49301234567", PHONE_HOME },
	{ "FR", "06 12 34 56 78", "+33612345678", PHONE_HOME },
	{ "IN", "098765 43210", "+919876543210", PHONE_HOME },
	{ "IT", "06 1234 5678", "+390612345678", PHONE_HOME },
	/* nobody said where */
	{ "", "138-0013-8000", "13800138000", PHONE_WITHOUT_CODE },
	{ "", "0086 138 0013 8000", "+8613800138000", PHONE_ABROAD },
	{ "", "+8613800138000", "+8613800138000", PHONE_ABROAD },
	/* no numbers */
	{ "CN", "10086", "", PHONE_NONE },
	{ "CN", "955888", "", PHONE_NONE },
	{ "CN", "5f4dcc3b5aa765d61d8327deb882cf99", "", PHONE_NONE },
	{ "CN", "13800138000x12", "", PHONE_NONE },
	{ "CN", "192.168.100.200", "", PHONE_NONE },
	{ "CN", "138+00138000", "", PHONE_NONE },
	{ "CN", "1234567890123456", "", PHONE_NONE },
	{ "CN", "+1234567890123456789", "", PHONE_NONE },
	{ "CN", "li@example.org", "", PHONE_NONE },
	{ "CN", "\xe2\x80", "", PHONE_NONE },
	{ "CN", "", "", PHONE_NONE },
	{ "", "+", "", PHONE_NONE },
};

static void
one_number_has_one_form(void **state)
{
	char out[PHONE_BYTES];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct phone_home h = { 0 };
		enum phone_form form;

		phone_home_region(&h, span_of(cases[i].home));
		form = phone_normal(&h, span_of(cases[i].text), out);
		if (form != cases[i].form || strcmp(out, cases[i].is) != 0)
			fail_msg("%s at home in %s: '%s', form %d",
			    cases[i].text, cases[i].home, out, (int)form);
	}
}

static void
the_form_of_a_form_is_itself(void **state)
{
	struct prop r = prop_seeded(5);
	struct phone_home h = { 0 };
	char text[40], one[PHONE_BYTES], two[PHONE_BYTES];
	static const char signs[] = "0123456789+-() .0123456789\xe2\x80\x91";
	size_t i, n;
	int round;

	(void)state;
	phone_home_region(&h, span_of("CN"));
	for (round = 0; round < 20000; round++) {
		n = 1 + prop_below(&r, sizeof text - 1);
		for (i = 0; i < n; i++)
			text[i] = signs[prop_below(&r, sizeof signs - 1)];
		if (phone_normal(&h, (struct span){ text, n }, one) ==
		    PHONE_NONE)
			continue;
		assert_int_equal(
		    phone_normal(&h, span_of(one), two), PHONE_ABROAD);
		assert_string_equal(one, two);
	}
}

static void
a_calling_code_is_one_to_three_digits(void **state)
{
	struct phone_home h = { 0 };
	char out[PHONE_BYTES];

	(void)state;
	assert_int_equal(phone_home_code(&h, span_of("+0")), -1);
	assert_int_equal(phone_home_code(&h, span_of("1234")), -1);
	assert_int_equal(phone_home_code(&h, span_of("8a")), -1);
	assert_int_equal(phone_home_code(&h, span_of("")), -1);
	assert_int_equal(phone_home_code(&h, span_of("+254")), 0);
	/* A country that is not in the table has no trunk prefix. */
	assert_int_equal(
	    phone_normal(&h, span_of("712 345 678"), out), PHONE_HOME);
	assert_string_equal(out, "+254712345678");
}

static void
digits_that_are_left_out_make_no_number(void **state)
{
	static const char *const masked[] = { "138****8000",
		"+86 138 **** 8000", "138xxxx8000", "*******8000",
		"138\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2"
		"8000" };
	static const char *const others[] = { "13800138000", "13800138000x12",
		"***", "x", "", "/srv/*.csv", "li**@example.org" };
	struct phone_home h = { .code = "86" };
	char out[PHONE_BYTES];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof masked / sizeof masked[0]; i++) {
		assert_true(phone_is_masked(span_of(masked[i])));
		assert_int_equal(
		    phone_normal(&h, span_of(masked[i]), out), PHONE_NONE);
	}
	for (i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_false(phone_is_masked(span_of(others[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_number_has_one_form),
		cmocka_unit_test(the_form_of_a_form_is_itself),
		cmocka_unit_test(a_calling_code_is_one_to_three_digits),
		cmocka_unit_test(digits_that_are_left_out_make_no_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
