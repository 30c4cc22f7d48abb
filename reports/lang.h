/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lang - the page's own words in other languages.
 *
 * The key is the English text as it stands in the source, so that sections
 * read as prose; lang_zh.def holds the Chinese.  What is not translated
 * stays English.  Words of the evidence are never translated.
 */
#ifndef REPORTS_LANG_H
#define REPORTS_LANG_H

enum lang { LANG_NONE = 0, LANG_EN, LANG_ZH, LANG__MAX };

/* LANG_NONE when there is none of that name; NULL is English. */
enum lang lang_find(const char *name);
const char *lang_name(enum lang lang); /* for <html lang> */

const char *lang_text(enum lang lang, const char *english)
    __attribute__((format_arg(2)));

/* The table, for the test that conversions agree: ends with NULL. */
struct lang_pair {
	const char *english, *other;
};
const struct lang_pair *lang_table(enum lang lang);

#endif
