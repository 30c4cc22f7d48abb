/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock - how wrong a device's clock is, and how uncertain that is.
 *
 * Servers share one clock, every device has its own.  With the offset o of a
 * device (right time = written time + o), everything that the server wrote
 * later because of the device bounds o from above:
 *
 *	o <= d = server's time - device's time		(Cristian 1989)
 *
 * for the record that answers a gesture (same request) and for `received`.
 * d is o plus the delay, so the least d is the tightest bound.  Records
 * received within CLOCK_BATCH_US of each other are one sample (the least of
 * theirs): they came in one upload and say the same thing.  One that comes
 * CLOCK_LIVE_US or more after the one before, and no faster than half as long
 * as it was written after it, was sent by itself and is a sample of its own,
 * unless it took longer than clock_error (or than the least of the samples
 * that there are, and clock_error): then it may have waited.
 *
 * Nothing in a log bounds o from below, for what a server sent to the device
 * is in no record.  It is estimated from the spread of the least samples
 * d(1) <= … <= d(k), k at most CLOCK_LOW: whatever the delays are, near
 * their least they are nearly evenly spread, so (d(1) - t) / (d(k) - t), t the
 * end of their range, is the least of k - 1 even numbers, and with confidence
 * 1 - a
 *
 *	t >= d(1) - f (d(k) - d(1)),  f = 1 / a^(1 / (k - 1)) - 1
 *
 * (Robson and Whitlock, Biometrika 51 (1964) 33, whose k = 2 and a = 0.05
 * give f = 19; a is 0.0001 here, and of t CLOCK_LEAST_US are taken for the
 * least delay itself).  Where the samples are few or wide apart the
 * prior says more: a clock is within `prior` of right (below), or, where a
 * sample confirms it, that is |d(1)| <= clock_error, within clock_error.
 *
 * Drift and clocks that were set: the samples are cut into spans of time of
 * at least CLOCK_SPAN each; o was at times as great as the greatest of the
 * spans' least.  A single late upload does not matter, a clock that was set
 * back for the rest of the log does.
 *
 * So o lies between `offset_us - early_us` and `offset_us + late_us`.  The
 * offset is the least d when that is negative, and also when it exceeds
 * clock_error and is no mere delay (a request pair, or the range above leaves
 * out 0); else 0.  So every gesture stays before its server record.
 *
 * The prior of a device without samples: clock_error, or where other devices of
 * the case tell, as much as all but one in a thousand of them are wrong by
 * (clock_prior.c).
 *
 * Example: three answers 0.2, 0.3 and 0.6 s after their gestures: f = 99, and o
 * lies between 0.2 - 99 × 0.4 - 0.1 and 0.2 s; the first sample confirms the
 * clock, so between -5 and 0.2 s.
 */
#ifndef ANALYSIS_CLOCK_H
#define ANALYSIS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "ingest/base/utc.h"

enum { CLOCK_LOW = 8, CLOCK_SPANS = 16, CLOCK_SPAN = 3 };
#define CLOCK_BATCH_US (60 * UTC_US_S)
#define CLOCK_LIVE_US  UTC_US_S
#define CLOCK_LEAST_US (100 * 1000) /* no error is less */

enum clock_method {
	CLOCK_NONE = 0, /* no sample: the prior */
	CLOCK_REQUEST,	/* gestures and the records that answer them */
	CLOCK_RECEIVED,
	CLOCK_BOTH,
	CLOCK_METHOD__MAX
};

struct clock {
	uint64_t device; /* hash; 0: not said */
	int64_t offset_us;
	int64_t early_us, late_us; /* what o may be less and more, >= 0 */
	uint32_t n_requests;	   /* pairs, in this window of the subject */
	uint32_t n_received;	   /* uploads */
	uint32_t n_samples;	   /* of both, over all windows */
	bool is_shared;		   /* by more devices than are told apart */
	struct clock_samples *samples; /* while the window is aligned */
};

static inline enum clock_method
clock_method(const struct clock *c)
{
	return (c->n_requests > 0 ? CLOCK_REQUEST : CLOCK_NONE) +
	       (c->n_received > 0 ? CLOCK_RECEIVED : CLOCK_NONE);
}

/* Samples of one clock. */
struct clock_samples {
	int64_t low[CLOCK_LOW]; /* [n_low] ascending: the least d */
	uint32_t n_low;
	int64_t first_us, last_us; /* of samples, by the server's clock */
	struct {
		int64_t least_us;
		uint32_t n;
	} span[CLOCK_SPANS];
	int64_t batch_us, batch_least_us;
	int64_t last_received_us, last_at_us; /* of its last record */
	bool has_batch;
};

/* A sample d at an instant of the server, between first_us and last_us. */
void clock_sample(struct clock_samples *s, int64_t at_us, int64_t d_us);
/* Offset and errors from the samples; prior and clock_error in µs. */
void clock_settle(struct clock *c, const struct clock_samples *s,
    int64_t prior_us, int64_t confirmed_us);

#endif
