/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stage from end to end:
 *
 *	list the sources, leave out those that the case holds
 *	read them (ingest_engine.c), number the members in order
 *	merge the runs into partitions, counting duplicates (store.h)
 *	write the accounts (ingest_write.c) and commit
 *
 * The events/ of before serve until case.db is committed, which names the
 * generation that is in force; so a killed run leaves the case as it was.
 */
#include "ingest/ingest.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ingest/base/utc.h"
#include "ingest/ingest_int.h"

enum {
	SPILL_FLOOR_BYTES = 8 << 20,
	KEYS_SHARE = 8 /* of what events have, for dedup */
};

struct stage {
	const struct ingest_options *o;
	struct casefile c;
	struct engine g;
	struct map_set maps;
	struct source_list sources;
	bool fresh_dir, fresh_case; /* made by this call: removed if it fails */
	uint64_t *old_duplicate;    /* [first_member]: of members of before */
	pthread_mutex_t lock;
};

/* ---- what to read ---- */

static int
maps_read(struct stage *st, struct err *err)
{
	size_t i;

	if (st->o->n_map_files == 0)
		return map_set_shipped(&st->maps, err);
	for (i = 0; i < st->o->n_map_files; i++)
		if (map_set_add_file(&st->maps, st->o->map_file[i], err) < 0)
			return -1;
	return 0;
}

static int
sources_list(struct stage *st, struct err *err)
{
	size_t i, n = 0;

	for (i = 0; i < st->o->n_sources; i++)
		if (source_list_add(&st->sources, st->o->source[i], err) < 0)
			return -1;
	st->g.input = calloc(st->sources.n_files + 1, sizeof st->g.input[0]);
	if (st->g.input == NULL)
		err_no_memory(st->sources.n_files);
	for (i = 0; i < st->sources.n_files; i++)
		if (!source_is_inside(
			st->o->case_dir, st->sources.file[i].path))
			st->g.input[n++].file = &st->sources.file[i];
	st->g.n_inputs = n;
	return 0;
}

/* Has the case a source of that hash, or an input before this one? */
static bool
known_hash(struct stage *st, const struct input *in)
{
	sqlite3_stmt *q =
	    casefile_prepare(&st->c, "SELECT 1 FROM source WHERE sha256 = ?");
	const struct input *x;
	bool known;

	(void)casefile_bind(&st->c, q, "t", in->sha256);
	known = casefile_step(&st->c, q) > 0;
	casefile_finalize(q);
	for (x = st->g.input; x < in && !known; x++)
		known = strcmp(x->sha256, in->sha256) == 0;
	return known;
}

static int
same_size(struct stage *st, const struct input *in, bool *same)
{
	sqlite3_stmt *q =
	    casefile_prepare(&st->c, "SELECT 1 FROM source WHERE bytes = ?");
	const struct input *x, *end = st->g.input + st->g.n_inputs;

	(void)casefile_bind(&st->c, q, "i", (int64_t)in->file->bytes);
	*same = casefile_step(&st->c, q) > 0;
	casefile_finalize(q);
	for (x = st->g.input; x < end && !*same; x++)
		*same = x != in && x->file->reason == NULL &&
			x->file->bytes == in->file->bytes;
	return st->c.err.code == ERR_NONE ? 0 : -1;
}

/* Only files of the same size can be equal, so only they are hashed first. */
static int
sources_known(struct stage *st, struct err *err)
{
	struct input *in, *end = st->g.input + st->g.n_inputs;
	bool same;

	for (in = st->g.input; in < end; in++) {
		if (in->file->reason != NULL)
			continue;
		if (same_size(st, in, &same) < 0)
			return casefile_error(&st->c, err);
		if (!same)
			continue;
		if (archive_hash_file(in->file->path, in->sha256, err) < 0)
			return -1;
		in->skip = known_hash(st, in);
		if (in->skip && st->o->skipped != NULL)
			st->o->skipped(
			    st->o->progress_arg, in->file->path, in->sha256);
	}
	return 0;
}

