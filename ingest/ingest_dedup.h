/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ingest_dedup - records that say themselves which record they repeat.
 *
 * A mapping with `dedup` names a value, Mixpanel's $insert_id say, that is
 * the same in all copies of a record, wherever they lie and however they
 * differ.  Of the copies, that of a case's earlier runs included, the one
 * stays whose events have the least SHA-256; where these are equal too, the
 * one with the least place.  So what stays depends neither on the order of
 * the sources nor on how they came, together or one after the other.
 *
 * How it works: the keys are events of a store of their own, CASE/dedup/,
 * filed under the key and numbered 0, with the hash where the time of
 * receipt would be.  That store finds copies as it always does: of events
 * with the same device and number the first stays.  The places of the others
 * are what the store of the case leaves out (struct store_drops).
 *
 * Failure: -1 and `err`; CASE/dedup/ stands as it was.
 */
#ifndef INGEST_INGEST_DEDUP_H
#define INGEST_INGEST_DEDUP_H

#include <pthread.h>

#include "ingest/store.h"

/* The stage's part. */
struct dedup {
	pthread_mutex_t lock;
	char *dir;	    /* CASE/dedup */
	struct store *keys; /* NULL: no key so far */
	size_t spill_bytes; /* budget of each thread */
	struct store_drops drops;
};

void dedup_init(struct dedup *d, const char *case_dir);

/* A thread's part; `struct dedup_keys k = { d }` is an empty one. */
struct dedup_keys {
	struct dedup *dedup;
	struct store_spill *spill; /* NULL: none yet */
	void *sha256;		   /* of the record's events so far */
};

/* An event of a record whose mapping has `dedup`, its part 0 first. */
void dedup_event(struct dedup_keys *k, const struct event *e);
/* The record of these events has a key. */
int dedup_record(struct dedup_keys *k, const struct place *at, struct span key,
    struct err *err);
/* There will be no more records. */
int dedup_keys_finish(struct dedup_keys *k, struct err *err);

/*
 * Find the copies: d->drops has them then.  Members are numbered as
 * store_finish() has it.
 */
int dedup_finish(struct dedup *d, unsigned n_threads, uint32_t first_member,
    const uint32_t *final, struct err *err);
/* The generation that dedup_finish() wrote, or NULL. */
const char *dedup_generation(const struct dedup *d);
int dedup_commit(struct dedup *d, struct err *err);
/* After a crash: the generation that case.db names is in force. */
int dedup_settle(
    const struct dedup *d, const char *generation, struct err *err);
/* Remove what was not committed; a folder made in vain goes as well. */
void dedup_clear(struct dedup *d);

#endif
