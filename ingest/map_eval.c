/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Expressions at work.  The usual expression is one slot and costs a look at
 * it; rules on a text are remembered, since a log has few different words
 * where its kinds are told.
 */
#include <assert.h>

#include "ingest/record_parser.h"

static char *
digits(uint64_t v, char *end)
{
	do {
		*--end = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	return end;
}

static struct span
number_text(struct record_parser *p, uint64_t v, bool negative)
{
	char room[24], *end = room + sizeof room, *at = digits(v, end);
	struct span s;

	if (negative)
		*--at = '-';
	s.p = at;
	s.n = (size_t)(end - at);
	return arena_span(&p->scratch, s);
}

bool
map_text_of(struct record_parser *p, const struct value *v, struct span *out)
{
	switch (v->type) {
	case VALUE_TEXT:
		*out = v->text;
		return true;
	case VALUE_INT:
		*out = number_text(p,
		    v->i < 0 ? 0 - (uint64_t)v->i : (uint64_t)v->i, v->i < 0);
		return true;
	case VALUE_UINT:
		*out = number_text(p, v->u, false);
		return true;
	case VALUE_DOUBLE:
		*out = (struct span){ v->digits, v->n_digits };
		return true;
	case VALUE_BOOL:
		*out = span_of(v->b ? "true" : "false");
		return true;
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		p->odd = true;
		return false;
	case VALUE_ABSENT:
	case VALUE_NULL:
	case VALUE__MAX:
		break;
	}
	return false;
}

static const struct value *
term_eval(struct record_parser *p, const struct map_term *t, struct value *room)
{
	const struct value *v;
	struct span text;
	size_t i;

	if (t->slot < 0) {
		room->type = VALUE_TEXT;
		room->text = t->literal;
		v = room;
	} else {
		v = map_slot_value(p, t->slot);
	}
	if (t->n_steps == 0 || v == NULL)
		return v;
	if (!map_text(p, v, &text))
		return NULL;
	for (i = 0; i < t->n_steps; i++) {
		p->work += text.n;
		if (!map_step_run(p, &t->step[i], &text) || text.n == 0 ||
		    (t->step[i].kind != STEP_VALUES &&
			map_is_null_word(p->map, text)))
			return NULL;
	}
	room->type = VALUE_TEXT;
	room->text = text;
	return room;
}

static const struct value *
join_eval(struct record_parser *p, const struct map_join *j, struct value *room)
{
	const struct value *v;
	struct span part;
	char *joined = NULL;
	size_t i, n = 0;

	if (j->n_terms == 1)
		return term_eval(p, &j->term[0], room);
	for (i = 0; i < j->n_terms; i++) {
		v = term_eval(p, &j->term[i], room);
		if (v == NULL || !map_text(p, v, &part) ||
		    part.n > DECODED_MAX_BYTES - n)
			return NULL;
		joined = arena_grow(&p->scratch, joined, n, n + part.n);
		memcpy(joined + n, part.p, part.n);
		n += part.n;
	}
	room->type = VALUE_TEXT;
	room->text.p = joined;
	room->text.n = n;
	return n > 0 ? room : NULL;
}

const struct value *
map_eval_alts(
    struct record_parser *p, const struct map_expr *x, struct value *room)
{
	const struct value *v = NULL;
	size_t i;

	for (i = 0; i < x->n_alts && v == NULL; i++)
		v = join_eval(p, &x->alt[i], room);
	return v;
}

/* ---- rules --------------------------------------------------------------- */

static bool
rule_hits(struct record_parser *p, const struct map_rule *r, struct span text)
{
	switch (r->test) {
	case TEST_PRESENT:
		return true;
	case TEST_IS:
		return text.n == r->word.n &&
		       memcmp(text.p, r->word.p, text.n) == 0;
	case TEST_MATCH:
		p->work += text.n;
		return record_match(p, p->map, r->re, text) >= 0;
	}
	return false;
}

static int
group_result(
    struct record_parser *p, const struct map_group *g, struct span text)
{
	const struct map_word *w;
	size_t i;

	if (g->from_word) {
		w = map_table_find(&p->map->words[EV_KIND], text);
		return w == NULL ? -1 : p->map->by_kind[w->number];
	}
	for (i = 0; i < g->n_rules && p->over == NULL; i++)
		if (rule_hits(p, &g->rule[i], text))
			return g->rule[i].result;
	return -1;
}

/* What the rules say of an array or object: only that it is there. */
static int
present_result(const struct map_group *g)
{
	size_t i;

	for (i = 0; i < g->n_rules; i++)
		if (g->rule[i].test == TEST_PRESENT)
			return g->rule[i].result;
	return -1;
}

static int
group_eval(
    struct record_parser *p, const struct map_group *g, struct memo *memo)
{
	const struct value *v;
	struct value room;
	struct span_key k;
	struct span text;
	struct memo *m;

	v = map_eval(p, g->expr, &room);
	if (v == NULL)
		return -1;
	if (!map_text(p, v, &text))
		return present_result(g);
	if (text.n > MEMO_TEXT_BYTES || memo == NULL)
		return group_result(p, g, text);
	k = span_key_of(text);
	m = &memo[span_key_hash(k, text.n) % MEMO_SLOTS];
	if (m->n == text.n + 1 && m->key_a == k.a && m->key_b == k.b &&
	    span_key_decides(m->text, text.p, text.n))
		return m->result;
	m->n = 0;
	m->result = group_result(p, g, text);
	if (p->over != NULL) /* no answer to be remembered */
		return -1;
	m->key_a = k.a;
	m->key_b = k.b;
	m->n = (uint32_t)text.n + 1;
	memcpy(m->text, text.p, text.n);
	return m->result;
}

int
map_rules_eval(
    struct record_parser *p, const struct map_rules *rules, struct memo *memo)
{
	size_t i;
	int got;

	for (i = 0; i < rules->n_groups; i++) {
		got = group_eval(p, &rules->group[i],
		    memo != NULL ? memo + i * MEMO_SLOTS : NULL);
		if (got >= 0)
			return got;
	}
	return -1;
}

bool
map_rules_all(struct record_parser *p, const struct map_rules *rules)
{
	size_t i;

	for (i = 0; i < rules->n_groups; i++)
		if (group_eval(p, &rules->group[i], NULL) < 0)
			return false;
	return true;
}
