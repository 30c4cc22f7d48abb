/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/page.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/zone.h"
#include "reports/table.h"
#include "reports/text.h"

const char *
page_copy(struct page *page, struct span s)
{
	return s.p == NULL ? NULL : arena_str(&page->arena, s);
}

static const char *
keep(struct page *page, struct buf *b)
{
	const char *text = arena_str(&page->arena, buf_as_span(b));

	buf_clear(b);
	return text;
}

const char *
page_int(struct page *page, int64_t n)
{
	struct buf b = { 0 };

	text_int(&b, n);
	return keep(page, &b);
}

const char *
page_count(struct page *page, int64_t n, const char *one, const char *many)
{
	struct buf b = { 0 };

	text_int(&b, n);
	(void)buf_char(&b, ' ');
	(void)buf_str(&b, n == 1 ? one : many);
	return keep(page, &b);
}

const char *
page_day(struct page *page, struct span day)
{
	struct buf b = { 0 };

	if (page->lang == LANG_ZH)
		(void)buf_span(&b, day);
	else
		text_day(&b, day);
	return keep(page, &b);
}

double
page_day_seconds(struct span day)
{
	int64_t us;

	return text_parse_day(day, &us) ? (double)us / 1e6 : 0;
}

const char *
page_share(struct page *page, double share)
{
	struct buf b = { 0 };

	text_share(&b, share);
	return keep(page, &b);
}

static void
put_instant(struct page *page, struct buf *b, int64_t us)
{
	char day[UTC_TEXT_BYTES];

	if (page->lang != LANG_ZH) {
		text_instant(b, us, page->zone_min);
		return;
	}
	(void)buf_str(b, utc_format_day(us, page->zone_min, day));
	(void)buf_char(b, ' ');
	text_clock(b, us, page->zone_min);
}

const char *
page_local(struct page *page, int64_t us)
{
	struct buf b = { 0 };

	put_instant(page, &b, us);
	return keep(page, &b);
}

const char *
page_instant(struct page *page, int64_t us)
{
	struct buf b = { 0 };

	put_instant(page, &b, us);
	(void)buf_str(&b, " (");
	text_zone(&b, page->zone_min);
	(void)buf_char(&b, ')');
	return keep(page, &b);
}

const char *
page_seconds(struct page *page, double seconds)
{
	struct buf b = { 0 };

	text_duration(&b, seconds);
	return keep(page, &b);
}

const char *
page_real(struct page *page, double x)
{
	struct buf b = { 0 };

	text_real(&b, x);
	return keep(page, &b);
}

const char *
page_person(struct page *page, struct span id, const char *kind)
{
	char name[PSEUDONYM_BYTES];

	assert(!page->is_public);
	return arena_str(
	    &page->arena, span_of(pseudonym(&page->key, kind, id, name)));
}

const char *
page_where(struct page *page, struct span surface, struct span design,
    struct span scope)
{
	struct buf b = { 0 };

	if (surface.p != NULL)
		(void)buf_span(&b, surface);
	else
		(void)buf_str(&b, T("the whole case"));
	if (design.p != NULL) {
		(void)buf_str(&b, T(", design "));
		(void)buf_span(&b, design);
	}
	if (scope.p != NULL && scope.n > 0) {
		(void)buf_str(&b, ", ");
		(void)buf_span(&b, scope);
	}
	return keep(page, &b);
}

const char *
page_finding_where(struct page *page, const struct page_finding *f)
{
	/* A surface is one operator's; what is bound to none says whose. */
	if (f->surface == NULL && f->operator_ != NULL && page->n_operators > 1)
		return page_where(page, span_of(f->operator_),
		    span_of(f->design), span_of(f->scope));
	return page_where(
	    page, span_of(f->surface), span_of(f->design), span_of(f->scope));
}

void
page_p(struct page *page, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap, twice;
	int n;

	va_start(ap, fmt);
	va_copy(twice, ap);
	n = vsnprintf(NULL, 0, fmt, twice);
	va_end(twice);
	assert(n >= 0);
	(void)buf_room(&b, (size_t)n);
	(void)vsnprintf(b.p, (size_t)n + 1, fmt, ap);
	b.n = (size_t)n;
	va_end(ap);
	html_open(&page->html, "p", NULL);
	html_span(&page->html, buf_as_span(&b));
	html_close(&page->html, "p");
	html_line(&page->html);
	buf_clear(&b);
}

