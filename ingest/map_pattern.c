/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Times along a pattern, in the manner of strptime() but without any locale:
 * names are English.
 */
#include "ingest/map_code.h"

#include <assert.h>

#define CONVERSIONS "YymdeHIMSfbBapzZFT%jAhklDRLNPrsntuw"

struct reading {
	const char *p, *end;
	int year, month, day, yday, hour, minute, second, zone_min;
	int64_t frac_us, epoch_s;
	int frac_digits;
	bool has_zone, zone_unknown, has_epoch;
	bool afternoon, half; /* %p seen */
	struct span word;     /* a zone's abbreviation */
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
	r->zone_unknown = sign < 0 && r->zone_min == 0;
	return 0;
}

/* "CST"; what it means is asked when the time is known.  Also "+08". */
static int
zone_word(struct reading *r)
{
	const char *from = r->p;

	if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
		return offset(r);
	while (r->p < r->end && ((*r->p >= 'A' && *r->p <= 'Z') ||
				    (*r->p >= 'a' && *r->p <= 'z')))
		r->p++;
	r->word.p = from;
	r->word.n = (size_t)(r->p - from);
	return r->word.n > 0 ? 0 : -1;
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

/* AM or PM, also as a Chinese system writes them. */
static int
half_day(struct reading *r)
{
	static const struct {
		const char *text;
		bool afternoon;
	} halves[] = { { "AM", false }, { "PM", true }, { "上午", false },
		{ "下午", true } };
	size_t i, n;

	for (i = 0; i < sizeof halves / sizeof halves[0]; i++) {
		n = strlen(halves[i].text);
		if ((size_t)(r->end - r->p) < n ||
		    strncasecmp(r->p, halves[i].text, n) != 0)
			continue;
		r->half = true;
		r->afternoon = halves[i].afternoon;
		r->p += n;
		return 0;
	}
	return -1;
}

/* Seconds since 1970. */
static int
epoch(struct reading *r)
{
	bool negative = r->p < r->end && *r->p == '-';
	int n;

	r->p += negative;
	for (n = 0; r->p < r->end && *r->p >= '0' && *r->p <= '9'; n++)
		if (__builtin_mul_overflow(r->epoch_s, 10, &r->epoch_s) ||
		    __builtin_add_overflow(
			r->epoch_s, *r->p++ - '0', &r->epoch_s))
			return -1;
	if (negative)
		r->epoch_s = -r->epoch_s;
	r->has_epoch = true;
	return n > 0 && r->epoch_s < 253402300800 && r->epoch_s >= -62167219200
		   ? 0
		   : -1;
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

static int
blank_and_number(struct reading *r, int most, int low, int high, int *out)
{
	if (r->p < r->end && *r->p == ' ')
		r->p++;
	return number(r, most, low, high, out);
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
date_part(struct reading *r, char c)
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
		return blank_and_number(r, 2, 1, 31, &r->day);
	case 'd':
		return number(r, 2, 1, 31, &r->day);
	case 'j':
		return number(r, 3, 1, 366, &r->yday);
	case 'h':
	case 'b':
	case 'B':
		return month_name(r);
	case 'A':
	case 'a':
		return weekday_name(r);
	case 'u':
	case 'w':
		return number(r, 1, 0, 7, &(int){ 0 });
	case 'F':
		return conversions(r, "Y-m-d");
	default:
		return conversions(r, "m/d/y");
	}
}

static int
clock_part(struct reading *r, char c)
{
	switch (c) {
	case 'I':
	case 'l':
	case 'H':
	case 'k':
		finest(r, UTC_HOUR);
		if (c == 'k' || c == 'l')
			return blank_and_number(r, 2, 0, 23, &r->hour);
		return number(r, 2, 0, 23, &r->hour);
	case 'M':
		finest(r, UTC_MINUTE);
		return number(r, 2, 0, 59, &r->minute);
	case 'S':
		finest(r, UTC_SECOND);
		return number(r, 2, 0, 60, &r->second);
	case 'T':
		return conversions(r, "H:M:S");
	case 'R':
		return conversions(r, "H:M");
	case 'r':
		return conversions(r, "I:M:S p");
	case 'p':
	case 'P':
		return half_day(r);
	case 's':
		finest(r, UTC_SECOND);
		return epoch(r);
	default: /* f L N */
		return fraction(r);
	}
}

static int
conversion(struct reading *r, char c)
{
	assert(strchr(CONVERSIONS, c) != NULL);
	if (strchr("YymedjhbBAauwFD", c) != NULL)
		return date_part(r, c);
	switch (c) {
	case 'z':
		return offset(r);
	case 'Z':
		return zone_word(r);
	case 'n':
	case 't':
		while (r->p < r->end && (*r->p == ' ' || *r->p == '\t'))
			r->p++;
		return 0;
	case '%':
		return literal(r, '%');
	default:
		return clock_part(r, c);
	}
}

/* Of the date what was not written: the year, or the day of the month. */
static bool
date_complete(struct reading *r, const struct zone_local *local)
{
	int year = r->year;

	if (year < 0 && local->year == 0)
		return false;
	if (year < 0)
		year = local->year;
	if (r->yday > 0 && r->month == 0)
		utc_date(utc_days(year, 1, 1) + r->yday - 1, &year, &r->month,
		    &r->day);
	if (r->year < 0 && r->month < local->first_month)
		year++;
	else if (r->year >= 0 && year != r->year)
		return false; /* the 366th day */
	r->year = year;
	return utc_date_exists(r->year, r->month, r->day);
}

static enum utc_precision
precision(const struct reading *r)
{
	if (r->finest != UTC_SECOND || r->frac_digits == 0)
		return r->finest;
	return r->frac_digits == 1   ? UTC_DECISECOND
	       : r->frac_digits <= 3 ? UTC_MS
	       : r->frac_digits <= 6 ? UTC_US
				     : UTC_NS;
}

static int
reading_close(
    struct reading *r, const struct zone_local *local, struct utc_stamp *out)
{
	int32_t east = r->zone_min * 60;

	memset(out, 0, sizeof *out);
	out->precision = precision(r);
	if (r->has_epoch) {
		out->us = r->epoch_s * UTC_US_S + r->frac_us;
		out->has_zone = true;
		return 0;
	}
	if (!date_complete(r, local))
		return -1;
	if (r->half) {
		if (r->hour < 1 || r->hour > 12)
			return -1;
		r->hour = r->hour % 12 + (r->afternoon ? 12 : 0);
	}
	out->us = (utc_days(r->year, r->month, r->day) * 86400 +
		      r->hour * 3600 + r->minute * 60 + r->second) *
		      UTC_US_S +
		  r->frac_us;
	if (r->word.n > 0 &&
	    !zone_abbreviation(local->zone, r->word, out->us, &east))
		return -1;
	out->us -= (int64_t)east * UTC_US_S;
	out->has_zone = r->has_zone || r->word.n > 0;
	out->zone_unknown = r->zone_unknown;
	out->zone_min = east / 60;
	out->leap = r->second == 60;
	return utc_in_calendar(out->us) ? 0 : -1;
}

int
map_pattern_read(struct span pattern, struct span s,
    const struct zone_local *local, struct utc_stamp *out)
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
	return r.p == r.end ? reading_close(&r, local, out) : -1;
}

/* ---- patterns ------------------------------------------------------------ */

static bool
has_one_of(const char *seen, const char *list)
{
	return seen[strcspn(seen, list)] != '\0';
}

const char *
map_pattern_refuse(struct span pattern, bool *needs_year)
{
	char seen[sizeof CONVERSIONS * 2] = "";
	size_t i, n = 0;

	for (i = 0; i < pattern.n; i++) {
		if (pattern.p[i] != '%')
			continue;
		if (++i == pattern.n)
			return "a % at the end";
		if (memchr("GgVUW", pattern.p[i], 5) != NULL)
			return "weeks give no day";
		if (memchr("cxXEO", pattern.p[i], 5) != NULL)
			return "what depends on a language is written out";
		if (memchr(CONVERSIONS, pattern.p[i], sizeof CONVERSIONS - 1) ==
		    NULL)
			return "unknown letter behind a %";
		if (n + 1 < sizeof seen && strchr(seen, pattern.p[i]) == NULL)
			seen[n++] = pattern.p[i];
	}
	if (!has_one_of(seen, "sFDj") &&
	    !(has_one_of(seen, "mbBh") && has_one_of(seen, "de")))
		return "it has no day";
	*needs_year = !has_one_of(seen, "YyFDs");
	return NULL;
}
