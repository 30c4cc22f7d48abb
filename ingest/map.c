/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/map.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/base/buf.h"
#include "ingest/base/embedded.h"
#include "ingest/map_parse.h"

enum section {
	SECTION_NONE = 0,
	SECTION_FORMAT,
	SECTION_TIME,
	SECTION_KIND,
	SECTION_FILTER,
	SECTION_FIELDS,
	SECTION_VALUES,
	SECTION_EMITS,
	SECTION_NEVER,
	SECTION_SAMPLE,
	SECTION_EXPECT,
	SECTION__MAX
};

static const struct {
	const char *name;
	enum section section;
	bool takes_name, needs_name;
} sections[] = {
	{ "format", SECTION_FORMAT, false, false },
	{ "time", SECTION_TIME, false, false },
	{ "kind", SECTION_KIND, false, false },
	{ "filter", SECTION_FILTER, false, false },
	{ "fields", SECTION_FIELDS, true, false },
	{ "values", SECTION_VALUES, true, true },
	{ "emits", SECTION_EMITS, false, false },
	{ "never", SECTION_NEVER, false, false },
	{ "sample", SECTION_SAMPLE, false, false },
	{ "expect", SECTION_EXPECT, false, false },
};

/* A file while it is read. */
struct reading {
	struct map_source src;
	enum section section;
	struct span name; /* of [fields NAME] and [values NAME] */
	struct map_table *table;
	struct map_fields_line *fields;
	struct map_sample *sample; /* the last one */
};

/* ---- sections ------------------------------------------------------------ */

/* "[fields NAME]" as section and name; false when it is no known one. */
static bool
section_head(struct span line, size_t *which, struct span *name)
{
	struct span inner;
	size_t i, n;

	line = map_trim(line);
	if (line.n < 3 || line.p[0] != '[' || line.p[line.n - 1] != ']')
		return false;
	inner = map_cut(line, 1, line.n - 1);
	for (i = 0; i < sizeof sections / sizeof sections[0]; i++) {
		n = strlen(sections[i].name);
		if (inner.n < n || memcmp(inner.p, sections[i].name, n) != 0 ||
		    (inner.n > n && inner.p[n] != ' '))
			continue;
		*which = i;
		*name = map_trim(map_cut(inner, n, inner.n));
		return true;
	}
	return false;
}

static int
sample_begin(struct reading *r)
{
	struct map *m = r->src.map;
	struct map_sample *s = arena_alloc(&m->arena, sizeof *s), **end;

	s->line = r->src.line;
	for (end = &m->samples; *end != NULL; end = &(*end)->next)
		;
	*end = s;
	r->sample = s;
	return 0;
}

static int
section_begin(struct reading *r, size_t which, struct span name)
{
	r->section = sections[which].section;
	r->name = arena_span(&r->src.map->arena, name);
	if (name.n > 0 && !sections[which].takes_name)
		return map_fail(
		    &r->src, "[%s] takes no name", sections[which].name);
	if (name.n == 0 && sections[which].needs_name)
		return map_fail(
		    &r->src, "[%s] needs a name", sections[which].name);
	if (r->section == SECTION_VALUES) {
		r->table = map_table_named(&r->src, name);
		if (r->table->n_words > 0 || r->table->has_default)
			return map_fail(&r->src, "[values %.*s] stands twice",
			    (int)name.n, name.p);
	}
	if (r->section == SECTION_SAMPLE)
		return sample_begin(r);
	if (r->section != SECTION_EXPECT)
		return 0;
	if (r->sample == NULL)
		return map_fail(&r->src, "[expect] follows a [sample]");
	r->sample->n_expects++;
	return 0;
}

/* ---- lines ---------------------------------------------------------------- */

static int
filter_line(struct reading *r, struct span line)
{
	size_t at = map_split(line, "=");

	/* the name after = is for people */
	return map_rule_compile(
	    &r->src, &r->src.map->filter, map_trim(map_cut(line, 0, at)), 1);
}

static int
kinds_line(struct reading *r, struct span line, uint64_t *set)
{
	int kind = event_word_find(EV_KIND, line);

	if (set == &r->src.map->never && span_is(line, "refusal"))
		kind = MAP_REFUSAL;
	if (kind == 0)
		return map_fail(
		    &r->src, "unknown kind \"%.*s\"", (int)line.n, line.p);
	*set |= (uint64_t)1 << kind;
	return 0;
}

