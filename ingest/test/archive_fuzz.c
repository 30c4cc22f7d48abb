/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a source: no crash, no endless run, the hash is that of the
 * bytes, names are valid, and how much is read at a time changes nothing.
 */
#include "ingest/archive.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ingest/base/hex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	uint64_t members, bytes, mix; /* of all that came out */
	uint64_t damage;	      /* of what was told */
};

static void
mix(uint64_t *sum, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < n; i++)
		*sum = (*sum ^ p[i]) * 0x100000001b3;
}

static void
on_damage(void *arg, const char *member, uint64_t offset, const char *reason)
{
	struct sum *s = arg;

	assert(reason[0] != '\0');
	if (member != NULL)
		mix(&s->damage, member, strlen(member));
	mix(&s->damage, &offset, sizeof offset);
}

static void
read_all(const char *path, size_t room, struct sum *s, char hex[65])
{
	static char block[256 * 1024];
	static const struct archive_limits limits = {
		.depth = 4,
		.members = 40,
		.ratio = 50,
		.member_bytes = 1 << 20,
		.zstd_window_log = 20,
	};
	struct err err = { 0 };
	struct archive *a = archive_open(path, &limits, on_damage, s, &err);
	const char *name;
	int64_t got = 0;
	int r;

	assert(a != NULL);
	while ((r = archive_next(a, &name, &err)) > 0) {
		s->members++;
		mix(&s->mix, name, strlen(name));
		while ((got = archive_read(a, block, room, &err)) > 0) {
			assert((size_t)got <= room);
			s->bytes += (uint64_t)got;
			mix(&s->mix, block, (size_t)got);
		}
		assert(got == 0);
	}
	assert(r == 0);
	r = archive_sha256(a, hex, &err);
	assert(r == 0);
	archive_close(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct sum large = { 0 }, small = { 0 };
	char path[64], hex[65], want[65];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	assert(fd >= 0);
	if (write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	read_all(path, 256 * 1024, &large, hex);
	(void)EVP_Digest(data, size, digest, NULL, EVP_sha256(), NULL);
	hex_write(want, digest, 32);
	assert(strcmp(hex, want) == 0);
	read_all(path, 1000 + size % 5000, &small, hex);
	assert(strcmp(hex, want) == 0);
	assert(large.members == small.members);
	assert(large.bytes == small.bytes && large.mix == small.mix);
	assert(large.damage == small.damage);
	(void)close(fd);
	return 0;
}
