/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: a table's hashes are sorted in slices, each the hashes whose
 * first two bytes lie in a range that is narrow enough to be sorted in
 * memory; the log is read once a slice.  Hashes are evenly spread, so the
 * slices are of about equal size.
 */
#include "analysis/digest.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	DIGEST_SLICE_ROWS = 1024 * 1024, /* 32 MiB, and as much to sort */
	DIGEST_LOG_BYTES = 32 * 1024 * 1024,
	N_PREFIXES = 65536
};

/* ---- rows ---------------------------------------------------------------- */

void
digest_null(struct digest_row *row)
{
	(void)buf_char(&row->text, '~');
}

/* Decimal digits of n before `end`; millions of rows have twenty each. */
static char *
decimal(char *end, uint64_t n)
{
	do {
		*--end = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	return end;
}

void
digest_int(struct digest_row *row, int64_t v)
{
	char text[24], *end = text + sizeof text, *p;

	p = decimal(end, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
	if (v < 0)
		*--p = '-';
	*--p = 'i';
	(void)buf_add(&row->text, p, (size_t)(end - p));
}

void
digest_real(struct digest_row *row, double v)
{
	if (isnan(v))
		digest_null(row);
	else /* -0 is 0 */
		(void)buf_printf(&row->text, "r%.12g", v == 0 ? 0 : v);
}

void
digest_text(struct digest_row *row, struct span s)
{
	char text[24], *end = text + sizeof text, *p;

	if (s.p == NULL) {
		digest_null(row);
		return;
	}
	*--end = ':';
	p = decimal(end, s.n);
	*--p = 't';
	(void)buf_add(&row->text, p, (size_t)(end + 1 - p));
	(void)buf_span(&row->text, s);
}

void
digest_row_end(struct digest_row *row, struct rowlog *hashes)
{
	const char *text = row->text.p != NULL ? row->text.p : "";
	unsigned length = 0;
	EVP_MD_CTX *ctx = row->ctx;

	if (ctx == NULL) {
		row->ctx = ctx = EVP_MD_CTX_new();
		if (ctx == NULL ||
		    EVP_DigestInit_ex2(ctx, EVP_sha256(), NULL) != 1)
			err_no_memory(DIGEST_BYTES);
	}
	if (EVP_DigestInit_ex2(ctx, NULL, NULL) != 1 ||
	    EVP_DigestUpdate(ctx, text, row->text.n) != 1 ||
	    EVP_DigestFinal_ex(
		ctx, rowlog_add(hashes, DIGEST_BYTES), &length) != 1)
		err_no_memory(DIGEST_BYTES);
	assert(length == DIGEST_BYTES);
	buf_reset(&row->text);
}

void
digest_row_clear(struct digest_row *row)
{
	buf_clear(&row->text);
	EVP_MD_CTX_free(row->ctx);
	row->ctx = NULL;
}

static void
number_or_null(struct digest_row *row, int64_t v)
{
	if (v == INT64_MIN)
		digest_null(row);
	else
		digest_int(row, v);
}

void
digest_decision(struct digest_row *row, const struct digest_decision *d)
{
	digest_text(row, d->kind);
	digest_text(row, d->subject);
	digest_text(row, d->operator_);
	digest_text(row, d->surface);
	digest_text(row, d->purpose);
	digest_text(row, d->recipient);
	digest_text(row, d->design);
	digest_text(row, d->variant);
	digest_text(row, d->app_version);
	digest_text(row, d->entry);
	number_or_null(row, d->shown_us);
	number_or_null(row, d->decided_us);
	number_or_null(row, d->outcome);
	number_or_null(row, d->default_on);
	number_or_null(row, d->toggled);
	number_or_null(row, d->dwell_us);
	number_or_null(row, d->acts);
	number_or_null(row, d->refusals_before);
	number_or_null(row, d->server_outcome);
	number_or_null(row, d->server_us);
	number_or_null(row, d->method);
	number_or_null(row, d->impressions);
	number_or_null(row, d->last_shown_us);
	number_or_null(row, d->last_default_on);
}

void
digest_affected(struct digest_row *row, const struct digest_affected *a)
{
	struct span absent = { NULL, 0 };

	digest_text(row, span_of(a->detector));
	digest_text(row, a->surface);
	digest_text(row, a->design);
	digest_text(row, a->scope);
	digest_text(row, a->kind);
	digest_text(row, a->subject);
	digest_int(row, a->role);
	digest_int(row, a->grade);
	number_or_null(row, a->has_decision ? a->shown_us : INT64_MIN);
	number_or_null(row, a->has_decision ? a->decided_us : INT64_MIN);
	digest_text(row, a->has_decision ? a->purpose : absent);
}

/* ---- rows of case.db ----------------------------------------------------- */

static const struct {
	const char *name, *sql;
} tables[DIGEST__MAX] = {
	[DIGEST_DECISION] = { "decision",
	    "SELECT s.kind, s.id, o.text, su.text, p.text, r.text, g.version, "
	    "v.text, av.text, e.text, d.shown_us, d.decided_us, d.outcome, "
	    "d.default_on, d.toggled, d.dwell_us, d.acts, d.refusals_before, "
	    "d.server_outcome, d.server_us, d.method, d.impressions, "
	    "d.last_shown_us, d.last_default_on "
	    "FROM decision_row d JOIN subject s USING(subject_id) "
	    "LEFT JOIN design g USING(design_id) "
	    "LEFT JOIN name o ON o.name_id = d.operator_name "
	    "LEFT JOIN name su ON su.name_id = d.surface_name "
	    "LEFT JOIN name p ON p.name_id = d.purpose_name "
	    "LEFT JOIN name r ON r.name_id = d.recipient_name "
	    "LEFT JOIN name v ON v.name_id = d.variant_name "
	    "LEFT JOIN name av ON av.name_id = d.app_version_name "
	    "LEFT JOIN name e ON e.name_id = d.entry_name" },
	[DIGEST_DESIGN] = { "design",
	    "SELECT surface, version, first_us, last_us, impressions, people, "
	    "default_on, font_px, body_font_px, contrast, accept_contrast, "
	    "in_view, n_purposes, purposes, notice, notice_version, roles, "
	    "options, text FROM design" },
	[DIGEST_RATE] = { "rate",
	    "SELECT surface, purpose, dimension, value, shown, given, "
	    "refused, other, share, low, high FROM rate" },
	[DIGEST_FINDING] = { "finding",
	    "SELECT f.detector, f.surface, g.version, f.scope, f.eligible, "
	    "f.sure, f.ambiguous, f.refuted, f.undecidable, f.share, f.low, "
	    "f.high, f.first_us, f.last_us, f.missing "
	    "FROM finding f LEFT JOIN design g USING(design_id)" },
	[DIGEST_AFFECTED] = { "affected",
	    "SELECT f.detector, f.surface, g.version, f.scope, s.kind, s.id, "
	    "a.role, a.grade, d.shown_us, d.decided_us, p.text "
	    "FROM affected_row a JOIN finding f USING(finding_id) "
	    "LEFT JOIN design g ON g.design_id = f.design_id "
	    "JOIN subject s ON s.subject_id = a.subject_id "
	    "LEFT JOIN decision_row d ON d.decision_id = a.decision_id "
	    "LEFT JOIN name p ON p.name_id = d.purpose_name" },
	[DIGEST_LEGAL] = { "legal",
	    "SELECT f.detector, f.surface, g.version, f.scope, l.rule, "
	    "l.in_force_from, l.in_force_to, l.used_as, l.title, l.item "
	    "FROM legal l JOIN finding f USING(finding_id) "
	    "LEFT JOIN design g USING(design_id)" },
	[DIGEST_COMPARISON] = { "comparison",
	    "SELECT name, group_a, group_b, n_a, k_a, n_b, k_b, difference, "
	    "low, high, ratio, odds_ratio, p, p_adjusted, method "
	    "FROM comparison" },
	[DIGEST_EDGE] = { "edge",
	    "SELECT surface, from_screen, to_screen, n, median_us "
	    "FROM edge" },
	[DIGEST_PATH] = { "path",
	    "SELECT surface, outcome, steps, n FROM path" },
	[DIGEST_PROCESSING] = { "processing",
	    "SELECT verdict, kind, category, purpose, recipient, region, n, "
	    "subjects, first_us, last_us FROM processing" },
};

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
	sqlite3_stmt *st = casefile_prepare(c, tables[t].sql);
	struct digest_row row = { 0 };
	int i, n, got = -1;

	if (st != NULL) {
		n = sqlite3_column_count(st);
		while ((got = casefile_step(c, st)) > 0) {
			for (i = 0; i < n; i++)
				add_column(&row, st, i);
			digest_row_end(&row, hashes);
		}
	}
	casefile_finalize(st);
	digest_row_clear(&row);
	return got;
}

/* ---- combination --------------------------------------------------------- */

struct hash {
	unsigned char p[DIGEST_BYTES];
};

static int
hash_cmp(const void *a, const void *b)
{
	return memcmp(a, b, DIGEST_BYTES);
}

static unsigned
prefix(const struct hash *h)
{
	return (unsigned)h->p[0] << 8 | h->p[1];
}

/* Where each prefix begins among n hashes, from how many there are. */
static void
add_up(uint32_t *count)
{
	uint32_t sum = 0, n;
	unsigned i;

	for (i = 0; i < N_PREFIXES; i++) {
		n = count[i];
		count[i] = sum;
		sum += n;
	}
}

/* Sort n hashes from `from` into `to`: by prefix, then each prefix. */
static void
sort_hashes(const struct hash *from, struct hash *to, size_t n)
{
	uint32_t *at = calloc(N_PREFIXES, sizeof *at);
	size_t i, begin;

	if (at == NULL)
		err_no_memory(N_PREFIXES * sizeof *at);
	for (i = 0; i < n; i++)
		at[prefix(&from[i])]++;
	add_up(at);
	for (i = 0; i < n; i++)
		to[at[prefix(&from[i])]++] = from[i];
	/* Now at[p] is the end of prefix p. */
	for (begin = 0, i = 0; i < N_PREFIXES; begin = at[i], i++)
		if (at[i] - begin > 1)
			qsort(to + begin, at[i] - begin, sizeof *to, hash_cmp);
	free(at);
}

/* All hashes of the log whose prefix is in [low, high), sorted, into ctx. */
static int
combine_slice(EVP_MD_CTX *ctx, struct rowlog *log, unsigned low, unsigned high)
{
	struct rowlog_reader r;
	const struct hash *h;
	struct hash *slice = NULL, *sorted;
	size_t n = 0, room = 0;
	int ok;

	rowlog_read(&r, log);
	while ((h = rowlog_take(&r, sizeof *h)) != NULL) {
		if (prefix(h) < low || prefix(h) >= high)
			continue;
		if (n == room) {
			room = room == 0 ? 1024 : room * 2;
			slice = realloc(slice, room * sizeof *slice);
			if (slice == NULL)
				err_no_memory(room * sizeof *slice);
		}
		slice[n++] = *h;
	}
	rowlog_read_end(&r);
	sorted = malloc((n + 1) * sizeof *sorted);
	if (sorted == NULL)
		err_no_memory((n + 1) * sizeof *sorted);
	if (n > 0)
		sort_hashes(slice, sorted, n);
	ok = EVP_DigestUpdate(ctx, sorted, n * sizeof *sorted);
	assert(ok == 1);
	free(sorted);
	free(slice);
	return log->err.code == ERR_NONE ? 0 : -1;
}

static int
combine_table(EVP_MD_CTX *ctx, const char *name, struct rowlog *log)
{
	uint64_t n = rowlog_bytes(log) / DIGEST_BYTES;
	unsigned n_slices, i;
	char head[64];
	int length, ok;

	length = snprintf(head, sizeof head, "%s %" PRIu64 "\n", name, n);
	ok = EVP_DigestUpdate(ctx, head, (size_t)length);
	assert(ok == 1);
	n_slices = (unsigned)(n / DIGEST_SLICE_ROWS) + 1;
	for (i = 0; i < n_slices; i++)
		if (combine_slice(ctx, log,
			(unsigned)((uint64_t)N_PREFIXES * i / n_slices),
			(unsigned)((uint64_t)N_PREFIXES * (i + 1) / n_slices)) <
		    0)
			return -1;
	return 0;
}

int
digest_combine(struct rowlog hashes[DIGEST__MAX], char hex[65], struct err *err)
{
	unsigned char out[DIGEST_BYTES];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned length = 0, i;
	int t, rc = 0;

	if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
		err_no_memory(DIGEST_BYTES);
	for (t = 0; t < DIGEST__MAX && rc == 0; t++)
		if (combine_table(ctx, tables[t].name, &hashes[t]) < 0)
			rc = rowlog_error(&hashes[t], err);
	if (EVP_DigestFinal_ex(ctx, out, &length) != 1)
		err_no_memory(DIGEST_BYTES);
	EVP_MD_CTX_free(ctx);
	for (i = 0; i < DIGEST_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", out[i]);
	return rc;
}

int
digest_case(
    struct casefile *c, const char *case_dir, char hex[65], struct err *err)
{
	struct rowlog hashes[DIGEST__MAX];
	int t, rc = 0;

	for (t = 0; t < DIGEST__MAX; t++)
		rowlog_init(&hashes[t], case_dir, DIGEST_LOG_BYTES);
	for (t = 0; t < DIGEST__MAX && rc == 0; t++)
		if (digest_table_rows(c, t, &hashes[t]) < 0)
			rc = casefile_error(c, err);
	if (rc == 0)
		rc = digest_combine(hashes, hex, err);
	for (t = 0; t < DIGEST__MAX; t++)
		rowlog_clear(&hashes[t]);
	return rc;
}
