/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/bits.h"

#include <string.h>

#include "ingest/base64.h"

int
bits_open(struct bits *b, struct span base64, struct buf *room)
{
	int64_t n;

	buf_reset(room);
	(void)buf_room(room, base64.n);
	/* encoders cut the last characters where a field ends */
	n = base64_bits(base64, room->p);
	if (n <= 0 || n > (int64_t)BITS_STRING_MAX * 6)
		return -1;
	*b = (struct bits){ (const uint8_t *)room->p, (size_t)n, 0, false };
	return 0;
}

uint64_t
bits_get(struct bits *b, unsigned n)
{
	uint64_t v = 0;

	if (n > b->n - b->at) {
		b->is_short = true;
		b->at = b->n;
		return 0;
	}
	for (; n > 0; n--, b->at++)
		v = v << 1 | (b->p[b->at / 8] >> (7 - b->at % 8) & 1);
	return v;
}

void
bits_set_clear(struct bits_set *s)
{
	s->n_words = 0;
}

void
bits_set_add(struct bits_set *s, unsigned from, unsigned to)
{
	unsigned at = from / 64, last = to / 64;
	/* of the first word from its bit on, of the last one up to its bit */
	uint64_t word = ~UINT64_C(0) << from % 64;

	if (from > to)
		return;
	while (s->n_words <= last)
		s->word[s->n_words++] = 0;
	for (; at < last; at++, word = ~UINT64_C(0))
		s->word[at] |= word;
	s->word[last] |= word & ~UINT64_C(0) >> (63 - to % 64);
}

void
bits_set_copy(struct bits_set *to, const struct bits_set *from)
{
	to->n_words = from->n_words;
	memcpy(to->word, from->word, from->n_words * sizeof from->word[0]);
}

bool
bits_set_is_empty(const struct bits_set *s)
{
	unsigned i;

	for (i = 0; i < s->n_words; i++)
		if (s->word[i] != 0)
			return false;
	return true;
}

void
bits_set_get(struct bits_set *s, struct bits *b, unsigned n)
{
	unsigned i;

	for (i = 1; i <= n && !b->is_short; i++)
		if (bits_get(b, 1) != 0)
			bits_set_add(s, i, i);
}

/* Sums of 1, 2, 3, 5, 8 …, the least first; two ones in a row end it. */
static uint64_t
fibonacci(struct bits *b)
{
	uint64_t sum = 0, one = 1, next = 2, was;
	bool last = false, bit;

	while (!b->is_short && next <= UINT32_MAX) {
		bit = bits_get(b, 1) != 0;
		if (bit && last)
			return sum;
		if (bit)
			sum += one;
		last = bit;
		was = one;
		one = next;
		next += was;
	}
	return UINT32_MAX;
}

int
bits_set_fibonacci(struct bits_set *s, struct bits *b)
{
	unsigned n = (unsigned)bits_get(b, 12);
	uint64_t from, to = 0;
	bool is_range;

	for (; n > 0 && !b->is_short; n--) {
		is_range = bits_get(b, 1) != 0;
		from = to + fibonacci(b);
		to = is_range ? from + fibonacci(b) : from;
		if (to > UINT16_MAX)
			return -1;
		bits_set_add(s, (unsigned)from, (unsigned)to);
	}
	return 0;
}

unsigned
bits_set_count(const struct bits_set *s)
{
	unsigned i, n = 0;

	for (i = 0; i < s->n_words; i++)
		n += (unsigned)__builtin_popcountll(s->word[i]);
	return n;
}

void
bits_number(struct buf *out, unsigned n)
{
	char digit[10];
	size_t i = sizeof digit;

	do
		digit[--i] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	(void)buf_add(out, digit + i, sizeof digit - i);
}

void
bits_set_json(const struct bits_set *s, struct buf *out)
{
	char sep = '[';
	uint64_t word;
	unsigned i;

	for (i = 0; i < s->n_words; i++)
		for (word = s->word[i]; word != 0; word &= word - 1) {
			(void)buf_char(out, sep);
			bits_number(
			    out, i * 64 + (unsigned)__builtin_ctzll(word));
			sep = ',';
		}
	(void)buf_str(out, sep == '[' ? "[]" : "]");
}
