/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"

#include <string.h>

#include "ingest/bits.h"
#include "ingest/tcf.h"

static struct buf out;

/* A range is filled by words: each end at, before and behind their borders. */
static void
a_range_is_all_between_its_ends(void **state)
{
	static const unsigned ends[] = { 1, 2, 62, 63, 64, 65, 127, 128, 129,
		191, 192, 1000, 65471, 65472, 65534, 65535 };
	enum { N = sizeof ends / sizeof ends[0] };
	struct bits_set s;
	size_t i, j;
	unsigned v;

	(void)state;
	for (i = 0; i < N; i++)
		for (j = 0; j < N; j++) {
			bits_set_clear(&s);
			bits_set_add(&s, ends[i], ends[j]);
			for (v = 0; v <= 65535; v++)
				assert_int_equal(bits_set_has(&s, v),
				    v >= ends[i] && v <= ends[j]);
			assert_int_equal(bits_set_count(&s),
			    i <= j ? ends[j] - ends[i] + 1 : 0);
		}
}

static void
a_set_is_a_list_in_rising_order(void **state)
{
	struct bits_set s;

	(void)state;
	bits_set_clear(&s);
	buf_reset(&out);
	bits_set_json(&s, &out);
	assert_string_equal(out.p, "[]");
	bits_set_add(&s, 65535, 65535);
	bits_set_add(&s, 9, 10);
	bits_set_add(&s, 1, 1);
	buf_reset(&out);
	bits_set_json(&s, &out);
	assert_string_equal(out.p, "[1,9,10,65535]");
}

/* ---- a string that says "all vendors" again and again ------------------------ */

struct writer {
	char text[4096];
	size_t n;	 /* bits */
	unsigned letter; /* the last one's number */
};

static void
put(struct writer *w, uint64_t v, unsigned n)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789-_";

	for (; n > 0; n--, w->n++) {
		if (w->n % 6 == 0)
			w->letter = 0;
		w->letter |= (unsigned)(v >> (n - 1) & 1) << (5 - w->n % 6);
		w->text[w->n / 6] = letters[w->letter];
	}
}

static int
with_restrictions(unsigned n, unsigned last)
{
	struct writer w = { 0 };
	const char *reason = "";
	unsigned i;

	put(&w, 2, 6);
	put(&w, 0, 36);
	put(&w, 0, 36);
	put(&w, 0, 12 + 12 + 6);
	put(&w, 4, 6); /* EN */
	put(&w, 13, 6);
	put(&w, 0, 12 + 6 + 2 + 12);
	put(&w, 0, 24 + 24);
	put(&w, 0, 1 + 6 + 6);
	put(&w, 0, 17); /* vendors */
	put(&w, 0, 17);
	put(&w, n, 12);
	for (i = 0; i < n; i++) {
		put(&w, 1 + i % 24, 6);
		put(&w, 0, 2);
		put(&w, 1, 12);
		put(&w, 1, 1);
		put(&w, 1, 16);
		put(&w, last, 16);
	}
	buf_reset(&out);
	if (tcf_json(span_of(w.text), false, &out, &reason) == 0)
		return 0;
	assert_string_equal(reason, "its restrictions name too many vendors");
	assert_int_equal(out.n, 0);
	return -1;
}

static void
restrictions_are_bounded_by_what_they_name(void **state)
{
	(void)state;
	assert_int_equal(with_restrictions(72, 2000), 0);
	assert_int_equal(with_restrictions(4, 65535), 0);
	assert_int_equal(with_restrictions(5, 65535), -1);
	assert_int_equal(with_restrictions(400, 65535), -1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_is_all_between_its_ends),
		cmocka_unit_test(a_set_is_a_list_in_rising_order),
		cmocka_unit_test(restrictions_are_bounded_by_what_they_name),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	buf_clear(&out);
	return rc;
}
