/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * timeline - the records of one person in order, read back from events/.
 *
 * Of a person or, for somebody who has no account, of a datum.  For
 * exemplars in the report and for `show subject`: what was recorded,
 * and where its bytes stand.  Records that carry a device and no account
 * are not among an account's; a device's are its own.  Ids of the record
 * are left out of the texts.
 */
#ifndef REPORTS_TIMELINE_H
#define REPORTS_TIMELINE_H

#include "analysis/phone.h"
#include "ingest/base/arena.h"
#include "ingest/base/err.h"
#include "ingest/event.h"

struct timeline_event {
	int64_t us;
	const char *trail; /* "ui", "server", "" */
	const char *kind;  /* "control.click" */
	const char *where; /* "cover / agree (consent_box)" */
	const char *value; /* "on, by default" */
	const char *about; /* "given: collect, share, to zhima" */
	/* Of a datum's records: whose, and who kept them; NULL not said. */
	const char *actor, *operator_;
	struct place place;
};

struct timeline {
	struct timeline_event *event; /* [n] in order of time */
	size_t n;
	bool is_cut; /* there were more */
	struct arena arena;
};

/*
 * The records of a person (is_device: of a device without a person) from
 * `from_us` to `to_us`, at most `most`: the first ones.  0 or -1; a case
 * without events/ gives none.
 */
struct timeline_question {
	const char *case_dir;
	struct span id;
	bool is_device;
	bool tells_operator; /* `where` begins with it */
	int64_t from_us, to_us;
	size_t most;
};
int timeline_read(
    struct timeline *t, const struct timeline_question *q, struct err *err);
/*
 * The records that name a datum, whosever they are, at most `most`: the first
 * ones.  One column of all events is read, and the partitions that hold it.
 */
struct datum_question {
	const char *case_dir;
	struct span datum;	       /* in the form of phone.h */
	const struct phone_home *home; /* of the case */
	size_t most;
};
int timeline_of_datum(
    struct timeline *t, const struct datum_question *q, struct err *err);
void timeline_clear(struct timeline *t);

#endif
