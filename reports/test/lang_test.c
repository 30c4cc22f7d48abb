/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/lang.h"

#include <stdbool.h>
#include <string.h>

#include "fixtures/test.h"

enum { MOST_ARGS = 16 };

/*
 * The conversions of a format as letters by argument: 's', 'd', …; 0 where
 * none.  Returns how many, -1 when numbered and plain ones are mixed.
 */
static int
conversions(const char *p, char letter[MOST_ARGS])
{
	int n = 0, most = 0, numbered = 0, plain = 0, at;

	memset(letter, 0, MOST_ARGS);
	for (; *p != '\0'; p++) {
		if (*p != '%')
			continue;
		if (*++p == '%')
			continue;
		if (*p >= '1' && *p <= '9' && p[1] == '$') {
			at = *p - '1';
			p += 2;
			numbered++;
		} else {
			at = n++;
			plain++;
		}
		assert_in_range(at, 0, MOST_ARGS - 1);
		letter[at] = *p;
		most = at + 1 > most ? at + 1 : most;
	}
	return numbered > 0 && plain > 0 ? -1 : most;
}

static bool
is_format(const char *text)
{
	/* "95%." in prose is no conversion; such texts go through "%s". */
	return strstr(text, "%s") != NULL || strstr(text, "%d") != NULL;
}

static void
translations_take_the_same_arguments(void **state)
{
	char a[MOST_ARGS], b[MOST_ARGS];
	const struct lang_pair *p;
	int n;

	(void)state;
	for (p = lang_table(LANG_ZH); p->english != NULL; p++) {
		if (!is_format(p->english)) {
			assert_false(is_format(p->other));
			continue;
		}
		n = conversions(p->english, a);
		if (n < 0 || conversions(p->other, b) != n ||
		    memcmp(a, b, sizeof a) != 0)
			fail_msg("%s | %s", p->english, p->other);
	}
}

static void
no_text_is_translated_twice_or_to_nothing(void **state)
{
	const struct lang_pair *p, *q;

	(void)state;
	for (p = lang_table(LANG_ZH); p->english != NULL; p++) {
		assert_true(p->other[0] != '\0');
		for (q = p + 1; q->english != NULL; q++)
			assert_string_not_equal(p->english, q->english);
	}
}

static void
what_has_no_translation_stays_english(void **state)
{
	(void)state;
	assert_string_equal(lang_text(LANG_ZH, "Key findings"), "主要发现");
	assert_string_equal(lang_text(LANG_ZH, "no such text"), "no such text");
	assert_string_equal(lang_text(LANG_EN, "Key findings"), "Key findings");
	assert_int_equal(lang_find("fr"), LANG_NONE);
	assert_int_equal(lang_find(NULL), LANG_EN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(translations_take_the_same_arguments),
		cmocka_unit_test(no_text_is_translated_twice_or_to_nothing),
		cmocka_unit_test(what_has_no_translation_stays_english),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
