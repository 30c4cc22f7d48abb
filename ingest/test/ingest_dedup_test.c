/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies that name what they repeat: one stays, the same one always. */
#include "ingest/base/buf.h"
#include "ingest/store.h"
#include "ingest/test/ingest_run.h"

static const char mapping[] =
    "[format]\nname = m\nversion = 1\ncontainer = jsonl\n"
    "explode = /e\ndedup = /id + \".\" + /stage\n"
    "[time]\nfrom = /t\nformat = epoch_s\n[kind]\nalways = other\n"
    "[fields]\nactor = /u\nlabel = /l\nelement = @value\ntrail = \"ui\"\n";

static void
ingest(struct fixture *f, const char *const *source, size_t n, unsigned threads,
    struct ingest_result *out)
{
	const char *map = f->path[7];
	struct ingest_options o = { .case_dir = f->case_dir,
		.map_file = &map,
		.n_map_files = 1,
		.source = source,
		.n_sources = n,
		.n_threads = threads,
		.memory_bytes = 64 << 20 };
	struct err err = { 0 };

	write_text(map, mapping);
	if (ingest_run(&o, out, &err) < 0)
		fail_msg("%s", err.msg);
}

/* A sum over all events, their places aside; `*n` is how many there are. */
static uint64_t
events_sum(struct fixture *f, uint64_t *n)
{
	struct store_block b = { 0 };
	struct store_reader *r;
	struct err err = { 0 };
	struct event e;
	uint64_t sum = 0, one;
	unsigned part, file;
	uint32_t i;
	int k;

	*n = 0;
	for (part = 0; part < STORE_PARTS; part++)
		for (file = 0; file < STORE_FILE__MAX; file++) {
			r = store_read(f->case_dir, part, file, UINT64_MAX,
			    UINT64_MAX, STORE_PLACES, &err);
			assert_non_null(r);
			while (store_next(r, &b, &err) > 0) {
				for (i = 0; i < b.n; i++, ++*n) {
					store_event(&b, i, &e);
					one = (uint64_t)e.num[EV_TIME];
					for (k = 0; k < EVENT_N_STR; k++)
						if (event_has_str(&e, k))
							one = store_mix(
							    one ^
							    store_hash(
								e.str[k]));
					sum += store_mix(one);
				}
				store_block_clear(&b);
			}
			store_reader_close(r);
			store_block_free(&b);
		}
	return sum;
}

/* What must hold whatever was ingested; the number of events. */
static uint64_t
case_check(struct fixture *f, uint64_t *sum)
{
	uint64_t n;

	*sum = events_sum(f, &n);
	assert_int_equal(query(f, "SELECT min(holds) FROM balance"), 1);
	assert_int_equal(query(f, "SELECT sum(n) FROM volume"), n);
	return n;
}

static void
copies_are_one_record_wherever_they_lie(void **state)
{
	struct fixture *f = *state;
	const char *source[] = { f->path[0], f->path[1] };
	struct ingest_result r;
	uint64_t sum;

	write_text(f->path[0],
	    "{\"id\":\"a\",\"stage\":1,\"t\":1,\"u\":\"u1\",\"e\":[1,2]}\n"
	    "{\"id\":\"a\",\"stage\":2,\"t\":2,\"u\":\"u1\"}\n"
	    "{\"id\":\"a\",\"t\":3,\"u\":\"u1\"}\n"
	    "{\"id\":\"a\",\"t\":3,\"u\":\"u1\"}\n"
	    "{\"t\":\"x\",\"id\":\"a\",\"stage\":1}\n");
	write_text(f->path[1],
	    "{\"id\":\"a\",\"stage\":\"1\",\"t\":9,\"u\":\"u2\",\"e\":[3,4]}\n"
	    "{\"u\":\"u1\",\"t\":2,\"stage\":2,\"id\":\"a\"}\n");
	ingest(f, source, 2, 2, &r);
	assert_int_equal(r.records, 7);
	assert_int_equal(r.mapped, 4);
	assert_int_equal(r.rejected, 1);
	assert_int_equal(r.duplicate, 2);
	assert_int_equal(case_check(f, &sum), 5);
	assert_int_equal(query(f, "SELECT sum(identical) FROM member"), 1);
}

/* Copies of records [from, to), each with a label of its own file. */
static void
write_copies(const char *path, unsigned from, unsigned to, const char *label)
{
	FILE *out = fopen(path, "w");
	unsigned i;

	assert_non_null(out);
	for (i = from; i < to; i++)
		(void)fprintf(out,
		    "{\"id\":\"%u\",\"stage\":0,\"t\":%u,\"u\":\"u%u\","
		    "\"l\":\"%s\",\"e\":[-%u,%u]}\n",
		    i, 1514941200 + i % 7, i % 23, label, i + 1, i + 1);
	assert_int_equal(fclose(out), 0);
}

