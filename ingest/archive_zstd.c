/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * zstd: frames one after the other are one stream, skippable frames are
 * skipped.  The decoder gets exactly the bytes that it asks for, a block each
 * time: when a block is damaged, what the blocks before it held is out.
 */
#include "ingest/archive_layer.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
	FRAME_PEEK_BYTES = 8,  /* tells frames, skippable ones too */
	FRAME_FIRST_BYTES = 5, /* what the decoder wants of a new one */
};

struct zstd {
	ZSTD_DStream *z;
	size_t hint;   /* bytes that the decoder wants next */
	bool in_frame; /* between the beginning and the end of one */
	bool cut;      /* the input ended in a frame */
	bool full;     /* there was no room: something may be held back */
	size_t failed; /* the decoder's code, 0: none */
};

/* Between frames: is there another?  1, 0, -1. */
static int
another_frame(struct layer *l)
{
	const uint8_t *p;
	int64_t n = layer_peek(l->below, FRAME_PEEK_BYTES, &p);

	if (n < 0)
		return -1;
	return layer_kind_of(p, (size_t)n) == LAYER_ZSTD;
}

static void
tell(struct layer *l)
{
	const struct zstd *z = l->state;
	if (z->cut)
		layer_damage(l, "zstd frame is cut short");
	else if (ZSTD_getErrorCode(z->failed) ==
		 ZSTD_error_frameParameter_windowTooLarge)
		layer_damage(l,
		    "zstd window is larger than 2^%u bytes: not read",
		    l->stack->limits.zstd_window_log);
	else
		layer_damage(l, "zstd frame is damaged: %s",
		    ZSTD_getErrorName(z->failed));
}

/* Decode a block or flush.  1, 0: failed or cut, -1. */
static int
block(struct layer *l, ZSTD_outBuffer *out)
{
	struct zstd *z = l->state;
	size_t was = out->pos, hint;
	ZSTD_inBuffer in = { 0 };
	const uint8_t *p;
	int64_t got = layer_below(l, &p);

	if (got < 0)
		return -1;
	in.src = p;
	in.size = (size_t)got < z->hint ? (size_t)got : z->hint;
	/* A call that fails keeps to itself what it put out before: flush what
	 * the last one held back without reading on. */
	if (z->full)
		in.size = 0;
	hint = ZSTD_decompressStream(z->z, out, &in);
	if (ZSTD_isError(hint)) {
		z->failed = hint;
		return 0;
	}
	if (got == 0 && out->pos == was && !z->full) {
		z->cut = true;
		return 0;
	}
	layer_take(l, in.pos);
	z->full = out->pos == out->size;
	z->in_frame = hint != 0;
	z->hint = hint != 0 ? hint : FRAME_FIRST_BYTES;
	return 1;
}

static int64_t
zstd_decode(struct layer *l, uint8_t *into, size_t room)
{
	struct zstd *z = l->state;
	ZSTD_outBuffer out = { into, room, 0 };
	int r = 1;

	while (r == 1 && out.pos < out.size && z->failed == 0 && !z->cut) {
		if (!z->in_frame) {
			r = another_frame(l);
			z->in_frame = r == 1;
		} else {
			r = block(l, &out);
		}
	}
	if (r < 0)
		return -1;
	if (out.pos > 0)
		return (int64_t)out.pos;
	if (z->failed != 0 || z->cut)
		tell(l);
	else if (layer_drain(l) < 0)
		return -1;
	return 0;
}

static void
zstd_close(struct layer *l)
{
	struct zstd *z = l->state;

	(void)ZSTD_freeDStream(z->z);
	free(z);
}

static const struct layer_ops zstd_ops = {
	.decode = zstd_decode,
	.close = zstd_close,
};

void
layer_zstd_push(struct layer_stack *s)
{
	struct zstd *z = calloc(1, sizeof *z);

	if (z == NULL)
		err_no_memory(sizeof *z);
	z->z = ZSTD_createDStream();
	if (z->z == NULL)
		err_no_memory(ZSTD_DStreamInSize());
	(void)ZSTD_DCtx_setParameter(
	    z->z, ZSTD_d_windowLogMax, (int)s->limits.zstd_window_log);
	z->hint = FRAME_FIRST_BYTES;
	(void)layer_push(s, LAYER_ZSTD, &zstd_ops, z);
}
