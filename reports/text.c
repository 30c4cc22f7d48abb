/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/*
 * Decode one character: its length and code point, or 0 when the bytes are
 * no UTF-8 (overlong forms, surrogates and beyond U+10FFFF included).
 */
static size_t
decode(const unsigned char *p, size_t n, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len, i;

	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc0 ? 2 : 0;
	if (len == 0 || len > n || p[0] > 0xf4)
		return 0;
	*cp = p[0] & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (p[i] & 0x3f);
	}
	if (*cp < least[len] || *cp > 0x10ffff ||
	    (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return len;
}

/* Characters that change how others are shown, or show as nothing. */
static bool
is_hidden(uint32_t cp)
{
	return (cp >= 0x80 && cp <= 0x9f) || cp == 0xad || cp == 0x61c ||
	       cp == 0x180e || cp == 0x200b || cp == 0x200e || cp == 0x200f ||
	       (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff ||
	       (cp >= 0xfff9 && cp <= 0xfffb) || (cp & 0xfffe) == 0xfffe ||
	       (cp >= 0xe0000 && cp <= 0xe0fff);
}

void
text_visible(struct buf *out, struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i, n;
	uint32_t cp = 0;

	for (i = 0; i < s.n; i += n) {
		n = decode(p + i, s.n - i, &cp);
		if (n == 0) {
			(void)buf_str(out, "\xef\xbf\xbd");
			n = 1;
		} else if (cp < 0x20) { /* U+2400 + cp */
			(void)buf_printf(out, "\xe2\x90%c", (int)(0x80 + cp));
		} else if (cp == 0x7f) {
			(void)buf_str(out, "\xe2\x90\xa1");
		} else if (is_hidden(cp)) {
			(void)buf_printf(
			    out, "\xe2\x9f\xa8U+%04" PRIX32 "\xe2\x9f\xa9", cp);
		} else {
			(void)buf_add(out, p + i, n);
		}
	}
}

void
text_int(struct buf *out, int64_t n)
{
	uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	char digits[32];
	int len, i;

	len = snprintf(digits, sizeof digits, "%" PRIu64, u);
	if (n < 0)
		(void)buf_str(out, "\xe2\x88\x92");
	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			(void)buf_char(out, ',');
		(void)buf_char(out, digits[i]);
	}
}

void
text_share(struct buf *out, double share)
{
	double pc;
	int digits;

	if (!isfinite(share)) {
		(void)buf_str(out, "\xe2\x80\x93");
		return;
	}
	if (share < -1e-9) {
		(void)buf_str(out, "\xe2\x88\x92");
		share = -share;
	}
	/* What arithmetic leaves beside 0 and 1 is 0 and 1. */
	if (share < 1e-9)
		share = 0;
	if (fabs(share - 1) < 1e-9)
		share = 1;
	pc = share * 100;
	if (share == 0 || share == 1) {
		(void)buf_printf(out, "%.0f%%", pc);
		return;
	}
	if (pc < 0.005 || (pc > 99.995 && pc < 100)) {
		(void)buf_str(out, pc < 1 ? "<0.01%" : ">99.99%");
		return;
	}
	/* One digit more where one would round to 0 or 100. */
	digits = pc < 0.95 || (pc >= 99.05 && pc < 100) ? 2 : 1;
	(void)buf_printf(out, "%.*f%%", digits, pc);
}

void
text_interval(struct buf *out, double low, double high)
{
	text_share(out, low);
	(void)buf_str(out, " to ");
	text_share(out, high);
}

void
text_real(struct buf *out, double x)
{
	double size = fabs(x);
	int digits;

	if (!isfinite(x)) {
		(void)buf_str(out, isnan(x) ? "\xe2\x80\x93"
				   : x > 0  ? "\xe2\x88\x9e"
					    : "\xe2\x88\x92\xe2\x88\x9e");
		return;
	}
	if (x == floor(x) && size < 1e15) {
		text_int(out, (int64_t)x);
		return;
	}
	if (size >= 1000) {
		text_int(out, (int64_t)llround(x));
		return;
	}
	if (x < 0)
		(void)buf_str(out, "\xe2\x88\x92");
	if (size < 1e-6) {
		(void)buf_printf(out, "%.2e", size);
		return;
	}
	digits = 2 - (int)floor(log10(size));
	(void)buf_printf(out, "%.*f", digits < 1 ? 1 : digits, size);
}

void
text_p(struct buf *out, double p)
{
	if (p < 0.001)
		(void)buf_str(out, "<0.001");
	else
		(void)buf_printf(out, p < 0.1 ? "%.3f" : "%.2f", p);
}

void
text_duration(struct buf *out, double s)
{
	int64_t whole;

	if (s < 0) {
		(void)buf_str(out, "\xe2\x88\x92");
		s = -s;
	}
	whole = llround(s);
	if (s < 0.9995)
		(void)buf_printf(out, "%.0f ms", s * 1000);
	else if (s < 59.95)
		(void)buf_printf(out, "%.1f s", s);
	else if (whole < 3600)
		(void)buf_printf(out, "%" PRId64 " min %02" PRId64 " s",
		    whole / 60, whole % 60);
	else if (whole < 48 * 3600)
		(void)buf_printf(out, "%" PRId64 " h %02" PRId64 " min",
		    whole / 3600, whole % 3600 / 60);
	else
		(void)buf_printf(out, "%.1f days", s / 86400);
}

static const char *const months[] = { "January", "February", "March", "April",
	"May", "June", "July", "August", "September", "October", "November",
	"December" };

static void
local_date(int64_t us, int zone_min, int ymd[3], int64_t *second)
{
	int64_t local = us + (int64_t)zone_min * 60 * UTC_US_S;
	int64_t days = local / UTC_US_DAY - (local % UTC_US_DAY < 0);

	*second = (local - days * UTC_US_DAY) / UTC_US_S;
	utc_date(days, &ymd[0], &ymd[1], &ymd[2]);
}

void
text_instant(struct buf *out, int64_t us, int zone_min)
{
	int ymd[3];
	int64_t s;

	local_date(us, zone_min, ymd, &s);
	(void)buf_printf(out, "%d %s %d, %02d:%02d", ymd[2], months[ymd[1] - 1],
	    ymd[0], (int)(s / 3600), (int)(s / 60 % 60));
	if (s % 60 != 0)
		(void)buf_printf(out, ":%02d", (int)(s % 60));
}

void
text_date(struct buf *out, int64_t us, int zone_min)
{
	int ymd[3];
	int64_t s;

	local_date(us, zone_min, ymd, &s);
	(void)buf_printf(out, "%d %.3s %d", ymd[2], months[ymd[1] - 1], ymd[0]);
}

void
text_clock(struct buf *out, int64_t us, int zone_min)
{
	int ymd[3];
	int64_t s;

	local_date(us, zone_min, ymd, &s);
	(void)buf_printf(out, "%02d:%02d:%02d", (int)(s / 3600),
	    (int)(s / 60 % 60), (int)(s % 60));
}

bool
text_parse_day(struct span day, int64_t *us)
{
	int64_t days;

	if (utc_parse_day(day, &days) < 0)
		return false;
	*us = days * UTC_US_DAY;
	return true;
}

void
text_day(struct buf *out, struct span day)
{
	int ymd[3];
	int64_t us, s;

	if (!text_parse_day(day, &us)) {
		text_visible(out, day);
		return;
	}
	local_date(us, 0, ymd, &s);
	(void)buf_printf(out, "%d %s %d", ymd[2], months[ymd[1] - 1], ymd[0]);
}

void
text_zone(struct buf *out, int zone_min)
{
	int size = zone_min < 0 ? -zone_min : zone_min;

	(void)buf_str(out, "UTC");
	if (zone_min == 0)
		return;
	(void)buf_printf(
	    out, "%s%d", zone_min < 0 ? "\xe2\x88\x92" : "+", size / 60);
	if (size % 60 != 0)
		(void)buf_printf(out, ":%02d", size % 60);
}
