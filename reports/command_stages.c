/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The three stages as commands, and `run`, which is all of them in turn.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "analysis/analysis.h"
#include "analysis/discover.h"
#include "ingest/ingest.h"
#include "reports/command.h"
#include "reports/discovery.h"
#include "reports/progress.h"
#include "reports/report.h"
#include "reports/summary.h"
#include "reports/text.h"

/* What the stages of one call share. */
struct stage {
	const struct options *o;
	const char *case_dir;
	struct caseini ini; /* empty without -c */
	bool has_ini;
	unsigned n_threads;
	size_t memory_bytes;
	struct progress progress;
};

static int
stage_init(struct stage *s, const struct options *o, const char *case_dir,
    struct err *err)
{
	const char *path = o->value[OPTION_INI];

	memset(s, 0, sizeof *s);
	s->o = o;
	s->case_dir = case_dir;
	progress_init(&s->progress);
	if (option_jobs(o, &s->n_threads, err) < 0 ||
	    option_memory(o, &s->memory_bytes, err) < 0)
		return -1;
	if (path == NULL)
		return 0;
	s->has_ini = true;
	return caseini_read(&s->ini, path, err);
}

static void
stage_clear(struct stage *s)
{
	progress_clear(&s->progress);
	if (s->has_ini)
		caseini_clear(&s->ini);
}

/* A path on a line of its own, fit for a terminal. */
static void
say_path(const char *before, const char *path, const char *after)
{
	struct buf b = { 0 };

	(void)buf_str(&b, before);
	text_visible(&b, span_of(path));
	(void)buf_str(&b, after);
	(void)printf("%s\n", b.p);
	buf_clear(&b);
}

static void
say_skipped(void *arg, const char *path, const char *sha256)
{
	struct progress *progress = arg; /* as the stage's progress_arg */
	char after[128];

	progress_clear(progress);
	(void)snprintf(after, sizeof after,
	    " is in the case already, skipped (sha256 %s)", sha256);
	say_path("ingest: ", path, after);
}

static void
say_ingested(const struct ingest_result *r)
{
	(void)printf("ingest: %" PRIu64 " sources (%" PRIu64
		     " skipped), %" PRIu64 " members, %" PRIu64 " events\n",
	    r->sources, r->skipped, r->members, r->events);
	(void)printf("ingest: %" PRIu64 " records = %" PRIu64
		     " mapped + %" PRIu64 " rejected + %" PRIu64
		     " filtered + %" PRIu64 " duplicate\n",
	    r->records, r->mapped, r->rejected, r->filtered, r->duplicate);
	if (r->damage > 0)
		(void)printf("ingest: %" PRIu64 " damaged places that are no "
			     "record, see the report\n",
		    r->damage);
}

static int
stage_ingest(struct stage *s, const char *const *source, size_t n_sources,
    struct ingest_result *r, struct err *err)
{
	struct ingest_options io = {
		.case_dir = s->case_dir,
		.source = source,
		.n_sources = n_sources,
		.map_file = s->o->map,
		.n_map_files = s->o->n_maps,
		.ini = s->has_ini ? &s->ini : NULL,
		.n_threads = s->n_threads,
		.memory_bytes = s->memory_bytes,
		.progress = progress_tell,
		.progress_arg = &s->progress,
		.skipped = say_skipped,
	};

	memset(r, 0, sizeof *r);
	if (ingest_run(&io, r, err) < 0)
		return -1;
	progress_clear(&s->progress);
	say_ingested(r);
	return 0;
}

/* Those that may change results, for table run. */
static void
add_options(struct buf *b, const struct options *o)
{
	const char *ini = o->value[OPTION_INI];

	(void)buf_printf(
	    b, "%s%s", ini != NULL ? "-c " : "", ini != NULL ? ini : "");
}

static int
stage_discover(struct stage *s, struct err *err)
{
	struct buf text = { 0 };
	struct discover_options d = {
		.case_dir = s->case_dir,
		.ini = s->has_ini ? &s->ini : NULL,
		.n_threads = s->n_threads,
		.memory_bytes = s->memory_bytes,
		.progress = progress_tell,
		.progress_arg = &s->progress,
	};
	int rc;

	add_options(&text, s->o);
	d.options_text = text.p;
	s->progress.in_bytes = false; /* partitions */
	rc = discover_run(&d, err);
	buf_clear(&text);
	progress_clear(&s->progress);
	return rc;
}

static int
print_discovery(const char *case_dir, int64_t *n_found, struct err *err)
{
	struct view v = { 0 };
	int rc;

	if (view_open_any(&v, case_dir, err) < 0)
		return -1;
	discovery_print(&v, stdout, n_found);
	rc = view_error(&v, err);
	view_close(&v);
	return rc;
}

/* Many consents answer no act: what then do they follow?  Discovery costs a
 * fifth of an analysis, so it is not done for the few of every case. */
static int
look_behind(struct stage *s, const struct analysis_result *r, struct err *err)
{
	enum { LEAST = 20, ONE_IN = 20 };
	int64_t n_found;

	if (r->unasked < LEAST || r->unasked < r->decisions / ONE_IN)
		return 0;
	(void)printf("analyse: %" PRIu64 " of %" PRIu64
		     " decisions are consents that "
		     "answer no act on a declared control\n",
	    r->unasked, r->decisions);
	if (stage_discover(s, err) < 0 ||
	    print_discovery(s->case_dir, &n_found, err) < 0)
		return -1;
	if (n_found > 0)
		say_path("discover: to declare what you agree with, see "
			 "pretick discover ",
		    s->case_dir, "");
	return 0;
}

