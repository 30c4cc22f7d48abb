/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lowest layer, and the temporary file of a nested zip or 7z.
 *
 * How the hash works: whatever is read, in whatever order, the bytes that
 * continue those hashed so far are hashed in passing.  A stream is hashed in
 * one pass that way; of a zip, which is read from its end and then from its
 * beginning, only what no entry needed is read once more when the hash is
 * asked for.  Plain reads, never a map: the file may be cut while we read.
 */
#include "ingest/archive_layer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/base/hex.h"

enum { FILE_RANDOM_BYTES = 64 * 1024 }; /* read at a place jumped to */

/* A nested zip is copied to disk before it can be read. */
#define SPOOL_MAX_BYTES ((uint64_t)4 * 1024 * 1024 * 1024)

struct file {
	int fd;
	uint64_t pos;		      /* next byte to read in order */
	uint64_t farthest;	      /* for progress */
	EVP_MD_CTX *md;		      /* NULL: a temporary file */
	uint64_t hashed;	      /* bytes from the beginning */
	struct stat st;		      /* when opened */
	char *path;		      /* owned */
	char hex[ARCHIVE_SHA256_HEX]; /* empty: not asked for yet */
};

static int
no_hash(struct err *err)
{
	return err_set(err, ERR_FAILED, "SHA-256 is not available");
}

/* Hash the part of these bytes that continues what is hashed; 0 or -1. */
static int
hash(struct layer *l, uint64_t offset, const uint8_t *p, size_t n)
{
	struct file *f = l->state;
	size_t known;

	if (offset + n > f->farthest)
		f->farthest = offset + n;
	if (f->md == NULL || offset > f->hashed || offset + n <= f->hashed)
		return 0;
	known = (size_t)(f->hashed - offset);
	if (EVP_DigestUpdate(f->md, p + known, n - known) != 1)
		return no_hash(&l->stack->err);
	f->hashed = offset + n;
	return 0;
}

/* Read at a place within the size that the file had: > 0, 0 at its end, -1. */
static int64_t
read_at(struct layer *l, uint64_t offset, uint8_t *into, size_t room)
{
	struct file *f = l->state;
	ssize_t got;

	if (offset >= l->size_bytes)
		return 0;
	if (room > l->size_bytes - offset)
		room = (size_t)(l->size_bytes - offset);
	do
		got = pread(f->fd, into, room, (off_t)offset);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set(&l->stack->err, ERR_FAILED,
		    "%s: %s at byte %llu", f->path, strerror(errno),
		    (unsigned long long)offset);
	if (got == 0)
		return err_set(&l->stack->err, ERR_FAILED,
		    "%s: was cut to %llu bytes while it was read", f->path,
		    (unsigned long long)offset);
	if (hash(l, offset, into, (size_t)got) < 0)
		return -1;
	return got;
}

static int64_t
file_decode(struct layer *l, uint8_t *into, size_t room)
{
	struct file *f = l->state;
	int64_t got;

	/* Blocks that stay in the cache between the hash and the decoder. */
	if (room > LAYER_BUF_BYTES)
		room = LAYER_BUF_BYTES;
	got = read_at(l, f->pos, into, room);
	if (got > 0)
		f->pos += (uint64_t)got;
	return got;
}

static void
file_close(struct layer *l)
{
	struct file *f = l->state;

	EVP_MD_CTX_free(f->md);
	if (f->fd >= 0)
		(void)close(f->fd);
	free(f->path);
	free(f);
}

static const struct layer_ops file_ops = {
	.decode = file_decode,
	.close = file_close,
};

static struct layer *
push(struct layer_stack *s, const char *path)
{
	struct file *f = calloc(1, sizeof *f);
	struct layer *l;

	if (f == NULL)
		err_no_memory(sizeof *f);
	f->fd = -1;
	f->path = strdup(path);
	if (f->path == NULL)
		err_no_memory(strlen(path));
	l = layer_push(s, LAYER_PLAIN, &file_ops, f);
	l->is_file = true;
	return l;
}

