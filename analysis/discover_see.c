/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: along the rows of a person every click and every switch
 * turned by hand becomes a gesture with the number of its act, and what
 * records say of a control is kept; on the way the switches that stand turned
 * on by hand are known at any time (`hand`).  A server's grant that no
 * declared control stands behind is kept open until the window is read, then
 * held against the gestures around it (discover_grant.c) and against the same
 * gestures moved in time (see_shifts).
 *
 * Nothing is decided here: what a control says may stand in the records of
 * other people.
 */
#include "analysis/discover_see.h"

#include <stdlib.h>

#include "analysis/label.h"

/* Windows elsewhere: far enough that what one does in a minute is over,
 * before and after, near and far. */
static const int64_t shift_us[SEER_SHIFTS] = { 600 * UTC_US_S, -600 * UTC_US_S,
	3600 * UTC_US_S, -3600 * UTC_US_S, UTC_US_DAY, -UTC_US_DAY };

void
seer_open(struct seer *s, const struct study *study, struct names *names,
    struct discover_book *book, const int64_t span_us[2])
{
	memset(s, 0, sizeof *s);
	s->book = book;
	s->span_us[0] = span_us[0];
	s->span_us[1] = span_us[1];
	memset(s->cache, 0xff, sizeof s->cache);
	person_open(&s->p, study, names, NULL);
}

void
seer_close(struct seer *s)
{
	person_close(&s->p);
	free(s->own);
	free(s->mine);
	free(s->gesture);
	memset(s, 0, sizeof *s);
}

/* ---- controls and what they say ---- */

/* A gesture that names no control may be what enrols all the same. */
static uint32_t
control_of(struct seer *s, const struct row *r)
{
	uint32_t screen = row_name(r, EV_SCREEN);
	uint32_t element = row_name(r, EV_ELEMENT), at;

	at = (screen * 0x9e3779b1u ^ element * 0x85ebca6bu) >> 22;
	if (s->cache[at].element != element || s->cache[at].screen != screen) {
		s->cache[at].screen = screen;
		s->cache[at].element = element;
		s->cache[at].number = discover_book_control(s->book,
		    names_text(s->p.names, screen),
		    element != 0 ? names_text(s->p.names, element)
				 : span_of(""));
	}
	return s->cache[at].number;
}

static uint32_t
says_of(struct seer *s, uint32_t name)
{
	enum label_class class;

	if (name == 0)
		return 0;
	class = label_of(person_label(&s->p, name));
	return class == LABEL_ACCEPT || class == LABEL_ALL ? SAYS_AGREE
	       : class == LABEL_REFUSE			   ? SAYS_REFUSE
							   : 0;
}

static void
keep(struct seer *s, struct span *to, uint32_t name)
{
	if (to->p == NULL && name != 0)
		discover_book_keep(s->book, to, names_text(s->p.names, name));
}

static bool
is_by_person(const struct row *r)
{
	int by = row_word(r, EV_CHANGED_BY);

	return by == CHANGED_BY_NONE || by == CHANGED_BY_USER;
}

static void
note(struct seer *s, const struct row *r, uint32_t number)
{
	struct discover_control *c = discover_control(s->book, number);
	uint32_t purposes = row_name(r, EV_PURPOSE);
	uint32_t notice = row_name(r, EV_NOTICE);
	uint32_t label = row_name(r, EV_LABEL), text = row_name(r, EV_TEXT);
	int64_t font = row_num(r, EV_FONT_PX, INT64_MAX);
	int value, role = ROLE_NONE;

	c->says |= (purposes != 0 ? SAYS_PURPOSE : 0) |
		   (notice != 0 ? SAYS_NOTICE : 0) | says_of(s, label) |
		   says_of(s, text);
	if ((r->what & ROW_PLAIN) == 0)
		(void)surface_of(&s->p, r, &role);
	c->roles |= 1u << role;
	if (font < c->font_micro)
		c->font_micro = font;
	keep(s, &c->label, label);
	keep(s, &c->text, text);
	keep(s, &c->purposes, purposes);
	keep(s, &c->notice, notice);
	if (r->kind != KIND_CONTROL_IMPRESSION ||
	    row_word(r, EV_CHANGED_BY) == CHANGED_BY_USER)
		return;
	value = person_value(&s->p, row_name(r, EV_VALUE));
	c->n_on += value == 1;
	c->n_off += value == 0;
}

