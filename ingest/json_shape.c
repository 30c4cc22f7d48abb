/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Documents that are like those before.
 *
 * How it works: a log's lines differ in their values only, and what stands
 * between two values, brackets of inner objects and all, is one comparison.
 * Where the bytes are not those of any shape, the document is read along
 * its keys instead, and its shape is kept when it was good.
 *
 * Example: {"a":1,"b":{"c":"x"}} is `{"a":`, a number, `,"b":{"c":"`, the
 * rest of a text and `}}`, when the plan wants /b/c; else "b" is one value.
 *
 * A step that expects a text takes its opening quote along: then the index
 * tells where it ends without a look at where it begins, for between two
 * values nothing is in the index but what the step counts.
 *
 * Objects are gone into along the plan where it wants nothing but names of
 * them; all other containers are values.
 */
#include "ingest/json_scalar.h"

enum {
	STEPS_MAX = 1024, /* of the tree */
	OTHERS_MAX = 16,  /* in one place */
	MISSES_MIN = 256  /* so many new shapes are no sign of anything */
};

/* Whether the object of a node is nothing but its members. */
static bool
is_plain(const struct plan_node *n)
{
	return !n->is_leaf && n->any < 0 && n->slot < 0 && n->n_selects == 0;
}

/* ---- reading --------------------------------------------------------------- */

enum step {
	STEP_TEXT = 0, /* a string for a slot */
	STEP_NO_TEXT,  /* a string that nobody wants */
	STEP_NUMBER,
	STEP_NO_NUMBER,
	STEP_VALUE, /* anything */
	STEP_END    /* nothing: behind the document */
};

/* The step whose bytes are at p, of k and those beside it; or NULL. */
static const struct seen *
step_find(const struct seen *k, const char *p, const char *end)
{
	while (k != NULL && !seen_is(k, p, end))
		k = k->other;
	return k;
}

/* The place in the index of the first that is not before p. */
static size_t
place_of(struct scan *s, const char *p)
{
	struct json_index *x = s->index;

	if (json_index_has(x, p))
		return json_index_find(x, p, s->i);
	json_index_fill(x, p, s->end);
	return 0;
}

/* The value at p, whatever it is: behind it, or NULL. */
static const char *
value_any(struct scan *s, const struct seen *k, const char *p)
{
	if (p >= s->end)
		return NULL;
	s->depth = k->depth;
	p = json_member(s, k, p);
	if (p == NULL || p >= s->end)
		return NULL; /* the closing bracket is still to come */
	s->i = place_of(s, p);
	return p;
}

static const char *
shape_read(struct scan *s, const char *p)
{
	const struct seen *k = s->h->shapes.first;
	const struct json_index *x = s->index;
	const uint16_t *place = x->at;
	const char *end = s->end, *close;
	struct value *v;
	size_t i = place_of(s, p);

	for (;; k = k->next) {
		if (UNLIKELY(k == NULL || !seen_is(k, p, end))) {
			k = step_find(k, p, end);
			if (k == NULL)
				return NULL;
		}
		p += k->n;
		i += k->n_specials;
		/* as string_close(); it knows the end as well */
		if (LIKELY(k->step <= STEP_NO_TEXT && i < x->n &&
			   *(close = x->base + place[i + 1]) == '"')) {
			if (k->step == STEP_TEXT) {
				v = &s->slot[k->slot];
				v->type = VALUE_TEXT;
				v->text.p = p;
				v->text.n = (size_t)(close - p);
			}
			i += 2;
			p = close + 1;
			continue;
		}
		if (k->step == STEP_END)
			break;
		if (k->step == STEP_NO_NUMBER && is_digit(*p)) {
			p = number(s, p, NULL);
		} else if (k->step == STEP_NUMBER && is_digit(*p)) {
			p = number(s, p, &s->slot[k->slot]);
		} else {
			s->i = i;
			p = value_any(s, k, p - (k->step <= STEP_NO_TEXT));
			i = s->i;
		}
		if (UNLIKELY(p == NULL || p > end))
			return NULL;
	}
	s->i = i;
	s->depth = 0;
	return p <= end && !s->twice ? p : NULL;
}

