/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What libarchive reads: tar, cpio, zip and 7z as containers; xz, bzip2, lz4,
 * lzma, lzip and compress as filters (its "raw" format).
 *
 * Each layer enables the one format or filter that archive_magic.c found:
 * libarchive never guesses, for its guesses take text for an mtree, and some
 * of its filters start programs.  tar.gz is our gzip below its tar, so that
 * the CRC is checked.  zip and 7z jump about and get the file itself.
 */
#include "ingest/archive_lib.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { HEADER_MAX_BYTES = 64 * 1024 * 1024 }; /* libarchive holds it whole */

/* ---- libarchive's side: where it gets its bytes ---- */

static la_ssize_t
on_read(struct archive *la, void *arg, const void **out)
{
	struct layer *l = arg;
	struct lib *b = l->state;
	const uint8_t *p = NULL;
	int64_t got;

	if (lib_is_seeking(l)) {
		got = layer_file_block(l->below, b->offset, &p);
		if (got > 0)
			b->offset += (uint64_t)got;
	} else if (b->in_header && b->header_bytes > HEADER_MAX_BYTES) {
		archive_set_error(la, EFBIG, "header is too long");
		return ARCHIVE_FATAL;
	} else {
		layer_take(l, b->lent);
		got = layer_below(l, &p);
		b->lent = got > 0 ? (size_t)got : 0;
		b->header_bytes += b->lent;
	}
	if (got < 0)
		archive_set_error(la, EIO, "cannot be read");
	*out = p;
	return got;
}

static la_int64_t
on_seek(struct archive *la, void *arg, la_int64_t offset, int whence)
{
	struct layer *l = arg;
	struct lib *b = l->state;
	int64_t from = 0, to;

	(void)la;
	if (whence == SEEK_CUR)
		from = (int64_t)b->offset;
	else if (whence == SEEK_END)
		from = (int64_t)l->below->size_bytes;
	if (__builtin_add_overflow(from, offset, &to) || to < 0)
		return ARCHIVE_FATAL;
	b->offset = (uint64_t)to;
	return to;
}

static int
support(struct archive *la, enum layer_kind kind)
{
	static const int filter[LAYER__MAX] = {
		[LAYER_XZ] = ARCHIVE_FILTER_XZ,
		[LAYER_BZIP2] = ARCHIVE_FILTER_BZIP2,
		[LAYER_LZ4] = ARCHIVE_FILTER_LZ4,
		[LAYER_LZMA] = ARCHIVE_FILTER_LZMA,
		[LAYER_LZIP] = ARCHIVE_FILTER_LZIP,
	};

	switch (kind) {
	case LAYER_TAR:
		/* `cat a.tar b.tar`: nothing behind an end stays hidden. */
		if (archive_read_support_format_tar(la) != ARCHIVE_OK)
			return -1;
		return archive_read_set_format_option(
		    la, "tar", "read_concatenated_archives", "1");
	case LAYER_CPIO:
		return archive_read_support_format_cpio(la);
	case LAYER_ZIP:
		return archive_read_support_format_zip(la);
	case LAYER_7ZIP:
		return archive_read_support_format_7zip(la);
	case LAYER_COMPRESS:
		/* The others need no bid; this one reads while it is set up. */
		if (archive_read_support_filter_compress(la) != ARCHIVE_OK)
			return -1;
		return archive_read_set_format(la, ARCHIVE_FORMAT_RAW);
	default:
		assert(filter[kind] != 0);
		if (archive_read_append_filter(la, filter[kind]) != ARCHIVE_OK)
			return -1;
		/* Set, not bid for: a bid cannot tell empty from broken. */
		return archive_read_set_format(la, ARCHIVE_FORMAT_RAW);
	}
}

static void
note(struct lib *b, const char *fallback)
{
	const char *why = archive_error_string(b->la);

	(void)snprintf(
	    b->why, sizeof b->why, "%s", why != NULL ? why : fallback);
	b->failed = true;
}

/* Open at the first use.  0, or -1: failed, noted. */
static int
opened(struct layer *l)
{
	struct lib *b = l->state;

	if (b->la != NULL)
		return 0;
	b->la = archive_read_new();
	if (b->la == NULL)
		err_no_memory(1);
	if (support(b->la, l->kind) != ARCHIVE_OK) {
		note(b, "not supported");
		return -1;
	}
	(void)archive_read_set_read_callback(b->la, on_read);
	(void)archive_read_set_callback_data(b->la, l);
	if (lib_is_seeking(l))
		(void)archive_read_set_seek_callback(b->la, on_seek);
	if (archive_read_open1(b->la) != ARCHIVE_OK) {
		note(b, "cannot be opened");
		return -1;
	}
	if (l->kind == LAYER_COMPRESS &&
	    archive_filter_code(b->la, 0) != ARCHIVE_FILTER_COMPRESS) {
		note(b, "header is damaged");
		return -1;
	}
	return 0;
}

/* Pass over what is left of an entry: 0, or -1: failed, noted. */
static int
pass_over(struct lib *b)
{
	int r;

	if (!b->in_entry)
		return 0;
	b->in_entry = false;
	r = archive_read_data_skip(b->la);
	if (r != ARCHIVE_EOF && r != ARCHIVE_FATAL)
		return 0;
	note(b, "cut short");
	return -1;
}

