/* sandbox.c - what a process may not do: the order of it, in the child.
 *
 * What runs here is called between fork and exec, on memory shared with supd; see child_setup.c for
 * what is allowed. Besides what is listed there: unshare, setns, pidfd_open, sethostname, socket,
 * ioctl, prctl, setfsuid, setresuid, capget, capset, mount, umount2, pivot_root, the calls of the
 * new mount interface, mkdir, mknod, symlink, readlinkat, getcwd, landlock_*, and seccomp. All are
 * system calls, with the arguments computed before. */
#include "supervisor/os/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/os/sandbox_run.h"
#include "supervisor/wire/stages.h"

_Static_assert(STAGE_SANDBOX_LANDLOCK_WRITE - STAGE_SANDBOX_SECCOMP + 1 == SANDBOX_KEY_COUNT,
	"there is a stage for each key");

CHILD_ONLY bool sandbox_wants(const struct sandbox_run *run, enum sandbox_key key)
{
	const uint32_t without = run->plan->given_up | run->failure->sandbox.skipped;

	return (run->to->set & ~without & SANDBOX_BIT(key)) != 0;
}

CHILD_ONLY void sandbox_failed(struct sandbox_run *run, enum sandbox_key key)
{
	if (!run->to->optional) {
		run->failure->stage = (int)STAGE_SANDBOX_SECCOMP + (int)key;
		run->failure->error = errno;
		_exit(127);
	}
	run->failure->sandbox.skipped |= SANDBOX_BIT(key);
	run->failure->sandbox.error[key] = errno;
}

CHILD_ONLY void sandbox_failed_all(struct sandbox_run *run, uint32_t keys)
{
	const int error = errno;

	for (unsigned key = 0; key < SANDBOX_KEY_COUNT; key++) {
		errno = error;
		if ((keys & SANDBOX_BIT(key)) && sandbox_wants(run, (enum sandbox_key)key))
			sandbox_failed(run, (enum sandbox_key)key);
	}
}

CHILD_ONLY void sandbox_no_new_privs(struct sandbox_run *run, enum sandbox_key key)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		sandbox_failed(run, key);
}

CHILD_ONLY static struct sandbox_run begin(
	const struct spawn_plan *plan, struct spawn_failure *failure)
{
	return (struct sandbox_run){.plan = &plan->sandbox,
		.to = plan->sandbox.sandbox,
		.failure = failure,
		.directory = plan->directory != NULL,
		.in_user = plan->sandbox.user == SANDBOX_USER_FIRST};
}

/* ---- namespaces */

/* The keys that go when a namespace of this kind cannot be had. */
CHILD_ONLY static uint32_t keys_of(const struct sandbox_run *run, uint32_t flag)
{
	uint32_t keys = 0;

	if (flag == CLONE_NEWNS)
		keys = SANDBOX_MOUNT_KEYS;
	if (flag == CLONE_NEWNET)
		keys = SANDBOX_BIT(SANDBOX_PRIVATE_NETWORK);
	if (flag == CLONE_NEWUTS)
		keys = SANDBOX_BIT(SANDBOX_HOSTNAME);
	if (run->to->named & flag)
		keys |= SANDBOX_BIT(SANDBOX_NAMESPACES);
	return keys;
}

/* One by one, so that a failure has a key. */
CHILD_ONLY static uint32_t unshare_each(struct sandbox_run *run)
{
	static const uint32_t FLAGS[] = {
		CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWCGROUP};
	uint32_t done = 0;

	for (size_t i = 0; i < sizeof(FLAGS) / sizeof(FLAGS[0]); i++) {
		if (!(run->plan->unshare & FLAGS[i]))
			continue;
		if (unshare((int)FLAGS[i]) == 0)
			done |= FLAGS[i];
		else
			sandbox_failed_all(run, keys_of(run, FLAGS[i]));
	}
	return done;
}

/* A network of its own has one interface, and that is down. */
CHILD_ONLY static void loopback_up(struct sandbox_run *run)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	request.ifr_flags = IFF_UP;
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		sandbox_failed_all(run, keys_of(run, CLONE_NEWNET));
	if (fd >= 0)
		(void)close(fd);
}

CHILD_ONLY static void make_namespaces(struct sandbox_run *run)
{
	uint32_t done;

	if (run->plan->user == SANDBOX_USER_FIRST && !sandbox_enter_user(run)) {
		sandbox_failed_all(run, SANDBOX_SPACE_KEYS);
		return;
	}
	done = unshare_each(run);
	if (done & CLONE_NEWNET)
		loopback_up(run);
	if ((done & CLONE_NEWUTS) && sandbox_wants(run, SANDBOX_HOSTNAME)) {
		const char *name = spec_str(run->plan->spec, run->to->hostname);

		if (sethostname(name, strlen(name)) < 0)
			sandbox_failed(run, SANDBOX_HOSTNAME);
	}
	if (done & CLONE_NEWNS)
		sandbox_mounts(run);
}

