/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/gpp.h"

#include <string.h>

#include "ingest/bits.h"
#include "ingest/tcf.h"

enum {
	HEADER_TYPE = 3,
	HEADER_VERSION = 1,
	GPC_TYPE = 1,	 /* of a section's second segment */
	PADDING_MAX = 11 /* bits: to a byte, then to a character */
};

/* ---- sections of the United States ---------------------------------------- */

#define NOTICES	   " SaleOptOutNotice TargetedAdvertisingOptOutNotice "
#define OPT_OUTS   "SaleOptOut TargetedAdvertisingOptOut "
#define SENSITIVE  "SensitiveDataProcessing"
#define CHILD	   "KnownChildSensitiveDataConsents"
#define ADDITIONAL " AdditionalDataProcessingConsent"
#define MSPA                                            \
	" MspaCoveredTransaction MspaOptOutOptionMode " \
	"MspaServiceProviderMode"
#define NATIONAL                                                           \
	"SharingNotice SaleOptOutNotice SharingOptOutNotice "              \
	"TargetedAdvertisingOptOutNotice "                                 \
	"SensitiveDataProcessingOptOutNotice SensitiveDataLimitUseNotice " \
	"SaleOptOut SharingOptOut TargetedAdvertisingOptOut "
/* Since 2025 the agreement's own fields come first. */
#define FROM_2025 \
	"MspaCoveredTransaction MspaMode ProcessingNotice" NOTICES OPT_OUTS

/*
 * The core of a section: behind six bits of version fields of two bits each,
 * "Name:8" is a list of eight.  Several layouts of one version differ in
 * length: the IAB's encoder lengthened usnat without a new number.
 */
static const struct layout {
	unsigned id, version;
	const char *name, *fields;
	const char *second; /* fields of an untyped second segment, or NULL */
} layouts[] = {
	{ 7, 1, "usnat",
	    NATIONAL SENSITIVE ":12 " CHILD ":2 PersonalDataConsents" MSPA,
	    NULL },
	{ 7, 1, "usnat",
	    NATIONAL SENSITIVE ":16 " CHILD ":3 PersonalDataConsents" MSPA,
	    NULL },
	{ 7, 2, "usnat",
	    NATIONAL SENSITIVE ":16 " CHILD ":3 PersonalDataConsents" MSPA,
	    NULL },
	{ 8, 1, "usca",
	    "SaleOptOutNotice SharingOptOutNotice SensitiveDataLimitUseNotice "
	    "SaleOptOut SharingOptOut " SENSITIVE ":9 " CHILD
	    ":2 PersonalDataConsents" MSPA,
	    NULL },
	{ 9, 1, "usva",
	    "SharingNotice" NOTICES OPT_OUTS SENSITIVE ":8 " CHILD MSPA, NULL },
	{ 10, 1, "usco",
	    "SharingNotice" NOTICES OPT_OUTS SENSITIVE ":7 " CHILD MSPA, NULL },
	{ 11, 1, "usut",
	    "SharingNotice" NOTICES
	    "SensitiveDataProcessingOptOutNotice " OPT_OUTS SENSITIVE
	    ":8 " CHILD MSPA,
	    NULL },
	{ 12, 1, "usct",
	    "SharingNotice" NOTICES OPT_OUTS SENSITIVE ":8 " CHILD ":3" MSPA,
	    NULL },
	{ 13, 1, "usfl",
	    "ProcessingNotice" NOTICES OPT_OUTS SENSITIVE ":8 " CHILD
	    ":3" ADDITIONAL MSPA,
	    NULL },
	{ 14, 1, "usmt",
	    "SharingNotice" NOTICES OPT_OUTS SENSITIVE ":8 " CHILD
	    ":3" ADDITIONAL MSPA,
	    NULL },
	{ 15, 1, "usor",
	    "ProcessingNotice" NOTICES OPT_OUTS SENSITIVE ":11 " CHILD
	    ":3" ADDITIONAL MSPA,
	    NULL },
	{ 16, 1, "ustx",
	    "ProcessingNotice" NOTICES OPT_OUTS SENSITIVE
	    ":8 " CHILD ADDITIONAL MSPA,
	    NULL },
	{ 17, 1, "usde",
	    "ProcessingNotice" NOTICES OPT_OUTS SENSITIVE ":9 " CHILD
	    ":5" ADDITIONAL MSPA,
	    NULL },
	{ 18, 1, "usia",
	    "ProcessingNotice" NOTICES
	    "SensitiveDataOptOutNotice " OPT_OUTS SENSITIVE ":8 " CHILD MSPA,
	    NULL },
	{ 19, 1, "usne",
	    "ProcessingNotice" NOTICES OPT_OUTS SENSITIVE
	    ":8 " CHILD ADDITIONAL MSPA,
	    NULL },
	{ 20, 1, "usnh",
	    "ProcessingNotice" NOTICES OPT_OUTS SENSITIVE ":8 " CHILD
	    ":3" ADDITIONAL MSPA,
	    NULL },
	{ 21, 1, "usnj",
	    "ProcessingNotice" NOTICES OPT_OUTS SENSITIVE ":10 " CHILD
	    ":5" ADDITIONAL MSPA,
	    NULL },
	{ 22, 1, "ustn",
	    "ProcessingNotice" NOTICES OPT_OUTS SENSITIVE
	    ":8 " CHILD ADDITIONAL MSPA,
	    NULL },
	{ 23, 1, "usmn",
	    "ProcessingNotice" NOTICES OPT_OUTS SENSITIVE
	    ":8 " CHILD ADDITIONAL MSPA,
	    NULL },
	{ 24, 1, "usmd", FROM_2025 "AdditionalDataProcessingConsent", NULL },
	{ 25, 1, "usin", FROM_2025 CHILD ADDITIONAL, SENSITIVE ":8" },
	{ 26, 1, "usky", FROM_2025 CHILD ADDITIONAL, SENSITIVE ":8" },
	{ 27, 1, "usri", FROM_2025 CHILD ADDITIONAL, SENSITIVE ":8" },
};

