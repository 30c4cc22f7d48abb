/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is damaged is told with its place, and what was good before is kept. */
#include "ingest/test/archive_make.h"

#include <sys/stat.h>

enum { ROOM = 256 * 1024, MIB = 1024 * 1024 };

/* The member holds a beginning of `text`, and damage says where it ends. */
static void
is_beginning(const struct made *m, const char *name, const struct buf *text,
    const char *reason)
{
	size_t n;

	assert_string_equal(m->err.msg, "");
	assert_true(m->n_members <= 1);
	n = m->n_members == 1 ? m->member[0].bytes.n : 0;
	assert_true(n <= text->n);
	if (n > 0)
		assert_memory_equal(m->member[0].bytes.p, text->p, n);
	assert_int_equal(m->n_damages, 1);
	assert_damage(m, 0, name, n, reason);
}

static void
a_gzip_with_a_wrong_crc_or_size_is_told_and_kept(void **state)
{
	struct prop p = prop_seeded(1);
	struct buf text = make_lines(&p, 300000), z = make_gzip(&text);

	(void)state;
	for (size_t back = 8; back > 0; back--) {
		struct buf bad = { 0 };
		struct made *m;

		(void)buf_span(&bad, buf_as_span(&z));
		bad.p[bad.n - back] ^= 0x10;
		m = make_read(&bad, "ui.gz", NULL, ROOM);
		assert_member(m, 0, "ui.gz", &text);
		is_beginning(m, "ui.gz", &text, "wrong CRC or size");
		made_clear(m);
		buf_clear(&bad);
	}
	buf_clear(&z);
	buf_clear(&text);
}

static void
a_bad_gzip_member_does_not_hide_the_next(void **state)
{
	struct buf a = make_text("first\n"), b = make_text("second\n");
	struct buf x = make_gzip(&a), y = make_gzip(&b);
	struct made *m;

	(void)state;
	x.p[x.n - 8] ^= 1;
	(void)buf_span(&x, buf_as_span(&y));
	m = make_read(&x, "ui.gz", NULL, ROOM);
	(void)buf_span(&a, buf_as_span(&b));
	assert_int_equal(m->n_members, 1);
	assert_member(m, 0, "ui.gz", &a);
	assert_int_equal(m->n_damages, 1);
	assert_damage(m, 0, "ui.gz", 6, "wrong CRC or size");
	made_clear(m);
	buf_clear(&a);
	buf_clear(&b);
	buf_clear(&x);
	buf_clear(&y);
}

static void
a_stream_that_is_cut_keeps_what_came_before(void **state)
{
	static const int filter[] = { ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_BZIP2,
		ARCHIVE_FILTER_LZ4 };
	struct prop p = prop_seeded(2);

	(void)state;
	for (int i = 0; i < 60; i++) {
		struct buf text = make_lines(&p, 400000), z;
		struct made *m;

		if (i % 3 == 0)
			z = make_gzip(&text);
		else if (i % 3 == 1)
			z = make_zstd(&text, 0);
		else
			z = make_filtered(filter[i / 3 % 3], &text);
		z.n = 20 + prop_below(&p, z.n - 20);
		m = make_read(&z, "ui", NULL, ROOM);
		is_beginning(m, "ui", &text, "");
		/* A block holds 128 KiB at most; half of it must be there. */
		if (i % 3 != 2 && z.n > 35000)
			assert_true(
			    m->n_members == 1 && m->member[0].bytes.n > 0);
		made_clear(m);
		buf_clear(&z);
		buf_clear(&text);
	}
}

