/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/test/record_run.h"

#include <iconv.h>

#include "ingest/json.h"
#include "ingest/map_code.h"
#include "ingest/test/sample.h"

static struct map_set
shipped(void)
{
	struct map_set set = { 0 };
	struct err err = { 0 };

	if (map_set_shipped(&set, &err) < 0)
		fail_msg("%s", err.msg);
	return set;
}

#define CLICK                                                            \
	"{\"time\":\"2018-01-03T01:00:04Z\",\"kind\":\"control.click\"," \
	"\"actor\":\"u1\",\"label\":\"同意\"}\n"

static void
the_mapping_that_understands_most_wins(void **state)
{
	static const struct {
		const char *text, *name;
		int score;
	} cases[] = {
		{ CLICK, "native", 100 },
		{ "damaged\n{\"time\":\n" CLICK "{\"time\":0}\n" CLICK,
		    "native", 66 },
		{ "", NULL, 0 },
		{ "\n\n", NULL, 0 },
		{ "plain words\nand more of them\n", NULL, 0 },
		{ "{\"a\":1}\n{\"b\":2}\n", NULL, 0 },
		{ "a,b,c\n1,2,3\n", NULL, 0 },
		{ "[{\"a\":1}]", NULL, 0 },
		{ "1.2.3.4 - - [17/May/2015:10:05:03 +0000] \"GET / "
		  "HTTP/1.1\" 200 1\n",
		    "access-log", 100 },
		{ "01-03 09:00:00.120  1234  1250 I Pay: without a year\n",
		    "logcat", 100 },
		{ "type=CWD msg=audit(1514941204.120:901):  cwd=\"/root\"\n",
		    "auditd", 100 },
		{ "{\"type\":\"track\",\"time\":1526101271000,\"event\":"
		  "\"view\",\"distinct_id\":\"u\"}\n",
		    "sensorsdata", 100 },
	};
	struct map_set set = shipped();
	struct record_bid bid;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		record_bid(&set, span_of(cases[i].text), true, &bid);
		if (cases[i].name == NULL) {
			assert_null(bid.map);
			continue;
		}
		assert_non_null(bid.map);
		assert_string_equal(map_name(bid.map), cases[i].name);
		assert_int_equal(bid.score, cases[i].score);
		assert_int_equal(bid.encoding, RECORD_UTF8);
	}
	map_set_clear(&set);
}

/* Of two that share a file, the one that comes late may still be the most. */
static void
what_comes_late_is_found(void **state)
{
	static const char tracked[] =
	    "{\"type\":\"track\",\"time\":1526101271000,"
	    "\"distinct_id\":\"u\",\"pad\":\"%0*d\"}\n";
	struct map_set set = shipped();
	struct buf b = { 0 };
	struct record_bid bid;
	char line[2048];
	int i;

	(void)state;
	(void)snprintf(line, sizeof line, tracked, 1000, 0);
	for (i = 0; i < 9; i++)
		(void)buf_str(&b, line);
	assert_true(b.n > 8192);
	for (i = 0; i < 40; i++)
		(void)buf_str(&b, CLICK);
	record_bid(&set, buf_as_span(&b), true, &bid);
	assert_non_null(bid.map);
	assert_string_equal(map_name(bid.map), "native");
	assert_int_equal(bid.score, 81);
	buf_clear(&b);
	map_set_clear(&set);
}

static void
binary_bytes_fit_no_mapping(void **state)
{
	struct map_set set = shipped();
	struct prop p = prop_seeded(3);
	struct record_bid bid;
	char bytes[3000];
	int i;
	size_t k;

	(void)state;
	for (i = 0; i < 20; i++) {
		for (k = 0; k < sizeof bytes; k++)
			bytes[k] = (char)prop_next(&p);
		record_bid(
		    &set, (struct span){ bytes, sizeof bytes }, i & 1, &bid);
		assert_null(bid.map);
	}
	map_set_clear(&set);
}

/* ---- encodings ------------------------------------------------------------ */

