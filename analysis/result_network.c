/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who gave data to whom, and how many people the operators share.
 *
 * How it works: an account lies in one partition, so its person is counted
 * there, once a row.  A person under several accounts (identity.link) may lie
 * in several: such rows go to a log as (link, row) and are counted at the
 * end, in slices of the links that are narrow enough to be sorted in memory;
 * the log is read once a slice.  Without links the log is empty.
 */
#include "analysis/result_private.h"

#include <assert.h>
#include <stdlib.h>

enum { LINKED_SLICE_ROWS = 512 * 1024 }; /* 8 MiB */

/* ---- in a part ----------------------------------------------------------- */

static void
touch(struct result_part *rp, enum result_tally k, uint32_t row)
{
	if (rp->n_touched == rp->touched_room) {
		rp->touched_room = 2 * rp->touched_room + 16;
		rp->touched = realloc(
		    rp->touched, rp->touched_room * sizeof *rp->touched);
		if (rp->touched == NULL)
			err_no_memory(rp->touched_room * sizeof *rp->touched);
	}
	rp->touched[rp->n_touched++] =
	    (struct linked_row){ .tally = k, .row = row };
}

void
result_egress(struct result_part *rp, const struct egress *e)
{
	uint32_t key[3] = { e->operator_, e->recipient, e->category };
	struct tally *t = &rp->tally[TALLY_NETWORK];
	struct network_value *v = tally_at(t, key);

	if (v == NULL) {
		key[1] = key[2] = TALLY_OTHER;
		v = tally_at(t, key);
	}
	v->n++;
	v->against += e->is_against;
	v->open += e->is_open;
	times_add(&v->times, e->us);
	if (e->is_nobody_s || v->last_met == rp->n_met + 1)
		return;
	v->last_met = rp->n_met + 1;
	touch(rp, TALLY_NETWORK, tally_index(t, v));
}

void
result_met(struct result_part *rp, const struct met_by *m)
{
	struct tally *t = &rp->tally[TALLY_OPERATOR];
	struct operator_value *v = tally_at(t, &m->operator_);

	v->records += m->records;
	v->decisions += m->decisions;
	v->grants += m->grants;
	if (m->is_device)
		v->devices++;
	else
		touch(rp, TALLY_OPERATOR, tally_index(t, v));
}

static void
count_person(struct tally tally[TALLY__MAX], enum result_tally k, uint32_t row)
{
	struct network_value *n;
	struct operator_value *o;

	if (k == TALLY_NETWORK) {
		n = tally_value(&tally[k], row);
		n->people++;
	} else {
		o = tally_value(&tally[k], row);
		o->people++;
	}
}

static void
count_operators(uint64_t shared[SHARED_MAX + 1], size_t n)
{
	if (n > 0)
		shared[n < SHARED_MAX ? n : SHARED_MAX]++;
}

void
result_met_end(struct result_part *rp, uint64_t link)
{
	size_t i, n_operators = 0;

	for (i = 0; i < rp->n_touched; i++) {
		struct linked_row *t = &rp->touched[i];

		n_operators += t->tally == TALLY_OPERATOR;
		t->link = link;
		if (link == 0)
			count_person(rp->tally, t->tally, t->row);
		else
			memcpy(
			    rowlog_add(&rp->linked, sizeof *t), t, sizeof *t);
	}
	if (link == 0)
		count_operators(rp->by_operators, n_operators);
	rp->n_touched = 0;
	rp->n_met++;
}

/* ---- the writer ---------------------------------------------------------- */

static void
take_rows(struct result *r, struct result_part *rp)
{
	const struct tally *t = &rp->tally[TALLY_NETWORK];
	struct network_value *v, *to;
	struct operator_value *ov, *oto;
	uint32_t i, key[3];

	for (i = 0; i < t->n; i++) {
		v = tally_value(t, i);
		key[0] = result_code(r, rp, tally_key(t, i)[0]);
		key[1] = result_code(r, rp, tally_key(t, i)[1]);
		key[2] = result_code(r, rp, tally_key(t, i)[2]);
		to = tally_at(&r->tally[TALLY_NETWORK], key);
		if (to == NULL) {
			key[1] = key[2] = TALLY_OTHER;
			to = tally_at(&r->tally[TALLY_NETWORK], key);
		}
		v->number = tally_index(&r->tally[TALLY_NETWORK], to);
		to->n += v->n;
		to->against += v->against;
		to->open += v->open;
		to->people += v->people;
		times_merge(&to->times, &v->times);
	}
	t = &rp->tally[TALLY_OPERATOR];
	for (i = 0; i < t->n; i++) {
		ov = tally_value(t, i);
		key[0] = result_code(r, rp, tally_key(t, i)[0]);
		oto = tally_at(&r->tally[TALLY_OPERATOR], key);
		ov->number = tally_index(&r->tally[TALLY_OPERATOR], oto);
		oto->people += ov->people;
		oto->devices += ov->devices;
		oto->records += ov->records;
		oto->decisions += ov->decisions;
		oto->grants += ov->grants;
	}
}

