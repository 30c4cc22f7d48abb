/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rules of mapping files and their patterns.
 */
#include "ingest/map_code.h"

pcre2_code *
map_regex_compile(struct map_source *src, struct span text, uint32_t options)
{
	PCRE2_UCHAR why[128];
	struct map *m = src->map;
	uint32_t captures = 0;
	PCRE2_SIZE where;
	pcre2_code *re;
	size_t end;
	int code;

	if (text.n < 2 || text.p[0] != '/') {
		(void)map_fail(src, "a pattern is written /pattern/");
		return NULL;
	}
	end = map_skip_quoted(text, 0);
	if (text.p[end - 1] != '/' || end < 2) {
		(void)map_fail(src, "a pattern does not end");
		return NULL;
	}
	if (span_is(map_cut(text, end, text.n), "i"))
		options |= PCRE2_CASELESS;
	else if (end != text.n) {
		(void)map_fail(src, "unknown flag \"%.*s\" of a pattern",
		    (int)(text.n - end), text.p + end);
		return NULL;
	}
	re = pcre2_compile((PCRE2_SPTR)text.p + 1, end - 2,
	    options | PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &where, NULL);
	if (re == NULL) {
		(void)pcre2_get_error_message(code, why, sizeof why);
		(void)map_fail(src, "bad pattern at character %zu: %s",
		    (size_t)where + 1, (const char *)why);
		return NULL;
	}
	(void)pcre2_jit_compile(re, PCRE2_JIT_COMPLETE); /* or interpreted */
	m->regex =
	    arena_grow(&m->arena, m->regex, m->n_regexes * sizeof *m->regex,
		(m->n_regexes + 1) * sizeof *m->regex);
	m->regex[m->n_regexes].over = arena_printf(&m->arena,
	    "%s:%d: the pattern takes too many steps here", m->file, src->line);
	m->regex[m->n_regexes++].re = re;
	(void)pcre2_pattern_info(re, PCRE2_INFO_CAPTURECOUNT, &captures);
	if (captures > MAP_CAPTURES_MAX) {
		(void)map_fail(src, "a pattern captures at most %d times",
		    MAP_CAPTURES_MAX);
		return NULL;
	}
	return re;
}

const char *
map_regex_over(const struct map *m, const pcre2_code *re)
{
	size_t i;

	for (i = 0; i < m->n_regexes; i++)
		if (m->regex[i].re == re)
			return m->regex[i].over;
	return "a pattern takes too many steps here";
}

/* ---- rules -------------------------------------------------------------- */

static struct map_group *
group_for(struct map_source *src, struct map_rules *rules, struct span text)
{
	struct map *m = src->map;
	struct map_group *g;

	if (rules->n_groups > 0) {
		g = &rules->group[rules->n_groups - 1];
		if (!g->from_word && g->expr != NULL && span_eq(g->text, text))
			return g;
	}
	rules->group = arena_grow(&m->arena, rules->group,
	    rules->n_groups * sizeof *g, (rules->n_groups + 1) * sizeof *g);
	g = &rules->group[rules->n_groups];
	memset(g, 0, sizeof *g);
	g->text = arena_span(&m->arena, text);
	g->expr = map_expr_compile(src, text);
	if (g->expr == NULL)
		return NULL;
	rules->n_groups++;
	return g;
}

static bool
ends_with(struct span s, const char *tail)
{
	size_t n = strlen(tail);

	return s.n > n && memcmp(s.p + s.n - n, tail, n) == 0;
}

/* As other languages ask: a pointer with blanks in it, which hits nothing. */
static bool
asks_otherwise(struct span text)
{
	static const char *const words[] = { "=", "==", "!=", "=~", "!~",
		"contains", "matches" };
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (map_split(text, words[i]) < text.n)
			return true;
	return false;
}

int
map_rule_compile(struct map_source *src, struct map_rules *rules,
    struct span text, int result)
{
	struct arena *arena = &src->map->arena;
	struct map_rule rule = { 0 };
	struct map_group *g;
	size_t at;

	rule.result = result;
	rule.line = src->line;
	rule.test = TEST_PRESENT;
	if ((at = map_split(text, "~")) < text.n) {
		rule.test = TEST_MATCH;
		rule.re = map_regex_compile(
		    src, map_trim(map_cut(text, at + 1, text.n)), 0);
		if (rule.re == NULL)
			return -1;
	} else if ((at = map_split(text, "is")) < text.n) {
		struct span rest = map_cut(text, at + 2, text.n), more;

		rule.test = TEST_IS;
		if (map_word_next(src, &rest, &rule.word) <= 0)
			return map_fail(src, "is is followed by one word");
		if (map_word_next(src, &rest, &more) != 0)
			return map_fail(src, "is is followed by one word");
	} else if (ends_with(text, " is") || ends_with(text, " ~")) {
		return map_fail(src, "nothing follows %s",
		    text.p[text.n - 1] == '~' ? "~" : "is");
	} else if (asks_otherwise(text)) {
		return map_fail(
		    src, "a rule asks SOURCE is WORD or SOURCE ~ /pattern/");
	}
	g = group_for(src, rules, map_trim(map_cut(text, 0, at)));
	if (g == NULL)
		return -1;
	g->rule = arena_grow(arena, g->rule, g->n_rules * sizeof rule,
	    (g->n_rules + 1) * sizeof rule);
	g->rule[g->n_rules++] = rule;
	return 0;
}
