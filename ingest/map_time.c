/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Times of records: numbers since 1970 in five units, RFC 3339, and patterns
 * in the manner of strptime() but without any locale.
 */
#include "ingest/map_code.h"

#include <assert.h>
#include <math.h>

enum { YEAR_MAX = 9999 };

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
	if (text.n == 0 || memchr(text.p, '%', text.n) == NULL)
		return map_fail(
		    src, "unknown time format \"%.*s\"", (int)text.n, text.p);
	for (i = 0; i < text.n; i++) {
		if (text.p[i] != '%')
			continue;
		if (++i == text.n ||
		    memchr("YymdeHIMSfbBapzZFT%", text.p[i], 19) == NULL)
			return map_fail(src,
			    "time format %%%c is not supported by this "
			    "version",
			    i < text.n ? text.p[i] : ' ');
	}
	out->kind = CLOCK_STRPTIME;
	out->pattern = arena_span(&src->map->arena, text);
	return 0;
}

/* ---- numbers ------------------------------------------------------------ */

static bool
in_calendar(int64_t us)
{
	return us >= utc_days(0, 1, 1) * UTC_US_DAY &&
	       us < utc_days(YEAR_MAX + 1, 1, 1) * UTC_US_DAY;
}

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
	return in_calendar(out->us) ? 0 : -1;
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
	bool negative = false, point = false, any = false;
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
	for (; places < 0 && v != 0; places++)
		v /= 10;
	memset(out, 0, sizeof *out);
	out->us = negative ? -v : v;
	out->has_zone = true;
	finer += f->digits;
	out->precision = finer <= 0   ? UTC_SECOND
			 : finer == 1 ? UTC_DECISECOND
			 : finer <= 3 ? UTC_MS
			 : finer <= 6 ? UTC_US
				      : UTC_NS;
	return in_calendar(out->us) ? 0 : -1;
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

/* ---- patterns ----------------------------------------------------------- */

struct reading {
	const char *p, *end;
	int year, month, day, hour, minute, second, zone_min;
	int64_t frac_us;
	int frac_digits;
	bool has_zone, afternoon, half; /* %p seen */
	enum utc_precision finest;
};

static int
digits_up_to(struct reading *r, int most, int *out)
{
	int v = 0, n = 0;

	for (; n < most && r->p < r->end && *r->p >= '0' && *r->p <= '9'; n++)
		v = v * 10 + (*r->p++ - '0');
	*out = v;
	return n;
}

static int
number(struct reading *r, int most, int low, int high, int *out)
{
	if (digits_up_to(r, most, out) == 0 || *out < low || *out > high)
		return -1;
	return 0;
}

/* The name at the reading point, in full or its first three letters. */
static int
name(struct reading *r, const char *const *list, int n, int *out)
{
	size_t room, full;
	int i;

	for (i = 0; i < n; i++) {
		room = (size_t)(r->end - r->p);
		full = strlen(list[i]);
		if (room >= full && strncasecmp(r->p, list[i], full) == 0)
			r->p += full;
		else if (room >= 3 && strncasecmp(r->p, list[i], 3) == 0)
			r->p += 3;
		else
			continue;
		*out = i;
		return 0;
	}
	return -1;
}

static int
month_name(struct reading *r)
{
	static const char *const list[] = { "January", "February", "March",
		"April", "May", "June", "July", "August", "September",
		"October", "November", "December" };

	if (name(r, list, 12, &r->month) < 0)
		return -1;
	r->month++;
	return 0;
}

static int
weekday_name(struct reading *r)
{
	static const char *const list[] = { "Sunday", "Monday", "Tuesday",
		"Wednesday", "Thursday", "Friday", "Saturday" };
	int day;

	return name(r, list, 7, &day);
}

/* "+0800", "+08:00", "+08", "Z". */
static int
offset(struct reading *r)
{
	int sign, h, m = 0;

	if (r->p == r->end)
		return -1;
	r->has_zone = true;
	if (*r->p == 'Z' || *r->p == 'z') {
		r->p++;
		return 0;
	}
	if (*r->p != '+' && *r->p != '-')
		return -1;
	sign = *r->p++ == '-' ? -1 : 1;
	if (digits_up_to(r, 2, &h) != 2 || h > 23)
		return -1;
	if (r->p < r->end && *r->p == ':')
		r->p++;
	if (r->p < r->end && *r->p >= '0' && *r->p <= '9' &&
	    (digits_up_to(r, 2, &m) != 2 || m > 59))
		return -1;
	r->zone_min = sign * (h * 60 + m);
	return 0;
}

/* Of the names of zones only those of UTC mean one thing everywhere. */
static int
zone_word(struct reading *r)
{
	static const char *const utc[] = { "UTC", "GMT", "Z" };
	size_t i, n;

	for (i = 0; i < 3; i++) {
		n = strlen(utc[i]);
		if ((size_t)(r->end - r->p) >= n &&
		    memcmp(r->p, utc[i], n) == 0) {
			r->p += n;
			r->has_zone = true;
			return 0;
		}
	}
	return -1;
}

