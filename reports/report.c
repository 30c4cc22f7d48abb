/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: everything is made in OUT/report.new and OUT/report.html.new
 * and takes its place by rename when all of it is there, so a report that
 * fails leaves the one before untouched, and no file of an earlier report
 * (a restricted one, say) stays beside a new one.
 */
#include "reports/report.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/base/embedded.h"
#include "reports/findings_json.h"
#include "reports/page.h"

static const struct section sections[] = {
	{ "completeness", "What was read, and what was not",
	    section_completeness },
	{ "findings", "Key findings", section_key_findings },
	{ "designs", "Versions of the design over time", section_designs },
	{ "routes", "Accepting, refusing and withdrawing, side by side",
	    section_routes },
	{ "rates", "How many consented", section_rates },
	{ "flows", "The way people went", section_flows },
	{ "detectors", "What each detector answers", section_detectors },
	{ "choices", "What people chose, and what was recorded",
	    section_choices },
	{ "discovery", "Undeclared consent controls", section_discovery },
	{ "processing", "What was done with the data", section_processing },
	{ "lineage", "What became of the contacts", section_lineage },
	{ "network", "Operators and recipients", section_network },
	{ "tainted", "Consents obtained under a finding, over time",
	    section_tainted },
	{ "law", "Rules the findings bear on, by date", section_legal },
	{ "statistics", "Statistics", section_statistics },
	{ "method", "Method and limits", section_method },
	{ "reproduction", "How to reproduce this report",
	    section_reproduction },
};
enum { N_SECTIONS = sizeof sections / sizeof sections[0] };

static bool
is_there(struct page *page, const struct section *s)
{
	return s->write != section_network || section_network_is_there(page);
}

/* ---- the folder ---------------------------------------------------------- */

/* What a report writes, by folder. */
static const struct part {
	const char *dir;
	const char *ends[5]; /* of the names of its files; NULL ends */
} parts[] = {
	{ "/csv", { ".csv" } },
	{ "/chart", { ".gp", ".dat", ".svg", ".log" } },
	{ "", { "findings.json" } },
};
enum { N_PARTS = sizeof parts / sizeof parts[0] };

static bool
is_of_part(const struct part *part, const char *name)
{
	size_t i, m, n = strlen(name);

	for (i = 0; part->ends[i] != NULL; i++) {
		m = strlen(part->ends[i]);
		if (n >= m && strcmp(name + n - m, part->ends[i]) == 0)
			return true;
	}
	return false;
}

/* Remove the files that a report writes into a folder, then the folder when
 * nothing else is in it. */
static void
remove_part(const char *dir, const struct part *part)
{
	char path[PATH_MAX + 300];
	struct dirent *e;
	DIR *d = opendir(dir);

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (!is_of_part(part, e->d_name))
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		(void)unlink(path);
	}
	(void)closedir(d);
	(void)rmdir(dir);
}

static void
remove_report(const char *dir)
{
	char path[PATH_MAX + 16];
	size_t i;

	for (i = 0; i < N_PARTS; i++) {
		(void)snprintf(path, sizeof path, "%s%s", dir, parts[i].dir);
		remove_part(path, &parts[i]);
	}
}

/* Is there no such folder, or one that a report wrote? */
static bool
is_ours(const char *dir)
{
	static const char mark[] = "{\"pretick\":";
	char path[PATH_MAX + 64], start[sizeof mark] = "";
	FILE *f;

	if (access(dir, F_OK) < 0)
		return true;
	(void)snprintf(path, sizeof path, "%s/findings.json", dir);
	f = fopen(path, "rb");
	if (f == NULL)
		return false;
	if (fread(start, 1, sizeof mark - 1, f) != sizeof mark - 1)
		start[0] = '\0';
	(void)fclose(f);
	return strcmp(start, mark) == 0;
}

static int
make_dir(const char *path, struct err *err)
{
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return err_set(
		    err, ERR_FAILED, "%s: %s", path, strerror(errno));
	return 0;
}

