/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records inside one JSON document.
 *
 * How it works: doc_next() goes through the bytes: down to the array that
 * the mapping names, then from element to element.  It knows strings,
 * escapes and nesting, nothing more; each element then goes to json_parse(),
 * which checks it.  The cutter and the parser both go by doc_next(), so they
 * always agree.
 *
 * An element that cannot be right (a bracket of the wrong kind, letters
 * where none can be, a control character in a string, no end) costs itself
 * only: reading goes on where the next element begins as it did, with the
 * same first key behind a comma.
 *
 * Several documents one after the other are read one after the other.
 */
#include <assert.h>

#include "ingest/json_scan.h"
#include "ingest/record_cut.h"

enum { HELD_BYTES = 2 * SIGNATURE_BYTES }; /* may hold a cut beginning */

enum doc_got {
	GOT_RECORD,
	GOT_BAD, /* a record that is none: begin, end, reason */
	GOT_MORE,
	GOT_END
};

struct doc {
	const struct map *map;
	struct span s;
	bool at_end; /* of the member: what is missing never comes */
	enum doc_where where;
	size_t at;
	char signature[SIGNATURE_BYTES];
	unsigned signature_bytes;
	size_t begin, end; /* of the record found */
	size_t seen;	   /* behind the last byte that decided anything */
	const char *reason;
};

static size_t
path_depth(struct span path)
{
	size_t i, n = 0;

	for (i = 0; i < path.n; i++)
		n += path.p[i] == '/';
	return n;
}

/* ---- steps ------------------------------------------------------------------ */

/* Bytes before `at` were looked at: no piece may end before it. */
static void
seen(struct doc *d, size_t at)
{
	if (at > d->seen)
		d->seen = at < d->s.n ? at : d->s.n;
}

static enum doc_got
bad_to(struct doc *d, size_t begin, size_t end, const char *reason)
{
	d->begin = begin;
	d->end = d->at = end;
	d->reason = reason;
	seen(d, end);
	return GOT_BAD;
}

/* What begins at `begin` is no document with records: to its end. */
static enum doc_got
step_foreign(struct doc *d, size_t begin)
{
	size_t end = begin;
	const char *nl;

	switch (json_scan_value(d->s, &end)) {
	case SCAN_DONE:
		seen(d, end + 1);
		return bad_to(
		    d, begin, end, "not a document with the mapping's records");
	case SCAN_MORE:
		if (!d->at_end && d->s.n - begin <= RECORD_MAX_BYTES)
			return GOT_MORE;
		end = d->s.n;
		break;
	case SCAN_BAD: /* no telling where it ends: a line is as good */
		nl = memchr(d->s.p + end, '\n', d->s.n - end);
		if (nl == NULL && !d->at_end &&
		    d->s.n - begin <= RECORD_MAX_BYTES)
			return GOT_MORE;
		end = nl != NULL ? (size_t)(nl - d->s.p) : d->s.n;
		seen(d, end + 1);
		break;
	}
	return bad_to(d, begin, end, "invalid JSON: bad structure");
}

/* How far a search that found nothing may forget. */
static size_t
held_back(const struct doc *d, size_t at)
{
	if (d->at_end)
		return d->s.n;
	return d->s.n > at + HELD_BYTES ? d->s.n - HELD_BYTES : at;
}

/* A document that is a record; one without end costs the rest. */
static enum doc_got
step_document(struct doc *d, size_t begin)
{
	size_t end = begin;
	enum json_scan got = json_scan_value(d->s, &end);
	char first = d->s.p[begin];

	if (got != SCAN_BAD &&
	    (got == SCAN_DONE ? end : d->s.n) - begin > RECORD_MAX_BYTES) {
		d->signature_bytes = 0;
		d->where = DOC_SKIP;
		d->begin = begin;
		d->end = begin + RECORD_MAX_BYTES;
		d->at = held_back(d, d->end + 1);
		d->reason = "record is too long";
		seen(d, d->end + 1);
		return GOT_BAD;
	}
	if (got != SCAN_DONE)
		return step_foreign(d, begin);
	d->begin = begin;
	d->end = d->at = end;
	seen(d, end + (first != '{' && first != '['));
	return GOT_RECORD;
}

