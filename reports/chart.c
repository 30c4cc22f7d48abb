/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/chart.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reports/svg.h"
#include "reports/text.h"

enum { SVG_CEILING_BYTES = 16 * 1024 * 1024 };

void
chart_init(
    struct chart *c, struct page *page, const char *name, int width, int height)
{
	memset(c, 0, sizeof *c);
	c->page = page;
	c->name = name;
	chart_script(c, "# gnuplot 5.4; run it in this folder");
	chart_script(c, "set encoding utf8");
	chart_script(c,
	    "set terminal svg size %d,%d fixed noenhanced font 'sans,13' "
	    "rounded dashlength 0.8",
	    width, height);
	chart_script(c, "set output '%s.svg'", name);
	chart_script(c, "set datafile separator tab");
	chart_script(c, "set datafile missing '?'");
	chart_script(c, "data = '%s.dat'", name);
	chart_script(c, "set border 1 lw 1 lc rgb '" CHART_GREY "'");
	chart_script(c, "set tics nomirror scale 0.4 textcolor rgb '#4a5058'");
	chart_script(c, "set grid y lt 1 lw 0.6 lc rgb '" CHART_FAINT "' back");
	chart_script(c, "unset key");
	chart_script(c, "set style fill solid 1 noborder");
	chart_script(c, "set decimalsign '.'");
}

void
chart_script(struct chart *c, const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	assert(n >= 0 && (size_t)n < sizeof line && strchr(line, '`') == NULL);
	(void)buf_str(&c->script, line);
	(void)buf_char(&c->script, '\n');
}

/* ---- data ---------------------------------------------------------------- */

static void
next_cell(struct chart *c)
{
	if (c->in_row)
		(void)buf_char(&c->data, '\t');
	c->in_row = true;
}

void
chart_num(struct chart *c, double x)
{
	next_cell(c);
	if (isfinite(x))
		(void)buf_printf(&c->data, "%.12g", x);
	else
		(void)buf_char(&c->data, '?');
}

/* Columns that a character takes, by its first byte; roughly: three bytes
 * from U+1100 on are wide. */
static unsigned
width_of(const char *p)
{
	unsigned char first = (unsigned char)p[0];

	if (first < 0xe1)
		return 1;
	return first == 0xe2 ? 1 : 2;
}