/* ---- case.ini [ingest] ---- */

/* A setting of case.ini is wrong: FILE:LINE, what it says and why not. */
static int
setting_fail(
    const struct stage *st, const char *key, const char *why, struct err *err)
{
	const struct caseini_pair *p =
	    caseini_find(st->o->ini, "ingest", "", key);

	return err_set(err, ERR_FAILED, "%s:%u: [ingest] %s = %s: %s",
	    st->o->ini->file, p->line, key, p->value, why);
}

static int
zone_parse(struct stage *st, const char *text, struct err *err)
{
	struct err why = { 0 };

	if (text == NULL)
		return 0;
	st->g.local.zone = zone_find(&st->g.arena, span_of(text), &why);
	return st->g.local.zone != NULL
		   ? 0
		   : setting_fail(st, "zone", why.msg, err);
}

static int
year_parse(struct stage *st, const char *text, struct err *err)
{
	if (text == NULL || zone_year_read(span_of(text), &st->g.local) == 0)
		return 0;
	return setting_fail(st, "year",
	    "a year is 2018, or 2018-07 when the log begins in July", err);
}

static int
period_parse(struct stage *st, const char *key, const char *text, bool end,
    int64_t *us, struct err *err)
{
	const struct zone *zone = st->g.local.zone;
	struct utc_stamp s;
	char stamp[128];
	bool chosen = false;

	if (text == NULL)
		return 0;
	(void)snprintf(stamp, sizeof stamp, "%s%s", text,
	    strlen(text) == 10 ? (end ? "T23:59:59.999999" : "T00:00:00") : "");
	if (utc_parse_rfc3339(span_of(stamp), &s) < 0)
		return setting_fail(
		    st, key, "neither a date nor an instant", err);
	*us = s.us;
	if (!s.has_zone && zone != NULL)
		*us = zone_instant(zone, s.us, &chosen);
	return 0;
}

/* Filters are fixed by the first ingest: later ones must say the same. */
static int
fixed(struct stage *st, const char *key, const char *value, struct err *err)
{
	sqlite3_stmt *q = casefile_prepare(
	    &st->c, "SELECT value FROM case_info WHERE key = ?");
	bool known, same = true;

	(void)casefile_bind(&st->c, q, "t", key);
	known = casefile_step(&st->c, q) > 0;
	if (known)
		same =
		    strcmp((const char *)sqlite3_column_text(q, 0), value) == 0;
	casefile_finalize(q);
	if (!same)
		return err_set(err, ERR_FAILED,
		    "%s: %s differs from that of the first ingest",
		    st->o->case_dir, key);
	if (!known) {
		q = casefile_prepare(
		    &st->c, "INSERT INTO case_info VALUES (?, ?)");
		(void)casefile_put(&st->c, q, "tt", key, value);
		casefile_finalize(q);
	}
	return casefile_error(&st->c, err);
}

/* [ingest] operators, as one list "a,b" in the arena; NULL: all. */
static const char *
operators_list(struct stage *st)
{
	const struct caseini *ini = st->o->ini;
	const char *list = NULL;
	size_t i;

	for (i = 0; ini != NULL && i < ini->n_pairs; i++)
		if (strcmp(ini->pair[i].section, "ingest") == 0 &&
		    strcmp(ini->pair[i].key, "operators") == 0)
			list = arena_printf(&st->g.arena, "%s%s%s",
			    list != NULL ? list : "", list != NULL ? "," : "",
			    ini->pair[i].value);
	return list;
}

