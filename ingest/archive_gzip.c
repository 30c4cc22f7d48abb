/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gzip by ISA-L: members one after the other are one stream, each with its
 * CRC-32 and size checked.  A member whose sum is wrong is told and the next
 * one read; zeros behind the last one (tapes, blocks) are no damage.
 *
 * ISA-L decodes into a window of its own first, nearly LAYER_ROOM_BYTES long,
 * and drops what is left in it when an error follows: it therefore always
 * gets more room than that, and all that precedes an error is out.  When a
 * match reaches back behind the beginning, its assembler parts have already
 * counted the match: until that can no more happen, so many bytes are held
 * back.
 */
#include "ingest/archive_layer.h"

#include <assert.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

_Static_assert(
    sizeof((struct inflate_state *)0)->tmp_out_buffer + ISAL_DEF_MAX_MATCH <
	LAYER_ROOM_BYTES,
    "room for all that ISA-L holds back");

enum gzip_phase {
	GZIP_BETWEEN = 0, /* members: before the first, after each */
	GZIP_HEADER,
	GZIP_BODY,
	GZIP_FAILED,
};

struct gzip {
	struct inflate_state z;
	enum gzip_phase phase;
	const char *failed;  /* the reason */
	const char *pending; /* damage after which reading goes on */
	size_t n_held;
	uint8_t held[ISAL_DEF_MAX_MATCH]; /* [n_held] */
};

/* Between members: is there another?  1, 0, -1. */
static int
another_member(struct layer *l)
{
	const uint8_t *p;
	int64_t n = layer_peek(l->below, 2, &p);

	if (n < 0)
		return -1;
	return n >= 2 && p[0] == 0x1f && p[1] == 0x8b;
}

static void
fail(struct gzip *g, const char *reason)
{
	g->failed = reason;
	g->phase = GZIP_FAILED;
}

/* Give the decoder what is there: bytes, 0 at the end, -1. */
static int64_t
offer(struct layer *l)
{
	struct gzip *g = l->state;
	const uint8_t *p;
	int64_t got = layer_below(l, &p);

	/* ISA-L's pointer is not const, but it only reads. */
	g->z.next_in = (uint8_t *)(uintptr_t)p;
	g->z.avail_in = got > 0 ? (uint32_t)got : 0;
	return got;
}

static int
header(struct layer *l)
{
	struct gzip *g = l->state;
	struct isal_gzip_header ignored = { 0 };
	int64_t got = offer(l);
	int r;

	if (got < 0)
		return -1;
	if (got == 0) {
		fail(g, "gzip header is cut short");
		return 0;
	}
	r = isal_read_gzip_header(&g->z, &ignored);
	layer_take(l, (size_t)got - g->z.avail_in);
	switch (r) {
	case ISAL_DECOMP_OK:
		g->z.crc_flag = ISAL_GZIP_NO_HDR_VER;
		g->phase = GZIP_BODY;
		break;
	case ISAL_END_INPUT:
		break;
	case ISAL_UNSUPPORTED_METHOD:
		fail(g, "gzip header names an unknown method");
		break;
	case ISAL_INCORRECT_CHECKSUM:
		fail(g, "gzip header has a wrong checksum");
		break;
	default:
		fail(g, "gzip header is damaged");
	}
	return 0;
}

/* What the decoder's answer means for what comes next. */
static void
judge(struct gzip *g, int r, bool stuck)
{
	if (r == ISAL_INCORRECT_CHECKSUM) {
		g->pending = "gzip member has a wrong CRC or size";
		g->phase = GZIP_BETWEEN;
	} else if (r < 0) {
		fail(g, "gzip data are damaged");
	} else if (g->z.block_state == ISAL_BLOCK_FINISH) {
		g->phase = GZIP_BETWEEN;
	} else if (stuck) {
		fail(g, "gzip data are cut short");
	}
}

/* Decode to `into`; adds to *done.  0 or -1. */
static int
body(struct layer *l, uint8_t *into, size_t room, size_t *done)
{
	struct gzip *g = l->state;
	int64_t got = offer(l);
	size_t n = g->n_held;
	int r;

	if (got < 0)
		return -1;
	memcpy(into, g->held, n);
	g->z.next_out = into + n;
	g->z.avail_out = (uint32_t)(room - n);
	r = isal_inflate(&g->z);
	/* After an error it may say that it took a byte too many. */
	layer_take(l,
	    g->z.avail_in <= got ? (size_t)got - g->z.avail_in : (size_t)got);
	n = room - g->z.avail_out;
	judge(g, r, got == 0 && n == g->n_held);
	g->n_held = 0;
	if (r == ISAL_INVALID_LOOKBACK) {
		n -= n < sizeof g->held ? n : sizeof g->held;
	} else if (g->phase == GZIP_BODY &&
		   g->z.total_out < ISAL_DEF_HIST_SIZE + ISAL_DEF_MAX_MATCH) {
		g->n_held = n < sizeof g->held ? n : sizeof g->held;
		n -= g->n_held;
		memcpy(g->held, into + n, g->n_held);
	}
	*done += n;
	return 0;
}

static int
between(struct layer *l)
{
	struct gzip *g = l->state;
	int r = another_member(l);

	if (r == 1) {
		isal_inflate_reset(&g->z);
		g->z.crc_flag = ISAL_GZIP;
		g->phase = GZIP_HEADER;
	}
	return r;
}

static int64_t
gzip_decode(struct layer *l, uint8_t *into, size_t room)
{
	struct gzip *g = l->state;
	size_t done = 0;
	int r = 0;

	if (room > 1U << 30)
		room = 1U << 30;
	for (;;) {
		if (done > 0 &&
		    (g->pending != NULL || g->phase == GZIP_FAILED ||
			room - done < LAYER_ROOM_BYTES))
			return (int64_t)done;
		if (g->pending != NULL)
			layer_damage(l, "%s", g->pending);
		g->pending = NULL;
		switch (g->phase) {
		case GZIP_BETWEEN:
			r = between(l);
			if (r == 0 && done > 0)
				return (int64_t)done;
			if (r == 0)
				return layer_drain(l);
			break;
		case GZIP_HEADER:
			r = header(l);
			break;
		case GZIP_BODY:
			r = body(l, into + done, room - done, &done);
			break;
		case GZIP_FAILED:
			layer_damage(l, "%s", g->failed);
			return 0;
		}
		if (r < 0)
			return -1;
	}
}

static void
gzip_close(struct layer *l)
{
	free(l->state);
}

static const struct layer_ops gzip_ops = {
	.decode = gzip_decode,
	.close = gzip_close,
};

void
layer_gzip_push(struct layer_stack *s)
{
	struct gzip *g = calloc(1, sizeof *g);

	if (g == NULL)
		err_no_memory(sizeof *g);
	isal_inflate_init(&g->z);
	(void)layer_push(s, LAYER_GZIP, &gzip_ops, g);
}
