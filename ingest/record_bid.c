/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bidding: every mapping parses the beginning of a member as if it were its
 * own and counts the records that it understands, that is, that have time,
 * kind by a rule and all that the mapping requires.  Damaged records do not
 * count against it, a mapping cannot help those.
 *
 * How it works: there are many mappings and, in some evidence, very many
 * small members.  So all taste the first few KiB; one that understands none
 * of the records there waits when another understands half of them.  The
 * others, mostly one or two, read on, and unless one of these understands
 * half of all, those that waited do as well.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/record_cut.h"

enum {
	SCORE_LEAST = 10,
	DAMAGED_SHARE_MOST = 10,
	TASTE_BYTES = 8192,
	TASTE_RECORDS = 6, /* of fewer nobody makes much */
	TASTE_SCORE = 50,
};

enum { REASONS_MAX = 8 }; /* told apart; more count as the last */

struct counting {
	uint64_t damaged; /* not even the container's syntax */
	uint64_t broken;  /* of these, JSON with a mistake */
	struct {
		char text[RECORD_WHY_BYTES];
		uint64_t n;
	} reason[REASONS_MAX];
};

static void
reason_add(struct counting *c, const char *text, uint64_t n)
{
	char cut[RECORD_WHY_BYTES];
	size_t i;

	if (n == 0)
		return;
	(void)snprintf(cut, sizeof cut, "%s", text);
	for (i = 0; i < REASONS_MAX - 1 && c->reason[i].n > 0; i++)
		if (strcmp(c->reason[i].text, cut) == 0)
			break;
	if (c->reason[i].n == 0)
		memcpy(c->reason[i].text, cut, sizeof cut);
	c->reason[i].n += n;
}

static int
event_ignored(void *arg, const struct event *e)
{
	(void)arg;
	(void)e;
	return 0;
}

/* A record that is no JSON or no CSV, whatever the mapping would say. */
static void
reject_counted(void *arg, uint64_t record, uint64_t offset, uint64_t bytes,
    const char *reason)
{
	struct counting *c = arg;

	(void)record;
	(void)offset;
	(void)bytes;
	c->damaged += strncmp(reason, "invalid ", 8) == 0 ||
		      strncmp(reason, "not a ", 6) == 0 ||
		      strcmp(reason, "record is too long") == 0;
	c->broken += strncmp(reason, "invalid JSON", 12) == 0;
	reason_add(c, reason, 1);
}

struct bid {
	uint64_t records, understood, damaged, broken;
	bool is_short; /* the head ends before its first record does */
};

static int
score(const struct bid *b)
{
	uint64_t sound = b->records - b->damaged;

	if (sound == 0 || b->records / DAMAGED_SHARE_MOST > sound)
		return 0;
	return (int)(b->understood * 100 / sound);
}

/* What is told of a bid: its figures and the commonest reason against it. */
static void
tell(const struct record_parser *p, const struct bid *b, struct counting *c,
    struct record_told *told)
{
	size_t i;

	reason_add(c, "its [require] does not hold", p->not_required);
	reason_add(c, "no rule of its [kind] fits", p->no_rule);
	memset(told, 0, sizeof *told);
	told->score = score(b);
	told->records = b->records - b->damaged;
	told->understood = b->understood;
	for (i = 0; i < REASONS_MAX; i++)
		if (c->reason[i].n > told->n_why) {
			told->n_why = c->reason[i].n;
			memcpy(told->why, c->reason[i].text, sizeof told->why);
		}
	if (b->records == 0)
		(void)snprintf(told->why, sizeof told->why,
		    "no record of its container is found");
}

static void
bid_count(struct record_parser *p, const struct map *m,
    enum record_encoding encoding, struct span head, bool whole,
    struct bid *out, struct record_told *told)
{
	/* whose log it is does not depend on what the case says of its year */
	static const struct zone_local some_year = { .year = 2000,
		.first_month = 1 };
	struct record_cutter *c = record_cutter_new(m, encoding);
	struct counting counting = { 0 };
	struct record_sink sink = { &counting, event_ignored, reject_counted,
		NULL };
	struct record_piece piece = { 0 };
	struct record_tally tally;
	size_t n;

	record_tally_clear(&tally);
	piece.bytes = head;
	piece.encoding = encoding;
	piece.local = &some_year;
	n = record_cut(c, head, whole, &piece.state);
	if (n == 0 && m->n_together > 0) /* few keys: as if it ended here */
		n = record_cut(c, head, true, &piece.state);
	piece.bytes.n = n;
	p->most_records = RECORD_BID_RECORDS;
	p->understood = p->no_rule = p->not_required = 0;
	if (n > 0)
		(void)record_parse_some(p, m, &piece, &sink, &tally);
	out->records = tally.records;
	out->understood = p->understood;
	out->damaged = counting.damaged;
	out->broken = counting.broken;
	/* what was cut off without a record is of another's document */
	out->is_short = !whole && tally.records == 0 && n < head.n / 2;
	if (told != NULL)
		tell(p, out, &counting, told);
	record_cutter_free(c);
}

static enum record_encoding
encoding_for(const struct map *m, enum record_encoding found)
{
	return m->encoding != 0 ? (enum record_encoding)m->encoding : found;
}

/* What the mappings bid from. */
struct auction {
	const struct map_set *maps;
	struct record_parser *p;
	struct span head;
	bool whole;
	enum record_encoding found;
	struct record_told *told; /* [n_maps], or NULL */
	const bool *waits;	  /* [n_maps], or NULL */
};

