/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json_oracle - another reader of JSON to hold ours against: libsimdjson's
 * DOM.  Only tests link it.
 */
#ifndef INGEST_TEST_JSON_ORACLE_H
#define INGEST_TEST_JSON_ORACLE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * All values of a document in one text: n, t, f, i or u with digits, d with
 * the double's bits in hexadecimal, s with the length, ":" and the bytes;
 * "[" values "]" and "{" keys and values "}".  To be freed; NULL when the
 * document is invalid, with the reason in json.h's words.
 */
char *json_oracle_dump(
    const char *p, size_t n, size_t *dumped, const char **reason);
int json_oracle_is_utf8(const char *p, size_t n);
/* As json_double_text(). */
size_t json_oracle_double(double d, char *out, size_t room);

#ifdef __cplusplus
}
#endif

#endif
