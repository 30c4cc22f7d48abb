/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works: draft_shape() finds the records and what stands at their
 * paths; here that becomes a mapping's text.  A path is used once: for the
 * time, for the name of the event, for a field; all others are comments.
 */
#include "ingest/draft.h"

#include <inttypes.h>
#include <stdio.h>

#include "ingest/draft_int.h"
#include "ingest/encoding.h"

enum { KINDS_MOST = 40, EXAMPLE_BYTES = 40 };

struct writer {
	struct draft *d;
	struct buf *out;
};

/* ---- what a name says --------------------------------------------------------- */

/* Names of paths, in lower case without dividers, the likeliest first. */
static const struct {
	const char *field, *names;
} known[] = {
	{ "actor", "userid uid useruid accountid account loginid openid "
		   "memberid customerid subjectid distinctid visituserid "
		   "username user actor who" },
	{ "device", "deviceid did utdid installationid installid clientid "
		    "visitorid anonymousid userpseudoid idfa idfv gaid imei "
		    "appinstanceid device" },
	{ "session", "sessionid sessid eventsessionid sid session" },
	{ "request", "requestid traceid correlationid" },
	{ "app", "appid appname bundleid packagename app" },
	{ "app_version",
	    "appversion appver versionname clientversion version" },
	{ "platform", "platform osname os" },
	{ "screen", "screenid screen pageid page pagename screenname view" },
	{ "element", "elementid element controlid control widgetid buttonid "
		     "button widget" },
	{ "label", "elementcontent buttontext label text caption" },
	{ "surface", "surface banner dialog" },
	{ "purpose", "purpose purposes purposeid" },
	{ "entry", "entry referrer referer" },
	{ "variant", "variant experimentgroup bucket" },
};

static const char received_names[] =
    "received receivedat receivedtime servertime servertimestamp "
    "serverreceivedtime receivetime uploadtime ingestedat";
/* One value in all of many records names no person and no event. */
static bool
varies(const struct draft *d, const struct draft_field *f)
{
	return f->n_values > 1 || f->more > 0 || d->n_records < 8;
}

/* ---- text of the mapping ------------------------------------------------------- */

/* A path as the language wants it. */
static void
put_path(struct writer *w, const struct draft_field *f)
{
	static const char bare[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_/$.:-~";
	size_t i;

	for (i = 0; i < f->path.n; i++)
		if (memchr(bare, f->path.p[i], sizeof bare - 1) == NULL)
			break;
	if (i == f->path.n || w->d->container == MAP_TEXT) {
		(void)buf_span(w->out, f->path);
		return;
	}
	(void)buf_char(w->out, '`');
	(void)buf_span(w->out, f->path);
	(void)buf_char(w->out, '`');
}

/* "word", with what the quotes would end escaped. */
static void
put_word(struct writer *w, struct span s)
{
	size_t i;

	(void)buf_char(w->out, '"');
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			(void)buf_char(w->out, '\\');
		(void)buf_char(w->out, s.p[i]);
	}
	(void)buf_char(w->out, '"');
}

static void
put_name(struct writer *w, const char *file)
{
	size_t n = 0;

	for (; *file != '\0' && *file != '.' && n < 40; file++, n++)
		(void)buf_char(w->out, (*file >= 'a' && *file <= 'z') ||
					       (*file >= '0' && *file <= '9')
					   ? *file
				       : *file >= 'A' && *file <= 'Z'
					   ? (char)(*file - 'A' + 'a')
					   : '-');
	(void)buf_str(w->out, n > 0 ? "-draft\n" : "draft\n");
}

/* Words that mean that nothing is there. */
static void
put_nulls(struct writer *w)
{
	static const char *const words[] = { "-", "null", "NULL", "None",
		"(not set)", "\\N", "undefined" };
	const struct draft_field *f;
	bool any = false, seen;
	size_t i, j, k;

	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		seen = false;
		for (j = 0; j < w->d->n_fields; j++) {
			f = &w->d->field[j];
			for (k = 0; k < f->n_values; k++)
				seen |= f->texts > 0 &&
					span_is(f->value[k].text, words[i]);
		}
		if (!seen)
			continue;
		(void)buf_str(w->out, any ? " " : "null = ");
		put_word(w, span_of(words[i]));
		any = true;
	}
	if (any)
		(void)buf_char(w->out, '\n');
}

