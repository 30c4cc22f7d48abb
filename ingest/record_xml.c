/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records that are elements of an XML document.
 *
 * How it works: xml_next() goes through the bytes markup by markup, down the
 * path that the mapping names, and passes over what lies beside it.  It knows
 * tags, comments, character data and declarations, nothing more; each element
 * found then goes to xml_json(), which checks it.  The cutter and the parser
 * both go by xml_next(), so they always agree.
 *
 * A record that cannot be right (tags that do not match, no end) costs itself
 * only: reading goes on at the next one, or at the end of what it lies in.
 *
 * Of each element on the way to the records, what stood in it before its
 * first record is kept, so that a record can be read with it: its start tag
 * and whole elements, XML_BEFORE_MAX bytes at most.
 */
#include <assert.h>
#include <stdlib.h>

#include "ingest/record_cut.h"
#include "ingest/xml_scan.h"

/* What a resumed search may need of the bytes before: a name and "</". */
enum { HELD_BYTES = 128 };
/* Bytes of which it is known what markup they begin. */
enum { MARKUP_BYTES = 16 };

enum xml_got { GOT_RECORD, GOT_DAMAGE, GOT_MORE };

struct xml {
	const struct map *map;
	struct record_xml *at_path; /* where it is; goes along */
	struct span s;
	bool at_end;
	size_t at;
	size_t begin, end; /* of the record found */
	size_t seen;	   /* behind the last byte that decided anything */
	const char *reason;
};

static const char no_end[] = "invalid XML: the document does not end";

static void
seen(struct xml *x, size_t at)
{
	if (at > x->seen)
		x->seen = at < x->s.n ? at : x->s.n;
}

static enum xml_got
damage(struct xml *x, size_t begin, size_t end, const char *reason)
{
	x->begin = begin;
	x->end = end;
	x->reason = reason;
	seen(x, end);
	return GOT_DAMAGE;
}

/* The next tag that may begin a record or end what they lie in. */
static void
search(struct xml *x)
{
	const struct span *path = x->map->element;
	const struct record_xml *w = x->at_path;
	struct span name,
	    up = w->depth > 0 ? path[w->depth - 1] : (struct span){ "", 0 };
	const char *p;
	size_t n;

	for (; x->at < x->s.n; x->at++) {
		p = memchr(x->s.p + x->at, '<', x->s.n - x->at);
		if (p == NULL) {
			x->at = x->s.n;
			return;
		}
		x->at = (size_t)(p - x->s.p);
		name = map_cut(x->s, x->at, x->s.n);
		if (name.n < HELD_BYTES && !x->at_end)
			return;
		n = name.n > 1 && name.p[1] == '/' ? 2 : 1;
		if (name.n <= n)
			continue;
		name = map_cut(name, n, name.n);
		for (n = 0; n < name.n && xml_is_name(name.p[n]); n++)
			;
		name.n = n;
		if (p[1] == '/' ? w->depth > 0 && span_eq(name, up)
				: span_eq(name, path[w->depth])) {
			x->at_path->lost = false;
			seen(x, x->at + HELD_BYTES);
			return;
		}
	}
}

/* What begins at `begin` is broken: to the next record. */
static enum xml_got
broken(struct xml *x, size_t begin, size_t end, const char *reason)
{
	x->at_path->lost = true;
	x->at_path->skip = 0;
	x->at = begin + 1;
	search(x);
	seen(x, end + MARKUP_BYTES);
	return damage(x, begin, end, reason);
}

/* There is not enough of what begins at x->at. */
static enum xml_got
more(struct xml *x)
{
	size_t begin = x->at;

	if (x->s.n - begin > RECORD_MAX_BYTES) {
		seen(x, begin + RECORD_MAX_BYTES + 1);
		return broken(
		    x, begin, begin + RECORD_MAX_BYTES, "record is too long");
	}
	if (!x->at_end)
		return GOT_MORE;
	return broken(x, begin, x->s.n, no_end);
}

static enum xml_got
record(struct xml *x)
{
	size_t begin = x->at, end = begin;
	const char *reason;
	enum xml_token t = xml_scan_element(x->s, begin, &end, &reason);

	if (t == XML_MORE || (t == XML_CLOSE && end - begin > RECORD_MAX_BYTES))
		return more(x);
	if (t == XML_BAD)
		return broken(x, begin, end, reason);
	x->begin = begin;
	x->end = x->at = end;
	seen(x, end);
	return GOT_RECORD;
}

/* ---- the way to them --------------------------------------------------------- */

