/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is whole comes out whole: every container, every nesting, the hash. */
#include "ingest/test/archive_make.h"

#include <openssl/evp.h>
#include <sys/stat.h>

#include "ingest/base/hex.h"

enum { ROOM = 256 * 1024 };

static void
sha256(const struct buf *b, char hex[ARCHIVE_SHA256_HEX])
{
	unsigned char d[EVP_MAX_MD_SIZE];

	assert_int_equal(
	    EVP_Digest(b->p, b->n, d, NULL, EVP_sha256(), NULL), 1);
	hex_write(hex, d, 32);
}

/* One member, these bytes, that name, no damage, the right hash. */
static void
reads_back(const struct buf *file, const char *name, const struct buf *bytes,
    size_t room)
{
	struct made *m = make_read(file, name, NULL, room);
	char hex[ARCHIVE_SHA256_HEX];

	assert_good(m);
	assert_int_equal(m->n_members, 1);
	assert_member(m, 0, name, bytes);
	sha256(file, hex);
	assert_string_equal(m->sha256, hex);
	assert_int_equal(m->done_bytes, file->n);
	made_clear(m);
}

static void
a_plain_file_is_one_member_with_its_name(void **state)
{
	static const char *const text[] = {
		"{\"a\":1}\n",
		"#mtree\n/set type=file\n./a size=1\n",
		"BZh9 is not bzip2\n",
		("070701 12:00:00 mysqld started and went on and on and on and "
		 "on and on and on and on and on and on and on\n"),
		"LZIP\n",
		"PK\n",
		"x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
		struct buf b = make_text(text[i]);

		reads_back(&b, "ui.jsonl.zst", &b, ROOM);
		buf_clear(&b);
	}
}

static void
an_empty_file_is_one_empty_member_without_damage(void **state)
{
	struct buf b = make_text(""), z = make_gzip(&b);

	(void)state;
	reads_back(&b, "empty.log", &b, ROOM);
	reads_back(&z, "empty.gz", &b, ROOM);
	buf_clear(&b);
	buf_clear(&z);
}

static void
every_compression_gives_the_bytes_back(void **state)
{
	static const int filter[] = { ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_BZIP2,
		ARCHIVE_FILTER_LZ4, ARCHIVE_FILTER_LZMA, ARCHIVE_FILTER_LZIP,
		ARCHIVE_FILTER_COMPRESS, ARCHIVE_FILTER_GZIP,
		ARCHIVE_FILTER_ZSTD };
	static const size_t size[] = { 1, 7000, 700000 };
	struct prop p = prop_seeded(1);

	(void)state;
	for (size_t s = 0; s < sizeof size / sizeof size[0]; s++) {
		struct buf text = make_lines(&p, size[s]);
		struct buf noise = make_noise(&p, size[s]);

		for (size_t i = 0; i < sizeof filter / sizeof filter[0]; i++) {
			struct buf z = make_filtered(filter[i], &text);

			reads_back(&z, "ui.jsonl", &text, ROOM);
			buf_clear(&z);
			z = make_filtered(filter[i], &noise);
			reads_back(&z, "noise", &noise, ROOM);
			buf_clear(&z);
		}
		buf_clear(&text);
		buf_clear(&noise);
	}
}

static void
every_container_gives_its_members_back(void **state)
{
	static const struct {
		int format, filter;
	} kind[] = {
		{ ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, 0 },
		{ ARCHIVE_FORMAT_TAR_GNUTAR, 0 },
		{ ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP },
		{ ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, ARCHIVE_FILTER_ZSTD },
		{ ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ },
		{ ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_LZ4 },
		{ ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_BZIP2 },
		{ ARCHIVE_FORMAT_ZIP, 0 },
		{ ARCHIVE_FORMAT_7ZIP, 0 },
		{ ARCHIVE_FORMAT_CPIO_POSIX, 0 },
		{ ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, ARCHIVE_FILTER_GZIP },
	};
	struct prop p = prop_seeded(2);

	(void)state;
	for (size_t i = 0; i < sizeof kind / sizeof kind[0]; i++) {
		struct buf a = make_lines(&p, 300000), none = make_text("");
		struct buf c = make_noise(&p, 1 + prop_below(&p, 300000));
		struct make_entry e[] = { { "logs/a.jsonl", &a },
			{ "empty", &none }, { "logs/a.jsonl", &c } };
		struct buf z =
		    make_archive(kind[i].format, kind[i].filter, e, 3);
		struct made *m = make_read(&z, "x", NULL, ROOM);
		bool is_7z = kind[i].format == ARCHIVE_FORMAT_7ZIP;
		char hex[ARCHIVE_SHA256_HEX];

		assert_good(m);
		assert_int_equal(m->n_members, 3);
		/* 7z keeps its empty entries behind the others. */
		assert_member(m, 0, "logs/a.jsonl", &a);
		assert_member(m, is_7z ? 2 : 1, "empty", &none);
		assert_member(m, is_7z ? 1 : 2, "logs/a.jsonl", &c);
		sha256(&z, hex);
		assert_string_equal(m->sha256, hex);
		made_clear(m);
		buf_clear(&z);
		buf_clear(&a);
		buf_clear(&c);
		buf_clear(&none);
	}
}

