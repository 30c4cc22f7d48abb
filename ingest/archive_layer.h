/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * archive_layer - how a source is decoded: a stack of layers.  Private to
 * archive*.c.
 *
 * The lowest layer is the file.  Each layer above decodes what the one below
 * gives: a filter (gzip, zstd, xz) is one stream, a container (tar, zip) is
 * one stream for each of its entries, which come in turn.  A tar.gz in a zip
 * is file, zip, gzip, tar; archive.c looks at what the top layer begins with
 * and puts the layer on it that this asks for.
 *
 * Bytes are pulled: layer_read() decodes straight into the caller's buffer
 * when that is large, a layer above takes blocks from the buffer below.  So
 * a plain .zst or .gz is decoded without a copy by us.
 *
 * Damage is told once, by the layer that finds it, which then is at its end.
 * A failure of the file goes to stack->err and comes up as -1.
 */
#ifndef INGEST_ARCHIVE_LAYER_H
#define INGEST_ARCHIVE_LAYER_H

#include "ingest/archive.h"
#include "ingest/base/buf.h"

enum {
	LAYER_BUF_BYTES = 256 * 1024,
	/* Less room than this is served from the buffer: a decoder gets room
	 * for all that it holds back itself, so that what comes out before
	 * damage does not depend on how much the caller asks for. */
	LAYER_ROOM_BYTES = 72 * 1024,
	LAYER_PEEK_BYTES = 1024, /* enough for every magic */
	LAYER_NAME_BYTES = 4096, /* of one entry; longer is cut */
};

/* What bytes begin as. */
enum layer_kind {
	LAYER_PLAIN = 0, /* nothing we know: records, we hope */
	LAYER_GZIP,
	LAYER_ZSTD,
	LAYER_XZ,
	LAYER_BZIP2,
	LAYER_LZ4,
	LAYER_LZMA,
	LAYER_LZIP,
	LAYER_COMPRESS,
	LAYER_TAR, /* from here on containers */
	LAYER_CPIO,
	LAYER_ZIP,
	LAYER_7ZIP,
	LAYER_UNREAD, /* an archive that we do not read: rar, cab, ... */
	LAYER__MAX
};

struct layer;

struct layer_ops {
	/* Up to room (>= LAYER_ROOM_BYTES) bytes: how many, 0 at the end, -1.
	 * Damage: give what is good; asked again, tell the damage, then 0. */
	int64_t (*decode)(struct layer *l, uint8_t *into, size_t room);
	/* Containers only: to the next entry that is a file (its name in
	 * l->entry): 1, 0 at the end, -1. */
	int (*next)(struct layer *l);
	void (*close)(struct layer *l);
};

/* Damage of a member that is not given yet. */
struct layer_damaged {
	char *name; /* owned, like the reason */
	uint64_t offset;
	char *reason;
};

/* What the layers of one source share. */
struct layer_stack {
	struct archive_limits limits; /* no zeros */
	archive_damage_f *damage;
	void *damage_arg;
	struct layer *top;  /* never NULL while the source is open */
	struct layer *file; /* the lowest */
	struct buf base;    /* name of the file without its folder */
	unsigned depth;	    /* layers that count, the file does not */
	uint64_t members;
	uint64_t n_damage; /* told */
	bool holding;	   /* a member is being opened: hold what is its own */
	struct layer_damaged *held; /* [n_held] */
	size_t n_held;
	uint64_t decoded_bytes; /* by all layers: bounds the whole source */
	bool stopped;		/* a bound of the whole source was broken */
	struct err err;		/* the file cannot be read: for good */
};

struct layer {
	const struct layer_ops *ops;
	struct layer_stack *stack;
	struct layer *below; /* NULL: the file */
	enum layer_kind kind;
	void *state; /* owned, of ops */

	uint8_t *buf;	 /* [LAYER_BUF_BYTES], decoded and not taken yet: */
	size_t at, have; /* at..have */

	uint64_t in_bytes;    /* taken from below */
	uint64_t out_bytes;   /* decoded of this stream, of this entry */
	uint64_t total_bytes; /* decoded of all entries */
	uint64_t size_bytes;  /* a file: its size */
	bool is_file;	      /* has places: layer_file_block() works */
	bool ended;
	bool damaged;	  /* told, or cut by what is below */
	struct buf entry; /* containers: full name of the entry */
};

/* ---- archive_layer.c: streams, bounds, damage ---- */

/* Put a layer on the top; it owns `state` and hands it to ops->close. */
struct layer *layer_push(struct layer_stack *s, enum layer_kind kind,
    const struct layer_ops *ops, void *state);
void layer_pop(struct layer_stack *s);

