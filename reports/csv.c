/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/csv.h"

#include <inttypes.h>
#include <math.h>

#include "reports/text.h"

static void
cell(struct csv *c)
{
	if (c->n_cells++ > 0)
		(void)buf_char(&c->out, ',');
}

void
csv_text(struct csv *c, struct span text)
{
	struct buf seen = { 0 };
	size_t i;

	cell(c);
	if (text.p == NULL)
		return;
	/* First of all: the picture of a tab is no formula any more. */
	text_visible(&seen, text);
	(void)buf_char(&c->out, '"');
	if (text.n > 0 && strchr("=+-@\t\r\n", text.p[0]) != NULL)
		(void)buf_char(&c->out, '\'');
	for (i = 0; i < seen.n; i++) {
		if (seen.p[i] == '"')
			(void)buf_char(&c->out, '"');
		(void)buf_char(&c->out, seen.p[i]);
	}
	(void)buf_char(&c->out, '"');
	buf_clear(&seen);
}

void
csv_int(struct csv *c, int64_t n)
{
	cell(c);
	(void)buf_printf(&c->out, "%" PRId64, n);
}

void
csv_real(struct csv *c, double x)
{
	cell(c);
	if (isfinite(x))
		(void)buf_printf(&c->out, "%.12g", x);
}

void
csv_null(struct csv *c)
{
	cell(c);
}

void
csv_line(struct csv *c)
{
	(void)buf_str(&c->out, "\r\n");
	c->n_cells = 0;
}

void
csv_clear(struct csv *c)
{
	buf_clear(&c->out);
	c->n_cells = 0;
}
