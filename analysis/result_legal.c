/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/result_private.h"

#include "analysis/detector_table.h"
#include "ingest/base/utc.h"

/*
 * A finding that has neither sure nor ambiguous answers bears on nothing.
 * The day is that of its first act, on the clock of the case.
 */
void
write_legal(struct result *r)
{
	const struct tally *t = &r->tally[TALLY_FINDING];
	sqlite3_stmt *st =
	    casefile_prepare(r->c, "INSERT INTO legal VALUES(?,?,?,?,?,?,?)");
	char day[UTC_TEXT_BYTES];
	uint32_t i;
	size_t k;

	for (i = 0; i < t->n; i++) {
		const struct finding_value *v =
		    tally_value(t, r->finding_order[i]);
		const char *detector =
		    detector_table[tally_key(t,
				       r->finding_order[i])[FINDING_DETECTOR]]
			.id;

		if (v->n[ANSWER_SURE] + v->n[ANSWER_AMBIGUOUS] == 0)
			continue;
		if (v->times.known)
			(void)utc_format_day(
			    v->times.first_us, r->zone_min, day);
		for (k = 0; k < r->legal.n_rules; k++) {
			const struct legal_rule *rule = &r->legal.rule[k];

			if (!legal_bears_on(rule, detector))
				continue;
			(void)casefile_put(r->c, st, "itttttt",
			    (int64_t)r->finding_id[r->finding_order[i]],
			    rule->name, rule->in_force_from, rule->in_force_to,
			    legal_used_as(rule, v->times.known ? day : NULL),
			    rule->title, rule->item);
		}
	}
	casefile_finalize(st);
}
