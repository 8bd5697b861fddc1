/* event_json.h - something that happened, as the interface's type Event. Pure. */
#ifndef WIRE_EVENT_JSON_H
#define WIRE_EVENT_JSON_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "supervisor/engine/engine.h"
#include "supervisor/status_table.h"

/* An event made once for all its subscribers: the whole reply of Subscribe, NUL included. */
struct event_text {
	char *text; /* malloc */
	size_t n;
	size_t lost_at; /* where ,"lost":N goes for a subscriber that lost N before it */
};

/* The kind of a change of health: from and to are words of health then, and why is none. */
#define EVENT_KIND_HEALTH "health"

/* What an event says besides when and where. All texts are static. */
struct event_words {
	const char *kind;
	const char *from;
	const char *to;
	const char *why;
	struct end end;
};

/* Of a state change, with the record of its entry; and of a change of health. */
struct event_words event_words_of_report(
	const struct status_record *record, const struct action *report);
struct event_words event_words_of_health(enum health_word from, enum health_word to);

/* Makes *ret. path is borrowed. Returns 0 or -ENOMEM. */
int event_text_make(uint64_t seq, int64_t wall_ns, const char *path,
	const struct status_record *record, const struct event_words *words,
	struct event_text *ret);

/* The same with the number of events lost before it: a text of *ret_n bytes to free, or NULL. */
char *event_text_with_lost(const struct event_text *event, uint64_t lost, size_t *ret_n);

#endif
