/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any text as case.ini: no crash, and what is refused says where. */
#include <assert.h>

#include "ingest/caseini.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct span text = { n > 0 ? (const char *)bytes : "", n };
	struct caseini ini = { 0 };
	struct err err = { 0 };
	size_t i;

	if (caseini_parse(&ini, "case.ini", text, &err) == 0) {
		for (i = 0; i < ini.n_pairs; i++) {
			const struct caseini_pair *p = &ini.pair[i];

			assert(p->line > 0);
			assert(caseini_get(&ini, p->section, p->name, p->key) !=
			       NULL);
		}
	} else {
		assert(err.code != ERR_NONE);
		assert(strncmp(err.msg, "case.ini", 8) == 0);
	}
	caseini_clear(&ini);
	return 0;
}
