/* SPDX-License-Identifier: GPL-3.0-or-later */
/* detector_table - detector.def as a table; rows count from 0. */
#ifndef ANALYSIS_DETECTOR_TABLE_H
#define ANALYSIS_DETECTOR_TABLE_H

enum detector_number {
#define DETECTOR(id, title, measure, unit, alternatives, sources) DETECTOR_##id,
#include "analysis/detector.def"
	DETECTOR__MAX
};

struct detector_row {
	const char *id, *title, *measure, *unit, *alternatives, *sources;
};
extern const struct detector_row detector_table[DETECTOR__MAX];

/* What would refute the detector of that id (refute.def); NULL: not said. */
const char *detector_refuted_by(const char *id);

#endif
