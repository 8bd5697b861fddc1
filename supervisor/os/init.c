/* init.c - see init.h. */
#include "supervisor/os/init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/os/null_device.h"

enum { KERNEL_SIGSET_SIZE = 8, SIGACTION_WORDS = 8 /* more than it has anywhere */ };

static int open_standard_descriptors(void)
{
	int opened;

	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* The lowest free number is this one. */
		opened = null_open(O_RDWR); /* children keep it */
		if (opened != fd)
			return opened < 0 ? opened : -EBADF;
	}
	return 0;
}

/* What a careless parent left open must not reach our children. Before Linux 5.11 there is no such
 * call with the flag: then the closing in the child does it. */
static void mark_cloexec(void)
{
	(void)syscall(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC);
}

/* By the kernel's own call: the C library's refuses two signals, and its posix_spawn, with which
 * make starts programs, leaves just these ignored. Zeroes are SIG_DFL without flags, on every
 * architecture. */
static void default_dispositions(void)
{
	static const uint64_t action[SIGACTION_WORDS];

	for (int signal = 1; signal < NSIG; signal++)
		if (signal != SIGKILL && signal != SIGSTOP)
			(void)syscall(SYS_rt_sigaction, signal, action, NULL, KERNEL_SIGSET_SIZE);
}

static int raise_nofile(struct rlimit *ret_nofile)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -errno;
	*ret_nofile = limit;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : 0;
}

/* All that can be blocked: sigfillset leaves out the C library's two, and they would end us. */
static sigset_t every_signal(void)
{
	sigset_t all;

	memset(&all, 0xff, sizeof(all));
	return all;
}

int init_process(struct rlimit *ret_nofile, const char **ret_what)
{
	const sigset_t all = every_signal();
	int error;

	*ret_what = "block signals";
	if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, KERNEL_SIGSET_SIZE) < 0)
		return -errno;
	default_dispositions();
	*ret_what = "open /dev/null for a closed standard descriptor";
	error = open_standard_descriptors();
	if (error < 0)
		return error;
	mark_cloexec();
	*ret_what = "raise the limit of open files";
	error = raise_nofile(ret_nofile);
	if (error < 0)
		return error;
	*ret_what = "become the child subreaper";
	if (getpid() != 1 && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

void init_close_memory(void)
{
	if (geteuid() == 0)
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int init_signalfd(void)
{
	const sigset_t all = every_signal();
	int fd = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}