/* One markup more of what the element at hand holds before its records. */
static void
before_add(struct record_xml *w, struct span markup)
{
	struct record_xml_before *b;

	if (w->depth == 0)
		return;
	b = &w->before[w->depth - 1];
	if (b->is_full)
		return;
	b->version = ++w->versions;
	if (b->text.n + markup.n > XML_BEFORE_MAX) {
		b->text.n = b->whole; /* what is whole stays */
		b->is_full = true;
		return;
	}
	(void)buf_span(&b->text, markup);
	if (w->skip == 0)
		b->whole = b->text.n;
}

static void
enter(struct record_xml *w, struct span markup)
{
	struct record_xml_before *b;

	if (w->depth > 0) /* what its parent had before it, no more */
		w->before[w->depth - 1].is_full = true;
	b = &w->before[w->depth++];
	buf_reset(&b->text);
	b->whole = 0;
	b->is_full = false;
	before_add(w, markup);
}

/* Beside the path: only how deep is known. */
static void
beside(struct record_xml *w, enum xml_token t, struct span markup)
{
	w->skip += t == XML_OPEN;
	w->skip -= t == XML_CLOSE;
	before_add(w, markup);
}

static bool
is_blank(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (memchr(" \t\r\n", s.p[i], 4) == NULL)
			return false;
	return true;
}

/* A markup on the path. */
static enum xml_got
on_path(struct xml *x, enum xml_token t, struct span markup, struct span name)
{
	struct record_xml *w = x->at_path;
	size_t begin = x->at, end = begin + markup.n;

	x->at = end;
	if (t == XML_OPEN && span_eq(name, x->map->element[w->depth]))
		enter(w, markup);
	else if (t == XML_OPEN || t == XML_EMPTY)
		beside(w, t, markup);
	else if (t == XML_CLOSE && w->depth > 0 &&
		 span_eq(name, x->map->element[w->depth - 1]))
		w->depth--;
	else if (t == XML_CLOSE)
		return damage(
		    x, begin, end, "invalid XML: an end tag without its start");
	else if (t == XML_TEXT && w->depth == 0 && !is_blank(markup)) {
		seen(x, end + 1);
		return damage(
		    x, begin, end, "invalid XML: text outside the document");
	}
	return GOT_MORE;
}

/* The next record or damage; MORE when there is none in the text. */
static enum xml_got
xml_next(struct xml *x)
{
	struct record_xml *w = x->at_path;
	enum xml_got got = GOT_MORE;
	struct span name, markup;
	enum xml_token t;
	size_t end;

	while (x->at < x->s.n && got == GOT_MORE) {
		if (w->lost) {
			search(x);
			if (w->lost)
				return GOT_MORE;
		}
		t = xml_scan_markup(x->s, x->at, &end, &name);
		if (t == XML_MORE) {
			got = more(x);
			if (got == GOT_MORE)
				return got;
			continue;
		}
		if (t == XML_TEXT && end == x->s.n && !x->at_end &&
		    w->skip == 0 && w->depth == 0) {
			got = more(x); /* it may be damage, told as a whole */
			if (got == GOT_MORE)
				return got;
			continue;
		}
		if (t == XML_BAD ||
		    (t != XML_TEXT && end - x->at > RECORD_MAX_BYTES)) {
			got = t == XML_BAD
				  ? broken(x, x->at, end,
					"invalid XML: a tag does not end")
				  : more(x);
			continue;
		}
		markup = map_cut(x->s, x->at, end);
		if (w->skip > 0) {
			beside(w, t, markup);
			x->at = end;
		} else if ((t == XML_OPEN || t == XML_EMPTY) &&
			   w->depth + 1 == (unsigned)x->map->n_elements &&
			   span_eq(name, x->map->element[w->depth])) {
			if (w->depth > 0)
				w->before[w->depth - 1].is_full = true;
			got = record(x);
			if (got == GOT_MORE)
				return got;
		} else {
			got = on_path(x, t, markup, name);
		}
	}
	return got;
}

/* ---- states -------------------------------------------------------------- */

void
record_xml_clear(struct record_xml *w)
{
	int i;

	for (i = 0; i < XML_LEVELS_MAX; i++)
		buf_clear(&w->before[i].text);
	memset(w, 0, sizeof *w);
}

void
record_xml_copy(struct record_xml *to, const struct record_xml *from)
{
	const struct record_xml_before *b;
	struct record_xml_before *c;
	unsigned i;

	to->depth = from->depth;
	to->skip = from->skip;
	to->lost = from->lost;
	to->versions = from->versions;
	for (i = 0; i < from->depth; i++) {
		b = &from->before[i];
		c = &to->before[i];
		c->whole = b->whole;
		c->is_full = b->is_full;
		if (c->version == b->version)
			continue;
		c->version = b->version;
		buf_reset(&c->text);
		(void)buf_span(&c->text, buf_as_span(&b->text));
	}
}

