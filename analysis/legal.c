/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/legal.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "analysis/detector_table.h"
#include "ingest/base/embedded.h"
#include "ingest/base/hex.h"
#include "ingest/base/utc.h"

enum { LEGAL_MAX_RULES = 10000 };

static const char rules_dir[] = "analysis/rules/";

static const char *
copy(struct legal *l, const char *text)
{
	return text == NULL ? NULL : arena_str(&l->arena, span_of(text));
}

/* "2017-06-01" */
static bool
is_date(const char *s)
{
	struct utc_stamp stamp;
	char time[32];

	return strlen(s) == 10 &&
	       snprintf(time, sizeof time, "%sT00:00:00Z", s) > 0 &&
	       utc_parse_rfc3339(span_of(time), &stamp) == 0;
}

static void
hash_text(struct span text, char hex[65])
{
	unsigned char out[32];
	unsigned n = 0;

	if (EVP_Digest(text.p, text.n, out, &n, EVP_sha256(), NULL) != 1)
		err_no_memory(sizeof out);
	hex_write(hex, out, sizeof out);
}

/* The texts and rules of one pack while it is read. */
struct pack_reader {
	struct legal *l;
	const char *pack;
	const struct caseini *ini;
	struct legal_rule *text; /* [n_texts] */
	size_t n_texts;
	struct err *err;
};

/* One more, of that name. */
static struct legal_rule *
grow(struct arena *arena, struct legal_rule **rule, size_t *n, const char *name)
{
	struct legal_rule *new;

	if (*n >= LEGAL_MAX_RULES)
		return NULL;
	if ((*n & (*n - 1)) == 0)
		*rule = arena_grow(arena, *rule, *n * sizeof **rule,
		    (*n == 0 ? 1 : 2 * *n) * sizeof **rule);
	new = &(*rule)[(*n)++];
	memset(new, 0, sizeof *new);
	new->name = name;
	return new;
}

/* The text of that name, or NULL. */
static struct legal_rule *
text_named(const struct pack_reader *r, const char *id)
{
	size_t i;

	for (i = r->n_texts; i-- > 0;)
		if (strcmp(r->text[i].name, id) == 0)
			return &r->text[i];
	return NULL;
}

/* The text that this section is about; NULL when there are too many. */
static struct legal_rule *
text_at(struct pack_reader *r, const char *id)
{
	struct legal_rule *text = text_named(r, id);

	return text != NULL
		   ? text
		   : grow(&r->l->arena, &r->text, &r->n_texts, copy(r->l, id));
}

/* The rule that this section is about, from the last one back. */
static struct legal_rule *
rule_at(struct legal *l, const char *pack, const char *id)
{
	size_t i, n = strlen(pack);

	for (i = l->n_rules; i-- > 0;)
		if (strncmp(l->rule[i].name, pack, n) == 0 &&
		    l->rule[i].name[n] == ':' &&
		    strcmp(l->rule[i].name + n + 1, id) == 0)
			return &l->rule[i];
	return grow(&l->arena, &l->rule, &l->n_rules,
	    arena_printf(&l->arena, "%s:%s", pack, id));
}

static int
set_date(struct pack_reader *r, const char **to, const struct caseini_pair *p)
{
	if (!is_date(p->value))
		return err_set(r->err, ERR_FAILED,
		    "%s:%u: %s is not a date (2017-06-01)", r->ini->file,
		    p->line, p->value);
	*to = copy(r->l, p->value);
	return 0;
}

static int
set_status(
    struct pack_reader *r, enum legal_status *to, const struct caseini_pair *p)
{
	enum legal_status s;

	for (s = LEGAL_NONE + 1; s < LEGAL_STATUS__MAX; s++) {
		if (strcmp(p->value, legal_status_name(s)) != 0)
			continue;
		*to = s;
		return 0;
	}
	return err_set(r->err, ERR_FAILED,
	    "%s:%u: status is binding, guidance or taxonomy, not %s",
	    r->ini->file, p->line, p->value);
}

