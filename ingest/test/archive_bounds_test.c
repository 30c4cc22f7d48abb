/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zips that lie, bombs, and archives without end: named, and soon over. */
#include "ingest/test/archive_make.h"

enum { ROOM = 256 * 1024, MIB = 1024 * 1024 };

static struct buf
zeros(size_t n)
{
	struct buf b = { 0 };

	assert_int_equal(buf_room(&b, n), 0);
	memset(b.p, 0, n);
	b.p[0] = '{'; /* no tar, no padding */
	b.n = n;
	return b;
}

static void
a_zip_entry_with_a_wrong_crc_is_told_by_name(void **state)
{
	struct buf a = make_text("first line\n"), b = make_text("second\n");
	struct make_entry e[] = { { "a", &a }, { "b", &b } };
	struct buf z = make_archive(ARCHIVE_FORMAT_ZIP, 0, e, 2);
	struct made *m;

	(void)state;
	make_signature(&z, "PK\1\2", 0)[16] ^= 1;
	m = make_read(&z, "x.zip", NULL, ROOM);
	assert_int_equal(m->n_members, 2);
	assert_member(m, 0, "a", &a);
	assert_member(m, 1, "b", &b);
	assert_true(m->n_damages >= 1);
	assert_damage(m, m->n_damages - 1, "a", a.n, "ZIP bad CRC");
	made_clear(m);
	buf_clear(&z);
	buf_clear(&a);
	buf_clear(&b);
}

static void
hidden_zip_entries_are_counted(void **state)
{
	struct buf a = make_text("first line\n"), b = make_text("second\n");
	struct make_entry e[] = { { "a", &a }, { "b", &b } };
	struct buf z = make_archive(ARCHIVE_FORMAT_ZIP, 0, e, 2);
	struct made *m;

	(void)state;
	/* Both entries at one place. */
	memcpy(make_signature(&z, "PK\1\2", 1) + 42,
	    make_signature(&z, "PK\1\2", 0) + 42, 4);
	m = make_read(&z, "x.zip", NULL, ROOM);
	assert_int_equal(m->n_members, 1);
	assert_true(m->n_damages >= 1);
	assert_damage(m, m->n_damages - 1, "-", 0, "zip gave 1 of 2 entries");
	made_clear(m);
	buf_clear(&z);
	buf_clear(&a);
	buf_clear(&b);
}

static void
zip_entries_that_overlap_are_refused(void **state)
{
	struct prop p = prop_seeded(1);
	struct buf a = make_noise(&p, 5000), b = make_text("second\n");
	struct make_entry e[] = { { "a", &a }, { "b", &b } };
	struct buf z = make_archive(ARCHIVE_FORMAT_ZIP, 0, e, 2);
	struct made *m;
	uint32_t at;

	(void)state;
	/* The first one's bytes reach over the second's: it quotes it. */
	memcpy(&at, make_signature(&z, "PK\1\2", 0) + 20, 4);
	at += 200;
	memcpy(make_signature(&z, "PK\1\2", 0) + 20, &at, 4);
	m = make_read(&z, "x.zip", NULL, ROOM);
	assert_true(m->n_damages >= 2);
	assert_damage(m, 0, "-", 0, "1 of 2 zip entries share bytes");
	assert_string_equal(m->damage[m->n_damages - 1].name, "b");
	assert_non_null(
	    strstr(m->damage[m->n_damages - 1].reason, "shares bytes"));
	for (size_t i = 0; i < m->n_members; i++)
		assert_string_not_equal(m->member[i].name, "b");
	made_clear(m);
	buf_clear(&z);
	buf_clear(&a);
	buf_clear(&b);
}

static void
a_zip_that_is_cut_gives_what_is_there(void **state)
{
	struct prop p = prop_seeded(2);
	struct buf a = make_lines(&p, 50000), b = make_noise(&p, 90000);
	struct make_entry e[] = { { "a", &a }, { "b", &b } };
	struct buf z = make_archive(ARCHIVE_FORMAT_ZIP, 0, e, 2);
	struct made *m;

	(void)state;
	z.n -= 40000;
	m = make_read(&z, "x.zip", NULL, ROOM);
	assert_true(m->n_members >= 1);
	assert_member(m, 0, "a", &a);
	assert_damage(m, 0, "-", 0, "zip has no end record");
	assert_true(m->n_damages >= 2);
	assert_string_equal(m->damage[1].name, "b");
	made_clear(m);
	buf_clear(&z);
	buf_clear(&a);
	buf_clear(&b);
}