static void
what_stays_depends_neither_on_order_nor_on_steps(void **state)
{
	struct fixture *f = *state;
	const char *source[] = { f->path[0], f->path[1], f->path[2] };
	const char *back[] = { f->path[2], f->path[1], f->path[0] };
	struct ingest_result r;
	uint64_t first, sum;
	int i;

	write_copies(f->path[0], 0, 3000, "a");
	write_copies(f->path[1], 1000, 4000, "b");
	write_copies(f->path[2], 2000, 5000, "c");
	ingest(f, source, 3, 1, &r);
	assert_int_equal(r.mapped, 5000);
	assert_int_equal(r.duplicate, 4000);
	assert_int_equal(case_check(f, &first), 10000);
	test_remove(f->case_dir);
	ingest(f, back, 3, 4, &r);
	assert_int_equal(case_check(f, &sum), 10000);
	assert_true(sum == first);
	test_remove(f->case_dir);
	for (i = 0; i < 3; i++) /* one after the other */
		ingest(f, back + i, 1, 2, &r);
	assert_int_equal(case_check(f, &sum), 10000);
	assert_true(sum == first);
	assert_int_equal(query(f, "SELECT sum(mapped) FROM source"), 5000);
	assert_int_equal(query(f, "SELECT sum(duplicate) FROM source"), 4000);
	/* neither a copy in bytes nor a new source without keys adds any */
	write_copies(f->path[3], 0, 5000, "a");
	source[0] = f->path[3];
	ingest(f, source, 1, 2, &r);
	write_text(f->path[3], "{\"t\":0}\n");
	ingest(f, source, 1, 2, &r);
	assert_int_equal(r.mapped, 1);
	assert_int_equal(case_check(f, &sum), 10001);
}

/* What stands before a copy is no part of it: records without a key neither. */
static void
records_without_a_key_change_no_choice(void **state)
{
	static const char *const record[] = {
		"{\"id\":\"a\",\"stage\":1,\"t\":1,\"l\":\"x\"}\n",
		"{\"t\":2,\"l\":\"-\",\"e\":[1,2]}\n",
		"{\"id\":\"a\",\"stage\":1,\"t\":3,\"l\":\"y\"}\n",
		"{\"t\":4,\"l\":\"-\"}\n",
		"{\"id\":\"a\",\"stage\":1,\"t\":5,\"l\":\"z\",\"e\":[3]}\n",
	};
	enum { N = sizeof record / sizeof record[0] };
	struct fixture *f = *state;
	const char *source[] = { f->path[0] };
	struct ingest_result r;
	uint64_t first = 0, sum;
	struct buf b = { 0 };
	size_t i, k;

	for (k = 0; k < N; k++) {
		buf_reset(&b);
		for (i = 0; i < N; i++)
			(void)buf_str(&b, record[(i * (k % 4 + 1) + k) % N]);
		write_text(f->path[0], b.p);
		ingest(f, source, 1, 1, &r);
		assert_int_equal(r.mapped, 3);
		assert_int_equal(r.duplicate, 2);
		(void)case_check(f, &sum);
		assert_true(k == 0 || sum == first);
		first = sum;
		test_remove(f->case_dir);
	}
	buf_clear(&b);
}

static void
long_keys_differ_by_their_end(void **state)
{
	struct fixture *f = *state;
	const char *source[] = { f->path[0] };
	struct ingest_result r;
	struct buf b = { 0 };
	uint64_t sum;
	int i, k;

	for (k = 0; k < 3; k++) {
		(void)buf_str(&b, "{\"t\":1,\"stage\":0,\"id\":\"");
		for (i = 0; i < 1000; i++)
			(void)buf_str(&b, "long");
		(void)buf_printf(&b, "%d\"}\n", k / 2);
	}
	write_text(f->path[0], b.p);
	buf_clear(&b);
	ingest(f, source, 1, 2, &r);
	assert_int_equal(r.mapped, 2);
	assert_int_equal(r.duplicate, 1);
	assert_int_equal(case_check(f, &sum), 2);
}

static void
a_member_may_be_nothing_but_copies(void **state)
{
	struct fixture *f = *state;
	const char *source[] = { f->path[0], f->path[1] };
	struct ingest_result r;
	uint64_t sum;

	write_copies(f->path[0], 0, 20000, "a");
	write_copies(f->path[1], 0, 20000, "a");
	ingest(f, source, 1, 2, &r);
	assert_int_equal(r.mapped, 20000);
	write_copies(f->path[1], 0, 19999, "a");
	ingest(f, source + 1, 1, 2, &r);
	assert_int_equal(r.mapped, 0);
	assert_int_equal(r.duplicate, 19999);
	assert_int_equal(case_check(f, &sum), 40000);
}

static void
dedup_takes_what_the_record_has(void **state)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "dedup = /e/*/id\n",
		    "m.map:6: dedup takes what the record has, not what its "
		    "elements have" },
		{ "dedup = /a | @key\n",
		    "m.map:6: dedup takes what the record has, not what its "
		    "elements have" },
		{ "dedup = /a\ndedup = /b\n", "m.map:7: dedup is set twice" },
		{ "dedup = a\n",
		    "m.map:6: \"a\" is no JSON pointer (which begins with "
		    "/)" },
	};
	char text[256];
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(text, sizeof text,
		    "[format]\nname = t\nversion = 1\ncontainer = jsonl\n"
		    "explode = /e\n%s",
		    cases[i].line);
		memset(&err, 0, sizeof err);
		assert_null(map_compile("m.map", span_of(text), &err));
		assert_string_equal(err.msg, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    copies_are_one_record_wherever_they_lie, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_stays_depends_neither_on_order_nor_on_steps, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    records_without_a_key_change_no_choice, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    long_keys_differ_by_their_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_member_may_be_nothing_but_copies, set_up, tear_down),
		cmocka_unit_test(dedup_takes_what_the_record_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
