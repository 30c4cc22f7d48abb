/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/timeline.h"

#include "ingest/base/buf.h"
#include "ingest/store.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

static const enum event_num nums[] = { EV_KIND, EV_TRAIL, EV_TIME, EV_ROLE,
	EV_CHANGED_BY, EV_DECISION, EV_METHOD };
static const enum event_str strs[] = { EV_ACTOR, EV_DEVICE, EV_SCREEN,
	EV_ELEMENT, EV_VALUE, EV_SURFACE, EV_PURPOSE, EV_RECIPIENT, EV_NOTICE,
	EV_NOTICE_VERSION, EV_CATEGORY, EV_REGION, EV_DESIGN, EV_OPERATOR };

/* ---- texts --------------------------------------------------------------- */

static const char *
kept(struct timeline *t, struct buf *b)
{
	const char *text = arena_str(&t->arena, buf_as_span(b));

	buf_reset(b);
	return text;
}

/* `before` and the value, names of a list joined by ", ". */
static void
add(struct buf *b, const char *before, struct span s)
{
	size_t i;

	if (s.p == NULL)
		return;
	if (b->n > 0)
		(void)buf_str(b, before);
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == EVENT_LIST_SEP)
			(void)buf_str(b, ", ");
		else
			(void)buf_char(b, s.p[i]);
	}
}

static void
add_word(struct buf *b, const char *before, enum event_num field, int64_t word,
    const char *after)
{
	if (word <= 0)
		return;
	(void)buf_str(b, b->n > 0 ? before : "");
	(void)buf_str(b, event_word_name(field, word));
	(void)buf_str(b, after);
}

static void
describe(struct timeline *t, struct timeline_event *e,
    const struct store_block *b, uint32_t i, bool tells_operator)
{
	struct buf text = { 0 }, where = { 0 };

	e->trail = event_word_name(EV_TRAIL, store_num(b, EV_TRAIL, i, 0));
	e->kind = event_word_name(EV_KIND, store_num(b, EV_KIND, i, 0));
	add(&text, "", store_str(b, EV_SCREEN, i));
	if (text.n == 0)
		add(&text, "", store_str(b, EV_SURFACE, i));
	add(&text, " / ", store_str(b, EV_ELEMENT, i));
	add_word(&text, " (", EV_ROLE, store_num(b, EV_ROLE, i, 0),
	    text.n > 0 ? ")" : "");
	add(&text, ", design ", store_str(b, EV_DESIGN, i));
	if (tells_operator)
		add(&where, "", store_str(b, EV_OPERATOR, i));
	if (text.n > 0)
		add(&where, ": ", buf_as_span(&text));
	e->where = kept(t, &where);
	buf_reset(&text);
	add(&text, "", store_str(b, EV_VALUE, i));
	add_word(&text, ", by ", EV_CHANGED_BY,
	    store_num(b, EV_CHANGED_BY, i, 0), "");
	e->value = kept(t, &text);
	add_word(&text, "", EV_DECISION, store_num(b, EV_DECISION, i, 0), "");
	add(&text, ", ", store_str(b, EV_CATEGORY, i));
	add(&text, ": ", store_str(b, EV_PURPOSE, i));
	add(&text, ", to ", store_str(b, EV_RECIPIENT, i));
	add(&text, ", in ", store_str(b, EV_REGION, i));
	add(&text, ", notice ", store_str(b, EV_NOTICE, i));
	add(&text, " version ", store_str(b, EV_NOTICE_VERSION, i));
	add_word(&text, ", by ", EV_METHOD, store_num(b, EV_METHOD, i, 0), "");
	e->about = kept(t, &text);
	buf_clear(&text);
	buf_clear(&where);
}

/* ---- reading ------------------------------------------------------------- */

static void
add_event(struct timeline *t, const struct timeline_question *q,
    const struct store_block *b, uint32_t i)
{
	int64_t us = store_num(b, EV_TIME, i, STORE_ABSENT);
	struct timeline_event *e;

	if (us == STORE_ABSENT || us < q->from_us || us > q->to_us)
		return;
	if (t->n == q->most) {
		t->is_cut = true;
		return;
	}
	if (t->event == NULL)
		t->event = arena_alloc(&t->arena, q->most * sizeof t->event[0]);
	e = &t->event[t->n++];
	e->us = us;
	e->place.member = b->member[i];
	e->place.offset = b->offset[i];
	e->place.bytes = b->bytes[i];
	describe(t, e, b, i, q->tells_operator);
}

/* The block's part of it: false when the person's records are over. */
static bool
add_block(struct timeline *t, const struct timeline_question *q,
    const struct store_block *b, uint64_t hash, bool *is_found)
{
	enum event_str field = q->is_device ? EV_DEVICE : EV_ACTOR;
	struct span id;
	uint32_t i;

	for (i = 0; i < b->n && !t->is_cut; i++) {
		id = store_str(b, field, i);
		if (id.p != NULL && span_eq(id, q->id)) {
			*is_found = true;
			add_event(t, q, b, i);
		} else if (*is_found ||
			   (id.p != NULL && store_hash(id) > hash)) {
			return false;
		}
	}
	return !t->is_cut;
}

static uint64_t
wanted_nums(void)
{
	uint64_t bits = 0;
	size_t i;

	for (i = 0; i < N_OF(nums); i++)
		bits |= (uint64_t)1 << nums[i];
	return bits;
}

static uint64_t
wanted_strs(void)
{
	uint64_t bits = 0;
	size_t i;

	for (i = 0; i < N_OF(strs); i++)
		bits |= (uint64_t)1 << strs[i];
	return bits;
}

