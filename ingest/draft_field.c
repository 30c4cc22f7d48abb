/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands at a path: how often, which values, which times. */
#include <stdio.h>

#include "ingest/draft_int.h"

enum { VALUE_BYTES = 48 };

const char *const draft_clock_name[DRAFT_CLOCKS] = { "rfc3339", "epoch_ms",
	"epoch_s", "epoch_us", "epoch_ns", "%d/%b/%Y:%H:%M:%S %z",
	"%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M",
	"%Y-%m-%d %H:%M", "%Y%m%d%H%M%S", "%d/%m/%Y %H:%M:%S",
	"%m/%d/%Y %H:%M:%S", "%F", "%Y%m%d" };

void
draft_clocks_init(struct draft *d)
{
	struct err err = { 0 };
	struct map_source src = { &d->map, 0, &err };
	int i;

	for (i = 0; i < DRAFT_CLOCKS; i++)
		(void)map_clock_compile(
		    &src, span_of(draft_clock_name[i]), &d->clock[i]);
}

bool
draft_clock_read(const struct draft *d, int clock, const struct value *v,
    struct utc_stamp *t)
{
	static const struct zone_local anywhere = { .zone = NULL };

	return map_clock_read(&d->clock[clock], v, &anywhere, t) == 0;
}

/* ---- text that may be shown ------------------------------------------------- */

/* Bytes of the UTF-8 character that s begins with. */
static size_t
letter_bytes(struct span s)
{
	unsigned char c = (unsigned char)s.p[0];

	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* No control, and nothing that steers the direction of text. */
static bool
is_printable(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	return (p[0] >= ' ' || p[0] == '\t') && p[0] != 0x7f &&
	       !(p[0] == 0xc2 && p[1] < 0xa0) &&		    /* C1 */
	       !(p[0] == 0xe2 && (p[1] == 0x80 || p[1] == 0x81)) && /* U+20xx */
	       !(p[0] == 0xef && p[1] == 0xbb);			    /* U+FEFF */
}

bool
draft_is_plain(struct span s)
{
	size_t n;

	if (!json_utf8_is_valid(s))
		return false;
	for (; s.n > 0; s.p += n, s.n -= n) {
		n = letter_bytes(s);
		if (!is_printable(s))
			return false;
	}
	return true;
}

struct span
draft_visible(struct arena *arena, struct span s, size_t most)
{
	struct buf b = { 0 };
	struct span out;
	size_t n;

	if (!json_utf8_is_valid(s))
		return span_of("(bytes that are no text)");
	for (; s.n > 0 && b.n < most; s.p += n, s.n -= n) {
		n = letter_bytes(s);
		if (is_printable(s))
			(void)buf_add(&b, s.p, n);
		else
			(void)buf_char(&b, '?');
	}
	if (s.n > 0)
		(void)buf_str(&b, "...");
	out = arena_span(arena, buf_as_span(&b));
	buf_clear(&b);
	return out;
}

/* ---- fields ------------------------------------------------------------------ */

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c & 0x80) != 0;
}

/* Letters and digits from `at` on, in lower case. */
static struct span
name_of(struct arena *arena, struct span path, size_t at)
{
	char *p = arena_alloc(arena, path.n + 1);
	struct span out = { p, 0 };
	char c;

	for (; at < path.n; at++) {
		c = path.p[at];
		if (is_word(c))
			p[out.n++] =
			    c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return out;
}

static void
field_name(struct draft *d, struct draft_field *f)
{
	size_t at[2] = { 0, 0 }, i, n = 0;

	/* behind the last and the last but one divider */
	for (i = f->path.n; i > 0 && n < 2; i--)
		if (f->path.p[i - 1] == '/' || f->path.p[i - 1] == ' ' ||
		    f->path.p[i - 1] == '.')
			at[n++] = i;
	f->name = name_of(&d->arena, f->path, at[0]);
	f->longer = name_of(&d->arena, f->path, n > 1 ? at[1] : 0);
}

static struct draft_field *
field_at(struct draft *d, struct span path)
{
	struct draft_field *f;
	size_t i;

	for (i = 0; i < d->n_fields; i++)
		if (span_eq(d->field[i].path, path))
			return &d->field[i];
	if (d->n_fields == DRAFT_FIELDS || !draft_is_plain(path) ||
	    memchr(path.p, '`', path.n) != NULL || span_is(path, "@key")) {
		d->n_left_out++;
		return NULL;
	}
	f = &d->field[d->n_fields++];
	f->path = arena_span(&d->arena, path);
	field_name(d, f);
	return f;
}

static struct span
value_text(const struct value *v, char room[32])
{
	switch (v->type) {
	case VALUE_TEXT:
		return v->text;
	case VALUE_BOOL:
		return span_of(v->b ? "true" : "false");
	case VALUE_INT:
		(void)snprintf(room, 32, "%lld", (long long)v->i);
		return span_of(room);
	case VALUE_UINT:
		(void)snprintf(room, 32, "%llu", (unsigned long long)v->u);
		return span_of(room);
	case VALUE_DOUBLE:
		return (struct span){ v->digits, v->n_digits };
	default:
		return span_of("");
	}
}

static void
count_value(struct draft *d, struct draft_field *f, struct span text)
{
	size_t i;

	for (i = 0; i < f->n_values; i++)
		if (span_eq(f->value[i].text, text)) {
			f->value[i].n++;
			return;
		}
	if (f->n_values == DRAFT_VALUES || text.n > VALUE_BYTES) {
		f->more++;
		if (f->n_values > 0)
			return;
		/* one to show, of which no rule is made */
		text = draft_visible(&d->arena, text, VALUE_BYTES);
		f->value[0].is_cut = true;
	}
	f->value[f->n_values].text = arena_span(&d->arena, text);
	f->value[f->n_values++].n = 1;
}

/* Instants of these years count as times, other numbers do not. */
static bool
is_recent(const struct utc_stamp *t)
{
	return t->us >= utc_days(2001, 1, 1) * UTC_US_DAY &&
	       t->us < utc_days(2100, 1, 1) * UTC_US_DAY;
}

void
draft_add(struct draft *d, struct span path, const struct value *v)
{
	struct draft_field *f;
	struct utc_stamp t;
	char room[32];
	int i;

	if (v->type <= VALUE_NULL)
		return;
	f = field_at(d, path);
	if (f == NULL)
		return;
	f->present++;
	if (v->type >= VALUE_ARRAY) {
		f->lists++;
		return;
	}
	if (v->type == VALUE_TEXT)
		f->texts++;
	else if (v->type != VALUE_BOOL)
		f->numbers++;
	count_value(d, f, value_text(v, room));
	for (i = 0; i < DRAFT_CLOCKS; i++)
		f->clock[i] += draft_clock_read(d, i, v, &t) && is_recent(&t);
}
