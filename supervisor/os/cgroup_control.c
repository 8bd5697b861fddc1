/* cgroup_control.c - controllers for the leaves, and their limits.
 *
 * A group that hands controllers on to those below it may have no processes of its own, unless it
 * is the root of all: so supd goes aside, into a leaf beside those of its children, and takes along
 * what it has started. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/os/cgroup_find.h"
#include "supervisor/os/cgroup_internal.h"
#include "supervisor/os/cgroup_limits.h"
#include "supervisor/os/proc_fs.h"

enum {
	OTHERS_MAX = 64, /* processes that are taken along: each move takes milliseconds */
	PARENTS_MAX = 64,
};

/* No leaf has this name: a '%' of a path is written otherwise. */
static const char ASIDE[] = "%supd";

/* ---- going aside */

static bool is_ours(pid_t pid)
{
	struct proc_stat stat;

	for (int i = 0; i < PARENTS_MAX && pid > 1; i++) {
		if (pid == getpid())
			return true;
		if (!proc_stat(pid, &stat))
			return false;
		pid = stat.ppid;
	}
	/* As process 1 all are. */
	return getpid() == 1;
}

static int move_to(int procs, pid_t pid)
{
	char digits[16];

	(void)snprintf(digits, sizeof(digits), "%d", (int)pid);
	return write(procs, digits, strlen(digits)) < 0 ? -errno : 0;
}

/* Takes along what we have started and is still there. */
static void move_others(int own, int procs)
{
	int fd = openat(own, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	FILE *from = fd < 0 ? NULL : fdopen(fd, "r");
	int pid;

	if (!from && fd >= 0)
		(void)close(fd);
	for (int i = 0; from && i < OTHERS_MAX && fscanf(from, "%d", &pid) == 1; i++)
		if (pid > 0 && is_ours(pid))
			(void)move_to(procs, pid);
	if (from)
		(void)fclose(from);
}

/* The root of all groups is free of the rule; it has no type. */
static bool is_root(int own)
{
	return faccessat(own, "cgroup.type", F_OK, 0) < 0 && errno == ENOENT;
}

/* The kernel is asked before a controller is switched on: of those that can divide threads it would
 * take the order, and make a threaded group of ours, with none below it for processes. */
static bool has_processes(int own)
{
	char digit;
	int fd = openat(own, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, &digit, 1);

	if (fd >= 0)
		(void)close(fd);
	return n > 0;
}

static int step_aside(struct cgroups *c)
{
	char path[sizeof(ASIDE) + 16];
	int error = 0;
	int procs;

	if (mkdirat(c->base, ASIDE, 0755) < 0 && errno != EEXIST)
		return -errno;
	(void)snprintf(path, sizeof(path), "%s/cgroup.procs", ASIDE);
	procs = openat(c->base, path, O_WRONLY | O_CLOEXEC);
	if (procs < 0)
		return -errno;
	if (!c->aside)
		error = move_to(procs, getpid());
	c->aside = c->aside || error == 0;
	if (error == 0 && has_processes(c->own)) {
		move_others(c->own, procs);
		error = has_processes(c->own) ? -EBUSY : 0;
	}
	(void)close(procs);
	return error;
}

void cgroups_step_back(struct cgroups *c)
{
	int procs;

	if (!c->aside)
		return;
	(void)cgroup_switch(c->base, c->on, false);
	(void)cgroup_switch(c->own, c->on, false);
	procs = openat(c->own, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (procs < 0)
		return;
	(void)move_to(procs, getpid());
	(void)close(procs);
}

/* ---- controllers */

static const char *missing_text(unsigned missing)
{
	static const char *const TEXTS[] = {
		[CONTROLLER_MEMORY] = "its own cgroup has no controller memory",
		[CONTROLLER_CPU] = "its own cgroup has no controller cpu",
		[CONTROLLER_PIDS] = "its own cgroup has no controller pids",
		[CONTROLLER_IO] = "its own cgroup has no controller io",
	};
	unsigned i = 0;

	while (i + 1 < CONTROLLERS && !(missing & (1u << i)))
		i++;
	return TEXTS[i];
}

int cgroups_switch_on(struct cgroups *c, unsigned controllers, const char **ret_why)
{
	const unsigned wanted = controllers & ~c->on;
	const unsigned missing = wanted & ~cgroup_controllers(c->own);
	int error;

	if (wanted == 0)
		return 0;
	*ret_why = missing_text(missing);
	if (missing)
		return -EOPNOTSUPP;
	*ret_why = "its own cgroup cannot be divided";
	error = is_root(c->own) ? 0 : step_aside(c);
	if (error == -EBUSY)
		*ret_why = "processes that it has not started are in its own cgroup";
	if (error == 0)
		error = cgroup_switch(c->own, wanted, true);
	if (error == 0)
		error = cgroup_switch(c->base, wanted, true);
	if (error == 0)
		c->on |= wanted;
	return error;
}

const char *cgroups_refusal(enum resource resource)
{
	const unsigned controller = 1u << cgroup_controller_of(resource);
	char own[PATH_MAX];
	const char *why = cgroup_find_own(own, sizeof(own));
	int fd;

	if (why)
		return why;
	fd = open(own, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return "its own cgroup cannot be opened";
	if (!(cgroup_controllers(fd) & controller))
		why = missing_text(controller);
	(void)close(fd);
	return why;
}

/* ---- limits */

int cgroups_limit(struct cgroups *c, uint32_t row, int leaf, const struct resources_spec *spec,
	enum resource *ret_resource, const char **ret_why)
{
	const uint32_t set = spec ? spec->set : 0;
	/* What no controller is there for, nobody has limited. */
	uint32_t before = 0;
	int error = 0;

	for (unsigned i = 0; i < RESOURCE_COUNT && error == 0; i++) {
		const unsigned controller = 1u << cgroup_controller_of((enum resource)i);

		*ret_resource = (enum resource)i;
		if (set & (1u << i))
			error = cgroups_switch_on(c, controller, ret_why);
		if (c->on & controller)
			before |= c->leaf[row].limited & (1u << i);
	}
	if (error < 0)
		return error;
	*ret_why = "the kernel refuses it";
	error = cgroup_limit(leaf, spec, before, ret_resource);
	c->leaf[row].limited = error < 0 ? set | before : set;
	return error;
}

bool cgroups_oom(struct cgroups *c, uint32_t row)
{
	struct leaf *leaf = &c->leaf[row];
	uint64_t before = leaf->oom_kills;
	int fd;

	if (!leaf->name || !(c->on & 1u << CONTROLLER_MEMORY))
		return false;
	fd = openat(c->base, leaf->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	leaf->oom_kills = cgroup_oom_kills(fd);
	(void)close(fd);
	return leaf->oom_kills > before;
}
