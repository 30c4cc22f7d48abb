/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Slots to events: filter, kind, time, fields.
 */
#include <assert.h>

#include "ingest/record_parser.h"

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
		return map_clock_read(f, v, &p->local, out);
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
	const struct value *v;
	struct value room;
	bool chosen = false;
	size_t i;

	if (c->from == NULL || (v = map_eval(p, c->from, &room)) == NULL)
		return 0;
	for (i = 0; i < c->n_formats; i++)
		if (stamp_read(p, &c->format[i], v, out) == 0)
			break;
	if (i == c->n_formats)
		return -1;
	*written = out->has_zone && !out->zone_unknown &&
		   c->format[i].kind != CLOCK_EPOCH;
	if (out->has_zone)
		return 1;
	if (p->local.zone != NULL)
		out->us = zone_instant(p->local.zone, out->us, &chosen);
	if (chosen && out->precision > UTC_HOUR) /* which, is not known */
		out->precision = UTC_HOUR;
	return utc_in_calendar(out->us) ? 1 : -1;
}

/* Why a time that is there was not read. */
static const char *
time_refuse(const struct record_parser *p)
{
	const struct map_clock *c = &p->map->time;
	size_t i;

	for (i = 0; i < c->n_formats && p->local.year == 0; i++)
		if (c->format[i].needs_year)
			return "time has no year: [ingest] year of case.ini";
	return "time is not understood";
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
		return time_refuse(p);
	if (got > 0) {
		event_set_num(e, EV_TIME, t.us);
		if (written)
			event_set_num(e, EV_ZONE, t.zone_min);
		precision = (int)t.precision;
		if (m->precision != 0 && m->precision < precision)
			precision = m->precision;
		if (m->time.is_day_at_midnight && t.us % UTC_US_DAY == 0)
			precision = UTC_DAY;
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

enum record_outcome
record_event_make(struct record_parser *p, const char **reason)
{
	const struct map *m = p->map;
	const struct map_program *program;
	int k, got;

	if (m->filter.n_groups > 0 &&
	    map_rules_eval(
		p, &m->filter, p->memo + m->kind.n_groups * MEMO_SLOTS) >= 0)
		return RECORD_LEFT_OUT;
	k = map_rules_eval(p, &m->kind, p->memo);
	if (p->over != NULL) {
		*reason = p->over;
		return RECORD_REFUSED;
	}
	p->is_default = k < 0 && !m->always;
	if (k < 0)
		k = m->otherwise;
	if (k < 0) {
		*reason = "kind is absent or unknown";
		return RECORD_REFUSED;
	}
	program = &m->program[k];
	p->event.present = 0;
	event_set_num(&p->event, EV_KIND, program->kind);
	*reason = put_time(p);
	if (p->over != NULL)
		*reason = p->over;
	if (*reason != NULL)
		return RECORD_REFUSED;
	record_put_fields(p, program);
	p->over = NULL; /* a field without its value is counted, that is all */
	/* only a controlled test, which says its phase, needs no time */
	if (!event_has_num(&p->event, EV_TIME) &&
	    !event_has_num(&p->event, EV_PHASE)) {
		*reason = "time is absent";
		return RECORD_REFUSED;
	}
	got = p->sink->event(p->sink->arg, &p->event);
	if (got == RECORD_FILTERED)
		return RECORD_LEFT_OUT;
	if (got < 0)
		p->stopped = -1;
	tally_time(p->tally, &p->event);
	p->tally->events++;
	return RECORD_GAVE_EVENT;
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

/* "NAME\x1fVALUE" of what copies of the record share; empty: nothing. */
static void
key_read(struct record_parser *p)
{
	const struct map *m = p->map;
	const struct value *v;
	struct value room;
	struct span text;

	buf_reset(&p->key);
	p->odd = false;
	v = map_eval(p, m->dedup, &room);
	if (v != NULL && map_text(p, v, &text) && text.n > 0 &&
	    (buf_str(&p->key, m->name) < 0 ||
		buf_char(&p->key, EVENT_LIST_SEP) < 0 ||
		buf_span(&p->key, text) < 0))
		buf_reset(&p->key);
	p->tally->fields_absent += p->odd;
}

static void
key_tell(struct record_parser *p)
{
	if (p->key.n > 0 && p->sink->key != NULL && !p->stopped &&
	    p->sink->key(p->sink->arg, &p->event.place, buf_as_span(&p->key)) <
		0)
		p->stopped = -1;
}

/* A record counts for its mapping's bid, or why it does not. */
static void
bid_count(struct record_parser *p, bool is_default)
{
	if (!map_rules_all(p, &p->map->require))
		p->not_required++;
	else if (is_default)
		p->no_rule++;
	else
		p->understood++;
}

void
record_emit(struct record_parser *p, size_t at, size_t bytes)
{
	const struct map *m = p->map;
	const char *reason = NULL;
	enum record_outcome got;

	place_set(p, at, bytes);
	if (p->scratch.total_bytes > 0)
		arena_reset(&p->scratch);
	p->work = 0;
	p->over = NULL;
	if (m->n_docs > DOC_INNER)
		record_docs_parse(p, 0);
	if (m->dedup != NULL)
		key_read(p);
	if (p->over != NULL) {
		record_reject(p, at, bytes, p->over);
		return;
	}
	got = m->n_levels > 0 ? record_explode(p, &reason)
			      : record_event_make(p, &reason);
	switch (got) {
	case RECORD_REFUSED:
		record_reject(p, at, bytes, reason);
		return;
	case RECORD_LEFT_OUT:
		p->tally->filtered++;
		if (p->most_records != 0)
			bid_count(p, false);
		break;
	case RECORD_GAVE_EVENT:
		p->tally->mapped++;
		if (m->dedup != NULL)
			key_tell(p);
		if (p->most_records != 0)
			bid_count(p, p->is_default);
		break;
	}
	record_done(p);
}
