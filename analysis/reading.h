/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reading - how long a text takes to read in full.
 *
 * Counted are words of alphabetic scripts and characters of Han, kana and
 * hangul; a text may hold both.
 *
 *	mean   238 words a minute (English non-fiction, silent: Brysbaert
 *	       2019, 190 studies) and 255 characters a minute (Chinese,
 *	       aloud: IReST)
 *	fast   300 words and 500 characters a minute, an assumption of this
 *	       tool: silent reading of Chinese is faster than reading aloud,
 *	       and no solid figure was found
 *
 * The only claim that rests on it: who had less time than the fast bound
 * could not have read the text in full.
 */
#ifndef ANALYSIS_READING_H
#define ANALYSIS_READING_H

#include "ingest/base/span.h"

struct reading {
	uint64_t words, characters;
	double mean_s, fast_s; /* seconds; 0 for a text without either */
};

/* Bytes that are not UTF-8 separate words. */
struct reading reading_of(struct span text);

#endif
