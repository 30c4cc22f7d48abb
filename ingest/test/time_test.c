/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times of records: formats, zones, what is left out. */
#include <stdlib.h>
#include <time.h>

#include "ingest/test/record_run.h"

#include "ingest/zone.h"

#define HEAD "[format]\nname = t\nversion = 1\ncontainer = jsonl\n"
#define KIND "[kind]\nalways = scroll\n"

struct reading {
	const char *time; /* lines of [time] behind "format = " */
	const char *text; /* JSON */
	const char *want; /* "!": refused */
};

static void
readings_check(const struct reading *r, size_t n)
{
	char map[512], line[256], want[256];

	for (; n > 0; n--, r++) {
		(void)snprintf(map, sizeof map,
		    HEAD "[time]\nfrom = /t\nformat = %s\n" KIND, r->time);
		(void)snprintf(line, sizeof line, "{\"t\":%s}\n", r->text);
		if (r->want[0] == '!')
			(void)snprintf(want, sizeof want, "@ !%s\n",
			    r->want[1] != '\0' ? r->want + 1
					       : "time is not understood");
		else
			(void)snprintf(want, sizeof want,
			    "@ kind=scroll time=%s\n", r->want);
		run_expect(map, line, want);
	}
}

#define CHECK(table) readings_check((table), sizeof(table) / sizeof((table)[0]))

static void
epochs_of_every_shape(void **state)
{
	static const struct reading table[] = {
		{ "epoch_s", "1514941201",
		    "2018-01-03T01:00:01Z precision=second" },
		{ "epoch_s", "\"1514941201\"",
		    "2018-01-03T01:00:01Z precision=second" },
		{ "epoch_s", "\"1514941201.5\"",
		    "2018-01-03T01:00:01.500Z precision=decisecond" },
		{ "epoch_s", "1.514941201123456e9",
		    "2018-01-03T01:00:01.123456Z precision=us" },
		{ "epoch_s", "\"1.514941201E+09\"",
		    "2018-01-03T01:00:01Z precision=second" },
		{ "epoch_s", "\"-1.5\"",
		    "1969-12-31T23:59:58.500Z precision=decisecond" },
		{ "epoch_ds", "15149412015",
		    "2018-01-03T01:00:01.500Z precision=decisecond" },
		{ "epoch_ms", "1514941201120",
		    "2018-01-03T01:00:01.120Z precision=ms" },
		{ "epoch_ms", "1514941201120.0",
		    "2018-01-03T01:00:01.120Z precision=ms" },
		{ "epoch_ms", "\"1.51494120112E12\"",
		    "2018-01-03T01:00:01.120Z precision=ms" },
		{ "epoch_us", "\"1514941201120456\"",
		    "2018-01-03T01:00:01.120456Z precision=us" },
		{ "epoch_ns", "1514941201120456789",
		    "2018-01-03T01:00:01.120456Z precision=ns" },
		{ "epoch_s", "253402300799",
		    "9999-12-31T23:59:59Z precision=second" },
		{ "epoch_s", "253402300800", "!" },
		{ "epoch_s", "-62167219201", "!" },
		{ "epoch_s", "\"1e400\"", "!" },
		{ "epoch_s", "1e400", "!" },
		/* what is cut off is the later part, before 1970 as well */
		{ "epoch_ns", "-1",
		    "1969-12-31T23:59:59.999999Z precision=ns" },
		{ "epoch_ns", "\"-1\"",
		    "1969-12-31T23:59:59.999999Z precision=ns" },
		{ "epoch_ns", "18446744073709551615",
		    "2554-07-21T23:34:33.709551Z precision=ns" },
		{ "\"%Y%m%d\"", "20180103",
		    "2018-01-03T00:00:00Z precision=day" },
		{ "epoch_s", "\"1514941201s\"", "!" },
		{ "epoch_s", "\"+1\"", "!" },
		{ "epoch_s", "true", "!" },
		{ "epoch_s", "\"\"", "!time is absent" },
	};

	(void)state;
	CHECK(table);
}

