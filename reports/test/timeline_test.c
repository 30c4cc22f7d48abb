/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/timeline.h"

#include "ingest/base/utc.h"
#include "ingest/store.h"
#include "reports/test/made.h"

enum { PEOPLE = 40, RECORDS = 30 };

static void
no_duplicate(
    void *arg, const struct place *at, bool identical, const struct event *e)
{
	(void)arg;
	(void)at;
	(void)identical;
	(void)e;
	fail_msg("no record is a duplicate");
}

/* PEOPLE people with RECORDS records each, a second apart. */
static void
fill(const struct made *m)
{
	struct err err = { 0 };
	const uint32_t final[] = { 0, 1 };
	struct store *s = store_open(m->dir, &err);
	struct store_spill *sp = store_spill_new(s, 1024 * 1024);
	struct event e;
	char actor[16];
	int i, k;

	for (i = 0; i < PEOPLE * RECORDS; i++) {
		k = i % PEOPLE;
		memset(&e, 0, sizeof e);
		(void)snprintf(actor, sizeof actor, "a%d", k);
		event_set_str(&e, EV_ACTOR, span_of(actor));
		event_set_str(&e, EV_SCREEN, span_of("cover"));
		event_set_str(&e, EV_ELEMENT, span_of("agree"));
		event_set_str(&e, EV_PURPOSE, span_of("one\x1ftwo"));
		event_set_num(&e, EV_KIND, KIND_CONTROL_IMPRESSION);
		event_set_num(&e, EV_TRAIL, TRAIL_UI);
		event_set_num(&e, EV_ROLE, ROLE_CONSENT_BOX);
		event_set_num(&e, EV_TIME, (i / PEOPLE) * UTC_US_S);
		event_set_num(&e, EV_CHANGED_BY, CHANGED_BY_DEFAULT);
		event_set_str(&e, EV_VALUE, span_of("on"));
		e.place.member = 1;
		e.place.offset = (uint64_t)i * 100;
		e.place.bytes = 99;
		assert_int_equal(store_spill_add(sp, &e, &err), 0);
	}
	assert_int_equal(store_spill_finish(sp, &err), 0);
	assert_int_equal(
	    store_finish(s, 1, 0, final, no_duplicate, NULL, &err), 0);
	assert_int_equal(store_commit(s, &err), 0);
	store_close(s);
}

static void
everybodys_records_come_in_order_and_no_others(void **state)
{
	struct timeline_question q = {
		.from_us = INT64_MIN, .to_us = INT64_MAX, .most = 100
	};
	struct timeline t = { 0 };
	struct err err = { 0 };
	struct made m;
	char actor[16];
	size_t i;
	int k;

	(void)state;
	made_folder(&m);
	fill(&m);
	q.case_dir = m.dir;
	for (k = 0; k < PEOPLE; k++) {
		(void)snprintf(actor, sizeof actor, "a%d", k);
		q.id = span_of(actor);
		assert_int_equal(timeline_read(&t, &q, &err), 0);
		assert_int_equal(t.n, RECORDS);
		assert_false(t.is_cut);
		for (i = 0; i < t.n; i++) {
			assert_int_equal(t.event[i].us, (int64_t)i * UTC_US_S);
			assert_int_equal(t.event[i].place.offset,
			    (i * PEOPLE + (size_t)k) * 100);
		}
		assert_string_equal(
		    t.event[0].where, "cover / agree (consent_box)");
		assert_string_equal(t.event[0].value, "on, by default");
		assert_string_equal(t.event[0].about, "one, two");
		timeline_clear(&t);
	}
	made_clear(&m);
}

static void
a_window_and_a_bound_cut_it(void **state)
{
	struct timeline_question q = { .id = span_of("a7"),
		.from_us = 5 * UTC_US_S,
		.to_us = 9 * UTC_US_S,
		.most = 3 };
	struct timeline t = { 0 };
	struct err err = { 0 };
	struct made m;

	(void)state;
	made_folder(&m);
	fill(&m);
	q.case_dir = m.dir;
	assert_int_equal(timeline_read(&t, &q, &err), 0);
	assert_int_equal(t.n, 3);
	assert_true(t.is_cut);
	assert_int_equal(t.event[0].us, 5 * UTC_US_S);
	timeline_clear(&t);
	q.id = span_of("nobody");
	assert_int_equal(timeline_read(&t, &q, &err), 0);
	assert_int_equal(t.n, 0);
	timeline_clear(&t);
	made_clear(&m);
}

/* Ten people have one contact, written in two ways; each is called twice. */
static void
fill_data(const struct made *m)
{
	static const char *const form[] = { "138-0013-8000", "+8613800138000" };
	const uint32_t final[] = { 0, 1 };
	struct err err = { 0 };
	struct store *s = store_open(m->dir, &err);
	struct store_spill *sp = store_spill_new(s, 1024 * 1024);
	struct event e;
	char actor[16];
	int i;

	for (i = 0; i < 30; i++) {
		memset(&e, 0, sizeof e);
		(void)snprintf(actor, sizeof actor, "a%d", i % 10);
		if (i < 20)
			event_set_str(&e, EV_ACTOR, span_of(actor));
		event_set_str(&e, EV_DATUM, span_of(form[i % 2]));
		event_set_str(&e, EV_OPERATOR, span_of("lender"));
		event_set_num(&e, EV_KIND,
		    i < 10 ? KIND_DATA_ACCESS : KIND_CONTACT_OUTBOUND);
		event_set_num(&e, EV_TIME, (30 - i) * UTC_US_S);
		e.place.member = 1;
		e.place.offset = (uint64_t)i * 100;
		assert_int_equal(store_spill_add(sp, &e, &err), 0);
		event_set_str(&e, EV_DATUM, span_of("+8613900139000"));
		e.place.offset += 50;
		assert_int_equal(store_spill_add(sp, &e, &err), 0);
	}
	assert_int_equal(store_spill_finish(sp, &err), 0);
	assert_int_equal(
	    store_finish(s, 1, 0, final, no_duplicate, NULL, &err), 0);
	assert_int_equal(store_commit(s, &err), 0);
	store_close(s);
}

static void
a_datum_s_records_are_everybodys_and_the_first_ones(void **state)
{
	static const size_t most[] = { 7, 30, 100 };
	struct phone_home home = { .code = "86" };
	struct err err = { 0 };
	struct made m;
	size_t i, k;

	(void)state;
	made_folder(&m);
	fill_data(&m);
	for (i = 0; i < 3; i++) {
		struct datum_question q = { m.dir, span_of("+8613800138000"),
			&home, most[i] };
		struct timeline t = { 0 };

		assert_int_equal(timeline_of_datum(&t, &q, &err), 0);
		assert_int_equal(t.n, most[i] < 30 ? most[i] : 30);
		assert_int_equal(t.is_cut, most[i] < 30);
		for (k = 0; k < t.n; k++) {
			assert_int_equal(
			    t.event[k].us, ((int64_t)k + 1) * UTC_US_S);
			assert_string_equal(t.event[k].operator_, "lender");
			assert_true((t.event[k].actor != NULL) == (k >= 10));
		}
		timeline_clear(&t);
	}
	made_clear(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    everybodys_records_come_in_order_and_no_others),
		cmocka_unit_test(a_window_and_a_bound_cut_it),
		cmocka_unit_test(
		    a_datum_s_records_are_everybodys_and_the_first_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
