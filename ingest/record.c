/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <stdlib.h>

#include "ingest/record_parser.h"

struct record_parser *
record_parser_new(void)
{
	struct record_parser *p = calloc(1, sizeof *p);
	int i;

	if (p == NULL)
		err_no_memory(sizeof *p);
	p->key.ceiling_bytes = DECODED_MAX_BYTES;
	for (i = 0; i < MAP_DOCS_MAX; i++)
		p->inner[i].ceiling_bytes =
		    DECODED_MAX_BYTES + JSON_PADDING_BYTES;
	p->limits = pcre2_match_context_create(NULL);
	p->match = pcre2_match_data_create(MAP_CAPTURES_MAX + 1, NULL);
	p->stack = pcre2_jit_stack_create(32 * 1024, MATCH_STACK_BYTES, NULL);
	if (p->limits == NULL || p->match == NULL || p->stack == NULL)
		err_no_memory(sizeof *p);
	pcre2_jit_stack_assign(p->limits, NULL, p->stack);
	(void)pcre2_set_match_limit(p->limits, MATCH_LIMIT);
	(void)pcre2_set_depth_limit(p->limits, MATCH_LIMIT);
	(void)pcre2_set_heap_limit(p->limits, MATCH_HEAP_KIB);
	return p;
}

int
record_match(struct record_parser *p, const struct map *m, const pcre2_code *re,
    struct span text)
{
	int n = pcre2_match(re, (PCRE2_SPTR)text.p, text.n, 0,
	    PCRE2_NO_UTF_CHECK, p->match, p->limits);

	/* compiled code has a stack of its own, and no depth or heap */
	if (n < 0 && n != PCRE2_ERROR_NOMATCH)
		p->over = map_regex_over(m, re);
	return n;
}

void
record_parser_free(struct record_parser *p)
{
	int i;

	if (p == NULL)
		return;
	for (i = 0; i < MAP_DOCS_MAX; i++) {
		json_reader_free(p->reader[i]);
		buf_clear(&p->inner[i]);
	}
	pcre2_match_data_free(p->match);
	pcre2_match_context_free(p->limits);
	pcre2_jit_stack_free(p->stack);
	encoding_marks_clear(&p->marks);
	arena_clear(&p->scratch);
	buf_clear(&p->key);
	csv_cells_clear(&p->cells);
	xml_reader_free(p->xml);
	record_xml_clear(&p->xml_at);
	for (i = 0; i < XML_LEVELS_MAX; i++)
		buf_clear(&p->around[i].text);
	record_groups_clear(&p->groups);
	for (i = 0; i < MAP_SLOTS_MAX; i++)
		buf_clear(&p->joined[i]);
	free(p->memo);
	free(p);
}

/* What was remembered of another mapping is forgotten. */
static void
bind(struct record_parser *p, const struct map *m)
{
	size_t n = m->kind.n_groups + m->filter.n_groups;
	int i;

	if (p->map == m)
		return;
	p->map = m;
	free(p->memo);
	p->memo = calloc(n * MEMO_SLOTS + 1, sizeof *p->memo);
	if (p->memo == NULL)
		err_no_memory(n * MEMO_SLOTS * sizeof *p->memo);
	memset(p->slot, 0, (size_t)m->n_slots * sizeof p->slot[0]);
	for (i = 0; i < m->n_docs; i++) {
		if (m->doc[i].plan == NULL)
			continue;
		if (p->reader[i] == NULL)
			p->reader[i] = json_reader_new();
		else
			json_reader_forget(p->reader[i]);
	}
}

static void
text_set(struct record_parser *p, const struct record_piece *piece)
{
	p->is_recoded = piece->encoding != RECORD_UTF8;
	p->text = piece->bytes;
	if (p->is_recoded) {
		encoding_change(&p->marks, piece->encoding, piece->bytes, true);
		p->text = buf_as_span(&p->marks.utf8);
	}
}

/* What the mapping does not say of its times, the case does. */
static void
local_set(struct record_parser *p)
{
	const struct zone_local *own = &p->map->local, *local = p->piece->local;

	p->local = *own;
	if (local == NULL)
		return;
	if (own->zone == NULL)
		p->local.zone = local->zone;
	if (own->year == 0) {
		p->local.year = local->year;
		p->local.first_month = local->first_month;
	}
}

int
record_parse_some(struct record_parser *p, const struct map *map,
    const struct record_piece *piece, const struct record_sink *sink,
    struct record_tally *tally)
{
	assert(piece->state != NULL);
	bind(p, map);
	p->piece = piece;
	p->sink = sink;
	p->tally = tally;
	local_set(p);
	p->record = 0;
	p->stopped = 0;
	text_set(p, piece);
	switch (map->container) {
	case MAP_JSONL:
		record_parse_jsonl(p);
		break;
	case MAP_JSON:
		record_parse_json(p);
		break;
	case MAP_XML:
		record_parse_xml(p);
		break;
	case MAP_CSV:
		record_parse_csv(p);
		break;
	case MAP_TEXT:
		record_parse_text(p);
		break;
	case MAP_CONTAINER__MAX:
		assert(!"no such container");
	}
	return p->stopped < 0 ? -1 : 0;
}

int
record_parse(struct record_parser *p, const struct map *map,
    const struct record_piece *piece, const struct record_sink *sink,
    struct record_tally *tally)
{
	p->most_records = 0;
	return record_parse_some(p, map, piece, sink, tally);
}

void
record_tally_clear(struct record_tally *t)
{
	memset(t, 0, sizeof *t);
	t->first_us = INT64_MAX;
	t->last_us = INT64_MIN;
}
