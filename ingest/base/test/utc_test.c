/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/base/utc.h"

#include "fixtures/test.h"

static void
instants_are_read_with_their_zone_and_precision(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
		int zone_min;
		enum utc_precision precision;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0, 0, UTC_SECOND },
		{ "2018-01-03T09:00:01.120+08:00", 1514941201120000, 480,
		    UTC_MS },
		{ "2018-01-03 01:00:01.120456Z", 1514941201120456, 0, UTC_US },
		{ "2018-01-03T01:00:01.1204567Z", 1514941201120456, 0, UTC_NS },
		{ "0000-03-01T00:00:00Z", -62162035200000000, 0, UTC_SECOND },
		{ "2016-12-31T23:59:60Z", 1483228800000000, 0, UTC_SECOND },
	};
	struct utc_stamp s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(
		    utc_parse_rfc3339(span_of(cases[i].text), &s), 0);
		assert_true(s.us == cases[i].us);
		assert_int_equal(s.zone_min, cases[i].zone_min);
		assert_int_equal(s.precision, cases[i].precision);
	}
}

static void
what_is_no_instant_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"2018-01-03",
		"2018-02-29T00:00:00Z",
		"2018-01-03T24:00:00Z",
		"2018-01-03T09:00:01.Z",
		"2018-01-03T09:00:01+8",
		"2018-01-03T09:00:01Zx",
		"2018-01-03T09:00:61Z",
		"18-01-03T09:00:01Z",
	};
	struct utc_stamp s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(utc_parse_rfc3339(span_of(cases[i]), &s), -1);
}

static void
every_day_of_the_calendar_survives_the_round_trip(void **state)
{
	char text[UTC_TEXT_BYTES];
	struct utc_stamp s;
	int64_t day;

	(void)state;
	for (day = utc_days(0, 1, 1); day <= utc_days(9999, 12, 31);
	     day += 13) {
		(void)utc_format(day * UTC_US_DAY + 1001, text);
		assert_int_equal(utc_parse_rfc3339(span_of(text), &s), 0);
		assert_true(s.us == day * UTC_US_DAY + 1001);
	}
}

static void
days_and_zones_are_read_alone(void **state)
{
	static const struct {
		const char *text;
		int minutes; /* -1: refused */
	} zones[] = {
		{ "+08:00", 480 },
		{ "-0330", -210 },
		{ "+08", 480 },
		{ "Z", 0 },
		{ "UTC", 0 },
		{ "", -1 },
		{ "8", -1 },
		{ "+8:00", -1 },
		{ "+24:00", -1 },
		{ "+08:60", -1 },
		{ "CST", -1 },
	};
	static const char *const no_days[] = { "", "2018-1-3", "2018-02-29",
		"2018-01-03 ", "2018/01/03", "-018-01-03" };
	int64_t days;
	size_t i;
	int got;

	(void)state;
	for (i = 0; i < sizeof zones / sizeof zones[0]; i++) {
		got = -1;
		if (utc_parse_zone(span_of(zones[i].text), &got) < 0)
			got = -1;
		assert_int_equal(got, zones[i].minutes);
	}
	assert_int_equal(utc_parse_day(span_of("2018-01-03"), &days), 0);
	assert_int_equal(days, utc_days(2018, 1, 3));
	for (i = 0; i < sizeof no_days / sizeof no_days[0]; i++)
		assert_int_equal(utc_parse_day(span_of(no_days[i]), &days), -1);
	assert_int_equal(utc_parse_day(span_of(NULL), &days), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    instants_are_read_with_their_zone_and_precision),
		cmocka_unit_test(what_is_no_instant_is_refused),
		cmocka_unit_test(days_and_zones_are_read_alone),
		cmocka_unit_test(
		    every_day_of_the_calendar_survives_the_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