static void
reads_of_any_room_give_the_same_bytes(void **state)
{
	struct prop p = prop_seeded(3);
	struct buf text = make_lines(&p, 300000);
	struct make_entry e = { "ui.jsonl", &text };
	struct buf z[] = { make_gzip(&text), make_zstd(&text, 0),
		make_archive(ARCHIVE_FORMAT_ZIP, 0, &e, 1),
		make_archive(ARCHIVE_FORMAT_TAR, ARCHIVE_FILTER_XZ, &e, 1),
		make_text("") };

	(void)state;
	(void)buf_span(&z[4], buf_as_span(&text));
	for (size_t i = 0; i < sizeof z / sizeof z[0]; i++) {
		reads_back(&z[i], "ui.jsonl", &text, 1);
		reads_back(&z[i], "ui.jsonl", &text, 4097);
		reads_back(&z[i], "ui.jsonl", &text, 128 * 1024);
		reads_back(&z[i], "ui.jsonl", &text, 1 << 20);
		buf_clear(&z[i]);
	}
	buf_clear(&text);
}

/* Append `n` pieces of `text`, each compressed by itself. */
static struct buf
pieces(struct prop *p, const struct buf *text, bool zstd)
{
	static const char skippable[] = "\x53\x2a\x4d\x18\x03\0\0\0abc";
	struct buf out = { 0 };
	size_t at = 0;

	while (at < text->n) {
		size_t n = prop_below(p, 60000);
		struct buf part = { text->p + at,
			n < text->n - at ? n : text->n - at, 0, 0 };
		struct buf z = zstd ? make_zstd(&part, 0) : make_gzip(&part);

		if (zstd && prop_below(p, 3) == 0)
			(void)buf_add(&out, skippable, sizeof skippable - 1);
		(void)buf_span(&out, buf_as_span(&z));
		at += part.n;
		buf_clear(&z);
	}
	return out;
}

static void
frames_and_gzip_members_in_a_row_are_one_stream(void **state)
{
	struct prop p = prop_seeded(4);

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct buf text = make_lines(&p, 900000);
		struct buf z = pieces(&p, &text, i % 2 == 0);

		reads_back(&z, "many", &text, i < 2 ? 1 << 20 : 5000);
		/* Zeros behind the last one are padding. */
		for (int k = 0; k < 700; k++)
			(void)buf_char(&z, '\0');
		reads_back(&z, "padded", &text, ROOM);
		buf_clear(&z);
		buf_clear(&text);
	}
}

static void
archives_in_archives_are_opened_and_named(void **state)
{
	struct prop p = prop_seeded(5);
	struct buf text = make_lines(&p, 50000), b = make_text("b\n");
	struct buf gz = make_gzip(&text);
	struct make_entry in_tar = { "ui.log", &text };
	struct buf tgz =
	    make_archive(ARCHIVE_FORMAT_TAR, ARCHIVE_FILTER_GZIP, &in_tar, 1);
	struct make_entry in_zip[] = { { "ui.jsonl.gz", &gz },
		{ "logs.tar.gz", &tgz } };
	struct buf zip = make_archive(ARCHIVE_FORMAT_ZIP, 0, in_zip, 2);
	struct make_entry in_7z = { "x.log", &b };
	struct buf sevenz = make_archive(ARCHIVE_FORMAT_7ZIP, 0, &in_7z, 1);
	struct make_entry in_outer[] = { { "inner.zip", &zip },
		{ "s.7z", &sevenz }, { "b.txt", &b } };
	struct buf outer =
	    make_archive(ARCHIVE_FORMAT_TAR, ARCHIVE_FILTER_ZSTD, in_outer, 3);
	struct made *m = make_read(&outer, "outer.tar.zst", NULL, 3000);

	(void)state;
	assert_good(m);
	assert_int_equal(m->n_members, 4);
	assert_member(m, 0, "inner.zip/ui.jsonl.gz", &text);
	assert_member(m, 1, "inner.zip/logs.tar.gz/ui.log", &text);
	assert_member(m, 2, "s.7z/x.log", &b);
	assert_member(m, 3, "b.txt", &b);
	made_clear(m);
	buf_clear(&outer);
	buf_clear(&sevenz);
	buf_clear(&zip);
	buf_clear(&tgz);
	buf_clear(&gz);
	buf_clear(&text);
	buf_clear(&b);
}

