/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Blocks in the partition's terms: which columns the analysis reads, their
 * texts as names, and what each row is, told column by column, so that those
 * who walk along the rows need not look at the columns for it.
 */
#include "analysis/timeline.h"

#define BIT(f) ((uint64_t)1 << (f))

uint64_t
timeline_nums(bool only_clocks)
{
	if (only_clocks)
		return BIT(EV_KIND) | BIT(EV_TRAIL) | BIT(EV_TIME) |
		       BIT(EV_RECEIVED) | BIT(EV_TIME_ROLE);
	return BIT(EV_KIND) | BIT(EV_TRAIL) | BIT(EV_TIME) | BIT(EV_RECEIVED) |
	       BIT(EV_SEQ) | BIT(EV_PHASE) | BIT(EV_PRECISION) |
	       BIT(EV_TIME_ROLE) | BIT(EV_OUTCOME) | BIT(EV_ROLE) |
	       BIT(EV_CHANGED_BY) | BIT(EV_DECISION) | BIT(EV_METHOD) |
	       BIT(EV_FONT_PX) | BIT(EV_X) | BIT(EV_Y) | BIT(EV_WIDTH) |
	       BIT(EV_HEIGHT) | BIT(EV_SCREEN_HEIGHT) | BIT(EV_IN_VIEW);
}

static const enum event_str name_fields[] = { EV_ACTION, EV_OPERATOR,
	EV_APP_VERSION, EV_SCREEN, EV_ELEMENT, EV_ENTRY, EV_VALUE, EV_SURFACE,
	EV_PURPOSE, EV_RECIPIENT, EV_LEGAL_BASIS, EV_NOTICE, EV_NOTICE_VERSION,
	EV_CATEGORY, EV_REGION, EV_DESIGN, EV_VARIANT, EV_COLOR, EV_BACKGROUND,
	EV_TEXT, EV_DESTINATION, EV_LABEL, EV_LANG };
static const enum event_str id_fields[] = { EV_SESSION, EV_REQUEST, EV_DEVICE };

enum {
	N_NAME_FIELDS = sizeof name_fields / sizeof name_fields[0],
	N_ID_FIELDS = sizeof id_fields / sizeof id_fields[0]
};

uint64_t
timeline_strs(bool only_clocks)
{
	uint64_t bits = BIT(EV_ACTOR) | BIT(EV_DATUM);
	size_t i;

	if (only_clocks)
		return BIT(EV_ACTOR) | BIT(EV_DEVICE) | BIT(EV_REQUEST);

	for (i = 0; i < N_NAME_FIELDS; i++)
		bits |= BIT(name_fields[i]);
	for (i = 0; i < N_ID_FIELDS; i++)
		bits |= BIT(id_fields[i]);
	return bits;
}

static bool
kind_is_ui(int kind)
{
	switch (kind) {
	case KIND_SESSION_START:
	case KIND_SESSION_END:
	case KIND_SCREEN_VIEW:
	case KIND_SCREEN_LEAVE:
	case KIND_NOTICE_SHOW:
	case KIND_CONTROL_IMPRESSION:
	case KIND_CONTROL_CLICK:
	case KIND_CONTROL_CHANGE:
	case KIND_SCROLL:
		return true;
	default:
		return false;
	}
}

/* ---- what a row is ---- */

/* Is a record of the kind asked for its consent, permission, processing or
 * verdict, whatever else it says? */
static bool
kind_is_asked(int kind)
{
	switch (kind) {
	case KIND_CONSENT:
	case KIND_PERMISSION:
	case KIND_PERMISSION_PROMPT:
	case KIND_DATA_ACCESS:
	case KIND_DATA_EGRESS:
	case KIND_CONTACT_OUTBOUND:
	case KIND_ANNOTATION:
		return true;
	default:
		return false;
	}
}

/* By kind and trail alone. */
static uint8_t
what_by_kind(int kind, int trail)
{
	unsigned what = ROW_UI | ROW_DEVICE_CLOCK;

	if (trail != TRAIL_UI && (trail != TRAIL_NONE || !kind_is_ui(kind)))
		return 0;
	if (kind == KIND_CONTROL_CLICK || kind == KIND_CONTROL_CHANGE)
		what |= ROW_GESTURE;
	if (!kind_is_asked(kind))
		what |= ROW_PLAIN;
	return (uint8_t)what;
}

static void
see_kinds(struct coded *c)
{
	const uint8_t *kind = c->b.word[EV_KIND], *trail = c->b.word[EV_TRAIL];
	uint8_t by[KIND__MAX][TRAIL__MAX], *what = c->what;
	uint32_t i, n = c->b.n;
	int k, t;

	for (k = 0; k < KIND__MAX; k++)
		for (t = 0; t < TRAIL__MAX; t++)
			by[k][t] = what_by_kind(k, t);
	for (i = 0; i < n; i++)
		what[i] = by[kind != NULL ? kind[i] : 0]
			    [trail != NULL ? trail[i] : 0];
}

