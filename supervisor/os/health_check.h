/* health_check.h - one health check under way: a process of its own, in a group of its own.
 *
 * It runs as its child's user, in its directory and environment, with little memory and processor
 * time and no descriptors but an empty input, a void output, and a pipe that takes what it says on
 * standard error. A check over the network is supprobe's: supd itself never connects to anything.
 */
#ifndef OS_HEALTH_CHECK_H
#define OS_HEALTH_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/engine/engine.h"
#include "supervisor/os/reap.h"

struct spawner;

enum { CHECK_TEXT_SIZE = 256 };

struct check {
	struct helper helper; /* its pid: 0 when nothing runs; `ended` is set by the owner */
	struct health *health;
	uint32_t row; /* of the child, ENGINE_NONE: nobody waits for the result any more */
	uint32_t generation;
	int64_t began_ms;
	int64_t deadline_ms; /* to be killed then; INT64_MAX: it was */
	int text_fd;	     /* owned; -1: none */
	pid_t group;
	bool late;
};

/* Finds supprobe: beside supd itself, else where it is installed. malloc, or NULL with errno. */
char *check_find_supprobe(void);

/* Borrowed for the call. */
struct check_request {
	const struct view *view;	/* of the child, */
	const struct health_spec *spec; /* and its health check */
	const char *path;
	const char *supprobe;
	int64_t now_ms;
};

/* Starts it; the reaper knows it then. Returns 0; or -1 and *ret_failure, and nothing runs. */
int check_start(struct check *check, struct spawner *spawner, struct reaper *reaper,
	const struct check_request *request, struct end *ret_failure);

/* SIGKILL to its group; that it ended comes through the reaper. */
void check_kill(struct check *check);

/* It has ended: kills what is left of its group. Returns whether all is well; if not, text says
 * why, in one line. */
bool check_finish(struct check *check, const struct health_spec *spec, struct end end,
	char text[static CHECK_TEXT_SIZE]);

#endif
