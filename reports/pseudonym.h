/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pseudonym - keyed names for people.
 *
 * A pseudonym is the first 16 hex digits of HMAC-SHA-256(key, kind ‖ 0 ‖
 * id), after a letter for the kind: u-… user, d-… device, x-… a person who
 * is no user (a phone number, say).  The kinds are separate namespaces: the
 * same number as user and as contact does not give the same name.  A contact's
 * number is brought into one form first (analysis/phone.h).  Without
 * the key nobody can find the id by trying all phone numbers; the key is
 * never stored in a case.
 */
#ifndef REPORTS_PSEUDONYM_H
#define REPORTS_PSEUDONYM_H

#include "analysis/phone.h"
#include "ingest/base/err.h"
#include "ingest/base/span.h"
#include "ingest/casefile.h"

enum { PSEUDONYM_KEY_MAX = 4096, PSEUDONYM_BYTES = 24 };

struct pseudonym_key {
	unsigned char key[PSEUDONYM_KEY_MAX];
	size_t n;	/* bytes of the key */
	char id[17];	/* first digits of SHA-256(key): names the key */
	bool is_public; /* readable by others on this machine */
	struct phone_home home; /* of the case */
};

/*
 * Read the key file; at least 16 bytes.  NULL is
 * $XDG_CONFIG_HOME/pretick/key or ~/.config/pretick/key, which is made of 32
 * random bytes with mode 0600 when it is not there; a file that was named
 * must exist.  0 or -1.
 */
int pseudonym_key_read(
    struct pseudonym_key *k, const char *path, struct err *err);
/* Where the case's telephone numbers are dialled, which its analysis wrote:
 * one person's number has one pseudonym, however it was written.  Failure
 * stays in the casefile. */
void pseudonym_key_home(struct pseudonym_key *k, struct casefile *c);
void pseudonym_key_clear(struct pseudonym_key *k); /* overwrites it */

/* kind: "user", "device", "nonuser". */
char *pseudonym(const struct pseudonym_key *k, const char *kind, struct span id,
    char out[PSEUDONYM_BYTES]);
/* Has it the form of one? */
bool pseudonym_is(const char *text);

#endif
