/* additions.h - children that come at run time: instances, tasks, and children added below any
 * supervisor.
 *
 * An instance of a dynamic supervisor runs its template's command with words appended, or, a task,
 * a command of its own; a child added below another supervisor has a specification of its own,
 * which a child process of supd reads from what the operator gave (the reader; PID 1 parses none of
 * it). */
#ifndef OS_ADDITIONS_H
#define OS_ADDITIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "supervisor/engine/engine.h"

struct shell;

/* What the shell keeps for an addition: the `extra` of the engine's struct addition. */
struct addition_data {
	char *name;
	char **argv;  /* one block, NULL-ended; NULL: as the specification says */
	int stdio[3]; /* owned; -1: inherited */
	void *block;  /* mapped: a specification of its own; NULL: it stands in the tree's */
	size_t block_size;
	struct listeners *listeners; /* of the block */
};

void addition_free(struct addition_data *data);

/* The descriptors went to the process; supd needs them no more. */
void addition_close_stdio(struct addition_data *data);

/* What an operator asks for. Texts are borrowed for the call. */
struct addition_request {
	uint32_t sup;		  /* row of a supervisor, from engine_find */
	const char *name;	  /* NULL: made up (dynamic supervisors) */
	const char *const *words; /* NULL-ended; NULL: none */
	const char *const
		*settings; /* NULL-ended "KEY=VALUE"; NULL: none; not below a dynamic supervisor */
	bool task;	   /* words are the whole command; runs once */
	int stdio[3];	   /* taken over, also on failure; -1: inherited */
};

/* Adds a child. The answer comes as server_reply with this token, now or later, or as server_refuse
 * when what was given makes no specification. Returns 0; or negative errno, and no answer comes:
 * -EINVAL (a name that cannot be one, no command, settings below a dynamic supervisor), -EAGAIN
 * (too many readers at once), -ENOMEM, … */
int shell_add(struct shell *shell, const struct addition_request *request, uint64_t token);

#endif
