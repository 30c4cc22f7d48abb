/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of blocks with its index at the end; store_int.h has the layout. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <isa-l.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/store_int.h"

enum { FILE_HEAD_BYTES = 8, INDEX_ROW_BYTES = 40, TRAILER_BYTES = 16 };

static int
write_all(int fd, const void *bytes, size_t n, uint64_t at)
{
	const char *p = bytes;
	ssize_t k;

	while (n > 0) {
		k = pwrite(fd, p, n, (off_t)at);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) {
			if (k == 0)
				errno = ENOSPC;
			return -1;
		}
		p += k;
		n -= (size_t)k;
		at += (uint64_t)k;
	}
	return 0;
}

static int
read_all(int fd, void *into, size_t n, uint64_t at)
{
	char *p = into;
	ssize_t k;

	while (n > 0) {
		k = pread(fd, p, n, (off_t)at);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) {
			if (k == 0)
				errno = EIO;
			return -1;
		}
		p += k;
		n -= (size_t)k;
		at += (uint64_t)k;
	}
	return 0;
}

static int
world(const struct block_file *f, const char *verb, struct err *err)
{
	return err_set(err, ERR_FAILED, "%s: cannot %s: %s", f->path, verb,
	    strerror(errno));
}

int
block_file_create(struct block_file *f, const char *path, struct err *err)
{
	static const char head[FILE_HEAD_BYTES] = { 'P', 'T', 'E', 'V',
		STORE_VERSION };

	memset(f, 0, sizeof *f);
	f->path = strdup(path);
	if (f->path == NULL)
		err_no_memory(strlen(path));
	f->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (f->fd < 0)
		return world(f, "create", err);
	if (write_all(f->fd, head, sizeof head, 0) < 0)
		return world(f, "write", err);
	f->end = sizeof head;
	return 0;
}

int
block_file_add(struct block_file *f, struct span bytes,
    struct block_index index, struct err *err)
{
	if (write_all(f->fd, bytes.p, bytes.n, f->end) < 0)
		return world(f, "write", err);
	if (f->n_blocks == f->room) {
		f->room = f->room == 0 ? 64 : f->room * 2;
		f->index = realloc(f->index, f->room * sizeof f->index[0]);
		if (f->index == NULL)
			err_no_memory(f->room * sizeof f->index[0]);
	}
	index.offset = f->end;
	f->index[f->n_blocks++] = index;
	f->end += bytes.n;
	return 0;
}

int
block_file_seal(struct block_file *f, struct err *err)
{
	struct buf b = { 0 };
	uint32_t n = (uint32_t)f->n_blocks;
	size_t i;
	int rc = 0;

	for (i = 0; i < f->n_blocks; i++) {
		const struct block_index *x = &f->index[i];
		uint16_t zero = 0;

		(void)buf_add(&b, &x->offset, 8);
		(void)buf_add(&b, &x->bytes, 4);
		(void)buf_add(&b, &x->n, 4);
		(void)buf_add(&b, &x->part, 1);
		(void)buf_add(&b, &x->file, 1);
		(void)buf_add(&b, &zero, 2);
		(void)buf_add(&b, &x->crc, 4);
		(void)buf_add(&b, &x->first_hash, 8);
		(void)buf_add(&b, &x->last_hash, 8);
	}
	(void)buf_add(&b, &f->end, 8);
	(void)buf_add(&b, &n, 4);
	(void)buf_add(&b, "PTEV", 4);
	if (write_all(f->fd, b.p, b.n, f->end) < 0)
		rc = world(f, "write", err);
	/* a wish: store_finish() waits for it */
	(void)sync_file_range(f->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	buf_clear(&b);
	return rc;
}

static int
damaged(const struct block_file *f, struct err *err)
{
	return err_set(
	    err, ERR_FAILED, "%s: damaged event store file", f->path);
}

static int
index_read(struct block_file *f, uint64_t size, struct err *err)
{
	char trailer[TRAILER_BYTES], row[INDEX_ROW_BYTES];
	uint64_t at;
	uint32_t n, i;

	if (size < FILE_HEAD_BYTES + TRAILER_BYTES)
		return damaged(f, err);
	if (read_all(f->fd, trailer, sizeof trailer, size - TRAILER_BYTES) < 0)
		return world(f, "read", err);
	memcpy(&at, trailer, 8);
	memcpy(&n, trailer + 8, 4);
	if (memcmp(trailer + 12, "PTEV", 4) != 0 ||
	    at + (uint64_t)n * INDEX_ROW_BYTES + TRAILER_BYTES != size)
		return damaged(f, err);
	f->end = at;
	f->n_blocks = f->room = n;
	f->index = calloc(n == 0 ? 1 : n, sizeof f->index[0]);
	if (f->index == NULL)
		err_no_memory(n * sizeof f->index[0]);
	for (i = 0; i < n; i++) {
		struct block_index *x = &f->index[i];

		if (read_all(f->fd, row, sizeof row,
			at + (uint64_t)i * INDEX_ROW_BYTES) < 0)
			return world(f, "read", err);
		memcpy(&x->offset, row, 8);
		memcpy(&x->bytes, row + 8, 4);
		memcpy(&x->n, row + 12, 4);
		x->part = (uint8_t)row[16];
		x->file = (uint8_t)row[17];
		memcpy(&x->crc, row + 20, 4);
		memcpy(&x->first_hash, row + 24, 8);
		memcpy(&x->last_hash, row + 32, 8);
		if (x->offset > at || x->bytes > at - x->offset)
			return damaged(f, err);
	}
	return 0;
}

int
block_file_open(struct block_file *f, const char *path, struct err *err)
{
	struct stat st;

	memset(f, 0, sizeof *f);
	f->path = strdup(path);
	if (f->path == NULL)
		err_no_memory(strlen(path));
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0 || fstat(f->fd, &st) < 0)
		return world(f, "open", err);
	return index_read(f, (uint64_t)st.st_size, err);
}

int
block_file_read(
    const struct block_file *f, size_t i, struct buf *bytes, struct err *err)
{
	const struct block_index *x = &f->index[i];

	assert(i < f->n_blocks);
	buf_reset(bytes);
	(void)buf_room(bytes, x->bytes);
	if (read_all(f->fd, bytes->p, x->bytes, x->offset) < 0)
		return world(f, "read", err);
	bytes->n = x->bytes;
	if (crc32_gzip_refl(0, (const unsigned char *)bytes->p, bytes->n) !=
	    x->crc)
		return damaged(f, err);
	return 0;
}

void
block_file_close(struct block_file *f)
{
	if (f->path != NULL && f->fd >= 0)
		(void)close(f->fd);
	free(f->index);
	free(f->path);
	memset(f, 0, sizeof *f);
	f->fd = -1;
}
