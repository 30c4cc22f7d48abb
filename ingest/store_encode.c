/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the columns of a block are coded.
 *
 * How it works: every column becomes bytes that zstd finds easy.
 *
 *	CODING_CONST   all rows hold one value: 8 bytes and no more
 *	CODING_PLANES  whole numbers; first byte of all rows, then the second …,
 *	               as wide as the largest needs: the high bytes are mostly
 *	               zero and cost nothing, the low ones are noise
 *	CODING_VBYTE   differences that are mostly noise, not compressed any
 *	               more: store_vbyte.h
 *	CODING_GROUP   words and names that go together: store_group.h
 *	CODING_DICT    the texts of a name that is in the group
 *	CODING_SEQ     codes of ids, which come in order of first use: a byte a
 *	               row (absent, as before, the next new one, another)
 *
 * Times are written as differences to the row before, in the coarsest unit
 * of 1 s, 1 ms, 1 µs that loses nothing.  A column that some rows lack
 * starts with a bit for each row.
 *
 * Example: times 1000 ms, 1500 ms, 1500 ms become 1000, 500, 0 in units of a
 * millisecond, zigzag 2000, 1000, 0, planes d0 e8 00 | 07 03 00.
 */
#include <assert.h>
#include <isa-l.h>
#include <stdlib.h>

#include "ingest/store_code.h"
#include "ingest/store_group.h"
#include "ingest/store_int.h"
#include "ingest/store_vbyte.h"

static bool
is_word(int f)
{
	return event_fields[f].type == EVENT_TYPE_WORD;
}

static uint8_t *
raw_room(struct builder *bw, size_t n)
{
	if (n > bw->raw_room) {
		free(bw->raw);
		bw->raw_room = n + n / 2;
		bw->raw = err_must(malloc(bw->raw_room), bw->raw_room);
	}
	return bw->raw;
}

/* The raw bytes of a column, compressed if that makes it smaller. */
static void
column_put(struct builder *bw, struct buf *out, int id, enum coding coding,
    size_t n_raw)
{
	size_t bound = ZSTD_compressBound(n_raw), n;
	struct column_head h = { .id = (uint8_t)id,
		.coding = (uint8_t)coding,
		.raw = (uint32_t)n_raw };
	size_t head = out->n;
	bool plain =
	    n_raw < 32 || coding == CODING_VBYTE || bw->level == BUILDER_PLAIN;

	(void)buf_room(out, COLUMN_HEAD_BYTES + bound);
	out->n += COLUMN_HEAD_BYTES;
	n = plain ? n_raw
		  : ZSTD_compressCCtx(bw->zstd, out->p + out->n, bound, bw->raw,
			n_raw, bw->level);
	if (plain || ZSTD_isError(n) || n >= n_raw) {
		memcpy(out->p + out->n, bw->raw, n_raw);
		n = n_raw;
	}
	h.stored = (uint32_t)n;
	column_head_write(&h, (uint8_t *)out->p + head);
	out->n += n;
}

/* Byte planes of v[n] at p; returns the end. */
static uint8_t *
planes(uint8_t *restrict p, const uint64_t *restrict v, size_t n)
{
	uint64_t all = 0;
	unsigned width, b;
	size_t i;

	for (i = 0; i < n; i++)
		all |= v[i];
	width = all == 0 ? 0 : (unsigned)(71 - __builtin_clzll(all)) / 8;
	*p++ = (uint8_t)width;
	for (b = 0; b < width; b++, p += n)
		for (i = 0; i < n; i++)
			p[i] = (uint8_t)(v[i] >> (8 * b));
	return p;
}

/*
 * Differences: bytes that zstd would spend much time on and gain little, if
 * more than one and a half a number are needed, else planes.
 */
static uint8_t *
differences(uint8_t *p, const uint64_t *v, size_t n, enum coding *coding)
{
	struct vbyte_plan plan;

	vbyte_plan(&plan, v, n);
	*coding = plan.bytes > n + n / 2 ? CODING_VBYTE : CODING_PLANES;
	return *coding == CODING_VBYTE ? vbyte_put(p, &plan, v, n)
				       : planes(p, v, n);
}

/* Times in the coarsest unit that loses nothing; which one it was. */
static unsigned
to_units(int64_t *v, size_t n)
{
	size_t i;

	for (i = 0; i < n && v[i] % 1000 == 0; i++)
		;
	if (i < n)
		return 0;
	for (i = 0; i < n && v[i] % 1000000 == 0; i++)
		;
	if (i < n) {
		for (i = 0; i < n; i++)
			v[i] /= 1000;
		return 1;
	}
	for (i = 0; i < n; i++)
		v[i] /= 1000000;
	return 2;
}