static void
days_of_spreadsheets(void **state)
{
	static const struct reading table[] = {
		{ "excel", "43103", "2018-01-03T00:00:00Z precision=day" },
		{ "excel", "43103.375",
		    "2018-01-03T09:00:00Z precision=second" },
		{ "excel", "\"43103.37501388889\"",
		    "2018-01-03T09:00:01.200Z precision=second" },
		{ "excel", "\"43103,5\"",
		    "2018-01-03T12:00:00Z precision=second" },
		{ "excel", "4.3103375e4",
		    "2018-01-03T09:00:00Z precision=second" },
		{ "excel", "43103.9999999999",
		    "2018-01-04T00:00:00Z precision=second" },
		{ "excel\nzone = +08:00", "43103.375",
		    "2018-01-03T01:00:00Z precision=second" },
		/* the leap day that never was */
		{ "excel", "1", "1900-01-01T00:00:00Z precision=day" },
		{ "excel", "59", "1900-02-28T00:00:00Z precision=day" },
		{ "excel", "60", "!" },
		{ "excel", "60.5", "!" },
		{ "excel", "61", "1900-03-01T00:00:00Z precision=day" },
		{ "excel", "2958465", "9999-12-31T00:00:00Z precision=day" },
		{ "excel", "2958466", "!" },
		{ "excel", "0", "!" },
		{ "excel", "0.5", "!" },
		{ "excel", "-1", "!" },
		{ "excel", "\"43103 09:00\"", "!" },
		{ "excel", "\".5\"", "!" },
		{ "excel1904", "0", "1904-01-01T00:00:00Z precision=day" },
		{ "excel1904", "41641.375",
		    "2018-01-03T09:00:00Z precision=second" },
		{ "excel1904", "-1", "!" },
	};

	(void)state;
	CHECK(table);
}

static void
rfc_3339_to_its_edges(void **state)
{
	static const struct reading table[] = {
		{ "rfc3339", "\"2018-01-03t09:00:01z\"",
		    "2018-01-03T09:00:01Z zone=0 precision=second" },
		{ "rfc3339", "\"2018-01-03T09:00:01+00:00\"",
		    "2018-01-03T09:00:01Z zone=0 precision=second" },
		/* UTC, but where is not known */
		{ "rfc3339", "\"2018-01-03T09:00:01-00:00\"",
		    "2018-01-03T09:00:01Z precision=second" },
		{ "rfc3339\nzone = +08:00", "\"2018-01-03T09:00:01-00:00\"",
		    "2018-01-03T09:00:01Z precision=second" },
		{ "rfc3339", "\"2018-01-03T09:00:01+23:59\"",
		    "2018-01-02T09:01:01Z zone=1439 precision=second" },
		{ "rfc3339", "\"2018-01-03T09:00:01-23:59\"",
		    "2018-01-04T08:59:01Z zone=-1439 precision=second" },
		{ "rfc3339", "\"2018-01-03T09:00:01+24:00\"", "!" },
		{ "rfc3339", "\"2018-01-03T09:00:01+08:60\"", "!" },
		{ "rfc3339", "\"2016-12-31T23:59:60Z\"",
		    "2017-01-01T00:00:00Z zone=0 precision=second" },
		{ "rfc3339", "\"1990-12-31T15:59:60.5-08:00\"",
		    "1991-01-01T00:00:00.500Z zone=-480 precision=decisecond" },
		{ "rfc3339", "\"2016-12-31T23:59:61Z\"", "!" },
		{ "rfc3339", "\"2016-12-31T23:60:00Z\"", "!" },
		{ "rfc3339", "\"2016-12-31T24:00:00Z\"", "!" },
		{ "rfc3339", "\"9999-12-31T23:59:59.999999Z\"",
		    "9999-12-31T23:59:59.999999Z zone=0 precision=us" },
		{ "rfc3339", "\"9999-12-31T23:59:59-00:01\"", "!" },
		{ "rfc3339", "\"9999-12-31T23:59:60Z\"", "!" },
		{ "rfc3339", "\"0000-01-01T00:00:00Z\"",
		    "0000-01-01T00:00:00Z zone=0 precision=second" },
		{ "rfc3339", "\"0000-02-29T00:00:00Z\"",
		    "0000-02-29T00:00:00Z zone=0 precision=second" },
		{ "rfc3339", "\"0000-01-01T00:00:00+00:01\"", "!" },
		{ "rfc3339\nzone = +08:00", "\"0000-01-01T00:00:00\"", "!" },
		{ "rfc3339", "\"2018-01-03T09:00:01.1234567890123456789Z\"",
		    "2018-01-03T09:00:01.123456Z zone=0 precision=ns" },
		{ "rfc3339", "\"2018-01-03T09:00:01.12Z\"",
		    "2018-01-03T09:00:01.120Z zone=0 precision=ms" },
		{ "rfc3339", "\"2018-01-03T09:00:01.Z\"", "!" },
		{ "rfc3339", "\"2000-02-29T00:00:00Z\"",
		    "2000-02-29T00:00:00Z zone=0 precision=second" },
		{ "rfc3339", "\"1900-02-29T00:00:00Z\"", "!" },
		{ "rfc3339", "\"2018-1-03T00:00:00Z\"", "!" },
		{ "rfc3339", "\"+2018-01-03T00:00:00Z\"", "!" },
		{ "rfc3339", "\"2018-01-03T00:00:00Z \"", "!" },
	};

	(void)state;
	CHECK(table);
}

