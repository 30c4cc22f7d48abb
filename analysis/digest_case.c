/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The digest from what case.db holds. */
#include "analysis/digest.h"

#include <stdlib.h>

#include "ingest/base/arena.h"

enum { DIGEST_LOG_BYTES = 16 * 1024 * 1024 };

/*
 * columns: "." as it is, "g" the number of a design, whose version is meant.
 * The two large tables are not among them.
 */
static const struct {
	const char *columns, *sql;
} tables[DIGEST__MAX] = {
	[DIGEST_DESIGN] = { "...................",
	    "SELECT surface, version, first_us, last_us, impressions, people, "
	    "default_on, font_px, body_font_px, contrast, accept_contrast, "
	    "in_view, n_purposes, purposes, notice, notice_version, roles, "
	    "options, text FROM design" },
	[DIGEST_RATE] = { ".............",
	    "SELECT surface, purpose, dimension, value, shown, given, "
	    "refused, other, share, low, high, unlogged, missing "
	    "FROM rate" },
	[DIGEST_FINDING] = { "..g.............",
	    "SELECT detector, surface, design_id, scope, eligible, sure, "
	    "ambiguous, refuted, undecidable, share, low, high, first_us, "
	    "last_us, missing, operator FROM finding" },
	[DIGEST_LEGAL] = { "..g........",
	    "SELECT f.detector, f.surface, f.design_id, f.scope, f.operator, "
	    "l.rule, "
	    "l.in_force_from, l.in_force_to, l.used_as, l.title, l.item "
	    "FROM legal l JOIN finding f USING(finding_id)" },
	[DIGEST_COMPARISON] = { "...............",
	    "SELECT name, group_a, group_b, n_a, k_a, n_b, k_b, difference, "
	    "low, high, ratio, odds_ratio, p, p_adjusted, method "
	    "FROM comparison" },
	[DIGEST_EDGE] = { ".....",
	    "SELECT surface, from_screen, to_screen, n, median_us "
	    "FROM edge" },
	[DIGEST_PATH] = { "....",
	    "SELECT surface, outcome, steps, n FROM path" },
	[DIGEST_PROCESSING] = { "...........",
	    "SELECT verdict, kind, category, purpose, recipient, region, n, "
	    "subjects, first_us, last_us, operator FROM processing" },
	[DIGEST_LINEAGE] = { "............",
	    "SELECT operator, category, recipient, purpose, hop, state, n, "
	    "users, data, nonusers, first_us, last_us FROM lineage" },
	[DIGEST_NETWORK] = { ".........",
	    "SELECT operator, recipient, category, n, against, open, people, "
	    "first_us, last_us FROM network" },
	[DIGEST_OPERATOR] = { "......",
	    "SELECT operator, people, devices, records, decisions, grants "
	    "FROM operator" },
	[DIGEST_SHARED] = { "..", "SELECT operators, people FROM shared" },
};

/* Texts by number. */
struct texts {
	struct span *text; /* [n] */
	size_t n;
	struct arena arena;
};

static int
load_texts(struct casefile *c, const char *sql, struct texts *t)
{
	enum { MAX_TEXTS = 1 << 26 };
	sqlite3_stmt *st = casefile_prepare(c, sql);
	struct span s;
	int64_t id;
	size_t room;
	int got = -1;

	while (st != NULL && (got = casefile_step(c, st)) > 0) {
		id = sqlite3_column_int64(st, 0);
		if (id < 0 || id >= MAX_TEXTS)
			continue; /* not written by this program */
		if ((size_t)id >= t->n) {
			room = t->n == 0 ? 256 : t->n;
			while (room <= (size_t)id)
				room *= 2;
			t->text = arena_grow(&t->arena, t->text,
			    t->n * sizeof s, room * sizeof s);
			t->n = room;
		}
		s.p = (const char *)sqlite3_column_text(st, 1);
		s.n = (size_t)sqlite3_column_bytes(st, 1);
		t->text[id] = arena_span(&t->arena, s);
	}
	casefile_finalize(st);
	return got;
}

static struct span
text_of(const struct texts *t, sqlite3_stmt *st, int i)
{
	int64_t id = sqlite3_column_int64(st, i);
	struct span absent = { NULL, 0 };

	if (sqlite3_column_type(st, i) == SQLITE_NULL || id < 0 ||
	    (size_t)id >= t->n)
		return absent;
	return t->text[id];
}

static void
add_column(struct digest_row *row, sqlite3_stmt *st, int i)
{
	struct span s;

	switch (sqlite3_column_type(st, i)) {
	case SQLITE_INTEGER:
		digest_int(row, sqlite3_column_int64(st, i));
		break;
	case SQLITE_FLOAT:
		digest_real(row, sqlite3_column_double(st, i));
		break;
	case SQLITE_NULL:
		digest_null(row);
		break;
	default: /* a text; the tables are STRICT */
		s.p = (const char *)sqlite3_column_text(st, i);
		s.n = (size_t)sqlite3_column_bytes(st, i);
		digest_text(row, s);
	}
}