/* Which rows have a value (bits), then the values, close together. */
static size_t
dense(const int64_t *v, size_t n, int64_t absent, uint8_t *bits, int64_t *to)
{
	size_t i, m = 0;

	for (i = 0; i < n && v[i] != absent; i++)
		;
	if (i == n) {
		memcpy(to, v, n * sizeof to[0]);
		return n;
	}
	memset(bits, 0, (n + 7) / 8);
	for (i = 0; i < n; i++)
		if (v[i] != absent) {
			bits[i / 8] |= (uint8_t)(1 << (i % 8));
			to[m++] = v[i];
		}
	return m;
}

static bool
all_same(const int64_t *v, size_t n)
{
	size_t i;

	for (i = 1; i < n && v[i] == v[0]; i++)
		;
	return i >= n;
}

/* Words: a byte a row.  How many columns were written: 0 or 1. */
static uint32_t
word_put(struct builder *bw, struct buf *out, int f)
{
	const uint8_t *v = bw->word[f];
	uint8_t *raw = raw_room(bw, bw->n + sizeof(int64_t));
	int64_t only = v[0];

	if (memcmp(v, v + 1, bw->n - 1) != 0) {
		memcpy(raw, v, bw->n);
		column_put(bw, out, f, CODING_BYTES, bw->n);
		return 1;
	}
	if (only == 0)
		return 0; /* touched for rows that lack it after all */
	memcpy(raw, &only, 8);
	column_put(bw, out, f, CODING_CONST, 8);
	return 1;
}

static uint32_t
num_put(struct builder *bw, struct buf *out, int f)
{
	static _Thread_local int64_t kept[STORE_BLOCK_EVENTS];
	static _Thread_local uint64_t coded[STORE_BLOCK_EVENTS];
	bool running = f == EV_TIME || f == EV_SEQ;
	const int64_t *v = bw->num[f];
	uint8_t *raw = raw_room(bw, bw->n * 10 + 64), *p = raw;
	enum coding coding = CODING_PLANES;
	int64_t last = 0, x;
	size_t i, m;

	if (all_same(v, bw->n)) {
		if (v[0] == STORE_ABSENT)
			return 0;
		memcpy(raw, v, 8);
		column_put(bw, out, f, CODING_CONST, 8);
		return 1;
	}
	p += 2; /* flags and unit */
	m = dense(v, bw->n, STORE_ABSENT, p, kept);
	raw[0] = m < bw->n ? PLANES_SPARSE : 0;
	if (m < bw->n)
		p += (bw->n + 7) / 8;
	raw[0] |= running ? PLANES_DELTA : 0;
	raw[1] = event_fields[f].type == EVENT_TYPE_TIME
		     ? (uint8_t)to_units(kept, m)
		     : 0;
	for (i = 0; i < m; i++) {
		x = kept[i];
		if (running)
			coded[i] =
			    zigzag((int64_t)((uint64_t)x - (uint64_t)last));
		else
			coded[i] = zigzag(x);
		last = x;
	}
	p = running ? differences(p, coded, m, &coding) : planes(p, coded, m);
	column_put(bw, out, f, coding, (size_t)(p - raw));
	return 1;
}

/* Numbers of the place: planes of v[n], as differences where that helps. */
static void
place_put(struct builder *bw, struct buf *out, int id, const uint64_t *v)
{
	uint8_t *raw = raw_room(bw, bw->n * 10 + 64), *p = raw;
	bool delta = id == COLUMN_OFFSET;
	enum coding coding = CODING_PLANES;

	*p++ = delta ? PLANES_DELTA : 0;
	*p++ = 0;
	p = delta ? differences(p, v, bw->n, &coding) : planes(p, v, bw->n);
	column_put(bw, out, id, coding, (size_t)(p - raw));
}

/* How many columns it took. */
static uint32_t
places_put(struct builder *bw, struct buf *out)
{
	static _Thread_local uint64_t v[STORE_BLOCK_EVENTS];
	uint64_t last = 0, any = 0;
	size_t i;

	for (i = 0; i < bw->n; i++)
		v[i] = bw->member[i];
	place_put(bw, out, COLUMN_MEMBER, v);
	for (i = 0; i < bw->n; i++) {
		v[i] = zigzag((int64_t)(bw->offset[i] - last));
		last = bw->offset[i];
	}
	place_put(bw, out, COLUMN_OFFSET, v);
	for (i = 0; i < bw->n; i++)
		v[i] = bw->bytes[i];
	place_put(bw, out, COLUMN_BYTES, v);
	for (i = 0; i < bw->n; i++)
		any |= v[i] = bw->part[i];
	if (any == 0)
		return 3;
	place_put(bw, out, COLUMN_PART, v);
	return 4;
}

static uint8_t *
varint(uint8_t *p, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		*p++ = (uint8_t)(v | 0x80);
	*p++ = (uint8_t)v;
	return p;
}

