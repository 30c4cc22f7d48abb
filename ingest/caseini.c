/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/caseini.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CASEINI_MAX_BYTES = 4 * 1024 * 1024 };

/* keys: those allowed, separated by blanks; NULL: any. */
static const struct section {
	const char *name;
	bool is_named; /* [surface NAME] */
	const char *keys;
} sections[] = {
	{ "case", false,
	    "id authority custodian time_source operator scope period" },
	{ "ingest", false, "zone year from to operators" },
	{ "sampled", false, NULL },
	{ "exhibits", false, NULL },
	{ "home", false, "region zone screen lang keep approved calling_code" },
	{ "surface", true,
	    "screen control purposes recipients agreement body" },
	{ "necessary", false, NULL },
	{ "function", true, "purposes" },
	{ "need", true, "per_hour background" },
	{ "compatible", true, "purposes" },
	{ "lineage", false, "own people" },
	{ "rules", false, "pack" },
	{ "thresholds", false, NULL },
};

static const struct section *
find_section(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof sections / sizeof sections[0]; i++)
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	return NULL;
}

static struct span
trimmed(struct span s)
{
	while (s.n > 0 && (*s.p == ' ' || *s.p == '\t')) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' ||
			      s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

/* Is `word` one of the blank-separated words of `list`? */
static bool
is_listed(const char *list, const char *word)
{
	size_t n = strlen(word);
	const char *p;

	for (p = list; (p = strstr(p, word)) != NULL; p += n)
		if ((p == list || p[-1] == ' ') &&
		    (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

/* Bytes of the UTF-8 sequence at p, or 0 when it is none (RFC 3629). */
static size_t
utf8_length(const unsigned char *p, size_t n)
{
	size_t len, i;

	if (p[0] < 0x80)
		return p[0] == 0 ? 0 : 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (len > n)
		return 0;
	for (i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

static bool
is_utf8(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i, len;

	for (i = 0; i < s.n; i += len) {
		len = utf8_length(p + i, s.n - i);
		if (len == 0)
			return false;
	}
	return true;
}

/* "[name]" or "[name NAME]". */
static int
parse_section(struct caseini *ini, struct span s, unsigned line,
    struct caseini_pair *at, struct err *err)
{
	struct span name;
	const char *blank;

	if (s.n < 3 || s.p[s.n - 1] != ']')
		return err_set(err, ERR_FAILED,
		    "%s:%u: a section must end with ]", ini->file, line);
	s.p++;
	s.n -= 2;
	s = trimmed(s);
	blank = memchr(s.p, ' ', s.n);
	name.p = blank != NULL ? blank : s.p + s.n;
	name.n = (size_t)(s.p + s.n - name.p);
	s.n -= name.n;
	at->section = arena_str(&ini->arena, s);
	at->name = arena_str(&ini->arena, trimmed(name));
	return 0;
}

/* Where key ends and value begins. */
static const char *
find_equals(struct span s, size_t *length)
{
	const char *p = memmem(s.p, s.n, " = ", 3);

	*length = p != NULL ? 3 : 1;
	return p != NULL ? p : memchr(s.p, '=', s.n);
}

static int
add_pair(struct caseini *ini, struct span s, unsigned line,
    const struct caseini_pair *at, struct err *err)
{
	struct span key, value;
	size_t length;
	const char *eq = find_equals(s, &length);
	struct caseini_pair *p;

	if (at->section == NULL)
		return err_set(err, ERR_FAILED,
		    "%s:%u: a line before the first [section]", ini->file,
		    line);
	if (eq == NULL)
		return err_set(err, ERR_FAILED, "%s:%u: no = in the line",
		    ini->file, line);
	key.p = s.p;
	key.n = (size_t)(eq - s.p);
	value.p = eq + length;
	value.n = (size_t)(s.p + s.n - value.p);
	key = trimmed(key);
	if (key.n == 0)
		return err_set(err, ERR_FAILED,
		    "%s:%u: no key before the =", ini->file, line);
	/* Doubled whenever it is a power of two: few copies. */
	if ((ini->n_pairs & (ini->n_pairs - 1)) == 0)
		ini->pair = arena_grow(&ini->arena, ini->pair,
		    ini->n_pairs * sizeof *ini->pair,
		    (ini->n_pairs == 0 ? 1 : ini->n_pairs * 2) *
			sizeof *ini->pair);
	p = &ini->pair[ini->n_pairs++];
	*p = *at;
	p->key = arena_str(&ini->arena, key);
	p->value = arena_str(&ini->arena, trimmed(value));
	p->line = line;
	return 0;
}

/* Is it a section of case.ini, with a name where it wants one? */
static int
check_section(const struct caseini *ini, const struct caseini_pair *at,
    unsigned line, struct err *err)
{
	const struct section *s;

	assert(at->section != NULL && at->name != NULL);
	s = find_section(at->section);
	if (s == NULL)
		return err_set(err, ERR_FAILED, "%s:%u: unknown section [%s]",
		    ini->file, line, at->section);
	if (s->is_named && *at->name == '\0')
		return err_set(err, ERR_FAILED,
		    "%s:%u: the section wants a name: [%s NAME]", ini->file,
		    line, s->name);
	if (!s->is_named && *at->name != '\0')
		return err_set(err, ERR_FAILED,
		    "%s:%u: the section takes no name: [%s]", ini->file, line,
		    s->name);
	return 0;
}

static int
check_key(
    const struct caseini *ini, const struct caseini_pair *p, struct err *err)
{
	const struct section *s;

	assert(p->section != NULL);
	s = find_section(p->section);
	if (s->keys != NULL && !is_listed(s->keys, p->key))
		return err_set(err, ERR_FAILED,
		    "%s:%u: unknown key %s in [%s]; it takes: %s", ini->file,
		    p->line, p->key, s->name, s->keys);
	return 0;
}

static int
parse_line(struct caseini *ini, struct span s, unsigned line, bool is_case,
    struct caseini_pair *at, struct err *err)
{
	if (!is_utf8(s))
		return err_set(
		    err, ERR_FAILED, "%s:%u: not UTF-8 text", ini->file, line);
	if (s.n > 0 && *s.p == '#')
		return 0;
	s = trimmed(s);
	if (s.n == 0)
		return 0;
	if (*s.p == '[') {
		if (parse_section(ini, s, line, at, err) < 0)
			return -1;
		return is_case ? check_section(ini, at, line, err) : 0;
	}
	if (add_pair(ini, s, line, at, err) < 0)
		return -1;
	return is_case ? check_key(ini, &ini->pair[ini->n_pairs - 1], err) : 0;
}

static int
parse(struct caseini *ini, const char *file, struct span text, bool is_case,
    struct err *err)
{
	struct caseini_pair at = { 0 };
	const char *p = text.p, *end = p + text.n, *nl;
	struct span s;
	unsigned line;

	memset(ini, 0, sizeof *ini);
	ini->file = arena_str(&ini->arena, span_of(file));
	if (text.n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	for (line = 1; p < end; line++) {
		nl = memchr(p, '\n', (size_t)(end - p));
		s.p = p;
		s.n = (size_t)((nl != NULL ? nl : end) - p);
		p = nl != NULL ? nl + 1 : end;
		if (parse_line(ini, s, line, is_case, &at, err) < 0) {
			caseini_clear(ini);
			return -1;
		}
	}
	return 0;
}

int
caseini_parse(
    struct caseini *ini, const char *file, struct span text, struct err *err)
{
	return parse(ini, file, text, true, err);
}

int
caseini_parse_any(
    struct caseini *ini, const char *file, struct span text, struct err *err)
{
	return parse(ini, file, text, false, err);
}

int
caseini_slurp(const char *path, char **text, size_t *n, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;
	ssize_t got;
	char *p = NULL;

	*n = 0;
	if (fd < 0) {
		(void)err_set(err, ERR_FAILED, "cannot open %s: %s", path,
		    strerror(errno));
		return -1;
	}
	p = malloc(CASEINI_MAX_BYTES + 1);
	if (p == NULL)
		err_no_memory(CASEINI_MAX_BYTES + 1);
	while ((got = read(fd, p + *n, CASEINI_MAX_BYTES + 1 - *n)) > 0)
		*n += (size_t)got;
	if (got < 0)
		(void)err_set(err, ERR_FAILED, "cannot read %s: %s", path,
		    strerror(errno));
	else if (*n > CASEINI_MAX_BYTES)
		(void)err_set(err, ERR_FAILED, "%s is longer than %d bytes",
		    path, CASEINI_MAX_BYTES);
	else
		rc = 0;
	(void)close(fd);
	if (rc < 0) {
		free(p);
		return -1;
	}
	*text = p;
	return 0;
}

int
caseini_read(struct caseini *ini, const char *path, struct err *err)
{
	struct span text;
	char *p;
	int rc;

	if (caseini_slurp(path, &p, &text.n, err) < 0)
		return -1;
	text.p = p;
	rc = parse(ini, path, text, true, err);
	free(p);
	return rc;
}

const struct caseini_pair *
caseini_find(const struct caseini *ini, const char *section, const char *name,
    const char *key)
{
	size_t i;

	for (i = ini->n_pairs; i > 0; i--)
		if (strcmp(ini->pair[i - 1].section, section) == 0 &&
		    strcmp(ini->pair[i - 1].name, name) == 0 &&
		    strcmp(ini->pair[i - 1].key, key) == 0)
			return &ini->pair[i - 1];
	return NULL;
}

const char *
caseini_get(const struct caseini *ini, const char *section, const char *name,
    const char *key)
{
	const struct caseini_pair *p = caseini_find(ini, section, name, key);

	return p != NULL ? p->value : NULL;
}

int
caseini_number(const struct caseini *ini, const char *section, const char *name,
    const char *key, double otherwise, double *out, struct err *err)
{
	const struct caseini_pair *p = caseini_find(ini, section, name, key);
	char *end;
	double v;

	*out = otherwise;
	if (p == NULL)
		return 0;
	/* strtod also takes "inf", "nan" and hexadecimal. */
	v = strtod(p->value, &end);
	if (end == p->value || *end != '\0' || !isfinite(v) ||
	    p->value[strspn(p->value, "+-.0123456789eE")] != '\0')
		return err_set(err, ERR_FAILED, "%s:%u: %s is not a number: %s",
		    ini->file, p->line, key, p->value);
	*out = v;
	return 0;
}

void
caseini_clear(struct caseini *ini)
{
	arena_clear(&ini->arena);
	memset(ini, 0, sizeof *ini);
}