static void
an_encrypted_entry_is_told_and_what_follows_is_read(void **state)
{
	struct archive *w = archive_write_new();
	struct archive_entry *ae = archive_entry_new();
	static char room[64 * 1024];
	struct buf z = { room, 0, 0, 0 }, line = make_text("line\n"), tar;
	struct make_entry e[] = { { "x.zip", &z }, { "other", &line } };
	struct made *m;

	(void)state;
	(void)archive_write_set_format_zip(w);
	assert_int_equal(
	    archive_write_set_options(w, "zip:encryption=traditional"),
	    ARCHIVE_OK);
	assert_int_equal(archive_write_set_passphrase(w, "secret"), ARCHIVE_OK);
	(void)archive_write_open_memory(w, room, sizeof room, &z.n);
	archive_entry_set_pathname(ae, "secret");
	archive_entry_set_filetype(ae, AE_IFREG);
	archive_entry_set_size(ae, 5);
	assert_int_equal(archive_write_header(w, ae), ARCHIVE_OK);
	assert_int_equal(archive_write_data(w, "line\n", 5), 5);
	archive_entry_free(ae);
	assert_int_equal(archive_write_close(w), ARCHIVE_OK);
	archive_write_free(w);
	tar = make_archive(ARCHIVE_FORMAT_TAR, 0, e, 2);
	m = make_read(&tar, "x.tar", NULL, ROOM);
	assert_int_equal(m->n_damages, 1);
	assert_damage(m, 0, "x.zip/secret", 0, "encrypted: not read");
	assert_int_equal(m->n_members, 1);
	assert_member(m, 0, "other", &line);
	made_clear(m);
	buf_clear(&tar);
	buf_clear(&line);
}

static void
a_bomb_is_cut_and_the_members_beside_it_are_read(void **state)
{
	struct archive_limits limits = { .ratio = 100 };
	struct buf big = zeros((size_t)80 * MIB), b = make_text("b\n");
	struct buf bomb = make_zstd(&big, 0);
	struct make_entry e[] = { { "bomb.zst", &bomb }, { "b", &b } };
	static const int format[] = { ARCHIVE_FORMAT_TAR, ARCHIVE_FORMAT_ZIP,
		ARCHIVE_FORMAT_7ZIP };
	struct made *m = make_read(&bomb, "bomb.zst", &limits, 1 << 20);

	(void)state;
	assert_int_equal(m->n_members, 1);
	assert_int_equal(m->member[0].bytes.n, 64 * MIB);
	assert_int_equal(m->n_damages, 1);
	assert_damage(m, 0, "bomb.zst", 64 * MIB,
	    "decoded bytes exceed 100 times the encoded: stopped");
	made_clear(m);
	for (size_t i = 0; i < 3; i++) {
		struct buf z = make_archive(format[i], 0, e, 2);

		m = make_read(&z, "x", &limits, ROOM);
		assert_int_equal(m->n_members, 2);
		assert_int_equal(m->n_damages, 1);
		assert_damage(m, 0, "bomb.zst", 64 * MIB, "exceed 100 times");
		assert_member(m, 1, "b", &b);
		made_clear(m);
		buf_clear(&z);
	}
	/* As the archive allows it, it is no bomb. */
	m = make_read(&bomb, "bomb.zst", NULL, 1 << 20);
	if (bomb.n > 80 * MIB / 10000)
		assert_good(m);
	made_clear(m);
	buf_clear(&bomb);
	buf_clear(&big);
	buf_clear(&b);
}

static void
the_depth_is_bounded(void **state)
{
	struct archive_limits limits = { .depth = 3 };
	struct buf text = make_text("line\n"), beside = make_text("b\n");
	struct buf z = make_gzip(&text);
	struct made *m;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct buf y = make_gzip(&z);

		buf_clear(&z);
		z = y;
	}
	m = make_read(&z, "x.gz", &limits, ROOM);
	assert_good(m);
	assert_member(m, 0, "x.gz", &text);
	made_clear(m);
	{
		struct make_entry e[] = { { "deep", &z }, { "b", &beside } };
		struct buf y = make_archive(ARCHIVE_FORMAT_TAR, 0, e, 2);

		m = make_read(&y, "x.tar", &limits, ROOM);
		assert_int_equal(m->n_members, 1);
		assert_member(m, 0, "b", &beside);
		assert_damage(m, 0, "deep", 0, "nested too deeply: not read");
		made_clear(m);
		buf_clear(&y);
	}
	buf_clear(&z);
	buf_clear(&text);
	buf_clear(&beside);
}

/* A zip that holds itself several times over would never end. */
static void
a_tree_of_zips_ends_at_a_bound(void **state)
{
	struct archive_limits limits = { .members = 50, .depth = 4 };
	struct buf z = make_text("leaf\n");
	struct made *m;

	(void)state;
	for (int level = 0; level < 6; level++) {
		struct make_entry e[3] = { { "a.zip", &z }, { "b.zip", &z },
			{ "c.zip", &z } };
		struct buf y = make_archive(ARCHIVE_FORMAT_ZIP, 0, e, 3);

		buf_clear(&z);
		z = y;
	}
	m = make_read(&z, "x.zip", &limits, ROOM);
	assert_string_equal(m->err.msg, "");
	assert_int_equal(m->n_members, 0);
	assert_damage(m, m->n_damages - 1, "-", 0, "too many members: stopped");
	assert_damage(m, 0, "a.zip/a.zip/a.zip/a.zip", 0, "nested too deeply");
	assert_int_equal(strlen(m->sha256), 64);
	made_clear(m);
	buf_clear(&z);
}

