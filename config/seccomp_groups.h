/* seccomp_groups.h - system calls by what they are for, and the profiles that are made of them.
 * Pure data; supd-sandbox(7) lists it, and a test compares the two. */
#ifndef CONFIG_SECCOMP_GROUPS_H
#define CONFIG_SECCOMP_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

/* "@name": its system calls, and, of a profile, the groups that it is made of ("@other" in calls).
 */
struct seccomp_group {
	const char *name;
	bool profile;		  /* may be the value of `seccomp` */
	const char *const *calls; /* NULL-ended */
};

extern const struct seccomp_group SECCOMP_GROUPS[];
extern const size_t SECCOMP_GROUPS_N;

/* The group of this name, '@' included; NULL: none. */
const struct seccomp_group *seccomp_group_find(const char *name);

#endif
