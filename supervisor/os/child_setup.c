/* child_setup.c - what runs between the fork and the exec.
 *
 * Allowed here, and nothing else (signal-safety(7); setgroups and the like as raw system calls,
 * since glibc's wrappers signal other threads): setpgid, tcsetpgrp, sigprocmask, umask, chdir,
 * dup2, fcntl, close_range, getpid, open, openat, write, close, prlimit, setpriority, ioprio_set,
 * sched_setaffinity, setgroups, setresgid, setresuid, execve, _exit, and in a sandbox what
 * sandbox.c names. No allocation, no stdio, no locks, no look-ups of names. The parent is suspended
 * and shares its memory. Signal dispositions need no call: supd sets all to the default when it
 * starts, and has no handlers. */
#include "supervisor/os/child_setup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/wire/stages.h"

#define CHILD_ONLY __attribute__((no_sanitize("address", "undefined")))

enum { IO_WHO_PROCESS = 1 };
/* For setresuid(2). */
static const uid_t KEEP_ID = (uid_t)-1;

#define RESOURCE(id, name, unit) [LIMIT_##id] = RLIMIT_##id,
static const __rlimit_resource_t RESOURCES[] = {SPEC_LIMITS(RESOURCE)};
_Static_assert(SPEC_LIMIT_INFINITY == RLIM_INFINITY, "no limit is written alike");

CHILD_ONLY static _Noreturn void fail(struct spawn_failure *failure, int stage)
{
	failure->stage = stage;
	failure->error = errno;
	_exit(127);
}

CHILD_ONLY static void take_identity(const struct spawn_plan *plan, struct spawn_failure *failure)
{
	const uid_t saved = sandbox_keeps_saved_root(plan, failure) ? KEEP_ID : plan->uid;

	if (plan->set_groups && syscall(SYS_setgroups, plan->ngroups, plan->groups) < 0)
		fail(failure, STAGE_GROUPS);
	if (plan->set_gid && syscall(SYS_setresgid, plan->gid, plan->gid, plan->gid) < 0)
		fail(failure, STAGE_GID);
	if (plan->set_uid && syscall(SYS_setresuid, plan->uid, plan->uid, saved) < 0)
		fail(failure, STAGE_UID);
}

CHILD_ONLY static void take_stdio(const struct spawn_plan *plan, struct spawn_failure *failure)
{
	if (plan->null >= 0 && dup2(plan->null, 0) < 0)
		fail(failure, STAGE_DESCRIPTORS);
	for (int fd = 0; plan->stdio && fd < 3; fd++)
		if (plan->stdio[fd] >= 0 && dup2(plan->stdio[fd], fd) < 0)
			fail(failure, STAGE_DESCRIPTORS);
}

/* Out of the way first, then to their numbers: none of them ends up where another still is. */
CHILD_ONLY static void take_passed(const struct spawn_plan *plan, struct spawn_failure *failure)
{
	const struct passed_fd *passed = plan->passed;
	const int highest = plan->npassed > 0 ? passed[plan->npassed - 1].number : 0;
	const int last = highest > 2 ? highest : 2;

	for (size_t i = 0; i < plan->npassed; i++) {
		plan->moved[i] = passed[i].fd > last
					 ? passed[i].fd
					 : fcntl(passed[i].fd, F_DUPFD_CLOEXEC, last + 1);
		if (plan->moved[i] < 0)
			fail(failure, STAGE_DESCRIPTORS);
	}
	take_stdio(plan, failure);
	for (size_t i = 0; i < plan->npassed; i++)
		if (dup2(plan->moved[i], passed[i].number) < 0)
			fail(failure, STAGE_DESCRIPTORS);
}

CHILD_ONLY static void close_range_or_fail(
	unsigned first, unsigned last, struct spawn_failure *failure)
{
	if (first <= last && syscall(SYS_close_range, first, last, 0) < 0 && errno != ENOSYS)
		fail(failure, STAGE_DESCRIPTORS);
}

/* Every descriptor of supd's is CLOEXEC already; this holds for those of a library, too. */
CHILD_ONLY static void close_others(const struct spawn_plan *plan, struct spawn_failure *failure)
{
	unsigned first = 3;

	for (size_t i = 0; i < plan->npassed; i++) {
		const unsigned number = (unsigned)plan->passed[i].number;

		if (number < first)
			continue;
		close_range_or_fail(first, number - 1, failure);
		first = number + 1;
	}
	/* One that the sandbox still needs; it goes with the exec. */
	if (failure->sandbox.proc > 0) {
		close_range_or_fail(first, (unsigned)failure->sandbox.proc - 1, failure);
		first = (unsigned)failure->sandbox.proc + 1;
	}
	close_range_or_fail(first, ~0u, failure);
}

CHILD_ONLY static void write_pid(char *to)
{
	char digits[LISTEN_PID_SIZE];
	size_t n = 0;

	for (unsigned pid = (unsigned)getpid(); pid > 0; pid /= 10)
		digits[n++] = (char)('0' + pid % 10);
	while (n > 0)
		*to++ = digits[--n];
	*to = '\0';
}

/* As execvp(3) does: a candidate that is not there gives way to the next; "not permitted" is
 * remembered. */
CHILD_ONLY static void execute(const struct spawn_plan *plan)
{
	int error = ENOENT;

	for (size_t i = 0; plan->candidates[i]; i++) {
		(void)execve(plan->candidates[i], plan->argv, plan->envp);
		if (errno == EACCES)
			error = EACCES;
		else if (errno != ENOENT && errno != ENOTDIR)
			return;
	}
	errno = error;
}

