/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/discovery.h"

#include <inttypes.h>
#include <math.h>

#include "analysis/label.h"
#include "reports/text.h"

static void
add_quoted(struct buf *b, struct span s)
{
	(void)buf_char(b, '"');
	text_visible(b, s);
	(void)buf_char(b, '"');
}

/* "click on view_bill, screen annual_bill_cover ("see my bill")" */
static void
add_act(struct buf *b, struct answer *a)
{
	struct span act = answer_span(a, "act");
	struct span screen = answer_span(a, "screen");
	struct span label = answer_span(a, "label");

	(void)buf_str(b, span_is(act, "on")    ? "turning on "
			 : span_is(act, "off") ? "turning off "
					       : "click on ");
	if (answer_span(a, "element").n > 0)
		text_visible(b, answer_span(a, "element"));
	else
		(void)buf_str(b, "what the logs do not name");
	if (screen.p != NULL) {
		(void)buf_str(b, ", screen ");
		text_visible(b, screen);
	}
	if (label.p != NULL) {
		(void)buf_str(b, " (");
		add_quoted(b, label);
		(void)buf_char(b, ')');
	}
}

static void
add_lift(struct buf *b, struct answer *a)
{
	if (answer_is_null(a, "shifted_share"))
		return;
	(void)buf_str(b, "; the same people at other times: ");
	text_share(b, answer_real(a, "shifted_share"));
	if (answer_is_null(a, "low"))
		return;
	(void)buf_str(b, ", so ");
	if (!answer_is_null(a, "lift")) {
		text_real(b, answer_real(a, "lift"));
		(void)buf_str(b, " times, ");
	}
	(void)buf_str(b, "at least ");
	text_real(b, answer_real(a, "low"));
	(void)buf_str(b, " times as often");
}

bool
discovery_refuses(struct answer *a)
{
	return label_of(label_bits(answer_span(a, "label"))) == LABEL_REFUSE;
}

void
discovery_sentence(struct buf *b, struct answer *a)
{
	text_int(b, answer_int(a, "people_granted"));
	(void)buf_str(b, " of ");
	text_int(b, answer_int(a, "people"));
	(void)buf_str(b, " people (");
	text_share(b, answer_real(a, "share"));
	(void)buf_str(b, ", ");
	text_interval(
	    b, answer_real(a, "share_low"), answer_real(a, "share_high"));
	(void)buf_str(b, ") are recorded as consenting after it");
	if (discovery_refuses(a))
		(void)buf_str(b, ", though its words refuse");
	add_lift(b, a);
}

void
discovery_beside(struct buf *b, struct answer *a)
{
	int64_t on = answer_int(a, "box_on"), off = answer_int(a, "box_off");
	struct span text = answer_span(a, "box_text");

	if (answer_is_null(a, "box"))
		return;
	(void)buf_str(b, "on the same screen ");
	text_visible(b, answer_span(a, "box"));
	if (on > 0) {
		(void)buf_str(b, ", on by default in ");
		text_share(b, (double)on / (double)(on + off));
		(void)buf_str(b, " of ");
		text_int(b, on + off);
		(void)buf_str(b, " impressions");
	} else if (off > 0) {
		(void)buf_str(b, ", off by default");
	}
	if (!answer_is_null(a, "box_font_px")) {
		(void)buf_str(b, ", ");
		text_real(b, answer_real(a, "box_font_px"));
		(void)buf_str(b, " px");
	}
	if (text.p != NULL) {
		(void)buf_str(b, ", ");
		add_quoted(b, text);
	}
	if (!answer_is_null(a, "box_purposes")) {
		(void)buf_str(b, ", for ");
		text_visible(b, answer_span(a, "box_purposes"));
	}
}

/* How sure it is, and by what. */
static void
add_test(struct buf *b, struct answer *a)
{
	(void)buf_str(b, "p ");
	text_p(b, answer_real(a, "p_adjusted"));
	(void)buf_str(b, " after correction for ");
	text_int(b, answer_int(a, "pairs"));
	(void)buf_str(b, " pairs tried");
	if (!answer_is_null(a, "median_delay_us")) {
		(void)buf_str(b, "; recorded after ");
		text_duration(b, answer_real(a, "median_delay_us") / 1e6);
		(void)buf_str(b, " (median)");
	}
	if (answer_real(a, "share_by_request") > 0) {
		(void)buf_str(b, "; ");
		text_share(b, answer_real(a, "share_by_request"));
		(void)buf_str(b, " joined by a request");
	}
	if (answer_int(a, "people_explained") > 0) {
		(void)buf_str(b, "; ");
		text_int(b, answer_int(a, "people_explained"));
		(void)buf_str(b, " others after an express act of their own");
	}
}

