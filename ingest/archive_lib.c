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
#include "ingest/archive_layer.h"

/* libarchive's own `struct archive`; ours is not needed here. */
#include <archive.h>
#include <archive_entry.h>

#include <assert.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

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
	struct zip_look zip;
	bool entry_ended;
	bool entry_fatal; /* the entry broke so that what follows may too */
	bool over;	  /* nothing more can be read */
	bool failed;	  /* `why` is to be told */
	char why[160];
};

/* ---- libarchive's side: where it gets its bytes ---- */

static bool
is_seeking(const struct layer *l)
{
	return l->kind == LAYER_ZIP || l->kind == LAYER_7ZIP;
}

static la_ssize_t
on_read(struct archive *la, void *arg, const void **out)
{
	struct layer *l = arg;
	struct lib *b = l->state;
	const uint8_t *p = NULL;
	int64_t got;

	if (is_seeking(l)) {
		got = layer_file_block(l->below, b->offset, &p);
		if (got > 0)
			b->offset += (uint64_t)got;
	} else {
		layer_take(l, b->lent);
		got = layer_below(l, &p);
		b->lent = got > 0 ? (size_t)got : 0;
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
	if (is_seeking(l))
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

/* The next header, with names in UTF-8 where libarchive converts them. */
static int
header(struct layer *l, struct archive_entry **e)
{
	struct lib *b = l->state;
	locale_t was = (locale_t)0;
	int r = ARCHIVE_FATAL;

	if (b->locale != (locale_t)0)
		was = uselocale(b->locale);
	if (opened(l) == 0) {
		r = archive_read_next_header(b->la, e);
		if (r < ARCHIVE_WARN)
			note(b, "unreadable");
	}
	if (b->locale != (locale_t)0)
		(void)uselocale(was);
	return r;
}

/* After the good end: hand back what libarchive did not use, look at it. */
static int
tail(struct layer *l)
{
	struct lib *b = l->state;
	uint64_t used;

	if (is_seeking(l))
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
		if (r == ARCHIVE_FATAL || !is_seeking(l) || p == NULL)
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

static int64_t
lib_decode(struct layer *l, uint8_t *into, size_t room)
{
	struct lib *b = l->state;
	struct archive_entry *e;
	size_t done = 0;
	int r;

	if (!layer_is_container(l) && b->n_headers == 0) {
		b->n_headers++;
		r = header(l, &e);
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
		return tail(l);
	}
	return 0;
}

/* ---- entries ---- */

/* The full name, archives around it and all. */
static void
set_name(struct layer *l, const char *raw)
{
	const char *owner = layer_owner(l);

	buf_reset(&l->entry);
	if (owner != NULL)
		(void)buf_printf(&l->entry, "%s/", owner);
	layer_name(&l->entry, raw);
}

/* Why an entry is not read; NULL: it is.  A folder is no loss: "". */
static const char *
refused(const struct layer *l, struct archive_entry *e)
{
	const struct lib *b = l->state;
	uint64_t i = b->n_headers - 1;

	switch (archive_entry_filetype(e)) {
	case AE_IFDIR:
		return "";
	case AE_IFLNK:
		return "symbolic link not followed";
	case AE_IFCHR:
	case AE_IFBLK:
	case AE_IFIFO:
	case AE_IFSOCK:
		return "device, pipe or socket not read";
	default:
		break;
	}
	if (archive_entry_hardlink(e) != NULL &&
	    (!archive_entry_size_is_set(e) || archive_entry_size(e) == 0))
		return "hard link not followed";
	/* cpio puts the bytes of linked files at the last of their names. */
	if (l->kind == LAYER_CPIO && archive_entry_nlink(e) > 1 &&
	    archive_entry_size(e) == 0)
		return "hard link not followed";
	if (archive_entry_is_encrypted(e))
		return "encrypted: not read";
	if (i < b->zip.n_places && b->zip.overlaps[i])
		return "shares bytes with another entry: not read";
	return NULL;
}

/* Prepare the entry: 1 when it is to be read, else 0. */
static int
usable(struct layer *l, struct archive_entry *e, int r)
{
	struct lib *b = l->state;
	const char *raw, *why;
	char none[40];

	layer_restart(l);
	b->block_n = 0;
	b->hole_bytes = 0;
	b->at = 0;
	b->entry_ended = b->entry_fatal = b->failed = false;
	raw = archive_entry_pathname(e);
	if (raw == NULL)
		raw = archive_entry_pathname_utf8(e);
	if (raw == NULL) {
		/* Said to be UTF-8 and is not: libarchive drops it. */
		(void)snprintf(none, sizeof none, "(no name, entry %llu)",
		    (unsigned long long)b->n_headers);
		raw = none;
	}
	set_name(l, raw);
	why = archive_error_string(b->la);
	/* A name that is not in the stated charset shows as it is. */
	if (r == ARCHIVE_WARN && why != NULL &&
	    strstr(why, "cannot be converted") == NULL &&
	    strstr(why, "can't be converted") == NULL)
		layer_damage(l, "%s: %s", layer_kind_name(l->kind), why);
	if (strlen(raw) > LAYER_NAME_BYTES)
		layer_damage(l, "name is longer than %d bytes: cut",
		    (int)LAYER_NAME_BYTES);
	why = refused(l, e);
	if (why == NULL)
		return 1;
	if (why[0] != '\0')
		layer_damage(l, "%s", why);
	return 0;
}

/* Before the first entry of a zip.  0 or -1. */
static int
begin_zip(struct layer *l)
{
	struct lib *b = l->state;

	if (zip_look(l->below, &b->zip) < 0)
		return -1;
	if (!b->zip.found && !layer_is_cut(l))
		layer_damage_below(l, "zip has no end record: cut short");
	if (b->zip.n_overlaps > 0)
		layer_damage_below(l,
		    "%llu of %llu zip entries share bytes "
		    "with another: not read",
		    (unsigned long long)b->zip.n_overlaps,
		    (unsigned long long)b->zip.n_entries);
	return 0;
}

/* After the last entry, good or bad.  0 or -1. */
static int
finish(struct layer *l, bool good)
{
	struct lib *b = l->state;
	uint64_t n = b->n_headers;

	b->over = true;
	if (good && !layer_is_cut(l) && tail(l) < 0)
		return -1;
	/* Without 64-bit fields the count is 16 bits wide. */
	if (b->zip.found && n != b->zip.n_entries &&
	    (n <= UINT16_MAX || (n & UINT16_MAX) != b->zip.n_entries))
		layer_damage_below(l,
		    "zip gave %llu of %llu entries (overlapped or hidden "
		    "entries)",
		    (unsigned long long)n,
		    (unsigned long long)b->zip.n_entries);
	return 0;
}

/* No header could be read.  0: over, 1: try the next, -1. */
static int
no_header(struct layer *l, int r)
{
	struct lib *b = l->state;

	if (!b->entry_fatal && !layer_is_cut(l))
		layer_damage_below(
		    l, "%s: %s", layer_kind_name(l->kind), b->why);
	b->failed = b->entry_fatal = false;
	if (r != ARCHIVE_FATAL)
		return 1;
	return finish(l, false);
}

/* One more member; false when there are too many. */
static bool
count(struct layer *l)
{
	struct layer_stack *s = l->stack;

	if (s->members < s->limits.members) {
		s->members++;
		return true;
	}
	s->stopped = true;
	layer_tell(s, NULL, l->in_bytes, "too many members: stopped");
	return false;
}

static int
lib_next(struct layer *l)
{
	struct lib *b = l->state;
	struct archive_entry *e;
	int r;

	if (l->kind == LAYER_ZIP && b->la == NULL && begin_zip(l) < 0)
		return -1;
	/* To pass over a bomb in a 7z is to decode it. */
	if (l->kind == LAYER_7ZIP && l->ended && !b->entry_ended &&
	    b->n_headers > 0)
		return 0;
	while (!b->over) {
		r = header(l, &e);
		if (l->stack->err.code != ERR_NONE)
			return -1;
		if (r == ARCHIVE_EOF)
			return finish(l, true);
		if (!count(l))
			return 0;
		if (r < ARCHIVE_WARN) {
			if (no_header(l, r) < 0)
				return -1;
			continue;
		}
		b->n_headers++;
		if (usable(l, e, r))
			return 1;
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
