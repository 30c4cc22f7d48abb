/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "ingest/store_int.h"

static size_t
home(const struct store_drops *d, uint32_t member, uint64_t offset)
{
	return store_mix(offset ^ (uint64_t)member << 40) & (d->n_slots - 1);
}

static void
grow(struct store_drops *d)
{
	struct store_drops old = *d;
	size_t i, at;

	d->n_slots = old.n_slots == 0 ? 256 : old.n_slots * 2;
	d->slot = calloc(d->n_slots, sizeof *d->slot);
	if (d->slot == NULL)
		err_no_memory(d->n_slots);
	for (i = 0; i < old.n_slots; i++) {
		if (old.slot[i].used == 0)
			continue;
		at = home(d, old.slot[i].member, old.slot[i].offset);
		while (d->slot[at].used != 0)
			at = (at + 1) & (d->n_slots - 1);
		d->slot[at] = old.slot[i];
	}
	free(old.slot);
}

bool
store_drops_have(const struct store_drops *d, uint32_t member, uint64_t offset)
{
	size_t at;

	if (d == NULL || d->n == 0)
		return false;
	for (at = home(d, member, offset); d->slot[at].used != 0;
	     at = (at + 1) & (d->n_slots - 1))
		if (d->slot[at].offset == offset &&
		    d->slot[at].member == member)
			return true;
	return false;
}

void
store_drops_add(struct store_drops *d, const struct place *at)
{
	size_t i;

	if (d->n + d->n / 2 >= d->n_slots)
		grow(d);
	for (i = home(d, at->member, at->offset); d->slot[i].used != 0;
	     i = (i + 1) & (d->n_slots - 1))
		if (d->slot[i].offset == at->offset &&
		    d->slot[i].member == at->member)
			return;
	d->slot[i] = (struct store_drop){ at->offset, at->member, 1 };
	if (d->n++ == 0 || at->member < d->least_member)
		d->least_member = at->member;
}

void
store_drops_clear(struct store_drops *d)
{
	free(d->slot);
	memset(d, 0, sizeof *d);
}

void
store_drop(struct store *s, const struct store_drops *d)
{
	s->drops = d;
}
