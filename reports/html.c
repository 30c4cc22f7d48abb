/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/html.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "reports/text.h"

static void
add(struct html *h, const char *bytes, size_t n)
{
	if (h->err.code != ERR_NONE)
		return;
	h->out.ceiling_bytes = HTML_CEILING_BYTES;
	if (buf_add(&h->out, bytes, n) < 0)
		(void)err_set(&h->err, ERR_FAILED,
		    "the page would be larger than %d MiB",
		    HTML_CEILING_BYTES / (1024 * 1024));
}

/* Escape what text_visible() left: valid UTF-8 without controls. */
static void
add_escaped(struct html *h, struct span s)
{
	const char *with;
	size_t i, from = 0;

	for (i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '&':
			with = "&amp;";
			break;
		case '<':
			with = "&lt;";
			break;
		case '>':
			with = "&gt;";
			break;
		case '"':
			with = "&quot;";
			break;
		case '\'':
			with = "&#39;";
			break;
		default:
			continue;
		}
		add(h, s.p + from, i - from);
		add(h, with, strlen(with));
		from = i + 1;
	}
	add(h, s.p + from, s.n - from);
}

void
html_span(struct html *h, struct span text)
{
	struct buf seen = { 0 };

	text_visible(&seen, text);
	add_escaped(h, buf_as_span(&seen));
	buf_clear(&seen);
}

void
html_text(struct html *h, const char *text)
{
	html_span(h, span_of(text));
}

static void
text_args(struct html *h, const char *fmt, va_list ap)
{
	va_list twice;
	int n;

	va_copy(twice, ap);
	n = vsnprintf(NULL, 0, fmt, twice);
	va_end(twice);
	assert(n >= 0);
	buf_reset(&h->scratch);
	(void)buf_room(&h->scratch, (size_t)n);
	(void)vsnprintf(h->scratch.p, (size_t)n + 1, fmt, ap);
	h->scratch.n = (size_t)n;
	html_span(h, buf_as_span(&h->scratch));
}

void
html_textf(struct html *h, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_args(h, fmt, ap);
	va_end(ap);
}

static void
tag(struct html *h, const char *name, const char *end, va_list ap)
{
	const char *key, *value;

	add(h, "<", 1);
	add(h, name, strlen(name));
	while ((key = va_arg(ap, const char *)) != NULL) {
		value = va_arg(ap, const char *);
		if (value == NULL)
			continue;
		add(h, " ", 1);
		add(h, key, strlen(key));
		add(h, "=\"", 2);
		html_text(h, value);
		add(h, "\"", 1);
	}
	add(h, end, strlen(end));
}

static void
push(struct html *h, const char *name)
{
	assert(h->depth < HTML_DEPTH);
	h->open[h->depth++] = name;
}

void
html_open(struct html *h, const char *name, ...)
{
	va_list ap;

	va_start(ap, name);
	tag(h, name, ">", ap);
	va_end(ap);
	push(h, name);
}

void
html_void(struct html *h, const char *name, ...)
{
	va_list ap;

	va_start(ap, name);
	tag(h, name, "/>", ap); /* so that XML tools can read the page */
	va_end(ap);
}

void
html_close(struct html *h, const char *name)
{
	assert(h->depth > 0 && strcmp(h->open[h->depth - 1], name) == 0);
	h->depth--;
	add(h, "</", 2);
	add(h, name, strlen(name));
	add(h, ">", 1);
}

void
html_elem(struct html *h, const char *name, const char *fmt, ...)
{
	va_list ap;

	html_open(h, name, NULL);
	va_start(ap, fmt);
	text_args(h, fmt, ap);
	va_end(ap);
	html_close(h, name);
}

void
html_elem_class(
    struct html *h, const char *name, const char *cls, const char *fmt, ...)
{
	va_list ap;

	html_open(h, name, "class", cls, NULL);
	va_start(ap, fmt);
	text_args(h, fmt, ap);
	va_end(ap);
	html_close(h, name);
}

void
html_line(struct html *h)
{
	add(h, "\n", 1);
}

void
html_raw(struct html *h, const char *bytes)
{
	add(h, bytes, strlen(bytes));
}

int
html_finish(struct html *h, struct err *err)
{
	if (h->err.code != ERR_NONE)
		return err_set(err, h->err.code, "%s", h->err.msg);
	assert(h->depth == 0);
	return 0;
}

void
html_clear(struct html *h)
{
	buf_clear(&h->out);
	buf_clear(&h->scratch);
	h->depth = 0;
}
