/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/verify.h"

#include <inttypes.h>

#include "analysis/digest.h"
#include "ingest/archive.h"
#include "ingest/source.h"
#include "ingest/store.h"
#include "reports/text.h"
#include "reports/view.h"

struct verify {
	const struct verify_options *o;
	struct view view;
	unsigned failed;
};

enum result { RESULT_NONE = 0, RESULT_OK, RESULT_FAILED, RESULT_OPEN };

/* "ok      text: name" */
static void
told(struct verify *v, enum result r, const char *text, const char *name)
{
	static const char *const word[] = { "", "ok", "FAILED", "open" };
	struct buf b = { 0 };

	v->failed += r == RESULT_FAILED;
	(void)fprintf(v->o->out, "%-7s %s", word[r], text);
	if (name != NULL) {
		text_visible(&b, span_of(name));
		(void)fprintf(v->o->out, ": %s", b.p != NULL ? b.p : "");
	}
	(void)fputc('\n', v->o->out);
	buf_clear(&b);
}

/* ---- the case against itself --------------------------------------------- */

static void
check_count(
    struct verify *v, enum view_id question, const char *all, const char *what)
{
	struct answer a;
	char text[160];
	int64_t n = 0, holding = 0;

	view_ask(&v->view, &a, question, "");
	if (answer_next(&a)) {
		n = answer_int(&a, all);
		holding = answer_int(&a, "holding");
	}
	answer_end(&a);
	(void)snprintf(text, sizeof text, "%s: %" PRId64 " of %" PRId64 " hold",
	    what, holding, n);
	told(v, holding == n ? RESULT_OK : RESULT_FAILED, text, NULL);
}

static void
check_broken(struct verify *v)
{
	struct answer a;

	view_ask(&v->view, &a, VIEW_BROKEN, "");
	while (answer_next(&a))
		told(v, RESULT_FAILED, "balance of member",
		    answer_text(&a, "name"));
}

static void
check_store(struct verify *v)
{
	struct store_totals t;
	struct err why = { 0 };
	struct answer a;
	char text[160];
	uint64_t n = 0, filed = 0;
	int i;

	view_ask(&v->view, &a, VIEW_VOLUME, "");
	if (answer_next(&a))
		filed = (uint64_t)answer_int(&a, "n");
	answer_end(&a);
	if (store_totals(v->o->case_dir, &t, &why) < 0) {
		told(v, RESULT_FAILED, "event store", why.msg);
		return;
	}
	for (i = 0; i < STORE_FILE__MAX; i++)
		n += t.events[i];
	(void)snprintf(text, sizeof text,
	    "event store: %" PRIu64 " events, %" PRIu64 " were filed", n,
	    filed);
	told(v, n == filed ? RESULT_OK : RESULT_FAILED, text, NULL);
}

static void
check_digest(struct verify *v)
{
	char hex[65], stored[65] = "", text[256];
	struct err why = { 0 };
	struct answer a;

	view_ask(&v->view, &a, VIEW_LAST_ANALYSE, "");
	if (answer_next(&a) && !answer_is_null(&a, "digest"))
		(void)snprintf(
		    stored, sizeof stored, "%s", answer_text(&a, "digest"));
	answer_end(&a);
	if (stored[0] == '\0') {
		told(v, RESULT_OPEN, "digest: the case is not analysed", NULL);
		return;
	}
	if (digest_case(&v->view.c, v->o->case_dir, hex, &why) < 0) {
		told(v, RESULT_FAILED, "digest of the results", why.msg);
		return;
	}
	if (strcmp(hex, stored) == 0)
		(void)snprintf(
		    text, sizeof text, "digest of the results: %s", hex);
	else
		(void)snprintf(text, sizeof text,
		    "digest of the results: %s, the analysis stored %s", hex,
		    stored);
	told(v, strcmp(hex, stored) == 0 ? RESULT_OK : RESULT_FAILED, text,
	    NULL);
}

static void
check_current(struct verify *v)
{
	int64_t ingest = -1, analyse = -1;
	struct answer a;

	view_ask(&v->view, &a, VIEW_LAST_ADDED, "");
	if (answer_next(&a))
		ingest = answer_int(&a, "run_id");
	answer_end(&a);
	view_ask(&v->view, &a, VIEW_LAST_ANALYSE, "");
	if (answer_next(&a))
		analyse = answer_int(&a, "run_id");
	answer_end(&a);
	if (analyse >= 0 && ingest > analyse)
		told(v, RESULT_FAILED,
		    "evidence was added after the last analysis", NULL);
}

/* ---- the files given ----------------------------------------------------- */

static void
check_file(struct verify *v, const struct source_file *f)
{
	char hex[ARCHIVE_SHA256_HEX];
	struct err why = { 0 };
	struct answer a;
	bool known, was_named = false;

	if (f->reason != NULL) {
		told(v, RESULT_FAILED, f->reason, f->path);
		return;
	}
	if (archive_hash_file(f->path, hex, &why) < 0) {
		told(v, RESULT_FAILED, "file", why.msg);
		return;
	}
	view_ask(&v->view, &a, VIEW_SOURCE_BY_HASH, "t", hex);
	known = answer_next(&a);
	answer_end(&a);
	if (known) {
		told(v, RESULT_OK, hex, f->path);
		return;
	}
	view_ask(&v->view, &a, VIEW_SOURCE_BY_PATH, "t", f->path);
	was_named = answer_next(&a);
	answer_end(&a);
	told(v, RESULT_FAILED,
	    was_named ? "the file has changed since it was read"
		      : "the case holds no file with this hash",
	    f->path);
}

static int
check_files(struct verify *v, struct err *err)
{
	struct source_list l = { 0 };
	size_t i;
	int rc = 0;

	for (i = 0; i < v->o->n_sources && rc == 0; i++)
		rc = source_list_add(&l, v->o->source[i], err);
	for (i = 0; i < l.n_files && rc == 0; i++)
		if (!source_is_inside(v->o->case_dir, l.file[i].path))
			check_file(v, &l.file[i]);
	source_list_clear(&l);
	if (v->o->n_sources == 0)
		told(v, RESULT_OPEN, "hashes of the sources: none was given",
		    NULL);
	return rc;
}

int
verify_run(const struct verify_options *o, struct err *err)
{
	struct verify v = { .o = o };
	int rc;

	if (view_open_any(&v.view, o->case_dir, err) < 0)
		return -1;
	check_count(&v, VIEW_BALANCES, "members", "balance of members");
	check_broken(&v);
	check_count(&v, VIEW_SOURCE_BALANCES, "sources", "sums of sources");
	check_count(&v, VIEW_REJECT_BALANCES, "members", "rejects of members");
	check_count(&v, VIEW_FINDING_BALANCES, "findings", "sums of findings");
	check_store(&v);
	check_digest(&v);
	check_current(&v);
	rc = check_files(&v, err);
	if (rc == 0)
		rc = view_error(&v.view, err);
	if (rc == 0 && v.failed > 0)
		rc = err_set(err, ERR_FAILED, "%s: %u checks failed",
		    o->case_dir, v.failed);
	view_close(&v.view);
	return rc;
}
