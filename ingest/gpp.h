/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gpp - strings of the IAB Global Privacy Platform and the US Privacy string.
 *
 * Source of the layouts: IAB Tech Lab, "Global Privacy Platform", consent
 * string specification and the sections' own ones; where these left a layout
 * open, what the IAB's encoder writes (IABTechLab/iabgpp-es).
 *
 * A GPP string is a header with the numbers of its sections, and the sections
 * behind tildes.  As a JSON object:
 *
 *	version, sections [2,6], and one member for each section:
 *	tcfeuv1, tcfeuv2, tcfcav1	objects as in tcf.h
 *	uspv1		Version, Notice, OptOutSale, LspaCovered ("Y", "N", "-")
 *	usnat, usca, usva, usco, usut, usct, usfl, usmt, usor, ustx, usde, usia,
 *	usne, usnh, usnj, ustn, usmn, usmd, usin, usky, usri
 *			the fields of the specification under their names,
 *			"SaleOptOut": 1; lists as arrays; "Gpc": true where the
 *			string says so
 *
 * Numbers stay what the specification makes of them (SaleOptOut 0: does not
 * apply, 1: opted out, 2: did not opt out); nobody consented by not opting
 * out.  A section that this version does not know, or whose bits are not
 * those of a layout that it knows, is its text: "section30": "BAAA".
 */
#ifndef INGEST_GPP_H
#define INGEST_GPP_H

#include "ingest/base/buf.h"

/*
 * Append the string as JSON; `with_vendors` as in tcf_json().  0, or -1 with
 * `reason` when it is none; then nothing is appended.
 */
int gpp_json(
    struct span text, bool with_vendors, struct buf *out, const char **reason);

/* The same for a bare US Privacy string, "1YNN": the members of uspv1. */
int usp_json(struct span text, struct buf *out, const char **reason);

#endif
