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

#include "ingest/base/arena.h"

enum {
	DIGEST_SLICE_ROWS = 512 * 1024, /* 16 MiB, and as much to sort */
	DIGEST_LOG_BYTES = 16 * 1024 * 1024,
	N_PREFIXES = 65536
};

/* ---- rows ---------------------------------------------------------------- */

enum { NUMBER_BYTES = 24 }; /* of any number with its letter */

/* Room for n more bytes at the row's end. */
static char *
row_end(struct digest_row *row, size_t n)
{
	struct buf *b = &row->text;

	if (b->room - b->n <= n)
		(void)buf_room(b, n);
	return b->p + b->n;
}

void
digest_null(struct digest_row *row)
{
	*row_end(row, 1) = '~';
	row->text.n++;
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

/* The bytes from p up to the end of text[2 * NUMBER_BYTES]'s first half; a
 * copy of fixed length is a few instructions. */
static void
add_number(struct digest_row *row, const char *p, const char *end)
{
	memcpy(row_end(row, NUMBER_BYTES), p, NUMBER_BYTES);
	row->text.n += (size_t)(end - p);
}

void
digest_int(struct digest_row *row, int64_t v)
{
	char text[2 * NUMBER_BYTES] = { 0 }, *end = text + NUMBER_BYTES, *p;

	p = decimal(end, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
	if (v < 0)
		*--p = '-';
	*--p = 'i';
	add_number(row, p, end);
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
	char text[2 * NUMBER_BYTES] = { 0 }, *end = text + NUMBER_BYTES, *p;

	if (s.p == NULL) {
		digest_null(row);
		return;
	}
	end[-1] = ':';
	p = decimal(end - 1, s.n);
	*--p = 't';
	add_number(row, p, end);
	if (s.n > 0)
		memcpy(row_end(row, s.n), s.p, s.n);
	row->text.n += s.n;
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

/*
 * columns: "." as it is, "n" the number of a name, "g" of a design, whose
 * version is meant; these few are looked up in memory, which spares millions
 * of joins.
 */
static const struct {
	const char *name, *columns, *sql;
} tables[DIGEST__MAX] = {
	[DIGEST_DECISION] = { "decision", "..nnnngnnn..............",
	    "SELECT s.kind, s.id, d.operator_name, d.surface_name, "
	    "d.purpose_name, d.recipient_name, d.design_id, d.variant_name, "
	    "d.app_version_name, d.entry_name, d.shown_us, d.decided_us, "
	    "d.outcome, d.default_on, d.toggled, d.dwell_us, d.acts, "
	    "d.refusals_before, d.server_outcome, d.server_us, d.method, "
	    "d.impressions, d.last_shown_us, d.last_default_on "
	    "FROM decision_row d JOIN subject s USING(subject_id)" },
	[DIGEST_DESIGN] = { "design", "...................",
	    "SELECT surface, version, first_us, last_us, impressions, people, "
	    "default_on, font_px, body_font_px, contrast, accept_contrast, "
	    "in_view, n_purposes, purposes, notice, notice_version, roles, "
	    "options, text FROM design" },
	[DIGEST_RATE] = { "rate", "...........",
	    "SELECT surface, purpose, dimension, value, shown, given, "
	    "refused, other, share, low, high FROM rate" },
	[DIGEST_FINDING] = { "finding", "..g............",
	    "SELECT detector, surface, design_id, scope, eligible, sure, "
	    "ambiguous, refuted, undecidable, share, low, high, first_us, "
	    "last_us, missing FROM finding" },
	[DIGEST_AFFECTED] = { "affected", "..g.......n",
	    "SELECT f.detector, f.surface, f.design_id, f.scope, s.kind, "
	    "s.id, a.role, a.grade, d.shown_us, d.decided_us, d.purpose_name "
	    "FROM affected_row a CROSS JOIN finding f USING(finding_id) "
	    "CROSS JOIN subject s ON s.subject_id = a.subject_id "
	    "LEFT JOIN decision_row d ON d.decision_id = a.decision_id" },
	[DIGEST_LEGAL] = { "legal", "..g.......",
	    "SELECT f.detector, f.surface, f.design_id, f.scope, l.rule, "
	    "l.in_force_from, l.in_force_to, l.used_as, l.title, l.item "
	    "FROM legal l JOIN finding f USING(finding_id)" },
	[DIGEST_COMPARISON] = { "comparison", "...............",
	    "SELECT name, group_a, group_b, n_a, k_a, n_b, k_b, difference, "
	    "low, high, ratio, odds_ratio, p, p_adjusted, method "
	    "FROM comparison" },
	[DIGEST_EDGE] = { "edge", ".....",
	    "SELECT surface, from_screen, to_screen, n, median_us "
	    "FROM edge" },
	[DIGEST_PATH] = { "path", "....",
	    "SELECT surface, outcome, steps, n FROM path" },
	[DIGEST_PROCESSING] = { "processing", "..........",
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

/* Sort few hashes in place: most prefixes have one to fifty. */
static void
sort_few(struct hash *h, size_t n)
{
	struct hash one;
	size_t i, k;

	if (n > 100) {
		qsort(h, n, sizeof *h, hash_cmp);
		return;
	}
	for (i = 1; i < n; i++) {
		if (memcmp(&h[i - 1], &h[i], sizeof *h) <= 0)
			continue;
		one = h[i];
		for (k = i; k > 0 && memcmp(&h[k - 1], &one, sizeof one) > 0;
		     k--)
			h[k] = h[k - 1];
		h[k] = one;
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
		sort_few(to + begin, at[i] - begin);
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

static void
to_hex(const unsigned char *p, char hex[65])
{
	unsigned i;

	for (i = 0; i < DIGEST_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", p[i]);
}

int
digest_sum_table(struct rowlog *hashes, struct digest_sum *out, struct err *err)
{
	unsigned char p[DIGEST_BYTES];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned n_slices, i, length = 0;
	int rc = 0;

	if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
		err_no_memory(DIGEST_BYTES);
	out->rows = rowlog_bytes(hashes) / DIGEST_BYTES;
	n_slices = (unsigned)(out->rows / DIGEST_SLICE_ROWS) + 1;
	for (i = 0; i < n_slices && rc == 0; i++)
		rc = combine_slice(ctx, hashes,
		    (unsigned)((uint64_t)N_PREFIXES * i / n_slices),
		    (unsigned)((uint64_t)N_PREFIXES * (i + 1) / n_slices));
	if (EVP_DigestFinal_ex(ctx, p, &length) != 1)
		err_no_memory(DIGEST_BYTES);
	EVP_MD_CTX_free(ctx);
	to_hex(p, out->hex);
	return rc < 0 ? rowlog_error(hashes, err) : 0;
}

void
digest_combine(const struct digest_sum sum[DIGEST__MAX], char hex[65])
{
	unsigned char p[DIGEST_BYTES];
	struct buf b = { 0 };
	unsigned length = 0;
	int t;

	for (t = 0; t < DIGEST__MAX; t++)
		(void)buf_printf(&b, "%s %" PRIu64 " %s\n", tables[t].name,
		    sum[t].rows, sum[t].hex);
	if (EVP_Digest(b.p, b.n, p, &length, EVP_sha256(), NULL) != 1)
		err_no_memory(DIGEST_BYTES);
	buf_clear(&b);
	to_hex(p, hex);
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
