/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A block under construction; store_encode.c writes it. */
#include <assert.h>
#include <stdlib.h>

#include "ingest/store_group.h"

struct builder *
builder_new(int zstd_level)
{
	struct builder *bw = err_must(calloc(1, sizeof *bw), sizeof *bw);

	bw->level = zstd_level;
	bw->generation = 1;
	bw->max_rows = STORE_BLOCK_EVENTS;
	bw->max_text_bytes = STORE_BLOCK_TEXT_BYTES;
	bw->group = err_must(calloc(GROUPS, sizeof *bw->group), 0);
	bw->zstd = err_must(ZSTD_createCCtx(), 0);
	return bw;
}

void
builder_free(struct builder *bw)
{
	int f;

	if (bw == NULL)
		return;
	for (f = 0; f < EVENT_N_NUM; f++) {
		free(bw->num[f]);
		free(bw->word[f]);
	}
	for (f = 0; f < EVENT_N_STR; f++) {
		free(bw->code[f]);
		free(bw->dict[f].text);
		free(bw->dict[f].slot);
	}
	arena_clear(&bw->texts);
	(void)ZSTD_freeCCtx(bw->zstd);
	free(bw->raw);
	free(bw->group);
	free(bw);
}

static bool
is_word(int f)
{
	return event_fields[f].type == EVENT_TYPE_WORD;
}

static void
touch_num(struct builder *bw, int f)
{
	size_t size = STORE_BLOCK_EVENTS * sizeof bw->num[f][0], i;

	if (is_word(f)) {
		if (bw->word[f] == NULL)
			bw->word[f] = err_must(malloc(STORE_BLOCK_EVENTS), 0);
		memset(bw->word[f], 0, STORE_BLOCK_EVENTS);
		return;
	}
	if (bw->num[f] == NULL)
		bw->num[f] = err_must(malloc(size), size);
	for (i = 0; i < STORE_BLOCK_EVENTS; i++)
		bw->num[f][i] = STORE_ABSENT;
}

static void
touch_str(struct builder *bw, int f)
{
	size_t size = STORE_BLOCK_EVENTS * sizeof bw->code[f][0];
	size_t texts = STORE_BLOCK_EVENTS * sizeof bw->dict[f].text[0];

	if (bw->code[f] == NULL) {
		bw->code[f] = err_must(malloc(size), size);
		bw->dict[f].text = err_must(malloc(texts), texts);
	}
	memset(bw->code[f], 0, size);
	bw->dict[f].n = 0;
	if (bw->dict[f].slot != NULL)
		memset(bw->dict[f].slot, 0,
		    bw->dict[f].n_slots * sizeof bw->dict[f].slot[0]);
	bw->last_code[f] = 0;
}

void
builder_touch_fresh(struct builder *bw, uint64_t fresh)
{
	int f;

	bw->touch |= fresh;
	for (; fresh != 0; fresh &= fresh - 1) {
		f = __builtin_ctzll(fresh);
		if (f < EVENT_N_NUM)
			touch_num(bw, f);
		else
			touch_str(bw, f - EVENT_N_NUM);
	}
}

uint32_t
builder_row(struct builder *bw, uint64_t hash, const struct place *place)
{
	uint32_t row = bw->n++;

	assert(row < STORE_BLOCK_EVENTS);
	if (row == 0)
		bw->first_hash = hash;
	bw->last_hash = hash;
	builder_place(bw, row, place);
	return row;
}

uint32_t
builder_text(struct builder *bw, int f, struct span text)
{
	struct column_dict *d = &bw->dict[f];

	assert(d->n < STORE_BLOCK_EVENTS && text.p != NULL);
	d->text[d->n] = arena_span(&bw->texts, text);
	return ++d->n;
}

static void
slot_put(struct column_dict *d, uint32_t code)
{
	uint32_t at = (uint32_t)store_hash(d->text[code - 1]);

	for (at &= d->n_slots - 1; d->slot[at] != 0;)
		at = (at + 1) & (d->n_slots - 1);
	d->slot[at] = code;
}

uint32_t
builder_name(struct builder *bw, int f, struct span text)
{
	struct column_dict *d = &bw->dict[f];
	uint32_t at, code;

	if (d->n_slots == 0 || d->n > d->n_slots / 2) {
		free(d->slot);
		d->n_slots = d->n_slots == 0 ? 256 : d->n_slots * 2;
		d->slot = err_must(calloc(d->n_slots, sizeof d->slot[0]), 0);
		for (code = 1; code <= d->n; code++)
			slot_put(d, code);
	}
	at = (uint32_t)store_hash(text) & (d->n_slots - 1);
	for (; (code = d->slot[at]) != 0; at = (at + 1) & (d->n_slots - 1))
		if (span_eq(d->text[code - 1], text))
			return code;
	code = builder_text(bw, f, text);
	slot_put(d, code);
	return code;
}

uint32_t
builder_event(struct builder *bw, uint64_t hash, const struct event *e)
{
	uint32_t r;
	uint64_t bits;
	int f;

	builder_touch(bw, e->present);
	r = builder_row(bw, hash, &e->place);
	for (bits = e->present; bits != 0; bits &= bits - 1) {
		f = __builtin_ctzll(bits);
		if (f < EVENT_N_NUM)
			builder_num(bw, f, r, e->num[f]);
		else if (event_fields[f].type == EVENT_TYPE_ID)
			builder_id(
			    bw, f - EVENT_N_NUM, r, e->str[f - EVENT_N_NUM]);
		else
			bw->code[f - EVENT_N_NUM][r] = (uint16_t)builder_name(
			    bw, f - EVENT_N_NUM, e->str[f - EVENT_N_NUM]);
	}
	return r;
}

void
builder_last(const struct builder *bw, struct event *e)
{
	uint32_t r = bw->n - 1, code;
	uint64_t bits;
	int f;

	assert(bw->n > 0);
	e->present = 0;
	for (bits = bw->touch; bits != 0; bits &= bits - 1) {
		f = __builtin_ctzll(bits);
		if (f >= EVENT_N_NUM) {
			code = bw->code[f - EVENT_N_NUM][r];
			if (code != 0)
				event_set_str(e, f - EVENT_N_NUM,
				    bw->dict[f - EVENT_N_NUM].text[code - 1]);
		} else if (is_word(f)) {
			if (bw->word[f][r] != 0)
				event_set_num(e, f, bw->word[f][r]);
		} else if (bw->num[f][r] != STORE_ABSENT) {
			event_set_num(e, f, bw->num[f][r]);
		}
	}
	e->place = (struct place){ bw->member[r], bw->part[r], bw->bytes[r],
		bw->offset[r] };
}
