/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exposures of controls in a part: every one is counted for its design, for
 * its version (the cut-over) and for how it looks.  The same controls are
 * shown again and again, so those counted last are at hand.
 */
#include "analysis/result_private.h"

#include <assert.h>

static void
exposure_key(uint32_t key[EXPOSURE__WORDS], const struct exposure *x)
{
	uint64_t font = x->font_micro == RESULT_UNKNOWN || x->font_micro <= 0
			    ? 0
			    : (uint64_t)x->font_micro + 1;

	key[EXPOSURE_SURFACE] = x->surface;
	key[EXPOSURE_DESIGN] = x->design;
	key[EXPOSURE_ROLE] = 2 * (uint32_t)x->role + x->is_consent;
	key[EXPOSURE_ELEMENT] = x->element;
	key[EXPOSURE_TEXT] = x->text;
	key[EXPOSURE_NOTICE] = x->notice;
	key[EXPOSURE_NOTICE_VERSION] = x->notice_version;
	key[EXPOSURE_PURPOSES] = x->purposes;
	key[EXPOSURE_COLOR] = x->color;
	key[EXPOSURE_BACKGROUND] = x->background;
	key[EXPOSURE_FONT_LOW] = (uint32_t)font;
	key[EXPOSURE_FONT_HIGH] = (uint32_t)(font >> 32);
}

/* Where an exposure is counted, when that was not asked for last. */
static void
find_shown(struct result_part *rp, const struct exposure *x, struct shown *s)
{
	uint32_t key[EXPOSURE__WORDS], design = x->design;
	struct tally *versions = &rp->tally[TALLY_VERSION];
	void *v = part_design_at(rp, x->surface, &design);
	uint32_t version[3] = { x->surface, design, x->app_version };

	s->design = tally_index(&rp->tally[TALLY_DESIGN], v) + 1;
	s->version = 0;
	if (x->is_consent && (v = tally_at(versions, version)) != NULL)
		s->version = tally_index(versions, v) + 1;
	memcpy(key, s->key, sizeof key);
	key[EXPOSURE_DESIGN] = design;
	v = tally_at(&rp->exposure_cells, key);
	if (v == NULL) {
		key[EXPOSURE_ELEMENT] = key[EXPOSURE_TEXT] = TALLY_OTHER;
		key[EXPOSURE_NOTICE] = key[EXPOSURE_NOTICE_VERSION] = 0;
		key[EXPOSURE_PURPOSES] = 0;
		key[EXPOSURE_COLOR] = key[EXPOSURE_BACKGROUND] = 0;
		key[EXPOSURE_FONT_LOW] = key[EXPOSURE_FONT_HIGH] = 0;
		v = tally_at(&rp->exposure_cells, key);
	}
	s->cell = tally_index(&rp->exposure_cells, v) + 1;
}

static const struct shown *
shown_at(struct result_part *rp, const struct exposure *x)
{
	uint32_t key[EXPOSURE__WORDS];
	struct shown *s;

	exposure_key(key, x);
	s = &rp->shown[met_slot(
	    x->design, x->element, x->app_version * 64 + key[EXPOSURE_ROLE])];
	if (s->cell != 0 && s->app_version == x->app_version &&
	    memcmp(s->key, key, sizeof key) == 0)
		return s;
	memcpy(s->key, key, sizeof key);
	s->app_version = x->app_version;
	find_shown(rp, x, s);
	return s;
}

static void
count_consent(
    struct result_part *rp, const struct exposure *x, const struct shown *s)
{
	struct design_value *d =
	    tally_value(&rp->tally[TALLY_DESIGN], s->design - 1);
	struct version_value *v;
	struct exposure_row row;

	d->impressions++;
	if (d->last_subject != x->subject + 1) {
		d->last_subject = x->subject + 1;
		d->people++;
	}
	if (s->version == 0)
		return; /* too many versions: the cut-over lacks them */
	v = tally_value(&rp->tally[TALLY_VERSION], s->version - 1);
	v->exposures++;
	times_add(&v->times, x->us);
	if (x->us == RESULT_UNKNOWN)
		return;
	row.version = s->version - 1;
	row.subject = x->subject;
	row.us = x->us;
	memcpy(rowlog_add(&rp->exposures, sizeof row), &row, sizeof row);
}

void
result_exposure(struct result_part *rp, const struct exposure *x)
{
	const struct shown *s;
	struct exposure_value *v;

	assert(x->subject < rp->n_subjects);
	if (x->surface == 0 || x->design == 0)
		return;
	s = shown_at(rp, x);
	if (x->is_consent)
		count_consent(rp, x, s);
	v = tally_value(&rp->exposure_cells, s->cell - 1);
	v->n++;
	times_add(&v->times, x->us);
	if (x->is_consent && x->opens && x->default_on >= 0) {
		v->box_known++;
		v->box_on += x->default_on > 0;
	}
	if (x->in_view_micro != RESULT_UNKNOWN && x->in_view_micro >= 0 &&
	    x->in_view_micro <= 1000000) {
		v->n_in_view++;
		v->in_view_micro += x->in_view_micro;
	}
}
