/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/tcf.h"

#include <string.h>

#include "ingest/base/utc.h"
#include "ingest/bits.h"

enum { SEGMENT_DISCLOSED = 1, SEGMENT_ALLOWED, SEGMENT_PUBLISHER };
enum { PURPOSES = 24, SPECIAL_FEATURES = 12 };
/* Purposes that the framework defines, by the version of its policies. */
/*
 * Vendors that the restrictions of a string may name, one by one: few bits
 * say "all vendors" thousands of times, and the list of vendors has not had
 * 2000.
 */
enum { RESTRICTED_MAX = 1 << 18 };
enum { PURPOSES_V1 = 5, PURPOSES_V2 = 10, PURPOSES_V2_2 = 11, POLICY_V2_2 = 4 };

/* What was said about a list of purposes or vendors. */
struct said {
	struct bits_set consent, interest;
};

struct decoder {
	struct bits bits;
	struct buf room; /* the segment's bytes */
	struct buf *out;
	struct bits_set set; /* the last one read */
	struct said purpose, vendor;
	struct bits_set disclosed; /* vendors */
	unsigned version, policy;
	bool one_treatment, has_features;
	unsigned seen; /* segments: bit of the type */
	bool is_canada;
	const char *wrong;
};

/* ---- one field each ---- */

static void
key(struct decoder *d, const char *name)
{
	char last = d->out->n > 0 ? d->out->p[d->out->n - 1] : '{';

	if (last != '{')
		(void)buf_char(d->out, ',');
	(void)buf_printf(d->out, "\"%s\":", name);
}

static unsigned
number(struct decoder *d, const char *name, unsigned n_bits)
{
	unsigned v = (unsigned)bits_get(&d->bits, n_bits);

	key(d, name);
	(void)buf_printf(d->out, "%u", v);
	return v;
}

static bool
boolean(struct decoder *d, const char *name)
{
	bool b = bits_get(&d->bits, 1) != 0;

	key(d, name);
	(void)buf_str(d->out, b ? "true" : "false");
	return b;
}

/* Deciseconds since 1970. */
static void
instant(struct decoder *d, const char *name)
{
	uint64_t ds = bits_get(&d->bits, 36);
	char text[UTC_TEXT_BYTES];

	/* in whole seconds the text has no fraction: the tenth is put in */
	(void)utc_format((int64_t)(ds / 10) * UTC_US_S, text);
	key(d, name);
	(void)buf_printf(d->out, "\"%.*s.%uZ\"", (int)strlen(text) - 1, text,
	    (unsigned)(ds % 10));
}

/* Two letters, A is 0. */
static void
letters(struct decoder *d, const char *name)
{
	unsigned a = (unsigned)bits_get(&d->bits, 6);
	unsigned b = (unsigned)bits_get(&d->bits, 6);

	if (a > 25 || b > 25) {
		d->wrong = "a language or country is not two letters";
		return;
	}
	key(d, name);
	(void)buf_printf(d->out, "\"%c%c\"", 'A' + (int)a, 'A' + (int)b);
}

static void
flags(struct decoder *d, const char *name, unsigned n)
{
	bits_set_clear(&d->set);
	bits_set_get(&d->set, &d->bits, n);
	key(d, name);
	bits_set_json(&d->set, d->out);
}

/* ---- lists of vendors ---- */

/* Entries of one vendor or of a first and a last one. */
static void
ranges(struct decoder *d)
{
	unsigned n = (unsigned)bits_get(&d->bits, 12), from, to;
	bool is_range;

	for (; n > 0 && !d->bits.is_short; n--) {
		is_range = bits_get(&d->bits, 1) != 0;
		from = to = (unsigned)bits_get(&d->bits, 16);
		if (is_range)
			to = (unsigned)bits_get(&d->bits, 16);
		if (from == 0 || from > to) {
			d->wrong = "a range of vendors runs backwards";
			return;
		}
		bits_set_add(&d->set, from, to);
	}
}

