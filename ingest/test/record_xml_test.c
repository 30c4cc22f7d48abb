/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/test/record_run.h"

#include "ingest/xml.h"

#define HEAD "[format]\nname = x\nversion = 1\ncontainer = xml\n"
#define TAIL                                                                 \
	"[time]\nfrom = \"0\"\nformat = epoch_us\n[kind]\nalways = scroll\n" \
	"[fields]\n"
#define EVENTS                                                         \
	HEAD "records = /log/trace/event\n" TAIL                       \
	     "actor = /@id\nlabel = /a/#text | /a\nsession = ../@id\n" \
	     "app = ../../s\npurpose = ../s\n"
#define OUT " kind=scroll time=1970-01-01T00:00:00Z precision=us"

static void
elements_are_records_with_what_is_around_them(void **state)
{
	(void)state;
	run_expect(EVENTS,
	    "\xef\xbb\xbf<?xml version='1.0'?>\n<!DOCTYPE log [ <!-- > --> "
	    "<!ENTITY e \"]>\"> ]>\n"
	    "<log>\n<s>shop</s><!-- <trace> --><x><trace><event/></trace></x>"
	    "<trace id='t1'><s>p1</s><s>p2</s>"
	    "<event id=\"e1\"><a>one &lt;&#x540c;&gt;</a></event>\n"
	    "<s>late</s><event id='e2' /></trace>"
	    "<trace><event><a k='v'> two <b/> three </a></event></trace>"
	    "<s>late</s><trace id='&quot;'><event></event></trace></log>\n",
	    "@" OUT " actor=e1 session=t1 app=shop label=one <同> "
	    "purpose=p1,p2\n"
	    "@" OUT " actor=e2 session=t1 app=shop purpose=p1,p2\n"
	    "@" OUT " app=shop label=two  three\n"
	    "@" OUT " session=\" app=shop\n");
}

/* From the first byte of the element to its last. */
static void
a_place_is_that_of_the_element(void **state)
{
	(void)state;
	run_expect(HEAD "records = /Consent\n" TAIL "actor = /@id\n",
	    " <Consent id='1'>\n</Consent>\n<Consent id='2'/><?pi?>",
	    "1+27" OUT " actor=1\n"
	    "29+17" OUT " actor=2\n");
}

static void
an_element_reads_as_json_does(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "<r/>", "{}" },
		{ "<r> \n</r>", "{}" },
		{ "<r>a</r>", "{\"#text\":\"a\"}" },
		{ "<?xml version='1.0'?><!-- c --><r a='1' b=''/>",
		    "{\"@a\":\"1\",\"@b\":\"\"}" },
		{ "<r><a>1</a></r>", "{\"a\":\"1\"}" },
		{ "<r><a>1</a><b/><a>2</a></r>",
		    "{\"a\":[\"1\",\"2\"],\"b\":\"\"}" },
		{ "<r><l>1</l></r>", "{\"l\":[\"1\"]}" },
		{ "<r><a><l x='1'/></a></r>",
		    "{\"a\":{\"l\":[{\"@x\":\"1\"}]}}" },
		{ "<n:r xmlns:n='u'><n:a n:k='v'>t</n:a></n:r>",
		    "{\"@xmlns:n\":\"u\",\"n:a\":{\"@n:k\":\"v\",\"#text\":"
		    "\"t\"}}" },
		{ "<r>a<b/>c<![CDATA[<d>&]]></r>",
		    "{\"#text\":\"ac<d>&\",\"b\":\"\"}" },
		{ "<r a='\"\\&#9;'>\"\\\r\n\t</r>",
		    "{\"@a\":\"\\\"\\\\\\u0009\",\"#text\":\"\\\"\\\\\"}" },
		{ "<r>&#x1F600;&amp;&apos;</r>",
		    "{\"#text\":\"\xf0\x9f\x98\x80&'\"}" },
	};
	struct span lists[] = { span_of("/l"), span_of("/a/l") };
	struct xml_lists l = { lists, 2 };
	struct xml_reader *x = xml_reader_new();
	struct buf out = { 0 };
	const char *reason;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		buf_reset(&out);
		if (xml_json(x, span_of(cases[i].text), &l, &out, &reason) < 0)
			fail_msg("%s: %s", cases[i].text, reason);
		assert_string_equal(out.p, cases[i].want);
	}
	buf_clear(&out);
	xml_reader_free(x);
}

