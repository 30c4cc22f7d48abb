/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/discover_book.h"

#include <assert.h>
#include <stdlib.h>

void
discover_book_init(struct discover_book *b, bool is_part)
{
	uint32_t controls =
	    is_part ? DISCOVER_PART_CONTROLS : DISCOVER_CONTROLS;

	memset(b, 0, sizeof *b);
	tally_init(&b->controls, 2, sizeof(struct discover_control), controls);
	tally_init(
	    &b->acts, 2, sizeof(struct discover_doing), ACT__MAX * controls);
	tally_init(&b->cases, CASE_ITEMS, sizeof(struct discover_case),
	    is_part ? DISCOVER_PART_CASES : DISCOVER_CASES);
	tally_init(&b->pairs, 2, sizeof(struct discover_pair), DISCOVER_PAIRS);
}

void
discover_book_clear(struct discover_book *b)
{
	names_clear(&b->names);
	tally_clear(&b->controls);
	tally_clear(&b->acts);
	tally_clear(&b->cases);
	tally_clear(&b->pairs);
	arena_clear(&b->arena);
}

uint32_t
discover_book_control(
    struct discover_book *b, struct span screen, struct span element)
{
	struct discover_control *c;
	uint32_t key[2], n = b->controls.n;

	if (screen.n > DISCOVER_NAME || element.n > DISCOVER_NAME)
		return UINT32_MAX;
	/* No text is coded of what there is no room for. */
	if (n == b->controls.limit) {
		key[0] = names_find(&b->names, screen);
		key[1] = names_find(&b->names, element);
		if ((key[0] == 0 && screen.p != NULL) || key[1] == 0)
			return UINT32_MAX;
	} else {
		key[0] = names_code(&b->names, screen);
		key[1] = names_code(&b->names, element);
	}
	c = tally_at(&b->controls, key);
	if (c == NULL)
		return UINT32_MAX;
	if (b->controls.n > n)
		c->font_micro = INT64_MAX;
	return tally_index(&b->controls, c);
}

uint32_t
discover_book_act(
    struct discover_book *b, uint32_t control, enum discover_act act)
{
	uint32_t key[2] = { control, (uint32_t)act };
	struct discover_doing *d = tally_at(&b->acts, key);

	return d != NULL ? tally_index(&b->acts, d) : UINT32_MAX;
}

void
discover_book_keep(struct discover_book *b, struct span *to, struct span text)
{
	if (to->p != NULL || text.p == NULL || text.n == 0)
		return;
	if (text.n > DISCOVER_TEXT) {
		text.n = DISCOVER_TEXT;
		while (text.n > 0 &&
		       ((unsigned char)text.p[text.n] & 0xc0) == 0x80)
			text.n--;
	}
	*to = arena_span(&b->arena, text);
}

/* Four classes an octave: the exponent and the two bits after the first. */
static unsigned
delay_class(int64_t us)
{
	unsigned octave, class;

	if (us < 4)
		return us > 0 ? (unsigned)us : 0;
	octave = 63 - (unsigned)__builtin_clzll((unsigned long long)us);
	class = octave * 4 + (unsigned)(us >> (octave - 2) & 3);
	return class < DISCOVER_DELAYS ? class : DISCOVER_DELAYS - 1;
}

void
discover_book_delay(struct discover_book *b, uint32_t act, int64_t us)
{
	struct discover_doing *d = discover_doing(b, act);

	if (d->delay == NULL)
		d->delay =
		    arena_alloc(&b->arena, DISCOVER_DELAYS * sizeof *d->delay);
	d->delay[delay_class(us)]++;
}

/* ---- one book to another ---- */

static void
add_control(struct discover_book *to, struct discover_control *sum,
    const struct discover_control *c)
{
	sum->says |= c->says;
	sum->roles |= c->roles;
	sum->n_on += c->n_on;
	sum->n_off += c->n_off;
	sum->n_changed += c->n_changed;
	if (c->font_micro < sum->font_micro)
		sum->font_micro = c->font_micro;
	discover_book_keep(to, &sum->label, c->label);
	discover_book_keep(to, &sum->text, c->text);
	discover_book_keep(to, &sum->purposes, c->purposes);
	discover_book_keep(to, &sum->notice, c->notice);
}

