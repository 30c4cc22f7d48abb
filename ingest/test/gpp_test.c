/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The strings and what they mean are from the tests of IABTechLab/iabgpp-es
 * (Apache 2.0; "modules/cmpapi/test") and noirotm/iabgpp-rs (MIT; "rs" below).
 */
#include "fixtures/test.h"

#include <string.h>

#include "ingest/gpp.h"

static struct buf out;

static const char *
decoded(const char *text)
{
	const char *reason = "?";

	buf_reset(&out);
	if (gpp_json(span_of(text), true, &out, &reason) < 0)
		fail_msg("%s: %s", text, reason);
	return out.p;
}

#define CORE_1 "\"SaleOptOut\":1,\"TargetedAdvertisingOptOut\":1,"
#define NOTICES_1 \
	"\"SaleOptOutNotice\":1,\"TargetedAdvertisingOptOutNotice\":1,"
#define SHARING_1    "\"Version\":1,\"SharingNotice\":1," NOTICES_1 CORE_1
#define PROCESSING_1 "\"Version\":1,\"ProcessingNotice\":1," NOTICES_1 CORE_1
#define SENSITIVE    "\"SensitiveDataProcessing\":"
#define EIGHT	     SENSITIVE "[2,1,0,2,1,0,2,1],"
#define EIGHT_1	     SENSITIVE "[1,1,1,1,1,1,1,1],"
#define CHILD	     "\"KnownChildSensitiveDataConsents\":"
#define MORE_1	     "\"AdditionalDataProcessingConsent\":1"
#define FROM_2025_1                                                      \
	"\"MspaVersion\":1,\"MspaCoveredTransaction\":1,\"MspaMode\":1," \
	"\"ProcessingNotice\":1," NOTICES_1 CORE_1
#define MSPA_112                                                    \
	",\"MspaCoveredTransaction\":1,\"MspaOptOutOptionMode\":1," \
	"\"MspaServiceProviderMode\":2"
#define MSPA_212                                                    \
	",\"MspaCoveredTransaction\":2,\"MspaOptOutOptionMode\":1," \
	"\"MspaServiceProviderMode\":2"
#define MSPA_200                                                    \
	",\"MspaCoveredTransaction\":2,\"MspaOptOutOptionMode\":0," \
	"\"MspaServiceProviderMode\":0"
#define NATIONAL_0                                   \
	"\"SharingNotice\":0,"                       \
	"\"SaleOptOutNotice\":0,"                    \
	"\"SharingOptOutNotice\":0,"                 \
	"\"TargetedAdvertisingOptOutNotice\":0,"     \
	"\"SensitiveDataProcessingOptOutNotice\":0," \
	"\"SensitiveDataLimitUseNotice\":0,"         \
	"\"SaleOptOut\":0,"                          \
	"\"SharingOptOut\":0,"                       \
	"\"TargetedAdvertisingOptOut\":0,"
#define NATIONAL_1                                   \
	"\"SharingNotice\":1,"                       \
	"\"SaleOptOutNotice\":1,"                    \
	"\"SharingOptOutNotice\":1,"                 \
	"\"TargetedAdvertisingOptOutNotice\":1,"     \
	"\"SensitiveDataProcessingOptOutNotice\":1," \
	"\"SensitiveDataLimitUseNotice\":1,"         \
	"\"SaleOptOut\":1,"                          \
	"\"SharingOptOut\":1,"                       \
	"\"TargetedAdvertisingOptOut\":1,"
#define NATIONAL_2                                   \
	"\"SharingNotice\":1,"                       \
	"\"SaleOptOutNotice\":1,"                    \
	"\"SharingOptOutNotice\":1,"                 \
	"\"TargetedAdvertisingOptOutNotice\":1,"     \
	"\"SensitiveDataProcessingOptOutNotice\":0," \
	"\"SensitiveDataLimitUseNotice\":0,"         \
	"\"SaleOptOut\":2,"                          \
	"\"SharingOptOut\":2,"                       \
	"\"TargetedAdvertisingOptOut\":2,"

