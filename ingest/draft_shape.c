/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which container a text is, where its records are and what they hold.
 *
 * How it works: JSON lines, then one JSON document, then separated values,
 * then lines of text (draft_text.c); the first that most of the text agrees
 * with.
 */
#include "ingest/draft_int.h"
#include "ingest/record.h"

enum { CELLS_MAX = 256, LINES_LOOKED = 64, SAMPLE_BYTES = 2000 };

bool
draft_line_next(struct span *rest, struct span *line)
{
	const char *nl;

	while (rest->n > 0) {
		nl = memchr(rest->p, '\n', rest->n);
		line->p = rest->p;
		line->n = nl != NULL ? (size_t)(nl - rest->p) : rest->n;
		rest->p += line->n + (nl != NULL);
		rest->n -= line->n + (nl != NULL);
		if (line->n > 0 && line->p[line->n - 1] == '\r')
			line->n--;
		if (map_trim(*line).n > 0)
			return true;
	}
	return false;
}

void
draft_sample(struct draft *d, struct span text)
{
	if (d->sample.p == NULL && text.n > 0 && text.n <= SAMPLE_BYTES &&
	    text.p[0] != '[' && draft_is_plain(text))
		d->sample = arena_span(&d->arena, text);
}

/* ---- JSON -------------------------------------------------------------------- */

struct json_tools {
	struct draft *d;
	struct json_plan *all; /* the document itself */
	struct json_reader *reader[DRAFT_DEPTH + 2];
};

static void
tools_open(struct json_tools *t, struct draft *d)
{
	int i;

	t->d = d;
	t->all = json_plan_new();
	(void)json_plan_add(t->all, span_of(""), 0);
	for (i = 0; i < DRAFT_DEPTH + 2; i++)
		t->reader[i] = json_reader_new();
}

static void
tools_close(struct json_tools *t)
{
	int i;

	json_plan_free(t->all);
	for (i = 0; i < DRAFT_DEPTH + 2; i++)
		json_reader_free(t->reader[i]);
}

/* "/key" behind a path; false when no mapping can say it. */
static bool
path_add(char path[DRAFT_PATH_BYTES], size_t *n, struct span key)
{
	size_t i, at = *n;

	if (key.n == 0 || key.p[0] == '[' || span_is(key, "*"))
		return false;
	path[at++] = '/';
	for (i = 0; i < key.n; i++) {
		if (at + 3 > DRAFT_PATH_BYTES)
			return false;
		if (key.p[i] == '/' || key.p[i] == '~') {
			path[at++] = '~';
			path[at++] = key.p[i] == '/' ? '1' : '0';
		} else {
			path[at++] = key.p[i];
		}
	}
	*n = at;
	return true;
}

static void
walk(struct json_tools *t, const struct value *object, char *path, size_t n,
    int depth)
{
	struct json_walk w;
	struct value v;
	struct span key;
	size_t end;

	json_walk_begin(&w, object);
	while (json_walk_next(&w, t->reader[depth], t->all, &v, &key) !=
	       JSON_END) {
		end = n;
		if (!path_add(path, &end, key)) {
			t->d->n_left_out++;
			continue;
		}
		if (v.type == VALUE_OBJECT && depth < DRAFT_DEPTH)
			walk(t, &v, path, end, depth + 1);
		else
			draft_add(t->d, (struct span){ path, end }, &v);
	}
}

static void
record_walk(struct json_tools *t, const struct value *record)
{
	char path[DRAFT_PATH_BYTES];

	t->d->n_records++;
	walk(t, record, path, 0, 1);
}

