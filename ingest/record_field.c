/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values to fields: numbers, lists, words.  What does not fit the field's
 * type is absent and counted.
 */
#include <math.h>
#include <stdlib.h>

#include "ingest/record_parser.h"

#define WHOLE_MAX 9007199254740991.0 /* 2^53 - 1: no two are the same double */

/* ---- numbers -------------------------------------------------------------- */

static int
whole_of_text(struct span s, int64_t *out)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	int64_t v = 0;
	size_t i = negative;

	if (i == s.n)
		return -1;
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' ||
		    __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_sub_overflow(v, s.p[i] - '0', &v))
			return -1;
	}
	if (!negative && v == INT64_MIN)
		return -1;
	*out = negative ? v : -v;
	return 0;
}

static int
whole_of(const struct value *v, int64_t *out)
{
	switch (v->type) {
	case VALUE_INT:
		*out = v->i;
		return 0;
	case VALUE_DOUBLE:
		if (!(fabs(v->d) <= WHOLE_MAX) || v->d != trunc(v->d))
			return -1;
		*out = (int64_t)v->d;
		return 0;
	case VALUE_TEXT:
		return whole_of_text(v->text, out);
	default:
		return -1;
	}
}

/*
 * A decimal in millionths, half away from zero: "0.1234565" is 123457.
 * Exponents are understood as far as they can matter.
 */
static int
micro_of_text(struct span s, int64_t *out)
{
	bool negative = s.n > 0 && s.p[0] == '-', point = false, any = false;
	int64_t v = 0;
	int places = 6, exponent = 0, last = 0;
	size_t i = negative;

	for (; i < s.n &&
	       ((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] == '.' && !point));
	     i++) {
		if (s.p[i] == '.') {
			point = true;
			continue;
		}
		any = true;
		if (v > INT64_MAX / 10 - 1) { /* only its place matters */
			places += point ? 0 : 1;
			continue;
		}
		v = v * 10 + (s.p[i] - '0');
		places -= point ? 1 : 0;
	}
	if (!any)
		return -1;
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		bool down = ++i < s.n && s.p[i] == '-';

		i += i < s.n && (s.p[i] == '-' || s.p[i] == '+');
		if (i == s.n || s.n - i > 3)
			return -1;
		for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
			exponent = exponent * 10 + (s.p[i] - '0');
		places += down ? -exponent : exponent;
	}
	if (i != s.n)
		return -1;
	for (; places > 0 && v != 0; places--)
		if (__builtin_mul_overflow(v, 10, &v))
			return -1;
	for (; places < 0 && (v != 0 || last != 0); places++) {
		last = (int)(v % 10);
		v /= 10;
	}
	v += last >= 5;
	*out = negative ? -v : v;
	return 0;
}

static int
micro_of(const struct value *v, int64_t *out)
{
	char room[JSON_DOUBLE_BYTES];
	struct span s = { room, 0 };

	switch (v->type) {
	case VALUE_INT:
		return __builtin_mul_overflow(v->i, 1000000, out) ? -1 : 0;
	case VALUE_DOUBLE:
		if (fabs(v->d) < 1e12 && v->d == trunc(v->d)) {
			*out = (int64_t)v->d * 1000000;
			return 0;
		}
		s.n = json_double_text(v->d, room);
		return micro_of_text(s, out);
	case VALUE_TEXT:
		return micro_of_text(v->text, out);
	default:
		return -1;
	}
}

/* ---- lists ------------------------------------------------------------------ */