/* ---- gestures ---- */

static struct seer_own *
own(struct seer *s, uint32_t act)
{
	struct seer_own *o;
	uint32_t n;

	if (act >= s->n_own) {
		n = 2 * (act + 64);
		s->own = realloc(s->own, n * sizeof s->own[0]);
		if (s->own == NULL)
			err_no_memory(n * sizeof s->own[0]);
		memset(s->own + s->n_own, 0, (n - s->n_own) * sizeof s->own[0]);
		s->n_own = n;
	}
	o = &s->own[act];
	if (o->person == s->person)
		return o;
	o->person = s->person;
	o->shifts = 0;
	o->first_us = INT64_MAX;
	o->last_us = INT64_MIN;
	if (s->n_mine == s->mine_room) {
		s->mine_room = s->mine_room == 0 ? 64 : 2 * s->mine_room;
		s->mine = realloc(s->mine, s->mine_room * sizeof s->mine[0]);
		if (s->mine == NULL)
			err_no_memory(s->mine_room * sizeof s->mine[0]);
	}
	s->mine[s->n_mine++] = act;
	return o;
}

static void
drop_hand(struct seer *s, uint32_t control)
{
	uint32_t i;

	for (i = 0; i < s->n_hands; i++)
		if (s->hand[i].control == control) {
			s->hand[i] = s->hand[--s->n_hands];
			return;
		}
}

/* Which switches the person has turned on since the last grant, in this
 * session. */
static void
follow_hands(struct seer *s, const struct row *r, uint32_t control,
    enum discover_act act)
{
	uint64_t session = row_id(r, EV_SESSION);
	int64_t most = study_us(s->p.study, THRESHOLD_EARLY);
	uint32_t i;

	if (session != s->hand_session) {
		s->n_hands = 0;
		s->hand_session = session;
	}
	for (i = s->n_hands; i-- > 0;)
		if (us_minus(r->at_us, s->hand[i].at_us) > most)
			s->hand[i] = s->hand[--s->n_hands];
	if (act == ACT_CLICK)
		return;
	s->book->count[COUNT_CHANGES]++;
	drop_hand(s, control);
	if (act == ACT_OFF)
		return;
	if (s->n_hands == SEER_HANDS)
		memmove(s->hand, s->hand + 1, --s->n_hands * sizeof s->hand[0]);
	s->hand[s->n_hands].control = control;
	s->hand[s->n_hands++].at_us = r->at_us;
}

/* Who does this with that turned on by hand: once a person. */
static void
count_pairs(struct seer *s, uint32_t act)
{
	struct discover_pair *pair;
	uint32_t i, key[2];

	for (i = 0; i < s->n_hands; i++) {
		key[0] = act;
		key[1] = s->hand[i].control;
		pair = tally_at(&s->book->pairs, key);
		if (pair == NULL || pair->person == s->person)
			continue;
		pair->person = s->person;
		pair->people++;
	}
}

static void
add_gesture(struct seer *s, const struct row *r, uint32_t control)
{
	int value = person_value(&s->p, row_name(r, EV_VALUE));
	enum discover_act act = value == 1   ? ACT_ON
				: value == 0 ? ACT_OFF
					     : ACT_CLICK;
	struct seer_gesture *g;
	struct seer_own *o;
	uint32_t number;

	if (act == ACT_CLICK && r->kind != KIND_CONTROL_CLICK)
		return; /* a text typed, a slider moved */
	number = discover_book_act(s->book, control, act);
	if (number == UINT32_MAX)
		return;
	if (s->n_gestures == s->gesture_room) {
		s->gesture_room =
		    s->gesture_room == 0 ? 256 : 2 * s->gesture_room;
		s->gesture =
		    realloc(s->gesture, s->gesture_room * sizeof *s->gesture);
		if (s->gesture == NULL)
			err_no_memory(s->gesture_room * sizeof *s->gesture);
	}
	g = &s->gesture[s->n_gestures++];
	g->row = (uint32_t)(r - s->p.tl->row);
	g->act = number;
	g->at_us = r->at_us;
	o = own(s, number);
	if (r->at_us < o->first_us)
		o->first_us = r->at_us;
	if (r->at_us > o->last_us)
		o->last_us = r->at_us;
	discover_control(s->book, control)->n_changed += act != ACT_CLICK;
	follow_hands(s, r, control, act);
	count_pairs(s, number);
}

