/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/lang.h"

#include <assert.h>
#include <string.h>

static const struct lang_pair chinese[] = {
#define LANG(english, other) { english, other },
#include "reports/lang_zh.def"
	{ 0 }
};

enum lang
lang_find(const char *name)
{
	if (name == NULL || strcmp(name, "en") == 0)
		return LANG_EN;
	return strcmp(name, "zh") == 0 ? LANG_ZH : LANG_NONE;
}

const char *
lang_name(enum lang lang)
{
	return lang == LANG_ZH ? "zh-Hans" : "en";
}

const struct lang_pair *
lang_table(enum lang lang)
{
	static const struct lang_pair none[] = { { 0 } };

	return lang == LANG_ZH ? chinese : none;
}

const char *
lang_text(enum lang lang, const char *english)
{
	const struct lang_pair *p;

	assert(lang != LANG_NONE && english != NULL);
	for (p = lang_table(lang); p->english != NULL; p++)
		if (strcmp(p->english, english) == 0)
			return p->other;
	return english;
}
