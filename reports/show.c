/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/show.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/detector_table.h"
#include "reports/show_line.h"
#include "reports/text.h"
#include "reports/timeline.h"

enum { SHOWN_PEOPLE = 20, SHOWN_EVENTS = 200 };

/* A whole number from an operand. */
static int
parse_id(const char *text, int64_t *id)
{
	char *end;

	errno = 0;
	*id = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' ? 0 : -1;
}

/* ---- finding ------------------------------------------------------------- */

static void
put_share(struct show *s, struct answer *a)
{
	struct buf b = { 0 };

	show_label(s, "share");
	if (answer_is_null(a, "share")) {
		(void)buf_str(&b, "-");
	} else {
		text_share(&b, answer_real(a, "share"));
		(void)buf_str(&b, ", 95% interval ");
		text_interval(
		    &b, answer_real(a, "low"), answer_real(a, "high"));
	}
	(void)fprintf(s->o->out, "%s\n", b.p);
	buf_clear(&b);
}

static void
show_measures(struct show *s, int64_t id)
{
	struct answer a;
	struct buf b = { 0 };
	int n = 0;

	show_heading(s, "measures");
	view_ask(&s->view, &a, VIEW_MEASURES, "i", id);
	while (answer_next(&a)) {
		n++;
		buf_reset(&b);
		text_real(&b, answer_real(&a, "value"));
		(void)fputs("  ", s->o->out);
		show_put(s, answer_span(&a, "name"));
		(void)fprintf(s->o->out, ": %s ", b.p);
		show_put(s, answer_span(&a, "unit"));
		(void)fputc('\n', s->o->out);
	}
	show_none(s, n);
	buf_clear(&b);
}

static void
show_rule(struct show *s, struct answer *a)
{
	const char *to = answer_text(a, "in_force_to");

	(void)fputs("    ", s->o->out);
	show_put(s, answer_span(a, "title"));
	(void)fputs(", ", s->o->out);
	show_put(s, answer_span(a, "item"));
	/* A name, a draft and a decision come into no force. */
	if (!answer_is_null(a, "in_force_from")) {
		(void)fputs(" (in force from ", s->o->out);
		show_put(s, answer_span(a, "in_force_from"));
		if (to != NULL) {
			(void)fputs(" to ", s->o->out);
			show_put(s, span_of(to));
		}
		(void)fputc(')', s->o->out);
	}
	(void)fputc('\n', s->o->out);
}

/* By how they are used, binding first: the view's order. */
static void
show_rules(struct show *s, int64_t id)
{
	struct buf used_as = { 0 };
	struct answer a;
	int n = 0;

	show_heading(s, "rules it bears on");
	view_ask(&s->view, &a, VIEW_LEGAL_OF, "i", id);
	while (answer_next(&a)) {
		if (n++ == 0 || !span_eq(answer_span(&a, "used_as"),
				    buf_as_span(&used_as))) {
			buf_reset(&used_as);
			(void)buf_span(&used_as, answer_span(&a, "used_as"));
			(void)fputs("  ", s->o->out);
			show_put(s, buf_as_span(&used_as));
			(void)fputs(":\n", s->o->out);
		}
		show_rule(s, &a);
	}
	show_none(s, n);
	buf_clear(&used_as);
}

static void
show_affected(struct show *s, int64_t id)
{
	char name[PSEUDONYM_BYTES];
	struct answer a;
	bool nonuser;
	int n = 0;

	show_heading(s, "people, the first of them");
	view_ask(&s->view, &a, VIEW_AFFECTED, "ii", id, (int64_t)SHOWN_PEOPLE);
	while (answer_next(&a)) {
		n++;
		nonuser = span_is(answer_span(&a, "role"), "nonuser");
		(void)fprintf(s->o->out, "  %s  %-9s ",
		    show_person(s,
			nonuser ? "nonuser" : answer_text(&a, "subject_kind"),
			answer_span(&a, "subject"), name),
		    answer_text(&a, "grade"));
		show_put_instant(s, &a,
		    answer_is_null(&a, "decided_us") ? "server_us"
						     : "decided_us");
		(void)fputs("  ", s->o->out);
		show_put_place(s, &a);
		if (!answer_is_null(&a, "decision_id"))
			(void)fprintf(s->o->out, "  decision %" PRId64,
			    answer_int(&a, "decision_id"));
		(void)fputc('\n', s->o->out);
	}
	show_none(s, n);
}

