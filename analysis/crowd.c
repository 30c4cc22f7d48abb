/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: with one operator a window's rows are read as they come.
 * With several they are first sorted by operator, each keeping its order in
 * time, and each operator's rows are read under its own study and state.
 */
#include "analysis/crowd.h"

#include <assert.h>
#include <stdlib.h>

#include "analysis/operators.h"

static void *
new_array(size_t n, size_t size_bytes)
{
	void *a = calloc(n + 1, size_bytes);

	if (a == NULL)
		err_no_memory((n + 1) * size_bytes);
	return a;
}

void
crowd_open(struct crowd *c, const struct study *study, struct names *names,
    struct result_part *out)
{
	const struct operators *o = study->operators;
	size_t k;

	c->out = out;
	c->n = o != NULL ? o->n : 1;
	c->person = new_array(c->n, sizeof(struct person *));
	c->is_met = new_array(c->n, sizeof *c->is_met);
	c->tally = new_array(c->n, sizeof *c->tally);
	c->first = new_array(c->n, sizeof *c->first);
	for (k = 0; k < c->n; k++) {
		c->person[k] = new_array(0, sizeof(struct person));
		person_open(
		    c->person[k], o != NULL ? &o->study[k] : study, names, out);
	}
	if (o == NULL)
		return;
	/* The names have codes now, among the first of the partition. */
	c->n_at = names->n + 1;
	c->at = new_array(c->n_at, sizeof *c->at);
	for (k = 0; k < c->n; k++)
		if (o->name[k].p != NULL)
			c->at[c->person[k]->operator_] = (uint32_t)k + 1;
	c->unnamed = o->unnamed;
	c->other = o->other;
}

void
crowd_close(struct crowd *c)
{
	size_t k;

	for (k = 0; k < c->n; k++) {
		person_close(c->person[k]);
		free(c->person[k]);
	}
	free(c->person);
	free(c->is_met);
	free(c->tally);
	free(c->first);
	free(c->at);
	free(c->row);
	memset(c, 0, sizeof *c);
}

struct crowd_counts
crowd_counts(const struct crowd *c)
{
	struct crowd_counts n = { .subjects = c->n_subjects };
	size_t k;

	for (k = 0; k < c->n; k++) {
		const struct person *p = c->person[k];

		n.events += p->n_events;
		n.decisions += p->n_decisions;
		n.unasked += p->n_unasked;
		n.undated += p->n_undated;
		n.gaps += p->n_gaps;
		n.missing += p->n_missing;
		n.ties += p->n_ties;
		n.no_code += p->n_no_code;
		n.masked += p->n_masked;
	}
	return n;
}

/* ---- a window ---- */

/* The person[] that a row is of. */
static size_t
at_of(const struct crowd *c, const struct row *r)
{
	uint32_t code = row_name(r, EV_OPERATOR);

	if (code == 0)
		return c->unnamed;
	return code < c->n_at && c->at[code] != 0 ? c->at[code] - 1 : c->other;
}

/* The window's rows, operator by operator: those of k begin at first[k]. */
static void
sort_rows(struct crowd *c, const struct timeline *tl)
{
	size_t i, k, n, sum = 0;

	if (tl->n_rows > c->n_row_room) {
		c->n_row_room = 2 * tl->n_rows;
		free(c->row);
		c->row = new_array(c->n_row_room, sizeof *c->row);
	}
	memset(c->first, 0, (c->n + 1) * sizeof *c->first);
	for (i = 0; i < tl->n_rows; i++) {
		k = at_of(c, &tl->row[i]);
		assert(k < c->n);
		c->first[k]++;
	}
	for (k = 0; k <= c->n; k++) {
		n = c->first[k];
		c->first[k] = sum;
		sum += n;
	}
	for (i = 0; i < tl->n_rows; i++)
		c->row[c->first[at_of(c, &tl->row[i])]++] = tl->row[i];
	for (k = c->n; k > 0; k--) /* back to where they begin */
		c->first[k] = c->first[k - 1];
	c->first[0] = 0;
}

