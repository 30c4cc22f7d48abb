/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record_bench - how many records a second one thread parses.  For people
 * who change the parser; not part of `make check`.
 *
 *	record_bench MAP.map FILE [ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ingest/base/buf.h"
#include "ingest/json.h"
#include "ingest/map_code.h"
#include "ingest/record.h"

static uint64_t digest;

static int
event_digest(void *arg, const struct event *e)
{
	(void)arg;
	digest = (digest ^ e->present ^ (uint64_t)e->num[EV_TIME]) * 31;
	return 0;
}

static void
reject_print(void *arg, uint64_t record, uint64_t offset, uint64_t bytes,
    const char *reason)
{
	(void)arg;
	(void)record;
	printf("reject at %llu, %llu bytes: %s\n", (unsigned long long)offset,
	    (unsigned long long)bytes, reason);
}

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void
file_read(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "rb");
	size_t got;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	do {
		(void)buf_room(b, 1 << 20);
		got = fread(b->p + b->n, 1, 1 << 20, f);
		b->n += got;
	} while (got > 0);
	(void)buf_room(b, RECORD_PADDING_BYTES);
	(void)fclose(f);
}

/* Only the reading of JSON along the plan. */
static double
walk_only(const struct map *m, struct span text, uint64_t *n)
{
	struct json_reader *r = json_reader_new();
	struct value slot[MAP_SLOTS_MAX];
	double start = seconds();
	const char *reason;
	size_t at, end;

	*n = 0;
	json_lines_open(r, text);
	for (at = 0; at < text.n; at = end + 1)
		*n += json_lines_parse(r, m->doc[0].plan, at, &end, slot,
			  &reason) == JSON_OK;
	json_reader_free(r);
	return seconds() - start;
}

static void
round_run(const struct map *m, struct span text)
{
	struct record_parser *p = record_parser_new();
	struct record_sink sink = { NULL, event_digest, reject_print, NULL };
	struct record_cutter *c = record_cutter_new(m, RECORD_UTF8);
	struct record_piece piece = { 0 };
	struct record_tally t;
	double start = seconds(), took, alone;
	uint64_t n;
	size_t at, w;

	record_tally_clear(&t);
	piece.encoding = RECORD_UTF8;
	for (at = 0; at < text.n; at += piece.bytes.n) {
		piece.bytes.p = text.p + at;
		w = text.n - at < 256 * 1024 ? text.n - at : 256 * 1024;
		piece.bytes.n = w;
		piece.bytes.n =
		    record_cut(c, piece.bytes, w == text.n - at, &piece.state);
		piece.offset = at;
		(void)record_parse(p, m, &piece, &sink, &t);
	}
	took = seconds() - start;
	record_parser_free(p);
	record_cutter_free(c);
	printf("%.2f million records/s, %.0f MB/s (%llu mapped, %llu rejected, "
	       "%llu absent fields)",
	    (double)t.records / took / 1e6, (double)text.n / took / 1e6,
	    (unsigned long long)t.mapped, (unsigned long long)t.rejected,
	    (unsigned long long)t.fields_absent);
	if (m->doc[0].plan != NULL && getenv("BENCH_WHOLE") == NULL) {
		alone = walk_only(m, text, &n);
		printf("; JSON alone %.2f", (double)n / alone / 1e6);
	}
	printf("\n");
}

int
main(int argc, char **argv)
{
	struct map_set set = { 0 };
	struct buf b = { 0 };
	struct err err = { 0 };
	int i, rounds;

	if (argc < 3) {
		(void)fputs("record_bench MAP.map FILE [ROUNDS]\n", stderr);
		return 2;
	}
	rounds = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 3;
	if (map_set_add_file(&set, argv[1], &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	file_read(argv[2], &b);
	for (i = 0; i < rounds; i++)
		round_run(set.map[0], buf_as_span(&b));
	printf("digest %016llx\n", (unsigned long long)digest);
	buf_clear(&b);
	map_set_clear(&set);
	return 0;
}
