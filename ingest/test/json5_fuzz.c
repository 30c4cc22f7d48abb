/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as JSON5: refused with a reason or made into text.  What is JSON
 * is JSON5 and stays JSON.
 */
#include <assert.h>

#include "ingest/json.h"
#include "ingest/json5.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static enum json_result
parse(struct buf *b)
{
	struct json_reader *r = json_reader_new();
	struct json_plan *p = json_plan_new();
	struct value whole = { VALUE_ABSENT };
	enum json_result got;
	const char *reason;

	assert(json_plan_add(p, (struct span){ "", 0 }, 0) == 0);
	(void)buf_room(b, JSON_PADDING_BYTES);
	memset(b->p + b->n, '"', JSON_PADDING_BYTES);
	got = json_parse(r, p, buf_as_span(b), &whole, &reason);
	json_reader_free(r);
	json_plan_free(p);
	return got;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct buf in = { 0 }, out = { .ceiling_bytes = 1 << 20 };
	const char *reason = NULL;
	int rc;

	(void)buf_add(&in, bytes, n);
	rc = json5_json((struct span){ (const char *)bytes, n }, &out, &reason);
	if (rc < 0)
		assert(reason != NULL && strncmp(reason, "invalid", 7) == 0);
	out.ceiling_bytes = 0;
	if (parse(&in) == JSON_OK &&
	    (rc == 0 || strstr(reason, "deep") == NULL))
		assert(rc == 0 && parse(&out) == JSON_OK);
	buf_clear(&in);
	buf_clear(&out);
	return 0;
}