static void
vendors(struct decoder *d, const char *max_name, const char *name)
{
	unsigned max = (unsigned)bits_get(&d->bits, 16);

	if (max_name != NULL) {
		key(d, max_name);
		(void)buf_printf(d->out, "%u", max);
	}
	bits_set_clear(&d->set);
	if (bits_get(&d->bits, 1) != 0)
		ranges(d);
	else
		bits_set_get(&d->set, &d->bits, max);
	key(d, name);
	bits_set_json(&d->set, d->out);
}

static void
restrictions(struct decoder *d)
{
	unsigned n = (unsigned)bits_get(&d->bits, 12), named = 0;

	key(d, "publisherRestrictions");
	(void)buf_char(d->out, '[');
	for (; n > 0 && !d->bits.is_short && d->wrong == NULL; n--) {
		(void)buf_char(d->out, '{');
		(void)number(d, "purposeId", 6);
		(void)number(d, "restrictionType", 2);
		bits_set_clear(&d->set);
		ranges(d);
		named += bits_set_count(&d->set);
		if (named > RESTRICTED_MAX) {
			d->wrong = "its restrictions name too many vendors";
			return;
		}
		key(d, "vendorIds");
		bits_set_json(&d->set, d->out);
		(void)buf_str(d->out, n > 1 ? "}," : "}");
	}
	(void)buf_char(d->out, ']');
}

/* ---- strings ---- */

static void
head(struct decoder *d)
{
	instant(d, "created");
	instant(d, "lastUpdated");
	(void)number(d, "cmpId", 12);
	(void)number(d, "cmpVersion", 12);
	(void)number(d, "consentScreen", 6);
	letters(d, "consentLanguage");
	(void)number(d, "vendorListVersion", 12);
}

/* In a list of ranges the entries are those that differ from a default. */
static void
vendors_v1(struct decoder *d)
{
	unsigned max = number(d, "maxVendorId", 16), i;
	bool by_default = false;

	bits_set_clear(&d->set);
	if (bits_get(&d->bits, 1) == 0) {
		bits_set_get(&d->set, &d->bits, max);
	} else {
		by_default = bits_get(&d->bits, 1) != 0;
		ranges(d);
	}
	for (i = 1; i <= max; i++)
		if (bits_set_has(&d->set, i) != by_default)
			bits_set_add(&d->vendor.consent, i, i);
	key(d, "vendorConsents");
	bits_set_json(&d->vendor.consent, d->out);
}

static void
string_v1(struct decoder *d)
{
	head(d);
	flags(d, "purposesAllowed", PURPOSES);
	bits_set_copy(&d->purpose.consent, &d->set);
	vendors_v1(d);
}

static void
core_v2(struct decoder *d)
{
	head(d);
	d->policy = number(d, "tcfPolicyVersion", 6);
	(void)boolean(d, "isServiceSpecific");
	(void)boolean(d, "useNonStandardTexts");
	flags(d, "specialFeatureOptIns", SPECIAL_FEATURES);
	d->has_features = !bits_set_is_empty(&d->set);
	flags(d, "purposesConsent", PURPOSES);
	bits_set_copy(&d->purpose.consent, &d->set);
	flags(d, "purposesLITransparency", PURPOSES);
	bits_set_copy(&d->purpose.interest, &d->set);
	d->one_treatment = boolean(d, "purposeOneTreatment");
	letters(d, "publisherCC");
	vendors(d, "vendorConsentMax", "vendorConsents");
	bits_set_copy(&d->vendor.consent, &d->set);
	vendors(d, "vendorLIMax", "vendorLegitimateInterests");
	bits_set_copy(&d->vendor.interest, &d->set);
	restrictions(d);
}

static void
publisher(struct decoder *d)
{
	unsigned n;

	flags(d, "pubPurposesConsent", PURPOSES);
	flags(d, "pubPurposesLITransparency", PURPOSES);
	n = number(d, "numCustomPurposes", 6);
	flags(d, "customPurposesConsent", n);
	flags(d, "customPurposesLITransparency", n);
}

static void
core(struct decoder *d, bool is_last)
{
	d->version = number(d, "version", 6);
	switch (d->version) {
	case 1:
		if (is_last)
			string_v1(d);
		else
			d->wrong = "version 1 has no segments";
		break;
	case 2:
		core_v2(d);
		break;
	default:
		d->wrong = "unknown version";
	}
}

