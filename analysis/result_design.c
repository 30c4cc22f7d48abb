/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What exposures tell about a design, and when one gave way to the next.
 *
 * How it works: a part keeps a cell for each way in which a control was
 * shown (element, text, colours, font, …), of which there are few however
 * many people saw it; here the cells are read once.  For the cut-over every
 * exposure of a consent control is logged with its time, since the instant
 * that divides old from new is known only at the end.
 */
#include "analysis/result_private.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/color.h"
#include "ingest/base/buf.h"

const char *const subject_kind_text[] = { "user", "device", "nonuser" };

/* ---- cells --------------------------------------------------------------- */

static void
count_value(struct result *r, uint32_t design, enum design_field field,
    uint32_t a, uint32_t b, uint64_t n)
{
	uint32_t key[4] = { design, field, a, b };
	uint64_t *v;

	if (a == 0 && b == 0)
		return;
	v = tally_at(&r->design_values, key);
	if (v != NULL)
		*v += n;
}

static int64_t
font_of(const uint32_t *key)
{
	uint64_t v =
	    (uint64_t)key[EXPOSURE_FONT_HIGH] << 32 | key[EXPOSURE_FONT_LOW];

	return v == 0 ? 0 : (int64_t)(v - 1);
}

static void
least(double *to, double v)
{
	if (!isnan(v) && (*to == 0 || v < *to))
		*to = v;
}

static void
take_consent_cell(struct result *r, struct result_part *rp, uint32_t design,
    const uint32_t *key, const struct exposure_value *v)
{
	struct design_value *d = tally_value(&r->tally[TALLY_DESIGN], design);
	int64_t font = font_of(key);

	d->box_on += v->box_on;
	d->box_known += v->box_known;
	d->in_view_micro += v->in_view_micro;
	d->n_in_view += v->n_in_view;
	if (font > 0 && (d->font_micro == 0 || font < d->font_micro))
		d->font_micro = font;
	least(&d->contrast,
	    color_contrast_text(names_text(rp->names, key[EXPOSURE_COLOR]),
		names_text(rp->names, key[EXPOSURE_BACKGROUND])));
	count_value(r, design, FIELD_PURPOSES,
	    result_code(r, rp, key[EXPOSURE_PURPOSES]), 0, v->n);
	count_value(r, design, FIELD_NOTICE,
	    result_code(r, rp, key[EXPOSURE_NOTICE]), 0, v->n);
	count_value(r, design, FIELD_NOTICE_VERSION,
	    result_code(r, rp, key[EXPOSURE_NOTICE_VERSION]), 0, v->n);
	count_value(r, design, FIELD_TEXT,
	    result_code(r, rp, key[EXPOSURE_TEXT]), 0, v->n);
}

static void
take_cell(struct result *r, struct result_part *rp, uint32_t i)
{
	const uint32_t *key = tally_key(&rp->exposure_cells, i);
	const struct exposure_value *v = tally_value(&rp->exposure_cells, i);
	uint32_t code = key[EXPOSURE_DESIGN], role = key[EXPOSURE_ROLE] >> 1;
	struct design_value *in_part, *d;
	int64_t font = font_of(key);

	in_part = part_design_at(rp, key[EXPOSURE_SURFACE], &code);
	assert(in_part != NULL);
	d = tally_value(&r->tally[TALLY_DESIGN], in_part->number);
	times_merge(&d->times, &v->times);
	d->roles |= 1u << role;
	count_value(r, in_part->number, FIELD_ELEMENT,
	    result_code(r, rp, key[EXPOSURE_ELEMENT]), 0, v->n);
	if (key[EXPOSURE_ROLE] & 1) {
		take_consent_cell(r, rp, in_part->number, key, v);
		return;
	}
	if (font > 0)
		count_value(r, in_part->number, FIELD_BODY_FONT, (uint32_t)font,
		    (uint32_t)(font >> 32), v->n);
	if (role == ROLE_ACCEPT || role == ROLE_SUBMIT)
		least(&d->accept_contrast,
		    color_contrast_text(
			names_text(rp->names, key[EXPOSURE_COLOR]),
			names_text(rp->names, key[EXPOSURE_BACKGROUND])));
}

