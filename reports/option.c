/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/option.h"

#include <assert.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JOBS_MAX = 1024, MEMORY_DEFAULT_MIB = 384, MEMORY_LEAST_MIB = 16 };

#define IN(command) (1U << COMMAND_##command)

struct command_row {
	const char *name;
	const char *alias; /* NULL: none */
	const char *operands;
	size_t n_min, n_max; /* operands */
	const char *summary;
};

static const struct command_row commands[COMMAND__MAX] = {
#define COMMAND(id, name, alias, operands, n_min, n_max, summary) \
	{ name, alias, operands, n_min, n_max, summary },
#include "reports/option.def"
};

struct option_row {
	char letter; /* 0: none */
	const char *word;
	const char *argument; /* NULL: a flag */
	unsigned commands;    /* IN() of each that takes it */
	const char *help;
};

static const struct option_row rows[OPTION__MAX] = {
#define OPTION(id, letter, word, argument, commands, help) \
	{ letter, word, argument, commands, help },
#include "reports/option.def"
};

enum command
command_find(const char *name)
{
	int c;

	for (c = 0; c < COMMAND__MAX; c++)
		if (strcmp(name, commands[c].name) == 0 ||
		    (commands[c].alias != NULL &&
			strcmp(name, commands[c].alias) == 0))
			return (enum command)c;
	return COMMAND__MAX;
}

const char *
command_name(enum command c)
{
	assert(c < COMMAND__MAX);
	return commands[c].name;
}

/* Letters to insert, remove or change to turn one word into the other. */
static unsigned
distance(const char *a, const char *b)
{
	enum { LONGEST = 32 };
	unsigned row[LONGEST + 1], corner, up, best;
	size_t n = strlen(b), i, j;

	if (strlen(a) > LONGEST || n > LONGEST)
		return LONGEST;
	for (j = 0; j <= n; j++)
		row[j] = (unsigned)j;
	for (i = 1; a[i - 1] != '\0'; i++) {
		corner = row[0];
		row[0] = (unsigned)i;
		for (j = 1; j <= n; j++) {
			up = row[j];
			best = corner + (a[i - 1] != b[j - 1]);
			if (up + 1 < best)
				best = up + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			corner = up;
		}
	}
	return row[n];
}

const char *
command_nearest(const char *name)
{
	const char *nearest = NULL;
	unsigned d, least = 3; /* more than two slips are another word */
	int c;

	for (c = 0; c < COMMAND__MAX; c++) {
		d = distance(name, commands[c].name);
		if (d < least) {
			least = d;
			nearest = commands[c].name;
		}
	}
	return nearest;
}

static bool
takes(enum command command, int option)
{
	return (rows[option].commands & 1U << command) != 0;
}

static int
refuse(const struct options *o, struct err *err, const char *what,
    const char *word, const char *why)
{
	const char *name = command_name(o->command);

	return err_set(err, ERR_USAGE, "%s: %s%s%s; try 'pretick help %s'",
	    name, what, word, why, name);
}

/* The option of "-m…" or "--map…"; `value` is what follows in the word. */
static int
find(enum command command, const char *word, const char **value)
{
	size_t n = strcspn(word, "=");
	int i;

	*value = NULL;
	for (i = 0; i < OPTION__MAX; i++) {
		if (!takes(command, i))
			continue;
		if (word[1] != '-') {
			if (rows[i].letter != word[1])
				continue;
			*value = word[2] != '\0' ? word + 2 : NULL;
			return i;
		}
		if (strlen(rows[i].word) == n - 2 &&
		    strncmp(rows[i].word, word + 2, n - 2) == 0) {
			*value = word[n] == '=' ? word + n + 1 : NULL;
			return i;
		}
	}
	return -1;
}

/* Read one option; how many words it took, or -1. */
static int
take(struct options *o, int n_words, char *const *word, struct err *err)
{
	const char *value;
	int i = find(o->command, word[0], &value), taken = 1;

	if (i < 0)
		return refuse(o, err, "no option '", word[0], "'");
	if (rows[i].argument == NULL) {
		if (value != NULL)
			return refuse(o, err, "option '--", rows[i].word,
			    "' takes no value");
		o->value[i] = "";
		return taken;
	}
	if (value == NULL) {
		if (n_words < 2)
			return refuse(o, err, "option '--", rows[i].word,
			    "' needs a value");
		value = word[1];
		taken = 2;
	}
	if (*value == '\0')
		return refuse(
		    o, err, "the value of '--", rows[i].word, "' is empty");
	o->value[i] = value;
	if (i == OPTION_MAP)
		o->map[o->n_maps++] = value;
	return taken;
}

