/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * digest - one SHA-256 over all that an analysis says.
 *
 * It covers decision, design, rate, finding, affected, legal, comparison,
 * edge, path and processing, in this order.  A row is the text of its
 * fields, one after another:
 *
 *	~		NULL
 *	i-12		a whole number
 *	r0.5		a real, as %.12g
 *	t5:hello	a text with its bytes
 *
 * Rows name things by what the evidence calls them, never by numbers that
 * this program gave: a person by kind and id, a design by surface and
 * version, a finding by detector, surface, design and scope, the decision
 * behind an affected person by when it was shown and made and its purpose.
 * Places and flow numbers are left out.
 *
 * A table's digest is SHA-256 over the SHA-256 of each row (32 bytes), these
 * sorted bytewise; the whole is SHA-256 over ten lines "TABLE ROWS DIGEST".
 * Sorting the rows' hashes instead of the rows costs nothing in strength:
 * two different sets of rows with one digest are a collision of SHA-256; and
 * it takes 32 bytes a row.
 *
 * The same digest comes from the rows as they are made (a hash a row, by the
 * thread that made it) and from case.db alone (digest_case).
 */
#ifndef ANALYSIS_DIGEST_H
#define ANALYSIS_DIGEST_H

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

/* What both ways of making a decision's row agree on. */
struct digest_decision {
	struct span kind, subject, operator_, surface, purpose, recipient,
	    design, variant, app_version, entry;
	/* in the order of the columns; INT64_MIN is NULL */
	int64_t shown_us, decided_us, outcome, default_on, toggled, dwell_us,
	    acts, refusals_before, server_outcome, server_us, method,
	    impressions, last_shown_us, last_default_on;
};
void digest_decision(struct digest_row *row, const struct digest_decision *d);

struct digest_affected {
	const char *detector;
	struct span surface, design, scope, kind, subject;
	int64_t role, grade;
	/* of the decision; has_decision 0: none */
	int has_decision;
	int64_t shown_us, decided_us;
	struct span purpose;
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
