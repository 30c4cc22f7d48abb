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
 * The files of spills are unlinked as soon as they are open.
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

#include "ingest/base/hex.h"
#include "ingest/store_part.h"

enum {
	PATH_BYTES = 4096,
	NAMES_SHARE = 16 /* of the spills' memory */
};

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

/* A temporary file whose process was killed before it lost its name. */
static void
temporary_remove(const char *dir, const char *name)
{
	const char *end = strrchr(name, '.');
	char path[PATH_BYTES];

	if (strncmp(name, "rows-", 5) != 0 || end == NULL ||
	    strcmp(end, ".tmp") != 0)
		return;
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	(void)unlink(path);
}

/* Remove every generation but the one to keep (NULL: all). */
static void
leftovers_remove(const char *dir, const char *keep)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		temporary_remove(dir, e->d_name);
		if (e->d_name[0] == 'g' &&
		    (keep == NULL || strcmp(e->d_name, keep) != 0))
			generation_remove(dir, e->d_name);
	}
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
	row_book_init(&s->book);
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

void
store_spills_free(struct store *s)
{
	size_t i;

	for (i = 0; i < s->n_spills; i++)
		store_spill_free(s->spill[i]);
	free(s->spill);
	s->spill = NULL;
	s->n_spills = 0;
}

void
store_spill_own(struct store *s, struct store_spill *sp, size_t budget_bytes)
{
	s->spill = realloc(s->spill, (s->n_spills + 1) * sizeof s->spill[0]);
	if (s->spill == NULL)
		err_no_memory(s->n_spills);
	s->spill[s->n_spills++] = sp;
	s->memory_bytes += budget_bytes;
	s->book.limit_bytes = s->memory_bytes / NAMES_SHARE;
}

/* Files that nobody but this process may find: unlinked as soon as open. */
static char *
temporary_name(struct store *s)
{
	unsigned n = __atomic_fetch_add(&s->n_temporaries, 1, __ATOMIC_RELAXED);
	char name[32];

	(void)snprintf(name, sizeof name, "rows-%u.tmp", n);
	return joined(s->dir, name);
}

int
store_temporary(struct store *s, struct err *err)
{
	char *path = temporary_name(s);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		(void)err_set(err, ERR_FAILED, "%s: cannot create: %s", path,
		    strerror(errno));
	else
		(void)unlink(path);
	free(path);
	return fd;
}

int
store_temporary_blocks(struct store *s, struct block_file *f, struct err *err)
{
	char *path = temporary_name(s);
	int rc = block_file_create(f, path, err);

	if (rc == 0)
		(void)unlink(path);
	free(path);
	return rc;
}

int
store_generation_make(struct store *s, struct err *err)
{
	char *path = joined(s->dir, s->next);
	int rc = mkdir(path, 0700);

	if (rc < 0)
		(void)err_set(err, ERR_FAILED, "%s: cannot create: %s", path,
		    strerror(errno));
	free(path);
	return rc;
}

static int
path_sync(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;

	if (fd < 0 || fsync(fd) < 0)
		rc = err_set(err, ERR_FAILED, "%s: cannot write: %s", path,
		    strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

/*
 * All files one after the other, when all are written: the first wait brings
 * the others' blocks to the disk, too, while a wait behind each file made
 * the journal of the file system write as often.
 */
int
store_generation_sync(struct store *s, struct err *err)
{
	char *dir = joined(s->dir, s->next), *path;
	char name[32];
	unsigned job;
	int rc = 0;

	for (job = 0; rc == 0 && job < STORE_PARTS * STORE_FILE__MAX; job++) {
		(void)store_file_name(name, sizeof name, job % STORE_FILE__MAX,
		    job / STORE_FILE__MAX);
		path = joined(dir, name);
		if (access(path, F_OK) == 0)
			rc = path_sync(path, err);
		free(path);
	}
	if (rc == 0)
		rc = path_sync(dir, err);
	free(dir);
	return rc;
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
	if (s == NULL)
		return;
	store_spills_free(s);
	row_book_clear(&s->book);
	if (s->next != NULL && s->dir != NULL)
		leftovers_remove(s->dir, s->current);
	free(s->dir);
	free(s->current);
	free(s->next);
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
	int rc;

	if (md == NULL || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
		err_no_memory(0);
	rc = files_visit(case_dir, hash_add, md, err);
	(void)EVP_DigestFinal_ex(md, sum, NULL);
	EVP_MD_CTX_free(md);
	hex_write(hex, sum, sizeof sum);
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
