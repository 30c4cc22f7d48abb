/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/legal.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

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

/* The last rule added is the one of this section's name. */
static struct legal_rule *
rule_at(struct legal *l, const char *pack, const char *id)
{
	const char *name = arena_printf(&l->arena, "%s:%s", pack, id);
	struct legal_rule *rule;
	size_t i;

	for (i = 0; i < l->n_rules; i++)
		if (strcmp(l->rule[i].name, name) == 0)
			return &l->rule[i];
	if (l->n_rules >= LEGAL_MAX_RULES)
		return NULL;
	if ((l->n_rules & (l->n_rules - 1)) == 0)
		l->rule =
		    arena_grow(&l->arena, l->rule, l->n_rules * sizeof *rule,
			(l->n_rules == 0 ? 1 : 2 * l->n_rules) * sizeof *rule);
	rule = &l->rule[l->n_rules++];
	memset(rule, 0, sizeof *rule);
	rule->name = name;
	return rule;
}

static int
set_date(struct legal *l, const char **to, const struct caseini *ini,
    const struct caseini_pair *p, struct err *err)
{
	if (!is_date(p->value))
		return err_set(err, ERR_FAILED,
		    "%s:%u: %s is not a date (2017-06-01)", ini->file, p->line,
		    p->value);
	*to = copy(l, p->value);
	return 0;
}

static int
set_key(struct legal *l, struct legal_rule *rule, const struct caseini *ini,
    const struct caseini_pair *p, struct err *err)
{
	const struct {
		const char *key, **to;
	} texts[] = { { "title", &rule->title }, { "item", &rule->item },
		{ "detectors", &rule->detectors },
		{ "source", &rule->source } },
	  dates[] = { { "published", &rule->published },
		  { "in_force_from", &rule->in_force_from },
		  { "in_force_to", &rule->in_force_to } };
	size_t i;

	for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strcmp(p->key, texts[i].key) == 0) {
			*texts[i].to = copy(l, p->value);
			return 0;
		}
	for (i = 0; i < sizeof dates / sizeof dates[0]; i++)
		if (strcmp(p->key, dates[i].key) == 0)
			return set_date(l, dates[i].to, ini, p, err);
	if (strcmp(p->key, "status") != 0)
		return err_set(err, ERR_FAILED, "%s:%u: unknown key %s",
		    ini->file, p->line, p->key);
	rule->is_binding = strcmp(p->value, "binding") == 0;
	if (!rule->is_binding && strcmp(p->value, "guidance") != 0)
		return err_set(err, ERR_FAILED,
		    "%s:%u: status is binding or guidance, not %s", ini->file,
		    p->line, p->value);
	return 0;
}

static int
add_rules(struct legal *l, const char *pack, const struct caseini *ini,
    struct err *err)
{
	struct legal_rule *rule;
	size_t i, first = l->n_rules;

	for (i = 0; i < ini->n_pairs; i++) {
		const struct caseini_pair *p = &ini->pair[i];

		if (strcmp(p->section, "pack") == 0)
			continue;
		if (strcmp(p->section, "rule") != 0 || *p->name == '\0')
			return err_set(err, ERR_FAILED,
			    "%s:%u: unknown section [%s %s]", ini->file,
			    p->line, p->section, p->name);
		rule = rule_at(l, pack, p->name);
		if (rule == NULL)
			return err_set(err, ERR_FAILED,
			    "%s:%u: more than %d rules", ini->file, p->line,
			    LEGAL_MAX_RULES);
		if (set_key(l, rule, ini, p, err) < 0)
			return -1;
	}
	for (i = first; i < l->n_rules; i++)
		if (l->rule[i].title == NULL || l->rule[i].item == NULL ||
		    l->rule[i].detectors == NULL)
			return err_set(err, ERR_FAILED,
			    "%s: rule %s lacks title, item or detectors",
			    ini->file, l->rule[i].name);
	return 0;
}

static int
add_ini(struct legal *l, const struct caseini *ini, const char hex[65],
    struct err *err)
{
	const char *id = caseini_get(ini, "pack", "", "id");
	struct legal_pack *pack;
	size_t i;

	if (id == NULL)
		return err_set(
		    err, ERR_FAILED, "%s: no id in [pack]", ini->file);
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
	memcpy(pack->sha256, hex, sizeof pack->sha256);
	return add_rules(l, pack->id, ini, err);
}

int
legal_add(struct legal *l, const char *file, struct span text, struct err *err)
{
	struct caseini ini = { 0 };
	char hex[65];
	int rc;

	if (caseini_parse_any(&ini, file, text, err) < 0)
		return -1;
	hash_text(text, hex);
	rc = add_ini(l, &ini, hex, err);
	caseini_clear(&ini);
	return rc;
}

static bool
is_pack(const char *name)
{
	size_t n = strlen(name);

	return strncmp(name, rules_dir, sizeof rules_dir - 1) == 0 && n > 6 &&
	       strcmp(name + n - 6, ".rules") == 0;
}

/* "china-2018" of "analysis/rules/china-2018.rules". */
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
	for (e = embedded_files; !is_asked && e->name != NULL; e++)
		if (is_pack(e->name) &&
		    legal_add(l, e->name, span_of(e->text), err) < 0)
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
	if (day == NULL)
		return "not verified";
	if (rule->in_force_to != NULL && strcmp(day, rule->in_force_to) > 0)
		return yardstick;
	if (rule->in_force_from != NULL &&
	    strcmp(day, rule->in_force_from) >= 0)
		return rule->is_binding ? "binding" : "guidance";
	if (rule->published != NULL && strcmp(day, rule->published) >= 0)
		return rule->in_force_from != NULL || !rule->is_binding
			   ? "guidance"
			   : "not verified";
	if (rule->in_force_from != NULL || rule->published != NULL)
		return yardstick;
	return "not verified";
}
