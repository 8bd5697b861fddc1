/* self_filter.h - a filter of system calls that a program puts on itself (seccomp(2)). */
#ifndef CMD_SELF_FILTER_H
#define CMD_SELF_FILTER_H

#include <stddef.h>

/* From now on this process, and all that it executes, can make these system calls alone; or, all
 * but these. Others fail with EPERM. Also sets no_new_privs. Returns 0 or negative errno: a kernel
 * without filters, or a list that is too long; then nothing has changed. */
int self_filter_allow(const int *calls, size_t n);
int self_filter_deny(const int *calls, size_t n);

#endif
