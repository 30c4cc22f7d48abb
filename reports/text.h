/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * text - values as a reader sees them.
 *
 * What comes from evidence is hostile: text_visible() makes of any bytes
 * valid UTF-8 without control characters, so that no terminal, page, chart
 * or table is steered by a log.  Numbers are printed the same in every
 * locale.  All results are added to a buffer; nothing here fails.
 */
#ifndef REPORTS_TEXT_H
#define REPORTS_TEXT_H

#include "ingest/base/buf.h"
#include "ingest/base/utc.h"

/*
 * Controls become pictures (␛), controls of direction, invisible spaces and
 * line separators their number (⟨U+202E⟩), bytes that are no UTF-8 U+FFFD.
 */
void text_visible(struct buf *out, struct span s);

/* 12,345,678 with a true minus sign. */
void text_int(struct buf *out, int64_t n);
/* A share of 0 to 1 in per cent; never rounded to 0% or 100% unless it is:
 * "99.97%", ">99.99%". */
void text_share(struct buf *out, double share);
/* "2.5%" to "97.1%" of an interval, without the word. */
void text_interval(struct buf *out, double low, double high);
/* Four digits that matter, "0.000123" never as an exponent above 1e-6. */
void text_real(struct buf *out, double x);
/* A probability: "0.034", "<0.001". */
void text_p(struct buf *out, double p);
/* "840 ms", "3.2 s", "4 min 10 s", "2 h 05 min", "12.3 days". */
void text_duration(struct buf *out, double seconds);
/* "3 January 2018, 21:43:12" of the offset's wall clock; seconds only when
 * not zero. */
void text_instant(struct buf *out, int64_t us, int zone_min);
/* "3 Jan 2018" and "21:43:12" of the same. */
void text_date(struct buf *out, int64_t us, int zone_min);
void text_clock(struct buf *out, int64_t us, int zone_min);
/* "3 January 2018" of "2018-01-03"; anything else as it is. */
void text_day(struct buf *out, struct span day);
/* Midnight UTC of "2018-01-03"; false when it is no date. */
bool text_parse_day(struct span day, int64_t *us);
/* "UTC+8", "UTC+5:30", "UTC". */
void text_zone(struct buf *out, int zone_min);

#endif
