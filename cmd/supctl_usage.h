/* supctl_usage.h - what the processes of each child take: memory, CPU time, how many they are.
 *
 * supd keeps no account of that. Where a child has a control group of its own, the kernel does, of
 * all its processes; elsewhere one pass through /proc sums up what is in its process group. All is
 * read by whoever asks; supd is not disturbed. */
#ifndef CMD_SUPCTL_USAGE_H
#define CMD_SUPCTL_USAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cmd/supctl_snapshot.h"

/* What is not known is -1: a child without a process takes 0, but of a supd that is gone, or lives
 * in another pid namespace, nothing can be told. */
struct usage {
	int64_t memory; /* bytes. Of a group: all that is charged to it, with what the kernel keeps
			   for it, the cached files too; from /proc: resident memory, so that what
			   two processes share counts twice */
	double cpu_s;	/* seconds, user and system, with those of descendants that have ended. Of a
			   group: over the lives of the child, from /proc: of what lives now */
	uint32_t processes;
	bool group; /* it has a control group of its own */
};

/* Fills usage (room for snapshot->n) by position; chosen: of which nodes, NULL: of all. A
 * supervisor has the sum of what is below it and chosen. Takes one pass through /proc, about 10 us
 * a process of the machine. Returns 0; or -ENOMEM, then nothing is known. */
int usage_read(const struct snapshot *snapshot, const bool *chosen, struct usage *usage);

/* Adds memory, cpu and processes to a child's JSON, those that are known. Returns 0 or -ENOMEM. */
int usage_add(json_t *child, const struct usage *usage);

/* "412K", "37.5M", "1.2G", "-" when it is not known. Returns buf. */
const char *usage_memory_words(int64_t bytes, char buf[static 16]);

#endif
