/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: days are counted from 0000-03-01 in eras of 400 years, so
 * that the leap day is the last day of a year (Howard Hinnant, "chrono-
 * compatible low-level date algorithms", days_from_civil).
 */
#include "ingest/base/utc.h"

#include <assert.h>
#include <stdio.h>

enum { ERA_DAYS = 146097, EPOCH_SHIFT_DAYS = 719468 };

int64_t
utc_days(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year, era, yoe, doy, doe;

	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * ERA_DAYS + doe - EPOCH_SHIFT_DAYS;
}

void
utc_date(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + EPOCH_SHIFT_DAYS, era, doe, yoe, doy, mp;

	era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
	doe = z - era * ERA_DAYS;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2 ? 1 : 0));
}

bool
utc_date_exists(int year, int month, int day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1)
		return false;
	return day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool
utc_in_calendar(int64_t us)
{
	return us >= -62167219200 * UTC_US_S && us < 253402300800 * UTC_US_S;
}

/* Exactly n digits at p, or -1. */
static int
digits(const char *p, int n)
{
	int v = 0, i;

	for (i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

/* ".123456": microseconds, and how many digits there were; cut, not rounded. */
static const char *
fraction(const char *p, const char *end, int64_t *us, int *n_digits)
{
	int64_t scale = 100000;

	*us = 0;
	*n_digits = 0;
	for (; p < end && *p >= '0' && *p <= '9'; p++, (*n_digits)++) {
		*us += (*p - '0') * scale;
		scale /= 10;
	}
	return p;
}

static enum utc_precision
precision_of(int n_digits)
{
	if (n_digits == 0)
		return UTC_SECOND;
	if (n_digits == 1)
		return UTC_DECISECOND;
	if (n_digits <= 3)
		return UTC_MS;
	return n_digits <= 6 ? UTC_US : UTC_NS;
}

/* "Z", "+08:00", "+0800", "+08" or nothing, up to the end. */
static int
zone(const char *p, const char *end, struct utc_stamp *out)
{
	int h, m = 0, sign;

	if (p == end)
		return 0;
	if (end - p == 1 && (*p == 'Z' || *p == 'z')) {
		out->has_zone = true;
		return 0;
	}
	if (*p != '+' && *p != '-')
		return -1;
	sign = *p++ == '-' ? -1 : 1;
	if (end - p != 2 && end - p != 4 && end - p != 5)
		return -1;
	h = digits(p, 2);
	p += 2;
	if (end - p == 3 && *p++ != ':')
		return -1;
	if (end - p == 2)
		m = digits(p, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return -1;
	out->has_zone = true;
	out->zone_min = sign * (h * 60 + m);
	out->zone_unknown = sign < 0 && out->zone_min == 0;
	return 0;
}

int
utc_parse_rfc3339(struct span text, struct utc_stamp *out)
{
	const char *p = text.p, *end = p + text.n;
	int y, mo, d, h, mi, s, n_digits = 0;
	int64_t frac = 0;

	if (text.p == NULL || text.n < 19 || p[4] != '-' || p[7] != '-' ||
	    (p[10] != 'T' && p[10] != 't' && p[10] != ' ') || p[13] != ':' ||
	    p[16] != ':')
		return -1;
	y = digits(p, 4);
	mo = digits(p + 5, 2);
	d = digits(p + 8, 2);
	h = digits(p + 11, 2);
	mi = digits(p + 14, 2);
	s = digits(p + 17, 2);
	if (y < 0 || !utc_date_exists(y, mo, d) || h < 0 || h > 23 || mi < 0 ||
	    mi > 59 || s < 0 || s > 60)
		return -1;
	p += 19;
	if (p < end && (*p == '.' || *p == ',')) {
		p = fraction(p + 1, end, &frac, &n_digits);
		if (n_digits == 0)
			return -1;
	}
	memset(out, 0, sizeof *out);
	if (p < end && *p == ' ' && end - p > 1)
		p++; /* "2018-01-03 09:00:01 +0800" */
	if (zone(p, end, out) < 0)
		return -1;
	out->leap = s == 60;
	out->precision = precision_of(n_digits);
	out->us = (utc_days(y, mo, d) * 86400 + h * 3600 + mi * 60 + s -
		      (int64_t)out->zone_min * 60) *
		      UTC_US_S +
		  frac;
	return utc_in_calendar(out->us) ? 0 : -1;
}

int
utc_parse_day(struct span text, int64_t *days)
{
	int y, m, d;

	if (text.p == NULL || text.n != 10 || text.p[4] != '-' ||
	    text.p[7] != '-')
		return -1;
	y = digits(text.p, 4);
	m = digits(text.p + 5, 2);
	d = digits(text.p + 8, 2);
	if (y < 0 || !utc_date_exists(y, m, d))
		return -1;
	*days = utc_days(y, m, d);
	return 0;
}

int
utc_parse_zone(struct span text, int *zone_min)
{
	struct utc_stamp s = { 0 };

	if (span_is(text, "UTC")) {
		*zone_min = 0;
		return 0;
	}
	if (text.n == 0 || zone(text.p, text.p + text.n, &s) < 0)
		return -1;
	*zone_min = s.zone_min;
	return 0;
}

static char *
format(int64_t us, int zone_min, bool is_utc, char *out)
{
	int64_t local = us + (int64_t)zone_min * 60 * UTC_US_S, days, rest;
	int y, mo, d, n, s, frac, z = zone_min < 0 ? -zone_min : zone_min;

	days = local / UTC_US_DAY;
	rest = local % UTC_US_DAY;
	if (rest < 0) {
		rest += UTC_US_DAY;
		days--;
	}
	utc_date(days, &y, &mo, &d);
	s = (int)(rest / UTC_US_S);
	frac = (int)(rest % UTC_US_S);
	n = snprintf(out, UTC_TEXT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d", y,
	    mo, d, s / 3600, s / 60 % 60, s % 60);
	assert(n > 0 && n < UTC_TEXT_BYTES);
	if (frac % 1000 != 0)
		n += snprintf(
		    out + n, UTC_TEXT_BYTES - (size_t)n, ".%06d", frac);
	else if (frac != 0)
		n += snprintf(
		    out + n, UTC_TEXT_BYTES - (size_t)n, ".%03d", frac / 1000);
	if (is_utc)
		(void)snprintf(out + n, UTC_TEXT_BYTES - (size_t)n, "Z");
	else
		(void)snprintf(out + n, UTC_TEXT_BYTES - (size_t)n,
		    "%c%02d:%02d", zone_min < 0 ? '-' : '+', z / 60, z % 60);
	return out;
}

char *
utc_format(int64_t us, char out[UTC_TEXT_BYTES])
{
	return format(us, 0, true, out);
}

char *
utc_format_zone(int64_t us, int zone_min, char out[UTC_TEXT_BYTES])
{
	return format(us, zone_min, false, out);
}

char *
utc_format_day(int64_t us, int zone_min, char out[UTC_TEXT_BYTES])
{
	(void)format(us, zone_min, true, out);
	*strchr(out, 'T') = '\0';
	return out;
}

const char *
utc_precision_name(enum utc_precision p)
{
	static const char *const name[UTC_PRECISION__MAX] = {
		[UTC_PRECISION_UNKNOWN] = "unknown",
		[UTC_DAY] = "day",
		[UTC_HOUR] = "hour",
		[UTC_MINUTE] = "minute",
		[UTC_SECOND] = "second",
		[UTC_DECISECOND] = "decisecond",
		[UTC_MS] = "ms",
		[UTC_US] = "us",
		[UTC_NS] = "ns",
	};

	assert((unsigned)p < UTC_PRECISION__MAX);
	return name[p];
}
