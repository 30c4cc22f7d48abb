/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers: text to double and back, both exact.
 */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/json_int.h"

/* Powers of ten that are doubles. */
static const double tens[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
	1e22 };

enum { TENS_MAX = 22, DIGITS_MAX = 19 /* fit 64 bits, whatever they are */ };

/* ---- from text --------------------------------------------------------------- */

/* A number as it stands: its digits without point, and the exponent. */
struct decimal {
	bool negative, is_whole;
	uint64_t digits; /* the first DIGITS_MAX of them, leading zeros not
			    counted */
	uint64_t n_digits;
	int64_t exponent; /* of ten, for the digits as a whole number */
};

static const char *
digits_read(const char *p, const char *end, struct decimal *d)
{
	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		if (d->n_digits < DIGITS_MAX)
			d->digits = d->digits * 10 + (uint64_t)(*p - '0');
		d->n_digits += d->n_digits > 0 || *p != '0';
	}
	return p;
}

/* Behind the exponent that begins at p; NULL: it has no digits. */
static const char *
exponent_read(const char *p, const char *end, struct decimal *d)
{
	bool negative;
	int64_t v = 0;
	const char *from;

	p++;
	negative = *p == '-';
	p += negative || *p == '+';
	from = p;
	for (; p < end && *p >= '0' && *p <= '9'; p++)
		if (v < INT64_MAX / 100)
			v = v * 10 + (*p - '0');
	if (p == from)
		return NULL;
	d->exponent += negative ? -v : v;
	return p;
}

/* Behind the number that begins at p, or NULL when it is malformed. */
static const char *
decimal_read(const char *p, const char *end, struct decimal *d)
{
	const char *from;

	memset(d, 0, sizeof *d);
	d->is_whole = true;
	d->negative = *p == '-';
	p += d->negative;
	from = p;
	p = digits_read(p, end, d);
	if (p == from || (*from == '0' && p - from > 1))
		return NULL;
	if (p < end && *p == '.') {
		d->is_whole = false;
		from = ++p;
		p = digits_read(p, end, d);
		if (p == from)
			return NULL;
		d->exponent -= p - from;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		d->is_whole = false;
		p = exponent_read(p, end, d);
	}
	return p;
}

static bool
whole_set(
    const char *p, const char *end, const struct decimal *d, struct value *v)
{
	uint64_t u = 0;

	if (d->n_digits > DIGITS_MAX + 1)
		return false;
	for (p += d->negative; p < end; p++)
		if (__builtin_mul_overflow(u, 10, &u) ||
		    __builtin_add_overflow(u, (uint64_t)(*p - '0'), &u))
			return false;
	if (d->negative && u > (uint64_t)INT64_MAX + 1)
		return false;
	if (d->negative || u <= INT64_MAX) {
		v->type = VALUE_INT;
		v->i = (int64_t)(d->negative ? 0 - u : u);
	} else {
		v->type = VALUE_UINT;
		v->u = u;
	}
	return true;
}

/*
 * The double nearest to the number from p on.  When digits and power of ten
 * are doubles themselves, one operation rounds once (Clinger, PLDI 1990);
 * strtod() does the others.  Nothing sets a locale here, so its point is ".".
 */
static bool
double_set(const char *p, const struct decimal *d, struct value *v)
{
	double x = (double)d->digits;

	v->type = VALUE_DOUBLE;
	if (d->n_digits <= 15 && d->exponent >= -TENS_MAX &&
	    d->exponent <= TENS_MAX && FLT_EVAL_METHOD == 0) {
		x = d->exponent < 0 ? x / tens[-d->exponent]
				    : x * tens[d->exponent];
		v->d = d->negative ? -x : x;
		return true;
	}
	v->d = strtod(p, NULL);
	return isfinite(v->d);
}

const char *
json_number_slow(struct scan *s, const char *p, struct value *v)
{
	struct decimal d;
	const char *end = decimal_read(p, s->end, &d);

	if (end == NULL)
		return scan_fail(s, JSON_BAD_NUMBER);
	if (d.is_whole ? !whole_set(p, end, &d, v) : !double_set(p, &d, v)) {
		v->type = VALUE_TEXT;
		v->text = (struct span){ p, (size_t)(end - p) };
	} else if (!d.is_whole) {
		v->digits = p;
		v->n_digits = (uint32_t)(end - p);
	}
	return end;
}

/* ---- to text ------------------------------------------------------------------- */

enum { DIGIT_BYTES = 24 };

/* The digits of a double, the last one not zero, times a power of ten. */
struct shortest {
	char digit[DIGIT_BYTES];
	int n, exponent;
};

static void
zeros_drop(struct shortest *s)
{
	while (s->n > 1 && s->digit[s->n - 1] == '0') {
		s->n--;
		s->exponent++;
	}
}

