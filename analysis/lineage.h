/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lineage - what became of a datum: of one contact in an address book, say.
 *
 * Along the rows of a person (lineage.c) every record of access, upload,
 * sharing or outbound contact that names its datum becomes a lineage_row.
 * A datum goes from person to person, so the rows of all of them are sorted
 * by datum (lineage_sort.c) when all partitions are in, and each datum is
 * judged by itself (lineage_join.c): who collected it and for what, who was
 * called later, and for what.
 *
 *	permission → access → upload → share → outbound contact
 *
 * Data are compared in one form (phone.h), bytewise.
 */
#ifndef ANALYSIS_LINEAGE_H
#define ANALYSIS_LINEAGE_H

#include "analysis/rowlog.h"
#include "ingest/base/span.h"

enum {
	LINEAGE_TEXT = 255,	  /* bytes of a datum that are kept */
	LINEAGE_COLLECTORS = 4096 /* of a datum that are told apart */
};

/* In the order of the chain; the numbers order table lineage. */
enum lineage_hop {
	LINEAGE_NONE = 0,
	LINEAGE_PERMISSION,
	LINEAGE_ACCESS,	  /* read on the device */
	LINEAGE_UPLOAD,	  /* sent to the operator, or found on its server */
	LINEAGE_SHARE,	  /* sent to somebody else */
	LINEAGE_OUTBOUND, /* somebody was contacted */
	LINEAGE_OWN,	  /* no hop: the datum is the person's own number */
	LINEAGE_HOP__MAX
};

enum lineage_state {
	LINEAGE_STATE_NONE = 0,
	/* of the permission when the category was first accessed */
	LINEAGE_GRANTED,
	LINEAGE_DENIED,
	LINEAGE_LAPSED,
	LINEAGE_ASKED, /* a prompt, and no answer in the log */
	LINEAGE_NEVER_ASKED,
	LINEAGE_NOT_LOGGED, /* the case has no record of permissions */
	/* of who was contacted */
	LINEAGE_COLLECTED,  /* collected before */
	LINEAGE_THEMSELVES, /* the number of somebody with an account */
	LINEAGE_EARLIER,    /* collected only later */
	LINEAGE_UNORDERED,  /* collected, before or after is not known */
	LINEAGE_NEVER,	    /* never collected: the negative control */
	LINEAGE_STATE__MAX
};

/* The words of table lineage; "" for none. */
extern const char *const lineage_hop_text[LINEAGE_HOP__MAX];
extern const char *const lineage_state_text[LINEAGE_STATE__MAX];

/* A record that names its datum.  Names are codes of whoever holds the row;
 * behind it lie the bytes of the datum, padded to 8. */
struct lineage_row {
	uint64_t hash; /* of the whole datum */
	int64_t at_us; /* corrected; STORE_ABSENT undated */
	int64_t us;    /* as written */
	int64_t precision_us;
	int64_t error_us; /* of an order across clocks */
	uint64_t clock;	  /* as in struct stamp */
	uint32_t subject; /* RESULT_NOBODY in a part; 0 in the result */
	uint32_t operator_, category, recipient, purposes; /* a list's code */
	uint32_t n;	   /* bytes of the datum, LINEAGE_TEXT at most */
	uint8_t hop;	   /* enum lineage_hop */
	uint8_t is_person; /* the datum stands for somebody */
	uint8_t is_self;   /* the account of the record has that number */
	uint8_t is_held;   /* an upload that a server's access tells of */
	uint8_t padding[4];
};

_Static_assert(sizeof(struct lineage_row) % 8 == 0, "rows lie one by one");

/* Bytes of a row with its datum. */
static inline size_t
lineage_bytes(const struct lineage_row *row)
{
	return sizeof *row + ((row->n + 7) & ~(size_t)7);
}

/*
 * Rows in order of datum, then: whose own number it is; its collection, by
 * person and time; outbound contacts, by time.  They lie in memory up to
 * `run_bytes`; beyond, sorted runs go to an unlinked file of the case folder
 * and are merged while they are read.
 */
struct lineage_run;
struct lineage_sort {
	size_t run_bytes;
	char *row; /* [n] bytes of rows */
	size_t n, room;
	struct rowlog runs;
	uint64_t *begin; /* [n_runs] where each begins in `runs` */
	size_t n_runs;
	/* while they are read */
	bool is_read;
	const struct lineage_row **order; /* [n_order] without runs */
	size_t n_order, at;
	struct lineage_run *run; /* [n_runs], and a heap of their numbers */
	size_t *heap, n_heap;
};

void lineage_sort_init(
    struct lineage_sort *s, const char *case_dir, size_t run_bytes);
void lineage_sort_add(
    struct lineage_sort *s, const struct lineage_row *row, const char *text);
/* The next row, NULL at the end; nothing is added after the first call.  The
 * row lives until the next call. */
const struct lineage_row *lineage_sort_next(struct lineage_sort *s);
static inline struct span
lineage_text(const struct lineage_row *row)
{
	struct span s = { (const char *)(row + 1), row->n };

	return s;
}
/* 0, or -1 when the file failed. */
int lineage_sort_error(const struct lineage_sort *s, struct err *err);
void lineage_sort_clear(struct lineage_sort *s);

#endif
