/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_row - an event as a row of bytes, until it is sorted into columns.
 *
 *	row     struct row, [present], words, lengths, numbers, codes, texts
 *
 * A row's shape tells which fields it has and where they lie; names (few
 * distinct texts) are codes.  Both are numbered in the book that all rows of
 * a store share, so a row means the same to every thread.  A coder is one
 * thread's way to the book.  What the book has no room for lies in the row
 * itself: a hostile log makes rows longer, not the book.
 *
 * Rows are memory of this process or of its unlinked files, never input.
 */
#ifndef INGEST_STORE_ROW_H
#define INGEST_STORE_ROW_H

#include <pthread.h>

#include "ingest/base/arena.h"
#include "ingest/event.h"
#include "ingest/store.h"

enum {
	ROW_NAMES_MAX = 65535,	/* codes 0 … */
	ROW_INLINE = 65535,	/* instead of a code: the text is in the row */
	ROW_LONG = 255,		/* instead of a length: u32 before the text */
	ROW_SHAPES_MAX = 4096,	/* numbers 0 … */
	ROW_OWN_SHAPE = 65535,	/* instead of one: u64 present follows */
	ROW_SHAPE_SLOTS = 16384 /* of a coder */
};

/* The head; packed, for rows lie one behind the other. */
struct row {
	uint64_t hash;	 /* of the id it is filed under */
	int64_t time_us; /* STORE_ABSENT: none */
	uint64_t offset;
	uint32_t member, bytes;
	uint32_t size_bytes; /* of the row */
	uint16_t part;
	uint16_t shape;
} __attribute__((packed));

/* Shapes of rows whose numbers are narrow have this bit in their key. */
#define ROW_NARROW ((uint64_t)1 << 63)

/* Where the fields are; offsets from the row's start. */
struct row_shape {
	uint64_t key;	  /* `present`, and ROW_NARROW */
	uint64_t present; /* of the event */
	uint16_t number;
	uint8_t file;	   /* enum store_file */
	uint8_t num_bytes; /* 4 or 8, of each whole number */
	uint8_t n_words, n_ids, n_nums, n_names;
	uint8_t words_at, lengths_at, nums_at, names_at;
	uint16_t texts_at;	       /* ids, then inline names */
	uint8_t field[EVENT_N_FIELDS]; /* words, ids (the one it is filed
					  under first), numbers, names */
};

struct row_book {
	pthread_mutex_t lock; /* of what grows */
	struct span *name;    /* [n_names] */
	uint32_t n_names, names_room;
	uint32_t *slot; /* [n_slots] code + 1 by hash of the text, 0 free */
	uint32_t n_slots;
	struct row_shape *shape[ROW_SHAPES_MAX];
	uint32_t n_shapes;
	size_t limit_bytes;	    /* of names; they end before */
	bool has_names, has_shapes; /* as many as it takes; atomic */
	struct arena arena;
};

void row_book_init(struct row_book *book);
void row_book_clear(struct row_book *book);
/* The shape of a key, a new one if need be; NULL: there are too many. */
const struct row_shape *row_book_shape(struct row_book *book, uint64_t key);
/* The code of a name, and where the book has its text; or ROW_INLINE. */
uint32_t row_book_name(struct row_book *book, struct span *text);
void row_shape_make(struct row_shape *s, uint64_t key, uint16_t number);

/* Whole numbers, but for the time. */
extern const uint64_t row_num_fields;

/* What tells most names apart without a look at their text. */
struct name_slot {
	uint64_t key_a, key_b;
	const char *text;
	uint32_t n;    /* bytes of the text */
	uint32_t code; /* + 1; 0: free */
};

struct shape_slot {
	uint64_t key; /* 0: free */
	const struct row_shape *shape;
};

struct row_coder {
	struct row_book *book;
	struct name_slot *slot; /* [n_slots] */
	uint32_t n_slots, n_names;
	struct shape_slot *shapes; /* [ROW_SHAPE_SLOTS] */
	/* of the event in hand, between row_measure() and row_write() */
	const struct row_shape *shape;
	struct row_shape own;
	uint16_t code[EVENT_N_STR];
	size_t inline_bytes; /* of names without a code */
	size_t size_bytes;
};

void row_coder_init(struct row_coder *c, struct row_book *book);
void row_coder_clear(struct row_coder *c);

/* How many bytes the event's row takes, and the id it is filed under. */
size_t row_measure(struct row_coder *c, const struct event *e, struct span *id);
/* Write the row that was measured. */
void row_write(
    struct row_coder *c, const struct event *e, uint64_t hash, struct row *to);

/* The shape of a row; `own` is room for one. */
static inline const struct row_shape *
row_shape_of(
    const struct row_book *book, const struct row *row, struct row_shape *own)
{
	uint64_t present;

	if (row->shape != ROW_OWN_SHAPE)
		return book->shape[row->shape];
	memcpy(&present, (const char *)row + sizeof *row, sizeof present);
	row_shape_make(own, present, ROW_OWN_SHAPE);
	return own;
}

/* The i-th id of a row whose texts start at *p; *p goes on behind it. */
static inline struct span
row_id_next(const uint8_t *length, unsigned i, const char **p)
{
	struct span id = { *p, length[i] };
	uint32_t n;

	if (id.n == ROW_LONG) {
		memcpy(&n, id.p, 4);
		id = (struct span){ id.p + 4, n };
	}
	*p = id.p + id.n;
	return id;
}

/* An inline name at *p, which goes on behind it. */
static inline struct span
row_text_next(const char **p)
{
	struct span text;
	uint32_t n;

	memcpy(&n, *p, 4);
	text = (struct span){ *p + 4, n };
	*p = text.p + n;
	return text;
}

/* The id a row is filed under. */
struct span row_id(const struct row_book *book, const struct row *row);
/*
 * The event back; its texts lie in the row and the book.  As in a block, a
 * word 0 and a number STORE_ABSENT are absent.
 */
void row_event(
    const struct row_book *book, const struct row *row, struct event *e);

#endif
