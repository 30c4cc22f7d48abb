/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading blocks back; store_build.c tells how the columns are coded. */
#include <assert.h>
#include <stdlib.h>

#include "ingest/store_code.h"
#include "ingest/store_int.h"
#include "ingest/store_number.h"

/* Work space of a thread: the numbers of one column. */
static _Thread_local uint64_t scratch[STORE_BLOCK_EVENTS];

/* The same for codes: most dictionaries have less than 256 texts. */
static void
codes_get(struct raw *r, uint16_t *code, size_t n)
{
	size_t i;

	if (r->end - r->p > (ptrdiff_t)n && *r->p == 1) {
		for (i = 0; i < n; i++)
			code[i] = r->p[1 + i];
		r->p += 1 + n;
		return;
	}
	raw_numbers(r, CODING_PLANES, scratch, n);
	for (i = 0; i < n && !r->bad; i++)
		code[i] =
		    scratch[i] > UINT16_MAX ? UINT16_MAX : (uint16_t)scratch[i];
}

static void
num_get(struct store_block *b, int f, int coding, struct raw *r)
{
	int64_t *v = arena_take(&b->arena, b->n * sizeof *v);

	b->num[f] = v;
	raw_values(r, coding, v, b->n, scratch);
}

static void
word_get(struct store_block *b, int f, int coding, struct raw *r)
{
	uint8_t *v = arena_take(&b->arena, b->n), max = 0;
	int n_words = event_word_count(f);
	size_t i;

	b->word[f] = v;
	if ((size_t)(r->end - r->p) != (coding == CODING_CONST ? 8 : b->n)) {
		r->bad = true;
		return;
	}
	if (coding == CODING_CONST)
		memset(v, r->p[0], b->n);
	else
		memcpy(v, r->p, b->n);
	for (i = 0; i < b->n; i++) /* simple enough for vectors */
		max = v[i] > max ? v[i] : max;
	r->bad |= max > n_words;
}

static void
const_get(struct store_block *b, int f, struct raw *r)
{
	int64_t *v = arena_take(&b->arena, b->n * sizeof *v), x;
	size_t i;

	b->num[f] = v;
	if (r->end - r->p != 8) {
		r->bad = true;
		return;
	}
	memcpy(&x, r->p, 8);
	for (i = 0; i < b->n; i++)
		v[i] = x;
}

static void
dict_get(struct store_block *b, int f, struct raw *r)
{
	uint64_t n = raw_varint(r), i, len;
	struct span *d;
	char *text;
	size_t total = 0;

	if (r->bad || n > STORE_BLOCK_EVENTS) {
		r->bad = true;
		return;
	}
	d = arena_take(&b->arena, n * sizeof *d);
	for (i = 0; i < n; i++) {
		len = raw_varint(r);
		if (len > STORE_MAX_RAW_BYTES) {
			r->bad = true;
			return;
		}
		d[i].n = len;
		total += len;
	}
	if (r->bad || (size_t)(r->end - r->p) < total) {
		r->bad = true;
		return;
	}
	text = arena_take(&b->arena, total + 1);
	memcpy(text, r->p, total);
	r->p += total;
	for (i = 0; i < n; i++) {
		d[i].p = text;
		text += d[i].n;
	}
	b->dict[f] = d;
	b->n_dict[f] = (uint32_t)n;
}

/* Without jumps but for the rare other ones: what comes next is a guess. */
static void
sequence_get(
    struct store_block *b, int f, uint16_t *restrict code, struct raw *r)
{
	const uint8_t *what = r->p;
	uint64_t last = 0, next = 1, max = 0;
	size_t n = b->n, i;
	uint8_t most = 0;

	if ((size_t)(r->end - r->p) < n) {
		r->bad = true;
		return;
	}
	r->p += n;
	for (i = 0; i < n; i++) {
		last = what[i] == SEQ_NEXT ? next : last;
		next += what[i] == SEQ_NEXT;
		if (what[i] >= SEQ_OTHER) {
			most = what[i] > most ? what[i] : most;
			last = raw_varint(r);
			max = last > max ? last : max;
		}
		code[i] = (uint16_t)(what[i] == SEQ_ABSENT ? 0 : last);
	}
	r->bad |=
	    most > SEQ_OTHER || max > b->n_dict[f] || next - 1 > b->n_dict[f];
}

