/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/facts.h"

#include <stdio.h>
#include <stdlib.h>

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

void
facts_write(struct casefile *c, const struct caseini *ini,
    const struct legal *legal, int zone_min)
{
	sqlite3_stmt *st;
	struct buf text = { 0 };
	char zone[16];
	size_t i;

	(void)casefile_exec(c, "DELETE FROM case_info WHERE key GLOB 'case.*' "
			       "OR key GLOB 'pack.*' OR key = 'zone'");
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
	for (i = 0; i < legal->n_packs; i++) {
		const struct legal_pack *p = &legal->pack[i];

		buf_reset(&text);
		(void)buf_printf(&text, "%s sha256:%s %s",
		    p->version != NULL ? p->version : "-", p->sha256,
		    p->title != NULL ? p->title : "");
		put(c, st, "pack.", p->id, text.p);
	}
	buf_clear(&text);
	casefile_finalize(st);
}
