/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A surface is settled by, in this order: a control or screen of case.ini;
 * the record's surface; the screen that carries a consent_box, accept or
 * refuse, whose other controls then belong to it as well.
 */
#include "analysis/person.h"

#include <assert.h>
#include <stdlib.h>

/* ---- surfaces ---- */

struct surface *
surface_find(struct person *p, uint32_t name, bool make)
{
	struct surface *s;
	uint32_t n;

	if (name < p->n_slots && p->slot[name].generation == p->generation)
		return p->surface[p->slot[name].value];
	if (!make || p->n_surfaces == PERSON_SURFACES)
		return NULL;
	if (name >= p->n_slots) {
		n = 2 * (name + 32);
		p->slot = realloc(p->slot, n * sizeof p->slot[0]);
		if (p->slot == NULL)
			err_no_memory(n * sizeof p->slot[0]);
		memset(p->slot + p->n_slots, 0,
		    (n - p->n_slots) * sizeof p->slot[0]);
		p->n_slots = n;
	}
	if (p->n_surfaces == p->n_surface_room) {
		p->n_surface_room =
		    p->n_surface_room == 0 ? 16 : 2 * p->n_surface_room;
		p->surface = realloc(
		    p->surface, p->n_surface_room * sizeof p->surface[0]);
		if (p->surface == NULL)
			err_no_memory(p->n_surface_room * sizeof p->surface[0]);
	}
	s = arena_alloc(&p->arena, sizeof *s);
	s->name = name;
	s->given_acts = RESULT_UNKNOWN;
	s->tainted_from_us = s->tainted_to_us = RESULT_UNKNOWN;
	p->slot[name].generation = p->generation;
	p->slot[name].value = p->n_surfaces;
	p->surface[p->n_surfaces++] = s;
	return s;
}

/* case.ini's word on a row; 0: none. */
static uint32_t
declared(const struct person *p, const struct row *r, int *role)
{
	const struct rules *u = &p->rules;
	uint32_t element = row_name(r, EV_ELEMENT), of_screen = 0, i;
	uint32_t screen = row_name(r, EV_SCREEN);

	if (screen != 0 && screen <= u->n_codes)
		of_screen = u->screen[screen];
	if (element == 0 || element > u->n_codes || u->control[element] == 0)
		return of_screen;
	/* The last one found first; a surface of this screen wins. */
	for (i = u->control[element]; i-- > 0;) {
		const struct study_control *c = &p->study->control[i];

		if (!span_eq(c->element, names_text(p->names, element)))
			continue;
		if (of_screen != 0 && u->control_name[i] != of_screen)
			continue;
		*role = c->role;
		return u->control_name[i];
	}
	return of_screen;
}

uint32_t
surface_of(const struct person *p, const struct row *r, int *role)
{
	uint32_t name = 0;

	*role = row_word(r, EV_ROLE);
	if (p->rules.n_codes > 0)
		name = declared(p, r, role);
	if (name == 0)
		name = row_name(r, EV_SURFACE);
	if (name != 0 || *role == ROLE_NONE)
		return name;
	name = row_name(r, EV_SCREEN);
	if (*role == ROLE_CONSENT_BOX || *role == ROLE_ACCEPT ||
	    *role == ROLE_REFUSE)
		return name;
	if (name < p->n_slots && p->slot[name].generation == p->generation)
		return name;
	return 0;
}

/* ---- controls ---- */

static void
forget_attributes(struct control *c)
{
	c->purposes = c->notice = c->notice_version = 0;
	c->text = c->color = c->background = c->label = 0;
	c->lang = 0;
	c->font_micro = c->y_micro = c->width_micro = RESULT_UNKNOWN;
	c->x_micro = RESULT_UNKNOWN;
	c->height_micro = c->screen_height_micro = RESULT_UNKNOWN;
	c->in_view_micro = RESULT_UNKNOWN;
}

struct control *
surface_control(
    struct person *p, struct surface *s, const struct row *r, int role)
{
	uint32_t element = row_name(r, EV_ELEMENT), i, room;
	int kind = r->kind;
	bool is_notice = kind == KIND_NOTICE_SHOW;
	bool is_screen = kind == KIND_SCREEN_VIEW;
	struct control *c;

	if (is_screen)
		element = 0;
	if (is_notice && element == 0)
		element = row_name(r, EV_NOTICE);
	for (i = 0; i < s->n_controls; i++) {
		c = &s->control[i];
		if (c->element == element && c->role == role &&
		    c->is_notice == is_notice && c->is_screen == is_screen)
			return c;
	}
	if (s->n_controls == PERSON_CONTROLS)
		return &s->control[PERSON_CONTROLS - 1]; /* shared by more */
	if (s->n_controls == s->n_control_room) {
		room = s->n_control_room == 0 ? 2 : 2 * s->n_control_room;
		s->control = arena_grow(&p->arena, s->control,
		    s->n_control_room * sizeof *c, room * sizeof *c);
		s->n_control_room = room;
	}
	c = &s->control[s->n_controls++];
	memset(c, 0, sizeof *c);
	c->element = element;
	c->role = role;
	c->is_notice = is_notice;
	c->is_screen = is_screen;
	c->last_us = c->best_in_view = RESULT_UNKNOWN;
	c->last_at_us = INT64_MIN;
	c->last_default = c->default_on = c->state = -1;
	c->own_state = c->prev_default = -1;
	c->change_at_us = INT64_MIN;
	forget_attributes(c);
	return c;
}

