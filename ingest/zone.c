/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: a file (RFC 8536) tells the instants at which the offset
 * changed, and in its footer the rule for all later years.
 */
#include "ingest/zone.h"

#include <stdio.h>
#include <stdlib.h>

#include "ingest/base/utc.h"

enum {
	ZONE_FILE_MAX = 256 * 1024,
	TRANSITIONS_MAX = 20000,
	HEADER = 44,
	NAME_MAX_BYTES = 8, /* of an abbreviation */
};

/* "M3.2.0/2": when a year's offset changes. */
struct rule {
	char form; /* 'M', 'J' (1 to 365 without 29 February), 'n' (0 to 365) */
	int month, week, day;
	int64_t second; /* of the day, local */
};

/* An offset, seconds east, and what people call it. */
struct kind {
	int32_t offset;
	char name[NAME_MAX_BYTES]; /* "" when it has none or a longer one */
};

struct zone {
	int64_t *at;   /* [n], seconds since 1970 */
	uint8_t *from; /* [n], the kind from then on */
	size_t n;
	struct kind kind[256]; /* [n_kinds], the first before all of them */
	size_t n_kinds;
	bool has_footer, has_summer;
	struct kind standard, summer;
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

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static void
name_set(struct kind *k, const char *p, size_t n)
{
	if (n >= sizeof k->name)
		n = 0;
	memcpy(k->name, p, n);
	k->name[n] = '\0';
}

/* "CST", "<+03>" */
static bool
zone_name(const char **p, struct kind *k)
{
	const char *begin = *p;

	if (**p == '<') {
		*p = strchr(*p, '>');
		if (*p == NULL)
			return false;
		name_set(k, begin + 1, (size_t)(*p - begin) - 1);
		++*p;
		return true;
	}
	while (is_letter(**p))
		++*p;
	name_set(k, begin, (size_t)(*p - begin));
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
footer_read(struct zone *z, const char *p)
{
	int64_t west;

	if (!zone_name(&p, &z->standard) || !clock_time(&p, &west))
		return false;
	z->standard.offset = (int32_t)-west;
	z->has_footer = true;
	if (*p == '\0')
		return true;
	z->has_summer = true;
	z->summer.offset = z->standard.offset + 3600;
	if (!zone_name(&p, &z->summer))
		return false;
	if (*p != ',' && *p != '\0') {
		if (!clock_time(&p, &west))
			return false;
		z->summer.offset = (int32_t)-west;
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

static const struct kind *
footer_kind(const struct zone *z, int64_t t)
{
	int64_t begin, end, days = (t + z->standard.offset) / 86400;
	int year, month, day;
	bool summer;

	if (!z->has_summer)
		return &z->standard;
	utc_date(days, &year, &month, &day);
	begin = rule_day(&z->begin, year) * 86400 + z->begin.second -
		z->standard.offset;
	end =
	    rule_day(&z->end, year) * 86400 + z->end.second - z->summer.offset;
	summer = begin < end ? t >= begin && t < end : t >= begin || t < end;
	return summer ? &z->summer : &z->standard;
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

/* The kinds of offsets: seconds, whether it is summer time, name. */
static bool
kinds_read(struct zone *z, const unsigned char *p, size_t n, const char *names,
    size_t names_bytes)
{
	const char *name;
	size_t i, at;

	if (n == 0 || n > 256)
		return false;
	for (i = 0; i < n; i++, p += 6) {
		z->kind[i].offset = (int32_t)big_endian(p, 4);
		at = p[5];
		name = at < names_bytes
			   ? memchr(names + at, '\0', names_bytes - at)
			   : NULL;
		if (name == NULL || z->kind[i].offset < -86400 * 2 ||
		    z->kind[i].offset > 86400 * 2)
			return false;
		name_set(
		    &z->kind[i], names + at, (size_t)(name - (names + at)));
	}
	z->n_kinds = n;
	return true;
}

/* A block of transitions, whose instants have so many bytes. */
static bool
block_read(struct arena *arena, struct zone *z, const unsigned char *p,
    const size_t c[6], size_t time_bytes)
{
	const unsigned char *types = p + c[3] * time_bytes;
	const unsigned char *kinds = types + c[3];
	size_t i;

	if (!kinds_read(z, kinds, c[4], (const char *)kinds + c[4] * 6, c[5]))
		return false;
	z->n = c[3];
	z->at = arena_alloc(arena, (z->n + 1) * sizeof *z->at);
	z->from = arena_alloc(arena, z->n + 1);
	for (i = 0; i < z->n; i++) {
		z->at[i] = big_endian(p + i * time_bytes, (int)time_bytes);
		z->from[i] = types[i];
		if (types[i] >= c[4] || (i > 0 && z->at[i] <= z->at[i - 1]))
			return false;
	}
	return true;
}

static struct zone *
zone_read(struct arena *arena, const unsigned char *p, size_t n)
{
	struct zone *z = arena_alloc(arena, sizeof *z);
	size_t c[6], bytes;
	char footer[128];

	if (!header(p, n, c))
		return NULL;
	bytes = HEADER + block_bytes(c, 4);
	if (bytes > n)
		return NULL;
	if (p[4] < '2') /* the first version has no more */
		return block_read(arena, z, p + HEADER, c, 4) ? z : NULL;
	p += bytes;
	n -= bytes;
	if (!header(p, n, c))
		return NULL;
	bytes = HEADER + block_bytes(c, 8);
	if (bytes > n || !block_read(arena, z, p + HEADER, c, 8))
		return NULL;
	p += bytes;
	n -= bytes;
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

/* The file of a zone, NULL: there is none, or none that can be read. */
static struct zone *
file_read(struct arena *arena, struct span name)
{
	unsigned char *bytes;
	struct zone *z;
	char path[128];
	size_t n;
	FILE *f;

	(void)snprintf(
	    path, sizeof path, "/usr/share/zoneinfo/%.*s", (int)name.n, name.p);
	f = fopen(path, "rb");
	if (f == NULL)
		return NULL;
	bytes = malloc(ZONE_FILE_MAX);
	if (bytes == NULL)
		err_no_memory(ZONE_FILE_MAX);
	n = fread(bytes, 1, ZONE_FILE_MAX, f);
	(void)fclose(f);
	z = zone_read(arena, bytes, n);
	free(bytes);
	return z;
}

const struct zone *
zone_find(struct arena *arena, struct span name, struct err *err)
{
	struct zone *z;
	int minutes;

	if (utc_parse_zone(name, &minutes) == 0) {
		z = arena_alloc(arena, sizeof *z);
		z->n_kinds = 1;
		z->kind[0].offset = minutes * 60;
		return z;
	}
	if (!name_is_sound(name)) {
		(void)err_set(err, ERR_FAILED,
		    "zone \"%.*s\" is no offset like +08:00 and no name like "
		    "Asia/Shanghai",
		    (int)name.n, name.p);
		return NULL;
	}
	z = file_read(arena, name);
	if (z == NULL)
		(void)err_set(err, ERR_FAILED,
		    "zone \"%.*s\" is not known here; write an offset, +08:00",
		    (int)name.n, name.p);
	return z;
}

/* ---- use ------------------------------------------------------------------------ */

static const struct kind *
kind_at(const struct zone *z, int64_t t)
{
	size_t low = 0, high = z->n, mid;

	if (z->n == 0 || t < z->at[0])
		return z->n == 0 && z->has_footer ? footer_kind(z, t)
						  : &z->kind[0];
	if (t >= z->at[z->n - 1] && z->has_footer)
		return footer_kind(z, t);
	while (high - low > 1) {
		mid = low + (high - low) / 2;
		if (z->at[mid] <= t)
			low = mid;
		else
			high = mid;
	}
	return &z->kind[z->from[low]];
}

static int64_t
seconds(int64_t us)
{
	return us / UTC_US_S - (us % UTC_US_S < 0);
}

int64_t
zone_instant(const struct zone *z, int64_t local_us, bool *chosen)
{
	int64_t local = seconds(local_us);
	int32_t before = kind_at(z, local - 86400)->offset;
	int32_t after = kind_at(z, local + 86400)->offset, offset = before;
	bool first, second;

	if (before != after) {
		first = kind_at(z, local - before)->offset == before;
		second = kind_at(z, local - after)->offset == after;
		if (!first && second)
			offset = after;
		*chosen |= first == second;
	}
	return local_us - (int64_t)offset * UTC_US_S;
}

/* Those that nobody else uses for another offset, and RFC 5322's. */
static const struct {
	const char *name;
	int minutes;
} everywhere[] = { { "UTC", 0 }, { "GMT", 0 }, { "UT", 0 }, { "Z", 0 },
	{ "WET", 0 }, { "WEST", 60 }, { "CET", 60 }, { "CEST", 120 },
	{ "EET", 120 }, { "EEST", 180 }, { "MSK", 180 }, { "HKT", 480 },
	{ "JST", 540 }, { "KST", 540 }, { "EST", -300 }, { "EDT", -240 },
	{ "MST", -420 }, { "MDT", -360 }, { "PST", -480 }, { "PDT", -420 } };

/* What the zone itself means by it, now or within a year; else ever. */
static const struct kind *
own_kind(const struct zone *z, struct span word, int64_t local)
{
	static const int days[] = { 0, -90, 90, -180, 180 };
	const struct kind *k;
	size_t i;

	for (i = 0; i < sizeof days / sizeof days[0]; i++) {
		k = kind_at(z, local + days[i] * (int64_t)86400);
		if (span_is(word, k->name))
			return k;
	}
	for (i = 0; i < z->n_kinds; i++)
		if (span_is(word, z->kind[i].name))
			return &z->kind[i];
	return NULL;
}

bool
zone_abbreviation(
    const struct zone *z, struct span word, int64_t local_us, int32_t *offset_s)
{
	const struct kind *k = NULL;
	size_t i;

	if (word.n == 0)
		return false;
	if (z != NULL)
		k = own_kind(z, word, seconds(local_us));
	if (k != NULL) {
		*offset_s = k->offset;
		return true;
	}
	for (i = 0; i < sizeof everywhere / sizeof everywhere[0]; i++)
		if (span_is(word, everywhere[i].name)) {
			*offset_s = everywhere[i].minutes * 60;
			return true;
		}
	return false;
}

int
zone_standard_min(struct span name, int *minutes)
{
	struct arena arena = { 0 };
	struct err err = { 0 };
	const struct zone *z = zone_find(&arena, name, &err);

	if (z != NULL)
		*minutes = (z->has_footer ? z->standard.offset
					  : kind_at(z, INT64_MAX)->offset) /
			   60;
	arena_clear(&arena);
	return z != NULL ? 0 : -1;
}

int
zone_year_read(struct span text, struct zone_local *out)
{
	int v[2] = { 0, 1 }, i;
	size_t k, at[2][2] = { { 0, 4 }, { 5, 7 } };

	if ((text.n != 4 && text.n != 7) || (text.n == 7 && text.p[4] != '-'))
		return -1;
	for (i = 0; i < (text.n == 7 ? 2 : 1); i++)
		for (v[i] = 0, k = at[i][0]; k < at[i][1]; k++) {
			if (text.p[k] < '0' || text.p[k] > '9')
				return -1;
			v[i] = v[i] * 10 + (text.p[k] - '0');
		}
	if (v[0] == 0 || v[1] < 1 || v[1] > 12)
		return -1;
	out->year = v[0];
	out->first_month = v[1];
	return 0;
}
