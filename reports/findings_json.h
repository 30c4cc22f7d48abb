/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * findings_json - report/findings.json: the findings for other programs.
 *
 * The case's facts, every finding with its measures and rules; counts that a
 * public page withholds are null and the finding says "withheld": true.
 */
#ifndef REPORTS_FINDINGS_JSON_H
#define REPORTS_FINDINGS_JSON_H

#include "reports/page.h"

/* Failures go to the page. */
void findings_json(struct page *page);

#endif
