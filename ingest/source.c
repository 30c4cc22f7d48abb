/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/source.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Folders open at a time, and links cannot make a loop: none is followed. */
enum { FOLDER_DEPTH_MAX = 256 };

/* What an operand came to, until it is known to be good as a whole. */
struct found {
	struct arena *arena;
	struct source_file *file; /* malloc'd, the paths are in the arena */
	size_t n, room;
};

static void
add(struct found *f, const char *path, uint64_t bytes, const char *reason)
{
	if (f->n == f->room) {
		f->room = f->room == 0 ? 64 : f->room * 2;
		f->file = realloc(f->file, f->room * sizeof *f->file);
		if (f->file == NULL)
			err_no_memory(f->room * sizeof *f->file);
	}
	f->file[f->n].path = arena_str(f->arena, span_of(path));
	f->file[f->n].bytes = bytes;
	f->file[f->n].reason =
	    reason != NULL ? arena_str(f->arena, span_of(reason)) : NULL;
	f->n++;
}

/* Why a regular file cannot be read; NULL: it can. */
static const char *
unreadable(int at, const char *name, const char *path)
{
	if (faccessat(at, name, R_OK, AT_EACCESS) < 0)
		return strerror(errno);
	return strlen(path) < PATH_MAX ? NULL : strerror(ENAMETOOLONG);
}

static const char *
kind_reason(mode_t mode)
{
	if (S_ISLNK(mode))
		return "symbolic link not followed";
	if (S_ISFIFO(mode))
		return "pipe not read";
	if (S_ISSOCK(mode))
		return "socket not read";
	return "device not read";
}

static void walk(struct found *f, int fd, const char *path, unsigned depth);

/* One name in a folder that is open as `at`. */
static void
visit(
    struct found *f, int at, const char *name, const char *path, unsigned depth)
{
	struct stat st;
	int fd;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		add(f, path, 0, strerror(errno));
	} else if (S_ISREG(st.st_mode)) {
		add(f, path, (uint64_t)st.st_size, unreadable(at, name, path));
	} else if (!S_ISDIR(st.st_mode)) {
		add(f, path, 0, kind_reason(st.st_mode));
	} else if (depth >= FOLDER_DEPTH_MAX) {
		add(f, path, 0, "folders are nested too deeply: not read");
	} else {
		fd = openat(
		    at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			add(f, path, 0, strerror(errno));
		else
			walk(f, fd, path, depth + 1);
	}
}

/* List what is below the folder open as `fd`, which is closed. */
static void
walk(struct found *f, int fd, const char *path, unsigned depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *e;
	size_t n = strlen(path);
	char *below;

	if (dir == NULL) {
		add(f, path, 0, strerror(errno));
		(void)close(fd);
		return;
	}
	while (n > 1 && path[n - 1] == '/')
		n--;
	while (errno = 0, (e = readdir(dir)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		/* malloc'd: most paths of folders are needed no longer. */
		if (asprintf(&below, "%.*s%s%s", (int)n, path,
			path[n - 1] == '/' ? "" : "/", e->d_name) < 0)
			err_no_memory(n);
		visit(f, dirfd(dir), e->d_name, below, depth);
		free(below);
	}
	if (errno != 0)
		add(f, path, 0, strerror(errno));
	(void)closedir(dir);
}

static int
by_path(const void *a, const void *b)
{
	const struct source_file *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void
append(struct source_list *l, const struct found *f)
{
	size_t was = l->n_files * sizeof *l->file,
	       more = f->n * sizeof *l->file;

	if (f->n == 0)
		return;
	l->file = arena_grow(&l->arena, l->file, was, was + more);
	memcpy(l->file + l->n_files, f->file, more);
	l->n_files += f->n;
}

static int
refused(struct err *err, const char *operand, const char *reason)
{
	return err_set(err, ERR_FAILED, "%s: %s", operand, reason);
}

int
source_list_add(struct source_list *l, const char *operand, struct err *err)
{
	struct found f = { .arena = &l->arena };
	struct stat st;
	int fd;

	if (stat(operand, &st) < 0)
		return refused(err, operand, strerror(errno));
	if (S_ISREG(st.st_mode)) {
		if (faccessat(AT_FDCWD, operand, R_OK, AT_EACCESS) < 0)
			return refused(err, operand, strerror(errno));
		add(&f, operand, (uint64_t)st.st_size, NULL);
	} else if (S_ISDIR(st.st_mode)) {
		fd = open(operand, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return refused(err, operand, strerror(errno));
		walk(&f, fd, operand, 0);
		if (f.n > 1)
			qsort(f.file, f.n, sizeof *f.file, by_path);
	} else {
		return refused(err, operand, "neither a file nor a folder");
	}
	append(l, &f);
	free(f.file);
	return 0;
}

void
source_list_clear(struct source_list *l)
{
	arena_clear(&l->arena);
	memset(l, 0, sizeof *l);
}

bool
source_is_inside(const char *dir, const char *path)
{
	char *folder = realpath(dir, NULL), *file;
	bool inside;
	size_t n;

	if (folder == NULL)
		return false;
	file = realpath(path, NULL);
	n = strlen(folder);
	inside =
	    file != NULL && strncmp(file, folder, n) == 0 && file[n] == '/';
	free(file);
	free(folder);
	return inside;
}