static void
str_get(struct store_block *b, int f, int coding, struct raw *r)
{
	uint16_t *code = arena_take(&b->arena, b->n * sizeof *code), max = 0;
	size_t i;

	dict_get(b, f, r);
	b->code[f] = code;
	if (r->bad)
		return;
	if (coding == CODING_SEQ) {
		sequence_get(b, f, code, r);
		return;
	}
	if (coding == CODING_DICT) { /* the group has the codes */
		memset(code, 0, b->n * sizeof *code);
		return;
	}
	codes_get(r, code, b->n);
	for (i = 0; i < b->n; i++)
		max = code[i] > max ? code[i] : max;
	r->bad |= max > b->n_dict[f];
}

static bool
wanted(int id, struct column_mask mask)
{
	if (id < COLUMN_STR)
		return (mask.nums >> id & 1) != 0;
	if (id < COLUMN_MEMBER)
		return (mask.strs >> (id - COLUMN_STR) & 1) != 0;
	if (id == COLUMN_GROUP)
		return mask.nums != 0 || mask.strs != 0;
	if (id == COLUMN_BYTES)
		return mask.places == STORE_PLACES;
	return mask.places != STORE_NO_PLACES;
}

static void
word_codes(uint8_t *restrict to, const uint8_t *restrict value,
    const uint8_t *restrict code, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		to[i] = value[code[i]];
}

static void
name_codes(uint16_t *restrict to, const uint8_t *restrict value,
    const uint8_t *restrict code, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		to[i] = value[code[i]];
}

/* A field's column from its value in each combination. */
static void
group_field(struct store_block *b, int f, const uint8_t *value,
    unsigned n_codes, const uint8_t *code, struct raw *r)
{
	uint8_t *to_word, max = 0;
	size_t i;

	for (i = 0; i < n_codes; i++)
		max = value[i] > max ? value[i] : max;
	if (f < COLUMN_STR) {
		if (event_fields[f].type != EVENT_TYPE_WORD ||
		    max > event_word_count(f)) {
			r->bad = true;
			return;
		}
		b->word[f] = to_word = arena_take(&b->arena, b->n);
		word_codes(to_word, value, code, b->n);
		return;
	}
	f -= COLUMN_STR;
	if (b->code[f] == NULL || max > b->n_dict[f]) {
		r->bad = true;
		return;
	}
	name_codes((uint16_t *)(uintptr_t)b->code[f], value, code, b->n);
}

static void
group_get(struct store_block *b, struct column_mask mask, struct raw *r)
{
	const uint8_t *code, *p = r->p + 2;
	unsigned n_fields, n_codes, k;
	uint8_t max = 0;
	size_t i;

	if (r->end - r->p < 2 || r->p[1] == 0 ||
	    (size_t)(r->end - p) != r->p[0] * (1 + (size_t)r->p[1]) + b->n) {
		r->bad = true;
		return;
	}
	n_fields = r->p[0];
	n_codes = r->p[1];
	code = r->end - b->n;
	for (i = 0; i < b->n; i++)
		max = code[i] > max ? code[i] : max;
	r->bad = max >= n_codes;
	for (k = 0; k < n_fields && !r->bad; k++, p += 1 + n_codes) {
		if (*p >= COLUMN_MEMBER)
			r->bad = true;
		else if (wanted(*p, mask))
			group_field(b, *p, p + 1, n_codes, code, r);
	}
}

static void
place_get(struct store_block *b, int id, int coding, struct raw *r)
{
	uint64_t *offset, last = 0;
	uint32_t *v;
	uint16_t *part;
	size_t i;

	if (r->end - r->p < 2) {
		r->bad = true;
		return;
	}
	r->p += 2;
	raw_numbers(r, coding, scratch, b->n);
	if (r->bad)
		return;
	if (id == COLUMN_OFFSET) {
		offset = arena_take(&b->arena, b->n * sizeof *offset);
		b->offset = offset;
		for (i = 0; i < b->n; i++) {
			last += (uint64_t)unzigzag(scratch[i]);
			offset[i] = last;
		}
	} else if (id == COLUMN_PART) {
		part = arena_take(&b->arena, b->n * sizeof *part);
		b->part = part;
		for (i = 0; i < b->n; i++)
			part[i] = (uint16_t)scratch[i];
	} else {
		v = arena_take(&b->arena, b->n * sizeof *v);
		if (id == COLUMN_MEMBER)
			b->member = v;
		else
			b->bytes = v;
		for (i = 0; i < b->n; i++)
			v[i] = (uint32_t)scratch[i];
	}
}

static void
column_get(struct store_block *b, const struct column_head *h,
    struct column_mask mask, struct raw *r)
{
	bool word =
	    h->id < COLUMN_STR && event_fields[h->id].type == EVENT_TYPE_WORD;
	bool whole = h->coding == CODING_PLANES || h->coding == CODING_VBYTE;