int
lib_header(struct layer *l, struct archive_entry **e)
{
	struct lib *b = l->state;
	locale_t was = (locale_t)0;
	int r = ARCHIVE_FATAL;

	/* libarchive converts names to the charset of the locale. */
	if (b->locale != (locale_t)0)
		was = uselocale(b->locale);
	if (opened(l) == 0 && pass_over(b) == 0) {
		b->in_header = true;
		b->header_bytes = 0;
		r = archive_read_next_header(b->la, e);
		b->in_header = false;
		b->in_entry = r == ARCHIVE_OK || r == ARCHIVE_WARN;
		if (r < ARCHIVE_WARN)
			note(b, "unreadable");
	}
	if (b->locale != (locale_t)0)
		(void)uselocale(was);
	return r;
}

int
lib_tail(struct layer *l)
{
	struct lib *b = l->state;
	uint64_t used;

	if (lib_is_seeking(l))
		return 0;
	used = (uint64_t)archive_filter_bytes(b->la, -1);
	if (used > l->in_bytes) {
		used -= l->in_bytes;
		layer_take(l, used < b->lent ? (size_t)used : b->lent);
	}
	b->lent = 0;
	return layer_drain(l);
}

/* ---- the bytes of an entry, or of a filter ---- */

/* The next block: sets block, hole or entry_ended; notes damage. */
static void
next_block(struct layer *l)
{
	struct lib *b = l->state;
	const void *p = NULL;
	size_t n = 0;
	la_int64_t offset = (la_int64_t)b->at;
	int r = archive_read_data_block(b->la, &p, &n, &offset);

	if (r == ARCHIVE_EOF) {
		b->entry_ended = true;
		return;
	}
	if (r < ARCHIVE_OK) {
		note(b, "unreadable");
		b->entry_ended = true;
		b->entry_fatal = r == ARCHIVE_FATAL;
		/* zip and 7z give the last block together with what is wrong
		 * with its sum. */
		if (r == ARCHIVE_FATAL || !lib_is_seeking(l) || p == NULL)
			return;
	}
	if (offset < 0 || (uint64_t)offset < b->at) {
		(void)snprintf(b->why, sizeof b->why, "blocks out of order");
		b->failed = b->entry_ended = true;
		return;
	}
	b->hole_bytes = (uint64_t)offset - b->at;
	b->block = p;
	b->block_n = n;
	b->at = (uint64_t)offset + n;
}

static size_t
give(struct lib *b, uint8_t *into, size_t room)
{
	size_t n;

	if (b->hole_bytes > 0) {
		n = b->hole_bytes < room ? (size_t)b->hole_bytes : room;
		memset(into, 0, n);
		b->hole_bytes -= n;
		return n;
	}
	n = b->block_n < room ? b->block_n : room;
	if (n > 0)
		memcpy(into, b->block, n);
	b->block += n;
	b->block_n -= n;
	return n;
}

/* An entry of a zip that zip_data reads. */
static int64_t
data_decode(struct layer *l, uint8_t *into, size_t room)
{
	struct lib *b = l->state;
	int64_t got = zip_data_decode(b->data, into, room);

	if (got != 0)
		return got;
	if (zip_data_damage(b->data, b->why, sizeof b->why))
		layer_damage(l, "%s: %s", layer_kind_name(l->kind), b->why);
	return 0;
}

static int64_t
lib_decode(struct layer *l, uint8_t *into, size_t room)
{
	struct lib *b = l->state;
	struct archive_entry *e;
	size_t done = 0;
	int r;

	if (b->has_data)
		return data_decode(l, into, room);
	if (!layer_is_container(l) && b->n_headers == 0) {
		b->n_headers++;
		r = lib_header(l, &e);
		b->entry_ended = r < ARCHIVE_WARN || r == ARCHIVE_EOF;
	}
	while (done < room) {
		if (b->hole_bytes > 0 || b->block_n > 0)
			done += give(b, into + done, room - done);
		else if (b->entry_ended)
			break;
		else
			next_block(l);
	}
	if (l->stack->err.code != ERR_NONE)
		return -1;
	if (done > 0)
		return (int64_t)done;
	if (b->failed) {
		b->failed = false;
		layer_damage(l, "%s: %s", layer_kind_name(l->kind), b->why);
	} else if (!layer_is_container(l)) {
		return lib_tail(l);
	}
	return 0;
}

static void
lib_close(struct layer *l)
{
	struct lib *b = l->state;

	if (b->la != NULL)
		(void)archive_read_free(b->la);
	if (b->locale != (locale_t)0)
		freelocale(b->locale);
	zip_look_clear(&b->zip);
	zip_data_free(b->data);
	free(b);
}

static const struct layer_ops filter_ops = {
	.decode = lib_decode,
	.close = lib_close,
};

static const struct layer_ops container_ops = {
	.decode = lib_decode,
	.next = lib_next,
	.close = lib_close,
};

void
layer_lib_push(struct layer_stack *s, enum layer_kind kind)
{
	struct lib *b = calloc(1, sizeof *b);

	if (b == NULL)
		err_no_memory(sizeof *b);
	b->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	(void)layer_push(
	    s, kind, kind >= LAYER_TAR ? &container_ops : &filter_ops, b);
}
