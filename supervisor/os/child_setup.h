/* child_setup.h - from the fork to the exec. */
#ifndef OS_CHILD_SETUP_H
#define OS_CHILD_SETUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "config/spec.h"
#include "supervisor/os/sandbox.h"

/* A descriptor that the child gets besides 0, 1 and 2. Those with a name are LISTEN_FDS: they come
 * first, from 3 on, in their order. */
struct passed_fd {
	int fd;		  /* supd's own (CLOEXEC), borrowed */
	int number;	  /* what it is in the child; PASSED_LISTEN: by its place in LISTEN_FDS */
	const char *name; /* in LISTEN_FDNAMES, without ':'; NULL with a number */
};
enum { PASSED_LISTEN = -1, PASSED_MAX = 1024 };

/* All that a new process needs, computed before the fork. The child writes where `moved` and
 * the pids point, nowhere else. */
struct spawn_plan {
	const char *const *candidates; /* paths to try, in order; NULL-ended */
	char *const *argv;
	char *const *envp;
	const char *directory; /* NULL: inherited */
	const int *stdio;      /* three descriptors for 0, 1 and 2, -1 = inherited; NULL: all */
	int null;	       /* /dev/null, to be its standard input; -1: not */
	bool terminal;	       /* its group becomes the terminal's foreground one */
	const struct surroundings_spec *around; /* NULL: all inherited */
	const char *oom_score;			/* digits of oom_score_adj; NULL: inherited */
	const gid_t *groups;			/* with set_groups */
	size_t ngroups;
	bool set_groups;
	bool set_umask;
	bool set_gid;
	bool set_uid;
	mode_t umask;
	gid_t gid;
	uid_t uid;
	const struct passed_fd *passed; /* every number set, ascending */
	size_t npassed;
	unsigned own_from; /* not 0: it shares supd's table of descriptors, and makes a copy of what
			      lies below this its own (spawn_stage.h) */
	int *moved;	   /* room for npassed: where they are meanwhile */
	char *watchdog_pid; /* as listen_pid */
	char *listen_pid;   /* in envp, room for LISTEN_PID_SIZE: its own pid goes there; or NULL */
	int cgroup;	    /* the directory of its control group; 0 or less: none */
	bool move_to_cgroup; /* it was not born there: "0" goes to cgroup.procs first of all */
	bool set_check;	     /* a health check: the next two are its limits; it dumps no core */
	rlim_t check_memory;
	rlim_t check_cpu_s;
	bool set_nofile;
	struct rlimit nofile;	     /* what supd was started with */
	struct sandbox_plan sandbox; /* its `sandbox` NULL: none */
};

/* Digits of a pid and a NUL. */
enum { LISTEN_PID_SIZE = 12 };

/* Where it failed, and why. The child shares our memory until the exec, so it writes here. */
struct spawn_failure {
	volatile int stage; /* enum spawn_stage of wire/stages.h */
	volatile int error; /* errno; 0 = it did not fail */
	struct sandbox_result sandbox;
};

/* Sets up and executes; never returns. Runs on memory shared with the suspended parent: it calls
 * only async-signal-safe functions and changes nothing but *ret_failure. */
_Noreturn void child_setup(const struct spawn_plan *plan, struct spawn_failure *ret_failure);

#endif
