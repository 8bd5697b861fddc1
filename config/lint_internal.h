/* lint_internal.h - between lint.c (the tree), lint_command.c (one command) and lint_log.c. */
#ifndef CONFIG_LINT_INTERNAL_H
#define CONFIG_LINT_INTERNAL_H

#include <stdbool.h>

#include "config/lint.h"

struct command_seen;
struct log_seen;

struct lint {
	const struct spec *spec;
	struct findings *findings;
	struct command_seen *commands; /* by argv and settings */
	struct log_seen *logs;
	struct command_seen *last; /* the one made last; it knows the others */
};

struct place lint_place(const struct lint *lint, uint32_t i);

/* The rules about the command of process i. */
void lint_command(struct lint *lint, uint32_t i);
void lint_command_free(struct lint *lint);

/* The rule about the log file of process i. */
void lint_log(struct lint *lint, uint32_t i);
void lint_log_free(struct lint *lint);

#endif