static void
put_format(struct writer *w, const char *file)
{
	static const char *const names[] = { [MAP_JSONL] = "jsonl",
		[MAP_JSON] = "json",
		[MAP_CSV] = "csv",
		[MAP_TEXT] = "text" };
	struct draft *d = w->d;
	size_t i;

	(void)buf_str(w->out, "[format]\nname = ");
	put_name(w, file);
	(void)buf_printf(w->out,
	    "version = 0\ntitle = a draft, to be finished\ncontainer = %s\n",
	    names[d->container]);
	if (d->records.p != NULL)
		(void)buf_printf(w->out, "records = %.*s\n", (int)d->records.n,
		    d->records.p);
	if (d->container == MAP_CSV && d->delimiter == '\t')
		(void)buf_str(w->out, "delimiter = tab\n");
	else if (d->container == MAP_CSV && d->delimiter != ',')
		(void)buf_printf(w->out, "delimiter = \"%c\"\n", d->delimiter);
	if (d->container == MAP_CSV && !d->has_header) {
		(void)buf_str(w->out, "columns =");
		for (i = 0; i < d->n_columns; i++)
			(void)buf_printf(w->out, " %.*s", (int)d->column[i].n,
			    d->column[i].p);
		(void)buf_char(w->out, '\n');
	}
	if (d->pattern != NULL)
		(void)buf_printf(w->out, "pattern = /%s/\n", d->pattern);
	put_nulls(w);
}

/* ---- time ---------------------------------------------------------------------- */

static void
put_clock(struct writer *w, const char *key, int clock)
{
	const char *name = draft_clock_name[clock];

	(void)buf_printf(w->out,
	    strchr(name, ' ') != NULL ? "%s = \"%s\"\n" : "%s = %s\n", key,
	    name);
}

static bool
writes_zone(const struct draft_field *f, int clock)
{
	struct span s;

	if (strncmp(draft_clock_name[clock], "epoch", 5) == 0 ||
	    strstr(draft_clock_name[clock], "%z") != NULL)
		return true;
	s = f->value[0].text;
	return s.n > 0 &&
	       (s.p[s.n - 1] == 'Z' ||
		   (s.n > 6 && (s.p[s.n - 6] == '+' || s.p[s.n - 6] == '-')));
}

static void
put_time(struct writer *w)
{
	int at = draft_time_best(w->d), received, i;
	const struct draft_field *f;
	bool is_server;

	(void)buf_str(w->out, "\n[time]\n");
	if (at < 0) {
		/* a mapping without is refused, as are records without */
		(void)buf_str(w->out,
		    "# No path holds times that are understood, nor does this "
		    "one: as long as it\n# stands here every record is "
		    "refused.\nfrom = ");
		put_path(w, &w->d->field[0]);
		(void)buf_str(w->out, "\nformat = rfc3339\n");
		return;
	}
	f = &w->d->field[at];
	w->d->field[at].is_used = true;
	is_server = draft_is_server(f);
	(void)buf_str(w->out, "from = ");
	put_path(w, f);
	(void)buf_char(w->out, '\n');
	put_clock(w, "format", draft_clock_of(f));
	if (!writes_zone(f, draft_clock_of(f)))
		(void)buf_str(w->out,
		    "# These times say no zone.  Whose wall clock is it?\n"
		    "# zone = +08:00\n");
	(void)buf_printf(w->out,
	    "# Whose clock: client, sent, received, server or derived?\n"
	    "%srole = %s\n",
	    is_server ? "" : "# ", is_server ? "server" : "client");
	received = draft_field_named(w->d, received_names);
	if (received >= 0 && draft_clock_of(&w->d->field[received]) >= 0) {
		w->d->field[received].is_used = true;
		(void)buf_str(w->out, "received = ");
		put_path(w, &w->d->field[received]);
		(void)buf_char(w->out, '\n');
		put_clock(w, "received_format",
		    draft_clock_of(&w->d->field[received]));
	}
	for (i = 0; i < (int)w->d->n_fields; i++) {
		f = &w->d->field[i];
		if (w->d->field[i].is_used || draft_clock_of(f) < 0)
			continue;
		(void)buf_str(w->out, "# also a time: ");
		put_path(w, f);
		(void)buf_printf(
		    w->out, " (%s)\n", draft_clock_name[draft_clock_of(f)]);
		w->d->field[i].is_used = true;
	}
}

