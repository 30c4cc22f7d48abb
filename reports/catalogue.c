/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/catalogue.h"

#include <string.h>

#include "ingest/base/embedded.h"
#include "ingest/base/span.h"

/* The mapping's name inside its path, or absent when it is none. */
static struct span
mapping_name(const char *path)
{
	static const char dir[] = "ingest/mappings/", end[] = ".map";
	struct span s = span_of(path), none = { NULL, 0 };

	if (s.n <= sizeof dir + sizeof end - 2 ||
	    strncmp(path, dir, sizeof dir - 1) != 0 ||
	    strcmp(path + s.n - (sizeof end - 1), end) != 0)
		return none;
	s.p += sizeof dir - 1;
	s.n -= sizeof dir + sizeof end - 2;
	return s;
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

static const struct detector_text {
	const char *id, *title, *measure, *unit, *alternatives, *sources;
} detectors[] = {
#define DETECTOR(id, title, measure, unit, alternatives, sources) \
	{ #id, title, measure, unit, alternatives, sources },
#include "analysis/detector.def"
};

int
detectors_run(const struct catalogue_options *o, struct err *err)
{
	const struct detector_text *d;
	size_t i;

	for (i = 0; i < sizeof detectors / sizeof detectors[0]; i++) {
		d = &detectors[i];
		if (o->name == NULL) {
			(void)fprintf(o->out, "%-5s %s\n", d->id, d->title);
			continue;
		}
		if (strcmp(d->id, o->name) != 0)
			continue;
		(void)fprintf(o->out,
		    "%s  %s\n\n"
		    "Answers sure when: %s.\n\n"
		    "Counts: %s.\n\n"
		    "The same records may also mean: %s.\n\n"
		    "Sources: %s.\n",
		    d->id, d->title, d->measure, d->unit, d->alternatives,
		    d->sources);
		return 0;
	}
	if (o->name != NULL)
		return err_set(err, ERR_FAILED,
		    "no detector is named '%s': pretick detectors lists them",
		    o->name);
	return 0;
}
