/* clone_into.h - clone(2) with a stack of its own, born into a control group. */
#ifndef OS_CLONE_INTO_H
#define OS_CLONE_INTO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* As clone(main, stack + size, CLONE_VM | CLONE_VFORK | SIGCHLD, arg), the child in the group whose
 * directory cgroup is a descriptor of (clone3 with CLONE_INTO_CGROUP, Linux 5.7). To be born there
 * costs next to nothing; to move there by cgroup.procs makes the writer wait for a grace period of
 * the kernel, several milliseconds on a machine at rest. Returns the pid, or negative errno:
 * -ENOSYS on a machine this is not written for, and where clone3 is forbidden. namespaces:
 * CLONE_NEW* flags. */
pid_t clone_into(int (*main)(void *arg), void *arg, char *stack, size_t size, int cgroup,
	uint32_t namespaces);

#endif
