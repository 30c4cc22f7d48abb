/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * People behind a finding: a few with the places of their records, and for
 * the first of them what was recorded around the act.
 */
#include <stdio.h>

#include "reports/table.h"
#include "reports/timeline.h"

enum {
	EXEMPLARS = 5,
	AROUND_S = 15 * 60, /* before and after the act */
	MOST_EVENTS = 40
};

static void
add_exemplar(struct page *page, struct table *t, struct answer *a,
    const struct page_finding *f)
{
	bool nonuser = span_is(answer_span(a, "role"), "nonuser");
	const char *when = !answer_is_null(a, "decided_us")  ? "decided_us"
			   : !answer_is_null(a, "server_us") ? "server_us"
							     : "shown_us";

	table_row(t, "");
	table_text(
	    t, page_person(page, answer_span(a, "subject"),
		   nonuser ? "nonuser" : answer_text(a, "subject_kind")));
	table_text(t, span_is(answer_span(a, "grade"), "sure")
			  ? T("sure")
			  : T("ambiguous"));
	table_text(t, page_finding_where(page, f));
	table_answer(t, a, when);
	table_answer(t, a, "source");
	table_answer(t, a, "member");
	table_answer(t, a, "byte_offset");
	table_answer(t, a, "decision_id");
}

static void
write_people(struct page *page, size_t from, size_t to, const char *name)
{
	static const struct table_column columns[] = {
		{ "person", "Person", TABLE_CODE, false },
		{ "grade", "Answer", TABLE_TEXT, false },
		{ "where", "Where", TABLE_TEXT, false },
		{ "when", "Act or record", TABLE_INSTANT, false },
		{ "source", "File", TABLE_CODE, false },
		{ "member", "Member", TABLE_CODE, false },
		{ "byte", "At byte", TABLE_COUNT, false },
		{ "decision", "Decision", TABLE_COUNT, false },
	};
	const struct page_finding *f;
	struct answer a;
	struct table t;
	size_t i;

	table_init(&t, page, name, T("Examples with the place of the record"),
	    columns, N_OF(columns));
	for (i = from; i < to; i++) {
		f = &page->finding[i];
		if (f->sure + f->ambiguous == 0)
			continue;
		view_ask(&page->view, &a, VIEW_AFFECTED, "ii", f->id,
		    (int64_t)EXEMPLARS);
		while (answer_next(&a))
			add_exemplar(page, &t, &a, f);
	}
	table_write(
	    &t, TABLE_FOLDED, T("The finding is not about single people."));
}

/* ---- the records around an act ------------------------------------------- */

static void
add_place(struct page *page, struct table *t, const struct place *place)
{
	struct answer a;

	view_ask(&page->view, &a, VIEW_MEMBER, "i", (int64_t)place->member);
	if (answer_next(&a)) {
		table_answer(t, &a, "source");
		table_answer(t, &a, "member");
	} else {
		table_null(t);
		table_null(t);
	}
	answer_end(&a);
	table_int(t, (int64_t)place->offset);
	table_int(t, place->bytes);
}

static void
write_events(struct page *page, const struct timeline *line, const char *name,
    const char *caption)
{
	static const struct table_column columns[] = {
		{ "time", "Time", TABLE_INSTANT, false },
		{ "trail", "Side", TABLE_TEXT, false },
		{ "kind", "Kind", TABLE_CODE, false },
		{ "where", "Where", TABLE_TEXT, false },
		{ "value", "Value", TABLE_TEXT, false },
		{ "about", "Consent or data", TABLE_TEXT, false },
		{ "source", "", TABLE_CODE, true },
		{ "member", "Member", TABLE_CODE, false },
		{ "byte", "At byte", TABLE_COUNT, false },
		{ "bytes", "Length", TABLE_COUNT, true },
	};
	const struct timeline_event *e;
	struct table t;
	size_t i;

	table_init(&t, page, name, caption, columns, N_OF(columns));
	for (i = 0; i < line->n; i++) {
		e = &line->event[i];
		table_row(&t, "");
		table_int(&t, e->us);
		table_text(&t, e->trail);
		table_text(&t, e->kind);
		table_text(&t, e->where);
		table_text(&t, e->value);
		table_text(&t, e->about);
		add_place(page, &t, &e->place);
	}
	/* The first stands open, so that readers know what the others are. */
	table_write(
	    &t, page->n_timelines++ == 0 ? TABLE_OPEN : TABLE_FOLDED, "");
}

/* The first sure person of a finding and when it was; false: none. */
static bool
first_person(struct page *page, const struct page_finding *f,
    struct timeline_question *q, const char **name)
{
	bool is_found = false, nonuser;
	const char *kind, *when;
	struct answer a;

