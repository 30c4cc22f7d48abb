/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json_scan - where JSON values end, without reading them.
 *
 * For the cutter of JSON documents, which must find its records before they
 * can be parsed: strings, escapes, kinds of brackets and the letters that may
 * stand outside strings are known, nothing more.  A value that passes need
 * not be JSON; one that does not pass cannot be.
 */
#ifndef INGEST_JSON_SCAN_H
#define INGEST_JSON_SCAN_H

#include "ingest/base/span.h"

enum json_scan {
	SCAN_DONE,
	SCAN_MORE, /* the text ends first */
	SCAN_BAD
};

bool json_is_space(char c);
/* The first character at or after `at` that is no white space, or s.n. */
size_t json_skip_space(struct span s, size_t at);
/*
 * Behind the value that begins at *at (which is less than s.n).  When it is
 * bad, *at is where that was seen.  A bare word or number needs one byte
 * behind it to be done.
 */
enum json_scan json_scan_value(struct span s, size_t *at);
/*
 * From the document that begins at *at to behind the "[" of the array that
 * the path, a JSON pointer, names; an empty one is the document itself.
 */
enum json_scan json_enter_array(struct span s, size_t *at, struct span path);

#endif
