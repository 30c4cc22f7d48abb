/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json_int - what the files of json share; nobody else includes it.
 *
 * json_plan.c builds plans, json_shape.c remembers what documents were like,
 * json_habit.c the order of keys, json_index.c finds quotes ahead,
 * json_read.c goes over a document, json_scalar.h over a number or word,
 * json_text.c knows strings, json_utf8.c UTF-8, json_number.c numbers;
 * json_reader.c is the face.
 *
 * Reading ahead: all text has JSON_PADDING_BYTES behind its end that may be
 * read.  The reader asks "is this the end?" once a member or element and
 * once a block of a long string, not once a byte; what it takes for text
 * behind the end can only make the document end too late, which is seen.
 */
#ifndef INGEST_JSON_INT_H
#define INGEST_JSON_INT_H

#include "ingest/base/arena.h"
#include "ingest/json.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

static inline uint64_t
load8(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof x);
	return x;
}

/* A byte that may not stand in a string as it is. */
static inline bool
is_special(char c)
{
	return c == '"' || c == '\\' || (unsigned char)c < 0x20;
}

#ifdef __SSE2__
/* The same of the 16 bytes at p, as bits. */
static inline unsigned
special16(const char *p)
{
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i low = _mm_set1_epi8(0x1f);

	return (unsigned)_mm_movemask_epi8(
	    _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')),
			     _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'))),
		_mm_cmpeq_epi8(_mm_min_epu8(x, low), x)));
}
#endif

/* ---- plans (json_plan.c) ------------------------------------------------- */

struct plan_step {
	struct span token; /* unescaped */
	int child;	   /* node */
	int index;	   /* the token as position in an array, or -1 */
};

struct plan_select { /* [key=value] */
	struct span key, value;
	int child;
};

struct plan_node {
	int slot; /* or -1 */
	int any;  /* child of the "*" token, or -1 */
	bool is_leaf;
	struct plan_step *step; /* [n_steps] */
	size_t n_steps;
	struct plan_select *select; /* [n_selects] */
	size_t n_selects;
};

struct json_plan {
	struct arena arena;
	struct plan_node *node; /* [n_nodes], the document's first */
	size_t n_nodes, node_room;
	int *slot; /* [n_slots], all that are wanted */
	size_t n_slots;
	bool is_range; /* each slot is the one before plus one */
};

int json_plan_child(const struct plan_node *n, struct span key);

/* ---- habits (json_habit.c) ------------------------------------------------ */

enum {
	SEEN_MAX = 64,
	SEEN_SLOTS = 256,
	GLUE_QUICK_BYTES = 32, /* compared without a look at the end */
	GLUE_MAX_BYTES = 256,
};

enum seen_kind {
	SEEN_SKIP = 1, /* nobody wants the value */
	SEEN_LEAF,     /* it goes into a slot, and that is all */
	SEEN_VISIT     /* a node of the plan */
};

/*
 * What stands between two values of an object, `,"key":` with its white
 * space, as it was seen before.  Equal bytes are then known to be good.
 */
struct seen {
	_Alignas(16) char head[16]; /* its beginning */
	uint32_t beyond;	    /* bits of the bytes of head behind it */
	uint32_t n;
	struct seen *next;   /* what followed last time, or NULL */
	const char *glue;    /* [n] */
	struct seen *other;  /* of a shape: what stood there instead, or NULL */
	uint16_t n_specials; /* bytes of the glue that are in an index */
	uint8_t depth;	     /* of a shape: of the value's object */
	uint8_t step;	     /* of a shape: what to expect */
	enum seen_kind kind;
	int child; /* of the plan's node, or -1 */
	int slot;  /* SEEN_LEAF: of the value */
};

/* The keys seen at a node of the plan. */
struct habit {
	_Alignas(64) struct seen *first; /* or NULL */
	int n;
	uint8_t at[SEEN_SLOTS]; /* 1 + index into key, 0: free */
	struct seen key[SEEN_MAX];
};

/*
 * Whole documents as they were seen, up to their values: a tree of what
 * stood between these, along `next` and `other`.
 */