static void
operators_read(struct stage *st, const char *list)
{
	struct engine *g = &st->g;
	size_t n;

	for (; list != NULL; list = list[n] == ',' ? list + n + 1 : NULL) {
		struct span s;

		n = strcspn(list, ",");
		s = (struct span){ list, n };
		while (s.n > 0 && *s.p == ' ')
			s = (struct span){ s.p + 1, s.n - 1 };
		while (s.n > 0 && s.p[s.n - 1] == ' ')
			s.n--;
		if (s.n == 0)
			continue;
		g->operators = arena_grow(&g->arena, g->operators,
		    g->n_operators * sizeof *g->operators,
		    (g->n_operators + 1) * sizeof *g->operators);
		g->operators[g->n_operators++] = s;
	}
	if (g->n_operators == 0 || st->o->ini == NULL)
		return;
	list = caseini_get(st->o->ini, "case", "", "operator");
	g->no_operator_is = list != NULL ? span_of(list) : (struct span){ 0 };
}

/* A misspelt fraction must not make a sample read as a whole log. */
static int
sampled_check(const struct caseini *ini, struct err *err)
{
	const struct caseini_pair *p;
	double x = 0;
	size_t i;

	for (i = 0; ini != NULL && i < ini->n_pairs; i++) {
		p = &ini->pair[i];
		if (strcmp(p->section, "sampled") != 0)
			continue;
		if (caseini_number(ini, "sampled", "", p->key, 0, &x, err) < 0)
			return -1;
		if (x <= 0 || x > 1)
			return err_set(err, ERR_FAILED,
			    "%s:%u: %s = %s: no fraction above 0 and up to 1",
			    ini->file, p->line, p->key, p->value);
	}
	return 0;
}

static int
settings_read(struct stage *st, struct err *err)
{
	const struct caseini *ini = st->o->ini;
	static const char *const key[] = { "zone", "from", "to", "year",
		"operators" };
	const char *value[5] = { NULL };
	char name[64];
	int i;

	st->g.from_us = INT64_MIN;
	st->g.to_us = INT64_MAX;
	for (i = 0; i < 5; i++) {
		value[i] = i == 4 ? operators_list(st)
			   : ini != NULL
			       ? caseini_get(ini, "ingest", "", key[i])
			       : NULL;
		(void)snprintf(name, sizeof name, "ingest.%s", key[i]);
		if (fixed(st, name, value[i] != NULL ? value[i] : "", err) < 0)
			return -1;
	}
	if (sampled_check(ini, err) < 0 || zone_parse(st, value[0], err) < 0 ||
	    year_parse(st, value[3], err) < 0 ||
	    period_parse(st, "from", value[1], false, &st->g.from_us, err) <
		0 ||
	    period_parse(st, "to", value[2], true, &st->g.to_us, err) < 0)
		return -1;
	operators_read(st, value[4]);
	return 0;
}

/* ---- the merge's duplicates ---- */

struct by_id {
	struct stage *st;
	struct member **member; /* [n], by provisional id - first_member */
	uint32_t n;
	uint32_t *final; /* the same order */
	struct member **of_final;
};

static void
duplicate(
    void *arg, const struct place *at, bool identical, const struct event *e)
{
	struct by_id *x = arg;
	struct engine *g = &x->st->g;
	uint64_t first = at->part == 0; /* it stands for its record */
	uint32_t id = at->member;
	struct member *m;

	(void)pthread_mutex_lock(&x->st->lock);
	m = id < g->first_member ? NULL : x->of_final[id - g->first_member];
	if (identical && m != NULL)
		m->identical += first;
	if (!identical) {
		volume_add(&g->volume, e, -1);
		if (m != NULL)
			m->duplicate += first;
		else
			x->st->old_duplicate[id] += first;
	}
	(void)pthread_mutex_unlock(&x->st->lock);
}

