/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The digest from what case.db holds. */
#include "analysis/digest.h"

#include "ingest/base/arena.h"

enum { DIGEST_LOG_BYTES = 16 * 1024 * 1024 };

/*
 * columns: "." as it is, "n" the number of a name, "g" of a design, whose
 * version is meant; these few are looked up in memory, which spares millions
 * of joins.
 */
static const struct {
	const char *columns, *sql;
} tables[DIGEST__MAX] = {
	[DIGEST_DECISION] = { "..nnnngnnn..............",
	    "SELECT s.kind, s.id, d.operator_name, d.surface_name, "
	    "d.purpose_name, d.recipient_name, d.design_id, d.variant_name, "
	    "d.app_version_name, d.entry_name, d.shown_us, d.decided_us, "
	    "d.outcome, d.default_on, d.toggled, d.dwell_us, d.acts, "
	    "d.refusals_before, d.server_outcome, d.server_us, d.method, "
	    "d.impressions, d.last_shown_us, d.last_default_on "
	    "FROM decision_row d JOIN subject s USING(subject_id)" },
	[DIGEST_DESIGN] = { "...................",
	    "SELECT surface, version, first_us, last_us, impressions, people, "
	    "default_on, font_px, body_font_px, contrast, accept_contrast, "
	    "in_view, n_purposes, purposes, notice, notice_version, roles, "
	    "options, text FROM design" },
	[DIGEST_RATE] = { "...........",
	    "SELECT surface, purpose, dimension, value, shown, given, "
	    "refused, other, share, low, high FROM rate" },
	[DIGEST_FINDING] = { "..g............",
	    "SELECT detector, surface, design_id, scope, eligible, sure, "
	    "ambiguous, refuted, undecidable, share, low, high, first_us, "
	    "last_us, missing FROM finding" },
	[DIGEST_AFFECTED] = { "..g.......n",
	    "SELECT f.detector, f.surface, f.design_id, f.scope, s.kind, "
	    "s.id, a.role, a.grade, d.shown_us, d.decided_us, d.purpose_name "
	    "FROM affected_row a CROSS JOIN finding f USING(finding_id) "
	    "CROSS JOIN subject s ON s.subject_id = a.subject_id "
	    "LEFT JOIN decision_row d ON d.decision_id = a.decision_id" },
	[DIGEST_LEGAL] = { "..g.......",
	    "SELECT f.detector, f.surface, f.design_id, f.scope, l.rule, "
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
	[DIGEST_PROCESSING] = { "..........",
	    "SELECT verdict, kind, category, purpose, recipient, region, n, "
	    "subjects, first_us, last_us FROM processing" },
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

int
digest_table_rows(
    struct casefile *c, enum digest_table t, struct rowlog *hashes)
{
	struct texts names = { 0 }, designs = { 0 };
	const char *columns = tables[t].columns;
	struct digest_row row = { 0 };
	sqlite3_stmt *st;
	int i, got = -1;

	if (strchr(columns, 'n') != NULL)
		(void)load_texts(c, "SELECT name_id, text FROM name", &names);
	if (strchr(columns, 'g') != NULL)
		(void)load_texts(
		    c, "SELECT design_id, version FROM design", &designs);
	st = casefile_prepare(c, tables[t].sql);
	while (st != NULL && (got = casefile_step(c, st)) > 0) {
		for (i = 0; columns[i] != '\0'; i++) {
			if (columns[i] == 'n')
				digest_text(&row, text_of(&names, st, i));
			else if (columns[i] == 'g')
				digest_text(&row, text_of(&designs, st, i));
			else
				add_column(&row, st, i);
		}
		digest_row_end(&row, hashes);
	}
	casefile_finalize(st);
	digest_row_clear(&row);
	arena_clear(&names.arena);
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
