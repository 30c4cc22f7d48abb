/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sources of XML: pointers that go up, and members that are lists.
 *
 * `../a` is /a of the element around the record: its XML up to the first
 * record stands in a slot, and what is read of it is a document of its own,
 * as of XML in a string.
 *
 * An element read as JSON has a member for each name; whether one that stands
 * once is a list depends on who reads it.  It is one where a pointer goes on
 * with [key=x] or a number, and where records are split.
 */
#include "ingest/map_code.h"

int
map_around_slot(struct map_source *src, struct span text)
{
	struct map *m = src->map;
	struct map_term t = { 0 };
	struct span up = text, pointer;
	int doc, levels = 0;

	while (text.n >= 3 && memcmp(text.p, "../", 3) == 0) {
		text = map_cut(text, 3, text.n);
		levels++;
	}
	if (levels >= m->n_elements)
		return map_fail(src,
		    "\"%.*s\" goes above the document; records come first",
		    (int)up.n, up.p);
	up.n = (size_t)levels * 3 - 1;
	pointer = (struct span){ text.p - 1, text.n + 1 }; /* with the "/" */
	if (m->around_doc == 0) {
		if (m->n_docs == MAP_DOCS_MAX)
			return map_fail(src, "too many documents");
		m->around_doc = m->n_docs++;
	}
	t.slot = map_slot_of(src, m->around_doc, up);
	if (t.slot < 0)
		return -1;
	m->slot[t.slot].up = levels;
	doc = map_doc_of(src, up, FORM_XML, &t);
	return doc < 0 ? -1 : map_pointer_slot(src, doc, pointer);
}

/* ---- lists --------------------------------------------------------------- */

static void
list_add(struct map *m, int doc, struct span path)
{
	struct xml_lists *l = &m->doc[doc].lists;
	size_t i;

	for (i = 0; i < l->n; i++)
		if (span_eq(l->path[i], path))
			return;
	l->path = arena_grow(
	    &m->arena, l->path, l->n * sizeof path, (l->n + 1) * sizeof path);
	l->path[l->n++] = arena_span(&m->arena, path);
}

/* "[key=x]" or a number: it chooses among elements. */
static bool
is_choice(struct span token)
{
	return token.n > 0 &&
	       (token.p[0] == '[' || (token.p[0] >= '0' && token.p[0] <= '9'));
}

/*
 * The names of a path behind those of `names`; what it chooses among becomes
 * a list of the document.
 */
static struct span
names_add(struct map *m, int doc, struct span names, struct span path)
{
	char *out = arena_take(&m->arena, names.n + path.n + 1);
	struct span token;
	size_t n = names.n;
	const char *close, *end;

	memcpy(out, names.p, names.n);
	while (path.n > 0) {
		token = map_cut(path, 1, path.n);
		close = token.n > 0 && token.p[0] == '['
			    ? memchr(token.p, ']', token.n)
			    : NULL;
		end = close != NULL ? close : token.p;
		end = memchr(end, '/', token.n - (size_t)(end - token.p));
		if (end != NULL)
			token.n = (size_t)(end - token.p);
		path = map_cut(path, token.n + 1, path.n);
		if (is_choice(token)) {
			list_add(m, doc, (struct span){ out, n });
		} else {
			out[n++] = '/';
			memcpy(out + n, token.p, token.n);
			n += token.n;
		}
	}
	return (struct span){ out, n };
}

static bool
is_xml(const struct map *m, int doc)
{
	return (doc == DOC_RECORD && m->container == MAP_XML) ||
	       (doc >= DOC_INNER && m->doc[doc].form == FORM_XML &&
		   m->doc[doc].plan != NULL);
}

/* The names from a document's element down to those of a level's elements;
 * absent when that is not in XML. */
static struct span
level_names(struct map *m, int level, int *doc)
{
	const struct map_expr *x = m->level[level].container;
	struct span names = { "", 0 };
	const struct map_slot *s;

	*doc = -1;
	if (x->plain < 0)
		return names;
	s = &m->slot[x->plain];
	if (s->doc >= DOC_ELEMENT && s->doc < DOC_INNER)
		names = level_names(m, s->doc - DOC_ELEMENT, doc);
	else if (is_xml(m, s->doc))
		*doc = s->doc;
	if (*doc < 0)
		return names;
	names = names_add(m, *doc, names, s->path);
	list_add(m, *doc, names);
	return names;
}

void
map_lists_link(struct map *m)
{
	struct span names, none = { "", 0 };
	int i, doc;

	for (i = 0; i < m->n_levels; i++)
		(void)level_names(m, i, &doc);
	for (i = 0; i < m->n_slots; i++) {
		doc = m->slot[i].doc;
		names = none;
		if (doc >= DOC_ELEMENT && doc < DOC_INNER)
			names = level_names(m, doc - DOC_ELEMENT, &doc);
		if (doc >= 0 && is_xml(m, doc))
			(void)names_add(m, doc, names, m->slot[i].path);
	}
}
