/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lines of [time], [kind] and [values …] of a mapping file.  See
 * ingest/mappings/README.md for the language.
 */
#include "ingest/map_parse.h"

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
		t->line = src->line;
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
