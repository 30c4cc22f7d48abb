/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/label.h"
#include "analysis/test/case.h"

#define BOX "imp element=b role=consent_box changed_by=default design=v"
#define GO  "click role=submit element=go design=v"

static const struct story_case words[] = {
	{ "D20: refused by label, recorded as given, is sure",
	    "u 0 imp role=accept element=x\nu 1 click role=accept element=x "
	    "label=Reject request=r\nu 2 consent decision=given surface=s "
	    "request=r",
	    NULL, ASK("D20"), "|1|1|0|0|0|-" },
	{ "D20: accepted by label, recorded as refused, is sure",
	    "u 0 imp role=refuse element=x text=Accepter\n"
	    "u 1 click role=refuse element=x request=r\n"
	    "u 2 consent decision=refused surface=s request=r",
	    NULL, ASK("D20"), "|1|1|0|0|0|-" },
	{ "D20: an unclear label that alone made a grant is sure",
	    "u 0 imp role=submit element=go text=立即查看\n"
	    "u 1 click role=submit element=go request=r\n"
	    "u 2 consent decision=given surface=s request=r",
	    NULL, ASK("D20"), "|1|1|0|0|0|-" },
	{ "D20: beside a box that nobody touched it is ambiguous",
	    "u 0 " BOX " value=on\nu 1 " GO " label=继续", NULL, ASK("D20"),
	    "|1|0|1|0|0|-" },
	{ "D20: who ticked the box knew",
	    "u 0 " BOX " value=off\nu 1 change element=b role=consent_box "
	    "value=on\nu 2 " GO " label=继续",
	    NULL, ASK("D20"), "|1|0|0|1|0|-" },
	{ "D20: a clear label is refuted",
	    "u 0 imp role=accept element=x\nu 1 click role=accept element=x "
	    "label=同意",
	    NULL, ASK("D20"), "|1|0|0|1|0|-" },
	{ "D20: without words it is not decidable",
	    "u 0 imp role=accept element=x\nu 1 click role=accept element=x",
	    NULL, ASK("D20"),
	    "|1|0|0|0|1|the words on the control that was clicked" },
	{ "D20: nor with words that the lexicon lacks",
	    "u 0 imp role=accept element=x\nu 1 click role=accept element=x "
	    "label=qwerty",
	    NULL, ASK("D20"),
	    "|1|0|0|0|1|what the words on the control mean (lexicon)" },
	{ "D20b: what the person unticked is granted: sure, and tainted",
	    "u 0 " BOX " value=on purpose=a\nu 1 change element=b "
	    "role=consent_box value=off\nu 2 click role=accept element=all "
	    "design=v request=r\nu 3 consent decision=given surface=s "
	    "purpose=a request=r",
	    NULL,
	    "SELECT detector, sure FROM finding WHERE detector IN ('D20b', "
	    "'D31') ORDER BY 1",
	    "D20b|1;D31|1" },
	{ "D20b: off by default under a label that says all is ambiguous",
	    "u 0 " BOX " value=off purpose=a\nu 2 click role=accept "
	    "element=all label=全部同意 design=v request=r\n"
	    "u 3 consent decision=given surface=s purpose=a request=r",
	    NULL, ASK("D20b"), "|1|0|1|0|0|-" },
	{ "D20b: under one that does not it is sure",
	    "u 0 " BOX " value=off purpose=a\nu 2 click role=accept "
	    "element=all label=OK design=v request=r\n"
	    "u 3 consent decision=given surface=s purpose=a request=r",
	    NULL, ASK("D20b"), "|1|1|0|0|0|-" },
	{ "D20b: a box that was on is refuted",
	    "u 0 " BOX " value=on purpose=a\nu 2 click role=accept "
	    "element=all design=v request=r\n"
	    "u 3 consent decision=given surface=s purpose=a request=r",
	    NULL, ASK("D20b"), "|1|0|0|1|0|-" },
};