static void
patterns_of_every_letter(void **state)
{
	static const struct reading table[] = {
		{ "\"%Y-%m-%d\"", "\"2018-01-03\"",
		    "2018-01-03T00:00:00Z precision=day" },
		{ "\"%F\"\nzone = +08:00", "\"2018-01-03\"",
		    "2018-01-02T16:00:00Z precision=day" },
		{ "\"%D %R\"", "\"01/03/18 09:05\"",
		    "2018-01-03T09:05:00Z precision=minute" },
		{ "\"%A, %d %B %Y %r\"",
		    "\"Wednesday, 03 January 2018 09:00:01 PM\"",
		    "2018-01-03T21:00:01Z precision=second" },
		{ "\"%a %h %e %k:%M:%S %Y\"", "\"Wed Jan  3  9:00:01 2018\"",
		    "2018-01-03T09:00:01Z precision=second" },
		{ "\"%d.%m.%y%n%l:%M %P\"", "\"03.01.18 \\t 9:30 am\"",
		    "2018-01-03T09:30:00Z precision=minute" },
		{ "\"%d.%m.%y%t%l:%M %P\"", "\"03.01.18   9:30 am\"",
		    "2018-01-03T09:30:00Z precision=minute" },
		{ "\"%Y/%m/%d %p %I:%M:%S\"", "\"2018/1/3 下午 09:00:01\"",
		    "2018-01-03T21:00:01Z precision=second" },
		{ "\"%Y %j\"", "\"2018 003\"",
		    "2018-01-03T00:00:00Z precision=day" },
		{ "\"%Y %j\"", "\"2018 366\"", "!" },
		{ "\"%Y %j\"", "\"2020 366\"",
		    "2020-12-31T00:00:00Z precision=day" },
		{ "\"%s.%L\"", "\"1514941201.120\"",
		    "2018-01-03T01:00:01.120Z zone=0 precision=ms" },
		{ "\"%s.%N\"", "\"1514941201.120456789\"",
		    "2018-01-03T01:00:01.120456Z zone=0 precision=ns" },
		{ "\"%s\"", "\"99999999999999999999\"", "!" },
		{ "\"%u %F\"", "\"3 2018-01-03\"",
		    "2018-01-03T00:00:00Z precision=day" },
		{ "\"%F %T %z\"", "\"2018-01-03 09:00:01 -0000\"",
		    "2018-01-03T09:00:01Z precision=second" },
		{ "\"%F %I %p\"", "\"2018-01-03 12 AM\"",
		    "2018-01-03T00:00:00Z precision=hour" },
		{ "\"%F %I %p\"", "\"2018-01-03 13 PM\"", "!" },
		{ "\"%F%%\"", "\"2018-01-03%\"",
		    "2018-01-03T00:00:00Z precision=day" },
		/* the first that fits */
		{ "\"%F\"\nformat = rfc3339\nformat = epoch_s", "0",
		    "1970-01-01T00:00:00Z precision=second" },
	};

	(void)state;
	CHECK(table);
}

