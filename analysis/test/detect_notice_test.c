/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/test/case.h"

#define BOX  "imp element=b role=consent_box changed_by=default design=v"
#define GO   "click role=submit element=go design=v request=r"
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

#define PROMPT_AT(seq)                                                \
	"permission.prompt trail=ui device=d-u session=s-u screen=m " \
	"category=contacts seq=" seq
#define PROMPT PROMPT_AT("3")

static const struct story_case permissions[] = {
	{ "D25: nothing shown in a whole log is sure",
	    "u 0 imp element=t text=hello surface= screen=q\n"
	    "u 50 view surface= screen=m\nu 51 " PROMPT "\n"
	    "u 52 view surface= screen=m noseq seq=4",
	    NULL, ASK("D25"), "contacts|1|1|0|0|0|-" },
	{ "D25: words without a purpose are ambiguous",
	    "u 0 view surface= screen=m\n"
	    "u 50 imp element=t text=hello surface= screen=m\nu 51 " PROMPT
	    "\nu 52 view surface= screen=m noseq seq=4",
	    NULL, ASK("D25"), "contacts|1|0|1|0|0|-" },
	{ "D25: a purpose on the screen is refuted",
	    "u 0 imp element=t purpose=find_friends surface= screen=m\n"
	    "u 50 view surface= screen=m\nu 51 " PROMPT
	    "\nu 52 view surface= screen=m noseq seq=4",
	    NULL, ASK("D25"), "contacts|1|0|0|1|0|-" },
	{ "D25: a gap may have held it",
	    "u 0 imp element=t text=hello surface= screen=q\n"
	    "u 50 view surface= screen=m\nu 51 " PROMPT "\n"
	    "u 52 view surface= screen=m noseq seq=9",
	    NULL, ASK("D25"),
	    "contacts|1|0|0|0|1|a complete log of the user interface (seq)" },
	{ "D25: a gap long before, on another screen, has not",
	    "u 0 imp element=t text=hello surface= screen=q\n"
	    "u 20 view surface= screen=r gap\n"
	    "u 50 view surface= screen=m\nu 51 " PROMPT_AT(
		"5") "\n"
		     "u 52 view surface= screen=m noseq seq=6",
	    NULL, ASK("D25"), "contacts|1|1|0|0|0|-" },
	{ "D25: a gap since the other screen may have",
	    "u 0 imp element=t text=hello surface= screen=q\n"
	    "u 20 view surface= screen=r\n"
	    "u 50 view surface= screen=m gap\nu 51 " PROMPT_AT(
		"5") "\n"
		     "u 52 view surface= screen=m noseq seq=6",
	    NULL, ASK("D25"),
	    "contacts|1|0|0|0|1|a complete log of the user interface (seq)" },
	{ "D25: what another phone shows is no other screen of this one",
	    "u 0 imp element=t text=hello surface= screen=q\n"
	    "u 20 imp element=t purpose=find_friends surface= screen=m\n"
	    "u 30 view surface= screen=r device=other\n"
	    "u 51 " PROMPT "\nu 52 view surface= screen=m noseq seq=4",
	    NULL, ASK("D25"), "contacts|1|0|0|1|0|-" },
	{ "D25: a source that holds no words cannot tell",
	    "u 50 view surface= screen=m\nu 51 " PROMPT "\n", NULL, ASK("D25"),
	    "contacts|1|0|0|0|1|the words shown with the prompt" },
};

#define LINK	   "click role=policy_link element=policy"
#define STEP(t, n) "u " t " click element=" n " surface= screen=" n "\n"

static const struct story_case policies[] = {
	{ "D24: six clicks from the main screen are ambiguous",
	    "u 0 view surface= screen=m\n" STEP("10", "a") STEP("20", "b")
		STEP("30", "c") STEP("40", "d") STEP("50", "e") "u 60 " LINK,
	    NULL, ASK("D24"), "|1|0|1|0|0|-" },
	{ "D24: four are refuted, for those who did not look as well",
	    "u 0 view surface= screen=m\n" STEP("10", "a") STEP("20", "b")
		STEP("30", "c") "u 60 " LINK "\n"
				"v 0 " BOX " value=on\nv 5 " GO,
	    NULL, ASK("D24"), "|2|0|0|2|0|-" },
	{ "D24: who returns to the main screen begins anew",
	    "u 0 view surface= screen=m\n" STEP("10", "a") STEP("20", "b")
		STEP("30", "c") STEP("40", "d")
		    STEP("50", "e") "u 55 view surface= screen=m\nu 60 " LINK,
	    NULL, ASK("D24"), "|1|0|0|1|0|-" },
	{ "D24: the main screen is case.ini's",
	    "u 0 view surface= screen=m\n" STEP("10", "a") STEP("20", "b")
		STEP("30", "c") STEP("40", "d") STEP("50", "e") "u 60 " LINK,
	    "[home]\nscreen = d\n", ASK("D24"), "|1|0|0|1|0|-" },
	{ "D24: nobody looked: not decidable", "u 0 " BOX " value=on\nu 5 " GO,
	    NULL, ASK("D24"),
	    "|1|0|0|0|1|a way to the policy, walked by this person" },
	{ "D24: a coder's verdict is sure",
	    "a - annotation action=D24 value=true", NULL, ASK("D24"),
	    "|1|1|0|0|0|-" },
};

int
main(void)
{
	return story_cases_run("permissions", permissions,
		   sizeof permissions / sizeof permissions[0]) +
	       story_cases_run(
		   "policies", policies, sizeof policies / sizeof policies[0]) +
	       story_cases_run(
		   "notices", notices, sizeof notices / sizeof notices[0]);
}
