/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * archive_lib - a layer that libarchive reads; what archive_lib.c (its bytes)
 * and archive_entry.c (its entries) share.  Private to these two.
 */
#ifndef INGEST_ARCHIVE_LIB_H
#define INGEST_ARCHIVE_LIB_H

#include "ingest/archive_layer.h"

/* libarchive's own `struct archive`; ours is not needed here. */
#include <archive.h>
#include <archive_entry.h>

#include <locale.h>

struct lib {
	struct archive *la;   /* NULL: not opened yet */
	locale_t locale;      /* UTF-8, for names; 0: none */
	uint64_t offset;      /* zip, 7z: where libarchive reads */
	size_t lent;	      /* others: bytes of the block it has */
	const uint8_t *block; /* decoded and not given yet: */
	size_t block_n;
	uint64_t hole_bytes; /* zeros before the block: sparse files */
	uint64_t at;	     /* of the entry, behind the block */
	uint64_t n_headers;
	uint64_t header_bytes; /* read for the header under way */
	bool in_header;
	bool in_entry; /* libarchive is at the entry's bytes */
	struct zip_look zip;
	struct zip_data *data; /* NULL: not needed yet */
	bool has_data;	       /* it decodes the entry, not libarchive */
	bool entry_ended;
	bool entry_fatal; /* the entry broke so that what follows may too */
	bool over;	  /* nothing more can be read */
	bool failed;	  /* `why` is to be told */
	char why[160];
};

static inline bool
lib_is_seeking(const struct layer *l)
{
	return l->kind == LAYER_ZIP || l->kind == LAYER_7ZIP;
}

/* Open if need be, pass over the entry before, read a header: libarchive's
 * code; below ARCHIVE_WARN the reason is noted. */
int lib_header(struct layer *l, struct archive_entry **e);
/* After the good end: hand back what libarchive did not use, look at it. */
int lib_tail(struct layer *l);
/* The next entry of a container; see struct layer_ops. */
int lib_next(struct layer *l);

#endif