static void
damage_of_a_member_comes_while_it_is_the_one_read(void **state)
{
	struct buf text = make_text("a short one\n"), z = make_gzip(&text);
	struct make_entry e[] = { { "a.gz", &z }, { "b", &text } };
	struct made damage = { 0 };
	struct err err = { 0 };
	char *path = make_path("x"), block[100];
	struct archive *a;
	const char *name;
	struct buf tar;

	(void)state;
	z.p[z.n - 8] ^= 1;
	tar = make_archive(ARCHIVE_FORMAT_TAR, 0, e, 2);
	make_file(path, &tar);
	a = archive_open(path, NULL, make_on_damage, &damage, &err);
	assert_int_equal(archive_next(a, &name, &err), 1);
	assert_string_equal(name, "a.gz");
	assert_int_equal(damage.n_damages, 0);
	assert_int_equal(archive_read(a, block, 100, &err), text.n);
	assert_int_equal(damage.n_damages, 0);
	assert_int_equal(archive_read(a, block, 100, &err), 0);
	assert_int_equal(damage.n_damages, 1);
	assert_damage(&damage, 0, "a.gz", text.n, "wrong CRC");
	assert_int_equal(archive_next(a, &name, &err), 1);
	assert_string_equal(name, "b");
	assert_int_equal(archive_next(a, &name, &err), 0);
	assert_int_equal(damage.n_damages, 1);
	archive_close(a);
	assert_int_equal(unlink(path), 0);
	buf_clear(&tar);
	buf_clear(&z);
	buf_clear(&text);
}

static bool
same(const struct made *a, const struct made *b)
{
	if (a->n_members != b->n_members || a->n_damages != b->n_damages)
		return false;
	for (size_t i = 0; i < a->n_members; i++)
		if (a->member[i].bytes.n != b->member[i].bytes.n ||
		    (a->member[i].bytes.n > 0 &&
			memcmp(a->member[i].bytes.p, b->member[i].bytes.p,
			    a->member[i].bytes.n) != 0))
			return false;
	for (size_t i = 0; i < a->n_damages; i++)
		if (a->damage[i].offset != b->damage[i].offset ||
		    strcmp(a->damage[i].reason, b->damage[i].reason) != 0)
			return false;
	return true;
}

static void
flipped_bits_give_the_same_whatever_the_room(void **state)
{
	struct prop p = prop_seeded(3);

	(void)state;
	for (int i = 0; i < 60; i++) {
		struct buf text = make_lines(&p, 400000);
		struct buf z = i % 2 ? make_zstd(&text, 0) : make_gzip(&text);
		struct made *a, *b;

		z.p[10 + prop_below(&p, z.n - 10)] ^=
		    (char)(1 + prop_below(&p, 255));
		a = make_read(&z, "ui", NULL, MIB);
		b = make_read(&z, "ui", NULL, 1 + prop_below(&p, 300000));
		assert_true(same(a, b));
		assert_string_equal(a->err.msg, "");
		/* A sum tells, if nothing else does. */
		assert_true(a->n_damages > 0);
		made_clear(a);
		made_clear(b);
		buf_clear(&z);
		buf_clear(&text);
	}
}

static void
what_follows_the_last_frame_is_told(void **state)
{
	static const int filter[] = { ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_ZSTD,
		ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_XZ };
	struct buf text = make_text("a line\n");

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct buf z = make_filtered(filter[i], &text);
		struct made *m;

		(void)buf_str(&z, "rubbish rubbish rubbish");
		m = make_read(&z, "ui", NULL, ROOM);
		/* libarchive drops the block in which it finds an error. */
		if (filter[i] != ARCHIVE_FILTER_XZ)
			assert_member(m, 0, "ui", &text);
		is_beginning(m, "ui", &text,
		    filter[i] == ARCHIVE_FILTER_XZ ? "xz"
						   : "bytes behind the end");
		made_clear(m);
		buf_clear(&z);
	}
	buf_clear(&text);
}