void
take_network(struct result *r, struct result_part *rp)
{
	const struct network_value *n;
	const struct operator_value *o;
	struct rowlog_reader reader;
	struct linked_row row;
	const void *p;
	size_t i;

	take_rows(r, rp);
	for (i = 0; i <= SHARED_MAX; i++)
		r->by_operators[i] += rp->by_operators[i];
	rowlog_read(&reader, &rp->linked);
	while ((p = rowlog_take(&reader, sizeof row)) != NULL) {
		memcpy(&row, p, sizeof row);
		if (row.tally == TALLY_NETWORK) {
			n = tally_value(&rp->tally[TALLY_NETWORK], row.row);
			row.row = n->number;
		} else {
			o = tally_value(&rp->tally[TALLY_OPERATOR], row.row);
			row.row = o->number;
		}
		memcpy(rowlog_add(&r->linked, sizeof row), &row, sizeof row);
	}
	rowlog_read_end(&reader);
}

/* ---- people under several accounts --------------------------------------- */

static int
linked_cmp(const void *va, const void *vb)
{
	const struct linked_row *a = va, *b = vb;

	if (a->link != b->link)
		return a->link < b->link ? -1 : 1;
	if (a->tally != b->tally)
		return a->tally < b->tally ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

/* Each row once a person, however many accounts lead there. */
static void
count_slice(struct result *r, struct linked_row *row, size_t n)
{
	size_t i, n_operators = 0;

	qsort(row, n, sizeof *row, linked_cmp);
	for (i = 0; i < n; i++) {
		if (i > 0 && row[i].link != row[i - 1].link) {
			count_operators(r->by_operators, n_operators);
			n_operators = 0;
		}
		if (i > 0 && linked_cmp(&row[i], &row[i - 1]) == 0)
			continue;
		n_operators += row[i].tally == TALLY_OPERATOR;
		count_person(r->tally, row[i].tally, row[i].row);
	}
	count_operators(r->by_operators, n_operators);
}

/* The rows of slice i of n; hashes are evenly spread. */
static void
read_slice(struct result *r, uint64_t at, uint64_t n_slices)
{
	struct linked_row *slice = NULL;
	struct rowlog_reader reader;
	size_t n = 0, room = 0;
	const void *p;

	rowlog_read(&reader, &r->linked);
	while ((p = rowlog_take(&reader, sizeof *slice)) != NULL) {
		struct linked_row row;

		memcpy(&row, p, sizeof row);
		if ((row.link >> 32) * n_slices >> 32 != at)
			continue;
		if (n == room) {
			room = room == 0 ? 1024 : 2 * room;
			slice = realloc(slice, room * sizeof *slice);
			if (slice == NULL)
				err_no_memory(room * sizeof *slice);
		}
		slice[n++] = row;
	}
	rowlog_read_end(&reader);
	if (n > 0)
		count_slice(r, slice, n);
	free(slice);
}

/* ---- tables -------------------------------------------------------------- */

static void
write_rows(struct result *r)
{
	const struct tally *t = &r->tally[TALLY_NETWORK];
	sqlite3_stmt *st = casefile_prepare(
	    r->c, "INSERT INTO network VALUES(?,?,?,?,?,?,?,?,?)");
	uint32_t *order = result_sorted(r, TALLY_NETWORK, 3), i;

	for (i = 0; i < t->n; i++) {
		const uint32_t *key = tally_key(t, order[i]);
		const struct network_value *v = tally_value(t, order[i]);

		(void)casefile_bind(r->c, st, "sssiiiinn",
		    result_text(r, key[0]), result_text(r, key[1]),
		    result_text(r, key[2]), (int64_t)v->n, (int64_t)v->against,
		    (int64_t)v->open, (int64_t)v->people);
		result_bind_times(r, st, 8, &v->times);
		(void)casefile_step(r->c, st);
	}
	casefile_finalize(st);
	free(order);
}

static void
write_operators(struct result *r)
{
	const struct tally *t = &r->tally[TALLY_OPERATOR];
	sqlite3_stmt *st =
	    casefile_prepare(r->c, "INSERT INTO operator VALUES(?,?,?,?,?,?)");
	uint32_t *order = result_sorted(r, TALLY_OPERATOR, 1), i;

	for (i = 0; i < t->n; i++) {
		const struct operator_value *v = tally_value(t, order[i]);

		(void)casefile_put(r->c, st, "siiiii",
		    result_text(r, tally_key(t, order[i])[0]),
		    (int64_t)v->people, (int64_t)v->devices,
		    (int64_t)v->records, (int64_t)v->decisions,
		    (int64_t)v->grants);
	}
	casefile_finalize(st);
	free(order);
	st = casefile_prepare(r->c, "INSERT INTO shared VALUES(?,?)");
	for (i = 0; i <= SHARED_MAX; i++)
		if (r->by_operators[i] > 0)
			(void)casefile_put(r->c, st, "ii", (int64_t)i,
			    (int64_t)r->by_operators[i]);
	casefile_finalize(st);
}

int
write_network(struct result *r, struct err *err)
{
	uint64_t i, n_slices;

	n_slices = rowlog_bytes(&r->linked) / sizeof(struct linked_row) /
		       LINKED_SLICE_ROWS +
		   1;
	for (i = 0; i < n_slices; i++)
		read_slice(r, i, n_slices);
	if (rowlog_error(&r->linked, err) < 0)
		return -1;
	write_rows(r);
	write_operators(r);
	return 0;
}