static int
make_folders(struct page *page, const char *out, struct err *err)
{
	char path[PATH_MAX + 16];
	size_t i;

	page->dir = arena_printf(&page->arena, "%s/report.new", out);
	if (strlen(page->dir) + 200 > sizeof path)
		return err_set(err, ERR_FAILED, "%s: too long a path", out);
	(void)snprintf(path, sizeof path, "%s/report", out);
	if (!is_ours(path))
		return err_set(err, ERR_FAILED,
		    "%s was not written by a report: move it or use -o", path);
	if (make_dir(out, err) < 0)
		return -1;
	remove_report(page->dir);
	if (make_dir(page->dir, err) < 0)
		return -1;
	for (i = 0; i < N_PARTS; i++) {
		(void)snprintf(
		    path, sizeof path, "%s%s", page->dir, parts[i].dir);
		if (make_dir(path, err) < 0)
			return -1;
	}
	return 0;
}

/* Put the new report in the place of the old one. */
static int
replace(struct page *page, const char *out, struct err *err)
{
	char dir[PATH_MAX], made[PATH_MAX], page_path[PATH_MAX];

	(void)snprintf(dir, sizeof dir, "%s/report", out);
	(void)snprintf(made, sizeof made, "%s/report.html.new", out);
	(void)snprintf(page_path, sizeof page_path, "%s/report.html", out);
	remove_report(dir);
	if (access(dir, F_OK) == 0)
		return err_set(err, ERR_FAILED,
		    "%s holds files that no report wrote: move them", dir);
	if (rename(page->dir, dir) < 0)
		return err_set(err, ERR_FAILED, "%s: %s", dir, strerror(errno));
	if (rename(made, page_path) < 0)
		return err_set(
		    err, ERR_FAILED, "%s: %s", page_path, strerror(errno));
	return 0;
}

/* ---- the page ------------------------------------------------------------ */

static const char *
style(void)
{
	const struct embedded *e;

	for (e = embedded_files; e->name != NULL; e++)
		if (strcmp(e->name, "reports/report.css") == 0)
			return e->text;
	assert(!"report.css is not embedded");
	return "";
}

static void
write_head(struct page *page)
{
	struct html *h = &page->html;

	html_raw(h, "<!DOCTYPE html>\n");
	html_open(h, "html", "lang", lang_name(page->lang), NULL);
	html_line(h);
	html_open(h, "head", NULL);
	html_void(h, "meta", "charset", "utf-8", NULL);
	html_void(h, "meta", "name", "viewport", "content",
	    "width=device-width, initial-scale=1", NULL);
	/* Nothing is loaded, nothing runs, nothing is sent. */
	html_void(h, "meta", "http-equiv", "Content-Security-Policy", "content",
	    "default-src 'none'; style-src 'unsafe-inline'; "
	    "base-uri 'none'; form-action 'none'",
	    NULL);
	html_void(
	    h, "meta", "name", "referrer", "content", "no-referrer", NULL);
	html_void(h, "meta", "name", "generator", "content",
	    "pretick " PRETICK_VERSION, NULL);
	html_elem(h, "title", "%s \xe2\x80\x93 %s",
	    page->case_id != NULL ? page->case_id : T("Consent report"),
	    "pretick");
	html_open(h, "style", NULL);
	html_raw(h, style());
	html_close(h, "style");
	html_close(h, "head");
	html_line(h);
}

static void
write_contents(struct page *page)
{
	struct html *h = &page->html;
	char href[64];
	size_t i;

	html_open(
	    h, "nav", "class", "contents", "aria-labelledby", "contents", NULL);
	html_open(h, "h2", "id", "contents", NULL);
	html_text(h, T("Contents"));
	html_close(h, "h2");
	html_open(h, "ol", NULL);
	for (i = 0; i < N_SECTIONS; i++) {
		if (!is_there(page, &sections[i]))
			continue;
		(void)snprintf(href, sizeof href, "#%s", sections[i].id);
		html_open(h, "li", NULL);
		html_open(h, "a", "href", href, NULL);
		html_text(h, lang_text(page->lang, sections[i].title));
		html_close(h, "a");
		html_close(h, "li");
	}
	html_close(h, "ol");
	html_close(h, "nav");
	html_line(h);
}

