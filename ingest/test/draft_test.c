/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"

#include <string.h>

#include "ingest/draft.h"
#include "ingest/map.h"
#include "ingest/test/sample.h"

static struct buf out;

static const char *
drafted(const char *file, struct span text)
{
	struct err err = { 0 };
	struct map *m;

	buf_reset(&out);
	if (draft_mapping(file, text, true, &out, &err) < 0)
		fail_msg("%s: %s", file, err.msg);
	m = map_compile("draft.map", buf_as_span(&out), &err);
	if (m == NULL)
		fail_msg("%s", err.msg);
	map_free(m);
	return out.p;
}

static void
holds(const char *draft, const char *text)
{
	if (strstr(draft, text) == NULL)
		fail_msg("no \"%s\" in\n%s", text, draft);
}

static const char all[] = "# As it stands this reads 100% of the first";

static void
lines_of_json_are_recognised(void **state)
{
	const char *d = drafted("My App.jsonl",
	    span_of("{\"ts\":1514941200123,\"srv\":{\"received_at\":"
		    "\"2018-01-03T01:00:01Z\"},\"user\":{\"id\":\"u1\"},"
		    "\"event name\":\"Consent \\\"x\\\"\",\"deviceId\":\"d\","
		    "\"page\":\"bill\",\"items\":[1],\"who\":\"-\"}\n"
		    "{\"ts\":1514941201123,\"user\":{\"id\":\"u2\"},"
		    "\"event name\":\"tap\",\"deviceId\":\"d\"}\n"));

	(void)state;
	holds(d, all);
	holds(d, "name = my-app-draft\nversion = 0\n");
	holds(d, "container = jsonl\nnull = \"-\"\n");
	holds(d, "from = /ts\nformat = epoch_ms\n");
	holds(d, "received = /srv/received_at\nreceived_format = rfc3339\n");
	holds(d, "# `/event name` is \"Consent \\\"x\\\"\" = consent\n"
		 "# `/event name` is \"tap\" = control.click\n"
		 "always = other\n");
	holds(d, "action = `/event name`\nactor = /user/id\n"
		 "device = /deviceId\nscreen = /page\n");
	holds(d, "# /items  1 of 2, lists or objects\n");
	holds(d, "# control.impression\n# refusal\n");
	holds(d, "\n[sample]\n{\"ts\":1514941200123,");
}

static void
records_inside_a_document_are_found(void **state)
{
	const char *d = drafted("har",
	    span_of("{\"log\":{\"creator\":{\"v\":1},\"pages\":[{\"id\":1}],"
		    "\"entries\":[{\"startedDateTime\":"
		    "\"2018-01-03T01:00:00.5+08:00\",\"a/b\":\"x\"},"
		    "{\"startedDateTime\":\"2018-01-03T01:00:01+08:00\"}]}}"));

	(void)state;
	holds(d, all);
	holds(d, "container = json\nrecords = /log/entries\n");
	holds(d, "from = /startedDateTime\nformat = rfc3339\n# Whose clock");
	holds(d, "# /a~1b  1 of 2, as x\n");
	holds(d, "\n[sample]\n{\"log\":{\"entries\":[{\"started");
	/* or the document is the record */
	d = drafted("a",
	    span_of("{\n \"t\": \"2018-01-03T01:00:00Z\",\n \"user\": 1\n}\n"));
	holds(d, all);
	holds(d, "container = json\nrecords = document\n");
	holds(d, "actor = /user\n");
	d = drafted("a", span_of("[{\"t\":1514941200},{\"t\":1514941201}]"));
	holds(d, all);
	holds(d, "container = json\n\n[time]\nfrom = /t\nformat = epoch_s\n");
}

static void
columns_have_delimiter_and_header(void **state)
{
	const char *d =
	    drafted("a.csv", span_of("when;user id;event\r\n"
				     "03.01.2018 02:00;u1;\"a;\"\"b\"\r\n"
				     "03.01.2018 02:01;u2;c\r\n"));

	(void)state;
	holds(d, all);
	holds(d, "container = csv\ndelimiter = \";\"\n");
	holds(d, "from = when\nformat = \"%d.%m.%Y %H:%M\"\n"
		 "# These times say no zone.");
	holds(d, "# event is \"a;\\\"b\" = other\n");
	holds(d, "actor = `user id`\n");
	holds(d, "\n[sample]\nwhen;user id;event");
	d = drafted(
	    "a.tsv", span_of("1514941200\tu1\ttap\n1514941201\tu2\ttap\n"));
	holds(d, all);
	holds(d, "delimiter = tab\ncolumns = c1 c2 c3\n");
	holds(d, "from = c1\nformat = epoch_s\n");
	/* without a time it loads and reads nothing, and says so */
	d = drafted("a.csv", span_of("a,b\nx,y\nz,y\n"));
	holds(d, "reads 0% of");
	holds(d, "every record is refused.\nfrom = a\n");
}

