/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/test/case.h"

#define HOPS                                                                 \
	"SELECT hop, state, n, users, data, nonusers FROM lineage ORDER BY " \
	"hop, state, operator, recipient"
#define AFFECTED                                                   \
	"SELECT scope, subject, role, grade FROM affected JOIN "   \
	"finding USING (finding_id) WHERE detector = 'D11' ORDER " \
	"BY scope, subject"
#define CHINA  "[home]\nregion = CN\n"
#define FRIEND "datum=+8613800138000"

/* A loan app reads the address book, uploads it, hands it to a collector,
 * who calls. */
static const char chain[] =
    "u 0 permission.prompt category=contacts trail=ui device=d\n"
    "u 1 permission category=contacts value=denied\n"
    "u 10 access category=contacts trail=ui device=d purpose=credit " FRIEND
    "\nu 20 egress category=contacts purpose=credit " FRIEND
    "\nu 86420 egress category=contacts recipient=c purpose=credit " FRIEND
    "\n- 172820 contact.outbound operator=c purpose=collection " FRIEND
    " device=\n- 172830 contact.outbound operator=c purpose=collection "
    "datum=+8613900139000 device=";

static const struct story_case hops[] = {
	{ "each hop of the chain is counted, and who was never collected",
	    chain, NULL, HOPS,
	    "access|-|1|1|1|1;outbound|collected|1|1|1|1;"
	    "outbound|never|1|0|1|1;permission|denied|1|1|0|0;"
	    "share|-|1|1|1|1;upload|-|1|1|1|1" },
	{ "the permission is that of the first access",
	    "u 0 access category=contacts\nu 5 permission category=contacts "
	    "value=granted\nu 9 access category=contacts\n"
	    "v 0 permission category=contacts value=granted\n"
	    "v 1 access category=contacts\nw 0 permission.prompt "
	    "category=contacts\nw 1 access category=contacts",
	    NULL,
	    "SELECT state, n, users FROM lineage WHERE hop = 'permission' "
	    "ORDER BY 1",
	    "asked|1|1;granted|1|1;never_asked|1|1" },
	{ "without any record of permissions nobody was never asked",
	    "u 0 access category=contacts", NULL,
	    "SELECT state, n FROM lineage WHERE hop = 'permission'",
	    "not_logged|1" },
	{ "records without a datum count as records and people",
	    "u 0 access category=contacts trail=ui device=d count=300\n"
	    "u 1 egress category=contacts\n"
	    "u 2 contact.outbound purpose=x",
	    NULL, HOPS,
	    "access|-|1|1|0|0;outbound|-|1|1|0|0;"
	    "permission|not_logged|1|1|0|0;upload|-|1|1|0|0" },
	{ "what nobody's records say is of nobody",
	    "- 0 egress recipient=c category=contacts device= " FRIEND, NULL,
	    HOPS, "share|-|1|0|1|1" },
	{ "one number in three forms is one person",
	    "u 0 access category=contacts datum=0086-13800138000\n"
	    "v 0 access category=contacts datum=138-0013-8000\n"
	    "w 9 contact.outbound purpose=x datum=tel:+86-138-0013-8000",
	    CHINA, HOPS,
	    "outbound|collected|1|2|1|1;"
	    "permission|not_logged|2|2|0|0;upload|-|2|2|1|1" },
	{ "the name of a file is a datum and nobody",
	    "u 0 access category=audit datum=/srv/contacts.csv\n"
	    "u 1 access datum=i-0042\nu 1 access datum=10.0.100.200",
	    CHINA,
	    "SELECT hop, sum(data), sum(nonusers), (SELECT count(*) FROM "
	    "finding WHERE detector = 'D11' AND eligible > 0) FROM lineage "
	    "WHERE hop = 'upload'",
	    "upload|3|0|0" },
	{ "an address of electronic mail stands for somebody",
	    "u 0 access datum=li@example.org", NULL,
	    "SELECT data, nonusers FROM lineage", "1|1" },
	{ "what says nothing, or not all of it, links nobody",
	    "u 0 access category=contacts purpose=a datum=138****8000\n"
	    "v 0 access category=contacts purpose=a datum=unknown\n"
	    "w 9 contact.outbound purpose=b datum=138****8000\n"
	    "w 9 contact.outbound purpose=b datum=unknown",
	    CHINA,
	    "SELECT hop, n, data, (SELECT value FROM coverage WHERE name = "
	    "'phone_masked') FROM lineage WHERE hop <> 'permission' ORDER BY "
	    "hop",
	    "outbound|2|0|2;upload|2|0|2" },
	{ "what failed was not done",
	    "u 0 access category=contacts outcome=failure " FRIEND
	    "\nu 9 contact.outbound outcome=failure " FRIEND,
	    NULL, "SELECT count(*) FROM lineage", "0" },
	{ "a number without a country is told when nobody named one",
	    "u 0 access category=contacts datum=13800138000", NULL,
	    "SELECT value FROM coverage WHERE name = 'phone_no_code'", "1" },
};

