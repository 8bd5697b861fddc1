/* event_json.h - something that happened: a record of it, and the record as the interface's type
 * Event. Pure. */
#ifndef WIRE_EVENT_JSON_H
#define WIRE_EVENT_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "supervisor/engine/engine.h"
#include "supervisor/status_table.h"
#include "supervisor/wire/methods.h"

/* What kind of thing happened. That of a change of state is the child's kind. */
/* clang-format off */
#define EVENT_TYPES(X) \
	X(STATE, NULL) \
	X(HEALTH, "health") /* from and to are words of health */ \
	X(OPERATOR, "operator") /* a client asked for it: to is the command */ \
	X(SUSPEND, "suspend") /* running, suspended */ \
	X(RELOAD, "reload") /* what reload_command came to, or what it says itself: reloading, done */
/* clang-format on */
#define EVENT_ENUM_TYPE(id, text) EVENT_##id,
enum event_type { EVENT_TYPES(EVENT_ENUM_TYPE) EVENT_TYPE_COUNT };

/* Whether what happens to a child besides its states begins or ends. */
enum event_word {
	EVENT_WORD_RUNNING,
	EVENT_WORD_SUSPENDED,
	EVENT_WORD_DONE,
	EVENT_WORD_FAILED,
	EVENT_WORD_RELOADING,
};

/* One event; its path is kept beside it. Small: many are kept. */
struct event_record {
	uint64_t seq;
	int64_t wall_ns;
	int32_t pid; /* of the child; 0: none */
	int32_t end_value;
	int64_t within_ms; /* STATE, when it is the limit: so many restarts within so much time */
	uint32_t limit;	   /* 0: it is not, or none is allowed */
	uint32_t uid;	   /* OPERATOR: who asked */
	int32_t by;	   /* OPERATOR: its pid */
	uint8_t signal;	   /* OPERATOR, Signal: which; else 0 */
	uint8_t type;	   /* enum event_type */
	uint8_t kind;	   /* STATE: enum spec_kind */
	uint8_t from;	   /* STATE: enum child_state; HEALTH: enum health_word; else event_word */
	uint8_t to;	   /* the same; OPERATOR: enum method_id */
	uint8_t why;	   /* enum why */
	uint8_t end_kind;
	uint8_t end_stage;
	bool is_limit;
};

/* An event made once for all its subscribers: the whole reply of Subscribe, NUL included. */
struct event_text {
	char *text; /* malloc */
	size_t n;
	size_t lost_at; /* where ,"lost":N goes for a subscriber that lost N before it */
};

/* "health", "operator", …; NULL: the event is a change of state, and its kind the child's. */
const char *event_type_name(enum event_type type);

/* Of a change of state, with the record of its entry. seq and wall_ns are left to the caller. */
struct event_record event_of_report(
	const struct status_record *record, const struct action *report);

/* Of a change of health. */
struct event_record event_of_health(
	const struct status_record *record, enum health_word from, enum health_word to);

/* Makes *ret. path is borrowed. Returns 0 or -ENOMEM. */
int event_text_make(const struct event_record *record, const char *path, struct event_text *ret);

/* The same with the number of events lost before it: a text of *ret_n bytes to free, or NULL. */
char *event_text_with_lost(const struct event_text *event, uint64_t lost, size_t *ret_n);

/* An event as one line of JSON, with the newline; lost 0: none was. A text of *ret_n bytes to free,
 * or NULL. */
char *event_line_make(
	const struct event_record *record, const char *path, uint64_t lost, size_t *ret_n);

#endif
