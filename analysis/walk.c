/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: one walk along the rows of a window.  Every UI row is held
 * against the one before it (numbers, session, screen), then told to flow.c;
 * records go to those who judge them.
 *
 * Most rows of most logs are plain (ROW_PLAIN) and pass while no episode is
 * open: nobody needs to be told of them, and of the columns only the number
 * and the screen are read.
 */
#include "analysis/person.h"

#include "analysis/detector.h"

/* Follow the numbers of the devices' events. */
static void
see_seq(struct person *p, const struct row *r)
{
	int64_t seq = row_num(r, EV_SEQ, STORE_ABSENT);
	uint64_t device;
	uint32_t k;

	if (seq == STORE_ABSENT)
		return;
	device = p->device_now;
	for (k = 0; k < p->n_devices; k++)
		if (p->device[k].device == device)
			break;
	if (k == PERSON_DEVICES)
		return;
	if (k == p->n_devices) {
		p->n_devices++;
		p->device[k].device = device;
		p->device[k].has_gap = false;
		p->device[k].first = row_stamp(p->tl, r);
	} else if (us_minus(seq, p->device[k].last_seq) != 1) {
		p->device[k].has_gap = true;
		p->n_gaps++;
		if (r->at_us > p->gap_at_us)
			p->gap_at_us = r->at_us;
		if (seq > p->device[k].last_seq)
			p->n_missing +=
			    (uint64_t)us_minus(seq, p->device[k].last_seq) - 1;
	}
	p->device[k].last_seq = seq;
	if (person_is_sampled(p, r)) {
		p->device[k].has_gap = true;
		p->gap_at_us = INT64_MAX;
	}
}

/* Screens: transitions of the person, whatever the surface. */
static void
see_screen(struct person *p, const struct row *r)
{
	uint32_t screen = p->screen_now;
	uint64_t session = p->session_now;
	int64_t gap;
	bool same;

	if (screen == 0)
		return;
	if (p->home_screen == 0 && p->rules.home_screen == 0)
		p->home_screen = screen;
	if (p->last_screen != 0 && p->last_screen != screen) {
		if (screen == p->home_screen)
			p->home_clicks = 0;
		gap = us_minus(r->at_us, p->last_screen_at_us);
		same = session == p->last_session &&
		       (session != 0 ||
			   gap <= study_us(p->study, THRESHOLD_SESSION_GAP));
		if (same && r->at_us != STORE_ABSENT)
			result_edge(p->out, 0, p->last_screen, screen, gap);
	}
	p->last_screen = screen;
	p->last_session = session;
	p->last_screen_at_us = r->at_us;
}

/* Equal but for their places. */
static void
see_tie(struct person *p, const struct row *r)
{
	struct event a, b;

	if (r->kind != r[-1].kind ||
	    row_num(r, EV_SEQ, 0) != row_num(r - 1, EV_SEQ, 0))
		return;
	store_event(&r[-1].c->b, r[-1].i, &a);
	store_event(&r->c->b, r->i, &b);
	p->n_ties += event_cmp(&a, &b) == 0;
}

/* A gesture of the person's, unless it is one with the row before. */
static bool
see_gesture(struct person *p, const struct row *r)
{
	uint32_t element;
	int by;
	bool same;

	if ((r->what & ROW_GESTURE) == 0)
		return false;
	element = row_name(r, EV_ELEMENT);
	by = row_word(r, EV_CHANGED_BY);
	if (by != CHANGED_BY_NONE && by != CHANGED_BY_USER)
		return false;
	same = element != 0 && element == p->last_gesture_element &&
	       r->kind != p->last_gesture_kind &&
	       us_minus(r->at_us, p->last_gesture_at_us) <= ONE_GESTURE_US;
	p->last_gesture_element = element;
	p->last_gesture_kind = r->kind;
	if (!same)
		p->prior_gesture_at_us = p->last_gesture_at_us;
	p->last_gesture_at_us = r->at_us;
	p->home_clicks += !same;
	return !same;
}

bool
walk_is_unasked(const struct person *p, const struct row *r)
{
	return (r->what & ROW_GESTURE) == 0 && r->at_us != STORE_ABSENT &&
	       p->last_screen != 0 && p->session_now != 0 &&
	       p->last_session == p->session_now &&
	       !person_has_gap_since(p, p->last_gesture_at_us) &&
	       us_minus(r->at_us, p->last_gesture_at_us) >
		   study_us(p->study, THRESHOLD_UNASKED);
}