static void
what_is_no_element_is_refused(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "invalid XML: no element found" },
		{ "text", "invalid XML: syntax error" },
		{ "<r>", "invalid XML: no element found" },
		{ "<r></s>", "invalid XML: mismatched tag" },
		{ "<r/><r/>", "invalid XML: junk after document element" },
		{ "<r>&e;</r>", "invalid XML: undefined entity" },
		{ "<r a='1' a='2'/>", "invalid XML: duplicate attribute" },
		{ "<r a=1/>", "invalid XML: not well-formed (invalid token)" },
		{ "<r>\x01</r>",
		    "invalid XML: not well-formed (invalid token)" },
		{ "<r>&#0;</r>",
		    "invalid XML: reference to invalid character number" },
		{ "<r>\xff</r>",
		    "invalid XML: not well-formed (invalid token)" },
		/* entities that grow, and files of others */
		{ "<!DOCTYPE r [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]>"
		  "<r>&b;</r>",
		    "invalid XML: a document type is not read" },
		{ "<!DOCTYPE r SYSTEM 'file:///etc/passwd'><r/>",
		    "invalid XML: a document type is not read" },
	};
	struct xml_lists none = { NULL, 0 };
	struct xml_reader *x = xml_reader_new();
	struct buf out = { 0 };
	const char *reason;
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(
		    xml_json(x, span_of(cases[i].text), &none, &out, &reason),
		    -1);
		assert_string_equal(reason, cases[i].want);
	}
	buf_reset(&out);
	for (k = 0; k <= XML_DEPTH_MAX; k++)
		(void)buf_str(&out, "<a>");
	assert_int_equal(
	    xml_json(x, buf_as_span(&out), &none, &(struct buf){ 0 }, &reason),
	    -1);
	assert_string_equal(reason, "invalid XML: nested too deep");
	buf_reset(&out);
	(void)buf_str(&out, "<r>");
	for (k = 0; k < XML_PARTS_MAX; k++)
		(void)buf_str(&out, "<a/>");
	(void)buf_str(&out, "</r>");
	assert_int_equal(
	    xml_json(x, buf_as_span(&out), &none, &(struct buf){ 0 }, &reason),
	    -1);
	assert_string_equal(
	    reason, "invalid XML: too many elements and attributes");
	buf_clear(&out);
	xml_reader_free(x);
}

static void
damage_costs_itself_only(void **state)
{
	(void)state;
	run_expect(EVENTS,
	    "<log><trace id='t'><event id='1'><a></event>"
	    "<event id='2'/>"
	    "<event id='3'><a></b></a></event>"
	    "<event id='4'/>"
	    "<event id='5' <event id='6'/>"
	    "<event id='7'>&e;</event>"
	    "<event id='8'>\xff</event>"
	    "<event id='9'/></trace></x>"
	    "<trace><event id='10'/></trace></log>junk"
	    "<log><trace><event id='11'/><event><a>",
	    "@ !invalid XML: tags do not match\n"
	    "@" OUT " actor=2 session=t\n"
	    "@ !invalid XML: tags do not match\n"
	    "@" OUT " actor=4 session=t\n"
	    "@ !invalid XML: a tag does not end\n"
	    "@" OUT " actor=6 session=t\n"
	    "@ !invalid XML: undefined entity\n"
	    "@ !invalid UTF-8\n"
	    "@" OUT " actor=9 session=t\n"
	    "@ !invalid XML: an end tag without its start\n"
	    "@" OUT " actor=10\n"
	    "@ !invalid XML: text outside the document\n"
	    "@" OUT " actor=11\n"
	    "@ !invalid XML: the document does not end\n");
	run_expect(EVENTS, "<log><trace id='t'><event id='1'/></trace>",
	    "@" OUT " actor=1 session=t\n"
	    "42+0 !invalid XML: the document does not end\n");
	run_expect(EVENTS, "no XML at all\n",
	    "0+14 !invalid XML: text outside the document\n");
	run_expect(EVENTS, "<log/><other><trace><event/></trace></other>", "");
}

/* What is around is kept up to a bound, whole elements only. */
static void
what_is_around_has_a_bound(void **state)
{
	struct map *m = run_map(EVENTS);
	struct buf b = { 0 };
	struct run r;
	int k;

	(void)state;
	(void)buf_str(&b, "<log><s>shop</s><trace id='t'>");
	for (k = 0; k < 20000; k++)
		(void)buf_printf(&b, "<s>p%d</s>", k % 3);
	(void)buf_str(&b, "<event id='1'/></trace></log>");
	run_input(&r, m, RECORD_UTF8, buf_as_span(&b), 1000);
	assert_int_equal(r.tally.mapped, 1);
	assert_non_null(
	    strstr(r.out.p, "actor=1 session=t app=shop purpose=p0,p1,p2"));
	run_clear(&r);
	buf_clear(&b);
	map_free(m);
}

