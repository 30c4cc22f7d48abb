/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * map_decode - what the decoders of map_decode.c and map_cell.c share.
 *
 * A decoder makes one text of another: true and the new text, which lies in
 * the old one or in the parser's scratch memory, or false.  A text that does
 * not have what is asked for is simply absent; one that is malformed sets
 * p->odd as well, so that it is counted.
 */
#ifndef INGEST_MAP_DECODE_H
#define INGEST_MAP_DECODE_H

#include "ingest/base/hex.h"
#include "ingest/record_parser.h"

bool decode_percent(
    struct record_parser *p, struct span *text, bool plus_is_blank);

/* csv N [SEP] */
bool decode_csv(
    struct record_parser *p, const struct map_step *s, struct span *text);
/* kv SEP ASSIGN KEY [hex] */
bool decode_kv(
    struct record_parser *p, const struct map_step *s, struct span *text);
/* cef KEY, cef N */
bool decode_cef(
    struct record_parser *p, const struct map_step *s, struct span *text);
/* cookie NAME */
bool decode_cookie(
    struct record_parser *p, const struct map_step *s, struct span *text);
bool decode_hex(struct record_parser *p, struct span *text);

#endif
