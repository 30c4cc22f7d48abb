/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/guess.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/archive.h"
#include "ingest/draft.h"
#include "ingest/record.h"
#include "ingest/source.h"
#include "reports/text.h"

enum { EVENTS_SHOWN = 5, VALUE_SHOWN_BYTES = 200, MARGIN = 79 };

struct guess {
	FILE *out;
	struct map_set maps;
	struct record_told *told; /* [maps.n_maps] */
	size_t *order;		  /* [maps.n_maps], the best bid first */
	struct buf head;	  /* of the member */
	size_t n_events;	  /* printed */
};

static void
put(struct guess *g, struct span text)
{
	struct buf b = { 0 };

	text_visible(&b, text);
	(void)fwrite(b.p != NULL ? b.p : "", 1, b.n, g->out);
	buf_clear(&b);
}

/* ---- bids ------------------------------------------------------------------ */

static int
by_score(const void *va, const void *vb, void *arg)
{
	const struct guess *g = arg;
	size_t a = *(const size_t *)va, b = *(const size_t *)vb;

	if (g->told[a].score != g->told[b].score)
		return g->told[a].score > g->told[b].score ? -1 : 1;
	return strcmp(map_name(g->maps.map[a]), map_name(g->maps.map[b]));
}

/* "12 of 64 records: time is absent" */
static void
put_why(struct guess *g, const struct record_told *t)
{
	if (t->why[0] == '\0')
		return;
	if (t->n_why > 0)
		(void)fprintf(g->out,
		    "%" PRIu64 " of %" PRIu64 " records: ", t->n_why,
		    t->n_why > t->records ? t->n_why : t->records);
	put(g, span_of(t->why));
}

static void
put_bid(struct guess *g, size_t i, const struct record_bid *best)
{
	const struct record_told *t = &g->told[i];
	const struct map *m = g->maps.map[i];

	(void)fprintf(g->out, "  %c %-20s %3d%%  ", m == best->map ? '*' : ' ',
	    map_name(m), t->score);
	if (m == best->map && t->why[0] == '\0')
		(void)fputs("reads all of them", g->out);
	else if (t->why[0] == '\0' && t->score == best->score)
		(void)fputs("as many, but it demands less of them", g->out);
	put_why(g, t);
	(void)fputc('\n', g->out);
}

/* Those that understand nothing, by the reason that they share. */
static void
put_strangers(struct guess *g, size_t first)
{
	bool *done = calloc(g->maps.n_maps + 1, sizeof *done);
	size_t i, j, column, n = g->maps.n_maps;
	const char *name, *why;

	if (done == NULL)
		err_no_memory(n);
	for (i = first; i < n; i++) {
		if (done[g->order[i]])
			continue;
		why = g->told[g->order[i]].why;
		(void)fputs("    none: ", g->out);
		put(g, span_of(why));
		(void)fputs("\n       ", g->out);
		column = 7;
		for (j = i; j < n; j++) {
			if (strcmp(g->told[g->order[j]].why, why) != 0)
				continue;
			done[g->order[j]] = true;
			name = map_name(g->maps.map[g->order[j]]);
			if (column + 1 + strlen(name) > MARGIN) {
				(void)fputs("\n       ", g->out);
				column = 7;
			}
			(void)fprintf(g->out, " %s", name);
			column += 1 + strlen(name);
		}
		(void)fputc('\n', g->out);
	}
	free(done);
}

static void
put_bids(struct guess *g, const struct record_bid *best)
{
	size_t i;

	for (i = 0; i < g->maps.n_maps; i++)
		g->order[i] = i;
	qsort_r(g->order, g->maps.n_maps, sizeof *g->order, by_score, g);
	for (i = 0; i < g->maps.n_maps; i++) {
		if (g->told[g->order[i]].score == 0)
			break;
		put_bid(g, g->order[i], best);
	}
	put_strangers(g, i);
}

/* ---- events ---------------------------------------------------------------- */

/* A field's value; a list with its marks as ", ". */
static void
put_field(struct guess *g, const struct event *e, int f, size_t *column)
{
	const struct event_field *field = &event_fields[f];
	struct buf b = { 0 };
	struct span text;
	size_t i;

	if (f >= EVENT_N_NUM)
		text = e->str[f - EVENT_N_NUM];
	else if (field->type == EVENT_TYPE_WORD)
		text = span_of(event_word_name(f, e->num[f]));
	else {
		(void)buf_printf(&b, "%" PRId64, e->num[f]);
		text = buf_as_span(&b);
	}
	(void)fprintf(
	    g->out, "%s%s=", *column == 0 ? "      " : " ", field->name);
	if (text.n > VALUE_SHOWN_BYTES)
		text.n = VALUE_SHOWN_BYTES;
	if (field->type != EVENT_TYPE_LIST) {
		put(g, text);
	} else {
		for (i = 0; i < text.n; i++)
			(void)buf_char(
			    &b, text.p[i] == EVENT_LIST_SEP ? ',' : text.p[i]);
		put(g, buf_as_span(&b));
	}
	*column += 1;
	buf_clear(&b);
}