static void
see_ui(struct seer *s, const struct row *r)
{
	uint32_t control;

	switch (r->kind) {
	case KIND_CONTROL_IMPRESSION:
	case KIND_NOTICE_SHOW:
	case KIND_CONTROL_CLICK:
	case KIND_CONTROL_CHANGE:
		break;
	default:
		return;
	}
	control = control_of(s, r);
	if (control == UINT32_MAX)
		return;
	/* What has no name is not one control with one text. */
	if (row_name(r, EV_ELEMENT) != 0)
		note(s, r, control);
	else
		s->book->count[COUNT_UNNAMED] += (r->what & ROW_GESTURE) != 0;
	if ((r->what & ROW_GESTURE) != 0 && is_by_person(r) &&
	    r->at_us != STORE_ABSENT &&
	    row_word(r, EV_OUTCOME) != OUTCOME_FAILURE)
		add_gesture(s, r, control);
}

/* ---- windows elsewhere in time ---- */

/* First gesture later than an instant. */
static size_t
first_after(const struct seer *s, int64_t us)
{
	size_t lo = 0, hi = s->n_gestures, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (s->gesture[mid].at_us <= us)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/*
 * The acts that would stand before this grant had they been done so much
 * earlier or later.  A grant that belongs to a second act of the same person
 * counts here as well: rather too high a share elsewhere than too low.
 */
static void
see_shifts(struct seer *s, int64_t grant_us)
{
	int64_t window = study_us(s->p.study, THRESHOLD_ANSWER), to;
	size_t i, k, last;

	for (k = 0; k < SEER_SHIFTS; k++) {
		to = us_minus(grant_us, shift_us[k]);
		i = first_after(s, us_minus(to, window));
		last = i + SEER_LOOK < s->n_gestures ? i + SEER_LOOK
						     : s->n_gestures;
		for (; i < last && s->gesture[i].at_us <= to; i++)
			own(s, s->gesture[i].act)->shifts |= 1u << k;
	}
}

/* ---- a person ---- */

static bool
is_grant(const struct row *r)
{
	int d = row_word(r, EV_DECISION);

	return (r->what & ROW_ANSWER) != 0 &&
	       (!row_is_ui(r) || row_is_implied(r)) &&
	       (d == DECISION_GIVEN || d == DECISION_RENEWED);
}

static bool
is_necessary(struct seer *s, const struct row *r)
{
	struct purposes l = person_purposes(&s->p, row_name(r, EV_PURPOSE));
	uint32_t i;

	for (i = 0; i < l.n; i++)
		if (!person_is_necessary(&s->p, l.code[i]))
			return false;
	return l.n > 0;
}

/* One act may be recorded once a purpose. */
static bool
is_same(struct seer *s, const struct row *r)
{
	uint64_t request = row_id(r, EV_REQUEST);
	bool same = s->grant_at_us != INT64_MIN &&
		    (request != 0 || s->grant_request != 0
			    ? request == s->grant_request
			    : us_minus(r->at_us, s->grant_at_us) <= UTC_US_S);

	s->grant_at_us = r->at_us;
	s->grant_request = request;
	return same;
}

static void
keep_open(struct seer *s, size_t at)
{
	struct seer_open *o;
	uint32_t i;

	if (s->n_grants == SEER_GRANTS) {
		s->book->count[COUNT_BEYOND]++;
		return;
	}
	s->n_grants++;
	o = &s->open[s->n_open++];
	o->row = (uint32_t)at;
	o->n_hands = s->n_hands;
	for (i = 0; i < s->n_hands; i++)
		o->hand[i] = s->hand[i].control;
}

static void
see_grant(struct seer *s, size_t at)
{
	const struct row *r = &s->p.tl->row[at];
	uint64_t *count = s->book->count;
	int m = row_word(r, EV_METHOD);

	count[COUNT_GRANTS]++;
	if (m == METHOD_BATCH || m == METHOD_MIGRATION || m == METHOD_IMPORT) {
		count[COUNT_UNASKED]++;
		return;
	}
	if (is_necessary(s, r)) {
		count[COUNT_NECESSARY]++;
		return;
	}
	if (r->link != 0) {
		count[COUNT_DECLARED]++;
		s->n_hands = 0;
		return;
	}
	if (r->at_us == STORE_ABSENT) {
		count[COUNT_SILENT]++;
		return;
	}
	if (is_same(s, r)) {
		count[COUNT_SAME]++;
		return;
	}
	keep_open(s, at);
	s->n_hands = 0; /* what was turned on has had its grant */
}

/* The items of the person's grants, best first of each in turn. */
static void
tell_case(struct seer *s)
{
	uint32_t key[CASE_ITEMS] = { 0 }, n = 0, i, g;
	struct discover_case *c;
	bool any = true;

	for (i = 0; any && n < CASE_ITEMS; i++)
		for (any = false, g = 0; g < CASE_GRANTS; g++) {
			if (i >= s->n_items[g] || n == CASE_ITEMS)
				continue;
			key[n++] = s->item[g][i] | ITEM_IN_GRANT(g);
			any = true;
		}
	if (n == 0)
		return;
	c = tally_at(&s->book->cases, key);
	if (c != NULL)
		c->people++;
	else
		s->book->count[COUNT_LEFT_OUT]++;
}

/* Does a window that begins so much later lie within the evidence? */
static bool
is_within(const struct seer *s, const struct seer_own *o, int64_t by_us)
{
	int64_t window = study_us(s->p.study, THRESHOLD_ANSWER);

	return us_plus(us_plus(o->last_us, by_us), window) >= s->span_us[0] &&
	       us_plus(o->first_us, by_us) <= s->span_us[1];
}

static void
end(struct seer *s)
{
	struct discover_doing *d;
	uint32_t i, k;

	for (i = 0; i < s->n_mine; i++) {
		const struct seer_own *o = &s->own[s->mine[i]];

		d = discover_doing(s->book, s->mine[i]);
		d->people++;
		for (k = 0; k < SEER_SHIFTS; k++)
			d->trials += is_within(s, o, shift_us[k]) ||
				     (o->shifts >> k & 1) != 0;
		d->hits += (unsigned)__builtin_popcount(o->shifts);
	}
	tell_case(s);
}

static void
begin(struct seer *s)
{
	arena_reset(&s->p.arena);
	s->p.generation++;
	s->person++;
	s->n_mine = s->n_hands = s->n_grants = 0;
	s->hand_session = s->grant_request = 0;
	s->grant_at_us = INT64_MIN;
	memset(s->n_items, 0, sizeof s->n_items);
	s->book->count[COUNT_PEOPLE]++;
}

int
seer_run(struct seer *s, struct timeline *tl, struct err *err)
{
	size_t i;
	int got;

	s->p.tl = tl;
	while ((got = timeline_next(tl, err)) > 0) {
		if (tl->is_first)
			begin(s);
		s->n_gestures = 0;
		s->n_open = 0;
		answer_link(&s->p);
		for (i = 0; i < tl->n_rows; i++) {
			if (is_grant(&tl->row[i]))
				see_grant(s, i);
			else if (row_is_ui(&tl->row[i]))
				see_ui(s, &tl->row[i]);
		}
		/* Held against what came after them, too. */
		for (i = 0; i < s->n_open; i++) {
			see_shifts(s, tl->row[s->open[i].row].at_us);
			seer_grant(s, &s->open[i]);
		}
		if (tl->is_last)
			end(s);
	}
	s->p.tl = NULL;
	return got;
}
