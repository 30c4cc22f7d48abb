/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * base64 - RFC 4648, either alphabet, padding optional.
 */
#ifndef INGEST_BASE64_H
#define INGEST_BASE64_H

#include "ingest/base/span.h"

/*
 * Decode into `out`, which has room for text.n bytes.  How many bits there
 * are, six for each character, or -1 when it is not base64.  Bits behind the
 * last whole byte are topped up with zeros to one more; whether such a rest
 * makes sense is the caller's to know.
 */
int64_t base64_bits(struct span text, char *out);

#endif