static void
lines_of_text_are_cut_at_their_time(void **state)
{
	const char *d = drafted("a.log",
	    span_of("2018-01-03 09:00:01,120 [main] user=u1 act=grant\n"
		    "2018-01-03 09:00:02,120 [main] user=u2 act=deny\n"));

	(void)state;
	holds(d, all);
	holds(d, "container = text\npattern = /");
	holds(d, "from = time\nformat = rfc3339\n# These times say no zone.");
	holds(d, "# rest > kv \" \" = act is \"grant\" = consent\n");
	holds(d, "actor = rest > kv \" \" = user\n");
	d = drafted("access.log",
	    span_of("1.2.3.4 - bob [17/May/2015:10:05:03 +0000] \"GET /a?b=c "
		    "HTTP/1.1\" 200 12 \"-\" \"x\"\n"));
	holds(d, all);
	holds(d, "from = time\nformat = \"%d/%b/%Y:%H:%M:%S %z\"\n");
	holds(d, "actor = user\n");
}

/* Nothing of the file gives orders to the mapping or the terminal. */
static void
a_hostile_file_is_quoted_only(void **state)
{
	const char *d = drafted("\x1b[31m\n[kind].jsonl",
	    span_of("{\"t\":1514941200,\"`\":1,\"[a=b]\":2,\"*\":3,"
		    "\"\\n[kind]\":4,\"x\":\"\\u001b[31m\\n[never]\","
		    "\"y\":\"\\u202e\",\"event\":\"a\\nalways = consent\"}\n"
		    "{\"t\":1514941201,\"event\":\"b\"}\n"));

	(void)state;
	holds(d, all);
	holds(d, "name = --31m--kind--draft\n");
	holds(d, "# /x  1 of 2, as ?[31m?[never]\n");
	assert_null(strchr(d, '\x1b'));
	assert_null(strstr(d, "\xe2\x80\xae"));
	assert_null(strstr(d, "\n[never]"));
	assert_null(strstr(d, "\nalways = consent"));
	holds(d, "4 values stand at paths that are not listed");
}

static void
what_is_no_log_is_refused(void **state)
{
	struct err err = { 0 };

	(void)state;
	buf_reset(&out);
	assert_int_equal(
	    draft_mapping("a", span_of("hello\nworld\n"), true, &out, &err),
	    -1);
	assert_non_null(strstr(err.msg, "no records are recognised"));
	assert_int_equal(out.n, 0);
}

/* Real files that have a mapping: the draft reads nearly all of each too. */
static void
drafts_of_samples_read_them(void **state)
{
	static const struct {
		const char *file;
		long least;
	} files[] = {
		{ "ga4/ga4_bigquery_export.jsonl", 100 },
		{ "didomi/didomi_consent_events.json", 100 },
		{ "usertrack/alibaba_usertrack.csv", 100 },
		{ "weblog/aws_elb_access.log", 90 },
		{ "weblog/elastic_apache_1000.log", 95 },
		{ "sensorsdata/sensorsdata_appclick.jsonl", 100 },
		{ "ios-app-privacy/ios_app_privacy_report.ndjson", 100 },
	};
	struct buf b = { 0 };
	size_t i;
	long share;

	(void)state;
	for (i = 0; i < sizeof files / sizeof files[0]; i++) {
		if (!sample_read(files[i].file, &b))
			continue;
		share = strtol(
		    strstr(drafted("sample", buf_as_span(&b)), "reads ") + 6,
		    NULL, 10);
		if (share < files[i].least)
			fail_msg("%s: %ld %%", files[i].file, share);
	}
	buf_clear(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_json_are_recognised),
		cmocka_unit_test(records_inside_a_document_are_found),
		cmocka_unit_test(columns_have_delimiter_and_header),
		cmocka_unit_test(lines_of_text_are_cut_at_their_time),
		cmocka_unit_test(a_hostile_file_is_quoted_only),
		cmocka_unit_test(what_is_no_log_is_refused),
		cmocka_unit_test(drafts_of_samples_read_them),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	buf_clear(&out);
	return rc;
}
