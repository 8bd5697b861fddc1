/* cgroup.h - a control group (cgroup v2) for each child, where supd may make some.
 *
 * supd stays in its own group and makes one below it, supd-N, whose lock it holds as long as it
 * lives; in it stands a leaf for each child that has run, named by its path. It says which
 * processes are a child's, whatever they did to leave it; and with controllers switched on, which
 * only children with limits ask for, it limits them. Then supd itself is in supd-N/%supd.
 *
 * A leaf is made when its child first starts and is kept over restarts; the child is born into it
 * (clone_into.h). A restart was measured at 1.4 times the price of fork and exec with a leaf, 1.0
 * to 1.2 times without: hence only when asked for (supd --cgroups), and for a child with limits. */
#ifndef OS_CGROUP_H
#define OS_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/spec.h"

struct cgroups;

/* Finds our own group and makes supd-N in it; takes over one that an earlier supd left. capacity:
 * rows of the engine. Returns NULL with *ret_why, a static text, when there can be none. */
struct cgroups *cgroups_open(uint32_t capacity, const char **ret_why);

/* Kills what is left in them, and removes them. */
void cgroups_close(struct cgroups *cgroups);

/* The leaf of a row, made when it has none: a descriptor of its directory, for the new
 * process to enter; the caller closes it. Returns negative errno; then the child runs outside. */
int cgroups_enter(struct cgroups *cgroups, uint32_t row, const char *path);

/* Switches controllers (bits of enum controller, cgroup_limits.h) on for the leaves. The first
 * time, supd goes aside; before it has children that is cheap. Returns 0; or negative errno and
 * *ret_why, a static text, when there is one that cannot be had. */
int cgroups_switch_on(struct cgroups *cgroups, unsigned controllers, const char **ret_why);

/* Gives the leaf of a row (the descriptor of its directory) the limits of spec, NULL for none, and
 * takes back those that it had. Returns 0; or negative errno, with the limit that could not be had
 * and a static text. */
int cgroups_limit(struct cgroups *cgroups, uint32_t row, int leaf,
	const struct resources_spec *spec, enum resource *ret_resource, const char **ret_why);

/* Why a supd that was started here could not have this limit, a static text; NULL: nothing is known
 * against it. Makes nothing. */
const char *cgroups_refusal(enum resource resource);

/* Has the kernel killed a process in the leaf for want of memory, since the last start in it or the
 * last question? */
bool cgroups_oom(struct cgroups *cgroups, uint32_t row);

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