static int
span_order(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* Sorted, each once, joined. */
static struct span
list_join(struct record_parser *p, struct span *part, size_t n)
{
	struct span out = { NULL, 0 };
	size_t bytes = 0, i;
	char *to;

	qsort(part, n, sizeof *part, span_order);
	for (i = 0; i < n; i++)
		bytes += part[i].n + 1;
	to = arena_alloc(&p->scratch, bytes + 1);
	out.p = to;
	for (i = 0; i < n; i++) {
		if (i > 0 && span_eq(part[i], part[i - 1]))
			continue;
		if (out.n > 0)
			to[out.n++] = EVENT_LIST_SEP;
		memcpy(to + out.n, part[i].p, part[i].n);
		out.n += part[i].n;
	}
	return out;
}

static bool
list_of_text(struct record_parser *p, struct span text, struct span *out)
{
	struct span part[LIST_MAX], rest = text;
	const char *sep;
	size_t n = 0;

	*out = text;
	if (memchr(text.p, EVENT_LIST_SEP, text.n) == NULL)
		return text.n > 0;
	while (rest.n > 0 && n < LIST_MAX) {
		sep = memchr(rest.p, EVENT_LIST_SEP, rest.n);
		part[n].p = rest.p;
		part[n].n = sep != NULL ? (size_t)(sep - rest.p) : rest.n;
		rest.n -= part[n].n + (sep != NULL);
		rest.p += part[n].n + (sep != NULL);
		n += !map_is_null_word(p->map, part[n]);
	}
	p->odd |= rest.n > 0; /* the first ones are kept */
	*out = list_join(p, part, n);
	return out->n > 0;
}

static bool
list_of(struct record_parser *p, const struct value *v, struct span *out)
{
	struct value element[LIST_MAX];
	struct span part[LIST_MAX];
	size_t n, i, k = 0;

	if (v->type != VALUE_ARRAY)
		return map_text(p, v, out) && list_of_text(p, *out, out);
	n = json_elements(v, &p->scratch, element, LIST_MAX);
	if (n > LIST_MAX) {
		p->odd = true;
		n = LIST_MAX;
	}
	for (i = 0; i < n; i++)
		k += map_text(p, &element[i], &part[k]) &&
		     !map_is_null_word(p->map, part[k]);
	if (k == 0)
		return false;
	*out = list_join(p, part, k);
	return true;
}

/* ---- fields ------------------------------------------------------------------ */

static void
put_num(
    struct record_parser *p, const struct map_field *f, const struct value *v)
{
	const struct map_word *w;
	struct span text;
	int64_t n;
	int rc;

	switch (f->type) {
	case EVENT_TYPE_INT:
		rc = whole_of(v, &n);
		break;
	case EVENT_TYPE_MICRO:
		rc = micro_of(v, &n);
		break;
	default: /* WORD */
		rc = -1;
		if (!map_text(p, v, &text))
			break;
		w = map_table_find(&p->map->words[f->field], text);
		if (w == NULL)
			break;
		n = w->number;
		rc = 0;
	}
	if (rc < 0)
		p->odd = true;
	else
		event_set_num(&p->event, (enum event_num)f->field, n);
}

static void
put_field(struct record_parser *p, const struct map_field *f)
{
	enum event_str s = (enum event_str)(f->field - EVENT_N_NUM);
	const struct value *v;
	struct value room;
	struct span text;

	p->odd = false;
	v = map_eval(p, f->expr, &room);
	if (v == NULL) {
		/* a decoder may have met an unknown word */
	} else if (f->field < EVENT_N_NUM) {
		put_num(p, f, v);
	} else if (f->type == EVENT_TYPE_LIST) {
		if (list_of(p, v, &text))
			event_set_str(&p->event, s, text);
	} else if (map_text(p, v, &text) && text.n > 0) {
		event_set_str(&p->event, s, text);
	}
	p->tally->fields_absent += p->odd;
}

/* What a text stands for in the field's table. */
static void
put_word(struct record_parser *p, const struct map_field *f, struct span text)
{
	const struct map_word *w = map_table_find(f->table, text);
	int n = f->number_of[w != NULL ? (size_t)(w - f->table->word)
				       : f->table->n_words];

	if (n > 0)
		event_set_num(&p->event, (enum event_num)f->field, n);
	else
		p->tally->fields_absent += n < 0;
}

static void
put_name(struct record_parser *p, const struct map_field *f, struct span text)
{
	const struct map_word *w = map_table_find(f->table, text);
	struct span to = w != NULL ? w->to : f->table->otherwise;

	if (to.n > 0)
		event_set_str(
		    &p->event, (enum event_str)(f->field - EVENT_N_NUM), to);
	else
		p->tally->fields_absent += w == NULL && !f->table->has_default;
}

static void
put_constant(struct event *e, const struct map_field *f)
{
	if (f->field < EVENT_N_NUM)
		event_set_num(e, (enum event_num)f->field, f->number);
	else
		event_set_str(
		    e, (enum event_str)(f->field - EVENT_N_NUM), f->literal);
}

/* By the short cut when the value is as expected, else by the expression. */
static void
put_quick(struct record_parser *p, const struct map_field *f)
{
	const struct value *v = &p->slot[f->slot];

	if (f->way == MAP_WAY_CONSTANT)
		put_constant(&p->event, f);
	else if (f->way == MAP_WAY_WHOLE && v->type == VALUE_INT)
		event_set_num(&p->event, (enum event_num)f->field, v->i);
	else if ((f->way != MAP_WAY_WORD && f->way != MAP_WAY_NAME) ||
		 v->type != VALUE_TEXT)
		put_field(p, f);
	else if (map_is_null_word(p->map, v->text))
		return;
	else if (f->way == MAP_WAY_WORD)
		put_word(p, f, v->text);
	else
		put_name(p, f, v->text);
}

void
record_put_fields(struct record_parser *p, const struct map_program *program)
{
	const struct map_field *f = program->field;
	const struct map_field *texts_end = f + program->n_texts;
	const struct map_field *end = f + program->n_fields;
	uint64_t present = 0;
	const struct value *v;

	for (; f < texts_end; f++) {
		v = &p->slot[f->slot];
		if (v->type == VALUE_TEXT) {
			if (map_is_null_word(p->map, v->text))
				continue;
			p->event.str[f->field - EVENT_N_NUM] = v->text;
			present |= (uint64_t)1 << f->field;
		} else if (v->type > VALUE_NULL) {
			put_field(p, f);
		}
	}
	p->event.present |= present;
	for (; f < end; f++)
		put_quick(p, f);
}
