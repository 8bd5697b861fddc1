/* spawn_stage.c - see spawn_stage.h. */
#include "supervisor/os/spawn_stage.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Nobody shares the table now, so this changes nothing; it says whether the kernel could. */
static bool can_unshare(void)
{
	return syscall(SYS_close_range, ~0u, ~0u, CLOSE_RANGE_UNSHARE) == 0;
}

void spawn_stages_open(struct spawn_stages *stages, int null)
{
	*stages = (struct spawn_stages){.null = null, .bound = 3};
	if (!can_unshare())
		return;
	for (int i = 0; i < STAGES; i++) {
		int fd = fcntl(null, F_DUPFD_CLOEXEC, 3);

		if (fd < 0)
			break;
		stages->stage[stages->n++] = fd;
		if (fd >= stages->bound)
			stages->bound = fd + 1;
	}
}

void spawn_stages_close(struct spawn_stages *stages)
{
	for (int i = 0; i < stages->n; i++)
		(void)close(stages->stage[i]);
	stages->n = 0;
}

/* How many descriptors of the plan are not low already. */
static int count_high(const struct spawn_stages *stages, const struct spawn_plan *plan)
{
	int n = (plan->null >= stages->bound) + (plan->cgroup >= stages->bound);

	for (int fd = 0; plan->stdio && fd < 3; fd++)
		n += plan->stdio[fd] >= stages->bound;
	for (size_t i = 0; i < plan->npassed; i++)
		n += plan->passed[i].fd >= stages->bound;
	return n;
}

/* Returns the number that a descriptor has from now on. */
static int put(const struct spawn_stages *stages, struct spawn_staged *staged, int fd)
{
	int stage;

	if (fd < stages->bound)
		return fd;
	stage = stages->stage[staged->used++];
	/* Neither number is wrong, and the stage is open: it cannot fail for want of one. */
	return dup3(fd, stage, O_CLOEXEC) < 0 ? fd : stage;
}

void spawn_stage(struct spawn_stages *stages, struct spawn_plan *plan, struct spawn_staged *staged)
{
	staged->used = 0;
	plan->own_from = 0;
	if (plan->npassed > STAGES || count_high(stages, plan) > stages->n || stages->n == 0)
		return;
	plan->null = put(stages, staged, plan->null);
	plan->cgroup = put(stages, staged, plan->cgroup);
	for (int fd = 0; plan->stdio && fd < 3; fd++)
		staged->stdio[fd] = put(stages, staged, plan->stdio[fd]);
	if (plan->stdio)
		plan->stdio = staged->stdio;
	for (size_t i = 0; i < plan->npassed; i++) {
		staged->passed[i] = plan->passed[i];
		staged->passed[i].fd = put(stages, staged, plan->passed[i].fd);
	}
	if (plan->npassed > 0)
		plan->passed = staged->passed;
	plan->own_from = (unsigned)stages->bound;
}

void spawn_unstage(struct spawn_stages *stages, const struct spawn_staged *staged)
{
	for (int i = 0; i < staged->used; i++)
		(void)dup3(stages->null, stages->stage[i], O_CLOEXEC);
}
