/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"

#include <string.h>

#include "ingest/base/arena.h"
#include "ingest/json.h"
#include "ingest/tcf.h"
#include "ingest/test/sample.h"

static struct buf out;
static struct arena arena; /* of texts with escapes */

static const char *
decoded(const char *text)
{
	const char *reason = "?";

	buf_reset(&out);
	if (tcf_json(span_of(text), &out, &reason) < 0)
		fail_msg("%s: %s", text, reason);
	return out.p;
}

static void
refused(struct span text, const char *why)
{
	const char *reason = "?";

	buf_reset(&out);
	assert_int_equal(tcf_json(text, &out, &reason), -1);
	assert_string_equal(reason, why);
	assert_int_equal(out.n, 0);
}

/* The example of the specification of version 1.1, checked by hand. */
static void
version_1_has_one_list_of_vendors(void **state)
{
	const char *json = decoded("BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA");

	(void)state;
	assert_non_null(strstr(json, "\"version\":1,"));
	assert_non_null(strstr(json, "\"cmpId\":7,\"cmpVersion\":1,"
				     "\"consentScreen\":3,"
				     "\"consentLanguage\":\"EN\","
				     "\"vendorListVersion\":8,"
				     "\"purposesAllowed\":[1,2,3],"
				     "\"maxVendorId\":2011,"));
	assert_non_null(strstr(json, "\"created\":\"2017-11-07T19:15:55.4Z\""));
	/* consent by default, but not to vendor 9 */
	assert_non_null(strstr(json, ":[1,2,3,4,5,6,7,8,10,11,"));
	assert_non_null(strstr(json, ",2010,2011]}"));
}

static void
what_is_no_string_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "not base64" },
		{ "C!", "not base64" },
		{ "C", "it is cut short" },
		{ "D", "unknown version" },
		{ "DA", "unknown version" },
		{ "COtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA.",
		    "not base64" },
		{ "COtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA.gAAA",
		    "a segment has an unknown type" },
		{ "COtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA.IAAA.IAAA",
		    "a segment stands twice" },
		{ "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA.IAAA",
		    "version 1 has no segments" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		refused(span_of(cases[i].text), cases[i].why);
}

/* Every string cut at every place: an object or a reason, nothing else. */
static void
a_cut_string_is_no_other_string(void **state)
{
	static const char whole[] =
	    "COrEAV4OrXx94ACABBENAHCIAD-AAAAAAACAAxAAAAgAIAwgAgAAAAEAgQAAAAA"
	    "EAYQAQAAAACAAAABAAA.IBAgAAAgAIAwgAgAAAAEAAAACA.QAagAQAgAIAwgA"
	    ".cAAAAAAAITg=";
	const char *reason;
	struct span s = { whole, 0 };

	(void)state;
	for (; s.n < sizeof whole - 1; s.n++) {
		buf_reset(&out);
		if (tcf_json(s, &out, &reason) == 0)
			assert_int_equal(out.p[out.n - 1], '}');
		else
			assert_int_equal(out.n, 0);
	}
}

/* ---- vectors of others ------------------------------------------------------ */

#define FIELDS                                                              \
	"version", "created", "lastUpdated", "cmpId", "cmpVersion",         \
	    "consentScreen", "consentLanguage", "vendorListVersion",        \
	    "tcfPolicyVersion", "isServiceSpecific", "useNonStandardTexts", \
	    "specialFeatureOptIns", "purposesConsent",                      \
	    "purposesLITransparency", "purposeOneTreatment", "publisherCC", \
	    "vendorConsentMax", "vendorConsents", "vendorLIMax",            \
	    "vendorLegitimateInterests", "publisherRestrictions",           \
	    "vendorsDisclosed", "vendorsAllowed", "pubPurposesConsent",     \
	    "pubPurposesLITransparency", "numCustomPurposes",               \
	    "customPurposesConsent", "customPurposesLITransparency"

static const char *const fields[] = { FIELDS };
enum { N_FIELDS = sizeof fields / sizeof fields[0], MANY = 8192 };

static struct json_plan *
plan_of(void)
{
	struct json_plan *plan = json_plan_new();
	char pointer[64];
	int i;

	for (i = 0; i < N_FIELDS; i++) {
		(void)snprintf(pointer, sizeof pointer, "/%s", fields[i]);
		assert_int_equal(json_plan_add(plan, span_of(pointer), i), 0);
	}
	return plan;
}

static void same_value(const struct value *a, const struct value *b);

static void
same_list(const struct value *a, const struct value *b)
{
	struct value *x = calloc(2 * MANY, sizeof *x), *y = x + MANY;
	size_t n, i;

	assert_non_null(x);
	n = json_elements(a, &arena, x, MANY);
	assert_int_equal(n, json_elements(b, &arena, y, MANY));
	assert_in_range(n, 0, MANY);
	for (i = 0; i < n; i++)
		same_value(&x[i], &y[i]);
	free(x);
}

