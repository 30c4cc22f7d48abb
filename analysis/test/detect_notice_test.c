/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/test/case.h"

#define ASK(id)                                                           \
	"SELECT scope, eligible, sure, ambiguous, refuted, undecidable, " \
	"missing FROM finding WHERE detector = '" id "' ORDER BY scope, " \
	"surface, design_id"
#define BOX "imp element=b role=consent_box changed_by=default design=v"
#define GO  "click role=submit element=go design=v request=r"
#define GAVE "consent decision=given surface=s request=r notice=n"

static const struct story_case notices[] = {
	{ "D26: a grant for another version than the one shown is sure",
	    "u 0 " BOX " value=on notice=n notice_version=1\nu 5 " GO "\n"
	    "u 6 " GAVE " notice_version=2",
	    NULL, ASK("D26"), "|1|1|0|0|0|-" },
	{ "D26: the same version is refuted",
	    "u 0 " BOX " value=on notice=n notice_version=2\nu 5 " GO "\n"
	    "u 6 " GAVE " notice_version=2",
	    NULL, ASK("D26"), "|1|0|0|1|0|-" },
	{ "D26: without the version shown it is not decidable",
	    "u 0 " BOX " value=on notice=n\nu 5 " GO "\n"
	    "u 6 " GAVE " notice_version=2",
	    NULL, ASK("D26"), "|1|0|0|0|1|the version that was shown" },
	{ "D26: nor without the one recorded",
	    "u 0 " BOX " value=on notice=n notice_version=1\nu 5 " GO "\n"
	    "u 6 " GAVE,
	    NULL, ASK("D26"), "|1|0|0|0|1|the version that was recorded" },
	{ "D26: a batch that renews for a new version is sure",
	    "u 0 " BOX " value=on notice=n notice_version=1\nu 5 " GO "\n"
	    "u 6 " GAVE " notice_version=1\n"
	    "u 9000 consent decision=renewed surface=s method=batch notice=n "
	    "notice_version=2",
	    NULL,
	    "SELECT sum(sure), sum(refuted) FROM finding WHERE detector = "
	    "'D26'",
	    "1|1" },
};

int
main(void)
{
	return story_cases_run(
	    "notices", notices, sizeof notices / sizeof notices[0]);
}
