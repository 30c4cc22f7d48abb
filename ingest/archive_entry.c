/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The entries of a container that libarchive reads: their names, which of
 * them are members, and what is wrong with the others.
 */
#include "ingest/archive_lib.h"

#include <stdio.h>

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
	if (i < b->zip.n_places && b->zip.place[i].overlaps)
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
	if (b->zip.too_many) {
		layer_damage_below(l, "zip has too many entries: not read");
		b->over = true;
		return 0;
	}
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
	if (good && !layer_is_cut(l) && lib_tail(l) < 0)
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

/* Can zip_data read the entry?  0, or -1: not even the file. */
static int
begin_data(struct layer *l, int code)
{
	struct lib *b = l->state;
	uint64_t i = b->n_headers - 1;
	int r;

	b->has_data = false;
	if (l->kind != LAYER_ZIP || code != ARCHIVE_OK || i >= b->zip.n_places)
		return 0;
	if (b->data == NULL)
		b->data = zip_data_new(l->below);
	r = zip_data_begin(b->data, &b->zip.place[i],
	    (uint64_t)archive_filter_bytes(b->la, 0));
	b->has_data = r == 1;
	return r < 0 ? -1 : 0;
}

int
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
		r = lib_header(l, &e);
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
			return begin_data(l, r) < 0 ? -1 : 1;
	}
	return 0;
}
