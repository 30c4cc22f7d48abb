/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * digest - one SHA-256 over all that an analysis says.
 *
 * It covers decision, design, rate, finding, affected, legal, comparison,
 * edge, path, processing, lineage, network, operator and shared, in this
 * order.  A row is the text of its
 * fields, one after another:
 *
 *	~		NULL
 *	i-12		a whole number
 *	r0.5		a real, as %.12g
 *	t5:hello	a text with its bytes
 *
 * but decision and affected, which have rows by the million, are bytes, and
 * of decision a row is all of a person: the decisions in the order of their
 * numbers, 64 bytes each, then kind, subject and how many they are.  What
 * many have in common is the SHA-256 of its text:
 *
 *	decision	form, shown_us, decided_us, server_us, last_shown_us
 *	affected	finding, role (0 user, 1 nonuser), grade (1 sure, 2
 *			ambiguous), shown_us and decided_us of the decision,
 *			its purpose, kind, subject
 *	form		operator, surface, purpose, recipient, design's
 *			version, variant, app_version, entry, outcome,
 *			default_on, toggled, acts, refusals_before,
 *			server_outcome, method, impressions, last_default_on
 *	finding		detector, surface, design's version, scope, operator
 *
 * A number is 8 bytes, the least first, NULL the least of all; a text is the
 * number of its bytes and these, NULL the number -1.
 *
 * Rows name things by what the evidence calls them, never by numbers that
 * this program gave: a person by kind and id, a design by surface and
 * version, a finding by detector, surface, design, scope and operator, the
 * decision
 * behind an affected person by when it was shown and made and its purpose.
 * Places and flow numbers are left out.
 *
 * A table's digest is SHA-256 over the SHA-256 of each row (32 bytes), these
 * sorted bytewise; the whole is SHA-256 over a line "TABLE ROWS DIGEST" each.
 * Sorting the rows' hashes instead of the rows costs nothing in strength:
 * two different sets of rows with one digest are a collision of SHA-256; and
 * it takes 32 bytes a row.
 *
 * The same digest comes from the rows as they are made (a hash a row, by the
 * thread that made it) and from case.db alone (digest_case).
 */
#ifndef ANALYSIS_DIGEST_H
#define ANALYSIS_DIGEST_H

#include <openssl/sha.h>

#include "analysis/rowlog.h"
#include "ingest/base/buf.h"
#include "ingest/casefile.h"

enum { DIGEST_BYTES = 32 };

enum digest_table {
	DIGEST_DECISION = 0,
	DIGEST_DESIGN,
	DIGEST_RATE,
	DIGEST_FINDING,
	DIGEST_AFFECTED,
	DIGEST_LEGAL,
	DIGEST_COMPARISON,
	DIGEST_EDGE,
	DIGEST_PATH,
	DIGEST_PROCESSING,
	DIGEST_LINEAGE,
	DIGEST_NETWORK,
	DIGEST_OPERATOR,
	DIGEST_SHARED,
	DIGEST__MAX
};

/* A row in the making. */
struct digest_row {
	struct buf text;
};

void digest_null(struct digest_row *row);
void digest_int(struct digest_row *row, int64_t v);
void digest_real(struct digest_row *row, double v);	 /* NaN: NULL */
void digest_text(struct digest_row *row, struct span s); /* absent: NULL */
/* Add the row's hash to a log and empty the row. */
void digest_row_end(struct digest_row *row, struct rowlog *hashes);
void digest_row_clear(struct digest_row *row);

/* What both ways of making a decision's row agree on; INT64_MIN is NULL. */
struct digest_form {
	struct span operator_, surface, purpose, recipient, design, variant,
	    app_version, entry;
	/* in the order of the columns */
	int64_t outcome, default_on, toggled, acts, refusals_before,
	    server_outcome, method, impressions, last_default_on;
};
void digest_form(struct digest_row *row, const struct digest_form *f,
    unsigned char out[DIGEST_BYTES]);

/* A person's decisions, one after another in the order of their numbers. */
struct digest_person {
	SHA256_CTX ctx;
	int64_t n; /* decisions; 0: begin anew */
};
struct digest_decision {
	const unsigned char *form; /* [DIGEST_BYTES] */
	int64_t shown_us, decided_us, server_us, last_shown_us;
};
void digest_decision(struct digest_person *p, const struct digest_decision *d);
/* Add the person's hash to a log, unless there was no decision. */
void digest_person_end(struct digest_person *p, struct span kind,
    struct span subject, struct rowlog *hashes);

struct digest_finding {
	struct span detector, surface, design, scope, operator_;
};
void digest_finding(struct digest_row *row, const struct digest_finding *f,
    unsigned char out[DIGEST_BYTES]);

struct digest_affected {
	const unsigned char *finding; /* [DIGEST_BYTES] */
	int64_t role, grade;
	/* of the decision; has_decision 0: none */
	int has_decision;
	int64_t shown_us, decided_us;
	struct span purpose, kind, subject;
};
void digest_affected(struct digest_row *row, const struct digest_affected *a);

/* Row hashes of the other tables, read from case.db. */
int digest_table_rows(
    struct casefile *c, enum digest_table t, struct rowlog *hashes);

/* A table's digest from its hashes, in any order.  0 or -1. */
struct digest_sum {
	uint64_t rows;
	char hex[65];
};
int digest_sum_table(
    struct rowlog *hashes, struct digest_sum *out, struct err *err);
/* The whole from the tables' digests. */
void digest_combine(const struct digest_sum sum[DIGEST__MAX], char hex[65]);

/* The digest of what case.db holds.  0 or -1. */
int digest_case(
    struct casefile *c, const char *case_dir, char hex[65], struct err *err);

#endif
