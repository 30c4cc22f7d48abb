/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/catalogue.h"

#include <string.h>

#include "analysis/detector_table.h"
#include "analysis/legal.h"
#include "ingest/base/embedded.h"
#include "ingest/base/span.h"

/* What stands between: the name of a mapping or a pack; absent when the path
 * is of no such file. */
static struct span
name_between(const char *path, const char *dir, const char *end)
{
	struct span s = span_of(path), none = { NULL, 0 };
	size_t n_dir = strlen(dir), n_end = strlen(end);

	if (s.n <= n_dir + n_end || strncmp(path, dir, n_dir) != 0 ||
	    strcmp(path + s.n - n_end, end) != 0)
		return none;
	s.p += n_dir;
	s.n -= n_dir + n_end;
	return s;
}

static struct span
mapping_name(const char *path)
{
	return name_between(path, "ingest/mappings/", ".map");
}

/* The value of the first "title = …" line, for the list. */
static struct span
mapping_title(const char *text)
{
	struct span none = { "", 0 }, s;
	const char *line, *end;

	for (line = text; *line != '\0'; line = end + (*end == '\n')) {
		end = strchrnul(line, '\n');
		if (strncmp(line, "title", 5) != 0)
			continue;
		s.p = line + 5 + strspn(line + 5, " \t=");
		s.n = s.p < end ? (size_t)(end - s.p) : 0;
		return s;
	}
	return none;
}

int
formats_run(const struct catalogue_options *o, struct err *err)
{
	const struct embedded *e;
	struct span name, title;
	int found = 0;

	for (e = embedded_files; e->name != NULL; e++) {
		name = mapping_name(e->name);
		if (name.p == NULL)
			continue;
		if (o->name != NULL) {
			if (!span_is(name, o->name))
				continue;
			(void)fputs(e->text, o->out);
			found = 1;
			continue;
		}
		title = mapping_title(e->text);
		(void)fprintf(o->out, "%-18.*s %.*s\n", (int)name.n, name.p,
		    (int)title.n, title.p);
	}
	if (o->name != NULL && !found)
		return err_set(err, ERR_FAILED,
		    "no mapping is named '%s': pretick formats lists them",
		    o->name);
	return 0;
}

/* "; published 2017-12-29, in force from 2018-05-01 to 2020-09-30" */
static void
put_dates(const struct legal_rule *r, FILE *out)
{
	if (r->published != NULL)
		(void)fprintf(out, "; published %s", r->published);
	if (r->in_force_from != NULL)
		(void)fprintf(out, "%s in force from %s",
		    r->published != NULL ? "," : ";", r->in_force_from);
	if (r->in_force_to != NULL)
		(void)fprintf(out, " to %s", r->in_force_to);
	(void)fputs(".\n", out);
}

/* Of all shipped packs, laws first; which serve a case is its matter. */
static int
put_rules(const char *id, FILE *out, struct err *err)
{
	enum legal_status s;
	struct legal l;
	size_t i;
	int n;

	if (legal_load(&l, NULL, err) < 0)
		return -1;
	(void)fputs(
	    "\nRules that name it (pretick rules lists the packs):\n", out);
	for (s = LEGAL_NONE + 1, n = 0; s < LEGAL_STATUS__MAX; s++)
		for (i = 0; i < l.n_rules; i++) {
			const struct legal_rule *r = &l.rule[i];

			if (r->status != s || !legal_bears_on(r, id))
				continue;
			n++;
			(void)fprintf(out, "  %s, %s: %s, %s",
			    legal_status_name(s), r->name, r->title, r->item);
			put_dates(r, out);
		}
	if (n == 0)
		(void)fputs("  none\n", out);
	legal_clear(&l);
	return 0;
}

int
detectors_run(const struct catalogue_options *o, struct err *err)
{
	const struct detector_row *d;
	const char *refuted_by;
	size_t i;

	for (i = 0; i < DETECTOR__MAX; i++) {
		d = &detector_table[i];
		if (o->name == NULL) {
			(void)fprintf(o->out, "%-5s %s\n", d->id, d->title);
			continue;
		}
		if (strcmp(d->id, o->name) != 0)
			continue;
		refuted_by = detector_refuted_by(d->id);
		(void)fprintf(o->out,
		    "%s  %s\n\n"
		    "Answers sure when: %s.\n\n"
		    "Counts: %s.\n\n"
		    "The same records may also mean: %s.\n\n"
		    "What would refute it: %s.\n\n"
		    "Sources: %s.\n",
		    d->id, d->title, d->measure, d->unit, d->alternatives,
		    refuted_by != NULL ? refuted_by : "not said", d->sources);
		return put_rules(d->id, o->out, err);
	}
	if (o->name != NULL)
		return err_set(err, ERR_FAILED,
		    "no detector is named '%s': pretick detectors lists them",
		    o->name);
	return 0;
}

static int
list_packs(FILE *out, struct err *err)
{
	struct legal l;
	size_t i;

	if (legal_load(&l, NULL, err) < 0)
		return -1;
	for (i = 0; i < l.n_packs; i++)
		(void)fprintf(out, "%-12s %s\n", l.pack[i].id,
		    l.pack[i].title != NULL ? l.pack[i].title : "");
	legal_clear(&l);
	return 0;
}

int
rules_run(const struct catalogue_options *o, struct err *err)
{
	const struct embedded *e;
	struct span name;

	if (o->name == NULL)
		return list_packs(o->out, err);
	for (e = embedded_files; e->name != NULL; e++) {
		name = name_between(e->name, "analysis/rules/", ".rules");
		if (name.p == NULL || !span_is(name, o->name))
			continue;
		(void)fputs(e->text, o->out);
		return 0;
	}
	return err_set(err, ERR_FAILED,
	    "no rule pack is named '%s': pretick rules lists them", o->name);
}