static void
recode(const char *to, const char *text, struct buf *out)
{
	size_t left = strlen(text), room = left * 4;
	char *in = (char *)text, *at;
	iconv_t cd = iconv_open(to, "UTF-8");

	assert_true(cd != (iconv_t)-1);
	(void)buf_room(out, room);
	at = out->p + out->n;
	assert_int_equal(iconv(cd, &in, &left, &at, &room), 0);
	out->n = (size_t)(at - out->p);
	(void)iconv_close(cd);
}

static void
other_encodings_give_the_same_events_at_their_own_places(void **state)
{
	static const struct {
		const char *name, *mark;
		size_t mark_bytes;
		enum record_encoding encoding;
	} cases[] = {
		{ "UTF-16LE", "\xff\xfe", 2, RECORD_UTF16LE },
		{ "UTF-16BE", "\xfe\xff", 2, RECORD_UTF16BE },
		{ "GB18030", "", 0, RECORD_GB18030 },
	};
	struct map_set set = shipped();
	struct buf b = { 0 };
	struct record_bid bid;
	struct run r;
	char want[64];
	size_t i, n, w;

	(void)state;
	for (i = 0; i < 3; i++) {
		buf_reset(&b);
		(void)buf_add(&b, cases[i].mark, cases[i].mark_bytes);
		recode(cases[i].name, CLICK, &b);
		n = b.n;
		recode(cases[i].name, CLICK "\r\n{\r\n", &b);
		record_bid(&set, buf_as_span(&b), true, &bid);
		assert_non_null(bid.map);
		assert_int_equal(bid.encoding, cases[i].encoding);
		for (w = 0; w < 200; w += 13) {
			run_input(
			    &r, bid.map, bid.encoding, buf_as_span(&b), w);
			assert_int_equal(r.tally.mapped, 2);
			assert_int_equal(r.tally.rejected, 1);
			(void)snprintf(want, sizeof want, "\n%zu+%zu kind=", n,
			    n - cases[i].mark_bytes -
				(cases[i].mark_bytes > 0 ? 2 : 1));
			assert_non_null(strstr(r.out.p, want));
			assert_non_null(strstr(r.out.p, "label=同意"));
			run_clear(&r);
		}
	}
	buf_clear(&b);
	map_set_clear(&set);
}

static void
csv_in_gb18030_keeps_its_places(void **state)
{
	static const char map[] =
	    "[format]\nname = t\nversion = 1\ncontainer = csv\n"
	    "encoding = GB18030\n[time]\nfrom = 时间\nformat = epoch_us\n"
	    "[kind]\nalways = scroll\n[fields]\nlabel = 名\n";
	struct map *m = run_map(map);
	struct buf b = { 0 };
	struct run r;
	size_t w;

	(void)state;
	recode("GB18030", "时间,名\n0,\"同\n意\"\n0,", &b);
	(void)buf_str(&b, "\x81\n");
	recode("GB18030", "0,拍拍贷\n", &b);
	for (w = 0; w < 40; w += 3) {
		run_input(&r, m, RECORD_GB18030, buf_as_span(&b), w);
		assert_string_equal(r.out.p,
		    "8+9 kind=scroll time=1970-01-01T00:00:00Z precision=us "
		    "label=同\n意\n"
		    "18+3 !invalid UTF-8\n"
		    "22+8 kind=scroll time=1970-01-01T00:00:00Z precision=us "
		    "label=拍拍贷\n");
		run_clear(&r);
	}
	buf_clear(&b);
	map_free(m);
}

static void
one_damaged_character_does_not_change_the_encoding(void **state)
{
	struct map_set set = shipped();
	struct buf b = { 0 };
	struct record_bid bid;
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		(void)buf_str(&b, CLICK);
	*strchr(b.p, '\xe5') = '\xff';
	record_bid(&set, buf_as_span(&b), true, &bid);
	assert_non_null(bid.map);
	assert_int_equal(bid.encoding, RECORD_UTF8);
	assert_int_equal(bid.score, 100);
	buf_clear(&b);
	map_set_clear(&set);
}