/* ---- decision and affected ----------------------------------------------- */

/* What a common part is made of, and those met last by their number. */
enum { KNOWN_FORMS = 1 << 14 };

struct common {
	struct casefile *c;
	struct texts names, designs;
	struct digest_row row;
	sqlite3_stmt *form, *subject;
	struct known_form {
		int64_t id; /* 0: none */
		unsigned char hash[DIGEST_BYTES];
		struct span purpose;
	} * known; /* [KNOWN_FORMS] */
};

static int64_t
int_of(sqlite3_stmt *st, int i)
{
	return sqlite3_column_type(st, i) == SQLITE_NULL
		   ? INT64_MIN
		   : sqlite3_column_int64(st, i);
}

/* A text of the row itself; valid until the next step. */
static struct span
span_at(sqlite3_stmt *st, int i)
{
	struct span s = { (const char *)sqlite3_column_text(st, i), 0 };

	s.n = (size_t)sqlite3_column_bytes(st, i);
	return s;
}

static void
hash_form(struct common *m, sqlite3_stmt *st, struct known_form *k)
{
	struct digest_form f = {
		.operator_ = text_of(&m->names, st, 0),
		.surface = text_of(&m->names, st, 1),
		.purpose = text_of(&m->names, st, 2),
		.recipient = text_of(&m->names, st, 3),
		.design = text_of(&m->designs, st, 4),
		.variant = text_of(&m->names, st, 5),
		.app_version = text_of(&m->names, st, 6),
		.entry = text_of(&m->names, st, 7),
		.outcome = int_of(st, 8),
		.default_on = int_of(st, 9),
		.toggled = int_of(st, 10),
		.acts = int_of(st, 11),
		.refusals_before = int_of(st, 12),
		.server_outcome = int_of(st, 13),
		.method = int_of(st, 14),
		.impressions = int_of(st, 15),
		.last_default_on = int_of(st, 16),
	};

	k->purpose = f.purpose;
	digest_form(&m->row, &f, k->hash);
}

/* A form that is not there has the hash of nothing. */
static const struct known_form *
form_of(struct common *m, int64_t id)
{
	struct known_form *k = &m->known[(uint64_t)id % KNOWN_FORMS];

	if (k->id == id && id != 0)
		return k;
	memset(k, 0, sizeof *k);
	k->id = id;
	if (m->form == NULL || m->c->err.code != ERR_NONE)
		return k;
	(void)sqlite3_bind_int64(m->form, 1, id);
	if (casefile_step(m->c, m->form) > 0)
		hash_form(m, m->form, k);
	(void)sqlite3_reset(m->form);
	return k;
}

static int
common_open(struct common *m, struct casefile *c)
{
	memset(m, 0, sizeof *m);
	m->c = c;
	m->known = calloc(KNOWN_FORMS, sizeof *m->known);
	if (m->known == NULL)
		err_no_memory(KNOWN_FORMS * sizeof *m->known);
	(void)load_texts(c, "SELECT name_id, text FROM name", &m->names);
	(void)load_texts(
	    c, "SELECT design_id, version FROM design", &m->designs);
	m->form = casefile_prepare(c,
	    "SELECT operator_name, surface_name, purpose_name, "
	    "recipient_name, design_id, variant_name, app_version_name, "
	    "entry_name, outcome, default_on, toggled, acts, "
	    "refusals_before, server_outcome, method, impressions, "
	    "last_default_on FROM decision_form WHERE form_id = ?");
	m->subject = casefile_prepare(
	    c, "SELECT kind, id FROM subject WHERE subject_id = ?");
	return m->subject != NULL ? 0 : -1;
}

static void
common_close(struct common *m)
{
	casefile_finalize(m->form);
	casefile_finalize(m->subject);
	digest_row_clear(&m->row);
	arena_clear(&m->names.arena);
	arena_clear(&m->designs.arena);
	free(m->known);
}

/* The person's rows are over: whose they were is asked for. */
static void
end_person(struct common *m, struct digest_person *person, int64_t subject,
    struct rowlog *hashes)
{
	if (person->n == 0 || m->subject == NULL || m->c->err.code != ERR_NONE)
		return;
	(void)sqlite3_bind_int64(m->subject, 1, subject);
	if (casefile_step(m->c, m->subject) > 0)
		digest_person_end(person, span_at(m->subject, 0),
		    span_at(m->subject, 1), hashes);
	person->n = 0; /* of nobody: then a hash is missing */
	(void)sqlite3_reset(m->subject);
}

