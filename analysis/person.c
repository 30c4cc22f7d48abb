/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: for every window of rows, first the links between acts and
 * server records (answer.c), then one walk along the rows (walk.c), which
 * tells the UI rows to flow.c, records of consent and permission to
 * consent.c, collection and sharing to processing.c.  What ends on the way
 * becomes rows and answers at once.
 */
#include "analysis/person.h"

#include <stdlib.h>

#include "analysis/label.h"

static const char *const words[WORD__MAX] = {
	[WORD_ON] = "on",
	[WORD_TRUE] = "true",
	[WORD_ONE] = "1",
	[WORD_CHECKED] = "checked",
	[WORD_OFF] = "off",
	[WORD_FALSE] = "false",
	[WORD_ZERO] = "0",
	[WORD_UNCHECKED] = "unchecked",
	[WORD_GRANTED] = "granted",
	[WORD_DENIED] = "denied",
	[WORD_STEP_ACCEPT] = "[accept]",
	[WORD_STEP_REFUSE] = "[refuse]",
	[WORD_STEP_SUBMIT] = "[submit]",
	[WORD_STEP_LATER] = "[later]",
	[WORD_STEP_CLOSE] = "[close]",
	[WORD_STEP_SETTINGS] = "[settings]",
	[WORD_STEP_TICK] = "[tick]",
	[WORD_STEP_UNTICK] = "[untick]",
	[WORD_STEP_POLICY] = "[policy]",
	[WORD_STEP_WITHDRAW] = "[withdraw]",
	[WORD_STEP_CLICK] = "[click]",
	[WORD_STEP_MORE] = "…",
	[WORD_BASIS_CONSENT] = "consent",
	[WORD_SHARE] = "share",
};

static const char *const verdicts[VERDICT__MAX] = {
	[VERDICT_NONE] = "",
	[VERDICT_CONSENTED] = "consented",
	[VERDICT_TAINTED] = "tainted",
	[VERDICT_BEFORE_CONSENT] = "before_consent",
	[VERDICT_WITHOUT_CONSENT] = "without_consent",
	[VERDICT_AFTER_REFUSAL] = "after_refusal",
	[VERDICT_AFTER_WITHDRAWAL] = "after_withdrawal",
	[VERDICT_OTHER_BASIS] = "other_basis",
	[VERDICT_NECESSARY] = "necessary",
	[VERDICT_NOT_DECIDABLE] = "not_decidable",
};

/* ---- a partition ---- */

static uint32_t (
    *code_pairs(struct person *p, const struct study_pair *pair, size_t n))[2]
{
	uint32_t(*to)[2] = arena_alloc(&p->run, (n + 1) * sizeof *to);
	size_t i;

	for (i = 0; i < n; i++) {
		to[i][0] = names_code(p->names, pair[i].a);
		to[i][1] = names_code(p->names, pair[i].b);
	}
	return to;
}

/* The second texts of pairs whose first is the name of the list. */
static uint32_t *
code_list(struct person *p, const struct study_pair *pair, size_t n)
{
	uint32_t *to = arena_alloc(&p->run, (n + 1) * sizeof *to);
	size_t i;

	for (i = 0; i < n; i++)
		to[i] = names_code(p->names, pair[i].b);
	return to;
}

/* Code what case.ini declares before anything else, so that a name's code
 * tells at once whether it can be declared. */
