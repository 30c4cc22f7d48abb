/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/reading.h"

enum {
	MEAN_WORDS = 238, /* a minute */
	FAST_WORDS = 300,
	MEAN_CHARACTERS = 255,
	FAST_CHARACTERS = 500
};

/* The next code point, its bytes in *n; -1 when it is none. */
static int32_t
code_point(const unsigned char *p, size_t left, size_t *n)
{
	static const int32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	int32_t c;
	size_t i, len;

	*n = 1;
	if (p[0] < 0x80)
		return p[0];
	len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc0 ? 2 : 0;
	if (len == 0 || len > left || p[0] > 0xf7)
		return -1;
	c = p[0] & (0xff >> (len + 1));
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return -1;
	*n = len;
	return c;
}

/* Scripts written without blanks, one character one syllable or so. */
static bool
is_character(int32_t c)
{
	return (c >= 0x3041 && c <= 0x30ff) || /* kana */
	       (c >= 0x3400 && c <= 0x4dbf) || /* Han, extension A */
	       (c >= 0x4e00 && c <= 0x9fff) || /* Han */
	       (c >= 0xac00 && c <= 0xd7a3) || /* hangul */
	       (c >= 0xf900 && c <= 0xfaff) || /* Han, compatibility */
	       (c >= 0x20000 && c <= 0x3ffff); /* Han, further planes */
}

static bool
is_letter(int32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		       (c >= 'a' && c <= 'z');
	/* Beyond ASCII everything but blanks, punctuation and symbols. */
	return c >= 0xc0 && c != 0xd7 && c != 0xf7 &&
	       !(c >= 0x2000 && c <= 0x2bff) && !(c >= 0x3000 && c <= 0x303f) &&
	       !(c >= 0xfe00 && c <= 0xfe6f) && !(c >= 0xff00 && c <= 0xff0f) &&
	       !(c >= 0xff1a && c <= 0xff20) && !(c >= 0xfff0 && c <= 0xffff);
}

struct reading
reading_of(struct span text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	struct reading r = { 0 };
	size_t i, n;
	bool in_word = false;
	int32_t c;

	for (i = 0; text.p != NULL && i < text.n; i += n) {
		c = code_point(p + i, text.n - i, &n);
		if (c >= 0 && is_character(c)) {
			r.characters++;
			in_word = false;
		} else if (c >= 0 && is_letter(c)) {
			r.words += !in_word;
			in_word = true;
		} else if (c != '\'' && c != 0x2019 && c != '-') {
			in_word = false; /* don't is one word */
		}
	}
	r.mean_s = (double)r.words * 60 / MEAN_WORDS +
		   (double)r.characters * 60 / MEAN_CHARACTERS;
	r.fast_s = (double)r.words * 60 / FAST_WORDS +
		   (double)r.characters * 60 / FAST_CHARACTERS;
	return r;
}
