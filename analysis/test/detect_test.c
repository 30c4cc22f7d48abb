/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/test/case.h"

#define BOX    "imp element=b role=consent_box changed_by=default"
#define SUBMIT "click role=submit element=go"
#define UNTICK "change element=b role=consent_box value=off"

static const struct story_case consent[] = {
	{ "D01: an untouched default that went on is sure",
	    "u 0 " BOX " value=on\nu 5 " SUBMIT, NULL, ASK("D01"),
	    "|1|1|0|0|0|-" },
	{ "D01: a box that was off is refuted",
	    "u 0 " BOX " value=off\nu 3 change element=b role=consent_box "
	    "value=on\nu 5 " SUBMIT,
	    NULL, ASK("D01"), "|1|0|0|1|0|-" },
	{ "D01: a box that was touched is refuted",
	    "u 0 " BOX " value=on\nu 1 " UNTICK "\nu 2 change element=b "
	    "role=consent_box value=on\nu 5 " SUBMIT,
	    NULL, ASK("D01"), "|1|0|0|1|0|-" },
	{ "D01: with a gap in the log nobody knows what was touched",
	    "u 0 " BOX " value=on\nu 5 " SUBMIT " gap", NULL, ASK("D01"),
	    "|1|0|0|0|1|the device's complete log between impression and act "
	    "(seq)" },
	{ "D01: a device that never numbers its events hides no gap",
	    "u 0 " BOX " value=on noseq\nu 5 " SUBMIT " noseq", NULL,
	    ASK("D01"), "|1|1|0|0|0|-" },
	{ "D01: an unknown first state is not decidable",
	    "u 0 imp element=b role=consent_box\nu 5 " SUBMIT " request=r\n"
	    "u 6 consent decision=given request=r",
	    NULL, ASK("D01"),
	    "|1|0|0|0|1|the state of the box when first shown" },
	{ "D01: a necessary purpose is no consent",
	    "u 0 " BOX " value=on purpose=run\nu 5 " SUBMIT,
	    "[necessary]\nrun = the service itself\n", ASK("D01"), "" },
	{ "D01: a person counts once, by the gravest answer",
	    "u 0 " BOX " value=on design=v\nu 1 " UNTICK "\nu 2 change "
	    "element=b role=consent_box value=on\nu 5 " SUBMIT " design=v\n"
	    "u 6 " BOX " value=on design=v\nu 9 " SUBMIT " design=v",
	    NULL, ASK("D01"), "|1|1|0|0|0|-" },
	{ "D02: a grant that nothing was shown for is sure in a whole log",
	    "u 0 view surface=\nu 9 consent decision=given surface=s "
	    "method=ui\nu 20 view surface=",
	    NULL, ASK("D02"), "ui|1|1|0|0|0|-" },
	{ "D02: a batch is a class of its own",
	    "u 0 view surface=\nu 9 consent decision=given surface=s "
	    "method=batch\nu 20 view surface=",
	    NULL, ASK("D02"), "batch|1|1|0|0|0|-" },
	{ "D02: nothing shown and a gap is not decidable",
	    "u 0 view surface=\nu 9 consent decision=given surface=s "
	    "method=ui\nu 20 view surface= gap",
	    NULL, ASK("D02"),
	    "ui|1|0|0|0|1|a complete log of the user interface (seq)" },
	{ "D02: nor without any log of the person",
	    "u 9 consent decision=given surface=s method=batch", NULL,
	    ASK("D02"),
	    "batch|1|0|0|0|1|the person's log of the user interface" },
	{ "D02: a batch is sure where the log knows others, not this person",
	    "u 9 consent decision=given surface=s method=batch\n"
	    "v 1 view surface=\n",
	    NULL, ASK("D02"), "batch|1|1|0|0|0|-" },
	{ "D02: shown before is refuted",
	    "u 0 " BOX " value=on\nu 5 " SUBMIT "\n"
	    "u 6 consent decision=given surface=s method=ui",
	    NULL, ASK("D02"), "ui|1|0|0|1|0|-" },
	{ "D02: shown out of view is ambiguous",
	    "u 0 " BOX " value=on in_view=0.1\nu 5 " SUBMIT "\n"
	    "u 6 consent decision=given surface=s method=ui",
	    NULL, ASK("D02"), "ui|1|0|1|0|0|-" },
	{ "D03: a grant long before the act is sure",
	    "u 0 " BOX " value=on\nu 3 consent decision=given surface=s\n"
	    "u 30 " SUBMIT,
	    NULL, ASK("D03"), "|1|1|0|0|0|-" },
	{ "D03: within the clock error it is the answer to the act",
	    "u 0 " BOX " value=on\nu 27 consent decision=given surface=s\n"
	    "u 30 " SUBMIT,
	    NULL, ASK("D03"), "|1|0|0|1|0|-" },
	{ "D03: a grant without any choice is sure in a whole log",
	    "u 0 " BOX " value=on\nu 9 consent decision=given surface=s\n"
	    "u 30 view surface= screen=q",
	    NULL, ASK("D03"), "|1|1|0|0|0|-" },
	{ "D03: where the clocks do not tell, lines around it are not whole",
	    "u 0 " BOX " value=on\nu 3 consent decision=given surface=s\n"
	    "u 30 view surface= screen=q",
	    NULL, ASK("D03"),
	    "|1|0|0|0|1|a complete log of the user interface (seq)" },
	{ "D03: it may be the answer to an act of another phone",
	    "u 0 click role=accept device=e session=t\n"
	    "u 100 " BOX " value=on\nu 109 consent decision=given surface=s\n"
	    "u 130 view surface= screen=q",
	    NULL, ASK("D03"), "|1|0|0|0|1|an order beyond the clocks' error" },
	{ "D03: records of one request are in order whatever the clocks",
	    "u 0 " BOX " value=on\nu 30 " SUBMIT " request=r\n"
	    "u 3 consent decision=given surface=s request=r",
	    NULL, ASK("D03"), "|1|0|0|1|0|-" },
	{ "D03: a batch is not a recorded choice",
	    "u 0 " BOX " value=on\nu 3 consent decision=given surface=s "
	    "method=batch\nu 30 " SUBMIT,
	    NULL, ASK("D03"), "" },
	{ "D04: refused and recorded as given is sure",
	    "u 0 " BOX " value=on\nu 1 " UNTICK "\nu 2 " SUBMIT " request=r\n"
	    "u 3 consent decision=given surface=s request=r",
	    NULL, ASK("D04"), "|1|1|0|0|0|-" },
	{ "D04: refused and recorded so is refuted",
	    "u 0 " BOX " value=off\nu 2 " SUBMIT " request=r\n"
	    "u 3 consent decision=refused surface=s request=r",
	    NULL, ASK("D04"), "|1|0|0|1|0|-" },
	{ "D04: a grant after a refusal with no accept between is sure",
	    "u 0 imp role=refuse\nu 2 click role=refuse\n"
	    "u 3 consent decision=refused surface=s\n"
	    "u 900 consent decision=given surface=s method=ui",
	    NULL,
	    "SELECT sum(sure), sum(refuted) FROM finding WHERE detector = "
	    "'D04'",
	    "1|1" },
	{ "D04: an older grant that no record ends is not decidable",
	    "u 0 imp role=accept purpose=x\nu 1 click role=accept purpose=x\n"
	    "u 2 consent decision=given surface=s purpose=x\n"
	    "u 600 imp role=refuse purpose=x\nu 602 click role=refuse "
	    "purpose=x",
	    NULL,
	    "SELECT sum(sure), sum(undecidable) FROM finding WHERE "
	    "detector = 'D04'",
	    "0|1" },
	{ "D14: three purposes with one box are sure",
	    "u 0 " BOX " value=on purpose=a+b+c\nu 5 " SUBMIT, NULL, ASK("D14"),
	    "|1|1|0|0|0|-" },
	{ "D14: one purpose is refuted, none named not decidable",
	    "u 0 " BOX " value=on purpose=a\nu 5 " SUBMIT "\n"
	    "v 0 " BOX " value=on surface=t\nv 5 " SUBMIT " surface=t",
	    NULL, ASK("D14"),
	    "|1|0|0|1|0|-;|1|0|0|0|1|the purposes of the consent" },
	{ "D14: the box was lost, the server's word alone is not sure",
	    "u 0 view surface=s screen=p\nu 5 " SUBMIT " request=r\n"
	    "u 6 consent decision=given surface=s purpose=a+b request=r",
	    NULL, ASK("D14"),
	    "|1|0|0|0|1|the box that belongs to the act, and its state" },
	{ "D14: a box for each purpose is refuted",
	    "u 0 " BOX " value=on purpose=a\nu 0 imp element=c "
	    "role=consent_box value=on changed_by=default purpose=b\n"
	    "u 5 " SUBMIT,
	    NULL, ASK("D14"), "|1|0|0|1|0|-" },
	{ "D31: a consent is tainted until it is withdrawn",
	    "u 0 " BOX " value=on purpose=x\nu 5 " SUBMIT " request=r\n"
	    "u 6 consent decision=given surface=s purpose=x request=r\n"
	    "u 200000 consent decision=withdrawn purpose=x",
	    "[home]\nzone = +08:00\n",
	    "SELECT day, obtained, ended, live FROM tainted "
	    "WHERE obtained + ended > 0 ORDER BY day",
	    "2018-01-03|1|0|1;2018-01-05|0|1|0" },
};

