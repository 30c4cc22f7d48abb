/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A thread's events before they are sorted.
 *
 * How it works: an event becomes a row, one after the other in memory:
 *
 *	struct row, id it is filed under, word bytes, numbers, codes, ids
 *
 * with names (few distinct texts) replaced by codes of the spill.  Each
 * partition has its own rows, so that what is sorted and read together lies
 * together and fits the cache.  When the budget is full the rows of each
 * partition are sorted by (hash, time) through small keys.  Ties, and the
 * rare case of two ids with one hash, are settled by looking at the rows.
 * Then the rows leave as blocks of a run and the spill is empty again.
 */
#include <assert.h>
#include <stdlib.h>

#include "ingest/base/span_key.h"
#include "ingest/store_int.h"
#include "ingest/store_rows.h"

enum { PREFETCH_ROWS = 16, RADIX_SHIFT = 42 };

struct row {
	uint64_t present; /* of the event, the id it is filed under too */
	int64_t time_us;
	uint64_t offset;
	uint32_t member, bytes;
	uint32_t id_bytes;
	uint16_t part;
	uint16_t zero;
};

struct key {
	uint64_t hash;
	int64_t time_us;
	const char *row;
};

struct keys {
	struct key *key;
	size_t n, room;
};

struct spill_name {
	struct span text;
	uint32_t code[EVENT_N_STR];	  /* in the block being built … */
	uint32_t generation[EVENT_N_STR]; /* … of this generation */
};

/* What tells most names apart without a look at their text. */
struct name_slot {
	uint64_t key_a, key_b; /* name_key() of the text */
	uint32_t n;	       /* bytes of the text */
	uint32_t code;	       /* 0: free */
};

struct store_spill {
	struct store *store;
	size_t budget_bytes;
	struct row_memory memory;
	struct rows rows[STORE_PARTS];
	struct keys keys[STORE_FILE__MAX][STORE_PARTS];
	size_t used_bytes, n_keys; /* of all partitions */
	struct key *spare;	   /* for sorting */
	size_t spare_room;
	struct spill_name *name; /* [n_names], code is the number + 1 */
	uint32_t n_names, names_room;
	struct name_slot *slot; /* [n_slots] */
	uint32_t n_slots;
	struct arena texts;
	struct builder *builder;
};

static void *
must_realloc(void *p, size_t size)
{
	p = realloc(p, size);
	if (p == NULL)
		err_no_memory(size);
	return p;
}

struct store_spill *
store_spill_new(struct store *s, size_t budget_bytes)
{
	struct store_spill *sp = calloc(1, sizeof *sp);

	if (sp == NULL)
		err_no_memory(sizeof *sp);
	sp->store = s;
	sp->budget_bytes = budget_bytes;
	sp->n_slots = 1024;
	sp->slot = calloc(sp->n_slots, sizeof sp->slot[0]);
	if (sp->slot == NULL)
		err_no_memory(sp->n_slots);
	return sp;
}

/* ---- names ---- */

/* Long names, such as URLs, share their ends: those are hashed whole. */
static inline struct span_key
name_key(struct span text)
{
	if (text.n <= 16)
		return span_key_of(text);
	return (struct span_key){ store_hash(text), 0 };
}

static void
slot_put(struct store_spill *sp, struct span text, uint32_t code)
{
	struct span_key k = name_key(text);
	uint64_t at = span_key_hash(k, text.n) & (sp->n_slots - 1);

	while (sp->slot[at].code != 0)
		at = (at + 1) & (sp->n_slots - 1);
	sp->slot[at] = (struct name_slot){ k.a, k.b, (uint32_t)text.n, code };
}

static void
slots_grow(struct store_spill *sp)
{
	uint32_t i;

	free(sp->slot);
	sp->n_slots *= 2;
	sp->slot = calloc(sp->n_slots, sizeof sp->slot[0]);
	if (sp->slot == NULL)
		err_no_memory(sp->n_slots);
	for (i = 0; i < sp->n_names; i++)
		slot_put(sp, sp->name[i].text, i + 1);
}

static uint32_t
name_new(struct store_spill *sp, struct span text)
{
	struct spill_name *nm;

	if (sp->n_names == sp->names_room) {
		sp->names_room = sp->names_room == 0 ? 256 : sp->names_room * 2;
		sp->name =
		    must_realloc(sp->name, sp->names_room * sizeof sp->name[0]);
	}
	nm = &sp->name[sp->n_names++];
	memset(nm, 0, sizeof *nm);
	nm->text = arena_span(&sp->texts, text);
	if (sp->n_names > sp->n_slots / 2)
		slots_grow(sp); /* puts the new one too */
	else
		slot_put(sp, nm->text, sp->n_names);
	return sp->n_names;
}