/* Up to `room` bytes: how many, 0 at the end, -1. */
int64_t layer_read(struct layer *l, void *into, size_t room);
/* Have `want` (<= LAYER_PEEK_BYTES) bytes at *p, fewer only at the end. */
int64_t layer_peek(struct layer *l, size_t want, const uint8_t **p);
/* What the layer below holds, at least a byte but at the end: n, 0, -1. */
int64_t layer_below(struct layer *l, const uint8_t **p);
/* Take n bytes of these. */
void layer_take(struct layer *l, size_t n);
/* Begin a new stream on the same layer: the next entry of a container. */
void layer_restart(struct layer *l);
/*
 * Read what is left below after `l` came to its good end, so that checksums
 * down there are looked at; bytes other than zero are damage.  0 or -1.
 */
int layer_drain(struct layer *l);

/* Name of the stream that `l` decodes; NULL: the source itself. */
const char *layer_owner(const struct layer *l);
/*
 * Tell damage in the stream or entry that `l` gives (then it is cut), at its
 * out_bytes; layer_damage_below: in what `l` reads, which has no entry yet or
 * no more.
 */
void layer_damage(struct layer *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void layer_damage_below(struct layer *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
bool layer_is_container(const struct layer *l);
/* Did damage below, in the same member, cut what `l` reads?  It was told. */
bool layer_is_cut(const struct layer *l);
/* The same for what concerns no one layer; bounds how many are told. */
void layer_tell(struct layer_stack *s, const char *name, uint64_t offset,
    const char *reason);
/* Tell what was held back, but for that of the member `except` (or NULL). */
void layer_tell_held(struct layer_stack *s, const char *except);
/* Add a name as valid UTF-8, bad bytes replaced, cut to LAYER_NAME_BYTES. */
void layer_name(struct buf *to, const char *raw);

/* ---- archive_file.c ---- */

/* The lowest layer: open, hash while reading.  0 or -1 with stack->err. */
int layer_file_open(struct layer_stack *s, const char *path);
/* A layer's whole stream in a temporary file without name, put on it: 1;
 * 0: too long, was told; -1. */
int layer_spool(struct layer *from);
/* Bytes from a place on, 0 behind the end, -1; valid until the next call. */
int64_t layer_file_block(struct layer *l, uint64_t offset, const uint8_t **p);
/* Up to `room` bytes from a place on, past the blocks: how many, 0, -1. */
int64_t layer_file_read(
    struct layer *l, uint64_t offset, void *into, size_t room);
/* n bytes from a place on: 1, 0 when the file ends before, -1. */
int layer_file_copy(struct layer *l, uint64_t offset, void *into, size_t n);
uint64_t layer_file_done_bytes(const struct layer *l);
/* Read and hash the rest.  0 or -1 with stack->err. */
int layer_file_sha256(struct layer *l, char hex[ARCHIVE_SHA256_HEX]);

/* ---- archive_magic.c ---- */

enum layer_kind layer_kind_of(const uint8_t *p, size_t n);
const char *layer_kind_name(enum layer_kind kind);

/* ---- decoders: each puts itself on the top ---- */

void layer_gzip_push(struct layer_stack *s);
void layer_zstd_push(struct layer_stack *s);
/* What libarchive reads; containers then begin before their first entry. */
void layer_lib_push(struct layer_stack *s, enum layer_kind kind);

/* ---- archive_zip.c ---- */

/* An entry as the central directory has it. */
struct zip_place {
	uint64_t begin; /* of its local header, in the file */
	uint64_t packed_bytes, bytes;
	uint32_t crc;
	uint16_t name_bytes, flags, method;
	bool overlaps; /* one that begins before it */
	bool twice;    /* another names the same place: who is right? */
};

/* What a zip's central directory says, for libarchive does not tell. */
struct zip_look {
	bool found;	    /* an end-of-central-directory record */
	uint64_t n_entries; /* as it states */
	bool too_many;	    /* more than may be members: not looked at */
	uint64_t n_overlaps;
	size_t n_places;	 /* entries with places of their own */
	struct zip_place *place; /* [n_places], in order: owned */
};

/* Look at the zip in a file layer.  0 or -1. */
int zip_look(struct layer *file, struct zip_look *out);
void zip_look_clear(struct zip_look *z);

/* ---- archive_zip_data.c ---- */

struct zip_data;

struct zip_data *zip_data_new(struct layer *file);
void zip_data_free(struct zip_data *z); /* NULL is fine */
/*
 * Begin with the entry at `place` (kept, not copied), whose bytes begin at
 * `data` for libarchive: 1, 0: leave it to libarchive, -1.
 */
int zip_data_begin(
    struct zip_data *z, const struct zip_place *place, uint64_t data);
/* Up to room (>= LAYER_ROOM_BYTES) bytes: how many, 0 at the end, -1. */
int64_t zip_data_decode(struct zip_data *z, uint8_t *into, size_t room);
/* After its end: what was wrong, to `why`; false: nothing. */
bool zip_data_damage(const struct zip_data *z, char *why, size_t why_n);

#endif
