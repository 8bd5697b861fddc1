/* supctl_event_words.h - an event in words. */
#ifndef CMD_SUPCTL_EVENT_WORDS_H
#define CMD_SUPCTL_EVENT_WORDS_H

#include <stdbool.h>

#include <jansson.h>

#include "cmd/supctl_output.h"

/* Adds the name of the user to what an event says of its caller, where there is one. */
void event_name_caller(json_t *event);

/* One line:
 * 2026-01-01T00:00:00.123Z  web/app  running -> backoff  exit (exit 1)
 * 2026-01-01T00:00:00.456Z  web/app  stop  asked for by alice (uid 1000, pid 4711)
 * first_of_history: what is lost before it is too old, not read too slowly. */
void event_print(struct out *out, const json_t *event, bool first_of_history);

#endif
