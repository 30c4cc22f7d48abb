/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a text is UTF-8.
 *
 * With AVX2 32 bytes are looked at in one go: three tables, indexed by the
 * halves of a byte and of the one before it, say what would be wrong with
 * such a pair; what all three agree on, is.  Keiser and Lemire, "Validating
 * UTF-8 in less than one instruction per byte", Softw. Pract. Exper. 51
 * (2021) 950.
 */
#include "ingest/json_int.h"

/* How many bytes at p, of which `room` may be read, are ASCII. */
static inline size_t
ascii_run(const char *p, size_t room)
{
	size_t n = 0;

#ifdef __SSE2__
	for (; room - n >= 16; n += 16) {
		int m = _mm_movemask_epi8(
		    _mm_loadu_si128((const __m128i *)(const void *)(p + n)));

		if (m != 0)
			return n + (unsigned)__builtin_ctz((unsigned)m);
	}
#else
	for (; room - n >= 8; n += 8)
		if ((load8(p + n) & 0x8080808080808080u) != 0)
			break;
#endif
	while (n < room && (unsigned char)p[n] < 0x80)
		n++;
	return n;
}

/* Bytes of the character at p, at most `room` of them; 0: it is none. */
static inline size_t
utf8_bytes(const unsigned char *p, size_t room)
{
	unsigned c = p[0];

	if (c < 0x80)
		return 1;
	if (c < 0xe0)
		return c >= 0xc2 && room >= 2 && p[1] >> 6 == 2 ? 2 : 0;
	if (c < 0xf0) {
		if (room < 3 || p[1] >> 6 != 2 || p[2] >> 6 != 2)
			return 0;
		if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f))
			return 0;
		return 3;
	}
	if (c > 0xf4 || room < 4 || p[1] >> 6 != 2 || p[2] >> 6 != 2 ||
	    p[3] >> 6 != 2)
		return 0;
	if ((c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f))
		return 0;
	return 4;
}

static bool
is_valid_plain(struct span text)
{
	size_t i = 0, n;

	for (;;) {
		i += ascii_run(text.p + i, text.n - i);
		if (i == text.n)
			return true;
		/* others come in runs too */
		while (i < text.n && (unsigned char)text.p[i] >= 0x80) {
			n = utf8_bytes(
			    (const unsigned char *)text.p + i, text.n - i);
			if (n == 0)
				return false;
			i += n;
		}
	}
}

/* ---- AVX2 ------------------------------------------------------------------------ */

#if defined(__x86_64__) && defined(__SSE2__)
#define HAS_WIDE 1
#define AVX2	 __attribute__((target("avx2")))

enum { WIDE_BYTES = 32 };

/* What may be wrong with two bytes in a row. */
enum {
	SHORT = 1 << 0,	     /* a lead byte without what it leads */
	LONG = 1 << 1,	     /* ASCII, then a continuation */
	OVERLONG_3 = 1 << 2, /* E0, then below A0 */
	LARGE = 1 << 3,	     /* F4, then above 8F; F5 and above */
	SURROGATE = 1 << 4,  /* ED, then above 9F */
	OVERLONG_2 = 1 << 5, /* C0 or C1 */
	LARGE_1000 = 1 << 6, /* F5 and above, then 8x */
	OVERLONG_4 = 1 << 6, /* F0, then below 90 */
	CONTINUED = 1 << 7,  /* two continuations: right behind E and F */
	ANY = SHORT | LONG | CONTINUED
};

static const uint8_t first_high[16] = { LONG, LONG, LONG, LONG, LONG, LONG,
	LONG, LONG, CONTINUED, CONTINUED, CONTINUED, CONTINUED,
	SHORT | OVERLONG_2, SHORT, SHORT | OVERLONG_3 | SURROGATE,
	SHORT | LARGE | LARGE_1000 | OVERLONG_4 };
