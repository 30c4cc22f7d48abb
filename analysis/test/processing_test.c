/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/test/case.h"

#define VERDICTS "SELECT verdict, sum(n) FROM processing GROUP BY 1 ORDER BY 1"

/* A trail that answers refusals; one that has lost one of two answers. */
#define ANSWERED                             \
	"r 1 imp role=refuse\n"              \
	"r 2 click role=refuse request=r1\n" \
	"r 3 consent decision=refused surface=s request=r1\n"
#define LOSSY                                                     \
	"l 1 imp role=accept\nl 2 click role=accept request=l1\n" \
	"l 3 consent decision=given surface=s request=l1\n"       \
	"k 1 imp role=accept\nk 2 click role=accept request=k1\n"

static const struct story_case cases[] = {
	{ "what a consent covers is consented",
	    "u 0 consent decision=given purpose=x\nu 9 egress purpose=x", NULL,
	    VERDICTS, "consented|1" },
	{ "a grant that names nothing covers all, another purpose does not",
	    "u 0 consent decision=given\nu 9 egress purpose=x\n"
	    "v 0 consent decision=given purpose=y\nv 9 egress purpose=x",
	    NULL, VERDICTS, "consented|1;without_consent|1" },
	{ "in a sampled log a missing consent may be what was left out",
	    "u 0 permission category=c value=granted\nv 9 access category=c\n"
	    "w 0 consent decision=refused\nw 9 egress",
	    "[sampled]\nstory = 0.5\n", VERDICTS,
	    "after_refusal|1;not_decidable|1" },
	{ "before the consent is before the consent",
	    "u 0 access purpose=x category=c\n"
	    "u 9 consent decision=given purpose=x",
	    NULL, VERDICTS, "before_consent|1" },
	{ "before a permission, before an accept that only the UI tells",
	    "u 0 access category=c time_role=server\n"
	    "u 99 permission category=c value=granted\n"
	    "v 0 egress\nv 50 imp role=accept\nv 99 click role=accept\n"
	    "w 0 consent decision=refused purpose=z",
	    NULL, VERDICTS, "before_consent|2" },
	{ "after a refusal, after a withdrawal",
	    "u 0 consent decision=refused purpose=x\nu 9 egress purpose=x\n"
	    "v 0 consent decision=given purpose=x\n"
	    "v 5 consent decision=withdrawn purpose=x\nv 9 egress purpose=x",
	    NULL, VERDICTS, "after_refusal|1;after_withdrawal|1" },
	{ "a consent that expired or was invalidated is none, not withdrawn",
	    "u 0 consent decision=given purpose=x\n"
	    "u 5 consent decision=expired purpose=x\nu 9 egress purpose=x\n"
	    "v 0 consent decision=given purpose=x\n"
	    "v 5 consent decision=invalidated\nv 9 egress purpose=x\n"
	    "w 0 permission category=c decision=given\n"
	    "w 5 permission category=c decision=expired\n"
	    "w 9 access category=c",
	    NULL, VERDICTS, "without_consent|3" },
	{ "what a default turned off nobody refused; what it turned on stands",
	    "u 0 consent decision=refused trail=ui changed_by=default "
	    "purpose=x\nu 9 egress purpose=x\n"
	    "v 0 consent decision=given trail=ui changed_by=default "
	    "purpose=x\nv 9 egress purpose=x",
	    NULL, VERDICTS, "consented|1;without_consent|1" },
	{ "what expires after its withdrawal was withdrawn all the same",
	    "u 0 consent decision=given purpose=x\n"
	    "u 5 consent decision=withdrawn purpose=x\n"
	    "u 6 consent decision=expired purpose=x\nu 9 egress purpose=x",
	    NULL, VERDICTS, "after_withdrawal|1" },
	{ "a withdrawal without purpose ends all, with one that one",
	    "u 0 consent decision=given purpose=x+y\n"
	    "u 5 consent decision=withdrawn purpose=x\n"
	    "u 9 egress purpose=x\nu 9 egress purpose=y\n"
	    "v 0 consent decision=given purpose=x+y\n"
	    "v 5 consent decision=withdrawn\n"
	    "v 9 egress purpose=x\nv 9 egress purpose=y",
	    NULL, VERDICTS, "after_withdrawal|3;consented|1" },
	{ "a withdrawn purpose stands above a grant of everything",
	    "u 0 consent decision=given\n"
	    "u 5 consent decision=withdrawn purpose=x\n"
	    "u 9 egress purpose=x\nu 9 egress purpose=y",
	    NULL, VERDICTS, "after_withdrawal|1;consented|1" },
	{ "a permission opens access to its category, never egress",
	    "u 0 permission category=contacts value=granted\n"
	    "u 5 access category=contacts\nu 6 access category=location\n"
	    "u 7 egress category=contacts",
	    NULL, VERDICTS, "consented|1;without_consent|2" },
	{ "a permission that was denied stands above a general consent",
	    "u 0 consent decision=given purpose=loan\n"
	    "u 1 permission category=contacts value=denied\n"
	    "u 5 access category=contacts purpose=loan",
	    NULL, VERDICTS, "after_refusal|1" },
	{ "necessary purposes and other bases need no consent",
	    "u 0 consent decision=given purpose=x\n"
	    "u 5 access purpose=run\n"
	    "u 6 access purpose=y legal_basis=contract",
	    "[necessary]\nrun = the service itself\n", VERDICTS,
	    "necessary|1;other_basis|1" },
	{ "an operator without any consent record is not decidable",
	    "u 0 egress purpose=x operator=lender\n"
	    "v 0 consent decision=given purpose=x operator=shop",
	    NULL, VERDICTS, "not_decidable|1" },
	{ "one operator's consent is not another's",
	    "u 0 consent decision=given purpose=x operator=a\n"
	    "v 0 consent decision=given purpose=x operator=b\n"
	    "u 9 egress purpose=x operator=b",
	    NULL, VERDICTS, "without_consent|1" },
	{ "an absent operator is the case's",
	    "u 0 consent decision=given purpose=x\n"
	    "u 9 egress purpose=x operator=a",
	    "[case]\noperator = a\n", VERDICTS, "consented|1" },
	{ "across clocks the order must exceed their error",
	    "u 3 access purpose=x time_role=client\n"
	    "u 4 consent decision=given purpose=x\n"
	    "v 3 access purpose=x time_role=client\n"
	    "v 40 consent decision=given purpose=x",
	    NULL, VERDICTS, "before_consent|1;not_decidable|1" },
	{ "a phase tells where there is no time",
	    "a - egress phase=before_choice\nb - egress phase=after_refused\n"
	    "c - egress phase=after_given",
	    NULL, VERDICTS, "after_refusal|1;before_consent|1;consented|1" },
	{ "without time or phase nothing is claimed",
	    "a 0 consent decision=given purpose=x\na - egress purpose=x", NULL,
	    VERDICTS, "not_decidable|1" },
	{ "data shared on a tainted consent are tainted, and so who got them",
	    "u 0 imp element=b role=consent_box value=on changed_by=default "
	    "purpose=x\nu 5 click role=submit request=r\n"
	    "u 6 consent decision=given surface=s purpose=x request=r\n"
	    "u 90 egress purpose=x recipient=bank",
	    NULL,
	    "SELECT verdict, p.recipient, t.people, t.records FROM "
	    "processing p JOIN tainted_recipient t",
	    "tainted|bank|1|1" },
	{ "a clean consent given anew ends the taint",
	    "u 0 imp element=b role=consent_box value=on changed_by=default "
	    "purpose=x\nu 5 click role=submit request=r\n"
	    "u 6 consent decision=given surface=s purpose=x request=r\n"
	    "u 10 imp element=b role=consent_box value=off "
	    "changed_by=default purpose=x\n"
	    "u 11 change element=b role=consent_box value=on\n"
	    "u 15 click role=submit request=q\n"
	    "u 16 consent decision=given surface=s purpose=x request=q\n"
	    "u 90 egress purpose=x",
	    NULL, VERDICTS, "consented|1" },
	{ "outbound contact is judged as a kind of its own",
	    "u 0 consent decision=refused purpose=x\n"
	    "u 9 contact.outbound purpose=x",
	    NULL, "SELECT verdict, kind FROM processing",
	    "after_refusal|contact.outbound" },
	{ "a record of nobody is counted, of nobody",
	    "- 0 egress purpose=x device=\n"
	    "- 1 access phase=before_choice device=",
	    NULL,
	    "SELECT verdict, n, subjects FROM processing ORDER BY verdict",
	    "before_consent|1|0;not_decidable|1|0" },
	{ "a grant that comes a moment before its act stands meanwhile",
	    "u 0 imp role=accept purpose=x\n"
	    "u 10 consent decision=given purpose=x surface=s\n"
	    "u 11 egress purpose=x\nu 12 click role=accept purpose=x",
	    NULL, VERDICTS, "consented|1" },
	{ "a refusal without its answer, where others have one, is undecided",
	    ANSWERED "u 1 imp role=refuse\nu 2 click role=refuse request=u1\n"
		     "u 9 egress purpose=x\nu 10 view",
	    NULL, VERDICTS, "not_decidable|1" },
	{ "one that was answered stands, though the trail has lost records",
	    ANSWERED "u 1 imp role=refuse\nu 2 click role=refuse request=u1\n"
		     "v 1 imp role=refuse\nv 2 click role=refuse request=v1\n"
		     "v 3 consent decision=refused surface=s request=v1\n"
		     "v 9 egress purpose=x\nv 10 view",
	    NULL, VERDICTS, "after_refusal|1" },
	{ "an operator that records no refusals has lost none",
	    "a 1 imp role=accept\na 2 click role=accept request=a1\n"
	    "a 3 consent decision=given surface=s request=a1\n"
	    "b 1 imp role=accept\nb 2 click role=accept request=b1\n"
	    "u 1 imp role=refuse\nu 2 click role=refuse request=u1\n"
	    "u 9 egress purpose=x\nu 10 view",
	    NULL, VERDICTS, "after_refusal|1" },
	{ "in a trail with losses a missing grant needs a whole log",
	    LOSSY "u 1 view\nu 9 egress purpose=x\nu 20 view\n"
		  "v 1 view\nv 2 view gap\nv 9 egress purpose=x\nv 10 view\n"
		  "w 9 egress purpose=x\n",
	    NULL, VERDICTS, "not_decidable|2;without_consent|1" },
	{ "few losses are enough where a person has no log at all",
	    LOSSY "u 1 view\nu 9 egress purpose=x\nv 9 egress purpose=x\n",
	    "[thresholds]\nlost_share = 0.6\n", VERDICTS,
	    "not_decidable|1;without_consent|1" },
	{ "a permission may lie under a device of nobody's",
	    "r 0 permission category=a value=granted\n"
	    "u 9 access category=c\n- 1 view device=d session=x surface=\n",
	    NULL, VERDICTS, "not_decidable|1" },
	{ "what follows a withdrawal that is recorded stands",
	    LOSSY "u 1 view\nu 2 consent decision=withdrawn purpose=x\n"
		  "u 9 egress purpose=x\nu 10 view\n"
		  "v 2 consent decision=withdrawn purpose=x\n"
		  "v 9 egress purpose=x\n",
	    NULL, VERDICTS, "after_withdrawal|2" },
	{ "what is granted without an act may have been lost unseen",
	    LOSSY "n 0 consent decision=given method=batch purpose=y+x\n"
		  "u 1 view\nu 9 egress purpose=x\nu 9 egress purpose=z\n"
		  "u 20 view\n",
	    NULL, VERDICTS, "not_decidable|1;without_consent|1" },
	{ "what follows a refusal is undecided where such grants follow them",
	    LOSSY "n 0 consent decision=refused purpose=x\n"
		  "n 1 consent decision=given method=batch purpose=x\n"
		  "u 1 view\nu 2 consent decision=withdrawn purpose=x\n"
		  "u 9 egress purpose=x\nu 10 view\n",
	    NULL, VERDICTS, "not_decidable|1" },
	{ "a withdrawal without its record puts the consent in doubt",
	    LOSSY "u 1 consent decision=given surface=s\n"
		  "u 2 click role=withdraw request=u1\nu 9 egress\n"
		  "v 1 consent decision=given surface=s\n"
		  "v 2 click role=withdraw request=v1 surface=t\nv 9 egress\n",
	    NULL, VERDICTS, "consented|1;not_decidable|1" },
	{ "a few losses do not put recorded refusals in doubt",
	    LOSSY "n 0 consent decision=given method=batch purpose=x\n"
		  "u 2 consent decision=withdrawn purpose=x\n"
		  "u 9 egress purpose=x\nv 9 egress purpose=x\n",
	    NULL, VERDICTS, "after_withdrawal|1;not_decidable|1" },
	{ "D09 has two scopes",
	    "u 0 consent decision=refused purpose=x\nu 9 egress purpose=x\n"
	    "u 9 access purpose=y",
	    NULL,
	    "SELECT scope, eligible, sure FROM finding WHERE detector = 'D09' "
	    "ORDER BY scope",
	    "collection|1|1;sharing|1|1" },
};

