/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who the published agreements say will receive data (D12): one list for a
 * notice and its version, filled by the study, asked by the partition's codes.
 */
#include "analysis/person.h"

#include <stdlib.h>

enum { DISCLOSED_MAX = 1 << 16 }; /* recipients of all versions */

static struct span
trimmed(struct span s)
{
	while (s.n > 0 && (*s.p == ' ' || *s.p == '\t')) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static void
add(struct study *s, const struct study_disclosed *from, struct span recipient)
{
	struct study_disclosed *to;
	size_t n = s->n_disclosed;

	recipient = trimmed(recipient);
	if (recipient.n == 0)
		return;
	if (n == DISCLOSED_MAX) {
		s->disclosed_is_cut = true;
		return;
	}
	/* Doubled by powers of two, as many are added one by one. */
	if ((n & (n - 1)) == 0)
		s->disclosed = arena_grow(&s->arena, s->disclosed,
		    n * sizeof *to, (n == 0 ? 1 : 2 * n) * sizeof *to);
	to = &s->disclosed[s->n_disclosed++];
	to->operator_ = arena_span(&s->arena, from->operator_);
	to->notice = arena_span(&s->arena, from->notice);
	to->version = arena_span(&s->arena, from->version);
	to->recipient = arena_span(&s->arena, recipient);
}

void
disclosed_add(struct study *s, const struct study_disclosed *d)
{
	struct span all = d->recipient, one;
	size_t i, from;

	if (all.p == NULL || d->notice.p == NULL)
		return;
	add(s, d, all);
	/* "a, b": who is called so is named by either reading. */
	for (i = from = 0; i <= all.n; i++) {
		if (i < all.n && all.p[i] != ',' && all.p[i] != EVENT_LIST_SEP)
			continue;
		one.p = all.p + from;
		one.n = i - from;
		if (one.n < all.n)
			add(s, d, one);
		from = i + 1;
	}
}

static int
cmp(const void *va, const void *vb)
{
	return memcmp(va, vb, 3 * sizeof(uint32_t));
}

void
disclosed_code(struct person *p)
{
	const struct study *s = p->study;
	uint32_t(*to)[3];
	size_t i;

	to = arena_alloc(&p->run, (s->n_disclosed + 1) * sizeof *to);
	for (i = 0; i < s->n_disclosed; i++) {
		to[i][0] = names_code(p->names, s->disclosed[i].notice);
		to[i][1] = names_code(p->names, s->disclosed[i].version);
		to[i][2] = names_code(p->names, s->disclosed[i].recipient);
	}
	qsort(to, s->n_disclosed, sizeof *to, cmp);
	p->rules.disclosed = to;
}

/* First entry not before a key. */
static size_t
first_from(const struct person *p, const uint32_t key[3])
{
	size_t lo = 0, hi = p->study->n_disclosed, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (cmp(p->rules.disclosed[mid], key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* In the list of one version: 1 in it, -1 not, 0 there is none. */
static int
in_list(const struct person *p, uint32_t notice, uint32_t version,
    uint32_t recipient)
{
	const uint32_t key[3] = { notice, version, recipient };
	const uint32_t begin[3] = { notice, version, 0 };
	size_t n = p->study->n_disclosed, i = first_from(p, key);

	if (i < n && cmp(p->rules.disclosed[i], key) == 0)
		return 1;
	i = first_from(p, begin);
	return i < n && cmp(p->rules.disclosed[i], begin) != 0 &&
		       memcmp(p->rules.disclosed[i], begin,
			   2 * sizeof(uint32_t)) == 0
		   ? -1
		   : 0;
}

int
disclosed_to(
    const struct person *p, const struct consent *on, uint32_t recipient)
{
	int any, always;

	if (on->notice == 0 || p->study->n_disclosed == 0)
		return 0;
	/* What was published without a version is said of every one. */
	always = in_list(p, on->notice, 0, recipient);
	any = on->notice_version != 0
		  ? in_list(p, on->notice, on->notice_version, recipient)
		  : 0;
	if (always > 0 || any > 0)
		return 1;
	/* A list that was cut, or of a version that nobody knows, may hold
	 * the recipient. */
	if (p->study->disclosed_is_cut ||
	    (on->notice_version == 0 && always < 0))
		return 0;
	return any < 0 || always < 0 ? -1 : 0;
}
