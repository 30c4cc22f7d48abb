/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"
#include "ingest/json_int.h"

enum { TEXT_BYTES = 700 };

/* A text with few or many special bytes. */
static void
random_text(struct prop *p, char *text)
{
	size_t i, often = 1 + prop_below(p, 30);

	for (i = 0; i < TEXT_BYTES + JSON_PADDING_BYTES; i++)
		text[i] = prop_below(p, often) != 0
			      ? (char)('a' + prop_below(p, 26))
			      : "\"\\\n\x01\x1f \x7f\x80\xff"[prop_below(p, 9)];
}

static void
check(const struct json_index *x, const char *text, size_t bytes)
{
	size_t i, n = 0, from;
	bool ascii;

	for (i = 0; i < bytes; i++)
		if (is_special(text[i])) {
			assert_true(n < x->n);
			assert_int_equal(x->at[n], i);
			assert_int_equal(json_index_find(x, text + i, 0), n);
			assert_int_equal(json_index_find(x, text + i, x->n), n);
			n++;
		}
	assert_int_equal(x->n, n);
	assert_int_equal(x->at[n], bytes);
	for (from = 0; from + 100 < bytes; from += 50) {
		ascii = true;
		for (i = from; i < from + 100; i++)
			ascii &= (unsigned char)text[i] < 0x80;
		assert_false(!ascii && json_index_is_ascii(
					   x, text + from, text + from + 100));
	}
}

static void
all_ways_find_the_same_places(void **state)
{
	struct prop p = prop_seeded(31);
	uint16_t at[INDEX_BYTES + INDEX_SLACK];
	char text[TEXT_BYTES + JSON_PADDING_BYTES];
	json_fill_f *fill[JSON_FILLS_MAX];
	size_t n = json_index_fills(fill), i, k, bytes;
	struct json_index x;

	(void)state;
	for (i = 0; i < 3000; i++) {
		random_text(&p, text);
		bytes = prop_below(&p, TEXT_BYTES);
		for (k = 0; k < n; k++) {
			json_index_init(&x, at, INDEX_BYTES);
			x.fill = fill[k];
			json_index_fill(&x, text, text + bytes);
			check(&x, text, bytes);
		}
	}
}

static void
a_full_window_has_room(void **state)
{
	static char text[INDEX_BYTES + 2 * JSON_PADDING_BYTES];
	static uint16_t at[INDEX_BYTES + INDEX_SLACK];
	json_fill_f *fill[JSON_FILLS_MAX];
	size_t n = json_index_fills(fill), k;
	struct json_index x;

	(void)state;
	memset(text, '"', sizeof text);
	for (k = 0; k < n; k++) {
		json_index_init(&x, at, INDEX_BYTES);
		x.fill = fill[k];
		json_index_fill(&x, text, text + INDEX_BYTES + 1);
		check(&x, text, INDEX_BYTES);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ways_find_the_same_places),
		cmocka_unit_test(a_full_window_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
