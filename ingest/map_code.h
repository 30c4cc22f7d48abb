/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * map_code - a compiled mapping, as map*.c make it and record*.c run it.
 *
 * All values that a mapping reads have a *slot*.  A record's reader fills
 * the slots: from JSON along a plan, from CSV by column, from a text line by
 * capture.  Some slots belong to other documents than the record: to the
 * elements of a container that is split into several events (DOC_ELEMENT and
 * on, one for each level), or to what stands as a string in another slot:
 * JSON, a consent string (DOC_INNER and on).
 *
 * What becomes of the slots is a *program*: the list of fields with their
 * expressions, one list for each outcome of the kind rules, so that nothing
 * about kinds is decided while a record is read.
 *
 * Read-only once compiled.  Everything lies in the map's arena but the
 * regular expressions and JSON plans, which map_free() releases.
 */
#ifndef INGEST_MAP_CODE_H
#define INGEST_MAP_CODE_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "ingest/base/arena.h"
#include "ingest/base/span_key.h"
#include "ingest/base/utc.h"
#include "ingest/json.h"
#include "ingest/map.h"
#include "ingest/xml.h"
#include "ingest/zone.h"

enum {
	MAP_SLOTS_MAX = 256,
	MAP_LEVELS_MAX = 4, /* of explode */
	MAP_DOCS_MAX = 24,
	MAP_COLUMNS_MAX = 4096, /* of a CSV file, and of csv N */
	MAP_DIRECTIVES_MAX = 4,
	MAP_TOGETHER_MAX = 4,
	MAP_ELEMENTS_MAX = 8,
	MAP_PROGRAMS_MAX = 1024,
	MAP_CAPTURES_MAX = 63,	    /* of a pattern */
	MAP_TEXT_MAX = 1024 * 1024, /* bytes of a mapping file */
};

enum map_container {
	MAP_JSONL = 1, /* one JSON object a line */
	MAP_JSON,      /* records inside one JSON document */
	MAP_CSV,       /* separated values */
	MAP_TEXT,      /* one line a record, matched by a pattern */
	MAP_XML,       /* elements of an XML document */
	MAP_CONTAINER__MAX
};

/* A closed word table: [values NAME], or the words of a WORD field. */
struct map_word {
	struct span from;
	uint64_t key_a, key_b; /* of `from` */
	struct span to;	       /* absent: deliberately nothing */
	int number;
	int line;
};

struct map_table {
	struct span name;
	struct map_word *word; /* [n_words] */
	size_t n_words;
	uint16_t *hash; /* [mask + 1]: 1 + index into word, 0: free */
	size_t mask;
	int line; /* of its default, else of who names it first */
	bool has_default, default_same; /* "* = …", "* = *" */
	struct span otherwise;
	struct map_table *next;
};

enum map_step_kind {
	STEP_LOWER = 1,
	STEP_UPPER,
	STEP_TRIM,
	STEP_URL,    /* percent-decoded */
	STEP_QUERY,  /* a parameter of a query string */
	STEP_HOST,   /* of a URL */
	STEP_VALUES, /* a word table */
	STEP_REGEX,  /* the first capture, or the match */
	STEP_SPLIT,  /* into a list */
	STEP_BASE64, /* either alphabet, padding optional */
	STEP_KV,     /* a value of key=value pairs */
	STEP_CSV,    /* a cell of a line of separated values */
	STEP_CEF,    /* a value of the Common Event Format */
	STEP_COOKIE, /* a value of a cookie header */
	STEP_HEX,    /* bytes in hexadecimal digits */
	STEP_UNLESS, /* absent when equal to another source */
	STEP__MAX
};

struct map_step {
	enum map_step_kind kind;
	struct span arg, arg2, arg3;
	const struct map_table *table;
	pcre2_code *re;
	int slot;   /* STEP_UNLESS */
	int number; /* STEP_CSV and STEP_CEF: which one; STEP_KV: 1 for hex */
};

struct map_term {
	int slot; /* -1: the literal */
	struct span literal;
	struct map_step *step; /* [n_steps] */
	size_t n_steps;
};