const char *
json_shape_read(struct scan *s, const char *p)
{
	struct shapes *a = &s->h->shapes;
	const char *end = a->first != NULL ? shape_read(s, p) : NULL;

	if (LIKELY(end != NULL)) {
		a->hits++;
		return end;
	}
	a->misses++;
	a->off = a->misses > MISSES_MIN && a->misses > a->hits / 4;
	return NULL;
}

/* ---- learning --------------------------------------------------------------- */

/* Where a shape is being laid down. */
struct learning {
	struct scan *s;
	const char *from; /* behind the value before */
	struct seen **at; /* where the next step hangs */
	unsigned depth;
};

static enum step
step_of(const struct seen *want, char first)
{
	if (want->kind == SEEN_VISIT)
		return STEP_VALUE;
	if (first == '"')
		return want->kind == SEEN_LEAF ? STEP_TEXT : STEP_NO_TEXT;
	if (is_digit(first))
		return want->kind == SEEN_LEAF ? STEP_NUMBER : STEP_NO_NUMBER;
	return STEP_VALUE;
}

/*
 * The step from the value before to `value`, or to the end (`want` NULL).
 * False: no more are kept.
 */
static bool
step_add(struct learning *l, const char *value, const struct seen *want)
{
	enum step step = want != NULL ? step_of(want, *value) : STEP_END;
	bool text = step == STEP_TEXT || step == STEP_NO_TEXT;
	struct span glue = { l->from, (size_t)(value - l->from) + text };
	struct shapes *a = &l->s->h->shapes;
	struct seen **at, *k;
	unsigned n = 0;

	for (at = l->at; *at != NULL; at = &(*at)->other, n++)
		if ((*at)->n == glue.n &&
		    memcmp((*at)->glue, glue.p, glue.n) == 0)
			break;
	k = *at;
	if (k == NULL) {
		if (a->n == STEPS_MAX || n == OTHERS_MAX ||
		    glue.n > GLUE_MAX_BYTES || l->depth > UINT8_MAX)
			return false;
		a->n++;
		k = arena_alloc(&l->s->h->arena, sizeof *k);
		if (want != NULL)
			*k = *want;
		json_seen_glue(l->s->h, k, glue);
		k->n_specials = (uint16_t)(k->n_specials - text);
		k->depth = (uint8_t)l->depth;
		k->step = (uint8_t)step;
		/* the longer one first: a value's step would take a text */
		k->other = text ? *l->at : NULL;
		*(text ? l->at : at) = k;
	}
	l->at = &k->next;
	return true;
}

/* The object at p, of a node: behind it, or NULL when that is all. */
static const char *
object_learn(struct learning *l, int node, const char *p)
{
	const struct json_plan *plan = l->s->plan;
	const char *quote, *value, *key_end;
	struct seen want;
	struct span key;
	bool escaped;

	l->depth++;
	p = space_skip(l->s, p + 1);
	while (*p != '}') {
		quote = p;
		value = json_key(l->s, quote, &key_end, &escaped);
		key = (struct span){ quote + 1, (size_t)(key_end - quote) - 2 };
		if (escaped)
			key =
			    json_unescape(l->s->arena, quote + 1, key_end - 1);
		memset(&want, 0, sizeof want);
		json_seen_want(&want, plan, node, key);
		if (want.kind == SEEN_VISIT && *value == '{' &&
		    is_plain(&plan->node[want.child])) {
			p = object_learn(l, want.child, value);
		} else {
			if (!step_add(l, value, &want))
				return NULL;
			l->from = p = json_skip(l->s, value);
		}
		if (p == NULL)
			return NULL;
		p = space_skip(l->s, p);
		if (*p == ',')
			p = space_skip(l->s, p + 1);
	}
	l->depth--;
	return p + 1;
}

void
json_shape_learn(struct scan *s, const char *p)
{
	struct scan again = *s;
	struct learning l = { &again, p, &s->h->shapes.first, 0 };

	if (!is_plain(&s->plan->node[0]))
		s->h->shapes.off = true;
	if (s->h->shapes.off)
		return;
	again.depth = 0;
	p = object_learn(&l, 0, p);
	if (p != NULL)
		(void)step_add(&l, p, NULL);
}
