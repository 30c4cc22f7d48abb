/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * operators - whose app and servers the records are of, where a case holds
 * the logs of several.
 *
 * One operator's consent says nothing of another's, its screen "home" is not
 * another's, and its log tells nothing of what another's would show.  So a
 * person's rows are read apart, operator by operator (crowd.h), each under a
 * study of its own: what the logs of that operator hold at all, and what
 * case.ini declares, in its terms.  A surface or screen whose name several
 * operators use is called OPERATOR/NAME, in the blocks already.
 *
 * A record that names no operator is of [case] operator; where case.ini names
 * none either, such records stand by themselves.
 *
 * Filled once, then read by every thread.  Memory is bounded: at most
 * OPERATORS_MAX are told apart, the others are one.  A case of one operator
 * has n <= 1, and none of this costs it anything but a look at one column.
 */
#ifndef ANALYSIS_OPERATORS_H
#define ANALYSIS_OPERATORS_H

#include "analysis/names.h"
#include "analysis/study.h"
#include "ingest/store.h"

enum { OPERATORS_MAX = 256 };

struct operators {
	size_t n;	     /* with "none named", if there are such records */
	struct span *name;   /* [n], sorted; absent stands for no name */
	struct study *study; /* [n], n > 1: the study as it holds for each */
	/* Below: operators.c only. */
	size_t unnamed;	   /* where a record without a name belongs; n: none */
	size_t other;	   /* those beyond OPERATORS_MAX; n: there are none */
	struct names used; /* names of surfaces and screens … */
	uint32_t *owner;   /* [used.n + 1] 1 + operator, or OWNER_SEVERAL */
	uint32_t owner_room;
	bool has_unnamed; /* some records name none */
	bool is_full;	  /* more names than are kept: all others are shared */
	struct arena arena;
};

/* A block with the column of the operator; `o = { 0 }` before the first. */
void operators_see(struct operators *o, const struct store_block *b);
/*
 * All blocks have been seen, the study is complete: whose is what.  With
 * several, `s->operators` points to `o` afterwards.
 */
int operators_read(struct operators *o, struct study *s, const char *case_dir,
    struct err *err);
/* The operator of a name (absent: of a record without one). */
size_t operators_find(const struct operators *o, struct span name);
/* Call what several operators name alike by operator and name. */
void operators_qualify(const struct operators *o, struct store_block *b);
void operators_clear(struct operators *o);

#endif
