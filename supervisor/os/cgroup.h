/* cgroup.h - a control group (cgroup v2) for each child, where supd may make some.
 *
 * supd stays in its own group and makes one below it, supd-N, whose lock it holds as long as it
 * lives; in it stands a leaf for each child that has run, named by its path. No controller is
 * switched on: a leaf only says which processes are a child's, whatever they did to leave it.
 *
 * A leaf is made when its child first starts and is kept over restarts; the child is born into it
 * (clone_into.h). A restart was measured at 1.4 times the price of fork and exec with a leaf, 1.0
 * to 1.2 times without: hence only when asked for (supd --cgroups). */
#ifndef OS_CGROUP_H
#define OS_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct cgroups;

/* Finds our own group and makes supd-N in it; takes over one that an earlier supd left. capacity:
 * rows of the engine. Returns NULL with *ret_why, a static text, when there can be none. */
struct cgroups *cgroups_open(uint32_t capacity, const char **ret_why);

/* Kills what is left in them, and removes them. */
void cgroups_close(struct cgroups *cgroups);

/* The leaf of a row, made when it has none: a descriptor of its directory, for the new
 * process to enter; the caller closes it. Returns negative errno; then the child runs outside. */
int cgroups_enter(struct cgroups *cgroups, uint32_t row, const char *path);

/* Has the row a leaf? Those below ask for one that has; all return as if it was empty when the
 * kernel does not answer. */
bool cgroups_has(const struct cgroups *cgroups, uint32_t row);
bool cgroups_populated(const struct cgroups *cgroups, uint32_t row);

/* The processes in it, at most max; the groups below it are not looked into. */
size_t cgroups_pids(const struct cgroups *cgroups, uint32_t row, pid_t *pids, size_t max);

/* SIGKILL to all in it and below it. Returns negative errno when the kernel cannot (before 5.14).
 */
int cgroups_kill(const struct cgroups *cgroups, uint32_t row);
int cgroups_freeze(const struct cgroups *cgroups, uint32_t row, bool freeze);

/* Its child rests: removes the leaf, when it has one. */
void cgroups_remove(struct cgroups *cgroups, uint32_t row);

#endif