/*
 * Few places behind the point: when m / 10^k is d, then m are digits of d,
 * and as they are at most 15 there is no other number so short.
 */
static bool
digits_quick(double d, struct shortest *s)
{
	double m;
	int k;

	if (!(d < 1e15) || d < 1e-5 || FLT_EVAL_METHOD != 0)
		return false;
	for (k = 0; k <= 9; k++) {
		m = d * tens[k];
		if (!(m < 1e15))
			return false;
		m = rint(m);
		if (m / tens[k] != d)
			continue;
		s->n =
		    snprintf(s->digit, sizeof s->digit, "%lld", (long long)m);
		s->exponent = -k;
		zeros_drop(s);
		return true;
	}
	return false;
}

/* The `n` digits nearest to d, taken from printf()'s "d.ddde+xx". */
static void
digits_round(double d, int n, struct shortest *s)
{
	char text[64];
	int i, k = 0;

	(void)snprintf(text, sizeof text, "%.*e", n - 1, d);
	for (i = 0; text[i] != 'e'; i++)
		if (text[i] != '.')
			s->digit[k++] = text[i];
	s->n = n;
	s->exponent = (int)strtol(text + i + 1, NULL, 10) - (n - 1);
}

static bool
digits_are(const struct shortest *s, double d)
{
	char text[64];

	(void)snprintf(
	    text, sizeof text, "%.*se%d", s->n, s->digit, s->exponent);
	return strtod(text, NULL) == d;
}

/* The next greater decimal of as many digits. */
static void
digits_step(struct shortest *s)
{
	int i = s->n - 1;

	for (; i >= 0 && s->digit[i] == '9'; i--)
		s->digit[i] = '0';
	if (i >= 0) {
		s->digit[i]++;
	} else {
		s->digit[0] = '1';
		s->exponent++;
	}
}

/*
 * Of the decimals that read back as d the shortest, and of those the nearest
 * to d.  17 digits always do.  Below a power of two the doubles lie closer
 * than above it, so that the nearest decimal may be another double's while a
 * farther one above is d's.
 */
static void
digits_find(double d, struct shortest *s)
{
	int exponent;
	bool is_power = frexp(d, &exponent) == 0.5;
	/* below 15 digits all are told apart, but not among the denormal */
	int n = d < DBL_MIN ? 1 : 15;

	if (digits_quick(d, s))
		return;
	for (; n < 17; n++) {
		digits_round(d, n, s);
		if (digits_are(s, d))
			break;
		if (!is_power)
			continue;
		digits_step(s);
		if (digits_are(s, d))
			break;
	}
	if (n == 17)
		digits_round(d, 17, s);
	zeros_drop(s);
}

static size_t
fixed_put(const struct shortest *s, double d, char *out)
{
	int point = s->n + s->exponent, i = 0;
	char *to = out;

	if (s->exponent >= 0) /* all digits, as they are exact */
		return (size_t)snprintf(out, JSON_DOUBLE_BYTES - 3, "%.0f", d);
	if (point <= 0) {
		*to++ = '0';
		*to++ = '.';
		for (; point < 0; point++)
			*to++ = '0';
		point = -1;
	}
	for (; i < s->n; i++) {
		if (i == point)
			*to++ = '.';
		*to++ = s->digit[i];
	}
	return (size_t)(to - out);
}

static size_t
scientific_put(const struct shortest *s, char *out)
{
	int e = s->exponent + s->n - 1;

	return (size_t)snprintf(out, JSON_DOUBLE_BYTES - 3,
	    s->n > 1 ? "%c.%.*se%c%02d" : "%c%.*se%c%02d", s->digit[0],
	    s->n - 1, s->digit + 1, e < 0 ? '-' : '+', abs(e));
}

size_t
json_double_text(double d, char out[JSON_DOUBLE_BYTES])
{
	struct shortest s;
	size_t n = 0;
	int least;

	if (isnan(d) || isinf(d))
		return (size_t)snprintf(out, JSON_DOUBLE_BYTES, "%f", d);
	if (signbit(d))
		out[n++] = '-';
	d = fabs(d);
	if (d == 0) {
		out[n++] = '0';
	} else {
		digits_find(d, &s);
		/* whichever is shorter; fixed when they are alike */
		least = s.n == 1 ? -(s.n + 2) : -(s.n + 3);
		if (s.exponent >= least && s.exponent <= (s.n == 1 ? 4 : 5))
			n += fixed_put(&s, d, out + n);
		else
			n += scientific_put(&s, out + n);
	}
	if (memchr(out, '.', n) == NULL && memchr(out, 'e', n) == NULL) {
		out[n++] = '.';
		out[n++] = '0';
	}
	return n;
}
