/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Slots to events: documents inside strings, filter, kind, time, fields.
 */
#include <assert.h>

#include "ingest/gpp.h"
#include "ingest/record_parser.h"
#include "ingest/tcf.h"

enum outcome { GAVE_EVENT, FILTERED, REFUSED };

enum { PARTS_MAX = UINT16_MAX };

/* ---- time -------------------------------------------------------------------- */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static inline uint64_t
bytes8(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof x);
	return x;
}

/*
 * The common layout, "2018-01-01T00:00:01.022Z", whose date is mostly that
 * of the record before; anything else is left to utc_parse_rfc3339().
 */
static int
stamp_quick(struct record_parser *p, struct span s, struct utc_stamp *out)
{
	const char *c = s.p;
	uint64_t a, b;
	int h, m, sec, ms;

	if (s.n != 24 || c[4] != '-' || c[10] != 'T' ||
	    ((bytes8(c) ^ bytes8(p->day_text)) |
		(bytes8(c + 2) ^ bytes8(p->day_text + 2))) != 0)
		return -1;
	/* "HH:MM:SS" and "SS.mmmZ" as digits: none above 9, 0 for others */
	a = bytes8(c + 11) ^ bytes8("00:00:00");
	b = bytes8(c + 16) ^ bytes8(":00.000Z");
	if (((a | (a + 0x0606060606060606u) | b | (b + 0x0606060606060606u)) &
		0xf0f0f0f0f0f0f0f0u) != 0 ||
	    (a & 0x0000ff0000ff0000u) != 0 || (b & 0xff000000ff0000ffu) != 0)
		return -1;
	h = (int)(a & 0xff) * 10 + (int)(a >> 8 & 0xff);
	m = (int)(a >> 24 & 0xff) * 10 + (int)(a >> 32 & 0xff);
	sec = (int)(a >> 48 & 0xff) * 10 + (int)(a >> 56 & 0xff);
	ms = (int)(b >> 32 & 0xff) * 100 + (int)(b >> 40 & 0xff) * 10 +
	     (int)(b >> 48 & 0xff);
	if (h > 23 || m > 59 || sec > 59)
		return -1;
	memset(out, 0, sizeof *out);
	out->us =
	    p->day_us + ((int64_t)(h * 3600 + m * 60 + sec) * 1000 + ms) * 1000;
	out->has_zone = true;
	out->precision = UTC_MS;
	return 0;
}
#else
static int
stamp_quick(struct record_parser *p, struct span s, struct utc_stamp *out)
{
	(void)p;
	(void)s;
	(void)out;
	return -1;
}
#endif

static int
stamp_read(struct record_parser *p, const struct map_clock_format *f,
    const struct value *v, struct utc_stamp *out)
{
	if (f->kind != CLOCK_RFC3339 || v->type != VALUE_TEXT)
		return map_clock_read(f, v, out);
	if (stamp_quick(p, v->text, out) == 0)
		return 0;
	if (utc_parse_rfc3339(v->text, out) < 0)
		return -1;
	if (v->text.p[v->text.n - 1] == 'Z' && !out->leap) {
		memcpy(p->day_text, v->text.p, sizeof p->day_text);
		p->day_us = out->us - out->us % UTC_US_DAY;
		if (out->us % UTC_US_DAY < 0)
			p->day_us -= UTC_US_DAY;
	}
	return 0;
}

/* 1: read, 0: absent, -1: not a time. */
static int
clock_eval(struct record_parser *p, const struct map_clock *c,
    struct utc_stamp *out, bool *written)
{
	const struct map *m = p->map;
	const struct value *v;
	struct value room;
	size_t i;

	if (c->from == NULL || (v = map_eval(p, c->from, &room)) == NULL)
		return 0;
	for (i = 0; i < c->n_formats; i++)
		if (stamp_read(p, &c->format[i], v, out) == 0)
			break;
	if (i == c->n_formats)
		return -1;
	*written = out->has_zone && c->format[i].kind != CLOCK_EPOCH;
	if (!out->has_zone && m->zone != NULL)
		out->us = map_zone_utc(m->zone, out->us);
	else if (!out->has_zone)
		out->us -= (int64_t)(m->has_zone ? m->zone_min : p->zone_min) *
			   60 * UTC_US_S;
	return 1;
}

