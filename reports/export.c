/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/export.h"

#include <errno.h>
#include <stdlib.h>

#include "ingest/base/buf.h"
#include "ingest/base/utc.h"
#include "ingest/casefile.h"
#include "ingest/store.h"
#include "reports/pseudonym.h"

struct exporter {
	const struct export_options *o;
	struct pseudonym_key key;
	char **member; /* [n_members + 1] names by member_id */
	int64_t n_members;
	struct buf line;
};

static void
put_text(struct buf *b, struct span s)
{
	size_t i;

	(void)buf_char(b, '"');
	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			(void)buf_printf(b, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			(void)buf_printf(b, "\\u%04x", c);
		else
			(void)buf_char(b, (char)c);
	}
	(void)buf_char(b, '"');
}

static void
put_list(struct buf *b, struct span s)
{
	const char *end = s.p + s.n, *p = s.p, *sep;

	(void)buf_char(b, '[');
	for (;;) {
		sep = memchr(p, EVENT_LIST_SEP, (size_t)(end - p));
		if (sep == NULL)
			sep = end;
		put_text(b, (struct span){ p, (size_t)(sep - p) });
		if (sep == end)
			break;
		(void)buf_char(b, ',');
		p = sep + 1;
	}
	(void)buf_char(b, ']');
}

/* Millionths as the shortest decimal number. */
static void
put_micro(struct buf *b, int64_t v)
{
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	char frac[8];
	int n = 6;

	(void)buf_printf(
	    b, "%s%llu", v < 0 ? "-" : "", (unsigned long long)(u / 1000000));
	if (u % 1000000 == 0)
		return;
	(void)snprintf(
	    frac, sizeof frac, "%06llu", (unsigned long long)(u % 1000000));
	while (frac[n - 1] == '0')
		n--;
	(void)buf_printf(b, ".%.*s", n, frac);
}

static void
put_num(struct buf *b, const struct event *e, int f)
{
	char text[UTC_TEXT_BYTES];

	switch (event_fields[f].type) {
	case EVENT_TYPE_TIME:
		if (f == EV_TIME && event_has_num(e, EV_ZONE))
			(void)utc_format_zone(
			    e->num[f], (int)e->num[EV_ZONE], text);
		else
			(void)utc_format(e->num[f], text);
		put_text(b, span_of(text));
		break;
	case EVENT_TYPE_WORD:
		put_text(b, span_of(event_word_name(f, e->num[f])));
		break;
	case EVENT_TYPE_MICRO:
		put_micro(b, e->num[f]);
		break;
	default:
		(void)buf_printf(b, "%lld", (long long)e->num[f]);
	}
}

static void
put_str(struct exporter *x, const struct event *e, int f)
{
	static const struct {
		enum event_str field;
		const char *kind;
	} person[] = { { EV_ACTOR, "user" }, { EV_DEVICE, "device" },
		{ EV_DATUM, "nonuser" } };
	char name[PSEUDONYM_BYTES];
	size_t i;

	for (i = 0; i < sizeof person / sizeof person[0]; i++)
		if (person[i].field == (enum event_str)f) {
			put_text(
			    &x->line, span_of(pseudonym(&x->key, person[i].kind,
					  e->str[f], name)));
			return;
		}
	if (event_fields[EVENT_N_NUM + f].type == EVENT_TYPE_LIST)
		put_list(&x->line, e->str[f]);
	else
		put_text(&x->line, e->str[f]);
}

static void
put_event(struct exporter *x, const struct event *e)
{
	struct buf *b = &x->line;
	const char *sep = "{";
	int f;

	buf_reset(b);
	for (f = 0; f < EVENT_N_FIELDS; f++) {
		if ((e->present >> f & 1) == 0)
			continue;
		(void)buf_printf(b, "%s\"%s\":", sep, event_fields[f].name);
		sep = ",";
		if (f < EVENT_N_NUM)
			put_num(b, e, f);
		else
			put_str(x, e, f - EVENT_N_NUM);
	}
	(void)buf_printf(
	    b, ",\"place\":{\"member_id\":%u,\"member\":", e->place.member);
	put_text(b, span_of(e->place.member <= x->n_members &&
				    x->member[e->place.member] != NULL
				? x->member[e->place.member]
				: ""));
	(void)buf_printf(b, ",\"offset\":%llu,\"bytes\":%u}}\n",
	    (unsigned long long)e->place.offset, e->place.bytes);
}

static int
export_part(
    struct exporter *x, unsigned part, enum store_file file, struct err *err)
{
	struct store_reader *r = store_read(
	    x->o->case_dir, part, file, UINT64_MAX, UINT64_MAX, true, err);
	struct store_block b = { 0 };
	struct event e;
	uint32_t i;
	int got = -1;

	if (r == NULL)
		return -1;
	while ((got = store_next(r, &b, err)) > 0)
		for (i = 0; i < b.n; i++) {
			store_event(&b, i, &e);
			put_event(x, &e);
			if (fwrite(x->line.p, 1, x->line.n, x->o->out) !=
			    x->line.n) {
				got = err_set(err, ERR_FAILED,
				    "cannot write: %s", strerror(errno));
				goto out;
			}
		}
out:
	store_block_free(&b);
	store_reader_close(r);
	return got;
}

static int
members_read(struct exporter *x, struct err *err)
{
	struct casefile c;
	sqlite3_stmt *q;
	int rc;

	if (casefile_open(&c, x->o->case_dir, CASEFILE_READ, err) < 0)
		return -1;
	x->n_members = casefile_int(
	    &c, "SELECT coalesce(max(member_id), 0) FROM member", 0);
	x->member = calloc((size_t)x->n_members + 1, sizeof x->member[0]);
	if (x->member == NULL)
		err_no_memory((size_t)x->n_members);
	q = casefile_prepare(&c, "SELECT member_id, name FROM member");
	while (casefile_step(&c, q) > 0) {
		x->member[sqlite3_column_int64(q, 0)] =
		    strdup((const char *)sqlite3_column_text(q, 1));
	}
	casefile_finalize(q);
	pseudonym_key_home(&x->key, &c);
	rc = casefile_error(&c, err);
	casefile_close(&c);
	return rc;
}

int
export_run(const struct export_options *o, struct err *err)
{
	struct exporter x = { .o = o };
	unsigned job;
	int64_t i;
	int rc = -1;

	if (strcmp(o->to, "jsonl") != 0)
		return err_set(err, ERR_USAGE,
		    "cannot export to %s: this version writes jsonl", o->to);
	if (pseudonym_key_read(&x.key, o->key_file, err) < 0 ||
	    members_read(&x, err) < 0)
		goto out;
	for (job = 0; job < STORE_PARTS * STORE_FILE__MAX; job++)
		if (export_part(&x, job % STORE_PARTS, job / STORE_PARTS, err) <
		    0)
			goto out;
	if (fflush(o->out) != 0)
		(void)err_set(
		    err, ERR_FAILED, "cannot write: %s", strerror(errno));
	else
		rc = 0;
out:
	for (i = 0; x.member != NULL && i <= x.n_members; i++)
		free(x.member[i]);
	free(x.member);
	pseudonym_key_clear(&x.key);
	buf_clear(&x.line);
	return rc;
}
