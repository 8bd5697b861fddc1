/* cgroup_remove.h - removing control groups, with those below them. */
#ifndef OS_CGROUP_REMOVE_H
#define OS_CGROUP_REMOVE_H

/* The group called name in the directory at, and all below it. One that still has processes stays.
 */
void cgroup_remove_tree(int at, const char *name);

/* All groups in the directory dir. */
void cgroup_remove_below(int dir);

#endif
