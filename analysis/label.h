/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * label - what the words of a button say, by lexicon.def.
 *
 * Sure of a label are only those the lexicon holds; of any other the class
 * is LABEL_OTHER, from which nothing follows.
 */
#ifndef ANALYSIS_LABEL_H
#define ANALYSIS_LABEL_H

#include "ingest/base/span.h"

enum label_class {
	LABEL_NONE = 0, /* no words */
	LABEL_OTHER,
	LABEL_ACCEPT,
	LABEL_ALL,
	LABEL_REFUSE,
	LABEL_UNCLEAR,
	LABEL_SHAME,
	LABEL__MAX
};

/* Words and phrases of a class anywhere in a label: bits of label_class. */
unsigned label_bits(struct span text);
/* The class that counts as the label of a choice; SHAME is none. */
enum label_class label_of(unsigned bits);

#endif
