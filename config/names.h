/* names.h - the names of children: what may be one, and that no two siblings share one. */
#ifndef CONFIG_NAMES_H
#define CONFIG_NAMES_H

#include "config/arena.h"
#include "config/findings.h"

struct name;

/* All zero is empty. */
struct names {
	struct name *taken;
};

/* Reports a name that cannot be one. */
void names_check(struct findings *f, const char *name, struct place place);

/* Takes name among the children of parent (any address that is theirs alone). Returns false when a
 * sibling has it, after a report. */
bool names_take(struct names *names, struct arena *arena, struct findings *f, const void *parent,
	const char *name, struct place place);

/* Frees what is not in the arena. */
void names_free(struct names *names);

#endif
