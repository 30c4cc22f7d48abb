/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Documents, their containers, and what is wrong with them.
 */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#include "ingest/base/err.h"
#include "ingest/json_int.h"

enum { ELEMENTS_INDEX_BYTES = 512 };

struct json_reader {
	struct habits first, second; /* of documents, of members */
	struct arena texts, member_texts;
	uint64_t turn;
	struct span lines; /* the text of json_lines_parse() */
	size_t i;	   /* place in the index */
	struct json_index index;
	uint16_t at[INDEX_BYTES + INDEX_SLACK];
};

struct json_reader *
json_reader_new(void)
{
	struct json_reader *r = malloc(sizeof *r);

	if (r == NULL)
		err_no_memory(sizeof *r);
	memset(r, 0, offsetof(struct json_reader, at));
	json_index_init(&r->index, r->at, INDEX_BYTES);
	return r;
}

void
json_reader_forget(struct json_reader *r)
{
	json_habits_clear(&r->first);
	json_habits_clear(&r->second);
	json_index_drop(&r->index);
}

void
json_reader_free(struct json_reader *r)
{
	if (r == NULL)
		return;
	json_habits_clear(&r->first);
	json_habits_clear(&r->second);
	arena_clear(&r->texts);
	arena_clear(&r->member_texts);
	free(r);
}

static inline void
slots_clear(const struct json_plan *p, struct value *slot)
{
	size_t n = p->n_slots, i;

	if (LIKELY(p->is_range))
		for (slot += p->slot[0]; n > 0; n--)
			slot++->type = VALUE_ABSENT;
	else
		for (i = 0; i < n; i++)
			slot[p->slot[i]].type = VALUE_ABSENT;
}

static void
scan_begin(struct scan *s, struct json_reader *r, struct habits *h,
    const struct json_plan *p, struct value *slot)
{
	if (UNLIKELY(h->plan != p || h->lines != s->lines))
		json_habits_begin(h, p, s->lines);
	slots_clear(p, slot);
	s->h = h;
	s->plan = p;
	s->slot = slot;
	s->arena = h == &r->first ? &r->texts : &r->member_texts;
	if (s->arena->total_bytes > 0)
		arena_reset(s->arena);
	s->index = &r->index;
	s->i = r->i;
	s->turn = ++r->turn;
	s->depth = 0;
	s->twice = false;
	s->reason = NULL;
}

/* ---- documents ------------------------------------------------------------------ */

/*
 * What is wrong with a text, when the descent says `reason`.  What any look
 * at all bytes finds goes before what the descent met first.
 */
static const char *
reason_of(struct span text, const char *reason)
{
	bool in_string = false, control = false, escaped = false;
	char first = '\0', last = '\0';
	size_t i;

	for (i = 0; i < text.n; i++) {
		if (memchr(" \t\r\n", text.p[i], 4) == NULL) {
			last = text.p[i];
			first = first == '\0' ? last : first;
		}
		if (text.p[i] == '"' && !escaped)
			in_string = !in_string;
		control |= in_string && (unsigned char)text.p[i] < 0x20;
		escaped = text.p[i] == '\\' && !escaped;
	}
	if (in_string)
		return JSON_BAD_STRING;
	if (control)
		return JSON_BAD_CONTROL;
	if (reason == NULL || !json_utf8_is_valid(text))
		return JSON_BAD_UTF8;
	if ((first == '{' && last != '}') || (first == '[' && last != ']'))
		return JSON_BAD_STRUCTURE;
	return reason;
}

/*
 * A document that is but a number or word may end where the text does, and
 * more of it seem to follow.
 */
static const char *
bare(struct scan *s, const char *p)
{
	size_t n = (size_t)(s->end - p);
	char *copy = arena_take(s->arena, n + JSON_PADDING_BYTES);
	const char *end = s->end, *stop;

	memcpy(copy, p, n);
	memset(copy + n, ' ', JSON_PADDING_BYTES);
	s->end = copy + n;
	stop = json_visit(s, copy);
	if (stop != NULL && stop < s->end && !is_space(s, *stop))
		(void)json_fail_behind(s, copy, stop);
	s->end = end;
	return s->reason == NULL ? p + (stop - copy) : NULL;
}

/* As document(), for one that is mostly like those before. */
static inline const char *
familiar(struct scan *s, struct json_reader *r, const char *p)
{
	const char *end = json_shape_read(s, p);

	if (LIKELY(end != NULL))
		return space_skip(s, end);
	scan_begin(s, r, s->h, s->plan, s->slot);
	end = json_visit(s, p);
	if (end == NULL || end > s->end)
		return s->reason != NULL ? NULL : scan_fail(s, JSON_BAD_STRING);
	if (!s->twice)
		json_shape_learn(s, p);
	return space_skip(s, end);
}

