/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events to rows and back.
 *
 * How it works: fields of one kind lie side by side at places that the shape
 * knows, so that reading a row needs no look at its event's other fields:
 *
 *	words    a byte each
 *	lengths  of the ids, a byte each
 *	numbers  four bytes each when all of them fit, else eight
 *	codes    of the names, two bytes each
 *	texts    ids, then the names without a code, these with their length
 *
 * Example: a tap of person "u1" in session "s", with seq 7 and screen "pay",
 * is a head of 40 bytes, the word of its kind, lengths 2 and 1, number 7, the
 * code of "pay", and "u1s": 50 bytes in all.
 */
#include "ingest/store_row.h"

#include <assert.h>
#include <stdlib.h>

#include "ingest/base/err.h"
#include "ingest/base/span_key.h"

_Static_assert(sizeof(struct row) == 40, "the head has no holes");

/* ---- shapes ---- */

static const struct row_shape *
shape_find(struct row_coder *c, uint64_t key)
{
	uint64_t at = store_mix(key) % ROW_SHAPE_SLOTS;
	const struct row_shape *s;

	for (; c->shapes[at].key != 0; at = (at + 1) % ROW_SHAPE_SLOTS)
		if (c->shapes[at].key == key)
			return c->shapes[at].shape;
	s = row_book_shape(c->book, key);
	if (s == NULL) { /* more kinds of events than any source has */
		row_shape_make(&c->own, key & ~ROW_NARROW, ROW_OWN_SHAPE);
		return &c->own;
	}
	c->shapes[at] = (struct shape_slot){ key, s };
	return s;
}

static inline uint64_t
shape_key(const struct event *e)
{
	uint64_t bits = e->present & row_num_fields;
	int64_t v, wide = 0;

	for (; bits != 0; bits &= bits - 1) {
		v = e->num[__builtin_ctzll(bits)];
		wide |= v ^ (int32_t)v;
	}
	return e->present | (wide == 0 ? ROW_NARROW : 0);
}

/* ---- names ---- */

/*
 * Up to 16 bytes a name is its key and its length.  Four loads that overlap
 * cover all of 4 to 16 bytes, so lengths, which change from name to name,
 * decide little here.  Long names, such as URLs, share their ends: those are
 * hashed whole.
 */
static inline struct span_key
name_key(struct span text)
{
	const char *p = text.p, *end = text.p + text.n;
	size_t middle = text.n >> 3 << 2;
	uint32_t a, b, c, d;

	if (text.n < 4)
		return span_key_of(text);
	if (text.n > 16)
		return (struct span_key){ store_hash(text), 0 };
	memcpy(&a, p, 4);
	memcpy(&b, p + middle, 4);
	memcpy(&c, end - 4, 4);
	memcpy(&d, end - 4 - middle, 4);
	return (
	    struct span_key){ (uint64_t)b << 32 | a, (uint64_t)d << 32 | c };
}

static inline uint64_t
name_hash(struct span_key k, size_t n)
{
	uint64_t h =
	    (k.a ^ n) * 0x9e3779b97f4a7c15u ^ k.b * 0xbf58476d1ce4e5b9u;

	return h >> 32 ^ h >> 48;
}

static void
slot_put(struct row_coder *c, const struct name_slot *s)
{
	struct span_key k = { s->key_a, s->key_b };
	uint64_t at = name_hash(k, s->n) & (c->n_slots - 1);

	while (c->slot[at].code != 0)
		at = (at + 1) & (c->n_slots - 1);
	c->slot[at] = *s;
}

/* No slot lies in two lines of the cache. */
static struct name_slot *
slots_new(uint32_t n)
{
	size_t n_bytes = n * sizeof(struct name_slot);
	struct name_slot *slot = err_must(aligned_alloc(64, n_bytes), n_bytes);

	memset(slot, 0, n_bytes);
	return slot;
}

static void
slots_grow(struct row_coder *c)
{
	struct name_slot *old = c->slot;
	uint32_t n = c->n_slots, i;

	c->n_slots *= 2;
	c->slot = slots_new(c->n_slots);
	for (i = 0; i < n; i++)
		if (old[i].code != 0)
			slot_put(c, &old[i]);
	free(old);
}

