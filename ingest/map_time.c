/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Times of records: numbers since 1970 in five units, RFC 3339, the days of
 * spreadsheets, and patterns (map_pattern.c).
 */
#include "ingest/map_code.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* ---- formats ------------------------------------------------------------ */

static const struct {
	const char *name;
	int digits;
} epochs[] = { { "epoch_s", 0 }, { "epoch_ds", 1 }, { "epoch_ms", 3 },
	{ "epoch_us", 6 }, { "epoch_ns", 9 } };

int
map_clock_compile(
    struct map_source *src, struct span text, struct map_clock_format *out)
{
	const char *why;
	size_t i;

	memset(out, 0, sizeof *out);
	for (i = 0; i < sizeof epochs / sizeof epochs[0]; i++)
		if (span_is(text, epochs[i].name)) {
			out->kind = CLOCK_EPOCH;
			out->digits = epochs[i].digits;
			return 0;
		}
	if (span_is(text, "rfc3339")) {
		out->kind = CLOCK_RFC3339;
		return 0;
	}
	if (span_is(text, "excel") || span_is(text, "excel1904")) {
		out->kind = CLOCK_EXCEL;
		out->first_day =
		    text.n == 5 ? utc_days(1899, 12, 30) : utc_days(1904, 1, 1);
		return 0;
	}
	if (text.n == 0 || memchr(text.p, '%', text.n) == NULL)
		return map_fail(
		    src, "unknown time format \"%.*s\"", (int)text.n, text.p);
	why = map_pattern_refuse(text, &out->needs_year);
	if (why != NULL)
		return map_fail(
		    src, "time format \"%.*s\": %s", (int)text.n, text.p, why);
	out->kind = CLOCK_STRPTIME;
	out->pattern = arena_span(&src->map->arena, text);
	return 0;
}

/* ---- numbers ------------------------------------------------------------ */

static int
epoch_whole(const struct map_clock_format *f, int64_t n, struct utc_stamp *out)
{
	static const enum utc_precision precision[] = { [0] = UTC_SECOND,
		[1] = UTC_DECISECOND,
		[3] = UTC_MS,
		[6] = UTC_US,
		[9] = UTC_NS };
	static const int64_t times[] = {
		[0] = 1000000, [1] = 100000, [3] = 1000, [6] = 1, [9] = 0
	};

	memset(out, 0, sizeof *out);
	if (f->digits == 9)
		out->us = n / 1000 - (n % 1000 < 0 ? 1 : 0);
	else if (__builtin_mul_overflow(n, times[f->digits], &out->us))
		return -1;
	out->has_zone = true; /* it is UTC, though no offset was written */
	out->precision = precision[f->digits];
	return utc_in_calendar(out->us) ? 0 : -1;
}

/*
 * A decimal "1514941201.120", perhaps with exponent, as microseconds: the
 * digits are moved by the unit's and the exponent's places and cut off
 * behind the microsecond.
 */
static int
epoch_text(
    const struct map_clock_format *f, struct span s, struct utc_stamp *out)
{
	int64_t v = 0, places = 6 - f->digits, exponent = 0, finer = 0;
	bool negative = false, point = false, any = false, rest = false;
	size_t i = 0;

	if (i < s.n && s.p[i] == '-') {
		negative = true;
		i++;
	}
	for (; i < s.n &&
	       ((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] == '.' && !point));
	     i++) {
		if (s.p[i] == '.') {
			point = true;
			continue;
		}
		any = true;
		if (v > (INT64_MAX - 9) / 10) {
			places += point ? 0 : 1; /* too long to hold */
			continue;
		}
		v = v * 10 + (s.p[i] - '0');
		places -= point ? 1 : 0;
		finer += point ? 1 : 0;
	}
	if (!any)
		return -1;
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		bool down = i + 1 < s.n && s.p[i + 1] == '-';

		i += 1 +
		     (i + 1 < s.n && (s.p[i + 1] == '-' || s.p[i + 1] == '+'));
		if (i == s.n || s.n - i > 2)
			return -1;
		for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
			exponent = exponent * 10 + (s.p[i] - '0');
		places += down ? -exponent : exponent;
		finer -= down ? -exponent : exponent;
	}
	if (i != s.n)
		return -1;
	for (; places > 0; places--)
		if (__builtin_mul_overflow(v, 10, &v))
			return -1;
	for (; places < 0 && v != 0; places++) {
		rest |= v % 10 != 0;
		v /= 10;
	}
	memset(out, 0, sizeof *out);
	out->us = negative ? -v - rest : v; /* as the rest: the earlier one */
	out->has_zone = true;
	finer += f->digits;
	out->precision = finer <= 0   ? UTC_SECOND
			 : finer == 1 ? UTC_DECISECOND
			 : finer <= 3 ? UTC_MS
			 : finer <= 6 ? UTC_US
				      : UTC_NS;
	return utc_in_calendar(out->us) ? 0 : -1;
}

