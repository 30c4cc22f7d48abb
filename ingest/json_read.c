/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: one descent over the text.  Where the plan has a node the
 * object or array is visited along with it, where it has none the value is
 * skipped; both check everything.  For every node that stands for an object
 * the reader holds what stood between the values so far, `,"key":`, each
 * with the one that came after it last time: mostly the next bytes are those
 * again, and one comparison takes comma, key and colon.
 *
 * Bytes beyond ASCII can only stand in strings; whether they are UTF-8 is
 * asked once, of the whole document.
 *
 * Nothing is read twice but arrays with [key=x] and objects with "*" in the
 * plan, and containers that are wanted as such: a slot refers to their text.
 */
#include "ingest/json_scalar.h"

static const char *visit(struct scan *s, int at, const char *p);

/* ---- steps ------------------------------------------------------------------ */

/* To the character behind white space, or NULL at the end. */
static inline const char *
step(struct scan *s, const char *p)
{
	p = space_skip(s, p);
	return p < s->end ? p : scan_fail(s, JSON_BAD_STRUCTURE);
}

const char *
json_fail_behind(struct scan *s, const char *value, const char *p)
{
	static const char between[] = { ' ', '\t', '\r', '\n', '{', '}', '[',
		']', ',', ':' };

	if (value == NULL || memchr(between, p[-1], 4) != NULL ||
	    memchr(between, *p, sizeof between) != NULL)
		return scan_fail(s, JSON_BAD_STRUCTURE);
	if (*value == '-' || (*value >= '0' && *value <= '9'))
		return scan_fail(s, JSON_BAD_NUMBER);
	if (*value == 't' || *value == 'f' || *value == 'n')
		return scan_fail(s, JSON_BAD_WORD);
	return scan_fail(s, JSON_BAD_STRUCTURE);
}

static inline bool
enter(struct scan *s, const char *p, char close)
{
	if (LIKELY(++s->depth < JSON_DEPTH_MAX))
		return true;
	p = space_skip(s, p);
	if (s->depth == JSON_DEPTH_MAX && p < s->end && *p == close)
		return true;
	(void)scan_fail(s, JSON_BAD_DEPTH);
	return false;
}

/* ---- values that nobody wants --------------------------------------------------- */

static const char *skip_container(struct scan *s, const char *p);

static inline const char *
skip(struct scan *s, const char *p)
{
	bool escaped;

	switch (*p) {
	case '"':
		return string_skip(s, p, &escaped);
	case '{':
	case '[':
		return skip_container(s, p);
	case 't':
		return word(s, p, "true", 4);
	case 'f':
		return word(s, p, "false", 5);
	case 'n':
		return word(s, p, "null", 4);
	default:
		if (UNLIKELY(*p != '-' && !is_digit(*p)))
			return scan_fail(s, JSON_BAD_STRUCTURE);
		return number(s, p, NULL);
	}
}

const char *
json_key(struct scan *s, const char *p, const char **end, bool *escaped)
{
	if (*p != '"')
		return scan_fail(s, JSON_BAD_STRUCTURE);
	p = string_skip(s, p, escaped);
	if (p == NULL)
		return NULL;
	*end = p;
	p = step(s, p);
	if (p == NULL)
		return NULL;
	if (*p != ':')
		return scan_fail(s, JSON_BAD_STRUCTURE);
	return step(s, p + 1);
}

static const char *
skip_container(struct scan *s, const char *p)
{
	char close = *p == '{' ? '}' : ']';
	const char *value = NULL, *key_end;
	bool escaped;

	if (!enter(s, p + 1, close))
		return NULL;
	p = step(s, p + 1);
	if (p == NULL)
		return NULL;
	while (*p != close || value != NULL) {
		if (close == '}') {
			p = json_key(s, p, &key_end, &escaped);
			if (p == NULL)
				return NULL;
		}
		value = p;
		p = skip(s, p);
		if (p == NULL)
			return NULL;
		p = p < s->end && *p == ',' ? p : step(s, p);
		if (p == NULL)
			return NULL;
		if (*p == close)
			break;
		if (*p != ',')
			return json_fail_behind(s, value, p);
		p = step(s, p + 1);
		if (p == NULL)
			return NULL;
	}
	s->depth--;
	return p + 1;
}

/* ---- values that are wanted ---------------------------------------------------- */

