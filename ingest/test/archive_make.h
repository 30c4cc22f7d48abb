/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * archive_make - for the tests of archives: builds them in memory with the
 * libraries' own writers, puts them in a temporary folder and reads them back.
 */
#ifndef INGEST_TEST_ARCHIVE_MAKE_H
#define INGEST_TEST_ARCHIVE_MAKE_H

#include "fixtures/test.h"
#include "ingest/archive.h"
#include "ingest/base/buf.h"

#include <archive.h>
#include <archive_entry.h>
#include <isa-l/igzip_lib.h>
#include <unistd.h>
#include <zstd.h>

enum { MAKE_MEMBERS = 64, MAKE_DAMAGES = 64 };

struct make_entry {
	const char *name;
	struct buf *bytes;
};

static inline struct buf
make_text(const char *text)
{
	struct buf b = { 0 };

	assert_int_equal(buf_str(&b, text), 0);
	return b;
}

/* Lines that compress about as logs do. */
static inline struct buf
make_lines(struct prop *p, size_t about_bytes)
{
	struct buf b = { 0 };

	(void)buf_str(&b, "");
	while (b.n < about_bytes)
		(void)buf_printf(&b,
		    "{\"time\":%llu,\"kind\":\"control.click\",\"actor\":"
		    "\"u%llu\",\"element\":\"e%llu\"}\n",
		    1514941260000000ULL + b.n,
		    (unsigned long long)prop_below(p, 100000),
		    (unsigned long long)prop_below(p, 30));
	return b;
}

/* Bytes that do not compress. */
static inline struct buf
make_noise(struct prop *p, size_t n)
{
	struct buf b = { 0 };

	assert_int_equal(buf_room(&b, n), 0);
	(void)buf_char(&b, 'n'); /* never a magic */
	while (b.n < n)
		(void)buf_char(&b, (char)prop_next(p));
	return b;
}

static inline struct buf
make_gzip(const struct buf *in)
{
	struct isal_zstream z;
	struct buf out = { 0 };
	size_t room = in->n + in->n / 8 + 1024;

	assert_int_equal(buf_room(&out, room), 0);
	isal_deflate_stateless_init(&z);
	z.next_in = (uint8_t *)in->p;
	z.avail_in = (uint32_t)in->n;
	z.next_out = (uint8_t *)out.p;
	z.avail_out = (uint32_t)room;
	z.end_of_stream = 1;
	z.gzip_flag = IGZIP_GZIP;
	assert_int_equal(isal_deflate_stateless(&z), COMP_OK);
	out.n = z.total_out;
	return out;
}

static inline struct buf
make_zstd(const struct buf *in, int window_log)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();
	struct buf out = { 0 };
	size_t n;

	assert_int_equal(buf_room(&out, ZSTD_compressBound(in->n)), 0);
	(void)ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
	if (window_log > 0) {
		/* The size must not be known, or the window shrinks to it. */
		ZSTD_inBuffer ib = { in->p, in->n, 0 };
		ZSTD_outBuffer ob = { out.p, ZSTD_compressBound(in->n), 0 };

		(void)ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog, window_log);
		(void)ZSTD_compressStream2(z, &ob, &ib, ZSTD_e_continue);
		n = ZSTD_compressStream2(z, &ob, &ib, ZSTD_e_end);
		assert_int_equal(n, 0);
		n = ob.pos;
	} else {
		n = ZSTD_compress2(
		    z, out.p, ZSTD_compressBound(in->n), in->p, in->n);
	}
	assert_false(ZSTD_isError(n));
	out.n = n;
	(void)ZSTD_freeCCtx(z);
	return out;
}

/*
 * An archive of these entries; filter 0: none; e.g. ARCHIVE_FORMAT_ZIP;
 * options as libarchive's writers take them, or NULL.
 */
static inline struct buf
make_archive_with(const char *options, int format, int filter,
    const struct make_entry *e, size_t n_entries)
{
	struct archive *a = archive_write_new();
	struct archive_entry *ae;
	struct buf out = { 0 };
	size_t room = 1 << 20, used = 0;

	for (size_t i = 0; i < n_entries; i++)
		room += 2 * e[i].bytes->n + 8192;
	assert_int_equal(buf_room(&out, room), 0);
	assert_int_equal(archive_write_set_format(a, format), ARCHIVE_OK);
	if (filter != 0)
		assert_int_equal(
		    archive_write_add_filter(a, filter), ARCHIVE_OK);
	assert_int_equal(archive_write_set_options(a, options), ARCHIVE_OK);
	assert_int_equal(
	    archive_write_open_memory(a, out.p, room, &used), ARCHIVE_OK);
	for (size_t i = 0; i < n_entries; i++) {
		ae = archive_entry_new();
		archive_entry_copy_pathname(ae, e[i].name);
		archive_entry_set_filetype(ae, AE_IFREG);
		archive_entry_set_perm(ae, 0644);
		archive_entry_set_size(ae, (la_int64_t)e[i].bytes->n);
		assert_int_equal(archive_write_header(a, ae), ARCHIVE_OK);
		assert_int_equal(
		    archive_write_data(a, e[i].bytes->p, e[i].bytes->n),
		    e[i].bytes->n);
		archive_entry_free(ae);
	}
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	out.n = used;
	return out;
}

static inline struct buf
make_archive(
    int format, int filter, const struct make_entry *e, size_t n_entries)
{
	return make_archive_with(NULL, format, filter, e, n_entries);
}