static void
every_section_has_the_fields_of_its_specification(void **state)
{
	static const struct {
		const char *text, *json;
	} cases[] = {
		/* rs: usnat of version 1 */
		{ "DBABLA~BVVVVVVVVWA",
		    "\"usnat\":{\"Version\":1," NATIONAL_1 SENSITIVE
		    "[1,1,1,1,1,1,1,1,1,1,1,1]," CHILD
		    "[1,1],\"PersonalDataConsents\":1" MSPA_112 "}" },
		{ "DBABLA~BVQqAAAACg",
		    "\"usnat\":{\"Version\":1," NATIONAL_2 SENSITIVE
		    "[0,0,0,0,0,0,0,0,0,0,0,0]," CHILD
		    "[0,0],\"PersonalDataConsents\":2" MSPA_200 "}" },
		/* the encoder's longer layout of the same version */
		{ "DBABLA~BVVVkkkkkpFY.YA",
		    "\"usnat\":{\"Version\":1," NATIONAL_1 SENSITIVE
		    "[2,1,0,2,1,0,2,1,0,2,1,0,2,"
		    "1,0,2]," CHILD
		    "[2,1,0],\"PersonalDataConsents\":1" MSPA_112
		    ",\"Gpc\":true}" },
		/* rs: usnat of version 2 */
		{ "DBABLA~CAAAAAAAAAWA.Q",
		    "\"usnat\":{\"Version\":2," NATIONAL_0 SENSITIVE
		    "[0,0,0,0,0,0,0,0,0,0,0,0,0,"
		    "0,0,0]," CHILD
		    "[0,0,1],\"PersonalDataConsents\":1" MSPA_200
		    ",\"Gpc\":false}" },
		{ "DBABBg~BVWSSSVY.YA",
		    "\"usca\":{\"Version\":1,\"SaleOptOutNotice\":1,"
		    "\"SharingOptOutNotice\":1,"
		    "\"SensitiveDataLimitUseNotice\":1,\"SaleOptOut\":1,"
		    "\"SharingOptOut\":1," SENSITIVE
		    "[2,1,0,2,1,0,2,1,0]," CHILD
		    "[2,1],\"PersonalDataConsents\":1" MSPA_112
		    ",\"Gpc\":true}" },
		{ "DBABRg~BVVVVWY", /* rs */
		    "\"usva\":{" SHARING_1 EIGHT_1 CHILD "1" MSPA_212 "}" },
		{ "DBABJg~BVVVVVg", /* rs */
		    "\"usco\":{" SHARING_1 SENSITIVE "[1,1,1,1,1,1,1]," CHILD
		    "1" MSPA_112 "}" },
		{ "DBABFg~BVVVVVmA", /* rs */
		    "\"usut\":{\"Version\":1,\"SharingNotice\":1," NOTICES_1
		    "\"SensitiveDataProcessingOptOutNotice\":1," CORE_1 EIGHT_1
			CHILD "1" MSPA_212 "}" },
		{ "DBABVg~BVVVVVVg.YA", /* rs */
		    "\"usct\":{" SHARING_1 EIGHT_1 CHILD "[1,1,1]" MSPA_112
		    ",\"Gpc\":true}" },
		{ "DBABAw~BVWSSZlY", "\"usfl\":{" PROCESSING_1 EIGHT CHILD
				     "[2,1,2]," MORE_1 MSPA_112 "}" },
		{ "DBABQw~BVWSSZFY.YA",
		    "\"usmt\":{" SHARING_1 EIGHT CHILD
		    "[2,1,0]," MORE_1 MSPA_112 ",\"Gpc\":true}" },
		{ "DBABIw~BVWSSRpFYA.YA",
		    "\"usor\":{" PROCESSING_1 SENSITIVE
		    "[2,1,0,2,1,0,2,1,0,1,2]," CHILD "[2,1,0]," MORE_1 MSPA_112
		    ",\"Gpc\":true}" },
		{ "DBABEw~BVWSSVW.Y", "\"ustx\":{" PROCESSING_1 EIGHT CHILD
				      "1," MORE_1 MSPA_112 ",\"Gpc\":true}" },
		{ "DBABUw~BVWSSSSVY.Y",
		    "\"usde\":{" PROCESSING_1 SENSITIVE
		    "[2,1,0,2,1,0,2,1,0]," CHILD "[2,1,0,2,1]," MORE_1 MSPA_112
		    ",\"Gpc\":true}" },
		{ "DBABCw~BVVkklW.Y",
		    "\"usia\":{\"Version\":1,\"ProcessingNotice\":1," NOTICES_1
		    "\"SensitiveDataOptOutNotice\":1," CORE_1 EIGHT CHILD
		    "1" MSPA_112 ",\"Gpc\":true}" },
		{ "DBABSw~BVWSSVWA.YA", "\"usne\":{" PROCESSING_1 EIGHT CHILD
					"1," MORE_1 MSPA_112 ",\"Gpc\":true}" },
		{ "DBABKw~BVWSSZFY.YA",
		    "\"usnh\":{" PROCESSING_1 EIGHT CHILD
		    "[2,1,0]," MORE_1 MSPA_112 ",\"Gpc\":true}" },
		{ "DBABAYA~BVWSSRklWA.YA",
		    "\"usnj\":{" PROCESSING_1 SENSITIVE
		    "[2,1,0,2,1,0,2,1,0,1]," CHILD
		    "[2,1,0,2,1]," MORE_1 MSPA_112 ",\"Gpc\":true}" },
		{ "DBABQYA~BVWSSVWA.YA",
		    "\"ustn\":{" PROCESSING_1 EIGHT CHILD "1," MORE_1 MSPA_112
		    ",\"Gpc\":true}" },
		{ "DBABIYA~BVWSSVW.Y", "\"usmn\":{" PROCESSING_1 EIGHT CHILD
				       "1," MORE_1 MSPA_112 ",\"Gpc\":true}" },
		{ "DBABEYA~BVVU.Y", /* by hand */
		    "\"usmd\":{" FROM_2025_1 MORE_1 ",\"Gpc\":true}" },
		{ "DBABUYA~BVVV.kkk", "\"usin\":{" FROM_2025_1 CHILD "1," MORE_1
				      "," SENSITIVE "[2,1,0,2,1,0,2,1]}" },
		{ "DBABCYA~BVVV.kkk", "\"usky\":{" FROM_2025_1 CHILD "1," MORE_1
				      "," SENSITIVE "[2,1,0,2,1,0,2,1]}" },
		{ "DBABSYA~BVVV",
		    "\"usri\":{" FROM_2025_1 CHILD "1," MORE_1 "}" },
	};
	const char *json, *at;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		json = decoded(cases[i].text);
		at = strstr(json, "],\"");
		assert_non_null(at);
		assert_int_equal(json[strlen(json) - 1], '}');
		out.p[out.n - 1] = '\0';
		assert_string_equal(at + 2, cases[i].json);
	}
}