static inline const char *
value_read(struct scan *s, const char *p, struct value *v)
{
	const char *from = p;
	bool escaped;

	switch (*p) {
	case '"':
		p = string_skip(s, p, &escaped);
		if (UNLIKELY(p == NULL))
			return NULL;
		v->type = VALUE_TEXT;
		v->text.p = from + 1;
		v->text.n = (size_t)(p - from) - 2;
		if (UNLIKELY(escaped))
			v->text = json_unescape(s->arena, from + 1, p - 1);
		return p;
	case '{':
	case '[':
		p = skip_container(s, p);
		v->type = *from == '{' ? VALUE_OBJECT : VALUE_ARRAY;
		v->ref.p = from;
		v->ref.end = p;
		return p;
	case 't':
		v->type = VALUE_BOOL;
		v->b = true;
		return word(s, p, "true", 4);
	case 'f':
		v->type = VALUE_BOOL;
		v->b = false;
		return word(s, p, "false", 5);
	case 'n':
		v->type = VALUE_NULL;
		return word(s, p, "null", 4);
	default:
		if (UNLIKELY(*p != '-' && !is_digit(*p)))
			return scan_fail(s, JSON_BAD_STRUCTURE);
		return number(s, p, v);
	}
}

/* A leaf's slot is filled once a document. */
static inline const char *
leaf(struct scan *s, int slot, const char *p)
{
	struct value *v = &s->slot[slot];

	s->twice |= v->type != VALUE_ABSENT;
	return value_read(s, p, v);
}

const char *
json_member(struct scan *s, const struct seen *k, const char *p)
{
	switch (k->kind) {
	case SEEN_LEAF:
		return leaf(s, k->slot, p);
	case SEEN_VISIT:
		return visit(s, k->child, p);
	case SEEN_SKIP:
		break;
	}
	return skip(s, p);
}

/*
 * The slow way to the next member's value from `p`, behind a value or the
 * bracket (`value` NULL).  `*k` is the member before and becomes this one,
 * `room` when it is not to be remembered.  At the closing bracket: behind
 * it, with *k NULL.
 */
static const char *
member_find(struct scan *s, const char *p, const char *value, int at,
    struct seen *room, struct seen **k)
{
	struct seen *before = *k;
	const char *from = p, *quote, *end;
	struct span key, glue;
	bool escaped;

	*k = NULL;
	p = step(s, p);
	if (p == NULL)
		return NULL;
	if (*p == '}')
		return p + 1;
	if (value != NULL) {
		if (*p != ',')
			return json_fail_behind(s, value, p);
		p = step(s, p + 1);
		if (p == NULL)
			return NULL;
	}
	quote = p;
	p = json_key(s, p, &end, &escaped);
	if (p == NULL)
		return NULL;
	key.p = quote + 1;
	key.n = (size_t)(end - quote) - 2;
	if (escaped)
		key = json_unescape(s->arena, quote + 1, end - 1);
	glue.p = from;
	glue.n = (size_t)(p - from);
	*k = json_habit_entry(s->h, at, glue, key);
	if (*k == NULL) {
		*k = room;
		room->next = NULL;
		json_seen_want(room, s->plan, at, key);
	} else if (before == NULL) {
		s->h->at[at]->first = *k;
	} else if (before != room) {
		before->next = *k;
	}
	return p;
}

/* From behind the bracket of the object that stands for a node. */
static const char *
object(struct scan *s, int at, const char *p)
{
	const struct json_index *x = s->index;
	const uint16_t *place = x->at;
	const char *base = x->base, *end = s->end, *value = NULL, *close;
	int any = s->plan->node[at].any;
	struct habit *h = s->h->at[at];
	struct seen *k = NULL, *guess, room;
	struct value *v;
	size_t i, n = x->n;

	if (!enter(s, p, '}'))
		return NULL;
	if (UNLIKELY(h == NULL))
		h = json_habit_new(s->h, at);
	guess = h->first;
	i = s->i;
	for (;;) {
		if (UNLIKELY(p >= end))
			return scan_fail(s, JSON_BAD_STRUCTURE);
		if (LIKELY(guess != NULL && seen_is(guess, p, end))) {
			k = guess;
			p += k->n;
			i += k->n_specials;
		} else if (*p == '}') {
			p++;
			break;
		} else {
			s->i = i;
			p = member_find(s, p, value, at, &room, &k);
			if (p == NULL)
				return NULL;
			i = s->i;
			base = x->base;
			n = x->n;
			if (k == NULL)
				break;
		}
		guess = k->next;
		value = p;
		/* mostly string_close() succeeds */
		if (LIKELY(*p == '"' && i < n && base + place[i] == p &&
			   *(close = base + place[i + 1]) == '"' &&
			   k->kind != SEEN_VISIT)) {
			if (k->kind == SEEN_LEAF) {
				v = &s->slot[k->slot];
				s->twice |= v->type != VALUE_ABSENT;
				v->type = VALUE_TEXT;
				v->text.p = p + 1;
				v->text.n = (size_t)(close - p) - 1;
			}
			p = close + 1;
			i += 2;
			if (LIKELY(any < 0))
				continue;
		} else {
			s->i = i;
			/* more space than the last time, or the end */
			value = p = step(s, p);
			if (UNLIKELY(p == NULL))
				return NULL;
			p = json_member(s, k, p);
			i = s->i;
			base = x->base;
			n = x->n;
		}
		if (UNLIKELY(p == NULL))
			return NULL;
		if (UNLIKELY(any >= 0) && *value != 'n') {
			s->i = i;
			if (visit(s, any, value) == NULL)
				return NULL;
			any = -1;
			i = s->i;
			base = x->base;
			n = x->n;
		}
	}
	s->i = i;
	s->depth--;
	return p;
}