static int
count_operands(const struct options *o, struct err *err)
{
	const struct command_row *c = &commands[o->command];

	if (o->n_operands < c->n_min)
		return refuse(o, err, "an operand is missing, expected ",
		    c->operands, "");
	if (o->n_operands > c->n_max)
		return refuse(o, err, "there is one operand too many: '",
		    o->operand[c->n_max], "'");
	return 0;
}

/* A word as a shell reads it back. */
static void
add_word(struct buf *line, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_=+,./:@%";

	(void)buf_char(line, ' ');
	if (*word != '\0' && word[strspn(word, plain)] == '\0') {
		(void)buf_str(line, word);
		return;
	}
	(void)buf_char(line, '\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			(void)buf_str(line, "'\\'");
		(void)buf_char(line, *word);
	}
	(void)buf_char(line, '\'');
}

static const char *
line_of(struct options *o, int n_words, char *const *word)
{
	struct buf line = { 0 };
	const char *copy;
	int i;

	(void)buf_printf(&line, "pretick %s", command_name(o->command));
	for (i = 0; i < n_words; i++)
		add_word(&line, word[i]);
	copy = arena_str(&o->arena, buf_as_span(&line));
	buf_clear(&line);
	return copy;
}

int
option_parse(struct options *o, enum command command, int n_words,
    char *const *word, struct err *err)
{
	bool only_operands = false;
	int i = 0, n;

	assert(command < COMMAND__MAX && n_words >= 0);
	memset(o, 0, sizeof *o);
	o->command = command;
	o->map = arena_alloc(&o->arena, (size_t)n_words * sizeof *o->map);
	o->operand =
	    arena_alloc(&o->arena, (size_t)n_words * sizeof *o->operand);
	o->line = line_of(o, n_words, word);
	while (i < n_words) {
		if (only_operands || word[i][0] != '-' || word[i][1] == '\0') {
			o->operand[o->n_operands++] = word[i++];
			continue;
		}
		if (strcmp(word[i], "--") == 0) {
			only_operands = true;
			i++;
			continue;
		}
		if (strcmp(word[i], "-h") == 0 ||
		    strcmp(word[i], "--help") == 0) {
			o->wants_help = true;
			return 0;
		}
		n = take(o, n_words - i, word + i, err);
		if (n < 0)
			return -1;
		i += n;
	}
	return count_operands(o, err);
}

void
option_clear(struct options *o)
{
	arena_clear(&o->arena);
	memset(o, 0, sizeof *o);
}

/* Decimal digits and nothing before them; `end` is what follows. */
static int
number(const char *text, uint64_t *out, const char **end)
{
	uint64_t n = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++) {
		if (n > (UINT64_MAX - 9) / 10)
			return -1;
		n = n * 10 + (uint64_t)(*p - '0');
	}
	*out = n;
	*end = p;
	return p == text ? -1 : 0;
}

int
option_jobs(const struct options *o, unsigned *out, struct err *err)
{
	const char *text = o->value[OPTION_JOBS], *end;
	cpu_set_t set;
	uint64_t n;
	long online;

	if (text == NULL) {
		if (sched_getaffinity(0, sizeof set, &set) == 0) {
			*out = (unsigned)CPU_COUNT(&set);
		} else {
			online = sysconf(_SC_NPROCESSORS_ONLN);
			*out = online > 0 ? (unsigned)online : 1;
		}
		if (*out > JOBS_MAX)
			*out = JOBS_MAX;
		return 0;
	}
	if (number(text, &n, &end) < 0 || *end != '\0' || n < 1 || n > JOBS_MAX)
		return refuse(o, err, "-j takes a number from 1 to 1024, not '",
		    text, "'");
	*out = (unsigned)n;
	return 0;
}

