/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/study.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "analysis/operators.h"
#include "ingest/base/utc.h"
#include "ingest/store.h"
#include "ingest/zone.h"

const struct threshold_row threshold_table[THRESHOLD__MAX] = {
#define THRESHOLD(id, name, value, unit, source) { name, unit, source, value },
#include "analysis/threshold.def"
};

static void
set_times(struct study *s)
{
	double unit;
	int t;

	for (t = 0; t < THRESHOLD__MAX; t++) {
		unit = strcmp(threshold_table[t].unit, "min") == 0 ? 60
		       : strcmp(threshold_table[t].unit, "h") == 0 ? 3600
								   : 1;
		s->threshold_us[t] =
		    (int64_t)(s->threshold[t] * unit * (double)UTC_US_S);
	}
}

static struct span
trimmed(const char *p, size_t n)
{
	struct span s;

	while (n > 0 && (*p == ' ' || *p == '\t')) {
		p++;
		n--;
	}
	while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	s.p = p;
	s.n = n;
	return s;
}

static void
add_pair(struct study *s, struct study_pair **list, size_t *n, struct span a,
    struct span b)
{
	*list = arena_grow(
	    &s->arena, *list, *n * sizeof **list, (*n + 1) * sizeof **list);
	(*list)[*n].a = arena_span(&s->arena, a);
	(*list)[(*n)++].b = arena_span(&s->arena, b);
}

/* One pair for each text of a list "a, b". */
static void
add_list(struct study *s, struct study_pair **list, size_t *n, const char *name,
    const char *value)
{
	const char *comma;
	struct span one;

	for (;; value = comma + 1) {
		comma = strchr(value, ',');
		one = trimmed(value,
		    comma != NULL ? (size_t)(comma - value) : strlen(value));
		if (one.n > 0)
			add_pair(s, list, n, span_of(name), one);
		if (comma == NULL)
			return;
	}
}

/* "ELEMENT=ROLE" */
static int
read_control(struct study *s, const struct caseini *ini,
    const struct caseini_pair *p, struct err *err)
{
	const char *eq = strrchr(p->value, '=');
	struct study_control *c;
	struct span role;

	if (eq == NULL || eq == p->value)
		return err_set(err, ERR_FAILED,
		    "%s:%u: a control is written ELEMENT=ROLE", ini->file,
		    p->line);
	role = trimmed(eq + 1, strlen(eq + 1));
	s->control = arena_grow(&s->arena, s->control,
	    s->n_controls * sizeof *c, (s->n_controls + 1) * sizeof *c);
	c = &s->control[s->n_controls];
	c->surface = arena_span(&s->arena, span_of(p->name));
	c->element =
	    arena_span(&s->arena, trimmed(p->value, (size_t)(eq - p->value)));
	c->role = (enum event_role)event_word_find(EV_ROLE, role);
	if (c->role == ROLE_NONE)
		return err_set(err, ERR_FAILED, "%s:%u: no such role: %.*s",
		    ini->file, p->line, (int)role.n, role.p);
	s->n_controls++;
	return 0;
}

static int
read_threshold(struct study *s, const struct caseini *ini,
    const struct caseini_pair *p, struct err *err)
{
	int t;

	for (t = 0; t < THRESHOLD__MAX; t++)
		if (strcmp(threshold_table[t].name, p->key) == 0)
			break;
	if (t == THRESHOLD__MAX)
		return err_set(err, ERR_FAILED, "%s:%u: no such threshold: %s",
		    ini->file, p->line, p->key);
	if (caseini_number(
		ini, "thresholds", "", p->key, 0, &s->threshold[t], err) < 0)
		return -1;
	if (!(s->threshold[t] >= 0 && s->threshold[t] < 1e9))
		return err_set(err, ERR_FAILED, "%s:%u: %s is out of range",
		    ini->file, p->line, p->key);
	return 0;
}

static struct study_need *
need_of(struct study *s, struct span category)
{
	struct study_need *n;
	size_t i;

	for (i = 0; i < s->n_needs; i++)
		if (span_eq(s->need[i].category, category))
			return &s->need[i];
	s->need = arena_grow(&s->arena, s->need, s->n_needs * sizeof *n,
	    (s->n_needs + 1) * sizeof *n);
	n = &s->need[s->n_needs++];
	n->category = arena_span(&s->arena, category);
	n->per_hour = INFINITY;
	return n;
}

