/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: the study's look at all blocks gives the names of the
 * operators.  Only if there are several a second one reads which kinds of
 * records each of them shows, and which surfaces and screens it names: a name
 * is its owner's until another operator uses it too.
 */
#include "analysis/operators.h"

#include <stdlib.h>

#include "analysis/tally.h"

enum {
	NAMES_MAX = 1 << 16, /* surfaces and screens whose owner is kept */
	OWNER_SEVERAL = UINT32_MAX
};

#define OTHER_OPERATORS "\xe2\x80\xa6other"
#define BIT(f)		((uint64_t)1 << (f))

/* ---- all blocks of a case ---- */

struct reading {
	struct operators *o;
	struct study *s;
};

typedef void block_f(struct reading *w, const struct store_block *b);

static int
read_file(
    struct reading *w, struct store_reader *r, block_f *see, struct err *err)
{
	struct store_block b = { 0 };
	int got;

	while ((got = store_next(r, &b, err)) > 0) {
		see(w, &b);
		store_block_clear(&b);
	}
	store_block_free(&b);
	return got;
}

static int
read_blocks(struct reading *w, const char *case_dir, uint64_t nums,
    uint64_t strs, block_f *see, struct err *err)
{
	struct store_reader *r;
	unsigned part;
	int file, rc = 0;

	for (part = 0; part < STORE_PARTS; part++)
		for (file = 0; file < STORE_FILE__MAX && rc == 0; file++) {
			r = store_read(case_dir, part, (enum store_file)file,
			    nums, strs, STORE_NO_PLACES, err);
			if (r == NULL)
				return -1;
			rc = read_file(w, r, see, err);
			store_reader_close(r);
		}
	return rc;
}

/* ---- the operators ---- */

static void
add_operator(struct operators *o, struct span name)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (span_eq(o->name[i], name))
			return;
	if (o->n == OPERATORS_MAX) {
		o->other = o->n; /* for now: there are more */
		return;
	}
	if (o->name == NULL)
		o->name = arena_alloc(
		    &o->arena, (OPERATORS_MAX + 2) * sizeof *o->name);
	o->name[o->n++] = arena_span(&o->arena, name);
}

void
operators_see(struct operators *o, const struct store_block *b)
{
	const uint16_t *code = b->code[EV_OPERATOR];
	bool unnamed = code == NULL;
	uint32_t i;

	for (i = 0; code != NULL && i < b->n_dict[EV_OPERATOR]; i++)
		add_operator(o, b->dict[EV_OPERATOR][i]);
	for (i = 0; code != NULL && i < b->n; i++)
		unnamed |= code[i] == 0;
	o->has_unnamed |= unnamed;
}

static int
name_cmp(const void *a, const void *b)
{
	const struct span *sa = a, *sb = b;

	if (sa->p == NULL || sb->p == NULL)
		return (sa->p != NULL) - (sb->p != NULL);
	return span_cmp(*sa, *sb);
}

/* In order; and where records belong that do not say it. */
static void
settle_operators(struct operators *o, const struct study *s)
{
	bool has_other;

	if (o->has_unnamed && s->operator_.p != NULL)
		add_operator(o, s->operator_);
	has_other = o->other != 0;
	if (o->n == 0)
		return;
	if (has_other)
		o->name[o->n++] = span_of(OTHER_OPERATORS);
	if (o->has_unnamed && s->operator_.p == NULL && o->n > 1)
		o->name[o->n++] = (struct span){ NULL, 0 };
	qsort(o->name, o->n, sizeof *o->name, name_cmp);
	o->other =
	    has_other ? operators_find(o, span_of(OTHER_OPERATORS)) : o->n;
	o->unnamed = operators_find(o, s->operator_);
}

