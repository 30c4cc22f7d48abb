/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * event - one thing that happened, in the native record's terms.
 *
 * A mapping fills a struct event from a record; the store files it; the
 * analysis reads it back by columns (store.h).  What a record does not say
 * is absent: its bit in `present` is 0, which is never "" or 0.
 *
 * Ownership: spans point into memory of whoever filled the event and live
 * until that one's next record.
 */
#ifndef INGEST_EVENT_H
#define INGEST_EVENT_H

#include "ingest/base/span.h"

enum event_num {
#define EVENT_NUM(id, name, type, meaning) EV_##id,
#include "ingest/event.def"
	EVENT_N_NUM
};

enum event_str {
#define EVENT_STR(id, name, type, meaning) EV_##id,
#include "ingest/event.def"
	EVENT_N_STR
};

enum { EVENT_N_FIELDS = EVENT_N_NUM + EVENT_N_STR, EVENT_LIST_SEP = 0x1f };
_Static_assert(EVENT_N_FIELDS <= 64, "one presence bit a field");

enum event_type {
	EVENT_TYPE_TIME = 1,
	EVENT_TYPE_INT,
	EVENT_TYPE_MICRO,
	EVENT_TYPE_WORD,
	EVENT_TYPE_NAME,
	EVENT_TYPE_LIST,
	EVENT_TYPE_ID,
	EVENT_TYPE__MAX
};

/* Words start at 1; 0 is "absent" wherever a word is held. */
enum event_kind {
	KIND_NONE = 0,
#define WORD_KIND(id, name, meaning) KIND_##id,
#include "ingest/event.def"
	KIND__MAX
};

enum event_trail {
	TRAIL_NONE = 0,
#define WORD_TRAIL(id, name, meaning) TRAIL_##id,
#include "ingest/event.def"
	TRAIL__MAX
};

enum event_phase {
	PHASE_NONE = 0,
#define WORD_PHASE(id, name, meaning) PHASE_##id,
#include "ingest/event.def"
	PHASE__MAX
};

enum event_precision {
	PRECISION_NONE = 0, /* same numbers as enum utc_precision */
#define WORD_PRECISION(id, name, meaning) PRECISION_##id,
#include "ingest/event.def"
	PRECISION__MAX
};

enum event_time_role {
	TIME_ROLE_NONE = 0,
#define WORD_TIME_ROLE(id, name, meaning) TIME_ROLE_##id,
#include "ingest/event.def"
	TIME_ROLE__MAX
};

enum event_outcome {
	OUTCOME_NONE = 0,
#define WORD_OUTCOME(id, name, meaning) OUTCOME_##id,
#include "ingest/event.def"
	OUTCOME__MAX
};

enum event_role {
	ROLE_NONE = 0,
#define WORD_ROLE(id, name, meaning) ROLE_##id,
#include "ingest/event.def"
	ROLE__MAX
};

enum event_changed_by {
	CHANGED_BY_NONE = 0,
#define WORD_CHANGED_BY(id, name, meaning) CHANGED_BY_##id,
#include "ingest/event.def"
	CHANGED_BY__MAX
};

enum event_decision {
	DECISION_NONE = 0,
#define WORD_DECISION(id, name, meaning) DECISION_##id,
#include "ingest/event.def"
	DECISION__MAX
};

enum event_method {
	METHOD_NONE = 0,
#define WORD_METHOD(id, name, meaning) METHOD_##id,
#include "ingest/event.def"
	METHOD__MAX
};

/* Where a record stands in the evidence. */
struct place {
	uint32_t member; /* member_id of case.db */
	uint16_t part;	 /* 0, 1, … among the events of one record */
	uint32_t bytes;	 /* length of the record, its line end not counted */
	uint64_t offset; /* of its first byte in the decoded member */
};

struct event {
	uint64_t present;	      /* bit EVENT_BIT_NUM/STR of each field */
	int64_t num[EVENT_N_NUM];     /* by enum event_num, where present */
	struct span str[EVENT_N_STR]; /* by enum event_str, where present */
	struct place place;
};

#define EVENT_BIT_NUM(f) ((uint64_t)1 << (f))
#define EVENT_BIT_STR(f) ((uint64_t)1 << (EVENT_N_NUM + (f)))

static inline bool
event_has_num(const struct event *e, enum event_num f)
{
	return (e->present & EVENT_BIT_NUM(f)) != 0;
}

static inline bool
event_has_str(const struct event *e, enum event_str f)
{
	return (e->present & EVENT_BIT_STR(f)) != 0;
}

static inline void
event_set_num(struct event *e, enum event_num f, int64_t v)
{
	e->present |= EVENT_BIT_NUM(f);
	e->num[f] = v;
}

static inline void
event_set_str(struct event *e, enum event_str f, struct span v)
{
	e->present |= EVENT_BIT_STR(f);
	e->str[f] = v;
}

/* What a field is; `field` counts numbers first, then strings. */
struct event_field {
	const char *name;
	const char *meaning;
	enum event_type type;
};
extern const struct event_field event_fields[EVENT_N_FIELDS];

/* The field of a name: its number in event_fields[], or -1. */
int event_field_find(struct span name);

/* The number of a word in the list of a WORD field, 0 when it is not in it. */
int event_word_find(enum event_num field, struct span word);
/* The word of a number; "" for 0.  Never NULL. */
const char *event_word_name(enum event_num field, int64_t word);
/* How many words the list of a WORD field has. */
int event_word_count(enum event_num field);

/*
 * Total order of events that share subject and instant: by seq (absent
 * first), trail, then content, field by field.  0 only when every field but
 * the place is equal.
 */
int event_cmp(const struct event *a, const struct event *b);

#endif
