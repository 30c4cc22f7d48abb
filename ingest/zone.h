/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * zone - wall-clock times as instants.
 *
 * A zone is an offset, "+08:00", or a name, "Asia/Shanghai", as the machine's
 * own files define it (/usr/share/zoneinfo, RFC 8536).
 *
 * Where the clock was put back an hour happened twice; a time in it is taken
 * as the first of the two.  Where it was put forward an hour never happened;
 * a time in it is taken as if the clock had not been put forward yet, which
 * shifts it behind the gap.  Both are told, for the instant is a choice then.
 *
 * Ownership: a zone lives in the arena it was made in, and is read-only.
 */
#ifndef INGEST_ZONE_H
#define INGEST_ZONE_H

#include "ingest/base/arena.h"
#include "ingest/base/err.h"

struct zone;

/* What the times of a source may leave out. */
struct zone_local {
	const struct zone *zone; /* NULL: not known */
	int year;		 /* 0: not known */
	int first_month;	 /* those before it are of the next year */
};

/* NULL with `err` "zone "X" …" when there is none of that name. */
const struct zone *zone_find(
    struct arena *arena, struct span name, struct err *err);

/*
 * The instant at which the zone's clock shows a time, in microseconds since
 * 1970 of that clock.  `*chosen` is set when another one is as good.
 */
int64_t zone_instant(const struct zone *z, int64_t local_us, bool *chosen);

/*
 * The offset, seconds east, that an abbreviation such as "CEST" stands for.
 * The zone's own ones count first, with the meaning next to the time; then
 * those that mean one thing everywhere.  z may be NULL.  False: not known.
 */
bool zone_abbreviation(const struct zone *z, struct span word, int64_t local_us,
    int32_t *offset_s);

/* "2018", or "2018-07" when the log begins in July.  0, or -1. */
int zone_year_read(struct span text, struct zone_local *out);

/*
 * The offset of a zone outside summer time, in minutes, for a clock that
 * shows all instants alike.  0, or -1 when there is no such zone.
 */
int zone_standard_min(struct span name, int *minutes);

#endif
