/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: first the digits of the text, without what only makes them
 * easier to read; then whether they begin with a country, as written or as
 * dialled from home.
 */
#include "analysis/phone.h"

#include <ctype.h>
#include <strings.h>

enum {
	TEXT_MOST = 80,	  /* bytes: longer is no number */
	DIGITS_MOST = 24, /* with prefixes */
	LEAST = 7	  /* digits: below are short codes */
};

static const struct plan {
	const char *region, *code, *abroad, *trunk;
	size_t least, most;
} plans[] = {
#define PHONE_PLAN(region, code, abroad, trunk, least, most) \
	{ region, code, abroad, trunk, least, most },
#include "analysis/phone.def"
};
enum { N_PLANS = sizeof plans / sizeof plans[0] };

/* What holds of a country that is not in the table. */
static const struct plan any_plan = { "", "", "00", "", LEAST, 12 };

static const struct plan *
plan_of(const char *code)
{
	size_t i;

	for (i = 0; i < N_PLANS; i++)
		if (strcmp(plans[i].code, code) == 0)
			return &plans[i];
	return &any_plan;
}

int
phone_home_code(struct phone_home *h, struct span code)
{
	size_t i;

	if (code.n > 0 && *code.p == '+') {
		code.p++;
		code.n--;
	}
	if (code.n == 0 || code.n >= sizeof h->code || *code.p == '0')
		return -1;
	for (i = 0; i < code.n; i++)
		if (!isdigit((unsigned char)code.p[i]))
			return -1;
	memset(h, 0, sizeof *h);
	memcpy(h->code, code.p, code.n);
	return 0;
}

void
phone_home_region(struct phone_home *h, struct span region)
{
	size_t i;

	for (i = 0; i < N_PLANS; i++)
		if (span_is(region, plans[i].region))
			(void)phone_home_code(h, span_of(plans[i].code));
}

/* ---- digits ---- */

enum sign { SIGN_BAD = -1, SIGN_PLUS = 10, SIGN_BLANK, SIGN_OPEN };

/* A sign of one byte: its digit, or what it is. */
static int
ascii_sign(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	switch (c) {
	case '+':
		return SIGN_PLUS;
	case '(':
		return SIGN_OPEN;
	case ' ':
	case '\t':
	case '-':
	case '.':
	case ')':
	case '/':
		return SIGN_BLANK;
	default:
		return SIGN_BAD;
	}
}

/* Unicode's blanks, dashes and marks of direction; full-width signs. */
static int
wide_sign(uint32_t u)
{
	if (u >= 0xff10 && u <= 0xff19)
		return (int)(u - 0xff10);
	if (u == 0xff0b)
		return SIGN_PLUS;
	if (u == 0xff08)
		return SIGN_OPEN;
	if (u == 0xa0 || u == 0xad || (u >= 0x2000 && u <= 0x2015) ||
	    (u >= 0x2028 && u <= 0x202f) || (u >= 0x2060 && u <= 0x2069) ||
	    u == 0x2212 || u == 0x3000 || u == 0xfeff || u == 0xff09 ||
	    u == 0xff0d || u == 0xff0e)
		return SIGN_BLANK;
	return SIGN_BAD;
}

/* The sign at the text's beginning, which is taken away. */
static int
take_sign(struct span *text)
{
	const unsigned char *p = (const unsigned char *)text->p;
	size_t n = 1;
	int sign = SIGN_BAD;

	if (p[0] < 0x80) {
		sign = ascii_sign(p[0]);
	} else if (p[0] == 0xc2 && text->n >= 2) {
		n = 2;
		sign = wide_sign(p[1]);
	} else if ((p[0] & 0xf0) == 0xe0 && text->n >= 3) {
		n = 3;
		sign = wide_sign((uint32_t)(p[0] & 15) << 12 |
				 (uint32_t)(p[1] & 63) << 6 |
				 (uint32_t)(p[2] & 63));
	}
	text->p += n;
	text->n -= n;
	return sign;
}

/* "+44 (0)20": the 0 is for callers within the country. */
static bool
is_trunk_shown(struct span text)
{
	return text.n >= 2 && text.p[0] == '0' && text.p[1] == ')';
}

/* How many digits there are, 0 when it is no number. */
static size_t
digits_of(struct span text, char digits[DIGITS_MOST], bool *has_plus)
{
	bool is_begun = false;
	size_t n = 0;
	int sign;

	*has_plus = false;
	while (text.n > 0) {
		sign = take_sign(&text);
		if (sign == SIGN_BAD || (sign == SIGN_PLUS && is_begun))
			return 0;
		if (sign == SIGN_OPEN && *has_plus && is_trunk_shown(text)) {
			text.p += 2;
			text.n -= 2;
		}
		*has_plus |= sign == SIGN_PLUS;
		is_begun |= sign <= SIGN_PLUS;
		if (sign >= SIGN_PLUS)
			continue;
		if (n == DIGITS_MOST)
			return 0;
		digits[n++] = (char)('0' + sign);
	}
	return n;
}

/* Four numbers up to 255: an address of the internet. */
static bool
is_address(struct span text)
{
	unsigned part = 0, digits = 0, dots = 0;
	size_t i;

	for (i = 0; i < text.n; i++) {
		if (text.p[i] == '.' && digits > 0) {
			part = digits = 0;
			dots++;
		} else if (isdigit((unsigned char)text.p[i]) && digits < 3) {
			part = part * 10 + (unsigned)(text.p[i] - '0');
			digits++;
		} else {
			return false;
		}
		if (part > 255)
			return false;
	}
	return dots == 3 && digits > 0;
}

