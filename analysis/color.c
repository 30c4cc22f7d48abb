/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/color.h"

#include <math.h>
#include <strings.h>

#include "ingest/base/hex.h"

enum { COLOR_MAX_BYTES = 64 };

/* All n digits into `nibble`, or -1. */
static int
hex_digits(const char *p, size_t n, int nibble[8])
{
	size_t i;

	for (i = 0; i < n; i++) {
		nibble[i] = hex_digit(p[i]);
		if (nibble[i] < 0)
			return -1;
	}
	return 0;
}

static uint8_t
byte_at(const int *nibble, int i)
{
	return (uint8_t)(nibble[2 * i] * 16 + nibble[2 * i + 1]);
}

static int
parse_hash(struct span s, struct color *out)
{
	int d[8];

	s.p++;
	s.n--;
	if ((s.n != 3 && s.n != 4 && s.n != 6 && s.n != 8) ||
	    hex_digits(s.p, s.n, d) < 0)
		return -1;
	if (s.n <= 4) {
		out->r = (uint8_t)(d[0] * 17);
		out->g = (uint8_t)(d[1] * 17);
		out->b = (uint8_t)(d[2] * 17);
		out->alpha = s.n == 4 ? (uint8_t)(d[3] * 17) : 255;
	} else {
		out->r = byte_at(d, 0);
		out->g = byte_at(d, 1);
		out->b = byte_at(d, 2);
		out->alpha = s.n == 8 ? byte_at(d, 3) : 255;
	}
	return 0;
}

/* Android writes the alpha first. */
static int
parse_0x(struct span s, struct color *out)
{
	int d[8], first;

	s.p += 2;
	s.n -= 2;
	if ((s.n != 6 && s.n != 8) || hex_digits(s.p, s.n, d) < 0)
		return -1;
	first = s.n == 8;
	out->alpha = first ? byte_at(d, 0) : 255;
	out->r = byte_at(d, first);
	out->g = byte_at(d, first + 1);
	out->b = byte_at(d, first + 2);
	return 0;
}

/* A number at *p, whole or with a fraction, then blanks; -1 when none. */
static double
number_at(const char **p, const char *end)
{
	double v = 0, scale = 0.1;
	const char *q = *p;

	while (q < end && *q == ' ')
		q++;
	if (q == end || ((*q < '0' || *q > '9') && *q != '.'))
		return -1;
	for (; q < end && *q >= '0' && *q <= '9'; q++)
		v = v * 10 + (*q - '0');
	if (q < end && *q == '.') {
		for (q++; q < end && *q >= '0' && *q <= '9'; q++) {
			v += scale * (*q - '0');
			scale /= 10;
		}
	}
	if (q < end && *q == '%')
		return -1; /* nobody logs it, and nothing said is better */
	while (q < end && *q == ' ')
		q++;
	*p = q;
	return v;
}

/* "rgb(1, 2, 3)" or "rgba(1, 2, 3, 0.5)", also with blanks for commas. */
static int
parse_rgb(struct span s, struct color *out)
{
	const char *p = memchr(s.p, '(', s.n), *end = s.p + s.n - 1;
	double v[4] = { 0, 0, 0, 1 };
	int i, n;

	if (p == NULL || *end != ')')
		return -1;
	p++;
	for (n = 0; n < 4 && p < end; n++) {
		v[n] = number_at(&p, end);
		if (v[n] < 0 || v[n] > (n < 3 ? 255 : 1))
			return -1;
		if (p < end && (*p == ',' || *p == '/'))
			p++;
	}
	if (p != end || n < 3)
		return -1;
	for (i = 0; i < 3; i++)
		v[i] = floor(v[i] + 0.5);
	out->r = (uint8_t)v[0];
	out->g = (uint8_t)v[1];
	out->b = (uint8_t)v[2];
	out->alpha = (uint8_t)floor(v[3] * 255 + 0.5);
	return 0;
}

static bool
is_word(struct span s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

int
color_parse(struct span text, struct color *out)
{
	static const struct color black = { 0, 0, 0, 255 };
	static const struct color white = { 255, 255, 255, 255 };
	static const struct color nothing = { 0, 0, 0, 0 };
	int rc = 0;

	if (text.p == NULL || text.n < 3 || text.n > COLOR_MAX_BYTES)
		return -1;
	if (text.p[0] == '#')
		rc = parse_hash(text, out);
	else if (text.p[0] == '0' && (text.p[1] == 'x' || text.p[1] == 'X'))
		rc = parse_0x(text, out);
	else if (strncasecmp(text.p, "rgb", 3) == 0)
		rc = parse_rgb(text, out);
	else if (is_word(text, "black"))
		*out = black;
	else if (is_word(text, "white"))
		*out = white;
	else if (is_word(text, "transparent"))
		*out = nothing;
	else
		rc = -1;
	return rc;
}

static double
linear(uint8_t channel)
{
	double c = channel / 255.0;

	return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

double
color_luminance(struct color c)
{
	return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) +
	       0.0722 * linear(c.b);
}

double
color_contrast(struct color a, struct color b)
{
	double la = color_luminance(a), lb = color_luminance(b);

	if (a.alpha != 255 || b.alpha != 255)
		return NAN;
	return (fmax(la, lb) + 0.05) / (fmin(la, lb) + 0.05);
}

double
color_contrast_text(struct span a, struct span b)
{
	struct color ca, cb;

	if (color_parse(a, &ca) < 0 || color_parse(b, &cb) < 0)
		return NAN;
	return color_contrast(ca, cb);
}
