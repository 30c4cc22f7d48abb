/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/ingest_dedup.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ingest/base/hex.h"

enum {
	KEY_MAX_BYTES = 200, /* a longer key is filed under its SHA-256 */
	HEX_BYTES = 2 * 32
};

void
dedup_init(struct dedup *d, const char *case_dir)
{
	size_t n = strlen(case_dir) + sizeof "/dedup";

	(void)pthread_mutex_init(&d->lock, NULL);
	d->dir = malloc(n);
	if (d->dir == NULL)
		err_no_memory(n);
	(void)snprintf(d->dir, n, "%s/dedup", case_dir);
}

/* ---- records --------------------------------------------------------------- */

static void
hash_field(EVP_MD_CTX *md, const struct event *e, int f)
{
	struct span text;
	uint64_t n;

	(void)EVP_DigestUpdate(md, &(uint8_t){ (uint8_t)f }, 1);
	if (f < EVENT_N_NUM) {
		(void)EVP_DigestUpdate(md, &e->num[f], sizeof e->num[f]);
		return;
	}
	text = e->str[f - EVENT_N_NUM];
	n = text.n;
	(void)EVP_DigestUpdate(md, &n, sizeof n);
	(void)EVP_DigestUpdate(md, text.p, text.n);
}

void
dedup_event(struct dedup_keys *k, const struct event *e)
{
	int f;

	if (k->sha256 == NULL)
		k->sha256 = EVP_MD_CTX_new();
	if (k->sha256 == NULL)
		err_no_memory(0);
	/* the record before may have had no key: then nobody took its hash */
	if (e->place.part == 0)
		(void)EVP_DigestInit_ex(k->sha256, EVP_sha256(), NULL);
	for (f = 0; f < EVENT_N_FIELDS; f++)
		if ((e->present >> f & 1) != 0)
			hash_field(k->sha256, e, f);
	(void)EVP_DigestUpdate(k->sha256, "", 1);
}

/* The hash of the record's events, as a number from 0 on. */
static int64_t
rank_take(struct dedup_keys *k)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	int64_t rank = 0;
	unsigned n;
	int i;

	assert(k->sha256 != NULL);
	(void)EVP_DigestFinal_ex(k->sha256, sum, &n);
	for (i = 0; i < 8; i++)
		rank = (int64_t)((uint64_t)rank << 8 | sum[i]);
	return (int64_t)((uint64_t)rank >> 1);
}

/* The thread's spill; the store is opened for the first key of all. */
static int
spill_make(struct dedup_keys *k, struct err *err)
{
	struct dedup *d = k->dedup;
	int rc = 0;

	if (k->spill != NULL)
		return 0;
	(void)pthread_mutex_lock(&d->lock);
	if (d->keys == NULL)
		d->keys = store_open(d->dir, err);
	if (d->keys == NULL)
		rc = -1;
	else
		k->spill = store_spill_new(d->keys, d->spill_bytes);
	(void)pthread_mutex_unlock(&d->lock);
	return rc;
}

/* A long key as the hexadecimal digits of its SHA-256. */
static struct span
key_short(struct span key, char hex[HEX_BYTES + 1])
{
	unsigned char sum[EVP_MAX_MD_SIZE];

	if (key.n <= KEY_MAX_BYTES)
		return key;
	(void)EVP_Digest(key.p, key.n, sum, NULL, EVP_sha256(), NULL);
	hex_write(hex, sum, HEX_BYTES / 2);
	return (struct span){ hex, HEX_BYTES };
}

int
dedup_record(struct dedup_keys *k, const struct place *at, struct span key,
    struct err *err)
{
	char hex[HEX_BYTES + 1];
	struct event e = { .place = *at };

	if (spill_make(k, err) < 0)
		return -1;
	e.place.part = 0;
	event_set_num(&e, EV_KIND, KIND_OTHER);
	event_set_num(&e, EV_SEQ, 0);
	event_set_num(&e, EV_RECEIVED, rank_take(k));
	event_set_str(&e, EV_DEVICE, key_short(key, hex));
	return store_spill_add(k->spill, &e, err);
}

int
dedup_keys_finish(struct dedup_keys *k, struct err *err)
{
	struct store_spill *spill = k->spill;

	EVP_MD_CTX_free(k->sha256);
	k->sha256 = NULL;
	k->spill = NULL;
	return spill != NULL ? store_spill_finish(spill, err) : 0;
}

/* ---- copies ---------------------------------------------------------------- */

static void
copy_found(
    void *arg, const struct place *at, bool identical, const struct event *e)
{
	struct dedup *d = arg;

	(void)identical;
	(void)e;
	(void)pthread_mutex_lock(&d->lock);
	store_drops_add(&d->drops, at);
	(void)pthread_mutex_unlock(&d->lock);
}

int
dedup_finish(struct dedup *d, unsigned n_threads, uint32_t first_member,
    const uint32_t *final, struct err *err)
{
	if (d->keys == NULL)
		return 0;
	return store_finish(
	    d->keys, n_threads, first_member, final, copy_found, d, err);
}

const char *
dedup_generation(const struct dedup *d)
{
	return d->keys != NULL ? store_generation(d->keys) : NULL;
}

int
dedup_commit(struct dedup *d, struct err *err)
{
	return d->keys != NULL ? store_commit(d->keys, err) : 0;
}

int
dedup_settle(const struct dedup *d, const char *generation, struct err *err)
{
	return store_settle(d->dir, generation, err);
}

void
dedup_clear(struct dedup *d)
{
	char path[4096];

	if (d->dir == NULL)
		return;
	store_close(d->keys);
	store_drops_clear(&d->drops);
	/* both go only when they are empty: nothing was ever committed */
	(void)snprintf(path, sizeof path, "%s/events", d->dir);
	(void)rmdir(path);
	(void)rmdir(d->dir);
	free(d->dir);
	(void)pthread_mutex_destroy(&d->lock);
	memset(d, 0, sizeof *d);
}
