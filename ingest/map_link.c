/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The last steps of compiling a mapping: fields are given to programs, names
 * are resolved, and what must hold for the whole is checked.
 */
#include "ingest/map_parse.h"

static void
words_index(struct map *m)
{
	struct map_table *t;
	int f, i, n;

	for (f = 0; f < EVENT_N_NUM; f++) {
		if (event_fields[f].type != EVENT_TYPE_WORD)
			continue;
		t = &m->words[f];
		n = event_word_count(f);
		t->word = arena_alloc(&m->arena, (size_t)n * sizeof *t->word);
		t->n_words = (size_t)n;
		for (i = 0; i < n; i++) {
			t->word[i].from = span_of(event_word_name(f, i + 1));
			t->word[i].number = i + 1;
		}
		map_table_index(t, &m->arena);
	}
}

bool
map_expr_reads_consent(const struct map *m, const struct map_expr *x)
{
	size_t i, k;
	int slot;

	for (i = 0; i < x->n_alts; i++)
		for (k = 0; k < x->alt[i].n_terms; k++) {
			slot = x->alt[i].term[k].slot;
			if (slot >= 0 &&
			    map_form_is_consent(m->doc[m->slot[slot].doc].form))
				return true;
		}
	return false;
}

/* ---- fields ------------------------------------------------------------------ */

int
map_fields_line_add(struct map_source *src, struct map_fields_line **list,
    struct span scope, struct span key, struct span value)
{
	struct map_fields_line *l, **end;
	int f = event_field_find(key);

	if (f < 0)
		return map_fail(
		    src, "unknown field \"%.*s\"", (int)key.n, key.p);
	if (f == EV_TIME || f == EV_RECEIVED || f == EV_KIND)
		return map_fail(src, "%s is mapped in its own section",
		    event_fields[f].name);
	for (end = list; *end != NULL; end = &(*end)->next)
		if ((*end)->field == f && span_eq((*end)->scope, scope))
			return map_fail(src,
			    "%s is mapped already in line %d; choose with |",
			    event_fields[f].name, (*end)->line);
	l = arena_alloc(&src->map->arena, sizeof *l);
	l->scope = scope;
	l->field = f;
	l->line = src->line;
	l->expr = map_expr_compile(src, value);
	if (l->expr == NULL)
		return -1;
	*end = l;
	return 0;
}

static int
field_constant(struct map_source *src, struct map_field *f)
{
	const struct map_term *t = map_expr_term(f->expr);

	if (t == NULL || t->slot >= 0 || t->n_steps > 0)
		return 0;
	f->literal = t->literal;
	if (f->type == EVENT_TYPE_NAME || f->type == EVENT_TYPE_ID) {
		if (t->literal.n > 0)
			f->way = MAP_WAY_CONSTANT;
		return 0;
	}
	if (f->type != EVENT_TYPE_WORD)
		return 0;
	f->number = event_word_find(f->field, t->literal);
	f->way = MAP_WAY_CONSTANT;
	if (f->number == 0)
		return map_fail(src, "unknown %s \"%.*s\"",
		    event_fields[f->field].name, (int)t->literal.n,
		    t->literal.p);
	return 0;
}

/* The number of the word that a table gives: 0 absent, -1 not known. */
static int16_t
number_behind(struct map *m, int field, struct span to)
{
	const struct map_word *w;

	if (to.n == 0)
		return 0;
	w = map_table_find(&m->words[field], to);
	return w != NULL ? (int16_t)w->number : -1;
}

/* "/a > values x" of a WORD field: both tables are one. */
static void
field_numbers(struct map *m, struct map_field *f)
{
	const struct map_table *t = f->table;
	size_t i;

	f->number_of =
	    arena_alloc(&m->arena, (t->n_words + 1) * sizeof *f->number_of);
	for (i = 0; i < t->n_words; i++)
		f->number_of[i] =
		    t == &m->words[f->field]
			? (int16_t)t->word[i].number
			: number_behind(m, f->field, t->word[i].to);
	f->number_of[i] =
	    t->has_default ? number_behind(m, f->field, t->otherwise) : -1;
}

/* What is one slot, or one slot's text through one table, needs no look at
 * the expression for each record. */
static void
field_short_cut(struct map *m, struct map_field *f)
{
	const struct map_term *t = map_expr_term(f->expr);
	bool is_name = f->type == EVENT_TYPE_NAME || f->type == EVENT_TYPE_ID;
	bool is_word = f->type == EVENT_TYPE_WORD;

	if (f->way != MAP_WAY_ANY || t == NULL || t->slot < 0)
		return;
	f->slot = t->slot;
	if (t->n_steps == 0) {
		if (is_name)
			f->way = MAP_WAY_TEXT;
		else if (f->type == EVENT_TYPE_INT)
			f->way = MAP_WAY_WHOLE;
		else if (is_word)
			f->table = &m->words[f->field];
	} else if (t->n_steps == 1 && t->step[0].kind == STEP_VALUES &&
		   !t->step[0].table->default_same && (is_name || is_word)) {
		f->table = t->step[0].table;
		if (is_name)
			f->way = MAP_WAY_NAME;
	}
	if (is_word && f->table != NULL) {
		f->way = MAP_WAY_WORD;
		field_numbers(m, f);
	}
}

