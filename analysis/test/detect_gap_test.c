/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lines that are missing may hide is not sure. */
#include "analysis/test/case.h"

#define BOX(n) "imp element=b" n " role=consent_box changed_by=default"
#define ON(n)  "change element=b" n " role=consent_box value=on"
#define OFF(n) "change element=b" n " role=consent_box value=off"
#define GO     "click role=submit element=go request=r"
#define TEXT   "text=我已阅读并同意该服务的使用条款和隐私政策"

static const struct story_case gaps[] = {
	{ "D02: shown out of view before the grant, in view after, is ambiguous",
	    "u 0 " BOX("") " value=off in_view=0\n"
			   "u 9 consent decision=given surface=s method=ui\n"
			   "u 20 " BOX(
			       "") " value=off in_view=1\nu 30 view surface=",
	    NULL, "SELECT sure, ambiguous FROM finding WHERE detector = 'D02'",
	    "0|1" },
	{ "D02: nor a batch, of a person without log, beside a stray device",
	    "u 9 consent decision=given surface=s method=batch\n"
	    "- 1 imp role=accept device=d session=x\n",
	    NULL, ASK("D02"),
	    "batch|1|0|0|0|1|the person's log of the user interface" },
	{ "D04: an early grant after the refusal of an earlier visit is sure",
	    "u 0 imp role=refuse\nu 2 click role=refuse request=q\n"
	    "u 3 consent decision=refused surface=s request=q\n"
	    "u 900 imp role=accept\nu 910 consent decision=given surface=s\n"
	    "u 930 click role=accept",
	    NULL,
	    "SELECT detector, sum(sure) FROM finding WHERE detector IN "
	    "('D03', 'D04') GROUP BY 1 ORDER BY 1",
	    "D03|1;D04|1" },
	{ "D06: another box, that was off, may have been there",
	    "u 0 view surface=\nu 1 " BOX("") " value=on gap\n"
					      "u 3 " OFF("") "\nu 5 " GO "\n",
	    NULL, ASK("D06"),
	    "|1|0|0|0|1|the device's complete log (seq): other boxes" },
	{ "D04: nor was all refused where the answer grants another purpose",
	    "u 0 view surface=\nu 1 " BOX(
		"2") " value=on purpose=y gap\n"
		     "u 3 " OFF(
			 "2") "\nu 5 " GO "\n"
			      "u 6 consent decision=given surface=s purpose=x request=r\n"
			      "u 6 consent decision=refused surface=s purpose=y request=r\n"
			      "u 900 consent decision=given surface=s purpose=x",
	    NULL, "SELECT sum(sure) FROM finding WHERE detector = 'D04'", "0" },
	{ "D14: another box may have been there",
	    "u 0 imp role=accept element=go purpose=\n"
	    "u 1 " BOX("1") " value=on purpose=x gap\n"
			    "u 5 click role=accept element=go purpose=x+y\n"
			    "v 0 imp role=accept element=go purpose=\n"
			    "v 1 " BOX(
				"1") " value=on purpose=x+y gap\n"
				     "v 5 click role=accept element=go\n",
	    NULL, "SELECT sum(sure) FROM finding WHERE detector = 'D14'", "1" },
	{ "D18: it may have been shown earlier",
	    "u 0 view surface=\nu 1 " BOX(
		"") " value=on " TEXT " gap\n"
		    "u 2 " GO "\nv 0 view surface=\nv 1 " BOX(
			"") " value=on " TEXT "\n"
			    "v 2 click role=submit element=go request=q\n",
	    NULL,
	    "SELECT sum(sure), sum(undecidable) FROM finding "
	    "WHERE detector = 'D18'",
	    "1|1" },
	{ "D20: a box may have been shown before the button",
	    "u 0 view surface=\n"
	    "u 1 imp role=submit element=go text=立即查看 gap\n"
	    "u 5 " GO "\nu 6 consent decision=given surface=s request=r",
	    NULL,
	    "SELECT sum(sure), sum(ambiguous) FROM finding "
	    "WHERE detector = 'D20'",
	    "0|1" },
	{ "D26: a version of an earlier visit was shown, too",
	    "u 0 " BOX(
		"") " value=on notice=n notice_version=1\n"
		    "u 1 click role=close\n"
		    "u 2 " BOX(
			"") " value=on notice=n notice_version=2\n"
			    "u 3 click role=close\nu 9000 consent decision=given surface=s "
			    "method=batch notice=n notice_version=1",
	    NULL, ASK("D26"), "|1|0|0|1|0|-" },
	{ "D26: shown within the clocks' error of the grant",
	    "u 0 " BOX(
		"") " value=on notice=n notice_version=2\n"
		    "u 1 click role=close\nu 9000 consent decision=given surface=s "
		    "method=batch notice=n notice_version=1\n"
		    "u 9002 " BOX("") " value=on notice=n notice_version=1",
	    NULL, ASK("D26"), "|1|0|0|0|1|an order beyond the clocks' error" },
	{ "D26: what else was shown nobody knows",
	    "u 0 " BOX(
		"") " value=on notice=n notice_version=2\n"
		    "u 3 click role=close\nu 9000 consent decision=given surface=s "
		    "method=batch notice=n notice_version=1\nu 9001 view gap",
	    NULL, ASK("D26"),
	    "|1|0|0|0|1|a complete log of the user interface (seq)" },
};

