/* sandbox_run.h - between the files that run in the child: sandbox.c, sandbox_caps.c,
 * sandbox_landlock.c, sandbox_mounts.c, sandbox_user.c. */
#ifndef OS_SANDBOX_RUN_H
#define OS_SANDBOX_RUN_H

#include "supervisor/os/child_setup.h"

/* Not instrumented: the child shares our memory, and leaves from the depth of its stack. */
#define CHILD_ONLY __attribute__((no_sanitize("address", "undefined")))

struct sandbox_run {
	const struct sandbox_plan *plan;
	const struct sandbox_spec *to;
	struct spawn_failure *failure;
	bool directory; /* the plan names one */
	bool in_user;	/* it is in a user namespace of its own */
};

/* Is the key asked for, and not given up? */
bool sandbox_wants(const struct sandbox_run *run, enum sandbox_key key);

/* What key asks for failed (errno): without optional this does not return, but ends the process.
 * Else the key is given up. */
void sandbox_failed(struct sandbox_run *run, enum sandbox_key key);

/* The same for all of keys (bits) that are asked for. */
void sandbox_failed_all(struct sandbox_run *run, uint32_t keys);

void sandbox_no_new_privs(struct sandbox_run *run, enum sandbox_key key);

/* Enters a user namespace (unless born into one) in which uid and gid of the plan are themselves.
 * Returns false when it failed, and was tolerated. */
bool sandbox_enter_user(struct sandbox_run *run);

void sandbox_mounts(struct sandbox_run *run);
void sandbox_capabilities(struct sandbox_run *run);
void sandbox_landlock(struct sandbox_run *run);

/* Of sandbox_mounts.c, in sandbox_private.c. nodes: those of /dev, found before it was covered. */
enum { DEV_NODES = 6 };
void sandbox_find_nodes(int nodes[static DEV_NODES]);
int sandbox_private_dev(const int nodes[static DEV_NODES]);		     /* 0 or -1, errno */
int sandbox_private_tmp(void);						     /* the same */
int sandbox_keep_socket(int tree, const char *path);			     /* the same */
int sandbox_new_fs(const char *type, const char *mode, unsigned attributes); /* a mount, detached */
int sandbox_attach(int tree, const char *path);

#endif
