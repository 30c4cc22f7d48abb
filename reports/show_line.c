/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/show_line.h"

#include <inttypes.h>

#include "reports/text.h"

enum { LABEL_COLUMNS = 18 };

void
show_put(struct show *s, struct span text)
{
	struct buf b = { 0 };

	text_visible(&b, text);
	(void)fwrite(b.p != NULL ? b.p : "", 1, b.n, s->o->out);
	buf_clear(&b);
}

void
show_label(struct show *s, const char *name)
{
	(void)fprintf(s->o->out, "%-*s ", LABEL_COLUMNS, name);
}

void
show_line_span(struct show *s, const char *name, struct span text)
{
	show_label(s, name);
	if (text.p == NULL)
		(void)fputs("-", s->o->out);
	else
		show_put(s, text);
	(void)fputc('\n', s->o->out);
}

void
show_line_text(struct show *s, const char *name, const char *text)
{
	show_line_span(s, name, span_of(text));
}

void
show_line_column(struct show *s, struct answer *a, const char *column)
{
	show_line_span(s, column, answer_span(a, column));
}

void
show_put_instant(struct show *s, struct answer *a, const char *column)
{
	char stamp[UTC_TEXT_BYTES];

	(void)fputs(answer_is_null(a, column)
			? "-"
			: utc_format(answer_int(a, column), stamp),
	    s->o->out);
}

void
show_line_instant(struct show *s, struct answer *a, const char *column)
{
	show_label(s, column);
	show_put_instant(s, a, column);
	(void)fputc('\n', s->o->out);
}

void
show_line_seconds(struct show *s, struct answer *a, const char *column)
{
	struct buf b = { 0 };

	if (answer_is_null(a, column)) {
		show_line_text(s, column, NULL);
		return;
	}
	text_duration(&b, answer_real(a, column) / 1e6);
	show_line_span(s, column, buf_as_span(&b));
	buf_clear(&b);
}

/* source, member, byte of a row that has these columns. */
void
show_put_place(struct show *s, struct answer *a)
{
	if (answer_is_null(a, "source")) {
		(void)fputs("no place", s->o->out);
		return;
	}
	show_put(s, answer_span(a, "source"));
	(void)fputs(": ", s->o->out);
	show_put(s, answer_span(a, "member"));
	if (!answer_is_null(a, "byte_offset"))
		(void)fprintf(
		    s->o->out, ": byte %" PRId64, answer_int(a, "byte_offset"));
}

const char *
show_person(struct show *s, const char *kind, struct span id,
    char name[PSEUDONYM_BYTES])
{
	return pseudonym(&s->key, kind, id, name);
}

void
show_heading(struct show *s, const char *text)
{
	(void)fprintf(s->o->out, "\n%s\n", text);
}

/* Under a heading where no line followed. */
void
show_none(struct show *s, int n)
{
	if (n == 0)
		(void)fputs("  none\n", s->o->out);
}