/* ---- Canada -------------------------------------------------------------- */

/* Encoders wrote 2 as the version of the same layout. */
static void
canada_core(struct decoder *d)
{
	unsigned version = number(d, "version", 6);

	if (version != 1 && version != 2) {
		d->wrong = "unknown version";
		return;
	}
	head(d);
	(void)number(d, "tcfPolicyVersion", 6);
	(void)boolean(d, "useNonStandardStacks");
	flags(d, "specialFeatureExpressConsent", SPECIAL_FEATURES);
	flags(d, "purposesExpressConsent", PURPOSES);
	flags(d, "purposesImpliedConsent", PURPOSES);
	vendors(d, NULL, "vendorExpressConsent");
	vendors(d, NULL, "vendorImpliedConsent");
	/* restrictions follow since 1.1; encoders differ in how they code
	 * them, so that they are not read */
}

static void
canada_publisher(struct decoder *d)
{
	unsigned n;

	flags(d, "pubPurposesExpressConsent", PURPOSES);
	flags(d, "pubPurposesImpliedConsent", PURPOSES);
	n = number(d, "numCustomPurposes", 6);
	flags(d, "customPurposesExpressConsent", n);
	flags(d, "customPurposesImpliedConsent", n);
}

/* ---- segments ------------------------------------------------------------ */

static void
segment(struct decoder *d)
{
	unsigned type = (unsigned)bits_get(&d->bits, 3);

	if ((d->seen & 1U << type) != 0)
		d->wrong = "a segment stands twice";
	d->seen |= 1U << type;
	if (d->wrong != NULL)
		return;
	if (type == SEGMENT_DISCLOSED) {
		vendors(d, NULL, "vendorsDisclosed");
		bits_set_copy(&d->disclosed, &d->set);
	} else if (type == SEGMENT_ALLOWED && !d->is_canada) {
		vendors(d, NULL, "vendorsAllowed");
	} else if (type == SEGMENT_PUBLISHER && d->is_canada) {
		canada_publisher(d);
	} else if (type == SEGMENT_PUBLISHER) {
		publisher(d);
	} else {
		d->wrong = "a segment has an unknown type";
	}
}

/* The first segment, or one behind a dot. */
static void
part(struct decoder *d, struct span text, bool is_first, bool is_last)
{
	if (bits_open(&d->bits, text, &d->room) < 0) {
		d->wrong = "not base64";
		return;
	}
	if (!is_first)
		segment(d);
	else if (d->is_canada)
		canada_core(d);
	else
		core(d, is_last);
	if (d->wrong == NULL && d->bits.is_short)
		d->wrong = "it is cut short";
}

/* ---- what somebody decided ------------------------------------------------ */

static unsigned
purposes_defined(const struct decoder *d)
{
	if (d->version == 1)
		return PURPOSES_V1;
	return d->policy >= POLICY_V2_2 ? PURPOSES_V2_2 : PURPOSES_V2;
}

/*
 * What the framework prescribes for the string that stands while the banner
 * is shown: no consent to anything, all legitimate interests.
 */
static bool
is_at_display(const struct decoder *d)
{
	/* those that may rest on a legitimate interest in every version */
	static const unsigned rest_on_it[] = { 2, 7, 8, 9, 10 };
	size_t i;

	if (d->version != 2 || d->has_features ||
	    !bits_set_is_empty(&d->purpose.consent) ||
	    !bits_set_is_empty(&d->vendor.consent))
		return false;
	for (i = 0; i < sizeof rest_on_it / sizeof rest_on_it[0]; i++)
		if (!bits_set_has(&d->purpose.interest, rest_on_it[i]))
			return false;
	return true;
}

