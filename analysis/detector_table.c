/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/detector_table.h"

const struct detector_row detector_table[DETECTOR__MAX] = {
#define DETECTOR(id, title, measure, unit, alternatives, sources) \
	{ #id, title, measure, unit, alternatives, sources },
#include "analysis/detector.def"
};
