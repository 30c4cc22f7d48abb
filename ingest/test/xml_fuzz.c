/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records inside an XML document: any bytes, cut anyhow. */
#include "ingest/test/fuzz_pieces.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	return fuzz_pieces(
	    "[format]\nname = x\nversion = 1\ncontainer = xml\n"
	    "records = /l/t/e\nexplode = /p\n[time]\nfrom = \"0\"\n"
	    "format = epoch_us\n[kind]\nalways = other\n[fields]\n"
	    "actor = /@i\nlabel = /s/[@k=v]/#text | /s/0 | /s\n"
	    "session = ../@i\npurpose = ../s\napp = ../../@i\n"
	    "value = /p/*/@v\n",
	    bytes, n);
}
