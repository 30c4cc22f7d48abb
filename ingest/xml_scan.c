/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/xml_scan.h"

#include <assert.h>

bool
xml_is_name(char c)
{
	return memchr(" \t\r\n/><=\"'", c, 10) == NULL && c != '\0';
}

/* Behind the text `what` at or after `at`, 0: it is not there. */
static size_t
behind(struct span s, size_t at, const char *what)
{
	size_t n = strlen(what);
	const char *p = at < s.n ? memmem(s.p + at, s.n - at, what, n) : NULL;

	return p != NULL ? (size_t)(p - s.p) + n : 0;
}

/* Behind "<!DOCTYPE … [ … ] >", 0: it does not end. */
static size_t
doctype_end(struct span s, size_t at)
{
	bool subset = false;
	char quote = '\0';

	for (; at < s.n; at++) {
		if (quote != '\0') {
			quote = s.p[at] == quote ? '\0' : quote;
		} else if (s.n - at >= 4 && memcmp(s.p + at, "<!--", 4) == 0) {
			at = behind(s, at + 4, "-->");
			if (at == 0)
				return 0;
			at--;
		} else if (s.p[at] == '"' || s.p[at] == '\'') {
			quote = s.p[at];
		} else if (s.p[at] == '[' || s.p[at] == ']') {
			subset = s.p[at] == '[';
		} else if (s.p[at] == '>' && !subset) {
			return at + 1;
		}
	}
	return 0;
}

/* The tag at `at`: its end and name. */
static enum xml_token
tag(struct span s, size_t at, size_t *end, struct span *name)
{
	bool close = s.p[at + 1] == '/';
	size_t i = at + 1 + close;
	char quote = '\0';

	name->p = s.p + i;
	while (i < s.n && xml_is_name(s.p[i]))
		i++;
	name->n = (size_t)(s.p + i - name->p);
	for (; i < s.n; i++) {
		if (quote != '\0')
			quote = s.p[i] == quote ? '\0' : quote;
		else if (s.p[i] == '"' || s.p[i] == '\'')
			quote = s.p[i];
		else if (s.p[i] == '>' || s.p[i] == '<')
			break;
	}
	if (i == s.n)
		return XML_MORE;
	*end = s.p[i] == '>' ? i + 1 : i;
	if (s.p[i] == '<' || name->n == 0)
		return XML_BAD;
	if (close)
		return XML_CLOSE;
	return s.p[i - 1] == '/' ? XML_EMPTY : XML_OPEN;
}

enum xml_token
xml_scan_markup(struct span s, size_t at, size_t *end, struct span *name)
{
	static const struct {
		const char *begin, *end;
	} others[] = { { "<!--", "-->" }, { "<![CDATA[", "]]>" },
		{ "<?", "?>" }, { "<!DOCTYPE", NULL } };
	size_t n, i, known;
	const char *p;

	*end = s.n;
	if (s.p[at] != '<') {
		p = memchr(s.p + at, '<', s.n - at);
		*end = p != NULL ? (size_t)(p - s.p) : s.n;
		return XML_TEXT;
	}
	for (i = 0; i < sizeof others / sizeof others[0]; i++) {
		n = strlen(others[i].begin);
		known = n < s.n - at ? n : s.n - at;
		if (memcmp(s.p + at, others[i].begin, known) != 0)
			continue;
		if (known < n)
			return XML_MORE;
		*end = others[i].end != NULL ? behind(s, at + n, others[i].end)
					     : doctype_end(s, at + n);
		return *end != 0 ? XML_OTHER : XML_MORE;
	}
	*end = at + 1;
	if (s.p[at + 1] == '!')
		return XML_BAD;
	return tag(s, at, end, name);
}

enum xml_token
xml_scan_element(struct span s, size_t at, size_t *end, const char **reason)
{
	struct span open[XML_DEPTH_MAX], name;
	enum xml_token t;
	int depth = 0;

	for (; at < s.n; at = *end) {
		t = xml_scan_markup(s, at, end, &name);
		if (t == XML_MORE)
			return XML_MORE;
		*reason = "invalid XML: a tag does not end";
		if (t == XML_BAD)
			return XML_BAD;
		*reason = "invalid XML: nested too deep";
		if (t == XML_OPEN && depth == XML_DEPTH_MAX)
			return XML_BAD;
		if (t == XML_OPEN)
			open[depth++] = name;
		assert(depth > 0 || t != XML_CLOSE); /* it begins with a tag */
		*reason = "invalid XML: tags do not match";
		if (t == XML_CLOSE && !span_eq(open[--depth], name))
			return XML_BAD;
		if ((t == XML_CLOSE || t == XML_EMPTY) && depth == 0)
			return XML_CLOSE;
	}
	return XML_MORE;
}