static const struct story_case shaming[] = {
	{ "D19: words that shame are ambiguous, never sure",
	    "u 0 imp role=accept element=y\nu 0 imp role=refuse element=n "
	    "text=残忍拒绝\nu 1 click role=accept element=y",
	    NULL, ASK("D19"), "|1|0|1|0|0|-" },
	{ "D19: plain words are refuted",
	    "u 0 imp role=accept element=y\nu 0 imp role=refuse element=n "
	    "text=拒绝\nu 1 click role=accept element=y",
	    NULL, ASK("D19"), "|1|0|0|1|0|-" },
	{ "D19: without words it is not decidable",
	    "u 0 imp role=accept element=y\nu 0 imp role=refuse element=n\n"
	    "u 1 click role=accept element=y",
	    NULL, ASK("D19"),
	    "|1|0|0|0|1|the words on the control that refuses" },
	{ "D19: a reviewer's verdict is sure",
	    "a - annotation action=D19 value=true surface=s", NULL, ASK("D19"),
	    "|1|1|0|0|0|-" },
};

#define TEXTS(a, b)                                                           \
	"u 0 imp role=accept element=y lang=" a "\nu 0 imp element=t lang=" b \
	"\nu 1 click role=accept element=y"

static const struct story_case languages[] = {
	{ "D33: another language than the page's is sure", TEXTS("en", "zh"),
	    NULL, ASK("D33"), "|1|1|0|0|0|-" },
	{ "D33: the same is refuted, whatever its script",
	    TEXTS("zh-Hans", "ZH"), NULL, ASK("D33"), "|1|0|0|1|0|-" },
	{ "D33: against the case's language alone it is ambiguous",
	    TEXTS("en", ""), "[home]\nlang = zh\n", ASK("D33"),
	    "|1|0|1|0|0|-" },
	{ "D33: with nothing to compare it is not decidable", TEXTS("en", ""),
	    NULL, ASK("D33"),
	    "|1|0|0|0|1|the language of the page's other texts" },
	{ "D33: nor without its own", TEXTS("", "zh"), NULL, ASK("D33"),
	    "|1|0|0|0|1|the language of the consent text (lang)" },
};

static void
labels_have_their_class(void **state)
{
	static const struct {
		const char *text;
		enum label_class class;
	} cases[] = {
		{ "", LABEL_NONE },
		{ "I agree", LABEL_ACCEPT },
		{ "AGREE AND CONTINUE", LABEL_ACCEPT },
		{ "Accept all", LABEL_ALL },
		{ "Don\xe2\x80\x99t allow", LABEL_REFUSE },
		{ "I do not agree", LABEL_REFUSE },
		{ "不同意", LABEL_REFUSE },
		{ "同意并继续", LABEL_ACCEPT },
		{ "立即查看", LABEL_UNCLEAR },
		{ "Okay", LABEL_UNCLEAR },
		{ "No thanks", LABEL_REFUSE },
		{ "Disagreement", LABEL_OTHER },
		{ "disallowed", LABEL_OTHER },
		{ "\xff\xfe", LABEL_OTHER },
		{ "Nicht zustimmen", LABEL_REFUSE },
		{ "Continuer sans accepter", LABEL_REFUSE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (label_of(label_bits(span_of(cases[i].text))) !=
		    cases[i].class)
			fail_msg("'%s' is of class %d", cases[i].text,
			    (int)label_of(label_bits(span_of(cases[i].text))));
}

int
main(void)
{
	const struct CMUnitTest labels[] = {
		cmocka_unit_test(labels_have_their_class),
	};

	return cmocka_run_group_tests_name("labels", labels, NULL, NULL) +
	       story_cases_run(
		   "shaming", shaming, sizeof shaming / sizeof shaming[0]) +
	       story_cases_run("languages", languages,
		   sizeof languages / sizeof languages[0]) +
	       story_cases_run("words", words, sizeof words / sizeof words[0]);
}