/* item and detectors are of rules only. */
static int
set_key(struct pack_reader *r, struct legal_rule *rule, bool is_rule,
    const struct caseini_pair *p)
{
	const struct {
		const char *key, **to;
	} words[] = { { "title", &rule->title }, { "source", &rule->source },
		{ "item", &rule->item }, { "detectors", &rule->detectors } },
	  dates[] = { { "published", &rule->published },
		  { "in_force_from", &rule->in_force_from },
		  { "in_force_to", &rule->in_force_to } };
	size_t i, n_words = is_rule ? 4 : 2;

	for (i = 0; i < n_words; i++)
		if (strcmp(p->key, words[i].key) == 0) {
			*words[i].to = copy(r->l, p->value);
			return 0;
		}
	for (i = 0; i < sizeof dates / sizeof dates[0]; i++)
		if (strcmp(p->key, dates[i].key) == 0)
			return set_date(r, dates[i].to, p);
	if (strcmp(p->key, "status") == 0)
		return set_status(r, &rule->status, p);
	/* What it is a rule of is looked up when all texts are known. */
	if (is_rule && strcmp(p->key, "of") == 0)
		return 0;
	return err_set(r->err, ERR_FAILED, "%s:%u: unknown key %s",
	    r->ini->file, p->line, p->key);
}

static int
add_pair(struct pack_reader *r, const struct caseini_pair *p)
{
	bool is_rule = strcmp(p->section, "rule") == 0;
	struct legal_rule *rule;

	if ((!is_rule && strcmp(p->section, "text") != 0) || *p->name == '\0')
		return err_set(r->err, ERR_FAILED,
		    "%s:%u: unknown section [%s %s]", r->ini->file, p->line,
		    p->section, p->name);
	rule = is_rule ? rule_at(r->l, r->pack, p->name) : text_at(r, p->name);
	if (rule == NULL)
		return err_set(r->err, ERR_FAILED, "%s:%u: more than %d rules",
		    r->ini->file, p->line, LEGAL_MAX_RULES);
	return set_key(r, rule, is_rule, p);
}

/* What the rule does not say itself it has from its text. */
static int
inherit(struct pack_reader *r, const struct caseini_pair *p)
{
	const struct legal_rule *text = text_named(r, p->value);
	struct legal_rule *rule = rule_at(r->l, r->pack, p->name);

	if (text == NULL || rule == NULL)
		return err_set(r->err, ERR_FAILED,
		    "%s:%u: there is no [text %s]", r->ini->file, p->line,
		    p->value);
	if (rule->title == NULL)
		rule->title = text->title;
	if (rule->source == NULL)
		rule->source = text->source;
	if (rule->published == NULL)
		rule->published = text->published;
	if (rule->in_force_from == NULL)
		rule->in_force_from = text->in_force_from;
	if (rule->in_force_to == NULL)
		rule->in_force_to = text->in_force_to;
	if (rule->status == LEGAL_NONE)
		rule->status = text->status;
	return 0;
}

/* The next of the words that blanks separate; NULL at the end. */
static const char *
next_word(const char **rest, size_t *n)
{
	const char *word = *rest + strspn(*rest, " ");

	*n = strcspn(word, " ");
	*rest = word + *n;
	return *n > 0 ? word : NULL;
}

static bool
is_detector(const char *id, size_t n)
{
	size_t i;

	for (i = 0; i < DETECTOR__MAX; i++)
		if (strlen(detector_table[i].id) == n &&
		    memcmp(detector_table[i].id, id, n) == 0)
			return true;
	return false;
}

static int
check_rule(struct pack_reader *r, const struct legal_rule *rule)
{
	const char *rest = rule->detectors, *id;
	size_t n;

	if (rule->title == NULL || rule->item == NULL || rest == NULL ||
	    rule->status == LEGAL_NONE)
		return err_set(r->err, ERR_FAILED,
		    "%s: rule %s lacks title, item, status or detectors",
		    r->ini->file, rule->name);
	/* A misspelt id would bear on nothing and nobody would know. */
	while ((id = next_word(&rest, &n)) != NULL)
		if (!is_detector(id, n))
			return err_set(r->err, ERR_FAILED,
			    "%s: rule %s names %.*s, which is no detector "
			    "(pretick detectors lists them)",
			    r->ini->file, rule->name, (int)n, id);
	/* Dates of this form sort as texts. */
	if (rule->in_force_from != NULL && rule->in_force_to != NULL &&
	    strcmp(rule->in_force_from, rule->in_force_to) > 0)
		return err_set(r->err, ERR_FAILED,
		    "%s: rule %s is in force until %s, but from %s only",
		    r->ini->file, rule->name, rule->in_force_to,
		    rule->in_force_from);
	return 0;
}