static void
a_magic_without_sense_gives_damage_and_no_member(void **state)
{
	static const struct {
		const char *begin, *reason;
	} bad[] = {
		{ "\x1f\x8b\x08zzzzzzzzzzzzzzzzzzzzzzzzz", "gzip" },
		{ "\x1f\x8b\x07zzzzzzzzzzzzzzzzzzzzzzzzz", "gzip" },
		{ "\x28\xb5\x2f\xfdzzzzzzzzzzzzzzzzzzzzzzzzz", "zstd" },
		{ "\xfd\x37zXZ", "xz" },
		{ "BZh91AY&SYzzzzzzzzzzzzzzzzzzzzzz", "bzip2" },
		{ "\x04\x22\x4d\x18zzzzzzzzzzzzzzzzzzzzzzzzz", "lz4" },
		{ "PK\3\4zzzzzzzzzzzzzzzzzzzzzzzzzzzz", "zip" },
		{ "7z\xbc\xaf\x27\x1czzzzzzzzzzzzzzzzzzzz", "7z" },
		{ "Rar!\x1a\x07zzzzzzzzzzzzzzzzzzzzzzzzz", "unpack it first" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct buf b = make_text(bad[i].begin);
		struct made *m;

		(void)buf_add(&b, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
		m = make_read(&b, "x", NULL, ROOM);
		assert_string_equal(m->err.msg, "");
		assert_int_equal(m->n_members, 0);
		assert_true(m->n_damages > 0);
		assert_non_null(strstr(m->damage[0].reason, bad[i].reason));
		assert_int_equal(strlen(m->sha256), 64);
		made_clear(m);
		buf_clear(&b);
	}
}

static void
a_large_zstd_window_is_refused_unless_allowed(void **state)
{
	struct prop p = prop_seeded(4);
	struct archive_limits wide = { .zstd_window_log = 28 };
	struct buf text = make_lines(&p, 100000), z = make_zstd(&text, 28);
	struct made *m = make_read(&z, "ui.zst", NULL, ROOM);

	(void)state;
	assert_int_equal(m->n_members, 0);
	assert_damage(m, 0, "ui.zst", 0, "zstd window is larger than 2^27");
	made_clear(m);
	m = make_read(&z, "ui.zst", &wide, ROOM);
	assert_good(m);
	assert_member(m, 0, "ui.zst", &text);
	made_clear(m);
	buf_clear(&z);
	buf_clear(&text);
}

static void
a_tar_that_is_cut_names_the_member(void **state)
{
	struct prop p = prop_seeded(5);
	struct buf a = make_lines(&p, 100000), b = make_noise(&p, 200000);
	struct make_entry e[] = { { "a", &a }, { "b", &b }, { "c", &a } };
	struct buf z = make_archive(ARCHIVE_FORMAT_TAR_USTAR, 0, e, 3);
	struct made *m;
	struct buf gz;

	(void)state;
	z.n = 250000;
	m = make_read(&z, "x.tar", NULL, ROOM);
	assert_int_equal(m->n_members, 2);
	assert_member(m, 0, "a", &a);
	assert_true(m->member[1].bytes.n > 100000);
	assert_int_equal(m->n_damages, 1);
	assert_damage(m, 0, "b", m->member[1].bytes.n, "tar: ");
	made_clear(m);

	/* The same by damage in the gzip around it: both are told. */
	z.n = 400000;
	gz = make_gzip(&z);
	gz.n = gz.n * 2 / 3;
	m = make_read(&gz, "x.tar.gz", NULL, ROOM);
	assert_member(m, 0, "a", &a);
	assert_int_equal(m->n_damages, 2);
	assert_string_equal(m->damage[0].name, "-");
	assert_non_null(strstr(m->damage[0].reason, "cut short"));
	assert_damage(m, 1, "b", m->member[1].bytes.n, "tar: ");
	made_clear(m);
	buf_clear(&gz);
	buf_clear(&z);
	buf_clear(&a);
	buf_clear(&b);
}

static void
the_sum_of_a_gzip_around_a_tar_is_checked(void **state)
{
	struct buf a = make_text("a\n");
	struct make_entry e = { "a", &a };
	struct buf z = make_archive(ARCHIVE_FORMAT_TAR_USTAR, 0, &e, 1);
	struct buf gz = make_gzip(&z);
	struct made *m;

	(void)state;
	gz.p[gz.n - 8] ^= 1;
	m = make_read(&gz, "x.tgz", NULL, ROOM);
	assert_int_equal(m->n_members, 1);
	assert_member(m, 0, "a", &a);
	assert_int_equal(m->n_damages, 1);
	assert_damage(m, 0, "-", z.n, "wrong CRC or size");
	made_clear(m);
	buf_clear(&gz);
	buf_clear(&z);
	buf_clear(&a);
}

static void
links_in_an_archive_are_told_and_not_followed(void **state)
{
	struct archive *w = archive_write_new();
	struct archive_entry *ae;
	static char room[64 * 1024];
	struct buf z = { room, 0, 0, 0 };
	struct made *m;
	static const struct {
		const char *name;
		unsigned type;
	} e[] = { { "dir/", AE_IFDIR }, { "soft", AE_IFLNK },
		{ "hard", AE_IFREG }, { "dev", AE_IFCHR } };

	(void)state;
	(void)archive_write_set_format_ustar(w);
	(void)archive_write_open_memory(w, room, sizeof room, &z.n);
	for (size_t i = 0; i < 4; i++) {
		ae = archive_entry_new();
		archive_entry_set_pathname(ae, e[i].name);
		archive_entry_set_filetype(ae, e[i].type);
		if (i == 1)
			archive_entry_set_symlink(ae, "/etc/passwd");
		if (i == 2)
			archive_entry_set_hardlink(ae, "other");
		assert_int_equal(archive_write_header(w, ae), ARCHIVE_OK);
		archive_entry_free(ae);
	}
	assert_int_equal(archive_write_close(w), ARCHIVE_OK);
	archive_write_free(w);
	m = make_read(&z, "x.tar", NULL, ROOM);
	assert_int_equal(m->n_members, 0);
	assert_int_equal(m->n_damages, 3);
	assert_damage(m, 0, "soft", 0, "symbolic link not followed");
	assert_damage(m, 1, "hard", 0, "hard link not followed");
	assert_damage(m, 2, "dev", 0, "not read");
	made_clear(m);
}

static void
a_file_that_changes_under_us_is_an_error(void **state)
{
	struct prop p = prop_seeded(6);
	struct buf text = make_lines(&p, 3 * MIB);
	char *path = make_path("x"), *block = malloc(MIB), hex[65];
	struct made damage = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct err err = { 0 };
		struct archive *a;
		const char *name;
		int64_t got;
		FILE *f;

		make_file(path, &text);
		a = archive_open(path, NULL, make_on_damage, &damage, &err);
		assert_int_equal(archive_next(a, &name, &err), 1);
		assert_true(archive_read(a, block, MIB, &err) > 0);
		if (i == 0) {
			assert_int_equal(truncate(path, MIB), 0);
		} else {
			f = fopen(path, "a");
			assert_true(fputs("more\n", f) >= 0);
			assert_int_equal(fclose(f), 0);
		}
		while ((got = archive_read(a, block, MIB, &err)) > 0)
			;
		if (i == 0) {
			assert_int_equal(got, -1);
			assert_non_null(strstr(err.msg, "was cut to 1048576"));
			assert_int_equal(archive_next(a, &name, &err), -1);
		} else {
			assert_int_equal(archive_next(a, &name, &err), 0);
			assert_int_equal(archive_sha256(a, hex, &err), -1);
			assert_non_null(strstr(err.msg, "was changed while"));
		}
		archive_close(a);
	}
	assert_int_equal(damage.n_damages, 0);
	assert_int_equal(unlink(path), 0);
	free(block);
	buf_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_gzip_with_a_wrong_crc_or_size_is_told_and_kept),
		cmocka_unit_test(a_bad_gzip_member_does_not_hide_the_next),
		cmocka_unit_test(a_stream_that_is_cut_keeps_what_came_before),
		cmocka_unit_test(
		    damage_of_a_member_comes_while_it_is_the_one_read),
		cmocka_unit_test(flipped_bits_give_the_same_whatever_the_room),
		cmocka_unit_test(what_follows_the_last_frame_is_told),
		cmocka_unit_test(
		    a_magic_without_sense_gives_damage_and_no_member),
		cmocka_unit_test(a_large_zstd_window_is_refused_unless_allowed),
		cmocka_unit_test(a_tar_that_is_cut_names_the_member),
		cmocka_unit_test(the_sum_of_a_gzip_around_a_tar_is_checked),
		cmocka_unit_test(links_in_an_archive_are_told_and_not_followed),
		cmocka_unit_test(a_file_that_changes_under_us_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, make_tear_down);
}
