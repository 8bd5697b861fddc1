/* supctl_words.h - the words and colours for states, ends and ages. */
#ifndef CMD_SUPCTL_WORDS_H
#define CMD_SUPCTL_WORDS_H

#include <jansson.h>
#include <stdint.h>

#include "cmd/supctl_output.h"
#include "supervisor/engine/engine.h"

enum { END_WORDS_SIZE = 96 };

/* How a process last ended: "exit 1", "KILL", "exec: ENOENT", "start timeout"; "-" for not yet.
 * Both write the same words: one from a status record, one from the wire's type Exit (or null).
 * Return buf. */
const char *end_words(const struct end *end, char buf[static END_WORDS_SIZE]);
const char *exit_words(const json_t *exit, char buf[static END_WORDS_SIZE]);

/* The tone of an enum child_state; plain for a number that is none. */
enum tone state_tone(unsigned state);

/* "12s", "3m04s", "2h11m", "5d03h". Returns buf. */
const char *format_age(int64_t ms, char buf[static 32]);

#endif
