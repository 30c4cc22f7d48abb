/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often a person refused, and when last: p->refusal. */
#include "analysis/detector.h"

#include <stdlib.h>

struct refusal *
refusal_of(struct person *p, uint32_t purpose, uint32_t surface)
{
	struct refusal *f;
	uint32_t i;

	if (purpose != 0)
		surface = 0;
	for (i = 0; i < p->n_refusals; i++)
		if (p->refusal[i].purpose == purpose &&
		    p->refusal[i].surface == surface)
			return &p->refusal[i];
	if (p->n_refusals == p->n_refusal_room) {
		p->n_refusal_room =
		    p->n_refusal_room == 0 ? 16 : 2 * p->n_refusal_room;
		p->refusal = realloc(
		    p->refusal, p->n_refusal_room * sizeof p->refusal[0]);
		if (p->refusal == NULL)
			err_no_memory(p->n_refusal_room * sizeof p->refusal[0]);
	}
	f = &p->refusal[p->n_refusals++];
	f->purpose = purpose;
	f->surface = surface;
	f->n = 0;
	memset(&f->at, 0, sizeof f->at);
	f->at.at_us = STORE_ABSENT;
	return f;
}

void
refusal_tell(struct person *p, struct occasion *o)
{
	const struct refusal *f;
	size_t i;

	for (i = 0; i < o->n_rows; i++) {
		if (o->rows[i].refusals_before == 0 ||
		    !occasion_counts(p, &o->rows[i]))
			continue;
		f = refusal_of(p, o->rows[i].purpose, o->rows[i].surface);
		if (o->n_refused == 0 || f->at.at_us > o->refused.at_us)
			o->refused = f->at;
		o->n_refused += f->n;
	}
}