/* The next "Name" or "Name:8" of a layout; false at its end. */
static bool
field_next(const char **at, struct span *name, unsigned *n)
{
	const char *p = *at;

	p += strspn(p, " ");
	name->p = p;
	name->n = strcspn(p, " :");
	if (name->n == 0)
		return false;
	p += name->n;
	*n = 0;
	if (*p == ':')
		for (p++; *p >= '0' && *p <= '9'; p++)
			*n = *n * 10 + (unsigned)(*p - '0');
	*at = p;
	return true;
}

static size_t
fields_bits(const char *fields)
{
	struct span name;
	size_t bits = 0;
	unsigned n;

	while (field_next(&fields, &name, &n))
		bits += 2 * (n > 0 ? (size_t)n : 1);
	return bits;
}

static void
fields_json(struct bits *b, const char *fields, struct buf *out)
{
	struct span name;
	unsigned n, i;

	while (field_next(&fields, &name, &n)) {
		(void)buf_printf(
		    out, ",\"%.*s\":%s", (int)name.n, name.p, n > 0 ? "[" : "");
		for (i = 0; i == 0 || i < n; i++)
			(void)buf_printf(out, "%s%u", i > 0 ? "," : "",
			    (unsigned)bits_get(b, 2));
		if (n > 0)
			(void)buf_char(out, ']');
	}
}

/* Nothing follows but what fills the last character. */
static bool
is_padding(struct bits *b)
{
	size_t left = b->n - b->at;

	return !b->is_short && left <= PADDING_MAX &&
	       bits_get(b, (unsigned)left) == 0;
}

/* The longest layout that the bits fill, or NULL. */
static const struct layout *
layout_of(unsigned id, unsigned version, size_t bits)
{
	const struct layout *best = NULL, *l;
	size_t need, most = 0, i;

	for (i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
		l = &layouts[i];
		if (l->id != id || l->version != version)
			continue;
		need = fields_bits(l->fields);
		if (need <= bits && need > most) {
			best = l;
			most = need;
		}
	}
	return best;
}

/* What stands behind the dot. */
static bool
second_json(
    const struct layout *l, struct span text, struct buf *room, struct buf *out)
{
	struct bits b;

	if (bits_open(&b, text, room) < 0)
		return false;
	if (l->second != NULL) {
		if (b.n < fields_bits(l->second))
			return false;
		fields_json(&b, l->second, out);
	} else {
		if (bits_get(&b, 2) != GPC_TYPE)
			return false;
		(void)buf_printf(out, ",\"Gpc\":%s",
		    bits_get(&b, 1) != 0 ? "true" : "false");
	}
	return is_padding(&b);
}

static int
us_json(unsigned id, struct span text, struct buf *out, struct buf *room)
{
	const char *dot = memchr(text.p, '.', text.n);
	const struct layout *l;
	struct span core = text, second = { NULL, 0 };
	struct bits b;
	unsigned version;

	if (dot != NULL) {
		core.n = (size_t)(dot - text.p);
		second.p = dot + 1;
		second.n = text.n - core.n - 1;
	}
	if (bits_open(&b, core, room) < 0)
		return -1;
	version = (unsigned)bits_get(&b, 6);
	l = layout_of(id, version, b.n - b.at);
	if (l == NULL)
		return -1;
	(void)buf_printf(out, "\"%s\":{\"%s\":%u", l->name,
	    l->fields[0] == 'M' ? "MspaVersion" : "Version", version);
	fields_json(&b, l->fields, out);
	if (!is_padding(&b) ||
	    (dot != NULL && !second_json(l, second, room, out)))
		return -1;
	(void)buf_char(out, '}');
	return 0;
}