static void
a_year_may_be_told(void **state)
{
	static const struct reading table[] = {
		{ "\"%m-%d %T.%f\"\nyear = 2018", "\"01-03 09:00:01.120\"",
		    "2018-01-03T09:00:01.120Z precision=ms" },
		/* from July on: what comes before is of the next year */
		{ "\"%b %e %T\"\nyear = 2017-07", "\"Jan  3 09:00:01\"",
		    "2018-01-03T09:00:01Z precision=second" },
		{ "\"%b %e %T\"\nyear = 2017-07", "\"Jul  3 09:00:01\"",
		    "2017-07-03T09:00:01Z precision=second" },
		{ "\"%b %e %T\"\nyear = 2017-07", "\"Dec 31 23:59:59\"",
		    "2017-12-31T23:59:59Z precision=second" },
		{ "\"%j %T\"\nyear = 2018", "\"003 09:00:01\"",
		    "2018-01-03T09:00:01Z precision=second" },
		{ "\"%m-%d\"\nyear = 2018", "\"02-29\"", "!" },
		{ "\"%m-%d\"\nyear = 2020", "\"02-29\"",
		    "2020-02-29T00:00:00Z precision=day" },
		{ "\"%m-%d\"", "\"01-03\"",
		    "!time has no year: [ingest] year of case.ini" },
		{ "\"%F\"\nyear = 2020", "\"2018-01-03\"",
		    "2018-01-03T00:00:00Z precision=day" },
	};

	(void)state;
	CHECK(table);
}

/* The case says what the mapping does not. */
static void
a_case_may_tell_zone_and_year(void **state)
{
	static const struct {
		const char *own, *want;
	} cases[] = {
		{ "", "0+22 kind=scroll time=2019-01-03T07:00:01Z "
		      "precision=second\n" },
		{ "zone = +08:00\n", "0+22 kind=scroll time=2019-01-03T01:00:"
				     "01Z precision=second\n" },
		{ "year = 2018\n", "0+22 kind=scroll time=2018-01-03T07:00:"
				   "01Z precision=second\n" },
	};
	static const char line[] = "{\"t\":\"01-03 09:00:01\"}\n";
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct zone_local local = { 0 };
	struct record_piece piece = { { run_padded(span_of(line)),
					  sizeof line - 1 },
		.encoding = RECORD_UTF8, .local = &local };
	struct record_parser *p = record_parser_new();
	char text[256];
	size_t i;

	(void)state;
	local.zone = zone_find(&arena, span_of("+02:00"), &err);
	assert_int_equal(zone_year_read(span_of("2018-04"), &local), 0);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct run r = { 0 };
		struct record_sink sink = { &r, run_event, run_reject, NULL };
		struct record_cutter *c;
		struct map *m;

		(void)snprintf(text, sizeof text,
		    HEAD "[time]\nfrom = /t\nformat = \"%%m-%%d %%T\"\n"
			 "%s" KIND,
		    cases[i].own);
		m = run_map(text);
		c = record_cutter_new(m, RECORD_UTF8);
		record_tally_clear(&r.tally);
		assert_int_equal(record_cut(c, piece.bytes, true, &piece.state),
		    piece.bytes.n);
		assert_int_equal(
		    record_parse(p, m, &piece, &sink, &r.tally), 0);
		assert_string_equal(r.out.p, cases[i].want);
		run_clear(&r);
		record_cutter_free(c);
		map_free(m);
	}
	record_parser_free(p);
	free((char *)piece.bytes.p);
	arena_clear(&arena);
}

static bool
no_zones(void)
{
	FILE *f = fopen("/usr/share/zoneinfo/Asia/Shanghai", "rb");

	if (f != NULL)
		(void)fclose(f);
	return f == NULL;
}

