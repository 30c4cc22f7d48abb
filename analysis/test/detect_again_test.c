/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/test/case.h"

#define BOX    "imp element=b role=consent_box changed_by=default"
#define SUBMIT "click role=submit element=go"
#define REFUSED                                                                               \
	"u 0 imp role=accept element=yes design=v\nu 0 imp role=refuse element=no design=v\n" \
	"u 1 click role=refuse element=no design=v\n"

static const struct story_case again[] = {
	{ "D13: a refused prompt that comes up by itself is sure",
	    REFUSED "u 60 view surface= screen=q\n"
		    "u 90 imp role=accept element=yes design=v\n"
		    "u 91 click role=close element=x",
	    NULL, ASK("D13"), "|1|1|0|0|0|-" },
	{ "D13: one that a gesture brought up is ambiguous",
	    REFUSED "u 60 view surface= screen=q\n"
		    "u 89 click element=open screen=q surface=\n"
		    "u 90 imp role=accept element=yes design=v",
	    NULL, ASK("D13"), "|1|0|1|0|0|-" },
	{ "D13: a gap may have held the gesture",
	    REFUSED "u 60 view surface= screen=q gap\n"
		    "u 90 imp role=accept element=yes design=v",
	    NULL, ASK("D13"), "|1|0|1|0|0|-" },
	{ "D13: a gap before the last gesture holds none",
	    REFUSED "u 40 view surface= screen=h gap\n"
		    "u 50 click element=open screen=h surface=\n"
		    "u 60 view surface= screen=q\n"
		    "u 120 imp role=accept element=yes design=v",
	    NULL, ASK("D13"), "|1|1|0|0|0|-" },
	{ "D13: who gives in, after how many refusals",
	    /* u refuses twice, then gives in to what comes up by itself; v
	     * refuses once and asks for it days later. */
	    "u 0 imp role=accept design=d\nu 1 click role=refuse design=d\n"
	    "u 60 imp role=accept design=d\nu 61 click role=refuse design=d\n"
	    "u 120 imp role=accept design=d\nu 125 click role=accept design=d\n"
	    "v 0 imp role=accept design=d\nv 1 click role=refuse design=d\n"
	    "v 199990 click element=e screen=q surface=\n"
	    "v 199991 imp role=accept design=d\n"
	    "v 199999 click role=accept design=d",
	    NULL,
	    "SELECT name, round(value, 3) FROM measure JOIN finding "
	    "USING(finding_id) WHERE detector = 'D13' ORDER BY 1",
	    "given_after_1_refusal|0.5;given_after_2_refusals|1.0;"
	    "given_after_refusal|0.667;shown_again|3.0;"
	    "shown_again_soon|0.667;worn_down|1.0" },
	{ "D13: asked once is refuted", REFUSED, NULL, ASK("D13"),
	    "|1|0|0|1|0|-" },
	{ "D13: days later is refuted",
	    REFUSED "u 200000 view surface= screen=q\n"
		    "u 200090 imp role=accept element=yes design=v",
	    NULL, ASK("D13"), "|1|0|0|1|0|-" },
	{ "D13: the time is case.ini's",
	    REFUSED "u 200000 view surface= screen=q\n"
		    "u 200090 imp role=accept element=yes design=v",
	    "[thresholds]\nask_again = 720\n", ASK("D13"), "|1|1|0|0|0|-" },
	{ "D13: without times it is not decidable",
	    "u - imp role=accept element=yes design=v\nu - imp role=refuse "
	    "element=no design=v\nu - click role=refuse element=no design=v\n"
	    "u 60 view surface= screen=q\nu 90 imp role=accept element=yes design=v",
	    NULL, ASK("D13"),
	    "|1|0|0|0|1|when it was refused, and when shown again" },
	{ "D13: who never refused is not asked",
	    "u 0 imp role=accept element=yes design=v\nu 1 click role=accept "
	    "element=yes design=v\nu 60 view surface= screen=q\n"
	    "u 90 imp role=accept element=yes design=v",
	    NULL, ASK("D13"), "" },
};

#define PAIR(t, ax, ay, rx, ry)                                                \
	"u " t " imp role=accept element=yes design=v x=" ax " y=" ay "\nu " t \
	" imp role=refuse element=no design=v x=" rx " y=" ry "\nu " t         \
	" click role=close element=c design=v\n"