struct map_join {
	struct map_term *term; /* [n_terms], joined; all must be present */
	size_t n_terms;
};

struct map_expr {
	struct map_join *alt; /* [n_alts], the first present one counts */
	size_t n_alts;
	int plain; /* the slot when it is nothing else, or -1 */
};

enum map_test { TEST_PRESENT = 1, TEST_IS, TEST_MATCH };

struct map_rule {
	enum map_test test;
	struct span word;
	pcre2_code *re;
	int result; /* program, or 1 */
	int line;
};

/* Consecutive rules on the same expression. */
struct map_group {
	const struct map_expr *expr; /* NULL: always */
	struct span text;	     /* of the expression, to compare */
	struct map_rule *rule;	     /* [n_rules] */
	size_t n_rules;
	bool from_word; /* [kind] from: the text is a kind's name */
};

struct map_rules {
	struct map_group *group; /* [n_groups] */
	size_t n_groups;
};

/* How a field gets its value; all but the first are short cuts. */
enum map_way {
	MAP_WAY_ANY = 1,  /* by its expression */
	MAP_WAY_CONSTANT, /* number or literal */
	MAP_WAY_TEXT,	  /* NAME or ID: the slot's text */
	MAP_WAY_WHOLE,	  /* INT: the slot's whole number */
	MAP_WAY_WORD,	  /* WORD: what the slot's text stands for */
	MAP_WAY_NAME,	  /* NAME or ID: the same, as text */
};

struct map_field {
	int field; /* index into event_fields[] */
	enum event_type type;
	enum map_way way;
	int64_t number;
	struct span literal;
	const struct map_expr *expr;
	int slot;		       /* of the short cuts */
	const struct map_table *table; /* of MAP_WAY_WORD and _NAME */
	/* [n_words + 1] the number behind each word of the table, last behind
	 * any other text; 0: absent, -1: not known */
	int16_t *number_of;
};

/* What one outcome of the kind rules makes. */
struct map_program {
	enum event_kind kind;
	struct span label;	 /* "" or the rule's second word */
	struct map_field *field; /* [n_fields], the texts first */
	size_t n_fields, n_texts;
};

enum map_clock_kind {
	CLOCK_RFC3339 = 1,
	CLOCK_EPOCH,	/* digits tell which */
	CLOCK_STRPTIME, /* pattern */
	CLOCK_EXCEL	/* days since first_day */
};

struct map_clock_format {
	enum map_clock_kind kind;
	int digits; /* of the unit below the second: 0, 1, 3, 6, 9 */
	struct span pattern;
	bool needs_year; /* the pattern has none */
	int64_t first_day;
};

struct map_clock {
	const struct map_expr *from; /* NULL: not mapped */
	struct map_clock_format *format;
	size_t n_formats;
	/* it reads a consent string, which may hold a mere day */
	bool is_day_at_midnight;
};

/* What stands in the text that holds a document. */
enum map_form {
	FORM_JSON = 0,
	FORM_TCF, /* consent strings: tcf.h and gpp.h tell the members */
	FORM_GPP,
	FORM_USP,
	FORM_XML,   /* xml.h tells the members */
	FORM_JSON5, /* an object as JavaScript writes it: json5.h */
};

static inline bool
map_form_is_consent(enum map_form f)
{
	return f == FORM_TCF || f == FORM_GPP || f == FORM_USP;
}

struct map_doc {
	struct json_plan *plan;	       /* NULL: CSV or text */
	const struct map_expr *source; /* of a document in a string */
	enum map_form form;	       /* of the string */
	bool with_vendors;	       /* their list is read (tcf.h) */
	struct span key;	       /* text of the source */
	struct xml_lists lists;	       /* of XML: members that are lists */
	int level; /* of explode that it depends on; 0: the record alone */
};

enum {
	DOC_RECORD = 0,
	DOC_ELEMENT = 1, /* of the first level; the others follow */
	DOC_INNER = DOC_ELEMENT + MAP_LEVELS_MAX
};

/*
 * A container whose elements are visited one by one.  It lies in the record,
 * in an element of the level before, or in a document inside one of these;
 * its own elements are the document DOC_ELEMENT + number of the level.
 */
