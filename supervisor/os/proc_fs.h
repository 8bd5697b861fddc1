/* proc_fs.h - what /proc says of a process. */
#ifndef OS_PROC_FS_H
#define OS_PROC_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_stat {
	pid_t ppid;
	pid_t pgrp;
	pid_t session;
	char state;	/* 'Z': only its exit status is left */
	uint64_t start; /* in ticks since boot: tells a pid that was used again */
	int exit_code;	/* of one in 'Z', as wait(2) has it; 0 when supd may not know */
};

/* Returns false when there is no such process, or no /proc. */
bool proc_stat(pid_t pid, struct proc_stat *ret);

/* Calls each for the children of all threads of pid. Returns false when there is no such process,
 * or the kernel does not tell (CONFIG_PROC_CHILDREN). */
bool proc_children(pid_t pid, void (*each)(void *context, pid_t child), void *context);

/* The file with the children of this very process, which has one thread: to be opened once, and
 * read again and again at the price of a system call or two. Returns -1 when there is none. */
int proc_own_children(void);
bool proc_read_children(int fd, void (*each)(void *context, pid_t child), void *context);

/* The value that the environment of pid, as it was at its exec, gives to name; the last one when
 * there are several. buf holds the environment (as much of it as there is room for). NULL: none, or
 * it may not be read. */
const char *proc_environ(pid_t pid, const char *name, char *buf, size_t size);

#endif