static bool
scope_fits(const struct map_program *p, struct span scope)
{
	return scope.n == 0 ||
	       span_is(scope, event_word_name(EV_KIND, p->kind)) ||
	       (p->label.n > 0 && span_eq(scope, p->label));
}

/* general 0, kind 1, label 2 */
static int
rank(struct span scope)
{
	if (scope.n == 0)
		return 0;
	return event_word_find(EV_KIND, scope) != 0 ? 1 : 2;
}

static int
program_link(struct map_source *src, struct map_program *p,
    const struct map_fields_line *list)
{
	const struct map_fields_line *best[EVENT_N_FIELDS] = { NULL }, *l;
	struct map_field *f, text;
	int i;

	for (l = list; l != NULL; l = l->next)
		if (scope_fits(p, l->scope) &&
		    (best[l->field] == NULL ||
			rank(l->scope) > rank(best[l->field]->scope)))
			best[l->field] = l;
	p->field =
	    arena_alloc(&src->map->arena, EVENT_N_FIELDS * sizeof *p->field);
	for (i = 0; i < EVENT_N_FIELDS; i++) {
		if (best[i] == NULL)
			continue;
		f = &p->field[p->n_fields++];
		f->field = i;
		f->type = event_fields[i].type;
		f->expr = best[i]->expr;
		f->way = MAP_WAY_ANY;
		src->line = best[i]->line;
		if (field_constant(src, f) < 0 ||
		    (f->type == EVENT_TYPE_WORD &&
			map_words_check(src, i, f->expr) < 0))
			return -1;
		field_short_cut(src->map, f);
		if (f->way == MAP_WAY_TEXT) {
			text = *f;
			*f = p->field[p->n_texts];
			p->field[p->n_texts++] = text;
		}
	}
	return 0;
}

static bool
scope_is_known(const struct map *m, struct span scope)
{
	size_t i;

	if (scope.n == 0 || event_word_find(EV_KIND, scope) != 0)
		return true;
	for (i = 0; i < m->n_programs; i++)
		if (span_eq(m->program[i].label, scope))
			return true;
	return false;
}

int
map_fields_link(struct map_source *src, struct map_fields_line *list)
{
	struct map *m = src->map;
	struct map_fields_line *l;
	size_t i;

	words_index(m);
	for (i = 0; i < m->kind.n_groups; i++)
		if (m->kind.group[i].from_word &&
		    map_words_check(src, EV_KIND, m->kind.group[i].expr) < 0)
			return -1;
	for (l = list; l != NULL; l = l->next)
		if (!scope_is_known(m, l->scope)) {
			src->line = l->line;
			return map_fail(src,
			    "[fields %.*s]: no kind and no label of a rule",
			    (int)l->scope.n, l->scope.p);
		}
	for (i = 0; i < m->n_programs; i++)
		if (program_link(src, &m->program[i], list) < 0)
			return -1;
	return 0;
}

/* ---- the whole ---------------------------------------------------------------- */

/* The number of a capture in a pattern, 0: it has none of that name. */
static uint16_t
capture_number(struct map *m, const struct map_pattern *p, struct span name)
{
	char *text = arena_str(&m->arena, name);
	int n = pcre2_substring_number_from_name(p->re, (PCRE2_SPTR)text);

	return n > 0 ? (uint16_t)n : 0;
}

/* "SYSCALL.body" and "*.body" of records of several lines: the capture. */
static struct span
capture_of_lines(struct map *m, struct map_slot *slot)
{
	const char *dot = memrchr(slot->path.p, '.', slot->path.n);
	size_t at;

	if (m->n_together == 0 || dot == NULL || dot == slot->path.p)
		return slot->path;
	at = (size_t)(dot - slot->path.p);
	slot->type = map_cut(slot->path, 0, at);
	if (span_is(slot->type, "*")) {
		slot->all = true;
		slot->type.n = 0;
	}
	return map_cut(slot->path, at + 1, slot->path.n);
}