/* Do most lines hold an object each?  Then they are the records. */
static bool
lines_of_json(struct json_tools *t, struct span text, bool whole)
{
	struct span rest = text, line;
	const char *reason;
	struct value v;
	uint64_t bad = 0, n = 0;

	while (n < DRAFT_RECORDS && draft_line_next(&rest, &line)) {
		if (rest.n == 0 && !whole && n > 0)
			break; /* the last line is cut */
		n++;
		if (json_parse(t->reader[0], t->all, line, &v, &reason) !=
			JSON_OK ||
		    v.type != VALUE_OBJECT) {
			bad++;
			if (bad > 4 && bad * 4 > n)
				return false;
			continue;
		}
		draft_sample(t->d, line);
		record_walk(t, &v);
	}
	t->d->container = MAP_JSONL;
	return t->d->n_records > 0 && bad * 4 <= n;
}

/* The array of objects that has the most of them. */
struct best_array {
	char path[DRAFT_PATH_BYTES];
	size_t n_path;
	uint64_t n;
	struct value array;
};

static uint64_t
count_objects(struct json_tools *t, const struct value *array, int depth)
{
	struct json_walk w;
	struct value v;
	struct span key;
	uint64_t n = 0;

	json_walk_begin(&w, array);
	while (n < DRAFT_RECORDS && json_walk_next(&w, t->reader[depth], t->all,
					&v, &key) != JSON_END) {
		if (v.type != VALUE_OBJECT)
			return 0;
		n++;
	}
	return n;
}

static void
find_array(struct json_tools *t, const struct value *v, char *path, size_t n,
    int depth, struct best_array *best)
{
	struct json_walk w;
	struct value inner;
	struct span key;
	uint64_t objects;
	size_t end;

	if (v->type == VALUE_ARRAY) {
		objects = count_objects(t, v, depth);
		if (objects > best->n) {
			best->n = objects;
			best->array = *v;
			memcpy(best->path, path, n);
			best->n_path = n;
		}
		return;
	}
	if (v->type != VALUE_OBJECT || depth > DRAFT_DEPTH)
		return;
	json_walk_begin(&w, v);
	while (json_walk_next(&w, t->reader[depth], t->all, &inner, &key) !=
	       JSON_END) {
		end = n;
		if (inner.type >= VALUE_ARRAY && path_add(path, &end, key))
			find_array(t, &inner, path, end, depth + 1, best);
	}
}

/* A document with this one record alone. */
static void
sample_of_document(struct draft *d, struct span record)
{
	struct buf b = { 0 };
	struct span rest = d->records, token;
	const char *slash;
	int depth = 0;

	if (rest.p == NULL || memchr(rest.p, '~', rest.n) != NULL ||
	    memchr(rest.p, '"', rest.n) != NULL ||
	    memchr(rest.p, '\\', rest.n) != NULL)
		return;
	while (rest.n > 0) {
		rest.p++;
		rest.n--;
		slash = memchr(rest.p, '/', rest.n);
		token = rest;
		if (slash != NULL)
			token.n = (size_t)(slash - rest.p);
		(void)buf_printf(&b, "{\"%.*s\":", (int)token.n, token.p);
		rest.p += token.n;
		rest.n -= token.n;
		depth++;
	}
	(void)buf_char(&b, '[');
	(void)buf_span(&b, record);
	(void)buf_char(&b, ']');
	for (; depth > 0; depth--)
		(void)buf_char(&b, '}');
	draft_sample(d, buf_as_span(&b));
	buf_clear(&b);
}

/* Records inside a document; `or_itself`: it may also be one. */
static bool
document(struct json_tools *t, struct span text, bool or_itself)
{
	struct best_array *best = arena_alloc(&t->d->arena, sizeof *best);
	char path[DRAFT_PATH_BYTES];
	const char *reason;
	struct json_walk w;
	struct value v;
	struct span key;

	if (json_parse(t->reader[0], t->all, text, &v, &reason) != JSON_OK)
		return false;
	find_array(t, &v, path, 0, 1, best);
	t->d->container = MAP_JSON;
	if (best->n == 0 && (!or_itself || v.type != VALUE_OBJECT))
		return false;
	if (best->n == 0) {
		t->d->records = span_of("document");
		record_walk(t, &v);
		return true;
	}
	if (best->n_path > 0)
		t->d->records = arena_span(
		    &t->d->arena, (struct span){ best->path, best->n_path });
	json_walk_begin(&w, &best->array);
	while (t->d->n_records < DRAFT_RECORDS &&
	       json_walk_next(&w, t->reader[0], t->all, &v, &key) != JSON_END) {
		sample_of_document(t->d,
		    (struct span){ v.ref.p, (size_t)(v.ref.end - v.ref.p) });
		record_walk(t, &v);
	}
	return true;
}

