/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text lines: the first pattern that matches a whole line gives the values.
 * Lines that belong together (record_group.h) are matched twice: once for
 * their key, again when all of them are there.
 */
#include <assert.h>

#include "ingest/record_cut.h"

static const char no_match[] = "line does not match the pattern";

/* ---- lines ----------------------------------------------------------------- */

/* The line at `at`; to behind its line end, which may be missing. */
static size_t
line_find(struct span s, size_t at, size_t *end)
{
	const char *nl = memchr(s.p + at, '\n', s.n - at);

	*end = nl != NULL ? (size_t)(nl - s.p) : s.n;
	at = nl != NULL ? *end + 1 : s.n;
	if (*end > 0 && s.p[*end - 1] == '\r')
		--*end;
	return at;
}

/* The first pattern that matches, its captures in p->match; or NULL: none,
 * or p->over tells why that is not known. */
static const struct map_pattern *
pattern_find(struct record_parser *p, const struct map *m, struct span s)
{
	const struct map_pattern *x = m->pattern;
	size_t i;

	p->over = NULL;
	for (i = 0; i < m->n_patterns && p->over == NULL; i++, x++)
		if (record_match(p, m, x->re, s) >= 0)
			return x;
	return NULL;
}

/* What capture c took of the line, absent when it took no part. */
static struct span
captured(const struct record_parser *p, struct span s, unsigned c)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(p->match);
	struct span none = { NULL, 0 };

	if (c == 0 || c >= pcre2_get_ovector_count(p->match) ||
	    at[2 * c] == PCRE2_UNSET || at[2 * c + 1] < at[2 * c])
		return none;
	return map_cut(s, at[2 * c], at[2 * c + 1]);
}

static const char *
line_refuse(struct span s)
{
	if (s.n > RECORD_MAX_BYTES)
		return "record is too long";
	return json_utf8_is_valid(s) ? NULL : "invalid UTF-8";
}

static void
line_parse(struct record_parser *p, size_t at, size_t end)
{
	struct span s = { p->text.p + at, end - at };
	const char *reason = line_refuse(s);
	const struct map_pattern *x;
	struct value *v;
	int i;

	x = reason == NULL ? pattern_find(p, p->map, s) : NULL;
	if (x == NULL) {
		if (reason == NULL)
			reason = p->over != NULL ? p->over : no_match;
		record_reject(p, at, s.n, reason);
		return;
	}
	for (i = 0; i < p->map->n_slots; i++) {
		if (p->map->slot[i].doc != DOC_RECORD)
			continue;
		v = &p->slot[i];
		v->text = captured(p, s, x->capture[i]);
		v->type = v->text.p != NULL ? VALUE_TEXT : VALUE_ABSENT;
	}
	record_emit(p, at, s.n);
}

/* ---- lines that belong together ------------------------------------------- */

/* One line more; true when groups are complete. */
static bool
group_line(struct record_parser *p, const struct map *m, struct span text,
    size_t at, size_t end, size_t next)
{
	struct group_line line = { at, end, 0 };
	struct span s = { text.p + at, end - at };
	struct span key[MAP_TOGETHER_MAX];
	const char *reason = line_refuse(s);
	const struct map_pattern *x = NULL;
	size_t bytes = 0;
	int k;

	if (reason == NULL && (x = pattern_find(p, m, s)) == NULL)
		reason = p->over != NULL ? p->over : no_match;
	for (k = 0; x != NULL && k < m->n_together; k++) {
		key[k] = captured(p, s, x->key[k]);
		if (key[k].p == NULL)
			key[k] = map_cut(s, 0, 0);
		bytes += key[k].n;
	}
	return record_groups_add(&p->groups, line, next, bytes > 0 ? key : NULL,
	    m->n_together, reason);
}

