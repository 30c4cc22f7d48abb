/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xml - an XML element as JSON, so that one language reads both.
 *
 * Attributes become members "@name", child elements members of their name (as
 * written, prefix included), several of one name a list in their order, text
 * "#text" without the white space at its ends.  An element that is but text is
 * that text.  The element itself is always an object.
 *
 * Only the five entities of XML and numbers are known: a document type, which
 * could declare others (and have them grow without end), is refused.
 *
 * Ownership: a reader belongs to one thread; what it makes is appended to a
 * buffer of the caller.
 */
#ifndef INGEST_XML_H
#define INGEST_XML_H

#include "ingest/base/buf.h"

enum {
	XML_DEPTH_MAX = 128,
	XML_PARTS_MAX = 131072, /* elements and attributes of one element */
};

/*
 * Paths, "/a/b" below the element, of members that are lists even when there
 * is but one, as somebody chooses among them.
 */
struct xml_lists {
	struct span *path; /* [n] */
	size_t n;
};

struct xml_reader;
struct xml_reader *xml_reader_new(void);
void xml_reader_free(struct xml_reader *x);

/*
 * Append the element that the text holds, comments and declarations around
 * it aside.  0, or -1 with a reason that lives until the next call.
 */
int xml_json(struct xml_reader *x, struct span text,
    const struct xml_lists *lists, struct buf *out, const char **reason);

#endif