static const struct story_case places[] = {
	{ "D29: swapped places are sure",
	    PAIR("0", "10", "50", "90", "50") PAIR("9", "90", "50", "10", "50"),
	    NULL, ASK("D29"), "|1|1|0|0|0|-" },
	{ "D29: the same places are refuted",
	    PAIR("0", "10", "50", "90", "50") PAIR("9", "10", "50", "90", "50"),
	    NULL, ASK("D29"), "|1|0|0|1|0|-" },
	{ "D29: beside, then below, is ambiguous",
	    PAIR("0", "10", "50", "90", "50") PAIR("9", "10", "90", "10", "50"),
	    NULL, ASK("D29"), "|1|0|1|0|0|-" },
	{ "D29: without places it is not decidable",
	    PAIR("0", "", "", "", "") PAIR("9", "", "", "", ""), NULL,
	    ASK("D29"), "|1|0|0|0|1|x and y of accept and refuse" },
	{ "D29: one prompt is no comparison", PAIR("0", "10", "50", "90", "50"),
	    NULL, ASK("D29"), "" },
};

#define OFF_FIRST                                              \
	"u 0 " BOX " value=on design=v\nu 1 change element=b " \
	"role=consent_box value=off\nu 2 " SUBMIT " design=v\n"

static const struct story_case defaults[] = {
	{ "D21: the system turns on what the person had left off: sure",
	    OFF_FIRST "u 60 change element=b role=consent_box value=on "
		      "changed_by=system design=v\nu 61 " SUBMIT " design=v",
	    NULL, ASK("D21"), "|1|1|0|0|0|-" },
	{ "D21: shown on by default once more is ambiguous",
	    OFF_FIRST "u 60 " BOX " value=on design=v\nu 61 " SUBMIT
		      " design=v",
	    NULL, ASK("D21"), "|1|0|1|0|0|-" },
	{ "D21: still off is refuted",
	    OFF_FIRST "u 60 " BOX " value=off design=v\nu 61 " SUBMIT
		      " design=v",
	    NULL, ASK("D21"), "|1|0|0|1|0|-" },
	{ "D21: on by nobody knows whom is not decidable",
	    OFF_FIRST "u 60 imp element=b role=consent_box value=on design=v\n"
		      "u 61 " SUBMIT " design=v",
	    NULL, ASK("D21"), "|1|0|0|0|1|who changed it (changed_by)" },
	{ "D21: a denied permission that the system opens is sure",
	    "u 0 permission category=contacts value=denied\n"
	    "u 9 permission category=contacts value=granted "
	    "changed_by=system",
	    NULL, ASK("D21"), "contacts|1|1|0|0|0|-" },
	{ "D21: one that the person opens is refuted",
	    "u 0 permission category=contacts value=denied\n"
	    "u 9 permission category=contacts value=granted changed_by=user",
	    NULL, ASK("D21"), "contacts|1|0|0|1|0|-" },
};

static const struct story_case walls[] = {
	{ "D15: asked again with nothing in between is sure",
	    REFUSED "u 2 imp role=accept element=yes design=v", NULL,
	    "SELECT sure, refuted, undecidable FROM finding WHERE detector = "
	    "'D15'",
	    "1|0|0" },
	{ "D15: thrown out by the system is sure",
	    REFUSED "u 4 session.end trail=ui device=d-u session=s-u "
		    "changed_by=system",
	    NULL, ASK("D15"), "|1|1|0|0|0|-" },
	{ "D15: a session that ends by nobody knows whom decides nothing",
	    REFUSED "u 4 session.end trail=ui device=d-u session=s-u", NULL,
	    ASK("D15"), "|1|0|0|0|1|who ended the session (changed_by)" },
	{ "D15: a gap may have been the content",
	    REFUSED "u 2 imp role=accept element=yes design=v gap", NULL,
	    ASK("D15"), "|1|0|1|0|0|-" },
	{ "D15: who goes on to another screen met no wall",
	    REFUSED "u 2 view surface= screen=q", NULL, ASK("D15"),
	    "|1|0|0|1|0|-" },
	{ "D15: nothing after it is not decidable", REFUSED, NULL, ASK("D15"),
	    "|1|0|0|0|1|what followed the refusal" },
};

int
main(void)
{
	return story_cases_run("walls", walls, sizeof walls / sizeof walls[0]) +
	       story_cases_run(
		   "defaults", defaults, sizeof defaults / sizeof defaults[0]) +
	       story_cases_run("again", again, sizeof again / sizeof again[0]) +
	       story_cases_run(
		   "places", places, sizeof places / sizeof places[0]);
}