/* The members of a restriction by name, in any order. */
static void
restriction_read(const struct value *object, struct value member[3])
{
	static const char *const names[3] = { "purposeId", "restrictionType",
		"vendorIds" };
	struct json_reader *r = json_reader_new();
	struct json_plan *whole = json_plan_new();
	struct json_walk w;
	struct value v;
	struct span key;
	int i;

	memset(member, 0, 3 * sizeof *member);
	(void)json_plan_add(whole, span_of(""), 0);
	json_walk_begin(&w, object);
	while (json_walk_next(&w, r, whole, &v, &key) != JSON_END)
		for (i = 0; i < 3; i++)
			if (span_eq(key, span_of(names[i])))
				member[i] = v;
	json_plan_free(whole);
	json_reader_free(r);
}

static void
same_restriction(const struct value *a, const struct value *b)
{
	struct value x[3], y[3];
	int i;

	restriction_read(a, x);
	restriction_read(b, y);
	for (i = 0; i < 3; i++)
		same_value(&x[i], &y[i]);
}

static void
same_value(const struct value *a, const struct value *b)
{
	assert_int_equal(a->type, b->type);
	switch (a->type) {
	case VALUE_ABSENT:
		break;
	case VALUE_BOOL:
		assert_int_equal(a->b, b->b);
		break;
	case VALUE_INT:
		assert_int_equal(a->i, b->i);
		break;
	case VALUE_TEXT:
		assert_true(span_eq(a->text, b->text));
		break;
	case VALUE_ARRAY:
		same_list(a, b);
		break;
	case VALUE_OBJECT:
		same_restriction(a, b);
		break;
	default:
		fail_msg("a value of type %d", (int)a->type);
	}
}

/* The vector's "decoded" against what tcf_json() makes of its string. */
static void
same_vector(
    struct json_reader *r, const struct json_plan *ours, struct value *slot)
{
	struct value got[N_FIELDS];
	const char *reason;
	int i;

	buf_reset(&out);
	if (slot[1].type == VALUE_ABSENT) { /* "error" instead */
		assert_int_equal(tcf_json(slot[0].text, &out, &reason), -1);
		return;
	}
	if (tcf_json(slot[0].text, &out, &reason) < 0)
		fail_msg(
		    "%.*s: %s", (int)slot[0].text.n, slot[0].text.p, reason);
	(void)buf_room(&out, JSON_PADDING_BYTES);
	assert_int_equal(
	    json_parse(r, ours, buf_as_span(&out), got, &reason), JSON_OK);
	for (i = 0; i < N_FIELDS; i++)
		same_value(&slot[2 + i], &got[i]);
}

static void
vectors_of_others_decode_exactly(void **state)
{
	struct json_reader *r = json_reader_new(), *inner = json_reader_new();
	struct json_plan *all = json_plan_new(), *vector = json_plan_new();
	struct json_plan *ours = plan_of();
	struct value list, slot[N_FIELDS + 2];
	struct buf b = { 0 };
	const char *reason;
	struct json_walk w;
	struct span key;
	char pointer[64];
	int i, n = 0;

	(void)state;
	if (!sample_read("tcf/tcf_v2_vectors.json", &b)) {
		print_message("skipped: no vectors of others\n");
		skip();
	}
	(void)buf_room(&b, JSON_PADDING_BYTES);
	(void)json_plan_add(vector, span_of("/tc_string"), 0);
	(void)json_plan_add(vector, span_of("/decoded"), 1);
	for (i = 0; i < N_FIELDS; i++) {
		(void)snprintf(
		    pointer, sizeof pointer, "/decoded/%s", fields[i]);
		(void)json_plan_add(vector, span_of(pointer), 2 + i);
	}
	(void)json_plan_add(all, span_of(""), 0);
	assert_int_equal(
	    json_parse(r, all, buf_as_span(&b), &list, &reason), JSON_OK);
	for (json_walk_begin(&w, &list);
	     json_walk_next(&w, r, vector, slot, &key) == JSON_OK; n++)
		same_vector(inner, ours, slot);
	assert_int_equal(n, 12);
	json_plan_free(all);
	json_plan_free(vector);
	json_plan_free(ours);
	json_reader_free(r);
	json_reader_free(inner);
	buf_clear(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_1_has_one_list_of_vendors),
		cmocka_unit_test(what_is_no_string_is_refused),
		cmocka_unit_test(a_cut_string_is_no_other_string),
		cmocka_unit_test(vectors_of_others_decode_exactly),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	buf_clear(&out);
	arena_clear(&arena);
	return rc;
}