static void
take_versions(struct result *r, struct result_part *rp)
{
	struct tally *t = &rp->tally[TALLY_VERSION];
	struct tally *to = &r->tally[TALLY_VERSION];
	struct version_value *v, *w;
	uint32_t i, key[3], design_key[2];

	for (i = 0; i < t->n; i++) {
		const uint32_t *from = tally_key(t, i);

		v = tally_value(t, i);
		key[0] = design_key[0] = result_code(r, rp, from[0]);
		key[1] = design_key[1] = result_code(r, rp, from[1]);
		key[2] = result_code(r, rp, from[2]);
		w = tally_at(to, key);
		v->number = UINT32_MAX;
		if (w == NULL)
			continue;
		v->number = tally_index(to, w);
		w->design = tally_index(&r->tally[TALLY_DESIGN],
		    tally_at(&r->tally[TALLY_DESIGN], design_key));
		w->exposures += v->exposures;
		times_merge(&w->times, &v->times);
	}
}

void
merge_exposures(struct result *r, struct result_part *rp)
{
	struct rowlog_reader reader;
	struct version_value *v;
	struct exposure_row row;
	const void *p;
	uint32_t i;

	for (i = 0; i < rp->exposure_cells.n; i++)
		take_cell(r, rp, i);
	take_versions(r, rp);
	rowlog_read(&reader, &rp->exposures);
	while ((p = rowlog_take(&reader, sizeof row)) != NULL) {
		memcpy(&row, p, sizeof row);
		v = tally_value(&rp->tally[TALLY_VERSION], row.version);
		if (v->number == UINT32_MAX)
			continue;
		row.version = v->number;
		row.subject += (uint32_t)r->n_subjects;
		memcpy(rowlog_add(&r->exposures, sizeof row), &row, sizeof row);
	}
	rowlog_read_end(&reader);
}

/* ---- table design -------------------------------------------------------- */

/* One value of a field of a design. */
struct seen {
	uint32_t design, field, a, b;
	uint64_t n;
};

static int
seen_cmp(const void *va, const void *vb)
{
	const struct seen *a = va, *b = vb;

	if (a->design != b->design)
		return a->design < b->design ? -1 : 1;
	return (a->field > b->field) - (a->field < b->field);
}

/* All values, those of a design together.  Free it. */
static struct seen *
all_seen(const struct result *r)
{
	const struct tally *t = &r->design_values;
	struct seen *s = calloc(t->n + 1, sizeof *s);
	uint32_t i;

	if (s == NULL)
		err_no_memory(t->n * sizeof *s);
	for (i = 0; i < t->n; i++) {
		const uint32_t *key = tally_key(t, i);

		s[i] = (struct seen){ key[0], key[1], key[2], key[3],
			*(uint64_t *)tally_value(t, i) };
	}
	qsort(s, t->n, sizeof *s, seen_cmp);
	return s;
}

static int
span_qcmp(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* Sort, drop doubles and join by ", "; how many there were. */
static size_t
join(struct span *s, size_t n, struct buf *b)
{
	size_t i, distinct = 0;

	qsort(s, n, sizeof *s, span_qcmp);
	buf_reset(b);
	for (i = 0; i < n; i++) {
		if (i > 0 && span_eq(s[i], s[i - 1]))
			continue;
		if (distinct++ > 0)
			(void)buf_str(b, ", ");
		(void)buf_span(b, s[i]);
	}
	return distinct;
}

static size_t
join_field(const struct result *r, const struct seen *s, size_t n,
    enum design_field field, struct buf *b)
{
	struct span *text = NULL, one, item;
	size_t i, n_text = 0, room = 0, distinct;
	const char *sep;

	for (i = 0; i < n; i++) {
		if (s[i].field != field)
			continue;
		/* A list of purposes is several texts. */
		for (one = result_text(r, s[i].a); one.p != NULL;) {
			sep = memchr(one.p, EVENT_LIST_SEP, one.n);
			item.p = one.p;
			item.n = sep != NULL ? (size_t)(sep - one.p) : one.n;
			one.p = sep != NULL ? sep + 1 : NULL;
			one.n -= sep != NULL ? item.n + 1 : 0;
			if (n_text == room) {
				room = room == 0 ? 16 : room * 2;
				text = realloc(text, room * sizeof *text);
				if (text == NULL)
					err_no_memory(room * sizeof *text);
			}
			text[n_text++] = item;
		}
	}
	distinct = n_text > 0 ? join(text, n_text, b) : 0;
	if (n_text == 0)
		buf_reset(b);
	free(text);
	return distinct;
}

/* The text seen most, the bytewise least of several. */
static struct span
most_seen(const struct result *r, const struct seen *s, size_t n)
{
	struct span best = { NULL, 0 }, text;
	uint64_t most = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i].field != FIELD_TEXT || s[i].a == TALLY_OTHER)
			continue;
		text = result_text(r, s[i].a);
		if (s[i].n > most ||
		    (s[i].n == most && span_cmp(text, best) < 0)) {
			most = s[i].n;
			best = text;
		}
	}
	return best;
}

