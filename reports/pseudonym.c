/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/pseudonym.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/base/hex.h"

enum { KEY_LEAST = 16, KEY_MADE = 32, NAME_HEX = 16 };

static int
default_path(char path[PATH_MAX], struct err *err)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	int n;

	if (config != NULL && config[0] == '/')
		n = snprintf(path, PATH_MAX, "%s/pretick/key", config);
	else if (home != NULL && home[0] == '/')
		n = snprintf(path, PATH_MAX, "%s/.config/pretick/key", home);
	else
		return err_set(err, ERR_FAILED,
		    "no home folder for the key of pseudonyms: "
		    "name one with --key");
	if (n < 0 || n >= PATH_MAX)
		return err_set(
		    err, ERR_FAILED, "the path of the key is too long");
	return 0;
}

/* The folders above a file, with mode 0700 where they are not there. */
static int
make_parents(const char *path, struct err *err)
{
	char part[PATH_MAX];
	size_t i, n = strlen(path);

	assert(n < sizeof part);
	for (i = 1; i < n; i++) {
		if (path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			return err_set(
			    err, ERR_FAILED, "%s: %s", part, strerror(errno));
	}
	return 0;
}

static int
write_all(int fd, const unsigned char *p, size_t n)
{
	ssize_t got;

	while (n > 0) {
		got = write(fd, p, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

/* A key that another process makes at the same time is not replaced: the
 * file appears whole, by link(). */
static int
make_key(const char *path, struct err *err)
{
	unsigned char key[KEY_MADE];
	char made[PATH_MAX];
	int fd, n, rc = -1;

	if (make_parents(path, err) < 0)
		return -1;
	n = snprintf(made, sizeof made, "%s.XXXXXX", path);
	if (n < 0 || (size_t)n >= sizeof made)
		return err_set(err, ERR_FAILED, "%s: too long", path);
	if (RAND_bytes(key, sizeof key) != 1)
		return err_set(err, ERR_FAILED, "%s: no random bytes", path);
	fd = mkstemp(made); /* mode 0600 */
	if (fd < 0)
		return err_set(
		    err, ERR_FAILED, "%s: %s", made, strerror(errno));
	if (write_all(fd, key, sizeof key) < 0 || fsync(fd) < 0)
		(void)err_set(err, ERR_FAILED, "%s: %s", made, strerror(errno));
	else if (link(made, path) < 0 && errno != EEXIST)
		(void)err_set(err, ERR_FAILED, "%s: %s", path, strerror(errno));
	else
		rc = 0;
	(void)close(fd);
	(void)unlink(made);
	OPENSSL_cleanse(key, sizeof key);
	return rc;
}

static int
read_key(struct pseudonym_key *k, int fd, const char *path, struct err *err)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	struct stat st;
	ssize_t got;

	while (k->n < sizeof k->key) {
		got = read(fd, k->key + k->n, sizeof k->key - k->n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(
			    err, ERR_FAILED, "%s: %s", path, strerror(errno));
		if (got == 0)
			break;
		k->n += (size_t)got;
	}
	if (k->n < KEY_LEAST)
		return err_set(err, ERR_FAILED,
		    "%s: a key has at least %d bytes, not %zu", path, KEY_LEAST,
		    k->n);
	k->is_public = fstat(fd, &st) == 0 && (st.st_mode & 077) != 0;
	(void)SHA256(k->key, k->n, hash);
	hex_write(k->id, hash, sizeof k->id / 2);
	return 0;
}

int
pseudonym_key_read(struct pseudonym_key *k, const char *path, struct err *err)
{
	char usual[PATH_MAX] = "";
	int fd, rc;

	memset(k, 0, sizeof *k);
	if (path == NULL) {
		if (default_path(usual, err) < 0)
			return -1;
		path = usual;
		if (access(path, F_OK) < 0 && errno == ENOENT &&
		    make_key(path, err) < 0)
			return -1;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(
		    err, ERR_FAILED, "%s: %s", path, strerror(errno));
	rc = read_key(k, fd, path, err);
	(void)close(fd);
	return rc;
}

void
pseudonym_key_home(struct pseudonym_key *k, struct casefile *c)
{
	sqlite3_stmt *st = casefile_prepare(
	    c, "SELECT value FROM case_info WHERE key = 'home.calling_code'");

	if (st != NULL && casefile_step(c, st) > 0)
		(void)phone_home_code(&k->home,
		    span_of((const char *)sqlite3_column_text(st, 0)));
	casefile_finalize(st);
}

void
pseudonym_key_clear(struct pseudonym_key *k)
{
	OPENSSL_cleanse(k, sizeof *k);
}

char *
pseudonym(const struct pseudonym_key *k, const char *kind, struct span id,
    char out[PSEUDONYM_BYTES])
{
	unsigned char mac[EVP_MAX_MD_SIZE], *text;
	size_t n_kind = strlen(kind) + 1;
	char number[PHONE_BYTES];
	unsigned n_mac = 0;

	assert(k->n >= KEY_LEAST);
	if (strcmp(kind, "nonuser") == 0)
		id = phone_or_text(&k->home, id, number);
	text = malloc(n_kind + id.n);
	if (text == NULL)
		err_no_memory(n_kind + id.n);
	memcpy(text, kind, n_kind);
	if (id.n > 0)
		memcpy(text + n_kind, id.p, id.n);
	if (HMAC(EVP_sha256(), k->key, (int)k->n, text, n_kind + id.n, mac,
		&n_mac) == NULL)
		abort(); /* libcrypto without SHA-256 */
	free(text);
	out[0] = kind[0] == 'n' ? 'x' : kind[0];
	out[1] = '-';
	hex_write(out + 2, mac, NAME_HEX / 2);
	return out;
}

bool
pseudonym_is(const char *text)
{
	return (text[0] == 'u' || text[0] == 'd' || text[0] == 'x') &&
	       text[1] == '-' && strlen(text) == 2 + NAME_HEX &&
	       strspn(text + 2, "0123456789abcdef") == NAME_HEX;
}
