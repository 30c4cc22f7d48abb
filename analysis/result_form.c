/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What many decisions have in common.
 *
 * How it works: all of a decision but its people, instants and place are few
 * words, of which a part has some thousand combinations among its millions
 * of decisions: forms.  A form is looked up once a decision; what depends on
 * it alone is then done once a form: its texts are hashed for the digest,
 * its row of decision_form is written, its episodes are counted for `rate`.
 *
 * A part numbers its forms as they come and logs their keys; a row of the
 * log of decisions says whether its form is the next of that log.  When
 * there are PART_FORMS of them it forgets them and numbers anew, and so does
 * the writer with RESULT_FORMS: memory is bounded, and forms written twice
 * do no harm.
 */
#include "analysis/result_private.h"

#include <assert.h>
#include <stdlib.h>

/* ---- keys ---------------------------------------------------------------- */

/* A count as a word: 0 unknown, else one more. */
static uint32_t
count_word(int64_t n)
{
	if (n < 0)
		return 0;
	return n < FORM_COUNT_MAX ? (uint32_t)n + 1 : FORM_COUNT_MAX + 1;
}

static int64_t
word_count(uint32_t word)
{
	return word == 0 ? RESULT_UNKNOWN : (int64_t)word - 1;
}

static void
form_key(
    const struct result *r, uint32_t key[FORM__WORDS], const struct decision *d)
{
	uint32_t member = d->place.member;
	uint32_t unlogged = member < r->n_unlogged ? r->unlogged[member] : 0;

	key[FORM_OPERATOR] = d->operator_;
	key[FORM_SURFACE] = d->surface;
	key[FORM_PURPOSE] = d->purpose;
	key[FORM_RECIPIENT] = d->recipient;
	key[FORM_DESIGN] = d->design;
	key[FORM_VARIANT] = d->variant;
	key[FORM_APP_VERSION] = d->app_version;
	key[FORM_ENTRY] = d->entry;
	key[FORM_STATE] =
	    (uint32_t)d->outcome | (uint32_t)d->server_outcome << 8 |
	    (uint32_t)d->method << 16 | (uint32_t)(d->default_on + 1) << 24 |
	    (uint32_t)(d->last_default_on + 1) << 26 |
	    unlogged << FORM_UNLOGGED_SHIFT;
	key[FORM_ACTS] = count_word(d->acts);
	key[FORM_TOGGLED] = count_word(d->toggled);
	key[FORM_REFUSALS] = count_word(d->refusals_before);
	key[FORM_IMPRESSIONS] = count_word(d->impressions);
}

_Static_assert(
    DECISION_OUTCOME__MAX < 256 && DECISION__MAX < 256 && METHOD__MAX < 256,
    "a byte of FORM_STATE holds any of them");

static int64_t
word_or_null(uint32_t word)
{
	return word != 0 ? (int64_t)word : RESULT_UNKNOWN;
}

/* The numbers of a form; texts and design are the caller's. */
static struct digest_form
form_numbers(const uint32_t key[FORM__WORDS])
{
	uint32_t state = key[FORM_STATE];
	struct digest_form f = {
		.outcome = state & 255,
		.server_outcome = word_or_null(state >> 8 & 255),
		.method = word_or_null(state >> 16 & 255),
		.default_on = word_count(state >> 24 & 3),
		.last_default_on = word_count(state >> 26 & 3),
		.acts = word_count(key[FORM_ACTS]),
		.toggled = word_count(key[FORM_TOGGLED]),
		.refusals_before = word_count(key[FORM_REFUSALS]),
		.impressions = word_count(key[FORM_IMPRESSIONS]),
	};

	return f;
}

/* ---- in a part ----------------------------------------------------------- */

static void
new_form(struct result_part *rp, const uint32_t key[FORM__WORDS],
    struct form_value *v)
{
	struct digest_form f = form_numbers(key);
	const struct names *n = rp->names;
	uint32_t design = key[FORM_DESIGN];

	(void)part_design_at(rp, key[FORM_SURFACE], &design);
	f.operator_ = names_text(n, key[FORM_OPERATOR]);
	f.surface = names_text(n, key[FORM_SURFACE]);
	f.purpose = names_text(n, key[FORM_PURPOSE]);
	f.recipient = names_text(n, key[FORM_RECIPIENT]);
	if (key[FORM_SURFACE] != 0)
		f.design = part_text(rp, design);
	f.variant = names_text(n, key[FORM_VARIANT]);
	f.app_version = names_text(n, key[FORM_APP_VERSION]);
	f.entry = names_text(n, key[FORM_ENTRY]);
	digest_form(&rp->row, &f, v->hash);
	memcpy(rowlog_add(&rp->form_keys, FORM__WORDS * sizeof *key), key,
	    FORM__WORDS * sizeof *key);
}