static const char *
put_time(struct record_parser *p)
{
	const struct map *m = p->map;
	struct event *e = &p->event;
	struct utc_stamp t;
	bool written;
	int got, precision;

	got = clock_eval(p, &m->time, &t, &written);
	if (got < 0)
		return "time is not understood";
	if (got > 0) {
		event_set_num(e, EV_TIME, t.us);
		if (written)
			event_set_num(e, EV_ZONE, t.zone_min);
		precision = (int)t.precision;
		if (m->precision != 0 && m->precision < precision)
			precision = m->precision;
		if (precision != 0)
			event_set_num(e, EV_PRECISION, precision);
		if (m->role != 0)
			event_set_num(e, EV_TIME_ROLE, m->role);
	}
	if (m->received.from == NULL)
		return NULL;
	got = clock_eval(p, &m->received, &t, &written);
	if (got > 0)
		event_set_num(e, EV_RECEIVED, t.us);
	else
		p->tally->fields_absent += got < 0;
	return NULL;
}

/* ---- events ------------------------------------------------------------------ */

/* The text that holds a document as JSON; false: it is none. */
static bool
doc_text(const struct map_doc *d, struct span text, struct buf *b)
{
	const char *reason;
	int rc = 0;

	buf_reset(b);
	switch (d->form) {
	case FORM_JSON:
		(void)buf_span(b, text);
		break;
	case FORM_TCF:
		rc = tcf_json(text, b, &reason);
		break;
	case FORM_GPP:
		rc = gpp_json(text, b, &reason);
		break;
	case FORM_USP:
		rc = usp_json(text, b, &reason);
		break;
	}
	if (rc < 0)
		return false;
	(void)buf_room(b, JSON_PADDING_BYTES);
	memset(b->p + b->n, 0, JSON_PADDING_BYTES);
	return true;
}

/* What stands as text in a slot becomes a document of its own. */
static void
docs_parse(struct record_parser *p, bool in_element)
{
	const struct map *m = p->map;
	const struct map_doc *d;
	const char *reason;
	struct map_expr x;
	struct map_join j;
	const struct value *v;
	struct value room;
	struct buf *b;
	int i, s;

	for (i = DOC_ELEMENT + 1; i < m->n_docs; i++) {
		d = &m->doc[i];
		if (d->in_element != in_element)
			continue;
		b = &p->inner[i];
		j = (struct map_join){ (struct map_term *)d->source, 1 };
		x = (struct map_expr){ &j, 1, -1 };
		p->odd = false;
		v = map_eval(p, &x, &room);
		if (v != NULL && v->type == VALUE_TEXT) {
			if (doc_text(d, v->text, b) &&
			    json_parse(p->reader[i], d->plan, buf_as_span(b),
				p->slot, &reason) == JSON_OK)
				continue;
			p->tally->fields_absent++;
		}
		for (s = 0; s < m->n_slots; s++)
			if (m->slot[s].doc == i)
				p->slot[s].type = VALUE_ABSENT;
	}
}

static void
tally_time(struct record_tally *t, const struct event *e)
{
	if (!event_has_num(e, EV_TIME))
		return;
	if (e->num[EV_TIME] < t->first_us)
		t->first_us = e->num[EV_TIME];
	if (e->num[EV_TIME] > t->last_us)
		t->last_us = e->num[EV_TIME];
}

static enum outcome
event_make(struct record_parser *p, const char **reason)
{
	const struct map *m = p->map;
	const struct map_program *program;
	int k, got;

	if (m->filter.n_groups > 0 &&
	    map_rules_eval(
		p, &m->filter, p->memo + m->kind.n_groups * MEMO_SLOTS) >= 0)
		return FILTERED;
	k = map_rules_eval(p, &m->kind, p->memo);
	p->is_default = k < 0 && !m->always;
	if (k < 0)
		k = m->otherwise;
	if (k < 0) {
		*reason = "kind is absent or unknown";
		return REFUSED;
	}
	program = &m->program[k];
	p->event.present = 0;
	event_set_num(&p->event, EV_KIND, program->kind);
	*reason = put_time(p);
	if (*reason != NULL)
		return REFUSED;
	record_put_fields(p, program);
	/* only a controlled test, which says its phase, needs no time */
	if (!event_has_num(&p->event, EV_TIME) &&
	    !event_has_num(&p->event, EV_PHASE)) {
		*reason = "time is absent";
		return REFUSED;
	}
	got = p->sink->event(p->sink->arg, &p->event);
	if (got == RECORD_FILTERED)
		return FILTERED;
	if (got < 0)
		p->stopped = -1;
	tally_time(p->tally, &p->event);
	p->tally->events++;
	return GAVE_EVENT;
}

