/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any text: our reader of JSON and the oracle say the same. */
#include "ingest/test/json_compare.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct span s = { (const char *)bytes, n };
	struct compare c;

	compare_open(&c);
	if (!compare_whole(&c, s))
		abort();
	if (json_utf8_is_valid(s) != (json_oracle_is_utf8(s.p, n) != 0))
		abort();
	compare_close(&c);
	return 0;
}
