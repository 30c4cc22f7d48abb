/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a row says of its place and its instant (timeline.h). */
#include "analysis/timeline.h"

#include "ingest/base/utc.h"

struct place
row_place(const struct row *r)
{
	const struct store_block *b = &r->c->b;
	struct place p = { 0 };

	if (b->member != NULL) {
		p.member = b->member[r->i];
		p.offset = b->offset[r->i];
	}
	p.part = b->part != NULL ? b->part[r->i] : 0;
	return p;
}

static int64_t
precision_us(const struct row *r)
{
	switch (row_word(r, EV_PRECISION)) {
	case PRECISION_DAY:
		return UTC_US_DAY;
	case PRECISION_HOUR:
		return 3600 * UTC_US_S;
	case PRECISION_MINUTE:
		return 60 * UTC_US_S;
	case PRECISION_SECOND:
		return UTC_US_S;
	default:
		return 0;
	}
}

struct stamp
row_stamp(const struct timeline *tl, const struct row *r)
{
	struct stamp t = { .at_us = r->at_us,
		.us = row_num(r, EV_TIME, STORE_ABSENT),
		.precision_us = precision_us(r) };
	const struct clock *c;
	uint64_t device;

	if (!row_is_device_clock(r))
		return t;
	device = row_id(r, EV_DEVICE);
	t.clock = device != 0 ? device : 1;
	c = timeline_find_clock(tl, device);
	t.early_us = c != NULL ? c->early_us : clock_prior_us(tl->study);
	t.late_us = c != NULL ? c->late_us : t.early_us;
	return t;
}

int64_t
timeline_error(const struct stamp *a, const struct stamp *b)
{
	int64_t e = a->precision_us > b->precision_us ? a->precision_us
						      : b->precision_us;

	if (a->clock == b->clock)
		return e;
	return us_plus(us_plus(e, a->late_us), b->early_us);
}

int64_t
timeline_reach(const struct timeline *tl, const struct stamp *at)
{
	int64_t own = at->early_us > at->late_us ? at->early_us : at->late_us;

	return us_plus(us_plus(tl->max_error_us, own), at->precision_us);
}

bool
timeline_before(const struct stamp *a, const struct stamp *b)
{
	return a->at_us != STORE_ABSENT && b->at_us != STORE_ABSENT &&
	       us_minus(b->at_us, a->at_us) > timeline_error(a, b);
}
