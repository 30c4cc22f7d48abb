/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the stage leaves in case.db; schema.sql has the tables. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/base/utc.h"
#include "ingest/ingest_int.h"

static void
write_emits(struct casefile *c, sqlite3_stmt *st, const struct member *m)
{
	uint64_t emits = map_emits(m->map), never = map_never(m->map);
	int kind;

	for (kind = 1; kind < KIND__MAX; kind++)
		if (((emits | never) >> kind & 1) != 0)
			(void)casefile_put(c, st, "iti", (int64_t)m->id,
			    event_word_name(EV_KIND, kind),
			    (int64_t)(never >> kind & 1));
	if ((never >> MAP_REFUSAL & 1) != 0)
		(void)casefile_put(
		    c, st, "iti", (int64_t)m->id, "refusal", (int64_t)1);
}

static void
write_member(struct casefile *c, sqlite3_stmt *st, const struct member *m,
    int64_t source_id)
{
	const struct record_tally *t = &m->tally;
	char mapping[256] = "";
	bool dated = t->first_us <= t->last_us;

	if (m->map != NULL)
		(void)snprintf(mapping, sizeof mapping, "%s@%s",
		    map_name(m->map), map_version(m->map));
	(void)casefile_bind(c, st, "iitttiiiiiiiiiii", (int64_t)m->id,
	    source_id, m->name, m->map != NULL ? mapping : NULL,
	    m->map != NULL ? record_encoding_name(m->encoding) : NULL,
	    (int64_t)m->bytes, t->first_us, t->last_us, (int64_t)t->records,
	    (int64_t)(t->mapped - m->duplicate), (int64_t)t->rejected,
	    (int64_t)t->filtered, (int64_t)m->duplicate, (int64_t)t->events,
	    (int64_t)t->fields_absent, (int64_t)m->identical);
	if (!dated && c->err.code == ERR_NONE) {
		(void)sqlite3_bind_null(st, 7);
		(void)sqlite3_bind_null(st, 8);
	}
	(void)casefile_step(c, st);
}