static void
members_are_counted_and_bounded(void **state)
{
	struct archive_limits limits = { .members = 3 };
	struct buf b = make_text("b\n");
	struct make_entry e[5];
	struct made *m;
	struct buf z;

	(void)state;
	for (int i = 0; i < 5; i++)
		e[i] = (struct make_entry){ "b", &b };
	z = make_archive(ARCHIVE_FORMAT_TAR, ARCHIVE_FILTER_GZIP, e, 5);
	m = make_read(&z, "x.tgz", &limits, ROOM);
	assert_int_equal(m->n_members, 3);
	assert_int_equal(m->n_damages, 1);
	assert_string_equal(m->damage[0].name, "-");
	assert_string_equal(m->damage[0].reason, "too many members: stopped");
	made_clear(m);
	buf_clear(&z);
	buf_clear(&b);
}

static void
a_long_member_is_cut_and_the_next_one_read(void **state)
{
	struct archive_limits limits = { .member_bytes = 1000 };
	struct prop p = prop_seeded(3);
	struct buf a = make_lines(&p, 5000), b = make_text("b\n");
	struct make_entry e[] = { { "a", &a }, { "b", &b } };
	struct buf z = make_archive(ARCHIVE_FORMAT_TAR, 0, e, 2);
	struct made *m = make_read(&z, "x.tar", &limits, 77);

	(void)state;
	assert_int_equal(m->n_members, 2);
	assert_int_equal(m->member[0].bytes.n, 1000);
	assert_memory_equal(m->member[0].bytes.p, a.p, 1000);
	assert_int_equal(m->n_damages, 1);
	assert_damage(m, 0, "a", 1000, "longer than 1000 bytes: cut");
	assert_member(m, 1, "b", &b);
	made_clear(m);
	buf_clear(&z);
	z = make_gzip(&a);
	m = make_read(&z, "a.gz", &limits, ROOM);
	assert_int_equal(m->member[0].bytes.n, 1000);
	assert_damage(m, 0, "a.gz", 1000, "longer than 1000 bytes: cut");
	made_clear(m);
	buf_clear(&z);
	buf_clear(&a);
	buf_clear(&b);
}

static void
any_bytes_after_a_magic_end_well(void **state)
{
	struct prop p = prop_seeded(4);
	struct buf a = make_lines(&p, 3000), b = make_text("b\n");
	struct make_entry e[] = { { "a", &a }, { "b.gz", &b } };
	static const struct {
		int format, filter;
	} kind[] = { { ARCHIVE_FORMAT_ZIP, 0 }, { ARCHIVE_FORMAT_7ZIP, 0 },
		{ ARCHIVE_FORMAT_TAR, 0 },
		{ ARCHIVE_FORMAT_TAR, ARCHIVE_FILTER_XZ },
		{ ARCHIVE_FORMAT_TAR, ARCHIVE_FILTER_GZIP },
		{ ARCHIVE_FORMAT_CPIO_POSIX, ARCHIVE_FILTER_ZSTD },
		{ ARCHIVE_FORMAT_TAR, ARCHIVE_FILTER_LZ4 },
		{ ARCHIVE_FORMAT_TAR, ARCHIVE_FILTER_COMPRESS } };

	enum { KINDS = sizeof kind / sizeof kind[0] };
	struct buf whole[KINDS];

	(void)state;
	for (size_t k = 0; k < KINDS; k++)
		whole[k] = make_archive(kind[k].format, kind[k].filter, e, 2);
	for (size_t i = 0; i < 800; i++) {
		struct buf z = { 0 };
		struct made *m;

		(void)buf_span(&z, buf_as_span(&whole[i % KINDS]));
		for (uint64_t n = prop_below(&p, 6); n > 0; n--)
			z.p[prop_below(&p, z.n)] = (char)prop_next(&p);
		if (prop_below(&p, 4) == 0)
			z.n = prop_below(&p, z.n) + 1;
		m = make_read(&z, "x", NULL, 5000);
		assert_string_equal(m->err.msg, "");
		assert_int_equal(strlen(m->sha256), 64);
		made_clear(m);
		buf_clear(&z);
	}
	for (size_t k = 0; k < KINDS; k++)
		buf_clear(&whole[k]);
	buf_clear(&a);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zip_entry_with_a_wrong_crc_is_told_by_name),
		cmocka_unit_test(hidden_zip_entries_are_counted),
		cmocka_unit_test(zip_entries_that_overlap_are_refused),
		cmocka_unit_test(a_zip_that_is_cut_gives_what_is_there),
		cmocka_unit_test(
		    an_encrypted_entry_is_told_and_what_follows_is_read),
		cmocka_unit_test(
		    a_bomb_is_cut_and_the_members_beside_it_are_read),
		cmocka_unit_test(the_depth_is_bounded),
		cmocka_unit_test(a_tree_of_zips_ends_at_a_bound),
		cmocka_unit_test(members_are_counted_and_bounded),
		cmocka_unit_test(a_long_member_is_cut_and_the_next_one_read),
		cmocka_unit_test(any_bytes_after_a_magic_end_well),
	};

	return cmocka_run_group_tests(tests, NULL, make_tear_down);
}
