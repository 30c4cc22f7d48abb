/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The calls that fill a part.  One thread, no locks; rows go to logs, counts
 * to tallies under codes of the part's names.
 */
#include "analysis/result_private.h"

#include <assert.h>
#include <stdlib.h>

#include "ingest/base/utc.h"

void
tallies_init(struct tally t[TALLY__MAX], bool is_part)
{
	uint32_t limit = is_part ? PART_TALLIES : RESULT_TALLIES;

	/* What the digest names has one ceiling, that of a part. */
	tally_init(&t[TALLY_DESIGN], 2, sizeof(struct design_value),
	    is_part ? PART_DESIGNS : 0);
	tally_init(&t[TALLY_VERSION], 3, sizeof(struct version_value), limit);
	tally_init(
	    &t[TALLY_RATE], RATE_B + 1, sizeof(struct rate_value), limit);
	tally_init(&t[TALLY_FINDING], FINDING__WORDS,
	    sizeof(struct finding_value), is_part ? PART_FINDINGS : 0);
	tally_init(&t[TALLY_EDGE], 3, sizeof(struct edge_value), limit);
	tally_init(&t[TALLY_PATH], 3, sizeof(struct path_value), limit);
	tally_init(&t[TALLY_ROUTE], 3, sizeof(struct route_value), limit);
	tally_init(&t[TALLY_AGAIN], 3, sizeof(struct again_value), limit);
	tally_init(
	    &t[TALLY_PROCESSING], 7, sizeof(struct processing_value), limit);
	tally_init(&t[TALLY_NETWORK], 3, sizeof(struct network_value), limit);
	tally_init(&t[TALLY_OPERATOR], 1, sizeof(struct operator_value), 0);
	tally_init(&t[TALLY_TAINTED], 2, sizeof(struct tainted_value), limit);
	tally_init(
	    &t[TALLY_RECIPIENT], 2, sizeof(struct recipient_value), limit);
	tally_init(&t[TALLY_COVERAGE], 1, sizeof(struct coverage_value), limit);
	tally_init(&t[TALLY_LINEAGE], LINEAGE__WORDS,
	    sizeof(struct lineage_value), limit);
}

void
tallies_clear(struct tally t[TALLY__MAX])
{
	struct route_value *w;
	struct edge_value *e;
	uint32_t i;
	int k;

	for (i = 0; i < t[TALLY_EDGE].n; i++) {
		e = tally_value(&t[TALLY_EDGE], i);
		spread_clear(&e->us);
	}
	for (i = 0; i < t[TALLY_ROUTE].n; i++) {
		w = tally_value(&t[TALLY_ROUTE], i);
		spread_clear(&w->acts);
		spread_clear(&w->screens);
		spread_clear(&w->options);
		spread_clear(&w->us);
	}
	for (k = 0; k < TALLY__MAX; k++)
		tally_clear(&t[k]);
}

static void
log_init(struct result_part *rp, struct rowlog *l)
{
	rowlog_init(l, rp->r->case_dir, RESULT_ROWS_BYTES);
	l->budget = &rp->r->budget;
}

struct result_part *
result_part_new(struct result *r, unsigned part, struct names *names)
{
	struct result_part *rp = calloc(1, sizeof *rp);

	if (rp == NULL)
		err_no_memory(sizeof *rp);
	rp->r = r;
	rp->number = part;
	rp->names = names;
	log_init(rp, &rp->decisions);
	log_init(rp, &rp->form_keys);
	log_init(rp, &rp->affected);
	log_init(rp, &rp->exposures);
	log_init(rp, &rp->nonusers);
	log_init(rp, &rp->data);
	log_init(rp, &rp->shares);
	log_init(rp, &rp->linked);
	log_init(rp, &rp->hash_decision);
	log_init(rp, &rp->hash_affected);
	tally_init(&rp->exposure_cells, EXPOSURE__WORDS,
	    sizeof(struct exposure_value), PART_TALLIES);
	tally_init(
	    &rp->forms, FORM__WORDS, sizeof(struct form_value), PART_FORMS);
	tallies_init(rp->tally, true);
	return rp;
}

