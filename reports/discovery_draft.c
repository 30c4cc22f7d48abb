/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: one section [surface SCREEN] for every undeclared control,
 * in the order of table discovery, with the reason above each line.  What is
 * named otherwise stands in comments, to be taken over by whoever agrees.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "reports/discovery.h"
#include "reports/text.h"

/* Can it stand in a case.ini as it is, and be seen for what it is? */
static bool
is_plain(struct span s)
{
	struct buf b = { 0 };
	bool same;

	if (s.p == NULL || s.n == 0 || s.p[0] == ' ' || s.p[s.n - 1] == ' ')
		return false;
	text_visible(&b, s);
	same = span_eq(buf_as_span(&b), s);
	buf_clear(&b);
	return same;
}

/* A comment; texts in it have no line of their own. */
static void
add_comment(struct buf *out, const struct buf *b)
{
	(void)buf_str(out, "# ");
	(void)buf_str(out, b->p);
	(void)buf_char(out, '\n');
}

static void
add_line(struct buf *out, bool is_active, const char *key, struct span value,
    const char *role)
{
	if (!is_active)
		(void)buf_str(out, "# ");
	(void)buf_str(out, key);
	(void)buf_str(out, " = ");
	if (is_active)
		(void)buf_span(out, value);
	else
		text_visible(out, value);
	if (role != NULL) {
		(void)buf_char(out, '=');
		(void)buf_str(out, role);
	}
	(void)buf_char(out, '\n');
}

static void
add_section(struct buf *out, bool is_active, struct span name)
{
	(void)buf_str(out, is_active ? "[surface " : "# [surface ");
	text_visible(out, name); /* the same when it is plain */
	(void)buf_str(out, "]\n");
}

/* What the act is to consent: what its words refuse is a refusal, whatever
 * was recorded; else a submit beside a box, or an accept. */
static const char *
role_of(struct answer *a)
{
	if (span_is(answer_span(a, "act"), "on"))
		return "consent_box";
	if (discovery_refuses(a))
		return "refuse";
	return answer_int(a, "box_on") + answer_int(a, "box_off") > 0
		   ? "submit"
		   : "accept";
}

static void
add_box(struct buf *out, struct buf *b, struct answer *a, bool is_active)
{
	struct span box = answer_span(a, "box");

	if (box.p == NULL)
		return;
	buf_reset(b);
	discovery_beside(b, a);
	add_comment(out, b);
	if (answer_int(a, "box_on") + answer_int(a, "box_off") > 0)
		add_line(out, is_active && is_plain(box), "control", box,
		    "consent_box");
}

static void
add_row(struct buf *out, struct buf *b, struct answer *a, bool is_active)
{
	struct span screen = answer_span(a, "screen");
	struct span element = answer_span(a, "element");
	struct span act = answer_span(a, "act");

	(void)buf_char(out, '\n');
	if ((screen.p != NULL && !is_plain(screen)) || !is_plain(element)) {
		is_active = false;
		(void)buf_str(out,
		    "# A name here cannot stand in a case.ini as it is.\n");
	}
	add_section(out, is_active, screen.p != NULL ? screen : element);
	if (screen.p != NULL)
		add_line(out, is_active, "screen", screen, NULL);
	buf_reset(b);
	(void)buf_printf(b, "%s, ",
	    span_is(act, "on")	  ? "turned on"
	    : span_is(act, "off") ? "turned off"
				  : "clicked");
	discovery_sentence(b, a);
	add_comment(out, b);
	/* No role says that turning off means yes. */
	add_line(out, is_active && !span_is(act, "off"), "control", element,
	    role_of(a));
	if (!span_is(act, "on"))
		add_box(out, b, a, is_active);
}

static void
add_others(
    struct view *v, struct buf *out, const char *verdict, const char *head)
{
	struct answer a = { 0 };
	struct buf b = { 0 };
	bool any = false;

	view_ask(v, &a, VIEW_DISCOVERY_OF, "t", verdict);
	while (answer_next(&a)) {
		if (!any)
			(void)buf_printf(out, "\n# %s\n", head);
		any = true;
		add_row(out, &b, &a, false);
	}
	buf_clear(&b);
}

static void
compose(struct view *v, struct buf *out)
{
	struct answer a = { 0 };
	struct buf b = { 0 };
	bool any = false;

	(void)buf_str(out,
	    "# A draft by pretick discover, rewritten by each call.  Append "
	    "to case.ini what\n# you agree with, and run pretick analyse -c "
	    "case.ini.  An association is no\n# cause: look at the screen "
	    "first.\n");
	view_ask(v, &a, VIEW_DISCOVERY_OF, "t", "undeclared");
	while (answer_next(&a)) {
		any = true;
		add_row(out, &b, &a, true);
	}
	buf_clear(&b);
	if (!any)
		(void)buf_str(
		    out, "\n# No undeclared consent control was found.\n");
	add_others(v, out, "too_few", "Too few people to say:");
	add_others(v, out, "by_hand",
	    "Switches that people turned on themselves before a consent:");
	add_others(v, out, "clear", "Clicks on words of agreement:");
}

static int
write_file(const char *path, struct span text, struct err *err)
{
	struct buf made = { 0 };
	int fd, rc = -1;
	ssize_t n;

	(void)buf_printf(&made, "%s.tmp", path);
	fd = open(made.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd < 0) {
		(void)err_set(err, ERR_FAILED, "cannot write %s: %s", made.p,
		    strerror(errno));
		goto out;
	}
	while (text.n > 0 && (n = write(fd, text.p, text.n)) > 0) {
		text.p += n;
		text.n -= (size_t)n;
	}
	if ((close(fd) < 0) | (text.n > 0) || rename(made.p, path) < 0) {
		(void)err_set(err, ERR_FAILED, "cannot write %s: %s", path,
		    strerror(errno));
		(void)unlink(made.p);
		goto out;
	}
	rc = 0;
out:
	buf_clear(&made);
	return rc;
}

int
discovery_draft(struct view *v, const char *path, struct err *err)
{
	struct buf text = { 0 };
	int rc;

	compose(v, &text);
	rc = view_error(v, err);
	if (rc == 0)
		rc = write_file(path, buf_as_span(&text), err);
	buf_clear(&text);
	return rc;
}
