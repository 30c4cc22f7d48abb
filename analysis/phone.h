/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * phone - telephone numbers in one form, so that they can be compared.
 *
 * +86 138 0013 8000, 0086-13800138000, 138-0013-8000 and full-width digits
 * are one number: +8613800138000.  Blanks, dashes, dots, brackets and marks
 * of writing direction are dropped, tel: is understood.  What has letters or
 * too few or too many digits is no number (an id, a hash, a short code, an
 * address of the internet) and is compared as it is.
 *
 * Whoever prints or hashes a datum uses this first.  Nothing fails here.
 */
#ifndef ANALYSIS_PHONE_H
#define ANALYSIS_PHONE_H

#include "ingest/base/span.h"

enum {
	PHONE_DIGITS = 15, /* of E.164, at most */
	PHONE_BYTES = PHONE_DIGITS + 2,
	PHONE_CODE_BYTES = 4
};

/* Where numbers are written without a country; all zero: not known. */
struct phone_home {
	char code[PHONE_CODE_BYTES]; /* "86" */
};

enum phone_form {
	PHONE_NONE = 0,	   /* no number */
	PHONE_ABROAD,	   /* written with its country */
	PHONE_HOME,	   /* given the country of the case */
	PHONE_WITHOUT_CODE /* of a country that nobody named: digits alone */
};

/* "86", "+86": 0, or -1 when it is no calling code. */
int phone_home_code(struct phone_home *h, struct span code);
/* Of a region (CN); one that is not in phone.def leaves it unknown. */
void phone_home_region(struct phone_home *h, struct span region);
/*
 * The number in `out`, terminated: "+8613800138000", or digits when its
 * country is not known; "" for PHONE_NONE.
 */
enum phone_form phone_normal(
    const struct phone_home *h, struct span text, char out[PHONE_BYTES]);
/* Has it digits left out (138****8000)?  Many numbers look like that one. */
bool phone_is_masked(struct span text);
/* The number, else the text as it is. */
struct span phone_or_text(
    const struct phone_home *h, struct span text, char out[PHONE_BYTES]);

#endif
