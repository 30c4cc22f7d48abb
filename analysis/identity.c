/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How it works.  The device-only events are looked at first: which devices
 * and sessions ask, as two sets of bits.  Then every known event with such a
 * device leaves a link "device, session, actor" in a store of its own, whose
 * shuffle brings it to the partition of the device; known events with such a
 * session and no device are few and stay in a table.  Last, partition by
 * partition, the device-only events are read beside the links of their
 * devices and filed anew.  Neither people nor devices need fit into memory;
 * the links of one device must, and are bounded.
 */
#include "analysis/identity.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/known.h"
#include "ingest/store.h"

enum {
	LINKS_MAX = 1 << 16,	/* of one device */
	SESSIONS_MAX = 1 << 22, /* without device, that are asked for */
	PATH_BYTES = 4096
};

#define BIT(f) ((uint64_t)1 << (f))

/* ---- folders ---- */

static void
remove_tree(const char *path, int depth)
{
	struct dirent *e;
	char *sub;
	DIR *d;

	d = depth < 4 ? opendir(path) : NULL;
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (asprintf(&sub, "%s/%s", path, e->d_name) < 0)
			err_no_memory(PATH_BYTES);
		if (unlink(sub) < 0)
			remove_tree(sub, depth + 1);
		free(sub);
	}
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(path);
}

static char *
folder(const char *base, const char *name, struct err *err)
{
	char *path;

	if (asprintf(&path, "%s/%s", base, name) < 0)
		err_no_memory(PATH_BYTES);
	remove_tree(path, 0);
	if (mkdir(path, 0700) < 0) {
		(void)err_set(err, ERR_FAILED, "%s: cannot be made", path);
		free(path);
		return NULL;
	}
	return path;
}

/* ---- a store that is being filled ---- */

struct filling {
	struct store *s;
	struct store_spill *spill;
	uint32_t n; /* events so far: their places, to keep equal ones apart */
};

static int
filling_open(
    struct filling *f, const char *dir, size_t memory_bytes, struct err *err)
{
	memset(f, 0, sizeof *f);
	f->s = store_open(dir, err);
	if (f->s == NULL)
		return -1;
	f->spill = store_spill_new(f->s, memory_bytes);
	return 0;
}

static void
not_told(
    void *arg, const struct place *at, bool identical, const struct event *e)
{
	(void)arg;
	(void)at;
	(void)identical;
	(void)e;
}

static int
filling_finish(struct filling *f, unsigned n_threads, struct err *err)
{
	struct store_spill *spill = f->spill;

	f->spill = NULL;
	if (store_spill_finish(spill, err) < 0)
		return -1;
	if (store_finish(
		f->s, n_threads, UINT32_MAX, NULL, not_told, NULL, err) < 0)
		return -1;
	return store_commit(f->s, err);
}

static void
filling_close(struct filling *f)
{
	struct err ignored = { 0 };

	if (f->spill != NULL)
		(void)store_spill_finish(f->spill, &ignored);
	if (f->s != NULL)
		store_close(f->s);
	memset(f, 0, sizeof *f);
}

/* ---- who asks ---- */

/* A set of hashes, which may have too much in it but never too little. */
struct asking {
	uint64_t *bits;
};

enum { ASKING_BITS = 26 };

static void
asking_add(struct asking *a, uint64_t hash)
{
	if (a->bits == NULL &&
	    (a->bits = calloc((size_t)1 << (ASKING_BITS - 6), 8)) == NULL)
		err_no_memory((size_t)1 << (ASKING_BITS - 3));
	hash >>= 64 - ASKING_BITS;
	a->bits[hash >> 6] |= (uint64_t)1 << (hash & 63);
}

static bool
asking_has(const struct asking *a, uint64_t hash)
{
	hash >>= 64 - ASKING_BITS;
	return a->bits != NULL && (a->bits[hash >> 6] >> (hash & 63) & 1) != 0;
}

/* ---- the work ---- */

struct resolving {
	const char *case_dir;
	struct asking devices, sessions;
	struct known by_session; /* known events without device */
	struct filling links, moved;
	uint64_t n_moved, n_stayed;
};

/* Calls `see` for each row with the columns read. */
typedef int row_f(struct resolving *w, const struct store_block *b, uint32_t i,
    struct err *err);