void
page_file(struct page *page, const char *name, struct span bytes)
{
	char path[PATH_MAX];
	FILE *f;
	bool ok;

	if (page->err.code != ERR_NONE)
		return;
	(void)snprintf(path, sizeof path, "%s/%s", page->dir, name);
	f = fopen(path, "wb");
	if (f == NULL) {
		(void)err_set(
		    &page->err, ERR_FAILED, "%s: %s", path, strerror(errno));
		return;
	}
	ok = bytes.n == 0 || fwrite(bytes.p, 1, bytes.n, f) == bytes.n;
	if (fclose(f) != 0 || !ok)
		(void)err_set(
		    &page->err, ERR_FAILED, "%s: %s", path, strerror(errno));
}

/* ---- facts --------------------------------------------------------------- */

static void
load_pack(struct page *page, struct span key, const char *value)
{
	if (key.n <= 5 || memcmp(key.p, "pack.", 5) != 0 ||
	    page->n_packs == sizeof page->pack / sizeof page->pack[0])
		return;
	page->pack[page->n_packs++] = arena_printf(
	    &page->arena, "%.*s@%s", (int)key.n - 5, key.p + 5, value);
}

static void
load_threshold(struct page *page, struct span key, const char *value)
{
	static const char group[] = "threshold.";
	size_t n = sizeof group - 1;

	if (key.n <= n || memcmp(key.p, group, n) != 0 ||
	    page->n_thresholds == N_OF(page->threshold))
		return;
	key.p += n;
	key.n -= n;
	page->threshold[page->n_thresholds++] =
	    (struct page_threshold){ page_copy(page, key), value };
}

/* The home zone before the zone that stamps without one were read in. */
static void
load_zone(struct page *page, struct span key, const char *value, int *rank)
{
	static const char *const keys[] = { "ingest.zone", "home.zone",
		"zone" };
	int i, zone_min;

	for (i = *rank; i < 3; i++) {
		if (!span_is(key, keys[i]) || value[0] == '\0' ||
		    zone_standard_min(span_of(value), &zone_min) < 0)
			continue;
		page->zone_min = zone_min;
		page->has_zone = true;
		*rank = i;
	}
}

static void
load_info(struct page *page)
{
	const struct {
		const char *key;
		const char **to;
	} facts[] = { { "id", &page->case_id },
		{ "authority", &page->authority },
		{ "custodian", &page->custodian },
		{ "time_source", &page->time_source },
		{ "operator", &page->operator_ }, { "scope", &page->scope },
		{ "tool_version", &page->tool_version } };
	struct answer a;
	struct span key;
	const char *value;
	int rank = 0;
	size_t i;

	view_ask(&page->view, &a, VIEW_CASE_INFO, "");
	while (answer_next(&a)) {
		key = answer_span(&a, "key");
		if (key.n > 5 && memcmp(key.p, "case.", 5) == 0) {
			key.p += 5;
			key.n -= 5;
		}
		value = page_copy(page, answer_span(&a, "value"));
		for (i = 0; i < sizeof facts / sizeof facts[0]; i++)
			if (span_is(key, facts[i].key))
				*facts[i].to = value;
		load_zone(page, key, value, &rank);
		load_pack(page, key, value);
		load_threshold(page, key, value);
	}
}

static void
load_runs(struct page *page)
{
	struct answer a;

	view_ask(&page->view, &a, VIEW_LAST_ANALYSE, "");
	if (answer_next(&a)) {
		page->digest = page_copy(page, answer_span(&a, "digest"));
		page->analysed = page_copy(page, answer_span(&a, "started"));
		page->analyse_options =
		    page_copy(page, answer_span(&a, "options"));
		if (page->tool_version == NULL)
			page->tool_version =
			    page_copy(page, answer_span(&a, "version"));
	}
	answer_end(&a);
	view_ask(&page->view, &a, VIEW_NETWORK_SIZE, "");
	if (answer_next(&a))
		page->n_operators = answer_int(&a, "operators");
	answer_end(&a);
	view_ask(&page->view, &a, VIEW_PERIOD, "");
	if (answer_next(&a) && !answer_is_null(&a, "first_us")) {
		page->has_period = true;
		page->first_us = answer_int(&a, "first_us");
		page->last_us = answer_int(&a, "last_us");
	}
	answer_end(&a);
}

