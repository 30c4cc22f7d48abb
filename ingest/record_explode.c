/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Documents inside strings, and records that are split into several events.
 *
 * How it works: the levels of explode are walked like nested loops.  At each
 * element of a level its slots are filled and the documents in its strings
 * are parsed; below the last level the slots of all levels together make an
 * event.  Where a container is not there, or empty, one event is made of
 * what lies above it, as of a record that is not split.
 *
 * A record gives PARTS_MAX events at most, and at most WORK_MAX_BYTES go
 * through its decoders; elements beyond are counted as absent fields.
 */
#include <assert.h>

#include "ingest/gpp.h"
#include "ingest/json5.h"
#include "ingest/record_parser.h"
#include "ingest/tcf.h"

/* ---- documents in strings ------------------------------------------------ */

/* The text that holds a document as JSON; false: it is none, or too long. */
static bool
doc_text(struct record_parser *p, const struct map_doc *d, struct span text,
    struct buf *b)
{
	const char *reason;
	int rc = -1;

	buf_reset(b);
	switch (d->form) {
	case FORM_JSON:
		rc = buf_span(b, text);
		break;
	case FORM_TCF:
		rc = tcf_json(text, d->with_vendors, b, &reason);
		break;
	case FORM_GPP:
		rc = gpp_json(text, d->with_vendors, b, &reason);
		break;
	case FORM_USP:
		rc = usp_json(text, b, &reason);
		break;
	case FORM_XML:
		if (p->xml == NULL)
			p->xml = xml_reader_new();
		rc = xml_json(p->xml, text, &d->lists, b, &reason);
		break;
	case FORM_JSON5:
		rc = json5_json(text, b, &reason);
		break;
	}
	if (rc < 0 || buf_room(b, JSON_PADDING_BYTES) < 0)
		return false;
	memset(b->p + b->n, 0, JSON_PADDING_BYTES);
	return true;
}

/*
 * What is around the records of XML is the same for many of them: whether it
 * was read already.  If not, it will be now.
 */
static bool
around_is_read(struct record_parser *p, int doc)
{
	int slot = p->map->doc[doc].source->plain;
	int up = slot >= 0 ? p->map->slot[slot].up : 0;

	if (up == 0)
		return false;
	if (p->around_seen[doc] == p->around[up].version) {
		p->tally->fields_absent += p->around_bad[doc];
		return true;
	}
	p->around_seen[doc] = p->around[up].version;
	p->around_bad[doc] = false;
	return false;
}

/* What stands as text in a slot becomes a document of its own. */
void
record_docs_parse(struct record_parser *p, int level)
{
	const struct map *m = p->map;
	const struct map_doc *d;
	const char *reason;
	const struct value *v;
	struct value room;
	struct buf *b;
	int i, s;

	for (i = DOC_INNER; i < m->n_docs; i++) {
		d = &m->doc[i];
		if (d->level != level || d->source == NULL)
			continue;
		if (around_is_read(p, i))
			continue;
		b = &p->inner[i];
		p->odd = false;
		v = map_eval(p, d->source, &room);
		if (v != NULL && v->type == VALUE_TEXT) {
			if (doc_text(p, d, v->text, b) &&
			    json_parse(p->reader[i], d->plan, buf_as_span(b),
				p->slot, &reason) == JSON_OK)
				continue;
			p->odd = true;
			p->around_bad[i] = true;
		}
		p->tally->fields_absent += p->odd;
		for (s = 0; s < m->n_slots; s++)
			if (m->slot[s].doc == i)
				p->slot[s].type = VALUE_ABSENT;
	}
}

/* ---- elements ------------------------------------------------------------ */

/* One level's way through its container. */
struct elements {
	struct json_walk walk;
	struct json_reader *reader; /* NULL: a list of texts */
	struct span rest;	    /* of the list */
	int64_t index;		    /* of the next element */
};

/* What became of the elements so far. */
struct outcomes {
	unsigned parts; /* events */
	bool refused, left_out;
	const char *reason; /* of the first that was refused */
};

