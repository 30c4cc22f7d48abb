/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/store.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fixtures/test.h"
#include "ingest/store_int.h"

enum { N = 40000 };

struct fixture {
	char dir[64];
	struct event *event; /* [N] */
	struct arena arena;
	uint32_t final[4];
	unsigned duplicates[4], identical;
};

static void
count_duplicate(
    void *arg, const struct place *at, bool identical, const struct event *e)
{
	struct fixture *f = arg;

	(void)e;
	if (at->part != 0)
		return;
	if (identical)
		__atomic_add_fetch(&f->identical, 1, __ATOMIC_SEQ_CST);
	else
		__atomic_add_fetch(
		    &f->duplicates[at->member], 1, __ATOMIC_SEQ_CST);
}

/* Few people, few instants: many ties; every field in use now and then. */
static void
random_event(struct fixture *f, struct prop *p, struct event *e, uint32_t i)
{
	int k;

	memset(e, 0, sizeof *e);
	event_set_num(e, EV_KIND, 1 + (int64_t)prop_below(p, KIND__MAX - 1));
	event_set_num(e, EV_TIME,
	    (int64_t)prop_below(p, 50) * 1000 - 25000 +
		(prop_below(p, 9) == 0 ? 1 : 0));
	for (k = 0; k < EVENT_N_FIELDS; k++) {
		if (k == EV_KIND || k == EV_TIME || prop_below(p, 6) != 0)
			continue;
		switch (event_fields[k].type) {
		case EVENT_TYPE_WORD:
			event_set_num(e, k, 1 + (int64_t)prop_below(p, 2));
			break;
		case EVENT_TYPE_TIME:
		case EVENT_TYPE_INT:
		case EVENT_TYPE_MICRO:
			event_set_num(e, k,
			    prop_below(p, 50) == 0
				? INT64_MAX
				: (int64_t)prop_next(p) >> 40);
			break;
		default:
			event_set_str(e, k - EVENT_N_NUM,
			    span_of(arena_printf(&f->arena, "%s%llu",
				event_fields[k].name,
				(unsigned long long)prop_below(p, 40))));
		}
	}
	if (prop_below(p, 100) == 0)
		event_set_str(e, EV_TEXT, span_of(""));
	if (i % 5000 == 0) /* a row above the size of a chunk */
		event_set_str(e, EV_CONSENT_STRING,
		    span_of(arena_printf(&f->arena, "%40000u", i)));
	e->place = (struct place){ i % 3, 0, 100, i };
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct prop p = prop_seeded(7);
	uint32_t i;

	assert_non_null(f);
	f->event = calloc(N, sizeof f->event[0]);
	assert_non_null(f->event);
	for (i = 0; i < N; i++)
		random_event(f, &p, &f->event[i], i);
	for (i = 0; i < 4; i++)
		f->final[i] = i;
	(void)strcpy(f->dir, "/tmp/pretick-store-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	test_remove(f->dir);
	arena_clear(&f->arena);
	free(f->event);
	free(f);
	return 0;
}

/* Store events [from, to) with steps, n spills of a budget. */
static void
write_events(struct fixture *f, uint32_t from, uint32_t to, unsigned n_spills,
    size_t budget, unsigned n_threads)
{
	struct err err = { 0 };
	struct store *s = store_open(f->dir, &err);
	struct store_spill *sp[4];
	uint32_t i;

	assert_non_null(s);
	for (i = 0; i < n_spills; i++)
		sp[i] = store_spill_new(s, budget);
	for (i = from; i < to; i++)
		assert_int_equal(
		    store_spill_add(sp[i % n_spills], &f->event[i], &err), 0);
	for (i = 0; i < n_spills; i++)
		assert_int_equal(store_spill_finish(sp[i], &err), 0);
	assert_int_equal(
	    store_finish(s, n_threads, 0, f->final, count_duplicate, f, &err),
	    0);
	assert_int_equal(store_commit(s, &err), 0);
	store_close(s);
}

static const struct event *by_event; /* for qsort */

static enum store_file
file_of(const struct event *e)
{
	return event_has_str(e, EV_ACTOR)    ? STORE_KNOWN
	       : event_has_str(e, EV_DEVICE) ? STORE_DEVICE
					     : STORE_NOBODY;
}

static struct span
id_of(const struct event *e)
{
	if (event_has_str(e, EV_ACTOR))
		return e->str[EV_ACTOR];
	return event_has_str(e, EV_DEVICE) ? e->str[EV_DEVICE] : span_of("");
}

static int
order(const void *a, const void *b)
{
	const struct event *x = &by_event[*(const uint32_t *)a];
	const struct event *y = &by_event[*(const uint32_t *)b];
	uint64_t hx = store_hash(id_of(x)), hy = store_hash(id_of(y));
	int c = (int)file_of(x) - (int)file_of(y);

	if (c == 0 && hx != hy)
		c = hx < hy ? -1 : 1;
	if (c == 0)
		c = span_cmp(id_of(x), id_of(y));
	if (c == 0 && x->num[EV_TIME] != y->num[EV_TIME])
		c = x->num[EV_TIME] < y->num[EV_TIME] ? -1 : 1;
	if (c == 0)
		c = event_cmp(x, y);
	if (c == 0)
		c = *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
	return c;
}

static void
assert_same_event(const struct event *a, const struct event *b)
{
	assert_true(a->present == b->present);
	assert_int_equal(event_cmp(a, b), 0);
	assert_true(a->place.offset == b->place.offset);
	assert_int_equal(a->place.member, b->place.member);
}

static void
what_is_stored_comes_back_in_order(void **state)
{
	struct fixture *f = *state;
	struct store_block b = { 0 };
	struct store_reader *r;
	struct err err = { 0 };
	uint32_t *want = calloc(N, sizeof *want), i, k = 0;
	struct event e;
	unsigned part;
	int file, got;

	assert_non_null(want);
	for (i = 0; i < N; i++)
		want[i] = i;
	by_event = f->event;
	qsort(want, N, sizeof *want, order);
	write_events(f, 0, N, 2, 1 << 20, 2);
	for (file = 0; file < STORE_FILE__MAX; file++)
		for (part = 0; part < STORE_PARTS; part++) {
			r = store_read(f->dir, part, file, UINT64_MAX,
			    UINT64_MAX, true, &err);
			assert_non_null(r);
			while ((got = store_next(r, &b, &err)) > 0)
				for (i = 0; i < b.n; i++, k++) {
					store_event(&b, i, &e);
					assert_true(k < N);
					assert_same_event(
					    &e, &f->event[want[k]]);
				}
			assert_int_equal(got, 0);
			store_reader_close(r);
		}
	assert_int_equal(k, N);
	store_block_free(&b);
	free(want);
}

static void
the_files_do_not_depend_on_budget_threads_or_steps(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	char first[65], hex[65];

	write_events(f, 0, N, 1, 1 << 30, 1);
	assert_int_equal(store_hash_files(f->dir, first, &err), 0);
	test_remove(f->dir);
	write_events(f, 0, N, 3, 300000, 2);
	assert_int_equal(store_hash_files(f->dir, hex, &err), 0);
	assert_string_equal(first, hex);
	test_remove(f->dir);
	write_events(f, 0, 10000, 3, 300000, 2);
	write_events(f, 10000, N, 2, 1 << 20, 1);
	assert_int_equal(store_hash_files(f->dir, hex, &err), 0);
	assert_string_equal(first, hex);
}

static void
an_event_of_two_members_is_a_duplicate(void **state)
{
	struct fixture *f = *state;
	struct store_totals t;
	struct err err = { 0 };
	uint32_t i;

	/* member 0: once; member 1: twice; member 2: once; so 1 keeps two */
	for (i = 1; i < 4; i++)
		f->event[i] = f->event[0];
	f->event[0].place = (struct place){ 0, 0, 10, 5 };
	f->event[1].place = (struct place){ 1, 0, 10, 50 };
	f->event[2].place = (struct place){ 1, 0, 10, 70 };
	f->event[3].place = (struct place){ 2, 0, 10, 9 };
	for (i = 0; i < 4; i++)
		f->event[i].present &= ~EVENT_BIT_NUM(EV_SEQ);
	write_events(f, 0, 4, 2, 1 << 20, 1);
	assert_int_equal(store_totals(f->dir, &t, &err), 0);
	assert_int_equal(t.events[0] + t.events[1] + t.events[2], 2);
	assert_int_equal(f->duplicates[0], 1);
	assert_int_equal(f->duplicates[1], 0);
	assert_int_equal(f->duplicates[2], 1);
	assert_int_equal(f->identical, 1);
}

static void
a_device_that_repeats_a_number_is_counted_once(void **state)
{
	struct fixture *f = *state;
	struct store_totals t;
	struct err err = { 0 };
	uint32_t i;

	for (i = 0; i < 3; i++) {
		f->event[i] = f->event[0];
		event_set_str(&f->event[i], EV_DEVICE, span_of("d"));
		event_set_num(&f->event[i], EV_SEQ, 7);
		event_set_num(&f->event[i], EV_RECEIVED, 1000 + i);
		f->event[i].place = (struct place){ 1, 0, 10, i * 20 };
	}
	write_events(f, 0, 3, 2, 1 << 20, 1);
	assert_int_equal(store_totals(f->dir, &t, &err), 0);
	assert_int_equal(t.events[0] + t.events[1] + t.events[2], 1);
	assert_int_equal(f->duplicates[1], 2);
}

/* The digest of all events, stored with so much memory in 1 to 3 spills. */
static void
assert_same_files(struct fixture *f, uint32_t n)
{
	static const struct {
		unsigned n_spills;
		size_t budget;
		unsigned n_threads;
	} ways[] = {
		{ 1, 1 << 30, 1 },
		{ 3, 200000, 2 },
		{ 2, 1, 1 }, /* a write-out for nearly every row */
		{ 2, 4 << 20, 2 },
	};
	unsigned duplicates = 0, identical = 0;
	struct err err = { 0 };
	char first[65], hex[65];
	size_t i;

	for (i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		memset(f->duplicates, 0, sizeof f->duplicates);
		f->identical = 0;
		write_events(f, 0, n, ways[i].n_spills, ways[i].budget,
		    ways[i].n_threads);
		assert_int_equal(
		    store_hash_files(f->dir, i == 0 ? first : hex, &err), 0);
		if (i == 0) {
			duplicates = f->duplicates[0] + f->duplicates[1] +
				     f->duplicates[2];
			identical = f->identical;
		} else {
			assert_string_equal(first, hex);
			assert_int_equal(f->duplicates[0] + f->duplicates[1] +
					     f->duplicates[2],
			    duplicates);
			assert_int_equal(f->identical, identical);
		}
		test_remove(f->dir);
	}
}

/* More names than the book takes, in few and in many different events. */
static void
texts_that_never_repeat_change_nothing(void **state)
{
	struct fixture *f = *state;
	uint32_t i;

	for (i = 0; i < N; i++) {
		memset(&f->event[i], 0, sizeof f->event[i]);
		event_set_num(&f->event[i], EV_KIND, KIND_SCREEN_VIEW);
		event_set_num(&f->event[i], EV_TIME, i / 7);
		event_set_str(&f->event[i], EV_ACTOR,
		    span_of(arena_printf(&f->arena, "%u", i % 1000)));
		event_set_str(&f->event[i], EV_SCREEN,
		    span_of(arena_printf(&f->arena, "screen %u", i)));
		event_set_str(&f->event[i], EV_TEXT,
		    span_of(arena_printf(&f->arena, "a text, %u", i)));
		if (i % 2 == 0) /* is not new any more */
			event_set_str(&f->event[i], EV_LABEL,
			    f->event[i / 2].str[EV_TEXT]);
		f->event[i].place = (struct place){ i % 3, 0, 100, i };
	}
	assert_same_files(f, N);
}

/* Everything belongs to one person, and much of it was recorded twice. */
static void
a_person_above_the_budget_is_merged(void **state)
{
	struct fixture *f = *state;
	uint32_t i, n = N / 2;

	for (i = 0; i < n; i++) {
		event_set_str(&f->event[i], EV_ACTOR, span_of("one"));
		if (i % 3 == 2) {
			f->event[i] = f->event[i / 2];
			f->event[i].place.member = i % 2;
			f->event[i].place.offset = i;
		}
	}
	assert_same_files(f, n);
	assert_true(f->identical > 0);
	assert_true(f->duplicates[0] + f->duplicates[1] > 1000);
}

static void
a_block_of_long_texts_ends_at_the_same_row(void **state)
{
	struct fixture *f = *state;
	uint32_t i, n = 1500;

	for (i = 0; i < n; i++) {
		event_set_str(&f->event[i], EV_ACTOR,
		    span_of(arena_printf(&f->arena, "%u", i % 2)));
		event_set_str(&f->event[i], EV_TEXT,
		    span_of(arena_printf(&f->arena, "%9000u", i)));
	}
	assert_same_files(f, n);
}

/* What came with an earlier call meets its copies of a later one. */
static void
copies_of_another_call_are_duplicates(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	char first[65], hex[65];
	unsigned duplicates;
	uint32_t i;

	for (i = 5000; i < 10000; i++) {
		f->event[i] = f->event[i - 5000 + i % 2];
		f->event[i].place.member = i % 3;
		f->event[i].place.offset = i;
	}
	write_events(f, 0, 10000, 2, 1 << 30, 2);
	assert_int_equal(store_hash_files(f->dir, first, &err), 0);
	duplicates = f->duplicates[0] + f->duplicates[1] + f->duplicates[2];
	assert_true(duplicates > 1000);
	test_remove(f->dir);
	memset(f->duplicates, 0, sizeof f->duplicates);
	write_events(f, 0, 5000, 3, 1 << 30, 1);
	write_events(f, 5000, 10000, 2, 100000, 2);
	assert_int_equal(store_hash_files(f->dir, hex, &err), 0);
	assert_string_equal(first, hex);
	assert_int_equal(
	    f->duplicates[0] + f->duplicates[1] + f->duplicates[2], duplicates);
}

/* What a spill wrote out is gone, and nothing else has changed. */
static void
a_full_disk_fails_and_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct rlimit was, few;
	struct err err = { 0 };
	struct store_spill *sp;
	struct store *s;
	char path[96];
	uint32_t i;
	int rc = 0;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	few = was;
	few.rlim_cur = 100000;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
	s = store_open(f->dir, &err);
	assert_non_null(s);
	sp = store_spill_new(s, 50000);
	for (i = 0; i < N && rc == 0; i++)
		rc = store_spill_add(sp, &f->event[i], &err);
	assert_int_equal(rc, -1);
	assert_non_null(strstr(err.msg, "cannot write"));
	store_close(s);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	/* nor does a process that was killed, once there is another */
	(void)snprintf(path, sizeof path, "%s/events/rows-0.tmp", f->dir);
	assert_int_equal(fclose(fopen(path, "w")), 0);
	s = store_open(f->dir, &err);
	assert_non_null(s);
	store_close(s);
	(void)snprintf(path, sizeof path, "%s/events", f->dir);
	assert_int_equal(rmdir(path), 0); /* for it is empty */
}