/* ---- kinds ---------------------------------------------------------------------- */

static void
put_kinds(struct writer *w, int event)
{
	const struct draft_field *f;
	size_t i;

	(void)buf_str(w->out, "\n[kind]\n");
	if (event >= 0) {
		f = &w->d->field[event];
		(void)buf_str(w->out,
		    "# Say what these are and take the comment signs away:\n");
		for (i = 0; i < f->n_values && i < KINDS_MOST; i++) {
			if (f->value[i].is_cut ||
			    !draft_is_plain(f->value[i].text) ||
			    f->value[i].text.n == 0)
				continue;
			(void)buf_str(w->out, "# ");
			put_path(w, f);
			(void)buf_str(w->out, " is ");
			put_word(w, f->value[i].text);
			(void)buf_printf(w->out, " = %s\n",
			    draft_kind_guess(&w->d->arena, f->value[i].text));
		}
		if (f->more > 0)
			(void)buf_printf(w->out,
			    "# ... and %" PRIu64 " records with others\n",
			    f->more);
	} else {
		(void)buf_str(w->out,
		    "# No path names the events.  Rules are SOURCE is WORD = "
		    "KIND.\n");
	}
	(void)buf_str(w->out, "always = other\n");
}

/* ---- fields --------------------------------------------------------------------- */

static void
put_fields(struct writer *w, int event)
{
	size_t k;
	int at;

	(void)buf_str(w->out, "\n[fields]\n");
	if (event >= 0) {
		w->d->field[event].is_used = true;
		(void)buf_str(w->out, "action = ");
		put_path(w, &w->d->field[event]);
		(void)buf_char(w->out, '\n');
	}
	for (k = 0; k < sizeof known / sizeof known[0]; k++) {
		at = draft_field_named(w->d, known[k].names);
		if (at < 0)
			continue;
		w->d->field[at].is_used = true;
		/* the first three name people, who are not all the same */
		if (k < 3 && !varies(w->d, &w->d->field[at]))
			(void)buf_str(w->out, "# the same everywhere: ");
		(void)buf_printf(w->out, "%s = ", known[k].field);
		put_path(w, &w->d->field[at]);
		(void)buf_char(w->out, '\n');
	}
	(void)buf_str(
	    w->out, "# Which side wrote it: ui or server?\n# trail = \"ui\"\n");
}

/* An id by how it behaves: many values, each more than once. */
static bool
looks_like_id(const struct draft_field *f)
{
	return draft_is_scalar(f) && f->n_values == DRAFT_VALUES && f->more > 0;
}

