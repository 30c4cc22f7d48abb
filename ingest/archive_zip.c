/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What libarchive does not tell of a zip: how many entries its directory
 * states, and which of them share bytes with another.
 *
 * A bomb lets thousands of entries point at the same compressed bytes
 * (D. Fifield, "A better zip bomb", WOOT 2019); no program that packs files
 * does so.  Entries are taken in order of their places; one that begins
 * before the end of those kept before it overlaps.  The end is a lower
 * bound (the local header may be longer than the directory says), so that
 * no honest entry is refused.
 */
#include "ingest/archive_layer.h"

#include <stdlib.h>

enum {
	EOCD_BYTES = 22,
	LOCATOR_BYTES = 20,
	EOCD64_BYTES = 56,
	CENTRAL_BYTES = 46,
	LOCAL_BYTES = 30,
	COMMENT_MAX_BYTES = 65535,
};

struct place {
	uint64_t begin, end;
};

struct directory {
	uint64_t begin; /* its place in the file */
	uint64_t shift; /* bytes before the zip: places count from there */
	uint64_t n_entries;
	struct place *place; /* [n_places] */
	size_t n_places, room;
};

static uint32_t
le16(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t
le32(const uint8_t *p)
{
	return le16(p) | le16(p + 2) << 16;
}

static uint64_t
le64(const uint8_t *p)
{
	return le32(p) | (uint64_t)le32(p + 4) << 32;
}

/* The end record in the file's tail, the last that fits: offset or -1. */
static int64_t
find_end(const uint8_t *tail, size_t n)
{
	for (size_t i = n - EOCD_BYTES + 1; i-- > 0;)
		if (le32(tail + i) == 0x06054b50 &&
		    le16(tail + i + 20) <= n - i - EOCD_BYTES)
			return (int64_t)i;
	return -1;
}

/* The 64-bit record that a locator before the end record points at. */
static int
end64(struct layer *file, uint64_t at, struct directory *d)
{
	uint8_t loc[LOCATOR_BYTES], rec[EOCD64_BYTES];
	int r;

	if (at < LOCATOR_BYTES)
		return 0;
	r = layer_file_copy(file, at - LOCATOR_BYTES, loc, sizeof loc);
	if (r <= 0 || le32(loc) != 0x07064b50)
		return r < 0 ? -1 : 0;
	r = layer_file_copy(file, le64(loc + 8), rec, sizeof rec);
	if (r <= 0 || le32(rec) != 0x06064b50)
		return r < 0 ? -1 : 0;
	d->n_entries = le64(rec + 32);
	d->begin = le64(rec + 48);
	d->shift = 0;
	return 0;
}

/* 1: found, 0: none, -1. */
static int
end_record(struct layer *file, struct directory *d)
{
	uint64_t at, from, size, begin;
	uint8_t *tail;
	int64_t found;
	size_t n;
	int r;

	n = EOCD_BYTES + COMMENT_MAX_BYTES;
	if (file->size_bytes < n)
		n = (size_t)file->size_bytes;
	if (n < EOCD_BYTES)
		return 0;
	tail = malloc(n);
	if (tail == NULL)
		err_no_memory(n);
	from = file->size_bytes - n;
	r = layer_file_copy(file, from, tail, n);
	found = r <= 0 ? -1 : find_end(tail, n);
	if (found >= 0) {
		at = from + (uint64_t)found;
		d->n_entries = le16(tail + found + 10);
		size = le32(tail + found + 12);
		begin = le32(tail + found + 16);
		if (size + begin < at)
			d->shift = at - size - begin;
		d->begin = begin + d->shift;
		r = end64(file, at, d);
	}
	free(tail);
	return r < 0 ? -1 : found >= 0;
}

/* What the 64-bit extra field has in place of 0xffffffff. */
static void
extra64(const uint8_t *p, size_t n, bool skip_size, uint64_t *csize,
    uint64_t *begin)
{
	while (n >= 4) {
		size_t size = le16(p + 2);

		if (size > n - 4)
			return;
		if (le16(p) != 1) {
			p += 4 + size;
			n -= 4 + size;
			continue;
		}
		p += 4;
		if (skip_size && size >= 8) {
			p += 8;
			size -= 8;
		}
		if (*csize == UINT32_MAX && size >= 8) {
			*csize = le64(p);
			p += 8;
			size -= 8;
		}
		if (*begin == UINT32_MAX && size >= 8)
			*begin = le64(p);
		return;
	}
}

static void
add(struct directory *d, uint64_t begin, uint64_t bytes)
{
	if (d->n_places == d->room) {
		d->room = d->room == 0 ? 64 : d->room * 2;
		d->place = realloc(d->place, d->room * sizeof *d->place);
		if (d->place == NULL)
			err_no_memory(d->room * sizeof *d->place);
	}
	d->place[d->n_places].begin = begin;
	d->place[d->n_places].end =
	    bytes > UINT64_MAX - begin ? UINT64_MAX : begin + bytes;
	d->n_places++;
}

/* One header of the directory: its bytes, 0: no more, -1. */
static int64_t
central(struct layer *file, uint64_t at, struct directory *d)
{
	uint8_t h[CENTRAL_BYTES], extra[UINT16_MAX];
	uint64_t csize, begin;
	size_t name_n, extra_n;
	int r = layer_file_copy(file, at, h, sizeof h);

	if (r <= 0 || le32(h) != 0x02014b50)
		return r < 0 ? -1 : 0;
	name_n = le16(h + 28);
	extra_n = le16(h + 30);
	csize = le32(h + 20);
	begin = le32(h + 42);
	if (csize == UINT32_MAX || begin == UINT32_MAX) {
		r = layer_file_copy(
		    file, at + CENTRAL_BYTES + name_n, extra, extra_n);
		if (r < 0)
			return -1;
		if (r > 0)
			extra64(extra, extra_n, le32(h + 24) == UINT32_MAX,
			    &csize, &begin);
	}
	if (begin <= UINT64_MAX - d->shift)
		add(d, begin + d->shift,
		    csize > UINT64_MAX / 2 ? csize
					   : csize + LOCAL_BYTES + name_n);
	return (int64_t)(CENTRAL_BYTES + name_n + extra_n + le16(h + 32));
}

static int
by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

static void
find_overlaps(struct directory *d, struct zip_look *out)
{
	uint64_t end = 0;

	if (d->n_places == 0)
		return;
	qsort(d->place, d->n_places, sizeof *d->place, by_place);
	out->overlaps = calloc(d->n_places, 1);
	if (out->overlaps == NULL)
		err_no_memory(d->n_places);
	for (size_t i = 0; i < d->n_places; i++) {
		const struct place *p = &d->place[i];

		/* libarchive gives entries of one place once. */
		if (i > 0 && p->begin == p[-1].begin)
			continue;
		if (p->begin < end) {
			out->overlaps[out->n_places] = 1;
			out->n_overlaps++;
		} else {
			end = p->end;
		}
		out->n_places++;
	}
}

int
zip_look(struct layer *file, struct zip_look *out)
{
	struct directory d = { 0 };
	uint64_t at, n = 0;
	int64_t got = 1;
	int r = end_record(file, &d);

	memset(out, 0, sizeof *out);
	if (r <= 0)
		return r;
	out->found = true;
	out->n_entries = d.n_entries;
	/* libarchive holds the whole directory: it must not be endless. */
	for (at = d.begin; n <= file->stack->limits.members && got > 0; n++) {
		got = central(file, at, &d);
		if (got > 0)
			at += (uint64_t)got;
	}
	out->too_many = d.n_places > file->stack->limits.members;
	if (got >= 0 && !out->too_many)
		find_overlaps(&d, out);
	free(d.place);
	return got < 0 ? -1 : 0;
}

void
zip_look_clear(struct zip_look *z)
{
	free(z->overlaps);
	memset(z, 0, sizeof *z);
}