struct shapes {
	struct seen *first;
	unsigned n; /* of the tree */
	uint32_t hits, misses;
	bool off; /* they do not help */
};

/* What a reader knows about a plan. */
struct habits {
	struct shapes shapes;
	const struct json_plan *plan;
	size_t n_nodes;
	bool lines;
	struct habit **at; /* [n_nodes], NULL: no object there yet */
	uint64_t *mark;	   /* [n_nodes]: turn of the last visit */
	struct arena arena;
};

/* Forget all and begin with this plan. */
void json_habits_begin(
    struct habits *h, const struct json_plan *plan, bool lines);
void json_habits_clear(struct habits *h);
struct habit *json_habit_new(struct habits *h, int node);
/*
 * The entry of a glue that was read at a node, made when it is new; NULL
 * when it is not to be remembered.
 */
struct seen *json_habit_entry(
    struct habits *h, int node, struct span glue, struct span key);
/* What the plan wants of a key at a node. */
void json_seen_want(
    struct seen *k, const struct json_plan *plan, int node, struct span key);

/* Set the bytes of an entry. */
void json_seen_glue(struct habits *h, struct seen *k, struct span glue);

static inline bool
seen_is(const struct seen *k, const char *p, const char *end)
{
#ifdef __SSE2__
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i y = _mm_load_si128((const __m128i *)(const void *)k->head);
	unsigned same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, y));

	if ((same | k->beyond) != 0xffff)
		return false;
#else
	if (memcmp(p, k->head, k->n < 16 ? k->n : 16) != 0)
		return false;
#endif
	if (LIKELY(k->n <= 16))
		return true;
	return (k->n <= GLUE_QUICK_BYTES || (size_t)(end - p) >= k->n) &&
	       memcmp(p + 16, k->glue + 16, k->n - 16) == 0;
}

/* ---- places (json_index.c) ------------------------------------------------ */

enum {
	INDEX_BYTES = 16 * 1024, /* of a reader's window; less than 2^16 */
	INDEX_SLACK = 64,	 /* places behind the last that are written */
	INDEX_BLOCK_BYTES = 64
};

struct json_index;
/* Fills at[] and high[] for the bytes at p; how many places. */
typedef size_t json_fill_f(struct json_index *x, const char *p, size_t bytes);
enum { JSON_FILLS_MAX = 3 };
/* The ways that this machine has, the best one last; how many. */
size_t json_index_fills(json_fill_f **out);

/*
 * The places in a window of the bytes that may not stand in a string as they
 * are: quote, backslash, control characters.
 */
struct json_index {
	const char *base;
	size_t bytes, room; /* of the window: now, at most */
	size_t n;
	json_fill_f *fill;
	uint16_t *at; /* [n] of [room + INDEX_SLACK], then the window's end */
	uint16_t high[INDEX_BYTES / INDEX_BLOCK_BYTES + 1]; /* how many of the
			blocks before have bytes beyond ASCII */
};

void json_index_init(struct json_index *x, uint16_t *at, size_t room);
/* The text is another one. */
void json_index_drop(struct json_index *x);
/* A window that begins at p. */
void json_index_fill(struct json_index *x, const char *p, const char *end);
/* The first place at or after p, which is in the window; `i` is a guess. */
size_t json_index_find(const struct json_index *x, const char *p, size_t i);

static inline bool
json_index_has(const struct json_index *x, const char *p)
{
	return (uintptr_t)p - (uintptr_t)x->base < x->bytes;
}

/* Whether it knows that there is ASCII only, from p to before `end`. */
static inline bool
json_index_is_ascii(const struct json_index *x, const char *p, const char *end)
{
	size_t from = (size_t)(p - x->base), to = (size_t)(end - x->base);

	return json_index_has(x, p) && to <= x->bytes && to > from &&
	       x->high[(to - 1) / INDEX_BLOCK_BYTES + 1] ==
		   x->high[from / INDEX_BLOCK_BYTES];
}

/* ---- scanning ------------------------------------------------------------- */

