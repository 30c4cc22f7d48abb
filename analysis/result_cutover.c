/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When one design gave way to the next: for each surface the designs in
 * order of their first exposure, and for each pair the last exposure of the
 * old one, the first of the new one, and the tail of old exposures after it.
 */
#include "analysis/result_private.h"

#include <stdlib.h>

/* A design of a surface, as far as exposures of its consent control go. */
struct turn {
	uint32_t number; /* row of TALLY_DESIGN */
	struct span surface, version;
	struct times times;
	uint64_t exposures, tail, tail_people;
	uint32_t last_tail_subject; /* + 1 */
	const struct turn *next;    /* the design that followed, or NULL */
};

static int
turn_cmp(const void *va, const void *vb)
{
	const struct turn *a = va, *b = vb;
	int c = span_cmp(a->surface, b->surface);

	if (c != 0)
		return c;
	if (a->times.known != b->times.known)
		return a->times.known ? -1 : 1;
	if (a->times.first_us != b->times.first_us)
		return a->times.first_us < b->times.first_us ? -1 : 1;
	return span_cmp(a->version, b->version);
}

/* The designs in order; turn_of[number] finds one.  Free both. */
static struct turn *
turns_new(const struct result *r, struct turn ***turn_of)
{
	const struct tally *designs = &r->tally[TALLY_DESIGN];
	const struct tally *versions = &r->tally[TALLY_VERSION];
	struct turn *t = calloc(designs->n + 1, sizeof *t);
	uint32_t i;

	*turn_of = calloc(designs->n + 1, sizeof **turn_of);
	if (t == NULL || *turn_of == NULL)
		err_no_memory(designs->n * sizeof *t);
	for (i = 0; i < designs->n; i++) {
		t[i].number = i;
		t[i].surface = result_text(r, tally_key(designs, i)[0]);
		t[i].version = result_text(r, tally_key(designs, i)[1]);
	}
	for (i = 0; i < versions->n; i++) {
		const struct version_value *v = tally_value(versions, i);

		t[v->design].exposures += v->exposures;
		times_merge(&t[v->design].times, &v->times);
	}
	qsort(t, designs->n, sizeof *t, turn_cmp);
	for (i = 0; i < designs->n; i++) {
		(*turn_of)[t[i].number] = &t[i];
		if (i > 0 && t[i].times.known &&
		    span_eq(t[i].surface, t[i - 1].surface))
			t[i - 1].next = &t[i];
	}
	return t;
}

/* Exposures to an old design after the first one to the next. */
static void
count_tails(struct result *r, struct turn **turn_of)
{
	struct tally *versions = &r->tally[TALLY_VERSION];
	struct rowlog_reader reader;
	struct version_value *v;
	struct exposure_row row;
	struct turn *t;
	const void *p;

	rowlog_read(&reader, &r->exposures);
	while ((p = rowlog_take(&reader, sizeof row)) != NULL) {
		memcpy(&row, p, sizeof row);
		v = tally_value(versions, row.version);
		t = turn_of[v->design];
		if (t->next == NULL || row.us <= t->next->times.first_us)
			continue;
		v->tail++;
		t->tail++;
		if (v->last_tail_subject != row.subject + 1) {
			v->last_tail_subject = row.subject + 1;
			v->tail_people++;
		}
		if (t->last_tail_subject != row.subject + 1) {
			t->last_tail_subject = row.subject + 1;
			t->tail_people++;
		}
	}
	rowlog_read_end(&reader);
}

struct cutover {
	struct span surface, app_version;
	int64_t old_design_id;
	const struct times *old_times, *new_times; /* NULL: never shown */
	int64_t new_design_id;
	uint64_t exposures, tail, tail_people;
};

static void
write_cutover(struct result *r, sqlite3_stmt *st, const struct cutover *c)
{
	(void)casefile_bind(r->c, st, "ssinnniii", c->surface, c->app_version,
	    c->old_design_id, (int64_t)c->exposures, (int64_t)c->tail,
	    (int64_t)c->tail_people);
	if (r->c->err.code != ERR_NONE)
		return;
	if (c->old_times->known)
		(void)sqlite3_bind_int64(st, 5, c->old_times->last_us);
	if (c->new_times != NULL && c->new_times->known) {
		(void)sqlite3_bind_int64(st, 4, c->new_design_id);
		(void)sqlite3_bind_int64(st, 6, c->new_times->first_us);
	}
	(void)casefile_step(r->c, st);
}

/* The rows of a version of the app: (surface, design, app version). */
static void
write_version(
    struct result *r, sqlite3_stmt *st, uint32_t i, struct turn *const *turn_of)
{
	const struct tally *versions = &r->tally[TALLY_VERSION];
	const struct version_value *v = tally_value(versions, i), *w;
	const struct turn *t = turn_of[v->design];
	uint32_t key[3] = { tally_key(versions, i)[0], 0,
		tally_key(versions, i)[2] };
	struct cutover c = { .surface = t->surface,
		.app_version = result_text(r, key[2]),
		.old_design_id = (int64_t)t->number + 1,
		.old_times = &v->times,
		.exposures = v->exposures,
		.tail = v->tail,
		.tail_people = v->tail_people };

	/* Events without a version are part of the row of all versions. */
	if (t->next == NULL || key[2] == 0)
		return;
	key[1] = tally_key(&r->tally[TALLY_DESIGN], t->next->number)[1];
	w = tally_find(versions, key);
	c.new_times = w != NULL ? &w->times : NULL;
	c.new_design_id = (int64_t)t->next->number + 1;
	write_cutover(r, st, &c);
}

void
write_cutovers(struct result *r)
{
	sqlite3_stmt *st = casefile_prepare(
	    r->c, "INSERT INTO cutover VALUES(?,?,?,?,?,?,?,?,?)");
	uint32_t *order = result_sorted(r, TALLY_VERSION, 3), i;
	struct turn **turn_of, *t = turns_new(r, &turn_of);

	count_tails(r, turn_of);
	for (i = 0; i < r->tally[TALLY_DESIGN].n; i++) {
		struct cutover c = { .surface = t[i].surface,
			.old_design_id = (int64_t)t[i].number + 1,
			.old_times = &t[i].times,
			.exposures = t[i].exposures,
			.tail = t[i].tail,
			.tail_people = t[i].tail_people };

		if (t[i].next == NULL)
			continue;
		c.new_times = &t[i].next->times;
		c.new_design_id = (int64_t)t[i].next->number + 1;
		write_cutover(r, st, &c);
	}
	for (i = 0; i < r->tally[TALLY_VERSION].n; i++)
		write_version(r, st, order[i], turn_of);
	casefile_finalize(st);
	free(order);
	free(turn_of);
	free(t);
}