struct map_level {
	const struct map_expr *container;
	int key_slot;	/* of "@key", or -1 */
	int value_slot; /* of "@value", or -1 */
};

struct map_slot {
	int doc;
	struct span path; /* pointer, column or capture */
	int directive;	  /* CSV: 1 + its number, 0: a column */
	struct span type; /* text: of the lines that have it, n 0: of any */
	bool all;	  /* text: those of all lines of the record */
	int up;		  /* XML: it holds the element so far above, as XML */
};

struct map_pattern {
	pcre2_code *re;
	uint16_t *capture; /* [n_slots]: number of the capture, 0: none */
	uint16_t key[MAP_TOGETHER_MAX], type; /* the same of together … */
	int line;
};

struct map_expect {
	int field;
	struct span text;
	int line;
	size_t event; /* which event of the sample */
	struct map_expect *next;
};

struct map_sample {
	struct span text;
	int line;
	size_t n_expects;
	struct map_expect *expect;
	struct map_sample *next;
};

/* A pattern, and what is said when it meets a bound. */
struct map_regex {
	pcre2_code *re;
	const char *over;
};

struct map {
	struct arena arena;
	const char *file;
	const char *name, *version, *title;
	enum map_container container;
	int encoding; /* enum record_encoding, 0: found out */

	struct span *null; /* [n_nulls] words that mean absent */
	size_t n_nulls;

	struct span element[MAP_ELEMENTS_MAX]; /* MAP_XML: down to records */
	int n_elements;
	int around_doc;	     /* MAP_XML: of the slots with `up`, or 0 */
	struct span records; /* MAP_JSON: pointer to the array */
	bool documents;	     /* MAP_JSON: each one is a record */
	bool opens_arrays;   /* but an array of them is opened */
	char delimiter, quote, comment; /* MAP_CSV; '\0': none */
	bool blanks;	     /* any number of them is one delimiter */
	bool header;	     /* the first record is it */
	struct span mark;    /* what header lines begin with; n 0: none do */
	struct span *column; /* [n_columns] when the file has no header */
	size_t n_columns;
	size_t n_more_columns; /* of them, at the end: rows may lack them */
	struct span directive[MAP_DIRECTIVES_MAX]; /* names, without '@' */
	int n_directives;
	struct map_pattern *pattern; /* MAP_TEXT, [n_patterns] */
	size_t n_patterns;
	/* captures by which lines are one record, and of a line's type */
	struct span together[MAP_TOGETHER_MAX], line_type;
	int n_together; /* 0: each line is one */

	struct map_doc doc[MAP_DOCS_MAX];
	int n_docs;				/* at least DOC_INNER */
	struct map_level level[MAP_LEVELS_MAX]; /* of explode, outermost
						   first */
	int n_levels;
	struct map_rules split_if; /* of the others none is split */
	struct map_slot slot[MAP_SLOTS_MAX];
	int n_slots;

	struct map_table *tables;	     /* [values …] */
	struct map_table words[EVENT_N_NUM]; /* of WORD fields */

	struct map_clock time, received;
	int role, precision; /* words, 0: none */
	struct zone_local local;

	const struct map_expr *dedup; /* same in all copies, or NULL */
	struct map_rules require, filter, kind;
	struct map_program *program; /* [n_programs] */
	size_t n_programs;
	int by_kind[KIND__MAX]; /* program of a kind without label */
	int otherwise;		/* program when no rule hits */
	bool always;		/* the mapping says so itself */

	uint64_t emits, never;
	struct map_sample *samples;
	struct map_regex *regex; /* [n_regexes], all that were compiled */
	size_t n_regexes;
};

/* The only term of an expression, or NULL. */
static inline const struct map_term *
map_expr_term(const struct map_expr *x)
{
	return x->n_alts == 1 && x->alt[0].n_terms == 1 ? &x->alt[0].term[0]
							: NULL;
}

/* The word of a table, or NULL. */
const struct map_word *map_table_find(
    const struct map_table *t, struct span word);
void map_table_index(struct map_table *t, struct arena *arena);

/* ---- text of mapping files ------------------------------------------- */

