/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows into columns: fields of a kind, then those of the next. */
#include "ingest/store_gather.h"

#include <stdlib.h>

void
gather_clear(struct gather *g)
{
	int f;

	for (f = 0; f < EVENT_N_STR; f++)
		free(g->code[f]);
	memset(g, 0, sizeof *g);
}

/* The codes of a field's names in the block, when it is met first. */
static uint64_t *
codes_new(struct gather *g, int f)
{
	g->code[f] = calloc(g->book->n_names + 1, sizeof g->code[f][0]);
	if (g->code[f] == NULL)
		err_no_memory(0);
	return g->code[f];
}

static inline uint32_t
name_code(struct gather *g, int f, uint16_t name)
{
	uint64_t *code = g->code[f];

	if (code == NULL)
		code = codes_new(g, f);
	if (code[name] >> 32 != g->bw->generation)
		code[name] = (uint64_t)g->bw->generation << 32 |
			     builder_name(g->bw, f, g->book->name[name]);
	return (uint32_t)code[name];
}

static inline void
nums_gather(struct builder *bw, const struct row_shape *s, const uint8_t *f,
    const char *p, uint32_t r)
{
	int32_t narrow;
	unsigned i;

	if (s->num_bytes == 8) {
		for (i = 0; i < s->n_nums; i++)
			memcpy(&bw->num[f[i]][r], p + 8 * (size_t)i, 8);
		return;
	}
	for (i = 0; i < s->n_nums; i++) {
		memcpy(&narrow, p + 4 * (size_t)i, 4);
		bw->num[f[i]][r] = narrow;
	}
}

void
gather_row(struct gather *g, const struct row *row)
{
	struct row_shape own;
	const struct row_shape *s = row_shape_of(g->book, row, &own);
	const char *base = (const char *)row, *p = base + s->texts_at;
	struct place place = { row->member, row->part, row->bytes,
		row->offset };
	const uint8_t *f = s->field;
	struct builder *bw = g->bw;
	uint16_t name;
	unsigned i;
	uint32_t r;

	builder_touch(bw, s->present);
	r = builder_row(bw, row->hash, &place);
	if (row->time_us != STORE_ABSENT)
		bw->num[EV_TIME][r] = row->time_us;
	for (i = 0; i < s->n_words; i++)
		bw->word[f[i]][r] = (uint8_t)base[s->words_at + i];
	f += s->n_words;
	for (i = 0; i < s->n_ids; i++)
		builder_id(bw, f[i] - EVENT_N_NUM, r,
		    row_id_next((const uint8_t *)base + s->lengths_at, i, &p));
	f += s->n_ids;
	nums_gather(bw, s, f, base + s->nums_at, r);
	f += s->n_nums;
	for (i = 0; i < s->n_names; i++) {
		memcpy(&name, base + s->names_at + 2 * (size_t)i, 2);
		bw->code[f[i] - EVENT_N_NUM][r] =
		    (uint16_t)(name != ROW_INLINE
				   ? name_code(g, f[i] - EVENT_N_NUM, name)
				   : builder_name(bw, f[i] - EVENT_N_NUM,
					 row_text_next(&p)));
	}
}
