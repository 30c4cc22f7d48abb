/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/encoding.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

#include "ingest/base/err.h"
#include "ingest/json.h"

const char *
record_encoding_name(enum record_encoding e)
{
	static const char *const name[RECORD_ENCODING__MAX] = {
		[RECORD_UTF8] = "UTF-8",
		[RECORD_UTF16LE] = "UTF-16LE",
		[RECORD_UTF16BE] = "UTF-16BE",
		[RECORD_GB18030] = "GB18030",
	};

	assert((unsigned)e < RECORD_ENCODING__MAX && e != 0);
	return name[e];
}

static int
unit_bytes(enum record_encoding e)
{
	return e == RECORD_UTF16LE || e == RECORD_UTF16BE ? 2 : 1;
}

/* Behind the next line end at or after `at`, or the end of the bytes. */
static size_t
line_end(enum record_encoding e, struct span s, size_t at)
{
	size_t high = e == RECORD_UTF16LE ? 1 : 0;
	const char *nl;

	if (unit_bytes(e) == 1) {
		nl = memchr(s.p + at, '\n', s.n - at);
		return nl != NULL ? (size_t)(nl - s.p) + 1 : s.n;
	}
	for (; at + 1 < s.n; at += 2)
		if (s.p[at + high] == 0 && s.p[at + 1 - high] == '\n')
			return at + 2;
	return s.n;
}

size_t
encoding_last_line_end(enum record_encoding e, struct span s)
{
	size_t high = e == RECORD_UTF16LE ? 1 : 0, at;
	const char *nl;

	if (unit_bytes(e) == 1) {
		nl = memrchr(s.p, '\n', s.n);
		return nl != NULL ? (size_t)(nl - s.p) + 1 : 0;
	}
	for (at = s.n & ~(size_t)1; at >= 2; at -= 2)
		if (s.p[at - 2 + high] == 0 && s.p[at - 1 - high] == '\n')
			return at;
	return 0;
}

/* ---- change ----------------------------------------------------------------- */

static void
mark_add(struct encoding_marks *m, size_t utf8, size_t from)
{
	if (m->n_marks == m->room) {
		m->room = m->room == 0 ? 256 : m->room * 2;
		m->mark = realloc(m->mark, m->room * sizeof *m->mark);
		if (m->mark == NULL)
			err_no_memory(m->room * sizeof *m->mark);
	}
	m->mark[m->n_marks].utf8 = utf8;
	m->mark[m->n_marks].from = from;
	m->n_marks++;
}

static iconv_t
converter(struct encoding_marks *m, enum record_encoding e)
{
	if (m->iconv != NULL && m->encoding == e)
		return m->iconv;
	if (m->iconv != NULL)
		(void)iconv_close(m->iconv);
	m->encoding = e;
	m->iconv = iconv_open("UTF-8", record_encoding_name(e));
	assert(m->iconv != (iconv_t)-1); /* glibc has all of them */
	return m->iconv;
}

/* One line; how many of its bytes were taken. */
static size_t
line_change(struct encoding_marks *m, struct span line, bool at_end)
{
	size_t unit = (size_t)unit_bytes(m->encoding), left = line.n, room;
	char *in = (char *)line.p, *out;

	(void)iconv(m->iconv, NULL, NULL, NULL, NULL);
	while (left > 0) {
		(void)buf_room(&m->utf8, line.n * 2 + 16);
		out = m->utf8.p + m->utf8.n;
		room = line.n * 2 + 16;
		errno = 0;
		if (iconv(m->iconv, &in, &left, &out, &room) == (size_t)-1 &&
		    errno == EINVAL && !at_end) {
			m->utf8.n = (size_t)(out - m->utf8.p);
			break;
		}
		m->utf8.n = (size_t)(out - m->utf8.p);
		if (left == 0 || errno == E2BIG)
			continue;
		(void)buf_char(&m->utf8, (char)0xff);
		in += left < unit ? left : unit;
		left -= left < unit ? left : unit;
		(void)iconv(m->iconv, NULL, NULL, NULL, NULL);
	}
	return line.n - left;
}

void
encoding_change(struct encoding_marks *m, enum record_encoding encoding,
    struct span bytes, bool at_end)
{
	size_t at = 0, end, took;
	struct span line;

