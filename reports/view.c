/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/view.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>

static const char *const questions[] = {
#define VIEW(id, sql) sql,
#include "reports/view.def"
};

int
view_open_any(struct view *v, const char *case_dir, struct err *err)
{
	memset(v, 0, sizeof *v);
	return casefile_open(&v->c, case_dir, CASEFILE_READ, err);
}

static int64_t
last_run(struct view *v, enum view_id question)
{
	struct answer a;
	int64_t id = -1;

	view_ask(v, &a, question, "");
	if (answer_next(&a))
		id = answer_int(&a, "run_id");
	answer_end(&a);
	return id;
}

int
view_open(struct view *v, const char *case_dir, struct err *err)
{
	int64_t ingest, analyse;

	if (view_open_any(v, case_dir, err) < 0)
		return -1;
	ingest = last_run(v, VIEW_LAST_ADDED);
	analyse = last_run(v, VIEW_LAST_ANALYSE);
	if (view_error(v, err) < 0)
		;
	else if (analyse < 0)
		(void)err_set(err, ERR_FAILED,
		    "%s has not been analysed: run pretick analyse %s",
		    case_dir, case_dir);
	else if (ingest > analyse)
		(void)err_set(err, ERR_FAILED,
		    "evidence was added after the last analysis: "
		    "run pretick analyse %s",
		    case_dir);
	else
		return 0;
	view_close(v);
	return -1;
}

int
view_error(struct view *v, struct err *err)
{
	return casefile_error(&v->c, err);
}

void
view_close(struct view *v)
{
	casefile_close(&v->c);
}

static void
bind_one(struct view *v, sqlite3_stmt *st, int i, char letter, va_list *ap)
{
	const char *text;
	int rc;

	if (letter == 'i') {
		rc = sqlite3_bind_int64(st, i, va_arg(*ap, int64_t));
	} else {
		assert(letter == 't');
		text = va_arg(*ap, const char *);
		rc = sqlite3_bind_text(st, i, text, -1, SQLITE_TRANSIENT);
	}
	if (rc != SQLITE_OK)
		(void)err_set(
		    &v->c.err, ERR_FAILED, "%s", sqlite3_errmsg(v->c.db));
}

void
view_ask(struct view *v, struct answer *a, enum view_id question,
    const char *letters, ...)
{
	va_list ap;
	int i;

	assert(question < VIEW__MAX);
	a->v = v;
	a->st = casefile_prepare(&v->c, questions[question]);
	if (a->st == NULL)
		return;
	va_start(ap, letters);
	for (i = 0; letters[i] != '\0'; i++)
		bind_one(v, a->st, i + 1, letters[i], &ap);
	va_end(ap);
}

bool
answer_next(struct answer *a)
{
	if (a->st == NULL)
		return false;
	if (casefile_step(&a->v->c, a->st) == 1)
		return true;
	answer_end(a);
	return false;
}

void
answer_end(struct answer *a)
{
	casefile_finalize(a->st);
	a->st = NULL;
}

static int
column_of(struct answer *a, const char *column)
{
	int i, n = sqlite3_column_count(a->st);

	for (i = 0; i < n; i++)
		if (strcmp(sqlite3_column_name(a->st, i), column) == 0)
			return i;
	assert(!"no such column");
	return 0;
}

bool
answer_is_null(struct answer *a, const char *column)
{
	return sqlite3_column_type(a->st, column_of(a, column)) == SQLITE_NULL;
}

int64_t
answer_int(struct answer *a, const char *column)
{
	return sqlite3_column_int64(a->st, column_of(a, column));
}

double
answer_real(struct answer *a, const char *column)
{
	int i = column_of(a, column);

	if (sqlite3_column_type(a->st, i) == SQLITE_NULL)
		return NAN;
	return sqlite3_column_double(a->st, i);
}

struct span
answer_span(struct answer *a, const char *column)
{
	int i = column_of(a, column);
	struct span s;

	s.p = (const char *)sqlite3_column_text(a->st, i);
	s.n = s.p != NULL ? (size_t)sqlite3_column_bytes(a->st, i) : 0;
	return s;
}

const char *
answer_text(struct answer *a, const char *column)
{
	return answer_span(a, column).p;
}
