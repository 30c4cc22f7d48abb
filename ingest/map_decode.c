/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decoders: each makes one text of another.  Whatever does not decode is
 * absent and counted.  What a decoder makes is checked for UTF-8 where bytes come out of
 * escapes, so that no field ever holds anything else.
 */
#include <assert.h>

#include "ingest/base64.h"
#include "ingest/map_decode.h"

static bool
valid_utf8(struct record_parser *p, struct span text)
{
	if (json_utf8_is_valid(text))
		return true;
	p->odd = true;
	return false;
}

/* ASCII letters only; others have no case in logs that matters. */
static bool
change_case(struct record_parser *p, struct span *text, bool lower)
{
	char first = lower ? 'A' : 'a', *out;
	size_t i;

	for (i = 0; i < text->n; i++)
		if (text->p[i] >= first && text->p[i] < first + 26)
			break;
	if (i == text->n)
		return true;
	out = arena_str(&p->scratch, *text);
	for (; i < text->n; i++)
		if (out[i] >= first && out[i] < first + 26)
			out[i] = (char)(out[i] ^ 0x20);
	text->p = out;
	return true;
}

bool
decode_percent(struct record_parser *p, struct span *text, bool plus_is_blank)
{
	char *out = arena_alloc(&p->scratch, text->n + 1);
	size_t i, n = 0;

	for (i = 0; i < text->n; i++) {
		char c = text->p[i];

		if (c == '+' && plus_is_blank)
			c = ' ';
		if (c == '%' && text->n - i > 2 &&
		    hex_digit(text->p[i + 1]) >= 0 &&
		    hex_digit(text->p[i + 2]) >= 0) {
			c = (char)(hex_digit(text->p[i + 1]) * 16 +
				   hex_digit(text->p[i + 2]));
			i += 2;
		}
		out[n++] = c;
	}
	text->p = out;
	text->n = n;
	return valid_utf8(p, *text);
}

static bool
query(struct record_parser *p, const struct map_step *s, struct span *text)
{
	const char *mark = memchr(text->p, '?', text->n);
	const char *end = text->p + text->n, *at, *amp, *eq;
	const char *hash = memchr(text->p, '#', text->n);
	struct span key;

	if (hash != NULL)
		end = hash;
	at = mark != NULL && mark < end ? mark + 1 : text->p;
	for (; at < end; at = amp + 1) {
		amp = memchr(at, '&', (size_t)(end - at));
		if (amp == NULL)
			amp = end;
		eq = memchr(at, '=', (size_t)(amp - at));
		key.p = at;
		key.n = (size_t)((eq != NULL ? eq : amp) - at);
		if (memchr(key.p, '%', key.n) != NULL &&
		    !decode_percent(p, &key, true))
			continue;
		if (!span_eq(key, s->arg))
			continue;
		text->p = eq != NULL ? eq + 1 : amp;
		text->n = (size_t)(amp - text->p);
		return decode_percent(p, text, true);
	}
	return false;
}

/* "https://user@host:443/path" and "host/path": the host. */
static bool
host(struct span *text)
{
	const char *end = text->p + text->n, *p = text->p, *q;

	for (q = p; q + 2 < end; q++)
		if (memcmp(q, "://", 3) == 0) {
			p = q + 3;
			break;
		}
	for (q = p; q < end && *q != '/' && *q != '?' && *q != '#'; q++)
		;
	end = q;
	for (q = p; q < end; q++)
		if (*q == '@')
			p = q + 1;
	for (q = p; q < end && *q != ':'; q++)
		if (*q == '[') /* an IPv6 address holds colons */
			while (q + 1 < end && *q != ']')
				q++;
	text->p = p;
	text->n = (size_t)(q - p);
	return text->n > 0;
}

static bool
values(struct record_parser *p, const struct map_step *s, struct span *text)
{
	const struct map_word *w = map_table_find(s->table, *text);

	if (w != NULL) {
		*text = w->to;
		return w->to.p != NULL;
	}
	if (!s->table->has_default) {
		p->odd = true; /* a word that nobody thought of is told */
		return false;
	}
	if (s->table->default_same)
		return true;
	*text = s->table->otherwise;
	return text->p != NULL;
}

static bool
regex(struct record_parser *p, const struct map_step *s, struct span *text)
{
	PCRE2_SIZE *at;
	int n = record_match(p, p->map, s->re, *text);

	if (n < 0) {
		p->odd |= p->over != NULL;
		return false;
	}
	at = pcre2_get_ovector_pointer(p->match);
	n = n > 1 ? 1 : 0;
	if (at[2 * n] == PCRE2_UNSET || at[2 * n + 1] < at[2 * n])
		return false;
	*text = map_cut(*text, at[2 * n], at[2 * n + 1]);
	return true;
}

/* Parts become elements of a list; blanks around them are dropped. */
static bool
split(struct record_parser *p, const struct map_step *s, struct span *text)
{
	char *out = arena_alloc(&p->scratch, text->n + 1);
	struct span rest = *text, part;
	const char *at;
	size_t n = 0;

	for (;;) {
		at = memchr(rest.p, s->arg.p[0], rest.n);
		part = map_trim(map_cut(
		    rest, 0, at != NULL ? (size_t)(at - rest.p) : rest.n));
		if (part.n > 0) {
			if (n > 0)
				out[n++] = EVENT_LIST_SEP;
			memcpy(out + n, part.p, part.n);
			n += part.n;
		}
		if (at == NULL)
			break;
		rest = map_cut(rest, (size_t)(at - rest.p) + 1, rest.n);
	}
	text->p = out;
	text->n = n;
	return n > 0;
}

static bool
base64(struct record_parser *p, struct span *text)
{
	char *out = arena_alloc(&p->scratch, text->n + 1);
	int64_t bits = base64_bits(*text, out);

	if (bits < 0 || bits % 8 == 6) { /* a character that makes no byte */
		p->odd = true;
		return false;
	}
	text->p = out;
	text->n = (size_t)bits / 8;
	return valid_utf8(p, *text);
}

static bool
unless(struct record_parser *p, const struct map_step *s, struct span text)
{
	struct span other;

	return !map_text(p, &p->slot[s->slot], &other) || other.n != text.n ||
	       memcmp(other.p, text.p, text.n) != 0;
}

bool
map_step_run(
    struct record_parser *p, const struct map_step *s, struct span *text)
{
	switch (s->kind) {
	case STEP_LOWER:
		return change_case(p, text, true);
	case STEP_UPPER:
		return change_case(p, text, false);
	case STEP_TRIM:
		*text = map_trim(*text);
		return true;
	case STEP_URL:
		return decode_percent(p, text, false);
	case STEP_QUERY:
		return query(p, s, text);
	case STEP_HOST:
		return host(text);
	case STEP_VALUES:
		return values(p, s, text);
	case STEP_REGEX:
		return regex(p, s, text);
	case STEP_SPLIT:
		return split(p, s, text);
	case STEP_BASE64:
		return base64(p, text);
	case STEP_KV:
		return decode_kv(p, s, text);
	case STEP_CSV:
		return decode_csv(p, s, text);
	case STEP_CEF:
		return decode_cef(p, s, text);
	case STEP_COOKIE:
		return decode_cookie(p, s, text);
	case STEP_HEX:
		return decode_hex(p, text);
	case STEP_UNLESS:
		return unless(p, s, *text);
	case STEP__MAX:
		break;
	}
	assert(!"no such decoder");
	return false;
}
