/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/test/case.h"

#define BOX   "imp element=b role=consent_box changed_by=default"
#define ROWS  "SELECT outcome, impressions, default_on, toggled, acts "
#define TIMES "(decided_us - 1514941200000000) / 1000000"
#define FROM  "FROM decision ORDER BY decision_id"

static const struct story_case cases[] = {
	{ "a submit with the box on gives consent",
	    "u 0 " BOX " value=on\nu 5 click role=submit", NULL,
	    ROWS ", dwell_us " FROM, "given|1|1|0|1|5000000" },
	{ "a submit with the box off refuses, even untouched",
	    "u 0 " BOX " value=off\nu 5 click role=submit", NULL, ROWS FROM,
	    "refused|1|0|0|1" },
	{ "an unticked box refuses at the submit",
	    "u 0 " BOX " value=on\n"
	    "u 3 change element=b role=consent_box value=off changed_by=user\n"
	    "u 5 click role=submit",
	    NULL, ROWS FROM, "refused|1|1|1|2" },
	{ "a box ticked, unticked and ticked was toggled three times",
	    "u 0 " BOX " value=off\n"
	    "u 1 change element=b role=consent_box value=on\n"
	    "u 2 change element=b role=consent_box value=off\n"
	    "u 3 change element=b role=consent_box value=on\n"
	    "u 5 click role=submit",
	    NULL, ROWS FROM, "given|1|0|3|4" },
	{ "a click on the box and the change it makes are one gesture",
	    "u 0 " BOX " value=on\n"
	    "u 3 click element=b role=consent_box\n"
	    "u 3.1 change element=b role=consent_box value=off\n"
	    "u 5 click role=submit element=go",
	    NULL, ROWS FROM, "refused|1|1|1|2" },
	{ "a change by a script is not the person's",
	    "u 0 " BOX " value=off\n"
	    "u 3 change element=b role=consent_box value=on changed_by=script\n"
	    "u 5 click role=submit",
	    NULL, ROWS FROM, "given|1|0|0|1" },
	{ "accept gives, refuse refuses, later and close dismiss",
	    "a 0 imp role=accept\na 1 click role=accept\n"
	    "b 0 imp role=accept\nb 1 click role=refuse\n"
	    "c 0 imp role=accept\nc 1 click role=later\n"
	    "d 0 imp role=accept\nd 1 click role=close",
	    NULL, "SELECT subject, outcome FROM decision ORDER BY subject",
	    "a|given;b|refused;c|dismissed;d|dismissed" },
	{ "another session of the device ends an episode as left",
	    "u 0 " BOX " value=on\nu 9 view session=t screen=q surface=", NULL,
	    ROWS "," TIMES " " FROM, "left|1|1|0|0|-" },
	{ "without session a gap of more than half an hour ends it",
	    "u 0 " BOX " value=on session=\n"
	    "u 1801 click role=submit session=",
	    NULL, "SELECT outcome, impressions " FROM, "left|1;left|0" },
	{ "within a session no gap ends it",
	    "u 0 " BOX " value=on\nu 7200 click role=submit", NULL, ROWS FROM,
	    "given|1|1|0|1" },
	{ "a new app version ends an episode",
	    "u 0 " BOX " value=on app_version=1\n"
	    "u 5 " BOX " value=on app_version=2\n"
	    "u 6 click role=submit app_version=2",
	    NULL, "SELECT outcome, impressions, app_version " FROM,
	    "left|1|1;given|1|2" },
	{ "a new design ends an episode",
	    "u 0 " BOX " value=on design=v1\nu 5 " BOX " value=off design=v2\n"
	    "u 6 click role=submit design=v2",
	    NULL,
	    "SELECT outcome, version, d.default_on FROM decision d JOIN "
	    "design USING (design_id) ORDER BY decision_id",
	    "left|v1|1;refused|v2|0" },
	{ "without design other words make another version",
	    "u 0 " BOX " value=on text=agree\nu 5 " BOX " value=on text=ok\n"
	    "u 6 click role=submit",
	    NULL,
	    "SELECT count(DISTINCT version), min(substr(version, 1, 2)), "
	    "min(length(version)) FROM design",
	    "2|f:|18" },
	{ "the version does not depend on who sees it",
	    "a 0 " BOX " value=on\na 1 click role=submit\n"
	    "b 7 " BOX " value=on\nb 9 click role=close",
	    NULL, "SELECT people, impressions, default_on FROM design",
	    "2|2|1.0" },
	{ "a gesture without an open episode opens its own",
	    "u 0 click role=accept", NULL,
	    "SELECT outcome, impressions, shown_us, dwell_us, acts " FROM,
	    "given|0|-|-|1" },
	{ "an implied consent is no decision of the person's",
	    "u 0 " BOX " value=on\n"
	    "u 9 consent decision=given trail=ui device=d-u changed_by=default "
	    "surface=t purpose=x\n"
	    "v 0 consent decision=given trail=ui device=d-v changed_by=user "
	    "surface=s purpose=x\n"
	    "w 0 consent decision=refused trail=ui device=d-w "
	    "changed_by=default surface=s purpose=x",
	    NULL,
	    "SELECT subject, outcome, server_outcome, acts FROM decision "
	    "ORDER BY subject, outcome",
	    "u|left|-|0;u|not_asked|given|-;v|given|-|1" },
	{ "an implied consent while the surface is open was recorded early",
	    "u 0 " BOX " value=on\n"
	    "u 9 consent decision=given trail=ui device=d-u changed_by=script "
	    "surface=s\n"
	    "u 30 click role=submit\n"
	    "v 0 " BOX " value=on\n"
	    "v 9 consent decision=given trail=ui device=d-v changed_by=default "
	    "surface=s\n"
	    "v 30 view screen=q surface=",
	    NULL,
	    "SELECT outcome, server_outcome, (SELECT sure FROM finding WHERE "
	    "detector = 'D03' AND sure > 0) FROM decision ORDER BY subject",
	    "given|given|2;left|given|2" },
	{ "a default does not answer an act",
	    "u 0 " BOX " value=on\nu 1 click role=refuse\n"
	    "u 9 consent decision=given trail=ui device=d-u changed_by=default "
	    "surface=s",
	    NULL,
	    "SELECT outcome, server_outcome, (SELECT sure FROM finding WHERE "
	    "detector = 'D04' AND sure > 0) FROM decision ORDER BY outcome",
	    "not_asked|given|1;refused|-|1" },
	{ "the last impression counts in whatever episode it was",
	    "u 0 " BOX " value=on\nu 10 click role=close\n"
	    "u 20 click role=accept",
	    NULL,
	    "SELECT outcome, impressions, (decided_us - last_shown_us) / "
	    "1000000, last_default_on " FROM,
	    "dismissed|1|10|1;given|0|20|1" },
	{ "every impression belongs to one row",
	    "u 0 " BOX " value=on\nu 1 " BOX " value=on\n"
	    "u 2 " BOX " value=on surface=t\nu 3 click role=submit\n"
	    "u 4 " BOX " value=on",
	    NULL, "SELECT surface, outcome, impressions " FROM,
	    "s|given|2;t|left|1;s|left|1" },
	{ "one row for each purpose, by the box that carries it",
	    "u 0 " BOX " value=on purpose=y+x\n"
	    "u 0 imp element=c role=consent_box value=off purpose=z "
	    "changed_by=default\nu 5 click role=submit",
	    NULL, "SELECT purpose, outcome, impressions " FROM,
	    "x|given|1;y|given|1;z|refused|1" },
	{ "refusals of a purpose are counted before the next",
	    "u 0 imp role=refuse purpose=x\nu 1 click role=refuse purpose=x\n"
	    "u 2 imp role=accept surface=t purpose=x\n"
	    "u 3 click role=refuse surface=t purpose=x\n"
	    "u 4 imp role=accept surface=t purpose=x\n"
	    "u 5 click role=accept surface=t purpose=x",
	    NULL, "SELECT outcome, refusals_before " FROM,
	    "refused|0;refused|1;given|2" },
	{ "the screen that carries a box is a surface",
	    "u 0 " BOX " value=on surface= screen=bill\n"
	    "u 3 click role=submit surface= screen=bill",
	    NULL, "SELECT surface, outcome " FROM, "bill|given" },
	{ "case.ini settles screens and controls first",
	    "u 0 imp element=tick surface= screen=bill value=on\n"
	    "u 3 click element=go surface= screen=bill",
	    "[surface annual]\nscreen = bill\ncontrol = tick=consent_box\n"
	    "control = go=submit\npurposes = p.a, p.b\n",
	    "SELECT surface, purpose, outcome, default_on " FROM,
	    "annual|p.a|given|1;annual|p.b|given|1" },
	{ "a page opened again without its box asks nobody",
	    "u 0 " BOX " value=on\nu 1 click role=submit\n"
	    "u 9 view design=v3\nu 10 click role=submit design=v3",
	    NULL,
	    "SELECT outcome FROM decision WHERE outcome IN ('given',"
	    "'refused')",
	    "given" },
	{ "a page that was opened and left without its box is no episode",
	    "u 0 view\nu 9 view surface= screen=q", NULL,
	    "SELECT count(*) FROM decision", "0" },
	{ "a failed submit does not end the episode",
	    "u 0 " BOX " value=off\nu 1 click role=submit outcome=failure\n"
	    "u 2 change element=b role=consent_box value=on\n"
	    "u 3 click role=submit",
	    NULL, ROWS FROM, "given|1|0|1|3" },
	{ "transitions are those between screens of one session",
	    "u 0 view screen=a surface=\nu 1 view screen=b surface=\n"
	    "u 2 scroll screen=b surface=\nu 4 view screen=a surface=\n"
	    "u 5 view screen=b surface= session=t",
	    NULL,
	    "SELECT from_screen, to_screen, n, median_us FROM edge "
	    "WHERE surface = '' ORDER BY 1",
	    "a|b|1|1000000;b|a|1|2000000" },
	{ "a path holds screens and acts in order",
	    "u 0 view screen=home surface=\nu 1 " BOX " value=on\n"
	    "u 2 change element=b role=consent_box value=off\n"
	    "u 3 click role=submit",
	    NULL, "SELECT outcome, steps, n FROM path",
	    "refused|home > p > [untick] > [submit]|1" },
};

