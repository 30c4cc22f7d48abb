/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which columns of a block go together.
 *
 * How it works: column after column is joined with those before it as long
 * as that makes few new combinations: not more than the column has values.
 * A column that has nothing to do with the others would multiply them.
 *
 * Example: kinds a b a c; outcome only of b, once good, once bad.  Kinds are
 * combinations 0 1 0 2; with the outcome, row by row, (a,-) (b,good) (c,-)
 * and (b,bad): four, where three were.
 */
#include "ingest/store_group.h"

/* A new column may bring so many combinations more than it has values. */
enum { GROUP_SLACK = 4 };

struct combination {
	uint8_t before, value; /* number of the one joined, the column's */
};

/* Number the combinations with a column; false: there are too many. */
static bool
join(struct group *g, const uint8_t *v, uint32_t n, unsigned n_values,
    struct combination *made)
{
	unsigned limit = g->n_codes + n_values + GROUP_SLACK, count = 0, at;
	uint32_t i;

	if (limit > GROUP_CODES_MAX)
		limit = GROUP_CODES_MAX;
	memset(g->table, 0, (size_t)g->n_codes * n_values);
	for (i = 0; i < n; i++) {
		at = g->code[i] * n_values + v[i];
		if (g->table[at] == 0) {
			if (count == limit)
				return false;
			made[count].before = g->code[i];
			made[count].value = v[i];
			g->table[at] = (uint8_t)++count;
		}
		g->next[i] = (uint8_t)(g->table[at] - 1);
	}
	g->n_codes = count;
	return true;
}

static void
field_join(struct group *g, const struct builder *bw, int f)
{
	struct combination made[GROUP_CODES_MAX];
	uint8_t was[GROUP_CODES_MAX];
	const uint8_t *v = g->narrow;
	unsigned n_values, k, c;
	uint32_t i;

	if (f < EVENT_N_NUM) {
		v = bw->word[f];
		n_values = (unsigned)event_word_count(f) + 1;
	} else {
		for (i = 0; i < bw->n; i++)
			g->narrow[i] = (uint8_t)bw->code[f - EVENT_N_NUM][i];
		n_values = bw->dict[f - EVENT_N_NUM].n + 1;
	}
	if (!join(g, v, bw->n, n_values, made))
		return;
	memcpy(g->code, g->next, bw->n);
	for (k = 0; k < g->n_fields; k++) {
		memcpy(was, g->value[k], sizeof was);
		for (c = 0; c < g->n_codes; c++)
			g->value[k][c] = was[made[c].before];
	}
	for (c = 0; c < g->n_codes; c++)
		g->value[k][c] = made[c].value;
	g->field[g->n_fields++] = (uint8_t)f;
	g->fields |= (uint64_t)1 << f;
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

void
group_make(struct group *g, const struct builder *bw)
{
	uint64_t bits;
	int f;

	g->n_codes = 1;
	g->n_fields = 0;
	g->fields = 0;
	memset(g->code, 0, bw->n);
	for (bits = bw->touch; bits != 0; bits &= bits - 1) {
		f = __builtin_ctzll(bits);
		if (may_join(bw, f))
			field_join(g, bw, f);
	}
	if (g->n_fields < 2)
		g->fields = g->n_fields = 0;
}