/* Does the row say of these what the UI row before it said? */
static bool
is_known(const struct person *p, const struct row *r)
{
	return (r->what & ROW_FRESH) == 0 && p->at > 0 &&
	       p->seen_at == p->at - 1 && r[-1].c == r->c &&
	       r[-1].i + 1 == r->i;
}

/* What one row says for those after it: session, entry, version, variant. */
static void
remember(struct person *p, const struct row *r)
{
	uint32_t v;

	if (is_known(p, r))
		return;
	p->session_now = row_id(r, EV_SESSION);
	p->device_now = row_id(r, EV_DEVICE);
	if (row_is_device_clock(r))
		(void)timeline_clock(p->tl, p->device_now); /* is counted */
	if (p->session_now != p->entry_session) {
		p->entry_session = p->session_now;
		p->entry = 0;
		p->home_screen = p->rules.home_screen;
		p->home_clicks = 0;
	}
	if ((v = row_name(r, EV_ENTRY)) != 0)
		p->entry = v;
	if ((v = row_name(r, EV_APP_VERSION)) != 0)
		p->app_version = v;
	if ((v = row_name(r, EV_VARIANT)) != 0)
		p->variant = v;
}

static void
see_ui(struct person *p, const struct row *r)
{
	remember(p, r);
	p->has_ui = true;
	p->has_scroll |= r->kind == KIND_SCROLL;
	p->screen_now = row_name(r, EV_SCREEN);
	see_seq(p, r);
	p->gesture_now = see_gesture(p, r);
	if (p->wall.is_open)
		wall_see(p, r);
	/* What is plain matters to nobody but what is open. */
	if ((r->what & ROW_PLAIN) == 0 || p->n_open > 0 || p->way.is_open)
		flow_see(p, r);
	see_screen(p, r);
	p->seen_at = p->at;
}

static void
see_record(struct person *p, const struct row *r)
{
	switch (r->kind) {
	case KIND_CONSENT:
		consent_record(p, r);
		break;
	case KIND_PERMISSION:
		consent_permission(p, r);
		break;
	case KIND_PERMISSION_PROMPT:
		consent_prompt(p, r);
		break;
	case KIND_DATA_ACCESS:
	case KIND_DATA_EGRESS:
	case KIND_CONTACT_OUTBOUND:
		processing_see(p, r);
		break;
	case KIND_ANNOTATION:
		detector_annotation(p, r);
		break;
	case KIND_IDENTITY_LINK:
		lineage_link(p, r);
		person_link(p, r);
		break;
	default:
		break;
	}
}

/* The plain rows that follow the one just seen in its block, of the same
 * session and device: only what changes from one to the next is looked at. */
static void
pass_plain(struct person *p)
{
	const struct row *r = &p->tl->row[p->at];
	const struct row *end = p->tl->row + p->tl->n_rows;
	const struct coded *c = r->c;
	const uint16_t *code = c->b.code[EV_SCREEN];
	const uint32_t *name = c->name[EV_SCREEN];

	for (r++; r < end && r->c == c && r->i == r[-1].i + 1 &&
		  (r->what & (ROW_PLAIN | ROW_FRESH)) == ROW_PLAIN;
	     r++) {
		p->n_undated += r->at_us == STORE_ABSENT;
		if (r->at_us == r[-1].at_us)
			see_tie(p, r);
		p->has_scroll |= r->kind == KIND_SCROLL;
		see_seq(p, r);
		if ((r->what & ROW_GESTURE) != 0)
			(void)see_gesture(p, r);
		p->screen_now = code != NULL ? name[code[r->i]] : 0;
		see_screen(p, r);
	}
	p->at = (size_t)(r - p->tl->row) - 1;
	p->seen_at = p->at;
}

void
walk_rows(struct person *p)
{
	struct timeline *tl = p->tl;

	p->seen_at = SIZE_MAX;
	for (p->at = 0; p->at < tl->n_rows; p->at++) {
		const struct row *r = &tl->row[p->at];

		p->n_undated += r->at_us == STORE_ABSENT;
		if (p->at > 0 && r->at_us == r[-1].at_us)
			see_tie(p, r);
		if (row_is_ui(r))
			see_ui(p, r);
		if ((r->what & ROW_PLAIN) == 0)
			see_record(p, r);
		else if (p->n_open == 0 && !p->way.is_open && !p->wall.is_open)
			pass_plain(p);
	}
}