void
draft_forget(struct draft *d)
{
	memset(d->field, 0, sizeof d->field);
	d->n_fields = 0;
	d->n_records = d->n_left_out = 0;
	d->sample.p = NULL;
}

static bool
shape_json(struct draft *d, struct span text, bool whole)
{
	struct span bare = text, rest = text, line;
	struct json_tools t;
	bool found, is_one_line;

	while (bare.n > 0 && memchr(" \t\r\n", bare.p[0], 4) != NULL) {
		bare.p++;
		bare.n--;
	}
	if (bare.n == 0 || (bare.p[0] != '{' && bare.p[0] != '['))
		return false;
	is_one_line =
	    draft_line_next(&rest, &line) && !draft_line_next(&rest, &line);
	tools_open(&t, d);
	/* one line with a list of records is a document, else a record */
	found = whole && is_one_line && document(&t, text, false);
	if (!found) {
		draft_forget(d);
		found = lines_of_json(&t, text, whole);
	}
	if (!found && whole) {
		draft_forget(d);
		found = document(&t, text, true);
	}
	tools_close(&t);
	return found;
}

/* ---- separated values -------------------------------------------------------- */

static size_t
split(struct arena *arena, struct span line, char delimiter, struct span *cell)
{
	struct span rest = line, raw;
	size_t n = 0, i, out;
	bool quoted;
	char *p;

	for (;;) {
		quoted = rest.n > 0 && rest.p[0] == '"';
		for (i = quoted; i < rest.n; i++) {
			if (quoted && rest.p[i] == '"') {
				if (i + 1 < rest.n && rest.p[i + 1] == '"')
					i++;
				else
					quoted = false;
			} else if (!quoted && rest.p[i] == delimiter) {
				break;
			}
		}
		raw = (struct span){ rest.p, i };
		if (raw.n > 1 && raw.p[0] == '"' && raw.p[raw.n - 1] == '"') {
			p = arena_alloc(arena, raw.n);
			for (out = 0, i = 1; i < raw.n - 1; i++) {
				p[out++] = raw.p[i];
				if (raw.p[i] == '"')
					i++;
			}
			cell[n] = (struct span){ p, out };
		} else {
			cell[n] = raw;
		}
		n++;
		if (raw.n == rest.n || n == CELLS_MAX)
			return n;
		rest.p += raw.n + 1;
		rest.n -= raw.n + 1;
	}
}

/* How many columns most lines have with that delimiter; 1: none. */
static size_t
columns_with(struct draft *d, struct span text, bool whole, char delimiter)
{
	struct span cell[CELLS_MAX], rest = text, line;
	size_t n = 0, same = 0, first = 0, got;

	while (n < LINES_LOOKED && draft_line_next(&rest, &line)) {
		if (rest.n == 0 && !whole && n > 0)
			break;
		got = split(&d->arena, line, delimiter, cell);
		if (n++ == 0)
			first = got;
		same += got == first;
	}
	/* a single line is separated when it has many cells */
	return (n > 1 || first > 3) && same * 10 >= n * 9 ? first : 1;
}