int
timeline_read(
    struct timeline *t, const struct timeline_question *q, struct err *err)
{
	uint64_t hash = store_hash(q->id);
	struct store_reader *r;
	struct store_block b = { 0 };
	bool is_found = false, more = true;
	int got = 0;

	r = store_read(q->case_dir, store_part(hash),
	    q->is_device ? STORE_DEVICE : STORE_KNOWN, wanted_nums(),
	    wanted_strs(), true, err);
	if (r == NULL)
		return -1;
	store_seek(r, hash);
	while (more && (got = store_next(r, &b, err)) > 0) {
		more = add_block(t, q, &b, hash, &is_found);
		store_block_clear(&b);
	}
	store_block_free(&b);
	store_reader_close(r);
	return got < 0 ? -1 : 0;
}

/* ---- of a datum ---------------------------------------------------------- */

static bool
is_earlier(const struct timeline_event *a, const struct timeline_event *b)
{
	if (a->us != b->us)
		return a->us < b->us;
	if (a->place.member != b->place.member)
		return a->place.member < b->place.member;
	if (a->place.offset != b->place.offset)
		return a->place.offset < b->place.offset;
	return a->place.part < b->place.part;
}

static const char *
copy(struct timeline *t, struct span s)
{
	return s.p != NULL ? arena_str(&t->arena, s) : NULL;
}

/* Among the first ones, at its place. */
static void
insert_event(struct timeline *t, const struct datum_question *q,
    const struct store_block *b, uint32_t i)
{
	struct timeline_event e = { .us = store_num(
					b, EV_TIME, i, STORE_ABSENT) };
	size_t at;

	e.place.member = b->member[i];
	e.place.offset = b->offset[i];
	e.place.bytes = b->bytes[i];
	e.place.part = b->part != NULL ? b->part[i] : 0;
	if (e.us == STORE_ABSENT)
		return;
	if (t->event == NULL)
		t->event = arena_alloc(&t->arena, q->most * sizeof e);
	t->is_cut |= t->n == q->most;
	if (t->n == q->most && !is_earlier(&e, &t->event[t->n - 1]))
		return;
	describe(t, &e, b, i, false); /* told apart */
	e.actor = copy(t, store_str(b, EV_ACTOR, i));
	e.operator_ = copy(t, store_str(b, EV_OPERATOR, i));
	t->n += t->n < q->most;
	for (at = t->n - 1; at > 0 && is_earlier(&e, &t->event[at - 1]); at--)
		t->event[at] = t->event[at - 1];
	t->event[at] = e;
}

/* Is the dictionary's text number k the datum? */
static bool
is_datum(
    const struct datum_question *q, const struct store_block *b, uint32_t k)
{
	char out[PHONE_BYTES];

	return span_eq(
	    phone_or_text(q->home, b->dict[EV_DATUM][k], out), q->datum);
}

static void
add_block_of(struct timeline *t, const struct datum_question *q,
    const struct store_block *b)
{
	uint32_t i, k;

	for (k = 0; b->code[EV_DATUM] != NULL && k < b->n_dict[EV_DATUM]; k++) {
		if (!is_datum(q, b, k))
			continue;
		for (i = 0; i < b->n; i++)
			if (b->code[EV_DATUM][i] == k + 1)
				insert_event(t, q, b, i);
	}
}

/* 1: one of the file's blocks holds it, 0: none does.  One column is read. */
static int
holds(const struct datum_question *q, unsigned part, enum store_file file,
    struct err *err)
{
	struct store_reader *r = store_read(q->case_dir, part, file, 0,
	    (uint64_t)1 << EV_DATUM, STORE_NO_PLACES, err);
	struct store_block b = { 0 };
	bool is_held = false;
	int got = r != NULL ? 0 : -1;
	uint32_t k;

	while (r != NULL && !is_held && (got = store_next(r, &b, err)) > 0) {
		for (k = 0; b.code[EV_DATUM] != NULL && !is_held &&
			    k < b.n_dict[EV_DATUM];
		     k++)
			is_held = is_datum(q, &b, k);
		store_block_clear(&b);
	}
	store_block_free(&b);
	store_reader_close(r);
	return got < 0 ? -1 : is_held;
}

static int
read_file(struct timeline *t, const struct datum_question *q, unsigned part,
    enum store_file file, struct err *err)
{
	struct store_reader *r =
	    store_read(q->case_dir, part, file, wanted_nums(),
		wanted_strs() | (uint64_t)1 << EV_DATUM |
		    (uint64_t)1 << EV_OPERATOR,
		STORE_PLACES, err);
	struct store_block b = { 0 };
	int got = -1;

	while (r != NULL && (got = store_next(r, &b, err)) > 0) {
		add_block_of(t, q, &b);
		store_block_clear(&b);
	}
	store_block_free(&b);
	store_reader_close(r);
	return got < 0 ? -1 : 0;
}

int
timeline_of_datum(
    struct timeline *t, const struct datum_question *q, struct err *err)
{
	unsigned job, part;
	enum store_file file;
	int got = 0;

	for (job = 0; job < STORE_PARTS * STORE_FILE__MAX && got >= 0; job++) {
		part = job % STORE_PARTS;
		file = (enum store_file)(job / STORE_PARTS);
		got = holds(q, part, file, err);
		if (got > 0)
			got = read_file(t, q, part, file, err);
	}
	return got < 0 ? -1 : 0;
}

void
timeline_clear(struct timeline *t)
{
	arena_clear(&t->arena);
	memset(t, 0, sizeof *t);
}
