/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json - the values that a mapping wants, out of JSON text.
 *
 * A thin C face on libsimdjson's DOM, which checks all of a document: its
 * structure, its numbers, its escapes and its UTF-8.  A *plan* is the tree
 * of the JSON Pointers (RFC 6901) that are wanted, each with the number of a
 * slot; a *reader* parses text and walks each document once along the plan,
 * filling the slots.  Keys that nobody wants are passed over.
 *
 * The order of keys is predicted: a reader remembers which key followed
 * which in the documents before, so that the usual case is one comparison a
 * key.  A guess that fails costs a look-up, never a wrong answer.
 *
 * Numbers keep what they are: whole ones up to 64 bits exactly, others as
 * double.  A whole number that needs more than 64 bits makes its document
 * invalid.  A key of the plan that occurs twice in one object makes the
 * document ambiguous and is told as such.
 *
 * Ownership: text and references in slots live until the reader parses the
 * next document.  A plan is read-only once built and may be shared by
 * threads; a reader belongs to one.
 */
#ifndef INGEST_JSON_H
#define INGEST_JSON_H

#include "ingest/base/span.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
	JSON_PADDING_BYTES = 64, /* must be readable after any text parsed */
	JSON_DEPTH_MAX = 1024,	 /* a deeper document is invalid */
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

/* A container in a parsed document. */
struct json_ref {
	uint64_t word[2];
};

struct value {
	enum value_type type;
	union {
		bool b;
		int64_t i;
		uint64_t u;
		double d;
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

/* What became of a document. */
enum json_result {
	JSON_END = 0,	/* no further document in the batch */
	JSON_OK,	/* slots are filled */
	JSON_AMBIGUOUS, /* a wanted key stands twice in one object */
	JSON_INVALID	/* not JSON; the rest of the batch was not looked at */
};

/*
 * Parse one document that fills the whole text, white space aside.  Slots of
 * the plan that the document does not have are VALUE_ABSENT; `slot` is
 * indexed by the plan's numbers.  `reason` is set unless JSON_OK.
 */
enum json_result json_parse(struct json_reader *r, const struct json_plan *p,
    struct span text, struct value *slot, const char **reason);

/*
 * Parse many documents that follow each other: open, then next until it is
 * not JSON_OK nor JSON_AMBIGUOUS.  `begin` and `end` tell where in the text a
 * document stood; only for an object or array is `end` exact, and `end` is
 * `begin` for anything else.  The text must stay until the end.
 */
void json_batch_open(struct json_reader *r, struct span text);
enum json_result json_batch_next(struct json_reader *r,
    const struct json_plan *p, struct value *slot, size_t *begin, size_t *end);

/*
 * Walk the members of a container along a plan of their own, one call a
 * member; `at` counts from 0.  `key` is the member's name, absent for an
 * array's.  1, or 0 when there is no such member.  Slots as json_parse().
 */
struct json_walk {
	struct json_ref ref;
	uint64_t at; /* private */
	bool is_object;
};
void json_walk_begin(struct json_walk *w, const struct value *container);
enum json_result json_walk_next(struct json_walk *w, struct json_reader *r,
    const struct json_plan *p, struct value *slot, struct span *key);

/* The elements of an array as plain values: how many, at most `room`. */
size_t json_elements(const struct value *array, struct value *out, size_t room);

bool json_utf8_is_valid(struct span text);

enum { JSON_DOUBLE_BYTES = 40 };
/* The shortest decimal that reads back as d, with ".0" for whole numbers. */
size_t json_double_text(double d, char out[JSON_DOUBLE_BYTES]);

#ifdef __cplusplus
}
#endif

#endif
