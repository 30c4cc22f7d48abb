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
row_stamp(const struct row *r)
{
	struct stamp t = { r->at_us, row_num(r, EV_TIME, STORE_ABSENT),
		precision_us(r), 0 };

	if (row_is_device_clock(r)) {
		t.clock = row_id(r, EV_DEVICE);
		if (t.clock == 0)
			t.clock = 1;
	}
	return t;
}

int64_t
timeline_error(const struct timeline *tl, struct stamp a, struct stamp b)
{
	int64_t e =
	    a.precision_us > b.precision_us ? a.precision_us : b.precision_us;

	return a.clock != b.clock ? e + tl->error_us : e;
}
