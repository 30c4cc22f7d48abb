/* SPDX-License-Identifier: GPL-3.0-or-later */
/* times - the first and the last of many instants, some of them unknown. */
#ifndef ANALYSIS_TIMES_H
#define ANALYSIS_TIMES_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/result.h"

/* An instant that is not known yet, as far as first and last go. */
struct times {
	int64_t first_us, last_us;
	bool known;
};

static inline void
times_add(struct times *t, int64_t us)
{
	if (us == RESULT_UNKNOWN)
		return;
	if (!t->known || us < t->first_us)
		t->first_us = us;
	if (!t->known || us > t->last_us)
		t->last_us = us;
	t->known = true;
}

static inline void
times_merge(struct times *t, const struct times *from)
{
	if (from->known) {
		times_add(t, from->first_us);
		times_add(t, from->last_us);
	}
}

#endif