static void
code_rules(struct person *p)
{
	const struct study *s = p->study;
	struct rules *r = &p->rules;
	uint32_t(*screen)[2];
	size_t i;

	screen = code_pairs(p, s->screen, s->n_screens);
	r->purpose = code_pairs(p, s->purpose, s->n_purposes);
	r->recipient = code_pairs(p, s->recipient, s->n_recipients);
	r->function = code_pairs(p, s->function, s->n_functions);
	r->body = code_pairs(p, s->body, s->n_bodies);
	r->control_name =
	    arena_alloc(&p->run, (s->n_controls + 1) * sizeof(uint32_t));
	for (i = 0; i < s->n_controls; i++) {
		r->control_name[i] =
		    names_code(p->names, s->control[i].surface);
		(void)names_code(p->names, s->control[i].element);
	}
	r->necessary =
	    arena_alloc(&p->run, (s->n_necessary + 1) * sizeof(uint32_t));
	for (i = 0; i < s->n_necessary; i++)
		r->necessary[i] = names_code(p->names, s->necessary[i]);
	r->n_codes = p->names->n;
	r->control =
	    arena_alloc(&p->run, (r->n_codes + 1) * sizeof r->control[0]);
	r->screen =
	    arena_alloc(&p->run, (r->n_codes + 1) * sizeof r->screen[0]);
	for (i = 0; i < s->n_controls; i++)
		r->control[names_find(p->names, s->control[i].element)] =
		    (uint32_t)i + 1;
	for (i = 0; i < s->n_screens; i++)
		r->screen[screen[i][0]] = screen[i][1];
	r->own_category = code_list(p, s->own, s->n_own);
	r->people_category = code_list(p, s->people, s->n_people);
	disclosed_code(p);
	r->operator_ = names_code(p->names, s->operator_);
	p->operator_ = names_code(p->names, s->only_operator);
	r->home_screen = names_code(p->names, s->home_screen);
}

void
person_open(struct person *p, const struct study *study, struct names *names,
    struct result_part *out)
{
	int i;

	memset(p, 0, sizeof *p);
	p->study = study;
	p->names = names;
	p->out = out;
	detector_open(p);
	code_rules(p);
	for (i = 0; i < WORD__MAX; i++)
		p->word[i] = names_code(names, span_of(words[i]));
	for (i = 1; i < VERDICT__MAX; i++)
		p->verdict_word[i] = names_code(names, span_of(verdicts[i]));
}

void
person_close(struct person *p)
{
	arena_clear(&p->run);
	arena_clear(&p->arena);
	free(p->list);
	free(p->slot);
	free(p->surface);
	free(p->refusal);
	free(p->consent);
	free(p->answer);
	free(p->act);
	free(p->rec);
	free(p->name_hash);
	free(p->label);
	memset(p, 0, sizeof *p);
}

/* ---- small questions ---- */

uint32_t
person_number(struct person *p)
{
	if (!p->has_number) {
		p->number = result_subject(p->out, p->tl->id, p->tl->is_device);
		p->has_number = true;
	}
	return p->number;
}

struct purposes
person_purposes(struct person *p, uint32_t list)
{
	struct purposes none = { 0 }, *l;
	struct span text, one;
	uint32_t *code, n = 0;
	size_t i, from;

	if (list == 0)
		return none;
	if (list >= p->n_lists) {
		n = list + 1 < 64 ? 64 : 2 * (list + 1);
		p->list = realloc(p->list, n * sizeof p->list[0]);
		if (p->list == NULL)
			err_no_memory(n * sizeof p->list[0]);
		memset(p->list + p->n_lists, 0,
		    (n - p->n_lists) * sizeof p->list[0]);
		p->n_lists = n;
		n = 0;
	}
	l = &p->list[list];
	if (l->code != NULL)
		return *l;
	text = names_text(p->names, list);
	code = arena_alloc(&p->run, EPISODE_PURPOSES * sizeof *code);
	for (i = from = 0; i <= text.n && n < EPISODE_PURPOSES; i++) {
		if (i < text.n && text.p[i] != EVENT_LIST_SEP)
			continue;
		one.p = text.p + from;
		one.n = i - from;
		from = i + 1;
		if (one.n > 0)
			code[n++] = names_code(p->names, one);
	}
	l->code = code;
	l->n = n;
	return *l;
}

bool
person_names(struct person *p, uint32_t list, uint32_t purpose)
{
	struct purposes l = person_purposes(p, list);
	uint32_t i;

	for (i = 0; i < l.n; i++)
		if (l.code[i] == purpose)
			return true;
	return false;
}

