/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole numbers, each with the bytes that it needs. */
#include "ingest/store_vbyte.h"

#include <string.h>

enum { SIZE_MAX_BYTES = 8 };

static inline unsigned
bytes_of(uint64_t v)
{
	return (71 - (unsigned)__builtin_clzll(v | 1)) / 8;
}

/* Numbers of up to `size` bytes take as many as the next size chosen. */
static size_t
total(const size_t count[SIZE_MAX_BYTES + 1], const uint8_t size[4])
{
	size_t sum = 0;
	unsigned i, k = 0;

	for (i = 1; i <= SIZE_MAX_BYTES && i <= size[3]; i++) {
		while (size[k] < i)
			k++;
		sum += count[i] * size[k];
	}
	return sum;
}

void
vbyte_plan(struct vbyte_plan *plan, const uint64_t *v, size_t n)
{
	size_t count[SIZE_MAX_BYTES + 1] = { 0 }, i, now;
	uint8_t size[4], most = SIZE_MAX_BYTES;

	for (i = 0; i < n; i++)
		count[bytes_of(v[i])]++;
	while (most > 1 && count[most] == 0)
		most--;
	size[3] = most;
	plan->bytes = SIZE_MAX;
	for (size[0] = 1; size[0] <= most; size[0]++)
		for (size[1] = size[0]; size[1] <= most; size[1]++)
			for (size[2] = size[1]; size[2] <= most; size[2]++) {
				now = total(count, size);
				if (now >= plan->bytes)
					continue;
				plan->bytes = now;
				memcpy(plan->size, size, sizeof size);
			}
}

uint8_t *
vbyte_put(
    uint8_t *p, const struct vbyte_plan *plan, const uint64_t *v, size_t n)
{
	uint8_t *which = p + VBYTE_HEAD_BYTES, k_of[SIZE_MAX_BYTES + 1] = { 0 };
	unsigned i, k = 0;
	size_t at;

	memcpy(p, plan->size, VBYTE_HEAD_BYTES);
	for (i = 1; i <= plan->size[3]; i++) {
		while (plan->size[k] < i)
			k++;
		k_of[i] = (uint8_t)k;
	}
	memset(which, 0, (n + 3) / 4);
	p = which + (n + 3) / 4;
	for (at = 0; at < n; at++) {
		k = k_of[bytes_of(v[at])];
		which[at / 4] |= (uint8_t)(k << (at % 4 * 2));
		memcpy(p, &v[at], sizeof v[at]);
		p += plan->size[k];
	}
	return p;
}

static bool
sizes_fit(const uint8_t size[4])
{
	unsigned k;

	for (k = 0; k < 4; k++)
		if (size[k] == 0 || size[k] > SIZE_MAX_BYTES)
			return false;
	return true;
}

const uint8_t *
vbyte_get(const uint8_t *p, const uint8_t *end, uint64_t *v, size_t n)
{
	const uint8_t *size = p, *which = p + VBYTE_HEAD_BYTES;
	size_t left = (size_t)(end - p), i, n_which = (n + 3) / 4;
	uint64_t mask[4];
	unsigned k;

	if (left < VBYTE_HEAD_BYTES || left - VBYTE_HEAD_BYTES < n_which ||
	    !sizes_fit(size))
		return NULL;
	for (k = 0; k < 4; k++)
		mask[k] = UINT64_MAX >> (64 - 8 * size[k]);
	p = which + n_which;
	for (i = 0; i < n && end - p >= (ptrdiff_t)sizeof v[i]; i++) {
		k = which[i / 4] >> (i % 4 * 2) & 3;
		memcpy(&v[i], p, sizeof v[i]);
		v[i] &= mask[k];
		p += size[k];
	}
	for (; i < n; i++) { /* the last ones */
		k = which[i / 4] >> (i % 4 * 2) & 3;
		if (end - p < size[k])
			return NULL;
		v[i] = 0;
		memcpy(&v[i], p, size[k]);
		p += size[k];
	}
	return p;
}
