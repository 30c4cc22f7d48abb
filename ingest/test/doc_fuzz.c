/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records inside JSON documents, and documents: any bytes, cut anyhow. */
#include "ingest/test/fuzz_pieces.h"

#define HEAD "[format]\nname = x\nversion = 1\ncontainer = json\n"
#define TAIL                                                \
	"[time]\nfrom = \"0\"\nformat = epoch_us\n[kind]\n" \
	"always = other\n[fields]\nactor = /a\n"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char *const maps[] = { HEAD "records = /l\n" TAIL,
		HEAD "records = document\n" TAIL, HEAD TAIL,
		HEAD "records = objects\n" TAIL };

	return fuzz_pieces(maps[n > 0 ? bytes[0] % 4 : 0], bytes, n);
}
