/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where whole records end.  Lines are cut at the last line end; CSV and JSON
 * documents need a look at every byte (record_csv.c, record_doc.c).
 */
#include "ingest/record_cut.h"

#include <assert.h>
#include <stdlib.h>

struct record_cutter *
record_cutter_new(const struct map *map, enum record_encoding encoding)
{
	struct record_cutter *c = calloc(1, sizeof *c);

	if (c == NULL)
		err_no_memory(sizeof *c);
	c->map = map;
	c->encoding = encoding;
	c->state.first = true;
	c->state.header_next = map->container == MAP_CSV && map->header;
	return c;
}

static bool
header_is(const struct record_header *a, const struct record_header *b)
{
	const struct record_directive *x = a->directive, *y = b->directive;
	int i;

	for (i = 0; i < MAP_DIRECTIVES_MAX; i++)
		if (x[i].n != y[i].n ||
		    memcmp(x[i].text, y[i].text, x[i].n) != 0)
			return false;
	return a->delimiter == b->delimiter && a->line_end == b->line_end &&
	       a->n_columns == b->n_columns &&
	       memcmp(a->column, b->column, sizeof a->column) == 0;
}

static bool
state_is(const struct record_state *a, const struct record_state *b)
{
	return a->skip == b->skip && a->first == b->first &&
	       a->last == b->last && a->header_next == b->header_next &&
	       a->where == b->where &&
	       a->signature_bytes == b->signature_bytes &&
	       memcmp(a->signature, b->signature, a->signature_bytes) == 0 &&
	       header_is(&a->header, &b->header) &&
	       record_xml_is(&a->xml, &b->xml);
}

static void
state_free(struct record_cutter_state *s)
{
	record_xml_clear(&s->state.xml);
	free(s);
}

void
record_cutter_free(struct record_cutter *c)
{
	struct record_cutter_state *s;

	if (c == NULL)
		return;
	while ((s = c->states) != NULL) {
		c->states = s->older;
		state_free(s);
	}
	encoding_marks_clear(&c->marks);
	csv_cells_clear(&c->cells);
	record_parser_free(c->parser);
	record_xml_clear(&c->state.xml);
	record_xml_clear(&c->going);
	free(c);
}

/* Those that nobody needs any more, but for the newest. */
static void
states_sweep(struct record_cutter *c)
{
	struct record_cutter_state **at, *s;

	if (c->states == NULL)
		return;
	for (at = &c->states->older; (s = *at) != NULL;) {
		if (atomic_load(&s->holds) > 0) {
			at = &s->older;
			continue;
		}
		*at = s->older;
		state_free(s);
	}
}

/* The state as it is now, shared with the piece before when it is equal. */
static const struct record_state *
state_now(struct record_cutter *c)
{
	struct record_cutter_state *s;

	if (c->states != NULL && state_is(&c->states->state, &c->state))
		return &c->states->state;
	states_sweep(c);
	s = malloc(sizeof *s);
	if (s == NULL)
		err_no_memory(sizeof *s);
	s->state = c->state;
	memset(&s->state.xml, 0, sizeof s->state.xml);
	record_xml_copy(&s->state.xml, &c->state.xml);
	atomic_init(&s->holds, 0);
	s->older = c->states;
	c->states = s;
	return &s->state;
}

static void
state_hold(const struct record_state *state)
{
	struct record_cutter_state *s = (struct record_cutter_state *)state;

	(void)atomic_fetch_add(&s->holds, 1);
}

void
record_state_done(const struct record_state *state)
{
	struct record_cutter_state *s = (struct record_cutter_state *)state;
	unsigned before = atomic_fetch_sub(&s->holds, 1);

	assert(before > 0);
}

static size_t
cut_lines(struct record_cutter *c, struct span bytes, bool at_end)
{
	size_t n = encoding_last_line_end(c->encoding, bytes);

	if (at_end)
		return bytes.n;
	if (n > 0) {
		c->state.skip = false;
		return n;
	}
	if (bytes.n <= RECORD_MAX_BYTES)
		return 0;
	c->state.skip = true;
	return bytes.n & ~(size_t)1; /* whole units of UTF-16 */
}

/* Whether it is enough to cut at line ends. */
static bool
is_lines(const struct map *m)
{
	return m->container == MAP_JSONL ||
	       (m->container == MAP_TEXT && m->n_together == 0);
}

/* What needs a closer look is read as UTF-8. */
static size_t
cut_text(struct record_cutter *c, struct span text, bool at_end,
    const struct record_state **state)
{
	if (c->map->container == MAP_CSV) {
		if (c->state.first && !record_cut_csv_begin(c, text, at_end))
			return 0;
		*state = state_now(c);
		return record_cut_csv(c, text, at_end);
	}
	if (c->map->container == MAP_TEXT) {
		*state = state_now(c);
		return record_cut_groups(c, text, at_end);
	}
	c->state.last = at_end;
	*state = state_now(c);
	if (c->map->container == MAP_XML)
		return record_cut_xml(c, text, at_end);
	return record_cut_json(c, text, at_end);
}

size_t
record_cut(struct record_cutter *c, struct span bytes, bool at_end,
    const struct record_state **state)
{
	struct span text = bytes;
	size_t n;

	if (is_lines(c->map)) {
		*state = state_now(c);
		n = cut_lines(c, bytes, at_end);
	} else {
		if (c->encoding != RECORD_UTF8) {
			encoding_change(&c->marks, c->encoding, bytes, at_end);
			text = buf_as_span(&c->marks.utf8);
		}
		n = cut_text(c, text, at_end, state);
		if (n == text.n && at_end)
			n = bytes.n;
		else if (n > 0 && c->encoding != RECORD_UTF8)
			n = encoding_place(&c->marks, n);
	}
	if (n == 0)
		return 0;
	c->state.first = false;
	state_hold(*state);
	return n;
}