static bool
elements_begin(struct record_parser *p, int level, struct elements *e)
{
	const struct map_level *l = &p->map->level[level];
	struct buf *list = &p->inner[DOC_ELEMENT + level];
	const struct value *v;
	struct value room;
	bool in_record;

	memset(e, 0, sizeof *e);
	p->odd = false;
	v = map_eval(p, l->container, &room);
	p->tally->fields_absent += p->odd;
	if (v == NULL)
		return false;
	if (l->container->plain < 0) {
		buf_reset(list);
		(void)buf_span(list, v->text);
		e->rest = buf_as_span(list);
		return true;
	}
	if (v->type != VALUE_ARRAY && v->type != VALUE_OBJECT)
		return false;
	json_walk_begin(&e->walk, v);
	in_record = p->map->slot[l->container->plain].doc == DOC_RECORD;
	e->reader = p->reader[in_record ? DOC_RECORD : DOC_ELEMENT + level];
	if (!in_record)
		json_lines_open(e->reader,
		    (struct span){ v->ref.p, (size_t)(v->ref.end - v->ref.p) });
	return true;
}

static enum json_result
text_next(struct record_parser *p, int level, struct elements *e)
{
	const struct map_level *l = &p->map->level[level];
	const char *sep;
	struct span part = e->rest;

	if (e->rest.n == 0)
		return JSON_END;
	sep = memchr(part.p, EVENT_LIST_SEP, part.n);
	if (sep != NULL)
		part.n = (size_t)(sep - part.p);
	e->rest = map_cut(e->rest, part.n + (sep != NULL), e->rest.n);
	if (l->value_slot >= 0) {
		p->slot[l->value_slot].type = VALUE_TEXT;
		p->slot[l->value_slot].text = part;
	}
	return JSON_OK;
}

/* Fill the level's slots with the next element. */
static enum json_result
element_next(struct record_parser *p, int level, struct elements *e)
{
	const struct map_level *l = &p->map->level[level];
	struct span name = { NULL, 0 };
	enum json_result got;
	struct value *key;

	if (e->reader == NULL)
		got = text_next(p, level, e);
	else
		got = json_walk_next(&e->walk, e->reader,
		    p->map->doc[DOC_ELEMENT + level].plan, p->slot, &name);
	if (got == JSON_END || l->key_slot < 0)
		return got;
	key = &p->slot[l->key_slot];
	if (name.p != NULL) {
		key->type = VALUE_TEXT;
		key->text = name;
	} else {
		key->type = VALUE_INT;
		key->i = e->index;
	}
	e->index++;
	return got;
}

/* Nothing of this level or a deeper one is there. */
static void
levels_clear(struct record_parser *p, int level)
{
	int s;

	for (s = 0; s < p->map->n_slots; s++)
		if (p->map->doc[p->map->slot[s].doc].level > level)
			p->slot[s].type = VALUE_ABSENT;
}

static void
element_refused(struct record_parser *p, struct outcomes *o, const char *why)
{
	if (!o->refused)
		o->reason = why;
	o->refused = true;
	p->tally->fields_absent++;
}

static void
element_make(struct record_parser *p, struct outcomes *o)
{
	const char *why;

	p->event.place.part = (uint16_t)o->parts;
	switch (record_event_make(p, &why)) {
	case RECORD_GAVE_EVENT:
		o->parts++;
		break;
	case RECORD_LEFT_OUT:
		o->left_out = true;
		break;
	case RECORD_REFUSED:
		element_refused(p, o, why);
		break;
	}
	/* what decoders made is gone with the event */
	p->work += p->scratch.total_bytes;
	if (p->scratch.total_bytes > 0)
		arena_reset(&p->scratch);
}

static void
level_make(struct record_parser *p, int level, struct outcomes *o)
{
	enum json_result got = JSON_END;
	const char *over = p->over;
	struct elements e;
	bool any = false;

	if (level == p->map->n_levels) {
		element_make(p, o);
		return;
	}
	if (elements_begin(p, level, &e))
		while (!p->stopped &&
		       (got = element_next(p, level, &e)) != JSON_END) {
			any = true;
			if (o->parts == PARTS_MAX || p->work > WORK_MAX_BYTES) {
				element_refused(p, o, "too many elements");
			} else if (got != JSON_OK) {
				element_refused(p, o,
				    "a key that the mapping reads stands "
				    "twice");
			} else {
				record_docs_parse(p, level + 1);
				level_make(p, level + 1, o);
				p->over = over;
			}
		}
	if (any)
		return;
	levels_clear(p, level);
	element_make(p, o);
}

enum record_outcome
record_explode(struct record_parser *p, const char **reason)
{
	struct outcomes o = { 0, false, false, NULL };

	if (map_rules_all(p, &p->map->split_if)) {
		level_make(p, 0, &o);
	} else {
		levels_clear(p, 0);
		element_make(p, &o);
	}
	*reason = o.reason;
	if (o.parts > 0)
		return RECORD_GAVE_EVENT;
	return o.refused ? RECORD_REFUSED : RECORD_LEFT_OUT;
}
