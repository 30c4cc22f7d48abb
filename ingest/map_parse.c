/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lines of a mapping file: sections, keys and what they set.  See
 * ingest/mappings/README.md for the language.
 */
#include "ingest/map_parse.h"

#include <assert.h>

#include "ingest/record.h"

/* ---- [format] ------------------------------------------------------------ */

typedef int key_f(struct map_source *src, struct span value);

static int
text_into(struct map_source *src, struct span value, const char **out)
{
	if (value.n == 0)
		return map_fail(src, "nothing after =");
	*out = arena_str(&src->map->arena, value);
	return 0;
}

static int
set_name(struct map_source *src, struct span value)
{
	size_t i;

	for (i = 0; i < value.n; i++)
		if (memchr("abcdefghijklmnopqrstuvwxyz0123456789-_", value.p[i],
			38) == NULL)
			return map_fail(
			    src, "a name is made of a-z, 0-9, - and _");
	return text_into(src, value, &src->map->name);
}

static int
set_version(struct map_source *src, struct span value)
{
	return text_into(src, value, &src->map->version);
}

static int
set_title(struct map_source *src, struct span value)
{
	return text_into(src, value, &src->map->title);
}

static int
set_note(struct map_source *src, struct span value)
{
	(void)src;
	(void)value;
	return 0;
}

static int
set_container(struct map_source *src, struct span value)
{
	static const char *const names[] = { "jsonl", "json", "csv", "text",
		"xml" };
	struct map *m = src->map;
	int i;

	if (m->container != 0)
		return map_fail(src, "container is set twice");
	for (i = 0; i < 5; i++)
		if (span_is(value, names[i])) {
			m->container = MAP_JSONL + i;
			if (m->container <= MAP_JSON || m->container == MAP_XML)
				m->doc[DOC_RECORD].plan = json_plan_new();
			return 0;
		}
	return map_fail(
	    src, "unknown container \"%.*s\"", (int)value.n, value.p);
}

static int
set_encoding(struct map_source *src, struct span value)
{
	int e;

	for (e = 1; e < RECORD_ENCODING__MAX; e++)
		if (span_is(value, record_encoding_name(e))) {
			src->map->encoding = e;
			return 0;
		}
	return map_fail(
	    src, "unknown encoding \"%.*s\"", (int)value.n, value.p);
}

static int
set_null(struct map_source *src, struct span value)
{
	struct map *m = src->map;
	struct span word;
	int got;

	while ((got = map_word_next(src, &value, &word)) > 0) {
		m->null =
		    arena_grow(&m->arena, m->null, m->n_nulls * sizeof *m->null,
			(m->n_nulls + 1) * sizeof *m->null);
		m->null[m->n_nulls++] = word;
	}
	return got;
}

/* "/log/trace/event": names down to the records. */
static int
set_elements(struct map_source *src, struct span value)
{
	struct map *m = src->map;
	struct span name;
	const char *slash;

	if (m->n_elements > 0)
		return map_fail(src, "records is set twice");
	for (; value.n > 0 && value.p[0] == '/';
	     value = map_cut(value, name.n + 1, value.n)) {
		name = map_cut(value, 1, value.n);
		slash = memchr(name.p, '/', name.n);
		if (slash != NULL)
			name.n = (size_t)(slash - name.p);
		if (name.n == 0 || name.n > 100 ||
		    m->n_elements == MAP_ELEMENTS_MAX)
			break;
		m->element[m->n_elements++] = arena_span(&m->arena, name);
	}
	return value.n == 0 && m->n_elements > 0
		   ? 0
		   : map_fail(
			 src, "records is a path of element names, /log/event");
}

static int
set_records(struct map_source *src, struct span value)
{
	if (src->map->container == MAP_XML)
		return set_elements(src, value);
	if (span_is(value, "document") || span_is(value, "objects")) {
		src->map->documents = true;
		src->map->opens_arrays = span_is(value, "objects");
		return 0;
	}
	if (value.n == 0 || value.p[0] != '/')
		return map_fail(
		    src, "records is a JSON pointer, or document, or objects");
	if (value.n > 1)
		src->map->records = arena_span(&src->map->arena, value);
	return 0;
}

static int
set_explode(struct map_source *src, struct span value)
{
	if (src->map->n_levels > 0)
		return map_fail(src, "explode is set twice");
	if (src->map->n_slots > 0)
		return map_fail(src, "explode must come before any source");
	return map_explode_compile(src, value);
}