static int
event_put(void *arg, const struct event *e)
{
	struct guess *g = arg;
	char stamp[UTC_TEXT_BYTES] = "-";
	const char *precision = "", *kind;
	size_t column = 0;
	int f;

	if (event_has_num(e, EV_TIME))
		(void)utc_format(e->num[EV_TIME], stamp);
	if (event_has_num(e, EV_PRECISION))
		precision = event_word_name(EV_PRECISION, e->num[EV_PRECISION]);
	kind = event_word_name(EV_KIND, e->num[EV_KIND]);
	(void)fprintf(g->out, "    %-27s %-10s %s\n", stamp, precision, kind);
	for (f = 0; f < EVENT_N_FIELDS; f++) {
		if ((e->present >> f & 1) == 0 || f == EV_TIME ||
		    f == EV_PRECISION || f == EV_KIND)
			continue;
		put_field(g, e, f, &column);
	}
	if (column > 0)
		(void)fputc('\n', g->out);
	return ++g->n_events == EVENTS_SHOWN ? -1 : 0;
}

static void
reject_ignored(void *arg, uint64_t record, uint64_t offset, uint64_t bytes,
    const char *reason)
{
	(void)arg;
	(void)record;
	(void)offset;
	(void)bytes;
	(void)reason;
}

static void
put_events(struct guess *g, const struct record_bid *bid, bool whole)
{
	struct record_cutter *c = record_cutter_new(bid->map, bid->encoding);
	struct record_parser *p = record_parser_new();
	struct record_sink sink = { g, event_put, reject_ignored, NULL };
	struct record_piece piece = { .encoding = bid->encoding };
	struct record_tally tally;

	record_tally_clear(&tally);
	piece.bytes = buf_as_span(&g->head);
	piece.bytes.n = record_cut(c, piece.bytes, whole, &piece.state);
	if (piece.bytes.n == 0) {
		piece.bytes = buf_as_span(&g->head);
		piece.bytes.n = record_cut(c, piece.bytes, true, &piece.state);
	}
	g->n_events = 0;
	(void)fprintf(g->out, "  the first events, times in UTC:\n");
	if (piece.bytes.n > 0)
		(void)record_parse(p, bid->map, &piece, &sink, &tally);
	if (g->n_events == 0)
		(void)fputs("    none\n", g->out);
	record_parser_free(p);
	record_cutter_free(c);
}

/* ---- members --------------------------------------------------------------- */

static void
member_guess(struct guess *g, const char *path, const char *name,
    const struct record_bid *bid, bool whole)
{
	put(g, span_of(path));
	if (name != NULL) {
		(void)fputs(": ", g->out);
		put(g, span_of(name));
	}
	if (g->head.n == 0) {
		(void)fputs("\n  empty\n\n", g->out);
		return;
	}
	(void)fprintf(g->out, "\n  %s; the first %d records at most\n",
	    record_encoding_name(bid->encoding), RECORD_BID_RECORDS);
	put_bids(g, bid);
	if (bid->map != NULL)
		put_events(g, bid, whole);
	else
		(void)fputs("  no mapping fits; pretick formats --draft writes "
			    "a first one\n",
		    g->out);
	(void)fputc('\n', g->out);
}

static void
damage(void *arg, const char *member, uint64_t offset, const char *reason)
{
	struct guess *g = arg;

	(void)fputs("damaged: ", g->out);
	put(g, span_of(member != NULL ? member : "the file"));
	(void)fprintf(g->out, ", byte %" PRIu64 ": ", offset);
	put(g, span_of(reason));
	(void)fputc('\n', g->out);
}

/*
 * The first bytes of the member at hand, and who bids for them: `most` bytes,
 * or more when its first record is longer.  1 when these are all, 0, or -1.
 */
static int
head_read(struct guess *g, struct archive *a, size_t most,
    struct record_bid *bid, struct err *err)
{
	int64_t got = 1;

	buf_reset(&g->head);
	do {
		(void)buf_room(
		    &g->head, most - g->head.n + RECORD_PADDING_BYTES);
		while (g->head.n < most && got > 0) {
			got = archive_read(
			    a, g->head.p + g->head.n, most - g->head.n, err);
			if (got > 0)
				g->head.n += (size_t)got;
		}
		if (got < 0)
			return -1;
		memset(g->head.p + g->head.n, 0, RECORD_PADDING_BYTES);
		record_bid_told(
		    &g->maps, buf_as_span(&g->head), got == 0, bid, g->told);
		most = record_bid_longer(bid, most);
	} while (most > 0);
	return got == 0;
}

/* A plain file is its own member; its name would say the path again. */
static bool
ends_with_name(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash != NULL ? slash + 1 : path, name) == 0;
}

