/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: a table's hashes are sorted in slices, each the hashes whose
 * first two bytes lie in a range that is narrow enough to be sorted in
 * memory; the log is read once a slice.  Hashes are evenly spread, so the
 * slices are of about equal size.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* SHA256_Init(): see sha256() */
#include "analysis/digest.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/base/hex.h"

enum {
	DIGEST_SLICE_ROWS = 512 * 1024, /* 16 MiB, and as much to sort */
	N_PREFIXES = 65536,
	FEW_HASHES = 4096 /* not worth counting the prefixes of */
};

/* ---- rows ---------------------------------------------------------------- */

enum { NUMBER_BYTES = 24 }; /* of any number with its letter and sign */

/* Room for n more bytes at the row's end. */
static char *
row_end(struct digest_row *row, size_t n)
{
	struct buf *b = &row->text;

	if (b->room - b->n <= n)
		(void)buf_room(b, n);
	return b->p + b->n;
}

/* Write n in decimal at p; where it ends.  Millions of rows have twenty. */
static char *
put_decimal(char *p, uint64_t n)
{
	static const char pairs[] =
	    "00010203040506070809101112131415161718192021222324252627282930"
	    "31323334353637383940414243444546474849505152535455565758596061"
	    "62636465666768697071727374757677787980818283848586878889909192"
	    "93949596979899";
	unsigned digits = 1;
	uint64_t m;
	char *end;

	for (m = n; m >= 10000; m /= 10000)
		digits += 4;
	digits += (m >= 10) + (m >= 100) + (m >= 1000);
	end = p + digits;
	for (p = end; n >= 100; n /= 100)
		memcpy(p -= 2, pairs + n % 100 * 2, 2);
	if (n >= 10)
		memcpy(p - 2, pairs + n * 2, 2);
	else
		p[-1] = (char)('0' + n);
	return end;
}

void
digest_null(struct digest_row *row)
{
	*row_end(row, 1) = '~';
	row->text.n++;
}

