/* spawn_stage.h - a new process gets a table of descriptors that is as short as its needs.
 *
 * supd may hold tens of thousands of descriptors (those of pipes of logged children). A clone that
 * copies them all, and an exec that closes them all, would make the start of N children cost N
 * times N. So the new process shares supd's table, and its first act is to take a copy of the
 * lowest part of it for its own (close_range with CLOSE_RANGE_UNSHARE, Linux 5.9). What it is to
 * get has been put there before: on stages, low numbers that are kept for that.
 *
 * Where the kernel cannot, or there are more descriptors than stages, the table is copied. */
#ifndef OS_SPAWN_STAGE_H
#define OS_SPAWN_STAGE_H

#include <stdbool.h>

#include "supervisor/os/child_setup.h"

enum { STAGES = 16 };

struct spawn_stages {
	int null; /* borrowed: what lies on a stage between two starts */
	int stage[STAGES];
	int n;	   /* of them; 0: they are not used */
	int bound; /* above them all, and above 2 */
};

/* What stands on the stages for one start, and the plan's texts that say so. */
struct spawn_staged {
	int used;
	int stdio[3];
	struct passed_fd passed[STAGES];
};

/* Takes the stages. Without effect where the kernel cannot. */
void spawn_stages_open(struct spawn_stages *stages, int null);
void spawn_stages_close(struct spawn_stages *stages);

/* Puts the descriptors of the plan where its process will have them, and makes the plan name them
 * so. staged lives as long as the plan. Without effect when they do not fit. */
void spawn_stage(struct spawn_stages *stages, struct spawn_plan *plan, struct spawn_staged *staged);

/* The process has its own. */
void spawn_unstage(struct spawn_stages *stages, const struct spawn_staged *staged);

#endif