static int
file_guess(struct guess *g, const char *path, struct err *err)
{
	struct archive *a = archive_open(path, NULL, damage, g, err);
	struct record_bid bid;
	const char *name;
	int got, whole;

	if (a == NULL)
		return -1;
	while ((got = archive_next(a, &name, err)) > 0) {
		whole = head_read(g, a, RECORD_BID_BYTES, &bid, err);
		if (whole < 0) {
			got = -1;
			break;
		}
		member_guess(g, path, ends_with_name(path, name) ? NULL : name,
		    &bid, whole > 0);
	}
	archive_close(a);
	return got;
}

static int
maps_load(struct guess *g, const struct guess_options *o, struct err *err)
{
	size_t i;

	if (o->n_map_files == 0)
		return map_set_shipped(&g->maps, err);
	for (i = 0; i < o->n_map_files; i++)
		if (map_set_add_file(&g->maps, o->map_file[i], err) < 0)
			return -1;
	return 0;
}

int
guess_run(const struct guess_options *o, struct err *err)
{
	struct guess g = { .out = o->out };
	struct source_list files = { 0 };
	size_t i;
	int rc = -1;

	if (maps_load(&g, o, err) < 0)
		goto out;
	g.told = calloc(g.maps.n_maps + 1, sizeof *g.told);
	g.order = calloc(g.maps.n_maps + 1, sizeof *g.order);
	if (g.told == NULL || g.order == NULL)
		err_no_memory(g.maps.n_maps * sizeof *g.told);
	for (i = 0; i < o->n_sources; i++)
		if (source_list_add(&files, o->source[i], err) < 0)
			goto out;
	for (i = 0; i < files.n_files; i++) {
		if (files.file[i].reason != NULL) {
			put(&g, span_of(files.file[i].path));
			(void)fprintf(g.out, "\n  not read: %s\n\n",
			    files.file[i].reason);
			continue;
		}
		if (file_guess(&g, files.file[i].path, err) < 0)
			goto out;
	}
	rc = 0;
out:
	free(g.told);
	free(g.order);
	buf_clear(&g.head);
	source_list_clear(&files);
	map_set_clear(&g.maps);
	return rc;
}

/* ---- draft ----------------------------------------------------------------- */

/* A member that a draft may be made of. */
struct candidate {
	struct buf head;
	char *name, *reader; /* reader: the mapping that reads it, or NULL */
	bool whole;
};

static char *
copy_of(const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		err_no_memory(strlen(text));
	return copy;
}

/* Keep the member at hand: the first one, or the first that nobody reads. */
static void
candidate_take(struct guess *g, struct candidate *c, const char *name,
    const char *reader, bool whole)
{
	struct buf was = c->head;

	c->head = g->head;
	g->head = was;
	free(c->name);
	free(c->reader);
	c->name = copy_of(name);
	c->reader = reader != NULL ? copy_of(reader) : NULL;
	c->whole = whole;
}

static void
damage_ignored(
    void *arg, const char *member, uint64_t offset, const char *reason)
{
	(void)arg;
	(void)member;
	(void)offset;
	(void)reason;
}

static int
candidate_find(
    struct guess *g, const char *path, struct candidate *c, struct err *err)
{
	struct archive *a = archive_open(path, NULL, damage_ignored, NULL, err);
	struct record_bid bid;
	const char *name;
	int got, whole = 0;

	if (a == NULL)
		return -1;
	while ((got = archive_next(a, &name, err)) > 0) {
		whole = head_read(g, a, DRAFT_BYTES, &bid, err);
		if (whole < 0) {
			got = -1;
			break;
		}
		if (g->head.n == 0)
			continue;
		if (bid.map == NULL || c->name == NULL)
			candidate_take(g, c, name,
			    bid.map != NULL ? map_name(bid.map) : NULL,
			    whole > 0);
		if (bid.map == NULL) {
			got = 0;
			break;
		}
	}
	archive_close(a);
	return got;
}

int
draft_run(const char *path, FILE *out, struct err *err)
{
	struct guess g = { .out = out };
	struct candidate c = { 0 };
	const char *slash;
	struct buf text = { 0 };
	int rc = -1;

	if (map_set_shipped(&g.maps, err) < 0 ||
	    candidate_find(&g, path, &c, err) < 0)
		goto out;
	if (c.name == NULL) {
		(void)err_set(err, ERR_FAILED, "%s is empty", path);
		goto out;
	}
	slash = strrchr(c.name, '/');
	if (draft_mapping(slash != NULL ? slash + 1 : c.name,
		buf_as_span(&c.head), c.whole, &text, err) < 0) {
		(void)err_prefix(err, "%s", path);
		goto out;
	}
	if (c.reader != NULL)
		(void)fprintf(out,
		    "# A mapping that is built in reads this: "
		    "pretick formats %s\n",
		    c.reader);
	(void)fwrite(text.p, 1, text.n, out);
	rc = 0;
out:
	buf_clear(&text);
	buf_clear(&c.head);
	free(c.name);
	free(c.reader);
	buf_clear(&g.head);
	map_set_clear(&g.maps);
	return rc;
}
