/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works.  Servers share one clock, every device has its own.  A
 * device's offset o (corrected = written + o) is bounded from above by
 * everything that must come later on the server's clock:
 *
 *	o <= received - time      of each record that says both
 *	o <= server - gesture     of each pair that shares a request
 *
 * An offset that would have to be negative is applied in any case: the
 * device's clock was ahead.  A positive one is applied only when the bound is
 * tight, that is with a request pair or CLOCK_TIGHT records whose delay is
 * within the clock error of the least (else it may be mere delay), and when
 * it exceeds the clock error.  With
 * request pairs the offset stays a microsecond below the bound, so that
 * every gesture comes before its server record.
 *
 * The error of an order across clocks is the threshold clock_error, or, with
 * pairs, half of their spread, whichever is less; but 100 ms at least.
 *
 * Example: gesture 09:00:04 (device), record 09:00:01 (server), same
 * request.  o = -3 s less a microsecond; all of the device's events move.
 */
#include "analysis/timeline.h"

#include <assert.h>
#include <stdlib.h>

enum { CLOCK_TIGHT = 8, CLOCK_LEAST_ERROR_US = 100 * 1000 };

static struct clock *
clock_of(struct timeline *tl, uint64_t device)
{
	struct clock *c;
	size_t i;

	for (i = 0; i < tl->n_clocks; i++)
		if (tl->clock[i].device == device)
			return &tl->clock[i];
	if (tl->n_clocks == TIMELINE_CLOCKS)
		return &tl->clock[TIMELINE_CLOCKS - 1]; /* share the last */
	c = &tl->clock[tl->n_clocks++];
	memset(c, 0, sizeof *c);
	c->device = device;
	c->received_us = c->request_us = INT64_MAX;
	c->request_max_us = INT64_MIN;
	return c;
}

/* The request of a row; another operator's of that name is another one. */
static uint64_t
request_of(const struct timeline *tl, const struct row *r)
{
	uint64_t request = row_id(r, EV_REQUEST);
	uint32_t operator_;

	if (request == 0 || tl->study->operators == NULL)
		return request;
	operator_ = row_name(r, EV_OPERATOR);
	if (operator_ == 0)
		operator_ = names_find(tl->names, tl->study->operator_);
	return store_mix(request + operator_) | 1;
}

/* One slot a gesture's request: its row, found by open addressing. */
struct slot {
	uint64_t request;
	uint32_t row; /* 1 + row */
};

static struct slot *
slot_of(struct slot *slot, size_t mask, uint64_t request)
{
	size_t at = (size_t)request & mask;

	while (slot[at].row != 0 && slot[at].request != request)
		at = (at + 1) & mask;
	return &slot[at];
}

/* Differences between gestures and the server records that share a request. */
static void
pair_requests(struct timeline *tl)
{
	size_t i, mask = 64, n = 0, n_gestures = 0;
	struct slot *slot, *s;

	for (i = 0; i < tl->n_rows; i++) {
		if (row_id(&tl->row[i], EV_REQUEST) == 0)
			continue;
		n++;
		n_gestures += row_is_device_clock(&tl->row[i]);
	}
	if (n_gestures == 0 || n_gestures == n)
		return;
	while (mask < 2 * n)
		mask *= 2;
	slot = arena_alloc(&tl->scratch, mask-- * sizeof *slot);
	for (i = 0; i < tl->n_rows; i++) {
		const struct row *r = &tl->row[i];
		uint64_t request = request_of(tl, r);

		if (request == 0 || r->at_us == STORE_ABSENT ||
		    !row_is_device_clock(r))
			continue;
		s = slot_of(slot, mask, request);
		if (s->row == 0) { /* the first gesture counts */
			s->request = request;
			s->row = (uint32_t)i + 1;
		}
	}
	for (i = 0; i < tl->n_rows; i++) {
		const struct row *r = &tl->row[i], *g;
		uint64_t request = request_of(tl, r);
		struct clock *c;
		int64_t d;

		if (request == 0 || r->at_us == STORE_ABSENT ||
		    row_is_device_clock(r))
			continue;
		s = slot_of(slot, mask, request);
		if (s->row == 0)
			continue;
		g = &tl->row[s->row - 1];
		d = us_minus(r->at_us, g->at_us);
		c = clock_of(tl, row_id(g, EV_DEVICE));
		c->n_requests++;
		c->request_us = d < c->request_us ? d : c->request_us;
		c->request_max_us =
		    d > c->request_max_us ? d : c->request_max_us;
	}
	arena_reset(&tl->scratch);
}

