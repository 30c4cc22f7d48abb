/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/test/case.h"

#define ASK(id)                                                           \
	"SELECT scope, eligible, sure, ambiguous, refuted, undecidable, " \
	"missing FROM finding WHERE detector = '" id "' ORDER BY scope, " \
	"surface, design_id"
#define GAVE "u 0 consent decision=given purpose=x "

static const struct story_case scopes[] = {
	{ "D10: a category that the consent does not name is sure",
	    GAVE "category=name\nu 9 access purpose=x category=contacts", NULL,
	    ASK("D10"), "|1|1|0|0|0|-" },
	{ "D10: the one it names is refuted",
	    GAVE "category=name\nu 9 access purpose=x category=name", NULL,
	    ASK("D10"), "|1|0|0|1|0|-" },
	{ "D10: a permission covers its category",
	    GAVE "category=name\nu 1 permission category=contacts "
		 "value=granted\nu 9 access purpose=x category=contacts",
	    NULL, ASK("D10"), "|1|0|0|1|0|-" },
	{ "D10: a consent that names none is not decidable",
	    GAVE "\nu 9 access purpose=x category=name", NULL, ASK("D10"),
	    "|1|0|0|0|1|the categories that the consent names" },
	{ "D10: nor is a record that names none",
	    GAVE "category=name\nu 9 access purpose=x", NULL, ASK("D10"),
	    "|1|0|0|0|1|the category of the data" },
};

int
main(void)
{
	return story_cases_run(
	    "scopes", scopes, sizeof scopes / sizeof scopes[0]);
}
