/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json5 - objects as JavaScript writes them, made into JSON.
 *
 * What JSON5 (spec.json5.org) allows beyond JSON is understood: names of
 * members without quotes, texts in single quotes, commas behind the last
 * member, comments, numbers such as .5, 5., +5 and 0x1f, the escapes of
 * JavaScript.  NaN, Infinity and undefined become null: they tell nothing
 * that could be held against anybody.
 */
#ifndef INGEST_JSON5_H
#define INGEST_JSON5_H

#include "ingest/base/buf.h"

enum { JSON5_DEPTH_MAX = 64 };

/*
 * Append the JSON of `text` to `out`.  0, or -1 with `*reason` when it is no
 * JSON5, is nested too deep, or `out` meets its ceiling; what was appended
 * then is nothing to be used.  Names of members and escapes of characters
 * are not checked beyond what JSON's own reader does with the result.
 */
int json5_json(struct span text, struct buf *out, const char **reason);

#endif