/* One operator's rows of the subject in hand. */
static void
read_rows(struct crowd *c, size_t k, struct timeline *tl, bool is_last)
{
	struct person *p = c->person[k];
	struct crowd_tally *t = &c->tally[k];
	uint64_t decisions = p->n_decisions, grants = p->n_grants;

	if (!c->is_met[k]) {
		person_begin(p, tl);
		memset(t, 0, sizeof *t);
	}
	c->is_met[k] = true;
	p->has_number = c->has_number;
	p->number = c->number;
	p->n_flows = c->n_flows;
	t->records += tl->n_rows;
	person_rows(p, tl);
	if (is_last)
		person_finish(p);
	p->tl = NULL;
	c->has_number = p->has_number;
	c->number = p->number;
	c->n_flows = p->n_flows;
	t->decisions += p->n_decisions - decisions;
	t->grants += p->n_grants - grants;
}

static void
read_window(struct crowd *c, struct timeline *tl)
{
	struct timeline one;
	size_t k;

	sort_rows(c, tl);
	for (k = 0; k < c->n; k++) {
		if (c->first[k + 1] == c->first[k] &&
		    !(tl->is_last && c->is_met[k]))
			continue;
		one = *tl;
		one.study = c->person[k]->study;
		one.row = c->row + c->first[k];
		one.n_rows = c->first[k + 1] - c->first[k];
		read_rows(c, k, &one, tl->is_last);
		/* Devices that were met: their clocks are counted. */
		memcpy(tl->clock, one.clock, sizeof tl->clock);
		tl->n_clocks = one.n_clocks;
	}
}

static void
tell_clocks(const struct crowd *c, const struct timeline *tl)
{
	size_t i;

	for (i = 0; i < tl->n_clocks; i++)
		result_clock(c->person[0]->out, &tl->clock[i]);
}

/* The subject is over: what is counted of people, not of what they did. */
static void
end_subject(struct crowd *c, bool is_device)
{
	uint64_t link = 0;
	bool is_doubtful = false;
	struct met_by m;
	size_t k;

	for (k = 0; k < c->n; k++) {
		const struct person *p = c->person[k];
		const struct crowd_tally *t = &c->tally[k];

		if (!c->is_met[k])
			continue;
		m = (struct met_by){ p->operator_, is_device, t->records,
			t->decisions, t->grants };
		result_met(c->out, &m);
		is_doubtful |= p->is_link_doubtful ||
			       (link != 0 && p->link != 0 && link != p->link);
		if (p->link != 0)
			link = p->link;
	}
	result_met_end(c->out, is_doubtful || is_device ? 0 : link);
}

int
crowd_run(struct crowd *c, struct timeline *tl, struct err *err)
{
	int got;

	while ((got = timeline_next(tl, err)) > 0) {
		if (tl->is_first) {
			memset(c->is_met, 0, c->n * sizeof *c->is_met);
			c->has_number = false;
			c->n_subjects++;
		}
		if (c->n == 1)
			read_rows(c, 0, tl, tl->is_last);
		else
			read_window(c, tl);
		if (!tl->is_last)
			continue;
		tell_clocks(c, tl);
		end_subject(c, tl->is_device);
	}
	return got;
}

int
crowd_run_nobody(struct crowd *c, struct timeline *tl, struct err *err)
{
	struct timeline one;
	size_t k;
	int got;

	while ((got = timeline_next(tl, err)) > 0) {
		if (c->n == 1) {
			person_nobody(c->person[0], tl);
			continue;
		}
		sort_rows(c, tl);
		for (k = 0; k < c->n; k++) {
			one = *tl;
			one.study = c->person[k]->study;
			one.row = c->row + c->first[k];
			one.n_rows = c->first[k + 1] - c->first[k];
			person_nobody(c->person[k], &one);
		}
	}
	return got;
}