static int
by_order(const void *a, const void *b)
{
	const struct member *x = *(struct member *const *)a;
	const struct member *y = *(struct member *const *)b;

	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* Ids in the order of sources, whichever thread came first. */
static void
members_number(struct engine *g, struct by_id *x)
{
	struct member *m;
	uint32_t i, k = 0;

	x->n = g->next_member - g->first_member;
	x->of_final = arena_alloc(&g->arena, (x->n + 1) * sizeof x->member[0]);
	x->final = arena_alloc(&g->arena, (x->n + 1) * sizeof x->final[0]);
	for (i = 0; i < g->n_inputs; i++)
		for (m = g->input[i].first; m != NULL; m = m->next)
			x->of_final[k++] = m;
	assert(k == x->n);
	if (k > 0)
		qsort(x->of_final, k, sizeof x->of_final[0], by_order);
	for (i = 0; i < k; i++) {
		x->final[x->of_final[i]->id - g->first_member] =
		    g->first_member + i;
		x->of_final[i]->id = g->first_member + i;
	}
}

static void
old_duplicates_write(struct stage *st)
{
	sqlite3_stmt *q = casefile_prepare(&st->c,
	    "UPDATE member SET mapped = mapped - ?1, duplicate = duplicate +"
	    " ?1 WHERE member_id = ?2");
	uint32_t i;

	for (i = 0; i < st->g.first_member; i++)
		if (st->old_duplicate[i] > 0)
			(void)casefile_put(&st->c, q, "ii",
			    (int64_t)st->old_duplicate[i], (int64_t)i);
	casefile_finalize(q);
}

/* ---- the stage ---- */

static int64_t
run_begin(struct stage *st)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	char now[UTC_TEXT_BYTES];
	struct buf options = { 0 };
	sqlite3_stmt *q;
	int64_t us;
	size_t i;

	us = (epoch != NULL ? strtoll(epoch, NULL, 10) : (int64_t)time(NULL)) *
	     UTC_US_S;
	for (i = 0; i < st->o->n_map_files; i++)
		(void)buf_printf(
		    &options, "%s-m %s", i > 0 ? " " : "", st->o->map_file[i]);
	q = casefile_prepare(&st->c,
	    "INSERT INTO run(command, version, options, started)"
	    " VALUES ('ingest', ?, ?, ?)");
	(void)casefile_put(&st->c, q, "tst", PRETICK_VERSION,
	    buf_as_span(&options), utc_format(us, now));
	casefile_finalize(q);
	buf_clear(&options);
	return sqlite3_last_insert_rowid(st->c.db);
}

/* The generation in force of the events or of the keys; NULL: as it was. */
static void
generation_name(struct stage *st, const char *key, const char *generation)
{
	sqlite3_stmt *q;

	if (generation == NULL)
		return;
	q = casefile_prepare(&st->c,
	    "INSERT INTO case_info VALUES (?, ?)"
	    " ON CONFLICT DO UPDATE SET value = excluded.value");
	(void)casefile_put(&st->c, q, "tt", key, generation);
	casefile_finalize(q);
}

static void
run_end(struct stage *st, int64_t run_id)
{
	sqlite3_stmt *q = casefile_prepare(
	    &st->c, "UPDATE run SET finished = started WHERE run_id = ?");

	(void)casefile_put(&st->c, q, "i", run_id);
	casefile_finalize(q);
	generation_name(st, "events", store_generation(st->g.store));
	generation_name(st, "dedup", dedup_generation(&st->g.dedup));
}

static int
settle(struct stage *st, struct err *err)
{
	sqlite3_stmt *q = casefile_prepare(&st->c,
	    "SELECT key, value FROM case_info WHERE key IN ('events',"
	    " 'dedup')");
	const char *key, *generation;
	int rc = 0;

	while (rc == 0 && casefile_step(&st->c, q) > 0) {
		key = (const char *)sqlite3_column_text(q, 0);
		generation = (const char *)sqlite3_column_text(q, 1);
		rc = strcmp(key, "events") == 0
			 ? store_settle(st->o->case_dir, generation, err)
			 : dedup_settle(&st->g.dedup, generation, err);
	}
	casefile_finalize(q);
	return rc;
}