	view_ask(&page->view, &a, VIEW_AFFECTED, "ii", f->id, (int64_t)1);
	if (answer_next(&a)) {
		when = answer_is_null(&a, "decided_us") ? "server_us"
							: "decided_us";
		nonuser = span_is(answer_span(&a, "role"), "nonuser");
		kind = nonuser ? "nonuser" : answer_text(&a, "subject_kind");
		is_found = !nonuser && !answer_is_null(&a, when);
		*name = page_person(page, answer_span(&a, "subject"), kind);
		q->id = span_of(page_copy(page, answer_span(&a, "subject")));
		q->is_device = strcmp(kind, "device") == 0;
		q->from_us = answer_int(&a, when) - AROUND_S * UTC_US_S;
		q->to_us = answer_int(&a, when) + AROUND_S * UTC_US_S;
	}
	answer_end(&a);
	return is_found;
}

/* ---- the records that name a number -------------------------------------- */

static void
write_chain(struct page *page, const struct timeline *line, const char *name,
    const char *caption)
{
	static const struct table_column columns[] = {
		{ "time", "Time", TABLE_INSTANT, false },
		{ "trail", "Side", TABLE_TEXT, false },
		{ "kind", "Kind", TABLE_CODE, false },
		{ "operator", "Operator", TABLE_TEXT, false },
		{ "person", "Person", TABLE_CODE, false },
		{ "about", "Consent or data", TABLE_TEXT, false },
		{ "source", "", TABLE_CODE, true },
		{ "member", "Member", TABLE_CODE, false },
		{ "byte", "At byte", TABLE_COUNT, false },
		{ "bytes", "Length", TABLE_COUNT, true },
	};
	const struct timeline_event *e;
	struct table t;
	size_t i;

	table_init(&t, page, name, caption, columns, N_OF(columns));
	for (i = 0; i < line->n; i++) {
		e = &line->event[i];
		table_row(&t, "");
		table_int(&t, e->us);
		table_text(&t, e->trail);
		table_text(&t, e->kind);
		table_text(&t, e->operator_);
		table_text(
		    &t, e->actor == NULL
			    ? NULL
			    : page_person(page, span_of(e->actor), "user"));
		table_text(&t, e->about);
		add_place(page, &t, &e->place);
	}
	table_write(&t, TABLE_OPEN, "");
}

/* Somebody without an account has no records of their own: those of others
 * that name the number are the whole of the chain. */
static void
write_datum(struct page *page, const struct page_finding *f)
{
	struct datum_question q = { .case_dir = page->o->case_dir,
		.home = &page->key.home,
		.most = MOST_EVENTS };
	struct timeline line = { 0 };
	struct err err = { 0 };
	struct answer a;
	char name[64];

	view_ask(&page->view, &a, VIEW_AFFECTED, "ii", f->id, (int64_t)1);
	if (answer_next(&a) && span_is(answer_span(&a, "role"), "nonuser"))
		q.datum = span_of(page_copy(page, answer_span(&a, "subject")));
	answer_end(&a);
	if (q.datum.p == NULL)
		return;
	(void)snprintf(name, sizeof name, "chain-%s", f->detector);
	if (timeline_of_datum(&line, &q, &err) < 0)
		(void)err_set(&page->err, err.code, "%s", err.msg);
	if (line.n > 0)
		write_chain(page, &line, name,
		    arena_printf(&page->arena,
			T("Every record that names the number of %s"),
			page_person(page, q.datum, "nonuser")));
	timeline_clear(&line);
}

static void
write_timeline(struct page *page, const struct page_finding *f)
{
	struct timeline_question q = {
		.case_dir = page->o->case_dir,
		.tells_operator = page->n_operators > 1,
		.most = MOST_EVENTS,
	};
	struct timeline line = { 0 };
	struct err err = { 0 };
	const char *person = "";
	char name[64];

	if (!first_person(page, f, &q, &person))
		return;
	(void)snprintf(name, sizeof name, "timeline-%s", f->detector);
	if (timeline_read(&line, &q, &err) < 0)
		(void)err_set(&page->err, err.code, "%s", err.msg);
	if (line.n > 0)
		write_events(page, &line, name,
		    arena_printf(&page->arena,
			T("What was recorded of %s in the %d minutes before "
			  "and after (%s)"),
			person, AROUND_S / 60, page_finding_where(page, f)));
	timeline_clear(&line);
}

void
exemplars_write(struct page *page, size_t from, size_t to)
{
	const char *detector = page->finding[from].detector;
	char name[64];
	size_t i;

	(void)snprintf(name, sizeof name, "examples-%s", detector);
	write_people(page, from, to, name);
	for (i = from; i < to; i++)
		if (page->finding[i].sure > 0)
			break;
	if (i < to) {
		write_timeline(page, &page->finding[i]);
		write_datum(page, &page->finding[i]);
	}
}