static int
font_cmp(const void *va, const void *vb)
{
	const struct seen *a = va, *b = vb;
	int64_t fa = (int64_t)((uint64_t)a->b << 32 | a->a);
	int64_t fb = (int64_t)((uint64_t)b->b << 32 | b->a);

	return (fa > fb) - (fa < fb);
}

/* Median over exposures of the font height of other texts, or NaN. */
static double
body_font(struct seen *s, size_t n)
{
	uint64_t total = 0, below = 0;
	size_t i, first = n, end = n;

	for (i = 0; i < n; i++) {
		if (s[i].field != FIELD_BODY_FONT)
			continue;
		if (first == n)
			first = i;
		end = i + 1;
		total += s[i].n;
	}
	if (total == 0)
		return NAN;
	qsort(s + first, end - first, sizeof *s, font_cmp);
	for (i = first; i < end; i++) {
		below += s[i].n;
		if (2 * below >= total)
			break;
	}
	return (double)((uint64_t)s[i].b << 32 | s[i].a) / 1e6;
}

static void
roles_text(uint32_t roles, struct buf *b)
{
	struct span s[ROLE__MAX];
	size_t n = 0;
	int i;

	for (i = 1; i < ROLE__MAX; i++)
		if (roles >> i & 1)
			s[n++] = span_of(event_word_name(EV_ROLE, i));
	buf_reset(b);
	if (n > 0)
		(void)join(s, n, b);
}

static double
over(int64_t sum, uint64_t n)
{
	return n == 0 ? NAN : (double)sum / (double)n;
}

static struct span
or_absent(const struct buf *b)
{
	struct span absent = { NULL, 0 };

	return b->n > 0 ? buf_as_span(b) : absent;
}

/* s[0 … n - 1]: what was seen of design i. */
static void
write_design(
    struct result *r, sqlite3_stmt *st, uint32_t i, struct seen *s, size_t n)
{
	const uint32_t *key = tally_key(&r->tally[TALLY_DESIGN], i);
	const struct design_value *d = tally_value(&r->tally[TALLY_DESIGN], i);
	struct buf purposes = { 0 }, notice = { 0 }, version = { 0 };
	struct buf roles = { 0 };
	size_t n_purposes, options = 0, k;

	for (k = 0; k < n; k++)
		options += s[k].field == FIELD_ELEMENT;
	n_purposes = join_field(r, s, n, FIELD_PURPOSES, &purposes);
	(void)join_field(r, s, n, FIELD_NOTICE, &notice);
	(void)join_field(r, s, n, FIELD_NOTICE_VERSION, &version);
	roles_text(d->roles, &roles);
	(void)casefile_bind(r->c, st, "issnniiddddddissssis", (int64_t)i + 1,
	    result_text(r, key[0]), result_text(r, key[1]),
	    (int64_t)d->impressions, (int64_t)d->people,
	    over((int64_t)d->box_on, d->box_known),
	    d->font_micro > 0 ? (double)d->font_micro / 1e6 : NAN,
	    body_font(s, n), d->contrast > 0 ? d->contrast : NAN,
	    d->accept_contrast > 0 ? d->accept_contrast : NAN,
	    over(d->in_view_micro, d->n_in_view) / 1e6, (int64_t)n_purposes,
	    or_absent(&purposes), or_absent(&notice), or_absent(&version),
	    buf_as_span(&roles), (int64_t)options, most_seen(r, s, n));
	if (r->c->err.code == ERR_NONE) {
		if (d->times.known) {
			(void)sqlite3_bind_int64(st, 4, d->times.first_us);
			(void)sqlite3_bind_int64(st, 5, d->times.last_us);
		}
		(void)casefile_step(r->c, st);
	}
	buf_clear(&purposes);
	buf_clear(&notice);
	buf_clear(&version);
	buf_clear(&roles);
}

void
write_designs(struct result *r)
{
	sqlite3_stmt *st = casefile_prepare(r->c,
	    "INSERT INTO design VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
	    "?)");
	struct seen *s = all_seen(r);
	size_t at = 0, n;
	uint32_t i;

	for (i = 0; i < r->tally[TALLY_DESIGN].n; i++, at += n) {
		for (n = 0;
		     at + n < r->design_values.n && s[at + n].design == i; n++)
			;
		write_design(r, st, i, s + at, n);
	}
	casefile_finalize(st);
	free(s);
}
