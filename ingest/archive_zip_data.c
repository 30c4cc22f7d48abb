/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes of a zip's entry, stored or deflated, by ISA-L: three times as
 * fast as libarchive, which finds the entries and reads whatever is odd about
 * one: other methods, encryption, headers that contradict the directory.
 *
 * It reads past the blocks of the file layer, for libarchive still looks at
 * these.
 */
#include "ingest/archive_inflate.h"

#include <isa-l/crc.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	LOCAL_BYTES = 30,
	DESCRIPTOR_BYTES = 24, /* behind an entry: read for the hash's sake */
	METHOD_STORED = 0,
	METHOD_DEFLATED = 8,
	/* encrypted, patch, strongly encrypted, masked */
	FLAGS_ODD = 1 << 0 | 1 << 5 | 1 << 6 | 1 << 13,
};

struct zip_data {
	struct layer *file;
	const struct zip_place *place;
	uint64_t at;   /* of the file, to be read next */
	uint64_t left; /* bytes of the entry from there on */
	uint8_t *in;   /* [LAYER_BUF_BYTES], read and not decoded yet: */
	size_t in_at, in_n;
	uint64_t used_bytes, made_bytes;
	uint32_t crc; /* of what was made */
	enum inflate_result result;
	struct inflate inflate;
};

static uint32_t
le16(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8;
}

struct zip_data *
zip_data_new(struct layer *file)
{
	struct zip_data *z = calloc(1, sizeof *z);

	if (z == NULL)
		err_no_memory(sizeof *z);
	z->in = malloc(LAYER_BUF_BYTES);
	if (z->in == NULL)
		err_no_memory(LAYER_BUF_BYTES);
	z->file = file;
	isal_inflate_init(&z->inflate.z);
	return z;
}

void
zip_data_free(struct zip_data *z)
{
	if (z == NULL)
		return;
	free(z->in);
	free(z);
}

/* The next bytes of the entry.  1, 0: the file ends, -1. */
static int
fill(struct zip_data *z)
{
	uint64_t want = z->left + DESCRIPTOR_BYTES;
	int64_t got = layer_file_read(z->file, z->at, z->in,
	    want < LAYER_BUF_BYTES ? (size_t)want : LAYER_BUF_BYTES);

	if (got <= 0)
		return (int)got;
	z->in_at = 0;
	z->in_n = (uint64_t)got < z->left ? (size_t)got : (size_t)z->left;
	z->at += z->in_n;
	z->left -= z->in_n;
	return 1;
}

/* Does the local header agree with the directory and with libarchive? */
static bool
is_plain(const struct zip_place *p, const uint8_t *h, uint64_t header_bytes)
{
	static const uint8_t magic[] = { 'P', 'K', 3, 4 };

	return !p->twice && !p->overlaps && (p->flags & FLAGS_ODD) == 0 &&
	       (p->method == METHOD_STORED || p->method == METHOD_DEFLATED) &&
	       memcmp(h, magic, sizeof magic) == 0 &&
	       (le16(h + 6) & FLAGS_ODD) == 0 && le16(h + 8) == p->method &&
	       LOCAL_BYTES + le16(h + 26) + le16(h + 28) == header_bytes;
}

int
zip_data_begin(struct zip_data *z, const struct zip_place *place, uint64_t data)
{
	uint64_t end, header = data - place->begin;
	int r;

	if (data < place->begin || header < LOCAL_BYTES ||
	    header > LOCAL_BYTES + 2 * UINT16_MAX ||
	    __builtin_add_overflow(data, place->packed_bytes, &end) ||
	    end > z->file->size_bytes)
		return 0;
	z->place = place;
	z->at = place->begin;
	z->left = end - place->begin;
	z->used_bytes = z->made_bytes = 0;
	z->crc = 0;
	z->result = INFLATE_MORE;
	inflate_begin(&z->inflate, ISAL_GZIP_NO_HDR);
	r = fill(z);
	if (r <= 0 || z->in_n < header || !is_plain(place, z->in, header))
		return r < 0 ? -1 : 0;
	z->in_at = (size_t)header;
	return 1;
}

static size_t
copy(struct zip_data *z, uint8_t *into, size_t room)
{
	size_t n = z->in_n - z->in_at;

	if (n == 0)
		z->result = INFLATE_END;
	if (n > room)
		n = room;
	memcpy(into, z->in + z->in_at, n);
	z->crc = crc32_gzip_refl(z->crc, into, n);
	z->in_at += n;
	z->used_bytes += n;
	return n;
}

static size_t
inflate(struct zip_data *z, uint8_t *into, size_t room)
{
	size_t n = z->in_n - z->in_at, made;

	z->result =
	    inflate_some(&z->inflate, z->in + z->in_at, &n, into, room, &made);
	z->in_at += n;
	z->used_bytes += n;
	/* What it took behind the end to look ahead. */
	if (z->result == INFLATE_END)
		z->used_bytes -= (uint64_t)z->inflate.z.read_in_length / 8;
	z->crc = z->inflate.z.crc;
	return made;
}

int64_t
zip_data_decode(struct zip_data *z, uint8_t *into, size_t room)
{
	size_t done = 0, made;

	if (room > 1U << 30)
		room = 1U << 30;
	while (z->result == INFLATE_MORE && room - done >= LAYER_ROOM_BYTES) {
		if (z->in_at == z->in_n && z->left > 0 && fill(z) <= 0)
			return -1;
		if (z->place->method == METHOD_STORED)
			made = copy(z, into + done, room - done);
		else
			made = inflate(z, into + done, room - done);
		done += made;
		z->made_bytes += made;
	}
	return (int64_t)done;
}

bool
zip_data_damage(const struct zip_data *z, char *why, size_t why_n)
{
	const struct zip_place *p = z->place;

	if (z->result == INFLATE_DAMAGED)
		(void)snprintf(why, why_n, "ZIP decompression failed");
	else if (z->result == INFLATE_CUT)
		(void)snprintf(why, why_n, "ZIP entry is cut short");
	else if (z->used_bytes != p->packed_bytes)
		(void)snprintf(why, why_n,
		    "ZIP compressed data is wrong size "
		    "(read %llu, expected %llu)",
		    (unsigned long long)z->used_bytes,
		    (unsigned long long)p->packed_bytes);
	/* Old tools keep the lower half of a size above 4 GiB. */
	else if ((uint32_t)z->made_bytes != (uint32_t)p->bytes)
		(void)snprintf(why, why_n,
		    "ZIP uncompressed data is wrong size "
		    "(read %llu, expected %llu)",
		    (unsigned long long)z->made_bytes,
		    (unsigned long long)p->bytes);
	else if (z->crc != p->crc)
		(void)snprintf(why, why_n, "ZIP bad CRC: 0x%lx should be 0x%lx",
		    (unsigned long)z->crc, (unsigned long)p->crc);
	else
		return false;
	return true;
}