/* Where a compilation stands, for its messages. */
struct map_source {
	struct map *map;
	int line;
	struct err *err;
};

int map_fail(struct map_source *src, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes from … to - 1. */
struct span map_cut(struct span s, size_t from, size_t to);
/* Behind the quoted text, name or pattern that begins at i. */
size_t map_skip_quoted(struct span s, size_t i);
/* White space off both ends. */
struct span map_trim(struct span s);
/*
 * Take the next word off `rest`: bare up to a blank, or in double quotes
 * with \" and \\ (and \t).  1, 0 at the end, -1 when a quote does not end.
 */
int map_word_next(struct map_source *src, struct span *rest, struct span *out);
/* Where ` sep ` stands outside quotes, backquotes and /regex/; n: nowhere. */
size_t map_split(struct span s, const char *sep);

/* A part of it stands in a consent string. */
bool map_expr_reads_consent(const struct map *m, const struct map_expr *x);
struct map_expr *map_expr_compile(struct map_source *src, struct span text);
/*
 * The one term of [format] explode: `*` in its pointers is a level.
 * (map_explode.c)
 */
int map_explode_compile(struct map_source *src, struct span text);
/*
 * "@key", "@key 1", "@value/x": the slot of an element's name or member; -1,
 * or NO_ELEMENT when the text is none of these.
 */
enum { NO_ELEMENT = -2 };
int map_element_slot(struct map_source *src, struct span text);
/* Add the levels of a pointer into a document; the slot behind the last. */
int map_levels_slot(struct map_source *src, int doc, struct span pointer);
/* The slot of a pointer into a document, or into an element below it. */
int map_pointer_slot(struct map_source *src, int doc, struct span pointer);
/* The slot of what a document has at `path`, made when it is new; -1. */
int map_slot_of(struct map_source *src, int doc, struct span path);
/* The document that stands as text in a source; made when it is new. */
int map_doc_of(struct map_source *src, struct span key, enum map_form form,
    const struct map_term *from);
/* The slot of "../a", of what is around the records of XML. */
int map_around_slot(struct map_source *src, struct span text);
/* Which members of XML are lists, when all sources are known. */
void map_lists_link(struct map *m);
/* A term, or that of explode (`levels`). */
int map_term_compile(
    struct map_source *src, struct span text, bool levels, struct map_term *t);
/* The slot of a source as written, of explode's (`levels`) or any other. */
int map_source_slot(struct map_source *src, struct span text, bool levels);
/* A decoder and its words; those that make a document are not among them. */
int map_step_compile(
    struct map_source *src, struct span text, struct map_step *s);
/* The form that a step begins with, or -1; `*pointer` is what follows. */
int map_form_of(struct span step, struct span *pointer);
const char *map_form_name(enum map_form form);
/* The innermost level of explode that a term reads; 0: none. */
int map_term_level(const struct map *m, const struct map_term *t);
/* An expression of this term alone. */
struct map_expr *map_expr_of_term(struct map *m, const struct map_term *t);
/* "EXPR", "EXPR is WORD" or "EXPR ~ /regex/flags" onto the rules. */
int map_rule_compile(struct map_source *src, struct map_rules *rules,
    struct span text, int result);
/* "/regex/" or "/regex/i" */
pcre2_code *map_regex_compile(
    struct map_source *src, struct span text, uint32_t options);
/* "FILE:LINE: …" of a pattern that meets a bound; never NULL. */
const char *map_regex_over(const struct map *m, const pcre2_code *re);
struct map_table *map_table_named(struct map_source *src, struct span name);

/* ---- time -------------------------------------------------------------- */

int map_clock_compile(
    struct map_source *src, struct span text, struct map_clock_format *out);
/* Read the instant, of the clock shown when !out->has_zone; 0, or -1. */
int map_clock_read(const struct map_clock_format *f, const struct value *v,
    const struct zone_local *local, struct utc_stamp *out);
/* What a pattern cannot be, or NULL; whether it lacks a year. */
const char *map_pattern_refuse(struct span pattern, bool *needs_year);
int map_pattern_read(struct span pattern, struct span s,
    const struct zone_local *local, struct utc_stamp *out);

#endif