bool
record_xml_is(const struct record_xml *a, const struct record_xml *b)
{
	unsigned i;

	if (a->depth != b->depth || a->skip != b->skip || a->lost != b->lost)
		return false;
	for (i = 0; i < a->depth; i++)
		if (a->before[i].whole != b->before[i].whole ||
		    a->before[i].is_full != b->before[i].is_full ||
		    !span_eq(buf_as_span(&a->before[i].text),
			buf_as_span(&b->before[i].text)))
			return false;
	return true;
}

/* ---- cutter and parser ------------------------------------------------------- */

static void
xml_begin(struct xml *x, const struct map *m, struct record_xml *w,
    const struct record_state *state, struct span s)
{
	memset(x, 0, sizeof *x);
	x->map = m;
	x->at_path = w;
	x->s = s;
	if (state->first && s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
		x->at = 3;
}

size_t
record_cut_xml(struct record_cutter *c, struct span s, bool at_end)
{
	struct record_xml *w = &c->state.xml;
	enum xml_got got;
	struct xml x;
	size_t cut = 0;

	if (at_end)
		return s.n;
	xml_begin(&x, c->map, &c->going, &c->state, s);
	record_xml_copy(&c->going, w);
	do {
		got = xml_next(&x);
		if (x.at < x.seen) /* damage is told by where it is seen */
			continue;
		cut = x.at;
		record_xml_copy(w, &c->going);
	} while (got != GOT_MORE);
	return cut;
}

/* What the element `up` levels above the record had before it, as XML. */
static void
around_set(struct record_parser *p, int up)
{
	const struct map *m = p->map;
	const struct record_xml_before *b;
	struct record_around *a = &p->around[up];
	int level = m->n_elements - 1 - up;

	if (level < 0)
		return;
	b = &p->xml_at.before[level];
	if (a->version == b->version)
		return;
	a->version = b->version;
	buf_reset(&a->text);
	(void)buf_add(&a->text, b->text.p, b->whole);
	(void)buf_str(&a->text, "</");
	(void)buf_span(&a->text, m->element[level]);
	(void)buf_str(&a->text, ">");
}

static void
around_slots(struct record_parser *p)
{
	const struct map_slot *slot = p->map->slot;
	int s;

	for (s = 0; s < p->map->n_slots; s++) {
		if (slot[s].up == 0)
			continue;
		around_set(p, slot[s].up);
		p->slot[s].type = VALUE_TEXT;
		p->slot[s].text = buf_as_span(&p->around[slot[s].up].text);
	}
}

static void
piece_begin(struct record_parser *p, const struct record_xml *from)
{
	int i;

	if (p->xml == NULL)
		p->xml = xml_reader_new();
	for (i = 0; i < XML_LEVELS_MAX; i++) {
		p->xml_at.before[i].version = 0; /* another member's, maybe */
		p->around[i].version = 0;
	}
	memset(p->around_seen, 0, sizeof p->around_seen);
	record_xml_copy(&p->xml_at, from);
}

static void
element_parse(struct record_parser *p, const struct xml *x)
{
	struct span text = map_cut(x->s, x->begin, x->end);
	const struct map_doc *d = &p->map->doc[DOC_RECORD];
	struct buf *json = &p->inner[DOC_RECORD];
	const char *reason;

	buf_reset(json);
	if (!json_utf8_is_valid(text)) {
		record_reject(p, x->begin, text.n, "invalid UTF-8");
		return;
	}
	if (xml_json(p->xml, text, &d->lists, json, &reason) < 0) {
		record_reject(p, x->begin, text.n, reason);
		return;
	}
	(void)buf_room(json, JSON_PADDING_BYTES);
	memset(json->p + json->n, 0, JSON_PADDING_BYTES);
	if (json_parse(p->reader[DOC_RECORD], d->plan, buf_as_span(json),
		p->slot, &reason) != JSON_OK) {
		record_reject(p, x->begin, text.n, reason);
		return;
	}
	around_slots(p);
	record_emit(p, x->begin, text.n);
}

void
record_parse_xml(struct record_parser *p)
{
	const struct record_state *state = p->piece->state;
	enum xml_got got;
	struct xml x;

	piece_begin(p, &state->xml);
	xml_begin(&x, p->map, &p->xml_at, state, p->text);
	x.at_end = state->last;
	while (!p->stopped) {
		got = xml_next(&x);
		if (got == GOT_RECORD)
			element_parse(p, &x);
		else if (got == GOT_DAMAGE)
			record_reject(p, x.begin, x.end - x.begin, x.reason);
		else
			break;
	}
	if (state->last && !p->stopped && !p->xml_at.lost &&
	    (p->xml_at.depth > 0 || p->xml_at.skip > 0))
		record_reject(p, x.at, 0, no_end);
}