static uint32_t *
add_controls(struct discover_book *to, const struct discover_book *from)
{
	uint32_t *new = calloc(from->controls.n + 1, sizeof *new);
	uint32_t i;

	if (new == NULL)
		err_no_memory(from->controls.n * sizeof *new);
	for (i = 0; i < from->controls.n; i++) {
		const uint32_t *key = tally_key(&from->controls, i);

		new[i] =
		    discover_book_control(to, names_text(&from->names, key[0]),
			names_text(&from->names, key[1]));
		if (new[i] != UINT32_MAX)
			add_control(to, discover_control(to, new[i]),
			    discover_control(from, i));
	}
	return new;
}

static uint32_t *
add_acts(struct discover_book *to, const struct discover_book *from,
    const uint32_t *control)
{
	uint32_t *new = calloc(from->acts.n + 1, sizeof *new);
	struct discover_doing *sum;
	uint32_t i, k;

	if (new == NULL)
		err_no_memory(from->acts.n * sizeof *new);
	for (i = 0; i < from->acts.n; i++) {
		const struct discover_doing *d = discover_doing(from, i);

		new[i] = control[discover_act_control(from, i)];
		if (new[i] == UINT32_MAX)
			continue;
		new[i] =
		    discover_book_act(to, new[i], discover_act_of(from, i));
		assert(new[i] != UINT32_MAX); /* room for all of a control */
		sum = discover_doing(to, new[i]);
		sum->people += d->people;
		sum->trials += d->trials;
		sum->hits += d->hits;
		if (d->delay == NULL)
			continue;
		if (sum->delay == NULL)
			sum->delay = arena_alloc(
			    &to->arena, DISCOVER_DELAYS * sizeof *sum->delay);
		for (k = 0; k < DISCOVER_DELAYS; k++)
			sum->delay[k] += d->delay[k];
	}
	return new;
}

static int
item_cmp(const void *va, const void *vb)
{
	const uint32_t *a = va, *b = vb;

	return (*a < *b) - (*a > *b);
}

static void
add_cases(struct discover_book *to, const struct discover_book *from,
    const uint32_t *control, const uint32_t *act)
{
	struct discover_case *sum;
	uint32_t key[CASE_ITEMS], i, k, n, number;

	for (i = 0; i < from->cases.n; i++) {
		const struct discover_case *c = tally_value(&from->cases, i);
		const uint32_t *item = tally_key(&from->cases, i);

		memset(key, 0, sizeof key);
		for (k = n = 0; k < CASE_ITEMS && item[k] != 0; k++) {
			number = ITEM_NUMBER(item[k]);
			number = (item[k] & ITEM_HAND) != 0 ? control[number]
							    : act[number];
			if (number != UINT32_MAX)
				key[n++] =
				    (item[k] & ~ITEM_NUMBER(UINT32_MAX)) |
				    number;
		}
		if (n == 0)
			continue;
		qsort(key, n, sizeof key[0], item_cmp);
		sum = tally_at(&to->cases, key);
		if (sum != NULL)
			sum->people += c->people;
		else
			to->count[COUNT_LEFT_OUT] += c->people;
	}
}

void
discover_book_add(struct discover_book *to, struct discover_book *from)
{
	uint32_t *control = add_controls(to, from), key[2], i;
	uint32_t *act = add_acts(to, from, control);
	struct discover_pair *sum;

	add_cases(to, from, control, act);
	for (i = 0; i < from->pairs.n; i++) {
		const struct discover_pair *p = tally_value(&from->pairs, i);

		key[0] = act[tally_key(&from->pairs, i)[0]];
		key[1] = control[tally_key(&from->pairs, i)[1]];
		if (key[0] == UINT32_MAX || key[1] == UINT32_MAX)
			continue;
		sum = tally_at(&to->pairs, key);
		if (sum != NULL)
			sum->people += p->people;
	}
	for (i = 0; i < COUNT__MAX; i++)
		to->count[i] += from->count[i];
	free(act);
	free(control);
}