static int
epoch_double(const struct map_clock_format *f, double d, struct utc_stamp *out)
{
	char text[JSON_DOUBLE_BYTES];
	struct span s = { text, 0 };

	s.n = json_double_text(d, text);
	/* "1514941201000.0" says no more than the whole number. */
	if (s.n > 2 && memcmp(text + s.n - 2, ".0", 2) == 0)
		s.n -= 2;
	return epoch_text(f, s, out);
}

/* ---- days of spreadsheets ------------------------------------------------ */

enum { SERIAL_MAX = 2958465, SERIAL_29_FEBRUARY_1900 = 60 };

/*
 * Days and their parts since the day before 1900-01-01, or since 1904-01-01.
 * The first system counts a 29 February 1900, so that the days before it are
 * one less and it itself is none.  Parts of a day are rounded to the
 * millisecond, which is as fine as a double holds them.
 */
static int
excel_read(
    const struct map_clock_format *f, double serial, struct utc_stamp *out)
{
	bool is_1900 =
	    f->first_day < 0 && f->first_day == utc_days(1899, 12, 30);
	double whole = floor(serial);
	int64_t day, ms;

	if (!(serial >= (is_1900 ? 1 : 0) && serial < SERIAL_MAX + 1))
		return -1;
	day = (int64_t)whole;
	if (is_1900 && day == SERIAL_29_FEBRUARY_1900)
		return -1;
	if (is_1900 && day < SERIAL_29_FEBRUARY_1900)
		day++;
	ms = (int64_t)((serial - whole) * 86400000.0 + 0.5);
	memset(out, 0, sizeof *out);
	out->us = (f->first_day + day) * UTC_US_DAY + ms * 1000;
	out->precision = ms == 0 ? UTC_DAY : UTC_SECOND;
	return utc_in_calendar(out->us) ? 0 : -1;
}

static int
excel_text(
    const struct map_clock_format *f, struct span s, struct utc_stamp *out)
{
	double whole = 0, part = 0, scale = 1;
	size_t i = 0, digits;

	for (; i < s.n && i < 9 && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		whole = whole * 10 + (s.p[i] - '0');
	digits = i;
	if (i < s.n && (s.p[i] == '.' || s.p[i] == ','))
		for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
			if (scale >= 1e15) /* finer than a double */
				continue;
			part = part * 10 + (s.p[i] - '0');
			scale *= 10;
		}
	if (i != s.n || digits == 0)
		return -1;
	return excel_read(f, whole + part / scale, out);
}

static int
text_read(const struct map_clock_format *f, struct span text,
    const struct zone_local *local, struct utc_stamp *out)
{
	switch (f->kind) {
	case CLOCK_RFC3339:
		return utc_parse_rfc3339(text, out);
	case CLOCK_EPOCH:
		return epoch_text(f, text, out);
	case CLOCK_STRPTIME:
		return map_pattern_read(f->pattern, text, local, out);
	case CLOCK_EXCEL:
		return excel_text(f, text, out);
	}
	return -1;
}

/* 20180103 is a date to "%Y%m%d", whether it is text or a number. */
static int
digits_read(const struct map_clock_format *f, uint64_t v,
    const struct zone_local *local, struct utc_stamp *out)
{
	char room[24];

	(void)snprintf(room, sizeof room, "%" PRIu64, v);
	return text_read(f, span_of(room), local, out);
}

int
map_clock_read(const struct map_clock_format *f, const struct value *v,
    const struct zone_local *local, struct utc_stamp *out)
{
	switch (v->type) {
	case VALUE_TEXT:
		return text_read(f, v->text, local, out);
	case VALUE_INT:
		if (f->kind == CLOCK_EXCEL)
			return excel_read(f, (double)v->i, out);
		if (f->kind == CLOCK_EPOCH)
			return epoch_whole(f, v->i, out);
		return v->i < 0 ? -1
				: digits_read(f, (uint64_t)v->i, local, out);
	case VALUE_UINT:
		return digits_read(f, v->u, local, out);
	case VALUE_DOUBLE:
		if (f->kind == CLOCK_EXCEL)
			return excel_read(f, v->d, out);
		return f->kind == CLOCK_EPOCH ? epoch_double(f, v->d, out) : -1;
	default:
		return -1;
	}
}