static int
decision_rows(struct common *m, struct rowlog *hashes)
{
	struct digest_person person = { .n = 0 };
	sqlite3_stmt *st = casefile_prepare(m->c,
	    "SELECT subject_id, form_id, shown_us, decided_us, server_us, "
	    "last_shown_us FROM decision_row ORDER BY decision_id");
	int64_t subject = 0;
	int got = -1;

	while (st != NULL && (got = casefile_step(m->c, st)) > 0) {
		struct digest_decision d = {
			.form = form_of(m, sqlite3_column_int64(st, 1))->hash,
			.shown_us = int_of(st, 2),
			.decided_us = int_of(st, 3),
			.server_us = int_of(st, 4),
			.last_shown_us = int_of(st, 5),
		};

		if (subject != sqlite3_column_int64(st, 0))
			end_person(m, &person, subject, hashes);
		subject = sqlite3_column_int64(st, 0);
		digest_decision(&person, &d);
	}
	end_person(m, &person, subject, hashes);
	casefile_finalize(st);
	return got;
}

static void
hash_finding(
    struct common *m, sqlite3_stmt *st, unsigned char hash[DIGEST_BYTES])
{
	struct digest_finding f = {
		.detector = span_at(st, 10),
		.surface = span_at(st, 11),
		.design = text_of(&m->designs, st, 12),
		.scope = span_at(st, 13),
		.operator_ = span_at(st, 14),
	};

	digest_finding(&m->row, &f, hash);
}

static int
affected_rows(struct common *m, struct rowlog *hashes)
{
	unsigned char hash[DIGEST_BYTES];
	int64_t finding = INT64_MIN;
	sqlite3_stmt *st = casefile_prepare(m->c,
	    "SELECT f.finding_id, a.role, a.grade, d.decision_id, d.shown_us, "
	    "d.decided_us, d.form_id, s.kind, s.id, 0, f.detector, f.surface, "
	    "f.design_id, f.scope, f.operator FROM affected_row a "
	    "CROSS JOIN finding f USING(finding_id) "
	    "CROSS JOIN subject s ON s.subject_id = a.subject_id "
	    "LEFT JOIN decision_row d ON d.decision_id = a.decision_id");
	int got = -1;

	while (st != NULL && (got = casefile_step(m->c, st)) > 0) {
		struct digest_affected a = {
			.finding = hash,
			.role = int_of(st, 1),
			.grade = int_of(st, 2),
			.has_decision =
			    sqlite3_column_type(st, 3) != SQLITE_NULL,
			.shown_us = int_of(st, 4),
			.decided_us = int_of(st, 5),
			.kind = span_at(st, 7),
			.subject = span_at(st, 8),
		};

		if (finding != sqlite3_column_int64(st, 0))
			hash_finding(m, st, hash);
		finding = sqlite3_column_int64(st, 0);
		if (a.has_decision)
			a.purpose =
			    form_of(m, sqlite3_column_int64(st, 6))->purpose;
		digest_affected(&m->row, &a);
		digest_row_end(&m->row, hashes);
	}
	casefile_finalize(st);
	return got;
}

/* ---- all tables ---------------------------------------------------------- */

static int
large_table_rows(struct casefile *c, enum digest_table t, struct rowlog *hashes)
{
	struct common m;
	int rc = common_open(&m, c);

	if (rc == 0)
		rc = t == DIGEST_DECISION ? decision_rows(&m, hashes)
					  : affected_rows(&m, hashes);
	common_close(&m);
	return rc;
}

int
digest_table_rows(
    struct casefile *c, enum digest_table t, struct rowlog *hashes)
{
	struct texts designs = { 0 };
	const char *columns = tables[t].columns;
	struct digest_row row = { 0 };
	sqlite3_stmt *st;
	int i, got = -1;

	if (columns == NULL)
		return large_table_rows(c, t, hashes);
	if (strchr(columns, 'g') != NULL)
		(void)load_texts(
		    c, "SELECT design_id, version FROM design", &designs);
	st = casefile_prepare(c, tables[t].sql);
	while (st != NULL && (got = casefile_step(c, st)) > 0) {
		for (i = 0; columns[i] != '\0'; i++) {
			if (columns[i] == 'g')
				digest_text(&row, text_of(&designs, st, i));
			else
				add_column(&row, st, i);
		}
		digest_row_end(&row, hashes);
	}
	casefile_finalize(st);
	digest_row_clear(&row);
	arena_clear(&designs.arena);
	return got;
}

int
digest_case(
    struct casefile *c, const char *case_dir, char hex[65], struct err *err)
{
	struct digest_sum sum[DIGEST__MAX];
	struct rowlog hashes;
	int t, rc = 0;

	for (t = 0; t < DIGEST__MAX && rc == 0; t++) {
		rowlog_init(&hashes, case_dir, DIGEST_LOG_BYTES);
		if (digest_table_rows(c, t, &hashes) < 0)
			rc = casefile_error(c, err);
		else
			rc = digest_sum_table(&hashes, &sum[t], err);
		rowlog_clear(&hashes);
	}
	if (rc == 0)
		digest_combine(sum, hex);
	return rc;
}
