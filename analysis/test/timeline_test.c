/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/timeline.h"
#include "fixtures/test.h"
#include "ingest/base/utc.h"

struct table {
	struct event *event;
	size_t n, room;
	struct arena arena;
};

static struct event *
add(struct table *t, const char *actor, int64_t at_us, bool is_server)
{
	struct event *e;

	if (t->n == t->room) {
		t->room = t->room == 0 ? 64 : 2 * t->room;
		t->event = realloc(t->event, t->room * sizeof *t->event);
		assert_non_null(t->event);
	}
	e = &t->event[t->n++];
	memset(e, 0, sizeof *e);
	event_set_num(e, EV_KIND, is_server ? KIND_CONSENT : KIND_SCREEN_VIEW);
	event_set_num(e, EV_TRAIL, is_server ? TRAIL_SERVER : TRAIL_UI);
	event_set_num(e, EV_TIME, at_us);
	event_set_str(e, EV_ACTOR, span_of(actor));
	if (!is_server)
		event_set_str(e, EV_DEVICE, span_of("d"));
	return e;
}

struct run {
	struct study study;
	struct names names;
	struct timeline tl;
	struct table t;
};

static void
begin(struct run *r)
{
	struct err err = { 0 };

	assert_int_equal(study_read_ini(&r->study, NULL, &err), 0);
	r->tl.study = &r->study;
	r->tl.names = &r->names;
	timeline_open_events(&r->tl, r->t.event, r->t.n, STORE_KNOWN);
}

static void
end(struct run *r)
{
	timeline_close(&r->tl);
	names_clear(&r->names);
	study_clear(&r->study);
	arena_clear(&r->t.arena);
	free(r->t.event);
}

static void
subjects_come_one_after_another_across_blocks(void **state)
{
	struct run r = { 0 };
	struct err err = { 0 };
	size_t n = 0;
	int i;

	(void)state;
	for (i = 0; i < 40; i++)
		(void)add(&r.t, i < 17 ? "a" : i < 18 ? "b" : "c", i, false);
	begin(&r);
	while (timeline_next(&r.tl, &err) > 0) {
		static const size_t rows[] = { 17, 1, 22 };
		static const char *const id[] = { "a", "b", "c" };

		assert_true(n < 3 && r.tl.is_first && r.tl.is_last);
		assert_int_equal(r.tl.n_rows, rows[n]);
		assert_true(span_is(r.tl.id, id[n]));
		n++;
	}
	assert_int_equal(n, 3);
	end(&r);
}

static void
only_a_step_on_the_way_is_plain(void **state)
{
	static const unsigned plain[] = { 1, 1, 0, 0, 0, 0, 0 };
	struct err err = { 0 };
	struct run r = { 0 };
	struct event *e;
	int i;

	(void)state;
	for (i = 0; i < 7; i++) {
		e = add(&r.t, "a", i, i == 6);
		event_set_str(e, EV_SCREEN, span_of(i == 5 ? "told" : "s"));
		if (i == 1 || i == 2)
			event_set_num(e, EV_KIND, KIND_CONTROL_CLICK);
		if (i == 2)
			event_set_num(e, EV_ROLE, ROLE_ACCEPT);
		if (i == 3)
			event_set_str(e, EV_SURFACE, span_of("s"));
		if (i == 4)
			event_set_num(e, EV_KIND, KIND_DATA_ACCESS);
	}
	assert_int_equal(study_read_ini(&r.study, NULL, &err), 0);
	r.study.n_screens = 1; /* as if case.ini named one */
	(void)names_code(&r.names, span_of("told"));
	r.tl.study = &r.study;
	r.tl.names = &r.names;
	timeline_open_events(&r.tl, r.t.event, r.t.n, STORE_KNOWN);
	assert_int_equal(timeline_next(&r.tl, &err), 1);
	assert_int_equal(r.tl.n_rows, 7);
	for (i = 0; i < 7; i++) {
		unsigned what = r.tl.row[i].what;

		assert_int_equal((what & ROW_PLAIN) != 0, plain[i]);
		assert_int_equal((what & ROW_UI) != 0, i < 6);
		assert_int_equal((what & ROW_GESTURE) != 0, i == 1 || i == 2);
		assert_int_equal((what & ROW_FRESH) != 0, i == 0 || i == 6);
	}
	end(&r);
}

static void
a_very_long_subject_comes_in_windows(void **state)
{
	enum { EVENTS = 2 * TIMELINE_WINDOW + 5 };
	struct run r = { 0 };
	struct err err = { 0 };
	size_t windows = 0, rows = 0, i;
	int64_t last = INT64_MIN;

	(void)state;
	for (i = 0; i < EVENTS; i++)
		(void)add(&r.t, "a", (int64_t)i, false);
	(void)add(&r.t, "b", 0, false);
	begin(&r);
	while (timeline_next(&r.tl, &err) > 0 && span_is(r.tl.id, "a")) {
		assert_int_equal(r.tl.is_first, windows == 0);
		assert_int_equal(r.tl.is_last, windows == 2);
		for (i = 0; i < r.tl.n_rows; i++) {
			assert_true(r.tl.row[i].at_us > last);
			last = r.tl.row[i].at_us;
		}
		rows += r.tl.n_rows;
		windows++;
	}
	assert_int_equal(windows, 3);
	assert_int_equal(rows, EVENTS);
	assert_true(r.tl.is_first && r.tl.is_last && r.tl.n_rows == 1);
	end(&r);
}

