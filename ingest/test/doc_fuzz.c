/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records inside a JSON document: any bytes, cut anyhow. */
#include "ingest/test/fuzz_pieces.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	return fuzz_pieces(
	    "[format]\nname = x\nversion = 1\ncontainer = json\n"
	    "records = /l\n[time]\nfrom = \"0\"\nformat = epoch_us\n"
	    "[kind]\nalways = other\n[fields]\nactor = /a\n",
	    bytes, n);
}