static int
show_finding(struct show *s, struct err *err)
{
	static const char *const columns[] = { "detector", "title", "measure",
		"surface", "design", "scope", "operator", "unit", "eligible",
		"sure", "ambiguous", "refuted", "undecidable" };
	const char *refuted_by;
	struct answer a;
	int64_t id;
	size_t i;

	if (parse_id(s->o->id, &id) < 0)
		return err_set(err, ERR_USAGE,
		    "a finding is named by its number, not '%s'", s->o->id);
	view_ask(&s->view, &a, VIEW_FINDING, "i", id);
	if (!answer_next(&a))
		return err_set(err, ERR_FAILED, "%s: there is no finding %s",
		    s->o->case_dir, s->o->id);
	show_line_text(s, "finding", s->o->id);
	for (i = 0; i < sizeof columns / sizeof columns[0]; i++)
		show_line_column(s, &a, columns[i]);
	put_share(s, &a);
	show_line_column(s, &a, "missing");
	show_line_instant(s, &a, "first_us");
	show_line_instant(s, &a, "last_us");
	show_line_column(s, &a, "alternatives");
	refuted_by = detector_refuted_by(answer_text(&a, "detector"));
	if (refuted_by != NULL)
		show_line_text(s, "refuted by", refuted_by);
	show_line_column(s, &a, "sources");
	answer_end(&a);
	show_measures(s, id);
	show_rules(s, id);
	show_affected(s, id);
	return 0;
}

/* ---- decision ------------------------------------------------------------ */

static int
show_decision(struct show *s, struct err *err)
{
	static const char *const what[] = { "operator", "surface", "purpose",
		"recipient", "design", "variant", "app_version", "entry",
		"outcome", "default_on", "toggled", "acts", "refusals_before",
		"impressions", "last_default_on", "server_outcome", "method" };
	static const char *const when[] = { "shown_us", "last_shown_us",
		"decided_us", "server_us" };
	char name[PSEUDONYM_BYTES];
	struct answer a;
	int64_t id;
	size_t i;

	if (parse_id(s->o->id, &id) < 0)
		return err_set(err, ERR_USAGE,
		    "a decision is named by its number, not '%s'", s->o->id);
	view_ask(&s->view, &a, VIEW_DECISION, "i", id);
	if (!answer_next(&a))
		return err_set(err, ERR_FAILED, "%s: there is no decision %s",
		    s->o->case_dir, s->o->id);
	show_line_text(s, "decision", s->o->id);
	show_line_text(s, "person",
	    show_person(s, answer_text(&a, "subject_kind"),
		answer_span(&a, "subject"), name));
	show_line_column(s, &a, "flow_id");
	for (i = 0; i < sizeof what / sizeof what[0]; i++)
		show_line_column(s, &a, what[i]);
	show_line_seconds(s, &a, "dwell_us");
	for (i = 0; i < sizeof when / sizeof when[0]; i++)
		show_line_instant(s, &a, when[i]);
	show_label(s, "place");
	show_put_place(s, &a);
	(void)fputc('\n', s->o->out);
	answer_end(&a);
	return 0;
}

/* ---- subject ------------------------------------------------------------- */

/* Is the operand this person's id or one of the names? */
static bool
is_named(struct show *s, struct answer *a)
{
	char name[PSEUDONYM_BYTES];
	const char *kind = answer_text(a, "kind");
	struct span id = answer_span(a, "id");
	char number[PHONE_BYTES];

	if (span_is(id, s->o->id))
		return true;
	if (strcmp(kind, "nonuser") == 0 &&
	    span_eq(phone_or_text(&s->key.home, span_of(s->o->id), number), id))
		return true;
	if (!pseudonym_is(s->o->id))
		return false;
	if (s->o->id[0] == 'x')
		return strcmp(show_person(s, "nonuser", id, name), s->o->id) ==
		       0;
	return s->o->id[0] == kind[0] &&
	       strcmp(show_person(s, kind, id, name), s->o->id) == 0;
}

/* Where the case has several. */
static void
put_operator(struct show *s, struct answer *a)
{
	if (answer_is_null(a, "operator"))
		return;
	show_put(s, answer_span(a, "operator"));
	(void)fputs(": ", s->o->out);
}

static bool
has_operators(struct show *s)
{
	struct answer a;
	bool several;

	view_ask(&s->view, &a, VIEW_NETWORK_SIZE, "");
	several = answer_next(&a) && answer_int(&a, "operators") > 1;
	answer_end(&a);
	return several;
}

