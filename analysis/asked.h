/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * asked - the purposes that an episode or grant is about.
 *
 * Those of the consent controls, else of the act, else of the other
 * controls, else of case.ini, else of the server's answers or of its early
 * grant; none named: one purpose, 0.  In bytewise order, so that rows do not depend on codes.
 */
#ifndef ANALYSIS_ASKED_H
#define ANALYSIS_ASKED_H

#include "analysis/person.h"

struct asked {
	uint32_t purpose[EPISODE_PURPOSES];
	uint32_t n;
};

/* r: the act, or NULL. */
void asked_of_episode(struct person *p, const struct surface *s,
    const struct row *r, struct asked *a);
void asked_of_grant(struct person *p, const struct row *r, struct asked *a);

/* What the answers to an act say of purposes that no row is about: their
 * boxes were not seen, perhaps.  It stands all the same; tainted or not, nobody
 * knows.  True when one was granted. */
bool asked_rest(struct person *p, const struct surface *s, const struct row *r,
    const struct asked *a);

/* The server's records that answer an act; NULL: none, no more. */
const struct reply *replies_of(const struct person *p, const struct row *r);
const struct reply *reply_next(const struct person *p, const struct reply *a);

#endif
