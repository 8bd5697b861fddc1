/* cgroup_internal.h - between cgroup.c (a leaf for each child) and cgroup_control.c (controllers
 * and limits). */
#ifndef OS_CGROUP_INTERNAL_H
#define OS_CGROUP_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor/os/cgroup.h"

/* The control group of a row. */
struct leaf {
	char *name;	    /* in base; NULL: it has none */
	bool killed;	    /* by cgroup.kill, since it was made */
	uint32_t limited;   /* bits of enum resource: what may be other than the kernel's own */
	uint64_t oom_kills; /* when its process was last started, or was last seen to end */
};

struct cgroups {
	int own;  /* our own group, where we were started */
	int base; /* supd-N in it; locked */
	char base_name[24];
	unsigned on; /* controllers of the leaves, as bits */
	bool aside;  /* we are in supd-N/%supd now: whoever divides a group may not be in it */
	struct leaf *leaf; /* by row */
	uint32_t capacity;
};

/* Goes back to own, so that base can be removed. */
void cgroups_step_back(struct cgroups *c);

#endif
