/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * facts - what a person said about the case, kept with its results.
 *
 * case.ini is not part of a case, so a report could not say whose case it
 * is, on which clock its days were counted, which rule packs were in use and
 * which thresholds held.
 * Each analysis writes these rows of case_info anew:
 *
 *	case.KEY    the keys of [case]
 *	home.calling_code "86", of telephone numbers without a country
 *	zone        "+08:00", the clock of days and of the report
 *	pack.ID     "VERSION sha256:HEX TITLE" of a rule pack
 *	threshold.NAME
 *	            "48 h: where that comes from"
 */
#ifndef ANALYSIS_FACTS_H
#define ANALYSIS_FACTS_H

#include "analysis/legal.h"
#include "ingest/casefile.h"

/* `ini` may be NULL.  Failure stays in the casefile. */
void facts_write(struct casefile *c, const struct caseini *ini,
    const struct legal *legal, int zone_min);

#endif
