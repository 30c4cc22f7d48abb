/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One record, several events: the levels of [format] explode.
 *
 * How it works: let `explode = /a/(star)/b > json /c`.  The elements of /a are
 * visited, in each of them /b, which holds JSON, and in that the elements of
 * /c: two levels.  The container of the first is the record's slot /a; its
 * elements are a document of their own, whose slot /b holds a document in a
 * string, whose slot /c is the container of the second.  A source is put
 * where it belongs by going the same way: /a/(star)/d is the slot /d of the
 * first level's elements.
 */
#include <assert.h>

#include "ingest/map_code.h"

static int
level_add(struct map_source *src, const struct map_term *container)
{
	struct map *m = src->map;
	struct map_doc *d = &m->doc[DOC_ELEMENT + m->n_levels];
	struct map_level *l = &m->level[m->n_levels];

	if (m->n_levels == MAP_LEVELS_MAX)
		return map_fail(
		    src, "explode has more than %d levels", MAP_LEVELS_MAX);
	l->container = map_expr_of_term(m, container);
	l->key_slot = l->value_slot = -1;
	d->plan = json_plan_new();
	d->level = ++m->n_levels;
	return 0;
}

/* Where a pointer's first token ends; a "/" inside [key=x] does not end it. */
static size_t
token_end(struct span pointer)
{
	bool selects = pointer.n > 1 && pointer.p[1] == '[';
	size_t i;

	for (i = 1; i < pointer.n; i++) {
		if (selects && pointer.p[i] == ']')
			selects = false;
		if (!selects && pointer.p[i] == '/')
			break;
	}
	return i < pointer.n || !selects ? i : pointer.n;
}

int
map_levels_slot(struct map_source *src, int doc, struct span pointer)
{
	struct map_term t = { 0 };
	struct span rest = pointer;
	size_t n;

	while (rest.n > 0 && rest.p[0] == '/') {
		n = token_end(rest);
		if (n != 2 || rest.p[1] != '*') {
			rest = map_cut(rest, n, rest.n);
			continue;
		}
		t.slot = map_slot_of(
		    src, doc, map_cut(pointer, 0, pointer.n - rest.n));
		if (t.slot < 0 || level_add(src, &t) < 0)
			return -1;
		doc = DOC_ELEMENT + src->map->n_levels - 1;
		rest = pointer = map_cut(rest, 2, rest.n);
	}
	return map_slot_of(src, doc, pointer);
}

/* The number of the level whose container a path of a document begins with
 * and goes on into an element of, or -1. */
static int
level_of(const struct map *m, int doc, struct span path)
{
	struct span head;
	int i, slot;

	for (i = 0; i < m->n_levels; i++) {
		slot = m->level[i].container->plain;
		if (slot < 0 || m->slot[slot].doc != doc)
			continue;
		head = m->slot[slot].path;
		if (path.n >= head.n + 2 &&
		    memcmp(path.p, head.p, head.n) == 0 &&
		    memcmp(path.p + head.n, "/*", 2) == 0 &&
		    (path.n == head.n + 2 || path.p[head.n + 2] == '/'))
			return i;
	}
	return -1;
}

int
map_pointer_slot(struct map_source *src, int doc, struct span pointer)
{
	const struct map *m = src->map;
	size_t head_bytes;
	int i;

	while ((i = level_of(m, doc, pointer)) >= 0) {
		head_bytes = m->slot[m->level[i].container->plain].path.n + 2;
		pointer = map_cut(pointer, head_bytes, pointer.n);
		doc = DOC_ELEMENT + i;
	}
	return map_slot_of(src, doc, pointer);
}

int
map_explode_compile(struct map_source *src, struct span text)
{
	struct map_term t;
	bool is_list;

	if (map_split(text, "|") < text.n || map_split(text, "+") < text.n)
		return map_fail(
		    src, "explode takes one source, without + and |");
	if (map_term_compile(src, text, true, &t) < 0)
		return -1;
	if (t.slot < 0)
		return map_fail(src, "explode needs a source");
	is_list = t.n_steps > 0
		      ? t.step[t.n_steps - 1].kind == STEP_SPLIT
		      : src->map->doc[src->map->slot[t.slot].doc].plan != NULL;
	if (!is_list)
		return map_fail(src,
		    "explode needs a list: end it with a pointer or with "
		    "> split");
	return level_add(src, &t);
}

/* "@key" and "@value", followed by the number of a level: what is behind. */
static bool
element_word(struct span text, const char *word, int *number, struct span *rest)
{
	size_t n = strlen(word);

	*number = 0;
	if (text.n < n || memcmp(text.p, word, n) != 0)
		return false;
	*rest = map_cut(text, n, text.n);
	if (rest->n >= 2 && rest->p[0] == ' ' && rest->p[1] >= '1' &&
	    rest->p[1] <= '9') {
		*number = rest->p[1] - '0';
		*rest = map_cut(*rest, 2, rest->n);
	}
	return rest->n == 0 || rest->p[0] == '/';
}

int
map_element_slot(struct map_source *src, struct span text)
{
	bool is_key, is_value;
	struct map *m = src->map;
	struct map_level *l;
	struct span rest;
	int number;

	is_key = element_word(text, "@key", &number, &rest) && rest.n == 0;
	is_value = !is_key && element_word(text, "@value", &number, &rest);
	if (!is_key && !is_value)
		return NO_ELEMENT;
	if (m->n_levels == 0)
		return map_fail(src, "%s needs [format] explode",
		    is_key ? "@key" : "@value");
	if (number > m->n_levels)
		return map_fail(src, "explode has %d level%s", m->n_levels,
		    m->n_levels > 1 ? "s" : "");
	number = number > 0 ? number - 1 : m->n_levels - 1;
	l = &m->level[number];
	if (is_value && rest.n > 0)
		return map_pointer_slot(src, DOC_ELEMENT + number, rest);
	if (is_value) {
		l->value_slot = map_slot_of(src, DOC_ELEMENT + number, rest);
		return l->value_slot;
	}
	if (l->key_slot < 0)
		l->key_slot = map_slot_of(src, DOC_ELEMENT + number, text);
	return l->key_slot;
}
