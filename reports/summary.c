/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/summary.h"

#include <inttypes.h>

#include "ingest/casefile.h"
#include "reports/text.h"

enum { SUMMARY_LINES = 30 };

enum summary_column {
	S_DETECTOR,
	S_TITLE,
	S_SURFACE,
	S_DESIGN,
	S_SCOPE,
	S_SURE,
	S_AMBIGUOUS,
	S_UNDECIDABLE,
	S_ELIGIBLE
};

static const char select_findings[] =
    "SELECT f.detector, d.title, CASE WHEN f.surface IS NULL AND"
    " (SELECT count(*) FROM operator) > 1 THEN f.operator ELSE f.surface END,"
    " ds.version, f.scope, f.sure,"
    " f.ambiguous, f.undecidable, f.eligible"
    " FROM finding f JOIN detector d ON d.detector = f.detector"
    " LEFT JOIN design ds ON ds.design_id = f.design_id"
    " ORDER BY f.detector, f.surface, ds.version, f.scope, f.operator";

/* ", annual_bill" of a column that is there and not empty. */
static void
add_name(struct buf *b, sqlite3_stmt *st, int column)
{
	const char *text = (const char *)sqlite3_column_text(st, column);

	if (text == NULL || *text == '\0')
		return;
	(void)buf_str(b, ", ");
	text_visible(b, span_of(text));
}

static void
add_count(struct buf *b, sqlite3_stmt *st, int column, const char *what)
{
	int64_t n = sqlite3_column_int64(st, column);

	if (n > 0)
		(void)buf_printf(b, ", %" PRId64 " %s", n, what);
}

/* "  D01 Pre-selected consent, annual_bill, v1: 812 sure of 1000" */
static void
write_line(FILE *out, struct buf *b, sqlite3_stmt *st)
{
	buf_reset(b);
	(void)buf_printf(b, "  %s %s", sqlite3_column_text(st, S_DETECTOR),
	    sqlite3_column_text(st, S_TITLE));
	add_name(b, st, S_SURFACE);
	add_name(b, st, S_DESIGN);
	add_name(b, st, S_SCOPE);
	(void)buf_printf(b, ": %" PRId64 " sure of %" PRId64,
	    (int64_t)sqlite3_column_int64(st, S_SURE),
	    (int64_t)sqlite3_column_int64(st, S_ELIGIBLE));
	add_count(b, st, S_AMBIGUOUS, "ambiguous");
	add_count(b, st, S_UNDECIDABLE, "not decidable");
	(void)fprintf(out, "%s\n", b->p);
}

int
summary_findings(FILE *out, const char *case_dir, struct err *err)
{
	uint64_t n_shown = 0, n_more = 0, n_refuted = 0, n_undecided = 0;
	struct casefile c = { 0 };
	struct buf line = { 0 };
	sqlite3_stmt *st;

	if (casefile_open(&c, case_dir, CASEFILE_READ, err) < 0)
		return -1;
	st = casefile_prepare(&c, select_findings);
	while (casefile_step(&c, st) > 0) {
		if (sqlite3_column_int64(st, S_SURE) > 0 ||
		    sqlite3_column_int64(st, S_AMBIGUOUS) > 0) {
			if (n_shown < SUMMARY_LINES) {
				write_line(out, &line, st);
				n_shown++;
			} else {
				n_more++;
			}
		} else if (sqlite3_column_int64(st, S_UNDECIDABLE) > 0) {
			n_undecided++;
		} else {
			n_refuted++;
		}
	}
	if (n_more > 0)
		(void)fprintf(out, "  and %" PRIu64 " more\n", n_more);
	(void)fprintf(out,
	    "  nobody affected in %" PRIu64 " other findings, not decidable "
	    "in %" PRIu64 "\n",
	    n_refuted, n_undecided);
	casefile_finalize(st);
	buf_clear(&line);
	if (casefile_error(&c, err) < 0) {
		casefile_close(&c);
		return -1;
	}
	casefile_close(&c);
	return 0;
}