static void
engine_prepare(struct stage *st)
{
	size_t share = st->o->memory_bytes / 8 * 5 / st->o->n_threads;

	st->g.o = st->o;
	st->g.maps = &st->maps;
	st->g.dedup.spill_bytes = share / KEYS_SHARE;
	st->g.spill_bytes =
	    share > SPILL_FLOOR_BYTES ? share : SPILL_FLOOR_BYTES;
	st->g.first_member = st->g.next_member = (uint32_t)casefile_int(
	    &st->c, "SELECT coalesce(max(member_id), 0) + 1 FROM member", 1);
	st->old_duplicate =
	    calloc(st->g.first_member, sizeof st->old_duplicate[0]);
	if (st->old_duplicate == NULL)
		err_no_memory(st->g.first_member);
}

static int
stage_run(struct stage *st, struct ingest_result *out, struct err *err)
{
	struct by_id ids = { .st = st };
	int64_t run_id;

	if (casefile_begin(&st->c) < 0)
		return casefile_error(&st->c, err);
	if (settings_read(st, err) < 0 || sources_known(st, err) < 0 ||
	    settle(st, err) < 0)
		return -1;
	run_id = run_begin(st);
	engine_prepare(st);
	st->g.store = store_open(st->o->case_dir, err);
	if (st->g.store == NULL || engine_run(&st->g, err) < 0)
		return -1;
	members_number(&st->g, &ids);
	if (st->o->progress != NULL)
		st->o->progress(
		    st->o->progress_arg, "sort", 0, 0, st->g.records);
	if (dedup_finish(&st->g.dedup, st->o->n_threads, st->g.first_member,
		ids.final, err) < 0)
		return -1;
	store_drop(st->g.store, &st->g.dedup.drops);
	if (store_finish(st->g.store, st->o->n_threads, st->g.first_member,
		ids.final, duplicate, &ids, err) < 0)
		return -1;
	old_duplicates_write(st); /* before the sums of sources are made */
	(void)ingest_write(&st->c, &st->g, run_id, out);
	run_end(st, run_id);
	if (casefile_commit(&st->c) < 0)
		return casefile_error(&st->c, err);
	return store_commit(st->g.store, err) < 0
		   ? -1
		   : dedup_commit(&st->g.dedup, err);
}

static void
stage_clear(struct stage *st, bool failed)
{
	char path[4096];

	if (failed && st->c.db != NULL)
		casefile_rollback(&st->c);
	casefile_close(&st->c);
	store_close(st->g.store);
	dedup_clear(&st->g.dedup);
	engine_clear(&st->g);
	map_set_clear(&st->maps);
	source_list_clear(&st->sources);
	free(st->old_duplicate);
	(void)pthread_mutex_destroy(&st->lock);
	if (!failed || !st->fresh_case)
		return;
	(void)snprintf(path, sizeof path, "%s/case.db", st->o->case_dir);
	(void)unlink(path);
	(void)snprintf(path, sizeof path, "%s/events", st->o->case_dir);
	(void)rmdir(path);
	if (st->fresh_dir)
		(void)rmdir(st->o->case_dir);
}

int
ingest_run(
    const struct ingest_options *o, struct ingest_result *out, struct err *err)
{
	struct stage st = { .o = o };
	char path[4096];
	int rc = -1;

	assert(o->n_threads >= 1);
	memset(out, 0, sizeof *out);
	(void)pthread_mutex_init(&st.lock, NULL);
	(void)pthread_mutex_init(&st.g.lock, NULL);
	(void)pthread_cond_init(&st.g.changed, NULL);
	dedup_init(&st.g.dedup, o->case_dir);
	(void)snprintf(path, sizeof path, "%s/case.db", o->case_dir);
	st.fresh_dir = access(o->case_dir, F_OK) < 0;
	if (maps_read(&st, err) < 0 || sources_list(&st, err) < 0)
		goto out;
	st.fresh_case = access(path, F_OK) < 0;
	if (casefile_open(&st.c, o->case_dir, CASEFILE_CREATE, err) < 0)
		goto out;
	rc = stage_run(&st, out, err);
out:
	stage_clear(&st, rc < 0);
	return rc;
}
