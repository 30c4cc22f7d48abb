/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/event.h"

#include <assert.h>

#include "ingest/base/utc.h"

_Static_assert(
    (int)PRECISION_NS == (int)UTC_NS && (int)PRECISION_DAY == (int)UTC_DAY,
    "words of precision are the numbers of utc_precision");

const struct event_field event_fields[EVENT_N_FIELDS] = {
#define EVENT_NUM(id, name, type, meaning) { name, meaning, EVENT_TYPE_##type },
#include "ingest/event.def"
#define EVENT_STR(id, name, type, meaning) { name, meaning, EVENT_TYPE_##type },
#include "ingest/event.def"
};

struct word_list {
	enum event_num field;
	int n;
	const char *const *name; /* [n], word 1 first */
};

static const char *const kind_names[] = {
#define WORD_KIND(id, name, meaning) name,
#include "ingest/event.def"
};
static const char *const trail_names[] = {
#define WORD_TRAIL(id, name, meaning) name,
#include "ingest/event.def"
};
static const char *const phase_names[] = {
#define WORD_PHASE(id, name, meaning) name,
#include "ingest/event.def"
};
static const char *const precision_names[] = {
#define WORD_PRECISION(id, name, meaning) name,
#include "ingest/event.def"
};
static const char *const time_role_names[] = {
#define WORD_TIME_ROLE(id, name, meaning) name,
#include "ingest/event.def"
};
static const char *const outcome_names[] = {
#define WORD_OUTCOME(id, name, meaning) name,
#include "ingest/event.def"
};
static const char *const role_names[] = {
#define WORD_ROLE(id, name, meaning) name,
#include "ingest/event.def"
};
static const char *const changed_by_names[] = {
#define WORD_CHANGED_BY(id, name, meaning) name,
#include "ingest/event.def"
};
static const char *const decision_names[] = {
#define WORD_DECISION(id, name, meaning) name,
#include "ingest/event.def"
};
static const char *const method_names[] = {
#define WORD_METHOD(id, name, meaning) name,
#include "ingest/event.def"
};

static const struct word_list *
word_list(enum event_num field)
{
	static const struct word_list lists[] = {
		{ EV_KIND, KIND__MAX - 1, kind_names },
		{ EV_TRAIL, TRAIL__MAX - 1, trail_names },
		{ EV_PHASE, PHASE__MAX - 1, phase_names },
		{ EV_PRECISION, PRECISION__MAX - 1, precision_names },
		{ EV_TIME_ROLE, TIME_ROLE__MAX - 1, time_role_names },
		{ EV_OUTCOME, OUTCOME__MAX - 1, outcome_names },
		{ EV_ROLE, ROLE__MAX - 1, role_names },
		{ EV_CHANGED_BY, CHANGED_BY__MAX - 1, changed_by_names },
		{ EV_DECISION, DECISION__MAX - 1, decision_names },
		{ EV_METHOD, METHOD__MAX - 1, method_names },
	};
	size_t i;

	for (i = 0; i < sizeof lists / sizeof lists[0]; i++)
		if (lists[i].field == field)
			return &lists[i];
	assert(!"not a field of words");
	return NULL;
}

int
event_field_find(struct span name)
{
	int i;

	for (i = 0; i < EVENT_N_FIELDS; i++)
		if (span_is(name, event_fields[i].name))
			return i;
	return -1;
}

int
event_word_find(enum event_num field, struct span word)
{
	const struct word_list *l = word_list(field);
	int i;

	for (i = 0; i < l->n; i++)
		if (span_is(word, l->name[i]))
			return i + 1;
	return 0;
}

const char *
event_word_name(enum event_num field, int64_t word)
{
	const struct word_list *l = word_list(field);

	if (word == 0)
		return "";
	assert(word > 0 && word <= l->n);
	return l->name[word - 1];
}

int
event_word_count(enum event_num field)
{
	return word_list(field)->n;
}

static int
num_cmp(const struct event *a, const struct event *b, enum event_num f)
{
	bool in_a = event_has_num(a, f), in_b = event_has_num(b, f);

	if (in_a != in_b)
		return in_a ? 1 : -1;
	if (!in_a)
		return 0;
	return (a->num[f] > b->num[f]) - (a->num[f] < b->num[f]);
}

int
event_cmp(const struct event *a, const struct event *b)
{
	static const struct span absent = { NULL, 0 };
	int c, f;

	if ((c = num_cmp(a, b, EV_SEQ)) != 0 ||
	    (c = num_cmp(a, b, EV_TRAIL)) != 0)
		return c;
	for (f = 0; f < EVENT_N_NUM; f++)
		if ((c = num_cmp(a, b, f)) != 0)
			return c;
	for (f = 0; f < EVENT_N_STR; f++) {
		c = span_cmp(event_has_str(a, f) ? a->str[f] : absent,
		    event_has_str(b, f) ? b->str[f] : absent);
		if (c != 0)
			return c;
	}
	return 0;
}
