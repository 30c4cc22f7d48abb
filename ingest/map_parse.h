/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * map_parse - the lines of each section of a mapping file.
 *
 * map.c reads the file line by line and hands each `key = value` to its
 * section.  All return 0, or -1 with "FILE:LINE: reason".
 */
#ifndef INGEST_MAP_PARSE_H
#define INGEST_MAP_PARSE_H

#include "ingest/map_code.h"

int map_format_line(struct map_source *src, struct span key, struct span value);
int map_time_line(struct map_source *src, struct span key, struct span value);
int map_kind_line(struct map_source *src, struct span key, struct span value);
int map_values_line(struct map_source *src, struct map_table *t,
    struct span key, struct span value);
/* The program of a kind and label, made when it is new; -1 too many. */
int map_program_for(
    struct map_source *src, enum event_kind kind, struct span label);

/*
 * A line of [fields] (`scope` ""), [fields KIND] or [fields LABEL] is kept
 * until all kinds are known; then map_fields_link() gives every program its
 * fields: general ones, then the kind's, then the label's, where the later
 * one of a field replaces the earlier one.
 */
struct map_fields_line {
	struct span scope;
	int field;
	const struct map_expr *expr;
	int line;
	struct map_fields_line *next;
};
int map_fields_line_add(struct map_source *src, struct map_fields_line **list,
    struct span scope, struct span key, struct span value);
int map_fields_link(struct map_source *src, struct map_fields_line *list);

/* What can only be checked when the whole file was read. */
int map_check(struct map_source *src);
/* Every table has words; and can then be searched. */
int map_tables_check(struct map_source *src);
/* Tables that end `x` give words that the field, of type WORD, has. */
int map_words_check(
    struct map_source *src, int field, const struct map_expr *x);
/* Run the embedded samples through the mapping. */
int map_check_samples(struct map_source *src);

#endif
