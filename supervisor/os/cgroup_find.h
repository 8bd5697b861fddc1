/* cgroup_find.h - where supd may make control groups. */
#ifndef OS_CGROUP_FIND_H
#define OS_CGROUP_FIND_H

#include <stddef.h>

/* Writes the directory of our own group in the cgroup2 hierarchy to buf, when it is ours to divide:
 * writable, and where systemd runs, handed over by it (Delegate=). Returns NULL, or a static text
 * saying why not. */
const char *cgroup_find_own(char *buf, size_t size);

#endif
