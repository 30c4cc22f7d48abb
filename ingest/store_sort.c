/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows in the order of the store.
 *
 * How it works: keys come by bucket, so the top nine bits of their hashes
 * agree.  Two stable passes over the next 16 bits leave groups of a person
 * or two; those are merged from the runs they consist of, for rows mostly
 * come in the order of time.  Only rows of one person and instant, and the
 * rare two people with one hash, are compared themselves.
 */
#include "ingest/store_sort.h"

#include <stdlib.h>

#include "ingest/store_int.h"

enum { RADIX_SHIFT = 64 - 9 - 16, RADIX_LEAST = 4096 };

void
keys_clear(struct keys *k)
{
	free(k->key);
	free(k->spare);
	memset(k, 0, sizeof *k);
}

void
keys_room(struct keys *k, size_t n)
{
	if (k->room - k->n >= n)
		return;
	k->room = k->n + n > k->room * 2 ? k->n + n : k->room * 2;
	k->key = realloc(k->key, k->room * sizeof k->key[0]);
	if (k->key == NULL)
		err_no_memory(k->room * sizeof k->key[0]);
}

static inline bool
key_less(const struct key *a, const struct key *b)
{
	if (a->hash != b->hash)
		return a->hash < b->hash;
	return a->time_us < b->time_us;
}

/* Stable, in place for few keys; they mostly come in order of time. */
static void
insertion_sort(struct key *k, size_t n)
{
	struct key x;
	size_t i, j;

	for (i = 1; i < n; i++) {
		x = k[i];
		for (j = i; j > 0 && key_less(&x, &k[j - 1]); j--)
			k[j] = k[j - 1];
		k[j] = x;
	}
}

static void
merge_sort(struct key *k, struct key *spare, size_t n)
{
	size_t half = n / 2, i = 0, j, to = 0;

	if (n <= 24) {
		insertion_sort(k, n);
		return;
	}
	merge_sort(k, spare, half);
	merge_sort(k + half, spare, n - half);
	if (!key_less(&k[half], &k[half - 1]))
		return;
	memcpy(spare, k, half * sizeof *k);
	for (j = half; i < half;)
		if (j < n && key_less(&k[j], &spare[i]))
			k[to++] = k[j++];
		else
			k[to++] = spare[i++];
}

/* One byte of the hash, least significant of the two first. */
static void
radix_pass(const struct key *from, struct key *to, size_t n, unsigned shift)
{
	size_t count[256] = { 0 }, sum = 0, i, c;

	for (i = 0; i < n; i++)
		count[from[i].hash >> shift & 0xff]++;
	for (i = 0; i < 256; i++) {
		c = count[i];
		count[i] = sum;
		sum += c;
	}
	for (i = 0; i < n; i++)
		to[count[from[i].hash >> shift & 0xff]++] = from[i];
}

void
keys_sort(struct keys *k)
{
	size_t i, j;

	if (k->spare_room < k->n) {
		free(k->spare);
		k->spare_room = k->room;
		k->spare = malloc(k->spare_room * sizeof k->spare[0]);
		if (k->spare == NULL)
			err_no_memory(k->spare_room * sizeof k->spare[0]);
	}
	if (k->n < RADIX_LEAST) {
		merge_sort(k->key, k->spare, k->n);
		return;
	}
	radix_pass(k->key, k->spare, k->n, RADIX_SHIFT);
	radix_pass(k->spare, k->key, k->n, RADIX_SHIFT + 8);
	for (i = 0; i < k->n; i = j) {
		for (j = i + 1; j < k->n && k->key[j].hash >> RADIX_SHIFT ==
						k->key[i].hash >> RADIX_SHIFT;
		     j++)
			;
		merge_sort(k->key + i, k->spare, j - i);
	}
}

/* ---- what the keys leave open ---- */

/* The full order, for rows whose keys cannot tell. */
static int
row_cmp(const struct row_book *book, const struct key *a, const struct key *b)
{
	struct event x, y;
	int c = span_cmp(row_id(book, a->row), row_id(book, b->row));

	if (c != 0)
		return c;
	if (a->time_us != b->time_us)
		return a->time_us < b->time_us ? -1 : 1;
	row_event(book, a->row, &x);
	row_event(book, b->row, &y);
	c = event_cmp(&x, &y);
	return c != 0 ? c : place_cmp(&x.place, &y.place);
}

static void
row_sort(
    const struct row_book *book, struct key *k, struct key *spare, size_t n)
{
	size_t half = n / 2, i = 0, j, to = 0;

	if (n < 2)
		return;
	row_sort(book, k, spare, half);
	row_sort(book, k + half, spare, n - half);
	memcpy(spare, k, half * sizeof *k);
	for (j = half; i < half;)
		if (j < n && row_cmp(book, &k[j], &spare[i]) < 0)
			k[to++] = k[j++];
		else
			k[to++] = spare[i++];
}

size_t
keys_settle(struct keys *k, size_t i)
{
	size_t j, t, e;
	bool one_id = true;

	if (i == 0)
		for (j = 0; j < KEYS_AHEAD; j++)
			keys_prefetch(k, j);
	keys_prefetch(k, i + KEYS_AHEAD);
	for (j = i + 1; j < k->n && k->key[j].hash == k->key[i].hash; j++) {
		keys_prefetch(k, j + KEYS_AHEAD);
		if (!span_eq(row_id(k->book, k->key[j].row),
			row_id(k->book, k->key[i].row)))
			one_id = false;
	}
	if (!one_id) {
		row_sort(k->book, k->key + i, k->spare, j - i);
		return j;
	}
	for (t = i; t < j; t = e) {
		for (e = t + 1; e < j && k->key[e].time_us == k->key[t].time_us;
		     e++)
			;
		if (e - t > 1)
			row_sort(k->book, k->key + t, k->spare, e - t);
	}
	return j;
}