/* A block of n events whose words and names depend on their kind. */
static void
block_bytes(struct buf *out, uint32_t n)
{
	static const char *const screen[] = { "home", "pay", "settings" };
	struct builder *bw = builder_new(1);
	struct block_index index;
	struct event e;
	uint32_t i, kind;

	for (i = 0; i < n; i++) {
		kind = (i * 7 + i / 5) % 6;
		memset(&e, 0, sizeof e);
		event_set_num(&e, EV_KIND, 1 + kind);
		event_set_num(&e, EV_TIME, i * 1000);
		event_set_num(&e, EV_TRAIL, 1 + kind / 5);
		if (kind == 3)
			event_set_num(&e, EV_OUTCOME, 1 + i % 2);
		event_set_str(&e, EV_ACTOR, span_of(i < n / 2 ? "a" : "b"));
		event_set_str(&e, EV_SCREEN, span_of(screen[i % 3]));
		if (kind < 3)
			event_set_str(&e, EV_ACTION, span_of(screen[kind]));
		e.place = (struct place){ 1, 0, 100, i * 120 };
		(void)builder_event(bw, 1, &e);
	}
	builder_flush(bw, out, &index);
	builder_free(bw);
}

static const struct column_mask all_columns = { UINT64_MAX, UINT64_MAX, true };