/* Whether a string that was checked, from quote to quote, is this text. */
static bool
string_is(struct scan *s, const char *p, const char *end, struct span text)
{
	struct span got = { p, (size_t)(end - p) };

	if (memchr(p, '\\', got.n) != NULL)
		got = json_unescape(s->arena, p, end);
	return got.n == text.n && memcmp(got.p, text.p, got.n) == 0;
}

/* Whether the value at p, which was checked, is an object with the member. */
static bool
has_member(struct scan *s, const char *p, const struct plan_select *want)
{
	const char *key, *key_end, *value;
	bool escaped;

	if (*p != '{')
		return false;
	p = space_skip(s, p + 1);
	while (*p != '}') {
		key = p + 1;
		value = json_key(s, p, &key_end, &escaped);
		p = skip(s, value);
		if (*value == '"' &&
		    string_is(s, key, key_end - 1, want->key) &&
		    string_is(s, value + 1, p - 1, want->value))
			return true;
		p = space_skip(s, p);
		if (*p == ',')
			p = space_skip(s, p + 1);
	}
	return false;
}

static bool
is_filled(const struct scan *s, int at)
{
	const struct plan_node *n = &s->plan->node[at];

	return n->is_leaf ? s->slot[n->slot].type != VALUE_ABSENT
			  : s->h->mark[at] == s->turn;
}

/* The element at p, which was checked, for all who want it. */
static bool
element(struct scan *s, const struct plan_node *n, int index, const char *p)
{
	size_t i;

	for (i = 0; i < n->n_steps; i++)
		if (n->step[i].index == index &&
		    visit(s, n->step[i].child, p) == NULL)
			return false;
	for (i = 0; i < n->n_selects; i++) /* the first one that fits */
		if (!is_filled(s, n->select[i].child) &&
		    has_member(s, p, &n->select[i]) &&
		    visit(s, n->select[i].child, p) == NULL)
			return false;
	return true;
}

/* From behind the bracket of the array that stands for a node. */
static const char *
array(struct scan *s, int at, const char *p)
{
	const struct plan_node *n = &s->plan->node[at];
	const char *value = NULL;
	bool any = n->any >= 0;
	int index;

	if (!enter(s, p, ']'))
		return NULL;
	p = step(s, p);
	for (index = 0; p != NULL && (*p != ']' || value != NULL); index++) {
		value = p;
		p = skip(s, p);
		if (p == NULL || !element(s, n, index, value))
			return NULL;
		if (any && *value != 'n') {
			any = false;
			if (visit(s, n->any, value) == NULL)
				return NULL;
		}
		p = step(s, p);
		if (p == NULL || *p == ']')
			break;
		if (*p != ',')
			return json_fail_behind(s, value, p);
		p = step(s, p + 1);
	}
	s->depth--;
	return p != NULL ? p + 1 : NULL;
}

/* The value at p for a node of the plan: behind it, or NULL. */
static const char *
visit(struct scan *s, int at, const char *p)
{
	const struct plan_node *n = &s->plan->node[at];
	const char *from = p;

	if (n->is_leaf)
		return n->slot >= 0 ? leaf(s, n->slot, p) : skip(s, p);
	s->twice |= s->h->mark[at] == s->turn;
	s->h->mark[at] = s->turn;
	if (*p == '{')
		p = object(s, at, p + 1);
	else if (*p == '[')
		p = array(s, at, p + 1);
	else
		return n->slot >= 0 ? leaf(s, n->slot, p) : skip(s, p);
	if (p != NULL && n->slot >= 0)
		(void)leaf(s, n->slot, from); /* it was checked */
	return p;
}

const char *
json_visit(struct scan *s, const char *p)
{
	return visit(s, 0, p);
}

const char *
json_skip(struct scan *s, const char *p)
{
	return skip(s, p);
}

const char *
json_value(struct scan *s, const char *p, struct value *v)
{
	return value_read(s, p, v);
}