/* Does the expression depend on which element is visited? */
static bool
reads_elements(const struct map *m, const struct map_expr *x)
{
	size_t i, k;

	for (i = 0; i < x->n_alts; i++)
		for (k = 0; k < x->alt[i].n_terms; k++)
			if (map_term_level(m, &x->alt[i].term[k]) > 0)
				return true;
	return false;
}

static int
set_explode_if(struct map_source *src, struct span value)
{
	struct map_rules *rules = &src->map->split_if;

	if (src->map->n_levels == 0)
		return map_fail(src, "explode_if follows explode");
	if (map_rule_compile(src, rules, value, 1) < 0)
		return -1;
	if (reads_elements(src->map, rules->group[rules->n_groups - 1].expr))
		return map_fail(src, "explode_if takes what the record has, "
				     "not what its elements have");
	return 0;
}

static int
one_byte(struct map_source *src, struct span value, char *out)
{
	struct span word;

	if (span_is(value, "tab")) {
		*out = '\t';
		return 0;
	}
	if (span_is(value, "none")) {
		*out = '\0';
		return 0;
	}
	if (map_word_next(src, &value, &word) <= 0 || word.n != 1 ||
	    (unsigned char)word.p[0] >= 0x80 || word.p[0] == '\n' ||
	    word.p[0] == '\r')
		return map_fail(src, "one ASCII character, tab or none");
	*out = word.p[0];
	return 0;
}

static int
set_delimiter(struct map_source *src, struct span value)
{
	if (span_is(value, "blanks")) {
		src->map->blanks = true;
		src->map->delimiter = ' ';
		return 0;
	}
	if (one_byte(src, value, &src->map->delimiter) < 0)
		return -1;
	if (src->map->delimiter == '\0')
		return map_fail(src, "a delimiter cannot be none");
	return 0;
}

static int
set_quote(struct map_source *src, struct span value)
{
	return one_byte(src, value, &src->map->quote);
}

static int
set_comment(struct map_source *src, struct span value)
{
	return one_byte(src, value, &src->map->comment);
}

static int
set_header(struct map_source *src, struct span value)
{
	struct map *m = src->map;

	if (map_word_next(src, &value, &m->mark) <= 0 || m->mark.n == 0 ||
	    memchr(m->mark.p, '\n', m->mark.n) != NULL)
		return map_fail(src, "header is what such lines begin with");
	m->header = false;
	return 0;
}

static int
set_columns(struct map_source *src, struct span value)
{
	struct map *m = src->map;
	struct span word;
	int got;

	while ((got = map_word_next(src, &value, &word)) > 0) {
		if (m->n_columns == MAP_COLUMNS_MAX)
			return map_fail(src, "too many columns");
		m->column = arena_grow(&m->arena, m->column,
		    m->n_columns * sizeof *m->column,
		    (m->n_columns + 1) * sizeof *m->column);
		m->column[m->n_columns++] = word;
	}
	m->header = false;
	return got;
}

static int
set_more_columns(struct map_source *src, struct span value)
{
	size_t n = src->map->n_columns;

	if (n == 0)
		return map_fail(src, "more_columns follows columns");
	if (set_columns(src, value) < 0)
		return -1;
	src->map->n_more_columns += src->map->n_columns - n;
	return 0;
}

static int
set_pattern(struct map_source *src, struct span value)
{
	struct map *m = src->map;
	struct map_pattern *p;

	m->pattern = arena_grow(&m->arena, m->pattern,
	    m->n_patterns * sizeof *p, (m->n_patterns + 1) * sizeof *p);
	p = &m->pattern[m->n_patterns];
	memset(p, 0, sizeof *p);
	p->line = src->line;
	p->re =
	    map_regex_compile(src, value, PCRE2_ANCHORED | PCRE2_ENDANCHORED);
	if (p->re == NULL)
		return -1;
	m->n_patterns++;
	return 0;
}

static int
set_together(struct map_source *src, struct span value)
{
	struct map *m = src->map;
	struct span word;
	int got;

	if (m->n_together > 0)
		return map_fail(src, "together is set twice");
	while ((got = map_word_next(src, &value, &word)) > 0) {
		if (m->n_together == MAP_TOGETHER_MAX)
			return map_fail(src, "more than %d captures together",
			    MAP_TOGETHER_MAX);
		m->together[m->n_together++] = word;
	}
	if (got == 0 && m->n_together == 0)
		return map_fail(src, "nothing after =");
	return got;
}

