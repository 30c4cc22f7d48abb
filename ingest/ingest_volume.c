/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events by trail, kind and day: a small hash table, one a worker. */
#include <stdlib.h>

#include "ingest/base/utc.h"
#include "ingest/ingest_int.h"

static struct volume_cell *
cell_of(struct volume *v, int64_t day, unsigned trail, unsigned kind)
{
	uint64_t h =
	    ((uint64_t)day * 64 + trail * 32 + kind) * 0x9e3779b97f4a7c15;
	size_t at = (h >> 32) & (v->room - 1);

	for (; v->cell[at].kind != 0; at = (at + 1) & (v->room - 1))
		if (v->cell[at].day == day && v->cell[at].trail == trail &&
		    v->cell[at].kind == kind)
			break;
	return &v->cell[at];
}

static void
cell_add(struct volume *v, const struct volume_cell *c)
{
	struct volume_cell *to;
	struct volume old = *v;
	size_t i;

	if (v->n + 1 > v->room / 2) {
		v->room = v->room == 0 ? 256 : v->room * 2;
		v->cell = calloc(v->room, sizeof v->cell[0]);
		if (v->cell == NULL)
			err_no_memory(v->room * sizeof v->cell[0]);
		for (i = 0; i < old.room; i++)
			if (old.cell[i].kind != 0)
				*cell_of(v, old.cell[i].day, old.cell[i].trail,
				    old.cell[i].kind) = old.cell[i];
		free(old.cell);
	}
	to = cell_of(v, c->day, c->trail, c->kind);
	if (to->kind == 0) {
		*to = *c;
		v->n++;
	} else {
		to->n += c->n;
	}
}

void
volume_add(struct volume *v, const struct event *e, int64_t n)
{
	int64_t us = event_has_num(e, EV_TIME)
			 ? e->num[EV_TIME]
			 : VOLUME_UNDATED_DAY * UTC_US_DAY;
	struct volume_cell c = { .day = us / UTC_US_DAY -
					(us % UTC_US_DAY < 0 ? 1 : 0),
		.kind = (uint8_t)e->num[EV_KIND],
		.n = n };

	c.trail = event_has_num(e, EV_TRAIL) ? (uint8_t)e->num[EV_TRAIL] : 0;
	cell_add(v, &c);
}

void
volume_merge(struct volume *v, const struct volume *from)
{
	size_t i;

	for (i = 0; i < from->room; i++)
		if (from->cell[i].kind != 0)
			cell_add(v, &from->cell[i]);
}

void
volume_clear(struct volume *v)
{
	free(v->cell);
	memset(v, 0, sizeof *v);
}