static void
see_clocks(struct coded *c)
{
	const uint8_t *role = c->b.word[EV_TIME_ROLE];
	uint8_t keep[TIME_ROLE__MAX], add[TIME_ROLE__MAX] = { 0 };
	uint8_t *what = c->what;
	uint32_t i, n = c->b.n;

	if (role == NULL)
		return;
	memset(keep, 0xff, sizeof keep);
	keep[TIME_ROLE_RECEIVED] = (uint8_t)~ROW_DEVICE_CLOCK;
	keep[TIME_ROLE_SERVER] = (uint8_t)~ROW_DEVICE_CLOCK;
	add[TIME_ROLE_CLIENT] = add[TIME_ROLE_SENT] = ROW_DEVICE_CLOCK;
	for (i = 0; i < n; i++)
		what[i] = (uint8_t)((what[i] & keep[role[i]]) | add[role[i]]);
}

static void
see_answers(struct coded *c)
{
	const uint8_t *kind = c->b.word[EV_KIND];
	const uint8_t *decision = c->b.word[EV_DECISION];
	uint8_t add[DECISION__MAX] = { 0 }, *what = c->what;
	uint32_t i, n = c->b.n;

	if (kind == NULL || decision == NULL)
		return;
	add[DECISION_GIVEN] = add[DECISION_REFUSED] = ROW_ANSWER;
	add[DECISION_RENEWED] = add[DECISION_WITHDRAWN] = ROW_ANSWER;
	for (i = 0; i < n; i++)
		if (kind[i] == KIND_CONSENT)
			what[i] |= add[decision[i]];
}

/* Rows whose name in a column is one of the first are not plain. */
static void
deny_declared(struct coded *c, enum event_str f, uint32_t n_declared)
{
	const uint16_t *code = c->b.code[f];
	const uint32_t *name = c->name[f];
	uint32_t i;

	if (code == NULL || n_declared == 0)
		return;
	for (i = 0; i < c->b.n; i++)
		if (code[i] != 0 && name[code[i]] <= n_declared)
			c->what[i] &= (uint8_t)~ROW_PLAIN;
}

/* Without branches: simple enough for vectors, as is what follows. */
static void
see_plain(struct coded *c, uint32_t n_declared)
{
	const uint16_t *surface = c->b.code[EV_SURFACE];
	const uint16_t *datum = c->b.code[EV_DATUM];
	const uint8_t *role = c->b.word[EV_ROLE];
	const uint8_t *kind = c->b.word[EV_KIND];
	uint8_t *what = c->what;
	uint32_t i, n = c->b.n;

	for (i = 0; role != NULL && i < n; i++)
		what[i] &= (uint8_t) ~(role[i] != 0 ? ROW_PLAIN : 0);
	for (i = 0; surface != NULL && i < n; i++)
		what[i] &= (uint8_t) ~(surface[i] != 0 ? ROW_PLAIN : 0);
	/* A link that says whose number it is (lineage.c). */
	for (i = 0; datum != NULL && kind != NULL && i < n; i++)
		what[i] &= (uint8_t) ~(
		    datum[i] != 0 && kind[i] == KIND_IDENTITY_LINK ? ROW_PLAIN
								   : 0);
	deny_declared(c, EV_ELEMENT, n_declared);
	deny_declared(c, EV_SCREEN, n_declared);
}

static void
see_fresh(struct coded *c)
{
	static const enum event_str fields[] = { EV_SESSION, EV_DEVICE,
		EV_ENTRY, EV_APP_VERSION, EV_VARIANT };
	const uint16_t *code;
	uint8_t *what = c->what;
	uint32_t i, n = c->b.n;
	size_t k;

	for (k = 0; k < sizeof fields / sizeof fields[0]; k++) {
		code = c->b.code[fields[k]];
		for (i = 1; code != NULL && i < n; i++)
			what[i] |= code[i] != code[i - 1] ? ROW_FRESH : 0;
	}
	what[0] |= ROW_FRESH;
}

/* ---- blocks ---- */

void
coded_block(struct coded *c, struct names *names, uint32_t n_declared)
{
	const struct store_block *b = &c->b;
	uint32_t i, n;
	size_t k;

	memset(c->name, 0, sizeof c->name);
	memset(c->id, 0, sizeof c->id);
	for (k = 0; k < N_NAME_FIELDS; k++) {
		enum event_str f = name_fields[k];

		if (b->code[f] == NULL)
			continue;
		n = b->n_dict[f];
		c->name[f] = arena_alloc(&c->arena, (n + 1) * sizeof(uint32_t));
		for (i = 0; i < n; i++)
			c->name[f][i + 1] = names_code(names, b->dict[f][i]);
	}
	for (k = 0; k < N_ID_FIELDS; k++) {
		enum event_str f = id_fields[k];

		if (b->code[f] == NULL)
			continue;
		n = b->n_dict[f];
		c->id[f] = arena_alloc(&c->arena, (n + 1) * sizeof(uint64_t));
		for (i = 0; i < n; i++)
			c->id[f][i + 1] = store_hash(b->dict[f][i]);
	}
	c->what = arena_take(&c->arena, b->n);
	see_kinds(c);
	see_clocks(c);
	see_answers(c);
	see_plain(c, n_declared);
	see_fresh(c);
}