/* Without "tel:" and what may follow the number there. */
static struct span
without_scheme(struct span text)
{
	static const char *const schemes[] = { "tel:", "sms:", "callto:" };
	const char *end;
	size_t i, n;

	for (i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		n = strlen(schemes[i]);
		if (text.n <= n || strncasecmp(text.p, schemes[i], n) != 0)
			continue;
		text.p += n;
		text.n -= n;
		end = memchr(text.p, ';', text.n);
		if (end != NULL)
			text.n = (size_t)(end - text.p);
		return text;
	}
	return text;
}

/* ---- countries ---- */

static bool
begins(const char *digits, size_t n, const char *with)
{
	size_t m = strlen(with);

	return m > 0 && n > m && memcmp(digits, with, m) == 0;
}

static enum phone_form
put(char out[PHONE_BYTES], const char *code, const char *digits, size_t n,
    enum phone_form form)
{
	size_t m = strlen(code), at = 0;

	if (m + n < LEAST || m + n > PHONE_DIGITS)
		return PHONE_NONE;
	if (form != PHONE_WITHOUT_CODE)
		out[at++] = '+';
	memcpy(out + at, code, m);
	memcpy(out + at + m, digits, n);
	out[at + m + n] = '\0';
	return form;
}

/* Digits that begin with a country's code. */
static enum phone_form
put_abroad(char out[PHONE_BYTES], const char *digits, size_t n)
{
	const struct plan *plan = &any_plan;
	size_t i, m, t;

	for (i = 0; i < N_PLANS && plan == &any_plan; i++)
		if (begins(digits, n, plans[i].code))
			plan = &plans[i];
	m = strlen(plan->code);
	t = strlen(plan->trunk);
	digits += m;
	n -= m;
	/* +86 0755 …: the trunk prefix does not belong there. */
	for (; begins(digits, n, plan->trunk); n -= t)
		digits += t;
	return put(out, plan->code, digits, n, PHONE_ABROAD);
}

static bool
fits(const struct plan *plan, size_t n)
{
	return n >= plan->least && n <= plan->most;
}

/* Digits as they are dialled at home. */
static enum phone_form
put_home(char out[PHONE_BYTES], const char *code, const char *digits, size_t n)
{
	const struct plan *plan = plan_of(code);
	size_t m = strlen(code), t = strlen(plan->trunk);

	if (begins(digits, n, plan->abroad))
		return put_abroad(out, digits + strlen(plan->abroad),
		    n - strlen(plan->abroad));
	if (begins(digits, n, "00"))
		return put_abroad(out, digits + 2, n - 2);
	if (begins(digits, n, plan->trunk))
		return fits(plan, n - t)
			   ? put(out, code, digits + t, n - t, PHONE_HOME)
			   : PHONE_NONE;
	if (fits(plan, n))
		return put(out, code, digits, n, PHONE_HOME);
	if (begins(digits, n, code) && fits(plan, n - m))
		return put_abroad(out, digits, n);
	return PHONE_NONE;
}

enum phone_form
phone_normal(
    const struct phone_home *h, struct span text, char out[PHONE_BYTES])
{
	char digits[DIGITS_MOST];
	bool has_plus;
	size_t n;

	out[0] = '\0';
	if (text.p == NULL || text.n < LEAST || text.n > TEXT_MOST ||
	    is_address(text))
		return PHONE_NONE;
	n = digits_of(without_scheme(text), digits, &has_plus);
	if (n < LEAST)
		return PHONE_NONE;
	if (has_plus)
		return put_abroad(out, digits, n);
	if (h->code[0] != '\0')
		return put_home(out, h->code, digits, n);
	if (begins(digits, n, "00"))
		return put_abroad(out, digits + 2, n - 2);
	return put(out, "", digits, n, PHONE_WITHOUT_CODE);
}

/* A sign that stands for a digit that is not told, its bytes; else 0. */
static size_t
mask_bytes(struct span text)
{
	static const char *const marks[] = { "*", "x", "X", "#", "?",
		"\xe2\x80\xa2" /* bullet */,
		"\xef\xbc\x8a" /* wide asterisk */ };
	size_t i, n;

	for (i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		n = strlen(marks[i]);
		if (text.n >= n && memcmp(text.p, marks[i], n) == 0)
			return n;
	}
	return 0;
}

bool
phone_is_masked(struct span text)
{
	unsigned masks = 0, digits = 0;
	size_t n;
	int sign;

	if (text.p == NULL || text.n > TEXT_MOST)
		return false;
	while (text.n > 0) {
		n = mask_bytes(text);
		if (n > 0) {
			masks++;
			text.p += n;
			text.n -= n;
			continue;
		}
		sign = take_sign(&text);
		if (sign == SIGN_BAD)
			return false;
		digits += sign < SIGN_PLUS;
	}
	return masks >= 2 && masks + digits >= LEAST;
}

struct span
phone_or_text(
    const struct phone_home *h, struct span text, char out[PHONE_BYTES])
{
	return phone_normal(h, text, out) != PHONE_NONE ? span_of(out) : text;
}
