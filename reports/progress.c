/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "ingest/base/buf.h"

enum { DRAW_US = 200 * 1000, SETTLE_US = 1000 * 1000 };

static int64_t
now_us(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void
progress_init(struct progress *p)
{
	const char *term = getenv("TERM");

	memset(p, 0, sizeof *p);
	(void)pthread_mutex_init(&p->lock, NULL);
	p->in_bytes = true;
	p->on = isatty(STDERR_FILENO) == 1 && term != NULL &&
		strcmp(term, "dumb") != 0;
}

/* "3.4 GiB", "812 B" */
static void
put_bytes(char *out, size_t room, uint64_t bytes)
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double n = (double)bytes;
	size_t u = 0;

	for (; n >= 1024 && u + 1 < sizeof unit / sizeof unit[0]; u++)
		n /= 1024;
	(void)snprintf(out, room, u == 0 ? "%.0f %s" : "%.1f %s", n, unit[u]);
}

/* "1.2 M", "812" */
static void
put_count(char *out, size_t room, double n)
{
	if (n >= 1e6)
		(void)snprintf(out, room, "%.1f M", n / 1e6);
	else if (n >= 1e3)
		(void)snprintf(out, room, "%.1f k", n / 1e3);
	else
		(void)snprintf(out, room, "%.0f", n);
}

/* "0:09", "1:02:03" */
static void
put_span(char *out, size_t room, double seconds)
{
	uint64_t s = seconds < 359999 ? (uint64_t)(seconds + 0.5) : 359999;

	if (s >= 3600)
		(void)snprintf(out, room, "%" PRIu64 ":%02u:%02u", s / 3600,
		    (unsigned)(s / 60 % 60), (unsigned)(s % 60));
	else
		(void)snprintf(out, room, "%u:%02u", (unsigned)(s / 60),
		    (unsigned)(s % 60));
}

void
progress_line(char out[PROGRESS_LINE_BYTES], const struct progress_state *s)
{
	double seconds = (double)s->spent_us / 1e6, share = 0;
	char done[32], total[32];
	struct buf b = { .ceiling_bytes = PROGRESS_LINE_BYTES - 1 };

	(void)buf_str(&b, s->what);
	if (s->total > 0) {
		share =
		    s->done < s->total ? (double)s->done / (double)s->total : 1;
		(void)buf_printf(&b, " %3.0f%%", 100 * share);
	}
	if (s->in_bytes && s->done + s->total > 0) {
		put_bytes(done, sizeof done, s->done);
		put_bytes(total, sizeof total, s->total);
		(void)buf_printf(
		    &b, s->total > 0 ? "  %s of %s" : "  %s", done, total);
	}
	if (s->spent_us >= SETTLE_US) { /* a rate of one glance misleads */
		if (s->done > 0 && s->records > 0) {
			put_count(
			    done, sizeof done, (double)s->records / seconds);
			(void)buf_printf(&b, "  %s records/s", done);
		}
		if (share > 0 && share < 1) {
			put_span(
			    done, sizeof done, seconds * (1 - share) / share);
			(void)buf_printf(&b, "  %s left", done);
		}
	}
	(void)snprintf(out, PROGRESS_LINE_BYTES, "%s", b.p);
	buf_clear(&b);
}

/* One write a line, so that threads and messages never mix within one. */
static void
draw(const char *line)
{
	char text[PROGRESS_LINE_BYTES + 8];
	struct winsize w = { 0 };
	int n, width = 79;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 1)
		width = w.ws_col - 1; /* never wraps */
	n = snprintf(text, sizeof text, "\r%.*s\033[K", width, line);
	if (n > 0 && write(STDERR_FILENO, text, (size_t)n) < 0)
		return; /* nothing depends on it */
}

void
progress_tell(void *arg, const char *what, uint64_t done, uint64_t total,
    uint64_t records)
{
	struct progress *p = arg;
	struct progress_state s = { what, p->in_bytes, done, total, records,
		0 };
	char line[PROGRESS_LINE_BYTES];
	int64_t now;

	if (!p->on || pthread_mutex_trylock(&p->lock) != 0)
		return;
	now = now_us();
	if (p->what == NULL || strcmp(p->what, what) != 0) {
		p->what = what;
		p->began_us = now;
		p->drawn_us = 0;
	}
	if (now - p->drawn_us >= DRAW_US) {
		s.spent_us = now - p->began_us;
		progress_line(line, &s);
		draw(line);
		p->drawn_us = now;
		p->drawn = true;
	}
	(void)pthread_mutex_unlock(&p->lock);
}

void
progress_clear(struct progress *p)
{
	(void)pthread_mutex_lock(&p->lock);
	if (p->drawn)
		draw("");
	p->drawn = false;
	p->what = NULL;
	(void)pthread_mutex_unlock(&p->lock);
}
