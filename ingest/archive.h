/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * archive - one source of evidence as members, each a stream of bytes.
 *
 * A source is a file, opened read-only and hashed (SHA-256 of its bytes as
 * they lie on disk) in the same pass that decodes it.  zstd goes to libzstd,
 * gzip to ISA-L with CRC and size checked, everything else through
 * libarchive; archives within archives are opened too.  What a file is, its
 * bytes tell, not its name.  A plain or merely compressed file is one member
 * that bears the file's name; in archives members bear the names they have
 * there, as valid UTF-8, below those of archives around them:
 * "inner.zip/logs.tar.gz/ui.jsonl".  Two members may have the same name.
 *
 * Promise: no input crashes it, runs forever or fills memory.  Damage and
 * broken bounds are told through `damage` with their place; what was decoded
 * before them is kept.
 *
 * Ownership: the handle owns its buffers; names live until the next
 * archive_next().  Not for two threads at once; several handles are.
 */
#ifndef INGEST_ARCHIVE_H
#define INGEST_ARCHIVE_H

#include "ingest/base/err.h"
#include "ingest/base/span.h"

/* Everything that comes from outside has a bound.  0: the default. */
struct archive_limits {
	unsigned depth;		  /* archives within archives and filters: 8 */
	uint64_t members;	  /* of one source: 1 000 000 */
	uint64_t ratio;		  /* decoded to encoded bytes: 10 000, looked at
				  only beyond 64 MiB of decoded bytes */
	uint64_t member_bytes;	  /* decoded: 1 TiB */
	unsigned zstd_window_log; /* 27: zstd's own limit, 128 MiB of memory */
};

enum { ARCHIVE_SHA256_HEX = 65 };

/*
 * Damage that is no record: a bad frame, checksum, bound, an unreadable
 * member.  `member` is its name or NULL for the source itself, `offset` the
 * decoded byte at which the good data end.
 *
 * Damage of a member comes between the archive_next() that gives it and the
 * next one, at the latest when its end is read.  A name that archive_next()
 * never gives is that of what is not read at all: a link, an encrypted entry,
 * an archive without sense.  At most 10 000 are told of one source; a last
 * one says that there are more.
 */
typedef void archive_damage_f(
    void *arg, const char *member, uint64_t offset, const char *reason);

struct archive;

/*
 * Open a source.  NULL with `err` when it cannot be opened or is no regular
 * file.  A zip or 7z within an archive goes through a file without name in
 * $TMPDIR, up to 4 GiB.
 */
struct archive *archive_open(const char *path,
    const struct archive_limits *limits, archive_damage_f *damage, void *arg,
    struct err *err);

/* Go to the next member: 1 and its name, 0 at the end, -1 and `err`. */
int archive_next(struct archive *a, const char **name, struct err *err);

/*
 * Decode up to `room` bytes of the member: how many (> 0; fewer than room is
 * no end), 0 at its end (also where damage cut it, once that was told), -1
 * and `err` when the file itself cannot be read any more.
 */
int64_t archive_read(
    struct archive *a, void *into, size_t room, struct err *err);

/* Bytes of the file read so far, for progress; and its size. */
uint64_t archive_done_bytes(const struct archive *a);
uint64_t archive_size_bytes(const struct archive *a);

/*
 * After archive_next() returned 0: the hash of the whole file (what the
 * decoder did not need is read and hashed too).  0, or -1 with `err`, also
 * when the file's size or time changed since it was opened.
 */
int archive_sha256(
    struct archive *a, char hex[ARCHIVE_SHA256_HEX], struct err *err);

void archive_close(struct archive *a); /* NULL is fine */

/* The hash of a file without decoding it.  0, or -1 with `err`. */
int archive_hash_file(
    const char *path, char hex[ARCHIVE_SHA256_HEX], struct err *err);

#endif