static void
subject_decisions(struct show *s, int64_t id)
{
	struct answer a;
	int n = 0;

	show_heading(s, "decisions, in order");
	view_ask(&s->view, &a, VIEW_SUBJECT_DECISIONS, "i", id);
	while (answer_next(&a)) {
		n++;
		(void)fprintf(s->o->out, "  %-8" PRId64 " ",
		    answer_int(&a, "decision_id"));
		show_put_instant(s, &a,
		    !answer_is_null(&a, "decided_us")  ? "decided_us"
		    : !answer_is_null(&a, "server_us") ? "server_us"
						       : "shown_us");
		(void)fputs("  ", s->o->out);
		put_operator(s, &a);
		show_put(s, answer_span(&a, "surface"));
		(void)fputs(answer_is_null(&a, "design") ? "" : " ", s->o->out);
		show_put(s, answer_span(&a, "design"));
		(void)fputs("  ", s->o->out);
		show_put(s, answer_is_null(&a, "purpose")
				? span_of("purpose not named")
				: answer_span(&a, "purpose"));
		(void)fputs(": ", s->o->out);
		show_put(s, answer_span(&a, "outcome"));
		(void)fputs(", recorded ", s->o->out);
		show_put(s, answer_is_null(&a, "server_outcome")
				? span_of("nowhere")
				: answer_span(&a, "server_outcome"));
		(void)fputc('\n', s->o->out);
	}
	show_none(s, n);
}

static void
subject_findings(struct show *s, int64_t id)
{
	struct answer a;
	int n = 0;

	show_heading(s, "findings");
	view_ask(&s->view, &a, VIEW_SUBJECT_FINDINGS, "i", id);
	while (answer_next(&a)) {
		n++;
		(void)fprintf(s->o->out, "  %-8" PRId64 " ",
		    answer_int(&a, "finding_id"));
		put_operator(s, &a);
		show_put(s, answer_span(&a, "detector"));
		(void)fputc(' ', s->o->out);
		show_put(s, answer_span(&a, "title"));
		(void)fputs(": ", s->o->out);
		show_put(s, answer_span(&a, "grade"));
		(void)fputs(", as ", s->o->out);
		show_put(s, answer_span(&a, "role"));
		(void)fputc('\n', s->o->out);
	}
	show_none(s, n);
}

static void
put_record(struct show *s, const struct timeline_event *e)
{
	char stamp[UTC_TEXT_BYTES], name[PSEUDONYM_BYTES];
	struct answer a;

	(void)fprintf(s->o->out, "  %-27s %-6s %-18s ",
	    utc_format(e->us, stamp), e->trail, e->kind);
	if (e->operator_ != NULL) {
		show_put(s, span_of(e->operator_));
		(void)fputs(e->actor != NULL ? ", " : " ", s->o->out);
	}
	if (e->actor != NULL)
		(void)fprintf(s->o->out, "%s ",
		    show_person(s, "user", span_of(e->actor), name));
	show_put(s, span_of(e->where));
	(void)fputs(e->value[0] != '\0' ? " = " : "", s->o->out);
	show_put(s, span_of(e->value));
	(void)fputs(e->about[0] != '\0' ? "  " : "", s->o->out);
	show_put(s, span_of(e->about));
	(void)fputs("  [", s->o->out);
	view_ask(&s->view, &a, VIEW_MEMBER, "i", (int64_t)e->place.member);
	if (answer_next(&a))
		show_put(s, answer_span(&a, "member"));
	answer_end(&a);
	(void)fprintf(s->o->out, " byte %" PRIu64 "]\n", e->place.offset);
}

/* A person's own records; of somebody without an account, those that name
 * the number. */
static int
subject_records(
    struct show *s, struct span id, const char *kind, struct err *err)
{
	struct timeline_question q = { .case_dir = s->o->case_dir,
		.id = id,
		.is_device = strcmp(kind, "device") == 0,
		.tells_operator = has_operators(s),
		.from_us = INT64_MIN,
		.to_us = INT64_MAX,
		.most = SHOWN_EVENTS };
	struct datum_question named = { .case_dir = s->o->case_dir,
		.datum = id,
		.home = &s->key.home,
		.most = SHOWN_EVENTS };
	bool is_datum = strcmp(kind, "nonuser") == 0;
	struct timeline line = { 0 };
	size_t i;
	int rc = is_datum ? timeline_of_datum(&line, &named, err)
			  : timeline_read(&line, &q, err);