static int
read_need(struct study *s, const struct caseini *ini,
    const struct caseini_pair *p, struct err *err)
{
	struct study_need *n = need_of(s, span_of(p->name));

	if (strcmp(p->key, "background") == 0) {
		n->never_behind = strcmp(p->value, "no") == 0;
		if (!n->never_behind && strcmp(p->value, "yes") != 0)
			return err_set(err, ERR_FAILED,
			    "%s:%u: background is yes or no", ini->file,
			    p->line);
		return 0;
	}
	return caseini_number(
	    ini, "need", p->name, p->key, 0, &n->per_hour, err);
}

static int
read_surface(struct study *s, const struct caseini *ini,
    const struct caseini_pair *p, struct err *err)
{
	if (strcmp(p->key, "control") == 0)
		return read_control(s, ini, p, err);
	if (strcmp(p->key, "screen") == 0)
		add_pair(s, &s->screen, &s->n_screens, span_of(p->value),
		    span_of(p->name));
	else if (strcmp(p->key, "purposes") == 0)
		add_list(s, &s->purpose, &s->n_purposes, p->name, p->value);
	else if (strcmp(p->key, "recipients") == 0)
		add_list(s, &s->recipient, &s->n_recipients, p->name, p->value);
	else if (strcmp(p->key, "body") == 0)
		add_pair(s, &s->body, &s->n_bodies, span_of(p->name),
		    span_of(p->value));
	return 0;
}

static int
read_calling_code(struct study *s, const struct caseini *ini,
    const struct caseini_pair *p, struct err *err)
{
	if (phone_home_code(&s->phone, span_of(p->value)) == 0)
		return 0;
	return err_set(err, ERR_FAILED,
	    "%s:%u: calling_code = %s: one to three digits such as 86",
	    ini->file, p->line, p->value);
}

/* What [lineage] says, and what holds when it does not. */
static void
read_lineage(struct study *s, const struct caseini_pair *p)
{
	if (strcmp(p->key, "own") == 0)
		add_list(s, &s->own, &s->n_own, p->key, p->value);
	else
		add_list(s, &s->people, &s->n_people, p->key, p->value);
}

static int
read_home(struct study *s, const struct caseini *ini,
    const struct caseini_pair *p, struct err *err)
{
	struct span value = arena_span(&s->arena, span_of(p->value));

	if (strcmp(p->key, "calling_code") == 0)
		return read_calling_code(s, ini, p, err);
	if (strcmp(p->key, "lang") == 0)
		s->home_lang = value;
	else if (strcmp(p->key, "screen") == 0)
		s->home_screen = value;
	else if (strcmp(p->key, "region") == 0) {
		s->home_region = value;
		if (s->phone.code[0] == '\0') /* calling_code goes first */
			phone_home_region(&s->phone, value);
	} else if (strcmp(p->key, "keep") == 0)
		add_list(s, &s->keep, &s->n_keeps, p->key, p->value);
	else if (strcmp(p->key, "approved") == 0)
		add_list(s, &s->approved, &s->n_approved, p->key, p->value);
	return 0;
}

int
study_zone(const char *text, int *minutes)
{
	return zone_standard_min(span_of(text), minutes);
}