static int
fraction(struct reading *r)
{
	int64_t scale = 100000;

	for (; r->p < r->end && *r->p >= '0' && *r->p <= '9';
	     r->p++, r->frac_digits++) {
		r->frac_us += (*r->p - '0') * scale;
		scale /= 10;
	}
	return r->frac_digits == 0 ? -1 : 0;
}

static int
half_day(struct reading *r)
{
	if (r->end - r->p < 2 || (r->p[1] != 'M' && r->p[1] != 'm') ||
	    memchr("AaPp", r->p[0], 4) == NULL)
		return -1;
	r->half = true;
	r->afternoon = r->p[0] == 'P' || r->p[0] == 'p';
	r->p += 2;
	return 0;
}

static int
literal(struct reading *r, char c)
{
	if (c == ' ') {
		if (r->p == r->end || *r->p != ' ')
			return -1;
		while (r->p < r->end && *r->p == ' ')
			r->p++;
		return 0;
	}
	return r->p < r->end && *r->p++ == c ? 0 : -1;
}

static void
finest(struct reading *r, enum utc_precision p)
{
	if (p > r->finest)
		r->finest = p;
}

static int conversion(struct reading *r, char c);

static int
conversions(struct reading *r, const char *list)
{
	for (; *list != '\0'; list++)
		if ((*list >= 'A' ? conversion(r, *list) : literal(r, *list)) <
		    0)
			return -1;
	return 0;
}

static int
conversion(struct reading *r, char c)
{
	switch (c) {
	case 'Y':
		return digits_up_to(r, 4, &r->year) == 4 ? 0 : -1;
	case 'y':
		if (digits_up_to(r, 2, &r->year) != 2)
			return -1;
		r->year += r->year < 69 ? 2000 : 1900;
		return 0;
	case 'm':
		return number(r, 2, 1, 12, &r->month);
	case 'e':
		(void)(r->p < r->end && *r->p == ' ' && r->p++);
		/* fallthrough */
	case 'd':
		return number(r, 2, 1, 31, &r->day);
	case 'I':
	case 'H':
		finest(r, UTC_HOUR);
		return number(r, 2, 0, 23, &r->hour);
	case 'M':
		finest(r, UTC_MINUTE);
		return number(r, 2, 0, 59, &r->minute);
	case 'S':
		finest(r, UTC_SECOND);
		return number(r, 2, 0, 60, &r->second);
	case 'f':
		return fraction(r);
	case 'b':
	case 'B':
		return month_name(r);
	case 'a':
		return weekday_name(r);
	case 'p':
		return half_day(r);
	case 'z':
		return offset(r);
	case 'Z':
		return zone_word(r);
	case 'F':
		return conversions(r, "Y-m-d");
	case 'T':
		return conversions(r, "H:M:S");
	case '%':
		return literal(r, '%');
	default:
		assert(!"checked when compiled");
		return -1;
	}
}

static int
reading_close(struct reading *r, struct utc_stamp *out)
{
	if (!utc_date_exists(r->year, r->month, r->day))
		return -1;
	if (r->half) {
		if (r->hour < 1 || r->hour > 12)
			return -1;
		r->hour = r->hour % 12 + (r->afternoon ? 12 : 0);
	}
	memset(out, 0, sizeof *out);
	out->us =
	    (utc_days(r->year, r->month, r->day) * 86400 + r->hour * 3600 +
		r->minute * 60 + r->second - (int64_t)r->zone_min * 60) *
		UTC_US_S +
	    r->frac_us;
	out->has_zone = r->has_zone;
	out->zone_min = r->zone_min;
	out->leap = r->second == 60;
	out->precision = r->finest;
	if (r->finest == UTC_SECOND && r->frac_digits > 0)
		out->precision = r->frac_digits == 1   ? UTC_DECISECOND
				 : r->frac_digits <= 3 ? UTC_MS
				 : r->frac_digits <= 6 ? UTC_US
						       : UTC_NS;
	return in_calendar(out->us) ? 0 : -1;
}

static int
strptime_read(struct span pattern, struct span s, struct utc_stamp *out)
{
	struct reading r = { 0 };
	size_t i;

	r.p = s.p;
	r.end = s.p + s.n;
	r.year = -1;
	r.finest = UTC_DAY;
	for (i = 0; i < pattern.n; i++) {
		if (pattern.p[i] == '%') {
			if (conversion(&r, pattern.p[++i]) < 0)
				return -1;
		} else if (literal(&r, pattern.p[i]) < 0) {
			return -1;
		}
	}
	return r.p == r.end ? reading_close(&r, out) : -1;
}

int
map_clock_read(const struct map_clock_format *f, const struct value *v,
    struct utc_stamp *out)
{
	switch (v->type) {
	case VALUE_TEXT:
		switch (f->kind) {
		case CLOCK_RFC3339:
			return utc_parse_rfc3339(v->text, out);
		case CLOCK_EPOCH:
			return epoch_text(f, v->text, out);
		case CLOCK_STRPTIME:
			return strptime_read(f->pattern, v->text, out);
		}
		return -1;
	case VALUE_INT:
		return f->kind == CLOCK_EPOCH ? epoch_whole(f, v->i, out) : -1;
	case VALUE_DOUBLE:
		return f->kind == CLOCK_EPOCH ? epoch_double(f, v->d, out) : -1;
	default:
		return -1;
	}
}