void
part_free(struct result_part *rp)
{
	rowlog_clear(&rp->decisions);
	rowlog_clear(&rp->form_keys);
	rowlog_clear(&rp->affected);
	rowlog_clear(&rp->exposures);
	rowlog_clear(&rp->nonusers);
	rowlog_clear(&rp->data);
	rowlog_clear(&rp->shares);
	rowlog_clear(&rp->linked);
	rowlog_clear(&rp->hash_decision);
	rowlog_clear(&rp->hash_affected);
	digest_row_clear(&rp->row);
	tally_clear(&rp->exposure_cells);
	tally_clear(&rp->forms);
	tallies_clear(rp->tally);
	clocks_clear(rp->clock);
	names_clear(&rp->own_names);
	names_clear(&rp->steps);
	names_clear(&rp->coverage);
	arena_clear(&rp->arena);
	free(rp->code);
	free(rp->subject);
	free(rp->key);
	free(rp->touched);
	free(rp);
}

uint32_t
result_subject(struct result_part *rp, struct span id, bool is_device)
{
	struct part_subject *s;

	assert(id.p != NULL);
	if (rp->n_subjects == rp->subject_room) {
		rp->subject_room =
		    rp->subject_room == 0 ? 256 : rp->subject_room * 2;
		rp->subject = realloc(
		    rp->subject, rp->subject_room * sizeof *rp->subject);
		if (rp->subject == NULL)
			err_no_memory(rp->subject_room * sizeof *rp->subject);
	}
	s = &rp->subject[rp->n_subjects];
	s->id = arena_span(&rp->arena, id);
	s->kind = is_device ? SUBJECT_DEVICE : SUBJECT_USER;
	return rp->n_subjects++;
}

struct span
part_text(const struct result_part *rp, uint32_t code)
{
	return code == TALLY_OTHER ? span_of(OTHER_TEXT)
				   : names_text(rp->names, code);
}

struct design_value *
part_design_at(struct result_part *rp, uint32_t surface, uint32_t *design)
{
	uint32_t key[2] = { surface, *design };
	struct design_value *v;

	if (surface == 0 || *design == 0)
		return NULL;
	v = tally_at(&rp->tally[TALLY_DESIGN], key);
	if (v == NULL) {
		key[1] = *design = TALLY_OTHER;
		v = tally_at(&rp->tally[TALLY_DESIGN], key);
	}
	return v;
}

/* The person in hand has no more decisions. */
void
part_end_person(struct result_part *rp)
{
	const struct part_subject *s;

	if (rp->person.n == 0)
		return;
	s = &rp->subject[rp->key_subject];
	digest_person_end(&rp->person, span_of(subject_kind_text[s->kind]),
	    s->id, &rp->hash_decision);
}

static void
hash_decision(struct result_part *rp, const struct decision *d,
    const struct form_value *form)
{
	struct digest_decision dd = {
		.form = form->hash,
		.shown_us = d->shown_us,
		.decided_us = d->decided_us,
		.server_us = d->server_us,
		.last_shown_us = d->last_shown_us,
	};

	digest_decision(&rp->person, &dd);
}

static void
add_key(struct result_part *rp, const struct decision *d)
{
	struct decision_key *k;

	if (rp->key_subject != d->subject) {
		part_end_person(rp);
		rp->key_subject = d->subject;
		rp->first_key = rp->n_decisions;
	}
	if (rp->n_decisions - rp->first_key == rp->key_room) {
		rp->key_room = rp->key_room == 0 ? 64 : rp->key_room * 2;
		rp->key = realloc(rp->key, rp->key_room * sizeof *rp->key);
		if (rp->key == NULL)
			err_no_memory(rp->key_room * sizeof *rp->key);
	}
	k = &rp->key[rp->n_decisions - rp->first_key];
	k->shown_us = d->shown_us;
	k->decided_us = d->decided_us;
	k->purpose = d->purpose;
}

