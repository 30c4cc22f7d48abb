/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * encoding - text that is not UTF-8, and where its bytes came from.
 *
 * A piece in another encoding is changed to UTF-8 line by line.  Marks keep
 * for every line where it began in both texts, so that places stay those of
 * the original bytes.  What does not decode becomes the byte 0xff, which is
 * in no UTF-8, so that exactly the record around it is refused later.
 *
 * Ownership: encoding_change() fills buffers of the caller.
 */
#ifndef INGEST_ENCODING_H
#define INGEST_ENCODING_H

#include "ingest/base/buf.h"
#include "ingest/record.h"

struct encoding_mark {
	size_t utf8; /* where a line begins in the UTF-8 text */
	size_t from; /* and in the original */
};

struct encoding_marks {
	enum record_encoding encoding;
	struct encoding_mark *mark; /* [n_marks], owned */
	size_t n_marks, room;
	size_t last;	 /* the mark used last: places mostly go forward */
	struct buf utf8; /* the text, followed by padding */
	void *iconv;
};

/* Fill marks->utf8 from `bytes`; an incomplete last character is damage
 * when `at_end`, else left out. */
void encoding_change(struct encoding_marks *m, enum record_encoding encoding,
    struct span bytes, bool at_end);
/* The original position of a position in marks->utf8. */
size_t encoding_place(struct encoding_marks *m, size_t utf8);
void encoding_marks_clear(struct encoding_marks *m);

/*
 * The encoding of a text that begins with `head`: by its BOM; UTF-8 when it
 * is that, or when most of its lines are; GB18030 when it decodes as such.
 */
enum record_encoding encoding_find(struct span head, bool whole);

/* The position behind the last line end; 0 when there is none. */
size_t encoding_last_line_end(enum record_encoding e, struct span bytes);

#endif