static int
by_place(const void *a, const void *b)
{
	const struct reject *x = a, *y = b;

	if (x->member->id != y->member->id)
		return x->member->id < y->member->id ? -1 : 1;
	if (x->piece != y->piece)
		return x->piece < y->piece ? -1 : 1;
	if (x->record != y->record)
		return x->record < y->record ? -1 : 1;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

static void
write_rejects(struct casefile *c, struct engine *g)
{
	sqlite3_stmt *st = casefile_prepare(c,
	    "INSERT INTO reject(member_id, record, byte_offset, bytes, reason)"
	    " VALUES (?, ?, ?, ?, ?)");
	const struct member *m = NULL;
	uint64_t before = 0;
	uint32_t piece = 0;
	size_t i;

	if (g->n_rejects > 0)
		qsort(g->reject, g->n_rejects, sizeof g->reject[0], by_place);
	for (i = 0; i < g->n_rejects; i++) {
		const struct reject *r = &g->reject[i];

		assert(r->member != NULL);
		if (r->member != m) {
			m = r->member;
			before = 0;
			piece = 0;
		}
		if (r->piece == UINT32_MAX) {
			(void)casefile_put(c, st, "inint", (int64_t)m->id,
			    (int64_t)r->offset, g->reason[r->reason]);
			continue;
		}
		for (; piece < r->piece; piece++)
			before += m->piece_records[piece];
		(void)casefile_put(c, st, "iiiit", (int64_t)m->id,
		    (int64_t)(before + r->record + 1), (int64_t)r->offset,
		    (int64_t)r->bytes, g->reason[r->reason]);
	}
	casefile_finalize(st);
}

/* Rejects beyond what is listed one by one are told in a line. */
static void
write_rejects_more(struct casefile *c, const struct member *m)
{
	sqlite3_stmt *st = casefile_prepare(c,
	    "INSERT INTO reject(member_id, reason) VALUES (?, ? || "
	    "' more rejected records, counted but not listed')");

	(void)casefile_put(
	    c, st, "ii", (int64_t)m->id, (int64_t)m->rejects_more);
	casefile_finalize(st);
}

static void
write_volume(struct casefile *c, const struct volume *v)
{
	sqlite3_stmt *st = casefile_prepare(c,
	    "INSERT INTO volume VALUES (?, ?, ?, ?) ON CONFLICT DO "
	    "UPDATE SET n = n + excluded.n");
	char day[UTC_TEXT_BYTES];
	size_t i;

	for (i = 0; i < v->room; i++)
		if (v->cell[i].kind != 0 && v->cell[i].n != 0)
			(void)casefile_put(c, st, "ttti",
			    event_word_name(EV_TRAIL, v->cell[i].trail),
			    event_word_name(EV_KIND, v->cell[i].kind),
			    utc_format_day(v->cell[i].day * UTC_US_DAY, 0, day),
			    v->cell[i].n);
	casefile_finalize(st);
}

static void
result_add(struct ingest_result *out, const struct member *m)
{
	out->members++;
	out->records += m->tally.records;
	out->mapped += m->tally.mapped - m->duplicate;
	out->rejected += m->tally.rejected;
	out->filtered += m->tally.filtered;
	out->duplicate += m->duplicate;
	out->events += m->tally.events;
}

/* [sampled] SOURCE = fraction, by path or by its last part. */
static double
sampled(const struct engine *g, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct err ignored = { 0 };
	double x = -1;

	if (g->o->ini == NULL)
		return -1;
	(void)caseini_number(g->o->ini, "sampled", "", path, -1, &x, &ignored);
	if (x < 0 && slash != NULL)
		(void)caseini_number(
		    g->o->ini, "sampled", "", slash + 1, -1, &x, &ignored);
	return x;
}

static int64_t
write_source(struct casefile *c, const struct engine *g, const struct input *in,
    int64_t run_id)
{
	sqlite3_stmt *st = casefile_prepare(c,
	    "INSERT INTO source(path, bytes, sha256, run_id, sampled)"
	    " VALUES (?, ?, ?, ?, nullif(?, -1.0))");

	(void)casefile_put(c, st, "titid", in->file->path,
	    (int64_t)in->file->bytes, in->sha256[0] != '\0' ? in->sha256 : NULL,
	    run_id, sampled(g, in->file->path));
	casefile_finalize(st);
	return c->err.code == ERR_NONE ? sqlite3_last_insert_rowid(c->db) : 0;
}

int
ingest_write(struct casefile *c, struct engine *g, int64_t run_id,
    struct ingest_result *out)
{
	sqlite3_stmt *member = casefile_prepare(c,
	    "INSERT INTO member(member_id, source_id, name, mapping, encoding,"
	    " bytes, first_us, last_us, records, mapped, rejected, filtered,"
	    " duplicate, events, fields_absent, identical)"
	    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
	sqlite3_stmt *emits =
	    casefile_prepare(c, "INSERT INTO emits VALUES (?, ?, ?)");
	struct member *m;
	int64_t source_id;
	size_t i;

	for (i = 0; i < g->n_inputs; i++) {
		if (g->input[i].skip) {
			out->skipped++;
			continue;
		}
		out->sources++;
		source_id = write_source(c, g, &g->input[i], run_id);
		for (m = g->input[i].first; m != NULL; m = m->next) {
			write_member(c, member, m, source_id);
			if (m->map != NULL)
				write_emits(c, emits, m);
			if (m->rejects_more > 0)
				write_rejects_more(c, m);
			result_add(out, m);
		}
	}
	for (i = 0; i < g->n_rejects; i++)
		out->damage += g->reject[i].piece == UINT32_MAX ? 1 : 0;
	casefile_finalize(member);
	casefile_finalize(emits);
	write_rejects(c, g);
	write_volume(c, &g->volume);
	return casefile_exec(c,
	    "UPDATE source SET (records, mapped, rejected, filtered,"
	    " duplicate) = (SELECT coalesce(sum(records), 0), coalesce(sum(mapped), 0),"
	    " coalesce(sum(rejected), 0), coalesce(sum(filtered), 0),"
	    " coalesce(sum(duplicate), 0) FROM member m"
	    " WHERE m.source_id = source.source_id)");
}
