/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/facts.h"

#include <stdio.h>
#include <stdlib.h>

#include "analysis/phone.h"
#include "analysis/study.h"
#include "ingest/base/buf.h"

static void
put(struct casefile *c, sqlite3_stmt *st, const char *group, const char *key,
    const char *value)
{
	struct buf name = { 0 };

	(void)buf_str(&name, group);
	(void)buf_str(&name, key);
	(void)casefile_put(c, st, "st", buf_as_span(&name), value);
	buf_clear(&name);
}

/* "48 h: SOURCE", or what the case says instead of it. */
static void
put_thresholds(struct casefile *c, sqlite3_stmt *st, const struct caseini *ini)
{
	struct buf text = { 0 };
	size_t i;

	for (i = 0; i < THRESHOLD__MAX; i++) {
		const struct threshold_row *t = &threshold_table[i];
		const char *set =
		    ini == NULL ? NULL
				: caseini_get(ini, "thresholds", "", t->name);

		buf_reset(&text);
		if (set != NULL)
			(void)buf_printf(&text,
			    "%s %s: set by the case, in place of %g %s (%s)",
			    set, t->unit, t->value, t->unit, t->source);
		else
			(void)buf_printf(
			    &text, "%g %s: %s", t->value, t->unit, t->source);
		put(c, st, "threshold.", t->name, text.p);
	}
	buf_clear(&text);
}

/* Reports bring a datum into the form in which it was compared. */
static void
put_calling_code(
    struct casefile *c, sqlite3_stmt *st, const struct caseini *ini)
{
	struct phone_home home = { 0 };
	const char *region, *code;

	if (ini == NULL)
		return;
	region = caseini_get(ini, "home", "", "region");
	code = caseini_get(ini, "home", "", "calling_code");
	phone_home_region(&home, span_of(region));
	if (code != NULL)
		(void)phone_home_code(&home, span_of(code));
	if (home.code[0] != '\0')
		put(c, st, "home.calling_code", "", home.code);
}

void
facts_write(struct casefile *c, const struct caseini *ini,
    const struct legal *legal, int zone_min)
{
	sqlite3_stmt *st;
	struct buf text = { 0 };
	char zone[16];
	size_t i;

	(void)casefile_exec(c, "DELETE FROM case_info WHERE key GLOB 'case.*' "
			       "OR key GLOB 'pack.*' OR key = 'zone' OR "
			       "key GLOB 'threshold.*' "
			       "OR key = 'home.calling_code'");
	st = casefile_prepare(c,
	    "INSERT INTO case_info VALUES (?, ?) "
	    "ON CONFLICT DO UPDATE SET value = excluded.value");
	for (i = 0; ini != NULL && i < ini->n_pairs; i++)
		if (strcmp(ini->pair[i].section, "case") == 0)
			put(c, st, "case.", ini->pair[i].key,
			    ini->pair[i].value);
	(void)snprintf(zone, sizeof zone, "%c%02d:%02d",
	    zone_min < 0 ? '-' : '+', abs(zone_min) / 60, abs(zone_min) % 60);
	put(c, st, "zone", "", zone);
	put_calling_code(c, st, ini);
	for (i = 0; i < legal->n_packs; i++) {
		const struct legal_pack *p = &legal->pack[i];

		buf_reset(&text);
		(void)buf_printf(&text, "%s sha256:%s %s",
		    p->version != NULL ? p->version : "-", p->sha256,
		    p->title != NULL ? p->title : "");
		put(c, st, "pack.", p->id, text.p);
	}
	buf_clear(&text);
	put_thresholds(c, st, ini);
	casefile_finalize(st);
}
