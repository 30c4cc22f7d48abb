/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The folder of the event store.
 *
 *	events/CURRENT      the name of the generation in force
 *	events/g1/known-07.ev …
 *
 * A generation is never changed.  Writing makes the next one (partitions
 * that get nothing new are hard links), and CURRENT is replaced by rename.
 * Whatever else lies there is left over from a killed run and is removed.
 * Runs are unlinked as soon as they are open, so they cannot be left over.
 */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/store_int.h"

enum { PATH_BYTES = 4096 };

unsigned
store_part(uint64_t hash)
{
	_Static_assert(STORE_PARTS == 1 << 6, "the top six bits");
	return (unsigned)(hash >> 58);
}

const char *
store_file_name(char *out, size_t room, enum store_file file, unsigned part)
{
	static const char *const name[STORE_FILE__MAX] = {
		[STORE_KNOWN] = "known",
		[STORE_DEVICE] = "device",
		[STORE_NOBODY] = "nobody",
	};

	(void)snprintf(out, room, "%s-%02u.ev", name[file], part);
	return out;
}

static char *
joined(const char *a, const char *b)
{
	size_t n = strlen(a) + strlen(b) + 2;
	char *p = malloc(n);

	if (p == NULL)
		err_no_memory(n);
	(void)snprintf(p, n, "%s/%s", a, b);
	return p;
}

/* The generation in force, or NULL: none yet.  Owned by the caller. */
static char *
current_read(const char *dir)
{
	char path[PATH_BYTES], name[64];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "%s/CURRENT", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	n = read(fd, name, sizeof name - 1);
	(void)close(fd);
	if (n <= 1 || name[n - 1] != '\n' || name[0] != 'g')
		return NULL;
	name[n - 1] = '\0';
	return strchr(name, '/') == NULL ? strdup(name) : NULL;
}

static int
current_write(const char *dir, const char *name, struct err *err)
{
	char path[PATH_BYTES], fresh[PATH_BYTES];
	int fd, bad;

	(void)snprintf(path, sizeof path, "%s/CURRENT", dir);
	(void)snprintf(fresh, sizeof fresh, "%s/CURRENT.new", dir);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bad = fd < 0 || dprintf(fd, "%s\n", name) < 0 || fsync(fd) < 0;
	if (fd >= 0 && close(fd) < 0)
		bad = 1;
	if (bad || rename(fresh, path) < 0)
		return err_set(err, ERR_FAILED, "%s: cannot write: %s", path,
		    strerror(errno));
	return 0;
}

static void
generation_remove(const char *dir, const char *name)
{
	char path[PATH_BYTES], file[PATH_BYTES + 300];
	struct dirent *e;
	DIR *d;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	d = opendir(path);
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(file, sizeof file, "%s/%s", path, e->d_name);
		(void)unlink(file);
	}
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(path);
}

/* Remove every generation but the one to keep (NULL: all). */
static void
leftovers_remove(const char *dir, const char *keep)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (e->d_name[0] == 'g' &&
		    (keep == NULL || strcmp(e->d_name, keep) != 0))
			generation_remove(dir, e->d_name);
	if (d != NULL)
		(void)closedir(d);
}

struct store *
store_open(const char *case_dir, struct err *err)
{
	struct store *s = calloc(1, sizeof *s);
	unsigned long number = 0;

	if (s == NULL)
		err_no_memory(sizeof *s);
	(void)pthread_mutex_init(&s->lock, NULL);
	s->dir = joined(case_dir, "events");
	if ((mkdir(case_dir, 0700) < 0 && errno != EEXIST) ||
	    (mkdir(s->dir, 0700) < 0 && errno != EEXIST)) {
		(void)err_set(err, ERR_FAILED, "%s: cannot create: %s", s->dir,
		    strerror(errno));
		store_close(s);
		return NULL;
	}
	s->current = current_read(s->dir);
	leftovers_remove(s->dir, s->current);
	if (s->current != NULL)
		number = strtoul(s->current + 1, NULL, 10);
	s->next = malloc(32);
	if (s->next == NULL)
		err_no_memory(32);
	(void)snprintf(s->next, 32, "g%lu", number + 1);
	return s;
}

struct block_file *
store_run_new(struct store *s, struct err *err)
{
	struct block_file *f = calloc(1, sizeof *f);
	char path[PATH_BYTES];

	if (f == NULL)
		err_no_memory(sizeof *f);
	(void)pthread_mutex_lock(&s->lock);
	if (s->n_runs == s->runs_room) {
		s->runs_room = s->runs_room * 2 + 8;
		s->run = realloc(s->run, s->runs_room * sizeof s->run[0]);
		if (s->run == NULL)
			err_no_memory(s->runs_room);
	}
	(void)snprintf(path, sizeof path, "%s/run-%zu.tmp", s->dir, s->n_runs);
	s->run[s->n_runs++] = f;
	(void)pthread_mutex_unlock(&s->lock);
	if (block_file_create(f, path, err) < 0)
		return NULL;
	(void)unlink(path);
	return f;
}

