/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the special bytes of a text are.
 *
 * To look for the end of each string when the reader comes to it is a chain:
 * the next look has to wait for the last one's answer.  So a whole window is
 * looked at ahead, block by block, none waiting for another, and the reader
 * goes from one place to the next.
 */
#include "ingest/json_int.h"

/* ---- any machine -------------------------------------------------------------- */

#ifdef __SSE2__
static inline uint64_t
special_in_64(const char *p, uint64_t *high)
{
	uint64_t m = 0;
	unsigned i;

	for (i = 0; i < INDEX_BLOCK_BYTES; i += 16) {
		m |= (uint64_t)special16(p + i) << i;
		*high |= (unsigned)_mm_movemask_epi8(
		    _mm_loadu_si128((const __m128i *)(const void *)(p + i)));
	}
	return m;
}
#else
static inline uint64_t
special_in_64(const char *p, uint64_t *high)
{
	uint64_t m = 0;
	unsigned i;

	for (i = 0; i < INDEX_BLOCK_BYTES; i++) {
		m |= (uint64_t)is_special(p[i]) << i;
		*high |= (unsigned char)p[i] & 0x80;
	}
	return m;
}
#endif

static inline unsigned
bits_in(uint64_t m)
{
	m -= m >> 1 & 0x5555555555555555u;
	m = (m & 0x3333333333333333u) + (m >> 2 & 0x3333333333333333u);
	m = (m + (m >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (unsigned)(m * 0x0101010101010101u >> 56);
}

/* The places of the bits of m, counted from `at`; how many. */
static inline unsigned
bits_put(uint64_t m, size_t at, uint16_t *out)
{
	unsigned n = bits_in(m), i, k;

	/* by eights: the processor need not guess how many there are */
	for (i = 0; i < n; i += 8)
		for (k = 0; k < 8; k++) {
			out[i + k] = (uint16_t)(at + (unsigned)__builtin_ctzll(
							 m | (1ull << 63)));
			m &= m - 1;
		}
	return n;
}

static size_t
fill_plain(struct json_index *x, const char *p, size_t bytes)
{
	uint64_t m, high;
	size_t n = 0, i;

	for (i = 0; i < bytes; i += INDEX_BLOCK_BYTES) {
		high = 0;
		m = special_in_64(p + i, &high);
		x->high[i / INDEX_BLOCK_BYTES + 1] =
		    (uint16_t)(x->high[i / INDEX_BLOCK_BYTES] + (high != 0));
		if (UNLIKELY(bytes - i < INDEX_BLOCK_BYTES))
			m &= (1ull << (bytes - i)) - 1;
		n += bits_put(m, i, x->at + n);
	}
	return n;
}

/* ---- AVX-512 -------------------------------------------------------------------- */

#if defined(__x86_64__) && defined(__GNUC__)
#define HAS_WIDE 1
#define WIDE \
	__attribute__((target("avx512f,avx512bw,avx512vbmi2,bmi,bmi2,popcnt")))

WIDE static inline unsigned
half_put(uint32_t m, size_t at, uint16_t *out)
{
	static const uint16_t places[32] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
		11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
		27, 28, 29, 30, 31 };
	__m512i here = _mm512_add_epi16(
	    _mm512_loadu_si512(places), _mm512_set1_epi16((short)at));

	_mm512_storeu_si512(out, _mm512_maskz_compress_epi16(m, here));
	return (unsigned)__builtin_popcount(m);
}

WIDE static size_t
fill_wide(struct json_index *x, const char *p, size_t bytes)
{
	__m512i quote = _mm512_set1_epi8('"');
	__m512i slash = _mm512_set1_epi8('\\');
	__m512i space = _mm512_set1_epi8(0x20), v;
	uint64_t m, high;
	size_t n = 0, i;

	for (i = 0; i < bytes; i += INDEX_BLOCK_BYTES) {
		v = _mm512_loadu_si512(p + i);
		high = _mm512_movepi8_mask(v);
		x->high[i / INDEX_BLOCK_BYTES + 1] =
		    (uint16_t)(x->high[i / INDEX_BLOCK_BYTES] + (high != 0));
		m = _mm512_cmpeq_epi8_mask(v, quote) |
		    _mm512_cmpeq_epi8_mask(v, slash) |
		    _mm512_cmplt_epu8_mask(v, space);
		if (UNLIKELY(bytes - i < INDEX_BLOCK_BYTES))
			m &= (1ull << (bytes - i)) - 1;
		n += half_put((uint32_t)m, i, x->at + n);
		n += half_put((uint32_t)(m >> 32), i + 32, x->at + n);
	}
	return n;
}

static bool
is_wide(void)
{
	return __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vbmi2") &&
	       __builtin_cpu_supports("bmi2");
}
#endif

void
json_index_init(struct json_index *x, uint16_t *at, size_t room)
{
	memset(x, 0, sizeof *x);
	x->at = at;
	x->room = room;
	x->fill = fill_plain;
#ifdef HAS_WIDE
	if (is_wide())
		x->fill = fill_wide;
#endif
}

void
json_index_drop(struct json_index *x)
{
	x->base = NULL;
	x->bytes = x->n = 0;
}

void
json_index_fill(struct json_index *x, const char *p, const char *end)
{
	size_t bytes = (size_t)(end - p);

	x->base = p;
	x->bytes = bytes < x->room ? bytes : x->room;
	x->n = x->fill(x, p, x->bytes);
}

size_t
json_index_find(const struct json_index *x, const char *p, size_t i)
{
	size_t want = (size_t)(p - x->base), from = 0, to = x->n, k;

	/* mostly it is right or a few places on */
	if (i <= x->n && (i == 0 || x->at[i - 1] < want)) {
		for (k = 0; k < 8; k++, i++)
			if (i == x->n || x->at[i] >= want)
				return i;
		from = i;
	}
	while (from < to) {
		i = from + (to - from) / 2;
		if (x->at[i] < want)
			from = i + 1;
		else
			to = i;
	}
	return from;
}