static int
add_rules(struct legal *l, const char *pack, const struct caseini *ini,
    struct err *err)
{
	struct pack_reader r = { .l = l, .pack = pack, .ini = ini, .err = err };
	size_t i, first = l->n_rules;

	for (i = 0; i < ini->n_pairs; i++)
		if (strcmp(ini->pair[i].section, "pack") != 0 &&
		    add_pair(&r, &ini->pair[i]) < 0)
			return -1;
	for (i = 0; i < ini->n_pairs; i++)
		if (strcmp(ini->pair[i].section, "rule") == 0 &&
		    strcmp(ini->pair[i].key, "of") == 0 &&
		    inherit(&r, &ini->pair[i]) < 0)
			return -1;
	for (i = first; i < l->n_rules; i++)
		if (check_rule(&r, &l->rule[i]) < 0)
			return -1;
	return 0;
}

/*
 * Does a pack of these regions ("US US-CA"; NULL: of none) serve a case at
 * home there?  What serves a country serves its parts: US is US-CA's, too.
 */
static bool
serves(const char *regions, const char *home)
{
	const char *rest = regions, *word;
	size_t n;

	if (regions == NULL || home == NULL || *home == '\0')
		return true;
	while ((word = next_word(&rest, &n)) != NULL)
		if (strncasecmp(home, word, n) == 0 &&
		    (home[n] == '\0' || home[n] == '-'))
			return true;
	return false;
}

/* [pack] has nothing else. */
static int
check_pack(const struct caseini *ini, struct err *err)
{
	static const char *const keys[] = { "id", "version", "title", "region",
		"note" };
	size_t i, k;

	for (i = 0; i < ini->n_pairs; i++) {
		if (strcmp(ini->pair[i].section, "pack") != 0)
			continue;
		for (k = 0; k < sizeof keys / sizeof keys[0]; k++)
			if (strcmp(ini->pair[i].key, keys[k]) == 0)
				break;
		if (k == sizeof keys / sizeof keys[0])
			return err_set(err, ERR_FAILED, "%s:%u: unknown key %s",
			    ini->file, ini->pair[i].line, ini->pair[i].key);
	}
	if (caseini_get(ini, "pack", "", "id") == NULL)
		return err_set(
		    err, ERR_FAILED, "%s: no id in [pack]", ini->file);
	return 0;
}

static int
add_ini(struct legal *l, const struct caseini *ini, const char hex[65],
    struct err *err)
{
	const char *id = caseini_get(ini, "pack", "", "id");
	struct legal_pack *pack;
	size_t i;

	for (i = 0; i < l->n_packs; i++)
		if (strcmp(l->pack[i].id, id) == 0)
			return err_set(err, ERR_FAILED,
			    "%s: a pack %s is loaded already", ini->file, id);
	l->pack = arena_grow(&l->arena, l->pack, l->n_packs * sizeof *pack,
	    (l->n_packs + 1) * sizeof *pack);
	pack = &l->pack[l->n_packs++];
	pack->id = copy(l, id);
	pack->version = copy(l, caseini_get(ini, "pack", "", "version"));
	pack->title = copy(l, caseini_get(ini, "pack", "", "title"));
	pack->region = copy(l, caseini_get(ini, "pack", "", "region"));
	memcpy(pack->sha256, hex, sizeof pack->sha256);
	return add_rules(l, pack->id, ini, err);
}

/* Add the pack unless it serves other regions than `home` (NULL: any). */
static int
add_text(struct legal *l, const char *file, struct span text, const char *home,
    struct err *err)
{
	struct caseini ini = { 0 };
	char hex[65];
	int rc;

	if (caseini_parse_any(&ini, file, text, err) < 0)
		return -1;
	hash_text(text, hex);
	rc = check_pack(&ini, err);
	if (rc == 0 && serves(caseini_get(&ini, "pack", "", "region"), home))
		rc = add_ini(l, &ini, hex, err);
	caseini_clear(&ini);
	return rc;
}