const struct decision_key *
part_key(const struct result_part *rp, uint64_t number)
{
	assert(number >= rp->first_key && number < rp->n_decisions);
	return &rp->key[number - rp->first_key];
}

static void
log_decision(struct result_part *rp, const struct decision *d, uint32_t form,
    bool is_new)
{
	struct decision_row row = {
		.flow = d->flow,
		.offset = d->place.offset,
		.shown_us = d->shown_us,
		.decided_us = d->decided_us,
		.server_us = d->server_us,
		.last_shown_us = d->last_shown_us,
		.form = form,
		.subject = d->subject,
		.member = d->place.member,
		.is_new = is_new,
	};

	memcpy(rowlog_add(&rp->decisions, sizeof row), &row, sizeof row);
}

uint64_t
result_decision(struct result_part *rp, const struct decision *d)
{
	const struct form_value *v;
	uint32_t form;
	bool is_new;

	assert(d->subject < rp->n_subjects);
	assert(d->outcome > 0 && d->outcome < DECISION_OUTCOME__MAX);
	v = part_form(rp, d, &form, &is_new);
	log_decision(rp, d, form, is_new);
	add_key(rp, d);
	hash_decision(rp, d, v);
	if (d->impressions > 0 && d->outcome != OUTCOME_NOT_ASKED)
		part_count_day(rp, d);
	if (d->flow > rp->max_flow)
		rp->max_flow = d->flow;
	return rp->n_decisions++;
}

/* ---- flows --------------------------------------------------------------- */

/* An app has few edges and ways: those counted last are at hand. */
static struct met *
met_at(struct met met[PART_MET], const uint32_t key[3])
{
	struct met *m = &met[met_slot(key[0], key[1], key[2])];

	if (memcmp(m->key, key, sizeof m->key) != 0)
		m->row = 0;
	memcpy(m->key, key, sizeof m->key);
	return m;
}

void
result_edge(struct result_part *rp, uint32_t surface, uint32_t from,
    uint32_t to, int64_t us)
{
	uint32_t key[3] = { surface, from, to };
	struct tally *t = &rp->tally[TALLY_EDGE];
	struct met *m = met_at(rp->edge, key);
	struct edge_value *v;

	if (m->row == 0) {
		v = tally_at(t, key);
		if (v == NULL) {
			key[1] = key[2] = TALLY_OTHER;
			v = tally_at(t, key);
		}
		m->row = tally_index(t, v) + 1;
	}
	v = tally_value(t, m->row - 1);
	spread_add(&v->us, us);
}

void
result_path(struct result_part *rp, uint32_t surface,
    enum decision_outcome outcome, const uint32_t *steps, size_t n_steps)
{
	size_t n = n_steps < RESULT_PATH_STEPS ? n_steps : RESULT_PATH_STEPS;
	struct span s = { n > 0 ? (const char *)steps : "", n * sizeof *steps };
	uint32_t key[3] = { surface, outcome, TALLY_OTHER };
	struct path_value *v = NULL;

	if (rp->steps.n < PART_TALLIES || names_find(&rp->steps, s) != 0) {
		key[2] = names_code(&rp->steps, s);
		v = tally_at(&rp->tally[TALLY_PATH], key);
	}
	if (v == NULL) {
		key[2] = TALLY_OTHER;
		v = tally_at(&rp->tally[TALLY_PATH], key);
	}
	v->n++;
}