/* A row in full. */
static void
print_found(FILE *out, struct buf *b, struct answer *a, int64_t number)
{
	buf_reset(b);
	(void)buf_printf(b, "%" PRId64 ". ", number);
	add_act(b, a);
	(void)buf_str(b, "\n   ");
	discovery_sentence(b, a);
	(void)buf_str(b, "\n   ");
	add_test(b, a);
	if (!answer_is_null(a, "box")) {
		(void)buf_str(b, "\n   ");
		discovery_beside(b, a);
	}
	(void)fprintf(out, "%s\n", b->p);
}

/* A row on a line. */
static void
print_line(FILE *out, struct buf *b, struct answer *a, const char *why)
{
	buf_reset(b);
	add_act(b, a);
	(void)buf_str(b, ": ");
	text_int(b, answer_int(a, "people_granted"));
	(void)buf_str(b, " of ");
	text_int(b, answer_int(a, "people"));
	(void)fprintf(out, "  %s, %s\n", b->p, why);
}

static int64_t
count_of(struct view *v, const char *name)
{
	struct answer a = { 0 };
	int64_t n = 0;

	view_ask(v, &a, VIEW_DISCOVERY_COUNT, "t", name);
	while (answer_next(&a))
		n = answer_int(&a, "value");
	return n;
}

static void
print_counts(struct view *v, FILE *out)
{
	const struct {
		int64_t n;
		const char *what;
	} part[] = {
		{ count_of(v, "declared") + count_of(v, "told"),
		    "behind declared controls" },
		{ count_of(v, "unasked"), "by batch, import or migration" },
		{ count_of(v, "necessary"), "declared necessary" },
		{ count_of(v, "silent"), "without a gesture before" },
		{ count_of(v, "beside"),
		    "after a gesture that nothing declares" },
		{ count_of(v, "same") + count_of(v, "beyond"),
		    "more of the same acts and people" },
	};
	const char *before = ": ";
	struct buf b = { 0 };
	size_t i;

	text_int(&b, count_of(v, "grants"));
	(void)buf_str(&b, " consents recorded by servers of ");
	text_int(&b, count_of(v, "people"));
	(void)buf_str(&b, " people and devices");
	for (i = 0; i < sizeof part / sizeof part[0]; i++) {
		if (part[i].n == 0)
			continue;
		(void)buf_str(&b, before);
		text_int(&b, part[i].n);
		(void)buf_char(&b, ' ');
		(void)buf_str(&b, part[i].what);
		before = ", ";
	}
	(void)fprintf(out, "discover: %s\n", b.p);
	buf_clear(&b);
}

static void
print_verdict(struct view *v, FILE *out, const char *verdict, const char *why)
{
	struct answer a = { 0 };
	struct buf b = { 0 };

	view_ask(v, &a, VIEW_DISCOVERY_OF, "t", verdict);
	while (answer_next(&a))
		print_line(out, &b, &a, why);
	buf_clear(&b);
}

void
discovery_print(struct view *v, FILE *out, int64_t *n_found)
{
	struct answer a = { 0 };
	struct buf b = { 0 };

	*n_found = 0;
	print_counts(v, out);
	view_ask(v, &a, VIEW_DISCOVERY_OF, "t", "undeclared");
	while (answer_next(&a))
		print_found(out, &b, &a, ++*n_found);
	buf_reset(&b);
	if (*n_found == 0)
		(void)fputs("no undeclared consent control found\n", out);
	print_verdict(v, out, "too_few", "consents after it: too few to say");
	print_verdict(v, out, "by_hand",
	    "turned on by the person before the consent: an express act");
	print_verdict(
	    v, out, "clear", "a click on words of agreement: an express act");
	if (*n_found > 0)
		(void)fputs(
		    "This is association, not cause: the same tap may do "
		    "something else that records a\nconsent, a tick may be in "
		    "no log, a screen before may have asked.\n",
		    out);
	buf_clear(&b);
	if (*n_found > 0 && count_of(v, "changes") == 0)
		(void)fputs(
		    "No change of any switch is in these logs: whether people "
		    "ticked a box is not known.\n",
		    out);
}
