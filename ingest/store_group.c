/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which columns of a block go together.
 *
 * How it works: column after column is joined with those before it.  The
 * first group takes a column as long as that makes few new combinations: at
 * most half of those that could be, or a few more than the column has
 * values.  A column that has nothing to do with the others would multiply
 * them.  The second takes those of the rest that change in the same rows,
 * such as what a person's device is: platform and version, say.
 *
 * Example: kinds a b a c; outcome only of b, once good, once bad.  Kinds are
 * combinations 0 1 0 2; with the outcome, row by row, (a,-) (b,good) (c,-)
 * and (b,bad): four, where three were.
 */
#include "ingest/store_group.h"

/* A column may bring so many combinations more than it has values. */
enum { GROUP_SLACK = 4, COMBINATION_NONE = 255 };

/* Number the combinations with a column; how many, 0: above the limit. */
static unsigned
join(struct group *g, const uint8_t *v, uint32_t n, unsigned n_values,
    unsigned limit)
{
	const uint8_t *code = g->code;
	uint8_t *next = g->next, *table = g->table;
	unsigned count = 0, at;
	uint32_t i;

	memset(table, COMBINATION_NONE, (size_t)n_values << 8);
	for (i = 0; i < n; i++) {
		at = (unsigned)v[i] << 8 | code[i];
		next[i] = table[at];
		if (next[i] != COMBINATION_NONE)
			continue;
		if (count == limit)
			return 0;
		g->made[count].before = code[i];
		g->made[count].value = v[i];
		next[i] = table[at] = (uint8_t)count++;
	}
	return count;
}

/* Rows that differ from the one before. */
static uint32_t
changes(const uint8_t *v, uint32_t n)
{
	uint32_t i, sum = 0;

	for (i = 1; i < n; i++)
		sum += v[i] != v[i - 1];
	return sum;
}

static void
take(struct group *g, unsigned n_codes, int f)
{
	uint8_t *now = g->next;
	uint8_t was[GROUP_CODES_MAX];
	unsigned k, c;

	g->next = g->code;
	g->code = now;
	g->n_codes = n_codes;
	for (k = 0; k < g->n_fields; k++) {
		memcpy(was, g->value[k], sizeof was);
		for (c = 0; c < n_codes; c++)
			g->value[k][c] = was[g->made[c].before];
	}
	for (c = 0; c < n_codes; c++)
		g->value[k][c] = g->made[c].value;
	g->field[g->n_fields++] = (uint8_t)f;
	g->fields |= (uint64_t)1 << f;
}

/* So many combinations are few. */
static unsigned
few(unsigned n_codes, unsigned n_values)
{
	unsigned half = n_codes * n_values / 2;
	unsigned sum = n_codes + n_values + GROUP_SLACK;
	unsigned limit = half > sum ? half : sum;

	return limit < GROUP_CODES_MAX ? limit : GROUP_CODES_MAX;
}

/* Join the field with the group if both go together. */
static void
field_join(struct group *g, const struct builder *bw, int f, bool by_changes)
{
	unsigned n_values, limit = GROUP_CODES_MAX, count;
	uint32_t most = UINT32_MAX, i, a, b;
	const uint8_t *v = g->narrow;

	if (f < EVENT_N_NUM) {
		v = bw->word[f];
		n_values = (unsigned)event_word_count(f) + 1;
	} else {
		for (i = 0; i < bw->n; i++)
			g->narrow[i] = (uint8_t)bw->code[f - EVENT_N_NUM][i];
		n_values = bw->dict[f - EVENT_N_NUM].n + 1;
	}
	if (!by_changes) {
		limit = few(g->n_codes, n_values);
	} else if (g->n_fields > 0) {
		a = changes(g->code, bw->n);
		b = changes(v, bw->n);
		if (a > 2 * b || b > 2 * a)
			return;
		most = a > b ? a + a / 8 : b + b / 8;
	}
	count = join(g, v, bw->n, n_values, limit);
	if (count == 0 ||
	    (most != UINT32_MAX && changes(g->next, bw->n) > most))
		return;
	take(g, count, f);
}

/* A column that varies and has few values. */
static bool
may_join(const struct builder *bw, int f)
{
	const struct column_dict *d;

	if (f < EVENT_N_NUM)
		return event_fields[f].type == EVENT_TYPE_WORD &&
		       memcmp(bw->word[f], bw->word[f] + 1, bw->n - 1) != 0;
	d = &bw->dict[f - EVENT_N_NUM];
	return event_fields[f].type != EVENT_TYPE_ID && d->n > 0 && d->n < 256;
}

static void
group_make(
    struct group *g, const struct builder *bw, uint64_t fields, bool by_changes)
{
	int f;

	g->n_codes = 1;
	g->n_fields = 0;
	g->fields = 0;
	g->code = g->row[0];
	g->next = g->row[1];
	memset(g->code, 0, bw->n);
	for (; fields != 0; fields &= fields - 1) {
		f = __builtin_ctzll(fields);
		if (may_join(bw, f))
			field_join(g, bw, f, by_changes);
	}
	if (g->n_fields < 2)
		g->fields = g->n_fields = 0;
}

void
groups_make(struct group g[GROUPS], const struct builder *bw)
{
	group_make(&g[0], bw, bw->touch, false);
	group_make(&g[1], bw, bw->touch & ~g[0].fields, true);
}