static int
sample_line(struct reading *r, struct span line)
{
	struct map_sample *s = r->sample;

	/* lines of a sample stand in one piece in the text */
	if (s->text.p == NULL)
		s->text = line;
	else
		s->text.n = (size_t)(line.p - s->text.p) + line.n;
	return 0;
}

static int
expect_line(struct reading *r, struct span key, struct span value)
{
	struct map_expect *x, **end;
	struct span rest = value, word = { "", 0 };

	x = arena_alloc(&r->src.map->arena, sizeof *x);
	x->field = event_field_find(key);
	x->line = r->src.line;
	x->event = r->sample->n_expects - 1;
	if (x->field < 0)
		return map_fail(
		    &r->src, "unknown field \"%.*s\"", (int)key.n, key.p);
	if (value.n > 0 && value.p[0] == '"') {
		if (map_word_next(&r->src, &rest, &word) < 0)
			return -1;
		x->text = word;
	} else {
		x->text = arena_span(&r->src.map->arena, value);
	}
	for (end = &r->sample->expect; *end != NULL; end = &(*end)->next)
		;
	*end = x;
	return 0;
}

static int
pair_line(struct reading *r, struct span line)
{
	size_t at = map_split(line, "=");
	struct span key, value;

	if (at == line.n) { /* "key =" has an empty value */
		if (line.n < 2 || memcmp(line.p + line.n - 2, " =", 2) != 0)
			return map_fail(&r->src, "no \" = \" in this line");
		at--;
	}
	key = map_trim(map_cut(line, 0, at));
	value = map_trim(map_cut(line, at + 1, line.n));
	switch (r->section) {
	case SECTION_FORMAT:
		return map_format_line(&r->src, key, value);
	case SECTION_TIME:
		return map_time_line(&r->src, key, value);
	case SECTION_KIND:
		return map_kind_line(&r->src, key, value);
	case SECTION_FIELDS:
		return map_fields_line_add(
		    &r->src, &r->fields, r->name, key, value);
	case SECTION_VALUES:
		return map_values_line(&r->src, r->table, key, value);
	case SECTION_EXPECT:
		return expect_line(r, key, value);
	default:
		return map_fail(&r->src, "a line before the first section");
	}
}

static int
line_read(struct reading *r, struct span line)
{
	struct map *m = r->src.map;
	struct span name, bare = map_trim(line);
	size_t which;

	if (section_head(line, &which, &name))
		return section_begin(r, which, name);
	if (r->section == SECTION_SAMPLE)
		return bare.n == 0 ? 0 : sample_line(r, line);
	if (bare.n == 0 || bare.p[0] == '#')
		return 0;
	if (bare.p[0] == '[' && bare.p[bare.n - 1] == ']' &&
	    map_split(bare, "=") == bare.n)
		return map_fail(
		    &r->src, "unknown section %.*s", (int)bare.n, bare.p);
	if (r->section == SECTION_FILTER)
		return filter_line(r, bare);
	if (r->section == SECTION_EMITS)
		return kinds_line(r, bare, &m->emits);
	if (r->section == SECTION_NEVER)
		return kinds_line(r, bare, &m->never);
	return pair_line(r, bare);
}

static int
lines_read(struct reading *r, struct span text)
{
	const char *p = text.p, *end = text.p + text.n, *nl;
	struct span line;

	while (p < end) {
		nl = memchr(p, '\n', (size_t)(end - p));
		line.p = p;
		line.n = (size_t)((nl != NULL ? nl : end) - p);
		r->src.line++;
		if (line_read(r, line) < 0)
			return -1;
		p = nl != NULL ? nl + 1 : end;
	}
	return 0;
}

/* ---- compile ---------------------------------------------------------------- */

static int
text_check(struct map_source *src, struct span text)
{
	src->line = 1;
	if (text.n == 0)
		return map_fail(src, "empty");
	if (text.n > MAP_TEXT_MAX)
		return map_fail(src, "longer than %d bytes", MAP_TEXT_MAX);
	if (!json_utf8_is_valid(text))
		return map_fail(src, "not UTF-8");
	if (memchr(text.p, '\0', text.n) != NULL)
		return map_fail(src, "holds a zero byte");
	src->line = 0;
	return 0;
}

static struct map *
map_new(const char *file)
{
	struct map *m = calloc(1, sizeof *m);

	if (m == NULL)
		err_no_memory(sizeof *m);
	m->file = arena_str(&m->arena, span_of(file));
	m->title = "";
	m->otherwise = -1;
	m->n_docs = DOC_INNER;
	m->delimiter = ',';
	m->quote = '"';
	m->header = true;
	return m;
}

