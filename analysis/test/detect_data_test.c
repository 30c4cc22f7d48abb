/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/test/case.h"

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

#define TOLD "u 0 consent decision=given purpose=x surface=s "
#define LIST "[surface s]\nrecipients = bank, insurer\n"

#define PUBLISHED                                                            \
	"- 0 agreement.publish notice=n notice_version=1 recipient=broker\n" \
	"- 0 agreement.publish notice=n notice_version=2 recipient=bank\n"   \
	"- 0 agreement.publish notice=n notice_version=2 recipient=shop\n"
#define AGREED                                                                \
	PUBLISHED "u 0 imp role=accept purpose=x notice=n notice_version=2\n" \
		  "u 5 click role=accept purpose=x\n"                         \
		  "u 6 consent decision=given purpose=x notice=n "            \
		  "notice_version=1\n"

static const struct story_case recipients[] = {
	{ "D12: who is not in the list is sure",
	    TOLD "\nu 9 egress purpose=x recipient=broker", LIST, ASK("D12"),
	    "broker|1|1|0|0|0|-" },
	{ "D12: who is in it is refuted",
	    TOLD "\nu 9 egress purpose=x recipient=insurer", LIST, ASK("D12"),
	    "insurer|1|0|0|1|0|-" },
	{ "D12: another than the consent's is ambiguous without a list",
	    TOLD "recipient=bank\nu 9 egress purpose=x recipient=broker", NULL,
	    ASK("D12"), "broker|1|0|1|0|0|-" },
	{ "D12: with neither it is not decidable",
	    TOLD "\nu 9 egress purpose=x recipient=broker", NULL, ASK("D12"),
	    "broker|1|0|0|0|1|the recipients that the agreement names "
	    "(case.ini, agreement.publish)" },
	{ "D12: who the agreement that was shown names is refuted",
	    AGREED "u 9 egress purpose=x recipient=bank", NULL, ASK("D12"),
	    "bank|1|0|0|1|0|-" },
	{ "D12: whom it names no more, or not yet, is sure",
	    AGREED "u 9 egress purpose=x recipient=broker", NULL, ASK("D12"),
	    "broker|1|1|0|0|0|-" },
	{ "D12: a list without a version is that of all versions",
	    AGREED "- 0 agreement.publish notice=n recipient=broker\n"
		   "u 9 egress purpose=x recipient=broker",
	    NULL, ASK("D12"), "broker|1|0|0|1|0|-" },
	{ "D12: a version without a list decides nothing",
	    PUBLISHED "u 0 imp role=accept purpose=x notice=n "
		      "notice_version=3\nu 5 click role=accept purpose=x\n"
		      "u 6 consent decision=given purpose=x\n"
		      "u 9 egress purpose=x recipient=broker",
	    NULL, ASK("D12"),
	    "broker|1|0|0|0|1|the recipients that the agreement names "
	    "(case.ini, agreement.publish)" },
	{ "D12: nor does a consent to no version that is known",
	    PUBLISHED "u 5 consent decision=given purpose=x notice=n\n"
		      "u 9 egress purpose=x recipient=broker",
	    NULL, ASK("D12"),
	    "broker|1|0|0|0|1|the recipients that the agreement names "
	    "(case.ini, agreement.publish)" },
	{ "D12: a name with a comma is a name, too",
	    "- 0 agreement.publish notice=n recipient=a,b\n"
	    "u 5 consent decision=given purpose=x notice=n\n"
	    "u 9 egress purpose=x recipient=a,b\n"
	    "u 9 egress purpose=x recipient=b",
	    NULL, ASK("D12"), "a,b|1|0|0|1|0|-;b|1|0|0|1|0|-" },
	{ "D12: another operator's agreement names nobody here",
	    "- 0 agreement.publish notice=n recipient=bank operator=a\n"
	    "- 0 agreement.publish notice=n recipient=other operator=b\n"
	    "u 5 consent decision=given purpose=x notice=n operator=b "
	    "notice_version=1\n"
	    "u 9 egress purpose=x recipient=bank operator=b",
	    NULL, ASK("D12"), "bank|1|1|0|0|0|-" },
	{ "D12: nor where neither act nor record tells the purpose",
	    "v 0 consent decision=given purpose=x surface=s\n"
	    "u 0 imp element=go role=accept\nu 5 click element=go role=accept\n"
	    "u 9 egress purpose=x recipient=broker",
	    LIST, ASK("D12"),
	    "broker|1|0|0|0|1|the purpose that was consented to" },
	{ "D12: nor where the record names nobody",
	    TOLD "\nu 9 egress purpose=x", LIST, ASK("D12"),
	    "|1|0|0|0|1|who received the data (recipient)" },
};

static const struct story_case regions[] = {
	{ "D27: what must stay went abroad: sure",
	    "u 9 egress category=credit region=US recipient=r",
	    "[home]\nregion = CN\nkeep = credit, location\n", ASK("D27"),
	    "|1|1|0|0|0|-" },
	{ "D27: an approval refutes it",
	    "u 9 egress category=credit region=us-west-1 recipient=r",
	    "[home]\nregion = CN\nkeep = credit\napproved = US\n", ASK("D27"),
	    "|1|0|0|1|0|-" },
	{ "D27: abroad, of a category that need not stay, is ambiguous",
	    "u 9 egress category=name region=US recipient=r",
	    "[home]\nregion = CN\nkeep = credit\n", ASK("D27"),
	    "|1|0|1|0|0|-" },
	{ "D27: at home is refuted",
	    "u 9 access category=credit region=cn-hangzhou",
	    "[home]\nregion = CN\nkeep = credit\n", ASK("D27"),
	    "|1|0|0|1|0|-" },
	{ "D27: without a region it is not decidable", "u 9 access category=a",
	    "[home]\nregion = CN\n", ASK("D27"),
	    "|1|0|0|0|1|where the data went (region)" },
	{ "D27: nor without a home", "u 9 access category=a region=US", NULL,
	    ASK("D27"), "|1|0|0|0|1|the home region (case.ini)" },
};

