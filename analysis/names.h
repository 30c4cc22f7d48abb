/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * names - few distinct texts (screens, labels, purposes) as small numbers.
 *
 * One for each partition under analysis, so no thread waits for another.
 * Code 0 is "absent"; codes count up from 1 in the order of first use.
 */
#ifndef ANALYSIS_NAMES_H
#define ANALYSIS_NAMES_H

#include "ingest/base/arena.h"

struct names {
	struct span *text; /* [n + 1]; text[0] is absent */
	uint32_t n;
	uint32_t *slot; /* hash table of codes */
	uint32_t n_slots;
	uint32_t n_room; /* of text[] */
	struct arena arena;
};

/* The code of a text, which is copied when new; absent gives 0. */
uint32_t names_code(struct names *names, struct span text);
/* The code if it is there, else 0. */
uint32_t names_find(const struct names *names, struct span text);
static inline struct span
names_text(const struct names *names, uint32_t code)
{
	struct span absent = { NULL, 0 };

	return code == 0 ? absent : names->text[code];
}
void names_clear(struct names *names);

#endif
