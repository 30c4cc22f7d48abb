/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Named zones, from the machine's own files (RFC 8536): the instants at
 * which the offset changed, and the rule of the footer for all later years.
 *
 * A wall-clock time that happened twice is taken as the first of the two;
 * one that never happened as if the clock had not been put forward yet.
 */
#include <stdio.h>

#include "ingest/map_code.h"

enum { ZONE_FILE_MAX = 256 * 1024, TRANSITIONS_MAX = 20000, HEADER = 44 };

/* "M3.2.0/2": when a year's offset changes. */
struct rule {
	char form; /* 'M', 'J' (1 to 365 without 29 February), 'n' (0 to 365) */
	int month, week, day;
	int64_t second; /* of the day, local */
};

struct map_zone {
	int64_t *at;	 /* [n], seconds since 1970 */
	int32_t *offset; /* [n], seconds east from then on */
	size_t n;
	int32_t before; /* the first transition */
	bool has_footer, has_summer;
	int32_t standard, summer;
	struct rule begin, end; /* of summer time */
};

static int64_t
big_endian(const unsigned char *p, int bytes)
{
	uint64_t v = (p[0] & 0x80) != 0 ? ~(uint64_t)0 : 0;
	int i;

	for (i = 0; i < bytes; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

/* ---- the footer ------------------------------------------------------------- */

static bool
digits(const char **p, int most, int *out)
{
	int n = 0;

	for (*out = 0; n < most && **p >= '0' && **p <= '9'; n++)
		*out = *out * 10 + (*(*p)++ - '0');
	return n > 0;
}

/* "[+-]hh[:mm[:ss]]" in seconds. */
static bool
clock_time(const char **p, int64_t *out)
{
	int sign = 1, h, m = 0, s = 0;

	if (**p == '+' || **p == '-')
		sign = *(*p)++ == '-' ? -1 : 1;
	if (!digits(p, 3, &h))
		return false;
	if (**p == ':' && (++*p, !digits(p, 2, &m)))
		return false;
	if (**p == ':' && (++*p, !digits(p, 2, &s)))
		return false;
	*out = sign * ((int64_t)h * 3600 + m * 60 + s);
	return true;
}

/* "CST", "<+03>": the name is of no use. */
static bool
zone_name(const char **p)
{
	const char *begin = *p;

	if (**p == '<') {
		*p = strchr(*p, '>');
		if (*p == NULL)
			return false;
		++*p;
		return true;
	}
	while ((**p >= 'A' && **p <= 'Z') || (**p >= 'a' && **p <= 'z'))
		++*p;
	return *p - begin >= 3;
}

static bool
rule_read(const char **p, struct rule *r)
{
	if (**p != ',')
		return false;
	++*p;
	r->form = **p == 'M' || **p == 'J' ? *(*p)++ : 'n';
	r->second = 7200;
	if (r->form == 'M') {
		if (!digits(p, 2, &r->month) || r->month < 1 || r->month > 12 ||
		    *(*p)++ != '.' || !digits(p, 1, &r->week) || r->week < 1 ||
		    r->week > 5 || *(*p)++ != '.' || !digits(p, 1, &r->day) ||
		    r->day > 6)
			return false;
	} else if (!digits(p, 3, &r->day)) {
		return false;
	}
	if (**p != '/')
		return true;
	++*p;
	return clock_time(p, &r->second);
}

static bool
footer_read(struct map_zone *z, const char *p)
{
	int64_t west;

	if (!zone_name(&p) || !clock_time(&p, &west))
		return false;
	z->standard = (int32_t)-west;
	z->has_footer = true;
	if (*p == '\0')
		return true;
	z->has_summer = true;
	z->summer = z->standard + 3600;
	if (!zone_name(&p))
		return false;
	if (*p != ',' && *p != '\0') {
		if (!clock_time(&p, &west))
			return false;
		z->summer = (int32_t)-west;
	}
	return rule_read(&p, &z->begin) && rule_read(&p, &z->end) && *p == '\0';
}

/* The day of a rule in a year, since 1970. */
static int64_t
rule_day(const struct rule *r, int year)
{
	int64_t first, day;
	bool leap;

	if (r->form == 'M') {
		first = utc_days(year, r->month, 1);
		/* 1970-01-01 was a Thursday */
		day = first + ((r->day - (first + 4) % 7) % 7 + 7) % 7 +
		      (r->week - 1) * 7;
		while (
		    r->week == 5 &&
		    day >= (r->month == 12 ? utc_days(year + 1, 1, 1)
					   : utc_days(year, r->month + 1, 1)))
			day -= 7;
		return day;
	}
	leap = utc_date_exists(year, 2, 29);
	if (r->form == 'J')
		return utc_days(year, 1, 1) + r->day - 1 +
		       (leap && r->day >= 60);
	return utc_days(year, 1, 1) + r->day;
}

static int32_t
footer_offset(const struct map_zone *z, int64_t t)
{
	int64_t begin, end, days = (t + z->standard) / 86400;
	int year, month, day;

	if (!z->has_summer)
		return z->standard;
	utc_date(days, &year, &month, &day);
	begin =
	    rule_day(&z->begin, year) * 86400 + z->begin.second - z->standard;
	end = rule_day(&z->end, year) * 86400 + z->end.second - z->summer;
	if (begin < end)
		return t >= begin && t < end ? z->summer : z->standard;
	return t >= begin || t < end ? z->summer : z->standard;
}

/* ---- the file ----------------------------------------------------------------- */

/* The six counts of a header; false when it is none. */
static bool
header(const unsigned char *p, size_t n, size_t count[6])
{
	int i;

	if (n < HEADER || memcmp(p, "TZif", 4) != 0)
		return false;
	for (i = 0; i < 6; i++) {
		count[i] = (size_t)(uint32_t)big_endian(p + 20 + 4 * i, 4);
		if (count[i] > TRANSITIONS_MAX)
			return false;
	}
	return true;
}

/* isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt */
static size_t
block_bytes(const size_t c[6], size_t time_bytes)
{
	return c[3] * time_bytes + c[3] + c[4] * 6 + c[5] +
	       c[2] * (time_bytes + 4) + c[1] + c[0];
}

static struct map_zone *
zone_read(struct arena *arena, const unsigned char *p, size_t n)
{
	struct map_zone *z = arena_alloc(arena, sizeof *z);
	const unsigned char *times, *types, *kinds;
	size_t c[6], skip, i;
	char footer[128];

	if (!header(p, n, c) || p[4] < '2')
		return NULL;
	skip = HEADER + block_bytes(c, 4);
	if (skip > n || !header(p + skip, n - skip, c))
		return NULL;
	p += skip + HEADER;
	n -= skip + HEADER;
	if (block_bytes(c, 8) > n || c[4] == 0)
		return NULL;
	times = p;
	types = times + c[3] * 8;
	kinds = types + c[3];
	z->n = c[3];
	z->at = arena_alloc(arena, (z->n + 1) * sizeof *z->at);
	z->offset = arena_alloc(arena, (z->n + 1) * sizeof *z->offset);
	z->before = (int32_t)big_endian(kinds, 4);
	for (i = 0; i < z->n; i++) {
		if (types[i] >= c[4])
			return NULL;
		z->at[i] = big_endian(times + i * 8, 8);
		z->offset[i] =
		    (int32_t)big_endian(kinds + (size_t)types[i] * 6, 4);
		if (i > 0 && z->at[i] <= z->at[i - 1])
			return NULL;
	}
	p += block_bytes(c, 8);
	n -= block_bytes(c, 8);
	if (n < 3 || n >= sizeof footer || p[0] != '\n' || p[n - 1] != '\n')
		return z;
	memcpy(footer, p + 1, n - 2);
	footer[n - 2] = '\0';
	return footer_read(z, footer) ? z : NULL;
}

static bool
name_is_sound(struct span name)
{
	size_t i;

	if (name.n == 0 || name.n > 64 || name.p[0] < 'A' || name.p[0] > 'Z')
		return false;
	for (i = 0; i < name.n; i++)
		if (!((name.p[i] >= 'A' && name.p[i] <= 'Z') ||
			(name.p[i] >= 'a' && name.p[i] <= 'z') ||
			(name.p[i] >= '0' && name.p[i] <= '9') ||
			memchr("_+-/", name.p[i], 4) != NULL))
			return false;
	return true;
}

struct map_zone *
map_zone_compile(struct map_source *src, struct span name)
{
	struct arena *arena = &src->map->arena;
	struct map_zone *z = NULL;
	unsigned char *bytes;
	char path[128];
	size_t n;
	FILE *f;

	if (!name_is_sound(name)) {
		(void)map_fail(src,
		    "zone \"%.*s\" is no offset like +08:00 and no name like "
		    "Asia/Shanghai",
		    (int)name.n, name.p);
		return NULL;
	}
	(void)snprintf(
	    path, sizeof path, "/usr/share/zoneinfo/%.*s", (int)name.n, name.p);
	f = fopen(path, "rb");
	if (f != NULL) {
		bytes = arena_alloc(arena, ZONE_FILE_MAX);
		n = fread(bytes, 1, ZONE_FILE_MAX, f);
		(void)fclose(f);
		z = zone_read(arena, bytes, n);
	}
	if (z == NULL)
		(void)map_fail(src,
		    "zone \"%.*s\" is not known here; write an offset, "
		    "+08:00",
		    (int)name.n, name.p);
	return z;
}

/* ---- use ------------------------------------------------------------------------ */

static int32_t
offset_at(const struct map_zone *z, int64_t t)
{
	size_t low = 0, high = z->n, mid;

	if (z->n == 0 || t < z->at[0])
		return z->n == 0 && z->has_footer ? footer_offset(z, t)
						  : z->before;
	if (t >= z->at[z->n - 1] && z->has_footer)
		return footer_offset(z, t);
	while (high - low > 1) {
		mid = low + (high - low) / 2;
		if (z->at[mid] <= t)
			low = mid;
		else
			high = mid;
	}
	return z->offset[low];
}

int64_t
map_zone_utc(const struct map_zone *z, int64_t local_us)
{
	int64_t local = local_us / UTC_US_S - (local_us % UTC_US_S < 0);
	int32_t before = offset_at(z, local - 86400);
	int32_t after = offset_at(z, local + 86400), offset = before;

	if (before != after && offset_at(z, local - before) != before &&
	    offset_at(z, local - after) == after)
		offset = after;
	return local_us - (int64_t)offset * UTC_US_S;
}
