/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * option - the words of the command line, understood.
 *
 * Commands and options stand in two tables (option.def).  Options may come
 * before, between and after operands; `--` ends them; `-j4`, `-j 4`,
 * `--jobs 4` and `--jobs=4` are the same.
 *
 * Ownership: `struct options` owns its lists and `line`; the other
 * texts are argv's.
 * Failure: -1 and `err` with code ERR_USAGE; nothing is printed here.
 */
#ifndef REPORTS_OPTION_H
#define REPORTS_OPTION_H

#include "ingest/base/arena.h"
#include "ingest/base/buf.h"
#include "ingest/base/err.h"

enum command {
#define COMMAND(id, name, alias, operands, n_min, n_max, summary) COMMAND_##id,
#include "reports/option.def"
	COMMAND__MAX
};

enum option {
#define OPTION(id, letter, word, argument, commands, help) OPTION_##id,
#include "reports/option.def"
	OPTION__MAX
};

struct options {
	enum command command;
	bool wants_help; /* -h or --help: nothing else was looked at */
	const char *value[OPTION__MAX]; /* the last one given; "" of a flag;
					   NULL: not given */
	const char *line; /* the words as one line, for the reproduction */
	const char **map; /* every -m */
	size_t n_maps;
	const char **operand;
	size_t n_operands;
	struct arena arena; /* owns line and lists */
};

/* The command of a name or alias; COMMAND__MAX when there is none. */
enum command command_find(const char *name);
const char *command_name(enum command c);

/* "pretick: what went wrong" needs a way on: the nearest name of a command,
 * or NULL when none is near. */
const char *command_nearest(const char *name);

/* Read the words after the command's name.  0 or -1. */
int option_parse(struct options *o, enum command command, int n_words,
    char *const *word, struct err *err);
void option_clear(struct options *o);

/* -j: the number given, else the processors this process may use. */
int option_jobs(const struct options *o, unsigned *out, struct err *err);
/* --memory in bytes, else the default. */
int option_memory(const struct options *o, size_t *out, struct err *err);

/* "usage: …" of a command with its options, or the list of all commands. */
void option_usage(struct buf *into, enum command command);
void option_overview(struct buf *into);

#endif