/*
 * Whatever a mapping holds as its own sample is won by that mapping, and no
 * other bids as much.  Only a tracker's requests are lines of an access log
 * as well, told by their address alone: there the stricter mapping wins.
 */
static void
each_mapping_wins_its_own_samples(void **state)
{
	struct map_set set = shipped(), others;
	const struct map_sample *s;
	struct record_bid bid, next;
	size_t i, k;

	(void)state;
	others = set;
	others.n_maps--;
	others.map = calloc(set.n_maps, sizeof *others.map);
	assert_non_null(others.map);
	for (i = 0; i < set.n_maps; i++) {
		for (k = 0; k < others.n_maps; k++)
			others.map[k] = set.map[k + (k >= i)];
		for (s = set.map[i]->samples; s != NULL; s = s->next) {
			record_bid(&set, s->text, true, &bid);
			record_bid(&others, s->text, true, &next);
			if (bid.map != set.map[i])
				fail_msg("a sample of %s is won by %s",
				    map_name(set.map[i]),
				    bid.map != NULL ? map_name(bid.map) : "-");
			if (next.map != NULL && next.score >= bid.score &&
			    strcmp(map_name(bid.map), "matomo") != 0)
				fail_msg("%s: %s bids as much",
				    map_name(bid.map), map_name(next.map));
		}
	}
	free(others.map);
	map_set_clear(&set);
}

/* ---- real samples ---------------------------------------------------------- */

static size_t
count(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what)) != NULL) {
		n++;
		text++;
	}
	return n;
}

