/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json - the values that a mapping wants, out of JSON text.
 *
 * A *plan* is the tree of the JSON Pointers (RFC 6901) that are wanted, each
 * with the number of a slot; a *reader* goes over a document once, along the
 * plan, and fills the slots.  All of the document is checked on the way,
 * what nobody wants as well: structure, numbers, escapes, UTF-8 (RFC 8259).
 *
 * The order of keys is predicted: a reader remembers which key followed
 * which in the documents before, so that the usual case is one comparison a
 * key.  A guess that fails costs a look-up, never a wrong answer.
 *
 * Numbers keep what they are: whole ones up to 64 bits exactly, others as
 * the nearest double with the digits as they stand.  A whole number that
 * needs more than 64 bits, and one beyond the doubles, is the text of its
 * digits: an id is complete, its value nobody can have.  A key of the plan
 * that occurs twice in one object makes the document ambiguous and is told
 * as such.
 *
 * Ownership: text without escapes and containers in slots point into what
 * was parsed, which must stay; other text lives in the reader until it
 * parses the next document.  A plan is read-only once built and may be
 * shared by threads; a reader belongs to one.
 */
#ifndef INGEST_JSON_H
#define INGEST_JSON_H

#include "ingest/base/span.h"

struct arena;

enum {
	JSON_PADDING_BYTES = 64, /* must be readable after any text parsed */
	JSON_DEPTH_MAX = 1024,	 /* containers so deep must be empty */
};

enum value_type {
	VALUE_ABSENT = 0,
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_INT,  /* whole, fits int64 */
	VALUE_UINT, /* whole, above int64 */
	VALUE_DOUBLE,
	VALUE_TEXT,
	VALUE_ARRAY,
	VALUE_OBJECT,
	VALUE__MAX
};

/* A container in a parsed document: from its bracket to behind the other. */
struct json_ref {
	const char *p, *end;
};

struct value {
	enum value_type type;
	uint32_t n_digits; /* of a double */
	union {
		bool b;
		int64_t i;
		uint64_t u;
		struct {
			double d;
			const char *digits; /* as it stands, with its sign */
		};
		struct span text;
		struct json_ref ref;
	};
};

struct json_plan;
struct json_plan *json_plan_new(void);
void json_plan_free(struct json_plan *p);
/*
 * Want the value at a pointer ("" is the document itself).  The same pointer
 * may be wanted once.  Two tokens are more than names: "*" takes the first
 * member or element whose value is not null, "[key=x]" the element of an
 * array whose member "key" is the text x.  0, or -1 when the pointer is
 * malformed or wanted already.
 */
int json_plan_add(struct json_plan *p, struct span pointer, int slot);

struct json_reader;
struct json_reader *json_reader_new(void);
void json_reader_free(struct json_reader *r);
/* The plans that it met may go. */
void json_reader_forget(struct json_reader *r);

/* What became of a document. */
enum json_result {
	JSON_END = 0,	/* no further member */
	JSON_OK,	/* slots are filled */
	JSON_AMBIGUOUS, /* a wanted key stands twice in one object */
	JSON_INVALID	/* not JSON */
};

/*
 * Parse one document that fills the whole text, white space aside.  Slots of
 * the plan that the document does not have are VALUE_ABSENT; `slot` is
 * indexed by the plan's numbers.  `reason` is set unless JSON_OK.
 */
enum json_result json_parse(struct json_reader *r, const struct json_plan *p,
    struct span text, struct value *slot, const char **reason);

/*
 * The same for text with a document on each line, which must stay as it is
 * until another is opened: the one on the line that begins at `from`.
 * `*end` is where that line ends, at its '\n' or where the text does.
 */
void json_lines_open(struct json_reader *r, struct span text);
enum json_result json_lines_parse(struct json_reader *r,
    const struct json_plan *p, size_t from, size_t *end, struct value *slot,
    const char **reason);

/*
 * Walk the members of a container along a plan of their own, one call a
 * member.  `key` is the member's name, absent for an array's.  JSON_END when
 * there is no further one, else as json_parse(), but never JSON_INVALID.
 * Key and slots live until the reader's next call; the slots of the document
 * that the container is of live on.
 */
struct json_walk {
	const char *at, *end; /* private */
	bool is_object;
};
void json_walk_begin(struct json_walk *w, const struct value *container);
enum json_result json_walk_next(struct json_walk *w, struct json_reader *r,
    const struct json_plan *p, struct value *slot, struct span *key);

/*
 * The elements of an array as plain values: how many there are, room + 1 for
 * any number above the room.  Text with escapes is put into the arena.
 */
size_t json_elements(const struct value *array, struct arena *arena,
    struct value *out, size_t room);

bool json_utf8_is_valid(struct span text);

enum { JSON_DOUBLE_BYTES = 40 };
/* The shortest decimal that reads back as d, with ".0" for whole numbers. */
size_t json_double_text(double d, char out[JSON_DOUBLE_BYTES]);

#endif
