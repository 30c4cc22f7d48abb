/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * view - read-only questions to a case.
 *
 * The questions are rows of view.def; an answer is walked row by row and its
 * columns are asked for by name (an unknown name is a bug and asserted).
 *
 *	struct answer a = { 0 };
 *
 *	view_ask(v, &a, VIEW_PATHS, "t", surface);
 *	while (answer_next(&a))
 *		use(answer_text(&a, "steps"), answer_int(&a, "n"));
 *
 * Texts live until the next answer_next().  The first failure is kept in the
 * view: answers end there, and view_error() tells.
 */
#ifndef REPORTS_VIEW_H
#define REPORTS_VIEW_H

#include "ingest/casefile.h"

enum view_id {
#define VIEW(id, sql) VIEW_##id,
#include "reports/view.def"
	VIEW__MAX
};

struct view {
	struct casefile c;
};

/*
 * Open a case for reading.  Fails when there is no finished analysis, or
 * when evidence was added after the last one.
 */
int view_open(struct view *v, const char *case_dir, struct err *err);
/* The same without the demand for a current analysis. */
int view_open_any(struct view *v, const char *case_dir, struct err *err);
/* 0, or -1 with the first failure in `err`. */
int view_error(struct view *v, struct err *err);
void view_close(struct view *v);

struct answer {
	struct view *v;
	sqlite3_stmt *st;
};

/* Letters as casefile_bind(): i int64_t, t const char *. */
void view_ask(struct view *v, struct answer *a, enum view_id question,
    const char *letters, ...);
bool answer_next(struct answer *a); /* false at the end, which closes it */
void answer_end(struct answer *a);  /* stop before the end */

bool answer_is_null(struct answer *a, const char *column);
int64_t answer_int(struct answer *a, const char *column); /* NULL: 0 */
double answer_real(struct answer *a, const char *column); /* NULL: NaN */
/* NULL: { NULL, 0 }. */
struct span answer_span(struct answer *a, const char *column);
/* NULL when absent; ends at an embedded zero byte. */
const char *answer_text(struct answer *a, const char *column);

#endif
