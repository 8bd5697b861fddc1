/* spawn.h - starting a process: everything computed before the fork, then clone(CLONE_VM |
 * CLONE_VFORK) and exec.
 *
 * supd is suspended until the exec has succeeded or failed, as with vfork(2): no page table is
 * copied, the answer comes back in memory, and there is neither a pipe nor a descriptor a child.
 * What it costs is that an exec from a file system that hangs, hangs supd as well. */
#ifndef OS_SPAWN_H
#define OS_SPAWN_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "config/spec.h"
#include "supervisor/engine/engine.h"

struct spawner;
struct passed_fd; /* child_setup.h */

/* Borrowed: runtime_dir, notify_path, and notify_name, what those use who do not reach the path;
 * either may be NULL. nofile: the limit to give back to children. */
struct spawner *spawner_new(const char *runtime_dir, const char *notify_path,
	const char *notify_name, const struct rlimit *nofile);
void spawner_free(struct spawner *spawner);

/* /dev/null, to read from. */
int spawner_null(const struct spawner *spawner);

/* The process that had the terminal has ended: supd's own group is in the foreground again. Without
 * effect when no process had it. */
void spawner_terminal_back(struct spawner *spawner);

/* What a health check may take besides what its child may. */
struct check_limits {
	rlim_t memory; /* bytes of addresses */
	rlim_t cpu_s;
};

/* What to start. Borrowed for the call. */
struct spawn_request {
	const struct spec *spec;
	uint32_t node; /* its number there */
	const char *path;
	const char *name;
	char *const *argv; /* NULL: as the specification says */
	const int
		*stdio; /* three descriptors for 0, 1 and 2, -1 = inherited; NULL: all inherited */
	const struct passed_fd *passed; /* descriptors besides those; npassed <= PASSED_MAX */
	size_t npassed;
	const char *const *variables; /* NULL-ended "NAME=value" besides those; NULL: none */
	bool hook;		      /* not the program itself: it has nothing to notify */
	int cgroup;		      /* the directory of its control group; 0 or less: none */
	bool terminal; /* it may have the terminal, where its specification says so */
	const struct check_limits *check; /* a health check of the child, not the child itself;
					     NULL: no */
	pid_t join; /* the process of the child whose namespaces it enters; 0: it gets its own */
	bool own_program; /* one of supd's: of a sandbox it gets the network alone */
};

/* Starts a process of supd's own, of no child: with supd's environment and these variables
 * (NULL-ended), in a process group of its own. stdio as in a request. Returns as spawn does. */
int spawn_own(struct spawner *spawner, char *const *argv, const char *const *variables,
	const int *stdio, pid_t *ret_pid, struct end *ret_failure);

/* The first word of its command. */
const char *spawn_program(const struct spawn_request *request);

/* Starts a process in a process group of its own. Returns 0 and *ret_pid; else -1 and *ret_failure
 * (END_SPAWN_FAILED, stage, errno), and nothing is left to reap. */
int spawn(struct spawner *spawner, const struct spawn_request *request, pid_t *ret_pid,
	struct end *ret_failure);

struct spawn_plan;

/* The same of a plan that the caller has made: a helper of supd's own. */
int spawn_planned(
	struct spawner *spawner, struct spawn_plan *plan, pid_t *ret_pid, struct end *ret_failure);

#endif
