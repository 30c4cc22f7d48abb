/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gzip by ISA-L: members one after the other are one stream, each with its
 * CRC-32 and size checked.  A member whose sum is wrong is told and the next
 * one read; zeros behind the last one (tapes, blocks) are no damage.
 */
#include "ingest/archive_inflate.h"

#include <stdlib.h>

enum gzip_phase {
	GZIP_BETWEEN = 0, /* members: before the first, after each */
	GZIP_HEADER,
	GZIP_BODY,
	GZIP_FAILED,
};

struct gzip {
	struct inflate data;
	enum gzip_phase phase;
	const char *failed;  /* the reason */
	const char *pending; /* damage after which reading goes on */
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

static int
header(struct layer *l)
{
	struct gzip *g = l->state;
	struct inflate_state *z = &g->data.z;
	struct isal_gzip_header ignored = { 0 };
	const uint8_t *p;
	int64_t got = layer_below(l, &p);
	int r;

	if (got < 0)
		return -1;
	if (got == 0) {
		fail(g, "gzip header is cut short");
		return 0;
	}
	/* ISA-L's pointer is not const, but it only reads. */
	z->next_in = (uint8_t *)(uintptr_t)p;
	z->avail_in = (uint32_t)got;
	r = isal_read_gzip_header(z, &ignored);
	layer_take(l, (size_t)got - z->avail_in);
	switch (r) {
	case ISAL_DECOMP_OK:
		z->crc_flag = ISAL_GZIP_NO_HDR_VER;
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

/* Decode to `into`; adds to *done.  0 or -1. */
static int
body(struct layer *l, uint8_t *into, size_t room, size_t *done)
{
	struct gzip *g = l->state;
	const uint8_t *p;
	int64_t got = layer_below(l, &p);
	size_t used, made;

	if (got < 0)
		return -1;
	used = (size_t)got;
	switch (inflate_some(&g->data, p, &used, into, room, &made)) {
	case INFLATE_MORE:
		break;
	case INFLATE_WRONG_SUM:
		g->pending = "gzip member has a wrong CRC or size";
		g->phase = GZIP_BETWEEN;
		break;
	case INFLATE_END:
		g->phase = GZIP_BETWEEN;
		break;
	case INFLATE_DAMAGED:
		fail(g, "gzip data are damaged");
		break;
	case INFLATE_CUT:
		fail(g, "gzip data are cut short");
		break;
	}
	layer_take(l, used);
	*done += made;
	return 0;
}

static int
between(struct layer *l)
{
	struct gzip *g = l->state;
	int r = another_member(l);

	if (r == 1) {
		inflate_begin(&g->data, ISAL_GZIP);
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
	isal_inflate_init(&g->data.z);
	(void)layer_push(s, LAYER_GZIP, &gzip_ops, g);
}
