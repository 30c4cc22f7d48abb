/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: expat's events become a tree in an arena; the tree is written
 * as JSON, children of one name together at the first one's place.
 */
#include "ingest/xml.h"

#include <assert.h>
#include <expat.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/base/arena.h"
#include "ingest/base/err.h"

struct attribute {
	struct span name, value;
	struct attribute *next;
};

/* A piece of an element's text, in the reader's buffer. */
struct chunk {
	size_t at, n;
	struct chunk *next;
};

struct element {
	struct span name;
	struct attribute *attribute;
	struct chunk *text, *last_text;
	struct element *child, *last_child, *next; /* as they stand */
	size_t n_children;
	struct element *same; /* the next of the same name */
	bool is_follower;     /* it is the `same` of another */
	size_t number;
};

struct xml_reader {
	XML_Parser parser;
	struct arena arena;
	struct buf text, path;
	struct element *root, *open[XML_DEPTH_MAX];
	int depth;
	size_t n_parts;
	const char *stop; /* why it was stopped */
	char reason[96];
};

struct xml_reader *
xml_reader_new(void)
{
	struct xml_reader *x = calloc(1, sizeof *x);

	if (x == NULL || (x->parser = XML_ParserCreate("UTF-8")) == NULL)
		err_no_memory(sizeof *x);
	return x;
}

void
xml_reader_free(struct xml_reader *x)
{
	if (x == NULL)
		return;
	XML_ParserFree(x->parser);
	arena_clear(&x->arena);
	buf_clear(&x->text);
	buf_clear(&x->path);
	free(x);
}

/* ---- tree ------------------------------------------------------------------ */

static void
stop(struct xml_reader *x, const char *why)
{
	x->stop = why;
	(void)XML_StopParser(x->parser, XML_FALSE);
}

static bool
part_add(struct xml_reader *x)
{
	if (++x->n_parts <= XML_PARTS_MAX)
		return true;
	stop(x, "too many elements and attributes");
	return false;
}

static void XMLCALL
element_open(void *arg, const XML_Char *name, const XML_Char **att)
{
	struct xml_reader *x = arg;
	struct element *e, *up;
	struct attribute *a, **end;

	if (x->depth == XML_DEPTH_MAX) {
		stop(x, "nested too deep");
		return;
	}
	if (!part_add(x))
		return;
	e = arena_alloc(&x->arena, sizeof *e);
	e->name = arena_span(&x->arena, span_of(name));
	for (end = &e->attribute; *att != NULL; att += 2, end = &a->next) {
		if (!part_add(x))
			return;
		*end = a = arena_alloc(&x->arena, sizeof *a);
		a->name = arena_span(&x->arena, span_of(att[0]));
		a->value = arena_span(&x->arena, span_of(att[1]));
	}
	up = x->depth > 0 ? x->open[x->depth - 1] : NULL;
	if (up == NULL) {
		x->root = e;
	} else {
		e->number = up->n_children++;
		if (up->last_child != NULL)
			up->last_child->next = e;
		else
			up->child = e;
		up->last_child = e;
	}
	x->open[x->depth++] = e;
}

static void XMLCALL
element_close(void *arg, const XML_Char *name)
{
	struct xml_reader *x = arg;

	(void)name;
	x->depth--;
}

static void XMLCALL
text_add(void *arg, const XML_Char *s, int n)
{
	struct xml_reader *x = arg;
	struct element *e = x->open[x->depth - 1];
	struct chunk *c = e->last_text;

	if (c == NULL || c->at + c->n != x->text.n) {
		c = arena_alloc(&x->arena, sizeof *c);
		c->at = x->text.n;
		if (e->last_text != NULL)
			e->last_text->next = c;
		else
			e->text = c;
		e->last_text = c;
	}
	c->n += (size_t)n;
	(void)buf_add(&x->text, s, (size_t)n);
}

static void XMLCALL
doctype_found(void *arg, const XML_Char *name, const XML_Char *system,
    const XML_Char *public, int has_subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_subset;
	stop(arg, "a document type is not read");
}

/* ---- JSON ------------------------------------------------------------------ */

static void
escaped(struct buf *out, struct span s)
{
	size_t i, from = 0;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		(void)buf_add(out, s.p + from, i - from);
		if (c == '"' || c == '\\')
			(void)buf_printf(out, "\\%c", c);
		else if (c == '\n')
			(void)buf_str(out, "\\n");
		else
			(void)buf_printf(out, "\\u%04x", c);
		from = i + 1;
	}
	(void)buf_add(out, s.p + from, s.n - from);
}

