/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page - what the sections of the report share.
 *
 * A section is a function over struct page: it asks the view, writes prose
 * and tables to the html writer and draws charts.  Failures stay in the
 * view, the writer or `err` until the end; a section never stops half-way.
 */
#ifndef REPORTS_PAGE_H
#define REPORTS_PAGE_H

#include "ingest/base/arena.h"
#include "ingest/base/utc.h"
#include "reports/html.h"
#include "reports/lang.h"
#include "reports/pseudonym.h"
#include "reports/report.h"
#include "reports/view.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

enum { SMALL_CELL = 10 }; /* below it a public report withholds a count */

struct page {
	const struct report_options *o;
	struct view view;
	struct html html;
	struct pseudonym_key key;
	struct arena arena;
	enum lang lang;
	bool is_public;
	int zone_min;	    /* of the case, minutes east */
	char *dir;	    /* where report/ is being made */
	unsigned n_figures; /* numbered in order */
	unsigned n_tables;
	unsigned n_timelines;
	unsigned n_suppressed; /* rows withheld so far */
	struct err err;	       /* sticky: files and charts */

	/* Facts of the case, NULL when the evidence does not say. */
	const char *case_id, *authority, *custodian, *time_source, *operator_,
	    *scope, *tool_version, *digest, *analysed, *analyse_options;
	const char *pack[16]; /* [n_packs] rule packs in use */
	size_t n_packs;
	/* [n_thresholds], by name: "ask_again", "48 h: where from" */
	struct page_threshold {
		const char *name, *value;
	} threshold[48];
	size_t n_thresholds;
	bool hides_lineage; /* on a public page: sums would tell small cells */
	bool has_zone;	    /* the case names one */
	bool has_period;
	int64_t first_us, last_us;

	int64_t n_operators; /* whose records the case holds */

	struct page_finding *finding; /* [n_findings], by detector */
	size_t n_findings;
};

/* A row of table finding with what belongs to it. */
struct page_finding {
	int64_t id, design_id, eligible, sure, ambiguous, refuted, undecidable;
	const char *detector, *title, *measure, *unit, *alternatives, *sources,
	    *surface, *design, *scope, *missing, *operator_; /* NULL: absent */
	const char *predicate;	 /* measure in English */
	double share, low, high; /* NaN: none */
	bool has_first, has_last;
	int64_t first_us, last_us;
	/* A public page must not show this count; nor, when withheld, share
	 * and times. */
	bool hides_eligible, hides_sure, hides_ambiguous, hides_refuted,
	    hides_undecidable, is_withheld;
};

/* The English text, or its translation. */
#define T(text) lang_text(page->lang, text)

typedef void section_f(struct page *page);

struct section {
	const char *id;
	const char *title; /* English; translated when written */
	section_f *write;
};

section_f section_completeness, section_key_findings, section_designs,
    section_routes, section_rates, section_flows, section_detectors,
    section_choices, section_discovery, section_processing, section_lineage,
    section_network, section_tainted, section_legal, section_statistics,
    section_method, section_reproduction;
/* Is there anything for it to say? */
bool section_network_is_there(struct page *page);
/* Before the contents list. */
section_f section_cover;

/* The people behind the findings from … to - 1, all of one detector. */
void exemplars_write(struct page *page, size_t from, size_t to);

/* Terminated results in the page's arena. */
const char *page_int(struct page *page, int64_t n);
/* "1 file", "2,000 files". */
const char *page_count(
    struct page *page, int64_t n, const char *one, const char *many);
/* "3 January 2018" of "2018-01-03". */
const char *page_day(struct page *page, struct span day);
const char *page_share(struct page *page, double share);
const char *page_instant(struct page *page, int64_t us); /* with the zone */
const char *page_local(struct page *page, int64_t us);	 /* without */
const char *page_seconds(struct page *page, double seconds);
const char *page_real(struct page *page, double x);
/* Midnight UTC of a day in seconds, 0 when it is no date. */
double page_day_seconds(struct span day);
/* A person's name in this report. */
const char *page_person(struct page *page, struct span id, const char *kind);
/* "annual_bill, design v1" for prose; never empty. */
const char *page_where(struct page *page, struct span surface,
    struct span design, struct span scope);
/* A copy in the arena, NULL when absent. */
const char *page_copy(struct page *page, struct span s);

/* "annual_bill, design v1", "batch", … of a finding. */
const char *page_finding_where(struct page *page, const struct page_finding *f);

/* Fill the facts of the case and the findings.  Failures go to the view. */
void page_load(struct page *page);

/* <p> with text. */
void page_p(struct page *page, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Is a count of people too small for a public page? */
static inline bool
page_small(const struct page *page, int64_t n)
{
	return page->is_public && n > 0 && n < SMALL_CELL;
}

/* Must this measure of a finding not be shown? */
bool page_hides_measure(const struct page *page, const struct page_finding *f,
    double value, const char *unit);

/* Write a file below report/: "csv/rates.csv".  Failure goes to page->err. */
void page_file(struct page *page, const char *name, struct span bytes);

#endif
