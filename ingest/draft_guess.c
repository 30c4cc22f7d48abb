/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What names and values suggest: which path is the time, which the event. */
#include "ingest/draft_int.h"

enum { FEW_VALUES = 24 };

static const char event_names[] =
    "event eventname eventtype eventid action actiontype type name operation "
    "op act kind cmd verb category e k";
static const char time_names[] =
    "eventtime eventtimestamp clienttime devicetime localtime localtimems "
    "occurredat timestamp time ts datetime date at when t logtime";
static const char server_words[] = "server received ingest upload process";

/* Which word of the list it is, from 1; 0: none. */
static unsigned
place_in(const char *list, struct span name)
{
	unsigned n = 0;
	size_t len;

	while (*list != '\0') {
		len = strcspn(list, " ");
		n++;
		if (name.n == len && memcmp(name.p, list, len) == 0)
			return n;
		list += len + (list[len] == ' ');
	}
	return 0;
}

/* The better of its last word and its last two. */
static unsigned
place_of(const char *list, const struct draft_field *f)
{
	unsigned a = place_in(list, f->name), b = place_in(list, f->longer);

	return a == 0 || (b != 0 && b < a) ? b : a;
}

static bool
has_word_of(const char *list, struct span name)
{
	size_t len;

	for (; *list != '\0'; list += len + (list[len] == ' ')) {
		len = strcspn(list, " ");
		if (memmem(name.p, name.n, list, len) != NULL)
			return true;
	}
	return false;
}

bool
draft_is_scalar(const struct draft_field *f)
{
	return f->present > 0 && f->lists == 0;
}

bool
draft_is_server(const struct draft_field *f)
{
	return has_word_of(server_words, f->longer);
}

/* The unused scalar field whose name stands first in the list; -1: none. */
int
draft_field_named(const struct draft *d, const char *list)
{
	unsigned place, best = UINT32_MAX;
	int found = -1, i;

	for (i = 0; i < (int)d->n_fields; i++) {
		if (d->field[i].is_used || !draft_is_scalar(&d->field[i]))
			continue;
		place = place_of(list, &d->field[i]);
		if (place != 0 && place < best) {
			best = place;
			found = i;
		}
	}
	return found;
}

/* The format that reads nearly all values of a field; -1: none does. */
int
draft_clock_of(const struct draft_field *f)
{
	int i;

	for (i = 0; i < DRAFT_CLOCKS; i++)
		if (f->clock[i] > 0 && f->clock[i] * 20 >= f->present * 19)
			return i;
	return -1;
}

/* Times by how likely they are that of the event: names, then presence. */
int
draft_time_best(const struct draft *d)
{
	const struct draft_field *f;
	uint64_t score, most = 0;
	unsigned place;
	int best = -1, i;

	for (i = 0; i < (int)d->n_fields; i++) {
		f = &d->field[i];
		if (draft_clock_of(f) < 0 || f->present * 2 < d->n_records)
			continue;
		place = place_of(time_names, f);
		score = 1 + f->present * 100 / (d->n_records + 1);
		if (place > 0)
			score += 1000 - 10 * (uint64_t)place;
		if (draft_is_server(f))
			score /= 4;
		if (score > most) {
			most = score;
			best = i;
		}
	}
	return best;
}

/* What an event of that name may be; a guess for a comment. */
const char *
draft_kind_guess(struct arena *arena, struct span text)
{
	static const struct {
		const char *words, *kind;
	} kinds[] = {
		{ "consent agree authoriz optin opt_in optout grant revoke "
		  "withdraw",
		    "consent" },
		{ "exposure impression imp_ show", "control.impression" },
		{ "click tap press submit", "control.click" },
		{ "toggle change check switch input", "control.change" },
		{ "permission", "permission" },
		{ "leave exit close", "screen.leave" },
		{ "view page screen pv", "screen.view" },
		{ "login launch start open session", "session.start" },
		{ "logout end stop", "session.end" },
		{ "upload share send export", "data.egress" },
	};
	char *low = arena_alloc(arena, text.n + 1);
	struct span s = { low, text.n };
	size_t i;

	for (i = 0; i < text.n; i++)
		low[i] = text.p[i] >= 'A' && text.p[i] <= 'Z'
			     ? (char)(text.p[i] - 'A' + 'a')
			     : text.p[i];
	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (has_word_of(kinds[i].words, s))
			return kinds[i].kind;
	return "other";
}

/* The path that names the events: by its name, else by few values. */
int
draft_event_field_of(const struct draft *d)
{
	int at = draft_field_named(d, event_names), i;
	const struct draft_field *f;

	if (at >= 0 && d->field[at].present * 2 >= d->n_records &&
	    d->field[at].more * 4 <= d->field[at].present)
		return at;
	for (i = 0; i < (int)d->n_fields; i++) {
		f = &d->field[i];
		if (!d->field[i].is_used && draft_is_scalar(f) &&
		    f->texts == f->present && f->n_values > 1 &&
		    f->n_values <= FEW_VALUES && f->more == 0 &&
		    f->present * 10 >= d->n_records * 9 &&
		    f->present > 2 * f->n_values)
			return i;
	}
	return -1;
}
