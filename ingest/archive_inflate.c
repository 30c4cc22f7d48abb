/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/archive_inflate.h"

#include <assert.h>

_Static_assert(
    sizeof((struct inflate_state *)0)->tmp_out_buffer + ISAL_DEF_MAX_MATCH <
	LAYER_ROOM_BYTES,
    "room for all that ISA-L holds back");

void
inflate_begin(struct inflate *f, uint32_t crc_flag)
{
	isal_inflate_reset(&f->z);
	f->z.crc_flag = crc_flag;
	f->n_held = 0;
}

static enum inflate_result
result(const struct inflate *f, int r, bool stuck)
{
	if (r == ISAL_INCORRECT_CHECKSUM)
		return INFLATE_WRONG_SUM;
	if (r < 0)
		return INFLATE_DAMAGED;
	if (f->z.block_state == ISAL_BLOCK_FINISH)
		return INFLATE_END;
	return stuck ? INFLATE_CUT : INFLATE_MORE;
}

enum inflate_result
inflate_some(struct inflate *f, const uint8_t *p, size_t *n, uint8_t *into,
    size_t room, size_t *made)
{
	enum inflate_result res;
	size_t held = f->n_held, out;
	int r;

	assert(room >= LAYER_ROOM_BYTES && room <= UINT32_MAX);
	assert(*n <= UINT32_MAX);
	memcpy(into, f->held, held);
	f->n_held = 0;
	/* ISA-L's pointer is not const, but it only reads. */
	f->z.next_in = (uint8_t *)(uintptr_t)p;
	f->z.avail_in = (uint32_t)*n;
	f->z.next_out = into + held;
	f->z.avail_out = (uint32_t)(room - held);
	r = isal_inflate(&f->z);
	out = room - f->z.avail_out;
	res = result(f, r, *n == 0 && out == held);
	/* After an error it may say that it took a byte too many. */
	if (f->z.avail_in <= *n)
		*n -= f->z.avail_in;
	if (r == ISAL_INVALID_LOOKBACK) {
		out -= out < sizeof f->held ? out : sizeof f->held;
	} else if (res == INFLATE_MORE &&
		   f->z.total_out < ISAL_DEF_HIST_SIZE + ISAL_DEF_MAX_MATCH) {
		f->n_held = out < sizeof f->held ? out : sizeof f->held;
		out -= f->n_held;
		memcpy(f->held, into + out, f->n_held);
	}
	*made = out;
	return res;
}
