/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "reports/page.h"

enum { KEY_FINDINGS = 10 };

static void
tile(struct page *page, bool is_null, int64_t n, const char *what)
{
	struct html *h = &page->html;

	if (is_null)
		return;
	html_open(h, "div", NULL);
	html_elem(h, "dt", "%s", what);
	if (page_small(page, n))
		html_elem(h, "dd", "%s", T("fewer than 10"));
	else
		html_elem(h, "dd", "%s", page_int(page, n));
	html_close(h, "div");
	html_line(h);
}

static void
write_tiles(struct page *page)
{
	struct html *h = &page->html;
	struct answer a;

	view_ask(&page->view, &a, VIEW_BRIEF, "");
	if (answer_next(&a)) {
		html_open(h, "dl", "class", "tiles", NULL);
		html_line(h);
		tile(page, answer_is_null(&a, "people"),
		    answer_int(&a, "people"),
		    T("people with records, known by an account"));
		tile(page, false, answer_int(&a, "affected"),
		    T("users behind at least one sure finding"));
		tile(page, answer_int(&a, "nonusers") == 0,
		    answer_int(&a, "nonusers"),
		    T("people who are no users, behind a sure finding"));
		tile(page, answer_is_null(&a, "live"), answer_int(&a, "live"),
		    arena_printf(&page->arena,
			T("people whose consent obtained under a finding "
			  "still stood on %s"),
			page_day(page, answer_span(&a, "live_day"))));
		html_close(h, "dl");
		html_line(h);
	}
	answer_end(&a);
}

/* "between A and B", "on A" or nothing. */
static const char *
dates(struct page *page, const struct page_finding *f)
{
	if (!f->has_first)
		return "";
	if (!f->has_last || f->last_us == f->first_us)
		return arena_printf(&page->arena, T(" On %s."),
		    page_instant(page, f->first_us));
	return arena_printf(&page->arena, T(" First on %s, last on %s."),
	    page_instant(page, f->first_us), page_instant(page, f->last_us));
}

static void
write_counts(struct page *page, const struct page_finding *f)
{
	struct html *h = &page->html;

	if (f->is_withheld) {
		html_text(
		    h, T("The counts are withheld, since small groups could be "
			 "recognised in them."));
		return;
	}
	html_open(h, "strong", NULL);
	html_textf(h, T("%s of %s %s"), page_int(page, f->sure),
	    page_int(page, f->eligible), f->unit);
	html_close(h, "strong");
	if (isfinite(f->share))
		html_textf(h, T(" (%s; 95%% interval %s to %s)"),
		    page_share(page, f->share), page_share(page, f->low),
		    page_share(page, f->high));
	html_textf(h, T(": %s."), f->measure);
	if (f->ambiguous > 0 && !f->hides_ambiguous)
		html_textf(h,
		    T(" In %s more the records allow it but do not "
		      "settle it."),
		    page_int(page, f->ambiguous));
	if (f->undecidable > 0 && !f->hides_undecidable)
		html_textf(h, T(" %s could not be decided."),
		    page_int(page, f->undecidable));
	html_text(h, dates(page, f));
}

/* Whether there was a consent, and what was done without one, comes before
 * how the page looked. */
static bool
is_core(const struct page_finding *f)
{
	static const char *const core[] = { "D01", "D02", "D03", "D04", "D08",
		"D09", "D11", "D12", "D31" };
	size_t i;

	for (i = 0; i < sizeof core / sizeof core[0]; i++)
		if (strcmp(f->detector, core[i]) == 0)
			return true;
	return false;
}

static int
by_weight(const void *va, const void *vb)
{
	const struct page_finding *a = *(const struct page_finding *const *)va;
	const struct page_finding *b = *(const struct page_finding *const *)vb;

	if (is_core(a) != is_core(b))
		return is_core(a) ? -1 : 1;
	if (a->sure != b->sure)
		return a->sure < b->sure ? 1 : -1;
	return (a > b) - (a < b); /* the order of the detectors */
}

static void
write_item(struct page *page, const struct page_finding *f)
{
	struct html *h = &page->html;
	char href[48];

	(void)snprintf(href, sizeof href, "#%s", f->detector);
	html_open(h, "li", NULL);
	html_elem_class(h, "span", "what", "%s", f->title);
	html_text(h, T(", "));
	html_text(h, page_finding_where(page, f));
	html_text(h, T(". "));
	write_counts(page, f);
	html_text(h, " ");
	html_open(h, "a", "class", "id", "href", href, NULL);
	html_text(h, f->detector);
	html_close(h, "a");
	html_close(h, "li");
	html_line(h);
}

void
section_key_findings(struct page *page)
{
	const struct page_finding **order;
	struct html *h = &page->html;
	size_t i, n = 0;

	write_tiles(page);
	order =
	    arena_alloc(&page->arena, (page->n_findings + 1) * sizeof *order);
	for (i = 0; i < page->n_findings; i++)
		if (page->finding[i].sure > 0)
			order[n++] = &page->finding[i];
	if (n == 0) {
		page_p(page, "%s",
		    T("No detector is sure of anything in this evidence. "
		      "What that does not show is said above, under what "
		      "cannot be decided."));
		return;
	}
	qsort(order, n, sizeof *order, by_weight);
	page_p(page,
	    T("%s of %s findings with a sure answer: first those on "
	      "consent itself and on data used without it, then those on "
	      "how it was asked for, each by the number of people. Each "
	      "sentence gives the count, of how many, the share with its 95%% "
	      "interval (Wilson), the dates, and the detector whose section "
	      "holds the evidence."),
	    page_int(page, (int64_t)(n < KEY_FINDINGS ? n : KEY_FINDINGS)),
	    page_int(page, (int64_t)n));
	html_open(h, "ol", "class", "key", NULL);
	html_line(h);
	for (i = 0; i < n && i < KEY_FINDINGS; i++)
		write_item(page, order[i]);
	html_close(h, "ol");
	html_line(h);
}