/* The group of the leader is there already, and SIGTTOU, like all signals, still blocked: that is
 * what lets a group in the background put itself into the foreground. */
CHILD_ONLY static void take_terminal(const struct spawn_plan *plan, struct spawn_failure *failure)
{
	if (plan->terminal && tcsetpgrp(0, getpid()) < 0)
		fail(failure, STAGE_TERMINAL);
}

/* The process shares its memory with us only as long as it has not executed: the kernel, which
 * gives all that share a memory one value, exempts the child of a vfork. */
CHILD_ONLY static void take_oom_score(const char *digits, struct spawn_failure *failure)
{
	size_t length = 0;
	int fd;

	if (!digits)
		return;
	while (digits[length])
		length++;
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, digits, length) != (ssize_t)length)
		fail(failure, STAGE_OOM_SCORE);
	(void)close(fd);
}

CHILD_ONLY static void take_priorities(
	const struct surroundings_spec *around, struct spawn_failure *failure)
{
	if (around->set_cpus &&
		syscall(SYS_sched_setaffinity, 0, sizeof(around->cpus), around->cpus) < 0)
		fail(failure, STAGE_CPUS);
	if (around->set_nice && syscall(SYS_setpriority, PRIO_PROCESS, 0, around->nice) < 0)
		fail(failure, STAGE_NICE);
	if (around->io_priority != 0 &&
		syscall(SYS_ioprio_set, IO_WHO_PROCESS, 0, around->io_priority) < 0)
		fail(failure, STAGE_IO_PRIORITY);
}

/* After the descriptors: a low limit would be in their way. Before the change of user: only root
 * may raise one. */
CHILD_ONLY static void take_limits(const struct spawn_plan *plan, struct spawn_failure *failure)
{
	const struct surroundings_spec *around = plan->around;
	struct rlimit limit;

	if (plan->set_nofile && prlimit(0, RLIMIT_NOFILE, &plan->nofile, NULL) < 0)
		fail(failure, STAGE_LIMITS);
	for (unsigned i = 0; around && i < LIMIT_COUNT; i++) {
		if (!(around->limits & (1u << i)))
			continue;
		limit.rlim_cur = around->limit[i].soft;
		limit.rlim_max = around->limit[i].hard;
		if (prlimit(0, RESOURCES[i], &limit, NULL) < 0)
			fail(failure, STAGE_LIMITS);
	}
}

/* Lowers a limit; one that is lower already stays. */
CHILD_ONLY static void limit_to(int resource, rlim_t max, struct spawn_failure *failure)
{
	struct rlimit limit;

	if (prlimit(0, (enum __rlimit_resource)resource, NULL, &limit) < 0)
		fail(failure, STAGE_LIMITS);
	if (limit.rlim_max > max)
		limit.rlim_max = max;
	if (limit.rlim_cur > max)
		limit.rlim_cur = max;
	if (prlimit(0, (enum __rlimit_resource)resource, &limit, NULL) < 0)
		fail(failure, STAGE_LIMITS);
}

CHILD_ONLY static void take_check_limits(
	const struct spawn_plan *plan, struct spawn_failure *failure)
{
	if (!plan->set_check)
		return;
	limit_to(RLIMIT_AS, plan->check_memory, failure);
	limit_to(RLIMIT_CPU, plan->check_cpu_s, failure);
	limit_to(RLIMIT_CORE, 0, failure);
}

/* Where it could not be born there (clone_into). */
CHILD_ONLY static void move_to_cgroup(const struct spawn_plan *plan, struct spawn_failure *failure)
{
	int fd = openat(plan->cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "0", 1) < 0)
		fail(failure, STAGE_CGROUP);
	(void)close(fd);
}

/* First of all: nothing may be done to the table that is supd's, too. */
CHILD_ONLY static void own_descriptors(const struct spawn_plan *plan, struct spawn_failure *failure)
{
	if (plan->own_from > 0 &&
		syscall(SYS_close_range, plan->own_from, ~0u, CLOSE_RANGE_UNSHARE) < 0)
		fail(failure, STAGE_DESCRIPTORS);
}

CHILD_ONLY void child_setup(const struct spawn_plan *plan, struct spawn_failure *ret_failure)
{
	const bool identity_first = plan->sandbox.user == SANDBOX_USER_FIRST;
	sigset_t none;

	own_descriptors(plan, ret_failure);
	if (plan->move_to_cgroup)
		move_to_cgroup(plan, ret_failure);
	if (setpgid(0, 0) < 0)
		fail(ret_failure, STAGE_SETPGID);
	take_terminal(plan, ret_failure);
	take_oom_score(plan->oom_score, ret_failure);
	if (plan->around)
		take_priorities(plan->around, ret_failure);
	if (plan->set_umask)
		(void)umask(plan->umask);
	if (identity_first)
		take_identity(plan, ret_failure);
	sandbox_enter(plan, ret_failure);
	take_passed(plan, ret_failure);
	close_others(plan, ret_failure);
	take_limits(plan, ret_failure);
	take_check_limits(plan, ret_failure);
	sandbox_keep_capabilities(plan, ret_failure);
	if (!identity_first)
		take_identity(plan, ret_failure);
	if (plan->directory && chdir(plan->directory) < 0)
		fail(ret_failure, STAGE_DIRECTORY);
	if (plan->listen_pid)
		write_pid(plan->listen_pid);
	if (plan->watchdog_pid)
		write_pid(plan->watchdog_pid);
	(void)sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		fail(ret_failure, STAGE_SIGNALS);
	sandbox_restrict(plan, ret_failure);
	execute(plan);
	fail(ret_failure, STAGE_EXEC);
}
