/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What bytes begin as.  By content only: a file named .zst that holds JSON is
 * plain, and evidence arrives with every extension or none.  A magic that
 * text could begin with ("BZh", "070707", "LZIP") needs more than the magic.
 */
#include "ingest/archive_layer.h"

#include <assert.h>

enum { TAR_BLOCK_BYTES = 512, CPIO_NEWC_BYTES = 110, CPIO_ODC_BYTES = 76 };

static bool
begins(const uint8_t *p, size_t n, const char *magic, size_t magic_n)
{
	return n >= magic_n && memcmp(p, magic, magic_n) == 0;
}

#define BEGINS(p, n, magic) begins((p), (n), (magic), sizeof(magic) - 1)

static uint32_t
le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* An octal number as tar writes it: blanks, digits, blank or NUL. */
static bool
tar_number(const uint8_t *p, size_t n, uint32_t *out)
{
	size_t i = 0;

	*out = 0;
	if (n > 0 && (p[0] & 0x80) != 0)
		return true; /* base 256 */
	while (i < n && p[i] == ' ')
		i++;
	for (; i < n && p[i] >= '0' && p[i] <= '7'; i++)
		*out = *out << 3 | (uint32_t)(p[i] - '0');
	for (; i < n; i++)
		if (p[i] != ' ' && p[i] != '\0')
			return false;
	return true;
}

static bool
is_tar(const uint8_t *p, size_t n)
{
	uint32_t sum = 0, is, v;
	int32_t signed_sum = 0;
	size_t i;

	if (n < TAR_BLOCK_BYTES || p[0] == '\0')
		return false;
	/* Unreadable with a magic is damage, not records. */
	if ((BEGINS(p + 257, 8, "ustar\0") || BEGINS(p + 257, 8, "ustar  ")) &&
	    memchr(p, '\0', 257) != NULL)
		return true;
	for (i = 0; i < TAR_BLOCK_BYTES; i++) {
		bool in_sum = i >= 148 && i < 156;

		sum += in_sum ? ' ' : p[i];
		signed_sum += in_sum ? ' ' : (int8_t)p[i];
	}
	return tar_number(p + 148, 8, &is) &&
	       (is == sum || is == (uint32_t)signed_sum) &&
	       tar_number(p + 100, 8, &v) && tar_number(p + 124, 12, &v) &&
	       tar_number(p + 136, 12, &v);
}

static bool
all_digits(const uint8_t *p, size_t n, bool hex)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!(p[i] >= '0' && p[i] <= (hex ? '9' : '7')) &&
		    !(hex && ((p[i] >= 'a' && p[i] <= 'f') ||
				 (p[i] >= 'A' && p[i] <= 'F'))))
			return false;
	return true;
}

/* MySQL's error log begins "070701 12:00:00" in July 2007. */
static bool
is_cpio(const uint8_t *p, size_t n)
{
	size_t name_n;

	if (BEGINS(p, n, "070701") || BEGINS(p, n, "070702"))
		return n >= CPIO_NEWC_BYTES &&
		       all_digits(p, CPIO_NEWC_BYTES, true);
	if (BEGINS(p, n, "070707"))
		return n >= CPIO_ODC_BYTES &&
		       all_digits(p, CPIO_ODC_BYTES, false);
	if (n < 26 || (!BEGINS(p, n, "\xc7\x71") && !BEGINS(p, n, "\x71\xc7")))
		return false;
	name_n = p[0] == 0xc7 ? p[20] | (size_t)p[21] << 8
			      : p[21] | (size_t)p[20] << 8;
	return name_n > 1 && name_n <= 512 && 26 + name_n <= n &&
	       memchr(p + 26, '\0', name_n) == p + 26 + name_n - 1;
}

static bool
is_bzip2(const uint8_t *p, size_t n)
{
	return n >= 10 && BEGINS(p, n, "BZh") && p[3] >= '1' && p[3] <= '9' &&
	       (BEGINS(p + 4, n - 4, "\x31\x41\x59\x26\x53\x59") ||
		   BEGINS(p + 4, n - 4, "\x17\x72\x45\x38\x50\x90"));
}

/* The old .lzma has no magic: default properties, a round dictionary, and a
 * size that is unknown or below 1 TiB. */
