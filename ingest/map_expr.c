/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Expressions of mapping files: sources joined by ` + `, chosen by ` | `,
 * decoded by ` > `, which binds tightest.  Each source that is read becomes
 * a slot; `X > json /p` becomes a slot of a document of its own.
 */
#include "ingest/map_code.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

int
map_fail(struct map_source *src, const char *fmt, ...)
{
	char why[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	return err_set(
	    src->err, ERR_FAILED, "%s:%d: %s", src->map->file, src->line, why);
}

struct span
map_trim(struct span s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' ||
			      s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

struct span
map_cut(struct span s, size_t from, size_t to)
{
	struct span part = { s.p + from, to - from };

	assert(from <= to && to <= s.n);
	return part;
}

static bool
ends_with(struct span s, size_t n, const char *tail)
{
	size_t t = strlen(tail);

	return n >= t && memcmp(s.p + n - t, tail, t) == 0;
}

size_t
map_skip_quoted(struct span s, size_t i)
{
	char close = s.p[i];

	for (i++; i < s.n && s.p[i] != close; i++)
		if (s.p[i] == '\\' && close != '`' && i + 1 < s.n)
			i++;
	return i < s.n ? i + 1 : s.n;
}

static bool
is_quote(struct span s, size_t i)
{
	if (s.p[i] == '"' || s.p[i] == '`')
		return i == 0 || s.p[i - 1] == ' ';
	return s.p[i] == '/' &&
	       (ends_with(s, i, "~ ") || ends_with(s, i, "> regex "));
}

size_t
map_split(struct span s, const char *sep)
{
	size_t n = strlen(sep), i;

	for (i = 0; i < s.n;) {
		if (is_quote(s, i)) {
			i = map_skip_quoted(s, i);
			continue;
		}
		if (i > 0 && i + n < s.n && s.p[i - 1] == ' ' &&
		    s.p[i + n] == ' ' && memcmp(s.p + i, sep, n) == 0)
			return i;
		i++;
	}
	return s.n;
}

/* "\\x01" with i at the x: an ASCII character that no editor shows. */
static bool
hex_escape(struct span s, size_t *i, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const char *high, *low;

	if (s.n - *i < 3 || s.p[*i + 1] == '\0' || s.p[*i + 2] == '\0')
		return false;
	high = strchr(digits, s.p[*i + 1] | 0x20);
	low = strchr(digits, s.p[*i + 2] | 0x20);
	if (high == NULL || low == NULL || high - digits > 7)
		return false;
	*out = (char)((high - digits) * 16 + (low - digits));
	*i += 2;
	return true;
}

int
map_word_next(struct map_source *src, struct span *rest, struct span *out)
{
	struct span s = map_trim(*rest);
	size_t i, n = 0;
	char *p, c;

	if (s.n == 0)
		return 0;
	if (s.p[0] != '"') {
		for (i = 0; i < s.n && s.p[i] != ' ' && s.p[i] != '\t'; i++)
			;
		*out = arena_span(&src->map->arena, map_cut(s, 0, i));
		*rest = map_cut(s, i, s.n);
		return 1;
	}
	p = arena_alloc(&src->map->arena, s.n + 1);
	for (i = 1; i < s.n && s.p[i] != '"'; i++) {
		c = s.p[i];
		if (c == '\\' && i + 1 < s.n) {
			c = s.p[++i];
			if (c == 't')
				c = '\t';
			else if (c == 'n')
				c = '\n';
			else if (c == 'x' && hex_escape(s, &i, &c))
				;
			else if (c != '"' && c != '\\')
				return map_fail(src, "unknown escape \\%c", c);
		}
		p[n++] = c;
	}
	if (i == s.n)
		return map_fail(src, "a quote does not end");
	out->p = p;
	out->n = n;
	*rest = map_cut(s, i + 1, s.n);
	return 1;
}

/* ---- slots ------------------------------------------------------------- */

/* "/vendors", alone or within a pointer. */
static bool
names_vendors(struct span path)
{
	static const char token[] = "/vendors";
	enum { N = sizeof token - 1 };
	size_t i;

	for (i = 0; i + N <= path.n; i++)
		if (memcmp(path.p + i, token, N) == 0 &&
		    (i + N == path.n || path.p[i + N] == '/'))
			return true;
	return false;
}

int
map_slot_of(struct map_source *src, int doc, struct span path)
{
	struct map *m = src->map;
	int i;

	for (i = 0; i < m->n_slots; i++)
		if (m->slot[i].doc == doc && span_eq(m->slot[i].path, path))
			return i;
	if (m->n_slots == MAP_SLOTS_MAX)
		return map_fail(src, "more than %d sources", MAP_SLOTS_MAX);
	if (m->doc[doc].plan != NULL && (path.n == 0 || path.p[0] == '/') &&
	    json_plan_add(m->doc[doc].plan, path, m->n_slots) < 0)
		return map_fail(src, "malformed JSON pointer \"%.*s\"",
		    (int)path.n, path.p);
	if (map_form_is_consent(m->doc[doc].form) && names_vendors(path))
		m->doc[doc].with_vendors = true;
	m->slot[i].doc = doc;
	m->slot[i].path = arena_span(&m->arena, path);
	m->n_slots++;
	return i;
}

int
map_source_slot(struct map_source *src, struct span text, bool levels)
{
	bool xml = src->map->container == MAP_XML;
	bool json = src->map->container == MAP_JSONL ||
		    src->map->container == MAP_JSON || xml;
	int slot;

	if (src->map->container == 0)
		return map_fail(src, "[format] container must come first");
	if (text.n > 0 && text.p[0] == '@' &&
	    (slot = map_element_slot(src, text)) != NO_ELEMENT)
		return slot;
	if (text.n > 1 && text.p[0] == '`' && text.p[text.n - 1] == '`')
		text = map_cut(text, 1, text.n - 1);
	if (text.n == 0)
		return map_fail(src, "a source is missing");
	if (xml && text.n > 3 && memcmp(text.p, "../", 3) == 0)
		return map_around_slot(src, text);
	if (json && text.p[0] != '/')
		return map_fail(src,
		    "\"%.*s\" is no JSON pointer (which begins with /)",
		    (int)text.n, text.p);
	if (!json && text.p[0] == '/')
		return map_fail(
		    src, "a JSON pointer where the container has names");
	if (!json)
		return map_slot_of(src, DOC_RECORD, text);
	return levels ? map_levels_slot(src, DOC_RECORD, text)
		      : map_pointer_slot(src, DOC_RECORD, text);
}

int
map_term_level(const struct map *m, const struct map_term *t)
{
	int level = 0, other;
	size_t i;

	if (t->slot >= 0)
		level = m->doc[m->slot[t->slot].doc].level;
	for (i = 0; i < t->n_steps; i++) {
		if (t->step[i].kind != STEP_UNLESS)
			continue;
		other = m->doc[m->slot[t->step[i].slot].doc].level;
		level = other > level ? other : level;
	}
	return level;
}

struct map_expr *
map_expr_of_term(struct map *m, const struct map_term *t)
{
	struct map_expr *x = arena_alloc(&m->arena, sizeof *x);

	x->n_alts = 1;
	x->alt = arena_alloc(&m->arena, sizeof *x->alt);
	x->alt->n_terms = 1;
	x->alt->term = arena_alloc(&m->arena, sizeof *t);
	x->alt->term[0] = *t;
	x->plain = t->n_steps == 0 ? t->slot : -1;
	return x;
}

int
map_doc_of(struct map_source *src, struct span key, enum map_form form,
    const struct map_term *from)
{
	struct map *m = src->map;
	struct map_doc *d;
	int i;

	for (i = DOC_INNER; i < m->n_docs; i++)
		if (span_eq(m->doc[i].key, key) && m->doc[i].form == form)
			return i;
	if (m->n_docs == MAP_DOCS_MAX)
		return map_fail(src, "more than %d documents in strings",
		    MAP_DOCS_MAX - DOC_INNER);
	if (from->slot < 0)
		return map_fail(src, "a literal holds no document");
	d = &m->doc[m->n_docs];
	d->plan = json_plan_new();
	d->key = arena_span(&m->arena, key);
	d->form = form;
	d->source = map_expr_of_term(m, from);
	d->level = map_term_level(m, from);
	return m->n_docs++;
}

/* ---- documents in strings --------------------------------------------- */

/* A term while it is compiled. */
struct term_at {
	struct map_term *term;
	bool levels; /* it is that of explode */
};

/*
 * `X > json /p`: go on with the slot of /p in the document inside X, or of
 * all of it without a pointer.
 */
static int
step_document(struct map_source *src, struct span key, enum map_form form,
    struct span pointer, struct term_at *at)
{
	struct map_term *t = at->term;
	int doc = map_doc_of(src, key, form, t);

	if (doc < 0)
		return -1;
	if (pointer.n > 1 && pointer.p[0] == '`' &&
	    pointer.p[pointer.n - 1] == '`')
		pointer = map_cut(pointer, 1, pointer.n - 1);
	if (pointer.n > 0 && pointer.p[0] != '/')
		return map_fail(src, "%s is followed by a JSON pointer",
		    map_form_name(form));
	t->slot = at->levels ? map_levels_slot(src, doc, pointer)
			     : map_pointer_slot(src, doc, pointer);
	t->step = NULL;
	t->n_steps = 0;
	return t->slot < 0 ? -1 : 0;
}

/* ---- terms -------------------------------------------------------------- */

static size_t
count_parts(struct span s, const char *sep)
{
	size_t n = 1, at;

	while ((at = map_split(s, sep)) < s.n) {
		s = map_cut(s, at + strlen(sep), s.n);
		n++;
	}
	return n;
}

/* Take the part before the next separator off `rest`. */
static struct span
part_next(struct span *rest, const char *sep)
{
	size_t at = map_split(*rest, sep), n = strlen(sep);
	struct span part = map_trim(map_cut(*rest, 0, at));

	*rest = at < rest->n ? map_cut(*rest, at + n, rest->n)
			     : map_cut(*rest, rest->n, rest->n);
	return part;
}

static int
term_source(
    struct map_source *src, struct span text, bool levels, struct map_term *t)
{
	struct span rest = text;

	t->slot = -1;
	if (text.n > 0 && text.p[0] == '"') {
		if (map_word_next(src, &rest, &t->literal) < 0)
			return -1;
		if (map_trim(rest).n != 0)
			return map_fail(src, "text after a literal");
		return 0;
	}
	t->slot = map_source_slot(src, text, levels);
	return t->slot < 0 ? -1 : 0;
}

int
map_term_compile(
    struct map_source *src, struct span text, bool levels, struct map_term *t)
{
	size_t n = count_parts(text, ">"), i;
	struct span rest = text, part, key, pointer;
	struct term_at at = { t, levels };
	int form;

	memset(t, 0, sizeof *t);
	if (term_source(src, part_next(&rest, ">"), levels, t) < 0)
		return -1;
	t->step = arena_alloc(&src->map->arena, n * sizeof *t->step);
	for (i = 1; i < n; i++) {
		key = map_trim(map_cut(text, 0, (size_t)(rest.p - text.p) - 1));
		part = part_next(&rest, ">");
		form = map_form_of(part, &pointer);
		if (form >= 0) {
			if (step_document(src, key, (enum map_form)form,
				pointer, &at) < 0)
				return -1;
			t->step =
			    arena_alloc(&src->map->arena, n * sizeof *t->step);
			continue;
		}
		if (map_step_compile(src, part, &t->step[t->n_steps]) < 0)
			return -1;
		t->n_steps++;
	}
	return 0;
}

static int
join_compile(struct map_source *src, struct span text, struct map_join *j)
{
	size_t i;

	j->n_terms = count_parts(text, "+");
	j->term = arena_alloc(&src->map->arena, j->n_terms * sizeof *j->term);
	for (i = 0; i < j->n_terms; i++)
		if (map_term_compile(
			src, part_next(&text, "+"), false, &j->term[i]) < 0)
			return -1;
	return 0;
}

struct map_expr *
map_expr_compile(struct map_source *src, struct span text)
{
	struct map_expr *x = arena_alloc(&src->map->arena, sizeof *x);
	const struct map_term *t;
	size_t i;

	text = map_trim(text);
	x->n_alts = count_parts(text, "|");
	x->alt = arena_alloc(&src->map->arena, x->n_alts * sizeof *x->alt);
	for (i = 0; i < x->n_alts; i++)
		if (join_compile(src, part_next(&text, "|"), &x->alt[i]) < 0)
			return NULL;
	t = &x->alt[0].term[0];
	x->plain = -1;
	if (x->n_alts == 1 && x->alt[0].n_terms == 1 && t->n_steps == 0)
		x->plain = t->slot;
	return x;
}
