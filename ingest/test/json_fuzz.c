/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON Lines: batches and single lines give the same, on any bytes. */
#include "ingest/test/fuzz_pieces.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	return fuzz_pieces(
	    "[format]\nname = x\nversion = 1\ncontainer = jsonl\n"
	    "explode = /l\n[time]\nfrom = /t\nformat = epoch_us\n"
	    "format = rfc3339\n[kind]\n/k is a = consent\n"
	    "/k ~ /^b+$/ = scroll\nalways = other\n[fields]\n"
	    "actor = /a | /j > json /x\nlabel = /l/*/y | @key\n"
	    "purpose = /p\nfont_px = /f\ncount = /f\nrole = /r\n"
	    "screen = /o/x + /o/[y=z]/w\nvalue = /o/*\n",
	    bytes, n);
}
