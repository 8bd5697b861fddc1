/* supd_effects.h - the words of supd --simulate: one line an effect. */
#ifndef CMD_SUPD_EFFECTS_H
#define CMD_SUPD_EFFECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/engine/engine.h"

enum { EFFECT_PATH_SIZE = 2112, EFFECT_WORDS_SIZE = 256 };

/* What an action says, and why ("" = nothing to add). Returns false for what is not worth a line.
 */
struct effect {
	char what[EFFECT_WORDS_SIZE];
	char why[EFFECT_WORDS_SIZE];
};
bool effect_of_report(
	const struct engine *e, int64_t now_ms, const struct action *action, struct effect *ret);

/* An answer to a command: only a refusal is worth a line. */
bool effect_of_reply(const struct action *action, const char *command, struct effect *ret);

/* "exits with status 1", "dies of SIGKILL", ... */
void effect_end(const struct end *end, char buf[static EFFECT_WORDS_SIZE]);

/* How a child is killed: the shutdown time that is over, or brutal_kill. */
void effect_of_kill(const struct engine *e, uint32_t index, struct effect *ret);

#endif
