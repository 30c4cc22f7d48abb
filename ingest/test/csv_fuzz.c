/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Separated values: any bytes, cut anyhow, in four dialects. */
#include "ingest/test/fuzz_pieces.h"

#define HEAD "[format]\nname = x\nversion = 1\ncontainer = csv\n"
#define TAIL                                                         \
	"comment = \"#\"\n[time]\nfrom = \"0\"\nformat = epoch_us\n" \
	"[kind]\nalways = other\n[fields]\nactor = a\nlabel = b\n"   \
	"value = c > query x | c > url\ntext = c > base64\n"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char *const maps[] = { HEAD TAIL,
		HEAD "header = \"#F\"\ndelimiter = blanks\n" TAIL
		     "screen = @D\n",
		HEAD "columns = a b c\nquote = none\ndelimiter = tab\n" TAIL,
		HEAD "columns = a\nmore_columns = b c\n" TAIL };

	return fuzz_pieces(maps[n > 0 ? bytes[0] % 4 : 0], bytes, n);
}