/* Slots from one line more of a record: the first that has it counts. */
static void
slots_from_line(struct record_parser *p, struct span s)
{
	const struct map_pattern *x = pattern_find(p, p->map, s);
	const struct map_slot *slot = p->map->slot;
	struct span type, value;
	int i;

	if (x == NULL) /* it did match before */
		return;
	type = captured(p, s, x->type);
	for (i = 0; i < p->map->n_slots; i++, slot++) {
		if (slot->doc != DOC_RECORD || x->capture[i] == 0 ||
		    (slot->type.n > 0 && !span_eq(slot->type, type)))
			continue;
		value = captured(p, s, x->capture[i]);
		if (value.p == NULL || map_is_null_word(p->map, value))
			continue;
		if (slot->all) {
			if (p->joined[i].n > 0)
				(void)buf_char(&p->joined[i], ' ');
			(void)buf_span(&p->joined[i], value);
		} else if (p->slot[i].type == VALUE_ABSENT) {
			p->slot[i].type = VALUE_TEXT;
			p->slot[i].text = value;
		}
	}
}

static void
group_emit(struct record_parser *p, const struct group *g)
{
	const struct group_line *line = &p->groups.line[g->first];
	const struct map *m = p->map;
	size_t at = line->at, end = p->groups.line[g->last].end;
	int i;

	if (g->reason != NULL) {
		record_reject(p, at, end - at, g->reason);
		return;
	}
	for (i = 0; i < m->n_slots; i++) {
		if (m->slot[i].doc != DOC_RECORD)
			continue;
		p->slot[i].type = VALUE_ABSENT;
		buf_reset(&p->joined[i]);
	}
	for (;; line = &p->groups.line[line->next - 1]) {
		slots_from_line(p, (struct span){ p->text.p + line->at,
				       line->end - line->at });
		if (line->next == 0)
			break;
	}
	for (i = 0; i < m->n_slots; i++)
		if (m->slot[i].all && p->joined[i].n > 0) {
			p->slot[i].type = VALUE_TEXT;
			p->slot[i].text = buf_as_span(&p->joined[i]);
		}
	record_emit(p, at, end - at);
}

static void
groups_emit(struct record_parser *p)
{
	uint32_t i;

	for (i = 0; i < p->groups.n_settled && !p->stopped; i++)
		group_emit(p, &p->groups.group[i]);
	record_groups_drop(&p->groups);
}

static void
groups_parse(struct record_parser *p, size_t at)
{
	size_t end, next;

	record_groups_begin(&p->groups, at);
	for (; at < p->text.n && !p->stopped; at = next) {
		next = line_find(p->text, at, &end);
		if (end > at && group_line(p, p->map, p->text, at, end, next))
			groups_emit(p);
	}
	p->groups.n_settled = p->groups.n_groups;
	groups_emit(p);
}

size_t
record_cut_groups(struct record_cutter *c, struct span s, bool at_end)
{
	size_t at = record_text_begin(&c->state, s), end, next, cut;

	if (at_end)
		return s.n;
	if (c->state.skip && at == s.n && s.n > 0 && s.p[s.n - 1] != '\n')
		return s.n;
	if (c->parser == NULL)
		c->parser = record_parser_new();
	cut = c->state.skip ? at : 0;
	record_groups_begin(&c->parser->groups, at);
	for (; at < s.n; at = next) {
		next = line_find(s, at, &end);
		if (s.p[next - 1] != '\n')
			break;
		if (end > at &&
		    group_line(c->parser, c->map, s, at, end, next)) {
			cut = c->parser->groups.from;
			record_groups_drop(&c->parser->groups);
		}
	}
	/* behind a line that is too long all groups are over */
	if (s.n - at > RECORD_MAX_BYTES && cut < at)
		cut = at;
	if (cut > 0 || s.n <= RECORD_MAX_BYTES) {
		c->state.skip = c->state.skip && cut == 0;
		return cut;
	}
	c->state.skip = true;
	return s.n;
}

void
record_parse_text(struct record_parser *p)
{
	size_t at = record_text_begin(p->piece->state, p->text), end, next;

	if (p->map->n_together > 0) {
		groups_parse(p, at);
		return;
	}
	for (; at < p->text.n && !p->stopped; at = next) {
		next = line_find(p->text, at, &end);
		if (end > at)
			line_parse(p, at, end);
	}
}
