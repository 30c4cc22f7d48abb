/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/test.h"
#include "reports/progress.h"

static void
the_line_tells_bytes_rate_and_time_left(void **state)
{
	static const struct {
		struct progress_state state;
		const char *line;
	} cases[] = {
		{ { "read", true, 0, 1000, 0, 0 }, "read   0%  0 B of 1000 B" },
		{ { "read", true, 512, 1024, 10, 500000 },
		    "read  50%  512 B of 1.0 KiB" },
		{ { "read", true, 1 << 30, (uint64_t)4 << 30, 30000000,
		      10000000 },
		    "read  25%  1.0 GiB of 4.0 GiB  3.0 M records/s  "
		    "0:30 left" },
		{ { "read", true, 1 << 20, (uint64_t)5 << 40, 2500, 1000000 },
		    "read   0%  1.0 MiB of 5.0 TiB  2.5 k records/s  "
		    "99:59:59 left" },
		{ { "read", true, 1, 3662, 7, 1000000 },
		    "read   0%  1 B of 3.6 KiB  7 records/s  1:01:01 left" },
		{ { "read", true, 2048, 2048, 100, 2000000 },
		    "read 100%  2.0 KiB of 2.0 KiB  50 records/s" },
		/* A file that grew. */
		{ { "read", true, 4096, 2048, 100, 2000000 },
		    "read 100%  4.0 KiB of 2.0 KiB  50 records/s" },
		{ { "read", true, 2048, 0, 100, 2000000 },
		    "read  2.0 KiB  50 records/s" },
		{ { "sort", true, 0, 0, 100, 2000000 }, "sort" },
		{ { "analyse", false, 16, 64, 600, 2000000 },
		    "analyse  25%  300 records/s  0:06 left" },
	};
	char line[PROGRESS_LINE_BYTES];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		progress_line(line, &cases[i].state);
		assert_string_equal(line, cases[i].line);
	}
}

static void
nothing_is_drawn_when_stderr_is_no_terminal(void **state)
{
	struct progress p;

	(void)state;
	progress_init(&p);
	p.on = false; /* also when this test runs on one */
	progress_tell(&p, "read", 1, 2, 3);
	assert_false(p.drawn);
	progress_clear(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_tells_bytes_rate_and_time_left),
		cmocka_unit_test(nothing_is_drawn_when_stderr_is_no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
