/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * draft - a first mapping for a file that nobody knows, for a person to
 * finish.
 *
 * What the first records show is put down: container, paths and how often
 * they are there, which of them are times, persons and names of events.
 * What is guessed from names is a line that counts, what needs a decision is
 * a comment.  The mapping loads as it is; it takes every record as `other`
 * until somebody says what its events are.
 *
 * The file is hostile: what is quoted of it is printable and short, and what
 * would need a trick of the mapping language is left out.
 */
#ifndef INGEST_DRAFT_H
#define INGEST_DRAFT_H

#include "ingest/base/buf.h"
#include "ingest/base/err.h"

/* Look at no more of a member; a JSON document must be whole within it. */
enum { DRAFT_BYTES = 4 * 1024 * 1024 };

/*
 * Append the text of a mapping for a member that begins with `head` (`whole`:
 * and ends with it).  `file`: its name, of which the mapping gets its own.
 * 0, or -1 with `err` when no records are recognised.
 */
int draft_mapping(const char *file, struct span head, bool whole,
    struct buf *out, struct err *err);

#endif