static void
the_header_names_the_sections(void **state)
{
	const char *json;

	(void)state;
	assert_string_equal(decoded("DBAA"), "{\"version\":1,\"sections\":[]}");
	assert_string_equal(decoded("DBABTA~1YNN"),
	    "{\"version\":1,\"sections\":[6],\"uspv1\":{\"Version\":1,"
	    "\"Notice\":\"Y\",\"OptOutSale\":\"N\",\"LspaCovered\":\"N\"}}");
	json = decoded("DBACNYA~CPSG_8APSG_8ANwAAAENAwCAAAAAAAAAAAAAAAAAAAAA"
		       ".QAAA.IAAA~1YNN");
	assert_non_null(strstr(json, "\"sections\":[2,6],\"tcfeuv2\":{"
				     "\"version\":2,"));
	assert_non_null(strstr(json, "\"cmpId\":880,"));
	assert_non_null(strstr(json, ",\"uspv1\":{\"Version\":1,"));
	/* ranges of sections: 2, and 5 and 6 */
	json = decoded("DBACOeA~CPSG_8APSG_8ANwAAAENAwCAAAAAAAAAAAAAAAAAAAAA"
		       ".QAAA.IAAA~CPSG_8APSG_8AAyACAENGdCgf_gfgAfgfgBgABABA"
		       "AABAB4AACAC.fHHHA4444ao~1YNN");
	assert_non_null(strstr(json, "\"sections\":[2,5,6],"));
}

