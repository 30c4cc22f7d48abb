/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/asked.h"

static void
ask(struct asked *a, uint32_t purpose)
{
	uint32_t i;

	for (i = 0; i < a->n; i++)
		if (a->purpose[i] == purpose)
			return;
	if (a->n < EPISODE_PURPOSES)
		a->purpose[a->n++] = purpose;
}

static void
ask_list(struct person *p, struct asked *a, uint32_t list)
{
	struct purposes l = person_purposes(p, list);
	uint32_t i;

	for (i = 0; i < l.n; i++)
		ask(a, l.code[i]);
}

static void
ask_declared(struct person *p, struct asked *a, uint32_t surface)
{
	size_t i;

	for (i = 0; surface != 0 && i < p->study->n_purposes; i++)
		if (p->rules.purpose[i][0] == surface)
			ask(a, p->rules.purpose[i][1]);
}

/* In bytewise order: the order of rows must not depend on codes. */
static void
ask_sort(const struct person *p, struct asked *a)
{
	uint32_t i, k, v;

	for (i = 1; i < a->n; i++) {
		v = a->purpose[i];
		for (k = i;
		     k > 0 && span_cmp(names_text(p->names, a->purpose[k - 1]),
				  names_text(p->names, v)) > 0;
		     k--)
			a->purpose[k] = a->purpose[k - 1];
		a->purpose[k] = v;
	}
}

const struct reply *
replies_of(const struct person *p, const struct row *r)
{
	return r != NULL && r->link != 0 && r->kind != KIND_CONSENT
		   ? &p->answer[r->link - 1]
		   : NULL;
}

const struct reply *
reply_next(const struct person *p, const struct reply *a)
{
	return a->next != 0 ? &p->answer[a->next - 1] : NULL;
}

void
asked_of_episode(struct person *p, const struct surface *s, const struct row *r,
    struct asked *a)
{
	const struct reply *w;
	uint32_t i;

	a->n = 0;
	for (i = 0; i < s->n_controls; i++)
		if (design_is_consent(s, &s->control[i]))
			ask_list(p, a, s->control[i].purposes);
	if (a->n == 0 && r != NULL)
		ask_list(p, a, row_name(r, EV_PURPOSE));
	for (i = 0; a->n == 0 && i < s->n_controls; i++)
		if (s->control[i].in_episode)
			ask_list(p, a, s->control[i].purposes);
	if (a->n == 0)
		ask_declared(p, a, s->name);
	if (a->n == 0)
		for (w = replies_of(p, r); w != NULL; w = reply_next(p, w))
			ask_list(
			    p, a, row_name(&p->tl->row[w->row], EV_PURPOSE));
	if (a->n == 0 && s->ep.early.is_there)
		ask_list(p, a, s->ep.early.purposes);
	if (a->n == 0)
		ask(a, 0);
	ask_sort(p, a);
}

static bool
is_asked(const struct asked *a, uint32_t purpose)
{
	uint32_t i;

	for (i = 0; i < a->n; i++)
		if (a->purpose[i] == purpose)
			return true;
	return false;
}

bool
asked_rest(struct person *p, const struct surface *s, const struct row *r,
    const struct asked *a)
{
	const struct reply *w;
	bool granted = false;
	uint32_t i;

	for (w = replies_of(p, r); w != NULL; w = reply_next(p, w)) {
		const struct row *rec = &p->tl->row[w->row];
		int d = row_word(rec, EV_DECISION);
		struct purposes l =
		    person_purposes(p, row_name(rec, EV_PURPOSE));
		struct consent c = { .operator_ = person_operator(p, rec),
			.category = row_name(rec, EV_CATEGORY),
			.recipient = row_name(rec, EV_RECIPIENT),
			.surface = s->name,
			.by_server = true,
			.since = row_stamp(p->tl, rec) };

		if (d == DECISION_GIVEN || d == DECISION_RENEWED)
			c.state = CONSENT_LIVE;
		else if (d == DECISION_REFUSED)
			c.state = CONSENT_REFUSED;
		else
			continue;
		for (i = 0; i < l.n; i++) {
			c.purpose = l.code[i];
			if (is_asked(a, c.purpose))
				continue;
			consent_set(p, &c);
			granted |= c.state == CONSENT_LIVE;
		}
	}
	return granted;
}

void
asked_of_grant(struct person *p, const struct row *r, struct asked *a)
{
	a->n = 0;
	ask_list(p, a, row_name(r, EV_PURPOSE));
	if (a->n == 0)
		ask_declared(p, a, row_name(r, EV_SURFACE));
	if (a->n == 0)
		ask(a, 0);
	ask_sort(p, a);
}