/* The k-th place at which this signature of a zip stands. */
static inline char *
make_signature(struct buf *z, const char *sig, int k)
{
	for (size_t i = 0; i + 4 <= z->n; i++)
		if (memcmp(z->p + i, sig, 4) == 0 && k-- == 0)
			return z->p + i;
	fail_msg("no such signature");
	return NULL;
}

/* One file compressed by libarchive: xz, bzip2, lz4, ... */
static inline struct buf
make_filtered(int filter, struct buf *bytes)
{
	struct make_entry e = { "x", bytes };

	return make_archive(ARCHIVE_FORMAT_RAW, filter, &e, 1);
}

/* What came out of a source. */
struct made {
	struct err err; /* code 0: none */
	size_t n_members, n_damages;
	struct {
		char name[512];
		struct buf bytes;
	} member[MAKE_MEMBERS];
	struct {
		char name[512]; /* "-": the source itself */
		uint64_t offset;
		char reason[256];
	} damage[MAKE_DAMAGES];
	char sha256[ARCHIVE_SHA256_HEX];
	uint64_t done_bytes;
};

static inline void
make_on_damage(
    void *arg, const char *member, uint64_t offset, const char *reason)
{
	struct made *m = arg;
	size_t i = m->n_damages++;

	if (i >= MAKE_DAMAGES)
		return;
	(void)snprintf(m->damage[i].name, sizeof m->damage[i].name, "%s",
	    member != NULL ? member : "-");
	m->damage[i].offset = offset;
	(void)snprintf(
	    m->damage[i].reason, sizeof m->damage[i].reason, "%s", reason);
}

static inline void
made_clear(struct made *m)
{
	for (size_t i = 0; i < m->n_members && i < MAKE_MEMBERS; i++)
		buf_clear(&m->member[i].bytes);
	free(m);
}

/* Read a file to its end, `room` bytes at a time. */
static inline struct made *
make_read_file(
    const char *path, const struct archive_limits *limits, size_t room)
{
	struct made *m = calloc(1, sizeof *m);
	struct archive *a;
	char *block = malloc(room);
	const char *name;
	int64_t got = 0;
	int r;

	a = archive_open(path, limits, make_on_damage, m, &m->err);
	while (a != NULL && (r = archive_next(a, &name, &m->err)) > 0) {
		size_t i = m->n_members++;
		struct buf unused = { 0 }, *b = &unused;

		if (i < MAKE_MEMBERS) {
			b = &m->member[i].bytes;
			(void)snprintf(m->member[i].name,
			    sizeof m->member[i].name, "%s", name);
		}
		while ((got = archive_read(a, block, room, &m->err)) > 0) {
			assert_true((size_t)got <= room);
			if (b != &unused)
				(void)buf_add(b, block, (size_t)got);
		}
		if (got < 0)
			break;
		assert_int_equal(archive_read(a, block, room, &m->err), 0);
	}
	if (a != NULL && m->err.code == ERR_NONE) {
		(void)archive_sha256(a, m->sha256, &m->err);
		m->done_bytes = archive_done_bytes(a);
	}
	archive_close(a);
	free(block);
	return m;
}

/* A name in the temporary folder. */
static inline char *
make_path(const char *name)
{
	static char path[600];
	static char dir[256];
	const char *tmp = getenv("TMPDIR");

	if (dir[0] == '\0') {
		(void)snprintf(dir, sizeof dir, "%s/pretick-test-XXXXXX",
		    tmp != NULL ? tmp : "/tmp");
		assert_non_null(mkdtemp(dir));
	}
	(void)snprintf(
	    path, sizeof path, "%s%s%s", dir, name[0] != '\0' ? "/" : "", name);
	return path;
}

static inline void
make_file(const char *path, const struct buf *b)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(b->p, 1, b->n, f), b->n);
	assert_int_equal(fclose(f), 0);
}

/* Read these bytes as a source of that name. */
static inline struct made *
make_read(const struct buf *b, const char *name,
    const struct archive_limits *limits, size_t room)
{
	char *path = make_path(name);
	struct made *m;

	make_file(path, b);
	m = make_read_file(path, limits, room);
	assert_int_equal(unlink(path), 0);
	return m;
}

static inline int
make_tear_down(void **state)
{
	(void)state;
	return rmdir(make_path(""));
}

#define assert_member(m, i, its_name, its_bytes)                          \
	do {                                                              \
		assert_true((m)->n_members > (i));                        \
		assert_string_equal((m)->member[i].name, its_name);       \
		assert_int_equal((m)->member[i].bytes.n, (its_bytes)->n); \
		if ((its_bytes)->n > 0)                                   \
			assert_memory_equal((m)->member[i].bytes.p,       \
			    (its_bytes)->p, (its_bytes)->n);              \
	} while (0)

#define assert_damage(m, i, its_name, its_offset, part_of_reason)          \
	do {                                                               \
		assert_true((m)->n_damages > (i));                         \
		assert_string_equal((m)->damage[i].name, its_name);        \
		assert_int_equal((m)->damage[i].offset, its_offset);       \
		if (strstr((m)->damage[i].reason, part_of_reason) == NULL) \
			fail_msg("damage is \"%s\", not \"%s\"",           \
			    (m)->damage[i].reason, part_of_reason);        \
	} while (0)

#define assert_good(m)                                                  \
	do {                                                            \
		assert_string_equal((m)->err.msg, "");                  \
		if ((m)->n_damages > 0)                                 \
			fail_msg("damage: %s: %s", (m)->damage[0].name, \
			    (m)->damage[0].reason);                     \
	} while (0)

#endif
