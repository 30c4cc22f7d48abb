/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries of a zip that are read without libarchive, and those that are not. */
#include "ingest/test/archive_make.h"

enum { ROOM = 256 * 1024 };

static struct buf
make_zip(const char *options, const struct make_entry *e, size_t n)
{
	return make_archive_with(options, ARCHIVE_FORMAT_ZIP, 0, e, n);
}

/* With one entry, `a`. */
static struct buf
one(const char *options, struct buf *text)
{
	struct make_entry e[] = { { "a", text } };

	return make_zip(options, e, 1);
}

static void
entries_of_all_lengths_are_read_whole(void **state)
{
	static const char *const options[] = { "zip:compression=deflate",
		"zip:compression=store", "zip:compression=deflate,zip64" };
	static const size_t length[] = { 1, 100, 65535, 65536, 300000,
		2000000 };
	enum { N = 6 };
	struct prop p = prop_seeded(1);
	struct make_entry e[2 * N];
	struct buf text[2 * N];
	struct made *m;

	(void)state;
	for (size_t i = 0; i < (size_t)2 * N; i++) {
		text[i] = i % 2 ? make_noise(&p, length[i / 2])
				: make_lines(&p, length[i / 2]);
		e[i].name = "logs/ui.jsonl";
		e[i].bytes = &text[i];
	}
	for (size_t k = 0; k < 3; k++) {
		struct buf z = make_zip(options[k], e, (size_t)2 * N);

		for (size_t room = 1000; room < 4000000; room *= 60) {
			m = make_read(&z, "x.zip", NULL, room);
			assert_good(m);
			assert_int_equal(m->n_members, 2 * N);
			for (size_t i = 0; i < (size_t)2 * N; i++)
				assert_member(m, i, "logs/ui.jsonl", &text[i]);
			assert_int_equal(m->done_bytes, z.n);
			made_clear(m);
		}
		buf_clear(&z);
	}
	for (size_t i = 0; i < (size_t)2 * N; i++)
		buf_clear(&text[i]);
}

/* What was good is kept, and what comes out does not depend on the room. */
static void
damage_in_an_entry_is_told_where_the_good_bytes_end(void **state)
{
	struct prop p = prop_seeded(2);
	struct buf text = make_lines(&p, 1000000);
	struct buf z = one("zip:compression=deflate", &text);
	struct made *m, *n;

	(void)state;
	for (int i = 0; i < 30; i++) {
		size_t at = 1000 + prop_below(&p, z.n - 2000);
		char was = z.p[at];

		z.p[at] ^= (char)(1 << prop_below(&p, 8));
		m = make_read(&z, "x.zip", NULL, ROOM);
		n = make_read(&z, "x.zip", NULL, 777);
		assert_int_equal(m->n_members, 1);
		assert_int_equal(m->n_damages, 1);
		assert_damage(m, 0, "a", m->member[0].bytes.n, "zip: ZIP ");
		assert_int_equal(n->n_damages, 1);
		assert_member(n, 0, "a", &m->member[0].bytes);
		assert_string_equal(n->damage[0].reason, m->damage[0].reason);
		assert_string_equal(n->sha256, m->sha256);
		made_clear(m);
		made_clear(n);
		z.p[at] = was;
	}
	buf_clear(&z);
	buf_clear(&text);
}

static void
sizes_and_sums_are_checked(void **state)
{
	static const struct {
		const char *options;
		int field; /* of the central header */
		const char *reason;
	} of[] = {
		{ "zip:compression=deflate", 16, "ZIP bad CRC: 0x" },
		{ "zip:compression=store", 16, "ZIP bad CRC: 0x" },
		{ "zip:compression=deflate", 24, "uncompressed data is wrong" },
		{ "zip:compression=store", 24, "uncompressed data is wrong" },
		{ "zip:compression=deflate", 20, "compressed data is wrong" },
	};
	struct prop p = prop_seeded(3);
	struct buf text = make_lines(&p, 400000);
	struct made *m;

	(void)state;
	for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
		struct buf z = one(of[i].options, &text);
		char *central, *local;

		central = make_signature(&z, "PK\1\2", 0) + of[i].field;
		local = make_signature(&z, "PK\3\4", 0) + of[i].field - 2;
		/* The local header may leave it to the directory: 0. */
		if (memcmp(local, central, 4) == 0)
			(*local)++;
		(*central)++;
		m = make_read(&z, "x.zip", NULL, ROOM);
		assert_int_equal(m->n_members, 1);
		assert_true(m->n_damages >= 1);
		assert_damage(m, m->n_damages - 1, "a", m->member[0].bytes.n,
		    of[i].reason);
		if (of[i].field != 20)
			assert_member(m, 0, "a", &text);
		made_clear(m);
		buf_clear(&z);
	}
	buf_clear(&text);
}

/* One that begins behind other bytes, and one within another archive. */
static void
a_zip_may_lie_anywhere(void **state)
{
	struct prop p = prop_seeded(4);
	struct buf text = make_lines(&p, 700000);
	struct buf z = one("zip:compression=deflate", &text);
	struct make_entry in_tar[] = { { "b.zip", &z } };
	struct buf tar = make_archive(ARCHIVE_FORMAT_TAR_USTAR, 0, in_tar, 1);
	struct make_entry in_zip[] = { { "c.tar", &tar }, { "d.zip", &z } };
	struct buf outer = make_zip("zip:compression=deflate", in_zip, 2);
	struct made *m = make_read(&outer, "x.zip", NULL, ROOM);
	struct buf behind = make_text("PK\3\4 is not a header here, ");

	(void)state;
	assert_good(m);
	assert_int_equal(m->n_members, 2);
	assert_member(m, 0, "c.tar/b.zip/a", &text);
	assert_member(m, 1, "d.zip/a", &text);
	made_clear(m);
	(void)buf_span(&behind, buf_as_span(&z));
	m = make_read(&behind, "x.zip", NULL, ROOM);
	assert_good(m);
	assert_member(m, 0, "a", &text);
	made_clear(m);
	buf_clear(&behind);
	buf_clear(&outer);
	buf_clear(&tar);
	buf_clear(&z);
	buf_clear(&text);
}

/* Two names for one place: libarchive says which. */
static void
a_place_with_two_names_is_read_once(void **state)
{
	struct prop p = prop_seeded(5);
	struct buf a = make_lines(&p, 200000), b = make_lines(&p, 100000);
	struct make_entry e[] = { { "a", &a }, { "b", &b } };
	struct buf z = make_zip("zip:compression=deflate", e, 2);
	struct made *m;

	(void)state;
	memcpy(make_signature(&z, "PK\1\2", 1) + 42,
	    make_signature(&z, "PK\1\2", 0) + 42, 4);
	m = make_read(&z, "x.zip", NULL, ROOM);
	assert_int_equal(m->n_members, 1);
	assert_member(m, 0, "a", &a);
	assert_damage(m, m->n_damages - 1, "-", 0, "zip gave 1 of 2 entries");
	made_clear(m);
	buf_clear(&z);
	buf_clear(&a);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_of_all_lengths_are_read_whole),
		cmocka_unit_test(
		    damage_in_an_entry_is_told_where_the_good_bytes_end),
		cmocka_unit_test(sizes_and_sums_are_checked),
		cmocka_unit_test(a_zip_may_lie_anywhere),
		cmocka_unit_test(a_place_with_two_names_is_read_once),
	};

	return cmocka_run_group_tests(tests, NULL, make_tear_down);
}