int
study_read_ini(struct study *s, const struct caseini *ini, struct err *err)
{
	const struct caseini_pair *p;
	size_t i;
	int t, zone_min;

	for (t = 0; t < THRESHOLD__MAX; t++)
		s->threshold[t] = threshold_table[t].value;
	for (i = 0; ini != NULL && i < ini->n_pairs; i++) {
		p = &ini->pair[i];
		if (strcmp(p->section, "thresholds") == 0 &&
		    read_threshold(s, ini, p, err) < 0)
			return -1;
		if (strcmp(p->section, "home") == 0 &&
		    strcmp(p->key, "zone") == 0 &&
		    study_zone(p->value, &zone_min) < 0)
			return err_set(err, ERR_FAILED,
			    "%s:%u: zone = %s: no offset such as +08:00, no zone",
			    ini->file, p->line, p->value);
		if (strcmp(p->section, "home") == 0 &&
		    read_home(s, ini, p, err) < 0)
			return -1;
		if (strcmp(p->section, "lineage") == 0)
			read_lineage(s, p);
		if (strcmp(p->section, "compatible") == 0)
			add_list(s, &s->compatible, &s->n_compatible, p->name,
			    p->value);
		if (strcmp(p->section, "surface") == 0 &&
		    read_surface(s, ini, p, err) < 0)
			return -1;
		if (strcmp(p->section, "need") == 0 &&
		    read_need(s, ini, p, err) < 0)
			return -1;
		if (strcmp(p->section, "function") == 0)
			add_list(s, &s->function, &s->n_functions, p->name,
			    p->value);
		if (strcmp(p->section, "case") == 0 &&
		    strcmp(p->key, "operator") == 0)
			s->operator_ = arena_span(&s->arena, span_of(p->value));
		if (strcmp(p->section, "necessary") == 0) {
			s->necessary = arena_grow(&s->arena, s->necessary,
			    s->n_necessary * sizeof *s->necessary,
			    (s->n_necessary + 1) * sizeof *s->necessary);
			s->necessary[s->n_necessary++] =
			    arena_span(&s->arena, span_of(p->key));
		}
	}
	if (s->n_people == 0)
		add_list(s, &s->people, &s->n_people, "people",
		    "contacts, address_book, call_log, sms, phone");
	set_times(s);
	return 0;
}

bool
study_is_consenting(const struct study *s, struct span operator_)
{
	size_t i;

	for (i = 0; i < s->n_consenting; i++)
		if (span_eq(s->consenting[i], operator_))
			return true;
	return false;
}

static void
add_consenting(struct study *s, struct span operator_)
{
	if (operator_.p == NULL)
		operator_ = s->operator_;
	if (study_is_consenting(s, operator_))
		return;
	s->consenting = arena_grow(&s->arena, s->consenting,
	    s->n_consenting * sizeof *s->consenting,
	    (s->n_consenting + 1) * sizeof *s->consenting);
	s->consenting[s->n_consenting++] = arena_span(&s->arena, operator_);
}

static struct span
operator_at(const struct study *s, const struct store_block *b, uint32_t i)
{
	struct span o = store_str(b, EV_OPERATOR, i);

	return o.p != NULL ? o : s->operator_;
}

/* Which operators show consent at all, and what their trails lack: one look
 * at a few columns. */
static void
see_block(struct study *s, struct trail_scan *scan, const struct store_block *b)
{
	const uint8_t *kind = b->word[EV_KIND], *role = b->word[EV_ROLE];
	uint32_t last = UINT32_MAX, i, code;

	for (i = 0; kind != NULL && i < b->n; i++) {
		if (kind[i] != KIND_CONSENT && kind[i] != KIND_PERMISSION &&
		    kind[i] != KIND_CONTROL_CLICK)
			continue;
		if (kind[i] == KIND_CONSENT ||
		    (kind[i] == KIND_CONTROL_CLICK && role != NULL &&
			role[i] != 0))
			trail_see(scan, b, i, operator_at(s, b, i));
		if (kind[i] == KIND_CONTROL_CLICK)
			continue;
		code =
		    b->code[EV_OPERATOR] != NULL ? b->code[EV_OPERATOR][i] : 0;
		if (code != last)
			add_consenting(s, store_str(b, EV_OPERATOR, i));
		last = code;
	}
}

static int
scan_operators(struct study *s, struct operators *o, struct trail_scan *scan,
    const char *case_dir, unsigned part, struct err *err)
{
	uint64_t nums = s->has_processing ? trail_nums() : 0;
	uint64_t strs = s->has_processing ? trail_strs() : 0;
	struct store_block b = { 0 };
	struct store_reader *r;
	int file, got = 0;

	for (file = 0; file < STORE_FILE__MAX && got == 0; file++) {
		r = store_read(case_dir, part, (enum store_file)file, nums,
		    strs | (uint64_t)1 << EV_OPERATOR, STORE_NO_PLACES, err);
		if (r == NULL)
			return -1;
		while ((got = store_next(r, &b, err)) > 0) {
			operators_see(o, &b);
			if (s->has_processing)
				see_block(s, scan, &b);
			store_block_clear(&b);
		}
		store_block_free(&b);
		store_reader_close(r);
	}
	return got;
}

static void
see_disclosed(struct study *s, const struct store_block *b, uint32_t i)
{
	struct study_disclosed d = {
		.operator_ = store_str(b, EV_OPERATOR, i),
		.notice = store_str(b, EV_NOTICE, i),
		.version = store_str(b, EV_NOTICE_VERSION, i),
		.recipient = store_str(b, EV_RECIPIENT, i),
	};

	disclosed_add(s, &d);
}

