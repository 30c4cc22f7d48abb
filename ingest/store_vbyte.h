/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_vbyte - whole numbers whose low bytes are noise.
 *
 *	u8 sizes[4], u8 which[(n + 3) / 4], bytes
 *
 * Two bits a number, the first of four in the lowest, tell which of the four
 * sizes it has; its bytes follow, the lowest first.  This is Stream VByte
 * (Lemire, Kurz and Rupp, Information Processing Letters 130 (2018) 1) with
 * sizes chosen by what occurs.  Nothing of it is worth a compressor's time.
 */
#ifndef INGEST_STORE_VBYTE_H
#define INGEST_STORE_VBYTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VBYTE_HEAD_BYTES = 4, VBYTE_SLACK_BYTES = 8 };

struct vbyte_plan {
	uint8_t size[4]; /* of a number, in bytes, 1 to 8, ascending */
	size_t bytes;	 /* of all numbers, the head and `which` left out */
};

/* The four sizes that make v[n] shortest. */
void vbyte_plan(struct vbyte_plan *plan, const uint64_t *v, size_t n);

/*
 * Write v[n] as planned; returns the end.  VBYTE_SLACK_BYTES behind it are
 * overwritten as well.
 */
uint8_t *vbyte_put(
    uint8_t *p, const struct vbyte_plan *plan, const uint64_t *v, size_t n);

/* Read v[n] from [p, end); the end of what was read, NULL: no such bytes. */
const uint8_t *vbyte_get(
    const uint8_t *p, const uint8_t *end, uint64_t *v, size_t n);

#endif