bool
person_is_necessary(const struct person *p, uint32_t purpose)
{
	size_t i;

	for (i = 0; i < p->study->n_necessary; i++)
		if (p->rules.necessary[i] == purpose)
			return true;
	return false;
}

int
person_value(const struct person *p, uint32_t value)
{
	int w;

	for (w = WORD_ON; value != 0 && w <= WORD_UNCHECKED; w++)
		if (p->word[w] == value)
			return w < WORD_OFF;
	return -1;
}

uint64_t
person_hash(struct person *p, uint32_t name)
{
	uint32_t n;

	if (name == 0)
		return 0;
	if (name >= p->n_name_hashes) {
		n = 2 * (name + 32);
		p->name_hash = realloc(p->name_hash, n * sizeof(uint64_t));
		if (p->name_hash == NULL)
			err_no_memory(n * sizeof(uint64_t));
		memset(p->name_hash + p->n_name_hashes, 0,
		    (n - p->n_name_hashes) * sizeof(uint64_t));
		p->n_name_hashes = n;
	}
	if (p->name_hash[name] == 0)
		p->name_hash[name] = store_hash(names_text(p->names, name));
	return p->name_hash[name];
}

unsigned
person_label(struct person *p, uint32_t name)
{
	uint32_t n;

	if (name >= p->n_labels) {
		n = 2 * (name + 32);
		p->label = realloc(p->label, n);
		if (p->label == NULL)
			err_no_memory(n);
		memset(p->label + p->n_labels, 0, n - p->n_labels);
		p->n_labels = n;
	}
	if (p->label[name] == 0)
		p->label[name] =
		    (uint8_t)label_bits(names_text(p->names, name));
	return p->label[name];
}

uint32_t
person_operator(const struct person *p, const struct row *r)
{
	uint32_t o = row_name(r, EV_OPERATOR);

	return o != 0 ? o : p->rules.operator_;
}

void
person_link(struct person *p, const struct row *r)
{
	struct span datum = row_str(r, EV_DATUM);
	struct span category = row_str(r, EV_CATEGORY);
	uint64_t link;

	if (datum.n == 0 ||
	    (category.p != NULL && !span_is(category, "person")))
		return;
	link = store_hash(datum);
	p->is_link_doubtful |= p->link != 0 && p->link != link;
	p->link = link;
}

bool
person_is_sampled(const struct person *p, const struct row *r)
{
	uint32_t member;

	if (!p->study->has_sampled)
		return false;
	member = row_place(r).member;
	return member < p->study->n_members && p->study->sampled[member] != 0;
}

bool
person_has_gap(const struct person *p)
{
	uint32_t k;

	for (k = 0; k < p->n_devices; k++)
		if (p->device[k].has_gap)
			return true;
	return false;
}

/* Does a device's next event not have the next number? */
static bool
breaks_off(const struct person *p, uint32_t k)
{
	enum { LOOK = 4096 };
	const struct timeline *tl = p->tl;
	size_t i;

	for (i = p->at + 1; i < tl->n_rows && i <= p->at + LOOK; i++) {
		const struct row *r = &tl->row[i];
		int64_t seq = row_num(r, EV_SEQ, STORE_ABSENT);

		if (seq != STORE_ABSENT && row_is_ui(r) &&
		    row_id(r, EV_DEVICE) == p->device[k].device)
			return us_minus(seq, p->device[k].last_seq) != 1 ||
			       person_is_sampled(p, r);
	}
	return false;
}

/*
 * Complete: UI events of one device with consecutive seq lie on both sides,
 * and no other device of the person has a gap there.  A sampled source is
 * never complete.
 */
enum side { SIDE_OPEN = 0, SIDE_WHOLE, SIDE_BROKEN };

/* The numbers of device k from the row being read to one that lies surely on
 * the other side of an instant, forward or back. */
