/* lint_internal.h - between lint.c (the tree) and lint_command.c (one command). */
#ifndef CONFIG_LINT_INTERNAL_H
#define CONFIG_LINT_INTERNAL_H

#include <stdbool.h>

#include "config/lint.h"

struct command_seen;

struct lint {
	const struct spec *spec;
	struct findings *findings;
	struct command_seen *commands; /* by argv and settings */
	struct command_seen *last;     /* the one made last; it knows the others */
};

struct place lint_place(const struct lint *lint, uint32_t i);

/* The rules about the command of process i. */
void lint_command(struct lint *lint, uint32_t i);
void lint_command_free(struct lint *lint);

#endif