static size_t
length_of(const char *p)
{
	unsigned char first = (unsigned char)p[0];

	return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* gnuplot's own signs inside a quoted string become their look-alikes. */
static const char *
look_alike(char ch)
{
	switch (ch) {
	case '"':
		return "\xe2\x80\x9d"; /* right double quote */
	case '\\':
		return "\xef\xbc\xbc"; /* wide backslash */
	case '`':
		return "\xe2\x80\x98"; /* left single quote */
	default:
		return NULL;
	}
}

void
chart_label(struct chart *c, struct span text, unsigned columns)
{
	struct buf seen = { 0 };
	unsigned used = 0;
	size_t i, n;

	next_cell(c);
	(void)buf_char(&c->data, '"');
	text_visible(&seen, text);
	for (i = 0; i < seen.n; i += n) {
		n = length_of(seen.p + i);
		used += width_of(seen.p + i);
		if (columns > 0 && used >= columns && i + n < seen.n) {
			(void)buf_str(&c->data, "\xe2\x80\xa6");
			break;
		}
		if (n == 1 && look_alike(seen.p[i]) != NULL)
			(void)buf_str(&c->data, look_alike(seen.p[i]));
		else
			(void)buf_add(&c->data, seen.p + i, n);
	}
	(void)buf_char(&c->data, '"');
	buf_clear(&seen);
}

void
chart_row(struct chart *c)
{
	(void)buf_char(&c->data, '\n');
	c->in_row = false;
}

unsigned
chart_block(struct chart *c)
{
	(void)buf_str(&c->data, "\n\n");
	return c->n_blocks++;
}

void
chart_time_axis(struct chart *c, double from_s, double to_s)
{
	bool is_zh = c->page->lang == LANG_ZH;
	static const struct {
		double step_s;
		const char *format, *chinese;
	} steps[] = { { 3600, "%H:%M", "%H:%M" },
		{ 3 * 3600, "%H:%M\\n%d %b", "%H:%M\\n%m-%d" },
		{ 6 * 3600, "%H:%M\\n%d %b", "%H:%M\\n%m-%d" },
		{ 12 * 3600, "%H:%M\\n%d %b", "%H:%M\\n%m-%d" },
		{ 86400, "%d %b", "%m-%d" }, { 2 * 86400, "%d %b", "%m-%d" },
		{ 5 * 86400, "%d %b", "%m-%d" },
		{ 7 * 86400, "%d %b", "%m-%d" },
		{ 14 * 86400, "%d %b\\n%Y", "%m-%d\\n%Y" },
		{ 30 * 86400, "%d %b\\n%Y", "%m-%d\\n%Y" },
		{ 91 * 86400, "%b %Y", "%Y-%m" }, { 365 * 86400, "%Y", "%Y" },
		{ 3652 * 86400.0, "%Y", "%Y" } };
	size_t i = 0, n = sizeof steps / sizeof steps[0];

	while (i + 1 < n && (to_s - from_s) / steps[i].step_s > 9)
		i++;
	chart_script(c, "set xrange [%.0f:%.0f]", from_s, to_s);
	chart_script(c, "set xtics time format \"%s\" %.0f,%.0f",
	    is_zh ? steps[i].chinese : steps[i].format,
	    ceil(from_s / steps[i].step_s) * steps[i].step_s, steps[i].step_s);
}

void
chart_legend(struct chart *c, const struct chart_key *key, size_t n)
{
	struct chart_key *copy =
	    arena_alloc(&c->page->arena, (n + 1) * sizeof *copy);

	memcpy(copy, key, n * sizeof *copy);
	c->key = copy;
	c->n_keys = n;
}

double
chart_step(double most, int n)
{
	double rough = most / n, power, step;

	if (!(rough > 0))
		return 1;
	power = pow(10, floor(log10(rough)));
	step = rough / power;
	step = step <= 1 ? 1 : step <= 2 ? 2 : step <= 5 ? 5 : 10;
	return fmax(1, step * power);
}

const char *
chart_color(unsigned n)
{
	static const char *const colors[] = { CHART_ORANGE, CHART_BLUE,
		CHART_GREEN, CHART_GREY, CHART_SAND, CHART_SKY };

	return colors[n % (sizeof colors / sizeof colors[0])];
}

/* ---- gnuplot ------------------------------------------------------------- */

/* Starts gnuplot on SCRIPT in `dir`; what it complains of goes to LOG. */
static int
spawn_gnuplot(const char *dir, const char *script, const char *log, pid_t *pid)
{
	char path[PATH_MAX + 8], *env[4];
	char *argv[] = { (char *)"gnuplot", (char *)"-d", (char *)script,
		NULL };
	const char *search = getenv("PATH");
	posix_spawn_file_actions_t acts;
	int rc;

	(void)snprintf(path, sizeof path, "PATH=%s",
	    search != NULL ? search : "/usr/local/bin:/usr/bin:/bin");
	env[0] = path;
	env[1] = (char *)"LC_ALL=C.UTF-8";
	env[2] = (char *)"TZ=UTC";
	env[3] = NULL;
	rc = posix_spawn_file_actions_init(&acts);
	if (rc != 0)
		return rc;
	if ((rc = posix_spawn_file_actions_addchdir_np(&acts, dir)) == 0 &&
	    (rc = posix_spawn_file_actions_addopen(
		 &acts, 0, "/dev/null", O_RDONLY, 0)) == 0 &&
	    (rc = posix_spawn_file_actions_addopen(
		 &acts, 1, "/dev/null", O_WRONLY, 0)) == 0 &&
	    (rc = posix_spawn_file_actions_addopen(
		 &acts, 2, log, O_WRONLY | O_CREAT | O_TRUNC, 0600)) == 0)
		rc = posix_spawnp(pid, "gnuplot", &acts, NULL, argv, env);
	(void)posix_spawn_file_actions_destroy(&acts);
	return rc;
}

static int
read_file(const char *path, struct buf *into, struct err *err)
{
	FILE *f = fopen(path, "rb");
	size_t got;

	if (f == NULL)
		return err_set(
		    err, ERR_FAILED, "%s: %s", path, strerror(errno));
	into->ceiling_bytes = SVG_CEILING_BYTES;
	do {
		if (buf_room(into, 65536) < 0) {
			(void)err_set(err, ERR_FAILED, "%s: larger than %d MiB",
			    path, SVG_CEILING_BYTES / (1024 * 1024));
			break;
		}
		got = fread(into->p + into->n, 1, 65536, f);
		into->n += got;
	} while (got > 0);
	if (ferror(f))
		(void)err_set(err, ERR_FAILED, "%s: cannot be read", path);
	(void)fclose(f);
	return err->code == ERR_NONE ? 0 : -1;
}

/* Nothing can be drawn of these numbers: all are zero on a logarithmic scale,
 * say.  That is no failure, the table holds them. */
static bool
is_void(const char *log)
{
	return strstr(log, "undefined") != NULL ||
	       strstr(log, "no valid points") != NULL ||
	       strstr(log, "no data") != NULL || strstr(log, "empty") != NULL;
}

/* The first line of what gnuplot complained of; 1 when there is nothing to
 * draw. */
static int
gnuplot_failed(const char *name, const char *log_path, struct err *err)
{
	struct buf log = { 0 };
	struct err unread = { 0 };
	const char *p = "no message";
	size_t n = strlen(p);

	if (read_file(log_path, &log, &unread) == 0 && log.n > 0) {
		log.p[log.n] = '\0';
		p = log.p + strspn(log.p, "\n \t");
		n = strcspn(p, "\n");
		if (is_void(p)) {
			buf_clear(&log);
			return 1;
		}
	}
	(void)err_set(
	    err, ERR_FAILED, "gnuplot on %s.gp: %.*s", name, (int)n, p);
	buf_clear(&log);
	return -1;
}

static int
run_gnuplot(struct chart *c, struct buf *svg, struct err *err)
{
	char dir[PATH_MAX], script[128], log[128], path[PATH_MAX + 160];
	pid_t pid = 0;
	int rc, status = 0, nothing = 0;

	(void)snprintf(dir, sizeof dir, "%s/chart", c->page->dir);
	(void)snprintf(script, sizeof script, "%s.gp", c->name);
	(void)snprintf(log, sizeof log, "%s.log", c->name);
	rc = spawn_gnuplot(dir, script, log, &pid);
	if (rc == ENOENT)
		return err_set(err, ERR_FAILED,
		    "gnuplot is not installed: charts are drawn by it "
		    "(Debian package gnuplot-nox)");
	if (rc != 0)
		return err_set(err, ERR_FAILED, "gnuplot: %s", strerror(rc));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	(void)snprintf(path, sizeof path, "%s/%s", dir, log);
	if (status != 0)
		nothing = gnuplot_failed(c->name, path, err);
	(void)unlink(path);
	(void)snprintf(path, sizeof path, "%s/%s.svg", dir, c->name);
	if (status == 0)
		(void)read_file(path, svg, err);
	(void)unlink(path);
	return err->code != ERR_NONE ? -1 : nothing;
}

static void
write_legend(struct chart *c)
{
	struct html *h = &c->page->html;
	char style[64];
	size_t i;

	if (c->n_keys == 0)
		return;
	html_open(h, "ul", "class", "legend", NULL);
	for (i = 0; i < c->n_keys; i++) {
		(void)snprintf(
		    style, sizeof style, "background:%s", c->key[i].color);
		html_open(h, "li", NULL);
		html_open(h, "i", "style", style, NULL);
		html_close(h, "i");
		html_text(h, c->key[i].name);
		html_close(h, "li");
	}
	html_close(h, "ul");
	html_line(h);
}

static void
write_figure(struct chart *c, struct span svg, const char *caption)
{
	struct page *page = c->page;
	struct html *h = &page->html;
	struct buf raw = { 0 };

	(void)buf_span(&raw, svg);
	html_open(h, "figure", "id", c->name, NULL);
	write_legend(c);
	html_open(h, "div", "class", "scroll drawing", "tabindex", "0", "role",
	    "region", "aria-label", caption, NULL);
	html_raw(h, raw.p != NULL ? raw.p : "");
	html_close(h, "div");
	html_open(h, "figcaption", NULL);
	html_elem_class(
	    h, "b", "no", T("Figure %s"), page_int(page, page->n_figures));
	html_textf(h, " %s", caption);
	html_close(h, "figcaption");
	html_close(h, "figure");
	html_line(h);
	buf_clear(&raw);
}

void
chart_draw(struct chart *c, const char *caption, const char *alt)
{
	struct page *page = c->page;
	struct buf svg = { 0 }, clean = { 0 };
	struct svg_text text = { c->name, caption, alt };
	struct err err = { 0 };
	char name[160];
	int got;

	assert(!c->in_row);
	page->n_figures++;
	(void)snprintf(name, sizeof name, "chart/%s.gp", c->name);
	page_file(page, name, buf_as_span(&c->script));
	(void)snprintf(name, sizeof name, "chart/%s.dat", c->name);
	page_file(page, name, buf_as_span(&c->data));
	if (page->err.code != ERR_NONE)
		goto out;
	got = run_gnuplot(c, &svg, &err);
	if (got > 0)
		html_elem(&page->html, "p",
		    T("There is nothing to draw here; the table holds the "
		      "numbers."));
	else if (got == 0 &&
		 svg_clean(buf_as_span(&svg), &text, &clean, &err) == 0)
		write_figure(c, buf_as_span(&clean), caption);
	else
		(void)err_set(&page->err, err.code, "%s", err.msg);
out:
	buf_clear(&svg);
	buf_clear(&clean);
	chart_clear(c);
}

void
chart_clear(struct chart *c)
{
	buf_clear(&c->script);
	buf_clear(&c->data);
}