static void
names_come_out_as_valid_utf8(void **state)
{
	struct buf b = make_text("b\n");
	struct make_entry e[] = { { "同意.jsonl", &b },
		{ "bad\xff\xc0\xaf.log", &b }, { "../../etc/\x01x", &b } };
	static const int format[] = { ARCHIVE_FORMAT_TAR_USTAR,
		ARCHIVE_FORMAT_ZIP };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf z = make_archive(format[i], 0, e, 3);
		struct made *m = make_read(&z, "x", NULL, ROOM);

		assert_good(m);
		assert_int_equal(m->n_members, 3);
		assert_member(m, 0, "同意.jsonl", &b);
		assert_member(m, 1,
		    "bad\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		    ".log",
		    &b);
		assert_member(m, 2, "../../etc/\x01x", &b);
		made_clear(m);
		buf_clear(&z);
	}
	buf_clear(&b);
}

static void
two_tars_in_a_row_are_both_read(void **state)
{
	struct buf b = make_text("b\n"), c = make_text("c\n");
	struct make_entry e = { "b", &b }, f = { "c", &c };
	struct buf z = make_archive(ARCHIVE_FORMAT_TAR_USTAR, 0, &e, 1);
	struct buf y = make_archive(ARCHIVE_FORMAT_TAR_USTAR, 0, &f, 1);
	struct made *m;

	(void)state;
	(void)buf_span(&z, buf_as_span(&y));
	m = make_read(&z, "x.tar", NULL, ROOM);
	assert_good(m);
	assert_int_equal(m->n_members, 2);
	assert_member(m, 0, "b", &b);
	assert_member(m, 1, "c", &c);
	made_clear(m);
	buf_clear(&z);
	buf_clear(&y);
	buf_clear(&b);
	buf_clear(&c);
}

static void
members_may_be_left_unread(void **state)
{
	struct prop p = prop_seeded(6);
	struct buf a = make_lines(&p, 400000), b = make_text("b\n");
	struct make_entry e[] = { { "a", &a }, { "b", &b } };
	static const int format[] = { ARCHIVE_FORMAT_TAR, ARCHIVE_FORMAT_ZIP,
		ARCHIVE_FORMAT_7ZIP };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct buf z = make_archive(format[i], 0, e, 2);
		char *path = make_path("x"), hex[65], want[65], block[100];
		struct made damage = { 0 };
		struct err err = { 0 };
		struct archive *r;
		const char *name;

		make_file(path, &z);
		r = archive_open(path, NULL, make_on_damage, &damage, &err);
		assert_non_null(r);
		assert_int_equal(archive_size_bytes(r), z.n);
		assert_int_equal(archive_next(r, &name, &err), 1);
		assert_int_equal(archive_read(r, block, 100, &err), 100);
		assert_int_equal(archive_next(r, &name, &err), 1);
		assert_string_equal(name, "b");
		assert_int_equal(archive_next(r, &name, &err), 0);
		assert_int_equal(archive_sha256(r, hex, &err), 0);
		assert_int_equal(damage.n_damages, 0);
		archive_close(r);
		sha256(&z, want);
		assert_string_equal(hex, want);
		assert_int_equal(archive_hash_file(path, hex, &err), 0);
		assert_string_equal(hex, want);
		assert_int_equal(unlink(path), 0);
		buf_clear(&z);
	}
	buf_clear(&a);
	buf_clear(&b);
}

static void
what_is_no_readable_file_is_an_error(void **state)
{
	struct err err = { 0 };
	char hex[ARCHIVE_SHA256_HEX];
	char *path;

	(void)state;
	assert_int_equal(archive_hash_file(make_path("none"), hex, &err), -1);
	assert_non_null(strstr(err.msg, "none: No such file or directory"));
	memset(&err, 0, sizeof err);
	assert_int_equal(archive_hash_file(make_path(""), hex, &err), -1);
	assert_non_null(strstr(err.msg, "not a regular file"));
	memset(&err, 0, sizeof err);
	path = make_path("fifo");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(archive_hash_file(path, hex, &err), -1);
	assert_non_null(strstr(err.msg, "not a regular file"));
	assert_int_equal(unlink(path), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_file_is_one_member_with_its_name),
		cmocka_unit_test(
		    an_empty_file_is_one_empty_member_without_damage),
		cmocka_unit_test(every_compression_gives_the_bytes_back),
		cmocka_unit_test(every_container_gives_its_members_back),
		cmocka_unit_test(reads_of_any_room_give_the_same_bytes),
		cmocka_unit_test(
		    frames_and_gzip_members_in_a_row_are_one_stream),
		cmocka_unit_test(archives_in_archives_are_opened_and_named),
		cmocka_unit_test(names_come_out_as_valid_utf8),
		cmocka_unit_test(two_tars_in_a_row_are_both_read),
		cmocka_unit_test(members_may_be_left_unread),
		cmocka_unit_test(what_is_no_readable_file_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, make_tear_down);
}