static void
put_others(struct writer *w)
{
	const struct draft_field *f;
	struct span example;
	bool any = false;
	size_t i;

	for (i = 0; i < w->d->n_fields; i++) {
		f = &w->d->field[i];
		if (w->d->field[i].is_used)
			continue;
		if (!any)
			(void)buf_str(w->out,
			    "\n# The other paths: in how many records, and an "
			    "example.\n");
		any = true;
		(void)buf_str(w->out, "# ");
		put_path(w, f);
		(void)buf_printf(w->out, "  %" PRIu64 " of %" PRIu64,
		    f->present, w->d->n_records);
		if (f->lists > 0)
			(void)buf_str(w->out, ", lists or objects");
		if (looks_like_id(f))
			(void)buf_str(w->out, ", perhaps an id");
		if (f->n_values > 0) {
			example = draft_visible(
			    &w->d->arena, f->value[0].text, EXAMPLE_BYTES);
			(void)buf_printf(
			    w->out, ", as %.*s", (int)example.n, example.p);
		}
		(void)buf_char(w->out, '\n');
	}
	if (w->d->n_left_out > 0)
		(void)buf_printf(w->out,
		    "# %" PRIu64 " values stand at paths that are not listed: "
		    "too many, too long, or with signs that a mapping cannot "
		    "say.\n",
		    w->d->n_left_out);
}

static void
put_never(struct writer *w)
{
	(void)buf_str(w->out,
	    "\n# What can this source not hold at all?  Rates over it are "
	    "refused then.\n"
	    "# [never]\n# control.impression\n# refusal\n");
}

static void
put_all(struct writer *w, const char *file)
{
	int event;

	(void)buf_printf(w->out,
	    "# A first mapping; records looked at: %" PRIu64 ".  What names "
	    "and values suggest\n# is filled in; nothing of it is certain.\n",
	    w->d->n_records);
	put_format(w, file);
	put_time(w);
	event = draft_event_field_of(w->d);
	put_kinds(w, event);
	put_fields(w, event);
	put_others(w);
	put_never(w);
}

/* ---- all ------------------------------------------------------------------------ */

static int
compose(struct draft *d, const char *file, struct span text, bool whole,
    struct buf *out, struct err *err)
{
	struct writer w = { .d = d };
	struct err with = { 0 }; /* of what the sample makes wrong */
	struct buf made = { 0 };
	size_t bare;
	int share;

	w.out = &made;
	put_all(&w, file);
	bare = made.n;
	if (d->sample.p != NULL) {
		(void)buf_str(&made, "\n[sample]\n");
		(void)buf_span(&made, d->sample);
		(void)buf_char(&made, '\n');
	}
	share = draft_try(made.p, text, whole, &with);
	if (share < 0) { /* the record does not stand for itself */
		made.n = bare;
		made.p[bare] = '\0';
		share = draft_try(made.p, text, whole, err);
	}
	if (share < 0) {
		buf_clear(&made);
		return err_prefix(err, "no draft can be made");
	}
	(void)buf_printf(out,
	    "# As it stands this reads %d%% of the first records.\n", share);
	(void)buf_span(out, buf_as_span(&made));
	buf_clear(&made);
	return 0;
}

int
draft_mapping(const char *file, struct span head, bool whole, struct buf *out,
    struct err *err)
{
	struct draft *d;
	struct encoding_marks marks = { 0 };
	struct buf padded = { 0 };
	struct arena own = { 0 };
	enum record_encoding encoding;
	struct span text;
	const char *why = "its records hold nothing that a mapping can name";
	int rc = -1;

	d = arena_alloc(&own, sizeof *d);
	text = head;
	encoding = encoding_find(head, whole);
	if (encoding != RECORD_UTF8) {
		encoding_change(&marks, encoding, head, whole);
		text = buf_as_span(&marks.utf8);
	}
	if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0) {
		text.p += 3;
		text.n -= 3;
	}
	(void)buf_span(&padded, text);
	(void)buf_room(&padded, RECORD_PADDING_BYTES);
	memset(padded.p + padded.n, 0, RECORD_PADDING_BYTES);
	text = buf_as_span(&padded);
	draft_clocks_init(d);
	if (draft_shape(d, text, whole, &why) < 0 || d->n_fields == 0)
		(void)err_set(err, ERR_FAILED, "%s", why);
	else
		rc = compose(d, file, text, whole, out, err);
	arena_clear(&d->map.arena);
	arena_clear(&d->arena);
	arena_clear(&own);
	encoding_marks_clear(&marks);
	buf_clear(&padded);
	return rc;
}
