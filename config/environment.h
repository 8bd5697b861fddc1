/* environment.h - the whole environment of a process, in layers: later ones override by name. */
#ifndef CONFIG_ENVIRONMENT_H
#define CONFIG_ENVIRONMENT_H

#include <stdbool.h>

#include "config/arena.h"
#include "config/findings.h"

struct variable;

struct environment {
	struct arena *arena;
	struct strs strs; /* the result: "NAME=value", in the order of first mention */
	struct variable *names;
};

/* supd's own environment, less the variables that are between supd and its own parent or that it
 * sets itself. */
void environment_base(struct environment *e, char *const *env);

/* "NAME=value" (borrowed). */
void environment_add(struct environment *e, const char *assignment);
void environment_set(struct environment *e, const char *name, const char *value);

/* The lines of an environment file. optional: it may be missing. Reports into f; at: who names the
 * file. */
void environment_file(struct environment *e, struct findings *f, const char *path, bool optional,
	struct place at);

/* Frees what is not in the arena. */
void environment_free(struct environment *e);

#endif