static inline uint32_t
name_code(struct store_spill *sp, struct span text)
{
	struct span_key k = name_key(text);
	uint64_t at = span_key_hash(k, text.n) & (sp->n_slots - 1);
	const struct name_slot *s;

	for (; (s = &sp->slot[at])->code != 0;
	     at = (at + 1) & (sp->n_slots - 1))
		if (s->key_a == k.a && s->key_b == k.b && s->n == text.n &&
		    (text.n <= 16 || span_eq(sp->name[s->code - 1].text, text)))
			return s->code;
	return name_new(sp, text);
}

/* ---- rows ---- */

static enum store_file
file_of(const struct event *e, struct span *id)
{
	if (event_has_str(e, EV_ACTOR)) {
		*id = e->str[EV_ACTOR];
		return STORE_KNOWN;
	}
	if (event_has_str(e, EV_DEVICE)) {
		*id = e->str[EV_DEVICE];
		return STORE_DEVICE;
	}
	*id = span_of("");
	return STORE_NOBODY;
}

/*
 * Fields by the way a row holds them, a loop for each: no branch by type.
 * First word bytes, then whole numbers, then codes of names, then ids.
 */
#define EVENT_NUM(id, name, type, meaning) \
	| (EVENT_TYPE_##type == EVENT_TYPE_WORD ? EVENT_BIT_NUM(EV_##id) : 0)
static const uint64_t word_fields = 0
#include "ingest/event.def"
    ;
#define EVENT_STR(id, name, type, meaning) \
	| (EVENT_TYPE_##type == EVENT_TYPE_ID ? EVENT_BIT_STR(EV_##id) : 0)
static const uint64_t id_fields = 0
#include "ingest/event.def"
    ;
#define NUM_FIELDS   (EVENT_BIT_STR(0) - 1)
#define WHOLE_FIELDS (NUM_FIELDS & ~word_fields)
#define NAME_FIELDS  (~NUM_FIELDS & ~id_fields)

/* What the row holds beside its head: all but the time and the filing id. */
static uint64_t
row_fields(uint64_t present, enum store_file file)
{
	present &= ~EVENT_BIT_NUM(EV_TIME);
	if (file == STORE_KNOWN)
		present &= ~EVENT_BIT_STR(EV_ACTOR);
	if (file == STORE_DEVICE)
		present &= ~EVENT_BIT_STR(EV_DEVICE);
	return present;
}

static inline char *
put_text(char *p, struct span text)
{
	uint64_t head, tail;

	if (text.n >= 8 && text.n <= 16) { /* most ids: no call */
		memcpy(&head, text.p, 8);
		memcpy(&tail, text.p + text.n - 8, 8);
		memcpy(p, &head, 8);
		memcpy(p + text.n - 8, &tail, 8);
	} else if (text.n > 0) {
		memcpy(p, text.p, text.n);
	}
	return p + text.n;
}

static inline char *
put_fields(
    struct store_spill *sp, char *p, const struct event *e, uint64_t fields)
{
	struct span text;
	uint64_t bits;
	uint32_t n;

	for (bits = fields & word_fields; bits != 0; bits &= bits - 1)
		*p++ = (char)e->num[__builtin_ctzll(bits)];
	for (bits = fields & WHOLE_FIELDS; bits != 0; bits &= bits - 1, p += 8)
		memcpy(p, &e->num[__builtin_ctzll(bits)], 8);
	for (bits = fields & NAME_FIELDS; bits != 0; bits &= bits - 1, p += 4) {
		n = name_code(sp, e->str[__builtin_ctzll(bits) - EVENT_N_NUM]);
		memcpy(p, &n, 4);
	}
	for (bits = fields & id_fields; bits != 0; bits &= bits - 1) {
		text = e->str[__builtin_ctzll(bits) - EVENT_N_NUM];
		n = (uint32_t)text.n;
		memcpy(p, &n, 4);
		p = put_text(p + 4, text);
	}
	return p;
}

static size_t
row_room(const struct event *e)
{
	size_t n = sizeof(struct row) + 8 * EVENT_N_FIELDS;
	uint64_t bits = e->present & id_fields;

	for (; bits != 0; bits &= bits - 1)
		n += e->str[__builtin_ctzll(bits) - EVENT_N_NUM].n;
	return n;
}

int
store_spill_add(struct store_spill *sp, const struct event *e, struct err *err)
{
	struct row row = { .present = e->present,
		.time_us = e->num[EV_TIME],
		.offset = e->place.offset,
		.member = e->place.member,
		.bytes = e->place.bytes,
		.part = e->place.part };
	enum store_file file;
	struct keys *k;
	struct rows *rows;
	struct span id;
	uint64_t hash;
	char *p;

	assert(event_has_num(e, EV_KIND));
	if (!event_has_num(e, EV_TIME)) /* a controlled test: by phase */
		row.time_us = STORE_ABSENT;
	file = file_of(e, &id);
	row.id_bytes = (uint32_t)id.n;
	hash = store_hash(id);
	rows = &sp->rows[store_part(hash)];
	p = rows_room(&sp->memory, rows, row_room(e) + id.n);
	memcpy(p, &row, sizeof row);
	p = put_text(p + sizeof row, id);
	p = put_fields(sp, p, e, row_fields(e->present, file));
	k = &sp->keys[file][store_part(hash)];
	if (k->n == k->room) {
		k->room = k->room == 0 ? 64 : k->room * 2;
		k->key = must_realloc(k->key, k->room * sizeof k->key[0]);
	}
	k->key[k->n++] = (struct key){ hash, row.time_us, rows->p };
	sp->n_keys++;
	sp->used_bytes += (size_t)(p - rows->p);
	rows->p = p;
	if (sp->used_bytes + sp->texts.total_bytes +
		sp->n_names * sizeof sp->name[0] +
		sp->n_keys * sizeof(struct key) >
	    sp->budget_bytes)
		return store_spill_write(sp, err);
	return 0;
}

/* ---- back from rows to events ---- */

static struct span
row_id(const struct key *k)
{
	struct row row;
	struct span id;

	memcpy(&row, k->row, sizeof row);
	id.n = row.id_bytes;
	id.p = k->row + sizeof row;
	return id;
}

static void
row_event(const struct store_spill *sp, const struct key *k,
    enum store_file file, struct event *e)
{
	const char *p = k->row + sizeof(struct row);
	struct row row;
	uint64_t fields, bits;
	uint32_t n;
	int f;

	memcpy(&row, k->row, sizeof row);
	e->present = row.present;
	e->num[EV_TIME] = row.time_us;
	e->place =
	    (struct place){ row.member, row.part, row.bytes, row.offset };
	if (file != STORE_NOBODY)
		e->str[file == STORE_KNOWN ? EV_ACTOR : EV_DEVICE] =
		    (struct span){ p, row.id_bytes };
	p += row.id_bytes;
	fields = row_fields(row.present, file);
	for (bits = fields & word_fields; bits != 0; bits &= bits - 1)
		e->num[__builtin_ctzll(bits)] = (uint8_t)*p++;
	for (bits = fields & WHOLE_FIELDS; bits != 0; bits &= bits - 1, p += 8)
		memcpy(&e->num[__builtin_ctzll(bits)], p, 8);
	for (bits = fields & NAME_FIELDS; bits != 0; bits &= bits - 1, p += 4) {
		memcpy(&n, p, 4);
		f = __builtin_ctzll(bits) - EVENT_N_NUM;
		e->str[f] = sp->name[n - 1].text;
	}
	for (bits = fields & id_fields; bits != 0; bits &= bits - 1, p += n) {
		memcpy(&n, p, 4);
		p += 4;
		f = __builtin_ctzll(bits) - EVENT_N_NUM;
		e->str[f] = (struct span){ p, n };
	}
}

/* ---- sorting ---- */

static inline bool
key_less(const struct key *a, const struct key *b)
{
	if (a->hash != b->hash)
		return a->hash < b->hash;
	return a->time_us < b->time_us;
}

/* Stable, in place for few keys; they mostly come in order of time. */
static void
insertion_sort(struct key *k, size_t n)
{
	struct key x;
	size_t i, j;

	for (i = 1; i < n; i++) {
		x = k[i];
		for (j = i; j > 0 && key_less(&x, &k[j - 1]); j--)
			k[j] = k[j - 1];
		k[j] = x;
	}
}

static void
merge_sort(struct key *k, struct key *spare, size_t n)
{
	size_t half = n / 2, i = 0, j, to = 0;

	if (n <= 24) {
		insertion_sort(k, n);
		return;
	}
	merge_sort(k, spare, half);
	merge_sort(k + half, spare, n - half);
	if (!key_less(&k[half], &k[half - 1]))
		return;
	memcpy(spare, k, half * sizeof *k);
	for (j = half; i < half;)
		if (j < n && key_less(&k[j], &spare[i]))
			k[to++] = k[j++];
		else
			k[to++] = spare[i++];
}

/* One byte of the hash, least significant of the two first. */
static void
radix_pass(const struct key *from, struct key *to, size_t n, unsigned shift)
{
	size_t count[256] = { 0 }, sum = 0, i, c;

	for (i = 0; i < n; i++)
		count[from[i].hash >> shift & 0xff]++;
	for (i = 0; i < 256; i++) {
		c = count[i];
		count[i] = sum;
		sum += c;
	}
	for (i = 0; i < n; i++)
		to[count[from[i].hash >> shift & 0xff]++] = from[i];
}

static void
sort_keys(struct store_spill *sp, struct keys *k)
{
	size_t i, j;

	if (sp->spare_room < k->n) {
		free(sp->spare);
		sp->spare_room = k->n;
		sp->spare = must_realloc(NULL, k->n * sizeof(struct key));
	}
	if (k->n < 4096) {
		merge_sort(k->key, sp->spare, k->n);
		return;
	}
	/* the top bits are the partition's, the next 16 part most people */
	radix_pass(k->key, sp->spare, k->n, RADIX_SHIFT);
	radix_pass(sp->spare, k->key, k->n, RADIX_SHIFT + 8);
	for (i = 0; i < k->n; i = j) {
		for (j = i + 1; j < k->n && k->key[j].hash >> RADIX_SHIFT ==
						k->key[i].hash >> RADIX_SHIFT;
		     j++)
			;
		merge_sort(k->key + i, sp->spare, j - i);
	}
}

/* The full order, for rows whose keys cannot tell. */
static int
row_cmp(const struct store_spill *sp, enum store_file file, const struct key *a,
    const struct key *b)
{
	struct event x, y;
	int c = span_cmp(row_id(a), row_id(b));

	if (c != 0)
		return c;
	if (a->time_us != b->time_us)
		return a->time_us < b->time_us ? -1 : 1;
	row_event(sp, a, file, &x);
	row_event(sp, b, file, &y);
	c = event_cmp(&x, &y);
	return c != 0 ? c : place_cmp(&x.place, &y.place);
}

static void
row_sort(const struct store_spill *sp, enum store_file file, struct key *k,
    struct key *spare, size_t n)
{
	size_t half = n / 2, i = 0, j, to = 0;

	if (n < 2)
		return;
	row_sort(sp, file, k, spare, half);
	row_sort(sp, file, k + half, spare, n - half);
	memcpy(spare, k, half * sizeof *k);
	for (j = half; i < half;)
		if (j < n && row_cmp(sp, file, &k[j], &spare[i]) < 0)
			k[to++] = k[j++];
		else
			k[to++] = spare[i++];
}

/* Rows are read in the order of keys, all over memory: ask for them early. */
static inline void
row_prefetch(const struct keys *k, size_t i)
{
	if (i >= k->n)
		return;
	__builtin_prefetch(k->key[i].row);
	__builtin_prefetch(k->key[i].row + 64);
}

/*
 * The keys from i on that share a hash: settle what the keys left open, that
 * is shared instants and, rarely, a shared hash.  Returns their end.
 */
static size_t
settle(struct store_spill *sp, enum store_file file, struct keys *k, size_t i)
{
	size_t j, t, e;
	bool one_id = true;

	for (j = i + 1; j < k->n && k->key[j].hash == k->key[i].hash; j++) {
		row_prefetch(k, j + PREFETCH_ROWS);
		if (!span_eq(row_id(&k->key[j]), row_id(&k->key[i])))
			one_id = false;
	}
	if (!one_id) {
		row_sort(sp, file, k->key + i, sp->spare, j - i);
		return j;
	}
	for (t = i; t < j; t = e) {
		for (e = t + 1; e < j && k->key[e].time_us == k->key[t].time_us;
		     e++)
			;
		if (e - t > 1)
			row_sort(sp, file, k->key + t, sp->spare, e - t);
	}
	return j;
}

/* ---- a run ---- */

static void
build_row(struct store_spill *sp, const struct key *k, enum store_file file)
{
	const char *p = k->row + sizeof(struct row);
	struct builder *bw = sp->builder;
	struct spill_name *nm;
	struct place place;
	struct row row;
	uint64_t fields, bits;
	uint32_t n, r;
	int f;

	memcpy(&row, k->row, sizeof row);
	place = (struct place){ row.member, row.part, row.bytes, row.offset };
	builder_touch(bw, row.present);
	r = builder_row(bw, k->hash, &place);
	if (row.time_us != STORE_ABSENT)
		bw->num[EV_TIME][r] = row.time_us;
	if (file != STORE_NOBODY)
		builder_id(bw, file == STORE_KNOWN ? EV_ACTOR : EV_DEVICE, r,
		    (struct span){ p, row.id_bytes });
	p += row.id_bytes;
	fields = row_fields(row.present, file);
	for (bits = fields & word_fields; bits != 0; bits &= bits - 1)
		bw->word[__builtin_ctzll(bits)][r] = (uint8_t)*p++;
	for (bits = fields & WHOLE_FIELDS; bits != 0; bits &= bits - 1, p += 8)
		memcpy(&bw->num[__builtin_ctzll(bits)][r], p, 8);
	for (bits = fields & NAME_FIELDS; bits != 0; bits &= bits - 1, p += 4) {
		f = __builtin_ctzll(bits) - EVENT_N_NUM;
		memcpy(&n, p, 4);
		nm = &sp->name[n - 1];
		if (nm->generation[f] != bw->generation) {
			nm->generation[f] = bw->generation;
			nm->code[f] = builder_text(bw, f, nm->text);
		}
		bw->code[f][r] = nm->code[f];
	}
	for (bits = fields & id_fields; bits != 0; bits &= bits - 1, p += n) {
		f = __builtin_ctzll(bits) - EVENT_N_NUM;
		memcpy(&n, p, 4);
		p += 4;
		builder_id(bw, f, r, (struct span){ p, n });
	}
}

static int
flush_block(struct store_spill *sp, struct block_file *run, struct buf *out,
    enum store_file file, unsigned part, struct err *err)
{
	struct block_index index;

	if (sp->builder->n == 0)
		return 0;
	buf_reset(out);
	builder_flush(sp->builder, out, &index);
	index.part = (uint8_t)part;
	index.file = (uint8_t)file;
	return block_file_add(run, buf_as_span(out), index, err);
}

static int
write_part(struct store_spill *sp, struct block_file *run, struct buf *out,
    enum store_file file, unsigned part, struct err *err)
{
	struct keys *k = &sp->keys[file][part];
	size_t i, j, end;

	if (k->n == 0)
		return 0;
	sort_keys(sp, k);
	for (i = 0; i < PREFETCH_ROWS; i++)
		row_prefetch(k, i);
	for (i = 0; i < k->n; i = end) {
		row_prefetch(k, i + PREFETCH_ROWS);
		end = settle(sp, file, k, i);
		for (j = i; j < end; j++) {
			if (builder_full(sp->builder) &&
			    flush_block(sp, run, out, file, part, err) < 0)
				return -1;
			build_row(sp, &k->key[j], file);
		}
	}
	k->n = 0;
	return flush_block(sp, run, out, file, part, err);
}

int
store_spill_write(struct store_spill *sp, struct err *err)
{
	struct block_file *run;
	struct buf out = { 0 };
	unsigned part;
	int f, rc = 0;

	if (sp->n_keys == 0)
		return 0;
	run = store_run_new(sp->store, err);
	if (run == NULL)
		return -1;
	sp->builder = builder_new(BUILDER_PLAIN);
	for (f = 0; f < STORE_FILE__MAX; f++)
		for (part = 0; part < STORE_PARTS && rc == 0; part++)
			rc = write_part(sp, run, &out, f, part, err);
	builder_free(sp->builder);
	sp->builder = NULL;
	buf_clear(&out);
	row_memory_reset(&sp->memory);
	memset(sp->rows, 0, sizeof sp->rows);
	sp->used_bytes = sp->n_keys = 0;
	arena_reset(&sp->texts);
	sp->n_names = 0;
	memset(sp->slot, 0, sp->n_slots * sizeof sp->slot[0]);
	return rc;
}

static void
spill_free(struct store_spill *sp)
{
	unsigned part;
	int f;

	for (part = 0; part < STORE_PARTS; part++)
		for (f = 0; f < STORE_FILE__MAX; f++)
			free(sp->keys[f][part].key);
	row_memory_clear(&sp->memory);
	free(sp->spare);
	free(sp->name);
	free(sp->slot);
	arena_clear(&sp->texts);
	free(sp);
}

int
store_spill_finish(struct store_spill *sp, struct err *err)
{
	int rc = store_spill_write(sp, err);

	spill_free(sp);
	return rc;
}
