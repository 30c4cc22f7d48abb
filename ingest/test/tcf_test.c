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
	if (tcf_json(span_of(text), true, &out, &reason) < 0)
		fail_msg("%s: %s", text, reason);
	return out.p;
}

static void
refused(struct span text, const char *why)
{
	const char *reason = "?";

	buf_reset(&out);
	assert_int_equal(tcf_json(text, true, &out, &reason), -1);
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
	assert_non_null(strstr(json, ",2010,2011],"));
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
		if (tcf_json(s, true, &out, &reason) == 0)
			assert_int_equal(out.p[out.n - 1], '}');
		else
			assert_int_equal(out.n, 0);
	}
}

/* ---- what somebody decided --------------------------------------------------- */

/* A string of version 2, written bit by bit. */
struct writer {
	char text[512];
	size_t n; /* bits */
};

static void
put(struct writer *w, uint64_t v, unsigned n)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t digit;

	for (; n > 0; n--, w->n++) {
		digit = w->n % 6 == 0
			    ? 0
			    : (size_t)(strchr(letters, w->text[w->n / 6]) -
				       letters);
		digit |= (size_t)(v >> (n - 1) & 1) << (5 - w->n % 6);
		w->text[w->n / 6] = letters[digit];
		w->text[w->n / 6 + 1] = '\0';
	}
}

struct choice {
	unsigned policy;
	uint64_t created_ds;
	unsigned purposes, interests; /* 24 bits, purpose 1 the first */
	bool one_treatment;
	unsigned vendors, vendor_interests; /* of vendors 1 to 4 */
	unsigned disclosed; /* the same, with `says_disclosed` */
	bool says_disclosed;
};

static const char *
written(const struct choice *c, struct writer *w)
{
	memset(w, 0, sizeof *w);
	put(w, 2, 6);
	put(w, c->created_ds, 36);
	put(w, c->created_ds, 36);
	put(w, 7, 12); /* cmpId */
	put(w, 1, 12); /* cmpVersion */
	put(w, 1, 6);  /* consentScreen */
	put(w, 4, 6);  /* EN */
	put(w, 13, 6);
	put(w, 100, 12); /* vendorListVersion */
	put(w, c->policy, 6);
	put(w, 0, 2);
	put(w, 0, 12); /* special features */
	put(w, c->purposes, 24);
	put(w, c->interests, 24);
	put(w, c->one_treatment, 1);
	put(w, 3, 6); /* DE */
	put(w, 4, 6);
	put(w, 4, 16);
	put(w, 0, 1);
	put(w, c->vendors, 4);
	put(w, 4, 16);
	put(w, 0, 1);
	put(w, c->vendor_interests, 4);
	put(w, 0, 12);
	if (c->says_disclosed) {
		w->n = (w->n + 5) / 6 * 6;
		w->text[w->n / 6] = '.';
		w->n += 6;
		put(w, 1, 3);
		put(w, 4, 16);
		put(w, 0, 1);
		put(w, c->disclosed, 4);
	}
	return w->text;
}

static bool
has(const char *json, const char *list, const char *id, const char *rest)
{
	const char *at = strstr(json, list);
	char text[64];

	(void)snprintf(text, sizeof text, "{\"id\":\"%s\",", id);
	at = at != NULL ? strstr(at, text) : NULL;
	return at != NULL &&
	       strncmp(at + strlen(text), rest, strlen(rest)) == 0;
}

#define ROW(disclosed, consent, interest, choice, decision)         \
	"\"disclosed\":" disclosed ",\"consent\":" consent          \
	",\"legitimateInterest\":" interest ",\"choice\":\"" choice \
	"\",\"decision\":\"" decision "\"}"

