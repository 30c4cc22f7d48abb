/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record_parser - what the files of record share; nobody else includes it.
 *
 * record_json.c, record_csv.c and record_text.c find the records of a piece
 * and fill the slots; record_event.c makes events of the slots, of each
 * element's in turn where record_explode.c splits a record; map_eval.c
 * evaluates the expressions on the way.
 */
#ifndef INGEST_RECORD_PARSER_H
#define INGEST_RECORD_PARSER_H

#include "ingest/base/buf.h"
#include "ingest/csv.h"
#include "ingest/encoding.h"
#include "ingest/map_code.h"
#include "ingest/record.h"
#include "ingest/record_group.h"
#include "ingest/xml.h"

enum {
	MATCH_LIMIT = 200000, /* steps of one pattern on one text */
	MATCH_STACK_BYTES = 1024 * 1024,
	MATCH_HEAP_KIB = 16 * 1024,
	MEMO_SLOTS = 64,
	MEMO_TEXT_BYTES = 48,
	LIST_MAX = 256, /* elements of a list field */
	DECODED_MAX_BYTES = RECORD_MAX_BYTES,
	PARTS_MAX = UINT16_MAX, /* events of one record */
};

/* Bytes that go through decoders and patterns for one record's elements. */
#define WORK_MAX_BYTES ((uint64_t)64 * RECORD_MAX_BYTES)

/* What a group of rules said about a text the last time. */
struct memo {
	uint64_t key_a, key_b; /* struct span_key of text */
	uint32_t n;	       /* of text, plus one; 0: free */
	int result;
	char text[MEMO_TEXT_BYTES];
};

enum { DIRECTIVE_BYTES = 127 };

/* The value of a line such as "#Date: 2018-01-03"; empty: none. */
struct record_directive {
	uint8_t n;
	char text[DIRECTIVE_BYTES];
};

/* What stood before a CSV record and says how it is read. */
struct record_header {
	char delimiter;
	char line_end;		   /* '\0': not known yet */
	size_t n_columns;	   /* 0: no header yet */
	int column[MAP_SLOTS_MAX]; /* of each slot; -1: none, -2: two */
	struct record_directive directive[MAP_DIRECTIVES_MAX];
};

enum { XML_LEVELS_MAX = MAP_ELEMENTS_MAX, XML_BEFORE_MAX = 64 * 1024 };

/* What an element around the records had before the first of them. */
struct record_xml_before {
	struct buf text; /* its start tag and child elements */
	size_t whole;	 /* bytes of text that are whole elements */
	bool is_full;	 /* no more is added */
	uint64_t version;
};

/* Where in an XML document a piece begins. */
struct record_xml {
	unsigned depth; /* elements of the mapping's path that are open */
	uint64_t skip;	/* open elements beside the path */
	bool lost;	/* behind damage, before the next record */
	uint64_t versions;
	struct record_xml_before before[XML_LEVELS_MAX];
};

struct record_around {
	struct buf text;
	uint64_t version;
};

struct record_parser {
	const struct map *map;
	struct value slot[MAP_SLOTS_MAX];
	struct json_reader *reader[MAP_DOCS_MAX];
	struct buf inner[MAP_DOCS_MAX]; /* padded JSON out of strings */
	struct memo *memo;		/* MEMO_SLOTS for each group */
	pcre2_match_data *match;
	pcre2_match_context *limits;
	pcre2_jit_stack *stack;
	struct arena scratch; /* one record */
	struct event event;
	bool odd;	  /* a value had an unexpected type */
	struct buf key;	  /* that copies of the record share; empty: none */
	uint64_t work;	  /* bytes decoded for the record so far */
	const char *over; /* a pattern met a bound: what is said of it */

	/* the piece at hand */
	const struct record_piece *piece;
	const struct record_sink *sink;
	struct record_tally *tally;
	struct span text; /* UTF-8 */
	struct encoding_marks marks;
	bool is_recoded;
	struct zone_local local; /* of the mapping, else of the piece */
	uint64_t record;	 /* number in the piece */
	int stopped;		 /* by the sink, or by `most_records` */
	uint64_t most_records, understood; /* while bidding; 0: no bound */
	uint64_t no_rule, not_required;	   /* of the others, why */
	bool is_default; /* the last event's kind hit no rule */
	struct csv_cells cells;
	struct record_header header; /* in force */
	struct record_groups groups; /* lines that belong together */
	struct buf joined[MAP_SLOTS_MAX];
	struct xml_reader *xml; /* or NULL */
	struct record_xml xml_at;
	struct record_around around[XML_LEVELS_MAX]; /* by levels up */
	uint64_t around_seen[MAP_DOCS_MAX]; /* version of what was read */
	bool around_bad[MAP_DOCS_MAX];
	int64_t day_us;	   /* of day_text */
	char day_text[10]; /* "2018-01-03" */
};