static enum doc_got
step_begin(struct doc *d)
{
	size_t at = json_skip_space(d->s, d->at), begin = at;

	if (at == d->s.n) {
		d->at = at;
		return d->at_end ? GOT_END : GOT_MORE;
	}
	if (d->map->documents &&
	    !(d->map->opens_arrays && d->s.p[begin] == '['))
		return step_document(d, begin);
	switch (json_enter_array(d->s, &at, d->map->records)) {
	case SCAN_DONE:
		d->where = DOC_FIRST;
		d->at = at;
		return GOT_END; /* go on */
	case SCAN_MORE:
		if (!d->at_end && d->s.n - begin <= RECORD_MAX_BYTES)
			return GOT_MORE;
		break;
	case SCAN_BAD:
		break;
	}
	return step_foreign(d, begin);
}

/* How the object at `at` begins: through its first key. */
static void
signature_set(struct doc *d, size_t at)
{
	const char *p = d->s.p + at, *quote, *close;
	size_t room = d->s.n - at;

	d->signature_bytes = 0;
	if (room > SIGNATURE_BYTES)
		room = SIGNATURE_BYTES;
	quote = memchr(p, '"', room);
	if (*p != '{' || quote == NULL)
		return;
	close = memchr(quote + 1, '"', room - (size_t)(quote + 1 - p));
	if (close == NULL)
		return;
	d->signature_bytes = (unsigned)(close + 1 - p);
	memcpy(d->signature, p, d->signature_bytes);
}

/* The next object behind a comma that begins like this one; s.n: none. */
static size_t
signature_find(const struct doc *d, size_t at)
{
	const char *p;
	size_t i, k;

	if (d->signature_bytes == 0)
		return d->s.n;
	for (i = at; i < d->s.n; i++) {
		p = memmem(
		    d->s.p + i, d->s.n - i, d->signature, d->signature_bytes);
		if (p == NULL)
			return d->s.n;
		i = (size_t)(p - d->s.p);
		for (k = i; k > at && json_is_space(d->s.p[k - 1]); k--)
			;
		if (k > at && d->s.p[k - 1] == ',')
			return i;
	}
	return d->s.n;
}

/* The record that begins at `begin` is none: to the next one. */
static enum doc_got
step_broken(struct doc *d, size_t begin, size_t end, const char *reason)
{
	size_t next;

	if (!d->at_end && d->s.n - begin < SIGNATURE_BYTES)
		return GOT_MORE; /* the signature may be cut */
	signature_set(d, begin);
	seen(d, begin + SIGNATURE_BYTES);
	next = signature_find(d, begin + 1);
	d->where = next < d->s.n ? DOC_FIRST : DOC_SKIP;
	d->begin = begin;
	d->end = end < next ? end : next;
	d->at = next < d->s.n ? next : held_back(d, begin + 1);
	d->reason = reason;
	seen(d, end);
	return GOT_BAD;
}

static enum doc_got
step_record(struct doc *d, size_t at)
{
	size_t begin = at;

	switch (json_scan_value(d->s, &at)) {
	case SCAN_DONE:
		d->begin = begin;
		d->end = d->at = at;
		d->where = DOC_NEXT;
		seen(d, at + (d->s.p[begin] != '{' && d->s.p[begin] != '['));
		return GOT_RECORD;
	case SCAN_MORE:
		if (d->s.n - begin > RECORD_MAX_BYTES) {
			seen(d, begin + RECORD_MAX_BYTES + 1);
			return step_broken(d, begin, begin + RECORD_MAX_BYTES,
			    "record is too long");
		}
		if (!d->at_end)
			return GOT_MORE;
		return step_broken(
		    d, begin, d->s.n, "invalid JSON: the record does not end");
	case SCAN_BAD:
		break;
	}
	return step_broken(
	    d, begin, at < d->s.n ? at + 1 : at, "invalid JSON: bad structure");
}

static enum doc_got
step_array(struct doc *d)
{
	size_t at = json_skip_space(d->s, d->at);

	if (at == d->s.n) {
		if (!d->at_end)
			return GOT_MORE;
		d->where = DOC_BEGIN;
		return bad_to(
		    d, at, at, "invalid JSON: the document does not end");
	}
	if (d->where == DOC_NEXT && d->s.p[at] == ']') {
		d->at = at + 1;
		d->where = DOC_TAIL;
		return GOT_END;
	}
	if (d->where == DOC_NEXT) {
		if (d->s.p[at] != ',')
			return step_broken(d, at, at + 1,
			    "invalid JSON: no comma before the record");
		at = json_skip_space(d->s, at + 1);
		if (at == d->s.n) {
			if (!d->at_end)
				return GOT_MORE;
			d->where = DOC_BEGIN;
			return bad_to(d, at, at,
			    "invalid JSON: the document does not end");
		}
		if (d->s.p[at] == ']') {
			d->where = DOC_TAIL;
			return bad_to(d, at, at + 1,
			    "invalid JSON: no record behind the comma");
		}
	} else if (d->s.p[at] == ']') {
		d->at = at + 1;
		d->where = DOC_TAIL;
		return GOT_END;
	}
	return step_record(d, at);
}