static void
no_consent_is_a_refusal_only_of_what_was_disclosed(void **state)
{
	struct choice c = { .policy = 4,
		.purposes = 0x400000,	 /* 2 */
		.interests = 0x600000,	 /* 2, 3 */
		.vendors = 0x8,		 /* 1 */
		.vendor_interests = 0xc, /* 1, 2 */
		.disclosed = 0xa,	 /* 1, 3 */
		.says_disclosed = true };
	struct writer w;
	const char *json;

	(void)state;
	json = decoded(written(&c, &w));
	assert_true(has(json, "\"purposes\"", "1",
	    ROW("true", "false", "false", "refused", "refused")));
	assert_true(has(json, "\"purposes\"", "2",
	    ROW("true", "true", "true", "given", "given")));
	/* an interest is no consent */
	assert_true(has(json, "\"purposes\"", "3",
	    ROW("true", "false", "true", "refused", "refused")));
	assert_true(has(json, "\"vendors\"", "1",
	    ROW("true", "true", "true", "given", "given")));
	assert_true(has(json, "\"vendors\"", "2",
	    ROW("false", "false", "true", "unknown", "unknown")));
	assert_true(has(json, "\"vendors\"", "3",
	    ROW("true", "false", "false", "refused", "refused")));
	assert_null(strstr(strstr(json, "\"vendors\""), "{\"id\":\"4\""));
	/* purposes that the framework does not define were never asked for */
	assert_non_null(strstr(json, "{\"id\":\"11\""));
	assert_null(strstr(json, "{\"id\":\"12\""));
	c.policy = 2;
	assert_null(strstr(decoded(written(&c, &w)), "{\"id\":\"11\""));
	/* not asked for purpose 1 */
	c.one_treatment = true;
	assert_true(has(decoded(written(&c, &w)), "\"purposes\"", "1",
	    ROW("false", "false", "false", "unknown", "unknown")));
	/* nothing says what was disclosed */
	c.says_disclosed = false;
	json = decoded(written(&c, &w));
	assert_true(has(json, "\"purposes\"", "3",
	    ROW("false", "false", "true", "unknown", "unknown")));
	assert_true(has(json, "\"purposes\"", "2",
	    ROW("false", "true", "true", "given", "given")));
}

static void
the_string_of_an_open_banner_decides_nothing(void **state)
{
	struct choice c = { .policy = 4,
		.interests = 0x43e000, /* 2, 7 to 11 */
		.vendor_interests = 0xf,
		.disclosed = 0xf,
		.says_disclosed = true };
	struct writer w;
	const char *json;

	(void)state;
	json = decoded(written(&c, &w));
	assert_non_null(strstr(json, "\"atDisplay\":true"));
	assert_true(has(json, "\"purposes\"", "1",
	    ROW("true", "false", "false", "refused", "unknown")));
	assert_true(has(json, "\"vendors\"", "4",
	    ROW("true", "false", "true", "refused", "unknown")));
	/* who objects, or consents to anything, has acted */
	c.interests = 0x40e000;
	json = decoded(written(&c, &w));
	assert_non_null(strstr(json, "\"atDisplay\":false"));
	assert_true(has(json, "\"purposes\"", "1",
	    ROW("true", "false", "false", "refused", "refused")));
	c.interests = 0x43e000;
	c.vendors = 1;
	assert_non_null(
	    strstr(decoded(written(&c, &w)), "\"atDisplay\":false"));
}

/* The list of vendors is long: nobody pays for it who does not read it. */
static void
vendors_are_listed_where_they_are_wanted(void **state)
{
	struct choice c = { .policy = 4, .vendors = 0xf };
	struct writer w;
	const char *reason;

	(void)state;
	buf_reset(&out);
	assert_int_equal(
	    tcf_json(span_of(written(&c, &w)), false, &out, &reason), 0);
	assert_null(strstr(out.p, "\"vendors\":"));
	assert_non_null(strstr(out.p, "\"vendorConsents\":[1,2,3,4]"));
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
		assert_int_equal(
		    tcf_json(slot[0].text, false, &out, &reason), -1);
		return;
	}
	if (tcf_json(slot[0].text, false, &out, &reason) < 0)
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
	struct json_reader *r, *inner;
	struct json_plan *all, *vector, *ours;
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
	/* Only now: what skips comes no farther, and frees nothing. */
	r = json_reader_new();
	inner = json_reader_new();
	all = json_plan_new();
	vector = json_plan_new();
	ours = plan_of();
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
		cmocka_unit_test(
		    no_consent_is_a_refusal_only_of_what_was_disclosed),
		cmocka_unit_test(the_string_of_an_open_banner_decides_nothing),
		cmocka_unit_test(vendors_are_listed_where_they_are_wanted),
		cmocka_unit_test(vectors_of_others_decode_exactly),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	buf_clear(&out);
	arena_clear(&arena);
	return rc;
}