static int
scan(struct resolving *w, enum store_file file, row_f *see, struct err *err)
{
	const uint64_t strs = BIT(EV_ACTOR) | BIT(EV_DEVICE) | BIT(EV_SESSION);
	struct store_block b = { 0 };
	struct store_reader *r;
	int got = 0;
	unsigned part;
	uint32_t i, now[3], last[3];

	for (part = 0; part < STORE_PARTS && got == 0; part++) {
		r = store_read(
		    w->case_dir, part, file, 0, strs, STORE_NO_PLACES, err);
		if (r == NULL)
			return -1;
		while ((got = store_next(r, &b, err)) > 0) {
			for (i = 0; i < b.n && got > 0; i++) {
				now[0] = b.code[EV_ACTOR] != NULL
					     ? b.code[EV_ACTOR][i]
					     : 0;
				now[1] = b.code[EV_DEVICE] != NULL
					     ? b.code[EV_DEVICE][i]
					     : 0;
				now[2] = b.code[EV_SESSION] != NULL
					     ? b.code[EV_SESSION][i]
					     : 0;
				if (i > 0 && memcmp(now, last, sizeof now) == 0)
					continue;
				memcpy(last, now, sizeof now);
				if (see(w, &b, i, err) < 0)
					got = -1;
			}
			store_block_clear(&b);
			if (got < 0)
				break;
		}
		store_block_free(&b);
		memset(&b, 0, sizeof b);
		store_reader_close(r);
	}
	return got;
}

static int
see_asking(struct resolving *w, const struct store_block *b, uint32_t i,
    struct err *err)
{
	struct span session = store_str(b, EV_SESSION, i);

	(void)err;
	asking_add(&w->devices, store_hash(store_str(b, EV_DEVICE, i)));
	if (session.p != NULL)
		asking_add(&w->sessions, store_hash(session));
	return 0;
}

static int
see_link(struct resolving *w, const struct store_block *b, uint32_t i,
    struct err *err)
{
	struct span device = store_str(b, EV_DEVICE, i);
	struct span session = store_str(b, EV_SESSION, i);
	struct span actor = store_str(b, EV_ACTOR, i);
	struct event e = { 0 };
	uint64_t hash;

	if (device.p == NULL) {
		if (session.p == NULL)
			return 0;
		hash = store_hash(session);
		if (asking_has(&w->sessions, hash))
			known_add(&w->by_session, hash, actor, false);
		return 0;
	}
	if (!asking_has(&w->devices, store_hash(device)))
		return 0;
	event_set_num(&e, EV_KIND, KIND_IDENTITY_LINK);
	event_set_str(&e, EV_DEVICE, device);
	if (session.p != NULL)
		event_set_str(&e, EV_SESSION, session);
	event_set_str(&e, EV_DATUM, actor);
	e.place.member = 1;
	e.place.offset = w->links.n++;
	return store_spill_add(w->links.spill, &e, err);
}

/* ---- devices and their links, side by side ---- */

struct cursor {
	struct store_reader *r;
	struct store_block b;
	uint32_t i;
	bool at_end;
};

static int
cursor_open(
    struct cursor *c, const char *dir, unsigned part, bool all, struct err *err)
{
	const uint64_t some = BIT(EV_DEVICE) | BIT(EV_SESSION) | BIT(EV_DATUM);

	memset(c, 0, sizeof *c);
	c->r = store_read(dir, part, STORE_DEVICE, all ? UINT64_MAX : 0,
	    all ? UINT64_MAX : some, all ? STORE_PLACES : STORE_NO_PLACES, err);
	return c->r != NULL ? 0 : -1;
}

/* 1: row i of b stands; 0: the end. */
static int
cursor_row(struct cursor *c, struct err *err)
{
	int got;

	if (c->at_end)
		return 0;
	if (c->i < c->b.n)
		return 1;
	store_block_clear(&c->b);
	c->b.n = 0;
	c->i = 0;
	got = store_next(c->r, &c->b, err);
	c->at_end = got == 0;
	return got;
}

static void
cursor_close(struct cursor *c)
{
	if (c->r == NULL)
		return;
	store_block_free(&c->b);
	store_reader_close(c->r);
	memset(c, 0, sizeof *c);
}

static int
order(struct span a, struct span b)
{
	uint64_t ha = store_hash(a), hb = store_hash(b);

	return ha != hb ? (ha < hb ? -1 : 1) : span_cmp(a, b);
}

