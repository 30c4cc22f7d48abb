/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables of words, [values NAME]: found by hash, and checked against the
 * fields that take their words.
 */
#include <assert.h>

#include "ingest/map_parse.h"

void
map_table_index(struct map_table *t, struct arena *arena)
{
	size_t size = 8, i, h;
	struct span_key k;

	assert(t->n_words < UINT16_MAX);
	while (size < t->n_words * 2)
		size *= 2;
	t->mask = size - 1;
	t->hash = arena_alloc(arena, size * sizeof *t->hash);
	for (i = 0; i < t->n_words; i++) {
		k = span_key_of(t->word[i].from);
		t->word[i].key_a = k.a;
		t->word[i].key_b = k.b;
		h = span_key_hash(k, t->word[i].from.n) & t->mask;
		while (t->hash[h] != 0)
			h = (h + 1) & t->mask;
		t->hash[h] = (uint16_t)(i + 1);
	}
}

const struct map_word *
map_table_find(const struct map_table *t, struct span word)
{
	struct span_key k = span_key_of(word);
	size_t h = span_key_hash(k, word.n) & t->mask;
	const struct map_word *w;

	for (; t->hash[h] != 0; h = (h + 1) & t->mask) {
		w = &t->word[t->hash[h] - 1];
		if (w->from.n == word.n && w->key_a == k.a && w->key_b == k.b &&
		    span_key_decides(w->from.p, word.p, word.n))
			return w;
	}
	return NULL;
}

int
map_tables_check(struct map_source *src)
{
	struct map_table *t;

	for (t = src->map->tables; t != NULL; t = t->next) {
		if (t->n_words == 0 && !t->has_default) {
			src->line = t->line;
			return map_fail(src, "[values %.*s] is missing",
			    (int)t->name.n, t->name.p);
		}
		if (t->n_words >= UINT16_MAX)
			return map_fail(src, "[values %.*s] is too long",
			    (int)t->name.n, t->name.p);
		map_table_index(t, &src->map->arena);
	}
	return 0;
}

/* ---- what a field takes ---------------------------------------------------- */

enum { LISTED_MAX = 12 }; /* words of a field that a message can hold */

static int
word_check(struct map_source *src, int field, struct span word)
{
	struct buf all = { 0 };
	int i, n = event_word_count(field);

	if (word.n == 0 || event_word_find(field, word) != 0)
		return 0;
	if (n > LISTED_MAX)
		return map_fail(src, "unknown %s \"%.*s\"",
		    event_fields[field].name, (int)word.n, word.p);
	for (i = 1; i <= n; i++)
		(void)buf_printf(&all, "%s%s",
		    i == 1   ? ""
		    : i == n ? " or "
			     : ", ",
		    event_word_name(field, i));
	(void)map_fail(src, "\"%.*s\" is no %s, which is %s", (int)word.n,
	    word.p, event_fields[field].name, all.p);
	buf_clear(&all);
	return -1;
}

int
map_words_check(struct map_source *src, int field, const struct map_expr *x)
{
	const struct map_term *term;
	const struct map_table *t;
	size_t i, k;

	for (i = 0; i < x->n_alts; i++) {
		if (x->alt[i].n_terms != 1)
			continue; /* joined: what comes of it is not known */
		term = &x->alt[i].term[0];
		if (term->n_steps == 0 ||
		    term->step[term->n_steps - 1].kind != STEP_VALUES)
			continue;
		t = term->step[term->n_steps - 1].table;
		for (k = 0; k < t->n_words; k++) {
			src->line = t->word[k].line;
			if (word_check(src, field, t->word[k].to) < 0)
				return -1;
		}
		if (t->has_default && !t->default_same) {
			src->line = t->line;
			if (word_check(src, field, t->otherwise) < 0)
				return -1;
		}
	}
	return 0;
}