int
legal_add(struct legal *l, const char *file, struct span text, struct err *err)
{
	return add_text(l, file, text, NULL, err);
}

static bool
is_pack(const char *name)
{
	size_t n = strlen(name);

	return strncmp(name, rules_dir, sizeof rules_dir - 1) == 0 && n > 6 &&
	       strcmp(name + n - 6, ".rules") == 0;
}

/* "china" of "analysis/rules/china.rules". */
static bool
is_pack_named(const char *path, const char *name)
{
	size_t n = strlen(name), skip = sizeof rules_dir - 1;

	return is_pack(path) && strlen(path) == skip + n + 6 &&
	       strncmp(path + skip, name, n) == 0;
}

static int
load_named(struct legal *l, const struct caseini *ini,
    const struct caseini_pair *p, struct err *err)
{
	const struct embedded *e;
	struct span text = { NULL, 0 };
	char *bytes;
	int rc;

	if (strchr(p->value, '/') != NULL) {
		if (caseini_slurp(p->value, &bytes, &text.n, err) < 0)
			return -1;
		text.p = bytes;
		rc = legal_add(l, p->value, text, err);
		free(bytes);
		return rc;
	}
	for (e = embedded_files; e->name != NULL; e++)
		if (is_pack_named(e->name, p->value))
			return legal_add(l, e->name, span_of(e->text), err);
	return err_set(err, ERR_FAILED,
	    "%s:%u: no rule pack %s (a path needs a slash)", ini->file, p->line,
	    p->value);
}

int
legal_load(struct legal *l, const struct caseini *ini, struct err *err)
{
	const struct embedded *e;
	const char *home = NULL;
	bool is_asked = false;
	size_t i;

	memset(l, 0, sizeof *l);
	for (i = 0; ini != NULL && i < ini->n_pairs; i++) {
		if (strcmp(ini->pair[i].section, "rules") != 0 ||
		    strcmp(ini->pair[i].key, "pack") != 0)
			continue;
		is_asked = true;
		if (load_named(l, ini, &ini->pair[i], err) < 0)
			return -1;
	}
	if (ini != NULL)
		home = caseini_get(ini, "home", "", "region");
	for (e = embedded_files; !is_asked && e->name != NULL; e++)
		if (is_pack(e->name) &&
		    add_text(l, e->name, span_of(e->text), home, err) < 0)
			return -1;
	return 0;
}

void
legal_clear(struct legal *l)
{
	arena_clear(&l->arena);
	memset(l, 0, sizeof *l);
}

bool
legal_bears_on(const struct legal_rule *rule, const char *detector)
{
	size_t n = strlen(detector);
	const char *p = rule->detectors;

	while ((p = strstr(p, detector)) != NULL) {
		if ((p == rule->detectors || p[-1] == ' ') &&
		    (p[n] == ' ' || p[n] == '\0'))
			return true;
		p += n;
	}
	return false;
}

const char *
legal_used_as(const struct legal_rule *rule, const char *day)
{
	static const char yardstick[] = "retrospective yardstick";

	/* Dates of this form sort as texts. */
	if (rule->status == LEGAL_TAXONOMY)
		return "taxonomy";
	if (day == NULL)
		return "not verified";
	if (rule->in_force_to != NULL && strcmp(day, rule->in_force_to) > 0)
		return yardstick;
	if (rule->in_force_from != NULL &&
	    strcmp(day, rule->in_force_from) >= 0)
		return rule->status == LEGAL_BINDING ? "binding" : "guidance";
	if (rule->published != NULL && strcmp(day, rule->published) >= 0)
		return rule->in_force_from != NULL ||
			       rule->status == LEGAL_GUIDANCE
			   ? "guidance"
			   : "not verified";
	if (rule->in_force_from != NULL || rule->published != NULL)
		return yardstick;
	return "not verified";
}

const char *
legal_status_name(enum legal_status status)
{
	switch (status) {
	case LEGAL_BINDING:
		return "binding";
	case LEGAL_GUIDANCE:
		return "guidance";
	case LEGAL_TAXONOMY:
		return "taxonomy";
	case LEGAL_NONE:
	case LEGAL_STATUS__MAX:
		break;
	}
	return "";
}