/* ---- US Privacy ------------------------------------------------------------ */

int
usp_json(struct span text, struct buf *out, const char **reason)
{
	static const char *const names[] = { "Notice", "OptOutSale",
		"LspaCovered" };
	size_t i;

	*reason = "not a US Privacy string";
	if (text.n != 4 || text.p[0] != '1')
		return -1;
	for (i = 1; i < 4; i++)
		if (memchr("YN-", text.p[i], 3) == NULL)
			return -1;
	(void)buf_str(out, "{\"Version\":1");
	for (i = 0; i < 3; i++)
		(void)buf_printf(
		    out, ",\"%s\":\"%c\"", names[i], text.p[i + 1]);
	(void)buf_char(out, '}');
	return 0;
}

/* ---- GPP ------------------------------------------------------------------- */

struct gpp {
	struct buf *out, room; /* room: a segment's bytes */
	bool with_vendors;
};

/* Sections with an encoding of their own; -1: none of them. */
static int
other_json(struct gpp *g, unsigned id, struct span text)
{
	const char *reason;

	switch (id) {
	case 1:
	case 2:
		(void)buf_printf(g->out, "\"tcfeuv%u\":", id);
		return tcf_json(text, g->with_vendors, g->out, &reason);
	case 5:
		(void)buf_str(g->out, "\"tcfcav1\":");
		return tcf_canada_json(text, g->out, &reason);
	case 6:
		(void)buf_str(g->out, "\"uspv1\":");
		return usp_json(text, g->out, &reason);
	default:
		return -1;
	}
}

static void
section(struct gpp *g, unsigned id, struct span text)
{
	size_t was = g->out->n;

	if (other_json(g, id, text) == 0)
		return;
	g->out->n = was;
	if (us_json(id, text, g->out, &g->room) == 0)
		return;
	g->out->n = was;
	(void)buf_printf(
	    g->out, "\"section%u\":\"%.*s\"", id, (int)text.n, text.p);
}

/* Base64 of either alphabet, and what stands between sections and segments. */
static bool
has_letters_only(struct span text)
{
	size_t i;
	char c;

	for (i = 0; i < text.n; i++) {
		c = text.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '-' || c == '_' ||
			c == '+' || c == '/' || c == '=' || c == '.' ||
			c == '~'))
			return false;
	}
	return true;
}

/* What stands before the next tilde goes off `rest`. */
static struct span
part_next(struct span *rest)
{
	const char *tilde = rest->n > 0 ? memchr(rest->p, '~', rest->n) : NULL;
	struct span part = *rest;

	if (tilde != NULL)
		part.n = (size_t)(tilde - rest->p);
	rest->p += part.n + (tilde != NULL);
	rest->n -= part.n + (tilde != NULL);
	return part;
}

static const char *
header_read(struct span text, struct bits_set *ids, struct buf *room)
{
	struct bits b;

	if (bits_open(&b, text, room) < 0)
		return "not base64";
	if (bits_get(&b, 6) != HEADER_TYPE)
		return "it has no GPP header";
	if (bits_get(&b, 6) != HEADER_VERSION)
		return "unknown version";
	if (bits_set_fibonacci(ids, &b) < 0 || b.is_short)
		return "the header's list of sections is cut short";
	return NULL;
}

static const char *
sections(struct gpp *g, const struct bits_set *ids, struct span rest)
{
	uint64_t word;
	unsigned i;

	for (i = 0; i < ids->n_words; i++)
		for (word = ids->word[i]; word != 0; word &= word - 1) {
			if (rest.n == 0)
				return "a section of the header is missing";
			(void)buf_char(g->out, ',');
			section(g, i * 64 + (unsigned)__builtin_ctzll(word),
			    part_next(&rest));
		}
	return rest.n > 0 ? "there are more sections than the header says"
			  : NULL;
}

int
gpp_json(
    struct span text, bool with_vendors, struct buf *out, const char **reason)
{
	struct gpp g = { .out = out, .with_vendors = with_vendors };
	struct bits_set ids;
	struct span rest = text;
	size_t was = out->n;

	bits_set_clear(&ids);
	if (text.n > BITS_STRING_MAX)
		*reason = "it is too long";
	else if (!has_letters_only(text))
		*reason = "not base64";
	else
		*reason = header_read(part_next(&rest), &ids, &g.room);
	if (*reason == NULL) {
		(void)buf_str(out, "{\"version\":1,\"sections\":");
		bits_set_json(&ids, out);
		*reason = sections(&g, &ids, rest);
		(void)buf_char(out, '}');
	}
	buf_clear(&g.room);
	if (*reason == NULL)
		return 0;
	out->n = was;
	return -1;
}