struct form_value *
part_form(struct result_part *rp, const struct decision *d, uint32_t *form,
    bool *is_new)
{
	uint32_t key[FORM__WORDS];
	struct form_value *v;

	form_key(rp->r, key, d);
	v = tally_at(&rp->forms, key);
	if (v == NULL) {
		part_end_forms(rp);
		v = tally_at(&rp->forms, key);
	}
	*form = tally_index(&rp->forms, v);
	*is_new = v->n == 0;
	if (*is_new)
		new_form(rp, key, v);
	v->n++;
	return v;
}

/* Count the episodes of each form for `rate`. */
void
part_end_forms(struct result_part *rp)
{
	uint32_t i;

	for (i = 0; i < rp->forms.n; i++) {
		const uint32_t *key = tally_key(&rp->forms, i);
		const struct form_value *v = tally_value(&rp->forms, i);

		if ((key[FORM_STATE] & 255) != OUTCOME_NOT_ASKED &&
		    (key[FORM_IMPRESSIONS] > 1 ||
			(key[FORM_STATE] >> FORM_UNLOGGED_SHIFT &
			    UNLOGGED_SHOWN) != 0))
			part_count_rates(rp, key, v->n);
	}
	tally_reset(&rp->forms);
}

/* ---- the writer ---------------------------------------------------------- */

static uint32_t
used_name(struct result *r, uint32_t code)
{
	uint32_t name = result_code(r, r->part, code), n;

	if (name >= r->n_used) {
		n = r->n_used == 0 ? 1024 : r->n_used;
		while (n <= name)
			n *= 2;
		r->used = realloc(r->used, n * sizeof *r->used);
		if (r->used == NULL)
			err_no_memory(n * sizeof *r->used);
		memset(
		    r->used + r->n_used, 0, (n - r->n_used) * sizeof *r->used);
		r->n_used = n;
	}
	r->used[name] = true;
	return name;
}

/* The part's key in the result's codes; the design by its number. */
static void
result_key(struct result *r, const uint32_t from[FORM__WORDS], uint32_t *key)
{
	uint32_t design = from[FORM_DESIGN];
	const struct design_value *v =
	    part_design_at(r->part, from[FORM_SURFACE], &design);
	unsigned w;

	for (w = 0; w < FORM__WORDS; w++)
		key[w] = w < FORM_STATE && w != FORM_DESIGN && from[w] != 0
			     ? used_name(r, from[w])
			     : from[w];
	key[FORM_DESIGN] = v != NULL ? v->number + 1 : 0;
	key[FORM_STATE] &= FORM_TOLD;
}

static void
bind_number(sqlite3_stmt *st, int i, int64_t v)
{
	if (v == RESULT_UNKNOWN)
		(void)sqlite3_bind_null(st, i);
	else
		(void)sqlite3_bind_int64(st, i, v);
}

static void
write_form(struct result *r, int64_t id, const uint32_t key[FORM__WORDS])
{
	struct digest_form f = form_numbers(key);
	const int64_t numbers[] = { f.outcome, f.default_on, f.toggled, f.acts,
		f.refusals_before, f.server_outcome, f.method, f.impressions,
		f.last_default_on };
	sqlite3_stmt *st = r->form_insert;
	int i = 1, w;

	if (r->c->err.code != ERR_NONE)
		return;
	bind_number(st, i++, id);
	for (w = 0; w < FORM_STATE; w++)
		bind_number(st, i++, word_or_null(key[w]));
	for (w = 0; w < (int)(sizeof numbers / sizeof numbers[0]); w++)
		bind_number(st, i++, numbers[w]);
	(void)casefile_step(r->c, st);
}

int64_t
result_form(struct result *r, const uint32_t from[FORM__WORDS])
{
	uint32_t key[FORM__WORDS];
	struct form_value *v;
	int64_t id;

	result_key(r, from, key);
	v = tally_at(&r->forms, key);
	if (v == NULL) {
		r->n_forms += r->forms.n;
		tally_reset(&r->forms);
		v = tally_at(&r->forms, key);
	}
	id = (int64_t)(r->n_forms + tally_index(&r->forms, v)) + 1;
	if (v->n++ == 0)
		write_form(r, id, key);
	return id;
}
