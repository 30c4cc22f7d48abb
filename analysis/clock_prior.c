/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How wrong is a clock that nothing was compared with?  As wrong as the
 * others of the case: all but one in a thousand of those that could be
 * compared (the most wrong of fewer).
 *
 * How it works: the first people of the case, in the store's order and up to
 * a bound, are read for their clocks alone.  A few columns of a few blocks
 * are enough, and the answer does not depend on threads or on how the
 * evidence was packed.
 */
#include <stdlib.h>

#include "analysis/timeline.h"

enum { PRIOR_CLOCKS = 4096, PRIOR_ROWS = 1 << 17 };

struct wrong {
	int64_t us[PRIOR_CLOCKS + TIMELINE_CLOCKS]; /* [n] */
	size_t n, n_rows;
};

/* By how much a clock is wrong, where that is known; -1 it is not. */
static int64_t
wrong_us(const struct clock *c, int64_t confirmed_us)
{
	if (c->n_samples == 0 || c->is_shared)
		return -1;
	if (c->offset_us < 0)
		return us_minus(0, c->offset_us);
	/* What came late says nothing, unless it all came equally late. */
	if (c->offset_us > 0)
		return c->early_us < c->offset_us ? c->offset_us : -1;
	return c->late_us <= confirmed_us ? 0 : -1;
}

static int
see_file(struct wrong *w, struct timeline *tl, const char *case_dir,
    unsigned part, enum store_file file, struct err *err)
{
	int64_t confirmed = study_us(tl->study, THRESHOLD_CLOCK_ERROR), us;
	size_t i;
	int got;

	got = timeline_open(tl, case_dir, NULL, part, file, err);
	while (got >= 0 && w->n < PRIOR_CLOCKS && w->n_rows < PRIOR_ROWS &&
	       (got = timeline_next(tl, err)) > 0) {
		w->n_rows += tl->n_rows;
		for (i = 0; tl->is_last && i < tl->n_clocks; i++) {
			us = wrong_us(&tl->clock[i], confirmed);
			if (us >= 0)
				w->us[w->n++] = us;
		}
	}
	timeline_end(tl);
	return got < 0 ? -1 : 0;
}

static int
us_cmp(const void *va, const void *vb)
{
	const int64_t *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

int
clock_find_prior(struct study *study, const char *case_dir, struct err *err)
{
	struct names names = { 0 };
	struct timeline tl = {
		.study = study, .names = &names, .only_clocks = true
	};
	struct wrong *w = calloc(1, sizeof *w);
	unsigned part;
	int rc = 0;

	if (w == NULL)
		err_no_memory(sizeof *w);
	for (part = 0; rc == 0 && part < STORE_PARTS; part++) {
		if (w->n >= PRIOR_CLOCKS || w->n_rows >= PRIOR_ROWS)
			break;
		rc = see_file(w, &tl, case_dir, part, STORE_KNOWN, err);
		if (rc == 0)
			rc =
			    see_file(w, &tl, case_dir, part, STORE_DEVICE, err);
	}
	if (rc == 0 && w->n > 0) {
		qsort(w->us, w->n, sizeof w->us[0], us_cmp);
		study->clock_prior_us = us_plus(w->us[w->n - 1 - w->n / 1000],
		    study_us(study, THRESHOLD_CLOCK_ERROR));
	}
	timeline_close(&tl);
	names_clear(&names);
	free(w);
	return rc;
}