/* A name that this thread has not met. */
static uint32_t
name_new(struct row_coder *c, struct span text)
{
	struct span_key k = name_key(text);
	uint32_t code;

	/* A full book is not asked: another thread's code is not needed. */
	if (__atomic_load_n(&c->book->has_names, __ATOMIC_RELAXED))
		return ROW_INLINE;
	code = row_book_name(c->book, &text);
	if (code == ROW_INLINE)
		return code;
	if (++c->n_names > c->n_slots / 2)
		slots_grow(c);
	slot_put(c, &(struct name_slot){
			k.a, k.b, text.p, (uint32_t)text.n, code + 1 });
	return code;
}

static inline uint32_t
name_code(struct row_coder *c, struct span text)
{
	struct span_key k = name_key(text);
	uint64_t at = name_hash(k, text.n) & (c->n_slots - 1);
	const struct name_slot *s;

	for (; (s = &c->slot[at])->code != 0; at = (at + 1) & (c->n_slots - 1))
		if (s->key_a == k.a && s->key_b == k.b && s->n == text.n &&
		    (text.n <= 16 || memcmp(s->text, text.p, text.n) == 0))
			return s->code - 1;
	return name_new(c, text);
}

/* ---- rows ---- */

void
row_coder_init(struct row_coder *c, struct row_book *book)
{
	memset(c, 0, sizeof *c);
	c->book = book;
	c->n_slots = 1024;
	c->slot = slots_new(c->n_slots);
	c->shapes = err_must(calloc(ROW_SHAPE_SLOTS, sizeof c->shapes[0]), 0);
}

void
row_coder_clear(struct row_coder *c)
{
	free(c->slot);
	free(c->shapes);
	memset(c, 0, sizeof *c);
}

size_t
row_measure(struct row_coder *c, const struct event *e, struct span *id)
{
	uint64_t key = shape_key(e);
	const struct row_shape *s = c->shape;
	const uint8_t *f;
	struct span text;
	size_t n;
	unsigned i;

	if (s == NULL || s->key != key)
		c->shape = s = shape_find(c, key);
	n = s->texts_at;
	f = s->field + s->n_words;
	*id =
	    s->file == STORE_NOBODY ? span_of("") : e->str[f[0] - EVENT_N_NUM];
	for (i = 0; i < s->n_ids; i++) {
		text = e->str[f[i] - EVENT_N_NUM];
		n += text.n + (text.n < ROW_LONG ? 0 : 4);
	}
	f += s->n_ids + s->n_nums;
	c->inline_bytes = 0;
	for (i = 0; i < s->n_names; i++) {
		text = e->str[f[i] - EVENT_N_NUM];
		c->code[i] = (uint16_t)name_code(c, text);
		if (c->code[i] == ROW_INLINE)
			c->inline_bytes += 4 + text.n;
	}
	n += c->inline_bytes;
	assert(n <= UINT32_MAX);
	return c->size_bytes = n;
}

static inline char *
put_text(char *p, struct span text)
{
	uint64_t head, tail;

	if (text.n >= 8 && text.n <= 16) { /* most ids: no call */
		memcpy(&head, text.p, 8);
		memcpy(&tail, text.p + text.n - 8, 8);
		memcpy(p, &head, 8);
		memcpy(p + text.n - 8, &tail, 8);
	} else if (text.n > 0) {
		memcpy(p, text.p, text.n);
	}
	return p + text.n;
}

static inline char *
put_length(char *p, size_t n)
{
	uint32_t n_bytes = (uint32_t)n;

	memcpy(p, &n_bytes, 4);
	return p + 4;
}

static char *
put_ids(const struct row_shape *s, const struct event *e, char *row)
{
	const uint8_t *f = s->field + s->n_words;
	char *p = row + s->texts_at;
	struct span text;
	unsigned i;

	for (i = 0; i < s->n_ids; i++) {
		text = e->str[f[i] - EVENT_N_NUM];
		row[s->lengths_at + i] =
		    (char)(text.n < ROW_LONG ? text.n : ROW_LONG);
		if (text.n >= ROW_LONG)
			p = put_length(p, text.n);
		p = put_text(p, text);
	}
	return p;
}