static bool
looks_like_header(struct draft *d, const struct span *cell, size_t n)
{
	struct value v = { .type = VALUE_TEXT };
	struct utc_stamp t;
	size_t i, j;
	int c;

	for (i = 0; i < n; i++) {
		if (cell[i].n == 0 || !draft_is_plain(cell[i]) ||
		    (cell[i].p[0] >= '0' && cell[i].p[0] <= '9') ||
		    cell[i].p[0] == '-')
			return false;
		for (j = 0; j < i; j++)
			if (span_eq(cell[i], cell[j]))
				return false;
		v.text = cell[i];
		for (c = 0; c < DRAFT_CLOCKS; c++)
			if (draft_clock_read(d, c, &v, &t))
				return false;
	}
	return true;
}

static void
columns_name(struct draft *d, struct span *cell)
{
	size_t i;

	d->column = arena_alloc(&d->arena, d->n_columns * sizeof *d->column);
	for (i = 0; i < d->n_columns; i++)
		d->column[i] =
		    d->has_header
			? arena_span(&d->arena, cell[i])
			: span_of(arena_printf(&d->arena, "c%zu", i + 1));
}

/* A row, below its header. */
static void
sample_rows(struct draft *d, struct span head, struct span row)
{
	if (!d->has_header)
		draft_sample(d, row);
	else if (d->sample.p == NULL && head.n + row.n < SAMPLE_BYTES &&
		 head.p[0] != '[' && row.p[0] != '[' && draft_is_plain(head) &&
		 draft_is_plain(row))
		d->sample = span_of(arena_printf(&d->arena, "%.*s\n%.*s",
		    (int)head.n, head.p, (int)row.n, row.p));
}

static bool
shape_csv(struct draft *d, struct span text, bool whole)
{
	static const char delimiters[] = "\t;|,";
	struct span cell[CELLS_MAX], rest = text, line, head;
	struct value v = { .type = VALUE_TEXT };
	size_t i, n, most = 1;

	for (i = 0; delimiters[i] != '\0'; i++) {
		n = columns_with(d, text, whole, delimiters[i]);
		if (n > most) {
			most = n;
			d->delimiter = delimiters[i];
		}
	}
	if (most == 1)
		return false;
	d->n_columns = most;
	(void)draft_line_next(&rest, &head);
	(void)split(&d->arena, head, d->delimiter, cell);
	d->has_header = looks_like_header(d, cell, most);
	/* a comma may stand in the time of a line of text */
	if (!d->has_header && most == 2 && draft_lines(d, text, whole))
		return true;
	d->container = MAP_CSV;
	columns_name(d, cell);
	if (!d->has_header)
		rest = text;
	while (d->n_records < DRAFT_RECORDS && draft_line_next(&rest, &line)) {
		if (split(&d->arena, line, d->delimiter, cell) != most)
			continue;
		d->n_records++;
		sample_rows(d, head, line);
		for (i = 0; i < most; i++) {
			v.text = cell[i];
			if (v.text.n > 0)
				draft_add(d, d->column[i], &v);
		}
	}
	return true;
}

/* ---- all --------------------------------------------------------------------- */

int
draft_try(const char *mapping, struct span text, bool whole, struct err *err)
{
	struct map *m = map_compile("draft.map", span_of(mapping), err);
	struct map_set set = { &m, 1 };
	struct record_bid bid;

	if (m == NULL)
		return -1;
	record_bid(&set, text, whole, &bid);
	map_free(m);
	return bid.score;
}

int
draft_shape(struct draft *d, struct span text, bool whole, const char **why)
{
	if (shape_json(d, text, whole))
		return 0;
	draft_forget(d);
	if (shape_csv(d, text, whole))
		return 0;
	draft_forget(d);
	if (draft_lines(d, text, whole))
		return 0;
	*why = text.n > 0 && (text.p[0] == '{' || text.p[0] == '[') && !whole
		   ? "one JSON document, which is too long to be looked at; "
		     "take its beginning out, with whole records"
		   : "no records are recognised: neither JSON nor separated "
		     "values nor lines that begin with a time";
	return -1;
}