/* ---- merging all partitions ---- */

struct finish {
	struct store *store;
	pthread_mutex_t lock;
	unsigned next; /* partition and file to merge */
	store_duplicate_f *duplicate;
	void *arg;
	struct err err;
};

static void *
finish_thread(void *arg)
{
	struct finish *f = arg;
	struct err err = { 0 };
	unsigned job;

	for (;;) {
		(void)pthread_mutex_lock(&f->lock);
		job = f->err.code == ERR_NONE ? f->next++ : UINT32_MAX;
		(void)pthread_mutex_unlock(&f->lock);
		if (job >= STORE_PARTS * STORE_FILE__MAX)
			return NULL;
		if (store_merge(f->store, job / STORE_FILE__MAX,
			job % STORE_FILE__MAX, f->duplicate, f->arg,
			&err) < 0) {
			(void)pthread_mutex_lock(&f->lock);
			if (f->err.code == ERR_NONE)
				f->err = err;
			(void)pthread_mutex_unlock(&f->lock);
			return NULL;
		}
	}
}

int
store_finish(struct store *s, unsigned n_threads, uint32_t first_member,
    const uint32_t *final, store_duplicate_f *duplicate, void *arg,
    struct err *err)
{
	struct finish f = { .store = s, .duplicate = duplicate, .arg = arg };
	pthread_t thread[64];
	unsigned i, n = n_threads > 64 ? 64 : n_threads;
	char *path = joined(s->dir, s->next);

	s->first_member = first_member;
	s->final = final;
	if (mkdir(path, 0700) < 0) {
		(void)err_set(err, ERR_FAILED, "%s: cannot create: %s", path,
		    strerror(errno));
		free(path);
		return -1;
	}
	free(path);
	(void)pthread_mutex_init(&f.lock, NULL);
	for (i = 1; i < n; i++)
		if (pthread_create(&thread[i], NULL, finish_thread, &f) != 0)
			break;
	n = i;
	(void)finish_thread(&f);
	for (i = 1; i < n; i++)
		(void)pthread_join(thread[i], NULL);
	(void)pthread_mutex_destroy(&f.lock);
	if (f.err.code != ERR_NONE) {
		*err = f.err;
		return -1;
	}
	return 0;
}

const char *
store_generation(const struct store *s)
{
	return s->next;
}

int
store_commit(struct store *s, struct err *err)
{
	if (current_write(s->dir, s->next, err) < 0)
		return -1;
	leftovers_remove(s->dir, s->next);
	free(s->current);
	s->current = s->next;
	s->next = NULL;
	return 0;
}

int
store_settle(const char *case_dir, const char *generation, struct err *err)
{
	char *dir = joined(case_dir, "events"), *now = current_read(dir);
	int rc = 0;

	if (now == NULL || strcmp(now, generation) != 0)
		rc = current_write(dir, generation, err);
	free(now);
	free(dir);
	return rc;
}

void
store_close(struct store *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->n_runs; i++) {
		block_file_close(s->run[i]);
		free(s->run[i]);
	}
	if (s->next != NULL && s->dir != NULL)
		leftovers_remove(s->dir, s->current);
	free(s->run);
	free(s->dir);
	free(s->current);
	free(s->next);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

/* ---- reading ---- */

struct store_reader {
	struct block_file file;
	size_t next; /* block */
	enum store_file kind;
	struct column_mask mask;
	struct buf bytes;
	ZSTD_DCtx *zstd;
};

struct store_reader *
store_read(const char *case_dir, unsigned part, enum store_file file,
    uint64_t nums, uint64_t strs, enum store_places places, struct err *err)
{
	struct store_reader *r = calloc(1, sizeof *r);
	char *dir = joined(case_dir, "events"), *now = current_read(dir);
	char name[32], path[PATH_BYTES];

	if (r == NULL)
		err_no_memory(sizeof *r);
	r->file.fd = -1;
	r->kind = file;
	r->mask = (struct column_mask){ nums, strs, places };
	r->zstd = ZSTD_createDCtx();
	if (r->zstd == NULL)
		err_no_memory(0);
	(void)snprintf(path, sizeof path, "%s/%s/%s", dir,
	    now != NULL ? now : "",
	    store_file_name(name, sizeof name, file, part));
	if (now != NULL && access(path, F_OK) == 0 &&
	    block_file_open(&r->file, path, err) < 0) {
		store_reader_close(r);
		r = NULL;
	}
	free(now);
	free(dir);
	return r;
}

