/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * utc - instants as int64 microseconds UTC since 1970.
 *
 * The calendar is proleptic Gregorian, years 0 to 9999.  A leap second
 * (second 60) is read as the instant that follows second 59; `UTC_LEAP`
 * in the flags tells that it was one.
 */
#ifndef INGEST_BASE_UTC_H
#define INGEST_BASE_UTC_H

#include "ingest/base/span.h"

#define UTC_US_S   ((int64_t)1000000)
#define UTC_US_DAY ((int64_t)86400 * UTC_US_S)

/* How exactly a time stamp was given. */
enum utc_precision {
	UTC_PRECISION_UNKNOWN = 0,
	UTC_DAY,
	UTC_HOUR,
	UTC_MINUTE,
	UTC_SECOND,
	UTC_DECISECOND,
	UTC_MS,
	UTC_US,
	UTC_NS, /* digits beyond the microsecond were cut off */
	UTC_PRECISION__MAX
};

struct utc_stamp {
	int64_t us;		      /* the instant */
	int zone_min;		      /* offset as written, minutes east */
	bool has_zone;		      /* false: none written, us as if UTC */
	bool zone_unknown;	      /* "-00:00": UTC, but where is not said */
	bool leap;		      /* second 60 was written */
	enum utc_precision precision; /* of what was written */
};

/* Days since 1970-01-01 of a date; month 1..12, day 1..31 (not checked). */
int64_t utc_days(int year, int month, int day);
/* The date of a day number. */
void utc_date(int64_t days, int *year, int *month, int *day);
bool utc_date_exists(int year, int month, int day);
/* Whether an instant is in one of the years 0 to 9999. */
bool utc_in_calendar(int64_t us);

/*
 * RFC 3339 date-time (also with a blank for 'T', a comma for the point and
 * without offset: has_zone tells).  The whole span must match.  0 or -1.
 */
int utc_parse_rfc3339(struct span text, struct utc_stamp *out);

/* "2018-01-03" as its day number.  The whole span must match.  0 or -1. */
int utc_parse_day(struct span text, int64_t *days);
/* "+08:00", "-0330", "+08", "Z" or "UTC" as minutes east.  0 or -1. */
int utc_parse_zone(struct span text, int *zone_min);

enum { UTC_TEXT_BYTES = 40 };
/* "2018-01-03T01:00:04.120Z", fraction only as far as it is not zero. */
char *utc_format(int64_t us, char out[UTC_TEXT_BYTES]);
/* The same instant as local time of the offset, "…+08:00". */
char *utc_format_zone(int64_t us, int zone_min, char out[UTC_TEXT_BYTES]);
/* "2018-01-03", of the day that the offset's wall clock shows. */
char *utc_format_day(int64_t us, int zone_min, char out[UTC_TEXT_BYTES]);
const char *utc_precision_name(enum utc_precision p);

#endif