/* Fill `k` with the links of a device; what comes before it is passed. */
static int
links_of(struct cursor *c, struct span device, struct known *k, struct err *err)
{
	struct span at, session;
	int got, cmp;

	known_reset(k);
	while ((got = cursor_row(c, err)) > 0) {
		at = store_str(&c->b, EV_DEVICE, c->i);
		cmp = order(at, device);
		if (cmp > 0)
			break;
		session = store_str(&c->b, EV_SESSION, c->i);
		if (cmp == 0)
			known_add(k,
			    session.p != NULL ? store_hash(session) : 0,
			    store_str(&c->b, EV_DATUM, c->i), true);
		c->i++;
	}
	return got < 0 ? -1 : 0;
}

static int
refile(struct resolving *w, const struct cursor *c, const struct known *k,
    struct err *err)
{
	struct span session = store_str(&c->b, EV_SESSION, c->i), actor;
	uint64_t hash = session.p != NULL ? store_hash(session) : 0;
	struct event e;

	store_event(&c->b, c->i, &e);
	actor = known_actor(k, hash);
	if (map_find(&k->session, hash) == NULL &&
	    map_find(&w->by_session.session, hash) != NULL)
		actor = known_actor(&w->by_session, hash);
	if (actor.p != NULL) {
		event_set_str(&e, EV_ACTOR, actor);
		w->n_moved++;
	} else {
		w->n_stayed++;
	}
	return store_spill_add(w->moved.spill, &e, err);
}

static int
move_part(
    struct resolving *w, const char *links_dir, unsigned part, struct err *err)
{
	struct cursor c = { 0 }, l = { 0 };
	struct known k = { .most = LINKS_MAX };
	struct span device;
	uint32_t code = 0;
	int got = -1;

	if (cursor_open(&c, w->case_dir, part, true, err) < 0 ||
	    cursor_open(&l, links_dir, part, false, err) < 0)
		goto out;
	while ((got = cursor_row(&c, err)) > 0) {
		/* A block begins anew: its codes mean nothing to the last. */
		if (c.i == 0 || c.b.code[EV_DEVICE][c.i] != code) {
			code = c.b.code[EV_DEVICE][c.i];
			device = store_str(&c.b, EV_DEVICE, c.i);
			if (!span_eq(device, k.device)) {
				if (links_of(&l, device, &k, err) < 0)
					goto fail;
				k.device = arena_span(&k.arena, device);
			}
		}
		if (refile(w, &c, &k, err) < 0)
			goto fail;
		c.i++;
	}
	goto out;
fail:
	got = -1;
out:
	known_free(&k);
	cursor_close(&c);
	cursor_close(&l);
	return got;
}

static int
resolve(struct resolving *w, const char *links_dir, const char *moved_dir,
    unsigned n_threads, size_t memory_bytes, struct err *err)
{
	unsigned part;

	if (scan(w, STORE_DEVICE, see_asking, err) < 0 ||
	    filling_open(&w->links, links_dir, memory_bytes / 2, err) < 0 ||
	    scan(w, STORE_KNOWN, see_link, err) < 0 ||
	    filling_finish(&w->links, n_threads, err) < 0 ||
	    filling_open(&w->moved, moved_dir, memory_bytes / 2, err) < 0)
		return -1;
	for (part = 0; part < STORE_PARTS; part++)
		if (move_part(w, links_dir, part, err) < 0)
			return -1;
	return filling_finish(&w->moved, n_threads, err);
}

int
identity_resolve(struct identity *id, const char *case_dir, unsigned n_threads,
    size_t memory_bytes, struct err *err)
{
	struct resolving w = { .case_dir = case_dir,
		.by_session.most = SESSIONS_MAX };
	struct store_totals t;
	char *links_dir;
	int rc = -1;

	memset(id, 0, sizeof *id);
	if (store_totals(case_dir, &t, err) < 0)
		return -1;
	id->stayed = t.events[STORE_DEVICE];
	if (t.events[STORE_DEVICE] == 0 || t.events[STORE_KNOWN] == 0)
		return 0;
	links_dir = folder(case_dir, "links.tmp", err);
	if (links_dir == NULL)
		return -1;
	id->dir = folder(case_dir, "moved.tmp", err);
	if (id->dir != NULL)
		rc = resolve(
		    &w, links_dir, id->dir, n_threads, memory_bytes, err);
	filling_close(&w.links);
	filling_close(&w.moved);
	known_free(&w.by_session);
	free(w.devices.bits);
	free(w.sessions.bits);
	remove_tree(links_dir, 0);
	free(links_dir);
	id->moved = w.n_moved;
	id->stayed = w.n_stayed;
	return rc;
}

void
identity_clear(struct identity *id)
{
	if (id->dir != NULL)
		remove_tree(id->dir, 0);
	free(id->dir);
	memset(id, 0, sizeof *id);
}