void
result_route(struct result_part *rp, const struct route *w)
{
	uint32_t key[3] = { w->surface, w->design, w->goal };
	struct tally *t = &rp->tally[TALLY_ROUTE];
	struct met *m = met_at(rp->route, key);
	struct route_value *v;

	if (m->row == 0) {
		if (part_design_at(rp, w->surface, &key[1]) == NULL)
			key[1] = 0;
		v = tally_at(t, key);
		if (v == NULL)
			return;
		m->row = tally_index(t, v) + 1;
	}
	v = tally_value(t, m->row - 1);
	if (!w->reached) {
		v->abandoned++;
		return;
	}
	v->n++;
	spread_add(&v->acts, w->acts);
	spread_add(&v->screens, w->screens);
	spread_add(&v->options, w->options);
	if (w->us != RESULT_UNKNOWN)
		spread_add(&v->us, w->us);
}

static void
count_again(struct again_value *v, const struct again *a)
{
	if (v == NULL)
		return;
	v->shown++;
	v->given += a->is_given;
	v->dated += a->is_dated;
	v->soon += a->is_soon;
}

void
result_again(struct result_part *rp, const struct again *a)
{
	uint32_t key[3] = { a->surface, a->design, 0 };
	struct tally *t = &rp->tally[TALLY_AGAIN];
	struct again_value *v;

	if (part_design_at(rp, a->surface, &key[1]) == NULL)
		key[1] = 0;
	v = tally_at(t, key);
	count_again(v, a);
	if (v != NULL && a->is_given && a->is_unasked &&
	    v->last_subject != a->subject + 1) {
		v->last_subject = a->subject + 1;
		v->worn_down++;
	}
	key[2] = a->refusals < AGAIN_MOST ? (uint32_t)a->refusals : AGAIN_MOST;
	count_again(tally_at(t, key), a);
}

/* ---- processing ---------------------------------------------------------- */

void
result_processing(struct result_part *rp, const struct processed *p)
{
	uint32_t key[7] = { p->verdict, p->kind, p->category, p->purpose,
		p->recipient, p->region, p->operator_ };
	struct processing_value *v;
	int i;

	v = tally_at(&rp->tally[TALLY_PROCESSING], key);
	if (v == NULL) {
		for (i = 2; i < 7; i++)
			key[i] = TALLY_OTHER;
		v = tally_at(&rp->tally[TALLY_PROCESSING], key);
	}
	v->n++;
	if (p->subject != RESULT_NOBODY && v->last_subject != p->subject + 1) {
		v->last_subject = p->subject + 1;
		v->subjects++;
	}
	times_add(&v->times, p->us);
}

void
result_tainted(struct result_part *rp, uint32_t surface, uint32_t subject,
    int64_t from_us, int64_t to_us)
{
	struct tally *t = &rp->tally[TALLY_TAINTED];
	uint32_t from[2] = { surface, result_day(rp->r, from_us) };
	uint32_t to[2] = { surface, result_day(rp->r, to_us) };
	struct tainted_value *v;

	(void)subject;
	if (from[1] == 0) {
		result_coverage(rp, "tainted_undated", 1);
		return;
	}
	v = tally_at(t, from);
	if (v == NULL)
		return;
	v->obtained++;
	if (to[1] == 0)
		return;
	v = tally_at(t, to);
	if (v != NULL)
		v->ended++;
}

void
result_tainted_recipient(struct result_part *rp, uint32_t surface,
    uint32_t recipient, uint32_t subject, int64_t us)
{
	uint32_t key[2] = { surface, recipient };
	struct recipient_value *v = tally_at(&rp->tally[TALLY_RECIPIENT], key);

	if (v == NULL) {
		key[1] = TALLY_OTHER;
		v = tally_at(&rp->tally[TALLY_RECIPIENT], key);
	}
	v->records++;
	if (v->last_subject != subject + 1) {
		v->last_subject = subject + 1;
		v->people++;
	}
	times_add(&v->times, us);
}

void
result_coverage(struct result_part *rp, const char *name, int64_t n)
{
	uint32_t key = names_code(&rp->coverage, span_of(name));
	struct coverage_value *v = tally_at(&rp->tally[TALLY_COVERAGE], &key);

	assert(v != NULL);
	v->n += n;
}