/* Entries: how many, their lengths, their bytes. */
static uint8_t *
dict_put(uint8_t *p, const struct column_dict *d)
{
	uint32_t i;

	p = varint(p, d->n);
	for (i = 0; i < d->n; i++)
		p = varint(p, d->text[i].n);
	for (i = 0; i < d->n; i++) {
		memcpy(p, d->text[i].p, d->text[i].n);
		p += d->text[i].n;
	}
	return p;
}

static uint8_t *
sequence(uint8_t *p, const uint16_t *code, size_t n)
{
	uint32_t last = 0, next = 1;
	uint8_t *other = p + n;
	size_t i;

	for (i = 0; i < n; i++) {
		if (code[i] == 0) {
			p[i] = SEQ_ABSENT;
		} else if (code[i] == last) {
			p[i] = SEQ_SAME;
		} else if (code[i] == next) {
			p[i] = SEQ_NEXT;
			last = next++;
		} else {
			p[i] = SEQ_OTHER;
			other = varint(other, code[i]);
			last = code[i];
		}
	}
	return other;
}

static inline uint64_t
grouped(const struct builder *bw)
{
	return bw->group[0].fields | bw->group[1].fields;
}

static uint32_t
str_put(struct builder *bw, struct buf *out, int f)
{
	static _Thread_local uint64_t v[STORE_BLOCK_EVENTS];
	bool id = event_fields[COLUMN_STR + f].type == EVENT_TYPE_ID;
	const struct column_dict *d = &bw->dict[f];
	size_t room = bw->n * 8 + 64 + (size_t)d->n * 10, i;
	enum coding coding = CODING_DICT;
	uint8_t *raw, *p;

	if (d->n == 0)
		return 0;
	for (i = 0; i < d->n; i++)
		room += d->text[i].n;
	p = raw = raw_room(bw, room);
	p = dict_put(p, d);
	if (id) {
		coding = CODING_SEQ;
		p = sequence(p, bw->code[f], bw->n);
	} else if ((grouped(bw) & EVENT_BIT_STR(f)) == 0) {
		coding = CODING_PLANES;
		for (i = 0; i < bw->n; i++)
			v[i] = bw->code[f][i];
		p = planes(p, v, bw->n);
	}
	column_put(bw, out, COLUMN_STR + f, coding, (size_t)(p - raw));
	return 1;
}

/* The fields, for each its value in each combination, then the rows. */
static uint32_t
group_put(struct builder *bw, struct buf *out, const struct group *g)
{
	uint8_t *raw, *p;
	unsigned k;

	if (g->n_fields == 0)
		return 0;
	p = raw =
	    raw_room(bw, bw->n + 2 + g->n_fields * (1 + (size_t)g->n_codes));
	*p++ = (uint8_t)g->n_fields;
	*p++ = (uint8_t)g->n_codes;
	for (k = 0; k < g->n_fields; k++) {
		*p++ = g->field[k];
		memcpy(p, g->value[k], g->n_codes);
		p += g->n_codes;
	}
	memcpy(p, g->code, bw->n);
	p += bw->n;
	column_put(bw, out, COLUMN_GROUP, CODING_GROUP, (size_t)(p - raw));
	return 1;
}

void
builder_flush(struct builder *bw, struct buf *out, struct block_index *index)
{
	size_t start = out->n;
	uint32_t n_columns = 0;
	uint64_t bits;
	int f;

	assert(bw->n > 0);
	(void)buf_room(out, 8);
	out->n += 8;
	if (bw->level != BUILDER_PLAIN)
		groups_make(bw->group, bw);
	for (bits = bw->touch; bits != 0; bits &= bits - 1) {
		f = __builtin_ctzll(bits);
		if (f >= EVENT_N_NUM)
			n_columns += str_put(bw, out, f - EVENT_N_NUM);
		else if ((grouped(bw) >> f & 1) == 0)
			n_columns += is_word(f) ? word_put(bw, out, f)
						: num_put(bw, out, f);
	}
	for (f = 0; f < GROUPS; f++)
		n_columns += group_put(bw, out, &bw->group[f]);
	n_columns += places_put(bw, out);
	memcpy(out->p + start, &bw->n, 4);
	memcpy(out->p + start + 4, &n_columns, 4);
	memset(index, 0, sizeof *index);
	index->bytes = (uint32_t)(out->n - start);
	index->n = bw->n;
	index->first_hash = bw->first_hash;
	index->last_hash = bw->last_hash;
	index->crc = crc32_gzip_refl(
	    0, (const unsigned char *)out->p + start, out->n - start);
	bw->n = 0;
	bw->touch = 0;
	bw->generation++;
	arena_reset(&bw->texts);
}