/* TCF Canada: the vectors of both. */
static void
canada_tells_express_from_implied(void **state)
{
	const char *json =
	    decoded("DBABjw~CPSG_8APSG_8AAyACAENGdCgf_gfgAfgfgBgABABAAABAB4"
		    "AACAC.fHHHA4444ao~1YNN");

	(void)state;
	assert_non_null(strstr(json,
	    "\"tcfcav1\":{\"version\":2,\"created\":\"2022-01-01T00:00:00.0Z\","
	    "\"lastUpdated\":\"2022-01-01T00:00:00.0Z\",\"cmpId\":50,"
	    "\"cmpVersion\":2,\"consentScreen\":0,\"consentLanguage\":\"EN\","
	    "\"vendorListVersion\":413,\"tcfPolicyVersion\":2,"
	    "\"useNonStandardStacks\":true,"
	    "\"specialFeatureExpressConsent\":[7,8,9,10,11,12],"
	    "\"purposesExpressConsent\":[1,2,3,4,5,6,13,14,15,16,17,18],"
	    "\"purposesImpliedConsent\":[7,8,9,10,11,12,19,20,21,22,23,24],"
	    "\"vendorExpressConsent\":[12,24,48],"
	    "\"vendorImpliedConsent\":[18,30],"));
	assert_non_null(
	    strstr(json, "\"numCustomPurposes\":3,"
			 "\"customPurposesExpressConsent\":[2],"
			 "\"customPurposesImpliedConsent\":[1,3]}"));
	json = decoded("DBABjw~BPXuQIAPXuQIAAfKABENB-CgAAAAAAAAAAAAAAAA"
		       ".YAAAAAAAAAA~1YNN");
	assert_non_null(strstr(json, "\"cmpId\":31,\"cmpVersion\":640,"));
}

/* Kept, not guessed at and not an error. */
static void
what_is_no_known_layout_stays_text(void **state)
{
	static const struct {
		const char *text, *json;
	} cases[] = {
		{ "DBABKYA~BVVV", "\"section28\":\"BVVV\"" },
		{ "DBABLA~gqgkgAAAAEA", "\"section7\":\"gqgkgAAAAEA\"" },
		{ "DBABLA~BVVVVVVVVWA.AA", "\"section7\":\"BVVVVVVVVWA.AA\"" },
		{ "DBABLA~BVV", "\"section7\":\"BVV\"" },
		{ "DBABLA~", "?" },
		/* what the draft of 2025 puts before the core */
		{ "DBABEYA~YBAA.BVVV", "\"section24\":\"YBAA.BVVV\"" },
		{ "DBABTA~1YXN", "\"section6\":\"1YXN\"" },
		{ "DBABM~CPX", "\"section2\":\"CPX\"" },
	};
	const char *reason;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (cases[i].json[0] == '?') {
			assert_int_equal(gpp_json(span_of(cases[i].text), true,
					     &out, &reason),
			    -1);
			continue;
		}
		assert_non_null(strstr(decoded(cases[i].text), cases[i].json));
	}
}

static void
what_is_no_string_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "not base64" },
		{ "DBA\"", "not base64" },
		{ "CPXxRfAPXxRfAAfKABENB", "it has no GPP header" },
		{ "DCAA", "unknown version" },
		{ "DBAB", "the header's list of sections is cut short" },
		{ "DB__", "the header's list of sections is cut short" },
		{ "DBABTA", "a section of the header is missing" },
		{ "DBABTA~1YNN~1YNN",
		    "there are more sections than the header says" },
	};
	const char *reason = "?";
	size_t i;

	(void)state;
	buf_reset(&out);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(
		    gpp_json(span_of(cases[i].text), true, &out, &reason), -1);
		assert_string_equal(reason, cases[i].why);
		assert_int_equal(out.n, 0);
	}
}

static void
a_bare_us_privacy_string_is_read(void **state)
{
	static const char *const wrong[] = { "", "1", "1YN", "2YN-", "1YNNY",
		"1yn-", "ZYN-" };
	const char *reason;
	size_t i;

	(void)state;
	buf_reset(&out);
	assert_int_equal(usp_json(span_of("1YN-"), &out, &reason), 0);
	assert_string_equal(out.p, "{\"Version\":1,\"Notice\":\"Y\","
				   "\"OptOutSale\":\"N\",\"LspaCovered\":"
				   "\"-\"}");
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(
		    usp_json(span_of(wrong[i]), &out, &reason), -1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_section_has_the_fields_of_its_specification),
		cmocka_unit_test(the_header_names_the_sections),
		cmocka_unit_test(canada_tells_express_from_implied),
		cmocka_unit_test(what_is_no_known_layout_stays_text),
		cmocka_unit_test(what_is_no_string_is_refused),
		cmocka_unit_test(a_bare_us_privacy_string_is_read),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	buf_clear(&out);
	return rc;
}