/* The catalogue: agreements as published. */
static int
scan_notices(
    struct study *s, const char *case_dir, unsigned part, struct err *err)
{
	const uint64_t strs =
	    (uint64_t)1 << EV_NOTICE | (uint64_t)1 << EV_NOTICE_VERSION |
	    (uint64_t)1 << EV_TEXT | (uint64_t)1 << EV_OPERATOR |
	    (uint64_t)1 << EV_RECIPIENT;
	struct store_block b = { 0 };
	struct store_reader *r;
	uint32_t i;
	int got;

	r = store_read(case_dir, part, STORE_NOBODY, (uint64_t)1 << EV_KIND,
	    strs, false, err);
	if (r == NULL)
		return -1;
	while ((got = store_next(r, &b, err)) > 0) {
		for (i = 0; i < b.n; i++) {
			struct span text = store_str(&b, EV_TEXT, i);
			struct study_notice *n;

			if (store_num(&b, EV_KIND, i, 0) !=
			    KIND_AGREEMENT_PUBLISH)
				continue;
			see_disclosed(s, &b, i);
			if (text.p == NULL)
				continue;
			s->notice = arena_grow(&s->arena, s->notice,
			    s->n_notices * sizeof *n,
			    (s->n_notices + 1) * sizeof *n);
			n = &s->notice[s->n_notices++];
			n->notice =
			    arena_span(&s->arena, store_str(&b, EV_NOTICE, i));
			n->version = arena_span(
			    &s->arena, store_str(&b, EV_NOTICE_VERSION, i));
			n->text = arena_span(&s->arena, text);
		}
		store_block_clear(&b);
	}
	store_block_free(&b);
	store_reader_close(r);
	return got;
}

static int
read_sampled(struct study *s, struct casefile *c)
{
	sqlite3_stmt *st;
	int64_t n;

	n = casefile_int(
	    c, "SELECT coalesce(max(member_id), 0) FROM member", 0);
	if (n < 0 || n > UINT32_MAX)
		n = 0;
	s->n_members = (size_t)n + 1;
	s->sampled = arena_alloc(&s->arena, s->n_members);
	st = casefile_prepare(c, "SELECT member_id FROM member JOIN source "
				 "USING (source_id) WHERE sampled < 1");
	while (casefile_step(c, st) > 0) {
		n = sqlite3_column_int64(st, 0);
		if (n <= 0 || (size_t)n >= s->n_members)
			continue;
		s->sampled[n] = 1;
		s->has_sampled = true;
	}
	casefile_finalize(st);
	return 0;
}

int
study_read_case(struct study *s, struct operators *o, struct casefile *c,
    const char *case_dir, struct err *err)
{
	struct trail_scan *scan;
	unsigned part;
	int rc = 0;

	(void)read_sampled(s, c);
	s->has_processing =
	    casefile_int(c,
		"SELECT count(*) FROM volume WHERE kind IN "
		"('data.access', 'data.egress', 'contact.outbound')",
		0) > 0;
	s->has_outbound =
	    casefile_int(c,
		"SELECT count(*) FROM volume WHERE kind = 'contact.outbound'",
		0) > 0;
	s->has_permission = casefile_int(c,
				"SELECT count(*) FROM volume WHERE kind IN "
				"('permission', 'permission.prompt')",
				0) > 0;
	s->has_ui =
	    casefile_int(
		c, "SELECT count(*) FROM volume WHERE trail = 'ui'", 0) > 0;
	s->has_server = casefile_int(c,
			    "SELECT count(*) FROM volume WHERE kind = "
			    "'consent' AND trail <> 'ui'",
			    0) > 0;
	if (casefile_error(c, err) < 0)
		return -1;
	scan = trail_scan_new(&s->trail, &s->arena);
	for (part = 0; part < STORE_PARTS && rc == 0; part++) {
		rc = scan_notices(s, case_dir, part, err);
		if (rc == 0)
			rc = scan_operators(s, o, scan, case_dir, part, err);
	}
	trail_scan_finish(scan);
	return rc;
}

void
study_clear(struct study *s)
{
	arena_clear(&s->arena);
	memset(s, 0, sizeof *s);
}