static void
columns_that_go_together_come_back(void **state)
{
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	struct column_mask one = { 0, 1 << EV_ACTION, false };
	struct store_block b = { 0 };
	struct err err = { 0 };
	struct buf bytes = { 0 };
	uint32_t i, kind;

	(void)state;
	block_bytes(&bytes, 500);
	assert_int_equal(
	    block_decode(&b, buf_as_span(&bytes), all_columns, zstd, &err), 0);
	for (i = 0; i < 500; i++) {
		kind = (i * 7 + i / 5) % 6;
		assert_int_equal(store_num(&b, EV_KIND, i, 0), 1 + kind);
		assert_int_equal(store_num(&b, EV_TRAIL, i, 0), 1 + kind / 5);
		assert_int_equal(
		    store_num(&b, EV_OUTCOME, i, 0), kind == 3 ? 1 + i % 2 : 0);
		assert_true(span_is(
		    store_str(&b, EV_SCREEN, i), i % 3 == 0   ? "home"
						 : i % 3 == 1 ? "pay"
							      : "settings"));
		assert_int_equal(
		    store_str(&b, EV_ACTION, i).p != NULL, kind < 3);
	}
	store_block_clear(&b);
	assert_int_equal(
	    block_decode(&b, buf_as_span(&bytes), one, zstd, &err), 0);
	assert_true(b.code[EV_ACTION] != NULL && b.code[EV_SCREEN] == NULL);
	assert_true(b.word[EV_KIND] == NULL);
	assert_true(span_is(store_str(&b, EV_ACTION, 0), "home"));
	store_block_free(&b);
	buf_clear(&bytes);
	(void)ZSTD_freeDCtx(zstd);
}