static enum doc_got
step_skip(struct doc *d)
{
	size_t next = signature_find(d, d->at);

	if (next < d->s.n) {
		d->at = next;
		d->where = DOC_FIRST;
		return GOT_END;
	}
	d->at = held_back(d, d->at);
	if (!d->at_end)
		return GOT_MORE;
	d->where = DOC_BEGIN;
	return GOT_END;
}

/* Behind the array: close what is open, whatever else stands there. */
static enum doc_got
step_tail(struct doc *d)
{
	size_t at = d->at, depth = path_depth(d->map->records);

	while (depth > 0 && at < d->s.n) {
		char c = d->s.p[at];

		if (c == '"' || c == '{' || c == '[') {
			if (json_scan_value(d->s, &at) != SCAN_DONE)
				break;
			continue;
		}
		depth -= c == '}';
		at++;
	}
	if (depth == 0) {
		d->at = at;
		d->where = DOC_BEGIN;
		return GOT_END;
	}
	if (!d->at_end && d->s.n - d->at <= RECORD_MAX_BYTES)
		return GOT_MORE;
	d->where = DOC_BEGIN;
	return bad_to(
	    d, d->at, d->s.n, "invalid JSON: the document does not end");
}

/* The next record or bad record; MORE or END when there is none. */
static enum doc_got
doc_next(struct doc *d)
{
	enum doc_got got = GOT_END;

	while (got == GOT_END) {
		if (d->at == d->s.n &&
		    (d->where == DOC_BEGIN || d->where == DOC_SKIP))
			return GOT_END;
		switch (d->where) {
		case DOC_BEGIN:
			got = step_begin(d);
			break;
		case DOC_FIRST:
		case DOC_NEXT:
			got = step_array(d);
			break;
		case DOC_SKIP:
			got = step_skip(d);
			break;
		case DOC_TAIL:
			got = step_tail(d);
			break;
		}
	}
	return got;
}

static void
doc_open(struct doc *d, const struct map *m, const struct record_state *state,
    struct span s, bool at_end)
{
	memset(d, 0, sizeof *d);
	d->map = m;
	d->s = s;
	d->at_end = at_end;
	d->where = state->where;
	d->signature_bytes = state->signature_bytes;
	memcpy(d->signature, state->signature, sizeof d->signature);
	if (state->first && s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
		d->at = 3;
}

static void
state_set(struct record_state *state, const struct doc *d)
{
	state->where = d->where;
	state->signature_bytes = d->signature_bytes;
	memcpy(state->signature, d->signature, sizeof d->signature);
}

size_t
record_cut_json(struct record_cutter *c, struct span s, bool at_end)
{
	enum doc_got got;
	struct doc d;
	size_t cut = 0;

	if (at_end)
		return s.n;
	doc_open(&d, c->map, &c->state, s, false);
	do {
		got = doc_next(&d);
		if ((got != GOT_MORE || d.where == DOC_SKIP) &&
		    d.at >= d.seen) {
			cut = d.at;
			state_set(&c->state, &d);
		}
	} while (got == GOT_RECORD || got == GOT_BAD);
	if (cut == 0 && s.n > RECORD_MAX_BYTES) {
		/* a preamble or a tail without end: nothing to be found */
		cut = s.n;
		state_set(&c->state, &d);
	}
	return cut;
}

static void
element_parse(struct record_parser *p, const struct doc *d)
{
	struct span text = { d->s.p + d->begin, d->end - d->begin };
	const char *reason = "not a JSON object";

	if (text.n > RECORD_MAX_BYTES)
		reason = "record is too long";
	else if (text.p[0] == '{' &&
		 json_parse(p->reader[DOC_RECORD], p->map->doc[DOC_RECORD].plan,
		     text, p->slot, &reason) == JSON_OK)
		reason = NULL;
	if (reason == NULL)
		record_emit(p, d->begin, text.n);
	else
		record_reject(p, d->begin, text.n, reason);
}

void
record_parse_json(struct record_parser *p)
{
	const struct record_state *state = p->piece->state;
	enum doc_got got;
	struct doc d;

	doc_open(&d, p->map, state, p->text, state->last);
	while (!p->stopped) {
		got = doc_next(&d);
		if (got == GOT_RECORD)
			element_parse(p, &d);
		else if (got == GOT_BAD)
			record_reject(p, d.begin, d.end - d.begin, d.reason);
		else
			break;
	}
}