static int
stage_analyse(struct stage *s, struct err *err)
{
	struct analysis_result r = { 0 };
	struct buf text = { 0 };
	struct analysis_options ao = {
		.case_dir = s->case_dir,
		.ini = s->has_ini ? &s->ini : NULL,
		.n_threads = s->n_threads,
		.memory_bytes = s->memory_bytes,
		.progress = progress_tell,
		.progress_arg = &s->progress,
	};
	int rc;

	add_options(&text, s->o);
	ao.options_text = text.p;
	s->progress.in_bytes = false; /* partitions */
	rc = analysis_run(&ao, &r, err);
	buf_clear(&text);
	progress_clear(&s->progress);
	if (rc < 0)
		return -1;
	(void)printf("analyse: %" PRIu64 " people, %" PRIu64
		     " decisions, %" PRIu64 " findings from %" PRIu64
		     " events\n",
	    r.subjects, r.decisions, r.findings, r.events);
	if (summary_findings(stdout, s->case_dir, err) < 0)
		return -1;
	return look_behind(s, &r, err);
}

static int
stage_report(const struct options *o, const char *case_dir, const char *out_dir,
    struct err *err)
{
	const char *lang = o->value[OPTION_LANG];
	struct report_options ro = {
		.case_dir = case_dir,
		.out_dir = out_dir,
		.key_file = o->value[OPTION_KEY],
		.lang = lang != NULL ? lang : "en",
		.is_public = o->value[OPTION_PUBLIC] != NULL,
		.command = o->line,
	};
	char path[PATH_MAX];

	if (report_run(&ro, path, sizeof path, err) < 0)
		return -1;
	say_path("", path, "");
	return 0;
}

/* Everything is done and written; --strict makes damage a failure of it. */
static int
strict(const struct options *o, const struct ingest_result *r, struct err *err)
{
	if (o->value[OPTION_STRICT] == NULL || r->rejected + r->damage == 0)
		return 0;
	return err_set(err, ERR_FAILED,
	    "%" PRIu64 " records were rejected and %" PRIu64
	    " places are damaged, which --strict does not accept; the case is "
	    "written, its table reject has the places",
	    r->rejected, r->damage);
}

static int
check_lang(const struct options *o, struct err *err)
{
	const char *lang = o->value[OPTION_LANG];

	if (lang == NULL || strcmp(lang, "en") == 0 || strcmp(lang, "zh") == 0)
		return 0;
	return err_set(err, ERR_USAGE,
	    "%s: --lang is en or zh, not '%s'; try 'pretick help %s'",
	    command_name(o->command), lang, command_name(o->command));
}

int
command_run(const struct options *o, struct err *err)
{
	const char *out = o->value[OPTION_OUT];
	struct ingest_result r;
	struct stage s;
	int rc = -1;

	if (check_lang(o, err) < 0)
		return -1;
	if (stage_init(&s, o, out != NULL ? out : "case", err) == 0 &&
	    stage_ingest(&s, o->operand, o->n_operands, &r, err) == 0 &&
	    stage_analyse(&s, err) == 0 &&
	    stage_report(o, s.case_dir, NULL, err) == 0)
		rc = strict(o, &r, err);
	stage_clear(&s);
	return rc;
}

int
command_ingest(const struct options *o, struct err *err)
{
	struct ingest_result r;
	struct stage s;
	int rc = -1;

	if (stage_init(&s, o, o->operand[0], err) == 0 &&
	    stage_ingest(&s, o->operand + 1, o->n_operands - 1, &r, err) == 0)
		rc = strict(o, &r, err);
	stage_clear(&s);
	return rc;
}

int
command_analyse(const struct options *o, struct err *err)
{
	struct stage s;
	int rc = -1;

	if (stage_init(&s, o, o->operand[0], err) == 0)
		rc = stage_analyse(&s, err);
	stage_clear(&s);
	return rc;
}

static int
say_discovered(const char *case_dir, const char *draft, struct err *err)
{
	struct view v = { 0 };
	char path[PATH_MAX];
	int64_t n;
	int rc;

	if (draft == NULL) {
		if (snprintf(path, sizeof path, "%s/discover.ini", case_dir) >=
		    (int)sizeof path)
			return err_set(err, ERR_FAILED, "the path is too long");
		draft = path;
	}
	if (print_discovery(case_dir, &n, err) < 0 ||
	    view_open_any(&v, case_dir, err) < 0)
		return -1;
	rc = discovery_draft(&v, draft, err);
	view_close(&v);
	if (rc == 0)
		say_path("discover: a draft for case.ini is ", draft, "");
	return rc;
}

int
command_discover(const struct options *o, struct err *err)
{
	struct stage s;
	int rc = -1;

	if (stage_init(&s, o, o->operand[0], err) == 0 &&
	    stage_discover(&s, err) == 0)
		rc = say_discovered(s.case_dir, o->value[OPTION_OUT], err);
	stage_clear(&s);
	return rc;
}

int
command_report(const struct options *o, struct err *err)
{
	if (check_lang(o, err) < 0)
		return -1;
	return stage_report(o, o->operand[0], o->value[OPTION_OUT], err);
}
