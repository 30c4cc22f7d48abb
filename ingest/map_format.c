/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [format] of a mapping file: what its records are made of.
 */
#include "ingest/map_parse.h"

#include "ingest/record.h"

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
