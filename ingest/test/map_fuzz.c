/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mapping of any bytes compiles or is refused with file, line, reason. */
#include <assert.h>

#include "ingest/map.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct span text = { (const char *)bytes, n };
	struct err err = { 0 };
	struct map *m = map_compile("fuzz.map", text, &err);

	if (m == NULL) {
		assert(strncmp(err.msg, "fuzz.map:", 9) == 0);
		assert(err.code == ERR_FAILED);
	} else {
		assert(map_name(m)[0] != '\0' && map_version(m)[0] != '\0');
	}
	map_free(m);
	return 0;
}
