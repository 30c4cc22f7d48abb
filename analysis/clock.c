/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: samples of every device's clock are taken from the window's
 * rows (clock.h tells what they say), then its rows are moved by its offset
 * and all are put in order.  A window without samples keeps the estimate of
 * the one before.
 */
#include "analysis/timeline.h"

#include <assert.h>
#include <stdlib.h>

int64_t
clock_prior_us(const struct study *study)
{
	int64_t least = study_us(study, THRESHOLD_CLOCK_ERROR);

	return study->clock_prior_us > least ? study->clock_prior_us : least;
}

const struct clock *
timeline_find_clock(const struct timeline *tl, uint64_t device)
{
	size_t i;

	for (i = 0; i < tl->n_clocks; i++)
		if (tl->clock[i].device == device)
			return &tl->clock[i];
	return NULL;
}

struct clock *
timeline_clock(struct timeline *tl, uint64_t device)
{
	const struct clock *found = timeline_find_clock(tl, device);
	struct clock *c;

	if (found != NULL)
		return &tl->clock[found - tl->clock];
	if (tl->n_clocks == TIMELINE_CLOCKS) {
		tl->clock[TIMELINE_CLOCKS - 1].is_shared = true;
		return &tl->clock[TIMELINE_CLOCKS - 1];
	}
	c = &tl->clock[tl->n_clocks++];
	memset(c, 0, sizeof *c);
	c->device = device;
	clock_settle(c, NULL, clock_prior_us(tl->study), 0);
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

/* The samples of the window, and when they are from. */
static struct clock_samples *
samples_of(struct timeline *tl, uint64_t device, int64_t at_us)
{
	struct clock *c = timeline_clock(tl, device);

	if (c->samples == NULL) {
		c->samples = arena_alloc(&tl->scratch, sizeof *c->samples);
		c->samples->first_us = c->samples->last_us = at_us;
		c->n_requests = c->n_received = 0;
	}
	if (at_us < c->samples->first_us)
		c->samples->first_us = at_us;
	if (at_us > c->samples->last_us)
		c->samples->last_us = at_us;
	return c->samples;
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

/* A gesture and the server's record that shares its request. */
struct pair {
	uint64_t device;
	int64_t at_us, d_us;
};

/* The pairs of the window, NULL none. */
static struct pair *
pair_requests(struct timeline *tl, size_t *n_pairs)
{
	size_t i, mask = 64, n = 0, n_gestures = 0;
	struct slot *slot, *s;
	struct pair *pair;

	*n_pairs = 0;
	for (i = 0; i < tl->n_rows; i++) {
		if (row_id(&tl->row[i], EV_REQUEST) == 0)
			continue;
		n++;
		n_gestures += row_is_device_clock(&tl->row[i]);
	}
	if (n_gestures == 0 || n_gestures == n)
		return NULL;
	while (mask < 2 * n)
		mask *= 2;
	slot = arena_alloc(&tl->scratch, mask-- * sizeof *slot);
	pair = arena_alloc(&tl->scratch, (n - n_gestures) * sizeof *pair);
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

		if (request == 0 || r->at_us == STORE_ABSENT ||
		    row_is_device_clock(r))
			continue;
		s = slot_of(slot, mask, request);
		if (s->row == 0)
			continue;
		g = &tl->row[s->row - 1];
		pair[*n_pairs].device = row_id(g, EV_DEVICE);
		pair[*n_pairs].at_us = r->at_us;
		/* A microsecond less: the gesture came first. */
		pair[(*n_pairs)++].d_us =
		    us_minus(us_minus(r->at_us, g->at_us), 1);
	}
	return pair;
}

static int64_t
received_us(const struct row *r)
{
	return r->at_us == STORE_ABSENT || !row_is_device_clock(r)
		   ? STORE_ABSENT
		   : row_num(r, EV_RECEIVED, STORE_ABSENT);
}

static void
end_batch(struct clock *c)
{
	struct clock_samples *s = c->samples;

	if (s != NULL && s->has_batch) {
		clock_sample(s, s->batch_us, s->batch_least_us);
		c->n_received++;
		s->has_batch = false;
	}
}

/*
 * Does a record belong to the upload of the one before?  One that comes as
 * long after it as it was written after it was sent by itself; what had
 * waited comes faster, or at least later than another sample says that a
 * record takes.
 */
static bool
is_one_upload(const struct clock_samples *s, int64_t received, int64_t at_us,
    int64_t confirmed_us)
{
	int64_t away = us_minus(received, s->batch_us);
	int64_t came = us_minus(received, s->last_received_us);
	int64_t least = s->n_low > 0 && s->low[0] > 0 ? s->low[0] : 0;

	if (away > CLOCK_BATCH_US || away < -CLOCK_BATCH_US)
		return false;
	return came < CLOCK_LIVE_US ||
	       came < us_minus(at_us, s->last_at_us) / 2 ||
	       us_minus(received, at_us) > us_plus(least, confirmed_us);
}

/* What was received together is one sample. */
static void
see_received(struct timeline *tl)
{
	int64_t confirmed = study_us(tl->study, THRESHOLD_CLOCK_ERROR);
	struct clock_samples *s;
	struct clock *c;
	int64_t at_us, d;
	size_t i;

	for (i = 0; i < tl->n_rows; i++) {
		at_us = received_us(&tl->row[i]);
		if (at_us == STORE_ABSENT)
			continue;
		c = timeline_clock(tl, row_id(&tl->row[i], EV_DEVICE));
		s = c->samples;
		d = us_minus(at_us, tl->row[i].at_us);
		if (s->has_batch &&
		    !is_one_upload(s, at_us, tl->row[i].at_us, confirmed))
			end_batch(c);
		if (!s->has_batch) {
			s->has_batch = true;
			s->batch_us = at_us;
			s->batch_least_us = d;
		}
		s->last_received_us = at_us;
		s->last_at_us = tl->row[i].at_us;
		if (d < s->batch_least_us)
			s->batch_least_us = d;
	}
	for (i = 0; i < tl->n_clocks; i++)
		end_batch(&tl->clock[i]);
}

/* Samples of all clocks, in two passes: from when to when they are, then what
 * they say. */
static void
take_samples(struct timeline *tl)
{
	struct pair *pair = NULL;
	struct clock *c;
	size_t i, n_pairs = 0;
	int64_t at_us;

	if (tl->has_request)
		pair = pair_requests(tl, &n_pairs);
	for (i = 0; i < n_pairs; i++)
		(void)samples_of(tl, pair[i].device, pair[i].at_us);
	for (i = 0; tl->has_received && i < tl->n_rows; i++) {
		at_us = received_us(&tl->row[i]);
		if (at_us != STORE_ABSENT)
			(void)samples_of(
			    tl, row_id(&tl->row[i], EV_DEVICE), at_us);
	}
	for (i = 0; i < n_pairs; i++) {
		c = timeline_clock(tl, pair[i].device);
		clock_sample(c->samples, pair[i].at_us, pair[i].d_us);
		c->n_requests++;
	}
	if (tl->has_received)
		see_received(tl);
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
	const struct clock *c;
	struct row *r;
	size_t i;

	for (i = 0; i < tl->n_rows; i++) {
		r = &tl->row[i];
		if (row_is_device_clock(r) && r->at_us != STORE_ABSENT) {
			c = timeline_find_clock(tl, row_id(r, EV_DEVICE));
			if (c != NULL)
				r->at_us = us_plus(r->at_us, c->offset_us);
		}
		tl->in_order &= i == 0 || r[-1].at_us <= r->at_us;
	}
}

void
clock_align(struct timeline *tl)
{
	int64_t confirmed = study_us(tl->study, THRESHOLD_CLOCK_ERROR);
	bool moves = false;
	size_t i;

	tl->max_error_us = clock_prior_us(tl->study);
	if (tl->has_received || tl->has_request)
		take_samples(tl);
	for (i = 0; i < tl->n_clocks; i++) {
		struct clock *c = &tl->clock[i];

		if (c->samples != NULL || c->is_shared)
			clock_settle(c, c->samples, clock_prior_us(tl->study),
			    confirmed);
		if (c->samples != NULL)
			c->n_samples += c->n_requests + c->n_received;
		c->samples = NULL;
		moves |= c->offset_us != 0;
		if (c->early_us > tl->max_error_us)
			tl->max_error_us = c->early_us;
		if (c->late_us > tl->max_error_us)
			tl->max_error_us = c->late_us;
	}
	arena_reset(&tl->scratch);
	if (tl->only_clocks)
		return;
	if (moves)
		shift_rows(tl);
	sort_rows(tl);
}