static const struct story_case answers[] = {
	{ "the record of the same request answers, however late",
	    "u 0 " BOX " value=on\nu 1 click role=submit request=r\n"
	    "u 900 consent decision=given surface=s request=r method=ui",
	    NULL,
	    "SELECT outcome, server_outcome, (server_us - decided_us) / "
	    "1000000 " FROM,
	    "given|given|899" },
	{ "else the nearest within a minute after the act",
	    "u 0 " BOX " value=on\nu 1 click role=submit\n"
	    "u 20 consent decision=given surface=s\n"
	    "u 40 consent decision=refused surface=s",
	    NULL, "SELECT outcome, server_outcome " FROM, "given|given" },
	{ "a record after the next act is not the first one's",
	    "u 0 " BOX " value=off\nu 1 click role=submit\n"
	    "u 5 " BOX " value=on\nu 6 click role=submit\n"
	    "u 7 consent decision=given surface=s",
	    NULL, "SELECT outcome, server_outcome " FROM,
	    "refused|-;given|given" },
	{ "a record of another surface answers nothing",
	    "u 0 " BOX " value=on\nu 1 click role=submit\n"
	    "u 2 consent decision=given surface=t",
	    NULL, "SELECT outcome, surface, server_outcome " FROM,
	    "given|s|-;not_asked|t|given" },
	{ "a grant without episode was not asked for",
	    "u 0 view surface=\nu 9 consent decision=given surface=s "
	    "purpose=x+y method=batch\nu 20 view surface=",
	    NULL,
	    "SELECT outcome, purpose, flow_id, design_id, impressions, "
	    "method, server_outcome " FROM,
	    "not_asked|x|-|-|0|batch|given;not_asked|y|-|-|0|batch|given" },
	{ "each purpose takes the record that names it",
	    "u 0 " BOX " value=on purpose=x+y\n"
	    "u 1 click role=submit request=r\n"
	    "u 2 consent decision=given purpose=x request=r\n"
	    "u 2 consent decision=refused purpose=y request=r",
	    NULL, "SELECT purpose, server_outcome " FROM, "x|given;y|refused" },
	{ "a switch that acts at once is a decision",
	    "u 0 " BOX " value=off\n"
	    "u 1 change element=b role=consent_box value=on request=r\n"
	    "u 2 consent decision=given surface=s request=r",
	    NULL, "SELECT outcome, server_outcome, toggled " FROM,
	    "given|given|1" },
	{ "a withdrawal is no decision",
	    "u 0 " BOX " value=on\nu 1 click role=submit request=r\n"
	    "u 2 consent decision=given surface=s request=r\n"
	    "u 90 consent decision=withdrawn surface=s",
	    NULL, "SELECT outcome, server_outcome " FROM, "given|given" },
	{ "a consent told by the interface itself is the act",
	    "u 0 notice\nu 4 consent decision=given trail=ui surface=s", NULL,
	    "SELECT outcome, impressions " FROM, "given|1" },
};

int
main(void)
{
	return story_cases_run(
		   "episode", cases, sizeof cases / sizeof cases[0]) +
	       story_cases_run(
		   "answer", answers, sizeof answers / sizeof answers[0]);
}
