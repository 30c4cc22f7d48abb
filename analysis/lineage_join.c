/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: the rows come sorted by datum.  Of each, first whose own
 * number it is; then its collection, person by person, each of which becomes
 * one collector; then the contacts in order of time, each held against the
 * collectors it may rest on: the one who made it, if it names one of them,
 * else all.
 *
 *	datum +8613800138000
 *	  collected by u1  2 May, for credit_check; shared with c, 3 May
 *	  collected by u2  9 May, for credit_check
 *	  called by c     10 May, for collection: sure for u1; for u2 it is
 *	                  ambiguous, for no record tells how c came by it
 *
 * A datum that more than LINEAGE_COLLECTORS people have is a hotline, not a
 * friend: those beyond are not decidable.
 */
#include "analysis/lineage_join.h"

#include <assert.h>
#include <stdlib.h>

/* ---- the end of a datum ---- */

static void
count_answer(struct scope_sum *s, enum answer a, int64_t us)
{
	if (a == ANSWER_SURE || a == ANSWER_AMBIGUOUS)
		times_add(&s->times, us);
}

static void
end_collector(struct join *j, struct collector *c)
{
	struct lineage_sums *s = &j->r->lineage;
	unsigned chain =
	    c->hops & (1u << LINEAGE_ACCESS | 1u << LINEAGE_UPLOAD |
			  1u << LINEAGE_SHARE | 1u << LINEAGE_OUTBOUND);
	unsigned n = (unsigned)__builtin_popcount(chain), missing = 0;
	enum answer a;
	int64_t us;

	a = judge_collector(j, c, &us, &missing);
	s->hops = n > s->hops ? n : s->hops;
	s->complete += (chain >> LINEAGE_SHARE & 1) != 0 &&
		       (chain >> LINEAGE_OUTBOUND & 1) != 0;
	if (j->d.answer == ANSWER_NONE || a < j->d.answer ||
	    (a == j->d.answer && result_is_earlier(us, j->d.us))) {
		j->d.us = us;
		j->d.answer = a;
	}
	j->people.missing |= missing;
	j->nonusers.missing |= missing;
	if (c->subject == 0)
		return;
	count_answer(&j->people, a, us);
	j->contacts[c->subject]++;
	if (j->answer[c->subject] == ANSWER_NONE ||
	    a < (enum answer)j->answer[c->subject])
		j->answer[c->subject] = (uint8_t)a;
}

/* What merge_nonusers() makes a person of. */
static void
log_nonuser(struct join *j, int64_t us)
{
	size_t n = (j->id.n + 7) & ~(size_t)7;
	struct nonuser_row row = {
		.finding = j->nonusers.finding,
		.answer = j->d.answer,
		.us = us,
		.shown_us = RESULT_UNKNOWN,
		.decided_us = RESULT_UNKNOWN,
		.n = (uint32_t)j->id.n,
	};
	char *p = rowlog_add(&j->r->nonusers, sizeof row + n);

	memcpy(p, &row, sizeof row);
	memset(p + sizeof row, 0, n);
	memcpy(p + sizeof row, j->id.p, j->id.n);
}

static void
end_nonuser(struct join *j, int64_t us)
{
	struct lineage_sums *s = &j->r->lineage;
	int hop;

	s->collected++;
	for (hop = 0; hop < LINEAGE_HOP__MAX; hop++)
		s->nonusers[hop] += j->d.hops >> hop & 1;
	count_answer(&j->nonusers, j->d.answer, us);
	if (j->d.answer == ANSWER_SURE || j->d.answer == ANSWER_AMBIGUOUS)
		log_nonuser(j, us); /* counted when people are merged */
	else
		j->nonusers.n[j->d.answer]++;
}

static void
end_datum(struct join *j)
{
	struct tally *t = &j->r->tally[TALLY_LINEAGE];
	struct datum *d = &j->d;
	struct lineage_value *v;
	uint32_t i;
	int hop;

	if (d->number == 0)
		return;
	for (hop = 0; hop < LINEAGE_HOP__MAX; hop++)
		j->r->lineage.data[hop] += d->hops >> hop & 1;
	for (i = 0; i < d->n_groups; i++) {
		v = tally_value(t, d->group[i]);
		v->nonusers += d->is_person && !d->is_owned;
	}
	if (!d->is_person)
		return;
	for (i = 0; i < d->n_collectors; i++)
		end_collector(j, &d->collector[i]);
	if (d->n_collectors > 0 && !d->is_owned)
		end_nonuser(j, d->us);
}

static void
begin_datum(struct join *j, const struct lineage_row *row)
{
	uint64_t number = j->d.number + 1;

	memset(&j->d, 0, sizeof j->d);
	arena_reset(&j->arena);
	j->d.number = number;
	j->d.us = RESULT_UNKNOWN;
	j->hash = row->hash;
	memcpy(j->text, row + 1, row->n);
	j->id.p = j->text;
	j->id.n = row->n;
}

/* ---- answers ---- */

static void
add_missing(struct join *j, struct scope_sum *s)
{
	static const struct {
		unsigned bit;
		const char *text;
	} texts[] = {
		{ JOIN_TIME, "the time of the record" },
		{ JOIN_ORDER, "an order beyond the clocks' error" },
		{ JOIN_WHOM, "for whose sake a user was contacted" },
		{ JOIN_OUTBOUND, "any record of outbound contact" },
		{ JOIN_WHOLE, "a whole log: a source is a sample of one" },
		{ JOIN_FEWER, "fewer people who have one datum" },
	};
	struct finding_value *v =
	    tally_value(&j->r->tally[TALLY_FINDING], s->finding);
	size_t i;

	for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if ((s->missing & texts[i].bit) != 0 &&
		    v->n_missing < FINDING_MISSING)
			v->missing[v->n_missing++] =
			    names_code(&j->r->names, span_of(texts[i].text));
	v->times = s->times;
}