static void
real_samples_are_accounted_for(void **state)
{
	static const struct {
		const char *file, *map;
		uint64_t mapped, rejected, filtered;
		const char *what; /* found so often in the events */
		size_t n;
	} cases[] = {
		{ "ios-app-privacy/ios_app_privacy_report.ndjson",
		    "ios-app-privacy", 72, 0, 0, "kind=data.egress", 64 },
		{ "sensorsdata/events.csv", "sensorsdata-csv", 4, 0, 0,
		    "kind=screen.view", 3 },
		{ "sensorsdata/events.log", "sensorsdata-nginx", 4, 0, 0,
		    "actor=bug29", 2 },
		{ "sensorsdata/profiles.log", "sensorsdata-nginx", 2, 0, 0,
		    "kind=data.change", 2 },
		{ "sensorsdata/signup.log", "sensorsdata-nginx", 2, 0, 0,
		    "kind=identity.link", 2 },
		{ "sensorsdata/json_data.json", "sensorsdata", 9, 1, 0,
		    "actor=", 6 },
		{ "sensorsdata/sensorsdata_appclick.jsonl", "sensorsdata", 3, 0,
		    0, "kind=identity.link", 1 },
		{ "weblog/aws_elb_access.log", "aws-elb", 16, 0, 0,
		    "outcome=success", 12 },
		{ "weblog/elastic_apache_1000.log", "access-log", 1000, 0, 0,
		    "outcome=failure", 17 },
		{ "weblog/plaso_apache_access.log", "access-log", 15, 0, 0,
		    "app=plaso", 4 },
		{ "cloudtrail/"
		  "218007301253_CloudTrail_us-east-1_20230710T1150Z_"
		  "1vnLavRRp0ek1mP4.json",
		    "cloudtrail", 2, 0, 0, "kind=api.activity", 2 },
		{ "cloudtrail/"
		  "218007301253_CloudTrail_us-east-1_20230710T1205Z_"
		  "1dM7GQM67kudSyGD.json",
		    "cloudtrail", 13, 0, 0, "outcome=failure", 1 },
		{ "cloudtrail/plaso_aws_cloudtrail.jsonl", "cloudtrail-lookup",
		    6, 0, 0, "outcome=failure", 0 },
		{ "ga4/ga4_bigquery_export.jsonl", "ga4", 2, 0, 0,
		    "session=abc.123.1631285116", 1 },
		{ "har/har12_minimal.har", "har", 1, 0, 0,
		    "destination=tracker.example", 1 },
		{ "usertrack/alibaba_usertrack.csv", "usertrack", 3, 0, 0,
		    "kind=control.impression", 1 },
		{ "didomi/didomi_consent_events.json", "didomi", 2, 0, 0,
		    "decision=refused", 2 },
		{ "postgresql/pgaudit_csvlog.csv", "postgresql-csv", 1, 0, 0,
		    "datum=public.cards", 1 },
		{ "postgresql/plaso_postgresql.log", "postgresql-log", 19, 1, 2,
		    "outcome=failure", 2 },
		{ "segment/consent_preference_updated.json", "segment", 1, 0, 0,
		    "decision=given", 2 },
		{ "snowplow/enriched_columns.txt", NULL, 0, 0, 0, NULL, 0 },
		{ "snowplow/enriched_sample.tsv", "snowplow", 1, 0, 0,
		    "element=exampleLink", 1 },
		{ "otlp/events.json", "otlp", 1, 0, 0, "kind=screen.view", 1 },
		{ "otlp/logs.json", "otlp", 1, 0, 0, "kind=other", 1 },
		{ "otlp/otlp_app_widget_click.jsonl", "otlp", 1, 0, 0,
		    "kind=control.click", 2 },
		{ "ui-log/StudentRecord.csv", "ui-log", 2409, 0, 0,
		    "action=clickCheckbox", 40 },
	};
	struct map_set set = shipped();
	struct buf b = { 0 };
	struct record_bid bid;
	struct run r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (!sample_read(cases[i].file, &b)) {
			print_message("no %s: skipped\n", cases[i].file);
			map_set_clear(&set);
			buf_clear(&b);
			skip();
		}
		record_bid(&set, buf_as_span(&b), true, &bid);
		print_message("%s: %s", cases[i].file,
		    bid.map != NULL ? map_name(bid.map) : "no mapping\n");
		assert_int_equal(bid.map != NULL, cases[i].map != NULL);
		if (bid.map == NULL)
			continue;
		assert_string_equal(map_name(bid.map), cases[i].map);
		run_input(&r, bid.map, bid.encoding, buf_as_span(&b), 4096);
		print_message(", score %d, %llu records = %llu mapped + %llu "
			      "rejected + %llu filtered, %llu fields absent, "
			      "%zu %s\n",
		    bid.score, (unsigned long long)r.tally.records,
		    (unsigned long long)r.tally.mapped,
		    (unsigned long long)r.tally.rejected,
		    (unsigned long long)r.tally.filtered,
		    (unsigned long long)r.tally.fields_absent,
		    count(r.out.p, cases[i].what), cases[i].what);
		assert_int_equal(r.tally.mapped, cases[i].mapped);
		assert_int_equal(r.tally.rejected, cases[i].rejected);
		assert_int_equal(r.tally.filtered, cases[i].filtered);
		assert_int_equal(count(r.out.p, cases[i].what), cases[i].n);
		run_clear(&r);
	}
	buf_clear(&b);
	map_set_clear(&set);
}

static void
all_ticked_boxes_of_the_recorded_log_are_found(void **state)
{
	struct map_set set = shipped();
	struct buf b = { 0 };
	struct run r;
	const char *p;
	size_t n = 0;

	(void)state;
	if (!sample_read("ui-log/StudentRecord.csv", &b)) {
		map_set_clear(&set);
		skip();
	}
	run_input(
	    &r, map_set_find(&set, "ui-log"), RECORD_UTF8, buf_as_span(&b), 0);
	for (p = r.out.p; (p = strstr(p, "action=clickCheckbox")) != NULL; p++)
		n += strncmp(strstr(p, " value="), " value=on\n", 10) == 0;
	assert_int_equal(n, 40);
	run_clear(&r);
	buf_clear(&b);
	map_set_clear(&set);
}

