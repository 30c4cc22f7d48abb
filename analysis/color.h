/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * color - colours as logs write them, and the contrast between two.
 *
 * Read are #rgb, #rgba, #rrggbb, #rrggbbaa, 0xrrggbb, 0xaarrggbb (Android),
 * rgb(r, g, b), rgba(r, g, b, a) and the words black, white, transparent.
 * A colour that lets another through says nothing about contrast: its alpha
 * is kept, and color_contrast() refuses it.
 */
#ifndef ANALYSIS_COLOR_H
#define ANALYSIS_COLOR_H

#include "ingest/base/span.h"

struct color {
	uint8_t r, g, b, alpha; /* alpha 255: opaque */
};

/* 0, or -1 when the text is no colour. */
int color_parse(struct span text, struct color *out);

/* Relative luminance of an opaque colour, 0 to 1 (WCAG 2.x). */
double color_luminance(struct color c);

/*
 * Contrast ratio, (L1 + 0.05) / (L2 + 0.05) with L1 the lighter: 1 to 21.
 * WCAG 2.x.  Black on white 21.0, #767676 on white 4.542, #777777 4.478,
 * #cccccc 1.606.  NaN when one of them is not opaque.
 */
double color_contrast(struct color a, struct color b);

/* The same from texts; NaN when one is absent or no colour. */
double color_contrast_text(struct span a, struct span b);

#endif
