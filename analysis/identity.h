/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * identity - whose the events are that name a device only.
 *
 * A device-only event goes to its session's actor, else to the device's only
 * actor, else it stays with the device.  What links them are events that
 * carry both (any kind, identity.link above all) and, for sessions, events
 * with actor and session but no device.  Contradictory links (a session or
 * device with several actors) decide nothing.
 *
 * The result is a second store in a temporary folder below the case: events
 * that found their person, filed under the actor, and those that did not,
 * filed under the device.  When the evidence has no device-only events, or
 * no known ones, nothing is done.
 *
 * Order of calls: identity_resolve, use `dir`, identity_clear (which removes
 * the folder, also after a failure).
 */
#ifndef ANALYSIS_IDENTITY_H
#define ANALYSIS_IDENTITY_H

#include <stdint.h>

#include "ingest/base/err.h"

struct identity {
	char *dir; /* of the second store; NULL: nothing was to be done */
	uint64_t moved, stayed;
};

int identity_resolve(struct identity *id, const char *case_dir,
    unsigned n_threads, size_t memory_bytes, struct err *err);
void identity_clear(struct identity *id);

#endif