int
option_memory(const struct options *o, size_t *out, struct err *err)
{
	const char *text = o->value[OPTION_MEMORY], *end;
	unsigned shift = 0;
	uint64_t n;

	*out = (size_t)MEMORY_DEFAULT_MIB << 20;
	if (text == NULL)
		return 0;
	if (number(text, &n, &end) < 0)
		goto nonsense;
	if (*end != '\0') {
		switch (*end++) {
		case 'k':
		case 'K':
			shift = 10;
			break;
		case 'm':
		case 'M':
			shift = 20;
			break;
		case 'g':
		case 'G':
			shift = 30;
			break;
		default:
			goto nonsense;
		}
	}
	if (*end != '\0' || n > SIZE_MAX >> shift)
		goto nonsense;
	*out = (size_t)n << shift;
	if (*out < (size_t)MEMORY_LEAST_MIB << 20)
		return refuse(o, err, "--memory ", text,
		    " is too little, 16M is the least");
	return 0;
nonsense:
	return refuse(o, err,
	    "--memory takes a number of bytes such as 512M or 4G, not '", text,
	    "'");
}

static bool
repeats(const struct option_row *r)
{
	size_t n = r->argument != NULL ? strlen(r->argument) : 0;

	return n > 3 && strcmp(r->argument + n - 3, "...") == 0;
}

/* The option's argument without the mark of repetition. */
static struct span
argument(const struct option_row *r)
{
	struct span s = span_of(r->argument);

	if (repeats(r))
		s.n -= 3;
	return s;
}

/* Add a word of the usage, on a new line where this one would be too long. */
static void
add_wrapped(struct buf *into, const char *word, size_t *column)
{
	enum { INDENT = 12, COLUMNS = 79 };

	if (*column + 1 + strlen(word) > COLUMNS) {
		(void)buf_printf(into, "\n%*s", INDENT, "");
		*column = INDENT;
	}
	(void)buf_printf(into, " %s", word);
	*column += 1 + strlen(word);
}

/* "[-m FILE]..." */
static void
add_synopsis(struct buf *into, const struct option_row *r, size_t *column)
{
	struct buf word = { 0 };

	if (r->letter != 0)
		(void)buf_printf(&word, "[-%c", r->letter);
	else
		(void)buf_printf(&word, "[--%s", r->word);
	if (r->argument != NULL)
		(void)buf_printf(
		    &word, " %.*s", (int)argument(r).n, r->argument);
	(void)buf_str(&word, repeats(r) ? "]..." : "]");
	add_wrapped(into, word.p, column);
	buf_clear(&word);
}

/* "  -m, --map FILE       what it does" */
static void
add_option(struct buf *into, const struct option_row *r)
{
	char left[64];
	int n;

	n = snprintf(left, sizeof left, "%c%c%c --%s%s%.*s",
	    r->letter != 0 ? '-' : ' ', r->letter != 0 ? r->letter : ' ',
	    r->letter != 0 ? ',' : ' ', r->word, r->argument != NULL ? " " : "",
	    (int)argument(r).n, r->argument != NULL ? r->argument : "");
	assert(n > 0 && (size_t)n < sizeof left);
	(void)buf_printf(into, "  %-20s %s\n", left, r->help);
}

void
option_usage(struct buf *into, enum command command)
{
	const struct command_row *c = &commands[command];
	size_t column;
	bool any = false;
	int i;

	assert(command < COMMAND__MAX);
	(void)buf_printf(into, "usage: pretick %s", c->name);
	column = strlen("usage: pretick ") + strlen(c->name);
	for (i = 0; i < OPTION__MAX; i++)
		if (takes(command, i)) {
			add_synopsis(into, &rows[i], &column);
			any = true;
		}
	add_wrapped(into, c->operands, &column);
	(void)buf_printf(into, "\n\n%s", c->summary);
	if (c->alias != NULL)
		(void)buf_printf(into, " ('%s' is the same)", c->alias);
	(void)buf_str(into, any ? "\n\n" : "\n");
	for (i = 0; i < OPTION__MAX; i++)
		if (takes(command, i))
			add_option(into, &rows[i]);
}

void
option_overview(struct buf *into)
{
	int c;

	(void)buf_str(into, "pretick - consent forensics from logs\n\n"
			    "usage: pretick COMMAND [OPTION]... [OPERAND]...\n"
			    "       pretick --version | --help\n\n");
	for (c = 0; c < COMMAND__MAX; c++)
		(void)buf_printf(into, "  %-10s %s\n", commands[c].name,
		    commands[c].summary);
	(void)buf_str(into, "\nTo begin:  pretick run -o case LOGS.tar.zst\n"
			    "'pretick help COMMAND' tells a command's options, "
			    "'man pretick' the rest.\n");
}