	show_heading(s, is_datum ? "records that name this number, in order"
				 : "records, in order");
	for (i = 0; i < line.n; i++)
		put_record(s, &line.event[i]);
	if (line.is_cut)
		(void)fputs("  … and more\n", s->o->out);
	show_none(s, (int)line.n);
	timeline_clear(&line);
	return rc;
}

static int
show_subject(struct show *s, struct err *err)
{
	char name[PSEUDONYM_BYTES];
	struct answer a, roles;
	int found = 0, rc = 0;
	int64_t id;

	view_ask(&s->view, &a, VIEW_SUBJECTS, "");
	while (rc == 0 && answer_next(&a)) {
		if (!is_named(s, &a))
			continue;
		if (found++ > 0)
			(void)fputc('\n', s->o->out);
		id = answer_int(&a, "subject_id");
		show_line_text(s, "person",
		    show_person(s, answer_text(&a, "kind"),
			answer_span(&a, "id"), name));
		view_ask(&s->view, &roles, VIEW_SUBJECT_ROLES, "i", id);
		while (answer_next(&roles))
			if (span_is(answer_span(&roles, "role"), "nonuser"))
				show_line_text(s, "as nonuser",
				    show_person(s, "nonuser",
					answer_span(&a, "id"), name));
		show_line_span(s, "kind", answer_span(&a, "kind"));
		subject_decisions(s, id);
		subject_findings(s, id);
		rc = subject_records(
		    s, answer_span(&a, "id"), answer_text(&a, "kind"), err);
	}
	answer_end(&a);
	if (rc < 0)
		return -1;
	if (found == 0)
		return err_set(err, ERR_FAILED,
		    "%s: no result speaks of '%s' (is it the right key?)",
		    s->o->case_dir, s->o->id);
	return 0;
}

/* ---- flow ---------------------------------------------------------------- */

static int
show_flow(struct show *s, struct err *err)
{
	struct buf b = { 0 };
	struct answer a;
	int n = 0;

	(void)fprintf(
	    s->o->out, "screens, by how often one followed another\n");
	view_ask(&s->view, &a, VIEW_EDGES, "t", s->o->id);
	while (answer_next(&a)) {
		n++;
		(void)fprintf(
		    s->o->out, "  %10" PRId64 "  ", answer_int(&a, "n"));
		show_put(s, answer_span(&a, "from_screen"));
		(void)fputs(" > ", s->o->out);
		show_put(s, answer_span(&a, "to_screen"));
		buf_reset(&b);
		if (!answer_is_null(&a, "median_us")) {
			(void)buf_str(&b, ", median ");
			text_duration(&b, answer_real(&a, "median_us") / 1e6);
		}
		(void)fprintf(s->o->out, "%s\n", b.p != NULL ? b.p : "");
	}
	show_heading(s, "ways, by how many went them");
	view_ask(&s->view, &a, VIEW_PATHS, "t", s->o->id);
	while (answer_next(&a)) {
		n++;
		(void)fprintf(s->o->out, "  %10" PRId64 "  %-9s  ",
		    answer_int(&a, "n"), answer_text(&a, "outcome"));
		show_put(s, answer_span(&a, "steps"));
		(void)fputc('\n', s->o->out);
	}
	buf_clear(&b);
	if (n == 0)
		return err_set(err, ERR_FAILED,
		    "%s: there is no flow of a surface '%s'", s->o->case_dir,
		    s->o->id);
	return 0;
}

static const struct {
	const char *name;
	int (*show)(struct show *s, struct err *err);
} kinds[] = {
	{ "finding", show_finding },
	{ "decision", show_decision },
	{ "subject", show_subject },
	{ "flow", show_flow },
};

int
show_run(const struct show_options *o, struct err *err)
{
	struct show s = { .o = o };
	size_t i, n = sizeof kinds / sizeof kinds[0];
	int rc = -1;

	for (i = 0; i < n && strcmp(o->what, kinds[i].name) != 0; i++)
		;
	if (i == n)
		return err_set(err, ERR_USAGE,
		    "show takes finding, decision, subject or flow, not '%s'",
		    o->what);
	if (view_open(&s.view, o->case_dir, err) < 0)
		return -1;
	if (pseudonym_key_read(&s.key, o->key_file, err) == 0) {
		pseudonym_key_home(&s.key, &s.view.c);
		rc = kinds[i].show(&s, err);
	}
	if (rc == 0)
		rc = view_error(&s.view, err);
	pseudonym_key_clear(&s.key);
	view_close(&s.view);
	return rc;
}