static void
a_device_ahead_moves_as_one_clock(void **state)
{
	struct run r = { 0 };
	struct err err = { 0 };
	struct event *e;
	int i;

	(void)state;
	/* The device is 100 s ahead: its gesture at 200 is answered at 101. */
	e = add(&r.t, "a", 101 * UTC_US_S, true);
	event_set_str(e, EV_REQUEST, span_of("r"));
	(void)add(&r.t, "a", 150 * UTC_US_S, true);
	(void)add(&r.t, "a", 190 * UTC_US_S, false);
	e = add(&r.t, "a", 200 * UTC_US_S, false);
	event_set_str(e, EV_REQUEST, span_of("r"));
	(void)add(&r.t, "a", 260 * UTC_US_S, false);
	begin(&r);
	assert_int_equal(timeline_next(&r.tl, &err), 1);
	for (i = 0; i < 5; i++) {
		static const int64_t written[] = { 190, 200, 101, 150, 260 };

		assert_int_equal(
		    row_num(&r.tl.row[i], EV_TIME, 0), written[i] * UTC_US_S);
		assert_true(
		    i == 0 || r.tl.row[i].at_us >= r.tl.row[i - 1].at_us);
	}
	end(&r);
}

static void
a_device_behind_is_moved_only_by_a_tight_bound(void **state)
{
	struct run r = { 0 };
	struct err err = { 0 };
	struct event *e;
	int few, i;

	(void)state;
	for (few = 0; few < 2; few++) {
		memset(&r, 0, sizeof r);
		for (i = 0; i < 10; i++) {
			int64_t at = (few ? i : 100 * i) * UTC_US_S;

			e = add(&r.t, "a", at, false);
			event_set_num(e, EV_RECEIVED,
			    at + 600 * UTC_US_S + i * INT64_C(1000));
		}
		begin(&r);
		assert_int_equal(timeline_next(&r.tl, &err), 1);
		/* What came together may be one late upload. */
		assert_int_equal(r.tl.row[0].at_us, few ? 0 : 600 * UTC_US_S);
		end(&r);
	}
}

static void
orders_across_clocks_carry_an_error(void **state)
{
	struct run r = { 0 };
	struct err err = { 0 };
	struct stamp ui, server, day;
	struct event *e;

	(void)state;
	(void)add(&r.t, "a", 0, false);
	(void)add(&r.t, "a", 1, true);
	e = add(&r.t, "a", 2, true);
	event_set_num(e, EV_PRECISION, PRECISION_DAY);
	begin(&r);
	assert_int_equal(timeline_next(&r.tl, &err), 1);
	ui = row_stamp(&r.tl, &r.tl.row[0]);
	server = row_stamp(&r.tl, &r.tl.row[1]);
	day = row_stamp(&r.tl, &r.tl.row[2]);
	assert_int_equal(timeline_error(&server, &server), 0);
	assert_int_equal(timeline_error(&ui, &server), 5 * UTC_US_S);
	assert_int_equal(timeline_error(&server, &day), UTC_US_DAY);
	assert_false(timeline_before(&ui, &server));
	end(&r);
}

static void
times_at_the_ends_of_the_scale_do_no_harm(void **state)
{
	static const int64_t at[] = { INT64_MIN + 1, -1, 0, INT64_MAX };
	struct run r = { 0 };
	struct err err = { 0 };
	struct event *e;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		e = add(&r.t, "a", at[i], i % 2 == 1);
		event_set_num(e, EV_RECEIVED, at[3 - i]);
		event_set_str(e, EV_REQUEST, span_of("r"));
	}
	begin(&r);
	assert_int_equal(timeline_next(&r.tl, &err), 1);
	assert_int_equal(r.tl.n_rows, 4);
	for (i = 1; i < 4; i++)
		assert_true(r.tl.row[i].at_us >= r.tl.row[i - 1].at_us);
	end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subjects_come_one_after_another_across_blocks),
		cmocka_unit_test(only_a_step_on_the_way_is_plain),
		cmocka_unit_test(a_very_long_subject_comes_in_windows),
		cmocka_unit_test(a_device_ahead_moves_as_one_clock),
		cmocka_unit_test(
		    a_device_behind_is_moved_only_by_a_tight_bound),
		cmocka_unit_test(orders_across_clocks_carry_an_error),
		cmocka_unit_test(times_at_the_ends_of_the_scale_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
