/* sandbox.h - what a process may not do: planned before the fork, done between fork and exec.
 *
 * Namespaces need rights over the machine, or a user namespace of the process's own, in which it
 * has them over nothing but itself. Who has the rights (CAP_SYS_ADMIN) uses no user namespace
 * unless it is asked for, and enters that last, when all else is done; who has not enters one
 * first. In it there is one user and one group, the process's own, under their own numbers: it
 * gains nothing.
 *
 * unshare(2) does in a child that shares our memory what it does in any other: none of the
 * namespaces is refused for that (only a process with threads is). A pid namespace is that of the
 * next child, so it is a flag of the clone, together with the user namespace that it may need. */
#ifndef OS_SANDBOX_H
#define OS_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/spec.h"

struct spawn_plan;
struct spawn_failure;

/* When the user namespace of the process's own is entered. */
enum sandbox_user { SANDBOX_USER_NONE, SANDBOX_USER_FIRST, SANDBOX_USER_LAST };

/* What supd may do, asked once. */
struct sandbox_rights {
	uint64_t bounding;  /* bit N: capability N may be had */
	uint64_t permitted; /* bit N: it is */
	bool asked;
	bool admin; /* CAP_SYS_ADMIN */
};

/* Of one spawn; all but `sandbox` is computed before the fork. */
struct sandbox_plan {
	const struct spec *spec;
	const struct sandbox_spec *sandbox;
	const char *path; /* of the child */
	enum sandbox_user user;
	uint32_t born;	   /* CLONE_NEW* flags of the clone */
	uint32_t unshare;  /* those of unshare(2), the user namespace aside */
	uint32_t given_up; /* keys: bits as in sandbox_spec.set */
	pid_t join;	   /* enter the namespaces of this process, and make none; 0: make them */
	bool only_network; /* a program of supd's own: it joins the network, and that is all */
	uint64_t bounding; /* supd's own */
	bool saved_root;   /* supd is root and it is not: its saved user ID is root's until its user
			      namespace knows who is in it (sandbox_user.c) */
	uid_t uid;	   /* who it is when it enters the user namespace */
	gid_t gid;
	const char *notify; /* a socket that stays where it is, whatever is mounted; NULL: none */
};

/* What an optional sandbox goes without. Written by the child, on our memory. */
struct sandbox_result {
	volatile uint32_t skipped; /* keys */
	volatile int error[SANDBOX_KEY_COUNT];
	volatile int
		proc; /* a descriptor of /proc as it was, above those that are passed; 0: none */
};

/* ---- before the fork */

void sandbox_ask_rights(struct sandbox_rights *rights);

/* Fills in user, born, unshare, bounding and given_up (SPEC and sandbox are set). */
void sandbox_plan(struct sandbox_plan *plan, const struct sandbox_rights *rights);

/* The clone with plan->born failed with error. Returns true when it may be tried again, without:
 * the sandbox is optional, and *result says what it goes without. */
bool sandbox_unborn(struct sandbox_plan *plan, int error, struct sandbox_result *result);

/* ---- after it */

/* Warns of each key that the process goes without. */
void sandbox_tell_skipped(const struct sandbox_plan *plan, const struct sandbox_result *result);

/* "FILE:LINE" of the key whose stage of a spawn this is; "" where it is none. Returns buf. */
char *sandbox_place(const struct spec *spec, uint32_t node, unsigned stage, char *buf, size_t size);

/* ---- in the child: async-signal-safe, as child_setup.c says. A failure does not return. */

/* Namespaces and what is mounted where. */
void sandbox_enter(const struct spawn_plan *plan, struct spawn_failure *failure);

/* Is root's saved user ID to be left to it, for the user namespace that it is going to enter? Asked
 * when it becomes another user. */
bool sandbox_keeps_saved_root(const struct spawn_plan *plan, const struct spawn_failure *failure);

/* Before it becomes another user: it will have to give capabilities away by itself. */
void sandbox_keep_capabilities(const struct spawn_plan *plan, struct spawn_failure *failure);

/* Capabilities, Landlock, no_new_privs, and at last the filter of system calls: after it nothing
 * but execve and exit_group is sure to work. */
void sandbox_restrict(const struct spawn_plan *plan, struct spawn_failure *failure);

#endif