static void
places_strip(char *text)
{
	char *to = text;

	while (*text != '\0') {
		if (*text >= '0' && *text <= '9')
			text += strspn(text, "0123456789+");
		while (*text != '\0' && (*to++ = *text++) != '\n')
			;
	}
	*to = '\0';
}

/*
 * The awkward files of csv-spectrum hold the cells that their JSON says.  Two
 * are left out: one whose JSON is no array of rows, and newlines_crlf, which
 * lost its carriage returns in version control while its JSON kept them.
 */
static void
csv_spectrum_matches(void **state)
{
	static const char *const names[] = { "comma_in_quotes", "empty",
		"empty_crlf", "escaped_quotes", "json", "newlines",
		"quotes_and_newlines", "simple", "simple_crlf", "utf8" };
	static const char *const columns[] = { "first", "last", "address",
		"city", "zip", "a", "b", "c", "key", "val" };
	char csv[4096], json[4096], file[128];
	struct map *from_csv, *from_json;
	struct buf b = { 0 };
	struct run x, y;
	size_t i, k, n = 0, m = 0;

	(void)state;
	n += (size_t)snprintf(csv, sizeof csv,
	    "[format]\nname = x\nversion = 1\ncontainer = csv\n"
	    "[time]\nfrom = \"0\"\nformat = epoch_us\n[kind]\n"
	    "always = scroll\n[fields]\nlabel = ");
	m += (size_t)snprintf(json, sizeof json,
	    "[format]\nname = y\nversion = 1\ncontainer = json\n"
	    "[time]\nfrom = \"0\"\nformat = epoch_us\n[kind]\n"
	    "always = scroll\n[fields]\nlabel = ");
	for (k = 0; k < sizeof columns / sizeof columns[0]; k++) {
		n += (size_t)snprintf(csv + n, sizeof csv - n,
		    "%s%s + \"|\" + %s", k > 0 ? " | " : "", columns[k],
		    columns[(k + 1) % 10]);
		m += (size_t)snprintf(json + m, sizeof json - m,
		    "%s/%s + \"|\" + /%s", k > 0 ? " | " : "", columns[k],
		    columns[(k + 1) % 10]);
	}
	(void)snprintf(csv + n, sizeof csv - n, "\n");
	(void)snprintf(json + m, sizeof json - m, "\n");
	from_csv = run_map(csv);
	from_json = run_map(json);
	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(
		    file, sizeof file, "csv-spectrum/%s.csv", names[i]);
		if (!sample_read(file, &b))
			break;
		run_input(&x, from_csv, RECORD_UTF8, buf_as_span(&b), 1);
		(void)snprintf(
		    file, sizeof file, "csv-spectrum/%s.json", names[i]);
		assert_true(sample_read(file, &b));
		run_input(&y, from_json, RECORD_UTF8, buf_as_span(&b), 1);
		if (x.tally.rejected + y.tally.rejected > 0)
			fail_msg("%s: %s and %s", names[i], x.out.p, y.out.p);
		assert_true(x.tally.mapped > 0);
		assert_true(x.tally.mapped == y.tally.mapped);
		places_strip(x.out.p);
		places_strip(y.out.p);
		assert_string_equal(x.out.p, y.out.p);
		run_clear(&x);
		run_clear(&y);
	}
	buf_clear(&b);
	map_free(from_csv);
	map_free(from_json);
	if (i == 0)
		skip();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mapping_that_understands_most_wins),
		cmocka_unit_test(what_comes_late_is_found),
		cmocka_unit_test(binary_bytes_fit_no_mapping),
		cmocka_unit_test(each_mapping_wins_its_own_samples),
		cmocka_unit_test(
		    other_encodings_give_the_same_events_at_their_own_places),
		cmocka_unit_test(csv_in_gb18030_keeps_its_places),
		cmocka_unit_test(
		    one_damaged_character_does_not_change_the_encoding),
		cmocka_unit_test(real_samples_are_accounted_for),
		cmocka_unit_test(
		    all_ticked_boxes_of_the_recorded_log_are_found),
		cmocka_unit_test(csv_spectrum_matches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