static void
put_nums(const struct row_shape *s, const struct event *e, char *row)
{
	const uint8_t *f = s->field + s->n_words + s->n_ids;
	char *p = row + s->nums_at;
	int32_t narrow;
	unsigned i;

	if (s->num_bytes == 8) {
		for (i = 0; i < s->n_nums; i++, p += 8)
			memcpy(p, &e->num[f[i]], 8);
		return;
	}
	for (i = 0; i < s->n_nums; i++, p += 4) {
		narrow = (int32_t)e->num[f[i]];
		memcpy(p, &narrow, 4);
	}
}

void
row_write(
    struct row_coder *c, const struct event *e, uint64_t hash, struct row *to)
{
	const struct row_shape *s = c->shape;
	const uint8_t *f = s->field + s->n_words + s->n_ids + s->n_nums;
	char *row = (char *)to, *p;
	unsigned i;

	to->hash = hash;
	to->time_us = (s->present & EVENT_BIT_NUM(EV_TIME)) != 0
			  ? e->num[EV_TIME]
			  : STORE_ABSENT;
	to->offset = e->place.offset;
	to->member = e->place.member;
	to->bytes = e->place.bytes;
	to->size_bytes = (uint32_t)c->size_bytes;
	to->part = e->place.part;
	to->shape = s->number;
	if (s->number == ROW_OWN_SHAPE)
		memcpy(row + sizeof *to, &s->present, sizeof s->present);
	for (i = 0; i < s->n_words; i++)
		row[s->words_at + i] = (char)e->num[s->field[i]];
	put_nums(s, e, row);
	for (i = 0; i < s->n_names; i++) /* two bytes each: no call */
		memcpy(row + s->names_at + 2 * (size_t)i, &c->code[i], 2);
	p = put_ids(s, e, row);
	for (i = 0; c->inline_bytes > 0 && i < s->n_names; i++)
		if (c->code[i] == ROW_INLINE) {
			p = put_length(p, e->str[f[i] - EVENT_N_NUM].n);
			p = put_text(p, e->str[f[i] - EVENT_N_NUM]);
		}
	assert(p == row + c->size_bytes);
}

struct span
row_id(const struct row_book *book, const struct row *row)
{
	struct row_shape own;
	const struct row_shape *s = row_shape_of(book, row, &own);
	const char *p = (const char *)row + s->texts_at;

	if (s->file == STORE_NOBODY)
		return span_of("");
	return row_id_next((const uint8_t *)row + s->lengths_at, 0, &p);
}

void
row_event(const struct row_book *book, const struct row *row, struct event *e)
{
	struct row_shape own;
	const struct row_shape *s = row_shape_of(book, row, &own);
	const char *base = (const char *)row, *p = base + s->texts_at;
	const uint8_t *f = s->field;
	uint16_t code;
	int32_t narrow;
	uint64_t present = s->present;
	unsigned i;

	e->place =
	    (struct place){ row->member, row->part, row->bytes, row->offset };
	e->num[EV_TIME] = row->time_us;
	if (row->time_us == STORE_ABSENT)
		present &= ~EVENT_BIT_NUM(EV_TIME);
	for (i = 0; i < s->n_words; i++, f++) {
		e->num[*f] = (uint8_t)base[s->words_at + i];
		if (e->num[*f] == 0)
			present &= ~EVENT_BIT_NUM(*f);
	}
	for (i = 0; i < s->n_ids; i++, f++)
		e->str[*f - EVENT_N_NUM] =
		    row_id_next((const uint8_t *)base + s->lengths_at, i, &p);
	for (i = 0; i < s->n_nums; i++, f++)
		if (s->num_bytes == 8) {
			memcpy(&e->num[*f], base + s->nums_at + i * 8, 8);
			if (e->num[*f] == STORE_ABSENT)
				present &= ~EVENT_BIT_NUM(*f);
		} else {
			memcpy(&narrow, base + s->nums_at + i * 4, 4);
			e->num[*f] = narrow;
		}
	for (i = 0; i < s->n_names; i++, f++) {
		memcpy(&code, base + s->names_at + i * 2, 2);
		e->str[*f - EVENT_N_NUM] =
		    code == ROW_INLINE ? row_text_next(&p) : book->name[code];
	}
	e->present = present;
}