static int
set_line_type(struct map_source *src, struct span value)
{
	if (map_word_next(src, &value, &src->map->line_type) <= 0)
		return map_fail(src, "nothing after =");
	return 0;
}

static int
set_require(struct map_source *src, struct span value)
{
	return map_rule_compile(src, &src->map->require, value, 1);
}

static int
set_dedup(struct map_source *src, struct span value)
{
	struct map *m = src->map;

	if (m->dedup != NULL)
		return map_fail(src, "dedup is set twice");
	m->dedup = map_expr_compile(src, value);
	if (m->dedup == NULL)
		return -1;
	if (reads_elements(m, m->dedup))
		return map_fail(src, "dedup takes what the record has, not "
				     "what its elements have");
	return 0;
}

static const struct {
	const char *name;
	key_f *set;
} format_keys[] = {
	{ "name", set_name },
	{ "version", set_version },
	{ "title", set_title },
	{ "author", set_note },
	{ "licence", set_note },
	{ "container", set_container },
	{ "encoding", set_encoding },
	{ "null", set_null },
	{ "records", set_records },
	{ "explode", set_explode },
	{ "explode_if", set_explode_if },
	{ "delimiter", set_delimiter },
	{ "quote", set_quote },
	{ "comment", set_comment },
	{ "header", set_header },
	{ "columns", set_columns },
	{ "more_columns", set_more_columns },
	{ "pattern", set_pattern },
	{ "together", set_together },
	{ "line_type", set_line_type },
	{ "require", set_require },
	{ "dedup", set_dedup },
};

int
map_format_line(struct map_source *src, struct span key, struct span value)
{
	size_t i;

	for (i = 0; i < sizeof format_keys / sizeof format_keys[0]; i++)
		if (span_is(key, format_keys[i].name))
			return format_keys[i].set(src, value);
	return map_fail(
	    src, "unknown key \"%.*s\" in [format]", (int)key.n, key.p);
}

/* ---- [time] --------------------------------------------------------------- */

static int
clock_from(struct map_source *src, struct map_clock *c, struct span value)
{
	if (c->from != NULL)
		return map_fail(src, "set twice; choose with |");
	c->from = map_expr_compile(src, value);
	if (c->from == NULL)
		return -1;
	c->is_day_at_midnight = map_expr_reads_consent(src->map, c->from);
	return 0;
}

static int
clock_format(struct map_source *src, struct map_clock *c, struct span value)
{
	struct span text = value;

	if (value.n > 0 && value.p[0] == '"' &&
	    map_word_next(src, &value, &text) < 0)
		return -1;
	c->format = arena_grow(&src->map->arena, c->format,
	    c->n_formats * sizeof *c->format,
	    (c->n_formats + 1) * sizeof *c->format);
	if (map_clock_compile(src, text, &c->format[c->n_formats]) < 0)
		return -1;
	c->n_formats++;
	return 0;
}

static int
word_into(
    struct map_source *src, enum event_num field, struct span value, int *out)
{
	*out = event_word_find(field, value);
	if (*out == 0)
		return map_fail(src, "unknown %s \"%.*s\"",
		    event_fields[field].name, (int)value.n, value.p);
	return 0;
}

int
map_time_line(struct map_source *src, struct span key, struct span value)
{
	struct map *m = src->map;
	struct err why = { 0 };

	if (span_is(key, "from"))
		return clock_from(src, &m->time, value);
	if (span_is(key, "format"))
		return clock_format(src, &m->time, value);
	if (span_is(key, "received"))
		return clock_from(src, &m->received, value);
	if (span_is(key, "received_format"))
		return clock_format(src, &m->received, value);
	if (span_is(key, "role"))
		return word_into(src, EV_TIME_ROLE, value, &m->role);
	if (span_is(key, "precision"))
		return word_into(src, EV_PRECISION, value, &m->precision);
	if (span_is(key, "zone")) {
		m->local.zone = zone_find(&m->arena, value, &why);
		return m->local.zone != NULL ? 0 : map_fail(src, "%s", why.msg);
	}
	if (span_is(key, "year"))
		return zone_year_read(value, &m->local) == 0
			   ? 0
			   : map_fail(src, "a year is 2018, or 2018-07 when "
					   "the log begins in July");
	return map_fail(
	    src, "unknown key \"%.*s\" in [time]", (int)key.n, key.p);
}

