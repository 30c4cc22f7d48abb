/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/label.h"

enum { LABEL_BYTES = 256 }; /* a longer text is no label */

static const struct {
	const char *phrase;
	enum label_class class;
} lexicon[] = {
#define LEXICON(lang, class, phrase) { phrase, LABEL_##class },
#include "analysis/lexicon.def"
};

static bool
is_letter(unsigned char c)
{
	/* Bytes of other alphabets than ASCII's belong to words, too. */
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
}

/* Han characters know no blanks: a phrase of them may stand anywhere. */
static bool
is_han(const char *phrase)
{
	return (unsigned char)phrase[0] >= 0xe3;
}

static bool
is_word(const char *text, size_t n, const char *at, size_t len)
{
	return (at == text || !is_letter((unsigned char)at[-1])) &&
	       (at + len == text + n || !is_letter((unsigned char)at[len]));
}

static bool
has_phrase(const char *text, size_t n, const char *phrase)
{
	size_t len = strlen(phrase);
	const char *at = text;

	for (; (at = memmem(at, (size_t)(text + n - at), phrase, len)) != NULL;
	     at++)
		if (is_han(phrase) || is_word(text, n, at, len))
			return true;
	return false;
}

/* Lower case of ASCII, a plain apostrophe, one blank for several. */
static size_t
plain_text(struct span text, char out[LABEL_BYTES])
{
	size_t i, n = 0;

	for (i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (text.n - i >= 3 &&
		    memcmp(text.p + i, "\xe2\x80\x99", 3) == 0) {
			c = '\'';
			i += 2;
		}
		if (c == '\t' || c == '\n' || c == '\r')
			c = ' ';
		if (c == ' ' && n > 0 && out[n - 1] == ' ')
			continue;
		out[n++] = c;
	}
	return n;
}

unsigned
label_bits(struct span text)
{
	char plain[LABEL_BYTES];
	bool has[256] = { false }; /* bytes, to pass by most phrases */
	unsigned bits = 0;
	size_t i, n;

	if (text.p == NULL || text.n == 0)
		return 1u << LABEL_NONE;
	if (text.n > LABEL_BYTES)
		return 1u << LABEL_OTHER;
	n = plain_text(text, plain);
	for (i = 0; i < n; i++)
		has[(unsigned char)plain[i]] = true;
	for (i = 0; i < sizeof lexicon / sizeof lexicon[0]; i++)
		if ((bits & 1u << lexicon[i].class) == 0 &&
		    has[(unsigned char)lexicon[i].phrase[0]] &&
		    has_phrase(plain, n, lexicon[i].phrase))
			bits |= 1u << lexicon[i].class;
	return bits != 0 ? bits : 1u << LABEL_OTHER;
}

enum label_class
label_of(unsigned bits)
{
	static const enum label_class order[] = { LABEL_NONE, LABEL_REFUSE,
		LABEL_ALL, LABEL_ACCEPT, LABEL_UNCLEAR };
	size_t i;

	for (i = 0; i < sizeof order / sizeof order[0]; i++)
		if ((bits & 1u << order[i]) != 0)
			return order[i];
	return LABEL_OTHER;
}
