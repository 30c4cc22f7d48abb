/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finishing all partitions, by threads that take one after the other. */
#include "ingest/store_part.h"

enum { PIECE_LEAST_BYTES = 64 * 1024 };

struct finish {
	struct store *store;
	pthread_mutex_t lock;
	unsigned next; /* partition and file to finish */
	unsigned n_threads;
	store_duplicate_f *duplicate;
	void *arg;
	struct err err;
};

/* Rows, their keys twice and the blocks share what the spills had. */
static size_t
piece_bytes(const struct finish *f)
{
	size_t n = f->store->memory_bytes / f->n_threads / 5 * 2;

	return n > PIECE_LEAST_BYTES ? n : PIECE_LEAST_BYTES;
}

static void *
finish_thread(void *arg)
{
	struct finish *f = arg;
	struct part_work w = { .store = f->store,
		.duplicate = f->duplicate,
		.arg = f->arg,
		.piece_bytes = piece_bytes(f) };
	struct err err = { 0 };
	unsigned job;

	w.keys.book = w.out.book = w.plain.book = &f->store->book;
	w.out.bw = builder_new(1);
	for (;;) {
		(void)pthread_mutex_lock(&f->lock);
		job = f->err.code == ERR_NONE ? f->next++ : UINT32_MAX;
		(void)pthread_mutex_unlock(&f->lock);
		if (job >= STORE_PARTS * STORE_FILE__MAX)
			break;
		if (store_part_finish(&w, job / STORE_FILE__MAX,
			job % STORE_FILE__MAX, &err) < 0) {
			(void)pthread_mutex_lock(&f->lock);
			if (f->err.code == ERR_NONE)
				f->err = err;
			(void)pthread_mutex_unlock(&f->lock);
			break;
		}
	}
	part_work_clear(&w);
	return NULL;
}

int
store_finish(struct store *s, unsigned n_threads, uint32_t first_member,
    const uint32_t *final, store_duplicate_f *duplicate, void *arg,
    struct err *err)
{
	unsigned i, n = n_threads > 64 ? 64 : n_threads;
	struct finish f = {
		.store = s, .n_threads = n, .duplicate = duplicate, .arg = arg
	};
	pthread_t thread[64];

	s->first_member = first_member;
	s->final = final;
	if (store_generation_make(s, err) < 0)
		return -1;
	(void)pthread_mutex_init(&f.lock, NULL);
	for (i = 1; i < n; i++)
		if (pthread_create(&thread[i], NULL, finish_thread, &f) != 0)
			break;
	n = i;
	(void)finish_thread(&f);
	for (i = 1; i < n; i++)
		(void)pthread_join(thread[i], NULL);
	(void)pthread_mutex_destroy(&f.lock);
	store_spills_free(s);
	if (f.err.code != ERR_NONE) {
		*err = f.err;
		return -1;
	}
	return store_generation_sync(s, err);
}