static void
load_finding(struct page *page, struct answer *a, struct page_finding *f)
{
	const struct {
		const char *column;
		const char **to;
	} texts[] = { { "detector", &f->detector }, { "title", &f->title },
		{ "measure", &f->measure }, { "unit", &f->unit },
		{ "alternatives", &f->alternatives },
		{ "sources", &f->sources }, { "surface", &f->surface },
		{ "design", &f->design }, { "scope", &f->scope },
		{ "missing", &f->missing }, { "operator", &f->operator_ } };
	const struct {
		const char *column;
		int64_t *to;
	} ints[] = { { "finding_id", &f->id }, { "design_id", &f->design_id },
		{ "eligible", &f->eligible }, { "sure", &f->sure },
		{ "ambiguous", &f->ambiguous }, { "refuted", &f->refuted },
		{ "undecidable", &f->undecidable },
		{ "first_us", &f->first_us }, { "last_us", &f->last_us } };
	size_t i;

	memset(f, 0, sizeof *f);
	for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
		*texts[i].to = page_copy(page, answer_span(a, texts[i].column));
	for (i = 0; i < sizeof ints / sizeof ints[0]; i++)
		*ints[i].to = answer_int(a, ints[i].column);
	/* The detectors' words are ours, too. */
	f->title = T(f->title);
	f->predicate = f->measure;
	f->measure = T(f->measure);
	f->unit = T(f->unit);
	f->alternatives = T(f->alternatives);
	f->share = answer_real(a, "share");
	f->low = answer_real(a, "low");
	f->high = answer_real(a, "high");
	f->has_first = !answer_is_null(a, "first_us");
	f->has_last = !answer_is_null(a, "last_us");
}

/* Small cells of the findings, by the rules of every other table: designs of
 * one detector add up. */
static void
withhold_findings(struct page *page)
{
	static const struct table_column columns[] = { { "eligible", "",
							   TABLE_SUM, false },
		{ "sure", "", TABLE_PART, false },
		{ "ambiguous", "", TABLE_PART, false },
		{ "refuted", "", TABLE_PART, false },
		{ "undecidable", "", TABLE_PART, false } };
	struct page_finding *f;
	struct table t;
	size_t i;

	table_init(&t, page, "findings", "", columns, 5);
	for (i = 0; i < page->n_findings; i++) {
		f = &page->finding[i];
		table_row(&t, f->detector);
		table_int(&t, f->eligible);
		table_int(&t, f->sure);
		table_int(&t, f->ambiguous);
		table_int(&t, f->refuted);
		table_int(&t, f->undecidable);
	}
	table_suppress(&t);
	for (i = 0; i < page->n_findings; i++) {
		f = &page->finding[i];
		f->hides_eligible = t.row[i].cell[0].is_hidden;
		f->hides_sure = t.row[i].cell[1].is_hidden;
		f->hides_ambiguous = t.row[i].cell[2].is_hidden;
		f->hides_refuted = t.row[i].cell[3].is_hidden;
		f->hides_undecidable = t.row[i].cell[4].is_hidden;
		f->is_withheld = t.row[i].is_withheld;
	}
	page->n_suppressed = 0; /* counted where they are shown */
}

bool
page_hides_measure(const struct page *page, const struct page_finding *f,
    double value, const char *unit)
{
	if (f->is_withheld)
		return true;
	if (!page->is_public || strstr(unit, "people") == NULL)
		return false;
	if (page->hides_lineage && strcmp(f->detector, "D11") == 0)
		return true;
	return fabs(value) > 0 && fabs(value) < SMALL_CELL;
}

void
page_load(struct page *page)
{
	size_t room = 0, more;
	struct answer a;

	load_info(page);
	load_runs(page);
	view_ask(&page->view, &a, VIEW_FINDINGS, "");
	while (answer_next(&a)) {
		if (page->n_findings == room) {
			more = room == 0 ? 32 : 2 * room;
			page->finding = arena_grow(&page->arena, page->finding,
			    room * sizeof page->finding[0],
			    more * sizeof page->finding[0]);
			room = more;
		}
		load_finding(page, &a, &page->finding[page->n_findings++]);
	}
	withhold_findings(page);
	view_ask(
	    &page->view, &a, VIEW_LINEAGE_SMALL, "i", (int64_t)SMALL_CELL - 1);
	while (answer_next(&a))
		page->hides_lineage =
		    page->is_public && answer_int(&a, "n") > 0;
}