/* One event for each member of the container that is split. */
static enum outcome
elements_make(struct record_parser *p, const char **reason)
{
	const struct map *m = p->map;
	const struct map_doc *d = &m->doc[DOC_ELEMENT];
	enum outcome all = FILTERED, one;
	const char *why;
	struct json_walk w;
	struct span key;
	unsigned part = 0;

	json_walk_begin(&w, &p->slot[m->explode]);
	while (json_walk_next(&w, p->reader[DOC_RECORD], d->plan, p->slot,
		   &key) != JSON_END) {
		if (p->stopped || part == PARTS_MAX)
			break;
		if (m->key_slot >= 0 && key.p != NULL) {
			p->slot[m->key_slot].type = VALUE_TEXT;
			p->slot[m->key_slot].text = key;
		}
		docs_parse(p, true);
		p->event.place.part = (uint16_t)part;
		one = event_make(p, &why);
		part += one == GAVE_EVENT;
		if (one == REFUSED) {
			*reason = why;
			p->tally->fields_absent++;
		}
		if (one == GAVE_EVENT || (one == REFUSED && all == FILTERED))
			all = one;
	}
	return all;
}

static bool
has_elements(struct record_parser *p)
{
	const struct value *v;

	if (p->map->explode < 0)
		return false;
	v = &p->slot[p->map->explode];
	if (v->type == VALUE_OBJECT)
		return true;
	return v->type == VALUE_ARRAY &&
	       json_elements(v, &p->scratch, NULL, 0) > 0;
}

static void
elements_clear(struct record_parser *p)
{
	int s;

	for (s = 0; s < p->map->n_slots; s++)
		if (p->map->slot[s].doc == DOC_ELEMENT ||
		    p->map->doc[p->map->slot[s].doc].in_element)
			p->slot[s].type = VALUE_ABSENT;
}

static void
place_set(struct record_parser *p, size_t at, size_t bytes)
{
	struct place *place = &p->event.place;
	uint64_t offset = at, end = at + bytes;

	if (p->is_recoded) {
		offset = encoding_place(&p->marks, at);
		end = encoding_place(&p->marks, at + bytes);
	}
	place->member = p->piece->member;
	place->offset = p->piece->offset + offset;
	place->bytes = (uint32_t)(end - offset);
	place->part = 0;
}

static void
record_done(struct record_parser *p)
{
	p->record++;
	p->tally->records++;
	if (p->most_records != 0 && p->record >= p->most_records)
		p->stopped = 1;
}

void
record_reject(
    struct record_parser *p, size_t at, size_t bytes, const char *reason)
{
	place_set(p, at, bytes);
	p->tally->rejected++;
	p->sink->reject(p->sink->arg, p->record, p->event.place.offset,
	    p->event.place.bytes, reason);
	record_done(p);
}

void
record_emit(struct record_parser *p, size_t at, size_t bytes)
{
	const struct map *m = p->map;
	const char *reason = NULL;
	enum outcome got;

	place_set(p, at, bytes);
	if (p->scratch.total_bytes > 0)
		arena_reset(&p->scratch);
	if (m->n_docs > DOC_ELEMENT + 1)
		docs_parse(p, false);
	if (has_elements(p)) {
		got = elements_make(p, &reason);
	} else {
		if (m->explode >= 0)
			elements_clear(p);
		got = event_make(p, &reason);
	}
	switch (got) {
	case REFUSED:
		record_reject(p, at, bytes, reason);
		return;
	case FILTERED:
		p->tally->filtered++;
		p->understood += p->most_records != 0;
		break;
	case GAVE_EVENT:
		p->tally->mapped++;
		if (p->most_records != 0 && !p->is_default &&
		    map_rules_all(p, &m->require))
			p->understood++;
		break;
	}
	record_done(p);
}