static void
elements_may_be_split(void **state)
{
	(void)state;
	run_expect(HEAD "records = /log/r\nexplode = /p\n" TAIL
			"actor = /@id\npurpose = /p/*/@v\nlabel = /p/*/q\n"
			"text = ../p/[@v=x]/q\n",
	    "<log><p v='x'><q>up</q></p><r id='1'><p v='a'/></r><r id='2'>"
	    "<p v='b'><q>Q</q></p><p v='c'/></r></log>",
	    "27+24" OUT " actor=1 purpose=a text=up\n"
	    "51+45" OUT " actor=2 label=Q purpose=b text=up\n"
	    "51+45.1" OUT " actor=2 purpose=c text=up\n");
}

static void
xml_may_stand_in_a_string(void **state)
{
	(void)state;
	run_expect("[format]\nname = x\nversion = 1\ncontainer = jsonl\n" TAIL
		   "actor = /x > xml /@id\nlabel = /x > xml /a/0\n",
	    "{\"x\":\"<r id='u1'><a>one</a></r>\"}\n{\"x\":\"<r\"}\n",
	    "@" OUT " actor=u1 label=one\n"
	    "@" OUT "\n");
}

static void
what_a_mapping_cannot_say_is_refused(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ HEAD TAIL, "container xml needs records" },
		{ HEAD "records = log\n" TAIL, "a path of element names" },
		{ HEAD "records = /log//event\n" TAIL,
		    "a path of element names" },
		{ HEAD "records = /\n" TAIL, "a path of element names" },
		{ HEAD "records = /a/b/c/d/e/f/g/h/i\n" TAIL,
		    "a path of element names" },
		{ HEAD "records = /log/event\n" TAIL "actor = ../../@id\n",
		    "\"../../@id\" goes above the document" },
		{ HEAD "records = /log/event\n" TAIL "actor = id\n",
		    "is no JSON pointer" },
	};
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		memset(&err, 0, sizeof err);
		assert_null(map_compile("t.map", span_of(cases[i].text), &err));
		if (strstr(err.msg, cases[i].want) == NULL)
			fail_msg("%s: %s", cases[i].want, err.msg);
	}
}

/* Of any text, cut anyhow, the same comes out. */
static void
pieces_do_not_matter(void **state)
{
	static const char *const parts[] = { "<log>", "</log>", "<trace>",
		"<trace id='t'>", "</trace>", "<event>", "</event>",
		"<event id='1'/>", "<event id='2'><a>x</a></event>", "<s>p</s>",
		"<s>", "</s>", "<a>", "</a>", "text", " ", "<", ">", "<!--",
		"-->", "<![CDATA[", "]]>", "<?pi", "?>", "&amp;", "'", "\xff",
		"<!DOCTYPE log [", "]>", "</" };
	struct map *m = run_map(EVENTS);
	struct prop p = prop_seeded(13);
	struct buf b = { 0 };
	struct run whole, cut;
	int i, k;

	(void)state;
	for (i = 0; i < 6000; i++) {
		buf_reset(&b);
		(void)buf_str(&b, i % 3 == 0 ? "" : "<log><trace id='t'>");
		for (k = (int)prop_below(&p, 60); k >= 0; k--)
			(void)buf_str(&b, parts[prop_below(&p,
					      sizeof parts / sizeof parts[0])]);
		run_input(&whole, m, RECORD_UTF8, buf_as_span(&b), 0);
		run_input(&cut, m, RECORD_UTF8, buf_as_span(&b),
		    1 + prop_below(&p, i % 2 == 0 ? 20 : 300));
		run_same(&whole, &cut, &b);
		assert_int_equal(
		    whole.tally.fields_absent, cut.tally.fields_absent);
		run_clear(&whole);
		run_clear(&cut);
	}
	buf_clear(&b);
	map_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_are_records_with_what_is_around_them),
		cmocka_unit_test(a_place_is_that_of_the_element),
		cmocka_unit_test(an_element_reads_as_json_does),
		cmocka_unit_test(what_is_no_element_is_refused),
		cmocka_unit_test(damage_costs_itself_only),
		cmocka_unit_test(what_is_around_has_a_bound),
		cmocka_unit_test(elements_may_be_split),
		cmocka_unit_test(xml_may_stand_in_a_string),
		cmocka_unit_test(what_a_mapping_cannot_say_is_refused),
		cmocka_unit_test(pieces_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