static void
row(struct decoder *d, const struct said *said, unsigned id, bool disclosed,
    bool at_display)
{
	bool consent = bits_set_has(&said->consent, id);
	const char *choice = consent	 ? "given"
			     : disclosed ? "refused"
					 : "unknown";

	(void)buf_str(d->out,
	    d->out->p[d->out->n - 1] == '[' ? "{\"id\":\"" : ",{\"id\":\"");
	bits_number(d->out, id);
	(void)buf_str(d->out, disclosed
				  ? "\",\"disclosed\":true,\"consent\":"
				  : "\",\"disclosed\":false,\"consent\":");
	(void)buf_str(d->out, consent ? "true" : "false");
	(void)buf_str(
	    d->out, bits_set_has(&said->interest, id)
			? ",\"legitimateInterest\":true,\"choice\":\""
			: ",\"legitimateInterest\":false,\"choice\":\"");
	(void)buf_str(d->out, choice);
	(void)buf_str(d->out, "\",\"decision\":\"");
	(void)buf_str(d->out, at_display ? "unknown" : choice);
	(void)buf_str(d->out, "\"}");
}

static void
rows(struct decoder *d, bool with_vendors)
{
	bool at_display = is_at_display(d), shown;
	bool any = !bits_set_is_empty(&d->disclosed);
	unsigned i;

	key(d, "atDisplay");
	(void)buf_str(d->out, at_display ? "true" : "false");
	key(d, "purposes");
	(void)buf_char(d->out, '[');
	for (i = 1; i <= PURPOSES; i++) {
		shown = any && i <= purposes_defined(d) &&
			!(i == 1 && d->one_treatment);
		if (i <= purposes_defined(d) ||
		    bits_set_has(&d->purpose.consent, i) ||
		    bits_set_has(&d->purpose.interest, i))
			row(d, &d->purpose, i, shown, at_display);
	}
	(void)buf_char(d->out, ']');
	if (!with_vendors)
		return;
	key(d, "vendors");
	(void)buf_char(d->out, '[');
	for (i = 1; i <= UINT16_MAX; i++) {
		shown = bits_set_has(&d->disclosed, i);
		if (shown || bits_set_has(&d->vendor.consent, i) ||
		    bits_set_has(&d->vendor.interest, i))
			row(d, &d->vendor, i, shown, at_display);
	}
	(void)buf_char(d->out, ']');
}

/* Sets are large and mostly empty: they are not cleared as a whole. */
static void
decoder_init(struct decoder *d, struct buf *out, bool is_canada)
{
	memset(&d->bits, 0, sizeof d->bits);
	memset(&d->room, 0, sizeof d->room);
	d->out = out;
	bits_set_clear(&d->set);
	bits_set_clear(&d->purpose.consent);
	bits_set_clear(&d->purpose.interest);
	bits_set_clear(&d->vendor.consent);
	bits_set_clear(&d->vendor.interest);
	bits_set_clear(&d->disclosed);
	d->version = d->policy = 0;
	d->one_treatment = d->has_features = false;
	d->seen = 0;
	d->is_canada = is_canada;
	d->wrong = NULL;
}

static int
decode(
    struct decoder *d, struct span text, bool with_vendors, const char **reason)
{
	const char *dot;
	struct span one, rest = text;
	size_t was = d->out->n;
	bool is_first = true;

	(void)buf_char(d->out, '{');
	do {
		dot = rest.n > 0 ? memchr(rest.p, '.', rest.n) : NULL;
		one = rest;
		if (dot != NULL)
			one.n = (size_t)(dot - rest.p);
		rest.p += one.n + (dot != NULL);
		rest.n -= one.n + (dot != NULL);
		part(d, one, is_first, dot == NULL);
		is_first = false;
	} while (dot != NULL && d->wrong == NULL);
	if (d->wrong == NULL && !d->is_canada)
		rows(d, with_vendors);
	(void)buf_char(d->out, '}');
	buf_clear(&d->room);
	if (d->wrong == NULL)
		return 0;
	*reason = d->wrong;
	d->out->n = was;
	return -1;
}

int
tcf_json(
    struct span text, bool with_vendors, struct buf *out, const char **reason)
{
	struct decoder d;

	decoder_init(&d, out, false);
	return decode(&d, text, with_vendors, reason);
}

int
tcf_canada_json(struct span text, struct buf *out, const char **reason)
{
	struct decoder d;

	decoder_init(&d, out, true);
	return decode(&d, text, false, reason);
}