void
digest_int(struct digest_row *row, int64_t v)
{
	char *p = row_end(row, NUMBER_BYTES), *begin = p;

	*p++ = 'i';
	if (v < 0)
		*p++ = '-';
	p = put_decimal(p, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
	row->text.n += (size_t)(p - begin);
}

void
digest_real(struct digest_row *row, double v)
{
	if (isnan(v))
		digest_null(row);
	else /* -0 is 0 */
		(void)buf_printf(&row->text, "r%.12g", v == 0 ? 0 : v);
}

/* memcpy() for short texts, from both ends: most are below 32 bytes. */
static void
put_bytes(char *to, const char *from, size_t n)
{
	if (n > 32 || n < 4) {
		memcpy(to, from, n);
	} else if (n >= 16) {
		memcpy(to, from, 16);
		memcpy(to + n - 16, from + n - 16, 16);
	} else if (n >= 8) {
		memcpy(to, from, 8);
		memcpy(to + n - 8, from + n - 8, 8);
	} else {
		memcpy(to, from, 4);
		memcpy(to + n - 4, from + n - 4, 4);
	}
}

void
digest_text(struct digest_row *row, struct span s)
{
	char *p, *begin;

	if (s.p == NULL) {
		digest_null(row);
		return;
	}
	p = begin = row_end(row, s.n + NUMBER_BYTES);
	*p++ = 't';
	p = put_decimal(p, s.n);
	*p++ = ':';
	if (s.n > 0)
		put_bytes(p, s.p, s.n);
	row->text.n += (size_t)(p - begin) + s.n;
}

/* The plain functions: what EVP adds to a hash, a row of a few hundred bytes
 * takes almost as long as the hashing itself. */
static void
sha256(const void *p, size_t n, unsigned char out[DIGEST_BYTES])
{
	SHA256_CTX ctx;

	(void)SHA256_Init(&ctx); /* these three cannot fail */
	(void)SHA256_Update(&ctx, p, n);
	(void)SHA256_Final(out, &ctx);
}

void
digest_row_end(struct digest_row *row, struct rowlog *hashes)
{
	sha256(row->text.p, row->text.n, rowlog_add(hashes, DIGEST_BYTES));
	buf_reset(&row->text);
}

static void
row_hash(struct digest_row *row, unsigned char out[DIGEST_BYTES])
{
	sha256(row->text.p, row->text.n, out);
	buf_reset(&row->text);
}

void
digest_row_clear(struct digest_row *row)
{
	buf_clear(&row->text);
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
digest_form(struct digest_row *row, const struct digest_form *f,
    unsigned char out[DIGEST_BYTES])
{
	digest_text(row, f->operator_);
	digest_text(row, f->surface);
	digest_text(row, f->purpose);
	digest_text(row, f->recipient);
	digest_text(row, f->design);
	digest_text(row, f->variant);
	digest_text(row, f->app_version);
	digest_text(row, f->entry);
	number_or_null(row, f->outcome);
	number_or_null(row, f->default_on);
	number_or_null(row, f->toggled);
	number_or_null(row, f->acts);
	number_or_null(row, f->refusals_before);
	number_or_null(row, f->server_outcome);
	number_or_null(row, f->method);
	number_or_null(row, f->impressions);
	number_or_null(row, f->last_default_on);
	row_hash(row, out);
}

void
digest_finding(struct digest_row *row, const struct digest_finding *f,
    unsigned char out[DIGEST_BYTES])
{
	digest_text(row, f->detector);
	digest_text(row, f->surface);
	digest_text(row, f->design);
	digest_text(row, f->scope);
	digest_text(row, f->operator_);
	row_hash(row, out);
}

/* ---- rows by the million: bytes, not text -------------------------------- */

static char *
put_int(char *p, int64_t v)
{
	uint64_t n = (uint64_t)v;
	unsigned i;

	for (i = 0; i < 8; i++) /* becomes one store */
		p[i] = (char)(n >> (8 * i));
	return p + 8;
}

/* Its length and its bytes; absent: the length -1. */
static char *
put_text(char *p, struct span s)
{
	p = put_int(p, s.p != NULL ? (int64_t)s.n : -1);
	if (s.p != NULL && s.n > 0)
		put_bytes(p, s.p, s.n);
	return p + (s.p != NULL ? s.n : 0);
}

static char *
put_hash(char *p, const unsigned char *hash)
{
	memcpy(p, hash, DIGEST_BYTES);
	return p + DIGEST_BYTES;
}

/* The rows come first and are as long as what SHA-256 takes at a time, so
 * that nothing is copied; the number at the end says where they stop. */
void
digest_decision(struct digest_person *person, const struct digest_decision *d)
{
	char row[64], *p = row;

	if (person->n++ == 0)
		(void)SHA256_Init(&person->ctx);
	p = put_hash(p, d->form);
	p = put_int(p, d->shown_us);
	p = put_int(p, d->decided_us);
	p = put_int(p, d->server_us);
	p = put_int(p, d->last_shown_us);
	assert(p == row + sizeof row);
	(void)SHA256_Update(&person->ctx, row, sizeof row);
}

static void
add_text(SHA256_CTX *ctx, struct span s)
{
	char n[8];

	(void)put_int(n, s.p != NULL ? (int64_t)s.n : -1);
	(void)SHA256_Update(ctx, n, sizeof n);
	if (s.n > 0)
		(void)SHA256_Update(ctx, s.p, s.n);
}

void
digest_person_end(struct digest_person *person, struct span kind,
    struct span subject, struct rowlog *hashes)
{
	char n[8];

	if (person->n == 0)
		return;
	(void)put_int(n, person->n);
	add_text(&person->ctx, kind);
	add_text(&person->ctx, subject);
	(void)SHA256_Update(&person->ctx, n, sizeof n);
	(void)SHA256_Final(rowlog_add(hashes, DIGEST_BYTES), &person->ctx);
	person->n = 0;
}

void
digest_affected(struct digest_row *row, const struct digest_affected *a)
{
	struct span absent = { NULL, 0 };
	struct span purpose = a->has_decision ? a->purpose : absent;
	char *p = row_end(row, 128 + a->kind.n + a->subject.n + purpose.n);

	p = put_hash(p, a->finding);
	p = put_int(p, a->role);
	p = put_int(p, a->grade);
	p = put_int(p, a->has_decision ? a->shown_us : INT64_MIN);
	p = put_int(p, a->has_decision ? a->decided_us : INT64_MIN);
	p = put_text(p, purpose);
	p = put_text(p, a->kind);
	p = put_text(p, a->subject);
	row->text.n = (size_t)(p - row->text.p);
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
	uint32_t *at;
	size_t i, begin;

	if (n < FEW_HASHES) {
		memcpy(to, from, n * sizeof *to);
		qsort(to, n, sizeof *to, hash_cmp);
		return;
	}
	at = calloc(N_PREFIXES, sizeof *at);
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
	hex_write(out->hex, p, DIGEST_BYTES);
	return rc < 0 ? rowlog_error(hashes, err) : 0;
}

static const char *const table_names[DIGEST__MAX] = {
	[DIGEST_DECISION] = "decision",
	[DIGEST_DESIGN] = "design",
	[DIGEST_RATE] = "rate",
	[DIGEST_FINDING] = "finding",
	[DIGEST_AFFECTED] = "affected",
	[DIGEST_LEGAL] = "legal",
	[DIGEST_COMPARISON] = "comparison",
	[DIGEST_EDGE] = "edge",
	[DIGEST_PATH] = "path",
	[DIGEST_PROCESSING] = "processing",
	[DIGEST_LINEAGE] = "lineage",
	[DIGEST_NETWORK] = "network",
	[DIGEST_OPERATOR] = "operator",
	[DIGEST_SHARED] = "shared",
};

void
digest_combine(const struct digest_sum sum[DIGEST__MAX], char hex[65])
{
	unsigned char p[DIGEST_BYTES];
	struct buf b = { 0 };
	unsigned length = 0;
	int t;

	for (t = 0; t < DIGEST__MAX; t++)
		(void)buf_printf(&b, "%s %" PRIu64 " %s\n", table_names[t],
		    sum[t].rows, sum[t].hex);
	if (EVP_Digest(b.p, b.n, p, &length, EVP_sha256(), NULL) != 1)
		err_no_memory(DIGEST_BYTES);
	buf_clear(&b);
	hex_write(hex, p, DIGEST_BYTES);
}