int
store_next(struct store_reader *r, struct store_block *b, struct err *err)
{
	if (r->next >= r->file.n_blocks)
		return 0;
	if (block_file_read(&r->file, r->next, &r->bytes, err) < 0)
		return -1;
	r->next++;
	store_block_clear(b);
	b->file = r->kind;
	if (block_decode(b, buf_as_span(&r->bytes), r->mask, r->zstd, err) < 0)
		return -1;
	return 1;
}

void
store_seek(struct store_reader *r, uint64_t hash)
{
	r->next = 0;
	while (r->next < r->file.n_blocks &&
	       r->file.index[r->next].last_hash < hash)
		r->next++;
}

void
store_reader_close(struct store_reader *r)
{
	if (r == NULL)
		return;
	if (r->file.path != NULL)
		block_file_close(&r->file);
	(void)ZSTD_freeDCtx(r->zstd);
	buf_clear(&r->bytes);
	free(r);
}

typedef int file_visit_f(
    void *arg, enum store_file file, const char *path, struct err *err);

static int
files_visit(
    const char *case_dir, file_visit_f *visit, void *arg, struct err *err)
{
	char *dir = joined(case_dir, "events"), *now = current_read(dir);
	char name[32], path[PATH_BYTES];
	unsigned part;
	int file, rc = 0;

	for (file = 0; now != NULL && file < STORE_FILE__MAX; file++)
		for (part = 0; part < STORE_PARTS && rc == 0; part++) {
			(void)snprintf(path, sizeof path, "%s/%s/%s", dir, now,
			    store_file_name(name, sizeof name, file, part));
			if (access(path, F_OK) == 0)
				rc = visit(arg, file, path, err);
		}
	free(now);
	free(dir);
	return rc;
}

static int
total_add(void *arg, enum store_file file, const char *path, struct err *err)
{
	struct store_totals *t = arg;
	struct block_file f;
	struct stat st;
	size_t i;
	int rc = block_file_open(&f, path, err);

	for (i = 0; rc == 0 && i < f.n_blocks; i++)
		t->events[file] += f.index[i].n;
	if (rc == 0 && fstat(f.fd, &st) == 0)
		t->bytes += (uint64_t)st.st_size;
	block_file_close(&f);
	return rc;
}

int
store_totals(const char *case_dir, struct store_totals *out, struct err *err)
{
	memset(out, 0, sizeof *out);
	return files_visit(case_dir, total_add, out, err);
}

static int
hash_add(void *arg, enum store_file file, const char *path, struct err *err)
{
	const char *name = strrchr(path, '/');
	char bytes[65536];
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	(void)file;
	(void)EVP_DigestUpdate(arg, name, strlen(name));
	while (fd >= 0 && (n = read(fd, bytes, sizeof bytes)) > 0)
		(void)EVP_DigestUpdate(arg, bytes, (size_t)n);
	if (fd < 0 || n < 0)
		(void)err_set(err, ERR_FAILED, "%s: cannot read: %s", path,
		    strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return err->code == ERR_NONE ? 0 : -1;
}

int
store_hash_files(const char *case_dir, char hex[65], struct err *err)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char sum[32];
	unsigned i;
	int rc;

	if (md == NULL || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
		err_no_memory(0);
	rc = files_visit(case_dir, hash_add, md, err);
	(void)EVP_DigestFinal_ex(md, sum, NULL);
	EVP_MD_CTX_free(md);
	for (i = 0; i < sizeof sum; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	return rc;
}

/* ---- tests ---- */

void
store_block_make(struct store_block *b, const struct event *events, uint32_t n,
    enum store_file file)
{
	static const struct column_mask all = { UINT64_MAX, UINT64_MAX, true };
	struct builder *bw = builder_new(1);
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	struct block_index index;
	struct err err = { 0 };
	struct buf out = { 0 };
	uint32_t i;

	assert(n > 0 && n <= STORE_BLOCK_EVENTS && zstd != NULL);
	for (i = 0; i < n; i++)
		(void)builder_event(bw, 1, &events[i]);
	builder_flush(bw, &out, &index);
	store_block_clear(b);
	if (block_decode(b, buf_as_span(&out), all, zstd, &err) < 0)
		assert(!"what was coded can be decoded");
	b->file = file;
	buf_clear(&out);
	builder_free(bw);
	(void)ZSTD_freeDCtx(zstd);
}