static void
abbreviations_mean_what_the_zone_means(void **state)
{
	static const struct reading table[] = {
		{ "\"%F %T %Z\"", "\"2018-01-03 09:00:01 UTC\"",
		    "2018-01-03T09:00:01Z zone=0 precision=second" },
		{ "\"%F %T %Z\"", "\"2018-01-03 09:00:01 CET\"",
		    "2018-01-03T08:00:01Z zone=60 precision=second" },
		{ "\"%F %T %Z\"", "\"2018-07-03 09:00:01 CEST\"",
		    "2018-07-03T07:00:01Z zone=120 precision=second" },
		{ "\"%F %T %Z\"", "\"2018-01-03 09:00:01 +08\"",
		    "2018-01-03T01:00:01Z zone=480 precision=second" },
		/* China's, America's or Cuba's: the zone tells */
		{ "\"%F %T %Z\"", "\"2018-01-03 09:00:01 CST\"", "!" },
		{ "\"%F %T %Z\"\nzone = Asia/Shanghai",
		    "\"2018-01-03 09:00:01 CST\"",
		    "2018-01-03T01:00:01Z zone=480 precision=second" },
		{ "\"%F %T %Z\"\nzone = America/Chicago",
		    "\"2018-01-03 09:00:01 CST\"",
		    "2018-01-03T15:00:01Z zone=-360 precision=second" },
		/* the hour that was twice: the abbreviation tells which */
		{ "\"%F %T %Z\"\nzone = America/New_York",
		    "\"2018-11-04 01:30:00 EST\"",
		    "2018-11-04T06:30:00Z zone=-300 precision=second" },
		{ "\"%F %T %Z\"\nzone = America/New_York",
		    "\"2018-11-04 01:30:00 EDT\"",
		    "2018-11-04T05:30:00Z zone=-240 precision=second" },
		{ "\"%F %T %Z\"", "\"2018-01-03 09:00:01 XYZ\"", "!" },
		{ "\"%F %T %Z\"", "\"2018-01-03 09:00:01 \"", "!" },
	};

	(void)state;
	if (no_zones())
		skip();
	CHECK(table);
}

static void
an_hour_that_was_twice_or_never_is_told(void **state)
{
	static const struct reading table[] = {
		/* the first of the two, by the hour */
		{ "rfc3339\nzone = Europe/Berlin", "\"2018-10-28T02:30:00\"",
		    "2018-10-28T00:30:00Z precision=hour" },
		{ "rfc3339\nzone = Europe/Berlin", "\"2018-10-28T01:59:59\"",
		    "2018-10-27T23:59:59Z precision=second" },
		{ "rfc3339\nzone = Europe/Berlin", "\"2018-10-28T03:00:00\"",
		    "2018-10-28T02:00:00Z precision=second" },
		/* shifted behind the gap */
		{ "rfc3339\nzone = Europe/Berlin", "\"2018-03-25T02:30:00\"",
		    "2018-03-25T01:30:00Z precision=hour" },
		{ "rfc3339\nzone = Europe/Berlin", "\"2018-03-25T01:59:59\"",
		    "2018-03-25T00:59:59Z precision=second" },
		{ "rfc3339\nzone = Europe/Berlin", "\"2018-03-25T03:00:00\"",
		    "2018-03-25T01:00:00Z precision=second" },
		{ "\"%F\"\nzone = America/Sao_Paulo", "\"2018-11-04\"",
		    "2018-11-04T03:00:00Z precision=day" },
		/* beyond the table, by the rule of the footer */
		{ "rfc3339\nzone = Europe/Berlin", "\"2100-07-01T12:00:00\"",
		    "2100-07-01T10:00:00Z precision=second" },
		{ "rfc3339\nzone = Europe/Berlin", "\"2100-10-31T02:30:00\"",
		    "2100-10-31T00:30:00Z precision=hour" },
		/* before it, by the first offset */
		{ "rfc3339\nzone = Asia/Shanghai", "\"1850-01-01T08:05:43\"",
		    "1850-01-01T00:00:00Z precision=second" },
		{ "rfc3339\nzone = UTC", "\"2018-01-03T09:00:01\"",
		    "2018-01-03T09:00:01Z precision=second" },
	};

	(void)state;
	if (no_zones())
		skip();
	CHECK(table);
}