	if (word && (h->coding == CODING_CONST || h->coding == CODING_BYTES))
		word_get(b, h->id, h->coding, r);
	else if (!word && h->id < COLUMN_STR && h->coding == CODING_CONST)
		const_get(b, h->id, r);
	else if (!word && h->id < COLUMN_STR && whole)
		num_get(b, h->id, h->coding, r);
	else if (h->id >= COLUMN_STR && h->id < COLUMN_MEMBER &&
		 (h->coding == CODING_PLANES || h->coding == CODING_SEQ ||
		     h->coding == CODING_DICT))
		str_get(b, h->id - COLUMN_STR, h->coding, r);
	else if (h->id == COLUMN_GROUP && h->coding == CODING_GROUP)
		group_get(b, mask, r);
	else if (h->id >= COLUMN_MEMBER && h->id < COLUMN_GROUP && whole)
		place_get(b, h->id, h->coding, r);
	else
		r->bad = true;
}

/* The raw bytes of a column: as stored, or decompressed into `room`. */
static int
column_raw(const struct column_head *h, const uint8_t *stored, struct buf *room,
    ZSTD_DCtx *zstd, struct raw *r)
{
	size_t n;

	r->bad = false;
	r->p = stored;
	r->end = stored + h->stored;
	if (h->stored == h->raw)
		return 0;
	if (h->raw > STORE_MAX_RAW_BYTES)
		return -1;
	buf_reset(room);
	(void)buf_room(room, h->raw);
	n = ZSTD_decompressDCtx(zstd, room->p, h->raw, stored, h->stored);
	if (ZSTD_isError(n) || n != h->raw)
		return -1;
	r->p = (const uint8_t *)room->p;
	r->end = r->p + n;
	return 0;
}

int
block_decode(struct store_block *b, struct span bytes, struct column_mask mask,
    ZSTD_DCtx *zstd, struct err *err)
{
	const uint8_t *p = (const uint8_t *)bytes.p, *end = p + bytes.n;
	struct buf room = { 0 };
	struct column_head h;
	struct raw r;
	uint32_t n_columns, i;
	int rc = -1;

	if (bytes.n < 8)
		goto out;
	memcpy(&b->n, p, 4);
	memcpy(&n_columns, p + 4, 4);
	p += 8;
	if (b->n == 0 || b->n > STORE_BLOCK_EVENTS)
		goto out;
	for (i = 0; i < n_columns; i++) {
		if (end - p < COLUMN_HEAD_BYTES)
			goto out;
		column_head_read(&h, p);
		p += COLUMN_HEAD_BYTES;
		if ((size_t)(end - p) < h.stored || h.id >= COLUMN__MAX)
			goto out;
		if (wanted(h.id, mask)) {
			if (column_raw(&h, p, &room, zstd, &r) < 0)
				goto out;
			column_get(b, &h, mask, &r);
			if (r.bad)
				goto out;
		}
		p += h.stored;
	}
	rc = 0;
out:
	buf_clear(&room);
	if (rc < 0)
		return err_set(err, ERR_FAILED,
		    "the event store is damaged: a block cannot be read");
	return 0;
}

void
store_event(const struct store_block *b, uint32_t i, struct event *e)
{
	int64_t v;
	int f;

	e->present = 0;
	for (f = 0; f < EVENT_N_NUM; f++) {
		v = store_num(b, f, i, STORE_ABSENT);
		if (v != STORE_ABSENT)
			event_set_num(e, f, v);
	}
	for (f = 0; f < EVENT_N_STR; f++)
		if (b->code[f] != NULL && b->code[f][i] != 0)
			event_set_str(e, f, b->dict[f][b->code[f][i] - 1]);
	memset(&e->place, 0, sizeof e->place);
	if (b->member != NULL) {
		e->place.member = b->member[i];
		e->place.offset = b->offset[i];
		e->place.bytes = b->bytes != NULL ? b->bytes[i] : 0;
		e->place.part = b->part != NULL ? b->part[i] : 0;
	}
}

void
store_block_clear(struct store_block *b)
{
	struct arena arena = b->arena;
	size_t total = arena.total_bytes;
	bool is_scattered = total != arena.used_bytes;

	/* The next block wants about as much: let it find it in one piece. */
	if (is_scattered) {
		arena_clear(&arena);
		(void)arena_take(&arena, total + total / 4);
	}
	arena_reset(&arena);
	memset(b, 0, sizeof *b);
	b->arena = arena;
}

void
store_block_free(struct store_block *b)
{
	arena_clear(&b->arena);
	memset(b, 0, sizeof *b);
}