/* What makes lines one record; `known`: what some pattern captures. */
static int
together_link(struct map_source *src)
{
	struct map *m = src->map;
	struct map_pattern *p;
	bool known[MAP_TOGETHER_MAX + 1] = { false };
	int k;

	for (p = m->pattern; p < m->pattern + m->n_patterns; p++) {
		for (k = 0; k < m->n_together; k++) {
			p->key[k] = capture_number(m, p, m->together[k]);
			known[k] |= p->key[k] != 0;
		}
		if (m->line_type.n > 0)
			p->type = capture_number(m, p, m->line_type);
		known[MAP_TOGETHER_MAX] |= p->type != 0;
	}
	for (k = 0; k < m->n_together; k++)
		if (!known[k])
			return map_fail(src, "no pattern captures \"%.*s\"",
			    (int)m->together[k].n, m->together[k].p);
	if (m->line_type.n > 0 && !known[MAP_TOGETHER_MAX])
		return map_fail(src, "no pattern captures \"%.*s\"",
		    (int)m->line_type.n, m->line_type.p);
	return 0;
}

/* The number of each capture that the mapping reads, in every pattern. */
static int
captures_link(struct map_source *src)
{
	struct map *m = src->map;
	struct map_pattern *p;
	struct span name;
	bool known;
	int s;

	for (p = m->pattern; p < m->pattern + m->n_patterns; p++)
		p->capture =
		    arena_alloc(&m->arena, MAP_SLOTS_MAX * sizeof *p->capture);
	for (s = 0; s < m->n_slots; s++) {
		if (m->slot[s].doc != DOC_RECORD)
			continue;
		name = capture_of_lines(m, &m->slot[s]);
		if (m->slot[s].type.n > 0 && m->line_type.n == 0)
			return map_fail(src, "%s needs [format] line_type",
			    m->slot[s].path.p);
		known = false;
		for (p = m->pattern; p < m->pattern + m->n_patterns; p++) {
			p->capture[s] = capture_number(m, p, name);
			known |= p->capture[s] != 0;
		}
		if (!known)
			return map_fail(src, "no pattern captures \"%.*s\"",
			    (int)name.n, name.p);
	}
	return together_link(src);
}

/* Sources that begin with "@" are directives. */
static int
directives_link(struct map_source *src)
{
	struct map *m = src->map;
	int s;

	for (s = 0; s < m->n_slots; s++) {
		if (m->slot[s].doc != DOC_RECORD || m->slot[s].path.n < 2 ||
		    m->slot[s].path.p[0] != '@')
			continue;
		if (m->comment == '\0')
			return map_fail(src,
			    "%s: directives stand in comments, which the "
			    "mapping has none of",
			    m->slot[s].path.p);
		if (m->n_directives == MAP_DIRECTIVES_MAX)
			return map_fail(
			    src, "more than %d directives", MAP_DIRECTIVES_MAX);
		m->directive[m->n_directives++] =
		    map_cut(m->slot[s].path, 1, m->slot[s].path.n);
		m->slot[s].directive = m->n_directives;
	}
	return 0;
}

static int
columns_check(struct map_source *src)
{
	struct map *m = src->map;
	size_t i;
	int s;

	if (m->delimiter == m->quote)
		return map_fail(src, "delimiter and quote are the same");
	if (m->mark.n > 0 && m->n_columns > 0)
		return map_fail(src, "header and columns name both the same");
	if (m->mark.n > 0)
		return directives_link(src);
	if (m->header)
		return 0;
	for (s = 0; s < m->n_slots; s++) {
		if (m->slot[s].doc != DOC_RECORD)
			continue;
		for (i = 0; i < m->n_columns; i++)
			if (span_eq(m->column[i], m->slot[s].path))
				break;
		if (i == m->n_columns)
			return map_fail(
			    src, "columns has no \"%s\"", m->slot[s].path.p);
	}
	return 0;
}

static int
container_check(struct map_source *src)
{
	struct map *m = src->map;

	if (m->container != MAP_TEXT && m->n_together > 0)
		return map_fail(src, "together needs container text");
	if (m->container == MAP_XML && m->n_elements == 0)
		return map_fail(src, "container xml needs records");
	map_lists_link(m);
	switch (m->container) {
	case MAP_TEXT:
		if (m->n_patterns == 0)
			return map_fail(src, "container text needs a pattern");
		return captures_link(src);
	case MAP_CSV:
		return columns_check(src);
	default:
		return 0;
	}
}

int
map_check(struct map_source *src)
{
	struct map *m = src->map;

	if (m->name == NULL)
		return map_fail(src, "[format] has no name");
	if (m->version == NULL)
		return map_fail(src, "[format] has no version");
	if (m->container == 0)
		return map_fail(src, "[format] has no container");
	if (m->time.from == NULL)
		return map_fail(src, "[time] has no from");
	if (m->time.n_formats == 0)
		return map_fail(src, "[time] has no format");
	if (m->kind.n_groups == 0 && m->otherwise < 0)
		return map_fail(src, "[kind] has no rule");
	if ((m->emits & m->never) != 0)
		return map_fail(src, "a kind is both in [emits] and [never]");
	if (m->received.from != NULL && m->received.n_formats == 0) {
		m->received.format = m->time.format;
		m->received.n_formats = m->time.n_formats;
	}
	return map_tables_check(src) < 0 ? -1 : container_check(src);
}