static bool
is_lzma(const uint8_t *p, size_t n)
{
	uint32_t dict;

	if (n < 14 || p[0] != 0x5d)
		return false;
	dict = le32(p + 1);
	if (dict < 4096 || ((dict & (dict - 1)) != 0 && dict != UINT32_MAX))
		return false;
	return BEGINS(p + 5, 8, "\xff\xff\xff\xff\xff\xff\xff\xff") ||
	       (p[10] == 0 && p[11] == 0 && p[12] == 0);
}

/* A skippable frame may stand before zstd and before lz4 frames. */
static enum layer_kind
skippable_kind(const uint8_t *p, size_t n)
{
	size_t at = 0;

	while (n - at >= 8 && (le32(p + at) & 0xfffffff0) == 0x184d2a50) {
		uint32_t size = le32(p + at + 4);

		if (size > n - at - 8)
			break;
		at += 8 + size;
	}
	return BEGINS(p + at, n - at, "\x04\x22\x4d\x18") ? LAYER_LZ4
							  : LAYER_ZSTD;
}

static enum layer_kind
filter_kind(const uint8_t *p, size_t n)
{
	if (BEGINS(p, n, "\x1f\x8b"))
		return LAYER_GZIP;
	if (n >= 4 && (le32(p) == 0xfd2fb528 ||
			  (le32(p) >= 0xfd2fb522 && le32(p) <= 0xfd2fb527)))
		return LAYER_ZSTD; /* with its old formats */
	if (n >= 8 && (le32(p) & 0xfffffff0) == 0x184d2a50)
		return skippable_kind(p, n);
	if (BEGINS(p, n, "\xfd\x37zXZ\0"))
		return LAYER_XZ;
	if (is_bzip2(p, n))
		return LAYER_BZIP2;
	if (BEGINS(p, n, "\x04\x22\x4d\x18") ||
	    BEGINS(p, n, "\x02\x21\x4c\x18"))
		return LAYER_LZ4;
	if (n >= 6 && BEGINS(p, n, "LZIP") && p[4] <= 1)
		return LAYER_LZIP;
	if (n >= 3 && BEGINS(p, n, "\x1f\x9d") && (p[2] & 0x60) == 0)
		return LAYER_COMPRESS;
	return is_lzma(p, n) ? LAYER_LZMA : LAYER_PLAIN;
}

enum layer_kind
layer_kind_of(const uint8_t *p, size_t n)
{
	enum layer_kind kind;

	if (BEGINS(p, n, "PK\3\4") || BEGINS(p, n, "PK\5\6") ||
	    BEGINS(p, n, "PK\7\10"))
		return LAYER_ZIP;
	if (BEGINS(p, n, "7z\xbc\xaf\x27\x1c"))
		return LAYER_7ZIP;
	if (BEGINS(p, n, "Rar!\x1a\x07") || BEGINS(p, n, "MSCF\0\0\0\0") ||
	    BEGINS(p, n, "xar!\0") || BEGINS(p, n, "!<arch>\n") ||
	    BEGINS(p, n, "LRZI\0") || BEGINS(p, n, "\x89LZO\0\r\n\x1a\n"))
		return LAYER_UNREAD;
	kind = filter_kind(p, n);
	if (kind != LAYER_PLAIN)
		return kind;
	if (is_cpio(p, n))
		return LAYER_CPIO;
	return is_tar(p, n) ? LAYER_TAR : LAYER_PLAIN;
}

const char *
layer_kind_name(enum layer_kind kind)
{
	static const char *const name[LAYER__MAX] = {
		[LAYER_PLAIN] = "file",
		[LAYER_GZIP] = "gzip",
		[LAYER_ZSTD] = "zstd",
		[LAYER_XZ] = "xz",
		[LAYER_BZIP2] = "bzip2",
		[LAYER_LZ4] = "lz4",
		[LAYER_LZMA] = "lzma",
		[LAYER_LZIP] = "lzip",
		[LAYER_COMPRESS] = "compress",
		[LAYER_TAR] = "tar",
		[LAYER_CPIO] = "cpio",
		[LAYER_ZIP] = "zip",
		[LAYER_7ZIP] = "7z",
		[LAYER_UNREAD] = "archive",
	};

	assert((unsigned)kind < LAYER__MAX);
	return name[kind];
}
