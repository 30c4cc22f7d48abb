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

struct directory {
	uint64_t begin; /* its place in the file */
	uint64_t shift; /* bytes before the zip: places count from there */
	uint64_t n_entries;
	struct zip_place *place; /* [n_places] */
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
extra64(const uint8_t *p, size_t n, struct zip_place *to)
{
	uint64_t *const value[] = { &to->bytes, &to->packed_bytes, &to->begin };

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
		for (size_t i = 0; i < 3 && size >= 8; i++) {
			if (*value[i] != UINT32_MAX)
				continue;
			*value[i] = le64(p);
			p += 8;
			size -= 8;
		}
		return;
	}
}

static void
add(struct directory *d, const struct zip_place *place)
{
	if (d->n_places == d->room) {
		d->room = d->room == 0 ? 64 : d->room * 2;
		d->place = realloc(d->place, d->room * sizeof *d->place);
		if (d->place == NULL)
			err_no_memory(d->room * sizeof *d->place);
	}
	d->place[d->n_places] = *place;
	d->place[d->n_places++].begin += d->shift;
}

/* One header of the directory: its bytes, 0: no more, -1. */
static int64_t
central(struct layer *file, uint64_t at, struct directory *d)
{
	uint8_t h[CENTRAL_BYTES], extra[UINT16_MAX];
	struct zip_place p = { 0 };
	size_t extra_n;
	int r = layer_file_copy(file, at, h, sizeof h);

	if (r <= 0 || le32(h) != 0x02014b50)
		return r < 0 ? -1 : 0;
	p.flags = (uint16_t)le16(h + 8);
	p.method = (uint16_t)le16(h + 10);
	p.crc = le32(h + 16);
	p.packed_bytes = le32(h + 20);
	p.bytes = le32(h + 24);
	p.name_bytes = (uint16_t)le16(h + 28);
	p.begin = le32(h + 42);
	extra_n = le16(h + 30);
	if (p.packed_bytes == UINT32_MAX || p.begin == UINT32_MAX ||
	    p.bytes == UINT32_MAX) {
		r = layer_file_copy(
		    file, at + CENTRAL_BYTES + p.name_bytes, extra, extra_n);
		if (r < 0)
			return -1;
		if (r > 0)
			extra64(extra, extra_n, &p);
	}
	if (p.begin <= UINT64_MAX - d->shift)
		add(d, &p);
	return (int64_t)(CENTRAL_BYTES + p.name_bytes + extra_n + le16(h + 32));
}

static uint64_t
place_end(const struct zip_place *p)
{
	uint64_t end;

	if (__builtin_add_overflow(p->begin, p->packed_bytes, &end) ||
	    __builtin_add_overflow(end, LOCAL_BYTES + p->name_bytes, &end))
		return UINT64_MAX;
	return end;
}

static int
by_place(const void *a, const void *b)
{
	const struct zip_place *x = a, *y = b;
	uint64_t x_end = place_end(x), y_end = place_end(y);

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return (x_end > y_end) - (x_end < y_end);
}

/* One entry of each place, as libarchive gives them; marks overlaps. */
static void
find_overlaps(struct directory *d, struct zip_look *out)
{
	uint64_t end = 0;

	if (d->n_places == 0)
		return;
	qsort(d->place, d->n_places, sizeof *d->place, by_place);
	for (size_t i = 0; i < d->n_places; i++) {
		struct zip_place p = d->place[i];

		if (i > 0 && p.begin == out->place[out->n_places - 1].begin) {
			out->place[out->n_places - 1].twice = true;
			continue;
		}
		p.overlaps = p.begin < end;
		if (p.overlaps)
			out->n_overlaps++;
		else
			end = place_end(&p);
		out->place[out->n_places++] = p;
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
	out->place = d.place;
	if (got >= 0 && !out->too_many)
		find_overlaps(&d, out);
	return got < 0 ? -1 : 0;
}

void
zip_look_clear(struct zip_look *z)
{
	free(z->place);
	memset(z, 0, sizeof *z);
}
