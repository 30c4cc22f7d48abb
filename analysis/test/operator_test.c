/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several operators in one case: what is of one says nothing of another. */
#include "analysis/test/case.h"

#define A " operator=a"
#define B " operator=b"

/* One person in two apps that call surface and screen alike. */
#define TWO_APPS                                                             \
	"u 0 imp role=consent_box value=on changed_by=default purpose=x" A   \
	"\n"                                                                 \
	"u 5 click role=submit purpose=x" A "\n"                             \
	"u 10 imp role=consent_box value=off changed_by=default purpose=x" B \
	" session=t\n"                                                       \
	"u 15 click role=submit purpose=x" B " session=t\n"

static const struct story_case cases[] = {
	{ "surfaces of one name at two operators are two", TWO_APPS, NULL,
	    "SELECT operator, surface, outcome, default_on FROM decision "
	    "ORDER BY 1",
	    "a|a/s|given|1;b|b/s|refused|0" },
	{ "so are designs and rates", TWO_APPS, NULL,
	    "SELECT d.surface, d.default_on, r.shown, r.given FROM design d "
	    "JOIN rate r USING(surface) WHERE r.dimension = 'all' ORDER BY 1",
	    "a/s|1.0|1|1;b/s|0.0|1|0" },
	{ "and screens, which no way leads between",
	    "u 0 view surface= screen=home" A "\n"
	    "u 1 view surface= screen=home" B "\n"
	    "u 2 view surface= screen=next" A "\n"
	    "u 3 view surface= screen=last" B,
	    NULL, "SELECT from_screen, to_screen, n FROM edge ORDER BY 1",
	    "a/home|next|1;b/home|last|1" },
	{ "a name of one operator alone stays as it is",
	    "u 0 imp role=accept surface=login" A "\nu 5 click role=accept "
	    "surface=login" A "\nv 0 imp role=accept surface=other" B,
	    NULL, "SELECT operator, surface FROM decision ORDER BY 1",
	    "a|login;b|other" },
	{ "with one operator, named or not, nothing is renamed",
	    "u 0 imp role=accept\nu 5 click role=accept" A, NULL,
	    "SELECT surface FROM decision", "s" },
	{ "records without a name are of the operator of the case",
	    "u 0 imp role=accept\nu 5 click role=accept\n"
	    "v 0 imp role=accept" B,
	    "[case]\noperator = a\n",
	    "SELECT operator, surface FROM decision ORDER BY 1",
	    "a|a/s;b|b/s" },
	{ "else they stand by themselves",
	    "u 0 imp role=accept\nv 0 imp role=accept" A
	    "\nw 0 imp role=accept" B,
	    NULL, "SELECT operator, surface FROM decision ORDER BY 1",
	    "-|s;a|a/s;b|b/s" },
	{ "a surface of case.ini is that of each operator it is met at",
	    "u 0 imp surface= element=agree screen=x" A "\n"
	    "u 1 click surface= element=agree screen=x" A "\n"
	    "v 0 imp surface= element=agree screen=y" B "\n"
	    "v 1 click surface= element=agree screen=y" B,
	    "[surface bill]\ncontrol = agree=accept\npurposes = p\n",
	    "SELECT operator, surface, purpose, outcome FROM decision "
	    "ORDER BY 1",
	    "a|a/bill|p|given;b|b/bill|p|given" },
	{ "and may be declared for one of them",
	    "u 0 imp surface= element=agree screen=x" A "\n"
	    "v 0 imp surface= element=agree screen=x" B,
	    "[surface a/bill]\ncontrol = agree=accept\n",
	    "SELECT operator, surface FROM decision ORDER BY 1", "a|a/bill" },
	{ "D13: a refusal elsewhere is no reason not to ask",
	    "u 0 imp role=refuse purpose=x" A "\n"
	    "u 1 click role=refuse purpose=x" A "\n"
	    "u 60 view screen=q" B "\nu 90 imp role=refuse purpose=x" B,
	    NULL, ASK("D13"), "|1|0|0|1|0|-" },
	{ "D15: what is opened elsewhere is no content behind the refusal",
	    "u 0 imp role=refuse" A "\nu 1 click role=refuse" A "\n"
	    "u 2 view screen=q surface= device=e" B "\n"
	    "u 3 imp role=accept" A,
	    NULL, ASK("D15"), "|1|1|0|0|0|-" },
	{ "D02: a log of another app tells nothing of what was shown",
	    "u 0 view surface=" A "\nu 1 view surface=" A "\n"
	    "u 2 consent decision=given method=batch" B "\n"
	    "u 3 view surface=" A,
	    NULL, ASK("D02"),
	    "batch|1|0|0|0|1|the person's log of the user interface" },
	{ "D28: accesses by two operators are not added up",
	    "u 0 access category=c" A "\nu 1 access category=c" B,
	    "[need c]\nper_hour = 1\n",
	    "SELECT operator, sure, refuted FROM finding WHERE detector = "
	    "'D28' ORDER BY 1",
	    "a|0|1;b|0|1" },
	{ "D08: a withdrawal from one is none from the other",
	    "u 0 consent decision=given purpose=x" A "\n"
	    "u 1 consent decision=given purpose=x" B "\n"
	    "u 2 consent decision=withdrawn purpose=x" A "\n"
	    "u 9 egress purpose=x" A "\nu 9 egress purpose=x" B,
	    NULL,
	    "SELECT operator, verdict FROM processing UNION ALL SELECT "
	    "operator, sure FROM finding WHERE detector = 'D08' ORDER BY 1, 2",
	    "a|1;a|after_withdrawal;b|consented" },
	{ "D09: each operator has a finding of its own",
	    "u 0 egress purpose=x" A "\nu 0 egress purpose=x" B "\n"
	    "v 0 consent decision=given" A "\nw 0 consent decision=given" B
	    "\nv 9 egress" A,
	    NULL,
	    "SELECT operator, scope, eligible, sure FROM finding WHERE "
	    "detector = 'D09' ORDER BY 1",
	    "a|sharing|2|1;b|sharing|1|1" },
	{ "what says not whose consent it is decides nothing",
	    "u 0 consent decision=given\nu 9 egress" A
	    "\nv 0 consent decision=given" A "\nw 0 egress" B,
	    NULL, "SELECT operator, verdict FROM processing ORDER BY 1",
	    "a|not_decidable;b|not_decidable" },
	{ "another app's version is not this one's",
	    "u 0 view surface= app_version=9 entry=push variant=z" A "\n"
	    "u 1 imp role=accept" B "\nu 2 imp role=accept" A,
	    NULL,
	    "SELECT operator, app_version, entry, variant FROM decision "
	    "ORDER BY 1",
	    "a|9|push|z;b|-|-|-" },
	{ "a gesture in one app is no act in the other's episode",
	    "u 0 imp role=accept" A "\nu 1 click surface= element=e" B "\n"
	    "u 2 click role=accept" A,
	    NULL, "SELECT operator, acts FROM decision", "a|1" },
	{ "two operators may number their requests alike",
	    "u 0 imp role=accept" A "\nu 1 click role=accept request=r" A "\n"
	    "u 9 imp role=accept" B "\nu 10 click role=accept request=r" B "\n"
	    "u 11 consent decision=refused request=r" B "\n"
	    "u 2 consent decision=given request=r" A,
	    NULL, "SELECT operator, server_outcome FROM decision ORDER BY 1",
	    "a|given;b|refused" },
	{ "the numbers of one device's events are those of one app",
	    "u 0 imp role=accept noseq seq=7 device=d" A "\n"
	    "u 1 imp role=accept noseq seq=90 device=d" B "\n"
	    "u 2 click role=accept noseq seq=8 device=d" A,
	    NULL, "SELECT value FROM coverage WHERE name = 'seq_gaps'", "0" },
	/* ---- the network ---- */
	{ "who gave what to whom, and of how many",
	    "u 0 consent decision=given" A "\n"
	    "u 9 egress recipient=r category=c" A "\n"
	    "u 10 egress recipient=r category=c purpose=x+y" A "\n"
	    "v 9 egress recipient=r category=c" A "\n"
	    "v 9 egress destination=q" B "\n- 9 egress recipient=r" B,
	    NULL,
	    "SELECT operator, recipient, category, n, against, open, people "
	    "FROM network",
	    "a|r|c|3|1|0|2;b|q|-|1|0|1|1;b|r|-|1|0|1|0" },
	{ "how many people are met by how many operators",
	    "u 0 view" A "\nu 1 view" B "\nv 0 view" A "\nw 0 view" B
	    "\n- 0 view device=x" A,
	    NULL,
	    "SELECT operators, people FROM shared UNION ALL SELECT operator "
	    "|| people, devices FROM operator",
	    "1|2;2|1;a2|1;b2|0" },
	{ "decisions and grants of each operator",
	    "u 0 consent decision=given purpose=x+y" A "\n"
	    "u 0 consent decision=given" B "\nv 0 imp role=accept" B,
	    NULL, "SELECT operator, records, decisions, grants FROM operator",
	    "a|1|2|2;b|2|2|1" },
	{ "accounts of one link are one person",
	    "u1 0 identity.link datum=h" A "\nu2 0 identity.link datum=h" B
	    "\nu3 0 identity.link datum=h category=person" B
	    "\nu1 1 egress recipient=r" A "\nu2 1 egress recipient=r" B
	    "\nu3 1 egress recipient=r" B,
	    NULL,
	    "SELECT operators, people FROM shared UNION ALL SELECT operator, "
	    "people FROM network UNION ALL SELECT operator, people FROM "
	    "operator",
	    "2|1;a|1;b|1;a|1;b|1" },
	{ "links that contradict each other, or speak of a device, decide "
	  "nothing",
	    "u1 0 identity.link datum=h" A "\nu1 1 identity.link datum=i" B
	    "\nu2 0 identity.link datum=h" B
	    "\nu3 0 identity.link datum=h category=phone" A,
	    NULL, "SELECT operators, people FROM shared", "1|2;2|1" },
	{ "a case of one operator has its network too",
	    "u 9 egress recipient=r\nu 9 egress recipient=r" A, NULL,
	    "SELECT operator, recipient, n, people FROM network UNION ALL "
	    "SELECT operator, people, records, grants FROM operator",
	    "a|r|2|1;a|1|2|0" },
};

int
main(void)
{
	return story_cases_run(
	    "operator", cases, sizeof cases / sizeof cases[0]);
}