static const uint8_t first_low[16] = { ANY | OVERLONG_3 | OVERLONG_2 |
					   OVERLONG_4,
	ANY | OVERLONG_2, ANY, ANY, ANY | LARGE, ANY | LARGE | LARGE_1000,
	ANY | LARGE | LARGE_1000, ANY | LARGE | LARGE_1000,
	ANY | LARGE | LARGE_1000, ANY | LARGE | LARGE_1000,
	ANY | LARGE | LARGE_1000, ANY | LARGE | LARGE_1000,
	ANY | LARGE | LARGE_1000, ANY | LARGE | LARGE_1000 | SURROGATE,
	ANY | LARGE | LARGE_1000, ANY | LARGE | LARGE_1000 };
static const uint8_t second_high[16] = { SHORT, SHORT, SHORT, SHORT, SHORT,
	SHORT, SHORT, SHORT,
	LONG | OVERLONG_2 | CONTINUED | OVERLONG_3 | LARGE_1000 | OVERLONG_4,
	LONG | OVERLONG_2 | CONTINUED | OVERLONG_3 | LARGE,
	LONG | OVERLONG_2 | CONTINUED | SURROGATE | LARGE,
	LONG | OVERLONG_2 | CONTINUED | SURROGATE | LARGE, SHORT, SHORT, SHORT,
	SHORT };

AVX2 static inline __m256i
looked_up(const uint8_t table[16], __m256i half)
{
	return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128(
				       (const __m128i *)(const void *)table)),
	    half);
}

AVX2 static inline __m256i
high_half(__m256i x)
{
	return _mm256_and_si256(
	    _mm256_srli_epi16(x, 4), _mm256_set1_epi8(0x0f));
}

/* Not zero where x, which follows `before`, is no UTF-8. */
AVX2 static inline __m256i
wrong_in(__m256i x, __m256i before)
{
	__m256i seam = _mm256_permute2x128_si256(before, x, 0x21);
	__m256i back1 = _mm256_alignr_epi8(x, seam, 15);
	__m256i back2 = _mm256_alignr_epi8(x, seam, 14);
	__m256i back3 = _mm256_alignr_epi8(x, seam, 13);
	__m256i pair = _mm256_and_si256(
	    _mm256_and_si256(looked_up(first_high, high_half(back1)),
		looked_up(first_low,
		    _mm256_and_si256(back1, _mm256_set1_epi8(0x0f)))),
	    looked_up(second_high, high_half(x)));
	/* the third byte behind E, the third and fourth behind F */
	__m256i must = _mm256_or_si256(
	    _mm256_subs_epu8(back2, _mm256_set1_epi8(0xe0 - 0x80)),
	    _mm256_subs_epu8(back3, _mm256_set1_epi8(0xf0 - 0x80)));

	must = _mm256_and_si256(must, _mm256_set1_epi8((char)0x80));
	return _mm256_xor_si256(must, pair);
}

AVX2 static bool
is_valid_wide(struct span text)
{
	__m256i before = _mm256_setzero_si256(), wrong = before, x;
	char rest[2 * WIDE_BYTES] = { 0 };
	size_t i, k;

	for (i = 0; text.n - i >= WIDE_BYTES; i += WIDE_BYTES) {
		x = _mm256_loadu_si256(
		    (const __m256i *)(const void *)(text.p + i));
		if (_mm256_movemask_epi8(_mm256_or_si256(x, before)) != 0)
			wrong = _mm256_or_si256(wrong, wrong_in(x, before));
		before = x;
	}
	/* zeros behind the end: nothing may go on there */
	if (i < text.n)
		memcpy(rest, text.p + i, text.n - i);
	for (k = 0; k < sizeof rest; k += WIDE_BYTES) {
		x = _mm256_loadu_si256(
		    (const __m256i *)(const void *)(rest + k));
		wrong = _mm256_or_si256(wrong, wrong_in(x, before));
		before = x;
	}
	return _mm256_testz_si256(wrong, wrong);
}
#endif

bool
json_utf8_is_valid(struct span text)
{
#ifdef HAS_WIDE
	if (text.n >= WIDE_BYTES && __builtin_cpu_supports("avx2"))
		return is_valid_wide(text);
#endif
	return is_valid_plain(text);
}