static void
write_sections(struct page *page)
{
	struct html *h = &page->html;
	char title_id[64];
	size_t i, n = 0;

	for (i = 0; i < N_SECTIONS; i++) {
		if (!is_there(page, &sections[i]))
			continue;
		(void)snprintf(
		    title_id, sizeof title_id, "%s-title", sections[i].id);
		html_open(h, "section", "id", sections[i].id, "aria-labelledby",
		    title_id, NULL);
		html_line(h);
		html_open(h, "h2", "id", title_id, NULL);
		html_elem_class(h, "span", "sec", "%zu", ++n);
		html_textf(h, " %s", lang_text(page->lang, sections[i].title));
		html_close(h, "h2");
		html_line(h);
		sections[i].write(page);
		html_close(h, "section");
		html_line(h);
	}
}

static void
write_page(struct page *page)
{
	struct html *h = &page->html;

	write_head(page);
	html_open(h, "body", NULL);
	html_open(h, "a", "class", "skip", "href", "#completeness", NULL);
	html_text(h, T("Skip to the report"));
	html_close(h, "a");
	html_line(h);
	html_open(h, "main", NULL);
	html_line(h);
	section_cover(page);
	write_contents(page);
	write_sections(page);
	html_close(h, "main");
	html_open(h, "footer", NULL);
	html_textf(h, T("Made by pretick %s from the case with digest %s."),
	    PRETICK_VERSION,
	    page->digest != NULL ? page->digest : T("not recorded"));
	html_close(h, "footer");
	html_close(h, "body");
	html_close(h, "html");
	html_line(h);
}

static int
finish(struct page *page, const char *out, struct err *err)
{
	struct err why = { 0 };

	if (view_error(&page->view, &why) < 0 ||
	    html_finish(&page->html, &why) < 0)
		return err_set(err, why.code, "%s", why.msg);
	page_file(page, "../report.html.new", buf_as_span(&page->html.out));
	if (page->err.code != ERR_NONE)
		return err_set(err, page->err.code, "%s", page->err.msg);
	return replace(page, out, err);
}

static int
make(struct page *page, const char *out, struct err *err)
{
	if (make_folders(page, out, err) < 0)
		return -1;
	page_load(page);
	write_page(page);
	findings_json(page);
	return finish(page, out, err);
}

int
report_run(const struct report_options *o, char *path, size_t path_room,
    struct err *err)
{
	const char *out = o->out_dir != NULL ? o->out_dir : o->case_dir;
	struct page *page;
	struct page zero = { .o = o };
	int rc = -1;

	page = &zero;
	page->is_public = o->is_public != 0;
	page->lang = lang_find(o->lang);
	if (page->lang == LANG_NONE)
		return err_set(
		    err, ERR_USAGE, "--lang is en or zh, not '%s'", o->lang);
	if (view_open(&page->view, o->case_dir, err) < 0)
		return -1;
	/* A public page names nobody, so it needs no key. */
	if (!page->is_public &&
	    pseudonym_key_read(&page->key, o->key_file, err) < 0)
		goto out;
	pseudonym_key_home(&page->key, &page->view.c);
	rc = make(page, out, err);
	if (rc < 0 && page->dir != NULL)
		remove_report(page->dir);
	if (rc == 0)
		(void)snprintf(path, path_room, "%s/report.html", out);
out:
	pseudonym_key_clear(&page->key);
	html_clear(&page->html);
	arena_clear(&page->arena);
	view_close(&page->view);
	return rc;
}