/* Behind the document that begins at p and the white space there, or NULL. */
static const char *
document(struct scan *s, struct json_reader *r, const char *p)
{
	p = space_skip(s, p);
	if (p == s->end)
		return scan_fail(s, JSON_BAD_EMPTY);
	if (LIKELY(*p == '{' && !s->h->shapes.off))
		return familiar(s, r, p);
	if (*p == '{' || *p == '[' || *p == '"')
		p = json_visit(s, p);
	else
		p = bare(s, p);
	if (p == NULL || p > s->end)
		return s->reason != NULL ? NULL : scan_fail(s, JSON_BAD_STRING);
	return space_skip(s, p);
}

static inline bool
is_utf8(const struct scan *s, struct span text)
{
	return json_index_is_ascii(s->index, text.p, text.p + text.n) ||
	       json_utf8_is_valid(text);
}

static enum json_result
parse(struct json_reader *r, const struct json_plan *p, bool lines,
    struct span text, struct value *slot, const char **reason)
{
	struct scan s;
	const char *at;

	s.lines = lines;
	s.end = text.p + text.n;
	scan_begin(&s, r, &r->first, p, slot);
	at = document(&s, r, text.p);
	if (at != NULL && at != s.end)
		at = scan_fail(&s, JSON_BAD_STRUCTURE);
	if (at == NULL || !is_utf8(&s, text)) {
		*reason = reason_of(text, s.reason);
		return JSON_INVALID;
	}
	if (!s.twice)
		return JSON_OK;
	*reason = "a key that the mapping reads stands twice";
	return JSON_AMBIGUOUS;
}

enum json_result
json_parse(struct json_reader *r, const struct json_plan *p, struct span text,
    struct value *slot, const char **reason)
{
	json_index_fill(&r->index, text.p, text.p + text.n);
	return parse(r, p, false, text, slot, reason);
}

void
json_lines_open(struct json_reader *r, struct span text)
{
	json_index_drop(&r->index);
	r->lines = text;
}

enum json_result
json_lines_parse(struct json_reader *r, const struct json_plan *p, size_t from,
    size_t *end, struct value *slot, const char **reason)
{
	struct span line = { r->lines.p + from, r->lines.n - from };
	const char *at;
	struct scan s;

	s.lines = true;
	s.end = line.p + line.n;
	scan_begin(&s, r, &r->first, p, slot);
	if (UNLIKELY(!json_index_has(&r->index, line.p)))
		json_index_fill(&r->index, line.p, s.end);
	at = document(&s, r, line.p);
	if (LIKELY(at != NULL && !s.twice && (at == s.end || *at == '\n'))) {
		r->i = s.i + 1; /* behind the line end */
		line.n = (size_t)(at - line.p);
		*end = from + line.n;
		if (LIKELY(is_utf8(&s, line)))
			return JSON_OK;
	}
	/* once more, for the reason */
	at = memchr(line.p, '\n', r->lines.n - from);
	line.n = at != NULL ? (size_t)(at - line.p) : r->lines.n - from;
	*end = from + line.n;
	return parse(r, p, true, line, slot, reason);
}

/* ---- containers ------------------------------------------------------------------- */

void
json_walk_begin(struct json_walk *w, const struct value *container)
{
	assert(
	    container->type == VALUE_ARRAY || container->type == VALUE_OBJECT);
	w->is_object = container->type == VALUE_OBJECT;
	w->at = container->ref.p + 1;
	w->end = container->ref.end - 1;
}

/* To the next member or element; false when there is none. */
static bool
member_next(const struct scan *s, const char **at)
{
	*at = space_skip(s, *at);
	if (*at < s->end && **at == ',')
		*at = space_skip(s, *at + 1);
	return *at < s->end;
}

enum json_result
json_walk_next(struct json_walk *w, struct json_reader *r,
    const struct json_plan *p, struct value *slot, struct span *key)
{
	const char *quote, *end;
	struct scan s;
	bool escaped;

	s.lines = false;
	s.end = w->end;
	if (!member_next(&s, &w->at))
		return JSON_END;
	scan_begin(&s, r, &r->second, p, slot);
	key->p = NULL;
	key->n = 0;
	if (w->is_object) {
		quote = w->at;
		w->at = json_key(&s, quote, &end, &escaped);
		assert(w->at != NULL); /* all of it was checked */
		key->p = quote + 1;
		key->n = (size_t)(end - quote) - 2;
		if (escaped)
			*key = json_unescape(s.arena, quote + 1, end - 1);
	}
	w->at = json_visit(&s, w->at);
	assert(w->at != NULL);
	return s.twice ? JSON_AMBIGUOUS : JSON_OK;
}

size_t
json_elements(const struct value *array, struct arena *arena, struct value *out,
    size_t room)
{
	uint16_t at[ELEMENTS_INDEX_BYTES + INDEX_SLACK];
	struct json_index index;
	struct scan s = { 0 };
	const char *p = array->ref.p + 1;
	size_t n;

	assert(array->type == VALUE_ARRAY);
	json_index_init(&index, at, ELEMENTS_INDEX_BYTES);
	s.index = &index;
	s.end = array->ref.end - 1;
	s.arena = arena;
	for (n = 0; member_next(&s, &p); n++) {
		if (n == room)
			return room + 1;
		p = json_value(&s, p, &out[n]);
		assert(p != NULL);
	}
	return n;
}
