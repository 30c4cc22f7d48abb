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

/* The places of the n bits of m, counted from `at`. */
static inline void
bits_put(uint64_t m, unsigned n, size_t at, uint16_t *out)
{
	unsigned i, k;

	/* by eights: the processor need not guess how many there are */
	for (i = 0; i < n; i += 8)
		for (k = 0; k < 8; k++) {
			out[i + k] = (uint16_t)(at + (unsigned)__builtin_ctzll(
							 m | (1ull << 63)));
			m &= m - 1;
		}
}

/* The block at p + i: `m` its special bytes, `high` those beyond ASCII. */
static inline uint64_t
block_note(
    struct json_index *x, size_t i, size_t bytes, uint64_t m, uint64_t high)
{
	size_t block = i / INDEX_BLOCK_BYTES;

	x->high[block + 1] = (uint16_t)(x->high[block] + (high != 0));
	if (UNLIKELY(bytes - i < INDEX_BLOCK_BYTES))
		m &= (1ull << (bytes - i)) - 1;
	return m;
}

static size_t
fill_plain(struct json_index *x, const char *p, size_t bytes)
{
	uint64_t m, high;
	size_t n = 0, i;
	unsigned more;

	for (i = 0; i < bytes; i += INDEX_BLOCK_BYTES) {
		high = 0;
		m = special_in_64(p + i, &high);
		m = block_note(x, i, bytes, m, high);
		more = bits_in(m);
		bits_put(m, more, i, x->at + n);
		n += more;
	}
	return n;
}

/* ---- AVX2, AVX-512 --------------------------------------------------------------- */

#if defined(__x86_64__) && defined(__SSE2__)
#define HAS_WIDE 1
#define AVX2	 __attribute__((target("avx2,bmi,popcnt")))
#define AVX512                                                             \
	__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi," \
			      "bmi2,popcnt")))

AVX2 static inline uint64_t
special_in_32(const char *p, uint64_t *high)
{
	__m256i x = _mm256_loadu_si256((const __m256i *)(const void *)p);
	__m256i low = _mm256_set1_epi8(0x1f);

	*high |= (uint32_t)_mm256_movemask_epi8(x);
	return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(
	    _mm256_or_si256(_mm256_cmpeq_epi8(x, _mm256_set1_epi8('"')),
		_mm256_cmpeq_epi8(x, _mm256_set1_epi8('\\'))),
	    _mm256_cmpeq_epi8(_mm256_min_epu8(x, low), x)));
}

AVX2 static size_t
fill_avx2(struct json_index *x, const char *p, size_t bytes)
{
	uint64_t m, high;
	size_t n = 0, i;
	unsigned more;

	for (i = 0; i < bytes; i += INDEX_BLOCK_BYTES) {
		high = 0;
		m = special_in_32(p + i, &high);
		m |= special_in_32(p + i + 32, &high) << 32;
		m = block_note(x, i, bytes, m, high);
		more = (unsigned)__builtin_popcountll(m);
		bits_put(m, more, i, x->at + n);
		n += more;
	}
	return n;
}

/* 32 places, given as bytes of a block, as places in the window. */
AVX512 static inline void
places_put(__m256i places, size_t at, uint16_t *out)
{
	_mm512_storeu_si512(out, _mm512_add_epi16(_mm512_cvtepu8_epi16(places),
				     _mm512_set1_epi16((short)at)));
}

AVX512 static size_t
fill_avx512(struct json_index *x, const char *p, size_t bytes)
{
	static const uint8_t count[64] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
		12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
		28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
		44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59,
		60, 61, 62, 63 };
	__m512i quote = _mm512_set1_epi8('"'), slash = _mm512_set1_epi8('\\');
	__m512i space = _mm512_set1_epi8(' '), v, places;
	unsigned more;
	size_t n = 0, i;
	uint64_t m;

	for (i = 0; i < bytes; i += INDEX_BLOCK_BYTES) {
		v = _mm512_loadu_si512(p + i);
		m = _mm512_cmpeq_epi8_mask(v, quote) |
		    _mm512_cmpeq_epi8_mask(v, slash) |
		    _mm512_cmplt_epu8_mask(v, space);
		m = block_note(x, i, bytes, m, _mm512_movepi8_mask(v));
		places =
		    _mm512_maskz_compress_epi8(m, _mm512_loadu_si512(count));
		places_put(_mm512_castsi512_si256(places), i, x->at + n);
		more = (unsigned)__builtin_popcountll(m);
		if (UNLIKELY(more > 32))
			places_put(_mm512_extracti64x4_epi64(places, 1), i,
			    x->at + n + 32);
		n += more;
	}
	return n;
}
#endif

size_t
json_index_fills(json_fill_f **out)
{
	size_t n = 0;

	out[n++] = fill_plain;
#ifdef HAS_WIDE
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	    __builtin_cpu_supports("popcnt"))
		out[n++] = fill_avx2;
	if (__builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vl") &&
	    __builtin_cpu_supports("avx512vbmi2") &&
	    __builtin_cpu_supports("bmi2"))
		out[n++] = fill_avx512;
#endif
	return n;
}

void
json_index_init(struct json_index *x, uint16_t *at, size_t room)
{
	json_fill_f *fill[JSON_FILLS_MAX];

	memset(x, 0, sizeof *x);
	x->at = at;
	x->room = room;
	x->fill = fill[json_index_fills(fill) - 1];
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
	/*
	 * Nothing special lies before it: what begins at the last place
	 * ends there or later.
	 */
	x->at[x->n] = (uint16_t)x->bytes;
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