static const struct story_case identity[] = {
	{ "a device-only event goes to the device's only person",
	    "- 0 view device=d session=a\n"
	    "u 9 view device=d session=b",
	    NULL,
	    "SELECT name, value FROM coverage WHERE name IN "
	    "('devices', 'moved', 'people', 'stayed') ORDER BY name",
	    "devices|0;moved|1;people|1;stayed|0" },
	{ "with two people only its session can tell",
	    "- 0 view device=d session=a\n- 1 view device=d session=c\n"
	    "u 5 view device=d session=a\nv 9 view device=d session=b",
	    NULL,
	    "SELECT name, value FROM coverage WHERE name IN "
	    "('devices', 'moved', 'people', 'stayed') ORDER BY name",
	    "devices|1;moved|1;people|2;stayed|1" },
	{ "a session that a server names links it, too",
	    "- 0 view device=d session=a\n"
	    "u 9 consent session=a decision=given",
	    NULL,
	    "SELECT name, value FROM coverage WHERE name IN "
	    "('moved', 'people', 'stayed') ORDER BY name",
	    "moved|1;people|1;stayed|0" },
	{ "an impression before login belongs to the decision after it",
	    "- 0 imp element=b role=consent_box value=on changed_by=default "
	    "device=d session=a seq=1\n"
	    "u 3 identity.link device=d trail=ui session=a seq=2\n"
	    "u 5 click role=submit device=d session=a seq=3",
	    NULL, "SELECT subject, outcome, impressions FROM decision",
	    "u|given|1" },
	{ "a device without a person is a subject of its own",
	    "- 0 imp role=accept device=d session=a\n"
	    "- 1 click role=close device=d session=a",
	    NULL, "SELECT subject, subject_kind, outcome FROM decision",
	    "d|device|dismissed" },
};

int
main(void)
{
	return story_cases_run(
		   "processing", cases, sizeof cases / sizeof cases[0]) +
	       story_cases_run(
		   "identity", identity, sizeof identity / sizeof identity[0]);
}