/* ---- [kind] and programs --------------------------------------------------- */

int
map_program_for(struct map_source *src, enum event_kind kind, struct span label)
{
	struct map *m = src->map;
	struct map_program *p;
	size_t i;

	for (i = 0; i < m->n_programs; i++)
		if (m->program[i].kind == kind &&
		    m->program[i].label.n == label.n &&
		    span_cmp(m->program[i].label, label) == 0)
			return (int)i;
	if (m->n_programs == MAP_PROGRAMS_MAX)
		return map_fail(src, "too many kinds with labels");
	m->program = arena_grow(&m->arena, m->program,
	    m->n_programs * sizeof *p, (m->n_programs + 1) * sizeof *p);
	p = &m->program[m->n_programs];
	memset(p, 0, sizeof *p);
	p->kind = kind;
	p->label = arena_span(&m->arena, label);
	return (int)m->n_programs++;
}

static int
kind_from(struct map_source *src, struct span value)
{
	struct map *m = src->map;
	struct map_group *g;
	int kind;

	m->kind.group = arena_grow(&m->arena, m->kind.group,
	    m->kind.n_groups * sizeof *g, (m->kind.n_groups + 1) * sizeof *g);
	g = &m->kind.group[m->kind.n_groups];
	memset(g, 0, sizeof *g);
	g->from_word = true;
	g->expr = map_expr_compile(src, value);
	if (g->expr == NULL)
		return -1;
	m->kind.n_groups++;
	for (kind = 1; kind < KIND__MAX; kind++) {
		m->by_kind[kind] = map_program_for(src, kind, span_of(""));
		if (m->by_kind[kind] < 0)
			return -1;
	}
	return 0;
}

int
map_kind_line(struct map_source *src, struct span key, struct span value)
{
	struct span rest = value, word, label = { "", 0 };
	int kind, program;

	if (span_is(key, "from"))
		return kind_from(src, value);
	if (map_word_next(src, &rest, &word) <= 0)
		return map_fail(src, "a kind is missing after =");
	if (map_word_next(src, &rest, &label) < 0)
		return -1;
	if (map_trim(rest).n != 0)
		return map_fail(src, "a rule gives a kind and one label");
	kind = event_word_find(EV_KIND, word);
	if (kind == 0)
		return map_fail(
		    src, "unknown kind \"%.*s\"", (int)word.n, word.p);
	if (label.n > 0 && event_word_find(EV_KIND, label) != 0)
		return map_fail(src, "a label may not be a kind's name");
	program = map_program_for(src, kind, label);
	if (program < 0)
		return -1;
	if (!span_is(key, "always"))
		return map_rule_compile(src, &src->map->kind, key, program);
	if (src->map->otherwise >= 0)
		return map_fail(src, "always is set twice");
	src->map->otherwise = program;
	src->map->always = true;
	return 0;
}

/* ---- [values NAME] ---------------------------------------------------------- */

int
map_values_line(struct map_source *src, struct map_table *t, struct span key,
    struct span value)
{
	struct arena *arena = &src->map->arena;
	struct map_word w = { 0 };
	struct span rest = key;
	size_t i;

	w.line = src->line;
	if (map_word_next(src, &rest, &w.from) <= 0)
		return map_fail(src, "a word is missing before =");
	if (map_trim(rest).n != 0) /* bare words may hold blanks */
		w.from = arena_span(arena, map_trim(key));
	if (value.n > 0) {
		rest = value;
		if (map_word_next(src, &rest, &w.to) <= 0)
			return -1;
		if (map_trim(rest).n != 0)
			w.to = arena_span(arena, map_trim(value));
	}
	if (span_is(key, "*")) {
		if (t->has_default)
			return map_fail(src, "* is set twice");
		t->has_default = true;
		t->default_same = span_is(value, "*");
		t->otherwise = w.to;
		return 0;
	}
	for (i = 0; i < t->n_words; i++)
		if (span_eq(t->word[i].from, w.from))
			return map_fail(src,
			    "\"%.*s\" is mapped already in line %d",
			    (int)w.from.n, w.from.p, t->word[i].line);
	t->word = arena_grow(
	    arena, t->word, t->n_words * sizeof w, (t->n_words + 1) * sizeof w);
	t->word[t->n_words++] = w;
	return 0;
}