int
layer_file_open(struct layer_stack *s, const char *path)
{
	struct layer *l = push(s, path);
	struct file *f = l->state;

	s->file = l;
	/* Without O_NONBLOCK a pipe put in its place would hold us for ever. */
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (f->fd < 0 || fstat(f->fd, &f->st) < 0)
		return err_set(
		    &s->err, ERR_FAILED, "%s: %s", path, strerror(errno));
	if (!S_ISREG(f->st.st_mode))
		return err_set(
		    &s->err, ERR_FAILED, "%s: not a regular file", path);
	l->size_bytes = (uint64_t)f->st.st_size;
	(void)posix_fadvise(f->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	f->md = EVP_MD_CTX_new();
	if (f->md == NULL || EVP_DigestInit_ex(f->md, EVP_sha256(), NULL) != 1)
		return no_hash(&s->err);
	return 0;
}

static int
temporary(struct layer_stack *s)
{
	const char *dir = getenv("TMPDIR");
	char path[4096];
	int fd;

	if (dir == NULL || dir[0] == '\0')
		dir = "/tmp";
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0) {
		(void)snprintf(path, sizeof path, "%s/pretick-XXXXXX", dir);
		fd = mkostemp(path, O_CLOEXEC);
		if (fd >= 0)
			(void)unlink(path);
	}
	if (fd < 0)
		return err_set(&s->err, ERR_FAILED, "%s: no temporary file: %s",
		    dir, strerror(errno));
	return fd;
}

static int
write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

int
layer_spool(struct layer *from)
{
	struct layer_stack *s = from->stack;
	struct layer *l = push(s, "temporary file");
	struct file *f = l->state;
	const uint8_t *p;
	int64_t got;

	f->fd = temporary(s);
	if (f->fd < 0)
		return -1;
	while ((got = layer_below(l, &p)) > 0) {
		if (write_all(f->fd, p, (size_t)got) < 0)
			return err_set(&s->err, ERR_FAILED,
			    "temporary file: %s", strerror(errno));
		layer_take(l, (size_t)got);
		l->size_bytes += (uint64_t)got;
		if (l->size_bytes > SPOOL_MAX_BYTES ||
		    l->size_bytes > s->limits.member_bytes) {
			layer_damage(from, "too long for an archive in an "
					   "archive: not read");
			return 0;
		}
	}
	return got < 0 ? -1 : 1;
}

int64_t
layer_file_block(struct layer *l, uint64_t offset, const uint8_t **p)
{
	struct file *f = l->state;
	uint64_t begin = f->pos - l->have;
	int64_t got;

	assert(l->is_file);
	if (l->stack->err.code != ERR_NONE)
		return -1;
	if (offset < begin || offset >= f->pos) {
		got = read_at(l, offset, l->buf,
		    offset == f->pos ? LAYER_BUF_BYTES : FILE_RANDOM_BYTES);
		if (got <= 0)
			return got;
		f->pos = offset + (uint64_t)got;
		l->have = (size_t)got;
		begin = offset;
	}
	l->at = (size_t)(offset - begin);
	*p = l->buf + l->at;
	return (int64_t)(l->have - l->at);
}

int64_t
layer_file_read(struct layer *l, uint64_t offset, void *into, size_t room)
{
	assert(l->is_file);
	if (l->stack->err.code != ERR_NONE)
		return -1;
	return read_at(l, offset, into, room);
}

int
layer_file_copy(struct layer *l, uint64_t offset, void *into, size_t n)
{
	uint8_t *to = into;
	const uint8_t *p;
	int64_t got;
	size_t part;

	for (; n > 0; n -= part) {
		got = layer_file_block(l, offset, &p);
		if (got <= 0)
			return (int)got;
		part = (size_t)got < n ? (size_t)got : n;
		memcpy(to, p, part);
		to += part;
		offset += part;
	}
	return 1;
}

uint64_t
layer_file_done_bytes(const struct layer *l)
{
	const struct file *f = l->state;

	return f->farthest;
}

int
layer_file_sha256(struct layer *l, char hex[ARCHIVE_SHA256_HEX])
{
	struct file *f = l->state;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	struct stat now;

	assert(l->below == NULL && f->md != NULL);
	if (l->stack->err.code != ERR_NONE)
		return -1;
	if (f->hex[0] != '\0') {
		memcpy(hex, f->hex, sizeof f->hex);
		return 0;
	}
	l->at = l->have = 0;
	while (f->hashed < l->size_bytes)
		if (read_at(l, f->hashed, l->buf, LAYER_BUF_BYTES) < 0)
			return -1;
	/* A hash of neither what was nor what is would be no evidence. */
	if (fstat(f->fd, &now) < 0 || now.st_size != f->st.st_size ||
	    now.st_mtim.tv_sec != f->st.st_mtim.tv_sec ||
	    now.st_mtim.tv_nsec != f->st.st_mtim.tv_nsec)
		return err_set(&l->stack->err, ERR_FAILED,
		    "%s: was changed while it was read", f->path);
	if (EVP_DigestFinal_ex(f->md, digest, &n) != 1 || n != 32)
		return no_hash(&l->stack->err);
	hex_write(f->hex, digest, n);
	memcpy(hex, f->hex, sizeof f->hex);
	return 0;
}