static const struct story_case verdicts[] = {
	{ "called for another purpose than it was collected for", chain, NULL,
	    ASK("D11"), "nonusers|1|1|0|0|0|-;users|1|1|0|0|0|-" },
	{ "both sides are named", chain, NULL, AFFECTED,
	    "nonusers|+8613800138000|nonuser|sure;users|u|user|sure" },
	{ "for the same purpose",
	    "u 0 access category=contacts purpose=a+b " FRIEND
	    "\nu 9 contact.outbound purpose=b " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|0|0|1|0|-;users|1|0|0|1|0|-" },
	{ "a purpose that the case declares compatible",
	    "u 0 access category=contacts purpose=a " FRIEND
	    "\nu 9 contact.outbound purpose=b " FRIEND,
	    "[compatible a]\npurposes = c, b\n", ASK("D11"),
	    "nonusers|1|0|0|1|0|-;users|1|0|0|1|0|-" },
	{ "compatible goes one way",
	    "u 0 access category=contacts purpose=b " FRIEND
	    "\nu 9 contact.outbound purpose=a " FRIEND,
	    "[compatible a]\npurposes = b\n", ASK("D11"),
	    "nonusers|1|1|0|0|0|-;users|1|1|0|0|0|-" },
	{ "purposes of all records of the collection count together",
	    "u 0 access category=contacts trail=ui device=d purpose=a " FRIEND
	    "\nu 5 egress category=contacts purpose=b " FRIEND
	    "\nu 9 contact.outbound purpose=b " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|0|0|1|0|-;users|1|0|0|1|0|-" },
	{ "the purpose of a share is not that of the collection",
	    "u 0 access category=contacts purpose=a " FRIEND
	    "\nu 5 egress category=contacts recipient=c purpose=b " FRIEND
	    "\nu 9 contact.outbound purpose=b " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|1|0|0|0|-;users|1|1|0|0|0|-" },
	{ "unless nothing else tells of the collection",
	    "u 5 egress category=contacts recipient=c purpose=b " FRIEND
	    "\nu 9 contact.outbound purpose=b " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|0|0|1|0|-;users|1|0|0|1|0|-" },
	{ "no purpose anywhere",
	    "u 0 access category=contacts " FRIEND
	    "\nu 9 contact.outbound " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|1|0|0|0|-;users|1|1|0|0|0|-" },
	{ "the contact names no purpose, the collection does",
	    "u 0 access category=contacts purpose=a " FRIEND
	    "\nu 9 contact.outbound " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|0|1|0|0|-;users|1|0|1|0|0|-" },
	{ "the contact was before the upload",
	    "u 9 access category=contacts purpose=a " FRIEND
	    "\nu 0 contact.outbound purpose=b " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|0|0|1|0|-;users|1|0|0|1|0|-" },
	{ "within the clocks' error of the collection",
	    "u 7 access category=contacts trail=ui device=d purpose=a " FRIEND
	    "\nu 9 contact.outbound purpose=b " FRIEND,
	    NULL, ASK("D11"),
	    "nonusers|1|0|0|0|1|an order beyond the clocks' error;"
	    "users|1|0|0|0|1|an order beyond the clocks' error" },
	{ "without a time",
	    "u - access category=contacts purpose=a " FRIEND
	    "\nu 9 contact.outbound purpose=b " FRIEND,
	    NULL, ASK("D11"),
	    "nonusers|1|0|0|0|1|the time of the record;"
	    "users|1|0|0|0|1|the time of the record" },
	{ "collected, and nobody was contacted",
	    "u 0 access category=contacts purpose=a " FRIEND
	    "\nv 9 contact.outbound datum=+8613900139000",
	    NULL, ASK("D11"), "nonusers|1|0|0|1|0|-;users|1|0|0|1|0|-" },
	{ "a case without any contact cannot tell",
	    "u 0 access category=contacts purpose=a " FRIEND, NULL, ASK("D11"),
	    "nonusers|1|0|0|0|1|any record of outbound contact;"
	    "users|1|0|0|0|1|any record of outbound contact" },
	{ "in a sampled log the call may be what was left out",
	    "u 0 access category=contacts purpose=a " FRIEND
	    "\nv 9 contact.outbound datum=+8613900139000",
	    "[sampled]\nstory = 0.5\n", ASK("D11"),
	    "nonusers|1|0|0|0|1|a whole log: a source is a sample of one;"
	    "users|1|0|0|0|1|a whole log: a source is a sample of one" },
	{ "used on the server for something else, later",
	    "u 0 egress category=contacts purpose=a " FRIEND
	    "\nu 9 access category=contacts purpose=b " FRIEND
	    "\nv 9 contact.outbound datum=+8613900139000",
	    NULL, ASK("D11"), "nonusers|1|0|1|0|0|-;users|1|0|1|0|0|-" },
	{ "used on the server for the same thing",
	    "u 0 egress category=contacts purpose=a " FRIEND
	    "\nu 9 access category=contacts purpose=a " FRIEND
	    "\nv 9 contact.outbound datum=+8613900139000",
	    NULL, ASK("D11"), "nonusers|1|0|0|1|0|-;users|1|0|0|1|0|-" },
};

static const struct story_case people[] = {
	{ "a contact of two borrowers: each who had it before the call",
	    "u 0 access category=contacts purpose=a " FRIEND
	    "\nv 5 access category=contacts purpose=b " FRIEND
	    "\nw 900 access category=contacts purpose=a " FRIEND
	    "\n- 100 contact.outbound purpose=b device= " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|1|0|0|0|-;users|3|1|0|2|0|-" },
	{ "the call names one of its borrowers: that one only",
	    "u 0 access category=contacts purpose=a " FRIEND
	    "\nv 5 access category=contacts purpose=a " FRIEND
	    "\nv 100 contact.outbound purpose=b " FRIEND,
	    NULL, AFFECTED,
	    "nonusers|+8613800138000|nonuser|sure;users|v|user|sure" },
	{ "the call names somebody else: all who had it",
	    "u 0 access category=contacts purpose=a " FRIEND
	    "\nv 5 access category=contacts purpose=a " FRIEND
	    "\nagent 100 contact.outbound purpose=b " FRIEND,
	    NULL, AFFECTED,
	    "nonusers|+8613800138000|nonuser|sure;users|u|user|sure;"
	    "users|v|user|sure" },
	{ "another operator without a share of it",
	    "u 0 access operator=a category=contacts purpose=x " FRIEND
	    "\n- 100 contact.outbound operator=b purpose=y device= " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|0|1|0|0|-;users|1|0|1|0|0|-" },
	{ "another operator that got this datum",
	    "u 0 access operator=a category=contacts purpose=x " FRIEND
	    "\nu 1 egress operator=a recipient=b purpose=x " FRIEND
	    "\n- 100 contact.outbound operator=b purpose=y device= " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|1|0|0|0|-;users|1|1|0|0|0|-" },
	{ "another operator that got the person's address book",
	    "u 0 access operator=a category=contacts purpose=x " FRIEND
	    "\nu 1 egress operator=a recipient=b category=contacts"
	    "\nv 0 access operator=a category=contacts purpose=x " FRIEND
	    "\nv 1 egress operator=a recipient=b category=location"
	    "\n- 100 contact.outbound operator=b purpose=y device= " FRIEND,
	    NULL, AFFECTED,
	    "nonusers|+8613800138000|nonuser|sure;users|u|user|sure;"
	    "users|v|user|ambiguous" },
	{ "another operator that got this datum only after the call",
	    "u 0 access operator=a category=contacts purpose=x " FRIEND
	    "\nu 900 egress operator=a recipient=b purpose=x " FRIEND
	    "\n- 100 contact.outbound operator=b purpose=y device= " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|0|1|0|0|-;users|1|0|1|0|0|-" },
	{ "a later call of the same way is held against it again",
	    "u 0 access operator=a category=contacts purpose=x " FRIEND
	    "\nu 900 egress operator=a recipient=b purpose=x " FRIEND
	    "\n- 100 contact.outbound operator=b purpose=y device= " FRIEND
	    "\n- 200 contact.outbound operator=b purpose=y device= " FRIEND
	    "\n- 950 contact.outbound operator=b purpose=y device= " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|1|0|0|0|-;users|1|1|0|0|0|-" },
	{ "another operator that got the address book only after the call",
	    "u 0 access operator=a category=contacts purpose=x " FRIEND
	    "\nu 900 egress operator=a recipient=b category=contacts"
	    "\n- 100 contact.outbound operator=b purpose=y device= " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|0|1|0|0|-;users|1|0|1|0|0|-" },
	{ "and is called again when it has it",
	    "u 0 access operator=a category=contacts purpose=x " FRIEND
	    "\nu 900 egress operator=a recipient=b category=contacts"
	    "\n- 100 contact.outbound operator=b purpose=y device= " FRIEND
	    "\n- 980 contact.outbound operator=b purpose=y device= " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|1|0|0|0|-;users|1|1|0|0|0|-" },
	{ "the call names another borrower, whose book is not known to have it",
	    "u 0 access category=contacts purpose=a " FRIEND
	    "\nv 5 access category=contacts purpose=a datum=+8613900139000"
	    "\nv 100 contact.outbound purpose=b " FRIEND,
	    NULL, AFFECTED,
	    "nonusers|+8613800138000|nonuser|sure;users|u|user|ambiguous" },
	{ "the caller is the company that got it",
	    "u 0 access operator=a category=contacts purpose=x " FRIEND
	    "\nu 1 egress operator=a recipient=yongsheng purpose=x " FRIEND
	    "\n- 100 contact.outbound operator=b recipient=yongsheng "
	    "purpose=y device= " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|1|0|0|0|-;users|1|1|0|0|0|-" },
	{ "an operator that is not said is any",
	    "u 0 access operator=a category=contacts purpose=x " FRIEND
	    "\n- 100 contact.outbound purpose=y device= " FRIEND,
	    NULL, ASK("D11"), "nonusers|1|1|0|0|0|-;users|1|1|0|0|0|-" },
	{ "the borrower's own number is counted apart",
	    "u 0 identity.link device=d datum=138-0013-8000\n"
	    "u 0 access category=contacts purpose=x datum=+8613900139000\n"
	    "u 9 contact.outbound purpose=collection " FRIEND,
	    CHINA, HOPS,
	    "outbound|themselves|1|1|1|0;permission|not_logged|1|1|0|0;"
	    "upload|-|1|1|1|1" },
	{ "a friend with an account is no nonuser",
	    "v 0 identity.link device=d " FRIEND
	    "\nu 0 access category=contacts purpose=x " FRIEND
	    "\nu 9 contact.outbound purpose=collection " FRIEND,
	    NULL, ASK("D11"), "users|1|1|0|0|0|-" },
	{ "nor is one whose phone has the app, whatever the account",
	    "- 0 identity.link device=d trail=ui " FRIEND
	    "\nu 0 access category=contacts purpose=x " FRIEND
	    "\nu 9 contact.outbound purpose=collection " FRIEND,
	    NULL, ASK("D11"), "users|1|1|0|0|0|-" },
	{ "a call to a user, for whose debt nobody said",
	    "v 0 identity.link device=d " FRIEND
	    "\nu 0 access category=contacts purpose=x " FRIEND
	    "\n- 9 contact.outbound purpose=collection device= " FRIEND,
	    NULL, ASK("D11"),
	    "users|1|0|0|0|1|for whose sake a user was contacted" },
	{ "an account that is named by its number",
	    "13800138000 0 view\n"
	    "u 0 access category=contacts purpose=x " FRIEND
	    "\nu 9 contact.outbound purpose=collection " FRIEND
	    "\n13800138000 9 contact.outbound purpose=x " FRIEND,
	    CHINA,
	    "SELECT state, n, nonusers FROM lineage WHERE hop = 'outbound' "
	    "ORDER BY state",
	    "collected|1|0;themselves|1|0" },
	{ "a category of own numbers",
	    "u 0 access category=own_number purpose=x " FRIEND
	    "\nu 9 contact.outbound purpose=collection " FRIEND,
	    "[lineage]\nown = phone, own_number\n",
	    "SELECT state, nonusers, (SELECT count(*) FROM finding WHERE "
	    "detector = 'D11' AND eligible > 0) FROM lineage WHERE hop = "
	    "'outbound'",
	    "themselves|0|0" },
	{ "an annotation answers in a finding of its own",
	    "u 0 annotation action=D11 value=true", NULL, ASK("D11"),
	    "|1|1|0|0|0|-" },
};

#define MEASURE(name) "SELECT value FROM measure WHERE name = '" name "'"

static const struct story_case measures[] = {
	{ "the delay from collection", chain, NULL,
	    MEASURE("days_from_collection"), "2.00011574074074" },
	{ "the delay from the share", chain, NULL, MEASURE("days_from_share"),
	    "1.0" },
	{ "the share of calls that hit collected numbers", chain, NULL,
	    MEASURE("outbound_collected_share"), "0.5" },
	{ "the negative control", chain, NULL,
	    MEASURE("outbound_never_collected"), "1.0" },
	{ "linked hops", chain, NULL, MEASURE("hops_linked"), "4.0" },
	{ "calls on a day with any",
	    "u 0 access category=contacts " FRIEND
	    "\nu 10 contact.outbound " FRIEND "\nu 20 contact.outbound " FRIEND
	    "\nu 172800 contact.outbound " FRIEND,
	    NULL, MEASURE("contacts_made_per_day"), "1.5" },
};

int
main(void)
{
	return story_cases_run("hops", hops, sizeof hops / sizeof hops[0]) +
	       story_cases_run(
		   "verdicts", verdicts, sizeof verdicts / sizeof verdicts[0]) +
	       story_cases_run(
		   "people", people, sizeof people / sizeof people[0]) +
	       story_cases_run(
		   "measures", measures, sizeof measures / sizeof measures[0]);
}
