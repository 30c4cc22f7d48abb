/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any text as a consent string: no crash, and what is decoded is JSON. */
#include <assert.h>

#include "ingest/gpp.h"
#include "ingest/json.h"
#include "ingest/tcf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static int
decode(int which, struct span text, struct buf *out, const char **reason)
{
	switch (which) {
	case 0:
		return tcf_json(text, true, out, reason);
	case 1:
		return tcf_canada_json(text, out, reason);
	case 2:
		return gpp_json(text, true, out, reason);
	default:
		return usp_json(text, out, reason);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct span text = { n > 0 ? (const char *)bytes : "", n };
	struct json_reader *r = json_reader_new();
	struct json_plan *all = json_plan_new();
	struct buf out = { 0 };
	const char *reason;
	struct value v;
	int i;

	(void)json_plan_add(all, span_of(""), 0);
	for (i = 0; i < 4; i++) {
		buf_reset(&out);
		reason = NULL;
		if (decode(i, text, &out, &reason) < 0) {
			assert(out.n == 0 && reason != NULL);
			continue;
		}
		(void)buf_room(&out, JSON_PADDING_BYTES);
		assert(json_parse(r, all, buf_as_span(&out), &v, &reason) ==
		       JSON_OK);
	}
	json_plan_free(all);
	json_reader_free(r);
	buf_clear(&out);
	return 0;
}