#define VERDICTS "SELECT verdict, sum(n) FROM processing GROUP BY 1 ORDER BY 1"

static const struct story_case unseen[] = {
	{ "what the answer grants stands, though its box was not seen",
	    "u 0 view surface=\nu 1 " BOX(
		"1") " value=on purpose=x gap\n"
		     "u 5 " GO "\n"
		     "u 6 consent decision=given surface=s purpose=x+y request=r\n"
		     "u 900 egress purpose=y",
	    NULL, VERDICTS, "consented|1" },
	{ "and what it refuses",
	    "u 0 view surface=\nu 1 " BOX(
		"1") " value=on purpose=x gap\n"
		     "u 5 " GO "\n"
		     "u 6 consent decision=given surface=s purpose=x request=r\n"
		     "u 6 consent decision=refused surface=s purpose=y request=r\n"
		     "u 900 egress purpose=y",
	    NULL, VERDICTS, "after_refusal|1" },
	{ "an early grant is of the purposes that it names",
	    "u 0 imp role=accept\n"
	    "u 9 consent decision=given surface=s purpose=x category=credit\n"
	    "u 20 click role=close\nu 900 access purpose=phone category=gps",
	    NULL, "SELECT count(*) FROM finding WHERE detector = 'D10'", "0" },
	{ "a box of other purposes does not speak for one that was not seen",
	    "u 0 view surface=\nu 1 view surface=s gap\n"
	    "u 3 " OFF(
		"2") "\nu 5 " GO "\n"
		     "u 6 consent decision=given surface=s purpose=x request=r\n"
		     "u 6 consent decision=refused surface=s purpose=y request=r\n",
	    NULL,
	    "SELECT sum(sure) FROM finding WHERE detector IN ('D04', 'D22')",
	    "0" },
	{ "D04: nor does a refusal stand after an act that nothing tells of",
	    "u 0 imp role=refuse\nu 2 click role=refuse request=q\n"
	    "u 3 consent decision=refused surface=s request=q\n"
	    "u 100 imp role=submit element=go\nu 110 " GO "\n"
	    "u 900 consent decision=given surface=s\n",
	    NULL, "SELECT sum(sure) FROM finding WHERE detector = 'D04'", "0" },
	{ "a record of no request is no answer where requests are answered",
	    "v 0 imp role=refuse\nv 2 click role=refuse request=q\n"
	    "v 3 consent decision=refused surface=s request=q\n"
	    "v 9 egress purpose=x\n"
	    "u 0 imp role=refuse element=no text=不同意\n"
	    "u 9 consent decision=given surface=s\n"
	    "u 10 click role=refuse element=no request=r\n",
	    NULL, "SELECT sum(sure) FROM finding WHERE detector = 'D20'", "0" },
	{ "an act that only its lost answer could tell leaves open what stood",
	    "l 1 imp role=accept\nl 2 click role=accept request=l1\n"
	    "l 3 consent decision=given surface=s request=l1\n"
	    "k 1 imp role=accept\nk 2 click role=accept request=k1\n"
	    "u 1 imp role=submit element=go\nu 2 " GO "\n"
	    "u 900 egress purpose=x\nu 901 view surface=",
	    "[thresholds]\nlost_share = 0.9\n", VERDICTS, "not_decidable|1" },
};

int
main(void)
{
	return story_cases_run("gaps", gaps, sizeof gaps / sizeof gaps[0]) +
	       story_cases_run(
		   "unseen", unseen, sizeof unseen / sizeof unseen[0]);
}
