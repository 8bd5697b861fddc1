/* hooks.h - before_start and after_stop: what is run in the place of the program, and what it is
 * told. */
#ifndef OS_HOOKS_H
#define OS_HOOKS_H

#include "supervisor/engine/engine.h"

enum { HOOK_VARIABLES = 3, HOOK_VARIABLE_SIZE = 40 };

struct hook {
	char **argv;			      /* malloc, one block; NULL: no hook */
	const char *list[HOOK_VARIABLES + 1]; /* NULL-ended; none for before_start */
	char text[HOOK_VARIABLES][HOOK_VARIABLE_SIZE];
};

/* Prepares the part of a child's life (no hook for PART_MAIN). path: of the child; ran: how its
 * program ended, for after_stop, which gets it as SERVICE_RESULT, EXIT_CODE and EXIT_STATUS, with
 * the words of systemd.exec(5). Returns 0 or -ENOMEM. */
int hook_prepare(struct hook *hook, const struct view *view, const char *path, enum part part,
	const struct end *ran);
/* The words at offset words of the child's specification, ready to be run: a template's get the
 * name and path of the child. Returns NULL when memory ran out; to be freed. */
char **hook_argv(const struct view *view, uint32_t words, const char *path);

void hook_free(struct hook *hook);

/* Logs the end of a hook that did not succeed. */
void hook_log(const char *path, enum part part, const struct end *end);

#endif
