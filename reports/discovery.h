/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * discovery - what `pretick discover` found: as text, and as a draft of
 * case.ini.
 *
 * Both read table discovery.  The draft is a valid case.ini whatever the
 * evidence calls its screens and controls: a name that cannot stand in one
 * is told in a comment.
 *
 * Failure: -1 and `err`; a draft that was there before stands as it was.
 */
#ifndef REPORTS_DISCOVERY_H
#define REPORTS_DISCOVERY_H

#include <stdio.h>

#include "ingest/base/buf.h"
#include "reports/view.h"

/* Prints; the number of undeclared consent controls in *n_found.  A failure
 * stays in the view. */
void discovery_print(struct view *v, FILE *out, int64_t *n_found);
/* The sentence about a row: who did it, who was recorded, how sure it is. */
void discovery_sentence(struct buf *b, struct answer *a);
/* "on the same screen zhima_agree: …"; nothing when there was nothing. */
void discovery_beside(struct buf *b, struct answer *a);
/* Do the words of the control refuse? */
bool discovery_refuses(struct answer *a);
int discovery_draft(struct view *v, const char *path, struct err *err);

#endif
