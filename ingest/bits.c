/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/bits.h"

#include <string.h>

static int
six_bits(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-' || c == '+')
		return 62;
	return c == '_' || c == '/' ? 63 : -1;
}

int
bits_open(struct bits *b, struct span base64, struct buf *room)
{
	uint32_t have = 0, n_have = 0;
	size_t i;
	int six;

	while (base64.n > 0 && base64.p[base64.n - 1] == '=')
		base64.n--;
	if (base64.n == 0 || base64.n > BITS_STRING_MAX)
		return -1;
	buf_reset(room);
	for (i = 0; i < base64.n; i++) {
		six = six_bits(base64.p[i]);
		if (six < 0)
			return -1;
		have = have << 6 | (uint32_t)six;
		n_have += 6;
		if (n_have >= 8) {
			n_have -= 8;
			(void)buf_char(room, (char)(have >> n_have));
		}
	}
	/* encoders cut the last characters where a field ends */
	if (n_have > 0)
		(void)buf_char(room, (char)(have << (8 - n_have)));
	*b = (struct bits){ (const uint8_t *)room->p, base64.n * 6, 0, false };
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
	memset(s, 0, sizeof *s);
}

void
bits_set_add(struct bits_set *s, unsigned from, unsigned to)
{
	for (; from <= to; from++)
		s->word[from / 64] |= UINT64_C(1) << from % 64;
}

void
bits_set_get(struct bits_set *s, struct bits *b, unsigned n)
{
	unsigned i;

	for (i = 1; i <= n && !b->is_short; i++)
		if (bits_get(b, 1) != 0)
			bits_set_add(s, i, i);
}

void
bits_set_json(const struct bits_set *s, struct buf *out)
{
	const char *sep = "[";
	uint64_t word;
	unsigned i;

	for (i = 0; i < 1024; i++)
		for (word = s->word[i]; word != 0; word &= word - 1) {
			(void)buf_printf(out, "%s%u", sep,
			    i * 64 + (unsigned)__builtin_ctzll(word));
			sep = ",";
		}
	(void)buf_str(out, *sep == '[' ? "[]" : "]");
}