static void
string(struct buf *out, const char *head, struct span s)
{
	(void)buf_char(out, '"');
	(void)buf_str(out, head);
	escaped(out, s);
	(void)buf_char(out, '"');
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The element's own text, into the arena when it lies in pieces. */
static struct span
own_text(struct xml_reader *x, const struct element *e)
{
	struct span s = { "", 0 };
	const struct chunk *c;
	char *joined;
	size_t n = 0;

	for (c = e->text; c != NULL; c = c->next)
		n += c->n;
	if (e->text != NULL && e->text->next == NULL) {
		s.p = x->text.p + e->text->at;
	} else if (n > 0) {
		joined = arena_take(&x->arena, n);
		s.p = joined;
		for (c = e->text; c != NULL; c = c->next) {
			memcpy(joined, x->text.p + c->at, c->n);
			joined += c->n;
		}
	}
	s.n = n;
	for (; s.n > 0 && is_space(s.p[0]); s.n--)
		s.p++;
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

static int
by_name(const void *a, const void *b)
{
	const struct element *x = *(struct element *const *)a;
	const struct element *y = *(struct element *const *)b;
	int c = span_cmp(x->name, y->name);

	return c != 0 ? c : x->number < y->number ? -1 : 1;
}

/* Children of one name are linked, each to the next. */
static void
same_link(struct xml_reader *x, const struct element *e)
{
	struct element **list, *c;
	size_t i = 0;

	if (e->n_children < 2)
		return;
	list = arena_take(&x->arena, e->n_children * sizeof *list);
	for (c = e->child; c != NULL; c = c->next)
		list[i++] = c;
	qsort(list, i, sizeof *list, by_name);
	while (--i > 0)
		if (span_eq(list[i]->name, list[i - 1]->name)) {
			list[i - 1]->same = list[i];
			list[i]->is_follower = true;
		}
}

static bool
is_list(const struct xml_reader *x, const struct xml_lists *lists)
{
	size_t i;

	for (i = 0; i < lists->n; i++)
		if (span_eq(lists->path[i], buf_as_span(&x->path)))
			return true;
	return false;
}

static void element_write(struct xml_reader *x, const struct element *e,
    const struct xml_lists *lists, struct buf *out);

/* A member of the element's object: its children of one name. */
static void
children_write(struct xml_reader *x, const struct element *first,
    const struct xml_lists *lists, struct buf *out)
{
	size_t before = x->path.n;
	const struct element *c;
	bool list;

	(void)buf_char(&x->path, '/');
	(void)buf_span(&x->path, first->name);
	list = first->same != NULL || is_list(x, lists);
	string(out, "", first->name);
	(void)buf_str(out, list ? ":[" : ":");
	for (c = first; c != NULL; c = c->same) {
		if (c != first)
			(void)buf_char(out, ',');
		element_write(x, c, lists, out);
	}
	if (list)
		(void)buf_char(out, ']');
	x->path.n = before;
}

static void
element_write(struct xml_reader *x, const struct element *e,
    const struct xml_lists *lists, struct buf *out)
{
	const struct attribute *a;
	const struct element *c;
	struct span text = own_text(x, e);
	const char *sep = "";

	if (e != x->root && e->attribute == NULL && e->child == NULL) {
		string(out, "", text);
		return;
	}
	same_link(x, e);
	(void)buf_char(out, '{');
	for (a = e->attribute; a != NULL; a = a->next, sep = ",") {
		(void)buf_str(out, sep);
		string(out, "@", a->name);
		(void)buf_char(out, ':');
		string(out, "", a->value);
	}
	if (text.n > 0) {
		(void)buf_printf(out, "%s\"#text\":", sep);
		string(out, "", text);
		sep = ",";
	}
	for (c = e->child; c != NULL; c = c->next) {
		if (c->is_follower)
			continue;
		(void)buf_str(out, sep);
		children_write(x, c, lists, out);
		sep = ",";
	}
	(void)buf_char(out, '}');
}

int
xml_json(struct xml_reader *x, struct span text, const struct xml_lists *lists,
    struct buf *out, const char **reason)
{
	const char *why;

	(void)XML_ParserReset(x->parser, "UTF-8");
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, element_open, element_close);
	XML_SetCharacterDataHandler(x->parser, text_add);
	XML_SetStartDoctypeDeclHandler(x->parser, doctype_found);
	arena_reset(&x->arena);
	buf_reset(&x->text);
	buf_reset(&x->path);
	x->root = NULL;
	x->depth = 0;
	x->n_parts = 0;
	x->stop = NULL;
	if (text.n > INT32_MAX ||
	    XML_Parse(x->parser, text.p, (int)text.n, 1) != XML_STATUS_OK) {
		why = x->stop != NULL
			  ? x->stop
			  : XML_ErrorString(XML_GetErrorCode(x->parser));
		(void)snprintf(
		    x->reason, sizeof x->reason, "invalid XML: %s", why);
		*reason = x->reason;
		return -1;
	}
	assert(x->root != NULL); /* or expat would have found no element */
	element_write(x, x->root, lists, out);
	return 0;
}