/* Whoever is sure or ambiguous, as part_end_findings() would tell. */
static void
tell_user(
    struct join *j, sqlite3_stmt *st, struct finding_value *v, uint32_t subject)
{
	struct result *r = j->r;
	struct affected_row row = { .finding = j->people.finding,
		.grade_role = (uint32_t)j->answer[subject] * 2,
		.subject = subject };
	struct digest_affected a = { .finding = v->hash,
		.grade = j->answer[subject] };

	(void)casefile_bind(r->c, st, "i", (int64_t)subject);
	if (casefile_step(r->c, st) <= 0)
		return;
	a.kind.p = (const char *)sqlite3_column_text(st, 0);
	a.kind.n = (size_t)sqlite3_column_bytes(st, 0);
	a.subject.p = (const char *)sqlite3_column_text(st, 1);
	a.subject.n = (size_t)sqlite3_column_bytes(st, 1);
	digest_affected(&r->row, &a);
	digest_row_end(&r->row, &r->hash[DIGEST_AFFECTED]);
	(void)sqlite3_reset(st);
	memcpy(rowlog_add(&r->affected, sizeof row), &row, sizeof row);
}

static void
tell_users(struct join *j)
{
	struct result *r = j->r;
	struct finding_value *v =
	    tally_value(&r->tally[TALLY_FINDING], j->people.finding);
	struct digest_finding f = { .detector = span_of("D11"),
		.scope = span_of("users") };
	sqlite3_stmt *st = casefile_prepare(
	    r->c, "SELECT kind, id FROM subject WHERE subject_id = ?");
	uint32_t i;

	digest_finding(&r->row, &f, v->hash);
	v->has_hash = true;
	for (i = 1; i <= r->n_subjects; i++) {
		v->n[j->answer[i]] += j->answer[i] != ANSWER_NONE;
		if (j->answer[i] == ANSWER_SURE ||
		    j->answer[i] == ANSWER_AMBIGUOUS)
			tell_user(j, st, v, i);
		if (j->contacts[i] > 0)
			spread_add(&r->lineage.contacts, j->contacts[i]);
	}
	casefile_finalize(st);
}

/* ---- all data ---- */

static uint32_t
finding_of(struct result *r, const char *scope)
{
	const uint32_t key[FINDING__WORDS] = { DETECTOR_D11, 0, 0,
		names_code(&r->names, span_of(scope)) };

	return tally_index(
	    &r->tally[TALLY_FINDING], tally_at(&r->tally[TALLY_FINDING], key));
}

static void
join_open(struct join *j, struct result *r)
{
	const struct study *s = r->study;
	size_t i, n = (size_t)r->n_subjects + 1;

	memset(j, 0, sizeof *j);
	j->r = r;
	j->study = s;
	j->answer = calloc(n, sizeof *j->answer);
	j->contacts = calloc(n, sizeof *j->contacts);
	if (j->answer == NULL || j->contacts == NULL)
		err_no_memory(n * sizeof *j->contacts);
	j->compatible =
	    arena_alloc(&j->run, (s->n_compatible + 1) * sizeof *j->compatible);
	for (i = 0; i < s->n_compatible; i++) {
		j->compatible[i][0] = names_code(&r->names, s->compatible[i].a);
		j->compatible[i][1] = names_code(&r->names, s->compatible[i].b);
	}
	j->necessary =
	    arena_alloc(&j->run, (s->n_necessary + 1) * sizeof *j->necessary);
	for (i = 0; i < s->n_necessary; i++)
		j->necessary[i] = names_code(&r->names, s->necessary[i]);
	j->people.finding = finding_of(r, "users");
	j->nonusers.finding = finding_of(r, "nonusers");
	r->lineage.finding = j->people.finding + 1;
}

static void
join_close(struct join *j)
{
	uint32_t i;

	for (i = 0; i < j->n_users; i++)
		free(j->users[i].bit);
	free(j->users);
	free(j->reached.bit);
	free(j->list);
	free(j->answer);
	free(j->contacts);
	arena_clear(&j->arena);
	arena_clear(&j->run);
}

static void
see_row(struct join *j, const struct lineage_row *row)
{
	if (j->d.number == 0 || row->hash != j->hash ||
	    !span_eq(lineage_text(row), j->id)) {
		end_datum(j);
		begin_datum(j, row);
	}
	j->d.is_person |= row->is_person;
	if (row->hop == LINEAGE_OWN)
		join_owner(j, row);
	else if (row->hop == LINEAGE_OUTBOUND)
		join_call(j, row);
	else
		join_collection(j, row);
}

int
join_lineage(struct result *r, struct err *err)
{
	const struct lineage_row *row = NULL;
	struct finding_value *v;
	struct join j;
	int a;

	if (r->study != NULL)
		row = lineage_sort_next(&r->data);
	if (row == NULL)
		return lineage_sort_error(&r->data, err);
	join_open(&j, r);
	for (; row != NULL; row = lineage_sort_next(&r->data))
		see_row(&j, row);
	end_datum(&j);
	tell_users(&j);
	add_missing(&j, &j.people);
	add_missing(&j, &j.nonusers);
	v = tally_value(&r->tally[TALLY_FINDING], j.nonusers.finding);
	for (a = 0; a < ANSWER__MAX; a++)
		v->n[a] += j.nonusers.n[a];
	join_close(&j);
	return lineage_sort_error(&r->data, err);
}
