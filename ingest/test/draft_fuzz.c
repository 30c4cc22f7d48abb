/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A draft of any bytes: no crash, and what comes out loads and is printable. */
#include <assert.h>

#include "ingest/draft.h"
#include "ingest/json.h"
#include "ingest/map.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct span text = { n > 0 ? (const char *)bytes : "", n };
	struct buf out = { 0 };
	struct err err = { 0 };
	struct map *m;
	size_t i;

	if (draft_mapping("a.log", text, n % 2 == 0, &out, &err) < 0) {
		assert(err.code != ERR_NONE && out.n == 0);
		return 0;
	}
	m = map_compile("a.map", buf_as_span(&out), &err);
	assert(m != NULL);
	map_free(m);
	assert(json_utf8_is_valid(buf_as_span(&out)));
	for (i = 0; i < out.n; i++)
		assert((unsigned char)out.p[i] >= ' ' || out.p[i] == '\n' ||
		       out.p[i] == '\t');
	buf_clear(&out);
	return 0;
}