/* The C library reads the same files: it must come to the same instants. */
static void
zones_are_read_as_the_system_reads_them(void **state)
{
	static const char *const names[] = { "Asia/Shanghai", "Europe/Berlin",
		"America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe",
		"Asia/Kathmandu", "Africa/Casablanca", "Europe/Dublin",
		"Pacific/Apia", "Asia/Tehran", "America/St_Johns",
		"Antarctica/Troll", "Etc/GMT+5", "Asia/Gaza" };
	struct prop p = prop_seeded(12);
	struct arena arena = { 0 };
	struct err err = { 0 };
	const struct zone *z;
	time_t t;
	int64_t us;
	struct tm tm;
	bool chosen;
	size_t i;
	int k;

	(void)state;
	if (no_zones())
		skip();
	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		z = zone_find(&arena, span_of(names[i]), &err);
		assert_non_null(z);
		(void)setenv("TZ", names[i], 1);
		tzset();
		for (k = 0; k < 3000; k++) {
			t = (time_t)prop_below(&p, 6000000000) - 2000000000;
			assert_non_null(localtime_r(&t, &tm));
			chosen = false;
			us = zone_instant(
			    z, ((int64_t)t + tm.tm_gmtoff) * 1000000, &chosen);
			/* the other one of two lies before it */
			if (us == (int64_t)t * 1000000)
				continue;
			if (!chosen || us > (int64_t)t * 1000000)
				fail_msg("%s: %lld is read as %lld", names[i],
				    (long long)t, (long long)us / 1000000);
		}
	}
	arena_clear(&arena);
}

static void
what_is_no_zone_or_format_is_refused(void **state)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "zone = ", "zone \"\" is no offset" },
		{ "zone = +8", "zone \"+8\" is no offset" },
		{ "zone = Asia", "zone \"Asia\" is not known here" },
		{ "zone = ../etc/passwd", "is no offset" },
		{ "zone = Asia/../../passwd", "is no offset" },
		{ "zone = Asia/Nowhere", "is not known here" },
		{ "year = 18", "a year is 2018" },
		{ "year = 2018-13", "a year is 2018" },
		{ "year = 2018/07", "a year is 2018" },
		{ "year = 0000", "a year is 2018" },
		{ "format = \"%T\"", "it has no day" },
		{ "format = \"%Y-%m\"", "it has no day" },
		{ "format = \"%G-%V\"", "weeks give no day" },
		{ "format = \"%c\"", "depends on a language" },
		{ "format = \"%Ex\"", "depends on a language" },
		{ "format = \"%F %Q\"", "unknown letter behind a %" },
		{ "format = \"%F %\"", "a % at the end" },
		{ "format = excel2000", "unknown time format" },
		{ "sent = /s", "unknown key \"sent\"" },
	};
	char map[256];
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(map, sizeof map, HEAD "[time]\nfrom = /t\n%s\n",
		    cases[i].line);
		memset(&err, 0, sizeof err);
		assert_null(map_compile("t.map", span_of(map), &err));
		if (strstr(err.msg, cases[i].want) == NULL ||
		    strncmp(err.msg, "t.map:7: ", 9) != 0)
			fail_msg("%s: %s", cases[i].line, err.msg);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(epochs_of_every_shape),
		cmocka_unit_test(days_of_spreadsheets),
		cmocka_unit_test(rfc_3339_to_its_edges),
		cmocka_unit_test(patterns_of_every_letter),
		cmocka_unit_test(a_year_may_be_told),
		cmocka_unit_test(a_case_may_tell_zone_and_year),
		cmocka_unit_test(abbreviations_mean_what_the_zone_means),
		cmocka_unit_test(an_hour_that_was_twice_or_never_is_told),
		cmocka_unit_test(zones_are_read_as_the_system_reads_them),
		cmocka_unit_test(what_is_no_zone_or_format_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
