/* history.h - the last events, so that who comes later sees what led here. Pure.
 *
 * Records with their paths, packed into chunks; whole chunks go when enough are behind them. So it
 * costs what has happened, and at most about 100 KB. */
#ifndef WIRE_HISTORY_H
#define WIRE_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor/wire/event_json.h"

/* So many are kept at least. */
enum { HISTORY_EVENTS = 1000 };

struct history_chunk;

/* All zero is empty. */
struct history {
	struct history_chunk *first;
	struct history_chunk *last;
	uint32_t n;
};

/* A place in it; all zero is the beginning. Good until something is added. */
struct history_at {
	const struct history_chunk *chunk;
	uint32_t i;
	uint32_t offset;
};

/* Keeps an event; without memory it is not kept. */
void history_add(struct history *history, const struct event_record *record, const char *path);

/* The place of the first event that is kept from number seq on. */
struct history_at history_seek(const struct history *history, uint64_t seq);

/* Takes the event at a place and goes on to the next. *ret_path is borrowed, as long as the place
 * is good. Returns false at the end. */
bool history_next(const struct history *history, struct history_at *at,
	struct event_record *ret_record, const char **ret_path);

void history_free(struct history *history);

#endif
