/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xml_scan - where XML markup ends, without reading it.
 *
 * For the cutter of XML documents, which must find its records before they
 * can be parsed: tags, comments, character data and declarations are known,
 * nothing more.  What passes need not be XML; what does not pass cannot be.
 */
#ifndef INGEST_XML_SCAN_H
#define INGEST_XML_SCAN_H

#include "ingest/base/span.h"
#include "ingest/xml.h"

enum xml_token {
	XML_MORE, /* the text ends first */
	XML_TEXT, /* up to the next markup, or to the end of what is there */
	XML_OPEN,
	XML_EMPTY, /* <a/> */
	XML_CLOSE,
	XML_OTHER, /* comment, character data, declaration */
	XML_BAD
};

/* Whether a byte may be part of a name. */
bool xml_is_name(char c);
/* What stands at `at`, less than s.n; its end, and its name if it is a tag. */
enum xml_token xml_scan_markup(
    struct span s, size_t at, size_t *end, struct span *name);
/*
 * The element whose tag begins at `at`: XML_CLOSE and behind it, XML_MORE, or
 * XML_BAD with where that was seen and why.
 */
enum xml_token xml_scan_element(
    struct span s, size_t at, size_t *end, const char **reason);

#endif
