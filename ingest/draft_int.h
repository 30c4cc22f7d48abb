/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * draft_int - what the files of draft share; nobody else includes it.
 */
#ifndef INGEST_DRAFT_INT_H
#define INGEST_DRAFT_INT_H

#include "ingest/base/arena.h"
#include "ingest/draft.h"
#include "ingest/map_code.h"

enum {
	DRAFT_RECORDS = 512, /* are looked at */
	DRAFT_FIELDS = 128,
	DRAFT_VALUES = 48, /* distinct values of a field are told apart */
	DRAFT_CLOCKS = 15,
	DRAFT_DEPTH = 6, /* of objects within a record */
	DRAFT_PATH_BYTES = 160
};

/* A path and what stands there. */
struct draft_field {
	struct span path; /* as a mapping names it, without backquotes */
	struct span name, longer; /* letters and digits of its last word, in
				     lower case, and of its last two */
	uint64_t present, texts, numbers, lists;
	struct draft_value {
		struct span text; /* printable, short, or absent */
		uint64_t n;
		bool is_cut; /* it was longer */
	} value[DRAFT_VALUES];
	size_t n_values;
	uint64_t more;		      /* values beyond those */
	uint64_t clock[DRAFT_CLOCKS]; /* that a format reads as a time */
	bool is_used;		      /* it stands in the mapping already */
};

struct draft {
	struct arena arena;
	enum map_container container;
	struct span records; /* MAP_JSON: pointer; absent: the top array */
	char delimiter;	     /* MAP_CSV */
	bool has_header;
	struct span *column; /* [n_columns] */
	size_t n_columns;
	const char *pattern;		/* MAP_TEXT */
	struct span sample;		/* text of a [sample], or absent */
	uint64_t n_records, n_left_out; /* fields that no mapping can name */
	struct draft_field field[DRAFT_FIELDS];
	size_t n_fields;
	struct map_clock_format clock[DRAFT_CLOCKS];
	struct map map; /* owns what the clocks need */
};

/* draft_field.c */
void draft_clocks_init(struct draft *d);
bool draft_clock_read(const struct draft *d, int clock, const struct value *v,
    struct utc_stamp *t);
extern const char *const draft_clock_name[DRAFT_CLOCKS];
/* A value at a path; `path` and the value's text are copied. */
void draft_add(struct draft *d, struct span path, const struct value *v);
/* Printable and no longer than a line: good for a comment. */
bool draft_is_plain(struct span s);
struct span draft_visible(struct arena *arena, struct span s, size_t most);

/* draft_shape.c: find container, records and fields.  0, or -1 with why. */
int draft_shape(
    struct draft *d, struct span text, bool whole, const char **why);
/* The next line with something in it, without its end; false at the end. */
bool draft_line_next(struct span *rest, struct span *line);
/* Take a record for the [sample] when it is fit to stand there. */
void draft_sample(struct draft *d, struct span text);
/* Nothing was found: no fields, no records. */
void draft_forget(struct draft *d);
/* draft_guess.c: numbers of fields and clocks; -1: none. */
bool draft_is_scalar(const struct draft_field *f);
bool draft_is_server(const struct draft_field *f); /* by its name */
/* The unused scalar field whose name stands first in a list of words. */
int draft_field_named(const struct draft *d, const char *list);
int draft_clock_of(const struct draft_field *f);
int draft_time_best(const struct draft *d);
int draft_event_field_of(const struct draft *d);
/* What an event of that name may be; a guess for a comment. */
const char *draft_kind_guess(struct arena *arena, struct span text);
/* draft_text.c: the same as draft_shape() for lines; false: none is known. */
bool draft_lines(struct draft *d, struct span text, bool whole);
/* The share of the first records that a mapping text reads, 0 to 100; -1: it
 * does not load. */
int draft_try(
    const char *mapping, struct span text, bool whole, struct err *err);

#endif