/* A walk over a document. */
struct scan {
	const char *end;
	struct json_index *index;
	size_t i; /* of the next place in it, or any */
	struct habits *h;
	const struct json_plan *plan;
	struct value *slot;
	struct arena *arena; /* of texts with escapes */
	uint64_t turn;
	int depth;
	bool twice; /* a wanted key stood twice */
	bool lines; /* '\n' is no white space */
	const char *reason;
};

static inline const char *
scan_fail(struct scan *s, const char *reason)
{
	s->reason = reason;
	return NULL;
}

static inline bool
is_space(const struct scan *s, char c)
{
	return c == ' ' || c == '\t' || c == '\r' || (c == '\n' && !s->lines);
}

static inline const char *
space_skip(const struct scan *s, const char *p)
{
	while (p < s->end && is_space(s, *p))
		p++;
	return p;
}

#define JSON_BAD_STRUCTURE "invalid JSON: bad structure"
#define JSON_BAD_NUMBER	   "invalid JSON: malformed number"
#define JSON_BAD_WORD	   "invalid JSON: unknown word"
#define JSON_BAD_ESCAPE	   "invalid JSON: bad escape in a string"
#define JSON_BAD_CONTROL   "invalid JSON: control character in a string"
#define JSON_BAD_STRING	   "invalid JSON: a string does not end"
#define JSON_BAD_DEPTH	   "invalid JSON: nested too deep"
#define JSON_BAD_UTF8	   "invalid UTF-8"
#define JSON_BAD_EMPTY	   "invalid JSON: nothing there"

/* ---- shapes (json_shape.c) -------------------------------------------------- */

/*
 * Go over the object at p when it is like one before: behind it, or NULL for
 * whatever reason.  Then the scan must begin anew.
 */
const char *json_shape_read(struct scan *s, const char *p);
/* Remember the object at p, which was read without an objection. */
void json_shape_learn(struct scan *s, const char *p);

/* ---- values (json_read.c) --------------------------------------------------- */

/* The value at p along the plan, for nobody, or into v: behind it, or NULL. */
const char *json_visit(struct scan *s, const char *p);
const char *json_skip(struct scan *s, const char *p);
const char *json_value(struct scan *s, const char *p, struct value *v);
/* The value at p of a member, for whoever wants it. */
const char *json_member(struct scan *s, const struct seen *k, const char *p);
/*
 * What stands at p, where "," or a closing bracket should: when it follows a
 * number or word at once, that is what is wrong.  NULL.
 */
const char *json_fail_behind(struct scan *s, const char *value, const char *p);
/* From a key's quote to its value, or NULL; `*end` is behind the key. */
const char *json_key(
    struct scan *s, const char *p, const char **end, bool *escaped);

/* ---- strings (json_text.c) ------------------------------------------------- */

/*
 * From behind a string's opening quote to behind its closing one, or NULL;
 * `*escaped` tells whether there is an escape.  Needs no index.
 */
const char *json_string_read(struct scan *s, const char *p, bool *escaped);
/* As string_skip(), when the index is not where the string is. */
const char *json_string_find(struct scan *s, const char *p, bool *escaped);

/*
 * The closing quote of the string that begins at p, when place i is that of
 * the opening one and no escape lies between; else NULL.
 */
static inline const char *
string_close(const struct json_index *x, size_t i, const char *p)
{
	const char *close;

	if (UNLIKELY(i >= x->n || x->base + x->at[i] != p))
		return NULL;
	close = x->base + x->at[i + 1];
	return LIKELY(*close == '"') ? close : NULL;
}

/* From a string's opening quote to behind its closing one, or NULL. */
static inline const char *
string_skip(struct scan *s, const char *p, bool *escaped)
{
	const char *close = string_close(s->index, s->i, p);

	*escaped = false;
	if (UNLIKELY(close == NULL))
		return json_string_find(s, p, escaped);
	s->i += 2;
	return close + 1;
}

/* The text of a string that was checked, from quote to quote. */
struct span json_unescape(struct arena *arena, const char *p, const char *end);

/* ---- numbers (json_number.c) ------------------------------------------------ */

/* What is no whole number of at most 8 digits, from its first character. */
const char *json_number_slow(struct scan *s, const char *p, struct value *v);

#endif