	(void)converter(m, encoding);
	m->n_marks = 0;
	m->last = 0;
	buf_reset(&m->utf8);
	while (at < bytes.n) {
		mark_add(m, m->utf8.n, at);
		end = line_end(encoding, bytes, at);
		line.p = bytes.p + at;
		line.n = end - at;
		took = line_change(m, line, at_end || end < bytes.n);
		at += took;
		if (took < line.n)
			break;
	}
	mark_add(m, m->utf8.n, at);
	(void)buf_room(&m->utf8, JSON_PADDING_BYTES);
	memset(m->utf8.p + m->utf8.n, 0, JSON_PADDING_BYTES);
}

/* How many bytes the UTF-8 text had in the original. */
static size_t
original_bytes(struct encoding_marks *m, struct span s)
{
	char room[4096], *in = (char *)s.p, *out;
	size_t left = s.n, free_bytes, n = 0;
	iconv_t back;

	back = iconv_open(record_encoding_name(m->encoding), "UTF-8");
	assert(back != (iconv_t)-1);
	while (left > 0) {
		out = room;
		free_bytes = sizeof room;
		errno = 0;
		(void)iconv(back, &in, &left, &out, &free_bytes);
		n += sizeof room - free_bytes;
		if (errno != E2BIG && left > 0) { /* 0xff: one unit */
			in++;
			left--;
			n += (size_t)unit_bytes(m->encoding);
		}
	}
	(void)iconv_close(back);
	return n;
}

/* The usual end of a record: nothing but the line end follows. */
static bool
ascii_to(const struct encoding_marks *m, size_t at, size_t end)
{
	if (end - at > 2)
		return false;
	for (; at < end; at++)
		if ((m->utf8.p[at] & 0x80) != 0)
			return false;
	return true;
}

size_t
encoding_place(struct encoding_marks *m, size_t utf8)
{
	struct span prefix;
	size_t i = m->last;

	assert(utf8 <= m->utf8.n && m->n_marks > 0);
	if (m->mark[i].utf8 > utf8)
		i = 0;
	while (i + 1 < m->n_marks && m->mark[i + 1].utf8 <= utf8)
		i++;
	m->last = i;
	if (m->mark[i].utf8 == utf8)
		return m->mark[i].from;
	if (i + 1 < m->n_marks && ascii_to(m, utf8, m->mark[i + 1].utf8))
		return m->mark[i + 1].from -
		       (m->mark[i + 1].utf8 - utf8) *
			   (size_t)unit_bytes(m->encoding);
	prefix.p = m->utf8.p + m->mark[i].utf8;
	prefix.n = utf8 - m->mark[i].utf8;
	return m->mark[i].from + original_bytes(m, prefix);
}

void
encoding_marks_clear(struct encoding_marks *m)
{
	if (m->iconv != NULL)
		(void)iconv_close(m->iconv);
	free(m->mark);
	buf_clear(&m->utf8);
	memset(m, 0, sizeof *m);
}

/* ---- which one ---------------------------------------------------------------- */

/* The lines that hold more than ASCII: those that are UTF-8, those not. */
static void
lines_count(struct span s, bool whole, size_t *good, size_t *bad)
{
	size_t at = 0, end, i;
	struct span line;

	*good = *bad = 0;
	while (at < s.n) {
		end = line_end(RECORD_UTF8, s, at);
		line.p = s.p + at;
		line.n = end - at;
		at = end;
		for (i = 0; i < line.n && (line.p[i] & 0x80) == 0; i++)
			;
		if (i == line.n || (!whole && end == s.n))
			continue; /* the last line may be cut */
		if (json_utf8_is_valid(line))
			(*good)++;
		else
			(*bad)++;
	}
}

static bool
decodes(enum record_encoding e, struct span s, bool whole)
{
	struct encoding_marks m = { 0 };
	bool clean;

	encoding_change(&m, e, s, whole);
	clean = memchr(m.utf8.p, 0xff, m.utf8.n) == NULL &&
		memchr(m.utf8.p, '\0', m.utf8.n) == NULL;
	encoding_marks_clear(&m);
	return clean;
}

enum record_encoding
encoding_find(struct span head, bool whole)
{
	size_t good, bad;

	if (head.n >= 2 && memcmp(head.p, "\xff\xfe", 2) == 0)
		return RECORD_UTF16LE;
	if (head.n >= 2 && memcmp(head.p, "\xfe\xff", 2) == 0)
		return RECORD_UTF16BE;
	if (json_utf8_is_valid(head))
		return RECORD_UTF8;
	lines_count(head, whole, &good, &bad);
	if (bad > good && decodes(RECORD_GB18030, head, whole))
		return RECORD_GB18030;
	return RECORD_UTF8;
}