/* A trail that has lost one of two answers. */
#define LEAKY                                                     \
	"l 1 imp role=accept\nl 2 click role=accept request=l1\n" \
	"l 3 consent decision=given surface=s request=l1\n"       \
	"k 1 imp role=accept\nk 2 click role=accept request=k1\n"

/* Sixteen more that were answered. */
#define ANSWER(n)                                     \
	"l 1" n " click role=accept request=q" n "\n" \
	"l 1" n ".5 consent decision=given surface=s request=q" n "\n"
#define FOUR(t)	   ANSWER(t "0") ANSWER(t "1") ANSWER(t "2") ANSWER(t "3")
#define ANSWERS(t) FOUR(t "0") FOUR(t "1") FOUR(t "2") FOUR(t "3")

static const struct story_case leaky[] = {
	{ "D12: one of thirty lost does not make a trail leaky",
	    LEAKY ANSWERS("1")
		ANSWERS("2") "u 1 consent decision=given surface=s\n"
			     "u 9 egress recipient=x\n",
	    "[surface s]\nrecipients = y\n",
	    "SELECT eligible, sure, undecidable FROM finding "
	    "WHERE detector = 'D12' AND scope = 'x'",
	    "1|1|0" },
	{ "D12: where withdrawals may be lost, only beside a whole log",
	    LEAKY "u 1 consent decision=given surface=s\n"
		  "u 9 egress recipient=x\n"
		  "v 1 view\nv 2 consent decision=given surface=s\n"
		  "v 9 egress recipient=x\nv 20 view\n",
	    "[surface s]\nrecipients = y\n",
	    "SELECT eligible, sure, undecidable FROM finding "
	    "WHERE detector = 'D12' AND scope = 'x'",
	    "2|1|1" },
};

#define BEHIND	"[need location]\nbackground = no\n"
#define READ(t) "u " t " access category=location purpose=x\n"

static const struct story_case needs[] = {
	{ "D28: more within an hour than needed is sure",
	    READ("0") READ("100") READ("3000"),
	    "[need location]\nper_hour = 2\n", ASK("D28"),
	    "location|1|1|0|0|0|-" },
	{ "D28: while the app is not open, where that is not needed: sure",
	    "u 0 view\nu 9 session.end trail=ui device=d-u seq=2\n"
	    "u 60 access category=location\n"
	    "u 99 session.start trail=ui device=d-u seq=3",
	    BEHIND, ASK("D28"), "location|1|1|0|0|0|-" },
	{ "D28: a missing line may have opened it",
	    "u 0 view\nu 9 session.end trail=ui device=d-u seq=2\n"
	    "u 60 access category=location\n"
	    "u 99 session.start trail=ui device=d-u seq=4",
	    BEHIND, ASK("D28"), "location|1|0|1|0|0|-" },
	{ "D28: in the foreground, or within the clocks' error, refuted",
	    "u 0 view\nu 60 access category=location\nu 99 view\n"
	    "v 0 view\nv 9 session.end trail=ui device=d-v seq=2\n"
	    "v 10 access category=location",
	    BEHIND, ASK("D28"), "location|2|0|0|2|0|-" },
	{ "D28: the next hour begins anew", READ("0") READ("100") READ("3700"),
	    "[need location]\nper_hour = 2\n", ASK("D28"),
	    "location|1|0|0|1|0|-" },
	{ "D28: without a declared need it is not decidable", READ("0"), NULL,
	    ASK("D28"), "|1|0|0|0|1|the need for the data (case.ini [need])" },
	{ "D28: nor without times", READ("-"),
	    "[need location]\nper_hour = 2\n", ASK("D28"),
	    "location|1|0|0|0|1|when the data were accessed" },
};

static const struct story_case logs[] = {
	{ "D32: a gap in the numbers leaves the person undecided",
	    "u 0 view surface=\nu 1 view surface= gap", NULL, ASK("D32"),
	    "|1|0|0|0|1|lines that the device's numbers or the sampling of "
	    "the source show to be left out" },
	{ "D32: a coder's verdict is sure",
	    "a - annotation action=D32 value=true", NULL, ASK("D32"),
	    "|1|1|0|0|0|-" },
	{ "D32: numbered without a gap is refuted",
	    "u 0 view surface=\nu 1 view surface=", NULL, ASK("D32"),
	    "|1|0|0|1|0|-" },
	{ "D32: without numbers it is not decidable",
	    "u 0 view surface= noseq\nu 1 view surface= noseq", NULL,
	    ASK("D32"),
	    "|1|0|0|0|1|running numbers of the device's events (seq)" },
	{ "D32: servers' records alone are no such log",
	    "u 0 consent decision=given surface=s", NULL, ASK("D32"), "" },
};

int
main(void)
{
	return story_cases_run("leaky", leaky, sizeof leaky / sizeof leaky[0]) +
	       story_cases_run("logs", logs, sizeof logs / sizeof logs[0]) +
	       story_cases_run("needs", needs, sizeof needs / sizeof needs[0]) +
	       story_cases_run(
		   "regions", regions, sizeof regions / sizeof regions[0]) +
	       story_cases_run("recipients", recipients,
		   sizeof recipients / sizeof recipients[0]) +
	       story_cases_run(
		   "scopes", scopes, sizeof scopes / sizeof scopes[0]);
}
