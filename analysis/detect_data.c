/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * D09: collection or sharing without a consent that stood.
 */
#include "analysis/detector.h"

enum answer
detect_D09(struct person *p, const struct occasion *o, struct detail *d)
{
	(void)p;
	if (o->kind_of_processing == KIND_DATA_ACCESS)
		d->scope = "collection";
	else if (o->kind_of_processing == KIND_DATA_EGRESS)
		d->scope = "sharing";
	else
		return ANSWER_NONE;
	switch (o->verdict) {
	case VERDICT_CONSENTED:
		return ANSWER_REFUTED;
	case VERDICT_TAINTED: /* formally there */
		return ANSWER_AMBIGUOUS;
	case VERDICT_BEFORE_CONSENT:
	case VERDICT_WITHOUT_CONSENT:
	case VERDICT_AFTER_REFUSAL:
	case VERDICT_AFTER_WITHDRAWAL:
		return ANSWER_SURE;
	case VERDICT_NOT_DECIDABLE:
		d->missing = o->missing;
		return ANSWER_UNDECIDABLE;
	case VERDICT_NONE:
	case VERDICT_OTHER_BASIS:
	case VERDICT_NECESSARY:
	case VERDICT__MAX:
		break;
	}
	return ANSWER_NONE;
}
