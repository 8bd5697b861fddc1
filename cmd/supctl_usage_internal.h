/* supctl_usage_internal.h - between supctl_usage.c (whose process is this?) and supctl_usage_proc.c
 * (what the files of the kernel say). */
#ifndef CMD_SUPCTL_USAGE_INTERNAL_H
#define CMD_SUPCTL_USAGE_INTERNAL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A line of /proc/PID/stat, as far as it counts here. */
struct process {
	pid_t pid;
	pid_t group;
	char state;
	uint64_t start; /* ticks since boot */
	uint64_t ticks; /* of CPU time, with descendants that have ended */
	int64_t memory; /* bytes */
};

/* Reads the line of pid below the directory proc. Returns false when there is no such process. */
bool process_read(int proc, const char *pid, struct process *ret);

/* Fills *ret from the text of the line. Returns false when it makes no sense. */
bool process_parse(const char *text, struct process *ret);

/* Writes the directory of a process's control group (version 2). Returns false when it has none
 * that can be seen. */
bool group_of_process(int proc, pid_t pid, char dir[static PATH_MAX]);

/* What the kernel says of a control group; what it does not say is -1. */
struct group_usage {
	int64_t memory;
	double cpu_s;
	uint32_t processes;
};
void group_read(const char *dir, struct group_usage *ret);

/* Calls each for the processes in the group. */
void group_processes(const char *dir, void (*each)(void *context, const char *pid), void *context);

#endif
