/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/svg.h"

#include <expat.h>
#include <stdio.h>

#include "reports/text.h"

enum { SVG_DEPTH = 32 };

struct cleaner {
	const struct svg_text *text;
	struct buf *out;
	struct buf pending[SVG_DEPTH]; /* start tags not written yet */
	bool is_open[SVG_DEPTH];
	unsigned depth;	  /* of elements let through */
	unsigned skipped; /* depth inside one that is not */
	unsigned in_text; /* depth inside <text> */
	bool is_deep;	  /* beyond SVG_DEPTH: refused */
};

static bool
listed(const char *const *list, const char *name)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

static const char *const elements[] = { "svg", "g", "defs", "path", "polyline",
	"polygon", "rect", "circle", "ellipse", "line", "text", "tspan", "use",
	NULL };

/* font-family is left to the page. */
static const char *const attributes[] = { "viewBox", "fill", "fill-opacity",
	"stroke", "stroke-width", "stroke-linecap", "stroke-linejoin",
	"stroke-dasharray", "stroke-opacity", "color", "opacity", "transform",
	"text-anchor", "font-size", "font-weight", "font-style", "d", "points",
	"x", "y", "dx", "dy", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx",
	"ry", "width", "height", NULL };

/* Numbers, names, colours, functions of numbers; nothing that refers. */
static bool
is_plain(const char *value)
{
	static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789 \t\n.,()#%+-";

	return value[strspn(value, chars)] == '\0' &&
	       strstr(value, "url") == NULL;
}

static void
escape(struct buf *out, struct span s)
{
	struct buf seen = { 0 };
	size_t i;

	text_visible(&seen, s);
	for (i = 0; i < seen.n; i++) {
		switch (seen.p[i]) {
		case '&':
			(void)buf_str(out, "&amp;");
			break;
		case '<':
			(void)buf_str(out, "&lt;");
			break;
		case '>':
			(void)buf_str(out, "&gt;");
			break;
		case '"':
			(void)buf_str(out, "&quot;");
			break;
		default:
			(void)buf_char(out, seen.p[i]);
		}
	}
	buf_clear(&seen);
}

static void
flush(struct cleaner *c)
{
	unsigned i;

	for (i = 0; i < c->depth; i++) {
		if (c->is_open[i])
			continue;
		(void)buf_span(c->out, buf_as_span(&c->pending[i]));
		c->is_open[i] = true;
	}
}

/* Values lose doubled blanks, which gnuplot is fond of. */
static void
add_attribute(struct buf *tag, const char *name, const char *value)
{
	char was = ' ';

	(void)buf_printf(tag, " %s=\"", name);
	for (; *value != '\0'; value++) {
		char ch = *value == '\n' || *value == '\t' ? ' ' : *value;

		if (ch != ' ' || was != ' ')
			(void)buf_char(tag, ch);
		was = ch;
	}
	if (tag->n > 0 && tag->p[tag->n - 1] == ' ')
		tag->p[--tag->n] = '\0';
	(void)buf_char(tag, '"');
}

static void
add_attributes(
    struct cleaner *c, struct buf *tag, const char *element, const char **at)
{
	bool is_root = strcmp(element, "svg") == 0;

	for (; at[0] != NULL; at += 2) {
		if (!is_plain(at[1]))
			continue;
		if (strcmp(at[0], "id") == 0 && !is_root)
			(void)buf_printf(
			    tag, " id=\"%s-%s\"", c->text->prefix, at[1]);
		else if (strcmp(at[0], "xlink:href") == 0 && at[1][0] == '#')
			(void)buf_printf(tag, " href=\"#%s-%s\"",
			    c->text->prefix, at[1] + 1);
		else if (is_root && strcmp(at[0], "viewBox") != 0)
			continue;
		else if (listed(attributes, at[0]))
			add_attribute(tag, at[0], at[1]);
	}
}

static void
add_root(struct cleaner *c, struct buf *tag)
{
	const char *p = c->text->prefix;

	(void)buf_printf(tag,
	    " xmlns=\"http://www.w3.org/2000/svg\" role=\"img\""
	    " aria-labelledby=\"%s-t %s-d\"><title id=\"%s-t\">",
	    p, p, p);
	escape(tag, span_of(c->text->title));
	(void)buf_printf(tag, "</title><desc id=\"%s-d\">", p);
	escape(tag, span_of(c->text->desc));
	(void)buf_str(tag, "</desc>");
}

static void XMLCALL
on_start(void *arg, const char *name, const char **at)
{
	struct cleaner *c = arg;
	struct buf *tag;

	if (c->skipped > 0 || !listed(elements, name) ||
	    (strcmp(name, "svg") == 0) != (c->depth == 0)) {
		c->skipped++;
		return;
	}
	if (c->depth == SVG_DEPTH) {
		c->is_deep = true;
		c->skipped++;
		return;
	}
	tag = &c->pending[c->depth];
	buf_reset(tag);
	(void)buf_printf(tag, "<%s", name);
	add_attributes(c, tag, name, at);
	if (c->depth == 0)
		add_root(c, tag);
	else
		(void)buf_char(tag, '>');
	c->is_open[c->depth++] = false;
	if (c->in_text > 0 || strcmp(name, "text") == 0)
		c->in_text++;
	if (strcmp(name, "g") != 0 && strcmp(name, "defs") != 0)
		flush(c);
}

static void XMLCALL
on_end(void *arg, const char *name)
{
	struct cleaner *c = arg;

	if (c->skipped > 0) {
		c->skipped--;
		return;
	}
	c->depth--;
	if (c->in_text > 0)
		c->in_text--;
	if (c->is_open[c->depth])
		(void)buf_printf(
		    c->out, "</%s>%s", name, c->in_text == 0 ? "\n" : "");
}

static void XMLCALL
on_text(void *arg, const char *p, int n)
{
	struct cleaner *c = arg;
	struct span s = { p, (size_t)n };

	if (c->skipped > 0 || c->in_text == 0)
		return;
	flush(c);
	escape(c->out, s);
}

int
svg_clean(struct span svg, const struct svg_text *text, struct buf *out,
    struct err *err)
{
	struct cleaner c = { .text = text, .out = out };
	XML_Parser x = XML_ParserCreate("UTF-8");
	unsigned i;
	int rc = -1;

	if (x == NULL)
		err_no_memory(0);
	XML_SetUserData(x, &c);
	XML_SetElementHandler(x, on_start, on_end);
	XML_SetCharacterDataHandler(x, on_text);
	if (svg.n > INT32_MAX / 2)
		(void)err_set(err, ERR_FAILED, "larger than 1 GiB");
	else if (XML_Parse(x, svg.p, (int)svg.n, 1) != XML_STATUS_OK)
		(void)err_set(err, ERR_FAILED, "line %lu: %s",
		    (unsigned long)XML_GetCurrentLineNumber(x),
		    XML_ErrorString(XML_GetErrorCode(x)));
	else if (c.is_deep)
		(void)err_set(err, ERR_FAILED, "nested too deep");
	else
		rc = 0;
	for (i = 0; i < SVG_DEPTH; i++)
		buf_clear(&c.pending[i]);
	XML_ParserFree(x);
	return rc;
}
