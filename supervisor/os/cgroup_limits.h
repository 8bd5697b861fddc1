/* cgroup_limits.h - the limits of a control group: what must be switched on for them, how they are
 * written, and whether they killed somebody.
 *
 * Works on descriptors of directories; knows no children. The files are those of cgroup v2
 * (Documentation/admin-guide/cgroup-v2.rst of the kernel). */
#ifndef OS_CGROUP_LIMITS_H
#define OS_CGROUP_LIMITS_H

#include <stdint.h>

#include "config/spec.h"

/* The controllers, as bits. */
enum controller { CONTROLLER_MEMORY, CONTROLLER_CPU, CONTROLLER_PIDS, CONTROLLER_IO, CONTROLLERS };

/* Those that limits (bits of enum resource) need. */
unsigned cgroup_controllers_of(uint32_t resources);

/* "memory" */
const char *cgroup_controller_name(enum controller controller);

/* The one that a limit needs. */
enum controller cgroup_controller_of(enum resource resource);

/* Those that the group at dir has, as bits: what may be switched on for the groups below it. */
unsigned cgroup_controllers(int dir);

/* Switches controllers on for the groups below dir, or off. Returns 0 or negative errno: -ENOENT
 * when dir has not all of them, -EBUSY when processes are in dir, which must then have none. */
int cgroup_switch(int dir, unsigned controllers, bool on);

/* Writes the limits of spec into the files of the group at dir; those that before (bits of enum
 * resource) has and spec has not get the kernel's own value. Returns 0, or negative errno with
 * *ret_resource, the limit that could not be had. */
int cgroup_limit(
	int dir, const struct resources_spec *spec, uint32_t before, enum resource *ret_resource);

/* How many of its processes the kernel has killed for want of memory since it was made; 0 also when
 * it does not count. */
uint64_t cgroup_oom_kills(int dir);

#endif