/* A longer part of the head only where its first record needs one. */
static void
bid_longer(const struct auction *a, size_t i, struct bid *out)
{
	const struct map *m = a->maps->map[i];
	struct span part = a->head;
	size_t n = RECORD_BID_BYTES;

	do {
		part.n = n < a->head.n ? n : a->head.n;
		bid_count(a->p, m, encoding_for(m, a->found), part,
		    a->whole && part.n == a->head.n, out,
		    a->told != NULL ? &a->told[i] : NULL);
		n *= 8;
	} while (out->is_short && part.n < a->head.n);
}

/*
 * Whether the head may be the beginning of a long record: pictures and
 * databases are not looked at any further.
 */
static bool
is_text(struct span head, enum record_encoding encoding)
{
	size_t i;

	if (head.n > RECORD_BID_BYTES)
		head.n = RECORD_BID_BYTES;
	if (encoding != RECORD_UTF8)
		return true;
	for (i = 0; i < 4 && head.n > i; i++) /* it may end in a character */
		if (json_utf8_is_valid((struct span){ head.p, head.n - i }))
			return memchr(head.p, '\0', head.n) == NULL;
	return false;
}

/* The more a container or a mapping demands, the more its success says. */
static int
rank(const struct map *m)
{
	switch (m->container) {
	case MAP_JSON:
	case MAP_XML:
		return 4;
	case MAP_CSV:
		return 3;
	case MAP_JSONL:
		return 2;
	default:
		return 1;
	}
}

static bool
is_better(const struct map *m, int s, const struct record_bid *than)
{
	if (s != than->score || than->map == NULL)
		return s > than->score;
	if (rank(m) != rank(than->map))
		return rank(m) > rank(than->map);
	if (m->require.n_groups != than->map->require.n_groups)
		return m->require.n_groups > than->map->require.n_groups;
	return strcmp(m->name, than->map->name) < 0;
}

/* Which mappings wait; the caller frees them. */
static bool *
taste_all(struct record_parser *p, const struct map_set *maps,
    enum record_encoding found, struct span head, bool whole)
{
	bool *waits = calloc(maps->n_maps + 1, sizeof *waits);
	const struct map *m;
	struct bid taste;
	int best = 0;
	size_t i;

	if (waits == NULL)
		err_no_memory(maps->n_maps + 1);
	if (head.n > TASTE_BYTES) {
		head.n = TASTE_BYTES;
		whole = false;
	}
	for (i = 0; i < maps->n_maps; i++) {
		m = maps->map[i];
		if (m->n_together > 0) /* records may end far behind */
			continue;
		bid_count(
		    p, m, encoding_for(m, found), head, whole, &taste, NULL);
		waits[i] =
		    taste.understood == 0 && taste.records >= TASTE_RECORDS;
		if (score(&taste) > best)
			best = score(&taste);
	}
	if (best < TASTE_SCORE)
		memset(waits, 0, maps->n_maps);
	return waits;
}

/* The mappings that wait (`those`), or the others. */
static void
bid_all(const struct auction *a, bool those, struct record_bid *out)
{
	const struct map *m;
	struct bid bid;
	size_t i;
	int s;

	for (i = 0; i < a->maps->n_maps; i++) {
		if (a->waits != NULL && a->waits[i] != those)
			continue;
		m = a->maps->map[i];
		bid_longer(a, i, &bid);
		out->is_short |= bid.is_short;
		s = score(&bid);
		if (s >= SCORE_LEAST && is_better(m, s, out)) {
			out->map = m;
			out->score = s;
			out->encoding = encoding_for(m, a->found);
		}
	}
}

/*
 * The only mapping there is, and records that are broken, but its own: they
 * are rejects with their places rather than a file of nobody.
 */
static void
broken_take(const struct auction *a, struct record_bid *out)
{
	struct bid b;

	bid_longer(a, 0, &b);
	if (b.damaged == 0 || (b.understood + b.broken) * 2 <= b.records ||
	    b.understood != b.records - b.damaged)
		return;
	out->map = a->maps->map[0];
	out->encoding = encoding_for(out->map, a->found);
}

void
record_bid_told(const struct map_set *maps, struct span head, bool whole,
    struct record_bid *out, struct record_told *told)
{
	struct record_parser *p = record_parser_new();
	struct buf padded = { 0 };
	struct auction a = { maps, p, head, whole, RECORD_UTF8, told, NULL };
	bool *waits = NULL;

	memset(out, 0, sizeof *out);
	if (head.n > RECORD_BID_BYTES_MOST) {
		a.head.n = RECORD_BID_BYTES_MOST;
		a.whole = false;
	}
	(void)buf_span(&padded, a.head);
	(void)buf_room(&padded, RECORD_PADDING_BYTES);
	memset(padded.p + padded.n, 0, RECORD_PADDING_BYTES);
	a.head = buf_as_span(&padded);
	head = a.head;
	if (head.n > RECORD_BID_BYTES)
		head.n = RECORD_BID_BYTES;
	a.found = encoding_find(head, a.whole && head.n == a.head.n);
	out->encoding = a.found;
	if (told == NULL && a.head.n > TASTE_BYTES) /* else it is the whole */
		a.waits = waits = taste_all(p, maps, a.found, a.head, a.whole);
	bid_all(&a, false, out);
	if (waits != NULL && out->score < TASTE_SCORE)
		bid_all(&a, true, out);
	if (maps->n_maps == 1 && out->map == NULL && !out->is_short)
		broken_take(&a, out);
	out->is_short =
	    out->is_short && out->map == NULL && is_text(a.head, out->encoding);
	record_parser_free(p);
	buf_clear(&padded);
	free(waits);
}

size_t
record_bid_longer(const struct record_bid *b, size_t n)
{
	return b->is_short && n < RECORD_BID_BYTES_MOST ? RECORD_BID_BYTES_MOST
							: 0;
}

void
record_bid(const struct map_set *maps, struct span head, bool whole,
    struct record_bid *out)
{
	record_bid_told(maps, head, whole, out, NULL);
}
