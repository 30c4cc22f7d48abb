/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Without `design` the version is "f:" and 16 hex digits of a hash over the
 * looks of the consent controls (element, role, purposes, notice and its
 * version, words, font, colours), their first states where the design set
 * them, and the roles that were shown before the first act.
 */
#include "analysis/person.h"

#include <stdio.h>

/* ---- consent controls ---- */

/* The less, the more it stands for consent. */
int
design_class(const struct control *c)
{
	if (c->role == ROLE_CONSENT_BOX)
		return 0;
	if (c->is_notice)
		return 1;
	if (c->role == ROLE_ACCEPT)
		return 2;
	if (c->role == ROLE_SUBMIT)
		return 3;
	return c->is_screen ? 5 : 4;
}

static int
episode_class(const struct surface *s)
{
	int best = 6;
	uint32_t i;

	for (i = 0; i < s->n_controls; i++)
		if (s->control[i].in_episode &&
		    design_class(&s->control[i]) < best)
			best = design_class(&s->control[i]);
	return best;
}

bool
design_is_consent(const struct surface *s, const struct control *c)
{
	return c->in_episode && design_class(c) == episode_class(s);
}

/* ---- design ---- */

static uint64_t
mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0xbf58476d1ce4e5b9;
	return h ^ (h >> 31);
}

static uint32_t
fingerprint(struct person *p, const struct surface *s)
{
	uint64_t h = 0, one;
	bool any = false;
	char text[20];
	uint32_t i;

	for (i = 0; i < s->n_controls; i++) {
		const struct control *c = &s->control[i];

		if (!design_is_consent(s, c) || c->impressions == 0)
			continue;
		one = mix(c->look, (uint64_t)(int64_t)c->default_on);
		h += one; /* in whatever order they were shown */
		any = true;
	}
	if (!any)
		return 0;
	h = mix(h, s->ep.roles);
	/* Few versions, many episodes: the text is made once. */
	i = (uint32_t)(h % PERSON_VERSIONS);
	if (p->version[i].hash != h || p->version[i].code == 0) {
		(void)snprintf(
		    text, sizeof text, "f:%016llx", (unsigned long long)h);
		p->version[i].hash = h;
		p->version[i].code = names_code(p->names, span_of(text));
	}
	return p->version[i].code;
}

void
design_freeze(struct person *p, struct surface *s)
{
	struct episode *ep = &s->ep;
	uint32_t i, k;
	int best = episode_class(s);

	if (!ep->is_frozen && ep->design == 0)
		ep->design = fingerprint(p, s);
	ep->is_frozen = true;
	for (i = 0; i < ep->n_exposures; i++) {
		struct exposure *x = &ep->exposure[i];

		x->design = ep->design;
		for (k = 0; k < s->n_controls; k++) {
			const struct control *c = &s->control[k];

			if (c->element == x->element && best < 3 &&
			    c->role == (int)x->role && design_class(c) == best)
				x->is_consent = true;
		}
		if (x->is_consent && !ep->is_told)
			x->opens = ep->is_told = true;
		result_exposure(p->out, x);
	}
	ep->n_exposures = 0;
}
