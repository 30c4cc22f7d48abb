/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The book that the rows of a store share: names and shapes by number.
 *
 * How it works: every thread asks its coder first, so the book's lock is
 * taken once for each name and thread.  The book has a bound; what comes
 * when it is full gets no number and goes into the rows as it is.
 */
#include <assert.h>
#include <stdlib.h>

#include "ingest/base/err.h"
#include "ingest/store_row.h"

/* A name costs its text, its span and a share of the tables. */
enum { NAME_COST_BYTES = 96 };

/* Fields by the way a row holds them. */
#define EVENT_NUM(id, name, type, meaning) \
	| (EVENT_TYPE_##type == EVENT_TYPE_WORD ? EVENT_BIT_NUM(EV_##id) : 0)
static const uint64_t word_fields = 0
#include "ingest/event.def"
    ;
#define EVENT_STR(id, name, type, meaning) \
	| (EVENT_TYPE_##type == EVENT_TYPE_ID ? EVENT_BIT_STR(EV_##id) : 0)
static const uint64_t id_fields = 0
#include "ingest/event.def"
    ;
#define EVENT_NUM(id, name, type, meaning)                                 \
	| (EVENT_TYPE_##type != EVENT_TYPE_WORD && (int)EV_##id != EV_TIME \
		  ? EVENT_BIT_NUM(EV_##id)                                 \
		  : 0)
const uint64_t row_num_fields = 0
#include "ingest/event.def"
    ;
#define EVENT_STR(id, name, type, meaning) \
	| (EVENT_TYPE_##type != EVENT_TYPE_ID ? EVENT_BIT_STR(EV_##id) : 0)
static const uint64_t name_fields = 0
#include "ingest/event.def"
    ;

_Static_assert(EVENT_N_FIELDS < 63, "ROW_NARROW is no field");

/* ---- shapes ---- */

static enum store_file
file_of(uint64_t present)
{
	if ((present & EVENT_BIT_STR(EV_ACTOR)) != 0)
		return STORE_KNOWN;
	if ((present & EVENT_BIT_STR(EV_DEVICE)) != 0)
		return STORE_DEVICE;
	return STORE_NOBODY;
}

static unsigned
fields_put(struct row_shape *s, unsigned *n, uint64_t bits)
{
	unsigned first = *n;

	for (; bits != 0; bits &= bits - 1)
		s->field[(*n)++] = (uint8_t)__builtin_ctzll(bits);
	return *n - first;
}

void
row_shape_make(struct row_shape *s, uint64_t key, uint16_t number)
{
	uint64_t present = key & ~ROW_NARROW, filing = 0;
	unsigned at = sizeof(struct row), n = 0;

	memset(s, 0, sizeof *s);
	s->key = key;
	s->present = present;
	s->number = number;
	s->file = (uint8_t)file_of(present);
	if (s->file != STORE_NOBODY)
		filing = s->file == STORE_KNOWN ? EVENT_BIT_STR(EV_ACTOR)
						: EVENT_BIT_STR(EV_DEVICE);
	s->num_bytes = (key & ROW_NARROW) != 0 ? 4 : 8;
	if (number == ROW_OWN_SHAPE)
		at += sizeof present;
	s->words_at = (uint8_t)at;
	at += s->n_words = (uint8_t)fields_put(s, &n, present & word_fields);
	s->lengths_at = (uint8_t)at;
	s->n_ids = (uint8_t)fields_put(s, &n, filing);
	s->n_ids += (uint8_t)fields_put(s, &n, present & id_fields & ~filing);
	at += s->n_ids;
	s->nums_at = (uint8_t)at;
	s->n_nums = (uint8_t)fields_put(s, &n, present & row_num_fields);
	at += s->n_nums * s->num_bytes;
	assert(at <= UINT8_MAX);
	s->names_at = (uint8_t)at;
	s->n_names = (uint8_t)fields_put(s, &n, present & name_fields);
	s->texts_at = (uint16_t)(at + s->n_names * sizeof(uint16_t));
}

/* Shapes are few, so the book is searched from end to end. */
const struct row_shape *
row_book_shape(struct row_book *book, uint64_t key)
{
	struct row_shape *s = NULL;
	uint32_t i;

	if (__atomic_load_n(&book->has_shapes, __ATOMIC_RELAXED))
		return NULL; /* those it has the coders should know by now */
	(void)pthread_mutex_lock(&book->lock);
	for (i = 0; i < book->n_shapes; i++) {
		s = book->shape[i];
		if (s->key == key)
			break;
	}
	if (i == book->n_shapes && i < ROW_SHAPES_MAX) {
		s = arena_alloc(&book->arena, sizeof *s);
		row_shape_make(s, key, (uint16_t)i);
		book->shape[book->n_shapes++] = s;
		if (i + 1 == ROW_SHAPES_MAX)
			__atomic_store_n(
			    &book->has_shapes, true, __ATOMIC_RELAXED);
	}
	(void)pthread_mutex_unlock(&book->lock);
	return i < ROW_SHAPES_MAX ? s : NULL;
}

/* ---- names ---- */

void
row_book_init(struct row_book *book)
{
	memset(book, 0, sizeof *book);
	(void)pthread_mutex_init(&book->lock, NULL);
	book->n_slots = 1024;
	book->slot = err_must(calloc(book->n_slots, sizeof book->slot[0]), 0);
}

void
row_book_clear(struct row_book *book)
{
	free(book->name);
	free(book->slot);
	arena_clear(&book->arena);
	(void)pthread_mutex_destroy(&book->lock);
	memset(book, 0, sizeof *book);
}

static void
book_slot_put(struct row_book *book, uint32_t code)
{
	uint64_t at = store_hash(book->name[code]) & (book->n_slots - 1);

	while (book->slot[at] != 0)
		at = (at + 1) & (book->n_slots - 1);
	book->slot[at] = code + 1;
}

static uint32_t
book_name_new(struct row_book *book, struct span text)
{
	uint32_t i;

	if (book->n_names == ROW_NAMES_MAX ||
	    book->arena.total_bytes + text.n +
		    (size_t)book->n_names * NAME_COST_BYTES >
		book->limit_bytes) {
		__atomic_store_n(&book->has_names, true, __ATOMIC_RELAXED);
		return ROW_INLINE;
	}
	if (book->n_names == book->names_room) {
		book->names_room = book->names_room * 2 + 256;
		book->name =
		    err_must(realloc(book->name,
				 book->names_room * sizeof book->name[0]),
			0);
	}
	book->name[book->n_names++] = arena_span(&book->arena, text);
	if (book->n_names > book->n_slots / 2) {
		free(book->slot);
		book->n_slots *= 2;
		book->slot =
		    err_must(calloc(book->n_slots, sizeof book->slot[0]), 0);
		for (i = 0; i + 1 < book->n_names; i++)
			book_slot_put(book, i);
	}
	book_slot_put(book, book->n_names - 1);
	return book->n_names - 1;
}

uint32_t
row_book_name(struct row_book *book, struct span *text)
{
	uint64_t at;
	uint32_t code;

	(void)pthread_mutex_lock(&book->lock);
	at = store_hash(*text) & (book->n_slots - 1);
	for (; (code = book->slot[at]) != 0;
	     at = (at + 1) & (book->n_slots - 1))
		if (span_eq(book->name[code - 1], *text))
			break;
	code = code != 0 ? code - 1 : book_name_new(book, *text);
	if (code != ROW_INLINE)
		*text = book->name[code];
	(void)pthread_mutex_unlock(&book->lock);
	return code;
}