/* Names are few: sorted, with the one that is absent before them. */
size_t
operators_find(const struct operators *o, struct span name)
{
	size_t lo = 0, hi = o->n, mid;

	if (name.p == NULL && o->unnamed < o->n)
		return o->unnamed;
	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (name_cmp(&o->name[mid], &name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < o->n && span_eq(o->name[lo], name))
		return lo;
	return o->other;
}

/* ---- whose names they are ---- */

static void
note(struct operators *o, size_t k, struct span name)
{
	uint32_t code, n;

	if (name.p == NULL || o->name[k].p == NULL)
		return;
	code = names_find(&o->used, name);
	if (code == 0 && o->used.n >= NAMES_MAX) {
		o->is_full = true;
		return;
	}
	if (code == 0)
		code = names_code(&o->used, name);
	if (code >= o->owner_room) {
		n = o->owner_room == 0 ? 256 : 2 * o->owner_room;
		o->owner = realloc(o->owner, n * sizeof *o->owner);
		if (o->owner == NULL)
			err_no_memory(n * sizeof *o->owner);
		memset(o->owner + o->owner_room, 0,
		    (n - o->owner_room) * sizeof *o->owner);
		o->owner_room = n;
	}
	if (o->owner[code] == 0)
		o->owner[code] = (uint32_t)k + 1;
	else if (o->owner[code] != k + 1)
		o->owner[code] = OWNER_SEVERAL;
}

static bool
is_shared(const struct operators *o, struct span name)
{
	uint32_t code = names_find(&o->used, name);

	return code != 0 ? o->owner[code] == OWNER_SEVERAL : o->is_full;
}

/* Does case.ini call the surface OPERATOR/NAME, of another operator? */
static bool
is_another_s(const struct operators *o, size_t k, struct span surface)
{
	size_t i, n;

	for (i = 0; i < o->n; i++) {
		n = o->name[i].n;
		if (i != k && o->name[i].p != NULL && surface.n > n &&
		    surface.p[n] == '/' &&
		    memcmp(surface.p, o->name[i].p, n) == 0)
			return true;
	}
	return false;
}

/* A screen or an element may mean a surface of case.ini. */
static void
note_declared(struct reading *w, size_t k, enum event_str f, struct span name)
{
	const struct study *s = w->s;
	size_t i;

	if (f == EV_SCREEN)
		for (i = 0; i < s->n_screens; i++)
			if (span_eq(s->screen[i].a, name) &&
			    !is_another_s(w->o, k, s->screen[i].b))
				note(w->o, k, s->screen[i].b);
	if (f == EV_ELEMENT)
		for (i = 0; i < s->n_controls; i++)
			if (span_eq(s->control[i].element, name) &&
			    !is_another_s(w->o, k, s->control[i].surface))
				note(w->o, k, s->control[i].surface);
}

/* The operator of every code of a block; [n_dict + 1] in its arena. */
static uint32_t *
codes_of(const struct operators *o, struct store_block *b)
{
	uint32_t n = b->code[EV_OPERATOR] != NULL ? b->n_dict[EV_OPERATOR] : 0;
	uint32_t *k = arena_alloc(&b->arena, (n + 1) * sizeof *k), i;

	k[0] = (uint32_t)o->unnamed;
	for (i = 0; i < n; i++)
		k[i + 1] = (uint32_t)operators_find(o, b->dict[EV_OPERATOR][i]);
	return k;
}

static void
see_names(struct reading *w, const struct store_block *b, const uint32_t *k)
{
	static const enum event_str fields[] = { EV_SURFACE, EV_SCREEN,
		EV_ELEMENT };
	const uint16_t *op = b->code[EV_OPERATOR], *code;
	uint32_t i, last_op, last_code, now;
	size_t f;

	for (f = 0; f < sizeof fields / sizeof fields[0]; f++) {
		code = b->code[fields[f]];
		last_op = last_code = UINT32_MAX;
		for (i = 0; code != NULL && i < b->n; i++) {
			now = op != NULL ? op[i] : 0;
			if (code[i] == 0 ||
			    (now == last_op && code[i] == last_code))
				continue;
			last_op = now;
			last_code = code[i];
			if (fields[f] != EV_ELEMENT)
				note(w->o, k[now], store_str(b, fields[f], i));
			note_declared(
			    w, k[now], fields[f], store_str(b, fields[f], i));
		}
	}
}

/* What an operator's logs hold at all. */
static void
see_facts(struct study *s, int64_t kind, int64_t trail)
{
	s->has_ui |= trail == TRAIL_UI;
	s->has_permission |=
	    kind == KIND_PERMISSION || kind == KIND_PERMISSION_PROMPT;
	s->has_server |= kind == KIND_CONSENT && trail != TRAIL_UI;
	s->has_processing |= kind == KIND_DATA_ACCESS ||
			     kind == KIND_DATA_EGRESS ||
			     kind == KIND_CONTACT_OUTBOUND;
}

static void
see_each(struct reading *w, const struct store_block *b)
{
	const uint16_t *op = b->code[EV_OPERATOR];
	struct store_block copy = *b;
	uint32_t *k, i;

	copy.arena = (struct arena){ 0 };
	k = codes_of(w->o, &copy);
	for (i = 0; i < b->n; i++) {
		uint32_t now = op != NULL ? op[i] : 0;
		int64_t kind = store_num(b, EV_KIND, i, 0);

		see_facts(
		    &w->o->study[k[now]], kind, store_num(b, EV_TRAIL, i, 0));
		w->s->has_unnamed_consent |=
		    now == 0 && w->s->operator_.p == NULL &&
		    (kind == KIND_CONSENT || kind == KIND_PERMISSION);
	}
	see_names(w, b, k);
	arena_clear(&copy.arena);
}

/* ---- the studies ---- */

/* What an operator's surface or screen is called. */
static struct span
called(struct operators *o, size_t k, struct span name)
{
	struct span op = o->name[k];

	if (name.p == NULL || op.p == NULL || !is_shared(o, name))
		return name;
	return span_of(arena_printf(
	    &o->arena, "%.*s/%.*s", (int)op.n, op.p, (int)name.n, name.p));
}

/* The pairs of a list that are this operator's, a and b in its terms when
 * they are names of surfaces or screens. */
static struct study_pair *
called_pairs(struct operators *o, size_t k, const struct study_pair *from,
    size_t *n, int surface)
{
	struct study_pair *to = arena_alloc(&o->arena, (*n + 1) * sizeof *to);
	size_t i, n_to = 0;

	for (i = 0; i < *n; i++) {
		if (surface != 0 &&
		    is_another_s(o, k, surface == 'a' ? from[i].a : from[i].b))
			continue;
		to[n_to].a = called(o, k, from[i].a);
		to[n_to++].b =
		    surface == 'b' ? called(o, k, from[i].b) : from[i].b;
	}
	*n = n_to;
	return to;
}

/* Of the case, in the terms of one operator; its facts are counted. */
static void
study_for(struct operators *o, size_t k, const struct study *s)
{
	struct study *to = &o->study[k], facts = *to;
	struct study_control *control;
	size_t i;

	*to = *s;
	to->only_operator = o->name[k];
	if (o->name[k].p != NULL)
		to->operator_ = o->name[k];
	to->has_ui = facts.has_ui;
	to->has_server = facts.has_server;
	to->has_processing = facts.has_processing;
	to->has_permission = facts.has_permission;
	to->screen = called_pairs(o, k, s->screen, &to->n_screens, 'b');
	to->purpose = called_pairs(o, k, s->purpose, &to->n_purposes, 'a');
	to->recipient =
	    called_pairs(o, k, s->recipient, &to->n_recipients, 'a');
	to->body = called_pairs(o, k, s->body, &to->n_bodies, 'a');
	to->function = called_pairs(o, k, s->function, &to->n_functions, 0);
	to->home_screen = called(o, k, s->home_screen);
	control = arena_alloc(&o->arena, (s->n_controls + 1) * sizeof *control);
	to->control = control;
	to->n_controls = 0;
	for (i = 0; i < s->n_controls; i++) {
		if (is_another_s(o, k, s->control[i].surface))
			continue;
		control[to->n_controls] = s->control[i];
		control[to->n_controls++].surface =
		    called(o, k, s->control[i].surface);
	}
}

/* The operator's own agreements. */
static void
disclosed_for(struct operators *o, size_t k, struct study *to)
{
	const struct study_disclosed *from = to->disclosed;
	struct study_disclosed *own;
	size_t i, n = to->n_disclosed;

	own = arena_alloc(&o->arena, (n + 1) * sizeof *own);
	to->disclosed = own;
	to->n_disclosed = 0;
	for (i = 0; i < n; i++)
		if (operators_find(o, from[i].operator_) == k)
			own[to->n_disclosed++] = from[i];
}

int
operators_read(
    struct operators *o, struct study *s, const char *case_dir, struct err *err)
{
	struct reading w = { .o = o, .s = s };
	const uint64_t declared = s->n_controls > 0 ? BIT(EV_ELEMENT) : 0;
	size_t k;

	o->unnamed = SIZE_MAX;
	settle_operators(o, s);
	s->only_operator = o->n == 1 ? o->name[0] : s->operator_;
	if (o->n < 2)
		return 0;
	s->operators = o;
	o->study = arena_alloc(&o->arena, o->n * sizeof *o->study);
	if (read_blocks(&w, case_dir, BIT(EV_KIND) | BIT(EV_TRAIL),
		BIT(EV_OPERATOR) | BIT(EV_SURFACE) | BIT(EV_SCREEN) | declared,
		see_each, err) < 0)
		return -1;
	for (k = 0; k < o->n; k++) {
		study_for(o, k, s);
		disclosed_for(o, k, &o->study[k]);
	}
	return 0;
}

void
operators_clear(struct operators *o)
{
	names_clear(&o->used);
	arena_clear(&o->arena);
	free(o->owner);
	memset(o, 0, sizeof *o);
}

/* ---- blocks ---- */

/* A column whose texts are being told apart by operator. */
struct telling {
	struct store_block *b;
	struct span *dict; /* [n_dict], room n_room */
	uint32_t n_dict, n_room;
	struct tally pairs; /* operator, code: the new code */
};

/* The code of OPERATOR/NAME in place of the block's code of NAME. */
static uint16_t
code_for(struct telling *t, struct span op, uint32_t k, uint16_t code)
{
	uint32_t key[2] = { k, code }, room;
	uint16_t *to = tally_at(&t->pairs, key);
	struct span name = t->dict[code - 1];
	char *text;

	if (*to != 0)
		return *to;
	if (t->n_dict == t->n_room) {
		room = 2 * t->n_room + 16;
		t->dict = arena_grow(&t->b->arena, t->dict,
		    t->n_room * sizeof *t->dict, room * sizeof *t->dict);
		t->n_room = room;
	}
	text = arena_take(&t->b->arena, op.n + 1 + name.n);
	memcpy(text, op.p, op.n);
	text[op.n] = '/';
	memcpy(text + op.n + 1, name.p, name.n);
	t->dict[t->n_dict].p = text;
	t->dict[t->n_dict++].n = op.n + 1 + name.n;
	*to = (uint16_t)t->n_dict;
	return *to;
}

_Static_assert(2 * STORE_BLOCK_EVENTS < UINT16_MAX, "codes of both fit");

static void
qualify(const struct operators *o, struct store_block *b, enum event_str f,
    const uint32_t *k)
{
	const uint16_t *op = b->code[EV_OPERATOR], *code = b->code[f];
	struct telling t = { .b = b, .n_dict = b->n_dict[f] };
	bool *shared, any = false;
	uint16_t *to;
	uint32_t i;

	if (code == NULL)
		return;
	shared = arena_alloc(&b->arena, (t.n_dict + 1) * sizeof *shared);
	for (i = 0; i < t.n_dict; i++)
		any |= shared[i + 1] = is_shared(o, b->dict[f][i]);
	if (!any)
		return;
	t.n_room = t.n_dict;
	t.dict = arena_alloc(&b->arena, (t.n_dict + 1) * sizeof *t.dict);
	memcpy(t.dict, b->dict[f], t.n_dict * sizeof *t.dict);
	tally_init(&t.pairs, 2, sizeof(uint16_t), 0);
	to = arena_take(&b->arena, b->n * sizeof *to);
	for (i = 0; i < b->n; i++) {
		uint32_t at = k[op != NULL ? op[i] : 0];

		to[i] = code[i];
		if (shared[code[i]] && o->name[at].p != NULL)
			to[i] = code_for(&t, o->name[at], at, code[i]);
	}
	tally_clear(&t.pairs);
	b->code[f] = to;
	b->dict[f] = t.dict;
	b->n_dict[f] = t.n_dict;
}

void
operators_qualify(const struct operators *o, struct store_block *b)
{
	uint32_t *k = codes_of(o, b);

	qualify(o, b, EV_SURFACE, k);
	qualify(o, b, EV_SCREEN, k);
}