/* ---- expressions (map_eval.c) ------------------------------------------ */

static inline bool
map_is_null_word(const struct map *m, struct span s)
{
	size_t i;

	if (s.n == 0)
		return true;
	for (i = 0; i < m->n_nulls; i++)
		if (m->null[i].n == s.n && memcmp(m->null[i].p, s.p, s.n) == 0)
			return true;
	return false;
}

static inline const struct value *
map_slot_value(const struct record_parser *p, int slot)
{
	const struct value *v = &p->slot[slot];

	if (v->type == VALUE_TEXT)
		return map_is_null_word(p->map, v->text) ? NULL : v;
	return v->type > VALUE_NULL ? v : NULL;
}

const struct value *map_eval_alts(
    struct record_parser *p, const struct map_expr *x, struct value *room);

/* The value of an expression, in a slot or in `room`; NULL: absent. */
static inline const struct value *
map_eval(struct record_parser *p, const struct map_expr *x, struct value *room)
{
	return x->plain >= 0 ? map_slot_value(p, x->plain)
			     : map_eval_alts(p, x, room);
}

/* A value that is no text as text; false when it has none. */
bool map_text_of(
    struct record_parser *p, const struct value *v, struct span *out);

/* A value as text, numbers in digits; false when it has none. */
static inline bool
map_text(struct record_parser *p, const struct value *v, struct span *out)
{
	if (v->type != VALUE_TEXT)
		return map_text_of(p, v, out);
	*out = v->text;
	return true;
}

/* The result of the first rule that hits, or -1. */
int map_rules_eval(
    struct record_parser *p, const struct map_rules *rules, struct memo *memo);
/* All of them hit. */
bool map_rules_all(struct record_parser *p, const struct map_rules *rules);

/*
 * pcre2_match(); p->match has the captures.  Where the pattern meets a bound
 * it is no match, and p->over tells which pattern of the map that was.
 */
int record_match(struct record_parser *p, const struct map *m,
    const pcre2_code *re, struct span text);

/* ---- decoders (map_decode.c) ------------------------------------------- */

/* The text that a step makes; false when it makes none. */
bool map_step_run(
    struct record_parser *p, const struct map_step *s, struct span *text);

/* ---- records ------------------------------------------------------------- */

/* Set the fields of p->event that the record has. */
void record_put_fields(
    struct record_parser *p, const struct map_program *program);
enum record_outcome {
	RECORD_GAVE_EVENT = 1,
	RECORD_LEFT_OUT, /* by a filter */
	RECORD_REFUSED
};
/* The event of the slots as they are; `*reason` when it is refused. */
enum record_outcome record_event_make(
    struct record_parser *p, const char **reason);
/* An event for each element. (record_explode.c) */
enum record_outcome record_explode(
    struct record_parser *p, const char **reason);
/* What stands as text in a slot and depends on a level of explode, but on no
 * deeper one, becomes a document of its own. */
void record_docs_parse(struct record_parser *p, int level);
/* The slots are those of the record at `at` in p->text, `bytes` long. */
void record_emit(struct record_parser *p, size_t at, size_t bytes);
void record_reject(
    struct record_parser *p, size_t at, size_t bytes, const char *reason);

/* record_parse() without resetting the bound on records. */
int record_parse_some(struct record_parser *p, const struct map *map,
    const struct record_piece *piece, const struct record_sink *sink,
    struct record_tally *tally);
/* Past a byte order mark, and past the rest of an over-long record. */
size_t record_text_begin(const struct record_state *state, struct span s);

void record_parse_jsonl(struct record_parser *p);
void record_parse_json(struct record_parser *p);
void record_parse_csv(struct record_parser *p);
void record_parse_xml(struct record_parser *p);
void record_parse_text(struct record_parser *p);

/* ---- states between pieces ----------------------------------------------- */

enum { SIGNATURE_BYTES = 64 };

/* Where in a JSON document a piece begins. */
enum doc_where {
	DOC_BEGIN = 0, /* before the array of records */
	DOC_FIRST,     /* in the array, before a record */
	DOC_NEXT,      /* in the array, behind a record: "," or "]" */
	DOC_SKIP,      /* inside a broken or over-long record */
	DOC_TAIL       /* behind the array */
};

struct record_state {
	bool skip;  /* the piece begins inside a record that was too long */
	bool first; /* it is the member's first one */
	bool last;  /* JSON document: and its last one */
	bool header_next; /* CSV: the piece begins with the header */
	enum doc_where where;
	unsigned signature_bytes; /* how records begin, see record_doc.c */
	char signature[SIGNATURE_BYTES];
	struct record_header header; /* CSV */
	struct record_xml xml;
};

void record_xml_clear(struct record_xml *w);
/* What has the same version in both is not copied. */
void record_xml_copy(struct record_xml *to, const struct record_xml *from);
bool record_xml_is(const struct record_xml *a, const struct record_xml *b);

#endif