static enum side
look_along(
    const struct person *p, uint32_t k, const struct stamp *at, bool forward)
{
	enum { LOOK = 4096 };
	const struct timeline *tl = p->tl;
	int64_t expected = p->device[k].last_seq + forward, seq;
	size_t i = forward ? p->at + 1 : p->at, n;

	for (n = 0; n < LOOK && i < tl->n_rows;
	     i += forward ? 1 : SIZE_MAX, n++) {
		const struct row *r = &tl->row[i];
		struct stamp t;

		seq = row_num(r, EV_SEQ, STORE_ABSENT);
		if (seq == STORE_ABSENT || !row_is_ui(r) ||
		    row_id(r, EV_DEVICE) != p->device[k].device)
			continue;
		if (seq != expected || person_is_sampled(p, r))
			return SIDE_BROKEN;
		t = row_stamp(tl, r);
		if (forward ? timeline_before(at, &t) : timeline_before(&t, at))
			return SIDE_WHOLE;
		if (t.clock == at->clock && i != p->at && t.at_us == at->at_us)
			return SIDE_WHOLE; /* ordered by the row */
		expected += forward ? 1 : -1;
	}
	return SIDE_OPEN;
}

bool
person_is_covered(
    const struct person *p, const struct stamp *at, uint64_t device, bool whole)
{
	enum side before, after;
	bool any = false;
	uint32_t k;

	if (whole && person_has_gap(p))
		return false;
	for (k = 0; k < p->n_devices; k++) {
		after = look_along(p, k, at, true);
		before = look_along(p, k, at, false);
		if (after == SIDE_BROKEN || (!whole && before == SIDE_BROKEN))
			return false;
		if (whole && timeline_before(&p->device[k].first, at))
			before = SIDE_WHOLE;
		any |= before == SIDE_WHOLE && after == SIDE_WHOLE &&
		       (device == 0 || device == p->device[k].device);
	}
	return any;
}

bool
person_misses(const struct person *p)
{
	uint32_t k;

	for (k = 0; k < p->n_devices; k++)
		if (breaks_off(p, k))
			return true;
	return person_has_gap(p);
}

/* ---- subjects ---- */

void
person_begin(struct person *p, struct timeline *tl)
{
	p->tl = tl;
	arena_reset(&p->arena);
	p->generation++;
	p->has_number = false;
	p->n_surfaces = p->n_open = p->n_refusals = p->n_consents = 0;
	p->has_ui = p->has_server = p->has_scroll = false;
	p->has_words = false;
	p->n_devices = p->n_hours = 0;
	p->n_accessed = p->n_prompted = 0;
	p->last_screen = 0;
	p->last_session = 0;
	p->last_gesture_element = 0;
	p->last_gesture_at_us = p->prior_gesture_at_us = STORE_ABSENT;
	p->gap_at_us = p->unanswered_at_us = STORE_ABSENT;
	p->entry = p->app_version = p->variant = 0;
	p->entry_session = 0;
	p->home_screen = p->rules.home_screen;
	p->home_clicks = 0;
	p->last_order = 0;
	memset(&p->way, 0, sizeof p->way);
	memset(&p->wall, 0, sizeof p->wall);
	p->link = 0;
	p->is_link_doubtful = false;
	lineage_begin(p);
}

static void
ask_log(struct person *p)
{
	struct occasion o = { .kind = OCCASION_LOG };

	(void)person_occasion(p, &o, 0);
}

void
person_rows(struct person *p, struct timeline *tl)
{
	p->tl = tl;
	p->n_events += tl->n_rows;
	p->last_grant = SIZE_MAX;
	answer_link(p);
	walk_rows(p);
}

void
person_finish(struct person *p)
{
	flow_end(p);
	if (p->wall.is_open)
		wall_end(p, AFTER_NONE, NULL);
	if (p->has_ui)
		ask_log(p);
	consent_finish(p);
}

void
person_nobody(struct person *p, struct timeline *tl)
{
	size_t i;

	p->tl = tl;
	p->n_events += tl->n_rows;
	for (i = 0; i < tl->n_rows; i++)
		processing_nobody(p, &tl->row[i]);
}