static const struct story_case ways[] = {
	{ "D05: who refuses shows a way for everybody",
	    "u 0 " BOX " value=on design=v\nu 1 " SUBMIT " design=v\n"
	    "v 0 " BOX " value=on design=v\nv 1 " UNTICK "\n"
	    "v 2 " SUBMIT " design=v",
	    NULL, ASK("D05"), "|2|0|0|2|0|-" },
	{ "D05: the absence of a refuse control is not decidable",
	    "u 0 imp role=accept\nu 0 imp role=settings element=more\n"
	    "u 1 click role=accept",
	    NULL, ASK("D05"),
	    "|1|0|0|0|1|a complete list of the surface's controls" },
	{ "D05: a refusal that failed is sure",
	    "u 0 " BOX " value=off\nu 1 " SUBMIT " outcome=failure\n"
	    "u 2 change element=b role=consent_box value=on\nu 3 " SUBMIT,
	    NULL, ASK("D05"), "|1|1|0|0|0|-" },
	{ "D05: a refuse button that fails is no way, for whom it failed",
	    "u 0 imp role=accept\nu 0 imp role=refuse element=no\n"
	    "u 1 click role=refuse element=no outcome=failure\n"
	    "v 0 imp role=accept\nv 0 imp role=refuse element=no\n"
	    "v 1 click role=accept",
	    NULL, ASK("D05"), "|2|1|0|1|0|-" },
	{ "D05: a coder's verdict counts",
	    "a - annotation action=D05 value=true surface=s\n"
	    "b - annotation action=D05 value=false surface=s",
	    NULL, ASK("D05"), "|2|1|0|1|0|-" },
	{ "D06: having to untick is longer",
	    "u 0 " BOX " value=on\nu 1 " UNTICK "\nu 2 " SUBMIT, NULL,
	    ASK("D06"), "|1|1|0|0|0|-" },
	{ "D06: a refuse button beside accept is not",
	    "u 0 imp role=accept\nu 0 imp role=refuse element=no\n"
	    "u 1 click role=refuse",
	    NULL, ASK("D06"), "|1|0|0|1|0|-" },
	{ "D06: a refuse button behind the settings is longer",
	    "u 0 imp role=accept\nu 1 click role=settings element=more\n"
	    "u 2 imp role=refuse element=no screen=q\n"
	    "u 3 click role=refuse element=no screen=q",
	    NULL, ASK("D06"), "|1|1|0|0|0|-" },
	{ "D06: a detour of one's own is ambiguous",
	    "u 0 imp role=accept\nu 0 imp role=refuse element=no\n"
	    "u 1 click role=policy_link element=text\n"
	    "u 2 click role=refuse element=no",
	    NULL, ASK("D06"), "|1|0|1|0|0|-" },
	{ "D07: two acts out where one led in",
	    "u 0 " BOX " value=on\nu 1 " SUBMIT " request=r\n"
	    "u 2 consent decision=given surface=s request=r\n"
	    "u 100 click role=withdraw element=off surface= screen=q\n"
	    "u 105 click role=withdraw element=sure surface= screen=q\n"
	    "u 106 consent decision=withdrawn surface=s",
	    NULL, ASK("D07"), "|1|1|0|0|0|-" },
	{ "D07: nobody withdrew: not decidable",
	    "u 0 " BOX " value=on\nu 1 " SUBMIT, NULL, ASK("D07"),
	    "|1|0|0|0|1|a way to withdraw, walked by this person" },
	{ "routes hold what giving, refusing and withdrawing took",
	    "u 0 " BOX " value=on\nu 1 " SUBMIT " request=r\n"
	    "u 2 consent decision=given surface=s request=r\n"
	    "u 100 click role=withdraw element=off surface= screen=q\n"
	    "u 105 click role=withdraw element=sure surface= screen=q\n"
	    "u 106 consent decision=withdrawn surface=s",
	    NULL,
	    "SELECT goal, n, acts_min, seconds_median, abandoned FROM route "
	    "ORDER BY goal",
	    "given|1|1|1.0|0;withdrawn|1|2|5.0|0" },
	{ "D30: one person who went on without it refutes the gateway",
	    "u 0 " BOX " value=on design=v\nu 1 " SUBMIT " design=v\n"
	    "v 0 " BOX " value=on design=v\nv 1 " UNTICK "\n"
	    "v 2 " SUBMIT " design=v",
	    NULL, ASK("D30"), "|2|0|0|2|0|-" },
	{ "D30: tried in vain, then consented, is ambiguous",
	    "u 0 " BOX " value=off\nu 1 " SUBMIT " outcome=failure\n"
	    "u 2 change element=b role=consent_box value=on\nu 3 " SUBMIT,
	    NULL, ASK("D30"), "|1|0|1|0|0|-" },
	{ "D30: that everybody consented decides nothing",
	    "u 0 " BOX " value=on\nu 1 " SUBMIT, NULL, ASK("D30"),
	    "|1|0|0|0|1|a way on without the consent, walked by anybody" },
	{ "D30: a coder's verdict is sure",
	    "a - annotation action=D30 value=true surface=s", NULL, ASK("D30"),
	    "|1|1|0|0|0|-" },
	{ "D23: entered by a shared link is ambiguous",
	    "u 0 " BOX " value=on entry=share\nu 1 " SUBMIT, NULL, ASK("D23"),
	    "|1|0|1|0|0|-" },
	{ "D23: another entry is refuted",
	    "u 0 " BOX " value=on entry=menu\nu 1 " SUBMIT, NULL, ASK("D23"),
	    "|1|0|0|1|0|-" },
	{ "D23: an unknown entry is not decidable",
	    "u 0 " BOX " value=on\nu 1 " SUBMIT, NULL, ASK("D23"),
	    "|1|0|0|0|1|how the person came there (entry)" },
	{ "D34: led over the same screens again is sure",
	    "u 0 click role=withdraw element=off screen=a\n"
	    "u 1 view surface= screen=b\nu 2 view surface= screen=a\n"
	    "u 3 view surface= screen=b\nu 4 view surface= screen=a\n"
	    "u 15 consent decision=withdrawn surface=s",
	    NULL, ASK("D34"), "|1|1|0|0|0|-" },
	{ "D34: a control that does not work is sure",
	    "u 0 click role=withdraw element=off screen=a outcome=failure\n"
	    "u 5 consent decision=withdrawn surface=s",
	    NULL, ASK("D34"), "|1|1|0|0|0|-" },
	{ "D34: given up is ambiguous",
	    "u 0 consent decision=given surface=t\n"
	    "u 0 click role=withdraw element=off screen=a\n"
	    "u 1 view surface= screen=b",
	    NULL, ASK("D34"), "|1|0|1|0|0|-" },
	{ "D34: straight on is refuted",
	    "u 0 click role=withdraw element=off screen=a\n"
	    "u 1 view surface= screen=b\n"
	    "u 5 consent decision=withdrawn surface=s",
	    NULL, ASK("D34"), "|1|0|0|1|0|-" },
	{ "D34: without screens it is not decidable",
	    "u 0 click role=withdraw element=off screen=\n"
	    "u 5 consent decision=withdrawn surface=s",
	    NULL, ASK("D34"),
	    "|1|0|0|0|1|the screens of the way to withdrawal" },
	{ "D08: sharing after a withdrawal is sure",
	    "u 0 consent decision=given purpose=x\n"
	    "u 50 consent decision=withdrawn purpose=x\n"
	    "u 90 egress purpose=x recipient=r",
	    NULL, ASK("D08"), "|1|1|0|0|0|-" },
	{ "D08: silence after it is refuted",
	    "u 0 consent decision=given purpose=x\n"
	    "u 20 egress purpose=x recipient=r\n"
	    "u 50 consent decision=withdrawn purpose=x",
	    NULL, ASK("D08"), "|1|0|0|1|0|-" },
};