static void
see_received(struct timeline *tl, int64_t error_us)
{
	struct clock *c;
	int64_t received, d;
	size_t i;

	for (i = 0; i < tl->n_rows; i++) {
		const struct row *r = &tl->row[i];

		received = row_num(r, EV_RECEIVED, STORE_ABSENT);
		if (received == STORE_ABSENT || r->at_us == STORE_ABSENT ||
		    !row_is_device_clock(r))
			continue;
		d = us_minus(received, r->at_us);
		c = clock_of(tl, row_id(r, EV_DEVICE));
		c->received_us = d < c->received_us ? d : c->received_us;
	}
	for (i = 0; i < tl->n_rows; i++) {
		const struct row *r = &tl->row[i];

		received = row_num(r, EV_RECEIVED, STORE_ABSENT);
		if (received == STORE_ABSENT || r->at_us == STORE_ABSENT ||
		    !row_is_device_clock(r))
			continue;
		c = clock_of(tl, row_id(r, EV_DEVICE));
		d = us_minus(us_minus(received, r->at_us), c->received_us);
		c->n_received += d <= error_us;
	}
}

/* The offset from the bounds; true when it is not 0. */
static bool
settle(struct clock *c, int64_t error_us)
{
	int64_t bound;

	c->offset_us = 0;
	if (c->n_requests == 0 && c->n_received == 0)
		return false;
	bound = c->received_us;
	if (c->n_requests > 0 && us_minus(c->request_us, 1) < bound)
		bound = us_minus(c->request_us, 1);
	if (bound < 0)
		c->offset_us = bound;
	else if (bound > error_us &&
		 (c->n_requests > 0 || c->n_received >= CLOCK_TIGHT))
		c->offset_us = bound;
	return c->offset_us != 0;
}

static int
row_cmp(const void *va, const void *vb)
{
	const struct row *a = va, *b = vb;
	struct event ea, eb;
	int c;

	if (a->at_us != b->at_us)
		return a->at_us < b->at_us ? -1 : 1;
	if (a->c == b->c)
		return (a->i > b->i) - (a->i < b->i);
	store_event(&a->c->b, a->i, &ea);
	store_event(&b->c->b, b->i, &eb);
	if ((c = event_cmp(&ea, &eb)) != 0)
		return c;
	if (ea.place.member != eb.place.member)
		return ea.place.member < eb.place.member ? -1 : 1;
	if (ea.place.offset != eb.place.offset)
		return ea.place.offset < eb.place.offset ? -1 : 1;
	return (ea.place.part > eb.place.part) -
	       (ea.place.part < eb.place.part);
}

static void
sort_rows(struct timeline *tl)
{
	/* Two sources may tie without being in order. */
	if (!tl->in_order || tl->source[1] != NULL)
		qsort(tl->row, tl->n_rows, sizeof tl->row[0], row_cmp);
}

static void
shift_rows(struct timeline *tl)
{
	struct row *r;
	size_t i;

	for (i = 0; i < tl->n_rows; i++) {
		r = &tl->row[i];
		if (row_is_device_clock(r) && r->at_us != STORE_ABSENT)
			r->at_us = us_plus(r->at_us,
			    clock_of(tl, row_id(r, EV_DEVICE))->offset_us);
		tl->in_order &= i == 0 || r[-1].at_us <= r->at_us;
	}
}

void
clock_align(struct timeline *tl)
{
	int64_t threshold = study_us(tl->study, THRESHOLD_CLOCK_ERROR), spread;
	bool moves = false;
	size_t i;

	if (tl->is_first)
		tl->error_us = threshold;
	if (tl->has_received)
		see_received(tl, threshold);
	if (tl->has_request)
		pair_requests(tl);
	for (i = 0; i < tl->n_clocks; i++) {
		struct clock *c = &tl->clock[i];

		moves |= settle(c, threshold);
		if (c->n_requests < 2)
			continue;
		spread = us_minus(c->request_max_us, c->request_us) / 2;
		if (spread < CLOCK_LEAST_ERROR_US)
			spread = CLOCK_LEAST_ERROR_US;
		if (tl->n_clocks == 1 && spread < tl->error_us)
			tl->error_us = spread;
	}
	if (moves)
		shift_rows(tl);
	sort_rows(tl);
}