void
surface_forget_episode(struct control *c)
{
	if (c->default_on >= 0)
		c->prev_default = c->default_on;
	c->kept = false;
	c->turned_on = 0;
	c->in_episode = false;
	c->impressions = 0;
	c->default_on = c->state = -1;
	c->toggled = 0;
	c->change_at_us = INT64_MIN;
	c->first_us = c->first_at_us = RESULT_UNKNOWN;
	c->in_view_micro = RESULT_UNKNOWN;
}
/* Attributes stay: a later episode's log may leave them out. */

/* ---- looks ---- */

static bool
differs(uint32_t a, uint32_t b)
{
	return a != 0 && b != 0 && a != b;
}

static uint64_t
mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15;
	return h ^ (h >> 29);
}

/* What makes a control's look, its value left out. */
uint64_t
surface_look(struct person *p, const struct row *r, int role)
{
	static const enum event_str fields[] = { EV_ELEMENT, EV_PURPOSE,
		EV_NOTICE, EV_NOTICE_VERSION, EV_TEXT, EV_COLOR,
		EV_BACKGROUND };
	uint64_t h = mix(0x9e37, (uint64_t)role);
	size_t i;

	for (i = 0; i < sizeof fields / sizeof fields[0]; i++)
		h = mix(h, person_hash(p, row_name(r, fields[i])));
	return mix(h, (uint64_t)row_num(r, EV_FONT_PX, 0));
}

/* The same control with other words, purposes or agreement. */
bool
surface_is_redesigned(const struct control *c, const struct row *r)
{
	return differs(c->text, row_name(r, EV_TEXT)) ||
	       differs(c->purposes, row_name(r, EV_PURPOSE)) ||
	       differs(c->notice_version, row_name(r, EV_NOTICE_VERSION));
}

static void
keep_name(uint32_t *to, const struct row *r, enum event_str f)
{
	uint32_t v = row_name(r, f);

	if (v != 0)
		*to = v;
}

static void
keep_num(int64_t *to, const struct row *r, enum event_num f)
{
	*to = row_num(r, f, *to);
}

void
surface_note(struct control *c, const struct row *r)
{
	int64_t in_view = row_num(r, EV_IN_VIEW, RESULT_UNKNOWN);

	keep_name(&c->purposes, r, EV_PURPOSE);
	keep_name(&c->notice, r, EV_NOTICE);
	keep_name(&c->notice_version, r, EV_NOTICE_VERSION);
	keep_name(&c->text, r, EV_TEXT);
	keep_name(&c->label, r, EV_LABEL);
	keep_name(&c->lang, r, EV_LANG);
	keep_name(&c->color, r, EV_COLOR);
	keep_name(&c->background, r, EV_BACKGROUND);
	keep_num(&c->font_micro, r, EV_FONT_PX);
	keep_num(&c->x_micro, r, EV_X);
	keep_num(&c->y_micro, r, EV_Y);
	keep_num(&c->width_micro, r, EV_WIDTH);
	keep_num(&c->height_micro, r, EV_HEIGHT);
	keep_num(&c->screen_height_micro, r, EV_SCREEN_HEIGHT);
	if (in_view > c->in_view_micro) /* unknown is the least number */
		c->in_view_micro = in_view;
	if (in_view > c->best_in_view)
		c->best_in_view = in_view;
}

void
surface_turned(const struct person *p, struct control *c, const struct row *r,
    int value, int by)
{
	struct stamp at;

	if (c->role != ROLE_CONSENT_BOX || c->own_state != 0 || value < 0 ||
	    by == CHANGED_BY_USER)
		return;
	at = row_stamp(p->tl, r);
	/* By the other phone's clock it may have been before. */
	if (at.clock != c->own.clock && !timeline_before(&c->own, &at))
		return;
	if (value == 0)
		c->kept = true;
	else if (c->turned_on == 0)
		c->turned_on = by != CHANGED_BY_NONE ? by : -1;
}

void
surface_first(const struct person *p, struct first *f, const struct row *r)
{
	struct stamp t;

	/* Rows come in order: by one clock the first is the first. */
	if (f->is_there && p->tl->n_clocks < 2)
		return;
	t = row_stamp(p->tl, r);
	if (!f->is_there || us_plus(t.at_us, t.late_us) <
				us_plus(f->sure.at_us, f->sure.late_us))
		f->sure = t;
	if (!f->is_there || us_minus(t.at_us, t.early_us) <
				us_minus(f->maybe.at_us, f->maybe.early_us))
		f->maybe = t;
	f->is_there = true;
}

/* ---- what is still to come ---- */

bool
surface_may_be_seen(
    const struct person *p, uint32_t surface, const struct stamp *at)
{
	enum { LOOK = 4096 };
	const struct timeline *tl = p->tl;
	int64_t until = us_plus(at->at_us, timeline_reach(tl, at));
	uint32_t name;
	size_t i, n;
	int role;

	for (i = p->at + 1, n = 0; i < tl->n_rows; i++, n++) {
		const struct row *r = &tl->row[i];
		struct stamp t;

		if (r->at_us > until)
			return false;
		if (n == LOOK)
			return true;
		if ((r->what & ROW_PLAIN) != 0 || !row_is_ui(r))
			continue;
		name = surface_of(p, r, &role);
		if (name == 0 || (surface != 0 && name != surface) ||
		    (r->kind != KIND_NOTICE_SHOW &&
			(r->kind != KIND_CONTROL_IMPRESSION ||
			    (role != ROLE_CONSENT_BOX && role != ROLE_ACCEPT))))
			continue;
		t = row_stamp(tl, r);
		if (t.clock != at->clock && !timeline_before(at, &t))
			return true;
	}
	return false;
}