/* A check, or a command beside the process: where that is. A process in a pid namespace of its own
 * is seen from outside, too. */
CHILD_ONLY static void join_namespaces(struct sandbox_run *run)
{
	const bool user = run->plan->user == SANDBOX_USER_FIRST;
	const uint32_t flags =
		run->plan->only_network ? run->plan->unshare & CLONE_NEWNET : run->plan->unshare;
	int fd;

	if (flags == 0)
		return;
	fd = (int)syscall(SYS_pidfd_open, run->plan->join, 0);
	if (fd < 0 || setns(fd, (int)(flags | (user ? CLONE_NEWUSER : 0))) < 0)
		sandbox_failed_all(run, SANDBOX_SPACE_KEYS);
	if (fd >= 0)
		(void)close(fd);
}

/* Whoever enters a user namespace last says in /proc who it is there, and /proc may be read-only by
 * then, or gone. */
CHILD_ONLY static void keep_proc(const struct spawn_plan *plan, struct sandbox_run *run)
{
	const int highest = plan->npassed > 0 ? plan->passed[plan->npassed - 1].number : 2;
	int tree = open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	int fd = tree < 0 ? -1 : fcntl(tree, F_DUPFD_CLOEXEC, (highest > 2 ? highest : 2) + 1);

	if (fd > 0)
		run->failure->sandbox.proc = fd;
	else
		sandbox_failed(run, SANDBOX_NAMESPACES);
	if (tree >= 0)
		(void)close(tree);
}

CHILD_ONLY void sandbox_enter(const struct spawn_plan *plan, struct spawn_failure *failure)
{
	struct sandbox_run run;

	if (!plan->sandbox.sandbox)
		return;
	run = begin(plan, failure);
	if (plan->sandbox.user == SANDBOX_USER_LAST && !plan->sandbox.only_network)
		keep_proc(plan, &run);
	if (plan->sandbox.join > 0)
		join_namespaces(&run);
	else
		make_namespaces(&run);
}

/* ---- what it may do */

CHILD_ONLY bool sandbox_keeps_saved_root(
	const struct spawn_plan *plan, const struct spawn_failure *failure)
{
	const struct sandbox_plan *sandbox = &plan->sandbox;

	if (!sandbox->sandbox || !sandbox->saved_root || sandbox->join > 0 || sandbox->only_network)
		return false;
	return sandbox->user == SANDBOX_USER_FIRST ||
	       (sandbox->user == SANDBOX_USER_LAST && failure->sandbox.proc > 0);
}

CHILD_ONLY void sandbox_keep_capabilities(
	const struct spawn_plan *plan, struct spawn_failure *failure)
{
	const uint32_t keys = SANDBOX_BIT(SANDBOX_CAPABILITIES) | SANDBOX_BIT(SANDBOX_AMBIENT) |
			      SANDBOX_BIT(SANDBOX_SECUREBITS);
	struct sandbox_run run;

	if (!plan->sandbox.sandbox || plan->sandbox.only_network)
		return;
	run = begin(plan, failure);
	if (!(run.to->set & keys) || !plan->set_uid)
		return;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		sandbox_failed_all(&run, keys);
}

/* Only root of its own user namespace, or one who is told not to gain privileges, may load one. */
CHILD_ONLY static void load_filter(struct sandbox_run *run)
{
	const struct spec_list *list = spec_list(run->plan->spec, run->to->filter);
	const struct sock_fprog program = {
		.len = (unsigned short)(list->n / 2),
		.filter = (struct sock_filter *)(uintptr_t)list->item,
	};

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
		return;
	if (errno == EACCES) {
		sandbox_no_new_privs(run, SANDBOX_SECCOMP);
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
			return;
	}
	sandbox_failed(run, SANDBOX_SECCOMP);
}

CHILD_ONLY void sandbox_restrict(const struct spawn_plan *plan, struct spawn_failure *failure)
{
	struct sandbox_run run;

	if (!plan->sandbox.sandbox || plan->sandbox.only_network)
		return;
	run = begin(plan, failure);
	if (plan->sandbox.user == SANDBOX_USER_LAST && failure->sandbox.proc > 0)
		run.in_user = sandbox_enter_user(&run);
	sandbox_capabilities(&run);
	if (sandbox_wants(&run, SANDBOX_NO_NEW_PRIVS))
		sandbox_no_new_privs(&run, SANDBOX_NO_NEW_PRIVS);
	sandbox_landlock(&run);
	if (sandbox_wants(&run, SANDBOX_SECCOMP))
		load_filter(&run);
}