/* Checksums keep damage from the decoder; it must stand it all the same. */
static void
a_damaged_block_is_refused_or_harmless(void **state)
{
	struct prop p = prop_seeded(11);
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	struct store_block b = { 0 };
	struct buf bytes = { 0 };
	struct err err;
	uint32_t i, n, refused = 0;
	size_t at;
	char was;
	int f, k;

	(void)state;
	for (k = 0; k < 20000; k++) {
		if (k % 100 == 0) { /* small ones: little is compressed */
			buf_reset(&bytes);
			block_bytes(&bytes, 3 + (uint32_t)prop_below(&p, 90));
		}
		at = prop_below(&p, bytes.n);
		was = bytes.p[at];
		bytes.p[at] = (char)(was + 1 + (char)prop_below(&p, 5) * 50);
		n = 0;
		memset(&err, 0, sizeof err);
		store_block_clear(&b);
		if (block_decode(
			&b, buf_as_span(&bytes), all_columns, zstd, &err) < 0)
			refused++;
		else
			n = b.n;
		for (f = 0; f < EVENT_N_STR; f++)
			for (i = 0; i < n && b.code[f] != NULL; i++)
				assert_true(b.code[f][i] <= b.n_dict[f]);
		bytes.p[at] = was;
	}
	assert_true(refused > 1000);
	store_block_free(&b);
	buf_clear(&bytes);
	(void)ZSTD_freeDCtx(zstd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_is_stored_comes_back_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    the_files_do_not_depend_on_budget_threads_or_steps, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    an_event_of_two_members_is_a_duplicate, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_device_that_repeats_a_number_is_counted_once, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    texts_that_never_repeat_change_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_person_above_the_budget_is_merged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_block_of_long_texts_ends_at_the_same_row, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    copies_of_another_call_are_duplicates, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_full_disk_fails_and_leaves_nothing, set_up, tear_down),
		cmocka_unit_test(columns_that_go_together_come_back),
		cmocka_unit_test(a_damaged_block_is_refused_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
