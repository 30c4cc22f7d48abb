/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/findings_json.h"

#include <inttypes.h>
#include <math.h>

#include "analysis/detector_table.h"
#include "reports/text.h"

/* Made visible first, so no control character is left to escape. */
static void
string(struct buf *b, struct span s)
{
	struct buf seen = { 0 };
	size_t i;

	if (s.p == NULL) {
		(void)buf_str(b, "null");
		return;
	}
	text_visible(&seen, s);
	(void)buf_char(b, '"');
	for (i = 0; i < seen.n; i++) {
		if (seen.p[i] == '"' || seen.p[i] == '\\')
			(void)buf_char(b, '\\');
		(void)buf_char(b, seen.p[i]);
	}
	(void)buf_char(b, '"');
	buf_clear(&seen);
}

/* ,"name": of a member; a member that begins an object passes first. */
static void
name(struct buf *b, const char *key, bool first)
{
	(void)buf_printf(b, "%s\"%s\":", first ? "" : ",", key);
}

static void
member_text(struct buf *b, const char *key, const char *value)
{
	name(b, key, false);
	string(b, span_of(value));
}

static void
member_int(struct buf *b, const char *key, bool is_null, int64_t n)
{
	name(b, key, false);
	if (is_null)
		(void)buf_str(b, "null");
	else
		(void)buf_printf(b, "%" PRId64, n);
}

static void
number(struct buf *b, double x)
{
	if (isfinite(x))
		(void)buf_printf(b, "%.12g", x);
	else
		(void)buf_str(b, "null");
}

static void
member_instant(struct buf *b, const char *key, bool is_null, int64_t us)
{
	char stamp[UTC_TEXT_BYTES];

	member_text(b, key, is_null ? NULL : utc_format(us, stamp));
}

static void
measures(struct page *page, struct buf *b, const struct page_finding *f)
{
	struct answer a;
	int n = 0;

	name(b, "measures", false);
	(void)buf_char(b, '{');
	view_ask(&page->view, &a, VIEW_MEASURES, "i", f->id);
	while (answer_next(&a)) {
		(void)buf_str(b, n++ == 0 ? "" : ",");
		string(b, answer_span(&a, "name"));
		(void)buf_str(b, ":{\"value\":");
		number(b, page_hides_measure(page, f, answer_real(&a, "value"),
			      answer_text(&a, "unit"))
			      ? NAN
			      : answer_real(&a, "value"));
		(void)buf_str(b, ",\"unit\":");
		string(b, answer_span(&a, "unit"));
		(void)buf_char(b, '}');
	}
	(void)buf_char(b, '}');
}

static void
rules(struct page *page, struct buf *b, const struct page_finding *f)
{
	struct answer a;
	int n = 0;

	name(b, "rules", false);
	(void)buf_char(b, '[');
	view_ask(&page->view, &a, VIEW_LEGAL_OF, "i", f->id);
	while (answer_next(&a)) {
		(void)buf_str(b, n++ == 0 ? "{" : ",{");
		name(b, "rule", true);
		string(b, answer_span(&a, "rule"));
		member_text(b, "title", answer_text(&a, "title"));
		member_text(b, "item", answer_text(&a, "item"));
		member_text(
		    b, "in_force_from", answer_text(&a, "in_force_from"));
		member_text(b, "in_force_to", answer_text(&a, "in_force_to"));
		member_text(b, "used_as", answer_text(&a, "used_as"));
		(void)buf_char(b, '}');
	}
	(void)buf_char(b, ']');
}

static void
thresholds(struct page *page, struct buf *b)
{
	size_t i;

	name(b, "thresholds", false);
	(void)buf_char(b, '{');
	for (i = 0; i < page->n_thresholds; i++) {
		(void)buf_str(b, i == 0 ? "" : ",");
		string(b, span_of(page->threshold[i].name));
		(void)buf_char(b, ':');
		string(b, span_of(page->threshold[i].value));
	}
	(void)buf_char(b, '}');
}

static void
finding(struct page *page, struct buf *b, const struct page_finding *f)
{
	bool hide = f->is_withheld;

	(void)buf_char(b, '{');
	name(b, "finding", true);
	(void)buf_printf(b, "%" PRId64, f->id);
	member_text(b, "detector", f->detector);
	member_text(b, "title", f->title);
	member_text(b, "surface", f->surface);
	member_text(b, "design", f->design);
	member_text(b, "scope", f->scope);
	member_text(b, "operator", f->operator_);
	member_text(b, "unit", f->unit);
	name(b, "withheld", false);
	(void)buf_str(b, hide ? "true" : "false");
	member_int(b, "eligible", f->hides_eligible, f->eligible);
	member_int(b, "sure", f->hides_sure, f->sure);
	member_int(b, "ambiguous", f->hides_ambiguous, f->ambiguous);
	member_int(b, "refuted", f->hides_refuted, f->refuted);
	member_int(b, "undecidable", f->hides_undecidable, f->undecidable);
	name(b, "share", false);
	number(b, hide ? NAN : f->share);
	name(b, "low", false);
	number(b, hide ? NAN : f->low);
	name(b, "high", false);
	number(b, hide ? NAN : f->high);
	member_instant(b, "first", hide || !f->has_first, f->first_us);
	member_instant(b, "last", hide || !f->has_last, f->last_us);
	member_text(b, "missing", f->missing);
	member_text(b, "measure", f->measure);
	member_text(b, "alternatives", f->alternatives);
	member_text(b, "refuted_by", detector_refuted_by(f->detector));
	member_text(b, "sources", f->sources);
	measures(page, b, f);
	rules(page, b, f);
	(void)buf_char(b, '}');
}

void
findings_json(struct page *page)
{
	struct buf b = { 0 };
	size_t i;

	(void)buf_char(&b, '{');
	name(&b, "pretick", true);
	string(&b, span_of(PRETICK_VERSION));
	member_text(&b, "case", page->case_id);
	member_text(&b, "analysed_by", page->tool_version);
	member_text(&b, "digest", page->digest);
	member_instant(&b, "first", !page->has_period, page->first_us);
	member_instant(&b, "last", !page->has_period, page->last_us);
	name(&b, "public", false);
	(void)buf_str(&b, page->is_public ? "true" : "false");
	thresholds(page, &b);
	name(&b, "findings", false);
	(void)buf_str(&b, "[\n");
	for (i = 0; i < page->n_findings; i++) {
		if (i > 0)
			(void)buf_str(&b, ",\n");
		finding(page, &b, &page->finding[i]);
	}
	(void)buf_str(&b, "\n]}\n");
	page_file(page, "findings.json", buf_as_span(&b));
	buf_clear(&b);
}