static const struct story_case display[] = {
	{ "D16: small print is sure",
	    "u 0 " BOX " value=on font_px=9\n"
	    "u 0 imp role=submit element=go font_px=16\nu 5 " SUBMIT,
	    NULL, ASK("D16"), "|1|1|0|0|0|-" },
	{ "D16: faint print is sure where the button is not faint",
	    "u 0 " BOX " value=on color=#cccccc background=#ffffff\n"
	    "u 0 imp role=submit element=go color=#ffffff "
	    "background=#000000\nu 5 " SUBMIT,
	    NULL, ASK("D16"), "|1|1|0|0|0|-" },
	{ "D16: equal print is refuted",
	    "u 0 " BOX " value=on font_px=16\n"
	    "u 0 imp role=submit element=go font_px=16\nu 5 " SUBMIT,
	    NULL, ASK("D16"), "|1|0|0|1|0|-" },
	{ "D16: the threshold is case.ini's",
	    "u 0 " BOX " value=on font_px=9\n"
	    "u 0 imp role=submit element=go font_px=16\nu 5 " SUBMIT,
	    "[thresholds]\nfont_ratio = 0.5\n", ASK("D16"), "|1|0|0|1|0|-" },
	{ "D16: without sizes it is not decidable",
	    "u 0 " BOX " value=on\nu 5 " SUBMIT, NULL, ASK("D16"),
	    "|1|0|0|0|1|font, colours or sizes of the controls" },
	{ "D17: never in view and nothing scrolled is sure",
	    "u 0 scroll screen=q surface=\nu 1 " BOX " value=on in_view=0\n"
	    "u 5 " SUBMIT,
	    NULL, ASK("D17"), "|1|1|0|0|0|-" },
	{ "D17: a source that never logs scrolling cannot tell",
	    "u 1 " BOX " value=on y=900 screen_height=600\nu 5 " SUBMIT, NULL,
	    ASK("D17"), "|1|0|0|0|1|a complete log of scrolling" },
	{ "D17: after scrolling it is ambiguous",
	    "u 1 " BOX " value=on in_view=0\nu 2 scroll\nu 5 " SUBMIT, NULL,
	    ASK("D17"), "|1|0|1|0|0|-" },
	{ "D17: in view is refuted",
	    "u 1 " BOX " value=on in_view=1\nu 5 " SUBMIT, NULL, ASK("D17"),
	    "|1|0|0|1|0|-" },
	{ "D18: less time than the fast bound is sure",
	    "- 0 agreement.publish notice=n notice_version=1 "
	    "text=我们收集您的信息并与合作机构共享分析结果请仔细阅读\n"
	    "u 0 " BOX " value=on text=同意 notice=n notice_version=1\n"
	    "u 2 " SUBMIT,
	    NULL, ASK("D18"), "|1|1|0|0|0|-" },
	{ "D18: without the words of the agreement it is not decidable",
	    "u 0 " BOX " value=on text=同意 notice=n\nu 20 " SUBMIT, NULL,
	    ASK("D18"),
	    "|1|0|0|0|1|the words of the agreement (agreement.publish)" },
	{ "D18: time enough is refuted",
	    "u 0 " BOX " value=on text=同意\nu 20 " SUBMIT, NULL, ASK("D18"),
	    "|1|0|0|1|0|-" },
	{ "D22: another function than the consent's purpose is sure",
	    "u 0 " BOX " value=on purpose=share\nu 5 " SUBMIT,
	    "[function p]\npurposes = bill.show\n", ASK("D22"),
	    "|1|1|0|0|0|-" },
	{ "D22: the screen's own function is refuted",
	    "u 0 " BOX " value=on purpose=share\nu 5 " SUBMIT,
	    "[function p]\npurposes = bill.show, share\n", ASK("D22"),
	    "|1|0|0|1|0|-" },
	{ "D22: without a declared function it is not decidable",
	    "u 0 " BOX " value=on purpose=share\nu 5 " SUBMIT, NULL, ASK("D22"),
	    "|1|0|0|0|1|the function of the screen (case.ini)" },
};

int
main(void)
{
	return story_cases_run(
		   "consent", consent, sizeof consent / sizeof consent[0]) +
	       story_cases_run("ways", ways, sizeof ways / sizeof ways[0]) +
	       story_cases_run(
		   "display", display, sizeof display / sizeof display[0]);
}