struct map *
map_compile(const char *file, struct span text, struct err *err)
{
	struct map *m = map_new(file);
	struct reading r = { { m, 0, err }, 0, { "", 0 }, NULL, NULL, NULL };

	if (text_check(&r.src, text) < 0)
		goto fail;
	text = arena_span(&m->arena, text);
	if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
		text = map_cut(text, 3, text.n);
	if (lines_read(&r, text) < 0 || map_check(&r.src) < 0)
		goto fail;
	if (m->otherwise < 0 &&
	    !(m->kind.n_groups == 1 && m->kind.group[0].from_word)) {
		m->otherwise = map_program_for(&r.src, KIND_OTHER, span_of(""));
		if (m->otherwise < 0)
			goto fail;
	}
	if (map_fields_link(&r.src, r.fields) < 0 ||
	    map_check_samples(&r.src) < 0)
		goto fail;
	return m;
fail:
	map_free(m);
	return NULL;
}

void
map_free(struct map *m)
{
	size_t k;
	int i;

	if (m == NULL)
		return;
	for (k = 0; k < m->n_regexes; k++)
		pcre2_code_free(m->regex[k].re);
	for (i = 0; i < m->n_docs; i++)
		json_plan_free(m->doc[i].plan);
	arena_clear(&m->arena);
	free(m);
}

const char *
map_name(const struct map *m)
{
	return m->name;
}

const char *
map_version(const struct map *m)
{
	return m->version;
}

const char *
map_title(const struct map *m)
{
	return m->title;
}

uint64_t
map_emits(const struct map *m)
{
	return m->emits;
}

uint64_t
map_never(const struct map *m)
{
	return m->never;
}

bool
map_has_dedup(const struct map *m)
{
	return m->dedup != NULL;
}

/* ---- sets -------------------------------------------------------------------- */

static void
set_add(struct map_set *s, struct map *m)
{
	struct map **grown = realloc(s->map, (s->n_maps + 1) * sizeof *s->map);

	if (grown == NULL)
		err_no_memory((s->n_maps + 1) * sizeof *s->map);
	s->map = grown;
	s->map[s->n_maps++] = m;
}

static int
set_add_text(
    struct map_set *s, const char *file, struct span text, struct err *err)
{
	struct map *m = map_compile(file, text, err);

	if (m == NULL)
		return -1;
	if (map_set_find(s, m->name) != NULL) {
		(void)err_set(err, ERR_FAILED,
		    "%s: there is a mapping named %s already", file, m->name);
		map_free(m);
		return -1;
	}
	set_add(s, m);
	return 0;
}

int
map_set_shipped(struct map_set *s, struct err *err)
{
	static const char folder[] = "ingest/mappings/";
	const struct embedded *e;

	for (e = embedded_files; e->name != NULL; e++)
		if (strncmp(e->name, folder, sizeof folder - 1) == 0 &&
		    set_add_text(s, e->name, span_of(e->text), err) < 0)
			return -1;
	return 0;
}

static int
file_read(const char *path, struct buf *b, struct err *err)
{
	FILE *f = fopen(path, "rb");
	size_t got;
	int rc = -1;

	if (f == NULL)
		return err_set(
		    err, ERR_FAILED, "%s: %s", path, strerror(errno));
	b->ceiling_bytes = MAP_TEXT_MAX + 4096;
	do {
		if (buf_room(b, 4096) < 0) {
			(void)err_set(err, ERR_FAILED,
			    "%s:1: longer than %d bytes", path, MAP_TEXT_MAX);
			goto out;
		}
		got = fread(b->p + b->n, 1, 4096, f);
		b->n += got;
	} while (got > 0);
	if (ferror(f) != 0) {
		(void)err_set(err, ERR_FAILED, "%s: %s", path, strerror(errno));
		goto out;
	}
	rc = 0;
out:
	(void)fclose(f);
	return rc;
}

int
map_set_add_file(struct map_set *s, const char *path, struct err *err)
{
	struct buf b = { 0 };
	int rc = file_read(path, &b, err);

	if (rc == 0)
		rc = set_add_text(s, path, buf_as_span(&b), err);
	buf_clear(&b);
	return rc;
}

const struct map *
map_set_find(const struct map_set *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n_maps; i++)
		if (strcmp(s->map[i]->name, name) == 0)
			return s->map[i];
	return NULL;
}

void
map_set_clear(struct map_set *s)
{
	size_t i;

	for (i = 0; i < s->n_maps; i++)
		map_free(s->map[i]);
	free(s->map);
	s->map = NULL;
	s->n_maps = 0;
}
