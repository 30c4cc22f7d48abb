/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/detector_table.h"

#include <stddef.h>
#include <string.h>

const struct detector_row detector_table[DETECTOR__MAX] = {
#define DETECTOR(id, title, measure, unit, alternatives, sources) \
	{ #id, title, measure, unit, alternatives, sources },
#include "analysis/detector.def"
};

const char *
detector_refuted_by(const char *id)
{
	static const struct {
		const char *id, *text;
	} rows[] = {
#define REFUTE(id, text) { #id, text },
#include "analysis/refute.def"
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].id, id) == 0)
			return rows[i].text;
	return NULL;
}
